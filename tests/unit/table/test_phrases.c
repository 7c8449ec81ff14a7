#include "folder.h"
#include "table/lists.h"
#include "table/phrases.h"

static const char lures_text[] = "source: own\ndate: 2026-01-31\nlures:\n"
                                 "  - lure: sign-in\n    language: en\n    strong: [confirm your account]\n"
                                 "    phrases: [sign in, your * account, log * in * now]\n"
                                 "  - lure: sign-in\n    language: ja\n    phrases: [ログイン, アカウント*確認, idを確認, ETCカード]\n"
                                 "  - lure: account-ends\n    language: de\n    phrases: [kontosperr~, ihr konto wurde gesperrt]\n"
                                 "  - lure: pay\n    language: ru\n    phrases: [оплатите счет]\n"
                                 "  - lure: pay\n    language: en\n    phrases: [pay now, wallet]\n";

static struct tables *open_folder(const char *lures, const char *brands, struct err *err)
{
    struct folder folder;
    struct tables *tables = NULL;
    folder_open(&folder);
    folder_put(&folder, "lures.yaml", lures);
    if (brands)
        folder_put(&folder, "brands.yaml", brands);
    int opened = tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, err);
    unlink(folder_file(&folder, "lures.yaml"));
    unlink(folder_file(&folder, "brands.yaml"));
    folder_close(&folder);
    return opened < 0 ? NULL : tables;
}

/* What was found, as "phrase@at+len phrase?@at+len": ? for those only in the second reading. */
static struct span found_in(struct arena *arena, const struct tables *tables, struct span text)
{
    struct folded folded;
    phrase_hits_t hits;
    struct buf out = {.arena = arena};
    text_fold(arena, text, 65536, &folded);
    phrases_find(arena, tables, &folded, 100, &hits);
    vec_each (hit, &hits)
        buf_print(&out, "%s%.*s%s@%zu+%zu", out.len ? "; " : "", SPAN_FMT(hit->phrase->text), hit->disguised ? "?" : "", hit->at, hit->len);
    return buf_span(&out);
}

static void each_text(void **state)
{
    static const struct {
        const char *text, *found;
    } rows[] = {
        {"", ""},
        {"Please sign in here", "sign in@7+7"},
        {"SIGN\n  IN", "sign in@0+7"},
        {"design in, sign into", ""},
        {"sign", ""},
        {"sign in", "sign in@0+7"},
        {"Your account", "your * account@0+12"},
        {"your old and dusty account", "your * account@0+26"},
        {"your very old and dusty account", ""},
        {"yours * account", ""},
        {"log yourself in right now please", "log * in * now@0+25"},
        {"confirm your account", "confirm your account@0+20; your * account@8+12"},
        {"ここからログインしてください", "ログイン@12+12"},
        {"ロ グイ ン", "ログイン@0+12"},
        {"こちらからロ\nグイン", "ログイン@15+13"},
        {"アカウント情報のご確認", "アカウント*確認@0+33"},
        {"アカウントについてお伝えしたいことがありますので確認", ""},
        {"お客様のIDを確認", "idを確認@12+11"},
        {"ＥＴＣカード", "ETCカード@0+12"},
        {"Die Kontosperrung und das Konto", "kontosperr~@4+10"},
        {"Ihr Konto wurde gesperrt!", "ihr konto wurde gesperrt@0+24"},
        {"Оплатите счёт", "оплатите счет@0+25"},
        {"your waIIet and wallet", "wallet@16+6"},
        {"your waIIet", "wallet?@5+6"},
        {"p a y now", ""},
        {"P.a.y.\xd1\x80 pay n0w", ""},
        {"sign \xd1\x96n", ""},
        {"s\xd1\x96gn in", "sign in?@0+7"},
    };
    struct arena *arena = arena_new((size_t)16 << 20);
    struct err err;
    struct tables *tables = open_folder(lures_text, NULL, &err);
    if (!tables)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct span found = found_in(arena, tables, text);
        if (!span_eq(found, span_of(rows[i].found)))
            fail_msg("\"%s\": found \"%.*s\", wanted \"%s\"", rows[i].text, SPAN_FMT(found), rows[i].found);
        free((char *)text.at);
    }
    tables_close(&tables);
    arena_free(&arena);
}

#define BRAND(id, names) "  - {id: " id ", name: " id ", names: [" names "], words: [], domains: [" id ".example], kind: shop, country: ZZ, sure: yes, source: own, date: 2026-01-31}\n"

/* Of names the longest at one place; Latin ones whole, with a possessive s; Japanese anywhere. */
static void names_of_brands(void **state)
{
    static const char brands[] = "brands:\n" BRAND("rain", "Rain, Rain Pay") BRAND("rainpay", "Rain Pay Card") BRAND("mizu", "みず, みず銀行") BRAND("att", "AT&T");
    static const struct {
        const char *text, *found;
    } rows[] = {
        {"Your Rain Pay Card", "Rain Pay Card@5+13"},
        {"Rain Pay", "Rain Pay@0+8"},
        {"Rain's pay and rains", "Rain@0+4; Rain@14+4"},
        {"Rainy train", ""},
        {"おみず銀行から", "みず銀行@3+12"},
        {"Rain からのお知らせ", "Rain@0+4"},
        {"AT&T", "AT&T@0+4"},
        {"R\xd0\xb0in", "Rain?@0+4"},
    };
    struct arena *arena = arena_new((size_t)16 << 20);
    struct err err;
    struct tables *own = open_folder(lures_text, brands, &err);
    if (!own)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span found = found_in(arena, own, span_of(rows[i].text));
        if (!span_eq(found, span_of(rows[i].found)))
            fail_msg("\"%s\": found \"%.*s\", wanted \"%s\"", rows[i].text, SPAN_FMT(found), rows[i].found);
    }
    tables_close(&own);
    arena_free(&arena);
}

static void lists_are_checked(void **state)
{
    static const struct {
        const char *phrases, *told;
    } rows[] = {
        {"[a ok phrase, \"!!\"]", "has nothing to look for"},
        {"[\"* account\"]", "has nothing to look for"},
        {"[a * b * c * d * e]", "more than three"},
        {"[\"sign~ in\"]", "has `~` elsewhere"},
        {"[\"abc~\"]", "is too short"},
        {"[\"円\"]", "is too short"},
        {"[x]", "is too short"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[300];
        struct err err;
        snprintf(text, sizeof text, "source: own\ndate: 2026-01-31\nlures:\n  - lure: pay\n    language: en\n    phrases: %s\n", rows[i].phrases);
        assert_null(open_folder(text, NULL, &err));
        if (!strstr(err.text, rows[i].told) || !strstr(err.text, "lures.yaml:6: "))
            fail_msg("%s: %s", rows[i].phrases, err.text);
    }
}

static void hits_are_bounded(void **state)
{
    struct arena *arena = arena_new((size_t)16 << 20);
    struct err err;
    struct tables *tables = open_folder(lures_text, NULL, &err);
    char *big = malloc(60000);
    for (size_t i = 0; i < 60000; i++)
        big[i] = "sign in pay now ログイン "[i % 29];
    struct folded folded;
    phrase_hits_t hits;
    text_fold(arena, (struct span){big, 60000}, 65536, &folded);
    phrases_find(arena, tables, &folded, 5, &hits);
    assert_int_equal(hits.len, 5);
    phrases_find(arena, tables, &folded, 100, &hits);
    assert_int_equal(hits.len, 12); /* each of three phrases four times */
    for (size_t i = 1; i < hits.len; i++)
        assert_true(hits.at[i - 1].at <= hits.at[i].at);
    free(big);
    tables_close(&tables);
    arena_free(&arena);
}

static void names_and_texts(void **state)
{
    for (int id = 0; id < LURE_COUNT; id++) {
        assert_true(strlen(lure_name((enum lure_id)id)) > 1);
        assert_true(span_is_ascii(span_of(lure_text((enum lure_id)id, false))));
        assert_false(span_is_ascii(span_of(lure_text((enum lure_id)id, true))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text),
        cmocka_unit_test(names_of_brands),
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(hits_are_bounded),
        cmocka_unit_test(names_and_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
