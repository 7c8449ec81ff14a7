/* Checking a signature against the keys that DNS gave. */
#include "auth/signature.h"

enum { RECORDS_MOST = 4 };

const struct dns_answer *signature_key(const struct signature *s, struct dns_answers *answers)
{
    return dns_known(answers, s->key_name, DNS_TXT);
}

static bool key_is_absent(struct arena *arena, const struct signature *s, const struct dns_answer *key,
                          struct verification *out)
{
    switch (key->status) {
    case DNS_FOUND:
        if (key->data.len)
            return false;
        __attribute__((fallthrough));
    case DNS_NO_DATA:
    case DNS_NO_NAME:
        out->result = PROOF_PERMERROR;
        out->reason = arena_print(arena, "there is no key at %.*s", SPAN_FMT(s->key_name));
        return true;
    case DNS_FAILED:
    case DNS_TIMED_OUT:
        out->result = PROOF_TEMPERROR;
        out->reason = arena_print(arena, "DNS did not tell the key at %.*s (%s)", SPAN_FMT(s->key_name),
                                  dns_status_name(key->status));
        return true;
    case DNS_UNKNOWN:
        break;
    }
    out->result = PROOF_UNKNOWN;
    out->reason = arena_print(arena, "the key at %.*s was not asked for (offline)%s", SPAN_FMT(s->key_name),
                              s->body_matches ? "; the body is the one that was signed" : "");
    return true;
}

/* Why nothing can be computed with this record's key; RFC 6376 6.1.2. */
static struct span record_flaw(struct arena *arena, const struct signature *s, const struct key_record *record)
{
    if (!record->bytes.len)
        return S("the key has been revoked (p= is empty)");
    if (record->kind != s->key_kind)
        return arena_print(arena, "the key is of another kind than the signature says (%.*s)", SPAN_FMT(s->algorithm));
    return (struct span){0};
}

/* Why the record does not allow this signature, although it can be computed. */
static struct span record_refusal(const struct signature *s, const struct key_record *record)
{
    if (record->other_service)
        return S("the key record is for another service than mail (s=)");
    if (record->digests.len && !tag_items_have(record->digests, s->digest == DIGEST_SHA1 ? "sha1" : "sha256"))
        return S("the key record does not allow this hash algorithm (h=)");
    if (record->no_subdomains && s->kind == SIGNATURE_DKIM) {
        const char *at = memrchr(s->identity.at, '@', s->identity.len);
        if (at && !span_eq_case(span_from(at + 1, s->identity.at + s->identity.len), s->domain))
            return S("the key record forbids subdomains in the identity (t=s, i=)");
    }
    return (struct span){0};
}

static bool body_is_right(const struct signature *s)
{
    return s->kind == SIGNATURE_SEAL || s->body_matches;
}

/* One record. True: the signature holds under it and the record allows it: no other is needed. */
static bool record_try(struct arena *arena, const struct signature *s, struct span text, const uint8_t *value,
                       struct verification *out)
{
    struct key_record record;
    struct span why = {0};
    if (key_record_read(arena, text, &record, &why))
        why = record_flaw(arena, s, &record);
    struct public_key *key = why.len ? NULL : key_find(record.kind, record.bytes);
    if (!key && !why.len)
        why = arena_print(arena, "the key record holds no readable %s key", record.kind == KEY_RSA ? "RSA" : "Ed25519");
    if (!key) {
        if (!out->bits) /* nothing better was found before */
            out->reason = why;
        return false;
    }
    bool holds = body_is_right(s) && key_verify(key, s->digest, value, s->bytes);
    if (out->bits && !holds)
        return false;
    out->bits = key_bits(key);
    out->testing = record.testing;
    out->mathematics = holds ? DKIM_HOLDS : DKIM_HEADER_DIFFERS;
    out->reason = record_refusal(s, &record);
    out->result = out->reason.len ? PROOF_PERMERROR : holds ? PROOF_PASS : PROOF_FAIL;
    return holds && !out->reason.len;
}

/* Why it may not count although it may hold; RFC 8301, RFC 6376 3.5. Empty: it may. */
static struct span admission_flaw(struct arena *arena, const struct auth_settings *settings, const struct signature *s,
                                  unsigned bits, int64_t now)
{
    if (s->digest == DIGEST_SHA1 && !settings->admit_sha1)
        return S("rsa-sha1 no longer counts (RFC 8301)");
    if (s->key_kind == KEY_RSA && bits && bits < settings->shortest_rsa && !settings->admit_short_keys)
        return arena_print(arena, "the key has only %u bits, %u are the least that count", bits,
                           settings->shortest_rsa);
    if (s->limit != UINT64_MAX && s->limit > s->body_length)
        return S("it claims to cover more bytes (l=) than the body has");
    if (now == TIME_UNKNOWN)
        return (struct span){0};
    if (s->expires_at != TIME_UNKNOWN && now > s->expires_at)
        return S("it has expired (x=)");
    if (s->signed_at != TIME_UNKNOWN && s->signed_at > now + settings->clock_skew)
        return S("it was made in the future (t=)");
    return (struct span){0};
}

static struct span holds_reason(struct arena *arena, const struct signature *s, const struct verification *v)
{
    struct buf text = {.arena = arena};
    buf_print(&text, "signed by %.*s (selector %.*s, %.*s", SPAN_FMT(s->domain), SPAN_FMT(s->selector),
              SPAN_FMT(s->algorithm));
    if (s->key_kind == KEY_RSA)
        buf_print(&text, ", %u bits", v->bits);
    buf_print(&text, "), and it holds");
    if (s->limit < s->body_length)
        buf_print(&text, "; but only the first %llu bytes of the body are signed (l=), %llu at its end are not",
                  (unsigned long long)s->limit, (unsigned long long)(s->body_length - s->limit));
    if (v->testing)
        buf_print(&text, "; the domain says it is only testing (t=y)");
    return buf_span(&text);
}

static struct span difference_reason(struct arena *arena, const struct signature *s, enum dkim_mathematics mathematics)
{
    if (mathematics == DKIM_BODY_DIFFERS)
        return arena_print(arena, "the body is not the one that %.*s signed", SPAN_FMT(s->domain));
    return arena_print(arena, "the signed fields are not those that %.*s signed, or the key is another",
                       SPAN_FMT(s->domain));
}

/* In the order of what decides: the field's own faults, the body, the key and its record, the mathematics, what is
 * admitted. */
static void verdict_write(struct arena *arena, const struct signature *s, struct span flaw, struct verification *out)
{
    out->admitted = out->bits && !flaw.len && !s->refusal.len && out->result != PROOF_PERMERROR;
    if (!body_is_right(s))
        out->mathematics = DKIM_BODY_DIFFERS;
    if (s->refusal.len) {
        out->result = PROOF_PERMERROR;
        out->reason = arena_print(arena, "not a usable signature: %.*s", SPAN_FMT(s->refusal));
    } else if (!body_is_right(s) || out->result == PROOF_FAIL) {
        out->result = PROOF_FAIL;
        out->reason = difference_reason(arena, s, out->mathematics);
    } else if (out->result == PROOF_PASS && flaw.len) {
        out->result = PROOF_POLICY;
        out->reason = arena_print(arena, "the signature of %.*s holds, but %.*s", SPAN_FMT(s->domain), SPAN_FMT(flaw));
    } else if (out->result == PROOF_PASS) {
        out->reason = holds_reason(arena, s, out);
    }
}

void signature_verify(struct arena *arena, const struct auth_settings *settings, const struct signature *s,
                      const struct dns_answer *key, const uint8_t *value, int64_t now, struct verification *out)
{
    *out = (struct verification){.result = PROOF_PERMERROR};
    if (!key_is_absent(arena, s, key, out))
        for (size_t i = 0; i < key->data.len && i < RECORDS_MOST; i++)
            if (record_try(arena, s, key->data.at[i], value, out))
                break;
    verdict_write(arena, s, admission_flaw(arena, settings, s, out->bits, now), out);
}
