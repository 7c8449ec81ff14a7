/* role/cleaned: a message on its way out of the hold without those fields of its header whose names are ours: what a sender wrote there is
 * a lie, and nobody else stands between the courier and the mailbox.
 *
 * In: the message's bytes as they came, piece by piece. Out: the same bytes in the same order, but for the lines of such fields, with the
 * lines that are folded below them. A CR alone ends a line here as it does on the wire. Never: touches a byte below the first empty line. */
#pragma once
#include "base/base.h"

enum { CLEANED_HELD_MOST = 32 }; /* bytes at the front of a line that wait until its name is known */
struct cleaned {                 /* begins as zeros */
    enum { CLEANED_NAME, CLEANED_KEEPS, CLEANED_DROPS, CLEANED_BELOW } at;
    bool dropped;                /* the field before, to which a folded line belongs */
    bool cr;                     /* the byte before was one, and its line's end */
    size_t len;
    char name[CLEANED_HELD_MOST];
};
/* How many bytes were written to out, which has room for piece.len + CLEANED_HELD_MOST. last: nothing follows. */
size_t cleaned_take(struct cleaned *cleaned, struct span piece, bool last, char *out);
