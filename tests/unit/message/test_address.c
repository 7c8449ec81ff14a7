/* RFC 5322 3.4 and 4.4, RFC 6854, and what attackers write instead. */
#include "exact.h"
#include "message/message.h"
#include "message/reader.h"

struct row {
    const char *text, *boxes; /* "name|address|domain_ascii|group" joined with newlines */
    unsigned faults;
};

static void check(const struct row *row)
{
    struct arena *arena = arena_new(1 << 20);
    struct span text = exact(row->text);
    mailboxes_t boxes = {0};
    unsigned faults = addresses_read(arena, text, 100, &boxes);
    struct buf seen = {.arena = arena};
    vec_each(box, &boxes)
        buf_print(&seen, "%s%.*s|%.*s|%.*s|%.*s", seen.len ? "\n" : "", SPAN_FMT(box->name), SPAN_FMT(box->address), SPAN_FMT(box->domain_ascii),
                  SPAN_FMT(box->group));
    if (!span_eq(buf_span(&seen), span_of(row->boxes)) || faults != row->faults)
        fail_msg("%s: got \"%.*s\" faults %#x, wanted \"%s\" faults %#x", row->text, SPAN_FMT(buf_span(&seen)), faults, row->boxes, row->faults);
    arena_free(&arena);
    free((void *)text.at);
}

static void forms(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "", 0},
        {"a@example.com", "|a@example.com|example.com|", 0},
        {"<a@example.com>", "|a@example.com|example.com|", 0},
        {"Ann B <a@Example.COM>", "Ann B|a@Example.COM|example.com|", 0},
        {"\"B, Ann\" <a@example.com>, c@example.net", "B, Ann|a@example.com|example.com|\n|c@example.net|example.net|", 0},
        {"a@example.com (Ann)", "Ann|a@example.com|example.com|", 0},
        {"Ann (office) <a@example.com>", "Ann|a@example.com|example.com|", 0},
        {"<a@example.com> (Ann)", "Ann|a@example.com|example.com|", 0},
        {"\"a\\\"b\"@example.com", "|\"a\\\"b\"@example.com|example.com|", 0},
        {"\"a b\"@example.com", "|\"a b\"@example.com|example.com|", 0},
        {"a @ example . com", "|a@example.com|example.com|", 0},
        {"a(x)@(y)example.com(z)", "z|a@example.com|example.com|", 0},
        {"a@[192.0.2.1]", "|a@[192.0.2.1]||", 0},
        {"a@[IPv6:2001:db8::1], b@example.com", "|a@[IPv6:2001:db8::1]||\n|b@example.com|example.com|", 0},
        {"Friends: a@example.com, B <b@example.net>;", "|a@example.com|example.com|Friends\nB|b@example.net|example.net|Friends", ADDRESS_GROUP},
        {"undisclosed-recipients:;", "", ADDRESS_GROUP},
        {"Gr\xc3\xbc\xc3\x9f" "e <a@example.com>", "Gr\xc3\xbc\xc3\x9f" "e|a@example.com|example.com|", 0},
        {"j\xc3\xbcrgen@b\xc3\xbc" "cher.example", "|j\xc3\xbcrgen@b\xc3\xbc" "cher.example|xn--bcher-kva.example|", 0},
        {"=?UTF-8?B?QW5u?= <a@example.com>", "Ann|a@example.com|example.com|", 0},
        {"a@example.com.", "|a@example.com.|example.com|", 0},
        {",, a@example.com ,,", "|a@example.com|example.com|", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

static void faults(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"<@x.example,@y.example:a@example.com>", "|a@example.com|example.com|", ADDRESS_ROUTE},
        {"a@b@example.com", "|a@b@example.com|example.com|", ADDRESS_MANY_AT | ADDRESS_SYNTAX},
        {"\"a@b\"@example.com", "|\"a@b\"@example.com|example.com|", 0},
        {"Mailer Daemon", "Mailer Daemon|||", ADDRESS_NO_DOMAIN},
        {"root", "|root||", ADDRESS_NO_DOMAIN},
        {"a@exa mple.com <b@example.net>", "a@exa mple.com|b@example.net|example.net|", ADDRESS_IN_NAME},
        {"\"ceo@bank.example\" <x@evil.example>", "ceo@bank.example|x@evil.example|evil.example|", ADDRESS_IN_NAME},
        {"\"x@evil.example\" <x@evil.example>", "x@evil.example|x@evil.example|evil.example|", 0},
        {"\"meet @ noon\" <x@evil.example>", "meet @ noon|x@evil.example|evil.example|", 0},
        {"A <a@example.com> <b@example.net>", "A|a@example.com|example.com|\n|b@example.net|example.net|", ADDRESS_TWO_ANGLES},
        {"A <a@example.com", "A|a@example.com|example.com|", ADDRESS_SYNTAX},
        {"A <<a@example.com>>", "A|a@example.com|example.com|", ADDRESS_SYNTAX},
        {"a..b@example.com", "|a..b@example.com|example.com|", ADDRESS_SYNTAX},
        {"a@exa_mple.com", "|a@exa_mple.com|exa_mple.com|", 0},
        {"a@exa!mple.com", "|a@exa!mple.com||", ADDRESS_DOMAIN_BAD},
        {"a@example..com", "|a@example..com||", ADDRESS_DOMAIN_BAD},
        {"a@xn--a.example", "|a@xn--a.example||", ADDRESS_DOMAIN_BAD},
        {"=?UTF-8?Q?a=40example=2Ecom?=", "|a@example.com|example.com|", ADDRESS_WORD},
        {"=?UTF-8?Q?Ann_=3Ca=40example=2Ecom=3E?=", "Ann|a@example.com|example.com|", ADDRESS_WORD},
        {"<=?UTF-8?Q?ceo=40bank=2Eexample=3E?=@evil.example>", "|=?UTF-8?Q?ceo=40bank=2Eexample=3E?=@evil.example|evil.example|", ADDRESS_WORD},
        {"a@example.com; b@example.net", "|a@example.com|example.com|\n|b@example.net|example.net|", ADDRESS_SYNTAX},
        {"(open <a@example.com>", "(open|a@example.com|example.com|", ADDRESS_SYNTAX},
        {"<a@example.com> Ann", "Ann|a@example.com|example.com|", ADDRESS_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

static void a_nul_is_told(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct span text = exact_bytes("a@bank.example\0.evil.example", 28);
    mailboxes_t boxes = {0};
    assert_true(addresses_read(arena, text, 10, &boxes) & ADDRESS_CONTROL);
    assert_int_equal(boxes.len, 1);
    arena_free(&arena);
    free((void *)text.at);
}

static void no_more_than_asked_for(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct span text = exact("a@example.com, b@example.com, c@example.com");
    mailboxes_t boxes = {0}, all = {0};
    assert_int_equal(addresses_read(arena, text, 2, &boxes), ADDRESS_TOO_MANY);
    assert_int_equal(boxes.len, 2);
    assert_int_equal(addresses_read(arena, text, 3, &all), 0);
    assert_int_equal(all.len, 3);
    arena_free(&arena);
    free((void *)text.at);
}

static void domains(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *ascii;
    } rows[] = {{"Example.COM", "example.com"}, {"example.com.", "example.com"}, {"b\xc3\xbc" "cher.example", "xn--bcher-kva.example"},
                {"B\xc3\x9c" "CHER.example", "xn--bcher-kva.example"}, {"xn--bcher-kva.example", "xn--bcher-kva.example"}, {"", ""}, {".", ""},
                {"a b.example", ""}, {"a..b", ""}, {"-", "-"}, {"exa\xff.example", ""}, {"fa\xc3\x9f.example", "xn--fa-hia.example"},
                {"a123456789012345678901234567890123456789012345678901234567890123.example", ""}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span domain = exact(rows[i].domain);
        assert_span(domain_to_ascii(arena, domain), rows[i].ascii);
        free((void *)domain.at);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms), cmocka_unit_test(faults), cmocka_unit_test(a_nul_is_told), cmocka_unit_test(no_more_than_asked_for),
        cmocka_unit_test(domains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
