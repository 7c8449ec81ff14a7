/* Messages as they arrive: in memory that nobody can change any more, or in the spool. And what is remembered of killers. */
#include "exact.h"
#include "door/bytes.h"
#include "door/killers.h"
#include "door/token.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

static int whole(struct bytes *bytes, uint64_t memory, const char *spool)
{
    struct err err;
    *bytes = (struct bytes){.fd = -1};
    assert_int_equal(bytes_add(bytes, S("From: a\r\n"), memory, spool, &err), 0);
    assert_int_equal(bytes_add(bytes, S("\r\nx\r\n"), memory, spool, &err), 0);
    assert_int_equal(bytes->length, 14);
    int fd = bytes_whole(bytes, &err);
    assert_true(fd >= 0);
    return fd;
}

static void assert_sealed(int fd)
{
    char text[32];
    assert_int_equal(pread(fd, text, sizeof text, 0), 14);
    assert_memory_equal(text, "From: a\r\n\r\nx\r\n", 14);
    assert_int_equal(pwrite(fd, "y", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 3), -1);
    close(fd);
}

static void what_arrived_cannot_be_changed(void **state)
{
    struct bytes bytes;
    char folder[] = "/tmp/sekimori-spool-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_sealed(whole(&bytes, 100, folder));
    assert_false(bytes.spooled);
    assert_sealed(whole(&bytes, 10, folder));
    assert_true(bytes.spooled);
    assert_int_equal(rmdir(folder), 0); /* nothing is left lying in it */
    assert_sealed(whole(&bytes, 10, ""));
    assert_false(bytes.spooled);
    struct err err;
    bytes = (struct bytes){.fd = -1};
    assert_int_equal(bytes_add(&bytes, S("too much"), 3, "/nowhere", &err), -1);
    assert_non_null(strstr(err.text, "/nowhere"));
    bytes_drop(&bytes);
}

static void killers_are_remembered_for_a_week(void **state)
{
    struct killers *killers = killers_new();
    struct bytes bytes;
    uint8_t one[SHA256_BYTES], other[SHA256_BYTES];
    int fd = whole(&bytes, 100, "");
    assert_true(killers_is_empty(killers));
    assert_true(killers_digest(fd, 14, S("a@b"), one) && killers_digest(fd, 14, S("a@c"), other));
    assert_memory_not_equal(one, other, sizeof one);
    assert_false(killers_digest(fd, 15, S("a@b"), other)); /* there are not so many bytes */
    assert_true(killers_digest(fd, 14, S("a@c"), other));
    killers_add(killers, one, 1000);
    assert_true(killers_has(killers, one, 1001));
    assert_false(killers_has(killers, other, 1001));
    assert_false(killers_has(killers, one, 1000 + 7 * 86400));
    for (int i = 0; i < 1024; i++)
        killers_add(killers, other, 2000);
    assert_false(killers_has(killers, one, 1001));
    close(fd);
    killers_free(&killers);
}

static void tokens_are_known_by_their_digests(void **state)
{
    static struct listener_settings settings;
    assert_int_equal(token_check(&settings, S("")), TOKEN_GOOD);
    settings.token_count = 2;
    EVP_Digest("first-of-them", 13, settings.tokens[0], NULL, EVP_sha256(), NULL);
    EVP_Digest("second-of-them", 14, settings.tokens[1], NULL, EVP_sha256(), NULL);
    assert_int_equal(token_check(&settings, S("")), TOKEN_ABSENT);
    assert_int_equal(token_check(&settings, S("Basic first-of-them")), TOKEN_ABSENT);
    assert_int_equal(token_check(&settings, S("Bearer first-of-the")), TOKEN_WRONG);
    assert_int_equal(token_check(&settings, S("Bearer ")), TOKEN_WRONG);
    assert_int_equal(token_check(&settings, S("bearer second-of-them")), TOKEN_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_arrived_cannot_be_changed), cmocka_unit_test(killers_are_remembered_for_a_week),
                                       cmocka_unit_test(tokens_are_known_by_their_digests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
