/* scanner: may reach clamd, and gets the messages that judges hold for that; never parses one, holds no key and no store, and
 * asks no other network. A process of its own, since what it is given is all mail there is: the courier, which may reach
 * whatever an outbox names, is to see only what it delivers, and a judge no network at all. */
#include "role/inner.h"

#include <stdlib.h>

struct desk { /* one judge that asks */
    struct desk *next;
    struct channel *channel;
    struct scan_asker *asker;
};

struct scanning {
    struct channel *parent;
    struct clamd *clamd;
    struct desk *desks;
    size_t count;
    struct pollfd *wait;
};

static void desk_open(struct scanning *scanning, int fd)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct pollfd *wait = realloc(scanning->wait, (scanning->count + 3) * sizeof *wait);
    if (!desk || !wait)
        abort();
    *desk = (struct desk){.next = scanning->desks, .channel = channel_new(fd, FRAME_MOST)};
    channel_between(desk->channel, ROLE_SCANNER, ROLE_JUDGE);
    desk->asker = scans_asker(desk->channel);
    scanning->desks = desk;
    scanning->wait = wait;
    scanning->count++;
}

static void desk_close(struct scanning *scanning, struct desk **at)
{
    struct desk *desk = *at;
    *at = desk->next;
    scanning->count--;
    scan_asker_free(&desk->asker);
    channel_free(&desk->channel);
    free(desk);
}

static enum channel_state desk_turn(struct scanning *scanning, struct desk *desk)
{
    struct frame frame;
    struct err err;
    enum channel_state state;
    if (channel_flush(desk->channel, &err) < 0)
        return CHANNEL_BROKEN;
    while ((state = channel_receive(desk->channel, &frame, &err)) == CHANNEL_FRAME) {
        scans_ask(desk->asker, scanning->clamd, &frame);
        fd_close_later(&frame.fd);
    }
    if (state == CHANNEL_BROKEN)
        log_event(LEVEL_WARNING, "channel-broken", "a judge's channel: %s", err.text);
    return state;
}

static enum channel_state parent_turn(struct scanning *scanning)
{
    struct frame frame;
    struct err err;
    enum role who;
    enum channel_state state;
    while ((state = channel_receive(scanning->parent, &frame, &err)) == CHANNEL_FRAME) {
        if (frame.kind == FRAME_PING)
            channel_send(scanning->parent, FRAME_PONG, frame.serial, (struct span){0}, -1, &err);
        else if (frame.kind == FRAME_LINK && role_linked(&frame, &who) >= 0)
            desk_open(scanning, frame.fd);
    }
    return channel_flush(scanning->parent, &err) < 0 ? CHANNEL_BROKEN : state;
}

static void scanning_wait(struct scanning *scanning)
{
    size_t count = 0;
    scanning->wait[count++] = channel_wait(scanning->parent);
    scanning->wait[count++] = (struct pollfd){clamd_fd(scanning->clamd), POLLIN, 0};
    for (struct desk *desk = scanning->desks; desk; desk = desk->next)
        scanning->wait[count++] = channel_wait(desk->channel);
    poll(scanning->wait, count, clamd_wait_ms(scanning->clamd));
}

static void scanning_end(struct scanning *scanning)
{
    while (scanning->desks)
        desk_close(scanning, &scanning->desks);
    clamd_free(&scanning->clamd);
    channel_free(&scanning->parent);
    free(scanning->wait);
}

int scanner_serve(int fd, const struct service_generation *generation)
{
    enum { SPARE = 64 };
    struct err err;
    struct scanning scanning = {.parent = channel_new(fd, FRAME_MOST), .clamd = clamd_new(&generation->clamd), .wait = calloc(2, sizeof(struct pollfd))};
    if (!scanning.wait)
        abort();
    channel_between(scanning.parent, ROLE_SCANNER, ROLE_PARENT);
    files_allow(2 * generation->judges * generation->judge.slots + SPARE);
    channel_send(scanning.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (parent_turn(&scanning) == CHANNEL_LATER) {
        for (struct desk **at = &scanning.desks; *at;)
            if (desk_turn(&scanning, *at) == CHANNEL_LATER)
                at = &(*at)->next;
            else
                desk_close(&scanning, at);
        clamd_run(scanning.clamd);
        for (struct desk *desk = scanning.desks; desk; desk = desk->next)
            channel_flush(desk->channel, &err); /* a death shows itself on reading */
        scanning_wait(&scanning);
    }
    scanning_end(&scanning);
    return 0;
}
