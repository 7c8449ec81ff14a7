/* door/rspamd_answer: an answer in Rspamd's JSON, and behind it the changed message for whoever asked for it.
 *
 * In: an answer with the edits that are to be told. Out: what goes as it is told into milter.remove_headers (0: all of that name; n: the n-th),
 * milter.add_headers (each name once, a text) and subject; the block as Rspamd 3.4 writes it: the message with its new body, to servers that
 * speak milter the body alone. Fields that belong to a body (Content-*) go with it. Never: tells what the client did not say that it takes. */
#pragma once
#include "door/answer.h"
#include "door/bytes.h"

struct rspamd_takes { /* what a client says of itself: Flags: body_block,milter; Milter: yes */
    bool block;  /* a changed message, or body, behind the JSON */
    bool milter; /* of that the body alone, for it changes fields by itself */
};
void rspamd_takes_field(struct span name, struct span value, struct rspamd_takes *out);
struct rspamd_answer {
    struct span text;  /* the JSON, and the block behind it */
    size_t block_at;   /* where that begins; 0: there is none */
};
/* source: the message again, where its header is wanted; its edits of the body are not told where it cannot be read or its header is larger than
 * header_most, and *answer is without its seal then. seconds: how long it took. */
void rspamd_answer(struct arena *arena, struct answer *answer, const struct rspamd_takes *takes, const struct bytes *source, uint64_t header_most, double seconds,
                   struct rspamd_answer *out);
