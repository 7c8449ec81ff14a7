/* keeper: alone holds what is kept; keeps records by their keys and gives them back by their ids; never parses mail, never
 * reaches the network; has the signer make tokens for the digests that it writes. Answers a request only after what it asked for is kept. */
#include "role/digest.h"
#include "role/dispatch.h"
#include "role/inner.h"
#include "role/ledger.h"

#include <time.h>

struct waiting { /* a request whose commit is still to come */
    struct waiting *next;
    struct desk *desk; /* NULL: gone meanwhile */
    uint32_t serial;
    struct kept kept; /* texts in the batch's arena */
    struct visited *visited; /* NULL: it was FRAME_KEEP; likewise */
};

struct keeper {
    const struct keeper_settings *settings;
    struct desks desks;      /* doors, and the courier; their own: scratch of one answer */
    struct ledger *ledger;
    struct channel *courier; /* of one of the desks; NULL: none is there */
    struct dispatch *dispatch;
    struct digest_rounds *digests;
    struct channel *signer; /* likewise */
    int64_t digests_due;
    struct channel *checkpointer; /* of one of the desks; NULL: none is there */
    enum { LOG_GROWS, LOG_ASKED, LOG_LEFT } log; /* LEFT: the checkpointer has moved what it could */
    int64_t log_due; /* not before is it asked again */
    int64_t dispatch_due;
    struct arena *batch;
    struct waiting *first, **last;
    int64_t due;       /* of the commit; 0: nothing waits */
    int64_t sweep_due, entries_due, unanswered_due;
};

enum { BATCH_MOST = 1 << 30, SWEEP_MS = 60000, SWEEP_PAUSE_MS = 10, ENTRIES_MS = 1000, UNANSWERED_MS = 1000 };
enum { LOG_PAUSE_MS = 1000 }; /* a reader may keep it from beginning anew */

static struct moment moment_of(const struct keeper *keeper)
{
    return (struct moment){clock_ms(), time(NULL), ledger_clock(keeper->ledger)};
}

/* ---- requests */
static void kept_send(struct desk *desk, enum frame_kind kind, uint32_t serial, const struct kept *kept)
{
    struct err err;
    struct buf bytes = {.arena = desk->own};
    arena_reset(desk->own);
    kept_pack(&bytes, kept);
    channel_send(desk->channel, kind, serial, buf_span(&bytes), -1, &err); /* a door that is gone shows itself on reading */
}

static void visited_send(struct desk *desk, uint32_t serial, const struct visited *visited)
{
    struct err err;
    struct buf bytes = {.arena = desk->own};
    arena_reset(desk->own);
    visited_pack(visited, &bytes);
    channel_send(desk->channel, FRAME_VISITED, serial, buf_span(&bytes), -1, &err);
}

static void waiting_add(struct keeper *keeper, struct waiting *waiting)
{
    *keeper->last = waiting;
    keeper->last = &waiting->next;
    keeper->due = keeper->due ? keeper->due : clock_ms() + (keeper->settings->path ? keeper->settings->commit_ms : 0);
}

static void commit(struct keeper *keeper);

/* Who only looks is answered at once; what is kept of the others is on disk before they are. What becomes of a held message is a commit of
 * its own, and what waits comes before it. */
static void on_visit(struct keeper *keeper, struct desk *desk, const struct frame *frame)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(BATCH_MOST);
    struct visit visit;
    struct visited visited = {.end = VISIT_FAILED};
    struct err err = {.text = "it could not be read from the channel"};
    bool read = visit_unpack(arena, frame->bytes, &visit) == 0;
    if (read && visit_is_of_held(&visit) && keeper->due)
        commit(keeper);
    if (!read || ledger_visit(keeper->ledger, arena, &visit, &visited, &err) < 0) {
        log_event(LEVEL_ERROR, "no-page", "the page of a locked link could not be made: %s", err.text);
        visited = (struct visited){.end = VISIT_FAILED};
    }
    if (visited.end != VISIT_GOOD || visit.act == VISIT_LOOK) {
        visited_send(desk, frame->serial, &visited);
        return;
    }
    struct waiting *waiting = arena_one(keeper->batch, struct waiting);
    struct buf bytes = {.arena = keeper->batch};
    *waiting = (struct waiting){.desk = desk, .serial = frame->serial, .visited = arena_one(keeper->batch, struct visited)};
    visited_pack(&visited, &bytes);
    visited_unpack(keeper->batch, buf_span(&bytes), waiting->visited);
    waiting_add(keeper, waiting);
}

static void on_keep(struct keeper *keeper, struct desk *desk, const struct frame *frame)
{
    struct waiting *waiting = arena_one(keeper->batch, struct waiting);
    struct keep_row row;
    struct err err;
    *waiting = (struct waiting){.desk = desk, .serial = frame->serial};
    if (keep_row_unpack(keeper->batch, frame->bytes, &row) < 0)
        waiting->kept = (struct kept){.how = KEPT_FAILED, .text = S("the record could not be read from the channel")};
    else if ((row.fd = frame->fd) < 0 && row.hold)
        waiting->kept = (struct kept){.how = KEPT_FAILED, .text = S("the message that is to be held did not come with its record")};
    else if (ledger_keep(keeper->ledger, keeper->batch, &row, &waiting->kept, &err) < 0)
        waiting->kept = (struct kept){.how = KEPT_FAILED, .text = arena_copy(keeper->batch, span_of(err.text))};
    waiting_add(keeper, waiting);
}

static void on_fetch(struct keeper *keeper, struct desk *desk, const struct frame *frame)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(BATCH_MOST);
    struct kept kept = {.how = KEPT_NONE};
    struct err err;
    if (ledger_tell(keeper->ledger, arena, frame->bytes, &kept, &err) < 0)
        kept = (struct kept){.how = KEPT_FAILED, .text = span_of(err.text)};
    kept_send(desk, FRAME_FETCHED, frame->serial, &kept);
}

static void on_release(struct keeper *keeper, struct desk *desk, const struct frame *frame)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(BATCH_MOST);
    struct kept kept = {.how = KEPT_NONE};
    struct err err;
    if (ledger_pass(keeper->ledger, arena, frame->bytes, &kept, &err) < 0)
        kept = (struct kept){.how = KEPT_FAILED, .text = span_of(err.text)};
    kept_send(desk, FRAME_FETCHED, frame->serial, &kept);
}

static void on_tally(struct keeper *keeper, struct desk *desk, const struct frame *frame)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(BATCH_MOST);
    uint64_t numbers[TALLY_COUNT];
    struct buf bytes = {.arena = arena};
    struct err err;
    ledger_tally(keeper->ledger, numbers);
    dispatch_tally(keeper->dispatch, time(NULL), numbers);
    tally_pack(&bytes, numbers, TALLY_COUNT);
    channel_send(desk->channel, FRAME_TALLIED, frame->serial, buf_span(&bytes), -1, &err);
}

static void asked(void *context, struct desk *desk, struct frame *frame)
{
    struct keeper *keeper = context;
    if (desk->role == ROLE_SIGNER)
        digest_signed(keeper->digests, frame);
    else if (frame->kind == FRAME_KEEP)
        on_keep(keeper, desk, frame);
    else if (frame->kind == FRAME_FETCH)
        on_fetch(keeper, desk, frame);
    else if (frame->kind == FRAME_VISIT)
        on_visit(keeper, desk, frame);
    else if (frame->kind == FRAME_RELEASE)
        on_release(keeper, desk, frame);
    else if (frame->kind == FRAME_TALLY)
        on_tally(keeper, desk, frame);
    else if (frame->kind == FRAME_CHECKPOINTED)
        keeper->log = LOG_LEFT;
    else
        dispatch_frame(keeper->dispatch, frame, moment_of(keeper));
}

/* ---- the commit, and the answers after it */
static void waiting_answer(struct waiting *waiting, const struct kept *failed)
{
    const struct visited lost = {.end = VISIT_FAILED};
    if (waiting->visited)
        visited_send(waiting->desk, waiting->serial, failed ? &lost : waiting->visited);
    else
        kept_send(waiting->desk, FRAME_KEPT, waiting->serial, failed ? failed : &waiting->kept);
}

static void commit(struct keeper *keeper)
{
    struct err err;
    struct kept failed = {.how = KEPT_FAILED};
    bool kept = ledger_commit(keeper->ledger, &err) == 0;
    if (!kept) {
        log_event(LEVEL_ERROR, "not-kept", "%s", err.text);
        failed.text = span_of(err.text);
    }
    for (struct waiting *waiting = keeper->first; waiting; waiting = waiting->next)
        if (waiting->desk)
            waiting_answer(waiting, kept ? NULL : &failed);
    keeper->first = NULL;
    keeper->last = &keeper->first;
    keeper->due = 0;
    arena_reset(keeper->batch);
    dispatch_hurry(keeper->dispatch);
}

/* ---- what it tells by itself */
/* Operators write entries into the store beside us; the judges shall know them soon. */
static void entries_tell(struct keeper *keeper, int64_t now)
{
    struct err err;
    if (now < keeper->entries_due)
        return;
    keeper->entries_due = now + ENTRIES_MS;
    if (channel_is_full(keeper->desks.parent))
        return; /* it is told the newest once it has read what it was told */
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(BATCH_MOST);
    struct buf bytes = {.arena = arena};
    int differ = ledger_entries(keeper->ledger, arena, &bytes, &err);
    keeper->sweep_due = differ > 0 ? now : keeper->sweep_due; /* what an operator deleted goes */
    if (differ > 0)
        differ = channel_send(keeper->desks.parent, FRAME_ENTRIES, 0, buf_span(&bytes), -1, &err);
    if (differ < 0)
        log_event(LEVEL_WARNING, "no-entries", "what is allowed and denied could not be told to the judges: %s", err.text);
}

static void killers_tell(struct keeper *keeper, struct desk *desk)
{
    struct err err;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(BATCH_MOST);
    struct buf bytes = {.arena = arena};
    if (ledger_killers(keeper->ledger, &bytes, &err) < 0)
        log_event(LEVEL_WARNING, "no-killers", "which messages killed judges could not be read: %s", err.text);
    channel_send(desk->channel, FRAME_KILLERS, 0, buf_span(&bytes), -1, &err);
}

/* ---- doors and the courier */
static void courier_take(struct keeper *keeper, struct channel *channel)
{
    keeper->courier = channel;
    dispatch_courier(keeper->dispatch, channel, moment_of(keeper));
}

static void opened(void *context, struct desk *desk)
{
    struct keeper *keeper = context;
    desk->own = arena_new(BATCH_MOST);
    if (desk->role == ROLE_COURIER)
        courier_take(keeper, desk->channel);
    if (desk->role == ROLE_SIGNER)
        digest_signer(keeper->digests, keeper->signer = desk->channel);
    if (desk->role == ROLE_CHECKPOINTER)
        keeper->checkpointer = desk->channel;
    if (role_is_door(desk->role))
        killers_tell(keeper, desk);
}

static void closed(void *context, struct desk *desk)
{
    struct keeper *keeper = context;
    struct arena *scratch = desk->own;
    for (struct waiting *waiting = keeper->first; waiting; waiting = waiting->next)
        if (waiting->desk == desk)
            waiting->desk = NULL;
    if (desk->channel == keeper->courier)
        courier_take(keeper, NULL);
    if (desk->channel == keeper->signer)
        digest_signer(keeper->digests, keeper->signer = NULL);
    if (desk->channel == keeper->checkpointer) {
        keeper->checkpointer = NULL;
        keeper->log = LOG_GROWS;
    }
    arena_free(&scratch);
}

static void keeper_wait(struct keeper *keeper)
{
    int64_t now = clock_ms(), due = keeper->entries_due < keeper->sweep_due ? keeper->entries_due : keeper->sweep_due;
    due = keeper->due && keeper->due < due ? keeper->due : due;
    due = !keeper->due && keeper->dispatch_due < due ? keeper->dispatch_due : due;
    due = !keeper->due && keeper->digests_due < due ? keeper->digests_due : due;
    due = !keeper->due && keeper->unanswered_due < due ? keeper->unanswered_due : due;
    desks_wait(&keeper->desks, -1, due <= now ? 0 : (int)(due - now));
}

/* The log is moved beside us; the last bit, which came meanwhile, here, so that the next commit begins it anew. */
static void log_tend(struct keeper *keeper, int64_t now)
{
    struct err err;
    if (keeper->log == LOG_LEFT) {
        if (ledger_log_move(keeper->ledger, &err) < 0)
            log_event(LEVEL_WARNING, "no-checkpoint", "the end of the store's log could not be moved into its file: %s", err.text);
        keeper->log = LOG_GROWS;
        keeper->log_due = now + LOG_PAUSE_MS;
    } else if (keeper->log == LOG_GROWS && keeper->checkpointer && now >= keeper->log_due && ledger_log(keeper->ledger) >= keeper->settings->log_bytes) {
        if (channel_send(keeper->checkpointer, FRAME_CHECKPOINT, 0, (struct span){0}, -1, &err) == 0)
            keeper->log = LOG_ASKED;
    }
}

static void settle(struct keeper *keeper)
{
    struct err err;
    if (ledger_settle(keeper->ledger, &err) < 0)
        log_event(LEVEL_WARNING, "not-settled", "marks of the last records stay where hunts are slower: %s", err.text);
}

/* A few at a time, between commits; at once again where many wait to go. */
static void sweep(struct keeper *keeper)
{
    struct err err;
    int64_t now = clock_ms();
    if (keeper->due || now < keeper->sweep_due)
        return;
    int more = ledger_sweep(keeper->ledger, &err);
    if (more < 0)
        log_event(LEVEL_WARNING, "not-swept", "what has had its time stays for now: %s", err.text);
    keeper->sweep_due = now + (more > 0 ? SWEEP_PAUSE_MS : SWEEP_MS);
}

/* Likewise: what waited for a person in vain leaves, or is done. */
static void unanswered(struct keeper *keeper)
{
    struct err err;
    int64_t now = clock_ms();
    if (keeper->due || now < keeper->unanswered_due)
        return;
    int more = ledger_unanswered(keeper->ledger, &err);
    if (more < 0)
        log_event(LEVEL_WARNING, "not-decided", "what waited for somebody to agree waits on: %s", err.text);
    keeper->unanswered_due = now + (more > 0 ? SWEEP_PAUSE_MS : UNANSWERED_MS);
}

static void keeper_loop(struct keeper *keeper)
{
    while (desks_turn(&keeper->desks)) {
        if (keeper->due && keeper->due <= clock_ms()) {
            commit(keeper);
            settle(keeper);
            log_tend(keeper, clock_ms());
        }
        unanswered(keeper); /* before what is over is swept: it leaves first */
        sweep(keeper);
        if (!keeper->due)
            keeper->dispatch_due = dispatch_turn(keeper->dispatch, moment_of(keeper));
        if (!keeper->due)
            keeper->digests_due = digest_turn(keeper->digests, moment_of(keeper));
        entries_tell(keeper, clock_ms());
        keeper_wait(keeper);
    }
}

int keeper_serve(int fd, const struct service_generation *generation)
{
    struct err err;
    static const struct desk_calls calls = {.opened = opened, .asked = asked, .closed = closed};
    struct keeper keeper = {.settings = &generation->keeper, .batch = arena_new(BATCH_MOST)};
    desks_open(&keeper.desks, ROLE_KEEPER, fd, &calls, &keeper);
    keeper.last = &keeper.first;
    int open = ledger_open(&generation->keeper, &keeper.ledger, &err);
    if (open < 0) {
        log_event(LEVEL_ERROR, "no-store", "%s", err.text);
    } else {
        keeper.dispatch = dispatch_new(ledger_store(keeper.ledger), &generation->keeper.outbox);
        keeper.digests = digest_rounds_new(ledger_store(keeper.ledger), generation->keeper.digests);
        dispatch_prepares(keeper.dispatch, ledger_prepare, keeper.ledger);
        entries_tell(&keeper, clock_ms());
        channel_send(keeper.desks.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
        keeper_loop(&keeper);
        desks_hear(&keeper.desks); /* what they said before they ended, as the courier what it has done */
        commit(&keeper); /* whoever asked may be gone; what was asked for is kept all the same */
        dispatch_settle(keeper.dispatch, moment_of(&keeper));
        keeper.courier = NULL; /* it goes on with what it has, and the next keeper asks for it */
        desks_close_all(&keeper.desks);
        dispatch_free(&keeper.dispatch);
        digest_rounds_free(&keeper.digests);
        ledger_close(&keeper.ledger);
    }
    desks_end(&keeper.desks);
    arena_free(&keeper.batch);
    return open < 0 ? 70 : 0;
}
