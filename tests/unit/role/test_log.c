/* Lines of the log are whole, whatever they tell. */
#include "exact.h"

#include "role/duty.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct span written(int fd, char *out, size_t size)
{
    ssize_t len = pread(fd, out, size, 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    lseek(fd, 0, SEEK_SET);
    return (struct span){out, len > 0 ? (size_t)len : 0};
}

static void a_line_too_long_is_told_of(void **state)
{
    static char told[1 << 20], words[300000];
    int fd = memfd_create("log", MFD_CLOEXEC), before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    assert_true(fd >= 0 && before >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
    memset(words, 'w', sizeof words);
    static const size_t lengths[] = {200000, 300000};
    for (size_t i = 0; i < 2; i++) {
        struct log_line line;
        log_line_begin(&line, LEVEL_INFO, "words");
        json_text(&line.json, "words", (struct span){words, lengths[i]});
        log_line_end(&line);
        struct span text = written(fd, told, sizeof told);
        bool whole = span_starts(text, S("{\"time\"")) && text.len > 2 && memcmp(text.at + text.len - 2, "}\n", 2) == 0;
        bool plain = span_find(text, S("\"event\":\"words\"")), instead = span_find(text, S("\"event\":\"line-too-long\""));
        if (!whole || plain != (i == 0) || instead != (i == 1))
            fail_msg("row %zu: %.100s", i, told);
    }
    dup2(before, STDERR_FILENO);
    close(before);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_too_long_is_told_of)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
