/* dns: the loop that libunbound drives: timers in order, descriptors, events that are freed while others wait. */
#include "exact.h"
#include "dns/loop.h"

#include <poll.h>
#include <sys/time.h>
#include <unbound-event.h>
#include <unistd.h>

enum { TIMERS = 200 };

struct seen {
    struct ub_event *event;
    struct timeval delay;
    int64_t earliest, latest; /* between which a timer is due */
    unsigned fired;
    short bits;
    struct seen *frees; /* taken out by this one's callback */
};

static struct dns_loop *loop;
static const struct seen *last_fired;

static void event_end(struct seen *seen)
{
    if (seen->event)
        seen->event->vmt->free(seen->event);
    seen->event = NULL;
}

static void note(int fd, short bits, void *context)
{
    struct seen *seen = context;
    char byte;
    seen->fired++;
    seen->bits = bits;
    last_fired = seen;
    if (bits & UB_EV_READ)
        assert_int_equal(read(fd, &byte, 1), 1);
    if (seen->frees)
        event_end(seen->frees);
}

static void timer_note(int fd, short bits, void *context)
{
    struct seen *seen = context;
    assert_int_equal(bits, UB_EV_TIMEOUT);
    assert_true(!last_fired || last_fired->earliest <= seen->latest);
    note(fd, bits, context);
}

static void event_make(struct seen *seen, int fd, short bits, void (*call)(int, short, void *))
{
    struct ub_event_base *base = dns_loop_base(loop);
    seen->event = base->vmt->new_event(base, fd, bits, call, seen);
    assert_non_null(seen->event);
}

static void run_for(int ms)
{
    int64_t until = dns_loop_now() + 1000 * (int64_t)ms;
    while (dns_loop_now() < until) {
        struct pollfd ready = {dns_loop_fd(loop), POLLIN, 0};
        int64_t wait = dns_loop_next(loop) == INT64_MAX ? ms : (dns_loop_next(loop) - dns_loop_now() + 999) / 1000;
        poll(&ready, 1, wait < 0 ? 0 : wait > ms ? ms : (int)wait);
        dns_loop_run(loop);
    }
}

static void timers_fire_in_order(void **state)
{
    static struct seen timers[TIMERS];
    memset(timers, 0, sizeof timers);
    last_fired = NULL;
    for (unsigned i = 0; i < TIMERS; i++) {
        timers[i].delay.tv_usec = 20000 + (i * 73 % TIMERS) * 1000;
        event_make(&timers[i], -1, UB_EV_TIMEOUT, timer_note);
        timers[i].earliest = dns_loop_now() + timers[i].delay.tv_usec;
        assert_int_equal(timers[i].event->vmt->add(timers[i].event, &timers[i].delay), 0);
        timers[i].latest = dns_loop_now() + timers[i].delay.tv_usec;
    }
    for (unsigned i = 0; i < TIMERS; i += 3)
        timers[i].event->vmt->del(timers[i].event);
    run_for(300);
    for (unsigned i = 0; i < TIMERS; i++) {
        assert_int_equal(timers[i].fired, i % 3 ? 1 : 0);
        event_end(&timers[i]);
    }
    assert_true(dns_loop_next(loop) == INT64_MAX);
}

static void descriptors(void **state)
{
    int lasting[2], once[2];
    struct seen a = {0}, b = {0};
    assert_int_equal(pipe(lasting), 0);
    assert_int_equal(pipe(once), 0);
    event_make(&a, lasting[0], UB_EV_READ | UB_EV_PERSIST, note);
    event_make(&b, once[0], UB_EV_READ, note);
    a.event->vmt->add(a.event, NULL);
    b.event->vmt->add(b.event, NULL);
    assert_int_equal(write(lasting[1], "xx", 2), 2);
    assert_int_equal(write(once[1], "xx", 2), 2);
    run_for(20);
    assert_int_equal(a.fired, 2);
    assert_int_equal(b.fired, 1);
    assert_int_equal(a.bits, UB_EV_READ);
    event_end(&a);
    event_end(&b);
    for (int i = 0; i < 2; i++) {
        close(lasting[i]);
        close(once[i]);
    }
}

static void an_event_may_free_another_that_is_ready(void **state)
{
    int ends[2][2];
    struct seen seen[2] = {0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(ends[i]), 0);
        event_make(&seen[i], ends[i][0], UB_EV_READ | UB_EV_PERSIST, note);
        seen[i].frees = &seen[1 - i];
        seen[i].event->vmt->add(seen[i].event, NULL);
        assert_int_equal(write(ends[i][1], "x", 1), 1);
    }
    run_for(10);
    assert_int_equal(seen[0].fired + seen[1].fired, 1);
    for (int i = 0; i < 2; i++) {
        event_end(&seen[i]);
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

static void a_descriptor_with_a_patience(void **state)
{
    int ends[2];
    struct seen seen = {0};
    struct timeval patience = {0, 20000};
    assert_int_equal(pipe(ends), 0);
    event_make(&seen, ends[0], UB_EV_READ | UB_EV_TIMEOUT, note);
    seen.event->vmt->add(seen.event, &patience);
    run_for(60);
    assert_int_equal(seen.fired, 1);
    assert_int_equal(seen.bits, UB_EV_TIMEOUT);
    event_end(&seen);
    close(ends[0]);
    close(ends[1]);
}

/* Each event of a lasting one begins its patience anew, the end of a patience too. */
static void a_lasting_patience(void **state)
{
    int ends[2];
    struct seen seen = {0};
    struct timeval patience = {0, 50000};
    assert_int_equal(pipe(ends), 0);
    event_make(&seen, ends[0], UB_EV_READ | UB_EV_TIMEOUT | UB_EV_PERSIST, note);
    seen.event->vmt->add(seen.event, &patience);
    int64_t due = dns_loop_next(loop);
    usleep(1000);
    assert_int_equal(write(ends[1], "x", 1), 1);
    dns_loop_run(loop);
    assert_int_equal(seen.fired, 1);
    assert_true(dns_loop_next(loop) > due);
    while (seen.fired < 3)
        run_for(10);
    assert_int_equal(seen.bits, UB_EV_TIMEOUT);
    event_end(&seen);
    assert_true(dns_loop_next(loop) == INT64_MAX);
    close(ends[0]);
    close(ends[1]);
}

static int setup(void **state)
{
    struct err err;
    return dns_loop_open(&loop, &err);
}

static int teardown(void **state)
{
    dns_loop_close(&loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order),
        cmocka_unit_test(descriptors),
        cmocka_unit_test(an_event_may_free_another_that_is_ready),
        cmocka_unit_test(a_descriptor_with_a_patience),
        cmocka_unit_test(a_lasting_patience),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
