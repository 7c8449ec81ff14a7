/* action/handling: one message from its report to what a door does with it: policies for each recipient, what one answer carries of
 * them, and the edits.
 *
 * In: what is configured, the message and its report, fresh from verdict_reach. Out: a fate, edits, and the report's actions, which
 * tell of each policy what it does, and of an act that could not be done why.
 * A copy that waits until a person agrees (confirm) has two outcomes, and both are made here: whoever decides has no judge at hand.
 * Never: does anything; changes a report that no policy and no mode has a say in; edits mail on its way out (DESIGN section 7).
 */
#pragma once
#include "action/plan.h"

struct handling_house { /* an organisation */
    struct span id;
    enum language language; /* of the banner for its people; who is of none gets it in both */
};
struct handling_settings { /* one generation's */
    struct policies policies;
    VEC(struct handling_house) houses;
    struct span tags[3];      /* see plan_words */
    struct span authserv_id;  /* that our results bear; empty: none are written */
    struct span base_url;     /* of the pages of locked links; see generation */
    struct span arc_domain, arc_selector; /* of ARC sets over what is edited; empty: none are made */
    int64_t links_seconds;    /* how long a pass holds */
    int64_t hold_seconds;     /* how long what is held is kept, where no policy says otherwise */
    bool sends;               /* there is a way to the mail server beside the answer, for copies that are changed otherwise */
    bool writes_results;      /* some policy does: then nobody else's may bear this id, whatever becomes of a message */
};
struct handling_copy { /* what some recipients get beside the answer */
    numbers_t recipients;
    unsigned acts;
    struct edits edits;
};
struct handling_form {
    unsigned acts;
    struct edits edits; /* empty: as it came */
};
struct handling_wait { /* whose copy is held until somebody agrees */
    numbers_t recipients;
    unsigned asked;      /* bits of enum act: what he is asked about; ACT_HOLD: it stays held, as it came, where he agrees */
    struct handling_form declined, agreed; /* what leaves where nobody does; where somebody does, but for HOLD */
    numbers_t originals[2]; /* of them: whose message is kept as it came beside: declined, agreed */
};
struct handling {
    struct plan plan;
    enum fate fate;      /* of the one answer; HOLD and REJECT: of all recipients */
    numbers_t dropped;   /* of DELIVER: recipients, by their place in the envelope, whose copy is held instead */
    VEC(struct handling_copy) copies; /* of DELIVER: for recipients who do not ride the answer */
    VEC(struct handling_wait) waits;  /* of DELIVER and HOLD: for recipients in none of the others */
    numbers_t originals; /* of DELIVER: recipients whose message is changed, and is kept as it came; after handling_finish */
    int64_t hold_seconds; /* how long what lies in the hold is kept; 0: as all is; after handling_finish */
    unsigned acts;       /* what is done to what is delivered */
    unsigned barred;     /* what is never done to it */
    bool body_stays;     /* whoever handed it in takes no changed body: what would change it is not done, and told as that */
    unsigned unmet;      /* DOUBLE_LOCK, TAKE_OFF: could not be done to all that evidence names, so that what they were meant for is held */
    link_numbers_t links; /* to be locked: handling_finish wants addresses for them, */
    unsigned locks;       /* bits: of which kinds, ACT_LOCK and ACT_DOUBLE_LOCK */
    unsigned idle, asks_held; /* see struct plan_recipient */
    bool told;            /* DOOR_TELLS */
    struct edits edits;  /* of it; empty where it is not */
};
/* What whoever handed it in does with the answer: TELLS: is told what to do, and may know no word for hold: nothing waits there for a person, who would
 * let go what was delivered long ago. HOLDS: keeps nothing of what is held. DROPS: and leaves out recipients whose copy is held, or goes another way.
 * body_stays: whichever it is, it takes no changed body. */
enum handling_door { DOOR_TELLS, DOOR_HOLDS, DOOR_DROPS };
void handling_plan(struct arena *arena, const struct handling_settings *settings, const struct message_limits *limits, const struct message *message,
                   const struct report *report, enum handling_door door, bool body_stays, struct handling *out);
/* For whom of the recipients a link's page of that kind (ACT_LOCK, ACT_DOUBLE_LOCK) is: it stands in what they get, or may get. */
void handling_locks_for(const struct handling *handling, unsigned kind, bool *meant, size_t count);
struct handling_locks {
    VEC(struct lock) list; /* addresses for links of the plan */
    size_t dead;           /* of them lead to no page, for no pass could be had */
};
struct handling_words { /* what others made of it */
    struct span results;   /* the value of our Authentication-Results; may be empty */
    struct handling_locks locks, double_locks;
};
/* The edits of a plan. What links or files that are double-locked or taken off are left in is held. The report's actions are written anew where policies have a say in them. */
void handling_finish(struct arena *arena, const struct handling_settings *settings, const struct message_limits *limits,
                     const struct message *message, const struct handling_words *words, struct report *report, struct handling *out);
bool handling_is_empty(const struct handling *handling); /* delivered as it came */
