/* role/digest: the keeper's digests: once a day, for each organisation that wants them, a mail to each recipient for whom mail was held
 * since the last one, with a pass for each message that the signer makes a token of.
 *
 * A mail is a job of the outbox, written once for a recipient and day, whatever dies meanwhile; an organisation's recipients are told
 * when the last is written. Never: tells a recipient of what is another's; waits. */
#pragma once
#include "role/dispatch.h"
#include "role/service.h"
#include "store/store.h"

struct digest_rounds;
struct digest_rounds *digest_rounds_new(struct store *store, struct span settings); /* neither becomes its own; settings packed, may be empty */
void digest_rounds_free(struct digest_rounds **rounds);
void digest_signer(struct digest_rounds *rounds, struct channel *signer); /* stays the caller's; NULL: there is none (any more) */
void digest_signed(struct digest_rounds *rounds, const struct frame *frame); /* of FRAME_SIGNED */
int64_t digest_turn(struct digest_rounds *rounds, struct moment at); /* no transaction is open; when it wants to be called again, in ms */
