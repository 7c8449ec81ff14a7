/* listeners: the listening sockets as the parent keeps them: they outlive doors and generations, so that nobody who connects is
 * turned away meanwhile. */
#include "role/parent.h"

#include <fcntl.h>
#include <stdlib.h>

static struct listening *listening_of(struct parent *parent, const struct address *address)
{
    struct listening *listening = parent->listenings;
    while (listening && !span_eq(span_of(listening->text), address->text))
        listening = listening->next;
    return listening;
}

static char *text_copy(struct span text)
{
    char *copy = strndup(text.at, text.len);
    if (!copy)
        abort();
    return copy;
}

static void listening_end(struct listening **at)
{
    struct listening *listening = *at;
    *at = listening->next;
    close(listening->fd);
    if (listening->path)
        unlink(listening->path);
    free(listening->text);
    free(listening->path);
    free(listening);
}

static int listening_begin(struct parent *parent, const struct address *address, const char *group, struct err *err)
{
    int fd = listen_open(address, group, err);
    if (fd < 0)
        return -1;
    struct listening *listening = calloc(1, sizeof *listening);
    if (!listening)
        abort();
    *listening = (struct listening){.next = parent->listenings, .number = ++parent->last_listening, .fd = fd, .is_new = true,
                                    .text = text_copy(address->text), .path = address->path.len ? text_copy(address->path) : NULL};
    parent->listenings = listening;
    return 0;
}

int listeners_open(struct parent *parent, const struct service_generation *generation, struct err *err)
{
    int opened = 0;
    vec_each(listener, &generation->listeners)
        if (opened == 0 && !listening_of(parent, &listener->address))
            opened = listening_begin(parent, &listener->address, listener->group, err);
    while (opened < 0 && parent->listenings && parent->listenings->is_new) /* they stand in front */
        listening_end(&parent->listenings);
    for (struct listening *listening = parent->listenings; listening; listening = listening->next)
        listening->is_new = false;
    return opened;
}

void listeners_close(struct parent *parent)
{
    while (parent->listenings)
        listening_end(&parent->listenings);
}

/* ---- what the door is told */
static void settings_send(const struct parent *parent, struct channel *door)
{
    struct err err;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(FRAME_MOST);
    struct buf bytes = {.arena = arena};
    buf_add(&bytes, (struct span){(const char *)&parent->generation->door, sizeof parent->generation->door});
    buf_add(&bytes, parent->generation->organisations);
    channel_send(door, FRAME_SETTINGS, 0, buf_span(&bytes), -1, &err); /* who is gone shows itself on reading */
}

static void deaths_send(const struct parent *parent, struct channel *door)
{
    struct err err;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(1 << 16);
    struct buf bytes = {.arena = arena};
    tally_pack(&bytes, parent->deaths, ROLE_COUNT);
    if (door)
        channel_send(door, FRAME_DEATHS, 0, buf_span(&bytes), -1, &err);
}

void deaths_tell(struct parent *parent, enum role died)
{
    if (parent->stopping)
        return;
    parent->deaths[died]++;
    for (struct worker *worker = parent->workers; worker < parent->workers + WORKERS; worker++)
        if (role_is_door(worker->role))
            deaths_send(parent, worker->channel);
}

/* ---- whose listener is whose */
enum role listener_door(const struct service_listener *listener)
{
    enum listener_protocol spoken = listener->settings.protocol;
    return spoken == PROTOCOL_MILTER || spoken == PROTOCOL_SPAMC ? ROLE_MTA : ROLE_DOOR;
}

static void unlisten(struct listening *listening)
{
    struct err err;
    if (listening->door && listening->door->channel)
        channel_send(listening->door->channel, FRAME_UNLISTEN, listening->number, (struct span){0}, -1, &err);
    listening->door = NULL;
}

void door_tell(struct parent *parent, struct worker *door)
{
    struct err err;
    if (!door->channel)
        return;
    settings_send(parent, door->channel);
    deaths_send(parent, door->channel);
    vec_each(listener, &parent->generation->listeners) {
        struct listening *listening = listening_of(parent, &listener->address);
        struct span bytes = {(const char *)&listener->settings, sizeof listener->settings};
        if (!listening || listener_door(listener) != door->role)
            continue;
        if (listening->door != door)
            unlisten(listening); /* something else was spoken there */
        listening->door = door;
        channel_send(door->channel, FRAME_LISTEN, listening->number, bytes, fcntl(listening->fd, F_DUPFD_CLOEXEC, 3), &err);
    }
}

static bool is_wanted(const struct service_generation *generation, const struct listening *listening)
{
    vec_each(listener, &generation->listeners)
        if (span_eq(listener->address.text, span_of(listening->text)))
            return true;
    return false;
}

void listeners_settle(struct parent *parent)
{
    for (struct listening **at = &parent->listenings; *at;) {
        if (is_wanted(parent->generation, *at)) {
            at = &(*at)->next;
            continue;
        }
        log_event(LEVEL_NOTICE, "listening-ends", "%s is listened on no more", (*at)->text);
        unlisten(*at);
        listening_end(at);
    }
    for (struct worker *worker = parent->workers; worker < parent->workers + WORKERS; worker++)
        if (role_is_door(worker->role))
            door_tell(parent, worker);
}
