/* A schema like those to come, and stores of every driver to try it in. */
#pragma once
#include "exact.h"
#include "store/upkeep.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct store_step first_steps[] = {
    {.kind = STORE_TABLE_MAKE, .table = "mail", .on = "org id",
     .columns = (const struct store_column[]){{"org", STORE_TEXT, false}, {"id", STORE_TEXT, false}, {"at", STORE_INTEGER, false}, {"sender", STORE_TEXT, true}, {"score", STORE_REAL, true},
                                              {"digest", STORE_BYTES, true}, {"subject", STORE_TEXT, true}, {0}}},
    {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_at", .on = "org at"},
    {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_sender", .on = "sender at"},
    {.kind = STORE_UNIQUE_MAKE, .table = "mail", .index = "mail_digest", .on = "digest"},
    {.kind = STORE_TABLE_MAKE, .table = "counter", .on = "org name", .small = true,
     .columns = (const struct store_column[]){{"org", STORE_TEXT, false}, {"name", STORE_TEXT, false}, {"count", STORE_INTEGER, true}, {"first", STORE_INTEGER, true},
                                              {"last", STORE_INTEGER, true}, {"share", STORE_REAL, true}, {"word", STORE_TEXT, true}, {0}}},
    {0}};
static const struct store_step second_steps[] = {
    {.kind = STORE_TABLE_MAKE, .table = "link", .on = "host mail", .columns = (const struct store_column[]){{"host", STORE_TEXT, false}, {"mail", STORE_TEXT, false}, {0}}},
    {.kind = STORE_TABLE_MAKE, .table = "number", .on = "n", .columns = (const struct store_column[]){{"n", STORE_INTEGER, false}, {0}}},
    {.kind = STORE_COLUMN_ADD, .table = "mail", .columns = (const struct store_column[]){{"note", STORE_TEXT, true}, {"seen", STORE_INTEGER, true}, {0}}},
    {0}};
static const struct store_migration migrations[] = {{1, "keep mail and counters", first_steps}, {2, "keep links, notes and numbers", second_steps}};
static const struct store_schema schema = {migrations, 2}, older_schema = {migrations, 1};
enum { MAIL_COLUMNS = 9 };

/* ---- a folder of its own for each test */
static char folder[64], path[128];

static int folder_make(void **state)
{
    strcpy(folder, "/tmp/sekimori-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.db", folder);
    return 0;
}

static int folder_remove(void **state)
{
    char command[128];
    chmod(folder, 0700);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static inline struct store *opened(const char *where)
{
    struct store *store;
    struct err err;
    if (store_open(where, &schema, NULL, &store, &err) < 0)
        fail_msg("%s", err.text);
    return store;
}

/* NULL stands for null. */
static inline struct store_value words(const char *text)
{
    return text ? STORE_WORDS(span_of(text)) : STORE_NONE(STORE_TEXT);
}

static inline void mail_fill(struct store_value values[MAIL_COLUMNS], const char *id, int64_t at, const char *sender, const char *subject)
{
    values[0] = words("one");
    values[1] = words(id);
    values[2] = STORE_INT(at);
    values[3] = words(sender);
    values[4] = STORE_NONE(STORE_REAL);
    values[5] = STORE_NONE(STORE_BYTES);
    values[6] = words(subject);
    values[7] = words(NULL);
    values[8] = STORE_NONE(STORE_INTEGER);
}

static inline int mail_insert(struct store *store, const char *id, int64_t at, const char *sender, const char *subject, enum store_conflict conflict, struct err *err)
{
    struct store_value values[MAIL_COLUMNS];
    mail_fill(values, id, at, sender, subject);
    return store_insert(store, "mail", values, conflict, err);
}

/* ---- rows as one line: values joined by ',', rows by ' ' */
struct line {
    char text[4096];
    size_t len, most; /* rows until it wants no more; 0: all */
    size_t rows, width;
};

static inline bool line_take(void *context, const struct store_value *values)
{
    struct line *line = context;
    for (size_t i = 0; i < line->width; i++) {
        const char *before = i ? "," : line->rows ? " " : "";
        size_t room = sizeof line->text - line->len;
        if (values[i].null)
            line->len += (size_t)snprintf(line->text + line->len, room, "%s-", before);
        else if (values[i].type == STORE_INTEGER)
            line->len += (size_t)snprintf(line->text + line->len, room, "%s%lld", before, (long long)values[i].integer);
        else if (values[i].type == STORE_REAL)
            line->len += (size_t)snprintf(line->text + line->len, room, "%s%g", before, values[i].real);
        else
            line->len += (size_t)snprintf(line->text + line->len, room, "%s%.*s", before, SPAN_FMT(values[i].span));
        assert_true(line->len < sizeof line->text);
    }
    return ++line->rows != line->most;
}

static inline const char *line_of(struct store *store, const struct store_query *query, size_t width, struct line *line)
{
    struct err err;
    *line = (struct line){.width = width};
    if (store_find(store, query, line_take, line, &err) < 0)
        fail_msg("%s", err.text);
    return line->text;
}
