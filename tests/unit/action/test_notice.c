/* When a notice is wanted, and what it says: as JSON and as mail, in both languages, with nothing of strangers out of its place. */
#include "exact.h"
#include "action/inner.h"

static struct arena *arena;

struct judged {
    struct arrival arrival;
    struct message message;
    struct report report;
};

/* Malicious, inbound, with two pieces of evidence and a tag. */
static struct judged *judged_of(void)
{
    struct judged *judged = arena_one(arena, struct judged);
    judged->arrival = (struct arrival){.direction = DIRECTION_INBOUND, .received_at = 1769860800, .mail_from = S("m@shop.example"), .mail_from_state = SENDER_GIVEN};
    vec_push(arena, &judged->arrival.rcpt_to)->address = S("b@harbour.example");
    judged->message.subject = S("Hello\r\nBcc: x@y.example");
    struct report *report = &judged->report;
    *report = (struct report){.id = S("aaaaaaaabbbbbbbbbbbbbbbbbbbb"), .arrival = &judged->arrival, .message = &judged->message, .score = 97.25, .verdict = VERDICT_MALICIOUS};
    *vec_push(arena, &report->tags) = S("suspicious-link");
    enum evidence_id id;
    assert_true(evidence_by_name(S("entry-deny"), &id));
    *vec_push(arena, &report->evidence) = (struct evidence){.id = id, .weight = 3, .words = {S("x\r\n.\r\nQUIT"), S("7"), S("y")}};
    assert_true(evidence_by_name(S("from-twice"), &id));
    *vec_push(arena, &report->evidence) = (struct evidence){.id = id, .weight = 2};
    return judged;
}

static struct notices notices_of(struct notice notice, enum language language)
{
    struct notices notices = {.organisation = S("harbour"), .name = S("Harbour"), .language = language};
    *vec_push(arena, &notices.list) = notice;
    return notices;
}

/* List of words, or NULL for none. */
#define LIST(list, text)                                                                                               \
    do {                                                                                                               \
        struct span rest_ = span_of(text), word_;                                                                      \
        while (span_word(&rest_, &word_))                                                                              \
            *vec_push(arena, &(list)) = word_;                                                                         \
    } while (0)

static void conditions(void **state)
{
    static const struct {
        enum verdict verdict;
        const char *tags, *evidence, *directions, *organisations;
        bool holds;
    } rows[] = {
        {VERDICT_CLEAN, NULL, NULL, NULL, NULL, true},
        {VERDICT_SUSPICIOUS, NULL, NULL, NULL, NULL, true}, /* or worse */
        {VERDICT_MALICIOUS, NULL, NULL, NULL, NULL, true},
        {VERDICT_CLEAN, "suspicious-link hidden-link", NULL, NULL, NULL, true},
        {VERDICT_CLEAN, "hidden-link", NULL, NULL, NULL, false},
        {VERDICT_CLEAN, NULL, "from-twice", NULL, NULL, true},
        {VERDICT_CLEAN, NULL, "entry-allow", NULL, NULL, false},
        {VERDICT_CLEAN, NULL, NULL, "outbound inbound", NULL, true},
        {VERDICT_CLEAN, NULL, NULL, "outbound", NULL, false},
        {VERDICT_CLEAN, NULL, NULL, NULL, "harbour", true},
        {VERDICT_CLEAN, NULL, NULL, NULL, "other", false},
        {VERDICT_CLEAN, "suspicious-link", "from-twice", "inbound", "harbour", true},
        {VERDICT_CLEAN, "suspicious-link", "from-twice", "outbound", "harbour", false},
    };
    struct judged *judged = judged_of();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct condition condition = {.verdict = rows[i].verdict};
        LIST(condition.tags, rows[i].tags);
        LIST(condition.evidence, rows[i].evidence);
        LIST(condition.directions, rows[i].directions);
        LIST(condition.organisations, rows[i].organisations);
        if (condition_holds(&condition, S("harbour"), &judged->report) != rows[i].holds)
            fail_msg("row %zu", i);
    }
    judged->report.verdict = VERDICT_SUSPICIOUS;
    assert_false(condition_holds(&(struct condition){.verdict = VERDICT_MALICIOUS}, S(""), &judged->report));
    assert_true(direction_is_name(S("reinject")));
    assert_false(direction_is_name(S("in")));
}

static struct span told(struct notice notice, enum language language, const struct judged *judged)
{
    struct jobs jobs = {0};
    struct notices notices = notices_of(notice, language);
    notices_plan(arena, &notices, &judged->report, &jobs);
    assert_int_equal(jobs.list.len, 1);
    assert_span(jobs.list.at[0].lane, "desk");
    return jobs.list.at[0].bytes;
}

static bool says(struct span text, const char *words)
{
    return span_find(text, span_of(words)) != NULL;
}

static void as_json(void **state)
{
    struct judged *judged = judged_of();
    struct notice notice = {.name = S("desk"), .kind = S("webhook")};
    struct span bytes = told(notice, LANGUAGE_EN, judged);
    assert_true(span_starts(bytes, S("{\"schema\":\"sekimori.notice/1\",\"notice\":\"desk\",\"id\":\"aaaaaaaabbbbbbbbbbbbbbbbbbbb\",\"verdict\":\"malicious\",\"score\":97.25,"
                                     "\"organisation\":\"harbour\",\"direction\":\"inbound\",\"received_at\":\"2026-01-31T12:00:00Z\","
                                     "\"tags\":[{\"id\":\"suspicious-link\",\"text\":\"Suspicious Link\"}],\"evidence\":[{\"id\":\"entry-deny\",")));
    assert_true(says(bytes, "\"more\":0}"));
    assert_false(says(bytes, "shop.example") || says(bytes, "Hello") || says(bytes, "b@harbour"));
    assert_true(says(told(notice, LANGUAGE_JA, judged), "不審なリンク"));
    notice.addresses = true;
    bytes = told(notice, LANGUAGE_EN, judged);
    assert_true(says(bytes, "\"subject\":\"Hello\\r\\nBcc: x@y.example\"") && says(bytes, "\"rcpt_to\":[\"b@harbour.example\"]"));
    judged->report.evidence.at[0].weight = -1; /* what speaks for it is not told as what speaks against it */
    assert_false(says(told(notice, LANGUAGE_EN, judged), "entry-deny"));
}

static void lines_check(struct span mail)
{
    struct span line;
    for (size_t i = 0; i < mail.len; i++) {
        if (mail.at[i] == '\n')
            assert_true(i && mail.at[i - 1] == '\r');
        if (mail.at[i] == '\r')
            assert_true(i + 1 < mail.len && mail.at[i + 1] == '\n');
    }
    assert_true(span_is_ascii(mail));
    while (span_cut(&mail, '\n', &line))
        assert_true(line.len <= 78);
}

static void as_mail(void **state)
{
    struct judged *judged = judged_of();
    struct notice notice = {.name = S("desk"), .kind = S("mail"), .mail = true, .from = S("seki@harbour.example"), .to = S("soc@harbour.example"), .addresses = true};
    struct span mail = told(notice, LANGUAGE_EN, judged);
    lines_check(mail);
    assert_true(span_starts(mail, S("From: Sekimori <seki@harbour.example>\r\nTo: <soc@harbour.example>\r\nSubject: Sekimori: malicious mail\r\n"
                                    "Date: Sat, 31 Jan 2026 12:00:00 +0000\r\nMessage-ID: <aaaaaaaabbbbbbbbbbbbbbbbbbbb.desk@harbour.example>\r\nAuto-Submitted: auto-generated\r\n")));
    assert_true(says(mail, "malicious, score 97.2 of 100") || says(mail, "malicious, score 97.3 of 100"));
    assert_true(says(mail, "\r\nSubject: Hello  Bcc: x@y.example\r\n")); /* in the body, and one line */
    assert_false(says(mail, "\r\nBcc:") || says(mail, "\r\nQUIT") || says(mail, "\r\n.\r\n"));
    assert_true(says(mail, "\r\n  sekimori explain aaaaaaaabbbbbbbbbbbbbbbbbbbb\r\n"));
    struct span ja = told(notice, LANGUAGE_JA, judged);
    lines_check(ja);
    assert_true(says(ja, "\r\nSubject: =?UTF-8?Q?Sekimori=3A=20=E6=82=AA=E6=84=8F=E3=81=AE?=\r\n =?UTF-8?Q?=E3=81=82"));
    assert_true(says(ja, "\r\n  sekimori explain aaaaaaaabbbbbbbbbbbbbbbbbbbb\r\n"));
}

/* ---- what no judge could finish */
static struct span told_unjudged(struct notice notice, enum language language, const struct unjudged *unjudged, size_t count)
{
    struct jobs jobs = {0};
    struct notices notices = notices_of(notice, language);
    notices_plan_unjudged(arena, &notices, unjudged, &jobs);
    assert_int_equal(jobs.list.len, count);
    return count ? jobs.list.at[0].bytes : S("");
}

static void the_unjudged_are_told_of_where_they_are_asked_for(void **state)
{
    struct judged *judged = judged_of();
    struct unjudged unjudged = {S("id"), UNJUDGED_KILLED, false, &judged->arrival};
    static const struct {
        enum notice_unjudged unjudged;
        const char *directions, *organisations;
        bool told, judged;
    } rows[] = {
        {NOTICE_UNJUDGED_NO, NULL, NULL, false, true},          {NOTICE_UNJUDGED_ALSO, NULL, NULL, true, true},
        {NOTICE_UNJUDGED_ONLY, NULL, NULL, true, false},        {NOTICE_UNJUDGED_ALSO, "outbound", NULL, false, false},
        {NOTICE_UNJUDGED_ONLY, "outbound inbound", NULL, true, false}, {NOTICE_UNJUDGED_ALSO, NULL, "other", false, false},
        {NOTICE_UNJUDGED_ONLY, NULL, "harbour", true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct notice notice = {.name = S("desk"), .kind = S("webhook"), .when = {.verdict = VERDICT_MALICIOUS, .unjudged = rows[i].unjudged}};
        LIST(notice.when.directions, rows[i].directions);
        LIST(notice.when.organisations, rows[i].organisations);
        told_unjudged(notice, LANGUAGE_EN, &unjudged, rows[i].told);
        assert_int_equal(condition_holds(&notice.when, S("harbour"), &judged->report), rows[i].judged);
    }
}

static void the_unjudged_as_json_and_mail(void **state)
{
    struct judged *judged = judged_of();
    struct unjudged unjudged = {S("aaaaaaaabbbbbbbbbbbbbbbbbbbb"), UNJUDGED_KILLED, true, &judged->arrival};
    struct notice notice = {.name = S("desk"), .kind = S("webhook"), .when.unjudged = NOTICE_UNJUDGED_ALSO};
    assert_span(told_unjudged(notice, LANGUAGE_EN, &unjudged, 1),
                "{\"schema\":\"sekimori.notice/1\",\"notice\":\"desk\",\"id\":\"aaaaaaaabbbbbbbbbbbbbbbbbbbb\",\"verdict\":\"unjudged\",\"score\":null,\"action\":\"hold\","
                "\"reason\":\"Two judges died over this message, one after the other, and it is not given to a third.\","
                "\"organisation\":\"harbour\",\"direction\":\"inbound\",\"received_at\":\"2026-01-31T12:00:00Z\",\"tags\":[],\"evidence\":[],\"more\":0}");
    notice.addresses = true;
    assert_true(says(told_unjudged(notice, LANGUAGE_EN, &unjudged, 1), "\"mail_from\":\"m@shop.example\",\"rcpt_to\":[\"b@harbour.example\"]}"));
    notice = (struct notice){.name = S("desk"), .kind = S("mail"), .mail = true, .from = S("seki@harbour.example"), .to = S("soc@harbour.example"),
                             .when.unjudged = NOTICE_UNJUDGED_ONLY};
    struct span mail = told_unjudged(notice, LANGUAGE_EN, &unjudged, 1);
    lines_check(mail);
    assert_true(says(mail, "\r\nSubject: Sekimori: unjudged mail\r\n") && says(mail, "could not judge a message. It is held."));
    assert_true(says(mail, "\r\n  sekimori explain aaaaaaaabbbbbbbbbbbbbbbbbbbb\r\n"));
    assert_false(says(mail, "shop.example") || says(mail, "b@harbour.example"));
    notice.addresses = true;
    unjudged.held = false;
    unjudged.why = UNJUDGED_LOST;
    mail = told_unjudged(notice, LANGUAGE_EN, &unjudged, 1);
    assert_true(says(mail, "From: m@shop.example\r\n") && says(mail, "To: b@harbour.example\r\n") && says(mail, "let pass") && says(mail, "ended before it began"));
    lines_check(told_unjudged(notice, LANGUAGE_JA, &unjudged, 1));
}

/* ---- what waits for somebody to agree */
static struct span told_waiting(struct notice notice, enum language language, bool agrees, bool waits, size_t count)
{
    struct jobs jobs = {0};
    struct judged *judged = judged_of();
    struct notices notices = notices_of(notice, language);
    notices.confirm_seconds = 3600;
    notices.confirm_agrees = agrees;
    judged->report.verdict = VERDICT_SUSPICIOUS;
    const struct planned_action actions[] = {{.action = S("banner"), .mode = S("confirm"), .policy = S("careful"), .waits = waits},
                                             {.action = S("tag"), .mode = S("confirm"), .policy = S("careful"), .waits = waits},
                                             {.action = S("junk"), .mode = S("confirm"), .policy = S("idle")}};
    for (size_t i = 0; i < 3; i++) {
        *vec_push(arena, &judged->report.actions) = actions[i];
        *vec_push(arena, &judged->report.actions.at[i].recipients) = S("b@harbour.example\r\nBcc: x@y.example");
    }
    notices_plan(arena, &notices, &judged->report, &jobs);
    assert_int_equal(jobs.list.len, count);
    return count ? jobs.list.at[0].bytes : S("");
}

static void what_waits_is_told_of_where_it_is_asked_for(void **state)
{
    static const struct {
        enum notice_waiting waiting;
        enum verdict verdict;
        const char *organisations;
        bool waiting_told, plain_told, unjudged;
    } rows[] = {{NOTICE_WAITING_NO, VERDICT_MALICIOUS, NULL, false, false, true},  {NOTICE_WAITING_NO, VERDICT_SUSPICIOUS, NULL, true, true, true},
                {NOTICE_WAITING_ALSO, VERDICT_MALICIOUS, NULL, true, false, true}, {NOTICE_WAITING_ALSO, VERDICT_SUSPICIOUS, NULL, true, true, true},
                {NOTICE_WAITING_ONLY, VERDICT_CLEAN, NULL, true, false, false},    {NOTICE_WAITING_ONLY, VERDICT_CLEAN, "quay", false, false, false},
                {NOTICE_WAITING_ONLY, VERDICT_CLEAN, "harbour", true, false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct notice notice = {.name = S("desk"), .kind = S("webhook"), .when = {.waiting = rows[i].waiting, .verdict = rows[i].verdict, .unjudged = NOTICE_UNJUDGED_ALSO}};
        LIST(notice.when.organisations, rows[i].organisations);
        told_waiting(notice, LANGUAGE_EN, false, true, rows[i].waiting_told);
        told_waiting(notice, LANGUAGE_EN, false, false, rows[i].plain_told);
        assert_int_equal(condition_holds_unjudged(&notice.when, S("harbour"), &judged_of()->arrival), rows[i].unjudged);
    }
}

static void what_waits_as_json_and_mail(void **state)
{
    struct notice notice = {.name = S("desk"), .kind = S("webhook"), .when.waiting = NOTICE_WAITING_ONLY};
    struct span json = told_waiting(notice, LANGUAGE_EN, false, true, 1);
    assert_true(says(json, "\"waiting\":{\"acts\":[\"banner\",\"tag\"],\"policies\":[\"careful\"],\"until\":\"2026-01-31T13:00:00Z\",\"then\":\"release\","
                           "\"agree\":\"sekimori held agree aaaaaaaabbbbbbbbbbbbbbbbbbbb\",\"release\":\"sekimori held release aaaaaaaabbbbbbbbbbbbbbbbbbbb\"}}"));
    assert_false(says(json, "b@harbour.example"));
    notice.addresses = true;
    assert_true(says(told_waiting(notice, LANGUAGE_EN, true, true, 1), "\"then\":\"agree\"") && says(told_waiting(notice, LANGUAGE_EN, true, true, 1), "\"recipients\":[\"b@harbour.example"));
    notice = (struct notice){.name = S("desk"), .kind = S("mail"), .mail = true, .from = S("seki@harbour.example"), .to = S("soc@harbour.example"), .when.waiting = NOTICE_WAITING_ALSO};
    struct span mail = told_waiting(notice, LANGUAGE_EN, false, true, 1);
    lines_check(mail);
    for (size_t i = 0; i < 4; i++) {
        static const char *const words[] = {"It waits until 2026-01-31T13:00:00Z for somebody to agree to: banner, tag.", "  sekimori held agree aaaaaaaabbbbbbbbbbbbbbbbbbbb\r\n",
                                            "  sekimori held release aaaaaaaabbbbbbbbbbbbbbbbbbbb\r\n", "If nobody answers, it is delivered without it."};
        if (!says(mail, words[i]))
            fail_msg("%s: %.*s", words[i], SPAN_FMT(mail));
    }
    assert_false(says(mail, "b@harbour.example") || says(told_waiting(notice, LANGUAGE_EN, false, false, 1), "held agree"));
    notice.addresses = true;
    mail = told_waiting(notice, LANGUAGE_EN, true, true, 1);
    lines_check(mail);
    assert_true(says(mail, "Waits for: b@harbour.example") && says(mail, "If nobody answers, it is done.") && !says(mail, "\r\nBcc:"));
    lines_check(told_waiting(notice, LANGUAGE_JA, true, true, 1));
}

/* ---- what readers ask for */
static const struct span readers[] = {{"b@harbour.example", 17}};

static struct span told_appeal(struct notice notice, enum language language, const char *kind, size_t count)
{
    struct jobs jobs = {0};
    struct notices notices = notices_of(notice, language);
    struct appeal appeal = {.id = S("aaaaaaaabbbbbbbbbbbbbbbbbbbb"), .kind = span_of(kind), .host = S("bad.example\r\nBcc: x@y.example"), .note = S("I wait\r\n.\r\nfor it"),
                            .link = 2, .verdict = VERDICT_SUSPICIOUS, .received_at = 1769860800, .asked = 1769864400, .people = readers, .count = 1};
    notices_plan_appeal(arena, &notices, &appeal, &jobs);
    assert_int_equal(jobs.list.len, count);
    return count ? jobs.list.at[0].bytes : S("");
}

static void appeals_are_told_of_where_they_are_asked_for(void **state)
{
    static const struct {
        enum notice_appeals appeals;
        const char *organisations;
        bool told, judged, unjudged;
    } rows[] = {{NOTICE_APPEALS_NO, NULL, false, true, true},      {NOTICE_APPEALS_ALSO, NULL, true, true, true},       {NOTICE_APPEALS_ONLY, NULL, true, false, false},
                {NOTICE_APPEALS_ALSO, "harbour", true, true, true}, {NOTICE_APPEALS_ALSO, "quay", false, false, false}};
    struct judged *judged = judged_of();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct notice notice = {.name = S("desk"), .kind = S("webhook"), .when = {.appeals = rows[i].appeals, .unjudged = NOTICE_UNJUDGED_ALSO}};
        LIST(notice.when.organisations, rows[i].organisations);
        told_appeal(notice, LANGUAGE_EN, "lock", rows[i].told);
        assert_int_equal(condition_holds(&notice.when, S("harbour"), &judged->report), rows[i].judged);
        assert_int_equal(condition_holds_unjudged(&notice.when, S("harbour"), &judged->arrival), rows[i].unjudged);
    }
}

static void appeals_as_json_and_mail(void **state)
{
    struct notice notice = {.name = S("desk"), .kind = S("webhook"), .when.appeals = NOTICE_APPEALS_ALSO};
    assert_span(told_appeal(notice, LANGUAGE_EN, "double-lock", 1),
                "{\"schema\":\"sekimori.notice/1\",\"notice\":\"desk\",\"id\":\"aaaaaaaabbbbbbbbbbbbbbbbbbbb\",\"verdict\":\"suspicious\",\"score\":null,"
                "\"organisation\":\"harbour\",\"direction\":\"unknown\",\"received_at\":\"2026-01-31T12:00:00Z\",\"tags\":[],\"evidence\":[],\"more\":0,"
                "\"appeal\":{\"kind\":\"double-lock\",\"link\":2,\"host\":\"bad.example\\r\\nBcc: x@y.example\",\"asked_at\":\"2026-01-31T13:00:00Z\"}}");
    notice.addresses = true;
    assert_true(says(told_appeal(notice, LANGUAGE_EN, "lock", 1), "\"note\":\"I wait\\r\\n.\\r\\nfor it\"},\"rcpt_to\":[\"b@harbour.example\"]}"));
    notice = (struct notice){.name = S("desk"), .kind = S("mail"), .mail = true, .from = S("seki@harbour.example"), .to = S("soc@harbour.example"),
                             .when.appeals = NOTICE_APPEALS_ONLY};
    struct span mail = told_appeal(notice, LANGUAGE_EN, "lock", 1);
    lines_check(mail);
    assert_true(says(mail, "\r\nSubject: Sekimori: release asked for a link in a mail\r\n") && says(mail, "  sekimori appeals list\r\n"));
    assert_true(says(mail, "Message-ID: <aaaaaaaabbbbbbbbbbbbbbbbbbbb.2-1769864400.desk@harbour.example>\r\n"));
    assert_false(says(mail, "b@harbour.example") || says(mail, "I wait") || says(mail, "\r\nBcc:"));
    notice.addresses = true;
    assert_true(says(told_appeal(notice, LANGUAGE_EN, "lock", 1), "To: b@harbour.example\r\n"));
    lines_check(told_appeal(notice, LANGUAGE_JA, "lock", 1));
    mail = told_appeal(notice, LANGUAGE_EN, "ask", 1);
    assert_true(says(mail, "asks for a message that is held") && says(mail, "  sekimori held list --state asked\r\n"));
    assert_false(says(mail, "bad.example"));
    lines_check(mail);
}

static void the_words_are_complete(void **state)
{
    for (enum notice_text id = 0; id < NOTICE_TEXT_COUNT; id++) {
        const char *en = notice_text(id, LANGUAGE_EN), *ja = notice_text(id, LANGUAGE_JA);
        size_t holes[2] = {0};
        assert_true(*en && *ja);
        for (const char *at = en; (at = strstr(at, "%s")); at++)
            holes[0]++;
        for (const char *at = ja; (at = strstr(at, "%s")); at++)
            holes[1]++;
        assert_int_equal(holes[0], holes[1]);
    }
}

static void what_strangers_write_has_an_end(void **state)
{
    struct judged *judged = judged_of();
    char *text = arena_alloc(arena, 1 << 20);
    memset(text, 0xe3, 1 << 20); /* the worst: three letters a byte */
    judged->message.subject = (struct span){text, 1 << 20};
    for (int i = 0; i < 2000; i++)
        vec_push(arena, &judged->arrival.rcpt_to)->address = (struct span){text, 320};
    for (int i = 0; i < 2000; i++)
        *vec_push(arena, &judged->report.evidence) = (struct evidence){.id = judged->report.evidence.at[0].id, .weight = 1, .words = {{text, 5000}, {text, 5000}, {text, 5000}}};
    struct notice notice = {.name = S("desk"), .kind = S("mail"), .mail = true, .from = S("a@b.example"), .to = S("c@d.example"), .addresses = true};
    lines_check(told(notice, LANGUAGE_EN, judged));
    notice.mail = false;
    assert_true(says(told(notice, LANGUAGE_EN, judged), "\"more\":1990"));
}

static int begin(void **state)
{
    arena = arena_new((size_t)1 << 28);
    return 0;
}

static int end(void **state)
{
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(conditions, begin, end),
        cmocka_unit_test_setup_teardown(as_json, begin, end),
        cmocka_unit_test_setup_teardown(as_mail, begin, end),
        cmocka_unit_test_setup_teardown(the_unjudged_are_told_of_where_they_are_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(the_unjudged_as_json_and_mail, begin, end),
        cmocka_unit_test_setup_teardown(what_waits_is_told_of_where_it_is_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(what_waits_as_json_and_mail, begin, end),
        cmocka_unit_test_setup_teardown(appeals_are_told_of_where_they_are_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(appeals_as_json_and_mail, begin, end),
        cmocka_unit_test_setup_teardown(the_words_are_complete, begin, end),
        cmocka_unit_test_setup_teardown(what_strangers_write_has_an_end, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
