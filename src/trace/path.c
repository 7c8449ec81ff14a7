/* The whole road: the door's connection, the hops, the edge, the client there, and what it tells of services. */
#include "trace/inner.h"

void trace_settings_default(struct trace_settings *settings)
{
    *settings = (struct trace_settings){.preset = PRESET_NONE, .clock_tolerance = 300, .most_hops = 100};
}

bool trace_preset_parse(struct span name, enum trace_preset *out)
{
    static const struct span names[] = {[PRESET_NONE] = {"none", 4},
                                        [PRESET_POSTFIX] = {"postfix", 7},
                                        [PRESET_M365] = {"m365", 4},
                                        [PRESET_GOOGLE] = {"google", 6}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_eq_case(name, names[i])) {
            *out = (enum trace_preset)i;
            return true;
        }
    return false;
}

int64_t trace_arrival_time(struct arena *arena, const struct message *message)
{
    const struct field *top = message_field(message, FIELD_RECEIVED, 0);
    struct hop hop;
    if (!top)
        return TIME_UNKNOWN;
    received_parse(arena, top, &hop);
    return hop.time;
}

static void hops_read(struct arena *arena, const struct trace_settings *settings, const struct message *message,
                      struct path *path)
{
    vec_each (field, &message->fields) {
        if (field->id != FIELD_RECEIVED || path->received_fields++ >= settings->most_hops)
            continue;
        received_parse(arena, field, vec_push(arena, &path->hops));
    }
}

/* ---- the door's own connection */
static bool is_doors(const struct arrival *arrival, const struct hop *hop)
{
    if (hop->address.family != IP_NONE)
        return ip_eq(&hop->address, &arrival->client_ip);
    return arrival->helo.len && !hop->local &&
           (span_eq_case(hop->helo, arrival->helo) || span_eq_case(hop->from, arrival->helo));
}

/* A hop that ours wrote after the door, on the message's way inside. Without settings only stored mail bears such hops,
 * and only those within one machine count: at an open door all fields are the client's own. */
static bool written_inside(const struct trace_settings *settings, const struct arrival *arrival, const struct hop *hop)
{
    if (trusts_anything(settings))
        return handed_inside(hop) || scope_is_inside(hop->scope);
    return !arrival->listener.len && (handed_inside(hop) || hop->scope == IP_LOOPBACK);
}

/* The hop that is the door's connection: the topmost, or one below hops that ours wrote when they handed the message on
 * among themselves. hops.len where there is none. */
static size_t doors_hop(const struct trace_settings *settings, const struct arrival *arrival, const struct path *path)
{
    for (size_t i = 0; i < path->hops.len; i++) {
        const struct hop *hop = &path->hops.at[i];
        if (is_doors(arrival, hop))
            return i;
        if (!written_inside(settings, arrival, hop))
            break;
    }
    return path->hops.len;
}

static void door_tell(const struct arrival *arrival, struct hop *hop)
{
    hop->trust = HOP_DOOR;
    hop->address = arrival->client_ip;
    hop->scope = ip_scope_of(&hop->address);
    hop->local = false;
    if (arrival->helo.len)
        hop->helo = arrival->helo;
    hop->reverse = arrival->client_name.len ? arrival->client_name : hop->reverse;
    if (!hop->from.len)
        hop->from = hop->helo.len ? hop->helo : hop->reverse;
    if (arrival->tls.version.len)
        hop->tls.version = arrival->tls.version;
    if (arrival->received_at != TIME_UNKNOWN)
        hop->time = arrival->received_at;
}

static void door_place(struct arena *arena, const struct trace_settings *settings, const struct arrival *arrival,
                       struct path *path)
{
    if (arrival->client_ip.family == IP_NONE)
        return;
    size_t at = doors_hop(settings, arrival, path);
    if (at == path->hops.len) {
        vec_push(arena, &path->hops);
        memmove(path->hops.at + 1, path->hops.at, (path->hops.len - 1) * sizeof *path->hops.at);
        path->hops.at[0] = (struct hop){.time = TIME_UNKNOWN, .delay = TIME_UNKNOWN};
        at = 0;
    }
    door_tell(arrival, &path->hops.at[at]);
}

/* ---- the client */
static void client_find(const struct tables *tables, const struct arrival *arrival, struct path *path)
{
    if (!path->edge_known)
        return;
    const struct hop *hop = &path->hops.at[path->edge];
    path->client.ip = hop->address;
    path->client.name = hop->reverse;
    path->client.helo = hop->helo;
    path->client.scope = hop->scope;
    /* At the door the field may be the sender's own writing: only what the door was told is confirmed there. */
    path->client.name_confirmed =
        hop->trust == HOP_DOOR ? arrival->client_name.len > 0 : hop->reverse.len && writes_confirmed_names(hop);
    if (tables && hop->address.family != IP_NONE)
        network_of(tables, &hop->address, &path->client.network);
}

/* No edge: ours all the way down, or what ours cannot vouch for. A submission's own field says that no SMTP was; a
 * delivery over LMTP and what the sender wrote leave it to the lines below. */
static bool came_by_smtp(const struct arrival *arrival, const struct path *path)
{
    const struct hop *hops = path->hops.at;
    size_t len = path->hops.len, i = 0;
    if (arrival->local)
        return false;
    if (path->edge_known)
        return !hops[path->edge].local;
    if (!len)
        return arrival->helo.len || arrival->mail_from_state != SENDER_UNKNOWN;
    while (i < len && hops[i].trust != HOP_CLAIM)
        i++;
    if (i && !speaks_lmtp(&hops[i - 1]))
        return false;
    for (; i < len; i++)
        if (!hops[i].local)
            return hops[i].mailer != MAILER_FETCHMAIL;
    return false;
}

void trace_path(struct arena *arena, const struct trace_settings *settings, const struct tables *tables,
                const struct arrival *arrival, const struct message *message, struct path *out)
{
    *out = (struct path){0};
    hops_read(arena, settings, message, out);
    door_place(arena, settings, arrival, out);
    edge_find(settings, arrival, out);
    client_find(tables, arrival, out);
    out->smtp = came_by_smtp(arrival, out);
    carrier_find(arena, tables, arrival, message, out);
    inner_edge_find(arena, tables, out);
    oddities_find(arena, settings, tables, arrival->received_at, out);
    tenant_find(arena, tables, message, out);
}
