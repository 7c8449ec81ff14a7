#include "table/inner.h"

#include "base/config.h"

/* data/brands.yaml as libcyaml reads it */
struct brand_row {
    char *id, *name, *country, *source, *date;
    char **names, **words, **domains, **senders, **services;
    unsigned names_count, words_count, domains_count, senders_count, services_count;
    enum brand_kind kind;
    bool sure;
};
struct brands_file {
    struct brand_row *brands;
    unsigned brands_count;
};

static const cyaml_strval_t kinds[] = {
#define BRAND_KIND(id, name) {name, id},
#include "table/brand_kind.def"
#undef BRAND_KIND
};
static const cyaml_schema_value_t text_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 253)};
#define TEXTS(key, most) CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct brand_row, key, &text_value, 0, most)
static const cyaml_schema_field_t brand_fields[] = {
    CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct brand_row, id, 1, 40),
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct brand_row, name, 1, 120),
    TEXTS(names, 100),
    TEXTS(words, 50),
    CYAML_FIELD_SEQUENCE("domains", CYAML_FLAG_POINTER, struct brand_row, domains, &text_value, 1, 500),
    TEXTS(senders, 100),
    TEXTS(services, 50),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct brand_row, kind, kinds, CYAML_ARRAY_LEN(kinds)),
    CYAML_FIELD_STRING_PTR("country", CYAML_FLAG_POINTER, struct brand_row, country, 2, 2),
    CONFIG_FIELD_YES_NO("sure", struct brand_row, sure),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct brand_row, source, 1, 1000),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct brand_row, date, 10, 10),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t brand_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct brand_row, brand_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("brands", CYAML_FLAG_POINTER, struct brands_file, brands, &brand_value, 0, 10000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct brands_file, file_fields)};

static void file_free(struct brands_file **file)
{
    config_free(&file_value, (void **)file);
}

/* The id stands behind "id:"; its letters may stand in other rows too. */
static unsigned row_line(const struct tables *tables, const char *path, struct span id)
{
    return line_of(path, arena_print(tables->arena, "id: %.*s\n", SPAN_FMT(id)));
}

static bool is_host_name(const char *name)
{
    struct span host = span_of(name);
    for (size_t i = 0; i < host.len; i++)
        if (!((host.at[i] >= 'a' && host.at[i] <= 'z') || ascii_is_digit(host.at[i]) || host.at[i] == '-' || host.at[i] == '.'))
            return false;
    return host.len && span_find_byte(host, '.') && host.at[0] != '.' && host.at[host.len - 1] != '.';
}

/* Public suffixes that only a state gives names under are the state's own. */
static bool anybody_registers_under(const struct tables *tables, const char *host)
{
    static const struct span states[] = {{"gov.", 4}, {"go.", 3}, {"gob.", 4}, {"gouv.", 5}, {"govt.", 5}, {"gv.", 3}};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (span_starts(span_of(host), states[i]))
            return false;
    return psl_is_public_suffix2(tables->suffixes, host, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

static int hosts_check(const struct tables *tables, const struct brand_row *row, const char *path, struct err *err)
{
    for (unsigned i = 0; i < row->domains_count + row->senders_count; i++) {
        bool own = i < row->domains_count;
        const char *host = own ? row->domains[i] : row->senders[i - row->domains_count];
        if (!is_host_name(host))
            return err_set(err, "%s:%u: brand %s: \"%s\" is no domain: write it in small letters with at least two labels, others than a to z as xn--",
                           path, line_of(path, span_of(host)), row->id, host);
        if (own && anybody_registers_under(tables, host))
            return err_set(err, "%s:%u: brand %s: under %s anybody registers names (public suffix list); name the brand's own domains under it, or none",
                           path, line_of(path, span_of(host)), row->id, host);
    }
    return 0;
}

static int row_check(const struct tables *tables, const struct brand_row *row, const char *path, struct err *err)
{
    for (const char *c = row->id; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !ascii_is_digit(*c) && *c != '-')
            return err_set(err, "%s:%u: the brand id \"%s\": write it in small letters, figures and hyphens", path, row_line(tables, path, span_of(row->id)), row->id);
    if (!row->names_count && !row->words_count)
        return err_set(err, "%s:%u: brand %s has neither names nor words: write how it is called", path, row_line(tables, path, span_of(row->id)), row->id);
    for (unsigned i = 0; i < row->services_count; i++)
        if (!service_by_id(tables, span_of(row->services[i])))
            return err_set(err, "%s:%u: brand %s: services.yaml has no service \"%s\"", path, row_line(tables, path, span_of(row->id)),
                           row->id, row->services[i]);
    return hosts_check(tables, row, path, err);
}

struct texts {
    VEC(struct span) list;
};
static struct texts texts_take(struct arena *arena, char **texts, unsigned count)
{
    struct texts out = {0};
    for (unsigned i = 0; i < count; i++)
        *vec_push(arena, &out.list) = arena_copy(arena, span_of(texts[i]));
    return out;
}
#define TAKE(key)                                                                                                      \
    do {                                                                                                               \
        struct texts taken = texts_take(arena, row->key, row->key##_count);                                            \
        brand->key.at = taken.list.at, brand->key.len = taken.list.len, brand->key.cap = taken.list.cap;               \
    } while (0)

static void brand_take(struct arena *arena, const struct brand_row *row, struct brand *brand)
{
    *brand = (struct brand){.id = arena_copy(arena, span_of(row->id)), .name = arena_copy(arena, span_of(row->name)), .kind = row->kind,
                            .country = arena_copy(arena, span_of(row->country)), .source = arena_copy(arena, span_of(row->source)),
                            .date = arena_copy(arena, span_of(row->date)), .sure = row->sure, .index = brand->index};
    TAKE(names);
    TAKE(words);
    TAKE(domains);
    TAKE(senders);
    TAKE(services);
}

static int file_load(struct tables *tables, const char *path, struct err *err)
{
    struct brands_file *file __attribute__((cleanup(file_free))) = NULL;
    if (config_load(path, &file_value, (void **)&file, err) < 0)
        return -1;
    for (unsigned i = 0; i < file->brands_count; i++) {
        if (row_check(tables, &file->brands[i], path, err) < 0)
            return -1;
        struct brand *brand = vec_push(tables->arena, &tables->brands);
        brand->index = (uint32_t)tables->brands.len - 1;
        brand_take(tables->arena, &file->brands[i], brand);
    }
    return 0;
}

static int maps_fill(struct tables *tables, const char *const paths[2], size_t added_from, struct err *err)
{
    size_t domains = 0;
    vec_each(brand, &tables->brands)
        domains += brand->domains.len;
    span_map_size(tables->arena, &tables->brand_domains, domains);
    span_map_size(tables->arena, &tables->brand_ids, tables->brands.len);
    vec_each(brand, &tables->brands) {
        const char *file = paths[brand->index >= added_from];
        if (!span_map_add(&tables->brand_ids, brand->id, brand->index))
            return err_set(err, "%s:%u: the brand id %s stands twice; keep one row, or give the other another id", file,
                           row_line(tables, file, brand->id), brand->id.at);
        vec_each(domain, &brand->domains)
            if (!span_map_add(&tables->brand_domains, *domain, brand->index)) {
                const struct brand *other = &tables->brands.at[*span_map_find(&tables->brand_domains, *domain)];
                return err_set(err, "%s:%u: the domain %s stands with two brands, %s and %s; leave it with the one that owns it", file,
                               row_line(tables, file, brand->id), domain->at, other->id.at, brand->id.at);
            }
    }
    return 0;
}

int brands_load(struct tables *tables, struct err *err)
{
    const char *paths[2];
    size_t count = list_paths(tables, "brands.yaml", paths), added_from = 0;
    for (size_t i = 0; i < count; i++) {
        added_from = i ? tables->brands.len : added_from;
        if (file_load(tables, paths[i], err) < 0)
            return -1;
    }
    if (maps_fill(tables, paths, count == 2 ? added_from : tables->brands.len, err) < 0)
        return -1;
    brand_labels_make(tables);
    return 0;
}

size_t brand_count(const struct tables *tables)
{
    return tables->brands.len;
}

const struct brand *brand_at(const struct tables *tables, size_t index)
{
    return &tables->brands.at[index];
}

/* From the full name upwards. Deep names are cut: a row's domain has few labels. */
const struct brand *brand_by_domain(const struct tables *tables, struct span host)
{
    enum { LABELS_MOST = 6 };
    size_t starts[LABELS_MOST], count = 0;
    host = domain_undotted(host);
    for (size_t at = host.len; at > 0 && count < LABELS_MOST; at--)
        if (host.at[at - 1] == '.')
            starts[count++] = at;
    if (count < LABELS_MOST)
        starts[count++] = 0;
    while (count-- > 0) {
        const uint32_t *found = span_map_find(&tables->brand_domains, span_skip(host, starts[count]));
        if (found)
            return &tables->brands.at[*found];
    }
    return NULL;
}

bool brand_owns(const struct brand *brand, struct span host)
{
    vec_each(domain, &brand->domains)
        if (domain_is_or_under(host, *domain))
            return true;
    return false;
}

bool brand_sends(const struct brand *brand, struct span host)
{
    vec_each(sender, &brand->senders)
        if (domain_is_or_under(host, *sender))
            return true;
    return brand_owns(brand, host);
}
