/* outbox: jobs as rows. */
#include "record/outbox.h"
#include "record/held_inner.h"
#include "record/inner.h"

static const char columns[] = "job id lane kind state made due tries fault ended bytes";
static const char columns_bare[] = "job id lane kind state made due tries fault ended"; /* bytes may be many */

const char *job_state_name(enum job_state state)
{
    static const char *const names[] = {"unknown", "waiting", "done", "failed"};
    return names[state >= JOB_WAITING && state <= JOB_FAILED ? state : 0];
}

/* ---- written with the record */

/* The id in what was written by one who did not know the record's own. Both are of one length. */
static struct span named_anew(struct arena *arena, struct span bytes, struct span called, struct span id)
{
    if (span_eq(called, id) || called.len != id.len)
        return bytes;
    struct span copy = arena_copy(arena, bytes);
    const char *found;
    for (struct span rest = copy; (found = span_find(rest, called)); rest = span_from(found + id.len, copy.at + copy.len))
        memcpy((char *)(uintptr_t)found, id.at, id.len);
    return copy;
}

static int jobs_write(struct store *store, struct arena *arena, const struct jobs *jobs, struct span id, struct span named, struct span called, int64_t now,
                      struct err *err)
{
    vec_each(job, &jobs->list) {
        struct store_value row[] = {
            text_value_always(arena, arena_print(arena, "%.*s.%.*s", SPAN_FMT(named), SPAN_FMT(job->lane))),
            text_value_always(arena, id),
            text_value_always(arena, job->lane),
            text_value_always(arena, job->kind),
            STORE_INT(JOB_WAITING),
            STORE_INT(now),
            STORE_INT(now),
            STORE_INT(0),
            STORE_NONE(STORE_TEXT),
            STORE_NONE(STORE_INTEGER),
            STORE_BLOB(named_anew(arena, job->bytes, called, id)),
        };
        if (store_insert(store, "outbox", row, STORE_KEEP, err) < 0)
            return -1;
    }
    return 0;
}

int jobs_keep(struct store *store, struct arena *arena, const struct jobs *jobs, struct span id, struct span called, int64_t now, struct err *err)
{
    return jobs_write(store, arena, jobs, id, id, called, now, err);
}

int jobs_keep_as(struct store *store, struct arena *arena, const struct jobs *jobs, struct span id, struct span named, int64_t now, struct err *err)
{
    return jobs_write(store, arena, jobs, id, named, id, now, err);
}

int jobs_forget(struct store *store, struct span id, struct err *err)
{
    struct store_query query = {.table = "outbox", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)), STORE_IS("kind", STORE_NE, STORE_WORDS(S(HELD_LANE))))};
    return store_delete(store, &query, err) < 0 ? -1 : 0; /* mail under way arrives */
}

/* ---- reading */
struct rows_reading {
    struct arena *arena;
    struct job_rows rows;
    bool bare;
};

static bool row_take(void *context, const struct store_value *v)
{
    struct rows_reading *at = context;
    *vec_push(at->arena, &at->rows.list) = (struct job_row){
        .job = value_copy(at->arena, &v[0]), .id = value_copy(at->arena, &v[1]), .lane = value_copy(at->arena, &v[2]), .kind = value_copy(at->arena, &v[3]),
        .state = (enum job_state)v[4].integer, .made = v[5].integer, .due = v[6].integer, .tries = (uint64_t)v[7].integer,
        .fault = value_copy(at->arena, &v[8]), .ended = v[9].null ? TIME_UNKNOWN : v[9].integer,
        .bytes = at->bare ? (struct span){0} : value_copy(at->arena, &v[10])};
    return true;
}

static bool text_take(void *context, const struct store_value *values)
{
    struct rows_reading *at = context;
    vec_push(at->arena, &at->rows.list)->lane = value_copy(at->arena, &values[0]);
    return false;
}

int outbox_lane_next(struct store *store, struct arena *arena, struct span after, struct span *out, struct err *err)
{
    struct rows_reading at = {.arena = arena};
    struct store_query query = {.table = "outbox", STORE_WHERE(STORE_IS("state", STORE_EQ, STORE_INT(JOB_WAITING)), STORE_IS("lane", STORE_GT, STORE_WORDS(after))),
                                .columns = "lane", .order = "lane", .limit = 1};
    int64_t found = store_find(store, &query, text_take, &at, err);
    if (found > 0)
        *out = at.rows.list.at[0].lane;
    return (int)found;
}

static int waiting_find(struct store *store, struct arena *arena, struct span lane, const struct store_where *due, uint64_t most, struct job_rows *out, struct err *err)
{
    struct rows_reading at = {.arena = arena};
    struct store_query query = {.table = "outbox", .columns = columns, .order = "due", .limit = most,
                                STORE_WHERE(STORE_IS("state", STORE_EQ, STORE_INT(JOB_WAITING)), STORE_IS("lane", STORE_EQ, STORE_WORDS(lane)), *due)};
    int64_t found = store_find(store, &query, row_take, &at, err);
    *out = at.rows;
    return found < 0 ? -1 : 0;
}

int outbox_due(struct store *store, struct arena *arena, struct span lane, int64_t now, uint64_t most, struct job_rows *out, struct err *err)
{
    return waiting_find(store, arena, lane, &STORE_IS("due", STORE_LE, STORE_INT(now)), most, out, err);
}

int outbox_beyond(struct store *store, struct arena *arena, struct span lane, int64_t latest, uint64_t most, struct job_rows *out, struct err *err)
{
    return waiting_find(store, arena, lane, &STORE_IS("due", STORE_GT, STORE_INT(latest)), most, out, err);
}

static bool integer_take(void *context, const struct store_value *values)
{
    *(int64_t *)context = values[0].integer;
    return false;
}

static int least_find(struct store *store, const struct store_where *where, size_t wheres, const char *column, int64_t *out, struct err *err)
{
    struct store_query query = {.table = "outbox", .where = where, .wheres = wheres, .columns = column, .order = column, .limit = 1};
    *out = TIME_UNKNOWN;
    return store_find(store, &query, integer_take, out, err) < 0 ? -1 : 0;
}

int outbox_due_next(struct store *store, struct span lane, int64_t *out, struct err *err)
{
    struct store_where where[] = {STORE_IS("state", STORE_EQ, STORE_INT(JOB_WAITING)), STORE_IS("lane", STORE_EQ, STORE_WORDS(lane))};
    return least_find(store, where, 2, "due", out, err);
}

static int64_t state_count(struct store *store, enum job_state state, uint64_t most, struct err *err)
{
    struct store_where where = STORE_IS("state", STORE_EQ, STORE_INT(state));
    return store_count(store, &(struct store_query){.table = "outbox", .where = &where, .wheres = 1, .limit = most}, err);
}

int outbox_count(struct store *store, uint64_t most, struct outbox_counts *out, struct err *err)
{
    struct store_where waiting = STORE_IS("state", STORE_EQ, STORE_INT(JOB_WAITING));
    int64_t counts[3];
    for (int i = 0; i < 3; i++)
        if ((counts[i] = state_count(store, (enum job_state)(JOB_WAITING + i), most, err)) < 0)
            return -1;
    *out = (struct outbox_counts){(uint64_t)counts[0], (uint64_t)counts[1], (uint64_t)counts[2], TIME_UNKNOWN};
    return least_find(store, &waiting, 1, "made", &out->oldest, err);
}

/* ---- what came of them */
int outbox_note(struct store *store, struct arena *arena, const struct job_note *note, int64_t now, struct err *err)
{
    struct store_query query = {.table = "outbox", STORE_WHERE(STORE_IS("job", STORE_EQ, STORE_WORDS(note->job)), STORE_IS("state", STORE_EQ, STORE_INT(JOB_WAITING)))};
    struct store_change changes[6] = {{"tries", STORE_PLUS, STORE_INT(1)}, {"state", STORE_SET, STORE_INT(note->state)},
                                      {"fault", STORE_SET, text_value(arena, note->fault)}};
    size_t count = 3;
    if (note->state == JOB_WAITING)
        changes[count++] = (struct store_change){"due", STORE_SET, STORE_INT(note->due)};
    else
        changes[count++] = (struct store_change){"ended", STORE_SET, STORE_INT(now)};
    if (note->state == JOB_DONE) /* what it told is in the record */
        changes[count++] = (struct store_change){"bytes", STORE_SET, STORE_BLOB(S(""))};
    int noted = (int)store_update(store, &query, changes, count, err);
    if (noted <= 0 || note->state == JOB_WAITING)
        return noted;
    struct store_query pass = {.table = "mail_pass", STORE_WHERE(STORE_IS("job", STORE_EQ, STORE_WORDS(note->job)))};
    struct store_query release = {.table = "outbox", STORE_WHERE(STORE_IS("job", STORE_EQ, STORE_WORDS(note->job)), STORE_IS("kind", STORE_EQ, STORE_WORDS(S(HELD_LANE))))};
    int64_t releases = store_delete(store, &pass, err) < 0 ? -1 : store_count(store, &release, err);
    if (releases > 0 && held_follow(store, arena, note->job, note->state == JOB_DONE ? HELD_DELIVERED : HELD_REFUSED, note->fault, now, err) < 0)
        return -1;
    return releases < 0 ? -1 : noted;
}

static int give_up(struct store *store, struct arena *arena, int64_t made, int64_t now, uint64_t most, struct err *err)
{
    struct rows_reading at = {.arena = arena, .bare = true};
    struct store_query query = {.table = "outbox", .columns = columns_bare, .order = "made", .limit = most,
                                STORE_WHERE(STORE_IS("state", STORE_EQ, STORE_INT(JOB_WAITING)), STORE_IS("made", STORE_LT, STORE_INT(made)),
                                            STORE_IS("tries", STORE_GT, STORE_INT(0)))};
    if (store_find(store, &query, row_take, &at, err) < 0)
        return -1;
    vec_each(row, &at.rows.list) {
        struct store_where where = STORE_IS("job", STORE_EQ, STORE_WORDS(row->job));
        struct store_query one = {.table = "outbox", .where = &where, .wheres = 1};
        struct span fault = arena_print(arena, "given up, its time is over; the last try: %.*s", SPAN_FMT(row->fault));
        struct store_change changes[] = {{"state", STORE_SET, STORE_INT(JOB_FAILED)}, {"ended", STORE_SET, STORE_INT(now)},
                                         {"fault", STORE_SET, text_value_always(arena, fault)}};
        bool release = span_eq(row->kind, S(HELD_LANE));
        if (store_update(store, &one, changes, 3, err) < 0 || (release && held_follow(store, arena, row->job, HELD_REFUSED, fault, now, err) < 0))
            return -1;
    }
    return 0;
}

static void arena_end(struct arena **arena)
{
    arena_free(arena);
}

int64_t outbox_prune(struct store *store, int64_t ended, int64_t made, int64_t now, uint64_t most, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_end))) = arena_new((size_t)1 << 28);
    struct store_query over = {.table = "outbox", STORE_WHERE(STORE_IS("ended", STORE_LT, STORE_INT(ended))), .order = "ended", .limit = most};
    if (store_begin(store, STORE_RELAXED, err) < 0)
        return -1;
    int64_t gone = give_up(store, arena, made, now, most, err) < 0 ? -1 : store_delete(store, &over, err);
    if (gone >= 0 && store_commit(store, err) == 0)
        return gone;
    store_rollback(store);
    return -1;
}

/* ---- the operator's */
int64_t outbox_list(struct store *store, enum job_state state, uint64_t limit, job_each each, void *context, struct err *err)
{
    struct rows_reading at = {.arena = arena_new((size_t)4 << 30), .bare = true};
    struct store_where where = STORE_IS("state", STORE_EQ, STORE_INT(state));
    struct store_query query = {.table = "outbox", .where = &where, .wheres = state ? 1 : 0, .columns = columns_bare, .order = "made job", .limit = limit};
    int64_t found = store_find(store, &query, row_take, &at, err);
    for (size_t i = 0; i < at.rows.list.len; i++)
        if (!each(context, &at.rows.list.at[i]))
            break;
    arena_free(&at.arena);
    return found;
}

int outbox_read(struct store *store, struct arena *arena, struct span job, struct job_row *out, struct err *err)
{
    struct rows_reading at = {.arena = arena};
    struct store_query query = {.table = "outbox", STORE_WHERE(STORE_IS("job", STORE_EQ, STORE_WORDS(job))), .columns = columns, .limit = 1};
    int64_t found = store_find(store, &query, row_take, &at, err);
    if (found > 0)
        *out = at.rows.list.at[0];
    return (int)found;
}

/* What releases are about is to know what becomes of its job. */
static int releases_follow(struct store *store, const struct store_where *where, size_t wheres, enum held_state to, struct span why, int64_t now, struct err *err)
{
    struct rows_reading at = {.arena = arena_new((size_t)1 << 30), .bare = true};
    struct store_where these[4] = {STORE_IS("kind", STORE_EQ, STORE_WORDS(S(HELD_LANE)))};
    memcpy(these + 1, where, wheres * sizeof *where);
    struct store_query query = {.table = "outbox", .where = these, .wheres = wheres + 1, .columns = columns_bare};
    int done = store_find(store, &query, row_take, &at, err) < 0 ? -1 : 0;
    for (size_t i = 0; done == 0 && i < at.rows.list.len; i++)
        done = held_follow(store, at.arena, at.rows.list.at[i].job, to, why, now, err);
    arena_free(&at.arena);
    return done;
}

static int64_t together(struct store *store, int64_t done, struct err *err)
{
    if (done >= 0 && store_commit(store, err) == 0)
        return done;
    store_rollback(store);
    return -1;
}

int64_t outbox_retry(struct store *store, struct span job, int64_t now, struct err *err)
{
    struct store_where where[] = {STORE_IS("state", STORE_EQ, STORE_INT(JOB_FAILED)), STORE_IS("job", STORE_EQ, STORE_WORDS(job))};
    struct store_query query = {.table = "outbox", .where = where, .wheres = 1};
    if (job.len) { /* one that waits too; not what is done, whose bytes are gone */
        where[0] = STORE_IS("state", STORE_NE, STORE_INT(JOB_DONE));
        query.wheres = 2;
    }
    struct store_change changes[] = {{"state", STORE_SET, STORE_INT(JOB_WAITING)}, {"due", STORE_SET, STORE_INT(JOB_AT_ONCE)}, {"made", STORE_GREATEST, STORE_INT(now)},
                                     {"tries", STORE_SET, STORE_INT(0)}, {"ended", STORE_SET, STORE_NONE(STORE_INTEGER)}};
    if (store_begin(store, STORE_SYNCED, err) < 0)
        return -1;
    int done = releases_follow(store, where, query.wheres, HELD_LEAVING, S(""), now, err);
    return together(store, done < 0 ? -1 : store_update(store, &query, changes, 5, err), err);
}

int64_t outbox_drop(struct store *store, struct span job, int64_t now, struct err *err)
{
    struct store_where where = job.len ? STORE_IS("job", STORE_EQ, STORE_WORDS(job)) : STORE_IS("state", STORE_EQ, STORE_INT(JOB_FAILED));
    if (store_begin(store, STORE_SYNCED, err) < 0)
        return -1;
    int done = releases_follow(store, &where, 1, HELD_KEPT, S("its way out was taken back (outbox drop)"), now, err);
    return together(store, done < 0 ? -1 : store_delete(store, &(struct store_query){.table = "outbox", .where = &where, .wheres = 1}, err), err);
}
