#include "exact.h"

#include <sys/mman.h>
#include <unistd.h>

#include "relay/relay.h"

/* The list is a file for libcyaml; each case writes one that lives in memory. */
static int load(struct arena *arena, const char *yaml, struct customers *out, struct err *err)
{
    int fd = memfd_create("customers", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
    lseek(fd, 0, SEEK_SET);
    int result = customers_load(arena, arena_print(arena, "/dev/fd/%d", fd).at, out, err);
    close(fd);
    return result;
}

static void whole_list(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct customers customers;
    struct err err = {{0}};
    assert_int_equal(load(arena,
                          "customers:\n"
                          "  - name: Example Brand\n"
                          "    tenants: [0F0E0D0C-1111-2222-3333-444455556666]\n"
                          "    domains: [Brand.Example, brand-mail.example]\n"
                          "    organisations: [brand.onmicrosoft.com]\n"
                          "    on_premises: [192.0.2.0/24, 2001:db8::1]\n"
                          "    relay_pool: yes\n"
                          "  - name: Second\n"
                          "    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n"
                          "    domains: [second.example]\n",
                          &customers, &err), 0);
    assert_int_equal(customers.list.len, 2);
    const struct customer *first = &customers.list.at[0], *second = &customers.list.at[1];
    assert_span(first->name, "Example Brand");
    assert_span(first->tenants.at[0], "0f0e0d0c-1111-2222-3333-444455556666");
    assert_span(first->domains.at[0], "brand.example");
    assert_span(first->organisations.at[0], "brand.onmicrosoft.com");
    assert_int_equal(first->on_premises.len, 2);
    assert_int_equal(first->on_premises.at[0].bits, 24);
    assert_int_equal(first->on_premises.at[1].bits, 128);
    assert_true(first->relay_pool);
    assert_false(second->relay_pool);
    assert_int_equal(second->on_premises.len, 0);
    arena_free(&arena);
}

/* The example that is shipped must be one that loads. */
static void shipped_example_loads(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct customers customers;
    struct err err = {{0}};
    if (customers_load(arena, "conf/customers.yaml", &customers, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(customers.list.len, 1);
    assert_int_equal(customers.list.at[0].on_premises.len, 2);
    arena_free(&arena);
}

static void faults_are_named(void **state)
{
    static const struct {
        const char *yaml, *said;
    } rows[] = {
        {"customers:\n  - name: A\n    tenants: [not-a-guid]\n    domains: [a.example]\n", "not-a-guid"},
        {"customers:\n  - name: A\n    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: [nodots]\n", "nodots"},
        {"customers:\n  - name: A\n    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: [a.example]\n"
         "    on_premises: [10.0.0.0/64]\n", "10.0.0.0/64"},
        {"customers:\n  - name: A\n    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: [a.example]\n"
         "  - name: B\n    tenants: [bbbbbbbb-1111-2222-3333-444455556666]\n    domains: [mail.a.example]\n", "overlap"},
        {"customers:\n  - name: A\n    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: [a.example]\n"
         "    organisations: [OnMicrosoft.com]\n", "names no tenant"}, /* it would admit every tenant there is */
        {"customers:\n  - name: A\n    domains: [a.example]\n", "tenants"},
        {"customers:\n  - name: A\n    tenants: []\n    domains: [a.example]\n", ""},
        {"clients: []\n", ":1: unknown key \"clients\""},
        {"customers: []\n", "the list is empty"},
        {"customers:\n  - name: A\n    # tenant\n    tenant: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: [a.example]\n",
         ":4: unknown key \"tenant\"; did you mean \"tenants\"?"},
        {"customers:\n  - name: A\n    domains: [a.example]\n", ":2: lacks the key \"tenants\""},
        {"customers:\n  - name: A\n    tenants: aaaaaaaa-1111-2222-3333-444455556666\n    domains: [a.example]\n",
         ":3: \"tenants\" wants a list: write [value]"},
        {"customers:\n  - name: A\n    tenants: []\n    domains: [a.example]\n", ":3: \"tenants\" is an empty list"},
        {"customers:\n  - name: [A]\n", ":2: \"name\" wants a single value"},
        {"customers:\n  - name: A\n    name: B\n", "the key \"name\" stands twice"},
        {"customers:\n  - name: A\n    tenants: [aaaa\n    domains: [a.example]\n", "is no YAML: did not find expected"},
        {"customers:\n  - name: A\n    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: [a.example]\n"
         "    relay_pool: perhaps\n", "\"perhaps\" is neither yes nor no"},
        {"- A\n", ": wants keys with values"},
        {"customers:\n  - name: A\n    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: ['*.a.example']\n",
         "it stands for what is under it too"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct customers customers;
        struct err err = {{0}};
        assert_int_equal(load(arena, rows[i].yaml, &customers, &err), -1);
        if (!strstr(err.text, rows[i].said))
            fail_msg("row %zu: \"%s\" does not name \"%s\"", i, err.text, rows[i].said);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_list), cmocka_unit_test(shipped_example_loads),
                                       cmocka_unit_test(faults_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
