/* table/fold, inside: characters as folding sees them, and the second reading of disguised words. Not for other rooms. */
#pragma once
#include "table/phrases.h"

/* What a word held as it was written. */
enum word_bit {
    WORD_LOWER = 1, WORD_UPPER = 2, WORD_FIGURE = 4, WORD_CAPITAL_I = 8,
    WORD_FOREIGN = 16,    /* a letter of another script than Latin that may look like a Latin one */
    WORD_STYLED = 32, WORD_INVISIBLE = 64, WORD_MARK = 128, WORD_TURNED = 256, WORD_APOSTROPHE = 512, WORD_ACCENTED = 1024
};
enum {
    WORD_LATIN = WORD_LOWER | WORD_UPPER | WORD_ACCENTED,
    SPOTS_MOST = 64,      /* disguised words that get a second reading */
    WORD_LETTERS_MOST = 64
};
/* A disguised word, as it stands in the text given. */
struct spot {
    size_t from, to;
    unsigned disguises;   /* 0: only looks wholly like Latin; is read again but is no disguise by itself */
};
struct folding {
    struct arena *arena;
    struct span raw;
    size_t at;            /* in raw */
    char *out;
    size_t len, cap;
    size_t letters;
    bool detect;          /* look for disguises */
    bool after_japanese;  /* what was written last */
    unsigned bits;        /* of the word that is open */
    size_t word_from, word_out; /* where it begins in raw and in out */
    size_t run_from, run_to;    /* single letters, one after the other, with one and the same character between them */
    unsigned run;
    size_t latin_words, foreign_words;
    VEC(struct spot) spots;
    struct likeness *likeness;  /* what was asked of ICU's table of look-alikes; NULL: nothing yet */
    struct folded *result;
};
void fold_run(struct folding *f);                       /* raw into out */
void fold_other(struct folding *f, int32_t c);          /* one character above ASCII, f->at behind it */
void fold_letter(struct folding *f, int32_t c);         /* writes one letter that is folded already */
void fold_blank(struct folding *f, char blank);         /* ' ' or '\n' */
void fold_room(struct folding *f, size_t more);
void fold_word_end(struct folding *f, size_t to);        /* the open word ends before raw[to] */

bool char_is_japanese(int32_t c);
bool char_is_invisible(int32_t c);
bool char_is_turning(int32_t c);  /* marks of direction that turn text round */
bool char_is_mark(int32_t c);     /* combining marks of Latin, Greek and Cyrillic */
bool char_is_strange_mark(int32_t letter, int32_t c); /* a mark of another script over a Latin letter */
char char_styled(int32_t c);      /* the letter that a letter made of symbols shows; 0: none */
bool char_is_foreign(int32_t c);

/* The bits of enum disguise that raw[from, to) bears. */
unsigned word_disguises(struct folding *f, size_t from, size_t to);
bool word_looks_latin(struct folding *f, struct span word); /* every letter of it has a Latin look-alike; at least four */
bool word_reads_otherwise(const struct folding *f, size_t from, size_t to); /* a figure at its edge may stand for a letter: no disguise by itself */
struct span spots_undo(struct folding *f);                  /* the places around the spots, disguises undone, not yet folded */
char letter_alike(struct folding *f, int32_t c);            /* the Latin letter that c looks like, in lower case; 0: none */
void likeness_close(struct folding *f);
