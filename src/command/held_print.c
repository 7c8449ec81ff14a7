#include "command/held_print.h"

#include "record/outbox.h"
#include "role/role.h"

int held_telling(const struct asking *asking, struct store *store, struct arena *arena, struct span id, struct held_telling *out, struct err *err)
{
    *out = (struct held_telling){.asking = asking, .store = store, .arena = arena};
    int lies = record_held(store, arena, id, &out->held, err);
    int judged = lies < 0 ? -1 : hunt_row_of(store, arena, id, &out->row, err);
    if (judged < 0 || held_copies(store, arena, id, &out->copies, err) < 0)
        return -1;
    out->lies = lies;
    out->judged = judged;
    return lies || out->copies.list.len;
}

/* What its job says of the way out so far. */
static bool job_of(const struct held_telling *telling, const struct held_copy *copy, struct job_row *out)
{
    struct err err;
    struct span job = arena_print(telling->arena, "%.*s." HELD_LANE ".%llu", SPAN_FMT(copy->id), (unsigned long long)copy->number);
    return copy->state == HELD_LEAVING && outbox_read(telling->store, telling->arena, job, out, &err) > 0;
}

/* ---- for a program */
/* What somebody is asked, or answered; null: nobody was. */
static void asked_json(const struct held_copy *copy, struct json *json)
{
    struct span rest = copy->acts, act;
    if (copy->asked == HELD_UNASKED) {
        json_null(json, "asked");
        return;
    }
    json_object(json, "asked");
    json_array(json, "acts");
    while (span_word(&rest, &act))
        json_text(json, NULL, act);
    json_array_end(json);
    json_time(json, "until", copy->waits);
    json_text_or_null(json, "answer", copy->asked == HELD_AGREED ? S("agreed") : copy->asked == HELD_DECLINED ? S("declined") : S(""));
    json_object_end(json);
}

static void copy_json(const struct held_telling *telling, const struct held_copy *copy, struct json *json)
{
    struct job_row job = {.tries = 0};
    bool waits = job_of(telling, copy, &job);
    json_object(json, NULL);
    json_text(json, "address", copy->address);
    json_text_or_null(json, "params", copy->params);
    json_text_or_null(json, "org", copy->org);
    json_bool(json, "beside", held_is_beside(copy));
    json_bool(json, "original", !held_is_delivery(copy) && !held_is_beside(copy));
    json_text(json, "state", span_of(held_state_name(copy->state)));
    json_time(json, "since", copy->at);
    json_text_or_null(json, "by", copy->by);
    json_text_or_null(json, "reason", copy->why);
    json_text_or_null(json, "fault", waits ? job.fault : copy->fault);
    asked_json(copy, json);
    if (waits) {
        json_number(json, "tries", (int64_t)job.tries);
        json_time(json, "due", job.due == JOB_AT_ONCE ? job.made : job.due);
    }
    json_object_end(json);
}

static void evidence_json(const struct held_telling *telling, struct json *json)
{
    struct span rest = telling->row.evidence, name;
    json_array(json, "evidence");
    while (span_word(&rest, &name))
        json_text(json, NULL, name);
    json_array_end(json);
}

void held_json(const struct held_telling *telling, const struct held_copy *only, struct buf *out)
{
    struct json json = {.out = out};
    const struct record_held *held = &telling->held;
    json_object(&json, NULL);
    json_text(&json, "id", telling->lies ? held->id : telling->copies.list.at[0].id);
    json_time(&json, "held_at", telling->lies ? held->at : TIME_UNKNOWN);
    json_time(&json, "expires", telling->lies ? held->until : TIME_UNKNOWN);
    json_number(&json, "stored", telling->lies ? (int64_t)held->size : 0);
    if (held->enveloped)
        json_text(&json, "mail_from", held->mail_from);
    json_text_or_null(&json, "mail_params", held->mail_params);
    json_text(&json, "verdict", telling->judged ? span_of(verdict_name(telling->row.verdict)) : S("unjudged"));
    if (telling->judged) {
        json_real(&json, "score", telling->row.score);
        json_number(&json, "size", (int64_t)telling->row.size);
        json_text_or_null(&json, "from", telling->row.from_address);
        json_text_or_null(&json, "subject", telling->row.subject);
        evidence_json(telling, &json);
    }
    json_array(&json, "recipients");
    vec_each(copy, &telling->copies.list)
        if (!only || only->number == copy->number)
            copy_json(telling, copy, &json);
    json_array_end(&json);
    json_object_end(&json);
    buf_byte(out, '\n');
}

/* ---- for a person */
void held_line(const struct held_telling *telling, const struct held_copy *copy, struct buf *out)
{
    buf_print(out, "%-9s  %.*s  ", held_state_name(copy->state), SPAN_FMT(copy->id));
    if (telling->lies)
        time_print(out, copy->state == HELD_WAITING ? copy->waits : telling->held.until);
    else
        buf_add(out, S("gone                "));
    buf_print(out, "  %-10s  ", telling->judged ? verdict_name(telling->row.verdict) : "unjudged");
    plain_add(out, copy->address);
    if (copy->state == HELD_WAITING)
        buf_print(out, "  asks: %.*s", SPAN_FMT(copy->acts));
    if (telling->judged) {
        buf_add(out, S("  from "));
        plain_add(out, telling->row.from_address.len ? telling->row.from_address : S("nobody"));
        buf_add(out, S("  "));
        plain_add(out, telling->row.subject);
    }
    buf_byte(out, '\n');
}

static bool has_word(struct span words, struct span wanted)
{
    for (struct span word; span_word(&words, &word);)
        if (span_eq(word, wanted))
            return true;
    return false;
}

static bool is_for(const struct planned_action *action, struct span address)
{
    vec_each(one, &action->recipients)
        if (span_eq_case(*one, address))
            return true;
    return !action->recipients.len;
}

/* Policies that ask for it; the organisation's own mode has no name. What cannot be done otherwise is asked for as hold. */
static void askers_page(const struct held_telling *telling, const struct held_copy *copy, struct buf *out)
{
    struct err err;
    struct record_told told;
    size_t count = 0;
    if (record_read(telling->store, telling->arena, copy->id, &told, &err) <= 0)
        return;
    vec_each(action, &told.report.actions) {
        bool meant = has_word(copy->acts, action->action) || (has_word(copy->acts, S("hold")) && (span_eq(action->action, S("reject")) ||
                     span_eq(action->action, S("double-lock")) || span_eq(action->action, S("take-off"))));
        if (!meant || !span_eq(action->mode, S("confirm")) || !is_for(action, copy->address))
            continue;
        buf_print(out, "%s%.*s (%.*s)", count++ ? ", " : ", by ", SPAN_FMT(action->policy.len ? action->policy : S("the organisation's mode")), SPAN_FMT(action->action));
    }
}

static void asked_page(const struct held_telling *telling, const struct held_copy *copy, struct buf *out)
{
    static const char *const said[HELD_ASKED_COUNT] = {[HELD_MAY_LEAVE] = "asks for: ", [HELD_MAY_STAY] = "asks for: ", [HELD_AGREED] = "somebody agreed to: ",
                                                       [HELD_DECLINED] = "nobody agreed to: "};
    if (copy->asked == HELD_UNASKED)
        return;
    buf_print(out, "\n            %s%.*s", said[copy->asked], SPAN_FMT(copy->acts));
    askers_page(telling, copy, out);
    if (copy->state != HELD_WAITING)
        return;
    buf_add(out, S("\n            until "));
    time_print(out, copy->waits);
    buf_add(out, S("; then hold.confirm_then decides"));
}

/* Both ways, as they are written. */
static void ways_page(const struct held_telling *telling, struct buf *out)
{
    const struct held_copy *waits = NULL;
    vec_each(copy, &telling->copies.list)
        waits = copy->state == HELD_WAITING ? copy : waits;
    if (!waits)
        return;
    buf_print(out, "  to agree:   sekimori held agree %.*s\n  to say no:  sekimori held release %.*s   (it leaves without what is asked for)\n", SPAN_FMT(waits->id),
              SPAN_FMT(waits->id));
    if (telling->copies.list.len > 1)
        buf_add(out, S("  for one recipient: --recipient ADDRESS\n"));
}

static void copy_page(const struct held_telling *telling, const struct held_copy *copy, struct buf *out)
{
    struct job_row job;
    bool waits = job_of(telling, copy, &job);
    struct span fault = waits ? job.fault : copy->fault;
    buf_print(out, "  %-9s since ", held_state_name(copy->state));
    time_print(out, copy->at);
    buf_add(out, S("  <"));
    plain_add(out, copy->address);
    buf_print(out, ">%s", copy->params.len ? " " : "");
    plain_add(out, copy->params);
    if (copy->org.len)
        buf_print(out, "  (%.*s)", SPAN_FMT(copy->org));
    if (held_is_beside(copy))
        buf_add(out, S("  a copy as it came, by policy"));
    else if (!held_is_delivery(copy))
        buf_add(out, S("  as it came; what was delivered is changed"));
    asked_page(telling, copy, out);
    if (copy->by.len || copy->why.len) {
        buf_add(out, S("\n            by "));
        plain_add(out, copy->by.len ? copy->by : S("the service"));
        buf_add(out, copy->why.len ? S(": ") : S(""));
        plain_add(out, copy->why);
    }
    if (waits && job.tries)
        buf_print(out, "\n            tried %llu times; the next time not before ", (unsigned long long)job.tries), time_print(out, job.due);
    if (fault.len) {
        buf_add(out, S("\n            the last try: "));
        plain_add(out, fault);
    }
    buf_byte(out, '\n');
}

static void reasons_page(const struct held_telling *telling, struct buf *out)
{
    struct err err;
    struct record_told told;
    if (!telling->judged || record_read(telling->store, telling->arena, telling->row.id, &told, &err) <= 0 || !told.whole)
        return;
    enum { TOLD = 5 };
    for (size_t i = 0; i < told.report.evidence.len && i < TOLD; i++) {
        buf_add(out, S("  - "));
        plain_add(out, evidence_text(telling->arena, &told.report.evidence.at[i], telling->asking->language));
        buf_byte(out, '\n');
    }
}

static void lying_page(const struct held_telling *telling, struct buf *out)
{
    const struct record_held *held = &telling->held;
    if (!telling->lies) {
        buf_add(out, S("its bytes are gone\n"));
        return;
    }
    buf_add(out, S("held since "));
    time_print(out, held->at);
    buf_add(out, S(", until "));
    time_print(out, held->until);
    buf_print(out, "; %llu bytes of the hold spool, as %.*s\n", (unsigned long long)held->size, SPAN_FMT(held->file));
    if (!held->enveloped) {
        buf_add(out, S("its envelope was not kept, for an earlier version held it; it cannot be released, but exported\n"));
        return;
    }
    buf_add(out, S("envelope MAIL FROM:<"));
    plain_add(out, held->mail_from);
    buf_print(out, ">%s", held->mail_params.len ? " " : "");
    plain_add(out, held->mail_params);
    buf_byte(out, '\n');
}

void held_page(const struct held_telling *telling, struct buf *out)
{
    const struct hunt_row *row = &telling->row;
    buf_print(out, "%.*s  ", SPAN_FMT(telling->lies ? telling->held.id : telling->copies.list.at[0].id));
    lying_page(telling, out);
    if (telling->judged) {
        buf_add(out, S("from "));
        plain_add(out, row->from_address.len ? row->from_address : S("nobody"));
        buf_add(out, S(", subject "));
        plain_add(out, row->subject);
        buf_print(out, "\n%s, score %.1f, %llu bytes as it came; sekimori explain tells all of it\n", verdict_name(row->verdict), row->score,
                  (unsigned long long)row->size);
    } else {
        buf_add(out, S("no judge could finish with it; sekimori explain tells why\n"));
    }
    reasons_page(telling, out);
    vec_each(copy, &telling->copies.list)
        copy_page(telling, copy, out);
    ways_page(telling, out);
    if (telling->lies && !telling->copies.list.len)
        buf_add(out, S("  it came without recipients\n"));
}
