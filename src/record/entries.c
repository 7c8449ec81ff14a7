#include "record/decide.h"
#include "record/inner.h"

#include "base/shape.h"

struct entries_read {
    struct arena *arena;
    VEC(struct entry) list;
};

static bool entry_take(void *context, const struct store_value *v)
{
    struct entries_read *at = context;
    struct entry *entry = vec_push(at->arena, &at->list);
    struct span *const texts[] = {&entry->is.org, &entry->is.domain, &entry->is.service, &entry->is.account, &entry->is.stream, &entry->is.person, &entry->is.reason, &entry->by};
    entry->is.number = (uint64_t)v[0].integer;
    entry->is.allow = v[1].integer != 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = value_copy(at->arena, &v[2 + i]);
    entry->made = v[10].integer;
    entry->is.expires = v[11].integer;
    entry->hits = (uint64_t)v[12].integer;
    entry->last_hit = v[13].null ? TIME_UNKNOWN : v[13].integer;
    return true;
}

static int entries_read(struct store *store, struct entries_read *out, struct err *err)
{
    struct store_query query = {.table = "entry", .order = "number"};
    return store_find(store, &query, entry_take, out, err) < 0 ? -1 : 0;
}

static int entry_check(const struct entry *entry, struct err *err)
{
    const struct verdict_entry *is = &entry->is;
    if (!is->domain.len && !is->person.len && !is->service.len && !is->account.len && !is->stream.len)
        return err_set(err, "an entry wants at least one of domain, person, service, account and stream");
    if (is->account.len && !is->service.len)
        return err_set(err, "an account is one at a service; name the service too");
    if (!is->reason.len)
        return err_set(err, "an entry wants a reason: who reads the report will see it");
    if (is->expires <= entry->made)
        return err_set(err, "an entry wants an expiry in the future");
    return 0;
}

static bool number_take(void *context, const struct store_value *values)
{
    *(int64_t *)context = values[0].integer;
    return false;
}

static int entry_write(struct store *store, struct arena *arena, const struct entry *entry, int64_t number, struct err *err)
{
    struct store_value row[] = {
        STORE_INT(number), STORE_INT(entry->is.allow), text_value(arena, entry->is.org), text_value(arena, entry->is.domain),
        text_value(arena, entry->is.service), text_value(arena, entry->is.account), text_value(arena, entry->is.stream),
        text_value(arena, entry->is.person), text_value_always(arena, entry->is.reason), text_value_always(arena, entry->by),
        STORE_INT(entry->made), STORE_INT(entry->is.expires), STORE_INT(0), STORE_NONE(STORE_INTEGER)};
    return store_insert(store, "entry", row, STORE_FAIL, err);
}

/* Numbers are never used twice while an entry of a higher one is there; reports name them. */
int record_entry_add(struct store *store, const struct entry *entry, uint64_t *number, struct err *err)
{
    int64_t last = 0;
    struct store_query query = {.table = "entry", .columns = "number", .order = "number", .descending = true, .limit = 1};
    if (entry_check(entry, err) < 0 || store_begin(store, STORE_SYNCED, err) < 0)
        return -1;
    struct arena *arena = arena_new((size_t)1 << 24);
    int done = store_find(store, &query, number_take, &last, err) < 0 ? -1 : 0;
    if (done == 0)
        done = entry_write(store, arena, entry, last + 1, err) < 0 ? -1 : 0;
    arena_free(&arena);
    *number = (uint64_t)last + 1;
    if (done == 0)
        return store_commit(store, err);
    store_rollback(store);
    return -1;
}

int record_entry_remove(struct store *store, uint64_t number, bool allow, struct err *err)
{
    struct store_query query = {.table = "entry", STORE_WHERE(STORE_IS("number", STORE_EQ, STORE_INT((int64_t)number)), STORE_IS("allow", STORE_EQ, STORE_INT(allow)))};
    return (int)store_delete(store, &query, err);
}

int64_t record_entries(struct store *store, entry_each each, void *context, struct err *err)
{
    struct entries_read read = {.arena = arena_new((size_t)1 << 28)};
    int64_t given = entries_read(store, &read, err);
    for (size_t i = 0; given >= 0 && i < read.list.len; i++) {
        given++;
        if (!each(context, &read.list.at[i]))
            break;
    }
    arena_free(&read.arena);
    return given;
}

int record_entries_load(struct store *store, struct arena *arena, int64_t now, struct verdict_entries *out, struct err *err)
{
    struct entries_read read = {.arena = arena};
    *out = (struct verdict_entries){0};
    if (entries_read(store, &read, err) < 0)
        return -1;
    vec_each(entry, &read.list)
        if (entry->is.expires > now)
            *vec_push(arena, &out->list) = entry->is;
    return 0;
}

/* ---- on their way to the judges */
#define SPAN(name) SHAPED_SPAN(struct verdict_entry, name)
static const struct shape entry_shape =
    SHAPE_OF(struct verdict_entry, SHAPED_NUMBER(struct verdict_entry, number), SHAPED_NUMBER(struct verdict_entry, allow), SPAN(org), SPAN(domain),
             SPAN(person), SPAN(service), SPAN(account), SPAN(stream), SPAN(reason), SHAPED_NUMBER(struct verdict_entry, expires));
static const struct shape entries_shape = SHAPE_OF(struct verdict_entries, SHAPED_LIST(struct verdict_entries, list, &entry_shape, 0));

void record_entries_pack(const struct verdict_entries *entries, struct buf *out)
{
    shape_write(&entries_shape, entries, out);
}

int record_entries_unpack(struct arena *arena, struct span bytes, struct verdict_entries *out)
{
    *out = (struct verdict_entries){0};
    return shape_read(arena, &entries_shape, &bytes, out) && !bytes.len ? 0 : -1;
}
