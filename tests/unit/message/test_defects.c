/* Every defect: a message that shows it, at its place, and one close by that does not. */
#include "reading.h"

#define WHO "From: a@example.com\nDate: Sat, 1 Jan 2000 00:00:00 +0000\nMessage-ID: <1@example.com>\n"
#define HEAD WHO "MIME-Version: 1.0\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\n\n"

static const struct {
    enum defect_id id;
    const char *fires, *near;
} rows[] = {
    {DEFECT_FROM_MISSING, "To: a@example.com\n\n", WHO "\n"},
    {DEFECT_FROM_TWICE, WHO "From: b@example.com\n\n", WHO "Sender: b@example.com\n\n"},
    {DEFECT_FROM_SEVERAL, "From: a@example.com, b@example.com\n\n", "From: \"a, b\" <b@example.com>\n\n"},
    {DEFECT_FROM_EMPTY, "From:\n\n", WHO "\n"},
    {DEFECT_SENDER_TWICE, WHO "Sender: a@example.com\nSender: b@example.com\n\n", WHO "Sender: a@example.com\n\n"},
    {DEFECT_REPLY_TO_TWICE, WHO "Reply-To: a@example.com\nReply-to: b@example.com\n\n", WHO "Reply-To: a@example.com, b@example.com\n\n"},
    {DEFECT_TO_TWICE, WHO "To: a@example.com\nTo: b@example.com\n\n", WHO "To: a@example.com\nX-To: b@example.com\n\n"},
    {DEFECT_CC_TWICE, WHO "Cc: a@example.com\nCc: b@example.com\n\n", WHO "Cc: a@example.com\n\n"},
    {DEFECT_SUBJECT_TWICE, WHO "Subject: a\nSubject: b\n\n", WHO "Subject: a\nThread-Topic: a\n\n"},
    {DEFECT_DATE_TWICE, WHO "Date: Sat, 1 Jan 2000 00:00:00 +0000\n\n", WHO "Resent-Date: Sat, 1 Jan 2000 00:00:00 +0000\n\n"},
    {DEFECT_DATE_MISSING, "From: a@example.com\n\n", WHO "\n"},
    {DEFECT_DATE_BAD, "From: a@example.com\nDate: yesterday\n\n", WHO "\n"},
    {DEFECT_MESSAGE_ID_MISSING, "From: a@example.com\n\n", WHO "\n"},
    {DEFECT_MESSAGE_ID_TWICE, WHO "Message-ID: <2@example.com>\n\n", WHO "In-Reply-To: <2@example.com>\n\n"},
    {DEFECT_MESSAGE_EMPTY, "", "\n"},
    {DEFECT_HEADER_MISSING, "words only\n", WHO "\n"},
    {DEFECT_HEADER_8BIT, WHO "Subject: gr\xfc\xdf\n\n", WHO "Subject: gr\xc3\xbc\n\n"},
    {DEFECT_HEADER_CONTROL, WHO "Subject: a\x01\n\n", WHO "Subject: a\tb\n\n"},
    {DEFECT_BLANK_BEFORE_COLON, WHO "Subject : a\n\n", WHO "Subject: : a\n\n"},
    {DEFECT_FIELD_NAME_BAD, WHO "Subj\xc3\xa9: a\n\n", WHO "Subj_!: a\n\n"},
    {DEFECT_LINE_NOT_FIELD, WHO "words\nSubject: a\n\n", WHO "words: x\nSubject: a\n\n"},
    {DEFECT_FOLD_FIRST, " folded\n" WHO "\n", WHO " folded\n\n"},
    {DEFECT_FOLD_BLANK, WHO "Subject: a\n \nTo: b@example.com\n\n", WHO "Subject: a\n b\nTo: b@example.com\n\n"},
    {DEFECT_HEADER_CUT, WHO "Subject: a\n", WHO "Subject: a\n\n"},
    {DEFECT_MBOX_LINE, WHO "From x Sat Jan 1 2000\nSubject: a\n\n", "From x Sat Jan 1 2000\n" WHO "\n"},
    {DEFECT_LINES_MIXED, "From: a@example.com\r\nSubject: a\n\n", "From: a@example.com\r\nSubject: a\r\n\r\n"},
    {DEFECT_LINES_CR, WHO "Subject: a\rTo: b@example.com\n\n", "From: a@example.com\r\n\r\n"},
    {DEFECT_HEADER_BARE_CR, WHO "X-A: b\rFrom: x@example.com\n\n", WHO "X-A: b\rwords, no: field\r\n\n"},
    {DEFECT_HEADER_BARE_CR, WHO "words\rFrom: x@example.com\nX-B: c\n\n", WHO "X-A: b\r\r\nX-B: c\r\n\r\na\rFrom: x\n"},
    {DEFECT_HEADER_BARE_CR, WHO "X-A: b\n c\rX-B : d\n\n", "From: a@example.com\rX-B: c\r\rd\r"},
    {DEFECT_ADDRESS_SYNTAX, "From: <a@example.com\n\n", "From: <a@example.com>\n\n"},
    {DEFECT_ADDRESS_ENCODED_WORD, "From: <=?utf-8?q?a?=@example.com>\n\n", "From: =?utf-8?q?a?= <a@example.com>\n\n"},
    {DEFECT_ADDRESS_MANY_AT, "From: a@b.example@c.example\n\n", "From: \"a@b.example\"@c.example\n\n"},
    {DEFECT_ADDRESS_NO_DOMAIN, "From: postmaster\n\n", "From: postmaster@example.com\n\n"},
    {DEFECT_ADDRESS_DOMAIN_BAD, "From: a@exa$mple.com\n\n", "From: a@[192.0.2.1]\n\n"},
    {DEFECT_ADDRESS_ROUTE, "From: <@b.example:a@example.com>\n\n", "From: <a@example.com>\n\n"},
    {DEFECT_ADDRESS_IN_NAME, "From: \"ceo@bank.example\" <a@evil.example>\n\n", "From: \"a@evil.example\" <a@evil.example>\n\n"},
    {DEFECT_ADDRESS_TWO_ANGLES, "From: a <a@example.com> <b@example.com>\n\n", "From: a <a@example.com>, <b@example.com>\n\n"},
    {DEFECT_ADDRESS_CONTROL, "From: a@exa\x01mple.com\n\n", "From: a@example.com\n\n"},
    {DEFECT_ADDRESS_GROUP, "From: A: a@example.com;\n\n", "From: a@example.com\nTo: A: b@example.com;\n\n"},
    {DEFECT_WORD_BAD, WHO "Subject: =?nonsense?q?a?=\n\n", WHO "Subject: =?utf-8?q?a?=\n\n"},
    {DEFECT_WORD_CONTROL, WHO "Subject: =?utf-8?q?a=0A?=\n\n", WHO "Subject: =?utf-8?q?a=09?=\n\n"},
    {DEFECT_TEXT_BIDI, WHO "Subject: a\xe2\x80\xae" "b\n\n", WHO "Subject: a\xe2\x80\x94" "b\n\n"},
    {DEFECT_TEXT_BIDI, HEAD "Content-Disposition: attachment; filename=\"a\xe2\x80\xae" "fdp.exe\"\n\n", HEAD "Content-Disposition: attachment; filename=\"a-fdp.exe\"\n\n"},
    {DEFECT_TEXT_BIDI, "From: \"a\xe2\x81\xa6\" <a@example.com>\n\n", "From: \"a\" <a@example.com>\n\n"},
    {DEFECT_MIME_VERSION_MISSING, WHO "Content-Transfer-Encoding: 8bit\n\n", HEAD "Content-Transfer-Encoding: 8bit\n\n"},
    {DEFECT_CONTENT_TYPE_TWICE, HEAD "Content-Type: text/plain\nContent-Type: text/html\n\n", HEAD "Content-Type: text/plain\n\n"},
    {DEFECT_CONTENT_TYPE_BAD, HEAD "Content-Type: words\n\n", HEAD "Content-Type: text/words\n\n"},
    {DEFECT_ENCODING_TWICE, HEAD "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n", HEAD "Content-Transfer-Encoding: 7bit\n\n"},
    {DEFECT_ENCODING_BAD, HEAD "Content-Transfer-Encoding: base64 (really)\n\n", HEAD "Content-Transfer-Encoding: BASE64 \n\n"},
    {DEFECT_ENCODING_CONTAINER, HEAD "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\na\n--b--\n",
     HEAD "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n--b\n\na\n--b--\n"},
    {DEFECT_DISPOSITION_TWICE, HEAD "Content-Disposition: inline\nContent-Disposition: attachment\n\n", HEAD "Content-Disposition: inline\n\n"},
    {DEFECT_BOUNDARY_MISSING, HEAD "Content-Type: multipart/mixed\n\n", MIXED "--b\n\na\n--b--\n"},
    {DEFECT_BOUNDARY_EMPTY, HEAD "Content-Type: multipart/mixed; boundary=\"\"\n\n", HEAD "Content-Type: multipart/mixed\n\n"},
    {DEFECT_BOUNDARY_TWICE, HEAD "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\na\n--b--\n", MIXED "--b\n\na\n--b--\n"},
    {DEFECT_BOUNDARY_BAD, HEAD "Content-Type: multipart/mixed; boundary=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n\n",
     HEAD "Content-Type: multipart/mixed; boundary=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n\n"},
    {DEFECT_BOUNDARY_ABSENT, MIXED "a\n", MIXED "--b\n\na\n--b--\n"},
    {DEFECT_BOUNDARY_UNCLOSED, MIXED "--b\n\na\n", MIXED "--b\n\na\n--b--"},
    {DEFECT_BOUNDARY_AS_OUTER, MIXED "--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\na\n--b--\n",
     MIXED "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\na\n--c--\n--b--\n"},
    {DEFECT_BOUNDARY_PREFIX, MIXED "--b\n\na\n--bc\n\nd\n--b--\n", MIXED "--b\n\na\n--b \t\n\nd\n--b--\n"},
    {DEFECT_BOUNDARY_OTHER, MIXED "--c\nContent-Type: text/html\n\na\n--c--\n", MIXED "--b\nContent-Type: text/html\n\na\n--b--\n"},
    {DEFECT_PREAMBLE_PART, MIXED "Content-Type: text/html\n\na\n--b\n\na\n--b--\n", MIXED "The content-type is odd\n--b\n\na\n--b--\n"},
    {DEFECT_EPILOGUE_PART, MIXED "--b\n\na\n--b--\n--b\n\nc\n", MIXED "--b\n\na\n--b--\nfooter\n"},
    {DEFECT_PARAMETER_TWICE, HEAD "Content-Type: text/plain; charset=utf-8; charset=utf-7\n\n", HEAD "Content-Type: text/plain; charset=utf-8; charset=utf-8\n\n"},
    {DEFECT_PARAMETER_COMMENT, HEAD "Content-Type: text/plain (a)\n\n", HEAD "Content-Type: text/plain; charset=\"utf-8\"; x=\"(a)\"\n\n"},
    {DEFECT_PARAMETER_ENCODED_WORD, HEAD "Content-Type: text/plain; name=\"=?utf-8?q?a?=\"\n\n", HEAD "Content-Type: text/plain; name=\"=?a\"\n\n"},
    {DEFECT_PARAMETER_CONTINUED_BAD, HEAD "Content-Disposition: attachment; filename*1=a; filename*0=b\n\n",
     HEAD "Content-Disposition: attachment; filename*0=a; filename*1=b\n\n"},
    {DEFECT_PARAMETER_BAD, HEAD "Content-Type: text/plain; charset\n\n", HEAD "Content-Type: text/plain;\n\n"},
    {DEFECT_NAMES_DIFFER, HEAD "Content-Type: image/png; name=a.png\nContent-Disposition: attachment; filename=a.exe\n\n",
     HEAD "Content-Type: image/png; name=a.png\nContent-Disposition: attachment; filename=a.png\n\n"},
    {DEFECT_BASE64_JUNK, HEAD "Content-Transfer-Encoding: base64\n\nYW*Jj\n", HEAD "Content-Transfer-Encoding: base64\n\nYW\n Jj\n"},
    {DEFECT_BASE64_PADDING, HEAD "Content-Transfer-Encoding: base64\n\nYQ==YWJj\n", HEAD "Content-Transfer-Encoding: base64\n\nYWJjYQ==\n"},
    {DEFECT_BASE64_CUT, HEAD "Content-Transfer-Encoding: base64\n\nYWJ\n", HEAD "Content-Transfer-Encoding: base64\n\nYWI=\n"},
    {DEFECT_QUOTED_PRINTABLE_BAD, HEAD "Content-Transfer-Encoding: quoted-printable\n\na=zb\n", HEAD "Content-Transfer-Encoding: quoted-printable\n\na=3db\n"},
    {DEFECT_QUOTED_PRINTABLE_BLANK, HEAD "Content-Transfer-Encoding: quoted-printable\n\na \nb\n",
     HEAD "Content-Transfer-Encoding: quoted-printable\n\na=20\nb= \n"},
    {DEFECT_UUENCODE, HEAD "\nbegin 644 a\n#86)C\n`\nend\n", HEAD "\nbegin 644 a\nwords\n"},
    {DEFECT_UUENCODE_BAD, HEAD "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#86)C\n", HEAD "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#86)C\n`\nend\n"},
    {DEFECT_CHARSET_UNKNOWN, HEAD "Content-Type: text/plain; charset=nonsense\n\na\n", HEAD "Content-Type: text/plain; charset=Shift_JIS\n\na\n"},
    {DEFECT_CHARSET_WRONG, HEAD "Content-Type: text/plain; charset=utf-8\n\n\xfc\n", HEAD "Content-Type: text/plain; charset=utf-8\n\n\xc3\xbc\n"},
    {DEFECT_TYPE_DIFFERS, HEAD "Content-Type: image/png\n\nMZ\x90\n", HEAD "Content-Type: image/png\n\nGIF89a\n"},
    {DEFECT_MESSAGE_PARTIAL, HEAD "Content-Type: message/partial; number=1; total=2\n\na\n", HEAD "Content-Type: message/rfc822\n\na: b\n\n"},
    {DEFECT_MESSAGE_EXTERNAL, HEAD "Content-Type: message/external-body; access-type=URL\n\na\n", HEAD "Content-Type: message/rfc822\n\na: b\n\n"},
    {DEFECT_TNEF, HEAD "Content-Type: application/octet-stream; name=winmail.dat\n\na\n", HEAD "Content-Type: application/octet-stream; name=mail.dat\n\na\n"},
};

static bool shows(const char *text, enum defect_id id)
{
    struct reading r = {0};
    reading_of(&r, text);
    const struct defect *defect = defect_find(&r.message, id);
    bool found = defect != NULL;
    if (found && defect->offset != SIZE_MAX)
        assert_true(defect->offset <= r.raw.len);
    reading_done(&r);
    return found;
}

static void each_fires_and_its_neighbour_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!shows(rows[i].fires, rows[i].id))
            fail_msg("%s does not fire", defect_name(rows[i].id));
        if (shows(rows[i].near, rows[i].id))
            fail_msg("%s fires on its near miss", defect_name(rows[i].id));
    }
}

/* These need bytes or limits that a plain row cannot have, or belong to the reader of HTML; other tests show them. */
static bool is_shown_elsewhere(enum defect_id id)
{
    return id == DEFECT_HEADER_NUL || id == DEFECT_BODY_NUL || id >= DEFECT_MESSAGE_LIMIT;
}

static void none_is_left_out(void **state)
{
    (void)state;
    for (unsigned id = 0; id < DEFECT_COUNT; id++) {
        bool seen = is_shown_elsewhere(id);
        for (size_t i = 0; i < sizeof rows / sizeof *rows && !seen; i++)
            seen = rows[i].id == id;
        if (!seen)
            fail_msg("no row shows %s", defect_name(id));
    }
}

static void nul_bytes(void **state)
{
    (void)state;
    static const char head[] = WHO "Subject: a\0b\n\nc", body[] = WHO "Subject: ab\n\nc\0d";
    struct reading r = {0};
    reading_run(&r, head, sizeof head - 1);
    assert_int_equal(defect_find(&r.message, DEFECT_HEADER_NUL)->offset, strlen(head));
    reading_done(&r);
    reading_run(&r, body, sizeof body - 1);
    assert_null(defect_find(&r.message, DEFECT_HEADER_NUL));
    assert_int_equal(defect_find(&r.message, DEFECT_BODY_NUL)->offset, strlen(body));
    reading_done(&r);
}

static void places(void **state)
{
    (void)state;
    const char *text = MIXED "--b\nContent-Transfer-Encoding: base64\n\nYW*Jj\n--b--\n";
    struct reading r = {0};
    reading_of(&r, text);
    const struct defect *defect = defect_find(&r.message, DEFECT_BASE64_JUNK);
    assert_int_equal(defect->offset, strchr(text, '*') - text);
    assert_span(defect->detail, "*Jj");
    reading_done(&r);
}

static void sentences(void **state)
{
    (void)state;
    for (unsigned id = 0; id < DEFECT_COUNT; id++) {
        const char *en = defect_text(id, false), *ja = defect_text(id, true);
        assert_true(strlen(defect_name(id)) > 3 && strlen(en) > 10 && strlen(ja) > 10);
        assert_int_equal(en[strlen(en) - 1], '.');
        assert_string_equal(ja + strlen(ja) - 3, "。");
        assert_true(span_is_utf8(span_of(ja)) && !span_is_ascii(span_of(ja)));
        for (unsigned other = 0; other < id; other++)
            assert_string_not_equal(defect_name(id), defect_name(other));
    }
    assert_string_equal(defect_name(DEFECT_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fires_and_its_neighbour_not), cmocka_unit_test(none_is_left_out), cmocka_unit_test(nul_bytes),
        cmocka_unit_test(places), cmocka_unit_test(sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
