/* wanted: what a caller asks for, its names found in the catalogue and its values looked at, so that drivers need not. */
#include "store/driver.h"

#include <math.h>

const struct table *table_wanted(struct store *store, const char *name, struct err *err)
{
    const struct table *table = catalogue_table(&store->catalogue, name ? name : "");
    if (!table)
        store_fail(store, STORE_MISUSE, err, "%s: there is no table %s", store->where, name ? name : "");
    return table;
}

static int value_fault(struct store *store, const struct table *table, size_t column, const char *what, struct err *err)
{
    return store_fail(store, STORE_MISUSE, err, "%s: table %s, column %s: %s", store->where, table->name, table->columns[column].name, what);
}

static const char *value_odd(const struct store_column *column, const struct store_value *value)
{
    if (value->type != column->type)
        return "the value is of another type than the column";
    if (value->null)
        return NULL;
    if (value->type == STORE_REAL)
        return isfinite(value->real) ? NULL : "the value is no finite number";
    if (value->type == STORE_INTEGER)
        return NULL;
    if (value->span.len > STORE_VALUE_MOST)
        return "the value is larger than 64 MB";
    if (value->type == STORE_TEXT && (span_find_byte(value->span, '\0') || !span_is_utf8(value->span)))
        return "the value is not UTF-8 without NUL, as text must be";
    return NULL;
}

int value_look(struct store *store, const struct table *table, size_t column, const struct store_value *value, struct err *err)
{
    const char *odd = value_odd(&table->columns[column], value);
    if (!odd && value->null && !table->columns[column].null)
        odd = "the value is null and may not be";
    return odd ? value_fault(store, table, column, odd, err) : 0;
}

/* "a b" into numbers of columns. */
static int columns_read(struct store *store, const struct table *table, const char *names, size_t *columns, size_t most, size_t *len, struct err *err)
{
    struct span rest = span_of(names), word;
    *len = 0;
    while (span_word(&rest, &word)) {
        int column = table_column(table, word);
        if (column < 0)
            return store_fail(store, STORE_MISUSE, err, "%s: table %s has no column %.*s", store->where, table->name, SPAN_FMT(word));
        if (*len == most)
            return store_fail(store, STORE_MISUSE, err, "%s: table %s: more than %zu columns are named", store->where, table->name, most);
        columns[(*len)++] = (size_t)column;
    }
    return 0;
}

static bool is_span(enum store_type type)
{
    return type == STORE_TEXT || type == STORE_BYTES;
}

static const char *condition_odd(const struct store_column *column, const struct store_where *where)
{
    switch (where->is) {
    case STORE_GLOB:
    case STORE_GLOB_ANY:
        return column->type == STORE_TEXT ? NULL : "a pattern is asked of what is no text";
    case STORE_PREFIX:
        return is_span(column->type) ? NULL : "a beginning is asked of what is neither text nor bytes";
    case STORE_IN:
        return where->count <= STORE_IN_MOST ? NULL : "more than 1,024 values are given to choose from";
    case STORE_AMONG:
        return where->among ? NULL : "the query that finds what to choose from is lacking";
    case STORE_EQ: case STORE_NE: case STORE_LT: case STORE_LE: case STORE_GT: case STORE_GE: case STORE_NULL: case STORE_NOT_NULL:
        return NULL;
    }
    return "there is no such condition";
}

static int among_read(struct store *store, const struct table *table, struct condition *condition, const struct store_query *query, struct err *err)
{
    struct wanted *among = arena_one(store->scratch, struct wanted);
    if (wanted_read(store, query, among, err) < 0)
        return -1;
    for (size_t i = 0; i < among->len; i++)
        if (among->conditions[i].is == STORE_AMONG)
            return value_fault(store, table, condition->column, "STORE_AMONG stands inside another", err);
    if (among->width != 1 || among->table->columns[among->columns[0]].type != table->columns[condition->column].type)
        return value_fault(store, table, condition->column, "STORE_AMONG must find one column of the same type", err);
    condition->among = among;
    return 0;
}

/* The values a condition is about: none, its one, or all that are given to choose from. */
static void values_take(struct condition *out, const struct store_where *where)
{
    bool many = where->is == STORE_IN;
    bool none = where->is == STORE_AMONG || where->is == STORE_NULL || where->is == STORE_NOT_NULL;
    out->values = many ? where->values : &where->value;
    out->count = many ? where->count : none ? 0 : 1;
}

static int condition_read(struct store *store, const struct table *table, const struct store_where *where, struct condition *out, struct err *err)
{
    int column = table_column(table, span_of(where->column));
    if (column < 0)
        return store_fail(store, STORE_MISUSE, err, "%s: table %s has no column %s", store->where, table->name, where->column ? where->column : "");
    *out = (struct condition){.column = (size_t)column, .is = where->is};
    const char *odd = condition_odd(&table->columns[column], where);
    values_take(out, where);
    for (size_t i = 0; !odd && i < out->count; i++)
        odd = out->values[i].null ? "a value to compare with is null; ask STORE_NULL" : value_odd(&table->columns[column], &out->values[i]);
    if (odd)
        return value_fault(store, table, out->column, odd, err);
    return where->is == STORE_AMONG ? among_read(store, table, out, where->among, err) : 0;
}

static int order_read(struct store *store, const struct store_query *query, struct wanted *out, struct err *err)
{
    if (columns_read(store, out->table, query->order, out->order, STORE_KEY_MOST, &out->ordered, err) < 0)
        return -1;
    out->descending = query->descending;
    out->after = query->after;
    if (query->after && !out->ordered)
        return store_fail(store, STORE_MISUSE, err, "%s: table %s: rows after something need an order", store->where, out->table->name);
    for (size_t i = 0; query->after && i < out->ordered; i++) {
        const char *odd = out->table->columns[out->order[i]].null ? "rows after something are ordered by what may be null" : NULL;
        odd = odd ? odd : value_odd(&out->table->columns[out->order[i]], &query->after[i]);
        if (odd)
            return value_fault(store, out->table, out->order[i], odd, err);
    }
    return 0;
}

int wanted_read(struct store *store, const struct store_query *query, struct wanted *out, struct err *err)
{
    const struct table *table = table_wanted(store, query->table, err);
    if (!table)
        return -1;
    *out = (struct wanted){.table = table, .limit = query->limit && query->limit <= INT64_MAX ? query->limit : UINT64_MAX};
    if (query->wheres > STORE_WHERE_MOST)
        return store_fail(store, STORE_MISUSE, err, "%s: table %s: more than %d conditions", store->where, table->name, STORE_WHERE_MOST);
    out->conditions = arena_alloc(store->scratch, query->wheres * sizeof *out->conditions);
    for (out->len = 0; out->len < query->wheres; out->len++)
        if (condition_read(store, table, &query->where[out->len], &out->conditions[out->len], err) < 0)
            return -1;
    if (columns_read(store, table, query->columns, out->columns, STORE_COLUMNS_MOST, &out->width, err) < 0)
        return -1;
    for (; !query->columns && out->width < table->len; out->width++)
        out->columns[out->width] = out->width;
    return order_read(store, query, out, err);
}

int changes_read(struct store *store, const struct table *table, const struct store_change *changes, size_t count, struct changes *out, struct err *err)
{
    out->len = 0;
    bool taken[STORE_COLUMNS_MOST] = {false};
    for (size_t i = 0; i < table->key_len; i++)
        taken[table->key[i]] = true;
    for (size_t i = 0; i < count; i++) {
        int column = table_column(table, span_of(changes[i].column));
        if (column < 0)
            return store_fail(store, STORE_MISUSE, err, "%s: table %s has no column %s", store->where, table->name, changes[i].column);
        if (taken[column])
            return value_fault(store, table, (size_t)column, "is of the key or is changed twice", err);
        if (value_look(store, table, (size_t)column, &changes[i].value, err) < 0)
            return -1;
        if (changes[i].how != STORE_SET && changes[i].value.null)
            return value_fault(store, table, (size_t)column, "null cannot be added or compared", err);
        if (changes[i].how == STORE_PLUS && is_span(changes[i].value.type))
            return value_fault(store, table, (size_t)column, "only numbers can be added", err);
        taken[column] = true;
        out->at[out->len++] = (struct change){(size_t)column, changes[i].how, changes[i].value};
    }
    return out->len ? 0 : store_fail(store, STORE_MISUSE, err, "%s: table %s: nothing is to be changed", store->where, table->name);
}
