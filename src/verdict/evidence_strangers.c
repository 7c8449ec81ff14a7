#include "verdict/judging.h"

/* What a letter asks, beside who it says it is. Here no link need lead away from the sender: a stolen account of a real firm, a domain
 * bought for the day and a page at a service of anybody all prove themselves. What is left is that the name and what is asked do not fit. */

#define L(lure) (1ull << LURE_##lure)
_Static_assert(LURE_COUNT <= 64, "lures are bits of 64");

#define ACCOUNT (L(SIGN_IN) | L(ODD_SIGN_IN) | L(ACCOUNT_ENDS) | L(PASSWORD) | L(MAILBOX_FULL))
#define DELIVERY (L(PARCEL) | L(SHARED_DOCUMENT) | L(SIGN_DOCUMENT) | L(VOICEMAIL) | L(FAX) | L(TAX) | L(TOLL) | L(PRIZE) | L(CRYPTO))
#define CHARGE (L(RENEW) | L(PAYMENT_FAILED) | L(REFUND) | L(ODD_SIGN_IN) | L(INVOICE) | L(PAY))
#define GAIN (L(CRYPTO) | L(ADVANCE_FEE) | L(PRIZE) | L(EXTORTION) | L(LOAN) | L(JOB))
#define LETTERS (L(ADVANCE_FEE) | L(LOAN) | L(PRIZE) | L(JOB) | L(WRITE_ME))
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

bool judging_answers_led_away(const struct judging *at)
{
    if (!at->content || !at->claim || at->content->links.main || writes_free(at))
        return false;
    return at->claim->mismatch.reply_to_free_mail || (at->content->words.free_mail_address && told(at, LETTERS));
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
    if (wallet && at->content->links.clickable && !at->claim->mismatch.well_known && !at->claim->from_brand && !at->claim->forwarded.well_known && !is_talk(at))
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

/* ---- a sum that is said to be the reader's: "+25,000$" */
static size_t coin_sign(struct span text) /* bytes of a currency at the beginning; 0: none */
{
    static const struct span signs[] = {{"$", 1}, {"€", 3}, {"£", 2}, {"¥", 2}, {"usd", 3}, {"eur", 3}, {"gbp", 3}, {"btc", 3}, {"eth", 3}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (span_starts_case(text, signs[i]))
            return signs[i].len;
    return 0;
}

static struct span sum_at(struct span text) /* behind the plus; empty: none */
{
    enum { FIGURES_LEAST = 4, BYTES_MOST = 16 };
    size_t currency = coin_sign(text), at = currency, figures = 0, last = 0; /* last: figures behind the last point */
    for (; at < text.len && at < BYTES_MOST && (ascii_is_digit(text.at[at]) || text.at[at] == ',' || text.at[at] == '.'); at++) {
        figures += ascii_is_digit(text.at[at]);
        last = ascii_is_digit(text.at[at]) ? last + 1 : 0;
    }
    if (last == 2) /* cents */
        figures -= last;
    size_t blank = at < text.len && text.at[at] == ' ';
    size_t behind = coin_sign(span_skip(text, at + blank));
    if (figures < FIGURES_LEAST || !(currency || behind))
        return S("");
    return span_first(text, currency ? at : at + blank + behind);
}

static struct span sum_in(struct span text)
{
    enum { LOOKED_AT = 120 };
    struct span rest = span_first(text, LOOKED_AT);
    const char *plus;
    while ((plus = span_find_byte(rest, '+'))) {
        rest = span_from(plus + 1, rest.at + rest.len);
        struct span sum = sum_at(rest);
        if (sum.len)
            return sum;
    }
    return S("");
}

/* In the subject, the name or the first words: where a letter says what it is about. */
static struct span sum_promised(const struct judging *at)
{
    vec_each(text, &at->content->words.texts) {
        struct span sum = text->place & (PLACE_NAME | PLACE_SUBJECT | PLACE_TOP) ? sum_in(text->raw) : S("");
        if (sum.len)
            return sum;
    }
    return S("");
}

static void sums_weigh(struct judging *at)
{
    const struct content *content = at->content;
    struct span sum = writes_free(at) && !is_talk(at) && (content->files.files || content->links.clickable) ? sum_promised(at) : S("");
    if (sum.len)
        evidence_add(at, EVIDENCE_SUM_FREE_MAIL, S("text"), sum, at->from_domain, S(""));
}

static void shares_weigh(struct judging *at)
{
    enum { SHARED = HOST_SHARE | HOST_FORM, ANYBODY = SHARED | HOST_FREE_PAGES | HOST_SHORTENER };
    const struct link_fact *main = at->content->links.main;
    if (!main || !at->message->from.len || is_talk(at))
        return;
    const struct lure_fact *papers = told(at, PAPERS), *gain = told(at, GAIN | (at->content->words.money_amount ? L(NAMELESS) : 0));
    struct span sum = sum_promised(at);
    if (papers && main->owner.len && main->kinds & SHARED && at->claim->vouching.main_out && !writes_free(at) && !is_owner_known(at, main->owner))
        evidence_add(at, EVIDENCE_SHARE_STRANGER, S("links"), papers->phrase, main->owner, at->from_domain);
    if ((gain || sum.len) && main->kinds & ANYBODY && writes_free(at))
        evidence_add(at, EVIDENCE_FREE_MAIL_GAIN, S("links"), gain ? gain->phrase : sum, main->host, at->from_domain);
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

/* Shops and banks that charge have domains of their own; craftsmen with free mail ask to be paid, and do not say that it was done. What
 * a friend sends on is headed so; and a receipt that is passed on has a way to follow. Who
 * reports one to a desk for bad mail quotes it. */
static void bills_weigh(struct judging *at)
{
    const struct content_words *words = &at->content->words;
    const struct lure_fact *charged = told(at, L(CHARGED));
    bool receipt = at->claim->forwarded.is && !at->claim->forwarded.free_mail && (at->content->links.clickable || !told(at, L(CALL_NUMBER)));
    if (!charged || !writes_free(at) || is_talk(at) || words->reply_faked || receipt || at->claim->mismatch.to_desk)
        return;
    if (words->money_amount)
        evidence_add(at, EVIDENCE_CHARGE_FREE_MAIL, S("From"), charged->phrase, at->from_domain, S(""));
    if (words->money_amount && (words->telephone || told(at, L(CALL_NUMBER))))
        evidence_add(at, EVIDENCE_BILL_FREE_MAIL, S("text"), charged->phrase, at->from_domain, words->telephone_number);
    if (words->code_in_subject)
        evidence_add(at, EVIDENCE_BILL_NUMBERED, S("Subject"), charged->phrase, at->message->subject, at->from_domain);
}

/* People with free mail bear names, of which their addresses tell. "Delivery is waiting", "Customer support" are none. */
static void offices_weigh(struct judging *at)
{
    const struct lure_fact *asks = told(at, ACCOUNT | DELIVERY | CHARGE | L(CHARGED) | L(CARD_DATA) | L(PERSONAL_DATA) | L(CALL_NUMBER)), *named = NULL;
    for (unsigned id = 0; id < LURE_COUNT; id++)
        if ((ACCOUNT | DELIVERY | CHARGE | L(CHARGED)) >> id & 1 && at->content->words.lures[id].places & PLACE_NAME)
            named = &at->content->words.lures[id];
    bool office = named || at->claim->shape.role;
    if (office && writes_free(at) && at->claim->shape.present && !at->claim->shape.shares_word && (asks || named) && !is_talk(at))
        evidence_add(at, EVIDENCE_OFFICE_FREE_ASKS, S("From"), at->message->from.at[0].name, at->from_domain, (asks ? asks : named)->phrase);
}

static void crowds_weigh(struct judging *at)
{
    const struct mismatch *mismatch = &at->claim->mismatch;
    const struct lure_fact *gain = told(at, L(ADVANCE_FEE) | L(LOAN) | L(PRIZE) | L(JOB) | L(CRYPTO));
    bool to_free = writes_free(at) || mismatch->reply_to_free_mail || judging_answers_led_away(at);
    struct span answers = writes_free(at) ? at->from_domain : mismatch->reply_to_free_mail ? mismatch->reply_to : at->content->words.mail_address_other;
    if (gain && mismatch->hidden_recipients && to_free && !at->content->links.main && !is_talk(at))
        evidence_add(at, EVIDENCE_GAIN_HIDDEN, S("To"), gain->phrase, answers, S(""));
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
    bills_weigh(at);
    offices_weigh(at);
    sums_weigh(at);
    crowds_weigh(at);
}
