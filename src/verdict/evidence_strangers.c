#include "verdict/judging.h"

/* What a letter asks, beside who it says it is. Here no link need lead away from the sender: a stolen account of a real firm, a domain
 * bought for the day and a page at a service of anybody all prove themselves. What is left is that the name and what is asked do not fit. */

#define L(lure) (1ull << LURE_##lure)
_Static_assert(LURE_COUNT <= 64, "lures are bits of 64");

#define ACCOUNT (L(SIGN_IN) | L(ODD_SIGN_IN) | L(ACCOUNT_ENDS) | L(PASSWORD) | L(MAILBOX_FULL))
#define DELIVERY (L(PARCEL) | L(SHARED_DOCUMENT) | L(SIGN_DOCUMENT) | L(VOICEMAIL) | L(FAX) | L(TAX) | L(TOLL) | L(PRIZE) | L(CRYPTO))
#define CHARGE (L(RENEW) | L(PAYMENT_FAILED) | L(REFUND) | L(ODD_SIGN_IN) | L(INVOICE) | L(PAY))
#define GAIN (L(CRYPTO) | L(ADVANCE_FEE) | L(PRIZE) | L(EXTORTION) | L(LOAN) | L(JOB))
#define PAPERS (L(RFP) | L(INVOICE) | L(SHARED_DOCUMENT) | L(SIGN_DOCUMENT) | L(SIGN_IN) | L(VOICEMAIL) | L(FAX))

/* The first of the lures that the letter has; NULL: none. */
static const struct lure_fact *told(const struct judging *at, uint64_t lures)
{
    for (unsigned id = 0; id < LURE_COUNT; id++)
        if (lures >> id & 1 && at->content->words.lures[id].strong)
            return &at->content->words.lures[id];
    return NULL;
}

/* Letters among people who know each other, and letters about fraud, quote such words. */
static bool is_talk(const struct judging *at)
{
    const struct content_words *words = &at->content->words;
    return at->claim->mismatch.list_borne_out || words->quoted || words->code_or_diff || words->lures[LURE_WARNS].strong ||
           (at->claim->mismatch.from_own && at->claim->vouching.proved);
}

/* The brand that the letter speaks as and that neither owns the sender's domain nor signed; NULL: none. */
static const struct brand *foreign_brand(const struct judging *at)
{
    const struct brand_claim *claim = at->claim->main;
    return claim && claim->as && !claim->from_own && !claim->signer_own && !claim->service_own ? claim->brand : NULL;
}

static bool writes_free(const struct judging *at)
{
    return at->claim->mismatch.from_free_mail || at->claim->mismatch.from_disposable;
}

/* There is something to follow, to call or to open: people tell each other of such letters without. */
static bool can_act(const struct judging *at)
{
    const struct content *content = at->content;
    return content->links.clickable || content->links.mailto || content->files.files || content->words.telephone;
}

static void brands_weigh(struct judging *at)
{
    const struct brand *brand = foreign_brand(at);
    const struct lure_fact *account = told(at, ACCOUNT | L(WALLET)), *delivery = told(at, DELIVERY), *charge = told(at, L(PAY) | L(PAYMENT_FAILED) | L(RENEW) | L(REFUND) | L(CARD_DATA));
    if (!brand || is_talk(at) || !can_act(at))
        return;
    if (account && (!writes_free(at) || at->claim->main->places & TOLD_NAME || told(at, L(NAMELESS))))
        evidence_add(at, EVIDENCE_ACCOUNT_FOREIGN_BRAND, S("text"), account->phrase, brand->name, at->from_domain);
    if (charge)
        evidence_add(at, EVIDENCE_PAY_FOREIGN_BRAND, S("text"), charge->phrase, brand->name, at->from_domain);
    if (delivery && at->claim->main->places & TOLD_NAME)
        evidence_add(at, EVIDENCE_DELIVERY_FOREIGN_BRAND, S("text"), delivery->phrase, brand->name, at->from_domain);
}

/* An account, spoken of under a name that has nothing to do with the domain it comes from. */
static void names_weigh(struct judging *at)
{
    const struct lure_fact *account = told(at, ACCOUNT | L(PAYMENT_FAILED));
    if (account && at->seen[EVIDENCE_NAME_UNRELATED] && at->content->links.clickable && !at->claim->mismatch.well_known && !is_talk(at))
        evidence_add(at, EVIDENCE_ACCOUNT_NAME_UNRELATED, S("From"), account->phrase, at->message->from.at[0].name, at->from_domain);
}

/* Who asks for a wallet to be connected takes what is in it; known exchanges have it done in their own programs. */
static void wallets_weigh(struct judging *at)
{
    const struct lure_fact *wallet = told(at, L(WALLET));
    if (wallet && at->content->links.clickable && !at->claim->mismatch.well_known && !at->claim->from_brand && !is_talk(at))
        evidence_add(at, EVIDENCE_WALLET_STRANGER, S("text"), wallet->phrase, at->from_domain, S(""));
}

static void lookalikes_weigh(struct judging *at)
{
    const struct lure_fact *money = told(at, L(BANK_CHANGE) | L(TRANSFER));
    if (!money)
        return;
    vec_each(like, &at->claim->lookalikes)
        if (like->place == LOOKALIKE_FROM || like->place == LOOKALIKE_REPLY_TO || like->place == LOOKALIKE_SENDER)
            evidence_add(at, EVIDENCE_MONEY_LOOKALIKE, S("From"), money->phrase, like->seen, like->of);
}

/* "example" and "example-corp", in either direction. */
static bool resembles(struct span a, struct span b)
{
    enum { SHARED_LEAST = 4 };
    if (a.len < SHARED_LEAST || b.len < SHARED_LEAST)
        return span_eq_case(a, b);
    return span_find_case(a, b) || span_find_case(b, a);
}

static bool is_owner_known(const struct judging *at, struct span owner)
{
    const struct mailbox *from = &at->message->from.at[0];
    struct span domain = at->from_domain;
    const char *dot;
    while ((dot = span_find_byte(domain, '.'))) { /* every label of the sender's domain may name the tenant */
        struct span label = span_from(domain.at, dot);
        if (resembles(owner, label))
            return true;
        domain = span_from(dot + 1, domain.at + domain.len);
    }
    struct span name = from->name; /* words of the name, too */
    while (name.len) {
        const char *blank = span_find_byte(name, ' ');
        struct span word = blank ? span_from(name.at, blank) : name;
        if (word.len >= 3 && span_find_case(owner, word))
            return true;
        name = blank ? span_from(blank + 1, name.at + name.len) : S("");
    }
    return false;
}

static void shares_weigh(struct judging *at)
{
    enum { SHARED = HOST_SHARE | HOST_FORM, ANYBODY = SHARED | HOST_FREE_PAGES | HOST_SHORTENER };
    const struct link_fact *main = at->content->links.main;
    if (!main || !at->message->from.len || is_talk(at))
        return;
    const struct lure_fact *papers = told(at, PAPERS), *gain = told(at, GAIN | (at->content->words.money_amount ? L(NAMELESS) : 0));
    if (papers && main->owner.len && main->kinds & SHARED && at->claim->vouching.main_out && !writes_free(at) && !is_owner_known(at, main->owner))
        evidence_add(at, EVIDENCE_SHARE_STRANGER, S("links"), papers->phrase, main->owner, at->from_domain);
    if (gain && main->kinds & ANYBODY && writes_free(at))
        evidence_add(at, EVIDENCE_FREE_MAIL_GAIN, S("links"), gain->phrase, main->host, at->from_domain);
}

/* A charge that is undone by telephone alone, from somebody whose own letters give no reason to believe the name. */
static void calls_weigh(struct judging *at)
{
    const struct content_words *words = &at->content->words;
    const struct lure_fact *call = told(at, L(CALL_NUMBER));
    bool stranger = writes_free(at) || at->claim->mismatch.reply_to_free_mail || foreign_brand(at);
    bool link_out = at->content->links.main && at->claim->vouching.main_out;
    if (call && words->telephone && stranger && !link_out && told(at, CHARGE) && (told(at, L(NAMELESS) | L(THREAT) | L(HURRY) | L(CRYPTO)) || foreign_brand(at)) && !is_talk(at))
        evidence_add(at, EVIDENCE_CALL_STRANGER, S("text"), call->phrase, words->telephone_number, at->from_domain);
}

static void crowds_weigh(struct judging *at)
{
    const struct mismatch *mismatch = &at->claim->mismatch;
    const struct lure_fact *gain = told(at, L(ADVANCE_FEE) | L(LOAN) | L(PRIZE) | L(JOB) | L(CRYPTO));
    if (gain && mismatch->hidden_recipients && (writes_free(at) || mismatch->reply_to_free_mail) && !at->content->links.clickable && !is_talk(at))
        evidence_add(at, EVIDENCE_GAIN_HIDDEN, S("To"), gain->phrase, writes_free(at) ? at->from_domain : mismatch->reply_to, S(""));
}

void evidence_of_strangers(struct judging *at)
{
    if (!at->content || !at->claim)
        return;
    brands_weigh(at);
    names_weigh(at);
    wallets_weigh(at);
    lookalikes_weigh(at);
    shares_weigh(at);
    calls_weigh(at);
    crowds_weigh(at);
}
