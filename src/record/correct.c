#include "record/decide.h"
#include "record/inner.h"

struct paper_row {
    struct arena *arena;
    struct span settings, bytes;
};

static bool paper_take(void *context, const struct store_value *values)
{
    struct paper_row *row = context;
    row->settings = value_copy(row->arena, &values[0]);
    row->bytes = value_copy(row->arena, &values[1]);
    return false;
}

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

static struct store_query one(const char *table, const char *columns, const struct store_where *where)
{
    return (struct store_query){.table = table, .where = where, .wheres = 1, .columns = columns};
}

int record_correct(struct store *store, struct span id, const struct correction *correction, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)1 << 28);
    struct paper_row paper = {.arena = arena};
    struct store_where where = STORE_IS("id", STORE_EQ, text_value_always(arena, id));
    struct store_query query = one("paper", "settings bytes", &where);
    if (store_find(store, &query, paper_take, &paper, err) < 0)
        return -1;
    if (!paper.bytes.len)
        return 0;
    struct store_value row[] = {where.value, STORE_INT(correction->honest), STORE_INT(correction->at), text_value_always(arena, correction->by),
                                STORE_BLOB(paper.settings), STORE_BLOB(paper.bytes)};
    return store_insert(store, "correction", row, STORE_REPLACE, err) < 0 ? -1 : 1;
}

int record_correct_undo(struct store *store, struct span id, struct err *err)
{
    struct store_where where = STORE_IS("id", STORE_EQ, STORE_WORDS(id));
    struct store_query query = one("correction", NULL, &where);
    return (int)store_delete(store, &query, err);
}

struct correction_row {
    struct arena *arena;
    struct correction *out;
};

static bool correction_take(void *context, const struct store_value *values)
{
    struct correction_row *row = context;
    *row->out = (struct correction){values[0].integer != 0, values[1].integer, value_copy(row->arena, &values[2])};
    return false;
}

int record_corrected(struct store *store, struct arena *arena, struct span id, struct correction *out, struct err *err)
{
    struct correction_row row = {arena, out};
    struct store_where where = STORE_IS("id", STORE_EQ, text_value_always(arena, id));
    struct store_query query = one("correction", "honest at by", &where);
    return (int)store_find(store, &query, correction_take, &row, err);
}
