/* mta_gate: the listening sockets of the milter door. */
#include "door/mta.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILES_SPARE = 256, TAKEN_AT_ONCE = 64, BACKLOG_MOST = 4096 };

static struct mta_gate *gate_of(struct mta *mta, uint32_t number)
{
    struct mta_gate *gate = mta->gates;
    while (gate && (gate->fd < 0 || gate->number != number))
        gate = gate->next;
    return gate;
}

/* Listeners are told from sessions by the lowest bit. */
static void watch(struct mta_gate *gate, bool on)
{
    struct epoll_event event = {.events = on ? EPOLLIN : 0, .data.u64 = (uint64_t)(uintptr_t)gate | 1};
    if (epoll_ctl(gate->mta->epoll, EPOLL_CTL_MOD, gate->fd, &event) < 0)
        epoll_ctl(gate->mta->epoll, EPOLL_CTL_ADD, gate->fd, &event);
    gate->paused = !on;
}

static void gate_open(struct mta *mta, uint32_t number, const struct listener_settings *settings, int fd)
{
    size_t count = 1;
    struct mta_gate *gate = calloc(1, sizeof *gate);
    if (!gate)
        abort();
    for (const struct mta_gate *other = mta->gates; other; other = other->next)
        count++;
    files_allow(FILES_SPARE + 2 * count * flow_settings(mta->flow)->connections); /* a connection, and its message */
    *gate = (struct mta_gate){.next = mta->gates, .mta = mta, .fd = fd, .number = number, .settings = *settings,
                              .counts = flow_counts(mta->flow, settings->name)};
    mta->gates = gate;
    watch(gate, true);
}

void mta_gate_listen(struct mta *mta, uint32_t number, const struct listener_settings *settings, int fd)
{
    struct mta_gate *gate = gate_of(mta, number);
    if (!gate) {
        gate_open(mta, number, settings, fd);
        return;
    }
    close(fd); /* it is the socket that is there already */
    gate->counts->connections -= gate->sessions;
    gate->settings = *settings;
    gate->counts = flow_counts(mta->flow, settings->name);
    gate->counts->connections += gate->sessions;
}

/* False: nobody waits any more, or nobody can be taken. */
static bool take_one(struct mta_gate *gate)
{
    if (gate->sessions >= flow_settings(gate->mta->flow)->connections) {
        log_event(LEVEL_WARNING, "door-full", "%s: %zu connections are open, and no more are taken (door: connections)", gate->settings.name, gate->sessions);
        watch(gate, false);
        return false;
    }
    int fd = accept4(gate->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        session_open(gate, fd);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log_event(LEVEL_ERROR, "not-taken", "%s: a connection cannot be taken: %s; raise the limit of open files", gate->settings.name, strerror(errno));
        watch(gate, false); /* until somebody goes */
    }
    return fd >= 0 || errno == EINTR || errno == ECONNABORTED;
}

void mta_gate_take(struct mta_gate *gate)
{
    for (int i = 0; i < TAKEN_AT_ONCE && gate->fd >= 0 && take_one(gate); i++)
        ;
}

static void gate_close(struct mta_gate *gate)
{
    for (int i = 0; i < BACKLOG_MOST && take_one(gate); i++)
        ;
    close(gate->fd);
    gate->fd = -1;
}

void mta_gate_unlisten(struct mta *mta, uint32_t number)
{
    struct mta_gate *gate = gate_of(mta, number);
    if (gate)
        gate_close(gate);
}

void mta_gates_close(struct mta *mta)
{
    for (struct mta_gate *gate = mta->gates; gate; gate = gate->next)
        if (gate->fd >= 0)
            gate_close(gate);
}

void mta_gates_settle(struct mta *mta)
{
    for (struct mta_gate **at = &mta->gates; *at;) {
        struct mta_gate *gate = *at;
        if (gate->fd >= 0 && gate->paused && gate->sessions < flow_settings(mta->flow)->connections)
            watch(gate, true);
        if (gate->fd >= 0 || gate->sessions) {
            at = &gate->next;
            continue;
        }
        *at = gate->next;
        free(gate);
    }
}
