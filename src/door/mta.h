/* door/mta: what the files of the mta door share: connections of mail servers, of which some speak milter and some spamc.
 *
 * A session is one connection of a mail server; mails come over it one after the other. Its bytes are read no further while an
 * answer is awaited or waits to be taken, so a connection costs one frame, one envelope and a descriptor, whatever is sent. */
#pragma once
#include "door/gate.h"
#include "door/intake.h"
#include "door/marked.h"
#include "milter/milter.h"
#include "spamd/spamd.h"

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

struct session;
struct speech { /* what is spoken on a connection; what may be NULL says so */
    const char *fault; /* event of the log where it is closed for one */
    /* The next thing of what came. 1: it took *used bytes; 0: it is not there whole; -1: the conversation is at an end; err says why, empty:
     * as it should. */
    int (*take)(struct session *session, struct span bytes, size_t *used, struct err *err);
    bool (*ended)(struct session *session);        /* NULL; the other side sends no more. True: it is, or will be, answered all the same */
    bool (*more)(struct session *session);         /* NULL; all of an answer was taken. True: more of it was sent */
    void (*progress)(struct session *session);     /* NULL; it is told that it takes longer */
    bool (*waits)(const struct session *session);  /* for the rest of something: an idle connection's deadline does not count */
    enum job_words words; /* what is told of a judgement */
    bool (*carries)(const struct session *session); /* NULL; edits of the message can be told, and are made */
    void (*give)(struct session *session, int fd, struct span small); /* NULL; a last look at the bytes, which are given to the flow */
    void (*answer)(struct session *session, const struct flow_answer *answer);
    void (*unjudged)(struct session *session, struct span why);       /* nobody could look at it */
};

struct session_text { /* replaced by each next one */
    char *at;
    size_t len;
};
struct session_facts { /* of a session: what holds for all its mails until it is told anew */
    struct milter_client client; /* without its spans */
    struct session_text client_name, helo, tls_version, cert_subject, verify;
    bool by_smtp; /* the mail server counts this client's connections: there is one */
};
enum { CLAIMS_MOST = 1000 };
struct mail { /* of one message, from MAIL to its answer */
    struct arena *arena; /* NULL: there is none */
    struct arrival arrival;
    VEC(struct span) told; /* its recipients as the mail server names them, with brackets */
    struct buf head;     /* fields that were not written yet */
    struct bytes bytes;
    size_t envelope_bytes;
    uint32_t seals, marks, junks, releases; /* fields of these names that it came with */
    uint32_t results;    /* Authentication-Results fields */
    uint32_t claims;     /* of them those that bear our id, of mail that comes in again alone; more than CLAIMS_MOST are not taken off one by one */
    VEC(uint32_t) claimed; /* of them the n-th, from 1, do */
    uint32_t hops;       /* Received fields */
    struct span release; /* value of the first such field */
    int64_t content_at;  /* when its first field came; ms, 0: not yet */
    bool too_large;
    struct span broken;  /* why it cannot be judged; empty: it can */
};

struct asking { /* of the spamd protocol: one request a connection */
    struct spamd_head head;
    struct session_text user; /* SPAMC's: whose mail it is */
    uint64_t got;             /* bytes of the message as it comes */
    struct bytes source;      /* where it is to be given back: its bytes once more */
    struct marked marked;     /* what of them is still to be sent */
    bool done;                /* it has its answer: what still comes is nothing to us */
};

struct session {
    struct session *next, *previous, *woken;
    struct mta_gate *gate;
    int fd;
    const struct speech *speech;
    struct milter_talk talk; /* of milter, as the facts */
    struct session_facts facts;
    struct session_text login, queue_id; /* of the next mail */
    struct mail mail;
    struct asking asking; /* of spamd */
    char *in; /* what came and is no whole frame yet */
    size_t in_len, in_room;
    char *out; /* what was not taken yet */
    size_t out_len, out_room;
    uint32_t ticket;    /* 0: no message of it is in flight */
    uint32_t watched;   /* what epoll was asked for last */
    int64_t moved_at;   /* when something came or went last */
    int64_t frame_at;   /* when the frame that is not whole began; 0: there is none */
    int64_t told_at;    /* when the server was told last that it takes longer */
    int64_t lingers_until; /* it has its answer, and what still comes is thrown away; 0: no */
    bool is_woken, last, gone, half; /* last: it ends when its answer is taken; half: the other side sends no more */
    bool lingers; /* at its end what still comes is thrown away for a while: else the answer would be lost with it */
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
struct mail *mail_new(struct session *session); /* instead of one that was not whole */
void mail_bytes(struct session *session, struct span piece);
void mail_judge(struct session *session); /* all of it has come, and its arrival is filled in */
void mail_drop(struct session *session);
void facts_drop(struct session *session);
void text_set(struct session_text *text, struct span value);
int recipient_add(struct session *session, struct span written, struct span params, struct err *err);
int envelope_grow(struct session *session, size_t bytes, struct err *err);

/* ---- what is spoken: mta_mail.c, mta_spamd.c */
extern const struct speech milter_speech, spamd_speech;
void asking_drop(struct session *session);

/* ---- mta_answer.c */
void mail_answer(struct session *session, const struct flow_answer *answer); /* of the flow */
void mail_released(struct session *session, const struct flow_answer *answer); /* its pass was good: it passes, sealed, and without what its sender wrote into fields of ours */
void mail_later(struct session *session, struct span why); /* it is to come again */
void mail_looped(struct session *session); /* it went round and round */
void mail_unjudged(struct session *session, struct span why); /* nobody could look at it */
