/* The ARC suites: validation, 171 cases (the chain's result), and signing, 17 cases (the three fields to the letter,
 * white space apart). Data: suites/arc of the shared data. */
#include "suite.h"
#include "auth/arc.h"
#include "auth/sign.h"
#include "dns/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

enum { ARENA_MOST = 256 << 20, VALIDATION_CASES = 171, SIGNING_CASES = 17 };

struct suite {
    bool signing;
    yaml_document_t *document;
    const yaml_node_t *root;
    unsigned good, all;
};

static struct span scalar(const yaml_node_t *node)
{
    if (!node || node->type != YAML_SCALAR_NODE)
        return (struct span){0};
    return (struct span){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static const yaml_node_t *pair(const struct suite *suite, const yaml_node_t *map, size_t index, struct span *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    const yaml_node_pair_t *at = map->data.mapping.pairs.start + index;
    if (at >= map->data.mapping.pairs.top)
        return NULL;
    *key = scalar(yaml_document_get_node(suite->document, at->key));
    return yaml_document_get_node(suite->document, at->value);
}

static const yaml_node_t *value_of(const struct suite *suite, const yaml_node_t *map, const char *name)
{
    struct span key;
    const yaml_node_t *value;
    for (size_t i = 0; (value = pair(suite, map, i, &key)); i++)
        if (span_eq(key, span_of(name)))
            return value;
    return NULL;
}

static void wanted_answer(struct arena *arena, const struct suite *suite, const yaml_node_t *records,
                          struct dns_answers *answers)
{
    const struct dns_ask *asks;
    size_t n = dns_wanted(answers, &asks);
    struct dns_answer all[128] = {0};
    n = n < 128 ? n : 128;
    for (size_t i = 0; i < n; i++) {
        struct span name = arena_copy(arena, asks[i].name), key;
        all[i] = (struct dns_answer){.ask = {name, DNS_TXT}, .status = DNS_NO_NAME};
        const yaml_node_t *record;
        for (size_t k = 0; (record = pair(suite, records, k, &key)); k++)
            if (span_eq_case(key, name)) {
                all[i].status = DNS_FOUND;
                *vec_push(arena, &all[i].data) = scalar(record);
            }
    }
    for (size_t i = 0; i < n; i++)
        dns_answers_add(answers, &all[i]);
}

static void bodies_compare(struct arc_check *check, struct span body)
{
    for (size_t i = 0; !check->done && i < check->proof.sets.len; i++) {
        struct body_hash hash;
        if (!signature_wants_body(&check->links[i].signature, &hash))
            continue;
        body_hashes_compute(body, &hash, 1);
        signature_body_compare(&check->links[i].signature, &hash, 1);
    }
}

static void text_parse(struct arena *arena, struct span raw, struct message *out)
{
    struct message_limits limits;
    message_limits_default(&limits);
    message_parse(arena, &limits, NULL, &(struct arrival){.raw = raw, .received_at = TIME_UNKNOWN}, out);
}

static struct arc_proof chain_check(struct arena *arena, const struct suite *suite, const yaml_node_t *records,
                                    const struct message *message)
{
    struct auth_settings settings;
    struct arc_check check;
    struct dns_answers *answers = dns_answers_new(arena, 200);
    auth_settings_default(&settings);
    arc_begin(arena, message, &check);
    bodies_compare(&check, message->body);
    struct header_index *index = header_index_new(arena, &message->fields);
    for (unsigned round = 0; round < 3 && !arc_continue(arena, &settings, &check, index, answers, TIME_UNKNOWN);
         round++)
        wanted_answer(arena, suite, records, answers);
    return check.proof;
}

static void validation_run(struct suite *suite, const yaml_node_t *records, struct span name, const yaml_node_t *test)
{
    struct arena *arena = arena_new(ARENA_MOST);
    struct span wanted = scalar(value_of(suite, test, "cv"));
    struct message message;
    text_parse(arena, arena_copy(arena, scalar(value_of(suite, test, "message"))), &message);
    struct arc_proof proof = chain_check(arena, suite, records, &message);
    if (!wanted.len)
        wanted = S("fail");
    suite->all++;
    if (span_eq_case(wanted, span_of(proof_result_name(proof.result))))
        suite->good++;
    else
        printf("miss: %.*s (%.*s): %s instead of %.*s: %.*s\n", SPAN_FMT(name),
               SPAN_FMT(scalar(value_of(suite, test, "description"))), proof_result_name(proof.result),
               SPAN_FMT(wanted), SPAN_FMT(proof.reason));
    arena_free(&arena);
}

/* ---- signing */
static struct span text_of(const struct suite *suite, const yaml_node_t *map, const char *name)
{
    return scalar(value_of(suite, map, name));
}

/* All results fields of this server, as one. */
static struct span results_merge(struct arena *arena, const struct message *message, struct span server)
{
    struct buf out = {.arena = arena};
    buf_add(&out, server);
    vec_each (field, &message->fields) {
        struct span rest = field->value, id;
        if (field->id != FIELD_AUTHENTICATION_RESULTS || !span_cut(&rest, ';', &id) || !span_eq(span_trim(id), server))
            continue;
        buf_add(&out, S("; "));
        buf_add(&out, span_trim(rest));
    }
    return buf_span(&out);
}

static struct span blanks_out(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is_space(text.at[i]))
            buf_byte(&out, text.at[i]);
    return buf_span(&out);
}

static bool field_same(struct arena *arena, const struct suite *suite, const yaml_node_t *test, struct span case_name,
                       const char *name, struct span seen)
{
    struct span wanted = blanks_out(arena, text_of(suite, test, name));
    seen = blanks_out(arena, seen);
    if (!span_eq(wanted, seen))
        printf("miss: %.*s: %s is\n      %.*s\n      and should be\n      %.*s\n", SPAN_FMT(case_name), name,
               SPAN_FMT(seen), SPAN_FMT(wanted));
    return span_eq(wanted, seen);
}

static int set_write(struct arena *arena, const struct suite *suite, const struct message *message,
                     const struct seal_request *request, struct arc_writing *out, struct err *err)
{
    struct span pem = text_of(suite, suite->root, "privatekey"), to_sign, b;
    if (arc_signature_input(arena, message, request, out, &to_sign, err) < 0)
        return -1;
    if (!out->instance) {
        *out = (struct arc_writing){0};
        return 0;
    }
    if (dkim_sign(arena, pem, request->algorithm, to_sign, &b, err) < 0)
        return -1;
    arc_seal_input(arena, message, request, b, out, &to_sign);
    if (dkim_sign(arena, pem, request->algorithm, to_sign, &b, err) < 0)
        return -1;
    arc_seal_finish(arena, b, out);
    return 0;
}

static void signing_run(struct suite *suite, const yaml_node_t *records, struct span name, const yaml_node_t *test)
{
    struct arena *arena = arena_new(ARENA_MOST);
    struct message message;
    struct arc_writing written;
    struct err err = {{0}};
    uint64_t time = 0;
    struct span names = text_of(suite, test, "sig-headers"), one;
    text_parse(arena, arena_copy(arena, text_of(suite, test, "message")), &message);
    span_number(text_of(suite, test, "t"), UINT32_MAX, &time);
    struct seal_request request = {.domain = text_of(suite, suite->root, "domain"),
                                   .selector = text_of(suite, suite->root, "sel"),
                                   .algorithm = S("rsa-sha256"),
                                   .signed_at = (int64_t)time,
                                   .results = results_merge(arena, &message, text_of(suite, test, "srv-id")),
                                   .chain = chain_check(arena, suite, records, &message).result};
    while (span_cut(&names, ':', &one))
        *vec_push(arena, &request.fields) = one;
    bool good = set_write(arena, suite, &message, &request, &written, &err) == 0;
    if (!good)
        printf("miss: %.*s: %s\n", SPAN_FMT(name), err.text);
    if (good) { /* all three are looked at: each miss is named */
        good &= field_same(arena, suite, test, name, "AAR", written.results);
        good &= field_same(arena, suite, test, name, "AMS", written.signature);
        good &= field_same(arena, suite, test, name, "AS", written.seal);
    }
    suite->good += good;
    suite->all++;
    arena_free(&arena);
}

/* A few names stand twice in the file; the later case is the one that readers of YAML see. */
static bool stands_again(const struct suite *suite, const yaml_node_t *tests, size_t from, struct span name)
{
    struct span other;
    for (size_t i = from; pair(suite, tests, i, &other); i++)
        if (span_eq(name, other))
            return true;
    return false;
}

static void document_run(struct suite *suite, yaml_document_t *document)
{
    suite->document = document;
    suite->root = yaml_document_get_root_node(document);
    const yaml_node_t *tests = value_of(suite, suite->root, "tests"), *test;
    const yaml_node_t *records = value_of(suite, suite->root, "txt-records");
    struct span name;
    for (size_t i = 0; (test = pair(suite, tests, i, &name)); i++)
        if (!stands_again(suite, tests, i + 1, name))
            (suite->signing ? signing_run : validation_run)(suite, records, name, test);
}

static bool file_run(struct suite *suite, FILE *file)
{
    yaml_parser_t parser;
    yaml_document_t document;
    bool good = yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, file);
    for (bool more = good; more;) {
        good = yaml_parser_load(&parser, &document);
        more = good && yaml_document_get_root_node(&document);
        if (more)
            document_run(suite, &document);
        if (good)
            yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return good;
}

static int suite_run(const char *name, bool signing, unsigned wanted)
{
    const char *shared = shared_data();
    char path[4096];
    struct suite suite = {.signing = signing};
    snprintf(path, sizeof path, "%s/suites/arc/%s", shared, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("skipped: %s is not there\n", path);
        return 77;
    }
    bool good = file_run(&suite, file);
    fclose(file);
    printf("ARC %s: %u of %u\n", signing ? "signing" : "validation", suite.good, suite.all);
    return good && suite.good == suite.all && suite.all == wanted ? 0 : 1;
}

int main(void)
{
    int validation = suite_run("arc-draft-validation-tests.yml", false, VALIDATION_CASES);
    int signing = suite_run("arc-draft-sign-tests.yml", true, SIGNING_CASES);
    return validation ? validation : signing;
}
