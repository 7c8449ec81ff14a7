/* dispatch: jobs out of the store to the courier, and their ends into it. */
#include "role/dispatch.h"
#include "record/outbox.h"
#include "role/duty.h"
#include "role/errand.h"

#include <stdlib.h>
#include <unistd.h>

enum { TALLY_MOST = 100000, LOOK_MS = 1000, NOTE_AGAIN_MS = 1000, ROOM = 1 << 28, LETTERS = 128, FAULT_MOST = 300, SWEEP_MS = 60000, SWEPT = 500 };

struct lane {
    struct lane *next;
    char name[LETTERS];
    size_t holds;     /* of its jobs, those handed out */
    unsigned faults;  /* of the receiver, in a row */
    int64_t rests;    /* nothing is handed out before, in ms */
};

struct held { /* a job that was handed out */
    struct held *next;
    struct lane *lane;
    uint32_t serial;
    char job[LETTERS];
    uint64_t tries;
    int64_t made;
    bool ended;
    struct job_note note; /* where it ended; fault below */
    char fault[FAULT_MOST];
};

struct dispatch {
    struct store *store;
    struct outbox_settings settings;
    struct channel *courier;
    size_t takes;
    struct lane *lanes;
    struct held *held;
    size_t holds;
    uint32_t last_serial;
    uint64_t dice, done;
    struct arena *arena;
    int64_t look_due, note_due, sweep_due;
    bool complained;
    dispatch_prepare prepare;
    void *context;
};

struct dispatch *dispatch_new(struct store *store, const struct outbox_settings *settings)
{
    struct dispatch *dispatch = calloc(1, sizeof *dispatch);
    if (!dispatch)
        abort();
    *dispatch = (struct dispatch){.store = store, .settings = *settings, .arena = arena_new(ROOM), .dice = ((uint64_t)getpid() << 32 | (uintptr_t)dispatch) | 1};
    return dispatch;
}

void dispatch_prepares(struct dispatch *dispatch, dispatch_prepare prepare, void *context)
{
    dispatch->prepare = prepare;
    dispatch->context = context;
}

static void held_free(struct dispatch *dispatch, struct held **at)
{
    struct held *held = *at;
    *at = held->next;
    held->lane->holds--;
    dispatch->holds--;
    free(held);
}

void dispatch_free(struct dispatch **pointer)
{
    struct dispatch *dispatch = *pointer;
    if (!dispatch)
        return;
    while (dispatch->held)
        held_free(dispatch, &dispatch->held);
    for (struct lane *lane; (lane = dispatch->lanes); free(lane))
        dispatch->lanes = lane->next;
    arena_free(&dispatch->arena);
    free(dispatch);
    *pointer = NULL;
}

size_t dispatch_holds(const struct dispatch *dispatch)
{
    return dispatch->holds;
}

void dispatch_tally(struct dispatch *dispatch, int64_t wall, uint64_t numbers[TALLY_COUNT])
{
    struct err err;
    struct outbox_counts counts = {.oldest = TIME_UNKNOWN};
    if (outbox_count(dispatch->store, TALLY_MOST, &counts, &err) < 0)
        counts = (struct outbox_counts){.oldest = TIME_UNKNOWN}; /* a store that cannot be read tells so elsewhere */
    numbers[TALLY_JOBS_WAITING] = counts.waiting;
    numbers[TALLY_JOBS_FAILED] = counts.failed;
    numbers[TALLY_JOBS_DONE] = dispatch->done;
    numbers[TALLY_JOBS_OLDEST] = counts.oldest == TIME_UNKNOWN || counts.oldest > wall ? 0 : (uint64_t)(wall - counts.oldest);
}

void dispatch_hurry(struct dispatch *dispatch)
{
    dispatch->look_due = 0;
}

static void letters_copy(char *to, size_t size, struct span from)
{
    size_t len = from.len < size ? from.len : size - 1;
    memcpy(to, from.at ? from.at : "", len);
    to[len] = 0;
}

/* ---- waits */

/* The wait after so many tries, in ms: doubled each time up to the longest, and a quarter more or less by chance, so that
 * what failed together does not come back together. */
static int64_t wait_of(struct dispatch *dispatch, uint64_t tries)
{
    uint64_t wait = dispatch->settings.wait_seconds * 1000, most = dispatch->settings.wait_most_seconds * 1000;
    for (uint64_t i = 1; i < tries && wait < most; i++)
        wait *= 2;
    wait = wait < most ? wait : most;
    dispatch->dice ^= dispatch->dice << 13; /* xorshift64: Marsaglia 2003 */
    dispatch->dice ^= dispatch->dice >> 7;
    dispatch->dice ^= dispatch->dice << 17;
    return (int64_t)(wait - wait / 4 + dispatch->dice % (wait / 2 + 1));
}

/* ---- the courier */
static void lane_note(struct dispatch *dispatch, struct lane *lane, const struct errand_end *end, int64_t now)
{
    if (end->how == ERRAND_DONE && lane->faults)
        log_event(LEVEL_NOTICE, "receiver-back", "\"%s\" takes jobs again", lane->name);
    if (!end->lane || end->how == ERRAND_DONE) {
        lane->faults = end->how == ERRAND_DONE ? 0 : lane->faults;
        return;
    }
    if (lane->rests > now)
        return; /* others that were under way tell the same */
    int64_t after = (int64_t)(end->after < dispatch->settings.wait_most_seconds ? end->after : dispatch->settings.wait_most_seconds) * 1000;
    int64_t wait = wait_of(dispatch, ++lane->faults);
    lane->rests = now + (wait > after ? wait : after);
    if (lane->faults == 1)
        log_event(LEVEL_WARNING, "receiver-away", "\"%s\" takes no jobs for now: %.*s", lane->name, SPAN_FMT(end->fault));
}

static void held_end(struct dispatch *dispatch, struct held *held, const struct errand_end *end, struct moment at)
{
    struct span fault = end->fault;
    bool over = held->made + dispatch->settings.keep_seconds <= at.believed;
    held->ended = true;
    held->note = (struct job_note){.state = end->how == ERRAND_DONE ? JOB_DONE : end->how == ERRAND_FAILED || over ? JOB_FAILED : JOB_WAITING};
    held->note.due = at.wall + (wait_of(dispatch, held->tries + 1) + 999) / 1000;
    if ((int64_t)end->after > held->note.due - at.wall)
        held->note.due = at.wall + (int64_t)(end->after < dispatch->settings.wait_most_seconds ? end->after : dispatch->settings.wait_most_seconds);
    if (end->how == ERRAND_LATER && over)
        fault = arena_print(dispatch->arena, "given up, its time is over; the last try: %.*s", SPAN_FMT(end->fault));
    letters_copy(held->fault, sizeof held->fault, fault);
    lane_note(dispatch, held->lane, end, at.now);
    dispatch->done += held->note.state == JOB_DONE;
    if (held->note.state == JOB_DONE)
        log_event(LEVEL_INFO, "job-done", "job %s is done", held->job);
    if (held->note.state == JOB_FAILED)
        log_event(LEVEL_ERROR, "job-failed", "job %s failed for good: %s", held->job, held->fault);
    dispatch->note_due = dispatch->note_due ? dispatch->note_due : at.now;
}

/* What it was at when it ended counts as a try, so that a job that ends couriers does not keep all others from being done. */
void dispatch_courier(struct dispatch *dispatch, struct channel *channel, struct moment at)
{
    static const struct errand_end gone = {.how = ERRAND_LATER, .fault = S("the courier ended while it was at it")};
    dispatch->courier = channel;
    dispatch->takes = 0;
    for (struct held *held = dispatch->held; held; held = held->next)
        if (!held->ended)
            held_end(dispatch, held, &gone, at);
    dispatch_hurry(dispatch);
}

void dispatch_frame(struct dispatch *dispatch, const struct frame *frame, struct moment at)
{
    struct errand_end end;
    if (frame->kind == FRAME_TAKES) {
        dispatch->takes = frame->serial;
        dispatch_hurry(dispatch);
        return;
    }
    for (struct held *held = dispatch->held; held && frame->kind == FRAME_DONE; held = held->next)
        if (held->serial == frame->serial && !held->ended && errand_end_unpack(dispatch->arena, frame->bytes, &end) == 0)
            held_end(dispatch, held, &end, at);
}

/* ---- into the store. It need not be on disk: a job done twice is better than a disk that waits for each. */
static int notes_write(struct dispatch *dispatch, int64_t wall, struct err *err)
{
    if (store_begin(dispatch->store, STORE_RELAXED, err) < 0)
        return -1;
    int written = 0;
    for (struct held *held = dispatch->held; held && written >= 0; held = held->next) {
        held->note.job = span_of(held->job);
        held->note.fault = span_of(held->fault);
        if (held->ended)
            written = outbox_note(dispatch->store, dispatch->arena, &held->note, wall, err);
    }
    if (written >= 0 && store_commit(dispatch->store, err) == 0)
        return 0;
    store_rollback(dispatch->store);
    return -1;
}

static void complain(struct dispatch *dispatch, const struct err *err)
{
    if (!dispatch->complained)
        log_event(LEVEL_ERROR, "outbox-stands", "the outbox cannot be read or written; jobs wait: %s", err->text);
    dispatch->complained = true;
}

void dispatch_settle(struct dispatch *dispatch, struct moment at)
{
    struct err err;
    if (!dispatch->note_due || dispatch->note_due > at.now)
        return;
    if (notes_write(dispatch, at.wall, &err) < 0) {
        complain(dispatch, &err);
        dispatch->note_due = at.now + NOTE_AGAIN_MS;
        return;
    }
    dispatch->note_due = 0;
    dispatch->complained = false;
    for (struct held **held = &dispatch->held; *held;)
        if ((*held)->ended)
            held_free(dispatch, held);
        else
            held = &(*held)->next;
    dispatch_hurry(dispatch);
}

/* ---- out of the store */
static struct lane *lane_of(struct dispatch *dispatch, struct span name)
{
    for (struct lane *lane = dispatch->lanes; lane; lane = lane->next)
        if (span_eq(span_of(lane->name), name))
            return lane;
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane)
        abort();
    lane->next = dispatch->lanes;
    letters_copy(lane->name, sizeof lane->name, name);
    return dispatch->lanes = lane;
}

static bool is_held(const struct dispatch *dispatch, struct span job)
{
    for (const struct held *held = dispatch->held; held; held = held->next)
        if (span_eq(span_of(held->job), job))
            return true;
    return false;
}

static struct held *held_new(struct dispatch *dispatch, struct lane *lane, const struct job_row *row)
{
    struct held *held = calloc(1, sizeof *held);
    if (!held)
        abort();
    *held = (struct held){.next = dispatch->held, .lane = lane, .serial = ++dispatch->last_serial, .tries = row->tries, .made = row->made};
    letters_copy(held->job, sizeof held->job, row->job);
    dispatch->held = held;
    dispatch->holds++;
    lane->holds++;
    return held;
}

static void job_hand(struct dispatch *dispatch, struct lane *lane, const struct job_row *row, struct moment at)
{
    int fd = -1;
    struct err err;
    struct held *held = held_new(dispatch, lane, row);
    struct buf bytes = {.arena = dispatch->arena};
    struct errand errand = {row->job, row->lane, row->kind, row->bytes, row->tries};
    int prepared = dispatch->prepare ? dispatch->prepare(dispatch->context, dispatch->arena, row, &errand, &fd, &err) : 0;
    if (prepared) {
        held_end(dispatch, held, &(struct errand_end){.how = prepared == PREPARE_NEVER ? ERRAND_FAILED : ERRAND_LATER, .fault = span_of(err.text)}, at);
        return;
    }
    errand_pack(&bytes, &errand);
    channel_send(dispatch->courier, FRAME_JOB, held->serial, buf_span(&bytes), fd, &err); /* its end shows itself on reading */
}

static void rows_hand(struct dispatch *dispatch, struct lane *lane, const struct job_rows *rows, size_t at_once, struct moment at)
{
    vec_each(row, &rows->list)
        if (lane->holds < at_once && dispatch->holds < dispatch->takes && !channel_is_full(dispatch->courier) && !is_held(dispatch, row->job))
            job_hand(dispatch, lane, row, at);
}

/* No wait is as long as twice the longest: where one seems to be, the clock was ahead when it was noted. */
static int lane_look(struct dispatch *dispatch, struct lane *lane, struct moment at, struct err *err)
{
    struct job_rows rows;
    size_t at_once = lane->faults ? 1 : dispatch->settings.at_once;
    int64_t latest = at.wall + 2 * (int64_t)dispatch->settings.wait_most_seconds;
    bool rests = lane->rests > at.now;
    if (lane->holds >= at_once)
        return 0;
    if (outbox_due(dispatch->store, dispatch->arena, span_of(lane->name), rests ? JOB_AT_ONCE : at.wall, at_once + lane->holds, &rows, err) < 0)
        return -1;
    rows_hand(dispatch, lane, &rows, at_once, at);
    if (rests || lane->holds >= at_once)
        return 0;
    if (outbox_beyond(dispatch->store, dispatch->arena, span_of(lane->name), latest, at_once + lane->holds, &rows, err) < 0)
        return -1;
    rows_hand(dispatch, lane, &rows, at_once, at);
    return 0;
}

static void look(struct dispatch *dispatch, struct moment at)
{
    struct err err;
    struct span name = S("");
    int found;
    dispatch->look_due = at.now + LOOK_MS; /* an operator may have had one tried again; times pass */
    while ((found = outbox_lane_next(dispatch->store, dispatch->arena, name, &name, &err)) > 0)
        if (lane_look(dispatch, lane_of(dispatch, name), at, &err) < 0)
            break;
    if (found)
        complain(dispatch, &err);
}

static void sweep(struct dispatch *dispatch, struct moment at)
{
    struct err err;
    if (dispatch->sweep_due > at.now)
        return;
    int64_t before = at.believed - dispatch->settings.keep_seconds, gone = outbox_prune(dispatch->store, before, before, at.wall, SWEPT, &err);
    if (gone < 0)
        complain(dispatch, &err);
    dispatch->sweep_due = at.now + (gone == SWEPT ? 100 : SWEEP_MS);
}

int64_t dispatch_turn(struct dispatch *dispatch, struct moment at)
{
    dispatch_settle(dispatch, at);
    sweep(dispatch, at);
    if (dispatch->courier && dispatch->takes && dispatch->look_due <= at.now)
        look(dispatch, at);
    arena_reset(dispatch->arena);
    int64_t due = dispatch->sweep_due, others[] = {dispatch->note_due, dispatch->courier && dispatch->takes ? dispatch->look_due : 0};
    for (size_t i = 0; i < 2; i++)
        due = others[i] && others[i] < due ? others[i] : due;
    return due;
}
