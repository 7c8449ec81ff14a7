/* checkpointer: may open the store's file, and moves its log into it when the keeper asks, so that no commit must wait for that;
 * never reads or changes a row, parses mail, holds a key, reaches the network. */
#include "role/inner.h"
#include "store/upkeep.h"

enum { PASSES = 8, LEFT = 256 << 10, CACHE = 1 << 20 };

struct checkpointer {
    const char *path;
    struct store *store; /* NULL: not open yet; the keeper makes it */
};

/* The keeper writes meanwhile: each time less is left, until it can do the rest itself beside a commit. */
static int log_move(struct checkpointer *checkpointer, struct err *err)
{
    const struct store_settings settings = {.cache_bytes = CACHE, .gentle = true};
    if (!checkpointer->store && store_open(checkpointer->path, NULL, &settings, &checkpointer->store, err) < 0)
        return -1;
    int64_t left = INT64_MAX;
    for (int i = 0; i < PASSES && left > LEFT; i++)
        if ((left = store_settle(checkpointer->store, err)) < 0)
            return -1;
    return 0;
}

static void asked(void *context, struct desk *desk, struct frame *frame)
{
    struct err err;
    if (log_move(context, &err) < 0)
        log_event(LEVEL_WARNING, "no-checkpoint", "the store's log could not be moved into its file, and a commit will do it: %s", err.text);
    channel_send(desk->channel, FRAME_CHECKPOINTED, frame->serial, (struct span){0}, -1, &err);
}

int checkpointer_serve(int fd, const struct service_generation *generation)
{
    static const struct desk_calls calls = {.asked = asked};
    struct err err;
    struct desks desks;
    struct checkpointer checkpointer = {.path = generation->keeper.path};
    desks_open(&desks, ROLE_CHECKPOINTER, fd, &calls, &checkpointer);
    channel_send(desks.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (desks_turn(&desks)) {
        for (struct desk *desk = desks.list; desk; desk = desk->next)
            channel_flush(desk->channel, &err); /* a death shows itself on reading */
        desks_wait(&desks, -1, -1);
    }
    store_close(&checkpointer.store);
    desks_end(&desks);
    return 0;
}
