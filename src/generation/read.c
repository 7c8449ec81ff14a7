/* From the tree of the file to the members of the generation, by the table of keys. Goes on after every fault. */
#include "generation/inner.h"

#include "base/config.h"

struct spot { /* the record that is being filled */
    enum key_record record;
    char *base;
    struct span path; /* "listeners[2]."; empty for the file */
    unsigned line;
};

static void record_read(struct reading *reading, const struct spot *spot, const struct tree *tree);

static struct span path_of(struct reading *reading, const struct spot *spot, struct span key)
{
    return arena_print(reading->arena, "%.*s%.*s", SPAN_FMT(spot->path), SPAN_FMT(key));
}

static void place_add(struct reading *reading, const struct spot *spot, const struct key *key, unsigned line, bool written)
{
    *vec_push(reading->arena, &reading->out->inside->places) =
        (struct place){spot->base + key->offset, key, path_of(reading, spot, span_of(key->path)), line, written};
}

static void word_read(struct reading *reading, const struct key *key, struct span path, const struct tree *tree, void *at)
{
    struct err err;
    if (tree->kind != TREE_WORD)
        fault_add(reading->faults, false, tree->line, path, tree->kind == TREE_NOTHING ? "has no value; write one, or take the line out"
                                                                                       : "wants a single value");
    else if (key_kind(key->type)->take(reading, key, tree->word, at, &err) == 0)
        return;
    else
        fault_add(reading->faults, false, tree->line, path, "%s", err.text);
    memset(at, 0, key->how == HOW_LIST ? key_kind(key->type)->size : key->size);
    if (key->fallback[0]) /* so that it is not found to contradict others as well */
        key_kind(key->type)->take(reading, key, span_of(key->fallback), at, NULL);
}

static void item_read(struct reading *reading, const struct key *key, struct span path, const struct tree *tree, struct any_list *list)
{
    if (key->type != TYPE_RECORDS) {
        word_read(reading, key, path, tree, list->at + list->len++ * key_kind(key->type)->size);
        return;
    }
    enum key_record record = record_named(key->range);
    struct spot spot = {record, list->at + list->len * record_size(record), arena_print(reading->arena, "%.*s.", SPAN_FMT(path)), tree->line};
    if (tree->kind != TREE_MAP) { /* no record of nothing: none of its keys would have a place */
        fault_add(reading->faults, false, tree->line, path, "wants keys with values, as in `- %s: value`",
                  key_by_path(record, S("name")) ? "name" : "key");
        return;
    }
    list->len++;
    record_read(reading, &spot, tree);
}

/* Room for all that are written at once: where they lie must not change any more. */
static void list_read(struct reading *reading, const struct key *key, struct span path, const struct tree *tree, struct any_list *list)
{
    size_t size = key->type == TYPE_RECORDS ? record_size(record_named(key->range)) : key_kind(key->type)->size;
    list->cap = tree->items.len;
    list->at = arena_alloc(reading->arena, (tree->items.len + 1) * size);
    for (size_t i = 0; i < tree->items.len; i++)
        item_read(reading, key, arena_print(reading->arena, "%.*s[%zu]", SPAN_FMT(path), i + 1), tree->items.at[i], list);
}

static void key_read(struct reading *reading, const struct spot *spot, const struct key *key, const struct tree_pair *pair)
{
    struct span path = path_of(reading, spot, span_of(key->path));
    place_add(reading, spot, key, pair->line, true);
    if (key->how != HOW_LIST)
        word_read(reading, key, path, pair->value, spot->base + key->offset);
    else if (pair->value->kind == TREE_LIST)
        list_read(reading, key, path, pair->value, (struct any_list *)(spot->base + key->offset));
    else if (pair->value->kind != TREE_NOTHING) /* all of it is commented out */
        fault_add(reading->faults, false, pair->line, path, "%s", key->type == TYPE_RECORDS ? "wants a list, each of it behind a dash: - key: value"
                                                                                            : "wants a list: write [value, value]");
}

/* ---- unknown keys */
/* The last word of a path: "deadline" of "dns.deadline". */
static const char *last_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* NULL: none; else a word that may stand where `word` does: a key, or a section, below `section`. */
static const char *near_find(struct reading *reading, enum key_record record, struct span section, const char *word)
{
    const struct key *key;
    for (size_t i = 0; (key = key_at(i)); i++) {
        if (key->record != record || !span_starts(span_of(key->path), section))
            continue;
        struct span head, rest = span_skip(span_of(key->path), section.len);
        span_cut(&rest, '.', &head);
        const char *name = arena_copy(reading->arena, head).at;
        if (key_is_like(name, word))
            return name;
    }
    return NULL;
}

/* A key of that very name, or like it, that belongs elsewhere. */
static const struct key *far_find(const char *word, bool alike)
{
    const struct key *key;
    for (size_t i = 0; (key = key_at(i)); i++)
        if (alike ? key_is_like(last_of(key->path), word) : strcmp(last_of(key->path), word) == 0)
            return key;
    return NULL;
}

static const char *home_of(struct reading *reading, const struct key *key)
{
    static const char *const homes[RECORD_COUNT] = {
        [RECORD_organisation] = "organisations: - ", [RECORD_person] = "organisations: - people: - ", [RECORD_listener] = "listeners: - ",
        [RECORD_block_list] = "dns: block_lists: - ", [RECORD_block_code] = "dns: block_lists: - codes: - ",
        [RECORD_notification] = "notify: - "};
    if (key->record != RECORD_generation)
        return arena_print(reading->arena, "%s%s", homes[key->record], key->path).at;
    const char *dot = strchr(key->path, '.');
    return !dot ? key->path : arena_print(reading->arena, "%.*s: %s", (int)(dot - key->path), key->path, dot + 1).at;
}

static void unknown_tell(struct reading *reading, const struct spot *spot, struct span section, const struct tree_pair *pair)
{
    struct span path = arena_print(reading->arena, "%.*s%.*s%.*s", SPAN_FMT(spot->path), SPAN_FMT(section), SPAN_FMT(pair->key));
    const char *word = arena_copy(reading->arena, pair->key).at, *near = near_find(reading, spot->record, section, word);
    const struct key *same = near ? NULL : far_find(word, false), *far = near || same ? NULL : far_find(word, true);
    if (near)
        fault_add(reading->faults, false, pair->line, path, "is no key; did you mean \"%s\"?", near);
    else if (same)
        fault_add(reading->faults, false, pair->line, path, "does not belong here; it stands at %s", home_of(reading, same));
    else if (far)
        fault_add(reading->faults, false, pair->line, path, "is no key; did you mean %s?", home_of(reading, far));
    else
        fault_add(reading->faults, false, pair->line, path, "is no key; sekimori.conf(5) has them all");
}

/* ---- records */
/* The line of an earlier pair with the same key; 0: none. */
static unsigned earlier(const struct tree *tree, const struct tree_pair *pair)
{
    for (const struct tree_pair *other = tree->pairs.at; other < pair; other++)
        if (span_eq(other->key, pair->key))
            return other->line;
    return 0;
}

static void pairs_read(struct reading *reading, const struct spot *spot, struct span section, const struct tree *tree)
{
    vec_each(pair, &tree->pairs) {
        struct span name = arena_print(reading->arena, "%.*s%.*s", SPAN_FMT(section), SPAN_FMT(pair->key));
        const struct key *key = key_by_path(spot->record, name);
        unsigned before = earlier(tree, pair);
        if (before)
            fault_add(reading->faults, false, pair->line, path_of(reading, spot, name), "stands twice, in line %u too; keep one of them", before);
        else if (key)
            key_read(reading, spot, key, pair);
        else if (!key_is_section(spot->record, name))
            unknown_tell(reading, spot, section, pair);
        else if (pair->value->kind == TREE_MAP)
            pairs_read(reading, spot, arena_print(reading->arena, "%.*s.", SPAN_FMT(name)), pair->value);
        else if (pair->value->kind != TREE_NOTHING)
            fault_add(reading->faults, false, pair->line, path_of(reading, spot, name), "wants keys below it, as in key: value");
    }
}

static void default_take(struct reading *reading, const struct spot *spot, const struct key *key)
{
    struct err err;
    place_add(reading, spot, key, spot->line, false);
    if (key->how == HOW_MUST)
        fault_add(reading->faults, false, spot->line, path_of(reading, spot, span_of(key->path)), "is missing; write %s: and its value", key->path);
    else if (key->fallback[0] && key_kind(key->type)->take(reading, key, span_of(key->fallback), spot->base + key->offset, &err) < 0)
        fault_add(reading->faults, false, 0, path_of(reading, spot, span_of(key->path)), "by default: %s", err.text);
}

static bool is_placed(const struct reading *reading, size_t first, size_t end, const void *member)
{
    for (const struct place *place = reading->out->inside->places.at + first; first < end; first++, place++)
        if (place->member == member)
            return true;
    return false;
}

static void record_read(struct reading *reading, const struct spot *spot, const struct tree *tree)
{
    const struct key *key;
    size_t first = reading->out->inside->places.len;
    pairs_read(reading, spot, S(""), tree);
    size_t end = reading->out->inside->places.len;
    for (size_t i = 0; (key = key_at(i)); i++)
        if (key->record == spot->record && !is_placed(reading, first, end, spot->base + key->offset))
            default_take(reading, spot, key);
}

void generation_read(struct reading *reading, const struct tree *tree)
{
    struct spot spot = {.record = RECORD_generation, .base = (char *)reading->out};
    static const struct tree nothing = {.kind = TREE_MAP};
    if (tree->kind == TREE_NOTHING)
        fault_add(reading->faults, true, 0, S(""), "holds nothing: everything stands at its default");
    else if (tree->kind != TREE_MAP)
        fault_add(reading->faults, false, tree->line, S(""), "wants keys with values, as in key: value");
    record_read(reading, &spot, tree->kind == TREE_MAP ? tree : &nothing);
    places_sort(reading->out);
}
