/* action/plan: what becomes of a message for each of its recipients, by policies, and what of that one answer can carry.
 *
 * In: policies and the recipients with what was judged for each. Out: groups of recipients with one outcome; which of them rides
 * the mail server's answer; whose copy waits until a person agrees to more (confirm); what passive policies would have done.
 * Never: does anything; names a link or a token.
 */
#pragma once
#include "action/edit.h"

enum act { /* bits */
    ACT_HEADERS = 1 << 0, ACT_TAG = 1 << 1, ACT_BANNER = 1 << 2, ACT_LOCK = 1 << 3, ACT_DOUBLE_LOCK = 1 << 4, ACT_TAKE_OFF = 1 << 5,
    ACT_RENAME = 1 << 6, ACT_JUNK = 1 << 7, ACT_COPY = 1 << 8, ACT_HOLD = 1 << 9, ACT_REJECT = 1 << 10,
    ACT_COUNT = 11
};
const char *act_name(enum act act); /* "double-lock" */
bool act_by_name(struct span name, enum act *out);

/* ---- policies */
enum policy_mode { POLICY_PASSIVE, POLICY_CONFIRM, POLICY_ACTIVE };
struct policy {
    struct span name;
    struct condition when;
    double score;               /* this one or a higher one, 0-100 */
    VEC(struct span) domains;   /* of the recipient: it, or one under it; none: any */
    VEC(struct span) people;    /* addresses of recipients; none: any */
    VEC(struct span) does;      /* as a configuration names them; acts are the same, and what is looked at */
    unsigned acts;
    VEC(struct span) copy_to;   /* addresses that get the message as it came too, where it is among the acts */
    bool keep_original;         /* where an edit changes the message, it is kept as it came; of a confirm policy: where somebody agrees */
    int64_t keep_held;          /* seconds that what it holds is kept; 0: as others are */
    enum policy_mode mode;
};
struct policies {
    VEC(struct policy) list;
};

/* ---- recipients */
struct plan_recipient {
    struct span address;
    struct span organisation;       /* id; may be empty */
    const struct report *report;    /* as its organisation judges; the same for all where there is one */
    const struct policies *policies;
    bool en, ja;                    /* what the banner is written in for it */
    unsigned acts, asked;           /* of its organisation's own mode, beside what policies do: active; for a person to agree to */
    unsigned barred;                /* acts that are never done to its copy, whoever wants them */
    unsigned bars_held;             /* of these: where one of them is wanted it is held instead */
    unsigned idle;                  /* acts for which nobody is asked: they would come to nothing */
    unsigned asks_held;             /* acts that cannot be done once somebody agrees: he is asked to hold it instead */
};

/* ---- the plan */
typedef VEC(size_t) numbers_t;
enum fate { FATE_DELIVER, FATE_HOLD, FATE_REJECT, FATE_WAIT };
struct plan_form { /* what becomes of a copy */
    enum fate fate; /* DELIVER; HOLD: it stays, as it came */
    unsigned acts;  /* as those of a group */
    bool en, ja;
};
struct plan_group { /* recipients with one outcome */
    VEC(size_t) recipients; /* indices, rising */
    enum fate fate;         /* WAIT: held until somebody agrees that it become `agreed`; where nobody does it is delivered as the rest says */
    unsigned acts;          /* what is done to their copy: no hold, no reject and no copy among them */
    enum verdict verdict;
    bool en, ja;
    const struct report *report; /* the strictest of them */
    struct plan_form agreed;
};
struct plan_hit { /* a policy that holds for a recipient */
    size_t recipient, policy;
    enum policy_mode mode;
    unsigned acts; /* all that it wants: what it does where it is active, and else would have done */
};
struct plan {
    VEC(struct plan_group) groups;
    size_t rides;    /* the group that the answer carries; SIZE_MAX: none: all are held, or all rejected */
    bool rejected;   /* all agree */
    VEC(struct plan_hit) hits;
    VEC(struct span) copy_to; /* each address once; in no group: who gets the message as it came changes nothing for the others */
    numbers_t keepers;         /* recipients whose message is kept as it came where theirs is changed; rising */
    numbers_t agreed_keepers;  /* likewise, where theirs is changed by what somebody agreed to */
};
/* ONE_BODY: the mail server can neither drop a recipient nor tell them apart: the strictest outcome serves all, with the banner in
 * every language that one of them wants. ONE_DELIVERED: it can drop those whose copy is held; one body serves the others. ONE_WAITING: and those who wait
 * are asked about together. Without recipients the plan is empty. */
enum plan_bodies { PLAN_EACH, PLAN_ONE_BODY, PLAN_ONE_DELIVERED, PLAN_ONE_WAITING };
void plan_make(struct arena *arena, const struct plan_recipient *recipients, size_t count, enum plan_bodies bodies, struct plan *out);
/* That group is held after all, and another rides. */
void plan_hold(struct plan *plan, size_t group);
/* What is more in what a group becomes than in what it would be without: bits of enum act, hold among them. */
unsigned plan_asked(const struct plan_group *group);
/* A group of FATE_WAIT as somebody's agreement makes it: its acts and languages. */
struct plan_group plan_agreed(const struct plan_group *group);
/* The banner of a group; false: it wants none. */
bool plan_banner(struct arena *arena, const struct plan_group *group, struct banner *out);

/* What the acts of a group become as edits of its copy. */
struct plan_words {
    struct span tags[3];              /* before the subject, by enum verdict; empty: none */
    struct span authserv_id;          /* of our results */
    const struct header_line *results; /* our own, on top; NULL: none */
    const struct spam_marks *marks;   /* for ACT_HEADERS; NULL: none */
    VEC(struct lock) locks;           /* links_named with the addresses that the signer made, of the kind that is wanted */
};
/* banner: room for it, which lives as long as the wishes. Fields of ours that came with the message go, whatever the acts are. */
void plan_wishes(struct arena *arena, const struct plan_group *group, const struct plan_words *words, struct banner *banner,
                 struct edit_wishes *out);
