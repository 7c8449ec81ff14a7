/* role/carried: what a judge tells a door to do with a message: its fate and its edits, in one piece of a result.
 *
 * In and out: bytes that the two of them understand. A door trusts no length in them; what they say of this message it does. Never:
 * tells of another message; names a recipient but by place.
 */
#pragma once
#include "action/handling.h"

struct carried_recipient {
    uint32_t number; /* place in the envelope, from 0 */
};
struct carried_copy { /* what some of them get another way */
    struct span bytes; /* a whole message */
    struct span measure; /* of it, for its seal: struct seal_measure; empty: it gets none */
    VEC(struct carried_recipient) recipients;
};
struct carried_wait { /* what becomes of those copies for which a person is asked first; they are held until then */
    VEC(struct carried_recipient) recipients;
    unsigned asked;          /* bits of enum act; ACT_HOLD: who agrees has it held, as it came */
    struct span declined;    /* a whole message; empty: as it came */
    struct span agreed;      /* likewise; of no account with ACT_HOLD */
    struct span declined_measure, agreed_measure; /* as a copy's, of those that are not empty */
    VEC(struct carried_recipient) originals_declined, originals_agreed; /* of them: for whom it is kept as it came beside, then */
};
struct carried_address {
    struct span address;
};
struct carried {
    enum fate fate;
    unsigned acts;      /* bits of enum act: what is done to what is delivered */
    struct edits edits; /* headers, body_changed and body alone */
    VEC(struct carried_recipient) dropped; /* of DELIVER: whose copy is held; they get nothing else */
    VEC(struct carried_copy) copies;       /* likewise, to be sent by the courier */
    VEC(struct carried_wait) waits;        /* of DELIVER and HOLD: of HOLD the others are held */
    VEC(struct carried_address) copy_to;   /* of any fate: who gets the message as it came too; recipients or not */
    struct span measure; /* of the message as it came, where it is kept: likewise */
    uint64_t hold_seconds; /* how long bytes that are kept lie there; 0: as keep.hold says */
    VEC(struct carried_recipient) originals; /* of DELIVER: for whom it is kept as it came, beside what they get */
};
void carried_pack(const struct carried *carried, struct buf *out);
/* Spans into bytes, lists in the arena. No bytes: it is delivered as it came. -1: they do not fit. */
int carried_unpack(struct arena *arena, struct span bytes, struct carried *out);
bool carried_keeps(const struct carried *carried); /* bytes are to be kept, for somebody */
/* More is to become of it than delivery with fields of ours: where that cannot be carried out it is not delivered. True of bytes that do not fit. */
bool carried_is_needed(struct arena *arena, struct span bytes);
struct span carried_acts(struct arena *arena, unsigned acts); /* "banner tag" */
