/* Tokens: what comes back as it was, and what does not. */
#include "exact.h"
#include "seal/token.h"

#include <sodium.h>

#define SECRET S("0123456789abcdef0123456789abcdef")
static const uint8_t nonce[TOKEN_NONCE_BYTES] = {1, 2, 3};

static struct span made(struct arena *arena, const char *text)
{
    struct span token;
    struct err err;
    assert_int_equal(token_seal(arena, S("k1234567"), SECRET, nonce, S("release"), span_of(text), &token, &err), 0);
    return token;
}

static void a_token_comes_back(void **state)
{
    static const char *const texts[] = {"", "in clear words", "id 7, until 1795000000"};
    for (size_t i = 0; i < 3; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span token = made(arena, texts[i]), text, key;
        assert_true(token_key(token, &key));
        assert_span(key, "k1234567");
        assert_true(token_open(arena, token, SECRET, S("release"), &text));
        assert_span(text, texts[i]);
        assert_null(memchr(token.at, '+', token.len));
        assert_null(memchr(token.at, '/', token.len));
        assert_false(texts[i][0] && span_find(token, span_of(texts[i])));
        arena_free(&arena);
    }
}

static void nothing_else_is_opened(void **state)
{
    struct arena *arena = arena_new(16 << 20);
    struct span token = made(arena, "text"), text;
    assert_false(token_open(arena, token, SECRET, S("session"), &text));
    assert_false(token_open(arena, token, S("0123456789abcdef0123456789abcdeX"), S("release"), &text));
    assert_false(token_open(arena, token, S("short"), S("release"), &text));
    for (size_t i = 0; i < token.len; i++) {
        struct span copy = exact_bytes(token.at, token.len), cut = exact_bytes(token.at, i);
        ((char *)copy.at)[i] = copy.at[i] == 'A' ? 'B' : 'A';
        assert_false(token_open(arena, copy, SECRET, S("release"), &text));
        assert_false(token_open(arena, cut, SECRET, S("release"), &text));
        free((void *)copy.at);
        free((void *)cut.at);
    }
    arena_free(&arena);
}

static void what_cannot_be_sealed_is_refused(void **state)
{
    static char large[TOKEN_TEXT_MOST + 1];
    struct arena *arena = arena_new(1 << 20);
    struct span token;
    struct err err;
    assert_int_equal(token_seal(arena, S("k"), SECRET, nonce, S("x"), (struct span){large, sizeof large}, &token, &err), -1);
    assert_int_equal(token_seal(arena, S("k"), SECRET, nonce, S("x"), (struct span){large, sizeof large - 1}, &token, &err), 0);
    assert_int_equal(token_seal(arena, S("k"), S("short"), nonce, S("x"), S("y"), &token, &err), -1);
    assert_non_null(strstr(err.text, "sekimori key make token"));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_token_comes_back), cmocka_unit_test(nothing_else_is_opened),
                                       cmocka_unit_test(what_cannot_be_sealed_is_refused)};
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
