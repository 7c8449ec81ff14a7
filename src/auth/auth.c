#include "auth/dmarc.h"
#include "auth/work.h"

/* ---- beginning */
static void signatures_read(struct auth_work *work)
{
    vec_each (field, &work->message->fields)
        if (field->id == FIELD_DKIM_SIGNATURE && work->dkim.len < work->settings->most_signatures)
            signature_read(work->arena, field, SIGNATURE_DKIM, &vec_push(work->arena, &work->dkim)->signature);
}

/* A limit of the reader cut the header: what is signed may stand beyond it. */
static bool header_is_cut(const struct message *message)
{
    size_t end = message->head.at ? (size_t)(message->head.at - message->raw.at) + message->head.len : 0;
    vec_each (defect, &message->defects)
        if ((defect->id == DEFECT_HEADER_LIMIT || defect->id == DEFECT_FIELDS_LIMIT) && defect->offset <= end)
            return true;
    return false;
}

static void cut_header_note(struct auth_work *work)
{
    static const struct span why = {"the header is longer than is read", 33};
    if (!header_is_cut(work->message))
        return;
    vec_each (check, &work->dkim)
        check->signature.flaw = why;
    if (!work->arc.done) {
        work->arc.proof.result = PROOF_FAIL;
        work->arc.proof.reason = why;
        work->arc.done = true;
    }
}

/* The reader may have stopped at its limit; a signature covers all of it. */
static struct span body_whole(const struct auth_work *work)
{
    struct span body = work->message->body, raw = work->arrival->raw;
    if (work->message->raw.len >= raw.len || work->message->raw.at != raw.at || !body.at)
        return body;
    return span_from(body.at, raw.at + raw.len);
}

struct bodies {
    VEC(struct body_hash) hashes;
};

static void body_want(struct arena *arena, struct bodies *bodies, const struct signature *signature)
{
    struct body_hash wanted;
    if (signature_wants_body(signature, &wanted) &&
        !body_hash_find(bodies->hashes.at, bodies->hashes.len, wanted.canon, wanted.digest, wanted.limit))
        *vec_push(arena, &bodies->hashes) = wanted;
}

/* Each distinct hash of the body once, for all signatures that ask for it. */
static void bodies_compare(struct auth_work *work)
{
    struct bodies bodies = {0};
    size_t sets = work->arc.done ? 0 : work->arc.proof.sets.len;
    vec_each (check, &work->dkim)
        body_want(work->arena, &bodies, &check->signature);
    for (size_t i = 0; i < sets; i++)
        body_want(work->arena, &bodies, &work->arc.links[i].signature);
    body_hashes_compute(body_whole(work), bodies.hashes.at, bodies.hashes.len);
    vec_each (check, &work->dkim)
        signature_body_compare(&check->signature, bodies.hashes.at, bodies.hashes.len);
    for (size_t i = 0; i < sets; i++)
        signature_body_compare(&work->arc.links[i].signature, bodies.hashes.at, bodies.hashes.len);
}

struct auth_work *auth_begin(struct arena *arena, const struct auth_settings *settings, const struct tables *tables,
                             const struct arrival *arrival, const struct message *message, const struct path *path)
{
    struct auth_work *work = arena_one(arena, struct auth_work);
    work->arena = arena;
    work->settings = settings;
    work->tables = tables;
    work->arrival = arrival;
    work->message = message;
    work->path = path;
    signatures_read(work);
    arc_begin(arena, message, &work->arc);
    cut_header_note(work);
    bodies_compare(work);
    if (work->dkim.len || !work->arc.done)
        work->index = header_index_new(arena, &message->fields);
    vec_each (check, &work->dkim)
        dkim_begin(arena, check, work->index);
    origin_read(work);
    recorded_read(work);
    return work;
}

/* ---- going on */
static bool subject_continue(struct auth_work *work, struct spf_subject *subject, struct span identity,
                             struct dns_answers *answers, int64_t now)
{
    if (!subject->done) {
        struct span domain = subject->question.domain;
        subject->question.now = now;
        subject->done = spf_check(work->arena, work->settings, &subject->question, answers, &subject->proof);
        subject->proof.domain = domain;
    }
    subject->proof.identity = identity;
    return subject->done;
}

static bool mechanisms_continue(struct auth_work *work, struct dns_answers *answers, int64_t now)
{
    bool all = subject_continue(work, &work->helo, S("helo"), answers, now);
    if (!work->sender_is_null || work->sender.done)
        all &= subject_continue(work, &work->sender, S("mailfrom"), answers, now);
    vec_each (check, &work->dkim)
        all &= dkim_continue(work->arena, work->settings, check, work->index, answers, now);
    all &= arc_continue(work->arena, work->settings, &work->arc, work->index, answers, now);
    return all;
}

static void proof_collect(const struct auth_work *work, struct proof *out)
{
    *out = (struct proof){.spf_helo = work->helo.proof, .arc = work->arc.proof};
    out->spf = work->sender_is_null && !work->sender.done ? work->helo.proof : work->sender.proof;
    vec_each (check, &work->dkim)
        *vec_push(work->arena, &out->dkim) = check->proof;
    out->recorded.at = __extension__(__typeof__(out->recorded.at)) work->recorded.at;
    out->recorded.len = out->recorded.cap = work->recorded.len;
}

static bool was_asked(struct dns_answers *answers, struct span name)
{
    const struct dns_answer *answer = name.len ? dns_known(answers, name, DNS_TXT) : NULL;
    return answer && answer->status != DNS_UNKNOWN;
}

/* Whether the world was asked at all: the names below were asked for in the first round. */
static bool world_was_asked(const struct auth_work *work, struct dns_answers *answers, const struct proof *proof)
{
    vec_each (check, &work->dkim)
        if (!check->signature.flaw.len && was_asked(answers, check->signature.key_name))
            return true;
    if (proof->dmarc.from_domain.len && proof->dmarc.result != PROOF_UNKNOWN)
        return true;
    bool spf = proof->spf.result != PROOF_UNKNOWN && proof->spf.result != PROOF_NOT_APPLICABLE;
    return spf && proof->spf.domain.len && was_asked(answers, proof->spf.domain);
}

/* ---- one line for people */
static struct span summary_write(struct arena *arena, const struct proof *proof)
{
    struct buf line = {.arena = arena, .max = 400};
    buf_print(&line, "SPF %s", proof_result_name(proof->spf.result));
    if (proof->spf.domain.len)
        buf_print(&line, " %.*s", SPAN_FMT(span_first(proof->spf.domain, 80)));
    vec_each (one, &proof->dkim)
        buf_print(&line, ", DKIM %s %.*s", proof_result_name(one->result), SPAN_FMT(span_first(one->domain, 80)));
    if (!proof->dkim.len)
        buf_print(&line, ", DKIM none");
    if (proof->arc.sets.len)
        buf_print(&line, ", ARC %s", proof_result_name(proof->arc.result));
    buf_print(&line, ", DMARC %s", proof_result_name(proof->dmarc.result));
    if (proof->basis == BASIS_TRUSTED_HEADER)
        buf_print(&line, " [Authentication-Results: %.*s]", SPAN_FMT(proof->trusted_by)); /* of no language: pages quote it */
    return buf_span(&line);
}

static bool proof_try(struct auth_work *work, struct dns_answers *answers, int64_t now, struct proof *out)
{
    bool all = mechanisms_continue(work, answers, now);
    bool late = arrival_is_late(work, now);
    proof_collect(work, out);
    bool used = all && trusted_use(work, late, out);
    all &= dmarc_check(work->arena, work->tables, answers, work->message, &out->spf, out->dkim.at, out->dkim.len,
                       &out->dmarc);
    if (!all)
        return false;
    out->basis = world_was_asked(work, answers, out) ? BASIS_VERIFIED : BASIS_NONE;
    used |= trusted_use_dmarc(work, late, out);
    if (used)
        out->basis = BASIS_TRUSTED_HEADER;
    out->summary = summary_write(work->arena, out);
    return true;
}

static void wanted_close(struct arena *arena, struct dns_answers *answers)
{
    const struct dns_ask *asks;
    size_t n = dns_wanted(answers, &asks);
    struct dns_ask *copy = arena_alloc(arena, n * sizeof *copy);
    memcpy(copy, asks, n * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        dns_answers_add(
            answers,
            &(struct dns_answer){.ask = copy[i], .status = DNS_TIMED_OUT, .why = S("no answer before the deadline")});
}

bool auth_continue(struct auth_work *work, struct dns_answers *answers, int64_t now, bool closing, struct proof *out)
{
    enum { ROUNDS_MOST = 64 }; /* each round of a closing call settles all names of one depth; SPF's depth is limited */
    for (unsigned round = 0; round < ROUNDS_MOST; round++) {
        if (proof_try(work, answers, now, out))
            return true;
        if (!closing)
            return false;
        wanted_close(work->arena, answers);
    }
    out->summary = summary_write(work->arena, out);
    return true;
}
