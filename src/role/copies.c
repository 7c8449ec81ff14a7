/* copies: of what a door sent with a message, each recipient's copy as the record has it. */
#include "role/copies.h"

#include <stdlib.h>
#include <string.h>

struct keep_key keep_key(struct arena *arena, struct span address)
{
    const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
    size_t local = at ? (size_t)(at - address.at) : address.len;
    return (struct keep_key){span_first(address, local), arena_lower(arena, span_skip(address, local))};
}

int keep_key_compare(const void *left, const void *right)
{
    const struct keep_key *a = left, *b = right;
    int way = span_compare(a->local, b->local);
    return way ? way : span_compare(a->domain, b->domain);
}

/* ---- who is named twice */
struct named {
    struct keep_key key;
    uint32_t copy;
    unsigned originals; /* what is kept beside of it */
    size_t number;
};

static int by_name(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int way = keep_key_compare(&a->key, &b->key);
    if (way)
        return way;
    if (a->copy != b->copy)
        return a->copy < b->copy ? -1 : 1;
    if (a->originals != b->originals)
        return a->originals < b->originals ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* For each recipient whether one before it has the same address and is to have the same. */
static const bool *again_find(struct arena *arena, const struct keep_row *row)
{
    size_t count = row->recipients.len;
    struct named *named = arena_alloc(arena, (count + 1) * sizeof *named);
    bool *again = arena_alloc(arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct keep_recipient *to = &row->recipients.at[i];
        named[i] = (struct named){keep_key(arena, to->address), row->copies.len || to->copy == COPY_NONE ? to->copy : 0, (unsigned)to->original << 8 | to->original_if, i};
    }
    if (count)
        qsort(named, count, sizeof *named, by_name);
    for (size_t i = 0; i < count; i++)
        again[named[i].number] = i && keep_key_compare(&named[i].key, &named[i - 1].key) == 0 && named[i].copy == named[i - 1].copy && named[i].originals == named[i - 1].originals;
    return again;
}

/* ---- the rows */
static struct held_copy copy_made(const struct keep_row *row, const struct keep_copy *copy, const struct keep_recipient *to, int64_t waits)
{
    struct held_copy out = {.address = to->address, .params = to->params, .org = to->org, .start = copy->start, .length = copy->length,
                            .state = copy->waits ? HELD_WAITING : copy->leaves ? HELD_LEAVING : HELD_KEPT, .edited = copy->edited, .waits = TIME_UNKNOWN,
                            .measure = to->stays ? copy->measure : S("")};
    if (copy->waits) {
        out.asked = copy->stays ? HELD_MAY_STAY : HELD_MAY_LEAVE;
        out.agreed_start = copy->agreed_start;
        out.agreed_length = copy->agreed_length;
        out.acts = copy->asked;
        out.waits = waits;
        out.original = to->original_if;
        out.came = row->came;
        out.agreed_measure = to->stays ? copy->agreed_measure : S("");
        out.came_measure = to->stays ? row->measure : S("");
    }
    return out;
}

static void copies_take(struct arena *arena, const struct keep_row *row, struct span id, int64_t waits, struct held_copies *out)
{
    const struct keep_copy whole = {.length = row->length, .measure = row->measure};
    const bool *again = again_find(arena, row);
    for (size_t i = 0; i < row->recipients.len; i++) {
        if (again[i])
            continue;
        const struct keep_recipient *to = &row->recipients.at[i];
        const struct keep_copy *copy = row->copies.len ? &row->copies.at[to->copy] : &whole;
        if (to->copy != COPY_NONE) {
            struct held_copy *made = vec_push(arena, &out->list);
            *made = copy_made(row, copy, to, waits);
            made->id = id;
            made->number = i;
        }
        if (to->original)
            *vec_push(arena, &out->list) = (struct held_copy){.id = id, .number = HELD_ORIGINALS + i, .address = to->address, .params = to->params, .org = to->org,
                                                              .length = row->came, .state = HELD_ORIGINAL, .measure = to->stays ? row->measure : S("")};
    }
}

/* Where delivery of one fails nobody is told. */
static void copies_beside(struct arena *arena, const struct keep_row *row, struct span id, struct held_copies *out)
{
    for (size_t i = 0; i < row->copy_to.len; i++)
        *vec_push(arena, &out->list) = (struct held_copy){.id = id, .number = HELD_BESIDE + i, .address = row->copy_to.at[i].address,
                                                          .params = S("NOTIFY=NEVER"), .length = row->came, .state = HELD_LEAVING,
                                                          .measure = row->copy_to.at[i].stays ? row->measure : S("")};
}

static bool waits_any(const struct held_copies *copies)
{
    vec_each(copy, &copies->list)
        if (copy->state == HELD_WAITING)
            return true;
    return false;
}

bool row_copies(struct arena *arena, const struct keep_row *row, struct span id, int64_t waits, bool first, struct held_copies *out)
{
    copies_take(arena, row, id, waits, out);
    if (first)
        copies_beside(arena, row, id, out);
    return waits_any(out);
}
