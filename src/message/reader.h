/* message/reader: the state of reading one message. Inner header of the room. */
#pragma once
#include "message/message.h"

struct reader {
    struct arena *arena;
    const struct message_limits *limits;
    struct message *out;
    struct span text;       /* the bytes that `spans in place` point into: the raw message, or a decoded attached one */
    size_t text_offset;     /* where text stands in the raw message, if it is not a part of it */
    bool cr_ends;           /* a carriage return alone ends a line, in this reading */
    unsigned reading;       /* 0: the first reading, where others are looked for */
    struct span reading_of;
    size_t again;           /* bytes gone through in other readings */
    uint64_t told[(DEFECT_COUNT + 63) / 64]; /* defects that are told once a message */
};

/* at: where it shows, inside reader->text or elsewhere; NULL: no place. */
void defect_add(struct reader *reader, enum defect_id id, const char *at, struct span detail);
/* Does `at` point into bytes? */
static inline bool place_in(struct span bytes, const char *at)
{
    return at >= bytes.at && at <= bytes.at + bytes.len;
}
void defect_add_once(struct reader *reader, enum defect_id id, const char *at, struct span detail);
void defect_keep(struct arena *arena, const struct message_limits *limits, struct message *message, struct defect defect);

/* The line's content ends at the result; *next is the start of the next line. at < end. */
static inline const char *line_end(bool cr_ends, const char *at, const char *end, const char **next)
{
    const char *stop;
    if (cr_ends) {
        for (stop = at; stop < end && *stop != '\n' && *stop != '\r'; stop++)
            ;
        *next = stop + (stop < end);
        if (*next < end && stop[0] == '\r' && **next == '\n')
            ++*next;
        return stop;
    }
    stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) {
        *next = end;
        return end;
    }
    *next = stop + 1;
    while (stop > at && stop[-1] == '\r')
        stop--;
    return stop;
}

/* ---- fields.c: the header block of one entity */
struct head {
    fields_t fields;
    struct span head, body;
    const char *other_body; /* where the body begins for programs that end the header elsewhere; NULL: nowhere else */
    struct span other_why;
};
void head_read(struct reader *reader, struct span entity, struct head *out);
const struct field *field_of(const fields_t *fields, enum field_id id, size_t nth);

/* ---- parameters.c: "type/subtype; name=value; ..." */
struct content {
    struct span value; /* what stands before the first semicolon, comments off, lower case */
    VEC(struct parameter) params; /* as the face says; a name given twice stands twice, likeliest first */
    VEC(struct span) file_names;  /* every value of name and filename that a reader could take */
    unsigned faults;              /* bits of enum content_fault */
};
enum content_fault { CONTENT_COMMENT = 1, CONTENT_TWICE = 2, CONTENT_WORD = 4, CONTENT_PIECES = 8, CONTENT_ODD = 16, CONTENT_MANY = 32 };
void part_content_read(struct arena *arena, struct span value, size_t most, struct content *out);
struct span content_param(const struct content *content, struct span name);

/* ---- address.c */
enum address_fault {
    ADDRESS_SYNTAX = 1, ADDRESS_WORD = 2, ADDRESS_MANY_AT = 4, ADDRESS_NO_DOMAIN = 8, ADDRESS_DOMAIN_BAD = 16, ADDRESS_ROUTE = 32,
    ADDRESS_IN_NAME = 64, ADDRESS_TWO_ANGLES = 128, ADDRESS_CONTROL = 256, ADDRESS_GROUP = 512, ADDRESS_TOO_MANY = 1024
};
unsigned addresses_read(struct arena *arena, struct span value, size_t most, mailboxes_t *out); /* bits of enum address_fault */

/* ---- words.c */
enum word_fault { WORD_BAD = 1, WORD_CONTROL = 2 };
struct span words_read(struct arena *arena, struct span value, unsigned *faults);
bool text_has_bidi(struct span utf8); /* characters that turn the direction of writing */

/* ---- charset.c */
struct span text_decode(struct arena *arena, struct span bytes, bool *guess); /* no label: UTF-8, else windows-1252 */
bool charset_is_known(struct span charset);
bool utf8_is_valid(struct span text); /* span_is_utf8, fast on ASCII */

/* ---- encoding.c: transfer encodings. `offset` of the first oddity in the input. */
enum decode_fault { DECODE_JUNK = 1, DECODE_PADDING = 2, DECODE_CUT = 4, DECODE_ESCAPE = 8, DECODE_BLANK = 16 };
struct decoding {
    unsigned faults;
    size_t at; /* where in the input the first fault stands */
};
struct span base64_read(struct arena *arena, struct span text, struct decoding *how);
/* As programs read it that skip padding like a blank (DECODE_PADDING), or lines that hold foreign characters (DECODE_JUNK). */
struct span base64_other(struct arena *arena, struct span text, unsigned faults);
struct span quoted_printable_read(struct arena *arena, struct span text, struct decoding *how);
/* One uuencoded file: text begins with "begin "; *used counts its bytes up to and with the end line. */
struct span uuencode_read(struct arena *arena, struct span text, struct span *name, size_t *used, bool *broken);
const char *uuencode_find(struct span text); /* a line "begin 644 name" */

/* ---- parts.c */
void entity_read(struct reader *reader, struct span entity); /* the tree under message->root, and its other readings */
void entity_read_again(struct reader *reader, struct span entity, struct span why); /* once more, as another reading */

/* ---- leaf.c: what a leaf holds */
void leaf_fields(struct reader *reader, struct part *part, const struct content *type); /* disposition, id, names, kind */
void leaf_read(struct reader *reader, struct part *part);
void attachment_set(struct part *part); /* marks it as a file, with its digest */
bool decode_allowed(struct reader *reader, struct span body); /* false, and a defect, where the limit would be passed */

/* ---- sniff.c */
struct span media_sniff(struct span bytes); /* media type by magic bytes; empty: not recognised */
