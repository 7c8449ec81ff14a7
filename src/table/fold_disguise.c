#include "table/fold.h"

#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

/* One word as written. */
struct written {
    int32_t at[WORD_LETTERS_MOST];
    size_t len;
};

static bool is_letter(int32_t c)
{
    return c < 0x80 && ascii_is_alpha((char)c);
}

static bool is_figure(int32_t c)
{
    return c < 0x80 && ascii_is_digit((char)c);
}

static bool is_small(int32_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_vowel(int32_t c)
{
    return c < 0x80 && c > 0 && strchr("aeiouAEIOU", (char)c);
}

/* False: longer than words are. */
static bool word_take(struct span word, struct written *out)
{
    out->len = 0;
    for (int32_t i = 0; i < (int32_t)word.len;) {
        int32_t c;
        U8_NEXT_OR_FFFD((const uint8_t *)word.at, i, (int32_t)word.len, c);
        if (out->len == WORD_LETTERS_MOST)
            return false;
        out->at[out->len++] = c;
    }
    return out->len > 0;
}

/* ---- look-alikes of other scripts, UTS 39 */
enum { LIKENESS_SEEN = 64 };
struct likeness {
    USpoofChecker *checker;
    struct {
        int32_t c;
        char letter;
    } seen[LIKENESS_SEEN];
};

static char letter_ask(const struct likeness *likeness, int32_t c)
{
    UErrorCode error = U_ZERO_ERROR;
    char id[5], skeleton[16];
    int32_t len = 0;
    U8_APPEND_UNSAFE(id, len, c);
    len = uspoof_getSkeletonUTF8(likeness->checker, 0, id, len, skeleton, sizeof skeleton, &error);
    return !U_FAILURE(error) && len == 1 && is_letter(skeleton[0]) ? ascii_lower(skeleton[0]) : 0;
}

char letter_alike(struct folding *f, int32_t c)
{
    UErrorCode error = U_ZERO_ERROR;
    if (!f->likeness) {
        f->likeness = arena_one(f->arena, struct likeness);
        f->likeness->checker = uspoof_open(&error);
    }
    if (!f->likeness->checker)
        return 0;
    size_t slot = (size_t)c % LIKENESS_SEEN;
    if (f->likeness->seen[slot].c != c) {
        f->likeness->seen[slot].c = c;
        f->likeness->seen[slot].letter = letter_ask(f->likeness, c);
    }
    return f->likeness->seen[slot].letter;
}

void likeness_close(struct folding *f)
{
    if (f->likeness && f->likeness->checker)
        uspoof_close(f->likeness->checker);
    f->likeness = NULL;
}

static bool is_mixed(struct folding *f, const struct written *word)
{
    size_t latin = 0, foreign = 0;
    for (size_t i = 0; i < word->len; i++) {
        int32_t c = word->at[i];
        if (char_is_foreign(c) && !letter_alike(f, c))
            return false;
        foreign += char_is_foreign(c);
        latin += is_letter(c);
    }
    return latin && foreign && latin + foreign >= 3;
}

bool word_looks_latin(struct folding *f, struct span text)
{
    struct written word;
    if (!word_take(text, &word) || word.len < 4)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!char_is_foreign(word.at[i]) || !letter_alike(f, word.at[i]))
            return false;
    return true;
}

/* ---- letters made of symbols, and what stands between and above letters */
static bool is_styled(const struct written *word)
{
    size_t styled = 0;
    for (size_t i = 0; i < word->len; i++)
        styled += char_styled(word->at[i]) != 0;
    return styled >= 3;
}

/* Soft hyphens stand honestly in long words; a few letters between each are no hyphenation. */
static unsigned hidden_between(const struct written *word)
{
    size_t invisible = 0, soft = 0, turning = 0;
    for (size_t i = 1; i + 1 < word->len; i++) {
        int32_t c = word->at[i];
        if (is_letter(word->at[i - 1]) && (is_letter(word->at[i + 1]) || char_is_invisible(word->at[i + 1]))) {
            turning += char_is_turning(c);
            soft += c == 0xad;
            invisible += c >= 0x80 && c != 0xad && !char_is_turning(c) && char_is_invisible(c);
        }
    }
    return (invisible || (soft >= 2 && soft * 4 > word->len) ? DISGUISE_INVISIBLE : 0) | (turning ? DISGUISE_TURNED : 0);
}

/* Marks over letters that no language sets there: NFC has no letter for them. */
static bool is_overmarked(const struct written *word)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&error);
    size_t odd = 0, row = 0;
    for (size_t i = 1; i < word->len && !U_FAILURE(error); i++) {
        if (char_is_strange_mark(word->at[i - 1], word->at[i]))
            odd += is_letter(word->at[i - 1]);
        row = char_is_mark(word->at[i]) ? row + 1 : 0;
        if (row >= 3)
            return true;
        odd += row == 1 && is_letter(word->at[i - 1]) && unorm2_composePair(nfc, word->at[i - 1], word->at[i]) < 0;
    }
    return odd >= 2;
}

/* ---- figures and capital I among letters */
static char letter_of_figure(const struct written *word, size_t i)
{
    static const char letters[10] = {'o', 'l', 0, 'e', 'a', 's', 0, 't', 'b', 0};
    int32_t before = i ? word->at[i - 1] : 0, after = i + 1 < word->len ? word->at[i + 1] : 0;
    if (word->at[i] != '1')
        return letters[word->at[i] - '0'];
    if ((after | 32) == 'l')
        return is_vowel(before) && i + 2 < word->len ? 'l' : 'i';
    return is_vowel(before) || is_vowel(after) ? 'l' : 'i';
}

/* Few figures among many letters, each alone (or two noughts), each like a letter. Model numbers, codes and versions are not. */
static bool figures_may_be_letters(const struct written *word, size_t *inside)
{
    size_t letters = 0, figures = 0;
    *inside = 0;
    for (size_t i = 0; i < word->len; i++) {
        if (is_figure(word->at[i])) {
            bool doubled = i && is_figure(word->at[i - 1]);
            if (!letter_of_figure(word, i) || (doubled && (word->at[i] != '0' || word->at[i - 1] != '0')))
                return false;
            *inside += i && i + 1 < word->len && (is_letter(word->at[i - 1]) || doubled);
            figures++;
        } else if (is_letter(word->at[i])) {
            letters++;
        } else {
            return false;
        }
    }
    return figures && letters >= 4 && figures <= 3 && figures * 2 <= letters;
}

/* A capital I after a small letter that reads as l: not where a second word of a name may begin (LinkedIn, PayId). */
static bool capital_is_l(const struct written *word, size_t i)
{
    if (word->at[i] != 'I' || !i || word->len < 4)
        return false;
    int32_t before = word->at[i - 1], after = i + 1 < word->len ? word->at[i + 1] : 0;
    if (before == 'I')
        return i >= 2 && is_small(word->at[i - 2]) && (!after || is_small(after));
    return is_small(before) && (!after || (after == 'I' && i + 2 < word->len && is_small(word->at[i + 2])) || (is_small(after) && strchr("aeioulfwykvbghp", (char)after)));
}

/* Parts of links and codes are no words. */
static bool is_beside_code(char before, char after)
{
    static const char signs[] = "/=&?%_@#+\\";
    return (before && strchr(signs, before)) || (after && strchr(signs, after)) || before == '.';
}

static unsigned figures_in(const struct written *word)
{
    size_t inside;
    if (figures_may_be_letters(word, &inside) && inside)
        return DISGUISE_FIGURES;
    for (size_t i = 1; i < word->len; i++)
        if (capital_is_l(word, i))
            return DISGUISE_FIGURES;
    return 0;
}

bool word_reads_otherwise(const struct folding *f, size_t from, size_t to)
{
    struct written word;
    size_t inside;
    return !is_beside_code(from ? f->raw.at[from - 1] : 0, to < f->raw.len ? f->raw.at[to] : 0) &&
           word_take((struct span){f->raw.at + from, to - from}, &word) && figures_may_be_letters(&word, &inside);
}

unsigned word_disguises(struct folding *f, size_t from, size_t to)
{
    struct written word;
    char before = from ? f->raw.at[from - 1] : 0, after = to < f->raw.len ? f->raw.at[to] : 0;
    unsigned found = 0;
    if (!word_take((struct span){f->raw.at + from, to - from}, &word))
        return 0;
    if (f->bits & WORD_STYLED && is_styled(&word))
        found |= DISGUISE_STYLED;
    if (f->bits & (WORD_INVISIBLE | WORD_TURNED))
        found |= hidden_between(&word);
    if (f->bits & WORD_MARK && is_overmarked(&word))
        found |= DISGUISE_COMBINING;
    if (f->bits & WORD_FOREIGN && f->bits & WORD_LATIN && !(f->bits & WORD_APOSTROPHE) && is_mixed(f, &word))
        found |= DISGUISE_MIXED_SCRIPT;
    if (f->bits & (WORD_FIGURE | WORD_CAPITAL_I) && f->bits & (WORD_LOWER | WORD_UPPER) && !is_beside_code(before, after))
        found |= figures_in(&word);
    return found;
}

/* ---- the second reading */
static void word_undo(struct folding *f, struct span text, struct buf *out)
{
    struct written word;
    size_t inside;
    if (!word_take(text, &word)) {
        buf_add(out, text);
        return;
    }
    bool figures = figures_may_be_letters(&word, &inside);
    for (size_t i = 0; i < word.len; i++) {
        int32_t c = word.at[i];
        char alike = char_is_foreign(c) ? letter_alike(f, c) : 0;
        if (is_figure(c) && figures)
            alike = letter_of_figure(&word, i);
        if (capital_is_l(&word, i))
            alike = 'l';
        buf_utf8(out, alike ? (uint32_t)alike : (uint32_t)c);
    }
}

static void spot_undo(struct folding *f, const struct spot *spot, struct buf *out)
{
    struct span text = {f->raw.at + spot->from, spot->to - spot->from};
    if (!(spot->disguises & DISGUISE_APART)) {
        word_undo(f, text, out);
        return;
    }
    for (size_t i = 0; i < text.len; i += 2) /* letter, sign, letter ... */
        buf_byte(out, text.at[i]);
}

enum { AROUND = 80 }; /* bytes of the same line on either side: the longest phrases have fewer */

static size_t around_from(struct span raw, size_t at)
{
    size_t from = at;
    while (from > 0 && at - from < AROUND && raw.at[from - 1] != '\n')
        from--;
    while (from < at && ((unsigned char)raw.at[from] & 0xc0) == 0x80)
        from++;
    return from;
}

static size_t around_to(struct span raw, size_t at)
{
    size_t to = at;
    while (to < raw.len && to - at < AROUND && raw.at[to] != '\n')
        to++;
    while (to > at && to < raw.len && ((unsigned char)raw.at[to] & 0xc0) == 0x80)
        to--;
    return to;
}

struct span spots_undo(struct folding *f)
{
    struct buf out = {.arena = f->arena};
    size_t done = 0, until = 0; /* copied up to `done`; the place around the last spot ends at `until` */
    vec_each (spot, &f->spots) {
        if (spot->from < done)
            continue;
        size_t from = around_from(f->raw, spot->from);
        if (from > until) {
            buf_add(&out, (struct span){f->raw.at + done, until - done});
            buf_byte(&out, '\n');
            done = from;
        }
        buf_add(&out, (struct span){f->raw.at + done, spot->from - done});
        spot_undo(f, spot, &out);
        done = spot->to;
        until = around_to(f->raw, done);
    }
    buf_add(&out, (struct span){f->raw.at + done, until - done});
    return buf_span(&out);
}
