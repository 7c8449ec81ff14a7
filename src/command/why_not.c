#include "command/asking.h"
#include "command/command.h"
#include "record/decide.h"

#include <stdio.h>

enum { NAMED = 12 };

struct asking_why {
    struct arena *arena;
    const struct record_told *told;
    enum language language;
    struct json *json; /* NULL: text */
    struct buf *out;
};

/* The verdict without what stands at these places of the evidence found; SIZE_MAX: none. */
static enum verdict without(struct asking_why *at, size_t one, size_t two, double *score)
{
    const struct record_told *told = at->told;
    struct judgement judgement = told->judgement;
    struct report report = {0};
    memset(&judgement.found, 0, sizeof judgement.found);
    memset(&judgement.seals, 0, sizeof judgement.seals); /* what was found under the seals as they counted then */
    for (size_t i = 0; i < told->report.evidence.len; i++)
        if (i != one && i != two)
            *vec_push(at->arena, &judgement.found) = told->report.evidence.at[i];
    verdict_again(at->arena, &told->settings, &judgement, &report);
    *score = report.score;
    return report.verdict;
}

static enum verdict with(struct asking_why *at, enum evidence_id id, double *score)
{
    struct judgement judgement = at->told->judgement;
    struct report report = {0};
    memset(&judgement.found, 0, sizeof judgement.found);
    memset(&judgement.seals, 0, sizeof judgement.seals);
    vec_each(evidence, &at->told->report.evidence)
        *vec_push(at->arena, &judgement.found) = *evidence;
    *vec_push(at->arena, &judgement.found) = (struct evidence){.id = id};
    verdict_again(at->arena, &at->told->settings, &judgement, &report);
    *score = report.score;
    return report.verdict;
}

static void line(struct asking_why *at, const char *kind, struct span names, enum verdict verdict, double score)
{
    if (at->json) {
        json_object(at->json, NULL);
        json_text(at->json, "kind", span_of(kind));
        json_text(at->json, "what", names);
        json_text(at->json, "verdict", span_of(verdict_name(verdict)));
        json_real(at->json, "score", score);
        json_object_end(at->json);
        return;
    }
    bool ja = at->language == LANGUAGE_JA;
    const struct {
        const char *kind, *en, *ja;
    } words[] = {{"without", "without %.*s", "%.*s がなければ"}, {"if", "if there were %.*s", "%.*s があれば"}, {"threshold", "with %.*s", "%.*s なら"}};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(kind, words[i].kind) == 0) {
            struct span text = span_of(ja ? words[i].ja : words[i].en), head;
            const char *slot = span_find(text, S("%.*s"));
            head = span_from(text.at, slot);
            buf_print(at->out, "  %.*s%.*s%s: %s %.1f\n", SPAN_FMT(head), SPAN_FMT(names), slot + 4, verdict_name(verdict), score);
        }
}

static struct span name_at(struct asking_why *at, size_t i)
{
    return span_of(evidence_kind(at->told->report.evidence.at[i].id)->name);
}

/* Alone where that is enough; pairs of those that are not enough alone. */
static size_t removals(struct asking_why *at)
{
    const struct report *report = &at->told->report;
    bool alone[EVIDENCE_COUNT] = {0};
    size_t told = 0;
    double score;
    for (size_t i = 0; i < report->evidence.len && told < NAMED; i++) {
        enum verdict verdict = without(at, i, SIZE_MAX, &score);
        alone[i] = verdict != report->verdict;
        if (alone[i] && ++told)
            line(at, "without", name_at(at, i), verdict, score);
    }
    for (size_t i = 0; i < report->evidence.len && told < NAMED; i++)
        for (size_t k = i + 1; k < report->evidence.len && told < NAMED; k++) {
            enum verdict verdict = without(at, i, k, &score);
            if (!alone[i] && !alone[k] && verdict != report->verdict && ++told)
                line(at, "without", arena_print(at->arena, "%.*s + %.*s", SPAN_FMT(name_at(at, i)), SPAN_FMT(name_at(at, k))), verdict, score);
        }
    return told;
}

static struct span threshold_text(struct asking_why *at, bool down, const char *name, double to, double from)
{
    if (at->language == LANGUAGE_JA && !at->json)
        return arena_print(at->arena, down ? "%s が %.1f でなく %.1f 以下" : "%s が %.1f でなく %.1f より上", name, from, to);
    return arena_print(at->arena, down ? "%s at %.1f or below, not %.1f" : "%s above %.1f, not %.1f", name, to, from);
}

/* The nearest thresholds: a step beside the score, on either side of it. */
static void thresholds(struct asking_why *at)
{
    const struct report *report = &at->told->report;
    double up = report->verdict == VERDICT_CLEAN ? report->suspicious : report->malicious, score = report->score;
    if (report->verdict != VERDICT_MALICIOUS)
        line(at, "threshold", threshold_text(at, true, report->verdict == VERDICT_CLEAN ? "suspicious" : "malicious", score, up),
             (enum verdict)(report->verdict + 1), score);
    if (report->verdict != VERDICT_CLEAN && score < 99.95) /* else no threshold would do */
        line(at, "threshold", threshold_text(at, false, verdict_name(report->verdict), score,
                                          report->verdict == VERDICT_MALICIOUS ? report->malicious : report->suspicious),
             (enum verdict)(report->verdict - 1), score);
}

/* What was not known then and could have been, and what people can say. */
static size_t possibilities(struct asking_why *at)
{
    static const enum evidence_id unknown[] = {EVIDENCE_DMARC_REJECT, EVIDENCE_DMARC_QUARANTINE, EVIDENCE_DMARC_FAIL, EVIDENCE_SPF_FAIL};
    const struct record_told *told = at->told;
    struct verdict_entry entry = {.allow = true, .domain = told->judgement.sender.domain, .expires = INT64_MAX};
    size_t said = 0;
    double score;
    for (size_t i = 0; told->judgement.unknown && i < sizeof unknown / sizeof *unknown; i++) {
        enum verdict verdict = with(at, unknown[i], &score);
        if (verdict != told->report.verdict && ++said)
            line(at, "if", span_of(evidence_kind(unknown[i])->name), verdict, score);
    }
    enum verdict allowed = with(at, EVIDENCE_ENTRY_ALLOW, &score);
    if (entry_fits(&entry, &told->judgement) && allowed != told->report.verdict && ++said)
        line(at, "if", arena_print(at->arena, "allow --domain %.*s", SPAN_FMT(entry.domain)), allowed, score);
    enum verdict denied = with(at, EVIDENCE_ENTRY_DENY, &score);
    if (entry.domain.len && denied != told->report.verdict && ++said)
        line(at, "if", arena_print(at->arena, "deny --domain %.*s", SPAN_FMT(entry.domain)), denied, score);
    return said;
}

static void notes(struct asking_why *at)
{
    const struct record_told *told = at->told;
    bool ja = at->language == LANGUAGE_JA;
    if (told->judgement.unknown)
        buf_print(at->out, "%s\n", ja ? "  差出人のドメインは証明も否定もされていません。DNS の応答があれば結果が変わった可能性があります。"
                                      : "  Nothing proved or disproved the sender's domain, and something could not be asked: with answers it may have been another verdict.");
    if (told->judgement.sender.failed && told->report.verdict != VERDICT_CLEAN)
        buf_print(at->out, "%s\n", ja ? "  証明に失敗しているため、許可の登録は効きません。" : "  A proof failed: no allow entry helps against that.");
}

static void why_json(struct asking_why *at)
{
    struct json json = {.out = at->out};
    at->json = &json;
    json_object(&json, NULL);
    json_text(&json, "id", at->told->report.id);
    json_text(&json, "verdict", span_of(verdict_name(at->told->report.verdict)));
    json_real(&json, "score", at->told->report.score);
    json_bool(&json, "unknown", at->told->judgement.unknown);
    json_bool(&json, "proof_failed", at->told->judgement.sender.failed);
    json_array(&json, "changes");
    thresholds(at);
    removals(at);
    possibilities(at);
    json_array_end(&json);
    json_object_end(&json);
    buf_byte(at->out, '\n');
}

static void why_text(struct asking_why *at)
{
    bool ja = at->language == LANGUAGE_JA;
    const struct report *report = &at->told->report;
    buf_print(at->out, "%.*s  %s %.1f\n", SPAN_FMT(report->id), verdict_name(report->verdict), report->score);
    buf_print(at->out, "%s\n", ja ? "判定が変わったはずの条件:" : "What would have changed the verdict:");
    thresholds(at);
    size_t said = removals(at) + possibilities(at);
    if (!said)
        buf_print(at->out, "%s\n", ja ? "  一つや二つの根拠では変わりません。" : "  No one or two pieces of evidence, and no entry of yours.");
    notes(at);
}

static int why_one(const struct asking *asking, struct store *store, struct arena *arena, const char *id, struct err *err)
{
    struct record_told told;
    struct buf out = {.arena = arena};
    struct asking_why at = {.arena = arena, .told = &told, .language = asking->language, .out = &out};
    int found = record_read(store, arena, span_of(id), &told, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, "%s: there is no such record; it may have been pruned, or is of another store", id);
    if (!told.whole)
        return err_set(err, "%s: was judged by another version, whose evidence %.*s this one does not know", id, SPAN_FMT(told.unknown));
    if (asking->json)
        why_json(&at);
    else
        why_text(&at);
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}

int command_why_not(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    struct store *store = NULL;
    struct arena *arena = arena_new((size_t)1 << 30);
    int status = 2, parsed = asking_parse(argc, argv, ASK_WHY_NOT, &asking, &err);
    if (parsed == 1)
        status = 0;
    else if (parsed < 0 || (!asking.words.len && err_set(&err, "why-not wants the id of a record; sekimori hunt finds them")) || asking_open(&asking, false, &store, &err) < 0)
        asking_fail(&err);
    else
        status = 0;
    for (size_t i = 0; store && i < asking.words.len; i++)
        if (why_one(&asking, store, arena, asking.words.at[i], &err) < 0)
            status = asking_fail(&err);
    store_close(&store);
    arena_free(&arena);
    arena_free(&asking.arena);
    return status;
}
