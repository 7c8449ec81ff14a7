/* A text as the body of a message, plain and as a page: the head above a letter that is passed on is read within bounds, and what it
 * tells is no longer than the text. */
#include "fuzz.h"
#include "content/content.h"

static void letter(struct arena *arena, struct span body, const char *kind)
{
    struct message message;
    struct message_limits limits;
    struct file_limits file_limits;
    struct content content;
    struct buf raw = {.arena = arena};
    message_limits_default(&limits);
    file_limits_default(&file_limits);
    buf_print(&raw, "From: a@shop.example\nTo: bob@here.example\nSubject: Fwd: x\nContent-Type: text/%s; charset=utf-8\n\n", kind);
    buf_add(&raw, body);
    struct arrival arrival = {.raw = buf_span(&raw)};
    message_parse(arena, &limits, NULL, &arrival, &message);
    content_read(arena, &file_limits, NULL, &arrival, &message, &content);
    const struct forwarded *forwarded = &content.words.forwarded;
    promise(forwarded->present || !forwarded->bare);
    promise(!forwarded->bare || !content.words.quoted);
    promise(forwarded->from.name.len <= 1000 && forwarded->subject.len <= raw.len * 3);
    promise(!forwarded->from.address.len || forwarded->from.domain_ascii.len);
    size_t folded = 0;
    vec_each (text, &content.words.texts)
        folded += text->raw.len;
    promise(folded <= 65536);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    if (size > 100000)
        return 0;
    letter(arena, (struct span){(const char *)data, size}, "plain");
    letter(arena, (struct span){(const char *)data, size}, "html");
    return 0;
}
