/* A clock that is wrong when a machine starts makes nothing go; one that went on while the machine was off is believed after some days. */
#include "made.h"

enum { NOW = 1800000000, HOUR = 3600, DAY = 24 * HOUR };

struct look {
    int64_t now, ran, believed;
    bool ahead;
};

static void looked(struct store *store, const struct look *looks, size_t count)
{
    struct err err;
    struct record_clock clock;
    for (size_t i = 0; i < count; i++) {
        if (record_clock(store, looks[i].now, looks[i].ran, &clock, &err) < 0)
            fail_msg("%s", err.text);
        if (clock.believed != looks[i].believed || clock.ahead != looks[i].ahead)
            fail_msg("look %d: believed %lld, ahead %d", (int)i, (long long)clock.believed - NOW, clock.ahead);
    }
}

static void a_clock_is_believed_that_goes_on(void **state)
{
    static const struct look looks[] = {{NOW, 0, NOW, false}, {NOW + 60, 60, NOW + 60, false}, {NOW + 2 * DAY, 0, NOW + 2 * DAY, false}, /* off for a weekend */
                                        {NOW + 5 * DAY, 60, NOW + 5 * DAY, false}, {NOW + 4 * DAY, 60, NOW + 4 * DAY, false}, {NOW - 9000 * DAY, 60, NOW - 9000 * DAY, false},
                                        {NOW - 8997 * DAY, 3 * DAY, NOW - 8997 * DAY, false},
                                        {NOW - 8993 * DAY, 60, NOW - 8997 * DAY, true}}; /* that it went back is remembered, after days */
    struct world world = world_new();
    looked(world.store, looks, sizeof looks / sizeof *looks);
    world_free(&world);
}

static void a_clock_far_ahead_is_believed_after_days(void **state)
{
    static const struct look looks[] = {{NOW, 0, NOW, false},
                                        {NOW + 3 * DAY + 1, 0, NOW, true},
                                        {NOW + 4000 * DAY, 60, NOW, true},
                                        {NOW + 4001 * DAY, DAY, NOW, true},
                                        {NOW + 4002 * DAY, 0, NOW, true}, /* another process */
                                        {NOW + 300, 60, NOW + 300, false}, /* set right: the days begin anew */
                                        {NOW + 4000 * DAY, DAY, NOW + 300, true},
                                        {NOW + 4000 * DAY, DAY, NOW + 300, true},
                                        {NOW + 4000 * DAY, DAY - 1, NOW + 300, true},
                                        {NOW + 4000 * DAY, 1, NOW + 4000 * DAY, false},
                                        {NOW + 4000 * DAY + 60, 60, NOW + 4000 * DAY + 60, false},
                                        {NOW, 60, NOW, false}};
    struct world world = world_new();
    looked(world.store, looks, sizeof looks / sizeof *looks);
    world_free(&world);
}

static void a_clock_that_begins_long_ago_each_time_is_believed_when_it_is_set(void **state)
{
    static const struct look looks[] = {{NOW, 0, NOW, false}, {HOUR, 0, HOUR, false}, {HOUR + 60, 60, HOUR + 60, false},
                                        {NOW + DAY, 60, NOW + DAY, false}, /* the network told it */
                                        {NOW + 2 * DAY, DAY, NOW + 2 * DAY, false}, {HOUR, 0, HOUR, false}, {HOUR + DAY, DAY, HOUR + DAY, false}, {NOW + 3 * DAY, 60, NOW + 3 * DAY, false},
                                        /* off for long: it is doubted for three days in all, however often it starts */
                                        {HOUR, 0, HOUR, false}, {NOW + 30 * DAY, 60, NOW + 3 * DAY, true}, {NOW + 32 * DAY, 2 * DAY, NOW + 3 * DAY, true},
                                        {HOUR, 0, HOUR, false}, {HOUR + 60, 60, HOUR + 60, false}, {NOW + 33 * DAY, 60, NOW + 3 * DAY, true},
                                        {NOW + 34 * DAY, DAY, NOW + 34 * DAY, false}};
    struct world world = world_new();
    looked(world.store, looks, sizeof looks / sizeof *looks);
    world_free(&world);
}

/* A store of an older version: what it kept tells when it was in use. */
static void what_was_kept_last_tells_where_nothing_was_noted(void **state)
{
    static const struct look looks[] = {{NOW + 900 * DAY, 0, NOW, true}}, first[] = {{NOW + 900 * DAY, 0, NOW + 900 * DAY, false}}, wrong[] = {{NOW - DAY, 0, NOW - DAY, false}};
    struct world world = world_new();
    struct span id;
    struct made *made = made_of("From: a@shop.example\r\n\r\nx\r\n", "b@harbour.example", NOW);
    assert_int_equal(keep_as(&world, made, NOW, &id), RECORD_KEPT);
    looked(world.store, looks, 1);
    world_free(&world);
    world = world_new(); /* an empty one */
    looked(world.store, first, 1);
    world_free(&world);
    world = world_new();
    assert_int_equal(keep_as(&world, made, NOW, &id), RECORD_KEPT);
    looked(world.store, wrong, 1);
    made_free(made);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_clock_is_believed_that_goes_on), cmocka_unit_test(a_clock_far_ahead_is_believed_after_days),
                                       cmocka_unit_test(what_was_kept_last_tells_where_nothing_was_noted),
                                       cmocka_unit_test(a_clock_that_begins_long_ago_each_time_is_believed_when_it_is_set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
