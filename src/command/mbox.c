#include "command/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 256 * 1024, LINE = 1024 };

struct mbox {
    int fd;
    uint64_t at;   /* of the next postmark */
    uint64_t base; /* of the window in the file */
    size_t len;
    char window[WINDOW];
};

static bool is_name_of(struct span word, const char *names)
{
    if (word.len != 3)
        return false;
    for (const char *at = names; *at; at += 3)
        if (span_eq_case(word, (struct span){at, 3}))
            return true;
    return false;
}

bool mbox_is_postmark(struct span line)
{
    if (!span_starts(line, S("From ")))
        return false;
    struct span rest = span_skip(line, 5), word, earlier = {0};
    if (span_trim(rest).len == 0)
        return true; /* Thunderbird writes it bare */
    while (span_word(&rest, &word)) {
        if (is_name_of(earlier, "SunMonTueWedThuFriSat") && is_name_of(word, "JanFebMarAprMayJunJulAugSepOctNovDec"))
            return span_word(&rest, &word) && span_number(word, 31, &(uint64_t){0}) && span_word(&rest, &word) &&
                   span_find_byte(word, ':');
        earlier = word;
    }
    return false;
}

/* Fills the window from an offset; at least `want` bytes where the file has them. */
static int window_load(struct mbox *mbox, uint64_t offset, struct err *err)
{
    mbox->base = offset;
    mbox->len = 0;
    while (mbox->len < WINDOW) {
        ssize_t got = pread(mbox->fd, mbox->window + mbox->len, WINDOW - mbox->len, (off_t)(offset + mbox->len));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, "cannot be read: %s", strerror(errno));
        if (got == 0)
            break;
        mbox->len += (size_t)got;
    }
    return 0;
}

static struct span window_from(const struct mbox *mbox, size_t at)
{
    return (struct span){mbox->window + at, mbox->len - at};
}

static struct span first_line(struct span bytes)
{
    const char *end = span_find_byte(span_first(bytes, LINE), '\n');
    return end ? span_from(bytes.at, end) : span_first(bytes, LINE);
}

bool mbox_begins(int fd)
{
    char start[LINE];
    ssize_t got = pread(fd, start, sizeof start, 0);
    return got > 0 && mbox_is_postmark(first_line((struct span){start, (size_t)got}));
}

struct mbox *mbox_new(int fd)
{
    struct mbox *mbox = malloc(sizeof *mbox);
    if (!mbox)
        abort();
    mbox->fd = fd;
    mbox->at = mbox->base = 0;
    mbox->len = 0;
    return mbox;
}

void mbox_free(struct mbox **mbox)
{
    if (!*mbox)
        return;
    close((*mbox)->fd);
    free(*mbox);
    *mbox = NULL;
}

int mbox_fd(const struct mbox *mbox)
{
    return mbox->fd;
}

/* Does an empty line end just before the line feed at `at` of the window? Then what follows may be a postmark. */
static bool is_after_empty_line(const struct mbox *mbox, size_t at)
{
    const char *w = mbox->window;
    if (at >= 1 && w[at - 1] == '\n')
        return true;
    return at >= 2 && w[at - 1] == '\r' && w[at - 2] == '\n';
}

/* The next postmark whose line feed before it stands at or after `from`: 1 and *found; 0: none in the window, and
 * *again tells from where the next window goes on; */
static int window_search(const struct mbox *mbox, size_t from, bool last, uint64_t *found, uint64_t *again)
{
    struct span rest = window_from(mbox, from);
    for (const char *hit; (hit = span_find(rest, S("\nFrom "))); rest = span_from(hit + 1, mbox->window + mbox->len)) {
        size_t at = (size_t)(hit - mbox->window);
        if (!is_after_empty_line(mbox, at))
            continue;
        if (!last && mbox->len - at < LINE + 1) {
            *again = mbox->base + at;
            return 0;
        }
        if (mbox_is_postmark(first_line(window_from(mbox, at + 1)))) {
            *found = mbox->base + at + 1;
            return 1;
        }
    }
    *again = mbox->base + mbox->len - (mbox->len > 6 ? 6 : mbox->len);
    return 0;
}

/* Where the message that starts at `start` ends: at the next postmark, or with the file. */
static int message_end(struct mbox *mbox, uint64_t start, uint64_t *end, struct err *err)
{
    uint64_t at = start > 2 ? start - 2 : 0;
    for (;;) {
        uint64_t back = at >= 2 ? 2 : at; /* an empty line is told by what stands before */
        bool in_window = at - back >= mbox->base && at + LINE < mbox->base + mbox->len;
        if (!in_window && window_load(mbox, at - back, err) < 0)
            return -1;
        bool last = mbox->len < WINDOW;
        uint64_t again;
        if (window_search(mbox, (size_t)(at - mbox->base), last, end, &again))
            return 0;
        if (last) {
            *end = mbox->base + mbox->len;
            return 0;
        }
        at = again;
    }
}

/* The empty line before a postmark belongs to the mbox, not to the message. */
static uint64_t without_empty_line(struct mbox *mbox, uint64_t start, uint64_t end)
{
    char tail[4];
    uint64_t look = end - start < sizeof tail ? end - start : sizeof tail;
    ssize_t got = pread(mbox->fd, tail, look, (off_t)(end - look));
    struct span s = {tail, got > 0 ? (size_t)got : 0};
    if (span_ends_case(s, S("\n\r\n")))
        return end - 2;
    return span_ends_case(s, S("\n\n")) ? end - 1 : end;
}

bool mbox_at_end(const struct mbox *mbox)
{
    char byte;
    return pread(mbox->fd, &byte, 1, (off_t)mbox->at) <= 0;
}

int mbox_next(struct mbox *mbox, uint64_t *offset, uint64_t *length, struct err *err)
{
    bool in_window = mbox->at >= mbox->base && mbox->at + LINE < mbox->base + mbox->len;
    if (!in_window && window_load(mbox, mbox->at, err) < 0)
        return -1;
    struct span rest = window_from(mbox, (size_t)(mbox->at - mbox->base));
    if (!rest.len)
        return 0;
    const char *line_end = span_find_byte(rest, '\n');
    uint64_t start = mbox->at + (line_end ? (size_t)(line_end - rest.at) + 1 : rest.len), end;
    if (message_end(mbox, start, &end, err) < 0)
        return -1;
    *offset = start;
    *length = end > start ? without_empty_line(mbox, start, end) - start : 0;
    mbox->at = end > start ? end : start;
    return 1;
}
