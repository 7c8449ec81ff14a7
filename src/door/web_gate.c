/* web_gate: one listening socket of the HTTP door, and the library's daemon over it. A gate that closes finishes what came by it. */
#include "door/web.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONNECTION_MEMORY = 64 << 10, BACKLOG_TURNS = 1000 };

static void __attribute__((format(printf, 2, 0))) on_log(void *context, const char *format, va_list words)
{
    char text[512];
    vsnprintf(text, sizeof text, format, words);
    log_event(LEVEL_DEBUG, "http", "%.*s", SPAN_FMT(span_trim(span_of(text))));
}

static int daemon_start(struct web_gate *gate, int listener)
{
    const struct door_settings *limits = &gate->limits;
    gate->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, gate_calls.request, gate,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)limits->connections, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)limits->idle_seconds,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)limits->connections_of_client,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED, gate_calls.completed, gate,
        MHD_OPTION_NOTIFY_CONNECTION, gate_calls.connection, gate, MHD_OPTION_END);
    return gate->daemon ? 0 : -1;
}

/* ---- open */
static void open_gate(struct web *web, uint32_t number, const struct listener_settings *settings, int fd)
{
    struct web_gate *gate = calloc(1, sizeof *gate);
    if (!gate)
        abort();
    gate_files_allow(web->gates, web->flow);
    gate_begin(&gate->gate, &web->gates, web->flow, number, settings);
    gate->web = web;
    gate->limits = *flow_settings(web->flow);
    if (daemon_start(gate, fd) == 0)
        return;
    log_event(LEVEL_ERROR, "no-door", "%s: the HTTP library does not start; raise the limit of open files", settings->name);
    close(fd);
    gate_end(&gate->gate, &web->gates);
}

void web_gate_listen(struct web *web, uint32_t number, const struct listener_settings *settings, int fd)
{
    if (!gate_again(web->gates, web->flow, number, settings, fd))
        open_gate(web, number, settings, fd);
}

/* ---- close */
/* Whoever the system has let in already is served. */
static void backlog_take(struct web_gate *gate)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(gate->daemon, MHD_DAEMON_INFO_LISTEN_FD);
    struct pollfd wait = {info ? info->listen_fd : -1, POLLIN, 0};
    for (int turn = 0; turn < BACKLOG_TURNS && poll(&wait, 1, 0) > 0; turn++)
        MHD_run(gate->daemon);
}

/* The listening socket, which is the caller's then; -1: it is not there. */
static int quiesce(struct web_gate *gate)
{
    gate->gate.closing = true;
    return MHD_quiesce_daemon(gate->daemon);
}

static void socket_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

void web_gate_unlisten(struct web *web, uint32_t number)
{
    struct web_gate *gate = web_gate_of(gate_find(web->gates, number));
    if (!gate)
        return;
    backlog_take(gate);
    socket_close(quiesce(gate));
}

void web_gates_close(struct web *web)
{
    for (struct gate *gate = web->gates; gate; gate = gate->next)
        if (!gate->closing)
            socket_close(quiesce(web_gate_of(gate)));
}

static bool limits_differ(const struct door_settings *a, const struct door_settings *b)
{
    return a->connections != b->connections || a->connections_of_client != b->connections_of_client || a->idle_seconds != b->idle_seconds;
}

/* The library takes limits at the start only: another daemon takes the socket over. */
void web_gates_renew(struct web *web)
{
    for (struct gate *gate = web->gates; gate; gate = gate->next) {
        if (gate->closing || !limits_differ(&web_gate_of(gate)->limits, flow_settings(web->flow)))
            continue;
        int fd = quiesce(web_gate_of(gate));
        if (fd >= 0)
            open_gate(web, gate->number, &gate->settings, fd);
    }
}

/* ---- the loop's share */
size_t web_gates_wait(struct web *web, struct pollfd *out, size_t most, int *wait_ms)
{
    size_t count = 0;
    MHD_UNSIGNED_LONG_LONG due;
    for (struct gate *gate = web->gates; gate && count < most; gate = gate->next) {
        struct MHD_Daemon *daemon = web_gate_of(gate)->daemon;
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
        if (MHD_get_timeout(daemon, &due) == MHD_YES && due < (MHD_UNSIGNED_LONG_LONG)*wait_ms)
            *wait_ms = (int)due;
        out[count++] = (struct pollfd){info->epoll_fd, POLLIN, 0};
    }
    return count;
}

void web_gates_turn(struct web *web)
{
    for (struct gate *gate = web->gates, *next; gate; gate = next) {
        struct MHD_Daemon *daemon = web_gate_of(gate)->daemon;
        next = gate->next;
        MHD_run(daemon);
        if (!gate->closing || gate->open)
            continue;
        MHD_stop_daemon(daemon);
        gate_end(gate, &web->gates);
    }
}
