/* read: rows become reports again. */
#include "record/inner.h"

struct row_reading {
    struct arena *arena;
    struct record_told *told;
    struct span value, settings, paper; /* value: of a row of one column */
    bool found;
};

static bool row_take(void *context, const struct store_value *values)
{
    struct row_reading *at = context;
    at->found = true;
    at->told->report.id = value_copy(at->arena, &values[0]);
    at->told->generation = at->told->report.generation = value_copy(at->arena, &values[1]);
    at->told->report.verdict = (enum verdict)values[2].integer;
    at->told->report.score = values[3].real;
    return false;
}

static int64_t find_by_id(struct store *store, const char *table, const char *columns, struct store_value id, store_each each, void *context, struct err *err)
{
    struct store_query query = {.table = table, STORE_WHERE(STORE_IS("id", STORE_EQ, id)), .columns = columns, .limit = 1};
    return store_find(store, &query, each, context, err);
}

/* 1, 0, -1. It may be settled between the two looks; nothing goes the other way. */
static int64_t row_find(struct store *store, struct span id, struct row_reading *at, struct err *err)
{
    struct fresh fresh;
    int64_t found = fresh_find(store, at->arena, id, &fresh, err);
    if (found == 0)
        return find_by_id(store, "record", "id generation verdict score", text_value_always(at->arena, id), row_take, at, err);
    if (found < 0)
        return -1;
    at->found = true;
    at->told->report.id = fresh.record.id;
    at->told->generation = at->told->report.generation = fresh.record.generation;
    at->told->report.verdict = fresh.record.verdict;
    at->told->report.score = fresh.record.score;
    return 1;
}

static bool paper_take(void *context, const struct store_value *values)
{
    struct row_reading *at = context;
    at->settings = value_copy(at->arena, &values[0]);
    at->paper = value_copy(at->arena, &values[1]);
    return false;
}

static bool value_take(void *context, const struct store_value *values)
{
    struct row_reading *at = context;
    at->value = value_copy(at->arena, &values[0]);
    return false;
}

/* The settings of the last record read are most often those of the next; a store is read by one who knows. */
static int settings_read(struct store *store, struct arena *arena, struct row_reading *at, struct record_told *out, struct err *err)
{
    struct span id = at->settings;
    int64_t found = find_by_id(store, "settings", "bytes", STORE_BLOB(id), value_take, at, err);
    if (found < 0)
        return -1;
    if (!found || !record_settings_read(arena, at->value, &out->settings, &out->grounds))
        return err_set(err, "the settings that record %.*s was judged by are damaged or gone; sekimori store check tells what else is", SPAN_FMT(at->told->report.id));
    return 0;
}

static int paper_open(struct arena *arena, struct row_reading *at, struct err *err)
{
    struct err why;
    struct paper paper;
    struct record_told *told = at->told;
    if (paper_read(arena, at->paper, &paper, &why) < 0)
        return err_set(err, "record %.*s: %s", SPAN_FMT(told->report.id), why.text);
    told->facts = paper.facts;
    memcpy(&told->marks, &paper.marks, sizeof told->marks);
    told->page = paper.page;
    int read = judgement_read(arena, paper.judgement, &told->judgement, &told->unknown);
    if (read < 0)
        return err_set(err, "record %.*s: its judgement cannot be read; it was written by another version of sekimori", SPAN_FMT(told->report.id));
    told->whole = read == 1;
    return 0;
}

int record_read(struct store *store, struct arena *arena, struct span id, struct record_told *out, struct err *err)
{
    struct row_reading at = {.arena = arena, .told = out};
    *out = (struct record_told){0};
    int64_t found = row_find(store, id, &at, err);
    if (found > 0)
        found = find_by_id(store, "paper", "settings bytes", text_value_always(arena, id), paper_take, &at, err);
    if (found <= 0)
        return found < 0 ? -1 : at.found ? err_set(err, "record %.*s has lost its report; sekimori store check tells what else is", SPAN_FMT(id)) : 0;
    if (settings_read(store, arena, &at, out, err) < 0 || paper_open(arena, &at, err) < 0)
        return -1;
    if (out->whole)
        verdict_again(arena, &out->settings, &out->judgement, &out->report);
    return 1;
}

int record_is_of(struct store *store, struct arena *arena, struct span id, struct span org, struct err *err)
{
    struct row_reading at = {.arena = arena};
    struct store_value value = text_value_always(arena, id);
    struct fresh fresh;
    int64_t found = fresh_find(store, arena, id, &fresh, err);
    if (found > 0)
        return span_eq(fresh.record.org, org);
    if (found == 0)
        found = find_by_id(store, "record", "org", value, value_take, &at, err);
    if (found == 0)
        found = find_by_id(store, "unjudged", "org", value, value_take, &at, err);
    return found > 0 ? span_eq(at.value, org) : (int)found;
}

bool record_page(struct arena *arena, struct record_told *told)
{
    return report_page_read(arena, told->page, &told->report);
}

void record_json(struct arena *arena, const struct record_told *told, struct buf *out)
{
    report_json_again(arena, &told->report, told->facts, out);
}
