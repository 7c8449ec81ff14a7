#include "message/html_tokens.h"

struct entity {
    uint16_t name;
    uint8_t len, bare, text_len;
    char text[7];
};
#include "message/html_entities.inc"

enum { LONGEST_NAME = 31, LONGEST_BARE = 6, SLOTS = sizeof entity_slots / sizeof *entity_slots };

static uint32_t entity_digest(struct span name)
{
    uint32_t h = 0;
    for (size_t i = 0; i < name.len; i++)
        h = h * 31 + (unsigned char)name.at[i];
    return (h ^ h >> 12) & (SLOTS - 1);
}

static const struct entity *entity_find(struct span name)
{
    for (uint32_t h = entity_digest(name); entity_slots[h]; h = (h + 1) & (SLOTS - 1)) {
        const struct entity *row = &entities[entity_slots[h] - 1];
        if (row->len == name.len && memcmp(entity_names + row->name, name.at, name.len) == 0)
            return row;
    }
    return NULL;
}

static bool is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

static struct span named(const char *at, const char *end, bool attribute, size_t *used)
{
    struct span name = {at + 1, 0};
    while (at + 1 + name.len < end && name.len <= LONGEST_NAME && is_alnum(name.at[name.len]))
        name.len++;
    bool closed = name.at + name.len < end && name.at[name.len] == ';';
    const struct entity *row = closed && name.len <= LONGEST_NAME ? entity_find(name) : NULL;
    if (row) {
        *used = name.len + 2;
        return (struct span){row->text, row->text_len};
    }
    struct span bare = span_first(name, LONGEST_BARE);
    for (; bare.len >= 2; bare.len--) {
        row = entity_find(bare);
        if (row && row->bare)
            break;
    }
    const char *next = bare.at + bare.len;
    if (bare.len < 2 || (attribute && next < end && (*next == '=' || is_alnum(*next))))
        return (struct span){0};
    *used = bare.len + 1;
    return (struct span){row->text, row->text_len};
}

/* 13.2.5.80: what a number stands for; 80 to 9F are read as windows-1252. */
static uint32_t numeric_point(uint32_t number)
{
    static const uint16_t windows[32] = {
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
    };
    if (number >= 0x80 && number <= 0x9f)
        return windows[number - 0x80];
    return number ? number : 0xfffd;
}

static unsigned digit_of(char c)
{
    return ascii_is_digit(c) ? (unsigned)(c - '0') : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10) : 99;
}

static struct span numeric(struct arena *arena, const char *at, const char *end, size_t *used)
{
    const char *p = at + 2;
    unsigned base = p < end && (*p | 32) == 'x' ? 16 : 10;
    p += base == 16;
    const char *digits = p;
    uint32_t number = 0;
    for (; p < end && digit_of(*p) < base; p++)
        number = number > 0x10ffff ? number : number * base + digit_of(*p);
    if (p == digits)
        return (struct span){0};
    *used = (size_t)(p - at) + (p < end && *p == ';');
    struct buf out = {.arena = arena, .at = arena_alloc(arena, 4), .cap = 4};
    buf_utf8(&out, numeric_point(number));
    return buf_span(&out);
}

struct span html_reference(struct arena *arena, const char *at, const char *end, bool attribute, size_t *used)
{
    *used = 0;
    if (at + 1 < end && at[1] == '#')
        return numeric(arena, at, end, used);
    return at + 1 < end && ascii_is_alpha(at[1]) ? named(at, end, attribute, used) : (struct span){0};
}

struct span html_without_nul(struct arena *arena, struct span s)
{
    const char *nul;
    if (!span_find_byte(s, '\0'))
        return s;
    struct buf out = {.arena = arena};
    while ((nul = span_find_byte(s, '\0'))) {
        buf_add(&out, span_from(s.at, nul));
        buf_add(&out, S("\xef\xbf\xbd"));
        s = span_skip(s, (size_t)(nul + 1 - s.at));
    }
    buf_add(&out, s);
    return buf_span(&out);
}

struct span html_value(struct arena *arena, struct span raw)
{
    const char *and = span_find_byte(raw, '&'), *end = raw.at + raw.len, *from = raw.at;
    if (!and)
        return raw;
    struct buf out = {.arena = arena};
    while (and) {
        size_t used;
        struct span text = html_reference(arena, and, end, true, &used);
        if (used) {
            if (!out.at) { /* one allocation: no reference is shorter than its text */
                out.cap = raw.len + 1;
                out.at = arena_alloc(arena, out.cap);
            }
            buf_add(&out, span_from(from, and));
            buf_add(&out, text);
            from = and + used;
        }
        and = memchr(and + (used ? used : 1), '&', (size_t)(end - and) - (used ? used : 1));
    }
    if (!out.at)
        return raw;
    buf_add(&out, span_from(from, end));
    return buf_span(&out);
}
