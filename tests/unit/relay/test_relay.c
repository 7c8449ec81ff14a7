#include "exact.h"

#include "relay/relay.h"

#define OWN_TENANT "0f0e0d0c-1111-2222-3333-444455556666"
#define FOREIGN_TENANT "dddddddd-1111-2222-3333-444455556666"

/* A message of the customer brand.example as the relay sees it; each case alters what it is about. */
struct world {
    struct arena *arena;
    struct customer customer[2];
    struct customers customers;
    struct arrival arrival;
    struct field fields[2];
    struct mailbox from[2];
    struct part root;
    struct parameter report_type;
    struct message message;
    struct path path;
    struct dkim_proof dkim;
    struct proof proof;
    struct relay_use use;
    struct span words[8];
    struct prefix on_premises;
};

static void world_hosted(struct world *w)
{
    *w = (struct world){.arena = arena_new(1 << 20)};
    w->words[0] = S(OWN_TENANT);
    w->words[1] = S("brand.example");
    w->words[2] = S("brand.onmicrosoft.com");
    w->words[3] = S("aaaaaaaa-1111-2222-3333-444455556666");
    w->words[4] = S("second.example");
    struct customer *own = &w->customer[0], *second = &w->customer[1];
    own->name = S("Brand");
    own->tenants.at = &w->words[0], own->tenants.len = 1;
    own->domains.at = &w->words[1], own->domains.len = 1;
    own->organisations.at = &w->words[2], own->organisations.len = 1;
    assert_true(ip_prefix_parse(S("192.0.2.0/24"), &w->on_premises.network, &w->on_premises.bits));
    own->on_premises.at = &w->on_premises, own->on_premises.len = 1;
    second->name = S("Second");
    second->tenants.at = &w->words[3], second->tenants.len = 1;
    second->domains.at = &w->words[4], second->domains.len = 1;
    w->customers.list.at = w->customer, w->customers.list.len = 2;

    w->arrival.direction = DIRECTION_OUTBOUND;
    w->arrival.mail_from_state = SENDER_GIVEN;
    w->arrival.mail_from = S("anna@mail.brand.example");
    w->from[0].domain = w->from[0].domain_ascii = S("brand.example");
    w->message.from.at = w->from, w->message.from.len = 1;
    w->message.fields.at = w->fields, w->message.fields.len = 2;
    w->root.type = S("text"), w->root.subtype = S("plain");
    w->message.root = &w->root;

    w->path.edge_known = true;
    ip_parse(S("40.107.1.2"), &w->path.client.ip);
    w->path.client.name = S("mail-x.outbound.protection.outlook.com");
    w->path.client.name_confirmed = true;
    struct tenant *tenant = &w->path.tenant;
    *tenant = (struct tenant){.present = true, .place = FACT_TRUSTED, .cross_tenant_id = S(OWN_TENANT),
                              .originator_org = S("Brand.Example"), .pool = S("normal"), .auth_as = S("Internal"),
                              .entity = S("Hosted"), .onmicrosoft_domain = S("brand.onmicrosoft.com"),
                              .onmicrosoft_field = &w->fields[0]};
    w->dkim = (struct dkim_proof){.field = &w->fields[0], .result = PROOF_PASS, .domain = S("brand.onmicrosoft.com")};
    w->proof.dkim.at = &w->dkim, w->proof.dkim.len = 1;
}

static void hosted(struct world *w)
{
}

/* Honest hybrid: Anonymous, but own tenant and own server. */
static void hybrid(struct world *w)
{
    w->path.tenant.auth_as = S("Anonymous");
    w->path.tenant.entity = S("HybridOnPrem");
    w->path.tenant.connecting_tenant = S(OWN_TENANT);
    ip_parse(S("192.0.2.25"), &w->path.tenant.connecting_ip);
    w->path.tenant.connecting_helo = S("mail.brand.example");
}

static void echo(struct world *w)
{
    struct tenant *tenant = &w->path.tenant;
    hybrid(w);
    tenant->cross_tenant_id = tenant->connecting_tenant = S(FOREIGN_TENANT);
    tenant->originator_org = S("evil.onmicrosoft.com");
    ip_parse(S("203.0.113.9"), &tenant->connecting_ip);
    tenant->onmicrosoft_domain = S("evil.onmicrosoft.com");
}

static void echo_from_the_pool(struct world *w)
{
    echo(w);
    w->path.tenant.pool = S("relay");
}

static void foreign_server_into_own_tenant(struct world *w)
{
    hybrid(w);
    ip_parse(S("203.0.113.9"), &w->path.tenant.connecting_ip);
}

static void foreign_organisation_alone(struct world *w)
{
    w->path.tenant.originator_org = S("evil.example");
}

static void fed_into_another_tenant(struct world *w)
{
    hybrid(w);
    w->path.tenant.connecting_tenant = S(FOREIGN_TENANT);
}

static void foreign_inner_signature(struct world *w)
{
    w->path.tenant.onmicrosoft_domain = S("evil.onmicrosoft.com");
}

static void inner_signature_not_verified(struct world *w)
{
    w->dkim.result = PROOF_UNKNOWN;
}

/* All Microsoft fields are perfect, written by hand on a rented server. */
static void not_microsoft(struct world *w)
{
    ip_parse(S("203.0.113.9"), &w->path.client.ip);
    w->path.client.name = S("x.outbound.protection.outlook.com");
    w->path.client.name_confirmed = false;
}

/* A rented machine in Microsoft's own network, without any name of the service. */
static void rented_from_microsoft(struct world *w)
{
    not_microsoft(w);
    w->path.client.network = (struct network){.asn = 8075, .kind = NETWORK_HOSTING, .sure = true};
    w->path.carrier.borne_out = true;
}

/* An echo written by hand: whatever its fields say, they are not looked at. */
static void not_microsoft_and_foreign(struct world *w)
{
    echo_from_the_pool(w);
    not_microsoft(w);
    w->path.tenant.repeated = true;
}

static void guessed_range(struct world *w)
{
    not_microsoft(w);
    w->path.client.network = (struct network){.kind = NETWORK_MAIL_SERVICE, .service = S("microsoft365"), .sure = false};
}

static void known_by_range(struct world *w)
{
    not_microsoft(w);
    w->path.client.network = (struct network){.kind = NETWORK_MAIL_SERVICE, .service = S("microsoft365"), .sure = true};
}

static void peer_not_told(struct world *w)
{
    not_microsoft(w);
    w->path.client.ip.family = IP_NONE;
    w->path.edge_known = false;
}

static void proved_by_certificate(struct world *w)
{
    not_microsoft(w);
    w->arrival.tls.cert_verified = true;
    w->arrival.tls.cert_subject = S("CN=mail.protection.outlook.com");
}

static void certificate_with_more(struct world *w)
{
    proved_by_certificate(w);
    w->arrival.tls.cert_subject = S("C=US, O=Microsoft Corporation, CN=mail.protection.outlook.com, OU=x");
}

static void certificate_of_another(struct world *w)
{
    proved_by_certificate(w);
    w->arrival.tls.cert_subject = S("CN=mail.protection.outlook.com.evil.example");
}

static void certificate_not_verified(struct world *w)
{
    not_microsoft(w);
    w->arrival.tls.cert_subject = S("CN=mail.protection.outlook.com");
}

static void field_twice(struct world *w)
{
    w->path.tenant.repeated = true;
}

static void tenant_not_named(struct world *w)
{
    w->path.tenant.cross_tenant_id = S("");
}

static void null_sender(struct world *w)
{
    w->arrival.mail_from_state = SENDER_NULL;
    w->arrival.mail_from = S("");
}

static void delivery_report(struct world *w)
{
    null_sender(w);
    w->root.type = S("multipart"), w->root.subtype = S("report");
    w->report_type = (struct parameter){S("report-type"), S("delivery-status")};
    w->root.params.at = &w->report_type, w->root.params.len = 1;
    w->path.tenant.pool = S("relay");
}

static void delivery_report_for_another(struct world *w)
{
    delivery_report(w);
    w->message.from.len = 2;
    w->from[1].domain = w->from[1].domain_ascii = S("elsewhere.example");
}

static void automatic_reply(struct world *w)
{
    null_sender(w);
    w->fields[1].name = S("Auto-Submitted");
    w->fields[1].value = S("auto-replied");
}

/* As Exchange writes its replies of people who are away. */
static void reply_of_exchange(struct world *w)
{
    automatic_reply(w);
    w->fields[1].value = S("auto-generated");
}

static void reply_by_hand(struct world *w)
{
    automatic_reply(w);
    w->fields[1].value = S("no");
}

static void pool_not_opted_in(struct world *w)
{
    w->path.tenant.pool = S("relay");
}

static void pool_opted_in(struct world *w)
{
    w->path.tenant.pool = S("relay");
    w->customer[0].relay_pool = true;
}

static void from_of_another_customer(struct world *w)
{
    w->message.from.len = 2;
    w->from[1].domain = w->from[1].domain_ascii = S("second.example");
}

/* A tenant's user forwards: From is a stranger's, MAIL FROM was rewritten to the tenant's own. */
static void forwarded(struct world *w)
{
    w->from[0].domain = w->from[0].domain_ascii = S("elsewhere.example");
}

static void foreign_mail_from(struct world *w)
{
    w->arrival.mail_from = S("bounce@elsewhere.example");
}

static void sender_unknown(struct world *w)
{
    w->arrival.mail_from_state = SENDER_UNKNOWN;
    w->arrival.mail_from = S("");
}

/* A copy in a mailbox: the envelope is gone, Return-Path and Received stand on top in this order or the other. */
static void kept_copy(struct world *w, bool return_path_first, const char *sender)
{
    struct span line = arena_print(w->arena, "Return-Path: <%s>\r\n", sender), received = S("Received: from a by b; now\r\n");
    struct span raw = return_path_first ? arena_print(w->arena, "%s%s", line.at, received.at) : arena_print(w->arena, "%s%s", received.at, line.at);
    w->fields[0] = (struct field){.id = FIELD_RETURN_PATH, .name = S("Return-Path"), .value = arena_print(w->arena, "<%s>", sender),
                                  .whole = {raw.at + (return_path_first ? 0 : received.len), line.len}};
    w->fields[1] = (struct field){.id = FIELD_RECEIVED, .name = S("Received"), .whole = {raw.at + (return_path_first ? line.len : 0), received.len}};
    w->path.hops.at = arena_one(w->arena, struct hop);
    w->path.hops.len = 1;
    w->path.hops.at[0].field = &w->fields[1];
    w->path.edge = 0;
    sender_unknown(w);
}

static void copy_with_return_path(struct world *w)
{
    kept_copy(w, true, "anna@brand.example");
}

static void copy_with_foreign_return_path(struct world *w)
{
    kept_copy(w, true, "anna@evil.example");
}

static void copy_with_return_path_below(struct world *w)
{
    kept_copy(w, false, "anna@brand.example");
}

static void nobody(struct world *w)
{
    forwarded(w);
    foreign_mail_from(w);
}

static void nobodys_report(struct world *w)
{
    delivery_report(w);
    forwarded(w);
}

static const struct {
    const char *name;
    void (*alter)(struct world *w);
    enum relay_answer leave, sign;
    bool agree;
    const char *denied; /* names of the proofs that deny, in order */
    const char *said;   /* in the reason */
} rows[] = {
    {"hosted", hosted, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"hybrid", hybrid, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"echo", echo, RELAY_DENY, RELAY_DENY, true, "tenant originator-org connecting-address inner-signature ", FOREIGN_TENANT},
    {"echo-pool", echo_from_the_pool, RELAY_DENY, RELAY_DENY, true,
     "pool tenant originator-org connecting-address inner-signature ", "pool for relayed mail"},
    {"foreign-server", foreign_server_into_own_tenant, RELAY_DENY, RELAY_DENY, true, "connecting-address ", "203.0.113.9"},
    {"foreign-org", foreign_organisation_alone, RELAY_DENY, RELAY_DENY, false, "originator-org agreement ", "evil.example"},
    {"fed-elsewhere", fed_into_another_tenant, RELAY_DENY, RELAY_DENY, false, "connecting-tenant agreement ", "another tenant"},
    {"foreign-inner", foreign_inner_signature, RELAY_DENY, RELAY_DENY, false, "inner-signature agreement ", "evil.onmicrosoft.com"},
    {"inner-unverified", inner_signature_not_verified, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"not-microsoft", not_microsoft, RELAY_DENY, RELAY_DENY, true, "source ", "ignored"},
    {"rented-from-microsoft", rented_from_microsoft, RELAY_DENY, RELAY_DENY, true, "source ", "ignored"},
    {"not-microsoft-foreign", not_microsoft_and_foreign, RELAY_DENY, RELAY_DENY, true, "source ", "ignored"},
    {"guessed-range", guessed_range, RELAY_DENY, RELAY_DENY, true, "source ", "ignored"},
    {"known-by-range", known_by_range, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"peer-not-told", peer_not_told, RELAY_UNKNOWN, RELAY_UNKNOWN, true, "", "Nobody told"},
    {"certificate", proved_by_certificate, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"certificate-long", certificate_with_more, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"certificate-other", certificate_of_another, RELAY_DENY, RELAY_DENY, true, "source ", "ignored"},
    {"certificate-unverified", certificate_not_verified, RELAY_DENY, RELAY_DENY, true, "source ", "ignored"},
    {"field-twice", field_twice, RELAY_DENY, RELAY_DENY, false, "agreement ", "tenant proofs disagree"},
    {"tenant-missing", tenant_not_named, RELAY_DENY, RELAY_DENY, true, "tenant ", "No tenant"},
    {"null-sender", null_sender, RELAY_DENY, RELAY_DENY, true, "null-sender ", "neither"},
    {"report", delivery_report, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"report-for-another", delivery_report_for_another, RELAY_ALLOW, RELAY_DENY, true, "", "agrees"},
    {"automatic-reply", automatic_reply, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"reply-of-exchange", reply_of_exchange, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"reply-by-hand", reply_by_hand, RELAY_DENY, RELAY_DENY, true, "null-sender ", "neither"},
    {"pool", pool_not_opted_in, RELAY_DENY, RELAY_DENY, true, "pool ", "pool for relayed mail"},
    {"pool-opted-in", pool_opted_in, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"other-customer", from_of_another_customer, RELAY_DENY, RELAY_DENY, true, "from ", "another customer"},
    {"forwarded", forwarded, RELAY_ALLOW, RELAY_DENY, true, "", "agrees"},
    {"foreign-mail-from", foreign_mail_from, RELAY_DENY, RELAY_DENY, true, "mail-from ", "MAIL FROM"},
    {"mail-from-unknown", sender_unknown, RELAY_UNKNOWN, RELAY_UNKNOWN, true, "", "not known"},
    {"copy-with-return-path", copy_with_return_path, RELAY_ALLOW, RELAY_ALLOW, true, "", "agrees"},
    {"copy-with-foreign-return-path", copy_with_foreign_return_path, RELAY_DENY, RELAY_DENY, true, "mail-from ", "MAIL FROM"},
    {"copy-with-return-path-below", copy_with_return_path_below, RELAY_UNKNOWN, RELAY_UNKNOWN, true, "", "not known"},
    {"nobody", nobody, RELAY_DENY, RELAY_DENY, true, "from mail-from ", "Neither"},
    {"nobodys-report", nobodys_report, RELAY_DENY, RELAY_DENY, true, "from ", "Neither"},
};

static void each_road(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        world_hosted(&w);
        rows[i].alter(&w);
        relay_examine(w.arena, &w.customers, &w.arrival, &w.message, &w.path, &w.proof, &w.use);
        struct buf denied = {.arena = w.arena};
        vec_each(proof, &w.use.proofs)
            if (proof->answer == RELAY_DENY)
                buf_print(&denied, "%.*s ", SPAN_FMT(proof->name));
        if (!w.use.applies || w.use.leave != rows[i].leave || w.use.sign != rows[i].sign || w.use.agree != rows[i].agree ||
            !span_eq(buf_span(&denied), span_of(rows[i].denied)) || !span_find(w.use.reason, span_of(rows[i].said)))
            fail_msg("%s: leave %s, sign %s, agree %d, denied by \"%.*s\": %.*s", rows[i].name, relay_answer_name(w.use.leave),
                     relay_answer_name(w.use.sign), w.use.agree, SPAN_FMT(buf_span(&denied)), SPAN_FMT(w.use.reason));
        arena_free(&w.arena);
    }
}

static void applies_to_outbound_only(void **state)
{
    struct world w;
    world_hosted(&w);
    w.arrival.direction = DIRECTION_INBOUND;
    relay_examine(w.arena, &w.customers, &w.arrival, &w.message, &w.path, &w.proof, &w.use);
    assert_false(w.use.applies);
    assert_int_equal(w.use.leave, RELAY_NOT_APPLICABLE);
    w.arrival.direction = DIRECTION_OUTBOUND;
    relay_examine(w.arena, NULL, &w.arrival, &w.message, &w.path, &w.proof, &w.use);
    assert_false(w.use.applies);
    arena_free(&w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_road), cmocka_unit_test(applies_to_outbound_only)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
