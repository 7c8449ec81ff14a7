#include "verdict/verdict.h"

/* data/weights.tsv was read by `table`; here its rows meet the ids of evidence.def. */

static int absence_take(struct verdict_settings *settings, const struct weight *row, struct span name, struct err *err)
{
    for (int need = 0; need < NEED_COUNT; need++)
        if (need_has_absence((enum need)need) && span_eq(name, span_of(need_name((enum need)need)))) {
            if (row->value > 0)
                return err_set(err, "weights.tsv: absence:%s is above 0; what was not found cannot speak against a message", need_name((enum need)need));
            settings->absence[need] = row->value;
            return 0;
        }
    return err_set(err, "weights.tsv: \"absence:%.*s\" is nothing this program weighs; run `sekimori fit` again", SPAN_FMT(name));
}

static int evidence_take(struct verdict_settings *settings, const struct weight *row, struct err *err)
{
    enum evidence_id id;
    if (!evidence_by_name(row->name, &id))
        return err_set(err, "weights.tsv: \"%.*s\" is no evidence of this program; take the file that belongs to it, or run `sekimori fit` again",
                       SPAN_FMT(row->name));
    if (row->fitted && row->value * evidence_kind(id)->prior < 0)
        return err_set(err, "weights.tsv: the weight of \"%.*s\" has the wrong sign: a fitted weight must agree with the prior, %g",
                       SPAN_FMT(row->name), evidence_kind(id)->prior);
    settings->weights[id] = row->fitted ? row->value : evidence_kind(id)->prior;
    return 0;
}

int verdict_weights_take(struct verdict_settings *settings, const struct tables *tables, struct err *err)
{
    const struct span absence = S("absence:");
    for (size_t i = 0; i < weight_count(tables); i++) {
        const struct weight *row = weight_at(tables, i);
        int taken = span_starts(row->name, absence) ? absence_take(settings, row, span_skip(row->name, absence.len), err)
                                                    : evidence_take(settings, row, err);
        if (taken < 0)
            return -1;
    }
    return 0;
}
