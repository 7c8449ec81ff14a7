#include "door/loop.h"

#include <poll.h>

enum { WAIT_MOST = 1024, SWEEP_MS = 1000, DRAIN_LOOK_MS = 50 };

struct loop {
    const struct loop_calls *calls;
    void *context;
    struct flow *flow;
    int64_t sweep_due, draining_since;
};

/* True: everything that was begun is done, or had its time. */
static bool drained(struct loop *loop, int64_t now)
{
    if (!flow_is_draining(loop->flow))
        return false;
    if (!loop->draining_since) {
        loop->draining_since = now;
        loop->calls->close(loop->context);
    }
    size_t busy = loop->calls->busy(loop->context);
    bool late = now - loop->draining_since > 1000 * (int64_t)flow_settings(loop->flow)->drain_seconds;
    if (late && busy)
        log_event(LEVEL_WARNING, "not-drained", "%zu messages that were not whole, or took too long, are dropped", busy);
    return late || !busy;
}

static void loop_wait(struct loop *loop)
{
    struct pollfd wait[WAIT_MOST];
    int wait_ms = flow_is_draining(loop->flow) ? DRAIN_LOOK_MS : SWEEP_MS;
    size_t own = loop->calls->wait(loop->context, wait, WAIT_MOST / 2, &wait_ms);
    size_t channels = flow_wait(loop->flow, wait + own, WAIT_MOST - own, &wait_ms);
    if (poll(wait, own + channels, wait_ms) >= 0)
        flow_waited(loop->flow, wait + own, channels);
}

void loop_run(int fd, enum role role, const struct loop_calls *calls, struct flow **flow)
{
    struct loop loop = {.calls = calls, .context = calls->flow.context};
    loop.flow = *flow = flow_new(fd, role, &calls->flow);
    while (flow_turn(loop.flow)) {
        int64_t now = clock_ms();
        calls->turn(loop.context, now);
        if (now >= loop.sweep_due) {
            calls->sweep(loop.context, now);
            loop.sweep_due = now + SWEEP_MS;
        }
        if (drained(&loop, now))
            return;
        loop_wait(&loop);
    }
}
