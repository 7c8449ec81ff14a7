/* role: the processes. This face serves `sekimori scan`: judges forked first, one resolver in the parent, and the
 * channel between them. Each role's rights stand in the first sentence of its file.
 *
 * The channel carries framed, versioned messages over a socket pair; descriptors travel beside a frame (SCM_RIGHTS). */
#pragma once
#include "base/base.h"
#include "dns/dns.h"
#include "verdict/verdict.h"
#include "walk/walk.h"

/* ---- the channel */
enum { CHANNEL_VERSION = 1 };
enum frame_kind { FRAME_MESSAGE = 1, FRAME_ASK, FRAME_ANSWER, FRAME_REPORT, FRAME_FAILED, FRAME_COUNT };
struct frame {
    enum frame_kind kind;
    uint32_t serial;   /* of the message it belongs to */
    struct span bytes; /* until the next read */
    int fd;            /* -1: none came */
};
struct channel;
struct channel *channel_new(int fd, size_t most); /* largest frame in bytes; takes the descriptor over */
void channel_free(struct channel **channel);
int channel_fd(const struct channel *channel);
int channel_send(struct channel *channel, enum frame_kind kind, uint32_t serial, struct span bytes, int fd, struct err *err);
int channel_receive(struct channel *channel, struct frame *out, struct err *err); /* 1: a frame; 0: closed; -1: broken */

/* ---- what scan hands to its judges and gets back */
struct scan_job {
    struct arrival arrival; /* raw left empty: the bytes travel as a descriptor, or stand in `bytes` */
    struct span bytes;
};
struct scan_result {
    struct span json, text; /* as asked for by the options; text may be empty */
    enum verdict verdict;
    struct span summary;    /* evidence names, blank separated, for the table at the end */
    struct span error;      /* not empty: could not be judged, and why */
};
