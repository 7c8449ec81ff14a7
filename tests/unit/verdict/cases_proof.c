#include "world.h"

static void reject(struct world *w)
{
    dmarc_fails(w, "reject");
}
static void quarantine(struct world *w)
{
    dmarc_fails(w, "quarantine");
}
static void policy_none(struct world *w)
{
    dmarc_fails(w, "none");
}
static void policy_untold(struct world *w)
{
    dmarc_fails(w, "");
    w->proof.basis = BASIS_TRUSTED_HEADER;
    w->proof.trusted_by = S("mx.here.example");
}
static void everything_absent(struct world *w)
{
    dmarc_fails(w, "");
    w->proof.dmarc.result = w->proof.spf.result = PROOF_NONE;
    w->proof.dkim.len = 0;
}
static void everything_unknown(struct world *w)
{
    dmarc_fails(w, "");
    w->proof.dmarc.result = w->proof.spf.result = w->dkim[0].result = PROOF_UNKNOWN;
}
static void nothing_verified(struct world *w)
{
    reject(w);
    w->proof.spf.result = PROOF_FAIL;
    w->dkim[0].result = PROOF_FAIL;
    w->proof.basis = BASIS_NONE;
}
static void sealed(struct world *w, const char *sealer, const char *from)
{
    reject(w);
    *vec_push(w->arena, &w->settings.trusted_sealers) = S("lists.example");
    record_put(w, 4, "lists.example", "dmarc", PROOF_PASS, "header", "from", from);
    w->sets[0] = (struct arc_set){.instance = 1, .seal_domain = span_of(sealer), .recorded = w->proof.recorded.at[0]};
    w->proof.arc.result = PROOF_PASS;
    w->proof.arc.sets.at = w->sets;
    w->proof.arc.sets.len = 1;
}
static void explained_by_a_trusted_sealer(struct world *w)
{
    sealed(w, "lists.example", "brand.example");
}
/* The trusted set may be another message's: anybody can carry it over and seal on top. */
static void sealed_on_top(struct world *w, enum proof_result first_signature, const char *second)
{
    explained_by_a_trusted_sealer(w);
    struct arc_set first = w->sets[0], above = {.instance = 2, .seal_domain = span_of(second), .signature_result = PROOF_PASS};
    first.signature_result = first_signature;
    w->proof.arc.sets.at = NULL;
    w->proof.arc.sets.len = w->proof.arc.sets.cap = 0;
    *vec_push(w->arena, &w->proof.arc.sets) = first;
    *vec_push(w->arena, &w->proof.arc.sets) = above;
}
static void carried_over(struct world *w)
{
    sealed_on_top(w, PROOF_FAIL, "evil.example");
}
static void carried_over_recorded(struct world *w)
{
    sealed_on_top(w, PROOF_UNKNOWN, "evil.example");
}
static void first_signature_holds(struct world *w)
{
    sealed_on_top(w, PROOF_PASS, "elsewhere.example");
}
static void trusted_to_the_top(struct world *w)
{
    sealed_on_top(w, PROOF_FAIL, "two.lists.example");
}
static void sealed_and_broken(struct world *w)
{
    explained_by_a_trusted_sealer(w);
    w->proof.arc.result = PROOF_FAIL;
}
static void sealed_by_a_stranger(struct world *w)
{
    sealed(w, "evil.example", "brand.example");
}
static void sealed_for_another(struct world *w)
{
    sealed(w, "lists.example", "elsewhere.example");
}
static void leaving(struct world *w)
{
    reject(w);
    w->arrival.direction = DIRECTION_OUTBOUND;
}
static void forged_free(struct world *w)
{
    dmarc_fails(w, "none");
    w->claim.mismatch.from_free_mail = w->claim.mismatch.from_signs_all = true;
    w->dkim[0].result = PROOF_PASS;
    w->dkim[0].domain = S("other.example");
}
static void forged_elsewhere(struct world *w) /* a provider of which that is not known */
{
    forged_free(w);
    w->claim.mismatch.from_signs_all = false;
}
static void free_changed_on_its_way(struct world *w)
{
    forged_free(w);
    w->dkim[0].result = PROOF_FAIL;
    w->dkim[0].domain = S("brand.example");
}
static void free_through_list(struct world *w)
{
    forged_free(w);
    w->claim.mismatch.list_borne_out = true;
}
static void free_through_service(struct world *w)
{
    forged_free(w);
    w->claim.mismatch.service_claimed = true;
}
static void free_proved(struct world *w)
{
    w->claim.mismatch.from_free_mail = w->claim.mismatch.from_signs_all = true;
}
static void spf_fail(struct world *w)
{
    policy_none(w);
    w->proof.spf.result = PROOF_FAIL;
}
static void spf_softfail(struct world *w)
{
    policy_none(w);
    w->proof.spf.result = PROOF_SOFTFAIL;
}
static void spf_fail_forwarded(struct world *w) /* the author's signature holds */
{
    w->proof.spf.result = PROOF_FAIL;
    w->proof.dmarc.spf_aligned = false;
}
static void spf_softfail_forwarded(struct world *w)
{
    spf_fail_forwarded(w);
    w->proof.spf.result = PROOF_SOFTFAIL;
}
static void dkim_fail(struct world *w)
{
    policy_none(w);
    w->dkim[0].result = PROOF_FAIL;
}
static void dkim_fail_beside_the_lists(struct world *w)
{
    dkim_fail(w);
    w->proof.dkim.len = 2;
}
static void nothing_passed(struct world *w)
{
    dkim_fail(w);
    w->proof.spf.result = PROOF_NEUTRAL;
}
/* Our own server recorded no signature and no SPF; that this copy's body fits no signature any more says nothing. */
static void copy_changed_since(struct world *w)
{
    dkim_fail(w);
    w->proof.spf.result = PROOF_NONE;
    w->proof.dmarc.result = PROOF_NONE;
    w->proof.basis = BASIS_TRUSTED_HEADER;
}
static void tail(struct world *w)
{
    w->dkim[0].body_limit = 100;
    w->dkim[0].body_unsigned = 5000;
}
static void tail_empty(struct world *w)
{
    w->dkim[0].body_limit = 100;
}
static void tail_beside_a_whole_one(struct world *w)
{
    tail(w);
    w->proof.dkim.len = 2;
    w->dkim[1].domain = S("mail.brand.example");
}
static void not_admitted(struct world *w)
{
    w->proof.dmarc.result = PROOF_NONE;
    w->dkim[0].result = PROOF_POLICY;
    w->dkim[0].admitted = false;
}
static void expired(struct world *w)
{
    not_admitted(w);
    w->dkim[0].expires_at = w->arrival.received_at - 1;
}
static void expires_later(struct world *w)
{
    w->dkim[0].expires_at = w->arrival.received_at + 1;
}
static void time_unknown(struct world *w)
{
    expired(w);
    w->arrival.received_at = TIME_UNKNOWN;
}
static void short_key(struct world *w)
{
    not_admitted(w);
    w->dkim[0].key_bits = 512;
}
static void short_key_does_not_hold(struct world *w)
{
    short_key(w);
    w->dkim[0].mathematics = DKIM_BODY_DIFFERS;
}
static void short_key_expires_later(struct world *w)
{
    short_key(w);
    w->dkim[0].expires_at = w->arrival.received_at + 1;
}
/* Replayed: what was signed stands below, what was put above it is shown. */
static void field_put(struct world *w, size_t i, enum field_id id, const char *name, const char *value)
{
    w->fields[i].id = id;
    w->fields[i].name = span_of(name);
    w->fields[i].value = span_of(value);
}
static void signed_names_put(struct world *w, size_t dkim, const char *name, size_t times)
{
    w->dkim[dkim].signed_fields.at = NULL;
    w->dkim[dkim].signed_fields.len = w->dkim[dkim].signed_fields.cap = 0;
    *vec_push(w->arena, &w->dkim[dkim].signed_fields) = S("from");
    for (size_t i = 0; i < times; i++)
        *vec_push(w->arena, &w->dkim[dkim].signed_fields) = span_of(name);
}
static void subjects(struct world *w, const char *upper, const char *lower, size_t times)
{
    field_put(w, 0, FIELD_SUBJECT, "Subject", upper);
    field_put(w, 6, FIELD_SUBJECT, "Subject", lower);
    signed_names_put(w, 0, "subject", times);
}
static void subject_replayed(struct world *w)
{
    subjects(w, "Your prize", "Newsletter", 1);
}
static void subject_oversigned(struct world *w)
{
    subjects(w, "Your prize", "Newsletter", 2);
}
static void subject_twice_the_same(struct world *w)
{
    subjects(w, "Newsletter", "Newsletter", 1);
}
static void subject_not_signed(struct world *w)
{
    subjects(w, "Your prize", "Newsletter", 0);
}
static void subject_once(struct world *w)
{
    subject_replayed(w);
    w->fields[0].id = FIELD_OTHER;
}
static void subject_signed_by_another(struct world *w)
{
    subject_not_signed(w);
    w->proof.dkim.len = 2;
    signed_names_put(w, 1, "subject", 1);
}
static void subject_covered_by_the_second(struct world *w)
{
    subject_replayed(w);
    w->proof.dkim.len = 2;
    w->dkim[1].domain = S("mail.brand.example");
    signed_names_put(w, 1, "Subject", 2);
}
static void subject_covered_by_a_stranger(struct world *w) /* who put it there */
{
    subject_covered_by_the_second(w);
    w->dkim[1].domain = S("evil.example");
}
static void signature_fails(struct world *w)
{
    subject_replayed(w);
    w->dkim[0].result = PROOF_FAIL;
}
static void type_replayed(struct world *w)
{
    field_put(w, 0, FIELD_CONTENT_TYPE, "Content-Type", "multipart/mixed; boundary=b");
    field_put(w, 6, FIELD_CONTENT_TYPE, "Content-Type", "text/plain");
    signed_names_put(w, 0, "content-type", 1);
}
static void recipients(struct world *w, size_t times)
{
    field_put(w, 0, FIELD_TO, "To", "bob@here.example");
    field_put(w, 6, FIELD_TO, "To", "me@evil.example");
    signed_names_put(w, 0, "To", times);
}
static void recipient_replayed(struct world *w)
{
    recipients(w, 1);
}
static void recipient_oversigned(struct world *w)
{
    recipients(w, 3);
}
static void testing(struct world *w)
{
    w->dkim[0].testing = true;
}
static void testing_of_another(struct world *w)
{
    w->proof.dkim.len = 2;
    w->dkim[1].testing = true;
}
static void suffix_differs(struct world *w)
{
    w->proof.dmarc.suffix_differs = true;
    w->proof.dmarc.suffix_note = S("RFC 7489 takes brand.example as a public suffix");
}
static void other_policy_by_the_suffix(struct world *w) /* proved all the same */
{
    suffix_differs(w);
}
static void proved_by_a_sibling(struct world *w) /* a top-level domain with a record makes all below it one for DMARC */
{
    suffix_differs(w);
    w->proof.spf.domain = w->dkim[0].domain = S("evil.example");
}
static void proved_by_one_reading(struct world *w)
{
    w->fields[10] = w->fields[11];
    w->fields[10].value = S("Eve <eve@evil.example>");
    defect_put(w, DEFECT_FROM_TWICE, 8, "");
}
static void proved_by_laundering(struct world *w)
{
    record_put(w, 4, "mx.elsewhere.example", "dmarc", PROOF_FAIL, "header", "from", "brand.example");
}
static void proved_for_another(struct world *w)
{
    everything_absent(w);
    w->proof.dkim.len = 1;
}

const struct evidence_case proof_cases[] = {
    {"dmarc-fail-reject", "honest", reject, honest},
    {"dmarc-fail-reject", "unknown", reject, everything_unknown},
    {"dmarc-fail-reject", "nothing verified", reject, nothing_verified},
    {"dmarc-fail-reject", "trusted sealer", sealed_by_a_stranger, explained_by_a_trusted_sealer},
    {"dmarc-fail-reject", "whole chain", sealed_and_broken, explained_by_a_trusted_sealer},
    {"dmarc-fail-reject", "carried over", carried_over, first_signature_holds},
    {"dmarc-fail-reject", "carried over, not computed", carried_over_recorded, trusted_to_the_top},
    {"dmarc-fail-reject", "leaving", sealed_for_another, leaving},
    {"dmarc-fail-quarantine", "reject", quarantine, reject},
    {"dmarc-fail-recorded", "no policy", policy_untold, everything_absent},
    {"dmarc-fail-recorded", "told", policy_untold, policy_none},
    {"free-mail-forged", "another provider", forged_free, forged_elsewhere},
    {"free-mail-forged", "changed on its way", forged_free, free_changed_on_its_way},
    {"free-mail-forged", "a list", forged_free, free_through_list},
    {"free-mail-forged", "a newsletter service", forged_free, free_through_service},
    {"free-mail-forged", "proved", forged_free, free_proved},
    {"dmarc-fail", "no policy", policy_none, everything_absent},
    {"spf-fail", "forwarded", spf_fail, spf_fail_forwarded},
    {"spf-softfail", "forwarded", spf_softfail, spf_softfail_forwarded},
    {"dkim-fail", "a list's signature", dkim_fail, dkim_fail_beside_the_lists},
    {"nothing-passed", "nothing was there", nothing_passed, everything_absent},
    {"dkim-fail", "a copy changed since", dkim_fail, copy_changed_since},
    {"nothing-passed", "a copy changed since", nothing_passed, copy_changed_since},
    {"nothing-passed", "unknown", nothing_passed, everything_unknown},
    {"unsigned-tail", "no bytes in it", tail, tail_empty},
    {"unsigned-tail", "another whole", tail, tail_beside_a_whole_one},
    {"signature-expired", "later", expired, expires_later},
    {"signature-expired", "time unknown", expired, time_unknown},
    {"signature-expired", "refused for its key", expired, short_key_expires_later},
    {"signature-weak", "does not hold", short_key, short_key_does_not_hold},
    {"signature-testing", "of another", testing, testing_of_another},
    {"signed-field-doubled", "oversigned", subject_replayed, subject_oversigned},
    {"signed-field-doubled", "the same twice", subject_replayed, subject_twice_the_same},
    {"signed-field-doubled", "not signed", subject_replayed, subject_not_signed},
    {"signed-field-doubled", "once", type_replayed, subject_once},
    {"signed-field-doubled", "signed by another", subject_covered_by_a_stranger, subject_signed_by_another},
    {"signed-field-doubled", "covered by another signature", subject_covered_by_a_stranger, subject_covered_by_the_second},
    {"signed-field-doubled", "signature fails", subject_replayed, signature_fails},
    {"signed-field-doubled", "a recipient", type_replayed, recipient_replayed},
    {"signed-detail-doubled", "oversigned", recipient_replayed, recipient_oversigned},
    {"signed-detail-doubled", "a subject", recipient_replayed, subject_replayed},
    {"aligned-pass", "doubled", subject_oversigned, subject_replayed},
    {"suffix-differs", "honest", suffix_differs, honest},
    {"aligned-pass", "ambiguous", honest, proved_by_one_reading},
    {"aligned-pass", "by one standard", other_policy_by_the_suffix, proved_by_a_sibling},
    {"aligned-pass", "laundered", honest, proved_by_laundering},
    {"aligned-pass", "unknown", honest, everything_unknown},
    {"aligned-pass", "of another", honest, proved_for_another},
    {0},
};
