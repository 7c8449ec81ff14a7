/* Pages behind locked links: their words, which language, what is escaped, and what a reader may do. */
#include "exact.h"
#include "door/page.h"

static const struct pass lock = {.kind = PASS_LOCK, .target = {"https://bad.example/x", 21}}, twice = {.kind = PASS_DOUBLE_LOCK, .target = {"https://bad.example/x", 21}};

static struct span page_of(struct arena *arena, const struct pass *pass, const struct visited *visited, const struct url *url, enum language language)
{
    struct buf out = {.arena = arena};
    reader_page_write(arena, &(struct page_view){.language = language, .pass = pass, .visited = visited, .target = url, .problem = PAGE_EXPIRED}, &out);
    return buf_span(&out);
}

static bool says(struct span page, const char *text)
{
    return span_find(page, span_of(text)) != NULL;
}

static void the_words_are_complete(void **state)
{
    for (enum page_text id = 0; id < PAGE_TEXT_COUNT; id++) {
        size_t holes[2] = {0};
        for (int language = 0; language < 2; language++) {
            const char *text = reader_text(id, (enum language)language);
            assert_true(text && text[0]);
            for (; (text = strstr(text, "%s")); text++)
                holes[language]++;
        }
        assert_int_equal(holes[0], holes[1]);
    }
}

static const struct {
    const char *asked, *accept;
    enum language language;
} choices[] = {
    {"", "", LANGUAGE_EN}, {"ja", "", LANGUAGE_JA}, {"en", "ja", LANGUAGE_EN}, {"jax", "ja", LANGUAGE_JA}, {"", "ja", LANGUAGE_JA}, {"", "ja-JP", LANGUAGE_JA},
    {"", "jav", LANGUAGE_EN}, {"", "JA;q=0.9, en;q=0.8", LANGUAGE_JA}, {"", "en;q=0.9,ja;q=0.8", LANGUAGE_EN}, {"", "fr,de", LANGUAGE_EN}, {"", "fr, ja;q=0.1", LANGUAGE_JA},
    {"", "ja;q=0", LANGUAGE_EN}, {"", "ja;q=nan", LANGUAGE_EN}, {"", "ja;q=99", LANGUAGE_EN}, {"", ";;;,,,q=", LANGUAGE_EN}, {"", "ja;x=y;q=0.5,en;q=0.4", LANGUAGE_JA},
};

static void the_reader_chooses_the_language(void **state)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct span asked = exact(choices[i].asked), accept = exact(choices[i].accept);
        if (reader_page_language(asked, accept) != choices[i].language)
            fail_msg("row %zu", i);
        free((void *)asked.at);
        free((void *)accept.at);
    }
}

static void strangers_words_are_words(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct url url;
    struct span subject = exact_bytes("<img src=x>\0\xff&\"'\xe2\x80\xae" "fdp\xe3\x81\x82", 26), all;
    struct visited visited = {.record = S("r<>"), .subject = subject, .from = S("a\r\n<b>@x")};
    vec_push(arena, &visited.reasons)->text[0] = S("{<script>}");
    *vec_push(arena, &visited.people) = S("<i>@x");
    assert_true(url_parse(arena, S("https://u:p@xn--pple-43d.example/<x>?\"'"), NULL, &url));
    all = page_of(arena, &lock, &visited, &url, LANGUAGE_EN);
    for (size_t i = 0; i < 5; i++)
        assert_false(says(all, ((const char *[]){"<img", "<b>", "<script", "<i>", "r<>"})[i]));
    assert_true(says(all, "&lt;img src=x&gt;"));
    assert_false(says(all, "\xe2\x80\xae"));
    assert_true(span_is_utf8(all));
    assert_true(says(all, "xn--pple-43d.example") && says(all, "\xd0\xb0pple.example"));
    assert_false(says(all, "href=\"http"));
    *vec_push(arena, &visited.people) = S("blind@copy.example");
    assert_false(says(page_of(arena, &lock, &visited, &url, LANGUAGE_EN), "copy.example"));
    free((void *)subject.at);
    arena_free(&arena);
}

static void a_page_offers_what_may_be_done(void **state)
{
    static const struct {
        const struct pass *pass;
        enum way way;
        bool target, go, ask;
    } rows[] = {{&lock, WAY_GO, true, true, false},   {&lock, WAY_ASK, true, false, true},    {&twice, WAY_ASK, true, false, true},   {&twice, WAY_GO, true, true, false},
                {&twice, WAY_ASKED, true, false, false}, {&twice, WAY_REFUSED, true, false, false}, {&lock, WAY_GO, false, false, false}, {&twice, WAY_ASK, false, false, false}};
    struct arena *arena = arena_new(16 << 20);
    struct url url;
    assert_true(url_parse(arena, S("https://bad.example/x"), NULL, &url));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int language = 0; language < 2; language++) {
            struct visited visited = {.record = S("r"), .way = rows[i].way, .appeal = 7};
            struct span page = page_of(arena, rows[i].pass, &visited, rows[i].target ? &url : NULL, (enum language)language);
            if (says(page, "value=\"go\"") != rows[i].go || says(page, "value=\"ask\"") != rows[i].ask || says(page, "<form") != (rows[i].go || rows[i].ask))
                fail_msg("row %zu", i);
            assert_true(says(page, language ? "lang=\"ja\"" : "lang=\"en\"") && says(page, language ? "?lang=en" : "?lang=ja"));
        }
    static const struct pass release = {.kind = PASS_RELEASE}, ask = {.kind = PASS_ASK};
    for (int way = 0; way < WAY_COUNT; way++) {
        struct visited visited = {.record = S("r"), .way = (enum way)way, .unjudged = way & 1};
        struct span page = page_of(arena, way == WAY_GO ? &release : &ask, &visited, NULL, LANGUAGE_JA);
        assert_int_equal(says(page, "value=\"go\""), way == WAY_GO);
        assert_int_equal(says(page, "value=\"ask\""), way == WAY_ASK);
        assert_int_equal(says(page, "role=\"status\""), way != WAY_ASK && way != WAY_GO);
    }
    assert_true(says(page_of(arena, NULL, NULL, NULL, LANGUAGE_EN), "The time of this link is over"));
    arena_free(&arena);
}

static void bytes_that_are_no_letters_are_shown_as_such(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    char text[256];
    for (int i = 0; i < 256; i++)
        text[i] = (char)i;
    struct span odd = exact_bytes(text, sizeof text);
    struct visited visited = {.record = S("r"), .subject = odd};
    assert_true(span_is_utf8(page_of(arena, &lock, &visited, NULL, LANGUAGE_JA)));
    free((void *)odd.at);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_words_are_complete), cmocka_unit_test(the_reader_chooses_the_language),
                                       cmocka_unit_test(strangers_words_are_words), cmocka_unit_test(a_page_offers_what_may_be_done),
                                       cmocka_unit_test(bytes_that_are_no_letters_are_shown_as_such)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
