/* door/flow: the messages in flight of one door, whatever it speaks: waiting for a judge, being judged, being kept, done.
 *
 * What stays with us is sealed by the signer when it is kept; where that is away for longer than seal_wait_ms the answer goes
 * without, and is counted. A judge's death sends its messages to another (role/duty.h); the keeper's death hands its records to the next keeper,
 * which knows them by their keys. A message that killed two judges is unjudged, and remembered so that it kills no third.
 */
#pragma once
#include "record/click.h"
#include "role/duty.h"
#include "role/service.h"

enum unsealed { UNSEALED_NO_KEY, UNSEALED_NO_SIGNER, UNSEALED_NOT_WHOLE, UNSEALED_REFUSED, UNSEALED_COUNT }; /* what should have got a seal and did not */
enum { FLOW_BUCKETS = 14 };
extern const unsigned flow_bounds[FLOW_BUCKETS]; /* of the histograms, in ms; a last bucket has no bound */
struct histogram {
    uint64_t buckets[FLOW_BUCKETS + 1], count, sum_ms;
};
struct flow_counts { /* of one listener, by its name; they live as long as the door */
    struct flow_counts *next;
    char name[NAME_MOST];
    uint64_t verdicts[3], unjudged, unread, repeated, not_kept;
    uint64_t sealed, unsealed[UNSEALED_COUNT]; /* see enum unsealed */
    uint64_t connections;  /* open */
    uint64_t answers[600]; /* by status */
    struct histogram wait, judge, keep, seal, whole;
};
struct flow_totals {
    uint64_t judge_deaths, keeper_links, settings; /* how often these came */
    uint64_t deaths[ROLE_COUNT];                   /* by role, since the service began */
    struct witness_tally witnesses;
};

enum flow_end { FLOW_REPORT, FLOW_UNJUDGED, FLOW_UNREAD, FLOW_NOT_KEPT, FLOW_NONE };
struct flow_answer { /* lives until the call returns */
    enum flow_end end;
    struct span id, report; /* of REPORT and UNJUDGED; NONE: no such id. report: empty where job->words asked for none, and it was not repeated */
    struct span gist;       /* of REPORT, where job->words asked for it and it was not repeated: for gist_unpack (role/gist.h) */
    struct span seal;       /* value of the field to be added; empty: none */
    bool edited;            /* of a pass: the copy bears fields of ours; else all such are its sender's */
    bool sealed;            /* the message came with seals, which are to be removed */
    struct span carried;    /* of REPORT: what becomes of it, for carried_unpack (role/carried.h); of NOT_KEPT: what was to: see carried_is_needed */
    bool held;              /* its bytes lie in the hold: nobody need keep it any more */
    struct span served;     /* of one that is repeated: see struct kept */
    bool repeated;          /* it had been kept before: this is the first answer again */
    struct span why;        /* of UNREAD and NOT_KEPT */
};
struct flow;
typedef void (*flow_done)(void *context, const struct flow_answer *answer);
struct flow_calls { /* what the parent says of listening sockets */
    void (*settings)(void *context); /* of the door: new ones hold */
    void (*listen)(void *context, uint32_t number, const struct listener_settings *settings, int fd); /* takes fd over; a number may be known */
    void (*unlisten)(void *context, uint32_t number);
    void *context;
};
struct flow *flow_new(int parent, enum role role, const struct flow_calls *calls); /* role: which door it is */
/* job->fd is taken over, and so is what raw points to, from malloc; other spans are copied; org is filled in. done is called once, later, unless the ticket is dropped before. */
uint32_t flow_judge(struct flow *flow, const struct scan_job *job, struct flow_counts *counts, flow_done done, void *context);
uint32_t flow_fetch(struct flow *flow, struct span id, struct span org, flow_done done, void *context); /* org: whose it must be; empty: anybody's */
/* A pass that a reader brought, by the signer. REPORT: report is its text; NONE: its key is gone, or never was; UNREAD: it is none of ours, or
 * of another purpose; NOT_KEPT: nobody could open it. */
uint32_t flow_open(struct flow *flow, struct span purpose, struct span token, flow_done done, void *context);
uint32_t flow_visit(struct flow *flow, const struct visit *visit, flow_done done, void *context); /* REPORT: struct visited, packed; NOT_KEPT */
/* Who is told that a reader asks, packed. */
struct span flow_appeal_jobs(const struct flow *flow, struct arena *arena, const struct visit *visit, const struct visited *visited);
/* X-Sekimori-Release of mail that comes in again: REPORT: it was good, is used up, and id is the record's; seal and edited tell of its copy;
 * NONE: it has no force. */
uint32_t flow_release(struct flow *flow, struct span pass, struct flow_counts *counts, flow_done done, void *context);
void flow_drop(struct flow *flow, uint32_t ticket); /* nobody waits any more; the message is judged and kept all the same */
size_t flow_wait(struct flow *flow, struct pollfd *out, size_t most, int *wait_ms); /* wait_ms may be made shorter */
void flow_waited(struct flow *flow, const struct pollfd *said, size_t count); /* what poll said to them, at once behind it */
bool flow_turn(struct flow *flow);                  /* false: the parent is gone, and so must we be */

/* What becomes of a message that nobody can judge: true: it is deferred or held; false: it passes, marked. */
bool flow_defers(const struct flow *flow, const struct arrival *arrival);
bool flow_is_full(const struct flow *flow);
bool flow_is_ready(const struct flow *flow);        /* there are judges, and a keeper */
bool flow_has_keeper(const struct flow *flow);      /* or it went a moment ago and another may soon be there */
bool flow_has_signer(const struct flow *flow);
bool flow_is_draining(const struct flow *flow);
size_t flow_holds(const struct flow *flow);
uint64_t flow_held_bytes(const struct flow *flow);
size_t flow_judges(const struct flow *flow);
size_t flow_parked(const struct flow *flow);        /* messages that wait for the world */
const uint64_t *flow_tally(const struct flow *flow); /* by enum tally, as the keeper said last */
const struct door_settings *flow_settings(const struct flow *flow);
struct flow_counts *flow_counts(struct flow *flow, const char *listener); /* begun with the first asking */
const struct flow_counts *flow_counts_first(const struct flow *flow);
const struct flow_totals *flow_totals(const struct flow *flow);
