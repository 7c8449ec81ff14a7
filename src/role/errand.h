/* role/errand: a job on its way from the keeper to the courier, and what came of it on its way back. */
#pragma once
#include "base/base.h"

struct errand {
    struct span job, lane, kind, bytes; /* see record/outbox.h */
    uint64_t tries;                     /* before this one */
};
struct errand_end {
    enum { ERRAND_DONE, ERRAND_LATER, ERRAND_FAILED } how; /* FAILED: it would fail for ever */
    bool lane;         /* the receiver as a whole is at fault, not this job: others for it may wait too */
    uint64_t after;    /* LATER: not within so many seconds, for the receiver said so; 0: it did not */
    struct span fault; /* one line; empty where it is done */
};
/* What an errand of the kind "release" asks for, a descriptor of the spool's compressed file travelling beside it; and one of the kind
 * "digest", whose message stands in text. */
struct letter {
    struct span mail_from, mail_params, recipient, params;
    uint64_t start, length; /* of the copy in the plain bytes */
    struct span pass;       /* see held_letter */
    bool raw;               /* as it came, with what a stranger wrote into our fields: these stay behind */
    struct span text;       /* of a digest */
};
void letter_pack(struct buf *out, const struct letter *letter);
int letter_unpack(struct arena *arena, struct span bytes, struct letter *out); /* points into bytes; -1: they do not fit */
void errand_pack(struct buf *out, const struct errand *errand);
int errand_unpack(struct arena *arena, struct span bytes, struct errand *out); /* points into bytes; -1: they do not fit */
void errand_end_pack(struct buf *out, const struct errand_end *end);
int errand_end_unpack(struct arena *arena, struct span bytes, struct errand_end *out);
