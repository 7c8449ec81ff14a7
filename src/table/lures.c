#include "table/inner.h"

#include "base/config.h"

/* data/lures.yaml as libcyaml reads it */
struct lure_row {
    enum lure_id lure;
    char *language;
    char **strong, **phrases;
    unsigned strong_count, phrases_count;
};
struct lures_file {
    char *source, *date;
    struct lure_row *lures;
    unsigned lures_count;
};

static const cyaml_strval_t lure_ids[] = {
#define LURE(id, name, en, ja) {name, id},
#include "table/lure.def"
#undef LURE
};
static const cyaml_schema_value_t phrase_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, PHRASE_BYTES_MOST)};
static const cyaml_schema_field_t lure_fields[] = {
    CYAML_FIELD_ENUM("lure", CYAML_FLAG_STRICT, struct lure_row, lure, lure_ids, CYAML_ARRAY_LEN(lure_ids)),
    CYAML_FIELD_STRING_PTR("language", CYAML_FLAG_POINTER, struct lure_row, language, 2, 2),
    CYAML_FIELD_SEQUENCE("strong", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct lure_row, strong, &phrase_value, 0, 1000),
    CYAML_FIELD_SEQUENCE("phrases", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct lure_row, phrases, &phrase_value, 0, 1000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t lure_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lure_row, lure_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct lures_file, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct lures_file, date, 10, 10),
    CYAML_FIELD_SEQUENCE("lures", CYAML_FLAG_POINTER, struct lures_file, lures, &lure_value, 0, 2000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct lures_file, file_fields)};

static void file_free(struct lures_file **file)
{
    config_free(&file_value, (void **)file);
}

enum { PHRASES_MOST = 16384 };

/* What is wrong with a phrase; NULL: nothing. */
static const char *phrase_fill(struct arena *arena, struct span text, struct phrase_row *row)
{
    struct span rest = text, piece;
    if (rest.len && rest.at[rest.len - 1] == '~') {
        row->open = true;
        rest.len--;
    }
    while (span_cut(&rest, '*', &piece)) {
        struct folded folded;
        if (row->count == PIECES_MOST)
            return "has more than three `*`; write two phrases";
        if (span_find_byte(piece, '~'))
            return "has `~` elsewhere than at its end; it stands for the rest of the last word";
        text_fold(arena, piece, PHRASE_BYTES_MOST, &folded);
        if (!folded.text.len || span_find_byte(folded.text, '\n'))
            return "has nothing to look for before, behind or between `*`; write words there";
        row->pieces[row->count++] = folded.text;
    }
    return NULL;
}

/* The key it is looked up by: two whole words, else one, else the first letters; of Japanese two characters. 0: none. */
static bool phrase_key(struct phrase_row *row)
{
    struct span piece = row->pieces[0];
    const char *end = piece.at + piece.len, *word_end, *second_end;
    bool open = row->open && row->count == 1;
    if (byte_is_japanese(piece.at[0])) {
        row->key = key_of_japanese(piece.at, end);
        return piece.len > 4;
    }
    row->key = key_of_word(piece.at, end, &word_end);
    if (word_end == end && open) {
        row->key = piece.len >= KEY_HEAD ? key_of_head(piece.at) : 0;
        return piece.len >= KEY_HEAD;
    }
    if (word_end < end && *word_end == ' ') {
        uint32_t second = key_of_word(word_end + 1, end, &second_end);
        if (second_end > word_end + 1 && (second_end < end || !open))
            row->key = key_of_pair(row->key, second);
    }
    return piece.len > 1;
}

static struct span known_key(struct arena *arena, const struct phrase_row *row)
{
    struct buf key = {.arena = arena};
    buf_print(&key, "%d %u", row->phrase.kind, row->phrase.of);
    for (unsigned i = 0; i < row->count; i++) {
        buf_byte(&key, '*');
        buf_add(&key, row->pieces[i]);
    }
    return buf_span(&key);
}

/* Adds one phrase; what is wrong with it, or NULL. One that the lure has already (in another language too) is left out. */
static const char *phrase_add(struct tables *tables, enum phrase_kind kind, uint32_t of, struct span text, struct span language, bool strong)
{
    struct phrase_row row = {.phrase = {.kind = kind, .of = of, .language = language, .strong = strong}};
    const char *wrong = phrase_fill(tables->arena, text, &row);
    if (wrong)
        return wrong;
    if (tables->phrases.rows.len == PHRASES_MOST)
        return "is one too many (with the names of brands there may be 16384); shorten the lists";
    if (!phrase_key(&row))
        return "is too short to be looked for; write at least two letters, four before `~`";
    if (!span_map_add(tables->phrases.known, known_key(tables->arena, &row), 0))
        return NULL;
    row.phrase.text = arena_copy(tables->arena, text);
    *vec_push(tables->arena, &tables->phrases.rows) = row;
    return NULL;
}

static int list_take(struct tables *tables, const struct lure_row *row, char *const *list, unsigned count, bool strong, const char *path, struct err *err)
{
    struct span language = arena_copy(tables->arena, span_of(row->language));
    for (unsigned i = 0; i < count; i++) {
        const char *wrong = phrase_add(tables, PHRASE_LURE, row->lure, span_of(list[i]), language, strong);
        if (wrong)
            return err_set(err, "%s:%u: the phrase \"%s\" of lure %s %s", path, line_of(path, span_of(list[i])), list[i], lure_name(row->lure), wrong);
    }
    return 0;
}

static int file_load(struct tables *tables, const char *path, struct err *err)
{
    struct lures_file *file __attribute__((cleanup(file_free))) = NULL;
    if (config_load(path, &file_value, (void **)&file, err) < 0)
        return -1;
    for (unsigned i = 0; i < file->lures_count; i++) {
        const struct lure_row *row = &file->lures[i];
        if (list_take(tables, row, row->strong, row->strong_count, true, path, err) < 0 ||
            list_take(tables, row, row->phrases, row->phrases_count, false, path, err) < 0)
            return -1;
    }
    return 0;
}

/* A name that is too short to be told from other words is no phrase: the brand is known by its others and its domains. */
static void brands_take(struct tables *tables)
{
    for (uint32_t i = 0; i < brand_count(tables); i++) {
        const struct brand *brand = brand_at(tables, i);
        vec_each (name, &brand->names)
            phrase_add(tables, PHRASE_BRAND_NAME, i, *name, (struct span){0}, brand->sure);
        vec_each (word, &brand->words)
            phrase_add(tables, PHRASE_BRAND_WORD, i, *word, (struct span){0}, false);
    }
}

static void probe_put(struct phrase_index *index, uint32_t row_index, uint32_t *free)
{
    const struct phrase_row *row = &index->rows.at[row_index];
    struct phrase_probe *probe = &index->probes[free[row->key & index->slot_mask]++];
    struct span head = span_first(row->pieces[0], sizeof probe->head);
    *probe = (struct phrase_probe){.key = row->key, .row = row_index, .len = (uint8_t)head.len};
    memcpy(probe->head, head.at, head.len);
    const uint32_t one = row->key % MAYBE_BITS, two = row->key >> MAYBE_SHIFT;
    index->maybe[one / 64] |= 1ull << (one % 64);
    index->maybe[two / 64] |= 1ull << (two % 64);
}

static void index_make(struct tables *tables)
{
    struct phrase_index *index = &tables->phrases;
    size_t size = 64;
    while (size < index->rows.len * 2)
        size *= 2;
    index->slot_mask = size - 1;
    index->slots = arena_alloc(tables->arena, (size + 1) * sizeof *index->slots);
    index->maybe = arena_alloc(tables->arena, MAYBE_BITS / 8);
    index->probes = arena_alloc(tables->arena, (index->rows.len + 1) * sizeof *index->probes);
    vec_each (row, &index->rows)
        index->slots[(row->key & index->slot_mask) + 1]++;
    for (size_t i = 0; i < size; i++)
        index->slots[i + 1] += index->slots[i];
    uint32_t *free = arena_alloc(tables->arena, size * sizeof *free);
    memcpy(free, index->slots, size * sizeof *free);
    for (uint32_t i = 0; i < index->rows.len; i++)
        probe_put(index, i, free);
    index->known = NULL;
}

int phrases_load(struct tables *tables, struct err *err)
{
    const char *paths[2];
    size_t count = list_paths(tables, "lures.yaml", paths);
    tables->phrases.known = arena_one(tables->arena, struct span_map);
    span_map_size(tables->arena, tables->phrases.known, PHRASES_MOST);
    for (size_t i = 0; i < count; i++)
        if (file_load(tables, paths[i], err) < 0)
            return -1;
    brands_take(tables);
    index_make(tables);
    return 0;
}
