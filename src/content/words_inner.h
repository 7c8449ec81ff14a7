/* content/words, inside: what reading the words shares. Not for other rooms. */
#pragma once
#include "content/content.h"

/* ---- words_text.c: the text a person reads */
struct body_text {
    struct span raw;      /* at most TEXT_BYTES_MOST over all of them */
    size_t top, quote;    /* the first 400 letters end at `top`; a quoted letter begins at `quote`, raw.len where there is none */
    bool html;
};
typedef VEC(struct body_text) body_texts_t;
/* Of a longer text the beginning and the end are read: who fills a letter up against filters does it above or below. */
enum { TEXT_BYTES_MOST = 64 << 10, TEXT_END_BYTES = 16 << 10, TOP_LETTERS = 400 };
bool bodies_choose(struct arena *arena, const struct message *message, body_texts_t *out); /* true: something between was left out */
size_t quote_begin(struct span text, bool html); /* text.len: nothing is quoted */
void body_cut(struct body_text *body, size_t at, bool html); /* what stands before `at` is left out */

/* ---- forwarded.c: the head above a letter that is passed on */
enum head_kind { HEAD_NONE, HEAD_FROM, HEAD_SENT, HEAD_TO, HEAD_SUBJECT, HEAD_OTHER, HEAD_KINDS };
enum { OWN_LETTERS_LEAST = 20 };
enum head_kind head_line_read(struct span line, struct span *value); /* value: where it is a line of such a head */
size_t letters_of_own(struct span text); /* counted up to OWN_LETTERS_LEAST; what mail programs and signatures add is left out */
/* Reads the first such head. Where its author says next to nothing, the body begins behind it. */
void forwarded_open(struct arena *arena, const struct arrival *arrival, const struct message *message, body_texts_t *bodies, struct forwarded *out);

/* What stands around addresses and numbers, without them, so that phrases are found across; empty where there are none. */
struct span text_without_names(struct arena *arena, struct span text);

/* ---- words_marks.c: what one look over the raw text tells */
struct marks_view {
    struct arena *arena;
    const struct tables *tables;
    const struct message *message;
    const struct arrival *arrival;
    struct content_words *out;
    unsigned coins_tried, addresses_seen, accents_tried;
    VEC(struct span) accented; /* folded, each once */
};
void marks_read(struct marks_view *view, struct span text); /* telephone, money, coins, addresses */
bool text_has_sum(struct span text);                        /* a sum with its currency */
void accents_read(struct marks_view *view, struct span text); /* English words dressed up with accents */
bool text_has_template(struct span text);                   /* a field that was to be filled in */
bool text_is_code(struct span text);                        /* program text or a patch */
bool text_ends_in_address(struct span text);                /* a postal address near the end */
bool subject_has_code(struct span subject);
bool subject_is_reply(struct span subject);                 /* Re:, Fwd:, AW:, 返信 ... */

/* ---- words_slot.c: what was filled in where a name belongs */
void slots_read(struct marks_view *view, struct span text);  /* labels and greetings */
void slots_of_links_read(struct marks_view *view, const struct content_links *links); /* fields of their queries */
void slots_of_header_read(struct marks_view *view);         /* names of author and recipients, quotations of the subject */

/* ---- coin.c: Bitcoin and its like; BIP 13, 173, 350 */
bool coin_address_is(struct span word);
