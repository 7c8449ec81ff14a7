#include "folder.h"

#include "table/lists.h"

static const char hosts[] =
    "groups:\n"
    "  - kind: share\n    owner: label-my\n    sure: yes\n    source: own\n    date: 2026-01-31\n    hosts: [share.example]\n"
    "  - kind: share\n    owner: after-a\n    sure: yes\n    source: own\n    date: 2026-01-31\n    hosts: [docs.big.example]\n"
    "  - kind: form\n    owner: path-second\n    sure: no\n    source: own\n    date: 2026-01-31\n    hosts: [docs.big.example/forms]\n"
    "  - kind: reputable\n    sure: yes\n    source: own\n    date: 2026-01-31\n    hosts: [big.example, firm.example]\n"
    "  - kind: free-mail\n    exact: yes\n    sure: yes\n    source: own\n    date: 2026-01-31\n    hosts: [firm.example, post.example]\n"
    "  - kind: cheap-suffix\n    sure: yes\n    source: own\n    date: 2026-01-31\n    hosts: [cheap]\n"
    "asides: [unsubscri, 配信停止]\n"
    "calls: [sign in]\n";

static const struct {
    const char *host, *path;
    unsigned kinds;
    const char *listed, *owner;
} rows[] = {
    {"share.example", "/", HOST_SHARE, "share.example", ""},
    {"anna-my.share.example", "/x", HOST_SHARE, "share.example", "anna"},
    {"anna.share.example.", "/x", HOST_SHARE, "share.example", "anna"},
    {"www.share.example", "/x", HOST_SHARE, "share.example", ""},
    {"noshare.example", "/x", 0, "", ""},
    {"docs.big.example", "/a/firm.example/d", HOST_SHARE, "docs.big.example", "firm.example"},
    {"docs.big.example", "/about/firm.example", HOST_SHARE, "docs.big.example", ""},
    {"docs.big.example", "/forms/anna/2", HOST_FORM, "docs.big.example/forms", "anna"},
    {"docs.big.example", "/forms", HOST_FORM, "docs.big.example/forms", ""},
    {"docs.big.example", "/formsandmore", HOST_SHARE, "docs.big.example", ""},
    {"sub.docs.big.example", "/forms/anna/2", HOST_FORM, "docs.big.example/forms", "anna"},
    {"www.big.example", "/forms", HOST_REPUTABLE, "big.example", ""},
    {"firm.example", "", HOST_REPUTABLE | HOST_FREE_MAIL, "firm.example", ""},
    {"www.firm.example", "", HOST_REPUTABLE, "firm.example", ""}, /* its site is no mailbox */
    {"post.example", "", HOST_FREE_MAIL, "post.example", ""},
    {"www.post.example", "", 0, "", ""},
    {"anything.cheap", "/", HOST_CHEAP_SUFFIX, "cheap", ""},
    {"cheap.example", "/", 0, "", ""},
    {"", "", 0, "", ""},
    {".", "/", 0, "", ""},
    {"a.b.c.d.e.f.g.h.i.share.example", "/", HOST_SHARE, "share.example", "i"},
};

static void each_host(void **state)
{
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    folder_put(&folder, "hosts.yaml", hosts);
    if (tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span host = exact(rows[i].host), path = exact(rows[i].path), listed;
        if (host_kinds(tables, host, path, &listed) != rows[i].kinds)
            fail_msg("%s%s: kinds %x", rows[i].host, rows[i].path, host_kinds(tables, host, path, NULL));
        assert_span(listed, rows[i].listed);
        assert_span(host_owner(tables, host, path), rows[i].owner);
        free((char *)host.at);
        free((char *)path.at);
    }
    assert_true(link_is_aside(tables, S("To UNSUBSCRIBE, click")) && link_is_aside(tables, S("配信停止はこちら")));
    assert_false(link_is_aside(tables, S("subscribe")) || link_is_aside(tables, S("unsubscr")));
    assert_true(link_is_call(tables, S("Please Sign In")));
    assert_false(link_is_call(tables, S("Signing")));
    tables_close(&tables);
    unlink(folder_file(&folder, "hosts.yaml"));
    folder_close(&folder);
}

#define GROUP(kind, hosts) "groups:\n  - {kind: " kind ", sure: yes, source: own, date: 2026-01-31, hosts: [" hosts "]}\n"
static void faults_are_named(void **state)
{
    static const struct {
        const char *text, *told;
    } faults[] = {
        {GROUP("castle", "a.example"), "hosts.yaml:2: \"kind\" is none of the words it may be: "},
        {"groups:\n  - {kind: share, sure: maybe, source: own, date: 2026-01-31, hosts: [a.example]}\n",
         "hosts.yaml:2: \"sure\" is none of the words it may be: yes, no, true, false"},
        {GROUP("share", "com"), "com is a whole top-level domain"},
        {GROUP("share", "'*.a.example'"), "hosts.yaml:2: *.a.example is no host"},
        {GROUP("share", "'https://a.example'"), "is no host"},
        {GROUP("share", "A.example"), "is no host"},
        {GROUP("share", "a.example/"), "is no host"},
        {GROUP("share", "a.example, b.example, a.example"), "hosts.yaml:2: a.example stands twice under the kind share"},
        {"groups:\n  - {kind: share, exact: yes, sure: yes, source: own, date: 2026-01-31, hosts: [a.example/b]}\n", "without a path"},
        {"groups: []\nasides: [un]\n", "hosts.yaml:2: the word un is too short"},
        {"groups: [\n", "hosts.yaml"},
        {"hosts: [a.example]\n", "hosts.yaml:1: the key \"hosts\" does not belong here"},
        {"group: []\n", "did you mean \"groups\"?"},
        {"groups:\n\t- {}\n", "by spaces, never by tabs"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct folder folder;
        struct tables *tables;
        struct err err = {""};
        folder_open(&folder);
        folder_put(&folder, "hosts.yaml", faults[i].text);
        int opened = tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, &err);
        if (opened == 0 || !strstr(err.text, faults[i].told))
            fail_msg("row %zu: opened %d, said: %s", i, opened, err.text);
        unlink(folder_file(&folder, "hosts.yaml"));
        folder_close(&folder);
    }
}

/* The operator's folder adds rows; what stands in the data folder too is an error that names the second file. */
static void operator_adds(void **state)
{
    struct folder folder, own;
    struct tables *tables;
    struct err err = {""};
    folder_open(&folder);
    folder_open(&own);
    folder_put(&folder, "hosts.yaml", hosts);
    folder_put(&own, "hosts.yaml", GROUP("shortener", "go.firm.example"));
    struct table_options options = {.data_dir = folder.path, .partial = true, .own_dir = own.path};
    if (tables_open(&options, &tables, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(host_kinds(tables, S("go.firm.example"), S("/1"), NULL), HOST_SHORTENER);
    assert_int_equal(host_kinds(tables, S("share.example"), S("/1"), NULL), HOST_SHARE);
    tables_close(&tables);
    folder_put(&own, "hosts.yaml", GROUP("share", "share.example"));
    assert_int_equal(tables_open(&options, &tables, &err), -1);
    assert_non_null(strstr(err.text, own.path));
    unlink(folder_file(&folder, "hosts.yaml"));
    unlink(folder_file(&own, "hosts.yaml"));
    folder_close(&folder);
    folder_close(&own);
}

/* What the program ships: each kind is known, and a few names that must never change their kind. */
static void shipped(void **state)
{
    struct tables *tables;
    struct err err;
    if (tables_open(&(struct table_options){0}, &tables, &err) < 0)
        fail_msg("%s", err.text);
    static const struct {
        const char *host, *path;
        unsigned kind;
    } known[] = {
        {"bit.ly", "/x", HOST_SHORTENER}, {"sites.google.com", "/x", HOST_FREE_PAGES}, {"docs.google.com", "/forms/d/e", HOST_FORM},
        {"bucket.s3.amazonaws.com", "/", HOST_BUCKET}, {"contoso-my.sharepoint.com", "/", HOST_SHARE}, {"x.ngrok-free.app", "/", HOST_TUNNEL},
        {"cid.ipfs.dweb.link", "/", HOST_GATEWAY}, {"i.imgur.com", "/a.png", HOST_IMAGES}, {"www.linkedin.com", "/in/a", HOST_SOCIAL},
        {"wa.me", "/1", HOST_MESSENGER}, {"gmail.com", "", HOST_FREE_MAIL}, {"docomo.ne.jp", "", HOST_FREE_MAIL},
        {"yopmail.com", "", HOST_DISPOSABLE}, {"a.icu", "", HOST_CHEAP_SUFFIX}, {"www.microsoft.com", "/", HOST_REPUTABLE},
        {"x.list-manage.com", "/track", HOST_TRACKER}, {"fonts.googleapis.com", "/", HOST_COMMON_LIBRARY},
    };
    unsigned all = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!(host_kinds(tables, span_of(known[i].host), span_of(known[i].path), NULL) & known[i].kind))
            fail_msg("%s: is not of the kind %s", known[i].host, host_kind_name(known[i].kind));
        all |= known[i].kind;
    }
    assert_int_equal(all, (HOST_COMMON_LIBRARY << 1) - 1);
    assert_true(host_kinds(tables, S("intl.paypal.com"), S(""), NULL) & HOST_NOTICES);
    assert_int_equal(host_kinds(tables, S("www.docomo.ne.jp"), S("/"), NULL) & HOST_FREE_MAIL, 0);
    assert_int_equal(host_kinds(tables, S("mail.google.com.evil.example"), S("/"), NULL), 0);
    assert_true(host_is_private(tables, S("anna.github.io")));
    assert_false(host_is_private(tables, S("www.shop.co.uk")) || host_is_private(tables, S("github.io")) || host_is_private(tables, S("shop.com")));
    assert_string_equal(host_kind_name(HOST_FORM), "form");
    tables_close(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_host), cmocka_unit_test(faults_are_named), cmocka_unit_test(operator_adds),
                                       cmocka_unit_test(shipped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
