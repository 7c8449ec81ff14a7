/* memory: rows that live as long as the store is open. */
#include "store/memory.h"

#include <stdlib.h>

void *memory_get(void *at, size_t size)
{
    void *got = realloc(at, size);
    if (!got)
        abort();
    return got;
}

/* ---- open */

static int memory_open(struct store *store, struct err *err)
{
    store->handle = arena_one(store->arena, struct memory);
    store->name = "memory";
    return store->has_schema ? 0 : store_fail(store, STORE_DENIED, err, "memory: holds nothing that could be looked at");
}

static int memory_migrate(struct store *store, const struct store_migration *migration, struct err *err)
{
    store->version = migration->number; /* there is no older memory: the tables are made at once as they are at last */
    return 0;
}

static void order_init(struct order *order, const struct table *table, const struct index *index)
{
    *order = (struct order){.unique = !index || index->unique, .name = index ? index->name : "the key"};
    for (size_t i = 0; index && i < index->len; i++)
        order->columns[order->len++] = index->columns[i];
    order->own = index ? index->len : table->key_len;
    for (size_t i = 0; i < table->key_len; i++)
        order->columns[order->len++] = table->key[i];
}

static int memory_ready(struct store *store, const struct catalogue *expected, struct err *err)
{
    struct memory *memory = store->handle;
    store->catalogue = *expected;
    memory->tables = arena_alloc(store->arena, (expected->tables.len + 1) * sizeof *memory->tables);
    for (size_t i = 0; i < expected->tables.len; i++) {
        struct memory_table *table = &memory->tables[i];
        table->table = &store->catalogue.tables.at[i];
        table->len = 1 + table->table->indexed;
        order_init(&table->orders[0], table->table, NULL);
        for (size_t j = 0; j < table->table->indexed; j++)
            order_init(&table->orders[1 + j], table->table, &table->table->indexes[j]);
    }
    return 0;
}

static void undo_keep(struct memory *memory, size_t from);

static void memory_close(struct store *store)
{
    struct memory *memory = store->handle;
    undo_keep(memory, 0);
    for (size_t i = 0; i < store->catalogue.tables.len; i++) {
        struct memory_table *table = &memory->tables[i];
        for (size_t j = 0; j < table->orders[0].leaves_len; j++)
            for (size_t k = 0; k < table->orders[0].leaves[j]->len; k++)
                free(table->orders[0].leaves[j]->rows[k]);
        for (size_t j = 0; j < table->len; j++)
            order_done(&table->orders[j]);
    }
    free(memory->undo);
}

/* ---- rows */

static bool has_bytes(const struct store_value *value)
{
    return !value->null && (value->type == STORE_TEXT || value->type == STORE_BYTES);
}

static struct row *row_new(const struct table *table, const struct store_value *values)
{
    size_t size = sizeof(struct row) + table->len * sizeof *values, fixed = size;
    for (size_t i = 0; i < table->len; i++)
        size += has_bytes(&values[i]) ? values[i].span.len : 0;
    struct row *row = memory_get(NULL, size);
    char *to = (char *)row + fixed;
    row->size = size;
    for (size_t i = 0; i < table->len; i++) {
        row->values[i] = values[i];
        if (!has_bytes(&values[i]))
            continue;
        if (values[i].span.len)
            memcpy(to, values[i].span.at, values[i].span.len);
        row->values[i].span.at = to;
        to += values[i].span.len;
    }
    return row;
}

static void row_enter(struct memory_table *table, struct row *row)
{
    for (size_t i = 0; i < table->len; i++)
        order_add(&table->orders[i], row);
    table->rows++;
    table->bytes += row->size;
}

static void row_leave(struct memory_table *table, const struct row *row)
{
    for (size_t i = 0; i < table->len; i++)
        order_remove(&table->orders[i], row);
    table->rows--;
    table->bytes -= row->size;
}

static const struct order *row_conflict(const struct memory_table *table, const struct row *row)
{
    for (size_t i = 0; i < table->len; i++)
        if (table->orders[i].unique && order_same(&table->orders[i], row))
            return &table->orders[i];
    return NULL;
}

/* ---- what can be taken back */

static void undo_add(struct memory *memory, struct memory_table *table, struct row *old, struct row *fresh)
{
    if (memory->undo_len == memory->undo_cap) {
        memory->undo_cap = memory->undo_cap ? 2 * memory->undo_cap : 64;
        memory->undo = memory_get(memory->undo, memory->undo_cap * sizeof *memory->undo);
    }
    memory->undo[memory->undo_len++] = (struct undo){table, old, fresh};
}

static void undo_back(struct memory *memory, size_t to)
{
    while (memory->undo_len > to) {
        struct undo *undo = &memory->undo[--memory->undo_len];
        if (undo->fresh)
            row_leave(undo->table, undo->fresh);
        if (undo->old)
            row_enter(undo->table, undo->old);
        free(undo->fresh);
    }
}

static void undo_keep(struct memory *memory, size_t from)
{
    while (memory->undo_len > from)
        free(memory->undo[--memory->undo_len].old);
}

/* The row instead of the old one (either may be NULL). A conflict leaves everything as it was; fresh is given up then. */
static int row_change(struct store *store, struct memory_table *table, struct row *old, struct row *fresh, struct err *err)
{
    struct memory *memory = store->handle;
    if (old)
        row_leave(table, old);
    const struct order *conflict = fresh ? row_conflict(table, fresh) : NULL;
    if (conflict) {
        if (old)
            row_enter(table, old);
        free(fresh);
        return store_fail(store, STORE_CONFLICT, err, "%s: there is such a row already (%s, %s)", store->where, table->table->name, conflict->name);
    }
    if (fresh)
        row_enter(table, fresh);
    undo_add(memory, table, old, fresh);
    return 0;
}

/* Outside of a transaction a statement is one by itself. */
static void statement_end(struct store *store, size_t start, bool failed)
{
    if (failed)
        undo_back(store->handle, start);
    else if (!store->open)
        undo_keep(store->handle, 0);
}

/* ---- writing */

static int memory_insert(struct store *store, const struct table *of, const struct store_value *values, enum store_conflict conflict, struct err *err)
{
    struct memory *memory = store->handle;
    struct memory_table *table = memory_table(store, of);
    struct row *fresh = row_new(of, values), *old = NULL;
    size_t start = memory->undo_len;
    if (conflict == STORE_KEEP && row_conflict(table, fresh)) {
        free(fresh);
        return 0;
    }
    if (conflict == STORE_REPLACE)
        old = order_same(&table->orders[0], fresh);
    int done = row_change(store, table, old, fresh, err);
    statement_end(store, start, done < 0);
    return done < 0 ? -1 : 1;
}

static int value_change(struct store *store, struct store_value *value, const struct change *change, struct err *err)
{
    if (change->how == STORE_SET || value->null) {
        *value = change->value;
        return 0;
    }
    if (change->how == STORE_PLUS && value->type == STORE_REAL)
        value->real += change->value.real;
    else if (change->how == STORE_PLUS && __builtin_add_overflow(value->integer, change->value.integer, &value->integer))
        return store_fail(store, STORE_MISUSE, err, "%s: a sum is beyond 63 bits", store->where);
    if (change->how == STORE_LEAST && value_compare(&change->value, value) < 0)
        *value = change->value;
    if (change->how == STORE_GREATEST && value_compare(&change->value, value) > 0)
        *value = change->value;
    return 0;
}

/* values: of the old row, or of a new one; changed. */
static int row_changed(struct store *store, struct memory_table *table, struct row *old, const struct store_value *values, const struct changes *changes, struct err *err)
{
    struct store_value copy[STORE_COLUMNS_MOST];
    memcpy(copy, values, table->table->len * sizeof *copy);
    for (size_t i = 0; i < changes->len; i++)
        if (value_change(store, &copy[changes->at[i].column], &changes->at[i], err) < 0)
            return -1;
    return row_change(store, table, old, row_new(table->table, copy), err);
}

struct gathering {
    struct arena *arena;
    VEC(struct row *) rows;
};

static bool row_gather(void *context, struct row *row)
{
    struct gathering *gathering = context;
    *vec_push(gathering->arena, &gathering->rows) = row;
    return true;
}

static int64_t memory_update(struct store *store, const struct wanted *wanted, const struct changes *changes, struct err *err)
{
    struct memory *memory = store->handle;
    struct gathering gathering = {.arena = store->scratch};
    size_t start = memory->undo_len;
    int64_t count = rows_wanted(store, wanted, row_gather, &gathering);
    vec_each (row, &gathering.rows) {
        if (row_changed(store, memory_table(store, wanted->table), *row, (*row)->values, changes, err) < 0) {
            statement_end(store, start, true);
            return -1;
        }
    }
    statement_end(store, start, false);
    return count;
}

static int64_t memory_erase(struct store *store, const struct wanted *wanted, struct err *err)
{
    struct memory *memory = store->handle;
    struct gathering gathering = {.arena = store->scratch};
    size_t start = memory->undo_len;
    int64_t count = rows_wanted(store, wanted, row_gather, &gathering);
    vec_each (row, &gathering.rows)
        row_change(store, memory_table(store, wanted->table), *row, NULL, err);
    statement_end(store, start, false);
    return count;
}

static int memory_add(struct store *store, const struct table *of, const struct store_value *key, const struct changes *changes, struct err *err)
{
    struct memory *memory = store->handle;
    struct memory_table *table = memory_table(store, of);
    struct store_value values[STORE_COLUMNS_MOST];
    size_t start = memory->undo_len;
    for (size_t i = 0; i < of->len; i++)
        values[i] = STORE_NONE(of->columns[i].type);
    for (size_t i = 0; i < of->key_len; i++)
        values[of->key[i]] = key[i];
    struct row *old = order_at(&table->orders[0], order_seek(&table->orders[0], key, of->key_len, false));
    for (size_t i = 0; old && i < of->key_len; i++)
        if (value_compare(&old->values[of->key[i]], &key[i]) != 0)
            old = NULL;
    int done = row_changed(store, table, old, old ? old->values : values, changes, err);
    statement_end(store, start, done < 0);
    return done;
}

/* ---- reading */

struct giving {
    const struct wanted *wanted;
    store_each each;
    void *context;
};

static bool row_give(void *context, struct row *row)
{
    struct giving *giving = context;
    struct store_value values[STORE_COLUMNS_MOST];
    for (size_t i = 0; i < giving->wanted->width; i++)
        values[i] = row->values[giving->wanted->columns[i]];
    return giving->each(giving->context, values);
}

static int64_t memory_find(struct store *store, const struct wanted *wanted, store_each each, void *context, struct err *err)
{
    return rows_wanted(store, wanted, row_give, &(struct giving){wanted, each, context});
}

static bool row_count(void *context, struct row *row)
{
    return true;
}

static int64_t memory_count(struct store *store, const struct wanted *wanted, struct err *err)
{
    struct wanted unordered = *wanted;
    unordered.ordered = wanted->after ? wanted->ordered : 0;
    return rows_wanted(store, &unordered, row_count, NULL);
}

/* ---- transactions and upkeep */

static int memory_begin(struct store *store, enum store_sync sync, struct err *err)
{
    return 0;
}

static int memory_commit(struct store *store, struct err *err)
{
    undo_keep(store->handle, 0);
    return 0;
}

static void memory_rollback(struct store *store)
{
    undo_back(store->handle, 0);
}

/* Nobody else can. */
static int memory_changes(struct store *store, int64_t *out, struct err *err)
{
    return 0;
}

static int memory_sizes(struct store *store, struct store_sizes *out, struct err *err)
{
    struct memory *memory = store->handle;
    for (size_t i = 0; i < store->catalogue.tables.len; i++)
        out->bytes += memory->tables[i].bytes;
    return 0;
}

static int memory_check(struct store *store, store_tell tell, void *context, struct err *err)
{
    struct memory *memory = store->handle;
    int faults = 0;
    for (size_t i = 0; i < store->catalogue.tables.len; i++) {
        for (size_t j = 0; j < memory->tables[i].len; j++) {
            const struct order *order = &memory->tables[i].orders[j];
            if (order_holds(order, memory->tables[i].rows))
                continue;
            tell(context, arena_print(store->scratch, "table %s: %s does not hold its rows in order", memory->tables[i].table->name, order->name).at);
            faults++;
        }
    }
    return faults;
}

static int memory_backup(struct store *store, const char *path, bool replace, struct err *err)
{
    return store_fail(store, STORE_DENIED, err, "memory: cannot be backed up; keep the store in a file");
}

static int64_t memory_settle(struct store *store, struct err *err)
{
    return 0;
}

static int memory_compact(struct store *store, struct err *err)
{
    return 0;
}

const struct driver driver_memory = {
    .open = memory_open, .close = memory_close, .migrate = memory_migrate, .ready = memory_ready,
    .begin = memory_begin, .commit = memory_commit, .rollback = memory_rollback,
    .insert = memory_insert, .update = memory_update, .erase = memory_erase, .add = memory_add,
    .find = memory_find, .count = memory_count,
    .sizes = memory_sizes, .changes = memory_changes, .settle = memory_settle, .check = memory_check, .backup = memory_backup, .compact = memory_compact,
};
