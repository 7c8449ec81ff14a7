/* link: joins two processes by a channel: the parent makes it, hands an end to each and keeps none. */
#include "role/parent.h"

#include <errno.h>
#include <sys/socket.h>

static void end_send(struct channel *to, enum role other, uint32_t serial, int fd)
{
    struct err err;
    char role = (char)other;
    channel_send(to, FRAME_LINK, serial, (struct span){&role, 1}, fd, &err); /* who is gone shows itself on reading */
}

static void join(struct channel *a, enum role a_role, uint32_t a_serial, struct channel *b, enum role b_role, uint32_t b_serial)
{
    int ends[2];
    if (!a || !b)
        return; /* who does not run yet is joined when it starts */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        log_event(LEVEL_ERROR, "no-channel", "no channel between %s and %s: %s", role_name(a_role), role_name(b_role), strerror(errno));
        return;
    }
    end_send(a, b_role, b_serial, ends[0]);
    end_send(b, a_role, a_serial, ends[1]);
}

void link_door_keeper(struct parent *parent, const struct worker *door)
{
    join(door->channel, door->role, 0, parent->workers[WORKER_KEEPER].channel, ROLE_KEEPER, 0);
}

void link_keeper_courier(struct parent *parent)
{
    join(parent->workers[WORKER_KEEPER].channel, ROLE_KEEPER, 0, parent->workers[WORKER_COURIER].channel, ROLE_COURIER, 0);
}

void link_keeper_checkpointer(struct parent *parent)
{
    join(parent->workers[WORKER_KEEPER].channel, ROLE_KEEPER, 0, parent->workers[WORKER_CHECKPOINTER].channel, ROLE_CHECKPOINTER, 0);
}

void link_keeper_signer(struct parent *parent)
{
    join(parent->workers[WORKER_KEEPER].channel, ROLE_KEEPER, 0, parent->workers[WORKER_SIGNER].channel, ROLE_SIGNER, 0);
}

void link_door_signer(struct parent *parent, const struct worker *door)
{
    join(door->channel, door->role, 0, parent->workers[WORKER_SIGNER].channel, ROLE_SIGNER, 0);
}

void link_judge_signer(struct parent *parent, struct judge_at *judge)
{
    join(judge->channel, ROLE_JUDGE, judge->id, parent->workers[WORKER_SIGNER].channel, ROLE_SIGNER, 0);
}

void link_judge_door(struct worker *door, struct judge_at *judge)
{
    if (door->channel)
        judge->doors |= role_bit(door->role);
    join(judge->channel, ROLE_JUDGE, judge->id, door->channel, door->role, 0);
}

void link_judge_resolver(struct parent *parent, struct judge_at *judge)
{
    join(judge->channel, ROLE_JUDGE, judge->id, parent->workers[WORKER_RESOLVER].channel, ROLE_RESOLVER, 0);
}

void link_judge_scanner(struct parent *parent, struct judge_at *judge)
{
    join(judge->channel, ROLE_JUDGE, judge->id, parent->workers[WORKER_SCANNER].channel, ROLE_SCANNER, 0);
}

int role_linked(const struct frame *frame, enum role *who)
{
    *who = frame->bytes.len == 1 ? (enum role)frame->bytes.at[0] : 0;
    return *who ? frame->fd : -1;
}
