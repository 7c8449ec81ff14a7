#include "door/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

int bytes_add(struct bytes *bytes, struct span piece, uint64_t memory, const char *spool, struct err *err)
{
    if (bytes->fd < 0)
        bytes->fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (bytes->fd < 0)
        return err_set(err, "no memory for a message: %s", strerror(errno));
    if (spool[0] && !bytes->spooled && bytes->length + piece.len > memory && spool_move(bytes, spool, err) < 0)
        return -1;
    if (write_all(bytes->fd, piece, err) < 0)
        return -1;
    bytes->length += piece.len;
    return 0;
}

int bytes_whole(struct bytes *bytes, struct err *err)
{
    char path[64];
    if (!bytes->spooled && fcntl(bytes->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return err_set(err, "the message cannot be sealed: %s", strerror(errno));
    snprintf(path, sizeof path, "/proc/self/fd/%d", bytes->fd);
    int fd = bytes->spooled ? open(path, O_RDONLY | O_CLOEXEC) : bytes->fd;
    if (fd < 0)
        return err_set(err, "the message cannot be opened for reading: %s", strerror(errno));
    if (bytes->spooled)
        close(bytes->fd);
    bytes->fd = -1;
    return fd;
}

void bytes_drop(struct bytes *bytes)
{
    if (bytes->fd >= 0)
        close(bytes->fd);
    *bytes = (struct bytes){.fd = -1};
}
