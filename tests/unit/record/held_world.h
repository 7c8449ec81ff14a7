/* A store in memory, for tests of what is held in it. */
#pragma once
#include "exact.h"
#include "record/held.h"
#include "record/held_inner.h"
#include "record/outbox.h"

#define ID "01mqvvp0xqwrwd8wsa84ffys4sh1"
static const struct span id = S(ID);

struct world {
    struct store *store;
    struct arena *arena;
};

static void world_open(struct world *world)
{
    struct err err;
    if (store_open("memory:", record_schema(), NULL, &world->store, &err) < 0)
        fail_msg("%s", err.text);
    world->arena = arena_new(1 << 26);
}

static void end(struct world *world)
{
    store_close(&world->store);
    arena_free(&world->arena);
}

/* Its state is 0 where there is none. */
static struct held_copy copy_of(struct world *world, uint64_t number)
{
    struct err err;
    struct held_copies copies;
    assert_int_equal(held_copies(world->store, world->arena, id, &copies, &err), 0);
    vec_each(copy, &copies.list)
        if (copy->number == number)
            return *copy;
    return (struct held_copy){0};
}
