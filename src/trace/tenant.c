/* Microsoft 365: what the message says of the tenant that sent it, each proof apart, and whether they agree.
 * docs/PATHS.md tells what each field means and who writes it. */
#include "trace/inner.h"

enum slot {
    SLOT_ORG,
    SLOT_ID,
    SLOT_CONNECTING,
    SLOT_AUTH_AS,
    SLOT_AUTH_SOURCE,
    SLOT_ENTITY,
    SLOT_FOREFRONT,
    SLOT_DKIM,
    SLOT_COUNT
};

struct found {
    const struct field *first[SLOT_COUNT];
    bool differs;
};

static enum slot cross_tenant_slot(struct span ending)
{
    static const struct {
        struct span ending;
        enum slot slot;
    } slots[] = {{{"Id", 2}, SLOT_ID},
                 {{"OriginalAttributedTenantConnectingIp", 36}, SLOT_CONNECTING},
                 {{"AuthAs", 6}, SLOT_AUTH_AS},
                 {{"AuthSource", 10}, SLOT_AUTH_SOURCE},
                 {{"FromEntityHeader", 16}, SLOT_ENTITY}};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (span_eq_case(ending, slots[i].ending))
            return slots[i].slot;
    return SLOT_COUNT;
}

static enum slot slot_of(const struct field *field)
{
    static const struct span cross_tenant = {"X-MS-Exchange-CrossTenant-", 26};
    if (field->id == FIELD_DKIM_SIGNATURE)
        return SLOT_DKIM;
    if (field->id != FIELD_OTHER || field->name.len < 15 || (field->name.at[0] | 32) != 'x')
        return SLOT_COUNT;
    if (span_starts_case(field->name, cross_tenant))
        return cross_tenant_slot(span_skip(field->name, cross_tenant.len));
    if (span_eq_case(field->name, S("X-OriginatorOrg")))
        return SLOT_ORG;
    return span_eq_case(field->name, S("X-Forefront-Antispam-Report")) ? SLOT_FOREFRONT : SLOT_COUNT;
}

/* ---- values */
static bool same_value(struct span a, struct span b)
{
    return span_eq_case(span_trim(a), span_trim(b));
}

/* One "key=value" or "key:value" of a list between semicolons. Folding may have left blanks anywhere around. */
static struct span listed(struct span value, struct span key, char equals)
{
    struct span rest = value, piece;
    for (int i = 0; i < 64 && span_cut(&rest, ';', &piece); i++) {
        const char *at = span_find_byte(piece, equals);
        if (at && span_eq_case(span_trim(span_from(piece.at, at)), key))
            return span_trim(span_from(at + 1, piece.at + piece.len));
    }
    return (struct span){0};
}

static struct span unbracketed(struct span s)
{
    return s.len > 1 && s.at[0] == '[' && s.at[s.len - 1] == ']' ? span_first(span_skip(s, 1), s.len - 2) : s;
}

static struct span under_onmicrosoft(const struct field *signature)
{
    struct span domain = listed(signature->value, S("d"), '=');
    bool under = domain_is_or_under(domain, S("onmicrosoft.com")) && !span_eq_case(domain, S("onmicrosoft.com"));
    return under ? domain : (struct span){0};
}

static void field_take(struct found *found, const struct field *field)
{
    enum slot slot = slot_of(field);
    if (slot == SLOT_COUNT || (slot == SLOT_DKIM && (found->first[slot] || !under_onmicrosoft(field).len)))
        return;
    if (!found->first[slot])
        found->first[slot] = field;
    else if (slot != SLOT_FOREFRONT && !same_value(found->first[slot]->value, field->value))
        found->differs = true;
}

static struct span value_of(const struct found *found, enum slot slot)
{
    return found->first[slot] ? span_trim(found->first[slot]->value) : (struct span){0};
}

static void connecting_read(struct arena *arena, struct span value, struct tenant *tenant)
{
    tenant->connecting_tenant = arena_lower(arena, listed(value, S("TenantId"), '='));
    tenant->connecting_helo = unbracketed(listed(value, S("Helo"), '='));
    ip_parse(listed(value, S("Ip"), '='), &tenant->connecting_ip);
}

/* CIP is the machine that fed Exchange Online; 255.255.255.255 says that none did. Outgoing mail only (DIR:OUT). */
static void forefront_read(struct span value, struct tenant *tenant)
{
    static const struct ip none = {IP_V4, {255, 255, 255, 255}};
    if (!span_eq_case(listed(value, S("DIR"), ':'), S("OUT")))
        return;
    ip_parse(listed(value, S("CIP"), ':'), &tenant->forefront_ip);
    if (ip_eq(&tenant->forefront_ip, &none))
        tenant->forefront_ip = (struct ip){0};
}

static void proofs_read(struct arena *arena, const struct found *found, struct tenant *tenant)
{
    tenant->originator_org = value_of(found, SLOT_ORG);
    tenant->cross_tenant_id = arena_lower(arena, value_of(found, SLOT_ID));
    tenant->auth_as = value_of(found, SLOT_AUTH_AS);
    tenant->auth_source = value_of(found, SLOT_AUTH_SOURCE);
    tenant->entity = value_of(found, SLOT_ENTITY);
    connecting_read(arena, value_of(found, SLOT_CONNECTING), tenant);
    forefront_read(value_of(found, SLOT_FOREFRONT), tenant);
    tenant->onmicrosoft_field = found->first[SLOT_DKIM];
    if (tenant->onmicrosoft_field)
        tenant->onmicrosoft_domain = arena_lower(arena, under_onmicrosoft(tenant->onmicrosoft_field));
    tenant->repeated = found->differs;
    tenant->present = found->first[SLOT_ORG] || found->first[SLOT_ID] || found->first[SLOT_CONNECTING] ||
                      found->first[SLOT_DKIM] || found->first[SLOT_AUTH_AS] || found->first[SLOT_ENTITY];
}

/* ---- the hand-over */
static struct span first_label(struct span name)
{
    const char *dot = span_find_byte(name, '.');
    return dot ? span_from(name.at, dot) : name;
}

static bool named_rly(struct span name)
{
    return microsoft_outbound_host(name) && span_find_case(first_label(name), S("rly"));
}

static bool from_microsoft(const struct tables *tables, const struct hop *hop)
{
    struct network network;
    if (microsoft_sends_from(&hop->address))
        return true;
    if (hop->address.family == IP_NONE) /* the mailer wrote no address: only its word for the name */
        return microsoft_outbound_host(hop->from) || microsoft_outbound_host(hop->reverse);
    bool named = microsoft_host(hop->from) || microsoft_host(hop->helo) || microsoft_host(hop->reverse);
    return named && tables && network_of(tables, &hop->address, &network) && network.sure &&
           span_eq(network.service, S("microsoft365"));
}

/* The topmost hop at which Microsoft handed over to others; else one at which a tenant handed over to another. */
static void handover_find(const struct tables *tables, const struct path *path, struct tenant *tenant)
{
    size_t own = path->hops.len;
    tenant->handover = path->hops.len;
    for (size_t i = 0; i < path->hops.len && tenant->handover == path->hops.len; i++) {
        const struct hop *hop = &path->hops.at[i];
        if (!from_microsoft(tables, hop))
            continue;
        if (!microsoft_host(hop->by))
            tenant->handover = i;
        else if (own == path->hops.len)
            own = i;
    }
    tenant->recipients_own = own < tenant->handover;
    if (tenant->recipients_own)
        tenant->handover = own;
}

static struct span pool_of(const struct tables *tables, const struct hop *hop)
{
    struct network network;
    bool known = tables && network_of(tables, &hop->address, &network);
    if (microsoft_relays_from(&hop->address) || (known && network.kind == NETWORK_RELAY_POOL))
        return S("relay");
    if (named_rly(hop->helo) || named_rly(hop->reverse) || named_rly(hop->from))
        return S("relay");
    return known && span_find_case(network.name, S("high-risk")) ? S("high-risk") : S("normal");
}

static enum fact_place place_of(const struct path *path, const struct tenant *tenant)
{
    if (tenant->recipients_own || tenant->handover == path->hops.len ||
        path->hops.at[tenant->handover].address.family == IP_NONE)
        return FACT_CLAIM;
    if (path->edge_known && tenant->handover <= path->edge)
        return FACT_TRUSTED;
    return tenant->handover == path->inner_edge ? FACT_VOUCHED : FACT_CLAIM;
}

/* ---- agreement */
static void disagreement_add(struct buf *out, const char *one, struct span a, const char *other, struct span b)
{
    buf_print(out, "%s%s %.*s / %s %.*s", out->len ? "; " : "", one, SPAN_FMT(span_first(a, 100)), other,
              SPAN_FMT(span_first(b, 100)));
}

static void proofs_compare(struct arena *arena, struct tenant *tenant)
{
    struct buf out = {.arena = arena, .max = 600};
    struct span org = tenant->originator_org, domain = tenant->onmicrosoft_domain;
    if (tenant->cross_tenant_id.len && tenant->connecting_tenant.len &&
        !span_eq(tenant->cross_tenant_id, tenant->connecting_tenant))
        disagreement_add(&out, "X-MS-Exchange-CrossTenant-Id", tenant->cross_tenant_id,
                         "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp TenantId",
                         tenant->connecting_tenant);
    if (domain.len && domain_is_or_under(org, S("onmicrosoft.com")) && !domain_is_or_under(org, domain) &&
        !domain_is_or_under(domain, org))
        disagreement_add(&out, "X-OriginatorOrg", org, "DKIM-Signature d=", domain);
    tenant->disagree = out.len > 0;
    tenant->disagreement = buf_span(&out);
}

void tenant_find(struct arena *arena, const struct tables *tables, const struct message *message, struct path *path)
{
    struct tenant *tenant = &path->tenant;
    struct found found = {0};
    vec_each (field, &message->fields)
        field_take(&found, field);
    proofs_read(arena, &found, tenant);
    handover_find(tables, path, tenant);
    if (tenant->handover < path->hops.len)
        tenant->pool = pool_of(tables, &path->hops.at[tenant->handover]);
    if (!tenant->present)
        return;
    tenant->place = place_of(path, tenant);
    proofs_compare(arena, tenant);
}
