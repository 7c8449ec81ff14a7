/* base: dates as mailers write them, addresses of hosts, files and YAML. */
#include "exact.h"
#include "base/config.h"

#include <stdio.h>
#include <unistd.h>

static void dates_are_read(void **state)
{
    static const struct {
        const char *text, *utc; /* NULL: no date */
        int zone;
    } rows[] = {
        {"Sat, 31 Jan 2026 21:00:00 +0900", "2026-01-31T12:00:00Z", 32400},
        {"Sat, 31 Jan 2026 21:00:00 +0900 (JST)", "2026-01-31T12:00:00Z", 32400},
        {"31 Jan 2026 12:00 GMT", "2026-01-31T12:00:00Z", 0},
        {"Sat,31 Jan 2026 12:00:00 -0000", "2026-01-31T12:00:00Z", 0},
        {"Sat, 31-Jan-2026 07:00:00 EST", "2026-01-31T12:00:00Z", -18000},
        {"Sat Jan 31 12:00:00 2026", "2026-01-31T12:00:00Z", 0},
        {"Sat Jan 31 12:00:00 PST 2026", "2026-01-31T20:00:00Z", -28800},
        {"2026-01-31T21:00:00+09:00", "2026-01-31T12:00:00Z", 32400},
        {"2026-01-31 12:00:00.123456", "2026-01-31T12:00:00Z", 0},
        {"31 Jan 99 12:00:00 +0000", "1999-01-31T12:00:00Z", 0},
        {"31 Jan 103 12:00:00 +0000", "2003-01-31T12:00:00Z", 0},
        {"29 Feb 2024 23:59:60 +0000", "2024-03-01T00:00:00Z", 0},
        {"Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z", 0},
        {"Wed, 31 Dec 1969 23:59:59 +0000", "1969-12-31T23:59:59Z", 0},
        {"Sat, 31 Jan 2026 12:00:00 +9999", "2026-01-31T12:00:00Z", 0},
        {"Sat, 31 Jan 2026 01:00:00 PM", "2026-01-31T13:00:00Z", 0},
        {"Sat, 31 Jan 2026 12:30:00 AM", "2026-01-31T00:30:00Z", 0},
        {"Sat, 31 Jan 2026 11:30:00 AM", "2026-01-31T11:30:00Z", 0},
        {"Sat,,31.,Jan,2026,12:00:00,+0900,", "2026-01-31T03:00:00Z", 32400},
        {"yesterday at noon", NULL, 0},
        {"", NULL, 0},
        {"(31 Jan 2026 12:00:00 +0000)", NULL, 0},
        {"32 Jan 2026 12:00:00 +0000", NULL, 0},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct buf out = {.arena = arena};
        int64_t time = 0;
        int zone = 0;
        bool read = time_parse(text, &time, &zone);
        if (read != (rows[i].utc != NULL))
            fail_msg("\"%s\" was %sread", rows[i].text, read ? "" : "not ");
        if (read) {
            time_print(&out, time);
            assert_span(buf_span(&out), rows[i].utc);
            assert_int_equal(zone, rows[i].zone);
        }
        free((char *)text.at);
    }
    arena_free(&arena);
}

/* As many words as a header block has room for, without a blank between them. */
static void words_without_end_are_passed_over(void **state)
{
    enum { LONG = 1 << 20 };
    char *text = malloc(LONG);
    int64_t time;
    for (size_t i = 0; i < LONG; i++)
        text[i] = i % 2 ? ',' : 'x';
    assert_false(time_parse((struct span){text, LONG}, &time, NULL));
    free(text);
}

static void addresses_are_read(void **state)
{
    static const struct {
        const char *text, *printed; /* NULL: none */
        enum ip_scope scope;
    } rows[] = {
        {"8.8.8.8", "8.8.8.8", IP_PUBLIC},
        {"[8.8.8.8]", "8.8.8.8", IP_PUBLIC},
        {"[IPv6:2a00:1450::1]", "2a00:1450::1", IP_PUBLIC},
        {"::ffff:10.0.0.1", "10.0.0.1", IP_PRIVATE},
        {"172.31.255.255", "172.31.255.255", IP_PRIVATE},
        {"172.32.0.0", "172.32.0.0", IP_PUBLIC},
        {"100.64.0.1", "100.64.0.1", IP_SHARED},
        {"127.0.0.1", "127.0.0.1", IP_LOOPBACK},
        {"::1", "::1", IP_LOOPBACK},
        {"::", "::", IP_RESERVED},
        {"fe80::1%eth0", "fe80::1", IP_LINK_LOCAL},
        {"fd00::1", "fd00::1", IP_PRIVATE},
        {"192.0.2.1", "192.0.2.1", IP_DOCUMENTATION},
        {"2001:db8::1", "2001:db8::1", IP_DOCUMENTATION},
        {"255.255.255.255", "255.255.255.255", IP_RESERVED},
        {"1.2.3", NULL, 0},
        {"1.2.3.4.5", NULL, 0},
        {"1.2.3.256", NULL, 0},
        {"1.2.3.4.", NULL, 0},
        {"01.2.3.4", NULL, 0},
        {"", NULL, 0},
        {"[]", NULL, 0},
        {"beef", NULL, 0},
        {"1:2:3", NULL, 0},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct ip ip;
        bool read = ip_parse(text, &ip);
        if (read != (rows[i].printed != NULL))
            fail_msg("\"%s\" was %sread", rows[i].text, read ? "" : "not ");
        if (read) {
            assert_span(ip_text(arena, &ip), rows[i].printed);
            assert_int_equal(ip_scope_of(&ip), rows[i].scope);
        } else {
            assert_int_equal(ip.family, IP_NONE);
        }
        free((char *)text.at);
    }
    arena_free(&arena);
}

static void prefixes_hold_addresses(void **state)
{
    static const struct {
        const char *prefix, *ip;
        bool good, within;
    } rows[] = {
        {"40.95.0.0/16", "40.95.255.1", true, true}, {"40.95.0.0/16", "40.96.0.1", true, false},
        {"0.0.0.0/0", "1.2.3.4", true, true},        {"10.0.0.0/9", "10.127.0.1", true, true},
        {"10.0.0.0/9", "10.128.0.1", true, false},   {"2001:db8::/33", "2001:db8:7fff::1", true, true},
        {"2001:db8::/33", "2001:db8:8000::1", true, false}, {"192.0.2.1", "192.0.2.1", true, true},
        {"192.0.2.1", "192.0.2.2", true, false},     {"0.0.0.0/0", "::1", true, false},
        {"10.0.0.0/33", "10.0.0.1", false, false},   {"10.0.0.0/", "10.0.0.1", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip network, ip;
        unsigned bits;
        assert_int_equal(ip_prefix_parse(span_of(rows[i].prefix), &network, &bits), rows[i].good);
        if (!rows[i].good)
            continue;
        assert_true(ip_parse(span_of(rows[i].ip), &ip));
        assert_int_equal(ip_within(&ip, &network, bits), rows[i].within);
    }
}

struct sample {
    char *name;
    unsigned count;
};
static const cyaml_schema_field_t sample_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct sample, name, 1, CYAML_UNLIMITED),
    CYAML_FIELD_UINT("count", CYAML_FLAG_DEFAULT, struct sample, count),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t sample_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct sample, sample_fields),
};

static void file_write(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void yaml_is_read_or_its_fault_is_named(void **state)
{
    char good[] = "/tmp/sekimori-test-XXXXXX", bad[] = "/tmp/sekimori-test-XXXXXX";
    struct err err;
    void *out = NULL;
    file_write(good, "name: gate\ncount: 3\n");
    file_write(bad, "name: gate\ncount: three\n");
    assert_int_equal(config_load(good, &sample_schema, &out, &err), 0);
    assert_string_equal(((struct sample *)out)->name, "gate");
    assert_int_equal(((struct sample *)out)->count, 3);
    config_free(&sample_schema, &out);
    assert_null(out);
    assert_int_equal(config_load(bad, &sample_schema, &out, &err), -1);
    assert_non_null(strstr(err.text, bad));
    assert_non_null(strstr(err.text, ":2: \"count\" is no number"));
    for (size_t i = 0; i < 3; i++) { /* a file without a document is as bad as one without the keys */
        char empty[] = "/tmp/sekimori-test-XXXXXX";
        file_write(empty, (const char *[]){"", "# nothing yet\n", "---\n"}[i]);
        assert_int_equal(config_load(empty, &sample_schema, &out, &err), -1);
        assert_non_null(strstr(err.text, empty));
        assert_null(out);
        unlink(empty);
    }
    assert_int_equal(config_load("/nonexistent/x.yaml", &sample_schema, &out, &err), -1);
    assert_non_null(strstr(err.text, "/nonexistent/x.yaml"));
    unlink(good);
    unlink(bad);
}

static void files_are_read_whole_or_refused(void **state)
{
    char path[] = "/tmp/sekimori-test-XXXXXX";
    struct arena *arena = arena_new(1 << 20);
    struct err err;
    struct span text;
    file_write(path, "0123456789");
    assert_int_equal(file_read(arena, path, 10, &text, &err), 0);
    assert_span(text, "0123456789");
    assert_int_equal(file_read(arena, path, 9, &text, &err), -1);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(file_read(arena, "/", 10, &text, &err), -1);
    assert_non_null(strstr(err.text, "folder"));
    unlink(path);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read), cmocka_unit_test(words_without_end_are_passed_over),
        cmocka_unit_test(addresses_are_read), cmocka_unit_test(prefixes_hold_addresses),
        cmocka_unit_test(yaml_is_read_or_its_fault_is_named), cmocka_unit_test(files_are_read_whole_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
