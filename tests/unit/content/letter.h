/* A letter, parsed, and its content read. */
#pragma once
#include "exact.h"

#include "content/content.h"

#include <stdio.h>

struct letter {
    struct arena *arena;
    struct arrival arrival;
    struct recipient recipient;
    struct message message;
    struct content content;
    struct span raw;
};

/* tables may be NULL; recipient "": none is told. */
static inline void letter_read_for(struct letter *l, const struct tables *tables, const char *text, const char *recipient)
{
    struct message_limits limits;
    struct file_limits file_limits;
    *l = (struct letter){.arena = arena_new((size_t)256 << 20), .raw = exact(text)};
    l->recipient.address = span_of(recipient);
    l->arrival = (struct arrival){.raw = l->raw};
    l->arrival.rcpt_to.at = &l->recipient;
    l->arrival.rcpt_to.len = *recipient != '\0';
    message_limits_default(&limits);
    file_limits_default(&file_limits);
    message_parse(l->arena, &limits, tables, &l->arrival, &l->message);
    content_read(l->arena, &file_limits, tables, &l->arrival, &l->message, &l->content);
}

/* A head, and behind it one thing again and again; the caller's to free. */
static inline char *flood(const char *head, const char *unit, size_t size)
{
    char *text = malloc(size + 1);
    size_t first = strlen(head), len = strlen(unit);
    assert_non_null(text);
    memcpy(text, head, first);
    for (size_t at = first; at < size; at++)
        text[at] = unit[(at - first) % len];
    text[size] = '\0';
    return text;
}

static inline void letter_done(struct letter *l)
{
    arena_free(&l->arena);
    free((char *)(uintptr_t)l->raw.at);
}

static struct tables *tables; /* those that ship: what comes before and after a group of tests opens and closes them */

static inline int open_tables(void **state)
{
    struct err err;
    if (tables_open(&(struct table_options){0}, &tables, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return -1;
}

static inline int close_tables(void **state)
{
    tables_close(&tables);
    return 0;
}
