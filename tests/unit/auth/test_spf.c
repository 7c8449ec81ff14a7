/* auth: SPF, RFC 7208, over a world of its own; the public suites are run by tests/suites/spf.c. */
#include "world.h"
#include "auth/spf.h"

#include <stdio.h>

static const char zone[] =
    "$ORIGIN example.\n"
    "plain TXT \"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:host.example mx -all\"\n"
    "plain MX 10 mx1\nplain MX 20 mx2\nmx1 A 198.51.100.1\nmx2 A 198.51.100.2\nmx2 AAAA 2001:db8:1::2\n"
    "host A 198.51.100.3\n"
    "soft TXT \"v=spf1 ip4:192.0.2.1 ~all\"\nneutral TXT \"v=spf1 ?all\"\nsilent TXT \"v=spf1 ip4:192.0.2.1\"\n"
    "open TXT \"v=spf1 +all\"\nempty TXT \"v=spf1\"\nnot TXT \"v=spf10 -all\"\ntwo TXT \"v=spf1 -all\"\ntwo TXT \"v=spf1 +all\"\n"
    "slow TIMEOUT\nbroken SERVFAIL\n"
    "inc TXT \"v=spf1 include:plain.example -all\"\nincslow TXT \"v=spf1 include:slow.example -all\"\n"
    "incnone TXT \"v=spf1 include:nowhere.example -all\"\nincfail TXT \"v=spf1 include:soft.example ip4:203.0.113.9 -all\"\n"
    "early TXT \"v=spf1 ip4:192.0.2.1 include:slow.example -all\"\n"
    "redir TXT \"v=spf1 redirect=plain.example\"\nredirnone TXT \"v=spf1 redirect=nowhere.example\"\n"
    "loop TXT \"v=spf1 include:loop.example -all\"\nredirloop TXT \"v=spf1 redirect=redirloop.example\"\n"
    "void TXT \"v=spf1 a:v1.example a:v2.example ip4:192.0.2.1 -all\"\n"
    "void3 TXT \"v=spf1 a:v1.example a:v2.example a:v3.example ip4:192.0.2.1 -all\"\n"
    "voidlate TXT \"v=spf1 ip4:192.0.2.1 a:v1.example a:v2.example a:v3.example -all\"\n"
    "ten TXT \"v=spf1 a:host.example a:host.example a:host.example a:host.example a:host.example a:host.example "
    "a:host.example a:host.example a:host.example a:host.example ip4:192.0.2.1 -all\"\n"
    "eleven TXT \"v=spf1 a:host.example a:host.example a:host.example a:host.example a:host.example a:host.example "
    "a:host.example a:host.example a:host.example a:host.example a:host.example ip4:192.0.2.1 -all\"\n"
    "exists TXT \"v=spf1 exists:%{ir}.%{v}.%{l1r+}.list.example -all\"\n1.2.0.192.in-addr.user.list A 127.0.0.2\n"
    "ptr TXT \"v=spf1 ptr:host.example -all\"\n"
    "3.100.51.198.in-addr.arpa. PTR www.host.example.\n3.100.51.198.in-addr.arpa. PTR host.other.\nwww.host A 198.51.100.3\n"
    "4.100.51.198.in-addr.arpa. PTR www.host.example.\n"
    "5.100.51.198.in-addr.arpa. TIMEOUT\n"
    "nullmx TXT \"v=spf1 mx ip4:192.0.2.1 -all\"\nnullmx MX 0 .\n"
    "exp TXT \"v=spf1 -all exp=why.example\"\nwhy TXT \"%{i} may not send for %{d}, asked by %{r} at %{t}\"\n"
    "expslow TXT \"v=spf1 -all exp=slow.example\"\n"
    "explong TXT \"v=spf1 -all exp=long.example\"\nlong TXT \"%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
    "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}\"\n"
    "unknownmod TXT \"v=spf1 ip4:192.0.2.1 note=see:%{d} -all\"\n"
    "badmod TXT \"v=spf1 ip4:192.0.2.1 note=%(d) -all\"\nbadmech TXT \"v=spf1 ip4:192.0.2.1 ipv4:192.0.2.2 -all\"\n"
    "badip TXT \"v=spf1 ip4:192.0.2 -all\"\nbadlen TXT \"v=spf1 ip4:192.0.2.1/33 -all\"\nzerolen TXT \"v=spf1 ip4:192.0.2.1/024 -all\"\n"
    "zerodigit TXT \"v=spf1 exists:%{d0}.example -all\"\nhuge TXT \"v=spf1 exists:%{l99999999999999999999r}.list.example -all\"\n"
    "tab TXT \"v=spf1\\009-all\"\n";

static struct auth_settings settings;

static void check(struct world *world, const struct spf_question *question, size_t most, struct spf_proof *out)
{
    while (!spf_check(world->arena, &settings, question, world->answers, out))
        world_answer(world, most);
}

static const struct {
    const char *client, *domain;
    enum proof_result result;
    const char *reason; /* words of it */
} cases[] = {
    {"192.0.2.9", "plain.example", PROOF_PASS, "names 192.0.2.9 by \"ip4:192.0.2.0/24\""},
    {"::ffff:192.0.2.9", "plain.example", PROOF_PASS, "names 192.0.2.9"},
    {"192.0.3.9", "plain.example", PROOF_FAIL, "the SPF record of plain.example does not name 192.0.3.9 and ends in -all"},
    {"2001:db8::1", "plain.example", PROOF_PASS, "ip6:2001:db8::/32"},
    {"2001:db9::1", "plain.example", PROOF_FAIL, "does not name 2001:db9::1"},
    {"198.51.100.3", "plain.example", PROOF_PASS, "\"a:host.example\""},
    {"198.51.100.2", "plain.example", PROOF_PASS, "\"mx\""},
    {"198.51.100.4", "plain.example", PROOF_FAIL, ""},
    {"192.0.2.2", "soft.example", PROOF_SOFTFAIL, "ends in ~all"},
    {"192.0.2.2", "neutral.example", PROOF_NEUTRAL, "ends in ?all"},
    {"192.0.2.2", "silent.example", PROOF_NEUTRAL, "says nothing about 192.0.2.2"},
    {"192.0.2.2", "open.example", PROOF_PASS, "lets every address send"},
    {"192.0.2.2", "empty.example", PROOF_NEUTRAL, ""},
    {"192.0.2.2", "not.example", PROOF_NONE, "has no SPF record"},
    {"192.0.2.2", "nowhere.example", PROOF_NONE, "nowhere.example has no SPF record"},
    {"192.0.2.2", "two.example", PROOF_PERMERROR, "there is more than one"},
    {"192.0.2.2", "single", PROOF_NONE, "is no domain"},
    {"192.0.2.2", "[192.0.2.2]", PROOF_NONE, "is no domain"},
    {"192.0.2.2", "a..example", PROOF_NONE, "is no domain"},
    {"192.0.2.2", "slow.example", PROOF_TEMPERROR, "slow.example TXT was asked for in vain"},
    {"192.0.2.2", "broken.example", PROOF_TEMPERROR, "asked for in vain"},
    {"192.0.2.2", "inc.example", PROOF_PASS, "\"include:plain.example\""},
    {"192.0.3.2", "inc.example", PROOF_FAIL, "the SPF record of inc.example does not name"},
    {"192.0.2.2", "incslow.example", PROOF_TEMPERROR, "slow.example"},
    {"192.0.2.2", "incnone.example", PROOF_PERMERROR, "leads to a domain without an SPF record"},
    {"203.0.113.9", "incfail.example", PROOF_PASS, "ip4:203.0.113.9"},
    {"192.0.2.1", "early.example", PROOF_PASS, "ip4:192.0.2.1"}, /* what stands behind is not needed */
    {"192.0.2.2", "early.example", PROOF_TEMPERROR, ""},
    {"192.0.2.2", "redir.example", PROOF_PASS, "plain.example"},
    {"192.0.2.2", "redirnone.example", PROOF_PERMERROR, "redirect=nowhere.example"},
    {"192.0.2.2", "loop.example", PROOF_PERMERROR, "more than 10 lookups"},
    {"192.0.2.2", "redirloop.example", PROOF_PERMERROR, "more than 10 lookups"},
    {"192.0.2.1", "void.example", PROOF_PASS, ""},
    {"192.0.2.1", "void3.example", PROOF_PERMERROR, "more than 2 of the names"},
    {"192.0.2.1", "voidlate.example", PROOF_PASS, ""},
    {"192.0.2.1", "ten.example", PROOF_PASS, ""},
    {"192.0.2.1", "eleven.example", PROOF_PERMERROR, "more than 10 lookups"},
    {"192.0.2.1", "exists.example", PROOF_PASS, "exists:"},
    {"192.0.2.2", "exists.example", PROOF_FAIL, ""},
    {"198.51.100.3", "ptr.example", PROOF_PASS, "ptr:host.example"},
    {"198.51.100.4", "ptr.example", PROOF_FAIL, ""}, /* the name does not lead back */
    {"198.51.100.5", "ptr.example", PROOF_FAIL, ""}, /* RFC 7208 5.5: an error of PTR is no match */
    {"198.51.100.6", "ptr.example", PROOF_FAIL, ""},
    {"192.0.2.1", "nullmx.example", PROOF_PASS, ""},
    {"192.0.2.1", "unknownmod.example", PROOF_PASS, ""},
    {"192.0.2.1", "badmod.example", PROOF_PERMERROR, "\"note=%(d)\" is no modifier"},
    {"192.0.2.1", "badmech.example", PROOF_PERMERROR, "\"ipv4:192.0.2.2\" is no mechanism"},
    {"192.0.2.1", "badip.example", PROOF_PERMERROR, "\"ip4:192.0.2\""},
    {"192.0.2.1", "badlen.example", PROOF_PERMERROR, "/33"},
    {"192.0.2.1", "zerolen.example", PROOF_PERMERROR, "/024"},
    {"192.0.2.1", "zerodigit.example", PROOF_PERMERROR, "%{d0}"},
    {"192.0.2.1", "huge.example", PROOF_FAIL, ""},
    {"192.0.2.1", "tab.example", PROOF_NONE, ""},
};

/* Once with all answers of a round, once one by one: nothing may depend on the order in which answers come. */
static void results(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned slowly = 0; slowly < 2; slowly++) {
            struct world world;
            struct spf_proof proof;
            struct span domain = exact(cases[i].domain), sender = S("user+x@plain.example");
            struct spf_question question = {.domain = domain, .mail_from = sender, .helo = S("helo.example"), .now = 1000};
            world_begin(&world, zone);
            assert_true(ip_parse(span_of(cases[i].client), &question.client));
            check(&world, &question, slowly ? 1 : SIZE_MAX, &proof);
            if (proof.result != cases[i].result || (*cases[i].reason && !span_find(proof.reason, span_of(cases[i].reason))))
                fail_msg("%s for %s: %s: %.*s", cases[i].client, cases[i].domain, proof_result_name(proof.result), SPAN_FMT(proof.reason));
            assert_true(proof.reason.len > 0);
            assert_true(proof.lookups <= 11 && proof.void_lookups <= 3);
            world_end(&world);
            free((char *)domain.at);
        }
}

static void names_are_asked_for_together(void **state)
{
    struct world world;
    struct spf_proof proof;
    struct spf_question question = {.domain = S("a.example"), .mail_from = S("x@a.example")};
    world_begin(&world, "$ORIGIN example.\n"
                        "a TXT \"v=spf1 include:b.example include:c.example include:d.example a:host.example -all\"\n"
                        "b TXT \"v=spf1 include:b2.example -all\"\nb2 TXT \"v=spf1 a:host.example ?all\"\n"
                        "c TXT \"v=spf1 include:c2.example -all\"\nc2 TXT \"v=spf1 a:host.example ?all\"\n"
                        "d TXT \"v=spf1 include:d2.example -all\"\nd2 TXT \"v=spf1 mx:host.example ?all\"\n"
                        "host A 192.0.2.1\nhost MX 1 mx1\nhost MX 2 mx2\nmx1 A 192.0.2.2\nmx2 A 192.0.2.3\n");
    assert_true(ip_parse(S("192.0.2.9"), &question.client));
    check(&world, &question, SIZE_MAX, &proof);
    assert_int_equal(proof.result, PROOF_FAIL);
    assert_int_equal(world.rounds, 5); /* a; b c d host; b2 c2 d2; host MX; mx1 mx2 */
    assert_int_equal(proof.lookups, 10);
    world_end(&world);
}

static void nothing_is_asked_for_behind_a_sure_match(void **state)
{
    struct world world;
    struct spf_proof proof;
    struct spf_question question = {.domain = S("a.example"), .mail_from = S("x@a.example")};
    world_begin(&world, "a.example TXT \"v=spf1 a:b.example ip4:192.0.2.9 a:c.example a:d.example -all\"\nb.example A 192.0.2.1\n");
    assert_true(ip_parse(S("192.0.2.9"), &question.client));
    check(&world, &question, SIZE_MAX, &proof);
    assert_int_equal(proof.result, PROOF_PASS);
    assert_int_equal(world.asked, 2); /* a TXT, b A */
    world_end(&world);
}

static void explanations(void **state)
{
    static const struct {
        const char *domain, *text;
    } told[] = {{"exp.example", "192.0.2.1 may not send for exp.example, asked by mx.us.example at 1000"},
                {"expslow.example", ""},
                {"plain.example", ""}};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct world world;
        struct spf_proof proof;
        struct spf_question question = {.domain = span_of(told[i].domain), .mail_from = S("x@y.example"), .receiver = S("mx.us.example"),
                                        .now = 1000};
        world_begin(&world, zone);
        assert_true(ip_parse(S("192.0.2.1"), &question.client));
        if (i == 2)
            assert_true(ip_parse(S("203.0.113.1"), &question.client));
        check(&world, &question, SIZE_MAX, &proof);
        assert_int_equal(proof.result, PROOF_FAIL);
        assert_span(proof.explanation, told[i].text);
        world_end(&world);
    }
}

static void a_strangers_text_is_bounded_and_clean(void **state)
{
    struct world world;
    struct spf_proof proof;
    struct span sender = exact("\"\x1b[31m\xff\n\"@y.example");
    struct spf_question question = {.domain = S("explong.example"), .mail_from = sender};
    world_begin(&world, zone);
    assert_true(ip_parse(S("192.0.2.1"), &question.client));
    check(&world, &question, SIZE_MAX, &proof);
    assert_int_equal(proof.explanation.len, SPF_EXPLANATION_MOST);
    for (size_t i = 0; i < proof.explanation.len; i++)
        assert_true(proof.explanation.at[i] >= ' ' && proof.explanation.at[i] < 127);
    world_end(&world);
    free((char *)sender.at);
}

static void an_unknown_world_is_unknown(void **state)
{
    struct world world;
    struct spf_proof proof;
    struct spf_question question = {.domain = S("plain.example")};
    struct dns_answer unknown = {.ask = {S("plain.example"), DNS_TXT}, .status = DNS_UNKNOWN, .why = S("offline")};
    world_begin(&world, zone);
    assert_true(spf_check(world.arena, &settings, &question, world.answers, &proof)); /* no address */
    assert_int_equal(proof.result, PROOF_UNKNOWN);
    assert_true(ip_parse(S("192.0.2.1"), &question.client));
    dns_answers_add(world.answers, &unknown);
    assert_true(spf_check(world.arena, &settings, &question, world.answers, &proof));
    assert_int_equal(proof.result, PROOF_UNKNOWN);
    question.domain = S("ptr.example"); /* of a name that leads back or not nothing is known */
    assert_true(ip_parse(S("198.51.100.4"), &question.client));
    unknown.ask = (struct dns_ask){S("www.host.example"), DNS_A};
    dns_answers_add(world.answers, &unknown);
    check(&world, &question, SIZE_MAX, &proof);
    assert_int_equal(proof.result, PROOF_UNKNOWN);
    world_end(&world);
}

static void limits_are_settings(void **state)
{
    struct world world;
    struct spf_proof proof;
    struct auth_settings loose = settings;
    struct spf_question question = {.domain = S("void3.example")};
    loose.most_void_lookups = 3;
    world_begin(&world, zone);
    assert_true(ip_parse(S("192.0.2.1"), &question.client));
    while (!spf_check(world.arena, &loose, &question, world.answers, &proof))
        world_answer(&world, SIZE_MAX);
    assert_int_equal(proof.result, PROOF_PASS);
    assert_int_equal(proof.void_lookups, 3);
    world_end(&world);
}

/* ---- macros */
static void macros(void **state)
{
    static const struct {
        const char *text, *becomes;
    } told[] = {
        {"%{s}", "strong-bad@email.example.com"}, {"%{o}", "email.example.com"}, {"%{d}", "email.example.com"},
        {"%{d4}", "email.example.com"}, {"%{d3}", "email.example.com"}, {"%{d2}", "example.com"}, {"%{d1}", "com"},
        {"%{dr}", "com.example.email"}, {"%{d2r}", "example.email"}, {"%{l}", "strong-bad"}, {"%{l-}", "strong.bad"},
        {"%{lr}", "strong-bad"}, {"%{lr-}", "bad.strong"}, {"%{l1r-}", "strong"}, {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"}, {"%{d4294967297}", "email.example.com"},
        {"%%%_%-", "% %20"}, {"%{S}", "strong-bad%40email.example.com"}, {"%{h}", "he.lo"}, {"%{p}", "unknown"},
        {"%{i}", "192.0.2.3"}, {"%{d.-+,/_=}", "email.example.com"}, {"%{h1/.}", "lo"}, {"", ""},
    };
    struct world world;
    struct spf_question question = {.helo = S("he.lo")};
    assert_true(ip_parse(S("192.0.2.3"), &question.client));
    world_begin(&world, "");
    struct spf_work work = {.arena = world.arena, .settings = &settings, .question = &question, .answers = world.answers,
                            .local = S("strong-bad"), .sender_domain = S("email.example.com")};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct span text = exact(told[i].text), out;
        assert_true(spf_macro_string_is(text, false));
        while (!spf_macro_expand(&work, text, S("email.example.com"), &out))
            world_answer(&world, SIZE_MAX);
        assert_span(out, told[i].becomes);
        free((char *)text.at);
    }
    static const char *const bad[] = {"%", "%{", "%{d", "%{d0}", "%{d00r}", "%{x}", "%(d)", "%{}", "%{dd}", "%{d!}", "%{d2r2}", "a%", "%{c}", " "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct span text = exact(bad[i]);
        assert_false(spf_macro_string_is(text, false));
        free((char *)text.at);
    }
    assert_true(spf_macro_string_is(S("%{c} %{r} %{t}"), true));
    world_end(&world);
}

/* Shapes that have overrun other programs: many labels, long values, names of 254 bytes, deep expansions. */
static void long_expansions(void **state)
{
    char value[2000];
    struct world world;
    struct spf_question question = {.helo = {value, sizeof value}};
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = i % 2 ? '.' : 'a';
    world_begin(&world, "");
    struct spf_work work = {.arena = world.arena, .settings = &settings, .question = &question, .answers = world.answers,
                            .local = S("l"), .sender_domain = S("o.example")};
    struct span out;
    assert_true(spf_name_expand(&work, S("%{h}.example"), S("d.example"), &out));
    assert_true(out.len <= 253 && span_ends_case(out, S(".example")));
    assert_true(spf_name_expand(&work, S("%{hr}"), S("d.example"), &out));
    assert_true(out.len <= 253);
    assert_true(spf_name_expand(&work, S("%{H200}"), S("d.example"), &out));
    struct buf many = {.arena = world.arena};
    for (int i = 0; i < 1000; i++)
        buf_add(&many, S("%{h}"));
    assert_true(spf_name_expand(&work, buf_span(&many), S("d.example"), &out));
    assert_int_equal(out.len, 0); /* longer than anything that could be meant */
    memset(value, 'b', sizeof value);
    assert_true(spf_name_expand(&work, S("%{h}"), S("d.example"), &out));
    assert_int_equal(out.len, 0); /* one label that fits nowhere */
    world_end(&world);
}

/* The worst that a stranger can publish: full records, ten includes deep, answered one name a round. */
static void memory_and_rounds_are_bounded(void **state)
{
    struct world world;
    struct spf_proof proof;
    struct spf_question question = {.domain = S("i0.example"), .mail_from = S("x@i0.example")};
    struct arena *arena = arena_new(16 << 20);
    struct buf zone_text = {.arena = arena};
    for (int i = 0; i < 10; i++) {
        buf_print(&zone_text, "i%d.example TXT \"v=spf1 include:i%d.example\"", i, i + 1);
        for (int j = 0; j < 30; j++)
            buf_add(&zone_text, S(" \" ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1"
                                  " ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1\""));
        buf_byte(&zone_text, '\n');
    }
    buf_add(&zone_text, S("i10.example TXT \"v=spf1 -all\"\n"));
    buf_byte(&zone_text, '\0');
    assert_true(ip_parse(S("198.51.100.1"), &question.client));
    world_begin(&world, zone_text.at);
    struct arena *own = arena_new(4 << 20);
    while (!spf_check(own, &settings, &question, world.answers, &proof))
        world_answer(&world, 1);
    assert_int_equal(proof.result, PROOF_NEUTRAL);
    assert_int_equal(world.rounds, 11);
    assert_true(arena_used(own) < 100000); /* eleven records of 6 kB, read eleven times */
    arena_free(&own);
    arena_free(&arena);
    world_end(&world);
}

static void too_long_is_said(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct spf_record record;
    struct span fault = {0};
    struct buf text = {.arena = arena};
    buf_add(&text, S("v=spf1 a:"));
    while (text.len < 9 + SPF_DOMAIN_SPEC_MOST - 8)
        buf_byte(&text, 'a');
    buf_add(&text, S(".example"));
    assert_true(spf_record_parse(arena, buf_span(&text), &record, &fault));
    buf_byte(&text, '.'); /* one byte more than a domain may be long here */
    assert_false(spf_record_parse(arena, buf_span(&text), &record, &fault));
    text.len = 6;
    while (text.len < SPF_RECORD_MOST)
        buf_byte(&text, ' ');
    assert_true(spf_record_parse(arena, buf_span(&text), &record, &fault));
    buf_byte(&text, ' ');
    assert_false(spf_record_parse(arena, buf_span(&text), &record, &fault));
    assert_non_null(span_find(fault, S("longer than 8192 bytes")));
    arena_free(&arena);
}

/* Any bytes as a record: a result, at most the lookups allowed, no byte too far. */
static void records_of_any_bytes(void **state)
{
    static const char pieces[][16] = {"v=spf1", " ", "a", ":", "/", "%{", "}", "d", "ip4:", "1.2.3.4", "all", "-", "mx", "exp=", "redirect=",
                                      "include:", "example", ".", "%%", "\xff", "32", "//", "ptr", "r", "exists:", "0", "=", "\t"};
    uint32_t seed = 1;
    for (int run = 0; run < 3000; run++) {
        struct arena *arena = arena_new(16 << 20);
        struct buf text = {.arena = arena};
        struct spf_record record;
        struct span fault;
        buf_add(&text, S("v=spf1 "));
        for (int i = 0; i < 12; i++) {
            seed = seed * 1664525 + 1013904223;
            buf_add(&text, span_of(pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)]));
        }
        struct span bytes = exact_bytes(text.at, text.len);
        if (!spf_record_parse(arena, bytes, &record, &fault))
            assert_true(fault.len > 0);
        else
            for (struct spf_term term; spf_term_next(&record.terms, &term);)
                assert_true(term.text.len > 0);
        free((char *)bytes.at);
        arena_free(&arena);
    }
}

static int setup(void **state)
{
    auth_settings_default(&settings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results),
        cmocka_unit_test(names_are_asked_for_together),
        cmocka_unit_test(nothing_is_asked_for_behind_a_sure_match),
        cmocka_unit_test(explanations),
        cmocka_unit_test(a_strangers_text_is_bounded_and_clean),
        cmocka_unit_test(an_unknown_world_is_unknown),
        cmocka_unit_test(limits_are_settings),
        cmocka_unit_test(macros),
        cmocka_unit_test(long_expansions),
        cmocka_unit_test(memory_and_rounds_are_bounded),
        cmocka_unit_test(too_long_is_said),
        cmocka_unit_test(records_of_any_bytes),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
