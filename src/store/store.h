/* store: one face over what keeps rows: SQLite in one file, or memory (for tests and for trying things out). No ideas of mail.
 *
 * In: a schema as numbered migrations, rows, conditions as data. Out: rows, counts, and commits that are on disk when they
 * return. Never: takes SQL, pastes a value into it, reads a clock, makes a folder, opens a file newer than the program.
 * One process, one thread: another process's call, a child's too, is an error. Another database is another driver behind
 * store/driver.h; what stands here is what all of them do alike, and one suite holds them to it.
 */
#pragma once
#include "base/base.h"

/* ---- values. Text is UTF-8 without NUL, ordered by its bytes; what is not must be bytes. Reals are finite. */
enum store_type { STORE_INTEGER = 1, STORE_REAL, STORE_TEXT, STORE_BYTES };
struct store_value {
    enum store_type type; /* the column's, also where it is null */
    bool null;
    union {
        int64_t integer;
        double real;
        struct span span; /* at most STORE_VALUE_MOST bytes */
    };
};
#define STORE_INT(n)   ((struct store_value){.type = STORE_INTEGER, .integer = (n)})
#define STORE_NUMBER(x) ((struct store_value){.type = STORE_REAL, .real = (x)})
#define STORE_WORDS(s) ((struct store_value){.type = STORE_TEXT, .span = (s)})
#define STORE_BLOB(s)  ((struct store_value){.type = STORE_BYTES, .span = (s)})
#define STORE_NONE(t)  ((struct store_value){.type = (t), .null = true})

/* ---- the schema. Names: a-z, 0-9 and _, at most 60 bytes, a letter first, not "sqlite_", "pg_". */
enum { STORE_TABLES_MOST = 64, STORE_COLUMNS_MOST = 48, STORE_KEY_MOST = 8, STORE_INDEXES_MOST = 16 /* of a table */ };
enum { STORE_WHERE_MOST = 32, STORE_IN_MOST = 1024, STORE_VALUE_MOST = 64 << 20 };
enum store_step_kind { STORE_TABLE_MAKE = 1, STORE_COLUMN_ADD, STORE_INDEX_MAKE, STORE_UNIQUE_MAKE, STORE_INDEX_DROP, STORE_TABLE_DROP };
struct store_column {
    const char *name; /* NULL ends a list of them */
    enum store_type type;
    bool null;        /* may be null; an added column must be, a key's may not */
};
struct store_step {
    enum store_step_kind kind; /* 0 ends a list of them */
    const char *table;
    const char *index;                  /* its name, of one kind over all tables (to make or drop one) */
    const struct store_column *columns; /* to make a table; one to add */
    const char *on;                     /* "org id": the primary key of a new table, or the columns of the index */
    bool small;                         /* rows of up to 200 bytes or so, kept in the order of their key: a hint */
};
struct store_migration {
    unsigned number;  /* 1, 2, 3 ... */
    const char *what; /* one sentence: what it is for; stands in errors */
    const struct store_step *steps;
};
struct store_schema { const struct store_migration *migrations; size_t count; }; /* what was released is never changed */

/* ---- open and close */
struct store_settings {
    int busy_ms;        /* how long to wait for another process's lock; 0: 5,000. Where one stays longer, the next wait 10 until a transaction began */
    size_t cache_bytes; /* of pages in memory; 0: 32 MB */
    size_t log_bytes;   /* a commit that finds the log so long moves it into the file, which takes long; 0: 8 MB */
    bool read_only;
    bool gentle;        /* what this process writes goes to the disk bit by bit: the commits of another need not wait for all of it */
};
/* where: the path of a file whose folder exists (made with mode 0600; a link is not followed), or "memory:". An older file
 * is brought up, one transaction a migration; a newer one, one of another program, locked or damaged one is an error.
 * schema NULL: the file as it stands; rows can be read, not written; a file that is not there is an error. */
struct store;
int store_open(const char *where, const struct store_schema *schema, const struct store_settings *settings, struct store **out, struct err *err);
void store_close(struct store **store);                 /* rolls back what is open; accepts NULL inside; sets it NULL */
unsigned store_version(const struct store *store);       /* number of the last migration done; 0: none */
unsigned store_version_found(const struct store *store); /* ... when it was opened */
const char *store_driver(const struct store *store);     /* "SQLite 3.40.1", "memory" */
/* Why the last call failed that failed, for a caller who acts upon it; the words stand in its err. */
enum store_fault { STORE_FINE, STORE_CONFLICT, STORE_MISUSE, STORE_BUSY, STORE_FULL, STORE_DENIED, STORE_CORRUPT, STORE_FAILED };
enum store_fault store_fault(const struct store *store);

/* ---- transactions. A write outside of one is one by itself, synced. Nested ones are an error. A conflict or misuse leaves
 * a transaction as it was before that call; after any other failure every call fails until store_rollback. */
enum store_sync {
    STORE_SYNCED, /* on disk, and all commits before it, when store_commit returns 0 */
    STORE_RELAXED /* whole or not at all after power is lost, but perhaps not; a process that dies loses nothing */
};
int store_begin(struct store *store, enum store_sync sync, struct err *err); /* for writing: waits for another writer here, not later */
int store_commit(struct store *store, struct err *err);                      /* -1: roll back; nothing of it can be counted on */
void store_rollback(struct store *store);                                    /* nothing where none is open */
bool store_must_roll_back(const struct store *store);
/* ---- what is looked for: a row for which all conditions hold. On a null value only STORE_NULL holds. */
enum store_is {
    STORE_EQ = 1, STORE_NE, STORE_LT, STORE_LE, STORE_GT, STORE_GE,
    STORE_PREFIX,               /* text or bytes that begin with value */
    STORE_GLOB, STORE_GLOB_ANY, /* text whole; * any run, ? one character; _ANY: ASCII letters of any case */
    STORE_IN,                   /* one of values */
    STORE_AMONG,                /* one of what `among` finds: one column of the same type; no STORE_AMONG in it */
    STORE_NULL, STORE_NOT_NULL
};
bool store_glob(struct span pattern, struct span text); /* what STORE_GLOB says of them */
struct store_where {
    const char *column;
    enum store_is is;
    struct store_value value;
    const struct store_value *values; /* STORE_IN: count of them, at most STORE_IN_MOST; none: holds for nothing */
    size_t count;
    const struct store_query *among;
};
#define STORE_IS(c, i, v) ((struct store_where){.column = (c), .is = (i), .value = (v)})
#define STORE_WHERE(...)                                                                                               \
    .where = (const struct store_where[]){__VA_ARGS__}, .wheres = sizeof((const struct store_where[]){__VA_ARGS__}) / sizeof(struct store_where)
struct store_query {
    const char *table;
    const struct store_where *where;
    size_t wheres;
    const char *columns;             /* "id subject": what rows hold; NULL: all in their order */
    const char *order;               /* "at id", nulls first; NULL, and where these are equal: any order */
    bool descending;                 /* all of order */
    const struct store_value *after; /* a value for each of order: only rows beyond these; reads long tables in pieces */
    uint64_t limit;                  /* 0: none */
};
/* values: what query->columns names, living until it returns; no other call of the store from inside. false: no more. */
typedef bool (*store_each)(void *context, const struct store_value *values);
int64_t store_find(struct store *store, const struct store_query *query, store_each each, void *context, struct err *err); /* rows given */
int64_t store_count(struct store *store, const struct store_query *query, struct err *err);                                /* at most limit */

/* ---- rows are written */
enum store_conflict {
    STORE_FAIL,   /* -1, STORE_CONFLICT */
    STORE_KEEP,   /* what is there stays: 0 */
    STORE_REPLACE /* the row of the same key is overwritten; one that another unique index forbids fails */
};
/* values: all columns in their order. 1: inserted (or replaced); 0: kept. */
int store_insert(struct store *store, const char *table, const struct store_value *values, enum store_conflict conflict, struct err *err);
enum store_how { STORE_SET, STORE_PLUS, STORE_LEAST, STORE_GREATEST }; /* against null, or no row: the value itself */
struct store_change {
    const char *column; /* no column of the key */
    enum store_how how; /* STORE_PLUS: integers, an error beyond 63 bits, and reals */
    struct store_value value;
};
/* Rows that query finds (its order and limit count, columns and after may not be given): how many were changed, deleted. */
int64_t store_update(struct store *store, const struct store_query *query, const struct store_change *changes, size_t count, struct err *err);
int64_t store_delete(struct store *store, const struct store_query *query, struct err *err);
/* Counters: the row of that key (values in the key's order) is changed, or made with null in all other columns. 0, or -1. */
int store_add(struct store *store, const char *table, const struct store_value *key, const struct store_change *changes, size_t count, struct err *err);
