/* record/outbox: jobs, acts on the outside world, as rows: written with the record that they follow from, in one transaction,
 * and carried out at least once. A job's id is its record's and who it is for, so that it is the same job each time it is tried.
 *
 * now is the caller's. Transactions are the caller's where it says so; else each call is one by itself. */
#pragma once
#include "record/record.h"

enum job_state { JOB_WAITING = 1, JOB_DONE, JOB_FAILED }; /* kept in files: never renumbered */
#define JOB_AT_ONCE ((int64_t)0) /* due so: an operator said so, whatever its lane waits for */
const char *job_state_name(enum job_state state); /* "waiting" */
struct job_row {
    struct span job, id;    /* its own id; the record's */
    struct span lane, kind; /* see struct job */
    enum job_state state;
    int64_t made, due;      /* due: not tried before */
    uint64_t tries;
    struct span fault;      /* why the last try came to nothing; empty: none did */
    int64_t ended;          /* TIME_UNKNOWN while it waits */
    struct span bytes;      /* empty of those that are done */
};

/* ---- the keeper's */
/* Name of the first lane behind `after` for which jobs wait; 1, 0: none, -1. */
int outbox_lane_next(struct store *store, struct arena *arena, struct span after, struct span *out, struct err *err);
struct job_rows {
    VEC(struct job_row) list;
};
/* Jobs of the lane that are due at `now`, the longest due first, at most `most`. */
int outbox_due(struct store *store, struct arena *arena, struct span lane, int64_t now, uint64_t most, struct job_rows *out, struct err *err);
/* Those that are due later than `latest`, which only a clock that was ahead can have said: the soonest due first, at most `most`. */
int outbox_beyond(struct store *store, struct arena *arena, struct span lane, int64_t latest, uint64_t most, struct job_rows *out, struct err *err);
/* The time of the next one of the lane; TIME_UNKNOWN: none waits. */
int outbox_due_next(struct store *store, struct span lane, int64_t *out, struct err *err);
struct job_note { /* what came of a try */
    struct span job;
    enum job_state state;
    int64_t due;       /* of one that waits on */
    struct span fault; /* empty: none */
};
/* Inside the caller's transaction. 1; 0: it was dropped meanwhile, or has ended already. */
int outbox_note(struct store *store, struct arena *arena, const struct job_note *note, int64_t now, struct err *err);
struct outbox_counts {
    uint64_t waiting, done, failed; /* each at most `most` */
    int64_t oldest; /* when the oldest of those that wait was made; TIME_UNKNOWN: none */
};
int outbox_count(struct store *store, uint64_t most, struct outbox_counts *out, struct err *err); /* most 0: all */
/* Those that ended before `ended` go; at most `most`. Those that were made before `made`, and tried, are given up: failed. */
int64_t outbox_prune(struct store *store, int64_t ended, int64_t made, int64_t now, uint64_t most, struct err *err);

/* ---- the operator's */
typedef bool (*job_each)(void *context, const struct job_row *row);
/* Oldest first; state 0: all; limit 0: none. How many were given. Their bytes are left out. */
int64_t outbox_list(struct store *store, enum job_state state, uint64_t limit, job_each each, void *context, struct err *err);
int outbox_read(struct store *store, struct arena *arena, struct span job, struct job_row *out, struct err *err); /* 1, 0, -1 */
/* Due at once again, one that failed too, of which no try counts any more. job empty: all that failed. How many. */
int64_t outbox_retry(struct store *store, struct span job, int64_t now, struct err *err);
int64_t outbox_drop(struct store *store, struct span job, int64_t now, struct err *err); /* removed; job empty: all that failed. How many */
