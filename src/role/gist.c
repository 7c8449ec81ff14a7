#include "role/gist.h"

#include "base/shape.h"
#include "verdict/verdict.h"

#include <math.h>

enum { LINKS_LOOKED = 200 /* as many as a report tells */ };

static const struct shape act_shape = SHAPE_OF(struct gist_act, SHAPED_SPAN(struct gist_act, name), SHAPED_NUMBER(struct gist_act, active));
static const struct shape evidence_shape =
    SHAPE_OF(struct gist_evidence, SHAPED_SPAN(struct gist_evidence, id), SHAPED_SPAN(struct gist_evidence, text), SHAPED_REAL(struct gist_evidence, weight));
static const struct shape link_shape = SHAPE_OF(struct gist_link, SHAPED_SPAN(struct gist_link, url));
static const struct shape gist_shape =
    SHAPE_OF(struct gist, SHAPED_SPAN(struct gist, verdict), SHAPED_SPAN(struct gist, message_id), SHAPED_REAL(struct gist, score),
             SHAPED_FEW(struct gist, acts, &act_shape, GIST_ACTS_MOST), SHAPED_FEW(struct gist, evidence, &evidence_shape, GIST_EVIDENCE_MOST),
             SHAPED_FEW(struct gist, links, &link_shape, GIST_LINKS_MOST));

/* The report tells four places. */
static double rounded(double value)
{
    return isfinite(value) ? round(value * 10000) / 10000 : 0;
}

static void links_take(struct arena *arena, const struct message *message, struct gist *out)
{
    for (size_t i = 0; i < message->links.len && i < LINKS_LOOKED && out->links.len < GIST_LINKS_MOST; i++) {
        const struct url *url = message->links.at[i].url;
        if (url && url->href.len)
            vec_push(arena, &out->links)->url = span_first(url->href, GIST_TEXT_MOST);
    }
}

void gist_take(struct arena *arena, const struct report *report, struct gist *out)
{
    *out = (struct gist){.verdict = span_of(verdict_name(report->verdict)), .message_id = span_first(report->message->message_id, GIST_TEXT_MOST),
                         .score = rounded(report->score)};
    for (size_t i = 0; i < report->actions.len && i < GIST_ACTS_MOST; i++) {
        const struct planned_action *action = &report->actions.at[i];
        *vec_push(arena, &out->acts) = (struct gist_act){action->action, span_eq(action->mode, S("active"))};
    }
    for (size_t i = 0; i < report->evidence.len && i < GIST_EVIDENCE_MOST; i++) {
        const struct evidence *evidence = &report->evidence.at[i];
        struct span text = span_first(evidence_text(arena, evidence, LANGUAGE_EN), GIST_TEXT_MOST);
        *vec_push(arena, &out->evidence) = (struct gist_evidence){span_of(evidence_kind(evidence->id)->name), text, rounded(evidence->weight)};
    }
    links_take(arena, report->message, out);
}

void gist_pack(const struct gist *gist, struct buf *out)
{
    shape_write(&gist_shape, gist, out);
}

int gist_unpack(struct arena *arena, struct span bytes, struct gist *out)
{
    *out = (struct gist){0};
    return shape_read(arena, &gist_shape, &bytes, out) && !bytes.len ? 0 : -1;
}
