/* mta: the milter door: one process, one thread, one epoll for all connections; a connection is not read while its message is judged. */
#include "door/door.h"
#include "door/loop.h"
#include "door/mta.h"

#include <stdlib.h>
#include <sys/epoll.h>

enum { EVENTS = 256, SCRATCH_MOST = 1 << 20 };

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

static void on_turn(void *context, int64_t now)
{
    struct mta *mta = context;
    woken_take(mta);
    events_take(mta);
    if (flow_is_draining(mta->flow))
        sessions_look(mta, now);
}

static void on_sweep(void *context, int64_t now)
{
    sessions_look(context, now);
    mta_gates_settle(context);
}

static void on_close(void *context)
{
    mta_gates_close(context);
}

static size_t on_busy(const void *context)
{
    size_t count = 0;
    for (const struct session *session = ((const struct mta *)context)->sessions; session; session = session->next)
        count++;
    return count;
}

static size_t on_wait(void *context, struct pollfd *out, size_t most, int *wait_ms)
{
    out[0] = (struct pollfd){((const struct mta *)context)->epoll, POLLIN, 0};
    return 1;
}

/* ---- what the parent says */
static void on_settings(void *context)
{
    struct mta *mta = context;
    mta->intake.flow = mta->flow; /* other settings are looked at where they matter */
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
    const struct loop_calls calls = {{on_settings, on_listen, on_unlisten, &mta}, on_turn, on_sweep, on_close, on_busy, on_wait};
    loop_run(fd, ROLE_MTA, &calls, &mta.flow);
    return 0; /* what is open ends with the process */
}
