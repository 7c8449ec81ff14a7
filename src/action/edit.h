/* action/edit: what is changed in a message: planned as the edits a mail server takes, and done on bytes.
 *
 * In: a message as room `message` read it, and wishes. Out: header edits by index, the new body, and a note for each wish that
 * could not be met. edits_apply does the same to the raw bytes.
 * Never: changes a byte outside of the parts and fields it was asked for; touches what is signed, encrypted, a report, a
 * calendar or an attached message; changes a body that programs read in different ways.
 * Sources: RFC 2045-2047, 2231, 3676 (flowed), 8601 (results); the rules of DESIGN section 7; smfi_chgheader of libmilter.
 */
#pragma once
#include "action/action.h"

/* ---- the header */
enum header_act { HEADER_CHANGE, HEADER_REMOVE, HEADER_ADD, HEADER_INSERT };
struct header_edit {
    enum header_act act;
    struct span name;
    uint32_t index;    /* CHANGE, REMOVE: the n-th field of that name, from 1, capitals ignored. INSERT: 0, at the top */
    struct span value; /* without a blank in front; folded lines end in "\n" alone */
};
struct header_line {
    struct span name, value;
};
struct header_wishes {
    struct span authserv_id;        /* results that claim this id are forged and go; empty: none do */
    VEC(struct span) removed;       /* fields with these names go */
    VEC(struct header_line) added;  /* below the others, in order */
    VEC(struct header_line) tops;   /* above the others; the first stands topmost */
    struct span subject_tag;        /* UTF-8 before the subject, never twice; empty: none */
};
struct spam_marks { /* for rules that know SpamAssassin's fields */
    bool spam;
    double score, required;
    struct span tests; /* names, by comma */
};
/* Whether the value of an Authentication-Results field says that it is of this id. */
bool results_claim(struct arena *arena, struct span value, struct span authserv_id);
/* X-Spam-Flag, -Status, -Score and -Level; those that came with the message go. */
void spam_marks_wish(struct arena *arena, const struct spam_marks *marks, struct header_wishes *out);

/* ---- the body */
enum { BANNER_REASONS_MOST = 3 };
struct banner {
    enum verdict verdict;
    bool en, ja;                    /* both: one after the other */
    bool locked;                    /* say that links are locked */
    struct span reasons[2][BANNER_REASONS_MOST]; /* by enum language; empty: no more */
    struct span record;             /* id; may be empty */
};
/* The heaviest reasons of a report in both languages; hosts in them are written so that no program makes links of them. */
void banner_of_report(struct arena *arena, const struct report *report, struct banner *out);

struct lock {
    uint32_t link;       /* index in message->links */
    struct span address; /* that stands in its place: ASCII, of a URL's letters */
};
/* The links that evidence names, by their number: only those whose host or address one of its sentences holds. */
typedef VEC(uint32_t) link_numbers_t;
void links_named(struct arena *arena, const struct report *report, link_numbers_t *out);

struct file_edit {
    struct span path;       /* of the part: "2", "1.2"; see part_path */
    struct span name;       /* rename: the new name; empty: taken off, a text stands in its place */
    struct span reasons[2]; /* by enum language */
    struct span record;
};
typedef VEC(struct file_edit) file_edits_t;
/* The files that evidence names, or whose links it names, to be taken off, with its sentence as the reason. Not pictures in the text.
 * One in another reading of the message has no path: such a wish is never met. */
void files_named(struct arena *arena, const struct report *report, file_edits_t *out);

struct edit_wishes {
    struct header_wishes headers;
    const struct banner *banner; /* NULL: none */
    VEC(struct lock) locks;
    file_edits_t files;
};

/* ---- the plan */
enum edit_note_id {
#define NOTE(id, en, ja) id,
#include "action/edit_note.def"
#undef NOTE
    EDIT_NOTE_COUNT
};
struct edit_note {
    enum edit_note_id id;
    struct span about; /* a field, a link, a path; may be empty */
};
const char *edit_note_text(enum edit_note_id id, enum language language);

struct edits {
    VEC(struct header_edit) headers; /* to be done in this order: changes from the highest index down, then what is added */
    bool body_changed;
    struct span body;                /* the whole of it, behind the empty line; only where body_changed */
    bool bannered;
    size_t locked, files;            /* how many of the wishes were met */
    VEC(struct edit_note) notes;     /* what was not done */
};
void edits_plan(struct arena *arena, const struct message_limits *limits, const struct message *message, enum direction direction,
                const struct edit_wishes *wishes, struct edits *out);
/* The message with its edits. */
struct span edits_apply(struct arena *arena, const struct message *message, const struct edits *edits);

/* Where a part stands, as IMAP numbers parts (RFC 3501 6.4.5); a body that is one part is "1". Empty: in another reading. */
struct span part_path(struct arena *arena, const struct part *part);
