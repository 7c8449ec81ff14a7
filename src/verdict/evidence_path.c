#include "verdict/judging.h"

/* The road. What stands below the trust edge is the sender's word, so there only a false claim counts, and weakly. Kinds
 * of network are weak facts: honest firms rent servers. What a person of honest habits causes by forwarding counts nothing. */

enum { DAY = 86400, HOUR = 3600 };

static bool is_below_edge(const struct judging *at, const struct hop *hop)
{
    return at->path->edge_known && (size_t)(hop - at->path->hops.at) > at->path->edge;
}

static void names_examine(struct judging *at, const struct hop *hop)
{
    if (!(hop->oddities & HOP_NAME_MISFITS_NETWORK))
        return;
    bool edge = at->path->edge_known && (size_t)(hop - at->path->hops.at) == at->path->edge;
    struct span address = ip_text(at->arena, &hop->address);
    struct span network = at->path->client.network.name;
    if (edge)
        evidence_add(at, EVIDENCE_NAME_MISFIT, where_hop(at, hop), hop_name(hop), address, network);
    else if (is_below_edge(at, hop))
        evidence_add(at, EVIDENCE_HOP_MISFIT, where_hop(at, hop), hop_name(hop), address, S(""));
}

/* A claimed hop later than the edge by more than any zone or clock explains. */
static void time_examine(struct judging *at, const struct hop *hop)
{
    const struct hop *edge = &at->path->hops.at[at->path->edge];
    int64_t arrived = edge->time != TIME_UNKNOWN ? edge->time : edge->field ? TIME_UNKNOWN : at->arrival->received_at;
    if (arrived == TIME_UNKNOWN || hop->time == TIME_UNKNOWN || hop->time - DAY <= arrived)
        return;
    evidence_add(at, EVIDENCE_TIME_FORGED, where_hop(at, hop), hop->by,
                 arena_print(at->arena, "%lld", (long long)((hop->time - arrived) / HOUR)), S(""));
}

/* A server of ours below the edge, with another one between: the message is said to have been here before. */
static void loop_examine(struct judging *at, const struct hop *hop)
{
    if (!(hop->oddities & HOP_LOOP) || !hop->by.len)
        return;
    for (size_t i = 0; i <= at->path->edge && i < at->path->hops.len; i++)
        if (span_eq_case(at->path->hops.at[i].by, hop->by))
            evidence_add(at, EVIDENCE_LOOP_FORGED, where_hop(at, hop), hop->by, S(""), S(""));
}

static bool hop_is_of(const struct judging *at, const struct hop *hop, const struct service *service)
{
    const struct span names[] = {hop->from, hop->helo, hop->reverse, hop->by};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].len && service_by_host(at->tables, names[i]) == service)
            return true;
    return false;
}

static struct span service_field(const struct judging *at, const struct service *service)
{
    vec_each(name, &service->fields)
        if (message_field_named(at->message, *name, 0))
            return *name;
    return (struct span){0};
}

static bool is_rented_or_home(const struct network *network)
{
    return network->sure && (network->kind == NETWORK_HOSTING || network->kind == NETWORK_VPN || network->kind == NETWORK_ACCESS ||
                             network->kind == NETWORK_MOBILE);
}

/* The marks of a service in the header of unproved mail from a rented machine or a home, whose road leads through none of
 * the service's servers. Services send from networks of other services too, so a mail service's network says nothing. */
static void service_examine(struct judging *at)
{
    const struct path *path = at->path;
    const struct service *service = path->carrier.service;
    const struct network *network = &path->client.network;
    if (!service || !service->sure || path->carrier.borne_out || !at->tables || !path->edge_known)
        return;
    if (!is_rented_or_home(network) || span_eq(network->service, service->id) || author_is_proved(at) || at->proof->basis == BASIS_NONE)
        return;
    vec_each(hop, &path->hops)
        if (hop_is_of(at, hop, service))
            return;
    struct span field = service_field(at, service);
    if (field.len)
        evidence_add(at, EVIDENCE_SERVICE_FALSE, field, service->name, field, network->name);
}

static void client_examine(struct judging *at)
{
    const struct path *path = at->path;
    const struct network *network = &path->client.network;
    struct span address = ip_text(at->arena, &path->client.ip);
    bool pool = span_eq(path->tenant.pool, S("relay")) && path->tenant.place == FACT_TRUSTED;
    pool |= network->sure && network->kind == NETWORK_RELAY_POOL;
    if (author_is_proved(at) || at->proof->basis == BASIS_NONE)
        return; /* what people forward with its signature whole, and what nobody checked */
    if (pool)
        evidence_add(at, EVIDENCE_RELAY_POOL, S("client"), address, S(""), S(""));
    if (network->sure && network->kind == NETWORK_HOSTING && at->proof->dmarc.result == PROOF_FAIL)
        evidence_add(at, EVIDENCE_HOSTING, S("client"), address, network->name, S(""));
}

void evidence_of_path(struct judging *at)
{
    if (judging_is_outbound(at) || !at->path->smtp)
        return;
    vec_each(hop, &at->path->hops) {
        names_examine(at, hop);
        if (is_below_edge(at, hop)) {
            time_examine(at, hop);
            loop_examine(at, hop);
        }
    }
    service_examine(at);
    client_examine(at);
}
