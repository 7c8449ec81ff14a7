#include "walk/walk.h"

/* What there is to ask witnesses about. */

/* Our own people and machines are on many a list of addresses that should not send by themselves: they do not. */
static bool comes_from_outside(const struct walk *walk)
{
    enum direction direction = walk->arrival.direction;
    return walk->path.smtp && !walk->arrival.login.len && direction != DIRECTION_OUTBOUND && direction != DIRECTION_SUBMISSION &&
           direction != DIRECTION_INTERNAL;
}

static struct span domain_of(const struct walk *walk, struct span name)
{
    struct ip ip;
    bool is_name = name.len && span_find_byte(name, '.') && !ip_parse(name, &ip);
    return is_name ? organisation_of(walk->settings->tables, name) : (struct span){0};
}

static void link_add(const struct walk *walk, const struct link_fact *fact, struct witness_subjects *out)
{
    struct span domain = fact->organisation;
    if (!fact->clickable || !domain.len || fact->traits & TRAIT_ADDRESS_HOST)
        return;
    vec_each(have, &out->links)
        if (span_eq(*have, domain))
            return;
    *vec_push(walk->arena, &out->links) = domain;
}

void asked_make(const struct walk *walk, struct witness_subjects *out)
{
    const struct content_links *links = &walk->content.links;
    enum ip_scope scope = walk->path.client.scope;
    *out = (struct witness_subjects){0};
    if (walk->message.from.len && walk->arrival.direction != DIRECTION_OUTBOUND && walk->arrival.direction != DIRECTION_SUBMISSION)
        out->domain = domain_of(walk, walk->message.from.at[0].domain_ascii);
    if (comes_from_outside(walk) && (scope == IP_PUBLIC || scope == IP_DOCUMENTATION)) {
        out->client = walk->path.client.ip;
        out->helo = domain_of(walk, domain_to_ascii(walk->arena, walk->path.client.helo));
    }
    if (links->main)
        link_add(walk, links->main, out);
    vec_each(fact, &links->list)
        link_add(walk, fact, out);
}
