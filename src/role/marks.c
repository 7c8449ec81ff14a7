/* marks: with which messages a judge has begun, as whoever gave them sees it even after the judge's end: one page that both hold. */
#include "role/inner.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { LOOKED = 256, MARKS_MOST = 4096 };

struct marks { /* one number a slot: the serial and one more, or zero */
    int fd;
    uint64_t *at;
    size_t count;
};

struct marks *marks_new(size_t slots)
{
    struct marks *marks = calloc(1, sizeof *marks);
    if (!marks)
        abort();
    *marks = (struct marks){.fd = memfd_create("marks", MFD_CLOEXEC), .count = slots};
    if (marks->fd >= 0 && ftruncate(marks->fd, (off_t)(slots * sizeof *marks->at)) == 0)
        marks->at = mmap(NULL, slots * sizeof *marks->at, PROT_READ | PROT_WRITE, MAP_SHARED, marks->fd, 0);
    if (!marks->at || marks->at == MAP_FAILED)
        abort();
    return marks;
}

void marks_free(struct marks **marks)
{
    if (!*marks)
        return;
    munmap((*marks)->at, (*marks)->count * sizeof *(*marks)->at);
    close((*marks)->fd);
    free(*marks);
    *marks = NULL;
}

int marks_fd(const struct marks *marks)
{
    return marks->fd;
}

void marks_begin(struct marks *marks, size_t slot, uint32_t serial)
{
    __atomic_store_n(&marks->at[slot], (uint64_t)serial + 1, __ATOMIC_SEQ_CST); /* before any byte of the message is looked at */
}

void marks_end(struct marks *marks, size_t slot)
{
    __atomic_store_n(&marks->at[slot], 0, __ATOMIC_SEQ_CST);
}

bool marks_has(int fd, uint32_t serial)
{
    uint64_t looked[LOOKED];
    struct stat about;
    ssize_t got;
    if (fd < 0)
        return false;
    if (fstat(fd, &about) < 0 || !S_ISREG(about.st_mode))
        return true;
    for (off_t at = 0; at < (off_t)(MARKS_MOST * sizeof *looked) && (got = pread(fd, looked, sizeof looked, at)) > 0; at += got)
        for (size_t i = 0; i < (size_t)got / sizeof *looked; i++)
            if (looked[i] == (uint64_t)serial + 1)
                return true;
    return false;
}

size_t marks_count(int fd)
{
    uint64_t looked[LOOKED];
    ssize_t got;
    size_t count = 0;
    if (fd < 0)
        return SIZE_MAX;
    for (off_t at = 0; at < (off_t)(MARKS_MOST * sizeof *looked) && (got = pread(fd, looked, sizeof looked, at)) > 0; at += got)
        for (size_t i = 0; i < (size_t)got / sizeof *looked; i++)
            count += looked[i] != 0;
    return count;
}
