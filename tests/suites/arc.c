/* The ARC validation suite, 171 cases: the chain's result. Data: suites/arc of the shared data. */
#include "auth/arc.h"
#include "dns/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

enum { ARENA_MOST = 256 << 20, WANTED = 171 };

struct suite {
    yaml_document_t *document;
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

static void wanted_answer(struct arena *arena, const struct suite *suite, const yaml_node_t *records, struct dns_answers *answers)
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

static struct arc_proof chain_check(struct arena *arena, const struct suite *suite, const yaml_node_t *records, struct span raw)
{
    struct message_limits limits;
    struct auth_settings settings;
    struct message message;
    struct arc_check check;
    struct dns_answers *answers = dns_answers_new(arena, 200);
    message_limits_default(&limits);
    auth_settings_default(&settings);
    message_parse(arena, &limits, NULL, &(struct arrival){.raw = raw, .received_at = TIME_UNKNOWN}, &message);
    arc_begin(arena, &message, &check);
    bodies_compare(&check, message.body);
    struct header_index *index = header_index_new(arena, &message.fields);
    for (unsigned round = 0; round < 3 && !arc_continue(arena, &settings, &check, index, answers, TIME_UNKNOWN); round++)
        wanted_answer(arena, suite, records, answers);
    return check.proof;
}

static void case_run(struct suite *suite, const yaml_node_t *records, struct span name, const yaml_node_t *test)
{
    struct arena *arena = arena_new(ARENA_MOST);
    struct span wanted = scalar(value_of(suite, test, "cv"));
    struct arc_proof proof = chain_check(arena, suite, records, arena_copy(arena, scalar(value_of(suite, test, "message"))));
    if (!wanted.len)
        wanted = S("fail");
    suite->all++;
    if (span_eq_case(wanted, span_of(proof_result_name(proof.result))))
        suite->good++;
    else
        printf("miss: %.*s (%.*s): %s instead of %.*s: %.*s\n", SPAN_FMT(name), SPAN_FMT(scalar(value_of(suite, test, "description"))),
               proof_result_name(proof.result), SPAN_FMT(wanted), SPAN_FMT(proof.reason));
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
    const yaml_node_t *root = yaml_document_get_root_node(document), *tests = value_of(suite, root, "tests"), *test;
    const yaml_node_t *records = value_of(suite, root, "txt-records");
    struct span name;
    for (size_t i = 0; (test = pair(suite, tests, i, &name)); i++)
        if (!stands_again(suite, tests, i + 1, name))
            case_run(suite, records, name, test);
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

int main(void)
{
    const char *shared = getenv("SEKIMORI_SHARED_DATA");
    char path[4096];
    struct suite suite = {0};
    snprintf(path, sizeof path, "%s/suites/arc/arc-draft-validation-tests.yml", shared ? shared : "../shared/data");
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("skipped: %s is not there\n", path);
        return 77;
    }
    bool good = file_run(&suite, file);
    fclose(file);
    printf("ARC validation: %u of %u\n", suite.good, suite.all);
    return good && suite.good == suite.all && suite.all == WANTED ? 0 : 1;
}
