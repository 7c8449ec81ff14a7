#include "verdict/judging.h"

/* Shapes of the sender's name and address, what differs from From, and the machine that made the message. Each is weak alone; none
 * of them counts against what a service sends for a firm, as the road bears out, or against free-mail people for their addresses. */

enum { FIGURES_LEAST = 3 };

static bool is_plainly_honest(const struct judging *at)
{
    const struct claim *claim = at->claim;
    return claim->mismatch.service_claimed || (claim->vouching.proved && (claim->mismatch.well_known || claim->mismatch.from_own || claim->mismatch.from_partner));
}

static bool has_page_links(const struct judging *at)
{
    const struct link_fact *main = at->content ? at->content->links.main : NULL;
    return main && main->link->kind != LINK_TEXT;
}

/* Programs that put another's address into the name write more beside it: "via", a number, a person. */
static bool is_nothing_but_address(const struct judging *at, struct span name)
{
    name = span_trim(name);
    return at->claim->shape.address_of_other && span_find_byte(name, '@') && !span_find_byte(name, ' ');
}

static const struct lure_fact *asks_to_act(const struct judging *at)
{
    static const enum lure_id ids[] = {LURE_INVOICE, LURE_PAY, LURE_PAYMENT_FAILED, LURE_TRANSFER, LURE_BANK_CHANGE, LURE_SHARED_DOCUMENT, LURE_SIGN_DOCUMENT, LURE_VOICEMAIL,
                                       LURE_FAX, LURE_RFP, LURE_SIGN_IN, LURE_ACCOUNT_ENDS, LURE_PASSWORD, LURE_MAILBOX_FULL};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (at->content->words.lures[ids[i]].strong)
            return &at->content->words.lures[ids[i]];
    return NULL;
}

static void name_weigh(struct judging *at, struct span name, struct span address)
{
    const struct name_shape *shape = &at->claim->shape;
    bool unrelated = !shape->shares_word && !at->claim->mismatch.from_free_mail && !is_plainly_honest(at) && !at->claim->mismatch.list_borne_out;
    if (unrelated)
        evidence_add(at, EVIDENCE_NAME_UNRELATED, S("From"), name, address, S(""));
    if (unrelated && !at->claim->vouching.proved && !at->claim->vouching.unknown)
        evidence_add(at, EVIDENCE_NAME_UNPROVED, S("From"), name, address, S(""));
    if (unrelated && shape->role)
        evidence_add(at, EVIDENCE_NAME_ROLE, S("From"), name, address, S(""));
    if (shape->domain_of_other && !at->claim->mismatch.list_borne_out)
        evidence_add(at, EVIDENCE_NAME_DOMAIN, S("From"), shape->told_domain, at->from_domain, S(""));
    bool of_other = shape->domain_of_other || shape->address_of_other;
    if (of_other && at->claim->vouching.main_out && has_page_links(at) && !is_plainly_honest(at) && !at->claim->mismatch.list_borne_out)
        evidence_add(at, EVIDENCE_NAME_OTHER_UNVOUCHED, S("From"), shape->told_domain.len ? shape->told_domain : name, at->content->links.main->host, S(""));
    const struct lure_fact *asked = of_other && at->content ? asks_to_act(at) : NULL;
    if (asked && is_nothing_but_address(at, name) && at->claim->vouching.main_out && !is_plainly_honest(at) && !at->claim->mismatch.list_borne_out)
        evidence_add(at, EVIDENCE_NAME_ADDRESS_LURE, S("From"), name, at->from_domain, asked->phrase);
    if (shape->ornament)
        evidence_add(at, EVIDENCE_NAME_ORNAMENT, S("From"), name, S(""), S(""));
    if (shape->figures)
        evidence_add(at, EVIDENCE_NAME_FIGURES, S("From"), name, S(""), S(""));
    if (shape->like_subject && !is_plainly_honest(at))
        evidence_add(at, EVIDENCE_NAME_SUBJECT, S("From"), name, S(""), S(""));
}

static void address_weigh(struct judging *at, struct span address)
{
    const struct name_shape *shape = &at->claim->shape;
    const struct mismatch *mismatch = &at->claim->mismatch;
    if (shape->local_digits >= FIGURES_LEAST && !mismatch->from_free_mail && !mismatch->to_self && !is_plainly_honest(at))
        evidence_add(at, EVIDENCE_LOCAL_FIGURES, S("From"), address, S(""), S(""));
    if (shape->local_random && !is_plainly_honest(at))
        evidence_add(at, EVIDENCE_LOCAL_RANDOM, S("From"), address, S(""), S(""));
    if (shape->domain_random && !mismatch->well_known && !mismatch->from_onmicrosoft)
        evidence_add(at, EVIDENCE_DOMAIN_RANDOM, S("From"), at->from_domain, S(""), S(""));
    if (mismatch->from_onmicrosoft)
        evidence_add(at, EVIDENCE_ONMICROSOFT, S("From"), address, S(""), S(""));
    if (mismatch->from_free_pages)
        evidence_add(at, EVIDENCE_FREE_PAGES_SENDER, S("From"), at->from_domain, S(""), S(""));
    if (mismatch->from_cheap && !is_plainly_honest(at) && !mismatch->list_borne_out && has_page_links(at))
        evidence_add(at, EVIDENCE_CHEAP_SENDER, S("From"), at->from_domain, S(""), S(""));
    if (mismatch->from_disposable)
        evidence_add(at, EVIDENCE_DISPOSABLE_SENDER, S("From"), at->from_domain, S(""), S(""));
}

/* ---- what differs from From */

/* Shops and clubs write by PHP too, and link to themselves. */
static bool leads_to_strangers(const struct judging *at)
{
    return has_page_links(at) && at->claim->vouching.main_out;
}

static bool is_office_alone(const struct judging *at)
{
    const struct claim *claim = at->claim;
    return claim->mismatch.corporate_claim && claim->shape.role && !claim->main;
}

static void mismatches_weigh(struct judging *at, struct span name, struct span address)
{
    const struct mismatch *mismatch = &at->claim->mismatch;
    if (mismatch->reply_to_free_mail)
        evidence_add(at, EVIDENCE_REPLY_FREE_MAIL, S("Reply-To"), mismatch->reply_to, at->from_domain, S(""));
    else if (mismatch->reply_to_differs && !mismatch->service_claimed)
        evidence_add(at, EVIDENCE_REPLY_ELSEWHERE, S("Reply-To"), mismatch->reply_to, at->from_domain, S(""));
    if (mismatch->signer_foreign && !mismatch->signer_service && !at->claim->vouching.proved && !at->claim->mismatch.list_borne_out && leads_to_strangers(at))
        evidence_add(at, EVIDENCE_SIGNER_FOREIGN, S("DKIM"), mismatch->signer, at->from_domain, S(""));
    if (is_office_alone(at))
        evidence_add(at, EVIDENCE_OFFICE_FREE_MAIL, S("From"), name, address, S(""));
    if (mismatch->to_self && !at->claim->vouching.proved && !at->claim->vouching.unknown)
        evidence_add(at, EVIDENCE_TO_SELF, S("From"), address, S(""), S(""));
    if (mismatch->hidden_recipients)
        evidence_add(at, EVIDENCE_HIDDEN_RECIPIENTS, S("To"), S(""), S(""), S(""));
}

static void machine_weigh(struct judging *at)
{
    const struct mismatch *mismatch = &at->claim->mismatch;
    if (mismatch->feeding_machine)
        evidence_add(at, EVIDENCE_FEEDING_MACHINE, S("Message-ID"), mismatch->feeding_name, S(""), S(""));
    if (mismatch->php_mailer && leads_to_strangers(at))
        evidence_add(at, EVIDENCE_PHP_MAILER, S("X-Mailer"), S("PHP"), S(""), S(""));
    if (mismatch->helo_hosting && !at->claim->vouching.proved)
        evidence_add(at, EVIDENCE_HELO_HOSTING, S("client"), mismatch->helo_name, S(""), S(""));
}

void evidence_of_sender(struct judging *at)
{
    if (at->message->from.len) {
        struct span name = at->message->from.at[0].name, address = at->message->from.at[0].address;
        if (at->claim->shape.present)
            name_weigh(at, name, address);
        address_weigh(at, address);
        mismatches_weigh(at, name, address);
    }
    machine_weigh(at);
    if (at->claim->mismatch.to_desk && !judging_speaks_for_another(at))
        evidence_add(at, EVIDENCE_TO_DESK, S("RCPT TO"), at->arrival->rcpt_to.at[0].address, S(""), S(""));
}
