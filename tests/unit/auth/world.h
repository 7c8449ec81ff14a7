/* A zone file as the world: asks are answered from it, all of a round at once. */
#pragma once
#include "exact.h"
#include "auth/auth.h"

struct world {
    struct arena *arena;
    struct dns_zone *zone;
    struct dns_answers *answers;
    unsigned rounds, asked;
};

static inline void world_begin(struct world *world, const char *zone)
{
    struct err err;
    *world = (struct world){.arena = arena_new(64 << 20)};
    world->answers = dns_answers_new(world->arena, 2000);
    if (dns_zone_parse(world->arena, span_of(zone), "zone", &world->zone, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void world_end(struct world *world)
{
    arena_free(&world->arena);
}

/* Answers what is wanted, or only the `most` last of it. */
static inline void world_answer(struct world *world, size_t most)
{
    const struct dns_ask *asks;
    size_t n;
    world->rounds++;
    assert_true(world->rounds < 200);
    for (size_t done = 0; done < most && (n = dns_wanted(world->answers, &asks)); done++) {
        struct dns_answer answer;
        struct dns_ask ask = asks[n - 1];
        dns_zone_answer(world->zone, &ask, &answer);
        dns_answers_add(world->answers, &answer);
        world->asked++;
    }
}
