/* RFC 2047 words, comments, charsets. */
#include "exact.h"
#include "message/message.h"
#include "message/reader.h"

static void words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
        unsigned faults;
    } rows[] = {
        {"plain", "plain", 0},
        {"=?utf-8?Q?a_b=21?=", "a b!", 0},
        {"=?UTF-8?B?w7w=?=", "ü", 0},
        {"=?utf-8*en?q?x?=", "x", 0},
        {"a =?utf-8?q?b?= c", "a b c", 0},
        {"=?utf-8?q?a?= =?utf-8?q?b?=", "ab", 0},
        {"=?utf-8?q?a?=  \t =?iso-8859-1?q?=FC?=", "aü", 0},
        {"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü", 0}, /* one character over two words */
        {"=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは", 0},
        {"=?utf-8?q?with blanks in it?=", "with blanks in it", 0},
        {"=?nonsense?q?x?=", "x", WORD_BAD},
        {"=?utf-8?x?x?=", "=?utf-8?x?x?=", WORD_BAD},
        {"=?utf-8?q?=zz?=", "=zz", WORD_BAD},
        {"=?utf-8?q?no end", "=?utf-8?q?no end", WORD_BAD},
        {"=?utf-8?q?a=0D=0AFrom:_x?=", "a\r\nFrom: x", WORD_CONTROL},
        {"gr\xfc\xdf", "grüß", 0},
        {"gr\xc3\xbc", "grü", 0},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        unsigned faults = 0;
        assert_span(words_read(arena, text, &faults), rows[i].wanted);
        assert_int_equal(faults, rows[i].faults);
        free((void *)text.at);
    }
    arena_free(&arena);
}

static void comments(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } rows[] = {{"a (b) c", "a   c"}, {"\"a (b)\" c", "\"a (b)\" c"}, {"(a (b) c) d", "d"}, {"a \\(b", "a \\"}, {"a (open", "a"}, {"a) b", "a) b"},
                {"plain", "plain"}, {"\"x\\\"(\" y", "\"x\\\"(\" y"}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        assert_span(comments_strip(arena, text), rows[i].wanted);
        free((void *)text.at);
    }
    arena_free(&arena);
}

static void charsets(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *charset, *wanted;
        bool sure;
    } rows[] = {
        {"abc", "us-ascii", "abc", true},
        {"\xc3\xbc", "us-ascii", "ü", false},
        {"\xfc", "us-ascii", "ü", false},
        {"\xc3\xbc", "utf-8", "ü", true},
        {"\xfc", "utf-8", "ü", false},                      /* the label is wrong */
        {"\xc3\xbc \xff \xc3\xbc", "utf-8", "ü \xef\xbf\xbd ü", false}, /* a little broken */
        {"\xfc\x80", "iso-8859-1", "ü€", true},
        {"\xa4", "iso-8859-15", "€", true},
        {"\x93\xfa", "shift_jis", "日", true},
        {"\033$B4A\033(B", "iso-2022-jp", "漢", true},
        {"\033$B4A\033(B", "us-ascii", "漢", false},
        {"\xc6\xfc", "EUC-JP", "日", true},
        {"\xc8\xd5", "gb2312", "日", true},
        {"+ZeU-", "utf-7", "日", true},
        {"\xff\xfe\xe5\x65", "us-ascii", "日", false}, /* the mark says more than the label */
        {"\xfe\xff\x65\xe5", "utf-8", "日", false},
        {"\xff\xfe\xe5\x65", "utf-16le", "日", true},
        {"\xff\xfe", "iso-8859-1", "", false},
        {"\xfe\xfe\xe5", "iso-8859-1", "þþå", true},
        {"\xe6\x97\xa5", "nonsense", "日", false},
        {"\xe6\x97\xa5", "", "日", false},
        {"abc", "\"utf-8\"", "abc", true},
        {"\xed\xa0\x80", "utf-8", "í\xc2\xa0€", false}, /* a surrogate is no UTF-8 */
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span bytes = exact(rows[i].bytes), charset = exact(rows[i].charset);
        bool sure;
        assert_span(charset_decode(arena, bytes, charset, &sure), rows[i].wanted);
        if (sure != rows[i].sure)
            fail_msg("%s: sure is %d", rows[i].charset, sure);
        free((void *)bytes.at);
        free((void *)charset.at);
    }
    arena_free(&arena);
}

static void directions(void **state)
{
    (void)state;
    assert_true(text_has_bidi(S("a\xe2\x80\xae" "fdp.exe")));
    assert_true(text_has_bidi(S("\xe2\x81\xa6")));
    assert_false(text_has_bidi(S("\xe2\x80\x93 a dash")));
    assert_false(text_has_bidi(S("\xe2\x80")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(comments), cmocka_unit_test(charsets), cmocka_unit_test(directions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
