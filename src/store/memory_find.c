/* memory_find: chooses the order that leads to few rows, and looks at those. */
#include "store/memory.h"

#include <stdlib.h>

struct set { /* the values of STORE_IN or STORE_AMONG, in order */
    struct store_value *at;
    size_t len;
};
struct search {
    const struct wanted *wanted;
    struct set *sets;                      /* a set a condition */
    const struct order *order;
    struct store_value low[2 * STORE_KEY_MOST + 1], high[2 * STORE_KEY_MOST + 1];
    size_t lows, highs;
    bool low_beyond, high_beyond;
    const struct set *probe;               /* each of these in turn as the first column */
    bool sorted;                           /* the order is the one wanted */
};

/* ---- conditions */

static int values_order(const void *a, const void *b)
{
    return value_compare(a, b);
}

static bool is_text_in(const struct condition *condition, const struct store_value *value)
{
    struct span wanted = condition->values->span;
    if (condition->is == STORE_PREFIX)
        return span_starts(value->span, wanted);
    return glob_matches(wanted, value->span, condition->is == STORE_GLOB_ANY);
}

static bool in_set(const struct set *set, const struct store_value *value)
{
    return set->len && bsearch(value, set->at, set->len, sizeof *set->at, values_order);
}

static bool holds(const struct condition *condition, const struct set *set, const struct store_value *value)
{
    if (value->null)
        return condition->is == STORE_NULL;
    int difference = condition->is <= STORE_GE ? value_compare(value, condition->values) : 0;
    switch (condition->is) {
    case STORE_EQ:
        return difference == 0;
    case STORE_NE:
        return difference != 0;
    case STORE_LT:
        return difference < 0;
    case STORE_LE:
        return difference <= 0;
    case STORE_GT:
        return difference > 0;
    case STORE_GE:
        return difference >= 0;
    case STORE_PREFIX: case STORE_GLOB: case STORE_GLOB_ANY:
        return is_text_in(condition, value);
    case STORE_IN: case STORE_AMONG:
        return in_set(set, value);
    case STORE_NULL:
        return false;
    case STORE_NOT_NULL:
        return true;
    }
    return false;
}

static bool beyond_after(const struct wanted *wanted, const struct row *row)
{
    for (size_t i = 0; i < wanted->ordered; i++) {
        int difference = value_compare(&row->values[wanted->order[i]], &wanted->after[i]);
        if (difference)
            return wanted->descending ? difference < 0 : difference > 0;
    }
    return false;
}

static bool row_is_wanted(const struct search *search, const struct row *row)
{
    const struct wanted *wanted = search->wanted;
    for (size_t i = 0; i < wanted->len; i++)
        if (!holds(&wanted->conditions[i], &search->sets[i], &row->values[wanted->conditions[i].column]))
            return false;
    return !wanted->after || beyond_after(wanted, row);
}

/* ---- sets */

struct gathering {
    struct arena *arena;
    size_t column;
    VEC(struct store_value) values;
};

static bool value_gather(void *context, struct row *row)
{
    struct gathering *gathering = context;
    if (!row->values[gathering->column].null)
        *vec_push(gathering->arena, &gathering->values) = row->values[gathering->column];
    return true;
}

static struct set set_make(struct store *store, const struct condition *condition)
{
    struct gathering gathering = {.arena = store->scratch};
    if (condition->is != STORE_IN && condition->is != STORE_AMONG)
        return (struct set){0};
    for (size_t i = 0; i < condition->count; i++)
        *vec_push(store->scratch, &gathering.values) = condition->values[i];
    if (condition->among) {
        gathering.column = condition->among->columns[0];
        rows_wanted(store, condition->among, value_gather, &gathering);
    }
    struct set set = {gathering.values.at, 0};
    if (gathering.values.len)
        qsort(set.at, gathering.values.len, sizeof *set.at, values_order);
    vec_each (value, &gathering.values)
        if (!set.len || value_compare(&set.at[set.len - 1], value) != 0)
            set.at[set.len++] = *value;
    return set;
}

/* ---- which order, and between which of its rows */

static const struct condition *condition_on(const struct wanted *wanted, size_t column, unsigned kinds)
{
    for (size_t i = 0; i < wanted->len; i++)
        if (wanted->conditions[i].column == column && kinds & 1u << wanted->conditions[i].is)
            return &wanted->conditions[i];
    return NULL;
}

static void bounds_range(struct store *store, struct search *search, size_t column)
{
    enum { LOWER = 1u << STORE_GT | 1u << STORE_GE | 1u << STORE_PREFIX, UPPER = 1u << STORE_LT | 1u << STORE_LE | 1u << STORE_PREFIX };
    const struct condition *low = condition_on(search->wanted, column, LOWER), *high = condition_on(search->wanted, column, UPPER);
    if (low) {
        search->low[search->lows++] = *low->values;
        search->low_beyond = low->is == STORE_GT;
    }
    if (!high)
        return;
    struct store_value end = *high->values;
    if (high->is == STORE_PREFIX && !prefix_end(store->scratch, high->values->span, &end.span))
        return;
    search->high[search->highs++] = end;
    search->high_beyond = high->is == STORE_LE;
}

/* Rows come in the order wanted where its columns follow those that are the same in all of them. */
static bool sorted_by(const struct search *search, const struct order *order, size_t fixed)
{
    const struct wanted *wanted = search->wanted;
    if (fixed + wanted->ordered > order->len)
        return false;
    for (size_t i = 0; i < wanted->ordered; i++)
        if (order->columns[fixed + i] != wanted->order[i])
            return false;
    return true;
}

/* Rows up to the last that was given out need not be looked at again. */
static void bounds_after(struct search *search, size_t fixed)
{
    const struct wanted *wanted = search->wanted;
    if (!wanted->after || !search->sorted || search->probe)
        return;
    struct store_value *bound = wanted->descending ? search->high : search->low;
    memcpy(bound + fixed, wanted->after, wanted->ordered * sizeof *bound);
    *(wanted->descending ? &search->highs : &search->lows) = fixed + wanted->ordered;
    *(wanted->descending ? &search->high_beyond : &search->low_beyond) = !wanted->descending;
}

static unsigned search_try(struct store *store, struct search *search, const struct order *order)
{
    const struct wanted *wanted = search->wanted;
    size_t fixed = 0;
    *search = (struct search){.wanted = wanted, .sets = search->sets, .order = order, .high_beyond = true};
    const struct condition *condition = condition_on(wanted, order->columns[0], 1u << STORE_EQ);
    if (!condition && (condition = condition_on(wanted, order->columns[0], 1u << STORE_IN | 1u << STORE_AMONG))) {
        search->probe = &search->sets[condition - wanted->conditions];
        search->lows = search->highs = 1;
        return search->probe->len < 10000 ? 7 : 0;
    }
    for (; fixed < order->len && (condition = condition_on(wanted, order->columns[fixed], 1u << STORE_EQ)); fixed++)
        search->low[fixed] = search->high[fixed] = *condition->values;
    search->lows = search->highs = fixed;
    if (fixed < order->len)
        bounds_range(store, search, order->columns[fixed]);
    bool bounded = search->lows > fixed || search->highs > fixed;
    search->sorted = sorted_by(search, order, fixed);
    bounds_after(search, fixed);
    return (unsigned)fixed * 8 + bounded * 4 + (wanted->ordered && search->sorted) * 2;
}

static void search_choose(struct store *store, const struct memory_table *table, struct search *search)
{
    struct search best = {0}, one = *search;
    unsigned most = 0;
    for (size_t i = 0; i < table->len; i++) {
        unsigned worth = search_try(store, &one, &table->orders[i]);
        if (!i || worth > most) {
            best = one;
            most = worth;
        }
    }
    *search = best;
}

/* ---- the walk */

struct walk_state {
    row_take take;
    void *context;
    int64_t taken;
    uint64_t limit;
};

static bool taken(struct walk_state *state, struct row *row)
{
    return (uint64_t)++state->taken <= state->limit && state->take(state->context, row) && (uint64_t)state->taken < state->limit;
}

/* false: no more are wanted. */
static bool range_walk(const struct search *search, struct walk_state *state)
{
    const struct order *order = search->order;
    bool back = search->sorted && search->wanted->descending;
    struct place at = order_seek(order, search->low, search->lows, search->low_beyond);
    struct place end = order_seek(order, search->high, search->highs, search->high_beyond);
    if (end.leaf < at.leaf || (end.leaf == at.leaf && end.at < at.at))
        return true; /* contradicting bounds */
    for (struct place *moved = back ? &end : &at; !place_eq(at, end);) {
        if (back)
            order_back(moved, order);
        struct row *row = order_at(order, *moved);
        if (row_is_wanted(search, row) && !taken(state, row))
            return false;
        if (!back)
            order_forward(order, moved);
    }
    return true;
}

static void search_walk(struct search *search, struct walk_state *state)
{
    if (!search->probe) {
        range_walk(search, state);
        return;
    }
    search->high_beyond = true;
    for (size_t i = 0; i < search->probe->len; i++) {
        search->low[0] = search->high[0] = search->probe->at[i];
        if (!range_walk(search, state))
            return;
    }
}

struct sorting {
    struct arena *arena;
    const struct wanted *wanted;
    VEC(struct row *) rows;
};

static bool row_gather(void *context, struct row *row)
{
    struct sorting *sorting = context;
    *vec_push(sorting->arena, &sorting->rows) = row;
    return true;
}

static int rows_order(const void *a, const void *b, void *context)
{
    const struct wanted *wanted = ((struct sorting *)context)->wanted;
    const struct row *one = *(struct row *const *)a, *other = *(struct row *const *)b;
    for (size_t i = 0; i < wanted->ordered; i++) {
        int difference = value_compare(&one->values[wanted->order[i]], &other->values[wanted->order[i]]);
        if (difference)
            return wanted->descending ? -difference : difference;
    }
    return 0;
}

int64_t rows_wanted(struct store *store, const struct wanted *wanted, row_take take, void *context)
{
    struct sorting sorting = {.arena = store->scratch, .wanted = wanted};
    struct walk_state state = {take, context, 0, wanted->limit}, all = {row_gather, &sorting, 0, UINT64_MAX};
    struct search *search = arena_one(store->scratch, struct search);
    search->wanted = wanted;
    search->sets = arena_alloc(store->scratch, (wanted->len + 1) * sizeof *search->sets);
    for (size_t i = 0; i < wanted->len; i++)
        search->sets[i] = set_make(store, &wanted->conditions[i]);
    search_choose(store, memory_table(store, wanted->table), search);
    if (!wanted->ordered || search->sorted) {
        search_walk(search, &state);
        return state.taken;
    }
    search_walk(search, &all);
    if (sorting.rows.len)
        qsort_r(sorting.rows.at, sorting.rows.len, sizeof *sorting.rows.at, rows_order, &sorting);
    vec_each (row, &sorting.rows)
        if (!taken(&state, *row))
            break;
    return state.taken;
}
