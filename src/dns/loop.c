#include "dns/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unbound-event.h>
#include <unistd.h>

enum { TURNS_MOST = 512 }; /* events served by one run, so that a flood of packets lets others go on */

struct event {
    struct ub_event ub; /* first: libunbound holds a pointer to it */
    struct dns_loop *loop;
    int fd;
    short bits;
    bool in_epoll;
    size_t heap_at;       /* place in the heap, 1 is the first; 0: no timer set */
    int64_t due, timeout; /* microseconds; timeout is set again after each event of a lasting one */
    void (*call)(int, short, void *);
    void *context;
};

struct dns_loop {
    struct ub_event_base ub; /* first, as above */
    int epoll;
    struct event **heap; /* from 1 */
    size_t heap_len, heap_cap;
};

int64_t dns_loop_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- timers */
static void heap_put(struct dns_loop *loop, size_t at, struct event *event)
{
    loop->heap[at] = event;
    event->heap_at = at;
}

static void heap_up(struct dns_loop *loop, size_t at, struct event *event)
{
    for (; at > 1 && loop->heap[at / 2]->due > event->due; at /= 2)
        heap_put(loop, at, loop->heap[at / 2]);
    heap_put(loop, at, event);
}

static void heap_down(struct dns_loop *loop, size_t at, struct event *event)
{
    for (size_t child; (child = 2 * at) <= loop->heap_len; at = child) {
        if (child < loop->heap_len && loop->heap[child + 1]->due < loop->heap[child]->due)
            child++;
        if (loop->heap[child]->due >= event->due)
            break;
        heap_put(loop, at, loop->heap[child]);
    }
    heap_put(loop, at, event);
}

static void timer_drop(struct event *event)
{
    struct dns_loop *loop = event->loop;
    size_t at = event->heap_at;
    if (!at)
        return;
    event->heap_at = 0;
    struct event *last = loop->heap[loop->heap_len--];
    if (last == event)
        return;
    if (at > 1 && loop->heap[at / 2]->due > last->due)
        heap_up(loop, at, last);
    else
        heap_down(loop, at, last);
}

static int timer_set(struct event *event, int64_t after)
{
    struct dns_loop *loop = event->loop;
    timer_drop(event);
    if (loop->heap_len + 2 > loop->heap_cap) {
        size_t cap = loop->heap_cap ? 2 * loop->heap_cap : 64;
        struct event **heap = realloc(loop->heap, cap * sizeof *heap);
        if (!heap)
            return -1;
        loop->heap = heap;
        loop->heap_cap = cap;
    }
    event->due = dns_loop_now() + after;
    heap_up(loop, ++loop->heap_len, event);
    return 0;
}

/* ---- descriptors */
static int event_watch(struct event *event)
{
    struct epoll_event wanted = {.data.ptr = event};
    if (event->fd < 0 || !(event->bits & (UB_EV_READ | UB_EV_WRITE)))
        return 0;
    wanted.events = (event->bits & UB_EV_READ ? EPOLLIN : 0u) | (event->bits & UB_EV_WRITE ? EPOLLOUT : 0u);
    if (epoll_ctl(event->loop->epoll, EPOLL_CTL_ADD, event->fd, &wanted) < 0)
        return -1;
    event->in_epoll = true;
    return 0;
}

static void event_stop(struct event *event)
{
    if (event->in_epoll) /* may be closed already: then the kernel has taken it out */
        epoll_ctl(event->loop->epoll, EPOLL_CTL_DEL, event->fd, &(struct epoll_event){0});
    event->in_epoll = false;
    timer_drop(event);
}

static void event_fire(struct event *event, short bits)
{
    if (!(event->bits & UB_EV_PERSIST))
        event_stop(event);
    else if (event->timeout >= 0)
        timer_set(event, event->timeout);
    event->call(event->fd, bits, event->context); /* may free the event */
}

/* ---- what libunbound calls */
static struct event *event_of(struct ub_event *ub)
{
    return (struct event *)(void *)ub;
}

static void add_bits(struct ub_event *ub, short bits)
{
    event_of(ub)->bits |= bits;
}

static void del_bits(struct ub_event *ub, short bits)
{
    event_of(ub)->bits &= (short)~bits;
}

static void set_fd(struct ub_event *ub, int fd)
{
    event_of(ub)->fd = fd;
}

static void event_free(struct ub_event *ub)
{
    event_stop(event_of(ub));
    free(event_of(ub));
}

static int64_t micros(const struct timeval *tv)
{
    return (int64_t)tv->tv_sec * 1000000 + tv->tv_usec;
}

static int event_add(struct ub_event *ub, struct timeval *tv)
{
    struct event *event = event_of(ub);
    event_stop(event);
    event->timeout = tv ? micros(tv) : -1;
    if (event_watch(event) < 0 || (tv && timer_set(event, event->timeout) < 0))
        return -1;
    return 0;
}

static int event_del(struct ub_event *ub)
{
    event_stop(event_of(ub));
    return 0;
}

static int timer_add(struct ub_event *ub, struct ub_event_base *base, void (*call)(int, short, void *), void *context,
                     struct timeval *tv)
{
    struct event *event = event_of(ub);
    event_stop(event);
    event->fd = -1;
    event->bits = UB_EV_TIMEOUT;
    event->call = call;
    event->context = context;
    return event_add(ub, tv);
}

static int signal_refuse(struct ub_event *ub, struct timeval *tv)
{
    return -1;
}

static int signal_drop(struct ub_event *ub)
{
    return 0;
}

static void windows_drop(struct ub_event *ub)
{
}

static void windows_block(struct ub_event *ub, int bit)
{
}

static struct ub_event_vmt event_methods = {.add_bits = add_bits,
                                            .del_bits = del_bits,
                                            .set_fd = set_fd,
                                            .free = event_free,
                                            .add = event_add,
                                            .del = event_del,
                                            .add_timer = timer_add,
                                            .del_timer = event_del,
                                            .add_signal = signal_refuse,
                                            .del_signal = signal_drop,
                                            .winsock_unregister_wsaevent = windows_drop,
                                            .winsock_tcp_wouldblock = windows_block};

static struct ub_event *event_new(struct ub_event_base *base, int fd, short bits, void (*call)(int, short, void *),
                                  void *context)
{
    struct event *event = calloc(1, sizeof *event);
    if (!event)
        return NULL;
    *event = (struct event){.ub = {UB_EVENT_MAGIC, &event_methods},
                            .loop = (struct dns_loop *)(void *)base,
                            .fd = fd,
                            .bits = bits,
                            .timeout = -1,
                            .call = call,
                            .context = context};
    return &event->ub;
}

static struct ub_event *signal_new(struct ub_event_base *base, int fd, void (*call)(int, short, void *), void *context)
{
    return NULL;
}

static struct ub_event *windows_new(struct ub_event_base *base, void *what, void (*call)(int, short, void *),
                                    void *context)
{
    return NULL;
}

static void base_free(struct ub_event_base *base)
{
}

static int base_dispatch(struct ub_event_base *base)
{
    return -1;
}

static int base_exit(struct ub_event_base *base, struct timeval *tv)
{
    return 0;
}

static struct ub_event_base_vmt base_methods = {.free = base_free,
                                                .dispatch = base_dispatch,
                                                .loopexit = base_exit,
                                                .new_event = event_new,
                                                .new_signal = signal_new,
                                                .winsock_register_wsaevent = windows_new};

/* ---- the loop */
int dns_loop_open(struct dns_loop **out, struct err *err)
{
    struct dns_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return err_set(err, "no memory for the DNS resolver");
    loop->ub = (struct ub_event_base){UB_EVENT_MAGIC, &base_methods};
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0) {
        free(loop);
        return err_set(err, "the DNS resolver gets no epoll descriptor: %s; raise the limit of open files",
                       strerror(errno));
    }
    *out = loop;
    return 0;
}

void dns_loop_close(struct dns_loop **loop)
{
    if (!*loop)
        return;
    close((*loop)->epoll);
    free((*loop)->heap);
    free(*loop);
    *loop = NULL;
}

struct ub_event_base *dns_loop_base(struct dns_loop *loop)
{
    return &loop->ub;
}

int dns_loop_fd(const struct dns_loop *loop)
{
    return loop->epoll;
}

int64_t dns_loop_next(const struct dns_loop *loop)
{
    return loop->heap_len ? loop->heap[1]->due : INT64_MAX;
}

void dns_loop_run(struct dns_loop *loop)
{
    struct epoll_event ready;
    /* One at a time: a callback may free any event, also one that would stand later in the same batch. */
    for (unsigned turns = 0; turns < TURNS_MOST && epoll_wait(loop->epoll, &ready, 1, 0) == 1; turns++) {
        struct event *event = ready.data.ptr;
        bool broken = ready.events & (EPOLLERR | EPOLLHUP);
        short bits = 0;
        if ((ready.events & EPOLLIN) || (broken && (event->bits & UB_EV_READ)))
            bits |= UB_EV_READ;
        if ((ready.events & EPOLLOUT) || (broken && (event->bits & UB_EV_WRITE)))
            bits |= UB_EV_WRITE;
        event_fire(event, bits);
    }
    int64_t now = dns_loop_now();
    for (unsigned turns = 0; turns < TURNS_MOST && dns_loop_next(loop) <= now; turns++) {
        struct event *event = loop->heap[1];
        timer_drop(event);
        event_fire(event, UB_EV_TIMEOUT);
    }
}
