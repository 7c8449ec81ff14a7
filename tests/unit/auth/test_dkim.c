/* Signatures made here, checked here, and spoilt in every way. */
#include "signed.h"

static struct arena *arena;
static struct test_key rsa1024, rsa2048, rsa768, edwards;
static struct auth_settings settings;
static const int64_t now = 1700000000;

static int world_make(void **state)
{
    arena = arena_new(256u << 20);
    rsa768 = test_key_new(arena, 768);
    rsa1024 = test_key_new(arena, 1024);
    rsa2048 = test_key_new(arena, 2048);
    edwards = test_key_new(arena, 0);
    auth_settings_default(&settings);
    return 0;
}

static int world_drop(void **state)
{
    arena_free(&arena);
    return 0;
}

#define MAIL                                                                                                           \
    "From: Alice <alice@example.com>\r\nTo: bob@example.net\r\nSubject: a  folded\r\n\tsubject\r\n"                    \
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nHello  Bob,\r\n\r\nsee you \t at noon. \r\n\r\n\r\n"

static struct sign_request request_for(const char *algorithm, const char *header, const char *body)
{
    struct sign_request request = {.domain = S("example.com"),
                                   .selector = S("s1"),
                                   .algorithm = span_of(algorithm),
                                   .header_canon = span_of(header),
                                   .body_canon = span_of(body),
                                   .signed_at = TIME_UNKNOWN,
                                   .expires_at = TIME_UNKNOWN,
                                   .body_limit = -1};
    static const char *const names[] = {"From", "To", "Subject", "Date", "From"};
    for (size_t i = 0; i < 5; i++)
        *vec_push(arena, &request.fields) = span_of(names[i]);
    return request;
}

static struct dkim_proof check(struct span raw, struct span record)
{
    struct dkim_proof proof;
    struct span input = exact_bytes(raw.at, raw.len); /* kept until the arena goes: the proof points into it */
    struct dns_answers *answers = dns_answers_new(arena, 100);
    test_txt(arena, answers, "s1._domainkey.example.com", record);
    assert_true(test_check(arena, &settings, test_message(arena, arena_copy(arena, input)), answers, now, &proof));
    free((char *)input.at);
    return proof;
}

static struct span replaced(struct span text, const char *what, const char *by)
{
    const char *at = span_find(text, span_of(what));
    if (!at)
        fail_msg("\"%s\" is not there", what);
    struct buf out = {.arena = arena};
    buf_add(&out, span_from(text.at, at));
    buf_add(&out, span_of(by));
    buf_add(&out, span_from(at + strlen(what), text.at + text.len));
    return buf_span(&out);
}

static void expect(struct dkim_proof proof, enum proof_result result, enum dkim_mathematics mathematics, bool admitted)
{
    if (proof.result != result || proof.mathematics != mathematics || proof.admitted != admitted || !proof.reason.len)
        fail_msg("got %s, mathematics %d, admitted %d: %.*s", proof_result_name(proof.result), proof.mathematics,
                 proof.admitted, SPAN_FMT(proof.reason));
}

static void every_algorithm_and_form(void **state)
{
    static const char *const forms[] = {"simple", "relaxed"};
    const struct {
        const char *algorithm;
        const struct test_key *key;
        unsigned bits;
    } rows[] = {{"rsa-sha256", &rsa1024, 1024}, {"rsa-sha256", &rsa2048, 2048}, {"ed25519-sha256", &edwards, 256}};
    for (size_t row = 0; row < 3; row++)
        for (unsigned form = 0; form < 4; form++) {
            struct sign_request request = request_for(rows[row].algorithm, forms[form & 1], forms[form >> 1]);
            struct span mail = test_sign(arena, S(MAIL), &request, rows[row].key);
            struct dkim_proof proof = check(mail, rows[row].key->record);
            expect(proof, PROOF_PASS, DKIM_HOLDS, true);
            assert_int_equal(proof.key_bits, rows[row].bits);
            assert_span(proof.domain, "example.com");
            assert_span(proof.identity, "@example.com");
            assert_span(proof.algorithm, rows[row].algorithm);
            assert_span(proof.header_canon, forms[form & 1]);
            assert_span(proof.body_canon, forms[form >> 1]);
            assert_true(proof.oversigned_from && proof.body_matches);
            expect(check(replaced(mail, "at noon", "at nine"), rows[row].key->record), PROOF_FAIL, DKIM_BODY_DIFFERS,
                   true);
            expect(check(replaced(mail, "Bob,", "Bob, "), rows[row].key->record), form >> 1 ? PROOF_PASS : PROOF_FAIL,
                   form >> 1 ? DKIM_HOLDS : DKIM_BODY_DIFFERS, true);
            expect(check(replaced(mail, "alice@", "alicf@"), rows[row].key->record), PROOF_FAIL, DKIM_HEADER_DIFFERS,
                   true);
            expect(check(replaced(mail, "a  folded\r\n\t", "a folded "), rows[row].key->record),
                   form & 1 ? PROOF_PASS : PROOF_FAIL, form & 1 ? DKIM_HOLDS : DKIM_HEADER_DIFFERS, true);
            expect(check(replaced(mail, "To: ", "From: eve@example.org\r\nTo: "), rows[row].key->record), PROOF_FAIL,
                   DKIM_HEADER_DIFFERS, true);
        }
}

/* A message in a file has LF, or both; the signature was made over CRLF. */
static void line_ends(void **state)
{
    for (unsigned form = 0; form < 4; form++) {
        struct sign_request request =
            request_for("rsa-sha256", form & 1 ? "relaxed" : "simple", form >> 1 ? "relaxed" : "simple");
        struct span mail = test_sign(arena, S(MAIL), &request, &rsa1024);
        struct buf lf = {.arena = arena}, mixed = {.arena = arena};
        for (size_t i = 0, line = 0; i < mail.len; i++) {
            line += mail.at[i] == '\n';
            if (mail.at[i] != '\r')
                buf_byte(&lf, mail.at[i]);
            if (mail.at[i] != '\r' || line % 2)
                buf_byte(&mixed, mail.at[i]);
        }
        expect(check(buf_span(&lf), rsa1024.record), PROOF_PASS, DKIM_HOLDS, true);
        expect(check(buf_span(&mixed), rsa1024.record), PROOF_PASS, DKIM_HOLDS, true);
    }
}

static void limited_body(void **state)
{
    struct sign_request request = request_for("rsa-sha256", "relaxed", "relaxed");
    request.body_limit = 12;
    struct span mail = test_sign(arena, S(MAIL), &request, &rsa1024);
    struct dkim_proof proof = check(mail, rsa1024.record);
    expect(proof, PROOF_PASS, DKIM_HOLDS, true);
    assert_int_equal(proof.body_limit, 12);
    assert_int_equal(proof.body_unsigned, strlen("Hello Bob,\r\n\r\nsee you at noon.\r\n") - 12);
    assert_non_null(span_find(proof.reason, S("only the first 12 bytes")));
    proof = check(arena_print(arena, "%.*sClick here.\r\n", SPAN_FMT(mail)), rsa1024.record);
    expect(proof, PROOF_PASS, DKIM_HOLDS, true); /* for what it is: the reason and the number tell */
    assert_true(proof.body_unsigned > 30);
    expect(check(replaced(mail, "Hello", "Hallo"), rsa1024.record), PROOF_FAIL, DKIM_BODY_DIFFERS, true);
    request.body_limit = 5000; /* more than there is */
    expect(check(test_sign(arena, S(MAIL), &request, &rsa1024), rsa1024.record), PROOF_POLICY, DKIM_HOLDS, false);
    request.body_limit = 0; /* of an empty body too: nothing is divided by it */
    proof = check(test_sign(arena, S("From: a@example.com\r\n\r\n"), &request, &rsa1024), rsa1024.record);
    expect(proof, PROOF_PASS, DKIM_HOLDS, true);
}

static void times(void **state)
{
    struct sign_request request = request_for("rsa-sha256", "relaxed", "relaxed");
    request.signed_at = now - 100;
    request.expires_at = now;
    struct dkim_proof proof = check(test_sign(arena, S(MAIL), &request, &rsa1024), rsa1024.record);
    expect(proof, PROOF_PASS, DKIM_HOLDS, true);
    assert_int_equal(proof.signed_at, now - 100);
    assert_int_equal(proof.expires_at, now);
    request.expires_at = now - 1;
    expect(check(test_sign(arena, S(MAIL), &request, &rsa1024), rsa1024.record), PROOF_POLICY, DKIM_HOLDS, false);
    request.expires_at = now - 100; /* not after t= */
    expect(check(test_sign(arena, S(MAIL), &request, &rsa1024), rsa1024.record), PROOF_PERMERROR, DKIM_HOLDS, false);
    request.expires_at = TIME_UNKNOWN;
    request.signed_at = now + settings.clock_skew;
    expect(check(test_sign(arena, S(MAIL), &request, &rsa1024), rsa1024.record), PROOF_PASS, DKIM_HOLDS, true);
    request.signed_at++;
    expect(check(test_sign(arena, S(MAIL), &request, &rsa1024), rsa1024.record), PROOF_POLICY, DKIM_HOLDS, false);
}

static void old_algorithms(void **state)
{
    struct sign_request request = request_for("rsa-sha1", "relaxed", "relaxed");
    struct span mail = test_sign(arena, S(MAIL), &request, &rsa1024);
    expect(check(mail, rsa1024.record), PROOF_POLICY, DKIM_HOLDS, false);
    expect(check(replaced(mail, "noon", "nine"), rsa1024.record), PROOF_FAIL, DKIM_BODY_DIFFERS, false);
    settings.admit_sha1 = true;
    expect(check(mail, rsa1024.record), PROOF_PASS, DKIM_HOLDS, true);
    request = request_for("rsa-sha256", "relaxed", "relaxed");
    mail = test_sign(arena, S(MAIL), &request, &rsa768);
    expect(check(mail, rsa768.record), PROOF_POLICY, DKIM_HOLDS, false);
    settings.admit_short_keys = true;
    expect(check(mail, rsa768.record), PROOF_PASS, DKIM_HOLDS, true);
    auth_settings_default(&settings);
}

static void identities(void **state)
{
    struct sign_request request = request_for("ed25519-sha256", "relaxed", "relaxed");
    request.identity = S("alice@mail.example.com");
    struct span mail = test_sign(arena, S(MAIL), &request, &edwards);
    struct span strict = replaced(edwards.record, "k=", "t=s; k="), testing = replaced(edwards.record, "k=", "t=y; k=");
    expect(check(mail, edwards.record), PROOF_PASS, DKIM_HOLDS, true);
    expect(check(mail, strict), PROOF_PERMERROR, DKIM_HOLDS, false);
    assert_true(check(mail, testing).testing);
    request.identity = S("alice@badexample.com");
    expect(check(test_sign(arena, S(MAIL), &request, &edwards), edwards.record), PROOF_PERMERROR, DKIM_HOLDS, false);
    request.identity = S("a=6Cice=40mail.example.com"); /* RFC 6376 2.11 */
    struct dkim_proof proof = check(test_sign(arena, S(MAIL), &request, &edwards), edwards.record);
    expect(proof, PROOF_PASS, DKIM_HOLDS, true);
    assert_span(proof.identity, "alice@mail.example.com");
    request.identity = S("@example.com");
    expect(check(test_sign(arena, S(MAIL), &request, &edwards), strict), PROOF_PASS, DKIM_HOLDS, true);
}

static void records(void **state)
{
    struct sign_request request = request_for("rsa-sha256", "relaxed", "relaxed");
    struct span mail = test_sign(arena, S(MAIL), &request, &rsa1024);
    const struct {
        struct span record;
        enum proof_result result;
    } rows[] = {
        {replaced(rsa1024.record, "v=DKIM1; ", ""), PROOF_PASS},
        {replaced(rsa1024.record, "k=rsa", "h=sha256"), PROOF_PASS},
        {replaced(rsa1024.record, "k=rsa", "h=sha1"), PROOF_PERMERROR},
        {replaced(rsa1024.record, "k=rsa", "s=tlsrpt"), PROOF_PERMERROR},
        {replaced(rsa1024.record, "DKIM1", "DKIM2"), PROOF_PERMERROR},
        {S("v=DKIM1; p="), PROOF_PERMERROR},
        {edwards.record, PROOF_PERMERROR},
        {rsa2048.record, PROOF_FAIL},
        {S("v=DKIM1; p=YWJj"), PROOF_PERMERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dkim_proof proof = check(mail, rows[i].record);
        if (proof.result != rows[i].result)
            fail_msg("row %zu: %s: %.*s", i, proof_result_name(proof.result), SPAN_FMT(proof.reason));
    }
}

/* Several records at the name: the one under which it holds decides. */
static void several_records(void **state)
{
    struct sign_request request = request_for("rsa-sha256", "relaxed", "relaxed");
    struct span mail = test_sign(arena, S(MAIL), &request, &rsa1024);
    struct dns_answers *answers = dns_answers_new(arena, 100);
    struct dns_answer answer = {.ask = {S("s1._domainkey.example.com"), DNS_TXT}, .status = DNS_FOUND};
    struct dkim_proof proof;
    *vec_push(arena, &answer.data) = S("v=spf1 -all");
    *vec_push(arena, &answer.data) = rsa2048.record;
    *vec_push(arena, &answer.data) = rsa1024.record;
    dns_answers_add(answers, &answer);
    assert_true(test_check(arena, &settings, test_message(arena, mail), answers, now, &proof));
    expect(proof, PROOF_PASS, DKIM_HOLDS, true);
    assert_int_equal(proof.key_bits, 1024);
}

static void silent_world(void **state)
{
    static const struct {
        enum dns_status status;
        enum proof_result result;
    } rows[] = {{DNS_NO_DATA, PROOF_PERMERROR},
                {DNS_NO_NAME, PROOF_PERMERROR},
                {DNS_FAILED, PROOF_TEMPERROR},
                {DNS_TIMED_OUT, PROOF_TEMPERROR},
                {DNS_UNKNOWN, PROOF_UNKNOWN}};
    struct sign_request request = request_for("rsa-sha256", "relaxed", "relaxed");
    struct span mail = test_sign(arena, S(MAIL), &request, &rsa1024), bent = replaced(mail, "noon", "nine");
    for (size_t i = 0; i < 5; i++) {
        struct dns_answers *answers = dns_answers_new(arena, 100);
        struct dkim_proof proof;
        test_no(answers, "s1._domainkey.example.com", rows[i].status);
        assert_true(test_check(arena, &settings, test_message(arena, mail), answers, now, &proof));
        expect(proof, rows[i].result, DKIM_NOT_CHECKED, false);
        assert_true(proof.body_matches);
        assert_true(test_check(arena, &settings, test_message(arena, bent), answers, now, &proof));
        expect(proof, PROOF_FAIL, DKIM_BODY_DIFFERS, false); /* no key is needed to see that */
    }
}

static void lacking_key(void **state)
{
    struct sign_request request = request_for("rsa-sha256", "relaxed", "relaxed");
    struct span mail = test_sign(arena, S(MAIL), &request, &rsa1024);
    struct dns_answers *answers = dns_answers_new(arena, 100);
    const struct dns_ask *asks;
    struct dkim_proof proof;
    assert_false(test_check(arena, &settings, test_message(arena, mail), answers, now, &proof));
    assert_int_equal(dns_wanted(answers, &asks), 1);
    assert_span(asks[0].name, "s1._domainkey.example.com");
}

/* Fields that are no signature: permerror, and nothing is asked of DNS. */
static void flawed_fields(void **state)
{
#define REST "; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=YWJj"
#define HEAD "v=1; a=rsa-sha256; c=relaxed/relaxed; "
    static const struct {
        const char *value;
        size_t len;
        const char *why;
    } rows[] = {
#define ROW(text, why) {text, sizeof(text) - 1, why}
        ROW(HEAD "d=example.com(.evil.net; s=s1" REST, "d="),
        ROW(HEAD "d=example.com'; s=s1" REST, "d="),
        ROW(HEAD "d=\"example.com\"; s=s1" REST, "d="),
        ROW(HEAD "d=exam ple.com; s=s1" REST, "d="),
        ROW(HEAD "d=exam\r\n ple.com; s=s1" REST, "d="),
        ROW(HEAD "d=example.com\0.evil.net; s=s1" REST, "control"),
        ROW(HEAD "d=example.com; s=s1\0" REST, "control"),
        ROW(HEAD "d=example.com; s=s1._domainkey.evil.net\0.x" REST, "control"),
        ROW(HEAD "d=com; s=s1" REST, "d="),
        ROW(HEAD "d=; s=s1" REST, "d="),
        ROW(HEAD "s=s1" REST, "d="),
        ROW(HEAD "d=example.com; s=(s1" REST, "s="),
        ROW(HEAD "d=example.com; s=s1; h=; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=YWJj", "h="),
        ROW(HEAD "d=example.com; s=s1; h=from; bh=YWJj; b=YWJj", "bh="),
        ROW(HEAD "d=example.com; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=", "b="),
        ROW(HEAD "d=example.com; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "b="),
        ROW(HEAD "d=example.com; s=s1; l=-1" REST, "l="),
        ROW("v=1; a=rsa-md5; d=example.com; s=s1" REST, "a="),
        ROW("v=1; a=rsa-sha256; c=nofws; d=example.com; s=s1" REST, "c="),
        ROW("v=1; a=rsa-sha256; c=relaxed/simple/x; d=example.com; s=s1" REST, "c="),
        ROW(HEAD "d=example.com; d=example.net; s=s1" REST, "twice"),
        ROW("", "empty"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf mail = {.arena = arena};
        struct dns_answers *answers = dns_answers_new(arena, 100);
        struct dkim_proof proof;
        buf_add(&mail, S("DKIM-Signature: "));
        buf_add(&mail, (struct span){rows[i].value, rows[i].len});
        buf_add(&mail, S("\r\nFrom: a@example.com\r\n\r\n"));
        assert_true(test_check(arena, &settings, test_message(arena, buf_span(&mail)), answers, now, &proof));
        if (proof.result != PROOF_PERMERROR || !span_find(proof.reason, span_of(rows[i].why)) || dns_asked(answers))
            fail_msg("row %zu: %s: %.*s, %zu asked", i, proof_result_name(proof.result), SPAN_FMT(proof.reason),
                     dns_asked(answers));
    }
}

/* Fields that can be computed and never count. */
static void refused_fields(void **state)
{
    static const struct {
        const char *value;
        size_t len;
        const char *why;
    } rows[] = {
        ROW(HEAD "d=example.com; s=s1; h=to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=YWJj", "From"),
        ROW(HEAD "d=example.com; s=s1; x=never" REST, "x="),
        ROW(HEAD "d=example.com; s=s1; q=http" REST, "q="),
        ROW("v=2; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1" REST, "version"),
        ROW("a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1" REST, "v="),
        ROW(HEAD "d=example.com; s=s1; t=2; x=2" REST, "x="),
        ROW(HEAD "d=example.com; s=s1; i=a@example.net" REST, "i="),
        ROW(HEAD "d=example.com; s=s1; i=example.com" REST, "i="),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span mail = arena_print(arena, "DKIM-Signature: %s\r\nFrom: a@example.com\r\n\r\n", rows[i].value);
        struct dkim_proof proof = check(mail, rsa1024.record);
        expect(proof, PROOF_PERMERROR, DKIM_HEADER_DIFFERS, false);
        if (!span_find(proof.reason, span_of(rows[i].why)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(proof.reason));
        proof = check(replaced(mail, "\r\n\r\n", "\r\n\r\nbody"), rsa1024.record);
        expect(proof, PROOF_PERMERROR, DKIM_BODY_DIFFERS, false);
    }
}

/* RFC 8463 appendix A: made by others. */
static void published_vector(void **state)
{
    static const char mail[] = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; "
                               "i=@football.example.com;\r\n"
                               " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : "
                               "from : subject : date;\r\n"
                               " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n "
                               "b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                               " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n";
    static const char second[] =
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
        " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n date : message-id : from : subject : date;\r\n"
        " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n "
        "b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
        " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n "
        "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n";
    static const char rest[] = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q "
                               "<suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\n"
                               "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: "
                               "<20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\n"
                               "We lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
    struct dns_answers *answers = dns_answers_new(arena, 100);
    struct dkim_proof proof;
    test_txt(arena, answers, "brisbane._domainkey.football.example.com",
             S("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
    test_txt(
        arena, answers, "test._domainkey.football.example.com",
        S("v=DKIM1; k=rsa; "
          "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b"
          "yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/"
          "K4w3QIDAQAB"));
    assert_true(test_check(arena, &settings, test_message(arena, arena_print(arena, "%s%s%s", mail, second, rest)),
                           answers, now, &proof));
    expect(proof, PROOF_PASS, DKIM_HOLDS, true);
    assert_true(test_check(arena, &settings, test_message(arena, arena_print(arena, "%s%s", second, rest)), answers,
                           now, &proof));
    expect(proof, PROOF_PASS, DKIM_HOLDS, true);
}

static void signing_refused(void **state)
{
    struct sign_request request = request_for("rsa-sha256", "relaxed", "relaxed");
    struct message *message = test_message(arena, S(MAIL));
    struct span value, to_sign, b;
    struct err err;
    request.domain = S("exa mple.com");
    assert_int_equal(dkim_signing_input(arena, message, &request, &value, &to_sign, &err), -1);
    request = request_for("rsa-md5", "relaxed", "relaxed");
    assert_int_equal(dkim_signing_input(arena, message, &request, &value, &to_sign, &err), -1);
    request = request_for("rsa-sha256", "relaxed", "relaxed");
    request.fields.len = 0;
    assert_int_equal(dkim_signing_input(arena, message, &request, &value, &to_sign, &err), -1);
    assert_int_equal(dkim_sign(arena, edwards.pem, S("rsa-sha256"), S("x"), &b, &err), -1);
    assert_int_equal(dkim_sign(arena, S("no key"), S("rsa-sha256"), S("x"), &b, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm_and_form),
        cmocka_unit_test(line_ends),
        cmocka_unit_test(limited_body),
        cmocka_unit_test(times),
        cmocka_unit_test(old_algorithms),
        cmocka_unit_test(identities),
        cmocka_unit_test(records),
        cmocka_unit_test(several_records),
        cmocka_unit_test(silent_world),
        cmocka_unit_test(lacking_key),
        cmocka_unit_test(flawed_fields),
        cmocka_unit_test(published_vector),
        cmocka_unit_test(signing_refused),
        cmocka_unit_test(refused_fields),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
