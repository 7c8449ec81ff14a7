/* door/web: what the files of the HTTP door share. */
#pragma once
#include "door/bytes.h"
#include "door/envelope.h"
#include "door/flow.h"
#include "door/metrics.h"
#include "door/token.h"
#include <microhttpd.h>

struct link_at { /* one connection */
    struct link_at *next, *previous;
    int fd;
    int64_t since; /* when it began to wait for a request, or its request began */
    bool busy;     /* its message is with a judge or the keeper: it is we who are slow */
};

struct web {
    struct MHD_Daemon *daemon;
    struct flow *flow;
    struct link_at *links;
    size_t connections, requests; /* open; begun and not yet answered */
    int64_t draining_since;
};

enum request_kind { REQUEST_MESSAGE, REQUEST_REPORT, REQUEST_OTHER };
struct request {
    struct web *web;
    struct MHD_Connection *connection;
    struct arena *arena;
    enum request_kind kind;
    struct scan_job job;
    struct bytes bytes;
    uint32_t ticket; /* 0: nothing is in flight */
    uint64_t swallowed;
    /* the answer, once it is known */
    unsigned status; /* 0: not yet */
    struct span body;
    const char *type;
    unsigned retry_after; /* seconds; 0: not told */
    bool repeated, last;  /* last: the connection is closed after it */
};

/* ---- web_request.c: what a request asks for, and what it is answered */
void request_begin(struct request *request, const char *method, const char *path); /* may set an answer at once */
void request_piece(struct request *request, struct span piece);
void request_go(struct request *request); /* the whole has come: gives it to the flow, or sets an answer */
void request_answer(struct request *request, unsigned status, const char *type, struct span body);
void request_refuse(struct request *request, unsigned status, const char *where, const char *format, ...) __attribute__((format(printf, 4, 5)));
