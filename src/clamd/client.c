#include "clamd/clamd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    CHUNK = 64 * 1024, HEAD = 4, ANSWER_MOST = 1024, DEADLINE_MS = 10000, CONNECTIONS = 8, WAIT_LEAST_MS = 500, WAIT_MOST_MS = 30000,
    SILENT_MOST = 4, /* unanswered ones in a row after which it counts as away */
    CHUNKS_AT_ONCE = 16, EVENTS_AT_ONCE = 64, FULL_MS = 50
};

struct talk { /* a connection; memory of it is there only while it is open */
    int fd;
    char out[HEAD + CHUNK + HEAD], in[ANSWER_MOST];
    size_t out_len, out_sent, in_len;
    bool ended; /* the last chunk is written */
    bool reached; /* it took something: it is there, whatever becomes of the connection */
};
struct clamd_scan {
    struct clamd_scan *next, *previous; /* in the order of their coming, so in that of their deadlines */
    struct clamd *clamd;
    struct talk *talk; /* NULL: waits for its turn */
    int fd;
    uint64_t offset, left;
    int64_t due;
    clamd_done done;
    void *context;
};
struct clamd {
    struct clamd_options options;
    int epoll;
    struct clamd_scan *first, *last;
    unsigned open;
    unsigned silent;          /* unanswered ones in a row */
    int64_t away_until, wait; /* in ms; wait 0: it answered last */
    int64_t full_until;       /* its socket takes no more connections for a moment */
    char why[200];            /* it is away */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct clamd *clamd_new(const struct clamd_options *options)
{
    struct clamd *clamd = calloc(1, sizeof *clamd);
    if (!clamd)
        abort();
    *clamd = (struct clamd){.options = *options, .epoll = -1};
    clamd->options.deadline_ms = options->deadline_ms ? options->deadline_ms : DEADLINE_MS;
    clamd->options.connections = options->connections ? options->connections : CONNECTIONS;
    return clamd;
}

/* ---- scans */
static void talk_close(struct clamd_scan *scan)
{
    if (!scan->talk)
        return;
    close(scan->talk->fd); /* and epoll forgets it */
    free(scan->talk);
    scan->talk = NULL;
    scan->clamd->open--;
}

void clamd_forget(struct clamd_scan *scan)
{
    struct clamd *clamd = scan->clamd;
    talk_close(scan);
    close(scan->fd);
    *(scan->previous ? &scan->previous->next : &clamd->first) = scan->next;
    *(scan->next ? &scan->next->previous : &clamd->last) = scan->previous;
    free(scan);
}

static void answer(struct clamd_scan *scan, const struct clamd_answer *said)
{
    clamd_done done = scan->done;
    void *context = scan->context;
    char text[ANSWER_MOST];
    struct clamd_answer copy = *said; /* may lie in what is freed now */
    struct span *word = copy.name.len ? &copy.name : &copy.why;
    snprintf(text, sizeof text, "%.*s", SPAN_FMT(*word));
    *word = span_of(text);
    clamd_forget(scan);
    done(context, &copy);
}

static void give_up(struct clamd_scan *scan, enum clamd_word word, const char *why)
{
    answer(scan, &(struct clamd_answer){.word = word, .why = span_of(why)});
}

/* Who waits for his turn would wait in vain; who is connected may still get his answer. */
static void go_away(struct clamd *clamd, const char *why)
{
    int64_t now = now_ms();
    if (now < clamd->away_until)
        return;
    clamd->wait = !clamd->wait ? WAIT_LEAST_MS : clamd->wait * 2 < WAIT_MOST_MS ? clamd->wait * 2 : WAIT_MOST_MS;
    clamd->away_until = now + clamd->wait;
    clamd->silent = 0;
    snprintf(clamd->why, sizeof clamd->why, "%s", why);
    for (struct clamd_scan *scan = clamd->first, *next; scan; scan = next) {
        next = scan->next;
        if (!scan->talk)
            give_up(scan, CLAMD_AWAY, clamd->why);
    }
}

static void fail(struct clamd_scan *scan, const char *why)
{
    struct clamd *clamd = scan->clamd;
    char text[200];
    snprintf(text, sizeof text, "%s", why);
    give_up(scan, CLAMD_AWAY, text);
    go_away(clamd, text);
}

/* ---- the connection */
static int socket_open(const struct clamd_options *options)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(options->port)};
    struct sockaddr *to = (struct sockaddr *)&local;
    socklen_t len = sizeof local;
    if (options->path) {
        snprintf(local.sun_path, sizeof local.sun_path, "%s", options->path);
    } else if (options->ip.family == IP_V4) {
        memcpy(&v4.sin_addr, options->ip.bytes, sizeof v4.sin_addr);
        to = (struct sockaddr *)&v4;
        len = sizeof v4;
    } else {
        memcpy(&v6.sin6_addr, options->ip.bytes, sizeof v6.sin6_addr);
        to = (struct sockaddr *)&v6;
        len = sizeof v6;
    }
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, to, len) < 0 && errno != EINPROGRESS) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static bool talk_open(struct clamd_scan *scan)
{
    struct clamd *clamd = scan->clamd;
    int fd = socket_open(&clamd->options);
    if (fd < 0 && errno == EAGAIN) {
        clamd->full_until = now_ms() + FULL_MS;
        return false;
    }
    if (fd < 0) {
        fail(scan, strerror(errno));
        return false;
    }
    scan->talk = malloc(sizeof *scan->talk);
    if (!scan->talk)
        abort();
    scan->talk->fd = fd;
    scan->talk->in_len = scan->talk->out_sent = 0;
    scan->talk->ended = scan->talk->reached = false;
    scan->talk->out_len = sizeof "zINSTREAM"; /* with its NUL */
    memcpy(scan->talk->out, "zINSTREAM", sizeof "zINSTREAM");
    clamd->open++;
    struct epoll_event wait = {.events = EPOLLIN | EPOLLOUT, .data.ptr = scan};
    epoll_ctl(clamd->epoll, EPOLL_CTL_ADD, fd, &wait);
    return true;
}

/* The first that waits is connected; whatever that ends is taken off the list by it, so it begins again. */
static void pump(struct clamd *clamd)
{
    struct clamd_scan *scan = clamd->first;
    while (scan && clamd->open < clamd->options.connections && now_ms() >= clamd->full_until) {
        if (scan->talk) {
            scan = scan->next;
            continue;
        }
        talk_open(scan);
        scan = clamd->first;
    }
}

/* ---- what is said */
static void chunk_fill(struct clamd_scan *scan)
{
    struct talk *talk = scan->talk;
    size_t want = scan->left < CHUNK ? (size_t)scan->left : CHUNK;
    ssize_t got = want ? pread(scan->fd, talk->out + HEAD, want, (off_t)scan->offset) : 0;
    size_t len = got > 0 ? (size_t)got : 0; /* a file that shrank ends here */
    uint32_t head = htonl((uint32_t)len);
    memcpy(talk->out, &head, sizeof head);
    scan->offset += len;
    scan->left = len ? scan->left - len : 0;
    talk->ended = !len;
    talk->out_sent = 0;
    talk->out_len = HEAD + len;
}

static void hear_only(struct clamd_scan *scan)
{
    struct epoll_event wait = {.events = EPOLLIN, .data.ptr = scan};
    epoll_ctl(scan->clamd->epoll, EPOLL_CTL_MOD, scan->talk->fd, &wait);
}

/* A side that takes no more may have said why: that is still heard. */
static void speak(struct clamd_scan *scan)
{
    struct talk *talk = scan->talk;
    for (int chunks = 0; chunks < CHUNKS_AT_ONCE;) {
        if (talk->out_sent == talk->out_len && talk->ended) {
            hear_only(scan);
            return;
        }
        if (talk->out_sent == talk->out_len) {
            chunk_fill(scan);
            chunks++;
        }
        ssize_t sent = send(talk->fd, talk->out + talk->out_sent, talk->out_len - talk->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent < 0) {
            hear_only(scan);
            return;
        }
        talk->out_sent += (size_t)sent;
        talk->reached = true;
    }
}

static void heard(struct clamd_scan *scan)
{
    struct clamd *clamd = scan->clamd;
    struct clamd_answer said;
    clamd_answer_parse((struct span){scan->talk->in, strnlen(scan->talk->in, scan->talk->in_len)}, &said);
    clamd->wait = clamd->silent = 0;
    clamd->away_until = 0;
    answer(scan, &said);
}

static void hear(struct clamd_scan *scan)
{
    struct talk *talk = scan->talk;
    ssize_t got = recv(talk->fd, talk->in + talk->in_len, sizeof talk->in - talk->in_len, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0 && !talk->in_len) {
        give_up(scan, CLAMD_ERROR, "it broke the connection; is its StreamMaxLength smaller than clamd: bytes?");
        return;
    }
    talk->in_len += got > 0 ? (size_t)got : 0;
    if (got <= 0 || memchr(talk->in, 0, talk->in_len) || talk->in_len == sizeof talk->in)
        heard(scan);
}

static void on_event(struct clamd_scan *scan, uint32_t events)
{
    int why = 0;
    socklen_t len = sizeof why;
    if (!scan->talk->reached && getsockopt(scan->talk->fd, SOL_SOCKET, SO_ERROR, &why, &len) == 0 && why) {
        fail(scan, strerror(why));
        return;
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        hear(scan);
    else if (events & EPOLLOUT)
        speak(scan);
}

static void overdue_end(struct clamd *clamd, int64_t now)
{
    while (clamd->first && clamd->first->due <= now) {
        clamd->silent += clamd->first->talk != NULL;
        give_up(clamd->first, CLAMD_SILENT, "it did not answer in time");
        if (clamd->silent >= SILENT_MOST)
            go_away(clamd, "it does not answer");
    }
}

/* ---- the face */
struct clamd_scan *clamd_scan(struct clamd *clamd, int fd, uint64_t offset, uint64_t length, clamd_done done, void *context)
{
    struct clamd_scan *scan = calloc(1, sizeof *scan);
    struct clamd_answer told;
    int64_t now = now_ms();
    if (!scan)
        abort();
    *scan = (struct clamd_scan){.clamd = clamd, .previous = clamd->last, .fd = fd, .offset = offset, .left = length,
                                .due = now + clamd->options.deadline_ms, .done = done, .context = context};
    *(clamd->last ? &clamd->last->next : &clamd->first) = scan;
    clamd->last = scan;
    if (clamd->epoll < 0 && !clamd->options.says)
        clamd->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (clamd->options.says) {
        clamd_answer_parse(span_of(clamd->options.says), &told);
        answer(scan, &told);
        return NULL;
    }
    if (now < clamd->away_until) {
        give_up(scan, CLAMD_AWAY, clamd->why);
        return NULL;
    }
    return scan; /* clamd_run connects: done is never called by its own scan's caller from here on */
}

int clamd_fd(const struct clamd *clamd)
{
    return clamd->epoll;
}

int clamd_wait_ms(const struct clamd *clamd)
{
    int64_t now = now_ms(), due;
    if (!clamd->first)
        return -1;
    due = clamd->first->due;
    bool waits = !clamd->last->talk && clamd->open < clamd->options.connections;
    if (waits && clamd->full_until < due)
        due = clamd->full_until;
    return due <= now ? 0 : (int)(due - now);
}

void clamd_run(struct clamd *clamd)
{
    struct epoll_event event;
    if (!clamd->first)
        return;
    pump(clamd);
    for (int i = 0; i < EVENTS_AT_ONCE && clamd->first && epoll_wait(clamd->epoll, &event, 1, 0) == 1; i++)
        on_event(event.data.ptr, event.events); /* one at a time: it may end others */
    overdue_end(clamd, now_ms());
    pump(clamd);
}

void clamd_free(struct clamd **pointer)
{
    struct clamd *clamd = *pointer;
    *pointer = NULL;
    if (!clamd)
        return;
    while (clamd->first)
        clamd_forget(clamd->first);
    if (clamd->epoll >= 0)
        close(clamd->epoll);
    free(clamd);
}
