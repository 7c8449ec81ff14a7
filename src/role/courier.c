/* courier: may carry out the jobs of the outbox, reach the network and start programs for that, and read the secrets that its
 * destinations name; never takes part in receiving mail, parses none, holds no key of the service and no store: the keeper
 * hands it jobs, with the bytes of what is to be sent as a descriptor, and notes what came of them. */
#include "role/carry.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 1024, WORK_MOST = 4 << 20, IDLE_MS = 60000, ORPHAN_MS = 600000, FAULT_ROOM = 400, LAST_MS = 2000 };

struct courier {
    struct channel *parent, *keeper;
    struct arena *known;               /* of the settings */
    struct courier_settings settings;
    CURLM *transfers;
    struct work *works;
    size_t holds;
    bool draining;
    int64_t drain_due;                 /* talks whose message is not out by then are broken off: nobody has it */
    struct curl_waitfd *wait; /* both channels, and two of each program */
};

static const struct way ways[] = {
    {"webhook", webhook_begin},
    {"mail", mail_begin},
    {"program", program_begin},
    {"release", release_begin},
    {"digest", release_begin},
};

/* ---- the end of a job */
static void __attribute__((format(printf, 2, 0))) work_fault(struct work *work, const char *format, va_list words)
{
    char text[FAULT_ROOM];
    int len = vsnprintf(text, sizeof text, format, words);
    work->end.fault = arena_copy(work->arena, span_first(span_of(text), len < 0 ? 0 : sizeof text));
    work->ended = true;
}

void work_done(struct work *work)
{
    work->end = (struct errand_end){.how = ERRAND_DONE};
    work->ended = true;
}

void work_later(struct work *work, bool lane, uint64_t after, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    work->end = (struct errand_end){.how = ERRAND_LATER, .lane = lane, .after = after};
    work_fault(work, format, words);
    va_end(words);
}

void work_failed(struct work *work, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    work->end = (struct errand_end){.how = ERRAND_FAILED};
    work_fault(work, format, words);
    va_end(words);
}

static void work_free(struct courier *courier, struct work **at)
{
    struct work *work = *at;
    struct arena *arena = work->arena;
    *at = work->next;
    courier->holds--;
    transfer_close(work, courier->transfers);
    program_end(work);
    release_end(work);
    arena_free(&arena);
}

static void end_tell(struct courier *courier, const struct work *work)
{
    struct err err;
    struct buf bytes = {.arena = work->arena};
    errand_end_pack(&bytes, &work->end);
    channel_send(courier->keeper, FRAME_DONE, work->serial, buf_span(&bytes), -1, &err); /* its end shows itself on reading */
}

/* ---- a job begins */
static const struct destination *destination_of(const struct courier *courier, struct span lane)
{
    vec_each(destination, &courier->settings.destinations)
        if (span_eq(destination->name, lane))
            return destination;
    return NULL;
}

static const struct way *way_of(struct span kind)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (span_eq(span_of(ways[i].kind), kind))
            return &ways[i];
    return NULL;
}

static void work_begin(struct courier *courier, struct work *work)
{
    struct err err;
    const struct errand *errand = &work->errand;
    const struct destination *destination = destination_of(courier, errand->lane);
    const struct way *way = way_of(errand->kind);
    if (!destination && (span_eq(errand->kind, S("release")) || span_eq(errand->kind, S("digest"))))
        work_later(work, true, 0, "hold.release_to is not set: nobody says where released mail goes");
    else if (!destination)
        work_failed(work, "the configuration has no \"%.*s\" under notify: any more", SPAN_FMT(errand->lane));
    else if (!way || !span_eq(destination->kind, errand->kind))
        work_failed(work, "it was made for a %.*s, and \"%.*s\" is a %.*s now", SPAN_FMT(errand->kind), SPAN_FMT(errand->lane), SPAN_FMT(destination->kind));
    else if (way->begin(work, destination, courier->transfers, courier->settings.deadline_ms, &err) < 0)
        work_later(work, true, 0, "%s", err.text);
}

/* The same job that the keeper's forerunner asked for already: it is not done twice at a time. */
static struct work *work_find(struct courier *courier, struct span job)
{
    for (struct work *work = courier->works; work; work = work->next)
        if (span_eq(work->errand.job, job))
            return work;
    return NULL;
}

static void on_job(struct courier *courier, struct frame *frame)
{
    struct arena *arena = arena_new(WORK_MOST);
    struct work *work = arena_one(arena, struct work);
    *work = (struct work){.arena = arena, .serial = frame->serial, .pid_fd = -1, .said_fd = -1, .message_fd = -1, .patience_ms = courier->settings.deadline_ms};
    work->due = clock_ms() + (int64_t)work->patience_ms;
    int read = errand_unpack(arena, arena_copy(arena, frame->bytes), &work->errand);
    work->errand.job = arena_copy(arena, work->errand.job); /* with a NUL behind it */
    struct work *same = read == 0 ? work_find(courier, work->errand.job) : NULL;
    if (same) {
        same->serial = frame->serial;
        arena_free(&arena);
        return;
    }
    work->next = courier->works;
    work->message_fd = frame->fd;
    frame->fd = -1;
    courier->works = work;
    courier->holds++;
    if (read < 0)
        work_failed(work, "the job cannot be read");
    else if (courier->holds > ROOM || courier->draining)
        work_later(work, false, 0, "the courier had no hand free");
    else
        work_begin(courier, work);
}

/* ---- the keeper */
static void room_tell(struct courier *courier)
{
    struct err err;
    if (courier->keeper)
        channel_send(courier->keeper, FRAME_TAKES, courier->draining ? 0 : ROOM, (struct span){0}, -1, &err);
}

static void keeper_gone(struct courier *courier)
{
    channel_free(&courier->keeper);
    for (struct work *work = courier->works; work; work = work->next) {
        work->serial = 0;
        work->due = work->ended ? clock_ms() + ORPHAN_MS : work->due;
    }
}

static void keeper_linked(struct courier *courier, int fd)
{
    keeper_gone(courier);
    courier->keeper = channel_new(fd, FRAME_MOST);
    channel_between(courier->keeper, ROLE_COURIER, ROLE_KEEPER);
    room_tell(courier);
}

static void keeper_turn(struct courier *courier)
{
    struct frame frame;
    struct err err = {.text = ""};
    enum channel_state state = CHANNEL_LATER;
    if (!courier->keeper)
        return;
    while ((state = channel_receive(courier->keeper, &frame, &err)) == CHANNEL_FRAME) {
        on_job(courier, &frame);
        fd_close_later(&frame.fd);
    }
    if (state == CHANNEL_LATER && channel_flush(courier->keeper, &err) >= 0)
        return;
    if (state == CHANNEL_BROKEN)
        log_event(LEVEL_WARNING, "channel-broken", "the channel of the keeper: %s", err.text);
    keeper_gone(courier);
}

/* ---- the parent */
static void settings_take(struct courier *courier, struct span bytes)
{
    struct arena *arena = arena_new(FRAME_MOST);
    struct courier_settings settings;
    if (courier_settings_unpack(arena, bytes, &settings) < 0) {
        arena_free(&arena);
        return;
    }
    arena_free(&courier->known); /* what is under way has copies of its own */
    courier->known = arena;
    courier->settings = settings;
}

static void parent_says(struct courier *courier, struct frame *frame)
{
    enum role who;
    struct err err;
    if (frame->kind == FRAME_PING) {
        channel_send(courier->parent, FRAME_PONG, frame->serial, (struct span){0}, -1, &err);
    } else if (frame->kind == FRAME_SETTINGS) {
        settings_take(courier, frame->bytes);
    } else if (frame->kind == FRAME_LINK && role_linked(frame, &who) >= 0) {
        keeper_linked(courier, frame->fd);
        frame->fd = -1;
    } else if (frame->kind == FRAME_DRAIN) {
        courier->draining = true;
        courier->drain_due = clock_ms() + LAST_MS;
        room_tell(courier);
    }
    fd_close_later(&frame->fd);
}

static enum channel_state parent_turn(struct courier *courier)
{
    struct frame frame;
    struct err err;
    enum channel_state state;
    while ((state = channel_receive(courier->parent, &frame, &err)) == CHANNEL_FRAME)
        parent_says(courier, &frame);
    return channel_flush(courier->parent, &err) < 0 ? CHANNEL_BROKEN : state;
}

/* ---- the jobs under way */
static void transfers_turn(struct courier *courier)
{
    int running, left;
    curl_multi_perform(courier->transfers, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(courier->transfers, &left));) {
        struct work *work = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&work);
        work->judge(work, code);
        transfer_close(work, courier->transfers);
    }
}

static void work_watch(struct courier *courier, struct work *work, int64_t now)
{
    if (!work->ended)
        program_turn(work);
    if (work->sending && courier->draining && courier->drain_due <= now && !work->ended && !release_is_said(work))
        work_later(work, false, 0, "the service ended before the mail server had all of the message");
    if (work->sending)
        release_turn(work);
    if (work->ended || work->due > now || (!work->pid && !work->sending))
        return;
    program_end(work);
    work_later(work, false, 0, "%s did not %s within %.1f s", work->pid ? "the program" : "the mail server's talk", work->pid ? "end" : "get on", (double)work->patience_ms / 1000);
}

static void works_turn(struct courier *courier)
{
    int64_t now = clock_ms();
    transfers_turn(courier);
    for (struct work **at = &courier->works; *at;) {
        struct work *work = *at;
        work_watch(courier, work, now);
        bool told = work->ended && work->serial && courier->keeper;
        if (told)
            end_tell(courier, work);
        bool orphan = work->ended && (work->due <= now || (courier->draining && !courier->keeper)); /* the keeper died over it, and no other asked */
        if (told || orphan)
            work_free(courier, at);
        else
            at = &work->next;
    }
}

/* ---- the loop */
static unsigned wait_add(struct courier *courier, unsigned count, int fd, bool writing)
{
    courier->wait[count] = (struct curl_waitfd){fd, (short)(CURL_WAIT_POLLIN | (writing ? CURL_WAIT_POLLOUT : 0)), 0};
    return count + 1;
}

static unsigned channel_add(struct courier *courier, unsigned count, const struct channel *channel)
{
    struct pollfd wait = channel ? channel_wait(channel) : (struct pollfd){0};
    return channel ? wait_add(courier, count, wait.fd, wait.events & POLLOUT) : count;
}

static void courier_wait(struct courier *courier)
{
    unsigned count = channel_add(courier, channel_add(courier, 0, courier->parent), courier->keeper);
    int64_t now = clock_ms(), due = now + IDLE_MS;
    bool writing = false;
    for (struct work *work = courier->works; work && count + 2 <= 2 + 2 * ROOM; work = work->next) {
        due = (work->pid || work->sending || work->ended) && work->due < due ? work->due : due;
        count = work->pid_fd >= 0 ? wait_add(courier, count, work->pid_fd, false) : count;
        count = work->said_fd >= 0 ? wait_add(courier, count, work->said_fd, false) : count;
        count = work->sending && !work->ended ? wait_add(courier, count, release_wait(work, &writing), writing) : count;
    }
    curl_multi_poll(courier->transfers, courier->wait, count, due > now ? (int)(due - now) : 0, NULL);
}

/* Whoever waits longer for it holds up the end of the service; it is sent again. */
static void twice_tell(const struct work *work)
{
    if (!work->ended && release_is_said(work))
        log_event(LEVEL_WARNING, "not-drained", "job %.*s: the mail server has heard all of the message and not said that it takes it; it may have it twice", SPAN_FMT(work->errand.job));
}

static void courier_end(struct courier *courier)
{
    while (courier->works) {
        twice_tell(courier->works);
        work_free(courier, &courier->works);
    }
    channel_free(&courier->keeper);
    channel_free(&courier->parent);
    curl_multi_cleanup(courier->transfers);
    curl_global_cleanup();
    arena_free(&courier->known);
    free(courier->wait);
    free(courier);
}

int courier_serve(int fd)
{
    struct err err;
    struct courier *courier = calloc(1, sizeof *courier);
    struct curl_waitfd *wait = calloc(2 + 2 * ROOM, sizeof *wait);
    if (!courier || !wait || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    courier->wait = wait;
    courier->parent = channel_new(fd, FRAME_MOST);
    courier->transfers = curl_multi_init();
    if (!courier->transfers)
        abort();
    channel_between(courier->parent, ROLE_COURIER, ROLE_PARENT);
    channel_send(courier->parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (parent_turn(courier) == CHANNEL_LATER) {
        keeper_turn(courier);
        works_turn(courier);
        if (courier->draining && !courier->holds)
            break;
        courier_wait(courier);
    }
    courier_end(courier);
    return 0;
}
