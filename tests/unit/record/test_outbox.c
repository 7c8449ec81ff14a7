/* Jobs are written with their record, once; handed out by lane when due; and end, wait on, are tried again or dropped. */
#include "exact.h"
#include "record/decide.h"
#include "record/outbox.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

struct world {
    struct arena *arena;
    struct store *store;
    struct record_ledger *ledger;
    struct record_settings settings;
};

static struct world world_new(const char *where)
{
    struct world world = {.arena = arena_new((size_t)1 << 26)};
    struct verdict_settings settings;
    struct err err;
    if (store_open(where, record_schema(), NULL, &world.store, &err) < 0)
        fail_msg("%s", err.text);
    world.ledger = record_ledger_new(world.store);
    verdict_settings_default(&settings);
    record_settings_make(world.arena, &settings, &(struct grounds){0}, &world.settings);
    return world;
}

static void world_free(struct world *world)
{
    record_ledger_free(&world->ledger);
    store_close(&world->store);
    arena_free(&world->arena);
}

/* A record with that id and key of one letter, and a job for each lane. */
static enum record_kept keep(struct world *world, const char *id, char key, const char *lanes, int64_t now, struct span *kept)
{
    struct err err;
    char letters[16];
    struct span rest = span_of(lanes), lane;
    memset(letters, key, sizeof letters);
    struct record record = {.id = span_of(id), .key = {letters, 16}, .settings = world->settings.id, .paper = S("x"), .evidence = S("")};
    while (span_word(&rest, &lane))
        *vec_push(world->arena, &record.jobs.list) = (struct job){lane, S("webhook"), arena_print(world->arena, "of %s", id)};
    struct buf parcel = {.arena = world->arena};
    struct record carried;
    record_pack(&record, &parcel);
    assert_int_equal(record_unpack(world->arena, buf_span(&parcel), &carried), 0);
    assert_int_equal(store_begin(world->store, STORE_SYNCED, &err), 0);
    enum record_kept how = record_keep(world->ledger, world->arena, &carried, &world->settings, now, kept, &err);
    if (how == RECORD_FAILED)
        fail_msg("%s", err.text);
    assert_int_equal(store_commit(world->store, &err), 0);
    return how;
}

static struct outbox_counts counted(struct world *world)
{
    struct outbox_counts out;
    struct err err;
    assert_int_equal(outbox_count(world->store, 0, &out, &err), 0);
    return out;
}

static struct job_rows due(struct world *world, const char *lane, int64_t now)
{
    struct job_rows rows;
    struct err err;
    assert_int_equal(outbox_due(world->store, world->arena, span_of(lane), now, 10, &rows, &err), 0);
    return rows;
}

static int note(struct world *world, const char *job, enum job_state state, int64_t at, const char *fault, int64_t now)
{
    struct err err;
    assert_int_equal(store_begin(world->store, STORE_RELAXED, &err), 0);
    int noted = outbox_note(world->store, world->arena, &(struct job_note){span_of(job), state, at, span_of(fault)}, now, &err);
    assert_int_equal(store_commit(world->store, &err), 0);
    return noted;
}

#define ID_A "aaaaaaaabbbbbbbbbbbbbbbbbbbb"
#define ID_B "aaaaaaaacccccccccccccccccccc"

static void with_the_record_and_once(struct world *world)
{
    struct span kept;
    assert_int_equal(keep(world, ID_A, 'a', "desk siem", 100, &kept), RECORD_KEPT);
    assert_int_equal(keep(world, ID_A, 'a', "desk siem", 110, &kept), RECORD_WAS_THERE); /* sent again */
    assert_int_equal(keep(world, ID_B, 'b', "", 110, &kept), RECORD_KEPT);
    assert_int_equal(counted(world).waiting, 2);
    assert_int_equal(counted(world).oldest, 100);
    struct job_rows rows = due(world, "desk", 100);
    assert_int_equal(rows.list.len, 1);
    assert_span(rows.list.at[0].job, ID_A ".desk");
    assert_span(rows.list.at[0].id, ID_A);
    assert_span(rows.list.at[0].bytes, "of " ID_A);
    assert_int_equal(due(world, "desk", 99).list.len, 0);
    assert_int_equal(due(world, "des", 100).list.len, 0);
    /* another message of the same id: its record and its jobs get one of their own */
    assert_int_equal(keep(world, ID_A, 'c', "mail", 120, &kept), RECORD_KEPT);
    assert_false(span_eq(kept, S(ID_A)));
    rows = due(world, "mail", 120);
    assert_int_equal(rows.list.len, 1);
    assert_true(span_starts(rows.list.at[0].job, kept));
    assert_true(span_eq(span_skip(rows.list.at[0].bytes, 3), kept));
}

/* ---- work, counted in steps of SQLite's machine: a mail to thousands has as many jobs that are due at the same moment */
static unsigned long steps;

static int step(void *context)
{
    steps++;
    return 0;
}

static int on_open(sqlite3 *db, const char **fault, const struct sqlite3_api_routines *routines)
{
    sqlite3_progress_handler(db, 1, step, NULL);
    return SQLITE_OK;
}

static unsigned long work_of(const char *path, int jobs)
{
    unlink(path);
    sqlite3_auto_extension((void (*)(void))on_open);
    struct world world = world_new(path);
    sqlite3_cancel_auto_extension((void (*)(void))on_open);
    struct span kept;
    for (int i = 0; i < jobs; i++) {
        struct span id = arena_print(world.arena, "aaaaaaaa%020d", i);
        struct record record = {.id = id, .key = {id.at + 12, 16}, .settings = world.settings.id, .paper = S("x"), .evidence = S("")};
        *vec_push(world.arena, &record.jobs.list) = (struct job){S("desk"), S("webhook"), S("x")};
        struct err err;
        assert_int_equal(store_begin(world.store, STORE_RELAXED, &err), 0);
        assert_int_equal(record_keep(world.ledger, world.arena, &record, &world.settings, 100, &kept, &err), RECORD_KEPT);
        assert_int_equal(store_commit(world.store, &err), 0);
    }
    steps = 0;
    assert_int_equal(due(&world, "desk", 100).list.len, 10);
    unsigned long work = steps;
    assert_true(work > 0);
    world_free(&world);
    unlink(path);
    return work;
}

static void who_waits_costs_who_is_served_nothing(void **state)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/sekimori-outbox-%d.db", (int)getpid());
    unsigned long few = work_of(path, 20), many = work_of(path, 600);
    if (many > 2 * few)
        fail_msg("thirty times the jobs took %lu steps instead of %lu", many, few);
}

static void lanes_in_their_order(struct world *world)
{
    struct span lane = {0}, kept;
    struct err err;
    int64_t next;
    static const char *const wanted[] = {"a", "b", "c"};
    keep(world, ID_A, 'a', "c a", 100, &kept);
    keep(world, ID_B, 'b', "b a", 90, &kept);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(outbox_lane_next(world->store, world->arena, lane, &lane, &err), 1);
        assert_span(lane, wanted[i]);
    }
    assert_int_equal(outbox_lane_next(world->store, world->arena, lane, &lane, &err), 0);
    struct job_rows rows = due(world, "a", 1000);
    assert_int_equal(rows.list.len, 2);
    assert_span(rows.list.at[0].job, ID_B ".a"); /* the longest due first */
    assert_int_equal(outbox_due_next(world->store, S("a"), &next, &err), 0);
    assert_int_equal(next, 90);
    assert_int_equal(outbox_due_next(world->store, S("z"), &next, &err), 0);
    assert_true(next == TIME_UNKNOWN);
}

static void what_came_of_them(struct world *world)
{
    struct span kept;
    struct job_row row;
    struct err err;
    keep(world, ID_A, 'a', "a b c", 100, &kept);
    assert_int_equal(note(world, ID_A ".a", JOB_DONE, 0, "", 110), 1);
    assert_int_equal(note(world, ID_A ".a", JOB_DONE, 0, "", 111), 0); /* it has ended */
    assert_int_equal(note(world, ID_A ".b", JOB_WAITING, 150, "no answer", 110), 1);
    assert_int_equal(note(world, ID_A ".c", JOB_FAILED, 0, "HTTP 404", 110), 1);
    assert_int_equal(note(world, ID_A ".d", JOB_DONE, 0, "", 110), 0);
    assert_true(counted(world).waiting == 1 && counted(world).done == 1 && counted(world).failed == 1);
    assert_int_equal(due(world, "b", 149).list.len, 0);
    assert_int_equal(due(world, "b", 150).list.at[0].tries, 1);
    assert_int_equal(outbox_read(world->store, world->arena, S(ID_A ".a"), &row, &err), 1);
    assert_true(row.state == JOB_DONE && row.ended == 110 && !row.bytes.len && !row.fault.len);
    assert_int_equal(outbox_read(world->store, world->arena, S(ID_A ".c"), &row, &err), 1);
    assert_span(row.fault, "HTTP 404");
    assert_span(row.bytes, "of " ID_A);
    assert_int_equal(outbox_read(world->store, world->arena, S("x"), &row, &err), 0);
}

static bool tell_one(void *context, const struct job_row *row)
{
    buf_print(context, "%.*s %s %zu;", SPAN_FMT(row->lane), job_state_name(row->state), row->bytes.len);
    return true;
}

static struct span listed(struct world *world, enum job_state state)
{
    struct buf out = {.arena = world->arena};
    struct err err;
    assert_true(outbox_list(world->store, state, 0, tell_one, &out, &err) >= 0);
    return buf_span(&out);
}

static void what_an_operator_does(struct world *world)
{
    struct span kept;
    struct err err;
    keep(world, ID_A, 'a', "a b c d", 100, &kept);
    note(world, ID_A ".a", JOB_DONE, 0, "", 110);
    note(world, ID_A ".b", JOB_FAILED, 0, "x", 110);
    note(world, ID_A ".c", JOB_WAITING, 900, "x", 110);
    assert_span(listed(world, 0), "a done 0;b failed 0;c waiting 0;d waiting 0;");
    assert_span(listed(world, JOB_FAILED), "b failed 0;");
    assert_int_equal(outbox_retry(world->store, S(ID_A ".a"), 200, &err), 0); /* done is done */
    assert_int_equal(outbox_retry(world->store, S(ID_A ".c"), 200, &err), 1);
    assert_int_equal(due(world, "c", 200).list.len, 1);
    assert_int_equal(outbox_retry(world->store, (struct span){0}, 200, &err), 1);
    assert_int_equal(due(world, "b", 200).list.at[0].tries, 0);
    assert_int_equal(counted(world).failed, 0);
    assert_int_equal(outbox_drop(world->store, S(ID_A ".b"), 100, &err), 1);
    assert_int_equal(outbox_drop(world->store, S(ID_A ".b"), 100, &err), 0);
    note(world, ID_A ".d", JOB_FAILED, 0, "x", 210);
    assert_int_equal(outbox_drop(world->store, (struct span){0}, 100, &err), 1);
    assert_span(listed(world, 0), "a done 0;c waiting 0;");
}

static void what_is_over_goes(struct world *world)
{
    struct span kept;
    struct err err;
    struct job_row row;
    keep(world, ID_A, 'a', "a b c d", 100, &kept);
    note(world, ID_A ".a", JOB_DONE, 0, "", 110);
    note(world, ID_A ".b", JOB_FAILED, 0, "x", 120);
    note(world, ID_A ".c", JOB_WAITING, 900, "no answer", 110);
    assert_int_equal(outbox_prune(world->store, 110, 100, 130, 100, &err), 0);
    assert_int_equal(counted(world).waiting, 2);
    assert_int_equal(outbox_prune(world->store, 111, 101, 130, 100, &err), 1); /* .a went, .c was given up, .d was never tried */
    assert_true(counted(world).waiting == 1 && counted(world).done == 0 && counted(world).failed == 2);
    assert_int_equal(outbox_read(world->store, world->arena, S(ID_A ".c"), &row, &err), 1);
    assert_span(row.fault, "given up, its time is over; the last try: no answer");
    assert_int_equal(row.ended, 130);
}

static void who_is_forgotten_is_told_of_no_more(struct world *world)
{
    struct span kept;
    struct err err;
    struct forgotten counts;
    keep(world, ID_A, 'a', "a b", 100, &kept);
    keep(world, ID_B, 'b', "a", 100, &kept);
    assert_true(record_settle(world->store, 0, &err) >= 2);
    struct store_query query = {.table = "record", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(S(ID_A))))};
    assert_int_equal(store_update(world->store, &query, &(struct store_change){"from_address", STORE_SET, STORE_WORDS(S("x@y.example"))}, 1, &err), 1);
    assert_int_equal(record_forget(world->store, S("x@y.example"), true, &counts, &err), 0);
    assert_int_equal(counted(world).waiting, 3);
    assert_int_equal(record_forget(world->store, S("x@y.example"), false, &counts, &err), 0);
    assert_int_equal(counted(world).waiting, 1);
}

static void all_of_it(void **state)
{
    static void (*const tests[])(struct world *) = {with_the_record_and_once, lanes_in_their_order, what_came_of_them, what_an_operator_does, what_is_over_goes,
                                                    who_is_forgotten_is_told_of_no_more};
    char path[64] = "";
    for (size_t i = 0; i < 2 * sizeof tests / sizeof *tests; i++) {
        snprintf(path, sizeof path, "/tmp/sekimori-outbox-%d", (int)getpid());
        struct world world = world_new(i % 2 ? path : "memory:");
        tests[i / 2](&world);
        world_free(&world);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_of_it), cmocka_unit_test(who_waits_costs_who_is_served_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
