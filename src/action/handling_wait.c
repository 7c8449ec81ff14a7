/* handling_wait: copies that wait until a person agrees (confirm): what he is asked about, what becomes of them either way, and what the report
 * says of it. */
#include "action/handling_inner.h"

static const unsigned lock_acts = ACT_LOCK | ACT_DOUBLE_LOCK, file_acts = ACT_TAKE_OFF | ACT_RENAME;

size_t group_bodies(const struct handler *at, const struct plan_group *group)
{
    if (group->fate != FATE_WAIT)
        return 0;
    return (group->acts & edit_acts || is_claimed(at)) + (group->agreed.fate == FATE_DELIVER && group->agreed.acts & edit_acts);
}

/* ---- what would come to nothing */
/* As if every link had a page. */
static struct handling_words words_of_trial(struct handler *at, const link_numbers_t *links)
{
    struct handling_words words = {.results = S("")};
    vec_each(link, links) {
        *vec_push(at->arena, &words.locks.list) = (struct lock){*link, at->settings->base_url};
        *vec_push(at->arena, &words.double_locks.list) = (struct lock){*link, at->settings->base_url};
    }
    return words;
}

static bool is_tagged(const struct edits *edits)
{
    vec_each(edit, &edits->headers)
        if (span_eq_case(edit->name, S("Subject")))
            return true;
    return false;
}

static unsigned idle_of(const struct edits *edits, size_t links, size_t files)
{
    unsigned idle = is_tagged(edits) ? 0 : ACT_TAG;
    idle |= edits->bannered ? 0 : ACT_BANNER;
    idle |= (edits->locked ? 0 : ACT_LOCK) | (links ? 0 : ACT_DOUBLE_LOCK);
    return idle | (edits->files ? 0 : ACT_RENAME) | (files ? 0 : ACT_TAKE_OFF);
}

static void trial_make(struct handler *at, struct plan_group *trial)
{
    struct handling *out = at->out;
    link_numbers_t links = {0};
    file_edits_t files = {0};
    struct edits edits;
    bool too_large = at->message->raw.len > EDITED_MOST / FORMS_MOST;
    links_named(at->arena, at->report, &links);
    files_named(at->arena, at->report, &files);
    if (too_large) {
        out->idle = edit_acts;
        out->asks_held = (links.len ? ACT_DOUBLE_LOCK : 0) | (files.len ? ACT_TAKE_OFF : 0);
        out->idle &= ~out->asks_held;
        return;
    }
    struct handling_words words = words_of_trial(at, &links);
    struct handler trying = *at;
    trying.words = &words;
    edits_make(&trying, trial, true, &edits);
    out->idle = idle_of(&edits, links.len, files.len);
}

/* What leaves where nobody agrees travels beside what the answer changes. */
static bool fits_declined(const struct handler *at)
{
    vec_each(group, &at->out->plan.groups)
        if (group->fate == FATE_WAIT && group->acts & edit_acts && at->message->raw.len > EDITED_MOST)
            return false;
    return true;
}

bool idle_find(struct handler *at)
{
    struct handling *out = at->out;
    struct plan_group trial = {.verdict = at->report->verdict, .report = at->report};
    unsigned asked = 0;
    vec_each(group, &out->plan.groups)
        if (group->fate == FATE_WAIT) {
            asked |= plan_asked(group);
            trial.acts |= plan_asked(group) & edit_acts;
            trial.en |= group->agreed.en;
            trial.ja |= group->agreed.ja;
        }
    if (!asked)
        return false;
    if (out->told || !at->report->arrival->rcpt_to.len || !at->settings->sends || !fits_declined(at))
        out->idle = ~0u; /* nobody could give it back */
    else if (trial.acts)
        trial_make(at, &trial);
    return asked & (out->idle | out->asks_held);
}

/* ---- from the plan */
void waits_take(struct handler *at)
{
    struct handling *out = at->out;
    out->waits.len = 0;
    vec_each(group, &out->plan.groups)
        if (group->fate == FATE_WAIT) {
            struct handling_wait *wait = vec_push(at->arena, &out->waits);
            memcpy(&wait->recipients, &group->recipients, sizeof wait->recipients);
            wait->asked = plan_asked(group);
            wait->declined.acts = group->acts;
            wait->agreed.acts = group->agreed.acts;
        }
}

void locks_find(struct handler *at)
{
    struct handling *out = at->out;
    out->locks = out->fate == FATE_DELIVER && !out->body_stays ? out->acts & lock_acts : 0;
    vec_each(wait, &out->waits)
        out->locks |= (wait->declined.acts | wait->agreed.acts) & lock_acts;
    if (out->locks)
        links_named(at->arena, at->report, &out->links);
}

void handling_locks_for(const struct handling *handling, unsigned kind, bool *meant, size_t count)
{
    for (size_t i = 0; i < count; i++)
        meant[i] = handling->fate == FATE_DELIVER && handling->acts & kind;
    vec_each(number, &handling->dropped)
        meant[*number] = false;
    vec_each(copy, &handling->copies) /* nobody has a copy of another kind where links of theirs are locked */
        vec_each(number, &copy->recipients)
            meant[*number] = false;
    vec_each(wait, &handling->waits)
        vec_each(number, &wait->recipients)
            meant[*number] = (wait->declined.acts | wait->agreed.acts) & kind;
}

/* ---- both outcomes */
void waits_edit(struct handler *at)
{
    size_t n = 0;
    vec_each(group, &at->out->plan.groups)
        if (group->fate == FATE_WAIT && n < at->out->waits.len) {
            struct handling_wait *wait = &at->out->waits.at[n++];
            struct plan_group agreed = plan_agreed(group);
            group_edit(at, group, &wait->declined.edits); /* without acts, too, for results that claim our id go */
            if (agreed.fate == FATE_DELIVER)
                group_edit(at, &agreed, &wait->agreed.edits);
        }
}

bool waits_unmet(struct handler *at, unsigned *unmet)
{
    struct handling *out = at->out;
    bool found = false;
    size_t n = 0;
    for (size_t i = 0; i < out->plan.groups.len; i++) {
        struct plan_group *group = &out->plan.groups.at[i];
        const struct handling_wait *wait = group->fate == FATE_WAIT && n < out->waits.len ? &out->waits.at[n++] : NULL;
        if (!wait)
            continue;
        unsigned declined = unmet_of(at, wait->declined.acts, &wait->declined.edits);
        unsigned agreed = group->agreed.fate == FATE_DELIVER ? unmet_of(at, wait->agreed.acts, &wait->agreed.edits) : 0;
        if (declined)
            plan_hold(&out->plan, i);
        else if (agreed)
            group->agreed = (struct plan_form){.fate = FATE_HOLD};
        out->asks_held |= declined ? 0 : agreed;
        *unmet |= declined;
        found |= declined || agreed;
    }
    return found;
}

void waits_originals(struct handler *at)
{
    const struct plan *plan = &at->out->plan;
    vec_each(wait, &at->out->waits)
        vec_each(number, &wait->recipients) {
            bool kept = is_one_of(*number, plan->keepers.at, plan->keepers.len);
            bool asked = kept || is_one_of(*number, plan->agreed_keepers.at, plan->agreed_keepers.len);
            if (kept && is_changed(wait->declined.acts, &wait->declined.edits))
                *vec_push(at->arena, &wait->originals[0]) = *number;
            if (asked && !(wait->asked & ACT_HOLD) && is_changed(wait->agreed.acts, &wait->agreed.edits))
                *vec_push(at->arena, &wait->originals[1]) = *number;
        }
}

/* ---- what the report says of it */
static const struct plan_group *group_of(const struct handler *at, size_t recipient)
{
    vec_each(group, &at->out->plan.groups)
        if (is_one_of(recipient, group->recipients.at, group->recipients.len))
            return group;
    return NULL;
}

static struct span idle_why(unsigned act)
{
    if (act == ACT_TAG)
        return S("Nobody is asked: there is no tag for this verdict, or it stands there already.");
    if (act == ACT_BANNER)
        return S("Nobody is asked: no banner can be set in it.");
    if (act & lock_acts)
        return S("Nobody is asked: evidence names no link that may be changed.");
    return act & file_acts ? S("Nobody is asked: evidence names no file that may be touched.") : S("Nobody is asked: it would come to nothing.");
}

/* The lesser of two acts that do the same to one thing is done with the stricter. */
static bool has(unsigned acts, unsigned act)
{
    return acts & act || (act == ACT_LOCK && acts & ACT_DOUBLE_LOCK) || (act == ACT_RENAME && acts & ACT_TAKE_OFF);
}

static struct span barred_why(const struct handler *at, unsigned act)
{
    if (at->out->told)
        return S("Nobody is asked: whoever handed it in may deliver what waits here. Only by milter is it kept back.");
    if (!at->report->arrival->rcpt_to.len)
        return S("Nobody is asked: the message was handed in without recipients, and cannot wait.");
    if (!at->settings->sends)
        return S("Nobody is asked: without hold.release_to it could not leave again.");
    if (act == ACT_COPY)
        return S("Nobody is asked: copies are sent by active policies alone.");
    if (at->out->asks_held & act || !((at->out->barred | at->out->idle) & act))
        return S("");
    if (goes_out(at->report->arrival->direction))
        return S("Nobody is asked: mail on its way out is not edited.");
    bool too_large = at->message->raw.len > EDITED_MOST / FORMS_MOST;
    return too_large ? S("Nobody is asked: the message is too large to be edited and to wait.") : idle_why(act);
}

/* Empty: somebody is. */
static struct span unasked(const struct handler *at, const struct plan_group *group, unsigned act)
{
    struct span barred = barred_why(at, act);
    if (barred.len)
        return barred;
    if (group->fate == FATE_HOLD || group->fate == FATE_REJECT)
        return S("Nobody is asked: it is held or refused already.");
    if (has(group->acts, act))
        return S("Nobody is asked: it is done already.");
    if (group->fate == FATE_WAIT && group->agreed.fate == FATE_HOLD)
        return act & (ACT_HOLD | ACT_REJECT | at->out->asks_held) ? S("") : S("Nobody is asked about it: who agrees has the message held.");
    return group->fate == FATE_WAIT && has(group->agreed.acts, act) ? S("") : S("Nobody is asked: nothing waits for fields alone.");
}

static struct span asked_how(const struct handler *at, unsigned act)
{
    if (act == ACT_REJECT)
        return S("It waits until somebody agrees, and is held then: its sender was told that it was taken.");
    return act & at->out->asks_held ? S("It waits until somebody agrees, and is held then: it cannot be done to all that evidence names.")
                                    : S("It waits until somebody agrees.");
}

static void reason_add(const struct handler *at, unsigned act, struct span why_not, struct planned_action *action)
{
    struct span said = why_not.len ? why_not : asked_how(at, act);
    action->waits = !why_not.len;
    action->reason = arena_print(at->arena, "%.*s %.*s", SPAN_FMT(action->reason), SPAN_FMT(said));
}

void asked_tell(const struct handler *at, const struct policy_hits *hits, unsigned act, struct planned_action *action)
{
    struct span why_not = {0};
    bool asked = false;
    for (size_t i = 0; i < hits->numbers.len && !asked; i++) {
        const struct plan_group *group = group_of(at, hits->numbers.at[i]);
        struct span why = group ? unasked(at, group, act) : S("");
        asked = group && !why.len;
        why_not = why_not.len ? why_not : why;
    }
    reason_add(at, act, asked ? S("") : why_not, action);
}

bool mode_asked_tell(const struct handler *at, struct report *report)
{
    bool some = false;
    enum act act;
    vec_each(action, &report->actions) {
        struct span why_not = S("");
        bool asked = false;
        if (!span_eq(action->mode, S("confirm")) || action->policy.len || !act_by_name(action->action, &act))
            continue;
        vec_each(group, &at->out->plan.groups) {
            struct span why = unasked(at, group, act);
            asked |= !why.len;
            why_not = why_not.len ? why_not : why;
        }
        reason_add(at, act, asked ? S("") : why_not, action);
        some |= asked;
    }
    return some;
}
