/* role/keep: what a door and the keeper say to each other: a message with all that is to be kept of it, and whether it is.
 *
 * In: the judge's record, the envelope as the door had it, the bytes of those copies that are to be held or sent by the courier. Out: kept,
 * or known from before. The door answers its client after that. Never: trusts a judge with the envelope.
 */
#pragma once
#include "action/action.h"
#include "base/base.h"

enum { COPY_NONE = 0xffffffff };
#define HELD_SECONDS_MOST (3650LL * 86400) /* ten years, as a configuration may say */
struct keep_recipient { /* as the mail server told of it; the door's word, which no judge could change */
    struct span address, params, org;
    bool original; /* the message as it came is kept for this one beside */
    bool stays;    /* this one is of an organisation here: what is for him may be sealed */
    unsigned original_if; /* as original, once it was decided what leaves: HELD_ORIGINAL_IF_AGREED, ..._DECLINED */
    uint32_t copy; /* number of its copy; COPY_NONE: nothing of it is kept for this one, who rides the answer, or was refused */
};
struct keep_copy { /* a stretch of the file that travels */
    uint64_t start, length;
    bool leaves; /* the courier sends it at once to hold.release_to, to each of its recipients; else it is held */
    bool edited; /* it bears fields of ours */
    struct span measure; /* struct seal_measure; empty: it is not to be sealed */
    bool waits;  /* held until a person agrees, who has it sent as the agreed stretch, or where it STAYS has it held as that */
    bool stays;
    uint64_t agreed_start, agreed_length;
    struct span agreed_measure;
    struct span asked; /* of him: "banner lock" */
};
struct keep_address { /* who gets the message as it came, whoever else does; the courier sends it at once */
    struct span address;
    bool stays; /* as a recipient's */
};
struct keep_row { /* what is to be kept of a message */
    struct span record, settings; /* of the judge, see scan_result; record empty: no judge lived to tell, and the others hold */
    struct span key, id, report;  /* of an unjudged message: 32 bytes and its organisation; id and JSON, without line end, of its answer */
    struct span org, jobs;        /* likewise: whose it is; notices of it, by unjudged_plan */
    enum unjudged_why why;        /* likewise */
    bool hold;                    /* bytes are to be kept: they travel as a descriptor */
    uint64_t length;              /* of them: of all copies together */
    struct span mail_from, mail_params; /* with hold: the envelope, and which recipient has which copy; without copies the whole is */
    VEC(struct keep_recipient) recipients; /* held for all of them */
    VEC(struct keep_copy) copies;
    VEC(struct keep_address) copy_to; /* with hold: the message as it came lies in front where any of them, or an original, is */
    uint64_t came;                /* likewise, and where any copy waits: its length */
    struct span measure;          /* of the message as it came; see keep_copy */
    uint64_t hold_seconds;        /* likewise: how long; 0: as keep.hold says */
    bool beside;                  /* likewise: its bytes are kept for these and as originals alone: nobody's delivery waits for them */
    int fd;                       /* not packed; -1: none */
};
struct kept { /* its answer, and the answer to a fetch: an id, then the organisation that may have it; none: any */
    enum { KEPT_NEW, KEPT_KNOWN, KEPT_NONE, KEPT_FAILED } how; /* NONE: no such id; FAILED: not kept, text says why */
    struct span id, report; /* of KNOWN: those of the first time; of NEW: not empty where it is kept under another id. report of a fetch */
    struct span text;
    bool held; /* of NEW and KNOWN: its bytes lie in the hold for recipients, so nobody else need keep them; of KNOWN: for all who have a copy there */
    struct span served; /* of KNOWN: recipients who need nothing of this one, each with a NUL behind, to be found by keep_key: their copies are held, were sent by the
                         * courier, or a person deleted them */
    struct span measure; /* of a pass that was good: as in struct held_copy */
    bool edited;         /* likewise */
};
/* One and the same mailbox, whatever the letters' case of its domain (RFC 5321 section 2.4); spans into address, or the arena. */
struct keep_key {
    struct span local, domain;
};
struct keep_key keep_key(struct arena *arena, struct span address);
int keep_key_compare(const void *left, const void *right); /* for qsort and bsearch */
void keep_row_pack(struct buf *out, const struct keep_row *row);
int keep_row_unpack(struct arena *arena, struct span bytes, struct keep_row *out); /* spans into bytes; -1: they do not fit */
void kept_pack(struct buf *out, const struct kept *kept);
int kept_unpack(struct span bytes, struct kept *out);
