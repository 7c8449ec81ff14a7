/* What the codes of a font mean: ToUnicode streams, ISO 32000-1 9.10.3 and Adobe Technical Note 5411. */
#include "content/pdf_inner.h"

#include <stdlib.h>

enum { RANGES_MOST = 3000, CODE_BYTES = 4, LETTERS_BYTES = 8 };

/* A hex string as a number, and its bytes; false where another token stands there. */
static bool code_take(const char **at, const char *end, char *bytes, size_t most, size_t *len)
{
    int high = -1;
    *len = 0;
    for ((*at)++; *at < end && **at != '>'; (*at)++) {
        char c = **at;
        int value = ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (value < 0)
            continue;
        if (high >= 0 && *len < most)
            bytes[(*len)++] = (char)(high << 4 | value);
        high = high >= 0 ? -1 : value;
    }
    *at += *at < end;
    return *len > 0;
}

static uint32_t number_of(const char *bytes, size_t len)
{
    uint32_t number = 0;
    for (size_t i = 0; i < len && i < CODE_BYTES; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

static void range_add(struct arena *arena, struct pdf_map *out, uint32_t low, uint32_t high, const char *letters, size_t len)
{
    if (out->ranges.len >= RANGES_MOST || high < low || len < 2)
        return;
    uint32_t units[LETTERS_BYTES / 2] = {0};
    for (size_t i = 0; i + 1 < len; i += 2)
        units[i / 2] = number_of(letters + i, 2);
    bool pair = (units[0] & 0xfc00) == 0xd800 && (units[1] & 0xfc00) == 0xdc00;
    struct pdf_range *range = vec_push(arena, &out->ranges);
    *range = (struct pdf_range){low, high, pair ? 0x10000 + ((units[0] & 0x3ff) << 10) + (units[1] & 0x3ff) : units[0], {0, 0}};
    if (!pair) {
        range->more[0] = (uint16_t)units[1];
        range->more[1] = (uint16_t)units[2];
    }
}

static int range_compare(const void *a, const void *b)
{
    const struct pdf_range *left = a, *right = b;
    return left->low < right->low ? -1 : left->low > right->low;
}

/* One reading: what section it stands in and the codes before the letters. */
struct map_reading {
    enum { NOWHERE, CODES, LETTERS, SPANS } section;
    uint32_t codes[2];
    unsigned have;
    bool listed; /* within [ ]: one code after the other */
};

static void code_add(struct arena *arena, struct map_reading *r, struct pdf_map *out, const char *bytes, size_t len)
{
    unsigned needed = r->section == LETTERS ? 1 : 2;
    if (r->section == CODES && !out->bytes)
        out->bytes = len > 2 ? 2 : (unsigned)len;
    if (r->section != LETTERS && r->section != SPANS)
        return;
    if (r->have < needed) {
        r->codes[r->have++] = number_of(bytes, len);
        return;
    }
    range_add(arena, out, r->codes[0], r->listed || r->section == LETTERS ? r->codes[0] : r->codes[1], bytes, len);
    if (r->listed)
        r->codes[0]++;
    else
        r->have = 0;
}

static void section_choose(struct map_reading *r, struct span word)
{
    if (span_eq(word, S("begincodespacerange")))
        r->section = CODES;
    else if (span_eq(word, S("beginbfchar")))
        r->section = LETTERS;
    else if (span_eq(word, S("beginbfrange")))
        r->section = SPANS;
    else if (span_starts(word, S("end")))
        r->section = NOWHERE;
    r->have = 0;
}

void pdf_map_read(struct arena *arena, struct span cmap, struct pdf_map *out)
{
    const char *at = cmap.at, *end = at + cmap.len;
    struct map_reading r = {0};
    *out = (struct pdf_map){0};
    while (at < end) {
        char bytes[LETTERS_BYTES];
        size_t len;
        const char *start = at;
        if (*at == '<' && !(at + 1 < end && at[1] == '<')) {
            if (code_take(&at, end, bytes, sizeof bytes, &len))
                code_add(arena, &r, out, bytes, len);
            continue;
        }
        if (*at == '[' || *at == ']') {
            r.listed = *at == '[';
            r.have = *at == ']' ? 0 : r.have;
        }
        while (at < end && !pdf_is_delimiter(*at))
            at++;
        if (at > start)
            section_choose(&r, span_from(start, at));
        else
            at++;
    }
    if (out->ranges.len)
        qsort(out->ranges.at, out->ranges.len, sizeof *out->ranges.at, range_compare);
}
