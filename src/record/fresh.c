/* fresh: records that were just kept, each packed in one row, until many are sorted into their tables at once. Where a record's
 * row, what it is found by and its marks belong is anywhere: alone each costs a page of the log, among those of hundreds they share it. */
#include "record/inner.h"

#include <stdlib.h>

static const char columns[] = "kept bytes id";

int fresh_write(struct store *store, struct arena *arena, const struct record *record, int64_t now, struct err *err)
{
    struct record bare = *record;
    struct buf bytes = {.arena = arena};
    bare.paper = (struct span){0};
    memset(&bare.jobs, 0, sizeof bare.jobs);
    record_pack(&bare, &bytes);
    struct store_value row[] = {text_value_always(arena, record->id), STORE_BLOB(record->key), STORE_INT(now), STORE_BLOB(buf_span(&bytes))};
    return store_insert(store, "fresh", row, STORE_FAIL, err);
}

/* ---- read */

struct reading {
    struct arena *arena;
    VEC(struct fresh) list;
    struct span last; /* id */
    int64_t rows;
};

/* A row that cannot be read is lost, as one of `record` would be on a page that the disk spoilt. */
static bool fresh_take(void *context, const struct store_value *values)
{
    struct reading *at = context;
    struct fresh fresh = {.kept = values[0].integer};
    if (record_unpack(at->arena, value_copy(at->arena, &values[1]), &fresh.record) == 0)
        *vec_push(at->arena, &at->list) = fresh;
    at->last = value_copy(at->arena, &values[2]);
    at->rows++;
    return true;
}

int64_t fresh_find(struct store *store, struct arena *arena, struct span id, struct fresh *out, struct err *err)
{
    struct reading at = {.arena = arena};
    struct store_query query = {.table = "fresh", STORE_WHERE(STORE_IS("id", STORE_EQ, text_value_always(arena, id))), .columns = columns};
    if (store_find(store, &query, fresh_take, &at, err) < 0)
        return -1;
    if (at.list.len)
        *out = at.list.at[0];
    return (int64_t)at.list.len;
}

int64_t fresh_before(struct store *store, int64_t kept, struct err *err)
{
    struct store_query query = {.table = "fresh", STORE_WHERE(STORE_IS("kept", STORE_LT, STORE_INT(kept))), .limit = 1};
    return store_count(store, &query, err);
}

/* ---- into their tables */

struct placed {
    enum mark_kind kind;
    struct store_value value, id;
};

static int row_place(struct store *store, struct arena *arena, const struct fresh *fresh, struct err *err)
{
    const struct record *record = &fresh->record;
    struct store_value row[] = {
        text_value_always(arena, record->id),
        text_value_always(arena, record->org),
        STORE_BLOB(record->key),
        STORE_INT(fresh->kept),
        text_value(arena, record->generation),
        STORE_INT(record->verdict),
        STORE_NUMBER(record->score),
        STORE_INT(record->direction),
        text_value(arena, record->listener),
        record->mail_from_known ? text_value_always(arena, record->mail_from) : STORE_NONE(STORE_TEXT),
        text_value(arena, record->from_domain),
        text_value(arena, record->from_address),
        text_value(arena, record->subject),
        text_value(arena, record->client),
        text_value(arena, record->service),
        text_value(arena, record->account),
        text_value(arena, record->language),
        STORE_INT((int64_t)record->size),
        text_value_always(arena, record->evidence),
    };
    return store_insert(store, "record", row, STORE_KEEP, err);
}

static int outcomes_place(struct store *store, struct arena *arena, const struct record *record, struct err *err)
{
    struct store_value id = text_value_always(arena, record->id);
    vec_each(outcome, &record->outcomes) {
        struct store_value row[] = {text_value_always(arena, outcome->recipient), id, text_value_always(arena, outcome->action),
                                    text_value_always(arena, outcome->mode), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_INTEGER)};
        if (store_insert(store, "outcome", row, STORE_KEEP, err) < 0)
            return -1;
    }
    return 0;
}

static int in_place(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int values = span_compare(a->value.span, b->value.span);
    return values ? values : span_compare(a->id.span, b->id.span);
}

static int marks_place(struct store *store, const struct reading *at, struct err *err)
{
    VEC(struct placed) marks = {0};
    vec_each(fresh, &at->list) {
        struct store_value id = text_value_always(at->arena, fresh->record.id);
        vec_each(mark, &fresh->record.marks)
            *vec_push(at->arena, &marks) = (struct placed){mark->kind, text_value_always(at->arena, mark->value), id};
    }
    if (marks.len)
        qsort(marks.at, marks.len, sizeof *marks.at, in_place);
    vec_each(mark, &marks) {
        struct store_value row[] = {STORE_INT(mark->kind), mark->value, mark->id};
        if (store_insert(store, "mark", row, STORE_KEEP, err) < 0)
            return -1;
    }
    return 0;
}

static int all_place(struct store *store, const struct reading *at, struct err *err)
{
    vec_each(fresh, &at->list)
        if (row_place(store, at->arena, fresh, err) < 0 || outcomes_place(store, at->arena, &fresh->record, err) < 0)
            return -1;
    return marks_place(store, at, err);
}

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

/* ---- the whole */
static int settle(struct store *store, struct reading *at, uint64_t most, struct err *err)
{
    struct store_query query = {.table = "fresh", .columns = columns, .order = "id", .limit = most};
    if (store_find(store, &query, fresh_take, at, err) < 0 || all_place(store, at, err) < 0)
        return -1;
    struct store_query done = {.table = "fresh", STORE_WHERE(STORE_IS("id", STORE_LE, STORE_WORDS(at->last)))};
    return at->rows && store_delete(store, &done, err) < 0 ? -1 : 0;
}

int64_t record_settle(struct store *store, uint64_t most, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)1 << 30);
    struct reading at = {.arena = arena};
    if (store_begin(store, STORE_RELAXED, err) < 0)
        return -1;
    if (settle(store, &at, most, err) == 0 && store_commit(store, err) == 0)
        return at.rows;
    store_rollback(store);
    return -1;
}

int fresh_apart(struct store *store, struct span from, struct span before, struct store **out, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)1 << 30);
    struct reading at = {.arena = arena};
    struct store_where where[2];
    struct store_query query = {.table = "fresh", .columns = columns, .where = where};
    *out = NULL;
    if (from.len)
        where[query.wheres++] = STORE_IS("id", STORE_GE, STORE_WORDS(from));
    if (before.len)
        where[query.wheres++] = STORE_IS("id", STORE_LT, STORE_WORDS(before));
    if (store_find(store, &query, fresh_take, &at, err) < 0)
        return -1;
    if (!at.list.len)
        return 0;
    if (store_open("memory:", record_schema(), NULL, out, err) < 0)
        return -1;
    if (store_begin(*out, STORE_RELAXED, err) == 0 && all_place(*out, &at, err) == 0 && store_commit(*out, err) == 0)
        return 0;
    store_close(out);
    return -1;
}
