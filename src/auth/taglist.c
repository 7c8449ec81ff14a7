#include "auth/taglist.h"

static bool is_value_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= 0x21 && u != 0x7f) || ascii_is_space(c); /* 8-bit: RFC 8616 lets UTF-8 in */
}

static bool tag_name_is_good(struct span name)
{
    if (!name.len || !ascii_is_alpha(name.at[0]))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!ascii_is_alpha(name.at[i]) && !ascii_is_digit(name.at[i]) && name.at[i] != '_')
            return false;
    return true;
}

static struct span blanks_trim(struct span s)
{
    while (s.len && ascii_is_space(s.at[0]))
        s = span_skip(s, 1);
    while (s.len && ascii_is_space(s.at[s.len - 1]))
        s.len--;
    return s;
}

static bool tag_read(struct arena *arena, struct span piece, struct tag *tag, struct span *why)
{
    const char *equals = span_find_byte(piece, '=');
    if (!equals) {
        *why =
            arena_print(arena, "\"%.*s\" in the tag list has no \"=\"", SPAN_FMT(span_first(blanks_trim(piece), 40)));
        return false;
    }
    tag->name = blanks_trim(span_from(piece.at, equals));
    tag->whole = span_from(equals + 1, piece.at + piece.len);
    tag->value = blanks_trim(tag->whole);
    if (!tag_name_is_good(tag->name)) {
        *why = arena_print(arena, "\"%.*s\" is no name of a tag", SPAN_FMT(span_first(tag->name, 40)));
        return false;
    }
    for (size_t i = 0; i < tag->whole.len; i++)
        if (!is_value_byte(tag->whole.at[i])) {
            *why = arena_print(arena, "the tag %.*s= holds a control character", SPAN_FMT(span_first(tag->name, 40)));
            return false;
        }
    return true;
}

static const struct tag *tag_find_span(const struct tag_list *list, struct span name)
{
    vec_each (tag, &list->tags)
        if (span_eq(tag->name, name))
            return tag;
    return NULL;
}

bool tag_list_parse(struct arena *arena, struct span text, struct tag_list *out, struct span *why)
{
    struct span rest = text, piece;
    *out = (struct tag_list){0};
    while (span_cut(&rest, ';', &piece)) {
        struct tag tag;
        if (!blanks_trim(piece).len) {
            if (out->tags.len && piece.at + piece.len == text.at + text.len)
                break; /* one semicolon may end the list */
            *why = S("the tag list has an empty place between two semicolons");
            return false;
        }
        if (!tag_read(arena, piece, &tag, why))
            return false;
        if (tag_find_span(out, tag.name)) {
            *why = arena_print(arena, "the tag %.*s= stands twice", SPAN_FMT(span_first(tag.name, 40)));
            return false;
        }
        if (out->tags.len == TAGS_MOST) {
            *why = S("the tag list is too long");
            return false;
        }
        *vec_push(arena, &out->tags) = tag;
    }
    if (!out->tags.len)
        *why = S("the tag list is empty");
    return out->tags.len > 0;
}

const struct tag *tag_find(const struct tag_list *list, const char *name)
{
    return tag_find_span(list, span_of(name));
}

struct span tag_value(const struct tag_list *list, const char *name)
{
    const struct tag *tag = tag_find(list, name);
    return tag ? tag->value : (struct span){0};
}

bool tag_item(struct span *rest, struct span *item)
{
    if (!span_cut(rest, ':', item))
        return false;
    *item = blanks_trim(*item);
    return true;
}

bool tag_items_have(struct span list, const char *item)
{
    struct span one;
    while (tag_item(&list, &one))
        if (span_eq_case(one, span_of(item)))
            return true;
    return false;
}

static bool label_is_plain(struct span label)
{
    if (!label.len || label.len > 63 || label.at[0] == '-' || label.at[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.at[i];
        if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return true;
}

bool domain_is_plain(struct span domain, bool dotted)
{
    struct span rest = domain, label;
    size_t labels = 0;
    if (domain.len > 253 || !domain.len || domain.at[domain.len - 1] == '.')
        return false;
    for (; span_cut(&rest, '.', &label); labels++)
        if (!label_is_plain(label))
            return false;
    return labels > (dotted ? 1 : 0);
}

/* Sextets; 64: "=", 65: white space, 66: anything else. */
static const uint8_t sextet_of[256] = {
    66, 66, 66, 66, 66, 66, 66, 66, 66, 65, 65, 66, 66, 65, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
    65, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 62, 66, 66, 66, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 66, 66, 66, 64, 66, 66,
    66, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 66, 66, 66, 66, 66,
    66, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 66, 66, 66, 66, 66,
    [128 ... 255] = 66,
};

bool tag_base64_read(struct arena *arena, struct span text, struct span *out)
{
    uint8_t *at = arena_alloc(arena, text.len / 4 * 3 + 3);
    size_t len = 0, padding = 0, sextets = 0;
    uint32_t held = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned value = sextet_of[(unsigned char)text.at[i]];
        if (value == 65)
            continue;
        if (value == 66 || (value < 64 && padding))
            return false;
        padding += value == 64;
        held = held << 6 | (value & 63);
        if (++sextets % 4 == 0) {
            at[len++] = (uint8_t)(held >> 16);
            at[len++] = (uint8_t)(held >> 8);
            at[len++] = (uint8_t)held;
        }
    }
    if (sextets % 4 || padding > 2)
        return false;
    *out = (struct span){(char *)at, len - padding};
    return true;
}

struct span tag_base64_write(struct arena *arena, const void *bytes, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;
    char *at = arena_alloc(arena, (len + 2) / 3 * 4 + 1), *o = at;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t held =
            (uint32_t)in[i] << 16 | (i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0) | (i + 2 < len ? in[i + 2] : 0);
        *o++ = letters[held >> 18];
        *o++ = letters[held >> 12 & 63];
        *o++ = i + 1 < len ? letters[held >> 6 & 63] : '=';
        *o++ = i + 2 < len ? letters[held & 63] : '=';
    }
    return (struct span){at, (size_t)(o - at)};
}
