/* witnesses: what block lists answered, by the tables of whoever asked them, and what a virus scanner found. */
#include "verdict/judging.h"
#include "verdict/witnesses.h"

#define ASKS(asks) (1u << (asks))
enum { NAMES = ASKS(LIST_DOMAIN) | ASKS(LIST_HELO) };

static const struct {
    enum evidence_id id;
    unsigned asks;
} sayings[] = {
    {EVIDENCE_CLIENT_LISTED_SPAM, ASKS(LIST_CLIENT)},
    {EVIDENCE_CLIENT_LISTED_EXPLOITED, ASKS(LIST_CLIENT)},
    {EVIDENCE_CLIENT_LISTED_POLICY, ASKS(LIST_CLIENT)},
    {EVIDENCE_CLIENT_LISTED_POOR, ASKS(LIST_CLIENT)},
    {EVIDENCE_CLIENT_WELCOMED, ASKS(LIST_CLIENT)},
    {EVIDENCE_DOMAIN_LISTED_SPAM, NAMES},
    {EVIDENCE_DOMAIN_LISTED_PHISH, NAMES},
    {EVIDENCE_DOMAIN_LISTED_MALWARE, NAMES},
    {EVIDENCE_DOMAIN_LISTED_ABUSED, NAMES},
    {EVIDENCE_DOMAIN_LISTED_NEW, NAMES},
    {EVIDENCE_DOMAIN_WELCOMED, ASKS(LIST_DOMAIN)},
    {EVIDENCE_LINK_LISTED_SPAM, ASKS(LIST_LINKS)},
    {EVIDENCE_LINK_LISTED_PHISH, ASKS(LIST_LINKS)},
    {EVIDENCE_LINK_LISTED_MALWARE, ASKS(LIST_LINKS)},
    {EVIDENCE_LINK_LISTED_ABUSED, ASKS(LIST_LINKS)},
    {EVIDENCE_LINK_LISTED_NEW, ASKS(LIST_LINKS)},
};
enum { SAYINGS = sizeof sayings / sizeof *sayings };

bool witness_may_say(enum list_asks asks, enum evidence_id id)
{
    for (size_t i = 0; i < SAYINGS; i++)
        if (sayings[i].id == id)
            return sayings[i].asks >> asks & 1;
    return false;
}

struct span witness_sayings(struct arena *arena, enum list_asks asks)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < SAYINGS; i++)
        if (sayings[i].asks >> asks & 1)
            buf_print(&out, "%s%s", out.len ? ", " : "", evidence_kind(sayings[i].id)->name);
    return buf_span(&out);
}

bool evidence_is_witnessed(enum evidence_id id)
{
    if (id == EVIDENCE_VIRUS_FOUND || id == EVIDENCE_VIRUS_SUSPECTED)
        return true;
    for (size_t i = 0; i < SAYINGS; i++)
        if (sayings[i].id == id)
            return true;
    return false;
}

/* ---- from answers to evidence */

static struct span where_of(enum list_asks asks)
{
    static const struct span places[] = {S("client"), S("From"), S("HELO"), S("link")};
    return places[asks];
}

static void found_push(struct arena *arena, const struct verdict_settings *settings, const struct listing *listing, struct span answer,
                       enum evidence_id id, struct report *out)
{
    vec_each(have, &out->evidence)
        if (have->id == id)
            return; /* the first list that says so is named */
    *vec_push(arena, &out->evidence) =
        (struct evidence){.id = id, .weight = settings->weights[id], .alone = settings->weights[id], .where = where_of(listing->asks),
                          .words = {listing->subject, listing->zone, answer}};
}

/* Nothing that somebody else says speaks for a sender whose own proof failed. */
static bool counts(const struct judgement *judgement, enum evidence_id id)
{
    return evidence_kind(id)->prior > 0 || !judgement->sender.failed;
}

static void answer_weigh(struct arena *arena, const struct verdict_settings *settings, const struct judgement *judgement, const struct listing *listing,
                         const struct witness_codes *codes, struct span answer, struct report *out)
{
    struct ip ip;
    if (!ip_parse(answer, &ip) || ip.family != IP_V4)
        return;
    vec_each(code, &codes->codes) {
        if (!ip_within(&ip, &code->within.network, code->within.bits) || (code->bits && !(ip.bytes[3] & code->bits)))
            continue;
        if (counts(judgement, code->id))
            found_push(arena, settings, listing, answer, code->id, out);
        if (!code->bits)
            return;
    }
}

static const struct witness_codes *codes_of(const struct verdict_witnesses *witnesses, const struct listing *listing)
{
    vec_each(codes, &witnesses->lists)
        if (codes->asks == listing->asks && span_eq(codes->zone, listing->zone))
            return codes;
    return NULL;
}

/* ClamAV's guesses bear such names; what it knows does not. */
static bool is_guess(struct span name)
{
    static const struct span guesses[] = {S("Heuristics."), S("PUA."), S("Phishing.Heuristics.")};
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
        if (span_starts(name, guesses[i]))
            return true;
    return false;
}

static void virus_weigh(struct arena *arena, const struct verdict_settings *settings, const struct judged_scan *scan, struct report *out)
{
    enum evidence_id id = is_guess(scan->name) ? EVIDENCE_VIRUS_SUSPECTED : EVIDENCE_VIRUS_FOUND;
    if (scan->asked && scan->word == CLAMD_FOUND)
        *vec_push(arena, &out->evidence) = (struct evidence){.id = id, .weight = settings->weights[id], .alone = settings->weights[id],
                                                             .where = S("message"), .words = {scan->name}};
}

static void witnessed_forget(struct report *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->evidence.len; i++)
        if (!evidence_is_witnessed(out->evidence.at[i].id))
            out->evidence.at[kept++] = out->evidence.at[i];
    out->evidence.len = kept;
}

void witnesses_weigh(struct arena *arena, const struct verdict_settings *settings, const struct judgement *judgement, struct report *out)
{
    witnessed_forget(out);
    vec_each(listing, &judgement->listings) {
        const struct witness_codes *codes = codes_of(settings->witnesses, listing);
        struct span rest = listing->answers, answer;
        if (listing->state == LISTING_FOUND && codes)
            while (span_cut(&rest, ' ', &answer))
                answer_weigh(arena, settings, judgement, listing, codes, answer, out);
    }
    if (settings->witnesses->scanner)
        virus_weigh(arena, settings, &judgement->scan, out);
}

bool witnesses_were_asked(struct arena *arena, const struct verdict_witnesses *witnesses, const struct judgement *judgement, struct span *why)
{
    vec_each(codes, &witnesses->lists) {
        bool asked = false;
        vec_each(listing, &judgement->listings)
            asked |= listing->asks == codes->asks && span_eq(listing->zone, codes->zone);
        if (asked)
            continue;
        *why = arena_print(arena, "the block list %.*s was not asked about its %s then", SPAN_FMT(codes->zone), list_asks_name(codes->asks));
        return false;
    }
    if (!witnesses->scanner || judgement->scan.asked)
        return true;
    *why = S("no virus scanner was asked then");
    return false;
}
