/* A message given back: whatever its header is, its body is the last of it byte for byte, no field of the names that go is left in the
 * header, and what is read in pieces is as long as was told. */
#include "fuzz.h"
#include "door/marked.h"

#include <stdlib.h>

static struct span body_of(struct span text)
{
    for (struct span rest = text, line; rest.len;) {
        const char *end = span_find_byte(rest, '\n');
        line = end ? span_from(rest.at, end + 1) : rest;
        rest = span_skip(rest, line.len);
        if (span_eq(line, S("\n")) || span_eq(line, S("\r\n")))
            return rest;
    }
    return (struct span){0};
}

static struct span whole_of(struct arena *arena, struct marked *marked)
{
    char piece[61];
    struct buf out = {.arena = arena};
    uint64_t length = marked_length(marked);
    buf_add(&out, marked->head);
    for (long got; (got = marked_read(marked, piece, sizeof piece)) != 0;) {
        promise(got > 0);
        buf_add(&out, (struct span){piece, (size_t)got});
    }
    promise(out.len == length);
    return buf_span(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct answer answer = {.verdict = {"unjudged", 8}};
    static const struct edits none;
    struct arena *arena = arena_new(1 << 26);
    struct header_wishes fields;
    struct marked marked;
    struct bytes source = {.fd = -1, .small = (char *)(uintptr_t)data, .length = size};
    answer_fields(arena, &answer, false, &fields);
    promise(marked_make(arena, &source, &fields, &none, 1 << 20, false, &marked) == 0);
    struct span whole = whole_of(arena, &marked), text = {(const char *)data, size}, body = body_of(text), again = body_of(whole);
    promise(span_eq(body, again));
    promise(span_find(whole, S("X-Sekimori: unjudged")) != NULL);
    struct span head = span_first(whole, whole.len - again.len);
    promise(!span_find_case(head, S("\nX-Sekimori-Seal:")));
    promise(marked_make(arena, &source, &fields, &none, 1 << 20, true, &marked) == 0);
    promise(marked_length(&marked) <= whole.len);
    arena_free(&arena);
    return 0;
}
