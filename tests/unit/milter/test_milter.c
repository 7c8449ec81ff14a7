/* The milter protocol: each command as mail servers send it and each way in which it can be wrong; what may follow what; what is
 * answered, byte for byte. Inputs lie on heap of their exact size. */
#include "exact.h"
#include "milter/milter.h"

#include <stdio.h>

enum { BYTES_MOST = 1 << 16 };

/* A frame around a body, on the heap; the caller frees it. */
static struct span frame(struct span body)
{
    char bytes[BYTES_MOST] = {0};
    assert_true(body.len + 4 <= sizeof bytes);
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)(body.len >> (24 - 8 * i) & 255);
    memcpy(bytes + 4, body.at, body.len);
    return exact_bytes(bytes, body.len + 4);
}

static enum milter_reading read_body(struct span body, struct span *kept, struct milter_said *said, struct err *err)
{
    size_t used = 0;
    *kept = frame(body);
    enum milter_reading read = milter_read(*kept, &used, said, err);
    assert_int_equal(used, read == MILTER_SAID ? kept->len : 0);
    return read;
}

/* ---- reading */
static void commands_are_read(void **state)
{
    static const struct {
        struct span body;
        enum milter_command command;
        const char *text, *name;
    } rows[] = {
        {S("Hmx.shop.example\0"), MILTER_HELO, "mx.shop.example", ""},
        {S("H\0"), MILTER_HELO, "", ""},
        {S("M<a@shop.example>\0"), MILTER_MAIL, "<a@shop.example>", ""},
        {S("M<>\0SIZE=10\0BODY=8BITMIME\0"), MILTER_MAIL, "<>", ""},
        {S("R<b@harbour.example>\0NOTIFY=NEVER\0"), MILTER_RCPT, "<b@harbour.example>", ""},
        {S("T"), MILTER_DATA, "", ""},
        {S("LSubject\0 Hello\0"), MILTER_HEADER, " Hello", "Subject"},
        {S("LSubject\0\0"), MILTER_HEADER, "", "Subject"},
        {S("LX\0a\n\tb\0"), MILTER_HEADER, "a\n\tb", "X"},
        {S("N"), MILTER_HEADERS_END, "", ""},
        {S("Bone\r\n"), MILTER_BODY, "one\r\n", ""},
        {S("B"), MILTER_BODY, "", ""},
        {S("E"), MILTER_MESSAGE_END, "", ""},
        {S("Elast\r\n"), MILTER_MESSAGE_END, "last\r\n", ""},
        {S("A"), MILTER_ABORT, "", ""},
        {S("Q"), MILTER_QUIT, "", ""},
        {S("K"), MILTER_QUIT_NEW, "", ""},
        {S("UXYZZY now\0"), MILTER_UNKNOWN, "XYZZY now", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct milter_said said;
        struct err err;
        struct span kept;
        if (read_body(rows[i].body, &kept, &said, &err) != MILTER_SAID || said.command != rows[i].command)
            fail_msg("row %zu: %s", i, err.text);
        assert_span(said.text, rows[i].text);
        assert_span(said.name, rows[i].name);
        free((void *)kept.at);
    }
}

static void a_value_keeps_its_nul_and_a_body_its_bytes(void **state)
{
    struct milter_said said;
    struct err err;
    struct span kept;
    assert_int_equal(read_body(S("LX\0 a\0b\0"), &kept, &said, &err), MILTER_SAID);
    assert_true(span_eq(said.text, S(" a\0b")));
    free((void *)kept.at);
    assert_int_equal(read_body(S("Ba\0b\377"), &kept, &said, &err), MILTER_SAID);
    assert_true(span_eq(said.text, S("a\0b\377")));
    free((void *)kept.at);
}

static void clients_are_read(void **state)
{
    static const struct {
        struct span body;
        enum milter_family family;
        uint16_t port;
        const char *ip;
    } rows[] = {
        {S("Cmail.shop.example\0" "4\x04\xd2" "192.0.2.7\0"), MILTER_INET, 1234, "192.0.2.7"},
        {S("C[2001:db8::7]\0" "6\0\x19" "2001:db8::7\0"), MILTER_INET6, 25, "2001:db8::7"},
        {S("C[2001:db8::7]\0" "6\0\x19" "IPv6:2001:db8::7\0"), MILTER_INET6, 25, "2001:db8::7"},
        {S("Clocalhost\0L\0\0/run/sock\0"), MILTER_UNIX, 0, ""},
        {S("Cunknown\0U"), MILTER_NO_FAMILY, 0, ""},
    };
    struct arena *arena = arena_new(1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct milter_said said;
        struct err err;
        struct span kept;
        if (read_body(rows[i].body, &kept, &said, &err) != MILTER_SAID)
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(said.client.family, rows[i].family);
        assert_int_equal(said.client.port, rows[i].port);
        assert_span(ip_text(arena, &said.client.ip), rows[i].ip);
        if (said.client.family == MILTER_UNIX)
            assert_span(said.client.path, "/run/sock");
        free((void *)kept.at);
    }
    arena_free(&arena);
}

static void params_and_macros_are_pieces(void **state)
{
    struct milter_said said;
    struct err err;
    struct span kept, piece, name, value;
    assert_int_equal(read_body(S("M<a@b>\0SIZE=10\0BODY=8BITMIME\0"), &kept, &said, &err), MILTER_SAID);
    assert_true(milter_piece(&said.params, &piece));
    assert_span(piece, "SIZE=10");
    assert_true(milter_piece(&said.params, &piece));
    assert_span(piece, "BODY=8BITMIME");
    assert_false(milter_piece(&said.params, &piece));
    free((void *)kept.at);
    assert_int_equal(read_body(S("DMi\0AB12\0{auth_authen}\0\0"), &kept, &said, &err), MILTER_SAID);
    assert_int_equal(said.stage, MILTER_MAIL);
    assert_true(milter_macro(&said.pairs, &name, &value));
    assert_span(name, "i");
    assert_span(value, "AB12");
    assert_true(milter_macro(&said.pairs, &name, &value));
    assert_span(name, "auth_authen");
    assert_span(value, "");
    assert_false(milter_macro(&said.pairs, &name, &value));
    free((void *)kept.at);
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        struct span bytes;
        const char *said;
    } rows[] = {
        {S("\0\0\0\0"), "0 bytes"},
        {S("\0\x10\0\x01"), "1048577 bytes"},
        {S("GET / HTTP/1.1\r\n"), "is it a milter client?"},
        {S("\0\0\0\2?"), "0x3f"},
        {S("\0\0\0\2Hx"), "cut short"},           /* no NUL */
        {S("\0\0\0\5O\0\0\0\6"), "cut short"},    /* no actions */
        {S("\0\0\0\2Cx"), "cut short"},
        {S("\0\0\0\3Cx\0"), "cut short"},         /* no family */
        {S("\0\0\0\4Cx\0004"), "cut short"},      /* no port */
        {S("\0\0\0\x0c" "Cx\0" "4\0\x19" "name.\0"), "CONNECT"},
        {S("\0\0\0\7Cx\0" "9\0\x19\0"), "CONNECT"},
        {S("\0\0\0\1M"), "MAIL"},
        {S("\0\0\0\6M<>\0ab"), "MAIL"},           /* a parameter without its end */
        {S("\0\0\0\3LX\0"), "HEADER"},            /* no value */
        {S("\0\0\0\4LX\0a"), "HEADER"},
        {S("\0\0\0\3L\0\0"), "HEADER"},           /* no name */
        {S("\0\0\0\1D"), "MACROS"},
        {S("\0\0\0\2Dx"), "MACROS"},
        {S("\0\0\0\4DMi\0"), "MACROS"},           /* a name without a value */
        {S("\0\0\0\2Ax"), "more in it"},
        {S("\0\0\0\2Nx"), "more in it"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t used;
        struct milter_said said;
        struct err err = {.text = ""};
        struct span kept = exact_bytes(rows[i].bytes.at, rows[i].bytes.len);
        if (milter_read(kept, &used, &said, &err) != MILTER_FAULT || !strstr(err.text, rows[i].said))
            fail_msg("row %zu: \"%s\"", i, err.text);
        free((void *)kept.at);
    }
}

/* However it is cut, the whole is waited for. */
static void what_is_not_whole_is_waited_for(void **state)
{
    struct span whole = frame(S("R<b@harbour.example>\0NOTIFY=NEVER\0"));
    for (size_t len = 0; len < whole.len; len++) {
        size_t used = 1;
        struct milter_said said;
        struct err err;
        struct span cut = exact_bytes(whole.at, len);
        assert_int_equal(milter_read(cut, &used, &said, &err), MILTER_LATER);
        assert_int_equal(used, 0);
        free((void *)cut.at);
    }
    free((void *)whole.at);
}

/* ---- the conversation. A letter each: O negotiate, C connect ... as in the protocol */
static enum milter_command command_of(char letter)
{
    static const char letters[] = "ODCHMRTLNBEAQKU";
    return (enum milter_command)(strchr(letters, letter) - letters);
}

static const struct milter_wish wish = {
    .actions = MILTER_MAY_ADD | MILTER_MAY_CHANGE, .steps = MILTER_LEADING_SPACE | MILTER_CAN_SKIP | MILTER_SILENT_RCPT,
    .macros = {[MILTER_MAIL] = "i {auth_authen}"},
};

/* How many of the letters were taken. */
static size_t follow(const char *letters, struct milter_talk *talk, struct err *err)
{
    *talk = (struct milter_talk){0};
    for (size_t i = 0; letters[i]; i++) {
        struct milter_said said = {.command = command_of(letters[i]), .offer = {6, 0x1ff, 0x1fffff}};
        if (milter_follow(talk, &said, &wish, err) < 0)
            return i;
    }
    return strlen(letters);
}

static void what_belongs_there_follows(void **state)
{
    static const struct {
        const char *letters;
        size_t taken;
    } rows[] = {
        {"ODCDHDMDRDRTLLNBBEMRNEQ", 99}, {"OCHMRNEMRLNBEQ", 99}, {"OCMRLNEAQ", 99}, {"OCHMRAMRNEQ", 99}, {"OCHHMMRRNEKCHQ", 99}, {"OCUHUQ", 99}, {"OQ", 99},
        {"Q", 99}, {"OCHMRLAMQ", 99}, {"OCHMRNBAQ", 99}, {"OACQ", 99}, {"OKCAKQ", 99}, {"OCHMRAQ", 99},
        {"C", 0}, {"D", 0}, {"OO", 1}, {"OH", 1}, {"OM", 1}, {"OCR", 2}, {"OCC", 2}, {"OCB", 2}, {"OCHE", 3}, {"OCHMT", 4}, {"OCHMB", 4}, {"OCHMRB", 5},
        {"OCHMRE", 5}, {"OCHMRLB", 6}, {"OCHMRLE", 6}, {"OCHMRNL", 6}, {"OCHMRNM", 6}, {"OCHMRNBL", 7}, {"OCHMRNEB", 7}, {"OCHMRTR", 6}, {"OCQC", 3},
        {"OCHMRLR", 6}, {"OCHMRLC", 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct milter_talk talk;
        struct err err = {.text = ""};
        size_t want = rows[i].taken == 99 ? strlen(rows[i].letters) : rows[i].taken, got = follow(rows[i].letters, &talk, &err);
        if (got != want)
            fail_msg("%s: %zu were taken: %s", rows[i].letters, got, err.text);
    }
    struct milter_talk talk;
    struct err err;
    follow("OCR", &talk, &err);
    assert_string_equal(err.text, "RCPT after CONNECT, where it does not belong");
}

static void offers_are_met_halfway(void **state)
{
    static const struct {
        struct milter_offer offer, agreed;
    } rows[] = {
        {{6, 0x1ff, 0x1fffff}, {6, 0x111, 0x108400}},
        {{6, 0x10, 0}, {6, 0x10, 0}},
        {{2, 0x3f, 0x7f}, {2, 0x11, 0}},
        {{9, 0x1, 0x400}, {6, 0x1, 0x400}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct milter_talk talk = {0};
        struct err err;
        assert_int_equal(milter_follow(&talk, &(struct milter_said){.command = MILTER_NEGOTIATE, .offer = rows[i].offer}, &wish, &err), 0);
        assert_memory_equal(&talk.agreed, &rows[i].agreed, sizeof talk.agreed);
    }
    struct milter_talk talk = {0};
    struct err err;
    assert_int_equal(milter_follow(&talk, &(struct milter_said){.command = MILTER_NEGOTIATE, .offer = {1, 0, 0}}, &wish, &err), -1);
    assert_non_null(strstr(err.text, "version 1"));
}

static void answers_are_those_that_are_awaited(void **state)
{
    struct milter_talk talk = {.agreed.steps = MILTER_SILENT_RCPT | MILTER_SILENT_HEADER};
    assert_false(milter_is_answered(&talk, MILTER_RCPT));
    assert_false(milter_is_answered(&talk, MILTER_HEADER));
    assert_true(milter_is_answered(&talk, MILTER_MAIL));
    assert_true(milter_is_answered(&talk, MILTER_BODY));
    assert_true(milter_is_answered(&talk, MILTER_MESSAGE_END));
    assert_false(milter_is_answered(&talk, MILTER_MACROS));
    assert_false(milter_is_answered(&talk, MILTER_ABORT));
    assert_false(milter_is_answered(&talk, MILTER_QUIT));
    assert_false(milter_is_answered(&talk, MILTER_QUIT_NEW));
}

/* ---- writing */
static void answers_are_written(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf out = {.arena = arena};
    struct milter_talk talk = {.agreed = {6, MILTER_MAY_ADD | MILTER_MAY_CHOOSE_MACROS, MILTER_CAN_SKIP}};
    milter_word_write(MILTER_CONTINUE, &out);
    milter_word_write(MILTER_SKIP, &out);
    assert_true(span_eq(buf_span(&out), S("\0\0\0\1c\0\0\0\1s")));
    out.len = 0;
    milter_reply_write("550", "5.7.1", S("100 % of\r\nit"), &out);
    assert_true(span_eq(buf_span(&out), S("\0\0\0\x19y550 5.7.1 100 %% of  it\0")));
    out.len = 0;
    milter_offer_write(&talk, &wish, &out);
    assert_true(span_eq(buf_span(&out), S("\0\0\0\x21O\0\0\0\6\0\0\1\1\0\0\4\0\0\0\0\2i {auth_authen}\0")));
    out.len = 0;
    talk.agreed.actions = MILTER_MAY_ADD;
    milter_offer_write(&talk, &wish, &out);
    assert_true(span_eq(buf_span(&out), S("\0\0\0\x0dO\0\0\0\6\0\0\0\1\0\0\4\0")));
    arena_free(&arena);
}

static void edits_are_written(void **state)
{
    static const struct {
        struct milter_edit edit;
        struct span bare, spaced; /* without and with leading spaces agreed upon */
    } rows[] = {
        {{MILTER_ADD, 0, S("X"), S("a"), {0}}, S("\0\0\0\5hX\0a\0"), S("\0\0\0\6hX\0 a\0")},
        {{MILTER_INSERT, 1, S("X"), S("a"), {0}}, S("\0\0\0\x09i\0\0\0\1X\0a\0"), S("\0\0\0\x0ai\0\0\0\1X\0 a\0")},
        {{MILTER_CHANGE, 258, S("X"), S("a"), {0}}, S("\0\0\0\x09m\0\0\1\2X\0a\0"), S("\0\0\0\x0am\0\0\1\2X\0 a\0")},
        {{MILTER_REMOVE, 1, S("X"), S("a"), {0}}, S("\0\0\0\x08m\0\0\0\1X\0\0"), S("\0\0\0\x08m\0\0\0\1X\0\0")},
        {{MILTER_REMOVE_RCPT, 0, {0}, S("<a@b>"), {0}}, S("\0\0\0\7-<a@b>\0"), S("\0\0\0\7-<a@b>\0")},
        {{MILTER_ADD_RCPT, 0, {0}, S("<a@b>"), {0}}, S("\0\0\0\7+<a@b>\0"), S("\0\0\0\7+<a@b>\0")},
        {{MILTER_ADD_RCPT, 0, {0}, S("<a@b>"), S("X=1")}, S("\0\0\0\x0b" "2<a@b>\0X=1\0"), S("\0\0\0\x0b" "2<a@b>\0X=1\0")},
        {{MILTER_CHANGE_FROM, 0, {0}, S("<>"), {0}}, S("\0\0\0\4e<>\0"), S("\0\0\0\4e<>\0")},
        {{MILTER_REPLACE_BODY, 0, {0}, S("a\0b"), {0}}, S("\0\0\0\4ba\0b"), S("\0\0\0\4ba\0b")},
        {{MILTER_QUARANTINE, 0, {0}, S("why"), {0}}, S("\0\0\0\5qwhy\0"), S("\0\0\0\5qwhy\0")},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct milter_talk talk = {.agreed.actions = 0x1ff};
        struct err err;
        struct buf out = {.arena = arena}, none = {.arena = arena};
        assert_int_equal(milter_edit_write(&talk, &rows[i].edit, &out, &err), 0);
        if (!span_eq(buf_span(&out), rows[i].bare))
            fail_msg("row %zu", i);
        out.len = 0;
        talk.agreed.steps = MILTER_LEADING_SPACE;
        assert_int_equal(milter_edit_write(&talk, &rows[i].edit, &out, &err), 0);
        if (!span_eq(buf_span(&out), rows[i].spaced))
            fail_msg("row %zu, spaced", i);
        talk.agreed.actions = 0;
        assert_int_equal(milter_edit_write(&talk, &rows[i].edit, &none, &err), -1);
        assert_int_equal(none.len, 0);
    }
    arena_free(&arena);
}

static void edits_that_could_not_be_told_are_refused(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf out = {.arena = arena};
    struct milter_talk talk = {.agreed.actions = 0x1ff & ~(uint32_t)MILTER_MAY_ADD_RCPT_PARAMS};
    const struct milter_edit edits[] = {
        {MILTER_ADD, 0, S("X"), S("a\0b"), {0}}, {MILTER_ADD, 0, S(""), S("a"), {0}}, {MILTER_REMOVE_RCPT, 0, {0}, S("a\0b"), {0}},
        {MILTER_ADD_RCPT, 0, {0}, S("<a@b>"), S("X=1")},
    };
    struct err err;
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
        assert_int_equal(milter_edit_write(&talk, &edits[i], &out, &err), -1);
    assert_int_equal(out.len, 0);
    arena_free(&arena);
}

static void a_large_body_goes_in_pieces(void **state)
{
    struct arena *arena = arena_new(4 << 20);
    struct buf body = {.arena = arena}, out = {.arena = arena};
    struct milter_talk talk = {.agreed.actions = 0x1ff};
    struct err err;
    while (body.len < 2 * MILTER_CHUNK_MOST + 7)
        buf_byte(&body, 'x');
    assert_int_equal(milter_edit_write(&talk, &(struct milter_edit){.kind = MILTER_REPLACE_BODY, .value = buf_span(&body)}, &out, &err), 0);
    assert_int_equal(out.len, body.len + 3 * 5);
    assert_memory_equal(out.at, "\0\1\0\0b", 5);
    assert_memory_equal(out.at + 2 * (MILTER_CHUNK_MOST + 5), "\0\0\0\x08" "b", 5);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_read), cmocka_unit_test(a_value_keeps_its_nul_and_a_body_its_bytes), cmocka_unit_test(clients_are_read),
        cmocka_unit_test(params_and_macros_are_pieces), cmocka_unit_test(what_is_wrong_is_told), cmocka_unit_test(what_is_not_whole_is_waited_for),
        cmocka_unit_test(what_belongs_there_follows), cmocka_unit_test(offers_are_met_halfway), cmocka_unit_test(answers_are_those_that_are_awaited),
        cmocka_unit_test(answers_are_written), cmocka_unit_test(edits_are_written), cmocka_unit_test(edits_that_could_not_be_told_are_refused),
        cmocka_unit_test(a_large_body_goes_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
