/* role/copies: what is to be kept of a message, as a door sent it, made into what the record keeps: a copy for each recipient who has one, an
 * original beside where one is wanted, and one for each address that gets the message besides. Whoever is named twice, and is to have the same both
 * times, has one: else it would be delivered to him as often. Never: trusts more than keep_row_unpack has looked at. */
#pragma once
#include "record/held.h"
#include "role/keep.h"

/* id: of the record; waits: until when those wait that a person is to agree to; first: the message was not here before, so that those beside get
 * theirs. Points into the row. Whether any waits. */
bool row_copies(struct arena *arena, const struct keep_row *row, struct span id, int64_t waits, bool first, struct held_copies *out);
