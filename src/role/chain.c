/* chain: the ARC sets of what a policy's edits leave of a message (RFC 8617). The results say what was proved of it as it came, whatever
 * the verdict; the signer signs them, first the message's signature and then the seal over it. What does not come in time costs the set. */
#include "role/judge.h"

#include "base/digest.h"

enum { CHAIN_MS = 1000 };
static const struct covered {
    struct span name;
    size_t most; /* how many of them: h= stands on one line, which mail servers must not break */
} covered[] = {{S("from"), 3}, {S("to"), 2}, {S("cc"), 2}, {S("reply-to"), 2}, {S("sender"), 2}, {S("subject"), 2}, {S("date"), 2}, {S("message-id"), 2},
               {S("in-reply-to"), 1}, {S("references"), 1}, {S("mime-version"), 2}, {S("content-type"), 2}, {S("content-transfer-encoding"), 2},
               {S("list-id"), 1}, {S("list-unsubscribe"), 1}, {S("list-unsubscribe-post"), 1}, {S("dkim-signature"), 8}};
enum { COVERED = sizeof covered / sizeof *covered };

static bool is_covered(struct span name)
{
    for (size_t i = 0; i < COVERED; i++)
        if (span_eq_case(covered[i].name, name))
            return true;
    return false;
}

/* Fields that we only add beside what was signed break nothing. */
static bool breaks(const struct edits *edits)
{
    vec_each(edit, &edits->headers)
        if (is_covered(edit->name))
            return true;
    return edits->body_changed;
}

/* From once more than it occurs: then nobody puts another above it. */
static void request_fill(struct slot *slot, const struct handling_settings *settings, const struct message *edited, struct seal_request *out)
{
    const struct walk *walk = &slot->walk;
    *out = (struct seal_request){.domain = settings->arc_domain, .selector = settings->arc_selector, .algorithm = S("rsa-sha256"),
                                 .signed_at = walk->arrival.received_at, .results = slot->words.results, .chain = walk->proof.arc.result};
    for (size_t i = 0; i < COVERED; i++) {
        size_t count = i ? 0 : 1;
        vec_each(field, &edited->fields)
            count += span_eq_case(field->name, covered[i].name);
        for (size_t k = 0; k < count && k < covered[i].most; k++)
            *vec_push(slot->arena, &out->fields) = covered[i].name;
    }
}

/* A chain of which we do not know ourselves whether it holds is not gone on with; nor one whose last number nobody can tell. */
static bool may_go_on(const struct arc_proof *arc)
{
    bool known = arc->result == PROOF_PASS || arc->result == PROOF_FAIL;
    return arc->sets.len ? known && !arc->recorded : arc->result == PROOF_NONE;
}

static void chain_send(struct judge *judge, struct slot *slot)
{
    struct err err;
    uint8_t digest[SHA256_BYTES];
    const struct chain_link *link = &slot->chain.at[slot->chain_at];
    struct buf bytes = {.arena = judge->scratch};
    sha256_of(link->to_sign, digest);
    words_pack(&bytes, (const struct span[]){S("arc"), link->request.domain, link->request.selector, {(const char *)digest, sizeof digest}}, 4);
    if (judge_may_ask(judge, judge->keys))
        channel_send(judge->keys, FRAME_SIGN, slot->number, buf_span(&bytes), -1, &err); /* its end shows itself, and the next one is asked again */
}

static void link_begin(const struct judge *judge, struct slot *slot, struct edits *edits)
{
    struct err err;
    struct chain_link link = {.edits = edits};
    if (!breaks(edits))
        return;
    link.edited = slot_edited(slot, edits);
    request_fill(slot, judge->settings->handling, link.edited, &link.request);
    if (arc_signature_input(slot->arena, link.edited, &link.request, &link.writing, &link.to_sign, &err) == 0 && link.writing.instance)
        *vec_push(slot->arena, &slot->chain) = link;
}

void chain_begin(struct judge *judge, struct slot *slot)
{
    const struct handling_settings *settings = judge->settings->handling;
    memset(&slot->chain, 0, sizeof slot->chain);
    slot->chain_at = 0;
    if (!judge->parent || !settings || !settings->arc_domain.len || !slot->words.results.len || !may_go_on(&slot->walk.proof.arc))
        return;
    if (slot->carries && slot->handling.fate == FATE_DELIVER)
        link_begin(judge, slot, &slot->handling.edits);
    vec_each(copy, &slot->handling.copies)
        link_begin(judge, slot, &copy->edits);
    vec_each(wait, &slot->handling.waits) {
        link_begin(judge, slot, &wait->declined.edits);
        link_begin(judge, slot, &wait->agreed.edits);
    }
    if (!slot->chain.len)
        return;
    if (!judge->keys_silent)
        slot->chain_due = clock_ms() + CHAIN_MS;
    chain_send(judge, slot);
}

void chain_ask(struct judge *judge, struct slot *slot)
{
    chain_send(judge, slot);
}

/* As header edits are written: lines end in LF alone. */
static struct span line_ends(struct arena *arena, struct span value)
{
    struct buf out = {.arena = arena};
    for (struct span piece; span_cut(&value, '\r', &piece);)
        buf_add(&out, piece);
    return buf_span(&out);
}

/* Each goes above the ones before. */
static void set_add(struct slot *slot, struct chain_link *link)
{
    const struct header_edit set[] = {
        {.act = HEADER_INSERT, .name = S("ARC-Authentication-Results"), .value = line_ends(slot->arena, link->writing.results)},
        {.act = HEADER_INSERT, .name = S("ARC-Message-Signature"), .value = line_ends(slot->arena, link->writing.signature)},
        {.act = HEADER_INSERT, .name = S("ARC-Seal"), .value = line_ends(slot->arena, link->writing.seal)}};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        *vec_push(slot->arena, &link->edits->headers) = set[i];
}

void chain_signed(struct judge *judge, struct slot *slot, struct span bytes)
{
    struct signed_answer answer;
    struct chain_link *link = &slot->chain.at[slot->chain_at];
    if (signed_unpack(bytes, &answer) < 0 || answer.how != SIGNED_DONE) {
        slot->chain_due = 0; /* nor would it sign the next */
        return;
    }
    if (!link->sealing) {
        arc_seal_input(slot->arena, link->edited, &link->request, answer.text, &link->writing, &link->to_sign);
        link->sealing = true;
    } else {
        arc_seal_finish(slot->arena, answer.text, &link->writing);
        set_add(slot, link);
        slot->chain_at++;
    }
    if (slot->chain_at < slot->chain.len)
        chain_send(judge, slot);
    else
        slot->chain_due = 0;
}
