/* door/marked: a message with fields on top, without fields of certain names, and with the edits that a policy wants, piece by piece: its
 * header is written anew, what lies below is read where it lies, or is the edits'. */
#pragma once
#include "door/answer.h"
#include "door/bytes.h"

struct marked {
    struct span head; /* in the arena; the body too, where it was edited */
    int fd;           /* of the message; -1: it lies in small. Both are the source's */
    struct span small;
    uint64_t at, end; /* bytes of it that follow the head */
};
/* Of fields counts what is added and removed; of edits the header's and the body. Lines end as the message's first one does. A line "From "
 * of a mailbox stays the first. header_only: it ends behind the empty line. -1: it cannot be read; 1: nothing was made, for its header ends
 * nowhere within header_most, as much as is judged of it, and no edits can be made of such a one: without edits it is. */
int marked_make(struct arena *arena, const struct bytes *source, const struct header_wishes *fields, const struct edits *edits, uint64_t header_most,
                bool header_only, struct marked *out);
uint64_t marked_length(const struct marked *marked);
/* The next bytes below the head, at most `most`; -1: they cannot be read; 0: all were. */
long marked_read(struct marked *marked, char *to, size_t most);
