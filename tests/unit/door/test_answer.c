/* What servers that know other filters' words are answered: a report read again, a message marked, a message unpacked. */
#include "exact.h"
#include "door/answer.h"
#include "door/envelope.h"
#include "door/marked.h"
#include "door/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct arena *arena;

static int setup(void **state)
{
    arena = arena_new(1 << 26);
    return 0;
}

static int teardown(void **state)
{
    arena_free(&arena);
    return 0;
}

#define REPORT(mode)                                                                                                                             \
    "{\"verdict\": \"malicious\", \"score\": 97.3, \"message\": {\"message_id\": \"<a\\r\\nb@c>\", \"links\": [{\"url\": \"https://x.example/\"}, {\"url\": null}]}," \
    " \"envelope\": {\"rcpt_to\": [{}, {}]}, \"evidence\": [{\"id\": \"brand-in-name\", \"weight\": 3.5, \"text\": \"It \\u0007names a brand.\"}],"  \
    " \"actions\": [{\"recipients\": [\"a@b\"], \"action\": \"reject\", \"mode\": \"" mode "\"}, {\"recipients\": [], \"action\": \"tag\", \"mode\": \"" mode "\"}]}"

static struct answer answer_of(const char *report, enum flow_end end, enum fate fate, unsigned acts)
{
    struct answer out;
    struct buf carried = {.arena = arena};
    struct span bytes = exact(report);
    carried_pack(&(struct carried){.fate = fate, .acts = acts}, &carried);
    answer_make(arena, &(struct flow_answer){.end = end, .id = S("id"), .report = bytes, .seal = S("v=1"), .held = fate == FATE_HOLD, .carried = fate || acts ? buf_span(&carried) : S("")}, true, ANSWER_MESSAGE, &out);
    free((char *)bytes.at);
    return out;
}

static void a_report_is_read_again(void **state)
{
    struct answer passive = answer_of(REPORT("passive"), FLOW_REPORT, FATE_DELIVER, 0), active = answer_of(REPORT("active"), FLOW_REPORT, FATE_HOLD, 0);
    assert_int_equal(passive.rating.id, RATING_IDLE);
    assert_span(passive.idle, "reject tag");
    assert_span(passive.symbols.at[0].name, "SEKIMORI_MALICIOUS");
    assert_span(passive.symbols.at[0].option, "score=97.3 idle=reject tag");
    assert_int_equal(active.rating.id, RATING_HOLD);
    assert_int_equal(answer_of(REPORT("active"), FLOW_REPORT, FATE_DELIVER, ACT_TAG).rating.id, RATING_TAG);
    assert_int_equal(answer_of(REPORT("active"), FLOW_REPORT, FATE_DELIVER, 0).rating.id, RATING_PASS);
    assert_span(active.symbols.at[0].option, "score=97.3");
    assert_int_equal(active.symbols.len, 2);
    assert_span(active.symbols.at[1].name, "BRAND_IN_NAME");
    assert_span(active.symbols.at[1].text, "It \xef\xbf\xbdnames a brand.");
    assert_span(active.message_id, "a\xef\xbf\xbd\xef\xbf\xbd" "b@c"); /* no line of an answer is a stranger's */
    assert_int_equal(active.links.len, 1);
    assert_span(active.seal, "v=1");
    assert_true(span_starts(answer_text(arena, &passive), S("Sekimori: malicious, 97.3 of 100, record id\nNothing of this is in force: reject tag\n   3.5  BRAND_IN_NAME\n")));
    struct answer beside = answer_of(REPORT("passive"), FLOW_REPORT, FATE_DELIVER, ACT_LOCK); /* a policy locked links */
    assert_true(span_starts(answer_text(arena, &beside), S("Sekimori: malicious, 97.3 of 100, record id\nBeside what is done, this is not in force: reject tag\n")));
}

/* A judge's few words and the report that is kept make one answer: the second is read where the message comes again. */
static void few_words_of_a_judge_tell_what_the_report_does(void **state)
{
    struct answer said, read = answer_of(REPORT("passive"), FLOW_REPORT, FATE_DELIVER, 0);
    struct gist gist = {.verdict = S("malicious"), .message_id = S("<a\r\nb@c>"), .score = 97.3};
    struct buf packed = {.arena = arena};
    *vec_push(arena, &gist.acts) = (struct gist_act){S("reject"), false};
    *vec_push(arena, &gist.acts) = (struct gist_act){S("tag"), false};
    *vec_push(arena, &gist.evidence) = (struct gist_evidence){S("brand-in-name"), S("It \anames a brand."), 3.5};
    vec_push(arena, &gist.links)->url = S("https://x.example/");
    gist_pack(&gist, &packed);
    struct span bytes = exact_bytes(packed.at, packed.len);
    answer_make(arena, &(struct flow_answer){.end = FLOW_REPORT, .id = S("id"), .gist = bytes, .seal = S("v=1")}, true, ANSWER_MESSAGE, &said);
    assert_int_equal(said.rating.id, read.rating.id);
    assert_true(span_eq(answer_text(arena, &said), answer_text(arena, &read)));
    assert_true(span_eq(said.message_id, read.message_id) && span_eq(said.symbols.at[0].option, read.symbols.at[0].option));
    assert_int_equal(said.symbols.len, read.symbols.len);
    assert_int_equal(said.links.len, 1);
    assert_span(said.links.at[0], "https://x.example/");
    for (size_t len = 1; len < bytes.len; len++) { /* what is cut is no clean one */
        struct span cut = exact_bytes(bytes.at, len);
        answer_make(arena, &(struct flow_answer){.end = FLOW_REPORT, .id = S("id"), .gist = cut}, true, ANSWER_MESSAGE, &said);
        assert_int_equal(said.rating.id, RATING_LATER);
        free((char *)cut.at);
    }
    free((char *)bytes.at);
}

static void what_lies_in_the_hold_stays_there_when_it_comes_again(void **state)
{
    struct answer out;
    struct flow_answer flow = {.end = FLOW_REPORT, .id = S("id"), .report = S(REPORT("active")), .repeated = true, .served = S("")};
    answer_make(arena, &flow, true, ANSWER_MESSAGE, &out);
    assert_int_equal(out.rating.id, RATING_PASS); /* nothing of it was held */
    flow.served = S("b@c\n");
    answer_make(arena, &flow, true, ANSWER_MESSAGE, &out);
    assert_int_equal(out.rating.id, RATING_HOLD);
}

static void nothing_is_said_to_lie_in_the_hold_that_does_not(void **state)
{
    static const struct {
        enum fate fate;
        bool repeated, held;
        struct span served;
        enum rating_id told;
    } rows[] = {
        {FATE_HOLD, false, true, S(""), RATING_HOLD}, {FATE_HOLD, false, false, S(""), RATING_PASS},
        {FATE_HOLD, true, false, S(""), RATING_PASS}, /* passed the first time, or a person released it and it comes in again */
        {FATE_HOLD, true, true, S(""), RATING_HOLD},  {FATE_HOLD, true, false, S("b@c"), RATING_HOLD},
        {FATE_REJECT, true, true, S("b@c"), RATING_HOLD}, {FATE_REJECT, true, false, S(""), RATING_REJECT}, {FATE_DELIVER, true, false, S(""), RATING_PASS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer out;
        struct buf carried = {.arena = arena};
        carried_pack(&(struct carried){.fate = rows[i].fate}, &carried);
        struct flow_answer flow = {.end = FLOW_REPORT, .id = S("id"), .report = S(REPORT("active")), .carried = buf_span(&carried), .repeated = rows[i].repeated,
                                   .held = rows[i].held, .served = rows[i].served};
        answer_make(arena, &flow, true, ANSWER_MESSAGE, &out);
        if (out.rating.id != rows[i].told)
            fail_msg("row %zu: %s", i, out.rating.action);
    }
}

static void what_was_not_judged_has_no_score(void **state)
{
    struct answer got = answer_of("{\"verdict\": \"unjudged\", \"reason\": \"Two judges ended over it.\"}", FLOW_UNJUDGED, FATE_DELIVER, 0);
    assert_int_equal(got.rating.id, RATING_LATER);
    assert_span(got.why, "Two judges ended over it.");
    assert_span(answer_text(arena, &got), "Sekimori: unjudged, record id\nTwo judges ended over it.\n");
    static const char *const odd[] = {"", "[]", "{", "null", "{\"a\""};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) /* a report that cannot be read is no clean one */
        assert_int_equal(answer_of(odd[i], FLOW_REPORT, FATE_DELIVER, 0).rating.id, RATING_LATER);
    assert_int_equal(answer_of("{\"verdict\": 3, \"evidence\": {}, \"actions\": 7, \"message\": []}", FLOW_REPORT, FATE_DELIVER, 0).rating.id, RATING_IDLE);
}

/* ---- the message */
static const struct answer *plain_answer(void)
{
    static struct answer answer;
    answer = (struct answer){.verdict = S("unjudged"), .rating = {RATING_UNJUDGED, "no action", false, 0}};
    *vec_push(arena, &answer.symbols) = (struct answer_symbol){.name = S("SEKIMORI_UNJUDGED")};
    return &answer;
}

static struct span marked_by(struct span text, bool in_file, bool header_only, const struct edits *edits)
{
    char piece[7];
    struct buf out = {.arena = arena};
    struct header_wishes fields;
    struct marked marked;
    struct span small = exact_bytes(text.at, text.len);
    struct bytes source = {.fd = in_file ? memfd_create("message", MFD_CLOEXEC) : -1, .small = in_file ? NULL : (char *)small.at, .length = text.len};
    assert_true(!in_file || write(source.fd, text.at, text.len) == (ssize_t)text.len);
    answer_fields(arena, plain_answer(), false, &fields);
    assert_int_equal(marked_make(arena, &source, &fields, edits, 1 << 20, header_only, &marked), 0);
    buf_add(&out, marked.head);
    for (long got; (got = marked_read(&marked, piece, sizeof piece)) > 0;)
        buf_add(&out, (struct span){piece, (size_t)got});
    free((char *)small.at);
    if (source.fd >= 0)
        close(source.fd);
    return buf_span(&out);
}

static struct span marked_of(struct span text, bool in_file, bool header_only)
{
    static const struct edits none;
    return marked_by(text, in_file, header_only, &none);
}

static void edits_of_a_policy_are_made(void **state)
{
    struct edits edits = {.body_changed = true, .body = S("new\r\n")};
    *vec_push(arena, &edits.headers) = (struct header_edit){HEADER_REMOVE, S("A"), 3, S("")};
    *vec_push(arena, &edits.headers) = (struct header_edit){HEADER_CHANGE, S("subject"), 1, S("[x]\n one")};
    *vec_push(arena, &edits.headers) = (struct header_edit){HEADER_ADD, S("X-Spam-Flag"), 0, S("YES")};
    *vec_push(arena, &edits.headers) = (struct header_edit){HEADER_ADD, S("X-Sekimori-Junk"), 0, S("yes")};
    *vec_push(arena, &edits.headers) = (struct header_edit){HEADER_INSERT, S("Two"), 0, S("2")};
    *vec_push(arena, &edits.headers) = (struct header_edit){HEADER_INSERT, S("One"), 0, S("1")};
    struct span text = S("a: 1\r\nX-Sekimori-Junk: forged\r\nA: 2\r\nSubject: one\r\n two\r\nA: 3\r\n\tfolded\r\nSubject: two\r\n\r\nold\r\n");
    assert_span(marked_by(text, true, false, &edits), "X-Sekimori: unjudged\r\nOne: 1\r\nTwo: 2\r\na: 1\r\nA: 2\r\nsubject: [x]\r\n one\r\nSubject: two\r\nX-Sekimori-Junk: yes\r\n\r\nnew\r\n");
    edits.body_changed = false;
    assert_true(span_ends_case(marked_by(text, false, false, &edits), S("X-Sekimori-Junk: yes\r\n\r\nold\r\n")));
    assert_true(span_ends_case(marked_by(S("Subject: one"), false, false, &edits), S("[x]\r\n one\r\nX-Sekimori-Junk: yes\r\n"))); /* there is no body */
}

/* So many bytes of header, and a body. */
static struct span tall(size_t header)
{
    struct buf out = {.arena = arena};
    while (out.len < header)
        buf_print(&out, "X-Field-%zu: %060d\r\n", out.len, 0);
    buf_add(&out, S("X-Sekimori: low\r\nLast: one\r\n\r\nold\r\n"));
    return buf_span(&out);
}

static void a_header_is_written_whole_or_nothing_is_edited(void **state)
{
    struct edits edits = {.body_changed = true, .body = S("new\r\n")};
    *vec_push(arena, &edits.headers) = (struct header_edit){HEADER_ADD, S("Added"), 0, S("yes")};
    for (size_t size = (64 << 10) - 200; size < 400 << 10; size += (64 << 10) + 1) {
        struct span text = tall(size), got = marked_by(text, size % 2, false, &edits);
        assert_true(span_ends_case(got, S("0\r\nLast: one\r\nAdded: yes\r\n\r\nnew\r\n")));
        assert_int_equal(got.len, text.len - strlen("X-Sekimori: low\r\n") + strlen("X-Sekimori: unjudged\r\nAdded: yes\r\n"));
    }
    struct marked marked;
    struct header_wishes fields = {0};
    struct span endless = tall(1 << 20);
    struct bytes source = {.fd = -1, .small = (char *)endless.at, .length = endless.len};
    assert_int_equal(marked_make(arena, &source, &fields, &edits, 1 << 20, false, &marked), 1);
    edits.body_changed = false; /* not one of them is made */
    assert_int_equal(marked_make(arena, &source, &fields, &edits, 1 << 20, false, &marked), 1);
    assert_int_equal(marked_make(arena, &source, &fields, &(struct edits){0}, 1 << 20, false, &marked), 0);
    assert_int_equal(marked_length(&marked), endless.len);
    assert_int_equal(marked_make(arena, &source, &fields, &edits, 2 << 20, false, &marked), 0); /* as much as is judged */
    assert_true(span_ends_case(marked.head, S("Added: yes\r\n\r\n")));
}

static void messages_are_marked_and_nothing_else(void **state)
{
    static const struct {
        struct span text;
        const char *marked;
    } rows[] = {
        {S("Subject: a\r\n\r\nb\r\n"), "X-Sekimori: unjudged\r\nSubject: a\r\n\r\nb\r\n"},
        {S("Subject: a\n\nX-Sekimori: in the body\n"), "X-Sekimori: unjudged\nSubject: a\n\nX-Sekimori: in the body\n"},
        {S("x-sekimori : forged\r\n folded\r\n\tfolded\r\nX-Sekimori-Other: b\r\nX-SEKIMORI-SEAL:\r\n\r\n"), "X-Sekimori: unjudged\r\nX-Sekimori-Other: b\r\n\r\n"},
        {S("From a@b Sat\nX-Sekimori: x\nTo: b\n\n"), "From a@b Sat\nX-Sekimori: unjudged\nTo: b\n\n"}, {S("From: a@b\n\n"), "X-Sekimori: unjudged\nFrom: a@b\n\n"},
        {S("\r\nbody"), "X-Sekimori: unjudged\r\n\r\nbody"}, {S("no field\r\n\r\n"), "X-Sekimori: unjudged\r\nno field\r\n\r\n"}, {S("X-Sekimori: cut"), "X-Sekimori: unjudged\r\n"},
        {S(" folded first\r\nA: b"), "X-Sekimori: unjudged\r\n folded first\r\nA: b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_span(marked_of(rows[i].text, false, false), rows[i].marked);
        assert_span(marked_of(rows[i].text, true, false), rows[i].marked);
    }
    assert_span(marked_of(S("A: b\r\n\r\nbody"), true, true), "X-Sekimori: unjudged\r\nA: b\r\n\r\n");
    struct span zero = {"A: b\r\n\r\n\0x", 10}, got = marked_of(zero, false, false);
    assert_int_equal(got.len, 10 + strlen("X-Sekimori: unjudged\r\n"));
    char *large = malloc(600000); /* a header that never ends: of its front alone something is removed */
    memset(large, 'a', 600000);
    memcpy(large, "X-Sekimori: x\r\n", 15);
    got = marked_of((struct span){large, 600000}, true, false);
    assert_int_equal(got.len, 600000 - 15 + strlen("X-Sekimori: unjudged\r\n"));
    free(large);
}

/* ---- the envelope in Rspamd's words */
static void headers_of_rspamd_are_taken_or_left(void **state)
{
    static const struct {
        const char *name, *value, *told; /* told: client_ip client_name helo mail_from login queue_id rcpt_to */
    } rows[] = {
        {"IP", "192.0.2.7", "192.0.2.7||||||"}, {"ip", "[2001:db8::1]", "2001:db8::1||||||"}, {"IP", "unix", "||||||"}, {"Hostname", "mx.example", "|mx.example|||||"},
        {"Hostname", "unknown", "||||||"}, {"Hostname", "<unknown>", "||||||"}, {"Hostname", "[192.0.2.7]", "||||||"}, {"Hostname", "", "||||||"}, {"Helo", "h", "||h||||"},
        {"Helo", "", "||||||"}, {"From", "<a@b>", "|||a@b|||"}, {"From", "a@b", "|||a@b|||"}, {"From", "<>", "||||||"}, {"User", "anna", "||||anna||"}, {"Queue-Id", "Q1", "|||||Q1|"},
        {"Queue-Id", "Q\x01", "||||||"}, {"Rcpt", "<c@d>", "||||||c@d"}, {"Rcpt", "", "||||||"}, {"Deliver-To", "e@f", "||||||e@f"}, {"Subject", "x", "||||||"}, {"", "x", "||||||"},
    };
    struct err err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arrival arrival = {0};
        assert_int_equal(envelope_rspamd(arena, span_of(rows[i].name), span_of(rows[i].value), &arrival, &err), 0);
        struct span got = arena_print(arena, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", SPAN_FMT(ip_text(arena, &arrival.client_ip)), SPAN_FMT(arrival.client_name),
                                      SPAN_FMT(arrival.helo), SPAN_FMT(arrival.mail_from), SPAN_FMT(arrival.login), SPAN_FMT(arrival.queue_id),
                                      SPAN_FMT(arrival.rcpt_to.len ? arrival.rcpt_to.at[0].address : S("")));
        if (!span_eq(got, span_of(rows[i].told)))
            fail_msg("%s: %s: %.*s", rows[i].name, rows[i].value, SPAN_FMT(got));
    }
    struct arrival arrival = {0};
    assert_int_equal(envelope_rspamd(arena, S("From"), S(""), &arrival, &err), 0);
    assert_int_equal(arrival.mail_from_state, SENDER_NULL);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(envelope_rspamd(arena, S("Rcpt"), S("a@b"), &arrival, &err), 0);
    assert_int_equal(envelope_rspamd(arena, S("Deliver-To"), S("c@d"), &arrival, &err), 0);
    assert_int_equal(arrival.rcpt_to.len, 10000);
    assert_int_equal(envelope_rspamd(arena, S("Rcpt"), S("a@b"), &arrival, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_report_is_read_again, setup, teardown), cmocka_unit_test_setup_teardown(what_was_not_judged_has_no_score, setup, teardown),
        cmocka_unit_test_setup_teardown(few_words_of_a_judge_tell_what_the_report_does, setup, teardown),
        cmocka_unit_test_setup_teardown(what_lies_in_the_hold_stays_there_when_it_comes_again, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_said_to_lie_in_the_hold_that_does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(messages_are_marked_and_nothing_else, setup, teardown),
        cmocka_unit_test_setup_teardown(edits_of_a_policy_are_made, setup, teardown),
        cmocka_unit_test_setup_teardown(a_header_is_written_whole_or_nothing_is_edited, setup, teardown),
        cmocka_unit_test_setup_teardown(headers_of_rspamd_are_taken_or_left, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
