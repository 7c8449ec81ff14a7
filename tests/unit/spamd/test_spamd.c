/* What spamc and Exim ask, line by line, and what they are answered. */
#include "exact.h"
#include "spamd/spamd.h"

#include <stdio.h>

struct read_head {
    struct spamd_head head;
    struct err err;
    enum spamd_reading end;
    size_t used;
    char fields[512]; /* name=value; in their order */
};

/* Of bytes on heap of their exact size; a piece at a time where `step` is not 0. */
static struct read_head head_of(const char *text, size_t len, size_t step)
{
    struct read_head out = {0};
    struct spamd_field field;
    size_t have = step ? step : len, used;
    for (;;) {
        struct span piece = exact_bytes(text + out.used, (have < len ? have : len) - out.used);
        out.end = spamd_head_read(&out.head, piece, &used, &field, &out.err);
        if (out.end == SPAMD_LINE && field.name.len)
            snprintf(out.fields + strlen(out.fields), sizeof out.fields - strlen(out.fields), "%.*s=%.*s;", SPAN_FMT(field.name), SPAN_FMT(field.value));
        free((char *)piece.at);
        out.used += out.end == SPAMD_LINE ? used : 0;
        if (out.end == SPAMD_FAULT || out.head.ended || (out.end == SPAMD_LATER && have >= len))
            return out;
        have += out.end == SPAMD_LATER ? step : 0;
    }
}

static struct read_head head_of_text(const char *text)
{
    return head_of(text, strlen(text), 0);
}

static void what_spamc_asks_is_read(void **state)
{
    const char *text = "PROCESS SPAMC/1.5\r\nUser: bob\r\nContent-length: 52\r\n\r\nFrom: a";
    for (size_t step = 0; step < strlen(text); step++) {
        struct read_head got = head_of(text, strlen(text), step);
        assert_true(got.head.ended && got.end == SPAMD_LINE);
        assert_int_equal(got.used, strlen(text) - 7);
        assert_int_equal(got.head.asked.verb, SPAMD_PROCESS);
        assert_int_equal(got.head.asked.tongue, SPAMD_SPAMC);
        assert_int_equal(got.head.asked.minor, 5);
        assert_true(got.head.length_told && got.head.length == 52 && !got.head.deflated);
        assert_string_equal(got.fields, "User=bob;Content-length=52;");
    }
    for (enum spamd_verb verb = 0; verb < SPAMD_VERBS; verb++) {
        char line[64];
        snprintf(line, sizeof line, "%s SPAMC/1.2\n\n", spamd_verb_name(verb));
        assert_int_equal(head_of_text(line).head.asked.verb, verb);
    }
}

static void what_exim_asks_in_the_older_words_is_read(void **state)
{
    struct read_head got = head_of_text("CHECK RSPAMC/1.3\r\nContent-length: 9\r\nQueue-Id: 1x-y\r\nFrom: <>\r\nRecipient-Number: 2\r\nRcpt: <a@b>\r\nRcpt: <c@d>\r\n"
                                        "Helo: h\r\nIP: 192.0.2.7\r\nUser: u\r\n\r\n");
    assert_true(got.head.ended);
    assert_int_equal(got.head.asked.tongue, SPAMD_RSPAMC);
    assert_string_equal(got.fields, "Content-length=9;Queue-Id=1x-y;From=<>;Recipient-Number=2;Rcpt=<a@b>;Rcpt=<c@d>;Helo=h;IP=192.0.2.7;User=u;");
}

static void heads_that_cannot_be_read_say_why(void **state)
{
    static const struct {
        const char *text, *words;
        size_t len;
    } bad[] = {
        {"GET / HTTP/1.1\r\n", "is it a client of spamd", 0}, {"check SPAMC/1.5\r\n", "nothing that is done", 0}, {"CHECK\r\n", "no version", 0},
        {"CHECK SPAMC/2.0\r\n", "version SPAMC/2.0", 0}, {"CHECK SPAMC/1\r\n", "no version", 0}, {"CHECK SPAMC/1.5 now\r\n", "words follow", 0}, {"\r\n", "is it a client", 0},
        {"CHECK SPAMC/1.5\r\nContent-length: x\r\n", "no number of bytes", 0}, {"CHECK SPAMC/1.5\r\nContent-length: -1\r\n", "no number of bytes", 0},
        {"CHECK SPAMC/1.5\r\nContent-length: 1\r\ncontent-Length: 2\r\n", "told twice", 0}, {"CHECK SPAMC/1.5\r\nContent-length: 99999999999999999999\r\n", "no number", 0},
        {"CHECK SPAMC/1.5\r\nCompress: lzma\r\n", "zlib is", 0}, {"CHECK SPAMC/1.5\r\nhello\r\n", "no field", 0}, {"CHECK SPAMC/1.5\r\nUser: a\0b\r\n", "NUL", 28},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct read_head got = head_of(bad[i].text, bad[i].len ? bad[i].len : strlen(bad[i].text), 0);
        if (got.end != SPAMD_FAULT || !strstr(got.err.text, bad[i].words))
            fail_msg("%s: %d, %s", bad[i].text, got.end, got.err.text);
    }
    assert_true(head_of_text("CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: 1\r\nContent-length: 1\r\n\r\n").head.deflated); /* near misses */
    char *line = malloc(SPAMD_LINE_MOST);
    memset(line, 'x', SPAMD_LINE_MOST);
    assert_int_equal(head_of(line, SPAMD_LINE_MOST - 1, 0).end, SPAMD_LATER);
    assert_non_null(strstr(head_of(line, SPAMD_LINE_MOST, 0).err.text, "longer"));
    free(line);
}

/* ---- answers */
static struct arena *arena;

static struct span answered(enum spamd_tongue tongue, unsigned minor, enum spamd_verb verb, bool spam)
{
    struct buf out = {.arena = arena};
    struct spamd_answer answer = {.spam = spam, .score = spam ? 12.34 : 0, .threshold = 5, .reject = 15, .action = S("add header"), .report = S("why\n"),
                                  .message_bytes = 77};
    *vec_push(arena, &answer.symbols) = (struct spamd_symbol){S("ONE"), S("x=1"), 0};
    *vec_push(arena, &answer.symbols) = (struct spamd_symbol){S("TWO"), S(""), 2.5};
    spamd_answer_write(&(struct spamd_asked){verb, tongue, minor}, &answer, &out);
    return buf_span(&out);
}

static void answers_are_what_their_clients_read(void **state)
{
    arena = arena_new(1 << 20);
    assert_span(answered(SPAMD_SPAMC, 5, SPAMD_CHECK, true), "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\nSpam: True ; 12.3 / 5.0\r\n\r\n");
    assert_span(answered(SPAMD_SPAMC, 5, SPAMD_SYMBOLS, false), "SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\nSpam: False ; 0.0 / 5.0\r\n\r\nONE,TWO\r\n");
    assert_span(answered(SPAMD_SPAMC, 2, SPAMD_REPORT, false), "SPAMD/1.1 0 EX_OK\r\nSpam: False ; 0.0 / 5.0\r\n\r\nwhy\n"); /* as Exim asks */
    assert_span(answered(SPAMD_SPAMC, 5, SPAMD_REPORT_IFSPAM, true), "SPAMD/1.1 0 EX_OK\r\nContent-length: 4\r\nSpam: True ; 12.3 / 5.0\r\n\r\nwhy\n");
    assert_span(answered(SPAMD_SPAMC, 5, SPAMD_REPORT_IFSPAM, false), "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\nSpam: False ; 0.0 / 5.0\r\n\r\n");
    assert_span(answered(SPAMD_SPAMC, 2, SPAMD_PROCESS, true), "SPAMD/1.1 0 EX_OK\r\nContent-length: 77\r\nSpam: True ; 12.3 / 5.0\r\n\r\n");
    assert_span(answered(SPAMD_RSPAMC, 3, SPAMD_CHECK, true), "RSPAMD/1.3 0 EX_OK\r\nMetric: default; True; 12.34 / 5.00 / 15.00\r\nAction: add header\r\n"
                                                              "Symbol: ONE(0.00)[x=1]\r\nSymbol: TWO(2.50)\r\nMessage-ID: undef\r\n\r\n");
    struct buf out = {.arena = arena};
    spamd_fault_write(&(struct spamd_asked){SPAMD_CHECK, SPAMD_SPAMC, 5}, SPAMD_EX_TEMPFAIL, S("a\rb"), &out);
    spamd_fault_write(&(struct spamd_asked){SPAMD_CHECK, SPAMD_RSPAMC, 3}, SPAMD_EX_PROTOCOL, S("c"), &out);
    spamd_pong_write(&(struct spamd_asked){SPAMD_PING, SPAMD_SPAMC, 5}, &out);
    assert_span(buf_span(&out), "SPAMD/1.1 75 EX_TEMPFAIL a?b\r\n\r\nRSPAMD/1.3 76 EX_PROTOCOL c\r\n\r\nSPAMD/1.5 0 PONG\r\n");
    arena_free(&arena);
}

/* Exim 4.96 reads an answer by these words, and no others. */
static void exim_reads_them(void **state)
{
    char version[8], flag[8];
    double score, threshold, reject;
    int end = 0;
    arena = arena_new(1 << 20);
    struct span text = answered(SPAMD_RSPAMC, 3, SPAMD_CHECK, true);
    assert_int_equal(sscanf(arena_copy(arena, text).at, "RSPAMD/%7s 0 EX_OK\r\nMetric: default; %7s %lf / %lf / %lf\r\n%n", version, flag, &score, &threshold, &reject, &end), 5);
    assert_true(span_starts(span_skip(text, (size_t)end), S("Action: add header\r\n")));
    assert_true(score == 12.34 && threshold == 5 && reject == 15);
    text = answered(SPAMD_SPAMC, 2, SPAMD_REPORT, true);
    assert_int_equal(sscanf(arena_copy(arena, text).at, "SPAMD/%7s 0 EX_OK\r\nSpam: %*s ; %lf / %lf\r\n\r\n%n", version, &score, &threshold, &end), 3);
    assert_span(span_skip(text, (size_t)end), "why\n");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_spamc_asks_is_read), cmocka_unit_test(what_exim_asks_in_the_older_words_is_read), cmocka_unit_test(heads_that_cannot_be_read_say_why),
        cmocka_unit_test(answers_are_what_their_clients_read), cmocka_unit_test(exim_reads_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
