#include "world.h"

static void denied_by(struct world *w, const char *name)
{
    w->arrival.direction = DIRECTION_OUTBOUND;
    w->relay = (struct relay_use){.applies = true, .customer = &w->customer, .leave = RELAY_DENY, .sign = RELAY_DENY};
    *vec_push(w->arena, &w->relay.proofs) =
        (struct relay_proof){.name = span_of(name), .answer = RELAY_DENY, .value = S("value"), .reason = S("Reason.")};
}
static void allowed(struct world *w)
{
    denied_by(w, "tenant");
    w->relay.leave = w->relay.sign = w->relay.proofs.at[0].answer = RELAY_ALLOW;
}
static void not_known(struct world *w)
{
    denied_by(w, "tenant");
    w->relay.leave = w->relay.sign = w->relay.proofs.at[0].answer = RELAY_UNKNOWN;
}
static void inbound(struct world *w)
{
    denied_by(w, "tenant");
    w->relay.applies = false;
}
#define DENIED(function, name)                                                                                         \
    static void function(struct world *w)                                                                              \
    {                                                                                                                  \
        denied_by(w, name);                                                                                            \
    }
DENIED(by_source, "source")
DENIED(by_null_sender, "null-sender")
DENIED(by_pool, "pool")
DENIED(by_tenant, "tenant")
DENIED(by_originator, "originator-org")
DENIED(by_connecting_tenant, "connecting-tenant")
DENIED(by_connecting_address, "connecting-address")
DENIED(by_signature, "inner-signature")
DENIED(by_agreement, "agreement")
DENIED(by_from, "from")
DENIED(by_mail_from, "mail-from")
static void nobody(struct world *w)
{
    denied_by(w, "source");
    w->relay.customer = NULL;
}

static void nobody_and_not_known(struct world *w)
{
    nobody(w);
    w->relay.leave = RELAY_UNKNOWN;
}

const struct evidence_case relay_cases[] = {
    {"relay-source", "allowed", by_source, allowed},
    {"relay-null-sender", "allowed", by_null_sender, allowed},
    {"relay-pool-denied", "allowed", by_pool, allowed},
    {"relay-tenant", "allowed", by_tenant, allowed},
    {"relay-tenant", "not known", by_tenant, not_known},
    {"relay-tenant", "inbound", by_tenant, inbound},
    {"relay-organisation", "allowed", by_originator, allowed},
    {"relay-connecting-tenant", "allowed", by_connecting_tenant, allowed},
    {"relay-connecting-server", "allowed", by_connecting_address, allowed},
    {"relay-inner-signature", "allowed", by_signature, allowed},
    {"relay-disagreement", "allowed", by_agreement, allowed},
    {"relay-other-customer", "allowed", by_from, allowed},
    {"relay-mail-from", "allowed", by_mail_from, allowed},
    {"relay-nobody", "not known", nobody, nobody_and_not_known},
    {"relay-nobody", "a customer's", nobody, by_source},
    {0},
};
