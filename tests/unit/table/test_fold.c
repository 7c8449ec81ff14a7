#include "exact.h"
#include "table/phrases.h"

static void each_reading(void **state)
{
    static const struct {
        const char *given, *text, *undone;
        unsigned disguises;
    } rows[] = {
        {"", "", "", 0},
        {"  Hello,   World!\r\n\r\n Second -- line ", "hello world\nsecond line", "", 0},
        {"Don't miss Anna\xe2\x80\x99s O`Neill", "dont miss annas oneill", "", 0},
        {"Größe ÄÖÜ ß Æsop Œuvre Þór Łódź çé İstanbul", "grosse aou ss aesop oeuvre thor lodz ce istanbul", "", 0},
        {"PAYPAL\xe2\x84\xa2 \xc2\xa9 2026", "paypal 2026", "", 0},
        {"ﬁnal oﬃce ½ №7 x²", "final office no7 x2", "", 0},
        /* Japanese: sounding marks stay, widths go, nothing parts it */
        {"お支払い 方法 を ご確認　ください。", "お支払い方法をご確認ください", "", 0},
        {"カスタマー・サポート ﾍﾟｲﾍﾟｲ ｶﾞｷﾞ", "カスタマーサポートペイペイガギ", "", 0},
        {"か\xe3\x82\x99は\xe3\x82\x9aウ\xe3\x82\x99", "がぱヴ", "", 0},
        {"Ａｍａｚｏｎ から １２３ 円", "amazonから123円", "", 0},
        {"Amazon から\nお知らせ", "amazonから\nお知らせ", "", 0},
        {"㈱例 ㌔ 々〆", "株例キロ々〆", "", 0},
        /* scripts that are nobody's disguise */
        {"Привет, мир! Ёлка", "привет мир елка", "", 0},
        {"Γειά σου Κόσμε", "γεια σου κοσμε", "", 0},
        {"Tiếng Việt được", "tieng viet duoc", "", 0},
        {"Işık ve çığ", "isik ve cig", "", 0},
        {"Hello \xf0\x9f\x98\x80\xef\xb8\x8f world \xe2\x9c\xa8", "hello world", "", 0},
        {"한국어 이메일", "한국어 이메일", "", 0},
        /* disguises */
        {"P\xd0\xb0y\xd0\xa0\xd0\xb0l account", "pаyраl account", "paypal account", DISGUISE_MIXED_SCRIPT},
        {"\xf0\x9d\x97\xa3\xf0\x9d\x97\xae\xf0\x9d\x98\x86 now", "pay now", "pay now", DISGUISE_STYLED},
        {"\xe2\x93\x9f\xe2\x93\x90\xe2\x93\xa8", "pay", "pay", DISGUISE_STYLED},
        {"Pay\xe2\x80\x8bPal\xe2\x80\x8d here", "paypal here", "paypal here", DISGUISE_INVISIBLE},
        {"a\xdc\xbfl\xdc\xbf""ert", "alert", "alert", DISGUISE_COMBINING}, /* a Syriac mark */
        {"P\xcc\xb6""a\xcc\xb6y\xcc\xb6", "pay", "pay", DISGUISE_COMBINING},
        {"Pay\xe2\x80\xaePal", "paypal", "paypal", DISGUISE_TURNED},
        {"your waIIet is", "your waiiet is", "your wallet is", DISGUISE_FIGURES},
        {"micr0soft", "micr0soft", "microsoft", DISGUISE_FIGURES},
        {"paypa1 app1e", "paypa1 app1e", "paypal apple", DISGUISE_FIGURES},
        {"secur1ty m1crosoft g00gle", "secur1ty m1crosoft g00gle", "security microsoft google", DISGUISE_FIGURES},
        {"P a y P a l Support", "p a y p a l support", "paypal support", DISGUISE_APART},
        {"A*m*a*z*o*n", "a m a z o n", "amazon", DISGUISE_APART},
        {"U.S.A. and a b c", "u s a and a b c", "", 0},
        /* what has figures and capitals honestly */
        {"LinkedIn PayId iPhone OpenID WiFi", "linkedin payid iphone openid wifi", "", 0},
        {"H2O 3D b2b covid19 WH1000XM5 sha256 office365", "h2o 3d b2b covid19 wh1000xm5 sha256 office365", "", 0},
        {"https://a.example/x/ab0cdef?t=qwer3ty", "https a example x ab0cdef t qwer3ty", "", 0},
        {"Donau\xc2\xad""dampf\xc2\xad""schiff", "donaudampfschiff", "", 0},
        {"e\xcc\x81""cole NFD u\xcc\x88""ber", "ecole nfd uber", "", 0},
        {"iPhone\xe2\x80\x99\xd0\xbe\xd0\xbc", "iphoneом", "", 0},
        {"bad \xff\xfe bytes \xe3\x81", "bad bytes", "", 0},
    };
    struct arena *arena = arena_new((size_t)8 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span given = exact(rows[i].given);
        struct folded folded;
        text_fold(arena, given, 65536, &folded);
        assert_span(folded.text, rows[i].text);
        assert_span(folded.undone, rows[i].undone);
        if (folded.disguises != rows[i].disguises)
            fail_msg("\"%s\": disguises %u", rows[i].given, folded.disguises);
        assert_true(!folded.disguised == !folded.disguises);
        free((char *)given.at);
    }
    arena_free(&arena);
}

static void example_and_letters(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct folded folded;
    text_fold(arena, S("a micr0soft and waIIet"), 1000, &folded);
    assert_span(folded.example, "micr0soft");
    assert_int_equal(folded.disguised, 2);
    assert_int_equal(folded.letters, 19);
    text_fold(arena, S("お知らせ abc д"), 1000, &folded);
    assert_int_equal(folded.letters, 8);
    text_fold(arena, S("abcdef"), 3, &folded);
    assert_span(folded.text, "abc");
    arena_free(&arena);
}

/* A word wholly of look-alikes is read again among Latin words; in a text of its own script it is nobody's business. */
static void whole_words(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct folded folded;
    text_fold(arena, S("please sign in to \xd1\x80\xd0\xb0\xd1\x83\xd1\x80\xd0\xb0 now"), 1000, &folded);
    assert_non_null(span_find(folded.undone, S("paypa")));
    assert_int_equal(folded.disguises, 0);
    text_fold(arena, S("Мы \xd1\x80\xd0\xb0\xd1\x83\xd1\x80\xd0\xb0 и роса"), 1000, &folded);
    assert_int_equal(folded.undone.len, 0);
    arena_free(&arena);
}

static void hostile(void **state)
{
    static const char *const units[] = {"\xcc\xb6", "p\xd0\xb0y ", "a ", "\xef\xb7\xba", "\xe2\x80\x8b", "I1l0", "\xe3\x82\x99", "\xf0\x9d\x97\xa3", "か\xe3\x82\x99", "' ", "\xff"};
    char *big = malloc(1 << 20);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct arena *arena = arena_new((size_t)64 << 20);
        size_t unit = strlen(units[i]), len = (1 << 20) / unit * unit;
        for (size_t at = 0; at < len; at++)
            big[at] = units[i][at % unit];
        struct folded folded;
        text_fold(arena, (struct span){big, len}, 65536, &folded);
        assert_true(folded.text.len < 65536 * 12);
        assert_true(span_is_utf8(folded.text) && span_is_utf8(folded.undone));
        assert_true(arena_used(arena) < (size_t)4 << 20);
        arena_free(&arena);
    }
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reading),
        cmocka_unit_test(example_and_letters),
        cmocka_unit_test(whole_words),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
