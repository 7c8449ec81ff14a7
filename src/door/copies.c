/* copies: what is kept of a message's bytes: for all recipients as it came; or for those whom the answer does not serve, who are not all
 * alike. Who gets which stands in the envelope that the door has; a judge tells of places in it. */
#include "door/bytes.h"
#include "door/flight.h"
#include "role/carried.h"

#include <fcntl.h>

static void copy_give(struct flight *flight, struct keep_row *row, uint64_t length, bool leaves, const struct carried_recipient *to, size_t count)
{
    uint64_t start = row->copies.len ? row->copies.at[row->copies.len - 1].start + row->copies.at[row->copies.len - 1].length : 0;
    for (size_t i = 0; i < count; i++)
        if (to[i].number < row->recipients.len)
            row->recipients.at[to[i].number].copy = (uint32_t)row->copies.len;
    *vec_push(flight->arena, &row->copies) = (struct keep_copy){start, length, leaves};
    row->length = start + length;
}

static void envelope_add(struct flight *flight, const struct carried *carried, struct keep_row *row)
{
    const struct arrival *arrival = &flight->job.arrival;
    bool some = carried->dropped.len || carried->copies.len;
    row->mail_from = arrival->mail_from;
    row->mail_params = arrival->mail_params;
    vec_each(recipient, &arrival->rcpt_to)
        *vec_push(flight->arena, &row->recipients) =
            (struct keep_recipient){recipient->address, recipient->params, recipient->org, some ? COPY_NONE : 0};
    if (carried->dropped.len)
        copy_give(flight, row, flight->job.length, false, carried->dropped.at, carried->dropped.len);
    vec_each(copy, &carried->copies)
        copy_give(flight, row, copy->bytes.len, true, copy->recipients.at, copy->recipients.len);
}

/* -1: none can be had; the keeper refuses then, and nobody is told that it is kept. */
static int bytes_to_keep(const struct flight *flight, const struct carried *carried)
{
    const struct span raw = flight->job.arrival.raw;
    if (!carried->copies.len)
        return flight->job.fd < 0 ? bytes_sealed(raw) : fcntl(flight->job.fd, F_DUPFD_CLOEXEC, 3);
    struct span *more = arena_alloc(flight->arena, carried->copies.len * sizeof *more);
    for (size_t i = 0; i < carried->copies.len; i++)
        more[i] = carried->copies.at[i].bytes;
    bool whole = carried->dropped.len > 0;
    return bytes_joined(whole ? raw : S(""), whole ? flight->job.fd : -1, flight->job.length, more, carried->copies.len);
}

void flight_copies(struct flight *flight, struct keep_row *row)
{
    struct carried carried = {0};
    if (!flight->unjudged && carried_unpack(flight->arena, flight->carried, &carried) < 0)
        carried = (struct carried){0};
    envelope_add(flight, &carried, row);
    flight->held_fd = bytes_to_keep(flight, &carried);
}
