#include "world.h"

/* ---- a letter that is passed on without a word */
static struct forwarded_claim *letter(struct world *w)
{
    static struct mailbox from;
    from = (struct mailbox){.name = S("Brand Service"), .address = S("desk@other.example"), .local = S("desk"), .domain_ascii = S("other.example")};
    w->content.words.forwarded = (struct forwarded){.present = true, .bare = true, .from = from, .subject = S("News")};
    w->claim.forwarded = (struct forwarded_claim){.is = true, .from = &from, .shape = {.present = true, .shares_word = true}};
    return &w->claim.forwarded;
}
static struct brand_claim *brand(struct world *w)
{
    static const struct brand made = {.name = {"Brand", 5}};
    struct forwarded_claim *of = letter(w);
    of->brand = (struct brand_claim){.brand = &made, .places = TOLD_NAME, .as = true};
    of->names_brand = true;
    return &of->brand;
}
static void brand_foreign(struct world *w)
{
    brand(w);
    main_link_put(w, true);
    lure_asks(w, LURE_PASSWORD);
}
static void brand_owned(struct world *w)
{
    struct brand_claim *claim = brand(w);
    claim->from_own = claim->links_own = true;
    lure_asks(w, LURE_PASSWORD);
}
static void brand_to_desk(struct world *w)
{
    brand_foreign(w);
    w->claim.mismatch.to_desk = true;
}
static void brand_in_list(struct world *w)
{
    brand_foreign(w);
    w->claim.mismatch.list_borne_out = true;
}
static void brand_without_address(struct world *w) /* Outlook leaves it out: the link alone tells */
{
    static struct mailbox name;
    brand(w);
    name = (struct mailbox){.name = S("Brand")};
    w->claim.forwarded.from = &name;
}
static void brand_forged(struct world *w) /* the brand's own address is written, and the link leads away */
{
    brand(w)->from_own = true;
    main_link_put(w, true);
    lure_asks(w, LURE_PASSWORD);
}
static void brand_forged_mailto(struct world *w)
{
    brand(w)->from_own = true;
    w->content.links.main = NULL;
    w->content.links.clickable = 0;
    *vec_push(w->arena, &w->content.links.mailto_hosts) = S("freemail.example");
}
static void brand_mailto_own(struct world *w)
{
    brand_forged_mailto(w);
    w->content.links.mailto_hosts.at[0] = S("other.example");
}
static void brand_counted(struct world *w) /* firms have their clicks counted elsewhere, and so do others */
{
    brand_forged(w);
    w->claim.vouching.main_out = false;
    w->claim.vouching.main_told = true;
}
static void told_alone(struct world *w) /* an unknown author's own link */
{
    letter(w);
    main_link_put(w, true);
    w->claim.vouching.main_out = false;
    w->claim.vouching.main_told = true;
    lure_asks(w, LURE_PASSWORD);
}
static void told_known(struct world *w)
{
    told_alone(w);
    w->claim.forwarded.well_known = true;
}
static void brand_warned(struct world *w)
{
    brand_foreign(w);
    lure_asks(w, LURE_WARNS);
}

static void free_office(struct world *w)
{
    struct forwarded_claim *of = letter(w);
    of->free_mail = of->shape.role = true;
}
static void free_person(struct world *w)
{
    letter(w)->free_mail = true;
}
static void lookalike(struct world *w)
{
    letter(w)->lookalike = (struct lookalike){.kind = LOOKALIKE_TYPING, .seen = S("brnad.example"), .of = S("brand.example")};
}
static void random_both(struct world *w)
{
    struct forwarded_claim *of = letter(w);
    of->shape.local_random = of->shape.domain_random = true;
}
static void random_known(struct world *w)
{
    random_both(w);
    w->claim.forwarded.well_known = true;
}
static void random_local(struct world *w) /* what it leads to is its own */
{
    letter(w)->shape.local_random = true;
    main_link_put(w, true);
    w->claim.vouching.main_out = false;
}
static void stranger(struct world *w)
{
    letter(w)->shape.shares_word = false;
    lure_asks(w, LURE_ADVANCE_FEE);
    lure_asks(w, LURE_SIGN_IN);
}
static void stranger_named(struct world *w)
{
    stranger(w);
    w->claim.forwarded.shape.shares_word = true;
}
static void stranger_known(struct world *w)
{
    stranger(w);
    w->claim.forwarded.well_known = true;
}

const struct evidence_case forwarded_cases[] = {
    {"forwarded-brand", "the brand's own address", brand_foreign, brand_owned},
    {"forwarded-brand", "for a desk that takes reports", brand_foreign, brand_to_desk},
    {"forwarded-brand", "on a list", brand_foreign, brand_in_list},
    {"forwarded-brand", "no address is told", brand_foreign, brand_without_address},
    {"forwarded-brand-link", "the link is the brand's", brand_foreign, brand_owned},
    {"forwarded-brand-link", "nothing leads away", brand_forged, brand_without_address},
    {"forwarded-brand-link", "the link is the brand's", brand_counted, brand_owned},
    {"password-unvouched", "told of a well-known author", told_alone, told_known},
    {"forwarded-brand-link", "the button writes to the author", brand_forged_mailto, brand_mailto_own},
    {"forwarded-brand-asks", "the brand's own letter", brand_foreign, brand_owned},
    {"forwarded-brand-asks", "a letter that warns", brand_forged, brand_warned},
    {"forwarded-free-mail", "a person at free mail", free_office, free_person},
    {"forwarded-lookalike", "an ordinary domain", lookalike, random_known},
    {"forwarded-random", "at a well-known domain", random_both, random_known},
    {"forwarded-random", "one half, and links of its own", random_both, random_local},
    {"forwarded-stranger", "the address bears the name", stranger, stranger_named},
    {"forwarded-stranger", "a well-known domain", stranger, stranger_known},
    {"forwarded-account-unrelated", "the address bears the name", stranger, stranger_named},
    {0},
};
