#include "verdict/judging.h"

/* The relay's guard denied: each proof that denies is evidence by its own name. A message of nobody among the customers is
 * told apart, since that is also how plain forwarding looks. */

static const struct {
    const char *name;
    enum evidence_id id;
} denials[] = {
    {"source", EVIDENCE_RELAY_SOURCE},
    {"null-sender", EVIDENCE_RELAY_NULL_SENDER},
    {"pool", EVIDENCE_RELAY_POOL_DENIED},
    {"tenant", EVIDENCE_RELAY_TENANT},
    {"originator-org", EVIDENCE_RELAY_ORIGINATOR},
    {"connecting-tenant", EVIDENCE_RELAY_CONNECTING_TENANT},
    {"connecting-address", EVIDENCE_RELAY_CONNECTING_ADDRESS},
    {"inner-signature", EVIDENCE_RELAY_SIGNATURE},
    {"agreement", EVIDENCE_RELAY_DISAGREE},
    {"from", EVIDENCE_RELAY_FROM},
    {"mail-from", EVIDENCE_RELAY_MAIL_FROM},
};

static void denial_weigh(struct judging *at, const struct relay_proof *proof)
{
    struct span third = span_eq(proof->name, S("connecting-address")) ? at->path->tenant.connecting_helo : S("");
    for (size_t i = 0; i < sizeof denials / sizeof *denials; i++)
        if (span_eq(proof->name, span_of(denials[i].name)))
            evidence_add(at, denials[i].id, S("relay"), span_eq(proof->name, S("source")) ? at->from_domain : at->relay->customer->name,
                         proof->value, third);
}

void evidence_of_relay(struct judging *at)
{
    const struct relay_use *relay = at->relay;
    if (!relay || !relay->applies || relay->leave != RELAY_DENY)
        return;
    if (!relay->customer) {
        evidence_add(at, EVIDENCE_RELAY_NOBODY, S("relay"), at->from_domain, at->arrival->mail_from, S(""));
        return;
    }
    vec_each(proof, &relay->proofs)
        if (proof->answer == RELAY_DENY)
            denial_weigh(at, proof);
}
