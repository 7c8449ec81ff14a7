/* What does not fit along the road. Facts only: most of it happens in honest mail too. */
#include "trace/inner.h"

enum { A_DAY = 86400 };

static void times_compare(const struct trace_settings *settings, int64_t arrived, struct path *path)
{
    int64_t below = TIME_UNKNOWN;
    for (size_t i = path->hops.len; i-- > 0;) {
        struct hop *hop = &path->hops.at[i];
        if (hop->time == TIME_UNKNOWN)
            continue;
        if (arrived != TIME_UNKNOWN && hop->time - settings->clock_tolerance > arrived)
            hop->oddities |= HOP_TIME_FUTURE;
        if (below != TIME_UNKNOWN) {
            hop->delay = hop->time - below;
            if (hop->delay < -settings->clock_tolerance)
                hop->oddities |= HOP_TIME_BACKWARDS;
            else if (hop->delay > A_DAY)
                hop->oddities |= HOP_TIME_JUMP;
        }
        below = hop->time;
    }
}

/* Names that a machine uses for itself only say nothing of who stood before. */
static bool comparable(struct span name)
{
    return name.len && looks_public(name);
}

static bool names_host(struct arena *arena, const struct tables *tables, const struct hop *hop, struct span host)
{
    const struct span said[] = {hop->from, hop->helo, hop->reverse};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (said[i].len &&
            (span_eq_case(said[i], host) || (looks_public(said[i]) && same_owner(arena, tables, said[i], host))))
            return true;
    return false;
}

static bool any_comparable(const struct hop *hop)
{
    return comparable(hop->from) || comparable(hop->helo) || comparable(hop->reverse);
}

/* The hop says from whom it received; the hop below says who wrote it. Where both give names that can be compared and
 * none of them is of one owner, a machine is missing between them or one of the two is invented. */
static bool gap_between(struct arena *arena, const struct tables *tables, const struct hop *hop,
                        const struct hop *below)
{
    if (handed_inside(hop) || hop->scope == IP_LOOPBACK || below->mailer == MAILER_FETCHMAIL)
        return false;
    if (hop->address.family != IP_NONE && ip_eq(&hop->address, &below->by_address))
        return false;
    if (!comparable(below->by) || below->by_address.family != IP_NONE || !any_comparable(hop))
        return false;
    return !names_host(arena, tables, hop, below->by);
}

/* Below a line that names no writer (qmail's own) the next line that does is compared. */
static const struct hop *writer_below(const struct path *path, size_t i)
{
    for (size_t k = i + 1; k < path->hops.len && k < i + 4; k++)
        if (path->hops.at[k].by.len)
            return &path->hops.at[k];
    return NULL;
}

static bool wrote_lower(const struct path *path, size_t i)
{
    for (size_t k = i + 1; k < path->hops.len; k++)
        if (span_eq_case(path->hops.at[i].by, path->hops.at[k].by))
            return true;
    return false;
}

/* Whether this machine wrote a field further down already, with a machine of another owner between. */
static bool looped(struct arena *arena, const struct tables *tables, const struct path *path, size_t i)
{
    struct span by = path->hops.at[i].by;
    bool other = false;
    if (!comparable(by) || !wrote_lower(path, i))
        return false;
    for (size_t k = i + 1; k < path->hops.len; k++) {
        struct span lower = path->hops.at[k].by;
        bool same = span_eq_case(by, lower);
        if (same && other)
            return true;
        if (!other && !same && comparable(lower))
            other = !same_owner(arena, tables, by, lower);
    }
    return false;
}

/* A public name of another owner than the writer's cannot have come from an address that has no way in from outside. */
static bool private_where_public(struct arena *arena, const struct tables *tables, const struct hop *hop)
{
    struct span name = hop->reverse.len ? hop->reverse : hop->helo.len ? hop->helo : hop->from;
    if (hop->local || !scope_is_inside(hop->scope) || hop->scope == IP_LOOPBACK)
        return false;
    return comparable(name) && comparable(hop->by) && !same_owner(arena, tables, name, hop->by);
}

/* A person's machine that logs in may call itself anything; so the programs that people use do. */
static bool logged_in(const struct hop *hop)
{
    return span_ends_case(hop->with, S("A")) && span_find_case(hop->with, S("SMTP"));
}

/* The service that the machine's names claim; none where a reverse name that leads back to the address bears the claim
 * out. */
static const struct service *service_claimed(const struct tables *tables, const struct hop *hop, bool confirmed)
{
    const struct service *by_reverse = comparable(hop->reverse) ? service_by_host(tables, hop->reverse) : NULL;
    if (by_reverse)
        return confirmed ? NULL : by_reverse;
    const struct service *by_helo = comparable(hop->helo) ? service_by_host(tables, hop->helo) : NULL;
    return by_helo || !comparable(hop->from) ? by_helo : service_by_host(tables, hop->from);
}

/* Only a service whose networks are all written down can be told not to own an address; an unknown network says
 * nothing. */
static bool name_misfits(const struct tables *tables, const struct hop *hop, bool confirmed)
{
    struct network network;
    if (!tables || hop->scope != IP_PUBLIC || logged_in(hop))
        return false;
    const struct service *service = service_claimed(tables, hop, confirmed);
    if (!service || !service->sure || !service->asns.len || !network_of(tables, &hop->address, &network))
        return false;
    if (network.service.len && (span_eq(network.service, service->id) || !network.sure))
        return false;
    if (!network.asn)
        return network.service.len > 0; /* a range that is another service's */
    vec_each (asn, &service->asns)
        if (*asn == network.asn)
            return false;
    return true;
}

void oddities_find(struct arena *arena, const struct trace_settings *settings, const struct tables *tables,
                   int64_t arrived, struct path *path)
{
    times_compare(settings, arrived, path);
    for (size_t i = 0; i < path->hops.len; i++) {
        struct hop *hop = &path->hops.at[i];
        const struct hop *below = writer_below(path, i);
        if (below && gap_between(arena, tables, hop, below))
            hop->oddities |= HOP_GAP;
        if (looped(arena, tables, path, i))
            hop->oddities |= HOP_LOOP;
        if (private_where_public(arena, tables, hop))
            hop->oddities |= HOP_PRIVATE_ADDRESS;
        if (hop->scope == IP_RESERVED || hop->scope == IP_DOCUMENTATION)
            hop->oddities |= HOP_RESERVED_ADDRESS;
        bool confirmed =
            path->edge_known && i == path->edge ? path->client.name_confirmed : writes_confirmed_names(hop);
        if (name_misfits(tables, hop, confirmed))
            hop->oddities |= HOP_NAME_MISFITS_NETWORK;
        path->oddities |= hop->oddities;
    }
}
