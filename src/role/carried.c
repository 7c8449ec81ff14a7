#include "role/carried.h"

#include "base/shape.h"
#include "role/keep.h"
#include "seal/seal.h"

/* A message may bear as many fields that are to go, and be for as many; action/handling.h makes no more copies. */
enum { LISTED_MOST = 100000, COPIES_MOST = 8, WAITS_MOST = COPIES_MOST + 1 };

static const struct shape header_shape =
    SHAPE_OF(struct header_edit, SHAPED_UP_TO(struct header_edit, act, HEADER_INSERT), SHAPED_SPAN(struct header_edit, name),
             SHAPED_NUMBER(struct header_edit, index), SHAPED_SPAN(struct header_edit, value));
static const struct shape recipient_shape = SHAPE_OF(struct carried_recipient, SHAPED_NUMBER(struct carried_recipient, number));
static const struct shape copy_shape =
    SHAPE_OF(struct carried_copy, SHAPED_SPAN(struct carried_copy, bytes), SHAPED_SPAN(struct carried_copy, measure),
             SHAPED_FEW(struct carried_copy, recipients, &recipient_shape, LISTED_MOST));
static const struct shape wait_shape =
    SHAPE_OF(struct carried_wait, SHAPED_FEW(struct carried_wait, recipients, &recipient_shape, LISTED_MOST), SHAPED_NUMBER(struct carried_wait, asked),
             SHAPED_SPAN(struct carried_wait, declined), SHAPED_SPAN(struct carried_wait, agreed), SHAPED_SPAN(struct carried_wait, declined_measure),
             SHAPED_SPAN(struct carried_wait, agreed_measure), SHAPED_FEW(struct carried_wait, originals_declined, &recipient_shape, LISTED_MOST),
             SHAPED_FEW(struct carried_wait, originals_agreed, &recipient_shape, LISTED_MOST));
static const struct shape address_shape = SHAPE_OF(struct carried_address, SHAPED_SPAN(struct carried_address, address));
static const struct shape carried_shape =
    SHAPE_OF(struct carried, SHAPED_UP_TO(struct carried, fate, FATE_REJECT), SHAPED_NUMBER(struct carried, acts),
             SHAPED_FEW(struct carried, edits.headers, &header_shape, LISTED_MOST), SHAPED_NUMBER(struct carried, edits.body_changed),
             SHAPED_SPAN(struct carried, edits.body), SHAPED_FEW(struct carried, dropped, &recipient_shape, LISTED_MOST),
             SHAPED_FEW(struct carried, copies, &copy_shape, COPIES_MOST), SHAPED_FEW(struct carried, waits, &wait_shape, WAITS_MOST),
             SHAPED_FEW(struct carried, copy_to, &address_shape, LISTED_MOST), SHAPED_FEW(struct carried, originals, &recipient_shape, LISTED_MOST),
             SHAPED_SPAN(struct carried, measure), SHAPED_UP_TO(struct carried, hold_seconds, HELD_SECONDS_MOST));

void carried_pack(const struct carried *carried, struct buf *out)
{
    shape_write(&carried_shape, carried, out);
}

/* Each is written once for every recipient. */
static bool measures_fit(const struct carried *carried)
{
    vec_each(copy, &carried->copies)
        if (!seal_measure_fits(copy->measure))
            return false;
    vec_each(wait, &carried->waits)
        if (!seal_measure_fits(wait->declined_measure) || !seal_measure_fits(wait->agreed_measure))
            return false;
    return seal_measure_fits(carried->measure);
}

int carried_unpack(struct arena *arena, struct span bytes, struct carried *out)
{
    *out = (struct carried){0};
    return !bytes.len || (shape_read(arena, &carried_shape, &bytes, out) && !bytes.len && measures_fit(out)) ? 0 : -1;
}

bool carried_keeps(const struct carried *carried)
{
    return carried->fate == FATE_HOLD || carried->dropped.len || carried->copies.len || carried->waits.len || carried->copy_to.len || carried->originals.len;
}

bool carried_is_needed(struct arena *arena, struct span bytes)
{
    struct carried carried;
    return carried_unpack(arena, bytes, &carried) < 0 || carried.fate == FATE_REJECT || carried.acts & ~(unsigned)ACT_HEADERS || carried_keeps(&carried);
}

struct span carried_acts(struct arena *arena, unsigned acts)
{
    struct buf out = {.arena = arena};
    for (unsigned act = 1; act < 1u << ACT_COUNT; act <<= 1)
        if (acts & act)
            buf_print(&out, "%s%s", out.len ? " " : "", act_name((enum act)act));
    return buf_span(&out);
}
