#include "verdict/judging.h"
#include "verdict/text.h"

#include <math.h>

/* ---- the head of the page */

static void head_line(const struct page *page, enum text_id name, struct span value)
{
    struct span lead = text_padded(page->arena, span_of(page_text(page, name)), 14);
    page_item(page, lead, COLOUR_PLAIN, value.len ? value : span_of(page_text(page, TEXT_UNKNOWN)));
}

/* On one line however long: a path that is broken cannot be copied. */
static void path_line(const struct page *page, enum text_id name, struct span path)
{
    buf_print(page->out, "%.*s%.*s\n", SPAN_FMT(text_padded(page->arena, span_of(page_text(page, name)), 14)),
              SPAN_FMT(page_clean_path(page, path)));
}

static struct span mailboxes_text(const struct page *page, const mailboxes_t *mailboxes)
{
    enum { MOST = 5 };
    struct buf out = {.arena = page->arena};
    for (size_t i = 0; i < mailboxes->len && i < MOST; i++) {
        const struct mailbox *mailbox = &mailboxes->at[i];
        buf_print(&out, "%s%.*s%s<%.*s>", i ? ", " : "", SPAN_FMT(page_clean(page, mailbox->name)), mailbox->name.len ? " " : "",
                  SPAN_FMT(page_clean(page, mailbox->address)));
    }
    if (mailboxes->len > MOST)
        buf_print(&out, ", %.*s", SPAN_FMT(FILLED(page, TEXT_AND_MORE, arena_print(page->arena, "%zu", mailboxes->len - MOST))));
    return buf_span(&out);
}

static struct span envelope_text(const struct page *page)
{
    const struct arrival *arrival = page->report->arrival;
    struct buf out = {.arena = page->arena};
    if (arrival->mail_from_state == SENDER_UNKNOWN && !arrival->rcpt_to.len)
        return arrival->local ? span_of(page_text(page, TEXT_HANDED_IN)) : S("");
    if (arrival->mail_from_state == SENDER_NULL)
        buf_add(&out, span_of(page_text(page, TEXT_NULL_SENDER)));
    else if (arrival->mail_from_state == SENDER_GIVEN)
        buf_print(&out, "<%.*s>", SPAN_FMT(page_clean(page, arrival->mail_from)));
    else
        buf_add(&out, span_of(page_text(page, TEXT_UNKNOWN)));
    for (size_t i = 0; i < arrival->rcpt_to.len && i < 5; i++)
        buf_print(&out, "%s<%.*s>", i ? ", " : " -> ", SPAN_FMT(page_clean(page, arrival->rcpt_to.at[i].address)));
    if (arrival->rcpt_to.len > 5)
        buf_print(&out, ", %.*s", SPAN_FMT(FILLED(page, TEXT_AND_MORE, arena_print(page->arena, "%zu", arrival->rcpt_to.len - 5))));
    if (arrival->local)
        buf_print(&out, " (%s)", page_text(page, TEXT_HANDED_IN));
    return buf_span(&out);
}

static void head_draw(const struct page *page)
{
    const struct report *report = page->report;
    struct buf arrived = {.arena = page->arena};
    if (report->arrival->received_at != TIME_UNKNOWN)
        time_print(&arrived, report->arrival->received_at);
    if (report->arrival->source.len)
        path_line(page, TEXT_FILE, report->arrival->source);
    head_line(page, TEXT_FROM, mailboxes_text(page, &report->message->from));
    head_line(page, TEXT_TO, mailboxes_text(page, &report->message->to));
    head_line(page, TEXT_SUBJECT, page_clean(page, report->message->subject));
    head_line(page, TEXT_ARRIVED, buf_span(&arrived));
    head_line(page, TEXT_ENVELOPE, envelope_text(page));
}

/* ---- defects and evidence */

static void defects_draw(const struct page *page)
{
    enum { MOST = 10 };
    const struct message *message = page->report->message;
    if (!message->defects.len)
        return;
    page_heading(page, span_of(page_text(page, TEXT_DEFECTS)));
    for (size_t i = 0; i < message->defects.len && i < MOST; i++) {
        const struct defect *defect = &message->defects.at[i];
        struct buf line = {.arena = page->arena};
        buf_add(&line, span_of(defect_text(defect->id, page->language == LANGUAGE_JA)));
        if (defect->detail.len)
            buf_print(&line, " \"%.*s\"", SPAN_FMT(page_clean(page, defect->detail)));
        if (defect->offset != SIZE_MAX)
            buf_print(&line, " (%.*s)", SPAN_FMT(FILLED(page, TEXT_AT_BYTE, arena_print(page->arena, "%zu", defect->offset))));
        page_item(page, S("  - "), COLOUR_PLAIN, buf_span(&line));
    }
    if (message->defects.len > MOST)
        page_item(page, S("  - "), COLOUR_PLAIN, FILLED(page, TEXT_AND_MORE, arena_print(page->arena, "%zu", message->defects.len - MOST)));
}

/* A Received field by the number that its hop bears on this page. */
static struct span hop_number(const struct page *page, uint64_t nth)
{
    const struct path *path = page->report->path;
    for (size_t i = 0; i < path->hops.len; i++)
        if (path->hops.at[i].field && nth-- == 0)
            return FILLED(page, TEXT_WHERE_HOP, arena_print(page->arena, "%zu", i + 1));
    return span_of(page_text(page, TEXT_ROAD));
}

static struct span where_text(const struct page *page, struct span where)
{
    static const struct {
        const char *where;
        enum text_id text;
    } places[] = {{"connection", TEXT_WHERE_CONNECTION}, {"relay", TEXT_WHERE_RELAY}, {"client", TEXT_WHERE_CLIENT},
                  {"message", TEXT_WHERE_MESSAGE}, {"authentication", TEXT_WHERE_PROOF}};
    uint64_t number;
    if (span_starts(where, S("Received[")) && span_number(span_first(span_skip(where, 9), where.len - 10), 100000, &number))
        return hop_number(page, number);
    if (span_starts(where, S("byte ")))
        return FILLED(page, TEXT_AT_BYTE, span_skip(where, 5));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (span_eq(where, span_of(places[i].where)))
            return span_of(page_text(page, places[i].text));
    return page_clean(page, where);
}

/* Where it was found; and what it would weigh by itself, where its group lessened it. */
static struct span found_text(const struct page *page, const struct evidence *evidence)
{
    double alone = evidence->alone;
    struct span where = where_text(page, evidence->where);
    if (fabs(evidence->weight) >= fabs(alone))
        return FILLED(page, TEXT_WHERE, where);
    return FILLED(page, TEXT_WHERE_SHARED, where, arena_print(page->arena, "%+.1f", alone));
}

/* What was seen and weighs nothing is named, not told: it would bury the reasons. */
static bool is_weightless(const struct evidence *evidence)
{
    return fabs(evidence->weight) < 0.05;
}

static void weightless_draw(const struct page *page)
{
    struct buf line = {.arena = page->arena};
    vec_each(evidence, &page->report->evidence)
        if (is_weightless(evidence))
            buf_print(&line, "%s%s", line.len ? ", " : "", evidence_kind(evidence->id)->name);
    if (line.len)
        page_item(page, S("         "), COLOUR_DIM, FILLED(page, TEXT_WEIGHTLESS, buf_span(&line)));
}

static void evidence_draw(const struct page *page)
{
    const struct report *report = page->report;
    page_heading(page, span_of(page_text(page, TEXT_EVIDENCE)));
    if (!report->evidence.len)
        page_item(page, S("  "), COLOUR_PLAIN, span_of(page_text(page, TEXT_EVIDENCE_NONE)));
    vec_each(evidence, &report->evidence) {
        if (is_weightless(evidence))
            continue;
        struct evidence clean = *evidence;
        for (size_t i = 0; i < 3; i++)
            clean.words[i] = page_clean(page, evidence->words[i]);
        struct span where = found_text(page, evidence);
        struct span lead = arena_print(page->arena, "  %+5.1f  ", evidence->weight);
        page_item(page, lead, evidence->weight < 0 ? COLOUR_GREEN : evidence->weight >= 4 ? COLOUR_RED : COLOUR_YELLOW,
                  arena_print(page->arena, "%.*s (%.*s)", SPAN_FMT(evidence_text(page->arena, &clean, page->language)), SPAN_FMT(where)));
        page_item(page, S("         "), COLOUR_DIM, FILLED(page, TEXT_CAUTION, evidence_caution(page->arena, &clean, page->language)));
    }
    weightless_draw(page);
    if (report->absence < 0)
        page_item(page, arena_print(page->arena, "  %+5.1f  ", report->absence), COLOUR_GREEN, span_of(page_text(page, TEXT_ABSENCE)));
}

/* ---- verdict */

/* Three significant digits: "0.0123", "50.2", "1 790" is written 1790. */
static struct span number_text(struct arena *arena, double number)
{
    return number >= 100 ? arena_print(arena, "%.0f", number) : arena_print(arena, "%.3g", number);
}

/* Two significant digits and a word, for a factor of 1 or more: "about 1.2 million" is all that it is good for. */
static struct span times_text(const struct page *page, double factor)
{
    struct arena *arena = page->arena;
    bool ja = page->language == LANGUAGE_JA;
    double million = ja ? 1e4 : 1e6, billion = ja ? 1e8 : 1e9;
    if (factor >= 9.95e11)
        return span_of(page_text(page, TEXT_TIMES_BEYOND));
    double unit = pow(10, floor(log10(factor)) - 1), rounded = round(factor / unit) * unit;
    if (rounded >= billion)
        return FILLED(page, TEXT_TIMES_BILLION, arena_print(arena, "%.10g", rounded / billion));
    if (rounded >= million)
        return FILLED(page, TEXT_TIMES_MILLION, arena_print(arena, "%.10g", rounded / million));
    return arena_print(arena, "%.10g", rounded);
}

static void likelihood_draw(const struct page *page)
{
    const struct report *report = page->report;
    struct span prior = number_text(page->arena, report->prior * 100);
    double factor = score_odds(report->score) / (report->prior / (1 - report->prior));
    struct span line = factor >= 1.05       ? FILLED(page, TEXT_LIKELIHOOD_UP, prior, times_text(page, factor))
                       : factor <= 1 / 1.05 ? FILLED(page, TEXT_LIKELIHOOD_DOWN, prior, times_text(page, 1 / factor))
                                            : FILLED(page, TEXT_LIKELIHOOD_SAME, prior);
    page_item(page, S("  "), COLOUR_DIM, line);
}

static struct span mode_text(const struct page *page, struct span mode)
{
    enum text_id id = span_eq(mode, S("active")) ? TEXT_MODE_ACTIVE : TEXT_MODE_PASSIVE;
    return span_of(page_text(page, id));
}

static const struct {
    const char *action;
    enum text_id text;
} action_texts[] = {{"hold", TEXT_ACTION_HOLD}, {"banner", TEXT_ACTION_BANNER_ALONE}, {"tag", TEXT_ACTION_TAG}, {"reject", TEXT_ACTION_REJECT},
                    {"junk", TEXT_ACTION_JUNK}, {"headers", TEXT_ACTION_HEADERS}, {"lock", TEXT_ACTION_LOCK}, {"double-lock", TEXT_ACTION_DOUBLE_LOCK},
                    {"take-off", TEXT_ACTION_TAKE_OFF}, {"rename", TEXT_ACTION_RENAME}, {"copy", TEXT_ACTION_COPY}};

static struct span action_text(const struct page *page, const struct planned_action *action, bool tagged)
{
    enum text_id id = TEXT_ACTION_DELIVER;
    for (size_t i = 0; i < sizeof action_texts / sizeof *action_texts; i++)
        if (span_eq(action->action, span_of(action_texts[i].action)))
            id = tagged ? TEXT_ACTION_BANNER : action_texts[i].text;
    struct span what = span_of(page_text(page, id));
    struct buf names = {.arena = page->arena};
    for (size_t i = 0; i < action->recipients.len && i < 5; i++)
        buf_print(&names, "%s%.*s", i ? ", " : "", SPAN_FMT(page_clean(page, action->recipients.at[i])));
    return names.len ? FILLED(page, TEXT_FOR, what, buf_span(&names)) : what;
}

/* A tag beside the banner of the same policy, or of the same mode, is told with it. */
static bool has_partner(const struct report *report, const struct planned_action *action, struct span wanted)
{
    vec_each(other, &report->actions) {
        bool same = span_eq(other->action, wanted) && span_eq(other->mode, action->mode) && span_eq(other->policy, action->policy) &&
                    other->recipients.len == action->recipients.len;
        for (size_t i = 0; same && i < action->recipients.len; i++)
            same = span_eq(other->recipients.at[i], action->recipients.at[i]);
        if (same)
            return true;
    }
    return false;
}

static struct span action_line(const struct page *page, const struct planned_action *action, bool acted)
{
    bool tagged = span_eq(action->action, S("banner")) && has_partner(page->report, action, S("tag"));
    struct span what = action_text(page, action, tagged), mode = mode_text(page, action->mode);
    if (span_eq(action->mode, S("confirm")))
        return action->policy.len ? FILLED(page, TEXT_POLICY_ASKS, action->policy, what) : FILLED(page, TEXT_ASKS, what);
    if (action->policy.len)
        return span_eq(action->mode, S("active")) ? FILLED(page, TEXT_POLICY_DOES, action->policy, what) : FILLED(page, TEXT_POLICY_WOULD, action->policy, mode, what);
    if (!span_eq(action->mode, S("passive")))
        return FILLED(page, TEXT_WILL, mode, what);
    return acted ? FILLED(page, TEXT_WOULD_ALSO, what) : FILLED(page, TEXT_WOULD, mode, what);
}

static void actions_draw(const struct page *page)
{
    const struct report *report = page->report;
    bool acted = false; /* nobody is told that nothing is done where something is */
    vec_each(action, &report->actions)
        acted |= !span_eq(action->mode, S("passive"));
    vec_each(action, &report->actions)
        if (!span_eq(action->action, S("tag")) || !has_partner(report, action, S("banner")))
            page_item(page, S("  "), COLOUR_PLAIN, action_line(page, action, acted));
}

static void tags_draw(const struct page *page)
{
    struct buf line = {.arena = page->arena};
    vec_each(tag, &page->report->tags) {
        const char *text = tag_text(*tag, page->language);
        buf_print(&line, "%s%s", line.len ? page->language == LANGUAGE_JA ? "、" : ", " : "", text ? text : "");
    }
    if (line.len)
        page_item(page, S("  "), COLOUR_PLAIN, FILLED(page, TEXT_TAGS, buf_span(&line)));
}

static void verdict_draw(const struct page *page)
{
    static const enum colour colours[] = {COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED};
    const struct report *report = page->report;
    page_heading(page, span_of(page_text(page, TEXT_VERDICT)));
    struct span verdict = span_of(page_text(page, TEXT_CLEAN + (enum text_id)report->verdict));
    page_item(page, S("  "), colours[report->verdict],
              FILLED(page, TEXT_SCORE, verdict, arena_print(page->arena, "%.1f", report->score),
                     number_text(page->arena, report->suspicious), number_text(page->arena, report->malicious)));
    likelihood_draw(page);
    tags_draw(page);
    if (origin_is_unknown(report->proof))
        page_item(page, S("  "), COLOUR_YELLOW, span_of(page_text(page, proof_is_checked(report->proof) || report->verdict != VERDICT_CLEAN ? TEXT_UNPROVED_PART : TEXT_UNPROVED)));
    actions_draw(page);
}

void report_text(struct arena *arena, const struct report *report, const struct report_style *style, struct buf *out)
{
    struct page page = {.arena = arena, .report = report, .out = out, .language = style->language, .colour = style->colour,
                        .width = style->width ? style->width : 80};
    head_draw(&page);
    page_road(&page);
    page_proofs(&page);
    page_relay(&page);
    page_claims(&page);
    page_witnesses(&page);
    defects_draw(&page);
    evidence_draw(&page);
    verdict_draw(&page);
}
