/* Where machines of ours end. Trust goes from the top down without a break: a hop is ours when the hop above it is, and
 * says that it received the message from a machine of ours. What names the next machine must not be its own word
 * (HELO). */
#include "trace/inner.h"

bool trusts_anything(const struct trace_settings *settings)
{
    return settings->preset != PRESET_NONE || settings->trusted_hosts.len || settings->trusted_networks.len;
}

static bool listed_host(const struct trace_settings *settings, struct span name)
{
    vec_each (host, &settings->trusted_hosts)
        if (domain_is_or_under(name, *host))
            return true;
    return false;
}

static bool listed_network(const struct trace_settings *settings, const struct ip *ip)
{
    vec_each (prefix, &settings->trusted_networks)
        if (ip_within(ip, &prefix->network, prefix->bits))
            return true;
    return false;
}

static bool google_wrote(const struct hop *hop)
{
    return google_host(hop->by) || (hop->mailer == MAILER_GOOGLE && hop->by_address.family != IP_NONE);
}

/* What a machine of a Postfix site can have written: Postfix, under a name of the site's own choice too, or a program
 * that took the message over from it. Exim or Sendmail that was reached through the network is another site's. */
static bool postfix_site_wrote(const struct hop *hop)
{
    switch (hop->mailer) {
    case MAILER_POSTFIX:
    case MAILER_ZIMBRA:
    case MAILER_DOVECOT:
        return true;
    case MAILER_UNKNOWN:
        return !(hop->oddities & HOP_UNREADABLE);
    case MAILER_EXIM:
    case MAILER_SENDMAIL:
    case MAILER_QMAIL:
    case MAILER_LIST:
    case MAILER_OTHER:
        return handed_inside(hop) || scope_is_inside(hop->scope) || speaks_lmtp(hop);
    default:
        return false;
    }
}

/* Whether the topmost field was written by a machine of ours. */
static bool ours_wrote_top(const struct trace_settings *settings, const struct hop *hop)
{
    if (listed_host(settings, hop->by) || listed_network(settings, &hop->by_address))
        return true;
    switch (settings->preset) {
    case PRESET_POSTFIX:
        return postfix_site_wrote(hop);
    case PRESET_M365:
        return microsoft_host(hop->by);
    case PRESET_GOOGLE:
        return google_wrote(hop);
    default:
        return false;
    }
}

/* Between servers of Exchange Online. What a tenant sends comes from outbound.protection.outlook.com: another customer.
 * A HELO of Microsoft's is its own word only on an address of Microsoft's. */
static bool microsoft_handed_on(const struct hop *hop)
{
    if (hop->local)
        return true;
    if (!microsoft_host(hop->from) || microsoft_outbound_host(hop->from))
        return false;
    return hop->address.family == IP_NONE || scope_is_inside(hop->scope) || microsoft_inside(&hop->address) ||
           microsoft_sends_from(&hop->address);
}

static bool preset_says_ours(const struct trace_settings *settings, const struct hop *hop, const struct hop *below)
{
    bool inside = handed_inside(hop) || scope_is_inside(hop->scope);
    switch (settings->preset) {
    case PRESET_POSTFIX:
        return inside;
    case PRESET_M365:
        return microsoft_host(below->by) && microsoft_handed_on(hop);
    case PRESET_GOOGLE:
        return google_wrote(below) && handed_inside(hop);
    default:
        return false;
    }
}

/* The peer's reverse name leads back to its address. At the door the field may be the client's own writing: there only
 * what the door was told counts. */
static bool reverse_is_confirmed(const struct arrival *arrival, const struct hop *hop)
{
    return hop->trust == HOP_DOOR ? arrival->client_name.len > 0 : writes_confirmed_names(hop);
}

/* A delivery over a socket comes from the machine that wrote the next field, where the two name one machine. */
static bool delivery_joins(const struct hop *hop, const struct hop *below)
{
    return hop->local && speaks_lmtp(hop) && below->by.len &&
           (span_eq_case(hop->from, below->by) || span_eq_case(hop->by, below->by));
}

/* Whether the hop received the message from a machine of ours, which then wrote the hop below. */
static bool peer_is_ours(const struct trace_settings *settings, const struct arrival *arrival, const struct hop *hop,
                         const struct hop *below)
{
    if (!trusts_anything(settings))
        return false;
    if (listed_network(settings, &hop->address))
        return true;
    if (hop->trust == HOP_DOOR && hop->address.family == IP_NONE)
        return false;
    bool inside = handed_inside(hop) || scope_is_inside(hop->scope);
    bool below_listed = listed_host(settings, below->by) || listed_network(settings, &below->by_address);
    if (below_listed && (inside || (reverse_is_confirmed(arrival, hop) && listed_host(settings, hop->reverse))))
        return true;
    if (delivery_joins(hop, below))
        return true;
    if (hop->scope == IP_LOOPBACK && settings->preset != PRESET_M365 && settings->preset != PRESET_GOOGLE)
        return true;
    return preset_says_ours(settings, hop, below);
}

static bool came_by_network(const struct hop *hop)
{
    return hop->trust == HOP_DOOR || (!handed_inside(hop) && hop->scope != IP_LOOPBACK);
}

void edge_find(const struct trace_settings *settings, const struct arrival *arrival, struct path *path)
{
    size_t len = path->hops.len, i = 0;
    struct hop *hops = path->hops.at;
    path->edge = len;
    while (i < len && hops[i].trust != HOP_DOOR)
        i++;
    if (i == len && !(len && ours_wrote_top(settings, &hops[0])))
        return;
    for (size_t above = 0; i < len && above < i; above++)
        hops[above].trust = HOP_TRUSTED; /* the door's connection stands below what ours wrote since */
    i = i < len ? i : 0;
    for (;; i++) {
        if (hops[i].trust != HOP_DOOR)
            hops[i].trust = HOP_TRUSTED;
        if (i + 1 == len || !peer_is_ours(settings, arrival, &hops[i], &hops[i + 1]))
            break;
    }
    /* The last hop of all may have begun inside: then the message came in nowhere. */
    if (!came_by_network(&hops[i]) || hops[i].mailer == MAILER_FETCHMAIL)
        return;
    path->edge = i;
    path->edge_known = true;
}

/* ---- one organisation further: a relay that is known by its network or confirmed name, at its own word */
static bool relay_wrote(struct arena *arena, const struct tables *tables, const struct path *path,
                        const struct hop *hop)
{
    const struct carrier *carrier = &path->carrier;
    if (carrier->borne_out && tables && hop->by.len && service_by_host(tables, hop->by) == carrier->service)
        return true;
    return path->client.name_confirmed && looks_public(hop->by) &&
           same_owner(arena, tables, hop->by, path->client.name);
}

static bool relay_handed_on(const struct tables *tables, const struct path *path, const struct hop *hop)
{
    struct network network;
    if (handed_inside(hop) || scope_is_inside(hop->scope))
        return true;
    return path->carrier.borne_out && tables && network_of(tables, &hop->address, &network) && network.sure &&
           span_eq(network.service, path->carrier.service->id);
}

void inner_edge_find(struct arena *arena, const struct tables *tables, struct path *path)
{
    path->inner_edge = path->hops.len;
    if (!path->edge_known)
        return;
    for (size_t i = path->edge + 1; i < path->hops.len && relay_wrote(arena, tables, path, &path->hops.at[i]); i++)
        if (!relay_handed_on(tables, path, &path->hops.at[i])) {
            path->inner_edge = i;
            return;
        }
}
