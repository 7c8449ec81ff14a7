#include "verdict/judging.h"

/* Who vouched for the links, and what speaks for a message under a proof. Everything that speaks for it is void where it speaks as
 * a brand that is not its own, imitates another's domain, or bears a protected person's name: then the proof is of the wrong one. */

enum { HOST_OF_ANYBODY = HOST_SHORTENER | HOST_FREE_PAGES | HOST_FORM | HOST_BUCKET | HOST_SHARE | HOST_TUNNEL | HOST_GATEWAY };

/* In plain text people and feeds point at whatever they speak about; a page's links are made to be followed. */
static bool is_of_page(const struct link_fact *link)
{
    return link->link->kind != LINK_TEXT;
}

static void main_link_weigh(struct judging *at, const struct link_fact *link)
{
    const struct vouching *vouching = &at->claim->vouching;
    bool shared_by_person = link->kinds & HOST_SHARE && (at->claim->mismatch.from_free_mail || vouching->proved || vouching->unknown);
    if (!vouching->main_out || vouching->main_brand)
        return;
    if (is_of_page(link))
        evidence_add(at, EVIDENCE_MAIN_UNVOUCHED, S("links"), link->host, S(""), S(""));
    if (link->kinds & HOST_OF_ANYBODY && !shared_by_person)
        evidence_add(at, EVIDENCE_UNVOUCHED_ANYBODY, S("links"), link->host, S(""), S(""));
    if (link->kinds & HOST_CHEAP_SUFFIX && is_of_page(link))
        evidence_add(at, EVIDENCE_UNVOUCHED_CHEAP, S("links"), link->host, S(""), S(""));
}

static void links_weigh(struct judging *at)
{
    const struct vouching *vouching = &at->claim->vouching;
    const struct link_fact *main = at->content->links.main;
    if (at->claim->mismatch.list_borne_out || at->content->words.quoted || (at->claim->mismatch.from_own && vouching->proved))
        return;
    if (main)
        main_link_weigh(at, main);
    if (main && is_of_page(main) && vouching->all_out && !vouching->main_brand) {
        evidence_add(at, EVIDENCE_ALL_UNVOUCHED, S("links"), main->host, S(""), S(""));
        if (at->seen[EVIDENCE_NAME_UNRELATED])
            evidence_add(at, EVIDENCE_UNVOUCHED_UNRELATED, S("From"), at->message->from.at[0].name, at->message->from.at[0].address, S(""));
    }
    if (vouching->images_elsewhere)
        evidence_add(at, EVIDENCE_IMAGES_ELSEWHERE, S("images"), S(""), S(""), S(""));
}

/* ---- what speaks for it */

bool judging_speaks_for_another(const struct judging *at)
{
    const struct claim *claim = at->claim;
    if (claim->main && !claim->main->from_own && !claim->main->signer_own && !claim->main->service_own)
        return true;
    vec_each(person, &claim->people)
        if (!person->address_of_person && !person->from_inside)
            return true;
    return at->seen[EVIDENCE_LOOKALIKE_OWN] || at->seen[EVIDENCE_LOOKALIKE_PARTNER] || at->seen[EVIDENCE_LOOKALIKE_SENDER] ||
           at->seen[EVIDENCE_LOOKALIKE_WORDS] || at->seen[EVIDENCE_LOOKALIKE_LETTERS] || claim->mismatch.own_name_claimed;
}

static void own_weigh(struct judging *at)
{
    static const double share_least = 0.25;
    const struct vouching *vouching = &at->claim->vouching;
    struct span from = at->from_domain, none = S("");
    if (vouching->from_share >= share_least)
        evidence_add(at, EVIDENCE_OWN_LINKS, S("links"), from, none, none);
    if (vouching->from_image)
        evidence_add(at, EVIDENCE_OWN_IMAGES, S("images"), from, none, none);
    if (vouching->one_click && (vouching->unsubscribe_from || vouching->unsubscribe_vouched))
        evidence_add(at, EVIDENCE_ONE_CLICK, S("List-Unsubscribe-Post"), from, none, none);
    if (vouching->unsubscribe_from)
        evidence_add(at, EVIDENCE_OWN_UNSUBSCRIBE, S("List-Unsubscribe"), from, none, none);
    if (at->claim->shape.present && at->claim->shape.fits_domain)
        evidence_add(at, EVIDENCE_NAME_OF_DOMAIN, S("From"), at->message->from.at[0].name, from, none);
}

static void proof_weigh(struct judging *at)
{
    const struct claim *claim = at->claim;
    struct span from = at->from_domain, none = S("");
    if (claim->mismatch.well_known && !judging_answers_led_away(at))
        evidence_add(at, EVIDENCE_WELL_KNOWN, S("From"), from, none, none);
    if (claim->main && claim->main->proved)
        evidence_add(at, EVIDENCE_BRAND_PROVED, S("From"), claim->main->brand->name, from, none);
    if (claim->mismatch.from_own || claim->mismatch.from_partner)
        evidence_add(at, EVIDENCE_PARTNER_PROVED, S("From"), from, none, none);
    vec_each(person, &claim->people)
        if (person->address_of_person)
            evidence_add(at, EVIDENCE_PERSON_KNOWN, S("From"), person->person->name, at->message->from.at[0].address, none);
}

void evidence_of_vouching(struct judging *at)
{
    links_weigh(at);
    if (judging_speaks_for_another(at))
        return;
    if (at->claim->vouching.proved && at->message->from.len && !judging_notice_offers(at)) {
        proof_weigh(at);
        if (!at->claim->mismatch.from_free_mail && !judging_answers_led_away(at))
            own_weigh(at);
    }
    if (at->claim->mismatch.service_claimed && at->path->carrier.service)
        evidence_add(at, EVIDENCE_SERVICE_BORNE_OUT, S("client"), at->path->carrier.service->name, S(""), S(""));
}
