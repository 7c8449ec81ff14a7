#include "auth/arc.h"

/* ---- collecting the sets */
static bool instance_read(struct span text, unsigned *out)
{
    uint64_t number;
    if (!span_number(text, ARC_SETS_MOST, &number) || !number)
        return false;
    *out = (unsigned)number;
    return true;
}

/* "i=1; authserv-id; ...": RFC 8617 4.1.1. */
static bool results_of_set_read(struct arena *arena, const struct field *field, unsigned *instance,
                                struct results_field *out)
{
    struct span rest = field->value, head;
    if (!span_cut(&rest, ';', &head) || head.at + head.len == field->value.at + field->value.len)
        return false;
    const char *equals = span_find_byte(head, '=');
    if (!equals || !span_eq(span_trim(span_from(head.at, equals)), S("i")))
        return false;
    if (!instance_read(span_trim(span_from(equals + 1, head.at + head.len)), instance))
        return false;
    results_parse(arena, rest, out);
    out->field = field;
    return true;
}

struct collector {
    struct arena *arena;
    struct arc_set sets[ARC_SETS_MOST];
    struct arc_link links[ARC_SETS_MOST];
    unsigned highest, fields;
    struct span flaw; /* of the structure: the chain fails and no key is asked for */
};

static void flaw_note(struct collector *c, struct span flaw)
{
    if (!c->flaw.len)
        c->flaw = flaw;
}

/* The place for a field in its set; NULL where it has none, or the place is taken. */
static struct arc_set *set_for(struct collector *c, bool numbered, unsigned instance, const struct field *field,
                               size_t member)
{
    if (!numbered) {
        flaw_note(c, arena_print(c->arena, "a field %.*s has no instance (i=) from 1 to %d", SPAN_FMT(field->name),
                                 ARC_SETS_MOST));
        return NULL;
    }
    struct arc_set *set = &c->sets[instance - 1];
    const struct field **place = (const struct field **)((char *)set + member);
    if (*place) {
        flaw_note(c,
                  arena_print(c->arena, "there are two fields %.*s of instance %u", SPAN_FMT(field->name), instance));
        return NULL;
    }
    *place = field;
    set->instance = instance;
    c->highest = instance > c->highest ? instance : c->highest;
    return set;
}

static void names_copy(struct arena *arena, const struct signature *from, struct arc_set *to)
{
    vec_each (name, &from->names)
        *vec_push(arena, &to->signed_fields) = *name;
}

/* What DKIM computes and then does not admit is no link of a chain at all. */
static void refusal_apply(struct signature *s)
{
    if (!s->flaw.len && s->digest == DIGEST_SHA1)
        s->flaw = S("rsa-sha1 is no algorithm of ARC");
    if (!s->flaw.len)
        s->flaw = s->refusal;
}

static void signature_collect(struct collector *c, const struct field *field, bool seal)
{
    struct signature read;
    unsigned instance = 0;
    signature_read(c->arena, field, seal ? SIGNATURE_SEAL : SIGNATURE_ARC, &read);
    refusal_apply(&read);
    bool numbered = instance_read(tag_value(&read.tags, "i"), &instance);
    struct arc_set *set = set_for(c, numbered, instance, field,
                                  seal ? offsetof(struct arc_set, seal) : offsetof(struct arc_set, signature));
    if (!set)
        return;
    if (seal) {
        c->links[instance - 1].seal = read;
        set->seal_domain = read.domain;
        set->seal_selector = read.selector;
        set->cv = tag_value(&read.tags, "cv");
    } else {
        c->links[instance - 1].signature = read;
        set->signature_domain = read.domain;
        names_copy(c->arena, &read, set);
    }
}

static void recorded_collect(struct collector *c, const struct field *field)
{
    struct results_field recorded;
    unsigned instance = 0;
    bool numbered = results_of_set_read(c->arena, field, &instance, &recorded);
    struct arc_set *set = set_for(c, numbered, instance, field, offsetof(struct arc_set, results));
    if (set)
        set->recorded = recorded;
}

/* ---- what the structure alone tells; RFC 8617 5.2, steps 2 and 3 */
static struct span set_flaw(struct arena *arena, const struct arc_set *set, const struct arc_link *link, bool newest)
{
    unsigned i = set->instance;
    if (!set->seal || !set->signature || !set->results)
        return S("a set of the chain is not whole");
    if (link->seal.flaw.len)
        return arena_print(arena, "the seal of instance %u cannot be used: %.*s", i, SPAN_FMT(link->seal.flaw));
    if (newest && link->signature.flaw.len)
        return arena_print(arena, "the message signature of instance %u cannot be used: %.*s", i,
                           SPAN_FMT(link->signature.flaw));
    if (newest && span_eq(set->cv, S("fail")))
        return arena_print(arena, "%.*s, the last to seal it, found the chain broken already (cv=fail)",
                           SPAN_FMT(set->seal_domain));
    if (!span_eq(set->cv, i == 1 ? S("none") : S("pass")))
        return arena_print(arena, "the seal of instance %u says cv=%.*s, which cannot be there", i,
                           SPAN_FMT(span_first(set->cv, 20)));
    return (struct span){0};
}

static void structure_judge(struct collector *c)
{
    for (unsigned i = 0; i < c->highest; i++) {
        if (!c->sets[i].instance)
            flaw_note(c, arena_print(c->arena, "the chain has no set %u", i + 1));
        else
            flaw_note(c, set_flaw(c->arena, &c->sets[i], &c->links[i], i + 1 == c->highest));
    }
}

void arc_begin(struct arena *arena, const struct message *message, struct arc_check *check)
{
    struct collector *c = NULL;
    *check = (struct arc_check){0};
    vec_each (field, &message->fields) {
        bool recorded = field->id == FIELD_ARC_AUTHENTICATION_RESULTS, seal = field->id == FIELD_ARC_SEAL;
        if (!recorded && !seal && field->id != FIELD_ARC_MESSAGE_SIGNATURE)
            continue;
        if (!c) {
            c = arena_one(arena, struct collector);
            c->arena = arena;
        }
        if (++c->fields > 3 * ARC_SETS_MOST)
            flaw_note(c, S("the chain has more than 50 sets"));
        else if (recorded)
            recorded_collect(c, field);
        else
            signature_collect(c, field, seal);
    }
    if (!c) {
        check->proof.reason = S("no ARC set");
        check->done = true;
        return;
    }
    structure_judge(c);
    for (unsigned i = 0; i < c->highest; i++) {
        c->sets[i].seal_result = c->sets[i].signature_result = PROOF_UNKNOWN;
        *vec_push(arena, &check->proof.sets) = c->sets[i];
        check->proof.sets.at[i].instance = i + 1;
    }
    check->links = c->links;
    check->proof.result = PROOF_UNKNOWN;
    if (c->flaw.len) {
        check->proof.result = PROOF_FAIL;
        check->proof.reason = c->flaw;
        check->done = true;
    }
}

/* ---- the keys and the mathematics */
/* Asks for all keys at once. An older message signature that cannot be used is only not asked for. */
static bool keys_are_known(const struct arc_check *check, struct dns_answers *answers)
{
    bool all = true;
    for (size_t i = 0; i < check->proof.sets.len; i++) {
        const struct arc_link *link = &check->links[i];
        all &= signature_key(&link->seal, answers) != NULL;
        if (!link->signature.flaw.len)
            all &= signature_key(&link->signature, answers) != NULL;
    }
    return all;
}

struct arc_world {
    struct arena *arena;
    const struct auth_settings *settings;
    struct header_index *index;
    struct dns_answers *answers;
    int64_t now;
};

static void seals_verify(const struct arc_world *w, struct arc_check *check)
{
    struct sink chain, own;
    uint8_t value[DIGEST_MOST];
    sink_open(&chain, DIGEST_SHA256);
    for (size_t i = 0; i < check->proof.sets.len; i++) {
        struct arc_set *set = &check->proof.sets.at[i];
        struct arc_link *link = &check->links[i];
        field_canonicalise(&chain, CANON_RELAXED, set->results->whole, true);
        field_canonicalise(&chain, CANON_RELAXED, set->signature->whole, true);
        sink_peek(&chain, &own);
        signature_own_add(w->arena, &link->seal, &own);
        sink_digest(&own, value);
        field_canonicalise(&chain, CANON_RELAXED, set->seal->whole, true);
        signature_verify(w->arena, w->settings, &link->seal, signature_key(&link->seal, w->answers), value, w->now,
                         &link->seal_seen);
        set->seal_result = link->seal_seen.result;
        set->reason = link->seal_seen.reason;
    }
    sink_close(&chain);
}

static void message_signature_verify(const struct arc_world *w, struct arc_link *link, struct arc_set *set)
{
    uint8_t value[DIGEST_MOST] = {0};
    if (link->signature.flaw.len) {
        link->signature_seen = (struct verification){.result = PROOF_PERMERROR, .reason = link->signature.flaw};
    } else {
        const struct dns_answer *key = signature_key(&link->signature, w->answers);
        if (key->status == DNS_FOUND && link->signature.body_matches)
            signature_digest(w->arena, &link->signature, w->index, value);
        signature_verify(w->arena, w->settings, &link->signature, key, value, w->now, &link->signature_seen);
    }
    set->signature_result = link->signature_seen.result;
    if (set->signature_result != PROOF_PASS)
        set->reason = link->signature_seen.reason;
}

/* From the newest back, as long as they hold. */
static void signatures_verify(const struct arc_world *w, struct arc_check *check)
{
    for (size_t i = check->proof.sets.len; i-- > 0;) {
        message_signature_verify(w, &check->links[i], &check->proof.sets.at[i]);
        if (check->proof.sets.at[i].signature_result != PROOF_PASS) {
            check->proof.oldest_pass = (unsigned)i + 2;
            return;
        }
    }
}

static bool result_is_worse(enum proof_result a, enum proof_result than)
{
    static const unsigned char rank[] = {
        [PROOF_PASS] = 0, [PROOF_UNKNOWN] = 1, [PROOF_TEMPERROR] = 2, [PROOF_FAIL] = 3};
    return rank[a] > rank[than];
}

/* One link's result into the chain's: an error for good, or a signature that may not count, breaks it. */
static void result_fold(struct arc_proof *proof, enum proof_result result, struct span reason)
{
    if (result != PROOF_PASS && result != PROOF_UNKNOWN && result != PROOF_TEMPERROR)
        result = PROOF_FAIL;
    if (result_is_worse(result, proof->result)) {
        proof->result = result;
        proof->reason = reason;
    }
}

static bool from_is_covered(const struct arc_set *set)
{
    vec_each (name, &set->signed_fields)
        if (span_eq_case(*name, S("from")))
            return true;
    return false;
}

static void chain_judge(struct arena *arena, struct arc_check *check)
{
    struct arc_proof *proof = &check->proof;
    size_t n = proof->sets.len;
    proof->result = PROOF_PASS;
    const struct verification *newest = &check->links[n - 1].signature_seen;
    result_fold(proof, newest->result,
                arena_print(arena, "message signature of instance %zu: %.*s", n, SPAN_FMT(newest->reason)));
    for (size_t i = n; i-- > 0;) {
        const struct verification *seal = &check->links[i].seal_seen;
        if (seal->result != PROOF_PASS)
            result_fold(proof, seal->result,
                        arena_print(arena, "seal of instance %zu: %.*s", i + 1, SPAN_FMT(seal->reason)));
    }
    if (proof->result == PROOF_PASS)
        proof->reason =
            arena_print(arena, "%zu set%s, the last sealed by %.*s, and the chain holds%s", n, n == 1 ? "" : "s",
                        SPAN_FMT(proof->sets.at[n - 1].seal_domain),
                        from_is_covered(&proof->sets.at[n - 1]) ? "" : "; but its last signature does not cover From");
    else
        proof->oldest_pass = 0;
}

bool arc_continue(struct arena *arena, const struct auth_settings *settings, struct arc_check *check,
                  struct header_index *index, struct dns_answers *answers, int64_t now)
{
    struct arc_world world = {arena, settings, index, answers, now};
    if (check->done)
        return true;
    if (!keys_are_known(check, answers))
        return false;
    seals_verify(&world, check);
    signatures_verify(&world, check);
    chain_judge(arena, check);
    check->done = true;
    return true;
}
