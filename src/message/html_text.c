#include "message/html_reader.h"

/* 1: blank; 2: may begin a character that is blank or shows nothing. */
static const uint8_t kinds[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

void text_gap(struct text_out *out, char gap)
{
    if (gap == '\n' || !out->gap)
        out->gap = gap;
}

static void gap_write(struct text_out *out)
{
    if (out->gap && out->buf.len)
        buf_byte(&out->buf, out->gap);
    out->gap = '\0';
}

/* Bytes of a character at s that is a blank (*blank) or shows nothing by itself; 0: neither. Mail pads its preview text
 * with them. Joiners (U+200C, U+200D) mean something between letters and are kept there. */
static size_t nothing_at(struct span s, bool at_gap, bool *blank)
{
    *blank = false;
    if (span_starts(s, S("\xc2\xa0"))) {
        *blank = true;
        return 2;
    }
    if (span_starts(s, S("\xc2\xad")) || span_starts(s, S("\xcd\x8f"))) /* soft hyphen, grapheme joiner */
        return 2;
    if (span_starts(s, S("\xe2\x80")) && s.len >= 3) {
        unsigned char c = (unsigned char)s.at[2];
        *blank = c <= 0x8a || c == 0xa8 || c == 0xa9 || c == 0xaf;
        bool joiner = c == 0x8c || c == 0x8d;
        return *blank || c == 0x8b || (joiner && at_gap) ? 3 : 0;
    }
    if (span_starts(s, S("\xe2\x81\x9f"))) {
        *blank = true;
        return 3;
    }
    return span_starts(s, S("\xe2\x81\xa0")) || span_starts(s, S("\xef\xbb\xbf")) ? 3 : 0;
}

static void words_write(struct text_out *out, struct span words)
{
    gap_write(out);
    if (out->buf.len + words.len <= out->buf.cap) { /* the usual case, without a call */
        memcpy(out->buf.at + out->buf.len, words.at, words.len);
        out->buf.len += words.len;
    } else {
        buf_add(&out->buf, words);
    }
}

bool text_add(struct text_out *out, struct span text, bool pre)
{
    bool any = false;
    const char *at = text.at, *end = text.at + text.len;
    while (at < end) {
        const char *from = at;
        while (at < end && kinds[(unsigned char)*at] == 1)
            at++;
        if (at > from)
            text_gap(out, pre && memchr(from, '\n', (size_t)(at - from)) ? '\n' : ' ');
        bool blank = false;
        size_t skip = 0;
        from = at;
        for (;;) {
            while (at < end && !kinds[(unsigned char)*at])
                at++;
            if (at + 1 < end && *at == ' ' && !kinds[(unsigned char)at[1]]) { /* one blank between words needs no folding */
                at += 2;
                continue;
            }
            if (at == end || kinds[(unsigned char)*at] == 1)
                break;
            skip = nothing_at(span_from(at, end), at == from && (out->gap || !out->buf.len), &blank);
            if (skip)
                break;
            at++;
        }
        if (at > from) {
            words_write(out, span_from(from, at));
            any = true;
        }
        at += skip;
        if (blank)
            text_gap(out, ' ');
    }
    return any;
}
