/* Figures of the store: usage: store FOLDER ROWS [one|two [MB]]     exit status 1: a goal was missed.
 *
 * Rows are like a judged message: 300 bytes that are looked for and 1.2 kB that are only read, with six indexes beside the key;
 * in one table, or in two; MB is the size of SQLite's cache. Groups are committed to disk after 10 ms, as the keeper does. */
#include "store/upkeep.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BODY = 1200, COLUMNS = 9, GROUP_MS = 10, EQUAL_MS = 200, INFIX_MS = 2000 };

#define LOOKED_FOR                                                                                                     \
    {"org", STORE_TEXT, false}, {"id", STORE_TEXT, false}, {"at", STORE_INTEGER, false}, {"sender", STORE_TEXT, false},                              \
        {"account", STORE_TEXT, false}, {"host", STORE_TEXT, false}, {"subject", STORE_TEXT, false}, {"digest", STORE_BYTES, false}, {"verdict", STORE_INTEGER, false}
static const struct store_column whole[] = {LOOKED_FOR, {"report", STORE_BYTES, false}, {0}}, narrow[] = {LOOKED_FOR, {0}},
                                 report[] = {{"org", STORE_TEXT, false}, {"id", STORE_TEXT, false}, {"report", STORE_BYTES, false}, {0}};
#define INDEXES                                                                                                        \
    {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_at", .on = "at"}, {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_sender", .on = "sender at"}, \
        {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_account", .on = "account at"}, {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_host", .on = "host"}, \
        {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_digest", .on = "digest"}, {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_verdict", .on = "verdict at"}
static const struct store_step one[] = {{.kind = STORE_TABLE_MAKE, .table = "mail", .on = "org id", .columns = whole}, INDEXES, {0}},
                               two[] = {{.kind = STORE_TABLE_MAKE, .table = "mail", .on = "org id", .columns = narrow}, INDEXES,
                                        {.kind = STORE_TABLE_MAKE, .table = "report", .on = "org id", .columns = report}, {0}};

static double clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void must(int done, const struct err *err)
{
    if (done >= 0)
        return;
    fprintf(stderr, "store: %s\n", err->text);
    exit(2);
}

static int missed;

static void figure(const char *what, double value, const char *unit, double goal)
{
    printf("%-60s%12.*f %s", what, value < 10 ? 2 : 0, value, unit);
    if (goal > 0)
        printf("   goal %.0f%s", goal, value > goal ? ": missed" : "");
    printf("\n");
    missed |= goal > 0 && value > goal;
}

static uint64_t luck = 1;

static uint64_t draw(void)
{
    luck = luck * 6364136223846793005u + 1442695040888963407u;
    return luck >> 20;
}

struct texts {
    char id[32], sender[64], account[64], host[64], subject[80], digest[32], body[BODY];
};

static void row_fill(struct texts *texts, int64_t number, struct store_value *values)
{
    static const char *const words[] = {"invoice", "meeting", "report", "offer", "parcel", "account", "password", "order", "news", "question"};
    snprintf(texts->id, sizeof texts->id, "%016llx%08llx", (unsigned long long)number, (unsigned long long)(draw() & 0xffffffff));
    snprintf(texts->sender, sizeof texts->sender, "user%llu@domain%llu.example", (unsigned long long)(draw() % 1000), (unsigned long long)(draw() % 20000));
    snprintf(texts->account, sizeof texts->account, "service%llu/customer%llu", (unsigned long long)(draw() % 30), (unsigned long long)(draw() % 50000));
    snprintf(texts->host, sizeof texts->host, "www.host%llu.example", (unsigned long long)(draw() % 100000));
    snprintf(texts->subject, sizeof texts->subject, "%s about your %s of %llu", words[draw() % 10], words[draw() % 10], (unsigned long long)(draw() % 1000000));
    for (size_t i = 0; i < sizeof texts->digest; i++)
        texts->digest[i] = (char)draw();
    for (size_t i = 0; i < BODY; i++)
        texts->body[i] = (char)('a' + draw() % 26);
    const struct store_value row[] = {STORE_WORDS(S("example")), STORE_WORDS(span_of(texts->id)), STORE_INT(1700000000 + number), STORE_WORDS(span_of(texts->sender)),
                                      STORE_WORDS(span_of(texts->account)), STORE_WORDS(span_of(texts->host)), STORE_WORDS(span_of(texts->subject)),
                                      STORE_BLOB(((struct span){texts->digest, sizeof texts->digest})), STORE_INT((int64_t)(draw() % 3)),
                                      STORE_BLOB(((struct span){texts->body, BODY}))};
    memcpy(values, row, sizeof row);
}

static void row_put(struct store *store, bool apart, int64_t number, struct err *err)
{
    struct texts texts;
    struct store_value values[COLUMNS + 1];
    row_fill(&texts, number, values);
    must(store_insert(store, "mail", values, STORE_FAIL, err), err);
    if (apart)
        must(store_insert(store, "report", (struct store_value[]){values[0], values[1], values[COLUMNS]}, STORE_FAIL, err), err);
}

/* Groups of 10 ms for some seconds: rows a second, CPU a row, the longest commit. */
static int64_t grouped(struct store *store, bool apart, int64_t from, double seconds, struct err *err)
{
    char what[80];
    double start = clock_ms(CLOCK_MONOTONIC), cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID), longest = 0;
    int64_t number = from, groups = 0;
    while (clock_ms(CLOCK_MONOTONIC) - start < seconds * 1000) {
        double began = clock_ms(CLOCK_MONOTONIC);
        must(store_begin(store, STORE_SYNCED, err), err);
        while (clock_ms(CLOCK_MONOTONIC) - began < GROUP_MS)
            row_put(store, apart, number++, err);
        double committing = clock_ms(CLOCK_MONOTONIC);
        must(store_commit(store, err), err);
        double took = clock_ms(CLOCK_MONOTONIC) - committing;
        longest = took > longest ? took : longest;
        groups++;
    }
    double wall = clock_ms(CLOCK_MONOTONIC) - start;
    snprintf(what, sizeof what, "inserted into %lld rows, synced after every 10 ms", (long long)from);
    figure(what, (double)(number - from) / wall * 1000, "rows/s", 0);
    figure("  CPU a row", (clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1000 / (double)(number - from), "us", 0);
    figure("  rows a group", (double)(number - from) / (double)groups, "rows", 0);
    figure("  commit, mean", wall / (double)groups - GROUP_MS, "ms", 0);
    figure("  commit, longest", longest, "ms", 0);
    return number;
}

static void filled(struct store *store, bool apart, int64_t from, int64_t rows, struct err *err)
{
    double start = clock_ms(CLOCK_MONOTONIC);
    for (int64_t number = from; number < rows;) {
        must(store_begin(store, STORE_RELAXED, err), err);
        for (int i = 0; i < 5000 && number < rows; i++)
            row_put(store, apart, number++, err);
        must(store_commit(store, err), err);
    }
    if (rows > from)
        figure("filled, 5,000 rows a transaction, not synced", (double)(rows - from) / (clock_ms(CLOCK_MONOTONIC) - start) * 1000, "rows/s", 0);
}

static bool counted(void *context, const struct store_value *values)
{
    ++*(int64_t *)context;
    return true;
}

static void found(struct store *store, const char *name, double goal, struct store_query query, struct err *err)
{
    char what[80];
    for (int again = 0; again < 2; again++) {
        int64_t rows = 0;
        double start = clock_ms(CLOCK_MONOTONIC);
        must(store_find(store, &query, counted, &rows, err) < 0 ? -1 : 0, err);
        snprintf(what, sizeof what, again ? "  again" : "%s: %lld found", name, (long long)rows);
        figure(what, clock_ms(CLOCK_MONOTONIC) - start, "ms", again || goal < INFIX_MS ? goal : 0); /* all rows from a cold disk: the disk's time */
    }
}

#define FOUND(name, goal, ...) found(store, name, goal, (struct store_query){.table = "mail", .columns = "id at sender subject", .order = "at", .descending = true, __VA_ARGS__}, err)

static void looked_for(struct store *store, struct err *err)
{
    struct store_value domain = STORE_WORDS(S("*@domain1234.example"));
    FOUND("a host, equality", EQUAL_MS, STORE_WHERE(STORE_IS("host", STORE_EQ, STORE_WORDS(S("www.host4711.example")))));
    FOUND("senders, prefix", EQUAL_MS, STORE_WHERE(STORE_IS("sender", STORE_PREFIX, STORE_WORDS(S("user77@")))));
    FOUND("accounts, prefix, newest 100", EQUAL_MS, STORE_WHERE(STORE_IS("account", STORE_PREFIX, STORE_WORDS(S("service7/")))), .limit = 100);
    FOUND("subject, infix", INFIX_MS, STORE_WHERE(STORE_IS("subject", STORE_GLOB, STORE_WORDS(S("*of 4711*")))));
    FOUND("subject, infix of any case", INFIX_MS, STORE_WHERE(STORE_IS("subject", STORE_GLOB_ANY, STORE_WORDS(S("*PASSWORD of 4711*")))));
    FOUND("sender, infix", INFIX_MS, STORE_WHERE(STORE_IS("sender", STORE_GLOB, domain)));
    FOUND("newest 100", EQUAL_MS, .limit = 100);
    FOUND("subject, infix of any case, newest 100", INFIX_MS, STORE_WHERE(STORE_IS("subject", STORE_GLOB_ANY, STORE_WORDS(S("*password of*")))), .limit = 100);
    double start = clock_ms(CLOCK_MONOTONIC);
    store_count(store, &(struct store_query){.table = "mail"}, err);
    figure("all rows counted", clock_ms(CLOCK_MONOTONIC) - start, "ms", 0);
}

int main(int argc, char **argv)
{
    bool apart = argc > 3 && strcmp(argv[3], "two") == 0;
    struct store *store;
    struct store_sizes sizes;
    struct err words, *err = &words;
    char path[4096];
    if (argc < 3)
        return 2;
    snprintf(path, sizeof path, "%s/bench-store.db", argv[1]);
    const struct store_migration only = {1, "measure", apart ? two : one};
    const struct store_settings settings = {.cache_bytes = argc > 4 ? (size_t)atoll(argv[4]) << 20 : 0};
    must(store_open(path, &(struct store_schema){&only, 1}, &settings, &store, err), err);
    int64_t rows = store_count(store, &(struct store_query){.table = "mail"}, err);
    rows = grouped(store, apart, rows, 3, err);
    filled(store, apart, rows, atoll(argv[2]), err);
    rows = store_count(store, &(struct store_query){.table = "mail"}, err);
    rows = grouped(store, apart, rows, 3, err); /* again, now that the indexes are large */
    must(store_sizes(store, &sizes, err), err);
    figure("bytes a row in the file, 1,500 of them the row's", (double)sizes.bytes / (double)rows, "bytes", 0);
    looked_for(store, err);
    store_close(&store);
    return missed;
}
