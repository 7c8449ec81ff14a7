/* channel: moves frames and descriptors over one stream socket; looks into no payload. */
#include "role/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct wire { /* both ends are one binary on one machine: its own byte order */
    uint16_t version, kind;
    uint32_t serial, length, with_fd;
};

enum { ROOM = 64 << 10, ROOM_KEPT = 1 << 20, FDS = 2, READS_MOST = 32, FD_WEIGHT = 64 << 10 };

struct waiting { /* of a frame, what the socket did not take */
    struct waiting *next;
    size_t len, sent, weight;
    int fd;
    char bytes[];
};

struct channel {
    int fd;
    enum role mine, theirs; /* 0: not said */
    size_t most;
    struct waiting *first, **last;
    size_t weight; /* of all that waits */
    bool answers;  /* what the other end asks */
    bool held_back; /* frames that came are not handed out while it is full */
    /* What came is read ahead of the frame it belongs to: few calls for many small frames. */
    char *ahead;
    size_t room, from, till; /* of ahead: its size; what came and was not handed out */
    bool dry;                /* nothing more is there, until channel_waited says so */
    bool is_told;            /* by channel_waited, of each wait */
    int fds[FDS];            /* came, and their frames were not handed out; oldest first, -1: none */
    unsigned reads;          /* in a row */
};

static void *memory(void *at, size_t size)
{
    void *got = realloc(at, size);
    if (!got)
        abort(); /* no memory ends the process; the parent starts another */
    return got;
}

struct channel *channel_new(int fd, size_t most)
{
    struct channel *channel = memory(NULL, sizeof *channel);
    *channel = (struct channel){.fd = fd, .most = most, .fds = {-1, -1}, .room = ROOM};
    channel->ahead = memory(NULL, channel->room);
    channel->last = &channel->first;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return channel;
}

static void waiting_drop(struct channel *channel)
{
    struct waiting *gone = channel->first;
    channel->first = gone->next;
    channel->weight -= gone->weight;
    if (!channel->first)
        channel->last = &channel->first;
    fd_close_later(&gone->fd);
    free(gone);
}

void channel_free(struct channel **pointer)
{
    struct channel *channel = *pointer;
    if (!channel)
        return;
    while (channel->first)
        waiting_drop(channel);
    for (size_t i = 0; i < FDS; i++)
        fd_close_later(&channel->fds[i]);
    close(channel->fd);
    free(channel->ahead);
    free(channel);
    *pointer = NULL;
}

void channel_between(struct channel *channel, enum role mine, enum role theirs)
{
    channel->mine = mine;
    channel->theirs = theirs;
    channel->answers = role_answers(mine, theirs);
}

int channel_fd(const struct channel *channel)
{
    return channel->fd;
}

bool channel_is_full(const struct channel *channel)
{
    return channel->weight >= CHANNEL_FULL;
}

static bool holds_back(const struct channel *channel)
{
    return channel->answers && channel_is_full(channel);
}

/* What was held back may lie here whole, and the socket tells nothing of it any more: it can be written to, and so it wakes. */
struct pollfd channel_wait(const struct channel *channel)
{
    bool write = channel->first || channel->held_back;
    return (struct pollfd){channel->fd, (short)((holds_back(channel) ? 0 : POLLIN) | (write ? POLLOUT : 0)), 0};
}

void channel_waited(struct channel *channel, short revents)
{
    channel->is_told = true;
    channel->dry = !(revents & (POLLIN | POLLHUP | POLLERR));
}

union control { /* room for one descriptor, aligned as the kernel wants it */
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

/* Bytes sent; 0: the socket takes none now. */
static ssize_t send_some(int socket, const struct iovec *parts, size_t count, int fd, struct err *err)
{
    union control control = {{0}};
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = count};
    ssize_t sent;
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN && errno != ENOBUFS)
        return err_set(err, "the other process went away: %s", strerror(errno));
    return sent < 0 ? 0 : sent;
}

int channel_flush(struct channel *channel, struct err *err)
{
    while (channel->first) {
        struct waiting *waiting = channel->first;
        struct iovec rest = {waiting->bytes + waiting->sent, waiting->len - waiting->sent};
        ssize_t sent = send_some(channel->fd, &rest, 1, waiting->fd, err);
        if (sent <= 0)
            return (int)sent;
        fd_close_later(&waiting->fd); /* it travelled with the first bytes */
        waiting->fd = -1;
        waiting->sent += (size_t)sent;
        if (waiting->sent == waiting->len)
            waiting_drop(channel);
    }
    return 1;
}

/* Of a whole frame, those that come after the first `sent`. */
static void wait_for_room(struct channel *channel, const struct iovec *parts, size_t count, size_t sent, int fd)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].iov_len;
    struct waiting *waiting = memory(NULL, sizeof *waiting + len);
    *waiting = (struct waiting){.len = len, .sent = sent, .weight = sizeof *waiting + len + (fd >= 0 ? FD_WEIGHT : 0), .fd = fd};
    channel->weight += waiting->weight;
    char *to = waiting->bytes;
    for (size_t i = 0; i < count; i++)
        to = parts[i].iov_len ? mempcpy(to, parts[i].iov_base, parts[i].iov_len) : to;
    *channel->last = waiting;
    channel->last = &waiting->next;
}

static struct iovec part_of(struct span bytes)
{
    return (struct iovec){(char *)(uintptr_t)bytes.at, bytes.len};
}

int channel_send_both(struct channel *channel, enum frame_kind kind, uint32_t serial, struct span bytes, struct span more, int fd, struct err *err)
{
    size_t len = bytes.len + more.len;
    if (len > channel->most) {
        fd_close_later(&fd);
        return err_set(err, "a frame of %zu bytes is larger than the channel takes (%zu)", len, channel->most);
    }
    struct wire head = {CHANNEL_VERSION, (uint16_t)kind, serial, (uint32_t)len, fd >= 0};
    const struct iovec parts[] = {{&head, sizeof head}, part_of(bytes), part_of(more)};
    enum { PARTS = sizeof parts / sizeof *parts };
    ssize_t sent = channel->first ? 0 : send_some(channel->fd, parts, PARTS, fd, err);
    if (sent) { /* it travelled with the first bytes, or nobody is there */
        fd_close_later(&fd);
        fd = -1;
    }
    if (sent >= 0 && (size_t)sent < sizeof head + len)
        wait_for_room(channel, parts, PARTS, (size_t)sent, fd);
    return sent < 0 ? -1 : 0;
}

int channel_send(struct channel *channel, enum frame_kind kind, uint32_t serial, struct span bytes, int fd, struct err *err)
{
    return channel_send_both(channel, kind, serial, bytes, (struct span){0}, fd, err);
}

/* One, or none: -1. For the sake of alignment there is room for more, and the kernel fills it where more were sent: then they are
 * all closed, and it is -2. */
static int fd_of(struct msghdr *message)
{
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS || head->cmsg_len < CMSG_LEN(sizeof(int)))
        return -1;
    int fds[sizeof(union control) / sizeof(int)];
    size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
    memcpy(fds, CMSG_DATA(head), count * sizeof *fds);
    if (count == 1)
        return fds[0];
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    return -2;
}

static struct wire head_at(const struct channel *channel)
{
    struct wire head;
    memcpy(&head, channel->ahead + channel->from, sizeof head);
    return head;
}

/* Room for the rest of the first frame, whose head was looked at where it is whole. What a large one took is given back after it. */
static void room_make(struct channel *channel)
{
    size_t have = channel->till - channel->from, want = sizeof(struct wire);
    if (have >= want)
        want += head_at(channel).length;
    bool shrink = channel->room > ROOM_KEPT && want < ROOM_KEPT && have < ROOM;
    if (channel->from)
        memmove(channel->ahead, channel->ahead + channel->from, have);
    channel->from = 0;
    channel->till = have;
    if (want <= channel->room && !shrink)
        return;
    channel->room = want < ROOM ? ROOM : want;
    channel->ahead = memory(channel->ahead, channel->room);
}

/* One reading brings one descriptor at most, with the last of its bytes; and it is made only where the first frame is not whole. */
static int fd_take(struct channel *channel, int fd, struct err *err)
{
    for (size_t i = 0; fd >= 0 && i < FDS; i++)
        if (channel->fds[i] < 0) {
            channel->fds[i] = fd;
            return 0;
        }
    if (fd < 0)
        return 0;
    close(fd);
    return err_set(err, "more descriptors came than frames announced");
}

/* Who sends without end gets so many reads; then it is the others' turn, and what is left in the socket wakes whoever waits. */
static enum channel_state reads_end(struct channel *channel)
{
    channel->reads = 0;
    return CHANNEL_LATER;
}

static enum channel_state read_ahead(struct channel *channel, struct err *err)
{
    union control control = {{0}};
    if (channel->reads == READS_MOST)
        return reads_end(channel);
    channel->reads++;
    room_make(channel);
    struct iovec part = {channel->ahead + channel->till, channel->room - channel->till};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t now;
    do
        now = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC);
    while (now < 0 && errno == EINTR);
    if (now < 0 && errno == EAGAIN)
        return reads_end(channel);
    if (now < 0)
        return err_set(err, "the other process went away: %s", strerror(errno));
    if (now == 0)
        return channel->till ? err_set(err, "the other process ended in the middle of a frame") : CHANNEL_CLOSED;
    channel->till += (size_t)now;
    channel->dry = channel->is_told && (size_t)now < part.iov_len && !message.msg_controllen; /* behind a descriptor there may be more */
    int fd = fd_of(&message);
    if (fd_take(channel, fd, err) < 0)
        return CHANNEL_BROKEN;
    if (fd == -2 || message.msg_flags & MSG_CTRUNC)
        return err_set(err, "a frame came with more descriptors than one");
    return CHANNEL_FRAME;
}

static int head_check(const struct channel *channel, const struct wire *head, struct err *err)
{
    bool last = channel->till - channel->from == sizeof *head + head->length; /* nothing else here to which a descriptor could belong */
    if (head->version != CHANNEL_VERSION)
        return err_set(err, "a frame of version %u came, this program speaks %d", head->version, CHANNEL_VERSION);
    if (head->kind == 0 || head->kind >= FRAME_COUNT)
        return err_set(err, "a frame of unknown kind %u came", head->kind);
    if (channel->theirs && !role_may_send(channel->theirs, channel->mine, head->kind))
        return err_set(err, "the %s sent a frame of kind %u, which it may not send to the %s", role_name(channel->theirs), head->kind,
                       role_name(channel->mine));
    if (head->length > channel->most)
        return err_set(err, "a frame announces %u bytes, more than %zu", head->length, channel->most);
    if (head->with_fd && channel->fds[0] < 0)
        return err_set(err, "a frame came without its descriptor");
    if (last && channel->fds[head->with_fd ? 1 : 0] >= 0)
        return err_set(err, "a frame does not announce its descriptor");
    return 0;
}

static int fd_give(struct channel *channel, bool announced)
{
    int fd = announced ? channel->fds[0] : -1;
    if (announced) {
        channel->fds[0] = channel->fds[1];
        channel->fds[1] = -1;
    }
    return fd;
}

enum channel_state channel_receive(struct channel *channel, struct frame *out, struct err *err)
{
    struct wire head;
    channel->held_back = holds_back(channel);
    if (channel->held_back)
        return reads_end(channel);
    for (size_t have; (have = channel->till - channel->from) < sizeof head || have < sizeof head + (head = head_at(channel)).length;) {
        if (have >= sizeof head && head_check(channel, &head, err) < 0)
            return CHANNEL_BROKEN;
        enum channel_state state = channel->dry ? reads_end(channel) : read_ahead(channel, err);
        if (state != CHANNEL_FRAME)
            return state;
    }
    if (head_check(channel, &head, err) < 0)
        return CHANNEL_BROKEN;
    *out = (struct frame){head.kind, head.serial, {channel->ahead + channel->from + sizeof head, head.length}, fd_give(channel, head.with_fd)};
    channel->from += sizeof head + head.length;
    return CHANNEL_FRAME;
}
