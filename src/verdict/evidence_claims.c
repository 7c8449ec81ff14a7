#include "verdict/judging.h"

/* Who it says it is. A mail about a brand is no mail as the brand; only the latter counts, and only where neither sender, nor
 * signature, nor the service that sent it, nor its links are the brand's. */

enum { PLACES_PROMINENT = TOLD_NAME | TOLD_SUBJECT | TOLD_IMAGE | TOLD_TITLE };

/* What a row says that is not sure weighs half, and so does a name that is an ordinary word too. */
static void claim_add(struct judging *at, enum evidence_id id, const struct brand_claim *claim, struct span where, struct span second)
{
    bool seen = at->seen[id];
    evidence_add(at, id, where, claim->brand->name, second, S(""));
    bool faint = !claim->brand->sure || (claim->by_word && !(claim->places & TOLD_NAME));
    if (!seen && faint)
        evidence_halve(at);
}

static bool is_foreign(const struct brand_claim *claim)
{
    return !claim->from_own && !claim->signer_own && !claim->service_own;
}

static bool is_authority(enum brand_kind kind)
{
    return kind == BRAND_TAX || kind == BRAND_PENSION || kind == BRAND_GOVERNMENT || kind == BRAND_TOLL;
}

static struct span main_host(const struct judging *at)
{
    const struct link_fact *link = at->content->links.main;
    return link ? link->host : S("");
}

static struct span author_address(const struct judging *at)
{
    return at->message->from.len ? at->message->from.at[0].address : S("");
}

/* The brand it speaks as, by the places it does so in. */
static void places_weigh(struct judging *at, const struct brand_claim *main)
{
    if (main->places & TOLD_NAME)
        claim_add(at, EVIDENCE_BRAND_NAME, main, S("From"), at->from_domain);
    else if (main->places & TOLD_SUBJECT && !main->links_own)
        claim_add(at, EVIDENCE_BRAND_SUBJECT, main, S("Subject"), at->from_domain);
    if (main->places & (TOLD_IMAGE | TOLD_TITLE) && main_host(at).len && !main->any_link_own)
        claim_add(at, EVIDENCE_BRAND_LOGO, main, S("images"), main_host(at));
    if (is_authority(main->brand->kind))
        claim_add(at, EVIDENCE_AUTHORITY, main, S("From"), at->from_domain);
}

/* The pairs: a claim, and what there is that could bear it out and does not. */
static void pairs_weigh(struct judging *at, const struct brand_claim *main)
{
    const struct claim *claim = at->claim;
    const struct mismatch *mismatch = &claim->mismatch;
    bool known = mismatch->well_known && claim->vouching.proved;
    if (mismatch->from_free_mail || mismatch->from_disposable)
        claim_add(at, EVIDENCE_BRAND_FREE_MAIL, main, S("From"), author_address(at));
    if (mismatch->reply_to_differs && mismatch->reply_to.len)
        claim_add(at, EVIDENCE_BRAND_REPLY, main, S("Reply-To"), mismatch->reply_to);
    if (main->links_own || known)
        return;
    if (at->content->links.clickable && main->places & (TOLD_NAME | TOLD_IMAGE | TOLD_TITLE))
        claim_add(at, EVIDENCE_BRAND_LINKS, main, S("links"), main_host(at));
    if (claim->vouching.proved && !mismatch->from_free_mail && main->places & TOLD_NAME)
        claim_add(at, EVIDENCE_BRAND_PROVED_OTHER, main, S("From"), at->from_domain);
    if (mismatch->feeding_machine || mismatch->php_mailer || mismatch->helo_hosting)
        claim_add(at, EVIDENCE_FEEDING_BRAND, main, S("client"),
                  mismatch->feeding_machine ? mismatch->feeding_name : mismatch->php_mailer ? S("PHP") : mismatch->helo_name);
}

/* It speaks as the brand, and an address or link bears the brand's name without being the brand's: either alone is common, a firm's
 * own event site or a customer's label; both together are made for the eye. */
static void names_weigh(struct judging *at, const struct brand_claim *main)
{
    const struct claim *claim = at->claim;
    if (claim->mismatch.well_known && claim->vouching.proved)
        return;
    vec_each(seen, &claim->lookalikes) {
        if (seen->brand != main->brand || !(main->places & (TOLD_NAME | TOLD_IMAGE | TOLD_TITLE)))
            continue;
        if (seen->place == LOOKALIKE_FROM)
            claim_add(at, EVIDENCE_BRAND_IN_DOMAIN, main, S("From"), seen->seen);
        if (seen->place == LOOKALIKE_LINK && !main->any_link_own)
            claim_add(at, EVIDENCE_BRAND_IN_LINK, main, S("links"), seen->seen);
    }
}

static void disguise_weigh(struct judging *at)
{
    vec_each(brand, &at->claim->brands)
        if (brand->disguised && !brand->by_word && brand->places & (PLACES_PROMINENT | TOLD_TOP) && is_foreign(brand))
            claim_add(at, EVIDENCE_BRAND_DISGUISED, brand, S("words"), at->content->words.disguise_example);
}

static void file_weigh(struct judging *at)
{
    vec_each(brand, &at->claim->brands)
        if (brand->places & TOLD_FILE_NAME && !brand->by_word && is_foreign(brand) && !brand->any_link_own &&
            !(at->claim->vouching.proved && at->claim->mismatch.well_known))
            claim_add(at, EVIDENCE_BRAND_FILE, brand, S("file name"), S(""));
}

static void brands_weigh(struct judging *at)
{
    const struct brand_claim *main = at->claim->main;
    const struct vouching *vouching = &at->claim->vouching;
    if (at->claim->mismatch.from_own && vouching->proved)
        return; /* the organisation itself writes about what it uses */
    disguise_weigh(at);
    file_weigh(at);
    if (!main)
        return;
    if (main->from_own && !vouching->proved && !vouching->unknown)
        claim_add(at, EVIDENCE_BRAND_UNPROVED, main, S("From"), at->from_domain);
    if (!is_foreign(main))
        return;
    places_weigh(at, main);
    pairs_weigh(at, main);
    names_weigh(at, main);
}

/* ---- lookalikes */

static bool is_faint(const struct lookalike *seen)
{
    return seen->kind == LOOKALIKE_INSIDE || (seen->kind == LOOKALIKE_SUFFIX && seen->brand) || seen->place == LOOKALIKE_SENDER;
}

static enum evidence_id sender_evidence(const struct lookalike *seen)
{
    if (is_faint(seen))
        return EVIDENCE_LOOKALIKE_FAINT;
    if (seen->own)
        return EVIDENCE_LOOKALIKE_OWN;
    if (seen->partner)
        return EVIDENCE_LOOKALIKE_PARTNER;
    return seen->kind == LOOKALIKE_ADDED_WORD ? EVIDENCE_LOOKALIKE_WORDS : EVIDENCE_LOOKALIKE_SENDER;
}

static enum evidence_id link_evidence(const struct lookalike *seen)
{
    if (is_faint(seen))
        return EVIDENCE_LOOKALIKE_LINK_FAINT;
    return seen->own || seen->partner ? EVIDENCE_LOOKALIKE_LINK_OWN : EVIDENCE_LOOKALIKE_LINK;
}

static void lookalike_weigh(struct judging *at, const struct lookalike *seen)
{
    static const struct span places[] = {[LOOKALIKE_FROM] = {"From", 4}, [LOOKALIKE_REPLY_TO] = {"Reply-To", 8}, [LOOKALIKE_LINK] = {"links", 5},
                                         [LOOKALIKE_LOCAL_PART] = {"From", 4}, [LOOKALIKE_SENDER] = {"MAIL FROM", 9}};
    struct span whose = seen->brand ? seen->brand->name : S("own");
    enum evidence_id id = seen->place == LOOKALIKE_LOCAL_PART ? EVIDENCE_LOOKALIKE_LOCAL
                          : seen->place == LOOKALIKE_LINK     ? link_evidence(seen)
                                                              : sender_evidence(seen);
    if (seen->punycode && !is_faint(seen))
        evidence_add(at, EVIDENCE_LOOKALIKE_LETTERS, places[seen->place], seen->seen, seen->of, S(""));
    bool had = at->seen[id];
    evidence_add(at, id, places[seen->place], seen->place == LOOKALIKE_LOCAL_PART ? author_address(at) : seen->seen, seen->of, whose);
    if (!had && seen->brand && !seen->brand->sure)
        evidence_halve(at);
}

/* ---- people, and the organisation itself */

static void person_weigh(struct judging *at, const struct person_claim *claim)
{
    const struct vouching *vouching = &at->claim->vouching;
    struct span name = claim->person->name, address = author_address(at);
    if (claim->address_of_person) /* what speaks for it stands in evidence_vouching.c */
        return;
    if (claim->from_inside) {
        if (!vouching->proved && !vouching->unknown)
            evidence_add(at, EVIDENCE_PERSON_UNPROVED, S("From"), name, S(""), S(""));
        return;
    }
    evidence_add(at, claim->exact ? EVIDENCE_PERSON_OUTSIDE : EVIDENCE_PERSON_PARTLY, S("From"), name, address, S(""));
    if (claim->exact && (claim->free_mail || at->claim->mismatch.from_disposable))
        evidence_add(at, EVIDENCE_PERSON_FREE_MAIL, S("From"), name, address, S(""));
}

void evidence_of_claims(struct judging *at)
{
    const struct mismatch *mismatch = &at->claim->mismatch;
    brands_weigh(at);
    vec_each(seen, &at->claim->lookalikes)
        lookalike_weigh(at, seen);
    vec_each(person, &at->claim->people)
        person_weigh(at, person);
    if (mismatch->own_unproved)
        evidence_add(at, EVIDENCE_OWN_UNPROVED, S("From"), at->from_domain, S(""), S(""));
    if (mismatch->own_name_claimed)
        evidence_add(at, EVIDENCE_OWN_NAME, S("From"), at->message->from.at[0].name, at->from_domain, S(""));
}
