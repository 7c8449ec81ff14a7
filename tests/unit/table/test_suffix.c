#include "folder.h"

static struct tables *tables;

static int open_with_own_list(void **state)
{
    static struct folder folder;
    struct err err;
    folder_open(&folder);
    const char *list = folder_put(&folder, "list.dat", "// ===BEGIN ICANN DOMAINS===\ncom\nuk\nco.uk\n*.ck\n!www.ck\njp\nxn--55qx5d.cn\ncn\n");
    int opened = tables_open(&(struct table_options){.data_dir = folder.path, .partial = true, .suffix_file = list}, &tables, &err);
    folder_close(&folder);
    return opened;
}

static int close_it(void **state)
{
    tables_close(&tables);
    return 0;
}

static void test_suffix_and_organisation(void **state)
{
    static const struct {
        const char *domain, *suffix, *organisation;
    } rows[] = {
        {"www.example.co.uk", "co.uk", "example.co.uk"},
        {"example.co.uk", "co.uk", "example.co.uk"},
        {"co.uk", "co.uk", "co.uk"},
        {"uk", "uk", "uk"},
        {"WWW.Example.COM", "COM", "Example.COM"},
        {"www.example.com.", "com", "example.com"},
        {"a.b.unlisted", "unlisted", "b.unlisted"},
        {"a.b.ck", "b.ck", "a.b.ck"},
        {"x.www.ck", "ck", "www.ck"},
        {"a.xn--55qx5d.cn", "xn--55qx5d.cn", "a.xn--55qx5d.cn"},
        {"one.onmicrosoft.com", "onmicrosoft.com", "one.onmicrosoft.com"},
        {"A.One.OnMicrosoft.com.", "OnMicrosoft.com", "One.OnMicrosoft.com"},
        {"one.mail.onmicrosoft.com", "mail.onmicrosoft.com", "one.mail.onmicrosoft.com"},
        {"onmicrosoft.com", "onmicrosoft.com", "onmicrosoft.com"},
        {"a.notonmicrosoft.com", "com", "notonmicrosoft.com"},
        {"onmicrosoft.com.example", "example", "com.example"},
        {"", "", ""},
        {".", "", ""},
        {".com", "", ".com"},
        {"a..com", "", "a..com"},
        {"192.0.2.1", "", "192.0.2.1"},
        {"2001:db8::1", "", "2001:db8::1"},
        {"[192.0.2.1]", "", "[192.0.2.1]"},
        {"1.2.3.4a", "4a", "3.4a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span domain = exact(rows[i].domain);
        assert_span(suffix_of(tables, domain), rows[i].suffix);
        assert_span(organisation_of(tables, domain), rows[i].organisation);
        free((char *)domain.at);
    }
}

static void test_overlong_and_nul(void **state)
{
    char name[400];
    memset(name, 'a', sizeof name);
    name[395] = '.';
    struct span domain = exact_bytes(name, sizeof name), nul = exact_bytes("a\0b.com", 7);
    assert_int_equal(suffix_of(tables, domain).len, 0);
    assert_int_equal(organisation_of(tables, domain).len, sizeof name);
    assert_int_equal(suffix_of(tables, nul).len, 0);
    free((char *)domain.at);
    free((char *)nul.at);
    assert_int_equal(suffix_of(tables, (struct span){0}).len, 0);
}

/* Remembered answers: each of many names still gets its own, the first and the second time. */
static void test_many_names(void **state)
{
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3000; i++) {
            char name[128], wanted[32];
            snprintf(wanted, sizeof wanted, "n%d.%s", i, i % 2 ? "co.uk" : "com");
            snprintf(name, sizeof name, "%.*s.%s", 1 + i % 60, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", wanted);
            assert_span(organisation_of(tables, span_of(name)), wanted);
        }
}

static void test_same_organisation(void **state)
{
    assert_true(same_organisation(tables, S("mail.example.com"), S("EXAMPLE.com.")));
    assert_false(same_organisation(tables, S("a.co.uk"), S("b.co.uk")));
    assert_false(same_organisation(tables, S("one.onmicrosoft.com"), S("two.onmicrosoft.com")));
    assert_false(same_organisation(tables, (struct span){0}, (struct span){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suffix_and_organisation),
        cmocka_unit_test(test_overlong_and_nul),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_same_organisation),
    };
    return cmocka_run_group_tests(tests, open_with_own_list, close_it);
}
