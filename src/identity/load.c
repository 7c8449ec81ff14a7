/* What is protected, from YAML. */
#include "identity/scene.h"

#include "base/config.h"

struct person_row {
    char *name, *title;
    char **names, **addresses;
    unsigned names_count, addresses_count;
};
struct settings_file {
    char **own_domains, **own_names, **partners;
    struct person_row *people;
    unsigned own_domains_count, own_names_count, partners_count, people_count;
};

static const cyaml_schema_value_t text_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 320)};
#define TEXTS(of, key) CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, of, key, &text_value, 0, 10000)
static const cyaml_schema_field_t person_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct person_row, name, 1, 200),
    CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct person_row, title, 0, 200),
    TEXTS(struct person_row, names),
    TEXTS(struct person_row, addresses),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t person_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct person_row, person_fields)};
static const cyaml_schema_field_t file_fields[] = {
    TEXTS(struct settings_file, own_domains),
    TEXTS(struct settings_file, own_names),
    TEXTS(struct settings_file, partners),
    CYAML_FIELD_SEQUENCE("people", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct settings_file, people, &person_value, 0, 10000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct settings_file, file_fields)};

static void file_free(struct settings_file **file)
{
    config_free(&file_value, (void **)file);
}

struct texts {
    VEC(struct span) list;
};
#define TAKE(to, from, count)                                                                                          \
    for (unsigned i = 0; i < (count); i++)                                                                             \
    *vec_push(arena, to) = arena_copy(arena, span_of((from)[i]))

bool identity_domain_read(struct arena *arena, struct span text, struct span *out)
{
    *out = domain_to_ascii(arena, arena_copy(arena, text)); /* copied: it may be given back as it is, and the text be freed */
    return out->len && span_find_byte(*out, '.') && !span_find_byte(*out, '@') && !span_find_byte(*out, '*');
}

int identity_person_check(const struct person *person, struct err *err)
{
    vec_each(address, &person->addresses)
        if (!span_find_byte(*address, '@'))
            return err_set(err, "\"%.*s\" is no address: write it like taro@example.com", SPAN_FMT(*address));
    return 0;
}

static int domains_take(struct arena *arena, const char *path, const char *key, char **domains, unsigned count, struct texts *out, struct err *err)
{
    for (unsigned i = 0; i < count; i++) {
        struct span domain;
        if (!identity_domain_read(arena, span_of(domains[i]), &domain))
            return err_set(err, "%s: %s: \"%s\" is no domain: write it like example.com; what is under it is meant too", path, key, domains[i]);
        *vec_push(arena, &out->list) = domain;
    }
    return 0;
}

static int person_take(struct arena *arena, const char *path, const struct person_row *row, struct person *out, struct err *err)
{
    *out = (struct person){.name = arena_copy(arena, span_of(row->name)), .title = row->title ? arena_copy(arena, span_of(row->title)) : S("")};
    struct err why;
    TAKE(&out->names, row->names, row->names_count);
    TAKE(&out->addresses, row->addresses, row->addresses_count);
    return identity_person_check(out, &why) == 0 ? 0 : err_set(err, "%s: people: %s: %s", path, row->name, why.text);
}

int identity_load(struct arena *arena, const char *path, struct identity_settings *out, struct err *err)
{
    struct settings_file *file __attribute__((cleanup(file_free))) = NULL;
    struct texts own = {0}, partners = {0};
    if (config_load(path, &file_value, (void **)&file, err) < 0)
        return -1;
    if (domains_take(arena, path, "own_domains", file->own_domains, file->own_domains_count, &own, err) < 0 ||
        domains_take(arena, path, "partners", file->partners, file->partners_count, &partners, err) < 0)
        return -1;
    vec_each(domain, &own.list)
        *vec_push(arena, &out->own_domains) = *domain;
    vec_each(domain, &partners.list)
        *vec_push(arena, &out->partners) = *domain;
    TAKE(&out->own_names, file->own_names, file->own_names_count);
    for (unsigned i = 0; i < file->people_count; i++)
        if (person_take(arena, path, &file->people[i], vec_push(arena, &out->people), err) < 0)
            return -1;
    identity_settings_ready(arena, out);
    return 0;
}

static struct span folded_name(struct arena *arena, struct span name)
{
    struct folded folded;
    text_fold(arena, name, 1000, &folded);
    return folded.text;
}

void identity_settings_ready(struct arena *arena, struct identity_settings *settings)
{
    settings->own_forms.len = 0;
    vec_each(name, &settings->own_names)
        *vec_push(arena, &settings->own_forms) = folded_name(arena, *name);
    vec_each(person, &settings->people) {
        person->forms.len = 0;
        *vec_push(arena, &person->forms) = folded_name(arena, person->name);
        vec_each(name, &person->names)
            *vec_push(arena, &person->forms) = folded_name(arena, *name);
        person->title_folded = folded_name(arena, person->title);
    }
}
