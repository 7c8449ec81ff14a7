/* seal/pass: what a token says that we put into mail and that a reader brings back: which link of which record may be passed, or which
 * held message asked for or released; for whom, and until when.
 *
 * The signer seals pass_write's bytes as a token of the purpose pass_purpose (seal/token.h, FRAME_TOKEN); what FRAME_OPEN gives back is
 * read by pass_read. A token of one kind opens as no other. The reader stands in no token: whoever holds one may bring it, so that it
 * says for which of the record's recipients it was made, and nothing is done by it for any other.
 * In: records' ids, addresses of recipients. Out: bytes, the address of a page, and what they say again. Never: reads a clock, a key; goes
 * where a target leads.
 */
#pragma once
#include "base/base.h"

enum pass_kind { PASS_LOCK, PASS_DOUBLE_LOCK, PASS_RELEASE, PASS_ASK, PASS_COUNT };
const char *pass_kind_name(enum pass_kind kind); /* "double-lock" */
bool pass_kind_by_name(struct span name, enum pass_kind *out);
struct span pass_purpose(enum pass_kind kind);   /* of its tokens: "pass double-lock" */

enum { PASS_KEY_BYTES = 16, PASS_WHOM_BYTES = 16, PASS_ONCE_BYTES = 16, PASS_TARGET_MOST = 3000, PASS_TEXT_MOST = 4096 };
struct pass {
    enum pass_kind kind;
    struct span record;  /* its id, as the judge gave it */
    struct span key;     /* PASS_KEY_BYTES: of the record, the same for each try of one message, of which the first one's record stays; may be empty */
    struct span org;     /* the organisation of the recipients; may be empty */
    uint32_t link;       /* of a lock: its number in message->links */
    int64_t until;       /* seconds; from then on it is over */
    struct span once;    /* it holds once: PASS_ONCE_BYTES that whoever made it knows (the ticket of a held message); empty: until it is over */
    struct span target;  /* of a lock: where it leads; empty where that is longer than PASS_TARGET_MOST: then nobody can go there by the page */
    struct span places;  /* whom it is for: see pass_name */
    struct span whom;    /* PASS_WHOM_BYTES: a digest of them */
};
/* The recipients that it is for, of all that the record has: those for which meant[i] holds. Order and repetitions make no difference. */
void pass_name(struct arena *arena, struct pass *pass, const struct span *addresses, size_t count, const bool *meant);
typedef VEC(struct span) pass_names_t;
/* They again, from all that the record has now. False: they are not among them: it is another's pass, or one of them was forgotten. */
bool pass_names(struct arena *arena, const struct pass *pass, const struct span *addresses, size_t count, pass_names_t *out);

/* The text of its token. -1: the target, or an id, is too long. */
int pass_write(struct arena *arena, const struct pass *pass, struct span *text, struct err *err);
bool pass_read(struct span text, enum pass_kind kind, struct pass *out); /* points into text */

/* Where its page is: BASE/double-lock/TOKEN. base: of the configuration, without a final slash. */
struct span pass_address(struct arena *arena, struct span base, enum pass_kind kind, struct span token);
#define PASS_NONE S("none") /* stands where a token should: a link was to be locked, and nobody gave a pass */
/* From the path of a request, whatever of BASE a proxy left before it. False: it is no such page. */
bool pass_path(struct span path, enum pass_kind *kind, struct span *token);
