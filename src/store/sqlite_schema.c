/* sqlite_schema: migrations in their transactions, and what tables really lie in the file. */
#include "store/sqlite.h"

#include <stdio.h>

/* ---- migrations */

static int step_run(struct store *store, struct catalogue *catalogue, const struct store_step *step, struct err *err)
{
    struct err why;
    const struct store_column *column = step->kind == STORE_COLUMN_ADD ? step->columns : NULL;
    if (catalogue_step(catalogue, step, &why) < 0)
        return store_fail(store, STORE_CORRUPT, err, "%s: is not as the earlier migrations left it: %s; restore a backup", store->where, why.text);
    do {
        struct sql sql = sql_new(store->scratch);
        sql_step(&sql, step->table ? catalogue_table(catalogue, step->table) : NULL, step, column);
        if (sqlite_run(store, sql.text.at, "be written", err) < 0)
            return -1;
    } while (column && (++column)->name);
    return 0;
}

static int migrate(struct store *store, const struct store_migration *migration, struct err *err)
{
    char text[80];
    int64_t version;
    struct catalogue catalogue = {.arena = store->scratch};
    if (sqlite_number(store, "PRAGMA user_version", &version, err) < 0)
        return -1;
    store->version = (unsigned)version;
    if (version >= migration->number)
        return 0; /* another process did it while this one waited */
    if (sqlite_catalogue(store, &catalogue, err) < 0)
        return -1;
    for (const struct store_step *step = migration->steps; step->kind; step++)
        if (step_run(store, &catalogue, step, err) < 0)
            return -1;
    snprintf(text, sizeof text, "PRAGMA application_id=%d; PRAGMA user_version=%u", APPLICATION_ID, migration->number);
    return sqlite_run(store, text, "be written", err);
}

int sqlite_migrate(struct store *store, const struct store_migration *migration, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    if (sqlite_level(store, STORE_SYNCED, err) < 0 || sqlite_run(store, "BEGIN IMMEDIATE", "be written", err) < 0)
        return -1;
    if (migrate(store, migration, err) < 0 || sqlite_run(store, "COMMIT", "be written", err) < 0) {
        if (!sqlite3_get_autocommit(sqlite->db))
            sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    if (store->version < migration->number)
        store->version = migration->number;
    return 0;
}

/* ---- what is there */

static int strange(struct store *store, const char *table, const char *what, struct err *err)
{
    return store_fail(store, STORE_CORRUPT, err, "%s: table %s %s, which no migration makes; restore a backup", store->where, table, what);
}

static enum store_type type_of(const char *declared)
{
    return strcmp(declared, "INTEGER") == 0 ? STORE_INTEGER
           : strcmp(declared, "REAL") == 0  ? STORE_REAL
           : strcmp(declared, "TEXT") == 0  ? STORE_TEXT
                                            : STORE_BYTES;
}

static const char *text_at(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

/* Rows of `sql`, whose one place is filled with a name. */
static int each_row(struct store *store, const char *sql, const char *of, int (*take)(struct store *, sqlite3_stmt *, void *, struct err *), void *context, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    sqlite3_stmt *statement __attribute__((cleanup(statement_end))) = NULL;
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK && of)
        code = sqlite3_bind_text(statement, 1, of, -1, SQLITE_STATIC);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW && take(store, statement, context, err) < 0)
            return -1;
    }
    return code == SQLITE_DONE ? 0 : sqlite_fail(store, code, "be read", err);
}

struct reading {
    struct catalogue *catalogue;
    struct table *table;
    struct index *index;
};

static const char *kept(struct reading *reading, sqlite3_stmt *statement, int column)
{
    return arena_copy(reading->catalogue->arena, span_of(text_at(statement, column))).at;
}

static int column_take(struct store *store, sqlite3_stmt *statement, void *context, struct err *err)
{
    struct reading *reading = context;
    struct table *table = reading->table;
    int key = sqlite3_column_int(statement, 3);
    if (table->len == STORE_COLUMNS_MOST || key > STORE_KEY_MOST)
        return strange(store, table->name, "has more columns, or a longer key", err);
    if (key > 0) {
        table->key[key - 1] = table->len;
        table->key_len++;
    }
    table->columns[table->len++] = (struct store_column){kept(reading, statement, 0), type_of(text_at(statement, 1)), !sqlite3_column_int(statement, 2)};
    return 0;
}

static int index_column_take(struct store *store, sqlite3_stmt *statement, void *context, struct err *err)
{
    struct reading *reading = context;
    struct index *index = reading->index;
    int column = table_column(reading->table, span_of(text_at(statement, 0)));
    if (column < 0 || index->len == STORE_KEY_MOST)
        return strange(store, reading->table->name, "has an index of a kind", err);
    index->columns[index->len++] = (size_t)column;
    return 0;
}

static int index_take(struct store *store, sqlite3_stmt *statement, void *context, struct err *err)
{
    struct reading *reading = context;
    struct table *table = reading->table;
    if (table->indexed == STORE_INDEXES_MOST)
        return strange(store, table->name, "has more indexes", err);
    reading->index = &table->indexes[table->indexed++];
    *reading->index = (struct index){.name = kept(reading, statement, 0), .unique = sqlite3_column_int(statement, 1)};
    return each_row(store, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", reading->index->name, index_column_take, reading, err);
}

static int table_take(struct store *store, sqlite3_stmt *statement, void *context, struct err *err)
{
    struct reading *reading = context;
    struct table *table = vec_push(reading->catalogue->arena, &reading->catalogue->tables);
    *table = (struct table){.name = kept(reading, statement, 0), .small = sqlite3_column_int(statement, 1)};
    reading->table = table;
    if (!sqlite3_column_int(statement, 2) || reading->catalogue->tables.len > STORE_TABLES_MOST)
        return strange(store, table->name, "is of a kind", err);
    if (each_row(store, "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?)", table->name, column_take, reading, err) < 0)
        return -1;
    if (!table->key_len)
        return strange(store, table->name, "has no key", err);
    return each_row(store, "SELECT name, \"unique\" FROM pragma_index_list(?) WHERE origin = 'c'", table->name, index_take, reading, err);
}

int sqlite_catalogue(struct store *store, struct catalogue *out, struct err *err)
{
    struct reading reading = {.catalogue = out};
    return each_row(store, "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                    NULL, table_take, &reading, err);
}
