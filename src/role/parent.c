/* parent: may read the configuration, open listening sockets and hand them down, start processes, join them and start them
 * anew; never reads mail, nor anything that came over the network. */
#include "role/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { STATUS_FAILED = 1, STATUS_UNREAD = 2, PING_MS = 1000, KILL_MS = 5000, WAIT_SPARE = 4 };

/* ---- generations */
static struct service_generation *generation_new(const struct service_calls *service, struct err *err)
{
    struct service_generation *generation = calloc(1, sizeof *generation);
    if (!generation)
        abort();
    if (service->load(service->context, generation, err) == 0)
        return generation;
    free(generation);
    return NULL;
}

static void generation_drop(const struct service_calls *service, struct service_generation **generation)
{
    if (!*generation)
        return;
    service->unload(service->context, *generation);
    free(*generation);
    *generation = NULL;
}

static bool text_differs(const char *a, const char *b)
{
    return (a == NULL) != (b == NULL) || (a && strcmp(a, b) != 0);
}

static bool resolver_differs(const struct service_generation *old, const struct service_generation *new)
{
    const struct dns_resolver_options *a = &old->resolver.options, *b = &new->resolver.options;
    if (old->resolver.zone || new->resolver.zone) /* the file may hold something else now */
        return true;
    return old->resolver.offline != new->resolver.offline || old->resolver.deadline_ms != new->resolver.deadline_ms ||
           a->silence_ms != b->silence_ms || text_differs(a->resolv_conf, b->resolv_conf) || text_differs(a->forward, b->forward) ||
           text_differs(a->trust_anchor, b->trust_anchor) || memcmp(&old->caps, &new->caps, sizeof old->caps) != 0;
}

static bool keeper_differs(const struct keeper_settings *old, const struct keeper_settings *new)
{
    return text_differs(old->path, new->path) || memcmp(&old->keep, &new->keep, sizeof old->keep) != 0 ||
           text_differs(old->hold_folder, new->hold_folder) || old->hold_bytes != new->hold_bytes || old->commit_ms != new->commit_ms || old->full_sync != new->full_sync ||
           old->log_bytes != new->log_bytes || old->confirm_wait != new->confirm_wait || old->confirm_agrees != new->confirm_agrees ||
           !span_eq(old->digests, new->digests) || memcmp(&old->outbox, &new->outbox, sizeof old->outbox) != 0;
}

static bool scanner_differs(const struct service_generation *old, const struct service_generation *new)
{
    const struct clamd_options *a = &old->clamd, *b = &new->clamd;
    return old->scans != new->scans || text_differs(a->path, b->path) || !ip_eq(&a->ip, &b->ip) || a->port != b->port || a->deadline_ms != b->deadline_ms;
}

/* Whose settings changed ends, and another begins; what was asked of it is asked of the other. */
static void changes_apply(struct parent *parent, const struct service_generation *old, const struct service_generation *new)
{
    bool differs[WORKERS] = {[WORKER_RESOLVER] = resolver_differs(old, new), [WORKER_KEEPER] = keeper_differs(&old->keeper, &new->keeper),
                             [WORKER_SCANNER] = scanner_differs(old, new), [WORKER_CHECKPOINTER] = text_differs(old->keeper.path, new->keeper.path)};
    for (struct worker *worker = parent->workers; worker < parent->workers + WORKERS; worker++)
        if (differs[worker - parent->workers] && worker->pid) {
            worker->let_go = true;
            worker_end(worker);
        }
    if (text_differs(old->user, new->user) || text_differs(old->group, new->group) || text_differs(old->log_file, new->log_file))
        log_event(LEVEL_WARNING, "needs-restart", "run.user, run.group and log.file stay as they are until the service is restarted");
}

/* It reads its keys anew, and serves on meanwhile. */
static void signer_tell(struct parent *parent)
{
    struct err err;
    struct span bytes = {(const char *)&parent->generation->signer, sizeof parent->generation->signer};
    if (parent->workers[WORKER_SIGNER].channel)
        channel_send(parent->workers[WORKER_SIGNER].channel, FRAME_SETTINGS, 0, bytes, -1, &err);
}

void courier_tell(struct parent *parent)
{
    struct err err;
    struct arena *arena = arena_new(FRAME_MOST);
    struct buf bytes = {.arena = arena};
    courier_settings_pack(&bytes, &parent->generation->courier);
    if (parent->workers[WORKER_COURIER].channel)
        channel_send(parent->workers[WORKER_COURIER].channel, FRAME_SETTINGS, 0, buf_span(&bytes), -1, &err);
    arena_free(&arena);
}

/* The new is loaded whole before anything changes. The old judges finish what they hold; nobody is kept waiting. */
static void reload(struct parent *parent)
{
    struct err err;
    char state[64];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    notify(state);
    struct service_generation *new = generation_new(parent->service, &err);
    if (!new || listeners_open(parent, new, &err) < 0) {
        generation_drop(parent->service, &new);
        log_event(LEVEL_ERROR, "not-reloaded", "the new configuration is refused and the old one goes on: %s", err.text);
        notify("READY=1");
        return;
    }
    changes_apply(parent, parent->generation, new);
    generation_drop(parent->service, &parent->generation);
    parent->generation = new;
    courier_tell(parent); /* before a judge of the new generation lives that names somebody new */
    struct team *old = parent->teams;
    struct team *team = team_new(parent);
    team_start_due(parent, team, clock_ms());
    listeners_settle(parent);
    signer_tell(parent);
    for (struct team *next; old; old = next) {
        next = old->next;
        if (!old->retired)
            team_retire(parent, old);
        if (!old->pid)
            team_free(parent, old);
    }
    log_event(LEVEL_NOTICE, "reloaded", "generation %.*s serves from now on", SPAN_FMT(new->id));
    notify("READY=1");
}

/* ---- the end */
static void stop_begin(struct parent *parent)
{
    struct err err;
    if (parent->stopping)
        return;
    parent->stopping = clock_ms();
    notify("STOPPING=1");
    log_event(LEVEL_NOTICE, "stopping", "no new messages are taken; what is held is finished");
    for (int i = 0; i < WORKERS; i++)
        if (parent->workers[i].channel && role_may_send(ROLE_PARENT, parent->workers[i].role, FRAME_DRAIN))
            channel_send(parent->workers[i].channel, FRAME_DRAIN, 0, (struct span){0}, -1, &err);
}

static bool anyone_runs(const struct parent *parent)
{
    bool runs = parent->teams != NULL;
    for (int i = 0; i < WORKERS; i++)
        runs |= parent->workers[i].pid != 0;
    return runs;
}

static void all_kill(struct parent *parent)
{
    for (int i = 0; i < WORKERS; i++)
        if (parent->workers[i].pid)
            kill(parent->workers[i].pid, SIGKILL);
    for (struct team *team = parent->teams; team; team = team->next)
        if (team->pid)
            kill(team->pid, SIGKILL);
}

/* The doors and the courier first; when they are gone nobody needs the others. */
static void stop_go_on(struct parent *parent, int64_t now)
{
    int64_t drained = parent->stopping + 1000 * (int64_t)parent->generation->door.drain_seconds + 1000;
    struct worker *door = &parent->workers[WORKER_DOOR], *mta = &parent->workers[WORKER_MTA], *courier = &parent->workers[WORKER_COURIER];
    if ((door->pid || mta->pid || courier->pid) && now < drained)
        return;
    if (door->pid)
        kill(door->pid, SIGKILL);
    if (mta->pid)
        kill(mta->pid, SIGKILL);
    worker_end(courier);
    for (struct team *team = parent->teams, *next; team; team = next) {
        next = team->next;
        team_end(team);
        if (!team->pid)
            team_free(parent, team);
    }
    worker_end(&parent->workers[WORKER_RESOLVER]);
    worker_end(&parent->workers[WORKER_KEEPER]);
    worker_end(&parent->workers[WORKER_CHECKPOINTER]);
    worker_end(&parent->workers[WORKER_SCANNER]);
    worker_end(&parent->workers[WORKER_SIGNER]);
    if (now > drained + KILL_MS)
        all_kill(parent);
}

/* ---- what the system tells */
static void children_reap(struct parent *parent)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (!worker_died(parent, pid, status))
            team_died(parent, pid);
}

static void signals_take(struct parent *parent)
{
    struct signalfd_siginfo told;
    while (read(parent->signals, &told, sizeof told) == sizeof told) {
        if (told.ssi_signo == SIGCHLD)
            children_reap(parent);
        else if (told.ssi_signo == SIGHUP && !parent->stopping)
            reload(parent);
        else if (told.ssi_signo == SIGTERM || told.ssi_signo == SIGINT)
            stop_begin(parent);
    }
}

static int signals_open(struct parent *parent, struct err *err)
{
    sigset_t wanted;
    static const int numbers[] = {SIGCHLD, SIGHUP, SIGTERM, SIGINT};
    sigemptyset(&wanted);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&wanted, numbers[i]);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    signal(SIGPIPE, SIG_IGN);
    parent->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    return parent->signals < 0 ? err_set(err, "signalfd: %s", strerror(errno)) : 0;
}

/* ---- the loop */
static void start_due(struct parent *parent, int64_t now)
{
    for (int i = 0; i < WORKERS; i++)
        worker_start_due(parent, &parent->workers[i], now);
    team_start_due(parent, parent->teams, now);
}

static void ready_tell(struct parent *parent)
{
    bool ready = parent->teams && parent->teams->judges;
    for (int i = 0; i < WORKERS; i++)
        ready &= parent->workers[i].ready || !worker_is_wanted(parent, &parent->workers[i]);
    for (struct judge_at *judge = ready ? parent->teams->judges : NULL; judge; judge = judge->next)
        ready &= judge->ready;
    if (parent->told_ready || !ready)
        return;
    parent->told_ready = true;
    for (const struct listening *listening = parent->listenings; listening; listening = listening->next)
        log_event(LEVEL_NOTICE, "listening", "listening on %s", listening->text);
    log_event(LEVEL_NOTICE, "ready", "%u judges, generation %.*s", parent->teams->wanted, SPAN_FMT(parent->generation->id));
    notify("READY=1");
}

static void beat(struct parent *parent, int64_t now)
{
    if (parent->ping_due <= now) {
        parent->ping_due = now + PING_MS;
        for (int i = 0; i < WORKERS; i++)
            worker_ping(parent, &parent->workers[i], now);
        for (struct team *team = parent->teams; team; team = team->next)
            team_ping(parent, team, now);
    }
    if (parent->watchdog_ms && parent->watchdog_due <= now) {
        parent->watchdog_due = now + parent->watchdog_ms;
        notify("WATCHDOG=1");
    }
}

static struct pollfd *wait_add(struct parent *parent, size_t *count, struct channel *channel)
{
    if (*count + WAIT_SPARE > parent->wait_room) {
        parent->wait_room = 2 * parent->wait_room + 64;
        parent->wait = realloc(parent->wait, parent->wait_room * sizeof *parent->wait);
        if (!parent->wait)
            abort();
    }
    if (channel)
        parent->wait[(*count)++] = channel_wait(channel);
    return parent->wait;
}

static int wait_ms(const struct parent *parent, int64_t now)
{
    int64_t next = parent->ping_due, dues[WORKERS + 2];
    size_t count = 0;
    for (int i = 0; i < WORKERS; i++)
        dues[count++] = parent->workers[i].pid ? 0 : parent->workers[i].backoff.due;
    dues[count++] = parent->teams ? parent->teams->backoff.due : 0;
    dues[count++] = parent->teams ? parent->teams->judges_backoff.due : 0;
    for (size_t i = 0; i < count; i++)
        next = dues[i] > now && dues[i] < next ? dues[i] : next;
    return next <= now ? 0 : (int)(next - now);
}

static void parent_wait(struct parent *parent, int64_t now)
{
    size_t count = 0;
    wait_add(parent, &count, NULL)[count] = (struct pollfd){parent->signals, POLLIN, 0};
    count++;
    for (int i = 0; i < WORKERS; i++)
        wait_add(parent, &count, parent->workers[i].channel);
    for (struct team *team = parent->teams; team; team = team->next)
        for (struct judge_at *judge = team->judges; judge; judge = judge->next)
            wait_add(parent, &count, judge->channel);
    poll(parent->wait, count, wait_ms(parent, now));
}

static void parent_turn(struct parent *parent)
{
    int64_t now = clock_ms();
    signals_take(parent);
    for (int i = 0; i < WORKERS; i++)
        worker_turn(parent, &parent->workers[i]);
    for (struct team *team = parent->teams; team; team = team->next)
        team_turn(parent, team);
    if (parent->failed)
        stop_begin(parent);
    if (parent->stopping) {
        stop_go_on(parent, now);
    } else {
        start_due(parent, now);
        ready_tell(parent);
    }
    beat(parent, now);
    if (!parent->stopping || anyone_runs(parent))
        parent_wait(parent, now);
}

/* ---- the whole */
static int parent_open(struct parent *parent, struct err *err)
{
    parent->generation = generation_new(parent->service, err);
    if (!parent->generation)
        return -1;
    log_begin(ROLE_PARENT, parent->generation->log_level);
    if (listeners_open(parent, parent->generation, err) < 0 || user_become(parent->generation->user, parent->generation->group, err) < 0)
        return -1;
    if (log_open(parent->generation->log_file, err) < 0 || signals_open(parent, err) < 0)
        return -1;
    files_allow(parent->generation->door.connections * (2 + parent->generation->listeners.len) + 256);
    parent->watchdog_ms = notify_watchdog_ms();
    team_new(parent);
    return 0;
}

/* Standard input is nobody's: a judge that a stranger took over shall not have the terminal of whoever started us. And where one of the
 * three was closed no channel takes its place, which all processes inherit. */
static void places_take(void)
{
    int null;
    while ((null = open("/dev/null", O_RDWR)) >= 0 && null <= STDERR_FILENO)
        ;
    if (null < 0)
        return;
    dup2(null, STDIN_FILENO);
    close(null);
}

int service_run(const struct service_calls *service)
{
    struct err err;
    places_take();
    struct parent parent = {.service = service, .signals = -1};
    static const enum role roles[WORKERS] = {ROLE_KEEPER, ROLE_RESOLVER, ROLE_DOOR, ROLE_MTA, ROLE_COURIER, ROLE_SIGNER, ROLE_SCANNER, ROLE_CHECKPOINTER};
    for (int i = 0; i < WORKERS; i++)
        parent.workers[i].role = roles[i];
    int opened = parent_open(&parent, &err);
    if (opened < 0)
        fprintf(stderr, "sekimori: %s\n", err.text);
    while (opened == 0 && !(parent.stopping && !anyone_runs(&parent)))
        parent_turn(&parent);
    if (opened == 0)
        log_event(LEVEL_NOTICE, "stopped", "all processes have ended");
    listeners_close(&parent);
    arena_free(&parent.entries.arena);
    generation_drop(service, &parent.generation);
    fd_close_later(&parent.signals);
    free(parent.wait);
    return opened < 0 ? STATUS_UNREAD : parent.failed ? STATUS_FAILED : 0;
}
