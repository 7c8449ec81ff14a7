/* store/sqlite: the inside of the SQLite driver. The only place where SQL is written; values are always bound. */
#pragma once
#include "store/driver.h"

#include <sqlite3.h>

enum { APPLICATION_ID = 0x53656b69 /* "Seki" */, STATEMENTS_KEPT = 64, INSERTS_KEPT = 16 };
struct statement {
    sqlite3_stmt *prepared; /* NULL: free */
    uint32_t hash;
    uint64_t used;          /* when last, in uses */
};
struct inserting { /* the statement that writes a row: asked for so often that its text is made once */
    const struct table *table;
    enum store_conflict conflict;
    sqlite3_stmt *prepared;
};
struct sqlite {
    sqlite3 *db;
    const char *path;       /* its folder resolved */
    enum store_sync level;
    int waited_ms;          /* for another's lock, in this call */
    bool locked;            /* one outlasted the wait */
    struct statement statements[STATEMENTS_KEPT];
    struct inserting inserts[INSERTS_KEPT]; /* the first ones; an end is a table of NULL */
    uint64_t uses;
};

/* -1 with the words and the fault for a result code; `doing`: "be written". */
int sqlite_fail(struct store *store, int code, const char *doing, struct err *err);
int sqlite_run(struct store *store, const char *sql, const char *doing, struct err *err);
int sqlite_number(struct store *store, const char *sql, int64_t *out, struct err *err); /* of the first row; none: 0 */
int sqlite_level(struct store *store, enum store_sync sync, struct err *err);
/* Prepared once and kept; the caller resets it. NULL: err. */
sqlite3_stmt *sqlite_statement(struct store *store, struct span sql, struct err *err);
char *sqlite_folder(struct store *store); /* for sqlite3_free */
void sqlite_statements_drop(struct sqlite *sqlite);

static inline void statement_reset(sqlite3_stmt **statement)
{
    if (!*statement)
        return;
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
}
static inline void statement_end(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

/* ---- statements as text, with the values to be bound in their order */
struct sql {
    struct buf text;
    VEC(const struct store_value *) values;
};
struct sql sql_new(struct arena *arena);
void sql_find(struct sql *sql, const struct wanted *wanted);
void sql_count(struct sql *sql, const struct wanted *wanted);
void sql_insert(struct sql *sql, const struct table *table, const struct store_value *values, enum store_conflict conflict);
void sql_add(struct sql *sql, const struct table *table, const struct store_value *key, const struct changes *changes);
void sql_update(struct sql *sql, const struct wanted *wanted, const struct changes *changes);
void sql_delete(struct sql *sql, const struct wanted *wanted);
void sql_step(struct sql *sql, const struct table *table, const struct store_step *step, const struct store_column *column);

/* ---- parts of the driver */
void sqlite_pages_ready(void); /* before SQLite is used for the first time */
int sqlite_migrate(struct store *store, const struct store_migration *migration, struct err *err);
int sqlite_catalogue(struct store *store, struct catalogue *out, struct err *err);
int sqlite_insert(struct store *store, const struct table *table, const struct store_value *values, enum store_conflict conflict, struct err *err);
int64_t sqlite_update(struct store *store, const struct wanted *wanted, const struct changes *changes, struct err *err);
int64_t sqlite_erase(struct store *store, const struct wanted *wanted, struct err *err);
int sqlite_add(struct store *store, const struct table *table, const struct store_value *key, const struct changes *changes, struct err *err);
int64_t sqlite_find(struct store *store, const struct wanted *wanted, store_each each, void *context, struct err *err);
int64_t sqlite_count(struct store *store, const struct wanted *wanted, struct err *err);
int sqlite_check(struct store *store, store_tell tell, void *context, struct err *err);
int sqlite_backup(struct store *store, const char *path, bool replace, struct err *err);
int sqlite_compact(struct store *store, struct err *err);
