/* record/held: messages of which bytes lie in the hold spool: for whom, and what became of each recipient's copy.
 *
 * In: a message's envelope as the door had it, and which stretch of its file is whose copy. Out: lists, and jobs of the kind "release",
 * by which the courier sends one recipient's copy to the mail server. Those who may release come by verbs and pages; each act is kept
 * with who, when and why, and outlives the bytes.
 * A file holds one copy or several, one behind the other: the message as it came, and what it was changed to. Copies that LEAVE at
 * once (a recipient whom the answer to the mail server did not serve) lie beside those that are held, and go the same way.
 * Those that WAIT for a person to agree have two stretches: what is sent when nobody does, and what they become when somebody does.
 * Never: touches a file, reads a clock, looks into a message. */
#pragma once
#include "record/record.h"

enum held_state { /* of one recipient's copy; kept in files: never renumbered */
    HELD_KEPT = 1,  /* until a person says what becomes of it */
    HELD_ASKED,     /* likewise; the recipient asked for it */
    HELD_LEAVING,   /* a job sends it */
    HELD_DELIVERED, /* the mail server has taken it */
    HELD_REFUSED,   /* the mail server would not have it, ever; it lies here still, and may be released anew */
    HELD_DELETED, HELD_EXPIRED,
    HELD_ORIGINAL,  /* the message as it came, of a recipient who got it changed: until somebody wants it back */
    HELD_WAITING,   /* until a person agrees to what policies propose, or does not; the recipient is not told of it */
    HELD_STATE_COUNT
};
const char *held_state_name(enum held_state state); /* "held", "asked", "leaving", ... */
bool held_lies_here(enum held_state state);         /* its bytes are wanted */

enum held_asked { /* kept in files: never renumbered */
    HELD_UNASKED,
    HELD_MAY_LEAVE, /* it waits: who agrees has it sent, changed */
    HELD_MAY_STAY,  /* it waits: who agrees has it held */
    HELD_AGREED, HELD_DECLINED, /* how its waiting ended; of one that was deleted neither */
    HELD_ASKED_COUNT
};
enum { HELD_ORIGINAL_IF_AGREED = 1, HELD_ORIGINAL_IF_DECLINED = 2 };

struct record_held {
    struct span id, ticket;  /* of the record; 16 bytes that nobody can guess */
    int64_t at, until;
    uint64_t size;           /* of the file */
    struct span state, file; /* "held", "ended" (nobody's copy is wanted), "forgotten"; its name in the spool */
    struct span mail_from, mail_params; /* of the envelope */
    bool enveloped;          /* they are known; not of messages that earlier versions held */
};
struct held_copy { /* of one recipient */
    struct span id;
    uint64_t number;               /* of the recipient in the envelope, from 0 */
    struct span address, params, org; /* as the mail server told them: address without brackets, "NOTIFY=NEVER ORCPT=..." */
    uint64_t start, length;        /* in the plain bytes of the file */
    enum held_state state;
    int64_t at;                    /* since when */
    struct span by, why, fault;    /* who brought that about, empty: the service; the mail server's words */
    struct span pass;              /* of one that leaves: see held_letter; empty: it was used, or none was made */
    bool edited;                   /* by us: the fields of ours in it stay */
    struct span measure;           /* struct seal_measure of its bytes; empty: it gets no seal when it comes in again */
    enum held_asked asked;
    uint64_t agreed_start, agreed_length; /* of one that waits: the stretch that it becomes when somebody agrees */
    struct span acts;              /* likewise, and after it: what is proposed, "banner lock" */
    int64_t waits;                 /* likewise: until when; TIME_UNKNOWN: it does not wait (any more) */
    unsigned original;             /* likewise, bits: when the message as it came, `came` bytes in front, is kept beside */
    uint64_t came;
    struct span agreed_measure, came_measure; /* likewise, of these stretches */
};
/* Numbers from here on are of no recipient: addresses that a policy sends the message to as it came, beside the recipients. What becomes of
 * these is in no outcome, and they go from the null sender: nobody outside hears of them. */
enum { HELD_BESIDE = 1 << 30 };
/* From here to there: originals; the recipient's own number is added. Neither says anything of what a recipient is to get. */
enum { HELD_ORIGINALS = 1 << 29 };
bool held_is_delivery(const struct held_copy *copy); /* of a recipient, whose own copy it is */
bool held_is_beside(const struct held_copy *copy);
struct held_copies { VEC(struct held_copy) list; };
struct record_held_list { VEC(struct record_held) list; };
/* Whether the message as it came lies in front of the file; its length. */
bool held_as_it_came(const struct held_copies *copies, uint64_t *length);

typedef bool (*held_each)(void *context, const struct held_copy *copy);

/* ---- the keeper's; inside the caller's transaction where it says so */
/* Copies in state HELD_KEPT, HELD_LEAVING, HELD_ORIGINAL or HELD_WAITING; those that leave get their jobs. Rows of
 * other numbers stay as they are: the file has their bytes where it had them, or they are lost. In a transaction. */
int held_lost(struct store *store, struct span id, int64_t now, struct err *err); /* what lay here of that id is expired; in a transaction */
int record_hold(struct store *store, struct arena *arena, const struct record_held *held, const struct held_copies *copies, struct err *err);
int record_held(struct store *store, struct arena *arena, struct span id, struct record_held *out, struct err *err); /* 1, 0: no bytes lie here, -1 */
int held_copies(struct store *store, struct arena *arena, struct span id, struct held_copies *out, struct err *err); /* by number; those that ended too */
/* Those whose bytes are to go: their time is over, nobody wants them any more, or their writer is forgotten. At most so many of each. */
int record_held_over(struct store *store, struct arena *arena, int64_t now, uint64_t most, struct record_held_list *out, struct err *err);
/* None waits longer than until `latest`, though a clock that was ahead had said so. A transaction of its own. */
int held_waits_end(struct store *store, int64_t latest, struct err *err);
/* Copies that waited until `now` and got no answer, at most so many, the longest waiting first: they are agreed to, or declined, by `by`. How many;
 * each hears of them as they were, after it is on disk. A transaction of its own, where there are any. */
int64_t held_unanswered(struct store *store, int64_t now, bool agree, struct span by, struct span why, uint64_t most, held_each each, void *context, struct err *err);
/* The row goes, and copies that lay here are expired: how many. In a transaction. Where a copy of it is leaving: -2, and it stays an hour. */
enum { HELD_STAYS = -2 };
int64_t record_held_end(struct store *store, const struct record_held *held, int64_t now, struct err *err);
int record_held_files(struct store *store, struct arena *arena, struct record_held_list *out, struct err *err); /* of each its file alone */
int record_held_sum(struct store *store, uint64_t *count, uint64_t *bytes, struct err *err);

uint64_t held_refused(struct store *store, uint64_t most); /* copies that the mail server would not have, ever: somebody is to look at them; none where the store cannot be read */

/* ---- on the way out: what a job of the kind "release" is about */
#define HELD_LANE "release" /* and its kind */
enum { PASS_LETTERS = 32 };
struct held_letter {
    struct record_held held;
    struct held_copy copy;
    struct span pass; /* PASS_LETTERS that are good for coming in by a door for reinjected mail, once, until the job has ended */
};
/* Makes a pass where there is none, or the last was used: whoever tries the same again has the same. 1; 0: it is not leaving (any more); -1. A transaction of its own. */
int held_letter(struct store *store, struct arena *arena, struct span job, struct held_letter *out, struct err *err);
/* 1: the pass was good, and is used up: id, measure and edited are those of the copy, or id the job's of mail of our own; 0: unknown, used, or its time is over; -1. Inside the caller's transaction.
 * Whoever used it may ask again for a day, for the answer may have been lost: `asker` is of the one message that bore it, and nobody can guess it. */
int held_pass(struct store *store, struct arena *arena, struct span pass, struct span asker, int64_t now, struct held_copy *out, struct err *err);

/* ---- mail of our own: digests. A job's bytes are the message; kind and lane are DIGEST_LANE. */
#define DIGEST_LANE "digest"
/* Copies that are held for recipients of that organisation since after `since`, and that nobody asked for yet: of those behind `after`, which is
 * in lower case, recipient by recipient; at most so many. */
int held_since(struct store *store, struct arena *arena, struct span org, int64_t since, struct span after, uint64_t most, struct held_copies *out, struct err *err);
int digest_told(struct store *store, struct span org, int64_t *at, struct err *err); /* when its recipients were told last; INT64_MIN: never */
int digest_tell(struct store *store, struct span org, int64_t at, struct err *err);  /* they were told of all until then */
/* One of a job's name is written once. 1: written; 0: it is there; -1. A transaction of its own. */
int digest_keep(struct store *store, struct span job, struct span about, struct span bytes, int64_t now, struct err *err);
int mail_pass(struct store *store, struct arena *arena, struct span job, struct span *pass, struct err *err); /* of our own mail, as held_letter's */

/* ---- what people do. Each a transaction of its own, synced. */
struct held_act {
    struct span id, recipient; /* recipient: an address; empty: all of them */
    struct span org;           /* not empty: copies of that organisation's recipients alone */
    struct span by, why;
    bool originals;            /* of release: what is kept as it came beside a changed copy, and nothing else */
};
struct held_done {
    uint64_t originals;   /* of release of anything else: how many of these are kept for those recipients */
    uint64_t done, found; /* copies; found 0: nothing of that id and recipient is known, or it is another organisation's */
    uint64_t declined;    /* of those done: they waited, and leave without what was proposed */
    enum held_state state; /* of one that was found and not done: why not */
};
int held_release(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err); /* what lies here leaves, and what waits without what was proposed */
int held_agree(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err);   /* what waits becomes what was proposed; nothing else is touched */
int held_delete(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err);  /* bytes go soon after, of originals too */
int held_ask(struct store *store, const struct held_act *act, int64_t now, struct held_done *out, struct err *err);     /* kept becomes asked */

struct held_wish { /* what is looked for; all that is given must hold */
    enum held_state state; /* 0: whatever lies here and is no original */
    struct span recipient, org;
    int64_t since, until;  /* held then or later; before that; TIME_UNKNOWN: any */
    uint64_t limit;        /* 0: none */
};
int64_t held_list(struct store *store, const struct held_wish *wish, held_each each, void *context, struct err *err); /* oldest first; how many */
