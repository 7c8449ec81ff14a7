/* sqlite_rows: binds, steps, gives out and counts rows. */
#include "store/sqlite.h"

static int value_bind(sqlite3_stmt *statement, int at, const struct store_value *value)
{
    const char *bytes = value->null || value->type < STORE_TEXT || !value->span.at ? "" : value->span.at; /* NULL would be null */
    if (value->null)
        return sqlite3_bind_null(statement, at);
    switch (value->type) {
    case STORE_INTEGER:
        return sqlite3_bind_int64(statement, at, value->integer);
    case STORE_REAL:
        return sqlite3_bind_double(statement, at, value->real);
    case STORE_TEXT:
        return sqlite3_bind_text64(statement, at, bytes, value->span.len, SQLITE_STATIC, SQLITE_UTF8);
    case STORE_BYTES:
        return sqlite3_bind_blob64(statement, at, bytes, value->span.len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

/* The values live until the statement is reset. */
static sqlite3_stmt *bound(struct store *store, const struct sql *sql, struct err *err)
{
    int at = 1, code = SQLITE_OK;
    sqlite3_stmt *statement = sqlite_statement(store, buf_span(&sql->text), err);
    for (size_t i = 0; statement && code == SQLITE_OK && i < sql->values.len; i++)
        code = value_bind(statement, at++, sql->values.at[i]);
    if (code == SQLITE_OK)
        return statement;
    sqlite_fail(store, code, "bind a value", err);
    statement_reset(&statement);
    return NULL;
}

/* Rows changed. */
static int64_t step(struct store *store, sqlite3_stmt *statement, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    int code = sqlite3_step(statement);
    return code == SQLITE_DONE ? sqlite3_changes64(sqlite->db) : sqlite_fail(store, code, "be written", err);
}

static int64_t write(struct store *store, const struct sql *sql, struct err *err)
{
    sqlite3_stmt *statement __attribute__((cleanup(statement_reset))) = NULL;
    if (!store->open && sqlite_level(store, STORE_SYNCED, err) < 0)
        return -1;
    statement = bound(store, sql, err);
    return statement ? step(store, statement, err) : -1;
}

/* Where it is kept, or may be; NULL: all places are taken by others. */
static struct inserting *inserting_of(struct sqlite *sqlite, const struct table *table, enum store_conflict conflict)
{
    for (struct inserting *one = sqlite->inserts; one < sqlite->inserts + INSERTS_KEPT; one++)
        if (!one->table || (one->table == table && one->conflict == conflict))
            return one;
    return NULL;
}

static int inserting_ready(struct store *store, struct inserting *inserting, const struct table *table, const struct store_value *values,
                           enum store_conflict conflict, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    struct sql sql = sql_new(store->scratch);
    if (inserting->prepared)
        return 0;
    sql_insert(&sql, table, values, conflict);
    int code = sqlite3_prepare_v3(sqlite->db, buf_span(&sql.text).at, -1, SQLITE_PREPARE_PERSISTENT, &inserting->prepared, NULL);
    if (code != SQLITE_OK)
        return sqlite_fail(store, code, "prepare a statement", err);
    inserting->table = table;
    inserting->conflict = conflict;
    return 0;
}

int sqlite_insert(struct store *store, const struct table *table, const struct store_value *values, enum store_conflict conflict, struct err *err)
{
    sqlite3_stmt *statement __attribute__((cleanup(statement_reset))) = NULL;
    struct inserting *inserting = inserting_of(store->handle, table, conflict);
    if (!inserting) {
        struct sql sql = sql_new(store->scratch);
        sql_insert(&sql, table, values, conflict);
        return (int)write(store, &sql, err);
    }
    if ((!store->open && sqlite_level(store, STORE_SYNCED, err) < 0) || inserting_ready(store, inserting, table, values, conflict, err) < 0)
        return -1;
    statement = inserting->prepared;
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < table->len; i++)
        code = value_bind(statement, (int)i + 1, &values[i]);
    return code == SQLITE_OK ? (int)step(store, statement, err) : sqlite_fail(store, code, "bind a value", err);
}

int sqlite_add(struct store *store, const struct table *table, const struct store_value *key, const struct changes *changes, struct err *err)
{
    struct sql sql = sql_new(store->scratch);
    sql_add(&sql, table, key, changes);
    return write(store, &sql, err) < 0 ? -1 : 0;
}

int64_t sqlite_update(struct store *store, const struct wanted *wanted, const struct changes *changes, struct err *err)
{
    struct sql sql = sql_new(store->scratch);
    sql_update(&sql, wanted, changes);
    return write(store, &sql, err);
}

int64_t sqlite_erase(struct store *store, const struct wanted *wanted, struct err *err)
{
    struct sql sql = sql_new(store->scratch);
    sql_delete(&sql, wanted);
    return write(store, &sql, err);
}

static struct store_value value_read(sqlite3_stmt *statement, int at, enum store_type type)
{
    struct store_value value = {.type = type, .null = sqlite3_column_type(statement, at) == SQLITE_NULL};
    if (value.null)
        return value;
    switch (type) {
    case STORE_INTEGER:
        value.integer = sqlite3_column_int64(statement, at);
        break;
    case STORE_REAL:
        value.real = sqlite3_column_double(statement, at);
        break;
    case STORE_TEXT:
        value.span.at = (const char *)sqlite3_column_text(statement, at);
        value.span.len = (size_t)sqlite3_column_bytes(statement, at);
        break;
    case STORE_BYTES:
        value.span.at = sqlite3_column_blob(statement, at);
        value.span.len = (size_t)sqlite3_column_bytes(statement, at);
        break;
    }
    return value;
}

int64_t sqlite_find(struct store *store, const struct wanted *wanted, store_each each, void *context, struct err *err)
{
    struct store_value values[STORE_COLUMNS_MOST];
    struct sql sql = sql_new(store->scratch);
    sql_find(&sql, wanted);
    sqlite3_stmt *statement __attribute__((cleanup(statement_reset))) = bound(store, &sql, err);
    if (!statement)
        return -1;
    int64_t found = 0;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (size_t i = 0; i < wanted->width; i++)
            values[i] = value_read(statement, (int)i, wanted->table->columns[wanted->columns[i]].type);
        found++;
        if (!each(context, values))
            return found;
    }
    return code == SQLITE_DONE ? found : sqlite_fail(store, code, "be read", err);
}

int64_t sqlite_count(struct store *store, const struct wanted *wanted, struct err *err)
{
    struct sql sql = sql_new(store->scratch);
    sql_count(&sql, wanted);
    sqlite3_stmt *statement __attribute__((cleanup(statement_reset))) = bound(store, &sql, err);
    if (!statement)
        return -1;
    int code = sqlite3_step(statement);
    return code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : sqlite_fail(store, code, "be read", err);
}
