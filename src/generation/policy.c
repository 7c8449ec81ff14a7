/* What policies do: names become acts, and what an act rests on is there. */
#include "generation/inner.h"

#include "message/url.h"

static void base_url_check(struct reading *reading)
{
    struct span *base = &reading->out->links.base_url;
    struct url url;
    bool odd = false;
    if (!base->len)
        return;
    for (size_t i = 0; i < base->len; i++)
        odd |= (unsigned char)base->at[i] <= ' ' || (unsigned char)base->at[i] >= 127;
    bool web = !odd && url_parse(reading->arena, *base, NULL, &url) && (span_eq(url.scheme, S("https")) || span_eq(url.scheme, S("http")));
    if (!web || !url.host.len || url.username.len || url.query_present || url.fragment_present)
        FAULT(reading, base, "\"%.*s\" is no address of a page; write one like https://mail.example.com/links", SPAN_FMT(*base));
    else if (span_eq(url.scheme, S("http")))
        WARNING(reading, base, "http: whoever stands on the way sees what readers open; write https://");
    while (base->len && base->at[base->len - 1] == '/')
        base->len--;
}

static bool has_pages(const struct reading *reading)
{
    vec_each(listener, &reading->out->listeners)
        if (listener->kind == LISTENER_LINKS)
            return true;
    return false;
}

static void copy_check(struct reading *reading, const struct policy *policy)
{
    bool copies = policy->acts & ACT_COPY;
    if (copies && !policy->copy_to.len)
        FAULT(reading, &policy->does, "copy goes to an address, and none is written; add copy_to: [soc@example.com] to the policy");
    if (!copies && policy->copy_to.len)
        FAULT(reading, &policy->copy_to, "the policy sends no copies; write copy in do too, or take copy_to out");
    if (copies && !reading->out->hold.release_to.text.len)
        FAULT(reading, &policy->does, "copies go by hold.release_to, and nobody says where that is; name a listener of the mail server that filters nothing "
                                      "(RELEASE in sekimori(1))");
}

static void original_check(struct reading *reading, const struct policy *policy)
{
    const unsigned changes = ACT_TAG | ACT_BANNER | ACT_LOCK | ACT_DOUBLE_LOCK | ACT_TAKE_OFF | ACT_RENAME;
    if (policy->keep_original && policy->acts && !(policy->acts & changes))
        FAULT(reading, &policy->keep_original, "the policy changes nothing that could be wanted back; write it where do has tag, banner, lock, double-lock, take-off or rename");
}

static void keep_held_check(struct reading *reading, const struct policy *policy)
{
    const unsigned holds = ACT_HOLD | ACT_REJECT | ACT_DOUBLE_LOCK | ACT_TAKE_OFF;
    if (policy->keep_held && policy->acts && !(policy->acts & holds))
        FAULT(reading, &policy->keep_held, "the policy holds nothing; write it where do has hold, reject, double-lock or take-off");
    if (policy->keep_held > reading->out->keep.records)
        FAULT(reading, &policy->keep_held, "may not be longer than keep.records, for nothing is kept longer than the record it belongs to");
}

/* Nobody is asked about what changes nothing for a reader. */
static void asked_check(struct reading *reading, const struct policy *policy)
{
    bool more = policy->acts & ~(unsigned)(ACT_HEADERS | ACT_COPY);
    if (policy->mode != POLICY_CONFIRM || !policy->acts)
        return;
    if (policy->acts & ACT_COPY)
        WARNING(reading, &policy->does, "copy is never asked about, and not sent by a policy in mode confirm; write it into one that is active");
    if (!more)
        WARNING(reading, &policy->does, "no message waits for headers or copy alone, and nobody is asked: the policy does nothing; write another act too, or mode: active");
}

static void acts_take(struct reading *reading, struct policy *policy)
{
    enum act act;
    vec_each(name, &policy->does)
        if (!name->len)
            continue; /* told already */
        else if (act_by_name(*name, &act))
            policy->acts |= act;
        else
            FAULT(reading, &policy->does, "\"%.*s\" is not one of: headers, tag, banner, lock, double-lock, take-off, rename, junk, copy, hold, reject", SPAN_FMT(*name));
    if (!policy->does.len)
        FAULT(reading, &policy->does, "is empty: the policy would do nothing; write what is done, such as do: [banner]");
    if (policy->acts & (ACT_LOCK | ACT_DOUBLE_LOCK) && !reading->out->links.base_url.len)
        FAULT(reading, &policy->does, "locked links lead to a page of ours, and nobody knows where it is; write links: base_url: https://mail.example.com/links");
    else if (policy->acts & (ACT_LOCK | ACT_DOUBLE_LOCK) && !has_pages(reading))
        FAULT(reading, &policy->does, "locked links lead to pages, and nothing answers there; write a listener of kind: links (docs/LINKS.md)");
    copy_check(reading, policy);
    original_check(reading, policy);
    keep_held_check(reading, policy);
    asked_check(reading, policy);
    if (policy->acts & ACT_HOLD && policy->acts & ACT_REJECT)
        FAULT(reading, &policy->does, "hold contradicts reject; give one of them");
}

static void policy_check(struct reading *reading, struct policy *policy)
{
    for (const struct policy *other = reading->out->policies.list.at; other < policy; other++)
        if (policy->name.len && span_eq(other->name, policy->name))
            FAULT(reading, &policy->name, "\"%.*s\" is the name of two policies; each has its own", SPAN_FMT(policy->name));
    condition_check(reading, &policy->when);
    acts_take(reading, policy);
}

void policies_check(struct reading *reading)
{
    base_url_check(reading);
    vec_each(policy, &reading->out->policies.list)
        policy_check(reading, policy);
}
