/* What every harness shares: bytes in, an arena that is emptied between inputs, and promises that must hold.
 *
 * With clang's libFuzzer (meson option fuzzing, `make fuzz`) the fuzzer calls the harness; in the tests replay.c does,
 * with the seeds and with cuts and flips of them. */
#pragma once
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct arena *fuzz_arena(void)
{
    static struct arena *arena;
    if (!arena)
        arena = arena_new((size_t)256 << 20);
    arena_reset(arena);
    return arena;
}

/* A promise of the face that the sanitizers cannot see. */
#define promise(holds) ((holds) ? (void)0 : promise_broken(#holds, __FILE__, __LINE__))
static inline void __attribute__((noreturn)) promise_broken(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: a promise is broken: %s\n", file, line, what);
    abort();
}

/* The input up to the first line of "--" and what follows it; a harness that wants two pieces takes both. */
static inline struct span fuzz_cut(struct span *rest)
{
    const char *mark = span_find(*rest, S("\n--\n"));
    struct span head = mark ? span_from(rest->at, mark) : *rest;
    *rest = mark ? span_skip(*rest, head.len + 4) : (struct span){0};
    return head;
}
