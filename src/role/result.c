/* result: what a judge says of a message: for people and programs, and the record of it. */
#include "role/inner.h"

static struct span evidence_names(struct arena *arena, const struct report *report)
{
    struct buf names = {.arena = arena};
    vec_each(evidence, &report->evidence)
        buf_print(&names, "%s%s", names.len ? " " : "", evidence_kind(evidence->id)->name);
    return buf_span(&names);
}

void plain_add(struct buf *out, struct span words)
{
    for (size_t i = 0; i < words.len; i++) {
        unsigned char c = (unsigned char)words.at[i];
        bool c1 = c == 0xc2 && i + 1 < words.len && (unsigned char)words.at[i + 1] < 0xa0; /* U+0080 to U+009F */
        buf_byte(out, c < 32 || c == 127 || c1 ? '?' : (char)c);
        i += c1;
    }
}

/* Unknown is never clean: what the verdict does not rest on stands behind what it rests on. */
static void line_write(const struct report *report, struct span source, unsigned facts, struct buf *out)
{
    buf_print(out, "%-10s %5.1f  ", verdict_name(report->verdict), report->score);
    plain_add(out, source);
    if (report->evidence.len)
        buf_print(out, "  %s", evidence_kind(report->evidence.at[0].id)->name);
    if (facts & RESULT_NOTHING_VERIFIED)
        buf_print(out, "  nothing-verified");
    if (facts & RESULT_LEAVE_UNKNOWN)
        buf_print(out, "  leave-unknown");
    if (!report->evidence.len && !(facts & (RESULT_NOTHING_VERIFIED | RESULT_LEAVE_UNKNOWN)))
        buf_print(out, "  -");
    buf_byte(out, '\n');
}

static unsigned facts_of(const struct walk *walk)
{
    unsigned facts = 0;
    vec_each(tag, &walk->report.tags)
        facts |= span_eq(*tag, S("nothing-verified")) ? RESULT_NOTHING_VERIFIED : 0;
    facts |= walk->relay.applies ? RESULT_RELAYED : 0;
    facts |= walk->seals.fields ? RESULT_SEALED : 0;
    facts |= walk->relay.applies && walk->relay.leave == RELAY_UNKNOWN ? RESULT_LEAVE_UNKNOWN : 0;
    vec_each(proof, &walk->relay.proofs)
        facts |= span_eq(proof->name, S("source")) && proof->answer == RELAY_UNKNOWN ? RESULT_PEER_UNKNOWN : 0;
    vec_each(action, &walk->report.actions)
        facts |= span_eq(action->action, S("hold")) && span_eq(action->mode, S("active")) ? RESULT_HELD : 0;
    return facts | (walk->path.edge_known ? 0 : RESULT_EDGE_UNKNOWN);
}

/* A believed field without an id of its own bears that of the host, which may lie under the one trusted. */
static void authserv_count(const struct walk *walk, struct scan_result *out)
{
    size_t i = 0;
    vec_each(id, &walk->settings->auth.trusted_authserv) {
        uint64_t bit = i < 64 ? (uint64_t)1 << i : 0;
        i++;
        vec_each(field, &walk->proof.recorded) {
            bool borne = span_eq_case(field->authserv_id, *id) || (field->trusted && domain_is_or_under(field->authserv_id, *id));
            out->borne |= borne ? bit : 0;
            out->believed |= borne && field->trusted ? bit : 0;
        }
    }
}

static struct span from_domain(const struct walk *walk)
{
    return walk->message.from.len ? walk->message.from.at[0].domain_ascii : (struct span){0};
}

static struct span record_write(struct walk *walk, const struct result_style *style, struct span facts)
{
    const struct record_settings *keep = style->keep;
    struct record record;
    struct buf bytes = {.arena = walk->arena};
    record_make(walk->arena, &walk->settings->verdict, keep, walk->settings->tables, &walk->report, facts, &record);
    if (style->notices)
        notices_plan(walk->arena, style->notices, &walk->report, &record.jobs);
    record_pack(&record, &bytes);
    return buf_span(&bytes);
}

void result_write(struct walk *walk, const struct result_style *style, struct scan_result *out)
{
    struct buf output = {.arena = walk->arena};
    unsigned facts = facts_of(walk);
    struct span stated = {0};
    if (style->form == RESULT_JSON) {
        stated = report_json_whole(walk->arena, &walk->report, &output);
        buf_byte(&output, '\n');
    } else if (style->form == RESULT_TEXT) {
        report_text(walk->arena, &walk->report, &style->text, &output);
    } else {
        line_write(&walk->report, walk->arrival.source, facts, &output);
    }
    *out = (struct scan_result){.output = buf_span(&output), .verdict = walk->report.verdict, .facts = facts, .score = walk->report.score,
                                .id = walk->report.id, .generation = walk->report.generation, .from_domain = from_domain(walk),
                                .evidence = evidence_names(walk->arena, &walk->report)};
    if (style->keep)
        out->record = record_write(walk, style, stated);
    authserv_count(walk, out);
    if (walk->witnessed)
        out->heard = heard_of(walk->arena, &walk->testimony);
}
