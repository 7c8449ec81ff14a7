/* Header edits by index: which fields are counted how, what becomes of a subject, and that nothing else moves. */
#include "action/edit_inner.h"
#include "../message/reading.h"

struct edited {
    struct reading reading;
    struct edits edits;
    struct span whole;
};

static void edit(struct edited *e, const char *text, const struct edit_wishes *wishes)
{
    reading_of(&e->reading, text);
    edits_plan(e->reading.arena, &e->reading.limits, &e->reading.message, DIRECTION_INBOUND, wishes, &e->edits);
    e->whole = edits_apply(e->reading.arena, &e->reading.message, &e->edits);
}

static void done(struct edited *e)
{
    reading_done(&e->reading);
    *e = (struct edited){0};
}

/* ---- the subject */
static void subjects(void **state)
{
    static const struct {
        const char *message, *tag, *wanted;
    } rows[] = {
        {"Subject: Hello\r\n\r\n", "[Suspicious]", "Subject: [Suspicious] Hello\r\n\r\n"},
        {"subject:Hello\r\n\r\n", "[S]", "subject: [S] Hello\r\n\r\n"},
        {"Subject: Hello\n\n", "[S]", "Subject: [S] Hello\n\n"},
        {"Subject: a\r\n b\r\n\r\n", "[S]", "Subject: [S] a\r\n b\r\n\r\n"},
        {"Subject:\r\n\r\n", "[S]", "Subject: [S]\r\n\r\n"},
        {"Subject:\r\n =?utf-8?q?caf=C3=A9?=\r\n\r\n", "[S]", "Subject: [S] =?utf-8?q?caf=C3=A9?=\r\n\r\n"},
        {"From: a@b.example\r\n\r\n", "[S]", "From: a@b.example\r\nSubject: [S]\r\n\r\n"},
        /* never twice, behind marks of a reply too */
        {"Subject: [S] Hello\r\n\r\n", "[S]", "Subject: [S] Hello\r\n\r\n"},
        {"Subject: Re: AW: [S] Hello\r\n\r\n", "[S]", "Subject: Re: AW: [S] Hello\r\n\r\n"},
        {"Subject: =?UTF-8?B?W+azqOaEj10=?=\r\n Hello\r\n\r\n", "[\xe6\xb3\xa8\xe6\x84\x8f]", "Subject: =?UTF-8?B?W+azqOaEj10=?=\r\n Hello\r\n\r\n"},
        /* near misses: elsewhere in the subject it is the sender's word */
        {"Subject: Hello [S]\r\n\r\n", "[S]", "Subject: [S] Hello [S]\r\n\r\n"},
        {"Subject: Re Re [S] x\r\n\r\n", "[S]", "Subject: [S] Re Re [S] x\r\n\r\n"},
        /* a blank between two encoded words is not shown, so it stands inside */
        {"Subject: Hello\r\n\r\n", "[\xe6\xb3\xa8\xe6\x84\x8f]", "Subject: =?UTF-8?B?W+azqOaEj10=?=\r\n Hello\r\n\r\n"},
        {"Subject: =?utf-8?q?x?=\r\n\r\n", "[\xe6\xb3\xa8\xe6\x84\x8f]", "Subject: =?UTF-8?B?W+azqOaEj10g?=\r\n =?utf-8?q?x?=\r\n\r\n"},
        /* two subjects: programs show different ones */
        {"Subject: a\r\nX: 1\r\nSubject: b\r\n\r\n", "[S]", "Subject: [S] a\r\nX: 1\r\nSubject: [S] b\r\n\r\n"},
        /* bytes above 127 stay as they are */
        {"Subject: \x83\x65\r\n\r\n", "[S]", "Subject: [S] \x83\x65\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        edit(&e, rows[i].message, &(struct edit_wishes){.headers.subject_tag = span_of(rows[i].tag)});
        if (!span_eq(e.whole, span_of(rows[i].wanted)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(e.whole));
        done(&e);
    }
}

static void long_tags_are_short_words(void **state)
{
    struct buf out = {.arena = arena_new((size_t)1 << 20)};
    struct span text = S("\xe6\xb3\xa8\xe6\x84\x8f\xe6\xb3\xa8\xe6\x84\x8f\xe6\xb3\xa8\xe6\x84\x8f\xe6\xb3\xa8\xe6\x84\x8f\xe6\xb3\xa8\xe6\x84\x8f\xe6\xb3\xa8\xe6\x84\x8f\xe6\xb3\xa8\xe6\x84\x8f\xe6\xb3\xa8\xe6\x84\x8f"), line, rest;
    encoded_words_write(&out, text, "\n ");
    rest = buf_span(&out);
    assert_span(words_decode(out.arena, rest), text.at);
    while (span_cut(&rest, '\n', &line)) {
        assert_true(span_trim(line).len <= 75);
        assert_true(span_is_utf8(words_decode(out.arena, line)));
        assert_false(span_find(words_decode(out.arena, line), S("\xef\xbf\xbd")));
    }
    arena_free(&out.arena);
}

/* ---- results that claim to be ours, fields of ours that came with the message */
static void removals(void **state)
{
    static const struct {
        const char *message, *id, *name, *wanted;
    } rows[] = {
        {"Authentication-Results: mx.a.example; spf=pass\r\nX: 1\r\n\r\n", "mx.a.example", NULL, "X: 1\r\n\r\n"},
        {"Authentication-Results: (c) \"MX.A.Example\" 1; spf=pass\r\nX: 1\r\n\r\n", "mx.a.example", NULL, "X: 1\r\n\r\n"},
        {"authentication-results: mx.a.example\r\nX: 1\r\n\r\n", "mx.a.example", NULL, "X: 1\r\n\r\n"},
        /* of others they stay */
        {"Authentication-Results: mx.b.example; x=mx.a.example\r\n\r\n", "mx.a.example", NULL, "Authentication-Results: mx.b.example; x=mx.a.example\r\n\r\n"},
        {"Authentication-Results: mx.a.example.org; spf=pass\r\n\r\n", "mx.a.example", NULL, "Authentication-Results: mx.a.example.org; spf=pass\r\n\r\n"},
        {"ARC-Authentication-Results: i=1; mx.a.example; spf=pass\r\n\r\n", "mx.a.example", NULL, "ARC-Authentication-Results: i=1; mx.a.example; spf=pass\r\n\r\n"},
        {"X-Spam-Flag: NO\r\nA: 1\r\nx-spam-flag : NO\r\n\tNO\r\nX-Spam-Flagged: x\r\n\r\n", NULL, "X-Spam-Flag", "A: 1\r\nX-Spam-Flagged: x\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        struct edit_wishes wishes = {.headers.authserv_id = span_of(rows[i].id)};
        struct span name = span_of(rows[i].name);
        if (name.len) {
            wishes.headers.removed.at = &name;
            wishes.headers.removed.len = 1;
        }
        edit(&e, rows[i].message, &wishes);
        if (!span_eq(e.whole, span_of(rows[i].wanted)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(e.whole));
        done(&e);
    }
}

/* Sendmail counts the fields as they came; Postfix those that are left. From the highest index down both mean the same. */
static void counted(void **state)
{
    static const char text[] = "A: 1\r\nX: 1\r\nSubject: s\r\nA: 2\r\nx: 2\r\nSubject: t\r\na: 3\r\n\r\nbody\r\n";
    struct edited e = {0};
    struct span names[] = {S("a"), S("X")};
    struct header_line tops[] = {{S("Seal"), S("first")}, {S("Seal"), S("second")}}, ends[] = {{S("X"), S("new\nfolded")}};
    struct edit_wishes wishes = {.headers = {.removed = {names, 2, 2}, .added = {ends, 1, 1}, .tops = {tops, 2, 2}, .subject_tag = S("[S]")}};
    edit(&e, text, &wishes);
    uint32_t last = UINT32_MAX;
    size_t removed = 0;
    vec_each(one, &e.edits.headers) {
        bool is_counted = one->act == HEADER_CHANGE || one->act == HEADER_REMOVE;
        assert_true(!is_counted || one->index <= last);
        assert_true(!is_counted || last); /* nothing counted behind what was added */
        last = is_counted ? one->index : 0;
        removed += one->act == HEADER_REMOVE;
    }
    assert_int_equal(removed, 5);
    assert_span(e.whole, "Seal: first\r\nSeal: second\r\nSubject: [S] s\r\nSubject: [S] t\r\nX: new\r\n\tfolded\r\n\r\nbody\r\n");
    done(&e);
}

/* Behind a line at which programs disagree where the header ends, nothing is counted: what stands there may be the body. */
static void behind_odd_lines(void **state)
{
    struct edited e = {0};
    struct span name = S("X-Spam-Flag");
    struct edit_wishes wishes = {.headers = {.removed = {&name, 1, 1}, .subject_tag = S("[S]")}};
    edit(&e, "X-Spam-Flag: NO\r\nSubject: a\r\nno field\r\nX-Spam-Flag: NO\r\nSubject: b\r\n\r\ntext\r\n", &wishes);
    assert_span(e.whole, "Subject: [S] a\r\nno field\r\nX-Spam-Flag: NO\r\nSubject: b\r\n\r\ntext\r\n");
    assert_int_equal(e.edits.notes.len, 2);
    assert_int_equal(e.edits.notes.at[0].id, NOTE_FIELD_LEFT);
    done(&e);
}

static void without_a_header(void **state)
{
    static const struct {
        const char *message, *wanted;
    } rows[] = {
        {"\r\ntext\r\n", "T: t\r\nE: e\r\n\r\ntext\r\n"},
        {"text only\r\n\r\nmore\r\n", "T: t\r\nE: e\r\n\r\ntext only\r\n\r\nmore\r\n"},
        {"A: 1", "T: t\r\nA: 1\r\nE: e\r\n"},
        {"From x@y Sat Jan 31 12:00:00 2026\nA: 1\n\ntext\n", "From x@y Sat Jan 31 12:00:00 2026\nT: t\nA: 1\nE: e\n\ntext\n"},
    };
    struct header_line top = {S("T"), S("t")}, end = {S("E"), S("e")};
    struct edit_wishes wishes = {.headers = {.added = {&end, 1, 1}, .tops = {&top, 1, 1}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        edit(&e, rows[i].message, &wishes);
        if (!span_eq(e.whole, span_of(rows[i].wanted)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(e.whole));
        done(&e);
    }
}

static void spam_marks(void **state)
{
    struct edited e = {0};
    struct edit_wishes wishes = {0};
    struct arena *arena = arena_new((size_t)1 << 20);
    spam_marks_wish(arena, &(struct spam_marks){true, 7.26, 5, S("from-twice,dmarc-fail-reject")}, &wishes.headers);
    edit(&e, "X-Spam-Level: \r\nX-Spam-Status: No\r\nA: 1\r\n\r\n", &wishes);
    assert_span(e.whole, "A: 1\r\nX-Spam-Flag: YES\r\nX-Spam-Status: Yes, score=7.3 required=5.0\r\n\ttests=from-twice,dmarc-fail-reject\r\n"
                         "X-Spam-Score: 7.3\r\nX-Spam-Level: *******\r\n\r\n");
    done(&e);
    arena_free(&arena);
}

static void nothing_wished(void **state)
{
    static const char text[] = "A: 1\r\n b\r\nno field\r\nB: \xff\r\n\r\nte\rxt\n";
    struct edited e = {0};
    edit(&e, text, &(struct edit_wishes){0});
    assert_span(e.whole, text);
    assert_int_equal(e.edits.headers.len, 0);
    assert_false(e.edits.body_changed);
    done(&e);
}

/* As a mail server tells them to a filter: folded by LF, with the blank in front. */
static void results_that_claim_an_id(void **state)
{
    static const struct {
        const char *value;
        bool claims;
    } rows[] = {{" mx.a.example; spf=pass", true}, {"mx.a.example", true}, {"\n\tmx.a.example;\n\tspf=pass", true}, {" (a comment\n (of two))\n MX.A.EXAMPLE. 1; none", true},
                {" \"mx.a.example\";none", true}, {" mx.b.example; x=mx.a.example", false}, {" mx.a.example.org; none", false}, {" x mx.a.example; none", false},
                {" a.example; none", false}, {"", false}, {" ;mx.a.example", false}, {" \"mx.a.example", true}, {" (mx.a.example; none", false}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span value = exact_bytes(rows[i].value, strlen(rows[i].value));
        if (results_claim(arena, value, S("mx.a.example")) != rows[i].claims)
            fail_msg("row %zu: %s", i, rows[i].value);
        free((char *)value.at);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects), cmocka_unit_test(long_tags_are_short_words), cmocka_unit_test(removals), cmocka_unit_test(counted),
        cmocka_unit_test(behind_odd_lines), cmocka_unit_test(without_a_header), cmocka_unit_test(spam_marks), cmocka_unit_test(nothing_wished),
        cmocka_unit_test(results_that_claim_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
