#include "folder.h"

#include "table/brands.h"

#define ROW(id, more) "  - id: " id "\n    name: A\n" more "    kind: bank\n    country: ZZ\n    sure: yes\n    source: own\n    date: 2026-11-22\n"

static const char brands[] =
    "brands:\n" ROW("paypal", "    names: [PayPal, Pay Pal]\n    domains: [paypal.com, paypal-corp.com]\n    senders: [mail.other.example]\n")
        ROW("great-bank", "    names: [Great Bank Online]\n    words: [Great]\n    domains: [greatbank.example, great.example]\n    services: [relay]\n")
            ROW("kana", "    names: [\"\xe3\x82\xab\xe3\x83\xbc\xe3\x83\x89\"]\n    domains: [eki-net.example, state.go.jp]\n");
static const char words[] = "lists:\n  - {use: added, words: [security, login], source: own, date: 2026-11-22}\n"
                            "  - {use: trade, kinds: [bank, card], words: [account, login], source: own, date: 2026-11-22}\n";

static int opened(struct folder *folder, const char *brand_text, const char *word_text, const char *own, struct tables **tables, struct err *err)
{
    struct table_options options = {.data_dir = folder->path, .partial = true, .own_dir = own};
    if (brand_text)
        folder_put(folder, "brands.yaml", brand_text);
    if (word_text)
        folder_put(folder, "name-words.yaml", word_text);
    return tables_open(&options, tables, err);
}
static void closed(struct folder *folder, struct tables **tables)
{
    tables_close(tables);
    unlink(folder_file(folder, "brands.yaml"));
    unlink(folder_file(folder, "name-words.yaml"));
    folder_close(folder);
}

static void rows_are_read(void **state)
{
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    assert_int_equal(opened(&folder, brands, words, NULL, &tables, &err), 0);
    assert_int_equal(brand_count(tables), 3);
    const struct brand *paypal = brand_by_domain(tables, S("www.paypal.com"));
    assert_ptr_equal(paypal, brand_at(tables, 0));
    assert_span(paypal->names.at[1], "Pay Pal");
    assert_true(paypal->sure && paypal->kind == BRAND_BANK);
    assert_ptr_equal(brand_by_domain(tables, S("PAYPAL.COM.")), paypal);
    assert_null(brand_by_domain(tables, S("notpaypal.com")));
    assert_null(brand_by_domain(tables, S("paypal.com.evil.example")));
    assert_true(brand_owns(paypal, S("a.paypal-corp.com")));
    assert_false(brand_owns(paypal, S("mail.other.example")));
    assert_true(brand_sends(paypal, S("x.mail.other.example")));
    assert_false(brand_sends(paypal, S("other.example")));
    assert_int_equal(name_word_uses(tables, S("login")), NAME_WORD_ADDED | NAME_WORD_TRADE);
    assert_int_equal(name_word_uses(tables, S("log")), 0);
    assert_true(name_word_of_trade(tables, S("account"), BRAND_CARD));
    assert_false(name_word_of_trade(tables, S("account"), BRAND_SHOP));
    closed(&folder, &tables);
}

static const struct {
    const char *label;
    char how;          /* '=' exact, 'l' look, 'n' near, 'w' within */
    const char *found; /* NULL: nothing */
} labels[] = {
    {"paypal", '=', "paypal"},           {"paypals", '=', NULL},
    {"pay-pal", '=', "paypal"},          {"great", '=', NULL}, /* an ordinary word */
    {"eki-net", '=', "ekinet"},          {"greatbank", '=', NULL}, /* no name is called so */
    {"paypa1", 'l', "paypal"},           {"paypei", 'l', NULL},
    {"PAYPAI", 'l', "paypal"},           {"pavpal", 'l', NULL},
    {"paypla", 'n', "paypal"},           {"papyla", 'n', NULL},
    {"payppal", 'n', "paypal"},          {"paypxal", 'n', NULL}, /* x lies nowhere near */
    {"aypal", 'n', "paypal"},            {"ypal", 'n', NULL},
    {"psypal", 'n', "paypal"},           {"poypal", 'n', NULL},
    {"greatbsnkonlime", 'n', "greatbankonline"}, {"greatxxnkonline", 'n', NULL},
    {"paypalsecurity", 'w', "paypal"},   {"paypal", 'w', NULL},
    {"mypaypalx", 'w', "paypal"},        {"mypaypax", 'w', NULL},
};

static void labels_are_found(void **state)
{
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    assert_int_equal(opened(&folder, brands, words, NULL, &tables, &err), 0);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        struct span label = exact(labels[i].label);
        char plain_room[LABEL_MOST], look_room[LABEL_MOST];
        struct span plain = {plain_room, label_plain(label, plain_room)}, look = {look_room, look_fold(plain, look_room)};
        size_t at;
        const struct brand_label *found = labels[i].how == '='   ? brand_label_exact(tables, plain)
                                          : labels[i].how == 'l' ? brand_label_by_look(tables, look)
                                          : labels[i].how == 'n' ? brand_label_near(tables, plain)
                                                                 : brand_label_within(tables, plain, &at);
        if (!found != !labels[i].found || (found && !span_eq(found->text, span_of(labels[i].found))))
            fail_msg("%s (%c): %s", labels[i].label, labels[i].how, found ? found->text.at : "nothing");
        free((char *)label.at);
    }
    closed(&folder, &tables);
}

static const struct {
    const char *brands, *words, *says;
} faults[] = {
    {"brands:\n" ROW("a", "    names: [A]\n    domains: [a.example]\n") ROW("b", "    names: [B]\n    domains: [a.example]\n"), NULL,
     "the domain a.example stands with two brands, a and b"},
    {"brands:\n" ROW("a", "    names: [A]\n    domains: [a.example]\n") ROW("a", "    names: [B]\n    domains: [b.example]\n"), NULL,
     ":2: the brand id a stands twice"},
    {"brands:\n" ROW("a", "    domains: [a.example]\n"), NULL, ":2: brand a has neither names nor words"},
    {"brands:\n" ROW("a", "    names: [A]\n    domains: [example]\n"), NULL, "brand a: \"example\" is no domain"},
    {"brands:\n" ROW("a", "    names: [A]\n    domains: [A.example]\n"), NULL, "brand a: \"A.example\" is no domain"},
    {"brands:\n" ROW("a", "    names: [A]\n    domains: [co.uk]\n"), NULL, ":5: brand a: under co.uk anybody registers names"},
    {"brands:\n" ROW("A_B", "    names: [A]\n    domains: [a.example]\n"), NULL, "small letters, figures and hyphens"},
    {"brands:\n" ROW("a", "    names: [A]\n    domains: [a.example]\n    services: [nobody]\n"), NULL, "services.yaml has no service \"nobody\""},
    {"brands:\n" ROW("a", "    names: [A]\n    domain: [a.example]\n"), NULL, "did you mean \"domains\""},
    {NULL, "lists:\n  - {use: added, kinds: [bank], words: [login], source: own, date: 2026-11-22}\n", "`kinds` belongs to the use trade"},
    {NULL, "lists:\n  - {use: trade, words: [login], source: own, date: 2026-11-22}\n", "`kinds` belongs to the use trade"},
};

static void faults_are_told(void **state)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct folder folder;
        struct tables *tables = NULL;
        struct err err = {""};
        folder_open(&folder);
        if (opened(&folder, faults[i].brands, faults[i].words, NULL, &tables, &err) == 0)
            fail_msg("no error: wanted \"%s\"", faults[i].says);
        if (!strstr(err.text, faults[i].says))
            fail_msg("\"%s\" lacks \"%s\"", err.text, faults[i].says);
        closed(&folder, &tables);
    }
}

/* The operator's rows are added, and a fault in them names his file. */
static void own_rows_are_added(void **state)
{
    struct folder folder, own;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    folder_open(&own);
    folder_put(&own, "brands.yaml", "brands:\n" ROW("ours", "    names: [Ours]\n    domains: [ours.example]\n"));
    assert_int_equal(opened(&folder, brands, words, own.path, &tables, &err), 0);
    assert_int_equal(brand_count(tables), 4);
    assert_span(brand_by_domain(tables, S("ours.example"))->id, "ours");
    tables_close(&tables);
    folder_put(&own, "brands.yaml", "brands:\n" ROW("ours", "    names: [Ours]\n    domains: [paypal.com]\n"));
    assert_int_equal(opened(&folder, NULL, NULL, own.path, &tables, &err), -1);
    assert_non_null(strstr(err.text, own.path));
    closed(&own, &tables);
    closed(&folder, &tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read),
        cmocka_unit_test(labels_are_found),
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(own_rows_are_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
