/* role/ledger: what the keeper keeps, behind a few calls: records as the room record has them, so that the verbs read the
 * file of a running service. What is put in is kept from the next commit on. */
#pragma once
#include "record/click.h"
#include "record/outbox.h"
#include "role/duty.h"
#include "role/errand.h"
#include "role/service.h"

enum { SWEEP_MOST = 50 }; /* of each kind: some ms, which a commit may have to wait for */
struct ledger;
int ledger_open(const struct keeper_settings *settings, struct ledger **out, struct err *err);
void ledger_close(struct ledger **ledger);
/* out: KEPT_NEW, or KEPT_KNOWN with the id and report of the message that had this key before; in the arena. */
int ledger_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err);
int ledger_find(struct ledger *ledger, struct arena *arena, struct span id, struct kept *out, struct err *err); /* KEPT_KNOWN, KEPT_NONE */
int ledger_tell(struct ledger *ledger, struct arena *arena, struct span asked, struct kept *out, struct err *err); /* asked: of FETCH, see struct kept */
/* A reader brought a pass: what is to be said of it, and what it was is kept from the next commit on. What becomes of a held message
 * is kept at once, and nothing may wait for a commit then. */
int ledger_visit(struct ledger *ledger, struct arena *arena, const struct visit *visit, struct visited *out, struct err *err);
int ledger_pass(struct ledger *ledger, struct arena *arena, struct span asked, struct kept *out, struct err *err); /* of RELEASE; KEPT_KNOWN, its id and measure; KEPT_NONE */
struct store *ledger_store(struct ledger *ledger); /* for the outbox beside; between commit and keep nothing is open in it */
/* For the dispatch: what a released copy's errand needs. */
int ledger_prepare(void *ledger, struct arena *arena, const struct job_row *row, struct errand *errand, int *fd, struct err *err);
/* What is allowed and denied, packed, where it may differ from the last time: 1; else 0; -1. */
int ledger_entries(struct ledger *ledger, struct arena *arena, struct buf *out, struct err *err);
int ledger_killers(struct ledger *ledger, struct buf *out, struct err *err); /* keys of unjudged messages, of a week, 1,024 at most */
void ledger_tally(struct ledger *ledger, uint64_t *numbers); /* TALLY_COUNT of them */
/* What has had its time goes, at most SWEEP_MOST at a time; not between keep and commit. 1: more waits to go; 0; -1. */
int ledger_sweep(struct ledger *ledger, struct err *err);
int64_t ledger_clock(const struct ledger *ledger); /* by which it goes: role/believed */
/* What waited for a person to agree, and had no answer in its time, is decided, at most SWEEP_MOST at a time; likewise. 1: more waits; 0; -1. */
int ledger_unanswered(struct ledger *ledger, struct err *err);
/* What finding among millions of records needs is made of the last few hundred, where there are so many; not between keep and commit. */
int ledger_settle(struct ledger *ledger, struct err *err);
uint64_t ledger_log(const struct ledger *ledger); /* bytes that the store's log is long */
/* Moves into the file what the checkpointer left of the log; not between keep and commit. */
int ledger_log_move(struct ledger *ledger, struct err *err);
int ledger_commit(struct ledger *ledger, struct err *err); /* -1: nothing of what was put in since the last is kept */
