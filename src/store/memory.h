/* store/memory: the inside of the memory driver. Rows lie on the heap; a key and each index hold them in order. */
#pragma once
#include "store/driver.h"

struct row {
    size_t size;
    struct store_value values[]; /* their bytes behind them */
};

/* ---- rows in order: leaves of pointers, so that adding one moves little */
enum { LEAF_ROWS = 256 };
struct leaf {
    size_t len;
    struct row *rows[LEAF_ROWS];
};
struct order {
    size_t columns[2 * STORE_KEY_MOST], len; /* what rows are sorted by: the index's own columns, then the key's */
    size_t own;                              /* how many are the index's own */
    bool unique;
    const char *name;
    struct leaf **leaves;
    size_t leaves_len, leaves_cap;
};
struct place {
    size_t leaf, at;
};
int value_compare(const struct store_value *a, const struct store_value *b); /* null is the least */
/* The first row not below `values` of the first n columns; `beyond`: the first above them. */
struct place order_seek(const struct order *order, const struct store_value *values, size_t n, bool beyond);
struct row *order_at(const struct order *order, struct place place);         /* NULL: the end */
void order_forward(const struct order *order, struct place *place);
bool order_back(struct place *place, const struct order *order);             /* false: that was the first */
bool order_holds(const struct order *order, uint64_t rows);                  /* as many, each behind the one before it */
bool place_eq(struct place a, struct place b);
struct row *order_same(const struct order *order, const struct row *row);    /* one with the same own values, none null */
void order_add(struct order *order, struct row *row);
void order_remove(struct order *order, const struct row *row);
void order_done(struct order *order);

struct memory_table {
    const struct table *table;
    struct order orders[1 + STORE_INDEXES_MOST]; /* the key's first */
    size_t len;
    uint64_t rows, bytes;
};
struct undo { /* what is taken back in reverse: fresh goes, old comes back */
    struct memory_table *table;
    struct row *old, *fresh;
};
struct memory {
    struct memory_table *tables; /* as in the catalogue */
    struct undo *undo;
    size_t undo_len, undo_cap;
};
void *memory_get(void *at, size_t size); /* realloc; no memory ends the process */

/* Rows that are wanted, in order and within the limit, or only so many of them as `take` wants. */
typedef bool (*row_take)(void *context, struct row *row);
int64_t rows_wanted(struct store *store, const struct wanted *wanted, row_take take, void *context);
static inline struct memory_table *memory_table(const struct store *store, const struct table *table)
{
    struct memory *memory = store->handle;
    return &memory->tables[table - store->catalogue.tables.at];
}
