#include "relay/relay.h"

/* One examination: what came in, and the list of proofs being filled. */
struct examination {
    struct arena *arena;
    const struct customers *customers;
    const struct arrival *arrival;
    const struct message *message;
    const struct path *path;
    const struct proof *proof;
    const struct customer *customer;
    struct span sender; /* MAIL FROM */
    enum sender_state sender_state;
    enum relay_answer source;
    bool report; /* a delivery or disposition report */
    struct relay_use *out;
};

const char *relay_answer_name(enum relay_answer answer)
{
    static const char *const names[] = {"not-applicable", "allow", "deny", "unknown"};
    return names[answer];
}

static enum relay_answer answer_add(struct examination *at, const char *name, enum relay_answer answer, struct span value,
                                    struct span reason)
{
    *vec_push(at->arena, &at->out->proofs) =
        (struct relay_proof){.name = span_of(name), .answer = answer, .value = value, .reason = reason};
    return answer;
}

/* ---- whose */
static bool customer_has_domain(const struct customer *customer, struct span domain)
{
    vec_each(own, &customer->domains)
        if (domain.len && domain_is_or_under(domain, *own))
            return true;
    return false;
}

static bool customer_has_organisation(const struct customer *customer, struct span domain)
{
    vec_each(own, &customer->organisations)
        if (domain.len && domain_is_or_under(domain, *own))
            return true;
    return false;
}

static bool customer_has_tenant(const struct customer *customer, struct span tenant)
{
    vec_each(own, &customer->tenants)
        if (span_eq_case(tenant, *own))
            return true;
    return false;
}

static const struct customer *customer_of(const struct customers *customers, struct span domain)
{
    vec_each(customer, &customers->list)
        if (customer_has_domain(customer, domain) || customer_has_organisation(customer, domain))
            return customer;
    return NULL;
}

static struct span mailbox_domain(const struct mailbox *mailbox)
{
    return mailbox->domain_ascii.len ? mailbox->domain_ascii : mailbox->domain;
}

static struct span mail_from_domain(const struct examination *at)
{
    struct span sender = at->sender;
    const char *sign = at->sender_state == SENDER_GIVEN && sender.len ? memrchr(sender.at, '@', sender.len) : NULL;
    return sign ? span_from(sign + 1, sender.at + sender.len) : (struct span){0};
}

static const struct customer *customer_claimed(const struct examination *at)
{
    const struct customer *customer = NULL;
    vec_each(mailbox, &at->message->from)
        if (!customer)
            customer = customer_of(at->customers, mailbox_domain(mailbox));
    return customer ? customer : customer_of(at->customers, mail_from_domain(at));
}

/* ---- the proofs, in the order of the face */

static bool is_microsoft_name(struct span name)
{
    return domain_is_or_under(name, S("protection.outlook.com"));
}

/* The subject as "CN=name, O=..." or the name alone; a longer name that only begins so is another's. */
static bool is_microsoft_certificate(struct span subject)
{
    static const struct span name = {"mail.protection.outlook.com", sizeof "mail.protection.outlook.com" - 1};
    const char *begins = span_find_case(subject, S("CN="));
    if (!begins)
        return span_eq_case(subject, name);
    struct span common = span_trim(span_from(begins + 3, subject.at + subject.len));
    if (!span_starts_case(common, name))
        return false;
    common = span_skip(common, name.len);
    return !common.len || common.at[0] == ',' || common.at[0] == '/' || common.at[0] == '+';
}

/* Not by the number of the network: in Microsoft's anybody can rent a machine. */
static bool peer_is_microsoft(const struct examination *at)
{
    const struct path *path = at->path;
    const struct arrival *arrival = at->arrival;
    if (path->client.network.sure && span_eq(path->client.network.service, S("microsoft365")))
        return true;
    if (path->client.name_confirmed && is_microsoft_name(path->client.name))
        return true;
    return arrival->tls.cert_verified && is_microsoft_certificate(arrival->tls.cert_subject);
}

static void source_examine(struct examination *at)
{
    struct span client = ip_text(at->arena, &at->path->client.ip);
    if (peer_is_microsoft(at))
        at->source = answer_add(at, "source", RELAY_ALLOW, client, S("The peer is a server of Microsoft 365."));
    else if (!at->path->edge_known || at->path->client.ip.family == IP_NONE)
        at->source = answer_add(at, "source", RELAY_UNKNOWN, client, S("Nobody told which peer handed the message over."));
    else
        at->source = answer_add(at, "source", RELAY_DENY, client,
                                S("The peer is no server of Microsoft 365; its Microsoft fields are ignored."));
}

/* RFC 3462, 3464, 8098; RFC 3834 for automatic replies, which Exchange sends from <> too and calls auto-generated. */
static bool is_report(const struct message *message)
{
    const struct part *root = message->root;
    if (!root || !span_eq(root->type, S("multipart")) || !span_eq(root->subtype, S("report")))
        return false;
    vec_each(param, &root->params)
        if (span_eq(param->name, S("report-type")))
            return span_eq_case(param->value, S("delivery-status")) || span_eq_case(param->value, S("disposition-notification"));
    return false;
}

static bool is_automatic_reply(const struct message *message)
{
    const struct field *field = message_field_named(message, S("Auto-Submitted"), 0);
    struct span value = field ? span_trim(field->value) : (struct span){0};
    return span_starts_case(value, S("auto-replied")) || span_starts_case(value, S("auto-generated"));
}

static void null_sender_examine(struct examination *at)
{
    at->report = at->sender_state == SENDER_NULL && is_report(at->message);
    if (at->sender_state == SENDER_UNKNOWN)
        answer_add(at, "null-sender", RELAY_UNKNOWN, S(""), S("The envelope sender is not known."));
    else if (at->sender_state == SENDER_GIVEN)
        answer_add(at, "null-sender", RELAY_NOT_APPLICABLE, S(""), S("The envelope names a sender."));
    else if (at->report)
        answer_add(at, "null-sender", RELAY_ALLOW, S("<>"), S("A delivery or disposition report, as the null sender wants it."));
    else if (is_automatic_reply(at->message))
        answer_add(at, "null-sender", RELAY_ALLOW, S("<>"), S("An automatic reply, which may have the null sender."));
    else
        answer_add(at, "null-sender", RELAY_DENY, S("<>"),
                   S("The null sender is for reports and automatic replies; this message is neither."));
}

/* Nothing that stands in a Microsoft field counts unless Microsoft itself handed the message over. */
static bool fields_ignored(struct examination *at, const char *name)
{
    if (at->source == RELAY_ALLOW && at->customer)
        return false;
    answer_add(at, name, RELAY_UNKNOWN, S(""),
               at->source == RELAY_ALLOW ? S("Neither From nor MAIL FROM belongs to a customer, so there is nothing to compare with.")
                                         : S("Ignored: anybody can write this field, and the peer is not shown to be Microsoft's."));
    return true;
}

static void pool_examine(struct examination *at)
{
    struct span pool = at->path->tenant.pool;
    if (fields_ignored(at, "pool"))
        return;
    if (!span_eq(pool, S("relay")))
        answer_add(at, "pool", pool.len ? RELAY_ALLOW : RELAY_UNKNOWN, pool,
                   pool.len ? S("Not from the pool for relayed mail.") : S("Which pool the peer belongs to is not known."));
    else if (at->customer->relay_pool)
        answer_add(at, "pool", RELAY_ALLOW, pool, S("From the pool for relayed mail, which this customer has opted in to."));
    else if (at->report)
        answer_add(at, "pool", RELAY_ALLOW, pool, S("From the pool for relayed mail, which carries reports too."));
    else
        answer_add(at, "pool", RELAY_DENY, pool,
                   S("From Microsoft's pool for relayed mail: the tenant could not prove that the message is its own."));
}

static void tenant_examine(struct examination *at)
{
    struct span id = at->path->tenant.cross_tenant_id;
    if (fields_ignored(at, "tenant"))
        return;
    if (!id.len)
        answer_add(at, "tenant", RELAY_DENY, id, S("No tenant is named (X-MS-Exchange-CrossTenant-Id is missing)."));
    else if (customer_has_tenant(at->customer, id))
        answer_add(at, "tenant", RELAY_ALLOW, id, S("The tenant is the customer's."));
    else
        answer_add(at, "tenant", RELAY_DENY, id,
                   arena_print(at->arena, "The message comes from tenant %.*s, which is not %.*s's.", SPAN_FMT(id),
                               SPAN_FMT(at->customer->name)));
}

static void originator_examine(struct examination *at)
{
    struct span org = at->path->tenant.originator_org;
    if (fields_ignored(at, "originator-org"))
        return;
    if (!org.len)
        answer_add(at, "originator-org", RELAY_DENY, org, S("No organisation is named (X-OriginatorOrg is missing)."));
    else if (customer_has_domain(at->customer, org) || customer_has_organisation(at->customer, org))
        answer_add(at, "originator-org", RELAY_ALLOW, org, S("The sending organisation is the customer's."));
    else
        answer_add(at, "originator-org", RELAY_DENY, org,
                   arena_print(at->arena, "The sending organisation is %.*s, which is not %.*s's.", SPAN_FMT(org),
                               SPAN_FMT(at->customer->name)));
}

static void connecting_tenant_examine(struct examination *at)
{
    const struct tenant *tenant = &at->path->tenant;
    struct span id = tenant->connecting_tenant;
    if (fields_ignored(at, "connecting-tenant"))
        return;
    if (!id.len && tenant->connecting_ip.family == IP_NONE)
        answer_add(at, "connecting-tenant", RELAY_NOT_APPLICABLE, id, S("Nobody fed the tenant from outside."));
    else if (id.len && span_eq_case(id, tenant->cross_tenant_id))
        answer_add(at, "connecting-tenant", RELAY_ALLOW, id, S("The tenant that was fed is the one that sends."));
    else
        answer_add(at, "connecting-tenant", RELAY_DENY, id, S("The message was fed into another tenant than the one that sends."));
}

static void connecting_address_examine(struct examination *at)
{
    const struct tenant *tenant = &at->path->tenant;
    struct span address = ip_text(at->arena, &tenant->connecting_ip);
    if (fields_ignored(at, "connecting-address"))
        return;
    if (!address.len && !tenant->connecting_tenant.len) {
        answer_add(at, "connecting-address", RELAY_NOT_APPLICABLE, address, S("Nobody fed the tenant from outside."));
        return;
    }
    vec_each(prefix, &at->customer->on_premises)
        if (ip_within(&tenant->connecting_ip, &prefix->network, prefix->bits)) {
            answer_add(at, "connecting-address", RELAY_ALLOW, address, S("The tenant was fed by a server of the customer's."));
            return;
        }
    answer_add(at, "connecting-address", RELAY_DENY, address,
               arena_print(at->arena, "The tenant was fed by %.*s (%.*s), which is no server of %.*s's.",
                           SPAN_FMT(address.len ? address : S("an address not told")),
                           SPAN_FMT(tenant->connecting_helo.len ? tenant->connecting_helo : S("no name")),
                           SPAN_FMT(at->customer->name)));
}

static enum proof_result inner_signature_result(const struct examination *at)
{
    vec_each(dkim, &at->proof->dkim)
        if (dkim->field && dkim->field == at->path->tenant.onmicrosoft_field)
            return dkim->result;
    return PROOF_UNKNOWN;
}

static void inner_signature_examine(struct examination *at)
{
    struct span domain = at->path->tenant.onmicrosoft_domain;
    if (fields_ignored(at, "inner-signature"))
        return;
    bool listed = false;
    vec_each(organisation, &at->customer->organisations)
        listed |= domain_is_or_under(*organisation, S("onmicrosoft.com"));
    if (!domain.len)
        answer_add(at, "inner-signature", RELAY_NOT_APPLICABLE, domain, S("No signature under onmicrosoft.com."));
    else if (!listed)
        answer_add(at, "inner-signature", RELAY_UNKNOWN, domain,
                   S("The customer's list names no domain under onmicrosoft.com to compare with."));
    else if (!customer_has_organisation(at->customer, domain))
        answer_add(at, "inner-signature", RELAY_DENY, domain,
                   arena_print(at->arena, "The inner signature names %.*s, a tenant that is not %.*s's.", SPAN_FMT(domain),
                               SPAN_FMT(at->customer->name)));
    else if (inner_signature_result(at) == PROOF_PASS)
        answer_add(at, "inner-signature", RELAY_ALLOW, domain, S("The tenant's own signature holds."));
    else
        answer_add(at, "inner-signature", RELAY_UNKNOWN, domain, S("The tenant's own signature was not verified; it counts for nothing."));
}

/* Two of the tenant's proofs contradict each other where one is the customer's and another names somebody else. */
static bool proofs_contradict(const struct relay_use *use)
{
    bool own = false, other = false;
    vec_each(proof, &use->proofs) {
        bool connecting = span_eq(proof->name, S("connecting-tenant")); /* compared with the tenant, not with the customer */
        if (!connecting && !span_eq(proof->name, S("tenant")) && !span_eq(proof->name, S("originator-org")) &&
            !span_eq(proof->name, S("inner-signature")))
            continue;
        own |= proof->answer == RELAY_ALLOW && !connecting;
        other |= proof->answer == RELAY_DENY && proof->value.len;
    }
    return own && other;
}

static void agreement_examine(struct examination *at)
{
    const struct tenant *tenant = &at->path->tenant;
    at->out->agree = true;
    if (fields_ignored(at, "agreement"))
        return;
    if (!tenant->repeated && !tenant->disagree && !proofs_contradict(at->out)) {
        answer_add(at, "agreement", RELAY_ALLOW, S(""), S("The tenant proofs agree."));
        return;
    }
    at->out->agree = false;
    struct span which = tenant->disagreement.len ? tenant->disagreement
                        : tenant->repeated       ? S("a field occurs twice")
                                                 : S("one names the customer's tenant, another does not");
    answer_add(at, "agreement", RELAY_DENY, which, arena_print(at->arena, "The tenant proofs disagree: %.*s.", SPAN_FMT(which)));
}

static void from_examine(struct examination *at)
{
    bool own = at->message->from.len > 0;
    struct span shown = {0};
    if (!at->customer) {
        answer_add(at, "from", RELAY_DENY, shown, S("Neither From nor MAIL FROM belongs to a customer of this relay."));
        return;
    }
    vec_each(mailbox, &at->message->from) {
        struct span domain = mailbox_domain(mailbox);
        const struct customer *whose = customer_of(at->customers, domain);
        if (whose && whose != at->customer) {
            answer_add(at, "from", RELAY_DENY, domain, S("From names another customer's domain."));
            return;
        }
        if (!whose || !customer_has_domain(whose, domain))
            own = false;
        if (!shown.len)
            shown = domain;
    }
    answer_add(at, "from", own ? RELAY_ALLOW : RELAY_UNKNOWN, shown,
               own ? S("From is the customer's.") : S("From is nobody's among the customers; the message is not signed for it."));
}

static void mail_from_examine(struct examination *at)
{
    struct span domain = mail_from_domain(at);
    const struct customer *whose = customer_of(at->customers, domain);
    if (at->sender_state == SENDER_NULL)
        answer_add(at, "mail-from", RELAY_NOT_APPLICABLE, S("<>"), S("The null sender is nobody's domain."));
    else if (at->sender_state == SENDER_UNKNOWN)
        answer_add(at, "mail-from", RELAY_UNKNOWN, S(""), S("The envelope sender is not known."));
    else if (whose && whose == at->customer)
        answer_add(at, "mail-from", RELAY_ALLOW, domain, S("MAIL FROM is the customer's."));
    else
        answer_add(at, "mail-from", RELAY_DENY, domain,
                   at->customer ? S("MAIL FROM is not the customer's.") : S("MAIL FROM belongs to no customer of this relay."));
}

/* The two proofs that say something of their own when unknown: without them nothing is allowed. */
static bool wants_answer(const struct relay_proof *proof)
{
    return span_eq(proof->name, S("source")) || span_eq(proof->name, S("mail-from"));
}

static void decide(struct examination *at)
{
    struct relay_use *out = at->out;
    const struct relay_proof *deciding = NULL;
    out->leave = RELAY_ALLOW;
    vec_each(proof, &out->proofs) {
        if (proof->answer == RELAY_DENY && out->leave != RELAY_DENY) {
            out->leave = RELAY_DENY;
            deciding = proof;
        } else if (proof->answer == RELAY_UNKNOWN && wants_answer(proof) && out->leave == RELAY_ALLOW) {
            out->leave = RELAY_UNKNOWN;
            deciding = proof;
        }
    }
    bool own = false;
    vec_each(proof, &out->proofs)
        own |= span_eq(proof->name, S("from")) && proof->answer == RELAY_ALLOW;
    out->sign = out->leave != RELAY_ALLOW ? out->leave : own && out->agree ? RELAY_ALLOW : RELAY_DENY;
    out->reason = deciding ? deciding->reason : S("Every proof of origin agrees.");
}

void relay_examine(struct arena *arena, const struct customers *customers, const struct arrival *arrival,
                   const struct message *message, const struct path *path, const struct proof *proof, struct relay_use *out)
{
    struct examination at = {.arena = arena, .customers = customers, .arrival = arrival, .message = message,
                             .path = path, .proof = proof, .out = out};
    *out = (struct relay_use){.agree = true};
    if (!customers || !customers->list.len || arrival->direction != DIRECTION_OUTBOUND)
        return;
    out->applies = true;
    at.sender_state = sender_told(arrival, message, path, &at.sender);
    out->customer = at.customer = customer_claimed(&at);
    source_examine(&at);
    null_sender_examine(&at);
    pool_examine(&at);
    tenant_examine(&at);
    originator_examine(&at);
    connecting_tenant_examine(&at);
    connecting_address_examine(&at);
    inner_signature_examine(&at);
    agreement_examine(&at);
    from_examine(&at);
    mail_from_examine(&at);
    decide(&at);
}
