/* role/judge: a judge and the messages it holds, as its own files see them: judge.c has the loops and channels, slot.c what becomes of a
 * message. Nothing here waits: what is awaited comes as a frame, or its time is over. */
#pragma once
#include "auth/sign.h"
#include "role/inner.h"

enum { WORKS = 2 };
struct work { /* where messages come from and reports go to: one door */
    enum role role;
    struct channel *channel;
    struct marks *marks;  /* one a slot, for it alone; NULL: it was never there */
    size_t taken;         /* slots, by its messages */
    uint32_t parked_told; /* to it */
    int64_t parked_due;   /* not again before */
};

struct chain_link { /* one ARC set in the making: of what the answer carries, or of a copy */
    struct edits *edits;
    const struct message *edited;
    struct seal_request request;
    struct arc_writing writing;
    struct span to_sign;
    bool sealing; /* the message's signature is made, and the seal is awaited */
};

struct slot {
    struct arena *arena;
    struct walk walk;
    struct work *work; /* that gave the message */
    uint32_t serial;   /* under which it was given */
    uint32_t number;   /* under which it is asked for: doors count each by itself */
    bool taken;
    int64_t due; /* of its names; 0: none was asked yet */
    int64_t seals_due; /* of what the signer says of its seals; 0: nothing is awaited */
    int64_t scan_due;  /* of the virus scanner's word; 0: it is not awaited */
    bool ready;        /* but for these two */
    bool seal;         /* its measure is wanted */
    bool unasked;      /* the resolver had too much to read; its names are asked once it takes more */
    enum job_words wanted;
    bool body_stays;   /* its door makes edits of the header alone */
    bool carries, holds, drops; /* its door makes edits, keeps nothing of what is held, and leaves out recipients */
    bool judged;       /* but for the passes of its links */
    int64_t passes_due; /* until when these are awaited; 0: they are not */
    struct handling handling;
    struct handling_words words;
    bool handled;      /* its edits are made */
    VEC(struct chain_link) chain;
    size_t chain_at;   /* of these, which is being signed */
    int64_t chain_due; /* until when it is awaited; 0: it is not */
};

struct judge {
    const struct judge_settings *settings;
    struct channel *parent;       /* of the service; NULL: work is all there is */
    struct work works[WORKS];     /* the doors; of `scan` the first */
    struct channel *names;        /* where names are asked; the first work's in `scan` */
    struct channel *scanner;      /* where a virus scanner is asked; the same too */
    struct channel *keys;         /* of the service: who knows whether a seal is ours */
    bool unasked;                 /* a slot may be */
    bool keys_silent;             /* and not waited for, until something comes */
    struct slot *slots;    /* as many for each door as settings say */
    uint32_t last_number;
    size_t reach;          /* slots that were ever taken: of the others nothing need be known */
    struct arena *scratch; /* of one frame */
    struct arena *entries; /* of what the parent told last */
};

/* Whether one may be asked now; what may not is gone on without, as if nobody were there. In `scan` the channel of messages is that of
 * questions too, and its other end reads always. */
static inline bool judge_may_ask(const struct judge *judge, const struct channel *channel)
{
    return channel && (!judge->parent || !channel_is_full(channel));
}

/* ---- hang.c */
void hang_watch(unsigned seconds); /* of CPU for one step, then this process ends itself by SIGPROF; 0: never */
void hang_step(void);              /* the last one is over */

/* ---- slot.c */
/* One frame of a message: it comes from that door (NULL: another channel), or something that was asked for it. -1: what was to be sent
 * could not be. */
int judge_frame(struct judge *judge, struct work *work, const struct frame *frame, struct err *err);
/* Asks for what is wanted and parks the message, or reaches its end; ready: its names are known. */
int slot_go_on(struct judge *judge, struct slot *slot, bool ready, struct err *err);
int slot_ask(struct judge *judge, struct slot *slot, struct err *err);  /* the resolver, for all names that are wanted */
int seals_ask(struct judge *judge, struct slot *slot, struct err *err); /* the signer, as soon as they are read; it answers while the names are awaited */
int64_t names_due(const struct judge *judge, const struct slot *slot); /* until when its names are awaited; ms, of clock_ms */
void passes_ask(struct judge *judge, struct slot *slot); /* passes.c: the signer, for tokens of the links that are to be locked */
void passes_told(const struct judge *judge, struct slot *slot, struct span bytes); /* what it answered; empty: nothing came */
const struct message *slot_edited(struct slot *slot, const struct edits *edits); /* as it will leave, read anew; once where it has an ARC set */
void chain_begin(struct judge *judge, struct slot *slot); /* chain.c: ARC sets for what its edits break, where they are wanted */
void chain_ask(struct judge *judge, struct slot *slot); /* the signer, again */
void chain_signed(struct judge *judge, struct slot *slot, struct span bytes); /* what it answered; a set that is done is among the edits */
void slot_scanned(struct slot *slot, enum clamd_word word, struct span why);
void slot_leave(struct judge *judge, struct slot *slot); /* it is answered, or nobody waits for it any more */
