/* action/digest: the mail that tells a recipient what is held for him, with a link for each.
 *
 * In: what is held, and the addresses of the pages, which somebody else made. Out: an RFC 5322 message, plain text, all of it ASCII on
 * the wire, in one language or both. Never: sends it; makes a link; tells one recipient of another.
 */
#pragma once
#include "action/action.h"

struct digest_item { /* one held message */
    struct span from, subject; /* a stranger's words; may be empty */
    struct span link;          /* the page of its pass; empty: nobody could make one */
    int64_t at, until;         /* held; kept */
    bool judged;
    enum verdict verdict;
};
enum { DIGEST_ITEMS_MOST = 20 };
struct digest {
    struct span organisation, sender, recipient; /* name; addresses */
    struct span id;            /* for the Message-ID: letters and digits */
    int64_t now;
    bool releases;             /* the links release; else they ask for it */
    bool en, ja;
    VEC(struct digest_item) items; /* at most DIGEST_ITEMS_MOST */
    size_t more;               /* held beside these */
};
void digest_mail_write(struct arena *arena, const struct digest *digest, struct buf *out);
