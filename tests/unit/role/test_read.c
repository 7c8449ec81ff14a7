#include "exact.h"
#include "role/inner.h"

#include <sys/mman.h>

static struct span read_job(struct arena *arena, const char *bytes, uint64_t offset, uint64_t length, size_t most, bool mbox)
{
    struct span raw = {0};
    struct err err;
    struct scan_job job = {.fd = memfd_create("message", MFD_CLOEXEC), .offset = offset, .length = length, .mbox = mbox};
    assert_int_equal(write(job.fd, bytes, strlen(bytes)), strlen(bytes));
    assert_int_equal(job_read(arena, &job, most, &raw, &err), 0);
    close(job.fd);
    return raw;
}

static void what_a_judge_reads(void **state)
{
    static const struct {
        const char *bytes;
        uint64_t offset, length;
        size_t most;
        bool mbox;
        const char *raw;
    } rows[] = {
        {"From: a\n\nx\n", 0, 11, 100, false, "From: a\n\nx\n"},
        {"From: a\n\nx\n", 6, 2, 100, false, "a\n"},
        {"From: a\n\nx\n", 0, 500, 1000, false, "From: a\n\nx\n"}, /* the file shrank meanwhile */
        {"From: a\n\nx\n", 50, 10, 100, false, ""},
        {"0123456789", 0, 10, 10, false, "0123456789"},
        {"0123456789", 0, 10, 4, false, "01234"}, /* one byte beyond the limit, so that the reader sees it was cut */
        {">From a\n", 0, 8, 100, false, ">From a\n"},
        {"a\n>From b\n>>From c\n >From d\n>from e\n>Fromage\n>", 0, 47, 100, true, "a\nFrom b\n>From c\n >From d\n>from e\n>Fromage\n>"},
        {">From ", 0, 6, 100, true, "From "},
        {">>>>", 0, 4, 100, true, ">>>>"},
        {"", 0, 0, 100, true, ""},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_span(read_job(arena, rows[i].bytes, rows[i].offset, rows[i].length, rows[i].most, rows[i].mbox), rows[i].raw);
    arena_free(&arena);
}

/* Of what came in a frame too it reads a copy; the frame goes. */
static void what_a_judge_reads_of_a_frame(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct err err;
    struct span raw, bytes = exact(">From a\nb");
    char text[16] = "";
    struct scan_job job = {.fd = -1, .length = bytes.len, .arrival = {.raw = bytes}};
    assert_int_equal(job_read(arena, &job, 100, &raw, &err), 0);
    assert_ptr_not_equal(raw.at, bytes.at);
    assert_span(raw, ">From a\nb");
    assert_int_equal(job_read(arena, &job, 4, &raw, &err), 0);
    assert_span(raw, ">From");
    job.mbox = true;
    assert_int_equal(job_read(arena, &job, 100, &raw, &err), 0);
    assert_span(raw, "From a\nb");
    int fd = job_file(&job); /* for the scanner */
    assert_int_equal(read(fd, text, sizeof text), bytes.len);
    assert_memory_equal(text, bytes.at, bytes.len);
    close(fd);
    free((char *)bytes.at);
    arena_free(&arena);
}

static void a_descriptor_that_cannot_be_read_is_an_error(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span raw;
    struct err err;
    struct scan_job job = {.fd = -1, .length = 10};
    assert_int_equal(job_read(arena, &job, 100, &raw, &err), -1);
    assert_non_null(strstr(err.text, "cannot be read"));
    arena_free(&arena);
}

static void words_of_strangers_steer_no_terminal(void **state)
{
    static const struct {
        const char *words, *plain;
    } rows[] = {
        {"a b/c.eml", "a b/c.eml"},
        {"a\033[31mb\r\n\t\177", "a?[31mb????"},
        {"x\302\233y", "x?y"},        /* CSI as one character */
        {"\302\240\303\251", "\302\240\303\251"},
        {"\302", "\302"},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span words = exact(rows[i].words);
        struct buf out = {.arena = arena};
        plain_add(&out, words);
        assert_span(buf_span(&out), rows[i].plain);
        free((char *)words.at);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_judge_reads), cmocka_unit_test(what_a_judge_reads_of_a_frame),
        cmocka_unit_test(a_descriptor_that_cannot_be_read_is_an_error),
        cmocka_unit_test(words_of_strangers_steer_no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
