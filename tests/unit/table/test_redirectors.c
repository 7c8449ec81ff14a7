#include "folder.h"

#include "table/lists.h"

#define ROW(rest) "  - {id: one, name: One, kind: search, sure: yes, source: own, date: 2026-01-31, " rest "}\n"
static const char redirectors[] =
    "redirectors:\n" ROW("form: query, hosts: [go.example], paths: [/url], fields: [q, url]")
    "  - {id: two, name: Two, kind: mail-tracker, form: opaque, service: relay, sure: no, source: own, date: 2026-01-31, hosts: [go.example, click.example]}\n"
    "  - {id: three, name: Three, kind: other, form: path, sure: yes, source: own, date: 2026-01-31, hosts: [go.example], paths: [/url/deep/, /u/]}\n";

static void each_redirector(void **state)
{
    static const struct {
        const char *host, *path, *id; /* NULL: none */
    } rows[] = {
        {"go.example", "/url", "one"},       {"www.go.example", "/url?x", "one"}, {"go.example.", "/url/deep/x", "three"}, /* the longest path */
        {"go.example", "/u/x", "three"},     {"go.example", "/other", "two"},     {"a.click.example", "/", "two"},
        {"nogo.example", "/url", NULL},      {"go.example.net", "/url", NULL},    {"", "", NULL},
    };
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    folder_put(&folder, "redirectors.yaml", redirectors);
    if (tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(redirector_count(tables), 5); /* a row each host and path */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span host = exact(rows[i].host), path = exact(rows[i].path);
        const struct redirector *found = redirector_of(tables, host, path);
        assert_span(found ? found->id : S(""), rows[i].id ? rows[i].id : "");
        free((char *)host.at);
        free((char *)path.at);
    }
    const struct redirector *two = redirector_of(tables, S("click.example"), S("/"));
    assert_span(two->service, "relay");
    assert_false(two->sure);
    assert_int_equal(two->form, REDIRECT_OPAQUE);
    assert_span(redirector_at(tables, 0)->fields.at[1], "url");
    tables_close(&tables);
    unlink(folder_file(&folder, "redirectors.yaml"));
    folder_close(&folder);
}

static void faults_are_named(void **state)
{
    static const struct {
        const char *text, *told;
    } faults[] = {
        {"redirectors:\n" ROW("form: query, hosts: [go.example]"), "redirectors.yaml:2: redirector one: `fields`"},
        {"redirectors:\n" ROW("form: opaque, hosts: [go.example], fields: [q]"), "`fields`"},
        {"redirectors:\n" ROW("form: path, hosts: [go.example]"), "needs `paths`"},
        {"redirectors:\n" ROW("form: opaque, hosts: [example]"), "host example"},
        {"redirectors:\n" ROW("form: opaque, hosts: ['*.go.example']"), "host *.go.example"},
        {"redirectors:\n" ROW("form: opaque, hosts: [go.example], paths: [x]"), "begins with a slash"},
        {"redirectors:\n" ROW("form: opaque, hosts: [go.example], service: gone"), "service gone"},
        {"redirectors:\n" ROW("form: opaque, hosts: [go.example, go.example]"), "go.example stands in another row too"},
        {"redirectors:\n" ROW("form: teapot, hosts: [go.example]"), "\"form\" is none of the words"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct folder folder;
        struct tables *tables;
        struct err err = {""};
        folder_open(&folder);
        folder_put(&folder, "redirectors.yaml", faults[i].text);
        int opened = tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, &err);
        if (opened == 0 || !strstr(err.text, faults[i].told))
            fail_msg("row %zu: opened %d, said: %s", i, opened, err.text);
        unlink(folder_file(&folder, "redirectors.yaml"));
        folder_close(&folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_redirector), cmocka_unit_test(faults_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
