#include "verdict/judging.h"
#include "verdict/stored.h"

/* Failures of proof count, their mere absence does not: no SPF record, no signature and no policy say nothing, and what
 * could not be checked is unknown. Where the author is proved after all, the failures beside it are how forwarding works. */

bool judging_is_outbound(const struct judging *at)
{
    return at->arrival->direction == DIRECTION_OUTBOUND || at->arrival->direction == DIRECTION_SUBMISSION ||
           at->arrival->direction == DIRECTION_INTERNAL;
}

bool domain_is_aligned(const struct judging *at, struct span domain)
{
    struct span author = at->from_domain;
    if (!domain.len || !author.len)
        return false;
    if (span_eq_case(domain, author) || !at->tables) /* without tables nobody knows where an organisation ends */
        return span_eq_case(domain, author);
    return same_organisation(at->tables, arena_lower(at->arena, domain), arena_lower(at->arena, author));
}

static bool recorded_pass(const struct judging *at, const struct results_field *recorded)
{
    vec_each(result, &recorded->results) {
        if (result->result != PROOF_PASS)
            continue;
        if (span_eq_case(result->method, S("dmarc"))) {
            struct span from = results_property(result, S("header"), S("from"));
            if (!from.len || domain_is_aligned(at, from))
                return true;
        } else if (span_eq_case(result->method, S("dkim"))) {
            if (domain_is_aligned(at, results_property(result, S("header"), S("d"))))
                return true;
        }
    }
    return false;
}

void seals_collect(const struct judging *at, struct judgement *out)
{
    if (at->proof->arc.result != PROOF_PASS)
        return;
    vec_each(set, &at->proof->arc.sets)
        *vec_push(at->arena, &out->seals) = (struct judged_seal){.domain = set->seal_domain, .holds = set->signature_result == PROOF_PASS,
                                                                 .passed = recorded_pass(at, &set->recorded)};
}

bool arc_explains(const struct judging *at)
{
    struct judgement chain = {0};
    if (at->seals != SEALS_ASKED)
        return at->seals == SEALS_COUNT;
    seals_collect(at, &chain);
    return seals_explain(at->settings, &chain);
}

static const struct dkim_proof *aligned_signature(const struct judging *at)
{
    vec_each(dkim, &at->proof->dkim)
        if (dkim->result == PROOF_PASS && domain_is_aligned(at, dkim->domain))
            return dkim;
    return NULL;
}

bool author_is_proved(const struct judging *at)
{
    if (at->proof->dmarc.result == PROOF_PASS)
        return true;
    return at->proof->dmarc.result == PROOF_NONE && aligned_signature(at);
}

static void dmarc_weigh(struct judging *at)
{
    const struct dmarc_proof *dmarc = &at->proof->dmarc;
    struct span domain = dmarc->policy_domain.len ? dmarc->policy_domain : at->from_domain, none = S("");
    if (dmarc->suffix_differs && (dmarc->result == PROOF_PASS || dmarc->result == PROOF_FAIL))
        evidence_add(at, EVIDENCE_SUFFIX_DIFFERS, S("DMARC"), at->from_domain,
                     dmarc->suffix_organisation.len ? dmarc->suffix_organisation : at->from_domain, none);
    if (dmarc->result != PROOF_FAIL)
        return;
    enum evidence_id id = span_eq(dmarc->policy, S("reject"))       ? EVIDENCE_DMARC_REJECT
                          : span_eq(dmarc->policy, S("quarantine")) ? EVIDENCE_DMARC_QUARANTINE
                          : dmarc->policy.len                       ? EVIDENCE_DMARC_FAIL
                                                                    : EVIDENCE_DMARC_UNTOLD; /* another's record of it */
    evidence_add(at, id, S("DMARC"), domain, at->proof->trusted_by, none);
}

/* Anybody's address at a provider that signs all it sends. A letter that really came from there keeps the mark of it on its way
 * through forwarders and lists, broken or not; one without was never there. Services send for customers who write so. */
static void signer_missing_weigh(struct judging *at)
{
    const struct mismatch *mismatch = at->claim ? &at->claim->mismatch : NULL;
    if (!mismatch || !mismatch->from_signs_all || mismatch->list_borne_out || mismatch->service_claimed || at->proof->dmarc.result != PROOF_FAIL)
        return; /* List-Post alone is anybody's to write */
    vec_each(dkim, &at->proof->dkim)
        if (domain_is_aligned(at, dkim->domain))
            return;
    evidence_add(at, EVIDENCE_FREE_MAIL_FORGED, S("From"), at->from_domain, S(""), S(""));
}

static void spf_weigh(struct judging *at)
{
    const struct spf_proof *spf = &at->proof->spf;
    struct span address = ip_text(at->arena, &at->path->client.ip);
    if (spf->result == PROOF_FAIL)
        evidence_add(at, EVIDENCE_SPF_FAIL, S("MAIL FROM"), spf->domain, address, spf->mechanism.len ? spf->mechanism : S("fail"));
    else if (spf->result == PROOF_SOFTFAIL)
        evidence_add(at, EVIDENCE_SPF_SOFTFAIL, S("MAIL FROM"), spf->domain, address, S(""));
}

static bool is_undecided(enum proof_result result)
{
    return result == PROOF_UNKNOWN || result == PROOF_TEMPERROR;
}

bool origin_is_unknown(const struct proof *proof)
{
    bool undecided = is_undecided(proof->spf.result) || is_undecided(proof->dmarc.result), passed = proof->spf.result == PROOF_PASS;
    vec_each(dkim, &proof->dkim) {
        undecided |= is_undecided(dkim->result);
        passed |= dkim->result == PROOF_PASS;
    }
    return proof->basis == BASIS_NONE || (undecided && !passed);
}

/* Where our own server's record is believed, a failure that it did not record is none: it saw the message as it came in, and what
 * is read here may be a copy that was changed since. */
static bool is_told(const struct proof *proof, const struct dkim_proof *dkim)
{
    return proof->basis != BASIS_TRUSTED_HEADER || dkim->recorded || dkim->result == PROOF_PASS;
}

/* Everything was answered and something was there to be answered, yet nothing passed. */
static bool nothing_passed(const struct proof *proof)
{
    enum proof_result spf = proof->spf.result; /* an error of the record or of the address answers nothing */
    bool something = spf == PROOF_FAIL || spf == PROOF_SOFTFAIL || spf == PROOF_NEUTRAL;
    if (is_undecided(proof->spf.result) || is_undecided(proof->dmarc.result) || proof->spf.result == PROOF_PASS)
        return false;
    vec_each(dkim, &proof->dkim) {
        if (dkim->result == PROOF_PASS || is_undecided(dkim->result))
            return false;
        something |= is_told(proof, dkim);
    }
    return something && proof->dmarc.result != PROOF_PASS;
}

static void signatures_weigh(struct judging *at)
{
    const struct dkim_proof *failed = NULL;
    vec_each(dkim, &at->proof->dkim) {
        if (dkim->result == PROOF_PASS || is_undecided(dkim->result))
            return;
        if (dkim->result == PROOF_FAIL && is_told(at->proof, dkim) && !failed)
            failed = dkim;
    }
    if (failed)
        evidence_add(at, EVIDENCE_DKIM_FAIL, where_signature(at, failed), failed->domain, S(""), S(""));
}

/* ---- a single signature's weaknesses */

static bool has_expired(const struct judging *at, const struct dkim_proof *dkim)
{
    int64_t now = at->arrival->received_at;
    return dkim->expires_at != TIME_UNKNOWN && now != TIME_UNKNOWN && dkim->expires_at < now;
}

static struct span weakness_of(struct judging *at, const struct dkim_proof *dkim)
{
    bool rsa = span_starts_case(dkim->algorithm, S("rsa"));
    if (rsa && dkim->key_bits && dkim->key_bits < 1024)
        return arena_print(at->arena, "%u-bit key", dkim->key_bits);
    return span_eq_case(dkim->algorithm, S("rsa-sha1")) ? S("SHA-1") : (struct span){0};
}

/* With another signature of the author whole, a weak one beside it takes nothing away. */
static void weaknesses_weigh(struct judging *at)
{
    const struct dkim_proof *whole = NULL;
    vec_each(dkim, &at->proof->dkim)
        if (dkim->result == PROOF_PASS && domain_is_aligned(at, dkim->domain) && dkim->body_unsigned == 0)
            whole = dkim;
    vec_each(dkim, &at->proof->dkim) {
        if (whole || !domain_is_aligned(at, dkim->domain))
            continue;
        struct span where = where_signature(at, dkim);
        if (dkim->result == PROOF_PASS && dkim->body_limit >= 0 && dkim->body_unsigned)
            evidence_add(at, EVIDENCE_DKIM_TAIL, where, dkim->domain, arena_print(at->arena, "%lld", (long long)dkim->body_limit),
                         arena_print(at->arena, "%zu", dkim->body_unsigned));
        if (dkim->mathematics != DKIM_HOLDS || dkim->admitted)
            continue;
        struct span weakness = weakness_of(at, dkim);
        if (has_expired(at, dkim))
            evidence_add(at, EVIDENCE_DKIM_EXPIRED, where, dkim->domain, S(""), S(""));
        else if (weakness.len)
            evidence_add(at, EVIDENCE_DKIM_WEAK, where, dkim->domain, weakness, S(""));
    }
    if (whole && whole->testing)
        evidence_add(at, EVIDENCE_DKIM_TESTING, where_signature(at, whole), whole->domain, S(""), S(""));
}

/* ---- RFC 6376 8.15: h= names each occurrence of a field it covers, from the bottom up; what was put on top of them is not
 * signed, and is what most readers show. */

static size_t signed_times(const struct dkim_proof *dkim, struct span name)
{
    size_t count = 0;
    vec_each(signed_name, &dkim->signed_fields)
        count += span_eq_case(*signed_name, name);
    return count;
}

/* A signature of the author that covers some of the occurrences; NULL: none does, or one covers them all. */
static const struct dkim_proof *signer_of_some(const struct judging *at, struct span name, size_t occurrences)
{
    const struct dkim_proof *signer = NULL;
    vec_each(dkim, &at->proof->dkim) {
        size_t times = dkim->result == PROOF_PASS && domain_is_aligned(at, dkim->domain) ? signed_times(dkim, name) : 0;
        if (times >= occurrences)
            return NULL;
        if (times && !signer)
            signer = dkim;
    }
    return signer;
}

static void doubled_examine(struct judging *at, enum field_id id, enum evidence_id evidence)
{
    const struct field *top = NULL, *bottom = NULL;
    size_t occurrences = 0;
    vec_each(field, &at->message->fields)
        if (field->id == id) {
            top = top ? top : field;
            bottom = field;
            occurrences++;
        }
    if (occurrences < 2 || span_eq_case(span_trim(top->value), span_trim(bottom->value)))
        return;
    const struct dkim_proof *signer = signer_of_some(at, top->name, occurrences);
    if (signer)
        evidence_add(at, evidence, where_signature(at, signer), signer->domain, top->name, words_decode(at->arena, span_first(top->value, 300)));
}

static void doubled_weigh(struct judging *at)
{
    static const enum field_id shown[] = {FIELD_FROM, FIELD_SUBJECT, FIELD_CONTENT_TYPE, FIELD_REPLY_TO};
    static const enum field_id details[] = {FIELD_TO, FIELD_CC, FIELD_DATE, FIELD_SENDER};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        doubled_examine(at, shown[i], EVIDENCE_SIGNED_DOUBLED);
    for (size_t i = 0; i < sizeof details / sizeof *details; i++)
        doubled_examine(at, details[i], EVIDENCE_SIGNED_DETAIL_DOUBLED);
}

/* A trusted server may record that DMARC passed, and by what not. */
static struct span proved_by(struct judging *at, const struct dkim_proof *dkim)
{
    const struct spf_proof *spf = &at->proof->spf;
    if (dkim)
        return arena_print(at->arena, "DKIM %.*s", SPAN_FMT(dkim->domain));
    if (spf->result == PROOF_PASS && spf->domain.len && domain_is_aligned(at, spf->domain))
        return arena_print(at->arena, "SPF %.*s", SPAN_FMT(spf->domain));
    return S("DMARC");
}

static void proved_weigh(struct judging *at)
{
    const struct dkim_proof *dkim = aligned_signature(at);
    struct span how = proved_by(at, dkim);
    bool ambiguous = at->seen[EVIDENCE_FROM_TWICE] || at->seen[EVIDENCE_FROM_AMBIGUOUS] || at->seen[EVIDENCE_DKIM_TAIL] ||
                     at->seen[EVIDENCE_SIGNED_DOUBLED];
    bool laundered = at->seen[EVIDENCE_LAUNDERED_RECORD] || at->seen[EVIDENCE_LAUNDERED_SIGNATURE] || at->seen[EVIDENCE_LAUNDERED_ROAD];
    ambiguous |= at->proof->dmarc.suffix_differs && !dkim && !domain_is_aligned(at, at->proof->spf.domain);
    if (author_is_proved(at) && !ambiguous && !laundered) /* proved for one reader only is not proved */
        evidence_add(at, EVIDENCE_ALIGNED_PASS, S("From"), at->from_domain, how, S(""));
}

void evidence_of_proof(struct judging *at)
{
    if (at->proof->basis == BASIS_NONE || judging_is_outbound(at))
        return;
    weaknesses_weigh(at);
    doubled_weigh(at);
    if (!author_is_proved(at) && !arc_explains(at)) {
        dmarc_weigh(at);
        spf_weigh(at);
        signatures_weigh(at);
        signer_missing_weigh(at);
        if (nothing_passed(at->proof))
            evidence_add(at, EVIDENCE_NOTHING_PASSED, S("authentication"), at->proof->summary, S(""), S(""));
    } else if (author_is_proved(at)) {
        dmarc_weigh(at); /* only what the two standards make of it differently */
    }
    proved_weigh(at);
}
