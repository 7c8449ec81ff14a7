/* unjudged: messages over which judges died have an answer, but nothing that could be hunted or judged again. */
#include "record/inner.h"

struct answer_reading {
    struct arena *arena;
    struct span value;
};

static bool value_take(void *context, const struct store_value *values)
{
    struct answer_reading *at = context;
    at->value = value_copy(at->arena, &values[0]);
    return false;
}

static int64_t find(struct store *store, struct arena *arena, const char *by, struct store_value value, const char *column, struct span *out, struct err *err)
{
    struct answer_reading at = {.arena = arena};
    struct store_query query = {.table = "unjudged", STORE_WHERE(STORE_IS(by, STORE_EQ, value)), .columns = column, .limit = 1};
    int64_t found = store_find(store, &query, value_take, &at, err);
    *out = at.value;
    return found;
}

enum record_kept record_unjudged_keep(struct store *store, struct arena *arena, const struct record_unjudged *unjudged, int64_t now, struct span *id,
                                      struct err *err)
{
    int64_t found = find(store, arena, "key", STORE_BLOB(unjudged->key), "id", id, err);
    if (found)
        return found < 0 ? RECORD_FAILED : RECORD_WAS_THERE;
    struct store_value row[] = {text_value_always(arena, unjudged->id), STORE_BLOB(unjudged->key), STORE_INT(now), STORE_BLOB(unjudged->report)};
    *id = unjudged->id;
    return store_insert(store, "unjudged", row, STORE_FAIL, err) < 0 ? RECORD_FAILED : RECORD_KEPT;
}

int record_unjudged_read(struct store *store, struct arena *arena, struct span id, struct span *report, struct err *err)
{
    return (int)find(store, arena, "id", text_value_always(arena, id), "report", report, err);
}

static bool key_take(void *context, const struct store_value *values)
{
    buf_add(context, values[0].span);
    return true;
}

int record_unjudged_keys(struct store *store, int64_t since, uint64_t most, struct buf *out, struct err *err)
{
    struct store_query query = {.table = "unjudged", STORE_WHERE(STORE_IS("kept", STORE_GT, STORE_INT(since))), .columns = "key", .order = "kept",
                                .descending = true, .limit = most};
    return store_find(store, &query, key_take, out, err) < 0 ? -1 : 0;
}
