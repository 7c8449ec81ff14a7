/* door/flight: one message in flight, and the table of them; what is told of it in log and figures. */
#pragma once
#include "door/flow.h"
#include "door/killers.h"

enum stage { STAGE_WAITING, STAGE_JUDGING, STAGE_KEEPING, STAGE_SEALING, STAGE_OPENING };
enum { FLIGHT_BUCKETS = 1024, FRAME_ROOM = 64 << 20, FLIGHT_MOST = 1 << 30 };
struct flight {
    struct flight *next, *previous; /* of all */
    struct flight *bucket;          /* the next of the same bucket */
    struct flight *queued;          /* the next that waits for a judge, or for room in the keeper's channel */
    struct arena *arena;
    uint32_t serial;
    enum stage stage;
    bool unsent;  /* waits for that room */
    size_t weighs; /* bytes of what a judge told of it, until the keeper has answered */
    bool passing; /* with fetching: what is asked is whether a released message may pass */
    bool fetching, visiting, unjudged, held, sealed, stays;
    int held_fd; /* its bytes, to be held; -1: none */
    struct flow_counts *counts;
    flow_done done; /* NULL: nobody waits */
    void *context;
    struct scan_job job; /* the descriptor is the deal's once it was dealt out */
    uint8_t digest[SHA256_BYTES];
    struct span request;            /* to the keeper, or to the signer, to be sent again to the next */
    struct span measure;            /* for the signer; empty: there was no key, or it could not be read whole */
    struct flow_answer answer;      /* while it waits for its seal; spans in the arena */
    int64_t seal_due;
    struct span id, report, carried, gist, from_domain, evidence, generation;
    enum verdict verdict;
    double score;
    int64_t began_at, dealt_at, judged_at, kept_at; /* ms */
};

struct flow {
    enum role role;
    struct door_settings settings;
    struct arena *whose_arena;
    struct whose whose;
    struct flow_calls calls;
    struct judge_settings judge; /* slots and bytes of it */
    struct channel *parent, *keeper, *signer;
    int64_t signer_gone;
    bool signer_silent; /* and not waited for */
    int64_t keyless_until; /* there was no key; asked again then */
    size_t sealing; /* flights that wait for the signer */
    bool look_soon; /* messages wait for a judge that may have begun with others meanwhile */
    int64_t keeper_gone, tally_due, counts_due;
    struct deal *deal;
    struct killers *killers;
    struct flight *first, *buckets[FLIGHT_BUCKETS], *queue, **queue_last;
    struct flight *unsent, **unsent_last; /* the keeper is behind: no judge gets more meanwhile */
    size_t weight; /* of all that waits for the keeper's answer: likewise, where that is much */
    uint32_t last_serial;
    size_t holds;
    uint64_t held_bytes;
    uint64_t tally[TALLY_COUNT];
    bool draining, killers_told; /* told: by a keeper, once */
    bool oversized; /* a flight is to be kept of which more is to be told than a frame takes; its client waits for that to be seen */
    int64_t began_at;
    struct flow_counts *counts;
    struct flow_totals totals;
};

struct flight *flight_new(struct flow *flow, flow_done done, void *context);
void flight_free(struct flow *flow, struct flight *flight);
struct flight *flight_find(struct flow *flow, uint32_t serial); /* NULL: none */
void flight_tell(struct flow *flow, const struct flight *flight, const struct flow_answer *answer); /* log and figures */
void arrival_copy(struct arena *arena, const struct arrival *from, struct arrival *out);            /* without raw */
/* The flight's id and report, of a message that nobody could judge; its digest is known. */
void unjudged_write(struct flow *flow, struct flight *flight, struct span key, enum unjudged_why why);
void flight_answer(struct flow *flow, struct flight *flight, const struct flow_answer *answer); /* its end */

/* ---- copies.c */
void flight_copies(struct flight *flight, const struct whose *whose, struct keep_row *row); /* of a message that is held for somebody: the envelope, and its bytes as held_fd */

/* ---- sealing.c */
void seal_begin(struct flow *flow, struct flight *flight, const struct flow_answer *answer); /* which it gets with its seal, or without */
void signer_turn(struct flow *flow);
void signer_linked(struct flow *flow, int fd);
void signer_away(struct flow *flow, int64_t now); /* those that waited long enough */

/* ---- visiting.c: passes that readers bring */
void keep_send(struct flow *flow, struct flight *flight); /* flow.c: its request, to the keeper */
void opening_send(struct flow *flow, struct flight *flight);
void opening_end(struct flow *flow, struct flight *flight, const struct signed_answer *answer); /* NULL: nobody answered */
void on_visited(struct flow *flow, const struct frame *frame);
