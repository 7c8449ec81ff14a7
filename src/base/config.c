#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int close_later(const int *fd)
{
    return *fd > 0 ? close(*fd) : 0;
}

static int all_of(int fd, struct buf *into, const char *path, size_t max, struct err *err)
{
    char block[65536];
    for (;;) {
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
        if (got == 0)
            return 0;
        if ((size_t)got > max - into->len)
            return err_set(err, "%s: is larger than %zu bytes, the limit for such a file", path, max);
        buf_add(into, (struct span){block, (size_t)got});
    }
}

int file_read(struct arena *arena, const char *path, size_t max, struct span *out, struct err *err)
{
    bool standard = strcmp(path, "-") == 0;
    int fd __attribute__((cleanup(close_later))) = standard ? 0 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
        return err_set(err, "%s: is a folder where a file is wanted", path);
    struct buf into = {.arena = arena};
    if (all_of(fd, &into, path, max, err) < 0)
        return -1;
    *out = into.len ? buf_span(&into) : S("");
    return 0;
}

const cyaml_strval_t config_yes_no[4] = {{"yes", true}, {"no", false}, {"true", true}, {"false", false}};

/* What libcyaml complains of: the first line of its log says what, the later ones where, from the inside to the outside. */
struct complaint {
    char what[160], field[64];          /* field: the key whose value it is about; empty: not told */
    unsigned long line, entry;          /* of the innermost thing, of the innermost entry of a list; 0: not told */
};

static void place_read(struct complaint *complaint, const char *text)
{
    const char *line = strstr(text, "(line: ");
    if (!line)
        return;
    unsigned long number = strtoul(line + strlen("(line: "), NULL, 10);
    if (!complaint->line)
        complaint->line = number;
    if (!complaint->entry && strstr(text, "in sequence entry"))
        complaint->entry = number;
    if (!complaint->field[0])
        sscanf(text, " in mapping field '%63[^']'", complaint->field);
}

static void __attribute__((format(printf, 3, 0)))
complaint_add(cyaml_log_t level, void *context, const char *format, va_list args)
{
    char text[256];
    struct complaint *complaint = context;
    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(text, sizeof text, format, args);
    struct span said = span_trim(span_of(text));
    if (span_starts(said, S("Load: ")))
        said = span_skip(said, strlen("Load: "));
    if (!complaint->what[0])
        snprintf(complaint->what, sizeof complaint->what, "%.*s", SPAN_FMT(said));
    else
        place_read(complaint, text);
}

static cyaml_config_t config_with(struct complaint *complaint)
{
    return (cyaml_config_t){.log_fn = complaint_add, .log_ctx = complaint, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
}

/* libcyaml tells where the mapping begins that has a key; the key itself stands there or below. 0: not found. */
static unsigned long key_line(const char *path, const char *key, unsigned long from)
{
    FILE *file = fopen(path, "re");
    char text[1024];
    unsigned long found = 0;
    for (unsigned long number = 1; file && !found && fgets(text, sizeof text, file); number++) {
        const char *at = text + strspn(text, " -\t");
        if (number >= from && strncmp(at, key, strlen(key)) == 0 && at[strlen(key) + strspn(at + strlen(key), " ")] == ':')
            found = number;
    }
    if (file)
        fclose(file);
    return found;
}

bool key_is_like(const char *a, const char *b)
{
    size_t one = strlen(a), other = strlen(b), least = one < other ? one : other, head = 0, tail = 0;
    while (head < least && a[head] == b[head])
        head++;
    while (tail < least && a[one - 1 - tail] == b[other - 1 - tail])
        tail++;
    bool swapped = one == other && head + tail + 2 == one && a[head] == b[head + 1] && a[head + 1] == b[head];
    return least > 2 && (swapped || head + tail + 1 >= (one > other ? one : other));
}

/* NULL: no key of the schema, however deep, is like it. */
static const char *key_like(const cyaml_schema_value_t *schema, const char *key)
{
    const char *found = NULL;
    if (schema->type == CYAML_SEQUENCE)
        return key_like(schema->sequence.entry, key);
    if (schema->type != CYAML_MAPPING)
        return NULL;
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key && !found; field++)
        found = key_is_like(field->key, key) ? field->key : key_like(&field->value, key);
    return found;
}

/* The words that the field of this key may hold. NULL: no such field. */
static const cyaml_schema_value_t *choice_of(const cyaml_schema_value_t *schema, const char *key)
{
    const cyaml_schema_value_t *found = NULL;
    if (schema->type == CYAML_SEQUENCE)
        return choice_of(schema->sequence.entry, key);
    if (schema->type != CYAML_MAPPING)
        return NULL;
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key && !found; field++)
        found = strcmp(field->key, key) == 0 && field->value.type == CYAML_ENUM ? &field->value : choice_of(&field->value, key);
    return found;
}

static int choice_tell(const char *path, const char *place, const char *key, const cyaml_schema_value_t *choice, struct err *err)
{
    char words[200] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < choice->enumeration.count && used < sizeof words; i++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", i ? ", " : "", choice->enumeration.strings[i].str);
    return err_set(err, "%s%s: \"%s\" is none of the words it may be: %s%s", path, place, key, words, used >= sizeof words ? " ..." : "");
}

/* libcyaml's words -> what to do. Where `about` is set the key is put before, else the rest of the words behind. */
static const struct {
    const char *begins, *says;
    bool about;
} sayings[] = {
    {"Expecting SEQUENCE, got event: SCALAR", "wants a list: write [value]", true},
    {"Expecting SEQUENCE", "wants a list", true},
    {"Expecting MAPPING", "wants keys with values, as in key: value", true},
    {"Expecting ", "wants a single value", true},
    {"Insufficient entries", "is an empty list", true},
    {"Excessive entries", "is too long a list", true},
    {"STRING length < ", "is empty", true},
    {"STRING length > ", "is too long", true},
    {"Invalid ENUM value: ", "is none of the words it may be", true},
    {"Invalid ", "is no number", true},
    {"libyaml: found character that cannot start any token", "is no YAML here or right below: lines are indented by spaces, never by tabs", false},
    {"libyaml: ", "is no YAML: ", false},
};

static int complaint_tell(const char *path, const cyaml_schema_value_t *schema, const struct complaint *complaint, struct err *err)
{
    char key[64] = "", place[32] = "";
    const char *what = complaint->what;
    bool unknown = sscanf(what, "Unexpected key: %63s", key) == 1, missing = sscanf(what, "Missing required mapping field: %63s", key) == 1,
         twice = sscanf(what, "Mapping field already seen: %63s", key) == 1;
    unsigned long line = missing && complaint->entry ? complaint->entry : complaint->line, found;
    if (unknown && (found = key_line(path, key, line)) > 0)
        line = found;
    if (line)
        snprintf(place, sizeof place, ":%lu", line);
    const char *like = unknown ? key_like(schema, key) : NULL;
    if (like && strcmp(like, key) == 0)
        return err_set(err, "%s%s: the key \"%s\" does not belong here, but under another; see how the table of that name is laid out", path,
                       place, key);
    if (unknown)
        return err_set(err, "%s%s: unknown key \"%s\"%s%s%s", path, place, key, like ? "; did you mean \"" : "", like ? like : "",
                       like ? "\"?" : "");
    if (missing || twice)
        return err_set(err, missing ? "%s%s: lacks the key \"%s\"" : "%s%s: the key \"%s\" stands twice", path, place, key);
    const cyaml_schema_value_t *choice = span_starts(span_of(what), S("Invalid ENUM")) ? choice_of(schema, complaint->field) : NULL;
    if (choice)
        return choice_tell(path, place, complaint->field, choice, err);
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++)
        if (span_starts(span_of(what), span_of(sayings[i].begins))) {
            bool about = sayings[i].about && complaint->field[0];
            const char *quote = about ? "\"" : "", *rest = sayings[i].about ? "" : what + strlen(sayings[i].begins);
            return err_set(err, "%s%s: %s%s%s%s%s%s", path, place, quote, about ? complaint->field : "", quote, about ? " " : "",
                           sayings[i].says, rest);
        }
    if (complaint->field[0])
        return err_set(err, "%s%s: \"%s\": %s", path, place, complaint->field, what);
    return err_set(err, "%s%s: %s", path, place, what);
}

int config_load(const char *path, const cyaml_schema_value_t *schema, void **out, struct err *err)
{
    struct complaint complaint = {0};
    cyaml_config_t config = config_with(&complaint);
    *out = NULL;
    if (access(path, R_OK) != 0)
        return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
    cyaml_err_t failed = cyaml_load_file(path, &config, schema, (cyaml_data_t **)out, NULL);
    if (failed == CYAML_OK && *out)
        return 0;
    if (failed == CYAML_OK)
        return err_set(err, "%s: holds nothing", path);
    if (complaint.what[0])
        return complaint_tell(path, schema, &complaint, err);
    return err_set(err, "%s: %s", path, cyaml_strerror(failed));
}

void config_free(const cyaml_schema_value_t *schema, void **data)
{
    struct complaint complaint = {0};
    cyaml_config_t config = config_with(&complaint);
    if (*data)
        cyaml_free(&config, schema, *data, 0);
    *data = NULL;
}
