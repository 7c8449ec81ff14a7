/* door/answer: what a server that knows SpamAssassin's or Rspamd's words is answered: what a judge told of its report, or a kept one read again, and the table of
 * action/rating.h. */
#pragma once
#include "action/rating.h"
#include "door/flow.h"
#include "role/carried.h"

struct answer_symbol {
    struct span name;   /* LOOKALIKE_DOMAIN */
    struct span text;   /* for people */
    struct span option; /* may be empty */
    double weight;
};
struct answer {
    struct rating rating;
    struct span id;                   /* of the record; empty: there is none */
    struct span verdict;              /* "malicious", "unjudged" */
    double score;                     /* 0-100 */
    struct span idle;                 /* acts that are planned and not in force: "banner tag" */
    VEC(struct answer_symbol) symbols; /* what the verdict is first */
    VEC(struct span) links;
    struct span message_id;
    struct span why;                  /* of an unjudged one */
    struct span seal;                 /* value of our field; empty: none */
    bool junk;                        /* a policy wants it in the junk folder, and no edit says so */
    struct edits edits;               /* of the message, where they were asked for */
};
/* Of the flow's answer. defers: what is not judged is deferred; carries: whether edits were asked for. Spans live in the arena, but for those of the
 * edits, which live as the flow's answer does. */
enum answer_edits {
    ANSWER_NO_EDITS,
    ANSWER_FIELDS,  /* each edit of the header is told, and the new subject where it can be */
    ANSWER_MESSAGE  /* the message goes back */
};
void answer_make(struct arena *arena, const struct flow_answer *flow, bool defers, enum answer_edits carries, struct answer *out);
void answer_unjudged(struct arena *arena, struct span why, bool defers, bool too_large, struct answer *out);

/* ---- what of it the message itself shows */
/* always: SpamAssassin's fields are written where it is no spam too. */
void answer_fields(struct arena *arena, const struct answer *answer, bool always, struct header_wishes *out);
/* The new subject, on one line; empty: it stays, or is no text that can be told. */
struct span answer_subject(struct arena *arena, const struct edits *edits);
/* For people, lines ending in LF. */
struct span answer_text(struct arena *arena, const struct answer *answer);
