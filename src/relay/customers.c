#include "base/config.h"
#include "relay/relay.h"

/* As libcyaml reads the file; copied into the arena and given back. */
struct customer_row {
    char *name, *relay_pool;
    char **tenants, **domains, **organisations, **on_premises;
    unsigned tenants_count, domains_count, organisations_count, on_premises_count;
};
struct customers_file {
    struct customer_row *customers;
    unsigned customers_count;
};

static const cyaml_schema_value_t word_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 255)};
static const cyaml_schema_field_t customer_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct customer_row, name, 1, 255),
    CYAML_FIELD_SEQUENCE("tenants", CYAML_FLAG_POINTER, struct customer_row, tenants, &word_schema, 1, 1000),
    CYAML_FIELD_SEQUENCE("domains", CYAML_FLAG_POINTER, struct customer_row, domains, &word_schema, 1, 10000),
    CYAML_FIELD_SEQUENCE("organisations", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct customer_row, organisations,
                         &word_schema, 0, 1000),
    CYAML_FIELD_SEQUENCE("on_premises", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct customer_row, on_premises,
                         &word_schema, 0, 1000),
    CYAML_FIELD_STRING_PTR("relay_pool", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct customer_row, relay_pool, 1, 255),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t customer_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct customer_row, customer_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("customers", CYAML_FLAG_POINTER, struct customers_file, customers, &customer_schema, 0, 100000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct customers_file, file_fields)};

static struct span word_take(struct arena *arena, const char *word)
{
    return arena_lower(arena, arena_copy(arena, span_trim(span_of(word))));
}

static bool is_guid(struct span s)
{
    if (s.len != 36)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool digit = ascii_is_digit(s.at[i]) || ((s.at[i] | 32) >= 'a' && (s.at[i] | 32) <= 'f');
        if (dash ? s.at[i] != '-' : !digit)
            return false;
    }
    return true;
}

static int addresses_take(struct arena *arena, const char *path, const struct customer_row *row, struct customer *out,
                          struct err *err)
{
    for (unsigned i = 0; i < row->on_premises_count; i++) {
        struct prefix *prefix = vec_push(arena, &out->on_premises);
        if (!ip_prefix_parse(span_of(row->on_premises[i]), &prefix->network, &prefix->bits))
            return err_set(err, "%s: customer \"%s\": on_premises: \"%s\" is no address or network; write 192.0.2.0/24",
                           path, row->name, row->on_premises[i]);
    }
    return 0;
}

/* libcyaml would take any word but "no" and its like for a yes, and this one opens a door. */
static int pool_take(const char *path, const struct customer_row *row, struct customer *out, struct err *err)
{
    struct span word = span_of(row->relay_pool);
    out->relay_pool = span_eq_case(word, S("yes")) || span_eq_case(word, S("true"));
    if (!word.len || out->relay_pool || span_eq_case(word, S("no")) || span_eq_case(word, S("false")))
        return 0;
    return err_set(err, "%s: customer \"%s\": relay_pool: \"%s\" is neither yes nor no", path, row->name, row->relay_pool);
}

static int customer_check(const char *path, const struct customer *customer, struct err *err)
{
    vec_each(tenant, &customer->tenants)
        if (!is_guid(*tenant))
            return err_set(err, "%s: customer \"%.*s\": tenants: \"%.*s\" is no tenant id (a GUID)", path,
                           SPAN_FMT(customer->name), SPAN_FMT(*tenant));
    vec_each(domain, &customer->domains)
        if (span_find_byte(*domain, '*'))
            return err_set(err, "%s: customer \"%.*s\": domains: \"%.*s\" has a *; write the domain alone, it stands for what is "
                                "under it too", path, SPAN_FMT(customer->name), SPAN_FMT(*domain));
    vec_each(domain, &customer->domains)
        if (!span_find_byte(*domain, '.') || span_find_byte(*domain, '@'))
            return err_set(err, "%s: customer \"%.*s\": domains: \"%.*s\" is no domain name", path,
                           SPAN_FMT(customer->name), SPAN_FMT(*domain));
    vec_each(organisation, &customer->organisations)
        if (!span_find_byte(*organisation, '.') || span_eq(*organisation, S("onmicrosoft.com")))
            return err_set(err, "%s: customer \"%.*s\": organisations: \"%.*s\" names no tenant; write tenant.onmicrosoft.com",
                           path, SPAN_FMT(customer->name), SPAN_FMT(*organisation));
    return 0;
}

static int customer_take(struct arena *arena, const char *path, const struct customer_row *row, struct customer *out,
                         struct err *err)
{
    out->name = arena_copy(arena, span_of(row->name));
    for (unsigned i = 0; i < row->tenants_count; i++)
        *vec_push(arena, &out->tenants) = word_take(arena, row->tenants[i]);
    for (unsigned i = 0; i < row->domains_count; i++)
        *vec_push(arena, &out->domains) = word_take(arena, row->domains[i]);
    for (unsigned i = 0; i < row->organisations_count; i++)
        *vec_push(arena, &out->organisations) = word_take(arena, row->organisations[i]);
    if (customer_check(path, out, err) < 0 || pool_take(path, row, out, err) < 0)
        return -1;
    return addresses_take(arena, path, row, out, err);
}

/* One domain in two hands would let either customer send as the other. */
static int domains_apart(const char *path, const struct customers *customers, struct err *err)
{
    vec_each(one, &customers->list)
        for (const struct customer *other = one + 1; other < customers->list.at + customers->list.len; other++)
            vec_each(domain, &one->domains)
                vec_each(same, &other->domains)
                    if (domain_is_or_under(*domain, *same) || domain_is_or_under(*same, *domain))
                        return err_set(err, "%s: \"%.*s\" of customer \"%.*s\" and \"%.*s\" of \"%.*s\" overlap; a domain "
                                            "belongs to one customer", path, SPAN_FMT(*domain), SPAN_FMT(one->name),
                                       SPAN_FMT(*same), SPAN_FMT(other->name));
    return 0;
}

static int customers_take(struct arena *arena, const char *path, const struct customers_file *file,
                          struct customers *out, struct err *err)
{
    if (!file->customers_count)
        return err_set(err, "%s: customers: the list is empty; name at least one customer", path);
    for (unsigned i = 0; i < file->customers_count; i++)
        if (customer_take(arena, path, &file->customers[i], vec_push(arena, &out->list), err) < 0)
            return -1;
    return domains_apart(path, out, err);
}

int customers_load(struct arena *arena, const char *path, struct customers *out, struct err *err)
{
    struct customers_file *file = NULL;
    *out = (struct customers){0};
    if (config_load(path, &file_schema, (void **)&file, err) < 0)
        return -1;
    int failed = customers_take(arena, path, file, out, err);
    config_free(&file_schema, (void **)&file);
    return failed;
}
