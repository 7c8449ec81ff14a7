/* click: readers at locked links, as rows. */
#include "record/click_inner.h"

#include "base/shape.h"

/* ---- rows that clicks leave */
enum { PEOPLE_MOST = 2000, HOST_MOST = 255, CLIENT_MOST = 64 };

static struct span people_text(struct arena *arena, const struct visited *visited)
{
    struct buf out = {.arena = arena};
    vec_each(name, &visited->people) {
        if (out.len + name->len >= PEOPLE_MOST) {
            buf_add(&out, S(" ..."));
            break;
        }
        buf_print(&out, "%s%.*s", out.len ? " " : "", SPAN_FMT(*name));
    }
    return buf_span(&out);
}

static bool number_take(void *context, const struct store_value *values)
{
    *(int64_t *)context = values[0].integer;
    return false;
}

/* The highest number of the table, of one record where `where` is given; 0: there is none. */
static int last_number(struct store *store, const char *table, const struct store_where *where, int64_t *out, struct err *err)
{
    struct store_query query = {.table = table, .where = where, .wheres = where ? 1 : 0, .columns = "number", .order = where ? "id number" : "number",
                                .descending = true, .limit = 1};
    *out = 0;
    return store_find(store, &query, number_take, out, err) < 0 ? -1 : 0;
}

/* Whoever sends the same page's form without end fills no store. */
static int click_write(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, const struct visited *visited, struct err *err)
{
    int64_t last;
    struct store_where mine = STORE_IS("id", STORE_EQ, text_value_always(arena, visited->record));
    if (last_number(store, "click", &mine, &last, err) < 0)
        return -1;
    if (last >= CLICKS_MOST)
        return 0;
    struct store_value row[] = {mine.value, STORE_INT(last + 1), STORE_INT(now), STORE_INT(visit->pass.link), STORE_INT(visit->act == VISIT_APPEAL),
                                STORE_BLOB(visit->pass.whom), text_value(arena, people_text(arena, visited)), text_value(arena, visit->pass.org),
                                text_value(arena, span_first(visit->host, HOST_MOST)), text_value(arena, span_first(visit->client, CLIENT_MOST)),
                                STORE_INT(visited->now)};
    return store_insert(store, "click", row, STORE_FAIL, err) < 0 ? -1 : 0;
}

static int opened_write(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, const struct visited *visited, struct err *err)
{
    struct store_value key[] = {text_value_always(arena, visited->record), STORE_INT(visit->pass.link), STORE_BLOB(visit->pass.whom)};
    struct store_change changes[] = {{"times", STORE_PLUS, STORE_INT(1)}, {"first", STORE_LEAST, STORE_INT(now)}, {"last", STORE_GREATEST, STORE_INT(now)}};
    return store_add(store, "opened", key, changes, sizeof changes / sizeof *changes, err);
}

static int appeal_write(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *visited, struct err *err)
{
    int64_t last;
    if (last_number(store, "appeal", NULL, &last, err) < 0)
        return -1;
    struct store_value row[] = {
        STORE_INT(last + 1), text_value_always(arena, visited->record), STORE_INT(visit->pass.link), STORE_BLOB(visit->pass.whom),
        STORE_WORDS(span_of(pass_kind_name(visit->pass.kind))), text_value(arena, people_text(arena, visited)), text_value(arena, visit->pass.org),
        text_value(arena, span_first(visit->host, HOST_MOST)), text_value(arena, span_first(visit->note, NOTE_MOST)),
        text_value(arena, span_first(visit->client, CLIENT_MOST)), STORE_INT(now), STORE_INT(APPEAL_WAITING), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_INTEGER)};
    if (store_insert(store, "appeal", row, STORE_FAIL, err) < 0)
        return -1;
    visited->appeal = (uint64_t)last + 1;
    visited->way = WAY_ASKED;
    struct jobs jobs = {0};
    struct span named = arena_print(arena, "%.*s.appeal-%lld", SPAN_FMT(visited->record), (long long)last + 1);
    if (visit->jobs.len && record_jobs_unpack(arena, visit->jobs, &jobs) < 0)
        return err_set(err, "the door sent no notices that can be read");
    return jobs_keep_as(store, arena, &jobs, visited->record, named, now, err);
}

bool visit_is_of_held(const struct visit *visit)
{
    return visit->pass.kind == PASS_RELEASE || visit->pass.kind == PASS_ASK;
}

int visit_keep(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *visited, struct err *err)
{
    if (visited->end != VISIT_GOOD || visit->act == VISIT_LOOK)
        return 0;
    if (visit_is_of_held(visit) && visit->act != VISIT_OPEN)
        return visit_held_keep(store, arena, visit, now, visited, err);
    if (visit->act == VISIT_OPEN)
        return opened_write(store, arena, visit, now, visited, err);
    if (visit->act == VISIT_APPEAL && visited->way != WAY_ASK) /* somebody with the same pass was first */
        return 0;
    if (click_write(store, arena, visit, now, visited, err) < 0)
        return -1;
    return visit->act == VISIT_APPEAL ? appeal_write(store, arena, visit, now, visited, err) : 0;
}

/* ---- reading them */
struct clicks_reading {
    click_each each;
    void *context;
};

static struct span words_of(const struct store_value *value)
{
    return value->null ? (struct span){0} : value->span;
}

static bool click_take(void *context, const struct store_value *v)
{
    struct clicks_reading *at = context;
    struct click_row row = {.id = v[0].span, .at = v[1].integer, .link = (uint32_t)v[2].integer, .appeal = v[3].integer != 0, .people = words_of(&v[4]),
                            .org = words_of(&v[5]), .host = words_of(&v[6]), .client = words_of(&v[7]), .verdict = (enum verdict)v[8].integer};
    return at->each(at->context, &row);
}

int64_t record_clicks(struct store *store, struct span id, click_each each, void *context, struct err *err)
{
    struct clicks_reading at = {each, context};
    struct store_query query = {.table = "click", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id))), .columns = "id at link appeal people org host client verdict",
                                .order = "id number"};
    return store_find(store, &query, click_take, &at, err);
}

static bool opened_take(void *context, const struct store_value *v)
{
    struct opened_sum *sum = context;
    sum->first = !sum->times || v[1].integer < sum->first ? v[1].integer : sum->first;
    sum->last = !sum->times || v[2].integer > sum->last ? v[2].integer : sum->last;
    sum->times += (uint64_t)v[0].integer;
    return true;
}

int record_opened(struct store *store, struct span id, struct opened_sum *out, struct err *err)
{
    struct store_query query = {.table = "opened", STORE_WHERE(STORE_IS("id", STORE_EQ, STORE_WORDS(id))), .columns = "times first last"};
    *out = (struct opened_sum){0};
    return store_find(store, &query, opened_take, out, err) < 0 ? -1 : 0;
}

/* ---- appeals */
const char *appeal_state_name(enum appeal_state state)
{
    static const char *const names[] = {"unknown", "waiting", "granted", "refused"};
    return names[state >= APPEAL_WAITING && state <= APPEAL_REFUSED ? state : 0];
}

struct appeals_reading {
    appeal_each each;
    void *context;
};

static bool appeal_take(void *context, const struct store_value *v)
{
    struct appeals_reading *at = context;
    struct appeal_row row = {.number = (uint64_t)v[0].integer, .id = v[1].span, .link = (uint32_t)v[2].integer, .kind = v[3].span, .people = words_of(&v[4]),
                             .org = words_of(&v[5]), .host = words_of(&v[6]), .note = words_of(&v[7]), .client = words_of(&v[8]), .asked = v[9].integer,
                             .state = (enum appeal_state)v[10].integer, .by = words_of(&v[11]), .answered = v[12].null ? TIME_UNKNOWN : v[12].integer};
    return at->each(at->context, &row);
}

int64_t record_appeals(struct store *store, enum appeal_state state, struct span org, appeal_each each, void *context, struct err *err)
{
    struct appeals_reading at = {each, context};
    struct store_where where[2];
    size_t wheres = 0;
    if (state)
        where[wheres++] = STORE_IS("state", STORE_EQ, STORE_INT(state));
    if (org.len)
        where[wheres++] = STORE_IS("org", STORE_EQ, STORE_WORDS(org));
    struct store_query query = {.table = "appeal", .where = where, .wheres = wheres, .columns = "number id link kind people org host note client asked state by answered",
                                .order = "number"};
    return store_find(store, &query, appeal_take, &at, err);
}

int record_appeal_answer(struct store *store, uint64_t number, bool granted, struct span by, int64_t now, struct err *err)
{
    struct store_query query = {.table = "appeal", STORE_WHERE(STORE_IS("number", STORE_EQ, STORE_INT((int64_t)number)))};
    struct store_change changes[] = {{"state", STORE_SET, STORE_INT(granted ? APPEAL_GRANTED : APPEAL_REFUSED)}, {"by", STORE_SET, STORE_WORDS(by)},
                                     {"answered", STORE_SET, STORE_INT(now)}};
    return (int)store_update(store, &query, changes, sizeof changes / sizeof *changes, err);
}

/* ---- between a door and the keeper: both are one binary */
static const struct shape pass_shape =
    SHAPE_OF(struct pass, SHAPED_UP_TO(struct pass, kind, PASS_COUNT - 1), SHAPED_SPAN(struct pass, record), SHAPED_SPAN(struct pass, key), SHAPED_SPAN(struct pass, org), SHAPED_NUMBER(struct pass, link),
             SHAPED_NUMBER(struct pass, until), SHAPED_SPAN(struct pass, once), SHAPED_SPAN(struct pass, target), SHAPED_SPAN(struct pass, places),
             SHAPED_SPAN(struct pass, whom));
static const struct shape visit_shape =
    SHAPE_OF(struct visit, SHAPED_UP_TO(struct visit, act, VISIT_APPEAL), SHAPED_INSIDE(struct visit, pass, &pass_shape), SHAPED_SPAN(struct visit, host),
             SHAPED_SPAN(struct visit, client), SHAPED_SPAN(struct visit, note), SHAPED_SPAN(struct visit, jobs));
static const struct shape reason_shape =
    SHAPE_OF(struct visited_reason, SHAPED_SPAN(struct visited_reason, text[0]), SHAPED_SPAN(struct visited_reason, text[1]));
static const struct shape visited_shape =
    SHAPE_OF(struct visited, SHAPED_UP_TO(struct visited, end, VISIT_END_COUNT - 1), SHAPED_SPAN(struct visited, record), SHAPED_UP_TO(struct visited, way, WAY_COUNT - 1), SHAPED_NUMBER(struct visited, unjudged),
             SHAPED_UP_TO(struct visited, then, VERDICT_MALICIOUS), SHAPED_UP_TO(struct visited, now, VERDICT_MALICIOUS), SHAPED_NUMBER(struct visited, grounds),
             SHAPED_NUMBER(struct visited, others), SHAPED_NUMBER(struct visited, suspicious), SHAPED_NUMBER(struct visited, malicious),
             SHAPED_NUMBER(struct visited, appeal), SHAPED_LIST(struct visited, reasons, &reason_shape, 0), SHAPED_SPANS(struct visited, people),
             SHAPED_SPAN(struct visited, subject), SHAPED_SPAN(struct visited, from), SHAPED_NUMBER(struct visited, arrived));

void visit_pack(const struct visit *visit, struct buf *out)
{
    shape_write(&visit_shape, visit, out);
}

int visit_unpack(struct arena *arena, struct span bytes, struct visit *out)
{
    *out = (struct visit){0};
    return shape_read(arena, &visit_shape, &bytes, out) && !bytes.len && out->pass.whom.len == PASS_WHOM_BYTES ? 0 : -1;
}

void visited_pack(const struct visited *visited, struct buf *out)
{
    shape_write(&visited_shape, visited, out);
}

int visited_unpack(struct arena *arena, struct span bytes, struct visited *out)
{
    *out = (struct visited){0};
    return shape_read(arena, &visited_shape, &bytes, out) && !bytes.len ? 0 : -1;
}
