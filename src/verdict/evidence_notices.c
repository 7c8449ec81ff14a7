#include "verdict/judging.h"

/* Services that send under their own name what anybody wrote: comments, invitations, requests for money, transcripts of chats. All of it is
 * proved, and none of it is the service's word. What is left is that the offer leads away from the service, or to a telephone. */

enum { HOST_OF_ANYBODY = HOST_SHORTENER | HOST_FREE_PAGES | HOST_FORM | HOST_BUCKET | HOST_SHARE | HOST_TUNNEL | HOST_GATEWAY, LINKS_LOOKED_AT = 100 };

#define L(lure) (1ull << LURE_##lure)
#define OFFERS (L(CRYPTO) | L(WALLET) | L(PRIZE) | L(QUIZ) | L(LOAN) | L(ADVANCE_FEE) | L(ROMANCE) | L(JOB) | L(GIFT_CARD))
#define CHARGES (L(CHARGED) | L(RENEW) | L(PAYMENT_FAILED) | L(REFUND) | L(ODD_SIGN_IN))

static bool is_notice(const struct judging *at)
{
    const struct content_words *words = &at->content->words;
    return at->claim->vouching.proved && !words->quoted && !words->code_or_diff && !at->claim->mismatch.from_own && !at->claim->mismatch.from_partner &&
           host_kinds(at->tables, at->from_domain, S(""), NULL) & HOST_NOTICES;
}

/* Two kinds of offers, one of them plain: who writes of one trade alone may well mean it. */
static const struct lure_fact *offer_of(const struct judging *at)
{
    const struct lure_fact *first = NULL;
    unsigned kinds = 0;
    for (unsigned id = 0; id < LURE_COUNT; id++) {
        const struct lure_fact *lure = &at->content->words.lures[id];
        if (!(OFFERS >> id & 1) || !lure->count)
            continue;
        kinds++;
        if (lure->strong && !first)
            first = lure;
    }
    return kinds >= 2 ? first : NULL;
}

/* A link to follow that is neither the service's nor one that everybody points at. */
static const struct link_fact *strange_link(const struct judging *at)
{
    size_t looked = 0;
    vec_each (fact, &at->content->links.list) {
        if (!fact->seen || !fact->host.len || ++looked > LINKS_LOOKED_AT)
            continue;
        bool own = same_organisation(at->tables, fact->host, at->from_domain) || (at->claim->from_brand && brand_owns(at->claim->from_brand, fact->host));
        bool common = fact->kinds & (HOST_SOCIAL | HOST_REPUTABLE | HOST_COMMON_LIBRARY | HOST_TRACKER);
        if (fact->kinds & HOST_OF_ANYBODY ? !own || fact->kinds & HOST_FORM : !own && !common)
            return fact;
    }
    return NULL;
}

bool judging_notice_offers(const struct judging *at)
{
    return at->tables && at->content && is_notice(at) && offer_of(at) && strange_link(at);
}

void evidence_of_notices(struct judging *at)
{
    const struct content_words *words = &at->content->words;
    if (!at->tables || !is_notice(at))
        return;
    if (judging_notice_offers(at))
        evidence_add(at, EVIDENCE_NOTICE_OFFER, S("text"), offer_of(at)->phrase, strange_link(at)->host, at->from_domain);
    const struct lure_fact *call = &words->lures[LURE_CALL_NUMBER];
    for (unsigned id = 0; id < LURE_COUNT; id++)
        if (CHARGES >> id & 1 && words->lures[id].strong && call->strong && words->telephone && words->lures[LURE_HURRY].count + words->lures[LURE_THREAT].count + words->lures[LURE_NAMELESS].count)
            evidence_add(at, EVIDENCE_NOTICE_CALL, S("text"), words->lures[id].phrase, words->telephone_number, at->from_domain);
}
