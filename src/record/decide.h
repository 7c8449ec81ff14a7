/* record/decide: what people decide about records: corrections, entries that allow and deny, and who is to be forgotten.
 *
 * All of it is rows of the store, each call a transaction of its own, synced. now is the caller's. */
#pragma once
#include "record/record.h"

/* ---- corrections: what a message really was. A fact for later fitting: its judgement is kept beside it and outlives the record. */
struct correction {
    bool honest;
    int64_t at;
    struct span by;
};
/* 1: noted, in place of an earlier one; 0: there is no such record; -1. */
int record_correct(struct store *store, struct span id, const struct correction *correction, struct err *err);
int record_correct_undo(struct store *store, struct span id, struct err *err); /* 1: taken back; 0: there was none; -1 */
int record_corrected(struct store *store, struct arena *arena, struct span id, struct correction *out, struct err *err); /* 1, 0, -1 */

/* ---- entries. At least one of domain, person, service, account, stream, and all that are given must fit. */
struct entry {
    struct verdict_entry is; /* number 0: a new one */
    struct span by;
    int64_t made, last_hit;  /* last_hit: TIME_UNKNOWN: never */
    uint64_t hits;
};
int record_entry_add(struct store *store, const struct entry *entry, uint64_t *number, struct err *err); /* -1 too where it is not in order */
int record_entry_remove(struct store *store, uint64_t number, bool allow, struct err *err);              /* 1; 0: there is none; -1 */
typedef bool (*entry_each)(void *context, const struct entry *entry);
int64_t record_entries(struct store *store, entry_each each, void *context, struct err *err); /* by number, those that are over too */
/* For verdict_settings.entries: those in force at `now`, in the arena. */
int record_entries_load(struct store *store, struct arena *arena, int64_t now, struct verdict_entries *out, struct err *err);

/* To the judges of a running service: both are one binary. */
void record_entries_pack(const struct verdict_entries *entries, struct buf *out);
int record_entries_unpack(struct arena *arena, struct span bytes, struct verdict_entries *out); /* points into bytes; -1: no entries */

/* ---- a person's request. Mail the person wrote: its records go, corrections and held rows with them. Mail the person received: the
 * recipient becomes a stand-in, in rows and papers; its author's records stay. The stand-in is the same for one person and tells nothing. */
struct forgotten {
    uint64_t written, received, corrections, entries;
};
int record_forget(struct store *store, struct span address, bool dry, struct forgotten *out, struct err *err);
