/* mta_session: one connection of a mail server, whatever is spoken on it: bytes in, answers out, and its deadlines. */
#include "door/mta.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM_LEAST = 16 << 10, READS_AT_ONCE = 16, PIECES_AT_ONCE = 16, OUT_MOST = 64 << 10, PROGRESS_MS = 10000, LINGER_MS = 5000 };

/* ---- its life */
static void watch(struct session *session, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = session};
    if (session->watched != events && epoll_ctl(session->gate->mta->epoll, EPOLL_CTL_MOD, session->fd, &event) == 0)
        session->watched = events;
}

void session_open(struct mta_gate *gate, int fd)
{
    struct mta *mta = gate->mta;
    struct session *session = calloc(1, sizeof *session);
    if (!session)
        abort();
    *session = (struct session){.next = mta->sessions, .gate = gate, .fd = fd, .watched = EPOLLIN, .moved_at = clock_ms(), .mail.bytes.fd = -1, .asking.source.fd = -1,
                                .speech = gate->gate.settings.protocol == PROTOCOL_SPAMC ? &spamd_speech : &milter_speech};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
    if (epoll_ctl(mta->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        session->gone = true; /* the next look at it ends it */
    if (mta->sessions)
        mta->sessions->previous = session;
    mta->sessions = session;
    gate_in(&gate->gate);
}

static void woken_forget(struct session *session)
{
    struct session **at = &session->gate->mta->woken;
    while (session->is_woken && *at != session)
        at = &(*at)->woken;
    if (session->is_woken)
        *at = session->woken;
}

void session_close(struct session *session)
{
    struct mta *mta = session->gate->mta;
    if (session->ticket)
        flow_drop(mta->flow, session->ticket);
    woken_forget(session);
    mail_drop(session);
    facts_drop(session);
    asking_drop(session);
    *(session->previous ? &session->previous->next : &mta->sessions) = session->next;
    if (session->next)
        session->next->previous = session->previous;
    gate_out(&session->gate->gate);
    close(session->fd);
    free(session->in);
    free(session->out);
    free(session);
}

void session_wake(struct session *session)
{
    struct mta *mta = session->gate->mta;
    if (session->is_woken)
        return;
    session->is_woken = true;
    session->woken = mta->woken;
    mta->woken = session;
}

bool session_is_between(const struct session *session)
{
    return !session->ticket && !session->mail.arena && !session->out_len;
}

static void fault_log(const struct session *session, const char *what)
{
    log_event(LEVEL_WARNING, session->speech->fault, "%s: the connection is closed: %s", session->gate->gate.settings.name, what);
}

/* ---- out */
static bool out_push(struct session *session)
{
    size_t gone = 0;
    while (gone < session->out_len) {
        ssize_t sent = send(session->fd, session->out + gone, session->out_len - gone, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent < 0)
            break;
        gone += (size_t)sent;
        session->moved_at = clock_ms();
    }
    if (gone)
        memmove(session->out, session->out + gone, session->out_len - gone);
    session->out_len -= gone;
    return true;
}

/* A long answer goes piece by piece, and others have their turn between. */
static bool out_flush(struct session *session)
{
    for (int i = 0; i < PIECES_AT_ONCE; i++) {
        if (!out_push(session))
            return false;
        if (session->out_len || session->gone || !session->speech->more || !session->speech->more(session))
            break;
    }
    return !session->gone;
}

void session_send(struct session *session, struct span frames)
{
    if (!frames.len)
        return;
    if (session->out_len + frames.len > session->out_room) {
        session->out_room = session->out_len + frames.len + 64;
        session->out = realloc(session->out, session->out_room);
        if (!session->out)
            abort();
    }
    memcpy(session->out + session->out_len, frames.at, frames.len);
    session->out_len += frames.len;
}

struct arena *session_scratch(const struct session *session)
{
    struct arena *scratch = session->gate->mta->scratch;
    arena_reset(scratch);
    return scratch;
}

/* ---- in */
/* 1: something came; 0: nothing for now; -1: the other side is done, or gone. */
static int in_read(struct session *session)
{
    if (session->in_room - session->in_len < ROOM_LEAST / 4) {
        session->in_room = session->in_room ? 2 * session->in_room : ROOM_LEAST;
        session->in = realloc(session->in, session->in_room);
        if (!session->in)
            abort();
    }
    ssize_t got = recv(session->fd, session->in + session->in_len, session->in_room - session->in_len, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0)
        return -1;
    session->in_len += (size_t)got;
    session->moved_at = clock_ms();
    return 1;
}

static void in_consume(struct session *session, size_t used)
{
    session->in_len -= used;
    if (session->in_len)
        memmove(session->in, session->in + used, session->in_len);
    else if (session->in_room > ROOM_LEAST) { /* an idle connection keeps no large frame's room */
        free(session->in);
        session->in = NULL;
        session->in_room = 0;
    }
    session->frame_at = !session->in_len || session->ticket ? 0 : used || !session->frame_at ? clock_ms() : session->frame_at;
}

/* What is there is taken as far as it goes: a message with the judge, or answers that nobody takes, hold it up. false: the end. */
static bool frames_take(struct session *session)
{
    size_t done = 0, used = 0;
    struct err err = {.text = ""};
    int taken = 1;
    while (taken > 0 && !session->ticket && session->out_len < OUT_MOST && !session->last) {
        taken = session->speech->take(session, (struct span){session->in + done, session->in_len - done}, &used, &err);
        done += taken > 0 ? used : 0;
    }
    in_consume(session, done);
    if (err.text[0])
        fault_log(session, err.text);
    return taken >= 0;
}

/* True: there is nothing more to be done on it but to throw away what still comes. */
static bool linger(struct session *session)
{
    char nothing[4096];
    ssize_t got = 1;
    if (!session->lingers || session->half)
        return false;
    if (!session->lingers_until) {
        session->lingers_until = clock_ms() + LINGER_MS;
        shutdown(session->fd, SHUT_WR);
    }
    for (int i = 0; i < READS_AT_ONCE && got > 0; i++)
        got = recv(session->fd, nothing, sizeof nothing, 0);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void watch_what_matters(struct session *session)
{
    bool reads = session->lingers_until || (!session->ticket && !session->out_len && !session->last && !session->half);
    watch(session, (reads ? EPOLLIN : 0) | (session->out_len ? EPOLLOUT : 0)); /* that it is gone is told in any case */
}

/* ---- what happens to it */
void session_go_on(struct session *session)
{
    bool lives = !session->gone && frames_take(session) && out_flush(session);
    bool over = (session->last || session->half) && !session->out_len && !session->ticket;
    if (!lives || (over && !linger(session))) {
        out_push(session);
        session_close(session);
        return;
    }
    watch_what_matters(session);
}

void session_event(struct session *session, uint32_t events)
{
    if (events & (EPOLLERR | EPOLLHUP) && !(events & EPOLLIN)) {
        session_close(session); /* nobody is there to take an answer */
        return;
    }
    for (int i = 0; i < READS_AT_ONCE && events & EPOLLIN && !session->lingers_until && !session->ticket && !session->out_len; i++) {
        int got = in_read(session);
        if (got == 0)
            break;
        bool answered = got < 0 && session->speech->ended && session->speech->ended(session);
        session->half |= got < 0;
        if (got < 0 && !answered && session->in_len)
            fault_log(session, "it ended in the middle of a frame");
        if (got < 0)
            session->gone = !answered;
        else
            session->gone = !frames_take(session) || !out_flush(session);
        if (got < 0 || session->gone)
            break;
    }
    session_go_on(session);
}

/* ---- deadlines */
static const char *overdue(const struct session *session, int64_t now)
{
    const struct door_settings *settings = flow_settings(session->gate->mta->flow);
    int64_t request = 1000 * (int64_t)settings->request_seconds, idle = 1000 * (int64_t)settings->idle_seconds;
    if (session->ticket)
        return NULL; /* it is we who are slow */
    if (session->lingers_until)
        return now > session->lingers_until ? "" : NULL;
    if (session->out_len && now - session->moved_at > request)
        return "it does not take its answers";
    if (session->frame_at && now - session->frame_at > request)
        return "a frame did not arrive whole in time";
    if (session->mail.content_at && now - session->mail.content_at > request)
        return "a message did not arrive whole in time";
    if (!session->speech->waits(session) && now - session->moved_at > idle)
        return "it says nothing";
    return now - session->moved_at > 1000 * (int64_t)settings->session_seconds ? "nothing moved on it any more" : NULL;
}

static void progress_tell(struct session *session, int64_t now)
{
    session->told_at = now;
    session->speech->progress(session);
    out_flush(session); /* that it is gone shows itself */
}

void session_look(struct session *session, int64_t now)
{
    const char *why = session->gone ? "it could not be watched" : overdue(session, now);
    if (why) {
        if (why[0])
            fault_log(session, why);
        session_close(session);
    } else if (session->ticket && session->speech->progress && now - session->told_at >= PROGRESS_MS) {
        progress_tell(session, now);
    } else if (flow_is_draining(session->gate->mta->flow) && session_is_between(session)) {
        session_close(session);
    }
}
