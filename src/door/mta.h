/* door/mta: what the files of the milter door share.
 *
 * A session is one connection of a mail server; mails come over it one after the other. Its bytes are read no further while an
 * answer is awaited or waits to be taken, so a connection costs one frame, one envelope and a descriptor, whatever is sent. */
#pragma once
#include "door/gate.h"
#include "door/intake.h"
#include "milter/milter.h"

struct mta_gate { /* one listening socket, and the sessions that came by it */
    struct gate gate; /* first */
    struct mta *mta;
    int fd; /* -1: it takes no more, and ends with its last session */
    bool paused; /* there are as many sessions as may be */
};
static inline struct mta_gate *mta_gate_of(struct gate *gate)
{
    return (struct mta_gate *)gate;
}

struct session_text { /* replaced by each next one */
    char *at;
    size_t len;
};
struct session_facts { /* of a session: what holds for all its mails until it is told anew */
    struct milter_client client; /* without its spans */
    struct session_text client_name, helo, tls_version, cert_subject, verify;
    bool by_smtp; /* the mail server counts this client's connections: there is one */
};
struct mail { /* of one message, from MAIL to its answer */
    struct arena *arena; /* NULL: there is none */
    struct arrival arrival;
    VEC(struct span) told; /* its recipients as the mail server names them, with brackets */
    struct buf head;     /* fields that were not written yet */
    struct bytes bytes;
    size_t envelope_bytes;
    uint32_t seals, marks, junks, releases; /* fields of these names that it came with */
    uint32_t hops;       /* Received fields */
    struct span release; /* value of the first such field */
    int64_t content_at;  /* when its first field came; ms, 0: not yet */
    bool too_large;
    struct span broken;  /* why it cannot be judged; empty: it can */
};

struct session {
    struct session *next, *previous, *woken;
    struct mta_gate *gate;
    int fd;
    struct milter_talk talk;
    struct session_facts facts;
    struct session_text login, queue_id; /* of the next mail */
    struct mail mail;
    char *in; /* what came and is no whole frame yet */
    size_t in_len, in_room;
    char *out; /* what was not taken yet */
    size_t out_len, out_room;
    uint32_t ticket;    /* 0: no message of it is in flight */
    uint32_t watched;   /* what epoll was asked for last */
    int64_t moved_at;   /* when something came or went last */
    int64_t frame_at;   /* when the frame that is not whole began; 0: there is none */
    int64_t told_at;    /* when the server was told last that it takes longer */
    bool is_woken, last, gone; /* last: it ends when its answer is taken */
};

struct mta {
    struct flow *flow;
    struct gate *gates;
    struct session *sessions, *woken; /* woken: to be gone on with after this turn of the flow */
    int epoll;
    struct intake intake;
    struct arena *scratch; /* of one answer */
};

/* ---- mta_gate.c */
void mta_gate_listen(struct mta *mta, uint32_t number, const struct listener_settings *settings, int fd); /* takes fd over */
void mta_gate_unlisten(struct mta *mta, uint32_t number);
void mta_gates_close(struct mta *mta);   /* all of them; whoever the system has let in already is served */
void mta_gates_settle(struct mta *mta);  /* those that ended go; those that are paused take again where they may */
void mta_gate_take(struct mta_gate *gate); /* whoever waits there */

/* ---- mta_session.c */
void session_open(struct mta_gate *gate, int fd);
void session_close(struct session *session); /* freed; a message of it that is in flight is judged and kept all the same */
void session_event(struct session *session, uint32_t events); /* may free it */
void session_go_on(struct session *session);  /* with what came meanwhile; may free it */
void session_wake(struct session *session);   /* session_go_on later */
struct arena *session_scratch(const struct session *session); /* empty */
void session_send(struct session *session, struct span frames);
void session_look(struct session *session, int64_t now); /* at its deadlines; may free it */
bool session_is_between(const struct session *session);  /* messages */

/* ---- mta_mail.c: what is said, and what it becomes */
/* -1: the conversation is at an end; err says why, empty: as it should. */
int mail_said(struct session *session, const struct milter_said *said, struct err *err);
extern const struct milter_wish mail_wish;
void mail_drop(struct session *session);
void facts_drop(struct session *session);

/* ---- mta_answer.c */
void mail_answer(struct session *session, const struct flow_answer *answer); /* of the flow */
void mail_released(struct session *session, const struct flow_answer *answer); /* its pass was good: it passes as it is */
void mail_later(struct session *session, struct span why); /* it is to come again */
void mail_looped(struct session *session); /* it went round and round */
void mail_unjudged(struct session *session, struct span why); /* nobody could look at it */
