/* heard: what witnesses did over many messages, and which of them is at fault. */
#include "role/inner.h"

#include <stdio.h>

enum { TELL_AGAIN_MS = 3600 * 1000 };

static void listing_count(struct arena *arena, const struct listing *listing, struct heard *out)
{
    enum listing_state state = listing->state;
    out->asked += state != LISTING_NOTHING;
    out->answered += state == LISTING_NOT || state == LISTING_FOUND;
    out->found += state == LISTING_FOUND;
    out->silent += state == LISTING_SILENT;
    out->failed += state == LISTING_FAILED || state == LISTING_OFFLINE;
    out->faults += listing_is_defect(state);
    if (listing_is_defect(state) && !out->complaint.len)
        out->complaint = listing_complaint(arena, listing);
}

static void scanner_count(struct arena *arena, const struct testimony *testimony, struct buf *out)
{
    const struct clamd_answer *said = &testimony->scanner;
    struct heard heard = {.name = S("clamd"), .about = S("message")};
    if (!testimony->scanned)
        return;
    heard.asked = said->word != CLAMD_TOO_LARGE;
    heard.answered = said->word == CLAMD_NOTHING || said->word == CLAMD_FOUND;
    heard.found = said->word == CLAMD_FOUND;
    heard.silent = said->word == CLAMD_SILENT;
    heard.failed = said->word == CLAMD_ERROR;
    heard.faults = said->word == CLAMD_AWAY;
    if (heard.faults)
        heard.complaint = arena_print(arena, "clamd cannot be asked (%.*s): what it would have said is unknown; look whether it runs, and at clamd: address",
                                      SPAN_FMT(said->why));
    heard_pack(out, &heard);
}

/* Listings of one list stand together. */
struct span heard_of(struct arena *arena, const struct testimony *testimony)
{
    struct buf out = {.arena = arena};
    const struct listing *end = testimony->listings.len ? testimony->listings.at + testimony->listings.len : NULL;
    for (const struct listing *at = testimony->listings.at; at < end;) {
        struct heard heard = {.name = at->zone, .about = span_of(list_asks_name(at->asks))};
        const struct listing *first = at;
        for (; at < end && at->asks == first->asks && span_eq(at->zone, first->zone); at++)
            listing_count(arena, at, &heard);
        heard_pack(&out, &heard);
    }
    scanner_count(arena, testimony, &out);
    return buf_span(&out);
}

/* It becomes a label of a figure, and a judge that was taken over may say anything. */
static bool is_label(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alpha(name.at[i]) && !ascii_is_digit(name.at[i]) && name.at[i] != '.' && name.at[i] != '-' && name.at[i] != '_')
            return false;
    return name.len && name.len < WITNESS_NAME_MOST;
}

static struct witness_row *row_of(struct witness_tally *tally, const struct heard *heard)
{
    for (size_t i = 0; i < tally->count; i++)
        if (span_eq(span_of(tally->rows[i].name), heard->name) && span_eq(span_of(tally->rows[i].about), heard->about))
            return &tally->rows[i];
    if (tally->count == WITNESSES_MOST || !is_label(heard->name) || !is_label(heard->about))
        return NULL;
    struct witness_row *row = &tally->rows[tally->count++];
    *row = (struct witness_row){0};
    snprintf(row->name, sizeof row->name, "%.*s", SPAN_FMT(heard->name));
    snprintf(row->about, sizeof row->about, "%.*s", SPAN_FMT(heard->about));
    return row;
}

void witness_tally_add(struct witness_tally *tally, struct span heard, void (*complain)(void *context, struct span complaint), void *context)
{
    struct heard one;
    while (heard_unpack(&heard, &one)) {
        struct witness_row *row = row_of(tally, &one);
        if (!row)
            continue;
        const uint64_t numbers[] = {one.asked, one.answered, one.found, one.silent, one.failed, one.faults};
        for (size_t i = 0; i < WITNESS_NUMBERS; i++)
            row->numbers[i] += numbers[i];
        int64_t now = clock_ms();
        if (!one.complaint.len || (row->told && now - row->told < TELL_AGAIN_MS))
            continue;
        row->told = now;
        complain(context, one.complaint);
    }
}

const char *witness_number_name(size_t number)
{
    static const char *const names[WITNESS_NUMBERS] = {"asked", "answered", "found", "timed_out", "failed", "at_fault"};
    return names[number];
}
