/* Messages dealt out to judges that are nothing but the other ends of their channels. */
#include "exact.h"
#include "role/inner.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { JUDGES = 3 };

static struct channel *judges[JUDGES];
static unsigned done, errors, died, retired;

static void on_done(void *context, uint32_t serial, const struct scan_result *result)
{
    done++;
    errors += result->error.len != 0;
}

static void on_died(void *context, uint32_t id, size_t held, const char *why)
{
    died++;
}

static void on_retired(void *context, uint32_t id)
{
    retired++;
}

static void on_other(void *context, uint32_t id, const struct frame *frame)
{
}

static struct deal *deal_begin(struct judge_settings *settings)
{
    judge_settings_default(settings);
    settings->slots = 2;
    done = errors = died = retired = 0;
    struct deal *deal = deal_new(settings, &(struct deal_calls){on_done, on_died, on_retired, on_other, NULL});
    for (uint32_t i = 0; i < JUDGES; i++) {
        int ends[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        judges[i] = channel_new(ends[1], FRAME_MOST);
        deal_seat(deal, i, channel_new(ends[0], FRAME_MOST));
    }
    return deal;
}

static void deal_end(struct deal *deal)
{
    deal_free(&deal);
    for (int i = 0; i < JUDGES; i++)
        channel_free(&judges[i]);
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
    channel_free(&judges[2]); /* dies of message 2 */
    deal_turn(deal);
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
    give(deal, 1);
    for (int i = 0; i < 2; i++) {
        channel_free(&judges[i]);
        deal_turn(deal);
        deal_turn(deal);
    }
    assert_int_equal(done, 1);
    assert_int_equal(errors, 1);
    assert_int_equal(died, 2);
    assert_int_equal(deal_holds(deal), 0);
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
        cmocka_unit_test(messages_go_to_who_holds_least), cmocka_unit_test(who_must_be_alone_stops_nobody_else),
        cmocka_unit_test(who_kills_twice_is_given_up), cmocka_unit_test(the_retired_finish_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
