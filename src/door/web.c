/* web: the HTTP door: one process, one thread, libmicrohttpd over epoll; connections sleep while their message is judged. */
#include "door/door.h"
#include "door/loop.h"
#include "door/web.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SWALLOW_MOST = 64 << 20 };

/* ---- connections */
static void link_open(struct web_gate *gate, struct MHD_Connection *connection, void **context)
{
    struct web *web = gate->web;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct link_at *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    *link = (struct link_at){.next = web->links, .fd = info ? info->connect_fd : -1, .since = clock_ms()};
    if (web->links)
        web->links->previous = link;
    web->links = link;
    gate_in(&gate->gate);
    *context = link;
}

static void link_close(struct web_gate *gate, void **context)
{
    struct web *web = gate->web;
    struct link_at *link = *context;
    *context = NULL;
    if (!link)
        return;
    *(link->previous ? &link->previous->next : &web->links) = link->next;
    if (link->next)
        link->next->previous = link->previous;
    gate_out(&gate->gate);
    free(link);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context, enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        link_open(context, connection, socket_context);
    else
        link_close(context, socket_context);
}

static struct link_at *link_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* A client that sends a byte now and then is never idle, and never done: the whole of a request has its time. */
static void links_sweep(struct web *web, int64_t now)
{
    int64_t most = 1000 * (int64_t)flow_settings(web->flow)->request_seconds;
    for (struct link_at *link = web->links; link; link = link->next)
        if (!link->busy && link->fd >= 0 && now - link->since > most) {
            shutdown(link->fd, SHUT_RDWR);
            link->since = now; /* the library sees the end and closes it */
        }
}

/* ---- requests */
static struct request *request_new(struct web_gate *gate, struct MHD_Connection *connection)
{
    struct request *request = calloc(1, sizeof *request);
    struct link_at *link = link_of(connection);
    if (!request)
        abort();
    request->web = gate->web;
    request->gate = &gate->gate;
    request->connection = connection;
    gate->web->requests++;
    if (link)
        link->since = clock_ms();
    return request;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context, enum MHD_RequestTerminationCode why)
{
    struct web_gate *gate = context;
    struct web *web = gate->web;
    struct request *request = *request_context;
    struct link_at *link = link_of(connection);
    *request_context = NULL;
    if (!request)
        return;
    if (request->ticket)
        flow_drop(web->flow, request->ticket);
    if (link) {
        link->since = clock_ms();
        link->busy = false;
    }
    form_drop(request);
    request_bytes_leave(request);
    intake_leave(&web->intake, &request->source);
    arena_free(&request->arena);
    free(request);
    web->requests--;
}

static void answer_heads(const struct request *request, struct MHD_Response *response)
{
    char seconds[16];
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, request->type);
    if (request->retry_after) {
        snprintf(seconds, sizeof seconds, "%u", request->retry_after);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (request->status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (request->repeated)
        MHD_add_response_header(response, "X-Sekimori-Repeated", "yes");
    if (request->sealed)
        MHD_add_response_header(response, "X-Sekimori-Remove", "X-Sekimori-Seal");
    if (request->seal)
        MHD_add_response_header(response, "X-Sekimori-Seal", request->seal);
    if (request->page)
        page_request_heads(request, response);
    if (request->rspamd && request->packed && request->status == MHD_HTTP_OK)
        MHD_add_response_header(response, "Compression", "zstd");
    if (request->block_at) {
        char at[24];
        snprintf(at, sizeof at, "%zu", request->block_at);
        MHD_add_response_header(response, "Message-Offset", at);
    }
    if (request->last)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result answer_queue(struct request *request)
{
    struct flow_counts *counts = request->gate->counts;
    struct link_at *link = link_of(request->connection);
    if (link) { /* from now on it is the client who is slow: as long to read as to ask */
        link->since = clock_ms();
        link->busy = false;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(request->body.len, (void *)request->body.at, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    answer_heads(request, response);
    enum MHD_Result queued = MHD_queue_response(request->connection, request->status, response);
    MHD_destroy_response(response);
    counts->answers[request->status < sizeof counts->answers / sizeof *counts->answers ? request->status : 0]++;
    return queued;
}

/* Called for the head, then for each piece of the body, then once more without; and again when it was woken. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *piece, size_t *len, void **request_context)
{
    struct request *request = *request_context;
    if (!request) {
        request = *request_context = request_new(context, connection);
        request_begin(request, method, path);
        return request->status ? answer_queue(request) : MHD_YES; /* refused before its body is read */
    }
    if (*len) {
        request_piece(request, (struct span){piece, *len});
        *len = 0;
        return request->swallowed > SWALLOW_MOST ? MHD_NO : MHD_YES;
    }
    if (!request->status) {
        struct link_at *link = link_of(connection);
        if (link)
            link->busy = true;
        request_go(request);
    }
    return request->status ? answer_queue(request) : MHD_YES;
}

/* ---- the loop */
const struct gate_calls gate_calls = {on_request, on_completed, on_connection};

static void on_turn(void *context, int64_t now)
{
    web_gates_turn(context);
}

static void on_sweep(void *context, int64_t now)
{
    links_sweep(context, now);
}

static void on_close(void *context)
{
    web_gates_close(context);
}

static size_t on_busy(const void *context)
{
    return ((const struct web *)context)->requests;
}

static size_t on_wait(void *context, struct pollfd *out, size_t most, int *wait_ms)
{
    return web_gates_wait(context, out, most, wait_ms);
}

/* ---- what the parent says */
static void on_settings(void *context)
{
    struct web *web = context;
    web->intake.flow = web->flow;
    web_gates_renew(web);
}

static void on_listen(void *context, uint32_t number, const struct listener_settings *settings, int fd)
{
    web_gate_listen(context, number, settings, fd);
}

static void on_unlisten(void *context, uint32_t number)
{
    web_gate_unlisten(context, number);
}

int door_web(int fd)
{
    struct web web = {0};
    const struct loop_calls calls = {{on_settings, on_listen, on_unlisten, &web}, on_turn, on_sweep, on_close, on_busy, on_wait};
    loop_run(fd, ROLE_DOOR, &calls, &web.flow);
    return 0; /* what is open ends with the process */
}
