/* record: report <-> rows. The ledger of everything that was judged, and what people decide about it.
 *
 * In: reports with the settings that they were reached with, rows of the store. Out: rows, and reports again as they were.
 * A judge makes a record (record_make, record_pack: pure); the keeper unpacks and keeps it; the verbs read the file while the
 * service writes. Never: reads a clock (now is a parameter), a file beside the store, a message; opens the store.
 * Who writes opens the store with record_schema(). Transactions are the caller's where it says so. */
#pragma once
#include "action/action.h"
#include "base/base.h"
#include "store/store.h"
#include "verdict/stored.h"
#include "verdict/verdict.h"

const struct store_schema *record_schema(void);

/* ---- a record */
enum mark_kind { MARK_HOST = 1, MARK_DIGEST, MARK_EVIDENCE, MARK_MESSAGE_ID, MARK_CLIENT, MARK_ACCOUNT, MARK_TENANT };
struct record_mark {
    enum mark_kind kind; /* kept in files: never renumbered */
    struct span value;   /* lower case, at most 200 bytes; digests as the first 32 hexadecimal letters of SHA-256 */
};
struct record_outcome {
    struct span recipient, action, mode; /* "hold", "passive" */
};
struct record {
    struct span id;            /* the report's */
    struct span org;           /* whose mail it is; empty: nobody's */
    struct span key;           /* 16 bytes: the same message retried has the same */
    struct span generation;
    enum verdict verdict;
    double score;
    enum direction direction;
    struct span listener, mail_from, from_domain, from_address, subject, client, service, account, language;
    bool mail_from_known;
    uint64_t size;
    struct span evidence;      /* names, blank separated, heaviest first */
    VEC(struct record_mark) marks;
    VEC(struct record_outcome) outcomes;
    uint64_t allowed, denied;  /* number of the entry that spoke for it, against it; 0: none */
    struct span settings;      /* 8 bytes: digest of the settings it was judged by */
    struct span paper;         /* facts, judgement and page, compressed */
    struct jobs jobs;          /* written into the outbox with it (record/outbox.h); record_make leaves it empty */
};
/* Settings as they are kept: made once a generation and organisation, not once a message. */
struct record_settings {
    struct span id, bytes;
};
struct record_ground { /* what facts rest on, by name and digest */
    struct span name, digest;
};
struct record_grounds { VEC(struct record_ground) list; };
void record_grounds_make(struct arena *arena, const struct grounds *grounds, struct record_grounds *out);
void record_settings_make(struct arena *arena, const struct verdict_settings *settings, const struct grounds *grounds, struct record_settings *out);
bool record_settings_read(struct arena *arena, struct span bytes, struct verdict_settings *settings, struct record_grounds *grounds); /* points into bytes */
/* Of a report fresh from verdict_reach, its message still there. tables may be NULL. facts: of report_json_whole; empty: they are
 * written here. */
void record_make(struct arena *arena, const struct verdict_settings *settings, const struct record_settings *kept, const struct tables *tables,
                 const struct report *report, struct span facts, struct record *out);
/* Of the record that will be made of it: its key, and how it names a recipient. Both stand in passes (seal/pass.h). */
struct span record_key(struct arena *arena, const struct report *report);
struct span record_recipient(struct arena *arena, struct span address);
void record_jobs_pack(const struct jobs *jobs, struct buf *out);
int record_jobs_unpack(struct arena *arena, struct span bytes, struct jobs *out); /* points into bytes; -1: these are none */
void record_pack(const struct record *record, struct buf *out);
int record_unpack(struct arena *arena, struct span bytes, struct record *out); /* points into bytes; -1: no record */

/* ---- the ledger */
enum record_kept { RECORD_KEPT = 1, RECORD_WAS_THERE = 0, RECORD_FAILED = -1 };
struct record_ledger; /* of one open store: what settings it already holds */
struct record_ledger *record_ledger_new(struct store *store); /* the store stays the caller's */
void record_ledger_free(struct record_ledger **ledger);
/* Inside the caller's transaction. Was there: a record of the same key is; *id, in the arena, is then that one's id, else the
 * one it was kept under: the record's own, or changed in its last letters where another message bears it. After a rollback
 * the ledger must be made anew. */
enum record_kept record_keep(struct record_ledger *ledger, struct arena *arena, const struct record *record, const struct record_settings *settings,
                             int64_t now, struct span *id, struct err *err);
/* Sorts `most` records (0: all) that were kept since the last time into their tables, where hunts are quick among millions: how many,
 * -1. They are found before too; some hundred at a time cost least. One transaction of its own. */
int64_t record_settle(struct store *store, uint64_t most, struct err *err);
/* A message that no judge could finish: its answer, and why. Inside the caller's transaction; id as of record_keep. */
enum { UNJUDGED_KEY_BYTES = 32 };
struct record_unjudged {
    struct span id, key, report; /* key: UNJUDGED_KEY_BYTES of a digest, then for whom it came; report: JSON, without line end */
    struct span org;
    enum unjudged_why why;       /* read: 0 where an older version kept it */
    struct jobs jobs;            /* written into the outbox with it; not read */
    int64_t kept;                /* read alone */
};
enum record_kept record_unjudged_keep(struct store *store, struct arena *arena, const struct record_unjudged *unjudged, int64_t now, struct span *id,
                                      struct err *err);
/* Whether the record, or unjudged message, of that id is that organisation's: 1; 0: not, or there is none; -1. */
int record_is_of(struct store *store, struct arena *arena, struct span id, struct span org, struct err *err);
int record_unjudged_read(struct store *store, struct arena *arena, struct span id, struct record_unjudged *out, struct err *err); /* 1, 0: none, -1 */
/* The digests of those over which judges died and that were kept after `since`, the newest first, at most so many. */
int record_unjudged_keys(struct store *store, int64_t since, uint64_t most, struct buf *out, struct err *err);
/* What was done for one recipient. 1: noted; 0: there is no such outcome. May settle; not inside a transaction. */
int record_outcome_set(struct store *store, struct span id, struct span recipient, struct span done, int64_t now, struct err *err);

/* ---- reports again */
struct record_told { /* one record as it was judged */
    struct report report;   /* opinion as it was then; arrival, message ... only after record_page, as report_text reads them */
    struct judgement judgement;
    struct verdict_settings settings; /* it was judged by */
    struct record_grounds grounds;    /* likewise; none: not told */
    struct span facts;      /* JSON, for report_json_again */
    struct span generation, unknown; /* unknown: evidence of another version; then judgement and opinion hold only verdict and score */
    bool whole;             /* judgement could be read: the opinion is exact */
    struct span page;       /* bytes, for record_page */
    VEC(struct record_mark) marks;
};
/* 1: found; 0: there is none; -1. Everything lives in the arena. */
int record_read(struct store *store, struct arena *arena, struct span id, struct record_told *out, struct err *err);
/* From then on report_text may be called; false: another version of the program wrote the page. Who only answers with the object does
 * without: a page is a stranger's lists, and what they cost in memory. */
bool record_page(struct arena *arena, struct record_told *told);
void record_json(struct arena *arena, const struct record_told *told, struct buf *out); /* docs/report.schema.json, no line end */

/* ---- what goes when its time is over */
struct record_clock {
    int64_t believed; /* by this */
    int64_t doubted;  /* seconds that the service ran by one far ahead of it */
    bool ahead;       /* it is */
};
/* now: the clock's; ran: seconds since the last call, by a clock that nobody sets. One that is three days ahead of where it was believed last
 * is believed when the service has run for three days by it. What goes goes by one that is back at once, for by that nothing is over; but that it
 * went back as far is noted after three days likewise, so that one which is right again meanwhile is none that is ahead. A transaction of its own, where anything is noted. */
int record_clock(struct store *store, int64_t now, int64_t ran, struct record_clock *out, struct err *err);
struct record_times { /* what is older than these goes */
    int64_t records;     /* and unjudged messages; marks, outcomes and papers go with them */
    int64_t outcomes, corrections;
    int64_t entries;     /* whose end lies before */
    int64_t now;         /* for settings, which go when nothing that is kept was judged by them; 0: they stay */
};
struct record_pruning { /* how far outcomes and ended copies were looked at; begins as zero */
    int64_t held_from; /* these since then */
    int64_t kept;
    char id[32];
    size_t id_len;
};
struct record_pruned {
    uint64_t records, others; /* rows of record and unjudged; of other tables, those that go with a record not counted */
    bool more;                /* there is more that is to go */
};
/* At most `most` of each. One transaction of its own. */
int record_prune(struct store *store, const struct record_times *before, struct record_pruning *at, uint64_t most, struct record_pruned *out, struct err *err);
