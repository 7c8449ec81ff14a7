#include "world.h"

/* ---- what strangers ask under another's name */
static struct brand_claim *brand(struct world *w)
{
    static const struct brand made = {.name = {"Brand", 5}};
    struct brand_claim *claim = vec_push(w->arena, &w->claim.brands);
    *claim = (struct brand_claim){.brand = &made, .places = TOLD_NAME, .as = true};
    w->claim.main = claim;
    w->claim.vouching.proved = true;
    return claim;
}
static void account_as_brand(struct world *w)
{
    brand(w);
    main_link_put(w, false);
    lure_asks(w, LURE_PASSWORD);
    lure_asks(w, LURE_RENEW);
    lure_asks(w, LURE_PARCEL);
}
static void account_signed(struct world *w)
{
    account_as_brand(w);
    w->claim.brands.at[0].signer_own = true;
}
static void account_warned(struct world *w)
{
    account_as_brand(w);
    lure_asks(w, LURE_WARNS);
}
static void account_told(struct world *w) /* nothing to follow */
{
    account_as_brand(w);
    w->content.links.clickable = 0;
    w->content.links.main = NULL;
}
static void account_own(struct world *w)
{
    account_as_brand(w);
    w->claim.mismatch.from_own = true;
}

static void account_unrelated(struct world *w)
{
    lure_asks(w, LURE_SIGN_IN);
    main_link_put(w, false);
    w->claim.shape = (struct name_shape){.present = true};
    w->from[0].name = S("Parcel Office");
}
static void account_known(struct world *w)
{
    account_unrelated(w);
    w->claim.mismatch.well_known = true;
}
static void account_related(struct world *w)
{
    account_unrelated(w);
    w->claim.shape.shares_word = true;
}

static void wallet(struct world *w)
{
    lure_asks(w, LURE_WALLET);
    main_link_put(w, false);
}
static void wallet_known(struct world *w)
{
    wallet(w);
    w->claim.mismatch.well_known = true;
}
static void wallet_unlinked(struct world *w)
{
    lure_asks(w, LURE_WALLET);
}

static void account_friend(struct world *w) /* tells of a letter from the brand */
{
    account_as_brand(w);
    w->claim.brands.at[0].places = TOLD_SUBJECT | TOLD_TEXT;
    w->claim.mismatch.from_free_mail = true;
}

static void lookalike(struct world *w, enum lookalike_place place)
{
    *vec_push(w->arena, &w->claim.lookalikes) =
        (struct lookalike){.kind = LOOKALIKE_SKELETON, .place = place, .seen = S("rnarine.example"), .of = S("marine.example"), .partner = true};
}
static void money_lookalike(struct world *w)
{
    lure_asks(w, LURE_BANK_CHANGE);
    lookalike(w, LOOKALIKE_REPLY_TO);
}
static void money_lookalike_link(struct world *w)
{
    lure_asks(w, LURE_BANK_CHANGE);
    lookalike(w, LOOKALIKE_LINK);
}

static void share(struct world *w)
{
    struct link_fact *fact = main_link_put(w, false);
    fact->kinds = HOST_SHARE;
    fact->owner = S("brightpath77");
    w->claim.vouching.main_out = true;
    lure_asks(w, LURE_RFP);
}
static void share_own(struct world *w)
{
    share(w);
    main_link_put(w, false)->kinds = HOST_SHARE;
    ((struct link_fact *)w->content.links.main)->owner = S("brandgroup");
}
static void share_named(struct world *w)
{
    share(w);
    w->from[0].name = S("Brightpath77 Bids");
}

static void gain_free(struct world *w)
{
    main_link_put(w, false)->kinds = HOST_FORM;
    lure_asks(w, LURE_PRIZE);
    w->claim.mismatch.from_free_mail = true;
}
static void gain_firm(struct world *w)
{
    gain_free(w);
    w->claim.mismatch.from_free_mail = false;
}
static void sum_free(struct world *w)
{
    main_link_put(w, false)->kinds = HOST_FORM;
    lure_asks(w, LURE_NAMELESS);
    w->content.words.money_amount = w->claim.mismatch.from_free_mail = true;
}
static void nameless_free(struct world *w)
{
    sum_free(w);
    w->content.words.money_amount = false;
}

static void call(struct world *w)
{
    lure_asks(w, LURE_CALL_NUMBER);
    lure_asks(w, LURE_RENEW);
    lure_asks(w, LURE_NAMELESS);
    w->content.words.telephone = w->claim.mismatch.reply_to_free_mail = true;
    w->content.words.telephone_number = S("+1 555 010 0100");
}
static void call_named(struct world *w)
{
    call(w);
    w->content.words.lures[LURE_NAMELESS].strong = false;
}
static void call_firm(struct world *w)
{
    call(w);
    w->claim.mismatch.reply_to_free_mail = false;
}

static void crowd(struct world *w)
{
    lure_asks(w, LURE_ADVANCE_FEE);
    w->claim.mismatch.hidden_recipients = w->claim.mismatch.from_free_mail = true;
}
static void crowd_named(struct world *w)
{
    crowd(w);
    w->claim.mismatch.hidden_recipients = false;
}
static void crowd_list(struct world *w)
{
    crowd(w);
    w->claim.mismatch.list_borne_out = true;
}

static void bill(struct world *w)
{
    lure_asks(w, LURE_CHARGED);
    lure_asks(w, LURE_CALL_NUMBER);
    w->content.words.money_amount = w->content.words.code_in_subject = w->claim.mismatch.from_free_mail = true;
}
static void bill_of_craftsman(struct world *w) /* asks to be paid; says nothing of a charge */
{
    bill(w);
    w->content.words.lures[LURE_CHARGED].strong = false;
    lure_asks(w, LURE_INVOICE);
    w->content.words.telephone = true;
}
static void bill_of_firm(struct world *w)
{
    bill(w);
    w->claim.mismatch.from_free_mail = false;
}
static void bill_sent_on(struct world *w)
{
    bill(w);
    w->content.words.reply_faked = true;
}
static void bill_reported(struct world *w)
{
    bill(w);
    w->claim.mismatch.to_desk = true;
}
static void bill_without_sum(struct world *w)
{
    bill(w);
    w->content.words.money_amount = false;
}
static void bill_without_number(struct world *w)
{
    bill(w);
    w->content.words.code_in_subject = false;
}
static void bill_of_shop(struct world *w) /* nobody is asked to call */
{
    bill(w);
    w->content.words.lures[LURE_CALL_NUMBER].strong = false;
}

static void office(struct world *w)
{
    lure_asks(w, LURE_REFUND);
    w->claim.shape = (struct name_shape){.present = true, .role = true};
    w->claim.mismatch.from_free_mail = true;
}
static void office_of_club(struct world *w) /* its address says whose office it is */
{
    office(w);
    w->claim.shape.shares_word = true;
}
static void office_asks_nothing(struct world *w)
{
    office(w);
    w->content.words.lures[LURE_REFUND].strong = false;
}
static void office_of_firm(struct world *w)
{
    office(w);
    w->claim.mismatch.from_free_mail = false;
}
static void notice(struct world *w) /* no word of an office, but of what it is about */
{
    office(w);
    w->claim.shape.role = false;
    w->content.words.lures[LURE_REFUND].strong = false;
    w->content.words.lures[LURE_PARCEL] = (struct lure_fact){.count = 1, .places = PLACE_NAME, .phrase = S("delivery")};
}
static void notice_below(struct world *w)
{
    notice(w);
    w->content.words.lures[LURE_PARCEL].places = PLACE_TOP;
}

static void heads(struct world *w, const char *subject)
{
    struct shown_text *text = vec_push(w->arena, &w->content.words.texts);
    *text = (struct shown_text){.place = PLACE_SUBJECT, .raw = span_of(subject)};
    w->claim.mismatch.from_free_mail = true;
    w->content.files.files = 1;
}
static void sum(struct world *w)
{
    heads(w, "Hello, + you: +25,000$ is there");
}
static void sum_before(struct world *w)
{
    heads(w, "+\xe2\x82\xac" "25.000 is there");
}
static void sum_small(struct world *w)
{
    heads(w, "Pizza +25.50$ for you");
}
static void sum_of_telephone(struct world *w)
{
    heads(w, "call me at +81 3 5550 0100 or +815550");
}
static void sum_of_firm(struct world *w)
{
    sum(w);
    w->claim.mismatch.from_free_mail = false;
}
static void sum_alone(struct world *w)
{
    sum(w);
    w->content.files.files = 0;
}

const struct evidence_case stranger_cases[] = {
    {"bill-free-mail", "a craftsman's invoice", bill, bill_of_craftsman},
    {"bill-free-mail", "a firm's", bill, bill_of_firm},
    {"bill-free-mail", "a friend sends it on", bill, bill_sent_on},
    {"bill-free-mail", "reported to a desk", bill, bill_reported},
    {"bill-free-mail", "no sum", bill, bill_without_sum},
    {"bill-free-mail", "nobody to call", bill, bill_of_shop},
    {"charge-free-mail", "a craftsman's invoice", bill, bill_of_craftsman},
    {"charge-free-mail", "a firm's", bill, bill_of_firm},
    {"charge-free-mail", "a friend sends it on", bill, bill_sent_on},
    {"charge-free-mail", "no sum", bill, bill_without_sum},
    {"bill-numbered", "a craftsman's invoice", bill, bill_of_craftsman},
    {"bill-numbered", "no number", bill, bill_without_number},
    {"office-free-mail-asks", "the address tells of the office", office, office_of_club},
    {"office-free-mail-asks", "asks for nothing", office, office_asks_nothing},
    {"office-free-mail-asks", "a firm's own", office, office_of_firm},
    {"office-free-mail-asks", "a person writes of a parcel", notice, notice_below},
    {"sum-free-mail", "a small sum", sum, sum_small},
    {"sum-free-mail", "telephone numbers", sum_before, sum_of_telephone},
    {"sum-free-mail", "a firm's", sum, sum_of_firm},
    {"sum-free-mail", "no file and no link", sum, sum_alone},
    {"account-as-foreign-brand", "the brand signed", account_as_brand, account_signed},
    {"account-as-foreign-brand", "a warning of fraud", account_as_brand, account_warned},
    {"account-as-foreign-brand", "nothing to follow", account_as_brand, account_told},
    {"account-as-foreign-brand", "our own office", account_as_brand, account_own},
    {"payment-as-foreign-brand", "the brand signed", account_as_brand, account_signed},
    {"delivery-as-foreign-brand", "the brand signed", account_as_brand, account_signed},
    {"delivery-as-foreign-brand", "a shop names its carrier", account_as_brand, account_friend},
    {"account-name-unrelated", "a well-known domain", account_unrelated, account_known},
    {"account-name-unrelated", "the name fits", account_unrelated, account_related},
    {"wallet-stranger", "a well-known domain", wallet, wallet_known},
    {"wallet-stranger", "no link", wallet, wallet_unlinked},
    {"account-as-foreign-brand", "a friend tells", account_as_brand, account_friend},
    {"money-lookalike", "only a link resembles", money_lookalike, money_lookalike_link},
    {"share-of-stranger", "the sender's own", share, share_own},
    {"share-of-stranger", "the name is the owner's", share, share_named},
    {"free-mail-gain", "from a firm", gain_free, gain_firm},
    {"free-mail-gain", "no sum", sum_free, nameless_free},
    {"call-stranger", "greeted by name", call, call_named},
    {"call-stranger", "no stranger", call, call_firm},
    {"gain-hidden-recipients", "to the reader", crowd, crowd_named},
    {"gain-hidden-recipients", "a list", crowd, crowd_list},
    {0},
};
