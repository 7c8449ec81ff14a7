#include "world.h"

static struct field field_made(enum field_id id, const char *name, const char *value, struct span raw, size_t offset)
{
    return (struct field){.id = id, .name = span_of(name), .value = span_of(value),
                          .whole = span_first(span_skip(raw, offset), strlen(name) + strlen(value) + 3)};
}

/* 0 Authentication-Results (ours), 1 Received (edge), 2 DKIM, 3 Received (inner), 4 AR (inner), 5 DKIM (below), ... 11 From */
static void fields_make(struct world *w)
{
    static const char raw[] = "From: Anna <anna@brand.example>\r\nSubject: x\r\n\r\nHello\r\n";
    w->message.raw = w->arrival.raw = S(raw);
    w->message.head = span_first(w->message.raw, 45);
    w->fields[0] = field_made(FIELD_AUTHENTICATION_RESULTS, "Authentication-Results", "", w->message.raw, 50);
    w->fields[1] = field_made(FIELD_RECEIVED, "Received", "", w->message.raw, 50);
    w->fields[2] = field_made(FIELD_DKIM_SIGNATURE, "DKIM-Signature", "", w->message.raw, 50);
    w->fields[3] = field_made(FIELD_RECEIVED, "Received", "", w->message.raw, 50);
    w->fields[4] = field_made(FIELD_AUTHENTICATION_RESULTS, "Authentication-Results", "", w->message.raw, 50);
    w->fields[5] = field_made(FIELD_DKIM_SIGNATURE, "DKIM-Signature", "", w->message.raw, 50);
    for (size_t i = 6; i < 11; i++)
        w->fields[i] = field_made(FIELD_OTHER, "X-Other", "", w->message.raw, 50);
    w->fields[11] = field_made(FIELD_FROM, "From", "Anna <anna@brand.example>", w->message.raw, 0);
    w->message.fields.at = w->fields;
    w->message.fields.len = 12;
    w->from[0] = (struct mailbox){.name = S("Anna"), .address = S("anna@brand.example"), .domain = S("brand.example"),
                                  .domain_ascii = S("brand.example")};
    w->message.from.at = w->from;
    w->message.from.len = 1;
    w->message.subject = S("Hello");
    w->message.message_id = S("<1@brand.example>");
    w->message.date = 1767268800;
}

static void path_make(struct world *w)
{
    ip_parse(S("198.51.100.7"), &w->path.client.ip);
    w->path.client.name = w->path.client.helo = S("mail.brand.example");
    w->path.client.name_confirmed = true;
    w->path.smtp = w->path.edge_known = true;
    w->hops[0] = (struct hop){.field = &w->fields[1], .trust = HOP_TRUSTED, .from = S("mail.brand.example"),
                              .helo = S("mail.brand.example"), .by = S("mx.here.example"), .with = S("ESMTPS"),
                              .address = w->path.client.ip, .time = 1767268860, .delay = 20};
    w->hops[1] = (struct hop){.field = &w->fields[3], .trust = HOP_CLAIM, .from = S("desk.brand.example"),
                              .by = S("mail.brand.example"), .with = S("ESMTPSA"), .time = 1767268840,
                              .delay = TIME_UNKNOWN};
    w->path.hops.at = w->hops;
    w->path.hops.len = w->path.received_fields = 2;
    w->path.edge = 0;
}

static void proof_make(struct world *w)
{
    w->proof.basis = BASIS_VERIFIED;
    w->proof.summary = S("SPF pass brand.example, DKIM pass brand.example, DMARC pass");
    w->proof.spf = (struct spf_proof){.result = PROOF_PASS, .domain = S("brand.example"), .identity = S("mailfrom"),
                                      .mechanism = S("ip4:198.51.100.0/24"), .reason = S("198.51.100.7 is listed.")};
    w->proof.spf_helo.result = PROOF_UNKNOWN;
    w->dkim[0] = (struct dkim_proof){.field = &w->fields[2], .result = PROOF_PASS, .mathematics = DKIM_HOLDS, .admitted = true,
                                     .domain = S("brand.example"), .selector = S("s1"), .algorithm = S("rsa-sha256"),
                                     .key_bits = 2048, .body_limit = -1, .signed_at = TIME_UNKNOWN,
                                     .expires_at = TIME_UNKNOWN, .header_canon = S("relaxed"), .body_canon = S("relaxed")};
    w->dkim[1] = w->dkim[0];
    w->dkim[1].field = &w->fields[5];
    w->dkim[1].domain = S("other.example");
    w->proof.dkim.at = w->dkim;
    w->proof.dkim.len = 1;
    w->proof.dmarc = (struct dmarc_proof){.result = PROOF_PASS, .from_domain = S("brand.example"),
                                          .policy_domain = S("brand.example"), .policy = S("reject"), .spf_aligned = true,
                                          .dkim_aligned = true};
    w->proof.arc.result = PROOF_NONE;
}

/* Opened once for all cases: they are read-only, and hundreds of cases would spend their time on it. */
static struct tables *tables_shared(void)
{
    static struct tables *tables;
    struct err err;
    struct table_options options = {0};
    if (!tables && tables_open(&options, &tables, &err) < 0)
        fail_msg("%s", err.text);
    return tables;
}

void world_make(struct world *w)
{
    *w = (struct world){.arena = arena_new(4 << 20), .tables = tables_shared()};
    w->recipient.address = S("bob@here.example");
    w->arrival = (struct arrival){.mail_from_state = SENDER_GIVEN, .mail_from = S("anna@brand.example"),
                                  .helo = S("mail.brand.example"), .direction = DIRECTION_INBOUND, .received_at = 1767268870};
    w->arrival.rcpt_to.at = &w->recipient;
    w->arrival.rcpt_to.len = 1;
    fields_make(w);
    path_make(w);
    proof_make(w);
    w->customer.name = S("Brand");
    verdict_settings_default(&w->settings);
}

void world_judge(struct world *w)
{
    struct facts facts = {.arrival = &w->arrival, .message = &w->message, .path = &w->path, .proof = &w->proof, .relay = &w->relay,
                          .content = &w->content, .claim = &w->claim, .testimony = w->testified, .seals = &w->seals};
    verdict_reach(w->arena, &w->settings, w->tables, &facts, &w->report);
}

bool world_has(const struct world *w, const char *evidence)
{
    vec_each(found, &w->report.evidence)
        if (strcmp(evidence_kind(found->id)->name, evidence) == 0)
            return true;
    return false;
}

void world_free(struct world *w)
{
    arena_free(&w->arena);
}

void honest(struct world *w)
{
}

void lure_asks(struct world *w, enum lure_id id)
{
    w->content.words.lures[id] = (struct lure_fact){.count = 2, .places = PLACE_TOP, .strong = true, .phrase = S("a phrase"), .language = S("en")};
}

struct link_fact *main_link_put(struct world *w, bool out)
{
    static struct link_fact main_link;
    static const struct link anchor = {.kind = LINK_ANCHOR};
    main_link = (struct link_fact){.link = &anchor, .host = S("elsewhere.example"), .organisation = S("elsewhere.example"), .clickable = true, .seen = true};
    w->content.links.main = &main_link;
    w->content.links.clickable = 1;
    w->claim.vouching.main_out = out;
    return &main_link;
}

void defect_put(struct world *w, enum defect_id id, size_t offset, const char *detail)
{
    *vec_push(w->arena, &w->message.defects) = (struct defect){.id = id, .offset = offset, .detail = span_of(detail)};
}

void dmarc_fails(struct world *w, const char *policy)
{
    w->proof.dmarc.result = PROOF_FAIL;
    w->proof.dmarc.policy = span_of(policy);
    w->proof.dmarc.spf_aligned = w->proof.dmarc.dkim_aligned = false;
    w->proof.spf.domain = S("other.example");
    w->dkim[0].domain = S("other.example");
}

void record_put(struct world *w, size_t field, const char *authserv, const char *method, enum proof_result result,
                const char *type, const char *name, const char *value)
{
    w->property = (struct result_property){span_of(type), span_of(name), span_of(value)};
    w->result = (struct method_result){.method = span_of(method), .result = result};
    w->result.properties.at = &w->property;
    w->result.properties.len = 1;
    struct results_field *recorded = vec_push(w->arena, &w->proof.recorded);
    *recorded = (struct results_field){.field = &w->fields[field], .authserv_id = span_of(authserv), .doubt = DOUBT_UNNAMED};
    recorded->results.at = &w->result;
    recorded->results.len = 1;
}
