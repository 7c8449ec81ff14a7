#include "verdict/verdict.h"

/* data/weights.tsv was read by `table`; here its rows meet the ids of evidence.def. */
int verdict_weights_take(struct verdict_settings *settings, const struct tables *tables, struct err *err)
{
    for (size_t i = 0; i < weight_count(tables); i++) {
        const struct weight *row = weight_at(tables, i);
        enum evidence_id id;
        if (!evidence_by_name(row->name, &id))
            return err_set(err, "weights.tsv: \"%.*s\" is no evidence of this program; take the file that belongs to it, or run `sekimori fit` again",
                           SPAN_FMT(row->name));
        if (row->fitted && row->value * evidence_kind(id)->prior < 0)
            return err_set(err, "weights.tsv: the weight of \"%.*s\" has the wrong sign: a fitted weight must agree with the prior, %g",
                           SPAN_FMT(row->name), evidence_kind(id)->prior);
        settings->weights[id] = row->fitted ? row->value : evidence_kind(id)->prior;
    }
    return 0;
}
