/* unjudged: messages that no judge could finish have an answer, but nothing that could be judged again. */
#include "record/inner.h"

const char unjudged_columns[] = "id key kept report org why";

void unjudged_take(struct arena *arena, const struct store_value *values, struct record_unjudged *out)
{
    *out = (struct record_unjudged){.id = value_copy(arena, &values[0]), .key = value_copy(arena, &values[1]), .kept = values[2].integer,
                                    .report = value_copy(arena, &values[3]), .org = value_copy(arena, &values[4])};
    out->why = values[5].null || values[5].integer < 0 || values[5].integer >= UNJUDGED_WHY_COUNT ? 0 : (enum unjudged_why)values[5].integer;
}

struct unjudged_reading {
    struct arena *arena;
    struct record_unjudged *out;
};

static bool row_take(void *context, const struct store_value *values)
{
    struct unjudged_reading *at = context;
    unjudged_take(at->arena, values, at->out);
    return false;
}

static int64_t find(struct store *store, struct arena *arena, const char *by, struct store_value value, struct record_unjudged *out, struct err *err)
{
    struct unjudged_reading at = {arena, out};
    struct store_query query = {.table = "unjudged", STORE_WHERE(STORE_IS(by, STORE_EQ, value)), .columns = unjudged_columns, .limit = 1};
    return store_find(store, &query, row_take, &at, err);
}

enum record_kept record_unjudged_keep(struct store *store, struct arena *arena, const struct record_unjudged *unjudged, int64_t now, struct span *id,
                                      struct err *err)
{
    struct record_unjudged there;
    int64_t found = find(store, arena, "key", STORE_BLOB(unjudged->key), &there, err);
    *id = found > 0 ? there.id : unjudged->id;
    if (found)
        return found < 0 ? RECORD_FAILED : RECORD_WAS_THERE;
    struct store_value row[] = {text_value_always(arena, unjudged->id), STORE_BLOB(unjudged->key), STORE_INT(now), STORE_BLOB(unjudged->report),
                                text_value(arena, unjudged->org), STORE_INT(unjudged->why)};
    if (store_insert(store, "unjudged", row, STORE_FAIL, err) < 0 || jobs_keep(store, arena, &unjudged->jobs, unjudged->id, unjudged->id, now, err) < 0)
        return RECORD_FAILED;
    return RECORD_KEPT;
}

int record_unjudged_read(struct store *store, struct arena *arena, struct span id, struct record_unjudged *out, struct err *err)
{
    return (int)find(store, arena, "id", text_value_always(arena, id), out, err);
}

struct keys_reading {
    struct buf *out;
    uint64_t left;
};

/* Older versions kept no reason, and nothing but what had killed. */
static bool key_take(void *context, const struct store_value *values)
{
    struct keys_reading *at = context;
    if (values[1].null || values[1].integer == 0 || values[1].integer == UNJUDGED_KILLED) {
        buf_add(at->out, span_first(values[0].span, UNJUDGED_KEY_BYTES));
        at->left--;
    }
    return at->left > 0;
}

int record_unjudged_keys(struct store *store, int64_t since, uint64_t most, struct buf *out, struct err *err)
{
    struct keys_reading at = {out, most};
    struct store_query query = {.table = "unjudged", STORE_WHERE(STORE_IS("kept", STORE_GT, STORE_INT(since))), .columns = "key why", .order = "kept",
                                .descending = true};
    return most && store_find(store, &query, key_take, &at, err) < 0 ? -1 : 0;
}
