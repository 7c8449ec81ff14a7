#include "exact.h"
#include "walk/walk.h"

static const char letter[] =
    "Received: from mail.shop.example (mail.shop.example [198.51.100.25])\r\n"
    "\tby mx.harbour.example (Postfix) with ESMTPS id 4dT9xQ3Lk7z2\r\n"
    "\tfor <reader@harbour.example>; Sat, 31 Jan 2026 11:59:30 +0000 (UTC)\r\n"
    "From: Shop <news@shop.example>\r\nSubject: x\r\n\r\nHello\r\n";

struct fixture {
    struct arena *arena;
    struct walk_settings settings;
    struct arrival arrival;
    struct walk walk;
};

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->arena = arena_new(16 << 20);
    walk_settings_default(&fixture->settings);
    fixture->arrival = (struct arrival){.raw = exact(letter), .source = S("letter"), .helo = S("mail.shop.example"),
                                        .mail_from = S("bounce@shop.example"), .mail_from_state = SENDER_GIVEN, .received_at = TIME_UNKNOWN};
    assert_true(ip_parse(S("198.51.100.25"), &fixture->arrival.client_ip));
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    free((char *)fixture->arrival.raw.at);
    arena_free(&fixture->arena);
    free(fixture);
    return 0;
}

/* Answers everything that is wanted from a zone, round by round; the number of rounds. */
static unsigned rounds_with(struct walk *walk, const struct dns_zone *zone, bool ready)
{
    unsigned rounds = 0;
    for (; !ready; rounds++) {
        const struct dns_ask *asks;
        struct dns_answer answer;
        size_t count = dns_wanted(walk->answers, &asks);
        assert_true(count > 0);
        struct dns_ask *copy = arena_alloc(walk->arena, count * sizeof *copy);
        memcpy(copy, asks, count * sizeof *copy);
        for (size_t i = 0; i < count; i++) {
            dns_zone_answer(zone, &copy[i], &answer);
            dns_answers_add(walk->answers, &answer);
        }
        ready = walk_answered(walk);
        assert_true(rounds <= walk->settings->rounds);
    }
    return rounds;
}

static const struct dns_zone *zone_of(struct arena *arena, const char *text)
{
    struct dns_zone *zone;
    struct err err;
    if (dns_zone_parse(arena, span_of(text), "zone", &zone, &err) < 0)
        fail_msg("%s", err.text);
    return zone;
}

static void the_proofs_are_those_of_the_zone(void **state)
{
    struct fixture *f = *state;
    const struct dns_zone *zone = zone_of(f->arena, "$TTL 300\nshop.example. TXT \"v=spf1 include:spf.shop.example -all\"\n"
                                                    "spf.shop.example. TXT \"v=spf1 ip4:198.51.100.25 -all\"\n"
                                                    "_dmarc.shop.example. TXT \"v=DMARC1; p=reject\"\n");
    bool ready = walk_read(&f->walk, f->arena, &f->settings, &f->arrival);
    assert_false(ready);
    assert_true(rounds_with(&f->walk, zone, ready) >= 2); /* the include is known only after the first answer */
    walk_judge(&f->walk);
    assert_int_equal(f->walk.proof.spf.result, PROOF_PASS);
    assert_int_equal(f->walk.proof.dmarc.result, PROOF_PASS);
    assert_int_equal(f->walk.report.verdict, VERDICT_CLEAN);
    assert_ptr_equal(f->walk.report.message, &f->walk.message);
    assert_span(f->walk.report.generation, SEKIMORI_VERSION);
}

static void a_message_judged_without_answers_has_unknown_proofs(void **state)
{
    struct fixture *f = *state;
    assert_false(walk_read(&f->walk, f->arena, &f->settings, &f->arrival));
    walk_judge(&f->walk);
    assert_int_not_equal(f->walk.proof.spf.result, PROOF_PASS);
    assert_int_not_equal(f->walk.proof.spf.result, PROOF_FAIL);
    assert_int_not_equal(f->walk.proof.dmarc.result, PROOF_PASS);
    assert_int_not_equal(f->walk.proof.dmarc.result, PROOF_FAIL);
}

/* A chain of includes longer than the rounds: the walk ends, whatever the world says. */
static void rounds_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct buf text = {.arena = f->arena};
    buf_print(&text, "$TTL 300\nshop.example. TXT \"v=spf1 include:s0.shop.example -all\"\n");
    for (int i = 0; i < 40; i++)
        buf_print(&text, "s%d.shop.example. TXT \"v=spf1 include:s%d.shop.example -all\"\n", i, i + 1);
    buf_byte(&text, 0);
    const struct dns_zone *zone = zone_of(f->arena, text.at);
    f->settings.rounds = 3;
    assert_true(rounds_with(&f->walk, zone, walk_read(&f->walk, f->arena, &f->settings, &f->arrival)) <= 3);
    walk_judge(&f->walk);
    assert_int_not_equal(f->walk.proof.spf.result, PROOF_PASS);
}

static void the_time_is_that_of_the_arrival_else_of_the_topmost_received(void **state)
{
    struct fixture *f = *state;
    walk_read(&f->walk, f->arena, &f->settings, &f->arrival);
    assert_int_equal(f->walk.arrival.received_at, time_from_civil(2026, 1, 31) + 11 * 3600 + 59 * 60 + 30);
    f->arrival.received_at = 1000;
    walk_read(&f->walk, f->arena, &f->settings, &f->arrival);
    assert_int_equal(f->walk.arrival.received_at, 1000);
    f->arrival.received_at = TIME_UNKNOWN;
    f->arrival.raw.len = 0;
    walk_read(&f->walk, f->arena, &f->settings, &f->arrival);
    assert_int_equal(f->walk.arrival.received_at, TIME_UNKNOWN);
}

/* A crowd of links to the sender's own hosts keeps neither the link the mail is for nor others out of what identity is told. */
static void crowd_of_links(void **state)
{
    enum { CROWD = 400 };
    struct fixture *fixture = *state;
    struct link link = {.kind = LINK_ANCHOR};
    struct content content = {0};
    struct told told;
    for (size_t i = 0; i < CROWD + 2; i++) {
        struct link_fact *fact = vec_push(fixture->arena, &content.links.list);
        bool own = i < CROWD;
        *fact = (struct link_fact){.link = &link, .clickable = true, .organisation = own ? S("shop.example") : S("elsewhere.example"),
                                   .host = arena_print(fixture->arena, "h%zu.%s", i, own ? "shop.example" : "elsewhere.example")};
    }
    content.links.main = &content.links.list.at[CROWD + 1];
    told_make(fixture->arena, &content, &told);
    assert_true(told.hosts.len > 2 && told.hosts.len < 50);
    assert_true(told.hosts.at[0].main && span_eq(told.hosts.at[0].host, S("h401.elsewhere.example")) && told.hosts.at[0].times == 1);
    assert_true(span_eq(told.hosts.at[told.hosts.len - 1].host, S("h400.elsewhere.example")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(crowd_of_links, begin, end),
        cmocka_unit_test_setup_teardown(the_proofs_are_those_of_the_zone, begin, end),
        cmocka_unit_test_setup_teardown(a_message_judged_without_answers_has_unknown_proofs, begin, end),
        cmocka_unit_test_setup_teardown(rounds_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(the_time_is_that_of_the_arrival_else_of_the_topmost_received, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
