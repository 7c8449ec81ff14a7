#include "table/inner.h"

#include "base/config.h"

/* data/redirectors.yaml as libcyaml reads it */
struct redirector_entry {
    char *id, *name, *service, *source, *date;
    enum redirect_kind kind;
    enum redirect_form form;
    bool sure;
    char **hosts, **paths, **fields;
    unsigned hosts_count, paths_count, fields_count;
};
struct redirectors_file {
    struct redirector_entry *redirectors;
    unsigned redirectors_count;
};

static const cyaml_strval_t kinds[] = {
    {"search", REDIRECT_SEARCH}, {"advertising", REDIRECT_ADVERTISING}, {"mail-tracker", REDIRECT_MAIL_TRACKER},
    {"rewriter", REDIRECT_REWRITER}, {"other", REDIRECT_OTHER},
};
static const cyaml_strval_t forms[] = {
    {"query", REDIRECT_QUERY}, {"path", REDIRECT_PATH}, {"base64", REDIRECT_BASE64}, {"safe-links", REDIRECT_SAFELINKS},
    {"url-defense-1", REDIRECT_URLDEFENSE_1}, {"url-defense-2", REDIRECT_URLDEFENSE_2}, {"url-defense-3", REDIRECT_URLDEFENSE_3},
    {"host-only", REDIRECT_HOST_ONLY}, {"label", REDIRECT_LABEL}, {"opaque", REDIRECT_OPAQUE},
};
static const cyaml_schema_value_t text_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 253)};
static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct redirector_entry, id, 1, 40),
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct redirector_entry, name, 1, 80),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct redirector_entry, kind, kinds, CYAML_ARRAY_LEN(kinds)),
    CYAML_FIELD_ENUM("form", CYAML_FLAG_STRICT, struct redirector_entry, form, forms, CYAML_ARRAY_LEN(forms)),
    CYAML_FIELD_SEQUENCE("hosts", CYAML_FLAG_POINTER, struct redirector_entry, hosts, &text_value, 1, 500),
    CYAML_FIELD_SEQUENCE("paths", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct redirector_entry, paths, &text_value, 0, 20),
    CYAML_FIELD_SEQUENCE("fields", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct redirector_entry, fields, &text_value, 0, 10),
    CYAML_FIELD_STRING_PTR("service", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct redirector_entry, service, 1, 40),
    CONFIG_FIELD_YES_NO("sure", struct redirector_entry, sure),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct redirector_entry, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct redirector_entry, date, 10, 10),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct redirector_entry, entry_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("redirectors", CYAML_FLAG_POINTER, struct redirectors_file, redirectors, &entry_value, 0, 2000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct redirectors_file, file_fields)};

static void file_free(struct redirectors_file **file)
{
    config_free(&file_value, (void **)file);
}

/* ---- loading */
static bool form_has_fields(enum redirect_form form)
{
    return form == REDIRECT_QUERY || form == REDIRECT_BASE64 || form == REDIRECT_HOST_ONLY;
}

static int entry_check(const struct tables *tables, const struct redirector_entry *entry, const char *path, struct err *err)
{
    struct span id = span_of(entry->id);
    if (form_has_fields(entry->form) != (entry->fields_count > 0))
        return err_set(err, "%s:%u: redirector %s: `fields` (of the query, in order of trial) belongs to the forms query, base64 and host-only",
                       path, line_of(path, id), entry->id);
    if (entry->form == REDIRECT_PATH && !entry->paths_count)
        return err_set(err, "%s:%u: redirector %s: the form path needs `paths`: what stands before the target", path, line_of(path, id), entry->id);
    if (entry->service && !service_by_id(tables, span_of(entry->service)))
        return err_set(err, "%s:%u: redirector %s: service %s stands in no row of services.yaml", path, line_of(path, id), entry->id, entry->service);
    for (unsigned i = 0; i < entry->hosts_count; i++)
        if (strpbrk(entry->hosts[i], "*/:") || entry->hosts[i][0] == '.' || !strchr(entry->hosts[i], '.'))
            return err_set(err, "%s:%u: redirector %s: host %s: write a domain with at least two labels; what is under it is meant too",
                           path, line_of(path, id), entry->id, entry->hosts[i]);
    for (unsigned i = 0; i < entry->paths_count; i++)
        if (entry->paths[i][0] != '/')
            return err_set(err, "%s:%u: redirector %s: path %s: it begins with a slash", path, line_of(path, id), entry->id, entry->paths[i]);
    return 0;
}

/* Rows of one host hang together, the longest path first. */
static int row_link(struct tables *tables, uint32_t at, const char *path, struct err *err)
{
    struct redirector_list *list = &tables->redirector_list;
    struct redirector_row *row = &list->rows.at[at];
    uint32_t *slot = (uint32_t *)span_map_find(&list->map, row->redirector.host);
    if (!slot) {
        span_map_add(&list->map, row->redirector.host, at);
        return 0;
    }
    while (*slot != UINT32_MAX && list->rows.at[*slot].redirector.path.len > row->redirector.path.len)
        slot = &list->rows.at[*slot].next;
    for (uint32_t i = *slot; i != UINT32_MAX; i = list->rows.at[i].next)
        if (span_eq(list->rows.at[i].redirector.path, row->redirector.path))
            return err_set(err, "%s:%u: redirector %s: %s%s stands in another row too; leave it in one", path, line_of(path, row->redirector.id),
                           row->redirector.id.at, row->redirector.host.at, row->redirector.path.len ? row->redirector.path.at : "");
    row->next = *slot;
    *slot = at;
    return 0;
}

static int entry_take(struct tables *tables, const struct redirector_entry *entry, const char *path, struct err *err)
{
    struct arena *arena = tables->arena;
    struct redirector made = {.id = arena_copy(arena, span_of(entry->id)), .name = arena_copy(arena, span_of(entry->name)),
                              .kind = entry->kind, .form = entry->form, .service = arena_copy(arena, span_of(entry->service)),
                              .sure = entry->sure};
    for (unsigned i = 0; i < entry->fields_count; i++)
        *vec_push(arena, &made.fields) = arena_copy(arena, span_of(entry->fields[i]));
    for (unsigned i = 0; i < entry->hosts_count; i++)
        for (unsigned j = 0; j < (entry->paths_count ? entry->paths_count : 1); j++) {
            struct redirector_row *row = vec_push(arena, &tables->redirector_list.rows);
            *row = (struct redirector_row){made, UINT32_MAX};
            row->redirector.host = arena_lower(arena, arena_copy(arena, span_of(entry->hosts[i])));
            row->redirector.path = entry->paths_count ? arena_copy(arena, span_of(entry->paths[j])) : S("");
        }
    return entry_check(tables, entry, path, err);
}

static int rows_link(struct tables *tables, size_t from, size_t to, const char *path, struct err *err)
{
    for (size_t i = from; i < to; i++)
        if (row_link(tables, (uint32_t)i, path, err) < 0)
            return -1;
    return 0;
}

static int file_take(struct tables *tables, const char *path, struct err *err)
{
    struct redirectors_file *file __attribute__((cleanup(file_free))) = NULL;
    if (config_load(path, &file_value, (void **)&file, err) < 0)
        return -1;
    for (unsigned i = 0; i < file->redirectors_count; i++)
        if (entry_take(tables, &file->redirectors[i], path, err) < 0)
            return -1;
    return 0;
}

int redirectors_load(struct tables *tables, struct err *err)
{
    struct redirector_list *list = &tables->redirector_list;
    const char *paths[2];
    size_t ends[2], count = list_paths(tables, "redirectors.yaml", paths), from = 0;
    for (size_t i = 0; i < count; i++) {
        if (file_take(tables, paths[i], err) < 0)
            return -1;
        ends[i] = list->rows.len;
    }
    span_map_size(tables->arena, &list->map, list->rows.len);
    for (size_t i = 0; i < count; from = ends[i++])
        if (rows_link(tables, from, ends[i], paths[i], err) < 0)
            return -1;
    return 0;
}

/* ---- asking */
size_t redirector_count(const struct tables *tables)
{
    return tables->redirector_list.rows.len;
}

const struct redirector *redirector_at(const struct tables *tables, size_t index)
{
    return &tables->redirector_list.rows.at[index].redirector;
}

/* From the full name upwards; deep names are cut, as no host of the list has many labels. */
const struct redirector *redirector_of(const struct tables *tables, struct span host, struct span path)
{
    enum { LABELS_MOST = 8 };
    const struct redirector_list *list = &tables->redirector_list;
    size_t starts[LABELS_MOST], count = 0;
    host = domain_undotted(host);
    for (size_t at = host.len; at > 0 && count < LABELS_MOST; at--)
        if (at == 1 || host.at[at - 2] == '.')
            starts[count++] = at - 1;
    while (count-- > 0) {
        const uint32_t *found = span_map_find(&list->map, span_skip(host, starts[count]));
        for (uint32_t i = found ? *found : UINT32_MAX; i != UINT32_MAX; i = list->rows.at[i].next)
            if (span_starts(path, list->rows.at[i].redirector.path))
                return &list->rows.at[i].redirector;
    }
    return NULL;
}
