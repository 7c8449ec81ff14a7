/* desks: a role that others ask, and the parent that introduces them. One desk for each that asks. */
#include "role/inner.h"

#include <stdlib.h>

void desks_open(struct desks *desks, enum role mine, int fd, const struct desk_calls *calls, void *context)
{
    *desks = (struct desks){.mine = mine, .parent = channel_new(fd, FRAME_MOST), .calls = calls, .context = context, .wait = calloc(2, sizeof *desks->wait)};
    if (!desks->wait)
        abort();
    channel_between(desks->parent, mine, ROLE_PARENT);
}

static void desk_open(struct desks *desks, enum role who, int fd)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct pollfd *wait = realloc(desks->wait, (desks->count + 3) * sizeof *wait); /* the parent, something else, and it */
    if (!desk || !wait)
        abort();
    *desk = (struct desk){.next = desks->list, .role = who, .channel = channel_new(fd, FRAME_MOST)};
    channel_between(desk->channel, desks->mine, who);
    desks->list = desk;
    desks->wait = wait;
    desks->count++;
    if (desks->calls->opened)
        desks->calls->opened(desks->context, desk);
}

static void desk_close(struct desks *desks, struct desk **at)
{
    struct desk *desk = *at;
    *at = desk->next;
    desks->count--;
    if (desks->calls->closed)
        desks->calls->closed(desks->context, desk);
    channel_free(&desk->channel);
    free(desk);
}

static enum channel_state desk_turn(struct desks *desks, struct desk *desk)
{
    struct frame frame;
    struct err err;
    enum channel_state state;
    if (channel_flush(desk->channel, &err) < 0)
        return CHANNEL_BROKEN;
    while ((state = channel_receive(desk->channel, &frame, &err)) == CHANNEL_FRAME) {
        desks->calls->asked(desks->context, desk, &frame);
        fd_close_later(&frame.fd);
    }
    if (state == CHANNEL_BROKEN)
        log_event(LEVEL_WARNING, "channel-broken", "the channel of the %s: %s", role_name(desk->role), err.text);
    return state;
}

static enum channel_state parent_turn(struct desks *desks)
{
    struct frame frame;
    struct err err;
    enum role who;
    enum channel_state state;
    while ((state = channel_receive(desks->parent, &frame, &err)) == CHANNEL_FRAME) {
        if (frame.kind == FRAME_PING)
            channel_send(desks->parent, FRAME_PONG, frame.serial, (struct span){0}, -1, &err);
        else if (frame.kind == FRAME_LINK && role_linked(&frame, &who) >= 0)
            desk_open(desks, who, frame.fd);
        else if (desks->calls->told)
            desks->calls->told(desks->context, &frame);
    }
    return channel_flush(desks->parent, &err) < 0 ? CHANNEL_BROKEN : state;
}

void desks_hear(struct desks *desks)
{
    for (struct desk **at = &desks->list; *at;)
        if (desk_turn(desks, *at) == CHANNEL_LATER)
            at = &(*at)->next;
        else
            desk_close(desks, at);
}

bool desks_turn(struct desks *desks)
{
    if (parent_turn(desks) != CHANNEL_LATER)
        return false;
    desks_hear(desks);
    return true;
}

void desks_wait(struct desks *desks, int fd, int ms)
{
    size_t count = 0;
    desks->wait[count++] = channel_wait(desks->parent);
    desks->wait[count++] = (struct pollfd){fd, POLLIN, 0};
    for (struct desk *desk = desks->list; desk; desk = desk->next)
        desks->wait[count++] = channel_wait(desk->channel);
    if (poll(desks->wait, count, ms) < 0)
        return; /* a signal; the channels are as they were */
    count = 0;
    channel_waited(desks->parent, desks->wait[count++].revents);
    count++;
    for (struct desk *desk = desks->list; desk; desk = desk->next)
        channel_waited(desk->channel, desks->wait[count++].revents);
}

void desks_close_all(struct desks *desks)
{
    while (desks->list)
        desk_close(desks, &desks->list);
}

void desks_end(struct desks *desks)
{
    desks_close_all(desks);
    channel_free(&desks->parent);
    free(desks->wait);
}
