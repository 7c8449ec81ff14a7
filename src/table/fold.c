#include "table/fold.h"

#include <unicode/utf8.h>

/* What a byte of ASCII becomes: a letter or figure itself, ' ', '\n', or 0 where it goes without a trace (apostrophes). */
#define EIGHT_BLANKS "        "
static const char ascii_to[129] = EIGHT_BLANKS " \n\n\n\n\n  " EIGHT_BLANKS EIGHT_BLANKS "       \0" EIGHT_BLANKS "0123456789      "
                                  " abcdefghijklmnopqrstuvwxyz     \0abcdefghijklmnopqrstuvwxyz     ";

void fold_room(struct folding *f, size_t more)
{
    size_t need = f->len + more + (f->raw.len - f->at) + 16; /* each byte of ASCII to come is one at most */
    if (need <= f->cap)
        return;
    char *wider = arena_alloc(f->arena, need * 2);
    if (f->len)
        memcpy(wider, f->out, f->len);
    f->out = wider;
    f->cap = need * 2;
}

static void spot_add(struct folding *f, size_t from, size_t to, unsigned disguises)
{
    struct folded *result = f->result;
    result->disguises |= disguises;
    if (disguises && !result->disguised++)
        result->example = (struct span){f->raw.at + from, to - from};
    if (f->spots.len < SPOTS_MOST)
        *vec_push(f->arena, &f->spots) = (struct spot){from, to, disguises};
}

/* Whether a word may be worth a closer look. Most words of a text are not; many begin with a capital I. */
static bool is_odd(unsigned bits, struct span word)
{
    return bits & (WORD_STYLED | WORD_FOREIGN | WORD_INVISIBLE | WORD_MARK | WORD_TURNED) ||
           (bits & WORD_FIGURE && bits & (WORD_LOWER | WORD_UPPER)) ||
           (bits & WORD_CAPITAL_I && bits & WORD_LOWER && span_find_byte(span_skip(word, 1), 'I'));
}

static void __attribute__((noinline)) odd_word(struct folding *f, size_t to)
{
    struct span word = {f->raw.at + f->word_from, to - f->word_from};
    unsigned disguises = word_disguises(f, f->word_from, to);
    bool foreign = f->bits & WORD_FOREIGN && !(f->bits & WORD_LATIN);
    f->foreign_words += foreign;
    if (disguises)
        spot_add(f, f->word_from, to, disguises);
    else if (foreign ? f->latin_words > 3 * f->foreign_words && word_looks_latin(f, word) : word_reads_otherwise(f, f->word_from, to))
        spot_add(f, f->word_from, to, 0);
}

static void run_end(struct folding *f)
{
    enum { RUN_LEAST = 4 };
    if (f->run >= RUN_LEAST)
        spot_add(f, f->run_from, f->run_to, DISGUISE_APART);
    f->run = 0;
}

/* A word of one letter: does it go on a row of such, parted alike? */
static void single_letter(struct folding *f, size_t to)
{
    char between = f->word_from ? f->raw.at[f->word_from - 1] : 0;
    bool goes_on = f->run && f->word_from == f->run_to + 1 && between != '\n' && between != '\r' &&
                   (f->run == 1 || between == f->raw.at[f->run_to - 2]);
    if (!goes_on)
        run_end(f);
    if (!f->run++)
        f->run_from = f->word_from;
    f->run_to = to;
}

/* The open word ends before raw[to]. */
void fold_word_end(struct folding *f, size_t to)
{
    size_t length = f->len - f->word_out;
    if (f->detect && length) {
        if (length == 1 && f->bits & (WORD_LOWER | WORD_UPPER))
            single_letter(f, to);
        else if (f->run)
            run_end(f);
        if (is_odd(f->bits, span_from(f->raw.at + f->word_from, f->raw.at + to)))
            odd_word(f, to);
        else
            f->latin_words++;
    }
    f->bits = 0;
}

void fold_blank(struct folding *f, char blank)
{
    char last = f->len ? f->out[f->len - 1] : '\n';
    if (blank == '\n' && last == ' ')
        f->out[f->len - 1] = '\n';
    else if (last != ' ' && last != '\n' && (blank == '\n' || !f->after_japanese))
        f->out[f->len++] = blank;
    f->word_out = f->len;
}

void fold_letter(struct folding *f, int32_t c)
{
    bool japanese = char_is_japanese(c);
    fold_room(f, 8);
    if (japanese && f->len && f->out[f->len - 1] == ' ')
        f->len--;
    if (c < 0x80)
        f->out[f->len++] = (char)c;
    else
        U8_APPEND_UNSAFE(f->out, f->len, c);
    f->after_japanese = japanese;
    if (japanese)
        f->word_out = f->len;
}

static void blank_at(struct folding *f, char blank, size_t from)
{
    fold_word_end(f, from);
    fold_blank(f, blank);
    f->word_from = f->at;
}

/* Bits of a byte that is a letter or figure of ASCII. */
static const uint8_t ascii_bits[128] = {
#define LETTER(upper, lower) [upper] = WORD_UPPER, [lower] = WORD_LOWER
    LETTER('A', 'a'), LETTER('B', 'b'), LETTER('C', 'c'), LETTER('D', 'd'), LETTER('E', 'e'), LETTER('F', 'f'), LETTER('G', 'g'),
    LETTER('H', 'h'), LETTER('J', 'j'), LETTER('K', 'k'), LETTER('L', 'l'), LETTER('M', 'm'), LETTER('N', 'n'), LETTER('O', 'o'),
    LETTER('P', 'p'), LETTER('Q', 'q'), LETTER('R', 'r'), LETTER('S', 's'), LETTER('T', 't'), LETTER('U', 'u'), LETTER('V', 'v'),
    LETTER('W', 'w'), LETTER('X', 'x'), LETTER('Y', 'y'), LETTER('Z', 'z'), ['I'] = WORD_UPPER | WORD_CAPITAL_I, ['i'] = WORD_LOWER,
#undef LETTER
    ['0'] = WORD_FIGURE, ['1'] = WORD_FIGURE, ['2'] = WORD_FIGURE, ['3'] = WORD_FIGURE, ['4'] = WORD_FIGURE,
    ['5'] = WORD_FIGURE, ['6'] = WORD_FIGURE, ['7'] = WORD_FIGURE, ['8'] = WORD_FIGURE, ['9'] = WORD_FIGURE,
};

/* The run of letters, figures and apostrophes of ASCII at f->at: most of most texts. */
static void ascii_word(struct folding *f)
{
    const unsigned char *at = (const unsigned char *)f->raw.at + f->at, *end = (const unsigned char *)f->raw.at + f->raw.len;
    char *out = f->out + f->len, to;
    unsigned bits = f->bits;
    while (at < end && *at < 0x80 && (to = ascii_to[*at]) > ' ') {
        *out++ = to;
        bits |= ascii_bits[*at++];
    }
    if (out > f->out + f->len)
        f->after_japanese = false;
    f->len = (size_t)(out - f->out);
    f->bits = bits;
    f->at = (size_t)(at - (const unsigned char *)f->raw.at);
}

void fold_run(struct folding *f)
{
    fold_room(f, 0);
    while (f->at < f->raw.len) {
        unsigned char c = (unsigned char)f->raw.at[f->at];
        if (c >= 0x80) {
            int32_t wide, i = (int32_t)f->at;
            U8_NEXT_OR_FFFD((const uint8_t *)f->raw.at, i, (int32_t)f->raw.len, wide);
            f->at = (size_t)i;
            fold_other(f, wide);
        } else if (ascii_to[c] > ' ') {
            ascii_word(f);
        } else if (!ascii_to[c]) {
            f->bits |= f->len > f->word_out ? WORD_APOSTROPHE : 0;
            f->at++;
        } else {
            f->at++;
            blank_at(f, ascii_to[c], f->at - 1);
        }
    }
    fold_word_end(f, f->raw.len);
    run_end(f);
    while (f->len && (f->out[f->len - 1] == ' ' || f->out[f->len - 1] == '\n'))
        f->len--;
}

static void read_again(struct folding *first, struct span *undone)
{
    struct folding second = {.arena = first->arena, .raw = spots_undo(first), .result = first->result};
    fold_run(&second);
    *undone = (struct span){second.out, second.len};
}

void text_fold(struct arena *arena, struct span utf8, size_t most, struct folded *out)
{
    *out = (struct folded){0};
    struct folding first = {.arena = arena, .raw = span_first(utf8, most), .detect = true, .result = out};
    fold_run(&first);
    out->text = (struct span){first.out, first.len};
    out->letters = span_letters(out->text);
    if (first.spots.len)
        read_again(&first, &out->undone);
    likeness_close(&first);
}
