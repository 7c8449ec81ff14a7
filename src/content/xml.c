/* As much of XML as the parts of Office files need: tags one after another, attributes, text. */
#include "content/file_inner.h"

/* Where the tag ends: values in quotes may hold the sign that ends it. Comments and declarations know no quotes. */
static const char *tag_end(struct span from)
{
    const char *end = from.at + from.len;
    bool plain = from.len && (from.at[0] == '!' || from.at[0] == '?');
    for (const char *at = from.at; at < end && !plain; at++) {
        if (*at == '>')
            return at;
        if (*at == '"' || *at == '\'') {
            at = memchr(at + 1, *at, (size_t)(end - at - 1));
            if (!at)
                break;
        }
    }
    return memchr(from.at, '>', from.len); /* a quote that nothing closes: as if it were none */
}

bool xml_tag_next(struct span *rest, struct span *tag)
{
    const char *open = rest->len ? memchr(rest->at, '<', rest->len) : NULL;
    if (!open)
        return false;
    struct span from = span_from(open + 1, rest->at + rest->len);
    const char *close = from.len ? tag_end(from) : NULL;
    if (!close)
        return false;
    *tag = span_from(from.at, close);
    *rest = span_from(close + 1, from.at + from.len);
    return true;
}

/* "&#104;" or "&#x68;"; returns how many bytes it is of, 0 where it is none. */
static size_t number_add(struct buf *out, struct span text)
{
    enum { DIGITS_MOST = 8 };
    bool hex = span_starts_case(text, S("&#x"));
    uint32_t value = 0;
    size_t start = hex ? 3 : 2, at = start;
    if (!span_starts(text, S("&#")))
        return 0;
    for (; at < text.len && at < start + DIGITS_MOST; at++) {
        char c = ascii_lower(text.at[at]);
        if (!ascii_is_digit(c) && !(hex && c >= 'a' && c <= 'f'))
            break;
        value = value * (hex ? 16 : 10) + (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    if (at == start || at == text.len || text.at[at] != ';')
        return 0;
    buf_utf8(out, value);
    return at + 1;
}

static void text_add(struct buf *out, struct span text)
{
    static const struct {
        const char *name, *means;
    } references[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}};
    while (text.len) {
        const char *mark = memchr(text.at, '&', text.len);
        struct span plain = mark ? span_from(text.at, mark) : text;
        buf_add(out, plain);
        text = span_skip(text, plain.len);
        size_t used = number_add(out, text);
        for (size_t i = 0; text.len && !used && i < sizeof references / sizeof *references; i++)
            if (span_starts(text, span_of(references[i].name))) {
                buf_add(out, span_of(references[i].means));
                used = strlen(references[i].name);
            }
        if (text.len && !used) {
            buf_byte(out, '&');
            used = 1;
        }
        text = span_skip(text, used);
    }
}

bool xml_attribute(struct arena *arena, struct span tag, struct span name, struct span *value)
{
    struct span rest = tag;
    const char *found;
    while ((found = span_find(rest, name))) {
        struct span after = span_from(found + name.len, tag.at + tag.len);
        bool begins = found > tag.at && ascii_is_space(found[-1]);
        rest = after;
        while (after.len && ascii_is_space(after.at[0]))
            after = span_skip(after, 1);
        if (!begins || !after.len || after.at[0] != '=')
            continue;
        after = span_trim(span_skip(after, 1));
        char quote = after.len ? after.at[0] : 0;
        const char *end = quote == '"' || quote == '\'' ? memchr(after.at + 1, quote, after.len - 1) : NULL;
        if (!end)
            return false;
        struct buf out = {.arena = arena, .max = 4000};
        text_add(&out, span_from(after.at + 1, end));
        *value = buf_span(&out);
        return true;
    }
    return false;
}

struct span xml_text(struct arena *arena, struct span xml, size_t most)
{
    struct buf out = {.arena = arena, .max = most};
    struct span rest = xml, tag;
    while (out.len < most && !out.cut && xml_tag_next(&rest, &tag)) {
        const char *next = rest.len ? memchr(rest.at, '<', rest.len) : NULL;
        struct span text = next ? span_from(rest.at, next) : rest;
        if (span_starts(tag, S("/w:p")) || span_starts(tag, S("/a:p")) || span_starts(tag, S("/si")))
            buf_byte(&out, '\n');
        if (span_trim(text).len)
            text_add(&out, span_first(text, most));
    }
    return buf_span(&out);
}
