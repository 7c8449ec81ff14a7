#include "auth/dkim.h"

static struct span canon_name(enum canon canon)
{
    return canon == CANON_RELAXED ? S("relaxed") : S("simple");
}

static void facts_copy(const struct signature *s, struct dkim_proof *out)
{
    out->field = s->field;
    out->domain = s->domain;
    out->selector = s->selector;
    out->identity = s->identity;
    out->algorithm = s->algorithm;
    out->header_canon = canon_name(s->header_canon);
    out->body_canon = canon_name(s->body_canon);
    out->signed_at = s->signed_at;
    out->expires_at = s->expires_at;
    out->body_limit = s->limit == UINT64_MAX ? -1 : (int64_t)s->limit;
    out->body_matches = s->body_matches;
    if (s->limit < s->body_length)
        out->body_unsigned = (size_t)(s->body_length - s->limit);
}

void dkim_begin(struct arena *arena, struct dkim_check *check, const struct header_index *index)
{
    const struct signature *s = &check->signature;
    struct dkim_proof *proof = &check->proof;
    size_t from = 0;
    facts_copy(s, proof);
    vec_each (name, &s->names) {
        *vec_push(arena, &proof->signed_fields) = *name;
        from += span_eq_case(*name, S("from"));
    }
    proof->oversigned_from = from > header_index_count(index, S("from"));
    proof->result = PROOF_UNKNOWN;
    if (s->flaw.len) {
        proof->result = PROOF_PERMERROR;
        proof->reason = arena_print(arena, "not a usable signature: %.*s", SPAN_FMT(s->flaw));
        check->done = true;
    }
}

bool dkim_continue(struct arena *arena, const struct auth_settings *settings, struct dkim_check *check,
                   struct header_index *index, struct dns_answers *answers, int64_t now)
{
    uint8_t value[DIGEST_MOST] = {0};
    struct verification seen;
    const struct dns_answer *key = check->done ? NULL : signature_key(&check->signature, answers);
    if (!key)
        return check->done;
    if (key->status == DNS_FOUND && check->signature.body_matches)
        signature_digest(arena, &check->signature, index, value);
    signature_verify(arena, settings, &check->signature, key, value, now, &seen);
    check->proof.result = seen.result;
    check->proof.mathematics = seen.mathematics;
    check->proof.admitted = seen.admitted;
    check->proof.key_bits = seen.bits;
    check->proof.testing = seen.testing;
    check->proof.reason = seen.reason;
    check->done = true;
    return true;
}
