/* forget: a person's rows. Stand-ins are as long as what they stand for, so that papers keep their shape. */
#include "record/decide.h"
#include "record/held_inner.h"
#include "record/inner.h"

enum { TOGETHER = 200 };

struct forgetting {
    struct arena *arena;
    struct store *store, *apart; /* apart: what is not settled, to be counted only; NULL: nothing */
    struct span address, stand_in; /* in lower case */
    VEC(struct span) ids;
};

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

static bool id_take(void *context, const struct store_value *values)
{
    struct forgetting *at = context;
    *vec_push(at->arena, &at->ids) = value_copy(at->arena, &values[0]);
    return true;
}

static struct span stand_in_of(struct arena *arena, struct span address)
{
    char *text = (char *)(uintptr_t)arena_copy(arena, address).at;
    const char *sign = span_find_byte(address, '@');
    memset(text, 'x', sign ? (size_t)(sign - address.at) : address.len);
    return (struct span){text, address.len};
}

/* ---- in the bytes of a paper */

static void hide(struct buf *plain, struct span what, struct span by)
{
    for (struct span rest = buf_span(plain); what.len;) {
        const char *found = span_find_case(rest, what);
        if (!found)
            return;
        memcpy(plain->at + (found - plain->at), by.at, what.len);
        rest = span_from(found + what.len, plain->at + plain->len);
    }
}

/* Names that fields bear beside the address: "name":"Taro Yamada","address":"taro@example.com". Each is hidden where it stands, and wherever
 * else; those that are too short to be only a name, or are written with escapes, where they stand alone. */
static void names_hide(struct arena *arena, struct buf *plain, struct span address)
{
    enum { NAME_LEAST = 4 };
    struct span between = arena_print(arena, "\",\"address\":\"%.*s\"", SPAN_FMT(address)), rest = buf_span(plain);
    for (const char *end; (end = span_find_case(rest, between)); rest = span_from(end + between.len, plain->at + plain->len)) {
        const char *begin = end;
        while (begin > plain->at && (begin[-1] != '"' || (begin - 1 > plain->at && begin[-2] == '\\')))
            begin--;
        struct span there = span_from(begin, end), name = arena_copy(arena, there);
        char *blank = (char *)(uintptr_t)arena_copy(arena, there).at;
        memset(blank, 'x', there.len);
        if (name.len >= NAME_LEAST && !span_find_byte(name, '\\'))
            hide(plain, name, (struct span){blank, name.len});
        memcpy(plain->at + (begin - plain->at), blank, there.len);
    }
}

static int paper_hide(struct forgetting *at, struct span bytes, struct buf *out, struct err *err)
{
    struct buf plain;
    if (paper_plain(at->arena, bytes, &plain, err) < 0)
        return -1;
    names_hide(at->arena, &plain, at->address);
    hide(&plain, at->address, at->stand_in);
    paper_pack(at->arena, buf_span(&plain), out);
    return 0;
}

struct bytes_read {
    struct arena *arena;
    struct span bytes;
};

static bool bytes_take(void *context, const struct store_value *values)
{
    struct bytes_read *read = context;
    read->bytes = value_copy(read->arena, &values[0]);
    return false;
}

static int rows_hide(struct forgetting *at, const char *table, struct span id, struct err *err)
{
    struct bytes_read read = {.arena = at->arena};
    struct buf packed = {.arena = at->arena};
    struct store_where where = STORE_IS("id", STORE_EQ, STORE_WORDS(id));
    struct store_query query = {.table = table, .where = &where, .wheres = 1, .columns = "bytes"};
    if (store_find(at->store, &query, bytes_take, &read, err) < 0)
        return -1;
    if (!read.bytes.len)
        return 0;
    if (paper_hide(at, read.bytes, &packed, err) < 0)
        return -1;
    query.columns = NULL;
    return store_update(at->store, &query, &(struct store_change){"bytes", STORE_SET, STORE_BLOB(buf_span(&packed))}, 1, err) < 0 ? -1 : 0;
}

/* ---- what readers did at locked links */
struct reader_row {
    int64_t number;
    struct span people;
};
struct readers_reading {
    struct arena *arena;
    VEC(struct reader_row) list;
};

static bool reader_take(void *context, const struct store_value *values)
{
    struct readers_reading *at = context;
    *vec_push(at->arena, &at->list) = (struct reader_row){values[0].integer, value_copy(at->arena, &values[1])};
    return true;
}

/* That somebody clicked stays; who, and from where, does not. */
static int readers_hide(struct forgetting *at, const char *table, const char *note, struct span id, struct err *err)
{
    struct readers_reading readers = {.arena = at->arena};
    struct store_query query = {.table = table, STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id))), .columns = "number people"};
    if (store_find(at->store, &query, reader_take, &readers, err) < 0)
        return -1;
    vec_each(row, &readers.list) {
        struct buf people = {.arena = at->arena};
        struct store_query one = {.table = table, STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)), STORE_IS("number", STORE_EQ, STORE_INT(row->number)))};
        if (!span_find_case(row->people, at->address))
            continue;
        buf_add(&people, row->people);
        hide(&people, at->address, at->stand_in);
        struct store_change changes[] = {{"people", STORE_SET, STORE_WORDS(buf_span(&people))}, {"client", STORE_SET, STORE_NONE(STORE_TEXT)},
                                         {note, STORE_SET, STORE_NONE(STORE_TEXT)}};
        if (store_update(at->store, &one, changes, note ? 3 : 2, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- one record */

static int received_forget(struct forgetting *at, struct span id, struct err *err)
{
    struct store_query mine = {.table = "outcome", STORE_WHERE(STORE_IS("recipient", STORE_EQ, STORE_WORDS(at->address)), STORE_IS("id", STORE_EQ, STORE_WORDS(id)))};
    struct store_value row[] = {STORE_WORDS(at->stand_in), STORE_WORDS(id), STORE_WORDS(S("forgotten")), STORE_WORDS(S("")), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_INTEGER)};
    if (store_delete(at->store, &mine, err) < 0 || jobs_forget(at->store, id, err) < 0 || store_insert(at->store, "outcome", row, STORE_KEEP, err) < 0)
        return -1;
    if (readers_hide(at, "click", NULL, id, err) < 0 || readers_hide(at, "appeal", "note", id, err) < 0)
        return -1;
    return rows_hide(at, "paper", id, err) < 0 ? -1 : rows_hide(at, "correction", id, err);
}

/* The keeper removes the bytes of what is held; here it is only told. */
static int written_forget(struct forgetting *at, struct span id, struct err *err)
{
    struct store_where where = STORE_IS("id", STORE_EQ, STORE_WORDS(id));
    struct store_query correction = {.table = "correction", .where = &where, .wheres = 1}, hold = {.table = "hold", .where = &where, .wheres = 1};
    if (store_delete(at->store, &correction, err) < 0 || jobs_forget(at->store, id, err) < 0 || held_forget(at->store, at->arena, id, S(""), err) < 0 ||
        store_update(at->store, &hold, &(struct store_change){"state", STORE_SET, STORE_WORDS(S("forgotten"))}, 1, err) < 0)
        return -1;
    return record_delete(at->store, at->arena, id, err);
}

static int all_forget(struct forgetting *at, int (*forget)(struct forgetting *, struct span, struct err *), struct err *err)
{
    for (size_t i = 0; i < at->ids.len; i += TOGETHER) {
        int done = store_begin(at->store, STORE_SYNCED, err);
        for (size_t k = i; done == 0 && k < at->ids.len && k < i + TOGETHER; k++)
            done = forget(at, at->ids.at[k], err);
        if (done < 0 || store_commit(at->store, err) < 0) {
            store_rollback(at->store);
            return -1;
        }
    }
    return 0;
}

/* ---- messages that nobody could judge: a few, whose answer names their envelope */
struct answer_kept {
    struct span id, report;
};
struct answers_reading {
    struct arena *arena;
    VEC(struct answer_kept) list;
};

static bool answer_take(void *context, const struct store_value *values)
{
    struct answers_reading *at = context;
    *vec_push(at->arena, &at->list) = (struct answer_kept){value_copy(at->arena, &values[0]), value_copy(at->arena, &values[1])};
    return true;
}

static int answer_forget(struct forgetting *at, const struct answer_kept *answer, bool wrote, struct err *err)
{
    struct store_where where = STORE_IS("id", STORE_EQ, STORE_WORDS(answer->id));
    struct store_query one = {.table = "unjudged", .where = &where, .wheres = 1}, hold = {.table = "hold", .where = &where, .wheres = 1};
    struct buf report = {.arena = at->arena};
    if (jobs_forget(at->store, answer->id, err) < 0)
        return -1;
    if (wrote && (held_forget(at->store, at->arena, answer->id, S(""), err) < 0 || store_update(at->store, &hold, &(struct store_change){"state", STORE_SET, STORE_WORDS(S("forgotten"))}, 1, err) < 0))
        return -1;
    if (wrote)
        return store_delete(at->store, &one, err) < 0 ? -1 : 0;
    buf_add(&report, answer->report);
    hide(&report, at->address, at->stand_in);
    return store_update(at->store, &one, &(struct store_change){"report", STORE_SET, STORE_BLOB(buf_span(&report))}, 1, err) < 0 ? -1 : 0;
}

static int answers_forget(struct forgetting *at, bool dry, struct forgotten *out, struct err *err)
{
    struct answers_reading answers = {.arena = at->arena};
    struct span sender = arena_print(at->arena, "\"mail_from\":\"%.*s\"", SPAN_FMT(at->address));
    if (store_find(at->store, &(struct store_query){.table = "unjudged", .columns = "id report"}, answer_take, &answers, err) < 0 ||
        (!dry && store_begin(at->store, STORE_SYNCED, err) < 0))
        return -1;
    int done = 0;
    for (size_t i = 0; done == 0 && i < answers.list.len; i++) {
        const struct answer_kept *answer = &answers.list.at[i];
        bool wrote = span_find_case(answer->report, sender), named = span_find_case(answer->report, at->address);
        out->written += wrote;
        out->received += named && !wrote;
        done = dry || !named ? 0 : answer_forget(at, answer, wrote, err);
    }
    if (done == 0 && (dry || store_commit(at->store, err) == 0))
        return 0;
    store_rollback(at->store);
    return -1;
}

/* ---- the whole */

static int ids_find(struct forgetting *at, const struct store_query *query, struct err *err)
{
    if (at->apart && store_find(at->apart, query, id_take, at, err) < 0)
        return -1;
    return store_find(at->store, query, id_take, at, err) < 0 ? -1 : 0;
}

static int find_by(struct forgetting *at, const char *table, const char *column, struct err *err)
{
    struct store_where where = STORE_IS(column, STORE_EQ, STORE_WORDS(at->address));
    return ids_find(at, &(struct store_query){.table = table, .where = &where, .wheres = 1, .columns = "id"}, err);
}

/* From and MAIL FROM most often name the same person; one record counts once. */
static int written_find(struct forgetting *at, struct err *err)
{
    if (find_by(at, "record", "from_address", err) < 0)
        return -1;
    struct store_where where[] = {STORE_IS("mail_from", STORE_EQ, STORE_WORDS(at->address)), STORE_IS("from_address", STORE_NE, STORE_WORDS(at->address))};
    return ids_find(at, &(struct store_query){.table = "record", .where = where, .wheres = 2, .columns = "id"}, err);
}

static int64_t corrections_count(struct forgetting *at, struct err *err)
{
    int64_t count = 0;
    for (size_t i = 0; i < at->ids.len && count >= 0; i++) {
        struct store_where where = STORE_IS("id", STORE_EQ, STORE_WORDS(at->ids.at[i]));
        int64_t found = store_count(at->store, &(struct store_query){.table = "correction", .where = &where, .wheres = 1}, err);
        count = found < 0 ? -1 : count + found;
    }
    return count;
}

static int entries_forget(struct forgetting *at, bool dry, struct forgotten *out, struct err *err)
{
    struct store_where where = STORE_IS("person", STORE_EQ, STORE_WORDS(at->address));
    struct store_query query = {.table = "entry", .where = &where, .wheres = 1};
    int64_t entries = dry ? store_count(at->store, &query, err) : store_delete(at->store, &query, err);
    out->entries = (uint64_t)entries;
    return entries < 0 ? -1 : 0;
}

static int forget(struct forgetting *at, bool dry, struct forgotten *out, struct err *err)
{
    if (written_find(at, err) < 0)
        return -1;
    int64_t corrections = corrections_count(at, err);
    out->written = at->ids.len;
    out->corrections = (uint64_t)corrections;
    if (corrections < 0 || (!dry && all_forget(at, written_forget, err) < 0))
        return -1;
    memset(&at->ids, 0, sizeof at->ids);
    if (find_by(at, "outcome", "recipient", err) < 0)
        return -1;
    out->received = at->ids.len;
    if ((!dry && all_forget(at, received_forget, err) < 0) || answers_forget(at, dry, out, err) < 0)
        return -1;
    return entries_forget(at, dry, out, err);
}

/* What is held for the person goes. */
static int held_mail_forget(struct forgetting *at, struct err *err)
{
    if (store_begin(at->store, STORE_SYNCED, err) < 0)
        return -1;
    if (held_forget(at->store, at->arena, S(""), at->address, err) == 0 && store_commit(at->store, err) == 0)
        return 0;
    store_rollback(at->store);
    return -1;
}

int record_forget(struct store *store, struct span address, bool dry, struct forgotten *out, struct err *err)
{
    const struct span any = {0};
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)4 << 30);
    struct forgetting at = {.arena = arena, .store = store, .address = arena_lower(arena, address)};
    *out = (struct forgotten){0};
    if (!span_find_byte(address, '@'))
        return err_set(err, "\"%.*s\" is no address of a person", SPAN_FMT(address));
    if (dry ? fresh_apart(store, any, any, &at.apart, err) < 0 : record_settle(store, 0, err) < 0)
        return -1;
    at.stand_in = stand_in_of(arena, at.address);
    int done = forget(&at, dry, out, err);
    if (done == 0 && !dry)
        done = held_mail_forget(&at, err);
    store_close(&at.apart);
    return done;
}
