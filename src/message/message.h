/* message: hostile bytes in; headers, addresses, parts, text, links, attachments and defects out.
 *
 * Zero-copy: spans point into the raw bytes where nothing had to be decoded, into the arena otherwise; both must outlive
 * the message. Never does I/O, never fails on odd mail: an oddity is a defect with its offset, and every limit that
 * was met is a defect too. Where readers would differ, each reading is enumerated per part and its leaves are added to
 * the same lists, marked with the reading they come from; readings of different parts are never combined.
 * Sources: RFC 5322, 6532, 2045-2049, 2047, 2231, 6854, 5321 4.1.2 (addresses), 7103 (malformed mail).
 */
#pragma once
#include "base/base.h"
#include "message/arrival.h"
#include "table/table.h"

struct url;

/* ---- defects: ids, names and sentences stand in message/defect.def */
enum defect_id {
#define DEFECT(id, name, en, ja) id,
#include "message/defect.def"
#undef DEFECT
    DEFECT_COUNT
};
struct defect {
    enum defect_id id;
    size_t offset;      /* in the raw message; SIZE_MAX where it has no place there */
    struct span detail; /* the words it rests on, at most 200 bytes; may be empty */
};
const char *defect_name(enum defect_id id);                /* "two-from-fields" */
const char *defect_text(enum defect_id id, bool japanese); /* one sentence for people */

/* ---- header fields */
enum field_id { /* the fields the program asks for by number; any other is FIELD_OTHER and asked for by name */
    FIELD_OTHER,
    FIELD_FROM, FIELD_SENDER, FIELD_REPLY_TO, FIELD_TO, FIELD_CC, FIELD_BCC, FIELD_SUBJECT, FIELD_DATE,
    FIELD_MESSAGE_ID, FIELD_IN_REPLY_TO, FIELD_REFERENCES, FIELD_RETURN_PATH, FIELD_RECEIVED, FIELD_DELIVERED_TO,
    FIELD_MIME_VERSION, FIELD_CONTENT_TYPE, FIELD_CONTENT_TRANSFER_ENCODING, FIELD_CONTENT_DISPOSITION,
    FIELD_CONTENT_ID, FIELD_CONTENT_DESCRIPTION, FIELD_CONTENT_LOCATION, FIELD_CONTENT_BASE,
    FIELD_DKIM_SIGNATURE, FIELD_AUTHENTICATION_RESULTS, FIELD_RECEIVED_SPF, FIELD_ARC_SEAL,
    FIELD_ARC_MESSAGE_SIGNATURE, FIELD_ARC_AUTHENTICATION_RESULTS, FIELD_LIST_ID, FIELD_LIST_UNSUBSCRIBE,
    FIELD_LIST_POST, FIELD_COUNT
};
struct field {
    enum field_id id;
    struct span name;   /* as written, without blanks before the colon */
    struct span value;  /* unfolded (line ends taken out, RFC 5322 2.2.3) and trimmed; not decoded */
    struct span raw;    /* after the colon up to, without, the last line end */
    struct span whole;  /* from the name to the last line end, with it */
};
typedef VEC(struct field) fields_t; /* the one typedef: a vector of an anonymous type cannot be named otherwise */

/* ---- addresses, RFC 5322 3.4 */
struct mailbox {
    struct span raw;          /* as written */
    struct span name;         /* display name or comment, encoded-words decoded, UTF-8; may be empty */
    struct span address;      /* local@domain as read, quotes kept where needed */
    struct span local;        /* unquoted */
    struct span domain;       /* as written */
    struct span domain_ascii; /* A-labels, lower case, no final dot; empty where it is no host name */
    struct span group;        /* RFC 6854: name of the group it stands in */
    size_t offset;            /* of raw in the message */
};
typedef VEC(struct mailbox) mailboxes_t;

/* ---- parts */
enum part_kind { PART_OTHER, PART_MULTIPART, PART_MESSAGE, PART_TEXT, PART_HTML, PART_CALENDAR, PART_TNEF, PART_IMAGE };
enum encoding { ENCODING_7BIT, ENCODING_8BIT, ENCODING_BINARY, ENCODING_BASE64, ENCODING_QUOTED_PRINTABLE, ENCODING_UUENCODE, ENCODING_UNKNOWN };
struct parameter {
    struct span name, value; /* RFC 2231 joined and decoded to UTF-8; name in lower case */
};
struct part {
    struct part *parent, *first_child, *next;
    struct span head, body; /* body as written, before decoding */
    fields_t fields;
    struct span type, subtype; /* lower case; text/plain by default, message/rfc822 inside multipart/digest */
    VEC(struct parameter) params;
    struct span boundary, charset;
    enum encoding encoding;
    struct span disposition; /* lower case, empty where none */
    struct span content_id;  /* without angle brackets */
    enum part_kind kind;
    unsigned depth;
    unsigned reading;       /* 0: the reading most programs agree on; above: the n-th alternative of an ambiguous part */
    struct span reading_of; /* what differs in this reading: "boundary", "encoding", "preamble", ...; docs/VIOLATIONS.md */
    VEC(struct span) names; /* every file name some reader could give it, UTF-8, likeliest first */
    bool attachment;        /* a reader would show it as a file */
    struct span decoded;    /* leaves: after transfer decoding (lenient); equal to body where nothing is decoded */
    struct span text;       /* text leaves and SVG: decoded as UTF-8 through the charset that holds; else empty */
    struct span sniffed;    /* media type by content, lower case; empty: not recognised */
    uint8_t sha256[32];     /* of decoded; only where attachment */
    struct html_view *html; /* PART_HTML and SVG of any kind: what message/html.h read in it; else NULL */
};

/* ---- links, of every part and reading */
enum link_kind { LINK_ANCHOR, LINK_AREA, LINK_FORM, LINK_IMAGE, LINK_BASE, LINK_REFRESH, LINK_CSS, LINK_TEXT, LINK_FRAME, LINK_SCRIPT, LINK_OTHER };
struct link {
    enum link_kind kind;
    struct span raw;        /* as written, character references decoded */
    const struct url *url;  /* message/url.h; NULL where it does not parse */
    struct span text;       /* anchor text or image alternative, as seen; empty for text links */
    bool hidden;            /* stands in text that a person does not see */
    bool image_only;        /* an anchor in which a picture is seen and no words: text is its alternative at best */
    const struct part *part;
};
const char *link_kind_name(enum link_kind kind);

/* ---- the message */
struct message {
    struct span raw, head, body;
    fields_t fields; /* of the top header, in order; its traces newest first */
    struct part *root;
    VEC(struct part *) leaves; /* of all readings, in order of the bytes */
    mailboxes_t from, sender, reply_to, to, cc;
    struct span subject;    /* decoded, UTF-8 */
    struct span message_id; /* with angle brackets, as written */
    int64_t date;           /* or TIME_UNKNOWN */
    VEC(struct link) links;
    VEC(struct defect) defects;
    unsigned readings;      /* alternative readings enumerated beyond the first */
    size_t decoded_bytes;   /* over all readings */
    unsigned html_nesting, part_count;
};

/* ---- limits; the defaults and what each is for stand in docs/LIMITS.md, made from message/limit.def */
struct message_limits {
#define LIMIT(name, value, en) size_t name;
#include "message/limit.def"
#undef LIMIT
};
void message_limits_default(struct message_limits *limits);

/* Reads arrival->raw. Never fails. tables may be NULL (then no suffix is known). */
void message_parse(struct arena *arena, const struct message_limits *limits, const struct tables *tables,
                   const struct arrival *arrival, struct message *out);

/* The n-th field (0: the topmost) of an id or a name; NULL where there is none. */
const struct field *message_field(const struct message *message, enum field_id id, size_t nth);
const struct field *message_field_named(const struct message *message, struct span name, size_t nth);

/* ---- pieces that other rooms read header values with */
/* RFC 2047 words decoded to UTF-8; text that is none is kept, 8-bit bytes read as UTF-8, else as windows-1252. */
struct span words_decode(struct arena *arena, struct span value);
/* RFC 5322 3.4 and 6854 with the usual faults; RFC 2047 in names decoded. At most `most` mailboxes; offsets are in value. */
void addresses_parse(struct arena *arena, struct span value, size_t most, mailboxes_t *out);
/* RFC 5322 3.2.2: the value without comments, quoted strings kept. */
struct span comments_strip(struct arena *arena, struct span value);
/* Bytes in a named charset to UTF-8 through ICU; unknown or wrong labels survive: *sure tells whether it was a guess. */
struct span charset_decode(struct arena *arena, struct span bytes, struct span charset, bool *sure);
struct span base64_decode(struct arena *arena, struct span text, bool *strict); /* lenient; *strict: RFC 4648 to the letter */
/* Domain to A-labels, lower case, by UTS 46; empty where it is none. */
struct span domain_to_ascii(struct arena *arena, struct span domain);
/* A-labels as readers would see them; empty where there is none, or it is no name that has such letters. Letters may look like others. */
struct span domain_to_unicode(struct arena *arena, struct span ascii);
