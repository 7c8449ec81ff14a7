/* The DKIM corpus: two facts a signature, whether its mathematics hold and whether it is admitted; once with old
 * algorithms and short keys let in, once with the limits as shipped. Data: suites/dkim of the shared data; what each
 * must come to, and why, stands in dkim_expected.tsv beside this file. */
#include "suite.h"
#include "auth/auth.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_MOST = 64 << 20, FILE_MOST = 1 << 20 };
static const int64_t now = 1700000000;

struct suite {
    struct arena *arena;
    const char *shared;
    struct span dns;
    unsigned good, all, files;
};

static bool file_read(struct arena *arena, const char *path, struct span *out)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    char *at = arena_alloc(arena, FILE_MOST);
    *out = (struct span){at, fread(at, 1, FILE_MOST, file)};
    fclose(file);
    return out->len < FILE_MOST;
}

/* FAKE_DNS.dat: name, then the record, "NXDOMAIN", or what went wrong between "~~". */
static void name_answer(const struct suite *suite, struct span name, struct dns_answer *out)
{
    struct span rest = suite->dns, line;
    out->status = DNS_NO_NAME;
    while (span_cut(&rest, '\n', &line)) {
        struct span text = line, first;
        if (!span_word(&text, &first) || !span_eq_case(first, name))
            continue;
        text = span_trim(text);
        if (span_starts(text, S("~~")))
            out->status = span_find(text, S("SERVFAIL")) ? DNS_FAILED : DNS_TIMED_OUT;
        else if (!span_eq(text, S("NXDOMAIN"))) {
            out->status = DNS_FOUND;
            *vec_push(suite->arena, &out->data) = span_eq(text, S("\"\"")) ? (struct span){"", 0} : text;
        }
        return;
    }
}

static void wanted_answer(const struct suite *suite, struct dns_answers *answers)
{
    const struct dns_ask *asks;
    struct dns_answer all[64] = {0};
    size_t n = dns_wanted(answers, &asks);
    n = n < 64 ? n : 64;
    for (size_t i = 0; i < n; i++) {
        all[i].ask = (struct dns_ask){arena_copy(suite->arena, asks[i].name), asks[i].type};
        name_answer(suite, all[i].ask.name, &all[i]);
    }
    for (size_t i = 0; i < n; i++)
        dns_answers_add(answers, &all[i]);
}

static struct proof proof_make(const struct suite *suite, struct span raw, bool old)
{
    struct message_limits limits;
    struct auth_settings settings;
    struct message message;
    struct proof proof = {0};
    struct arrival arrival = {.raw = raw, .received_at = now};
    struct dns_answers *answers = dns_answers_new(suite->arena, 200);
    message_limits_default(&limits);
    auth_settings_default(&settings);
    settings.admit_sha1 = settings.admit_short_keys = old;
    message_parse(suite->arena, &limits, NULL, &arrival, &message);
    struct auth_work *work = auth_begin(suite->arena, &settings, NULL, &arrival, &message, NULL);
    for (unsigned round = 0; round < 12 && !auth_continue(work, answers, now, false, &proof); round++)
        wanted_answer(suite, answers);
    return proof;
}

struct row {
    struct span file, signature, mathematics, result[2], admitted[2], reason; /* 0: old let in, 1: as shipped */
};

static bool row_read(struct span line, struct row *row)
{
    struct span *const columns[] = {&row->file,        &row->signature, &row->mathematics, &row->result[0],
                                    &row->admitted[0], &row->result[1], &row->admitted[1], &row->reason};
    for (size_t i = 0; i < 8; i++)
        if (!span_cut(&line, '\t', columns[i]))
            return false;
    return true;
}

static bool signature_fits(const struct row *row, unsigned run, const struct dkim_proof *seen)
{
    static const char *const names[] = {[DKIM_NOT_CHECKED] = "none",
                                        [DKIM_HOLDS] = "holds",
                                        [DKIM_BODY_DIFFERS] = "body",
                                        [DKIM_HEADER_DIFFERS] = "header"};
    bool fits = span_eq(row->mathematics, span_of(names[seen->mathematics])) &&
                span_eq(row->result[run], span_of(proof_result_name(seen->result))) &&
                span_eq(row->admitted[run], span_of(seen->admitted ? "yes" : "no")) && seen->reason.len;
    if (!fits)
        printf("miss: %.*s %.*s (%s): mathematics %s, %s, admitted %s (%.*s)\n      wanted %.*s, %.*s, %.*s: %.*s\n",
               SPAN_FMT(row->file), SPAN_FMT(row->signature), run ? "as shipped" : "old let in",
               names[seen->mathematics], proof_result_name(seen->result), seen->admitted ? "yes" : "no",
               SPAN_FMT(seen->reason), SPAN_FMT(row->mathematics), SPAN_FMT(row->result[run]),
               SPAN_FMT(row->admitted[run]), SPAN_FMT(row->reason));
    return fits;
}

static bool row_run(struct suite *suite, const struct row *row)
{
    char path[4096];
    struct span raw;
    uint64_t number;
    snprintf(path, sizeof path, "%s/suites/dkim/corpus/%.*s", suite->shared, SPAN_FMT(row->file));
    if (!file_read(suite->arena, path, &raw) || !span_number(row->signature, 20, &number)) {
        printf("miss: %s cannot be read\n", path);
        return false;
    }
    for (unsigned run = 0; run < 2; run++) {
        struct proof proof = proof_make(suite, raw, run == 0);
        suite->all++;
        if (number ? proof.dkim.len >= number && signature_fits(row, run, &proof.dkim.at[number - 1]) : !proof.dkim.len)
            suite->good++;
        else if (!number || proof.dkim.len < number)
            printf("miss: %.*s has %zu signatures: %.*s\n", SPAN_FMT(row->file), proof.dkim.len, SPAN_FMT(row->reason));
    }
    return true;
}

static bool table_run(struct suite *suite, struct span table)
{
    struct span line, last = {0};
    bool good = true;
    while (span_cut(&table, '\n', &line)) {
        struct row row;
        if (!line.len || line.at[0] == '#')
            continue;
        if (!row_read(line, &row)) {
            printf("miss: a row of the table has not eight columns: %.*s\n", SPAN_FMT(line));
            good = false;
            continue;
        }
        suite->files += !span_eq(row.file, last);
        last = row.file;
        good &= row_run(suite, &row);
        arena_reset(suite->arena);
    }
    return good;
}

int main(void)
{
    struct arena *keep = arena_new(ARENA_MOST);
    const char *shared = shared_data();
    struct suite suite = {.arena = arena_new(ARENA_MOST), .shared = shared};
    struct span table;
    char path[4096];
    snprintf(path, sizeof path, "%s/suites/dkim/FAKE_DNS.dat", suite.shared);
    if (!file_read(keep, path, &suite.dns)) {
        printf("skipped: %s is not there\n", path);
        arena_free(&suite.arena);
        arena_free(&keep);
        return 77;
    }
    if (!file_read(keep, "tests/suites/dkim_expected.tsv", &table)) {
        printf("miss: tests/suites/dkim_expected.tsv is not there; run this from the project's root\n");
        return 1;
    }
    bool good = table_run(&suite, table);
    printf("DKIM corpus: %u of %u facts of %u files, in two runs\n", suite.good, suite.all, suite.files);
    arena_free(&suite.arena);
    arena_free(&keep);
    return good && suite.good == suite.all && suite.all ? 0 : 1;
}
