#include "table/inner.h"

#include "base/config.h"

/* data/name-words.yaml as libcyaml reads it */
struct list_row {
    enum name_word_use use;
    enum brand_kind *kinds;
    char **words, *source, *date;
    unsigned words_count, kinds_count;
};
struct lists_file {
    struct list_row *lists;
    unsigned lists_count;
};

static const cyaml_strval_t uses[] = {{"added", NAME_WORD_ADDED}, {"role", NAME_WORD_ROLE},   {"trade", NAME_WORD_TRADE},
                                      {"title", NAME_WORD_TITLE}, {"legal", NAME_WORD_LEGAL}, {"hoster", NAME_WORD_HOSTER},
                                      {"desk", NAME_WORD_DESK},   {"label", NAME_WORD_LABEL}, {"greeting", NAME_WORD_GREETING}, {"plain", NAME_WORD_PLAIN}};
static const cyaml_strval_t kinds[] = {
#define BRAND_KIND(id, name) {name, id},
#include "table/brand_kind.def"
#undef BRAND_KIND
};
static const cyaml_schema_value_t text_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 60)};
static const cyaml_schema_value_t kind_value = {CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, enum brand_kind, kinds, CYAML_ARRAY_LEN(kinds))};
static const cyaml_schema_field_t list_fields[] = {
    CYAML_FIELD_ENUM("use", CYAML_FLAG_STRICT, struct list_row, use, uses, CYAML_ARRAY_LEN(uses)),
    CYAML_FIELD_SEQUENCE("kinds", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct list_row, kinds, &kind_value, 0, BRAND_KIND_COUNT),
    CYAML_FIELD_SEQUENCE("words", CYAML_FLAG_POINTER, struct list_row, words, &text_value, 0, 5000),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct list_row, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct list_row, date, 10, 10),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t list_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct list_row, list_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("lists", CYAML_FLAG_POINTER, struct lists_file, lists, &list_value, 0, 1000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct lists_file, file_fields)};

static void file_free(struct lists_file **file)
{
    config_free(&file_value, (void **)file);
}

static int list_check(const struct list_row *list, const char *path, struct err *err)
{
    if ((list->use == NAME_WORD_TRADE) != (list->kinds_count > 0) && list->words_count)
        return err_set(err, "%s:%u: the list that begins with \"%s\": `kinds` belongs to the use trade and to no other", path,
                       line_of(path, span_of(list->words[0])), list->words[0]);
    return 0;
}

static struct name_word *word_at(struct tables *tables, struct span word)
{
    const uint32_t *found = span_map_find(&tables->name_words, word);
    if (found)
        return &tables->name_word_rows.at[*found];
    span_map_add(&tables->name_words, word, (uint32_t)tables->name_word_rows.len);
    return vec_push(tables->arena, &tables->name_word_rows);
}

static void list_take(struct tables *tables, const struct list_row *list)
{
    for (unsigned i = 0; i < list->words_count; i++) {
        struct folded folded; /* as the texts are that they are looked for in */
        text_fold(tables->arena, arena_copy(tables->arena, span_of(list->words[i])), 200, &folded);
        struct name_word *word = word_at(tables, folded.text);
        word->uses |= (unsigned)list->use;
        for (unsigned k = 0; k < list->kinds_count; k++)
            word->trades |= (uint64_t)1 << list->kinds[k];
    }
}

struct files {
    struct lists_file *at[2];
};
static void files_free(struct files *files)
{
    file_free(&files->at[0]);
    file_free(&files->at[1]);
}

/* The map is made for both files at once: it does not grow. */
int name_words_load(struct tables *tables, struct err *err)
{
    struct files files __attribute__((cleanup(files_free))) = {0};
    const char *paths[2];
    size_t count = list_paths(tables, "name-words.yaml", paths), words = 0;
    for (size_t f = 0; f < count; f++) {
        if (config_load(paths[f], &file_value, (void **)&files.at[f], err) < 0)
            return -1;
        for (unsigned i = 0; i < files.at[f]->lists_count; i++) {
            if (list_check(&files.at[f]->lists[i], paths[f], err) < 0)
                return -1;
            words += files.at[f]->lists[i].words_count;
        }
    }
    span_map_size(tables->arena, &tables->name_words, words);
    for (size_t f = 0; f < count; f++)
        for (unsigned i = 0; i < files.at[f]->lists_count; i++)
            list_take(tables, &files.at[f]->lists[i]);
    return 0;
}

static const struct name_word *word_find(const struct tables *tables, struct span word)
{
    const uint32_t *found = tables ? span_map_find(&tables->name_words, word) : NULL;
    return found ? &tables->name_word_rows.at[*found] : NULL;
}

unsigned name_word_uses(const struct tables *tables, struct span word)
{
    const struct name_word *found = word_find(tables, word);
    return found ? found->uses : 0;
}

bool name_word_of_trade(const struct tables *tables, struct span word, enum brand_kind kind)
{
    const struct name_word *found = word_find(tables, word);
    return found && found->trades >> kind & 1;
}
