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

/* In the reader's language; states, verdicts and acts keep the names that options take. */
static void say(const struct held_telling *telling, struct buf *out, const char *en, const char *ja)
{
    buf_add(out, span_of(telling->asking->language == LANGUAGE_JA ? ja : en));
}

static void say_time(const struct held_telling *telling, struct buf *out, const char *en, const char *ja, int64_t at)
{
    say(telling, out, en, ja);
    time_print(out, at);
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
        bool meant = span_is_one_of(action->action, copy->acts) || (span_is_one_of(S("hold"), copy->acts) && (span_eq(action->action, S("reject")) ||
                     span_eq(action->action, S("double-lock")) || span_eq(action->action, S("take-off"))));
        if (!meant || !span_eq(action->mode, S("confirm")) || !is_for(action, copy->address))
            continue;
        say(telling, out, count ? ", " : ", by ", count ? "、" : "、求めたのは ");
        if (action->policy.len)
            buf_add(out, action->policy);
        else
            say(telling, out, "the organisation's mode", "組織のモード");
        buf_print(out, " (%.*s)", SPAN_FMT(action->action));
        count++;
    }
}

static void asked_page(const struct held_telling *telling, const struct held_copy *copy, struct buf *out)
{
    static const char *const said[HELD_ASKED_COUNT][2] = {[HELD_MAY_LEAVE] = {"asks for: ", "同意待ちの処理: "}, [HELD_MAY_STAY] = {"asks for: ", "同意待ちの処理: "},
                                                          [HELD_AGREED] = {"somebody agreed to: ", "同意された処理: "},
                                                          [HELD_DECLINED] = {"nobody agreed to: ", "同意されなかった処理: "}};
    if (copy->asked == HELD_UNASKED)
        return;
    buf_add(out, S("\n            "));
    say(telling, out, said[copy->asked][0], said[copy->asked][1]);
    buf_add(out, copy->acts);
    askers_page(telling, copy, out);
    if (copy->state != HELD_WAITING)
        return;
    say_time(telling, out, "\n            until ", "\n            期限 ", copy->waits);
    say(telling, out, "; then hold.confirm_then decides", "。過ぎると hold.confirm_then のとおりに扱います");
}

/* Both ways, as they are written. */
static void ways_page(const struct held_telling *telling, struct buf *out)
{
    const struct held_copy *waits = NULL;
    vec_each(copy, &telling->copies.list)
        waits = copy->state == HELD_WAITING ? copy : waits;
    if (!waits)
        return;
    say(telling, out, "  to agree:   sekimori held agree ", "  同意する:    sekimori held agree ");
    buf_add(out, waits->id);
    say(telling, out, "\n  to say no:  sekimori held release ", "\n  同意しない:  sekimori held release ");
    buf_add(out, waits->id);
    say(telling, out, "   (it leaves without what is asked for)\n", "   (この処理をせずに配送します)\n");
    if (telling->copies.list.len > 1)
        say(telling, out, "  for one recipient: --recipient ADDRESS\n", "  宛先を一つに限るには: --recipient ADDRESS\n");
}

static void copy_page(const struct held_telling *telling, const struct held_copy *copy, struct buf *out)
{
    struct job_row job;
    bool waits = job_of(telling, copy, &job);
    struct span fault = waits ? job.fault : copy->fault;
    buf_print(out, "  %-9s ", held_state_name(copy->state));
    say_time(telling, out, "since ", "", copy->at);
    say(telling, out, "  <", " から  <");
    plain_add(out, copy->address);
    buf_print(out, ">%s", copy->params.len ? " " : "");
    plain_add(out, copy->params);
    if (copy->org.len)
        buf_print(out, "  (%.*s)", SPAN_FMT(copy->org));
    if (held_is_beside(copy))
        say(telling, out, "  a copy as it came, by policy", "  ポリシーによる写し(届いたまま)");
    else if (!held_is_delivery(copy))
        say(telling, out, "  as it came; what was delivered is changed", "  原本(配送したものは書き換え済み)");
    asked_page(telling, copy, out);
    if (copy->by.len || copy->why.len) {
        say(telling, out, "\n            by ", "\n            実行者 ");
        if (copy->by.len)
            plain_add(out, copy->by);
        else
            say(telling, out, "the service", "サービス");
        buf_add(out, copy->why.len ? S(": ") : S(""));
        plain_add(out, copy->why);
    }
    if (waits && job.tries) {
        bool once = job.tries == 1;
        say(telling, out, once ? "\n            tried once" : "\n            tried ", "\n            試行 ");
        if (!once || telling->asking->language == LANGUAGE_JA)
            buf_print(out, "%llu", (unsigned long long)job.tries);
        say_time(telling, out, once ? "; the next time not before " : " times; the next time not before ", " 回、次回は早くて ", job.due);
    }
    if (fault.len) {
        say(telling, out, "\n            the last try: ", "\n            直前の結果: ");
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
        say(telling, out, "its bytes are gone\n", "メール本体はもうありません\n");
        return;
    }
    say_time(telling, out, "held since ", "保留 ", held->at);
    say_time(telling, out, ", until ", "、期限 ", held->until);
    say(telling, out, "; ", "、保留領域に ");
    buf_print(out, "%llu", (unsigned long long)held->size);
    say(telling, out, " bytes of the hold spool, as ", " バイト、ファイル名 ");
    buf_print(out, "%.*s\n", SPAN_FMT(held->file));
    if (!held->enveloped) {
        say(telling, out, "its envelope was not kept, for an earlier version held it; it cannot be released, but exported\n",
            "以前の版が保留したためエンベロープがありません。配送はできませんが、held export で取り出せます\n");
        return;
    }
    say(telling, out, "envelope MAIL FROM:<", "エンベロープ MAIL FROM:<");
    plain_add(out, held->mail_from);
    buf_print(out, ">%s", held->mail_params.len ? " " : "");
    plain_add(out, held->mail_params);
    buf_byte(out, '\n');
}

static void judged_page(const struct held_telling *telling, struct buf *out)
{
    const struct hunt_row *row = &telling->row;
    say(telling, out, "from ", "差出人 ");
    if (row->from_address.len)
        plain_add(out, row->from_address);
    else
        say(telling, out, "nobody", "なし");
    say(telling, out, ", subject ", "、件名 ");
    plain_add(out, row->subject);
    buf_print(out, "\n%s", verdict_name(row->verdict));
    say(telling, out, ", score ", "、スコア ");
    buf_print(out, "%.1f", row->score);
    say(telling, out, ", ", "、届いたとき ");
    buf_print(out, "%llu", (unsigned long long)row->size);
    say(telling, out, " bytes as it came; sekimori explain tells all of it\n", " バイト。詳しくは sekimori explain で確かめられます\n");
}

void held_page(const struct held_telling *telling, struct buf *out)
{
    buf_print(out, "%.*s  ", SPAN_FMT(telling->lies ? telling->held.id : telling->copies.list.at[0].id));
    lying_page(telling, out);
    if (telling->judged) {
        judged_page(telling, out);
    } else {
        say(telling, out, "no judge could finish with it; sekimori explain tells why\n", "判定できませんでした。理由は sekimori explain で確かめられます\n");
    }
    reasons_page(telling, out);
    vec_each(copy, &telling->copies.list)
        copy_page(telling, copy, out);
    ways_page(telling, out);
    if (telling->lies && !telling->copies.list.len)
        say(telling, out, "  it came without recipients\n", "  宛先を添えずに渡されたメールです\n");
}
