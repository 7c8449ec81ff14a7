/* The SPF suites of RFC 7208 (all 203) and RFC 4408 (all 191, any listed result). Data: suites/spf of the shared data. */
#include "suite.h"
#include "auth/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

enum { ROUNDS_MOST = 30, ARENA_MOST = 256 << 20 };

struct world {
    struct arena *arena;
    yaml_document_t *document;
    struct dns_zone *zone;
    VEC(struct span) silent; /* names whose other types time out */
};

struct count {
    unsigned good, all;
};

/* ---- YAML */
static struct span scalar(const yaml_node_t *node)
{
    if (!node || node->type != YAML_SCALAR_NODE)
        return (struct span){0};
    return (struct span){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static const yaml_node_t *item(struct world *world, const yaml_node_t *list, size_t index)
{
    size_t count = list && list->type == YAML_SEQUENCE_NODE
                       ? (size_t)(list->data.sequence.items.top - list->data.sequence.items.start) : 0;
    return index < count ? yaml_document_get_node(world->document, list->data.sequence.items.start[index]) : NULL;
}

static const yaml_node_t *pair(struct world *world, const yaml_node_t *map, size_t index, struct span *key)
{
    size_t count = map && map->type == YAML_MAPPING_NODE
                       ? (size_t)(map->data.mapping.pairs.top - map->data.mapping.pairs.start) : 0;
    if (index >= count)
        return NULL;
    const yaml_node_pair_t *at = map->data.mapping.pairs.start + index;
    *key = scalar(yaml_document_get_node(world->document, at->key));
    return yaml_document_get_node(world->document, at->value);
}

static const yaml_node_t *value_of(struct world *world, const yaml_node_t *map, const char *name)
{
    struct span key;
    const yaml_node_t *value;
    for (size_t i = 0; (value = pair(world, map, i, &key)); i++)
        if (span_eq(key, span_of(name)))
            return value;
    return NULL;
}

/* ---- zone data as a zone file */
static void escaped_add(struct buf *out, struct span text, bool name)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (ascii_is_alpha((char)c) || ascii_is_digit((char)c) || c == '-' || c == '_' || (name && c == '.'))
            buf_byte(out, (char)c);
        else
            buf_print(out, "\\%03u", c);
    }
    if (name && text.len && text.at[text.len - 1] != '.')
        buf_byte(out, '.');
}

static void strings_add(struct buf *out, struct span text)
{
    do {
        buf_add(out, S(" \""));
        escaped_add(out, span_first(text, 250), false);
        buf_byte(out, '"');
        text = span_skip(text, 250);
    } while (text.len);
}

static void record_add(struct world *world, struct buf *out, struct span name, struct span type, const yaml_node_t *value)
{
    escaped_add(out, name, true);
    buf_print(out, " %.*s ", SPAN_FMT(type));
    if (span_eq(type, S("TXT")) && value->type == YAML_SEQUENCE_NODE) {
        for (size_t i = 0; item(world, value, i); i++)
            strings_add(out, scalar(item(world, value, i)));
        if (!item(world, value, 0))
            strings_add(out, (struct span){0});
    } else if (span_eq(type, S("TXT"))) {
        strings_add(out, scalar(value));
    } else if (span_eq(type, S("MX"))) {
        struct span host = scalar(item(world, value, 1));
        buf_print(out, "%.*s ", SPAN_FMT(scalar(item(world, value, 0))));
        escaped_add(out, host, true);
        if (!host.len)
            buf_byte(out, '.');
    } else if (span_eq(type, S("A")) || span_eq(type, S("AAAA"))) {
        buf_add(out, scalar(value));
    } else {
        escaped_add(out, scalar(value), true);
    }
    buf_byte(out, '\n');
}

/* A name with type SPF alone serves the same as TXT; "TXT: NONE" says that it does not. The head of the suites' files
 * excepts "Selecting records", yet what is listed there (example1.com is neutral) holds only with TXT as well. */
static void name_add(struct world *world, struct buf *out, struct span name, const yaml_node_t *records)
{
    bool has_txt = false;
    const yaml_node_t *record, *value;
    struct span type;
    for (size_t i = 0; (record = item(world, records, i)); i++)
        has_txt = has_txt || value_of(world, record, "TXT");
    for (size_t i = 0; (record = item(world, records, i)); i++) {
        if (span_eq(scalar(record), S("TIMEOUT"))) {
            *vec_push(world->arena, &world->silent) = name;
            continue;
        }
        value = pair(world, record, 0, &type);
        if (!value || (span_eq(type, S("TXT")) && span_eq(scalar(value), S("NONE"))))
            continue;
        if (!span_eq(type, S("SPF")))
            record_add(world, out, name, type, value);
        else if (!has_txt)
            record_add(world, out, name, S("TXT"), value);
    }
}

static int zone_make(struct world *world, const yaml_node_t *root, struct err *err)
{
    struct buf text = {.arena = world->arena};
    const yaml_node_t *names = value_of(world, root, "zonedata"), *records;
    struct span name;
    for (size_t i = 0; (records = pair(world, names, i, &name)); i++)
        name_add(world, &text, name, records);
    return dns_zone_parse(world->arena, buf_span(&text), "zonedata", &world->zone, err);
}

static void wanted_answer(struct world *world, struct dns_answers *answers)
{
    const struct dns_ask *asks;
    while (dns_wanted(answers, &asks)) {
        struct dns_answer answer;
        struct dns_ask ask = asks[0];
        dns_zone_answer(world->zone, &ask, &answer);
        if (answer.status == DNS_NO_DATA || answer.status == DNS_NO_NAME)
            vec_each(name, &world->silent)
                if (span_eq_case(*name, ask.name))
                    answer.status = DNS_TIMED_OUT;
        dns_answers_add(answers, &answer);
    }
}

/* ---- one test */
static bool result_is_listed(struct world *world, const yaml_node_t *wanted, struct span result)
{
    const yaml_node_t *one;
    if (span_eq(scalar(wanted), result))
        return true;
    for (size_t i = 0; (one = item(world, wanted, i)); i++)
        if (span_eq(scalar(one), result))
            return true;
    return false;
}

static bool test_run(struct world *world, const char *suite, struct span name, const yaml_node_t *test)
{
    struct auth_settings settings;
    auth_settings_default(&settings);
    struct spf_question question = {.helo = scalar(value_of(world, test, "helo")),
                                    .mail_from = scalar(value_of(world, test, "mailfrom"))};
    const char *at = question.mail_from.at && question.mail_from.len ? memrchr(question.mail_from.at, '@', question.mail_from.len) : NULL;
    question.domain = at ? span_from(at + 1, question.mail_from.at + question.mail_from.len)
                         : question.mail_from.len ? question.mail_from : question.helo;
    struct dns_answers *answers = dns_answers_new(world->arena, 1000);
    struct spf_proof proof;
    bool done = false, good = ip_parse(scalar(value_of(world, test, "host")), &question.client);
    for (unsigned round = 0; good && !done && round < ROUNDS_MOST; round++) {
        done = spf_check(world->arena, &settings, &question, answers, &proof);
        wanted_answer(world, answers);
    }
    if (!good || !done) {
        printf("%s: %.*s: %s\n", suite, SPAN_FMT(name), good ? "does not come to an end" : "host is no address");
        return false;
    }
    if (!result_is_listed(world, value_of(world, test, "result"), span_of(proof_result_name(proof.result)))) {
        printf("%s: %.*s: %s is not what is listed; reason: %.*s\n", suite, SPAN_FMT(name), proof_result_name(proof.result),
               SPAN_FMT(proof.reason));
        return false;
    }
    const yaml_node_t *wanted = value_of(world, test, "explanation");
    struct span explanation = span_eq(scalar(wanted), S("DEFAULT")) ? (struct span){0} : scalar(wanted);
    if (wanted && !span_eq(proof.explanation, explanation)) {
        printf("%s: %.*s: explanation \"%.*s\", listed \"%.*s\"\n", suite, SPAN_FMT(name), SPAN_FMT(proof.explanation),
               SPAN_FMT(explanation));
        return false;
    }
    return true;
}

static void document_run(yaml_document_t *document, const char *suite, struct count *count)
{
    struct world world = {.arena = arena_new(ARENA_MOST), .document = document};
    const yaml_node_t *root = yaml_document_get_root_node(document), *tests = value_of(&world, root, "tests"), *test;
    struct span name;
    struct err err = {""};
    bool zone = zone_make(&world, root, &err) == 0;
    if (!zone)
        printf("%s: %.*s: zone data: %s\n", suite, SPAN_FMT(scalar(value_of(&world, root, "description"))), err.text);
    for (size_t i = 0; (test = pair(&world, tests, i, &name)); i++) {
        count->all++;
        count->good += zone && test_run(&world, suite, name, test);
    }
    arena_free(&world.arena);
}

static bool suite_run(FILE *file, const char *suite, unsigned wanted)
{
    struct count count = {0};
    yaml_parser_t parser;
    yaml_document_t document;
    bool more = true, broken = false;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, file);
    while (more && !broken) {
        broken = !yaml_parser_load(&parser, &document);
        if (broken)
            break;
        more = yaml_document_get_root_node(&document) != NULL;
        if (more)
            document_run(&document, suite, &count);
        yaml_document_delete(&document);
    }
    if (broken)
        printf("%s: line %zu: %s\n", suite, parser.problem_mark.line + 1, parser.problem);
    yaml_parser_delete(&parser);
    printf("%s: %u of %u (wanted: all of %u)\n", suite, count.good, count.all, wanted);
    return !broken && count.good == count.all && count.all == wanted;
}

int main(void)
{
    static const struct {
        const char *name, *file;
        unsigned tests;
    } suites[] = {{"RFC 7208", "rfc7208-tests.yml", 203}, {"RFC 4408", "rfc4408-tests.yml", 191}};
    const char *data = shared_data();
    bool good = true;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/suites/spf/%s", data, suites[i].file);
        FILE *file = fopen(path, "rb");
        if (!file) {
            printf("skipped: %s is not there\n", path);
            return 77;
        }
        good = suite_run(file, suites[i].name, suites[i].tests) && good;
        fclose(file);
    }
    return good ? 0 : 1;
}
