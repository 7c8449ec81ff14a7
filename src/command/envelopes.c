#include "base/config.h"
#include "command/scan.h"

#include <limits.h>
#include <search.h>
#include <stdlib.h>

enum { COLUMNS = 6, MOST_BYTES = 512 << 20 };
enum column { COLUMN_FILE, COLUMN_CLIENT, COLUMN_HELO, COLUMN_REVERSE, COLUMN_SENDER, COLUMN_RECIPIENT };

struct row {
    const char *key; /* folder/file */
    size_t table, line; /* that it stands in */
    struct span columns[COLUMNS];
};

struct envelopes {
    struct arena *arena;
    void *tree;
    size_t tables;
};

struct envelopes *envelopes_new(void)
{
    struct envelopes *envelopes = calloc(1, sizeof *envelopes);
    if (!envelopes)
        abort();
    envelopes->arena = arena_new((size_t)4 << 30);
    return envelopes;
}

static void keep(void *row)
{
}

void envelopes_free(struct envelopes **envelopes)
{
    if (!*envelopes)
        return;
    tdestroy((*envelopes)->tree, keep); /* the rows lie in the arena */
    arena_free(&(*envelopes)->arena);
    free(*envelopes);
    *envelopes = NULL;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

static bool is_unknown(struct span s)
{
    return span_eq(s, S("-"));
}

static struct span without_brackets(struct span address)
{
    if (address.len >= 2 && address.at[0] == '<' && address.at[address.len - 1] == '>')
        return (struct span){address.at + 1, address.len - 2};
    return address;
}

/* The next of several addresses parted by commas; what stands in quotes parts nothing. */
static bool address_next(struct span *rest, struct span *out)
{
    size_t i = 0;
    bool quoted = false;
    if (!rest->at)
        return false;
    for (; i < rest->len && (quoted || rest->at[i] != ','); i++) {
        quoted ^= rest->at[i] == '"';
        i += quoted && rest->at[i] == '\\';
    }
    i = i < rest->len ? i : rest->len;
    *out = without_brackets(span_trim(span_first(*rest, i)));
    *rest = i < rest->len ? span_skip(*rest, i + 1) : (struct span){0};
    return true;
}

static bool address_is_plain(struct span address)
{
    bool quoted = false;
    for (size_t i = 0; i < address.len; i++) {
        char c = address.at[i];
        quoted ^= c == '"';
        if (!quoted && (ascii_is_space(c) || c == '<' || c == '>' || c == ','))
            return false;
        i += quoted && c == '\\';
    }
    return !quoted;
}

static int addresses_check(const struct span *columns, const char *path, size_t line, struct err *err)
{
    struct span address, sender = without_brackets(columns[COLUMN_SENDER]);
    if (!address_is_plain(sender))
        return err_set(err, "%s:%zu: MAIL FROM: \"%.*s\" is no address", path, line, SPAN_FMT(sender));
    for (struct span rest = columns[COLUMN_RECIPIENT]; address_next(&rest, &address);)
        if (!address.len || !address_is_plain(address))
            return err_set(err, "%s:%zu: RCPT TO: \"%.*s\" is no address; several are parted by commas", path, line,
                           SPAN_FMT(address));
    return 0;
}

static int row_check(const struct row *row, const char *path, size_t line, struct err *err)
{
    struct ip ip;
    for (int i = 0; i < COLUMNS; i++)
        if (!row->columns[i].len)
            return err_set(err, "%s:%zu: column %d is empty; - stands for unknown", path, line, i + 1);
    struct span client = row->columns[COLUMN_CLIENT];
    if (!is_unknown(client) && !ip_parse(client, &ip))
        return err_set(err, "%s:%zu: \"%.*s\" is no address of a host", path, line, SPAN_FMT(client));
    return addresses_check(row->columns, path, line, err);
}

static int row_read(struct span line, struct row *out, const char *path, size_t number, struct err *err)
{
    size_t count = 0;
    struct span column;
    for (struct span rest = line; span_cut(&rest, '\t', &column); count++)
        if (count < COLUMNS)
            out->columns[count] = column;
    if (span_ends_case(line, S("\t")))
        count++;
    if (count != COLUMNS)
        return err_set(err, "%s:%zu: has %zu columns; wanted are %d, parted by tabs: file, client address, HELO, reverse name, "
                       "MAIL FROM, RCPT TO", path, number, count, COLUMNS);
    return row_check(out, path, number, err);
}

/* X.envelopes.tsv speaks of the files in X/, any other table of the files beside it. */
static int folder_of(const char *path, char *out, struct err *err)
{
    char folder[PATH_MAX];
    struct span tail = S(".envelopes.tsv");
    size_t len = strlen(path);
    if (span_ends_case(span_of(path), tail) && len - tail.len < sizeof folder) {
        memcpy(folder, path, len - tail.len);
        folder[len - tail.len] = 0;
        if (realpath(folder, out))
            return 0;
        return err_set(err, "%s: speaks of the folder %s, which is not there", path, folder);
    }
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    return realpath(folder, out) ? 0 : err_set(err, "%s: its folder cannot be read", path);
}

/* Within a table each file has one row; a row of a later table overrules. */
static int row_add(struct envelopes *envelopes, const struct row *row, const char *folder, const char *path, struct err *err)
{
    struct span file = row->columns[COLUMN_FILE];
    struct row *kept = arena_one(envelopes->arena, struct row);
    *kept = *row;
    if (span_starts(file, S("/")))
        kept->key = arena_copy(envelopes->arena, file).at;
    else
        kept->key = arena_print(envelopes->arena, "%s/%.*s", folder, SPAN_FMT(file)).at;
    struct row **found = tsearch(kept, &envelopes->tree, by_key);
    if (!found)
        abort();
    if (*found != kept && (*found)->table == row->table)
        return err_set(err, "%s:%zu: \"%.*s\" has a row in line %zu already", path, row->line, SPAN_FMT(file), (*found)->line);
    *found = kept; /* the key is equal */
    return 0;
}

int envelopes_load(struct envelopes *envelopes, const char *path, struct err *err)
{
    char folder[PATH_MAX];
    struct span text, line;
    if (file_read(envelopes->arena, path, MOST_BYTES, &text, err) < 0 || folder_of(path, folder, err) < 0)
        return -1;
    envelopes->tables++;
    for (size_t number = 1; span_cut(&text, '\n', &line); number++) {
        struct row row = {.table = envelopes->tables, .line = number};
        if (span_ends_case(line, S("\r")))
            line.len--;
        if (!line.len || line.at[0] == '#')
            continue;
        if (row_read(line, &row, path, number, err) < 0 || row_add(envelopes, &row, folder, path, err) < 0)
            return -1;
    }
    return 0;
}

static void row_apply(struct arena *arena, const struct row *row, struct arrival *arrival)
{
    const struct span *columns = row->columns;
    struct span sender = columns[COLUMN_SENDER];
    if (!is_unknown(columns[COLUMN_CLIENT]))
        ip_parse(columns[COLUMN_CLIENT], &arrival->client_ip);
    if (!is_unknown(columns[COLUMN_HELO]))
        arrival->helo = columns[COLUMN_HELO];
    if (!is_unknown(columns[COLUMN_REVERSE]))
        arrival->client_name = columns[COLUMN_REVERSE];
    if (!is_unknown(sender)) {
        arrival->mail_from = without_brackets(sender);
        arrival->mail_from_state = arrival->mail_from.len ? SENDER_GIVEN : SENDER_NULL;
    }
    struct span recipient;
    for (struct span rest = columns[COLUMN_RECIPIENT]; !is_unknown(columns[COLUMN_RECIPIENT]) && address_next(&rest, &recipient);)
        vec_push(arena, &arrival->rcpt_to)->address = recipient;
}

/* Of a name beside its table: a link stands for itself, and so does one message of an mbox, "path#12". */
static bool key_beside(const char *name, char *key, size_t room)
{
    char folder[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(name, '/'), *file = slash ? slash + 1 : name;
    int len = snprintf(folder, sizeof folder, "%.*s", slash ? (int)(file - name) : 1, slash ? name : ".");
    if (len < 0 || (size_t)len >= sizeof folder || !realpath(folder, real))
        return false;
    len = snprintf(key, room, "%s/%s", strcmp(real, "/") == 0 ? "" : real, file);
    return len > 0 && (size_t)len < room;
}

/* Of what a link leads to, which may lie beside another table. */
static bool key_behind(const char *name, char *key, size_t room)
{
    char file[PATH_MAX], real[PATH_MAX];
    const char *mark = strrchr(name, '#');
    if (realpath(name, real))
        mark = "";
    else if (!mark || snprintf(file, sizeof file, "%.*s", (int)(mark - name), name) >= (int)sizeof file || !realpath(file, real))
        return false;
    int len = snprintf(key, room, "%s%s", real, mark);
    return len > 0 && (size_t)len < room;
}

bool envelopes_find(const struct envelopes *envelopes, struct arena *arena, const char *name, struct arrival *arrival)
{
    char key[PATH_MAX + 32];
    struct row wanted = {.key = key}, **found = NULL;
    if (!envelopes->tree)
        return false;
    if (key_beside(name, key, sizeof key))
        found = tfind(&wanted, &envelopes->tree, by_key);
    if (!found && key_behind(name, key, sizeof key))
        found = tfind(&wanted, &envelopes->tree, by_key);
    if (found)
        row_apply(arena, *found, arrival);
    return found != NULL;
}
