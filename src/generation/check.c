/* Values against each other: what each alone allows and all together cannot mean. */
#include "generation/inner.h"

#include "auth/sign.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

/* Of two values that contradict each other the one that somebody wrote. */
static const void *written_of(const struct reading *reading, const void *one, const void *other)
{
    return place_of(reading->out, one)->written || !place_of(reading->out, other)->written ? one : other;
}

/* ---- organisations */
static void domain_check(struct reading *reading, const struct organisation *organisation, size_t index)
{
    const struct span *domain = &organisation->identity.own_domains.at[index];
    for (const struct organisation *other = reading->out->organisations.at; domain->len && other <= organisation; other++)
        vec_each(same, &other->identity.own_domains)
            if (same == domain)
                return;
            else if (span_eq(*same, *domain)) {
                FAULT(reading, &organisation->identity.own_domains, other == organisation ? "\"%.*s\" stands twice; take one of them out"
                      : "\"%.*s\" is a domain of organisation \"%.*s\" already; a domain belongs to one", SPAN_FMT(*domain), SPAN_FMT(other->id));
                return;
            }
}

static void organisation_check(struct reading *reading, struct organisation *organisation)
{
    for (const struct organisation *other = reading->out->organisations.at; organisation->id.len && other < organisation; other++)
        if (span_eq(other->id, organisation->id))
            FAULT(reading, &organisation->id, "\"%.*s\" is the id of two organisations; each has its own", SPAN_FMT(organisation->id));
    for (size_t i = 0; i < organisation->identity.own_domains.len; i++)
        domain_check(reading, organisation, i);
    if (!organisation->identity.own_domains.len && !organisation->people_file.len)
        FAULT(reading, &organisation->identity.own_domains, "is empty: nothing would be this organisation's; name its domains here or in people_file");
    if (organisation->suspicious >= organisation->malicious)
        FAULT(reading, written_of(reading, &organisation->suspicious, &organisation->malicious),
              "suspicious (%.15g) must lie below malicious (%.15g); raise malicious or lower suspicious", organisation->suspicious,
              organisation->malicious);
    if (organisation->mode == MODE_PASSIVE && organisation->unjudged == UNJUDGED_HOLD)
        FAULT(reading, &organisation->unjudged, "hold contradicts mode: passive, which holds nothing; write pass, or change the mode");
    if (organisation->unjudged == UNJUDGED_BY_MODE)
        organisation->unjudged = organisation->mode == MODE_ACTIVE ? UNJUDGED_HOLD : UNJUDGED_PASS;
}

/* ---- listeners */
static bool is_any(const struct ip *ip)
{
    static const uint8_t zero[16];
    return memcmp(ip->bytes, zero, sizeof zero) == 0;
}

static bool addresses_meet(const struct address *a, const struct address *b)
{
    if (a->path.len || b->path.len)
        return a->path.len && span_eq(a->path, b->path);
    return a->port && a->port == b->port && (ip_eq(&a->ip, &b->ip) || (a->ip.family == b->ip.family && (is_any(&a->ip) || is_any(&b->ip))));
}

/* A mail server shows no token. */
static void mail_server_check(struct reading *reading, const struct listener *listener)
{
    if (listener->tokens.len)
        FAULT(reading, &listener->tokens, "a mail server shows no token; take the line out, and let nobody but mail servers reach %.*s",
              SPAN_FMT(listener->address.text));
    if (listener->address.text.len && !address_is_local(&listener->address))
        WARNING(reading, &listener->address, "%.*s is reached from other machines, and whoever does may hand in mail under any name; let a firewall "
                                             "allow your mail servers alone", SPAN_FMT(listener->address.text));
}

/* Readers of mail show no token either: the passes in their links say what they may. */
static void links_check(struct reading *reading, const struct listener *listener)
{
    if (listener->tokens.len)
        FAULT(reading, &listener->tokens, "readers show no token; take the line out");
    if (listener->address.text.len && !address_is_local(&listener->address))
        WARNING(reading, &listener->address, "%.*s is reached from other machines, and without TLS: whoever stands on the way sees what readers open; "
                                             "let a web server with TLS pass it on to 127.0.0.1", SPAN_FMT(listener->address.text));
}

static void group_check(struct reading *reading, const struct listener *listener)
{
    if (listener->group.len && !listener->address.path.len)
        FAULT(reading, &listener->group, "is of a socket that is a file (unix:/path); %.*s has no group", SPAN_FMT(listener->address.text));
    else if (listener->group.len && !getgrnam(listener->group.at))
        FAULT(reading, &listener->group, "there is no group \"%.*s\"; is the mail server installed?", SPAN_FMT(listener->group));
}

static void listener_check(struct reading *reading, struct listener *listener)
{
    for (const struct listener *other = reading->out->listeners.at; other < listener; other++) {
        if (listener->name.len && span_eq(other->name, listener->name))
            FAULT(reading, &listener->name, "\"%.*s\" is the name of two listeners; each has its own", SPAN_FMT(listener->name));
        if (addresses_meet(&other->address, &listener->address))
            FAULT(reading, &listener->address, "%.*s is where \"%.*s\" listens already; take another port", SPAN_FMT(listener->address.text),
                  SPAN_FMT(other->name));
    }
    const struct place *tokens = place_of(reading->out, &listener->tokens);
    bool leaves = listener->direction == DIRECTION_OUTBOUND || listener->direction == DIRECTION_SUBMISSION || listener->direction == DIRECTION_INTERNAL;
    if (listener->networks.len && !leaves)
        FAULT(reading, &listener->networks, "are those of clients whose mail leaves or stays; what comes in at \"%.*s\" is %s, whoever hands it in: take the line out, or "
                                            "change the direction", SPAN_FMT(listener->name), direction_name(listener->direction));
    group_check(reading, listener);
    if (listener->kind == LISTENER_LINKS)
        links_check(reading, listener);
    else if (listener->kind != LISTENER_HTTP)
        mail_server_check(reading, listener);
    else if (listener->address.text.len && !address_is_local(&listener->address) && !tokens->written)
        FAULT(reading, &listener->address, "%.*s is reached from other machines, and nobody would be asked for a token; name a file of tokens "
                                           "(tokens:), or listen on 127.0.0.1, [::1] or unix:/path", SPAN_FMT(listener->address.text));
    listener->belongs_to = generation_organisation_by_id(reading->out, listener->organisation);
    if (listener->organisation.len && !listener->belongs_to)
        FAULT(reading, &listener->organisation, "\"%.*s\" is the id of no organisation of this file", SPAN_FMT(listener->organisation));
}

/* ---- the world */
static void block_code_check(struct reading *reading, const struct block_list *list, struct block_code *code)
{
    struct err err;
    struct span sayings = witness_sayings(reading->arena, list->asks);
    if (code->code.len && value_list_answer(code->code, &code->means, &err) < 0)
        FAULT(reading, &code->code, "%s", err.text);
    if (code->evidence.len && !evidence_by_name(code->evidence, &code->means.id))
        FAULT(reading, &code->evidence, "\"%.*s\" is no evidence; a list that is asked about the %s can say: %.*s", SPAN_FMT(code->evidence),
              list_asks_name(list->asks), SPAN_FMT(sayings));
    else if (code->evidence.len && !witness_may_say(list->asks, code->means.id))
        FAULT(reading, &code->evidence, "\"%.*s\" is nothing that a list can say which is asked about the %s; take one of: %.*s", SPAN_FMT(code->evidence),
              list_asks_name(list->asks), SPAN_FMT(sayings));
}

static void block_list_check(struct reading *reading, struct block_list *list)
{
    for (const struct block_list *other = reading->out->dns.block_lists.at; list->zone.len && other < list; other++)
        if (other->asks == list->asks && span_eq(other->zone, list->zone))
            FAULT(reading, &list->zone, "\"%.*s\" is asked about the %s twice; put all its codes into one", SPAN_FMT(list->zone), list_asks_name(list->asks));
    vec_each(code, &list->codes)
        block_code_check(reading, list, code);
    if (!list->codes.len)
        FAULT(reading, &list->codes, "is empty: whatever the list answers would mean nothing; write its codes and their evidence");
}

static void dns_check(struct reading *reading)
{
    struct generation *out = reading->out;
    if (out->dns.deadline_ms > out->judges.deadline_ms)
        FAULT(reading, written_of(reading, &out->dns.deadline_ms, &out->judges.deadline_ms),
              "one name (dns: deadline) may not take longer than all of a message together (judges: deadline)");
    if (out->dns.offline && out->dns.zone.len)
        FAULT(reading, &out->dns.offline, "contradicts zone: give one of them; a zone asks no network either");
    else if (out->dns.offline)
        WARNING(reading, &out->dns.offline, "no proof of origin is checked: every one is unknown");
    else if (out->dns.zone.len)
        WARNING(reading, &out->dns.zone, "the world is not asked: a zone file is for tests");
    if (out->dns.servers.len && out->dns.resolv_conf.len)
        FAULT(reading, &out->dns.resolv_conf, "contradicts servers: give one of them");
    vec_each(list, &out->dns.block_lists)
        block_list_check(reading, list);
}

/* ---- this machine */
static void folders_check(struct reading *reading)
{
    struct generation *out = reading->out;
    const struct span *others[] = {&out->hold.folder, &out->door.spool};
    for (size_t i = 0; i < 2; i++)
        if (out->keys_folder.len && span_eq(out->keys_folder, *others[i]))
            FAULT(reading, others[i], "is the folder of the keys too (keys: folder); they lie by themselves, for nobody but the signer reads them");
}

/* A set says what was verified, by whom, under whose key. */
static void arc_check(struct reading *reading)
{
    enum { SELECTOR_BYTES = 63 };
    struct generation *out = reading->out;
    if (!out->arc.domain.len != !out->arc.selector.len)
        FAULT(reading, written_of(reading, &out->arc.domain, &out->arc.selector), "an ARC set has both a domain and a selector; write arc.domain and arc.selector");
    else if (out->arc.domain.len && !out->walk.auth.authserv_id.len)
        FAULT(reading, &out->arc.domain, "an ARC set says who verified the message; write trust.own_authserv");
    else if (out->arc.domain.len && (!signing_names_are_plain(out->arc.domain, out->arc.selector) || out->arc.selector.len > SELECTOR_BYTES))
        FAULT(reading, &out->arc.selector, "%.*s of %.*s is nothing that a key can be published under; write them as sekimori key list shows them", SPAN_FMT(out->arc.selector),
              SPAN_FMT(out->arc.domain));
}

/* On its way to another machine. */
static void release_tls_check(struct reading *reading)
{
    struct generation *out = reading->out;
    const struct address *to = &out->hold.release_to;
    bool must = out->hold.release_tls == RELEASE_TLS_MUST;
    if (!must && (out->hold.release_name.len || out->hold.release_ca.len))
        FAULT(reading, written_of(reading, &out->hold.release_name, &out->hold.release_ca), "nobody looks at a certificate but with release_tls: must");
    else if (must && to->path.len)
        FAULT(reading, &out->hold.release_tls, "%.*s is a unix socket, where there is no TLS; take the line out", SPAN_FMT(to->text));
    else if (!must && !address_is_local(to))
        WARNING(reading, to, "%.*s is another machine: released mail crosses the network %s. Write release_tls: must, and let nobody else reach that port: whoever does passes "
                "mail by us", SPAN_FMT(to->text), out->hold.release_tls == RELEASE_TLS_NO ? "in clear" : "in clear, or by TLS with whoever answers there");
}

/* Where released mail goes. */
static void release_check(struct reading *reading)
{
    struct generation *out = reading->out;
    const struct address *to = &out->hold.release_to;
    bool holds = false;
    vec_each(organisation, &out->organisations)
        holds |= organisation->mode == MODE_ACTIVE;
    vec_each(policy, &out->policies.list)
        if (!to->text.len && policy->mode == POLICY_ACTIVE && policy->acts & (ACT_HOLD | ACT_REJECT | ACT_DOUBLE_LOCK | ACT_TAKE_OFF))
            WARNING(reading, &policy->does, "what is held could not be released without hold.release_to; name a listener of the mail server that filters nothing "
                                            "(RELEASE in sekimori(1))");
    if (!to->text.len && holds)
        WARNING(reading, to, "is missing: an organisation is active, and what is held for it could not be released; name a listener of the mail server that "
                             "filters nothing (RELEASE in sekimori(1))");
    if (!to->text.len)
        return;
    if (!to->path.len && is_any(&to->ip))
        FAULT(reading, to, "%.*s is every address of the machine; write the one on which the mail server listens", SPAN_FMT(to->text));
    else
        release_tls_check(reading);
    vec_each(listener, &out->listeners)
        if (addresses_meet(&listener->address, to))
            FAULT(reading, to, "%.*s is where \"%.*s\" of ours listens; released mail goes to the mail server", SPAN_FMT(to->text), SPAN_FMT(listener->name));
}

/* What a person may agree to waits in the hold, and leaves by release_to. */
static void confirm_check(struct reading *reading, const void *what)
{
    struct generation *out = reading->out;
    if (!out->hold.folder.len || !out->hold.release_to.text.len)
        FAULT(reading, what, "confirm holds messages until somebody agrees, and lets them go by hold.release_to, which is missing; name a listener of the mail server that filters "
                             "nothing (RELEASE in sekimori(1)), or write passive");
}

static void confirms_check(struct reading *reading)
{
    struct generation *out = reading->out;
    vec_each(organisation, &out->organisations)
        if (organisation->mode == MODE_CONFIRM)
            confirm_check(reading, &organisation->mode);
    vec_each(policy, &out->policies.list)
        if (policy->mode == POLICY_CONFIRM)
            confirm_check(reading, &policy->mode);
    if (out->hold.confirm_wait > out->keep.hold)
        FAULT(reading, written_of(reading, &out->hold.confirm_wait, &out->keep.hold), "confirm_wait may not be longer than keep.hold, for nothing is held longer");
}

/* What a digest needs: somebody it comes from, a way out, and pages behind its links. */
static void digest_check(struct reading *reading, const struct organisation *organisation)
{
    struct generation *out = reading->out;
    bool pages = false;
    vec_each(listener, &out->listeners)
        pages |= listener->kind == LISTENER_LINKS;
    if (organisation->digest == DIGEST_NO)
        return;
    if (!out->hold.digest_sender.len || !out->hold.release_to.text.len)
        FAULT(reading, &organisation->digest, "a digest comes from somebody and goes somewhere; write hold.digest_sender and hold.release_to, or digest: no");
    if (!out->links.base_url.len || !pages)
        FAULT(reading, &organisation->digest, "a digest's links lead to pages of ours; write links.base_url and a listener of kind: links, or digest: no");
}

static void user_check(struct reading *reading)
{
    const struct generation *out = reading->out;
    if (out->run.user.len && !getpwnam(out->run.user.at))
        FAULT(reading, &out->run.user, "there is no user \"%.*s\"; make it: adduser --system --group %.*s", SPAN_FMT(out->run.user),
              SPAN_FMT(out->run.user));
    if (out->run.group.len && !getgrnam(out->run.group.at))
        FAULT(reading, &out->run.group, "there is no group \"%.*s\"; make it: addgroup --system %.*s", SPAN_FMT(out->run.group),
              SPAN_FMT(out->run.group));
}

/* The service makes the file, and not its folder. That of the default is the packaging's matter. */
static void store_check(struct reading *reading)
{
    const struct generation *out = reading->out;
    const struct place *place = place_of(out, &out->store.path);
    const char *slash = out->store.path.len ? strrchr(out->store.path.at, '/') : NULL;
    if (out->store.driver != STORE_SQLITE || !place || span_eq(out->store.path, span_of(place->key->fallback)) || !slash || slash == out->store.path.at)
        return;
    struct span folder = arena_copy(reading->arena, span_from(out->store.path.at, slash));
    if (access(folder.at, F_OK) < 0 && errno == ENOENT)
        WARNING(reading, &out->store.path, "the folder %.*s is not there, and the store cannot be made in it; make it: mkdir -p %.*s, and chown it to run.user", SPAN_FMT(folder), SPAN_FMT(folder));
}

static void keep_check(struct reading *reading)
{
    const struct generation *out = reading->out;
    const int64_t *others[] = {&out->keep.outcomes, &out->keep.hold, &out->keep.outbox};
    static const char *const names[] = {"outcomes", "hold", "outbox"};
    for (size_t i = 0; i < 3; i++)
        if (*others[i] > out->keep.records)
            FAULT(reading, written_of(reading, others[i], &out->keep.records), "%s may not be longer than records, for nothing is kept longer than the "
                  "record it belongs to", names[i]);
    if (out->store.driver == STORE_MEMORY)
        WARNING(reading, &out->store.driver, "memory forgets everything when the service ends");
}

void generation_check(struct reading *reading)
{
    struct generation *out = reading->out;
    vec_each(organisation, &out->organisations)
        organisation_check(reading, organisation);
    vec_each(listener, &out->listeners)
        listener_check(reading, listener);
    if (!out->organisations.len)
        WARNING(reading, &out->organisations, "is empty: no domain and no name is known as ours, and what imitates them is not seen");
    if (!out->listeners.len)
        WARNING(reading, &out->listeners, "is empty: the service would have no door");
    dns_check(reading);
    notifications_check(reading);
    policies_check(reading);
    keep_check(reading);
    store_check(reading);
    release_check(reading);
    confirms_check(reading);
    arc_check(reading);
    vec_each(organisation, &out->organisations)
        digest_check(reading, organisation);
    folders_check(reading);
    user_check(reading);
}
