/* action/edit_inner: what the files that edit messages share. */
#pragma once
#include "action/edit.h"
#include "message/html.h"

/* ---- edit.c: one planning */
struct patch { /* these bytes of the message give way to those */
    struct span old, new;
};
typedef VEC(struct patch) patches_t;
struct span patched(struct arena *arena, struct span text, patches_t *patches); /* sorts them; of two that overlap the first, the longer */
struct lock_row { /* a lock and the link it is for */
    const struct link *link;
    const struct lock *lock;
};
struct editing {
    struct arena *arena;
    const struct message_limits *limits;
    const struct message *message;
    const struct edit_wishes *wishes;
    struct edits *out;
    const char *line_end; /* of the message: "\r\n" or "\n" */
    patches_t patches;
    VEC(struct lock_row) locks; /* sorted, so that each link of a page is looked up at once: strangers choose how many there are */
};
void note_add(struct editing *at, enum edit_note_id id, struct span about);
void header_edit_add(struct editing *at, enum header_act act, struct span name, uint32_t index, struct span value);

/* ---- edit_head.c */
void headers_edit(struct editing *at);
/* Does the field stand where all programs see a header? */
bool field_is_sure(const struct message *message, const struct field *field);
uint32_t field_nth(const struct message *message, const struct field *field); /* n-th of its name */
struct span subject_tagged(struct arena *arena, const struct field *field, struct span tag); /* empty: it is there already */

/* ---- edit_part.c: which parts may be changed, and how a changed one is written */
bool body_is_sure(const struct message *message);     /* read alike by all programs */
bool part_is_protected(const struct part *part);      /* signed, encrypted, a report, inside an attached message */
bool part_is_text(const struct part *part);           /* shown as text: plain or HTML, no file */
/* May its text be read and written anew? Else says why not. */
bool part_is_editable(struct editing *at, const struct part *part);
void part_rewrite(struct editing *at, const struct part *part, struct span utf8); /* UTF-8, in the better of two encodings */
/* Other Content- fields and another body in the place of a whole part; body NULL: it stays as it is. A field without a value goes. */
void part_replace(struct editing *at, const struct part *part, const struct header_line *about, size_t count, const struct span *body);
/* The value of its Content-Type with one parameter set and all others kept; of file names only that one is kept. */
struct span content_type_with(struct arena *arena, const struct part *part, const char *name, struct span to);
void parameter_write(struct buf *out, struct span name, struct span value); /* "; name=value", RFC 2231 where it must be */
struct span newlines_as(struct arena *arena, struct span text, const char *line_end); /* CR LF and LF written so */

/* ---- edit_code.c: transfer encodings */
struct span quoted_printable_write(struct arena *arena, struct span text, const char *line_end);
struct span base64_write(struct arena *arena, struct span text, const char *line_end);
bool is_better_quoted(struct span text);
void encoded_words_write(struct buf *out, struct span utf8, const char *fold); /* RFC 2047, at most 75 letters each */

/* ---- edit_page.c: HTML read with the places of its tags */
struct page_place { /* in the raw text, for places in it with CR LF counted as one */
    struct span text;
    size_t raw, counted;
};
size_t place_raw(struct page_place *place, size_t counted); /* asked in rising order */
struct page_attribute {
    struct span name;  /* as written */
    struct span value; /* as written, without quotes; empty and behind the name where there is none */
    struct span whole; /* with the quotes */
};
struct page_tag {
    struct span whole; /* from '<' to '>' */
    VEC(struct page_attribute) attributes;
};
bool page_tag_read(struct arena *arena, struct span text, size_t raw, struct page_tag *out); /* false: no start tag stands there */
struct page { /* tokens with their raw places */
    struct html_tokenizer *tokenizer;
    struct page_place place;
    unsigned foreign;
};
void page_begin(struct arena *arena, struct span text, struct page *out);
const struct html_token *page_next(struct page *page, size_t *raw); /* *raw: where it begins */
void html_escape(struct buf *out, struct span text);
void page_charset(struct arena *arena, struct span text, patches_t *out); /* so that <meta> says UTF-8 */

/* ---- banner.c */
enum banner_text {
#define TEXT(id, en, ja) id,
#include "action/banner.def"
#undef TEXT
    BANNER_TEXT_COUNT
};
struct span words_harmless(struct arena *arena, struct span text); /* of strangers: one line in its order, and nothing that becomes a link */
const char *banner_word(enum banner_text id, enum language language);
struct span banner_filled(struct arena *arena, enum banner_text id, enum language language, struct span word);
struct span banner_text(struct arena *arena, const struct banner *banner, const char *line_end);
struct span banner_html(struct arena *arena, const struct banner *banner);
struct span banner_heading(const struct banner *banner); /* the words that must be seen */
struct span banner_off_text(struct span text);            /* a text without the banner it begins with */
/* Where it is set in; *old: a banner that stands there already, to be taken off. */
size_t banner_place(struct arena *arena, struct span page, struct span *old);

/* ---- edit_lock.c */
void locks_sort(struct editing *at); /* before all that is below */
/* Patches for the locks of this part, in its text as UTF-8; `met` has one flag a lock. */
void locks_plan(struct editing *at, const struct part *part, patches_t *out, bool *met);
bool part_has_locks(const struct editing *at, const struct part *part);
/* Looks at the page as it will be: a lock whose link is still there is not met. */
void locks_check(struct editing *at, const struct part *part, const struct html_view *view, bool *met);

/* ---- edit_file.c */
void files_edit(struct editing *at);
bool file_is_gone(struct editing *at, const struct part *part);
