#include "folder.h"
#include "mmdb.h"

static void test_services(void **state)
{
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    assert_int_equal(tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, &err), 0);
    assert_int_equal(service_count(tables), 2);
    const struct service *relay = service_by_id(tables, S("relay"));
    assert_non_null(relay);
    assert_ptr_equal(relay, service_at(tables, 0));
    assert_span(relay->name, "A relay");
    assert_span(relay->fields.at[0], "X-Relay-Id");
    assert_int_equal(relay->accounts.at[0].form, ACCOUNT_COLON_FIELD);
    assert_int_equal(relay->accounts.at[0].index, 2);
    assert_true(relay->accounts.at[0].sure);
    assert_false(relay->accounts.at[1].sure);
    assert_int_equal(relay->asns.at[0], 64500);
    assert_true(relay->sure);
    const struct service *guess = service_by_id(tables, S("guess"));
    assert_false(guess->sure);
    assert_false(guess->accounts.at[0].sure); /* a sure account of a guessed service is a guess */
    assert_null(service_by_id(tables, S("nobody")));
    tables_close(&tables);
    assert_null(tables);
    folder_close(&folder);
}

static void test_service_by_host(void **state)
{
    static const struct {
        const char *host, *id;
    } rows[] = {
        {"relay.example", "relay"},     {"mx1.relay.example", "relay"},      {"MX1.Relay.Example.", "relay"},
        {"norelay.example", NULL},      {"relay.example.net", NULL},         {"example", NULL},
        {"a.in.other.example", "relay"}, {"a.out.other.example", "guess"},   {"", NULL},
        {".", NULL},                    {"a.b.c.d.e.f.g.h.i.relay.example", "relay"}, {"..relay.example", "relay"},
    };
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    assert_int_equal(tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, &err), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span host = exact(rows[i].host);
        const struct service *found = service_by_host(tables, host);
        if (rows[i].id) {
            assert_non_null(found);
            assert_span(found->id, rows[i].id);
        } else {
            assert_null(found);
        }
        free((char *)host.at);
    }
    tables_close(&tables);
    folder_close(&folder);
}

static void as_database(struct folder *folder, const char *path)
{
    struct mmdb db = {.arena = folder->arena, .data = {.arena = folder->arena}};
    mmdb_range(&db, "8.8.8.0/24");
    mmdb_map(&db.data, 2);
    mmdb_text(&db.data, "autonomous_system_number"), mmdb_number(&db.data, 64501);
    mmdb_text(&db.data, "autonomous_system_organization"), mmdb_text(&db.data, "Rooms Inc");
    mmdb_write(&db, path);
}

static void country_database(struct folder *folder, const char *path, bool nested)
{
    struct mmdb db = {.arena = folder->arena, .data = {.arena = folder->arena}};
    mmdb_range(&db, "8.8.8.0/24");
    mmdb_map(&db.data, 1);
    mmdb_text(&db.data, nested ? "country" : "country_code");
    if (nested) {
        mmdb_map(&db.data, 1);
        mmdb_text(&db.data, "iso_code");
    }
    mmdb_text(&db.data, "JP");
    mmdb_range(&db, "9.9.9.0/24");
    mmdb_map(&db.data, 1);
    mmdb_text(&db.data, "country_code"), mmdb_text(&db.data, "nowhere");
    mmdb_write(&db, path);
}

static void test_maxmind(void **state)
{
    struct folder folder;
    struct err err;
    folder_open(&folder);
    const char *as = folder_file(&folder, "as.mmdb"), *country = folder_file(&folder, "country.mmdb");
    as_database(&folder, as);
    for (int nested = 0; nested < 2; nested++) {
        struct tables *tables;
        struct network network;
        country_database(&folder, country, nested);
        if (tables_open(&(struct table_options){.data_dir = folder.path, .partial = true, .as_file = as, .country_file = country}, &tables, &err) < 0)
            fail_msg("%s", err.text);
        assert_true(network_of(tables, (struct ip[]){address("8.8.8.8")}, &network));
        assert_int_equal(network.asn, 64501);
        assert_span(network.name, "Rooms Inc");
        assert_span(network.country, "JP");
        assert_int_equal(network.kind, NETWORK_HOSTING);
        assert_true(network.sure);
        assert_false(network_of(tables, (struct ip[]){address("9.9.9.9")}, &network)); /* "nowhere" is no country */
        assert_false(network_of(tables, (struct ip[]){address("2600:2::1")}, &network)); /* a tree of IPv4 only */
        tables_close(&tables);
    }
    folder_close(&folder);
}

static void test_network(void **state)
{
    static const struct {
        const char *address;
        bool known;
        uint32_t asn;
        const char *name;
        enum network_kind kind;
        const char *service;
        bool sure;
    } rows[] = {
        {"8.0.0.1", true, 64500, "Relay in CSV", NETWORK_MAIL_SERVICE, "relay", true},
        {"8.1.0.1", true, 64502, "Maybe in CSV", NETWORK_VPN, "", false},
        {"8.2.0.1", true, 64999, "Nobody's row", NETWORK_UNKNOWN, "", false},
        {"8.3.0.1", false, 0, "", NETWORK_UNKNOWN, "", false},
        {"40.95.6.1", true, 64500, "Wide", NETWORK_HOSTING, "", true}, /* a pool beats the number */
        {"40.95.7.1", true, 64500, "Pool", NETWORK_RELAY_POOL, "relay", true}, /* the longer prefix */
        {"40.96.0.0", false, 0, "", NETWORK_UNKNOWN, "", false},
        {"2600:1:ffff::1", true, 0, "Six", NETWORK_MOBILE, "", false},
        {"2600:2::1", false, 0, "", NETWORK_UNKNOWN, "", false},
        {"10.0.0.1", false, 0, "", NETWORK_UNKNOWN, "", false}, /* private: the CSV's word on it counts for nothing */
    };
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    const char *csv = folder_put(&folder, "as.csv", "10.0.0.0,10.255.255.255,64500,Relay in CSV\n8.0.0.0,8.0.255.255,64500,Relay in CSV\n8.1.0.0,8.1.255.255,64502,Maybe in CSV\n"
                                                    "8.2.0.0,8.2.0.255,64999,Nobody's row\n40.95.0.0,40.95.255.255,64500,Relay in CSV\n");
    if (tables_open(&(struct table_options){.data_dir = folder.path, .partial = true, .as_file = csv}, &tables, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct network network;
        assert_int_equal(network_of(tables, (struct ip[]){address(rows[i].address)}, &network), rows[i].known);
        assert_int_equal(network.asn, rows[i].asn);
        assert_span(network.name, rows[i].name);
        assert_int_equal(network.kind, rows[i].kind);
        assert_span(network.service, rows[i].service);
        assert_int_equal(network.sure, rows[i].sure);
        assert_int_equal(network.country.len, 0);
    }
    tables_close(&tables);
    folder_close(&folder);
}

#define ROW "source: own, date: 2026-01-31}\n"
static void test_faults_are_named(void **state)
{
    static const struct {
        const char *file, *text, *told;
    } rows[] = {
        {"networks.yaml", "networks:\n  - {asn: 1, name: A, kind: castle, sure: yes, " ROW "pools: []\n", "networks.yaml:2: \"kind\" is none of the words"},
        {"networks.yaml", "networks:\n  - {asn: 1, name: A, sure: yes, " ROW "pools: []\n", "kind"},
        {"networks.yaml", "networks:\n  - {asn: 1, name: A, kind: vpn, sure: yes, colour: red, " ROW "pools: []\n", "colour"},
        {"networks.yaml", "networks:\n  - {asn: 1, name: A, kind: vpn, service: gone, sure: yes, " ROW "pools: []\n", "networks.yaml:2: service gone"},
        {"networks.yaml", "networks:\n  - {asn: 1, name: A, kind: vpn, sure: yes, " ROW "  - {asn: 1, name: B, kind: vpn, sure: yes, " ROW "pools: []\n", "AS number 1 stands twice"},
        {"networks.yaml", "networks: []\npools:\n  - {range: 40.95.0.1/16, name: A, kind: vpn, sure: yes, " ROW, "networks.yaml:3: 40.95.0.1/16"},
        {"networks.yaml", "networks: []\npools:\n  - {range: nowhere, name: A, kind: vpn, sure: yes, " ROW, "nowhere is no address range"},
        {"networks.yaml", "networks: []\npools:\n  - {range: 40.95.0.0/16, name: A, kind: vpn, sure: yes, " ROW "  - {range: 192.0.2.0/24, name: C, kind: vpn, sure: yes, " ROW "  - {range: 40.95.0.0/16, name: B, kind: vpn, sure: yes, " ROW, "40.95.0.0/16 stands twice"},
        {"services.yaml", "services:\n  - {id: a, name: A, sure: yes, hosts: ['*.x.example'], " ROW, "host *.x.example"},
        {"services.yaml", "services:\n  - {id: a, name: A, sure: yes, hosts: [com], " ROW, "host com"},
        {"services.yaml", "services:\n  - {id: a, name: A, sure: yes, " ROW "  - {id: a, name: B, sure: yes, " ROW, "id a stands twice"},
        {"services.yaml", "services:\n  - {id: a, name: A, sure: yes, hosts: [x.example], " ROW "  - {id: b, name: B, sure: yes, hosts: [X.example], " ROW, "x.example belongs to two"},
        {"services.yaml", "services:\n  - {id: a, name: A, sure: yes, fields: [X-A], " ROW "  - {id: b, name: B, sure: yes, fields: [x-a], " ROW, "x-a is written by two"},
        {"services.yaml", "services:\n  - {id: a, name: A, sure: yes, accounts: [{field: X, form: colon-field, sure: yes}], " ROW, "index"},
        {"services.yaml", "services:\n  - {id: a, name: A, sure: yes, accounts: [{field: X, form: whole, index: 1, sure: yes}], " ROW, "index"},
        {"services.yaml", "services: [\n", "services.yaml"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct folder folder;
        struct tables *tables;
        struct err err = {""};
        folder_open(&folder);
        folder_put(&folder, rows[i].file, rows[i].text);
        int opened = tables_open(&(struct table_options){.data_dir = folder.path, .partial = true}, &tables, &err);
        if (opened == 0 || !strstr(err.text, rows[i].told) || !strstr(err.text, rows[i].file))
            fail_msg("row %zu: opened %d, said: %s", i, opened, err.text);
        assert_null(tables);
        folder_close(&folder);
    }
}

/* The folder that tests make has two of the files; a program that was given it would judge without brands. */
static void test_lacking_list(void **state)
{
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    assert_int_equal(tables_open(&(struct table_options){.data_dir = folder.path}, &tables, &err), -1);
    assert_non_null(strstr(err.text, "/brands.yaml"));
    folder_close(&folder);
}

/* Lists that would be passed over: no folder, and a name that is none. */
static void test_own_folder(void **state)
{
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    assert_int_equal(tables_open(&(struct table_options){.own_dir = folder_file(&folder, "absent")}, &tables, &err), -1);
    assert_non_null(strstr(err.text, "SEKIMORI_LISTS"));
    unlink(folder_file(&folder, "services.yaml"));
    unlink(folder_file(&folder, "networks.yaml"));
    assert_int_equal(tables_open(&(struct table_options){.own_dir = folder.path}, &tables, &err), 0);
    tables_close(&tables);
    folder_put(&folder, "brand.yml", "brands: []\n");
    assert_int_equal(tables_open(&(struct table_options){.own_dir = folder.path}, &tables, &err), -1);
    assert_non_null(strstr(err.text, "brand.yml: is the name of no list"));
    unlink(folder_file(&folder, "brand.yml"));
    folder_close(&folder);
}

/* An empty table of weights would judge by priors, and say nothing. */
static void test_empty_weights(void **state)
{
    struct folder folder;
    struct tables *tables;
    struct err err;
    folder_open(&folder);
    const char *path = folder_put(&folder, "w.tsv", "# nothing\n");
    assert_int_equal(tables_open(&(struct table_options){.weights_file = path}, &tables, &err), -1);
    assert_non_null(strstr(err.text, "holds no weight"));
    unlink(path);
    folder_close(&folder);
}

static void test_absent_files(void **state)
{
    struct tables *tables;
    struct err err;
    assert_int_equal(tables_open(&(struct table_options){.data_dir = "/nonexistent"}, &tables, &err), -1);
    assert_non_null(strstr(err.text, "/nonexistent/services.yaml"));
    assert_non_null(strstr(err.text, "SEKIMORI_DATA"));
    assert_int_equal(tables_open(&(struct table_options){.suffix_file = "/nonexistent"}, &tables, &err), -1);
    assert_non_null(strstr(err.text, "public suffix"));
    assert_int_equal(tables_open(&(struct table_options){.country_file = "/nonexistent"}, &tables, &err), -1);
    assert_int_equal(tables_open(&(struct table_options){.as_file = "/nonexistent"}, &tables, &err), -1);
    assert_null(tables);
}

/* The shipped files: found beside the sources, complete, each row with its source. */
static void test_shipped_data(void **state)
{
    static const char *const wanted[] = {"mailgun", "sendgrid", "mailchimp", "mandrill", "constant-contact", "amazon-ses", "salesforce-mc", "postmark",
                                         "mailjet", "brevo", "hubspot", "microsoft365", "google", "proofpoint", "mimecast", "barracuda"};
    static const struct {
        const char *address, *service;
        enum network_kind kind;
    } pools[] = {
        {"40.95.12.1", "microsoft365", NETWORK_RELAY_POOL},   {"40.94.255.255", "", NETWORK_UNKNOWN},
        {"40.107.209.10", "microsoft365", NETWORK_MAIL_SERVICE}, {"40.93.255.255", "microsoft365", NETWORK_MAIL_SERVICE},
        {"104.47.128.0", "", NETWORK_UNKNOWN},                {"209.85.220.41", "google", NETWORK_MAIL_SERVICE},
        {"54.240.8.1", "amazon-ses", NETWORK_MAIL_SERVICE},
    };
    struct tables *tables;
    struct err err;
    unsetenv("SEKIMORI_DATA");
    if (tables_open(&(struct table_options){0}, &tables, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!service_by_id(tables, span_of(wanted[i])))
            fail_msg("%s is not in services.yaml", wanted[i]);
    assert_span(service_by_host(tables, S("mx0a-00278502.pphosted.com"))->id, "proofpoint");
    assert_span(service_by_host(tables, S("a8-1.smtp-out.amazonses.com"))->id, "amazon-ses");
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        struct network network;
        network_of(tables, (struct ip[]){address(pools[i].address)}, &network);
        assert_int_equal(network.kind, pools[i].kind);
        assert_span(network.service, pools[i].service);
    }
    tables_close(&tables);
}

/* By the bytes of the files, wherever they lie; what is not there has no edition. */
static void test_editions(void **state)
{
    static const char *const lists[] = {"jp\n", "jp\n", "jp\nco.jp\n"}, *const systems[] = {"10.0.0.0,10.0.0.9,1,a\n", "10.0.0.0,10.0.0.9,1,a\n", "10.0.0.0,10.0.0.9,2,a\n"};
    uint8_t editions[4][3][32] = {{{0}}};
    for (int turn = 0; turn < 4; turn++) { /* the last one without any */
        struct folder folder;
        struct tables *tables;
        struct err err;
        folder_open(&folder);
        struct table_options options = {.data_dir = folder.path, .partial = true};
        if (turn < 3) {
            options.suffix_file = folder_put(&folder, "list.dat", lists[turn]);
            options.as_file = folder_put(&folder, "as.csv", systems[turn]);
            options.country_file = folder_file(&folder, "country.mmdb");
            country_database(&folder, options.country_file, turn == 2);
        }
        if (tables_open(&options, &tables, &err) < 0)
            fail_msg("%s", err.text);
        for (size_t i = 0; tables_database(i); i++) {
            struct span edition = tables_database_edition(tables, i), again = tables_database_edition(tables, i);
            assert_true(span_eq(edition, again));
            assert_int_equal(edition.len, turn < 3 || i == 2 ? 32 : 0); /* there is always some suffix list */
            if (edition.len)
                memcpy(editions[turn][i], edition.at, edition.len);
        }
        tables_close(&tables);
        folder_close(&folder);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(editions[0][i], editions[1][i], 32);
        assert_memory_not_equal(editions[0][i], editions[2][i], 32);
        assert_memory_not_equal(editions[0][i], editions[3][i], 32);
    }
    assert_memory_not_equal(editions[0][0], editions[0][1], 32);
}

static void test_kind_names(void **state)
{
    assert_string_equal(network_kind_name(NETWORK_UNKNOWN), "unknown");
    assert_string_equal(network_kind_name(NETWORK_RELAY_POOL), "relay-pool");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services),  cmocka_unit_test(test_service_by_host),  cmocka_unit_test(test_maxmind),
        cmocka_unit_test(test_network),   cmocka_unit_test(test_faults_are_named), cmocka_unit_test(test_absent_files), cmocka_unit_test(test_lacking_list), cmocka_unit_test(test_own_folder), cmocka_unit_test(test_empty_weights),
        cmocka_unit_test(test_shipped_data), cmocka_unit_test(test_kind_names), cmocka_unit_test(test_editions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
