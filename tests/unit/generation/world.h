/* A folder with small tables and whatever files a configuration of the test names, and the loading of one. */
#pragma once
#include "exact.h"
#include "generation/generation.h"
#include "generation/inner.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[128];

static inline const char *file_path(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static inline void file_put(const char *name, const char *text)
{
    FILE *file = fopen(file_path(name), "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

#define FROM ", source: own, date: 2026-11-22}\n"
static const char *const small_tables[][2] = {
    {"data/services.yaml", "services:\n  - {id: mailer, name: Mailer, sure: yes, hosts: [mailer.test]" FROM},
    {"data/networks.yaml", "networks: []\npools: []\n"},
    {"data/brands.yaml", "brands:\n  - {id: kanda, name: Kanda, names: [Kanda], domains: [kanda.example], kind: bank, country: JP, sure: yes" FROM},
    {"data/hosts.yaml", "groups:\n  - {kind: free-mail, sure: yes, hosts: [freemail.example]" FROM},
    {"data/redirectors.yaml", "redirectors: []\n"},
    {"data/lures.yaml", "source: own\ndate: 2026-11-22\nlures:\n  - {lure: sign-in, language: en, strong: [verify your account]}\n"},
    {"data/file-kinds.yaml", "kinds:\n  - {kind: program, what: programs, endings: [exe], sure: yes" FROM},
    {"data/name-words.yaml", "lists:\n  - {use: added, words: [secure]" FROM},
    {"data/weights.tsv", "from-twice\t2.5\t2\t3\t0\t0\t0\t0\tprior\n"},
};

static inline int drop_one(const char *path, const struct stat *about, int flag, struct FTW *where)
{
    return remove(path);
}

static inline int world_close(void **state)
{
    return nftw(folder, drop_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int world_open(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/sekimori-generation-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(file_path("data"), 0700), 0);
    for (size_t i = 0; i < sizeof small_tables / sizeof *small_tables; i++)
        file_put(small_tables[i][0], small_tables[i][1]);
    setenv("SEKIMORI_DATA", file_path("data"), 1);
    unsetenv("SEKIMORI_LISTS");
    return 0;
}

/* The text as sekimori.conf of the folder, loaded; NULL: it was refused. faults are the caller's to end. */
static inline struct generation *load(const char *text, struct faults *faults)
{
    struct generation *generation = NULL;
    file_put("sekimori.conf", text);
    faults_begin(faults, file_path("sekimori.conf"));
    int loaded = generation_load(file_path("sekimori.conf"), &generation, faults);
    assert_int_equal(loaded, generation ? 0 : -1);
    assert_int_equal(loaded, faults->wrong ? -1 : 0);
    return generation;
}

/* What must load. */
static inline struct generation *load_whole(const char *text)
{
    struct faults faults;
    struct generation *generation = load(text, &faults);
    struct buf said = {.arena = faults.arena};
    faults_print(&faults, &said);
    if (!generation)
        fail_msg("%.*s", SPAN_FMT(buf_span(&said)));
    faults_end(&faults);
    return generation;
}

/* "LINE KEY: SENTENCE" on a line of its own, FOLDER for the test's own. */
static inline void fault_tell(struct buf *out, const struct fault *fault)
{
    buf_print(out, "%s%u %.*s: ", out->len ? "\n" : "", fault->line, SPAN_FMT(fault->key));
    struct span rest = fault->text;
    for (const char *at; (at = span_find(rest, span_of(folder))); rest = span_skip(rest, (size_t)(at - rest.at) + strlen(folder)))
        buf_print(out, "%.*sFOLDER", (int)(at - rest.at), rest.at);
    buf_add(out, rest);
}

struct said_row {
    const char *yaml, *said; /* NULL: it loads without a word */
};
/* What is said, warnings too, of each row behind the same beginning. */
static inline void rows_check(const char *base, const struct said_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct faults faults;
        char yaml[2048];
        snprintf(yaml, sizeof yaml, "%s%s", base, rows[i].yaml);
        struct generation *generation = load(yaml, &faults);
        struct buf said = {.arena = faults.arena};
        vec_each(fault, &faults.list)
            fault_tell(&said, fault);
        if (!span_eq(buf_span(&said), span_of(rows[i].said)))
            fail_msg("row %zu: %s\nsaid:\n%.*s", i, rows[i].yaml, SPAN_FMT(buf_span(&said)));
        generation_free(&generation);
        faults_end(&faults);
    }
}
