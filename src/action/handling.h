/* action/handling: one message from its report to what a door does with it: policies for each recipient, what one answer carries of
 * them, and the edits.
 *
 * In: what is configured, the message and its report, fresh from verdict_reach. Out: a fate, edits, and the report's actions, which
 * tell of each policy what it does, and of an act that could not be done why.
 * Never: does anything; changes a report that no policy and no mode has a say in; edits mail on its way out (DESIGN section 7).
 */
#pragma once
#include "action/plan.h"

typedef VEC(size_t) numbers_t;
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
struct handling {
    struct plan plan;
    enum fate fate;      /* of the one answer; HOLD and REJECT: of all recipients */
    numbers_t dropped;   /* of DELIVER: recipients, by their place in the envelope, whose copy is held instead */
    VEC(struct handling_copy) copies; /* of DELIVER: for recipients who do not ride the answer */
    numbers_t originals; /* of DELIVER: recipients whose message is changed, and is kept as it came; after handling_finish */
    int64_t hold_seconds; /* how long what lies in the hold is kept; 0: as all is; after handling_finish */
    unsigned acts;       /* what is done to what is delivered */
    unsigned barred;     /* what is never done to it */
    unsigned unmet;      /* DOUBLE_LOCK, TAKE_OFF: could not be done to all that evidence names, so that what they were meant for is held */
    link_numbers_t links; /* to be locked: handling_finish wants addresses for them */
    struct edits edits;  /* of it; empty where it is not */
};
/* drops: whoever handed it in leaves out recipients whose copy lies in the hold, or goes another way. */
void handling_plan(struct arena *arena, const struct handling_settings *settings, const struct message *message, const struct report *report,
                   bool drops, struct handling *out);
struct handling_words { /* what others made of it */
    struct span results;       /* the value of our Authentication-Results; may be empty */
    VEC(struct lock) locks;    /* addresses for links of the plan */
    size_t dead;               /* of them lead to no page, for no pass could be had */
};
/* The edits of a plan. What links or files that are double-locked or taken off are left in is held. The report's actions are written anew where policies have a say in them. */
void handling_finish(struct arena *arena, const struct handling_settings *settings, const struct message_limits *limits,
                     const struct message *message, const struct handling_words *words, struct report *report, struct handling *out);
bool handling_is_empty(const struct handling *handling); /* delivered as it came */
