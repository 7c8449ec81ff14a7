#include "record/hunt.h"

#include "record/inner.h"

#include <stdlib.h>

enum { CONDITIONS = 24, MARK_CONDITIONS = 5, FEW = 512, PAGE = 512, GATHERED = 4096 };

struct searching {
    struct arena *arena;
    struct store_where where[CONDITIONS]; /* of table record */
    size_t wheres;
    bool anchored;  /* some condition is answered by an index */
    bool walks;     /* some pattern has no beginning: every row is looked at */
    struct store_query marks[CONDITIONS]; /* of tables mark and outcome */
    size_t mark_count;
    struct span from, before; /* bounds of the id; empty: none */
};

void hunt_any(struct hunt *out)
{
    *out = (struct hunt){.verdict = -1, .since = TIME_UNKNOWN, .until = TIME_UNKNOWN};
}

int64_t record_id_time(struct span id)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    int64_t time = 0;
    for (size_t i = 0; i < REPORT_ID_TIME && i < id.len; i++) {
        const char *letter = memchr(alphabet, id.at[i], sizeof alphabet - 1);
        time = time << 5 | (letter ? letter - alphabet : 0);
    }
    return time;
}

/* ---- conditions */

static bool is_pattern(struct span text)
{
    return span_find_byte(text, '*') || span_find_byte(text, '?');
}

static bool begins_open(struct span pattern)
{
    return pattern.at[0] == '*' || pattern.at[0] == '?';
}

static struct store_where matching(struct searching *at, const char *column, struct span text)
{
    struct span lower = arena_lower(at->arena, text);
    return STORE_IS(column, is_pattern(lower) ? STORE_GLOB : STORE_EQ, STORE_WORDS(lower));
}

static void row_where(struct searching *at, struct store_where where)
{
    bool open = where.is == STORE_GLOB_ANY || (where.is == STORE_GLOB && begins_open(where.value.span));
    at->where[at->wheres++] = where;
    at->walks |= open;
    at->anchored |= !open;
}

static void bounds_put(const struct searching *at, struct store_where *where, size_t *len)
{
    if (at->from.len)
        where[(*len)++] = STORE_IS("id", STORE_GE, STORE_WORDS(at->from));
    if (at->before.len)
        where[(*len)++] = STORE_IS("id", STORE_LT, STORE_WORDS(at->before));
}

static void mark_where(struct searching *at, enum mark_kind kind, struct span text)
{
    if (!text.len)
        return;
    struct store_where *where = arena_alloc(at->arena, MARK_CONDITIONS * sizeof *where);
    size_t len = 0;
    where[len++] = STORE_IS("kind", STORE_EQ, STORE_INT(kind));
    where[len++] = matching(at, "value", text);
    bounds_put(at, where, &len);
    at->marks[at->mark_count++] = (struct store_query){.table = "mark", .where = where, .wheres = len, .columns = "id"};
}

static void recipient_where(struct searching *at, struct span text)
{
    struct store_where *where = arena_alloc(at->arena, MARK_CONDITIONS * sizeof *where);
    size_t len = 0;
    if (!text.len)
        return;
    if (!span_find_byte(text, '@'))
        text = arena_print(at->arena, "*@%.*s", SPAN_FMT(text));
    where[len++] = matching(at, "recipient", text);
    bounds_put(at, where, &len);
    at->marks[at->mark_count++] = (struct store_query){.table = "outcome", .where = where, .wheres = len, .columns = "id"};
}

/* An address is looked for by its domain first, by which there is an index. */
static void from_where(struct searching *at, struct span text)
{
    const char *sign = span_find_byte(text, '@');
    if (!text.len)
        return;
    if (!sign) {
        row_where(at, matching(at, "from_domain", text));
        return;
    }
    struct span domain = span_from(sign + 1, text.at + text.len);
    if (domain.len && !is_pattern(domain) && span_is_ascii(domain))
        row_where(at, matching(at, "from_domain", domain));
    row_where(at, matching(at, "from_address", text));
}

static void subject_where(struct searching *at, struct span text)
{
    if (!text.len)
        return;
    if (is_pattern(text))
        row_where(at, STORE_IS("subject", STORE_GLOB, STORE_WORDS(text)));
    else
        row_where(at, STORE_IS("subject", STORE_GLOB_ANY, STORE_WORDS(arena_print(at->arena, "*%.*s*", SPAN_FMT(text)))));
}

static void digest_where(struct searching *at, struct span text)
{
    if (text.len >= DIGEST_LETTERS && !is_pattern(text))
        mark_where(at, MARK_DIGEST, span_first(text, DIGEST_LETTERS));
    else if (text.len)
        mark_where(at, MARK_DIGEST, is_pattern(text) ? text : arena_print(at->arena, "%.*s*", SPAN_FMT(text)));
}

/* From the first letters of ids: they sort by time. */
static void bounds_make(struct searching *at, const struct hunt *hunt)
{
    if (hunt->since != TIME_UNKNOWN)
        at->from = report_id_at(at->arena, hunt->since);
    if (hunt->until != TIME_UNKNOWN)
        at->before = report_id_at(at->arena, hunt->until);
    if (hunt->after.len && (!at->before.len || span_compare(hunt->after, at->before) < 0))
        at->before = hunt->after;
}

static void conditions_make(struct searching *at, const struct hunt *hunt)
{
    bounds_make(at, hunt);
    from_where(at, hunt->from);
    subject_where(at, hunt->subject);
    if (hunt->mail_from.len) {
        row_where(at, matching(at, "mail_from", hunt->mail_from));
        at->walks = true; /* no index */
    }
    if (hunt->service.len)
        row_where(at, matching(at, "service", hunt->service));
    if (hunt->org.len)
        row_where(at, STORE_IS("org", STORE_EQ, STORE_WORDS(hunt->org)));
    if (hunt->verdict >= 0)
        row_where(at, STORE_IS("verdict", STORE_EQ, STORE_INT(hunt->verdict)));
    recipient_where(at, hunt->to);
    mark_where(at, MARK_HOST, hunt->link_host);
    mark_where(at, MARK_MESSAGE_ID, hunt->message_id);
    mark_where(at, MARK_CLIENT, hunt->client);
    mark_where(at, MARK_ACCOUNT, hunt->account);
    mark_where(at, MARK_TENANT, hunt->tenant);
    mark_where(at, MARK_EVIDENCE, hunt->evidence);
    digest_where(at, hunt->digest);
}

/* ---- first the ids */

struct gathering {
    struct arena *arena;
    uint64_t limit;
    VEC(struct span) ids;
    bool full; /* as many as are wanted, in their order: none before the last is wanted */
};

static int newest_first(const void *left, const void *right)
{
    return span_compare(*(const struct span *)right, *(const struct span *)left);
}

static void gathered_sort(struct gathering *at)
{
    size_t kept = 0;
    if (at->ids.len)
        qsort(at->ids.at, at->ids.len, sizeof *at->ids.at, newest_first);
    for (size_t i = 0; i < at->ids.len; i++) /* a pattern may find a record twice, by two recipients */
        if (!kept || !span_eq(at->ids.at[i], at->ids.at[kept - 1]))
            at->ids.at[kept++] = at->ids.at[i];
    at->full = at->limit && kept >= at->limit;
    at->ids.len = at->full ? at->limit : kept;
}

/* Of more than can be wanted only the newest are kept on. */
static bool id_take(void *context, const struct store_value *values)
{
    struct gathering *at = context;
    struct span id = values[0].span;
    if (at->limit && at->ids.len >= at->limit + GATHERED)
        gathered_sort(at);
    if (at->full && span_compare(id, at->ids.at[at->limit - 1]) <= 0)
        return true;
    *vec_push(at->arena, &at->ids) = arena_copy(at->arena, id);
    return true;
}

/* Where the rows' own conditions leave few records, only those are looked for among the marks: a mark may be in every record. */
static int marks_narrow(struct store *store, struct searching *at, struct err *err)
{
    struct gathering few = {.arena = at->arena};
    struct store_query query = {.table = "record", .where = at->where, .wheres = at->wheres, .columns = "id", .limit = FEW + 1};
    if (!at->anchored || !at->mark_count)
        return 0;
    if (store_find(store, &query, id_take, &few, err) < 0)
        return -1;
    struct store_value *values = arena_alloc(at->arena, (few.ids.len + 1) * sizeof *values);
    for (size_t i = 0; i < few.ids.len; i++)
        values[i] = STORE_WORDS(few.ids.at[i]);
    for (size_t i = 0; i < at->mark_count && few.ids.len <= FEW; i++) {
        struct store_where *where = (struct store_where *)(uintptr_t)at->marks[i].where; /* made here, with room for one more */
        where[at->marks[i].wheres++] = (struct store_where){.column = "id", .is = STORE_IN, .values = values, .count = few.ids.len};
    }
    return 0;
}

static struct store_query ids_query(struct searching *at, const struct gathering *gathering)
{
    bool lone = at->mark_count == 1 && !at->wheres;
    if (lone) {
        struct store_query query = at->marks[0];
        if (query.where[query.wheres - 1].is != STORE_GLOB && gathering->limit) { /* the table's own order */
            bool exact = true;
            for (size_t i = 0; i < query.wheres; i++)
                exact = exact && query.where[i].is != STORE_GLOB;
            query.order = exact ? "id" : NULL;
            query.descending = exact;
            query.limit = exact ? gathering->limit : 0;
        }
        return query;
    }
    for (size_t i = 0; i < at->mark_count; i++)
        at->where[at->wheres++] = (struct store_where){.column = "id", .is = STORE_AMONG, .among = &at->marks[i]};
    bounds_put(at, at->where, &at->wheres);
    bool loose = at->walks && !at->anchored && !at->mark_count;
    return (struct store_query){.table = "record", .where = at->where, .wheres = at->wheres, .columns = "id", .order = loose ? NULL : "id",
                                .descending = !loose, .limit = loose ? 0 : gathering->limit};
}

/* ---- then their rows */

struct giving {
    struct store *store, *apart; /* apart: what is not settled, or was not a moment ago; NULL: nothing */
    struct arena *arena;
    VEC(struct hunt_row) rows;
};

static bool row_take(void *context, const struct store_value *v)
{
    struct giving *at = context;
    struct hunt_row *row = vec_push(at->arena, &at->rows);
    struct span *const texts[] = {&row->id, &row->org, &row->generation, &row->listener, &row->mail_from, &row->from_domain, &row->from_address,
                                  &row->subject, &row->client, &row->service, &row->account, &row->language, &row->evidence};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = value_copy(at->arena, &v[i]);
    v += sizeof texts / sizeof *texts;
    row->kept = v[0].integer;
    row->verdict = (enum verdict)v[1].integer;
    row->score = v[2].real;
    row->direction = (enum direction)v[3].integer;
    row->size = (uint64_t)v[4].integer;
    row->at = record_id_time(row->id);
    return true;
}

static int rows_read(struct store *store, struct giving *giving, const struct store_value *values, size_t count, struct err *err)
{
    struct store_where in = {.column = "id", .is = STORE_IN, .values = values, .count = count};
    struct store_query query = {.table = "record", .where = &in, .wheres = 1, .order = "id", .descending = true,
                                .columns = "id org generation listener mail_from from_domain from_address subject client service account language "
                                           "evidence kept verdict score direction size"};
    return store_find(store, &query, row_take, giving, err) < 0 ? -1 : 0;
}

int hunt_row_of(struct store *store, struct arena *arena, struct span id, struct hunt_row *out, struct err *err)
{
    struct giving giving = {.store = store, .arena = arena};
    const struct store_value value = text_value_always(arena, id);
    if (rows_read(store, &giving, &value, 1, err) < 0)
        return -1;
    int found = giving.rows.len ? 0 : fresh_apart(store, id, arena_print(arena, "%.*s.", SPAN_FMT(id)), &giving.apart, err);
    if (found == 0 && giving.apart)
        found = rows_read(giving.apart, &giving, &value, 1, err);
    store_close(&giving.apart);
    if (found < 0 || !giving.rows.len)
        return found < 0 ? -1 : 0;
    *out = giving.rows.at[0];
    return 1;
}

static int newest_row_first(const void *left, const void *right)
{
    return span_compare(((const struct hunt_row *)right)->id, ((const struct hunt_row *)left)->id);
}

static int page_read(struct giving *giving, const struct span *ids, size_t count, struct err *err)
{
    struct store_value values[PAGE];
    memset(&giving->rows, 0, sizeof giving->rows);
    arena_reset(giving->arena);
    for (size_t i = 0; i < count; i++)
        values[i] = STORE_WORDS(ids[i]);
    if (giving->apart && rows_read(giving->apart, giving, values, count, err) < 0)
        return -1;
    bool mixed = giving->rows.len;
    if (rows_read(giving->store, giving, values, count, err) < 0)
        return -1;
    if (mixed)
        qsort(giving->rows.at, giving->rows.len, sizeof *giving->rows.at, newest_row_first);
    return 0;
}

static int64_t rows_give(struct giving *giving, const struct gathering *found, hunt_each each, void *context, struct err *err)
{
    int64_t given = 0;
    bool more = true;
    giving->arena = arena_new((size_t)1 << 28);
    for (size_t i = 0; more && given >= 0 && i < found->ids.len; i += PAGE) {
        size_t count = found->ids.len - i < PAGE ? found->ids.len - i : PAGE;
        if (page_read(giving, found->ids.at + i, count, err) < 0)
            given = -1;
        for (size_t k = 0; more && given >= 0 && k < giving->rows.len; k++) {
            const struct hunt_row *row = &giving->rows.at[k];
            if (k && span_eq(row->id, row[-1].id)) /* it was settled meanwhile */
                continue;
            more = each(context, row);
            given++;
        }
    }
    arena_free(&giving->arena);
    return given;
}

static int gather(struct store *store, const struct hunt *hunt, struct gathering *out, struct err *err)
{
    struct searching searching = {.arena = out->arena};
    conditions_make(&searching, hunt);
    if (marks_narrow(store, &searching, err) < 0)
        return -1;
    struct store_query query = ids_query(&searching, out);
    return store_find(store, &query, id_take, out, err) < 0 ? -1 : 0;
}

int64_t record_hunt(struct store *store, const struct hunt *hunt, hunt_each each, void *context, struct err *err)
{
    struct arena *arena = arena_new((size_t)2 << 30);
    struct searching bounds = {.arena = arena};
    struct gathering gathering = {.arena = arena, .limit = hunt->limit};
    struct giving giving = {.store = store};
    int64_t given = -1;
    bounds_make(&bounds, hunt);
    if (fresh_apart(store, bounds.from, bounds.before, &giving.apart, err) == 0 && (!giving.apart || gather(giving.apart, hunt, &gathering, err) == 0) &&
        gather(store, hunt, &gathering, err) == 0) {
        gathered_sort(&gathering);
        given = rows_give(&giving, &gathering, each, context, err);
    }
    store_close(&giving.apart);
    arena_free(&arena);
    return given;
}

/* ---- what could not be judged */

struct unjudged_giving {
    struct arena *arena;
    VEC(struct record_unjudged) rows;
};

static bool unjudged_row(void *context, const struct store_value *values)
{
    struct unjudged_giving *at = context;
    unjudged_take(at->arena, values, vec_push(at->arena, &at->rows));
    return true;
}

int64_t record_hunt_unjudged(struct store *store, const struct hunt *hunt, hunt_unjudged_each each, void *context, struct err *err)
{
    struct arena *arena = arena_new((size_t)2 << 30);
    struct searching searching = {.arena = arena};
    struct unjudged_giving giving = {.arena = arena};
    int64_t given = 0;
    bounds_make(&searching, hunt);
    bounds_put(&searching, searching.where, &searching.wheres);
    if (hunt->org.len)
        searching.where[searching.wheres++] = STORE_IS("org", STORE_EQ, STORE_WORDS(hunt->org));
    struct store_query query = {.table = "unjudged", .where = searching.where, .wheres = searching.wheres, .columns = unjudged_columns, .order = "id",
                                .descending = true, .limit = hunt->limit};
    if (store_find(store, &query, unjudged_row, &giving, err) < 0)
        given = -1;
    for (size_t i = 0; given >= 0 && i < giving.rows.len; i++, given++)
        if (!each(context, &giving.rows.at[i]))
            break;
    arena_free(&arena);
    return given;
}
