/* One message parsed from bytes on a heap block of their exact size. */
#pragma once
#include <stdio.h>

#include "exact.h"
#include "message/message.h"

struct reading {
    struct arena *arena;
    struct span raw;
    struct message_limits limits;
    struct message message;
};

static inline void reading_run(struct reading *r, const char *at, size_t len)
{
    struct arrival arrival = {0};
    if (!r->limits.parts)
        message_limits_default(&r->limits);
    r->arena = arena_new((size_t)2 << 30);
    arrival.raw = r->raw = exact_bytes(at, len);
    message_parse(r->arena, &r->limits, NULL, &arrival, &r->message);
}

static inline void reading_of(struct reading *r, const char *text)
{
    reading_run(r, text, strlen(text));
}

static inline void reading_done(struct reading *r)
{
    arena_free(&r->arena);
    free((void *)r->raw.at);
    *r = (struct reading){0};
}

static inline const struct defect *defect_find(const struct message *message, enum defect_id id)
{
    for (size_t i = 0; i < message->defects.len; i++)
        if (message->defects.at[i].id == id)
            return &message->defects.at[i];
    return NULL;
}

/* A leaf of any reading whose text (or decoded bytes) holds the words. */
static inline const struct part *leaf_with(const struct message *message, const char *words)
{
    for (size_t i = 0; i < message->leaves.len; i++)
        if (span_find(message->leaves.at[i]->decoded, span_of(words)) || span_find(message->leaves.at[i]->text, span_of(words)))
            return message->leaves.at[i];
    return NULL;
}
