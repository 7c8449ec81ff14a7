#include "base/json.h"

#include <math.h>
#include <stdio.h>

/* Printable ASCII goes out as it is, but for quote and backslash. No branches: many are looked at together. */
static inline unsigned char is_escaped(unsigned char c)
{
    return (unsigned char)((c < 0x20) | (c > 0x7e) | (c == '"') | (c == '\\'));
}

/* Bytes from here that go out as they are. */
static size_t plain_run(struct span s, size_t from)
{
    size_t i = from;
    while (i < s.len && !is_escaped((unsigned char)s.at[i]))
        i++;
    return i - from;
}

static void control_write(struct buf *out, unsigned char c)
{
    static const char short_for[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c < 32 && short_for[c]) {
        buf_byte(out, '\\');
        buf_byte(out, short_for[c]);
    } else {
        buf_print(out, "\\u%04x", c);
    }
}

static size_t sequence_len(struct span s, size_t at)
{
    for (size_t n = 2; n <= 4 && at + n <= s.len; n++)
        if (span_is_utf8((struct span){s.at + at, n}))
            return n;
    return 0;
}

static void string_escape(struct buf *out, struct span s)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < s.len;) {
        size_t run = plain_run(s, i);
        buf_add(out, (struct span){s.at + i, run});
        i += run;
        if (i == s.len)
            break;
        unsigned char c = (unsigned char)s.at[i];
        size_t n = c > 0x7f ? sequence_len(s, i) : 1;
        if (c == '"' || c == '\\') {
            buf_byte(out, '\\');
            buf_byte(out, (char)c);
        } else if (c <= 0x7f) {
            control_write(out, c);
        } else if (n) {
            buf_add(out, (struct span){s.at + i, n});
        } else {
            buf_utf8(out, 0xfffd);
        }
        i += n ? n : 1;
    }
    buf_byte(out, '"');
}

/* Room for so many bytes is there already. */
static bool has_room(const struct buf *out, size_t bytes)
{
    return !out->max && bytes < out->cap - out->len;
}

/* Nearly every string is short, plain, and fits. */
static void string_write(struct buf *out, struct span s)
{
    enum { SHORT = 256 };
    if (s.len > SHORT || !has_room(out, s.len + 2)) {
        string_escape(out, s);
        return;
    }
    unsigned char odd = 0;
    for (size_t i = 0; i < s.len; i++)
        odd |= is_escaped((unsigned char)s.at[i]);
    if (odd) {
        string_escape(out, s);
        return;
    }
    char *to = out->at + out->len;
    *to++ = '"';
    if (s.len)
        to = mempcpy(to, s.at, s.len);
    *to = '"';
    out->len += s.len + 2;
}

/* Keys are this program's own words: plain. */
static void value_begins(struct json *json, const char *key)
{
    struct buf *out = json->out;
    if (json->follows)
        buf_byte(out, ',');
    json->follows = true;
    if (!key)
        return;
    struct span name = span_of(key);
    if (!has_room(out, name.len + 3)) {
        buf_byte(out, '"');
        buf_add(out, name);
        buf_add(out, S("\":"));
        return;
    }
    char *to = out->at + out->len;
    *to++ = '"';
    to = mempcpy(to, name.at, name.len);
    *to++ = '"';
    *to = ':';
    out->len += name.len + 3;
}

static void open_with(struct json *json, const char *key, char bracket)
{
    value_begins(json, key);
    buf_byte(json->out, bracket);
    json->follows = false;
}

static void close_with(struct json *json, char bracket)
{
    buf_byte(json->out, bracket);
    json->follows = true;
}

void json_object(struct json *json, const char *key)
{
    open_with(json, key, '{');
}

void json_object_end(struct json *json)
{
    close_with(json, '}');
}

void json_array(struct json *json, const char *key)
{
    open_with(json, key, '[');
}

void json_array_end(struct json *json)
{
    close_with(json, ']');
}

void json_text(struct json *json, const char *key, struct span value)
{
    value_begins(json, key);
    string_write(json->out, value);
}

void json_null(struct json *json, const char *key)
{
    value_begins(json, key);
    buf_add(json->out, S("null"));
}

void json_text_or_null(struct json *json, const char *key, struct span value)
{
    if (value.len)
        json_text(json, key, value);
    else
        json_null(json, key);
}

void json_number(struct json *json, const char *key, int64_t value)
{
    value_begins(json, key);
    buf_print(json->out, "%lld", (long long)value);
}

void json_real(struct json *json, const char *key, double value)
{
    if (!isfinite(value)) {
        json_null(json, key);
        return;
    }
    char text[64];
    int len = snprintf(text, sizeof text, "%.4f", value);
    while (len > 1 && text[len - 1] == '0')
        len--;
    if (len > 1 && text[len - 1] == '.')
        len--;
    value_begins(json, key);
    bool minus_zero = len == 2 && text[0] == '-' && text[1] == '0';
    buf_add(json->out, minus_zero ? S("0") : (struct span){text, (size_t)len});
}

void json_bool(struct json *json, const char *key, bool value)
{
    value_begins(json, key);
    buf_add(json->out, value ? S("true") : S("false"));
}

void json_time(struct json *json, const char *key, int64_t time)
{
    if (time == TIME_UNKNOWN) {
        json_null(json, key);
        return;
    }
    value_begins(json, key);
    buf_byte(json->out, '"');
    time_print(json->out, time);
    buf_byte(json->out, '"');
}

void json_ip(struct json *json, const char *key, const struct ip *ip)
{
    if (ip->family == IP_NONE) {
        json_null(json, key);
        return;
    }
    value_begins(json, key);
    buf_byte(json->out, '"');
    ip_print(json->out, ip);
    buf_byte(json->out, '"');
}
