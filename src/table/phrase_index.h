/* table/phrase_index, inside: phrases in the form they are looked up in. Not for other rooms. */
#pragma once
#include "table/phrases.h"

enum { PIECES_MOST = 4, PHRASE_BYTES_MOST = 120, GAP_WORDS = 3, GAP_JAPANESE = 12 };
struct phrase_row {
    struct phrase phrase;
    struct span pieces[PIECES_MOST]; /* folded; between them up to GAP_WORDS words, or GAP_JAPANESE characters */
    uint8_t count;
    bool open;             /* the last word of it may go on: `~` */
    uint32_t key;          /* hash it is found by */
};
/* What is looked at first of a row: most are not meant, and half a line of memory says so. */
struct phrase_probe {
    uint32_t key, row;
    uint8_t len;           /* of head */
    char head[23];         /* of the first piece */
};
struct phrase_index {
    VEC(struct phrase_row) rows;
    struct span_map *known; /* while loading: a phrase stands once a lure, a name once a brand */
    uint32_t *slots;       /* where its probes begin; they end where those of the next slot begin */
    size_t slot_mask;
    struct phrase_probe *probes; /* one a row, by slots, within a slot in the order of the lists */
    uint64_t *maybe;       /* two bits for each key there is */
};
enum { MAYBE_BITS = 1 << 17, MAYBE_SHIFT = 15 };
static inline bool index_may_hold(const struct phrase_index *index, uint32_t key)
{
    uint32_t one = key % MAYBE_BITS, two = key >> MAYBE_SHIFT;
    return index->maybe[one / 64] >> (one % 64) & index->maybe[two / 64] >> (two % 64) & 1;
}

/* ---- keys: of one word, of two, of the first letters of a word, of two characters of Japanese */
uint32_t key_of_word(const char *at, const char *end, const char **word_end);
uint32_t key_of_pair(uint32_t first, uint32_t second);
uint32_t key_of_head(const char *at); /* KEY_HEAD bytes */
uint32_t key_of_japanese(const char *at, const char *end);
enum { KEY_HEAD = 4 };

static inline bool byte_is_japanese(char c) /* leads a character of Japanese or Chinese in folded text */
{
    return ((unsigned char)c >= 0xe3 && (unsigned char)c <= 0xe9) || (unsigned char)c == 0xf0;
}
static inline bool byte_is_gap(char c)
{
    return c == ' ' || c == '\n';
}
