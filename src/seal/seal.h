/* seal: the keyed header field by which our own mailboxes recognise what passed here.
 *
 *   X-Sekimori-Seal: v=1; k=KEY; r=RECORD; t=SECONDS; m=MESSAGE-ID; d=PARTS; h=HMAC
 *
 * m is a digest of the Message-ID, d one of the decoded parts, h HMAC-SHA256 over all that stands before it. Since the digests
 * stand in the field, a seal still tells whose it is and which record it belongs to where the message was changed after it.
 * In: messages, and secrets as bytes. Out: fields, digests, and what a seal shows. Never: reads a file, a clock or a random
 * source; covers header fields (who compares From and Subject takes them from the record); names a recipient.
 *
 * What d tolerates, for mail servers rightly do it: CRLF, LF and any run of CR as line ends; another transfer encoding (7bit, 8bit, base64,
 * quoted-printable); header fields that are added, removed, folded or put in another order; boundaries, preamble and epilogue;
 * blank lines at the end of a part; Content-Disposition, Content-ID and the label us-ascii; a Message-ID where there was none.
 * What changes it: any other byte of a decoded part, its media type, charset or file name; parts that come, go or change places;
 * names, subject and date of an attached message. Where a message can be read in more ways than one, or met a limit, d
 * covers the body as it is written too, and then a new transfer encoding or boundary is a change.
 */
#pragma once
#include "base/base.h"
#include "message/message.h"

#define SEAL_FIELD "X-Sekimori-Seal"
enum { SEAL_ID_BYTES = 16, SEAL_DIGEST_BYTES = 32, SEAL_SECRET_BYTES = 32, SEAL_MEASURE_BYTES = SEAL_ID_BYTES + SEAL_DIGEST_BYTES, SEALS_MOST = 8 };

struct seal_measure { /* of a message: what a seal is compared with */
    uint8_t message_id[SEAL_ID_BYTES];
    uint8_t parts[SEAL_DIGEST_BYTES];
};
/* false: the message is larger than the limit and was not read whole; then there is nothing to compare. */
bool seal_measure(const struct message *message, struct seal_measure *out);
bool seal_measure_fits(struct span bytes); /* as a judge sent them: those of a measure, or none */

struct seal { /* as a field says it */
    struct span key, record;
    int64_t at;
    struct seal_measure measure;
    uint8_t hmac[SEAL_DIGEST_BYTES];
};
bool seal_names_are_plain(struct span key, struct span record); /* ids as ours are: 8 to 40 small letters and digits */
/* The value of the field, on one line, blanks where it may be folded; also puts the HMAC into *seal. */
struct span seal_write(struct arena *arena, struct seal *seal, struct span secret);
bool seal_read(struct span value, struct seal *out); /* points into value; false: it is no such value */
bool seal_holds(const struct seal *seal, struct span secret); /* in a time that tells nothing */

/* ---- seals of one message */
enum seal_state {
    SEAL_NONE,
    SEAL_UNCHECKED,   /* nobody who holds the keys was asked, or none answered */
    SEAL_MALFORMED,   /* no seal, or of a version that is not known */
    SEAL_UNKNOWN_KEY, /* of another house, or of a key that is gone */
    SEAL_FORGED,      /* it names a key of ours, which did not make it */
    SEAL_MOVED,       /* ours, of another message: the Message-ID differs */
    SEAL_CHANGED,     /* ours, and the parts were changed after it */
    SEAL_GOOD,        /* ours, and unchanged */
    SEAL_SEVERAL,     /* of a message: more than one field */
};
const char *seal_state_name(enum seal_state state); /* "unknown-key" */
struct seal_found {
    struct seal seal; /* not of MALFORMED */
    enum seal_state state;
};
struct seals {
    VEC(struct seal_found) list; /* topmost first, at most SEALS_MOST */
    size_t fields;               /* that the message bears */
};
void seals_find(struct arena *arena, const struct message *message, struct seals *out); /* MALFORMED or UNCHECKED each */
/* What the keys said of one: the key is known or not, and made it or not. measure NULL: the message could not be read whole; UNCHECKED. */
enum seal_state seal_judge(const struct seal *seal, bool known, bool holds, const struct seal_measure *measure);
enum seal_state seals_state(const struct seals *seals); /* of the message as a whole */
