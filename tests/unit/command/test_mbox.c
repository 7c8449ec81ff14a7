#include "command/scan.h"
#include "exact.h"

#include <sys/mman.h>
#include <unistd.h>

static int file_of(struct span bytes)
{
    int fd = memfd_create("mbox", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t at = 0; at < bytes.len;) {
        ssize_t put = write(fd, bytes.at + at, bytes.len - at);
        assert_true(put > 0);
        at += (size_t)put;
    }
    return fd;
}

static void postmarks(void **state)
{
    static const struct {
        const char *line;
        bool is;
    } rows[] = {
        {"From a@example.com Sat Nov 21 23:40:00 2026", true},
        {"From a@example.com  Sun Nov  1 03:40 2026", true},
        {"From - Tue Jan 01 00:00:00 2020", true},
        {"From \"a b\"@example.com Sat Nov 21 23:40:00 +0100 2026", true},
        {"From MAILER-DAEMON Fri Jul  3 10:00:00 1998 remote from host", true},
        {"From ", true},
        {"From \r", true},
        {"From here on Monday we go", false},
        {"From Sat to Sun", false},
        {"From a@example.com Sat Nov 21 2026", false},
        {"From a@example.com Sat Nov 99 23:40:00 2026", false},
        {"From: a@example.com Sat Nov 21 23:40:00 2026", false},
        {">From a@example.com Sat Nov 21 23:40:00 2026", false},
        {"From", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span line = exact(rows[i].line);
        if (mbox_is_postmark(line) != rows[i].is)
            fail_msg("\"%s\"", rows[i].line);
        free((char *)line.at);
    }
}

#define MARK "From a@example.com Sat Nov 21 23:40:00 2026\n"

static void splits(void **state)
{
    static const struct {
        const char *bytes, *messages[4];
    } rows[] = {
        {MARK "A: 1\n\none\n", {"A: 1\n\none\n"}},
        {MARK "A: 1\n\none\n\n" MARK "A: 2\n\ntwo\n\n", {"A: 1\n\none\n", "A: 2\n\ntwo\n"}},
        {MARK "A: 1\r\n\r\none\r\n\r\n" MARK "A: 2\r\n\r\n", {"A: 1\r\n\r\none\r\n", "A: 2\r\n"}},
        /* no empty line before it: text, not a postmark */
        {MARK "A: 1\n\none\n" MARK "two\n", {"A: 1\n\none\n" MARK "two\n"}},
        /* looks like one and has no date */
        {MARK "A: 1\n\none\n\nFrom now on\n", {"A: 1\n\none\n\nFrom now on\n"}},
        {MARK "A: 1\n\n>From me\n\n" MARK "\n", {"A: 1\n\n>From me\n", "\n"}},
        {MARK, {""}},
        {MARK MARK, {MARK}}, /* the second stands where the header should: broken, yet not lost */
        {"From a@example.com Sat Nov 21 23:40:00 2026", {""}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err;
        uint64_t offset, length;
        int fd = file_of(span_of(rows[i].bytes));
        assert_true(mbox_begins(fd));
        struct mbox *mbox = mbox_new(fd);
        for (int n = 0; n < 4 && rows[i].messages[n]; n++) {
            assert_int_equal(mbox_next(mbox, &offset, &length, &err), 1);
            assert_span(((struct span){rows[i].bytes + offset, length}), rows[i].messages[n]);
        }
        assert_int_equal(mbox_next(mbox, &offset, &length, &err), 0);
        mbox_free(&mbox);
    }
}

/* Messages of every size around the window's: no postmark is missed where two windows meet, and none is invented. */
static void windows_meet_anywhere(void **state)
{
    enum { WINDOW = 256 * 1024 };
    char *body = malloc(2 * WINDOW);
    memset(body, 'x', 2 * WINDOW);
    for (size_t i = 79; i < 2 * WINDOW; i += 80)
        body[i] = '\n';
    for (size_t len = WINDOW - 2300; len < WINDOW + 200; len += len > WINDOW - 80 && len < WINDOW + 20 ? 1 : 37) {
        int fd = file_of(S(MARK));
        assert_int_equal(write(fd, body, len), len);
        assert_int_equal(write(fd, "\n\n" MARK "second\n", 2 + sizeof MARK - 1 + 7), 2 + sizeof MARK - 1 + 7);
        struct mbox *mbox = mbox_new(fd);
        struct err err;
        uint64_t offset, length;
        assert_int_equal(mbox_next(mbox, &offset, &length, &err), 1);
        assert_int_equal(offset, sizeof MARK - 1);
        assert_int_equal(length, len + 1);
        assert_int_equal(mbox_next(mbox, &offset, &length, &err), 1);
        assert_int_equal(length, 7);
        assert_int_equal(mbox_next(mbox, &offset, &length, &err), 0);
        mbox_free(&mbox);
    }
    free(body);
}

static void a_message_is_no_mbox(void **state)
{
    static const char *const rows[] = {"From: a@example.com\n\nx\n", "", "Received: x\n", "From here\n"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = file_of(span_of(rows[i]));
        assert_false(mbox_begins(fd));
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(postmarks),
        cmocka_unit_test(splits),
        cmocka_unit_test(windows_meet_anywhere),
        cmocka_unit_test(a_message_is_no_mbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
