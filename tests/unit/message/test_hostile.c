/* Messages made to hurt: each must end in bounded time and memory, with a defect that says what was not read.
 * The numbers are those of the list of bad inputs that the project keeps. Time is measured in the processor's, and
 * memory as a multiple of the bytes given; the sanitizers make both some ten times dearer than they are. */
#include <time.h>

#include "reading.h"

enum { SECONDS = 20 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Parses, and holds time and memory to their bounds. */
static void survive(struct reading *r, struct buf *text, const char *what)
{
    double start = seconds();
    reading_run(r, text->at, text->len);
    double took = seconds() - start;
    if (took > SECONDS)
        fail_msg("%s took %.1f s for %zu bytes", what, took, text->len);
    if (arena_used(r->arena) > text->len * 20 + (8u << 20))
        fail_msg("%s took %zu bytes for %zu", what, arena_used(r->arena), text->len);
    assert_true(r->message.decoded_bytes <= r->limits.decoded_times * text->len);
    assert_true(r->message.part_count <= r->limits.parts);
    assert_true(r->message.readings <= r->limits.readings);
    assert_true(r->message.defects.len <= r->limits.defects);
    assert_non_null(r->message.root);
}

static void repeat(struct buf *out, const char *text, size_t times)
{
    struct span span = span_of(text);
    for (size_t i = 0; i < times; i++)
        buf_add(out, span);
}

/* Head, a text many times, tail; the defect that must be told, or none asked for (-1). */
struct row {
    const char *what, *head, *text, *tail;
    size_t times;
    int id;
};

static const struct row rows[] = {
    {"4: a field many times", "From: a@example.com\n", "Subject: x\n", "\nbody", 50000, DEFECT_FIELDS_LIMIT},
    {"16: many parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n", "--b--\n", 50000, DEFECT_PARTS_LIMIT},
    {"16: many empty parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n", "--b--\n", 200000, DEFECT_PARTS_LIMIT},
    {"16: deep nesting", "", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "\nx", 10000, -1},
    {"17: messages in a digest", "Content-Type: multipart/digest; boundary=b\n\n", "--b\n\nSubject: x\n\ny\n", "--b--\n", 10000, DEFECT_PARTS_LIMIT},
    {"18: messages in messages", "", "Content-Type: message/rfc822\n\n", "Subject: x\n\ny", 10000, DEFECT_DEPTH_LIMIT},
    {"18: encoded messages in messages", "", "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n", "x: y\n\nz", 10000,
     DEFECT_DECODED_LIMIT},
    {"18: files of messages in files of messages", "", "Received: x\nContent-Type: x/y; name=a.eml\n\n", "Subject: x\n\ny", 10000, DEFECT_DECODED_LIMIT},
    {"19: many addresses", "From: a@example.com\nTo: ", "a@example.com, ", "b@example.com\n\nx", 100000, DEFECT_ADDRESSES_LIMIT},
    {"19: addresses in one item", "To: ", "<a@example.com>", "\n\nx", 100000, DEFECT_ADDRESSES_LIMIT},
    {"19: groups in groups", "To: ", "a:", "\n\nx", 400000, -1},
    {"19: open comments", "To: ", "(", "\n\nx", 1000000, DEFECT_ADDRESS_SYNTAX},
    {"19: open quotes", "To: ", "\"\\", "\n\nx", 400000, -1},
    {"19: open angles", "To: ", "<,", "\n\nx", 400000, -1},
    {"19: literals", "To: ", "a@[(", "\n\nx", 200000, -1},
    {"19: comments in literals", "To: <a@[", "(", "]>\n\nx", 900000, -1},
    {"19: encoded addresses", "To: ", "=?utf-8?q?a=40b?=,", "\n\nx", 50000, DEFECT_ADDRESSES_LIMIT},
    {"20: a large header", "X: ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n ", "\nFrom: a@example.com\n\nx", 100000,
     DEFECT_HEADER_LIMIT},
    {"20: one folded line after another", "X: a\n", " \n", "\n\nx", 500000, DEFECT_FOLD_BLANK},
    {"20: lines that are no fields", "X: a\n", "words\n", "Y: b\n\nx", 150000, -1},
    {"21: many boundaries", "Content-Type: multipart/mixed", "; boundary=b", "\n\n--b\n\nx\n--b--\n", 50000, DEFECT_PARAMETERS_LIMIT},
    {"22: a name in many pieces", "Content-Disposition: attachment", "; filename*3=x", "\n\nx", 50000, DEFECT_PARAMETERS_LIMIT},
    {"22: open comments in a type", "Content-Type: text/plain; ", "(", "\n\nx", 900000, -1},
    {"23: boundaries that almost fit", "Content-Type: multipart/mixed; boundary=b\n\n", "--bb\n", "--b--\n", 400000, DEFECT_BOUNDARY_PREFIX},
    {"23: dashes", "Content-Type: multipart/mixed; boundary=-\n\n", "--\n", "x", 400000, -1},
    {"23: types in the preamble", "Content-Type: multipart/mixed; boundary=b\n\n", "--c\nContent-Type: text/plain\n\nx\n", "--b\n\nx\n--b--\n", 20000,
     DEFECT_PREAMBLE_PART},
    {"23: ambiguous parts", "Content-Type: multipart/mixed; boundary=b\n\n",
     "--b\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\nYWJj\n", "--b--\n", 900, DEFECT_READINGS_LIMIT},
    {"23: ambiguity in depth", "", "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--c\n\nx\n--b\n", "\nx", 3000, -1},
    {"23: begin lines", "From: a@example.com\n\n", "begin 644 x\n", "", 200000, -1},
    {"23: begin words", "From: a@example.com\n\n", "begin 644 x ", "", 200000, -1},
    {"23: uuencoded files", "From: a@example.com\n\n", "begin 644 x\n#86)C\nend\n", "", 20000, -1},
    {"23: deep HTML", "Content-Type: text/html\n\n", "<div>", "x", 100000, DEFECT_HTML_DEPTH_LIMIT},
    {"23: pages in pages", "Content-Type: text/html\n\n",
     "<iframe srcdoc=\"<iframe srcdoc=&quot;<iframe srcdoc=&amp;quot;<iframe srcdoc=&amp;amp;quot;<iframe srcdoc=&amp;amp;amp;quot;x&amp;amp;amp;quot;>&amp;amp;quot;>&amp;quot;>&quot;>\">", "x", 1000, DEFECT_HTML_DEPTH_LIMIT},
    {"23: pages in fewer pages", "Content-Type: text/html\n\n", "<iframe srcdoc=\"<iframe srcdoc=&quot;<iframe srcdoc=&amp;quot;<iframe srcdoc=&amp;amp;quot;x&amp;amp;quot;>&amp;quot;>&quot;>\">", "x", 1000, -1},
    {"23: frames with pages", "Content-Type: text/html\n\n", "<iframe srcdoc=a>", "x", 60000, -1},
    {"23: many links", "Content-Type: text/html\n\n", "<a href=http://a.example/>a</a>", "x", 20000, DEFECT_LINKS_LIMIT},
    {"23: many addresses in a text", "Subject: x\n\n", "http://a.example/ ", "x", 50000, -1},
    {"25: bare returns and NULs", "From: a@example.com\r\n\r\n", "\r.\r\n\n.\r", "--\r\n", 200000, DEFECT_LINES_CR},
    {"25: lines of returns", "", "\r", "\n\nx", 1000000, -1},
    {"30: encoded-words", "Subject: ", "=?utf-8?q?=C3?= ", "\n\nx", 60000, -1},
    {"30: openings of encoded-words", "Subject: ", "=?a?q?", "\n\nx", 150000, -1},
    {"30: marks of encoded-words", "Subject: ", "=?", "\n\nx", 450000, -1},
    {"30: words of many charsets", "Subject: ", "=?iso-2022-jp?b?GyRC?= =?utf-7?q?+AAA-?= ", "\n\nx", 20000, -1},
};

static void each_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new((size_t)1 << 30);
        struct buf text = {.arena = arena};
        struct reading r = {0};
        repeat(&text, rows[i].head, 1);
        repeat(&text, rows[i].text, rows[i].times);
        repeat(&text, rows[i].tail, 1);
        survive(&r, &text, rows[i].what);
        if (rows[i].id >= 0 && !defect_find(&r.message, (enum defect_id)rows[i].id))
            fail_msg("%s: no defect %s", rows[i].what, defect_name((enum defect_id)rows[i].id));
        reading_done(&r);
        arena_free(&arena);
    }
}

/* 16: what lies behind the last part that may be made is read all the same. */
static void nothing_goes_unseen(void **state)
{
    (void)state;
    struct arena *arena = arena_new((size_t)1 << 30);
    struct buf text = {.arena = arena};
    struct reading r = {0};
    repeat(&text, "Content-Type: multipart/mixed; boundary=b\n\n", 1);
    repeat(&text, "--b\n\nx\n", 3000);
    repeat(&text, "--b\n\nhidden words\n--b--\n", 1);
    survive(&r, &text, "the part behind the limit");
    assert_non_null(leaf_with(&r.message, "hidden words"));
    reading_done(&r);
    text.len = 0;
    repeat(&text, "Content-Type: message/rfc822\n\n", 100);
    repeat(&text, "Subject: x\n\nhidden words", 1);
    survive(&r, &text, "the part below the limit");
    assert_non_null(leaf_with(&r.message, "hidden words"));
    reading_done(&r);
    arena_free(&arena);
}

/* 1: two From fields, and two addresses in one: all of them are there to be checked. */
static void every_from_counts(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, "From: a@one.example, b@two.example\nFrom: c@three.example\n\n");
    assert_int_equal(r.message.from.len, 3);
    assert_non_null(defect_find(&r.message, DEFECT_FROM_TWICE));
    assert_non_null(defect_find(&r.message, DEFECT_FROM_SEVERAL));
    assert_span(r.message.from.at[2].domain_ascii, "three.example");
    reading_done(&r);
}

/* 15: a NUL inside a quoted string. */
static void nul_in_a_quoted_string(void **state)
{
    (void)state;
    static const char text[] = "From: \"a\0b\" <a@example.com>\nContent-Type: text/plain; name=\"x\0.exe\"\n\nx";
    struct reading r = {0};
    reading_run(&r, text, sizeof text - 1);
    assert_non_null(defect_find(&r.message, DEFECT_HEADER_NUL));
    assert_span(r.message.from.at[0].address, "a@example.com");
    assert_int_equal(r.message.root->names.at[0].len, 6);
    reading_done(&r);
}

/* A heap of lesser defects pushes out no limit that was met; a heap of the same kind that meets none tells of none. */
static void limits_are_never_lost(void **state)
{
    (void)state;
    static const struct {
        const char *what, *head, *text, *tail;
        size_t times;
        enum defect_id id;
        bool met;
    } heaps[] = {
        {"fields", "", "X : a\n", "\nx", 2100, DEFECT_FIELDS_LIMIT, true},
        {"few fields", "", "X : a\n", "\nx", 1900, DEFECT_FIELDS_LIMIT, false},
        {"links", "Content-Type: text/html\n", "X : a\n", "\n<img src=a srcset='a,b c,d e,f'>", 600, DEFECT_LINKS_LIMIT, true},
        {"few links", "Content-Type: text/html\n", "X : a\n", "\n<img src=a>", 600, DEFECT_LINKS_LIMIT, false},
    };
    for (size_t i = 0; i < sizeof heaps / sizeof *heaps; i++) {
        struct arena *arena = arena_new(1 << 24);
        struct buf text = {.arena = arena};
        struct reading r = {0};
        repeat(&text, heaps[i].head, 1);
        repeat(&text, heaps[i].text, heaps[i].times);
        repeat(&text, heaps[i].tail, 1);
        message_limits_default(&r.limits);
        r.limits.links = 2;
        survive(&r, &text, heaps[i].what);
        assert_non_null(defect_find(&r.message, DEFECT_DEFECTS_LIMIT));
        if ((defect_find(&r.message, heaps[i].id) != NULL) != heaps[i].met)
            fail_msg("%s: %s", heaps[i].what, heaps[i].met ? "the limit is lost" : "no limit was met");
        reading_done(&r);
        arena_free(&arena);
    }
}

/* 26, 27, 28 */
static void empty_large_and_alike(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, "From: a@example.com\nSubject:\nContent-Type: text/html\n\n");
    assert_int_equal(r.message.subject.len, 0);
    assert_int_equal(r.message.leaves.len, 1);
    reading_done(&r);

    message_limits_default(&r.limits);
    r.limits.message_bytes = 50;
    reading_of(&r, "From: a@example.com\nSubject: a\n\nabcdefghijklmnopqrstuvwxyz");
    assert_int_equal(r.message.raw.len, 50);
    assert_int_equal(defect_find(&r.message, DEFECT_MESSAGE_LIMIT)->offset, 50);
    reading_done(&r);

    /* A boundary is found wherever its line begins, whatever the alignment. */
    for (size_t shift = 0; shift < 130; shift++) {
        char text[600];
        snprintf(text, sizeof text, "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n%.*s\n--b\n\nsecond\n--b--\n", (int)shift,
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        reading_of(&r, text);
        assert_int_equal(r.message.leaves.len, 2);
        assert_span(r.message.leaves.at[1]->text, "second");
        reading_done(&r);
    }
}

/* 29, 30: what is shown and what is there. */
static void shown_and_there(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *domain;
    } rows30[] = {
        {"From: (ceo@bank.example) a@evil.example\n\n", "ceo@bank.example", "evil.example"},
        {"From: \"ceo@bank.example\" <a@evil.example>\n\n", "ceo@bank.example", "evil.example"},
        {"From: a@evil.example(@bank.example)\n\n", "@bank.example", "evil.example"},
        {"From: \"a\"<b@evil.example>\n\n", "a", "evil.example"},
        {"From: =?x-unknown?q?name?= <a@evil.example>\n\n", "name", "evil.example"},
        {"From: <a@xn--80ak6aa92e.example>\n\n", "", "xn--80ak6aa92e.example"},
        {"From: a\xc0\xaf <a@evil.example>\n\n", "aÀ¯", "evil.example"}, /* over-long UTF-8 is no slash */
        {"From: =?utf-7?q?+ADw-b+AD4-?= <a@evil.example>\n\n", "<b>", "evil.example"},
    };
    for (size_t i = 0; i < sizeof rows30 / sizeof *rows30; i++) {
        struct reading r = {0};
        reading_of(&r, rows30[i].text);
        assert_int_equal(r.message.from.len, 1);
        assert_span(r.message.from.at[0].name, rows30[i].name);
        assert_span(r.message.from.at[0].domain_ascii, rows30[i].domain);
        reading_done(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_survived), cmocka_unit_test(nothing_goes_unseen), cmocka_unit_test(every_from_counts),
        cmocka_unit_test(nul_in_a_quoted_string), cmocka_unit_test(limits_are_never_lost), cmocka_unit_test(empty_large_and_alike), cmocka_unit_test(shown_and_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
