#include "world.h"

/* Fields of the world: 1 Received at the edge, 2 signature above, 3 inner Received, 4 inner record, 5 signature below. */

static void recorded(struct world *w, const char *method, const char *name, const char *value)
{
    record_put(w, 4, "mx.elsewhere.example", method, PROOF_FAIL, "header", name, value);
}
static void resigned(struct world *w)
{
    recorded(w, "dmarc", "from", "brand.example");
}
static void recorded_pass(struct world *w)
{
    resigned(w);
    w->result.result = PROOF_PASS;
}
static void of_another_identity(struct world *w)
{
    recorded(w, "dmarc", "from", "elsewhere.example");
}
static void author_signed_before(struct world *w)
{
    resigned(w);
    w->dkim[0].field = &w->fields[5];
}
static void author_signed_before_and_after(struct world *w)
{
    resigned(w);
    w->proof.dkim.len = 2;
    w->dkim[1].domain = S("brand.example");
}
static void spf_broken_by_forwarding(struct world *w)
{
    record_put(w, 4, "mx.elsewhere.example", "spf", PROOF_FAIL, "smtp", "mailfrom", "brand.example");
}
static void broken_by_a_list(struct world *w) /* which signs for itself */
{
    resigned(w);
    dmarc_fails(w, "reject");
}
static void signed_but_aligned_strictly(struct world *w) /* adkim=s: the signature of a subdomain does not prove */
{
    resigned(w);
    w->dkim[0].domain = S("mail.brand.example");
    w->proof.dmarc.result = PROOF_FAIL;
}
static void recorded_at_the_authors(struct world *w)
{
    resigned(w);
    w->proof.recorded.at[0].authserv_id = S("gateway.brand.example");
}
static void recorded_by_us(struct world *w)
{
    resigned(w);
    w->proof.recorded.at[0].field = &w->fields[0];
}
/* A gateway of ours between the edge and here, which signed again. */
static void recorded_above_the_edge(struct world *w)
{
    recorded(w, "dmarc", "from", "brand.example");
    w->proof.recorded.at[0].field = &w->fields[1];
    w->hops[0].field = &w->fields[3];
    w->dkim[0].field = &w->fields[0];
}
static void trusted_record(struct world *w)
{
    resigned(w);
    w->proof.recorded.at[0].trusted = true;
}
static void recorded_by_microsoft(struct world *w, const char *organisation)
{
    resigned(w);
    w->proof.recorded.at[0].authserv_id = S("mx.microsoft.com");
    w->path.tenant.present = true;
    w->path.tenant.auth_as = S("Anonymous");
    w->path.tenant.originator_org = span_of(organisation);
}
static void microsoft_saw_a_foreign_tenant(struct world *w)
{
    recorded_by_microsoft(w, "evil.onmicrosoft.com");
}
static void microsoft_saw_the_hybrid(struct world *w)
{
    recorded_by_microsoft(w, "brand.example");
}
static void sealed_record(struct world *w)
{
    resigned(w);
    w->fields[4].id = FIELD_ARC_AUTHENTICATION_RESULTS;
    w->sets[0] = (struct arc_set){.instance = 1, .results = &w->fields[4], .recorded = w->proof.recorded.at[0]};
    w->proof.recorded.len = 0;
    w->proof.arc.sets.at = w->sets;
    w->proof.arc.sets.len = 1;
}
static void nothing_verified(struct world *w)
{
    resigned(w);
    w->proof.basis = BASIS_NONE;
}
static void signature_resigned(struct world *w)
{
    recorded(w, "dkim", "d", "brand.example");
}
static void signature_of_another(struct world *w)
{
    recorded(w, "dkim", "d", "elsewhere.example");
}
static void signature_of_a_subdomain(struct world *w)
{
    recorded(w, "dkim", "d", "news.brand.example");
}

/* ---- the road: attacker -> his tenant -> the brand's relay -> us */
static void echo(struct world *w)
{
    w->path.client.name = w->path.client.helo = S("mx0a-00000001.pphosted.com");
    w->hops[0].from = w->hops[0].helo = w->path.client.name;
    w->hops[1] = (struct hop){.field = &w->fields[3], .trust = HOP_CLAIM, .by = S("mx0a-00000001.pphosted.com"),
                              .from = S("NAM12.outbound.protection.outlook.com"), .time = 1767268840, .delay = 2};
    ip_parse(S("40.95.1.2"), &w->hops[1].address);
    struct tenant *tenant = &w->path.tenant;
    *tenant = (struct tenant){.present = true, .place = FACT_CLAIM, .auth_as = S("Anonymous"), .entity = S("Internet"),
                              .originator_org = S("evil.onmicrosoft.com"), .connecting_helo = S("vps.evil.example")};
    ip_parse(S("203.0.113.9"), &tenant->connecting_ip);
}
static void hybrid(struct world *w)
{
    echo(w);
    w->path.tenant.originator_org = S("Brand.Example");
    w->path.tenant.entity = S("HybridOnPrem");
    w->path.tenant.connecting_helo = S("mail.brand.example");
}
static void hosted_under_another_name(struct world *w) /* a sister company's tenant; written in a mailbox there */
{
    echo(w);
    w->path.tenant.auth_as = S("Internal");
}
static void recipients_own_tenant(struct world *w)
{
    echo(w);
    w->path.tenant.recipients_own = true;
}
static void sister_tenant_own_server(struct world *w)
{
    echo(w);
    w->path.tenant.originator_org = S("sister.example");
    w->path.tenant.connecting_helo = S("smtp.brand.example");
}
static void helo_above_the_author(struct world *w) /* a top-level domain is everybody's */
{
    sister_tenant_own_server(w);
    w->path.tenant.connecting_helo = S("example");
}
static void hybrid_of_another_through_a_list(struct world *w) /* which wrote itself into From */
{
    echo(w);
    w->path.tenant.originator_org = S("university.example");
    w->path.tenant.connecting_helo = S("out3.ad.university.example");
}
static void hybrid_of_another_through_the_pool(struct world *w)
{
    hybrid_of_another_through_a_list(w);
    w->path.tenant.pool = S("relay");
}
static void sister_tenant_own_server_pool(struct world *w)
{
    sister_tenant_own_server(w);
    w->path.tenant.pool = S("relay");
}
static void false_helo_and_a_recorded_failure(struct world *w)
{
    sister_tenant_own_server(w);
    sealed_record(w);
    w->sets[0].recorded.authserv_id = S("mx.microsoft.com");
    w->result.method = S("spf");
    w->property = (struct result_property){S("smtp"), S("mailfrom"), S("anna@brand.example")};
}
static void helo_outside_rented_networks(struct world *w)
{
    sister_tenant_own_server(w);
    ip_parse(S("40.107.1.1"), &w->path.tenant.connecting_ip); /* a mail service's: not a rented one */
}
static void authors_signature_below(struct world *w) /* forwarded by another tenant's user, whole */
{
    echo(w);
    w->dkim[0].field = &w->fields[5];
}
static void relay_not_known(struct world *w) /* anybody can write pphosted.com */
{
    echo(w);
    w->path.client.name_confirmed = false;
}
static void microsoft_itself(struct world *w) /* hands over to us; only its address makes SPF pass */
{
    echo(w);
    w->path.client.name = w->hops[0].from = w->hops[0].helo = S("NAM12.outbound.protection.outlook.com");
    w->proof.dkim.len = 0;
}
static void microsoft_by_name_alone(struct world *w)
{
    microsoft_itself(w);
    w->path.client.name_confirmed = false;
}
static void handover_written_by_another(struct world *w)
{
    echo(w);
    w->hops[1].by = S("mail.evil.example");
}
static void relay_not_the_authors(struct world *w)
{
    echo(w);
    dmarc_fails(w, "none");
}
static void no_server_told(struct world *w)
{
    echo(w);
    w->path.tenant.connecting_ip.family = IP_NONE;
}

static void fields_double(struct world *w, const char *organisation) /* the sender's own above those of the service */
{
    static const char *const names[] = {"X-OriginatorOrg", "X-OriginatorOrg", "X-MS-Exchange-CrossTenant-AuthAs",
                                        "X-MS-Exchange-CrossTenant-AuthAs"};
    const char *const values[] = {"brand.example", organisation, "Internal", " Anonymous"};
    for (size_t i = 0; i < 4; i++) {
        w->fields[6 + i].name = span_of(names[i]);
        w->fields[6 + i].value = span_of(values[i]);
    }
    w->path.tenant.originator_org = S("brand.example");
    w->path.tenant.auth_as = S("Internal");
    w->path.tenant.repeated = true;
}
static void echo_with_forged_fields(struct world *w)
{
    echo(w);
    fields_double(w, "evil.onmicrosoft.com");
}
static void fields_doubled_by_a_gateway(struct world *w)
{
    echo(w);
    fields_double(w, "mail.brand.example");
}
static void echo_with_a_forged_server(struct world *w)
{
    sister_tenant_own_server(w);
    w->path.tenant.repeated = true;
    w->fields[6].name = S("X-OriginatorOrg");
    w->fields[6].value = S("evil.onmicrosoft.com");
    w->fields[7].name = S("X-MS-Exchange-CrossTenant-AuthAs");
    w->fields[7].value = S("Anonymous");
}
static void author_put_first(struct world *w) /* a second one, without a policy, whom the result of DMARC speaks of */
{
    w->from[1] = w->from[0];
    w->from[0].address = S("x@elsewhere.example");
    w->from[0].domain = w->from[0].domain_ascii = S("elsewhere.example");
    w->message.from.len = 2;
    w->proof.dmarc = (struct dmarc_proof){.result = PROOF_NONE, .from_domain = S("elsewhere.example")};
}
static void echo_of_two_authors(struct world *w)
{
    echo(w);
    author_put_first(w);
}
static void hybrid_of_two_authors(struct world *w)
{
    hybrid(w);
    author_put_first(w);
}
static void second_author_not_proved(struct world *w)
{
    echo_of_two_authors(w);
    w->proof.spf.domain = w->dkim[0].domain = S("elsewhere.example");
    w->dkim[0].field = &w->fields[5]; /* and the first was, before */
}
static void resigned_for_two_authors(struct world *w)
{
    resigned(w);
    author_put_first(w);
}
static void resigned_for_one_of_two(struct world *w)
{
    resigned_for_two_authors(w);
    w->dkim[0].domain = S("elsewhere.example");
}
static void recorded_with_a_dot(struct world *w)
{
    recorded(w, "dmarc", "from", "brand.example.");
}

/* ---- no ConnectingIp: CIP tells the server that fed the tenant; no DMARC record: an aligned proof vouches all the same */
static void policy_absent(struct world *w)
{
    w->proof.dmarc = (struct dmarc_proof){.result = PROOF_NONE, .from_domain = S("brand.example")};
}
static void echo_told_by_forefront(struct world *w)
{
    echo(w);
    policy_absent(w);
    w->proof.spf.domain = S("other.example"); /* the relay's signature alone is aligned */
    w->path.tenant.connecting_ip = (struct ip){0};
    w->path.tenant.connecting_helo = S("");
    ip_parse(S("203.0.113.9"), &w->path.tenant.forefront_ip);
    w->hops[2] = (struct hop){.field = &w->fields[5], .trust = HOP_CLAIM, .by = S("DS1.mail.protection.outlook.com"),
                              .from = S("vps.evil.example"), .address = w->path.tenant.forefront_ip, .delay = 2};
    w->path.hops.len = 3;
}
static void forefront_by_spf(struct world *w)
{
    echo_told_by_forefront(w);
    w->proof.spf.domain = S("brand.example");
    w->proof.dkim.len = 0;
}
static void forefront_vouched_by_nobody(struct world *w)
{
    forefront_by_spf(w);
    w->proof.spf.result = PROOF_FAIL;
}
static void forefront_none_fed(struct world *w) /* CIP:255.255.255.255 */
{
    echo_told_by_forefront(w);
    w->path.tenant.forefront_ip = (struct ip){0};
}
static void forefront_hybrid(struct world *w)
{
    echo_told_by_forefront(w);
    w->path.tenant.originator_org = S("brand.example");
    w->hops[2].from = S("mail.brand.example");
}
static void forefront_sister_own_server(struct world *w)
{
    echo_told_by_forefront(w);
    w->path.tenant.originator_org = S("sister.example");
    w->hops[2].from = S("smtp.brand.example");
}
static void forefront_name_below_microsoft(struct world *w) /* where the sender wrote the field himself */
{
    forefront_sister_own_server(w);
    w->hops[3] = w->hops[2];
    w->hops[2].by = S("vps.evil.example");
    w->hops[2].address = (struct ip){0};
    w->path.hops.len = 4;
}
static void echo_without_policy(struct world *w)
{
    echo(w);
    policy_absent(w);
}
static void hybrid_without_policy(struct world *w)
{
    hybrid(w);
    policy_absent(w);
}
static void forwarded_without_policy(struct world *w)
{
    echo_without_policy(w);
    w->dkim[0].field = &w->fields[5];
}
static void aligned_too_loosely(struct world *w) /* adkim=s: the policy says it is not proved */
{
    echo(w);
    w->dkim[0].domain = S("mail.brand.example");
    w->proof.spf.domain = S("other.example");
    w->proof.dmarc.result = PROOF_FAIL;
}

const struct evidence_case laundering_cases[] = {
    {"laundered-road", "CIP, hybrid", echo_told_by_forefront, forefront_hybrid},
    {"laundered-road", "CIP, hosted", echo_told_by_forefront, forefront_none_fed},
    {"laundered-road", "CIP, own server", forefront_name_below_microsoft, forefront_sister_own_server},
    {"laundered-road", "CIP, SPF", forefront_by_spf, forefront_vouched_by_nobody},
    {"laundered-road", "no policy, hybrid", echo_without_policy, hybrid_without_policy},
    {"laundered-road", "no policy, forwarded whole", echo_without_policy, forwarded_without_policy},
    {"laundered-road", "policy not met", echo_without_policy, aligned_too_loosely},
    {"laundered-dmarc", "two authors", resigned_for_two_authors, resigned_for_one_of_two},
    {"laundered-dmarc", "trailing dot", recorded_with_a_dot, of_another_identity},
    {"laundered-road", "doubled fields", echo_with_forged_fields, fields_doubled_by_a_gateway},
    {"laundered-road", "doubled server", echo_with_a_forged_server, sister_tenant_own_server},
    {"laundered-road", "two authors", echo_of_two_authors, hybrid_of_two_authors},
    {"laundered-road", "the other author's", echo_of_two_authors, second_author_not_proved},
    {"laundered-dmarc", "recorded pass", resigned, recorded_pass},
    {"laundered-dmarc", "another identity", resigned, of_another_identity},
    {"laundered-dmarc", "signed before", sealed_record, author_signed_before},
    {"laundered-dmarc", "signed before and after", resigned, author_signed_before_and_after},
    {"laundered-dmarc", "SPF broken by forwarding", resigned, spf_broken_by_forwarding},
    {"laundered-dmarc", "broken by a list", resigned, broken_by_a_list},
    {"laundered-dmarc", "still not proved", resigned, signed_but_aligned_strictly},
    {"laundered-dmarc", "the author's own gateway", resigned, recorded_at_the_authors},
    {"laundered-dmarc", "above the edge", resigned, recorded_by_us},
    {"laundered-dmarc", "between the edge and here", resigned, recorded_above_the_edge},
    {"laundered-dmarc", "trusted record", resigned, trusted_record},
    {"laundered-dmarc", "hybrid", microsoft_saw_a_foreign_tenant, microsoft_saw_the_hybrid},
    {"laundered-dmarc", "nothing verified", resigned, nothing_verified},
    {"laundered-signature", "another identity", signature_resigned, signature_of_another},
    {"laundered-signature", "another signature", signature_resigned, signature_of_a_subdomain},
    {"laundered-road", "hybrid", echo, hybrid},
    {"laundered-road", "recipient's own tenant", echo, recipients_own_tenant},
    {"laundered-road", "Internal", echo, hosted_under_another_name},
    {"laundered-road", "suffix as HELO", helo_above_the_author, sister_tenant_own_server},
    {"laundered-road", "own server", sister_tenant_own_server_pool, sister_tenant_own_server},
    {"laundered-road", "HELO believed", false_helo_and_a_recorded_failure, helo_outside_rented_networks},
    {"laundered-road", "a list's author", hybrid_of_another_through_the_pool, hybrid_of_another_through_a_list},
    {"laundered-road", "forwarded whole", echo, authors_signature_below},
    {"laundered-road", "relay not known", echo, relay_not_known},
    {"laundered-road", "Microsoft by name alone", microsoft_itself, microsoft_by_name_alone},
    {"laundered-road", "hand-over written by another", echo, handover_written_by_another},
    {"laundered-road", "not proved", echo, relay_not_the_authors},
    {"laundered-road", "no server told", echo, no_server_told},
    {0},
};
