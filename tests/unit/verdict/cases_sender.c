#include "world.h"

/* Each row: the shape alone, and what explains it. */
static struct name_shape *shape_of(struct world *w)
{
    w->from[0].name = S("Prize Desk");
    w->claim.shape.present = w->claim.shape.shares_word = true;
    return &w->claim.shape;
}
static void service(struct world *w)
{
    w->claim.mismatch.service_claimed = true;
}
static void named(struct world *w)
{
    shape_of(w);
}
static void unrelated(struct world *w)
{
    shape_of(w)->shares_word = false;
}
static void unrelated_but_proved(struct world *w)
{
    unrelated(w);
    w->claim.vouching.proved = true;
}
static void unrelated_unknown(struct world *w)
{
    unrelated(w);
    w->claim.vouching.unknown = true;
}
static void unrelated_by_service(struct world *w)
{
    unrelated(w);
    service(w);
}
static void unrelated_free_mail(struct world *w)
{
    unrelated(w);
    w->claim.mismatch.from_free_mail = true;
}
static void unrelated_list(struct world *w)
{
    unrelated(w);
    w->claim.mismatch.list_borne_out = true;
}
static void unrelated_known(struct world *w)
{
    unrelated(w);
    w->claim.mismatch.well_known = w->claim.vouching.proved = true;
}
static void role_unrelated(struct world *w)
{
    unrelated(w);
    w->claim.shape.role = true;
}
static void role_fits(struct world *w)
{
    shape_of(w)->role = true;
}
static void tells_domain(struct world *w)
{
    shape_of(w)->domain_of_other = true;
    w->claim.shape.told_domain = S("bank.example");
}
static void tells_domain_list(struct world *w)
{
    tells_domain(w);
    w->claim.mismatch.list_borne_out = true;
}
static void to_desk(struct world *w)
{
    w->claim.mismatch.to_desk = true;
}
static void to_desk_as_a_brand(struct world *w)
{
    static const struct brand brand = {.id = {"paypal", 6}, .name = {"PayPal", 6}, .sure = true};
    to_desk(w);
    struct brand_claim *claim = vec_push(w->arena, &w->claim.brands);
    *claim = (struct brand_claim){.brand = &brand, .as = true, .places = TOLD_NAME};
    w->claim.main = claim;
}
static void tells_other_unvouched(struct world *w)
{
    static struct link link = {.kind = LINK_ANCHOR};
    tells_domain(w);
    struct link_fact *fact = vec_push(w->arena, &w->content.links.list);
    *fact = (struct link_fact){.link = &link, .host = S("stranger.example"), .clickable = true, .seen = true};
    w->content.links.main = fact;
    w->claim.vouching.main_out = true;
}
static void tells_other_vouched(struct world *w)
{
    tells_other_unvouched(w);
    w->claim.vouching.main_out = false;
}
static void address_lure(struct world *w)
{
    tells_other_unvouched(w);
    shape_of(w)->address_of_other = true;
    w->from[0].name = S("billing@vendor.example");
    w->content.words.lures[LURE_INVOICE] = (struct lure_fact){.count = 2, .strong = true, .phrase = S("invoice")};
}
static void address_asks_nothing(struct world *w)
{
    address_lure(w);
    w->content.words.lures[LURE_INVOICE].strong = false;
}
static void address_by_ticket(struct world *w) /* a program that says by whom */
{
    address_lure(w);
    w->from[0].name = S("billing@vendor.example via Help");
}
static void address_vouched(struct world *w)
{
    address_lure(w);
    w->claim.vouching.main_out = false;
}
static void ornament(struct world *w)
{
    shape_of(w)->ornament = true;
}
static void figures(struct world *w)
{
    shape_of(w)->figures = true;
}
static void like_subject(struct world *w)
{
    shape_of(w)->like_subject = true;
}
static void like_subject_by_service(struct world *w)
{
    like_subject(w);
    service(w);
}
static void local_figures(struct world *w)
{
    w->claim.shape.local_digits = 3;
}
static void local_two_figures(struct world *w)
{
    w->claim.shape.local_digits = 2;
}
static void local_figures_to_self(struct world *w) /* the figures are the reader's */
{
    local_figures(w);
    w->claim.mismatch.to_self = true;
}
static void local_figures_free_mail(struct world *w)
{
    local_figures(w);
    w->claim.mismatch.from_free_mail = true;
}
static void local_random(struct world *w)
{
    w->claim.shape.local_random = true;
}
static void local_random_by_service(struct world *w)
{
    local_random(w);
    service(w);
}
static void domain_random(struct world *w)
{
    w->claim.shape.domain_random = true;
}
static void domain_random_known(struct world *w)
{
    domain_random(w);
    w->claim.mismatch.well_known = true;
}
static void onmicrosoft(struct world *w)
{
    w->claim.mismatch.from_onmicrosoft = true;
}
static void free_host(struct world *w)
{
    w->claim.mismatch.from_free_pages = true;
}
static struct link *link_to_strangers(struct world *w)
{
    struct link *link = arena_one(w->arena, struct link);
    struct link_fact *fact = vec_push(w->arena, &w->content.links.list);
    *fact = (struct link_fact){.link = link, .host = S("stranger.example"), .organisation = S("stranger.example"), .clickable = true, .seen = true};
    w->content.links.main = fact;
    w->content.links.clickable = 1;
    w->claim.vouching.main_out = true;
    return link;
}
static void cheap(struct world *w)
{
    link_to_strangers(w);
    w->claim.mismatch.from_cheap = true;
}
static void cheap_in_text(struct world *w)
{
    link_to_strangers(w)->kind = LINK_TEXT;
    w->claim.mismatch.from_cheap = true;
}
static void cheap_by_service(struct world *w)
{
    cheap(w);
    w->claim.mismatch.service_claimed = true;
}
static void disposable(struct world *w)
{
    w->claim.mismatch.from_disposable = true;
}
static void free_mail(struct world *w)
{
    w->claim.mismatch.from_free_mail = true;
}
static void reply_elsewhere(struct world *w)
{
    w->claim.mismatch.reply_to_differs = true;
    w->claim.mismatch.reply_to = S("me@elsewhere.example");
}
static void reply_free_mail(struct world *w)
{
    reply_elsewhere(w);
    w->claim.mismatch.reply_to_free_mail = true;
}
static void reply_elsewhere_by_service(struct world *w)
{
    reply_elsewhere(w);
    service(w);
}
static void signer(struct world *w)
{
    link_to_strangers(w);
    w->claim.mismatch.signer_foreign = true;
    w->claim.mismatch.signer = S("elsewhere.example");
}
static void signer_and_own_links(struct world *w)
{
    signer(w);
    w->claim.vouching.main_out = false;
}
static void signer_is_service(struct world *w)
{
    signer(w);
    w->claim.mismatch.signer_service = true;
}
static void signer_beside_proof(struct world *w)
{
    signer(w);
    w->claim.vouching.proved = true;
}
static void office_free_mail(struct world *w)
{
    shape_of(w)->role = true;
    w->claim.mismatch.from_free_mail = w->claim.mismatch.corporate_claim = true;
}
static void person_free_mail(struct world *w)
{
    shape_of(w);
    w->claim.mismatch.from_free_mail = true;
}
static void to_self(struct world *w)
{
    w->claim.mismatch.to_self = true;
}
static void to_self_proved(struct world *w)
{
    to_self(w);
    w->claim.vouching.proved = true;
}
static void to_self_unknown(struct world *w)
{
    to_self(w);
    w->claim.vouching.unknown = true;
}
static void hidden(struct world *w)
{
    w->claim.mismatch.hidden_recipients = true;
}
static void machine(struct world *w)
{
    w->claim.mismatch.feeding_machine = true;
    w->claim.mismatch.feeding_name = S("WIN-ABCDEFGHIJK");
}
static void php(struct world *w)
{
    link_to_strangers(w);
    w->claim.mismatch.php_mailer = true;
}
static void hoster(struct world *w)
{
    w->claim.mismatch.helo_hosting = true;
    w->claim.mismatch.helo_name = S("vps-12345.hoster.example");
}
static void hoster_proved(struct world *w)
{
    hoster(w);
    w->claim.vouching.proved = true;
}

static void php_of_a_shop(struct world *w)
{
    php(w);
    w->claim.vouching.main_out = false;
}

/* ---- entries */
static void entry_put(struct world *w, struct verdict_entry entry)
{
    struct verdict_entries *entries = arena_one(w->arena, struct verdict_entries);
    entry.number = 7;
    entry.reason = S("known to us");
    entry.expires = entry.expires ? entry.expires : INT64_MAX;
    *vec_push(w->arena, &entries->list) = entry;
    w->settings.entries = entries;
}
static void allowed_domain(struct world *w)
{
    entry_put(w, (struct verdict_entry){.allow = true, .domain = S("brand.example")});
}
static void allowed_and_disproved(struct world *w)
{
    allowed_domain(w);
    dmarc_fails(w, "reject");
}
static void denied_person(struct world *w)
{
    entry_put(w, (struct verdict_entry){.person = S("Anna@brand.example")});
}
static void denied_and_disproved(struct world *w)
{
    denied_person(w);
    dmarc_fails(w, "none");
}
static void denied_another(struct world *w)
{
    entry_put(w, (struct verdict_entry){.person = S("ann@brand.example")});
}
static void denied_once(struct world *w)
{
    w->arrival.received_at = 1000;
    entry_put(w, (struct verdict_entry){.domain = S("brand.example"), .expires = 1000});
}
static void allowed_at_a_service(struct world *w)
{
    entry_put(w, (struct verdict_entry){.allow = true, .domain = S("brand.example"), .service = S("nobodys")});
}

const struct evidence_case sender_cases[] = {
    {"entry-allow", "an allowed domain, proved", allowed_domain, allowed_and_disproved},
    {"entry-allow", "an allowed domain; another service", allowed_domain, allowed_at_a_service},
    {"entry-deny", "a denied person", denied_person, denied_another},
    {"entry-deny", "a denied person, disproved", denied_and_disproved, denied_once},
    {"name-unrelated-unproved", "proved", unrelated, unrelated_but_proved},
    {"name-unrelated-unproved", "unknown", unrelated, unrelated_unknown},
    {"name-unrelated", "fits", unrelated, named},
    {"name-unrelated", "by a service", unrelated, unrelated_by_service},
    {"name-unrelated", "free mail", unrelated, unrelated_free_mail},
    {"name-unrelated", "a list", unrelated, unrelated_list},
    {"name-unrelated", "well known", unrelated, unrelated_known},
    {"name-role-unrelated", "fits", role_unrelated, role_fits},
    {"name-role-unrelated", "no role", role_unrelated, unrelated},
    {"name-tells-domain", "a list", tells_domain, tells_domain_list},
    {"to-report-desk", "speaks as a brand", to_desk, to_desk_as_a_brand},
    {"name-tells-other-unvouched", "vouched", tells_other_unvouched, tells_other_vouched},
    {"name-address-lure", "asks nothing", address_lure, address_asks_nothing},
    {"name-address-lure", "a ticket system", address_lure, address_by_ticket},
    {"name-address-lure", "vouched", address_lure, address_vouched},
    {"name-ornament", "plain", ornament, named},
    {"name-figures", "plain", figures, named},
    {"name-like-subject", "by a service", like_subject, like_subject_by_service},
    {"local-part-figures", "to oneself", local_figures, local_figures_to_self},
    {"local-part-figures", "two", local_figures, local_two_figures},
    {"local-part-figures", "free mail", local_figures, local_figures_free_mail},
    {"local-part-random", "by a service", local_random, local_random_by_service},
    {"sender-domain-random", "well known", domain_random, domain_random_known},
    {"onmicrosoft-sender", "a free host", onmicrosoft, free_host},
    {"free-host-sender", "free mail", free_host, free_mail},
    {"sender-cheap", "in plain text", cheap, cheap_in_text},
    {"sender-cheap", "by a service", cheap, cheap_by_service},
    {"disposable-sender", "free mail", disposable, free_mail},
    {"reply-free-mail", "another firm", reply_free_mail, reply_elsewhere},
    {"reply-elsewhere", "free mail says more", reply_elsewhere, reply_free_mail},
    {"reply-elsewhere", "by a service", reply_elsewhere, reply_elsewhere_by_service},
    {"signer-foreign", "own links", signer, signer_and_own_links},
    {"signer-foreign", "the service", signer, signer_is_service},
    {"signer-foreign", "proved otherwise", signer, signer_beside_proof},
    {"office-free-mail", "a person", office_free_mail, person_free_mail},
    {"from-recipient", "proved", to_self, to_self_proved},
    {"from-recipient", "unknown", to_self, to_self_unknown},
    {"recipients-hidden", "honest", hidden, honest},
    {"feeding-machine", "a script", machine, php},
    {"php-mailer", "a machine", php, machine},
    {"php-mailer", "a shop's own links", php, php_of_a_shop},
    {"hoster-machine", "proved", hoster, hoster_proved},
    {0},
};
