/* A letter, parsed, and its content read. */
#pragma once
#include "exact.h"

#include "content/content.h"

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

static inline void letter_done(struct letter *l)
{
    arena_free(&l->arena);
    free((char *)(uintptr_t)l->raw.at);
}
