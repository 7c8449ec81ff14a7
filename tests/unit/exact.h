/* Inputs on heap of their exact size, so that the sanitizer sees one byte too far. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/base.h"

/* The caller frees .at. An empty input is a block of its own too. */
static inline struct span exact_bytes(const char *at, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    if (len)
        memcpy(copy, at, len);
    return (struct span){copy, len};
}

static inline struct span exact(const char *text)
{
    return exact_bytes(text, strlen(text));
}

#define assert_span(got, expected)                                                                                     \
    do {                                                                                                               \
        struct span seen_ = (got), wanted_ = span_of(expected);                                                      \
        if (!span_eq(seen_, wanted_))                                                                                  \
            fail_msg("got \"%.*s\", wanted \"%.*s\"", SPAN_FMT(seen_), SPAN_FMT(wanted_));                            \
    } while (0)

/* An arena of its own for each test. */
static inline int arena_make(void **state)
{
    *state = arena_new(64u << 20);
    return 0;
}

static inline int arena_drop(void **state)
{
    struct arena *arena = *state;
    arena_free(&arena);
    return 0;
}
