/* What the values name: tables, weights, people, customers, zone, tokens. And the whole of it. */
#include "generation/inner.h"

#include "base/config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { TOKEN_LEAST = 16 };
#define CEILING ((size_t)512 << 20)
#define FILE_MOST ((size_t)8 << 20)

/* NULL where nothing is named: so the tables take it. */
static const char *named(struct span path)
{
    return path.len ? path.at : NULL;
}

/* The member whose file the error speaks of. */
static const struct span *blamed(const struct generation *generation, const char *text)
{
    const struct span *files[] = {&generation->files.weights, &generation->files.lists, &generation->files.country, &generation->files.as,
                                  &generation->files.suffixes};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i]->len && span_starts(span_of(text), *files[i]))
            return files[i];
    return &generation->files.folder;
}

struct table_options generation_tables(const struct generation *generation)
{
    return (struct table_options){.data_dir = named(generation->files.folder), .own_dir = named(generation->files.lists),
                                  .weights_file = named(generation->files.weights), .country_file = named(generation->files.country),
                                  .as_file = named(generation->files.as), .suffix_file = named(generation->files.suffixes)};
}

static void tables_take(struct reading *reading)
{
    struct generation *out = reading->out;
    struct err err;
    struct table_options options = generation_tables(out);
    if (tables_open(&options, &out->tables, &err) < 0)
        FAULT(reading, blamed(out, err.text), "%s", err.text);
    else if (verdict_weights_take(&out->walk.verdict, out->tables, &err) < 0)
        FAULT(reading, out->files.weights.len ? &out->files.weights : &out->files.folder, "%s", err.text);
    out->walk.tables = out->tables;
}

static void people_take(struct reading *reading, struct organisation *organisation)
{
    struct err err;
    struct identity_settings *identity = &organisation->walk.identity;
    *identity = organisation->identity; /* whose lists are as long as their room: what is added lands elsewhere */
    if (organisation->people_file.len && identity_load(reading->arena, organisation->people_file.at, identity, &err) < 0)
        FAULT(reading, &organisation->people_file, "%s", err.text);
    else if (!identity->own_domains.len && organisation->people_file.len)
        FAULT(reading, &organisation->people_file, "%s names no own_domains, and none stand here: nothing would be this organisation's",
              organisation->people_file.at);
    identity_settings_ready(reading->arena, identity);
}

static void tokens_check(struct reading *reading, const struct listener *listener)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(2 * FILE_MOST); /* tokens are not kept */
    struct span text, line;
    struct err err;
    unsigned number = 0, tokens = 0;
    if (!listener->tokens.len)
        return;
    if (file_read(arena, listener->tokens.at, FILE_MOST, &text, &err) < 0) {
        FAULT(reading, &listener->tokens, "%s", err.text);
        return;
    }
    while (span_cut(&text, '\n', &line)) {
        struct span token = span_trim(line);
        number++;
        if (!token.len || token.at[0] == '#')
            continue;
        tokens++;
        if (token.len < TOKEN_LEAST)
            FAULT(reading, &listener->tokens, "%s:%u: a token of %zu characters is soon guessed; write %d or more", listener->tokens.at, number,
                  token.len, TOKEN_LEAST);
    }
    if (!tokens)
        FAULT(reading, &listener->tokens, "%s holds no token; write one a line, such as `openssl rand -hex 24` prints", listener->tokens.at);
}

/* As libunbound is told: "192.0.2.53@53 2001:db8::53@53". */
static void servers_join(struct reading *reading)
{
    struct buf text = {.arena = reading->arena};
    vec_each(server, &reading->out->dns.servers) {
        buf_add(&text, text.len ? S(" ") : S(""));
        ip_print(&text, &server->ip);
        buf_print(&text, "@%u", server->port);
    }
    reading->out->dns.forward = arena_copy(reading->arena, buf_span(&text));
}

void generation_open(struct reading *reading)
{
    struct generation *out = reading->out;
    struct err err;
    tables_take(reading);
    vec_each(organisation, &out->organisations)
        people_take(reading, organisation);
    vec_each(listener, &out->listeners)
        tokens_check(reading, listener);
    if (out->dns.zone.len && dns_zone_load(reading->arena, out->dns.zone.at, &out->zone, &err) < 0)
        FAULT(reading, &out->dns.zone, "%s", err.text);
    if (out->files.customers.len && customers_load(reading->arena, out->files.customers.at, &out->customers, &err) < 0)
        FAULT(reading, &out->files.customers, "%s", err.text);
    if (out->files.customers.len)
        out->walk.customers = &out->customers;
    servers_join(reading);
}

/* ---- the whole */
static void organisation_settle(const struct generation *generation, struct organisation *organisation)
{
    static const struct span modes[] = {S("passive"), S("confirm"), S("active")};
    struct identity_settings identity = organisation->walk.identity;
    organisation->walk = generation->walk;
    organisation->walk.identity = identity;
    organisation->walk.verdict.suspicious = organisation->suspicious;
    organisation->walk.verdict.malicious = organisation->malicious;
    organisation->walk.verdict.mode = modes[organisation->mode];
}

static int file_take(struct reading *reading, const char *path, struct tree **tree)
{
    struct span text;
    struct err err;
    unsigned line = 0;
    char *whole = realpath(path, NULL);
    const char *slash = whole ? strrchr(whole, '/') : NULL;
    reading->out->inside->folder = slash == whole ? S("") : arena_copy(reading->arena, span_from(whole, slash));
    free(whole);
    if (access(path, F_OK) < 0 && errno == ENOENT) {
        fault_add(reading->faults, false, 0, S(""), "is not there; copy the example, conf/sekimori.conf of the sources, share/doc/sekimori/examples of an installation, or name another file");
        return -1;
    }
    if (file_read(reading->arena, path, FILE_MOST, &text, &err) == 0 && tree_parse(reading->arena, text, tree, &line, &err) == 0)
        return 0;
    const char *said = span_starts(span_of(err.text), span_of(path)) ? err.text + strlen(path) + strlen(": ") : err.text;
    fault_add(reading->faults, false, line, S(""), "%s", said);
    return -1;
}

static struct generation *generation_begin(const char *path)
{
    struct arena *arena = arena_new(CEILING);
    struct generation *generation = arena_one(arena, struct generation);
    generation->arena = arena;
    generation->path = arena_copy(arena, span_of(path));
    generation->inside = arena_one(arena, struct generation_inside);
    walk_settings_default(&generation->walk);
    return generation;
}

/* A key that was mistyped may be meant as theirs, unless that one is written itself. */
static bool keys_are_sure(const struct generation *generation, const struct faults *faults)
{
    const struct place *place = place_of(generation, &generation->keys_folder);
    if (!faults->wrong)
        return true;
    vec_each(fault, &faults->list)
        if (!fault->warning && (span_starts(fault->key, S("keys")) || span_starts(fault->key, S("run"))))
            return false;
    return place && place->written;
}

int generation_load_keys(const char *path, struct generation **out)
{
    struct faults faults;
    struct tree *tree;
    struct generation *generation = generation_begin(path);
    faults_begin(&faults, path);
    struct reading reading = {.arena = generation->arena, .out = generation, .faults = &faults};
    bool read = file_take(&reading, path, &tree) == 0;
    if (read)
        generation_read(&reading, tree);
    bool sure = read && keys_are_sure(generation, &faults);
    faults_end(&faults);
    if (sure)
        *out = generation;
    else
        generation_free(&generation);
    return sure ? 0 : -1;
}

int generation_load(const char *path, struct generation **out, struct faults *faults)
{
    struct generation *generation = generation_begin(path);
    struct arena *arena = generation->arena;
    struct reading reading = {.arena = arena, .out = generation, .faults = faults};
    struct tree *tree;
    if (file_take(&reading, path, &tree) == 0) {
        generation_read(&reading, tree);
        generation_check(&reading);
        generation_open(&reading);
    }
    if (!faults->wrong)
        generation_name(&reading);
    if (faults->wrong) {
        generation_free(&generation);
        return -1;
    }
    generation->walk.generation = generation->id;
    generation->walk.witness.scanner = generation->clamd.address.text.len > 0;
    generation->walk.witness.scanner_bytes = generation->clamd.most_bytes;
    generation_lists(arena, generation->dns.block_lists.at, generation->dns.block_lists.len, &generation->walk);
    vec_each(organisation, &generation->organisations)
        organisation_settle(generation, organisation);
    *out = generation;
    return 0;
}

void generation_free(struct generation **generation)
{
    struct generation *old = *generation;
    *generation = NULL;
    if (!old)
        return;
    tables_close(&old->tables);
    struct arena *arena = old->arena;
    arena_free(&arena);
}

const struct organisation *generation_organisation_by_id(const struct generation *generation, struct span id)
{
    vec_each(organisation, &generation->organisations)
        if (id.len && span_eq(organisation->id, id))
            return organisation;
    return NULL;
}
