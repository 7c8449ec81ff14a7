/* role/holding: whose copy of a message is held, and what of it is told to whoever brings the message again.
 *
 * In: a message as a door handed it over, its bytes in the spool, and what is known of its copies since the first time. Out: rows of those that
 * are to lie there now. Being known switches nothing off: who has no copy here, or one whose time was over, gets what is judged now; who has
 * one keeps it as it is, and is held for once. Never: opens or ends a transaction, decides what is held.
 */
#pragma once
#include "record/held.h"
#include "role/duty.h"
#include "role/service.h"

struct holding {
    struct store *store;
    struct spool *spool;
    int64_t seconds, confirm_wait; /* how long what is held lies there; how much longer where somebody waits for a person */
};
struct held_bytes { /* put into the spool for this message */
    struct span file;
    uint64_t size; /* of the file */
};
enum held_how {
    HELD_NOTHING,  /* all who are to be held for have their copies: the bytes are removed */
    HELD_ONE_MORE, /* one more message lies there */
    HELD_AS_MANY,  /* there is more of one that did */
    HELD_FAILED,   /* err; nothing was written, and the bytes are removed */
    HELD_SPOILT,   /* err; rows were: the transaction may not stay */
};
/* In a transaction. id: of the record; first: no such message was known. */
enum held_how holding_write(const struct holding *at, struct arena *arena, struct span id, const struct keep_row *row, bool first, struct held_bytes *bytes,
                            struct err *err);
/* Of a message that was known, with out->id: held and served, see struct kept. */
int holding_tell(const struct holding *at, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err);
