/* role/duty: what the processes of the service share, and what a door builds on: messages dealt out to judges, records
 * handed to the keeper, one log.
 *
 * A door owns every message that it received until it is answered: it deals it to a judge, hands what came of it to the
 * keeper, and answers when that is kept. Never: reads a message's contents; trusts what a judge says about another message.
 */
#pragma once
#include "base/base.h"
#include "base/json.h"
#include "role/channel.h"
#include "role/keep.h"
#include "role/role.h"

/* ---- the log: one JSON object a line on standard error, written at once, so that lines of several processes do not mix */
enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE, LEVEL_INFO, LEVEL_DEBUG };
void log_begin(enum role role, enum log_level most);
/* {"time":...,"level":...,"role":...,"event":...,"text":...}; event: one word with hyphens. */
void log_event(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A line with further members: begin, write into the object, end. Freed by the end. */
struct log_line {
    struct arena *arena;
    struct buf text;
    struct json json;
};
void log_line_begin(struct log_line *line, enum log_level level, const char *event);
void log_line_end(struct log_line *line);

/* ---- messages dealt out to judges */
struct deal;
struct seat; /* one judge */
struct deal_calls { /* none of them may free the deal */
    void (*done)(void *context, uint32_t serial, const struct scan_result *result); /* result lives until it returns */
    /* Its messages are sent again; those that it had begun with alone. */
    void (*died)(void *context, uint32_t id, size_t held, size_t begun, const char *why);
    void (*retired)(void *context, uint32_t id);                                    /* NULL; a retired judge is let go */
    void (*other)(void *context, uint32_t id, const struct frame *frame);           /* frames that are no results */
    void *context;
};
struct deal *deal_new(const struct judge_settings *settings, const struct deal_calls *calls); /* slots, most_bytes, ceiling count */
void deal_free(struct deal **deal);                       /* what is held is dropped */
struct seat *deal_seat(struct deal *deal, uint32_t id, struct channel *channel); /* takes the channel over; ids are the caller's */
struct seat *deal_seat_of(const struct deal *deal, uint32_t id); /* NULL: none */
struct channel *seat_channel(const struct seat *seat);
void deal_retire(struct deal *deal, uint32_t id);         /* gets nothing more, and is let go when it holds nothing */
/* Looks what the judges have begun with: from then on none is given more than a few that it must leave lying, since a message may take a
 * judge a hundred times as long as most and another judge may be free. Whoever calls it does so before each giving, and soon again where
 * messages wait though there is no room: nobody tells when a judge begins. Whether one may hold more then. */
bool deal_look(struct deal *deal);
bool deal_has_room(const struct deal *deal);
size_t deal_holds(const struct deal *deal);               /* messages given and not yet done */
size_t deal_seats(const struct deal *deal);               /* judges that are not retired */
size_t deal_parked(const struct deal *deal);              /* messages that wait for the world, as the judges said last */
void deal_give(struct deal *deal, uint32_t serial, const struct scan_job *job); /* takes job->fd over */
size_t deal_wait(struct deal *deal, struct pollfd *out, size_t most); /* what to wait for; how many were written */
void deal_waited(struct deal *deal, const struct pollfd *said, size_t count); /* what poll said to them, at once behind it */
void deal_turn(struct deal *deal);                        /* reads and sends what can be, without waiting */

/* ---- what is asked of the signer, as words:
 * SEAL the record's id, a struct seal_measure; SIGN "dkim" or "arc", domain, selector, SHA-256; TOKEN a purpose, a text;
 * OPEN a purpose, a token. SIGNED gives a seal's value, a signature in base64, a token, or its text. */
struct signed_answer {
    enum { SIGNED_DONE, SIGNED_NO_KEY, SIGNED_REFUSED } how; /* REFUSED: text says why */
    struct span text;
};
void words_pack(struct buf *out, const struct span *words, size_t count);
int words_unpack(struct span bytes, struct span *words, size_t count); /* spans into bytes; -1: they are not so many */
void signed_pack(struct buf *out, const struct signed_answer *answer);
int signed_unpack(struct span bytes, struct signed_answer *out);
enum tally { /* what the keeper counts */
    TALLY_RECORDS, TALLY_UNJUDGED, TALLY_ENTRIES, TALLY_CORRECTIONS, TALLY_HELD, TALLY_HELD_BYTES, TALLY_PRUNED, TALLY_STORE_BYTES, TALLY_STORE_FREE,
    TALLY_STORE_LOG, TALLY_REFUSED, /* copies, at most 100,000 */
    TALLY_JOBS_WAITING, TALLY_JOBS_FAILED, /* at most 100,000 */ TALLY_JOBS_DONE /* since it began */, TALLY_JOBS_OLDEST /* its age in seconds */, TALLY_COUNT
};
void tally_pack(struct buf *out, const uint64_t *numbers, size_t count);
size_t tally_unpack(struct span bytes, uint64_t *numbers, size_t most);

/* ---- whose mail it is, as a door finds it out from the envelope alone */
struct whose_organisation {
    struct span id;
    bool unjudged_hold;        /* what killed two judges: held; else passed, marked */
    VEC(struct span) domains;  /* in A-labels, with everything under them */
    struct notices notices;    /* that messages nobody could judge, and appeals, are told by */
};
struct whose {
    VEC(struct whose_organisation) list;
    struct notices notices; /* of what is nobody's */
};
void whose_pack(const struct whose *whose, struct buf *out);
int whose_unpack(struct arena *arena, struct span bytes, struct whose *out); /* spans into bytes; -1: they do not fit */
const struct whose_organisation *whose_by_id(const struct whose *whose, struct span id); /* NULL: none */
struct span whose_address(struct arena *arena, const struct whose *whose, struct span address); /* its organisation's id; empty: nobody's */
/* Fills in org of each recipient, and of the whole where the listener's did not tell already: of outbound mail by the sender's
 * domain, of other mail by the first recipient's that is somebody's. */
void whose_arrival(struct arena *arena, const struct whose *whose, struct arrival *arrival);
/* Who is told of a message that no judge could finish: jobs, packed, for keep_row. */
void unjudged_plan(struct arena *arena, const struct whose *whose, const struct unjudged *unjudged, struct buf *out);
/* Who is told that a reader asks for a locked link, likewise. org: the id of whose mail it is. */
void appeal_plan(struct arena *arena, const struct whose *whose, struct span org, const struct appeal *appeal, struct buf *out);
/* ---- what witnesses did, over many messages; at most so many witnesses are counted */
enum { WITNESSES_MOST = 64, WITNESS_NUMBERS = 6, WITNESS_NAME_MOST = 256 };
struct witness_row {
    char name[WITNESS_NAME_MOST], about[16];
    uint64_t numbers[WITNESS_NUMBERS]; /* by witness_number_name */
    int64_t told;                      /* when its fault was; 0: never */
};
struct witness_tally {
    struct witness_row rows[WITNESSES_MOST];
    size_t count;
};
/* heard: of a scan_result. A witness at fault is complained about with its first message, and once an hour while that lasts. */
void witness_tally_add(struct witness_tally *tally, struct span heard, void (*complain)(void *context, struct span complaint), void *context);
const char *witness_number_name(size_t number); /* "asked", "timed_out" */

/* ---- the hold spool: raw bytes of held messages, compressed, a file each. The keeper's alone; the verbs read it. */
struct spool;
struct spool *spool_new(const char *folder, uint64_t most_bytes, uint64_t holds); /* holds: bytes there; the folder is made when it is wanted */
void spool_free(struct spool **spool);
/* The first `length` bytes of fd, on disk when it returns; name lives until spool_settle. -1: full, or cannot be written; nothing is left. */
int spool_put(struct spool *spool, struct span id, int fd, uint64_t length, struct span *name, uint64_t *size, struct err *err);
void spool_settle(struct spool *spool, bool kept); /* the rows of what was put are committed; or not, and it goes again */
void spool_remove(struct spool *spool, struct span name, uint64_t size);
void spool_end(struct spool *spool, struct span name, uint64_t size); /* it is removed once the next rows are committed, and stays where they are not */
/* The plain bytes of a file and behind them the first `length` of fd; *before: how long the former are. A descriptor, or -1. */
int spool_joined(const struct spool *spool, struct span name, int fd, uint64_t length, uint64_t *before, struct err *err);
bool spool_is_gone(const struct spool *spool, struct span name);
uint64_t spool_holds(const struct spool *spool);
/* Between commits: files whose rows were never committed go; files of held messages that are not wanted, where they were written before
 * `before`. How many younger ones stay. Other files are nobody's business here. */
size_t spool_strays(const struct spool *spool, int64_t before, bool (*wanted)(void *context, struct span name), void *context);
int spool_open(const struct spool *spool, struct span name, struct err *err); /* for reading, compressed; the descriptor, or -1 */
int spool_read(struct arena *arena, const char *folder, struct span name, size_t most, struct span *out, struct err *err);

/* ---- small things of every role */
int64_t clock_ms(void);          /* of the monotonic clock */
void files_allow(size_t want);   /* raises the limit of open files as far as it may */
int role_linked(const struct frame *frame, enum role *who); /* of FRAME_LINK: the descriptor, and whose channel it is; -1: nonsense */
