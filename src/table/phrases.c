#include "table/inner.h"

const char *lure_name(enum lure_id id)
{
    static const char *const names[] = {
#define LURE(id, name, en, ja) [id] = name,
#include "table/lure.def"
#undef LURE
    };
    return names[id];
}

const char *lure_text(enum lure_id id, bool japanese)
{
    static const char *const texts[][2] = {
#define LURE(id, name, en, ja) [id] = {en, ja},
#include "table/lure.def"
#undef LURE
    };
    return texts[id][japanese];
}

/* One search through one reading. */
struct finding {
    struct arena *arena;
    const struct phrase_index *index;
    struct span text;
    size_t most;
    bool disguised;
    size_t before;          /* hits of the first reading: what stands there is not told again */
    size_t brand_end;       /* where the last brand's name ends */
    phrase_hits_t *out;
};
enum { LURE_TIMES = 4, BRAND_TIMES = 12 }; /* so often one phrase is told of */

/* Where the piece ends that begins at `at`; 0: it does not stand there. Lines may break between words, and within Japanese. */
static size_t piece_end(struct span text, size_t at, struct span piece)
{
    size_t p = 0;
    for (; p < piece.len; at++) {
        if (at >= text.len)
            return 0;
        char c = text.at[at], wanted = piece.at[p];
        if (c == wanted || (c == '\n' && wanted == ' '))
            p++;
        else if (c != '\n' || !p || !byte_is_japanese(wanted))
            return 0;
    }
    return at;
}

static bool is_bound(struct span text, size_t at)
{
    return at >= text.len || byte_is_gap(text.at[at]) || byte_is_japanese(text.at[at]);
}

/* Whether a phrase may end at `end`: a word of Latin letters must end there too; a brand's may have a possessive s. */
static bool ends_well(const struct phrase_row *row, struct span text, size_t end, struct span piece, bool last)
{
    const unsigned char final = (unsigned char)piece.at[piece.len - 1];
    bool latin = final < 0x80 || (piece.len < 3 || !byte_is_japanese(piece.at[piece.len - 3]));
    if (!latin || is_bound(text, end) || (last && row->open))
        return true;
    return last && row->phrase.kind != PHRASE_LURE && final < 0x80 && text.at[end] == 's' && is_bound(text, end + 1);
}

/* The next place where a piece may begin: the next word, or the next character of Japanese. */
static size_t place_next(struct span text, size_t at, bool *japanese)
{
    *japanese = at < text.len && byte_is_japanese(text.at[at]);
    if (*japanese) {
        at += text.at[at] == '\xf0' ? 4 : 3;
    } else {
        while (at < text.len && !byte_is_gap(text.at[at]) && !byte_is_japanese(text.at[at]))
            at++;
    }
    while (at < text.len && byte_is_gap(text.at[at]))
        at++;
    return at;
}

/* The end of the piece somewhere behind `from`, within the gap that `*` stands for; 0: not there. */
static size_t gap_cross(const struct phrase_row *row, struct span text, size_t from, struct span piece, bool last)
{
    bool japanese;
    int left = GAP_WORDS * 4; /* a word counts four characters of Japanese */
    while (from < text.len && byte_is_gap(text.at[from]))
        from++;
    while (from < text.len) {
        size_t end = piece_end(text, from, piece);
        if (end && ends_well(row, text, end, piece, last))
            return end;
        from = place_next(text, from, &japanese);
        left -= japanese ? GAP_WORDS * 4 / GAP_JAPANESE : 4;
        if (left < 0)
            return 0;
    }
    return 0;
}

static size_t phrase_end(const struct phrase_row *row, struct span text, size_t at)
{
    size_t end = piece_end(text, at, row->pieces[0]);
    if (!end || !ends_well(row, text, end, row->pieces[0], row->count == 1))
        return 0;
    for (unsigned i = 1; i < row->count && end; i++)
        end = gap_cross(row, text, end, row->pieces[i], i + 1 == row->count);
    return end;
}

/* In the second reading only what the first has not. */
static bool is_told(const struct finding *f, const struct phrase *phrase)
{
    size_t times = 0, most = phrase->kind == PHRASE_LURE ? LURE_TIMES : BRAND_TIMES;
    if (f->disguised)
        most = f->before ? 1 : most;
    for (size_t i = 0; i < f->out->len && times < most; i++)
        times += f->out->at[i].phrase == phrase && (!f->disguised || i < f->before);
    return times >= most;
}

static void hit_add(struct finding *f, const struct phrase *phrase, size_t at, size_t end)
{
    if (phrase->kind != PHRASE_LURE) {
        phrase_hits_t *out = f->out;
        while (out->len > f->before && out->at[out->len - 1].phrase->kind != PHRASE_LURE && out->at[out->len - 1].at == at && out->at[out->len - 1].len < end - at)
            out->len--; /* a shorter name at the same place */
        if (end < f->brand_end || (end == f->brand_end && (!out->len || out->at[out->len - 1].at < at)))
            return; /* within a longer one */
        f->brand_end = end;
    }
    if (f->out->len < f->most && !is_told(f, phrase))
        *vec_push(f->arena, f->out) = (struct phrase_hit){phrase, at, end - at, f->disguised};
}

static void __attribute__((noinline)) rows_try(struct finding *f, uint32_t key, size_t at)
{
    const struct phrase_index *index = f->index;
    const uint32_t *slot = &index->slots[key & index->slot_mask];
    for (const struct phrase_probe *probe = index->probes + slot[0], *last = index->probes + slot[1]; probe < last; probe++) {
        if (probe->key != key || !piece_end(f->text, at, (struct span){probe->head, probe->len}))
            continue;
        const struct phrase_row *row = &index->rows.at[probe->row];
        size_t end = phrase_end(row, f->text, at);
        if (end)
            hit_add(f, &row->phrase, at, end);
    }
}

static inline void key_try(struct finding *f, uint32_t key, size_t at)
{
    if (index_may_hold(f->index, key))
        rows_try(f, key, at);
}

/* The word between `at` and `end`; the word before it at `last` (NULL: none). What begins with the earlier word comes first. */
static inline void word_try(struct finding *f, uint32_t key, const char *at, const char *end, uint32_t last_key, const char *last)
{
    const char *stem_end;
    bool plural = end - at > 2 && end[-1] == 's'; /* or a name's possessive */
    uint32_t stem = plural ? key_of_word(at, end - 1, &stem_end) : key;
    size_t place = (size_t)(at - f->text.at);
    if (last) {
        if (plural)
            key_try(f, key_of_pair(last_key, stem), (size_t)(last - f->text.at));
        key_try(f, key_of_pair(last_key, key), (size_t)(last - f->text.at));
    }
    if (plural)
        key_try(f, stem, place);
    key_try(f, key, place);
    if (end - at >= KEY_HEAD)
        key_try(f, key_of_head(at), place);
}

static void text_search(struct finding *f)
{
    const char *begin = f->text.at, *end = begin + f->text.len, *last = NULL, *word_end;
    uint32_t last_key = 0;
    for (const char *at = begin; at < end;) {
        if (byte_is_gap(*at)) {
            at++;
        } else if (byte_is_japanese(*at)) {
            key_try(f, key_of_japanese(at, end), (size_t)(at - begin));
            at += *at == '\xf0' ? 4 : 3;
            last = NULL;
        } else {
            uint32_t key = key_of_word(at, end, &word_end);
            word_try(f, key, at, word_end, last_key, last);
            last = at;
            last_key = key;
            at = word_end;
        }
    }
}

void phrases_find(struct arena *arena, const struct tables *tables, const struct folded *text, size_t most, phrase_hits_t *out)
{
    *out = (phrase_hits_t){0};
    if (!tables || !tables->phrases.slots)
        return;
    struct finding f = {.arena = arena, .index = &tables->phrases, .text = text->text, .most = most, .out = out};
    text_search(&f);
    if (!text->undone.len)
        return;
    f.text = text->undone;
    f.disguised = true;
    f.before = out->len;
    f.brand_end = 0;
    text_search(&f);
}
