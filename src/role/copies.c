/* copies: of what a door sent with a message, each recipient's copy as the record has it. */
#include "role/copies.h"

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
    for (size_t i = 0; i < row->recipients.len; i++) {
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
