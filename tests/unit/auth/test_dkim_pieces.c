/* Tag lists, base64, canonical forms, key records. */
#include "exact.h"
#include "auth/canon.h"
#include "auth/key.h"
#include "auth/taglist.h"

static void tag_lists(void **state)
{
    static const struct {
        const char *text;
        size_t tags; /* 0: not a tag list */
    } rows[] = {
        {"v=1; a=b", 2},   {"v=1;a=b;", 2},   {" v = 1 ;\r\n\ta=\r\n b c\r\n", 2},
        {"a=", 1},         {"a=x=y==", 1},    {"a_1=x", 1},
        {"", 0},           {";", 0},          {"a=1;;b=2", 0},
        {"a=1; ;", 0},     {"a=1;;", 0},      {"a", 0},
        {"=1", 0},         {"1a=x", 0},       {"a b=x", 0},
        {"a=1; a=2", 0},   {"a=\x01", 0},     {"a=1; A=2", 2},
        {"\xc3\xa9=1", 0}, {"a=\xc3\xa9", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span input = exact(rows[i].text), why = {0};
        struct tag_list list;
        bool good = tag_list_parse(*state, input, &list, &why);
        if (good != (rows[i].tags > 0) || (good && list.tags.len != rows[i].tags) || (!good && !why.len))
            fail_msg("\"%s\": %d, %zu tags, %.*s", rows[i].text, good, list.tags.len, SPAN_FMT(why));
        free((char *)input.at);
    }
}

static void tag_values(void **state)
{
    struct span input = exact_bytes("b= ab\r\n c ;d=x\0", 15), why;
    struct tag_list list;
    assert_false(tag_list_parse(*state, input, &list, &why)); /* a NUL is never let through */
    assert_true(tag_list_parse(*state, span_first(input, 14), &list, &why));
    assert_span(tag_value(&list, "b"), "ab\r\n c");
    assert_span(tag_find(&list, "b")->whole, " ab\r\n c ");
    assert_span(tag_value(&list, "x"), "");
    free((char *)input.at);
}

static void base64(void **state)
{
    static const struct {
        const char *text, *bytes; /* NULL: refused */
    } rows[] = {{"", ""},        {"YQ==", "a"},  {"YWI=", "ab"}, {"Y W\r\n\tJj", "abc"},
                {"YWJj", "abc"}, {"YQ=", NULL},  {"YQ", NULL},   {"YQ==YQ==", NULL},
                {"Y*Jj", NULL},  {"====", NULL}, {"Y===", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span input = exact(rows[i].text), out;
        bool good = tag_base64_read(*state, input, &out);
        assert_int_equal(good, rows[i].bytes != NULL);
        if (good)
            assert_span(out, rows[i].bytes);
        free((char *)input.at);
    }
    assert_span(tag_base64_write(*state, "", 0), "");
    assert_span(tag_base64_write(*state, "a", 1), "YQ==");
    assert_span(tag_base64_write(*state, "ab", 2), "YWI=");
    assert_span(tag_base64_write(*state, "abc", 3), "YWJj");
}

static void plain_domains(void **state)
{
    static const char *const good[] = {"example.com", "a.b", "x_1._domainkey.example.com", "1.2.3.4",
                                       "xn--p1ai.xn--p1ai"};
    static const char *const bad[] = {"",
                                      "com",
                                      "a..b",
                                      ".a.b",
                                      "a.b.",
                                      "a (b).com",
                                      "a\"b.com",
                                      "a'b.com",
                                      "a\nb.com",
                                      "a b.com",
                                      "-a.com",
                                      "a-.com",
                                      "\xc3\xa9.com",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(domain_is_plain(span_of(good[i]), true));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(domain_is_plain(span_of(bad[i]), true));
    assert_true(domain_is_plain(S("com"), false));
    assert_false(domain_is_plain((struct span){"a\0b.com", 7}, true));
}

static struct span body_form(struct arena *arena, enum canon canon, struct span body)
{
    struct buf out = {.arena = arena};
    struct sink sink;
    sink_open_buf(&sink, &out);
    body_canonicalise(&sink, canon, body);
    sink_end_buf(&sink);
    return buf_span(&out);
}

static void bodies(void **state)
{
    static const struct {
        const char *body, *simple, *relaxed;
    } rows[] = {
        {"", "\r\n", ""},
        {"\r\n\r\n", "\r\n", ""},
        {" \t\r\n\r\n", " \t\r\n", ""},
        {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"}, /* RFC 6376 3.4.5 */
        {"a", "a\r\n", "a\r\n"},
        {"a\nb\n\n", "a\r\nb\r\n", "a\r\nb\r\n"},
        {"a\n\nb\r\n \n", "a\r\n\r\nb\r\n \r\n", "a\r\n\r\nb\r\n"},
        {"\n\na", "\r\n\r\na\r\n", "\r\n\r\na\r\n"},
        {"a \r b\r\n", "a \r b\r\n", "a \r b\r\n"}, /* a CR alone is a byte */
        {"a\r\r\n", "a\r\r\n", "a\r\r\n"},
        {"a\r", "a\r\r\n", "a\r\r\n"},
        {"\ta\t\tb  c\t \r\n", "\ta\t\tb  c\t \r\n", " a b c\r\n"},
        {"0123456789abcdef 0123456789abcde  fghijklmnopqrstuvwxyz\r\n\t0123456789abcdef0123456789 \r\nx\ny",
         "0123456789abcdef 0123456789abcde  fghijklmnopqrstuvwxyz\r\n\t0123456789abcdef0123456789 \r\nx\r\ny\r\n",
         "0123456789abcdef 0123456789abcde fghijklmnopqrstuvwxyz\r\n 0123456789abcdef0123456789\r\nx\r\ny\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span input = exact(rows[i].body);
        assert_span(body_form(*state, CANON_SIMPLE, input), rows[i].simple);
        assert_span(body_form(*state, CANON_RELAXED, input), rows[i].relaxed);
        free((char *)input.at);
    }
}

/* RFC 6376 3.4.4 said plainly, byte by byte and line by line. */
static struct span relaxed_plainly(struct arena *arena, struct span body)
{
    struct buf out = {.arena = arena}, line;
    size_t empty = 0;
    for (const char *p = body.at, *end = p + body.len, *lf; p < end; p = lf + (lf < end)) {
        lf = memchr(p, '\n', (size_t)(end - p));
        lf = lf ? lf : end;
        const char *stop = lf < end && lf > p && lf[-1] == '\r' ? lf - 1 : lf;
        line = (struct buf){.arena = arena};
        bool blank = false;
        for (const char *c = p; c < stop; c++) {
            if (*c == ' ' || *c == '\t') {
                blank = true;
                continue;
            }
            if (blank)
                buf_byte(&line, ' ');
            blank = false;
            buf_byte(&line, *c);
        }
        if (!line.len) {
            empty++;
            continue;
        }
        for (; empty; empty--)
            buf_add(&out, S("\r\n"));
        buf_add(&out, buf_span(&line));
        buf_add(&out, S("\r\n"));
    }
    return buf_span(&out);
}

/* The wide steps give what the plain reading gives, at every alignment and with every neighbour. */
static void bodies_at_random(void **state)
{
    static const char letters[] = "ab \t\r\n\n  xyzwvut";
    uint32_t seed = 1;
    for (size_t round = 0; round < 4000; round++) {
        size_t len = round % 97;
        char text[97];
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = letters[(seed >> 16) % (round % 3 ? sizeof letters - 1 : 8)];
        }
        struct span input = exact_bytes(text, len), seen = body_form(*state, CANON_RELAXED, input),
                    wanted = relaxed_plainly(*state, input);
        if (!span_eq(seen, wanted))
            fail_msg("round %zu: \"%.*s\" instead of \"%.*s\"", round, SPAN_FMT(seen), SPAN_FMT(wanted));
        free((char *)input.at);
    }
}

static void body_limits(void **state)
{
    struct buf text = {.arena = *state};
    for (unsigned i = 0; i < 3000; i++)
        buf_print(&text, "line  %u \r\n", i);
    struct span body = exact_bytes(text.at, text.len), form = body_form(*state, CANON_RELAXED, body);
    uint64_t limits[] = {UINT64_MAX, 0, 5, 8192, 8193, form.len, form.len + 1, 20000};
    struct body_hash hashes[8];
    for (size_t i = 0; i < 8; i++)
        hashes[i] = (struct body_hash){
            .canon = CANON_RELAXED, .digest = i == 7 ? DIGEST_SHA1 : DIGEST_SHA256, .limit = limits[i]};
    body_hashes_compute(body, hashes, 8);
    for (size_t i = 0; i < 8; i++) {
        enum digest digest = i == 7 ? DIGEST_SHA1 : DIGEST_SHA256;
        uint8_t wanted[DIGEST_MOST];
        EVP_Digest(form.at, limits[i] < form.len ? limits[i] : form.len, wanted, NULL, digest_of(digest), NULL);
        const struct body_hash *seen = body_hash_find(hashes, 8, CANON_RELAXED, digest, limits[i]);
        assert_non_null(seen);
        assert_memory_equal(seen->value, wanted, digest_size(digest));
        assert_int_equal(seen->length, form.len);
    }
    free((char *)body.at);
}

static void fields(void **state)
{
    static const struct {
        const char *field, *simple, *relaxed;
    } rows[] = {
        {"A: X\r\n", "A: X\r\n", "a:X\r\n"}, /* RFC 6376 3.4.5 */
        {"B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
        {"A: X\n  y\n", "A: X\r\n  y\r\n", "a:X y\r\n"},
        {"A:", "A:\r\n", "a:\r\n"},
        {"A: \r\n \r\n", "A: \r\n \r\n", "a:\r\n"},
        {"A: b\rc\r\n", "A: b\rc\r\n", "a:b\rc\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum canon canon = CANON_SIMPLE; canon <= CANON_RELAXED; canon++) {
            struct span input = exact(rows[i].field);
            struct buf out = {.arena = *state};
            struct sink sink;
            sink_open_buf(&sink, &out);
            field_canonicalise(&sink, canon, input, true);
            sink_end_buf(&sink);
            assert_span(buf_span(&out), canon == CANON_SIMPLE ? rows[i].simple : rows[i].relaxed);
            free((char *)input.at);
        }
}

/* h= takes from the bottom up, each field once, and never the signature's own. */
static void fields_by_name(void **state)
{
    static struct field of[] = {{.name = S("To")}, {.name = S("X")}, {.name = S("TO")}, {.name = S("to")}};
    fields_t all = {of, 4, 4};
    struct header_index *index = header_index_new(*state, &all);
    for (unsigned round = 0; round < 2; round++) {
        header_index_rewind(index);
        assert_ptr_equal(header_index_take(index, S("to"), NULL), &of[3]);
        assert_ptr_equal(header_index_take(index, S("tO"), &of[2]), &of[0]);
        assert_null(header_index_take(index, S("to"), NULL));
        assert_null(header_index_take(index, S("absent"), NULL));
        assert_ptr_equal(header_index_take(index, S("x"), NULL), &of[1]);
    }
    assert_int_equal(header_index_count(index, S("to")), 3);
}

static void key_records(void **state)
{
    static const struct {
        const char *text, *why; /* NULL: read */
    } rows[] = {
        {"v=DKIM1; k=rsa; p=YWJj", NULL},
        {"p=YWJj", NULL},
        {"v=DKIM1; p=", NULL},
        {"p=YW\tJj; t=y:s; n=a note", NULL},
        {"k=ed25519; p=YWJj", NULL},
        {"s=email:chat; p=YWJj", NULL},
        {"s=*; p=YWJj", NULL},
        {"x=unknown; p=YWJj", NULL},
        {"v=DKIM2; p=YWJj", "version"},
        {"p=YWJj; v=DKIM1", "version"},
        {"v=DKIM1; k=rsa", "no key"},
        {"k=foo; p=YWJj", "unknown kind"},
        {"s=chat; p=YWJj", NULL},
        {"p=!!!!", "base64"},
        {"v=spf1 -all", "version"},
        {"", "empty"},
        {"p=YWJj; p=YWJj", "twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span input = exact(rows[i].text), why = {0};
        struct key_record record;
        bool good = key_record_read(*state, input, &record, &why);
        if (good != !rows[i].why || (rows[i].why && !span_find(why, span_of(rows[i].why))))
            fail_msg("\"%s\": %d %.*s", rows[i].text, good, SPAN_FMT(why));
        free((char *)input.at);
    }
}

/* Whatever DER is cut or bent, nothing is read past its end; keys that anybody could use are none. */
static void keys_bent(void **state)
{
    static const char whole[] =
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/"
        "byYzCNb3W91y3FutACDfz"
        "wQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
    struct span der;
    assert_true(tag_base64_read(*state, S(whole), &der));
    struct public_key *key = key_find(KEY_RSA, der);
    assert_non_null(key);
    assert_int_equal(key_bits(key), 1024);
    assert_ptr_equal(key_find(KEY_RSA, der), key); /* from the cache */
    for (size_t len = 0; len < der.len; len++) {
        struct span cut = exact_bytes(der.at, len);
        assert_null(key_find(KEY_RSA, cut));
        free((char *)cut.at);
    }
    for (size_t i = 0; i < 40 && i < der.len; i++) {
        struct span bent = exact_bytes(der.at, der.len);
        ((char *)bent.at)[i] ^= 0x55;
        key_find(KEY_RSA, bent);
        free((char *)bent.at);
    }
    struct span one = exact_bytes(der.at, der.len);
    memcpy((char *)one.at + der.len - 3, "\0\0\1", 3);
    assert_null(key_find(KEY_RSA, one)); /* exponent 1 */
    free((char *)one.at);
    assert_null(key_find(KEY_ED25519, der));
    assert_non_null(key_find(KEY_RSA, der)); /* and what was said of one is not said of the other */
}

/* RSAPublicKey as RFC 6376 3.6.1 has it, with a modulus of so many bytes. */
static struct span rsa_der(struct arena *arena, size_t bytes)
{
    struct buf out = {.arena = arena};
    size_t inside = bytes + 1 + 4 + 3;
    buf_print(&out, "%c\x82%c%c\x02\x82%c%c", 0x30, (int)(inside >> 8), (int)(inside & 255), (int)((bytes + 1) >> 8),
              (int)((bytes + 1) & 255));
    buf_byte(&out, 0);
    for (size_t i = 0; i < bytes; i++)
        buf_byte(&out, (char)0xc1);
    buf_add(&out, S("\x02\x01\x03"));
    return buf_span(&out);
}

/* RFC 8301 3.2 asks for up to 4,096 bits; what is longer would only cost time. */
static void key_lengths(void **state)
{
    static const struct {
        size_t bytes;
        unsigned bits; /* 0: no key */
    } rows[] = {{128, 1024}, {256, 2048}, {512, 4096}, {513, 0}, {31, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct public_key *key = key_find(KEY_RSA, rsa_der(*state, rows[i].bytes));
        assert_int_equal(key ? key_bits(key) : 0, rows[i].bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tag_lists, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(tag_values, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(base64, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(plain_domains, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(bodies, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(bodies_at_random, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(body_limits, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(fields, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(fields_by_name, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(key_records, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(keys_bent, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(key_lengths, arena_make, arena_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
