/* Transfer encodings, strict and lenient, and media types by content. */
#include "exact.h"
#include "message/message.h"
#include "message/reader.h"

static void base64(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
        unsigned faults;
    } rows[] = {
        {"", "", 0}, {"YWJj", "abc", 0}, {"YWI=", "ab", 0}, {"YQ==", "a", 0}, {"YW\r\nJj\r\n", "abc", 0}, {"YQ==\r\n", "a", 0},
        {"YW*Jj", "abc", DECODE_JUNK}, {"YQ==YWJj", "aabc", DECODE_PADDING}, {"YWJ", "ab", DECODE_CUT}, {"=YWJj", "abc", DECODE_JUNK},
        {"YWJj\r\n--\r\nfoot", "abc~\x8a\x2d", DECODE_JUNK},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct decoding how = {0};
        bool strict;
        assert_span(base64_read(arena, text, &how), rows[i].wanted);
        assert_int_equal(how.faults, rows[i].faults);
        base64_decode(arena, text, &strict);
        assert_int_equal(strict, !rows[i].faults);
        free((void *)text.at);
    }
    arena_free(&arena);
}

/* Digit by digit, of texts without '='. */
static size_t base64_slowly(struct span text, char *out, bool *junk)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned have = 0;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = text.at[i] ? strchr(digits, text.at[i]) : NULL;
        *junk |= !digit && !ascii_is_space(text.at[i]);
        if (!digit)
            continue;
        bits = bits << 6 | (uint32_t)(digit - digits);
        if ((have += 6) >= 8)
            out[len++] = (char)(bits >> (have -= 8));
    }
    return len;
}

/* Sixteen digits are read at once: every byte at every place of them and behind, all digits beside it. */
static void base64_any_byte(void **state)
{
    enum { LEN = 37 };
    static const char around[] = "AZaz09+/QRSTuvwxyz12345678BCDEFghijkl";
    struct arena *arena = arena_new(8 << 20);
    for (size_t at = 0; at < LEN; at++)
        for (int byte = 0; byte < 256; byte++) {
            char text[LEN + 1], wanted[LEN + 1];
            bool junk = false;
            memcpy(text, around, sizeof text);
            text[at] = (char)(byte == '=' ? '*' : byte);
            struct span given = exact_bytes(text, LEN);
            size_t len = base64_slowly(given, wanted, &junk);
            struct decoding how = {0};
            struct span got = base64_read(arena, given, &how);
            if (got.len != len || memcmp(got.at, wanted, len) != 0 || junk != !!(how.faults & DECODE_JUNK))
                fail_msg("byte %d at %zu", byte, at);
            free((void *)given.at);
        }
    arena_free(&arena);
}

static void quoted_printable(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
        unsigned faults;
        size_t at;
    } rows[] = {
        {"", "", 0, 0}, {"a=3Db", "a=b", 0, 0}, {"a=\r\nb", "ab", 0, 0}, {"a= \nb", "ab", 0, 0}, {"a=c3=bc", "aü", 0, 0}, {"a\r\nb\n", "a\r\nb\n", 0, 0},
        {"a=zz", "a=zz", DECODE_ESCAPE, 1}, {"ab=4", "ab=4", DECODE_ESCAPE, 2}, {"a=", "a", 0, 0}, {"a  \r\nb", "a  \r\nb", DECODE_BLANK, 1},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct decoding how = {0};
        assert_span(quoted_printable_read(arena, text, &how), rows[i].wanted);
        assert_int_equal(how.faults, rows[i].faults);
        assert_int_equal(how.at, rows[i].at);
        free((void *)text.at);
    }
    arena_free(&arena);
}

static void uuencode(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct span text = exact("words\nbegin 644 a b.txt\n#86)C\n`\nend\nmore\n"), name;
    size_t used;
    bool broken;
    const char *start = uuencode_find(text);
    assert_ptr_equal(start, text.at + 6);
    assert_span(uuencode_read(arena, span_from(start, text.at + text.len), &name, &used, &broken), "abc");
    assert_span(name, "a b.txt");
    assert_false(broken);
    assert_span(span_skip(text, 6 + used), "more\n");
    free((void *)text.at);
    static const char *const none[] = {"begin 9 x\n", "begin", "we begin 644 x\n", "begin 644 \n", "begin 644 x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        text = exact(none[i]);
        assert_null(uuencode_find(text));
        free((void *)text.at);
    }
    text = exact("begin 644 x\n#86)C\n");
    assert_span(uuencode_read(arena, text, &name, &used, &broken), "abc");
    assert_true(broken);
    free((void *)text.at);
    arena_free(&arena);
}

static void types(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *type;
    } rows[] = {
        {"%PDF-1.4", 8, "application/pdf"}, {"%PD", 3, ""}, {"MZ\x90\0", 4, "application/vnd.microsoft.portable-executable"}, {"\177ELF", 4, "application/x-elf"},
        {"PK\3\4xxxx", 8, "application/zip"}, {"PK\3\4....[Content_Types].xml....word/document.xml", 46,
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}, {"\x89PNG\r\n\x1a\n", 8, "image/png"}, {"\xff\xd8\xff\xe0", 4, "image/jpeg"},
        {"GIF89a", 6, "image/gif"}, {"Rar!\x1a\x07\0", 7, "application/vnd.rar"}, {"7z\xbc\xaf\x27\x1c", 6, "application/x-7z-compressed"},
        {"{\\rtf1", 6, "application/rtf"}, {"L\0\0\0\1\x14\2\0", 8, "application/x-ms-shortcut"}, {"\x78\x9f\x3e\x22", 4, "application/ms-tnef"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "application/x-ole-storage"}, {"  <!DOCTYPE HTML>", 17, "text/html"}, {"<svg xmlns", 10, "image/svg+xml"},
        {"<?xml version='1.0'?><svg", 25, "image/svg+xml"}, {"<p>words", 8, ""}, {"BEGIN:VCALENDAR", 15, "text/calendar"}, {"#!/bin/sh", 9, "text/x-shellscript"},
        {"Received: from", 14, "message/rfc822"}, {"plain words", 11, ""}, {"", 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span bytes = exact_bytes(rows[i].bytes, rows[i].len);
        assert_span(media_sniff(bytes), rows[i].type);
        free((void *)bytes.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(base64), cmocka_unit_test(base64_any_byte), cmocka_unit_test(quoted_printable), cmocka_unit_test(uuencode), cmocka_unit_test(types)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
