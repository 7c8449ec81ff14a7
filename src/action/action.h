/* action: what follows from a report, planned here and done by others. So far: notices, which tell people and programs of it.
 *
 * In: a report whose message is still there, or the envelope of a message that no judge could finish, and which notices are wanted. Out: jobs. The keeper writes them with the record,
 * the courier carries them out; where to is the courier's to know, so that a judge cannot choose it.
 * Never: does anything; reads a clock, a file, the network. */
#pragma once
#include "base/base.h"
#include "verdict/verdict.h"

/* ---- messages that no judge could finish: of them is known what stands on the envelope, and why */
enum unjudged_why {       /* kept in files: never renumbered */
    UNJUDGED_KILLED = 1,  /* two judges died over it */
    UNJUDGED_LOST,        /* judge after judge ended before it began with it */
    UNJUDGED_FAILED,      /* a judge said that it cannot finish with it */
    UNJUDGED_WHY_COUNT
};
const char *unjudged_text(enum unjudged_why why, enum language language); /* a sentence or two */
struct unjudged {
    struct span id;
    enum unjudged_why why;
    bool held; /* else it passed, marked */
    const struct arrival *arrival;
};

/* ---- appeals: a reader asks that a locked link be released */
struct appeal {
    struct span id, kind, host, note; /* of the record; "double-lock"; where the link leads; what the reader wrote */
    uint32_t link;
    enum verdict verdict;        /* that the reader was told */
    int64_t received_at, asked;  /* the message, the appeal */
    const struct span *people;   /* whom the link was made for: who of them asks, nobody can tell */
    size_t count;
};

/* ---- when. All that is given must hold; of a list one of it. */
enum notice_unjudged { NOTICE_UNJUDGED_NO, NOTICE_UNJUDGED_ALSO, NOTICE_UNJUDGED_ONLY };
enum notice_appeals { NOTICE_APPEALS_NO, NOTICE_APPEALS_ALSO, NOTICE_APPEALS_ONLY };
enum notice_waiting { NOTICE_WAITING_NO, NOTICE_WAITING_ALSO, NOTICE_WAITING_ONLY };
struct condition {
    enum notice_unjudged unjudged;   /* no, also, and no others; verdict, tags and evidence are not asked of them */
    enum notice_appeals appeals;     /* likewise; of them organisations alone are asked */
    enum notice_waiting waiting;     /* likewise: messages that wait for somebody to agree to a policy; of them directions and organisations alone are asked */
    enum verdict verdict;            /* this one or a worse one */
    VEC(struct span) tags, evidence; /* by their names */
    VEC(struct span) directions, organisations;
};
/* organisation: the id of the one whose mail it is; empty: nobody's. */
bool condition_holds(const struct condition *condition, struct span organisation, const struct report *report);
bool condition_holds_unjudged(const struct condition *condition, struct span organisation, const struct arrival *arrival);
bool condition_holds_waiting(const struct condition *condition, struct span organisation, const struct report *report); /* it waits */
bool condition_holds_appeal(const struct condition *condition, struct span organisation);
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
    int64_t confirm_seconds;      /* how long a message waits for somebody to agree */
    bool confirm_agrees;          /* what is done then */
};
void notices_plan(struct arena *arena, const struct notices *notices, const struct report *report, struct jobs *out);
void notices_plan_unjudged(struct arena *arena, const struct notices *notices, const struct unjudged *unjudged, struct jobs *out);
void notices_plan_appeal(struct arena *arena, const struct notices *notices, const struct appeal *appeal, struct jobs *out);
