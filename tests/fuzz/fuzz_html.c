/* The tokenizer from every start state, and html_read: ends, and what it gives is UTF-8 where the input is. */
#include "fuzz.h"
#include "message/html.h"

static void tokens_count(struct arena *arena, struct span input, enum html_state state)
{
    struct html_tokenizer *tokenizer = html_tokenizer_new(arena, input);
    html_tokenizer_state(tokenizer, state, S("title"));
    size_t tokens = 0;
    while (html_next(tokenizer)->kind != HTML_FINISHED)
        promise(++tokens <= 2 * input.len + 2);
    promise(html_next(tokenizer)->kind == HTML_FINISHED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span input = {(const char *)data, size};
    if (!span_is_utf8(input))
        return 0;
    for (enum html_state state = HTML_DATA; state <= HTML_CDATA; state++)
        tokens_count(arena, input, state);
    struct html_view view;
    html_read(arena, input, 64, 100, &view);
    promise(view.links.len <= 100);
    promise(span_is_utf8(view.visible) && span_is_utf8(view.hidden) && span_is_utf8(view.title));
    return 0;
}
