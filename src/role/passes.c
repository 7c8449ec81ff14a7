/* passes: addresses for the links of a message that are to be locked. The signer makes their tokens; a link that gets none leads to a
 * page that lets nobody on, for it was to be locked. */
#include "role/judge.h"

#include "message/url.h"
#include "record/record.h"

enum { PASSES_MS = 2000 };

static enum pass_kind kind_of(const struct slot *slot)
{
    return slot->handling.acts & ACT_DOUBLE_LOCK ? PASS_DOUBLE_LOCK : PASS_LOCK;
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

/* One body serves all who ride the answer: the pass is for each of them. */
static void pass_begin(struct judge *judge, const struct slot *slot, struct pass *out)
{
    const struct arrival *arrival = &slot->walk.arrival;
    size_t count = arrival->rcpt_to.len;
    struct span *addresses = arena_alloc(slot->arena, (count + 1) * sizeof *addresses);
    bool *meant = arena_alloc(slot->arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        addresses[i] = record_recipient(slot->arena, arrival->rcpt_to.at[i].address);
        meant[i] = true;
    }
    vec_each(number, &slot->handling.dropped)
        meant[*number] = false; /* nobody has a copy of another kind where links are locked */
    *out = (struct pass){.kind = kind_of(slot), .record = slot->walk.report.id, .key = record_key(slot->arena, &slot->walk.report), .org = arrival->org,
                         .until = arrival->received_at + judge->settings->handling->links_seconds};
    pass_name(slot->arena, out, addresses, count, meant);
}

void passes_ask(struct judge *judge, struct slot *slot)
{
    struct err err;
    struct pass pass;
    struct buf asked = {.arena = slot->arena};
    pass_begin(judge, slot, &pass);
    slot->passes_due = slot->passes_due ? slot->passes_due : clock_ms() + PASSES_MS;
    for (size_t i = 0, count = 0; i < slot->handling.links.len && count < PASSES_MOST; i++) {
        struct span text = {0};
        const struct link *link = link_at(slot, i);
        if (first_alike(slot, i) != i)
            continue;
        pass.link = slot->handling.links.at[i];
        pass.target = link->url ? link->url->href : link->raw;
        pass.target = pass.target.len > PASS_TARGET_MOST ? S("") : pass.target;
        if (pass_write(slot->arena, &pass, &text, &err) < 0)
            text = S(""); /* gets no token */
        pass_ask_pack(&asked, pass.kind, text);
        count++;
    }
    if (judge_may_ask(judge, judge->keys))
        channel_send(judge->keys, FRAME_PASS, slot->number, buf_span(&asked), -1, &err); /* its end shows itself, and the next one is asked again */
}

static struct span address_of(const struct judge *judge, const struct slot *slot, struct span token)
{
    bool plain = token.len > 0;
    for (size_t i = 0; i < token.len; i++)
        plain = plain && (ascii_is_alpha(token.at[i]) || ascii_is_digit(token.at[i]) || token.at[i] == '-' || token.at[i] == '_' || token.at[i] == '.');
    return pass_address(slot->arena, judge->settings->handling->base_url, kind_of(slot), plain ? token : S("none"));
}

void passes_told(const struct judge *judge, struct slot *slot, struct span bytes)
{
    slot->passes_due = 0;
    slot->words.dead = 0;
    slot->words.locks.len = 0;
    for (size_t i = 0, count = 0; i < slot->handling.links.len; i++) {
        struct span token = {0};
        size_t first = first_alike(slot, i);
        if (first == i && count++ < PASSES_MOST && !pass_token_unpack(&bytes, &token))
            token = S("");
        slot->words.dead += first == i && !token.len;
        struct lock *lock = vec_push(slot->arena, &slot->words.locks);
        lock->link = slot->handling.links.at[i];
        lock->address = first == i ? address_of(judge, slot, token) : slot->words.locks.at[first].address;
    }
}
