#include "exact.h"
#include "door/envelope.h"
#include "role/service.h"

static void fields_are_read_or_refused(void **state)
{
    static const struct {
        const char *name, *value, *error; /* NULL: taken */
    } rows[] = {
        {"Client-Address", "192.0.2.1", NULL}, {"client-address", " [IPv6:2001:db8::1] ", NULL}, {"Client-Address", "192.0.2.300", "no address of a host"},
        {"Client-Address", "", "no address of a host"}, {"Helo", "mx.example", NULL}, {"Queue-Id", "a\x01" "b", "control characters"}, {"Source", "\xff", "no UTF-8"},
        {"Helo", "\xe4\xb8\x80.example", NULL}, {"Mail-From", "<>", NULL}, {"Mail-From", "", NULL}, {"Mail-From", "a@b", NULL}, {"Mail-From", "<a@b> SIZE=1", NULL},
        {"Mail-From", "a@b c", "is no address"}, {"Mail-From", "<a@b", "is no address"}, {"Mail-From", "a b", "is no address"}, {"Mail-From", "Anna <a@b>", "is no address"},
        {"Mail-From", "<a@b>c", NULL}, {"Mail-From", "<\"a@b SIZE=1", "is no address"}, {"Rcpt-To", "<a@b>", NULL}, {"Rcpt-To", "<>", "is empty"},
        {"Direction", "Outbound", NULL}, {"Direction", "unknown", "is no direction"}, {"Received-At", "2026-01-31T12:00:00Z", NULL},
        {"Received-At", "yesterday", "is no time"}, {"Tls-Verified", "no", NULL}, {"Tls-Verified", "true", "neither yes nor no"},
        {"Nonsense", "x", "no field of an envelope"}, {"", "x", "no field of an envelope"},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arrival arrival = {0};
        struct err err = {.text = ""};
        struct span value = exact_bytes(rows[i].value, strlen(rows[i].value));
        int read = envelope_field(arena, span_of(rows[i].name), value, &arrival, &err);
        if (read != (rows[i].error ? -1 : 0) || (rows[i].error && !strstr(err.text, rows[i].error)))
            fail_msg("row %zu: %s", i, err.text);
        free((char *)value.at);
    }
    arena_free(&arena);
}

/* As mail servers pass on what they were told: RFC 5321 4.1.2, Postfix also without the quotes. */
static void whatever_a_stranger_says_is_taken(void **state)
{
    static const struct {
        const char *value, *address, *params;
    } rows[] = {
        {"<\"a b\"@c> SIZE=1", "\"a b\"@c", "SIZE=1"}, {"<\"a>b\"@c> X=<y>", "\"a>b\"@c", "X=<y>"}, {"<\"a\\\">b\"@c>", "\"a\\\">b\"@c", ""},
        {"\"a <b@d>\"@c", "\"a <b@d>\"@c", ""}, {"a b@c", "a b@c", ""}, {"<a>b@c>", "a", "b@c>"}, {"a\xff\x01@c\xc3\xa4", "a\xef\xbf\xbd\xef\xbf\xbd@c\xc3\xa4", ""},
        {"\xe4\xb8", "\xef\xbf\xbd\xef\xbf\xbd", ""},
    };
    struct arena *arena = arena_new(1 << 20);
    struct err err = {.text = ""};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arrival arrival = {0};
        struct span value = exact_bytes(rows[i].value, strlen(rows[i].value));
        if (envelope_field(arena, S("Mail-From"), value, &arrival, &err) < 0)
            fail_msg("row %zu: %s", i, err.text);
        assert_span(arrival.mail_from, rows[i].address);
        assert_span(arrival.mail_params, rows[i].params);
        free((char *)value.at);
    }
    struct arrival arrival = {0};
    char *long_name = malloc(5000);
    memset(long_name, 'a', 5000);
    assert_int_equal(envelope_field(arena, S("Helo"), (struct span){long_name, 5000}, &arrival, &err), 0);
    assert_int_equal(arrival.helo.len, 4096);
    assert_int_equal(envelope_field(arena, S("Queue-Id"), (struct span){long_name, 5000}, &arrival, &err), -1);
    free(long_name);
    arena_free(&arena);
}

static void what_was_told_stands_in_the_arrival(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct arrival arrival = {0};
    struct err err;
    assert_int_equal(arrival.mail_from_state, SENDER_UNKNOWN);
    assert_int_equal(envelope_field(arena, S("Mail-From"), S("<> RET=HDRS"), &arrival, &err), 0);
    assert_int_equal(arrival.mail_from_state, SENDER_NULL);
    assert_span(arrival.mail_params, "RET=HDRS");
    assert_int_equal(envelope_field(arena, S("Rcpt-To"), S("<a@b> NOTIFY=NEVER"), &arrival, &err), 0);
    assert_int_equal(envelope_field(arena, S("Rcpt-To"), S("c@d"), &arrival, &err), 0);
    assert_int_equal(arrival.rcpt_to.len, 2);
    assert_span(arrival.rcpt_to.at[0].params, "NOTIFY=NEVER");
    assert_span(arrival.rcpt_to.at[1].address, "c@d");
    struct span name;
    assert_true(envelope_is_ours(S("x-sekimori-HELO"), &name) && span_eq(name, S("HELO")));
    assert_false(envelope_is_ours(S("X-Sekimore-Helo"), &name));
    arena_free(&arena);
}

static void an_object_is_read_or_refused(void **state)
{
    static const struct {
        const char *json, *where, *error; /* NULL: taken */
    } rows[] = {
        {"{}", NULL, NULL}, {"{\"client_ip\": \"192.0.2.1\", \"tls\": {\"version\": \"TLSv1.3\", \"cert_verified\": true}, \"login\": null}", NULL, NULL},
        {"{\"rcpt_to\": [\"a@b\", {\"address\": \"c@d\", \"params\": null, \"org\": \"x\"}]}", NULL, NULL},
        {"{", "", "is no JSON: line 1, column 1"}, {"[]", "", "wants an object"}, {"{\"helo\": 1}", "helo", "wants a text"}, {"{\"a\": 1, \"a\": 2}", "", "duplicate"},
        {"{\"local\": false}", NULL, NULL}, {"{\"local\": 1}", "local", "wants a text"}, {"{\"local\": \"perhaps\"}", "local", "neither yes nor no"},
        {"{\"client_ip\": \"mx\"}", "client_ip", "no address of a host"}, {"{\"hello\": \"x\"}", "hello", "no field of an envelope"},
        {"{\"Helo\": \"x\"}", "Helo", "no field of an envelope"}, {"{\"tls\": {\"versions\": \"x\"}}", "tls.versions", "no field of an envelope"}, {"{\"tls\": \"x\"}", "tls", "wants an object"},
        {"{\"rcpt_to\": \"a@b\"}", "rcpt_to", "wants a list"}, {"{\"rcpt_to\": [\"a@b\", \"\"]}", "rcpt_to[2]", "is empty"}, {"{\"rcpt_to\": [{\"params\": \"x\"}]}", "rcpt_to[1].address", "wants an address"},
        {"{\"rcpt_to\": [{\"address\": \"a@b\", \"to\": \"x\"}]}", "rcpt_to[1].to", "no member"}, {"{\"helo\": \"a\\u0001\"}", NULL, NULL}, {"{\"source\": \"a\\u0001\"}", "source", "control characters"},
        {"{\"helo\": \"a\\u0000\"}", "", "is no JSON"}, {"{\"helo\": \"\xff\"}", "", "is no JSON"},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arrival arrival = {0};
        struct err err = {.text = ""};
        struct span json = exact_bytes(rows[i].json, strlen(rows[i].json)), where = {0};
        int read = envelope_json(arena, json, &arrival, &where, &err);
        if (read != (rows[i].error ? -1 : 0) || (rows[i].error && (!strstr(err.text, rows[i].error) || !span_eq(where, span_of(rows[i].where)))))
            fail_msg("row %zu: %.*s: %s", i, SPAN_FMT(where), err.text);
        free((char *)json.at);
    }
    arena_free(&arena);
}

static void an_object_tells_as_much_as_fields(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct arrival arrival = {0};
    struct span where;
    struct err err;
    struct span json = S("{\"mail_from\": \"\", \"mail_params\": \"RET=HDRS\", \"rcpt_to\": [{\"address\": \"a@b\", \"params\": \"NOTIFY=NEVER\"}, \"c@d\"], "
                         "\"tls\": {\"cert_verified\": true}, \"direction\": \"outbound\", \"source\": \"Q1\", \"local\": true}");
    assert_int_equal(envelope_json(arena, json, &arrival, &where, &err), 0);
    assert_int_equal(arrival.mail_from_state, SENDER_NULL);
    assert_span(arrival.mail_params, "RET=HDRS");
    assert_span(arrival.rcpt_to.at[0].params, "NOTIFY=NEVER");
    assert_span(arrival.rcpt_to.at[1].address, "c@d");
    assert_true(arrival.tls.cert_verified && arrival.local && arrival.direction == DIRECTION_OUTBOUND);
    assert_span(arrival.source, "Q1");
    arena_free(&arena);
}

static void a_report_tells_the_envelope_of_then(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct arrival arrival = {.received_at = TIME_UNKNOWN};
    struct span where;
    struct err err;
    struct span report = S("{\"id\": \"x\", \"received_at\": \"2026-01-31T12:00:00Z\", \"source\": \"Q1\", \"envelope\": {\"client_ip\": null, \"helo\": \"mx\"}, \"score\": 1}");
    assert_int_equal(envelope_of_report(arena, report, &arrival, &where, &err), 0);
    assert_true(arrival.received_at == 1769860800 && span_eq(arrival.helo, S("mx")) && span_eq(arrival.source, S("Q1")));
    assert_int_equal(envelope_of_report(arena, S("{\"envelope\": {\"helo\": 1}}"), &arrival, &where, &err), -1);
    assert_span(where, "helo");
    assert_int_equal(envelope_of_report(arena, S("{}"), &arrival, &where, &err), -1);
    arena_free(&arena);
}

static void a_listener_tells_which_way(void **state)
{
    static const struct {
        enum direction said;
        unsigned networks;
        const char *client, *login;
        bool local;
        enum direction is;
    } rows[] = {
        {DIRECTION_INBOUND, 0, "192.0.2.1", "", false, DIRECTION_INBOUND},       {DIRECTION_INBOUND, 0, "192.0.2.1", "anna", false, DIRECTION_SUBMISSION},
        {DIRECTION_OUTBOUND, 0, "192.0.2.1", "", false, DIRECTION_OUTBOUND},     {DIRECTION_OUTBOUND, 2, "192.0.2.1", "", false, DIRECTION_OUTBOUND},
        {DIRECTION_OUTBOUND, 2, "192.0.3.1", "", false, DIRECTION_INBOUND},      {DIRECTION_OUTBOUND, 2, "192.0.3.1", "anna", false, DIRECTION_OUTBOUND},
        {DIRECTION_SUBMISSION, 2, "192.0.3.1", "anna", false, DIRECTION_SUBMISSION}, {DIRECTION_SUBMISSION, 1, "2001:db8::1", "", false, DIRECTION_INBOUND},
        {DIRECTION_SUBMISSION, 2, "2001:db8::1", "", false, DIRECTION_SUBMISSION},   {DIRECTION_INTERNAL, 1, NULL, "", true, DIRECTION_INTERNAL},
        {DIRECTION_INTERNAL, 1, NULL, "", false, DIRECTION_INBOUND},             {DIRECTION_INTERNAL, 0, NULL, "", false, DIRECTION_INTERNAL},
        {DIRECTION_REINJECT, 1, "192.0.3.1", "", false, DIRECTION_REINJECT},     {DIRECTION_UNKNOWN, 0, "192.0.3.1", "anna", false, DIRECTION_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arrival arrival = {.local = rows[i].local, .login = span_of(rows[i].login)};
        static struct listener_settings settings;
        settings.direction = rows[i].said;
        settings.network_count = rows[i].networks;
        for (unsigned n = 0; n < rows[i].networks; n++)
            assert_true(ip_prefix_parse(n ? S("2001:db8::/32") : S("192.0.2.0/24"), &settings.networks[n].network, &settings.networks[n].bits));
        assert_true(!rows[i].client || ip_parse(span_of(rows[i].client), &arrival.client_ip));
        if (envelope_direction(&settings, &arrival) != rows[i].is)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_object_is_read_or_refused), cmocka_unit_test(an_object_tells_as_much_as_fields),
                                       cmocka_unit_test(a_report_tells_the_envelope_of_then), cmocka_unit_test(a_listener_tells_which_way),
                                       cmocka_unit_test(fields_are_read_or_refused), cmocka_unit_test(whatever_a_stranger_says_is_taken), cmocka_unit_test(what_was_told_stands_in_the_arrival)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
