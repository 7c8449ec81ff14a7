/* role/channel: framed, versioned messages between two processes over a stream socket, and which role may send what to which;
 * descriptors travel beside a frame (SCM_RIGHTS).
 *
 * In: frames, and descriptors to be handed over. Out: the same at the other end, in their order, or that the other end is gone.
 * Never: blocks (what the socket does not take waits in the channel until channel_flush); looks into what a frame holds; gives on a
 * frame that its sender may not send, or that is cut short; keeps its reader from others for the sake of one who sends without end
 * (CHANNEL_LATER comes too where there is more to read; to wait for it returns at once then); refuses or drops a frame because the
 * other end is slow.
 *
 * What waits for a slow other end is bounded all the same: once a channel is full, the end that answers (role_answers) reads no more
 * questions until room is made, and the end that asks makes no more (channel_is_full) but reads on. So of two nobody waits for each
 * other, and no row of them for itself: who answers stands higher in role_answers' order than whoever he waits for.
 */
#pragma once
#include "base/base.h"
#include <poll.h>

enum { CHANNEL_VERSION = 1, CHANNEL_FULL = 4 << 20 };
enum frame_kind {
    FRAME_MESSAGE = 1, FRAME_ASK, FRAME_ANSWER, FRAME_REPORT, FRAME_FAILED, FRAME_START,
    FRAME_LINK,     /* parent: here is your channel to such a role; the descriptor travels */
    FRAME_SETTINGS, /* parent: these hold from now on */
    FRAME_LISTEN,   /* parent -> door: settings of a listening socket by its number; the socket travels */
    FRAME_UNLISTEN, /* parent -> door: take no more connections from that one */
    FRAME_RETIRE,   /* parent -> door: give this judge nothing more; door -> parent: it holds nothing any more */
    FRAME_DRAIN,    /* parent: finish what you hold and end */
    FRAME_READY,    /* to the parent: I work */
    FRAME_PING, FRAME_PONG,
    FRAME_END,      /* parent -> template: this judge does not answer any more */
    FRAME_KEEP, FRAME_KEPT, FRAME_FETCH, FRAME_FETCHED, FRAME_TALLY, FRAME_TALLIED, /* door <-> keeper */
    FRAME_TAKES, FRAME_JOB, FRAME_DONE, /* keeper <-> courier: TAKES so many jobs at a time (the serial; 0: no more) */
    FRAME_SEAL, FRAME_SIGN, FRAME_TOKEN, FRAME_OPEN, FRAME_SIGNED, /* door <-> signer; SIGNED answers each of them; a judge may SIGN for ARC */
    FRAME_CHECK, FRAME_CHECKED, /* judge <-> signer: are these seals ours? */
    FRAME_ENTRIES,  /* keeper -> parent -> judges: what is allowed and denied from now on */
    FRAME_PARKED,   /* judge -> door: so many messages (the serial) wait here for the world */
    FRAME_DEATHS,   /* parent -> door: how many of each role died, as a tally by enum role */
    FRAME_KILLERS,  /* keeper -> door: keys of messages that killed two judges */
    FRAME_SCAN, FRAME_SCANNED, /* judge <-> scanner: look into this message, whose descriptor travels; what was found */
    FRAME_MARKS,    /* judge -> door: memory that tells which messages it has begun with; the descriptor travels */
    FRAME_CHECKPOINT, FRAME_CHECKPOINTED, /* keeper <-> checkpointer: move the log into the file; done, as far as it goes */
    FRAME_VISIT, FRAME_VISITED, /* door <-> keeper: a reader brought the pass of a locked link; what is to be said of it (record/click.h) */
    FRAME_RELEASE,     /* door -> keeper: is this pass of released mail good, for who asks by the letters behind it? It is used up then; answered by FETCHED */
    FRAME_PASS, FRAME_PASSED, /* judge <-> signer: passes of locked links, and their tokens */
    FRAME_COUNTS,   /* mta -> parent -> door: the figures of one listener, for /metrics stands at the other door */
    FRAME_COUNT
};
struct frame {
    enum frame_kind kind;
    uint32_t serial;   /* of the message it belongs to */
    struct span bytes; /* until the next read */
    int fd;            /* -1: none came; else the receiver's to close */
};
enum channel_state { CHANNEL_BROKEN = -1, CHANNEL_CLOSED = 0, CHANNEL_FRAME = 1, CHANNEL_LATER = 2 };
struct channel;
struct channel *channel_new(int fd, size_t most); /* largest frame in bytes, both ways; takes the descriptor over */
void channel_free(struct channel **channel);      /* accepts NULL inside; sets it NULL */
int channel_fd(const struct channel *channel);
enum role { ROLE_SCAN = 1, ROLE_PARENT, ROLE_TEMPLATE, ROLE_JUDGE, ROLE_RESOLVER, ROLE_KEEPER, ROLE_DOOR, ROLE_COURIER, ROLE_SIGNER, ROLE_SCANNER, ROLE_MTA, ROLE_CHECKPOINTER,
            ROLE_COUNT };
static inline bool role_is_door(enum role role) /* each speaks something else, and all may the same */
{
    return role == ROLE_DOOR || role == ROLE_MTA;
}
const char *role_name(enum role role);
/* Whether a role may send frames of that kind to another: the table in role/rights.c. */
bool role_may_send(enum role from, enum role to, enum frame_kind kind);
/* Whether the one answers what the other asks, and so is the one who reads no more where answers wait: doors ask judges and the keeper,
 * all these ask the others. The parent and those it starts tell each other, and each reads always. */
bool role_answers(enum role mine, enum role theirs);
/* Who is at the two ends. From then on a frame that its sender may not send breaks the channel, and the end that answers holds back. */
void channel_between(struct channel *channel, enum role mine, enum role theirs);
/* fd (-1: none) is taken over, also where this fails. Larger than `most` is an error and leaves the channel usable. */
int channel_send(struct channel *channel, enum frame_kind kind, uint32_t serial, struct span bytes, int fd, struct err *err);
/* The same; a frame's bytes lie in two places. */
int channel_send_both(struct channel *channel, enum frame_kind kind, uint32_t serial, struct span bytes, struct span more, int fd, struct err *err);
/* CHANNEL_FULL bytes wait or more, where a descriptor counts as 64 KiB. What is sent all the same waits too. */
bool channel_is_full(const struct channel *channel);
int channel_flush(struct channel *channel, struct err *err); /* 1: all has gone; 0: some waits for POLLOUT; -1: broken */
struct pollfd channel_wait(const struct channel *channel); /* what to wait for: something to read, room for what waits */
/* What poll said to channel_wait. Until it is told the next time, nothing is asked of the system in vain: without something to read
 * channel_receive gives what came before. Whoever never tells it has the system asked each time. */
void channel_waited(struct channel *channel, short revents);
enum channel_state channel_receive(struct channel *channel, struct frame *out, struct err *err);
