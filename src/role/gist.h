/* role/gist: what a judge tells a door of its report, for answers in other filters' words: few words, so that nobody reads a report again.
 *
 * In and out: bytes that the two of them understand, in a piece of a result. A door trusts no length in them, and takes all texts for a
 * stranger's. Never: tells what becomes of the message, which role/carried.h does.
 */
#pragma once
#include "base/base.h"

struct report;

struct gist_evidence {
    struct span id, text; /* "brand-in-name", and its sentence in English */
    double weight;
};
struct gist_act { /* of a policy or a mode */
    struct span name; /* "hold" */
    bool active;      /* in force; else passive, or a person is asked first */
};
struct gist_link {
    struct span url;
};
struct gist {
    struct span verdict, message_id;
    struct span reason; /* of a message that was not judged; a judge tells none */
    double score;       /* 0-100; it and the weights rounded as in the report */
    VEC(struct gist_act) acts;
    VEC(struct gist_evidence) evidence; /* heaviest first */
    VEC(struct gist_link) links;        /* that are URLs */
};
enum { GIST_LINKS_MOST = 100, GIST_EVIDENCE_MOST = 200, GIST_ACTS_MOST = 10000, GIST_TEXT_MOST = 400 };
/* As its own JSON object would tell it: gist_take and gist_pack are the judge's, gist_unpack the door's. */
void gist_take(struct arena *arena, const struct report *report, struct gist *out);
void gist_pack(const struct gist *gist, struct buf *out);
/* Spans into bytes, lists in the arena. -1: they do not fit. */
int gist_unpack(struct arena *arena, struct span bytes, struct gist *out);
