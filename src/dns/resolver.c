#include "dns/dns.h"
#include "dns/loop.h"
#include "dns/name.h"
#include "dns/wire.h"
#include "base/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unbound.h>
#include <unbound-event.h>
#include <unistd.h>

enum {
    DEADLINE_MS = 5000,
    SILENCE_MS = 3000,
    SCRATCH_MOST = 64 << 20,
    CLASS_IN = 1,
    SECURITY_BOGUS = 1,
    SECURITY_GOOD = 2,
    RESOLV_CONF_MOST = 1 << 20
};

/* One ask under way. All have the same patience, so the list is in the order in which they end. */
struct pending {
    struct dns_resolver *resolver;
    struct pending *next, *previous;
    dns_done done;
    void *context;
    int64_t due;
    int id;      /* libunbound's */
    bool called; /* libunbound called back and forgot the id */
    bool *ended; /* told when it ends, if not NULL */
    bool held;   /* it failed while nobody had answered anything yet: whether that is failure or silence is not known */
    struct dns_ask ask;
    char name[256]; /* what ask.name points to */
};

struct dns_resolver {
    struct dns_loop *loop;
    struct ub_ctx *ctx;
    struct arena *scratch;
    unsigned depth; /* callbacks under way; the scratch belongs to the outermost */
    struct pending *first, *last;
    int64_t deadline, silence; /* microseconds */
    int64_t silent_from;       /* the first ask; INT64_MAX: there was none */
    bool answered, offline;    /* answered: by a server, not by libunbound on its own */
};

static const char silent[] = "no DNS server answers; the run goes on offline";

/* ---- the list */
static void pending_link(struct pending *pending)
{
    struct dns_resolver *resolver = pending->resolver;
    pending->previous = resolver->last;
    *(resolver->last ? &resolver->last->next : &resolver->first) = pending;
    resolver->last = pending;
}

static void pending_unlink(struct pending *pending)
{
    struct dns_resolver *resolver = pending->resolver;
    *(pending->previous ? &pending->previous->next : &resolver->first) = pending->next;
    *(pending->next ? &pending->next->previous : &resolver->last) = pending->previous;
}

/* Ends an ask with what is in answer; the pending is gone before done runs, which may ask again. */
static void pending_end(struct pending *pending, struct dns_answer *answer)
{
    struct pending gone = *pending;
    pending_unlink(pending);
    free(pending);
    if (gone.ended)
        *gone.ended = true;
    answer->ask = (struct dns_ask){{gone.name, gone.ask.name.len}, gone.ask.type};
    gone.done(gone.context, answer);
}

static void pending_end_without(struct pending *pending, enum dns_status status, const char *why)
{
    struct dns_answer answer = {.status = status, .why = span_of(why)};
    pending_end(pending, &answer);
}

/* ---- answers */
static void first_answer_note(struct dns_resolver *resolver)
{
    if (resolver->answered || resolver->offline)
        return;
    resolver->answered = true;
    for (struct pending *at = resolver->first, *next; at; at = next) {
        next = at->next;
        if (!at->held)
            continue;
        pending_end_without(at, DNS_FAILED, "the servers of this name could not answer");
        next = resolver->first; /* done may have changed the list; those that are left are seen again */
    }
}

static void answer_read(struct pending *pending, struct arena *arena, struct span packet, int security)
{
    struct dns_answer answer = {.ask = pending->ask};
    dns_wire_read(arena, packet, &answer);
    answer.secure = security == SECURITY_GOOD;
    if (security == SECURITY_BOGUS)
        answer = (struct dns_answer){.status = DNS_FAILED, .why = S("DNSSEC shows that the answer was tampered with")};
    pending_end(pending, &answer);
}

/* libunbound's callback. Without a packet it gave up by itself: SERVFAIL of a server looks no different. */
static void resolved(void *context, int rcode, void *packet, int len, int security, char *why_bogus, int limited)
{
    struct pending *pending = context;
    struct dns_resolver *resolver = pending->resolver;
    pending->called = true;
    if (!packet || len <= 0 || rcode != 0) {
        pending->held = !resolver->answered;
        if (!pending->held)
            pending_end_without(pending, DNS_FAILED, "the servers of this name could not answer");
        return;
    }
    struct arena *arena = resolver->depth++ ? arena_new(SCRATCH_MOST) : resolver->scratch;
    if (!pending->ended) /* within the ask it is what libunbound knows by itself (localhost, test), or its cache */
        first_answer_note(resolver);
    answer_read(pending, arena, (struct span){packet, (size_t)len}, security);
    if (--resolver->depth)
        arena_free(&arena);
    else
        arena_reset(arena);
}

static void probed(void *context, int rcode, void *packet, int len, int security, char *why_bogus, int limited)
{
    if (packet && len > 0 && rcode == 0)
        first_answer_note(context);
}

/* ---- asking */
/* libunbound reads names as text with escapes. */
static void name_escape(struct span name, char *out, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < name.len && at + 5 < size; i++) {
        unsigned char c = (unsigned char)name.at[i];
        bool plain = c == '-' || c == '.' || c == '_' || ascii_is_digit((char)c) || ascii_is_alpha((char)c);
        at += (size_t)snprintf(out + at, size - at, plain ? "%c" : "\\%03u", c);
    }
    out[at] = '\0';
}

static void pending_send(struct pending *pending)
{
    struct dns_resolver *resolver = pending->resolver;
    char text[4 * sizeof pending->name + 8];
    bool ended = false;
    name_escape(pending->ask.name, text, sizeof text);
    if (resolver->silent_from == INT64_MAX) { /* something that exists: a dead name alone is no dead network */
        resolver->silent_from = dns_loop_now();
        ub_resolve_event(resolver->ctx, ".", DNS_NS, CLASS_IN, resolver, probed, NULL);
    }
    pending->ended = &ended;
    int id = 0, failed = ub_resolve_event(resolver->ctx, text, pending->ask.type, CLASS_IN, pending, resolved, &id);
    if (ended)
        return;
    pending->ended = NULL;
    pending->id = id;
    if (failed)
        pending_end_without(pending, DNS_FAILED, "the DNS library could not ask");
}

void dns_resolver_ask(struct dns_resolver *resolver, const struct dns_ask *ask, dns_done done, void *context)
{
    struct span name = domain_undotted(ask->name);
    struct dns_answer answer = {.ask = *ask, .status = DNS_NO_NAME, .why = S("this cannot be a name in the DNS")};
    struct pending *pending = NULL;
    if (resolver->offline)
        answer.status = DNS_UNKNOWN, answer.why = span_of(silent);
    else if (dns_name_askable(name) && !(pending = calloc(1, sizeof *pending)))
        answer.status = DNS_FAILED, answer.why = S("no memory to ask");
    if (!pending) {
        done(context, &answer);
        return;
    }
    *pending = (struct pending){.resolver = resolver,
                                .done = done,
                                .context = context,
                                .due = dns_loop_now() + resolver->deadline,
                                .ask = {{pending->name, name.len}, ask->type}};
    memcpy(pending->name, name.at, name.len);
    pending_link(pending);
    pending_send(pending);
}

static void pending_cancel(struct pending *pending)
{
    if (!pending->called)
        ub_cancel(pending->resolver->ctx, pending->id);
}

static void offline_go(struct dns_resolver *resolver)
{
    resolver->offline = true;
    while (resolver->first) {
        pending_cancel(resolver->first);
        pending_end_without(resolver->first, DNS_UNKNOWN, silent);
    }
}

void dns_resolver_run(struct dns_resolver *resolver)
{
    dns_loop_run(resolver->loop);
    int64_t now = dns_loop_now();
    if (!resolver->answered && !resolver->offline && resolver->silent_from != INT64_MAX &&
        now - resolver->silent_from >= resolver->silence)
        offline_go(resolver);
    while (resolver->first && resolver->first->due <= now) {
        pending_cancel(resolver->first);
        pending_end_without(resolver->first, DNS_TIMED_OUT, "no answer in time");
    }
}

int dns_resolver_fd(const struct dns_resolver *resolver)
{
    return dns_loop_fd(resolver->loop);
}

int dns_resolver_wait_ms(const struct dns_resolver *resolver)
{
    int64_t due = dns_loop_next(resolver->loop), now = dns_loop_now();
    if (resolver->first && resolver->first->due < due)
        due = resolver->first->due;
    if (resolver->first && !resolver->answered && resolver->silent_from + resolver->silence < due)
        due = resolver->silent_from + resolver->silence;
    if (due == INT64_MAX)
        return -1;
    return due <= now ? 0 : (int)((due - now + 999) / 1000);
}

bool dns_resolver_is_offline(const struct dns_resolver *resolver)
{
    return resolver->offline;
}

/* ---- opening */
static int option_set(struct ub_ctx *ctx, const char *option, const char *value, struct err *err)
{
    int failed = ub_ctx_set_option(ctx, option, value);
    return failed ? err_set(err, "libunbound does not take the option %s %s: %s", option, value, ub_strerror(failed))
                  : 0;
}

/* Whether the file names any server; without one (or without the file) libunbound walks from the root itself. */
static bool forwarders_named(const char *path)
{
    struct arena *arena = arena_new(2 * RESOLV_CONF_MOST);
    struct span text = {0}, line, word;
    bool named = false;
    if (file_read(arena, path, RESOLV_CONF_MOST, &text, NULL) == 0)
        while (!named && span_cut(&text, '\n', &line))
            named = span_word(&line, &word) && span_eq(word, S("nameserver"));
    arena_free(&arena);
    return named;
}

/* Each one told to libunbound by itself; the first is no more than the others. */
static int forwarders_set(struct ub_ctx *ctx, const char *list)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(RESOLV_CONF_MOST);
    struct span rest = span_of(list), word;
    int failed = 0;
    while (!failed && span_word(&rest, &word))
        failed = ub_ctx_set_fwd(ctx, arena_copy(arena, word).at);
    return failed;
}

static int servers_set(struct ub_ctx *ctx, const struct dns_resolver_options *options, struct err *err)
{
    const char *path = options->resolv_conf ? options->resolv_conf : "/etc/resolv.conf";
    int failed = 0;
    if (options->forward)
        failed = forwarders_set(ctx, options->forward);
    else if (forwarders_named(path))
        failed = ub_ctx_resolvconf(ctx, path);
    if (failed)
        return err_set(err, "libunbound does not take the DNS server of %s: %s",
                       options->forward ? options->forward : path, ub_strerror(failed));
    return 0;
}

static int context_set(struct ub_ctx *ctx, const struct dns_resolver_options *options, struct err *err)
{
    static const char *const settings[][2] = {{"do-not-query-localhost:", "no"},
                                              {"use-syslog:", "no"},
                                              {"verbosity:", "0"},
                                              {"outgoing-range:", "256"},
                                              {"num-queries-per-thread:", "1024"},
                                              {"msg-cache-size:", "8m"},
                                              {"rrset-cache-size:", "16m"},
                                              {"rrset-roundrobin:", "no"}};
    ub_ctx_debugout(ctx, NULL);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (option_set(ctx, settings[i][0], settings[i][1], err) < 0)
            return -1;
    if (option_set(ctx, "module-config:", options->trust_anchor ? "validator iterator" : "iterator", err) < 0)
        return -1;
    if (options->trust_anchor && access(options->trust_anchor, R_OK) < 0) /* libunbound finds that out too late */
        return err_set(err, "the DNSSEC trust anchor %s cannot be read: %s", options->trust_anchor, strerror(errno));
    if (options->trust_anchor && ub_ctx_add_ta_file(ctx, options->trust_anchor) != 0)
        return err_set(err, "libunbound does not take the DNSSEC trust anchor %s", options->trust_anchor);
    return servers_set(ctx, options, err);
}

int dns_resolver_open(const struct dns_resolver_options *options, struct dns_resolver **out, struct err *err)
{
    struct dns_resolver *resolver = calloc(1, sizeof *resolver);
    if (!resolver)
        return err_set(err, "no memory for the DNS resolver");
    resolver->deadline = 1000 * (int64_t)(options->deadline_ms ? options->deadline_ms : DEADLINE_MS);
    resolver->silence = 1000 * (int64_t)(options->silence_ms ? options->silence_ms : SILENCE_MS);
    resolver->silent_from = INT64_MAX;
    resolver->scratch = arena_new(SCRATCH_MOST);
    if (dns_loop_open(&resolver->loop, err) < 0) {
        dns_resolver_close(&resolver);
        return -1;
    }
    resolver->ctx = ub_ctx_create_ub_event(dns_loop_base(resolver->loop));
    int failed = resolver->ctx ? context_set(resolver->ctx, options, err) : err_set(err, "libunbound gives no context");
    if (failed < 0) {
        dns_resolver_close(&resolver);
        return -1;
    }
    *out = resolver;
    return 0;
}

void dns_resolver_close(struct dns_resolver **resolver)
{
    if (!*resolver)
        return;
    for (struct pending *at = (*resolver)->first, *next; at; at = next) {
        next = at->next;
        pending_cancel(at); /* libunbound calls back what is left when it is deleted */
        free(at);
    }
    if ((*resolver)->ctx)
        ub_ctx_delete((*resolver)->ctx);
    dns_loop_close(&(*resolver)->loop);
    arena_free(&(*resolver)->scratch);
    free(*resolver);
    *resolver = NULL;
}
