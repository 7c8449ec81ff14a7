/* resolver: may ask DNS, or a zone file instead; never sees mail. */
#include "role/inner.h"

#include <stdlib.h>
#include <unistd.h>

struct resolver {
    struct resolver_settings settings;
    struct dns_resolver *dns;
    bool silent, told;
    struct err err; /* why it could not be opened */
};

struct resolver *resolver_new(const struct resolver_settings *settings)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (!resolver)
        abort();
    resolver->settings = *settings;
    if (settings->deadline_ms)
        resolver->settings.options.deadline_ms = settings->deadline_ms;
    return resolver;
}

void resolver_free(struct resolver **resolver)
{
    if (!*resolver)
        return;
    if ((*resolver)->dns)
        dns_resolver_close(&(*resolver)->dns);
    free(*resolver);
    *resolver = NULL;
}

static bool is_asking(struct resolver *resolver)
{
    if (resolver->settings.zone || resolver->settings.offline || resolver->silent)
        return false;
    if (!resolver->dns && dns_resolver_open(&resolver->settings.options, &resolver->dns, &resolver->err) < 0)
        resolver->silent = true;
    return !resolver->silent;
}

void resolver_ask(struct resolver *resolver, const struct dns_ask *ask, dns_done done, void *context)
{
    if (is_asking(resolver)) {
        dns_resolver_ask(resolver->dns, ask, done, context);
        return;
    }
    struct dns_answer answer = {.ask = *ask, .status = DNS_UNKNOWN, .why = S("offline")};
    if (resolver->settings.zone)
        dns_zone_answer(resolver->settings.zone, ask, &answer);
    done(context, &answer);
}

int resolver_fd(const struct resolver *resolver)
{
    return resolver->dns ? dns_resolver_fd(resolver->dns) : -1;
}

int resolver_wait_ms(const struct resolver *resolver)
{
    return resolver->dns ? dns_resolver_wait_ms(resolver->dns) : -1;
}

void resolver_run(struct resolver *resolver)
{
    if (resolver->dns)
        dns_resolver_run(resolver->dns);
}

const char *resolver_complaint(struct resolver *resolver)
{
    bool fell_silent = resolver->dns && dns_resolver_is_offline(resolver->dns);
    if (resolver->told || !(fell_silent || resolver->silent))
        return NULL;
    resolver->told = true;
    return fell_silent ? "no name server answers; going on offline, what DNS would have shown is unknown" : resolver->err.text;
}

/* ---- the process of the service */
struct desk { /* one judge that asks */
    struct desk *next;
    struct channel *channel;
    struct asker *asker;
};

struct serving {
    struct channel *parent;
    struct resolver *resolver;
    struct names *names;
    struct desk *desks;
    size_t count;
    struct pollfd *wait;
};

static void desk_open(struct serving *serving, int fd)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct pollfd *wait = realloc(serving->wait, (serving->count + 3) * sizeof *wait);
    if (!desk || !wait)
        abort();
    *desk = (struct desk){.next = serving->desks, .channel = channel_new(fd, FRAME_MOST)};
    channel_between(desk->channel, ROLE_RESOLVER, ROLE_JUDGE);
    desk->asker = names_asker(serving->names, desk->channel);
    serving->desks = desk;
    serving->wait = wait;
    serving->count++;
}

static void desk_close(struct serving *serving, struct desk **at)
{
    struct desk *desk = *at;
    *at = desk->next;
    serving->count--;
    asker_free(&desk->asker);
    channel_free(&desk->channel);
    free(desk);
}

static enum channel_state desk_turn(struct desk *desk)
{
    struct frame frame;
    struct err err;
    enum channel_state state;
    if (channel_flush(desk->channel, &err) < 0)
        return CHANNEL_BROKEN;
    while ((state = channel_receive(desk->channel, &frame, &err)) == CHANNEL_FRAME) {
        names_ask(desk->asker, &frame);
        fd_close_later(&frame.fd);
    }
    if (state == CHANNEL_BROKEN)
        log_event(LEVEL_WARNING, "channel-broken", "a judge's channel: %s", err.text);
    return state;
}

static enum channel_state parent_turn(struct serving *serving)
{
    struct frame frame;
    struct err err;
    enum role who;
    enum channel_state state;
    while ((state = channel_receive(serving->parent, &frame, &err)) == CHANNEL_FRAME) {
        if (frame.kind == FRAME_PING)
            channel_send(serving->parent, FRAME_PONG, frame.serial, (struct span){0}, -1, &err);
        else if (frame.kind == FRAME_LINK && role_linked(&frame, &who) >= 0)
            desk_open(serving, frame.fd);
    }
    return channel_flush(serving->parent, &err) < 0 ? CHANNEL_BROKEN : state;
}

static void serving_wait(struct serving *serving)
{
    size_t count = 0;
    serving->wait[count++] = channel_wait(serving->parent);
    serving->wait[count++] = (struct pollfd){resolver_fd(serving->resolver), POLLIN, 0};
    for (struct desk *desk = serving->desks; desk; desk = desk->next)
        serving->wait[count++] = channel_wait(desk->channel);
    poll(serving->wait, count, resolver_wait_ms(serving->resolver));
}

static void serving_end(struct serving *serving)
{
    while (serving->desks)
        desk_close(serving, &serving->desks);
    resolver_free(&serving->resolver);
    names_free(&serving->names);
    channel_free(&serving->parent);
    free(serving->wait);
}

int resolver_serve(int fd, const struct service_generation *generation)
{
    struct err err;
    struct serving serving = {.parent = channel_new(fd, FRAME_MOST), .resolver = resolver_new(&generation->resolver)};
    channel_between(serving.parent, ROLE_RESOLVER, ROLE_PARENT);
    serving.names = names_new(serving.resolver, &generation->caps, generation->tables);
    serving.wait = calloc(2, sizeof *serving.wait);
    if (!serving.wait)
        abort();
    channel_send(serving.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (parent_turn(&serving) == CHANNEL_LATER) {
        for (struct desk **at = &serving.desks; *at;)
            if (desk_turn(*at) == CHANNEL_LATER)
                at = &(*at)->next;
            else
                desk_close(&serving, at);
        resolver_run(serving.resolver);
        const char *complaint = resolver_complaint(serving.resolver);
        if (complaint)
            log_event(LEVEL_ERROR, "no-names", "%s", complaint);
        serving_wait(&serving);
    }
    serving_end(&serving);
    return 0;
}
