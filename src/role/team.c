/* team: one generation's template and judges, as the parent sees them. */
#include "role/parent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

struct team *team_new(struct parent *parent)
{
    struct team *team = calloc(1, sizeof *team);
    if (!team)
        abort();
    *team = (struct team){.next = parent->teams, .wanted = parent->generation->judges};
    return parent->teams = team;
}

/* ---- the template */
static void template_begin(struct parent *parent, struct team *team, int64_t now)
{
    int ends[2];
    backoff_started(&team->backoff, now);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        log_event(LEVEL_ERROR, "no-template", "socketpair: %s", strerror(errno));
        backoff_died(&team->backoff, now);
        return;
    }
    team->pid = role_fork(ROLE_TEMPLATE, &ends[1]);
    if (team->pid == 0) {
        log_begin(ROLE_TEMPLATE, parent->generation->log_level);
        _exit(template_serve(ends[1], &parent->generation->judge));
    }
    close(ends[1]);
    if (team->pid < 0) {
        log_event(LEVEL_ERROR, "no-template", "no process can be started: %s", strerror(errno));
        team->pid = 0;
        close(ends[0]);
        backoff_died(&team->backoff, now);
        return;
    }
    team->channel = channel_new(ends[0], FRAME_MOST);
    channel_between(team->channel, ROLE_PARENT, ROLE_TEMPLATE);
}

/* ---- judges */
static void judge_begin(struct parent *parent, struct team *team)
{
    int ends[2];
    struct err err;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        log_event(LEVEL_ERROR, "no-judge", "socketpair: %s", strerror(errno));
        backoff_died(&team->judges_backoff, clock_ms());
        return;
    }
    struct judge_at *judge = calloc(1, sizeof *judge);
    if (!judge)
        abort();
    *judge = (struct judge_at){.next = team->judges, .id = ++parent->last_judge, .channel = channel_new(ends[0], FRAME_MOST)};
    channel_between(judge->channel, ROLE_PARENT, ROLE_JUDGE);
    team->judges = judge;
    team->count++;
    channel_send(team->channel, FRAME_START, judge->id, (struct span){0}, ends[1], &err); /* its end shows itself */
    channel_send(judge->channel, FRAME_ENTRIES, 0, buf_span(&parent->entries), -1, &err);
    link_judge_scanner(parent, judge);
    link_judge_resolver(parent, judge);
    link_judge_signer(parent, judge);
    for (struct worker *worker = parent->workers; worker < parent->workers + WORKERS; worker++)
        if (role_is_door(worker->role))
            link_judge_door(worker, judge); /* with it come the messages */
}

/* No judge begins before it can be told what is allowed and denied. */
void team_start_due(struct parent *parent, struct team *team, int64_t now)
{
    if (team->retired || !parent->entries.arena)
        return;
    if (!team->pid && team->backoff.due <= now)
        template_begin(parent, team, now);
    while (team->channel && team->count < team->wanted && team->judges_backoff.due <= now)
        judge_begin(parent, team);
}

static void judge_drop(struct team *team, struct judge_at **at)
{
    struct judge_at *judge = *at;
    *at = judge->next;
    team->count--;
    channel_free(&judge->channel);
    free(judge);
}

/* One that died at its work is replaced at once, so that deadly mail slows nobody; one that never began to work is not. */
static void judge_died(struct parent *parent, struct team *team, struct judge_at **at)
{
    if (!team->retired)
        deaths_tell(parent, ROLE_JUDGE);
    if (!(*at)->ready && !team->retired) {
        log_event(LEVEL_ERROR, "judge-died", "judge number %u ended before it began to work", (*at)->id);
        backoff_died(&team->judges_backoff, clock_ms());
    }
    judge_drop(team, at);
}

static void entries_tell(const struct parent *parent, struct judge_at *judge)
{
    struct err err;
    judge->entries_due = channel_is_full(judge->channel); /* once it has read what it was told */
    if (!judge->entries_due)
        channel_send(judge->channel, FRAME_ENTRIES, 0, buf_span(&parent->entries), -1, &err);
}

void team_entries_tell(struct parent *parent, struct team *team)
{
    for (struct judge_at *judge = team->judges; judge; judge = judge->next)
        entries_tell(parent, judge);
}

static bool judge_turn(struct judge_at *judge)
{
    struct frame frame;
    struct err err;
    enum channel_state state;
    while ((state = channel_receive(judge->channel, &frame, &err)) == CHANNEL_FRAME) {
        judge->ready |= frame.kind == FRAME_READY;
        judge->pinged = frame.kind == FRAME_PONG ? 0 : judge->pinged;
        fd_close_later(&frame.fd);
    }
    return state == CHANNEL_LATER && channel_flush(judge->channel, &err) >= 0;
}

void team_turn(struct parent *parent, struct team *team)
{
    struct err err;
    if (team->channel)
        channel_flush(team->channel, &err);
    for (struct judge_at **at = &team->judges; *at;)
        if (!judge_turn(*at)) {
            judge_died(parent, team, at);
        } else {
            if ((*at)->ready && team->judges_backoff.wait)
                team->judges_backoff = (struct backoff){0};
            if ((*at)->entries_due)
                entries_tell(parent, *at);
            at = &(*at)->next;
        }
    if (team->retired && !team->judges)
        team_end(team);
}

/* A step that computes for too long ends its judge by itself; this is for one that waits where nothing should wait, or was stopped. Its
 * messages are judged by another. The answer comes between two messages, so that a busy judge has its time. */
void team_ping(struct parent *parent, struct team *team, int64_t now)
{
    enum { TIMES = 3 }; /* by the clock, what a step may take of the processor */
    struct err err;
    int64_t most = TIMES * 1000 * (int64_t)parent->generation->judge.hang_seconds;
    for (struct judge_at *judge = team->judges; judge; judge = judge->next)
        if (!judge->pinged && judge->ready) {
            judge->pinged = now;
            channel_send(judge->channel, FRAME_PING, 0, (struct span){0}, -1, &err);
        } else if (judge->pinged && now - judge->pinged >= most && team->channel) {
            log_event(LEVEL_ERROR, "hangs", "judge number %u does not answer for %lld s and is ended", judge->id, (long long)(now - judge->pinged) / 1000);
            judge->pinged = now;
            channel_send(team->channel, FRAME_END, judge->id, (struct span){0}, -1, &err);
        }
}

/* ---- the end of a team */
/* A judge is let go when no door waits for it any more; id 0: any. */
static void team_release(struct team *team, unsigned doors, uint32_t id)
{
    for (struct judge_at **at = &team->judges; *at;) {
        if (!id || (*at)->id == id)
            (*at)->doors &= ~doors;
        if ((*at)->doors)
            at = &(*at)->next;
        else
            judge_drop(team, at);
    }
}

void team_retire(struct parent *parent, struct team *team)
{
    struct err err;
    team->retired = true;
    for (struct judge_at *judge = team->judges; judge; judge = judge->next)
        for (struct worker *door = parent->workers; door < parent->workers + WORKERS; door++)
            if (judge->doors & role_bit(door->role) && door->channel)
                channel_send(door->channel, FRAME_RETIRE, judge->id, (struct span){0}, -1, &err);
    team_release(team, 0, 0);
}

void team_judge_empty(struct parent *parent, const struct worker *door, uint32_t id)
{
    for (struct team *team = parent->teams; team; team = team->next)
        if (team->retired)
            team_release(team, role_bit(door->role), id);
}

void team_door_died(struct parent *parent, const struct worker *door)
{
    for (struct team *team = parent->teams; team; team = team->next) {
        for (struct judge_at *judge = team->judges; judge; judge = judge->next)
            judge->doors &= ~role_bit(door->role);
        if (team->retired)
            team_release(team, 0, 0);
    }
}

void team_end(struct team *team)
{
    team->retired = true;
    while (team->judges)
        judge_drop(team, &team->judges);
    channel_free(&team->channel);
}

void team_free(struct parent *parent, struct team *team)
{
    struct team **at = &parent->teams;
    while (*at != team)
        at = &(*at)->next;
    *at = team->next;
    team_end(team);
    free(team);
}

bool team_died(struct parent *parent, pid_t pid)
{
    for (struct team *team = parent->teams; team; team = team->next) {
        if (team->pid != pid)
            continue;
        team->pid = 0;
        if (team->retired) {
            team_free(parent, team);
            return true;
        }
        log_event(LEVEL_ERROR, "template-died", "the template ended, and its judges with it");
        deaths_tell(parent, ROLE_TEMPLATE);
        channel_free(&team->channel);
        while (team->judges)
            judge_drop(team, &team->judges);
        backoff_died(&team->backoff, clock_ms());
        return true;
    }
    return false;
}
