/* make: a report becomes a record. Pure: a judge does it. */
#include "record/held.h"
#include "record/inner.h"

#include "base/digest.h"
#include "base/shape.h"

#include <stdlib.h>

/* ---- digests */

struct span settings_digest(struct arena *arena, struct span bytes)
{
    uint8_t sum[SHA256_BYTES];
    sha256_of(bytes, sum);
    return arena_copy(arena, (struct span){(const char *)sum, SETTINGS_ID_BYTES});
}

/* ---- the key: the same message, tried again */

/* The header below the field that the machine at the trust edge wrote: what is above differs with each try. */
static struct span head_below_edge(const struct report *report)
{
    const struct path *path = report->path;
    struct span head = report->message->head;
    if (!path->edge_known || path->edge >= path->hops.len || !path->hops.at[path->edge].field)
        return head;
    struct span whole = path->hops.at[path->edge].field->whole;
    const char *end = whole.at + whole.len;
    return end >= head.at && end <= head.at + head.len ? span_from(end, head.at + head.len) : head;
}

static int by_text(const void *left, const void *right)
{
    return span_compare(*(const struct span *)left, *(const struct span *)right);
}

static void recipients_add(struct sha256 *digest, struct arena *arena, const struct arrival *arrival)
{
    VEC(struct span) sorted = {0};
    vec_each(recipient, &arrival->rcpt_to)
        *vec_push(arena, &sorted) = recipient->address;
    if (sorted.len)
        qsort(sorted.at, sorted.len, sizeof *sorted.at, by_text);
    vec_each(address, &sorted)
        sha256_add_framed(digest, *address);
}

static struct span key_with(struct arena *arena, const struct report *report, const uint8_t *body)
{
    struct sha256 digest __attribute__((cleanup(sha256_free))) = sha256_open();
    uint8_t sum[SHA256_BYTES], direction = (uint8_t)report->arrival->direction;
    sha256_add_framed(&digest, report->arrival->org); /* what one organisation hands in, or lets out, answers nothing for another */
    sha256_add_framed(&digest, (struct span){(const char *)&direction, 1});
    sha256_add_framed(&digest, report->arrival->mail_from_state == SENDER_UNKNOWN ? S("?") : report->arrival->mail_from);
    sha256_add_framed(&digest, report->message->message_id);
    sha256_add_framed(&digest, head_below_edge(report));
    sha256_add_framed(&digest, (struct span){(const char *)body, SHA256_BYTES});
    recipients_add(&digest, arena, report->arrival);
    sha256_close(&digest, sum);
    return arena_copy(arena, (struct span){(const char *)sum, KEY_BYTES});
}

/* ---- marks */

static void mark_add(struct arena *arena, struct record *out, enum mark_kind kind, struct span value)
{
    struct span lower = arena_lower(arena, span_first(value, MARK_MOST));
    vec_each(mark, &out->marks)
        if (mark->kind == kind && span_eq(mark->value, lower))
            return;
    if (lower.len)
        *vec_push(arena, &out->marks) = (struct record_mark){kind, arena_copy(arena, lower)};
}

static void digest_mark(struct arena *arena, struct record *out, const uint8_t *sum)
{
    static const char letters[] = "0123456789abcdef";
    struct buf hex = {.arena = arena};
    for (size_t i = 0; i < DIGEST_LETTERS / 2; i++) {
        buf_byte(&hex, letters[sum[i] >> 4]);
        buf_byte(&hex, letters[sum[i] & 15]);
    }
    mark_add(arena, out, MARK_DIGEST, buf_span(&hex));
}

/* As many as somebody would look for: a newsletter's hundred hosts are one sender's. */
static void hosts_add(struct arena *arena, const struct report *report, struct record *out)
{
    enum { HOSTS_MOST = 32, FILES_MOST = 32 };
    size_t files = 0;
    if (report->content && report->content->links.main)
        mark_add(arena, out, MARK_HOST, report->content->links.main->host);
    if (report->content)
        vec_each(link, &report->content->links.list)
            if (out->marks.len < HOSTS_MOST)
                mark_add(arena, out, MARK_HOST, link->host);
    vec_each(link, &report->message->links)
        if (out->marks.len < HOSTS_MOST && link->url)
            mark_add(arena, out, MARK_HOST, link->url->host);
    vec_each(leaf, &report->message->leaves)
        if ((*leaf)->attachment && files++ < FILES_MOST)
            digest_mark(arena, out, (*leaf)->sha256);
}

static void marks_add(struct arena *arena, const struct report *report, const uint8_t *body, struct record *out)
{
    const struct tenant *tenant = &report->path->tenant;
    hosts_add(arena, report, out);
    digest_mark(arena, out, body);
    vec_each(evidence, &report->evidence)
        mark_add(arena, out, MARK_EVIDENCE, span_of(evidence_kind(evidence->id)->name));
    mark_add(arena, out, MARK_MESSAGE_ID, report->message->message_id);
    mark_add(arena, out, MARK_CLIENT, ip_text(arena, &report->path->client.ip));
    mark_add(arena, out, MARK_ACCOUNT, report->path->carrier.account);
    mark_add(arena, out, MARK_TENANT, tenant->cross_tenant_id);
    mark_add(arena, out, MARK_TENANT, tenant->originator_org);
    mark_add(arena, out, MARK_TENANT, tenant->onmicrosoft_domain);
}

/* ---- the row */

/* Recipients of an action stand in the order of the envelope, so each list is walked once beside it. */
static bool action_is_for(const struct planned_action *action, size_t *reached, struct span recipient)
{
    bool is_for = !action->recipients.len || (*reached < action->recipients.len && action->recipients.at[*reached].at == recipient.at);
    *reached += is_for;
    return is_for;
}

struct named_recipient {
    struct span name;
    size_t number;
    bool again; /* it stood before */
};

static int by_name(const void *left, const void *right)
{
    const struct named_recipient *a = left, *b = right;
    int order = span_compare(a->name, b->name);
    return order ? order : a->number < b->number ? -1 : 1;
}

/* In the order of the envelope; sorted in between, for there may be ten thousand. */
static struct named_recipient *recipients_named(struct arena *arena, const struct arrival *arrival)
{
    size_t count = arrival->rcpt_to.len;
    struct named_recipient *sorted = arena_alloc(arena, (count + 1) * sizeof *sorted), *out = arena_alloc(arena, (count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++)
        sorted[i] = out[i] = (struct named_recipient){record_recipient(arena, arrival->rcpt_to.at[i].address), i, false};
    qsort(sorted, count, sizeof *sorted, by_name);
    for (size_t i = 1; i < count; i++)
        out[sorted[i].number].again = span_eq(sorted[i].name, sorted[i - 1].name);
    return out;
}

/* The first of the actions that is for somebody is the one that counts. */
static void outcomes_add(struct arena *arena, const struct report *report, struct record *out)
{
    const struct named_recipient *named = recipients_named(arena, report->arrival);
    size_t *reached = arena_alloc(arena, (report->actions.len + 1) * sizeof *reached);
    memset(reached, 0, (report->actions.len + 1) * sizeof *reached);
    vec_each(recipient, &report->arrival->rcpt_to) {
        const struct planned_action *first = NULL;
        for (size_t i = 0; i < report->actions.len; i++)
            if (action_is_for(&report->actions.at[i], &reached[i], recipient->address) && !first)
                first = &report->actions.at[i];
        if (!named->again)
            *vec_push(arena, &out->outcomes) = (struct record_outcome){.recipient = named->name, .action = first ? first->action : S("deliver"), .mode = first ? first->mode : S("")};
        named++;
    }
}

struct span record_recipient(struct arena *arena, struct span address)
{
    return arena_lower(arena, span_first(address, MARK_MOST));
}

struct span record_key(struct arena *arena, const struct report *report)
{
    uint8_t body[SHA256_BYTES];
    sha256_of(report->message->body, body);
    return key_with(arena, report, body);
}

static struct span evidence_names(struct arena *arena, const struct report *report)
{
    struct buf names = {.arena = arena};
    vec_each(evidence, &report->evidence)
        buf_print(&names, "%s%s", names.len ? " " : "", evidence_kind(evidence->id)->name);
    return buf_span(&names);
}

static void row_fill(struct arena *arena, const struct report *report, struct record *out)
{
    enum { SUBJECT_MOST = 160 };
    const struct arrival *arrival = report->arrival;
    const struct message *message = report->message;
    out->id = report->id;
    out->org = arrival->org;
    out->generation = report->generation;
    out->verdict = report->verdict;
    out->score = report->score;
    out->direction = arrival->direction;
    out->listener = arrival->listener;
    out->mail_from_known = arrival->mail_from_state != SENDER_UNKNOWN;
    out->mail_from = arena_lower(arena, span_first(arrival->mail_from, MARK_MOST));
    if (message->from.len) {
        out->from_domain = span_first(message->from.at[0].domain_ascii, MARK_MOST);
        out->from_address = arena_lower(arena, span_first(message->from.at[0].address, MARK_MOST));
    }
    out->subject = span_first(message->subject, SUBJECT_MOST);
    out->client = ip_text(arena, &report->path->client.ip);
    out->service = report->path->carrier.service ? report->path->carrier.service->id : (struct span){0};
    out->account = span_first(report->path->carrier.account, MARK_MOST);
    out->language = report->content ? report->content->words.language : (struct span){0};
    out->size = arrival->raw.len;
    out->evidence = evidence_names(arena, report);
    vec_each(evidence, &report->evidence)
        if (evidence->id == EVIDENCE_ENTRY_ALLOW)
            span_number(evidence->words[1], INT64_MAX, &out->allowed);
        else if (evidence->id == EVIDENCE_ENTRY_DENY)
            span_number(evidence->words[1], INT64_MAX, &out->denied);
}

static void paper_fill(struct arena *arena, const struct report *report, struct span facts, const struct judgement *judgement, struct record *out)
{
    struct buf written = {.arena = arena}, kept = {.arena = arena}, page = {.arena = arena}, bytes = {.arena = arena};
    if (!facts.len)
        report_json_facts(arena, report, &written);
    judgement_write(judgement, &kept);
    report_page_write(report, &page);
    struct paper paper = {.facts = facts.len ? facts : buf_span(&written), .judgement = buf_span(&kept), .page = buf_span(&page)};
    memcpy(&paper.marks, &out->marks, sizeof paper.marks);
    vec_each(outcome, &out->outcomes)
        *vec_push(arena, &paper.recipients) = outcome->recipient;
    paper_write(arena, &paper, &bytes);
    out->paper = buf_span(&bytes);
}

/* ---- what it was judged by */
struct kept_settings {
    struct span verdict;
    VEC(struct record_ground) grounds;
};
static const struct shape ground_shape = SHAPE_OF(struct record_ground, SHAPED_SPAN(struct record_ground, name), SHAPED_SPAN(struct record_ground, digest));
static const struct shape kept_shape =
    SHAPE_OF(struct kept_settings, SHAPED_SPAN(struct kept_settings, verdict), SHAPED_LIST(struct kept_settings, grounds, &ground_shape, 0));

void record_grounds_make(struct arena *arena, const struct grounds *grounds, struct record_grounds *out)
{
    *out = (struct record_grounds){0};
    vec_each(ground, &grounds->list)
        *vec_push(arena, &out->list) = (struct record_ground){ground->name, settings_digest(arena, ground->bytes)};
}

void record_settings_make(struct arena *arena, const struct verdict_settings *settings, const struct grounds *grounds, struct record_settings *out)
{
    struct buf verdict = {.arena = arena}, bytes = {.arena = arena};
    struct record_grounds digests;
    struct kept_settings kept = {0};
    verdict_settings_write(settings, &verdict);
    record_grounds_make(arena, grounds, &digests);
    kept.verdict = buf_span(&verdict);
    memcpy(&kept.grounds, &digests.list, sizeof kept.grounds);
    shape_write(&kept_shape, &kept, &bytes);
    *out = (struct record_settings){settings_digest(arena, buf_span(&bytes)), buf_span(&bytes)};
}

bool record_settings_read(struct arena *arena, struct span bytes, struct verdict_settings *settings, struct record_grounds *grounds)
{
    struct kept_settings kept = {0};
    if (!shape_read(arena, &kept_shape, &bytes, &kept) || bytes.len || !verdict_settings_read(arena, kept.verdict, settings))
        return false;
    memcpy(&grounds->list, &kept.grounds, sizeof grounds->list);
    return true;
}

void record_make(struct arena *arena, const struct verdict_settings *settings, const struct record_settings *kept, const struct tables *tables,
                 const struct report *report, struct span facts, struct record *out)
{
    uint8_t body[SHA256_BYTES];
    struct judgement judgement;
    *out = (struct record){.settings = kept->id};
    sha256_of(report->message->body, body);
    judgement_take(arena, settings, tables, report, &judgement);
    row_fill(arena, report, out);
    out->key = key_with(arena, report, body);
    marks_add(arena, report, body, out);
    outcomes_add(arena, report, out);
    paper_fill(arena, report, facts, &judgement, out);
}

/* ---- on its way from a judge to the keeper: both are one binary */
static const struct shape mark_shape = SHAPE_OF(struct record_mark, SHAPED_NUMBER(struct record_mark, kind), SHAPED_SPAN(struct record_mark, value));
static const struct shape outcome_shape = SHAPE_OF(struct record_outcome, SHAPED_SPAN(struct record_outcome, recipient),
                                                   SHAPED_SPAN(struct record_outcome, action), SHAPED_SPAN(struct record_outcome, mode));
static const struct shape job_shape = SHAPE_OF(struct job, SHAPED_SPAN(struct job, lane), SHAPED_SPAN(struct job, kind), SHAPED_SPAN(struct job, bytes));
#define SPAN(name)   SHAPED_SPAN(struct record, name)
#define NUMBER(name) SHAPED_NUMBER(struct record, name)
static const struct shape record_shape =
    SHAPE_OF(struct record, SPAN(id), SPAN(org), SPAN(key), SPAN(generation), NUMBER(verdict), SHAPED_REAL(struct record, score), NUMBER(direction),
             SPAN(listener), SPAN(mail_from), SPAN(from_domain), SPAN(from_address), SPAN(subject), SPAN(client), SPAN(service), SPAN(account),
             SPAN(language), NUMBER(mail_from_known), NUMBER(size), NUMBER(allowed), NUMBER(denied), SPAN(evidence), SHAPED_LIST(struct record, marks, &mark_shape, 0),
             SHAPED_LIST(struct record, outcomes, &outcome_shape, 0), SPAN(settings), SPAN(paper), SHAPED_LIST(struct record, jobs.list, &job_shape, 0));

static const struct shape jobs_shape = SHAPE_OF(struct jobs, SHAPED_LIST(struct jobs, list, &job_shape, 0));

void record_jobs_pack(const struct jobs *jobs, struct buf *out)
{
    shape_write(&jobs_shape, jobs, out);
}

static bool is_one_line(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 127)
            return false;
    return span_is_utf8(text);
}

/* Mail that passes our doors by a pass, and jobs that tell what became of held copies, are the keeper's alone to make. */
static bool job_is_the_keepers(const struct job *job)
{
    static const struct span names[] = {S(HELD_LANE), S(DIGEST_LANE)};
    bool theirs = span_starts(job->lane, S(HELD_LANE "."));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        theirs |= span_eq(job->kind, names[i]) || span_eq(job->lane, names[i]);
    return theirs;
}

static bool jobs_fit(const struct jobs *jobs)
{
    bool fit = jobs->list.len <= JOBS_MOST;
    vec_each(job, &jobs->list)
        fit = fit && job->lane.len && job->lane.len <= JOB_NAME_MOST && is_one_line(job->lane) && job->kind.len && job->kind.len <= JOB_NAME_MOST &&
              is_one_line(job->kind) && job->bytes.len <= JOB_BYTES_MOST && !job_is_the_keepers(job);
    return fit;
}

int record_jobs_unpack(struct arena *arena, struct span bytes, struct jobs *out)
{
    *out = (struct jobs){0};
    return (!bytes.len || (shape_read(arena, &jobs_shape, &bytes, out) && !bytes.len)) && jobs_fit(out) ? 0 : -1;
}

void record_pack(const struct record *record, struct buf *out)
{
    shape_write(&record_shape, record, out);
}

/* A judge reads strangers' mail and may be theirs: its words become names of files, header fields and lines on a terminal. */
static bool id_is_ours(struct span id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!ascii_is_digit(id.at[i]) && !(id.at[i] >= 'a' && id.at[i] <= 'z'))
            return false;
    return id.len == REPORT_ID_LEN;
}

static bool lists_are_ours(const struct record *record)
{
    bool sound = record->marks.len <= MARKS_MOST && record->outcomes.len <= OUTCOMES_MOST && jobs_fit(&record->jobs);
    vec_each(mark, &record->marks)
        sound = sound && mark->kind >= MARK_HOST && mark->kind <= MARK_TENANT && mark->value.len <= MARK_MOST;
    vec_each(outcome, &record->outcomes)
        sound = sound && outcome->recipient.len <= MARK_MOST;
    return sound;
}

int record_unpack(struct arena *arena, struct span bytes, struct record *out)
{
    *out = (struct record){0};
    bool read = shape_read(arena, &record_shape, &bytes, out) && !bytes.len;
    read = read && id_is_ours(out->id) && out->key.len == KEY_BYTES && out->settings.len == SETTINGS_ID_BYTES &&
           out->verdict <= VERDICT_MALICIOUS && out->direction <= DIRECTION_REINJECT && out->score >= 0 && out->score <= 100;
    return read && is_one_line(out->evidence) && lists_are_ours(out) ? 0 : -1;
}
