/* As much of XML as the parts of Office files need: tags one after another, attributes, text. */
#include "content/file_inner.h"

bool xml_tag_next(struct span *rest, struct span *tag)
{
    const char *open = rest->len ? memchr(rest->at, '<', rest->len) : NULL;
    if (!open)
        return false;
    struct span from = span_from(open + 1, rest->at + rest->len);
    const char *close = memchr(from.at, '>', from.len);
    if (!close)
        return false;
    *tag = span_from(from.at, close);
    *rest = span_from(close + 1, from.at + from.len);
    return true;
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
        size_t used = 0;
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
