/* gate: one listening socket of the HTTP door, and the library's daemon over it. A gate that closes finishes what came by it. */
#include "door/web.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILES_SPARE = 256, CONNECTION_MEMORY = 64 << 10, BACKLOG_TURNS = 1000 };

static void __attribute__((format(printf, 2, 0))) on_log(void *context, const char *format, va_list words)
{
    char text[512];
    vsnprintf(text, sizeof text, format, words);
    log_event(LEVEL_DEBUG, "http", "%.*s", SPAN_FMT(span_trim(span_of(text))));
}

static int daemon_start(struct gate *gate, int listener)
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
static size_t gates_count(const struct web *web)
{
    size_t count = 0;
    for (const struct gate *gate = web->gates; gate; gate = gate->next)
        count++;
    return count;
}

static void gate_open(struct web *web, uint32_t number, const struct listener_settings *settings, int fd)
{
    struct gate *gate = calloc(1, sizeof *gate);
    if (!gate)
        abort();
    files_allow(FILES_SPARE + (size_t)flow_settings(web->flow)->connections * (2 + gates_count(web)));
    *gate = (struct gate){.next = web->gates, .web = web, .number = number, .settings = *settings, .limits = *flow_settings(web->flow),
                          .counts = flow_counts(web->flow, settings->name)};
    if (daemon_start(gate, fd) == 0) {
        web->gates = gate;
        return;
    }
    log_event(LEVEL_ERROR, "no-door", "%s: the HTTP library does not start; raise the limit of open files", settings->name);
    close(fd);
    free(gate);
}

static struct gate *gate_of(struct web *web, uint32_t number)
{
    struct gate *gate = web->gates;
    while (gate && (gate->closing || gate->number != number))
        gate = gate->next;
    return gate;
}

void gate_listen(struct web *web, uint32_t number, const struct listener_settings *settings, int fd)
{
    struct gate *gate = gate_of(web, number);
    if (!gate) {
        gate_open(web, number, settings, fd);
        return;
    }
    close(fd); /* it is the socket that is there already */
    gate->counts->connections -= gate->connections;
    gate->settings = *settings;
    gate->counts = flow_counts(web->flow, settings->name);
    gate->counts->connections += gate->connections;
}

/* ---- close */
/* Whoever the system has let in already is served. */
static void backlog_take(struct gate *gate)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(gate->daemon, MHD_DAEMON_INFO_LISTEN_FD);
    struct pollfd wait = {info ? info->listen_fd : -1, POLLIN, 0};
    for (int turn = 0; turn < BACKLOG_TURNS && poll(&wait, 1, 0) > 0; turn++)
        MHD_run(gate->daemon);
}

/* The listening socket, which is the caller's then; -1: it is not there. */
static int gate_close(struct gate *gate)
{
    gate->closing = true;
    return MHD_quiesce_daemon(gate->daemon);
}

static void socket_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

void gate_unlisten(struct web *web, uint32_t number)
{
    struct gate *gate = gate_of(web, number);
    if (!gate)
        return;
    backlog_take(gate);
    socket_close(gate_close(gate));
}

void gates_close(struct web *web)
{
    for (struct gate *gate = web->gates; gate; gate = gate->next)
        if (!gate->closing)
            socket_close(gate_close(gate));
}

static bool limits_differ(const struct door_settings *a, const struct door_settings *b)
{
    return a->connections != b->connections || a->connections_of_client != b->connections_of_client || a->idle_seconds != b->idle_seconds;
}

/* The library takes limits at the start only: another daemon takes the socket over. */
void gates_renew(struct web *web)
{
    for (struct gate *gate = web->gates; gate; gate = gate->next) {
        if (gate->closing || !limits_differ(&gate->limits, flow_settings(web->flow)))
            continue;
        int fd = gate_close(gate);
        if (fd >= 0)
            gate_open(web, gate->number, &gate->settings, fd);
    }
}

/* ---- the loop's share */
size_t gates_wait(struct web *web, struct pollfd *out, size_t most, int *wait_ms)
{
    size_t count = 0;
    MHD_UNSIGNED_LONG_LONG due;
    for (struct gate *gate = web->gates; gate && count < most; gate = gate->next) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(gate->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        if (MHD_get_timeout(gate->daemon, &due) == MHD_YES && due < (MHD_UNSIGNED_LONG_LONG)*wait_ms)
            *wait_ms = (int)due;
        out[count++] = (struct pollfd){info->epoll_fd, POLLIN, 0};
    }
    return count;
}

static void gate_end(struct gate **at)
{
    struct gate *gate = *at;
    *at = gate->next;
    MHD_stop_daemon(gate->daemon);
    free(gate);
}

void gates_turn(struct web *web)
{
    for (struct gate **at = &web->gates; *at;) {
        MHD_run((*at)->daemon);
        if ((*at)->closing && !(*at)->connections)
            gate_end(at);
        else
            at = &(*at)->next;
    }
}
