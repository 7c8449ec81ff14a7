#include "door/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int write_all(int fd, struct span piece, struct err *err)
{
    while (piece.len) {
        ssize_t written = write(fd, piece.at, piece.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_set(err, "the message cannot be written: %s", strerror(errno));
        piece = span_skip(piece, (size_t)written);
    }
    return 0;
}

static int spool_move(struct bytes *bytes, const char *spool, struct err *err)
{
    int fd = open(spool, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    off_t at = 0;
    if (fd < 0)
        return err_set(err, "%s: no file can be made there for a large message: %s", spool, strerror(errno));
    while ((uint64_t)at < bytes->length)
        if (sendfile(fd, bytes->fd, &at, (size_t)(bytes->length - (uint64_t)at)) <= 0) {
            err_set(err, "%s: a large message cannot be written: %s", spool, strerror(errno));
            close(fd);
            return -1;
        }
    close(bytes->fd);
    bytes->fd = fd;
    bytes->spooled = true;
    return 0;
}

static int small_add(struct bytes *bytes, struct span piece, struct err *err)
{
    char *grown = realloc(bytes->small, bytes->length + piece.len);
    if (!grown)
        return err_set(err, "no memory for a message");
    memcpy(grown + bytes->length, piece.at, piece.len);
    bytes->small = grown;
    return 0;
}

/* It is not small any more. */
static int file_begin(struct bytes *bytes, struct err *err)
{
    bytes->fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (bytes->fd < 0)
        return err_set(err, "no memory for a message: %s", strerror(errno));
    if (write_all(bytes->fd, (struct span){bytes->small, bytes->length}, err) < 0)
        return -1;
    free(bytes->small);
    bytes->small = NULL;
    return 0;
}

int bytes_add(struct bytes *bytes, struct span piece, uint64_t memory, const char *spool, struct err *err)
{
    uint64_t length = bytes->length + piece.len;
    bool small = bytes->fd < 0 && length <= BYTES_SMALL && length <= memory;
    if (small ? small_add(bytes, piece, err) < 0 : bytes->fd < 0 && file_begin(bytes, err) < 0)
        return -1;
    if (spool[0] && !bytes->spooled && length > memory && spool_move(bytes, spool, err) < 0)
        return -1;
    if (!small && write_all(bytes->fd, piece, err) < 0)
        return -1;
    bytes->length = length;
    return 0;
}

static int memory_seal(int fd, struct err *err)
{
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return err_set(err, "the message cannot be sealed: %s", strerror(errno));
    return 0;
}

/* Opened once more, for reading only. */
static int spooled_whole(struct bytes *bytes, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", bytes->fd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "the message cannot be opened for reading: %s", strerror(errno));
    close(bytes->fd);
    return fd;
}

int bytes_whole(struct bytes *bytes, int *fd, struct span *small, struct err *err)
{
    *fd = -1;
    *small = (struct span){bytes->small, bytes->small ? bytes->length : 0};
    if (bytes->spooled)
        *fd = spooled_whole(bytes, err);
    else if (bytes->fd >= 0 && memory_seal(bytes->fd, err) == 0)
        *fd = bytes->fd;
    if (*fd < 0 && !bytes->small)
        return -1;
    bytes->fd = -1;
    bytes->small = NULL;
    return 0;
}

void bytes_again(struct span small, int fd, uint64_t length, struct bytes *out)
{
    *out = (struct bytes){.fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3), .length = fd < 0 ? small.len : length};
    if (fd < 0 && small.len && !(out->small = malloc(small.len)))
        abort();
    if (out->small)
        memcpy(out->small, small.at, small.len);
}

int bytes_sealed(struct span piece)
{
    struct err err;
    struct bytes bytes = {.fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (bytes.fd < 0)
        return -1;
    if (write_all(bytes.fd, piece, &err) < 0 || memory_seal(bytes.fd, &err) < 0)
        bytes_drop(&bytes);
    return bytes.fd;
}

/* The file's place is its owner's. */
static int file_append(int to, int from, uint64_t length, struct err *err)
{
    char piece[1 << 16];
    for (uint64_t at = 0; at < length;) {
        size_t want = length - at < sizeof piece ? (size_t)(length - at) : sizeof piece;
        ssize_t got = pread(from, piece, want, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || write_all(to, (struct span){piece, (size_t)got}, err) < 0)
            return -1;
        at += (uint64_t)got;
    }
    return 0;
}

int bytes_joined(struct span small, int fd, uint64_t length, const struct span *more, size_t count)
{
    struct err err;
    struct bytes bytes = {.fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (bytes.fd < 0)
        return -1;
    int done = fd >= 0 ? file_append(bytes.fd, fd, length, &err) : write_all(bytes.fd, small, &err);
    for (size_t i = 0; i < count && done == 0; i++)
        done = write_all(bytes.fd, more[i], &err);
    if (done < 0 || memory_seal(bytes.fd, &err) < 0)
        bytes_drop(&bytes);
    return bytes.fd;
}

void bytes_drop(struct bytes *bytes)
{
    if (bytes->fd >= 0)
        close(bytes->fd);
    free(bytes->small);
    *bytes = (struct bytes){.fd = -1};
}
