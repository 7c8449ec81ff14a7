/* The inside of report_text.c: a page for a terminal. Words of strangers are cleaned before they are shown: control
 * characters, escape sequences, zero-width and direction characters become visible, bytes that are no UTF-8 too. */
#pragma once
#include "verdict/verdict.h"

enum text_id {
#define TEXT(id, en, ja) id,
#include "verdict/report_text.def"
#undef TEXT
    TEXT_COUNT
};
enum colour { COLOUR_PLAIN, COLOUR_BOLD, COLOUR_DIM, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED };

struct page {
    struct arena *arena;
    const struct report *report;
    struct buf *out;
    enum language language;
    bool colour;
    unsigned width;
};

const char *page_text(const struct page *page, enum text_id id);
/* The text with its %s filled by words in their order. */
struct span text_filled(struct arena *arena, struct span text, const struct span *words, size_t count);
struct span page_filled(const struct page *page, enum text_id id, const struct span *words, size_t count);
#define FILLED(page, id, ...)                                                                                          \
    page_filled((page), (id), (const struct span[]){__VA_ARGS__}, sizeof(const struct span[]){__VA_ARGS__} / sizeof(struct span))
struct span page_clean(const struct page *page, struct span stranger); /* at most some 300 columns of it */
struct span page_clean_path(const struct page *page, struct span path); /* the whole of it: a path is there to be copied */

/* A heading on a line of its own, after an empty line. */
void page_heading(const struct page *page, struct span text);
/* Wrapped text: the first line begins with `lead`, further ones below where the text began. Text is cleaned already. */
void page_item(const struct page *page, struct span lead, enum colour colour, struct span text);
/* The same with a first word in a column of its own: further lines begin where the text after it began. */
void page_row(const struct page *page, struct span lead, enum colour colour, struct span word, unsigned columns, struct span text);

unsigned text_width(struct span utf8); /* columns, East Asian wide characters as two */
struct span text_padded(struct arena *arena, struct span utf8, unsigned columns);
const char *text_result(const struct page *page, enum proof_result result); /* "passed", "合格" */

/* ---- text_reasons.c: in Japanese, from the facts; in English the proofs' own reasons are shown */
struct span reason_spf(const struct page *page, const struct spf_proof *spf);
struct span reason_dkim(const struct page *page, const struct dkim_proof *dkim);
struct span reason_dmarc(const struct page *page, const struct dmarc_proof *dmarc);
struct span reason_arc(const struct page *page, const struct arc_proof *arc);

void page_road(const struct page *page);
void page_proofs(const struct page *page);
bool proof_is_checked(const struct proof *proof); /* some mechanism came to a result: not none, unknown or an error of DNS */
void page_relay(const struct page *page);
void page_witnesses(const struct page *page); /* text_witnesses.c */
void page_claims(const struct page *page); /* text_claims.c */
