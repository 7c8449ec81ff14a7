/* judge: may use the bytes given, compute, and ask over its channel; never opens a file, a socket or a key. */
#include "role/judge.h"

#include "record/decide.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

enum { SLOTS = 32, HANG_SECONDS = 60, DEADLINE_MS = 20000, STATUS_BROKEN = 70, SCAN_MS = 10000 };

void judge_settings_default(struct judge_settings *settings)
{
    *settings = (struct judge_settings){.slots = SLOTS, .most_bytes = 32u << 20, .ceiling = (size_t)2 << 30,
                                        .hang_seconds = HANG_SECONDS, .deadline_ms = DEADLINE_MS, .scan_ms = SCAN_MS};
}

/* ---- the loop of scan: one channel for all, whose end is the judge's */
static int judge_turn(struct judge *judge, struct err *err)
{
    struct frame frame;
    struct work *work = &judge->works[0];
    if (channel_flush(work->channel, err) < 0)
        return -1;
    struct pollfd wait = channel_wait(work->channel);
    if (poll(&wait, 1, -1) < 0)
        return errno == EINTR ? 1 : err_set(err, "poll: %s", strerror(errno));
    enum channel_state state;
    while ((state = channel_receive(work->channel, &frame, err)) == CHANNEL_FRAME)
        if (judge_frame(judge, work, &frame, err) < 0)
            return -1;
    return state == CHANNEL_LATER ? 1 : (int)state;
}

/* ---- the loop of the service: the parent's channel is the life; the others may end and be handed over anew */
static void slots_drop(struct judge *judge, struct work *work)
{
    for (size_t i = 0; i < judge->reach; i++)
        if (judge->slots[i].taken && judge->slots[i].work == work)
            slot_leave(judge, &judge->slots[i]);
    work->parked_told = 0; /* the next door knows of none */
}

/* A new resolver or signer is asked again for all that is wanted. */
static void ask_again(struct judge *judge, enum role role)
{
    struct err err;
    for (struct slot *slot = judge->slots; slot < judge->slots + judge->reach; slot++) {
        arena_reset(judge->scratch);
        if (slot->taken && role == ROLE_RESOLVER && !slot->ready)
            slot_ask(judge, slot, &err);
        else if (slot->taken && role == ROLE_SIGNER && slot->seals_due)
            seals_ask(judge, slot, &err);
        else if (slot->taken && role == ROLE_SIGNER && slot->passes_due)
            passes_ask(judge, slot);
        else if (slot->taken && role == ROLE_SIGNER && slot->chain_due)
            chain_ask(judge, slot);
    }
}

/* What the scanner that ended had is not told anew: nobody waits for a witness twice. */
static void scanner_gone(struct judge *judge)
{
    struct err err;
    channel_free(&judge->scanner);
    for (struct slot *slot = judge->slots; slot < judge->slots + judge->reach; slot++) {
        arena_reset(judge->scratch);
        if (!slot->taken || !slot->scan_due)
            continue;
        slot_scanned(slot, CLAMD_AWAY, S("the scanner's process ended"));
        if (slot->ready)
            slot_go_on(judge, slot, true, &err); /* a door that is gone shows itself */
    }
}

static struct work *work_of(struct judge *judge, enum role role)
{
    for (struct work *work = judge->works; work < judge->works + WORKS; work++)
        if (work->role == role)
            return work;
    return NULL;
}

static struct channel **channel_of(struct judge *judge, enum role role)
{
    struct work *work = work_of(judge, role);
    if (work)
        return &work->channel;
    switch (role) {
    case ROLE_RESOLVER: return &judge->names;
    case ROLE_SIGNER: return &judge->keys;
    case ROLE_SCANNER: return &judge->scanner;
    default: return NULL;
    }
}

static void marks_tell(const struct judge *judge, struct work *work)
{
    struct err err;
    if (!work->marks)
        work->marks = marks_new(WORKS * judge->settings->slots);
    channel_send(work->channel, FRAME_MARKS, 0, (struct span){0}, fcntl(marks_fd(work->marks), F_DUPFD_CLOEXEC, 3), &err);
}

static int on_link(struct judge *judge, const struct frame *frame, struct err *err)
{
    enum role role;
    if (role_linked(frame, &role) < 0 || !channel_of(judge, role)) {
        int fd = frame->fd;
        fd_close_later(&fd);
        return err_set(err, "the parent handed over a channel to nobody known");
    }
    struct channel **at = channel_of(judge, role);
    if (role == ROLE_SCANNER)
        scanner_gone(judge);
    channel_free(at);
    *at = channel_new(frame->fd, FRAME_MOST);
    channel_between(*at, ROLE_JUDGE, role);
    if (role_is_door(role)) {
        slots_drop(judge, work_of(judge, role)); /* the door that gave them is gone, and with it whoever waited */
        marks_tell(judge, work_of(judge, role));
    } else {
        ask_again(judge, role);
    }
    judge->keys_silent &= role != ROLE_SIGNER;
    return 0;
}

/* Messages that are parked look at them only when they are judged, and no report outlives its judgement. */
static int on_entries(struct judge *judge, struct span bytes, struct err *err)
{
    struct verdict_entries entries;
    if (!judge->settings->entries)
        return 0;
    struct arena *arena = arena_new(judge->settings->ceiling);
    if (record_entries_unpack(arena, arena_copy(arena, bytes), &entries) < 0) {
        arena_free(&arena);
        return err_set(err, "the parent told something else than entries");
    }
    *judge->settings->entries = entries;
    arena_free(&judge->entries);
    judge->entries = arena;
    return 0;
}

static int parent_frame(struct judge *judge, const struct frame *frame, struct err *err)
{
    if (frame->kind == FRAME_PING)
        return channel_send(judge->parent, FRAME_PONG, frame->serial, (struct span){0}, -1, err);
    return frame->kind == FRAME_LINK ? on_link(judge, frame, err) : frame->kind == FRAME_ENTRIES ? on_entries(judge, frame->bytes, err) : 0;
}

static void names_serve(struct judge *judge, struct err *err);

/* -1: the channel has ended. Where something could not be sent another one has, and shows it when its turn comes. Between new
 * messages those whose names were answered are finished: their memory is still warm, and few are held at a time. */
static int channel_serve(struct judge *judge, struct channel **channel, struct work *work, struct err *err)
{
    struct frame frame;
    enum channel_state state = CHANNEL_LATER;
    if (!*channel || channel_flush(*channel, err) < 0)
        return *channel ? -1 : 0;
    while ((state = channel_receive(*channel, &frame, err)) == CHANNEL_FRAME) {
        if (channel == &judge->parent && parent_frame(judge, &frame, err) < 0)
            return -1;
        if (channel != &judge->parent)
            judge_frame(judge, work, &frame, err);
        if (work)
            names_serve(judge, err);
    }
    return state == CHANNEL_LATER ? 0 : -1;
}

static void names_serve(struct judge *judge, struct err *err)
{
    if (judge->names)
        channel_waited(judge->names, POLLIN); /* answers came meanwhile, or not */
    if (channel_serve(judge, &judge->names, NULL, err) < 0)
        channel_free(&judge->names);
}

/* Until when it waits for what it waits for now. */
static int64_t slot_due(const struct judge *judge, const struct slot *slot)
{
    if (!slot->ready)
        return names_due(judge, slot);
    if (slot->passes_due)
        return slot->passes_due;
    if (slot->chain_due)
        return slot->chain_due;
    return slot->seals_due && (!slot->scan_due || slot->seals_due < slot->scan_due) ? slot->seals_due : slot->scan_due;
}

/* Messages whose names, seals or scan stayed unanswered too long go on without. */
static void late_go_on(struct judge *judge)
{
    struct err err;
    int64_t now = clock_ms();
    for (struct slot *slot = judge->slots; slot < judge->slots + judge->reach; slot++)
        if (slot->taken && slot_due(judge, slot) <= now) {
            arena_reset(judge->scratch);
            slot_go_on(judge, slot, slot->ready, &err); /* a door that is gone shows itself */
        }
}

static int wait_ms(const struct judge *judge)
{
    int64_t first = INT64_MAX, now = clock_ms();
    for (size_t i = 0; i < judge->reach; i++)
        if (judge->slots[i].taken && slot_due(judge, &judge->slots[i]) < first)
            first = slot_due(judge, &judge->slots[i]);
    return first == INT64_MAX ? -1 : first <= now ? 0 : (int)(first - now);
}

/* A door counts for its figures what is parked; it is told now and then. ms until it is to be told; -1: it knows. */
static int parked_tell(struct work *work)
{
    enum { PAUSE_MS = 250 };
    struct err err;
    int64_t now = clock_ms();
    if (!work->channel || work->taken == work->parked_told)
        return -1;
    if (now < work->parked_due)
        return (int)(work->parked_due - now);
    channel_send(work->channel, FRAME_PARKED, (uint32_t)work->taken, (struct span){0}, -1, &err); /* a door that is gone shows itself */
    work->parked_told = (uint32_t)work->taken;
    work->parked_due = now + PAUSE_MS;
    return -1;
}

static int wait_most(struct judge *judge)
{
    int most = wait_ms(judge);
    for (struct work *work = judge->works; work < judge->works + WORKS; work++) {
        int later = parked_tell(work);
        most = later >= 0 && (most < 0 || later < most) ? later : most;
    }
    return most;
}

/* Waits until something is to be read, or that long. */
static int service_wait(struct judge *judge, int most, struct err *err)
{
    struct channel *const channels[] = {judge->parent, judge->works[0].channel, judge->works[1].channel, judge->names, judge->keys, judge->scanner};
    enum { CHANNELS = sizeof channels / sizeof *channels };
    struct pollfd wait[CHANNELS];
    for (size_t i = 0; i < CHANNELS; i++)
        wait[i] = channels[i] ? channel_wait(channels[i]) : (struct pollfd){.fd = -1};
    if (poll(wait, CHANNELS, most) < 0)
        return errno == EINTR ? 1 : err_set(err, "poll: %s", strerror(errno));
    for (size_t i = 0; i < CHANNELS; i++)
        if (channels[i])
            channel_waited(channels[i], wait[i].revents);
    return 0;
}

static void work_serve(struct judge *judge, struct work *work, struct err *err)
{
    if (channel_serve(judge, &work->channel, work, err) >= 0)
        return;
    channel_free(&work->channel);
    slots_drop(judge, work);
}

/* Names that waited for room. */
static void unasked_ask(struct judge *judge)
{
    struct err err;
    if (!judge->unasked || !judge_may_ask(judge, judge->names))
        return;
    judge->unasked = false; /* unless the room is used up */
    for (struct slot *slot = judge->slots; slot < judge->slots + judge->reach; slot++) {
        arena_reset(judge->scratch);
        if (slot->taken && slot->unasked && !slot->ready)
            slot_ask(judge, slot, &err);
    }
}

static int service_turn(struct judge *judge, struct err *err)
{
    hang_step();
    int waited = service_wait(judge, wait_most(judge), err);
    if (waited)
        return waited;
    if (channel_serve(judge, &judge->parent, NULL, err) < 0)
        return 0;
    if (channel_serve(judge, &judge->names, NULL, err) < 0)
        channel_free(&judge->names);
    unasked_ask(judge);
    if (channel_serve(judge, &judge->keys, NULL, err) < 0)
        channel_free(&judge->keys);
    if (channel_serve(judge, &judge->scanner, NULL, err) < 0)
        scanner_gone(judge);
    late_go_on(judge);
    for (struct work *work = judge->works; work < judge->works + WORKS; work++)
        work_serve(judge, work, err);
    return 1;
}

static int judge_loop(struct judge *judge, int (*turn)(struct judge *, struct err *))
{
    struct err err;
    int on;
    memory_settle();
    signal(SIGINT, SIG_IGN); /* the terminal tells every process; the parent alone decides */
    hang_watch(judge->settings->hang_seconds);
    judge->scratch = arena_new(judge->settings->ceiling);
    judge->slots = calloc(WORKS * judge->settings->slots, sizeof *judge->slots);
    if (!judge->slots)
        return STATUS_BROKEN;
    if (judge->works[0].channel) /* of scan; doors are linked later */
        marks_tell(judge, &judge->works[0]);
    while ((on = turn(judge, &err)) > 0)
        ;
    for (size_t i = 0; i < judge->reach; i++)
        arena_free(&judge->slots[i].arena);
    arena_free(&judge->scratch);
    arena_free(&judge->entries);
    for (struct work *work = judge->works; work < judge->works + WORKS; work++)
        marks_free(&work->marks);
    free(judge->slots);
    return on < 0 ? STATUS_BROKEN : 0;
}

int judge_run(int fd, const struct judge_settings *settings)
{
    struct judge judge = {.settings = settings, .works[0] = {.role = ROLE_SCAN, .channel = channel_new(fd, FRAME_MOST)}};
    judge.names = judge.scanner = judge.works[0].channel;
    channel_between(judge.names, ROLE_JUDGE, ROLE_SCAN);
    int status = judge_loop(&judge, judge_turn);
    channel_free(&judge.works[0].channel);
    return status;
}

int judge_serve(int fd, const struct judge_settings *settings)
{
    struct judge judge = {.settings = settings, .parent = channel_new(fd, FRAME_MOST), .works = {{.role = ROLE_DOOR}, {.role = ROLE_MTA}}};
    struct err err;
    channel_between(judge.parent, ROLE_JUDGE, ROLE_PARENT);
    channel_send(judge.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    int status = judge_loop(&judge, service_turn);
    channel_free(&judge.parent);
    for (struct work *work = judge.works; work < judge.works + WORKS; work++)
        channel_free(&work->channel);
    channel_free(&judge.names);
    channel_free(&judge.keys);
    channel_free(&judge.scanner);
    return status;
}
