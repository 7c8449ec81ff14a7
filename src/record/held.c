/* held: for whom messages are held, and what becomes of each copy. */
#include "record/held_inner.h"

#include <stdlib.h>
#include <sys/random.h>

static const char columns[] = "id number address params org start length state at by why fault pass edited asked agreed_start agreed_length acts waits original came measure agreed_measure came_measure";
enum { PASS_BYTES = 20 };

const char *held_state_name(enum held_state state)
{
    static const char *const names[HELD_STATE_COUNT] = {"", "held", "asked", "leaving", "delivered", "refused", "deleted", "expired", "kept", "waiting"};
    return state > 0 && state < HELD_STATE_COUNT ? names[state] : "unknown";
}

/* Those of which bytes are wanted, in the order of their numbers. */
static const struct store_value lying[] = {{STORE_INTEGER, false, {.integer = HELD_KEPT}}, {STORE_INTEGER, false, {.integer = HELD_ASKED}},
                                           {STORE_INTEGER, false, {.integer = HELD_LEAVING}}, {STORE_INTEGER, false, {.integer = HELD_REFUSED}},
                                           {STORE_INTEGER, false, {.integer = HELD_WAITING}}, {STORE_INTEGER, false, {.integer = HELD_ORIGINAL}}};
enum { LYING = sizeof lying / sizeof *lying, DELIVERIES = LYING - 1 };
#define LIES_HERE ((struct store_where){.column = "state", .is = STORE_IN, .values = lying, .count = LYING})

bool held_lies_here(enum held_state state)
{
    for (size_t i = 0; i < LYING; i++)
        if (lying[i].integer == (int64_t)state)
            return true;
    return false;
}

bool held_is_delivery(const struct held_copy *copy)
{
    return copy->number < HELD_ORIGINALS;
}

bool held_is_beside(const struct held_copy *copy)
{
    return copy->number >= HELD_BESIDE;
}

bool held_as_it_came(const struct held_copies *copies, uint64_t *length)
{
    *length = 0;
    vec_each(copy, &copies->list)
        if (copy->came || (!copy->start && !copy->edited))
            *length = copy->came ? copy->came : copy->length;
    return *length;
}

/* ---- reading */
struct copies_reading {
    struct arena *arena;
    struct held_copies copies;
};

/* Null in rows of before, and of copies that nobody is asked about. */
static int64_t whole_of(const struct store_value *value)
{
    return value->null ? 0 : value->integer;
}

/* Older versions noted nothing of it, and had only such copies leave of which no person had said so, but for those beside. */
static bool is_edited(const struct store_value *value, const struct held_copy *copy)
{
    bool left = copy->state == HELD_LEAVING || copy->state == HELD_REFUSED || copy->state == HELD_DELIVERED;
    return value->null ? left && held_is_delivery(copy) && !copy->by.len : value->integer;
}

static void asked_take(struct arena *arena, const struct store_value *v, struct held_copy *out)
{
    int64_t asked = whole_of(&v[1]);
    out->edited = is_edited(&v[0], out);
    out->asked = asked > 0 && asked < HELD_ASKED_COUNT ? (enum held_asked)asked : HELD_UNASKED;
    out->agreed_start = (uint64_t)whole_of(&v[2]);
    out->agreed_length = (uint64_t)whole_of(&v[3]);
    out->acts = value_copy(arena, &v[4]);
    out->waits = v[5].null ? TIME_UNKNOWN : v[5].integer;
    out->original = (unsigned)whole_of(&v[6]);
    out->came = (uint64_t)whole_of(&v[7]);
    out->measure = value_copy(arena, &v[8]);
    out->agreed_measure = value_copy(arena, &v[9]);
    out->came_measure = value_copy(arena, &v[10]);
}

static bool copy_take(void *context, const struct store_value *v)
{
    struct copies_reading *at = context;
    *vec_push(at->arena, &at->copies.list) = (struct held_copy){
        .id = value_copy(at->arena, &v[0]), .number = (uint64_t)v[1].integer, .address = value_copy(at->arena, &v[2]), .params = value_copy(at->arena, &v[3]),
        .org = value_copy(at->arena, &v[4]), .start = (uint64_t)v[5].integer, .length = (uint64_t)v[6].integer, .state = (enum held_state)v[7].integer,
        .at = v[8].integer, .by = value_copy(at->arena, &v[9]), .why = value_copy(at->arena, &v[10]), .fault = value_copy(at->arena, &v[11]),
        .pass = value_copy(at->arena, &v[12])};
    asked_take(at->arena, &v[13], &at->copies.list.at[at->copies.list.len - 1]);
    return true;
}

static int64_t copies_find(struct store *store, struct arena *arena, const struct store_where *where, size_t wheres, uint64_t limit, struct held_copies *out,
                           struct err *err)
{
    struct copies_reading at = {.arena = arena};
    struct store_query query = {.table = "held", .where = where, .wheres = wheres, .columns = columns, .order = "id number", .limit = limit};
    int64_t found = store_find(store, &query, copy_take, &at, err);
    *out = at.copies;
    return found;
}

int64_t copies_waited(struct store *store, struct arena *arena, int64_t now, uint64_t most, struct held_copies *out, struct err *err)
{
    struct copies_reading at = {.arena = arena};
    struct store_where where[] = {STORE_IS("waits", STORE_LE, STORE_INT(now)), STORE_IS("state", STORE_EQ, STORE_INT(HELD_WAITING))};
    struct store_query query = {.table = "held", .where = where, .wheres = 2, .columns = columns, .order = "waits", .limit = most};
    int64_t found = store_find(store, &query, copy_take, &at, err);
    *out = at.copies;
    return found;
}

int held_copies(struct store *store, struct arena *arena, struct span id, struct held_copies *out, struct err *err)
{
    struct store_where where = STORE_IS("id", STORE_EQ, text_value_always(arena, id));
    return copies_find(store, arena, &where, 1, 0, out, err) < 0 ? -1 : 0;
}

uint64_t held_refused(struct store *store, uint64_t most)
{
    struct err err;
    int64_t found = store_count(store, &(struct store_query){.table = "held", STORE_WHERE(STORE_IS("state", STORE_EQ, STORE_INT(HELD_REFUSED))), .limit = most}, &err);
    return found < 0 ? 0 : (uint64_t)found;
}

int64_t copies_count(struct store *store, struct span id, enum held_state state, struct err *err)
{
    struct store_query query = {.table = "held", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)), STORE_IS("state", STORE_EQ, STORE_INT(state)))};
    return store_count(store, &query, err);
}

int64_t held_list(struct store *store, const struct held_wish *wish, held_each each, void *context, struct err *err)
{
    struct arena *arena = arena_new((size_t)4 << 30);
    struct store_where where[6], when[2];
    size_t wheres = 0, whens = 0;
    struct held_copies copies;
    struct store_query among = {.table = "hold", .where = when, .columns = "id"};
    where[wheres++] = wish->state ? STORE_IS("state", STORE_EQ, STORE_INT(wish->state)) : (struct store_where){.column = "state", .is = STORE_IN, .values = lying, .count = DELIVERIES};
    if (wish->recipient.len)
        where[wheres++] = STORE_IS("recipient", STORE_EQ, text_value_always(arena, arena_lower(arena, wish->recipient)));
    if (wish->org.len)
        where[wheres++] = STORE_IS("org", STORE_EQ, text_value_always(arena, wish->org));
    if (wish->since != TIME_UNKNOWN)
        when[whens++] = STORE_IS("at", STORE_GE, STORE_INT(wish->since));
    if (wish->until != TIME_UNKNOWN)
        when[whens++] = STORE_IS("at", STORE_LT, STORE_INT(wish->until));
    if ((among.wheres = whens))
        where[wheres++] = (struct store_where){.column = "id", .is = STORE_AMONG, .among = &among};
    int64_t found = copies_find(store, arena, where, wheres, wish->limit, &copies, err);
    for (size_t i = 0; found >= 0 && i < copies.list.len; i++)
        if (!each(context, &copies.list.at[i]))
            break;
    arena_free(&arena);
    return found;
}

/* ---- writing, with the record */
static struct span job_name(struct arena *arena, struct span id, uint64_t number)
{
    return arena_print(arena, "%.*s." HELD_LANE ".%llu", SPAN_FMT(id), (unsigned long long)number);
}

bool job_is_release(struct span job, struct span *id, uint64_t *number)
{
    const char *dot = span_find(job, S("." HELD_LANE "."));
    if (!dot)
        return false;
    *id = span_from(job.at, dot);
    return span_number(span_from(dot + strlen("." HELD_LANE "."), job.at + job.len), UINT32_MAX, number);
}

int job_of_copy(struct store *store, struct arena *arena, struct span id, uint64_t number, int64_t now, struct err *err)
{
    struct store_value row[] = {text_value_always(arena, job_name(arena, id, number)), text_value_always(arena, id), STORE_WORDS(S(HELD_LANE)),
                                STORE_WORDS(S(HELD_LANE)), STORE_INT(JOB_WAITING), STORE_INT(now), STORE_INT(JOB_AT_ONCE), STORE_INT(0),
                                STORE_NONE(STORE_TEXT), STORE_NONE(STORE_INTEGER), STORE_BLOB(S(""))};
    return store_insert(store, "outbox", row, STORE_REPLACE, err) < 0 ? -1 : 0;
}

/* Of what was delivered the job tells when; it brings nothing back. */
#define MAY_LEAVE STORE_IS("kind", STORE_EQ, STORE_WORDS(S(HELD_LANE))), STORE_IS("state", STORE_NE, STORE_INT(JOB_DONE))

static int jobs_end(struct store *store, struct span id, struct err *err)
{
    struct store_query query = {.table = "outbox", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)), MAY_LEAVE)};
    return store_delete(store, &query, err) < 0 ? -1 : 0;
}

int copy_job_end(struct store *store, struct arena *arena, const struct held_copy *copy, struct err *err)
{
    struct store_query query = {.table = "outbox", STORE_WHERE(STORE_IS("job", STORE_EQ, STORE_WORDS(job_name(arena, copy->id, copy->number))), MAY_LEAVE)};
    return store_delete(store, &query, err) < 0 ? -1 : 0;
}

int copies_forget(struct store *store, struct span id, struct err *err)
{
    struct store_query query = {.table = "held", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)))};
    return store_delete(store, &query, err) < 0 ? -1 : jobs_end(store, id, err);
}

static struct store_value whole_or_null(bool there, uint64_t number)
{
    return there ? STORE_INT((int64_t)number) : STORE_NONE(STORE_INTEGER);
}

int copy_insert(struct store *store, struct arena *arena, struct span id, const struct held_copy *copy, int64_t at, struct err *err)
{
    bool waits = copy->state == HELD_WAITING;
    struct store_value row[] = {text_value_always(arena, id), STORE_INT((int64_t)copy->number), text_value_always(arena, copy->address),
                                text_value_always(arena, arena_lower(arena, copy->address)), text_value_always(arena, copy->params),
                                text_value_always(arena, copy->org), STORE_INT((int64_t)copy->start), STORE_INT((int64_t)copy->length),
                                STORE_INT(copy->state), STORE_INT(at), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_TEXT),
                                STORE_NONE(STORE_TEXT), STORE_INT(copy->edited), whole_or_null(waits, copy->asked), whole_or_null(waits, copy->agreed_start),
                                whole_or_null(waits, copy->agreed_length), text_value(arena, copy->acts), whole_or_null(waits, (uint64_t)copy->waits),
                                whole_or_null(waits && copy->original, copy->original), whole_or_null(waits, copy->came), bytes_value(copy->measure),
                                bytes_value(waits ? copy->agreed_measure : S("")), bytes_value(waits ? copy->came_measure : S(""))};
    return store_insert(store, "held", row, STORE_REPLACE, err) < 0 ? -1 : 0;
}

int copies_keep(struct store *store, struct arena *arena, const struct record_held *held, const struct held_copies *copies, struct err *err)
{
    vec_each(copy, &copies->list)
        if (copy_insert(store, arena, held->id, copy, held->at, err) < 0 ||
            (copy->state == HELD_LEAVING && job_of_copy(store, arena, held->id, copy->number, held->at, err) < 0))
            return -1;
    return 0;
}

/* ---- what becomes of them */
int64_t copies_lie(struct store *store, struct span id, struct err *err)
{
    struct store_query lie = {.table = "held", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)), LIES_HERE), .limit = 1};
    return store_count(store, &lie, err);
}

int hold_settle(struct store *store, struct span id, struct err *err)
{
    struct store_query hold = {.table = "hold", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id)), STORE_IS("state", STORE_EQ, STORE_WORDS(S("held"))))};
    int64_t left = copies_lie(store, id, err);
    if (left == 0)
        left = store_update(store, &hold, &(struct store_change){"state", STORE_SET, STORE_WORDS(S("ended"))}, 1, err);
    return left < 0 ? -1 : 0;
}

int copy_outcome(struct store *store, struct arena *arena, const struct held_copy *copy, struct span done, int64_t now, struct err *err)
{
    struct store_query query = {.table = "outcome", STORE_WHERE(STORE_IS("recipient", STORE_EQ, text_value_always(arena, arena_lower(arena, copy->address))),
                                                                STORE_IS("id", STORE_EQ, STORE_WORDS(copy->id)))};
    if (held_is_beside(copy)) /* though he may be a recipient too */
        return 0;
    struct store_change changes[] = {{"done", STORE_SET, text_value_always(arena, done)}, {"at", STORE_SET, STORE_INT(now)}};
    return store_update(store, &query, changes, 2, err) < 0 ? -1 : 0;
}

int64_t copy_set(struct store *store, const struct held_copy *copy, enum held_state from, const struct store_change *changes, size_t count, struct err *err)
{
    struct store_where where[] = {STORE_IS("id", STORE_EQ, STORE_WORDS(copy->id)), STORE_IS("number", STORE_EQ, STORE_INT((int64_t)copy->number)),
                                  STORE_IS("state", STORE_EQ, STORE_INT(from))};
    return store_update(store, &(struct store_query){.table = "held", .where = where, .wheres = 3}, changes, count, err);
}

int64_t copies_expire(struct store *store, const struct record_held *held, int64_t now, struct err *err)
{
    struct store_query lie = {.table = "held", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(held->id)), LIES_HERE)};
    struct store_change changes[] = {{"state", STORE_SET, STORE_INT(HELD_EXPIRED)}, {"at", STORE_SET, STORE_INT(now)}, {"pass", STORE_SET, STORE_NONE(STORE_TEXT)},
                                     {"waits", STORE_SET, STORE_NONE(STORE_INTEGER)}};
    return jobs_end(store, held->id, err) < 0 ? -1 : store_update(store, &lie, changes, 4, err);
}

/* What is under way arrives first; the rest of its row goes with the bytes. */
int held_forget(struct store *store, struct arena *arena, struct span id, struct span recipient, struct err *err)
{
    struct held_copies copies;
    struct store_where where[2] = {STORE_IS("state", STORE_NE, STORE_INT(HELD_LEAVING))};
    where[1] = id.len ? STORE_IS("id", STORE_EQ, text_value_always(arena, id)) : STORE_IS("recipient", STORE_EQ, text_value_always(arena, recipient));
    if (copies_find(store, arena, where, 2, 0, &copies, err) < 0 || store_delete(store, &(struct store_query){.table = "held", .where = where, .wheres = 2}, err) < 0)
        return -1;
    vec_each(copy, &copies.list)
        if (hold_settle(store, copy->id, err) < 0 || copy_job_end(store, arena, copy, err) < 0)
            return -1;
    return 0;
}

static int copy_read(struct store *store, struct arena *arena, struct span id, uint64_t number, struct held_copy *out, struct err *err)
{
    struct held_copies copies;
    struct store_where where[] = {STORE_IS("id", STORE_EQ, text_value_always(arena, id)), STORE_IS("number", STORE_EQ, STORE_INT((int64_t)number))};
    int64_t found = copies_find(store, arena, where, 2, 1, &copies, err);
    if (found > 0)
        *out = copies.list.at[0];
    return (int)found;
}

/* What was deleted, expired or held anew meanwhile is nothing to a job of before. */
static bool may_become(enum held_state from, enum held_state to)
{
    if (to == HELD_LEAVING)
        return from == HELD_REFUSED;
    return from == HELD_LEAVING || ((to == HELD_KEPT || to == HELD_ORIGINAL) && from == HELD_REFUSED);
}

int held_follow(struct store *store, struct arena *arena, struct span job, enum held_state state, struct span fault, int64_t now, struct err *err)
{
    struct span id;
    uint64_t number;
    struct held_copy copy;
    if (!job_is_release(job, &id, &number))
        return 0;
    int found = copy_read(store, arena, id, number, &copy, err);
    if (found > 0 && state == HELD_KEPT && !held_is_delivery(&copy) && !held_is_beside(&copy))
        state = HELD_ORIGINAL;
    if (found <= 0 || !may_become(copy.state, state))
        return found < 0 ? -1 : 0;
    struct store_change changes[] = {{"state", STORE_SET, STORE_INT(state)}, {"at", STORE_SET, STORE_INT(now)}, {"fault", STORE_SET, text_value(arena, fault)},
                                     {"pass", STORE_SET, STORE_NONE(STORE_TEXT)}, {"edited", STORE_SET, STORE_INT(copy.edited)}};
    const char *said = copy.asked == HELD_AGREED && copy.edited ? ", agreed to by " : copy.asked == HELD_DECLINED ? " without what was proposed, released by " : ", released by ";
    struct span done = arena_print(arena, "%s%s%.*s%s%.*s", held_state_name(state), copy.by.len ? said : "", SPAN_FMT(copy.by), fault.len ? ": " : "", SPAN_FMT(fault));
    if (copy_set(store, &copy, copy.state, changes, 5, err) < 0 || copy_outcome(store, arena, &copy, done, now, err) < 0)
        return -1;
    return hold_settle(store, id, err);
}

/* ---- on the way out */
static struct span pass_make(struct arena *arena)
{
    uint8_t random[PASS_BYTES];
    struct buf pass = {.arena = arena};
    if (getrandom(random, sizeof random, 0) != sizeof random)
        abort();
    buf_base32(&pass, random, PASS_LETTERS);
    return buf_span(&pass);
}

int held_letter(struct store *store, struct arena *arena, struct span job, struct held_letter *out, struct err *err)
{
    uint64_t number;
    struct span id;
    struct held_letter letter;
    if (!job_is_release(job, &id, &number))
        return 0;
    int found = copy_read(store, arena, id, number, &letter.copy, err);
    found = found > 0 ? record_held(store, arena, id, &letter.held, err) : found;
    if (found <= 0 || letter.copy.state != HELD_LEAVING)
        return found < 0 ? -1 : 0;
    letter.pass = letter.copy.pass.len ? letter.copy.pass : pass_make(arena);
    *out = letter;
    if (letter.copy.pass.len)
        return 1;
    struct store_change change = {"pass", STORE_SET, STORE_WORDS(letter.pass)};
    if (store_begin(store, STORE_RELAXED, err) < 0)
        return -1;
    if (copy_set(store, &letter.copy, HELD_LEAVING, &change, 1, err) < 0 || store_commit(store, err) < 0) {
        store_rollback(store);
        return -1;
    }
    return 1;
}

/* ---- mail of our own */
int held_since(struct store *store, struct arena *arena, struct span org, int64_t since, struct span after, uint64_t most, struct held_copies *out, struct err *err)
{
    struct copies_reading at = {.arena = arena};
    struct store_where where[] = {STORE_IS("state", STORE_EQ, STORE_INT(HELD_KEPT)), STORE_IS("org", STORE_EQ, text_value_always(arena, org)),
                                  STORE_IS("at", STORE_GT, STORE_INT(since)), STORE_IS("recipient", STORE_GT, text_value_always(arena, after))};
    struct store_query query = {.table = "held", .where = where, .wheres = 4, .columns = columns, .order = "recipient id number", .limit = most};
    int64_t found = store_find(store, &query, copy_take, &at, err);
    *out = at.copies;
    return found < 0 ? -1 : 0;
}

static bool integer_take(void *context, const struct store_value *values)
{
    *(int64_t *)context = values[0].integer;
    return false;
}

int digest_told(struct store *store, struct span org, int64_t *at, struct err *err)
{
    struct store_query query = {.table = "digest", STORE_WHERE(STORE_IS("org", STORE_EQ, STORE_WORDS(org))), .columns = "at", .limit = 1};
    *at = INT64_MIN;
    return store_find(store, &query, integer_take, at, err) < 0 ? -1 : 0;
}

int digest_tell(struct store *store, struct span org, int64_t at, struct err *err)
{
    struct store_value row[] = {STORE_WORDS(org), STORE_INT(at)};
    return store_insert(store, "digest", row, STORE_REPLACE, err) < 0 ? -1 : 0;
}

int digest_keep(struct store *store, struct span job, struct span about, struct span bytes, int64_t now, struct err *err)
{
    struct store_value row[] = {STORE_WORDS(job), STORE_WORDS(about), STORE_WORDS(S(DIGEST_LANE)), STORE_WORDS(S(DIGEST_LANE)), STORE_INT(JOB_WAITING),
                                STORE_INT(now), STORE_INT(now), STORE_INT(0), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_INTEGER), STORE_BLOB(bytes)};
    return store_insert(store, "outbox", row, STORE_KEEP, err);
}

struct text_reading {
    struct arena *arena;
    struct span text;
};

static bool text_take(void *context, const struct store_value *values)
{
    struct text_reading *at = context;
    at->text = value_copy(at->arena, &values[0]);
    return false;
}

int mail_pass(struct store *store, struct arena *arena, struct span job, struct span *pass, struct err *err)
{
    struct text_reading at = {.arena = arena};
    struct store_query query = {.table = "mail_pass", STORE_WHERE(STORE_IS("job", STORE_EQ, STORE_WORDS(job))), .columns = "pass", .limit = 1};
    if (store_find(store, &query, text_take, &at, err) < 0)
        return -1;
    *pass = at.text.len ? at.text : pass_make(arena);
    struct store_value row[] = {STORE_WORDS(job), STORE_WORDS(*pass)};
    return at.text.len || store_insert(store, "mail_pass", row, STORE_REPLACE, err) >= 0 ? 0 : -1;
}

/* Of our own mail: 1, *id is its job's; 0, -1. */
static int own_pass(struct store *store, struct arena *arena, struct span pass, struct span *id, struct err *err)
{
    struct text_reading at = {.arena = arena};
    struct store_query query = {.table = "mail_pass", STORE_WHERE(STORE_IS("pass", STORE_EQ, text_value_always(arena, pass))), .columns = "job", .limit = 1};
    int64_t found = store_find(store, &query, text_take, &at, err);
    query.columns = NULL;
    query.limit = 0;
    *id = at.text;
    return found <= 0 ? (int)found : store_delete(store, &query, err) < 0 ? -1 : 1;
}

static int copy_pass(struct store *store, struct arena *arena, struct span pass, struct held_copy *out, struct err *err)
{
    struct held_copies copies;
    struct store_where where[] = {STORE_IS("pass", STORE_EQ, text_value_always(arena, pass)), STORE_IS("state", STORE_EQ, STORE_INT(HELD_LEAVING))};
    struct store_change used = {"pass", STORE_SET, STORE_NONE(STORE_TEXT)};
    int64_t found = copies_find(store, arena, where, 2, 1, &copies, err);
    if (found <= 0)
        return (int)found;
    *out = copies.list.at[0];
    return (int)copy_set(store, out, HELD_LEAVING, &used, 1, err);
}

static bool used_take(void *context, const struct store_value *v)
{
    struct copies_reading *at = context;
    *vec_push(at->arena, &at->copies.list) = (struct held_copy){.id = value_copy(at->arena, &v[0]), .measure = value_copy(at->arena, &v[1]), .edited = whole_of(&v[2])};
    return false;
}

static int used_pass(struct store *store, struct arena *arena, struct span pass, struct span asker, struct held_copy *out, struct err *err)
{
    struct copies_reading at = {.arena = arena};
    struct store_where where[] = {STORE_IS("pass", STORE_EQ, text_value_always(arena, pass)), STORE_IS("asker", STORE_EQ, text_value_always(arena, asker))};
    int64_t found = store_find(store, &(struct store_query){.table = "used_pass", .where = where, .wheres = 2, .columns = "id measure edited", .limit = 1}, used_take, &at, err);
    if (found > 0)
        *out = at.copies.list.at[0];
    return (int)found;
}

int held_pass(struct store *store, struct arena *arena, struct span pass, struct span asker, int64_t now, struct held_copy *out, struct err *err)
{
    *out = (struct held_copy){.edited = true};
    if (pass.len != PASS_LETTERS || !asker.len)
        return 0;
    int good = copy_pass(store, arena, pass, out, err);
    good = good ? good : own_pass(store, arena, pass, &out->id, err);
    if (!good)
        return used_pass(store, arena, pass, asker, out, err);
    struct store_value row[] = {text_value_always(arena, pass), text_value_always(arena, asker), text_value_always(arena, out->id), STORE_INT(now),
                                bytes_value(out->measure), STORE_INT(out->edited)};
    return good < 0 || store_insert(store, "used_pass", row, STORE_REPLACE, err) < 0 ? -1 : 1;
}
