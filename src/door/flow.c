#include "door/flow.h"
#include "door/bytes.h"
#include "door/flight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TALLY_MS = 5000, COUNTS_MS = 500, KEEPER_AWAY_MS = 30000, KEEPER_PATIENCE_MS = 2000, SEAL_LOOK_MS = 50, JUDGES_LOOK_MS = 1, KILLERS_PATIENCE_MS = 3000 };

/* ---- the end of a flight */
void flight_answer(struct flow *flow, struct flight *flight, const struct flow_answer *answer)
{
    flight_tell(flow, flight, answer);
    if (flight->done)
        flight->done(flight->context, answer);
    flight_free(flow, flight);
}

static void flight_fail(struct flow *flow, struct flight *flight, enum flow_end end, struct span why)
{
    struct flow_answer answer = {.end = end, .why = why, .carried = end == FLOW_NOT_KEPT ? flight->carried : S("")};
    flight_answer(flow, flight, &answer);
}

/* ---- keeping */
static void keep_hand(struct flow *flow, const struct flight *flight)
{
    struct err err;
    enum frame_kind kind = flight->visiting ? FRAME_VISIT : flight->passing ? FRAME_RELEASE : flight->fetching ? FRAME_FETCH : FRAME_KEEP;
    channel_send(flow->keeper, kind, flight->serial, flight->request, flight->held_fd < 0 ? -1 : fcntl(flight->held_fd, F_DUPFD_CLOEXEC, 3), &err);
} /* the end of a keeper shows itself on reading */

void keep_send(struct flow *flow, struct flight *flight)
{
    bool fits = flight->request.len <= FRAME_ROOM;
    flow->oversized |= !fits;
    if (!flow->keeper || !fits)
        return;
    if (!flow->unsent && !channel_is_full(flow->keeper)) {
        keep_hand(flow, flight);
        return;
    }
    flight->unsent = true;
    flight->queued = NULL;
    *(flow->unsent ? flow->unsent_last : &flow->unsent) = flight;
    flow->unsent_last = &flight->queued;
}

/* What waited for room, in its order. */
static void keep_go_on(struct flow *flow)
{
    while (flow->keeper && flow->unsent && !channel_is_full(flow->keeper)) {
        struct flight *flight = flow->unsent;
        flow->unsent = flight->queued;
        flight->unsent = false;
        keep_hand(flow, flight);
    }
}

/* None of it waits for that keeper any more. */
static void keeper_leave(struct flow *flow)
{
    channel_free(&flow->keeper);
    for (; flow->unsent; flow->unsent = flow->unsent->queued)
        flow->unsent->unsent = false;
}

/* What is held is handed over as its bytes came: the deal, which owns the descriptor, closes it after this call. */
static void keep_begin(struct flow *flow, struct flight *flight, struct keep_row *row)
{
    struct buf request = {.arena = flight->arena};
    row->hold = flight->held;
    row->length = flight->job.length;
    if (flight->held)
        flight_copies(flight, &flow->whose, row);
    keep_row_pack(&request, row);
    flight->request = buf_span(&request);
    flow->weight -= flight->weighs;
    flight->weighs = flight->request.len + flight->report.len + flight->carried.len;
    flow->weight += flight->weighs;
    flight->stage = STAGE_KEEPING;
    flight->judged_at = clock_ms();
    keep_send(flow, flight);
}

static void on_kept(struct flow *flow, const struct frame *frame)
{
    struct flight *flight = flight_find(flow, frame->serial);
    struct kept kept;
    if (!flight || flight->stage != STAGE_KEEPING)
        return;
    if (kept_unpack(frame->bytes, &kept) < 0)
        kept = (struct kept){.how = KEPT_FAILED, .text = S("the keeper answered something that cannot be read")};
    struct flow_answer answer = {.end = flight->unjudged ? FLOW_UNJUDGED : FLOW_REPORT, .id = flight->id, .report = flight->report,
                                 .sealed = flight->sealed, .held = kept.held};
    if (kept.how == KEPT_FAILED)
        answer = (struct flow_answer){.end = FLOW_NOT_KEPT, .why = kept.text};
    else if (kept.how == KEPT_NONE)
        answer.end = FLOW_NONE;
    else if (kept.id.len)
        answer = (struct flow_answer){.end = answer.end, .id = kept.id, .report = kept.report, .sealed = flight->sealed, .held = kept.held,
                                      .repeated = kept.how == KEPT_KNOWN && !flight->fetching};
    answer.carried = answer.end == FLOW_REPORT || answer.end == FLOW_NOT_KEPT ? flight->carried : S("");
    answer.gist = answer.end == FLOW_REPORT && !kept.id.len ? flight->gist : S("");
    answer.served = answer.repeated ? arena_copy(flight->arena, kept.served) : S("");
    if (flight->passing) { /* its seal is of what was kept */
        answer.edited = kept.edited;
        flight->measure = arena_copy(flight->arena, kept.measure);
        flight->stays = kept.measure.len && flow->settings.seals;
    }
    if (answer.end == FLOW_REPORT && flight->stays)
        seal_begin(flow, flight, &answer);
    else
        flight_answer(flow, flight, &answer);
}

/* What earlier doors saw; the keeper tells the newest first. */
static void on_killers(struct flow *flow, struct span bytes)
{
    for (size_t end = bytes.len / SHA256_BYTES; end && !flow->killers_told; end--)
        killers_add(flow->killers, (const uint8_t *)bytes.at + (end - 1) * SHA256_BYTES, time(NULL));
    flow->killers_told = true;
}

static void keeper_turn(struct flow *flow)
{
    struct frame frame;
    struct err err = {.text = ""};
    enum channel_state state = CHANNEL_LATER;
    if (!flow->keeper)
        return;
    while ((state = channel_receive(flow->keeper, &frame, &err)) == CHANNEL_FRAME) {
        if (frame.kind == FRAME_TALLIED)
            tally_unpack(frame.bytes, flow->tally, TALLY_COUNT);
        else if (frame.kind == FRAME_VISITED)
            on_visited(flow, &frame);
        else if (frame.kind == FRAME_KILLERS)
            on_killers(flow, frame.bytes);
        else
            on_kept(flow, &frame);
        if (frame.fd >= 0)
            close(frame.fd);
    }
    if (state == CHANNEL_LATER && channel_flush(flow->keeper, &err) >= 0) {
        keep_go_on(flow);
        return;
    }
    keeper_leave(flow);
    flow->keeper_gone = clock_ms();
}

static void keeper_linked(struct flow *flow, int fd)
{
    keeper_leave(flow);
    flow->keeper = channel_new(fd, FRAME_ROOM);
    channel_between(flow->keeper, flow->role, ROLE_KEEPER);
    flow->totals.keeper_links++;
    for (struct flight *flight = flow->first; flight; flight = flight->next)
        if (flight->stage == STAGE_KEEPING)
            keep_send(flow, flight); /* a record that the last keeper had kept already is known by its key */
}

static void keeping_end(struct flow *flow, size_t least, struct span why)
{
    for (struct flight *flight = flow->first, *next; flight; flight = next) {
        next = flight->next;
        if (flight->stage == STAGE_KEEPING && flight->request.len >= least)
            flight_fail(flow, flight, FLOW_NOT_KEPT, why);
    }
}

/* Without a keeper nothing can be answered; after a while the clients are told to come again. What no keeper could be told never can. */
static void keeper_away(struct flow *flow, int64_t now)
{
    if (!flow->keeper && now - flow->keeper_gone >= KEEPER_AWAY_MS)
        keeping_end(flow, 0, S("the keeper is away"));
    if (flow->oversized)
        keeping_end(flow, FRAME_ROOM + 1, S("what is to be kept of it is more than the keeper takes at once"));
    flow->oversized = false;
}

static void tally_ask(struct flow *flow, int64_t now)
{
    struct err err;
    if (!flow->keeper || now < flow->tally_due || channel_is_full(flow->keeper))
        return;
    flow->tally_due = now + TALLY_MS;
    channel_send(flow->keeper, FRAME_TALLY, 0, (struct span){0}, -1, &err);
}

/* ---- judging */
static void unjudged(struct flow *flow, struct flight *flight, enum unjudged_why why)
{
    struct buf jobs = {.arena = flight->arena};
    const struct arrival *arrival = &flight->job.arrival;
    flight->unjudged = true;
    struct buf key = {.arena = flight->arena}, whom = {.arena = flight->arena};
    uint8_t sum[SHA256_BYTES];
    buf_add(&whom, arrival->org); /* each organisation has a policy of its own; what is held for some recipients is not held for others */
    vec_each (recipient, &arrival->rcpt_to) {
        buf_byte(&whom, '\0');
        buf_add(&whom, recipient->address);
    }
    sha256_of(buf_span(&whom), sum);
    buf_add(&key, (struct span){(const char *)flight->digest, sizeof flight->digest});
    buf_add(&key, (struct span){(const char *)sum, sizeof sum});
    unjudged_write(flow, flight, buf_span(&key), why);
    unjudged_plan(flight->arena, &flow->whose, &(struct unjudged){flight->id, why, flight->held, arrival}, &jobs);
    keep_begin(flow, flight, &(struct keep_row){.key = buf_span(&key), .id = flight->id, .report = flight->report,
                                                .org = arrival->org, .jobs = buf_span(&jobs), .why = why});
}

/* The deal closes the file only after this call. */
static void on_given_up(struct flow *flow, struct flight *flight, enum unjudged_why why)
{
    if (!killers_digest(&flight->job, flight->digest)) {
        flight_fail(flow, flight, FLOW_UNREAD, S("judges ended over it, and it cannot be read again to be remembered"));
        return;
    }
    if (why == UNJUDGED_KILLED)
        killers_add(flow->killers, flight->digest, time(NULL));
    unjudged(flow, flight, why);
}

static void witness_complain(void *context, struct span complaint)
{
    log_event(LEVEL_WARNING, "witness-at-fault", "%.*s", SPAN_FMT(complaint));
}

static void on_judged(void *context, uint32_t serial, const struct scan_result *result)
{
    struct flow *flow = context;
    struct flight *flight = flight_find(flow, serial);
    if (!flight)
        return;
    if (result->killed || result->lost) {
        on_given_up(flow, flight, result->killed ? UNJUDGED_KILLED : UNJUDGED_LOST);
        return;
    }
    if (result->error.len) {
        on_given_up(flow, flight, UNJUDGED_FAILED);
        flight = flight_find(flow, serial); /* it may be over already */
        struct span id = flight ? flight->id : S("a message");
        log_event(LEVEL_ERROR, "judge-gave-up", "%.*s: a judge could not finish with it: %.*s", SPAN_FMT(id), SPAN_FMT(result->error));
        return;
    }
    witness_tally_add(&flow->totals.witnesses, result->heard, witness_complain, NULL);
    flight->verdict = result->verdict;
    flight->score = result->score;
    flight->from_domain = arena_copy(flight->arena, result->from_domain);
    flight->evidence = arena_copy(flight->arena, result->evidence);
    flight->generation = arena_copy(flight->arena, result->generation);
    flight->id = arena_copy(flight->arena, result->id);
    flight->report = arena_copy(flight->arena, span_trim(result->output));
    flight->measure = arena_copy(flight->arena, result->measure);
    flight->carried = arena_copy(flight->arena, result->carried);
    flight->gist = arena_copy(flight->arena, result->gist);
    flight->sealed = result->facts & RESULT_SEALED;
    flight->stays = result->facts & RESULT_STAYS;
    flight->held = result->facts & RESULT_HELD;
    keep_begin(flow, flight, &(struct keep_row){.record = result->record, .settings = result->settings});
}

static void on_died(void *context, uint32_t id, size_t held, size_t begun, const char *why)
{
    struct flow *flow = context;
    flow->totals.judge_deaths++;
    log_event(LEVEL_WARNING, "judge-gone", "judge number %u ended and held %zu messages, which are judged again; with %zu of them it had begun, each of these alone%s%s", id, held,
              begun, why[0] ? ": " : "", why);
}

static void on_retired(void *context, uint32_t id)
{
    struct flow *flow = context;
    struct err err;
    channel_send(flow->parent, FRAME_RETIRE, id, (struct span){0}, -1, &err);
}

static void on_other(void *context, uint32_t id, const struct frame *frame)
{
}

static bool is_killer(struct flow *flow, struct flight *flight)
{
    return !killers_is_empty(flow->killers) && killers_digest(&flight->job, flight->digest) &&
           killers_has(flow->killers, flight->digest, time(NULL));
}

/* The keeper: what judges made of messages already waits for it. A record may be small, and the report beside it large. */
static bool is_behind(const struct flow *flow)
{
    enum { WEIGHT_MOST = 16 << 20 };
    return flow->unsent || flow->weight >= WEIGHT_MOST;
}

static void deal_out(struct flow *flow)
{
    if (!flow->killers_told && clock_ms() - flow->began_at < KILLERS_PATIENCE_MS)
        return; /* a message that killed judges before this door began shall kill none of these */
    flow->look_soon = flow->queue && !is_behind(flow) && deal_look(flow->deal);
    while (flow->queue && !is_behind(flow) && deal_has_room(flow->deal)) {
        struct flight *flight = flow->queue;
        flow->queue = flight->queued;
        if (!flow->queue)
            flow->queue_last = &flow->queue;
        flight->stage = STAGE_JUDGING;
        flight->dealt_at = clock_ms();
        flight->job.seal = flight->dealt_at >= flow->keyless_until;
        if (is_killer(flow, flight)) {
            int fd = flight->job.fd;
            unjudged(flow, flight, UNJUDGED_KILLED);
            if (fd >= 0)
                close(fd);
        } else {
            deal_give(flow->deal, flight->serial, &flight->job);
        }
    }
}

uint32_t flow_judge(struct flow *flow, const struct scan_job *job, struct flow_counts *counts, flow_done done, void *context)
{
    struct flight *flight = flight_new(flow, done, context);
    flight->counts = counts;
    arrival_copy(flight->arena, &job->arrival, &flight->job.arrival);
    whose_arrival(flight->arena, &flow->whose, &flight->job.arrival);
    flight->job.fd = job->fd;
    flight->job.arrival.raw = job->arrival.raw;
    flight->job.carries = job->carries;
    flight->job.holds = job->holds;
    flight->job.drops = job->drops;
    flight->job.words = job->words;
    flight->job.body_stays = job->body_stays;
    flight->job.offset = job->offset;
    flight->job.length = job->length;
    flow->held_bytes += job->length;
    flight->stage = STAGE_WAITING;
    *flow->queue_last = flight;
    flow->queue_last = &flight->queued;
    deal_out(flow);
    return flight->serial;
}

uint32_t flow_fetch(struct flow *flow, struct span id, struct span org, flow_done done, void *context)
{
    struct flight *flight = flight_new(flow, done, context);
    flight->fetching = true;
    flight->request = arena_print(flight->arena, "%.*s%.*s", SPAN_FMT(id), SPAN_FMT(org));
    flight->stage = STAGE_KEEPING;
    keep_send(flow, flight);
    return flight->serial;
}

void flow_drop(struct flow *flow, uint32_t ticket)
{
    struct flight *flight = flight_find(flow, ticket);
    if (flight)
        flight->done = NULL;
}

/* ---- what the parent says */
static void judge_linked(struct flow *flow, uint32_t id, int fd)
{
    struct channel *channel = channel_new(fd, FRAME_ROOM);
    channel_between(channel, flow->role, ROLE_JUDGE);
    deal_seat(flow->deal, id, channel);
}

static void on_link(struct flow *flow, const struct frame *frame)
{
    enum role who;
    int fd = role_linked(frame, &who);
    if (fd >= 0 && who == ROLE_JUDGE)
        judge_linked(flow, frame->serial, fd);
    else if (fd >= 0 && who == ROLE_KEEPER)
        keeper_linked(flow, fd);
    else if (fd >= 0 && who == ROLE_SIGNER)
        signer_linked(flow, fd);
    else if (frame->fd >= 0)
        close(frame->fd);
}

static void settings_take(struct flow *flow, struct span bytes)
{
    if (bytes.len < sizeof flow->settings)
        return;
    memcpy(&flow->settings, bytes.at, sizeof flow->settings);
    flow->judge.slots = flow->settings.judge_slots;
    flow->judge.most_bytes = flow->settings.judge_bytes;
    flow->totals.settings++;
    arena_reset(flow->whose_arena);
    struct span organisations = arena_copy(flow->whose_arena, span_skip(bytes, sizeof flow->settings));
    if (whose_unpack(flow->whose_arena, organisations, &flow->whose) < 0)
        log_event(LEVEL_ERROR, "settings", "the parent told something else than organisations");
    flow->calls.settings(flow->calls.context);
}

/* ---- figures of a door that nobody can ask: told to the one that is asked */
static void counts_tell(struct flow *flow, int64_t now)
{
    struct err err;
    if (flow->role == ROLE_DOOR || now < flow->counts_due || channel_is_full(flow->parent))
        return;
    flow->counts_due = now + COUNTS_MS;
    for (const struct flow_counts *counts = flow->counts; counts; counts = counts->next)
        channel_send(flow->parent, FRAME_COUNTS, 0, (struct span){(const char *)counts, sizeof *counts}, -1, &err);
}

static void counts_take(struct flow *flow, struct span bytes)
{
    struct flow_counts told;
    if (bytes.len != sizeof told)
        return;
    memcpy(&told, bytes.at, sizeof told);
    told.name[sizeof told.name - 1] = 0;
    struct flow_counts *mine = flow_counts(flow, told.name);
    told.next = mine->next;
    *mine = told;
}

static void on_listen(struct flow *flow, const struct frame *frame)
{
    struct listener_settings settings;
    if (frame->bytes.len != sizeof settings || frame->fd < 0)
        return;
    memcpy(&settings, frame->bytes.at, sizeof settings);
    flow->calls.listen(flow->calls.context, frame->serial, &settings, frame->fd);
}

static bool parent_turn(struct flow *flow)
{
    struct frame frame;
    struct err err;
    enum channel_state state;
    while ((state = channel_receive(flow->parent, &frame, &err)) == CHANNEL_FRAME) {
        if (frame.kind == FRAME_LINK)
            on_link(flow, &frame);
        else if (frame.kind == FRAME_PING)
            channel_send(flow->parent, FRAME_PONG, frame.serial, (struct span){0}, -1, &err);
        else if (frame.kind == FRAME_SETTINGS)
            settings_take(flow, frame.bytes);
        else if (frame.kind == FRAME_DEATHS)
            tally_unpack(frame.bytes, flow->totals.deaths, ROLE_COUNT);
        else if (frame.kind == FRAME_COUNTS)
            counts_take(flow, frame.bytes);
        else if (frame.kind == FRAME_LISTEN)
            on_listen(flow, &frame);
        else if (frame.kind == FRAME_UNLISTEN)
            flow->calls.unlisten(flow->calls.context, frame.serial);
        else if (frame.kind == FRAME_RETIRE)
            deal_retire(flow->deal, frame.serial);
        else if (frame.kind == FRAME_DRAIN)
            flow->draining = true;
    }
    return state == CHANNEL_LATER && channel_flush(flow->parent, &err) >= 0;
}

/* ---- the loop's share */
size_t flow_wait(struct flow *flow, struct pollfd *out, size_t most, int *wait_ms)
{
    size_t count = 0;
    out[count++] = channel_wait(flow->parent);
    if (flow->keeper)
        out[count++] = channel_wait(flow->keeper);
    if (flow->signer)
        out[count++] = channel_wait(flow->signer);
    int most_ms = flow->queue && flow->look_soon ? JUDGES_LOOK_MS : flow->sealing ? SEAL_LOOK_MS : 1000;
    *wait_ms = *wait_ms < 0 || *wait_ms > most_ms ? most_ms : *wait_ms;
    return count + deal_wait(flow->deal, out + count, most - count);
}

void flow_waited(struct flow *flow, const struct pollfd *said, size_t count)
{
    const struct pollfd *end = said + count;
    channel_waited(flow->parent, (said++)->revents);
    if (flow->keeper)
        channel_waited(flow->keeper, (said++)->revents);
    if (flow->signer)
        channel_waited(flow->signer, (said++)->revents);
    deal_waited(flow->deal, said, (size_t)(end - said));
}

bool flow_turn(struct flow *flow)
{
    int64_t now = clock_ms();
    if (!parent_turn(flow))
        return false;
    deal_turn(flow->deal);
    keeper_turn(flow);
    signer_turn(flow);
    deal_out(flow);
    keeper_away(flow, now);
    signer_away(flow, now);
    tally_ask(flow, now);
    counts_tell(flow, now);
    return true;
}

struct flow *flow_new(int parent, enum role role, const struct flow_calls *calls)
{
    struct err err;
    struct flow *flow = calloc(1, sizeof *flow);
    if (!flow)
        abort();
    door_settings_default(&flow->settings);
    flow->calls = *calls;
    flow->role = role;
    flow->whose_arena = arena_new(FRAME_ROOM);
    flow->queue_last = &flow->queue;
    flow->parent = channel_new(parent, FRAME_ROOM);
    flow->killers = killers_new();
    flow->keeper_gone = flow->signer_gone = flow->began_at = clock_ms();
    judge_settings_default(&flow->judge);
    channel_between(flow->parent, role, ROLE_PARENT);
    flow->deal = deal_new(&flow->judge, &(struct deal_calls){on_judged, on_died, on_retired, on_other, flow});
    channel_send(flow->parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    return flow;
}

/* ---- what is asked of it */
bool flow_defers(const struct flow *flow, const struct arrival *arrival)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(FLIGHT_MOST);
    struct arrival copy;
    arrival_copy(arena, arrival, &copy);
    whose_arrival(arena, &flow->whose, &copy);
    const struct whose_organisation *whose = whose_by_id(&flow->whose, copy.org);
    return whose && whose->unjudged_hold;
}

bool flow_is_full(const struct flow *flow)
{
    return flow->holds >= flow->settings.most_held || flow->held_bytes >= flow->settings.most_held_bytes;
}

bool flow_is_ready(const struct flow *flow)
{
    return flow->keeper && deal_seats(flow->deal) && !flow->draining;
}

bool flow_has_keeper(const struct flow *flow)
{
    return flow->keeper || clock_ms() - flow->keeper_gone < KEEPER_PATIENCE_MS;
}

bool flow_has_signer(const struct flow *flow)
{
    return flow->signer != NULL;
}

bool flow_is_draining(const struct flow *flow)
{
    return flow->draining;
}

size_t flow_holds(const struct flow *flow)
{
    return flow->holds;
}

uint64_t flow_held_bytes(const struct flow *flow)
{
    return flow->held_bytes;
}

size_t flow_parked(const struct flow *flow)
{
    return deal_parked(flow->deal);
}

size_t flow_judges(const struct flow *flow)
{
    return deal_seats(flow->deal);
}

const uint64_t *flow_tally(const struct flow *flow)
{
    return flow->tally;
}

const struct door_settings *flow_settings(const struct flow *flow)
{
    return &flow->settings;
}

struct flow_counts *flow_counts(struct flow *flow, const char *listener)
{
    struct flow_counts **at = &flow->counts;
    while (*at && strcmp((*at)->name, listener) != 0)
        at = &(*at)->next;
    if (!*at && !(*at = calloc(1, sizeof **at)))
        abort();
    snprintf((*at)->name, sizeof (*at)->name, "%s", listener);
    return *at;
}

const struct flow_counts *flow_counts_first(const struct flow *flow)
{
    return flow->counts;
}

const struct flow_totals *flow_totals(const struct flow *flow)
{
    return &flow->totals;
}
