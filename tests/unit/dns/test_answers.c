/* dns: the set of answers of one message. */
#include "exact.h"
#include "dns/dns.h"

#include <stdio.h>

static struct arena *arena;

static int setup(void **state)
{
    arena = arena_new(64 << 20);
    return 0;
}

static int teardown(void **state)
{
    arena_free(&arena);
    return 0;
}

static void answer_add(struct dns_answers *answers, const char *name, uint16_t type, const char *data)
{
    struct dns_answer answer = {.ask = {span_of(name), type}, .ttl = 60};
    struct span text = exact(data);
    *vec_push(arena, &answer.data) = text;
    dns_answers_add(answers, &answer);
    free((char *)text.at); /* it was copied */
}

static void unknown_is_noted_once(void **state)
{
    struct dns_answers *answers = dns_answers_new(arena, 10);
    const struct dns_ask *asks;
    assert_null(dns_known(answers, S("Example.COM"), DNS_TXT));
    assert_null(dns_known(answers, S("example.com."), DNS_TXT));
    assert_null(dns_known(answers, S("example.com"), DNS_MX));
    assert_int_equal(dns_wanted(answers, &asks), 2);
    assert_span(asks[0].name, "example.com");
    assert_int_equal(dns_asked(answers), 2);
    answer_add(answers, "example.com", DNS_TXT, "v=spf1 -all");
    assert_int_equal(dns_wanted(answers, &asks), 1);
    assert_int_equal(asks[0].type, DNS_MX);
    const struct dns_answer *answer = dns_known(answers, S("EXAMPLE.com"), DNS_TXT);
    assert_non_null(answer);
    assert_int_equal(answer->status, DNS_FOUND);
    assert_span(answer->data.at[0], "v=spf1 -all");
    assert_span(answer->ask.name, "example.com");
    assert_int_equal(dns_asked(answers), 2);
}

static void answer_without_ask_is_known(void **state)
{
    struct dns_answers *answers = dns_answers_new(arena, 0);
    const struct dns_ask *asks;
    answer_add(answers, "example.com.", DNS_A, "\1\2\3\4");
    assert_non_null(dns_known(answers, S("example.com"), DNS_A));
    assert_int_equal(dns_wanted(answers, &asks), 0);
    assert_int_equal(dns_asked(answers), 0);
}

static void names_that_cannot_be_asked(void **state)
{
    char label[65], name[300];
    memset(label, 'a', sizeof label);
    struct dns_answers *answers = dns_answers_new(arena, 10);
    const struct dns_ask *asks;
    struct span bad[] = {S(""), S("."), S(".."), S("a..b"), S(".a"), {label, 64}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct dns_answer *answer = dns_known(answers, bad[i], DNS_A);
        assert_non_null(answer);
        assert_int_equal(answer->status, DNS_NO_NAME);
        assert_true(answer->why.len > 0);
    }
    assert_null(dns_known(answers, (struct span){label, 63}, DNS_A));
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 2 ? '.' : 'a';
    assert_int_equal(dns_known(answers, (struct span){name, 255}, DNS_A)->status, DNS_NO_NAME);
    assert_null(dns_known(answers, (struct span){name, 253}, DNS_A));
    assert_int_equal(dns_wanted(answers, &asks), 2);
}

static void past_the_limit_all_fail(void **state)
{
    struct dns_answers *answers = dns_answers_new(arena, 1000);
    const struct dns_ask *asks;
    char name[32];
    for (int i = 0; i < 1200; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        const struct dns_answer *answer = dns_known(answers, span_of(name), DNS_A);
        assert_true(i < 1000 ? !answer : answer && answer->status == DNS_FAILED);
    }
    assert_int_equal(dns_wanted(answers, &asks), 1000);
    for (int i = 0; i < 1000; i += 2) {
        snprintf(name, sizeof name, "n%d.example", i);
        answer_add(answers, name, DNS_A, name);
    }
    assert_int_equal(dns_wanted(answers, &asks), 500);
    for (size_t i = 0; i < 500; i++)
        assert_null(dns_known(answers, asks[i].name, DNS_A));
    for (int i = 0; i < 1000; i += 2) {
        snprintf(name, sizeof name, "n%d.example", i);
        assert_span(dns_known(answers, span_of(name), DNS_A)->data.at[0], name);
    }
}

static void words(void **state)
{
    assert_string_equal(dns_type_name(DNS_AAAA), "AAAA");
    assert_string_equal(dns_type_name(77), "other");
    assert_string_equal(dns_status_name(DNS_UNKNOWN), "unknown");
    assert_string_equal(dns_status_name(DNS_FOUND), "found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_is_noted_once),      cmocka_unit_test(answer_without_ask_is_known),
        cmocka_unit_test(names_that_cannot_be_asked), cmocka_unit_test(past_the_limit_all_fail),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
