/* role/parent: what the parent's files share. */
#pragma once
#include "role/inner.h"

/* ---- backoff.c */
struct backoff {
    int64_t started, due; /* due: when it may be started again; 0: it runs, or may at once */
    int64_t wait;         /* of the last time, in ms */
};
void backoff_started(struct backoff *backoff, int64_t now);
void backoff_died(struct backoff *backoff, int64_t now); /* 0.1 s, doubling to 30 s; anew after 60 s of life */

/* ---- processes */
struct worker { /* resolver, keeper, doors, courier, signer, scanner */
    enum role role;
    pid_t pid; /* 0: it does not run */
    struct channel *channel;
    struct backoff backoff;
    bool ready;          /* this one works */
    bool was_ready;      /* one of its kind once did */
    bool let_go;         /* it was told to end, for its settings changed */
    int64_t pinged, answered; /* ms; pinged 0: no answer is awaited */
};
struct team { /* of one generation: its template and its judges */
    struct team *next;
    pid_t pid;
    struct channel *channel; /* to the template */
    struct backoff backoff;
    struct judge_at *judges;
    unsigned count, wanted;
    int64_t judges_due;  /* no judge is started before */
    struct backoff judges_backoff;
    bool retired;
};
struct judge_at {
    struct judge_at *next;
    uint32_t id;
    struct channel *channel;
    bool ready, retired;
    bool entries_due; /* it had too much to read when they changed */
    int64_t pinged;  /* ms; 0: no answer is awaited */
    unsigned doors; /* that may give it messages, or wait for what it holds: a bit for each role */
};
enum worker_place { WORKER_KEEPER, WORKER_RESOLVER, WORKER_DOOR, WORKER_MTA, WORKER_COURIER, WORKER_SIGNER, WORKER_SCANNER, WORKER_CHECKPOINTER, WORKERS };
static inline unsigned role_bit(enum role role)
{
    return 1u << role;
}

struct parent {
    const struct service_calls *service;
    struct service_generation *generation;
    struct worker workers[WORKERS];
    struct team *teams; /* the one that takes messages first; behind it those that finish what they hold */
    uint32_t last_judge;
    uint64_t deaths[ROLE_COUNT];
    struct buf entries; /* in an arena of their own; NULL until the keeper told them first */
    struct listening *listenings;
    uint32_t last_listening;
    int signals;
    int64_t stopping; /* when it was told to end; 0: it was not */
    bool told_ready, failed;
    int64_t ping_due, watchdog_ms, watchdog_due;
    struct pollfd *wait;
    size_t wait_room;
};

/* ---- listeners.c: the listening sockets, which outlive doors and generations */
struct listening {
    struct listening *next;
    uint32_t number;
    int fd;
    bool is_new;
    struct worker *door; /* that was given it last; NULL: none */
    char *text, *path; /* address as configured; of a unix socket, else NULL */
};
/* Opens what the generation wants and is not open yet. -1: nothing has changed. */
int listeners_open(struct parent *parent, const struct service_generation *generation, struct err *err);
void listeners_settle(struct parent *parent); /* what parent->generation does not want is closed; the door is told */
void listeners_close(struct parent *parent);
void deaths_tell(struct parent *parent, enum role died); /* counts, and tells the doors */
enum role listener_door(const struct service_listener *listener); /* whose it is */
void door_tell(struct parent *parent, struct worker *door); /* its settings and its sockets */

/* ---- parent.c */
void courier_tell(struct parent *parent); /* its settings */

/* ---- link.c: channels between others, both ends handed over */
void link_door_keeper(struct parent *parent, const struct worker *door);
void link_keeper_courier(struct parent *parent);
void link_keeper_checkpointer(struct parent *parent);
void link_keeper_signer(struct parent *parent);
void link_door_signer(struct parent *parent, const struct worker *door);
void link_judge_signer(struct parent *parent, struct judge_at *judge);
void link_judge_door(struct worker *door, struct judge_at *judge);
void link_judge_resolver(struct parent *parent, struct judge_at *judge);
void link_judge_scanner(struct parent *parent, struct judge_at *judge);

/* ---- team.c */
struct team *team_new(struct parent *parent); /* the first of the list from now on */
void team_start_due(struct parent *parent, struct team *team, int64_t now);
void team_entries_tell(struct parent *parent, struct team *team); /* to its judges */
void team_ping(struct parent *parent, struct team *team, int64_t now);
void team_turn(struct parent *parent, struct team *team); /* what its judges said, and which of them ended */
void team_retire(struct parent *parent, struct team *team);
void team_judge_empty(struct parent *parent, const struct worker *door, uint32_t id); /* the door says so of a retired one */
void team_door_died(struct parent *parent, const struct worker *door); /* nobody waits for what retired judges hold for it */
bool team_died(struct parent *parent, pid_t pid); /* false: it is no template */
void team_end(struct team *team);                 /* its judges and its template are let go */
void team_free(struct parent *parent, struct team *team);

/* ---- worker.c */
bool worker_is_wanted(const struct parent *parent, const struct worker *worker); /* scanner and mta are, where they are configured */
void worker_start_due(struct parent *parent, struct worker *worker, int64_t now);
void worker_turn(struct parent *parent, struct worker *worker);
void worker_ping(struct parent *parent, struct worker *worker, int64_t now);
bool worker_died(struct parent *parent, pid_t pid, int status); /* false: it is none */
void worker_end(struct worker *worker);
