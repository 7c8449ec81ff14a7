#include "verdict/judging.h"

/* A letter that is passed on without a word is what the message says, and the head above it says whose. That head is anybody's word, so
 * nothing in it speaks for the message; against it speaks what does not fit even as it is told. */

#define L(lure) (1ull << LURE_##lure)
#define ACCOUNT (L(SIGN_IN) | L(ODD_SIGN_IN) | L(ACCOUNT_ENDS) | L(PASSWORD) | L(MAILBOX_FULL) | L(WALLET))
#define CHARGE (L(PAY) | L(PAYMENT_FAILED) | L(CARD_DATA) | L(REFUND) | L(RENEW) | L(PRIZE) | L(TAX) | L(TOLL))
#define GAIN (L(ADVANCE_FEE) | L(LOAN) | L(PRIZE) | L(ROMANCE) | L(CRYPTO) | L(EXTORTION) | L(JOB) | L(WRITE_ME) | L(BANK_CHANGE))

/* The first of the lures that the letter has; NULL: none. */
static const struct lure_fact *told(const struct judging *at, uint64_t lures)
{
    for (unsigned id = 0; id < LURE_COUNT; id++)
        if (lures >> id & 1 && at->content->words.lures[id].strong)
            return &at->content->words.lures[id];
    return NULL;
}

static struct span shown_name(const struct mailbox *from)
{
    return from->name.len ? from->name : from->address;
}

/* What one presses leads, or writes, to somebody who is neither the brand nor who the letter is said to be of. */
static struct span place_out(const struct judging *at)
{
    const struct content_links *links = &at->content->links;
    struct span none = {0}, from = at->claim->forwarded.from->domain_ascii;
    const struct brand *brand = at->claim->forwarded.brand.brand;
    const struct vouching *vouching = &at->claim->vouching;
    struct span main = links->main ? links->main->host : none;
    bool told = vouching->main_told && at->tables && same_organisation(at->tables, main, from);
    if (main.len && !told && (vouching->main_out || vouching->main_told) && !(brand && brand_owns(brand, main)))
        return main;
    vec_each(host, &links->mailto_hosts)
        if (!links->main && at->tables && !same_organisation(at->tables, *host, from) && !(brand && brand_owns(brand, *host)))
            return *host;
    return none;
}

static void brand_weigh(struct judging *at)
{
    const struct forwarded_claim *letter = &at->claim->forwarded;
    const struct brand_claim *brand = &letter->brand;
    struct span address = letter->from->address, out = place_out(at);
    bool foreign = address.len && !brand->from_own;
    if (!brand->brand)
        return;
    if (letter->names_brand && foreign)
        evidence_add(at, EVIDENCE_FORWARDED_BRAND, S("text"), letter->from->name, brand->brand->name, address);
    if (out.len && !brand->links_own)
        evidence_add(at, EVIDENCE_FORWARDED_BRAND_LINK, S("links"), brand->brand->name, out, S(""));
    const struct lure_fact *asks = told(at, ACCOUNT | CHARGE);
    if (asks && (foreign || (out.len && !brand->links_own)) && !at->content->words.lures[LURE_WARNS].strong)
        evidence_add(at, EVIDENCE_FORWARDED_BRAND_ASKS, S("text"), asks->phrase, brand->brand->name, foreign ? address : out);
}

static void address_weigh(struct judging *at)
{
    const struct forwarded_claim *letter = &at->claim->forwarded;
    const struct name_shape *shape = &letter->shape;
    struct span name = letter->from->name, address = letter->from->address;
    bool firm = letter->names_brand || (shape->present && (shape->role || shape->figures || shape->ornament || shape->domain_of_other || shape->address_of_other));
    bool leads_out = at->claim->vouching.main_out || !at->content->links.clickable;
    if (letter->free_mail && firm)
        evidence_add(at, EVIDENCE_FORWARDED_FREE_MAIL, S("text"), name, address, S(""));
    if (letter->lookalike.seen.len)
        evidence_add(at, EVIDENCE_FORWARDED_LOOKALIKE, S("text"), address, letter->lookalike.of, S(""));
    if (!letter->well_known && !letter->free_mail && shape->local_random + shape->domain_random + leads_out >= 2 && (shape->local_random || shape->domain_random))
        evidence_add(at, EVIDENCE_FORWARDED_RANDOM, S("text"), address, S(""), S(""));
}

static void stranger_weigh(struct judging *at)
{
    const struct forwarded_claim *letter = &at->claim->forwarded;
    bool unrelated = letter->from->address.len && letter->shape.present && !letter->shape.shares_word && !letter->well_known;
    const struct lure_fact *gain = told(at, GAIN), *account = told(at, ACCOUNT);
    if (at->content->words.lures[LURE_WARNS].strong || !unrelated)
        return;
    if (gain)
        evidence_add(at, EVIDENCE_FORWARDED_STRANGER, S("text"), gain->phrase, shown_name(letter->from), letter->from->address);
    if (account)
        evidence_add(at, EVIDENCE_FORWARDED_ACCOUNT, S("text"), account->phrase, letter->from->name, letter->from->address);
}

void evidence_of_forwarded(struct judging *at)
{
    if (!at->claim->forwarded.is || at->claim->mismatch.to_desk || at->claim->mismatch.list_borne_out)
        return;
    brand_weigh(at);
    address_weigh(at);
    stranger_weigh(at);
}
