/* prune: what a record leaves behind goes with it. */
#include "record/inner.h"

struct doomed {
    struct arena *arena;
    VEC(struct span) ids;
};

static bool id_take(void *context, const struct store_value *values)
{
    struct doomed *doomed = context;
    *vec_push(doomed->arena, &doomed->ids) = value_copy(doomed->arena, &values[0]);
    return true;
}

struct paper_bytes {
    struct arena *arena;
    struct span bytes;
};

static bool bytes_take(void *context, const struct store_value *values)
{
    struct paper_bytes *paper = context;
    paper->bytes = value_copy(paper->arena, &values[0]);
    return false;
}

static int delete_where(struct store *store, const char *table, const struct store_where *where, size_t wheres, struct err *err)
{
    return store_delete(store, &(struct store_query){.table = table, .where = where, .wheres = wheres}, err) < 0 ? -1 : 0;
}

#define DELETE(store, table, err, ...)                                                                                 \
    delete_where(store, table, (const struct store_where[]){__VA_ARGS__},                                              \
                 sizeof(const struct store_where[]){__VA_ARGS__} / sizeof(struct store_where), err)

/* Rows that are found by value first are deleted by what the paper says; where it is damaged, by walking them. */
static int details_delete(struct store *store, struct arena *arena, struct span id, struct err *err)
{
    struct paper paper;
    struct paper_bytes kept = {.arena = arena};
    struct store_query query = {.table = "paper", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id))), .columns = "bytes"};
    if (store_find(store, &query, bytes_take, &kept, err) < 0)
        return -1;
    if (!kept.bytes.len || paper_read(arena, kept.bytes, &paper, NULL) < 0)
        return DELETE(store, "mark", err, STORE_IS("id", STORE_EQ, STORE_WORDS(id))) < 0
                   ? -1
                   : DELETE(store, "outcome", err, STORE_IS("id", STORE_EQ, STORE_WORDS(id)));
    vec_each(mark, &paper.marks)
        if (DELETE(store, "mark", err, STORE_IS("kind", STORE_EQ, STORE_INT(mark->kind)),
                   STORE_IS("value", STORE_EQ, text_value_always(arena, mark->value)), STORE_IS("id", STORE_EQ, STORE_WORDS(id))) < 0)
            return -1;
    vec_each(recipient, &paper.recipients)
        if (DELETE(store, "outcome", err, STORE_IS("recipient", STORE_EQ, text_value_always(arena, *recipient)),
                   STORE_IS("id", STORE_EQ, STORE_WORDS(id))) < 0)
            return -1;
    return 0;
}

int record_delete(struct store *store, struct arena *arena, struct span id, struct err *err)
{
    if (details_delete(store, arena, id, err) < 0)
        return -1;
    return DELETE(store, "paper", err, STORE_IS("id", STORE_EQ, STORE_WORDS(id))) < 0
               ? -1
               : DELETE(store, "record", err, STORE_IS("id", STORE_EQ, STORE_WORDS(id)));
}

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

int64_t record_prune(struct store *store, int64_t before, uint64_t most, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)1 << 30);
    struct doomed doomed = {.arena = arena};
    struct store_query query = {.table = "record", STORE_WHERE(STORE_IS("kept", STORE_LT, STORE_INT(before))), .columns = "id", .order = "kept", .limit = most};
    if (store_begin(store, STORE_RELAXED, err) < 0)
        return -1;
    int done = store_find(store, &query, id_take, &doomed, err) < 0 ? -1 : 0;
    for (size_t i = 0; done == 0 && i < doomed.ids.len; i++)
        done = record_delete(store, arena, doomed.ids.at[i], err);
    query.table = "unjudged";
    query.columns = NULL;
    int64_t unjudged = done == 0 ? store_delete(store, &query, err) : -1;
    if (unjudged >= 0)
        return store_commit(store, err) < 0 ? -1 : (int64_t)doomed.ids.len + unjudged;
    store_rollback(store);
    return -1;
}
