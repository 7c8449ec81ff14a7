/* hold: rows of messages whose raw bytes lie in the hold spool. */
#include "record/held_inner.h"

static const char columns[] = "id ticket at until size state file mail_from mail_params";

struct held_reading {
    struct arena *arena;
    struct record_held_list list;
};

static bool held_take(void *context, const struct store_value *v)
{
    struct held_reading *at = context;
    *vec_push(at->arena, &at->list.list) = (struct record_held){
        .id = value_copy(at->arena, &v[0]), .ticket = value_copy(at->arena, &v[1]), .at = v[2].integer, .until = v[3].integer, .size = (uint64_t)v[4].integer,
        .state = value_copy(at->arena, &v[5]), .file = value_copy(at->arena, &v[6]), .mail_from = value_copy(at->arena, &v[7]),
        .mail_params = value_copy(at->arena, &v[8]), .enveloped = !v[7].null};
    return true;
}

int record_hold(struct store *store, struct arena *arena, const struct record_held *held, const struct held_copies *copies, struct err *err)
{
    struct store_value row[] = {text_value_always(arena, held->id), STORE_BLOB(held->ticket), STORE_INT(held->at), STORE_INT(held->until),
                                STORE_INT((int64_t)held->size), text_value_always(arena, held->state), text_value_always(arena, held->file),
                                held->enveloped ? text_value_always(arena, held->mail_from) : STORE_NONE(STORE_TEXT), text_value(arena, held->mail_params)};
    if (store_insert(store, "hold", row, STORE_REPLACE, err) < 0) /* one that was forgotten may still have its row */
        return -1;
    return copies_keep(store, arena, held, copies, err);
}

int held_lost(struct store *store, struct span id, int64_t now, struct err *err)
{
    return copies_expire(store, &(struct record_held){.id = id}, now, err) < 0 ? -1 : 0;
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

/* Those whose time is over are found by an index; the others are few. */
int record_held_over(struct store *store, struct arena *arena, int64_t now, uint64_t most, struct record_held_list *out, struct err *err)
{
    struct held_reading at = {.arena = arena};
    struct store_query over = {.table = "hold", STORE_WHERE(STORE_IS("until", STORE_LE, STORE_INT(now))), .columns = columns, .order = "until", .limit = most};
    struct store_query unwanted = {.table = "hold", STORE_WHERE(STORE_IS("state", STORE_NE, STORE_WORDS(S("held"))), STORE_IS("until", STORE_GT, STORE_INT(now))),
                                   .columns = columns, .limit = most};
    if (store_find(store, &over, held_take, &at, err) < 0 || store_find(store, &unwanted, held_take, &at, err) < 0)
        return -1;
    *out = at.list;
    return 0;
}

static int until_set(struct store *store, struct span id, int64_t until, struct err *err)
{
    struct store_query query = {.table = "hold", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)))};
    return store_update(store, &query, &(struct store_change){"until", STORE_SET, STORE_INT(until)}, 1, err) < 0 ? -1 : 0;
}

int64_t record_held_end(struct store *store, const struct record_held *held, int64_t now, struct err *err)
{
    enum { LATER = 3600 };
    struct store_query query = {.table = "hold", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(held->id)))};
    int64_t leaving = copies_count(store, held->id, HELD_LEAVING, err), waiting = leaving ? 0 : copies_count(store, held->id, HELD_WAITING, err);
    leaving = waiting ? waiting : leaving; /* what waits leaves too, once it has waited */
    if (leaving > 0)
        leaving = until_set(store, held->id, now + LATER, err) < 0 ? -1 : HELD_STAYS;
    if (leaving)
        return leaving;
    int64_t expired = span_eq(held->state, S("forgotten")) ? copies_forget(store, held->id, err) : copies_expire(store, held, now, err);
    return expired < 0 || store_delete(store, &query, err) < 0 ? -1 : expired;
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
