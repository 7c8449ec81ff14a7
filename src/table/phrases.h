/* table/phrases: text made comparable, and the words of lists found in it.
 *
 * Text is folded before it is compared: NFKC and case (UAX 15, 31), width, diacritics, invisible and combining characters,
 * marks of direction, blanks and punctuation. Where letters were disguised (another script's look-alikes by UTS 39 inside a word,
 * figures and capital I among letters, letters set apart by blanks or dots) there is a second reading with that undone.
 * Phrases: data/lures.yaml and the names of data/brands.yaml, folded alike when loaded. Pure; work linear in the text. */
#pragma once
#include "table/table.h"

enum disguise {
    DISGUISE_MIXED_SCRIPT = 1, /* a word of Latin letters and another script's look-alikes */
    DISGUISE_STYLED = 2,       /* mathematical, enclosed and other letters made of symbols */
    DISGUISE_INVISIBLE = 4,    /* zero-width, soft hyphen, filler or tag characters inside a word */
    DISGUISE_COMBINING = 8,    /* marks over letters that no language sets there */
    DISGUISE_FIGURES = 16,     /* figures or a capital I standing for letters inside a word */
    DISGUISE_APART = 32,       /* a word's letters set apart: P a y P a l, A*m*a*z*o*n */
    DISGUISE_TURNED = 64       /* marks of direction inside a word */
};
struct folded {
    struct span text;     /* UTF-8; words parted by one blank, lines by one '\n'; nothing parts Japanese but '\n' */
    struct span undone;   /* the second reading; empty where nothing is disguised */
    unsigned disguises;   /* bits of enum disguise that occur */
    size_t disguised;     /* words concerned */
    struct span example;  /* the first disguised word as written */
    size_t letters;       /* letters and figures in text */
};
/* At most `most` bytes of text are folded; the rest is left off. */
void text_fold(struct arena *arena, struct span utf8, size_t most, struct folded *out);

/* ---- phrases. A lure is what a text asks or threatens; the ids stand in lure.def, their phrases in data/lures.yaml. */
enum lure_id {
#define LURE(id, name, en, ja) id,
#include "table/lure.def"
#undef LURE
    LURE_COUNT
};
const char *lure_name(enum lure_id id);                /* "sign-in" */
const char *lure_text(enum lure_id id, bool japanese); /* for people: "asks to sign in" */

enum phrase_kind { PHRASE_LURE, PHRASE_BRAND_NAME, PHRASE_BRAND_WORD };
struct phrase {
    enum phrase_kind kind;
    uint32_t of;           /* enum lure_id, or the index of the brand */
    struct span text;      /* as the list writes it */
    struct span language;  /* "en", "ja", ...; empty for brands */
    bool strong;           /* says it all alone; others count only beside a second phrase of the lure or in a subject */
};
struct phrase_hit {
    const struct phrase *phrase;
    size_t at, len;        /* in the reading */
    bool disguised;        /* found only in the second reading */
};
typedef VEC(struct phrase_hit) phrase_hits_t;
/* Every phrase in a folded text, in order of place, at most `most`; of brands' names the longest at one place. */
void phrases_find(struct arena *arena, const struct tables *tables, const struct folded *text, size_t most, phrase_hits_t *out);
