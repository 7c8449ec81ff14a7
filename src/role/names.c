/* names: answers what judges ask, by one resolver; caps keep a silent name server from standing in the way of others. */
#include "role/inner.h"

#include <stdlib.h>
#include <sys/random.h>

/* Asks under way that belong together: to one organisation's domains, or for one client's messages. */
struct crowd {
    unsigned waiting;
    int64_t heard; /* when one of them was answered last, or the first began to wait */
};
enum { CROWDS = 4096 };

struct asking { /* a name under way for a message */
    struct asking *next, *previous;             /* of the desk, oldest first */
    struct asking *asker_next, **asker_link;    /* of the asker */
    struct names *names;
    struct asker *asker; /* NULL: nobody waits for the answer any more */
    uint32_t serial;
    uint32_t domain, client; /* crowds; CROWDS: none */
    struct dns_ask ask;
    char name[256];
};

struct asker {
    struct names *names;
    struct channel *channel; /* the caller's */
    struct asking *askings;
};

struct names {
    struct resolver *resolver;
    struct names_caps caps;
    const struct tables *tables;
    struct asking *first, *last;
    size_t waiting; /* those that somebody waits for */
    uint64_t seed, refused;
    struct arena *scratch, *batch_scratch;
    struct { /* answers that come at once are sent in one frame */
        struct buf bytes;
        struct asker *asker; /* NULL: none is being filled */
        uint32_t serial;
    } batch;
    struct crowd domains[CROWDS], clients[CROWDS];
};

enum { SCRATCH_MOST = 1 << 30, SILENT_MS = 500, BURST = 4 };

struct names *names_new(struct resolver *resolver, const struct names_caps *caps, const struct tables *tables)
{
    struct names *names = calloc(1, sizeof *names);
    if (!names)
        abort();
    names->resolver = resolver;
    names->caps = *caps;
    names->tables = tables;
    names->scratch = arena_new(SCRATCH_MOST);
    names->batch_scratch = arena_new(SCRATCH_MOST);
    if (getrandom(&names->seed, sizeof names->seed, GRND_NONBLOCK) < 0)
        names->seed = (uint64_t)clock_ms(); /* whoever guesses it can only make himself wait less */
    return names;
}

uint64_t names_refused(const struct names *names)
{
    return names->refused;
}

size_t names_waiting(const struct names *names)
{
    return names->waiting;
}

/* ---- crowds */
static uint32_t crowd_of(const struct names *names, struct span what)
{
    uint64_t hash = 0xcbf29ce484222325u ^ names->seed; /* FNV-1a */
    for (size_t i = 0; i < what.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(what.at[i])) * 0x100000001b3u;
    return (uint32_t)((hash ^ hash >> 29) % CROWDS);
}

static uint32_t domain_crowd(const struct names *names, struct span name)
{
    return crowd_of(names, names->tables ? organisation_of(names->tables, name) : name);
}

static uint32_t client_crowd(const struct names *names, const struct ip *client)
{
    if (client->family == IP_NONE)
        return CROWDS;
    return crowd_of(names, (struct span){(const char *)client->bytes, client->family == IP_V4 ? 4 : 8}); /* of IPv6 the network */
}

static void crowd_join(struct crowd *crowds, uint32_t at, int64_t now)
{
    if (at < CROWDS && !crowds[at].waiting++)
        crowds[at].heard = now;
}

static void crowd_leave(struct crowd *crowds, uint32_t at, bool heard, int64_t now)
{
    if (at >= CROWDS)
        return;
    crowds[at].waiting--;
    if (heard)
        crowds[at].heard = now;
}

/* So many wait, and none of them was answered for a while: another would wait in vain too. In a burst more may wait for a moment. */
static bool crowd_is_silent(const struct crowd *crowds, uint32_t at, unsigned cap, int64_t now)
{
    if (at >= CROWDS || !cap || crowds[at].waiting < cap)
        return false;
    return now - crowds[at].heard >= SILENT_MS || crowds[at].waiting >= BURST * cap;
}

/* ---- asks under way */
static void asker_unlink(struct asking *asking)
{
    if (!asking->asker)
        return;
    *asking->asker_link = asking->asker_next;
    if (asking->asker_next)
        asking->asker_next->asker_link = asking->asker_link;
    asking->asker = NULL;
    asking->names->waiting--;
}

static void asker_link(struct asking *asking)
{
    struct asker *asker = asking->asker;
    asking->asker_next = asker->askings;
    asking->asker_link = &asker->askings;
    if (asking->asker_next)
        asking->asker_next->asker_link = &asking->asker_next;
    asker->askings = asking;
}

static void asking_free(struct asking *asking)
{
    struct names *names = asking->names;
    asker_unlink(asking);
    *(asking->previous ? &asking->previous->next : &names->first) = asking->next;
    *(asking->next ? &asking->next->previous : &names->last) = asking->previous;
    free(asking);
}

static struct asking *asking_new(struct asker *asker, uint32_t serial, const struct dns_ask *ask, uint32_t domain, uint32_t client)
{
    struct names *names = asker->names;
    struct asking *asking = calloc(1, sizeof *asking);
    if (!asking)
        abort();
    *asking = (struct asking){.previous = names->last, .names = names, .asker = asker, .serial = serial,
                              .domain = domain, .client = client};
    size_t len = ask->name.len < sizeof asking->name ? ask->name.len : sizeof asking->name;
    memcpy(asking->name, ask->name.at, len);
    asking->ask = (struct dns_ask){{asking->name, len}, ask->type};
    *(names->last ? &names->last->next : &names->first) = asking;
    names->last = asking;
    names->waiting++;
    asker_link(asking);
    return asking;
}

/* ---- answers */
static void answer_send(struct asker *asker, uint32_t serial, const struct dns_answer *answer)
{
    struct names *names = asker->names;
    struct err err;
    if (names->batch.asker == asker && names->batch.serial == serial) {
        answer_pack(&names->batch.bytes, answer);
        return;
    }
    arena_reset(names->scratch);
    struct buf bytes = {.arena = names->scratch};
    answer_pack(&bytes, answer);
    channel_send(asker->channel, FRAME_ANSWER, serial, buf_span(&bytes), -1, &err); /* a death shows itself on reading */
}

static void refuse(struct asker *asker, uint32_t serial, const struct dns_ask *ask, struct span why)
{
    struct dns_answer answer = {.ask = *ask, .status = DNS_TIMED_OUT, .why = why};
    asker->names->refused++;
    answer_send(asker, serial, &answer);
}

static void on_answer(void *context, const struct dns_answer *answer)
{
    struct asking *asking = context;
    struct names *names = asking->names;
    int64_t now = clock_ms();
    bool heard = answer->status != DNS_TIMED_OUT && answer->status != DNS_UNKNOWN;
    crowd_leave(names->domains, asking->domain, heard, now);
    crowd_leave(names->clients, asking->client, false, now);
    if (asking->asker)
        answer_send(asking->asker, asking->serial, answer);
    asking_free(asking);
}

/* Where too many wait the oldest is told that it waits in vain; what comes for it later is only remembered by the cache. */
static void oldest_refuse(struct names *names)
{
    struct asking *asking = names->first;
    while (asking && !asking->asker)
        asking = asking->next;
    if (!asking)
        return;
    refuse(asking->asker, asking->serial, &asking->ask, S("too many names wait for answers; this one waited longest"));
    asker_unlink(asking);
}

static void ask_one(struct asker *asker, uint32_t serial, const struct dns_ask *ask, uint32_t client)
{
    struct names *names = asker->names;
    int64_t now = clock_ms();
    uint32_t domain = domain_crowd(names, ask->name);
    if (crowd_is_silent(names->domains, domain, names->caps.domain, now)) {
        refuse(asker, serial, ask, S("the name servers of this domain do not answer, and many wait for them"));
        return;
    }
    if (crowd_is_silent(names->clients, client, names->caps.client, now)) {
        refuse(asker, serial, ask, S("too many names of this client's messages wait for answers"));
        return;
    }
    struct asking *asking = asking_new(asker, serial, ask, domain, client);
    crowd_join(names->domains, asking->domain, now);
    crowd_join(names->clients, asking->client, now);
    resolver_ask(names->resolver, &asking->ask, on_answer, asking);
    if (names->caps.all && names->waiting > names->caps.all)
        oldest_refuse(names);
}

void names_ask(struct asker *asker, const struct frame *frame)
{
    struct names *names = asker->names;
    struct err err;
    struct ip client;
    struct dns_ask ask;
    struct span rest = frame->bytes;
    if (!asks_unpack(&rest, &client))
        return;
    arena_reset(names->batch_scratch);
    names->batch.bytes = (struct buf){.arena = names->batch_scratch};
    names->batch.asker = asker;
    names->batch.serial = frame->serial;
    uint32_t crowd = client_crowd(names, &client);
    while (ask_unpack(&rest, &ask))
        ask_one(asker, frame->serial, &ask, crowd);
    names->batch.asker = NULL;
    if (names->batch.bytes.len)
        channel_send(asker->channel, FRAME_ANSWER, frame->serial, buf_span(&names->batch.bytes), -1, &err);
}

/* ---- askers */
struct asker *names_asker(struct names *names, struct channel *channel)
{
    struct asker *asker = calloc(1, sizeof *asker);
    if (!asker)
        abort();
    asker->names = names;
    asker->channel = channel;
    return asker;
}

void asker_free(struct asker **asker)
{
    if (!*asker)
        return;
    while ((*asker)->askings)
        asker_unlink((*asker)->askings);
    free(*asker);
    *asker = NULL;
}

/* After the resolver, which drops what is under way. */
void names_free(struct names **names)
{
    if (!*names)
        return;
    while ((*names)->first)
        asking_free((*names)->first);
    arena_free(&(*names)->scratch);
    arena_free(&(*names)->batch_scratch);
    free(*names);
    *names = NULL;
}
