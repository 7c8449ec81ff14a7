/* command/held_print: held mail as a person and as a program reads it. */
#pragma once
#include "command/asking.h"
#include "record/held.h"
#include "record/hunt.h"

struct held_telling { /* one message */
    const struct asking *asking;
    struct store *store;
    struct arena *arena;
    struct record_held held;   /* of `lies` */
    struct hunt_row row;       /* of `judged` */
    struct held_copies copies;
    bool lies, judged;         /* its bytes are there; there is a record of its judgement */
};
/* 1: there is such a message; 0: none; -1. */
int held_telling(const struct asking *asking, struct store *store, struct arena *arena, struct span id, struct held_telling *out, struct err *err);
void held_line(const struct held_telling *telling, const struct held_copy *copy, struct buf *out);
void held_json(const struct held_telling *telling, const struct held_copy *only, struct buf *out); /* only: NULL: all of them */
void held_page(const struct held_telling *telling, struct buf *out);
