/* door/bytes: a message's bytes as they arrive, written once: a small message's into memory of the door's own, of which others get
 * copies; a larger one's into memory that is sealed when it is whole, or, where they grow beyond what may stay in memory, into a file
 * without a name in the spool. What is handed on can only be read. */
#pragma once
#include "base/base.h"

enum { BYTES_SMALL = 32 << 10 }; /* most messages are; a copy costs less than a file of its own */
struct bytes {
    char *small;     /* the bytes of a small message */
    int fd;          /* of a larger one; -1: it is small, or nothing came yet */
    uint64_t length;
    bool spooled;
};
/* memory: how much may stay there; spool: a folder, empty: everything stays in memory. -1: err says why. */
int bytes_add(struct bytes *bytes, struct span piece, uint64_t memory, const char *spool, struct err *err);
/* All has come. fd for reading, or -1 and small, from malloc; either is the caller's from then on. -1: err says why. */
int bytes_whole(struct bytes *bytes, int *fd, struct span *small, struct err *err);
/* The same bytes once more: of fd, or where that is -1 the small ones; those stay the caller's. */
void bytes_again(struct span small, int fd, uint64_t length, struct bytes *out);
int bytes_sealed(struct span bytes); /* a descriptor of such bytes for reading, the caller's; -1: there is no memory */
/* The same of several pieces, one behind the other: `length` bytes of fd, or where that is -1 the small one; then the others. */
int bytes_joined(struct span small, int fd, uint64_t length, const struct span *more, size_t count);
void bytes_drop(struct bytes *bytes);
