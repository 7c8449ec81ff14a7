/* dns: the zone file, RFC 1035 5.1. */
#include "exact.h"
#include "dns/dns.h"

#include <stdio.h>

static struct arena *arena;
static struct dns_zone *zone;

static const char zone_text[] =
    "; a comment first\n"
    "$TTL 1h\n"
    "$ORIGIN example.com.\n"
    "@ 300 IN SOA ns hostmaster.example.com. ( 1 ; serial\n"
    "      7200 900 1209600\n"
    "      300 )\n"
    "@ IN 60 MX 10 mail\n"
    "  MX 20 mail.other.example.\n"
    "  NS ns\n"
    "mail A 192.0.2.1\n"
    "     AAAA 2001:db8::1\n"
    "     120 A 192.0.2.2\n"
    "txt TXT \"v=spf1 \" \"-all; no comment\" ; but this\n"
    "    TXT ( \"one\"\n  \"two\" )\n"
    "esc TXT \"a\\\"b\\\\c\\010\\255\" bare\\ word\n"
    "odd\\032name A 192.0.2.9\n"
    "alias CNAME chain\n"
    "chain 30 CNAME mail\n"
    "loop1 CNAME loop2\n"
    "loop2 CNAME loop1\n"
    "dangling CNAME nowhere\n"
    "a.b.deep A 192.0.2.3\n"
    "*.wild A 192.0.2.4\n"
    "x.wild TXT here\n"
    "silent TIMEOUT\n"
    "broken SERVFAIL\n"
    "unknown TYPE731 \\# 4 c0000201\n"
    "service SRV 0 0 25 mail\n"
    "null MX 0 .\n"
    "MIXED.Case A 192.0.2.5\n"
    "$ORIGIN 2.0.192.in-addr.arpa.\n"
    "1 PTR Mail.Example.com.\n"
    "last.example. A 192.0.2.6";

static int setup(void **state)
{
    struct err err;
    arena = arena_new(64 << 20);
    struct span text = exact_bytes(zone_text, sizeof zone_text - 1);
    int failed = dns_zone_parse(arena, text, "test.zone", &zone, &err);
    if (failed)
        print_error("%s\n", err.text);
    *state = (void *)text.at;
    return failed;
}

static int teardown(void **state)
{
    free(*state);
    arena_free(&arena);
    return 0;
}

static void answers(void **state)
{
    static const struct {
        const char *name;
        uint16_t type;
        enum dns_status status;
        const char *data; /* all data, joined by | */
        uint32_t ttl;
    } cases[] = {
        {"example.com", DNS_MX, DNS_FOUND, "10 mail.example.com|20 mail.other.example", 60},
        {"EXAMPLE.com", DNS_NS, DNS_FOUND, "ns.example.com", 3600},
        {"mail.example.com", DNS_A, DNS_FOUND, "\300\000\002\001|\300\000\002\002", 120},
        {"mail.example.com", DNS_TXT, DNS_NO_DATA, "", 0},
        {"txt.example.com", DNS_TXT, DNS_FOUND, "v=spf1 -all; no comment|onetwo", 3600},
        {"esc.example.com", DNS_TXT, DNS_FOUND, "a\"b\\c\n\377bare word", 3600},
        {"odd name.example.com", DNS_A, DNS_FOUND, "\300\000\002\011", 3600},
        {"alias.example.com", DNS_A, DNS_FOUND, "\300\000\002\001|\300\000\002\002", 30},
        {"alias.example.com", DNS_CNAME, DNS_FOUND, "chain.example.com", 3600},
        {"alias.example.com", DNS_TXT, DNS_NO_DATA, "", 0},
        {"loop1.example.com", DNS_A, DNS_FAILED, "", 0},
        {"dangling.example.com", DNS_A, DNS_NO_NAME, "", 0},
        {"deep.example.com", DNS_A, DNS_NO_DATA, "", 0},
        {"b.deep.example.com", DNS_A, DNS_NO_DATA, "", 0},
        {"c.deep.example.com", DNS_A, DNS_NO_NAME, "", 0},
        {"nowhere.example.com", DNS_A, DNS_NO_NAME, "", 0},
        {"y.wild.example.com", DNS_A, DNS_FOUND, "\300\000\002\004", 3600},
        {"z.y.wild.example.com", DNS_A, DNS_FOUND, "\300\000\002\004", 3600},
        {"y.wild.example.com", DNS_TXT, DNS_NO_DATA, "", 0},
        {"x.wild.example.com", DNS_A, DNS_NO_DATA, "", 0}, /* it is there itself: no wildcard */
        {"y.x.wild.example.com", DNS_A, DNS_NO_NAME, "", 0},
        {"wild.example.com", DNS_A, DNS_NO_DATA, "", 0},
        {"silent.example.com", DNS_TXT, DNS_TIMED_OUT, "", 0},
        {"broken.example.com", DNS_A, DNS_FAILED, "", 0},
        {"unknown.example.com", DNS_A, DNS_NO_DATA, "", 0},
        {"service.example.com", DNS_TXT, DNS_NO_DATA, "", 0},
        {"null.example.com", DNS_MX, DNS_FOUND, "0 .", 3600},
        {"mixed.case.example.com", DNS_A, DNS_FOUND, "\300\000\002\005", 3600},
        {"1.2.0.192.in-addr.arpa", DNS_PTR, DNS_FOUND, "Mail.Example.com", 3600},
        {"2.2.0.192.in-addr.arpa", DNS_PTR, DNS_NO_NAME, "", 0},
        {"last.example", DNS_A, DNS_FOUND, "\300\000\002\006", 3600},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dns_ask ask = {span_of(cases[i].name), cases[i].type};
        struct dns_answer answer;
        struct buf data = {.arena = arena};
        dns_zone_answer(zone, &ask, &answer);
        if (answer.status != cases[i].status)
            fail_msg("%s %s: %s, wanted %s", cases[i].name, dns_type_name(ask.type), dns_status_name(answer.status),
                     dns_status_name(cases[i].status));
        vec_each(one, &answer.data)
        {
            if (data.len)
                buf_byte(&data, '|');
            buf_add(&data, *one);
        }
        struct span wanted = span_of(cases[i].data);
        if (ask.type == DNS_A && answer.data.len) /* holds NUL */
            wanted = (struct span){cases[i].data, answer.data.len * 5 - 1};
        if (!span_eq(buf_span(&data), wanted))
            fail_msg("%s: other data: %.*s", cases[i].name, SPAN_FMT(buf_span(&data)));
        assert_int_equal(answer.ttl, cases[i].ttl);
        assert_true(answer.status == DNS_FOUND || answer.why.len > 0);
    }
}

static void faults_name_the_line(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"a A 1.2.3.4\nb A 1.2.3\n", "f:2: no IPv4 address: \"1.2.3\""},
        {"a A\n", "f:1: A takes one address"},
        {"a AAAA 1.2.3.4\n", "f:1: no IPv6 address"},
        {"a TXT \"open\n", "f:1: a quoted string is not closed"},
        {"a TXT ( \"x\"\n\n", "f:3: a parenthesis is not closed"},
        {"a TXT \"x\" )\n", "f:1: parentheses do not pair"},
        {"a TXT ( ( x ) )\n", "f:1: parentheses do not pair"},
        {"\n  A 1.2.3.4\n", "f:2: no name stands before this line"},
        {"a CH TXT x\n", "f:1: only the class IN"},
        {"a FOO x\n", "f:1: unknown record type"},
        {"a 300\n", "f:1: a record is:"},
        {"a..b A 1.2.3.4\n", "f:1: no domain name"},
        {"a\\.b A 1.2.3.4\n", "f:1: an escape in a name"},
        {"a TXT \\300\n", "f:1: an escape in a string"},
        {"a TXT \\2\n", "f:1: an escape in a string"},
        {"a MX mail\n", "f:1: MX takes"},
        {"a MX 70000 mail\n", "f:1: MX takes"},
        {"a CNAME b c\n", "f:1: NS, CNAME and PTR take one name"},
        {"a CNAME b\na CNAME c\n", "f:2: a name has at most one CNAME"},
        {"$INCLUDE other\n", "f:1: only $ORIGIN"},
        {"$TTL soon\n", "f:1: no time to live"},
        {"a TIMEOUT 3\n", "f:1: TIMEOUT and SERVFAIL take no data"},
        {". A 1.2.3.4\n", "f:1: a record of the root"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span text = exact(cases[i].text);
        struct dns_zone *out = NULL;
        struct err err = {""};
        assert_int_equal(dns_zone_parse(arena, text, "f", &out, &err), -1);
        if (strncmp(err.text, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("said \"%s\", wanted \"%s\"", err.text, cases[i].says);
        free((char *)text.at);
    }
}

static void long_strings_are_refused(void **state)
{
    char text[600];
    for (int len = 255; len <= 256; len++) {
        struct dns_zone *out = NULL;
        struct err err = {""};
        snprintf(text, sizeof text, "a TXT \"%0*d\"\n", len, 0);
        assert_int_equal(dns_zone_parse(arena, span_of(text), "f", &out, &err), len == 255 ? 0 : -1);
    }
}

static void odd_ends(void **state)
{
    static const char *const texts[] = {"", "\n", "   \n", ";", "; no end", "\r\n\r\n", "a A 1.2.3.4\r\n", "a TXT \"\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct span text = exact(texts[i]);
        struct dns_zone *out = NULL;
        assert_int_equal(dns_zone_parse(arena, text, "f", &out, NULL), 0);
        free((char *)text.at);
    }
    struct err err;
    assert_int_equal(dns_zone_load(arena, "no/such/file", &zone, &err), -1);
    assert_non_null(strstr(err.text, "no/such/file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(faults_name_the_line),
                                       cmocka_unit_test(long_strings_are_refused), cmocka_unit_test(odd_ends)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
