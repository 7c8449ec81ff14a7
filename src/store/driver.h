/* store/driver: what a driver implements, and the forms in which it gets its work: names are found, values looked at. */
#pragma once
#include "store/upkeep.h"

/* ---- what tables there are: from the schema, or from what lies in the store */
struct index {
    const char *name;
    bool unique;
    size_t columns[STORE_KEY_MOST], len;
};
struct table {
    const char *name;
    struct store_column columns[STORE_COLUMNS_MOST];
    size_t len;
    size_t key[STORE_KEY_MOST], key_len;
    bool small;
    struct index indexes[STORE_INDEXES_MOST];
    size_t indexed;
};
struct catalogue {
    struct arena *arena; /* holds the names too */
    VEC(struct table) tables;
};
struct table *catalogue_table(const struct catalogue *catalogue, const char *name); /* NULL: none */
int table_column(const struct table *table, struct span name);                      /* -1: none */
int catalogue_step(struct catalogue *catalogue, const struct store_step *step, struct err *err);
int catalogue_of(struct catalogue *catalogue, const struct store_schema *schema, struct err *err);
/* Every difference in a sentence; their number. `more`: what is there and nobody wants is one too. */
int catalogue_compare(const struct catalogue *wanted, const struct catalogue *found, bool more, store_tell tell, void *context);
const char *store_type_name(enum store_type type);

/* ---- a query whose names were found and whose values have the columns' types */
struct wanted;
struct condition {
    size_t column;
    enum store_is is;
    const struct store_value *values;
    size_t count;
    const struct wanted *among;
};
struct wanted {
    const struct table *table;
    struct condition *conditions;
    size_t len;
    size_t columns[STORE_COLUMNS_MOST], width;
    size_t order[STORE_KEY_MOST], ordered;
    bool descending;
    const struct store_value *after; /* a value for each of order */
    uint64_t limit;                  /* UINT64_MAX: none */
};
struct change {
    size_t column;
    enum store_how how;
    struct store_value value;
};
struct changes {
    struct change at[STORE_COLUMNS_MOST];
    size_t len;
};
int wanted_read(struct store *store, const struct store_query *query, struct wanted *out, struct err *err);
int changes_read(struct store *store, const struct table *table, const struct store_change *changes, size_t count, struct changes *out, struct err *err);
const struct table *table_wanted(struct store *store, const char *name, struct err *err);
int value_look(struct store *store, const struct table *table, size_t column, const struct store_value *value, struct err *err);

/* ---- the driver. -1 is always said by store_fail. A conflict leaves the transaction as it was. */
struct driver {
    int (*open)(struct store *store, struct err *err); /* sets version */
    void (*close)(struct store *store);
    int (*migrate)(struct store *store, const struct store_migration *migration, struct err *err); /* whole, or not at all */
    int (*ready)(struct store *store, const struct catalogue *expected, struct err *err); /* sets catalogue; NULL: as found */
    int (*begin)(struct store *store, enum store_sync sync, struct err *err);
    int (*commit)(struct store *store, struct err *err);
    void (*rollback)(struct store *store);
    int (*insert)(struct store *store, const struct table *table, const struct store_value *values, enum store_conflict conflict, struct err *err);
    int64_t (*update)(struct store *store, const struct wanted *wanted, const struct changes *changes, struct err *err);
    int64_t (*erase)(struct store *store, const struct wanted *wanted, struct err *err);
    int (*add)(struct store *store, const struct table *table, const struct store_value *key, const struct changes *changes, struct err *err);
    int64_t (*find)(struct store *store, const struct wanted *wanted, store_each each, void *context, struct err *err);
    int64_t (*count)(struct store *store, const struct wanted *wanted, struct err *err);
    int (*sizes)(struct store *store, struct store_sizes *out, struct err *err);
    int (*changes)(struct store *store, int64_t *out, struct err *err);
    int64_t (*settle)(struct store *store, struct err *err);
    int (*check)(struct store *store, store_tell tell, void *context, struct err *err);
    int (*backup)(struct store *store, const char *path, bool replace, struct err *err);
    int (*compact)(struct store *store, struct err *err);
};
extern const struct driver driver_sqlite, driver_memory;

struct store {
    const struct driver *driver;
    struct arena *arena, *scratch; /* scratch: of one call */
    const char *where;             /* for errors */
    const char *name;              /* of the driver */
    struct store_settings settings;
    struct catalogue catalogue;
    bool has_schema;
    unsigned version, found;
    unsigned owner;                /* the process */
    enum store_fault fault;
    uint64_t log;                  /* bytes, at the last commit */
    bool open;                     /* a transaction */
    bool broken, finding;
    void *handle;                  /* the driver's */
};
/* Always -1. Where it is neither conflict nor misuse an open transaction is broken. */
int store_fail(struct store *store, enum store_fault fault, struct err *err, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- meanings that drivers share */
bool glob_matches(struct span pattern, struct span text, bool any_case);
struct span glob_head(struct span pattern);                            /* what stands before the first * or ? */
bool prefix_end(struct arena *arena, struct span prefix, struct span *out); /* the first that does not begin with it; false: none */

/* ---- files; a fault as for store_fault, with words in err */
const char *file_resolve(struct arena *arena, const char *path, struct err *err); /* links of the folder followed; NULL: err */
enum store_fault file_ready(struct arena *arena, const char *path, bool make, const char **resolved, struct err *err);
int file_make(const char *path, struct err *err);                      /* empty, 0600, not there before, on disk */
int folder_sync(const char *path, struct err *err);                    /* the folder that path lies in */
