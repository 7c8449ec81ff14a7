/* courier: may carry out the jobs of the outbox and reach the network for that; never takes part in receiving mail, parses
 * none, holds no key and no store: the keeper hands it jobs and notes what came of them. */
#include "role/inner.h"

#include <stdlib.h>

enum { ROOM = 1024 };

struct courier {
    struct channel *parent, *keeper;
    size_t holds; /* jobs under way */
    bool draining;
};

/* ---- the keeper */
static void room_tell(struct courier *courier)
{
    struct err err;
    if (courier->keeper)
        channel_send(courier->keeper, FRAME_TAKES, courier->draining ? 0 : ROOM, (struct span){0}, -1, &err);
}

static void keeper_linked(struct courier *courier, int fd)
{
    channel_free(&courier->keeper);
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
    while ((state = channel_receive(courier->keeper, &frame, &err)) == CHANNEL_FRAME)
        fd_close_later(&frame.fd);
    if (state == CHANNEL_LATER && channel_flush(courier->keeper, &err) >= 0)
        return;
    if (state == CHANNEL_BROKEN)
        log_event(LEVEL_WARNING, "channel-broken", "the channel of the keeper: %s", err.text);
    channel_free(&courier->keeper);
}

/* ---- the parent */
static void parent_says(struct courier *courier, struct frame *frame)
{
    enum role who;
    struct err err;
    if (frame->kind == FRAME_PING) {
        channel_send(courier->parent, FRAME_PONG, frame->serial, (struct span){0}, -1, &err);
    } else if (frame->kind == FRAME_LINK && role_linked(frame, &who) >= 0) {
        keeper_linked(courier, frame->fd);
        frame->fd = -1;
    } else if (frame->kind == FRAME_DRAIN) {
        courier->draining = true;
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

/* ---- the loop */
static void courier_wait(struct courier *courier)
{
    struct pollfd wait[2] = {channel_wait(courier->parent)};
    nfds_t count = 1;
    if (courier->keeper)
        wait[count++] = channel_wait(courier->keeper);
    poll(wait, count, -1);
}

int courier_serve(int fd, const struct service_generation *generation)
{
    struct err err;
    struct courier courier = {.parent = channel_new(fd, FRAME_MOST)};
    channel_between(courier.parent, ROLE_COURIER, ROLE_PARENT);
    channel_send(courier.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (parent_turn(&courier) == CHANNEL_LATER) {
        keeper_turn(&courier);
        if (courier.draining && !courier.holds)
            break;
        courier_wait(&courier);
    }
    channel_free(&courier.keeper);
    channel_free(&courier.parent);
    return 0;
}
