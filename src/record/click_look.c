/* click_look: what is to be said of a locked link now. */
#include "record/click_inner.h"
#include "record/decide.h"
#include "record/hunt.h"

/* ---- other messages that lead to the same host */
struct neighbours {
    struct arena *arena;
    struct span self, org;
    VEC(struct store_value) ids;
    VEC(enum verdict) verdicts;
};

static bool neighbour_take(void *context, const struct hunt_row *row)
{
    struct neighbours *at = context;
    if (span_eq(row->id, at->self) || !span_eq(row->org, at->org))
        return true;
    *vec_push(at->arena, &at->ids) = STORE_WORDS(arena_copy(at->arena, row->id));
    *vec_push(at->arena, &at->verdicts) = row->verdict;
    return at->ids.len < HOST_RECORDS;
}

/* What a person said of it counts, whatever it was judged. */
static bool corrected_take(void *context, const struct store_value *values)
{
    struct neighbours *at = context;
    for (size_t i = 0; i < at->ids.len; i++)
        if (span_eq(at->ids.at[i].span, values[0].span))
            at->verdicts.at[i] = values[1].integer ? VERDICT_CLEAN : VERDICT_MALICIOUS;
    return true;
}

/* By the host alone, newest first: asked for the organisation too, a host that is in every message would be looked for in all of them. */
static int host_look(struct store *store, struct arena *arena, const struct visit *visit, struct visited *out, struct err *err)
{
    enum { LOOKED_AT = 4 * HOST_RECORDS };
    struct neighbours at = {.arena = arena, .self = out->record, .org = visit->pass.org};
    struct hunt hunt;
    if (!visit->host.len)
        return 0;
    hunt_any(&hunt);
    hunt.link_host = visit->host;
    hunt.limit = LOOKED_AT;
    if (record_hunt(store, &hunt, neighbour_take, &at, err) < 0)
        return -1;
    struct store_where in = {.column = "id", .is = STORE_IN, .values = at.ids.at, .count = at.ids.len};
    struct store_query query = {.table = "correction", .where = &in, .wheres = 1, .columns = "id honest"};
    if (at.ids.len && store_find(store, &query, corrected_take, &at, err) < 0)
        return -1;
    out->others = at.ids.len;
    vec_each(verdict, &at.verdicts) {
        out->malicious += *verdict == VERDICT_MALICIOUS;
        out->suspicious += *verdict == VERDICT_SUSPICIOUS;
    }
    return 0;
}

/* A host that many use is not bad for one message in a hundred; one that only bad mail leads to is. */
static enum verdict host_verdict(const struct visited *out)
{
    if (out->malicious && 2 * out->malicious >= out->others)
        return VERDICT_MALICIOUS;
    return out->malicious || (out->suspicious && 2 * out->suspicious >= out->others) ? VERDICT_SUSPICIOUS : VERDICT_CLEAN;
}

/* ---- the record itself */
static enum verdict by_entries(struct arena *arena, const struct record_told *told, const struct verdict_entries *entries)
{
    struct verdict_settings settings = told->settings;
    struct report again = told->report;
    if (!told->whole)
        return told->report.verdict;
    settings.entries = entries;
    verdict_again(arena, &settings, &told->judgement, &again);
    return again.verdict;
}

/* A domain that is denied as a sender is no better as a place to be sent to. */
static bool host_is_denied(const struct visit *visit, const struct verdict_entries *entries)
{
    vec_each(entry, &entries->list) {
        bool of_all = !entry->org.len || span_eq(entry->org, visit->pass.org);
        bool domain_alone = entry->domain.len && !entry->person.len && !entry->service.len && !entry->account.len && !entry->stream.len;
        if (!entry->allow && of_all && domain_alone && visit->host.len && domain_is_or_under(visit->host, entry->domain))
            return true;
    }
    return false;
}

static void worsen(struct visited *out, enum verdict verdict, enum now_ground ground)
{
    if (verdict <= out->now)
        return;
    out->now = verdict;
    out->grounds |= ground;
}

static int verdict_look(struct store *store, struct arena *arena, const struct visit *visit, const struct record_told *told, int64_t now,
                        struct correction *correction, bool *corrected, struct visited *out, struct err *err)
{
    struct verdict_entries entries;
    int found = record_corrected(store, arena, out->record, correction, err);
    if (found < 0 || record_entries_load(store, arena, now, &entries, err) < 0 || host_look(store, arena, visit, out, err) < 0)
        return -1;
    *corrected = found > 0;
    out->then = told->report.verdict;
    out->now = *corrected ? (correction->honest ? VERDICT_CLEAN : VERDICT_MALICIOUS) : by_entries(arena, told, &entries);
    out->grounds = *corrected ? NOW_CORRECTED : out->now != out->then ? NOW_REVISED : 0;
    worsen(out, host_verdict(out), NOW_HOST);
    if (host_is_denied(visit, &entries))
        worsen(out, VERDICT_MALICIOUS, NOW_DENIED);
    return 0;
}

/* ---- whether the reader may go on */
struct appeal_found {
    uint64_t number;
    enum appeal_state state;
    int64_t answered;
};

static bool appeal_take(void *context, const struct store_value *v)
{
    *(struct appeal_found *)context = (struct appeal_found){(uint64_t)v[0].integer, (enum appeal_state)v[1].integer, v[2].null ? 0 : v[2].integer};
    return false;
}

/* The latest of this link for these recipients; what was granted to others is not granted to them. */
static int appeal_find(struct store *store, struct arena *arena, const struct visit *visit, struct span record, struct appeal_found *out, struct err *err)
{
    struct store_query query = {.table = "appeal", STORE_WHERE(STORE_IS("id", STORE_EQ, text_value_always(arena, record)),
                                                              STORE_IS("link", STORE_EQ, STORE_INT(visit->pass.link)),
                                                              STORE_IS("whom", STORE_EQ, STORE_BLOB(visit->pass.whom)),
                                                              STORE_IS("kind", STORE_EQ, STORE_WORDS(span_of(pass_kind_name(visit->pass.kind))))),
                                .columns = "number state answered", .order = "number", .descending = true, .limit = 1};
    *out = (struct appeal_found){0};
    return store_find(store, &query, appeal_take, out, err) < 0 ? -1 : 0;
}

/* A lock gives way to the reader, unless the mail turned out worse than when it was locked; a double lock to a person who said so. */
static enum way way_by_itself(const struct visit *visit, const struct visited *out)
{
    bool honest = out->grounds & NOW_CORRECTED && out->now < VERDICT_MALICIOUS;
    bool worse = out->now == VERDICT_MALICIOUS && out->then != VERDICT_MALICIOUS;
    return honest || (visit->pass.kind == PASS_LOCK && !worse) ? WAY_GO : WAY_ASK;
}

static int way_look(struct store *store, struct arena *arena, const struct visit *visit, const struct correction *correction, bool corrected,
                    struct visited *out, struct err *err)
{
    struct appeal_found appeal;
    out->way = way_by_itself(visit, out);
    if (appeal_find(store, arena, visit, out->record, &appeal, err) < 0)
        return -1;
    out->appeal = appeal.number;
    bool void_since = (corrected && !correction->honest && correction->at > appeal.answered) || out->grounds & NOW_DENIED;
    if (appeal.state == APPEAL_GRANTED && !void_since) {
        out->way = WAY_GO;
        out->grounds |= NOW_GRANTED;
    } else if (out->way == WAY_ASK && appeal.number && appeal.state != APPEAL_GRANTED) {
        out->way = appeal.state == APPEAL_REFUSED ? WAY_REFUSED : WAY_ASKED;
    }
    return 0;
}

/* ---- why it was locked */
static bool is_of_links(const struct evidence *evidence)
{
    return span_eq(evidence->where, S("links")) || span_eq(evidence->where, S("link"));
}

static void reasons_take(struct arena *arena, const struct report *report, struct visited *out)
{
    for (int turn = 0; turn < 2; turn++)
        vec_each(evidence, &report->evidence) {
            if (evidence->weight <= 0 || is_of_links(evidence) != (turn == 0) || out->reasons.len >= REASONS_MOST)
                continue;
            struct visited_reason *reason = vec_push(arena, &out->reasons);
            reason->text[LANGUAGE_EN] = evidence_text(arena, evidence, LANGUAGE_EN);
            reason->text[LANGUAGE_JA] = evidence_text(arena, evidence, LANGUAGE_JA);
        }
}

static void message_take(struct arena *arena, struct record_told *told, struct visited *out)
{
    out->arrived = record_id_time(told->report.id);
    if (!record_page(arena, told))
        return;
    out->subject = told->report.message->subject;
    if (told->report.message->from.len)
        out->from = told->report.message->from.at[0].address;
}

/* As passes name them: no more letters than rows have of them. */
static const struct span *recipients_of(struct arena *arena, const struct judgement *judgement)
{
    struct span *out = arena_alloc(arena, (judgement->recipients.len + 1) * sizeof *out);
    for (size_t i = 0; i < judgement->recipients.len; i++)
        out[i] = span_first(judgement->recipients.at[i], MARK_MOST);
    return out;
}

int record_look(struct store *store, struct arena *arena, const struct visit *visit, struct record_told *told, int64_t now, struct visited *out, struct err *err)
{
    struct correction correction;
    bool corrected;
    if (verdict_look(store, arena, visit, told, now, &correction, &corrected, out, err) < 0 ||
        way_look(store, arena, visit, &correction, corrected, out, err) < 0)
        return -1;
    reasons_take(arena, &told->report, out);
    message_take(arena, told, out);
    return 0;
}

int visit_look(struct store *store, struct arena *arena, const struct visit *visit, int64_t now, struct visited *out, struct err *err)
{
    struct record_told told;
    *out = (struct visited){.end = VISIT_NO_RECORD, .record = visit->pass.record};
    if (visit_is_of_held(visit))
        return visit_held_look(store, arena, visit, now, out, err);
    int64_t known = visit->pass.key.len ? record_key_find(store, arena, visit->pass.key, &out->record, err) : 1;
    int found = known > 0 ? record_read(store, arena, out->record, &told, err) : (int)known;
    if (found <= 0)
        return found;
    out->end = VISIT_NOT_THEIRS;
    if (!told.whole || !pass_names(arena, &visit->pass, recipients_of(arena, &told.judgement), told.judgement.recipients.len, &out->people))
        return 0;
    out->end = VISIT_GOOD;
    return record_look(store, arena, visit, &told, now, out, err);
}
