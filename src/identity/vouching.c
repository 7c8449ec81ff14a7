/* Who vouched for the hosts that links lead to and pictures come from. */
#include "identity/scene.h"

#include "message/url.h"

static bool is_undecided(enum proof_result result)
{
    return result == PROOF_UNKNOWN || result == PROOF_TEMPERROR;
}

/* Neither a pass nor a failure was found, and where our own server's record is believed, none that it did not record: then proofs
 * are not missing either. Many honest senders have none, and a record that says `none` is no other than no record. */
static bool nothing_known(const struct proof *proof)
{
    bool failed = proof->spf.result == PROOF_FAIL || proof->spf.result == PROOF_SOFTFAIL || proof->dmarc.result == PROOF_FAIL;
    bool passed = proof->spf.result == PROOF_PASS;
    vec_each(dkim, &proof->dkim) {
        failed |= dkim->result == PROOF_FAIL && (proof->basis != BASIS_TRUSTED_HEADER || dkim->recorded);
        passed |= dkim->result == PROOF_PASS;
    }
    return proof->basis == BASIS_NONE || (!passed && !failed);
}

static bool is_proved(const struct scene *at)
{
    const struct proof *proof = at->proof;
    if (proof->basis == BASIS_NONE || !at->from_org.len || proof->dmarc.result == PROOF_FAIL)
        return false;
    if (proof->dmarc.result == PROOF_PASS)
        return true;
    vec_each(dkim, &proof->dkim)
        if (dkim->result == PROOF_PASS && same_owner_as_from(at, dkim->domain))
            return true;
    return proof->spf.result == PROOF_PASS && same_owner_as_from(at, proof->spf.domain);
}

static void voucher_add(struct scene *at, struct span domain)
{
    enum { VOUCHERS_MOST = 20 };
    struct vouching *out = &at->out->vouching;
    struct span organisation = organisation_of(at->tables, domain);
    if (!organisation.len || out->organisations.len >= VOUCHERS_MOST)
        return;
    vec_each(have, &out->organisations)
        if (span_eq_case(*have, organisation))
            return;
    *vec_push(at->arena, &out->organisations) = organisation;
}

/* Where nothing could be checked, a signature is as good as its word: only its absence would be evidence. */
static void vouchers_collect(struct scene *at)
{
    bool unknown = at->out->vouching.unknown;
    voucher_add(at, at->from_domain);
    if (at->from_domain.len) /* where no author can be asked for, an envelope of somebody speaks for nobody */
        voucher_add(at, at->sender_domain);
    vec_each(dkim, &at->proof->dkim)
        if (dkim->result == PROOF_PASS || (unknown && is_undecided(dkim->result)))
            voucher_add(at, dkim->domain);
    if (at->path->client.name_confirmed)
        voucher_add(at, at->path->client.name);
}

static bool is_voucher(const struct scene *at, struct span organisation)
{
    vec_each(have, &at->out->vouching.organisations)
        if (span_eq_case(*have, organisation))
            return true;
    return false;
}

static bool is_brand_of_voucher(const struct scene *at, const struct told_host *host)
{
    const struct brand *brand = at->out->from_brand;
    if (brand && speaks_for_brand(at, brand, host))
        return true;
    vec_each(organisation, &at->out->vouching.organisations) {
        brand = brand_by_domain(at->tables, *organisation);
        if (brand && !(host_kinds(at->tables, *organisation, S(""), NULL) & HOST_FREE_MAIL) && speaks_for_brand(at, brand, host))
            return true;
    }
    return false;
}

static bool is_of_service(const struct scene *at, struct span host)
{
    return at->service && service_by_host(at->tables, host) == at->service;
}

/* Mail that was forwarded to us comes no more from the service that sent it. Who proves himself the author and leaves the service
 * to take his readers off its list has let it write his links too. */
static bool is_of_engaged(const struct scene *at, struct span host)
{
    return at->engaged && service_by_host(at->tables, host) == at->engaged;
}

/* As tenants are named: without the hyphens of the domain. */
static bool is_same_label(struct span a, struct span b)
{
    char plain_a[LABEL_MOST], plain_b[LABEL_MOST];
    size_t len_a = label_plain(a, plain_a), len_b = label_plain(b, plain_b);
    return len_a && len_a == len_b && memcmp(plain_a, plain_b, len_a) == 0;
}

/* The tenant that a share's host names: contoso-my.sharepoint.example of contoso.example. */
static bool is_tenant_of_from(const struct scene *at, const struct told_host *host)
{
    static const struct span mine = {"-my", 3};
    struct span tenant = first_label_of(host->host);
    if (tenant.len > mine.len && span_eq_case(span_skip(tenant, tenant.len - mine.len), mine))
        tenant.len -= mine.len;
    return host->kinds & HOST_SHARE && host->host.len > host->organisation.len && is_same_label(tenant, first_label_of(at->from_org));
}

/* A form, page, file or short link of anybody: the firm that keeps the place speaks for it in its own letters alone, not because its
 * servers or its signature carried the message of a customer. */
static bool is_borrowed_vouched(const struct scene *at, const struct told_host *host)
{
    const struct vouching *out = &at->out->vouching;
    if (at->from_kinds & HOST_FREE_MAIL || !(out->proved || out->unknown))
        return false;
    return same_owner_as_from(at, host->host) || (at->out->from_brand && brand_owns(at->out->from_brand, host->host)) ||
           is_tenant_of_from(at, host);
}

/* The links of a letter that is passed on are its author's. Who passes it on cannot vouch for them, and they are nothing odd where they
 * lead to who the letter is said to be of, or to where firms have their clicks counted. */
static bool is_forwarded_vouched(const struct scene *at, const struct told_host *host)
{
    const struct mailbox *from = at->told->forwarded;
    bool borrowed = host->kinds & HOST_BORROWED && !(host->kinds & HOST_TRACKER);
    if (!from || borrowed || !from->domain_ascii.len || host_kinds(at->tables, from->domain_ascii, S(""), NULL) & HOST_FREE_MAIL)
        return false;
    const struct brand *brand = brand_by_domain(at->tables, from->domain_ascii);
    return same_organisation(at->tables, host->host, from->domain_ascii) || (brand && speaks_for_brand(at, brand, host)) ||
           host->kinds & HOST_TRACKER || service_by_host(at->tables, host->host);
}

static bool is_sender_vouched(const struct scene *at, const struct told_host *host)
{
    if (host->kinds & HOST_BORROWED && !(host->kinds & HOST_TRACKER))
        return is_borrowed_vouched(at, host) || is_own_domain(at, host->host);
    return is_voucher(at, host->organisation) || is_of_service(at, host->host) || is_of_engaged(at, host->host) || is_own_domain(at, host->host) ||
           is_brand_of_voucher(at, host);
}

static bool is_vouched(const struct scene *at, const struct told_host *host)
{
    return is_sender_vouched(at, host) || is_forwarded_vouched(at, host);
}

/* ---- List-Unsubscribe, RFC 2369 and 8058 */

static struct span target_host(struct scene *at, struct span target)
{
    struct url url;
    if (span_starts_case(target, S("mailto:"))) {
        const char *sign = span_find_byte(target, '@'), *query;
        struct span host = sign ? span_from(sign + 1, target.at + target.len) : S("");
        query = span_find_byte(host, '?');
        return query ? span_from(host.at, query) : host;
    }
    return url_parse(at->arena, target, NULL, &url) ? url.host : S("");
}

static void unsubscribe_read(struct scene *at)
{
    enum { TARGETS_MOST = 4, BYTES_MOST = 4000 };
    struct vouching *out = &at->out->vouching;
    const struct field *field = message_field(at->message, FIELD_LIST_UNSUBSCRIBE, 0);
    const struct field *post = message_field_named(at->message, S("List-Unsubscribe-Post"), 0);
    struct span rest = field ? span_first(field->value, BYTES_MOST) : S("");
    out->unsubscribe = field != NULL;
    out->one_click = field && post && span_find_case(span_first(post->value, 200), S("One-Click"));
    for (int i = 0; i < TARGETS_MOST; i++) {
        const char *open = span_find_byte(rest, '<');
        const char *close = open ? span_find_byte(span_from(open, rest.at + rest.len), '>') : NULL;
        if (!close)
            return;
        struct span target = span_trim(span_from(open + 1, close)), host = target_host(at, target);
        rest = span_from(close + 1, rest.at + rest.len);
        struct span organisation = organisation_of(at->tables, host);
        if (!host.len)
            continue;
        out->unsubscribe_from |= at->from_org.len && span_eq_case(organisation, at->from_org);
        out->unsubscribe_vouched |= is_voucher(at, organisation) || is_of_service(at, host);
        if (out->proved && out->one_click && span_starts_case(target, S("https:")) && !at->engaged)
            at->engaged = service_by_host(at->tables, host);
    }
}

static struct span in_angles(const struct field *field)
{
    struct span value = field ? span_first(field->value, 1000) : S("");
    const char *open = span_find_byte(value, '<');
    struct span rest = open ? span_from(open + 1, value.at + value.len) : S("");
    const char *close = span_find_byte(rest, '>');
    return close ? span_from(rest.at, close) : S("");
}

static bool is_addressed_to(const struct scene *at, struct span organisation)
{
    const mailboxes_t *const lists[] = {&at->message->to, &at->message->cc};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < lists[i]->len && k < 50; k++)
            if (span_eq_case(organisation_of(at->tables, lists[i]->at[k].domain_ascii), organisation))
                return true;
    return false;
}

/* Anybody writes these fields, and bulk programs copy them: they count where the list's host is one that sent, signed or stands in
 * the envelope; List-Id, which newsletters have too, where the message is addressed to the list besides. */
static bool is_list(struct scene *at)
{
    struct span host = target_host(at, in_angles(message_field(at->message, FIELD_LIST_POST, 0)));
    struct span named = in_angles(message_field(at->message, FIELD_LIST_ID, 0));
    struct span post = organisation_of(at->tables, host), id = organisation_of(at->tables, named);
    if ((host_kinds(at->tables, host, S(""), NULL) | host_kinds(at->tables, named, S(""), NULL)) & HOST_OF_ANYBODY)
        return false; /* where anybody opens a list, it says no more than its opener */
    if (post.len && is_voucher(at, post))
        return true;
    return id.len && is_voucher(at, id) && is_addressed_to(at, id);
}

/* ---- the hosts */

static void host_count(struct scene *at, const struct told_host *host, double *links, double *from_links)
{
    struct vouching *out = &at->out->vouching;
    bool vouched = is_vouched(at, host), of_from = at->from_org.len && span_eq_case(host->organisation, at->from_org);
    const struct brand *brand;
    if (host->image && !host->clickable) {
        out->images_in += vouched;
        out->images_out += !vouched;
        out->from_image |= of_from;
        return;
    }
    if (!host->clickable)
        return;
    *links += host->times;
    *from_links += of_from ? host->times : 0;
    out->from_link |= of_from;
    out->clickable_in += vouched;
    out->clickable_out += !vouched && !(host->kinds & HOST_SOCIAL);
    if (!host->main)
        return;
    out->main_out = !vouched;
    out->main_told = vouched && !is_sender_vouched(at, host);
    out->main_by_service = is_of_service(at, host->host);
    brand = brand_by_domain(at->tables, host->host);
    out->main_brand = brand && speaks_for_brand(at, brand, host);
}

/* Pictures of one organisation, links to another, neither of them vouched for. */
static bool images_are_elsewhere(const struct scene *at)
{
    const struct vouching *out = &at->out->vouching;
    if (out->clickable_in || out->images_in || !out->images_out || !out->clickable_out)
        return false;
    vec_each(image, &at->told->hosts)
        if (image->image && !image->clickable && !(image->kinds & HOST_COMMON_LIBRARY))
            vec_each(link, &at->told->hosts)
                if (link->clickable && span_eq_case(link->organisation, image->organisation))
                    return false;
    return true;
}

void vouching_find(struct scene *at)
{
    struct vouching *out = &at->out->vouching;
    double links = 0, from_links = 0;
    out->proved = is_proved(at);
    out->unknown = nothing_known(at->proof);
    vouchers_collect(at);
    unsubscribe_read(at);
    at->list = is_list(at);
    vec_each(host, &at->told->hosts)
        if (!(host->kinds & HOST_COMMON_LIBRARY))
            host_count(at, host, &links, &from_links);
    out->from_share = links > 0 ? from_links / links : 0;
    out->all_out = out->clickable_out && !out->clickable_in;
    out->images_elsewhere = images_are_elsewhere(at);
}
