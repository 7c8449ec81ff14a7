/* notice: what people and programs are told of a report. */
#include "action/inner.h"

#include "base/json.h"

const char *notice_text(enum notice_text id, enum language language)
{
    static const char *const texts[NOTICE_TEXT_COUNT][2] = {
#define TEXT(id, en, ja) {en, ja},
#include "action/notice.def"
#undef TEXT
    };
    return texts[id][language == LANGUAGE_JA];
}

const char *unjudged_text(enum unjudged_why why, enum language language)
{
    return notice_text(why == UNJUDGED_LOST ? NOTICE_LOST : why == UNJUDGED_FAILED ? NOTICE_FAILED : NOTICE_KILLED, language);
}

static void tags_write(struct json *json, const struct report *report, enum language language)
{
    json_array(json, "tags");
    vec_each(tag, &report->tags) {
        const char *text = tag_text(*tag, language);
        json_object(json, NULL);
        json_text(json, "id", *tag);
        json_text_or_null(json, "text", span_of(text));
        json_object_end(json);
    }
    json_array_end(json);
}

static void evidence_write(struct arena *arena, struct json *json, const struct report *report, enum language language)
{
    size_t told = 0, more = 0;
    json_array(json, "evidence");
    vec_each(evidence, &report->evidence) {
        if (evidence->weight <= 0)
            continue;
        if (told++ >= EVIDENCE_TOLD) {
            more++;
            continue;
        }
        json_object(json, NULL);
        json_text(json, "id", span_of(evidence_kind(evidence->id)->name));
        json_text(json, "text", span_first(evidence_text(arena, evidence, language), TOLD_MOST));
        json_object_end(json);
    }
    json_array_end(json);
    json_number(json, "more", (int64_t)more);
}

static void envelope_write(struct json *json, const struct arrival *arrival)
{
    json_text_or_null(json, "mail_from", span_first(arrival->mail_from, TOLD_MOST));
    json_array(json, "rcpt_to");
    for (size_t i = 0; i < arrival->rcpt_to.len && i < PEOPLE_TOLD; i++)
        json_text(json, NULL, span_first(arrival->rcpt_to.at[i].address, TOLD_MOST));
    json_array_end(json);
}

static void people_write(struct json *json, const struct report *report)
{
    json_text_or_null(json, "subject", span_first(report->message->subject, TOLD_MOST));
    json_text_or_null(json, "from", report->message->from.len ? span_first(report->message->from.at[0].address, TOLD_MOST) : (struct span){0});
    envelope_write(json, report->arrival);
}

/* ---- what waits for somebody to agree */
typedef VEC(struct span) words_t;

static void word_once(struct arena *arena, words_t *words, struct span word)
{
    vec_each(one, words)
        if (span_eq(*one, word))
            return;
    *vec_push(arena, words) = word;
}

bool notice_wait(struct arena *arena, const struct notices *notices, const struct report *report, struct notice_wait *out)
{
    words_t acts = {0}, policies = {0}, recipients = {0};
    vec_each(action, &report->actions) {
        if (!action->waits)
            continue;
        word_once(arena, &acts, action->action);
        if (action->policy.len)
            word_once(arena, &policies, action->policy);
        for (size_t i = 0; i < action->recipients.len && recipients.len < PEOPLE_TOLD; i++)
            word_once(arena, &recipients, span_first(action->recipients.at[i], TOLD_MOST));
    }
    int64_t at = report->arrival->received_at;
    *out = (struct notice_wait){.until = at == TIME_UNKNOWN ? at : at + notices->confirm_seconds};
    memcpy(&out->acts, &acts, sizeof acts);
    memcpy(&out->policies, &policies, sizeof policies);
    memcpy(&out->recipients, &recipients, sizeof recipients);
    return acts.len;
}

static void words_write(struct json *json, const char *name, const struct span *words, size_t count)
{
    json_array(json, name);
    for (size_t i = 0; i < count; i++)
        json_text(json, NULL, words[i]);
    json_array_end(json);
}

static void wait_write(struct arena *arena, struct json *json, const struct notices *notices, const struct notice *notice, const struct report *report)
{
    struct notice_wait wait;
    if (!notice_wait(arena, notices, report, &wait))
        return;
    json_object(json, "waiting");
    words_write(json, "acts", wait.acts.at, wait.acts.len);
    words_write(json, "policies", wait.policies.at, wait.policies.len);
    json_time(json, "until", wait.until);
    json_text(json, "then", notices->confirm_agrees ? S("agree") : S("release"));
    json_text(json, "agree", arena_print(arena, "sekimori held agree %.*s", SPAN_FMT(report->id)));
    json_text(json, "release", arena_print(arena, "sekimori held release %.*s", SPAN_FMT(report->id)));
    if (notice->addresses)
        words_write(json, "recipients", wait.recipients.at, wait.recipients.len);
    json_object_end(json);
}

static void json_write(struct arena *arena, const struct notices *notices, const struct notice *notice, const struct report *report, struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_text(&json, "schema", S("sekimori.notice/1"));
    json_text(&json, "notice", notice->name);
    json_text(&json, "id", report->id);
    json_text(&json, "verdict", span_of(verdict_name(report->verdict)));
    json_real(&json, "score", report->score);
    json_text_or_null(&json, "organisation", notices->organisation);
    json_text(&json, "direction", span_of(direction_name(report->arrival->direction)));
    json_time(&json, "received_at", report->arrival->received_at);
    tags_write(&json, report, notices->language);
    evidence_write(arena, &json, report, notices->language);
    wait_write(arena, &json, notices, notice, report);
    if (notice->addresses)
        people_write(&json, report);
    json_object_end(&json);
}

static void unjudged_write(const struct notices *notices, const struct notice *notice, const struct unjudged *unjudged, struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_text(&json, "schema", S("sekimori.notice/1"));
    json_text(&json, "notice", notice->name);
    json_text(&json, "id", unjudged->id);
    json_text(&json, "verdict", S("unjudged"));
    json_null(&json, "score");
    json_text(&json, "action", unjudged->held ? S("hold") : S("deliver"));
    json_text(&json, "reason", span_of(unjudged_text(unjudged->why, notices->language)));
    json_text_or_null(&json, "organisation", notices->organisation);
    json_text(&json, "direction", span_of(direction_name(unjudged->arrival->direction)));
    json_time(&json, "received_at", unjudged->arrival->received_at);
    json_array(&json, "tags");
    json_array_end(&json);
    json_array(&json, "evidence");
    json_array_end(&json);
    json_number(&json, "more", 0);
    if (notice->addresses)
        envelope_write(&json, unjudged->arrival);
    json_object_end(&json);
}

static void appeal_write(const struct notices *notices, const struct notice *notice, const struct appeal *appeal, struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_text(&json, "schema", S("sekimori.notice/1"));
    json_text(&json, "notice", notice->name);
    json_text(&json, "id", appeal->id);
    json_text(&json, "verdict", span_of(verdict_name(appeal->verdict)));
    json_null(&json, "score");
    json_text_or_null(&json, "organisation", notices->organisation);
    json_text(&json, "direction", span_of(direction_name(DIRECTION_UNKNOWN)));
    json_time(&json, "received_at", appeal->received_at);
    json_array(&json, "tags");
    json_array_end(&json);
    json_array(&json, "evidence");
    json_array_end(&json);
    json_number(&json, "more", 0);
    json_object(&json, "appeal");
    json_text(&json, "kind", appeal->kind);
    json_number(&json, "link", appeal->link);
    json_text_or_null(&json, "host", span_first(appeal->host, TOLD_MOST));
    json_time(&json, "asked_at", appeal->asked);
    if (notice->addresses)
        json_text_or_null(&json, "note", span_first(appeal->note, TOLD_MOST));
    json_object_end(&json);
    if (notice->addresses) {
        json_array(&json, "rcpt_to");
        for (size_t i = 0; i < appeal->count && i < PEOPLE_TOLD; i++)
            json_text(&json, NULL, span_first(appeal->people[i], TOLD_MOST));
        json_array_end(&json);
    }
    json_object_end(&json);
}

static void job_add(struct arena *arena, const struct notice *notice, struct span bytes, struct jobs *out)
{
    if (bytes.len <= JOB_BYTES_MOST)
        *vec_push(arena, &out->list) = (struct job){notice->name, notice->kind, bytes};
}

void notices_plan_unjudged(struct arena *arena, const struct notices *notices, const struct unjudged *unjudged, struct jobs *out)
{
    vec_each(notice, &notices->list) {
        struct buf bytes = {.arena = arena};
        if (!condition_holds_unjudged(&notice->when, notices->organisation, unjudged->arrival) || out->list.len == JOBS_MOST)
            continue;
        if (notice->mail)
            notice_mail_write_unjudged(arena, notices, notice, unjudged, &bytes);
        else
            unjudged_write(notices, notice, unjudged, &bytes);
        job_add(arena, notice, buf_span(&bytes), out);
    }
}

static bool waits(const struct report *report)
{
    vec_each(action, &report->actions)
        if (action->waits)
            return true;
    return false;
}

void notices_plan(struct arena *arena, const struct notices *notices, const struct report *report, struct jobs *out)
{
    bool waiting = waits(report);
    vec_each(notice, &notices->list) {
        struct buf bytes = {.arena = arena};
        bool wanted = condition_holds(&notice->when, notices->organisation, report) || (waiting && condition_holds_waiting(&notice->when, notices->organisation, report));
        if (!wanted || out->list.len == JOBS_MOST)
            continue;
        if (notice->mail)
            notice_mail_write(arena, notices, notice, report, &bytes);
        else
            json_write(arena, notices, notice, report, &bytes);
        job_add(arena, notice, buf_span(&bytes), out);
    }
}

void notices_plan_appeal(struct arena *arena, const struct notices *notices, const struct appeal *appeal, struct jobs *out)
{
    vec_each(notice, &notices->list) {
        struct buf bytes = {.arena = arena};
        if (!condition_holds_appeal(&notice->when, notices->organisation) || out->list.len == JOBS_MOST)
            continue;
        if (notice->mail)
            notice_mail_write_appeal(arena, notices, notice, appeal, &bytes);
        else
            appeal_write(notices, notice, appeal, &bytes);
        job_add(arena, notice, buf_span(&bytes), out);
    }
}
