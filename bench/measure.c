/* Measures what a message costs on one core, in microseconds of CPU and as a multiple of a yardstick taken in the same
 * run: SHA-256 of the same bytes plus one RSA-2048 verification. Called by bench/run; prints name<TAB>value lines.
 *
 * usage: measure [--walk] ENVELOPES.tsv|- FILE...      messages are read into memory first; no file, no network is timed
 * --walk: only the yardstick and everything offline */
#include "base/base.h"
#include "base/config.h"
#include "auth/sign.h"
#include "record/record.h"
#include "verdict/stored.h"
#include "walk/walk.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, ARENA_CEILING = 512 << 20 };

struct letter {
    const char *name;
    struct arrival arrival;
    struct span signed_raw; /* the same with a DKIM-Signature of ours on top */
};

struct bench {
    struct arena *kept;
    struct arena *scratch;
    struct tables *tables;
    struct walk_settings settings;
    VEC(struct letter) letters;
    size_t bytes;
    EVP_PKEY *key;
    struct span key_text, pem; /* the DNS record, and the private key */
    unsigned char signature[256];
    size_t signature_len;
    size_t holds; /* messages whose signature of ours was found to pass */
    bool recording;                       /* a record is made of each message too */
    struct record_settings kept_settings;
    size_t record_bytes;
};

static double cpu_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One thing that is timed: microseconds of CPU a message, by rounds. */
struct cost {
    void (*step)(struct bench *, const struct letter *);
    double rounds[ROUNDS];
};

/* All of them in turn, round by round: a machine that is now fast and now slow is so to all alike, and what one costs more than
 * another is told by the rounds in which both were measured. The first round is not counted. */
static void costs_take(struct bench *bench, struct cost *costs, size_t count)
{
    for (int round = -1; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            double began = cpu_now();
            vec_each(letter, &bench->letters) costs[i].step(bench, letter);
            if (round >= 0)
                costs[i].rounds[round] = (cpu_now() - began) / (double)bench->letters.len;
        }
}

/* The median over the rounds; `without`: of what it costs more than that, NULL: more than nothing. */
static double median(const struct cost *cost, const struct cost *without)
{
    double rounds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        rounds[i] = cost->rounds[i] - (without ? without->rounds[i] : 0);
    qsort(rounds, ROUNDS, sizeof *rounds, double_order);
    return rounds[ROUNDS / 2];
}

static void step_hash(struct bench *bench, const struct letter *letter)
{
    static EVP_MD *sha256;
    static EVP_MD_CTX *context;
    unsigned char digest[32];
    if (!sha256) {
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        context = EVP_MD_CTX_new();
    }
    EVP_DigestInit_ex2(context, sha256, NULL);
    EVP_DigestUpdate(context, letter->arrival.raw.at, letter->arrival.raw.len);
    EVP_DigestFinal_ex(context, digest, NULL);
}

static void step_verify(struct bench *bench, const struct letter *letter)
{
    static EVP_PKEY_CTX *context;
    static const unsigned char digest[32] = {1};
    if (!context) {
        context = EVP_PKEY_CTX_new(bench->key, NULL);
        EVP_PKEY_verify_init(context);
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
        EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
    }
    if (EVP_PKEY_verify(context, bench->signature, bench->signature_len, digest, sizeof digest) != 1)
        abort();
}

static void step_yardstick(struct bench *bench, const struct letter *letter)
{
    step_hash(bench, letter);
    step_verify(bench, letter);
}

static void step_parse(struct bench *bench, const struct letter *letter)
{
    struct message message;
    message_parse(bench->scratch, &bench->settings.message, bench->tables, &letter->arrival, &message);
    arena_reset(bench->scratch);
}

/* What content and identity read stands on a parsed message and its road; both are measured with and without. */
static void road_read(struct bench *bench, const struct letter *letter, struct message *message, struct path *path)
{
    message_parse(bench->scratch, &bench->settings.message, bench->tables, &letter->arrival, message);
    trace_path(bench->scratch, &bench->settings.trace, bench->tables, &letter->arrival, message, path);
}

static void step_road(struct bench *bench, const struct letter *letter)
{
    struct message message;
    struct path path;
    road_read(bench, letter, &message, &path);
    arena_reset(bench->scratch);
}

static void step_content(struct bench *bench, const struct letter *letter)
{
    struct message message;
    struct path path;
    struct content content;
    road_read(bench, letter, &message, &path);
    content_read(bench->scratch, &bench->settings.files, bench->tables, &letter->arrival, &message, &content);
    arena_reset(bench->scratch);
}

static void step_claims(struct bench *bench, const struct letter *letter)
{
    struct message message;
    struct path path;
    struct content content;
    struct told told;
    struct proof proof = {0};
    struct claim claim;
    road_read(bench, letter, &message, &path);
    content_read(bench->scratch, &bench->settings.files, bench->tables, &letter->arrival, &message, &content);
    told_make(bench->scratch, &content, &told);
    identity_claim(bench->scratch, &bench->settings.identity, bench->tables, &letter->arrival, &message, &path, &proof, &told, &claim);
    arena_reset(bench->scratch);
}

/* As a judge of the service makes it for the keeper. */
static void record_take(struct bench *bench, const struct report *report, struct span facts)
{
    struct record record;
    struct buf out = {.arena = bench->scratch};
    if (!bench->kept_settings.id.len)
        record_settings_make(bench->kept, &bench->settings.verdict, &(struct grounds){0}, &bench->kept_settings);
    record_make(bench->scratch, &bench->settings.verdict, &bench->kept_settings, bench->tables, report, facts, &record);
    record_pack(&record, &out);
    bench->record_bytes += out.len;
}

/* The whole of scan but for the file: both halves, answers as they come from `answer`, and the report in JSON. */
static void walk_whole(struct bench *bench, const struct arrival *arrival,
                       void (*answer)(struct bench *, const struct dns_ask *, struct dns_answer *))
{
    struct walk walk;
    bool ready = walk_read(&walk, bench->scratch, &bench->settings, arrival);
    while (!ready) {
        const struct dns_ask *asks;
        while (dns_wanted(walk.answers, &asks) > 0) {
            struct dns_ask ask = asks[0];
            struct dns_answer found = {.ask = ask, .status = DNS_UNKNOWN};
            answer(bench, &ask, &found);
            dns_answers_add(walk.answers, &found);
        }
        ready = walk_answered(&walk);
    }
    walk_judge(&walk);
    vec_each(dkim, &walk.proof.dkim)
        if (dkim->result == PROOF_PASS && span_eq(dkim->domain, S("bench.example")))
            bench->holds++;
    struct buf out = {.arena = bench->scratch};
    struct span facts = report_json_whole(bench->scratch, &walk.report, &out);
    if (bench->recording)
        record_take(bench, &walk.report, facts);
    arena_reset(bench->scratch);
}

static void answer_nothing(struct bench *bench, const struct dns_ask *ask, struct dns_answer *out)
{
}

static void answer_with_our_key(struct bench *bench, const struct dns_ask *ask, struct dns_answer *out)
{
    if (!span_eq(ask->name, S("bench._domainkey.bench.example")))
        return;
    out->status = DNS_FOUND;
    *vec_push(bench->scratch, &out->data) = bench->key_text;
}

static void step_offline(struct bench *bench, const struct letter *letter)
{
    walk_whole(bench, &letter->arrival, answer_nothing);
}

static void step_signed_offline(struct bench *bench, const struct letter *letter)
{
    struct arrival arrival = letter->arrival;
    arrival.raw = letter->signed_raw;
    walk_whole(bench, &arrival, answer_nothing);
}

static void step_signed_verified(struct bench *bench, const struct letter *letter)
{
    struct arrival arrival = letter->arrival;
    arrival.raw = letter->signed_raw;
    walk_whole(bench, &arrival, answer_with_our_key);
}

static struct span pem_of(struct bench *bench)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *at;
    PEM_write_bio_PrivateKey(memory, bench->key, NULL, NULL, 0, NULL, NULL);
    long len = BIO_get_mem_data(memory, &at);
    struct span pem = arena_copy(bench->kept, (struct span){at, (size_t)len});
    BIO_free(memory);
    return pem;
}

static void key_make(struct bench *bench)
{
    static const unsigned char digest[32] = {1};
    unsigned char *der = NULL;
    char text[1024];
    bench->key = EVP_RSA_gen(2048);
    int der_len = i2d_PUBKEY(bench->key, &der);
    EVP_EncodeBlock((unsigned char *)text, der, der_len);
    OPENSSL_free(der);
    bench->key_text = arena_print(bench->kept, "v=DKIM1; k=rsa; p=%s", text);
    bench->pem = pem_of(bench);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(bench->key, NULL);
    bench->signature_len = sizeof bench->signature;
    EVP_PKEY_sign_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
    if (EVP_PKEY_sign(context, bench->signature, &bench->signature_len, digest, sizeof digest) != 1)
        abort();
    EVP_PKEY_CTX_free(context);
}

static int letter_sign(struct bench *bench, struct letter *letter, struct err *err)
{
    struct message message;
    struct sign_request request = {.domain = S("bench.example"), .selector = S("bench"), .algorithm = S("rsa-sha256"),
                                   .header_canon = S("relaxed"), .body_canon = S("relaxed"), .signed_at = TIME_UNKNOWN,
                                   .expires_at = TIME_UNKNOWN, .body_limit = -1};
    static const char *const names[] = {"from", "to", "subject", "date", "message-id"};
    struct span value, input, b;
    message_parse(bench->scratch, &bench->settings.message, bench->tables, &letter->arrival, &message);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        *vec_push(bench->scratch, &request.fields) = span_of(names[i]);
    if (dkim_signing_input(bench->scratch, &message, &request, &value, &input, err) < 0 ||
        dkim_sign(bench->scratch, bench->pem, request.algorithm, input, &b, err) < 0)
        return -1;
    struct buf out = {.arena = bench->kept};
    buf_print(&out, "DKIM-Signature: %.*s%.*s\r\n", SPAN_FMT(value), SPAN_FMT(b));
    buf_add(&out, letter->arrival.raw);
    letter->signed_raw = buf_span(&out);
    arena_reset(bench->scratch);
    return 0;
}

/* One row of a prepared folder's envelopes: file, client address, HELO, reverse name, MAIL FROM, RCPT TO; '-' unknown. */
static void envelope_apply(struct bench *bench, struct span row, struct letter *letter)
{
    struct span cell[6] = {{0}};
    for (int i = 0; i < 6 && span_cut(&row, '\t', &cell[i]); i++)
        if (span_eq(cell[i], S("-")))
            cell[i] = S("");
    ip_parse(cell[1], &letter->arrival.client_ip);
    letter->arrival.helo = cell[2];
    letter->arrival.client_name = cell[3];
    letter->arrival.mail_from_state = span_eq(cell[4], S("<>")) ? SENDER_NULL : cell[4].len ? SENDER_GIVEN : SENDER_UNKNOWN;
    letter->arrival.mail_from = letter->arrival.mail_from_state == SENDER_GIVEN ? cell[4] : S("");
    if (cell[5].len)
        vec_push(bench->kept, &letter->arrival.rcpt_to)->address = cell[5];
}

static struct span row_of(struct span envelopes, const char *file)
{
    const char *slash = strrchr(file, '/');
    struct span name = span_of(slash ? slash + 1 : file), line;
    while (span_cut(&envelopes, '\n', &line))
        if (line.len > name.len && span_starts(line, name) && line.at[name.len] == '\t')
            return span_trim(line);
    return (struct span){0};
}

static int letters_load(struct bench *bench, const char *envelopes_file, char **files, struct err *err)
{
    struct span envelopes = {0};
    if (strcmp(envelopes_file, "-") != 0 && file_read(bench->kept, envelopes_file, 64 << 20, &envelopes, err) < 0)
        return -1;
    for (; *files; files++) {
        struct letter *letter = vec_push(bench->kept, &bench->letters);
        letter->name = *files;
        letter->arrival.received_at = TIME_UNKNOWN;
        letter->arrival.direction = DIRECTION_INBOUND;
        if (file_read(bench->kept, *files, 64 << 20, &letter->arrival.raw, err) < 0)
            return -1;
        struct span row = row_of(envelopes, *files);
        if (row.len)
            envelope_apply(bench, row, letter);
        bench->bytes += letter->arrival.raw.len;
        if (letter_sign(bench, letter, err) < 0)
            return -1;
    }
    return bench->letters.len ? 0 : err_set(err, "no message was given; name the files to be measured");
}

/* Private dirty memory in kB of this process; -1: not told. */
static long private_dirty(void)
{
    char line[256];
    long kb = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Private_Dirty: %ld", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

/* A judge is forked from a process that has loaded everything: what it dirties over 1,000 messages is its own. */
static long memory_after_thousand(struct bench *bench)
{
    int ends[2];
    long kb = -1;
    if (pipe(ends) < 0)
        return -1;
    if (fork() == 0) {
        bench->scratch = arena_new(ARENA_CEILING);
        for (size_t i = 0; i < 1000; i++)
            step_signed_verified(bench, &bench->letters.at[i % bench->letters.len]);
        kb = private_dirty();
        _exit(write(ends[1], &kb, sizeof kb) == sizeof kb ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], &kb, sizeof kb) != sizeof kb)
        kb = -1;
    close(ends[0]);
    wait(NULL);
    return kb;
}

enum timed { COST_HASH, COST_RSA, COST_YARDSTICK, COST_PARSE, COST_ROAD, COST_CONTENT, COST_CLAIMS, COST_OFFLINE, COST_SIGNED, COST_VERIFIED };

static void step_recorded(struct bench *bench, const struct letter *letter)
{
    bench->recording = true;
    step_offline(bench, letter);
    bench->recording = false;
}

static void measure_walk(struct bench *bench)
{
    struct cost costs[] = {{.step = step_yardstick}, {.step = step_offline}, {.step = step_recorded}};
    costs_take(bench, costs, sizeof costs / sizeof *costs);
    printf("yardstick\t%.1f\noffline\t%.1f\nrecorded\t%.1f\n", median(&costs[0], NULL), median(&costs[1], NULL), median(&costs[2], NULL));
    printf("record-bytes\t%zu\n", bench->record_bytes / bench->letters.len / (ROUNDS + 1));
}

static void measure_all(struct bench *bench)
{
    long memory = memory_after_thousand(bench);
    printf("messages\t%zu\nbytes\t%zu\n", bench->letters.len, bench->bytes / bench->letters.len);
    struct cost costs[] = {[COST_HASH] = {.step = step_hash}, [COST_RSA] = {.step = step_verify}, [COST_YARDSTICK] = {.step = step_yardstick}, [COST_PARSE] = {.step = step_parse},
                           [COST_ROAD] = {.step = step_road}, [COST_CONTENT] = {.step = step_content}, [COST_CLAIMS] = {.step = step_claims}, [COST_OFFLINE] = {.step = step_offline},
                           [COST_SIGNED] = {.step = step_signed_offline}, [COST_VERIFIED] = {.step = step_signed_verified}};
    costs_take(bench, costs, sizeof costs / sizeof *costs);
    printf("hash\t%.1f\nrsa\t%.1f\nyardstick\t%.1f\n", median(&costs[COST_HASH], NULL), median(&costs[COST_RSA], NULL), median(&costs[COST_YARDSTICK], NULL));
    printf("parse\t%.1f\noffline\t%.1f\n", median(&costs[COST_PARSE], NULL), median(&costs[COST_OFFLINE], NULL));
    printf("content\t%.1f\nidentity\t%.1f\n", median(&costs[COST_CONTENT], &costs[COST_ROAD]), median(&costs[COST_CLAIMS], &costs[COST_CONTENT]));
    double offline = median(&costs[COST_SIGNED], NULL);
    printf("signed-offline\t%.1f\nsigned-verified\t%.1f\n", offline, offline + median(&costs[COST_VERIFIED], &costs[COST_SIGNED]));
    printf("signatures-held\t%zu\nsignatures\t%zu\n", bench->holds, bench->letters.len * (ROUNDS + 1));
    printf("memory-kb\t%ld\n", memory);
}

int main(int argc, char **argv)
{
    struct bench bench = {.kept = arena_new((size_t)8 << 30), .scratch = arena_new(ARENA_CEILING)};
    struct err err;
    bool whole = argc < 2 || strcmp(argv[1], "--walk") != 0;
    if (argc < (whole ? 3 : 4)) {
        fprintf(stderr, "usage: measure [--walk] ENVELOPES.tsv|- FILE...\n");
        return 2;
    }
    argv += !whole;
    if (tables_open(&(struct table_options){0}, &bench.tables, &err) < 0) {
        fprintf(stderr, "measure: %s\n", err.text);
        return 2;
    }
    walk_settings_default(&bench.settings);
    bench.settings.tables = bench.tables;
    key_make(&bench);
    if (letters_load(&bench, argv[1], argv + 2, &err) < 0) {
        fprintf(stderr, "measure: %s\n", err.text);
        return 2;
    }
    (whole ? measure_all : measure_walk)(&bench);
    return 0;
}
