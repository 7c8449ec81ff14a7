#include "verdict/judging.h"
#include "verdict/report_json.h"

enum { MOST_RECORDED = 50, MOST_RESULTS = 50, MOST_SIGNED_FIELDS = 200 };

/* ---- path */

static const char *const oddity_names[] = {"no-by", "no-time", "no-from", "time-backwards", "time-future", "time-jump", "gap",
                                           "loop", "private-address", "reserved-address", "name-misfits-network", "unreadable"};

static void oddities_write(struct json *json, unsigned oddities)
{
    json_array(json, "oddities");
    for (size_t bit = 0; bit < sizeof oddity_names / sizeof *oddity_names; bit++)
        if (oddities & 1u << bit)
            json_text(json, NULL, span_of(oddity_names[bit]));
    json_array_end(json);
}

static void hop_tls(struct json *json, const struct hop *hop)
{
    if (!hop->tls.version.len && !hop->tls.cipher.len) {
        json_null(json, "tls");
        return;
    }
    json_object(json, "tls");
    json_text_or_null(json, "version", hop->tls.version);
    json_text_or_null(json, "cipher", hop->tls.cipher);
    json_object_end(json);
}

static void hop_write(struct json *json, const struct hop *hop)
{
    static const char *const trusts[] = {"claim", "trusted", "door"};
    json_object(json, NULL);
    json_text(json, "trust", span_of(trusts[hop->trust]));
    json_text_or_null(json, "mailer", hop->mailer == MAILER_UNKNOWN ? S("") : span_of(mailer_name(hop->mailer)));
    json_text_or_null(json, "from", hop->from);
    json_text_or_null(json, "helo", hop->helo);
    json_text_or_null(json, "reverse", hop->reverse);
    json_ip(json, "ip", &hop->address);
    json_text_or_null(json, "by", hop->by);
    json_ip(json, "by_ip", &hop->by_address);
    json_text_or_null(json, "with", hop->with);
    hop_tls(json, hop);
    json_text_or_null(json, "id", hop->id);
    json_text_or_null(json, "for", hop->for_whom);
    json_bool(json, "local", hop->local);
    json_time(json, "time", hop->time);
    if (hop->delay == TIME_UNKNOWN)
        json_null(json, "delay");
    else
        json_number(json, "delay", hop->delay);
    oddities_write(json, hop->oddities);
    json_object_end(json);
}

static void client_write(struct json *json, const struct path *path)
{
    const struct network *network = &path->client.network;
    bool known = network->kind != NETWORK_UNKNOWN;
    json_object(json, "client");
    json_ip(json, "ip", &path->client.ip);
    json_text_or_null(json, "name", path->client.name);
    json_bool(json, "name_confirmed", path->client.name_confirmed);
    json_text_or_null(json, "helo", path->client.helo);
    if (network->asn)
        json_number(json, "asn", network->asn);
    else
        json_null(json, "asn");
    json_text_or_null(json, "network", network->name);
    json_text_or_null(json, "network_kind", known ? span_of(network_kind_name(network->kind)) : S(""));
    json_bool(json, "network_sure", known && network->sure);
    json_text_or_null(json, "country", network->country);
    json_text_or_null(json, "scope", path->client.ip.family ? span_of(ip_scope_name(path->client.scope)) : S(""));
    json_object_end(json);
}

static void carrier_write(struct json *json, const struct carrier *carrier)
{
    if (carrier->service) {
        json_object(json, "service");
        json_text(json, "id", carrier->service->id);
        json_text(json, "name", carrier->service->name);
        json_bool(json, "borne_out", carrier->borne_out);
        json_object_end(json);
    } else {
        json_null(json, "service");
    }
    if (carrier->account.len) {
        json_object(json, "account");
        json_text(json, "id", carrier->account);
        json_text(json, "field", carrier->account_from);
        json_bool(json, "sure", carrier->account_sure);
        json_object_end(json);
    } else {
        json_null(json, "account");
    }
}

static void hop_index_write(struct json *json, const char *key, const struct path *path, bool known, size_t index)
{
    if (known && index < path->hops.len)
        json_number(json, key, (int64_t)index);
    else
        json_null(json, key);
}

static void tenant_write(struct json *json, const struct path *path)
{
    const struct tenant *tenant = &path->tenant;
    static const char *const places[] = {"absent", "claim", "vouched", "trusted"};
    if (!tenant->present) {
        json_null(json, "tenant");
        return;
    }
    json_object(json, "tenant");
    json_text(json, "place", span_of(places[tenant->place]));
    hop_index_write(json, "handover", path, true, tenant->handover);
    json_bool(json, "recipients_own", tenant->recipients_own);
    json_text_or_null(json, "originator_org", tenant->originator_org);
    json_text_or_null(json, "cross_tenant_id", tenant->cross_tenant_id);
    json_text_or_null(json, "connecting_tenant", tenant->connecting_tenant);
    json_ip(json, "connecting_ip", &tenant->connecting_ip);
    json_text_or_null(json, "connecting_helo", tenant->connecting_helo);
    json_text_or_null(json, "onmicrosoft_domain", tenant->onmicrosoft_domain);
    json_text_or_null(json, "pool", tenant->pool);
    json_text_or_null(json, "auth_as", tenant->auth_as);
    json_text_or_null(json, "auth_source", tenant->auth_source);
    json_text_or_null(json, "entity", tenant->entity);
    json_ip(json, "forefront_ip", &tenant->forefront_ip);
    json_bool(json, "repeated", tenant->repeated);
    json_bool(json, "disagree", tenant->disagree);
    json_text_or_null(json, "disagreement", tenant->disagreement);
    json_object_end(json);
}

void json_path(struct json *json, struct arena *arena, const struct path *path)
{
    json_object(json, "path");
    json_array(json, "hops");
    vec_each(hop, &path->hops)
        hop_write(json, hop);
    json_array_end(json);
    hop_index_write(json, "trust_edge", path, path->edge_known, path->edge);
    hop_index_write(json, "inner_edge", path, path->edge_known, path->inner_edge);
    json_number(json, "received_fields", (int64_t)path->received_fields);
    json_bool(json, "smtp", path->smtp);
    client_write(json, path);
    carrier_write(json, &path->carrier);
    tenant_write(json, path);
    json_object_end(json);
}

/* ---- auth */

static void result_write(struct json *json, const char *key, enum proof_result result)
{
    json_text(json, key, span_of(proof_result_name(result)));
}

static void place_write(struct json *json, const struct message *message, const struct field *field)
{
    size_t index = field_index(message, field);
    if (index == SIZE_MAX)
        json_null(json, "field");
    else
        json_number(json, "field", (int64_t)index);
}

static void spf_write(struct json *json, const char *key, const struct spf_proof *spf)
{
    json_object(json, key);
    result_write(json, "result", spf->result);
    json_text_or_null(json, "domain", spf->domain);
    json_text_or_null(json, "identity", spf->identity);
    json_text_or_null(json, "mechanism", spf->mechanism);
    json_text_or_null(json, "explanation", spf->explanation);
    json_number(json, "lookups", spf->lookups);
    json_number(json, "void_lookups", spf->void_lookups);
    json_text_or_null(json, "reason", spf->reason);
    json_object_end(json);
}

static void dkim_key(struct json *json, const struct dkim_proof *dkim)
{
    json_text_or_null(json, "algorithm", dkim->algorithm);
    if (dkim->key_bits)
        json_number(json, "key_bits", dkim->key_bits);
    else
        json_null(json, "key_bits");
    json_bool(json, "testing", dkim->testing);
}

static void dkim_cover(struct json *json, const struct dkim_proof *dkim)
{
    json_text_or_null(json, "header_canon", dkim->header_canon);
    json_text_or_null(json, "body_canon", dkim->body_canon);
    if (dkim->body_limit < 0)
        json_null(json, "body_limit");
    else
        json_number(json, "body_limit", dkim->body_limit);
    json_number(json, "body_unsigned", (int64_t)dkim->body_unsigned);
    json_time(json, "signed_at", dkim->signed_at);
    json_time(json, "expires_at", dkim->expires_at);
    json_array(json, "signed_fields");
    for (size_t i = 0; i < dkim->signed_fields.len && i < MOST_SIGNED_FIELDS; i++)
        json_text(json, NULL, dkim->signed_fields.at[i]);
    json_array_end(json);
    json_bool(json, "oversigned_from", dkim->oversigned_from);
}

static void dkim_write(struct json *json, const struct message *message, const struct dkim_proof *dkim)
{
    static const char *const mathematics[] = {"not-checked", "holds", "body-differs", "header-differs"};
    json_object(json, NULL);
    place_write(json, message, dkim->field);
    result_write(json, "result", dkim->result);
    json_text(json, "mathematics", span_of(mathematics[dkim->mathematics]));
    json_bool(json, "body_matches", dkim->body_matches);
    json_bool(json, "admitted", dkim->admitted);
    json_text_or_null(json, "domain", dkim->domain);
    json_text_or_null(json, "selector", dkim->selector);
    json_text_or_null(json, "identity", dkim->identity);
    dkim_key(json, dkim);
    dkim_cover(json, dkim);
    json_text_or_null(json, "reason", dkim->reason);
    json_object_end(json);
}

static void dmarc_write(struct json *json, const struct dmarc_proof *dmarc)
{
    json_object(json, "dmarc");
    result_write(json, "result", dmarc->result);
    json_text_or_null(json, "from_domain", dmarc->from_domain);
    json_text_or_null(json, "organisation", dmarc->organisation);
    json_text_or_null(json, "policy_domain", dmarc->policy_domain);
    json_text_or_null(json, "policy", dmarc->policy);
    json_bool(json, "testing", dmarc->testing);
    json_bool(json, "spf_aligned", dmarc->spf_aligned);
    json_bool(json, "dkim_aligned", dmarc->dkim_aligned);
    json_text_or_null(json, "suffix_organisation", dmarc->suffix_organisation);
    json_bool(json, "suffix_differs", dmarc->suffix_differs);
    json_text_or_null(json, "suffix_note", dmarc->suffix_note);
    json_text_or_null(json, "reason", dmarc->reason);
    json_object_end(json);
}

static void method_write(struct json *json, const struct method_result *result)
{
    json_object(json, NULL);
    json_text(json, "method", result->method);
    result_write(json, "result", result->result);
    json_text_or_null(json, "reason", result->reason);
    json_text_or_null(json, "comment", result->comment);
    json_array(json, "properties");
    for (size_t i = 0; i < result->properties.len && i < MOST_RESULTS; i++) {
        const struct result_property *property = &result->properties.at[i];
        json_object(json, NULL);
        json_text(json, "type", property->type);
        json_text(json, "name", property->name);
        json_text(json, "value", property->value);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void recorded_write(struct json *json, const char *key, const struct message *message, const struct field *field,
                           const struct results_field *recorded)
{
    json_object(json, key);
    place_write(json, message, field);
    json_text_or_null(json, "authserv_id", recorded->authserv_id);
    json_bool(json, "trusted", recorded->trusted);
    json_bool(json, "malformed", recorded->malformed);
    json_array(json, "results");
    for (size_t i = 0; i < recorded->results.len && i < MOST_RESULTS; i++)
        method_write(json, &recorded->results.at[i]);
    json_array_end(json);
    json_object_end(json);
}

static void arc_set_write(struct json *json, const struct message *message, const struct arc_set *set)
{
    json_object(json, NULL);
    json_number(json, "instance", set->instance);
    json_text_or_null(json, "seal_domain", set->seal_domain);
    json_text_or_null(json, "seal_selector", set->seal_selector);
    json_text_or_null(json, "signature_domain", set->signature_domain);
    json_text_or_null(json, "cv", set->cv);
    result_write(json, "seal_result", set->seal_result);
    result_write(json, "signature_result", set->signature_result);
    json_array(json, "signed_fields");
    for (size_t i = 0; i < set->signed_fields.len && i < MOST_SIGNED_FIELDS; i++)
        json_text(json, NULL, set->signed_fields.at[i]);
    json_array_end(json);
    recorded_write(json, "recorded", message, set->results, &set->recorded);
    json_text_or_null(json, "reason", set->reason);
    json_object_end(json);
}

static void arc_write(struct json *json, const struct message *message, const struct arc_proof *arc)
{
    json_object(json, "arc");
    result_write(json, "result", arc->result);
    json_number(json, "oldest_pass", arc->oldest_pass);
    json_array(json, "sets");
    vec_each(set, &arc->sets)
        arc_set_write(json, message, set);
    json_array_end(json);
    json_text_or_null(json, "reason", arc->reason);
    json_object_end(json);
}

void json_auth(struct json *json, const struct message *message, const struct proof *proof)
{
    static const char *const bases[] = {"none", "verified", "trusted-header"};
    json_object(json, "auth");
    spf_write(json, "spf", &proof->spf);
    spf_write(json, "spf_helo", &proof->spf_helo);
    json_array(json, "dkim");
    vec_each(dkim, &proof->dkim)
        dkim_write(json, message, dkim);
    json_array_end(json);
    dmarc_write(json, &proof->dmarc);
    arc_write(json, message, &proof->arc);
    json_array(json, "recorded");
    for (size_t i = 0; i < proof->recorded.len && i < MOST_RECORDED; i++)
        recorded_write(json, NULL, message, proof->recorded.at[i].field, &proof->recorded.at[i]);
    json_array_end(json);
    json_text(json, "basis", span_of(bases[proof->basis]));
    json_text_or_null(json, "trusted_by", proof->trusted_by);
    json_text_or_null(json, "summary", proof->summary);
    json_object_end(json);
}
