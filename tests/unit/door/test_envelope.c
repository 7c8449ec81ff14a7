#include "exact.h"
#include "door/envelope.h"

static void fields_are_read_or_refused(void **state)
{
    static const struct {
        const char *name, *value, *error; /* NULL: taken */
    } rows[] = {
        {"Client-Address", "192.0.2.1", NULL}, {"client-address", " [IPv6:2001:db8::1] ", NULL}, {"Client-Address", "192.0.2.300", "no address of a host"},
        {"Client-Address", "", "no address of a host"}, {"Helo", "mx.example", NULL}, {"Helo", "a\x01" "b", "control characters"}, {"Helo", "\xff", "no UTF-8"},
        {"Helo", "\xe4\xb8\x80.example", NULL}, {"Mail-From", "<>", NULL}, {"Mail-From", "", NULL}, {"Mail-From", "a@b", NULL}, {"Mail-From", "<a@b> SIZE=1", NULL},
        {"Mail-From", "a b@c", "is no address"}, {"Mail-From", "<a@b", "is no address"}, {"Rcpt-To", "<a@b>", NULL}, {"Rcpt-To", "<>", "is empty"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields_are_read_or_refused), cmocka_unit_test(what_was_told_stands_in_the_arrival)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
