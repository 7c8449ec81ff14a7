/* base/digest: SHA-256, whole and in pieces. */
#include "exact.h"
#include "base/digest.h"

#include <stdio.h>

static void assert_sum(const uint8_t *sum, const char *hex)
{
    char told[2 * SHA256_BYTES + 1];
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(told + 2 * i, 3, "%02x", sum[i]);
    assert_string_equal(told, hex);
}

/* FIPS 180-4's own examples, and nothing at all. */
static void texts_have_their_sums(void **state)
{
    static const struct {
        const char *text, *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    uint8_t sum[SHA256_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        sha256_of(text, sum);
        assert_sum(sum, rows[i].hex);
        struct sha256 digest __attribute__((cleanup(sha256_free))) = sha256_open();
        sha256_add(&digest, span_first(text, 2));
        sha256_add(&digest, (struct span){0});
        sha256_add(&digest, span_skip(text, 2));
        sha256_close(&digest, sum);
        assert_sum(sum, rows[i].hex);
        free((char *)text.at);
    }
    sha256_of((struct span){0}, sum);
    assert_sum(sum, rows[0].hex);
}

static void framed_sum(const char *first, const char *second, uint8_t *out)
{
    struct sha256 digest __attribute__((cleanup(sha256_free))) = sha256_open();
    sha256_add_framed(&digest, span_of(first));
    sha256_add_framed(&digest, span_of(second));
    sha256_close(&digest, out);
}

/* The near miss: the same bytes, parted elsewhere, are other texts; where nothing parts them they are one. */
static void framed_texts_are_told_apart(void **state)
{
    uint8_t ab_c[SHA256_BYTES], a_bc[SHA256_BYTES], again[SHA256_BYTES];
    framed_sum("ab", "c", ab_c);
    framed_sum("a", "bc", a_bc);
    framed_sum("ab", "c", again);
    assert_memory_not_equal(ab_c, a_bc, SHA256_BYTES);
    assert_memory_equal(ab_c, again, SHA256_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_have_their_sums), cmocka_unit_test(framed_texts_are_told_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
