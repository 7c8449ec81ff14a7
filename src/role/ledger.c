/* ledger: the records, over the store's face: one table, its rows by id, found again by key. */
#include "role/ledger.h"
#include "store/store.h"

#include <stdlib.h>
#include <time.h>

enum { KEY_BYTES = 32 };

/* ---- the table */
static const struct store_column columns[] = {
    {"id", STORE_TEXT, false}, {"key", STORE_BYTES, false}, {"at", STORE_INTEGER, false}, {"until", STORE_INTEGER, false},
    {"verdict", STORE_INTEGER, false}, {"unjudged", STORE_INTEGER, false}, {"score", STORE_REAL, false}, {"size", STORE_INTEGER, false},
    {"recipients", STORE_INTEGER, false}, {"from_domain", STORE_TEXT, false}, {"evidence", STORE_TEXT, false},
    {"generation", STORE_TEXT, false}, {"report", STORE_BYTES, false}, {NULL, 0, false},
};
static const struct store_step first_steps[] = {
    {.kind = STORE_TABLE_MAKE, .table = "record", .columns = columns, .on = "id"},
    {.kind = STORE_INDEX_MAKE, .table = "record", .index = "record_key", .on = "key"},
    {.kind = STORE_INDEX_MAKE, .table = "record", .index = "record_until", .on = "until"},
    {0},
};
static const struct store_migration migrations[] = {{1, "the records of messages", first_steps}};
static const struct store_schema schema = {migrations, sizeof migrations / sizeof *migrations};

struct ledger {
    struct store *store;
    int64_t seconds, now;
    enum store_sync sync;
    uint64_t count;
    bool open; /* a transaction */
};

int ledger_open(const struct keeper_settings *settings, struct ledger **out, struct err *err)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        abort();
    ledger->seconds = settings->seconds;
    ledger->sync = settings->full_sync ? STORE_SYNCED : STORE_RELAXED;
    if (store_open(settings->path ? settings->path : "memory:", &schema, &(struct store_settings){0}, &ledger->store, err) < 0) {
        free(ledger);
        return -1;
    }
    int64_t count = store_count(ledger->store, &(struct store_query){.table = "record"}, err);
    ledger->count = count < 0 ? 0 : (uint64_t)count;
    *out = ledger;
    return 0;
}

void ledger_close(struct ledger **ledger)
{
    if (!*ledger)
        return;
    store_close(&(*ledger)->store);
    free(*ledger);
    *ledger = NULL;
}

/* ---- looking */
struct finding {
    struct arena *arena;
    struct kept *out;
};

static bool on_row(void *context, const struct store_value *values)
{
    struct finding *finding = context;
    *finding->out = (struct kept){.how = KEPT_KNOWN, .id = arena_copy(finding->arena, values[0].span),
                                  .report = arena_copy(finding->arena, values[1].span)};
    return false;
}

static int find(struct ledger *ledger, struct arena *arena, const char *column, struct store_value value, struct kept *out, struct err *err)
{
    struct finding finding = {arena, out};
    const struct store_query query = {.table = "record", .columns = "id report", .limit = 1,
                                      STORE_WHERE(STORE_IS(column, STORE_EQ, value), STORE_IS("until", STORE_GT, STORE_INT(time(NULL))))};
    *out = (struct kept){.how = KEPT_NONE};
    return store_find(ledger->store, &query, on_row, &finding, err) < 0 ? -1 : 0;
}

int ledger_find(struct ledger *ledger, struct arena *arena, struct span id, struct kept *out, struct err *err)
{
    return find(ledger, arena, "id", STORE_WORDS(id), out, err);
}

/* ---- keeping */
static int begin(struct ledger *ledger, struct err *err)
{
    if (ledger->open)
        return 0;
    ledger->open = store_begin(ledger->store, ledger->sync, err) == 0;
    return ledger->open ? 0 : -1;
}

/* The id tells time and digest: of two rows of one id the later is the same arrival whose key's time to live was over. */
static int row_put(struct ledger *ledger, const struct keep_row *row, struct err *err)
{
    const struct store_value values[] = {
        STORE_WORDS(row->id), STORE_BLOB(row->key), STORE_INT(row->at), STORE_INT(time(NULL) + ledger->seconds),
        STORE_INT(row->verdict), STORE_INT(row->unjudged), STORE_NUMBER(row->score), STORE_INT((int64_t)row->size),
        STORE_INT((int64_t)row->recipients), STORE_WORDS(row->from_domain), STORE_WORDS(row->evidence),
        STORE_WORDS(row->generation), STORE_BLOB(row->report),
    };
    return store_insert(ledger->store, "record", values, STORE_REPLACE, err);
}

int ledger_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    if (row->key.len != KEY_BYTES || !row->id.len || !row->report.len)
        return err_set(err, "the record has no key, id or report");
    if (begin(ledger, err) < 0 || find(ledger, arena, "key", STORE_BLOB(row->key), out, err) < 0)
        return -1;
    if (out->how == KEPT_KNOWN)
        return 0;
    *out = (struct kept){.how = KEPT_NEW};
    if (row_put(ledger, row, err) < 0)
        return -1;
    ledger->count++;
    return 0;
}

uint64_t ledger_count(const struct ledger *ledger)
{
    return ledger->count;
}

int ledger_commit(struct ledger *ledger, struct err *err)
{
    if (!ledger->open)
        return 0;
    ledger->open = false;
    if (!store_must_roll_back(ledger->store))
        return store_commit(ledger->store, err);
    store_rollback(ledger->store);
    return err_set(err, "the store could not take the records");
}

int64_t ledger_sweep(struct ledger *ledger, struct err *err)
{
    const struct store_query query = {.table = "record", .order = "until", .limit = SWEEP_MOST,
                                      STORE_WHERE(STORE_IS("until", STORE_LE, STORE_INT(time(NULL))))};
    int64_t gone = ledger->open ? 0 : store_delete(ledger->store, &query, err);
    ledger->count -= gone > 0 && (uint64_t)gone <= ledger->count ? (uint64_t)gone : 0;
    return gone;
}
