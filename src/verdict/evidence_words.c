#include "verdict/judging.h"

/* What the words ask, beside what stands behind the letter. A lure alone says next to nothing: honest banks write of payments,
 * honest services of passwords. Nearly every row asks for something that honest senders of such words have not. */

#define L(lure) (1ull << LURE_##lure)
_Static_assert(LURE_COUNT <= 64, "lures are bits of 64");

enum circumstance {
    MAIN_OUT = 1,        /* the main link leads to a host that nobody in the message vouches for */
    NO_LINK = 2,
    LINKED = 4096,
    FREE_MAIL = 4,       /* From at a provider for anybody */
    REPLY_OUT = 8,       /* answers go to another organisation */
    WRITE_ELSEWHERE = 16, /* the text names an address of a free-mail provider to write to */
    UNPROVED = 32,       /* proofs were looked for, and From's domain has none */
    TELEPHONE = 64,
    COIN = 128,
    MAILTO_OUT = 1024,   /* pressing a button writes to an address of another organisation */
    NOBODY_KNOWN = 2048, /* From is of no listed brand and no well-known domain */
    SHORT = 256,         /* a letter of a few lines */
    ANSWERS_FREE = 8192, /* answers go to free mail, the sender being elsewhere */
    TWICE = 512,         /* two phrases or more of the first lures */
    STRANGER = FREE_MAIL | REPLY_OUT | WRITE_ELSEWHERE,
    LONELY = STRANGER | UNPROVED
};
struct rule {
    enum evidence_id id;
    uint64_t asks, beside; /* one of these lures, and one of those (0: none needed) */
    unsigned all, either;  /* circumstances: all of these, and one of those (0: none needed) */
};

#define ACCOUNT (L(SIGN_IN) | L(ODD_SIGN_IN) | L(ACCOUNT_ENDS) | L(PASSWORD) | L(MAILBOX_FULL))
#define MONEY (L(PAY) | L(PAYMENT_FAILED) | L(CARD_DATA) | L(REFUND) | L(TRANSFER) | L(INVOICE) | L(RENEW))
static const struct rule rules[] = {
    /* accounts */
    {EVIDENCE_SIGN_IN_UNVOUCHED, L(SIGN_IN), 0, MAIN_OUT, 0},
    {EVIDENCE_ODD_SIGN_IN_UNVOUCHED, L(ODD_SIGN_IN), 0, MAIN_OUT, 0},
    {EVIDENCE_ACCOUNT_ENDS_UNVOUCHED, L(ACCOUNT_ENDS), 0, MAIN_OUT, 0},
    {EVIDENCE_PASSWORD_UNVOUCHED, L(PASSWORD), 0, MAIN_OUT, 0},
    {EVIDENCE_MAILBOX_UNVOUCHED, L(MAILBOX_FULL), 0, MAIN_OUT, 0},
    {EVIDENCE_ACCOUNT_FREE_MAIL, ACCOUNT, 0, FREE_MAIL, MAIN_OUT | REPLY_OUT},
    {EVIDENCE_ACCOUNT_MAILTO, ACCOUNT | L(PAYMENT_FAILED) | L(CRYPTO), 0, NO_LINK | MAILTO_OUT, 0},
    {EVIDENCE_ACCOUNT_NAMELESS, ACCOUNT | L(PAYMENT_FAILED), L(NAMELESS), MAIN_OUT, 0},
    {EVIDENCE_ACCOUNT_UNPROVED, ACCOUNT, L(BUTTON) | L(HURRY) | L(THREAT), UNPROVED | MAIN_OUT, 0},
    /* paying */
    {EVIDENCE_PAY_UNVOUCHED, L(PAY) | L(PAYMENT_FAILED), 0, MAIN_OUT, 0},
    {EVIDENCE_CARD_DATA_UNVOUCHED, L(CARD_DATA) | L(PERSONAL_DATA), 0, MAIN_OUT, 0},
    {EVIDENCE_RENEW_UNVOUCHED, L(RENEW), 0, MAIN_OUT, 0},
    {EVIDENCE_REFUND_UNVOUCHED, L(REFUND), 0, MAIN_OUT, 0},
    {EVIDENCE_OFFICE_UNVOUCHED, L(TAX) | L(TOLL), MONEY | L(HURRY) | L(THREAT), MAIN_OUT, 0},
    {EVIDENCE_CALLBACK, L(CALL_NUMBER), MONEY | L(ODD_SIGN_IN) | L(CHARGED), NO_LINK | TELEPHONE, 0},
    {EVIDENCE_BANK_CHANGE, L(BANK_CHANGE), 0, 0, LONELY},
    {EVIDENCE_TRANSFER_STRANGER, L(TRANSFER), L(HURRY) | L(SECRET) | L(TASK) | L(INVOICE), 0, LONELY},
    {EVIDENCE_GIFT_CARD_TASK, L(GIFT_CARD), L(TASK) | L(SECRET) | L(HURRY) | L(WRITE_ME), 0, LONELY},
    {EVIDENCE_TASK_STRANGER, L(TASK), 0, NO_LINK | SHORT, STRANGER},
    /* strangers' money */
    {EVIDENCE_ADVANCE_FEE_STRANGER, L(ADVANCE_FEE), 0, NO_LINK | TWICE, STRANGER},
    {EVIDENCE_ADVANCE_FEE_ONCE, L(ADVANCE_FEE), 0, NO_LINK, STRANGER},
    {EVIDENCE_ADVANCE_FEE_REPLY, L(ADVANCE_FEE), 0, LINKED | TWICE | ANSWERS_FREE, 0},
    {EVIDENCE_WRITE_FREE_MAIL, L(ADVANCE_FEE) | L(LOAN) | L(PRIZE) | L(WRITE_ME) | L(JOB), 0, NO_LINK | WRITE_ELSEWHERE, 0},
    {EVIDENCE_ADVANCE_FEE_WRITE_ME, L(ADVANCE_FEE), L(WRITE_ME) | L(SECRET) | L(PERSONAL_DATA), NO_LINK | TWICE, 0},
    {EVIDENCE_LOAN_STRANGER, L(LOAN), L(WRITE_ME) | L(PERSONAL_DATA) | L(NAMELESS), NO_LINK, 0},
    {EVIDENCE_EXTORTION_COIN, L(EXTORTION), 0, COIN, 0},
    {EVIDENCE_EXTORTION_WORDS, L(EXTORTION), L(HURRY) | L(THREAT) | L(CRYPTO) | L(EXTORTION), NO_LINK | TWICE, 0},
    {EVIDENCE_CRYPTO_UNVOUCHED, L(CRYPTO), 0, MAIN_OUT, 0},
    {EVIDENCE_CRYPTO_PRESSED, L(CRYPTO), ACCOUNT | L(PRIZE) | L(HURRY) | L(LOAN), MAIN_OUT, 0},
    {EVIDENCE_CRYPTO_UNKNOWN, L(CRYPTO), ACCOUNT | L(PRIZE) | L(HURRY) | L(NAMELESS), LINKED | NOBODY_KNOWN, 0},
    {EVIDENCE_CRYPTO_NO_LINK, L(CRYPTO), L(TRANSFER) | L(PAY) | L(INVOICE) | L(PRIZE) | L(SIGN_IN) | L(OPEN_FILE), NO_LINK, 0},
    {EVIDENCE_PRIZE_UNVOUCHED, L(PRIZE), 0, MAIN_OUT, 0},
    {EVIDENCE_PRIZE_STRANGER, L(PRIZE), 0, NO_LINK, STRANGER},
    {EVIDENCE_QUIZ_UNVOUCHED, L(QUIZ), L(PRIZE) | L(GIFT_CARD) | L(HURRY), MAIN_OUT, 0},
    {EVIDENCE_ROMANCE_UNVOUCHED, L(ROMANCE), 0, 0, MAIN_OUT | FREE_MAIL},
    {EVIDENCE_GOODS_UNVOUCHED, L(GOODS), 0, MAIN_OUT, 0},
    {EVIDENCE_JOB_STRANGER, L(JOB), L(WRITE_ME) | L(PERSONAL_DATA) | L(LOAN) | L(HURRY), 0, STRANGER | MAIN_OUT},
    /* what waits to be opened */
    {EVIDENCE_VOICEMAIL_UNVOUCHED, L(VOICEMAIL) | L(FAX), 0, MAIN_OUT, 0},
    {EVIDENCE_SHARED_UNVOUCHED, L(SHARED_DOCUMENT) | L(SIGN_DOCUMENT), 0, MAIN_OUT, 0},
    {EVIDENCE_PARCEL_UNVOUCHED, L(PARCEL), 0, MAIN_OUT, 0},
    {EVIDENCE_PARCEL_PAY_UNVOUCHED, L(PARCEL), L(PAY) | L(CARD_DATA) | L(HURRY) | L(THREAT) | L(PRIZE), MAIN_OUT, 0},
    {EVIDENCE_INVOICE_UNVOUCHED, L(INVOICE), 0, MAIN_OUT, 0},
    {EVIDENCE_RFP_STRANGER, L(RFP), L(OPEN_FILE) | L(HURRY) | L(SHARED_DOCUMENT), 0, STRANGER | MAIN_OUT},
    /* pressure */
    {EVIDENCE_HURRY_UNVOUCHED, L(HURRY), 0, MAIN_OUT, 0},
    {EVIDENCE_THREAT_UNVOUCHED, L(THREAT), L(HURRY) | ACCOUNT | L(PAY) | L(PAYMENT_FAILED), MAIN_OUT, 0},
    {EVIDENCE_SECRET_MONEY, L(SECRET), L(TRANSFER) | L(BANK_CHANGE) | L(GIFT_CARD) | L(ADVANCE_FEE) | L(TASK), 0, LONELY},
    {EVIDENCE_NAMELESS_UNVOUCHED, L(NAMELESS), 0, MAIN_OUT, 0},
};

static const struct lure_fact *lure_of(const struct judging *at, unsigned id)
{
    return &at->content->words.lures[id];
}

/* The host is of an organisation that the letter came to. */
static bool is_here(const struct judging *at, struct span host)
{
    vec_each (recipient, &at->arrival->rcpt_to) {
        const char *sign = span_find_byte(recipient->address, '@');
        if (sign && same_organisation(at->tables, host, span_from(sign + 1, recipient->address.at + recipient->address.len)))
            return true;
    }
    return false;
}

static bool mailto_is_out(const struct judging *at)
{
    vec_each (host, &at->content->links.mailto_hosts)
        if (at->tables && !same_organisation(at->tables, *host, at->from_domain) && !is_here(at, *host))
            return true;
    return false;
}

/* The first of the lures that the letter has; NULL: none. */
static const struct lure_fact *first_of(const struct judging *at, uint64_t lures, bool twice)
{
    for (unsigned id = 0; id < LURE_COUNT; id++)
        if (lures >> id & 1 && lure_of(at, id)->strong && (!twice || lure_of(at, id)->count > 1))
            return lure_of(at, id);
    return NULL;
}

static bool main_is_out(const struct judging *at)
{
    const struct vouching *vouching = &at->claim->vouching;
    bool only_told = vouching->main_told && !at->claim->forwarded.well_known; /* a stranger's word for a stranger's link */
    return at->content->links.main && (vouching->main_out || only_told) && !vouching->main_by_service && !(vouching->main_brand && vouching->proved);
}

static unsigned circumstances(const struct judging *at)
{
    enum { SHORT_LETTERS = 600 };
    const struct content_words *words = &at->content->words;
    const struct mismatch *mismatch = &at->claim->mismatch;
    const struct forwarded_claim *letter = &at->claim->forwarded;
    bool from_free = mismatch->from_free_mail || mismatch->from_disposable || letter->free_mail;
    bool known = mismatch->well_known || at->claim->from_brand || letter->well_known;
    return (main_is_out(at) ? MAIN_OUT : 0) | (mailto_is_out(at) ? MAILTO_OUT : 0) | (at->content->links.main ? LINKED : NO_LINK) | (known ? 0 : NOBODY_KNOWN) | (from_free ? FREE_MAIL : 0) |
           (mismatch->reply_to_differs || mismatch->reply_to_free_mail ? REPLY_OUT : 0) | (words->free_mail_address ? WRITE_ELSEWHERE : 0) | (mismatch->reply_to_free_mail ? ANSWERS_FREE : 0) |
           (!at->claim->vouching.proved && !at->claim->vouching.unknown ? UNPROVED : 0) | (words->telephone ? TELEPHONE : 0) |
           (words->coin_address ? COIN : 0) | (words->letters < SHORT_LETTERS ? SHORT : 0);
}

/* The thing beside the phrase that a person should look at. */
static struct span thing_of(const struct judging *at, const struct rule *rule, unsigned held)
{
    unsigned of = rule->all | rule->either;
    const struct content_words *words = &at->content->words;
    if (of & MAIN_OUT && held & MAIN_OUT)
        return at->content->links.main->host;
    if (of & TELEPHONE)
        return words->telephone_number;
    if (of & (REPLY_OUT | ANSWERS_FREE) && held & REPLY_OUT)
        return at->claim->mismatch.reply_to;
    if (of & MAILTO_OUT)
        return at->content->links.mailto_hosts.at[0];
    if (of & WRITE_ELSEWHERE && held & WRITE_ELSEWHERE)
        return words->mail_address_other;
    return at->claim->forwarded.free_mail ? at->claim->forwarded.from->domain_ascii : at->from_domain;
}

static void rules_apply(struct judging *at)
{
    unsigned held = circumstances(at);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        unsigned all = rule->all & ~(unsigned)TWICE;
        if ((held & all) != all || (rule->either && !(held & rule->either)))
            continue;
        const struct lure_fact *asks = first_of(at, rule->asks, rule->all & TWICE);
        if (asks && (!rule->beside || first_of(at, rule->beside, false)))
            evidence_add(at, rule->id, S("text"), asks->phrase, thing_of(at, rule, held), S(""));
    }
}

/* ---- letters made to look like others */
static const struct shown_text *told_large(const struct judging *at, unsigned disguise) /* in the name or the subject */
{
    vec_each (text, &at->content->words.texts)
        if (text->place & (PLACE_NAME | PLACE_SUBJECT) && text->folded.disguises & disguise)
            return text;
    return NULL;
}

static void disguises_weigh(struct judging *at)
{
    enum { ACCENTED_LEAST = 3 };
    const struct content_words *words = &at->content->words;
    static const struct {
        enum evidence_id id;
        unsigned disguise;
        bool large; /* only in the name or the subject */
    } kinds[] = {
        {EVIDENCE_WORDS_MIXED_SCRIPT, DISGUISE_MIXED_SCRIPT, false}, {EVIDENCE_WORDS_INVISIBLE, DISGUISE_INVISIBLE, false},
        {EVIDENCE_WORDS_MARKED, DISGUISE_COMBINING, false},          {EVIDENCE_WORDS_TURNED, DISGUISE_TURNED, false},
        {EVIDENCE_WORDS_STYLED, DISGUISE_STYLED, true},              {EVIDENCE_WORDS_APART, DISGUISE_APART, true},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct shown_text *large = told_large(at, kinds[i].disguise);
        if (kinds[i].large ? large != NULL : (words->disguises & kinds[i].disguise) != 0)
            evidence_add(at, kinds[i].id, S("text"), large ? large->folded.example : words->disguise_example, S(""), S(""));
    }
    if (words->accented >= ACCENTED_LEAST)
        evidence_add(at, EVIDENCE_WORDS_ACCENTED, S("text"), words->accented_example, S(""), S(""));
    for (unsigned id = 0; id < LURE_COUNT; id++)
        if (lure_of(at, id)->disguised)
            evidence_add(at, EVIDENCE_LURE_DISGUISED, S("text"), lure_of(at, id)->phrase, words->disguise_example, S(""));
}

/* ---- an offer in the field for a name, which an honest service sends on; whoever it is from is proved and known */
static void slot_weigh(struct judging *at)
{
    const struct content_words *words = &at->content->words;
    const struct slot_fact *slot = &words->slot;
    if (!slot->address || words->quoted || words->code_or_diff || at->claim->mismatch.list_borne_out || same_organisation(at->tables, slot->host, at->from_domain))
        return;
    if (slot->sum)
        evidence_add(at, EVIDENCE_NAME_OFFER, S("text"), slot->text, S(""), S(""));
    else if (slot->plainly && !is_here(at, slot->host))
        evidence_add(at, EVIDENCE_NAME_LINK, S("text"), slot->text, S(""), S(""));
}

/* ---- a gain, under a name that is not the sender's: also where the links are of a domain bought for the day */
static void gains_weigh(struct judging *at)
{
    const struct lure_fact *gain = first_of(at, L(CRYPTO) | L(ROMANCE) | L(QUIZ) | L(LOAN), false), *prize = first_of(at, L(PRIZE) | L(GIFT_CARD), false);
    const struct link_fact *main = at->content->links.main;
    if (!at->seen[EVIDENCE_NAME_UNRELATED] || !main || main->link->kind == LINK_TEXT || at->claim->mismatch.well_known || at->content->words.quoted || at->content->words.code_or_diff)
        return;
    if (gain)
        evidence_add(at, EVIDENCE_GAIN_UNRELATED, S("From"), gain->phrase, at->message->from.at[0].name, at->from_domain);
    else if (prize)
        evidence_add(at, EVIDENCE_PRIZE_UNRELATED, S("From"), prize->phrase, at->message->from.at[0].name, at->from_domain);
}

/* ---- marks of bulk kits */
static void marks_weigh(struct judging *at)
{
    enum { STRANGER_LETTERS = 1500 };
    const struct content_words *words = &at->content->words;
    bool out = main_is_out(at);
    if (words->template_empty && !words->code_or_diff)
        evidence_add(at, EVIDENCE_TEMPLATE_EMPTY, S("text"), S(""), S(""), S(""));
    if (at->claim->mismatch.reply_to_free_mail && !at->content->links.main && !at->content->files.files && words->letters < STRANGER_LETTERS && !words->quoted)
        evidence_add(at, EVIDENCE_STRANGER_LETTER, S("Reply-To"), at->claim->mismatch.reply_to, S(""), S(""));
    if (words->reply_faked && (out || !at->content->links.clickable))
        evidence_add(at, EVIDENCE_REPLY_FAKED, S("Subject"), at->message->subject, S(""), S(""));
    slot_weigh(at);
    if (words->coin_address)
        evidence_add(at, EVIDENCE_COIN_ADDRESS, S("text"), S(""), S(""), S(""));
}

/* ---- what honest letters have: easily copied, so only where the sender's domain is proved and the main link is nobody else's */
static void honest_weigh(struct judging *at)
{
    const struct content_words *words = &at->content->words;
    if (!at->claim->vouching.proved || main_is_out(at) || judging_speaks_for_another(at) || judging_answers_led_away(at))
        return;
    if (words->pgp_or_smime)
        evidence_add(at, EVIDENCE_SIGNED_PART_PROVED, S("text"), at->from_domain, S(""), S(""));
    if (words->forwarded.bare) /* what follows is another's, and nothing of it proved */
        return;
    if (lure_of(at, LURE_FOOTER)->count >= 2)
        evidence_add(at, EVIDENCE_FOOTER_PROVED, S("text"), at->from_domain, S(""), S(""));
    if (words->postal_address)
        evidence_add(at, EVIDENCE_POSTAL_PROVED, S("text"), at->from_domain, S(""), S(""));
    if (words->quoted && (message_field(at->message, FIELD_IN_REPLY_TO, 0) || message_field(at->message, FIELD_REFERENCES, 0)))
        evidence_add(at, EVIDENCE_ANSWER_PROVED, S("text"), at->from_domain, S(""), S(""));
    if (words->code_or_diff)
        evidence_add(at, EVIDENCE_CODE_PROVED, S("text"), at->from_domain, S(""), S(""));
    if (lure_of(at, LURE_WARNS)->strong)
        evidence_add(at, EVIDENCE_WARNS_PROVED, S("text"), at->from_domain, S(""), S(""));
}

void evidence_of_words(struct judging *at)
{
    if (!at->content || !at->claim)
        return;
    rules_apply(at);
    gains_weigh(at);
    disguises_weigh(at);
    marks_weigh(at);
    honest_weigh(at);
}
