#include "world.h"

#include "message/url.h"

/* One link in a page from a stranger: the organisations that vouch are brand.example's; the main link is out of them. */
static struct link_fact *link_to(struct world *w, const char *href, const char *text, unsigned traits, unsigned kinds)
{
    struct link *link = arena_one(w->arena, struct link);
    struct url *url = arena_one(w->arena, struct url);
    assert_true(url_parse(w->arena, span_of(href), NULL, url));
    *link = (struct link){.kind = LINK_ANCHOR, .raw = span_of(href), .url = url, .text = span_of(text)};
    struct link_fact *fact = vec_push(w->arena, &w->content.links.list);
    *fact = (struct link_fact){.link = link, .target = *url, .host = url->host, .organisation = organisation_of(w->tables, url->host),
                               .traits = traits, .kinds = kinds, .clickable = true, .seen = true};
    if (w->content.links.list.len == 1)
        *vec_push(w->arena, &w->claim.vouching.organisations) = S("brand.example");
    w->content.links.clickable = w->content.links.list.len;
    w->content.links.organisations = 1;
    w->content.links.main = &w->content.links.list.at[0];
    w->claim.vouching.main_out = !domain_is_or_under(w->content.links.list.at[0].host, S("brand.example"));
    return fact;
}

static struct link_fact *stranger(struct world *w, unsigned traits, unsigned kinds)
{
    return link_to(w, "https://www.stranger.example/a", "Open", traits, kinds);
}
static struct link_fact *own(struct world *w, unsigned traits, unsigned kinds)
{
    return link_to(w, "https://www.brand.example/a", "Open", traits, kinds);
}

#define STRANGER(name, traits, kinds) static void name(struct world *w) { stranger(w, traits, kinds); }
#define OWN(name, traits, kinds) static void name(struct world *w) { own(w, traits, kinds); }

static void names_another(struct world *w)
{
    stranger(w, TRAIT_TEXT_DIFFERS, 0)->shown_host = S("shop.example");
}
static void names_another_own_counter(struct world *w)
{
    own(w, TRAIT_TEXT_DIFFERS, 0)->shown_host = S("shop.example");
}
static void names_a_brand(struct world *w)
{
    const struct brand *brand = brand_at(w->tables, 0);
    stranger(w, TRAIT_TEXT_DIFFERS, 0)->shown_host = brand->domains.at[0];
}
static void hide(struct link_fact *fact)
{
    fact->seen = false;
    ((struct link *)fact->link)->hidden = true;
}
static void hidden_elsewhere(struct world *w)
{
    stranger(w, 0, 0);
    hide(link_to(w, "https://hidden.example/", "x", 0, 0));
}
static void hidden_beside_the_same(struct world *w)
{
    stranger(w, 0, 0);
    hide(link_to(w, "https://stranger.example/", "x", 0, 0));
}
static void name_before_at(struct world *w)
{
    link_to(w, "https://www.shop.example@stranger.example/", "x", TRAIT_USERINFO | TRAIT_USERINFO_HOST, 0);
}
static void user_before_at(struct world *w)
{
    link_to(w, "https://admin@stranger.example/", "x", TRAIT_USERINFO, 0);
}
static void address(struct world *w)
{
    link_to(w, "http://203.1.114.9/a", "x", TRAIT_ADDRESS_HOST, 0);
}
static void address_inside(struct world *w)
{
    link_to(w, "http://192.168.0.1/a", "x", TRAIT_ADDRESS_HOST, 0);
}
static void odd_number(struct world *w)
{
    link_to(w, "http://0xcb017209/", "x", TRAIT_ADDRESS_HOST | TRAIT_ODD_NUMBER, 0);
}
static void data_page(struct world *w)
{
    struct link_fact *fact = link_to(w, "data:text/html;base64,PGI+", "x", TRAIT_DATA, 0);
    w->content.links.main = NULL;
    fact->organisation = S("");
}
static void data_picture(struct world *w)
{
    data_page(w);
    w->content.links.list.at[0].clickable = w->content.links.list.at[0].seen = false; /* an image */
}
static void port(struct world *w)
{
    link_to(w, "https://stranger.example:8443/", "x", TRAIT_PORT, 0);
}
static void port_own(struct world *w)
{
    link_to(w, "https://www.brand.example:8443/", "x", TRAIT_PORT, 0);
}
static void port_inside(struct world *w)
{
    link_to(w, "http://192.168.1.20:5000/", "x", TRAIT_PORT | TRAIT_ADDRESS_HOST, 0);
}
static void redirected(struct world *w)
{
    struct link_fact *fact = link_to(w, "https://www.google.com/url?q=https://stranger.example/", "x", TRAIT_REDIRECT_OPEN | TRAIT_UNWRAPPED, 0);
    assert_true(url_parse(w->arena, S("https://stranger.example/"), NULL, &fact->target));
    fact->host = fact->organisation = S("stranger.example");
}
static void redirected_home(struct world *w)
{
    redirected(w);
    w->content.links.list.at[0].host = w->content.links.list.at[0].organisation = S("brand.example");
    w->claim.vouching.main_out = false;
}
static void brand_on_form(struct world *w)
{
    struct brand_claim *claim = arena_one(w->arena, struct brand_claim);
    *claim = (struct brand_claim){.brand = brand_at(w->tables, 0), .as = true};
    *vec_push(w->arena, &w->claim.brands) = *claim;
    w->claim.main = claim;
    stranger(w, 0, HOST_FORM);
}
static void brand_about_form(struct world *w)
{
    brand_on_form(w);
    ((struct brand_claim *)w->claim.main)->as = false;
}
static void program(struct world *w)
{
    link_to(w, "https://stranger.example/setup.exe", "x", TRAIT_DOWNLOAD, 0);
}
static void archive(struct world *w)
{
    link_to(w, "https://stranger.example/photos.zip", "x", TRAIT_DOWNLOAD, 0);
}
static void archive_own(struct world *w)
{
    link_to(w, "https://www.brand.example/photos.zip", "x", TRAIT_DOWNLOAD, 0);
}
static void same_shape(struct world *w)
{
    stranger(w, 0, 0);
    w->content.links.same_shape_twice = true;
}
static void same_shape_of_many(struct world *w)
{
    same_shape(w);
    w->content.links.clickable = 30;
}
static void one_target(struct world *w)
{
    stranger(w, 0, 0);
    w->content.links.one_target = true;
}
static void one_target_own(struct world *w)
{
    own(w, 0, 0);
    w->content.links.one_target = true;
}
static void all_images(struct world *w)
{
    stranger(w, TRAIT_IMAGE_ONLY, 0);
    w->content.links.all_images = true;
}
static void all_images_counted(struct world *w)
{
    stranger(w, TRAIT_IMAGE_ONLY, HOST_TRACKER);
    w->content.links.all_images = true;
}
static void few(struct world *w)
{
    stranger(w, 0, 0);
    w->content.links.clickable = 2;
}
static void many(struct world *w)
{
    stranger(w, 0, 0);
    w->content.links.clickable = 12;
}
static void short_in_a_list(struct world *w)
{
    stranger(w, 0, HOST_SHORTENER);
    w->claim.mismatch.list_borne_out = true;
}
static void short_in_a_claimed_list(struct world *w) /* anybody writes the field */
{
    stranger(w, 0, HOST_SHORTENER);
    w->fields[10] = (struct field){.id = FIELD_LIST_ID, .name = S("List-Id"), .value = S("<talk.example.org>")};
}
static void short_beside(struct world *w)
{
    own(w, 0, 0);
    stranger(w, 0, HOST_SHORTENER);
}

STRANGER(mended, TRAIT_BACKSLASH, 0)
OWN(mended_own, TRAIT_BACKSLASH, 0)
STRANGER(token, TRAIT_TOKEN_EMPTY, 0)
OWN(token_own, TRAIT_TOKEN_EMPTY, 0)
STRANGER(other_letters, TRAIT_PUNYCODE, 0)
OWN(other_letters_own, TRAIT_PUNYCODE, 0)
STRANGER(recipient_behind, TRAIT_RECIPIENT | TRAIT_RECIPIENT_FRAGMENT, 0)
STRANGER(recipient_before, TRAIT_RECIPIENT, 0)
static void account_link(struct world *w)
{
    stranger(w, TRAIT_ADDRESS_INSIDE, 0);
    w->content.words.lures[LURE_PASSWORD] = (struct lure_fact){.count = 1, .strong = true, .phrase = S("password expires")};
}
static void account_link_of_service(struct world *w) /* the click host of the service that sent it */
{
    account_link(w);
    w->claim.vouching.main_by_service = true;
}
static void stranger_link(struct world *w)
{
    stranger(w, TRAIT_ADDRESS_INSIDE, 0);
    w->from[0].name = S("Free Prizes");
    w->claim.shape = (struct name_shape){.present = true};
}
static void stranger_link_related(struct world *w) /* "Brand" of brand.example measures its own clicks elsewhere */
{
    stranger_link(w);
    w->claim.shape.shares_word = true;
}
STRANGER(sent_on, TRAIT_LINK_INSIDE, 0)
STRANGER(sent_on_by_service, TRAIT_LINK_INSIDE, HOST_TRACKER)
STRANGER(machine, TRAIT_MACHINE_NAME, 0)
OWN(machine_own, TRAIT_MACHINE_NAME, 0)
STRANGER(bucket_page, TRAIT_PAGE_FILE, HOST_BUCKET)
STRANGER(shared_page, TRAIT_PAGE_FILE, HOST_SHARE)
STRANGER(bucket, 0, HOST_BUCKET)
OWN(bucket_own, 0, HOST_BUCKET)
STRANGER(free_page, 0, HOST_FREE_PAGES)
OWN(free_page_own, 0, HOST_FREE_PAGES)
STRANGER(form, 0, HOST_FORM)
OWN(form_own, 0, HOST_FORM)
STRANGER(short_link, 0, HOST_SHORTENER)
STRANGER(tunnel, 0, HOST_TUNNEL)
OWN(tunnel_own, 0, HOST_TUNNEL)
STRANGER(gateway, 0, HOST_GATEWAY)
OWN(gateway_own, 0, HOST_GATEWAY)
STRANGER(hosted, TRAIT_PRIVATE_SUFFIX, 0)
STRANGER(hosted_and_known, TRAIT_PRIVATE_SUFFIX, HOST_SOCIAL)
STRANGER(chat, 0, HOST_MESSENGER)
STRANGER(social, 0, HOST_SOCIAL)
STRANGER(kit, TRAIT_KIT_PATH, 0)
OWN(kit_own, TRAIT_KIT_PATH, 0)
STRANGER(wordpress, TRAIT_WORDPRESS, 0)
OWN(wordpress_own, TRAIT_WORDPRESS, 0)

static void crowd(struct world *w, size_t hidden)
{
    defect_put(w, DEFECT_LINKS_LIMIT, SIZE_MAX, "");
    for (size_t i = 0; i < 10; i++)
        *vec_push(w->arena, &w->message.links) = (struct link){.kind = LINK_ANCHOR, .hidden = i < hidden};
}
static void crowd_hidden(struct world *w)
{
    crowd(w, 6);
}
static void crowd_seen(struct world *w) /* a long digest */
{
    crowd(w, 5);
}

const struct evidence_case link_cases[] = {
    {"hidden-link-crowd", "a digest", crowd_hidden, crowd_seen},
    {"link-text-differs", "the sender's own click host", names_another, names_another_own_counter},
    {"link-text-borrowed", "not a brand's address", names_a_brand, names_another},
    {"link-hidden", "one that is seen leads there too", hidden_elsewhere, hidden_beside_the_same},
    {"link-name-before-at", "an ordinary user name", name_before_at, user_before_at},
    {"link-user-name", "no user name", user_before_at, kit},
    {"link-to-address", "of an inner network", address, address_inside},
    {"link-odd-number", "written as usual", odd_number, address},
    {"link-carries-page", "a picture", data_page, data_picture},
    {"link-odd-port", "of the sender", port, port_own},
    {"link-odd-port", "a device inside", port, port_inside},
    {"link-recipient-fragment", "before the #", recipient_behind, recipient_before},
    {"address-in-link-account", "a service's click host", account_link, account_link_of_service},
    {"address-in-link-stranger", "the name fits", stranger_link, stranger_link_related},
    {"link-sends-on", "a service's counter", sent_on, sent_on_by_service},
    {"link-to-machine-name", "of the sender", machine, machine_own},
    {"link-mended", "of the sender", mended, mended_own},
    {"link-open-redirect", "back to the sender", redirected, redirected_home},
    {"link-template-field", "of the sender", token, token_own},
    {"link-other-letters", "of the sender", other_letters, other_letters_own},
    {"bucket-page", "in a share", bucket_page, shared_page},
    {"bucket-main", "vouched for", bucket, bucket_own},
    {"free-page-main", "vouched for", free_page, free_page_own},
    {"form-main", "vouched for", form, form_own},
    {"short-link-main", "in a mailing list", short_in_a_claimed_list, short_in_a_list},
    {"short-link-main", "beside the main link", short_link, short_beside},
    {"link-to-tunnel", "vouched for", tunnel, tunnel_own},
    {"link-through-gateway", "vouched for", gateway, gateway_own},
    {"hosted-name-main", "a known service", hosted, hosted_and_known},
    {"messenger-main", "a social network", chat, social},
    {"brand-on-borrowed-host", "about the brand", brand_on_form, brand_about_form},
    {"kit-path", "vouched for", kit, kit_own},
    {"same-shape-twice", "among many links", same_shape, same_shape_of_many},
    {"link-to-program", "an archive", program, archive},
    {"link-to-archive", "of the sender", archive, archive_own},
    {"link-into-wordpress", "of the sender", wordpress, wordpress_own},
    {"links-one-target", "of the sender", one_target, one_target_own},
    {"links-all-images", "through a mail service's counter", all_images, all_images_counted},
    {"few-links-one-host", "many", few, many},
    {0},
};
