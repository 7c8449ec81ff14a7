/* What a generation says of judges and of the resolver, as they take it. */
#include "role/inner.h"


void judge_settings_take(struct judge_settings *settings, const struct generation *generation)
{
    settings->slots = generation->judges.slots;
    settings->most_bytes = generation->judges.most_bytes;
    settings->ceiling = generation->judges.ceiling;
    settings->hang_seconds = (unsigned)generation->judges.hang_seconds;
    settings->deadline_ms = (int)generation->judges.deadline_ms;
    settings->scan_ms = (int)generation->clamd.deadline_ms;
}

void clamd_options_take(struct clamd_options *options, const struct generation *generation)
{
    const struct address *address = &generation->clamd.address;
    *options = (struct clamd_options){.path = address->path.len ? address->path.at : NULL, .ip = address->ip, .port = address->port,
                                      .deadline_ms = (int)generation->clamd.deadline_ms};
}

void resolver_settings_take(struct resolver_settings *settings, const struct generation *generation)
{
    settings->zone = generation->zone;
    settings->offline = generation->dns.offline;
    settings->deadline_ms = (int)generation->dns.deadline_ms;
    settings->options.silence_ms = (int)generation->dns.silence_ms;
    settings->options.resolv_conf = generation->dns.resolv_conf.len ? generation->dns.resolv_conf.at : NULL;
    settings->options.trust_anchor = generation->dns.trust_anchor.len ? generation->dns.trust_anchor.at : NULL;
    settings->options.forward = generation->dns.forward.len ? generation->dns.forward.at : NULL;
}
