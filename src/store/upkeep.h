/* store/upkeep: what a store needs now and then, and what is asked of it as a whole.
 *
 * In: an open store, outside of a transaction. Out: sizes, faults, copies. Never: changes a row.
 */
#pragma once
#include "store/store.h"

struct store_sizes { uint64_t bytes, free_bytes, log_bytes; }; /* the file; of it unused; written and not yet moved into it */
int store_sizes(struct store *store, struct store_sizes *out, struct err *err); /* cheap */
int store_changes(struct store *store, int64_t *out, struct err *err); /* another number than before: others have written; cheap */
/* Moves the log into the file, so that no commit must; another process can beside a busy writer. Bytes of it that wait still, since they came
 * meanwhile or a reader needs them; where none do, the next commit begins the log anew. */
int64_t store_settle(struct store *store, struct err *err);
uint64_t store_log(const struct store *store); /* how long the log was at the last commit here, what was moved among it; costs nothing */
size_t store_tables(const struct store *store);
const char *store_table(const struct store *store, size_t i); /* store_count gives its rows: walks an index */
typedef void (*store_tell)(void *context, const char *fault);
/* Reads all of it: every fault is told in a sentence (NULL: counted only). Their number; -1: could not be looked at. */
int store_check(struct store *store, store_tell tell, void *context, struct err *err);
/* A whole copy as of now, on disk when it returns, while others go on writing: written beside and renamed, mode 0600. A file
 * that is there is an error, or with `replace` is given up when the copy is whole. Memory cannot be backed up. */
int store_backup(struct store *store, const char *path, bool replace, struct err *err);
int store_compact(struct store *store, struct store_sizes *before, struct store_sizes *after, struct err *err); /* needs its size again on disk */
