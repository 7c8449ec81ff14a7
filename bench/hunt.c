/* Times hunts over a store of so many generated records: usage: hunt STORE [RECORDS]. STORE is made where it is not there, and kept.
 * Exit status: 0 all goals reached, 1 a goal missed, 2 could not be measured. */
#include "record/hunt.h"
#include "record/inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { RECORDS = 1000000, TOGETHER = 2000, FRESH = 256, BEGIN = 1735689600 /* 2025 */, STEP = 60 };

static uint64_t seed = 88172645463325252u;

static uint64_t roll(uint64_t most)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % most;
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Few domains write much, many little: half of the mail is of 20 domains. */
static struct span domain_rolled(struct arena *arena)
{
    return roll(2) ? arena_print(arena, "big%u.example", (unsigned)roll(20)) : arena_print(arena, "firm%u.example.net", (unsigned)roll(50000));
}

static void mark(struct arena *arena, struct record *out, enum mark_kind kind, struct span value)
{
    *vec_push(arena, &out->marks) = (struct record_mark){kind, value};
}

static void record_rolled(struct arena *arena, uint64_t number, const struct record_settings *settings, struct record *out)
{
    static const char *const words[] = {"Invoice", "Meeting", "Your order", "Re: Report", "Newsletter", "Payment", "Delivery", "Minutes", "Offer", "Account"};
    struct span domain = domain_rolled(arena);
    struct buf key = {.arena = arena}, id = {.arena = arena};
    uint64_t sum[2] = {number, number * 2654435761u};
    buf_add(&key, (struct span){(const char *)sum, KEY_BYTES});
    buf_add(&id, report_id_at(arena, BEGIN + (int64_t)number * STEP / 2));
    buf_print(&id, "%020llx", (unsigned long long)(number * 11400714819323198485u));
    *out = (struct record){.id = buf_span(&id), .key = buf_span(&key), .generation = S("0123456789abcdefghjk"), .verdict = roll(20) ? VERDICT_CLEAN : VERDICT_MALICIOUS,
                           .score = (double)roll(100), .direction = DIRECTION_INBOUND, .mail_from = arena_print(arena, "bounce%u@%.*s", (unsigned)roll(1000), SPAN_FMT(domain)),
                           .from_domain = domain, .from_address = arena_print(arena, "user%u@%.*s", (unsigned)roll(1000), SPAN_FMT(domain)), .mail_from_known = true,
                           .subject = arena_print(arena, "%s of the %u%s (%06u)", words[roll(10)], (unsigned)roll(31), number == RECORDS / 3 ? "zebra" : "th", (unsigned)roll(1000000)),
                           .client = arena_print(arena, "192.0.%u.%u", (unsigned)roll(256), (unsigned)roll(256)), .size = roll(100000), .evidence = S("dmarc-fail html-only link-foreign"),
                           .settings = settings->id, .paper = S("a paper of its own table, which no hunt looks into")};
    for (int i = 0; i < 2; i++)
        mark(arena, out, MARK_HOST, arena_print(arena, "www.host%u.example", (unsigned)(roll(2) ? roll(100) : roll(200000))));
    mark(arena, out, MARK_DIGEST, arena_print(arena, "%016llx%016llx", (unsigned long long)roll(UINT64_MAX), (unsigned long long)number));
    mark(arena, out, MARK_EVIDENCE, S("html-only"));
    mark(arena, out, MARK_EVIDENCE, roll(1000) ? S("link-foreign") : S("dmarc-fail-reject"));
    mark(arena, out, MARK_MESSAGE_ID, arena_print(arena, "<%llu.%u@%.*s>", (unsigned long long)number, (unsigned)roll(100000), SPAN_FMT(domain)));
    mark(arena, out, MARK_CLIENT, out->client);
    *vec_push(arena, &out->outcomes) = (struct record_outcome){arena_print(arena, "person%u@example.org", (unsigned)roll(2000)), S("deliver"), S("passive")};
}

static int filled(struct store *store, uint64_t records, struct err *err)
{
    struct verdict_settings verdict;
    struct record_settings settings;
    struct arena *arena = arena_new((size_t)1 << 26), *own = arena_new((size_t)1 << 24);
    struct record_ledger *ledger = record_ledger_new(store);
    double begun = now_ms();
    verdict_settings_default(&verdict);
    record_settings_make(own, &verdict, &(struct grounds){0}, &settings);
    for (uint64_t i = 0; i < records; i++) {
        struct record record;
        struct span id;
        arena_reset(arena);
        record_rolled(arena, i, &settings, &record);
        if (i % TOGETHER == 0 && store_begin(store, STORE_RELAXED, err) < 0)
            return -1;
        if (record_keep(ledger, arena, &record, &settings, BEGIN, &id, err) == RECORD_FAILED)
            return -1;
        if ((i % TOGETHER == TOGETHER - 1 || i + 1 == records) && store_commit(store, err) < 0)
            return -1;
        if (i % TOGETHER == TOGETHER - 1 && record_settle(store, i + 1 < records ? 0 : TOGETHER - FRESH, err) < 0) /* the last are fresh, as in the service */
            return -1;
    }
    printf("hunts among %llu records (written in %.0f us each), the best of three\n", (unsigned long long)records, (now_ms() - begun) * 1000 / (double)records);
    record_ledger_free(&ledger);
    arena_free(&arena);
    arena_free(&own);
    return 0;
}

/* With memory enough that the disk is not what takes the time; hunts open it as the service does. */
static int store_make(const char *path, uint64_t records, struct err *err)
{
    const struct store_settings large = {.cache_bytes = (size_t)1 << 30, .log_bytes = (size_t)256 << 20};
    struct store *store = NULL;
    int done = store_open(path, record_schema(), &large, &store, err);
    if (done == 0)
        done = filled(store, records, err);
    store_close(&store);
    return done;
}

static bool row_pass(void *context, const struct hunt_row *row)
{
    return true;
}

static int hunts(struct store *store, struct err *err)
{
#define HUNT(...) {.limit = 100, __VA_ARGS__} /* times and verdicts of 0: any */
    const struct {
        const char *what;
        double goal;
        struct hunt hunt;
    } asked[] = {
        {"nothing asked: the newest", 200, {.limit = 100}},
        {"from: a large domain", 200, HUNT(.from = S("big7.example"))},
        {"from: a small domain", 200, HUNT(.from = S("firm777.example.net"))},
        {"from: an address", 200, HUNT(.from = S("user7@big7.example"))},
        {"from: prefix", 200, HUNT(.from = S("firm77*"))},
        {"subject: prefix", 200, HUNT(.subject = S("Invoice of the 3*"))},
        {"to: an address", 200, HUNT(.to = S("person77@example.org"))},
        {"to: prefix", 200, HUNT(.to = S("person77*@example.org"))},
        {"link host: one of many messages", 200, HUNT(.link_host = S("www.host7.example"))},
        {"link host: prefix", 200, HUNT(.link_host = S("www.host77*"))},
        {"digest", 200, HUNT(.digest = S("0123456789abcdef"))},
        {"evidence: seldom", 200, HUNT(.evidence = S("dmarc-fail-reject"))},
        {"evidence: in every message", 200, HUNT(.evidence = S("html-only"))},
        {"verdict", 200, HUNT(.verdict = VERDICT_MALICIOUS)},
        {"verdict and time and domain", 200, HUNT(.verdict = VERDICT_MALICIOUS, .from = S("big7.example"), .since = BEGIN + 86400 * 100, .until = BEGIN + 86400 * 130)},
        {"domain and link host and recipient", 200, HUNT(.from = S("big7.example"), .link_host = S("www.host7.example"), .to = S("person77@example.org"))},
        {"evidence in every message, and a domain", 200, HUNT(.evidence = S("html-only"), .from = S("firm777.example.net"))},
        {"subject: infix, one of all", 2000, HUNT(.subject = S("zebra"))},
        {"subject: infix, very many", 2000, HUNT(.subject = S("order"))},
        {"from: infix", 2000, HUNT(.from = S("*firm777.*"))},
        {"from: infix of an address", 2000, HUNT(.from = S("*7@firm777.*"))},
        {"to: a domain", 2000, HUNT(.to = S("example.org"))},
        {"link host: infix", 2000, HUNT(.link_host = S("*host777*"))},
        {"mail from: infix", 2000, HUNT(.mail_from = S("*@firm777.*"))},
        {"subject: infix, and verdict", 2000, HUNT(.subject = S("zebra"), .verdict = VERDICT_MALICIOUS)},
    };
    int missed = 0;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        double best = 1e9;
        struct hunt hunt = asked[i].hunt;
        hunt.verdict = hunt.verdict ? hunt.verdict : -1;
        hunt.since = hunt.since ? hunt.since : TIME_UNKNOWN;
        hunt.until = hunt.until ? hunt.until : TIME_UNKNOWN;
        int64_t rows = 0;
        for (int turn = 0; turn < 3; turn++) {
            double begun = now_ms();
            rows = record_hunt(store, &hunt, row_pass, NULL, err);
            if (rows < 0)
                return -1;
            double took = now_ms() - begun;
            best = took < best ? took : best;
        }
        printf("%-44s %8.1f ms  goal %4.0f ms  %4lld rows%s\n", asked[i].what, best, asked[i].goal, (long long)rows, best > asked[i].goal ? "  MISSED" : "");
        missed += best > asked[i].goal;
    }
    if (missed)
        printf("\nmissed: %d hunts\n", missed);
    else
        printf("\nall goals reached\n");
    return missed;
}

int main(int argc, char **argv)
{
    struct err err;
    struct store *store = NULL;
    uint64_t records = argc > 2 ? strtoull(argv[2], NULL, 10) : RECORDS;
    if (argc < 2) {
        fprintf(stderr, "usage: hunt STORE [RECORDS]\n");
        return 2;
    }
    bool made = access(argv[1], F_OK) != 0;
    int done = made ? store_make(argv[1], records, &err) : 0;
    if (done == 0)
        done = store_open(argv[1], record_schema(), NULL, &store, &err);
    if (done == 0)
        done = hunts(store, &err);
    if (done < 0)
        fprintf(stderr, "hunt: %s\n", err.text);
    store_close(&store);
    return done < 0 ? 2 : done > 0;
}
