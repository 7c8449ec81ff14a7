/* mta: the milter door: one process, one thread, one epoll for all connections; a connection is not read while its message is judged. */
#include "door/door.h"
#include "door/mta.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { WAIT_MOST = 1024, EVENTS = 256, SWEEP_MS = 1000, SCRATCH_MOST = 1 << 20, DRAIN_LOOK_MS = 50 };

/* ---- the loop */
static void events_take(struct mta *mta)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(mta->epoll, events, EVENTS, 0);
    for (int i = 0; i < count; i++) /* no event ends another session than its own, nor any gate */
        if (events[i].data.u64 & 1)
            mta_gate_take((struct mta_gate *)(uintptr_t)(events[i].data.u64 & ~UINT64_C(1)));
        else
            session_event(events[i].data.ptr, events[i].events);
}

static void woken_take(struct mta *mta)
{
    while (mta->woken) {
        struct session *session = mta->woken;
        mta->woken = session->woken;
        session->is_woken = false;
        session_go_on(session);
    }
}

static void sessions_look(struct mta *mta, int64_t now)
{
    for (struct session *session = mta->sessions, *next; session; session = next) {
        next = session->next;
        session_look(session, now);
    }
}

/* True: everything that was begun is done, or had its time. */
static bool drained(struct mta *mta, int64_t now)
{
    if (!flow_is_draining(mta->flow))
        return false;
    if (!mta->draining_since) {
        mta->draining_since = now;
        mta_gates_close(mta);
    }
    sessions_look(mta, now);
    bool late = now - mta->draining_since > 1000 * (int64_t)flow_settings(mta->flow)->drain_seconds;
    if (late && mta->sessions)
        log_event(LEVEL_WARNING, "not-drained", "connections with messages that were not whole, or took too long, are closed");
    return late || !mta->sessions;
}

static void mta_wait(struct mta *mta)
{
    struct pollfd wait[WAIT_MOST];
    int wait_ms = flow_is_draining(mta->flow) ? DRAIN_LOOK_MS : SWEEP_MS;
    wait[0] = (struct pollfd){mta->epoll, POLLIN, 0};
    size_t channels = flow_wait(mta->flow, wait + 1, WAIT_MOST - 1, &wait_ms);
    if (poll(wait, 1 + channels, wait_ms) >= 0)
        flow_waited(mta->flow, wait + 1, channels);
}

static void mta_loop(struct mta *mta)
{
    int64_t sweep_due = 0;
    while (flow_turn(mta->flow)) {
        int64_t now = clock_ms();
        woken_take(mta);
        events_take(mta);
        if (now >= sweep_due) {
            sessions_look(mta, now);
            mta_gates_settle(mta);
            sweep_due = now + SWEEP_MS;
        }
        if (drained(mta, now))
            return;
        mta_wait(mta);
    }
}

/* ---- what the parent says */
static void on_settings(void *context)
{
    /* they are looked at where they matter */
}

static void on_listen(void *context, uint32_t number, const struct listener_settings *settings, int fd)
{
    mta_gate_listen(context, number, settings, fd);
}

static void on_unlisten(void *context, uint32_t number)
{
    mta_gate_unlisten(context, number);
}

int door_mta(int fd)
{
    struct mta mta = {.epoll = epoll_create1(EPOLL_CLOEXEC), .scratch = arena_new(SCRATCH_MOST)};
    if (mta.epoll < 0)
        abort();
    mta.flow = flow_new(fd, ROLE_MTA, &(struct flow_calls){on_settings, on_listen, on_unlisten, &mta});
    mta_loop(&mta);
    return 0; /* what is open ends with the process */
}
