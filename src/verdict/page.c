/* page: what report_text reads of the facts, kept and read back. Whoever lets a page show a further member names it here. */
#include "verdict/stored.h"

#include "base/shape.h"

#define SPAN(type, name)   SHAPED_SPAN(struct type, name)
#define NUMBER(type, name) SHAPED_NUMBER(struct type, name)
#define UP_TO(type, name, most) SHAPED_UP_TO(struct type, name, most)
enum { MOST = 100 }; /* of what a stranger makes long; a page shows fewer and counts the others */

static const struct shape recipient_shape = SHAPE_OF(struct recipient, SPAN(recipient, address));
static const struct shape arrival_shape =
    SHAPE_OF(struct arrival, SPAN(arrival, source), NUMBER(arrival, received_at), UP_TO(arrival, mail_from_state, SENDER_GIVEN), SPAN(arrival, mail_from), NUMBER(arrival, local),
             SHAPED_LIST(struct arrival, rcpt_to, &recipient_shape, MOST));

static const struct shape mailbox_shape = SHAPE_OF(struct mailbox, SPAN(mailbox, name), SPAN(mailbox, address), SPAN(mailbox, domain_ascii));
static const struct shape defect_shape = SHAPE_OF(struct defect, UP_TO(defect, id, DEFECT_COUNT - 1), NUMBER(defect, offset), SPAN(defect, detail));
static const struct shape message_shape =
    SHAPE_OF(struct message, SHAPED_LIST(struct message, from, &mailbox_shape, MOST), SHAPED_LIST(struct message, to, &mailbox_shape, MOST),
             SPAN(message, subject), SHAPED_LIST(struct message, defects, &defect_shape, MOST));

static const struct shape hop_shape =
    SHAPE_OF(struct hop, SHAPED_THERE(struct hop, field), UP_TO(hop, mailer, MAILER_COUNT - 1), UP_TO(hop, trust, HOP_DOOR), SPAN(hop, from), SPAN(hop, helo),
             SPAN(hop, reverse), SHAPED_RAW(struct hop, address), SPAN(hop, by), SPAN(hop, with), SPAN(hop, tls.version), NUMBER(hop, local),
             NUMBER(hop, time), NUMBER(hop, delay), NUMBER(hop, oddities));
static const struct shape network_shape = SHAPE_OF(struct network, NUMBER(network, asn), SPAN(network, name), SPAN(network, country),
                                                   UP_TO(network, kind, NETWORK_RELAY_POOL), NUMBER(network, sure));
static const struct shape service_shape = SHAPE_OF(struct service, SPAN(service, name));
static const struct shape carrier_shape =
    SHAPE_OF(struct carrier, SHAPED_POINTED(struct carrier, service, &service_shape), NUMBER(carrier, borne_out), SPAN(carrier, account),
             SPAN(carrier, account_from), NUMBER(carrier, account_sure));
static const struct shape tenant_shape =
    SHAPE_OF(struct tenant, NUMBER(tenant, present), SPAN(tenant, originator_org), SPAN(tenant, cross_tenant_id), SPAN(tenant, connecting_tenant),
             SHAPED_RAW(struct tenant, connecting_ip), SPAN(tenant, connecting_helo), SPAN(tenant, onmicrosoft_domain), SPAN(tenant, pool),
             SPAN(tenant, auth_as), SPAN(tenant, entity), NUMBER(tenant, repeated), NUMBER(tenant, disagree), SPAN(tenant, disagreement),
             UP_TO(tenant, place, FACT_TRUSTED));
static const struct shape path_shape =
    SHAPE_OF(struct path, SHAPED_LIST(struct path, hops, &hop_shape, 0), NUMBER(path, received_fields), NUMBER(path, edge),
             NUMBER(path, edge_known), NUMBER(path, inner_edge), SHAPED_RAW(struct path, client.ip), SPAN(path, client.name),
             SHAPED_INSIDE(struct path, client.network, &network_shape), NUMBER(path, smtp),
             SHAPED_INSIDE(struct path, carrier, &carrier_shape), SHAPED_INSIDE(struct path, tenant, &tenant_shape));

static const struct shape spf_shape = SHAPE_OF(struct spf_proof, UP_TO(spf_proof, result, PROOF_NOT_APPLICABLE), SPAN(spf_proof, domain), SPAN(spf_proof, mechanism),
                                               SPAN(spf_proof, explanation), NUMBER(spf_proof, recorded), SPAN(spf_proof, reason));
static const struct shape dkim_shape =
    SHAPE_OF(struct dkim_proof, UP_TO(dkim_proof, result, PROOF_NOT_APPLICABLE), UP_TO(dkim_proof, mathematics, DKIM_HEADER_DIFFERS),
             NUMBER(dkim_proof, admitted), SPAN(dkim_proof, domain), SPAN(dkim_proof, selector), SPAN(dkim_proof, algorithm), NUMBER(dkim_proof, key_bits), NUMBER(dkim_proof, body_matches),
             NUMBER(dkim_proof, recorded), SPAN(dkim_proof, reason));
static const struct shape method_shape = SHAPE_OF(struct method_result, SPAN(method_result, method), UP_TO(method_result, result, PROOF_NOT_APPLICABLE));
static const struct shape recorded_shape =
    SHAPE_OF(struct results_field, SPAN(results_field, authserv_id), UP_TO(results_field, doubt, DOUBT_BELOW_EDGE), NUMBER(results_field, trusted),
             SHAPED_LIST(struct results_field, results, &method_shape, MOST));
static const struct shape set_shape = SHAPE_OF(struct arc_set, SPAN(arc_set, seal_domain), SHAPED_INSIDE(struct arc_set, recorded, &recorded_shape));
static const struct shape dmarc_shape =
    SHAPE_OF(struct dmarc_proof, UP_TO(dmarc_proof, result, PROOF_NOT_APPLICABLE), SPAN(dmarc_proof, from_domain), SPAN(dmarc_proof, policy),
             NUMBER(dmarc_proof, spf_aligned), NUMBER(dmarc_proof, dkim_aligned), SPAN(dmarc_proof, suffix_organisation), NUMBER(dmarc_proof, suffix_differs),
             SPAN(dmarc_proof, suffix_note), NUMBER(dmarc_proof, recorded), SPAN(dmarc_proof, reason));
static const struct shape proof_shape =
    SHAPE_OF(struct proof, SHAPED_INSIDE(struct proof, spf, &spf_shape), SHAPED_INSIDE(struct proof, spf_helo, &spf_shape),
             SHAPED_LIST(struct proof, dkim, &dkim_shape, 0), UP_TO(proof, arc.result, PROOF_NOT_APPLICABLE), NUMBER(proof, arc.recorded), SPAN(proof, arc.reason),
             SHAPED_LIST(struct proof, arc.sets, &set_shape, 0), SHAPED_INSIDE(struct proof, dmarc, &dmarc_shape),
             SHAPED_LIST(struct proof, recorded, &recorded_shape, MOST), UP_TO(proof, basis, BASIS_TRUSTED_HEADER), SPAN(proof, trusted_by));

static const struct shape customer_shape = SHAPE_OF(struct customer, SPAN(customer, name));
static const struct shape relay_proof_shape =
    SHAPE_OF(struct relay_proof, SPAN(relay_proof, name), UP_TO(relay_proof, answer, RELAY_UNKNOWN), SPAN(relay_proof, value), SPAN(relay_proof, reason));
static const struct shape relay_shape =
    SHAPE_OF(struct relay_use, NUMBER(relay_use, applies), SHAPED_POINTED(struct relay_use, customer, &customer_shape),
             SHAPED_LIST(struct relay_use, proofs, &relay_proof_shape, 0), UP_TO(relay_use, leave, RELAY_UNKNOWN), UP_TO(relay_use, sign, RELAY_UNKNOWN));

static const struct shape redirector_shape = SHAPE_OF(struct redirector, SPAN(redirector, name));
static const struct shape link_shape = SHAPE_OF(struct link_fact, SPAN(link_fact, host), SPAN(link_fact, target.href), SPAN(link_fact, owner),
                                                SHAPED_POINTED(struct link_fact, through, &redirector_shape));
static const struct shape file_shape = SHAPE_OF(struct file_fact, SPAN(file_fact, name), SPAN(file_fact, kind), NUMBER(file_fact, traits), NUMBER(file_fact, shown));
static const struct shape lure_shape = SHAPE_OF(struct lure_fact, NUMBER(lure_fact, strong));
static const struct shape content_shape =
    SHAPE_OF(struct content, NUMBER(content, words.forwarded.present), NUMBER(content, words.forwarded.bare),
             SHAPED_INSIDE(struct content, words.forwarded.from, &mailbox_shape), SPAN(content, words.forwarded.subject),
             SHAPED_ARRAY(struct content, words.lures, &lure_shape), NUMBER(content, words.cut),
             SHAPED_POINTED(struct content, links.main, &link_shape), SHAPED_LIST(struct content, files.list, &file_shape, MOST));

static const struct shape brand_shape = SHAPE_OF(struct brand, SPAN(brand, name));
static const struct shape brand_claim_shape = SHAPE_OF(struct brand_claim, SHAPED_POINTED(struct brand_claim, brand, &brand_shape),
                                                       NUMBER(brand_claim, from_own), NUMBER(brand_claim, proved));
static const struct shape claim_shape = SHAPE_OF(struct claim, SHAPED_POINTED(struct claim, main, &brand_claim_shape),
                                                 NUMBER(claim, vouching.main_out), NUMBER(claim, vouching.main_told));

static const struct shape listing_shape =
    SHAPE_OF(struct listing, SPAN(listing, zone), UP_TO(listing, asks, LIST_LINKS), UP_TO(listing, state, LISTING_STATES - 1), SPAN(listing, subject),
             SPAN(listing, answers));
static const struct shape testimony_shape =
    SHAPE_OF(struct testimony, SHAPED_LIST(struct testimony, listings, &listing_shape, 0), NUMBER(testimony, links_left), NUMBER(testimony, scanned),
             UP_TO(testimony, scanner.word, CLAMD_WORDS - 1), SPAN(testimony, scanner.name), SPAN(testimony, scanner.why));

static const struct shape page_shape =
    SHAPE_OF(struct report, SHAPED_POINTED(struct report, arrival, &arrival_shape), SHAPED_POINTED(struct report, message, &message_shape),
             SHAPED_POINTED(struct report, path, &path_shape), SHAPED_POINTED(struct report, proof, &proof_shape),
             SHAPED_POINTED(struct report, relay, &relay_shape), SHAPED_POINTED(struct report, content, &content_shape),
             SHAPED_POINTED(struct report, claim, &claim_shape), SHAPED_POINTED(struct report, testimony, &testimony_shape));

/* Numbers of defects, lures and mailers mean what this program's lists say: their names are part of the version. */
static uint64_t page_version(void)
{
    static uint64_t version;
    if (version)
        return version;
    uint32_t print = shape_print_of(&page_shape);
    for (int id = 0; id < DEFECT_COUNT; id++)
        for (const char *name = defect_name((enum defect_id)id); *name; name++)
            print = (print ^ (uint8_t)*name) * 16777619u;
    for (int id = 0; id < LURE_COUNT; id++)
        for (const char *name = lure_name((enum lure_id)id); *name; name++)
            print = (print ^ (uint8_t)*name) * 16777619u;
    for (int mailer = MAILER_UNKNOWN; mailer < MAILER_COUNT; mailer++)
        for (const char *name = mailer_name((enum mailer)mailer); *name; name++)
            print = (print ^ (uint8_t)*name) * 16777619u;
    return version = print;
}

void report_page_write(const struct report *report, struct buf *out)
{
    number_write(out, page_version());
    shape_write(&page_shape, report, out);
}

bool report_page_read(struct arena *arena, struct span bytes, struct report *out)
{
    uint64_t version;
    struct report read = {0};
    if (!number_read(&bytes, &version) || version != page_version() || !shape_read(arena, &page_shape, &bytes, &read) || bytes.len ||
        !read.arrival || !read.message || !read.path || !read.proof)
        return false;
    out->arrival = read.arrival;
    out->message = read.message;
    out->path = read.path;
    out->proof = read.proof;
    out->relay = read.relay;
    out->content = read.content;
    out->claim = read.claim;
    out->testimony = read.testimony;
    return true;
}
