/* prune: what a record leaves behind goes with it. */
#include "record/held_inner.h"

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
    static const char *const tables[] = {"fresh", "click", "opened", "appeal"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (DELETE(store, tables[i], err, STORE_IS("id", STORE_EQ, STORE_WORDS(id))) < 0)
            return -1;
    return DELETE(store, "paper", err, STORE_IS("id", STORE_EQ, STORE_WORDS(id))) < 0
               ? -1
               : DELETE(store, "record", err, STORE_IS("id", STORE_EQ, STORE_WORDS(id)));
}

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

/* ---- records */
static int records_prune(struct store *store, struct arena *arena, int64_t before, uint64_t most, struct record_pruned *out, struct err *err)
{
    struct doomed doomed = {.arena = arena};
    struct store_query query = {.table = "record", STORE_WHERE(STORE_IS("kept", STORE_LT, STORE_INT(before))), .columns = "id", .order = "kept", .limit = most};
    if (store_find(store, &query, id_take, &doomed, err) < 0)
        return -1;
    for (size_t i = 0; i < doomed.ids.len; i++)
        if (record_delete(store, arena, doomed.ids.at[i], err) < 0)
            return -1;
    query.table = "unjudged";
    query.columns = NULL;
    int64_t unjudged = store_delete(store, &query, err);
    out->records += doomed.ids.len + (uint64_t)(unjudged < 0 ? 0 : unjudged);
    out->more |= doomed.ids.len >= most || unjudged >= (int64_t)most;
    return unjudged < 0 ? -1 : 0;
}

/* ---- what became of a message, which may go before its record */
struct kept_row {
    int64_t kept;
    struct span id;
};
struct kept_rows {
    struct arena *arena;
    VEC(struct kept_row) list;
};

static bool kept_take(void *context, const struct store_value *values)
{
    struct kept_rows *rows = context;
    *vec_push(rows->arena, &rows->list) = (struct kept_row){values[0].integer, value_copy(rows->arena, &values[1])};
    return true;
}

static int64_t outcomes_delete(struct store *store, struct arena *arena, struct span id, struct err *err)
{
    struct paper paper;
    int64_t gone = 0;
    struct paper_bytes kept = {.arena = arena};
    struct store_query query = {.table = "paper", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id))), .columns = "bytes"};
    if (store_find(store, &query, bytes_take, &kept, err) < 0)
        return -1;
    if (!kept.bytes.len || paper_read(arena, kept.bytes, &paper, NULL) < 0)
        return 0; /* it goes with its record */
    vec_each(recipient, &paper.recipients) {
        struct store_query one = {.table = "outcome", STORE_WHERE(STORE_IS("recipient", STORE_EQ, text_value_always(arena, *recipient)), STORE_IS("id", STORE_EQ, STORE_WORDS(id)))};
        int64_t deleted = store_delete(store, &one, err);
        if (deleted < 0)
            return -1;
        gone += deleted;
    }
    return gone;
}

/* Goes through the records from the oldest on, once; where it has come to is remembered from turn to turn. */
static int outcomes_prune(struct store *store, struct arena *arena, const struct record_times *before, struct record_pruning *at, uint64_t most,
                          struct record_pruned *out, struct err *err)
{
    struct kept_rows rows = {.arena = arena};
    struct store_value after[] = {STORE_INT(at->kept), STORE_WORDS(((struct span){at->id, at->id_len}))};
    struct store_query query = {.table = "record", STORE_WHERE(STORE_IS("kept", STORE_LT, STORE_INT(before->outcomes))), .columns = "kept id", .order = "kept id",
                                .after = at->id_len ? after : NULL, .limit = most};
    if (before->outcomes <= before->records)
        return 0;
    if (store_find(store, &query, kept_take, &rows, err) < 0)
        return -1;
    vec_each(row, &rows.list) {
        int64_t gone = outcomes_delete(store, arena, row->id, err);
        if (gone < 0)
            return -1;
        out->others += (uint64_t)gone;
        at->kept = row->kept;
        at->id_len = row->id.len < sizeof at->id ? row->id.len : sizeof at->id;
        memcpy(at->id, row->id.at, at->id_len);
    }
    out->more |= rows.list.len >= most;
    return 0;
}

/* ---- what has times of its own */
static int older_delete(struct store *store, const char *table, const char *column, int64_t before, uint64_t most, struct record_pruned *out, struct err *err)
{
    struct store_query query = {.table = table, STORE_WHERE(STORE_IS(column, STORE_LT, STORE_INT(before))), .order = column, .limit = most};
    int64_t gone = store_delete(store, &query, err);
    out->others += (uint64_t)(gone < 0 ? 0 : gone);
    out->more |= gone >= (int64_t)most;
    return gone < 0 ? -1 : 0;
}

/* What readers did is about people, as outcomes are. */
static int readers_prune(struct store *store, int64_t before, uint64_t most, struct record_pruned *out, struct err *err)
{
    return older_delete(store, "click", "at", before, most, out, err) < 0 || older_delete(store, "opened", "last", before, most, out, err) < 0
               ? -1
               : older_delete(store, "appeal", "asked", before, most, out, err);
}

/* What became of held mail; not while bytes of that message lie here. */
static int held_prune(struct store *store, struct arena *arena, int64_t before, struct record_pruning *at, uint64_t most, struct record_pruned *out,
                      struct err *err)
{
    struct kept_rows rows = {.arena = arena};
    static const struct store_value over[] = {{STORE_INTEGER, false, {.integer = HELD_DELIVERED}}, {STORE_INTEGER, false, {.integer = HELD_DELETED}},
                                              {STORE_INTEGER, false, {.integer = HELD_EXPIRED}}};
    struct store_where state = {.column = "state", .is = STORE_IN, .values = over, .count = sizeof over / sizeof *over};
    struct store_query query = {.table = "held", STORE_WHERE(STORE_IS("at", STORE_LT, STORE_INT(before)), STORE_IS("at", STORE_GE, STORE_INT(at->held_from)), state),
                                .columns = "at id", .order = "at", .limit = most};
    if (store_find(store, &query, kept_take, &rows, err) < 0)
        return -1;
    bool all = rows.list.len < most; /* from the oldest on again, then; those that stay do not stand before the others */
    int64_t last = all ? 0 : rows.list.at[rows.list.len - 1].kept;
    at->held_from = !all && last == at->held_from ? last + 1 : last;
    out->more |= !all;
    vec_each(row, &rows.list) {
        int64_t gone = copies_lie(store, row->id, err);
        if (gone == 0) {
            struct store_query ended = {.table = "held", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(row->id)), STORE_IS("at", STORE_LT, STORE_INT(before)))};
            gone = store_delete(store, &ended, err);
            out->others += (uint64_t)(gone < 0 ? 0 : gone);
        }
        if (gone < 0)
            return -1;
    }
    return 0;
}

/* What is known of passes that were used, once whoever asked has had his answer. */
static int passes_prune(struct store *store, int64_t now, uint64_t most, struct record_pruned *out, struct err *err)
{
    enum { SECONDS = 86400 };
    return now ? older_delete(store, "used_pass", "at", now - SECONDS, most, out, err) : 0;
}

/* ---- what records were judged by */
static int note_all(struct store *store, const struct doomed *found, int64_t now, struct err *err)
{
    for (size_t i = 0; i < found->ids.len; i++)
        if (settings_note(store, found->ids.at[i], now, err) < 0)
            return -1;
    return 0;
}

/* Those of older versions tell no time: theirs begins when they are seen. */
static int undated_note(struct store *store, struct arena *arena, int64_t now, uint64_t most, struct err *err)
{
    struct doomed undated = {.arena = arena};
    struct store_where null = {.column = "used", .is = STORE_NULL};
    struct store_query query = {.table = "settings", .where = &null, .wheres = 1, .columns = "id", .limit = most};
    return store_find(store, &query, id_take, &undated, err) < 0 ? -1 : note_all(store, &undated, now, err);
}

/* Whoever was kept by them last is pruned when they are looked at: records live so long, and none of that age is left. Corrections may
 * live longer; settings of theirs are looked at again after as long. */
static int settings_prune(struct store *store, struct arena *arena, const struct record_times *before, uint64_t most, struct record_pruned *out, struct err *err)
{
    struct doomed old = {.arena = arena}, wanted = {.arena = arena};
    struct store_query query = {.table = "settings", STORE_WHERE(STORE_IS("used", STORE_LT, STORE_INT(before->records - SETTINGS_NOTED))), .columns = "id",
                                .order = "used", .limit = most};
    if (!before->now || out->more)
        return 0;
    if (undated_note(store, arena, before->now, most, err) < 0 || store_find(store, &query, id_take, &old, err) < 0)
        return -1;
    for (size_t i = 0; i < old.ids.len; i++) {
        struct store_query correction = {.table = "correction", STORE_WHERE(STORE_IS("settings", STORE_EQ, STORE_BLOB(old.ids.at[i])))};
        int64_t corrections = store_count(store, &correction, err);
        if (corrections < 0 || (!corrections && DELETE(store, "settings", err, STORE_IS("id", STORE_EQ, STORE_BLOB(old.ids.at[i]))) < 0))
            return -1;
        if (corrections)
            *vec_push(arena, &wanted.ids) = old.ids.at[i];
    }
    out->others += old.ids.len - wanted.ids.len;
    out->more |= old.ids.len >= most;
    return note_all(store, &wanted, before->now, err);
}

int record_prune(struct store *store, const struct record_times *before, struct record_pruning *at, uint64_t most, struct record_pruned *out, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)1 << 30);
    struct record_pruning reached = *at;
    *out = (struct record_pruned){0};
    int64_t old = fresh_before(store, before->records > before->outcomes ? before->records : before->outcomes, err); /* where little mail comes */
    if (old < 0 || (old && record_settle(store, 0, err) < 0))
        return -1;
    if (store_begin(store, STORE_RELAXED, err) < 0)
        return -1;
    if (records_prune(store, arena, before->records, most, out, err) == 0 && outcomes_prune(store, arena, before, &reached, most, out, err) == 0 &&
        older_delete(store, "correction", "at", before->corrections, most, out, err) == 0 &&
        older_delete(store, "entry", "expires", before->entries, most, out, err) == 0 && readers_prune(store, before->outcomes, most, out, err) == 0 &&
        held_prune(store, arena, before->outcomes, &reached, most, out, err) == 0 &&
        passes_prune(store, before->now, most, out, err) == 0 &&
        settings_prune(store, arena, before, most, out, err) == 0 &&
        store_commit(store, err) == 0) {
        *at = reached;
        return 0;
    }
    store_rollback(store);
    return -1;
}
