#include "table/inner.h"

#include "base/config.h"

#include <stdlib.h>

/* data/networks.yaml as libcyaml reads it */
struct rule_row {
    uint32_t asn;
    char *name, *service, *source, *date;
    enum network_kind kind;
    bool sure;
};
struct pool_row {
    char *range, *name, *service, *source, *date;
    enum network_kind kind;
    bool sure;
};
struct networks_file {
    struct rule_row *networks;
    struct pool_row *pools;
    unsigned networks_count, pools_count;
};

static const cyaml_strval_t kinds[] = {
    {"hosting", NETWORK_HOSTING}, {"vpn", NETWORK_VPN},
    {"mobile", NETWORK_MOBILE},   {"access", NETWORK_ACCESS},
    {"mail-service", NETWORK_MAIL_SERVICE}, {"relay-pool", NETWORK_RELAY_POOL},
};
static const cyaml_schema_field_t rule_fields[] = {
    CYAML_FIELD_UINT("asn", CYAML_FLAG_DEFAULT, struct rule_row, asn),
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct rule_row, name, 1, 100),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct rule_row, kind, kinds, CYAML_ARRAY_LEN(kinds)),
    CYAML_FIELD_STRING_PTR("service", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct rule_row, service, 1, 40),
    CONFIG_FIELD_YES_NO("sure", struct rule_row, sure),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct rule_row, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct rule_row, date, 10, 10),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t pool_fields[] = {
    CYAML_FIELD_STRING_PTR("range", CYAML_FLAG_POINTER, struct pool_row, range, 1, 50),
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct pool_row, name, 1, 100),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct pool_row, kind, kinds, CYAML_ARRAY_LEN(kinds)),
    CYAML_FIELD_STRING_PTR("service", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct pool_row, service, 1, 40),
    CONFIG_FIELD_YES_NO("sure", struct pool_row, sure),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct pool_row, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct pool_row, date, 10, 10),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t rule_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct rule_row, rule_fields)};
static const cyaml_schema_value_t pool_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct pool_row, pool_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("networks", CYAML_FLAG_POINTER, struct networks_file, networks, &rule_value, 0, 10000),
    CYAML_FIELD_SEQUENCE("pools", CYAML_FLAG_POINTER, struct networks_file, pools, &pool_value, 0, 10000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct networks_file, file_fields)};

static void file_free(struct networks_file **file)
{
    config_free(&file_value, (void **)file);
}

static int service_check(const struct tables *tables, const char *id, const char *path, struct err *err)
{
    if (!id || service_by_id(tables, span_of(id)))
        return 0;
    return err_set(err, "%s:%u: service %s is not in services.yaml; add it there or leave `service` out", path, line_of(path, span_of(id)), id);
}

static int rules_take(struct tables *tables, const struct networks_file *file, const char *path, struct err *err)
{
    for (unsigned i = 0; i < file->networks_count; i++) {
        const struct rule_row *row = &file->networks[i];
        if (service_check(tables, row->service, path, err) < 0)
            return -1;
        *vec_push(tables->arena, &tables->rules) = (struct network_rule){row->asn, row->kind, arena_copy(tables->arena, span_of(row->name)),
                                                                         arena_copy(tables->arena, span_of(row->service)), row->sure};
    }
    return 0;
}

/* Bits beyond the prefix are a slip of the pen: 40.95.1.0/16 names another network than its writer thinks. */
static bool prefix_is_exact(const struct ip *network, unsigned bits)
{
    unsigned most = network->family == IP_V4 ? 32 : 128;
    for (unsigned bit = bits; bit < most; bit++)
        if (network->bytes[bit / 8] >> (7 - bit % 8) & 1)
            return false;
    return true;
}

static int pools_take(struct tables *tables, const struct networks_file *file, const char *path, struct err *err)
{
    for (unsigned i = 0; i < file->pools_count; i++) {
        const struct pool_row *row = &file->pools[i];
        struct pool pool = {.kind = row->kind, .sure = row->sure};
        if (service_check(tables, row->service, path, err) < 0)
            return -1;
        if (!ip_prefix_parse(span_of(row->range), &pool.first, &pool.bits) || !prefix_is_exact(&pool.first, pool.bits))
            return err_set(err, "%s:%u: %s is no address range; write its first address and the length, like 192.0.2.0/24", path,
                           line_of(path, span_of(row->range)), row->range);
        pool.name = arena_copy(tables->arena, span_of(row->name));
        pool.service = arena_copy(tables->arena, span_of(row->service));
        *vec_push(tables->arena, &tables->pools) = pool;
    }
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct network_rule *one = a, *other = b;
    return (one->asn > other->asn) - (one->asn < other->asn);
}

static int longest_first(const void *a, const void *b)
{
    const struct pool *one = a, *other = b;
    if (one->bits != other->bits)
        return (int)other->bits - (int)one->bits;
    return memcmp(&one->first, &other->first, sizeof one->first);
}

static int pools_sort(struct tables *tables, const char *path, struct err *err)
{
    if (tables->pools.len)
        qsort(tables->pools.at, tables->pools.len, sizeof *tables->pools.at, longest_first);
    for (size_t i = 1; i < tables->pools.len; i++) {
        const struct pool *pool = &tables->pools.at[i];
        struct span first = ip_text(tables->arena, &pool->first);
        if (longest_first(pool - 1, pool) == 0)
            return err_set(err, "%s: the address range %.*s/%u stands twice; keep one row", path, SPAN_FMT(first), pool->bits);
    }
    return 0;
}

int networks_load(struct tables *tables, struct err *err)
{
    struct networks_file *file __attribute__((cleanup(file_free))) = NULL;
    const char *path = data_path(tables, "networks.yaml");
    if (config_load(path, &file_value, (void **)&file, err) < 0)
        return -1;
    if (rules_take(tables, file, path, err) < 0 || pools_take(tables, file, path, err) < 0)
        return -1;
    if (tables->rules.len)
        qsort(tables->rules.at, tables->rules.len, sizeof *tables->rules.at, by_number);
    for (size_t i = 1; i < tables->rules.len; i++)
        if (tables->rules.at[i - 1].asn == tables->rules.at[i].asn)
            return err_set(err, "%s: AS number %u stands twice; keep one row", path, tables->rules.at[i].asn);
    return pools_sort(tables, path, err);
}

static const struct network_rule *rule_find(const struct tables *tables, uint32_t asn)
{
    struct network_rule key = {.asn = asn};
    if (!asn || !tables->rules.len)
        return NULL;
    return bsearch(&key, tables->rules.at, tables->rules.len, sizeof key, by_number);
}

static const struct pool *pool_find(const struct tables *tables, const struct ip *ip)
{
    vec_each (pool, &tables->pools)
        if (ip_within(ip, &pool->first, pool->bits))
            return pool;
    return NULL;
}

bool network_of(const struct tables *tables, const struct ip *ip, struct network *out)
{
    *out = (struct network){0};
    if (ip_scope_of(ip) != IP_PUBLIC)
        return false;
    as_find(tables, ip, &out->asn, &out->name);
    out->country = country_find(tables, ip);
    const struct network_rule *rule = rule_find(tables, out->asn);
    if (rule) {
        out->kind = rule->kind;
        out->service = rule->service;
        out->sure = rule->sure;
        if (!out->name.len)
            out->name = rule->name;
    }
    const struct pool *pool = pool_find(tables, ip); /* a range says more than the number above it */
    if (pool) {
        out->kind = pool->kind;
        out->name = pool->name;
        out->service = pool->service;
        out->sure = pool->sure;
    }
    return out->asn || out->country.len || pool;
}

const char *network_kind_name(enum network_kind kind)
{
    static const char *const names[] = {"unknown", "hosting", "vpn", "mobile", "access", "mail-service", "relay-pool"};
    return names[kind];
}
