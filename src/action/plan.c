/* plan: policies per recipient, then groups, then one answer. */
#include "action/plan.h"

#include <stdlib.h>

static const char *const names[ACT_COUNT] = {"headers", "tag", "banner", "lock", "double-lock", "take-off", "rename", "junk", "copy", "hold", "reject"};

const char *act_name(enum act act)
{
    for (size_t i = 0; i < ACT_COUNT; i++)
        if (1u << i == (unsigned)act)
            return names[i];
    return "";
}

bool act_by_name(struct span name, enum act *out)
{
    for (size_t i = 0; i < ACT_COUNT; i++)
        if (span_eq(name, span_of(names[i]))) {
            *out = (enum act)(1u << i);
            return true;
        }
    return false;
}

/* ---- one recipient */
static struct span domain_of(struct span address)
{
    const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
    return at ? span_from(at + 1, address.at + address.len) : (struct span){0};
}

static bool recipient_fits(const struct policy *policy, struct span address)
{
    bool domain = !policy->domains.len, person = !policy->people.len;
    vec_each(one, &policy->domains)
        domain |= domain_is_or_under(domain_of(address), *one);
    vec_each(one, &policy->people)
        person |= span_eq_case(*one, address);
    return domain && person;
}

static bool policy_holds(const struct policy *policy, const struct plan_recipient *recipient)
{
    return recipient->report->score >= policy->score && recipient_fits(policy, recipient->address) &&
           condition_holds(&policy->when, recipient->organisation, recipient->report);
}

/* Of two that do the same to one thing the stricter is done. */
static unsigned acts_settled(unsigned acts)
{
    acts &= acts & ACT_DOUBLE_LOCK ? ~(unsigned)ACT_LOCK : ~0u;
    return acts & ACT_TAKE_OFF ? acts & ~(unsigned)ACT_RENAME : acts;
}

static void number_once(struct arena *arena, numbers_t *list, size_t number)
{
    if (!list->len || list->at[list->len - 1] != number)
        *vec_push(arena, list) = number;
}

struct wanted { /* bits of enum act */
    unsigned acts, asked;
};

static struct wanted recipient_acts(struct arena *arena, const struct plan_recipient *recipients, size_t number, struct plan *out)
{
    const struct plan_recipient *recipient = &recipients[number];
    struct wanted wanted = {recipient->acts, recipient->asked};
    for (size_t i = 0; i < recipient->policies->list.len; i++) {
        const struct policy *policy = &recipient->policies->list.at[i];
        if (!policy_holds(policy, recipient))
            continue;
        if (policy->keep_original && policy->mode == POLICY_ACTIVE)
            number_once(arena, &out->keepers, number);
        if (policy->keep_original && policy->mode == POLICY_CONFIRM)
            number_once(arena, &out->agreed_keepers, number);
        *vec_push(arena, &out->hits) = (struct plan_hit){number, i, policy->mode, policy->acts};
        wanted.acts |= policy->mode == POLICY_ACTIVE ? policy->acts : 0;
        wanted.asked |= policy->mode == POLICY_CONFIRM ? policy->acts : 0;
    }
    return wanted;
}

static unsigned acts_done(const struct plan_recipient *recipient, unsigned acts)
{
    unsigned instead = acts & recipient->bars_held ? ACT_HOLD : 0;
    return acts_settled((acts & ~recipient->barred) | instead);
}

static struct plan_form form_of(const struct plan_recipient *recipient, unsigned acts)
{
    struct plan_form form = {.acts = acts & ~(unsigned)(ACT_HOLD | ACT_REJECT | ACT_COPY)};
    form.fate = acts & ACT_REJECT ? FATE_REJECT : acts & ACT_HOLD ? FATE_HOLD : FATE_DELIVER;
    form.en = form.acts & ACT_BANNER && (recipient->en || !recipient->ja);
    form.ja = form.acts & ACT_BANNER && recipient->ja;
    return form;
}

/* Who agrees may have it held or changed; what is refused then would come to nobody, and its sender was told that it was taken. */
static struct plan_form agreed_of(const struct plan_recipient *recipient, const struct plan_form *now, struct wanted wanted)
{
    unsigned asked = wanted.asked & ~recipient->idle & ~(unsigned)ACT_COPY;
    asked |= asked & recipient->asks_held ? ACT_HOLD : 0;
    struct plan_form form = form_of(recipient, acts_done(recipient, wanted.acts | asked));
    if (form.fate != FATE_DELIVER)
        form = (struct plan_form){.fate = FATE_HOLD};
    bool more = form.fate == FATE_HOLD || form.acts & ~now->acts & ~(unsigned)ACT_HEADERS; /* nobody waits for fields alone */
    return now->fate == FATE_DELIVER && more ? form : *now;
}

static struct plan_group outcome_of(const struct plan_recipient *recipient, struct wanted wanted)
{
    struct plan_form now = form_of(recipient, acts_done(recipient, wanted.acts));
    return (struct plan_group){.fate = now.fate, .acts = now.acts, .en = now.en, .ja = now.ja, .verdict = recipient->report->verdict, .report = recipient->report,
                               .agreed = agreed_of(recipient, &now, wanted)};
}

/* ---- groups */
static bool is_alike(const struct plan_group *a, const struct plan_group *b)
{
    return a->fate == b->fate && a->acts == b->acts && a->verdict == b->verdict && a->report == b->report && a->en == b->en && a->ja == b->ja &&
           a->agreed.fate == b->agreed.fate && a->agreed.acts == b->agreed.acts && a->agreed.en == b->agreed.en && a->agreed.ja == b->agreed.ja;
}

static void recipient_take(struct arena *arena, struct plan *out, const struct plan_group *outcome, size_t number)
{
    struct plan_group *group = NULL;
    vec_each(one, &out->groups)
        if (is_alike(one, outcome))
            group = one;
    if (!group) {
        group = vec_push(arena, &out->groups);
        *group = *outcome;
    }
    *vec_push(arena, &group->recipients) = number;
}

/* A copy that some would have rejected cannot be: its sender was told it was taken. */
static void rejects_settle(struct plan *out)
{
    size_t rejecting = 0;
    vec_each(group, &out->groups)
        rejecting += group->fate == FATE_REJECT;
    out->rejected = rejecting && rejecting == out->groups.len;
    vec_each(group, &out->groups)
        if (group->fate == FATE_REJECT && !out->rejected)
            group->fate = FATE_HOLD;
}

static void outcome_merge(struct plan_group *all, const struct plan_group *one)
{
    bool stricter = one->verdict > all->verdict || (one->verdict == all->verdict && one->report->score > all->report->score);
    all->acts = acts_settled(all->acts | one->acts);
    all->verdict = stricter ? one->verdict : all->verdict;
    all->report = stricter ? one->report : all->report;
    all->en |= one->en;
    all->ja |= one->ja;
    bool agree = all->fate == one->fate; /* reject only then */
    all->fate = agree ? all->fate : FATE_HOLD;
    bool delivers = all->agreed.fate == FATE_DELIVER && one->agreed.fate == FATE_DELIVER;
    all->agreed = delivers ? (struct plan_form){FATE_DELIVER, acts_settled(all->agreed.acts | one->agreed.acts), all->agreed.en | one->agreed.en,
                                                all->agreed.ja | one->agreed.ja}
                           : (struct plan_form){.fate = FATE_HOLD};
}

unsigned plan_asked(const struct plan_group *group)
{
    return group->agreed.fate == FATE_DELIVER ? group->agreed.acts & ~group->acts : ACT_HOLD;
}

/* Those that somebody is to agree to first. */
static void waits_settle(struct plan *out)
{
    vec_each(group, &out->groups)
        if (group->fate == FATE_DELIVER && plan_asked(group) & ~(unsigned)ACT_HEADERS)
            group->fate = FATE_WAIT;
}

struct plan_group plan_agreed(const struct plan_group *group)
{
    struct plan_group agreed = *group;
    agreed.fate = group->agreed.fate;
    agreed.acts = group->agreed.acts;
    agreed.en = group->agreed.en;
    agreed.ja = group->agreed.ja;
    return agreed;
}

static int by_number(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return a < b ? -1 : a > b;
}

/* Into the first of them; only: those of that fate; ALL: whatever theirs is. */
enum { ALL = -1 };
static void groups_merge(struct arena *arena, struct plan *out, int only)
{
    struct plan_group *all = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < out->groups.len; i++) {
        struct plan_group *group = &out->groups.at[i];
        bool merged = only == ALL || (int)group->fate == only;
        if (merged && all) {
            outcome_merge(all, group);
            vec_each(number, &group->recipients)
                *vec_push(arena, &all->recipients) = *number;
            continue;
        }
        out->groups.at[kept] = *group;
        all = merged ? &out->groups.at[kept] : all;
        kept++;
    }
    out->groups.len = kept;
    if (all)
        qsort(all->recipients.at, all->recipients.len, sizeof *all->recipients.at, by_number);
}

/* The largest that is not held; of equal ones the first. */
static void ride_choose(struct plan *out)
{
    out->rides = SIZE_MAX;
    for (size_t i = 0; i < out->groups.len; i++) {
        const struct plan_group *group = &out->groups.at[i];
        bool larger = out->rides == SIZE_MAX || group->recipients.len > out->groups.at[out->rides].recipients.len;
        if (group->fate == FATE_DELIVER && larger)
            out->rides = i;
    }
}

static void address_once(struct arena *arena, struct span address, struct plan *out)
{
    vec_each(one, &out->copy_to)
        if (span_eq_case(*one, address))
            return;
    *vec_push(arena, &out->copy_to) = address;
}

/* Of recipients that nobody named there is no message to copy: it was handed in for a look at it. */
static void copies_find(struct arena *arena, const struct plan_recipient *recipients, struct plan *out)
{
    VEC(const struct policy *) taken = {0}; /* each once, however many recipients it holds for */
    vec_each(hit, &out->hits) {
        const struct plan_recipient *recipient = &recipients[hit->recipient];
        const struct policy *policy = &recipient->policies->list.at[hit->policy];
        bool copies = hit->mode == POLICY_ACTIVE && hit->acts & ACT_COPY && recipient->address.len;
        vec_each(one, &taken)
            copies &= *one != policy;
        if (!copies)
            continue;
        *vec_push(arena, &taken) = policy;
        vec_each(address, &policy->copy_to)
            address_once(arena, *address, out);
    }
}

void plan_make(struct arena *arena, const struct plan_recipient *recipients, size_t count, enum plan_bodies bodies, struct plan *out)
{
    *out = (struct plan){0};
    for (size_t i = 0; i < count; i++) {
        struct plan_group outcome = outcome_of(&recipients[i], recipient_acts(arena, recipients, i, out));
        recipient_take(arena, out, &outcome, i);
    }
    copies_find(arena, recipients, out);
    if (bodies == PLAN_ONE_BODY)
        groups_merge(arena, out, ALL);
    rejects_settle(out);
    waits_settle(out);
    if (bodies == PLAN_ONE_DELIVERED || bodies == PLAN_ONE_WAITING)
        groups_merge(arena, out, FATE_DELIVER);
    if (bodies == PLAN_ONE_WAITING)
        groups_merge(arena, out, FATE_WAIT);
    ride_choose(out);
}

void plan_hold(struct plan *plan, size_t group)
{
    plan->groups.at[group].fate = FATE_HOLD;
    ride_choose(plan);
}

bool plan_banner(struct arena *arena, const struct plan_group *group, struct banner *out)
{
    if (!(group->acts & ACT_BANNER))
        return false;
    *out = (struct banner){.en = group->en, .ja = group->ja, .locked = group->acts & (ACT_LOCK | ACT_DOUBLE_LOCK)};
    banner_of_report(arena, group->report, out);
    out->verdict = group->verdict;
    return true;
}
