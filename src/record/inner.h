/* record/inner: what the files of this room share. */
#pragma once
#include "record/record.h"

/* ---- paper.c: what is compressed together */
struct paper {
    struct span facts, judgement, page;
    VEC(struct record_mark) marks;
    VEC(struct span) recipients;
};
void paper_write(struct arena *arena, const struct paper *paper, struct buf *out);
void paper_pack(struct arena *arena, struct span plain, struct buf *out); /* compressed only */
int paper_plain(struct arena *arena, struct span bytes, struct buf *out, struct err *err); /* undone, and not looked into */
int paper_read(struct arena *arena, struct span bytes, struct paper *out, struct err *err); /* err says what is wrong with them */
extern const unsigned char record_dictionary[]; /* data/record.dictionary; made into C by the build */
extern const size_t record_dictionary_len;

/* ---- fresh.c: records on their way into their tables. Readers look here first: a record goes from here to there, whole. */
struct fresh {
    struct record record; /* its paper and jobs are in their tables already, and empty here */
    int64_t kept;
};
int fresh_write(struct store *store, struct arena *arena, const struct record *record, int64_t now, struct err *err);
int64_t fresh_find(struct store *store, struct arena *arena, struct span id, struct fresh *out, struct err *err); /* 1, 0: it is not here, -1 */
/* Those with ids from `from` on and before `before` (empty: any) as a store of their own, in memory, where they can be asked for as
 * if they were in their tables. NULL: there are none. */
int fresh_apart(struct store *store, struct span from, struct span before, struct store **out, struct err *err);
int64_t fresh_before(struct store *store, int64_t kept, struct err *err); /* whether any was kept before: 1, 0, -1 */

/* ---- make.c */
enum { KEY_BYTES = 16, SETTINGS_ID_BYTES = 8, MARK_MOST = 200, DIGEST_LETTERS = 32 };
enum { MARKS_MOST = 1024, OUTCOMES_MOST = 1 << 16 }; /* of one record: more is nothing that a judge of ours made */
struct span settings_digest(struct arena *arena, struct span bytes); /* SETTINGS_ID_BYTES of it */

/* ---- keep.c */
enum { SETTINGS_NOTED = 86400 }; /* how often it is noted that settings are in use, in seconds */
int settings_note(struct store *store, struct span id, int64_t now, struct err *err); /* 1: noted; 0: there are none of that id */

int64_t record_key_find(struct store *store, struct arena *arena, struct span key, struct span *id, struct err *err); /* of the record with that key: 1, 0, -1 */

/* ---- rows.c: values of rows from spans and back. Text of strangers becomes UTF-8 without NUL. */
struct store_value text_value(struct arena *arena, struct span text);          /* empty: null */
struct store_value bytes_value(struct span bytes);                             /* empty: null */
struct store_value text_value_always(struct arena *arena, struct span text);   /* empty: empty */
struct span value_copy(struct arena *arena, const struct store_value *value);  /* null: empty */

/* ---- outbox.c: inside a transaction. Who wrote the jobs named the record by `called`. */
int jobs_keep(struct store *store, struct arena *arena, const struct jobs *jobs, struct span id, struct span called, int64_t now, struct err *err);
/* Jobs beside those that were written with the record: named by something else than its id. */
int jobs_keep_as(struct store *store, struct arena *arena, const struct jobs *jobs, struct span id, struct span named, int64_t now, struct err *err);
int jobs_forget(struct store *store, struct span id, struct err *err); /* of a record: those that wait, and what is kept of the others */

/* ---- unjudged.c */
extern const char unjudged_columns[];
void unjudged_take(struct arena *arena, const struct store_value *values, struct record_unjudged *out);

/* ---- prune.c: inside a transaction */
int record_delete(struct store *store, struct arena *arena, struct span id, struct err *err); /* with all that belongs to it */
