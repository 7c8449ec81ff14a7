/* URLs as a browser reads them; the suite `url` has the rest. */
#include "exact.h"
#include "message/url.h"
#include "message/url_parts.h"

static const struct {
    const char *input, *base, *href, *host; /* href NULL: failure */
} rows[] = {
    {"HTTP://Example.COM:80/a/../b?q#f", NULL, "http://example.com/b?q#f", "example.com"},
    {"http:\\\\evil.example\\@good.example/", NULL, "http://evil.example/@good.example/", "evil.example"},
    {"https://good.example@evil.example/", NULL, "https://good.example@evil.example/", "evil.example"},
    {"java\tscript:\nalert(1)", NULL, "javascript:alert(1)", ""},
    {" \t http://a.example/ \n", NULL, "http://a.example/", "a.example"},
    {"http:a.example", NULL, "http://a.example/", "a.example"},
    {"http://0x7f.1/", NULL, "http://127.0.0.1/", "127.0.0.1"},
    {"http://017700000001/", NULL, "http://127.0.0.1/", "127.0.0.1"},
    {"http://2130706433/", NULL, "http://127.0.0.1/", "127.0.0.1"},
    {"http://4294967296/", NULL, NULL, NULL},
    {"http://0x10000000000000000000000000000001/", NULL, NULL, NULL},
    {"http://a.example/b\\c", NULL, "http://a.example/b/c", "a.example"},
    {"http://1.2.3.4.5/", NULL, NULL, NULL},
    {"http://256.1.1.1/", NULL, NULL, NULL},
    {"http://1.2.3.example/", NULL, "http://1.2.3.example/", "1.2.3.example"},
    {"http://[2001:db8::1]:8080/", NULL, "http://[2001:db8::1]:8080/", "2001:db8::1"},
    {"http://[::ffff:192.0.2.1]/", NULL, "http://[::ffff:c000:201]/", "::ffff:c000:201"},
    {"http://[2001:db8::1::]/", NULL, NULL, NULL},
    {"http://[1:2:3:4:5:6:7:8:9]/", NULL, NULL, NULL},
    {"http://ex%61mple.com/", NULL, "http://example.com/", "example.com"},
    {"http://b\xc3\xbc" "cher.example/", NULL, "http://xn--bcher-kva.example/", "xn--bcher-kva.example"},
    {"http://example\xe3\x80\x82" "com/", NULL, "http://example.com/", "example.com"},
    {"http://\xef\xbd\x85xample.com/", NULL, "http://example.com/", "example.com"},
    {"http://a b/", NULL, NULL, NULL},
    {"http://a%00b/", NULL, NULL, NULL},
    {"http:///x", NULL, "http://x/", "x"},
    {"http://", NULL, NULL, NULL},
    {"http://a:99999/", NULL, NULL, NULL},
    {"http://a:65535/", NULL, "http://a:65535/", "a"},
    {"mailto:a@b.example", NULL, "mailto:a@b.example", ""},
    {"a/b", NULL, NULL, NULL},
    {"a/b", "http://h.example/x/y?z", "http://h.example/x/a/b", "h.example"},
    {"//other.example/x", "https://h.example/", "https://other.example/x", "other.example"},
    {"?q", "http://h.example/x/y?z#f", "http://h.example/x/y?q", "h.example"},
    {"#g", "mailto:x", "mailto:x#g", ""},
    {"/x", "mailto:x", NULL, NULL},
    {"http://a/\xff", NULL, "http://a/%EF%BF%BD", "a"},
};

static void parsing(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span input = exact(rows[i].input);
        struct url base, url;
        if (rows[i].base)
            assert_true(url_parse(arena, span_of(rows[i].base), NULL, &base));
        bool good = url_parse(arena, input, rows[i].base ? &base : NULL, &url);
        if (good != (rows[i].href != NULL))
            fail_msg("%s: %s", rows[i].input, good ? "parses" : "fails");
        if (good) {
            assert_span(url.href, rows[i].href);
            assert_span(url.host, rows[i].host);
        }
        arena_free(&arena);
        free((char *)input.at);
    }
}

static void parts(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct url url;
    assert_true(url_parse(arena, S("ftp://u:p%@[::FFFF:1.2.3.4]:2121/a b?#"), NULL, &url));
    assert_span(url.scheme, "ftp");
    assert_span(url.username, "u");
    assert_span(url.password, "p%");
    assert_int_equal(url.port, 2121);
    assert_int_equal(url.host_kind, URL_HOST_IPV6);
    assert_int_equal(url.ip.family, IP_V4);
    assert_span(url.path, "/a%20b");
    assert_true(url.query_present && url.fragment_present);
    assert_span(url.query, "");
    assert_true(url_parse(arena, S("file:///C|/x"), NULL, &url));
    assert_true(url.host_present);
    assert_int_equal(url.host_kind, URL_HOST_NONE);
    assert_span(url.path, "/C:/x");
    assert_true(url_parse(arena, S("data:text/plain,x y"), NULL, &url));
    assert_true(url.path_opaque);
    assert_false(url.host_present);
    arena_free(&arena);
}

static const struct {
    const char *words, *href;
} text_rows[] = {
    {"www.example.com/x.", "https://www.example.com/x"},
    {"example.com:8080/login)", "https://example.com:8080/login"},
    {"http://example.com/a_(b).", "http://example.com/a_(b)"},
    {"(http://example.com/)", "http://example.com/"},
    {"<http://exa mple.com/>", NULL},
    {"//example.com/x", "https://example.com/x"},
    {"mailto:a@b.example,", "mailto:a@b.example"},
    {"localhost:80", "https://localhost:80/"},
    {"", NULL},
};

static void text(void **state)
{
    for (size_t i = 0; i < sizeof text_rows / sizeof *text_rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span input = exact(text_rows[i].words);
        struct url url;
        bool good = url_parse_text(arena, input, &url);
        if (good != (text_rows[i].href != NULL))
            fail_msg("%s: %s %.*s", text_rows[i].words, good ? "parses" : "fails", SPAN_FMT(url.href));
        if (good)
            assert_span(url.href, text_rows[i].href);
        arena_free(&arena);
        free((char *)input.at);
    }
}

/* A NUL byte is no character of a scheme: here it stands in a user's name, and the link leads to the host behind it. */
static void nul_is_no_scheme(void **state)
{
    static const char words[] = "user\0:x@host.example/", near_miss[] = "us+er:x@host.example/";
    struct arena *arena = arena_new(1 << 20);
    struct span input = exact_bytes(words, sizeof words - 1), near = exact(near_miss);
    struct url url;
    assert_true(url_parse_text(arena, input, &url));
    assert_span(url.host, "host.example");
    assert_true(url_parse_text(arena, near, &url));
    assert_span(url.scheme, "us+er");
    arena_free(&arena);
    free((char *)input.at);
    free((char *)near.at);
}

/* A name that takes Punycode quadratic time is refused; one below the bound is not. */
static void long_names(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf name = {.arena = arena};
    struct span out;
    for (int i = 0; i < 512; i++)
        buf_utf8(&name, 0xe0 + (uint32_t)(i % 20));
    assert_true(url_domain_to_ascii(arena, buf_span(&name), &out));
    buf_utf8(&name, 0xe0);
    assert_false(url_domain_to_ascii(arena, buf_span(&name), &out));
    arena_free(&arena);
}

/* A name that no DNS can hold leads nowhere, and is not carried into reports; an address may have noughts before it as browsers allow. */
static void endless_hosts(void **state)
{
    static const struct {
        const char *start;
        char fill;
        size_t times;
        const char *end;
        bool good;
    } rows_here[] = {{"http://www.", 'a', 1020, "/x", true}, {"http://www.", 'a', 1021, "/x", false}, {"http://www.", 'a', 500000, "", false},
                     {"foo://", 'a', 1025, "/x", false}, {"foo://", 'a', 1024, "/x", true}, {"http://", '0', 5000, "177.0.0.1/", true}};
    for (size_t i = 0; i < sizeof rows_here / sizeof *rows_here; i++) {
        struct arena *arena = arena_new(1 << 24);
        struct buf text = {.arena = arena};
        struct url url;
        buf_add(&text, span_of(rows_here[i].start));
        for (size_t n = 0; n < rows_here[i].times; n++)
            buf_byte(&text, rows_here[i].fill);
        buf_add(&text, span_of(rows_here[i].end));
        if (url_parse(arena, buf_span(&text), NULL, &url) != rows_here[i].good)
            fail_msg("row %zu", i);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parsing), cmocka_unit_test(parts), cmocka_unit_test(text), cmocka_unit_test(nul_is_no_scheme), cmocka_unit_test(long_names), cmocka_unit_test(endless_hosts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
