/* role/carry: the ways in which the courier carries out a job. A row of the table in courier.c is a kind of job and the
 * function that begins one; whatever a way waits for it waits for without blocking: transfers of libcurl, and descriptors.
 *
 * Rows so far: webhook (HTTP POST), mail (SMTP), program (a process, by its arguments alone: no shell), release (a held copy by SMTP, with
 * the envelope that it came with; its bytes come as a descriptor). */
#pragma once
#include "role/inner.h"
#include "role/errand.h"
#include <curl/curl.h>

/* One job under way. */
struct work {
    struct work *next;
    struct arena *arena;
    struct errand errand;      /* in the arena */
    uint32_t serial;           /* the keeper's; 0: the keeper that asked for it is gone */
    int64_t due;               /* it is ended then, in ms */
    uint64_t patience_ms;      /* and that is so long after it began, or got on */
    bool ended;
    struct errand_end end;
    /* of a transfer */
    CURL *transfer;
    struct curl_slist *list;   /* its header fields, or recipients */
    struct span rest;          /* what is still to be sent */
    size_t received;           /* bytes of the answer, which nobody wants to have */
    char fault[CURL_ERROR_SIZE];
    void (*judge)(struct work *work, CURLcode code); /* what its end means */
    /* of a process */
    int pid_fd, said_fd;       /* -1: none */
    pid_t pid;
    struct buf said;           /* on its standard error; the beginning of it */
    /* of a release */
    int message_fd;            /* compressed; -1: none came */
    struct sending *sending;   /* NULL: there is none */
};
struct way {
    const char *kind;
    /* -1: err says why it cannot even begin; it is tried again. */
    int (*begin)(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err);
};
int webhook_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err);
int mail_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err);
int program_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err);

int release_begin(struct work *work, const struct destination *destination, CURLM *transfers, uint64_t deadline_ms, struct err *err);

void work_done(struct work *work);
void work_later(struct work *work, bool lane, uint64_t after, const char *format, ...) __attribute__((format(printf, 4, 5)));
void work_failed(struct work *work, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- carry_webhook.c: what both kinds of transfers share */
int transfer_open(struct work *work, const char *url, const char *protocols, uint64_t deadline_ms, struct err *err);
int transfer_start(struct work *work, CURLM *transfers, struct err *err);
void transfer_close(struct work *work, CURLM *transfers); /* accepts one that was never opened */
const char *transfer_fault(const struct work *work, CURLcode code);

/* ---- carry_program.c */
void program_turn(struct work *work); /* what it said, and whether it ended */
void program_end(struct work *work);  /* it has not ended, and shall; accepts one that never began */

/* ---- carry_envelope.c: commands without their line ends. -1: no mail server takes it, or this one cannot; err says why */
enum offer { OFFER_8BITMIME = 1, OFFER_SMTPUTF8 = 2, OFFER_DSN = 4, OFFER_REQUIRETLS = 8, OFFER_SIZE = 16, OFFER_STARTTLS = 32 };
unsigned offers_of(struct span answer); /* to EHLO */
int mail_command(struct buf *out, const struct letter *letter, unsigned offered, struct err *err);
int rcpt_command(struct buf *out, const struct letter *letter, unsigned offered, struct err *err);

/* ---- carry_release.c */
void release_turn(struct work *work); /* says and hears what can be, without waiting */
int release_wait(const struct work *work, bool *writing); /* the socket; whether it is waited for to take something */
bool release_is_said(const struct work *work); /* all of it: the mail server may have it, though it has not answered yet */
void release_end(struct work *work);  /* accepts one that never began */
