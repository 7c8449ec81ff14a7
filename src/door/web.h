/* door/web: what the files of the HTTP door share. */
#pragma once
#include "door/envelope.h"
#include "door/flow.h"
#include "door/form.h"
#include "door/gate.h"
#include "door/intake.h"
#include "door/metrics.h"
#include "door/rspamd_answer.h"
#include "door/token.h"
#include <microhttpd.h>
#include <poll.h>

struct web_gate { /* one listening socket, and the connections that came by it */
    struct gate gate; /* first */
    struct web *web;
    struct MHD_Daemon *daemon;
    struct door_settings limits; /* of connections: those it was opened with */
};
static inline struct web_gate *web_gate_of(struct gate *gate)
{
    return (struct web_gate *)gate;
}

struct link_at { /* one connection */
    struct link_at *next, *previous;
    int fd;
    int64_t since; /* when it began to wait for a request, or its request began */
    bool busy;     /* its message is with a judge or the keeper: it is we who are slow */
};

struct web {
    struct gate *gates;
    struct flow *flow;
    struct link_at *links;
    size_t requests; /* begun and not yet answered */
    struct intake intake;
};

enum request_kind { REQUEST_MESSAGE, REQUEST_REPORT, REQUEST_PAGE, REQUEST_OTHER };
struct page_request; /* page_request.c */
struct request {
    struct web *web;
    const struct gate *gate;
    struct MHD_Connection *connection;
    struct arena *arena;
    enum request_kind kind;
    struct scan_job job;
    struct bytes bytes;
    struct MHD_PostProcessor *form; /* NULL: the body is the message */
    struct buf envelope;            /* of a form */
    struct page_request *page;      /* NULL: none is asked for */
    uint32_t ticket; /* 0: nothing is in flight */
    uint64_t swallowed;
    /* the answer, once it is known */
    unsigned status; /* 0: not yet */
    struct span body;
    const char *type;
    unsigned retry_after; /* seconds; 0: not told */
    const char *location; /* of 303; NULL: none */
    const char *seal;     /* value of the field to be added; NULL: none */
    bool sealed;          /* it came with seals */
    /* of POST /checkv2 */
    bool rspamd, packed, too_large; /* packed: by zstd, and so is the answer to be */
    struct rspamd_takes takes;
    struct bytes source;  /* where its changed body is wanted with its header: the message once more */
    size_t block_at;      /* where the changed message begins in the answer; 0: there is none */
    struct span why;      /* it is not judged; empty: it is */
    int64_t began_at;
    bool repeated, last;  /* last: the connection is closed after it */
};

/* ---- web_gate.c */
typedef enum MHD_Result (*gate_request)(void *gate, struct MHD_Connection *connection, const char *path, const char *method,
                                        const char *version, const char *piece, size_t *len, void **request_context);
struct gate_calls {
    gate_request request;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
};
extern const struct gate_calls gate_calls; /* web.c; their context is the gate */
void web_gate_listen(struct web *web, uint32_t number, const struct listener_settings *settings, int fd); /* takes fd over */
void web_gate_unlisten(struct web *web, uint32_t number);
void web_gates_renew(struct web *web); /* settings have changed: limits of connections hold from now on */
void web_gates_close(struct web *web); /* all of them */
size_t web_gates_wait(struct web *web, struct pollfd *out, size_t most, int *wait_ms);
void web_gates_turn(struct web *web);

/* ---- web_request.c: what a request asks for, and what it is answered */
void request_begin(struct request *request, const char *method, const char *path); /* may set an answer at once */
void request_piece(struct request *request, struct span piece);
void request_bytes(struct request *request, struct span piece); /* of the message itself */
void request_bytes_leave(struct request *request); /* what came is handed on, or nobody's any more */
void request_go(struct request *request); /* the whole has come: gives it to the flow, or sets an answer */
/* ---- web_rspamd.c: POST /checkv2 */
void rspamd_begin(struct request *request);
void rspamd_piece(struct request *request, struct span piece);
void rspamd_go(struct request *request);

/* ---- web_request.c */
void request_answer(struct request *request, unsigned status, const char *type, struct span body);
void request_refuse(struct request *request, unsigned status, const char *where, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- page_request.c: pages behind locked links, on listeners of kind links */
void page_request_begin(struct request *request, const char *method, const char *path); /* may set an answer at once */
void page_request_piece(struct request *request, struct span piece);
void page_request_go(struct request *request);
void page_request_heads(const struct request *request, struct MHD_Response *response);
