#include "action/handling_inner.h"

#include <stdlib.h>

/* ---- recipients */
bool goes_out(enum direction direction)
{
    return direction == DIRECTION_OUTBOUND || direction == DIRECTION_SUBMISSION;
}

static unsigned acts_barred(const struct handler *at)
{
    unsigned barred = goes_out(at->report->arrival->direction) ? edit_acts : 0;
    return at->message->raw.len > EDITED_MOST ? barred | body_acts : barred;
}

/* What the organisation's own mode does by itself. */
static unsigned acts_of_mode(const struct report *report, struct span mode)
{
    unsigned acts = 0;
    enum act act;
    vec_each(action, &report->actions)
        if (span_eq(action->mode, mode) && act_by_name(action->action, &act))
            acts |= act;
    return acts;
}

/* What is too large to be edited is not let through with what policies would have taken out of it. */
static unsigned bars_held(const struct handler *at)
{
    link_numbers_t links = {0};
    file_edits_t files = {0};
    if (goes_out(at->report->arrival->direction) || !(at->out->barred & body_acts))
        return 0;
    links_named(at->arena, at->report, &links);
    files_named(at->arena, at->report, &files);
    return (links.len ? ACT_DOUBLE_LOCK : 0) | (files.len ? ACT_TAKE_OFF : 0);
}

static void recipient_take(const struct handler *at, struct span address, struct span organisation, struct plan_recipient *out)
{
    *out = (struct plan_recipient){.address = address, .organisation = organisation, .report = at->report, .policies = &at->settings->policies,
                                   .en = true, .ja = true, .acts = acts_of_mode(at->report, S("active")), .asked = acts_of_mode(at->report, S("confirm")),
                                   .barred = at->out->barred, .bars_held = at->out->unmet, .idle = at->out->idle, .asks_held = at->out->asks_held};
    vec_each(house, &at->settings->houses)
        if (organisation.len && span_eq(house->id, organisation)) {
            out->en = house->language == LANGUAGE_EN;
            out->ja = house->language == LANGUAGE_JA;
        }
}

/* A message that somebody handed in without an envelope is for whoever it is. */
static void recipients_take(struct handler *at)
{
    const struct arrival *arrival = at->report->arrival;
    at->out->barred = acts_barred(at);
    at->out->unmet = bars_held(at);
    at->count = arrival->rcpt_to.len ? arrival->rcpt_to.len : 1;
    at->recipients = arena_alloc(at->arena, at->count * sizeof *at->recipients);
    if (!arrival->rcpt_to.len)
        recipient_take(at, S(""), arrival->org, at->recipients);
    for (size_t i = 0; i < arrival->rcpt_to.len; i++)
        recipient_take(at, arrival->rcpt_to.at[i].address, arrival->rcpt_to.at[i].org, &at->recipients[i]);
}

/* ---- edits */
static struct span tests_of(struct arena *arena, const struct report *report)
{
    struct buf out = {.arena = arena};
    vec_each(evidence, &report->evidence) {
        buf_add(&out, out.len ? S(",") : S(""));
        buf_add(&out, span_of(evidence_kind(evidence->id)->name));
    }
    return buf_span(&out);
}

/* Rules in the world count to five: where a message becomes suspicious. */
static struct spam_marks marks_of(struct arena *arena, const struct report *report)
{
    enum { REQUIRED = 5 };
    double scale = report->suspicious > 0 ? REQUIRED / report->suspicious : 1;
    return (struct spam_marks){report->verdict != VERDICT_CLEAN, report->score * scale, REQUIRED, tests_of(arena, report)};
}

static struct span folded(struct arena *arena, struct span results)
{
    struct buf out = {.arena = arena};
    for (struct span piece; span_cut(&results, ';', &piece);) {
        if (out.len)
            buf_add(&out, S(";\n\t"));
        buf_add(&out, span_trim(piece));
    }
    return buf_span(&out);
}

static const struct handling_locks *locks_for(const struct handler *at, unsigned acts)
{
    return acts & ACT_DOUBLE_LOCK ? &at->words->double_locks : &at->words->locks;
}

void edits_make(struct handler *at, const struct plan_group *group, bool locked, struct edits *out)
{
    struct banner *banner = arena_one(at->arena, struct banner);
    struct edit_wishes wishes;
    struct spam_marks marks = marks_of(at->arena, at->report);
    struct header_line line = {S("Authentication-Results"), folded(at->arena, at->words->results)};
    bool writes = group->acts & ACT_HEADERS && at->settings->authserv_id.len && line.value.len;
    struct plan_words words = {.authserv_id = at->settings->writes_results ? at->settings->authserv_id : S(""), .results = writes ? &line : NULL, .marks = &marks};
    memcpy(words.tags, at->settings->tags, sizeof words.tags);
    if (locked)
        memcpy(&words.locks, &locks_for(at, group->acts)->list, sizeof words.locks);
    struct plan_group done = *group;
    done.acts &= at->out->body_stays ? ~body_acts : ~0u;
    plan_wishes(at->arena, &done, &words, banner, &wishes);
    edits_plan(at->arena, at->limits, at->message, at->report->arrival->direction, &wishes, out);
}

/* ---- the report's actions */
static struct span first_note(const struct edits *edits)
{
    static const enum edit_note_id banner_notes[] = {NOTE_AMBIGUOUS, NOTE_CHARSET, NOTE_ENCODING, NOTE_NO_TEXT};
    for (size_t i = 0; i < sizeof banner_notes / sizeof *banner_notes; i++)
        vec_each(note, &edits->notes)
            if (note->id == banner_notes[i])
                return span_of(edit_note_text(note->id, LANGUAGE_EN));
    return S("No banner was set.");
}

/* Some copy for which this act was meant, and of which it was not done; NULL: there is none. */
static const struct edits *lacking(const struct handling *out, unsigned act)
{
    for (size_t i = 0; i <= out->copies.len; i++) {
        const struct edits *edits = i ? &out->copies.at[i - 1].edits : &out->edits;
        unsigned acts = i ? out->copies.at[i - 1].acts : out->acts;
        bool done = act == ACT_BANNER ? edits->bannered : act & (ACT_LOCK | ACT_DOUBLE_LOCK) ? edits->locked > 0 : act & (ACT_TAKE_OFF | ACT_RENAME) ? edits->files > 0 : true;
        if (acts & act && !done)
            return edits;
    }
    return NULL;
}

/* Why an active policy's act was not done; empty: it was. */
static struct span undone(const struct handler *at, unsigned act)
{
    const struct handling *out = at->out;
    const struct edits *edits = out->fate == FATE_DELIVER ? lacking(out, act) : NULL;
    if (out->unmet & act)
        return out->barred & act ? S("Held instead: the message is too large to be edited.") :
               act == ACT_TAKE_OFF ? S("Held instead: a file that evidence names stands where nothing may be changed.") :
                                     S("Held instead: a link that evidence names stands where nothing may be changed.");
    if (out->barred & act)
        return goes_out(at->report->arrival->direction) ? S("Not done: mail on its way out is not edited.") : S("Not done: the message is too large to be edited.");
    if (out->body_stays && out->fate == FATE_DELIVER && act & body_acts)
        return S("Not done: whoever handed it in takes no changed body.");
    if (act == ACT_REJECT && out->fate != FATE_REJECT)
        return S("Held instead of refused: not all of its recipients agree, and what one of them gets cannot be refused.");
    if (act == ACT_COPY)
        return out->plan.copy_to.len ? S("") : S("Not done: the message was handed in without recipients.");
    if (out->fate == FATE_DELIVER && act == ACT_TAG && !at->settings->tags[at->report->verdict].len)
        return S("Not done: there is no tag for this verdict.");
    if (!edits)
        return act & out->acts & (ACT_LOCK | ACT_DOUBLE_LOCK) && locks_for(at, act)->dead ? S("Locked for good: nobody gave a pass, so that no page leads on.") : S("");
    if (act == ACT_BANNER)
        return first_note(edits);
    if (act == ACT_LOCK || act == ACT_DOUBLE_LOCK)
        return out->links.len ? S("Not done: its links stand where nothing may be changed.") : S("Not done: evidence names no link.");
    return S("Not done: evidence names no file that may be touched.");
}

static struct planned_action action_of(const struct handler *at, const struct policy *policy, unsigned act, struct span strongest)
{
    static const struct span modes[] = {[POLICY_PASSIVE] = S("passive"), [POLICY_CONFIRM] = S("confirm"), [POLICY_ACTIVE] = S("active")};
    struct span why = policy->mode == POLICY_ACTIVE ? undone(at, act) : S(""); /* of confirm policies: waits_tell */
    struct span reason = arena_print(at->arena, "Policy %.*s: %.*s%s%.*s", SPAN_FMT(policy->name), SPAN_FMT(strongest), why.len ? " " : "", SPAN_FMT(why));
    if (why.len && (act == ACT_REJECT || (policy->mode == POLICY_ACTIVE && at->out->unmet & act)))
        act = ACT_HOLD;
    return (struct planned_action){.action = span_of(act_name((enum act)act)), .mode = modes[policy->mode], .reason = reason, .policy = policy->name};
}

typedef VEC(struct planned_action) actions_t;

static struct span recipient_address(const struct handler *at, size_t number)
{
    const struct arrival *arrival = at->report->arrival;
    return number < arrival->rcpt_to.len ? arrival->rcpt_to.at[number].address : S("");
}

/* For whom each policy holds: hits are looked through once, for there may be a recipient and a policy for each of them. */
static struct policy_hits *hits_by_policy(const struct handler *at)
{
    size_t count = at->settings->policies.list.len;
    struct policy_hits *of = arena_alloc(at->arena, (count + 1) * sizeof *of);
    memset(of, 0, (count + 1) * sizeof *of);
    vec_each(hit, &at->out->plan.hits) {
        struct span address = recipient_address(at, hit->recipient);
        of[hit->policy].holds = true;
        *vec_push(at->arena, &of[hit->policy].numbers) = hit->recipient;
        if (address.len)
            *vec_push(at->arena, &of[hit->policy].recipients) = address;
    }
    return of;
}

static void policy_tell(const struct handler *at, size_t number, const struct policy_hits *of, struct span strongest, actions_t *out)
{
    const struct policy *policy = &at->settings->policies.list.at[number];
    for (unsigned act = 1; of->holds && act < 1u << ACT_COUNT; act <<= 1)
        if (policy->acts & act) {
            struct planned_action *action = vec_push(at->arena, out);
            *action = action_of(at, policy, act, strongest);
            memcpy(&action->recipients, &of->recipients, sizeof of->recipients);
            if (policy->mode == POLICY_CONFIRM)
                asked_tell(at, of, act, action);
        }
}

/* What is done before what is asked before what would be; of these the strictest first. */
static unsigned rank(const struct planned_action *action)
{
    enum act act;
    unsigned acts = act_by_name(action->action, &act) ? act : 0;
    unsigned mode = span_eq(action->mode, S("active")) ? 2 : span_eq(action->mode, S("confirm")) ? 1 : 0;
    return mode << ACT_COUNT | (acts & ~(unsigned)ACT_COPY); /* a copy changes nothing for anybody */
}

static void actions_sort(actions_t *actions)
{
    for (size_t i = 1; i < actions->len; i++) {
        struct planned_action action = actions->at[i];
        size_t k = i;
        for (; k && rank(&actions->at[k - 1]) < rank(&action); k--)
            actions->at[k] = actions->at[k - 1];
        actions->at[k] = action;
    }
}

/* By recipient: what policies do, or the one body for all has, of which nobody says that it is not done; what is held or refused has nothing to add. */
static unsigned *done_by_policies(const struct handler *at)
{
    unsigned *done = arena_alloc(at->arena, at->count * sizeof *done);
    memset(done, 0, at->count * sizeof *done);
    vec_each(hit, &at->out->plan.hits)
        if (hit->mode == POLICY_ACTIVE && hit->recipient < at->count)
            done[hit->recipient] |= hit->acts;
    vec_each(group, &at->out->plan.groups)
        vec_each(number, &group->recipients)
            if (*number < at->count)
                done[*number] |= group->fate == FATE_DELIVER ? group->acts : group->fate == FATE_WAIT ? 0 : ~0u;
    return done;
}

/* What the organisation's own mode would do, for those for whom no policy does it; false: for none. Addresses stand in the order of the envelope. */
static bool left_to_mode(const struct handler *at, const unsigned *done, const struct planned_action *planned, struct planned_action *out)
{
    enum act act;
    size_t number = 0;
    *out = *planned;
    if (!span_eq(planned->mode, S("passive")) || !act_by_name(planned->action, &act))
        return true;
    for (size_t i = 0; !planned->recipients.len && i < at->count; i++)
        if (!(done[i] & act))
            return true;
    memset(&out->recipients, 0, sizeof out->recipients);
    vec_each(address, &planned->recipients) {
        size_t looked = 0;
        for (; looked < at->count && !span_eq(recipient_address(at, number), *address); looked++)
            number = (number + 1) % at->count;
        if (looked == at->count || !(done[number] & act))
            *vec_push(at->arena, &out->recipients) = *address;
    }
    return out->recipients.len > 0;
}

static void actions_tell(struct handler *at, struct report *report)
{
    actions_t actions = {0};
    struct span strongest = report->actions.len ? report->actions.at[0].reason : S("");
    report->by_policy |= mode_asked_tell(at, report);
    if (!at->out->plan.hits.len)
        return;
    at->count = report->arrival->rcpt_to.len ? report->arrival->rcpt_to.len : 1;
    const unsigned *done = done_by_policies(at);
    vec_each(action, &report->actions) {
        struct planned_action left;
        if (!span_eq(action->action, S("deliver")) && left_to_mode(at, done, action, &left))
            *vec_push(at->arena, &actions) = left;
    }
    const struct policy_hits *of = hits_by_policy(at);
    for (size_t i = 0; i < at->settings->policies.list.len; i++)
        policy_tell(at, i, &of[i], strongest, &actions);
    actions_sort(&actions);
    memcpy(&report->actions, &actions, sizeof actions);
    report->by_policy = true;
}

/* What does not ride the answer is held, or goes another way. */
static void fate_take(struct handler *at)
{
    struct handling *out = at->out;
    const struct plan *plan = &out->plan;
    bool rides = plan->rides != SIZE_MAX;
    const struct plan_group *group = &plan->groups.at[rides ? plan->rides : 0];
    out->fate = group->fate == FATE_WAIT ? FATE_HOLD : group->fate;
    out->acts = group->fate == FATE_WAIT ? 0 : group->acts;
    out->dropped.len = out->copies.len = 0;
    waits_take(at);
    for (size_t i = 0; rides && i < plan->groups.len; i++) {
        const struct plan_group *other = &plan->groups.at[i];
        numbers_t *to = &out->dropped;
        if (i == plan->rides || other->fate == FATE_WAIT)
            continue;
        if (other->fate == FATE_DELIVER) {
            struct handling_copy *copy = vec_push(at->arena, &out->copies);
            copy->acts = other->acts;
            to = &copy->recipients;
        }
        vec_each(number, &other->recipients)
            *vec_push(at->arena, to) = *number;
    }
}

bool is_claimed(const struct handler *at)
{
    return at->settings->writes_results && !(at->out->barred & ACT_HEADERS) && message_field(at->message, FIELD_AUTHENTICATION_RESULTS, 0);
}

/* Copies of their own where they can be sent and are not too many or too large, and no links are locked: passes are made for one. */
static bool copies_can_be(const struct handler *at)
{
    size_t delivered = 0, bodies = 0;
    bool locked = false;
    vec_each(group, &at->out->plan.groups) {
        delivered += group->fate == FATE_DELIVER;
        locked |= group->fate == FATE_DELIVER && group->acts & (ACT_LOCK | ACT_DOUBLE_LOCK);
        bodies += group->fate == FATE_DELIVER ? 1 : group_bodies(at, group);
    }
    return (delivered < 2 || !locked) && (bodies < 2 || (bodies <= COPIES_MOST && (bodies - 1) * at->message->raw.len <= EDITED_MOST));
}

/* As many bodies as there can be. */
static void plan_fit(struct handler *at, bool drops)
{
    struct plan *plan = &at->out->plan;
    recipients_take(at);
    plan_make(at->arena, at->recipients, at->count, !drops ? PLAN_ONE_BODY : at->settings->sends ? PLAN_EACH : PLAN_ONE_DELIVERED, plan);
    if (drops && at->settings->sends && !copies_can_be(at))
        plan_make(at->arena, at->recipients, at->count, PLAN_ONE_DELIVERED, plan);
    if (drops && at->settings->sends && !copies_can_be(at))
        plan_make(at->arena, at->recipients, at->count, PLAN_ONE_WAITING, plan);
}

void handling_plan(struct arena *arena, const struct handling_settings *settings, const struct message_limits *limits, const struct message *message,
                   const struct report *report, enum handling_door door, bool body_stays, struct handling *out)
{
    const struct handling_words none = {.results = S("")};
    struct handler at = {.arena = arena, .settings = settings, .limits = limits, .message = message, .report = report, .words = &none, .out = out};
    bool drops = door == DOOR_DROPS;
    *out = (struct handling){.told = door == DOOR_TELLS, .body_stays = body_stays};
    if (!settings->policies.list.len && !acts_of_mode(report, S("active")) && !acts_of_mode(report, S("confirm")))
        return;
    plan_fit(&at, drops);
    if (idle_find(&at)) /* of what somebody would be asked about some would come to nothing */
        plan_fit(&at, drops);
    fate_take(&at);
    locks_find(&at);
}

static void copies_edit(struct handler *at)
{
    size_t n = 0;
    for (size_t i = 0; i < at->out->plan.groups.len; i++) {
        const struct plan_group *group = &at->out->plan.groups.at[i];
        if (i != at->out->plan.rides && group->fate == FATE_DELIVER && n < at->out->copies.len)
            edits_make(at, group, false, &at->out->copies.at[n++].edits);
    }
}

bool is_changed(unsigned acts, const struct edits *edits)
{
    return acts & changing_acts && (edits->body_changed || edits->headers.len);
}

static int by_number(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return a < b ? -1 : a > b;
}

bool is_one_of(size_t number, const size_t *at, size_t len)
{
    return len && bsearch(&number, at, len, sizeof *at, by_number);
}

/* What is held lies there as it came already. */
static bool gets_changed(const struct handling *out, size_t number)
{
    const struct plan_group *rides = &out->plan.groups.at[out->plan.rides];
    unsigned done = out->body_stays ? ~body_acts : ~0u;
    if (is_one_of(number, rides->recipients.at, rides->recipients.len))
        return is_changed(out->acts & done, &out->edits);
    vec_each(copy, &out->copies)
        if (is_one_of(number, copy->recipients.at, copy->recipients.len))
            return is_changed(copy->acts & done, &copy->edits);
    return false;
}

static void originals_find(struct handler *at)
{
    const struct plan *plan = &at->out->plan;
    if (at->out->fate != FATE_DELIVER || plan->rides >= plan->groups.len || !at->report->arrival->rcpt_to.len)
        return;
    vec_each(number, &plan->keepers)
        if (gets_changed(at->out, *number))
            *vec_push(at->arena, &at->out->originals) = *number;
}

void group_edit(struct handler *at, const struct plan_group *group, struct edits *out)
{
    *out = (struct edits){0};
    if (group->acts & edit_acts || is_claimed(at))
        edits_make(at, group, true, out);
    if (group->acts & (ACT_LOCK | ACT_DOUBLE_LOCK) && !out->locked) /* else the banner would tell of locks that are none */
        edits_make(at, group, false, out);
}

static void all_edit(struct handler *at)
{
    struct handling *out = at->out;
    const struct plan_group *rides = out->plan.rides < out->plan.groups.len ? &out->plan.groups.at[out->plan.rides] : NULL;
    out->edits = (struct edits){0};
    if (rides && out->fate == FATE_DELIVER)
        group_edit(at, rides, &out->edits);
    copies_edit(at);
    waits_edit(at);
}

/* Of acts that are to keep something from a reader: what is left of it in his message. */
unsigned unmet_of(const struct handler *at, unsigned acts, const struct edits *edits)
{
    file_edits_t files = {0};
    unsigned unmet = acts & ACT_DOUBLE_LOCK && edits->locked < at->out->links.len ? ACT_DOUBLE_LOCK : 0;
    if (acts & ACT_TAKE_OFF)
        files_named(at->arena, at->report, &files);
    return unmet | (edits->files < files.len ? ACT_TAKE_OFF : 0);
}

/* Holds groups of which that is so; false: there are none. */
static bool unmet_hold(struct handler *at)
{
    struct handling *out = at->out;
    struct plan *plan = &out->plan;
    unsigned found = 0;
    size_t rides = plan->rides, n = 0;
    for (size_t i = 0; out->fate == FATE_DELIVER && !out->body_stays && i < plan->groups.len; i++) {
        struct plan_group *group = &plan->groups.at[i];
        const struct edits *edits = i == rides ? &out->edits : group->fate == FATE_DELIVER ? &out->copies.at[n++].edits : NULL;
        unsigned unmet = edits ? unmet_of(at, group->acts, edits) : 0;
        found |= unmet;
        if (unmet)
            plan_hold(plan, i);
    }
    bool waiting = waits_unmet(at, &found);
    out->unmet |= found;
    return found || waiting;
}

/* The longest of what those policies say by which something is held; what an organisation's mode holds, or is kept as it came, is kept as
 * all is. */
static int64_t hold_seconds(const struct handler *at)
{
    const struct handling *out = at->out;
    unsigned holding = ACT_HOLD | ACT_REJECT | out->unmet;
    unsigned of_mode = acts_of_mode(at->report, S("active")) | (out->waits.len ? acts_of_mode(at->report, S("confirm")) : 0);
    bool others = out->originals.len || of_mode & holding, named = false;
    int64_t longest = others ? at->settings->hold_seconds : 0;
    vec_each(hit, &out->plan.hits) {
        const struct policy *policy = &at->settings->policies.list.at[hit->policy];
        int64_t seconds = policy->keep_held ? policy->keep_held : at->settings->hold_seconds;
        bool asks = hit->mode == POLICY_CONFIRM && out->waits.len && hit->acts & (ACT_HOLD | ACT_REJECT | out->asks_held);
        bool holds = asks || (hit->mode == POLICY_ACTIVE && hit->acts & holding);
        named |= holds && policy->keep_held;
        longest = holds && seconds > longest ? seconds : longest;
    }
    return named ? longest : 0;
}

void handling_finish(struct arena *arena, const struct handling_settings *settings, const struct message_limits *limits,
                     const struct message *message, const struct handling_words *words, struct report *report, struct handling *out)
{
    struct handler at = {.arena = arena, .settings = settings, .limits = limits, .message = message, .report = report, .words = words, .out = out};
    all_edit(&at);
    while (unmet_hold(&at)) { /* another may ride now, and no links of its be named */
        fate_take(&at);
        all_edit(&at);
    }
    originals_find(&at);
    out->hold_seconds = hold_seconds(&at);
    waits_originals(&at);
    actions_tell(&at, report);
}

bool handling_is_empty(const struct handling *handling)
{
    return handling->fate == FATE_DELIVER && !handling->plan.copy_to.len && !handling->dropped.len && !handling->copies.len && !handling->waits.len && !handling->edits.headers.len && !handling->edits.body_changed;
}
