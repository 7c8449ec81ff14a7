#include "record/inner.h"

/* A column of text takes UTF-8 without NUL; what else a stranger wrote becomes a question mark or U+FFFD. */
static struct span text_clean(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    if (span_is_utf8(text) && !span_find_byte(text, '\0'))
        return text;
    for (size_t i = 0; i < text.len;) {
        size_t len = 1;
        while (len < 4 && i + len < text.len && !span_is_utf8((struct span){text.at + i, len}))
            len++;
        struct span character = {text.at + i, len};
        if (!text.at[i])
            buf_byte(&out, '?');
        else if (span_is_utf8(character))
            buf_add(&out, character);
        else
            buf_utf8(&out, 0xfffd);
        i += span_is_utf8(character) ? len : 1;
    }
    return buf_span(&out);
}

struct store_value text_value_always(struct arena *arena, struct span text)
{
    return STORE_WORDS(text_clean(arena, text));
}

struct store_value bytes_value(struct span bytes)
{
    return bytes.len ? STORE_BLOB(bytes) : STORE_NONE(STORE_BYTES);
}

struct store_value text_value(struct arena *arena, struct span text)
{
    return text.len ? text_value_always(arena, text) : STORE_NONE(STORE_TEXT);
}

struct span value_copy(struct arena *arena, const struct store_value *value)
{
    return value->null || !value->span.len ? (struct span){0} : arena_copy(arena, value->span);
}
