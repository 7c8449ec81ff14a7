/* door/bytes: a message's bytes as they arrive, written once: into memory that is sealed when it is whole, or, where they grow
 * beyond what may stay in memory, into a file without a name in the spool. What is handed on can only be read. */
#pragma once
#include "base/base.h"

struct bytes {
    int fd;          /* -1: nothing came yet */
    uint64_t length;
    bool spooled;
};
/* memory: how much may stay there; spool: a folder, empty: everything stays in memory. -1: err says why. */
int bytes_add(struct bytes *bytes, struct span piece, uint64_t memory, const char *spool, struct err *err);
int bytes_whole(struct bytes *bytes, struct err *err); /* the descriptor for reading, the caller's from then on; -1 */
void bytes_drop(struct bytes *bytes);
