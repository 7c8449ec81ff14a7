/* whose: which organisation a message belongs to, by its envelope alone. */
#include "role/duty.h"

#include "base/shape.h"

static const struct shape notice_shape =
    SHAPE_OF(struct notice, SHAPED_SPAN(struct notice, name), SHAPED_SPAN(struct notice, kind), SHAPED_NUMBER(struct notice, mail),
             SHAPED_NUMBER(struct notice, addresses), SHAPED_SPAN(struct notice, from), SHAPED_SPAN(struct notice, to),
             SHAPED_UP_TO(struct notice, when.unjudged, NOTICE_UNJUDGED_ONLY), SHAPED_UP_TO(struct notice, when.appeals, NOTICE_APPEALS_ONLY), SHAPED_SPANS(struct notice, when.directions),
             SHAPED_SPANS(struct notice, when.organisations));
static const struct shape notices_shape = SHAPE_OF(struct notices, SHAPED_LIST(struct notices, list, &notice_shape, JOBS_MOST), SHAPED_SPAN(struct notices, organisation),
                                                   SHAPED_SPAN(struct notices, name), SHAPED_UP_TO(struct notices, language, LANGUAGE_JA));
static const struct shape organisation_shape =
    SHAPE_OF(struct whose_organisation, SHAPED_SPAN(struct whose_organisation, id), SHAPED_NUMBER(struct whose_organisation, unjudged_hold),
             SHAPED_SPANS(struct whose_organisation, domains), SHAPED_INSIDE(struct whose_organisation, notices, &notices_shape));
static const struct shape whose_shape = SHAPE_OF(struct whose, SHAPED_LIST(struct whose, list, &organisation_shape, 0), SHAPED_INSIDE(struct whose, notices, &notices_shape));

void whose_pack(const struct whose *whose, struct buf *out)
{
    shape_write(&whose_shape, whose, out);
}

int whose_unpack(struct arena *arena, struct span bytes, struct whose *out)
{
    *out = (struct whose){0};
    return shape_read(arena, &whose_shape, &bytes, out) && !bytes.len ? 0 : -1;
}

const struct whose_organisation *whose_by_id(const struct whose *whose, struct span id)
{
    vec_each(organisation, &whose->list)
        if (id.len && span_eq(organisation->id, id))
            return organisation;
    return NULL;
}

void unjudged_plan(struct arena *arena, const struct whose *whose, const struct unjudged *unjudged, struct buf *out)
{
    struct jobs jobs = {0};
    const struct whose_organisation *organisation = whose_by_id(whose, unjudged->arrival->org);
    notices_plan_unjudged(arena, organisation ? &organisation->notices : &whose->notices, unjudged, &jobs);
    record_jobs_pack(&jobs, out);
}

void appeal_plan(struct arena *arena, const struct whose *whose, struct span org, const struct appeal *appeal, struct buf *out)
{
    struct jobs jobs = {0};
    const struct whose_organisation *organisation = whose_by_id(whose, org);
    notices_plan_appeal(arena, organisation ? &organisation->notices : &whose->notices, appeal, &jobs);
    record_jobs_pack(&jobs, out);
}

/* The longest domain wins: a part of one organisation may be another's. */
static struct span by_domain(const struct whose *whose, struct span domain)
{
    struct span found = {0};
    size_t longest = 0;
    vec_each(organisation, &whose->list)
        vec_each(own, &organisation->domains)
            if (own->len > longest && domain_is_or_under(domain, *own)) {
                found = organisation->id;
                longest = own->len;
            }
    return found;
}

struct span whose_address(struct arena *arena, const struct whose *whose, struct span address)
{
    const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
    struct span domain = at ? domain_to_ascii(arena, span_from(at + 1, address.at + address.len)) : (struct span){0};
    return domain.len ? by_domain(whose, domain) : (struct span){0};
}

void whose_arrival(struct arena *arena, const struct whose *whose, struct arrival *arrival)
{
    struct span first = {0};
    vec_each(recipient, &arrival->rcpt_to) {
        struct span org = whose_address(arena, whose, recipient->address);
        recipient->org = arena_copy(arena, org); /* the table may be replaced meanwhile */
        first = first.len ? first : recipient->org;
    }
    if (arrival->org.len)
        return;
    bool leaves = arrival->direction == DIRECTION_OUTBOUND || arrival->direction == DIRECTION_SUBMISSION;
    arrival->org = leaves ? arena_copy(arena, whose_address(arena, whose, arrival->mail_from)) : first;
}
