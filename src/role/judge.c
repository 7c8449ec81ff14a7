/* judge: may use the bytes given, compute, and ask over its channel; never opens a file, a socket or a key. */
#include "role/inner.h"

#include "record/decide.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

enum { SLOTS = 32, HANG_SECONDS = 60, DEADLINE_MS = 20000, STATUS_BROKEN = 70, SEALS_MS = 1000, SCAN_MS = 10000, SCAN_SLACK_MS = 2000, CROWDED_MS = 500 };

struct slot {
    struct arena *arena;
    struct walk walk;
    uint32_t serial;
    bool taken;
    int64_t due; /* of its names; 0: none was asked yet */
    int64_t seals_due; /* of what the signer says of its seals; 0: nothing is awaited */
    int64_t scan_due;  /* of the virus scanner's word; 0: it is not awaited */
    bool ready;        /* but for these two */
    bool seal;         /* its measure is wanted */
};

struct judge {
    const struct judge_settings *settings;
    struct channel *parent;       /* of the service; NULL: work is all there is */
    struct channel *work, *names; /* messages come and reports go; where names are asked. One channel for both in `scan` */
    struct channel *scanner;      /* where a virus scanner is asked; the same too */
    struct channel *keys;         /* of the service: who knows whether a seal is ours */
    bool keys_silent;             /* and not waited for, until something comes */
    struct slot *slots;
    struct marks *marks;   /* one a slot, for whoever gives messages */
    size_t taken;          /* slots */
    size_t reach;          /* slots that were ever taken: of the others nothing need be known */
    struct arena *scratch; /* of one frame */
    struct arena *entries; /* of what the parent told last */
    uint32_t parked_told;  /* to the door */
    int64_t parked_due;    /* not again before */
};

void judge_settings_default(struct judge_settings *settings)
{
    *settings = (struct judge_settings){.slots = SLOTS, .most_bytes = 32u << 20, .ceiling = (size_t)2 << 30,
                                        .hang_seconds = HANG_SECONDS, .deadline_ms = DEADLINE_MS, .scan_ms = SCAN_MS};
}

void memory_settle(void)
{
    mallopt(M_MMAP_THRESHOLD, 512 * 1024); /* large blocks go back to the system at once */
    mallopt(M_TRIM_THRESHOLD, 4 << 20);    /* small ones are kept for the next message */
}

/* A step that computes for so long is a bug; the timer's signal ends this judge and the parent goes on with another. */
static void hang_guard(unsigned seconds)
{
    struct itimerval timer = {.it_value = {.tv_sec = seconds}};
    setitimer(ITIMER_PROF, &timer, NULL);
}

static struct slot *slot_of(struct judge *judge, bool taken, uint32_t serial)
{
    for (struct slot *slot = judge->slots; slot < judge->slots + judge->reach; slot++)
        if (slot->taken == taken && (!taken || slot->serial == serial))
            return slot;
    return !taken && judge->reach < judge->settings->slots ? &judge->slots[judge->reach++] : NULL;
}

static void slot_leave(struct judge *judge, struct slot *slot)
{
    marks_end(judge->marks, (size_t)(slot - judge->slots));
    slot->taken = slot->ready = false;
    judge->taken--;
    slot->due = slot->seals_due = slot->scan_due = 0;
    arena_reset(slot->arena);
}

static void marks_tell(const struct judge *judge)
{
    struct err err;
    channel_send(judge->work, FRAME_MARKS, 0, (struct span){0}, fcntl(marks_fd(judge->marks), F_DUPFD_CLOEXEC, 3), &err);
}

static int judge_fail(struct judge *judge, uint32_t serial, const char *why, struct err *err)
{
    return channel_send(judge->work, FRAME_FAILED, serial, span_of(why), -1, err);
}

/* Empty where the message could not be read whole: what nobody can compare is not sealed. */
static struct span measure_of(struct walk *walk)
{
    const struct seal_measure *measure = walk_measure(walk);
    return measure ? (struct span){(const char *)measure, sizeof *measure} : (struct span){0};
}

static int judge_report(struct judge *judge, struct slot *slot, struct err *err)
{
    struct scan_result result;
    struct result_style style = judge->settings->style;
    if (judge->settings->keep)
        style.keep = judge->settings->keep(judge->settings->context, slot->walk.settings);
    if (judge->settings->notices)
        style.notices = judge->settings->notices(judge->settings->context, slot->walk.settings);
    walk_judge(&slot->walk);
    result_write(&slot->walk, &style, &result);
    if (judge->parent && style.keep)
        result.settings = style.keep->bytes;
    if (judge->settings->seals && judge->settings->seals(judge->settings->context, &slot->walk.arrival)) {
        result.facts |= RESULT_STAYS;
        result.measure = slot->seal ? measure_of(&slot->walk) : S("");
    }
    struct buf bytes = {.arena = slot->arena};
    result_pack(&bytes, &result);
    int sent = 0;
    if (bytes.len > FRAME_MOST)
        sent = judge_fail(judge, slot->serial, "its report is too large to be handed over", err);
    else
        sent = channel_send(judge->work, FRAME_REPORT, slot->serial, buf_span(&bytes), -1, err);
    slot_leave(judge, slot);
    return sent;
}

/* ---- names */
static int slot_ask(struct judge *judge, struct slot *slot, struct err *err)
{
    const struct dns_ask *asks;
    size_t count = dns_wanted(slot->walk.answers, &asks);
    struct buf bytes = {.arena = judge->scratch};
    if (!judge->names)
        return 0; /* the resolver ended; all that is wanted is asked for when there is another */
    asks_pack(&bytes, &slot->walk.arrival.client_ip, asks, count);
    return channel_send(judge->names, FRAME_ASK, slot->serial, buf_span(&bytes), -1, err);
}

static void slot_time_out(struct judge *judge, struct slot *slot)
{
    const struct dns_ask *asks;
    size_t count = dns_wanted(slot->walk.answers, &asks);
    struct dns_ask *copy = arena_alloc(judge->scratch, count * sizeof *copy); /* answers alter the list */
    memcpy(copy, asks, count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        dns_answers_add(slot->walk.answers, &(struct dns_answer){.ask = copy[i], .status = DNS_TIMED_OUT,
                                                                 .why = S("the time for this message's names was over")});
}

/* ---- seals */
/* The signer is asked as soon as they are read, and answers while the names are awaited. */
static int seals_ask(struct judge *judge, struct slot *slot, struct err *err)
{
    struct buf bytes = {.arena = judge->scratch};
    if (!judge->parent)
        return 0; /* of scan: nobody holds keys */
    vec_each(found, &slot->walk.seals.list)
        if (found->state == SEAL_UNCHECKED)
            seal_pack(&bytes, &found->seal);
    if (!bytes.len)
        return 0;
    if (!judge->keys_silent)
        slot->seals_due = slot->seals_due ? slot->seals_due : clock_ms() + SEALS_MS;
    return judge->keys ? channel_send(judge->keys, FRAME_CHECK, slot->serial, buf_span(&bytes), -1, err) : 0;
}

static void seals_told(struct slot *slot, struct span answers)
{
    size_t at = 0;
    for (size_t i = 0; i < slot->walk.seals.list.len && at < answers.len; i++)
        if (slot->walk.seals.list.at[i].state != SEAL_MALFORMED) {
            char said = answers.at[at++];
            walk_sealed(&slot->walk, i, said != CHECKED_UNKNOWN, said == CHECKED_HOLDS);
        }
    slot->seals_due = 0;
}

/* ---- the virus scanner */
static void slot_scanned(struct slot *slot, enum clamd_word word, struct span why)
{
    slot->scan_due = 0;
    walk_scanned(&slot->walk, &(struct clamd_answer){.word = word, .why = why});
}

/* Asked as soon as the message is read, beside its names; the scanner keeps the deadline, and is not waited for much longer. */
static int scan_ask(struct judge *judge, struct slot *slot, const struct scan_job *job, struct err *err)
{
    struct buf bytes = {.arena = judge->scratch};
    if (!slot->walk.scan_wanted)
        return 0;
    int fd = judge->scanner ? fcntl(job->fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (fd < 0) {
        slot_scanned(slot, CLAMD_AWAY, S("the scanner's process does not run"));
        return 0;
    }
    slot->scan_due = clock_ms() + judge->settings->scan_ms + SCAN_SLACK_MS;
    scan_pack(&bytes, job->offset, job->length);
    return channel_send(judge->scanner, FRAME_SCAN, slot->serial, buf_span(&bytes), fd, err);
}

/* ---- parked, or judged: the names first, then what signer and scanner said meanwhile */
static void slot_overdue(struct judge *judge, struct slot *slot)
{
    int64_t now = clock_ms();
    if (slot->seals_due && slot->seals_due <= now) {
        judge->keys_silent = true; /* no second message waits in vain */
        slot->seals_due = 0;
    }
    if (slot->scan_due && slot->scan_due <= now)
        slot_scanned(slot, CLAMD_SILENT, S("the scanner's process did not answer in time"));
}

/* Where few slots of the service are free names are not awaited for long: who waits in vain may not keep others out. */
static int64_t names_due(const struct judge *judge, const struct slot *slot)
{
    int64_t early = slot->due - judge->settings->deadline_ms + CROWDED_MS;
    bool crowded = judge->parent && judge->settings->slots - judge->taken < judge->settings->slots / 2;
    return crowded && early < slot->due ? early : slot->due;
}

/* Asks for what is wanted and parks the message, or reaches its end. */
static int slot_go_on(struct judge *judge, struct slot *slot, bool ready, struct err *err)
{
    const struct dns_ask *asks;
    while (!ready && dns_wanted(slot->walk.answers, &asks)) {
        int64_t now = clock_ms();
        slot->due = slot->due ? slot->due : now + judge->settings->deadline_ms;
        if (now < names_due(judge, slot))
            return slot_ask(judge, slot, err);
        slot_time_out(judge, slot);
        ready = walk_answered(&slot->walk);
    }
    slot->ready = true;
    slot_overdue(judge, slot);
    return slot->seals_due || slot->scan_due ? 0 : judge_report(judge, slot, err);
}

/* ---- messages */
static int slot_begin(struct judge *judge, struct slot *slot, const struct frame *frame, struct err *err)
{
    struct scan_job job;
    struct err why;
    const struct judge_settings *settings = judge->settings;
    slot->taken = true;
    judge->taken++;
    slot->serial = frame->serial;
    int read = job_unpack(slot->arena, frame->bytes, &job);
    job.fd = frame->fd;
    slot->seal = job.seal;
    const struct walk_settings *walk = settings->choose && read == 0 ? settings->choose(settings->context, &job.arrival) : settings->walk;
    if (read < 0)
        err_set(&why, "its envelope could not be read from the channel");
    else
        read = job_read(slot->arena, &job, walk->message.message_bytes, &job.arrival.raw, &why);
    if (read < 0) {
        slot_leave(judge, slot);
        return judge_fail(judge, frame->serial, why.text, err);
    }
    if (settings->before)
        settings->before(&job);
    bool ready = walk_read(&slot->walk, slot->arena, walk, &job.arrival);
    if (seals_ask(judge, slot, err) < 0 || scan_ask(judge, slot, &job, err) < 0)
        return -1;
    return slot_go_on(judge, slot, ready, err);
}

static int on_message(struct judge *judge, const struct frame *frame, struct err *err)
{
    int fd __attribute__((cleanup(fd_close_later))) = frame->fd;
    struct slot *slot = slot_of(judge, false, 0);
    if (fd < 0 || !slot)
        return judge_fail(judge, frame->serial, fd < 0 ? "no descriptor came with it" : "this judge holds too many messages", err);
    marks_begin(judge->marks, (size_t)(slot - judge->slots), frame->serial);
    if (!slot->arena)
        slot->arena = arena_new(judge->settings->ceiling);
    return slot_begin(judge, slot, frame, err);
}

static int on_answer(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct slot *slot = slot_of(judge, true, frame->serial);
    if (!slot || slot->ready)
        return 0;
    struct dns_answer answer;
    const struct dns_ask *asks;
    for (struct span rest = frame->bytes; answer_unpack(judge->scratch, &rest, &answer);)
        dns_answers_add(slot->walk.answers, &answer);
    if (dns_wanted(slot->walk.answers, &asks))
        return 0; /* the round is not complete */
    return slot_go_on(judge, slot, walk_answered(&slot->walk), err);
}

static int on_checked(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct slot *slot = slot_of(judge, true, frame->serial);
    judge->keys_silent = false;
    if (!slot || !slot->seals_due)
        return 0;
    seals_told(slot, frame->bytes);
    return slot->ready ? slot_go_on(judge, slot, true, err) : 0;
}

static int on_scanned(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct clamd_answer answer;
    struct slot *slot = slot_of(judge, true, frame->serial);
    if (!slot || !slot->scan_due)
        return 0;
    if (scanned_unpack(frame->bytes, &answer) < 0)
        answer = (struct clamd_answer){.word = CLAMD_ERROR, .why = S("the scanner's process spoke nonsense")};
    slot->scan_due = 0;
    walk_scanned(&slot->walk, &answer);
    return slot->ready ? slot_go_on(judge, slot, true, err) : 0;
}

static int judge_frame(struct judge *judge, const struct frame *frame, struct err *err)
{
    arena_reset(judge->scratch);
    hang_guard(judge->settings->hang_seconds);
    int done = 0;
    if (frame->kind == FRAME_MESSAGE)
        done = on_message(judge, frame, err);
    else if (frame->kind == FRAME_ANSWER)
        done = on_answer(judge, frame, err);
    else if (frame->kind == FRAME_CHECKED)
        done = on_checked(judge, frame, err);
    else if (frame->kind == FRAME_SCANNED)
        done = on_scanned(judge, frame, err);
    hang_guard(0);
    return done;
}

/* ---- the loop of scan: one channel for all, whose end is the judge's */
static int judge_turn(struct judge *judge, struct err *err)
{
    struct frame frame;
    if (channel_flush(judge->work, err) < 0)
        return -1;
    struct pollfd wait = channel_wait(judge->work);
    if (poll(&wait, 1, -1) < 0)
        return errno == EINTR ? 1 : err_set(err, "poll: %s", strerror(errno));
    enum channel_state state;
    while ((state = channel_receive(judge->work, &frame, err)) == CHANNEL_FRAME)
        if (judge_frame(judge, &frame, err) < 0)
            return -1;
    return state == CHANNEL_LATER ? 1 : (int)state;
}

/* ---- the loop of the service: the parent's channel is the life; the others may end and be handed over anew */
static void slots_drop(struct judge *judge)
{
    for (size_t i = 0; i < judge->reach; i++)
        if (judge->slots[i].taken)
            slot_leave(judge, &judge->slots[i]);
    judge->parked_told = 0; /* the next door knows of none */
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
    }
}

/* What the scanner that ended had is not told anew: nobody waits for a witness twice. */
static void scanner_gone(struct judge *judge)
{
    struct err err;
    channel_free(&judge->scanner);
    for (struct slot *slot = judge->slots; slot < judge->slots + judge->settings->slots; slot++) {
        arena_reset(judge->scratch);
        if (!slot->taken || !slot->scan_due)
            continue;
        slot_scanned(slot, CLAMD_AWAY, S("the scanner's process ended"));
        if (slot->ready)
            slot_go_on(judge, slot, true, &err); /* a door that is gone shows itself */
    }
}

static struct channel **channel_of(struct judge *judge, enum role role)
{
    switch (role) {
    case ROLE_DOOR: return &judge->work;
    case ROLE_RESOLVER: return &judge->names;
    case ROLE_SIGNER: return &judge->keys;
    case ROLE_SCANNER: return &judge->scanner;
    default: return NULL;
    }
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
    if (role == ROLE_DOOR) {
        slots_drop(judge); /* the door that gave them is gone, and with it whoever waited */
        marks_tell(judge);
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
    return frame->kind == FRAME_LINK ? on_link(judge, frame, err) : frame->kind == FRAME_ENTRIES ? on_entries(judge, frame->bytes, err) : 0;
}

static void names_serve(struct judge *judge, struct err *err);

/* -1: the channel has ended. Where something could not be sent another one has, and shows it when its turn comes. Between new
 * messages those whose names were answered are finished: their memory is still warm, and few are held at a time. */
static int channel_serve(struct judge *judge, struct channel **channel, struct err *err)
{
    struct frame frame;
    enum channel_state state = CHANNEL_LATER;
    if (!*channel || channel_flush(*channel, err) < 0)
        return *channel ? -1 : 0;
    while ((state = channel_receive(*channel, &frame, err)) == CHANNEL_FRAME) {
        if (channel == &judge->parent && parent_frame(judge, &frame, err) < 0)
            return -1;
        if (channel != &judge->parent)
            judge_frame(judge, &frame, err);
        if (channel == &judge->work)
            names_serve(judge, err);
    }
    return state == CHANNEL_LATER ? 0 : -1;
}

static void names_serve(struct judge *judge, struct err *err)
{
    if (channel_serve(judge, &judge->names, err) < 0)
        channel_free(&judge->names);
}

/* Until when it waits for what it waits for now. */
static int64_t slot_due(const struct judge *judge, const struct slot *slot)
{
    if (!slot->ready)
        return names_due(judge, slot);
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

/* The door counts for its figures what is parked; it is told now and then. ms until it is to be told; -1: it knows. */
static int parked_tell(struct judge *judge)
{
    enum { PAUSE_MS = 250 };
    struct err err;
    uint32_t parked = 0;
    int64_t now = clock_ms();
    for (size_t i = 0; i < judge->settings->slots; i++)
        parked += judge->slots[i].taken;
    if (!judge->work || parked == judge->parked_told)
        return -1;
    if (now < judge->parked_due)
        return (int)(judge->parked_due - now);
    channel_send(judge->work, FRAME_PARKED, parked, (struct span){0}, -1, &err); /* a door that is gone shows itself */
    judge->parked_told = parked;
    judge->parked_due = now + PAUSE_MS;
    return -1;
}

static int service_turn(struct judge *judge, struct err *err)
{
    struct pollfd wait[5];
    size_t count = 0;
    int most = wait_ms(judge), later = parked_tell(judge);
    most = later >= 0 && (most < 0 || later < most) ? later : most;
    wait[count++] = channel_wait(judge->parent);
    if (judge->work)
        wait[count++] = channel_wait(judge->work);
    if (judge->names)
        wait[count++] = channel_wait(judge->names);
    if (judge->keys)
        wait[count++] = channel_wait(judge->keys);
    if (judge->scanner)
        wait[count++] = channel_wait(judge->scanner);
    if (poll(wait, count, most) < 0)
        return errno == EINTR ? 1 : err_set(err, "poll: %s", strerror(errno));
    if (channel_serve(judge, &judge->parent, err) < 0)
        return 0;
    if (channel_serve(judge, &judge->names, err) < 0)
        channel_free(&judge->names);
    if (channel_serve(judge, &judge->keys, err) < 0)
        channel_free(&judge->keys);
    if (channel_serve(judge, &judge->scanner, err) < 0)
        scanner_gone(judge);
    late_go_on(judge);
    if (channel_serve(judge, &judge->work, err) < 0) {
        channel_free(&judge->work);
        slots_drop(judge);
    }
    return 1;
}

static int judge_loop(struct judge *judge, int (*turn)(struct judge *, struct err *))
{
    struct err err;
    int on;
    memory_settle();
    signal(SIGINT, SIG_IGN); /* the terminal tells every process; the parent alone decides */
    signal(SIGPROF, SIG_DFL);
    judge->scratch = arena_new(judge->settings->ceiling);
    judge->slots = calloc(judge->settings->slots, sizeof *judge->slots);
    if (!judge->slots)
        return STATUS_BROKEN;
    judge->marks = marks_new(judge->settings->slots);
    if (judge->work)
        marks_tell(judge);
    while ((on = turn(judge, &err)) > 0)
        ;
    for (size_t i = 0; i < judge->settings->slots; i++)
        arena_free(&judge->slots[i].arena);
    arena_free(&judge->scratch);
    arena_free(&judge->entries);
    marks_free(&judge->marks);
    free(judge->slots);
    return on < 0 ? STATUS_BROKEN : 0;
}

int judge_run(int fd, const struct judge_settings *settings)
{
    struct judge judge = {.settings = settings, .work = channel_new(fd, FRAME_MOST)};
    judge.names = judge.scanner = judge.work;
    channel_between(judge.work, ROLE_JUDGE, ROLE_SCAN);
    int status = judge_loop(&judge, judge_turn);
    channel_free(&judge.work);
    return status;
}

int judge_serve(int fd, const struct judge_settings *settings)
{
    struct judge judge = {.settings = settings, .parent = channel_new(fd, FRAME_MOST)};
    struct err err;
    channel_between(judge.parent, ROLE_JUDGE, ROLE_PARENT);
    channel_send(judge.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    int status = judge_loop(&judge, service_turn);
    channel_free(&judge.parent);
    channel_free(&judge.work);
    channel_free(&judge.names);
    channel_free(&judge.keys);
    channel_free(&judge.scanner);
    return status;
}
