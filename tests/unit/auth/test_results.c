/* Authentication-Results: read as the world writes it, injected, and written so that nothing can be injected. */
#include "exact.h"
#include "auth/auth.h"

/* "id|method=result:type.name=value,...|..." */
static struct span told(struct arena *arena, const struct results_field *field)
{
    struct buf out = {.arena = arena};
    buf_add(&out, field->authserv_id);
    vec_each (result, &field->results) {
        buf_print(&out, "|%.*s=%s", SPAN_FMT(result->method), proof_result_name(result->result));
        if (result->reason.len)
            buf_print(&out, " because %.*s", SPAN_FMT(result->reason));
        vec_each (property, &result->properties)
            buf_print(&out, ",%.*s.%.*s=%.*s", SPAN_FMT(property->type), SPAN_FMT(property->name),
                      SPAN_FMT(property->value));
    }
    return buf_span(&out);
}

static void reading(void **state)
{
    static const struct {
        const char *value, *told;
        bool good;
    } rows[] = {
        /* RFC 8601 appendix B, in own words */
        {"mail.example.net 1; none", "mail.example.net", true},
        {"mx.example.net; spf=pass smtp.mailfrom=example.com", "mx.example.net|spf=pass,smtp.mailfrom=example.com",
         true},
        {"mx.example.net; auth=pass (cram-md5) smtp.auth=a@example.com; spf=fail smtp.mailfrom=example.com",
         "mx.example.net|auth=pass,smtp.auth=a@example.com|spf=fail,smtp.mailfrom=example.com", true},
        {"foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n policy "
         "(A dot can go here) . (like that) "
         "expired (this surprised me) = (as I wasn't expecting it) 1362471462",
         "foo.example.net|dkim=fail,policy.expired=1362471462", true},
        {"example.com; dkim=pass reason=\"good signature\" header.i=@mail-router.example.net; dkim=fail reason=\"bad; "
         "\\\"signature\\\"\" header.i=@n.example",
         "example.com|dkim=pass because good signature,header.i=@mail-router.example.net|dkim=fail because bad; "
         "\"signature\",header.i=@n.example",
         true},
        {"x;spf=softfail;dkim=permerror;dmarc=temperror;iprev=policy;a=neutral;b=hardfail", /* no blanks at all */
         "x|spf=softfail|dkim=permerror|dmarc=temperror|iprev=policy|a=neutral|b=fail", true},
        {"\"quoted id\"; spf=pass", "quoted id|spf=pass", true},
        /* Google: base64 in quotes and bare, a quoted local part */
        {"mx.google.com;\r\n       dkim=pass header.i=@a.example header.s=s1 header.b=IUb5/gW6;\r\n       dkim=pass "
         "header.i=@b.example header.b=\"Uwk1/T1x\";\r\n"
         "       spf=pass (google.com: domain of a=b@c.example designates 192.0.2.1 as permitted sender) "
         "smtp.mailfrom=\"A/b==@c.example\";\r\n"
         "       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example",
         "mx.google.com|dkim=pass,header.i=@a.example,header.s=s1,header.b=IUb5/"
         "gW6|dkim=pass,header.i=@b.example,header.b=Uwk1/T1x"
         "|spf=pass,smtp.mailfrom=A/b==@c.example|dmarc=pass,header.from=a.example",
         true},
        /* Microsoft: no authserv-id, untyped properties, words of its own */
        {"spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=a.example; dkim=none (message not signed)\r\n "
         "header.d=none;dmarc=bestguesspass action=none\r\n "
         "header.from=a.example;compauth=pass reason=109",
         "|spf=pass,smtp.mailfrom=a.example|dkim=none,header.d=none|dmarc=unknown,.action=none,header.from=a.example|"
         "compauth=pass because 109",
         true},
        {"dkim=none (message not signed) header.d=none;b.example; dmarc=none action=none header.from=a.example;",
         "|dkim=none,header.d=none|dmarc=none,.action=none,header.from=a.example", false},
        /* Proofpoint */
        {"ppops.net;\r\n dkim=pass header.s=selector1 header.d=a.example",
         "ppops.net|dkim=pass,header.s=selector1,header.d=a.example", true},
        /* not well formed, and yet no more is read into it than is there */
        {"", "", false},
        {"(only a comment)", "", false},
        {"mx.example.net; none; spf=pass", "mx.example.net|spf=pass", true},
        {"mx.example.net; spf=pass; none", "mx.example.net|spf=pass", false},
        {"mx.example.net; spf", "mx.example.net", false},
        {"mx.example.net extra words; spf=pass", "mx.example.net|spf=pass", false},
        {"mx.example.net; spf=pass (never closed; dkim=pass header.d=a.example", "mx.example.net|spf=pass", false},
        {"mx.example.net; spf=pass smtp.mailfrom=\"never closed; dkim=pass",
         "mx.example.net|spf=pass,smtp.mailfrom=never closed; dkim=pass", false},
        {"mx.example.net; spf=pass smtp.mailfrom", "mx.example.net|spf=pass", false},
        {"mx.example.net; =pass; spf=fail", "mx.example.net|spf=fail", false},
        {"((((((((((((((((((((x", "", false},
        {";;;;", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span input = exact(rows[i].value), seen;
        struct results_field field;
        bool good = results_parse(*state, input, &field);
        seen = told(*state, &field);
        if (good != rows[i].good || good == field.malformed || !span_eq(seen, span_of(rows[i].told)))
            fail_msg("row %zu: %d \"%.*s\"", i, good, SPAN_FMT(seen));
        free((char *)input.at);
    }
}

/* attacks a4 to a7: remote words pasted in unquoted by some other machine. What a quote, a bracket or a route can add
 * is never a result of another method that was not written outside of them. */
/* The comment that belongs to a result: the first one behind it, none before it or behind its properties. */
static void comments(void **state)
{
    static const struct {
        const char *value, *comment;
    } rows[] = {
        {"x; dmarc=pass (p=REJECT) header.from=a.example", "p=REJECT"},
        {"x; dmarc=pass (p=REJECT) (p=NONE) header.from=a.example", "p=REJECT"},
        {"x; dmarc= (p=NONE) pass header.from=a.example", ""},
        {"x; dmarc= (p=NONE) pass (p=REJECT)", "p=REJECT"},
        {"x; dmarc=pass () (p=NONE)", ""},
        {"x; dmarc=pass header.from=a.example (p=NONE)", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span value = exact(rows[i].value);
        struct results_field field;
        results_parse(*state, value, &field);
        assert_int_equal(field.results.len, 1);
        assert_span(field.results.at[0].comment, rows[i].comment);
        free((char *)value.at);
    }
}

static void injected(void **state)
{
    static const char *const rows[] = {
        ("mx.example.net; dkim=pass (1024-bit key) header.d=legitimate.example(.attack.example; spf=fail "
         "smtp.mailfrom=x"),
        "mx.example.net; dkim=fail header.d=legitimate.example'a.attack.example",
        "mx.example.net; dkim=fail header.d=legitimate.example\"a.attack.example; spf=fail",
        "mx.example.net; spf=fail smtp.mailfrom=@legitimate.example,@any.attack.example:any@attack.example",
        "mx.example.net; spf=fail smtp.mailfrom=\"x; dkim=pass header.d=legitimate.example\"@attack.example",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span input = exact(rows[i]);
        struct results_field field;
        results_parse(*state, input, &field);
        vec_each (result, &field.results)
            if (span_eq(result->method, S("dkim")) && result->result == PROOF_PASS && !field.malformed &&
                span_eq(results_property(result, S("header"), S("d")), S("legitimate.example")))
                fail_msg("row %zu lets a forged pass through", i);
        free((char *)input.at);
    }
}

static void nul_bytes(void **state)
{
    struct span input = exact_bytes("mx.example.net; dkim=pass header.d=a.example\0.b.example", 54);
    struct results_field field;
    assert_false(results_parse(*state, input, &field));
    free((char *)input.at);
}

/* However long: bounded, and marked. */
static void long_fields(void **state)
{
    static const char *const pieces[] = {"(",     "\"", ";", "a=b;", "a=pass x.y=z ", "\\", "a=\"\\", "(\\",
                                         "none;", "/",  ".", "="};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buf text = {.arena = *state};
        struct results_field field;
        buf_add(&text, S("mx.example.net; "));
        for (size_t n = 0; n < 20000; n++)
            buf_add(&text, span_of(pieces[i]));
        struct span input = exact_bytes(text.at, text.len);
        results_parse(*state, input, &field);
        assert_true(field.results.len <= 200);
        free((char *)input.at);
    }
}

static void words(void **state)
{
    enum proof_result result;
    for (unsigned i = PROOF_NONE; i <= PROOF_NOT_APPLICABLE; i++) {
        assert_true(proof_result_parse(span_of(proof_result_name((enum proof_result)i)), &result));
        assert_int_equal(result, i);
    }
    assert_true(proof_result_parse(S("PASS"), &result) && result == PROOF_PASS);
    assert_false(proof_result_parse(S("passed"), &result));
    assert_int_equal(result, PROOF_UNKNOWN);
}

static struct proof proof_for(struct arena *arena, const char *mail_from_domain, const char *dkim_domain)
{
    struct proof proof = {.spf = {.result = PROOF_PASS, .domain = span_of(mail_from_domain), .identity = S("mailfrom")},
                          .dmarc = {.result = PROOF_PASS, .from_domain = S("example.com"), .policy = S("reject")}};
    struct dkim_proof *dkim = vec_push(arena, &proof.dkim);
    *dkim = (struct dkim_proof){
        .result = PROOF_PASS, .domain = span_of(dkim_domain), .selector = S("s1"), .algorithm = S("rsa-sha256")};
    return proof;
}

static void writing(void **state)
{
    struct auth_settings settings;
    auth_settings_default(&settings);
    settings.authserv_id = S("mx.example.net");
    struct proof proof = proof_for(*state, "example.com", "example.com");
    assert_span(results_write(*state, &settings, &proof),
                "mx.example.net;\r\n\tspf=pass smtp.mailfrom=example.com;\r\n\tdkim=pass header.d=example.com "
                "header.s=s1 header.a=rsa-sha256;"
                "\r\n\tdmarc=pass header.from=example.com policy.dmarc=reject");
    proof = (struct proof){.spf = {.result = PROOF_UNKNOWN}, .dmarc = {.result = PROOF_UNKNOWN}};
    assert_span(results_write(*state, &settings, &proof), "mx.example.net; none"); /* unknown has no word there */
    proof.spf = (struct spf_proof){.result = PROOF_FAIL, .domain = S("a.example"), .identity = S("helo")};
    assert_span(results_write(*state, &settings, &proof), "mx.example.net;\r\n\tspf=fail smtp.helo=a.example");
}

/* Whatever a stranger chose for his names, what we write reads back as just that. */
static void written_reads_back(void **state)
{
    static const char *const strange[] = {"a(b",
                                          "a\"b",
                                          "a'b",
                                          "a;b",
                                          "a b; dkim=pass",
                                          "\\",
                                          "a\\\"; spf=pass",
                                          "a=b",
                                          "<@a,@b:c@d>",
                                          "\xe3\x81\x82.example",
                                          "\"x\"@y",
                                          "a@b",
                                          "()",
                                          "a/b",
                                          "[192.0.2.1]"};
    struct auth_settings settings;
    auth_settings_default(&settings);
    settings.authserv_id = S("mx.example.net");
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        struct proof proof = proof_for(*state, strange[i], strange[i]);
        struct results_field field;
        if (!results_parse(*state, results_write(*state, &settings, &proof), &field) || field.results.len != 3)
            fail_msg("\"%s\" breaks out", strange[i]);
        assert_span(results_property(&field.results.at[0], S("smtp"), S("mailfrom")), strange[i]);
        assert_span(results_property(&field.results.at[1], S("header"), S("d")), strange[i]);
    }
    struct proof proof = proof_for(*state, "x\r\ny: z", "a\x01 b");
    struct span text = results_write(*state, &settings, &proof);
    assert_null(span_find(text, S("\r\ny")));
    assert_null(span_find(text, S("\x01")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reading, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(comments, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(injected, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(nul_bytes, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(long_fields, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(words, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(writing, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(written_reads_back, arena_make, arena_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
