/* hold: rows of messages whose raw bytes lie in the hold spool. */
#include "record/inner.h"

static const char columns[] = "id ticket at until size state file";

struct held_reading {
    struct arena *arena;
    struct record_held_list list;
};

static bool held_take(void *context, const struct store_value *v)
{
    struct held_reading *at = context;
    *vec_push(at->arena, &at->list.list) = (struct record_held){value_copy(at->arena, &v[0]), value_copy(at->arena, &v[1]), v[2].integer, v[3].integer,
                                                                (uint64_t)v[4].integer, value_copy(at->arena, &v[5]), value_copy(at->arena, &v[6])};
    return true;
}

int record_hold(struct store *store, struct arena *arena, const struct record_held *held, struct err *err)
{
    struct store_value row[] = {text_value_always(arena, held->id), STORE_BLOB(held->ticket), STORE_INT(held->at), STORE_INT(held->until),
                                STORE_INT((int64_t)held->size), text_value_always(arena, held->state), text_value_always(arena, held->file)};
    return store_insert(store, "hold", row, STORE_REPLACE, err) < 0 ? -1 : 0; /* one that was forgotten may still have its row */
}

int record_held(struct store *store, struct arena *arena, struct span id, struct record_held *out, struct err *err)
{
    struct held_reading at = {.arena = arena};
    struct store_query query = {.table = "hold", STORE_WHERE(STORE_IS("id", STORE_EQ, text_value_always(arena, id))), .columns = columns};
    int64_t found = store_find(store, &query, held_take, &at, err);
    if (found > 0)
        *out = at.list.list.at[0];
    return (int)found;
}

/* Those whose time is over, then those that a person's request took: the first are found by an index, the others are few. */
int record_held_over(struct store *store, struct arena *arena, int64_t now, uint64_t most, struct record_held_list *out, struct err *err)
{
    struct held_reading at = {.arena = arena};
    struct store_query over = {.table = "hold", STORE_WHERE(STORE_IS("until", STORE_LE, STORE_INT(now))), .columns = columns, .order = "until", .limit = most};
    struct store_query forgotten = {.table = "hold", STORE_WHERE(STORE_IS("state", STORE_EQ, STORE_WORDS(S("forgotten"))), STORE_IS("until", STORE_GT, STORE_INT(now))),
                                    .columns = columns, .limit = most};
    if (store_find(store, &over, held_take, &at, err) < 0 || store_find(store, &forgotten, held_take, &at, err) < 0)
        return -1;
    *out = at.list;
    return 0;
}

int record_held_end(struct store *store, struct span id, struct err *err)
{
    struct store_query query = {.table = "hold", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)))};
    return store_delete(store, &query, err) < 0 ? -1 : 0;
}

static bool file_take(void *context, const struct store_value *values)
{
    struct held_reading *at = context;
    vec_push(at->arena, &at->list.list)->file = value_copy(at->arena, &values[0]);
    return true;
}

int record_held_files(struct store *store, struct arena *arena, struct record_held_list *out, struct err *err)
{
    struct held_reading at = {.arena = arena};
    int64_t found = store_find(store, &(struct store_query){.table = "hold", .columns = "file"}, file_take, &at, err);
    *out = at.list;
    return found < 0 ? -1 : 0;
}

struct sum {
    uint64_t count, bytes;
};

static bool size_add(void *context, const struct store_value *values)
{
    struct sum *sum = context;
    sum->count++;
    sum->bytes += (uint64_t)values[0].integer;
    return true;
}

int record_held_sum(struct store *store, uint64_t *count, uint64_t *bytes, struct err *err)
{
    struct sum sum = {0};
    if (store_find(store, &(struct store_query){.table = "hold", .columns = "size"}, size_add, &sum, err) < 0)
        return -1;
    *count = sum.count;
    *bytes = sum.bytes;
    return 0;
}
