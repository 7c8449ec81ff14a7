#include "verdict/judging.h"

/* Laundering: a relay made a false origin look proved.
 *
 * First way to see it: an inner hop recorded a failure, and the same mechanism and identity passes at the edge by a
 * signature that was added after that hop. Trace fields are put on top of each other, so "after" is "above". A record is
 * the sender's word: it counts only against. These do not count, because honest mail does them every day: SPF that
 * forwarding broke (no signature made it pass); a signature that a list broke while the list signs for itself (another
 * identity); an author's signature from below the record that still holds (nothing had to be mended); a server of the
 * author's own organisation that records failures before its mail is signed; and Microsoft's record on mail whose
 * originator is the author's own organisation, which is the hybrid road.
 *
 * Second way: below a hand-over that was verified, the inner road names another organisation than the author's, and it
 * came in there without a login (AuthAs Anonymous; by itself that is every honest hybrid), and the server that fed it is
 * not the author's, or Microsoft used its relay pool. A hand-over is verified where the relay at the edge is known for
 * what it is (confirmed name or known network) and proved by the author's domain (aligned SPF or DMARC pass), and the
 * Received field of that very relay shows a Microsoft server handing over: below a relay that anybody may claim to be,
 * Microsoft's fields are words. The server that fed the tenant is taken for an honest one where its HELO name is under the
 * author's organisation or under the tenant's own (a university's hybrid posts to a list that writes itself into From:
 * seen in honest list mail), unless its network rents out servers or Microsoft recorded that the author's domain failed
 * there: a HELO is a claim, and SPF of that server cannot be asked again at this place. An attacker who names his server
 * after his tenant is left to the relay pool, through which Microsoft sends what is not of a tenant's own domains. */

/* ---- what was signed after a place in the header */

struct later {
    const struct dkim_proof *above; /* an aligned signature that passes and was added after the place */
    bool below;                     /* one that passes was there before: nothing was mended */
    bool unsure;                    /* one passes whose place is not known */
};

/* place: index of a field of the top header; -1 is above them all. */
static struct later signed_later(const struct judging *at, ptrdiff_t place)
{
    struct later later = {0};
    vec_each(signature, &at->aligned) {
        const struct dkim_proof *dkim = *signature;
        size_t index = field_index(at->message, dkim->field);
        if (index == SIZE_MAX)
            later.unsure = true;
        else if ((ptrdiff_t)index > place)
            later.below = true;
        else if (!later.above)
            later.above = dkim;
    }
    return later;
}

/* Above this many fields everything is the edge's own. */
static size_t edge_place(const struct judging *at)
{
    const struct path *path = at->path;
    if (!path->edge_known || path->edge >= path->hops.len || !path->hops.at[path->edge].field)
        return 0;
    return field_index(at->message, path->hops.at[path->edge].field);
}

/* ---- the first way: records of failure */

static bool is_microsofts(struct span authserv)
{
    return span_eq_case(authserv, S("mx.microsoft.com")) || domain_is_or_under(authserv, S("outlook.com"));
}

static bool is_hybrid_of_author(const struct judging *at)
{
    const struct tenant *tenant = &at->path->tenant;
    return tenant->present && !tenant->disagree && !tenant->repeated && !span_eq(tenant->pool, S("relay")) &&
           domain_is_aligned(at, tenant->originator_org);
}

static void record_weigh(struct judging *at, const struct results_field *recorded, const struct method_result *result,
                         size_t place)
{
    bool dmarc = span_eq_case(result->method, S("dmarc"));
    struct span identity = dmarc ? results_property(result, S("header"), S("from")) : results_property(result, S("header"), S("d"));
    if (result->result != PROOF_FAIL || !(dmarc || span_eq_case(result->method, S("dkim"))))
        return;
    if (identity.len && identity.at[identity.len - 1] == '.')
        identity.len--;
    if (!identity.len || (dmarc ? !span_eq_case(identity, at->from_domain) : !domain_is_aligned(at, identity)))
        return;
    struct later later = signed_later(at, (ptrdiff_t)place);
    if (dmarc && span_eq_case(at->from_domain, at->proof->dmarc.from_domain) && !author_is_proved(at))
        return; /* recorded so, and still so */
    if (!later.above || later.below || (!dmarc && !span_eq_case(later.above->domain, identity)))
        return;
    evidence_add(at, dmarc ? EVIDENCE_LAUNDERED_RECORD : EVIDENCE_LAUNDERED_SIGNATURE,
                 at->message->fields.at[place].name, recorded->authserv_id, identity, where_signature(at, later.above));
}

static void records_weigh(struct judging *at, const struct field *field, const struct results_field *recorded)
{
    size_t place = field_index(at->message, field);
    if (recorded->trusted || recorded->malformed || place == SIZE_MAX || place < edge_place(at))
        return;
    if (domain_is_aligned(at, recorded->authserv_id) || (is_microsofts(recorded->authserv_id) && is_hybrid_of_author(at)))
        return;
    vec_each(result, &recorded->results)
        record_weigh(at, recorded, result, place);
}

/* ---- the second way: the road below a verified hand-over */

/* The relay at the edge is proved by the author's domain. Where no policy was applied, for want of a record or of an
 * answer, readers go by an aligned signature or aligned SPF all the same. */
static bool author_is_vouched(const struct judging *at)
{
    const struct proof *proof = at->proof;
    if (proof->dmarc.result == PROOF_PASS)
        return true;
    if (proof->dmarc.result == PROOF_FAIL && span_eq_case(at->from_domain, proof->dmarc.from_domain))
        return false; /* also where only the strictness of its alignment made it fail */
    return at->aligned.len || (proof->spf.result == PROOF_PASS && domain_is_aligned(at, proof->spf.domain));
}

static bool client_is_known(const struct path *path)
{
    return path->client.name_confirmed || path->carrier.borne_out || (path->client.network.sure && path->client.network.service.len);
}

static bool hop_is_of_relay(const struct judging *at, const struct hop *hop)
{
    const struct path *path = at->path;
    if (!at->tables || !hop->by.len)
        return false;
    const struct service *service = service_by_host(at->tables, hop->by);
    if (service && path->carrier.borne_out && service == path->carrier.service)
        return true;
    if (service && path->client.network.sure && span_eq(service->id, path->client.network.service))
        return true;
    return path->client.name_confirmed && same_organisation(at->tables, hop->by, path->client.name);
}

static bool is_from_microsoft(const struct hop *hop)
{
    const struct span names[] = {hop->from, hop->helo, hop->reverse};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (domain_is_or_under(names[i], S("outbound.protection.outlook.com")))
            return !(hop->oddities & HOP_NAME_MISFITS_NETWORK);
    return false;
}

/* The hop at which a server that can be believed took the message from Microsoft; NULL: none can be. */
static const struct hop *handover_find(const struct judging *at)
{
    const struct path *path = at->path;
    if (!path->edge_known || path->edge >= path->hops.len || !client_is_known(path))
        return NULL;
    if (is_from_microsoft(&path->hops.at[path->edge]))
        return &path->hops.at[path->edge];
    for (size_t i = path->edge + 1; i < path->hops.len && hop_is_of_relay(at, &path->hops.at[i]); i++)
        if (is_from_microsoft(&path->hops.at[i]))
            return &path->hops.at[i];
    return NULL;
}

static bool is_failure_of_author(const struct judging *at, const struct method_result *result)
{
    bool spf = span_eq_case(result->method, S("spf"));
    if ((result->result != PROOF_FAIL && result->result != PROOF_SOFTFAIL) || !(spf || span_eq_case(result->method, S("dmarc"))))
        return false;
    struct span identity = spf ? results_property(result, S("smtp"), S("mailfrom")) : results_property(result, S("header"), S("from"));
    const char *sign = identity.len ? memrchr(identity.at, '@', identity.len) : NULL;
    return domain_is_aligned(at, sign ? span_from(sign + 1, identity.at + identity.len) : identity);
}

static bool microsoft_recorded_failure(const struct judging *at)
{
    vec_each(set, &at->proof->arc.sets)
        if (is_microsofts(set->recorded.authserv_id))
            vec_each(result, &set->recorded.results)
                if (is_failure_of_author(at, result))
                    return true;
    return false;
}

/* The server that fed the tenant, as Microsoft wrote it: by OriginalAttributedTenantConnectingIp, or, where that is
 * missing, by CIP, whose HELO stands in the Received field of the server at Microsoft that took the message in. */
struct feeder {
    struct ip ip; /* none: no server fed it, or none was told */
    struct span helo;
};

static struct feeder feeder_find(const struct judging *at, const struct hop *handover)
{
    const struct path *path = at->path;
    const struct tenant *tenant = &path->tenant;
    struct feeder feeder = {tenant->connecting_ip, tenant->connecting_helo};
    if (feeder.ip.family != IP_NONE || tenant->forefront_ip.family == IP_NONE)
        return feeder;
    feeder = (struct feeder){.ip = tenant->forefront_ip};
    for (size_t i = (size_t)(handover - path->hops.at) + 1; i < path->hops.len; i++) {
        const struct hop *hop = &path->hops.at[i];
        if (!domain_is_or_under(hop->by, S("outlook.com")))
            break; /* below, it is the sender's word */
        if (ip_eq(&hop->address, &feeder.ip))
            feeder.helo = hop->helo.len ? hop->helo : hop->from;
    }
    return feeder;
}

static bool feeder_is_honest(const struct judging *at, const struct feeder *feeder)
{
    struct network network = {0};
    bool tenants = feeder->helo.len && at->tables &&
                   same_organisation(at->tables, arena_lower(at->arena, feeder->helo),
                                     arena_lower(at->arena, at->path->tenant.originator_org));
    if ((!tenants && !domain_is_aligned(at, feeder->helo)) || microsoft_recorded_failure(at))
        return false;
    if (at->tables && network_of(at->tables, &feeder->ip, &network) && network.sure)
        return network.kind != NETWORK_HOSTING && network.kind != NETWORK_VPN;
    return true;
}

/* Fields that stand twice with different values: one may be the sender's own, so each counts against and none for. */
static struct span foreign_organisation(const struct judging *at)
{
    struct span none = {0}, organisation = at->path->tenant.originator_org;
    if (organisation.len && !domain_is_aligned(at, organisation))
        return organisation;
    if (at->path->tenant.repeated)
        vec_each(field, &at->message->fields)
            if (span_eq_case(field->name, S("X-OriginatorOrg")) && !domain_is_aligned(at, span_trim(field->value)))
                return span_trim(field->value);
    return none;
}

static bool came_without_login(const struct judging *at)
{
    if (span_eq_case(at->path->tenant.auth_as, S("Anonymous")))
        return true;
    if (at->path->tenant.repeated)
        vec_each(field, &at->message->fields)
            if (span_eq_case(field->name, S("X-MS-Exchange-CrossTenant-AuthAs")) &&
                span_eq_case(span_trim(field->value), S("Anonymous")))
                return true;
    return false;
}

static void road_weigh(struct judging *at)
{
    const struct tenant *tenant = &at->path->tenant;
    struct span organisation = tenant->present && !tenant->recipients_own && came_without_login(at) ? foreign_organisation(at) : (struct span){0};
    if (!organisation.len || !author_is_vouched(at))
        return;
    const struct hop *handover = handover_find(at);
    if (!handover)
        return;
    struct later later = signed_later(at, handover->field ? (ptrdiff_t)field_index(at->message, handover->field) : -1);
    if (later.below || later.unsure)
        return; /* the author's own signature from before holds, or may: honest forwarding */
    bool pool = span_eq(tenant->pool, S("relay"));
    struct feeder feeder = feeder_find(at, handover);
    bool fed = feeder.ip.family != IP_NONE;
    if (!pool && !tenant->repeated && (!fed || feeder_is_honest(at, &feeder)))
        return;
    struct span server = fed ? ip_text(at->arena, &feeder.ip) : S("");
    if (feeder.helo.len)
        server = arena_print(at->arena, "%.*s (%.*s)", SPAN_FMT(server), SPAN_FMT(feeder.helo));
    evidence_add(at, EVIDENCE_LAUNDERED_ROAD, where_hop(at, handover), at->from_domain, organisation, server);
}

static void author_weigh(struct judging *at)
{
    at->aligned.len = 0;
    vec_each(dkim, &at->proof->dkim)
        if (dkim->result == PROOF_PASS && domain_is_aligned(at, dkim->domain))
            *vec_push(at->arena, &at->aligned) = dkim;
    if (at->aligned.len) { /* else no signature made anything pass */
        vec_each(recorded, &at->proof->recorded)
            records_weigh(at, recorded->field, recorded);
        vec_each(set, &at->proof->arc.sets)
            records_weigh(at, set->results, &set->recorded);
    }
    road_weigh(at);
}

/* The result of DMARC speaks of one author; a reader may be shown any. */
void evidence_of_laundering(struct judging *at)
{
    enum { MOST_AUTHORS = 50 };
    struct span judged = at->from_domain;
    if (judging_is_outbound(at) || at->proof->basis == BASIS_NONE || !judged.len)
        return;
    author_weigh(at);
    for (size_t i = 0; i < at->message->from.len && i < MOST_AUTHORS; i++) {
        at->from_domain = at->message->from.at[i].domain_ascii;
        if (at->from_domain.len && !span_eq_case(at->from_domain, judged))
            author_weigh(at);
    }
    at->from_domain = judged;
}
