/* The service and the customer's account there; the tenant of Microsoft 365 and its proofs. With the project's tables
 * and a small AS list. */
#include "road.h"

#define AT(clock) "; Sat, 31 Jan 2026 " clock " +0000\n"
#define SID                                                                                                            \
    "X-Mailgun-Sid: WyIxYTJiMyIsICJhbm5hQGV4YW1wbGUubmV0IiwgImM0NGYiXQ==\n" /* ["1a2b3", "anna@example.net", "c44f"]   \
                                                                             */

static struct tables *tables;

static int tables_make(void **state)
{
    (void)state;
    struct err err;
    const struct table_options options = {.data_dir = "data", .as_file = "tests/unit/trace/as.csv"};
    if (tables_open(&options, &tables, &err) == 0)
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static int tables_end(void **state)
{
    (void)state;
    tables_close(&tables);
    return 0;
}

struct row {
    const char *what, *header, *client, *name, *helo, *mail_from;
    const char *service; /* NULL: none */
    bool borne_out;
    const char *account, *account_from;
    enum trace_preset preset;
};

static const struct row rows[] = {
    {"Mailgun, by its network", SID, .client = "69.72.33.4", .service = "mailgun", .borne_out = true, .account = "c44f",
     .account_from = "X-Mailgun-Sid"},
    {"Mailgun, by a confirmed name", SID, .client = "198.51.100.4", .name = "m7.mailgun.net", .service = "mailgun",
     .borne_out = true, .account = "c44f", .account_from = "X-Mailgun-Sid"},
    {"Mailgun's field from a rented machine proves nothing", SID, .client = "51.68.1.1", .service = "mailgun",
     .account = "c44f", .account_from = "X-Mailgun-Sid"},
    {"nor does its name in a HELO", SID, .client = "51.68.1.1", .helo = "m7.mailgun.net", .service = "mailgun",
     .account = "c44f", .account_from = "X-Mailgun-Sid"},
    {"a HELO alone", "Subject: x\n", .client = "51.68.1.1", .helo = "m7.mailgun.net", .service = "mailgun"},
    {"a value that is no list", "X-Mailgun-Sid: bm90IGEgbGlzdA==\n", .client = "69.72.33.4", .service = "mailgun",
     .borne_out = true},
    {"a list of two", "X-Mailgun-Sid: WyJhIiwgImIiXQ==\n", .client = "69.72.33.4", .service = "mailgun",
     .borne_out = true},
    {"SendGrid, by the envelope sender", "X-SG-EID: abc\n", .client = "167.89.1.2",
     .mail_from = "bounces+848413-634f-anna=example.net@em.example.org", .service = "sendgrid", .borne_out = true,
     .account = "848413", .account_from = "MAIL FROM"},
    {"SendGrid, by Return-Path where the envelope is unknown",
     "Return-Path: <bounces+77-1-a=example.net@em.example.org>\nX-SG-EID: abc\n", .client = "167.89.1.2",
     .service = "sendgrid", .borne_out = true, .account = "77", .account_from = "MAIL FROM"},
    {"a sender that is not SendGrid's kind", "X-SG-EID: abc\n", .client = "167.89.1.2",
     .mail_from = "bounces+abc-1@em.example.org", .service = "sendgrid", .borne_out = true},
    {"Mailchimp", "X-MC-User: 0f1e2d3c\n", .client = "198.2.130.1", .service = "mailchimp", .borne_out = true,
     .account = "0f1e2d3c", .account_from = "X-MC-User"},
    {"Mandrill sends from Mailchimp's network", "X-Mandrill-User: md_30012345\n", .client = "198.2.130.1",
     .service = "mandrill", .borne_out = true, .account = "md_30012345", .account_from = "X-Mandrill-User"},
    {"Constant Contact", "X-Roving-ID: 1101234567890.1234\n", .client = "208.75.121.1", .service = "constant-contact",
     .borne_out = true, .account = "1101234567890", .account_from = "X-Roving-ID"},
    {"Amazon SES, by its range", "Feedback-ID: ::1.us-east-1.AbC=:AmazonSES\nX-SES-Outgoing: 2026.01.31-54.240.8.1\n",
     .client = "54.240.8.1", .service = "amazon-ses", .borne_out = true},
    {"a rented machine in Amazon's network is not SES", "X-SES-Outgoing: 2026.01.31-54.240.8.1\n",
     .client = "99.81.1.1", .service = "amazon-ses"},
    {"a relay at the edge carries, whatever was written before", SID, .client = "148.163.135.77",
     .service = "proofpoint", .borne_out = true},
    {"a false name of Proofpoint", "Subject: x\n", .client = "51.68.1.1", .helo = "unrs.pphosted.com",
     .service = "proofpoint"},
    {"a reverse name that nobody confirmed",
     "Received: from x (m7.mailgun.net. [198.51.100.4]) by mx.google.com with ESMTPS id 1" AT("12:00:00"),
     .service = "mailgun", .preset = PRESET_GOOGLE},
    {"a range that is a guess bears nothing out", "Subject: x\n", .client = "209.222.81.1",
     .helo = "x.ess.barracudanetworks.com", .service = "barracuda"},
    {"a number without its dash", "X-SG-EID: abc\n", .client = "167.89.1.2", .mail_from = "bounces+77@em.example.org",
     .service = "sendgrid", .borne_out = true},
    {"an honest host of nobody's", "Subject: x\n", .client = "51.68.1.1", .name = "mail.example.org",
     .helo = "mail.example.org"},
};

static size_t wrong;
static void expect(const char *what, const char *which, struct span seen, const char *wanted)
{
    if (span_eq(seen, span_of(wanted ? wanted : "")))
        return;
    print_error("%s: %s is \"%.*s\", wanted \"%s\"\n", what, which, SPAN_FMT(seen), wanted ? wanted : "");
    wrong++;
}

static void carriers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct road road;
        road_open(&road, row->header);
        road_door(&road, row->client, row->name, row->helo);
        road.settings.preset = row->preset;
        if (row->mail_from) {
            road.arrival.mail_from = span_of(row->mail_from);
            road.arrival.mail_from_state = SENDER_GIVEN;
        }
        road_walk(&road, tables);
        const struct carrier *carrier = &road.path.carrier;
        expect(row->what, "service", carrier->service ? carrier->service->id : (struct span){0}, row->service);
        expect(row->what, "borne out", carrier->borne_out ? S("yes") : S("no"), row->borne_out ? "yes" : "no");
        expect(row->what, "account", carrier->account, row->account);
        expect(row->what, "account field", carrier->account_from, row->account_from);
        road_close(&road);
    }
    assert_int_equal(wrong, 0);
}

/* ---- names on addresses of others */
static void misfits(void **state)
{
    (void)state;
    static const struct {
        const char *what, *client, *name, *helo, *header;
        bool odd;
    } cases[] = {
        {"Proofpoint's name on a rented machine", .client = "51.68.1.1", .helo = "mx0a-0a1b2c3d.pphosted.com",
         .odd = true},
        {"Proofpoint's name on Proofpoint's address", .client = "148.163.135.77", .helo = "mx0a-0a1b2c3d.pphosted.com"},
        {"an unknown network says nothing", .client = "192.88.98.1", .helo = "mx0a-0a1b2c3d.pphosted.com"},
        {"a service whose networks are not all written down", .client = "51.68.1.1",
         .helo = "a8-30.smtp-out.amazonses.com"},
        {"a name of no service", .client = "51.68.1.1", .helo = "mail.example.org"},
        {"Microsoft's name in Azure lies in Microsoft's network", .client = "52.230.1.1",
         .helo = "x.outbound.protection.outlook.com"},
        {"Google's name on a range of Microsoft's", .client = "40.107.1.1", .helo = "mail-sor-f41.google.com",
         .odd = true},
        {"a name that the door confirmed", .client = "51.68.1.1", .name = "smtp1.mail.yahoo.com"},
        {"a person's machine that logs in", .odd = false,
         .header = "Received: from gmail.com (unknown [51.68.1.1]) by mx.example.net (Postfix) with ESMTPSA id 1" AT(
             "12:00:00")},
        {"the same without a login", .odd = true,
         .header = "Received: from gmail.com (unknown [51.68.1.1]) by mx.example.net (Postfix) with ESMTPS id 1" AT(
             "12:00:00")},
        {"a reverse name that leads back", .odd = false,
         .header =
             "Received: from x (smtp1.mail.yahoo.com [51.68.1.1]) by mx.example.net (Postfix) with ESMTPS id 1" AT(
                 "12:00:00")},
        {"a reverse name that may be forged", .odd = true,
         .header = "Received: from x (smtp1.mail.yahoo.com [51.68.1.1] (may be forged)) by mx.example.net "
                   "(8.17.1/8.17.1) with ESMTPS id 1" AT("12:00:00")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct road road;
        road_open(&road, cases[i].header ? cases[i].header : "Subject: x\n");
        road_door(&road, cases[i].client, cases[i].name, cases[i].helo);
        road_walk(&road, tables);
        bool odd = road.path.hops.at[0].oddities & HOP_NAME_MISFITS_NETWORK;
        expect(cases[i].what, "misfit", odd ? S("yes") : S("no"), cases[i].odd ? "yes" : "no");
        road_close(&road);
    }
    assert_int_equal(wrong, 0);
}

static void client_network(void **state)
{
    (void)state;
    struct road road;
    road_open(&road, "Subject: x\n");
    road_door(&road, "51.68.1.1", NULL, "pc");
    road_walk(&road, tables);
    assert_int_equal(road.path.client.network.asn, 16276);
    assert_int_equal(road.path.client.network.kind, NETWORK_HOSTING);
    assert_int_equal(road.path.client.scope, IP_PUBLIC);
    road_close(&road);
}

/* ---- the tenant */
#define OWN     "11111111-2222-3333-4444-555555555555"
#define FOREIGN "99999999-8888-7777-6666-555555555555"
#define HOSTED                                                                                                         \
    "X-OriginatorOrg: brand.example\nX-MS-Exchange-CrossTenant-Id: " OWN                                               \
    "\nX-MS-Exchange-CrossTenant-AuthAs: Internal\n"                                                                   \
    "X-MS-Exchange-CrossTenant-AuthSource: A.namprd03.prod.outlook.com\n"                                              \
    "X-MS-Exchange-CrossTenant-FromEntityHeader: Hosted\nX-Forefront-Antispam-Report:\n"                               \
    " CIP:255.255.255.255;CTRY:;LANG:en;\n DIR:OUT;SFP:1101\n"
#define HYBRID                                                                                                         \
    "X-OriginatorOrg: brand.example\nX-MS-Exchange-CrossTenant-id: " OWN                                               \
    "\nX-MS-Exchange-CrossTenant-AuthAs: Anonymous\n"                                                                  \
    "X-MS-Exchange-CrossTenant-FromEntityHeader: HybridOnPrem\n"                                                       \
    "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: TenantId=" OWN "; Ip=[198.51.100.10];\n"          \
    " Helo=[ex1.brand.example]\nX-Forefront-Antispam-Report: CIP:198.51.100.10;H:ex1.brand.example;DIR:OUT;SFP:1102\n"
#define INNER_DKIM                                                                                                     \
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=brand.OnMicrosoft.com;\n "                                \
    "s=selector2-brand-onmicrosoft-com; bh=x; b=y\n"
#define DOOR_M365(address)                                                                                             \
    "Received: from NAM12-obe.outbound.protection.outlook.com (unknown [" address                                      \
    "]) by mx.example.net (Postfix) with ESMTPS id 1" AT("12:00:02")
#define MAPI                                                                                                           \
    "Received: from A.namprd03.prod.outlook.com ([fe80::1]) by A.namprd03.prod.outlook.com ([fe80::1%3]) with mapi "   \
    "id 15.20.1" AT("12:00:00")
#define PPS                                                                                                            \
    "Received: from pps.filterd (m1.ppops.net [127.0.0.1]) by mx0a-0a1b2c3d.pphosted.com (8.18.1.11/8.18.1.11) with "  \
    "ESMTP id 3" AT("12:00:03")
#define PPS_IN(name, address)                                                                                          \
    "Received: from " name " (" name " [" address                                                                      \
    "]) by mx0a-0a1b2c3d.pphosted.com (PPS) with ESMTPS id 2" AT("12:00:02")

struct tenant_row {
    const char *what, *header, *client;
    enum trace_preset preset;
    enum fact_place place;
    const char *org, *id, *connecting, *connecting_ip, *connecting_helo, *domain, *pool, *auth_as, *entity, *forefront;
    bool repeated, disagree, recipients_own;
};

static const struct tenant_row tenants[] = {
    {"a hosted mailbox, straight from Microsoft", DOOR_M365("40.107.209.10") MAPI INNER_DKIM HOSTED, "40.107.209.10",
     .place = FACT_TRUSTED, .org = "brand.example", .id = OWN, .domain = "brand.onmicrosoft.com", .pool = "normal",
     .auth_as = "Internal", .entity = "Hosted"},
    {"the same from a rented machine is a claim", DOOR_M365("51.68.1.1") MAPI INNER_DKIM HOSTED, "51.68.1.1",
     .place = FACT_CLAIM, .org = "brand.example", .id = OWN, .domain = "brand.onmicrosoft.com", .auth_as = "Internal",
     .entity = "Hosted"},
    {"a forged hand-over below the edge is a claim",
     "Received: from evil (unknown [51.68.1.1]) by mx.example.net (Postfix) with SMTP id 1" AT("12:00:03")
         DOOR_M365("40.107.209.10") HOSTED,
     "51.68.1.1", .place = FACT_CLAIM, .org = "brand.example", .id = OWN, .pool = "normal", .auth_as = "Internal",
     .entity = "Hosted"},
    {"without a door nothing is trusted", DOOR_M365("40.107.209.10") MAPI HOSTED, NULL, .place = FACT_CLAIM,
     .org = "brand.example", .id = OWN, .pool = "normal", .auth_as = "Internal", .entity = "Hosted"},
    {"Postfix's preset finds the hand-over", DOOR_M365("40.107.209.10") MAPI HOSTED, NULL, PRESET_POSTFIX,
     .place = FACT_TRUSTED, .org = "brand.example", .id = OWN, .pool = "normal", .auth_as = "Internal",
     .entity = "Hosted"},
    {"through the organisation's own servers", DOOR_M365("40.107.209.10") HYBRID, "40.107.209.10",
     .place = FACT_TRUSTED, .org = "brand.example", .id = OWN, .connecting = OWN, .connecting_ip = "198.51.100.10",
     .connecting_helo = "ex1.brand.example", .pool = "normal", .auth_as = "Anonymous", .entity = "HybridOnPrem",
     .forefront = "198.51.100.10"},
    {"from the relay pool", DOOR_M365("40.95.3.4") HYBRID, "40.95.3.4", .place = FACT_TRUSTED, .org = "brand.example",
     .id = OWN, .connecting = OWN, .connecting_ip = "198.51.100.10", .connecting_helo = "ex1.brand.example",
     .pool = "relay", .auth_as = "Anonymous", .entity = "HybridOnPrem", .forefront = "198.51.100.10"},
    {"by a server named rly",
     "Received: from mail-eus2rlyn07.outbound.protection.outlook.com (unknown [40.107.3.4]) by mx.example.net "
     "(Postfix) with ESMTPS id 1" AT("12:00:02") "X-OriginatorOrg: brand.example\n",
     "40.107.3.4", .place = FACT_TRUSTED, .org = "brand.example", .pool = "relay"},
    {"two tenants: the feeding machine is another's",
     DOOR_M365("40.107.209.10") "X-OriginatorOrg: brand.example\nX-MS-Exchange-CrossTenant-Id: " OWN
                                "\nX-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: TenantId=" FOREIGN
                                ";Ip=[51.68.1.1];Helo=[vps]\n",
     "40.107.209.10", .place = FACT_TRUSTED, .org = "brand.example", .id = OWN, .connecting = FOREIGN,
     .connecting_ip = "51.68.1.1", .connecting_helo = "vps", .pool = "normal", .disagree = true},
    {"the same tenant in other letters agrees",
     DOOR_M365("40.107.209.10") "X-MS-Exchange-CrossTenant-Id: AAAAAAAA-2222-3333-4444-555555555555\n"
                                "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: "
                                "TenantId=aaaaaaaa-2222-3333-4444-555555555555;Ip=[::1]\n",
     "40.107.209.10", .place = FACT_TRUSTED, .id = "aaaaaaaa-2222-3333-4444-555555555555",
     .connecting = "aaaaaaaa-2222-3333-4444-555555555555", .connecting_ip = "::1", .pool = "normal"},
    {"two tenants: the signature is another's",
     DOOR_M365("40.107.209.10") INNER_DKIM "X-OriginatorOrg: other.onmicrosoft.com\n", "40.107.209.10",
     .place = FACT_TRUSTED, .org = "other.onmicrosoft.com", .domain = "brand.onmicrosoft.com", .pool = "normal",
     .disagree = true},
    {"a domain of one's own beside the tenant's name",
     DOOR_M365("40.107.209.10") INNER_DKIM "X-OriginatorOrg: Brand.example\n", "40.107.209.10", .place = FACT_TRUSTED,
     .org = "Brand.example", .domain = "brand.onmicrosoft.com", .pool = "normal"},
    {"a field twice with two values: the topmost is the newest",
     DOOR_M365("40.107.209.10") "X-MS-Exchange-CrossTenant-Id: " FOREIGN "\nX-MS-Exchange-CrossTenant-Id: " OWN "\n",
     "40.107.209.10", .place = FACT_TRUSTED, .id = FOREIGN, .pool = "normal", .repeated = true},
    {"a field twice with one value",
     DOOR_M365("40.107.209.10") "X-MS-Exchange-CrossTenant-Id: " OWN "\nx-ms-exchange-crosstenant-id: " OWN "\n",
     "40.107.209.10", .place = FACT_TRUSTED, .id = OWN, .pool = "normal"},
    {"incoming reports do not count",
     DOOR_M365("40.107.209.10") "X-OriginatorOrg: a.example\nX-Forefront-Antispam-Report: CIP:198.51.100.1;DIR:INB\n",
     "40.107.209.10", .place = FACT_TRUSTED, .org = "a.example", .pool = "normal"},
    {"in the recipient's own mailbox the fields are the recipient's",
     "Received: from B.namprd19.prod.outlook.com (::1) by C.namprd19.prod.outlook.com with HTTPS" AT(
         "12:00:05") "Received: from NAM12-obe.outbound.protection.outlook.com (40.107.237.87) by "
                     "CO1.mail.protection.outlook.com (10.167.1.2)"
                     " with Microsoft SMTP Server id 15 via Frontend Transport" AT("12:00:04") MAPI HOSTED,
     NULL, PRESET_M365, .place = FACT_CLAIM, .org = "brand.example", .id = OWN, .pool = "normal", .auth_as = "Internal",
     .entity = "Hosted", .recipients_own = true},
    {"a confirmed relay at the edge vouches",
     PPS PPS_IN("NAM12.outbound.protection.outlook.com", "40.107.209.10") MAPI HOSTED, "148.163.135.77",
     .place = FACT_VOUCHED, .org = "brand.example", .id = OWN, .pool = "normal", .auth_as = "Internal",
     .entity = "Hosted"},
    {"it does not vouch for what stood below its own client",
     PPS PPS_IN("evil.example.org",
                "51.68.1.1") "Received: from NAM12.outbound.protection.outlook.com (x [40.107.209.10]) by"
                             " mx0a-0a1b2c3d.pphosted.com (PPS) with ESMTPS id 2" AT("12:00:01") HOSTED,
     "148.163.135.77", .place = FACT_CLAIM, .org = "brand.example", .id = OWN, .pool = "normal", .auth_as = "Internal",
     .entity = "Hosted"},
    {"a false relay does not vouch", PPS PPS_IN("NAM12.outbound.protection.outlook.com", "40.107.209.10") MAPI HOSTED,
     "51.68.1.1", .place = FACT_CLAIM, .org = "brand.example", .id = OWN, .pool = "normal", .auth_as = "Internal",
     .entity = "Hosted"},
    {"mail of others has no tenant", "Subject: x\nDKIM-Signature: v=1; d=example.org; s=a\n", "51.68.1.1",
     .place = FACT_ABSENT},
    {"onmicrosoft.com itself is nobody's tenant", "DKIM-Signature: v=1; d=onmicrosoft.com; s=a\n", "51.68.1.1",
     .place = FACT_ABSENT},
};

static const char *place_word(enum fact_place place)
{
    static const char *const words[] = {"absent", "claim", "vouched", "trusted"};
    return words[place];
}

static void tenant_check(const struct tenant_row *row)
{
    struct road road;
    road_open(&road, row->header);
    road_door(&road, row->client, NULL, NULL);
    road.settings.preset = row->preset;
    road_walk(&road, tables);
    const struct tenant *seen = &road.path.tenant;
    expect(row->what, "place", span_of(place_word(seen->place)), place_word(row->place));
    expect(row->what, "originator org", seen->originator_org, row->org);
    expect(row->what, "cross-tenant id", seen->cross_tenant_id, row->id);
    expect(row->what, "connecting tenant", seen->connecting_tenant, row->connecting);
    expect(row->what, "connecting ip", ip_text(road.arena, &seen->connecting_ip), row->connecting_ip);
    expect(row->what, "connecting helo", seen->connecting_helo, row->connecting_helo);
    expect(row->what, "domain", seen->onmicrosoft_domain, row->domain);
    expect(row->what, "pool", seen->pool, row->pool);
    expect(row->what, "auth as", seen->auth_as, row->auth_as);
    expect(row->what, "entity", seen->entity, row->entity);
    expect(row->what, "forefront", ip_text(road.arena, &seen->forefront_ip), row->forefront);
    expect(row->what, "repeated", seen->repeated ? S("yes") : S("no"), row->repeated ? "yes" : "no");
    expect(row->what, "disagree", seen->disagree ? S("yes") : S("no"), row->disagree ? "yes" : "no");
    expect(row->what, "recipient's own", seen->recipients_own ? S("yes") : S("no"), row->recipients_own ? "yes" : "no");
    expect(row->what, "words for it", seen->disagreement.len ? S("yes") : S("no"), row->disagree ? "yes" : "no");
    road_close(&road);
}

static void tenant_proofs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tenants / sizeof *tenants; i++)
        tenant_check(&tenants[i]);
    assert_int_equal(wrong, 0);
}

static void pool_without_tables(void **state)
{
    (void)state;
    struct road road;
    road_open(&road, DOOR_M365("40.95.3.4") HYBRID);
    road_door(&road, "40.95.3.4", NULL, NULL);
    road_walk(&road, NULL);
    assert_span(road.path.tenant.pool, "relay");
    assert_int_equal(road.path.tenant.place, FACT_TRUSTED);
    road_close(&road);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(carriers), cmocka_unit_test(misfits),
                                       cmocka_unit_test(client_network), cmocka_unit_test(tenant_proofs),
                                       cmocka_unit_test(pool_without_tables)};
    return cmocka_run_group_tests(tests, tables_make, tables_end);
}
