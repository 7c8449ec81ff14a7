#include "command/scan.h"
#include "folder.h"

struct fixture {
    char folder[256];
    struct arena *arena;
    struct envelopes *envelopes;
};

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    folder_make(fixture->folder, sizeof fixture->folder);
    folder_sub(fixture->folder, "X");
    folder_write(fixture->folder, "X/one.eml", S("x"));
    folder_write(fixture->folder, "X/box", S("x"));
    folder_write(fixture->folder, "two.eml", S("x"));
    fixture->arena = arena_new(1 << 20);
    fixture->envelopes = envelopes_new();
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    envelopes_free(&fixture->envelopes);
    arena_free(&fixture->arena);
    folder_drop(fixture->folder);
    free(fixture);
    return 0;
}

static bool find(struct fixture *fixture, const char *name, struct arrival *arrival)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    *arrival = (struct arrival){.received_at = TIME_UNKNOWN};
    return envelopes_find(fixture->envelopes, fixture->arena, path, arrival);
}

static void rows_are_found_by_folder_and_name(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    struct arrival arrival;
    const char *path = folder_write(fixture->folder, "X.envelopes.tsv",
                                    S("# a comment\n\none.eml\t192.0.2.1\thelo.example\tmx.example\ta@example.com\tb@example.net\r\n"
                                      "box#12\t-\t-\t-\t<>\t-\n"));
    if (envelopes_load(fixture->envelopes, path, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(find(fixture, "X/one.eml", &arrival));
    assert_int_equal(arrival.client_ip.family, IP_V4);
    assert_span(arrival.helo, "helo.example");
    assert_span(arrival.client_name, "mx.example");
    assert_span(arrival.mail_from, "a@example.com");
    assert_int_equal(arrival.mail_from_state, SENDER_GIVEN);
    assert_int_equal(arrival.rcpt_to.len, 1);
    assert_span(arrival.rcpt_to.at[0].address, "b@example.net");
    assert_false(find(fixture, "two.eml", &arrival));
    assert_true(find(fixture, "X/box#12", &arrival));
    assert_int_equal(arrival.mail_from_state, SENDER_NULL);
    assert_int_equal(arrival.client_ip.family, IP_NONE);
    assert_int_equal(arrival.helo.len + arrival.client_name.len + arrival.rcpt_to.len, 0);
    assert_false(find(fixture, "X/box#1", &arrival));
}

static void unknown_is_not_the_null_sender(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    struct arrival arrival;
    const char *path = folder_write(fixture->folder, "any.tsv", S("two.eml\t2001:db8::1\t-\t-\t-\t<c@example.net>\n"));
    assert_int_equal(envelopes_load(fixture->envelopes, path, &err), 0);
    assert_true(find(fixture, "two.eml", &arrival));
    assert_int_equal(arrival.mail_from_state, SENDER_UNKNOWN);
    assert_int_equal(arrival.client_ip.family, IP_V6);
    assert_span(arrival.rcpt_to.at[0].address, "c@example.net");
}

static void several_recipients_are_parted_by_commas(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    struct arrival arrival;
    const char *path = folder_write(fixture->folder, "any.tsv",
                                    S("two.eml\t-\t-\t-\t-\t<d@e.example>,g@h.example, <\"i, \\\"j\"@k.example>\n"));
    if (envelopes_load(fixture->envelopes, path, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(find(fixture, "two.eml", &arrival));
    assert_int_equal(arrival.rcpt_to.len, 3);
    assert_span(arrival.rcpt_to.at[0].address, "d@e.example");
    assert_span(arrival.rcpt_to.at[1].address, "g@h.example");
    assert_span(arrival.rcpt_to.at[2].address, "\"i, \\\"j\"@k.example");
}

static void a_later_table_overrules(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    struct arrival arrival;
    const char *path = folder_write(fixture->folder, "any.tsv", S("two.eml\t-\told\t-\t-\t-\n"));
    assert_int_equal(envelopes_load(fixture->envelopes, path, &err), 0);
    path = folder_write(fixture->folder, "other.tsv", S("two.eml\t-\tnew\t-\t-\t-\n"));
    assert_int_equal(envelopes_load(fixture->envelopes, path, &err), 0);
    assert_true(find(fixture, "two.eml", &arrival));
    assert_span(arrival.helo, "new");
}

static void malformed_rows_are_errors_with_their_place(void **state)
{
    static const struct {
        const char *name, *text, *why;
    } rows[] = {
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\t-\t-\none.eml\t-\t-\t-\t-\n", "X.envelopes.tsv:2: has 5 columns"},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\t-\t-\tx\n", ":1: has 7 columns"},
        {"X.envelopes.tsv", "one.eml - - - - -\n", ":1: has 1 columns"},
        {"X.envelopes.tsv", "one.eml\t-\t\t-\t-\t-\n", ":1: column 3 is empty"},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\t-\t\n", ":1: column 6 is empty"},
        {"X.envelopes.tsv", "one.eml\t300.1.1.1\t-\t-\t-\t-\n", "no address of a host"},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\t-\t-\n#\none.eml\t-\t-\t-\t-\t-\n", ":3: \"one.eml\" has a row in line 1"},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\ta b@c.example\t-\n", ":1: MAIL FROM: \"a b@c.example\""},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\ta@b.example,c@d.example\t-\n", ":1: MAIL FROM: "},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\t-\ta@b.example c@d.example\n", ":1: RCPT TO: \"a@b.example c"},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\t-\ta@b.example,\n", ":1: RCPT TO: \"\""},
        {"X.envelopes.tsv", "one.eml\t-\t-\t-\t-\t<>\n", ":1: RCPT TO: \"\""},
        {"Y.envelopes.tsv", "one.eml\t-\t-\t-\t-\t-\n", "is not there"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {{0}};
        const char *path = folder_write(fixture->folder, rows[i].name, span_of(rows[i].text));
        assert_int_equal(envelopes_load(fixture->envelopes, path, &err), -1);
        if (!strstr(err.text, rows[i].why))
            fail_msg("%s: %s", rows[i].text, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_found_by_folder_and_name, begin, end),
        cmocka_unit_test_setup_teardown(unknown_is_not_the_null_sender, begin, end),
        cmocka_unit_test_setup_teardown(several_recipients_are_parted_by_commas, begin, end),
        cmocka_unit_test_setup_teardown(a_later_table_overrules, begin, end),
        cmocka_unit_test_setup_teardown(malformed_rows_are_errors_with_their_place, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
