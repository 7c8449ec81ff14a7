/* Header blocks: folding, line ends, odd lines, look-up by number and by name. */
#include "reading.h"

static void fields_are_found(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, "From: a@example.com\r\nX-One: 1\r\nSubject: two\r\n words \r\nx-one: 2\r\n\r\nbody\r\n");
    assert_int_equal(r.message.fields.len, 4);
    assert_span(message_field(&r.message, FIELD_SUBJECT, 0)->value, "two words");
    assert_span(message_field(&r.message, FIELD_SUBJECT, 0)->raw, " two\r\n words ");
    assert_span(message_field(&r.message, FIELD_SUBJECT, 0)->whole, "Subject: two\r\n words \r\n");
    assert_null(message_field(&r.message, FIELD_SUBJECT, 1));
    assert_span(message_field_named(&r.message, S("X-ONE"), 1)->value, "2");
    assert_null(message_field_named(&r.message, S("X-ONE"), 2));
    assert_null(message_field_named(&r.message, S("X-On"), 0));
    assert_span(r.message.body, "body\r\n");
    assert_int_equal(message_field(&r.message, FIELD_FROM, 0)->id, FIELD_FROM);
    reading_done(&r);
}

static void line_ends(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "From: a@example.com\nSubject: x\n y\n\nbody", "From: a@example.com\r\nSubject: x\r\n y\r\n\r\nbody",
        "From: a@example.com\rSubject: x\r y\r\rbody", "From: a@example.com\r\nSubject: x\n y\r\n\nbody",
        "From mbox Sat Jan  1 00:00:00 2000\nFrom: a@example.com\nSubject: x\n y\n\nbody"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading r = {0};
        reading_of(&r, texts[i]);
        assert_int_equal(r.message.fields.len, 2);
        assert_span(r.message.subject, "x y");
        assert_span(r.message.body, "body");
        reading_done(&r);
    }
}

static void blanks_before_a_colon(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, "From : a@example.com\nTo: b@example.com\n\n");
    assert_span(r.message.fields.at[0].name, "From");
    assert_int_equal(r.message.fields.at[0].id, FIELD_FROM);
    assert_span(r.message.from.at[0].address, "a@example.com");
    assert_int_equal(defect_find(&r.message, DEFECT_BLANK_BEFORE_COLON)->offset, 0);
    reading_done(&r);
}

static void little_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *body;
        size_t fields;
    } rows[] = {{"", "", 0}, {"\n", "", 0}, {"\r\n\r\n", "\r\n", 0}, {"From: a@example.com", "", 1}, {"Subject:\n\n", "", 1},
                {"just words\nand more\n", "just words\nand more\n", 0}, {":\n\n", ":\n\n", 0}, {" \n\n", " \n\n", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reading r = {0};
        reading_of(&r, rows[i].text);
        assert_int_equal(r.message.fields.len, rows[i].fields);
        assert_span(r.message.body, rows[i].body);
        assert_non_null(r.message.root);
        assert_true(r.message.leaves.len >= 1);
        reading_done(&r);
    }
}

static void places(void **state)
{
    (void)state;
    struct reading r = {0};
    const char *text = "To: Long Name\n <a@example.com>,\n\tb@example.net, c@example.org\n\n";
    reading_of(&r, text);
    assert_int_equal(r.message.to.len, 3);
    assert_int_equal(r.message.to.at[0].offset, 4);
    assert_int_equal(r.message.to.at[1].offset, strstr(text, "b@") - text);
    assert_int_equal(r.message.to.at[2].offset, strstr(text, "c@") - text);
    reading_done(&r);
}

static void what_the_header_says(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, "From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.de>\nSender: s@example.de\nReply-To: r@example.net\nCc: c@example.com\n"
                   "Subject: =?iso-8859-1?Q?gr=FC=DFe?=\nDate: Sat, 1 Jan 2000 00:00:00 +0000\nMessage-ID: <1@example.de>\n\n");
    assert_span(r.message.from.at[0].name, "Jürgen");
    assert_span(r.message.sender.at[0].address, "s@example.de");
    assert_span(r.message.reply_to.at[0].domain_ascii, "example.net");
    assert_span(r.message.cc.at[0].local, "c");
    assert_span(r.message.subject, "grüße");
    assert_span(r.message.message_id, "<1@example.de>");
    assert_true(r.message.date == 946684800);
    assert_int_equal(r.message.defects.len, 0);
    reading_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found), cmocka_unit_test(line_ends), cmocka_unit_test(blanks_before_a_colon),
        cmocka_unit_test(little_or_nothing), cmocka_unit_test(places), cmocka_unit_test(what_the_header_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
