/* worker: keeper, checkpointer, resolver, courier, signer, scanner and doors, as the parent sees them: started, joined to others, watched, started anew. */
#include "role/parent.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { PING_MS = 1000, SILENT_MS = 20000 };

/* ---- starting */
static int __attribute__((noreturn)) worker_run(struct parent *parent, struct worker *worker, int fd)
{
    const struct service_generation *generation = parent->generation;
    log_begin(worker->role, generation->log_level);
    int status = 70;
    if (worker->role == ROLE_DOOR)
        status = parent->service->door(fd);
    else if (worker->role == ROLE_MTA)
        status = parent->service->mta(fd);
    else if (worker->role == ROLE_COURIER)
        status = courier_serve(fd);
    else if (worker->role == ROLE_SIGNER)
        status = signer_serve(fd, &generation->signer);
    else if (worker->role == ROLE_SCANNER)
        status = scanner_serve(fd, generation);
    else if (worker->role == ROLE_CHECKPOINTER)
        status = checkpointer_serve(fd, generation);
    else
        status = worker->role == ROLE_KEEPER ? keeper_serve(fd, generation) : resolver_serve(fd, generation);
    _exit(status);
}

static void worker_link(struct parent *parent, struct worker *worker)
{
    for (struct worker *door = parent->workers; door < parent->workers + WORKERS; door++) {
        if (role_is_door(door->role) && (worker == door || worker->role == ROLE_KEEPER))
            link_door_keeper(parent, door);
        if (role_is_door(door->role) && (worker == door || worker->role == ROLE_SIGNER))
            link_door_signer(parent, door);
    }
    if (worker->role == ROLE_KEEPER || worker->role == ROLE_COURIER)
        link_keeper_courier(parent);
    if (worker->role == ROLE_KEEPER || worker->role == ROLE_SIGNER)
        link_keeper_signer(parent);
    if (worker->role == ROLE_KEEPER || worker->role == ROLE_CHECKPOINTER)
        link_keeper_checkpointer(parent);
    for (struct team *team = parent->teams; team; team = team->next)
        for (struct judge_at *judge = team->judges; judge; judge = judge->next)
            if (worker->role == ROLE_RESOLVER)
                link_judge_resolver(parent, judge);
            else if (worker->role == ROLE_SIGNER)
                link_judge_signer(parent, judge);
            else if (worker->role == ROLE_SCANNER)
                link_judge_scanner(parent, judge);
            else if (role_is_door(worker->role) && !team->retired)
                link_judge_door(worker, judge);
}

static void worker_begin(struct parent *parent, struct worker *worker, int64_t now)
{
    int ends[2];
    backoff_started(&worker->backoff, now);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        log_event(LEVEL_ERROR, "not-started", "%s: socketpair: %s", role_name(worker->role), strerror(errno));
        backoff_died(&worker->backoff, now);
        return;
    }
    worker->pid = role_fork(worker->role, &ends[1]);
    if (worker->pid == 0)
        worker_run(parent, worker, ends[1]);
    close(ends[1]);
    if (worker->pid < 0) {
        log_event(LEVEL_ERROR, "not-started", "%s: no process can be started: %s", role_name(worker->role), strerror(errno));
        worker->pid = 0;
        close(ends[0]);
        backoff_died(&worker->backoff, now);
        return;
    }
    worker->channel = channel_new(ends[0], FRAME_MOST);
    channel_between(worker->channel, ROLE_PARENT, worker->role);
    worker->pinged = 0;
    if (role_is_door(worker->role))
        door_tell(parent, worker);
    if (worker->role == ROLE_COURIER)
        courier_tell(parent);
    worker_link(parent, worker);
}

bool worker_is_wanted(const struct parent *parent, const struct worker *worker)
{
    if (worker->role == ROLE_MTA) {
        vec_each(listener, &parent->generation->listeners)
            if (listener_door(listener) == ROLE_MTA)
                return true;
        return false; /* one that runs and has no listener any more finishes what it holds, and stays */
    }
    if (worker->role == ROLE_CHECKPOINTER)
        return parent->generation->keeper.path != NULL; /* memory has no log */
    return worker->role != ROLE_SCANNER || parent->generation->scans;
}

void worker_start_due(struct parent *parent, struct worker *worker, int64_t now)
{
    if (!worker->pid && worker_is_wanted(parent, worker) && worker->backoff.due <= now)
        worker_begin(parent, worker, now);
}

/* ---- what it says */
static void entries_take(struct parent *parent, struct span bytes)
{
    if (parent->entries.arena && span_eq(buf_span(&parent->entries), bytes))
        return; /* something else in the store has changed */
    if (parent->entries.arena)
        log_event(LEVEL_NOTICE, "entries", "what is allowed and denied has changed");
    arena_free(&parent->entries.arena);
    parent->entries = (struct buf){.arena = arena_new(2 * (size_t)FRAME_MOST)};
    buf_add(&parent->entries, bytes);
    for (struct team *team = parent->teams; team; team = team->next)
        team_entries_tell(parent, team);
}

/* The one door tells, the other is asked. */
static void counts_pass_on(struct parent *parent, const struct frame *frame)
{
    struct err err;
    struct channel *door = parent->workers[WORKER_DOOR].channel;
    if (door && !channel_is_full(door)) /* the next ones are newer */
        channel_send(door, FRAME_COUNTS, 0, frame->bytes, -1, &err);
}

static void worker_says(struct parent *parent, struct worker *worker, const struct frame *frame)
{
    if (frame->kind == FRAME_READY)
        worker->ready = worker->was_ready = true;
    else if (frame->kind == FRAME_PONG)
        worker->pinged = 0;
    else if (frame->kind == FRAME_ENTRIES)
        entries_take(parent, frame->bytes);
    else if (frame->kind == FRAME_COUNTS)
        counts_pass_on(parent, frame);
    else if (frame->kind == FRAME_RETIRE)
        team_judge_empty(parent, worker, frame->serial);
}

/* Its end is not told here but by the system, with how it ended; a channel that broke ends it. */
void worker_turn(struct parent *parent, struct worker *worker)
{
    struct frame frame;
    struct err err = {.text = ""};
    enum channel_state state = CHANNEL_LATER;
    if (!worker->channel)
        return;
    while ((state = channel_receive(worker->channel, &frame, &err)) == CHANNEL_FRAME) {
        worker_says(parent, worker, &frame);
        fd_close_later(&frame.fd);
    }
    if (state == CHANNEL_LATER && channel_flush(worker->channel, &err) >= 0)
        return;
    if (state == CHANNEL_BROKEN && worker->pid) {
        log_event(LEVEL_ERROR, "channel-broken", "the %s is ended: %s", role_name(worker->role), err.text);
        kill(worker->pid, SIGKILL);
    }
    channel_free(&worker->channel);
}

void worker_ping(struct parent *parent, struct worker *worker, int64_t now)
{
    struct err err;
    if (!worker->channel || !worker->ready)
        return;
    if (worker->pinged && now - worker->pinged >= SILENT_MS) {
        log_event(LEVEL_ERROR, "hangs", "the %s does not answer for %lld s and is ended", role_name(worker->role), (long long)(now - worker->pinged) / 1000);
        kill(worker->pid, SIGKILL);
        worker->pinged = now;
    } else if (!worker->pinged) {
        worker->pinged = now;
        channel_send(worker->channel, FRAME_PING, 0, (struct span){0}, -1, &err);
    }
}

/* ---- its end */
static void end_tell(const struct parent *parent, const struct worker *worker, int status)
{
    enum log_level level = parent->stopping || worker->let_go ? LEVEL_INFO : LEVEL_ERROR;
    if (WIFSIGNALED(status))
        log_event(level, "died", "the %s was ended by signal %d (%s)", role_name(worker->role), WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        log_event(level, level == LEVEL_INFO ? "ended" : "died", "the %s ended with status %d", role_name(worker->role), WEXITSTATUS(status));
}

bool worker_died(struct parent *parent, pid_t pid, int status)
{
    for (struct worker *worker = parent->workers; worker < parent->workers + WORKERS; worker++) {
        if (worker->pid != pid)
            continue;
        end_tell(parent, worker, status);
        channel_free(&worker->channel);
        worker->pid = 0;
        worker->ready = false;
        parent->failed |= !worker->was_ready && !worker->let_go; /* what never worked will not work by being started again */
        if (!worker->let_go) {
            backoff_died(&worker->backoff, clock_ms());
            deaths_tell(parent, worker->role);
        }
        worker->let_go = false;
        if (role_is_door(worker->role))
            team_door_died(parent, worker);
        return true;
    }
    return false;
}

void worker_end(struct worker *worker)
{
    channel_free(&worker->channel);
}
