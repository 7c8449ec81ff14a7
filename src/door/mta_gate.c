/* mta_gate: the listening sockets of the milter door. */
#include "door/mta.h"

#include <errno.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TAKEN_AT_ONCE = 64, BACKLOG_MOST = 4096 };

/* Listeners are told from sessions by the lowest bit. */
static void watch(struct mta_gate *gate, bool on)
{
    struct epoll_event event = {.events = on ? EPOLLIN : 0, .data.u64 = (uint64_t)(uintptr_t)gate | 1};
    if (epoll_ctl(gate->mta->epoll, EPOLL_CTL_MOD, gate->fd, &event) < 0)
        epoll_ctl(gate->mta->epoll, EPOLL_CTL_ADD, gate->fd, &event);
    gate->paused = !on;
}

void mta_gate_listen(struct mta *mta, uint32_t number, const struct listener_settings *settings, int fd)
{
    if (gate_again(mta->gates, mta->flow, number, settings, fd))
        return;
    struct mta_gate *gate = calloc(1, sizeof *gate);
    if (!gate)
        abort();
    gate_files_allow(mta->gates, mta->flow);
    gate_begin(&gate->gate, &mta->gates, mta->flow, number, settings);
    gate->mta = mta;
    gate->fd = fd;
    watch(gate, true);
}

/* False: nobody waits any more, or nobody can be taken. */
static bool take_one(struct mta_gate *gate)
{
    if (gate->gate.open >= flow_settings(gate->mta->flow)->connections) {
        log_event(LEVEL_WARNING, "door-full", "%s: %zu connections are open, and no more are taken (door: connections)", gate->gate.settings.name, gate->gate.open);
        watch(gate, false);
        return false;
    }
    int fd = accept4(gate->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* the end of an answer does not wait until its beginning is acknowledged; no TCP: no matter */
        session_open(gate, fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log_event(LEVEL_ERROR, "not-taken", "%s: a connection cannot be taken: %s; raise the limit of open files", gate->gate.settings.name, strerror(errno));
        watch(gate, false); /* until somebody goes */
    }
    return fd >= 0 || errno == EINTR || errno == ECONNABORTED;
}

void mta_gate_take(struct mta_gate *gate)
{
    for (int i = 0; i < TAKEN_AT_ONCE && gate->fd >= 0 && take_one(gate); i++)
        ;
}

static void close_gate(struct mta_gate *gate)
{
    for (int i = 0; i < BACKLOG_MOST && take_one(gate); i++)
        ;
    close(gate->fd);
    gate->fd = -1;
    gate->gate.closing = true;
}

void mta_gate_unlisten(struct mta *mta, uint32_t number)
{
    struct gate *gate = gate_find(mta->gates, number);
    if (gate)
        close_gate(mta_gate_of(gate));
}

void mta_gates_close(struct mta *mta)
{
    for (struct gate *gate = mta->gates; gate; gate = gate->next)
        if (!gate->closing)
            close_gate(mta_gate_of(gate));
}

void mta_gates_settle(struct mta *mta)
{
    for (struct gate *gate = mta->gates, *next; gate; gate = next) {
        next = gate->next;
        if (!gate->closing && mta_gate_of(gate)->paused && gate->open < flow_settings(mta->flow)->connections)
            watch(mta_gate_of(gate), true);
        if (gate->closing && !gate->open)
            gate_end(gate, &mta->gates);
    }
}
