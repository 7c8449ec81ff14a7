#include "world.h"

/* A brand of the world's own, claimed in the name by a proved sender that is not it. */
static const struct brand bank = {.id = {"bank", 4}, .name = {"Great Bank", 10}, .kind = BRAND_BANK, .sure = true};
static const struct brand tax_office = {.id = {"tax", 3}, .name = {"Tax Office", 10}, .kind = BRAND_TAX, .sure = true};
static const struct person boss = {.name = {"Taro Yamada", 11}};

static void link_put(struct world *w, const char *host)
{
    struct link_fact *link = vec_push(w->arena, &w->content.links.list);
    *link = (struct link_fact){.link = arena_one(w->arena, struct link), .host = span_of(host), .organisation = span_of(host), .clickable = true, .seen = true};
    w->content.links.main = link;
    w->content.links.clickable = 1;
}
static struct brand_claim *claim_put(struct world *w, const struct brand *brand, unsigned places)
{
    struct brand_claim *claim = vec_push(w->arena, &w->claim.brands);
    *claim = (struct brand_claim){.brand = brand, .places = places, .as = true, .times = 1};
    w->claim.main = claim;
    return claim;
}
static void bank_in_name(struct world *w)
{
    claim_put(w, &bank, TOLD_NAME);
    w->claim.vouching.proved = true;
}
static void bank_itself(struct world *w)
{
    bank_in_name(w);
    w->claim.brands.at[0].from_own = w->claim.brands.at[0].proved = true;
}
static void bank_signed(struct world *w)
{
    bank_in_name(w);
    w->claim.brands.at[0].signer_own = true;
}
static void bank_by_its_service(struct world *w)
{
    bank_in_name(w);
    w->claim.brands.at[0].service_own = true;
}
static void about_bank(struct world *w)
{
    claim_put(w, &bank, TOLD_SUBJECT | TOLD_TEXT)->as = false;
    w->claim.main = NULL;
}
static void own_people_about_bank(struct world *w)
{
    bank_in_name(w);
    w->claim.mismatch.from_own = true;
}
static void bank_in_subject(struct world *w)
{
    claim_put(w, &bank, TOLD_SUBJECT | TOLD_TEXT);
}
static void bank_in_subject_links_there(struct world *w)
{
    bank_in_subject(w);
    w->claim.brands.at[0].links_own = w->claim.brands.at[0].any_link_own = true;
}
static void logo(struct world *w)
{
    claim_put(w, &bank, TOLD_IMAGE);
    link_put(w, "evil.example");
}
static void logo_links_there(struct world *w)
{
    logo(w);
    w->claim.brands.at[0].any_link_own = w->claim.brands.at[0].links_own = true;
}
static void bank_links_elsewhere(struct world *w)
{
    bank_in_name(w);
    link_put(w, "evil.example");
}
static void bank_links_there(struct world *w)
{
    bank_links_elsewhere(w);
    w->claim.brands.at[0].any_link_own = w->claim.brands.at[0].links_own = true;
}
static void bank_link_in_the_footer(struct world *w) /* anybody sets one beside his own */
{
    bank_links_elsewhere(w);
    w->claim.brands.at[0].any_link_own = true;
}
static void bank_without_links(struct world *w)
{
    bank_in_name(w);
}
static void bank_in_subject_links_elsewhere(struct world *w)
{
    bank_in_subject(w);
    link_put(w, "evil.example");
}
static void known_firm_about_bank(struct world *w)
{
    bank_links_elsewhere(w);
    w->claim.mismatch.well_known = true;
}
static void bank_unproved(struct world *w)
{
    bank_itself(w);
    w->claim.vouching.proved = false;
}
static void bank_unknown(struct world *w)
{
    bank_unproved(w);
    w->claim.vouching.unknown = true;
}
static void bank_free_mail(struct world *w)
{
    bank_in_name(w);
    w->claim.mismatch.from_free_mail = true;
}
static void disguised(struct world *w)
{
    bank_in_name(w);
    w->claim.brands.at[0].disguised = true;
}
static void disguised_deep(struct world *w)
{
    disguised(w);
    w->claim.brands.at[0].places = TOLD_TEXT;
}
static void reply_elsewhere(struct world *w)
{
    bank_in_name(w);
    w->claim.mismatch.reply_to_differs = true;
    w->claim.mismatch.reply_to = S("pay@evil.example");
}
static void bank_reply_elsewhere(struct world *w)
{
    reply_elsewhere(w);
    w->claim.brands.at[0].from_own = true;
}
static void file_named(struct world *w)
{
    claim_put(w, &bank, TOLD_FILE_NAME)->as = false;
    w->claim.main = NULL;
}
static void file_of_bank(struct world *w)
{
    file_named(w);
    w->claim.brands.at[0].signer_own = true;
}
static void authority(struct world *w)
{
    claim_put(w, &tax_office, TOLD_NAME);
}
static void authority_itself(struct world *w)
{
    authority(w);
    w->claim.brands.at[0].from_own = true;
}
static void fed_by_script(struct world *w)
{
    bank_in_name(w);
    w->claim.mismatch.php_mailer = true;
}
static void script_alone(struct world *w)
{
    w->claim.mismatch.php_mailer = true;
}

/* ---- lookalikes */

static struct lookalike *seen_put(struct world *w, enum lookalike_place place, enum lookalike_kind kind)
{
    struct lookalike *seen = vec_push(w->arena, &w->claim.lookalikes);
    *seen = (struct lookalike){.kind = kind, .place = place, .seen = S("great-bamk.example"), .of = S("great-bank.example"), .brand = &bank};
    return seen;
}
static void own_lookalike(struct world *w)
{
    struct lookalike *seen = seen_put(w, LOOKALIKE_FROM, LOOKALIKE_TYPING);
    seen->own = true;
    seen->brand = NULL;
}
static void partner_lookalike(struct world *w)
{
    struct lookalike *seen = seen_put(w, LOOKALIKE_REPLY_TO, LOOKALIKE_SUFFIX);
    seen->partner = true;
    seen->brand = NULL;
}
static void partner_contained(struct world *w)
{
    partner_lookalike(w);
    w->claim.lookalikes.at[0].kind = LOOKALIKE_INSIDE;
}
static void sender_lookalike(struct world *w)
{
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_SKELETON);
}
static void sender_words(struct world *w)
{
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_ADDED_WORD);
}
static void sender_suffix(struct world *w)
{
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_SUFFIX);
}
static void link_lookalike(struct world *w)
{
    seen_put(w, LOOKALIKE_LINK, LOOKALIKE_SUBDOMAIN);
}
static void link_faint(struct world *w)
{
    seen_put(w, LOOKALIKE_LINK, LOOKALIKE_INSIDE);
}
static void link_own(struct world *w)
{
    struct lookalike *seen = seen_put(w, LOOKALIKE_LINK, LOOKALIKE_TYPING);
    seen->own = true;
    seen->brand = NULL;
}
static void local_part(struct world *w)
{
    seen_put(w, LOOKALIKE_LOCAL_PART, LOOKALIKE_ADDED_WORD);
}
static void bank_in_domain(struct world *w)
{
    bank_in_name(w);
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_INSIDE);
}
static void bank_before_the_at(struct world *w)
{
    bank_in_name(w);
    local_part(w);
}
static void reseller_of_bank(struct world *w) /* the name in the address, but it speaks as itself */
{
    about_bank(w);
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_INSIDE);
}
static void bank_signed_in_address(struct world *w)
{
    bank_signed(w);
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_INSIDE);
}
static void bank_in_link(struct world *w)
{
    bank_in_name(w);
    link_faint(w);
}
static void bank_in_link_beside_its_own(struct world *w)
{
    bank_in_link(w);
    w->claim.brands.at[0].any_link_own = true;
}
static void link_to_fans_of_bank(struct world *w)
{
    about_bank(w);
    link_faint(w);
}
static void other_letters(struct world *w)
{
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_SKELETON)->punycode = true;
}
static void other_letters_inside(struct world *w)
{
    seen_put(w, LOOKALIKE_FROM, LOOKALIKE_INSIDE)->punycode = true;
}

/* ---- people and the organisation */

static struct person_claim *person_put(struct world *w, bool exact)
{
    struct person_claim *claim = vec_push(w->arena, &w->claim.people);
    *claim = (struct person_claim){.person = &boss, .exact = exact};
    return claim;
}
static void boss_outside(struct world *w)
{
    person_put(w, true);
}
static void boss_listed(struct world *w)
{
    person_put(w, true)->address_of_person = true;
}
static void boss_free_mail(struct world *w)
{
    person_put(w, true)->free_mail = true;
}
static void boss_listed_free_mail(struct world *w)
{
    boss_free_mail(w);
    w->claim.people.at[0].address_of_person = true;
}
static void boss_partly(struct world *w)
{
    person_put(w, false);
}
static void boss_inside(struct world *w)
{
    person_put(w, true)->from_inside = true;
    w->claim.vouching.proved = true;
}
static void boss_unproved(struct world *w)
{
    boss_inside(w);
    w->claim.vouching.proved = false;
}
static void boss_unknown(struct world *w)
{
    boss_unproved(w);
    w->claim.vouching.unknown = true;
}
static void own_unproved(struct world *w)
{
    w->claim.mismatch.from_own = w->claim.mismatch.own_unproved = true;
}
static void own_proved(struct world *w)
{
    w->claim.mismatch.from_own = w->claim.vouching.proved = true;
}
static void own_name(struct world *w)
{
    w->claim.mismatch.own_name_claimed = true;
}
static void outbound(struct world *w)
{
    own_name(w);
    w->arrival.direction = DIRECTION_OUTBOUND;
}

const struct evidence_case claim_cases[] = {
    {"brand-in-name", "its own", bank_in_name, bank_itself},
    {"brand-in-name", "signed by it", bank_in_name, bank_signed},
    {"brand-in-name", "by its service", bank_in_name, bank_by_its_service},
    {"brand-in-name", "about it", bank_in_name, about_bank},
    {"brand-in-name", "own people", bank_in_name, own_people_about_bank},
    {"brand-in-text", "links there", bank_in_subject, bank_in_subject_links_there},
    {"brand-in-text", "about it", bank_in_subject, about_bank},
    {"brand-logo", "links there", logo, logo_links_there},
    {"brand-links-elsewhere", "the main one leads there", bank_links_elsewhere, bank_links_there},
    {"brand-links-elsewhere", "one beside the main one", bank_link_in_the_footer, bank_links_there},
    {"brand-links-elsewhere", "no link", bank_links_elsewhere, bank_without_links},
    {"brand-links-elsewhere", "subject alone", bank_links_elsewhere, bank_in_subject_links_elsewhere},
    {"brand-links-elsewhere", "a known firm", bank_links_elsewhere, known_firm_about_bank},
    {"brand-proved-other", "a known firm", bank_in_name, known_firm_about_bank},
    {"brand-proved-other", "itself", bank_in_name, bank_itself},
    {"brand-domain-unproved", "proved", bank_unproved, bank_itself},
    {"brand-domain-unproved", "unknown", bank_unproved, bank_unknown},
    {"brand-free-mail", "a domain", bank_free_mail, bank_in_name},
    {"brand-in-domain", "about it", bank_in_domain, reseller_of_bank},
    {"brand-in-domain", "signed by it", bank_in_domain, bank_signed_in_address},
    {"brand-in-domain", "before the @", bank_in_domain, bank_before_the_at},
    {"brand-in-link", "about it", bank_in_link, link_to_fans_of_bank},
    {"brand-in-link", "its own too", bank_in_link, bank_in_link_beside_its_own},
    {"brand-disguised", "plain", disguised, bank_in_name},
    {"brand-disguised", "deep in the text", disguised, disguised_deep},
    {"brand-reply-elsewhere", "its own mail", reply_elsewhere, bank_reply_elsewhere},
    {"brand-file", "its own", file_named, file_of_bank},
    {"authority-claimed", "itself", authority, authority_itself},
    {"authority-claimed", "a bank", authority, bank_in_name},
    {"feeding-claim", "no claim", fed_by_script, script_alone},
    {"lookalike-own", "a partner", own_lookalike, partner_lookalike},
    {"lookalike-partner", "contained", partner_lookalike, partner_contained},
    {"lookalike-sender", "added words", sender_lookalike, sender_words},
    {"lookalike-sender", "a link", sender_lookalike, link_lookalike},
    {"lookalike-sender-words", "suffix", sender_words, sender_suffix},
    {"lookalike-sender-faint", "skeleton", sender_suffix, sender_lookalike},
    {"lookalike-link", "contained", link_lookalike, link_faint},
    {"lookalike-link-faint", "subdomain", link_faint, link_lookalike},
    {"lookalike-link-own", "a brand's", link_own, link_lookalike},
    {"lookalike-local-part", "the domain", local_part, sender_words},
    {"lookalike-letters", "plain letters", other_letters, sender_lookalike},
    {"lookalike-letters", "contained", other_letters, other_letters_inside},
    {"person-outside", "a listed address", boss_outside, boss_listed},
    {"person-outside", "inside", boss_outside, boss_inside},
    {"person-free-mail", "a listed address", boss_free_mail, boss_listed_free_mail},
    {"person-free-mail", "a firm's address", boss_free_mail, boss_outside},
    {"person-partly", "exact", boss_partly, boss_outside},
    {"person-unproved", "proved", boss_unproved, boss_inside},
    {"person-unproved", "unknown", boss_unproved, boss_unknown},
    {"own-domain-unproved", "proved", own_unproved, own_proved},
    {"own-name-outside", "inside", own_name, own_proved},
    {"own-name-outside", "leaving", own_name, outbound},
    {0},
};
