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

bool text_add(struct text_out *out, struct span text, bool pre)
{
    bool any = false;
    size_t i = 0;
    while (i < text.len) {
        size_t from = i;
        while (i < text.len && !kinds[(unsigned char)text.at[i]])
            i++;
        bool blank = i < text.len && kinds[(unsigned char)text.at[i]] == 1;
        size_t skip = blank ? 1 : 0;
        if (i < text.len && !blank)
            skip = nothing_at(span_skip(text, i), i == from && (out->gap || !out->buf.len), &blank);
        if (i < text.len && !skip) { /* the lead byte of a character like any other */
            i++;
            gap_write(out);
            buf_add(&out->buf, (struct span){text.at + from, i - from});
            any = true;
            continue;
        }
        if (i > from) {
            gap_write(out);
            buf_add(&out->buf, (struct span){text.at + from, i - from});
            any = true;
        }
        if (blank)
            text_gap(out, pre && text.at[i] == '\n' ? '\n' : ' ');
        i += skip;
    }
    return any;
}
