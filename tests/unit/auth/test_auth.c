/* All proofs of one message together: what is asked, what is known without the world, whose recorded results count. */
#include "signed.h"

static struct arena *arena;
static struct auth_settings settings;
static struct dns_zone *zone;
static struct test_key key;
static struct span signed_mail;
static const int64_t now = 1700000000;

#define MAIL "From: Alice <alice@example.com>\r\nTo: bob@example.net\r\nSubject: lunch\r\n\r\nSee you at noon.\r\n"

static int world_make(void **state)
{
    struct err err;
    arena = arena_new(256u << 20);
    auth_settings_default(&settings);
    settings.authserv_id = S("mx.example.net");
    key = test_key_new(arena, 1024);
    struct sign_request request = {.domain = S("example.com"),
                                   .selector = S("s1"),
                                   .algorithm = S("rsa-sha256"),
                                   .header_canon = S("relaxed"),
                                   .body_canon = S("relaxed"),
                                   .signed_at = TIME_UNKNOWN,
                                   .expires_at = TIME_UNKNOWN,
                                   .body_limit = -1};
    *vec_push(arena, &request.fields) = S("from");
    signed_mail = test_sign(arena, S(MAIL), &request, &key);
    struct span text =
        arena_print(arena,
                    "example.com. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"
                    "mail.example.com. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                    "s1._domainkey.example.com. TXT \"%.*s\" \"%.*s\"\n",
                    SPAN_FMT(span_first(key.record, 200)), SPAN_FMT(span_skip(key.record, 200)));
    if (dns_zone_parse(arena, text, "zone", &zone, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int world_drop(void **state)
{
    arena_free(&arena);
    return 0;
}

static struct arrival *arrival_new(const char *client, const char *mail_from)
{
    struct arrival *arrival = arena_one(arena, struct arrival);
    if (client)
        assert_true(ip_parse(span_of(client), &arrival->client_ip));
    arrival->helo = client ? S("mail.example.com") : (struct span){0};
    arrival->mail_from = span_of(mail_from);
    arrival->mail_from_state = !mail_from ? SENDER_UNKNOWN : *mail_from ? SENDER_GIVEN : SENDER_NULL;
    arrival->received_at = now;
    return arrival;
}

/* The path with its edge at the n-th Received field. */
static struct path *path_new(const struct message *message, size_t edge)
{
    struct path *path = arena_one(arena, struct path);
    const struct field *field;
    for (size_t i = 0; (field = message_field(message, FIELD_RECEIVED, i)); i++) {
        struct hop *hop = vec_push(arena, &path->hops);
        hop->field = field;
        hop->time = now;
    }
    path->edge = edge;
    path->edge_known = edge < path->hops.len;
    path->smtp = true;
    return path;
}

static void answer_all(struct dns_answers *answers, bool offline)
{
    const struct dns_ask *asks;
    size_t n = dns_wanted(answers, &asks);
    struct dns_ask copy[64];
    assert_true(n <= 64);
    for (size_t i = 0; i < n; i++)
        copy[i] = asks[i];
    for (size_t i = 0; i < n; i++) {
        struct dns_answer answer = {.ask = copy[i], .status = DNS_UNKNOWN};
        if (!offline)
            dns_zone_answer(zone, &copy[i], &answer);
        answer.ask = copy[i];
        dns_answers_add(answers, &answer);
    }
}

static struct proof *prove(struct arrival *arrival, struct message *message, const struct path *path, bool offline,
                           int64_t at)
{
    struct proof *proof = arena_one(arena, struct proof);
    struct dns_answers *answers = dns_answers_new(arena, 200);
    struct auth_work *work = auth_begin(arena, &settings, NULL, arrival, message, path);
    for (unsigned round = 0; round < 12; round++) {
        if (auth_continue(work, answers, at, false, proof))
            return proof;
        answer_all(answers, offline);
    }
    fail_msg("not settled after 12 rounds");
    return proof;
}

static struct proof *prove_text(struct arrival *arrival, struct span raw, size_t edge, bool offline)
{
    struct message *message = test_message(arena, raw);
    return prove(arrival, message, path_new(message, edge), offline, now);
}

static void all_pass(void **state)
{
    struct proof *proof = prove_text(arrival_new("192.0.2.1", "alice@example.com"), signed_mail, 0, false);
    assert_int_equal(proof->spf.result, PROOF_PASS);
    assert_span(proof->spf.domain, "example.com");
    assert_span(proof->spf.identity, "mailfrom");
    assert_int_equal(proof->spf_helo.result, PROOF_PASS);
    assert_span(proof->spf_helo.domain, "mail.example.com");
    assert_int_equal(proof->dkim.len, 1);
    assert_int_equal(proof->dkim.at[0].result, PROOF_PASS);
    assert_int_equal(proof->arc.result, PROOF_NONE);
    assert_int_equal(proof->dmarc.result, PROOF_PASS);
    assert_int_equal(proof->basis, BASIS_VERIFIED);
    assert_span(proof->summary, "SPF pass example.com, DKIM pass example.com, DMARC pass");
    assert_true(proof->spf.reason.len && proof->dkim.at[0].reason.len && proof->arc.reason.len &&
                proof->dmarc.reason.len);
}

static void forged(void **state)
{
    struct proof *proof = prove_text(arrival_new("198.51.100.9", "alice@example.com"), S(MAIL), 0, false);
    assert_int_equal(proof->spf.result, PROOF_FAIL);
    assert_int_equal(proof->dkim.len, 0);
    assert_int_equal(proof->dmarc.result, PROOF_FAIL);
    assert_span(proof->summary, "SPF fail example.com, DKIM none, DMARC fail");
}

static void first_round(void **state)
{
    struct dns_answers *answers = dns_answers_new(arena, 200);
    struct message *message = test_message(arena, signed_mail);
    struct proof proof;
    struct auth_work *work =
        auth_begin(arena, &settings, NULL, arrival_new("192.0.2.1", "alice@example.com"), message, NULL);
    assert_false(auth_continue(work, answers, now, false, &proof));
    static const char *const wanted[] = {"example.com", "mail.example.com", "s1._domainkey.example.com",
                                         "_dmarc.example.com"};
    const struct dns_ask *asks;
    size_t n = dns_wanted(answers, &asks);
    for (size_t i = 0; i < 4; i++) {
        bool there = false;
        for (size_t k = 0; k < n; k++)
            there |= span_eq(asks[k].name, span_of(wanted[i])) && asks[k].type == DNS_TXT;
        if (!there)
            fail_msg("%s was not asked for", wanted[i]);
    }
    assert_true(auth_continue(work, answers, now, true, &proof)); /* the deadline has come */
    assert_int_equal(proof.dkim.at[0].result, PROOF_TEMPERROR);
    assert_int_equal(proof.spf.result, PROOF_TEMPERROR);
    assert_int_not_equal(proof.dmarc.result, PROOF_PASS);
}

static void offline(void **state)
{
    struct proof *proof = prove_text(arrival_new("192.0.2.1", "alice@example.com"), signed_mail, 0, true);
    const struct dkim_proof *dkim = &proof->dkim.at[0];
    assert_int_equal(dkim->result, PROOF_UNKNOWN);
    assert_true(dkim->body_matches && dkim->reason.len);
    assert_span(dkim->domain, "example.com");
    assert_span(dkim->algorithm, "rsa-sha256");
    assert_int_equal(proof->spf.result, PROOF_UNKNOWN);
    assert_int_equal(proof->dmarc.result, PROOF_UNKNOWN);
    assert_int_equal(proof->basis, BASIS_NONE);
    struct span bent = arena_print(arena, "%.*sP.S.\r\n", SPAN_FMT(signed_mail));
    proof = prove_text(arrival_new("192.0.2.1", "alice@example.com"), bent, 0, true);
    assert_int_equal(proof->dkim.at[0].result, PROOF_FAIL);
    assert_int_equal(proof->dkim.at[0].mathematics, DKIM_BODY_DIFFERS);
}

static void senders(void **state)
{
    static const struct {
        const char *client, *mail_from;
        enum proof_result spf, helo;
        const char *domain;
    } rows[] = {
        {"192.0.2.1", "alice@example.com", PROOF_PASS, PROOF_PASS, "example.com"},
        {"192.0.2.1", "\"a b\"@EXAMPLE.com", PROOF_PASS, PROOF_PASS, "example.com"},
        {"192.0.2.1", "", PROOF_PASS, PROOF_PASS, "mail.example.com"},
        {"192.0.2.2", "", PROOF_FAIL, PROOF_FAIL, "mail.example.com"},
        {"192.0.2.1", NULL, PROOF_UNKNOWN, PROOF_PASS, ""},
        {NULL, "alice@example.com", PROOF_UNKNOWN, PROOF_UNKNOWN, "example.com"},
        {"192.0.2.1", "(any@example.com", PROOF_PERMERROR, PROOF_PASS, ""},
        {"192.0.2.1", "@a.example,@b.example:alice@example.com", PROOF_PERMERROR, PROOF_PASS, ""},
        {"192.0.2.1", "alice@example.com(x", PROOF_PERMERROR, PROOF_PASS, "example.com(x"},
        {"192.0.2.1", "alice", PROOF_PERMERROR, PROOF_PASS, ""},
        {"192.0.2.1", "@example.com", PROOF_PERMERROR, PROOF_PASS, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct proof *proof = prove_text(arrival_new(rows[i].client, rows[i].mail_from), S(MAIL), 0, false);
        if (proof->spf.result != rows[i].spf || proof->spf_helo.result != rows[i].helo ||
            !span_eq(proof->spf.domain, span_of(rows[i].domain)) || !proof->spf.reason.len ||
            !proof->spf_helo.reason.len)
            fail_msg("row %zu: %s %s \"%.*s\"", i, proof_result_name(proof->spf.result),
                     proof_result_name(proof->spf_helo.result), SPAN_FMT(proof->spf.domain));
    }
}

/* Appended mail has no SMTP facts: not applicable, never fail. */
static void appended(void **state)
{
    struct message *message = test_message(arena, signed_mail);
    struct path *path = path_new(message, 0);
    path->smtp = false;
    struct proof *proof = prove(arrival_new(NULL, NULL), message, path, false, now);
    assert_int_equal(proof->spf.result, PROOF_NOT_APPLICABLE);
    assert_int_equal(proof->spf_helo.result, PROOF_NOT_APPLICABLE);
    assert_int_equal(proof->dmarc.result, PROOF_PASS); /* by its signature */
}

#define EDGE                                                                                                           \
    "Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.net; Tue, 14 Nov 2023 22:13:20 "     \
    "+0000\r\n"

/* Client and sender as the edge machine wrote them down. */
static void from_the_edge(void **state)
{
    struct message *message = test_message(arena, S("Return-Path: <alice@example.com>\r\n" EDGE MAIL));
    struct path *path = path_new(message, 0);
    assert_true(ip_parse(S("192.0.2.1"), &path->client.ip));
    path->client.helo = S("mail.example.com");
    struct proof *proof = prove(arrival_new(NULL, NULL), message, path, false, now);
    assert_int_equal(proof->spf.result, PROOF_PASS);
    assert_int_equal(proof->spf_helo.result, PROOF_PASS);
    message =
        test_message(arena, S(EDGE "Return-Path: <alice@example.com>\r\n" MAIL)); /* below it: the sender's word */
    path = path_new(message, 0);
    assert_true(ip_parse(S("192.0.2.1"), &path->client.ip));
    assert_int_equal(prove(arrival_new(NULL, NULL), message, path, false, now)->spf.result, PROOF_UNKNOWN);
    path->edge_known = false; /* nobody vouches for the address */
    assert_int_equal(prove(arrival_new(NULL, "alice@example.com"), message, path, false, now)->spf.result,
                     PROOF_UNKNOWN);
}

#define RECORDED(id)                                                                                                   \
    "Authentication-Results: " id "; spf=pass smtp.mailfrom=alice@example.com;\r\n\tdkim=pass header.d=example.com "   \
    "header.s=s1;\r\n\tdmarc=pass (p=REJECT sp=NONE) header.from=example.com\r\n"

static struct span joined(const char *head, struct span mail)
{
    return arena_print(arena, "%s%.*s", head, SPAN_FMT(mail));
}

static void trusted_upstream(void **state)
{
    struct span mail = joined(RECORDED("mx.example.net") EDGE, signed_mail);
    struct proof *proof = prove_text(arrival_new(NULL, NULL), mail, 0, true);
    assert_int_equal(proof->basis, BASIS_NONE); /* none is trusted by default */
    assert_false(proof->recorded.at[0].trusted);
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_UNNAMED);
    assert_int_equal(proof->spf.result, PROOF_UNKNOWN);
    *vec_push(arena, &settings.trusted_authserv) = S("MX.example.net");
    proof = prove_text(arrival_new(NULL, NULL), mail, 0, true);
    assert_int_equal(proof->basis, BASIS_TRUSTED_HEADER);
    assert_span(proof->trusted_by, "mx.example.net");
    assert_true(proof->recorded.at[0].trusted);
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_NONE);
    assert_int_equal(proof->spf.result, PROOF_PASS);
    assert_span(proof->spf.domain, "example.com");
    assert_int_equal(proof->dkim.len, 1);
    assert_int_equal(proof->dkim.at[0].result, PROOF_PASS);
    assert_non_null(proof->dkim.at[0].field);
    assert_int_equal(proof->dmarc.result, PROOF_PASS);
    assert_span(proof->dmarc.policy, "reject");
    assert_span(proof->summary,
                "SPF pass example.com, DKIM pass example.com, DMARC pass [Authentication-Results: mx.example.net]");
    proof = prove_text(arrival_new(NULL, NULL), joined(EDGE RECORDED("mx.example.net"), signed_mail), 0, true);
    assert_int_equal(proof->basis, BASIS_NONE); /* below the edge: anybody can write that */
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_BELOW_EDGE);
    settings.authserv_below = true; /* but not where ours remove it: milters of Postfix write there */
    proof = prove_text(arrival_new(NULL, NULL), joined(EDGE RECORDED("mx.example.net"), signed_mail), 0, true);
    assert_int_equal(proof->basis, BASIS_TRUSTED_HEADER);
    proof = prove_text(arrival_new(NULL, NULL), joined(EDGE EDGE RECORDED("mx.example.net"), signed_mail), 0, true);
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_BELOW_EDGE); /* another hop wrote that */
    proof = prove_text(arrival_new(NULL, NULL), joined(EDGE RECORDED("mx.example.org"), signed_mail), 0, true);
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_UNNAMED);
    settings.authserv_below = false;
    proof = prove_text(arrival_new(NULL, NULL), joined(RECORDED("mx.example.org") EDGE, signed_mail), 0, true);
    assert_int_equal(proof->basis, BASIS_NONE); /* another's */
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_UNNAMED);
    proof = prove_text(arrival_new(NULL, NULL),
                       joined("Authentication-Results: mx.example.net; spf=pass (\r\n" EDGE, signed_mail), 0, true);
    assert_int_equal(proof->basis, BASIS_NONE); /* malformed */
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_MALFORMED);
    struct message *message = test_message(arena, joined(RECORDED("mx.example.net") EDGE, signed_mail));
    proof = prove(arrival_new(NULL, NULL), message, NULL, true, now);
    assert_int_equal(proof->basis, BASIS_NONE); /* no road known, no edge */
    assert_int_equal(proof->recorded.at[0].doubt, DOUBT_NO_EDGE);
    settings.trusted_authserv.len = 0;
}

/* Exchange Online writes no authserv-id: the receiving host stands for it. */
static void nameless_upstream(void **state)
{
    struct span mail =
        joined("Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=none "
               "(message not signed)\r\n"
               " header.d=none;dmarc=pass action=none header.from=example.com;compauth=pass reason=100\r\n" EDGE,
               S(MAIL));
    static const struct {
        const char *trusted;
        enum proof_basis basis;
    } rows[] = {
        {"example.net", BASIS_TRUSTED_HEADER}, {"mx.example.net", BASIS_TRUSTED_HEADER}, {"example.org", BASIS_NONE}};
    for (size_t i = 0; i < 3; i++) {
        *vec_push(arena, &settings.trusted_authserv) = span_of(rows[i].trusted);
        struct message *message = test_message(arena, mail);
        struct path *path = path_new(message, 0);
        path->hops.at[0].by = S("mx.example.net");
        struct proof *proof = prove(arrival_new(NULL, NULL), message, path, true, now);
        assert_int_equal(proof->basis, rows[i].basis);
        assert_span(proof->trusted_by, rows[i].basis == BASIS_NONE ? "" : "mx.example.net");
        assert_int_equal(proof->recorded.at[0].doubt, rows[i].basis == BASIS_NONE ? DOUBT_WRITER : DOUBT_NONE);
        assert_int_equal(proof->dkim.len, 0);
        settings.trusted_authserv.len = 0;
    }
}

/* A door that hears the client itself trusts nothing that stands in the header it was sent. */
static void open_door(void **state)
{
    *vec_push(arena, &settings.trusted_authserv) = S("mx.example.net");
    struct message *message = test_message(arena, joined(RECORDED("mx.example.net") EDGE, signed_mail));
    struct path *path = path_new(message, 0);
    path->hops.at[0].trust = HOP_DOOR;
    struct arrival *arrival = arrival_new("192.0.2.9", "eve@example.com");
    assert_int_equal(prove(arrival, message, path, true, now)->basis,
                     BASIS_TRUSTED_HEADER); /* stored: a file and its envelope */
    arrival->listener = S("smtp");
    assert_int_equal(prove(arrival, message, path, true, now)->basis, BASIS_NONE);
    settings.trusted_authserv.len = 0;
}

/* Two signatures of one domain, two recorded results: each to its own. And a key that is gone by now. */
static void two_results(void **state)
{
    *vec_push(arena, &settings.trusted_authserv) = S("mx.example.net");
    struct span mail =
        joined("Authentication-Results: mx.example.net; dkim=fail header.d=gone.example; dkim=pass "
               "header.i=@gone.example\r\n" EDGE
               "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=gone.example; s=a; h=from; b=YWJj;\r\n"
               " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n"
               "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=gone.example; s=b; h=from; b=YWJj;\r\n"
               " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n",
               S("From: a@gone.example\r\n\r\n"));
    struct proof *proof = prove_text(arrival_new("192.0.2.1", "alice@example.com"), mail, 0, false);
    assert_int_equal(proof->dkim.len, 2);
    assert_int_equal(proof->dkim.at[0].result, PROOF_FAIL);
    assert_int_equal(proof->dkim.at[1].result, PROOF_PASS);
    assert_int_equal(proof->basis, BASIS_TRUSTED_HEADER);
    settings.trusted_authserv.len = 0;
    proof = prove_text(arrival_new("192.0.2.1", "alice@example.com"), mail, 0, false);
    assert_int_equal(proof->dkim.at[1].result, PROOF_PERMERROR);
}

/* What we see ourselves comes before what another recorded. */
static void own_proof_first(void **state)
{
    *vec_push(arena, &settings.trusted_authserv) = S("mx.example.net");
    struct span bent = joined(RECORDED("mx.example.net") EDGE, joined("", signed_mail));
    bent = arena_print(arena, "%.*sP.S.\r\n", SPAN_FMT(bent));
    struct proof *proof = prove_text(arrival_new("192.0.2.1", "alice@example.com"), bent, 0, false);
    assert_int_equal(proof->dkim.at[0].result, PROOF_FAIL);
    assert_int_equal(proof->basis, BASIS_VERIFIED);
    proof = prove_text(arrival_new(NULL, NULL), bent, 0, true); /* offline: passed there, changed since */
    assert_int_equal(proof->dkim.at[0].result, PROOF_PASS);
    assert_int_equal(proof->dkim.at[0].mathematics, DKIM_BODY_DIFFERS);
    assert_non_null(span_find(proof->dkim.at[0].reason, S("changed since")));
    settings.trusted_authserv.len = 0;
}

/* Two days later the key is gone; what was recorded at the time counts. */
static void scanned_late(void **state)
{
    *vec_push(arena, &settings.trusted_authserv) = S("mx.example.net");
    struct span mail =
        joined("Authentication-Results: mx.example.net; dkim=pass header.d=old.example.org\r\n" EDGE, S(MAIL));
    struct message *message = test_message(arena, mail);
    struct proof *proof =
        prove(arrival_new("192.0.2.7", "alice@example.com"), message, path_new(message, 0), false, now + 3600);
    assert_int_equal(proof->dmarc.result, PROOF_FAIL);
    assert_int_equal(proof->spf.result, PROOF_FAIL);
    message = test_message(arena, joined(RECORDED("mx.example.net") EDGE, S(MAIL)));
    proof = prove(arrival_new("192.0.2.7", "alice@example.com"), message, path_new(message, 0), false, now + 3600);
    assert_int_equal(proof->spf.result, PROOF_FAIL);
    proof = prove(arrival_new("192.0.2.7", "alice@example.com"), message, path_new(message, 0), false, now + 2 * 86400);
    assert_int_equal(proof->spf.result, PROOF_PASS);
    assert_int_equal(proof->dkim.len, 1);
    assert_null(proof->dkim.at[0].field);
    assert_int_equal(proof->basis, BASIS_TRUSTED_HEADER);
    settings.trusted_authserv.len = 0;
}

/* What the reader cuts off is not told to be a broken signature. */
static void cut_by_limits(void **state)
{
    struct message_limits limits;
    struct message message;
    struct arrival *arrival = arrival_new("192.0.2.1", "alice@example.com");
    arrival->raw = signed_mail;
    message_limits_default(&limits);
    limits.message_bytes = signed_mail.len - 8;
    message_parse(arena, &limits, NULL, arrival, &message);
    struct proof *proof = prove(arrival, &message, NULL, false, now);
    assert_int_equal(proof->dkim.at[0].result, PROOF_PASS); /* all of the body is hashed */
    message_limits_default(&limits);
    limits.fields = 2;
    message_parse(arena, &limits, NULL, arrival, &message);
    proof = prove(arrival, &message, NULL, false, now);
    assert_int_equal(proof->dkim.at[0].result, PROOF_PERMERROR);
    assert_non_null(span_find(proof->dkim.at[0].reason, S("longer than is read")));
}

/* A thousand signatures, a thousand names in h=: bounded. */
static void many_signatures(void **state)
{
    struct buf mail = {.arena = arena};
    for (unsigned i = 0; i < 1000; i++)
        buf_print(&mail,
                  "DKIM-Signature: v=1; a=rsa-sha256; d=d%u.example.com; s=s; l=%u; h=from; "
                  "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=YWJj\r\n",
                  i, i);
    buf_add(&mail, S(MAIL));
    struct proof *proof = prove_text(arrival_new("192.0.2.1", "alice@example.com"), buf_span(&mail), 0, false);
    assert_int_equal(proof->dkim.len, settings.most_signatures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pass),          cmocka_unit_test(forged),           cmocka_unit_test(first_round),
        cmocka_unit_test(offline),           cmocka_unit_test(senders),          cmocka_unit_test(appended),
        cmocka_unit_test(from_the_edge),     cmocka_unit_test(trusted_upstream), cmocka_unit_test(own_proof_first),
        cmocka_unit_test(scanned_late),      cmocka_unit_test(many_signatures),  cmocka_unit_test(two_results),
        cmocka_unit_test(nameless_upstream), cmocka_unit_test(open_door),        cmocka_unit_test(cut_by_limits),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
