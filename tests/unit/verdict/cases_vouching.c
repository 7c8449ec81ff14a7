#include "world.h"

static const struct brand bank = {.id = {"bank", 4}, .name = {"Great Bank", 10}, .kind = BRAND_BANK, .sure = true};
static const struct person boss = {.name = {"Taro Yamada", 11}};

static struct link_fact *main_put(struct world *w, unsigned kinds)
{
    struct link_fact *link = vec_push(w->arena, &w->content.links.list);
    *link = (struct link_fact){.link = arena_one(w->arena, struct link), .host = S("stranger.example"), .organisation = S("stranger.example"), .kinds = kinds, .clickable = true};
    w->content.links.main = link;
    w->content.links.clickable = 1;
    w->claim.vouching.main_out = true;
    return link;
}
static void main_out(struct world *w)
{
    main_put(w, 0);
}
static void main_in(struct world *w)
{
    main_put(w, 0);
    w->claim.vouching.main_out = false;
}
static void main_brand(struct world *w)
{
    main_put(w, HOST_CHEAP_SUFFIX | HOST_FORM);
    w->claim.vouching.all_out = w->claim.vouching.main_brand = true;
}
static void main_of_list(struct world *w)
{
    main_put(w, HOST_CHEAP_SUFFIX | HOST_FORM);
    w->claim.vouching.all_out = w->claim.mismatch.list_borne_out = true;
}
static void main_quoted(struct world *w)
{
    main_put(w, 0);
    w->claim.vouching.all_out = w->claim.vouching.images_elsewhere = w->content.words.quoted = true;
}
static void main_own_people(struct world *w)
{
    main_put(w, 0);
    w->claim.vouching.proved = w->claim.mismatch.from_own = true;
}
static void all_out(struct world *w)
{
    main_out(w);
    w->claim.vouching.all_out = true;
}
static void form(struct world *w)
{
    main_put(w, HOST_FORM);
}
static void share(struct world *w)
{
    main_put(w, HOST_SHARE);
}
static void share_of_friend(struct world *w)
{
    share(w);
    w->claim.mismatch.from_free_mail = true;
}
static void cheap(struct world *w)
{
    main_put(w, HOST_CHEAP_SUFFIX);
}
static void make_text(struct world *w)
{
    struct link *link = arena_one(w->arena, struct link);
    link->kind = LINK_TEXT;
    w->content.links.list.at[0].link = link;
}
static void all_out_in_text(struct world *w)
{
    all_out(w);
    make_text(w);
}
static void cheap_in_text(struct world *w)
{
    cheap(w);
    make_text(w);
}
static void unrelated_out(struct world *w)
{
    all_out(w);
    w->claim.shape.present = true;
}
static void related_out(struct world *w)
{
    unrelated_out(w);
    w->claim.shape.shares_word = true;
}
static void unrelated_in_text(struct world *w)
{
    unrelated_out(w);
    make_text(w);
}
static void unrelated_in(struct world *w)
{
    unrelated_out(w);
    w->claim.vouching.all_out = false;
}
static void pictures(struct world *w)
{
    w->claim.vouching.images_elsewhere = true;
}

/* ---- what speaks for it */

static void proved(struct world *w)
{
    w->claim.vouching.proved = true;
    w->claim.shape.present = w->claim.shape.shares_word = w->claim.shape.fits_domain = true;
}
static void everything(struct world *w)
{
    struct vouching *vouching = &w->claim.vouching;
    proved(w);
    vouching->from_share = 0.5;
    vouching->from_image = vouching->unsubscribe = vouching->one_click = vouching->unsubscribe_from = true;
    w->claim.mismatch.well_known = w->claim.mismatch.from_partner = w->claim.mismatch.service_claimed = true;
    w->service.name = S("A service");
    w->path.carrier.service = &w->service;
    *vec_push(w->arena, &w->claim.people) = (struct person_claim){.person = &boss, .exact = true, .address_of_person = true};
}
static void bank_proved(struct world *w)
{
    everything(w);
    *vec_push(w->arena, &w->claim.brands) = (struct brand_claim){.brand = &bank, .places = TOLD_NAME, .as = true, .from_own = true, .proved = true};
    w->claim.main = &w->claim.brands.at[0];
}
static void bank_claimed(struct world *w)
{
    bank_proved(w);
    w->claim.brands.at[0].from_own = w->claim.brands.at[0].proved = false;
}
static void lookalike(struct world *w)
{
    everything(w);
    *vec_push(w->arena, &w->claim.lookalikes) = (struct lookalike){.kind = LOOKALIKE_SKELETON, .place = LOOKALIKE_FROM, .brand = &bank};
}
static void boss_from_outside(struct world *w)
{
    everything(w);
    w->claim.people.at[0].address_of_person = false;
}
static void unproved(struct world *w)
{
    everything(w);
    w->claim.vouching.proved = false;
}
static void free_mail(struct world *w)
{
    everything(w);
    w->claim.mismatch.from_free_mail = true;
}
static void few_own_links(struct world *w)
{
    everything(w);
    w->claim.vouching.from_share = 0.2;
}
static void unsubscribed_elsewhere(struct world *w)
{
    everything(w);
    w->claim.vouching.unsubscribe_from = false;
}
static void name_unrelated(struct world *w)
{
    everything(w);
    w->claim.shape.fits_domain = false; /* what stands before the @ anybody writes */
}
static void no_service(struct world *w)
{
    everything(w);
    w->claim.mismatch.service_claimed = false;
}
static void mailbox(struct world *w) /* everything, but no link */
{
    everything(w);
    w->content.links.clickable = 0;
    w->content.links.main = NULL;
}
static void mailbox_led_away(struct world *w)
{
    mailbox(w);
    w->claim.mismatch.reply_to_free_mail = true;
}
static void mailbox_names_other(struct world *w)
{
    mailbox(w);
    w->content.words.free_mail_address = true;
    w->content.words.lures[LURE_WRITE_ME] = (struct lure_fact){.count = 1, .strong = true, .phrase = S("write me")};
}

const struct evidence_case vouching_cases[] = {
    {"well-known-sender", "answers led to free mail", mailbox, mailbox_led_away},
    {"well-known-sender", "an address of free mail to write to", mailbox, mailbox_names_other},
    {"main-link-cheap", "in plain text", cheap, cheap_in_text},
    {"unrelated-and-unvouched", "in plain text", unrelated_out, unrelated_in_text},
    {"main-link-unvouched", "in plain text", main_out, all_out_in_text},
    {"all-links-unvouched", "in plain text", all_out, all_out_in_text},
    {"main-link-unvouched", "vouched", main_out, main_in},
    {"main-link-unvouched", "a brand's own", main_out, main_brand},
    {"main-link-unvouched", "a list", main_out, main_of_list},
    {"main-link-unvouched", "an answer", main_out, main_quoted},
    {"main-link-unvouched", "own people", main_out, main_own_people},
    {"all-links-unvouched", "one vouched", all_out, main_out},
    {"all-links-unvouched", "a brand's own", all_out, main_brand},
    {"main-link-anybody", "a friend's file", share, share_of_friend},
    {"main-link-anybody", "a list", form, main_of_list},
    {"main-link-cheap", "another suffix", cheap, main_out},
    {"main-link-cheap", "a brand's own", cheap, main_brand},
    {"unrelated-and-unvouched", "name fits", unrelated_out, related_out},
    {"unrelated-and-unvouched", "vouched", unrelated_out, unrelated_in},
    {"images-elsewhere", "an answer", pictures, main_quoted},
    {"links-to-sender", "few", everything, few_own_links},
    {"links-to-sender", "not proved", everything, unproved},
    {"links-to-sender", "as a brand", everything, bank_claimed},
    {"links-to-sender", "a lookalike", everything, lookalike},
    {"links-to-sender", "a protected name", everything, boss_from_outside},
    {"images-of-sender", "free mail", everything, free_mail},
    {"one-click-unsubscribe", "nobody vouched", everything, unsubscribed_elsewhere},
    {"unsubscribe-at-sender", "elsewhere", everything, unsubscribed_elsewhere},
    {"well-known-sender", "not proved", everything, unproved},
    {"well-known-sender", "as a brand", everything, bank_claimed},
    {"brand-proved", "claimed only", bank_proved, bank_claimed},
    {"name-fits-domain", "does not fit", everything, name_unrelated},
    {"service-borne-out", "not borne out", everything, no_service},
    {"service-borne-out", "as a brand", everything, bank_claimed},
    {"partner-proved", "not proved", everything, unproved},
    {"person-known", "not proved", everything, unproved},
    {0},
};
