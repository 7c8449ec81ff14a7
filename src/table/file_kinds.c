#include "table/inner.h"

#include "base/config.h"

#include <unistd.h>

/* data/file-kinds.yaml as libcyaml reads it */
struct ending_row {
    enum ending_kind kind;
    char *what, *source, *date;
    char **endings;
    unsigned endings_count;
    bool sure;
};
struct envelope_row {
    char *name, *source, *date;
    char **hosts;
    unsigned hosts_count;
    bool sure;
};
struct kinds_file {
    struct ending_row *kinds;
    struct envelope_row *envelopes;
    unsigned kinds_count, envelopes_count;
};

static const cyaml_strval_t kind_names[] = {
    {"program", ENDING_PROGRAM},   {"script", ENDING_SCRIPT},     {"archive", ENDING_ARCHIVE}, {"disk-image", ENDING_DISK_IMAGE},
    {"macro-document", ENDING_MACRO_DOCUMENT}, {"document", ENDING_DOCUMENT}, {"page", ENDING_PAGE}, {"picture", ENDING_PICTURE},
    {"calendar", ENDING_CALENDAR}, {"message", ENDING_MESSAGE},   {"text", ENDING_TEXT},       {"media", ENDING_MEDIA},
};
static const cyaml_schema_value_t ending_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 30)};
static const cyaml_schema_value_t host_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 3, 253)};
static const cyaml_schema_field_t ending_fields[] = {
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct ending_row, kind, kind_names, CYAML_ARRAY_LEN(kind_names)),
    CYAML_FIELD_STRING_PTR("what", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct ending_row, what, 0, 200),
    CYAML_FIELD_SEQUENCE("endings", CYAML_FLAG_POINTER, struct ending_row, endings, &ending_value, 1, 500),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct ending_row, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct ending_row, date, 10, 10),
    CONFIG_FIELD_YES_NO("sure", struct ending_row, sure),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t envelope_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct envelope_row, name, 1, 100),
    CYAML_FIELD_SEQUENCE("hosts", CYAML_FLAG_POINTER, struct envelope_row, hosts, &host_value, 1, 50),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct envelope_row, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct envelope_row, date, 10, 10),
    CONFIG_FIELD_YES_NO("sure", struct envelope_row, sure),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t row_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct ending_row, ending_fields)};
static const cyaml_schema_value_t envelope_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct envelope_row, envelope_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("kinds", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct kinds_file, kinds, &row_value, 0, 200),
    CYAML_FIELD_SEQUENCE("envelopes", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct kinds_file, envelopes, &envelope_value, 0, 200),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct kinds_file, file_fields)};

static void file_free(struct kinds_file **file)
{
    config_free(&file_value, (void **)file);
}

/* The operator's row goes before ours; twice in one file is a mistake that would hide one of the two. */
static int ending_add(struct tables *tables, const struct ending_row *row, const char *ending, bool own, const char *path, struct err *err)
{
    if (ending[0] == '.' || strchr(ending, '*') || strchr(ending, ' '))
        return err_set(err, "%s:%u: ending %s: write it without dot, star and blank", path, line_of(path, span_of(ending)), ending);
    struct span name = arena_lower(tables->arena, arena_copy(tables->arena, span_of(ending)));
    vec_each (known, &tables->endings)
        if (span_eq(known->name, name)) {
            if (known->own == own)
                return err_set(err, "%s:%u: the ending %s stands twice; keep one", path, line_of(path, span_of(ending)), ending);
            return 0; /* the operator's file is read first */
        }
    *vec_push(tables->arena, &tables->endings) = (struct ending){name, row->kind, row->sure, own};
    return 0;
}

static int rows_take(struct tables *tables, const struct kinds_file *file, bool own, const char *path, struct err *err)
{
    for (unsigned i = 0; i < file->kinds_count; i++)
        for (unsigned k = 0; k < file->kinds[i].endings_count; k++)
            if (ending_add(tables, &file->kinds[i], file->kinds[i].endings[k], own, path, err) < 0)
                return -1;
    for (unsigned i = 0; i < file->envelopes_count; i++)
        for (unsigned k = 0; k < file->envelopes[i].hosts_count; k++) {
            const char *host = file->envelopes[i].hosts[k];
            if (strchr(host, '*') || host[0] == '.' || !strchr(host, '.'))
                return err_set(err, "%s:%u: host %s: write a domain with at least two labels; what is under it is meant too", path,
                               line_of(path, span_of(host)), host);
            *vec_push(tables->arena, &tables->envelope_hosts) = arena_lower(tables->arena, arena_copy(tables->arena, span_of(host)));
        }
    return 0;
}

static int one_load(struct tables *tables, const char *path, bool own, struct err *err)
{
    struct kinds_file *file __attribute__((cleanup(file_free))) = NULL;
    if (config_load(path, &file_value, (void **)&file, err) < 0)
        return -1;
    return rows_take(tables, file, own, path, err);
}

int file_kinds_load(struct tables *tables, struct err *err)
{
    const char *own = own_path(tables, "file-kinds.yaml"), *ours = data_path(tables, "file-kinds.yaml");
    if (own && one_load(tables, own, true, err) < 0)
        return -1;
    if (access(ours, F_OK) == 0 && one_load(tables, ours, false, err) < 0)
        return -1;
    span_map_size(tables->arena, &tables->ending_map, tables->endings.len);
    for (uint32_t i = 0; i < tables->endings.len; i++)
        span_map_add(&tables->ending_map, tables->endings.at[i].name, i);
    return 0;
}

enum ending_kind ending_kind_of(const struct tables *tables, struct span ending, bool *sure)
{
    char lower[32];
    *sure = false;
    if (!tables || !ending.len || ending.len > sizeof lower)
        return ENDING_UNKNOWN;
    for (size_t i = 0; i < ending.len; i++)
        lower[i] = ascii_lower(ending.at[i]);
    const uint32_t *found = span_map_find(&tables->ending_map, (struct span){lower, ending.len});
    if (!found)
        return ENDING_UNKNOWN;
    *sure = tables->endings.at[*found].sure;
    return tables->endings.at[*found].kind;
}

bool envelope_host(const struct tables *tables, struct span host)
{
    if (tables)
        vec_each (known, &tables->envelope_hosts)
            if (domain_is_or_under(host, *known))
                return true;
    return false;
}
