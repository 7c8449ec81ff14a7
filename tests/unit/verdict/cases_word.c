#include "world.h"

/* ---- what the letters ask and what stands around them */
static void free_mail(struct world *w)
{
    w->claim.mismatch.from_free_mail = true;
    w->content.words.letters = 200;
}
static void reply_out(struct world *w)
{
    w->claim.mismatch.reply_to_differs = true;
    w->claim.mismatch.reply_to = S("other@elsewhere.example");
}
static void elsewhere(struct world *w)
{
    w->content.words.mail_address = w->content.words.free_mail_address = true;
    w->content.words.mail_address_other = S("other@mail.example");
}
static void unproved(struct world *w)
{
    w->claim.vouching.proved = w->claim.vouching.unknown = false;
}
static void mailto(struct world *w)
{
    w->content.links.mailto = 1;
    *vec_push(w->arena, &w->content.links.mailto_hosts) = S("gmail.com");
}
static void unknown(struct world *w)
{
    w->claim.mismatch.well_known = false;
}
static void telephone(struct world *w)
{
    w->content.words.telephone = true;
    w->content.words.telephone_number = S("+1 555 010 0100");
}
static void coin(struct world *w)
{
    w->content.words.coin_address = true;
}
/* Every lure there is, from a proved sender whose own page is linked. */
static void all_vouched(struct world *w)
{
    for (int id = 0; id < LURE_COUNT; id++)
        lure_asks(w, (enum lure_id)id);
    w->claim.vouching.proved = w->claim.mismatch.well_known = true;
    telephone(w);
    main_link_put(w, false);
}

/* ---- one letter each row of the rules */
#define LETTER(name, ...)                                                                                              \
    static void name(struct world *w)                                                                                  \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
LETTER(sign_in_unvouched, lure_asks(w, LURE_SIGN_IN); main_link_put(w, true);)
LETTER(odd_sign_in_unvouched, lure_asks(w, LURE_ODD_SIGN_IN); main_link_put(w, true);)
LETTER(account_ends_unvouched, lure_asks(w, LURE_ACCOUNT_ENDS); main_link_put(w, true);)
LETTER(password_unvouched, lure_asks(w, LURE_PASSWORD); main_link_put(w, true);)
LETTER(mailbox_unvouched, lure_asks(w, LURE_MAILBOX_FULL); main_link_put(w, true);)
LETTER(account_free_mail, lure_asks(w, LURE_MAILBOX_FULL); free_mail(w); main_link_put(w, true);)
LETTER(account_nameless, lure_asks(w, LURE_PAYMENT_FAILED); lure_asks(w, LURE_NAMELESS); main_link_put(w, true);)
LETTER(account_nameless_alone, lure_asks(w, LURE_PAYMENT_FAILED); main_link_put(w, true);)
LETTER(account_unproved, lure_asks(w, LURE_SIGN_IN); lure_asks(w, LURE_BUTTON); unproved(w); main_link_put(w, true);)
LETTER(account_unproved_alone, lure_asks(w, LURE_SIGN_IN); unproved(w); main_link_put(w, true);)
LETTER(pay_unvouched, lure_asks(w, LURE_PAYMENT_FAILED); main_link_put(w, true);)
LETTER(card_data_unvouched, lure_asks(w, LURE_CARD_DATA); main_link_put(w, true);)
LETTER(renew_unvouched, lure_asks(w, LURE_RENEW); main_link_put(w, true);)
LETTER(refund_unvouched, lure_asks(w, LURE_REFUND); main_link_put(w, true);)
LETTER(office_unvouched, lure_asks(w, LURE_TAX); lure_asks(w, LURE_REFUND); main_link_put(w, true);)
LETTER(office_unvouched_alone, lure_asks(w, LURE_TAX); main_link_put(w, true);)
LETTER(callback, lure_asks(w, LURE_CALL_NUMBER); lure_asks(w, LURE_RENEW); telephone(w);)
LETTER(callback_alone, lure_asks(w, LURE_CALL_NUMBER); telephone(w);)
LETTER(bank_change_stranger, lure_asks(w, LURE_BANK_CHANGE); reply_out(w);)
LETTER(transfer_stranger, lure_asks(w, LURE_TRANSFER); lure_asks(w, LURE_SECRET); unproved(w);)
LETTER(transfer_stranger_alone, lure_asks(w, LURE_TRANSFER); unproved(w);)
LETTER(gift_card_task, lure_asks(w, LURE_GIFT_CARD); lure_asks(w, LURE_TASK); free_mail(w);)
LETTER(gift_card_task_alone, lure_asks(w, LURE_GIFT_CARD); free_mail(w);)
LETTER(task_stranger, lure_asks(w, LURE_TASK); free_mail(w);)
LETTER(advance_fee_stranger, lure_asks(w, LURE_ADVANCE_FEE); elsewhere(w);)
LETTER(account_mailto, lure_asks(w, LURE_ODD_SIGN_IN); mailto(w);)
LETTER(advance_fee_reply, lure_asks(w, LURE_ADVANCE_FEE); w->claim.mismatch.reply_to_free_mail = true; main_link_put(w, false);)
LETTER(advance_fee_charity, lure_asks(w, LURE_ADVANCE_FEE); w->claim.mismatch.reply_to_differs = true; main_link_put(w, false);)
LETTER(advance_fee_once, lure_asks(w, LURE_ADVANCE_FEE); free_mail(w);)
LETTER(write_free_mail, lure_asks(w, LURE_LOAN); elsewhere(w);)
LETTER(crypto_pressed, lure_asks(w, LURE_CRYPTO); lure_asks(w, LURE_PRIZE); main_link_put(w, true);)
LETTER(crypto_pressed_alone, lure_asks(w, LURE_CRYPTO); main_link_put(w, true);)
LETTER(crypto_unknown_sender, lure_asks(w, LURE_CRYPTO); lure_asks(w, LURE_HURRY); main_link_put(w, false); unknown(w);)
LETTER(crypto_unknown_sender_alone, lure_asks(w, LURE_CRYPTO); main_link_put(w, false); unknown(w);)
LETTER(crypto_no_link, lure_asks(w, LURE_CRYPTO); lure_asks(w, LURE_TRANSFER);)
LETTER(crypto_no_link_alone, lure_asks(w, LURE_CRYPTO);)
LETTER(advance_fee_write_me, lure_asks(w, LURE_ADVANCE_FEE); lure_asks(w, LURE_WRITE_ME);)
LETTER(advance_fee_write_me_alone, lure_asks(w, LURE_ADVANCE_FEE);)
LETTER(loan_stranger, lure_asks(w, LURE_LOAN); lure_asks(w, LURE_WRITE_ME);)
LETTER(loan_stranger_alone, lure_asks(w, LURE_LOAN);)
LETTER(extortion_coin, lure_asks(w, LURE_EXTORTION); coin(w);)
LETTER(extortion_words, lure_asks(w, LURE_EXTORTION);)
LETTER(crypto_unvouched, lure_asks(w, LURE_CRYPTO); main_link_put(w, true);)
LETTER(prize_unvouched, lure_asks(w, LURE_PRIZE); main_link_put(w, true);)
LETTER(prize_stranger, lure_asks(w, LURE_PRIZE); reply_out(w);)
LETTER(quiz_unvouched, lure_asks(w, LURE_QUIZ); lure_asks(w, LURE_PRIZE); main_link_put(w, true);)
LETTER(quiz_unvouched_alone, lure_asks(w, LURE_QUIZ); main_link_put(w, true);)
LETTER(romance_stranger, lure_asks(w, LURE_ROMANCE); free_mail(w);)
LETTER(goods_unvouched, lure_asks(w, LURE_GOODS); main_link_put(w, true);)
LETTER(job_stranger, lure_asks(w, LURE_JOB); lure_asks(w, LURE_WRITE_ME); free_mail(w);)
LETTER(job_stranger_alone, lure_asks(w, LURE_JOB); free_mail(w);)
LETTER(voicemail_unvouched, lure_asks(w, LURE_FAX); main_link_put(w, true);)
LETTER(shared_unvouched, lure_asks(w, LURE_SHARED_DOCUMENT); main_link_put(w, true);)
LETTER(parcel_unvouched, lure_asks(w, LURE_PARCEL); main_link_put(w, true);)
LETTER(parcel_pay_unvouched, lure_asks(w, LURE_PARCEL); lure_asks(w, LURE_PAY); main_link_put(w, true);)
LETTER(parcel_pay_unvouched_alone, lure_asks(w, LURE_PARCEL); main_link_put(w, true);)
LETTER(invoice_unvouched, lure_asks(w, LURE_INVOICE); main_link_put(w, true);)
LETTER(rfp_stranger, lure_asks(w, LURE_RFP); lure_asks(w, LURE_OPEN_FILE); free_mail(w);)
LETTER(rfp_stranger_alone, lure_asks(w, LURE_RFP); free_mail(w);)
LETTER(hurry_unvouched, lure_asks(w, LURE_HURRY); main_link_put(w, true);)
LETTER(threat_unvouched, lure_asks(w, LURE_THREAT); lure_asks(w, LURE_HURRY); main_link_put(w, true);)
LETTER(threat_unvouched_alone, lure_asks(w, LURE_THREAT); main_link_put(w, true);)
LETTER(secret_money, lure_asks(w, LURE_SECRET); lure_asks(w, LURE_TRANSFER); unproved(w);)
LETTER(secret_money_alone, lure_asks(w, LURE_SECRET); unproved(w);)
LETTER(nameless_unvouched, lure_asks(w, LURE_NAMELESS); main_link_put(w, true);)

/* ---- only a weak phrase; by the service that sent it; with a link after all */
static void sign_in_weak(struct world *w)
{
    sign_in_unvouched(w);
    w->content.words.lures[LURE_SIGN_IN].strong = false;
}
static void sign_in_by_service(struct world *w)
{
    sign_in_unvouched(w);
    w->claim.vouching.main_by_service = true;
}
static void sign_in_at_brand(struct world *w)
{
    sign_in_unvouched(w);
    w->claim.vouching.main_brand = w->claim.vouching.proved = true;
}
static void callback_with_link(struct world *w)
{
    callback(w);
    main_link_put(w, false);
}
static void bank_change_unknown(struct world *w)
{
    lure_asks(w, LURE_BANK_CHANGE);
    unproved(w);
    w->claim.vouching.unknown = true;
}
static void task_in_a_long_letter(struct world *w)
{
    task_stranger(w);
    w->content.words.letters = 3000;
}
static void advance_fee_single(struct world *w)
{
    advance_fee_write_me(w);
    w->content.words.lures[LURE_ADVANCE_FEE].count = 1;
}
static void extortion_once(struct world *w)
{
    extortion_words(w);
    w->content.words.lures[LURE_EXTORTION].count = 1;
}

/* ---- disguises */
static void disguised_as(struct world *w, enum text_place place, unsigned disguise)
{
    struct shown_text *text = vec_push(w->arena, &w->content.words.texts);
    *text = (struct shown_text){.place = place, .folded = {.disguises = disguise, .example = S("example")}};
    w->content.words.disguises = disguise;
    w->content.words.disguise_example = S("example");
}
static void lure_disguised(struct world *w)
{
    lure_asks(w, LURE_SIGN_IN);
    w->content.words.lures[LURE_SIGN_IN].disguised = true;
}
static void lure_plain(struct world *w)
{
    lure_asks(w, LURE_SIGN_IN);
    disguised_as(w, PLACE_TOP, DISGUISE_FIGURES);
}
static void mixed(struct world *w)
{
    disguised_as(w, PLACE_TOP, DISGUISE_MIXED_SCRIPT);
}
static void invisible(struct world *w)
{
    disguised_as(w, PLACE_TOP, DISGUISE_INVISIBLE);
}
static void marked(struct world *w)
{
    disguised_as(w, PLACE_TOP, DISGUISE_COMBINING);
}
static void turned(struct world *w)
{
    disguised_as(w, PLACE_TOP, DISGUISE_TURNED);
}
static void styled(struct world *w)
{
    disguised_as(w, PLACE_SUBJECT, DISGUISE_STYLED);
}
static void styled_in_text(struct world *w)
{
    disguised_as(w, PLACE_TOP, DISGUISE_STYLED);
}
static void apart(struct world *w)
{
    disguised_as(w, PLACE_NAME, DISGUISE_APART);
}
static void apart_in_text(struct world *w)
{
    disguised_as(w, PLACE_TEXT, DISGUISE_APART);
}

/* ---- marks of bulk kits */
static void name_offer(struct world *w)
{
    w->content.words.slot = (struct slot_fact){.text = S("www.offer.example 500 USD"), .host = S("www.offer.example"), .address = true, .plainly = true, .sum = true};
    w->claim.vouching.proved = w->claim.mismatch.well_known = true;
}
static void name_offer_own(struct world *w) /* a shop's own address */
{
    name_offer(w);
    w->content.words.slot.host = S("www.brand.example");
}
static void name_link(struct world *w)
{
    name_offer(w);
    w->content.words.slot.sum = false;
}
static void name_link_firm(struct world *w) /* "Hello offer.example team" */
{
    name_link(w);
    w->content.words.slot.plainly = false;
}
static void accented(struct world *w)
{
    w->content.words.accented = 3;
    w->content.words.accented_example = S("Y\xc3\xb3\xc3\xbar");
}
static void accented_slip(struct world *w) /* a name and a slip */
{
    accented(w);
    w->content.words.accented = 2;
}
/* A service that sends what anybody wrote; the link is of a stranger. */
static void notice(struct world *w, const char *link_host)
{
    static const struct link anchor = {.kind = LINK_ANCHOR};
    w->proof.dmarc.from_domain = w->from[0].domain_ascii = S("notes.typeform.com");
    w->claim.vouching.proved = true;
    lure_asks(w, LURE_PRIZE);
    lure_asks(w, LURE_CRYPTO);
    struct link_fact *fact = vec_push(w->arena, &w->content.links.list);
    *fact = (struct link_fact){.link = &anchor, .host = span_of(link_host), .organisation = span_of(link_host), .clickable = true, .seen = true};
    w->content.links.main = fact;
    w->content.links.clickable = 1;
}
static void notice_offers(struct world *w)
{
    notice(w, "elsewhere.example");
}
static void notice_of_itself(struct world *w)
{
    notice(w, "www.typeform.com");
}
static void notice_of_trade(struct world *w) /* a project of one trade speaks of it */
{
    notice_offers(w);
    w->content.words.lures[LURE_PRIZE] = (struct lure_fact){0};
}
static void notice_of_firm(struct world *w)
{
    notice_offers(w);
    w->proof.dmarc.from_domain = w->from[0].domain_ascii = S("brand.example");
}
static void notice_calls(struct world *w)
{
    notice_of_itself(w);
    lure_asks(w, LURE_CHARGED);
    lure_asks(w, LURE_CALL_NUMBER);
    lure_asks(w, LURE_HURRY);
    telephone(w);
}
static void notice_names_number(struct world *w) /* a seller's invoice with his number */
{
    notice_calls(w);
    w->content.words.lures[LURE_CHARGED] = w->content.words.lures[LURE_HURRY] = (struct lure_fact){0};
}
static void gain_unrelated(struct world *w)
{
    lure_asks(w, LURE_CRYPTO);
    main_link_put(w, false);
    w->from[0].name = S("Carl Berg");
    w->claim.shape = (struct name_shape){.present = true};
}
static void gain_related(struct world *w)
{
    gain_unrelated(w);
    w->claim.shape.shares_word = true;
}
static void prize_unrelated(struct world *w)
{
    gain_unrelated(w);
    w->content.words.lures[LURE_CRYPTO] = (struct lure_fact){0};
    lure_asks(w, LURE_PRIZE);
}
static void prize_related(struct world *w)
{
    prize_unrelated(w);
    w->claim.shape.shares_word = true;
}
static void template_left(struct world *w)
{
    w->content.words.template_empty = true;
}
static void template_in_code(struct world *w)
{
    w->content.words.template_empty = w->content.words.code_or_diff = true;
}
static void reply_faked(struct world *w)
{
    w->content.words.reply_faked = true;
}
static void reply_faked_vouched(struct world *w)
{
    reply_faked(w);
    main_link_put(w, false);
}
static void stranger_letter(struct world *w)
{
    w->claim.mismatch.reply_to_free_mail = true;
    w->content.words.letters = 300;
}
static void stranger_answers(struct world *w)
{
    stranger_letter(w);
    w->content.words.quoted = true;
}

/* ---- what honest letters have */
static void proved(struct world *w)
{
    w->claim.vouching.proved = true;
    main_link_put(w, false);
}
static void footer(struct world *w)
{
    w->content.words.lures[LURE_FOOTER] = (struct lure_fact){.count = 2, .strong = true};
    w->content.words.lures[LURE_WARNS] = w->content.words.lures[LURE_FOOTER];
    w->content.words.postal_address = w->content.words.code_or_diff = w->content.words.pgp_or_smime = w->content.words.quoted = true;
    w->fields[6].id = FIELD_IN_REPLY_TO;
}
static void honest_shape(struct world *w)
{
    footer(w);
    proved(w);
}
static void honest_shape_unvouched(struct world *w)
{
    footer(w);
    proved(w);
    main_link_put(w, true);
}
static void answer_imitated(struct world *w) /* the proof is of a domain that imitates a partner's */
{
    honest_shape(w);
    *vec_push(w->arena, &w->claim.lookalikes) = (struct lookalike){.place = LOOKALIKE_FROM, .seen = S("rnarine.example"), .of = S("marine.example"), .partner = true};
}
static void answer_unthreaded(struct world *w)
{
    honest_shape(w);
    w->fields[6].id = FIELD_OTHER;
}

const struct evidence_case word_cases[] = {
    {"sign-in-unvouched", "the same words, vouched for", sign_in_unvouched, all_vouched},
    {"odd-sign-in-unvouched", "the same words, vouched for", odd_sign_in_unvouched, all_vouched},
    {"account-ends-unvouched", "the same words, vouched for", account_ends_unvouched, all_vouched},
    {"password-unvouched", "the same words, vouched for", password_unvouched, all_vouched},
    {"mailbox-unvouched", "the same words, vouched for", mailbox_unvouched, all_vouched},
    {"account-free-mail", "the same words, vouched for", account_free_mail, all_vouched},
    {"account-nameless", "the same words, vouched for", account_nameless, all_vouched},
    {"account-nameless", "one lure alone", account_nameless, account_nameless_alone},
    {"account-unproved", "the same words, vouched for", account_unproved, all_vouched},
    {"account-unproved", "one lure alone", account_unproved, account_unproved_alone},
    {"pay-unvouched", "the same words, vouched for", pay_unvouched, all_vouched},
    {"card-data-unvouched", "the same words, vouched for", card_data_unvouched, all_vouched},
    {"renew-unvouched", "the same words, vouched for", renew_unvouched, all_vouched},
    {"refund-unvouched", "the same words, vouched for", refund_unvouched, all_vouched},
    {"office-unvouched", "the same words, vouched for", office_unvouched, all_vouched},
    {"office-unvouched", "one lure alone", office_unvouched, office_unvouched_alone},
    {"callback", "the same words, vouched for", callback, all_vouched},
    {"callback", "one lure alone", callback, callback_alone},
    {"bank-change-stranger", "the same words, vouched for", bank_change_stranger, all_vouched},
    {"transfer-stranger", "the same words, vouched for", transfer_stranger, all_vouched},
    {"transfer-stranger", "one lure alone", transfer_stranger, transfer_stranger_alone},
    {"gift-card-task", "the same words, vouched for", gift_card_task, all_vouched},
    {"gift-card-task", "one lure alone", gift_card_task, gift_card_task_alone},
    {"task-stranger", "the same words, vouched for", task_stranger, all_vouched},
    {"advance-fee-stranger", "the same words, vouched for", advance_fee_stranger, all_vouched},
    {"account-mailto", "the same words, vouched for", account_mailto, all_vouched},
    {"advance-fee-reply", "answers to the charity itself", advance_fee_reply, advance_fee_charity},
    {"advance-fee-once", "the same words, vouched for", advance_fee_once, all_vouched},
    {"write-free-mail", "the same words, vouched for", write_free_mail, all_vouched},
    {"crypto-pressed", "the same words, vouched for", crypto_pressed, all_vouched},
    {"crypto-pressed", "one lure alone", crypto_pressed, crypto_pressed_alone},
    {"crypto-unknown-sender", "the same words, vouched for", crypto_unknown_sender, all_vouched},
    {"crypto-unknown-sender", "one lure alone", crypto_unknown_sender, crypto_unknown_sender_alone},
    {"crypto-no-link", "the same words, vouched for", crypto_no_link, all_vouched},
    {"crypto-no-link", "one lure alone", crypto_no_link, crypto_no_link_alone},
    {"advance-fee-write-me", "the same words, vouched for", advance_fee_write_me, all_vouched},
    {"advance-fee-write-me", "one lure alone", advance_fee_write_me, advance_fee_write_me_alone},
    {"loan-stranger", "the same words, vouched for", loan_stranger, all_vouched},
    {"loan-stranger", "one lure alone", loan_stranger, loan_stranger_alone},
    {"extortion-coin", "the same words, vouched for", extortion_coin, all_vouched},
    {"extortion-words", "the same words, vouched for", extortion_words, all_vouched},
    {"crypto-unvouched", "the same words, vouched for", crypto_unvouched, all_vouched},
    {"prize-unvouched", "the same words, vouched for", prize_unvouched, all_vouched},
    {"prize-stranger", "the same words, vouched for", prize_stranger, all_vouched},
    {"quiz-unvouched", "the same words, vouched for", quiz_unvouched, all_vouched},
    {"quiz-unvouched", "one lure alone", quiz_unvouched, quiz_unvouched_alone},
    {"romance-stranger", "the same words, vouched for", romance_stranger, all_vouched},
    {"goods-unvouched", "the same words, vouched for", goods_unvouched, all_vouched},
    {"job-stranger", "the same words, vouched for", job_stranger, all_vouched},
    {"job-stranger", "one lure alone", job_stranger, job_stranger_alone},
    {"voicemail-unvouched", "the same words, vouched for", voicemail_unvouched, all_vouched},
    {"shared-unvouched", "the same words, vouched for", shared_unvouched, all_vouched},
    {"parcel-unvouched", "the same words, vouched for", parcel_unvouched, all_vouched},
    {"parcel-pay-unvouched", "the same words, vouched for", parcel_pay_unvouched, all_vouched},
    {"parcel-pay-unvouched", "one lure alone", parcel_pay_unvouched, parcel_pay_unvouched_alone},
    {"invoice-unvouched", "the same words, vouched for", invoice_unvouched, all_vouched},
    {"rfp-stranger", "the same words, vouched for", rfp_stranger, all_vouched},
    {"rfp-stranger", "one lure alone", rfp_stranger, rfp_stranger_alone},
    {"hurry-unvouched", "the same words, vouched for", hurry_unvouched, all_vouched},
    {"threat-unvouched", "the same words, vouched for", threat_unvouched, all_vouched},
    {"threat-unvouched", "one lure alone", threat_unvouched, threat_unvouched_alone},
    {"secret-money", "the same words, vouched for", secret_money, all_vouched},
    {"secret-money", "one lure alone", secret_money, secret_money_alone},
    {"nameless-unvouched", "the same words, vouched for", nameless_unvouched, all_vouched},
    {"sign-in-unvouched", "a weak phrase", sign_in_unvouched, sign_in_weak},
    {"sign-in-unvouched", "the service that sent it", sign_in_unvouched, sign_in_by_service},
    {"sign-in-unvouched", "a known brand's own page", sign_in_unvouched, sign_in_at_brand},
    {"callback", "with a link", callback, callback_with_link},
    {"bank-change-stranger", "nothing was checked", bank_change_stranger, bank_change_unknown},
    {"task-stranger", "a long letter", task_stranger, task_in_a_long_letter},
    {"advance-fee-write-me", "one phrase", advance_fee_write_me, advance_fee_single},
    {"extortion-words", "one phrase", extortion_words, extortion_once},
    {"lure-disguised", "in plain letters", lure_disguised, lure_plain},
    {"words-mixed-script", "figures", mixed, lure_plain},
    {"words-invisible", "another disguise", invisible, mixed},
    {"words-marked", "another disguise", marked, mixed},
    {"words-turned", "another disguise", turned, mixed},
    {"words-styled", "in the text", styled, styled_in_text},
    {"words-apart", "in the text", apart, apart_in_text},
    {"notice-carries-offer", "leads to the service", notice_offers, notice_of_itself},
    {"notice-carries-offer", "of one trade", notice_offers, notice_of_trade},
    {"notice-carries-offer", "a firm's own letter", notice_offers, notice_of_firm},
    {"notice-carries-number", "a seller's number", notice_calls, notice_names_number},
    {"gain-name-unrelated", "the name fits", gain_unrelated, gain_related},
    {"prize-name-unrelated", "the name fits", prize_unrelated, prize_related},
    {"words-accented", "two words", accented, accented_slip},
    {"offer-as-name", "the sender's own address", name_offer, name_offer_own},
    {"address-as-name", "a firm's name", name_link, name_link_firm},
    {"template-empty", "program text", template_left, template_in_code},
    {"reply-faked", "a link that is vouched for", reply_faked, reply_faked_vouched},
    {"stranger-letter", "an answer", stranger_letter, stranger_answers},
    {"coin-address", "none", coin, honest},
    {"footer-proved", "unproved", honest_shape, footer},
    {"footer-proved", "the main link is another's", honest_shape, honest_shape_unvouched},
    {"postal-address-proved", "unproved", honest_shape, footer},
    {"answer-proved", "no thread", honest_shape, answer_unthreaded},
    {"answer-proved", "an imitated domain", honest_shape, answer_imitated},
    {"code-proved", "unproved", honest_shape, footer},
    {"signed-part-proved", "unproved", honest_shape, footer},
    {"warns-proved", "the main link is another's", honest_shape, honest_shape_unvouched},
    {0},
};
