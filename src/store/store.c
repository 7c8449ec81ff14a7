/* store: opens, looks whether a call may be made now, and hands it to the driver. */
#include "store/driver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUSY_MS = 5000, LOG_BYTES = 8 << 20 };
#define CACHE_BYTES ((size_t)32 << 20)
#define CEILING     ((size_t)1 << 30)

/* Which process this is, counted from the first that opened a store: asking the system at each call would cost more than some calls do. */
static unsigned births;

static void born(void)
{
    births++;
}

static unsigned births_counted(void)
{
    static bool counting;
    if (!counting && pthread_atfork(NULL, NULL, born) != 0)
        abort();
    counting = true;
    return births;
}

int store_fail(struct store *store, enum store_fault fault, struct err *err, const char *format, ...)
{
    va_list words;
    store->fault = fault;
    store->broken |= store->open && fault != STORE_CONFLICT && fault != STORE_MISUSE;
    if (!err)
        return -1;
    va_start(words, format);
    vsnprintf(err->text, sizeof err->text, format, words);
    va_end(words);
    return -1;
}

static int misuse(struct store *store, struct err *err, const char *what)
{
    return store_fail(store, STORE_MISUSE, err, "%s: %s; this is a fault of the program", store->where, what);
}

/* What holds for every call. */
static int may(struct store *store, struct err *err)
{
    if (store->owner != births)
        return misuse(store, err, "was opened by another process; a child opens the store itself");
    if (store->finding)
        return misuse(store, err, "was called while it gives out rows");
    if (store->broken)
        return store_fail(store, STORE_FAILED, err, "%s: something failed in this transaction; it must be rolled back", store->where);
    arena_reset(store->scratch);
    return 0;
}

static int may_write(struct store *store, struct err *err)
{
    if (may(store, err) < 0)
        return -1;
    if (store->settings.read_only || !store->has_schema)
        return store_fail(store, STORE_DENIED, err, "%s: was opened for reading only", store->where);
    return 0;
}

static int may_tend(struct store *store, struct err *err)
{
    if (may(store, err) < 0)
        return -1;
    return store->open ? misuse(store, err, "cannot be looked after inside a transaction") : 0;
}

/* ---- open */

static int newer(struct store *store, unsigned last, struct err *err)
{
    return store_fail(store, STORE_DENIED, err,
                      "%s: was written by a newer sekimori: it is at version %u, this program knows %u; start the newer program, or restore a backup from "
                      "before the update",
                      store->where, store->version, last);
}

static int bring_up(struct store *store, const struct store_schema *schema, struct err *err)
{
    unsigned last = (unsigned)schema->count;
    if (store->version > last)
        return newer(store, last, err);
    if (store->version < last && store->settings.read_only)
        return store_fail(store, STORE_DENIED, err,
                          "%s: is at version %u, this program needs %u, and it was opened for reading only; start the service once, which brings it up",
                          store->where, store->version, last);
    while (store->version < last) {
        struct err why;
        const struct store_migration *next = &schema->migrations[store->version];
        if (store->driver->migrate(store, next, &why) < 0)
            return err_set(err, "%.200s\n  while bringing it from version %u to %u (%s); nothing of that step was kept", why.text, next->number - 1, next->number, next->what);
    }
    return 0;
}

static int driver_choose(struct store *store, struct err *err)
{
    struct span where = span_of(store->where);
    if (span_eq(where, S("memory:"))) {
        store->driver = &driver_memory;
        return 0;
    }
    if (span_find(where, S("://")))
        return store_fail(store, STORE_DENIED, err, "%s: this program has no driver for that; give the path of a file, or memory:", store->where);
    store->driver = &driver_sqlite;
    return 0;
}

static int open_all(struct store *store, const struct store_schema *schema, struct err *err)
{
    struct catalogue expected = {.arena = store->arena};
    if (schema && catalogue_of(&expected, schema, err) < 0)
        return -1;
    if (driver_choose(store, err) < 0 || store->driver->open(store, err) < 0)
        return -1;
    store->found = store->version;
    if (schema && bring_up(store, schema, err) < 0)
        return -1;
    return store->driver->ready(store, schema ? &expected : NULL, err);
}

int store_open(const char *where, const struct store_schema *schema, const struct store_settings *settings, struct store **out, struct err *err)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        abort();
    store->arena = arena_new(CEILING);
    store->scratch = arena_new(CEILING);
    store->where = arena_copy(store->arena, span_of(where)).at;
    store->settings = settings ? *settings : (struct store_settings){0};
    store->settings.busy_ms = store->settings.busy_ms ? store->settings.busy_ms : BUSY_MS;
    store->settings.cache_bytes = store->settings.cache_bytes ? store->settings.cache_bytes : CACHE_BYTES;
    store->settings.log_bytes = store->settings.log_bytes ? store->settings.log_bytes : LOG_BYTES;
    store->has_schema = schema != NULL;
    store->owner = births_counted();
    *out = store;
    if (open_all(store, schema, err) == 0)
        return 0;
    store_close(out);
    return -1;
}

/* In a child nothing is touched but memory: the file's locks and its log are the parent's. */
void store_close(struct store **pointer)
{
    struct store *store = *pointer;
    *pointer = NULL;
    if (!store)
        return;
    if (store->owner == births && store->driver) {
        store_rollback(store);
        store->driver->close(store);
    }
    arena_free(&store->scratch);
    arena_free(&store->arena);
    free(store);
}

unsigned store_version(const struct store *store)
{
    return store->version;
}

unsigned store_version_found(const struct store *store)
{
    return store->found;
}

const char *store_driver(const struct store *store)
{
    return store->name;
}

enum store_fault store_fault(const struct store *store)
{
    return store->fault;
}

size_t store_tables(const struct store *store)
{
    return store->catalogue.tables.len;
}

const char *store_table(const struct store *store, size_t i)
{
    return store->catalogue.tables.at[i].name;
}

/* ---- transactions */

int store_begin(struct store *store, enum store_sync sync, struct err *err)
{
    if (may_write(store, err) < 0)
        return -1;
    if (store->open)
        return misuse(store, err, "has a transaction open already");
    if (store->driver->begin(store, sync, err) < 0)
        return -1;
    store->open = true;
    return 0;
}

int store_commit(struct store *store, struct err *err)
{
    if (may(store, err) < 0)
        return -1;
    if (!store->open)
        return misuse(store, err, "has no transaction to commit");
    int done = store->driver->commit(store, err);
    if (done < 0)
        store->driver->rollback(store);
    store->open = store->broken = false;
    return done;
}

void store_rollback(struct store *store)
{
    if (!store->open || store->owner != births)
        return;
    store->driver->rollback(store);
    store->open = store->broken = false;
}

bool store_must_roll_back(const struct store *store)
{
    return store->broken;
}

/* ---- rows */

int64_t store_find(struct store *store, const struct store_query *query, store_each each, void *context, struct err *err)
{
    struct wanted wanted;
    if (may(store, err) < 0 || wanted_read(store, query, &wanted, err) < 0)
        return -1;
    store->finding = true;
    int64_t found = store->driver->find(store, &wanted, each, context, err);
    store->finding = false;
    return found;
}

int64_t store_count(struct store *store, const struct store_query *query, struct err *err)
{
    struct wanted wanted;
    if (may(store, err) < 0 || wanted_read(store, query, &wanted, err) < 0)
        return -1;
    return store->driver->count(store, &wanted, err);
}

int store_insert(struct store *store, const char *name, const struct store_value *values, enum store_conflict conflict, struct err *err)
{
    const struct table *table = may_write(store, err) < 0 ? NULL : table_wanted(store, name, err);
    if (!table)
        return -1;
    for (size_t i = 0; i < table->len; i++)
        if (value_look(store, table, i, &values[i], err) < 0)
            return -1;
    return store->driver->insert(store, table, values, conflict, err);
}

static int rows_read(struct store *store, const struct store_query *query, struct wanted *out, struct err *err)
{
    if (may_write(store, err) < 0 || wanted_read(store, query, out, err) < 0)
        return -1;
    return query->columns || query->after ? misuse(store, err, "rows to be changed or deleted have no columns and no after") : 0;
}

int64_t store_update(struct store *store, const struct store_query *query, const struct store_change *changes, size_t count, struct err *err)
{
    struct wanted wanted;
    struct changes read;
    if (rows_read(store, query, &wanted, err) < 0 || changes_read(store, wanted.table, changes, count, &read, err) < 0)
        return -1;
    return store->driver->update(store, &wanted, &read, err);
}

int64_t store_delete(struct store *store, const struct store_query *query, struct err *err)
{
    struct wanted wanted;
    if (rows_read(store, query, &wanted, err) < 0)
        return -1;
    return store->driver->erase(store, &wanted, err);
}

int store_add(struct store *store, const char *name, const struct store_value *key, const struct store_change *changes, size_t count, struct err *err)
{
    struct changes read;
    const struct table *table = may_write(store, err) < 0 ? NULL : table_wanted(store, name, err);
    if (!table || changes_read(store, table, changes, count, &read, err) < 0)
        return -1;
    bool given[STORE_COLUMNS_MOST] = {false};
    for (size_t i = 0; i < table->key_len; i++) {
        if (value_look(store, table, table->key[i], &key[i], err) < 0)
            return -1;
        given[table->key[i]] = true;
    }
    for (size_t i = 0; i < read.len; i++)
        given[read.at[i].column] = true;
    for (size_t i = 0; i < table->len; i++)
        if (!given[i] && !table->columns[i].null)
            return misuse(store, err, "a column that may not be null is left out of what store_add writes");
    return store->driver->add(store, table, key, &read, err);
}

/* ---- upkeep */

int store_sizes(struct store *store, struct store_sizes *out, struct err *err)
{
    *out = (struct store_sizes){0};
    return may(store, err) < 0 ? -1 : store->driver->sizes(store, out, err);
}

int store_changes(struct store *store, int64_t *out, struct err *err)
{
    *out = 0;
    return may(store, err) < 0 ? -1 : store->driver->changes(store, out, err);
}

static void tell_nobody(void *context, const char *fault)
{
}

int64_t store_settle(struct store *store, struct err *err)
{
    if (may_tend(store, err) < 0)
        return -1;
    return store->settings.read_only ? store_fail(store, STORE_DENIED, err, "%s: was opened for reading only", store->where) : store->driver->settle(store, err);
}

uint64_t store_log(const struct store *store)
{
    return store->log;
}

int store_check(struct store *store, store_tell tell, void *context, struct err *err)
{
    return may_tend(store, err) < 0 ? -1 : store->driver->check(store, tell ? tell : tell_nobody, context, err);
}

int store_backup(struct store *store, const char *path, bool replace, struct err *err)
{
    return may_tend(store, err) < 0 ? -1 : store->driver->backup(store, path, replace, err);
}

int store_compact(struct store *store, struct store_sizes *before, struct store_sizes *after, struct err *err)
{
    if (may_tend(store, err) < 0)
        return -1;
    if (store->settings.read_only)
        return store_fail(store, STORE_DENIED, err, "%s: was opened for reading only", store->where);
    if (store_sizes(store, before, err) < 0 || store->driver->compact(store, err) < 0)
        return -1;
    return store_sizes(store, after, err);
}
