#include "door/answer.h"
#include "door/fields.h"
#include "door/report.h"

enum { TEXT_MOST = 24 << 10 /* Exim takes 32 KB of all */ };

/* ---- symbols */
/* Rspamd and SpamAssassin write them in capitals. */
static struct span symbol_name(struct arena *arena, struct span id)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < id.len; i++)
        buf_byte(&out, id.at[i] == '-' ? '_' : ascii_lower(id.at[i]) != id.at[i] || !ascii_is_alpha(id.at[i]) ? id.at[i] : (char)(id.at[i] - 32));
    return buf_span(&out);
}

static void verdict_symbol(struct arena *arena, struct answer *out)
{
    struct buf option = {.arena = arena};
    if (out->id.len)
        buf_print(&option, "score=%.1f", out->score);
    if (out->idle.len)
        buf_print(&option, " idle=%.*s", SPAN_FMT(out->idle));
    *vec_push(arena, &out->symbols) = (struct answer_symbol){.name = arena_print(arena, "SEKIMORI_%.*s", SPAN_FMT(symbol_name(arena, out->verdict))),
                                                             .option = buf_span(&option), .text = out->why.len ? out->why : S("The verdict, and the score of 100")};
}

struct span answer_subject(struct arena *arena, const struct edits *edits)
{
    struct span value = {0}, line;
    struct buf out = {.arena = arena};
    vec_each (edit, &edits->headers)
        if (span_eq_case(edit->name, S("Subject")) && (edit->act == HEADER_ADD || (edit->act == HEADER_CHANGE && edit->index == 1)))
            value = edit->value;
    if (!span_is_utf8(value) || span_find_byte(value, '\r') || (value.len && memchr(value.at, 0, value.len)))
        return (struct span){0};
    while (span_cut(&value, '\n', &line)) {
        buf_add(&out, out.len ? S(" ") : S(""));
        buf_add(&out, span_trim(line));
    }
    return buf_span(&out);
}

static bool holds_word(struct span words, struct span wanted)
{
    for (struct span word; span_word(&words, &word);)
        if (span_eq(word, wanted))
            return true;
    return false;
}

static void judged_take(struct arena *arena, const struct gist *report, const struct carried *carried, enum answer_edits carries, struct answer *out)
{
    bool subject = carries == ANSWER_MESSAGE || (carries == ANSWER_FIELDS && answer_subject(arena, &carried->edits).len);
    struct rated_facts facts = {.verdict = VERDICT_SUSPICIOUS, .score = report->score, .fate = carried->fate, .acts = carried->acts, .subject = subject};
    struct buf idle = {.arena = arena};
    for (enum verdict at = VERDICT_CLEAN; at <= VERDICT_MALICIOUS; at++)
        if (span_eq(report->verdict, span_of(verdict_name(at))))
            facts.verdict = at;
    vec_each (act, &report->acts) {
        facts.active |= act->active;
        if (!act->active && !span_eq(act->name, S("deliver")) && !holds_word(buf_span(&idle), act->name))
            buf_print(&idle, "%s%.*s", idle.len ? " " : "", SPAN_FMT(act->name));
    }
    out->idle = buf_span(&idle);
    rating_judged(&facts, &out->rating);
    verdict_symbol(arena, out);
    vec_each (evidence, &report->evidence)
        *vec_push(arena, &out->symbols) = (struct answer_symbol){.name = symbol_name(arena, evidence->id), .text = evidence->text, .weight = evidence->weight};
}

/* Others tell it so. */
static struct span unbracketed(struct span id)
{
    return id.len > 2 && id.at[0] == '<' && id.at[id.len - 1] == '>' ? (struct span){id.at + 1, id.len - 2} : id;
}

/* ---- both kinds */
void answer_unjudged(struct arena *arena, struct span why, bool defers, bool too_large, struct answer *out)
{
    *out = (struct answer){.verdict = S("unjudged"), .why = envelope_spoken(arena, why)};
    rating_unjudged(defers, too_large, &out->rating);
    verdict_symbol(arena, out);
}

void answer_make(struct arena *arena, const struct flow_answer *flow, bool defers, enum answer_edits carries, struct answer *out)
{
    struct carried carried;
    struct gist report;
    bool read = (flow->gist.len ? report_gist(arena, flow->gist, &report) : report_read(arena, flow->report, &report)) == 0 && carried_unpack(arena, flow->carried, &carried) == 0;
    if (read && flow->repeated && (flow->served.len || flow->held))
        carried.fate = FATE_HOLD; /* it lies there since the first time, whatever would become of it now */
    else if (read && carried.fate == FATE_HOLD && !flow->held)
        carried.fate = FATE_DELIVER; /* who is told that it lies there would throw the only copy away */
    if (flow->end != FLOW_REPORT || !read) {
        answer_unjudged(arena, flow->why.len ? flow->why : report.reason, defers, false, out);
        out->id = arena_copy(arena, flow->id);
        return;
    }
    *out = (struct answer){.id = arena_copy(arena, flow->id), .seal = arena_copy(arena, flow->seal), .verdict = report.verdict, .score = report.score,
                           .message_id = unbracketed(report.message_id), .edits = carried.edits,
                           .junk = carries == ANSWER_NO_EDITS && carried.acts & ACT_JUNK};
    vec_each (link, &report.links)
        *vec_push(arena, &out->links) = link->url;
    judged_take(arena, &report, &carried, carries, out);
}

/* ---- fields */
static void field_add(struct arena *arena, struct header_wishes *out, struct span name, struct span value)
{
    *vec_push(arena, &out->added) = (struct header_line){name, value};
}

static struct span names_of(struct arena *arena, const struct answer *answer)
{
    struct buf out = {.arena = arena};
    vec_each (symbol, &answer->symbols) {
        buf_add(&out, out.len ? S(",") : S(""));
        buf_add(&out, symbol->name);
    }
    return buf_span(&out);
}

void answer_fields(struct arena *arena, const struct answer *answer, bool always, struct header_wishes *out)
{
    const struct rating *rating = &answer->rating;
    *out = (struct header_wishes){0};
    *vec_push(arena, &out->removed) = S("X-Sekimori");
    *vec_push(arena, &out->removed) = S("X-Sekimori-Junk");
    *vec_push(arena, &out->removed) = S("X-Sekimori-Seal");
    *vec_push(arena, &out->removed) = S("X-Sekimori-Release");
    if (span_eq(answer->verdict, S("unjudged")))
        field_add(arena, out, S("X-Sekimori"), S("unjudged"));
    if (answer->junk)
        field_add(arena, out, S("X-Sekimori-Junk"), S("yes"));
    if (answer->seal.len)
        field_add(arena, out, S("X-Sekimori-Seal"), answer->seal);
    if (always || rating->spam)
        spam_marks_wish(arena, &(struct spam_marks){rating->spam, rating->score, RATING_SPAM_AT, names_of(arena, answer)}, out);
}

struct span answer_text(struct arena *arena, const struct answer *answer)
{
    struct buf out = {.arena = arena, .max = TEXT_MOST};
    buf_print(&out, "Sekimori: %.*s", SPAN_FMT(answer->verdict));
    if (answer->symbols.len > 1 || !answer->why.len)
        buf_print(&out, ", %.1f of 100", answer->score);
    if (answer->id.len)
        buf_print(&out, ", record %.*s", SPAN_FMT(answer->id));
    buf_add(&out, S("\n"));
    if (answer->why.len)
        buf_print(&out, "%.*s\n", SPAN_FMT(answer->why));
    if (answer->idle.len)
        buf_print(&out, answer->rating.id == RATING_IDLE ? "Nothing of this is in force: %.*s\n" : "Beside what is done, this is not in force: %.*s\n", SPAN_FMT(answer->idle));
    for (size_t i = 1; i < answer->symbols.len; i++)
        buf_print(&out, "%6.1f  %.*s\n        %.*s\n", answer->symbols.at[i].weight, SPAN_FMT(answer->symbols.at[i].name), SPAN_FMT(answer->symbols.at[i].text));
    return buf_span(&out);
}
