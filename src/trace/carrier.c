/* The service that carried the message: told by its network and names at the edge, by header fields that only it
 * writes, by names on the road. Fields can be written by anybody; only the client at the edge bears a service out. */
#include "trace/inner.h"

static const struct service *service_of_network(const struct tables *tables, const struct network *network)
{
    return network->sure && network->service.len ? service_by_id(tables, network->service) : NULL;
}

/* A service may send from another one's network (Mandrill from Mailchimp's): its row lists that number too. */
static bool lies_in_network(const struct service *service, const struct network *network)
{
    if (!network->sure || network->kind != NETWORK_MAIL_SERVICE || !network->asn)
        return false;
    vec_each (asn, &service->asns)
        if (*asn == network->asn)
            return true;
    return false;
}

static bool writes_field(const struct service *service, struct span name)
{
    vec_each (field, &service->fields)
        if (span_eq_case(*field, name))
            return true;
    return false;
}

/* Most header fields are no service's: a sieve over length and letters spares them the comparison with every row. */
enum { SIEVE_BITS = 1024 };
struct sieve {
    uint64_t bits[SIEVE_BITS / 64];
};

static size_t sieve_slot(struct span name)
{
    size_t last = name.len ? (size_t)(name.at[name.len - 1] | 32) : 0,
           middle = name.len ? (size_t)(name.at[name.len / 2] | 32) : 0;
    return (name.len * 37 + last * 7 + middle * 131) % SIEVE_BITS;
}

static void sieve_fill(const struct tables *tables, struct sieve *sieve)
{
    size_t n = service_count(tables);
    *sieve = (struct sieve){0};
    for (size_t i = 0; i < n; i++)
        vec_each (field, &service_at(tables, i)->fields) {
            size_t slot = sieve_slot(*field);
            sieve->bits[slot / 64] |= (uint64_t)1 << slot % 64;
        }
}

static bool sieve_holds_back(const struct sieve *sieve, struct span name)
{
    size_t slot = sieve_slot(name);
    return !(sieve->bits[slot / 64] >> slot % 64 & 1);
}

static const struct service *service_that_writes(const struct tables *tables, struct span name)
{
    for (size_t i = 0; i < service_count(tables); i++)
        if (writes_field(service_at(tables, i), name))
            return service_at(tables, i); /* no field stands in two rows */
    return NULL;
}

/* The service of the topmost field that one writes; `wanted` where any field is its. */
static const struct service *service_by_fields(const struct tables *tables, const struct message *message,
                                               const struct service *wanted)
{
    const struct service *topmost = NULL;
    struct sieve sieve;
    sieve_fill(tables, &sieve);
    vec_each (field, &message->fields) {
        const struct service *service =
            sieve_holds_back(&sieve, field->name) ? NULL : service_that_writes(tables, field->name);
        if (service && (!wanted || service == wanted))
            return service;
        if (!topmost)
            topmost = service;
    }
    return topmost;
}

/* With no edge, the first hop received from a service's host by a machine that is not that service's. */
static const struct service *service_by_hops(const struct tables *tables, const struct path *path)
{
    vec_each (hop, &path->hops) {
        struct span name = hop->reverse.len ? hop->reverse : hop->helo.len ? hop->helo : hop->from;
        const struct service *service = looks_public(name) ? service_by_host(tables, name) : NULL;
        if (service && service_by_host(tables, hop->by) != service)
            return service;
    }
    return NULL;
}

static const struct service *service_at_edge(const struct tables *tables, struct path *path)
{
    const struct service *service = service_of_network(tables, &path->client.network);
    path->carrier.borne_out = service != NULL;
    if (service || !path->edge_known)
        return service;
    if (path->client.name.len && (service = service_by_host(tables, path->client.name)))
        path->carrier.borne_out = path->client.name_confirmed;
    return service;
}

static const struct service *service_of_helo(const struct tables *tables, const struct path *path)
{
    return path->edge_known && path->client.helo.len ? service_by_host(tables, path->client.helo) : NULL;
}

void carrier_find(struct arena *arena, const struct tables *tables, const struct arrival *arrival,
                  const struct message *message, struct path *path)
{
    struct carrier *carrier = &path->carrier;
    if (!tables)
        return;
    carrier->service = service_at_edge(tables, path);
    const struct service *by_fields = service_by_fields(tables, message, carrier->service);
    if (by_fields && (!carrier->borne_out || lies_in_network(by_fields, &path->client.network)))
        carrier->service = by_fields;
    if (!carrier->service)
        carrier->service = service_of_helo(tables, path);
    if (!carrier->service && !path->edge_known)
        carrier->service = service_by_hops(tables, path);
    if (carrier->service)
        account_find(arena, arrival, message, carrier);
}
