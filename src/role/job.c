/* job: the bytes of a message that was handed over, as a judge reads them: a copy of its own, which nobody changes under it. */
#include "role/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

/* mboxrd: one '>' comes off every line of the kind ">From ", ">>From ". In place; what is left is as long or shorter. */
static size_t mbox_undo(char *at, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len;) {
        char *end = memchr(at + i, '\n', len - i);
        size_t line = end ? (size_t)(end - (at + i)) + 1 : len - i, quotes = 0;
        while (quotes < line && at[i + quotes] == '>')
            quotes++;
        size_t skip = quotes && span_starts((struct span){at + i + quotes, line - quotes}, S("From ")) ? 1 : 0;
        memmove(at + kept, at + i + skip, line - skip);
        kept += line - skip;
        i += line;
    }
    return kept;
}

static int file_read(struct arena *arena, const struct scan_job *job, size_t most, struct span *raw, struct err *err)
{
    size_t want = job->length > most ? most + 1 : job->length, got = 0; /* one byte too many tells the reader that it was cut */
    char *at = arena_alloc(arena, want + 1);
    while (got < want) {
        ssize_t now = pread(job->fd, at + got, want - got, (off_t)(job->offset + got));
        if (now < 0 && errno == EINTR)
            continue;
        if (now < 0)
            return err_set(err, "cannot be read: %s", strerror(errno));
        if (now == 0)
            break; /* it shrank meanwhile */
        got += (size_t)now;
    }
    *raw = (struct span){at, got};
    return 0;
}

int job_read(struct arena *arena, const struct scan_job *job, size_t most, struct span *raw, struct err *err)
{
    if (job->fd < 0 && job->arrival.raw.len)
        *raw = arena_copy(arena, span_first(job->arrival.raw, most + 1));
    else if (file_read(arena, job, most, raw, err) < 0)
        return -1;
    if (job->mbox)
        raw->len = mbox_undo((char *)(uintptr_t)raw->at, raw->len);
    return 0;
}

int job_file(const struct scan_job *job)
{
    struct span raw = job->arrival.raw;
    if (job->fd >= 0)
        return fcntl(job->fd, F_DUPFD_CLOEXEC, 3);
    int fd = memfd_create("message", MFD_CLOEXEC);
    if (fd >= 0 && (write(fd, raw.at, raw.len) != (ssize_t)raw.len || lseek(fd, 0, SEEK_SET) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}
