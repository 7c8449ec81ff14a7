/* settings: the numbers of one generation, kept beside the records that were judged by it. */
#include "verdict/stored.h"

#include "base/shape.h"

struct named_number {
    struct span name;
    double number;
};
struct named_settings {
    double prior, suspicious, malicious;
    struct span mode;
    VEC(struct span) sealers;
    VEC(struct named_number) weights, absence;
};
static const struct shape number_shape = SHAPE_OF(struct named_number, SHAPED_SPAN(struct named_number, name), SHAPED_REAL(struct named_number, number));
static const struct shape settings_shape =
    SHAPE_OF(struct named_settings, SHAPED_REAL(struct named_settings, prior), SHAPED_REAL(struct named_settings, suspicious),
             SHAPED_REAL(struct named_settings, malicious), SHAPED_SPAN(struct named_settings, mode), SHAPED_SPANS(struct named_settings, sealers),
             SHAPED_LIST(struct named_settings, weights, &number_shape, 0), SHAPED_LIST(struct named_settings, absence, &number_shape, 0));

void verdict_settings_write(const struct verdict_settings *settings, struct buf *out)
{
    struct named_settings named = {.prior = settings->prior, .suspicious = settings->suspicious, .malicious = settings->malicious,
                                   .mode = settings->mode};
    memcpy(&named.sealers, &settings->trusted_sealers, sizeof named.sealers);
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        *vec_push(out->arena, &named.weights) = (struct named_number){span_of(evidence_kind((enum evidence_id)id)->name), settings->weights[id]};
    for (int need = 0; need < NEED_COUNT; need++)
        if (settings->absence[need] != 0)
            *vec_push(out->arena, &named.absence) = (struct named_number){span_of(need_name((enum need)need)), settings->absence[need]};
    shape_write(&settings_shape, &named, out);
}

bool verdict_settings_read(struct arena *arena, struct span bytes, struct verdict_settings *out)
{
    struct named_settings named = {0};
    enum evidence_id id;
    if (!shape_read(arena, &settings_shape, &bytes, &named) || bytes.len)
        return false;
    verdict_settings_default(out);
    out->prior = named.prior;
    out->suspicious = named.suspicious;
    out->malicious = named.malicious;
    out->mode = named.mode;
    memcpy(&out->trusted_sealers, &named.sealers, sizeof named.sealers);
    vec_each(weight, &named.weights)
        if (evidence_by_name(weight->name, &id))
            out->weights[id] = weight->number;
    vec_each(absence, &named.absence)
        for (int need = 0; need < NEED_COUNT; need++)
            if (span_eq(absence->name, span_of(need_name((enum need)need))))
                out->absence[need] = absence->number;
    return true;
}
