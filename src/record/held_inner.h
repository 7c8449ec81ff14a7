/* record/held_inner: what the files about held messages share. All of it inside the caller's transaction. */
#pragma once
#include "record/held.h"
#include "record/inner.h"
#include "record/outbox.h"

/* ---- held.c */
int copies_keep(struct store *store, struct arena *arena, const struct record_held *held, const struct held_copies *copies, struct err *err);
/* Those that wait until `now` or before, the longest waiting first. */
int64_t copies_waited(struct store *store, struct arena *arena, int64_t now, uint64_t most, struct held_copies *out, struct err *err);
int copy_insert(struct store *store, struct arena *arena, struct span id, const struct held_copy *copy, int64_t at, struct err *err); /* its row, since `at`; no job */
int64_t copies_count(struct store *store, struct span id, enum held_state state, struct err *err);
int64_t copies_lie(struct store *store, struct span id, struct err *err); /* whether any lies here: 1, 0, -1 */
int64_t copies_expire(struct store *store, const struct record_held *held, int64_t now, struct err *err); /* those that lie here: how many */
int copies_forget(struct store *store, struct span id, struct err *err); /* their rows and jobs go */
int copy_job_end(struct store *store, struct arena *arena, const struct held_copy *copy, struct err *err); /* whoever tried it again would have it leave */
/* Only where it is in the state `from`; how many (1, 0). */
int64_t copy_set(struct store *store, const struct held_copy *copy, enum held_state from, const struct store_change *changes, size_t count, struct err *err);
/* What the record says was done for its recipient. */
int copy_outcome(struct store *store, struct arena *arena, const struct held_copy *copy, struct span done, int64_t now, struct err *err);
/* Of a person who wants to be forgotten: whatever is not on its way. recipient empty: all of that id; id empty: all of that recipient. */
int held_forget(struct store *store, struct arena *arena, struct span id, struct span recipient, struct err *err);
/* Where nobody's copy is wanted any more the bytes are to go. */
int hold_settle(struct store *store, struct span id, struct err *err);
/* What became of a job; one of another kind is nothing to it. fault: the mail server's words. */
int held_follow(struct store *store, struct arena *arena, struct span job, enum held_state state, struct span fault, int64_t now, struct err *err);
int job_of_copy(struct store *store, struct arena *arena, struct span id, uint64_t number, int64_t now, struct err *err); /* it is written */
bool job_is_release(struct span job, struct span *id, uint64_t *number); /* "ID.release.3" */
