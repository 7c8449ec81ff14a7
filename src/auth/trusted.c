/* Results that others recorded, and the use of those the operator trusts. */
#include "auth/work.h"

enum { RECORDED_MOST = 100 };
static const int64_t late_seconds = 86400;

/* ---- which fields are trusted */
/* Where the trust edge stands in the header: what is above it was written by ours. */
struct edge {
    const char *place;  /* NULL: nowhere */
    const char *below;  /* the next Received field under it, or the header's end: up to there milters of ours write too */
    struct span writer; /* the machine of ours that the message came in to */
};

static const char *next_received(const struct message *message, const char *place)
{
    vec_each (field, &message->fields)
        if (field->id == FIELD_RECEIVED && field->whole.at > place)
            return field->whole.at;
    return message->head.at + message->head.len;
}

/* At an open door the field that tells of its connection may be the client's own writing. Stored mail was heard by no
 * door: its header begins with what the last machine of ours wrote. */
static struct edge edge_find(const struct auth_work *work)
{
    const struct path *path = work->path;
    bool stored = !work->arrival->listener.len;
    if (!path || !work->settings->trusted_authserv.len || !path->hops.len)
        return (struct edge){0};
    bool known = path->edge_known && path->edge < path->hops.len;
    const struct hop *hop = &path->hops.at[known ? path->edge : 0];
    if (!hop->field || (!stored && (!known || hop->trust == HOP_DOOR)))
        return (struct edge){0};
    return (struct edge){hop->field->whole.at, next_received(work->message, hop->field->whole.at), hop->by};
}

static bool authserv_is_trusted(const struct auth_settings *settings, struct span id)
{
    vec_each (trusted, &settings->trusted_authserv)
        if (id.len && span_eq_case(*trusted, id))
            return true;
    return false;
}

/* Exchange Online writes no authserv-id: there the host that received it stands for one, or a domain it is under. */
static bool writer_is_trusted(const struct auth_settings *settings, struct span writer)
{
    vec_each (trusted, &settings->trusted_authserv)
        if (writer.len && domain_is_or_under(writer, *trusted))
            return true;
    return false;
}

/* What the operator can mend first comes first: the name, then the edge. */
static enum results_doubt doubt_find(const struct auth_work *work, const struct edge *edge, const struct results_field *read)
{
    bool nameless = !read->authserv_id.len;
    if (read->malformed)
        return DOUBT_MALFORMED;
    if (nameless ? !work->settings->trusted_authserv.len : !authserv_is_trusted(work->settings, read->authserv_id))
        return nameless ? DOUBT_WRITER : DOUBT_UNNAMED;
    bool known = work->path && work->path->edge_known, below = work->settings->authserv_below && known && !nameless;
    if (!edge->place || read->field->whole.at > (below ? edge->below : edge->place))
        return known ? DOUBT_BELOW_EDGE : DOUBT_NO_EDGE;
    return nameless && !writer_is_trusted(work->settings, edge->writer) ? DOUBT_WRITER : DOUBT_NONE;
}

void recorded_read(struct auth_work *work)
{
    struct edge edge = edge_find(work);
    vec_each (field, &work->message->fields) {
        if (field->id != FIELD_AUTHENTICATION_RESULTS)
            continue;
        if (work->recorded.len == RECORDED_MOST)
            return;
        struct results_field *read = vec_push(work->arena, &work->recorded);
        results_parse(work->arena, field->value, read);
        read->field = field;
        read->doubt = doubt_find(work, &edge, read);
        read->trusted = read->doubt == DOUBT_NONE;
        if (read->trusted && !read->authserv_id.len)
            read->authserv_id = edge.writer;
    }
}

bool arrival_is_late(const struct auth_work *work, int64_t now)
{
    bool trusted = false;
    vec_each (field, &work->recorded)
        trusted |= field->trusted;
    if (!trusted || now == TIME_UNKNOWN)
        return false;
    int64_t arrived = trace_arrival_time(work->arena, work->message);
    return arrived != TIME_UNKNOWN && now > arrived && now - arrived > late_seconds;
}

/* ---- using them */
/* The n-th result of a method over all trusted fields, topmost first. */
static const struct method_result *trusted_find(const struct auth_work *work, struct span method, size_t n,
                                                struct span *by)
{
    vec_each (field, &work->recorded) {
        if (!field->trusted)
            continue;
        *by = field->authserv_id;
        vec_each (result, &field->results)
            if (span_eq_case(result->method, method) && result->result != PROOF_UNKNOWN && !n--)
                return result;
    }
    return NULL;
}

/* Whether our own result leaves room for a recorded one: DNS could not be used, or is asked too late. */
static bool is_open(enum proof_result own, bool late)
{
    return own == PROOF_UNKNOWN || own == PROOF_TEMPERROR || (late && own != PROOF_PASS && own != PROOF_NOT_APPLICABLE);
}

/* A key that is gone by now is no different: nothing could be computed. */
static bool signature_is_open(const struct dkim_proof *own, bool late)
{
    return is_open(own->result, late) || (own->body_matches && own->mathematics == DKIM_NOT_CHECKED && !own->key_bits);
}

static struct span recorded_reason(struct arena *arena, const char *name, const struct method_result *result,
                                   struct span by)
{
    struct span more = result->reason.len ? result->reason : result->comment;
    if (!more.len)
        return arena_print(arena, "%.*s recorded %s %s when it came in", SPAN_FMT(by), name,
                           proof_result_name(result->result));
    return arena_print(arena, "%.*s recorded %s %s when it came in (%.*s)", SPAN_FMT(by), name,
                       proof_result_name(result->result), SPAN_FMT(span_first(more, 120)));
}

static struct span domain_part(struct span address)
{
    const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
    return at ? span_from(at + 1, address.at + address.len) : address;
}

static bool spf_use(const struct auth_work *work, bool late, struct proof *proof)
{
    struct span by, mail_from, helo;
    const struct method_result *result = trusted_find(work, S("spf"), 0, &by);
    if (!result || !is_open(proof->spf.result, late))
        return false;
    mail_from = results_property(result, S("smtp"), S("mailfrom"));
    if (!mail_from.len)
        mail_from = results_property(result, S("smtp"), S("mfrom"));
    helo = results_property(result, S("smtp"), S("helo"));
    proof->spf.result = result->result;
    struct span domain = domain_part(mail_from.len ? mail_from : helo);
    if (domain_is_plain(domain, false)) {
        proof->spf.domain = arena_lower(work->arena, domain);
        proof->spf.identity = mail_from.len ? S("mailfrom") : S("helo");
    }
    proof->spf.recorded = true;
    proof->spf.reason = recorded_reason(work->arena, "SPF", result, by);
    proof->trusted_by = by;
    return true;
}

/* Signatures that we found ourselves, and which of them a recorded result has spoken of already. */
struct spoken {
    size_t known;
    uint64_t taken; /* bits; the setting for most signatures lies below */
};

/* The signature a recorded result speaks of: same domain (some tell only i=), and same selector where it is told. */
static struct dkim_proof *signature_meant(struct proof *proof, struct span domain, struct span selector,
                                          struct spoken *spoken)
{
    for (size_t i = 0; i < spoken->known && i < 64; i++) {
        struct dkim_proof *one = &proof->dkim.at[i];
        bool same = span_eq_case(one->domain, domain) || span_eq_case(domain_part(one->identity), domain);
        if (!same || (selector.len && !span_eq_case(one->selector, selector)) || spoken->taken >> i & 1)
            continue;
        spoken->taken |= (uint64_t)1 << i;
        return one;
    }
    return NULL;
}

static bool dkim_use_one(const struct auth_work *work, const struct method_result *result, struct span by, bool late,
                         struct spoken *spoken, struct proof *proof)
{
    struct span domain = results_property(result, S("header"), S("d")),
                selector = results_property(result, S("header"), S("s"));
    if (!domain.len)
        domain = domain_part(results_property(result, S("header"), S("i")));
    if (result->result == PROOF_NONE || !domain_is_plain(domain, true))
        return false;
    struct dkim_proof *one = signature_meant(proof, domain, selector, spoken);
    bool changed_since = one && one->mathematics == DKIM_BODY_DIFFERS && !one->key_bits;
    if (one && !signature_is_open(one, late) && !changed_since)
        return false;
    if (!one) {
        one = vec_push(work->arena, &proof->dkim);
        *one = (struct dkim_proof){.domain = arena_lower(work->arena, domain),
                                   .selector = selector,
                                   .body_limit = -1,
                                   .signed_at = TIME_UNKNOWN,
                                   .expires_at = TIME_UNKNOWN};
    }
    one->result = result->result;
    one->admitted = result->result == PROOF_PASS;
    one->recorded = true;
    one->reason = recorded_reason(work->arena, "DKIM", result, by);
    if (changed_since)
        one->reason = arena_print(work->arena, "%.*s; the body has been changed since", SPAN_FMT(one->reason));
    proof->trusted_by = by;
    return true;
}

static bool dkim_use(const struct auth_work *work, bool late, struct proof *proof)
{
    const struct method_result *result;
    struct span by;
    struct spoken spoken = {.known = proof->dkim.len};
    bool used = false;
    for (size_t n = 0; n < work->settings->most_signatures && (result = trusted_find(work, S("dkim"), n, &by)); n++)
        used |= dkim_use_one(work, result, by, late, &spoken, proof);
    return used;
}

static bool arc_use(const struct auth_work *work, bool late, struct proof *proof)
{
    struct span by;
    const struct method_result *result = trusted_find(work, S("arc"), 0, &by);
    if (!result || !proof->arc.sets.len || !is_open(proof->arc.result, late))
        return false;
    proof->arc.result = result->result;
    proof->arc.recorded = true;
    proof->arc.reason = recorded_reason(work->arena, "ARC", result, by);
    proof->trusted_by = by;
    return true;
}

bool trusted_use(const struct auth_work *work, bool late, struct proof *proof)
{
    bool used = spf_use(work, late, proof);
    used |= dkim_use(work, late, proof);
    used |= arc_use(work, late, proof);
    return used;
}

static struct span policy_word(struct arena *arena, struct span word)
{
    word = arena_lower(arena, word);
    bool known = span_eq(word, S("none")) || span_eq(word, S("quarantine")) || span_eq(word, S("reject"));
    return known ? word : (struct span){0};
}

/* "p=REJECT sp=NONE dis=NONE", as many write it in a comment. */
static struct span policy_read(struct arena *arena, struct span comment)
{
    struct span word;
    while (span_word(&comment, &word))
        if (span_starts_case(word, S("p=")))
            return policy_word(arena, span_skip(word, 2));
    return (struct span){0};
}

static void alignment_tell(const struct auth_work *work, struct proof *proof)
{
    struct dmarc_proof *dmarc = &proof->dmarc;
    dmarc->spf_aligned =
        proof->spf.result == PROOF_PASS && same_organisation(work->tables, proof->spf.domain, dmarc->from_domain);
    dmarc->dkim_aligned = false;
    vec_each (one, &proof->dkim)
        dmarc->dkim_aligned |=
            one->result == PROOF_PASS && same_organisation(work->tables, one->domain, dmarc->from_domain);
}

bool trusted_use_dmarc(const struct auth_work *work, bool late, struct proof *proof)
{
    struct span by;
    const struct method_result *result = trusted_find(work, S("dmarc"), 0, &by);
    if (!result || !is_open(proof->dmarc.result, late))
        return false;
    struct span from = results_property(result, S("header"), S("from")),
                policy = policy_read(work->arena, result->comment);
    if (!policy.len)
        policy = policy_word(work->arena, results_property(result, S("policy"), S("dmarc")));
    if (!proof->dmarc.from_domain.len && domain_is_plain(from, false))
        proof->dmarc.from_domain = arena_lower(work->arena, from);
    if (policy.len)
        proof->dmarc.policy = policy;
    proof->dmarc.result = result->result;
    proof->dmarc.recorded = true;
    proof->dmarc.reason = recorded_reason(work->arena, "DMARC", result, by);
    if (work->tables && proof->dmarc.from_domain.len)
        alignment_tell(work, proof);
    proof->trusted_by = by;
    return true;
}
