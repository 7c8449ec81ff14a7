/* What a seal tolerates, what it does not, and what each state of one looks like. */
#include "message/reading.h"
#include "seal/seal.h"

#define SECRET S("0123456789abcdef0123456789abcdef")
#define HEAD "From: a@sender.example\r\nTo: b@home.example\r\nSubject: x\r\nMessage-ID: <1@sender.example>\r\n"
#define TEXT HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f Gott\r\n\r\nBye\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PARTS "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n" \
              "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKAAEC\r\n"
#define INNER "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@inner.example\r\nSubject: in\r\n\r\nInside\r\n"

static struct seal_measure measured(const char *text)
{
    struct reading r = {0};
    struct seal_measure measure;
    reading_of(&r, text);
    assert_true(seal_measure(&r.message, &measure));
    reading_done(&r);
    return measure;
}

static const struct pair {
    const char *why, *one, *other;
    bool same;
} pairs[] = {
    {"line ends", TEXT, HEAD "Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9f Gott\n\nBye\n", true},
    {"quoted-printable", TEXT, HEAD "Content-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9F=\r\n Gott\r\n\r\nBye\r\n", true},
    {"base64", TEXT, HEAD "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nR3LDvMOfIEdvdHQKCkJ5ZQo=\r\n", true},
    {"line ends beside encoded ones", HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\none=0D\r\ntwo=0D=0Athree\r\n",
     HEAD "Content-Transfer-Encoding: quoted-printable\n\none=0D\ntwo=0D=0Athree\n", true},
    {"blank lines at the end", TEXT, TEXT "\r\n\r\n", true},
    {"a folded type, further fields", TEXT, "Received: by x; Fri, 1 Jan 2027 00:00:00 +0000\r\n" HEAD "Content-Type: text/plain;\r\n\tcharset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f Gott\r\n\r\nBye\r\n", true},
    {"a letter", TEXT, HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f Gott\r\n\r\nBya\r\n", false},
    {"a blank line inside", TEXT, HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f Gott\r\nBye\r\n", false},
    {"a line more", TEXT, TEXT "PS\r\n", false},
    {"a blank at a line's end", TEXT, HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f Gott \r\n\r\nBye\r\n", false},
    {"the type", TEXT, HEAD "Content-Type: text/html; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f Gott\r\n\r\nBye\r\n", false},
    {"the charset", TEXT, HEAD "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xc3\xbc\xc3\x9f Gott\r\n\r\nBye\r\n", false},
    {"a label that says nothing", HEAD "\r\nHi\r\n", HEAD "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nHi\r\n", true},
    {"boundary, preamble, epilogue", MIXED PARTS "--b--\r\n", HEAD "Content-Type: multipart/mixed; boundary=other\r\n\r\nThis is MIME.\r\n--other\r\n"
     "Content-Type: text/plain\r\n\r\nHello\r\n--other\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: inline\r\n"
     "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\nLjQKAAEC\r\n--other--\r\nend\r\n", true},
    {"a byte of an attachment", MIXED PARTS "--b--\r\n", MIXED "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
     "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKAAED\r\n--b--\r\n", false},
    {"its name", MIXED PARTS "--b--\r\n", MIXED "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf; name=a.exe\r\n"
     "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKAAEC\r\n--b--\r\n", false},
    {"a part more", MIXED PARTS "--b--\r\n", MIXED PARTS INNER "--b--\r\n", false},
    {"parts in another order", MIXED "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", MIXED "--b\r\n\r\ntwo\r\n--b\r\n\r\none\r\n--b--\r\n", false},
    {"one part for two", MIXED "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", MIXED "--b\r\n\r\none\r\ntwo\r\n--b--\r\n", false},
    {"an attached message folded", MIXED INNER "--b--\r\n", MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject:\r\n in\r\nX-Seen: 1\r\nFrom: c@inner.example\r\n\r\nInside\r\n--b--\r\n", true},
    {"an attached message's subject", MIXED INNER "--b--\r\n", MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@inner.example\r\nSubject: on\r\n\r\nInside\r\n--b--\r\n", false},
};

static void digests_tolerate_what_servers_do_and_nothing_else(void **state)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct seal_measure one = measured(pairs[i].one), other = measured(pairs[i].other);
        if ((memcmp(one.parts, other.parts, sizeof one.parts) == 0) != pairs[i].same)
            fail_msg("%s: the digests are %s", pairs[i].why, pairs[i].same ? "different" : "the same");
        assert_memory_equal(one.message_id, other.message_id, sizeof one.message_id);
    }
}

static void many_line_ends_are_one_kind(void **state)
{
    static char one[70000], other[70000];
    size_t a = (size_t)snprintf(one, sizeof one, "%s\r\n", HEAD), b = (size_t)snprintf(other, sizeof other, "%s\r\n", HEAD);
    for (int i = 0; i < 3000; i++) {
        a += (size_t)snprintf(one + a, sizeof one - a, "line %d\r\n", i);
        b += (size_t)snprintf(other + b, sizeof other - b, "line %d\n", i);
    }
    struct seal_measure first = measured(one), second = measured(other);
    assert_memory_equal(first.parts, second.parts, sizeof first.parts);
    other[b - 2]++;
    second = measured(other);
    assert_memory_not_equal(first.parts, second.parts, sizeof first.parts);
}

/* The boundary closes twice: what stands behind the first end is a reading of its own. */
#define TWO_WAYS(hidden) HEAD "Content-Type: multipart/mixed; boundary=b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--b\r\n\r\nseen\r\n--b--\r\n--c\r\n\r\n" hidden "\r\n--c--\r\n"
static void what_only_some_readers_see_is_covered(void **state)
{
    struct seal_measure one = measured(TWO_WAYS("good")), other = measured(TWO_WAYS("evil"));
    assert_memory_not_equal(one.parts, other.parts, sizeof one.parts);
}

static void what_was_not_read_whole_is_not_measured(void **state)
{
    struct reading r = {0};
    struct seal_measure measure;
    message_limits_default(&r.limits);
    r.limits.message_bytes = sizeof TEXT - 5;
    reading_of(&r, TEXT);
    assert_false(seal_measure(&r.message, &measure));
    reading_done(&r);
}

/* ---- fields */
static struct seal sealed(struct arena *arena, const char *text, struct span *value)
{
    struct seal seal = {.key = S("k1234567"), .record = S("01j0abcd0123456789abcdefghjk"), .at = 1795000000, .measure = measured(text)};
    *value = seal_write(arena, &seal, SECRET);
    assert_true(value->len > 100);
    return seal;
}

static void a_field_is_read_as_it_was_written(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span value;
    struct seal seal = sealed(arena, TEXT, &value), read;
    assert_true(seal_read(value, &read));
    assert_true(span_eq(read.key, seal.key) && span_eq(read.record, seal.record));
    assert_int_equal(read.at, 1795000000);
    assert_memory_equal(&read.measure, &seal.measure, sizeof seal.measure);
    assert_true(seal_holds(&read, SECRET));
    assert_false(seal_holds(&read, S("0123456789abcdef0123456789abcdeX")));
    assert_false(seal_holds(&read, S("")));
    arena_free(&arena);
}

static void every_letter_of_a_field_counts(void **state)
{
    struct arena *arena = arena_new(8 << 20);
    struct span value;
    sealed(arena, TEXT, &value);
    for (size_t i = 0; i < value.len; i++) {
        struct seal read;
        char *copy = (char *)arena_copy(arena, value).at;
        if (copy[i] == ' ')
            continue;
        copy[i] = copy[i] == '1' ? '2' : '1';
        struct span bytes = exact_bytes(copy, value.len);
        if (seal_read(bytes, &read) && seal_holds(&read, SECRET))
            fail_msg("changed at %zu and good: %.*s", i, SPAN_FMT(bytes));
        free((void *)bytes.at);
    }
    for (size_t i = 0; i < value.len; i++) {
        struct seal read;
        struct span bytes = exact_bytes(value.at, i);
        assert_false(seal_read(bytes, &read));
        free((void *)bytes.at);
    }
    arena_free(&arena);
}

static void blanks_of_folding_do_not_count(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span value, piece, rest;
    struct buf folded = {.arena = arena};
    struct seal read;
    sealed(arena, TEXT, &value);
    for (rest = value; span_cut(&rest, ';', &piece);)
        buf_print(&folded, "%s\t %.*s  ", folded.len ? ";" : "", SPAN_FMT(span_trim(piece)));
    assert_true(seal_read(buf_span(&folded), &read));
    assert_true(seal_holds(&read, SECRET));
    arena_free(&arena);
}

/* ---- states */
static enum seal_state state_of(const char *sealed_text, const char *seen, bool known, struct span secret)
{
    struct arena *arena = arena_new(1 << 20);
    struct span value;
    struct seal read;
    sealed(arena, sealed_text, &value);
    assert_true(seal_read(value, &read));
    struct seal_measure measure = measured(seen);
    enum seal_state got = seal_judge(&read, known, seal_holds(&read, secret), &measure);
    arena_free(&arena);
    return got;
}

#define NO_ID "From: a@sender.example\r\n\r\nHi\r\n"
#define GIVEN_ID "From: a@sender.example\r\nMessage-ID: <2@mx.example>\r\n\r\nHi\r\n"
static void each_state_has_its_look(void **state)
{
    assert_int_equal(state_of(TEXT, TEXT, true, SECRET), SEAL_GOOD);
    assert_int_equal(state_of(TEXT, TEXT "PS\r\n", true, SECRET), SEAL_CHANGED);
    assert_int_equal(state_of(TEXT, TEXT, true, S("another secret, as long as it is")), SEAL_FORGED);
    assert_int_equal(state_of(TEXT, TEXT, false, SECRET), SEAL_UNKNOWN_KEY);
    assert_int_equal(state_of(TEXT, "From: a@b.example\r\nMessage-ID: <9@b.example>\r\n\r\nHi\r\n", true, SECRET), SEAL_MOVED);
    assert_int_equal(state_of(NO_ID, GIVEN_ID, true, SECRET), SEAL_GOOD); /* a server gave it one */
    assert_int_equal(state_of(GIVEN_ID, NO_ID, true, SECRET), SEAL_MOVED);
}

static void seals_of_a_message_are_found(void **state)
{
    static const struct {
        const char *text;
        enum seal_state state;
        size_t fields;
    } rows[] = {
        {TEXT, SEAL_NONE, 0},
        {"X-Sekimori-Seal: v=2; k=x\r\n" TEXT, SEAL_MALFORMED, 1},
        {"x-sekimori-seal: v=1\r\nX-Sekimori-Seal: v=1\r\n" TEXT, SEAL_SEVERAL, 2},
        {"X-Sekimori-Seals: v=1\r\n" TEXT, SEAL_NONE, 0},
        {HEAD "\r\nX-Sekimori-Seal: v=1\r\n", SEAL_NONE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reading r = {0};
        struct seals seals;
        reading_of(&r, rows[i].text);
        seals_find(r.arena, &r.message, &seals);
        assert_int_equal(seals_state(&seals), rows[i].state);
        assert_int_equal(seals.fields, rows[i].fields);
        reading_done(&r);
    }
}

static void many_seals_are_counted_and_few_looked_at(void **state)
{
    char text[4096] = "";
    struct reading r = {0};
    struct seals seals;
    for (int i = 0; i < 50; i++)
        strcat(text, "X-Sekimori-Seal: v=1\r\n");
    strcat(text, "From: a@b.example\r\n\r\nHi\r\n");
    reading_of(&r, text);
    seals_find(r.arena, &r.message, &seals);
    assert_int_equal(seals.fields, 50);
    assert_int_equal(seals.list.len, SEALS_MOST);
    reading_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_tolerate_what_servers_do_and_nothing_else), cmocka_unit_test(many_line_ends_are_one_kind),
        cmocka_unit_test(what_only_some_readers_see_is_covered),             cmocka_unit_test(what_was_not_read_whole_is_not_measured),
        cmocka_unit_test(a_field_is_read_as_it_was_written),                 cmocka_unit_test(every_letter_of_a_field_counts),
        cmocka_unit_test(blanks_of_folding_do_not_count),                    cmocka_unit_test(each_state_has_its_look),
        cmocka_unit_test(seals_of_a_message_are_found),                      cmocka_unit_test(many_seals_are_counted_and_few_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
