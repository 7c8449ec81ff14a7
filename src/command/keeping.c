#include "command/keeping.h"

#include "record/decide.h"

#include <time.h>
#include <unistd.h>

enum { TOGETHER = 200 }; /* records of one commit: what is lost where the power fails is scanned again */

int keeping_open(struct keeping *keeping, const char *path, struct err *err)
{
    if (store_open(path, record_schema(), NULL, &keeping->store, err) < 0)
        return -1;
    keeping->ledger = record_ledger_new(keeping->store);
    keeping->arena = arena_new((size_t)1 << 30);
    return 0;
}

int keeping_entries(struct arena *arena, const char *path, const struct verdict_entries **out, struct err *err)
{
    struct store *store = NULL;
    struct verdict_entries *entries = arena_one(arena, struct verdict_entries);
    *out = entries;
    if (access(path, F_OK) != 0)
        return 0;
    int done = store_open(path, record_schema(), &(struct store_settings){.read_only = true}, &store, err);
    if (done == 0)
        done = record_entries_load(store, arena, INT64_MIN, entries, err); /* each message's own time tells which were in force */
    store_close(&store);
    return done;
}

/* A list that cannot be read any more is a ground that no later one will be the same as. */
void keeping_settings(struct arena *arena, const struct walk_settings *walk, struct record_settings *out)
{
    struct err err;
    struct grounds grounds = {0};
    struct arena *lists __attribute__((cleanup(arena_free))) = arena_new((size_t)1 << 30);
    if (walk_grounds(lists, walk, &grounds, &err) < 0)
        *vec_push(lists, &grounds.list) = (struct ground){S("lists"), S("unread")};
    record_settings_make(arena, &walk->verdict, &grounds, out);
}

static int together_keep(struct keeping *keeping, struct err *err)
{
    return store_commit(keeping->store, err) < 0 || record_settle(keeping->store, 0, err) < 0 ? -1 : 0;
}

int keeping_add(struct keeping *keeping, const struct record_settings *settings, struct span parcel, struct err *err)
{
    struct record record;
    struct span id;
    arena_reset(keeping->arena);
    if (record_unpack(keeping->arena, parcel, &record) < 0)
        return err_set(err, "a judge sent no record");
    if (!keeping->waiting && store_begin(keeping->store, STORE_SYNCED, err) < 0)
        return -1;
    enum record_kept kept = record_keep(keeping->ledger, keeping->arena, &record, settings, time(NULL), &id, err);
    if (kept == RECORD_FAILED)
        return -1;
    keeping->kept += kept == RECORD_KEPT;
    keeping->there += kept == RECORD_WAS_THERE;
    if (++keeping->waiting < TOGETHER)
        return 0;
    keeping->waiting = 0;
    return together_keep(keeping, err);
}

int keeping_close(struct keeping *keeping, struct err *err)
{
    int done = 0;
    if (!keeping->store)
        return 0;
    if (keeping->waiting && !store_must_roll_back(keeping->store))
        done = together_keep(keeping, err);
    record_ledger_free(&keeping->ledger);
    store_close(&keeping->store);
    arena_free(&keeping->arena);
    return done;
}
