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
static void judge_opened(void *context, struct desk *desk)
{
    desk->own = names_asker(context, desk->channel);
}

static void judge_asked(void *context, struct desk *desk, struct frame *frame)
{
    names_ask(desk->own, frame);
}

static void judge_gone(void *context, struct desk *desk)
{
    struct asker *asker = desk->own;
    asker_free(&asker);
}

int resolver_serve(int fd, const struct service_generation *generation)
{
    static const struct desk_calls calls = {.opened = judge_opened, .asked = judge_asked, .closed = judge_gone};
    struct err err;
    struct desks desks;
    struct resolver *resolver = resolver_new(&generation->resolver);
    struct names *names = names_new(resolver, &generation->caps, generation->tables);
    desks_open(&desks, ROLE_RESOLVER, fd, &calls, names);
    channel_send(desks.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (desks_turn(&desks)) {
        resolver_run(resolver);
        const char *complaint = resolver_complaint(resolver);
        if (complaint)
            log_event(LEVEL_ERROR, "no-names", "%s", complaint);
        desks_wait(&desks, resolver_fd(resolver), resolver_wait_ms(resolver));
    }
    desks_close_all(&desks);
    resolver_free(&resolver);
    names_free(&names);
    desks_end(&desks);
    return 0;
}
