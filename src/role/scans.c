/* scans: a desk where judges ask a virus scanner about the messages that they hold. */
#include "role/inner.h"

#include <stdlib.h>

struct scan_asking { /* one message */
    struct scan_asking *next, **link;
    struct scan_asker *asker;
    struct clamd_scan *scan; /* NULL while it is begun */
    uint32_t serial;
};
struct scan_asker {
    struct channel *channel; /* the caller's */
    struct scan_asking *askings;
};

struct scan_asker *scans_asker(struct channel *channel)
{
    struct scan_asker *asker = calloc(1, sizeof *asker);
    if (!asker)
        abort();
    asker->channel = channel;
    return asker;
}

static void asking_free(struct scan_asking *asking)
{
    *asking->link = asking->next;
    if (asking->next)
        asking->next->link = asking->link;
    free(asking);
}

static void scanned_send(struct scan_asker *asker, uint32_t serial, const struct clamd_answer *answer)
{
    struct err err;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(1 << 20);
    struct buf bytes = {.arena = arena};
    scanned_pack(&bytes, answer);
    channel_send(asker->channel, FRAME_SCANNED, serial, buf_span(&bytes), -1, &err); /* a death shows itself on reading */
}

static void on_scanned(void *context, const struct clamd_answer *answer)
{
    struct scan_asking *asking = context;
    scanned_send(asking->asker, asking->serial, answer);
    asking_free(asking);
}

void scans_ask(struct scan_asker *asker, struct clamd *clamd, struct frame *frame)
{
    uint64_t offset, length;
    int fd = frame->fd;
    frame->fd = -1;
    if (fd < 0 || scan_unpack(frame->bytes, &offset, &length) < 0 || !clamd) {
        fd_close_later(&fd);
        scanned_send(asker, frame->serial, &(struct clamd_answer){.word = CLAMD_AWAY, .why = S("no scanner was told of the message")});
        return;
    }
    struct scan_asking *asking = calloc(1, sizeof *asking);
    if (!asking)
        abort();
    *asking = (struct scan_asking){.next = asker->askings, .link = &asker->askings, .asker = asker, .serial = frame->serial};
    if (asking->next)
        asking->next->link = &asking->next;
    asker->askings = asking;
    struct clamd_scan *scan = clamd_scan(clamd, fd, offset, length, on_scanned, asking);
    if (scan)
        asking->scan = scan;
}

void scan_asker_free(struct scan_asker **asker)
{
    if (!*asker)
        return;
    while ((*asker)->askings) {
        clamd_forget((*asker)->askings->scan);
        asking_free((*asker)->askings);
    }
    free(*asker);
    *asker = NULL;
}
