/* Drives the thirty bad inputs: each twice, at its size and at four times it. Says how many blocks of work and bytes of
 * memory a byte cost. Work may grow with the bytes, not faster. A hang is ended by the alarm after 60 seconds. */
#include "bad.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    HANG_SECONDS = 60,
    BLOCKS_A_BYTE = 120,        /* honest mail costs about 20 */
    BLOCKS_FREE = 1000 * 1000,  /* what a tiny message and its DNS records may cost whatever its size */
    MEMORY_A_BYTE = 24,
    MEMORY_FREE = 1 << 20,
};

struct cost {
    size_t bytes, memory;
    uint64_t blocks;
    bool reached, as_expected;
    unsigned asks;
};

static void world_make(const struct bad_input *input, size_t size, struct bad_world *world)
{
    *world = (struct bad_world){.arena = arena_new((size_t)4 << 30)};
    world->mail.arena = world->zone.arena = world->arena;
    buf_add(&world->zone, S("$ORIGIN .\n$TTL 60\n"));
    world->arrival.received_at = time_from_civil(2026, 1, 31);
    world->arrival.direction = DIRECTION_INBOUND;
    input->make(world, size);
    world->arrival.raw = world->mail.len ? buf_span(&world->mail) : S("");
}

static void answers_from(struct walk *walk, const struct dns_zone *zone)
{
    const struct dns_ask *asks;
    while (dns_wanted(walk->answers, &asks) > 0) {
        struct dns_ask ask = asks[0];
        struct dns_answer answer;
        dns_zone_answer(zone, &ask, &answer);
        dns_answers_add(walk->answers, &answer);
    }
}

static int walk_once(const struct bad_input *input, size_t size, const struct walk_settings *settings, struct cost *cost)
{
    struct bad_world world;
    struct walk walk;
    struct dns_zone *zone;
    struct err err;
    world_make(input, size, &world);
    if (dns_zone_parse(world.arena, buf_span(&world.zone), input->name, &zone, &err) < 0) {
        printf("%u %s: %s\n", input->number, input->name, err.text);
        return -1;
    }
    struct arena *arena = arena_new((size_t)1 << 30);
    uint64_t before = work_counted();
    alarm(HANG_SECONDS);
    bool ready = walk_read(&walk, arena, settings, &world.arrival);
    while (!ready) {
        answers_from(&walk, zone);
        ready = walk_answered(&walk);
    }
    walk_judge(&walk);
    struct buf json = {.arena = arena};
    report_json(arena, &walk.report, &json);
    alarm(0);
    *cost = (struct cost){.bytes = world.arrival.raw.len + world.zone.len, .memory = arena_used(arena),
                          .blocks = work_counted() - before, .asks = (unsigned)dns_asked(walk.answers),
                          .reached = walk.report.score >= 0 && walk.report.score <= 100 && json.len > 2,
                          .as_expected = !input->expect || input->expect(&walk)};
    arena_free(&arena);
    arena_free(&world.arena);
    return 0;
}

static bool say(bool good, const struct bad_input *input, const char *what)
{
    if (!good)
        printf("%2u %s: FAILED: %s\n", input->number, input->name, what);
    return good;
}

static bool bounded(const struct bad_input *input, const struct cost *cost)
{
    bool work = cost->blocks <= BLOCKS_FREE + (uint64_t)BLOCKS_A_BYTE * cost->bytes;
    bool memory = cost->memory <= MEMORY_FREE + (size_t)MEMORY_A_BYTE * cost->bytes;
    bool good = say(work, input, "work is not bounded by the bytes given");
    good &= say(memory, input, "memory is not bounded by the bytes given");
    good &= say(cost->asks <= 200, input, "asked for more names than a message may");
    good &= say(cost->reached, input, "no verdict was reached");
    return good & say(cost->as_expected, input, input->expected ? input->expected : "");
}

static bool run(const struct bad_input *input, const struct walk_settings *settings)
{
    struct cost small, large;
    if (walk_once(input, input->size, settings, &small) < 0 || walk_once(input, input->size * 4, settings, &large) < 0)
        return false;
    bool good = bounded(input, &small);
    good &= bounded(input, &large);
    double grew_bytes = (double)large.bytes / (double)small.bytes;
    double grew_work = (double)large.blocks / (double)(small.blocks ? small.blocks : 1);
    bool linear = large.blocks < BLOCKS_FREE || grew_work <= grew_bytes * 1.5 + 0.5;
    good &= say(linear, input, "work grows faster than the bytes");
    printf("%2u %-44s %9zu bytes %8.1f blocks and %6.1f bytes of memory a byte, %u names asked\n", input->number, input->name,
           large.bytes, (double)large.blocks / (double)large.bytes, (double)large.memory / (double)large.bytes, large.asks);
    return good;
}

int main(void)
{
    struct walk_settings settings;
    struct tables *tables;
    struct err err;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (tables_open(&(struct table_options){0}, &tables, &err) < 0) {
        printf("%s\n", err.text);
        return 1;
    }
    walk_settings_default(&settings);
    settings.tables = tables;
    settings.auth.authserv_id = S("mx.example.net");
    struct arena *kept = arena_new(4096);
    *vec_push(kept, &settings.auth.trusted_authserv) = S("mx.example.net");
    size_t good = 0, all = bad_header_input_count + bad_body_input_count + bad_file_input_count;
    for (size_t i = 0; i < bad_header_input_count; i++)
        good += run(&bad_header_inputs[i], &settings);
    for (size_t i = 0; i < bad_body_input_count; i++)
        good += run(&bad_body_inputs[i], &settings);
    for (size_t i = 0; i < bad_file_input_count; i++)
        good += run(&bad_file_inputs[i], &settings);
    if (!work_counted())
        printf("work is not counted in this build; the bounds on memory and the verdicts hold all the same\n");
    printf("bad inputs: %zu of %zu\n", good, all);
    tables_close(&tables);
    arena_free(&kept);
    return good == all ? 0 : 1;
}
