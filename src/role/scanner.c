/* scanner: may reach clamd, and gets the messages that judges hold for that; never parses one, holds no key and no store, and
 * asks no other network. A process of its own, since what it is given is all mail there is: the courier, which may reach
 * whatever an outbox names, is to see only what it delivers, and a judge no network at all. */
#include "role/inner.h"

static void judge_opened(void *context, struct desk *desk)
{
    desk->own = scans_asker(desk->channel);
}

static void judge_asked(void *context, struct desk *desk, struct frame *frame)
{
    scans_ask(desk->own, context, frame);
}

static void judge_gone(void *context, struct desk *desk)
{
    struct scan_asker *asker = desk->own;
    scan_asker_free(&asker);
}

int scanner_serve(int fd, const struct service_generation *generation)
{
    enum { SPARE = 64 };
    static const struct desk_calls calls = {.opened = judge_opened, .asked = judge_asked, .closed = judge_gone};
    struct err err;
    struct desks desks;
    struct clamd *clamd = clamd_new(&generation->clamd);
    desks_open(&desks, ROLE_SCANNER, fd, &calls, clamd);
    files_allow(2 * generation->judges * generation->judge.slots + SPARE);
    channel_send(desks.parent, FRAME_READY, 0, (struct span){0}, -1, &err);
    while (desks_turn(&desks)) {
        clamd_run(clamd);
        for (struct desk *desk = desks.list; desk; desk = desk->next)
            channel_flush(desk->channel, &err); /* a death shows itself on reading */
        desks_wait(&desks, clamd_fd(clamd), clamd_wait_ms(clamd));
    }
    desks_close_all(&desks);
    clamd_free(&clamd);
    desks_end(&desks);
    return 0;
}
