#include "base/digest.h"
#include "verdict/judging.h"
#include "verdict/stored.h"
#include "verdict/witnesses.h"

#include <math.h>
#include <stdlib.h>

static const struct evidence_kind kinds[] = {
#define EVIDENCE(id, name, group, tag, need, prior, en, ja, caution_en, caution_ja)                                          \
    [id] = {name, group, tag, need, prior, {en, ja}, {caution_en, caution_ja}},
#include "verdict/evidence.def"
#undef EVIDENCE
};

/* Evidence of one group says the same thing in other words: the strongest counts whole, each further one by half of the
 * share of the one before it. */
static const double next_share = 0.5;

const struct evidence_kind *evidence_kind(enum evidence_id id)
{
    return &kinds[id];
}

bool evidence_by_name(struct span name, enum evidence_id *out)
{
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        if (span_eq(name, span_of(kinds[id].name))) {
            *out = (enum evidence_id)id;
            return true;
        }
    return false;
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"clean", "suspicious", "malicious"};
    return names[verdict];
}

void verdict_settings_default(struct verdict_settings *settings)
{
    *settings = (struct verdict_settings){.prior = 0.005, .suspicious = 6, .malicious = 90, .mode = S("passive")};
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        settings->weights[id] = kinds[id].prior;
}

double score_odds(double score)
{
    return score >= 100 ? INFINITY : score / (100 - score);
}

void evidence_add(struct judging *at, enum evidence_id id, struct span where, struct span first, struct span second,
                  struct span third)
{
    if (at->seen[id])
        return;
    at->seen[id] = true;
    enum { MOST = 300 }; /* bytes of a stranger's word */
    *vec_push(at->arena, &at->out->evidence) =
        (struct evidence){.id = id, .weight = at->settings->weights[id], .alone = at->settings->weights[id], .where = span_first(where, MOST),
                          .words = {span_first(first, MOST), span_first(second, MOST), span_first(third, MOST)}};
}

void evidence_halve(struct judging *at)
{
    struct evidence *last = &at->out->evidence.at[at->out->evidence.len - 1];
    last->half = true;
    last->weight /= 2;
    last->alone /= 2;
}

static int by_weight(const void *left, const void *right)
{
    const struct evidence *a = left, *b = right;
    double x = fabs(a->weight), y = fabs(b->weight);
    return x > y ? -1 : x < y ? 1 : (int)a->id - (int)b->id;
}

static void evidence_sort(struct report *report)
{
    if (report->evidence.len)
        qsort(report->evidence.at, report->evidence.len, sizeof *report->evidence.at, by_weight);
}

/* Sorted by weight, so the first of each group is its strongest. At most EVIDENCE_COUNT of them, so pairs are few. */
static double groups_count(struct report *report)
{
    double sum = 0;
    for (size_t i = 0; i < report->evidence.len; i++) {
        struct evidence *evidence = &report->evidence.at[i];
        double share = 1;
        for (size_t k = 0; k < i; k++)
            if (strcmp(kinds[report->evidence.at[k].id].group, kinds[evidence->id].group) == 0)
                share *= next_share;
        evidence->weight *= share;
        sum += evidence->weight;
    }
    return sum;
}

static void tag_add(struct arena *arena, struct report *report, struct span tag)
{
    vec_each(have, &report->tags)
        if (span_eq(*have, tag))
            return;
    if (tag.len)
        *vec_push(arena, &report->tags) = tag;
}

/* ---- from evidence to verdict: all of it rests on the judgement and the settings alone */
struct weighing {
    struct arena *arena;
    const struct verdict_settings *settings;
    const struct judgement *judgement;
    struct report *out;
};

/* Unknown is never clean: what could not be checked is said, whatever the verdict. */
static void tags_collect(struct weighing *at)
{
    vec_each(evidence, &at->out->evidence)
        tag_add(at->arena, at->out, span_of(kinds[evidence->id].tag));
    if (at->judgement->unknown)
        tag_add(at->arena, at->out, S("nothing-verified"));
}

static void action_plan(struct weighing *at, struct span action, struct span reason)
{
    struct planned_action *planned = vec_push(at->arena, &at->out->actions);
    *planned = (struct planned_action){.action = action, .mode = at->settings->mode, .reason = reason};
    vec_each(recipient, &at->judgement->recipients)
        *vec_push(at->arena, &planned->recipients) = *recipient;
}

/* What the relay's guard denies does not leave, whatever else is thought of it; and mail on its way out gets no banner of ours. */
static void actions_plan(struct weighing *at)
{
    struct report *out = at->out;
    struct span strongest = S("Nothing speaks against it.");
    vec_each(evidence, &out->evidence)
        if (evidence->weight > 0) {
            strongest = evidence_text(at->arena, evidence, LANGUAGE_EN);
            break;
        }
    if (out->verdict == VERDICT_MALICIOUS || at->judgement->denied) {
        action_plan(at, S("hold"), strongest);
    } else if (out->verdict == VERDICT_SUSPICIOUS) {
        if (!at->judgement->outbound)
            action_plan(at, S("banner"), strongest);
        action_plan(at, S("tag"), strongest);
    } else {
        action_plan(at, S("deliver"), S("Not enough speaks against it."));
        if (span_eq(strongest, S("Nothing speaks against it.")))
            out->actions.at[0].reason = strongest;
    }
}

bool evidence_is_enough(enum evidence_id id)
{
    return kinds[id].prior >= 4;
}

/* Only where all of it was looked for; not for mail on its way out. */
static void absence_count(struct weighing *at)
{
    if (!at->judgement->whole)
        return;
    vec_each(evidence, &at->out->evidence)
        if (evidence_is_enough(evidence->id))
            return;
    for (int need = 0; need < NEED_COUNT; need++)
        at->out->absence += at->out->could >> need & 1 ? at->settings->absence[need] : 0;
}

static void score_reach(struct weighing *at)
{
    double prior = fmin(fmax(at->settings->prior, 1e-9), 1 - 1e-9);
    double sum = log(prior / (1 - prior));
    evidence_sort(at->out);
    absence_count(at);
    sum += groups_count(at->out) + at->out->absence;
    evidence_sort(at->out);
    at->out->score = 100 / (1 + exp(-sum));
    at->out->verdict = at->out->score >= at->settings->malicious    ? VERDICT_MALICIOUS
                       : at->out->score >= at->settings->suspicious ? VERDICT_SUSPICIOUS
                                                                    : VERDICT_CLEAN;
}

static void evidence_weigh(struct weighing *at)
{
    const struct judgement *judgement = at->judgement;
    bool same = !judgement->seals.len || seals_explain(at->settings, judgement) == judgement->seals_count;
    size_t count = same ? judgement->found.len : judgement->otherwise.len;
    const struct evidence *found = same ? judgement->found.at : judgement->otherwise.at;
    for (size_t i = 0; i < count; i++) {
        struct evidence *evidence = vec_push(at->arena, &at->out->evidence);
        double weight = at->settings->weights[found[i].id];
        *evidence = found[i];
        evidence->weight = evidence->alone = evidence->half ? weight / 2 : weight;
    }
    if (at->settings->entries)
        entries_weigh(at->arena, at->settings, judgement, at->out);
    if (at->settings->witnesses)
        witnesses_weigh(at->arena, at->settings, judgement, at->out);
}

/* What policies did is theirs; what the mode did is another's where another mode is asked for. */
static void planned_take(struct weighing *at)
{
    bool same = true;
    vec_each(action, &at->judgement->planned)
        same &= action->policy.len || span_eq(action->mode, at->settings->mode);
    if (same) {
        memcpy(&at->out->actions, &at->judgement->planned, sizeof at->out->actions);
        return;
    }
    actions_plan(at);
    vec_each(action, &at->judgement->planned)
        if (action->policy.len)
            *vec_push(at->arena, &at->out->actions) = *action;
}

void verdict_again(struct arena *arena, const struct verdict_settings *settings, const struct judgement *judgement, struct report *out)
{
    struct weighing at = {arena, settings, judgement, out};
    memset(&out->evidence, 0, sizeof out->evidence);
    memset(&out->tags, 0, sizeof out->tags);
    memset(&out->actions, 0, sizeof out->actions);
    out->prior = settings->prior;
    out->suspicious = settings->suspicious;
    out->malicious = settings->malicious;
    out->could = judgement->could;
    out->absence = 0;
    evidence_weigh(&at);
    score_reach(&at);
    tags_collect(&at);
    out->by_policy = judgement->planned.len && judgement->planned_for == out->verdict;
    if (out->by_policy)
        planned_take(&at);
    else
        actions_plan(&at);
}

/* ---- the report's id: its time, and a digest of header and body where they are short, of their ends where they are
 * not, of size and envelope. The same message on the same road at the
 * same time has the same id wherever it is judged. */

static void digest_arrival(struct sha256 *digest, const struct arrival *arrival, const struct message *message)
{
    enum { HEAD_MOST = 4096, TAIL_MOST = 1024 };
    struct ip ip = arrival->client_ip;
    sha256_add_framed(digest, span_first(message->head, HEAD_MOST));
    sha256_add_framed(digest, message->message_id);
    sha256_add_framed(digest, (struct span){(const char *)&ip.family, sizeof ip.family});
    sha256_add_framed(digest, (struct span){(const char *)ip.bytes, sizeof ip.bytes});
    sha256_add_framed(digest, arrival->helo);
    sha256_add_framed(digest, arrival->mail_from);
    vec_each(recipient, &arrival->rcpt_to)
        sha256_add_framed(digest, recipient->address);
    sha256_add_framed(digest, arrival->queue_id);
    size_t tail = arrival->raw.len > TAIL_MOST ? arrival->raw.len - TAIL_MOST : 0;
    sha256_add_framed(digest, span_skip(arrival->raw, tail));
    uint64_t size = arrival->raw.len;
    sha256_add_framed(digest, (struct span){(const char *)&size, sizeof size});
}

/* The time comes first, so that ids sort by it. */
static struct span id_write(struct arena *arena, uint64_t time, const uint8_t *sum)
{
    struct buf out = {.arena = arena};
    uint8_t moment[5];
    for (int i = 0; i < 5; i++)
        moment[i] = (uint8_t)(time >> (32 - 8 * i));
    buf_base32(&out, moment, 8);
    buf_base32(&out, sum, 20);
    return buf_span(&out);
}

struct span report_id_at(struct arena *arena, int64_t time)
{
    static const uint8_t none[16];
    return span_first(id_write(arena, time == TIME_UNKNOWN || time < 0 ? 0 : (uint64_t)time, none), REPORT_ID_TIME);
}

static struct span report_id(struct arena *arena, const struct arrival *arrival, const struct message *message)
{
    uint8_t sum[SHA256_BYTES];
    struct sha256 digest __attribute__((cleanup(sha256_free))) = sha256_open();
    digest_arrival(&digest, arrival, message);
    sha256_close(&digest, sum);
    uint64_t time = arrival->received_at == TIME_UNKNOWN || arrival->received_at < 0 ? 0 : (uint64_t)arrival->received_at;
    return id_write(arena, time, sum);
}

static void evidence_collect(struct judging *at)
{
    evidence_of_defects(at);
    evidence_of_path(at);
    evidence_of_laundering(at);
    evidence_of_proof(at);
    evidence_of_relay(at);
    evidence_of_seals(at);
    if (!at->content || !at->claim || judging_is_outbound(at))
        return;
    evidence_of_claims(at);
    evidence_of_sender(at);
    evidence_of_vouching(at);
    evidence_of_links(at);
    evidence_of_files(at);
    evidence_of_words(at);
    evidence_of_notices(at);
    evidence_of_looks(at);
    evidence_of_forwarded(at);
    evidence_of_strangers(at);
}

static struct judging judging_of(struct arena *arena, const struct verdict_settings *settings, const struct tables *tables,
                                 const struct facts *facts, struct report *out)
{
    struct judging at = {.arena = arena, .settings = settings, .tables = tables, .arrival = facts->arrival, .message = facts->message,
                         .path = facts->path, .proof = facts->proof, .relay = facts->relay, .content = facts->content,
                         .claim = facts->claim, .testimony = facts->testimony, .sealed = facts->seals, .out = out};
    at.from_domain = facts->proof->dmarc.from_domain;
    if (!at.from_domain.len && facts->message->from.len)
        at.from_domain = facts->message->from.at[0].domain_ascii;
    return at;
}

void verdict_reach(struct arena *arena, const struct verdict_settings *settings, const struct tables *tables,
                   const struct facts *facts, struct report *out)
{
    struct judgement judgement = {0};
    *out = (struct report){.arrival = facts->arrival, .message = facts->message, .path = facts->path, .proof = facts->proof,
                           .relay = facts->relay, .content = facts->content, .claim = facts->claim, .testimony = facts->testimony, .seals = facts->seals};
    struct judging at = judging_of(arena, settings, tables, facts, out);
    out->id = report_id(arena, facts->arrival, facts->message);
    evidence_collect(&at);
    judgement_begin(&at, &judgement);
    judgement.could = judging_could(&at);
    if (settings->entries || settings->witnesses)
        sender_find(&at, &judgement.sender);
    verdict_again(arena, settings, &judgement, out);
}

/* What is not collected from the facts stands whatever seals say. */
static void weighed_add(struct judging *at, const struct evidence *found, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (found[i].id == EVIDENCE_ENTRY_ALLOW || found[i].id == EVIDENCE_ENTRY_DENY || evidence_is_witnessed(found[i].id)) {
            *vec_push(at->arena, &at->out->evidence) = found[i];
            at->seen[found[i].id] = true;
        }
}

/* Whether seals count is the one setting that decides what is found, so that is looked for under both answers. */
static void otherwise_find(struct judging *at, struct judgement *out)
{
    struct report other = {0};
    struct judging again = *at;
    seals_collect(at, out);
    if (!out->seals.len)
        return;
    out->seals_count = seals_explain(at->settings, out);
    memset(again.seen, 0, sizeof again.seen);
    memset(&again.aligned, 0, sizeof again.aligned);
    again.names_read = false;
    again.from_count = 0;
    again.seals = out->seals_count ? SEALS_COUNT_NOT : SEALS_COUNT;
    again.out = &other;
    evidence_collect(&again);
    weighed_add(&again, out->found.at, out->found.len);
    bool same = other.evidence.len == out->found.len;
    for (size_t i = 0; same && i < out->found.len; i++)
        same = again.seen[out->found.at[i].id];
    if (same)
        memset(&out->seals, 0, sizeof out->seals);
    else
        memcpy(&out->otherwise, &other.evidence, sizeof out->otherwise);
}

void judgement_take(struct arena *arena, const struct verdict_settings *settings, const struct tables *tables,
                    const struct report *report, struct judgement *out)
{
    struct facts facts = {.arrival = report->arrival, .message = report->message, .path = report->path, .proof = report->proof,
                          .relay = report->relay, .content = report->content, .claim = report->claim, .testimony = report->testimony, .seals = report->seals};
    struct report found = {0};
    memcpy(&found.evidence, &report->evidence, sizeof found.evidence);
    struct judging at = judging_of(arena, settings, tables, &facts, &found);
    *out = (struct judgement){0};
    judgement_begin(&at, out);
    out->could = report->could;
    sender_find(&at, &out->sender);
    otherwise_find(&at, out);
    if (report->by_policy)
        memcpy(&out->planned, &report->actions, sizeof out->planned);
    out->planned_for = report->verdict;
}
