#include "table/inner.h"

#include "base/config.h"

/* data/services.yaml as libcyaml reads it */
struct account_row {
    char *field;
    enum account_form form;
    unsigned index;
    bool sure;
};
struct service_row {
    char *id, *name, *source, *date;
    bool sure, carrier;
    char **hosts, **fields;
    uint32_t *asns;
    struct account_row *accounts;
    unsigned hosts_count, fields_count, asns_count, accounts_count;
};
struct services_file {
    struct service_row *services;
    unsigned services_count;
};

static const cyaml_strval_t forms[] = {
    {"whole", ACCOUNT_WHOLE},
    {"before-dot", ACCOUNT_BEFORE_DOT},
    {"colon-field", ACCOUNT_COLON_FIELD},
    {"verp-number", ACCOUNT_VERP_NUMBER},
    {"base64-json-third", ACCOUNT_BASE64_JSON_THIRD},
    {"before-underscore", ACCOUNT_BEFORE_UNDERSCORE},
};
static const cyaml_schema_field_t account_fields[] = {
    CYAML_FIELD_STRING_PTR("field", CYAML_FLAG_POINTER, struct account_row, field, 1, 100),
    CYAML_FIELD_ENUM("form", CYAML_FLAG_STRICT, struct account_row, form, forms, CYAML_ARRAY_LEN(forms)),
    CYAML_FIELD_UINT("index", CYAML_FLAG_OPTIONAL, struct account_row, index),
    CONFIG_FIELD_YES_NO("sure", struct account_row, sure),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t account_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct account_row, account_fields)};
static const cyaml_schema_value_t text_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 253)};
static const cyaml_schema_value_t number_value = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t)};
static const cyaml_schema_field_t service_fields[] = {
    CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct service_row, id, 1, 40),
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct service_row, name, 1, 80),
    CONFIG_FIELD_YES_NO("sure", struct service_row, sure),
    CYAML_FIELD_BOOL("carrier", CYAML_FLAG_OPTIONAL, struct service_row, carrier),
    CYAML_FIELD_SEQUENCE("hosts", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct service_row, hosts, &text_value, 0, 200),
    CYAML_FIELD_SEQUENCE("fields", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct service_row, fields, &text_value, 0, 50),
    CYAML_FIELD_SEQUENCE("accounts", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct service_row, accounts, &account_value, 0, 10),
    CYAML_FIELD_SEQUENCE("asns", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct service_row, asns, &number_value, 0, 50),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct service_row, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct service_row, date, 10, 10),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t service_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct service_row, service_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("services", CYAML_FLAG_POINTER, struct services_file, services, &service_value, 0, 1000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct services_file, file_fields)};

static void file_free(struct services_file **file)
{
    config_free(&file_value, (void **)file);
}

static int row_check(const struct service_row *row, const char *path, struct err *err)
{
    for (unsigned i = 0; i < row->accounts_count; i++) {
        const struct account_row *account = &row->accounts[i];
        if ((account->form == ACCOUNT_COLON_FIELD) != (account->index > 0))
            return err_set(err, "%s:%u: service %s, field %s: `index` (1 is the first) belongs to the form colon-field and to no other", path,
                           line_of(path, span_of(row->id)), row->id, account->field);
    }
    for (unsigned i = 0; i < row->hosts_count; i++)
        if (strchr(row->hosts[i], '*') || row->hosts[i][0] == '.' || !strchr(row->hosts[i], '.'))
            return err_set(err, "%s:%u: host %s of service %s: write a domain with at least two labels; what is under it is meant too",
                           path, line_of(path, span_of(row->hosts[i])), row->hosts[i], row->id);
    return 0;
}

static void service_take(struct arena *arena, const struct service_row *row, struct service *service)
{
    *service = (struct service){.id = arena_copy(arena, span_of(row->id)),
                                .name = arena_copy(arena, span_of(row->name)),
                                .source = arena_copy(arena, span_of(row->source)),
                                .date = arena_copy(arena, span_of(row->date)),
                                .sure = row->sure, .carrier = row->carrier};
    for (unsigned i = 0; i < row->hosts_count; i++)
        *vec_push(arena, &service->hosts) = arena_lower(arena, arena_copy(arena, span_of(row->hosts[i])));
    for (unsigned i = 0; i < row->fields_count; i++)
        *vec_push(arena, &service->fields) = arena_copy(arena, span_of(row->fields[i]));
    for (unsigned i = 0; i < row->asns_count; i++)
        *vec_push(arena, &service->asns) = row->asns[i];
    for (unsigned i = 0; i < row->accounts_count; i++) {
        const struct account_row *account = &row->accounts[i];
        *vec_push(arena, &service->accounts) = (struct service_account){arena_copy(arena, span_of(account->field)), account->form,
                                                                        account->index, account->sure && row->sure};
    }
}

/* A field that two services claim would tell of neither. */
static int fields_check(struct tables *tables, const char *path, struct err *err)
{
    struct span_map fields;
    size_t count = 0;
    vec_each (service, &tables->services)
        count += service->fields.len;
    span_map_size(tables->arena, &fields, count);
    vec_each (service, &tables->services)
        vec_each (field, &service->fields)
            if (!span_map_add(&fields, *field, 0))
                return err_set(err, "%s:%u: the field %s is written by two services; leave it in one or in none", path, line_of(path, *field), field->at);
    return 0;
}

static int maps_fill(struct tables *tables, const char *path, struct err *err)
{
    size_t hosts = 0;
    vec_each (service, &tables->services)
        hosts += service->hosts.len;
    span_map_size(tables->arena, &tables->hosts, hosts);
    span_map_size(tables->arena, &tables->ids, tables->services.len);
    for (uint32_t i = 0; i < tables->services.len; i++) {
        const struct service *service = &tables->services.at[i];
        if (!span_map_add(&tables->ids, service->id, i))
            return err_set(err, "%s:%u: the service id %s stands twice; keep one row", path, line_of(path, service->id), service->id.at);
        vec_each (host, &service->hosts)
            if (!span_map_add(&tables->hosts, *host, i))
                return err_set(err, "%s:%u: the host %s belongs to two services; leave it in one", path, line_of(path, *host), host->at);
    }
    return 0;
}

int services_load(struct tables *tables, struct err *err)
{
    struct services_file *file __attribute__((cleanup(file_free))) = NULL;
    const char *path = data_path(tables, "services.yaml");
    if (config_load(path, &file_value, (void **)&file, err) < 0)
        return -1;
    for (unsigned i = 0; i < file->services_count; i++) {
        if (row_check(&file->services[i], path, err) < 0)
            return -1;
        service_take(tables->arena, &file->services[i], vec_push(tables->arena, &tables->services));
    }
    return maps_fill(tables, path, err) < 0 || fields_check(tables, path, err) < 0 ? -1 : 0;
}

size_t service_count(const struct tables *tables)
{
    return tables->services.len;
}

const struct service *service_at(const struct tables *tables, size_t index)
{
    return &tables->services.at[index];
}

const struct service *service_by_id(const struct tables *tables, struct span id)
{
    const uint32_t *found = span_map_find(&tables->ids, id);
    return found ? &tables->services.at[*found] : NULL;
}

/* From the full name upwards: a service's own host may lie under another's domain. Deep names are cut: only the last
 * labels can match, as every host of the table has few. */
const struct service *service_by_host(const struct tables *tables, struct span host)
{
    enum { LABELS_MOST = 8 };
    size_t starts[LABELS_MOST], count = 0, at;
    host = domain_undotted(host);
    for (at = host.len; at > 0 && count < LABELS_MOST; at--)
        if (host.at[at - 1] == '.')
            starts[count++] = at;
    if (count < LABELS_MOST)
        starts[count++] = 0;
    while (count-- > 0) {
        const uint32_t *found = span_map_find(&tables->hosts, span_skip(host, starts[count]));
        if (found)
            return &tables->services.at[*found];
    }
    return NULL;
}
