/* The tree of parts, what leaves hold, and the other readings of parts that programs would read in different ways. */
#include "reading.h"

#define HEAD "From: a@example.com\nDate: Sat, 1 Jan 2000 00:00:00 +0000\nMessage-ID: <1@example.com>\nMIME-Version: 1.0\n"

static void tree(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, HEAD "Content-Type: multipart/mixed; boundary=o\n\npreamble\n--o\nContent-Type: multipart/alternative; boundary=\"i\"\n\n"
                        "--i\n\nplain\n--i\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n<b>=FC</b>\n--i--\n"
                        "--o\nContent-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: base64\nContent-ID: <cid@x>\n"
                        "Content-Disposition: attachment; filename=\"y.pdf\"\n\nJVBERi0x\n--o--\nepilogue\n");
    const struct part *root = r.message.root, *inner = root->first_child, *plain = inner->first_child, *html = plain->next, *file = inner->next;
    assert_int_equal(root->kind, PART_MULTIPART);
    assert_span(root->boundary, "o");
    assert_null(root->next);
    assert_null(file->next);
    assert_span(plain->type, "text");
    assert_span(plain->subtype, "plain");
    assert_span(plain->text, "plain");
    assert_int_equal(html->kind, PART_HTML);
    assert_span(html->decoded, "<b>\xfc</b>");
    assert_span(html->text, "<b>ü</b>");
    assert_int_equal(html->depth, 2);
    assert_span(file->decoded, "%PDF-1");
    assert_span(file->sniffed, "application/pdf");
    assert_true(file->attachment);
    assert_span(file->content_id, "cid@x");
    assert_span(file->names.at[0], "y.pdf");
    assert_span(file->names.at[1], "x.pdf");
    assert_int_equal(r.message.leaves.len, 3);
    assert_int_equal(r.message.readings, 0);
    assert_int_equal(r.message.part_count, 5);
    assert_int_equal(r.message.decoded_bytes, strlen("plain") + strlen("<b>u</b>") + strlen("%PDF-1"));
    reading_done(&r);
}

static void a_digest_is_of_the_decoded_bytes(void **state)
{
    (void)state;
    static const uint8_t abc[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    struct reading r = {0};
    reading_of(&r, HEAD "Content-Type: application/octet-stream; name=a\nContent-Transfer-Encoding: base64\n\nYWJj\n");
    assert_memory_equal(r.message.root->sha256, abc, 32);
    reading_done(&r);
}

static void attached_messages(void **state)
{
    (void)state;
    struct reading r = {0};
    /* The second one is encoded, which is forbidden and done: "Subject: two\n\nwords" */
    reading_of(&r, HEAD "Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: one\n\nfirst\n--d\nContent-Type: message/rfc822\n"
                        "Content-Transfer-Encoding: base64\n\nU3ViamVjdDogdHdvCgp3b3Jkcw==\n--d--\n");
    const struct part *first = r.message.root->first_child, *second = first->next;
    assert_int_equal(first->kind, PART_MESSAGE);
    assert_span(first->first_child->fields.at[0].value, "one");
    assert_span(first->first_child->text, "first");
    assert_int_equal(second->kind, PART_MESSAGE);
    assert_span(second->first_child->text, "words");
    assert_non_null(defect_find(&r.message, DEFECT_ENCODING_CONTAINER));
    assert_int_equal(r.message.leaves.len, 2);
    reading_done(&r);
}

static void an_encoded_multipart_is_cut_when_decoded(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, HEAD "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\nLS1iCgpoaWRkZW4KLS1iLS0K\n");
    const struct part *first = r.message.root, *part = first;
    while (part && !span_eq(part->reading_of, S("encoding")))
        part = part->next;
    assert_null(first->first_child);
    assert_non_null(part);
    assert_span(part->first_child->text, "hidden");
    reading_done(&r);
}

static void nul_in_a_type(void **state)
{
    (void)state;
    static const char text[] = HEAD "Content-Type: multi\0part/mixed; boundary=b\nContent-Transfer-Encoding: 7\0bit\n\n"
                                    "--b\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b--\n";
    struct reading r = {0};
    reading_run(&r, text, sizeof text - 1);
    const struct part *leaf = leaf_with(&r.message, "hidden");
    assert_non_null(leaf);
    assert_span(leaf->reading_of, "nul");
    assert_span(leaf->text, "hidden");
    reading_done(&r);
}

static void uuencoded_files_in_text(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, HEAD "\nhello\nbegin 644 a.exe\n#86)C\n`\nend\nbye\nbegin 644 b.txt\n#86)C\n`\nend\n");
    assert_int_equal(r.message.leaves.len, 3);
    assert_span(r.message.leaves.at[1]->decoded, "abc");
    assert_span(r.message.leaves.at[1]->names.at[0], "a.exe");
    assert_span(r.message.leaves.at[1]->reading_of, "uuencode");
    assert_true(r.message.leaves.at[1]->attachment);
    assert_span(r.message.leaves.at[2]->names.at[0], "b.txt");
    reading_done(&r);
}

/* What only some programs see is a leaf, marked with its reading. */
static void other_readings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words, *why;
    } rows[] = {
        {HEAD "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\none\n--b\n\nhidden one\n--b--\n--a--\n", "hidden one", "boundary"},
        {HEAD "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b--\n",
         "hidden", "content-type"},
        {HEAD "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n", "hidden", "encoding"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\nContent-Type: text/html\n\n<b>hidden</b>\n--b\n\none\n--b--\n", "hidden", "preamble"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n--c\nContent-Type: text/html\n\n<b>hidden</b>\n--c--\n--b\n\none\n--b--\n", "hidden", "preamble"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b--\n", "hidden",
         "epilogue"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\nContent-Type: text/html\n\nhidden\n", "hidden", "epilogue"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\nsee http://hidden.example/\n", "hidden", "epilogue"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b--\n", "hidden", "boundary"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n--c\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--c--\n", "hidden", "boundary"},
        {HEAD "Content-Type: multipart/mixed\n\n--c\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--c--\n", "hidden", "boundary"},
        {HEAD "Content-Type: multipart/mixed; boundary=\"=?us-ascii?q?b?=\"\n\n--b\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b--\n", "hidden",
         "boundary"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\nLS1iCgpoaWRkZW4KLS1iLS0K\n", "hidden", "encoding"},
        {HEAD "Content-Type: multipart/mixed; boundary=b c; x=y\n\n--b c\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b c--\n", "hidden", "boundary"},
        {HEAD "Content-Transfer-Encoding: base64\n\naGl=kZ=GVu\n", "hidden", "base64"},
        {HEAD "Content-Transfer-Encoding: base64\n\nnot this!\naGlkZGVu\n", "hidden", "base64"},
        {HEAD "Content-Transfer-Encoding: x-base64\n\naGlkZGVu\n", "hidden", "encoding"},
        {HEAD "Content-Transfer-Encoding: x-quoted\n\nhi=64den\n", "hidden", "encoding"},
        {HEAD "Content-Transfer-Encoding: base64\nodd line\n\naGlkZGVu\n", "hidden", "header-end"},
        {HEAD "Content-Type: multipart/mixed; boundary=b(c)\n\n--b\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b--\n", "hidden", "boundary"},
        {"\n" HEAD "Content-Transfer-Encoding: base64\n\naGlkZGVu\n", "hidden", "leading-blank"},
        {HEAD " \t\nContent-Type: text/html\n\none\n", "Content-Type: text/html", "header-end"},
        {HEAD "no field here\nContent-Type: text/html\n\none\n", "no field here", "header-end"},
        {"From: a@example.com\r\rContent-Transfer-Encoding: x\r\n\r\nhidden\r\n", "Content-Transfer-Encoding: x", "line-end"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reading r = {0};
        reading_of(&r, rows[i].text);
        const struct part *leaf = NULL;
        for (size_t k = 0; k < r.message.leaves.len; k++)
            if (r.message.leaves.at[k]->reading && span_eq(r.message.leaves.at[k]->reading_of, span_of(rows[i].why)) &&
                span_find(r.message.leaves.at[k]->decoded, span_of(rows[i].words)))
                leaf = r.message.leaves.at[k];
        if (!leaf)
            fail_msg("row %zu: \"%s\" is not seen in another reading of its %s", i, rows[i].words, rows[i].why);
        assert_true(leaf->reading <= r.message.readings);
        reading_done(&r);
    }
}

/* A message sent as a file of no type is a file, and read as a message. */
static void messages_as_files(void **state)
{
    (void)state;
    static const struct {
        const char *head, *body;
        bool read;
    } rows[] = {
        {"Content-Type: application/octet-stream; name=a.EML\nContent-Transfer-Encoding: base64\n", /* a link in base64 in base64 */
         "U3ViamVjdDogeApDb250ZW50LVR5cGU6IHRleHQvaHRtbApDb250ZW50LVRyYW5zZmVyLUVuY29kaW5nOiBiYXNlNjQKClBHRWdhSEpsWmoxb2RIUndPaTh2WkdWbGNDNWxlR0Z0Y0d4bEx6NTRQQzloUGc9PQo=", true},
        {"Content-Type: application/octet-stream\n", "Received: x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGEgaHJlZj1odHRwOi8vZGVlcC5leGFtcGxlLz54PC9hPg==\n", true},
        {"Content-Type: text/plain; name=a.eml\n", "Subject: x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGEgaHJlZj1odHRwOi8vZGVlcC5leGFtcGxlLz54PC9hPg==\n", true},
        {"Content-Type: application/octet-stream; name=a.txt\n", "Subject: x\nContent-Type: text/html\n\n<a href=http://deep.example/>x</a>\n", false},
        {"Content-Type: text/plain\n", "Received: x\nContent-Type: text/html\n\n<a href=x>x</a>\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000];
        struct reading r = {0};
        snprintf(text, sizeof text, HEAD "%s\n%s", rows[i].head, rows[i].body);
        reading_of(&r, text);
        const struct part *inner = r.message.root->first_child;
        if ((inner != NULL) != rows[i].read || (inner && (r.message.links.len != 1 || inner->kind != PART_HTML || !r.message.root->attachment)))
            fail_msg("row %zu: %s, %zu links", i, inner ? "read" : "not read", r.message.links.len);
        reading_done(&r);
    }
}

/* Programs take these for multipart/mixed. */
static void multiparts_all_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *type, *line;
        size_t leaves;
        enum defect_id id;
    } rows[] = {
        {"multipart/mixed; boundary=\"\"", "--", 2, DEFECT_BOUNDARY_EMPTY},
        {"multipart; boundary=b", "--b", 2, DEFECT_CONTENT_TYPE_BAD},
        {"multipart/; boundary=b", "--b", 2, DEFECT_CONTENT_TYPE_BAD},
        {"multiparts; boundary=b", "--b", 1, DEFECT_CONTENT_TYPE_BAD},
        {"text; boundary=b", "--b", 1, DEFECT_CONTENT_TYPE_BAD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000];
        struct reading r = {0};
        size_t leaves = 0;
        snprintf(text, sizeof text, HEAD "Content-Type: %s\n\n%s\n\none\n%s\nContent-Type: text/html\n\ntwo\n%s--\n", rows[i].type, rows[i].line,
                 rows[i].line, rows[i].line);
        reading_of(&r, text);
        for (size_t k = 0; k < r.message.leaves.len; k++)
            leaves += !r.message.leaves.at[k]->reading;
        if (leaves != rows[i].leaves || !defect_find(&r.message, rows[i].id))
            fail_msg("%s: %zu leaves", rows[i].type, leaves);
        reading_done(&r);
    }
}

/* Near misses: usual mail has one reading. */
static void one_reading(void **state)
{
    (void)state;
    static const char *const texts[] = {
        HEAD "Content-Type: multipart/mixed; boundary=b\n\nThis is a multi-part message in MIME format.\n--b\n\none\n--b--\n\n-- \nlist footer\n",
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--bb--\n--b--\n",
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c--\n\n--b--\n",
        HEAD "Content-Type: text/plain\n\n--x\nContent-Type: words about a type\n",
        HEAD "Content-Transfer-Encoding: 7bit\n\nwords\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading r = {0};
        reading_of(&r, texts[i]);
        if (r.message.readings || r.message.defects.len)
            fail_msg("row %zu: %u readings, defect %s", i, r.message.readings,
                     r.message.defects.len ? defect_name(r.message.defects.at[0].id) : "none");
        reading_done(&r);
    }
}

/* A lone carriage return that changes nothing is told, and is no other reading. */
static void returns_that_do_not_matter(void **state)
{
    (void)state;
    struct reading r = {0};
    reading_of(&r, "From: a@example.com\r\n\r\nwords\rand words\r\n");
    assert_non_null(defect_find(&r.message, DEFECT_LINES_CR));
    assert_int_equal(r.message.readings, 0);
    reading_done(&r);
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *head, *body;
        enum part_kind kind;
        bool attachment;
    } rows[] = {
        {"Content-Type: text/plain\n", "x", PART_TEXT, false},
        {"Content-Type: text/html\n", "x", PART_HTML, false},
        {"Content-Type: text/html; name=a.html\nContent-Disposition: attachment\n", "x", PART_HTML, true},
        {"Content-Type: application/octet-stream; name=a.htm\n", "<html>", PART_HTML, true},
        {"Content-Type: application/octet-stream; name=a.bin\n", "words", PART_OTHER, true},
        {"Content-Type: text/calendar\n", "BEGIN:VCALENDAR", PART_CALENDAR, false},
        {"Content-Type: application/ms-tnef\n", "x", PART_TNEF, true},
        {"Content-Type: application/octet-stream; name=WinMail.dat\n", "x", PART_TNEF, true},
        {"Content-Type: application/octet-stream\n", "\x78\x9f\x3e\x22", PART_TNEF, true},
        {"Content-Type: image/png\nContent-ID: <x>\n", "x", PART_IMAGE, false},
        {"Content-Type: image/png\n", "x", PART_IMAGE, true},
        {"Content-Type: image/png; name=x.png\nContent-ID: <x>\n", "x", PART_IMAGE, false},
        {"Content-Type: image/png; name=\"image001.png\"\nContent-Disposition: inline; filename=logo\n", "x", PART_IMAGE, false},
        {"Content-Type: image/png; name=evil.exe\nContent-ID: <x>\n", "x", PART_IMAGE, true},
        {"Content-Type: image/png; name=x.png\nContent-Disposition: inline; filename=\"x.png.hta. \"\n", "x", PART_IMAGE, true},
        {"Content-Type: image/png\nContent-ID: <x>\n", "MZ\x90", PART_IMAGE, true},
        {"Content-Type: image/png\nContent-ID: <x>\n", "GIF89a", PART_IMAGE, false},
        {"Content-Type: message/rfc822\n", "Subject: x\n\ny", PART_MESSAGE, false},
        {"Content-Type: message/rfc822\nContent-Disposition: attachment; filename=a.eml\n", "Subject: x\n\ny", PART_MESSAGE, true},
        {"Content-Type: message/delivery-status\n", "Reporting-MTA: dns; x\n", PART_TEXT, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000];
        struct reading r = {0};
        snprintf(text, sizeof text, HEAD "%s\n%s", rows[i].head, rows[i].body);
        reading_of(&r, text);
        if (r.message.root->kind != rows[i].kind || r.message.root->attachment != rows[i].attachment)
            fail_msg("row %zu: kind %d, attachment %d", i, r.message.root->kind, r.message.root->attachment);
        reading_done(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree), cmocka_unit_test(a_digest_is_of_the_decoded_bytes), cmocka_unit_test(attached_messages),
        cmocka_unit_test(an_encoded_multipart_is_cut_when_decoded), cmocka_unit_test(nul_in_a_type), cmocka_unit_test(uuencoded_files_in_text), cmocka_unit_test(other_readings), cmocka_unit_test(messages_as_files), cmocka_unit_test(multiparts_all_the_same), cmocka_unit_test(one_reading), cmocka_unit_test(returns_that_do_not_matter), cmocka_unit_test(kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
