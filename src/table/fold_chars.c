#include "table/fold.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

/* U+00C0-U+017F without their accents. */
static const char accented[0x180 - 0xc0][3] = {
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", "d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "ss",
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", "d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "y",
    "a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d", "d", "d", "e", "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g",
    "g", "g", "g", "g", "h", "h", "h", "h", "i", "i", "i", "i", "i", "i", "i", "i", "i", "i", "ij", "ij", "j", "j", "k", "k", "k", "l", "l", "l", "l", "l", "l", "l",
    "l", "l", "l", "n", "n", "n", "n", "n", "n", "n", "n", "n", "o", "o", "o", "o", "o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s",
    "s", "s", "t", "t", "t", "t", "t", "t", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "s",
};

/* Half-width katakana U+FF66-U+FF9D, NFKC. */
static const uint16_t katakana[0xff9e - 0xff66] = {
    0x30f2, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9, 0x30e3, 0x30e5, 0x30e7, 0x30c3, 0x30fc, 0x30a2, 0x30a4, 0x30a6, 0x30a8, 0x30aa,
    0x30ab, 0x30ad, 0x30af, 0x30b1, 0x30b3, 0x30b5, 0x30b7, 0x30b9, 0x30bb, 0x30bd, 0x30bf, 0x30c1, 0x30c4, 0x30c6, 0x30c8, 0x30ca,
    0x30cb, 0x30cc, 0x30cd, 0x30ce, 0x30cf, 0x30d2, 0x30d5, 0x30d8, 0x30db, 0x30de, 0x30df, 0x30e0, 0x30e1, 0x30e2, 0x30e4, 0x30e6,
    0x30e8, 0x30e9, 0x30ea, 0x30eb, 0x30ec, 0x30ed, 0x30ef, 0x30f3,
};

bool char_is_japanese(int32_t c)
{
    if (c < 0x3005)
        return false;
    return c <= 0x3007 || (c >= 0x3041 && c <= 0x30ff && c != 0x30fb && c != 0x30a0 && (c < 0x3099 || c > 0x309c)) || (c >= 0x31f0 && c <= 0x31ff) ||
           (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x20000 && c <= 0x3ffff);
}

bool char_is_turning(int32_t c)
{
    return c == 0x200e || c == 0x200f || c == 0x61c || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool char_is_invisible(int32_t c)
{
    return c == 0xad || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || (c >= 0xfff9 && c <= 0xfffb);
}

bool char_is_mark(int32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

/* Points and signs over letters of Hebrew, Arabic, Syriac and their neighbours: no Latin letter bears them. */
static bool is_mark_of_others(int32_t c)
{
    return c >= 0x591 && c < 0x1000 && U_GET_GC_MASK(c) & U_GC_MN_MASK;
}

bool char_is_strange_mark(int32_t letter, int32_t c)
{
    return is_mark_of_others(c) && letter < 0x250;
}

/* Circled and squared letters; those of mathematics stand in the alphabet's order too, but for gaps that NFKC fills. */
char char_styled(int32_t c)
{
    static const int32_t rows[][2] = {{0x24b6, 26}, {0x24d0, 26}, {0x1f110, 26}, {0x1f130, 26}, {0x1f150, 26}, {0x1f170, 26}, {0x249c, 26}};
    if (c >= 0x1d400 && c <= 0x1d6a3)
        return (char)('a' + (c - 0x1d400) % 26);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (c >= rows[i][0] && c < rows[i][0] + rows[i][1])
            return (char)('a' + c - rows[i][0]);
    return 0;
}

bool char_is_foreign(int32_t c)
{
    return (c >= 0x250 && c < 0x2b0) || (c >= 0x370 && c < 0x590) || (c >= 0x13a0 && c < 0x1400) || (c >= 0x1d00 && c < 0x1dc0) ||
           (c >= 0x1f00 && c < 0x2000) || (c >= 0x2c60 && c < 0x2d00) || (c >= 0xa4d0 && c < 0xa500) || (c >= 0xa640 && c < 0xa6a0) ||
           (c >= 0xa720 && c < 0xa800) || (c >= 0xab30 && c < 0xabc0);
}

static void blank_write(struct folding *f, char blank, size_t from)
{
    fold_word_end(f, from);
    fold_blank(f, blank);
    f->word_from = f->at;
}

static void latin_write(struct folding *f, const char *letters, unsigned bits)
{
    fold_room(f, 4);
    for (; *letters; letters++)
        f->out[f->len++] = *letters;
    f->bits |= bits;
    f->after_japanese = false;
}

/* A sounding mark behind kana: the kana that has it, NFC; 0: it goes with none. */
static int32_t kana_sounded(int32_t kana, bool half)
{
    int32_t base = kana >= 0x30a1 ? kana - 0x60 : kana; /* as hiragana */
    bool ha = base >= 0x306f && base <= 0x307d && (base - 0x306f) % 3 == 0;
    if (half)
        return ha ? kana + 2 : 0;
    if (kana == 0x30a6)
        return 0x30f4;
    bool sounding = (base >= 0x304b && base <= 0x3061 && base % 2 == 1) || base == 0x3064 || base == 0x3066 || base == 0x3068;
    return ha || sounding ? kana + 1 : 0;
}

static void kana_mark(struct folding *f, bool half)
{
    if (!f->after_japanese || f->len < 3)
        return;
    const unsigned char *last = (const unsigned char *)f->out + f->len - 3; /* kana take three bytes */
    int32_t kana = last[0] == 0xe3 ? (last[0] & 15) << 12 | (last[1] & 63) << 6 | (last[2] & 63) : 0;
    int32_t sounded = kana ? kana_sounded(kana, half) : 0;
    if (sounded) {
        f->len -= 3;
        fold_letter(f, sounded);
    }
}

static void japanese_write(struct folding *f, int32_t c)
{
    fold_letter(f, c);
    f->word_from = f->at;
    f->bits = 0;
}

static void piece_write(struct folding *f, int32_t c)
{
    if (c == 0x3099 || c == 0x309a) {
        kana_mark(f, c == 0x309a);
    } else if (c >= 0xc0 && c < 0x180) {
        latin_write(f, accented[c - 0xc0], WORD_ACCENTED);
    } else if (u_isalnum(c)) {
        c = u_foldCase(c, U_FOLD_CASE_DEFAULT);
        if (c < 0x80)
            latin_write(f, (char[]){(char)c, 0}, u_isdigit(c) ? WORD_FIGURE : WORD_ACCENTED);
        else if (c >= 0xc0 && c < 0x180) /* the capital of sz */
            latin_write(f, accented[c - 0xc0], WORD_ACCENTED);
        else if (char_is_japanese(c))
            japanese_write(f, c);
        else
            fold_letter(f, c);
    } else if (U_GET_GC_MASK(c) & U_GC_M_MASK) {
        if (!char_is_mark(c)) /* else it belongs to its letter */
            fold_letter(f, c);
    } else {
        blank_write(f, ' ', f->at);
    }
}

/* Whatever no shorter way knows: NFKD, then case, then without marks. Syllables of Korean stay whole. */
static void any_write(struct folding *f, int32_t c)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&error);
    UChar pieces[64];
    bool korean = c >= 0xac00 && c <= 0xd7a3;
    int32_t count = U_FAILURE(error) || korean ? -1 : unorm2_getDecomposition(nfkd, c, pieces, 64, &error);
    if (count < 0 || U_FAILURE(error)) {
        piece_write(f, c);
        return;
    }
    for (int32_t i = 0, piece; i < count;) {
        U16_NEXT(pieces, i, count, piece);
        piece_write(f, piece);
    }
}

static bool is_symbol(int32_t c) /* signs whose NFKC would stick letters to the word before them */
{
    return c == 0x2122 || c == 0x2120 || c == 0x2139 || c == 0x2100;
}

static bool is_apostrophe(int32_t c)
{
    return c == 0x2018 || c == 0x2019 || c == 0x2bc || c == 0xb4 || c == 0x2032 || c == 0x201b || c == 0xff07;
}

static bool is_line(int32_t c)
{
    return c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* Signs without a letter of their own. True: c was one. */
static bool silent_write(struct folding *f, int32_t c)
{
    bool inside = f->len > f->word_out && f->bits;
    if (char_is_mark(c) || (inside && ascii_is_alpha(f->out[f->len - 1]) && is_mark_of_others(c)))
        f->bits |= inside ? WORD_MARK : 0;
    else if (char_is_turning(c))
        f->bits |= inside ? WORD_TURNED : 0;
    else if (is_apostrophe(c))
        f->bits |= inside ? WORD_APOSTROPHE : 0;
    else if (char_is_invisible(c))
        f->bits |= inside ? WORD_INVISIBLE : 0;
    else
        return false;
    return true;
}

/* The width that the character had, in bytes of UTF-8. */
static size_t width_of(int32_t c)
{
    return c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static void rare_write(struct folding *f, int32_t c, size_t from)
{
    char styled = char_styled(c);
    if (silent_write(f, c))
        return;
    if (styled) {
        latin_write(f, (char[]){styled, 0}, WORD_STYLED);
    } else if (c == 0xff9e || c == 0xff9f) {
        kana_mark(f, c == 0xff9f);
    } else if (is_line(c) || is_symbol(c) || !(u_isalnum(c) || U_GET_GC_MASK(c) & U_GC_M_MASK ||
                                              u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE) > U_DT_CANONICAL)) {
        blank_write(f, is_line(c) ? '\n' : ' ', from);
    } else {
        f->bits |= char_is_foreign(c) ? WORD_FOREIGN : WORD_ACCENTED;
        any_write(f, c);
    }
}

/* The usual signs that are no letters, without asking ICU. */
static bool is_plain_blank(int32_t c)
{
    return c == 0xa0 || (c >= 0xa1 && c <= 0xa9) || (c >= 0xab && c <= 0xb1 && c != 0xad) || c == 0xb6 || c == 0xb7 || c == 0xb8 ||
           (c >= 0xbb && c <= 0xbf) || (c >= 0x2000 && c <= 0x200a) || (c >= 0x2010 && c <= 0x2017) || (c >= 0x201c && c <= 0x2027 && c != 0x201f) ||
           (c >= 0x3000 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3020) || c == 0x30fb || (c >= 0x2500 && c <= 0x27bf);
}

static void wide_write(struct folding *f, int32_t c, size_t from)
{
    if (!u_isalnum(c)) {
        blank_write(f, ' ', from);
        return;
    }
    latin_write(f, (char[]){(char)u_tolower(c), 0}, u_isdigit(c) ? WORD_FIGURE : WORD_ACCENTED);
}

void fold_other(struct folding *f, int32_t c)
{
    size_t from = f->at >= width_of(c) ? f->at - width_of(c) : 0;
    if (c >= 0xc0 && c < 0x180 && accented[c - 0xc0][0]) {
        latin_write(f, accented[c - 0xc0], WORD_ACCENTED);
    } else if (char_is_japanese(c)) {
        fold_word_end(f, from);
        japanese_write(f, c);
    } else if (is_plain_blank(c)) {
        blank_write(f, ' ', from);
    } else if (c >= 0xff01 && c <= 0xff5e && c != 0xff07) { /* ASCII in the width of kanji */
        wide_write(f, c - 0xfee0, from);
    } else if (c >= 0x3099 && c <= 0x309c) {
        kana_mark(f, c == 0x309a || c == 0x309c);
    } else if (c >= 0xff66 && c <= 0xff9d) {
        fold_word_end(f, from);
        japanese_write(f, katakana[c - 0xff66]);
    } else if (c >= 0x430 && c <= 0x44f && c != 0x439) { /* small Cyrillic */
        f->bits |= WORD_FOREIGN;
        fold_letter(f, c);
    } else {
        rare_write(f, c, from);
    }
}
