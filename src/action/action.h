/* action: what follows from a report, planned here and done by others. So far: notices, which tell people and programs of it.
 *
 * In: a report whose message is still there, and which notices are wanted. Out: jobs. The keeper writes them with the record,
 * the courier carries them out; where to is the courier's to know, so that a judge cannot choose it.
 * Never: does anything; reads a clock, a file, the network. */
#pragma once
#include "base/base.h"
#include "verdict/verdict.h"

/* ---- when. All that is given must hold; of a list one of it. */
struct condition {
    enum verdict verdict;            /* this one or a worse one */
    VEC(struct span) tags, evidence; /* by their names */
    VEC(struct span) directions, organisations;
};
/* organisation: the id of the one whose mail it is; empty: nobody's. */
bool condition_holds(const struct condition *condition, struct span organisation, const struct report *report);
bool direction_is_name(struct span name); /* "inbound" */

/* ---- jobs: acts on the outside world */
enum { JOB_NAME_MOST = 60, JOB_BYTES_MOST = 64 << 10, JOBS_MOST = 64 };
struct job {
    struct span lane;  /* who it is for: the name of a destination that the courier knows */
    struct span kind;  /* "webhook", "program", "mail" */
    struct span bytes; /* what it is told: at most JOB_BYTES_MOST */
};
struct jobs {
    VEC(struct job) list;
};

/* ---- notices */
struct notice {
    struct span name; /* of the destination too */
    struct condition when;
    struct span kind;
    bool mail;         /* an RFC 5322 message is written; else one JSON object, of docs/notice.schema.json */
    bool addresses;    /* subject, senders and recipients are told too; they are people's */
    struct span from, to; /* of the mail */
};
struct notices { /* of one organisation */
    VEC(struct notice) list;
    struct span organisation, name; /* id, and for people; both may be empty */
    enum language language;
};
void notices_plan(struct arena *arena, const struct notices *notices, const struct report *report, struct jobs *out);
