#include "base/json.h"

#include <math.h>
#include <stdio.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Printable ASCII goes out as it is, but for quote and backslash. No branches: many are looked at together. */
static inline unsigned char is_escaped(unsigned char c)
{
    return (unsigned char)((c < 0x20) | (c > 0x7e) | (c == '"') | (c == '\\'));
}

/* A bit for each of 16 bytes that does not go out as it is. `sound`: what is not ASCII is UTF-8, and does. */
#ifdef __SSE2__
static inline unsigned escaped_among(const char *at, bool sound)
{
    const __m128i sixteen = _mm_loadu_si128((const __m128i *)(const void *)at);
    const __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(sixteen, _mm_set1_epi8('"')), _mm_cmpeq_epi8(sixteen, _mm_set1_epi8('\\')));
    const __m128i beyond = _mm_or_si128(_mm_cmplt_epi8(sixteen, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(sixteen, _mm_set1_epi8(0x7f)));
    unsigned high = (unsigned)_mm_movemask_epi8(sixteen), odd = (unsigned)_mm_movemask_epi8(_mm_or_si128(mark, beyond));
    return sound ? odd & ~high : odd; /* above 0x7f it is less than a blank, for bytes have a sign here */
}
#else
static inline unsigned escaped_among(const char *at, bool sound)
{
    unsigned odd = 0;
    for (unsigned i = 0; i < 16; i++)
        odd |= (unsigned)(is_escaped((unsigned char)at[i]) && !(sound && at[i] < 0)) << i;
    return odd;
}
#endif

/* Bytes from here that go out as they are; `sound`: from here on all is UTF-8. */
static size_t plain_run(struct span s, size_t from, bool sound)
{
    size_t i = from;
    while (i + 16 <= s.len && !escaped_among(s.at + i, sound))
        i += 16;
    while (i < s.len && (!is_escaped((unsigned char)s.at[i]) || (sound && s.at[i] < 0)))
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
    bool sound = span_is_utf8(s);
    buf_byte(out, '"');
    for (size_t i = 0; i < s.len;) {
        size_t run = plain_run(s, i, sound);
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

/* Nearly every string is plain, and fits: it is copied, and looked at where it lies then, for there is room to look behind its end. */
static void string_write(struct buf *out, struct span s)
{
    enum { LOOKED = 16 };
    if (!has_room(out, s.len + LOOKED + 1)) {
        string_escape(out, s);
        return;
    }
    char *to = out->at + out->len;
    *to++ = '"';
    if (s.len)
        memcpy(to, s.at, s.len);
    memset(to + s.len, ' ', LOOKED);
    for (size_t i = 0; i < s.len; i += LOOKED)
        if (escaped_among(to + i, false)) {
            string_escape(out, s);
            return;
        }
    to[s.len] = '"';
    out->len += s.len + 2;
}

/* false: it is long, or there is no room at hand. */
static bool key_write(struct buf *out, const char *key)
{
    enum { SHORT = 32 };
    char *to = out->at + out->len;
    size_t len = 0;
    if (!has_room(out, SHORT + 3))
        return false;
    to[0] = '"';
    for (; key[len] && len < SHORT; len++)
        to[len + 1] = key[len];
    to[len + 1] = '"';
    to[len + 2] = ':';
    out->len += key[len] ? 0 : len + 3;
    return !key[len];
}

/* Keys are this program's own words: plain. */
static void value_begins(struct json *json, const char *key)
{
    struct buf *out = json->out;
    if (json->follows)
        buf_byte(out, ',');
    json->follows = true;
    if (!key || key_write(out, key))
        return;
    buf_byte(out, '"');
    buf_add(out, span_of(key));
    buf_add(out, S("\":"));
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
    buf_number(json->out, value);
}

/* As printf's %.4f, without noughts at the end; false: too large, or so near the middle that rounding wants all digits. */
static bool real_write(struct buf *out, double value)
{
    const double most = 1e6, near = 1e-5;
    double scaled = fabs(value) * 10000, whole = floor(scaled), rest = scaled - whole;
    if (fabs(value) > most || fabs(rest - 0.5) < near)
        return false;
    int64_t number = (int64_t)whole + (rest > 0.5);
    if (value < 0 && number)
        buf_byte(out, '-');
    buf_number(out, number / 10000);
    char digits[5] = {'.'};
    int len = 0;
    for (int i = 4, left = (int)(number % 10000); i; i--, left /= 10) {
        digits[i] = (char)('0' + left % 10);
        len = !len && digits[i] != '0' ? i : len;
    }
    buf_add(out, (struct span){digits, len ? (size_t)len + 1 : 0});
    return true;
}

void json_real(struct json *json, const char *key, double value)
{
    if (!isfinite(value)) {
        json_null(json, key);
        return;
    }
    value_begins(json, key);
    if (real_write(json->out, value))
        return;
    char text[336]; /* 309 figures, point, four more, sign */
    int len = snprintf(text, sizeof text, "%.4f", value);
    while (len > 1 && text[len - 1] == '0')
        len--;
    if (len > 1 && text[len - 1] == '.')
        len--;
    buf_add(json->out, (struct span){text, (size_t)len});
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
