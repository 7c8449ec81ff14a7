/* role/dispatch: the keeper's side of the outbox: which job is handed to the courier when, and what is noted of it.
 *
 * A job is handed out from a commit on and never from an open transaction; it stays in the store, waiting, until what came of
 * it is noted there. So neither the keeper's death nor the courier's loses one, and either may do one twice.
 * Jobs of one lane wait for nothing of another. Where the receiver is at fault its lane rests, longer each time, and is then
 * tried by one job alone; a job that came to nothing rests by itself, so that another of its lane is tried before it.
 * Never: reads a clock. */
#pragma once
#include "record/outbox.h"
#include "role/duty.h"
#include "role/errand.h"
#include "role/role.h"
#include "role/service.h"
#include "store/store.h"

struct dispatch;
struct moment {
    int64_t now, wall; /* ms of the monotonic clock; seconds since 1970 */
    int64_t believed;  /* likewise; jobs are given up, and go, by this: role/believed */
};
struct dispatch *dispatch_new(struct store *store, const struct outbox_settings *settings); /* neither becomes its own */
/* Asked before a job is handed out, where not NULL: what an errand of its kind needs beside the row, *fd too. 0; -1: not now;
 * PREPARE_NEVER: it cannot be done, ever. */
enum { PREPARE_NEVER = 1 };
typedef int (*dispatch_prepare)(void *context, struct arena *arena, const struct job_row *row, struct errand *errand, int *fd, struct err *err);
void dispatch_prepares(struct dispatch *dispatch, dispatch_prepare prepare, void *context);
void dispatch_free(struct dispatch **dispatch);
/* The courier's channel, which stays the caller's; NULL: there is none (any more), and what it held is to be done again. */
void dispatch_courier(struct dispatch *dispatch, struct channel *channel, struct moment at);
void dispatch_frame(struct dispatch *dispatch, const struct frame *frame, struct moment at); /* FRAME_TAKES, FRAME_DONE */
void dispatch_hurry(struct dispatch *dispatch); /* jobs may have come in */
/* No transaction is open. Notes what came in, hands out what is due. Returns when it wants to be called again, in ms. */
int64_t dispatch_turn(struct dispatch *dispatch, struct moment at);
void dispatch_settle(struct dispatch *dispatch, struct moment at); /* notes what came in, and hands out nothing */
void dispatch_tally(struct dispatch *dispatch, int64_t wall, uint64_t numbers[TALLY_COUNT]); /* those of jobs */
size_t dispatch_holds(const struct dispatch *dispatch); /* jobs that the courier has, or whose end is not noted yet */
