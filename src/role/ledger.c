/* ledger: the keeper's store, and records in it. */
#include "role/ledger.h"
#include "role/believed.h"
#include "role/dispatch.h"
#include "role/holding.h"
#include "record/decide.h"
#include "record/held.h"
#include "store/upkeep.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* LOGS: so many times as long the log gets only where the checkpointer does not do its work. */
enum { LOGS_MOST = 4, SETTLED_TOGETHER = 64, STRAYS_SECONDS = 86400, REFUSED_MOST = 100000 };

struct ledger {
    struct store *store;
    struct record_ledger *records;
    struct keep_times keep;
    int64_t confirm_wait;
    bool confirm_agrees;
    struct record_pruning pruning;
    uint64_t pruned;
    enum store_sync sync;
    uint64_t count, fresh; /* records; of them those that are not settled */
    bool open; /* a transaction */
    bool spoilt; /* it holds a record whose message is not held as it was to be: nothing of it may stay */
    struct spool *spool;
    uint64_t held; /* messages */
    struct believed clock;
    int64_t strays_due; /* when the folder is looked through again */
    int64_t changes; /* of the store by others, when entries were looked at last */
};

static void count_take(struct ledger *ledger)
{
    struct err err;
    int64_t judged = store_count(ledger->store, &(struct store_query){.table = "record"}, &err);
    int64_t unjudged = store_count(ledger->store, &(struct store_query){.table = "unjudged"}, &err);
    int64_t fresh = store_count(ledger->store, &(struct store_query){.table = "fresh"}, &err);
    ledger->count = judged < 0 || unjudged < 0 || fresh < 0 ? 0 : (uint64_t)(judged + unjudged + fresh);
    ledger->fresh = fresh < 0 ? 0 : (uint64_t)fresh;
}

/* ---- the hold spool */
static int by_file(const void *left, const void *right)
{
    return span_compare(((const struct record_held *)left)->file, ((const struct record_held *)right)->file);
}

static bool file_is_wanted(void *context, struct span name)
{
    const struct record_held_list *held = context;
    const struct record_held wanted = {.file = name};
    return held->list.len && bsearch(&wanted, held->list.at, held->list.len, sizeof wanted, by_file);
}

/* Where a file has no row the store is an older copy than the folder, and the file is all that is left of a message that was answered as
 * held: it has the time that held messages have. */
static void strays_remove(struct ledger *ledger, int64_t now)
{
    struct err err;
    struct record_held_list held;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)1 << 30);
    ledger->strays_due = now + STRAYS_SECONDS;
    if (record_held_files(ledger->store, arena, &held, &err) < 0)
        return;
    if (held.list.len)
        qsort(held.list.at, held.list.len, sizeof *held.list.at, by_file);
    size_t stay = spool_strays(ledger->spool, now - ledger->keep.hold, file_is_wanted, &held);
    if (stay)
        log_event(LEVEL_WARNING, "hold-strays",
                  "files among the held messages that belong to no record of this store: %zu. Was it put back from a backup, or begun anew? They stay for "
                  "as long as held messages do; zstd -dc FILE shows one", stay);
}

static void hold_open(struct ledger *ledger, const struct keeper_settings *settings)
{
    struct err err;
    uint64_t bytes = 0;
    if (record_held_sum(ledger->store, &ledger->held, &bytes, &err) < 0)
        log_event(LEVEL_WARNING, "hold", "how much is held could not be read: %s", err.text);
    ledger->spool = spool_new(settings->hold_folder ? settings->hold_folder : "", settings->hold_bytes, bytes);
    believed_look(&ledger->clock, ledger->store);
    strays_remove(ledger, ledger->clock.now);
}

int ledger_open(const struct keeper_settings *settings, struct ledger **out, struct err *err)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        abort();
    ledger->keep = settings->keep;
    ledger->confirm_wait = settings->confirm_wait;
    ledger->confirm_agrees = settings->confirm_agrees;
    ledger->sync = settings->full_sync ? STORE_SYNCED : STORE_RELAXED;
    if (store_open(settings->path ? settings->path : "memory:", record_schema(), &(struct store_settings){.log_bytes = LOGS_MOST * settings->log_bytes}, &ledger->store,
                   err) < 0) {
        free(ledger);
        return -1;
    }
    ledger->records = record_ledger_new(ledger->store);
    count_take(ledger);
    ledger->changes = -1;
    hold_open(ledger, settings);
    *out = ledger;
    return 0;
}

void ledger_close(struct ledger **ledger)
{
    struct err err;
    if (!*ledger)
        return;
    if (!(*ledger)->open)
        record_settle((*ledger)->store, 0, &err); /* a store that rests is all in order; where it fails, the next keeper does it */
    record_ledger_free(&(*ledger)->records);
    spool_settle((*ledger)->spool, !(*ledger)->open); /* what was put and not committed is kept by nobody */
    spool_free(&(*ledger)->spool);
    store_close(&(*ledger)->store);
    free(*ledger);
    *ledger = NULL;
}

/* ---- looking */
int ledger_find(struct ledger *ledger, struct arena *arena, struct span id, struct kept *out, struct err *err)
{
    struct record_told told;
    struct record_unjudged unjudged;
    struct buf report = {.arena = arena};
    *out = (struct kept){.how = KEPT_NONE};
    int found = record_read(ledger->store, arena, id, &told, err);
    if (found > 0) {
        record_json(arena, &told, &report);
        *out = (struct kept){.how = KEPT_KNOWN, .id = told.report.id, .report = buf_span(&report)};
    } else if (found == 0 && (found = record_unjudged_read(ledger->store, arena, id, &unjudged, err)) > 0) {
        *out = (struct kept){.how = KEPT_KNOWN, .id = unjudged.id, .report = unjudged.report};
    }
    return found < 0 ? -1 : 0;
}

int ledger_tell(struct ledger *ledger, struct arena *arena, struct span asked, struct kept *out, struct err *err)
{
    struct span id = span_first(asked, REPORT_ID_LEN), org = span_skip(asked, REPORT_ID_LEN);
    *out = (struct kept){.how = KEPT_NONE};
    int theirs = org.len ? record_is_of(ledger->store, arena, id, org, err) : 1;
    return theirs > 0 ? ledger_find(ledger, arena, id, out, err) : theirs;
}

int ledger_entries(struct ledger *ledger, struct arena *arena, struct buf *out, struct err *err)
{
    int64_t changes;
    struct verdict_entries entries;
    if (store_changes(ledger->store, &changes, err) < 0)
        return -1;
    if (changes == ledger->changes)
        return 0;
    if (record_entries_load(ledger->store, arena, INT64_MIN, &entries, err) < 0) /* each message's own time tells which were in force */
        return -1;
    record_entries_pack(&entries, out);
    ledger->changes = changes;
    return 1;
}

int ledger_killers(struct ledger *ledger, struct buf *out, struct err *err)
{
    enum { KILLERS = 1024, SECONDS = 7 * 86400 };
    return record_unjudged_keys(ledger->store, time(NULL) - SECONDS, KILLERS, out, err);
}

/* ---- keeping */
static int begin(struct ledger *ledger, struct err *err)
{
    if (ledger->open)
        return 0;
    ledger->open = store_begin(ledger->store, ledger->sync, err) == 0;
    return ledger->open ? 0 : -1;
}

static struct span record_id_of(struct arena *arena, const struct keep_row *row)
{
    struct record record;
    return row->record.len && record_unpack(arena, row->record, &record) == 0 ? record.id : row->id;
}

static int judged_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    struct record record;
    struct span id;
    if (record_unpack(arena, row->record, &record) < 0)
        return err_set(err, "the judge sent no record");
    const struct record_settings settings = {record.settings, row->settings};
    enum record_kept kept = record_keep(ledger->records, arena, &record, &settings, time(NULL), &id, err);
    if (kept == RECORD_FAILED)
        return -1;
    *out = (struct kept){.how = KEPT_NEW};
    if (kept == RECORD_KEPT && span_eq(id, record.id))
        return 0;
    if (ledger_find(ledger, arena, id, out, err) < 0)
        return -1;
    out->how = kept == RECORD_KEPT ? KEPT_NEW : KEPT_KNOWN;
    return 0;
}

static int unjudged_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    struct span id;
    struct record_unjudged unjudged = {.id = row->id, .key = row->key, .report = row->report, .org = row->org, .why = row->why};
    if (record_jobs_unpack(arena, row->jobs, &unjudged.jobs) < 0)
        return err_set(err, "the door sent no notices that can be read");
    enum record_kept kept = record_unjudged_keep(ledger->store, arena, &unjudged, time(NULL), &id, err);
    *out = (struct kept){.how = KEPT_NEW};
    if (kept == RECORD_WAS_THERE)
        return ledger_find(ledger, arena, id, out, err);
    return kept == RECORD_FAILED ? -1 : 0;
}

static int row_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    if (begin(ledger, err) < 0)
        return -1;
    return row->record.len ? judged_keep(ledger, arena, row, out, err) : unjudged_keep(ledger, arena, row, out, err);
}

static struct holding holding_of(const struct ledger *ledger)
{
    return (struct holding){.store = ledger->store, .spool = ledger->spool, .seconds = ledger->keep.hold, .confirm_wait = ledger->confirm_wait};
}

/* The bytes are on disk before the row is written. Where a message that is to be held has no row that says so, nothing of its batch may stay. */
static int held_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    const struct holding at = holding_of(ledger);
    struct span id = record_id_of(arena, row);
    struct held_bytes bytes;
    if (spool_put(ledger->spool, id, row->fd, row->length, &bytes.file, &bytes.size, err) < 0)
        return -1;
    if (row_keep(ledger, arena, row, out, err) < 0) {
        spool_remove(ledger->spool, bytes.file, bytes.size);
        return -1;
    }
    bool first = out->how == KEPT_NEW;
    enum held_how how = holding_write(&at, arena, out->id.len ? out->id : id, row, first, &bytes, err);
    ledger->spoilt |= how == HELD_SPOILT || (first && how == HELD_FAILED);
    ledger->held += how == HELD_ONE_MORE;
    out->held = (how == HELD_ONE_MORE || how == HELD_AS_MANY) && !row->beside;
    return how == HELD_SPOILT || how == HELD_FAILED ? -1 : 0;
}

/* ---- on the way out */
static int never(struct err *err, const char *why)
{
    err_set(err, "%s", why);
    return PREPARE_NEVER;
}

/* Its row holds the letter but for the pass by which it passes a door of ours. */
static int digest_prepare(struct ledger *ledger, struct arena *arena, const struct job_row *row, struct errand *errand, struct err *err)
{
    struct letter letter;
    struct buf bytes = {.arena = arena};
    if (letter_unpack(arena, row->bytes, &letter) < 0)
        return never(err, "another version of sekimori wrote it");
    if (mail_pass(ledger->store, arena, row->job, &letter.pass, err) < 0)
        return -1;
    letter_pack(&bytes, &letter);
    errand->bytes = buf_span(&bytes);
    return 0;
}

/* Where a batch is open it is used up with that: one that is lost with it is good still, and harms nobody. */
int ledger_pass(struct ledger *ledger, struct arena *arena, struct span asked, struct kept *out, struct err *err)
{
    struct held_copy copy;
    struct span pass = span_first(asked, PASS_LETTERS);
    bool alone = !ledger->open;
    *out = (struct kept){.how = KEPT_NONE};
    if (alone && store_begin(ledger->store, STORE_SYNCED, err) < 0)
        return -1;
    int good = held_pass(ledger->store, arena, pass, span_skip(asked, PASS_LETTERS), time(NULL), &copy, err);
    if (alone && (good <= 0 || store_commit(ledger->store, err) < 0)) {
        store_rollback(ledger->store);
        good = good > 0 ? -1 : good;
    }
    if (good > 0)
        *out = (struct kept){.how = KEPT_KNOWN, .id = copy.id, .measure = copy.measure, .edited = copy.edited};
    return good < 0 ? -1 : 0;
}

/* Whoever answered did it beside the service; with the first try to send it the log tells of it. */
static void answer_tell(const struct held_copy *copy)
{
    struct log_line line;
    if (copy->asked != HELD_AGREED && copy->asked != HELD_DECLINED)
        return;
    log_line_begin(&line, LEVEL_NOTICE, "answered");
    if (!line.arena)
        return;
    json_text(&line.json, "id", copy->id);
    json_text(&line.json, "acts", copy->acts);
    json_text(&line.json, "answer", copy->edited && copy->asked == HELD_AGREED ? S("agreed") : copy->asked == HELD_AGREED ? S("released later") : S("declined"));
    json_text(&line.json, "by", copy->by);
    json_time(&line.json, "at", copy->at);
    json_text(&line.json, "text", S("somebody was asked about it, and it leaves"));
    log_line_end(&line);
}

int ledger_prepare(void *context, struct arena *arena, const struct job_row *row, struct errand *errand, int *fd, struct err *err)
{
    struct ledger *ledger = context;
    struct held_letter letter;
    struct buf bytes = {.arena = arena};
    if (span_eq(row->kind, S(DIGEST_LANE)))
        return digest_prepare(ledger, arena, row, errand, err);
    if (!span_eq(row->kind, S(HELD_LANE)))
        return 0;
    int found = held_letter(ledger->store, arena, row->job, &letter, err);
    if (found <= 0)
        return found < 0 ? -1 : never(err, "its bytes are gone, or it is not released any more");
    if (!letter.held.enveloped)
        return never(err, "it was held by a version that kept no envelope; sekimori held export gives its bytes");
    if ((*fd = spool_open(ledger->spool, letter.held.file, err)) < 0)
        return errno == ENOENT ? PREPARE_NEVER : -1;
    if (!row->tries)
        answer_tell(&letter.copy);
    struct span from = held_is_beside(&letter.copy) ? S("") : letter.held.mail_from;
    letter_pack(&bytes, &(struct letter){.mail_from = from, .mail_params = letter.held.mail_params, .recipient = letter.copy.address,
                                         .params = letter.copy.params, .start = letter.copy.start, .length = letter.copy.length, .pass = letter.pass,
                                         .raw = !letter.copy.edited});
    errand->bytes = buf_span(&bytes);
    return 0;
}

int ledger_keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, struct kept *out, struct err *err)
{
    bool judged = row->record.len;
    if (judged ? !row->settings.len : !row->key.len || !row->id.len || !row->report.len)
        return err_set(err, "the record has no key, id, settings or report");
    if ((row->hold ? held_keep : row_keep)(ledger, arena, row, out, err) < 0)
        return -1;
    const struct holding at = holding_of(ledger);
    if (out->how == KEPT_KNOWN && holding_tell(&at, arena, row, out, err) < 0)
        return -1;
    ledger->count += out->how == KEPT_NEW;
    ledger->fresh += out->how == KEPT_NEW && judged;
    return 0;
}

int ledger_visit(struct ledger *ledger, struct arena *arena, const struct visit *visit, struct visited *out, struct err *err)
{
    int64_t now = time(NULL);
    if (visit_look(ledger->store, arena, visit, now, out, err) < 0)
        return -1;
    if (visit->act == VISIT_LOOK || out->end != VISIT_GOOD)
        return 0;
    bool at_once = visit_is_of_held(visit) && visit->act != VISIT_OPEN;
    if (at_once ? ledger->open && err_set(err, "records wait for their commit") < 0 : begin(ledger, err) < 0)
        return -1;
    return visit_keep(ledger->store, arena, visit, now, out, err);
}

struct store *ledger_store(struct ledger *ledger)
{
    return ledger->store;
}

/* What the records knew of the store is not so after a commit that failed. */
static int nothing_kept(struct ledger *ledger)
{
    uint64_t bytes;
    struct err err;
    spool_settle(ledger->spool, false);
    record_held_sum(ledger->store, &ledger->held, &bytes, &err);
    record_ledger_free(&ledger->records);
    ledger->records = record_ledger_new(ledger->store);
    count_take(ledger);
    return -1;
}

int ledger_commit(struct ledger *ledger, struct err *err)
{
    if (!ledger->open)
        return 0;
    bool spoilt = ledger->spoilt;
    ledger->open = ledger->spoilt = false;
    if (spoilt || store_must_roll_back(ledger->store)) {
        store_rollback(ledger->store);
        err_set(err, "the store could not take the records");
        return nothing_kept(ledger);
    }
    if (store_commit(ledger->store, err) < 0)
        return nothing_kept(ledger);
    spool_settle(ledger->spool, true);
    return 0;
}

int ledger_settle(struct ledger *ledger, struct err *err)
{
    if (ledger->open || ledger->fresh < SETTLED_TOGETHER)
        return 0;
    int64_t settled = record_settle(ledger->store, SETTLED_TOGETHER, err);
    ledger->fresh = settled > 0 && (uint64_t)settled <= ledger->fresh ? ledger->fresh - (uint64_t)settled : 0; /* after a failure: not at once again */
    return settled < 0 ? -1 : 0;
}

uint64_t ledger_log(const struct ledger *ledger)
{
    return store_log(ledger->store);
}

int ledger_log_move(struct ledger *ledger, struct err *err)
{
    return store_settle(ledger->store, err) < 0 ? -1 : 0;
}

/* ---- nobody answered */
static bool unanswered_tell(void *context, const struct held_copy *copy)
{
    struct log_line line;
    const struct ledger *ledger = context;
    log_line_begin(&line, LEVEL_NOTICE, "unanswered");
    if (!line.arena)
        return true;
    json_text(&line.json, "id", copy->id);
    json_text(&line.json, "acts", copy->acts);
    json_text(&line.json, "text", !ledger->confirm_agrees              ? S("nobody agreed in time (hold.confirm_wait): it leaves without what was proposed (hold.confirm_then)")
                                  : copy->asked == HELD_MAY_STAY ? S("nobody answered in time (hold.confirm_wait): it is held, as was proposed (hold.confirm_then)")
                                                                 : S("nobody answered in time (hold.confirm_wait): it leaves as was proposed (hold.confirm_then)"));
    log_line_end(&line);
    return true;
}

int ledger_unanswered(struct ledger *ledger, struct err *err)
{
    if (ledger->open)
        return 0;
    int64_t now = time(NULL);
    if (held_waits_end(ledger->store, now + ledger->confirm_wait, err) < 0)
        return -1;
    int64_t done = held_unanswered(ledger->store, now, ledger->confirm_agrees, S("the service"), S("nobody answered in time"), SWEEP_MOST, unanswered_tell, ledger, err);
    return done < 0 ? -1 : done >= SWEEP_MOST;
}

/* ---- what is to go */
static void expired_tell(const struct record_held *held, int64_t copies)
{
    struct log_line line;
    log_line_begin(&line, LEVEL_NOTICE, "held-expired");
    if (!line.arena)
        return;
    json_text(&line.json, "id", held->id);
    json_number(&line.json, "recipients", copies);
    json_time(&line.json, "held_at", held->at);
    json_text(&line.json, "text", S("its time was over (keep.hold), and nobody released it: its bytes are gone"));
    log_line_end(&line);
}

/* Rows of those that stay for now are taken off the list. */
static int held_end(struct ledger *ledger, struct record_held_list *over, int64_t *expired, int64_t now, struct err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < over->list.len; i++) {
        int64_t ended = record_held_end(ledger->store, &over->list.at[i], now, err);
        if (ended == -1)
            return -1;
        if (ended == HELD_STAYS)
            continue;
        expired[kept] = ended;
        over->list.at[kept++] = over->list.at[i];
    }
    over->list.len = kept;
    return 0;
}

static int64_t held_sweep(struct ledger *ledger, int64_t now, struct err *err)
{
    struct record_held_list over;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)1 << 28);
    if (record_held_over(ledger->store, arena, now, SWEEP_MOST, &over, err) < 0 || (over.list.len && store_begin(ledger->store, STORE_RELAXED, err) < 0))
        return -1;
    if (!over.list.len)
        return 0;
    int64_t *expired = arena_alloc(arena, over.list.len * sizeof *expired);
    int done = held_end(ledger, &over, expired, now, err);
    if (done == 0)
        vec_each(held, &over.list) /* before their rows are gone for good: of one who is forgotten no bytes may stay without a row */
            spool_remove(ledger->spool, held->file, held->size);
    if (done < 0 || store_commit(ledger->store, err) < 0) {
        store_rollback(ledger->store);
        return -1;
    }
    for (size_t i = 0; i < over.list.len; i++)
        if (over.list.at[i].until <= now && span_eq(over.list.at[i].state, S("held")))
            expired_tell(&over.list.at[i], expired[i]);
    ledger->held -= over.list.len < ledger->held ? over.list.len : ledger->held;
    return (int64_t)over.list.len;
}

int ledger_sweep(struct ledger *ledger, struct err *err)
{
    struct record_pruned gone;
    if (ledger->open)
        return 0;
    believed_look(&ledger->clock, ledger->store);
    int64_t now = ledger->clock.now, held;
    struct record_times before = {.records = now - ledger->keep.records, .outcomes = now - ledger->keep.outcomes,
                                  .corrections = now - ledger->keep.corrections, .entries = now - ledger->keep.records, .now = now};
    if (now >= ledger->strays_due)
        strays_remove(ledger, now);
    if ((held = held_sweep(ledger, now, err)) < 0 || record_prune(ledger->store, &before, &ledger->pruning, SWEEP_MOST, &gone, err) < 0)
        return -1;
    ledger->count -= gone.records <= ledger->count ? gone.records : ledger->count;
    ledger->pruned += gone.records + gone.others + (uint64_t)held;
    return gone.more || held >= SWEEP_MOST;
}

int64_t ledger_clock(const struct ledger *ledger)
{
    return ledger->clock.now;
}

/* ---- figures */
static uint64_t rows_of(struct ledger *ledger, const char *table)
{
    struct err err;
    int64_t rows = store_count(ledger->store, &(struct store_query){.table = table}, &err);
    return rows < 0 ? 0 : (uint64_t)rows;
}

void ledger_tally(struct ledger *ledger, uint64_t *numbers)
{
    struct err err;
    struct store_sizes sizes = {0};
    store_sizes(ledger->store, &sizes, &err);
    memset(numbers, 0, TALLY_COUNT * sizeof *numbers);
    numbers[TALLY_RECORDS] = ledger->count;
    numbers[TALLY_ENTRIES] = rows_of(ledger, "entry"); /* these are few */
    numbers[TALLY_CORRECTIONS] = rows_of(ledger, "correction");
    numbers[TALLY_UNJUDGED] = rows_of(ledger, "unjudged");
    numbers[TALLY_HELD] = ledger->held;
    numbers[TALLY_HELD_BYTES] = spool_holds(ledger->spool);
    numbers[TALLY_REFUSED] = held_refused(ledger->store, REFUSED_MOST);
    numbers[TALLY_PRUNED] = ledger->pruned;
    numbers[TALLY_STORE_BYTES] = sizes.bytes;
    numbers[TALLY_STORE_FREE] = sizes.free_bytes;
    numbers[TALLY_STORE_LOG] = sizes.log_bytes;
}
