/* ledger: the keeper's store, and records in it. */
#include "role/ledger.h"
#include "record/decide.h"
#include "store/store.h"

#include <stdlib.h>
#include <time.h>

struct ledger {
    struct store *store;
    struct record_ledger *records;
    int64_t seconds;
    enum store_sync sync;
    uint64_t count;
    bool open; /* a transaction */
    int64_t changes; /* of the store by others, when entries were looked at last */
};

static void count_take(struct ledger *ledger)
{
    struct err err;
    int64_t judged = store_count(ledger->store, &(struct store_query){.table = "record"}, &err);
    int64_t unjudged = store_count(ledger->store, &(struct store_query){.table = "unjudged"}, &err);
    ledger->count = judged < 0 || unjudged < 0 ? 0 : (uint64_t)(judged + unjudged);
}

int ledger_open(const struct keeper_settings *settings, struct ledger **out, struct err *err)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        abort();
    ledger->seconds = settings->seconds;
    ledger->sync = settings->full_sync ? STORE_SYNCED : STORE_RELAXED;
    if (store_open(settings->path ? settings->path : "memory:", record_schema(), &(struct store_settings){0}, &ledger->store, err) < 0) {
        free(ledger);
        return -1;
    }
    ledger->records = record_ledger_new(ledger->store);
    count_take(ledger);
    ledger->changes = -1;
    *out = ledger;
    return 0;
}

void ledger_close(struct ledger **ledger)
{
    if (!*ledger)
        return;
    record_ledger_free(&(*ledger)->records);
    store_close(&(*ledger)->store);
    free(*ledger);
    *ledger = NULL;
}

/* ---- looking */
int ledger_find(struct ledger *ledger, struct arena *arena, struct span id, struct kept *out, struct err *err)
{
    struct record_told told;
    struct buf report = {.arena = arena};
    *out = (struct kept){.how = KEPT_NONE};
    int found = record_read(ledger->store, arena, id, &told, err);
    if (found > 0) {
        record_json(arena, &told, &report);
        *out = (struct kept){.how = KEPT_KNOWN, .id = told.report.id, .report = buf_span(&report)};
    } else if (found == 0 && (found = record_unjudged_read(ledger->store, arena, id, &out->report, err)) > 0) {
        out->how = KEPT_KNOWN;
        out->id = arena_copy(arena, id);
    }
    return found < 0 ? -1 : 0;
}

int ledger_entries(struct ledger *ledger, struct arena *arena, struct buf *out, struct err *err)
{
    int64_t changes;
    struct verdict_entries entries;
    if (store_changes(ledger->store, &changes, err) < 0)
        return -1;
    if (changes == ledger->changes)
        return 0;
    if (record_entries_load(ledger->store, arena, INT64_MIN, &entries, err) < 0) /* each message's own time tells which were in force */
        return -1;
    record_entries_pack(&entries, out);
    ledger->changes = changes;
    return 1;
}

int ledger_killers(struct ledger *ledger, struct buf *out, struct err *err)
{
    enum { KILLERS = 1024, SECONDS = 7 * 86400 };
    return record_unjudged_keys(ledger->store, time(NULL) - SECONDS, KILLERS, out, err);
}

/* ---- keeping */
static int begin(struct ledger *ledger, struct err *err)
{
    if (ledger->open)
        return 0;
    ledger->open = store_begin(ledger->store, ledger->sync, err) == 0;
    return ledger->open ? 0 : -1;
}

static int judged_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    struct record record;
    struct span id;
    if (record_unpack(arena, row->record, &record) < 0)
        return err_set(err, "the judge sent no record");
    const struct record_settings settings = {record.settings, row->settings};
    enum record_kept kept = record_keep(ledger->records, arena, &record, &settings, time(NULL), &id, err);
    if (kept == RECORD_FAILED)
        return -1;
    *out = (struct kept){.how = KEPT_NEW};
    if (kept == RECORD_KEPT && span_eq(id, record.id))
        return 0;
    if (ledger_find(ledger, arena, id, out, err) < 0)
        return -1;
    out->how = kept == RECORD_KEPT ? KEPT_NEW : KEPT_KNOWN;
    return 0;
}

static int unjudged_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    struct span id;
    enum record_kept kept = record_unjudged_keep(ledger->store, arena, &(struct record_unjudged){row->id, row->key, row->report}, time(NULL), &id, err);
    *out = (struct kept){.how = KEPT_NEW};
    if (kept == RECORD_WAS_THERE)
        return ledger_find(ledger, arena, id, out, err);
    return kept == RECORD_FAILED ? -1 : 0;
}

int ledger_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    bool judged = row->record.len;
    if (judged ? !row->settings.len : !row->key.len || !row->id.len || !row->report.len)
        return err_set(err, "the record has no key, id, settings or report");
    if (begin(ledger, err) < 0 || (judged ? judged_keep : unjudged_keep)(ledger, arena, row, out, err) < 0)
        return -1;
    ledger->count += out->how == KEPT_NEW;
    return 0;
}

struct store *ledger_store(struct ledger *ledger)
{
    return ledger->store;
}

uint64_t ledger_count(const struct ledger *ledger)
{
    return ledger->count;
}

/* What the records knew of the store is not so after a commit that failed. */
static int nothing_kept(struct ledger *ledger)
{
    record_ledger_free(&ledger->records);
    ledger->records = record_ledger_new(ledger->store);
    count_take(ledger);
    return -1;
}

int ledger_commit(struct ledger *ledger, struct err *err)
{
    if (!ledger->open)
        return 0;
    ledger->open = false;
    if (store_must_roll_back(ledger->store)) {
        store_rollback(ledger->store);
        err_set(err, "the store could not take the records");
        return nothing_kept(ledger);
    }
    return store_commit(ledger->store, err) < 0 ? nothing_kept(ledger) : 0;
}

int64_t ledger_sweep(struct ledger *ledger, struct err *err)
{
    int64_t gone = ledger->open ? 0 : record_prune(ledger->store, time(NULL) - ledger->seconds, SWEEP_MOST, err);
    ledger->count -= gone > 0 && (uint64_t)gone <= ledger->count ? (uint64_t)gone : 0;
    return gone;
}
