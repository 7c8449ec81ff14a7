#include "world.h"

#include <stdio.h>

#include "message/url.h"
#include "verdict/text.h"

/* Whole reports against files beside this one. GOLDEN=write makes them anew; read what changed before keeping it. */
static void golden_check(struct world *w, const char *name, struct span seen)
{
    struct arena *arena = w->arena;
    struct span path = arena_print(arena, "tests/unit/verdict/golden/%s", name);
    if (getenv("GOLDEN")) {
        FILE *file = fopen(path.at, "w");
        assert_non_null(file);
        fwrite(seen.at, 1, seen.len, file);
        fclose(file);
        return;
    }
    FILE *file = fopen(path.at, "r");
    if (!file)
        fail_msg("%s: is not there; run in the project's folder", path.at);
    struct buf wanted = {.arena = arena};
    for (int c; (c = fgetc(file)) != EOF;)
        buf_byte(&wanted, (char)c);
    fclose(file);
    if (!span_eq(seen, buf_span(&wanted)))
        fail_msg("%s differs; seen:\n%.*s", name, SPAN_FMT(seen));
}

static void content_put(struct world *w)
{
    static struct url url;
    url = (struct url){.href = S("https://login.evil.example/x"), .host = S("login.evil.example")};
    w->arrival.source = S("echo.eml");
    w->message.subject = S("Your \x1b[31maccount\xe2\x80\xae gpj.exe \xff");
    w->from[0].name = S("\xe9\x88\xb4\xe6\x9c\xa8 \xe8\x8a\xb1\xe5\xad\x90");
    *vec_push(w->arena, &w->message.links) = (struct link){.kind = LINK_ANCHOR, .raw = url.href, .url = &url, .text = S("brand.example")};
    *vec_push(w->arena, &w->message.links) = (struct link){.kind = LINK_TEXT, .raw = S("http://["), .hidden = true};
    w->root = (struct part){.type = S("application"), .subtype = S("pdf"), .attachment = true, .decoded = S("MZ"),
                            .sniffed = S("application/x-msdownload"), .disposition = S("attachment")};
    *vec_push(w->arena, &w->root.names) = S("invoice.pdf");
    w->leaves[0] = &w->root;
    w->message.leaves.at = w->leaves;
    w->message.leaves.len = 1;
    w->message.part_count = 1;
    defect_put(w, DEFECT_DATE_BAD, 12, "yesterday");
    defect_put(w, DEFECT_MESSAGE_ID_MISSING, SIZE_MAX, "");
}

/* The echo as its recipient sees it: a relay's hand-over, a foreign tenant, a record of failure under a seal. */
static void echo_put(struct world *w)
{
    content_put(w);
    w->path.client.name = w->path.client.helo = S("mx0a-00000001.pphosted.com");
    w->path.client.network = (struct network){.asn = 64500, .name = S("Example Relay"), .kind = NETWORK_MAIL_SERVICE,
                                              .country = S("US"), .sure = true};
    w->path.client.scope = IP_PUBLIC;
    w->path.carrier = (struct carrier){.service = service_by_id(w->tables, S("proofpoint")), .borne_out = true};
    w->hops[0].from = w->hops[0].helo = w->path.client.name;
    w->hops[0].tls.version = S("TLSv1.3");
    w->hops[0].mailer = MAILER_POSTFIX;
    w->hops[1] = (struct hop){.field = &w->fields[3], .trust = HOP_CLAIM, .by = S("mx0a-00000001.pphosted.com"), .with = S("ESMTP"),
                              .from = S("NAM12.outbound.protection.outlook.com"), .helo = S("NAM12.outbound"), .time = 1767268840,
                              .delay = -400, .oddities = HOP_TIME_BACKWARDS | HOP_GAP};
    ip_parse(S("40.95.1.2"), &w->hops[1].address);
    w->path.tenant = (struct tenant){.present = true, .place = FACT_VOUCHED, .handover = 1, .auth_as = S("Anonymous"), .entity = S("Internet"),
                                     .originator_org = S("evil.onmicrosoft.com"), .connecting_helo = S("vps.evil.example"),
                                     .cross_tenant_id = S("dddddddd-1111-2222-3333-444455556666"), .pool = S("relay"),
                                     .connecting_tenant = S("dddddddd-1111-2222-3333-444455556666")};
    ip_parse(S("203.0.113.9"), &w->path.tenant.connecting_ip);
    w->hops[2] = (struct hop){.field = &w->fields[5], .trust = HOP_CLAIM, .by = S("BN1.mail.protection.outlook.com"),
                              .from = S("vps.evil.example"), .time = TIME_UNKNOWN, .delay = TIME_UNKNOWN, .oddities = HOP_NO_TIME};
    w->path.hops.len = w->path.received_fields = 3;
    w->path.inner_edge = 1;
    record_put(w, 4, "mx.microsoft.com", "dmarc", PROOF_FAIL, "header", "from", "brand.example");
    w->sets[0] = (struct arc_set){.instance = 1, .results = &w->fields[4], .seal_domain = S("microsoft.com"), .cv = S("none"),
                                  .seal_result = PROOF_PASS, .signature_result = PROOF_FAIL, .recorded = w->proof.recorded.at[0]};
    w->proof.arc.sets.at = w->sets;
    w->proof.arc.sets.len = 1;
    w->proof.arc.result = PROOF_FAIL;
    w->proof.arc.reason = S("The message was changed after it was sealed.");
}

static void relay_put(struct world *w)
{
    w->arrival.direction = DIRECTION_OUTBOUND;
    w->arrival.mail_from_state = SENDER_NULL;
    w->arrival.mail_from = S("");
    w->relay = (struct relay_use){.applies = true, .customer = &w->customer, .leave = RELAY_DENY, .sign = RELAY_DENY, .agree = true,
                                  .reason = S("The message comes from tenant dd, which is not Brand's.")};
    *vec_push(w->arena, &w->relay.proofs) = (struct relay_proof){S("source"), RELAY_ALLOW, S("40.107.1.2"), S("The peer is a server of Microsoft 365.")};
    *vec_push(w->arena, &w->relay.proofs) = (struct relay_proof){S("tenant"), RELAY_DENY, S("dd"), S("The message comes from tenant dd, which is not Brand's.")};
    *vec_push(w->arena, &w->relay.proofs) = (struct relay_proof){S("pool"), RELAY_UNKNOWN, S(""), S("Which pool the peer belongs to is not known.")};
}

static void nothing_put(struct world *w)
{
    w->message.fields.len = w->message.from.len = w->path.hops.len = w->path.received_fields = w->proof.dkim.len = 0;
    w->path = (struct path){0};
    w->arrival = (struct arrival){.raw = S("x"), .received_at = TIME_UNKNOWN};
    w->message = (struct message){.date = TIME_UNKNOWN};
    w->proof = (struct proof){0};
}

/* Of a program of the server's own machine. */
static void local_put(struct world *w)
{
    honest(w);
    w->arrival.local = true;
}

static const struct {
    const char *name;
    void (*put)(struct world *w);
} rows[] = {{"echo", echo_put}, {"relay", relay_put}, {"nothing", nothing_put}, {"honest", honest}, {"local", local_put}};

static void golden_text(struct world *w, const char *name, enum language language, bool colour, unsigned width)
{
    struct buf out = {.arena = w->arena};
    struct report_style style = {.language = language, .colour = colour, .width = width};
    report_text(w->arena, &w->report, &style, &out);
    golden_check(w, arena_print(w->arena, "%s-%s%s.txt", name, language == LANGUAGE_JA ? "ja" : "en", colour ? "-colour" : "").at,
                 buf_span(&out));
}

static void reports_as_kept(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        world_make(&w);
        rows[i].put(&w);
        world_judge(&w);
        struct buf json = {.arena = w.arena};
        report_json(w.arena, &w.report, &json);
        assert_null(span_find_byte(buf_span(&json), '\n'));
        buf_byte(&json, '\n');
        golden_check(&w, arena_print(w.arena, "%s.json", rows[i].name).at, buf_span(&json));
        golden_text(&w, rows[i].name, LANGUAGE_EN, false, 0);
        golden_text(&w, rows[i].name, LANGUAGE_JA, false, 0);
        if (i == 0)
            golden_text(&w, rows[i].name, LANGUAGE_EN, true, 60);
        world_free(&w);
    }
}

/* The rooms tell their reasons in English; a Japanese page says the same from the facts, whatever came out. */
static void japanese_proofs_are_japanese(void **state)
{
    static const char english[] = "an English reason";
    for (int result = PROOF_NONE; result <= PROOF_NOT_APPLICABLE; result++)
        for (int variant = 0; variant < 8; variant++) {
            struct world w;
            world_make(&w);
            honest(&w);
            struct proof *proof = &w.proof;
            proof->spf.result = proof->dkim.at[0].result = proof->dmarc.result = proof->arc.result = (enum proof_result)result;
            proof->spf.reason = proof->dkim.at[0].reason = proof->dmarc.reason = proof->arc.reason = S(english);
            proof->dmarc.suffix_note = S(english);
            proof->dmarc.suffix_differs = variant & 1;
            proof->dkim.at[0].mathematics = (enum dkim_mathematics)(variant / 2);
            proof->dkim.at[0].admitted = variant & 1;
            proof->spf.recorded = proof->dkim.at[0].recorded = proof->dmarc.recorded = variant == 7;
            if (variant & 1)
                proof->spf.mechanism = proof->dmarc.policy = S("");
            w.sets[0] = (struct arc_set){.instance = 1, .results = &w.fields[4], .seal_domain = S("seal.example")};
            proof->arc.sets.at = w.sets;
            proof->arc.sets.len = variant & 1;
            world_judge(&w);
            struct buf out = {.arena = w.arena};
            report_text(w.arena, &w.report, &(struct report_style){.language = LANGUAGE_JA}, &out);
            if (span_find(buf_span(&out), S(english)) || span_find(buf_span(&out), S("%s")))
                fail_msg("result %d, variant %d:\n%.*s", result, variant, SPAN_FMT(buf_span(&out)));
            world_free(&w);
        }
}

/* ---- what a reader must not misread */

static void path_whole(struct world *w)
{
    w->arrival.source = S("a/very/long/folder of mail/that/no/line/of/two/hundred/columns/could/hold/because/it/goes/on/and/on/with/a/name/"
                             "for/each/year/and/each/month/cur/1767268860.M1P2.mx.here.example,S=12345,W=12900:2,Sabcdefghijklmnop");
}
static void barely_moved(struct world *w)
{
    w->settings.prior = 0.3;
}
static void record_believed(struct world *w)
{
    record_put(w, 4, "mx.here.example", "spf", PROOF_PASS, "smtp", "mailfrom", "brand.example");
    w->proof.recorded.at[0].trusted = true;
    w->proof.recorded.at[0].doubt = DOUBT_NONE;
}
static void record_below(struct world *w)
{
    record_put(w, 4, "mx.here.example", "spf", PROOF_PASS, "smtp", "mailfrom", "brand.example");
    w->proof.recorded.at[0].doubt = DOUBT_BELOW_EDGE;
}
static void record_without_edge(struct world *w)
{
    record_below(w);
    w->proof.recorded.at[0].doubt = DOUBT_NO_EDGE;
}
static void record_of_a_stranger(struct world *w)
{
    record_put(w, 4, "mx.here.example", "spf", PROOF_PASS, "smtp", "mailfrom", "brand.example");
}
static void record_without_id(struct world *w)
{
    record_put(w, 4, "", "spf", PROOF_PASS, "smtp", "mailfrom", "brand.example");
    w->proof.recorded.at[0].doubt = DOUBT_WRITER;
}
/* A server of ours recorded that DMARC passed, and by which domain not. */
static void dmarc_recorded_alone(struct world *w)
{
    w->proof.basis = BASIS_TRUSTED_HEADER;
    w->proof.trusted_by = S("mx.here.example");
    w->proof.spf = (struct spf_proof){.result = PROOF_PASS};
    w->proof.dkim.len = 0;
    w->proof.dmarc.recorded = true;
}
static void dmarc_recorded_beside(struct world *w)
{
    dmarc_recorded_alone(w);
    w->proof.spf.domain = S("bounces.elsewhere.example");
}
static void dmarc_by_spf(struct world *w)
{
    dmarc_recorded_alone(w);
    w->proof.spf.domain = S("bounces.brand.example");
}
static void dmarc_by_failing_spf(struct world *w)
{
    dmarc_by_spf(w);
    w->proof.spf.result = PROOF_FAIL;
}
static void only_no_policy(struct world *w)
{
    w->proof.spf.result = w->dkim[0].result = PROOF_UNKNOWN;
    w->proof.dmarc = (struct dmarc_proof){.result = PROOF_NONE, .from_domain = S("brand.example")};
}
static void one_failed(struct world *w)
{
    only_no_policy(w);
    w->proof.spf.result = PROOF_SOFTFAIL;
}
static void not_by_smtp(struct world *w)
{
    w->path.smtp = false;
}

static const struct {
    void (*put)(struct world *w);
    double score; /* 0: as judged */
    const char *said, *unsaid;
} readings[] = {
    {path_whole, 0, "that/no/line/of/two/hundred/columns/could/hold/because/it/goes/on/and/on/with/a/name/for/each/year/"
                    "and/each/month/cur/1767268860.M1P2.mx.here.example,S=12345,W=12900:2,Sabcdefghijklmnop\n", NULL},
    {honest, 50, "raises the odds about 200 times", "changes the odds"},
    {honest, 99.9834, "raises the odds about 1.2 million times", NULL},
    {honest, 99.99999, "raises the odds about 2 billion times", NULL},
    {honest, 100, "raises the odds about a trillion or more times", "inf"},
    {honest, 0.25, "lowers the odds about 2 times", "raises"},
    {honest, 0.5, "does not change the odds", " 1 times"},
    {barely_moved, 30.5, "does not change the odds", "raises"},
    {honest, 50, "score 50.0: suspicious from 6, malicious from 90", "of 100"},
    {honest, 0, "20 s after the hop below", "after 20 s"},
    {record_believed, 0, "mx.here.example (believed): spf pass", "not believed"},
    {record_below, 0, "(not believed: stands below the trust edge): spf pass", NULL},
    {record_without_edge, 0, "(not believed: no trust edge is known): spf pass", NULL},
    {record_of_a_stranger, 0, "(not believed: its id is not named by --trust-authserv): spf pass", NULL},
    {record_without_id, 0, "no id, as Microsoft writes it (not believed: ", "?"},
    {dmarc_recorded_alone, 0, "come from brand.example (DMARC).", "SPF )"},
    {dmarc_recorded_beside, 0, "come from brand.example (DMARC).", "elsewhere.example)"},
    {dmarc_by_spf, 0, "come from brand.example (SPF bounces.brand.example).", NULL},
    {dmarc_by_failing_spf, 0, "come from brand.example (DMARC).", NULL},
    {honest, 0, "What was proved (checked here)", "could be checked"},
    {only_no_policy, 0, "What was proved (nothing could be checked", "checked here"},
    {one_failed, 0, "What was proved (checked here)", "could be checked"},
    {one_failed, 0, "Nothing proved where it comes from", NULL},
    {nothing_put, 0, "It has no Received field", "It did not come by SMTP"},
    {not_by_smtp, 0, "It did not come by SMTP", "It has no Received field"},
    {echo_put, 0, "+9.0 by itself, less here because", NULL},
    {honest, 0, "What speaks for", "by itself, less here"},
};

static void page_says(void **state)
{
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        struct world w;
        world_make(&w);
        readings[i].put(&w);
        world_judge(&w);
        if (readings[i].score > 0)
            w.report.score = readings[i].score;
        struct buf out = {.arena = w.arena};
        report_text(w.arena, &w.report, &(struct report_style){.language = LANGUAGE_EN, .width = 200}, &out);
        bool said = span_find(buf_span(&out), span_of(readings[i].said));
        if (!said || (readings[i].unsaid && span_find(buf_span(&out), span_of(readings[i].unsaid))))
            fail_msg("\"%s\", row %zu:\n%.*s", readings[i].said, i, SPAN_FMT(buf_span(&out)));
        world_free(&w);
    }
}

/* ---- pieces */

static void strangers_words_are_cleaned(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain text", "plain text"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"a\tb\r\nc", "a b  c"},
        {"\xe2\x80\xae" "exe", "<U+202E>exe"},       /* right-to-left override */
        {"d\xcd\x8f" "o", "d<U+034F>o"},             /* combining grapheme joiner */
        {"a\xe2\x80\x8b" "b", "a<U+200B>b"},         /* zero-width space */
        {"\xc2\x9b" "31m", "<U+009B>31m"},           /* C1 control: escape sequence in one */
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc0\xaf", "\\xc0\\xaf"},                  /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},         /* surrogate */
        {"\xf3\xa0\x81\x81", "<U+E0041>"},           /* tag character */
        {"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac"},
        {"\xe6\x97", "\\xe6\\x97"},
        {"\x7f", "\\x7f"},
    };
    struct arena *arena = arena_new(1 << 20);
    struct page page = {.arena = arena};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span in = exact(cases[i].in);
        assert_span(page_clean(&page, in), cases[i].out);
        free((char *)in.at);
    }
    struct span nul = exact_bytes("a\0b", 3);
    assert_span(page_clean(&page, nul), "a\\x00b");
    free((char *)nul.at);
    arena_free(&arena);
}

/* Beside what a policy does nobody reads that nothing is done; a banner and its tag are one sentence wherever they stand. */
static void what_acts_is_told_once(void **state)
{
    static const struct planned_action planned[][4] = {
        {{.action = S("lock"), .mode = S("active"), .policy = S("care")}, {.action = S("banner"), .mode = S("passive")}, {.action = S("tag"), .mode = S("passive")}},
        {{.action = S("banner"), .mode = S("passive")}, {.action = S("banner"), .mode = S("passive"), .policy = S("care")},
         {.action = S("tag"), .mode = S("passive")}, {.action = S("tag"), .mode = S("passive"), .policy = S("care")}},
    };
    static const struct {
        size_t row;
        enum language language;
        const char *said;
    } wanted[] = {
        {0, LANGUAGE_EN, "  Policy care: lock the links that evidence names.\n  The organisation is passive and adds nothing. Active, it would also deliver it with a warning banner and a tag.\n"},
        {0, LANGUAGE_JA, "  組織は受動モードのため何も加えません。能動モードの場合はさらに: 警告バナーとタグを付けて配送。\n"},
        {1, LANGUAGE_EN, "  In passive mode nothing is done to it. An active policy would deliver it with a warning banner and a tag.\n"
                         "  Policy care is passive and does nothing by itself. Active, it would deliver it with a warning banner and a tag.\n"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct world made, *w = &made;
        world_make(w);
        honest(w);
        world_judge(w);
        struct buf out = {.arena = w->arena};
        memset(&w->report.actions, 0, sizeof w->report.actions);
        for (size_t k = 0; k < 4 && planned[wanted[i].row][k].action.len; k++)
            *vec_push(w->arena, &w->report.actions) = planned[wanted[i].row][k];
        report_text(w->arena, &w->report, &(struct report_style){.language = wanted[i].language, .width = 200}, &out);
        if (!span_ends_case(buf_span(&out), span_of(wanted[i].said)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(buf_span(&out)));
        world_free(w);
    }
}

static void width_of_scripts(void **state)
{
    assert_int_equal(text_width(S("abc")), 3);
    assert_int_equal(text_width(S("\xe6\x97\xa5\xe6\x9c\xac")), 4); /* two ideographs */
    assert_int_equal(text_width(S("\xef\xbd\xb1")), 1);            /* half-width katakana */
    assert_int_equal(text_width(S("e\xcc\x81")), 1);               /* combining acute */
    assert_int_equal(text_width(S("\xf0\x9f\x98\x80")), 2);        /* emoji */
    assert_int_equal(text_width(S("\xc3\xa9")), 1);
    assert_int_equal(text_width(S("\xe2\x9c\xa8")), 2);            /* sparkles */
    assert_int_equal(text_width(S("\xe2\x9c\x82")), 1);            /* scissors */
}

static void lines_wrap(void **state)
{
    static const struct {
        const char *lead, *text, *out;
        unsigned width;
    } cases[] = {
        {"- ", "one two three four five six", "- one two three four\n  five six\n", 23},
        {"", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrst\nuvwxyz\n", 20},
        {"", "", "\n", 20},
        /* no line begins with a full stop, none ends with an opening bracket */
        {"", "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe3\x80\x82\xe6\x97\xa5",
         "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\n\xe6\x97\xa5\xe3\x80\x82\xe6\x97\xa5\n", 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct buf out = {.arena = arena};
        struct page page = {.arena = arena, .out = &out, .width = cases[i].width};
        page_item(&page, span_of(cases[i].lead), COLOUR_PLAIN, span_of(cases[i].text));
        assert_span(buf_span(&out), cases[i].out);
        arena_free(&arena);
    }
}

static void words_are_complete(void **state)
{
    for (int id = 0; id < TEXT_COUNT; id++) {
        struct page en = {.language = LANGUAGE_EN}, ja = {.language = LANGUAGE_JA};
        const char *a = page_text(&en, (enum text_id)id), *b = page_text(&ja, (enum text_id)id);
        size_t slots = 0, same = 0;
        for (const char *at = a; (at = strstr(at, "%s")); at++)
            slots++;
        for (const char *at = b; (at = strstr(at, "%s")); at++)
            same++;
        if (!*a || !*b || slots != same)
            fail_msg("text %d: \"%s\", \"%s\"", id, a, b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_words_are_cleaned), cmocka_unit_test(width_of_scripts), cmocka_unit_test(lines_wrap),
        cmocka_unit_test(words_are_complete), cmocka_unit_test(what_acts_is_told_once), cmocka_unit_test(reports_as_kept), cmocka_unit_test(page_says),
        cmocka_unit_test(japanese_proofs_are_japanese),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
