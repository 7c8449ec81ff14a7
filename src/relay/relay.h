/* relay: whose relay a message uses, which proofs of origin agree, may it leave, may it be signed.
 *
 * For the operator of a filtering relay behind Microsoft 365 tenants (the road of EchoSpoofing). Default deny: a message
 * that claims a customer's domain leaves only with a tenant that is the customer's; a signature is a consequence of proof.
 * In: the list of customers, path and proofs. Out: facts and what follows from them; no score, no I/O but customers_load.
 *
 * What decides, in this order; the first denial gives the reason:
 *   source              the peer is Microsoft's by network, confirmed name or verified certificate. Of any other peer the
 *                       Microsoft fields are ignored: they are words that anybody can write
 *   null-sender         MAIL FROM <> leaves only as a delivery or disposition report, or as an automatic reply (RFC 3834)
 *   pool                Microsoft's relay pool carries what the tenant could not prove to be its own
 *   tenant              CrossTenant-Id, once, is the customer's
 *   originator-org      X-OriginatorOrg is a domain or an organisation of the customer's
 *   connecting-tenant   where somebody fed the tenant by SMTP: into that same tenant
 *   connecting-address  ... from an address of the customer's
 *   inner-signature     a signature under onmicrosoft.com names the customer's tenant
 *   agreement           no field twice, no two of these proofs for different tenants
 *   from, mail-from     belong to the customer. A From of nobody among the customers may leave (forwarded mail whose
 *                       MAIL FROM the tenant rewrote to its own), but is never signed
 */
#pragma once
#include "auth/auth.h"
#include "base/base.h"
#include "message/message.h"
#include "trace/trace.h"

struct customer {
    struct span name;
    VEC(struct span) tenants;       /* GUIDs in lower case */
    VEC(struct span) domains;       /* From and MAIL FROM domains it may use, with what is under them */
    VEC(struct span) organisations; /* accepted X-OriginatorOrg values besides the domains: tenant.onmicrosoft.com */
    VEC(struct prefix) on_premises; /* addresses that may feed its tenant */
    bool relay_pool;                /* opted in to mail from Microsoft's relay pool */
};
struct customers {
    VEC(struct customer) list;
};
/* YAML file: customers: a list of name, tenants, domains, organisations, on_premises, relay_pool (yes, no). */
int customers_load(struct arena *arena, const char *path, struct customers *out, struct err *err);

enum relay_answer { RELAY_NOT_APPLICABLE, RELAY_ALLOW, RELAY_DENY, RELAY_UNKNOWN };
struct relay_proof {
    struct span name; /* one of those above */
    enum relay_answer answer;
    struct span value;
    struct span reason; /* a sentence */
};
struct relay_use {
    bool applies;                    /* outbound, and customers are known */
    const struct customer *customer; /* whose domain From or MAIL FROM claims; NULL: nobody's */
    VEC(struct relay_proof) proofs;
    bool agree;                      /* no two of the proofs contradict each other */
    enum relay_answer leave, sign;
    struct span reason;              /* of the deciding proof */
};
const char *relay_answer_name(enum relay_answer answer); /* "not-applicable", "allow", "deny", "unknown" */
void relay_examine(struct arena *arena, const struct customers *customers, const struct arrival *arrival,
                   const struct message *message, const struct path *path, const struct proof *proof, struct relay_use *out);
