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

struct waiting { /* a frame that the socket did not take whole */
    struct waiting *next;
    size_t len, sent;
    int fd;
    char bytes[];
};

struct channel {
    int fd;
    enum role mine, theirs; /* 0: not said */
    size_t most;
    struct waiting *first, **last;
    struct wire head;
    size_t head_got, body_got, room;
    char *body;
    int body_fd;
};

enum { ROOM_KEPT = 1 << 20 };

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
    *channel = (struct channel){.fd = fd, .most = most, .body_fd = -1};
    channel->last = &channel->first;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return channel;
}

static void waiting_drop(struct channel *channel)
{
    struct waiting *gone = channel->first;
    channel->first = gone->next;
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
    fd_close_later(&channel->body_fd);
    close(channel->fd);
    free(channel->body);
    free(channel);
    *pointer = NULL;
}

void channel_between(struct channel *channel, enum role mine, enum role theirs)
{
    channel->mine = mine;
    channel->theirs = theirs;
}

int channel_fd(const struct channel *channel)
{
    return channel->fd;
}

struct pollfd channel_wait(const struct channel *channel)
{
    return (struct pollfd){channel->fd, (short)(POLLIN | (channel->first ? POLLOUT : 0)), 0};
}

union control { /* room for one descriptor, aligned as the kernel wants it */
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

static ssize_t send_some(int socket, const char *at, size_t len, int fd)
{
    struct iovec part = {(void *)at, len};
    union control control = {{0}};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

int channel_flush(struct channel *channel, struct err *err)
{
    while (channel->first) {
        struct waiting *waiting = channel->first;
        ssize_t sent = send_some(channel->fd, waiting->bytes + waiting->sent, waiting->len - waiting->sent, waiting->fd);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
            return 0;
        if (sent < 0)
            return err_set(err, "the other process went away: %s", strerror(errno));
        fd_close_later(&waiting->fd); /* it travelled with the first bytes */
        waiting->fd = -1;
        waiting->sent += (size_t)sent;
        if (waiting->sent == waiting->len)
            waiting_drop(channel);
    }
    return 1;
}

int channel_send(struct channel *channel, enum frame_kind kind, uint32_t serial, struct span bytes, int fd, struct err *err)
{
    if (bytes.len > channel->most) {
        fd_close_later(&fd);
        return err_set(err, "a frame of %zu bytes is larger than the channel takes (%zu)", bytes.len, channel->most);
    }
    struct wire head = {CHANNEL_VERSION, (uint16_t)kind, serial, (uint32_t)bytes.len, fd >= 0};
    struct waiting *waiting = memory(NULL, sizeof *waiting + sizeof head + bytes.len);
    *waiting = (struct waiting){.len = sizeof head + bytes.len, .fd = fd};
    memcpy(waiting->bytes, &head, sizeof head);
    if (bytes.len)
        memcpy(waiting->bytes + sizeof head, bytes.at, bytes.len);
    *channel->last = waiting;
    channel->last = &waiting->next;
    return channel_flush(channel, err) < 0 ? -1 : 0;
}

static int fd_of(struct msghdr *message)
{
    int fd = -1;
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(head), sizeof fd);
    return fd;
}

/* Reads on into at until *got is want: the frame, where it is whole. */
static enum channel_state receive_piece(struct channel *channel, char *at, size_t *got, size_t want, struct err *err)
{
    while (*got < want) {
        union control control = {{0}};
        struct iovec part = {at + *got, want - *got};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
        ssize_t now = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC);
        if (now < 0 && errno == EINTR)
            continue;
        if (now < 0 && errno == EAGAIN)
            return CHANNEL_LATER;
        if (now < 0)
            return err_set(err, "the other process went away: %s", strerror(errno));
        if (now == 0)
            return channel->head_got ? err_set(err, "the other process ended in the middle of a frame") : CHANNEL_CLOSED;
        int fd = fd_of(&message);
        if (fd >= 0) {
            fd_close_later(&channel->body_fd);
            channel->body_fd = fd;
        }
        if (message.msg_flags & MSG_CTRUNC)
            return err_set(err, "a frame came with more descriptors than one");
        *got += (size_t)now;
    }
    return CHANNEL_FRAME;
}

static int head_check(const struct channel *channel, struct err *err)
{
    const struct wire *head = &channel->head;
    if (head->version != CHANNEL_VERSION)
        return err_set(err, "a frame of version %u came, this program speaks %d", head->version, CHANNEL_VERSION);
    if (head->kind == 0 || head->kind >= FRAME_COUNT)
        return err_set(err, "a frame of unknown kind %u came", head->kind);
    if (channel->theirs && !role_may_send(channel->theirs, channel->mine, head->kind))
        return err_set(err, "the %s sent a frame of kind %u, which it may not send to the %s", role_name(channel->theirs), head->kind,
                       role_name(channel->mine));
    if (head->length > channel->most)
        return err_set(err, "a frame announces %u bytes, more than %zu", head->length, channel->most);
    if (head->with_fd != (channel->body_fd >= 0))
        return err_set(err, "a frame %s its descriptor", head->with_fd ? "came without" : "does not announce");
    return 0;
}

static void body_room(struct channel *channel)
{
    size_t want = channel->head.length;
    if (want > channel->room || (channel->room > ROOM_KEPT && want < ROOM_KEPT)) {
        channel->room = want > 4096 ? want : 4096;
        free(channel->body);
        channel->body = memory(NULL, channel->room);
    }
}

enum channel_state channel_receive(struct channel *channel, struct frame *out, struct err *err)
{
    enum channel_state state;
    if (channel->head_got < sizeof channel->head) {
        state = receive_piece(channel, (char *)&channel->head, &channel->head_got, sizeof channel->head, err);
        if (state != CHANNEL_FRAME)
            return state;
        if (head_check(channel, err) < 0)
            return CHANNEL_BROKEN;
        body_room(channel);
        channel->body_got = 0;
    }
    state = receive_piece(channel, channel->body, &channel->body_got, channel->head.length, err);
    if (state != CHANNEL_FRAME)
        return state;
    *out = (struct frame){channel->head.kind, channel->head.serial, {channel->body, channel->head.length}, channel->body_fd};
    channel->body_fd = -1;
    channel->head_got = 0;
    return CHANNEL_FRAME;
}
