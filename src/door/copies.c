/* copies: what is kept of a message's bytes: for all recipients as it came; or for those whom the answer does not serve, who are not all
 * alike. Who gets which stands in the envelope that the door has; a judge tells of places in it. */
#include "door/bytes.h"
#include "door/flight.h"
#include "record/held.h"
#include "role/carried.h"

#include <fcntl.h>

static void copy_give(struct flight *flight, struct keep_row *row, struct keep_copy copy, const struct carried_recipient *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (to[i].number < row->recipients.len)
            row->recipients.at[to[i].number].copy = (uint32_t)row->copies.len;
    *vec_push(flight->arena, &row->copies) = copy;
}

/* It travels in front of what is changed. */
static bool goes_whole(const struct carried *carried)
{
    return carried->dropped.len || carried->copy_to.len || carried->originals.len || carried->waits.len;
}

/* A form of a copy that waits: behind all others, or the message as it came, which lies in front. */
static uint64_t form_add(const struct flight *flight, struct span form, uint64_t *end, uint64_t *length)
{
    uint64_t start = form.len ? *end : 0;
    *length = form.len ? form.len : flight->job.length;
    *end += form.len;
    return start;
}

static void original_note(struct keep_row *row, const struct carried_recipient *at, size_t count, unsigned when)
{
    for (size_t i = 0; i < count; i++)
        if (at[i].number < row->recipients.len)
            row->recipients.at[at[i].number].original_if |= when;
}

static void wait_add(struct flight *flight, const struct carried_wait *wait, struct span measure, uint64_t *end, struct keep_row *row)
{
    struct keep_copy copy = {.waits = true, .stays = wait->asked & ACT_HOLD, .edited = wait->declined.len, .asked = carried_acts(flight->arena, wait->asked)};
    copy.measure = wait->declined.len ? wait->declined_measure : measure;
    copy.agreed_measure = wait->agreed.len && !copy.stays ? wait->agreed_measure : measure;
    copy.start = form_add(flight, wait->declined, end, &copy.length);
    copy.agreed_start = form_add(flight, copy.stays ? S("") : wait->agreed, end, &copy.agreed_length);
    copy_give(flight, row, copy, wait->recipients.at, wait->recipients.len);
    original_note(row, wait->originals_declined.at, wait->originals_declined.len, HELD_ORIGINAL_IF_DECLINED);
    original_note(row, wait->originals_agreed.at, wait->originals_agreed.len, HELD_ORIGINAL_IF_AGREED);
}

/* Whoever neither waits nor gets anything by the answer. */
static void others_hold(struct flight *flight, struct span measure, struct keep_row *row)
{
    vec_each(recipient, &row->recipients)
        recipient->copy = (uint32_t)row->copies.len;
    *vec_push(flight->arena, &row->copies) = (struct keep_copy){.length = flight->job.length, .measure = measure};
}

/* As of messages that are answered (command/serve_settings.c): where organisations are configured it is for somebody of theirs. */
static bool recipient_stays(const struct whose *whose, struct span org)
{
    return !whose->list.len || org.len;
}

static void envelope_add(struct flight *flight, const struct whose *whose, const struct carried *carried, struct keep_row *row)
{
    const struct arrival *arrival = &flight->job.arrival;
    bool some = carried->dropped.len || carried->copies.len || carried->waits.len;
    uint64_t end = goes_whole(carried) ? flight->job.length : 0;
    row->beside = (carried->copy_to.len || carried->originals.len) && !some && carried->fate != FATE_HOLD;
    row->hold_seconds = carried->hold_seconds;
    row->mail_from = arrival->mail_from;
    row->mail_params = arrival->mail_params;
    vec_each(recipient, &arrival->rcpt_to)
        *vec_push(flight->arena, &row->recipients) =
            (struct keep_recipient){.address = recipient->address, .params = recipient->params, .org = recipient->org,
                                    .stays = recipient_stays(whose, recipient->org), .copy = some || row->beside ? COPY_NONE : 0};
    vec_each(one, &carried->originals)
        if (one->number < row->recipients.len)
            row->recipients.at[one->number].original = true;
    if (carried->dropped.len)
        copy_give(flight, row, (struct keep_copy){.length = flight->job.length, .measure = carried->measure}, carried->dropped.at, carried->dropped.len);
    if (carried->waits.len && carried->fate == FATE_HOLD)
        others_hold(flight, carried->measure, row);
    vec_each(copy, &carried->copies) {
        copy_give(flight, row, (struct keep_copy){.start = end, .length = copy->bytes.len, .leaves = true, .edited = true, .measure = copy->measure}, copy->recipients.at, copy->recipients.len);
        end += copy->bytes.len;
    }
    vec_each(wait, &carried->waits)
        wait_add(flight, wait, carried->measure, &end, row);
    vec_each(one, &carried->copy_to)
        *vec_push(flight->arena, &row->copy_to) = (struct keep_address){one->address, recipient_stays(whose, whose_address(flight->arena, whose, one->address))};
    row->measure = carried->measure;
    row->came = carried->copy_to.len || carried->originals.len || carried->waits.len ? flight->job.length : 0;
    row->length = some ? end : flight->job.length;
}

/* -1: none can be had; the keeper refuses then, and nobody is told that it is kept. */
static int bytes_to_keep(const struct flight *flight, const struct carried *carried)
{
    const struct span raw = flight->job.arrival.raw;
    size_t count = 0;
    struct span *more = arena_alloc(flight->arena, (carried->copies.len + 2 * carried->waits.len + 1) * sizeof *more);
    vec_each(copy, &carried->copies)
        more[count++] = copy->bytes;
    vec_each(wait, &carried->waits) { /* in the order of wait_add */
        more[count++] = wait->declined;
        more[count++] = wait->asked & ACT_HOLD ? S("") : wait->agreed;
    }
    if (!count)
        return flight->job.fd < 0 ? bytes_sealed(raw) : fcntl(flight->job.fd, F_DUPFD_CLOEXEC, 3);
    bool whole = goes_whole(carried);
    return bytes_joined(whole ? raw : S(""), whole ? flight->job.fd : -1, flight->job.length, more, count);
}

void flight_copies(struct flight *flight, const struct whose *whose, struct keep_row *row)
{
    struct carried carried = {0};
    if (!flight->unjudged && carried_unpack(flight->arena, flight->carried, &carried) < 0)
        carried = (struct carried){0};
    if (carried.fate == FATE_REJECT)
        carried.waits.len = 0; /* its sender keeps it */
    envelope_add(flight, whose, &carried, row);
    flight->held_fd = bytes_to_keep(flight, &carried);
}
