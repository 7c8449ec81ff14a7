/* Chains sealed here, spoilt here, and crafted ones: never a crash, never a pass. */
#include "signed.h"
#include "auth/arc.h"

static struct arena *arena;
static struct test_key key;
static struct auth_settings settings;

static int world_make(void **state)
{
    arena = arena_new(256u << 20);
    auth_settings_default(&settings);
    key = test_key_new(arena, 1024);
    return 0;
}

static int world_drop(void **state)
{
    arena_free(&arena);
    return 0;
}

#define MAIL "From: alice@example.com\r\nTo: list@example.net\r\nSubject: lunch\r\n\r\nSee you at noon.\r\n"

static struct arc_proof chain_of(struct span raw, bool with_key, size_t *asked)
{
    struct message *message = test_message(arena, raw);
    struct dns_answers *answers = dns_answers_new(arena, 500);
    struct arrival arrival = {.raw = raw};
    struct proof proof = {0};
    if (with_key)
        for (unsigned i = 0; i < 60; i++) {
            struct span name = arena_print(arena, "s._domainkey.h%u.example.org", i);
            test_txt(arena, answers, arena_copy(arena, name).at, key.record);
        }
    struct auth_work *work = auth_begin(arena, &settings, NULL, &arrival, message, NULL);
    if (asked)
        *asked = 0;
    for (unsigned round = 0; round < 12 && !auth_continue(work, answers, TIME_UNKNOWN, false, &proof); round++) {
        const struct dns_ask *asks;
        size_t n = dns_wanted(answers, &asks);
        struct dns_ask *copy = arena_alloc(arena, n * sizeof *copy);
        memcpy(copy, asks, n * sizeof *copy);
        for (size_t i = 0; i < n; i++) {
            if (asked && span_find(copy[i].name, S("_domainkey")))
                ++*asked;
            dns_answers_add(answers,
                            &(struct dns_answer){.ask = copy[i], .status = with_key ? DNS_NO_NAME : DNS_UNKNOWN});
        }
    }
    return proof.arc;
}

static struct span sealed(struct span raw, enum proof_result chain)
{
    struct message *message = test_message(arena, raw);
    struct arc_writing written;
    struct span to_sign, b;
    struct err err = {{0}};
    struct seal_request request = {.selector = S("s"),
                                   .algorithm = S("rsa-sha256"),
                                   .signed_at = 1700000000,
                                   .results = S("mx.example.org; spf=pass"),
                                   .chain = chain};
    *vec_push(arena, &request.fields) = S("from");
    *vec_push(arena, &request.fields) = S("subject");
    struct arc_check check;
    arc_begin(arena, message, &check);
    request.domain = arena_print(arena, "h%zu.example.org", check.proof.sets.len + 1);
    if (arc_signature_input(arena, message, &request, &written, &to_sign, &err) < 0)
        fail_msg("%s", err.text);
    if (!written.instance)
        return raw;
    assert_int_equal(dkim_sign(arena, key.pem, request.algorithm, to_sign, &b, &err), 0);
    arc_seal_input(arena, message, &request, b, &written, &to_sign);
    assert_int_equal(dkim_sign(arena, key.pem, request.algorithm, to_sign, &b, &err), 0);
    arc_seal_finish(arena, b, &written);
    return arena_print(arena,
                       "ARC-Seal: %.*s\r\nARC-Message-Signature: %.*s\r\nARC-Authentication-Results: %.*s\r\n%.*s",
                       SPAN_FMT(written.seal), SPAN_FMT(written.signature), SPAN_FMT(written.results), SPAN_FMT(raw));
}

static struct span sealed_times(unsigned times)
{
    struct span mail = S(MAIL);
    for (unsigned i = 0; i < times; i++)
        mail = sealed(mail, PROOF_PASS);
    return mail;
}

static struct span replaced(struct span text, const char *what, const char *by)
{
    const char *at = span_find(text, span_of(what));
    if (!at)
        fail_msg("\"%s\" is not there", what);
    struct span rest = span_from(at + strlen(what), text.at + text.len);
    return arena_print(arena, "%.*s%s%.*s", SPAN_FMT(span_from(text.at, at)), by, SPAN_FMT(rest));
}

static void expect(struct span mail, enum proof_result result, const char *why)
{
    struct arc_proof proof = chain_of(mail, true, NULL);
    if (proof.result != result || !span_find(proof.reason, span_of(why)))
        fail_msg("%s: %.*s (wanted %s, %s)", proof_result_name(proof.result), SPAN_FMT(proof.reason),
                 proof_result_name(result), why);
}

static void chains(void **state)
{
    struct arc_proof proof = chain_of(S(MAIL), true, NULL);
    assert_int_equal(proof.result, PROOF_NONE);
    for (unsigned n = 1; n <= 5; n++) {
        proof = chain_of(sealed_times(n), true, NULL);
        if (proof.result != PROOF_PASS)
            fail_msg("%u sets: %.*s", n, SPAN_FMT(proof.reason));
        assert_int_equal(proof.sets.len, n);
        assert_int_equal(proof.oldest_pass, 0);
        assert_int_equal(proof.sets.at[0].instance, 1);
        assert_span(proof.sets.at[n - 1].recorded.authserv_id, "mx.example.org");
        assert_span(proof.sets.at[0].seal_domain, "h1.example.org");
        assert_int_equal(proof.sets.at[n - 1].signed_fields.len, 2);
    }
}

static void oldest_pass(void **state)
{
    struct span mail = sealed(sealed(replaced(sealed_times(2), "lunch", "[list] lunch"), PROOF_PASS), PROOF_PASS);
    struct arc_proof proof = chain_of(mail, true, NULL);
    assert_int_equal(proof.result, PROOF_PASS);
    assert_int_equal(proof.oldest_pass, 3);
    assert_int_equal(proof.sets.at[3].signature_result, PROOF_PASS);
    assert_int_equal(proof.sets.at[1].signature_result, PROOF_FAIL);
}

static void spoilt(void **state)
{
    struct span mail = sealed_times(3);
    expect(replaced(mail, "noon", "nine"), PROOF_FAIL, "message signature of instance 3");
    expect(replaced(mail, "lunch", "dinner"), PROOF_FAIL, "message signature of instance 3");
    expect(replaced(mail, "spf=pass", "spf=fail"), PROOF_FAIL, "seal of instance 3");
    expect(replaced(mail, "i=2; mx.example.org; spf=pass", "i=2; mx.example.org; spf=fail"), PROOF_FAIL,
           "seal of instance 3");
    expect(replaced(mail, "cv=none", "cv=pass"), PROOF_FAIL, "cannot be there");
    expect(replaced(mail, "cv=pass", "cv=none"), PROOF_FAIL, "cannot be there");
    expect(replaced(mail, "cv=pass", "cv=fail"), PROOF_FAIL, "broken already");
    expect(replaced(mail, "cv=pass; ", ""), PROOF_FAIL, "cv=");
    expect(replaced(mail, "ARC-Authentication-Results: i=2", "X-Results: i=2"), PROOF_FAIL, "not whole");
    expect(replaced(mail, "ARC-Authentication-Results: i=2", "ARC-Authentication-Results: i=3"), PROOF_FAIL,
           "two fields");
    expect(replaced(mail, "ARC-Authentication-Results: i=3", "ARC-Authentication-Results: i=9"), PROOF_FAIL,
           "not whole");
    expect(replaced(mail, "a=rsa-sha256", "a=rsa-sha1"), PROOF_FAIL, "rsa-sha1");
    expect(replaced(mail, "d=h3.example.org", "d=h3.example.org(x"), PROOF_FAIL, "d=");
    expect(replaced(mail, "s=s;", "s=other;"), PROOF_FAIL, "no key");
}

static void not_known(void **state)
{
    struct arc_proof proof = chain_of(sealed_times(2), false, NULL);
    assert_int_equal(proof.result, PROOF_UNKNOWN);
    assert_true(proof.reason.len > 0);
    proof = chain_of(replaced(sealed_times(2), "noon", "nine"), false, NULL);
    assert_int_equal(proof.result, PROOF_FAIL); /* the body tells without a key */
}

/* cv=fail ends a chain; nothing is sealed on top of it. */
static void broken_chain(void **state)
{
    struct span mail = sealed(replaced(sealed_times(1), "spf=pass", "spf=fail"), PROOF_FAIL);
    expect(mail, PROOF_FAIL, "broken already");
    struct span again = sealed(mail, PROOF_FAIL);
    assert_ptr_equal(again.at, mail.at);
}

static void fifty(void **state)
{
    struct span mail = sealed_times(50);
    struct arc_proof proof = chain_of(mail, true, NULL);
    assert_int_equal(proof.result, PROOF_PASS);
    assert_int_equal(proof.sets.len, 50);
    assert_ptr_equal(sealed(mail, PROOF_PASS).at, mail.at);
}

/* attacks 7: whatever stands there, a chain that is none fails, and no key is asked for. */
static void crafted(void **state)
{
    static const char *const rows[] = {
        "ARC-Seal:\r\n",
        "ARC-Seal: \r\nARC-Message-Signature:\r\nARC-Authentication-Results:\r\n",
        "ARC-Seal: i=1\r\n",
        "ARC-Seal: i=1; cv=none\r\n",
        "ARC-Authentication-Results: i=1\r\n",
        "ARC-Authentication-Results: i\r\n",
        "ARC-Authentication-Results: =1;\r\n",
        "ARC-Authentication-Results: i=1;;;;\r\n",
        "ARC-Authentication-Results: i=1; (((((\r\n",
        "ARC-Message-Signature: i=1; a=rsa-sha256; b=; bh=; d=x.y; h=; s=s\r\n",
        "ARC-Seal: i=0; a=rsa-sha256; b=YQ==; cv=none; d=x.y; s=s\r\n",
        "ARC-Seal: i=51; a=rsa-sha256; b=YQ==; cv=none; d=x.y; s=s\r\n",
        "ARC-Seal: i=99999999999999999999; cv=none\r\n",
        "ARC-Seal: i=-1; cv=none\r\n",
        "ARC-Seal: i=1; i=2\r\n",
        "ARC-Seal: ;;;;;;;;\r\n",
        "ARC-Seal: b\r\n",
        "ARC-Seal: i=50; a=rsa-sha256; b=YQ==; cv=pass; d=x.y; s=s\r\nARC-Message-Signature: i=50; a=rsa-sha256; "
        "b=YQ==; bh=YQ==; d=x.y; h=from; s=s\r\n"
        "ARC-Authentication-Results: i=50; x; none\r\n",
        "ARC-Seal: i=1; a=rsa-sha256; b=YQ==; cv=none; d=x.y; s=s; h=from\r\nARC-Message-Signature: i=1; a=rsa-sha256; "
        "b=YQ==; bh=YQ==; d=x.y; h=from; s=s\r\n"
        "ARC-Authentication-Results: i=1; x; none\r\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t asked;
        struct span mail = arena_print(arena, "%s%s", rows[i], MAIL), input = exact_bytes(mail.at, mail.len);
        struct arc_proof proof = chain_of(input, true, &asked);
        if (proof.result != PROOF_FAIL || !proof.reason.len || asked)
            fail_msg("row %zu: %s %.*s, %zu asked", i, proof_result_name(proof.result), SPAN_FMT(proof.reason), asked);
        free((char *)input.at);
    }
}

static void a_thousand_fields(void **state)
{
    struct buf mail = {.arena = arena};
    for (unsigned i = 0; i < 1000; i++)
        buf_print(&mail, "ARC-Seal: i=%u; a=rsa-sha256; b=YQ==; cv=none; d=x.y; s=s\r\n", i % 60);
    buf_add(&mail, S(MAIL));
    expect(buf_span(&mail), PROOF_FAIL, "has no instance");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains),    cmocka_unit_test(oldest_pass),       cmocka_unit_test(spoilt),
        cmocka_unit_test(not_known), cmocka_unit_test(broken_chain),      cmocka_unit_test(fifty),
        cmocka_unit_test(crafted),   cmocka_unit_test(a_thousand_fields),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
