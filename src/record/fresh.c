/* fresh: the marks of records that were just kept, in a row for each record, until many are sorted into their table at once.
 * Where a mark belongs is anywhere in that table: alone each costs a page of the log, among those of hundreds they share it. */
#include "record/inner.h"

#include "base/shape.h"

#include <stdlib.h>

static const struct shape mark_shape = SHAPE_OF(struct record_mark, SHAPED_NUMBER(struct record_mark, kind), SHAPED_SPAN(struct record_mark, value));
static const struct shape fresh_shape = SHAPE_OF(struct fresh, SHAPED_LIST(struct fresh, marks, &mark_shape, 0));

int fresh_write(struct store *store, struct arena *arena, const struct record *record, struct err *err)
{
    struct fresh fresh = {0};
    struct buf bytes = {.arena = arena};
    vec_each(mark, &record->marks)
        *vec_push(arena, &fresh.marks) = (struct record_mark){mark->kind, text_value_always(arena, mark->value).span};
    shape_write(&fresh_shape, &fresh, &bytes);
    struct store_value row[] = {text_value_always(arena, record->id), STORE_BLOB(buf_span(&bytes))};
    return record->marks.len ? store_insert(store, "fresh", row, STORE_REPLACE, err) : 0;
}

bool fresh_read(struct arena *arena, const struct store_value *row, struct fresh *out)
{
    struct span bytes = value_copy(arena, &row[1]);
    *out = (struct fresh){.id = value_copy(arena, &row[0])};
    return shape_read(arena, &fresh_shape, &bytes, out) && !bytes.len;
}

/* ---- sorted in */

struct placed {
    enum mark_kind kind;
    struct span value, id;
};
struct settling {
    struct arena *arena;
    VEC(struct placed) marks;
    struct span last; /* id */
    int64_t count;
};

/* A row that cannot be read has no marks: its record is found by all else. */
static bool fresh_take(void *context, const struct store_value *values)
{
    struct settling *at = context;
    struct fresh fresh;
    if (fresh_read(at->arena, values, &fresh))
        vec_each(mark, &fresh.marks)
            *vec_push(at->arena, &at->marks) = (struct placed){mark->kind, mark->value, fresh.id};
    at->last = fresh.id;
    at->count++;
    return true;
}

static int in_place(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int values = span_compare(a->value, b->value);
    return values ? values : span_compare(a->id, b->id);
}

static int all_place(struct store *store, struct settling *at, struct err *err)
{
    if (at->marks.len)
        qsort(at->marks.at, at->marks.len, sizeof *at->marks.at, in_place);
    vec_each(mark, &at->marks) {
        struct store_value row[] = {STORE_INT(mark->kind), STORE_WORDS(mark->value), STORE_WORDS(mark->id)};
        if (store_insert(store, "mark", row, STORE_KEEP, err) < 0)
            return -1;
    }
    struct store_query done = {.table = "fresh", STORE_WHERE(STORE_IS("id", STORE_LE, STORE_WORDS(at->last)))};
    return at->count && store_delete(store, &done, err) < 0 ? -1 : 0;
}

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

int64_t record_settle(struct store *store, uint64_t most, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)1 << 30);
    struct settling settling = {.arena = arena};
    struct store_query query = {.table = "fresh", .order = "id", .limit = most};
    if (store_begin(store, STORE_RELAXED, err) < 0)
        return -1;
    if (store_find(store, &query, fresh_take, &settling, err) >= 0 && all_place(store, &settling, err) == 0)
        return store_commit(store, err) < 0 ? -1 : settling.count;
    store_rollback(store);
    return -1;
}
