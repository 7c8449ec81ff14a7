/* deal: hands messages out to judges, sends again what a judge took with it, gives up what killed two. Parses no mail. */
#include "role/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_DEATHS = 2, MOST_LOST = 16, AHEAD = 8 };

struct errand { /* a message on its way */
    struct errand *next;
    uint32_t serial;
    int fd;
    size_t length;
    unsigned deaths; /* of judges that had begun with it */
    unsigned lost;   /* with judges, begun or not */
    struct span packed, raw; /* raw: of a small message, see scan_job */
};

struct seat { /* one judge */
    struct seat *next;
    uint32_t id;
    struct channel *channel;
    int marks; /* of the messages it has begun with; -1: it told none */
    struct errand *held;
    size_t count, bytes;
    size_t begun;  /* of them, when it was looked at last; SIZE_MAX: not known */
    size_t parked; /* of them, as it said last */
    bool alone;   /* holds a message that another judge died of */
    bool emptying; /* gets no more until one of `again` could be given to it */
    bool retired;  /* gets no more */
};

struct deal {
    const struct judge_settings *settings;
    struct deal_calls calls;
    struct seat *seats;
    struct errand *again; /* to be sent once more; alone, where a judge died that had begun with it */
    struct arena *scratch;
    size_t holds;
};

static void *memory(size_t size)
{
    void *got = calloc(1, size);
    if (!got)
        abort();
    return got;
}

struct deal *deal_new(const struct judge_settings *settings, const struct deal_calls *calls)
{
    struct deal *deal = memory(sizeof *deal);
    *deal = (struct deal){.settings = settings, .calls = *calls, .scratch = arena_new(settings->ceiling)};
    return deal;
}

/* ---- errands */
static struct errand *errand_new(struct deal *deal, uint32_t serial, const struct scan_job *job)
{
    arena_reset(deal->scratch);
    struct buf bytes = {.arena = deal->scratch};
    job_pack(&bytes, job);
    struct errand *errand = memory(sizeof *errand + bytes.len);
    *errand = (struct errand){.serial = serial, .fd = job->fd, .length = job->length};
    errand->raw = job->fd < 0 ? job->arrival.raw : (struct span){0};
    errand->packed = (struct span){memcpy(errand + 1, bytes.at, bytes.len), bytes.len};
    return errand;
}

static void errand_free(struct errand *errand)
{
    fd_close_later(&errand->fd);
    free(errand);
}

static void errand_end(struct deal *deal, struct errand *errand, const struct scan_result *result)
{
    deal->holds--;
    deal->calls.done(deal->calls.context, errand->serial, result);
    errand_free(errand);
}

static struct errand *errand_take(struct seat *seat, uint32_t serial)
{
    struct errand **at = &seat->held;
    while (*at && (*at)->serial != serial)
        at = &(*at)->next;
    struct errand *errand = *at;
    if (!errand)
        return NULL;
    *at = errand->next;
    seat->count--;
    seat->bytes -= errand->length;
    seat->alone = false;
    return errand;
}

/* ---- seats */
struct seat *deal_seat(struct deal *deal, uint32_t id, struct channel *channel)
{
    struct seat *seat = memory(sizeof *seat);
    struct seat **last = &deal->seats;
    while (*last)
        last = &(*last)->next;
    *seat = (struct seat){.id = id, .channel = channel, .marks = -1, .begun = SIZE_MAX};
    return *last = seat;
}

struct seat *deal_seat_of(const struct deal *deal, uint32_t id)
{
    struct seat *seat = deal->seats;
    while (seat && seat->id != id)
        seat = seat->next;
    return seat;
}

struct channel *seat_channel(const struct seat *seat)
{
    return seat->channel;
}

/* false: no more files may be open; it stays where it is until some are closed. */
static bool seat_hand(struct seat *seat, struct errand *errand)
{
    struct err err;
    int fd = errand->raw.len ? -1 : fcntl(errand->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0 && !errand->raw.len && errno != EBADF)
        return false;
    errand->next = seat->held;
    seat->held = errand;
    seat->count++;
    seat->bytes += errand->length;
    /* A judge that is gone shows itself when the channel is read next; the errand waits in `held`. */
    channel_send_both(seat->channel, FRAME_MESSAGE, errand->serial, errand->packed, errand->raw, fd, &err);
    return true;
}

static void seat_free(struct deal *deal, struct seat *seat)
{
    struct seat **at = &deal->seats;
    while (*at != seat)
        at = &(*at)->next;
    *at = seat->next;
    channel_free(&seat->channel);
    fd_close_later(&seat->marks);
    free(seat);
}

static void errand_give_up(struct deal *deal, struct errand *errand)
{
    struct scan_result result = {.error = S("two judges died over it, one after the other; it is unjudged"), .killed = true};
    if (errand->deaths < MOST_DEATHS)
        result = (struct scan_result){.error = S("judge after judge ended before it began with it; it is unjudged"), .lost = true};
    errand_end(deal, errand, &result);
}

/* What a judge had not begun with it cannot have died of. */
static void errand_lose(struct deal *deal, struct errand *errand, bool begun)
{
    errand->deaths += begun;
    if (errand->deaths >= MOST_DEATHS || ++errand->lost >= MOST_LOST) {
        errand_give_up(deal, errand);
        return;
    }
    errand->next = deal->again;
    deal->again = errand;
}

static void seat_died(struct deal *deal, struct seat *seat, const struct err *err)
{
    uint32_t id = seat->id;
    size_t held = seat->count, all = 0;
    while (seat->held) {
        struct errand *errand = errand_take(seat, seat->held->serial);
        bool begun = marks_has(seat->marks, errand->serial);
        all += begun;
        errand_lose(deal, errand, begun);
    }
    seat_free(deal, seat);
    deal->calls.died(deal->calls.context, id, held, all, err->text);
}

/* A retired judge that holds nothing is let go. */
static bool seat_left(struct deal *deal, struct seat *seat)
{
    uint32_t id = seat->id;
    if (!seat->retired || seat->count)
        return false;
    seat_free(deal, seat);
    if (deal->calls.retired)
        deal->calls.retired(deal->calls.context, id);
    return true;
}

void deal_retire(struct deal *deal, uint32_t id)
{
    for (struct seat *seat = deal->seats, *next; seat; seat = next) {
        next = seat->next;
        seat->retired |= seat->id == id;
        seat_left(deal, seat);
    }
}

/* ---- what judges say */
static void marks_take(struct seat *seat, struct frame *frame)
{
    fd_close_later(&seat->marks);
    seat->marks = frame->fd;
    frame->fd = -1;
}

static void seat_says(struct deal *deal, struct seat *seat, struct frame *frame)
{
    struct scan_result result = {0};
    if (frame->kind == FRAME_PARKED) {
        seat->parked = frame->serial;
        return;
    }
    if (frame->kind == FRAME_MARKS) {
        marks_take(seat, frame);
        return;
    }
    if (frame->kind != FRAME_REPORT && frame->kind != FRAME_FAILED) {
        deal->calls.other(deal->calls.context, seat->id, frame);
        return;
    }
    struct errand *errand = errand_take(seat, frame->serial);
    if (!errand)
        return;
    if (frame->kind == FRAME_FAILED)
        result.error = frame->bytes;
    else if (result_unpack(frame->bytes, &result) < 0)
        result = (struct scan_result){.error = S("its judge answered something that cannot be read")};
    errand_end(deal, errand, &result);
}

static void seat_turn(struct deal *deal, struct seat *seat)
{
    struct frame frame;
    struct err err = {.text = ""};
    enum channel_state state;
    while ((state = channel_receive(seat->channel, &frame, &err)) == CHANNEL_FRAME) {
        seat_says(deal, seat, &frame);
        fd_close_later(&frame.fd);
    }
    if (state == CHANNEL_LATER && channel_flush(seat->channel, &err) >= 0)
        seat_left(deal, seat);
    else
        seat_died(deal, seat, &err);
}

/* ---- room */
static size_t seat_waiting(const struct seat *seat) /* messages it holds and has not begun with */
{
    return seat->count > seat->begun ? seat->count - seat->begun : 0;
}

static bool seat_may_hold(const struct deal *deal, const struct seat *seat)
{
    if (seat->alone || seat->retired || seat->emptying)
        return false;
    return !seat->count || (seat->count < deal->settings->slots && seat->bytes < deal->settings->most_bytes);
}

static bool seat_has_room(const struct deal *deal, const struct seat *seat)
{
    return seat_may_hold(deal, seat) && seat_waiting(seat) < AHEAD;
}

static struct seat *seat_best(const struct deal *deal)
{
    struct seat *best = NULL;
    for (struct seat *seat = deal->seats; seat; seat = seat->next) {
        if (!seat_has_room(deal, seat))
            continue;
        size_t waiting = seat_waiting(seat), least = best ? seat_waiting(best) : 0;
        if (!best || waiting < least || (waiting == least && seat->count < best->count))
            best = seat;
    }
    return best;
}

bool deal_look(struct deal *deal)
{
    bool soon = false;
    for (struct seat *seat = deal->seats; seat; seat = seat->next) {
        seat->begun = marks_count(seat->marks);
        soon |= seat_may_hold(deal, seat);
    }
    return soon;
}

static struct seat *seat_empty(const struct deal *deal)
{
    struct seat *seat = deal->seats;
    while (seat && (seat->count || seat->retired))
        seat = seat->next;
    return seat;
}

/* ---- once more */
static void send_again(struct deal *deal)
{
    for (struct errand **at = &deal->again; *at;) {
        struct errand *errand = *at;
        struct seat *seat = errand->deaths ? seat_empty(deal) : seat_best(deal);
        if (!seat) {
            at = &errand->next;
            continue;
        }
        struct errand *next = errand->next;
        if (!seat_hand(seat, errand))
            return;
        *at = next;
        seat->alone = errand->deaths != 0;
    }
}

static bool alone_is_wanted(const struct deal *deal)
{
    const struct errand *errand = deal->again;
    while (errand && !errand->deaths)
        errand = errand->next;
    return errand != NULL;
}

/* Who waits to be alone needs a judge that runs empty: one of them does, and the others go on. */
static void again_turn(struct deal *deal)
{
    struct seat *least = NULL;
    send_again(deal);
    bool wanted = alone_is_wanted(deal);
    for (struct seat *seat = deal->seats; seat; seat = seat->next) {
        bool better = !least || (seat->emptying && !least->emptying) || (seat->emptying == least->emptying && seat->count < least->count);
        if (!seat->retired && !seat->alone && better)
            least = seat;
        seat->emptying &= wanted;
    }
    if (wanted && least)
        least->emptying = true;
}

void deal_turn(struct deal *deal)
{
    again_turn(deal);
    for (struct seat *seat = deal->seats, *next; seat; seat = next) {
        next = seat->next;
        seat_turn(deal, seat);
    }
    again_turn(deal);
}

size_t deal_wait(struct deal *deal, struct pollfd *out, size_t most)
{
    size_t count = 0;
    for (struct seat *seat = deal->seats; seat && count < most; seat = seat->next)
        out[count++] = channel_wait(seat->channel);
    return count;
}

void deal_waited(struct deal *deal, const struct pollfd *said, size_t count)
{
    size_t i = 0;
    for (struct seat *seat = deal->seats; seat && i < count; seat = seat->next)
        channel_waited(seat->channel, said[i++].revents);
}

bool deal_has_room(const struct deal *deal)
{
    return seat_best(deal) != NULL;
}

size_t deal_holds(const struct deal *deal)
{
    return deal->holds;
}

size_t deal_seats(const struct deal *deal)
{
    size_t count = 0;
    for (const struct seat *seat = deal->seats; seat; seat = seat->next)
        count += !seat->retired;
    return count;
}

size_t deal_parked(const struct deal *deal)
{
    size_t count = 0;
    for (const struct seat *seat = deal->seats; seat; seat = seat->next)
        count += seat->parked;
    return count;
}

void deal_give(struct deal *deal, uint32_t serial, const struct scan_job *job)
{
    struct errand *errand = errand_new(deal, serial, job);
    deal->holds++;
    struct seat *seat = seat_best(deal);
    if (seat && seat_hand(seat, errand))
        return;
    errand->next = deal->again;
    deal->again = errand;
}

void deal_free(struct deal **pointer)
{
    struct deal *deal = *pointer;
    if (!deal)
        return;
    while (deal->seats) {
        while (deal->seats->held)
            errand_free(errand_take(deal->seats, deal->seats->held->serial));
        seat_free(deal, deal->seats);
    }
    for (struct errand *errand = deal->again, *next; errand; errand = next) {
        next = errand->next;
        errand_free(errand);
    }
    arena_free(&deal->scratch);
    free(deal);
    *pointer = NULL;
}
