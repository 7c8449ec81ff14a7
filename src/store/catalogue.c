/* catalogue: what tables, columns and indexes migrations lead to, and how that differs from what is there. */
#include "store/driver.h"

#include <stdio.h>

const char *store_type_name(enum store_type type)
{
    static const char *const names[] = {"?", "integer", "real", "text", "bytes"};
    return names[type <= STORE_BYTES ? type : 0];
}

struct table *catalogue_table(const struct catalogue *catalogue, const char *name)
{
    vec_each (table, &catalogue->tables)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

int table_column(const struct table *table, struct span name)
{
    for (size_t i = 0; i < table->len; i++)
        if (span_eq(span_of(table->columns[i].name), name))
            return (int)i;
    return -1;
}

static int name_check(const char *name, struct err *err)
{
    struct span s = span_of(name);
    bool good = s.len && s.len <= 60 && ascii_is_alpha(s.at[0]) && !span_starts(s, S("sqlite_")) && !span_starts(s, S("pg_"));
    for (size_t i = 0; i < s.len; i++)
        good &= (ascii_is_alpha(s.at[i]) && s.at[i] == ascii_lower(s.at[i])) || ascii_is_digit(s.at[i]) || s.at[i] == '_';
    return good ? 0 : err_set(err, "\"%s\" is no name for a table, column or index: a-z, 0-9 and _, a letter first, at most 60", name ? name : "");
}

static const char *kept(struct catalogue *catalogue, const char *name)
{
    return arena_copy(catalogue->arena, span_of(name)).at;
}

static struct index *index_find(const struct catalogue *catalogue, const char *name, struct table **of)
{
    vec_each (table, &catalogue->tables)
        for (size_t i = 0; i < table->indexed; i++)
            if (strcmp(table->indexes[i].name, name) == 0) {
                *of = table;
                return &table->indexes[i];
            }
    return NULL;
}

static int columns_named(const struct table *table, const char *on, size_t *columns, size_t *len, struct err *err)
{
    struct span rest = span_of(on), word;
    *len = 0;
    while (span_word(&rest, &word)) {
        int column = table_column(table, word);
        if (column < 0)
            return err_set(err, "table %s has no column %.*s", table->name, SPAN_FMT(word));
        if (*len == STORE_KEY_MOST)
            return err_set(err, "table %s: more than %d columns in one key or index", table->name, STORE_KEY_MOST);
        columns[(*len)++] = (size_t)column;
    }
    return *len ? 0 : err_set(err, "table %s: a key or index without columns", table->name);
}

static int column_add(struct catalogue *catalogue, struct table *table, const struct store_column *column, struct err *err)
{
    if (name_check(column->name, err) < 0)
        return -1;
    if (table_column(table, span_of(column->name)) >= 0)
        return err_set(err, "table %s has a column %s already", table->name, column->name);
    if (table->len == STORE_COLUMNS_MOST)
        return err_set(err, "table %s: more than %d columns", table->name, STORE_COLUMNS_MOST);
    if (column->type < STORE_INTEGER || column->type > STORE_BYTES)
        return err_set(err, "table %s: column %s has no type", table->name, column->name);
    table->columns[table->len++] = (struct store_column){kept(catalogue, column->name), column->type, column->null};
    return 0;
}

static int table_make(struct catalogue *catalogue, const struct store_step *step, struct err *err)
{
    if (name_check(step->table, err) < 0)
        return -1;
    if (catalogue_table(catalogue, step->table))
        return err_set(err, "there is a table %s already", step->table);
    if (catalogue->tables.len == STORE_TABLES_MOST)
        return err_set(err, "more than %d tables", STORE_TABLES_MOST);
    struct table *table = vec_push(catalogue->arena, &catalogue->tables);
    *table = (struct table){.name = kept(catalogue, step->table), .small = step->small};
    for (const struct store_column *column = step->columns; column && column->name; column++)
        if (column_add(catalogue, table, column, err) < 0)
            return -1;
    if (columns_named(table, step->on, table->key, &table->key_len, err) < 0)
        return -1;
    for (size_t i = 0; i < table->key_len; i++)
        if (table->columns[table->key[i]].null)
            return err_set(err, "table %s: column %s of its key may be null", table->name, table->columns[table->key[i]].name);
    return 0;
}

static int table_grow(struct catalogue *catalogue, struct table *table, const struct store_step *step, struct err *err)
{
    for (const struct store_column *column = step->columns; column && column->name; column++)
        if (!column->null)
            return err_set(err, "table %s: column %s is added and must be allowed to be null", table->name, column->name);
        else if (column_add(catalogue, table, column, err) < 0)
            return -1;
    return 0;
}

static int index_make(struct catalogue *catalogue, struct table *table, const struct store_step *step, struct err *err)
{
    struct table *of;
    if (name_check(step->index, err) < 0)
        return -1;
    if (index_find(catalogue, step->index, &of) || catalogue_table(catalogue, step->index))
        return err_set(err, "there is an index or table %s already", step->index);
    if (table->indexed == STORE_INDEXES_MOST)
        return err_set(err, "table %s: more than %d indexes", table->name, STORE_INDEXES_MOST);
    struct index *index = &table->indexes[table->indexed];
    *index = (struct index){.name = kept(catalogue, step->index), .unique = step->kind == STORE_UNIQUE_MAKE};
    if (columns_named(table, step->on, index->columns, &index->len, err) < 0)
        return -1;
    table->indexed++;
    return 0;
}

static int index_drop(struct catalogue *catalogue, const char *name, struct err *err)
{
    struct table *of = NULL;
    struct index *index = name ? index_find(catalogue, name, &of) : NULL;
    if (!index)
        return err_set(err, "there is no index %s", name ? name : "");
    *index = of->indexes[--of->indexed];
    return 0;
}

int catalogue_step(struct catalogue *catalogue, const struct store_step *step, struct err *err)
{
    struct table *table = step->table ? catalogue_table(catalogue, step->table) : NULL;
    if (step->kind == STORE_TABLE_MAKE)
        return table_make(catalogue, step, err);
    if (step->kind == STORE_INDEX_DROP)
        return index_drop(catalogue, step->index, err);
    if (!table)
        return err_set(err, "there is no table %s", step->table ? step->table : "");
    if (step->kind == STORE_COLUMN_ADD)
        return table_grow(catalogue, table, step, err);
    if (step->kind != STORE_TABLE_DROP)
        return index_make(catalogue, table, step, err);
    *table = catalogue->tables.at[--catalogue->tables.len];
    return 0;
}

int catalogue_of(struct catalogue *catalogue, const struct store_schema *schema, struct err *err)
{
    struct err why;
    for (size_t i = 0; i < schema->count; i++) {
        const struct store_migration *migration = &schema->migrations[i];
        if (migration->number != i + 1)
            return err_set(err, "migration %u stands where number %zu belongs; they are numbered 1, 2, 3 and none is taken out", migration->number, i + 1);
        for (const struct store_step *step = migration->steps; step->kind; step++)
            if (catalogue_step(catalogue, step, &why) < 0)
                return err_set(err, "migration %u (%s): %s", migration->number, migration->what, why.text);
    }
    return 0;
}

/* ---- differences */

struct telling {
    store_tell tell;
    void *context;
    int faults;
};

static void __attribute__((format(printf, 2, 3))) told(struct telling *telling, const char *format, ...)
{
    char text[400];
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof text, format, words);
    va_end(words);
    telling->tell(telling->context, text);
    telling->faults++;
}

static void columns_compare(const struct table *wanted, const struct table *found, bool more, struct telling *telling)
{
    for (size_t i = 0; i < wanted->len; i++) {
        const struct store_column *column = &wanted->columns[i];
        int at = table_column(found, span_of(column->name));
        if (at < 0)
            told(telling, "table %s lacks its column %s", wanted->name, column->name);
        else if ((size_t)at != i)
            told(telling, "table %s has its column %s in another place", wanted->name, column->name);
        else if (found->columns[at].type != column->type)
            told(telling, "table %s: column %s is %s and should be %s", wanted->name, column->name, store_type_name(found->columns[at].type),
                 store_type_name(column->type));
        else if (found->columns[at].null != column->null)
            told(telling, "table %s: column %s may %sbe null and should%s", wanted->name, column->name, column->null ? "not " : "", column->null ? "" : " not");
    }
    for (size_t i = 0; more && i < found->len; i++)
        if (table_column(wanted, span_of(found->columns[i].name)) < 0)
            told(telling, "table %s has a column %s that no migration made", wanted->name, found->columns[i].name);
    if (wanted->key_len != found->key_len || memcmp(wanted->key, found->key, wanted->key_len * sizeof *wanted->key) != 0)
        told(telling, "table %s has another primary key than it should", wanted->name);
}

static const struct index *index_of(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->indexed; i++)
        if (strcmp(table->indexes[i].name, name) == 0)
            return &table->indexes[i];
    return NULL;
}

static void indexes_compare(const struct table *wanted, const struct table *found, bool more, struct telling *telling)
{
    for (size_t i = 0; i < wanted->indexed; i++) {
        const struct index *index = &wanted->indexes[i], *there = index_of(found, index->name);
        if (!there)
            told(telling, "table %s lacks its index %s", wanted->name, index->name);
        else if (there->unique != index->unique || there->len != index->len || memcmp(there->columns, index->columns, index->len * sizeof *index->columns) != 0)
            told(telling, "index %s of table %s is not made as it should be", index->name, wanted->name);
    }
    for (size_t i = 0; more && i < found->indexed; i++)
        if (!index_of(wanted, found->indexes[i].name))
            told(telling, "table %s has an index %s that no migration made", wanted->name, found->indexes[i].name);
}

int catalogue_compare(const struct catalogue *wanted, const struct catalogue *found, bool more, store_tell tell, void *context)
{
    struct telling telling = {tell, context, 0};
    vec_each (table, &wanted->tables) {
        const struct table *there = catalogue_table(found, table->name);
        if (!there) {
            told(&telling, "the table %s is missing", table->name);
            continue;
        }
        columns_compare(table, there, more, &telling);
        indexes_compare(table, there, more, &telling);
    }
    vec_each (table, &found->tables)
        if (more && !catalogue_table(wanted, table->name))
            told(&telling, "there is a table %s that no migration made", table->name);
    return telling.faults;
}
