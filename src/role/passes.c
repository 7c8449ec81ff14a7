/* passes: addresses for the links of a message that are to be locked. The signer makes their tokens; a link that gets none leads to a
 * page that lets nobody on, for it was to be locked. */
#include "role/judge.h"

#include "message/url.h"
#include "record/record.h"

enum { PASSES_MS = 2000 };

static const struct locks_kind {
    unsigned act;
    enum pass_kind pass;
} kinds[] = {{ACT_LOCK, PASS_LOCK}, {ACT_DOUBLE_LOCK, PASS_DOUBLE_LOCK}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Of each kind that is wanted: what one may be agreed to, and the other left at. */
static size_t most_of(const struct slot *slot)
{
    bool both = slot->handling.locks & ACT_LOCK && slot->handling.locks & ACT_DOUBLE_LOCK;
    return both ? PASSES_MOST / KINDS : PASSES_MOST;
}

static const struct link *link_at(const struct slot *slot, size_t n)
{
    return &slot->walk.message.links.at[slot->handling.links.at[n]];
}

/* The same address in several places has one pass: the first such of the plan's links. */
static size_t first_alike(const struct slot *slot, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (span_eq(link_at(slot, i)->raw, link_at(slot, n)->raw))
            return i;
    return n;
}

/* One body serves all who ride the answer: the pass is for each of them, and for those who wait for such a link. */
static void pass_begin(struct judge *judge, const struct slot *slot, const struct locks_kind *kind, struct pass *out)
{
    const struct arrival *arrival = &slot->walk.arrival;
    size_t count = arrival->rcpt_to.len;
    struct span *addresses = arena_alloc(slot->arena, (count + 1) * sizeof *addresses);
    bool *meant = arena_alloc(slot->arena, count + 1);
    for (size_t i = 0; i < count; i++)
        addresses[i] = record_recipient(slot->arena, arrival->rcpt_to.at[i].address);
    handling_locks_for(&slot->handling, kind->act, meant, count);
    *out = (struct pass){.kind = kind->pass, .record = slot->walk.report.id, .key = record_key(slot->arena, &slot->walk.report), .org = arrival->org,
                         .until = arrival->received_at + judge->settings->handling->links_seconds};
    pass_name(slot->arena, out, addresses, count, meant);
}

static void kind_ask(struct judge *judge, struct slot *slot, const struct locks_kind *kind, struct buf *asked)
{
    struct err err;
    struct pass pass;
    pass_begin(judge, slot, kind, &pass);
    for (size_t i = 0, count = 0; i < slot->handling.links.len && count < most_of(slot); i++) {
        struct span text = {0};
        const struct link *link = link_at(slot, i);
        if (first_alike(slot, i) != i)
            continue;
        pass.link = slot->handling.links.at[i];
        pass.target = link->url ? link->url->href : link->raw;
        pass.target = pass.target.len > PASS_TARGET_MOST ? S("") : pass.target;
        if (pass_write(slot->arena, &pass, &text, &err) < 0)
            text = S(""); /* gets no token */
        pass_ask_pack(asked, pass.kind, text);
        count++;
    }
}

void passes_ask(struct judge *judge, struct slot *slot)
{
    struct err err;
    struct buf asked = {.arena = slot->arena};
    slot->passes_due = slot->passes_due ? slot->passes_due : clock_ms() + PASSES_MS;
    for (size_t i = 0; i < KINDS; i++)
        if (slot->handling.locks & kinds[i].act)
            kind_ask(judge, slot, &kinds[i], &asked);
    if (judge_may_ask(judge, judge->keys))
        channel_send(judge->keys, FRAME_PASS, slot->number, buf_span(&asked), -1, &err); /* its end shows itself, and the next one is asked again */
}

static struct span address_of(const struct judge *judge, const struct slot *slot, enum pass_kind kind, struct span token)
{
    bool plain = token.len > 0;
    for (size_t i = 0; i < token.len; i++)
        plain = plain && (ascii_is_alpha(token.at[i]) || ascii_is_digit(token.at[i]) || token.at[i] == '-' || token.at[i] == '_' || token.at[i] == '.');
    return pass_address(slot->arena, judge->settings->handling->base_url, kind, plain ? token : S("none"));
}

static void kind_told(const struct judge *judge, struct slot *slot, enum pass_kind kind, struct span *bytes, struct handling_locks *out)
{
    *out = (struct handling_locks){0};
    for (size_t i = 0, count = 0; i < slot->handling.links.len; i++) {
        struct span token = {0};
        size_t first = first_alike(slot, i);
        if (first == i && count++ < most_of(slot) && !pass_token_unpack(bytes, &token))
            token = S("");
        out->dead += first == i && !token.len;
        struct lock *lock = vec_push(slot->arena, &out->list);
        lock->link = slot->handling.links.at[i];
        lock->address = first == i ? address_of(judge, slot, kind, token) : out->list.at[first].address;
    }
}

void passes_told(const struct judge *judge, struct slot *slot, struct span bytes)
{
    slot->passes_due = 0;
    if (slot->handling.locks & ACT_LOCK)
        kind_told(judge, slot, PASS_LOCK, &bytes, &slot->words.locks);
    if (slot->handling.locks & ACT_DOUBLE_LOCK)
        kind_told(judge, slot, PASS_DOUBLE_LOCK, &bytes, &slot->words.double_locks);
}
