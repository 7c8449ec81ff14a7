/* Messages dealt out to judges that are nothing but the other ends of their channels. */
#include "exact.h"
#include "role/inner.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { JUDGES = 3 };

static struct channel *judges[JUDGES];
static struct marks *marks[JUDGES];
static unsigned done, errors, killed, lost, died, begun_with, retired;

static void on_done(void *context, uint32_t serial, const struct scan_result *result)
{
    done++;
    errors += result->error.len != 0;
    killed += result->killed;
    lost += result->lost;
}

static void on_died(void *context, uint32_t id, size_t held, size_t begun, const char *why)
{
    died++;
    begun_with += begun;
}

static void on_retired(void *context, uint32_t id)
{
    retired++;
}

static void on_other(void *context, uint32_t id, const struct frame *frame)
{
}

static void judge_seat(struct deal *deal, uint32_t id)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    judges[id] = channel_new(ends[1], FRAME_MOST);
    deal_seat(deal, id, channel_new(ends[0], FRAME_MOST));
}

static struct deal *deal_begin(struct judge_settings *settings)
{
    judge_settings_default(settings);
    settings->slots = 2;
    done = errors = killed = lost = died = begun_with = retired = 0;
    struct deal *deal = deal_new(settings, &(struct deal_calls){on_done, on_died, on_retired, on_other, NULL});
    for (uint32_t i = 0; i < JUDGES; i++)
        judge_seat(deal, i);
    return deal;
}

static void deal_end(struct deal *deal)
{
    deal_free(&deal);
    for (int i = 0; i < JUDGES; i++) {
        channel_free(&judges[i]);
        marks_free(&marks[i]);
    }
}

static void give(struct deal *deal, uint32_t serial)
{
    struct scan_job job = {.fd = memfd_create("message", MFD_CLOEXEC), .length = 1};
    deal_give(deal, serial, &job);
}

/* What that judge was given since it was looked at last: the serial of the last message, and how many. */
static unsigned given(int judge, uint32_t *serial)
{
    struct frame frame;
    struct err err;
    unsigned count = 0;
    while (channel_receive(judges[judge], &frame, &err) == CHANNEL_FRAME) {
        *serial = frame.serial;
        close(frame.fd);
        count++;
    }
    return count;
}

static void begins(int judge, size_t slot, uint32_t serial)
{
    struct err err;
    if (!marks[judge]) {
        marks[judge] = marks_new(2);
        assert_int_equal(channel_send(judges[judge], FRAME_MARKS, 0, (struct span){0}, dup(marks_fd(marks[judge])), &err), 0);
    }
    marks_begin(marks[judge], slot, serial);
}

static void dies(struct deal *deal, int judge)
{
    channel_free(&judges[judge]);
    deal_turn(deal);
}

static void finish(struct deal *deal, int judge, uint32_t serial)
{
    struct err err;
    assert_int_equal(channel_send(judges[judge], FRAME_FAILED, serial, S("x"), -1, &err), 0);
    deal_turn(deal);
}

static void messages_go_to_who_holds_least(void **state)
{
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    uint32_t serial;
    for (uint32_t i = 0; i < 2 * JUDGES; i++) {
        assert_true(deal_has_room(deal));
        give(deal, i);
    }
    assert_false(deal_has_room(deal));
    for (int i = 0; i < JUDGES; i++)
        assert_int_equal(given(i, &serial), 2);
    finish(deal, 1, 1);
    assert_int_equal(done, 1);
    assert_true(deal_has_room(deal));
    deal_end(deal);
}

/* Of what a judge has not begun with it is given a few; the rest waits for whoever is free first. Who is not looked at is filled up. */
static void none_waits_behind_a_long_one(void **state)
{
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    uint32_t serial;
    enum { AHEAD = 8 };
    settings.slots = 4 * AHEAD;
    for (int i = 0; i < JUDGES; i++) {
        begins(i, 0, 1000); /* tells its marks */
        marks_end(marks[i], 0);
    }
    deal_turn(deal);
    for (uint32_t i = 0; i < AHEAD * JUDGES; i++) {
        assert_true(deal_look(deal));
        assert_true(deal_has_room(deal));
        give(deal, i);
    }
    assert_true(deal_look(deal)); /* there will be room */
    assert_false(deal_has_room(deal));
    begins(1, 0, 1);
    assert_false(deal_has_room(deal)); /* nobody looked */
    assert_true(deal_look(deal) && deal_has_room(deal));
    for (int i = 0; i < JUDGES; i++)
        assert_int_equal(given(i, &serial), AHEAD);
    give(deal, 100);
    assert_int_equal(given(1, &serial), 1);
    assert_true(deal_look(deal));
    assert_false(deal_has_room(deal));
    deal_end(deal);
}

/* The message waits until some are closed; it is not said to be one that cannot be judged. */
static void where_no_more_files_may_be_open_a_message_waits(void **state)
{
    struct judge_settings settings;
    struct rlimit before, none;
    struct deal *deal = deal_begin(&settings);
    struct scan_job job = {.fd = memfd_create("message", MFD_CLOEXEC), .length = 1};
    uint32_t serial = 0;
    struct frame frame;
    struct err err;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    deal_give(deal, 7, &job);
    deal_turn(deal);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (int i = 0; i < JUDGES; i++)
        assert_int_equal(channel_receive(judges[i], &frame, &err), CHANNEL_LATER);
    assert_int_equal(deal_holds(deal), 1);
    deal_turn(deal);
    assert_int_equal(given(0, &serial) + given(1, &serial) + given(2, &serial), 1);
    assert_int_equal(serial, 7);
    assert_int_equal(done, 0);
    deal_end(deal);
}

/* One judge runs empty for the message that must be alone; whoever else comes goes to the others meanwhile. */
static void who_must_be_alone_stops_nobody_else(void **state)
{
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    uint32_t serial;
    for (uint32_t i = 0; i < 3; i++)
        give(deal, i);
    given(0, &serial);
    given(1, &serial);
    begins(2, 0, 2);
    dies(deal, 2);
    assert_int_equal(died, 1);
    assert_true(deal_has_room(deal));
    give(deal, 3);
    assert_false(deal_has_room(deal)); /* the one is full, and the other runs empty */
    int full = given(0, &serial) || !given(1, &serial) ? 0 : 1, empty = 1 - full;
    assert_int_equal(serial, 3);
    assert_int_equal(given(empty, &serial), 0);
    finish(deal, empty, (uint32_t)empty);
    assert_int_equal(given(empty, &serial), 1);
    assert_int_equal(serial, 2);
    assert_false(deal_has_room(deal)); /* it is alone */
    finish(deal, empty, 2);
    assert_true(deal_has_room(deal));
    assert_int_equal(errors, 2);
    deal_end(deal);
}

static void who_kills_twice_is_given_up(void **state)
{
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    give(deal, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(done, 0);
        begins(i, 1, 0);
        dies(deal, i);
    }
    assert_int_equal(done, 1);
    assert_int_equal(killed, 1);
    assert_int_equal(lost, 0);
    assert_int_equal(died, 2);
    assert_int_equal(begun_with, 2);
    assert_int_equal(deal_holds(deal), 0);
    deal_end(deal);
}

/* Judges that were dead when they got it, that had begun with another, or that were through with it. */
static void who_was_not_begun_with_is_not_blamed(void **state)
{
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    uint32_t serial;
    give(deal, 5);
    begins(0, 0, 5);
    dies(deal, 0); /* the one death that counts */
    begins(1, 0, 7);
    begins(1, 1, 5);
    marks_end(marks[1], 1);
    dies(deal, 1);
    assert_int_equal(begun_with, 1);
    dies(deal, 2); /* which told no marks at all */
    assert_int_equal(died, 3);
    assert_int_equal(done, 0);
    judge_seat(deal, 2);
    deal_turn(deal);
    assert_int_equal(given(2, &serial), 1);
    assert_int_equal(serial, 5);
    assert_false(deal_has_room(deal)); /* it is alone, as one death bids */
    finish(deal, 2, 5);
    assert_int_equal(done, 1);
    assert_int_equal(killed + lost, 0);
    deal_end(deal);
}

static void who_was_not_begun_with_need_not_be_alone(void **state)
{
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    uint32_t serial;
    for (uint32_t i = 0; i < 4; i++)
        give(deal, i);
    for (int i = 1; i < JUDGES; i++)
        given(i, &serial);
    dies(deal, 0); /* it had messages 0 and 3, beside the others' one each */
    assert_int_equal(begun_with, 0);
    assert_int_equal(given(1, &serial) + given(2, &serial), 2);
    assert_int_equal(done, 0);
    deal_end(deal);
}

/* It is not given out for ever, either. */
static void who_is_never_begun_with_is_given_up_at_last(void **state)
{
    enum { JUDGES_LOST = 16 };
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    give(deal, 1);
    for (int i = 1; i < JUDGES; i++)
        dies(deal, i);
    for (int i = 0; i < JUDGES_LOST; i++) {
        assert_int_equal(done, 0);
        dies(deal, 0);
        judge_seat(deal, 0);
        deal_turn(deal);
    }
    assert_int_equal(done, 1);
    assert_int_equal(lost, 1);
    assert_int_equal(killed, 0);
    deal_end(deal);
}

static void what_is_no_memory_is_not_believed(void **state)
{
    int ends[2];
    struct err err;
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    give(deal, 1);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(channel_send(judges[0], FRAME_MARKS, 0, (struct span){0}, ends[0], &err), 0);
    close(ends[1]);
    dies(deal, 0);
    assert_int_equal(begun_with, 1);
    deal_end(deal);
}

static void the_retired_finish_and_go(void **state)
{
    struct judge_settings settings;
    struct deal *deal = deal_begin(&settings);
    uint32_t serial;
    give(deal, 7);
    int holder = given(0, &serial) ? 0 : given(1, &serial) ? 1 : 2;
    for (uint32_t i = 0; i < JUDGES; i++)
        deal_retire(deal, i);
    assert_int_equal(retired, JUDGES - 1);
    assert_int_equal(deal_seats(deal), 0);
    assert_false(deal_has_room(deal));
    finish(deal, holder, 7);
    assert_int_equal(retired, JUDGES);
    assert_int_equal(done, 1);
    deal_end(deal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_waits_behind_a_long_one),
        cmocka_unit_test(messages_go_to_who_holds_least), cmocka_unit_test(who_must_be_alone_stops_nobody_else),
        cmocka_unit_test(who_kills_twice_is_given_up), cmocka_unit_test(who_was_not_begun_with_is_not_blamed),
        cmocka_unit_test(who_was_not_begun_with_need_not_be_alone), cmocka_unit_test(who_is_never_begun_with_is_given_up_at_last),
        cmocka_unit_test(where_no_more_files_may_be_open_a_message_waits), cmocka_unit_test(what_is_no_memory_is_not_believed), cmocka_unit_test(the_retired_finish_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
