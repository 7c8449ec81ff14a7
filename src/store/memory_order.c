/* memory_order: rows in the order of some of their columns. */
#include "store/memory.h"

#include <stdlib.h>

int value_compare(const struct store_value *a, const struct store_value *b)
{
    if (a->null || b->null)
        return b->null - a->null;
    if (a->type == STORE_INTEGER)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (a->type == STORE_REAL)
        return (a->real > b->real) - (a->real < b->real);
    return span_compare(a->span, b->span);
}

static int row_to_values(const struct order *order, const struct row *row, const struct store_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int difference = value_compare(&row->values[order->columns[i]], &values[i]);
        if (difference)
            return difference;
    }
    return 0;
}

static bool before(const struct order *order, const struct row *row, const struct store_value *values, size_t n, bool beyond)
{
    int difference = row_to_values(order, row, values, n);
    return beyond ? difference <= 0 : difference < 0;
}

struct place order_seek(const struct order *order, const struct store_value *values, size_t n, bool beyond)
{
    size_t low = 0, high = order->leaves_len;
    while (low < high) { /* the first leaf whose last row is not before */
        size_t middle = (low + high) / 2;
        const struct leaf *leaf = order->leaves[middle];
        if (before(order, leaf->rows[leaf->len - 1], values, n, beyond))
            low = middle + 1;
        else
            high = middle;
    }
    struct place place = {low, 0};
    if (low == order->leaves_len)
        return place;
    size_t end = order->leaves[low]->len;
    while (place.at < end) {
        size_t middle = (place.at + end) / 2;
        if (before(order, order->leaves[low]->rows[middle], values, n, beyond))
            place.at = middle + 1;
        else
            end = middle;
    }
    return place;
}

struct row *order_at(const struct order *order, struct place place)
{
    return place.leaf < order->leaves_len ? order->leaves[place.leaf]->rows[place.at] : NULL;
}

void order_forward(const struct order *order, struct place *place)
{
    if (++place->at == order->leaves[place->leaf]->len)
        *place = (struct place){place->leaf + 1, 0};
}

bool order_back(struct place *place, const struct order *order)
{
    if (place->at) {
        place->at--;
        return true;
    }
    if (!place->leaf)
        return false;
    place->leaf--;
    place->at = order->leaves[place->leaf]->len - 1;
    return true;
}

bool place_eq(struct place a, struct place b)
{
    return a.leaf == b.leaf && a.at == b.at;
}

static void sorted_by(const struct order *order, const struct row *row, struct store_value *values)
{
    for (size_t i = 0; i < order->len; i++)
        values[i] = row->values[order->columns[i]];
}

struct row *order_same(const struct order *order, const struct row *row)
{
    struct store_value values[2 * STORE_KEY_MOST];
    sorted_by(order, row, values);
    for (size_t i = 0; i < order->own; i++)
        if (values[i].null)
            return NULL;
    struct row *found = order_at(order, order_seek(order, values, order->own, false));
    return found && row_to_values(order, found, values, order->own) == 0 ? found : NULL;
}

bool order_holds(const struct order *order, uint64_t rows)
{
    uint64_t count = 0;
    const struct row *before = NULL, *row;
    struct store_value values[2 * STORE_KEY_MOST];
    for (struct place place = {0}; (row = order_at(order, place)); order_forward(order, &place)) {
        sorted_by(order, row, values);
        if (before && row_to_values(order, before, values, order->len) >= 0)
            return false;
        before = row;
        count++;
    }
    return count == rows;
}

static void leaf_add(struct order *order, size_t at)
{
    if (order->leaves_len == order->leaves_cap) {
        order->leaves_cap = order->leaves_cap ? 2 * order->leaves_cap : 16;
        order->leaves = memory_get(order->leaves, order->leaves_cap * sizeof *order->leaves);
    }
    memmove(order->leaves + at + 1, order->leaves + at, (order->leaves_len++ - at) * sizeof *order->leaves);
    order->leaves[at] = memory_get(NULL, sizeof(struct leaf));
    order->leaves[at]->len = 0;
}

/* A full leaf leaves half of its rows to a new one behind it. */
static void leaf_split(struct order *order, struct place *place)
{
    leaf_add(order, place->leaf + 1);
    struct leaf *full = order->leaves[place->leaf], *half = order->leaves[place->leaf + 1];
    full->len = LEAF_ROWS / 2;
    half->len = LEAF_ROWS - full->len;
    memcpy(half->rows, full->rows + full->len, half->len * sizeof *half->rows);
    if (place->at > full->len)
        *place = (struct place){place->leaf + 1, place->at - full->len};
}

void order_add(struct order *order, struct row *row)
{
    struct store_value values[2 * STORE_KEY_MOST];
    sorted_by(order, row, values);
    struct place place = order_seek(order, values, order->len, false);
    if (!order->leaves_len)
        leaf_add(order, 0);
    if (place.leaf == order->leaves_len) /* beyond all: behind the last */
        place = (struct place){order->leaves_len - 1, order->leaves[order->leaves_len - 1]->len};
    if (order->leaves[place.leaf]->len == LEAF_ROWS)
        leaf_split(order, &place);
    struct leaf *leaf = order->leaves[place.leaf];
    memmove(leaf->rows + place.at + 1, leaf->rows + place.at, (leaf->len++ - place.at) * sizeof *leaf->rows);
    leaf->rows[place.at] = row;
}

void order_remove(struct order *order, const struct row *row)
{
    struct store_value values[2 * STORE_KEY_MOST];
    sorted_by(order, row, values);
    struct place place = order_seek(order, values, order->len, false);
    struct leaf *leaf = order->leaves[place.leaf];
    memmove(leaf->rows + place.at, leaf->rows + place.at + 1, (--leaf->len - place.at) * sizeof *leaf->rows);
    if (leaf->len)
        return;
    free(leaf);
    memmove(order->leaves + place.leaf, order->leaves + place.leaf + 1, (--order->leaves_len - place.leaf) * sizeof *order->leaves);
}

void order_done(struct order *order)
{
    for (size_t i = 0; i < order->leaves_len; i++)
        free(order->leaves[i]);
    free(order->leaves);
}
