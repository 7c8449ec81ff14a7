/* keep: records into rows, at most once each. */
#include "record/inner.h"

#include <stdlib.h>

struct known {
    char id[SETTINGS_ID_BYTES];
    int64_t noted; /* in the store, when */
};
struct record_ledger {
    struct store *store;
    struct known *known; /* settings that are in the store */
    size_t len;
};

struct record_ledger *record_ledger_new(struct store *store)
{
    struct record_ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        abort();
    ledger->store = store;
    return ledger;
}

void record_ledger_free(struct record_ledger **ledger)
{
    if (*ledger)
        free((*ledger)->known);
    free(*ledger);
    *ledger = NULL;
}

int settings_note(struct store *store, struct span id, int64_t now, struct err *err)
{
    struct store_query query = {.table = "settings", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_BLOB(id)))};
    return (int)store_update(store, &query, &(struct store_change){"used", STORE_SET, STORE_INT(now)}, 1, err);
}

static struct known *known_of(struct record_ledger *ledger, struct span id)
{
    for (size_t i = 0; i < ledger->len; i++)
        if (memcmp(ledger->known[i].id, id.at, SETTINGS_ID_BYTES) == 0)
            return &ledger->known[i];
    struct known *grown = realloc(ledger->known, (ledger->len + 1) * sizeof *grown);
    if (!grown)
        abort();
    ledger->known = grown;
    grown[ledger->len] = (struct known){.noted = INT64_MIN};
    memcpy(grown[ledger->len].id, id.at, SETTINGS_ID_BYTES);
    return &grown[ledger->len++];
}

/* They come from a judge, which read strangers' mail: what is not what its id says would spoil the records of all others. What was
 * not noted for a day may have been pruned meanwhile. */
static int settings_keep(struct record_ledger *ledger, struct arena *arena, const struct record_settings *settings, int64_t now, struct err *err)
{
    struct known *known = known_of(ledger, settings->id);
    if (known->noted != INT64_MIN && now < known->noted + SETTINGS_NOTED)
        return 0;
    if (!span_eq(settings_digest(arena, settings->bytes), settings->id))
        return err_set(err, "the record names other settings than those that came with it");
    struct store_value row[] = {STORE_BLOB(settings->id), STORE_BLOB(settings->bytes), STORE_INT(now)};
    if (store_insert(ledger->store, "settings", row, STORE_KEEP, err) < 0 || settings_note(ledger->store, settings->id, now, err) < 0)
        return -1;
    known->noted = now;
    return 0;
}

/* ---- was it there */

struct seeking {
    struct arena *arena;
    struct span id;
};

static bool id_take(void *context, const struct store_value *values)
{
    struct seeking *seeking = context;
    seeking->id = value_copy(seeking->arena, &values[0]);
    return false;
}

int64_t record_key_find(struct store *store, struct arena *arena, struct span key, struct span *id, struct err *err)
{
    int64_t found = 0;
    static const char *const tables[] = {"fresh", "record"};
    struct seeking seeking = {.arena = arena};
    for (int i = 0; i < 2 && found == 0; i++) {
        struct store_query query = {.table = tables[i], STORE_WHERE(STORE_IS("key", STORE_EQ, STORE_BLOB(key))), .columns = "id", .limit = 1};
        found = store_find(store, &query, id_take, &seeking, err);
    }
    *id = seeking.id;
    return found;
}

/* ---- rows */

/* Each record has one, from the first moment on: whose id is taken finds it here. */
static int paper_keep(struct store *store, struct arena *arena, const struct record *record, struct err *err)
{
    struct store_value row[] = {text_value_always(arena, record->id), STORE_BLOB(record->settings), STORE_BLOB(record->paper)};
    return store_insert(store, "paper", row, STORE_FAIL, err);
}

/* An entry that was removed meanwhile counts no more. */
static int hit_count(struct store *store, uint64_t number, int64_t now, struct err *err)
{
    struct store_query query = {.table = "entry", STORE_WHERE(STORE_IS("number", STORE_EQ, STORE_INT((int64_t)number)))};
    struct store_change changes[] = {{"hits", STORE_PLUS, STORE_INT(1)}, {"last_hit", STORE_GREATEST, STORE_INT(now)}};
    return number && store_update(store, &query, changes, 2, err) < 0 ? -1 : 0;
}

/* Two messages whose ids are one, for they differ only in the middle: the second gets letters of its own from its key. */
static struct span id_of_its_own(struct arena *arena, const struct record *record)
{
    enum { OWN = 12 };
    struct buf id = {.arena = arena};
    buf_add(&id, span_first(record->id, REPORT_ID_LEN - OWN));
    buf_base32(&id, (const uint8_t *)record->key.at, OWN);
    return buf_span(&id);
}

enum record_kept record_keep(struct record_ledger *ledger, struct arena *arena, const struct record *record, const struct record_settings *settings,
                             int64_t now, struct span *id, struct err *err)
{
    struct store *store = ledger->store;
    struct record own = *record;
    int64_t found = record_key_find(store, arena, record->key, id, err);
    if (found)
        return found < 0 ? RECORD_FAILED : RECORD_WAS_THERE;
    if (settings_keep(ledger, arena, settings, now, err) < 0)
        return RECORD_FAILED;
    int written = paper_keep(store, arena, &own, err);
    if (written < 0 && store_fault(store) == STORE_CONFLICT) {
        own.id = id_of_its_own(arena, record);
        written = paper_keep(store, arena, &own, err);
    }
    *id = arena_copy(arena, own.id);
    if (written < 0 || fresh_write(store, arena, &own, now, err) < 0 || jobs_keep(store, arena, &own.jobs, own.id, record->id, now, err) < 0 ||
        hit_count(store, own.allowed, now, err) < 0 || hit_count(store, own.denied, now, err) < 0)
        return RECORD_FAILED;
    return RECORD_KEPT;
}

int record_outcome_set(struct store *store, struct span id, struct span recipient, struct span done, int64_t now, struct err *err)
{
    struct store_query query = {.table = "outcome", STORE_WHERE(STORE_IS("recipient", STORE_EQ, STORE_WORDS(recipient)), STORE_IS("id", STORE_EQ, STORE_WORDS(id)))};
    struct store_change changes[] = {{"done", STORE_SET, STORE_WORDS(done)}, {"at", STORE_SET, STORE_INT(now)}};
    int64_t noted = store_update(store, &query, changes, 2, err);
    if (noted == 0 && (noted = record_settle(store, 0, err)) > 0) /* it may be fresh */
        noted = store_update(store, &query, changes, 2, err);
    return (int)noted;
}
