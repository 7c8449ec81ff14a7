#include "identity/scene.h"

void identity_settings_default(struct identity_settings *settings)
{
    *settings = (struct identity_settings){0};
}

const char *lookalike_kind_name(enum lookalike_kind kind)
{
    static const char *const names[] = {"skeleton", "typing", "added-word", "suffix", "subdomain", "inside"};
    return names[kind];
}

/* ---- what the files of this room share */

static bool is_under_any(struct span domain, const struct span *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (domain.len && domain_is_or_under(domain, list[i]))
            return true;
    return false;
}

bool is_own_domain(const struct scene *at, struct span domain)
{
    return is_under_any(domain, at->settings->own_domains.at, at->settings->own_domains.len);
}

bool is_partner(const struct scene *at, struct span domain)
{
    return is_under_any(domain, at->settings->partners.at, at->settings->partners.len);
}

bool same_owner_as_from(const struct scene *at, struct span domain)
{
    return at->from_org.len && domain.len && span_eq_case(organisation_of(at->tables, domain), at->from_org);
}

bool speaks_for_brand(const struct scene *at, const struct brand *brand, const struct told_host *host)
{
    return !(host->kinds & HOST_OF_ANYBODY) && brand_owns(brand, host->host) && !host_is_private(at->tables, host->host);
}

struct span first_label_of(struct span domain)
{
    const char *dot = span_find_byte(domain, '.');
    return dot ? span_from(domain.at, dot) : domain;
}

bool code_point_next(struct span *rest, uint32_t *out)
{
    if (!rest->len)
        return false;
    unsigned char first = (unsigned char)rest->at[0];
    size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    *out = first;
    if (len == 0 || len > rest->len) {
        *out = 0xfffd;
        len = 1;
    } else if (len > 1) {
        *out = first & (0x7fu >> len);
        for (size_t i = 1; i < len; i++)
            *out = *out << 6 | ((unsigned char)rest->at[i] & 63);
    }
    *rest = span_skip(*rest, len);
    return true;
}

bool has_code_points_above(struct span text, uint32_t least)
{
    uint32_t c;
    while (code_point_next(&text, &c))
        if (c >= least)
            return true;
    return false;
}

/* Brands whose customers write under names of their own below the brand's domain: "shop.zendesk.example". What lies there beside the
 * usual names of mail hosts is a customer's. */
static bool is_customer_of(const struct scene *at, const struct brand *brand)
{
    struct span label = first_label_of(at->from_domain);
    bool sells_names = brand->kind == BRAND_SOFTWARE || brand->kind == BRAND_HOSTING || brand->kind == BRAND_MAIL_SERVICE || brand->kind == BRAND_SHOP;
    return sells_names && at->from_domain.len > at->from_org.len && label.len > 4 && !name_word_uses(at->tables, label);
}

/* Providers' own machines write under the same domain as their users; customers of a hoster's pages only below it. */
static bool is_providers_own(struct span local)
{
    static const struct span own[] = {{"postmaster", 10}, {"mailer-daemon", 13}, {"noreply", 7}, {"no-reply", 8}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (span_eq_case(local, own[i]))
            return true;
    return false;
}

static const struct brand *from_brand_find(const struct scene *at)
{
    const struct brand *brand = at->from_domain.len ? brand_by_domain(at->tables, at->from_domain) : NULL;
    return brand && !(at->from_kinds & HOST_FREE_MAIL) && !is_customer_of(at, brand) ? brand : NULL;
}

/* ---- the scene */

static struct span domain_behind(struct span address)
{
    for (size_t i = address.len; i > 0; i--)
        if (address.at[i - 1] == '@')
            return domain_undotted(span_skip(address, i));
    return S("");
}

static struct span folded_at(struct scene *at, enum told_place place, struct span raw)
{
    vec_each(text, &at->told->texts)
        if (text->place == place && text->folded)
            return text->folded->text;
    struct folded folded = {0};
    if (raw.len)
        text_fold(at->arena, raw, 1000, &folded);
    return folded.text;
}

void scene_author_set(struct scene *at, const struct mailbox *from, struct span subject)
{
    enum { NAME_MOST = 400 }; /* bytes: what is said of a name is compared with every claim in it */
    at->from = from;
    if (from) {
        at->from_domain = from->domain_ascii;
        at->from_org = organisation_of(at->tables, at->from_domain);
        at->from_kinds = host_kinds(at->tables, at->from_domain, S(""), NULL);
        if (is_providers_own(from->local))
            at->from_kinds &= ~(unsigned)(HOST_FREE_MAIL | (span_eq_case(at->from_domain, at->from_org) ? HOST_OF_ANYBODY : 0));
        at->name = span_first(folded_at(at, TOLD_NAME, span_first(from->name, 1000)), NAME_MOST);
    }
    at->subject = folded_at(at, TOLD_SUBJECT, span_first(subject, 2000));
    at->out->from_brand = from_brand_find(at);
}

static void scene_set(struct scene *at)
{
    const struct message *message = at->message;
    scene_author_set(at, message->from.len ? &message->from.at[0] : NULL, message->subject);
    if (sender_told(at->arrival, message, at->path, &at->sender) == SENDER_GIVEN)
        at->sender_domain = domain_behind(at->sender);
    const struct carrier *carrier = &at->path->carrier;
    at->service = carrier->borne_out && carrier->service && !carrier->service->carrier ? carrier->service : NULL;
}

void identity_claim(struct arena *arena, const struct identity_settings *settings, const struct tables *tables,
                    const struct arrival *arrival, const struct message *message, const struct path *path,
                    const struct proof *proof, const struct told *told, struct claim *out)
{
    struct scene at = {.arena = arena, .settings = settings, .tables = tables, .arrival = arrival, .message = message,
                       .path = path, .proof = proof, .told = told, .out = out};
    *out = (struct claim){.own_configured = settings->own_domains.len || settings->people.len, .vouching.unknown = !tables};
    if (!tables)
        return;
    scene_set(&at);
    vouching_find(&at);
    brands_find(&at);
    shape_find(&at);
    lookalikes_find(&at);
    people_find(&at);
    mismatch_find(&at);
    forwarded_find(&at);
}
