#include "message/url_parts.h"

/* URL Standard 1.3 (percent-encode sets) and 3.1 (forbidden code points): bits of enum url_set for each ASCII byte. */
const uint8_t url_sets[128] = {
    0xff, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xff, 0xff, 0xbf, 0xbf, 0xff, 0xbf, 0xbf,
    0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf,
    0xfe, 0x00, 0x3e, 0xfc, 0x00, 0x80, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0, 0x20, 0xfe, 0x20, 0xfe, 0xf0,
    0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0, 0xe0, 0xe0, 0xf0, 0x00,
    0x32, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x30, 0xe0, 0x30, 0x00, 0xbf,
};

static void percent_byte(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    buf_add(out, (struct span){(char[]){'%', hex[c >> 4], hex[c & 15]}, 3});
}

static bool in_set(unsigned char c, enum url_set set)
{
    return c > 127 || (url_sets[c] & set);
}

void url_encode_into(struct buf *out, struct span s, enum url_set set)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!in_set((unsigned char)s.at[i], set))
            continue;
        buf_add(out, span_first(span_skip(s, from), i - from));
        percent_byte(out, (unsigned char)s.at[i]);
        from = i + 1;
    }
    buf_add(out, span_skip(s, from));
}

struct span url_encode(struct arena *arena, struct span s, enum url_set set)
{
    size_t i = 0;
    while (i < s.len && !in_set((unsigned char)s.at[i], set))
        i++;
    if (i == s.len)
        return s;
    struct buf out = {.arena = arena};
    url_encode_into(&out, s, set);
    return buf_span(&out);
}

int url_hex_digit(char c)
{
    return ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

struct span url_decode(struct arena *arena, struct span s)
{
    if (!span_find_byte(s, '%'))
        return s;
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < s.len; i++) {
        int high = s.at[i] == '%' && i + 2 < s.len ? url_hex_digit(s.at[i + 1]) : -1;
        int low = high >= 0 ? url_hex_digit(s.at[i + 2]) : -1;
        buf_byte(&out, low >= 0 ? (char)(high << 4 | low) : s.at[i]);
        i += low >= 0 ? 2 : 0;
    }
    return buf_span(&out);
}

/* Length of the UTF-8 sequence at p, 0 where there is none; *bad then has the bytes one U+FFFD stands for. */
static size_t sequence_at(const unsigned char *p, size_t left, size_t *bad)
{
    *bad = 1;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
    if (!n)
        return 0;
    unsigned char least = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    for (; *bad < n; ++*bad) {
        if (*bad >= left || p[*bad] < least || p[*bad] > most)
            return 0;
        least = 0x80;
        most = 0xbf;
    }
    return n;
}

struct span url_utf8(struct arena *arena, struct span s)
{
    if (span_is_ascii(s) || span_is_utf8(s))
        return s;
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < s.len;) {
        size_t bad, n = sequence_at((const unsigned char *)s.at + i, s.len - i, &bad);
        buf_add(&out, n ? (struct span){s.at + i, n} : S("\xef\xbf\xbd"));
        i += n ? n : bad;
    }
    return buf_span(&out);
}
