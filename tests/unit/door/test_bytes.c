/* Messages as they arrive: in memory that nobody can change any more, or in the spool. And what is remembered of killers. */
#include "exact.h"
#include "door/bytes.h"
#include "door/killers.h"
#include "door/token.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

enum { LARGE = BYTES_SMALL + 1 };

/* A message that comes in two pieces: the second has so many bytes. */
static int whole(struct bytes *bytes, size_t second, uint64_t memory, const char *spool, struct span *small)
{
    struct err err;
    int fd;
    char *piece = calloc(1, second + 1);
    memset(piece, 'x', second);
    *bytes = (struct bytes){.fd = -1};
    assert_int_equal(bytes_add(bytes, S("From: a\r\n"), memory, spool, &err), 0);
    assert_int_equal(bytes_add(bytes, (struct span){piece, second}, memory, spool, &err), 0);
    assert_int_equal(bytes->length, 9 + second);
    assert_int_equal(bytes_whole(bytes, &fd, small, &err), 0);
    assert_int_equal(small->len, fd < 0 ? 9 + second : 0);
    free(piece);
    return fd;
}

static void assert_sealed(int fd, size_t length)
{
    char text[LARGE + 16];
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, text, sizeof text, 0), length);
    assert_memory_equal(text, "From: a\r\nxxx", 12);
    assert_int_equal(pwrite(fd, "y", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 3), -1);
    close(fd);
}

static void what_arrived_cannot_be_changed(void **state)
{
    struct bytes bytes;
    struct span small;
    char folder[] = "/tmp/sekimori-spool-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_sealed(whole(&bytes, LARGE, 2 * LARGE, folder, &small), 9 + LARGE);
    assert_false(bytes.spooled);
    assert_sealed(whole(&bytes, 5, 10, folder, &small), 14);
    assert_true(bytes.spooled);
    assert_int_equal(rmdir(folder), 0); /* nothing is left lying in it */
    assert_sealed(whole(&bytes, 5, 10, "", &small), 14);
    assert_false(bytes.spooled);
    struct err err;
    bytes = (struct bytes){.fd = -1};
    assert_int_equal(bytes_add(&bytes, S("too much"), 3, "/nowhere", &err), -1);
    assert_non_null(strstr(err.text, "/nowhere"));
    bytes_drop(&bytes);
}

static void a_small_message_needs_no_file(void **state)
{
    struct bytes bytes;
    struct span small;
    assert_int_equal(whole(&bytes, BYTES_SMALL - 9, 2 * LARGE, "/nowhere", &small), -1);
    assert_true(span_starts(small, S("From: a\r\nxxx")));
    free((char *)small.at);
    assert_sealed(whole(&bytes, BYTES_SMALL - 8, 2 * LARGE, "/nowhere", &small), BYTES_SMALL + 1);
    assert_sealed(bytes_sealed(S("From: a\r\nxxx")), 12); /* where it is to be held */
}

/* A message and copies of it in one file: small or in a file itself, or none of it. */
static void copies_lie_one_behind_the_other(void **state)
{
    const struct span more[] = {S("one"), S("and two")};
    char read[64];
    int large = bytes_sealed(S("From: a\r\nxxx")), small = bytes_joined(S("From: a\r\n"), -1, 9, more, 2), other = bytes_joined(S(""), large, 12, more, 2);
    lseek(large, 3, SEEK_SET); /* its owner's place is nobody's business */
    assert_int_equal(pread(small, read, sizeof read, 0), 19);
    assert_memory_equal(read, "From: a\r\noneand two", 19);
    assert_int_equal(pread(other, read, sizeof read, 0), 22);
    assert_memory_equal(read, "From: a\r\nxxxoneand two", 22);
    int none = bytes_joined(S(""), -1, 12, more, 1);
    assert_int_equal(pread(none, read, sizeof read, 0), 3);
    assert_int_equal(bytes_joined(S(""), large, 13, more, 2), -1); /* it is shorter than was said */
    const int all[] = {none, small, other, large};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_equal(pwrite(all[i], "y", 1, 0), -1);
        close(all[i]);
    }
}

static void killers_are_remembered_for_a_week(void **state)
{
    struct killers *killers = killers_new();
    uint8_t one[SHA256_BYTES], other[SHA256_BYTES];
    struct span raw = S("From: a\r\n\r\nx\r\n");
    struct scan_job job = {.fd = bytes_sealed(raw), .length = raw.len, .arrival = {.mail_from = S("a@b")}}, longer = job, small = job, of_another = job;
    assert_true(killers_is_empty(killers));
    assert_true(killers_digest(&job, one));
    longer.length++;
    assert_false(killers_digest(&longer, other)); /* there are not so many bytes */
    small.fd = -1;
    small.arrival.raw = raw;
    assert_true(killers_digest(&small, other));
    assert_memory_equal(one, other, sizeof one); /* however they came */
    of_another.arrival.mail_from = S("a@c");
    assert_true(killers_digest(&of_another, other));
    assert_memory_not_equal(one, other, sizeof one);
    killers_add(killers, one, 1000);
    assert_true(killers_has(killers, one, 1001));
    assert_false(killers_has(killers, other, 1001));
    assert_false(killers_has(killers, one, 1000 + 7 * 86400));
    for (int i = 0; i < 1024; i++)
        killers_add(killers, other, 2000);
    assert_false(killers_has(killers, one, 1001));
    close(job.fd);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_arrived_cannot_be_changed), cmocka_unit_test(a_small_message_needs_no_file), cmocka_unit_test(copies_lie_one_behind_the_other), cmocka_unit_test(killers_are_remembered_for_a_week),
                                       cmocka_unit_test(tokens_are_known_by_their_digests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
