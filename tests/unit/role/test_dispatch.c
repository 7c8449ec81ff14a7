/* Which job is handed out when, and what is noted of it. */
#include "exact.h"
#include "record/outbox.h"
#include "role/dispatch.h"
#include "role/errand.h"
#include "role/inner.h"

#include <sys/socket.h>

static const struct outbox_settings settings = {.wait_seconds = 10, .wait_most_seconds = 60, .keep_seconds = 1000, .at_once = 2};

struct world {
    struct arena *arena;
    struct store *store;
    struct dispatch *dispatch;
    struct channel *keeper, *courier;
    int64_t wall;
    struct moment at;
};

static void courier_new(struct world *world)
{
    int ends[2];
    struct err err;
    channel_free(&world->keeper);
    channel_free(&world->courier);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    world->keeper = channel_new(ends[0], FRAME_MOST);
    world->courier = channel_new(ends[1], FRAME_MOST);
    dispatch_courier(world->dispatch, world->keeper, world->at);
    assert_int_equal(channel_send(world->courier, FRAME_TAKES, 100, (struct span){0}, -1, &err), 0);
}

static struct world *world_new(void)
{
    struct arena *arena = arena_new((size_t)1 << 26);
    struct world *world = arena_one(arena, struct world);
    struct err err;
    world->arena = arena;
    if (store_open("memory:", record_schema(), NULL, &world->store, &err) < 0)
        fail_msg("%s", err.text);
    world->dispatch = dispatch_new(world->store, &settings);
    world->at = (struct moment){1000000, world->wall = 1800000000, 1800000000};
    courier_new(world);
    return world;
}

static void world_free(struct world *world)
{
    struct arena *arena = world->arena;
    dispatch_free(&world->dispatch);
    channel_free(&world->keeper);
    channel_free(&world->courier);
    store_close(&world->store);
    arena_free(&arena);
}

static void job_put(struct world *world, const char *lane, int number, int64_t made)
{
    struct err err;
    struct span job = arena_print(world->arena, "%s%d", lane, number);
    struct store_value row[] = {STORE_WORDS(job), STORE_WORDS(S("id")), STORE_WORDS(span_of(lane)), STORE_WORDS(S("webhook")), STORE_INT(JOB_WAITING), STORE_INT(made),
                                STORE_INT(made), STORE_INT(0), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_INTEGER), STORE_BLOB(S("{}"))};
    assert_int_equal(store_insert(world->store, "outbox", row, STORE_FAIL, &err), 1);
}

/* What the courier said goes to the keeper; time passes; what was handed out: names, blank separated. serials by their order. */
static uint32_t serials[16];
static const char *turn(struct world *world, int64_t seconds)
{
    struct frame frame;
    struct err err;
    struct errand errand;
    struct buf out = {.arena = world->arena};
    size_t count = 0;
    while (channel_receive(world->keeper, &frame, &err) == CHANNEL_FRAME)
        dispatch_frame(world->dispatch, &frame, world->at);
    bool believed = world->at.believed == world->wall;
    world->wall += seconds;
    world->at = (struct moment){world->at.now + seconds * 1000, world->wall, believed ? world->wall : world->at.believed};
    dispatch_hurry(world->dispatch);
    dispatch_turn(world->dispatch, world->at);
    dispatch_turn(world->dispatch, world->at);
    while (channel_receive(world->courier, &frame, &err) == CHANNEL_FRAME) {
        assert_int_equal(errand_unpack(world->arena, arena_copy(world->arena, frame.bytes), &errand), 0);
        assert_span(errand.bytes, "{}");
        serials[count++] = frame.serial;
        buf_print(&out, "%s%.*s", out.len ? " " : "", SPAN_FMT(errand.job));
    }
    return arena_copy(world->arena, buf_span(&out)).at;
}

static void end(struct world *world, uint32_t serial, struct errand_end how)
{
    struct err err;
    struct buf bytes = {.arena = world->arena};
    errand_end_pack(&bytes, &how);
    assert_int_equal(channel_send(world->courier, FRAME_DONE, serial, buf_span(&bytes), -1, &err), 0);
}

static struct job_row row_of(struct world *world, const char *job)
{
    struct job_row row;
    struct err err;
    assert_int_equal(outbox_read(world->store, world->arena, span_of(job), &row, &err), 1);
    return row;
}

#define DONE         ((struct errand_end){.how = ERRAND_DONE})
#define FAILED       ((struct errand_end){.how = ERRAND_FAILED, .fault = S("no")})
#define LATER        ((struct errand_end){.how = ERRAND_LATER, .fault = S("busy")})
#define AWAY         ((struct errand_end){.how = ERRAND_LATER, .lane = true, .fault = S("away")})
#define AFTER(n)     ((struct errand_end){.how = ERRAND_LATER, .after = (n), .fault = S("busy")})

static void some_of_each_lane_at_a_time(struct world *world)
{
    for (int i = 0; i < 4; i++)
        job_put(world, "a", i, world->wall - 10 + i);
    job_put(world, "b", 0, world->wall);
    job_put(world, "c", 0, world->wall + 100);
    assert_string_equal(turn(world, 0), "a0 a1 b0");
    assert_string_equal(turn(world, 0), "");
    end(world, serials[0], DONE);
    assert_string_equal(turn(world, 0), "a2");
    assert_int_equal(row_of(world, "a0").state, JOB_DONE);
    assert_int_equal(dispatch_holds(world->dispatch), 3);
    end(world, serials[0], FAILED);
    end(world, serials[0], DONE); /* it has ended already */
    end(world, 4711, DONE);
    assert_string_equal(turn(world, 0), "a3");
    assert_int_equal(row_of(world, "a2").state, JOB_FAILED);
    assert_span(row_of(world, "a2").fault, "no");
    assert_string_equal(turn(world, 100), "c0");
}

static void a_job_that_fails_for_now_waits_alone(struct world *world)
{
    for (int i = 0; i < 3; i++)
        job_put(world, "a", i, world->wall - 10 + i);
    assert_string_equal(turn(world, 0), "a0 a1");
    end(world, serials[0], LATER);
    assert_string_equal(turn(world, 0), "a2");
    end(world, serials[0], DONE);
    assert_string_equal(turn(world, 6), "");
    int64_t wait = row_of(world, "a0").due - (world->wall - 6);
    assert_in_range(wait, 7, 14);
    assert_string_equal(turn(world, 8), "a0");
    for (int tries = 2; tries < 8; tries++) { /* twice as long each time, up to the longest */
        int64_t meant = 10 << (tries - 1) < 60 ? 10 << (tries - 1) : 60, before = world->wall;
        end(world, serials[0], LATER);
        turn(world, 0);
        assert_int_equal(row_of(world, "a0").tries, tries);
        assert_in_range(row_of(world, "a0").due - before, meant * 3 / 4, meant * 5 / 4 + 2);
        assert_string_equal(turn(world, 100), "a0");
    }
    end(world, serials[0], AFTER(55));
    turn(world, 0);
    assert_true(row_of(world, "a0").due >= world->wall + 55);
}

static void a_receiver_that_is_away_rests(struct world *world)
{
    for (int i = 0; i < 5; i++)
        job_put(world, "a", i, world->wall - 10 + i);
    job_put(world, "b", 0, world->wall);
    assert_string_equal(turn(world, 0), "a0 a1 b0");
    uint32_t b = serials[2];
    end(world, serials[0], AWAY);
    end(world, serials[1], AWAY); /* of the same fault: it counts once */
    assert_string_equal(turn(world, 5), "");
    end(world, b, DONE);
    job_put(world, "b", 1, world->wall);
    assert_string_equal(turn(world, 0), "b1"); /* others are not touched */
    assert_string_equal(turn(world, 9), "a2"); /* one alone, and not the one that failed */
    struct err err;
    assert_int_equal(outbox_retry(world->store, S("a4"), world->wall, &err), 1);
    assert_string_equal(turn(world, 0), "");
    end(world, serials[0], AWAY);
    assert_string_equal(turn(world, 0), "a4"); /* an operator said so */
    end(world, serials[0], DONE);
    assert_true(span_starts(span_of(turn(world, 30)), S("a3 a"))); /* and one of those that failed, by chance */
}

static void what_a_courier_was_at_is_done_again(struct world *world)
{
    for (int i = 0; i < 3; i++)
        job_put(world, "a", i, world->wall - 10 + i);
    assert_string_equal(turn(world, 0), "a0 a1");
    dispatch_courier(world->dispatch, NULL, world->at);
    assert_int_equal(dispatch_turn(world->dispatch, world->at) > world->at.now, true);
    courier_new(world);
    assert_string_equal(turn(world, 0), "a2"); /* first what was not there when it died */
    assert_int_equal(row_of(world, "a0").tries, 1);
    assert_span(row_of(world, "a0").fault, "the courier ended while it was at it");
    end(world, serials[0], DONE);
    assert_int_equal(strlen(turn(world, 20)), strlen("a0 a1"));
}

static void a_job_has_its_time(struct world *world)
{
    job_put(world, "a", 0, world->wall - 999);
    job_put(world, "a", 1, world->wall - 1001);
    assert_string_equal(turn(world, 0), "a1 a0"); /* each is tried once, however old */
    end(world, serials[0], LATER);
    end(world, serials[1], DONE);
    assert_string_equal(turn(world, 0), "");
    assert_int_equal(row_of(world, "a1").state, JOB_FAILED); /* at once, and not with the next sweep */
    assert_string_equal(turn(world, 100), "");
    assert_span(row_of(world, "a1").fault, "given up, its time is over; the last try: busy");
    uint64_t numbers[TALLY_COUNT];
    dispatch_tally(world->dispatch, world->wall, numbers);
    assert_true(numbers[TALLY_JOBS_WAITING] == 0 && numbers[TALLY_JOBS_FAILED] == 1 && numbers[TALLY_JOBS_DONE] == 1 && numbers[TALLY_JOBS_OLDEST] == 0);
}

static void a_clock_that_is_not_believed_gives_up_nothing(struct world *world)
{
    job_put(world, "a", 0, world->wall - 999);
    job_put(world, "b", 0, world->wall);
    world->at.believed--; /* it stands from now on */
    assert_string_equal(turn(world, 100000000), "a0 b0");
    end(world, serials[0], LATER);
    end(world, serials[1], DONE);
    assert_string_equal(turn(world, 0), "");
    assert_int_equal(row_of(world, "a0").state, JOB_WAITING);
    assert_string_equal(turn(world, 100), "a0");
    assert_int_equal(row_of(world, "b0").state, JOB_DONE); /* it went nowhere either */
}

/* The clock was a year ahead when a try failed, and was set right since. */
static void a_clock_that_was_ahead_keeps_nothing_back(struct world *world)
{
    enum { YEAR = 365 * 86400 };
    assert_string_equal(turn(world, YEAR), "");
    job_put(world, "a", 0, world->wall);
    assert_string_equal(turn(world, 0), "a0");
    end(world, serials[0], LATER);
    assert_string_equal(turn(world, 0), "");
    job_put(world, "a", 1, world->wall); /* made by that clock */
    job_put(world, "a", 2, world->wall - YEAR + 120); /* as a wait may be */
    world->wall -= YEAR;
    assert_string_equal(turn(world, 0), "a1 a0");
    assert_string_equal(turn(world, 0), "");
    end(world, serials[0], LATER);
    end(world, serials[1], AWAY);
    assert_string_equal(turn(world, 0), "");
    assert_true(row_of(world, "a0").due <= world->wall + 120 && row_of(world, "a1").due <= world->wall + 120);
    assert_int_equal(strlen(turn(world, 60)), 2); /* the lane is at fault: one alone */
}

static void a_courier_that_takes_none_gets_none(struct world *world)
{
    struct err err;
    job_put(world, "a", 0, world->wall);
    job_put(world, "b", 0, world->wall);
    assert_int_equal(channel_send(world->courier, FRAME_TAKES, 0, (struct span){0}, -1, &err), 0);
    assert_string_equal(turn(world, 0), "");
    assert_int_equal(channel_send(world->courier, FRAME_TAKES, 1, (struct span){0}, -1, &err), 0);
    assert_string_equal(turn(world, 0), "a0");
}

/* Both ends are one binary; a frame cut short is refused all the same. */
static void what_travels_is_whole(struct world *world)
{
    struct buf errands = {.arena = world->arena}, ends = {.arena = world->arena}, known = {.arena = world->arena};
    struct errand errand;
    struct errand_end how;
    struct courier_settings told = {.deadline_ms = 77}, got;
    *vec_push(world->arena, &told.destinations) = (struct destination){.name = S("desk"), .kind = S("webhook"), .url = S("http://x/"), .tls = DESTINATION_TLS_MUST};
    *vec_push(world->arena, &told.destinations.at[0].program) = S("/bin/true");
    errand_pack(&errands, &(struct errand){S("j"), S("lane"), S("webhook"), S("{}"), 3});
    errand_end_pack(&ends, &AWAY);
    courier_settings_pack(&known, &told);
    for (size_t len = 0; len <= known.len; len++) {
        struct span cut = exact_bytes(known.at, len);
        assert_int_equal(courier_settings_unpack(world->arena, cut, &got), len == known.len ? 0 : -1);
        free((void *)(uintptr_t)cut.at);
    }
    assert_true(got.deadline_ms == 77 && got.destinations.at[0].tls == DESTINATION_TLS_MUST);
    assert_span(got.destinations.at[0].program.at[0], "/bin/true");
    for (size_t len = 0; len < errands.len; len++)
        assert_int_equal(errand_unpack(world->arena, (struct span){errands.at, len}, &errand), -1);
    for (size_t len = 0; len < ends.len; len++)
        assert_int_equal(errand_end_unpack(world->arena, (struct span){ends.at, len}, &how), -1);
    assert_int_equal(errand_end_unpack(world->arena, buf_span(&ends), &how), 0);
    assert_true(how.how == ERRAND_LATER && how.lane && span_eq(how.fault, S("away")));
}

#define TEST(name)                                                                                                     \
    static void test_##name(void **state)                                                                             \
    {                                                                                                                  \
        struct world *world = world_new();                                                                             \
        name(world);                                                                                                   \
        world_free(world);                                                                                             \
    }
TEST(some_of_each_lane_at_a_time)
TEST(a_job_that_fails_for_now_waits_alone)
TEST(a_receiver_that_is_away_rests)
TEST(what_a_courier_was_at_is_done_again)
TEST(a_job_has_its_time)
TEST(a_clock_that_is_not_believed_gives_up_nothing)
TEST(a_clock_that_was_ahead_keeps_nothing_back)
TEST(a_courier_that_takes_none_gets_none)
TEST(what_travels_is_whole)

static int prepared;
static int prepare(void *context, struct arena *arena, const struct job_row *row, struct errand *errand, int *fd, struct err *err)
{
    err_set(err, "so many files are open");
    return prepared;
}

static void what_cannot_be_handed_out_now_waits_and_what_never_can_ends(void **state)
{
    static const struct { int prepared; enum job_state state; const char *out; } cases[] = {{0, JOB_WAITING, "a1"}, {-1, JOB_WAITING, ""}, {PREPARE_NEVER, JOB_FAILED, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *world = world_new();
        dispatch_prepares(world->dispatch, prepare, NULL);
        prepared = cases[i].prepared;
        job_put(world, "a", 1, world->wall);
        assert_string_equal(turn(world, 0), cases[i].out);
        assert_int_equal(row_of(world, "a1").state, cases[i].state);
        prepared = 0;
        assert_string_equal(turn(world, 60), cases[i].prepared == -1 ? "a1" : "");
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_handed_out_now_waits_and_what_never_can_ends), cmocka_unit_test(test_some_of_each_lane_at_a_time),     cmocka_unit_test(test_a_job_that_fails_for_now_waits_alone),
        cmocka_unit_test(test_a_receiver_that_is_away_rests),   cmocka_unit_test(test_what_a_courier_was_at_is_done_again),
        cmocka_unit_test(test_a_clock_that_is_not_believed_gives_up_nothing), cmocka_unit_test(test_a_job_has_its_time),              cmocka_unit_test(test_a_courier_that_takes_none_gets_none),
        cmocka_unit_test(test_what_travels_is_whole),           cmocka_unit_test(test_a_clock_that_was_ahead_keeps_nothing_back),
    };
    log_begin(ROLE_KEEPER, LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
