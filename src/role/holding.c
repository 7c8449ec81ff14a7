/* holding: copies of a message that are to lie in the hold, and of one that comes again those that are missing there. */
#include "role/holding.h"
#include "role/copies.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* ---- what is known of it */
struct known {
    struct record_held held;
    struct held_copies copies; /* by address */
    bool here;                 /* its bytes */
    bool alone;                /* it has one recipient */
    uint64_t free;             /* a number that no row has */
};

static int by_address(const void *left, const void *right)
{
    return span_compare(((const struct held_copy *)left)->address, ((const struct held_copy *)right)->address);
}

/* Retries are of the same recipients, for these are in the key. */
static bool is_for_one(struct arena *arena, const struct keep_row *row)
{
    struct record record;
    if (row->recipients.len || !row->record.len)
        return row->recipients.len < 2;
    return record_unpack(arena, row->record, &record) == 0 && record.outcomes.len < 2;
}

static int known_find(struct store *store, struct arena *arena, struct span id, const struct keep_row *row, struct known *out, struct err *err)
{
    int here = record_held(store, arena, id, &out->held, err);
    if (here < 0 || held_copies(store, arena, id, &out->copies, err) < 0)
        return -1;
    out->here = here;
    out->free = row->recipients.len;
    vec_each(copy, &out->copies.list)
        if (!held_is_beside(copy) && copy->number % HELD_ORIGINALS >= out->free)
            out->free = copy->number % HELD_ORIGINALS + 1;
    out->alone = out->copies.list.len && is_for_one(arena, row);
    if (out->copies.list.len)
        qsort(out->copies.list.at, out->copies.list.len, sizeof *out->copies.list.at, by_address);
    return 0;
}

/* The first row of that address, or of the next. */
static size_t rows_of(const struct known *known, struct span address)
{
    size_t from = 0, to = known->copies.list.len;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (span_compare(known->copies.list.at[middle].address, address) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is_sent(const struct held_copy *copy)
{
    return copy->state == HELD_LEAVING || copy->state == HELD_DELIVERED;
}

/* What had its time, or whose bytes are gone, is held again: who kept a copy for a month shall not get it through. An original that a person let
 * go to the only recipient may be this message, come in again by a door that knows nothing of it. */
static bool settles(const struct known *known, const struct held_copy *copy, bool delivery)
{
    if (held_is_beside(copy))
        return false;
    if (held_is_delivery(copy) != delivery)
        return delivery && known->alone && is_sent(copy) && copy->by.len;
    return copy->state != HELD_EXPIRED && (known->here || !held_lies_here(copy->state));
}

static bool is_settled(const struct known *known, struct span address, bool delivery)
{
    for (size_t i = rows_of(known, address); i < known->copies.list.len && span_eq(known->copies.list.at[i].address, address); i++)
        if (settles(known, &known->copies.list.at[i], delivery))
            return true;
    return false;
}

/* The recipient's own where he has rows: his place in the envelope may be another's now. */
static uint64_t number_of(struct known *known, struct span address, uint64_t place)
{
    for (size_t i = rows_of(known, address); i < known->copies.list.len && span_eq(known->copies.list.at[i].address, address); i++)
        if (!held_is_beside(&known->copies.list.at[i]))
            return known->copies.list.at[i].number % HELD_ORIGINALS;
    return known->copies.list.len ? known->free++ : place;
}

/* ---- copies */
/* Of those recipients who are not settled; each recipient's follow one another. */
static void copies_missing(struct arena *arena, const struct held_copies *all, struct known *known, struct held_copies *out)
{
    uint64_t place = UINT64_MAX, number = 0;
    vec_each(copy, &all->list) {
        bool beside = held_is_beside(copy), delivery = held_is_delivery(copy);
        if (!beside && is_settled(known, copy->address, delivery))
            continue;
        if (!beside && place != copy->number % HELD_ORIGINALS) {
            place = copy->number % HELD_ORIGINALS;
            number = number_of(known, copy->address, place);
        }
        struct held_copy *missing = vec_push(arena, &out->list);
        *missing = *copy;
        if (!beside)
            missing->number = number + (delivery ? 0 : HELD_ORIGINALS);
    }
}

/* ---- beside what lies here */
static bool any_lies(const struct known *known)
{
    vec_each(copy, &known->copies.list)
        if (held_lies_here(copy->state))
            return known->here;
    return false;
}

/* One file has the bytes of both. Of the message as it came only that in front is kept for who is asked later. */
static int join(const struct holding *at, const struct known *known, struct span id, const struct keep_row *row, struct held_bytes *bytes, struct held_copies *copies,
                struct err *err)
{
    uint64_t before, came;
    struct held_bytes both = {0};
    int fd __attribute__((cleanup(fd_close))) = spool_joined(at->spool, known->held.file, row->fd, row->length, &before, err);
    if (fd < 0)
        return -1;
    if (spool_put(at->spool, id, fd, before + row->length, &both.file, &both.size, err) < 0)
        return -1;
    spool_remove(at->spool, bytes->file, bytes->size);
    *bytes = both;
    held_as_it_came(&known->copies, &came);
    vec_each(copy, &copies->list) {
        copy->start += before;
        copy->agreed_start += before;
        copy->came = copy->came ? came : 0;
        copy->came_measure = S("");
        copy->original = came ? copy->original : 0;
    }
    return 0;
}

/* ---- rows */
static bool waits_any(const struct held_copies *copies)
{
    vec_each(copy, &copies->list)
        if (copy->state == HELD_WAITING)
            return true;
    return false;
}

static int rows_write(const struct holding *at, struct arena *arena, struct span id, const struct keep_row *row, const struct known *known, bool joined, int64_t now,
                      const struct held_bytes *bytes, const struct held_copies *copies, struct err *err)
{
    uint8_t ticket[16];
    int64_t seconds = row->hold_seconds ? (int64_t)row->hold_seconds : at->seconds;
    if (getrandom(ticket, sizeof ticket, 0) != sizeof ticket)
        abort();
    struct record_held held = {.id = id, .ticket = {(const char *)ticket, sizeof ticket}, .at = now, .until = now + seconds, .size = bytes->size,
                               .state = S("held"), .file = bytes->file, .mail_from = row->mail_from, .mail_params = row->mail_params, .enveloped = true};
    held.until += waits_any(copies) ? at->confirm_wait : 0; /* its time begins when somebody has decided */
    if (joined) {
        held.ticket = known->held.ticket; /* links that the others were told hold */
        held.until = held.until > known->held.until ? held.until : known->held.until;
    }
    if (!joined && held_lost(at->store, id, now, err) < 0)
        return -1;
    return record_hold(at->store, arena, &held, copies, err);
}

/* A row of before copies had rows of their own: it is for all of them. */
static bool is_held_for_all(const struct known *known, bool first)
{
    return !first && known->here && !known->copies.list.len && span_eq(known->held.state, S("held"));
}

static enum held_how fail(const struct holding *at, const struct held_bytes *bytes, enum held_how how)
{
    spool_remove(at->spool, bytes->file, bytes->size);
    return how;
}

enum held_how holding_write(const struct holding *at, struct arena *arena, struct span id, const struct keep_row *row, bool first, struct held_bytes *bytes,
                            struct err *err)
{
    struct known known = {0};
    struct held_copies all = {0}, copies = {0};
    int64_t now = time(NULL);
    if (known_find(at->store, arena, id, row, &known, err) < 0)
        return fail(at, bytes, HELD_FAILED);
    bool was_here = known.here, joins = any_lies(&known);
    if (joins && spool_is_gone(at->spool, known.held.file))
        joins = known.here = false;
    row_copies(arena, row, id, now + at->confirm_wait, first, &all);
    copies_missing(arena, &all, &known, &copies);
    bool whole = !row->recipients.len && !row->beside; /* for nobody by name */
    if ((!copies.list.len && !whole) || (whole && known.copies.list.len) || is_held_for_all(&known, first))
        return fail(at, bytes, HELD_NOTHING);
    if (joins && join(at, &known, id, row, bytes, &copies, err) < 0)
        return fail(at, bytes, HELD_FAILED);
    if (rows_write(at, arena, id, row, &known, joins, now, bytes, &copies, err) < 0)
        return HELD_SPOILT;
    if (was_here)
        spool_end(at->spool, known.held.file, known.held.size);
    return was_here ? HELD_AS_MANY : HELD_ONE_MORE;
}

/* ---- what is told of it */
/* Whose sender tries again, though this recipient's copy is taken care of. What a person released to the only recipient may be that release,
 * come in again by a door that knows nothing of it: it passes, for else nobody would ever have it. What we changed comes in as another message. */
static bool copy_serves(const struct known *known, const struct held_copy *copy)
{
    if (held_lies_here(copy->state) && !known->here)
        return false; /* its row says so, and its bytes are gone */
    return is_sent(copy) ? !known->alone || !copy->by.len || copy->edited : held_lies_here(copy->state) || copy->state == HELD_DELETED;
}

int holding_tell(const struct holding *at, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    struct known known = {0};
    struct buf served = {.arena = arena};
    size_t count = 0, people = 0;
    if (known_find(at->store, arena, out->id, row, &known, err) < 0)
        return -1;
    vec_each(copy, &known.copies.list) {
        if (!held_is_delivery(copy))
            continue;
        people++;
        if (copy_serves(&known, copy)) {
            buf_add(&served, copy->address);
            buf_byte(&served, '\0');
            count++;
        }
    }
    out->served = buf_span(&served);
    out->held = known.copies.list.len ? people && count == people : known.here && span_eq(known.held.state, S("held"));
    return 0;
}
