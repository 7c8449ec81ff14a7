#include "table/inner.h"

#include "base/config.h"

/* data/hosts.yaml as libcyaml reads it */
struct host_group {
    unsigned kind;
    enum owner_form owner;
    bool exact, sure;
    char *source, *date;
    char **hosts;
    unsigned hosts_count;
};
struct hosts_file {
    struct host_group *groups;
    char **asides, **calls;
    unsigned groups_count, asides_count, calls_count;
};

static const cyaml_strval_t kinds[] = {
    {"shortener", HOST_SHORTENER},   {"free-pages", HOST_FREE_PAGES},     {"form", HOST_FORM},
    {"bucket", HOST_BUCKET},         {"share", HOST_SHARE},               {"tunnel", HOST_TUNNEL},
    {"gateway", HOST_GATEWAY},       {"images", HOST_IMAGES},             {"social", HOST_SOCIAL},
    {"messenger", HOST_MESSENGER},   {"free-mail", HOST_FREE_MAIL},       {"disposable", HOST_DISPOSABLE},
    {"cheap-suffix", HOST_CHEAP_SUFFIX}, {"reputable", HOST_REPUTABLE},   {"tracker", HOST_TRACKER},
    {"common-library", HOST_COMMON_LIBRARY}, {"signs-all", HOST_SIGNS_ALL}, {"notices", HOST_NOTICES},
};
static const cyaml_strval_t owners[] = {
    {"label", OWNER_LABEL}, {"label-my", OWNER_LABEL_MY}, {"path", OWNER_PATH},
    {"path-second", OWNER_PATH_SECOND}, {"after-a", OWNER_AFTER_A},
};
static const cyaml_schema_value_t text_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 253)};
static const cyaml_schema_field_t group_fields[] = {
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct host_group, kind, kinds, CYAML_ARRAY_LEN(kinds)),
    CYAML_FIELD_ENUM("owner", CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, struct host_group, owner, owners, CYAML_ARRAY_LEN(owners)),
    CYAML_FIELD_BOOL("exact", CYAML_FLAG_OPTIONAL, struct host_group, exact),
    CONFIG_FIELD_YES_NO("sure", struct host_group, sure),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct host_group, source, 1, 300),
    CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct host_group, date, 10, 10),
    CYAML_FIELD_SEQUENCE("hosts", CYAML_FLAG_POINTER, struct host_group, hosts, &text_value, 1, 20000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t group_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct host_group, group_fields)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("groups", CYAML_FLAG_POINTER, struct hosts_file, groups, &group_value, 0, 1000),
    CYAML_FIELD_SEQUENCE("asides", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct hosts_file, asides, &text_value, 0, 1000),
    CYAML_FIELD_SEQUENCE("calls", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct hosts_file, calls, &text_value, 0, 1000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct hosts_file, file_fields)};

static void file_free(struct hosts_file **file)
{
    config_free(&file_value, (void **)file);
}

const char *host_kind_name(unsigned bit)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((unsigned)kinds[i].val == bit)
            return kinds[i].str;
    return "";
}

static struct span host_part(struct span name)
{
    const char *slash = span_find_byte(name, '/');
    return slash ? span_from(name.at, slash) : name;
}

/* ---- loading */
static int name_check(const struct host_group *group, const char *text, const char *path, struct err *err)
{
    struct span name = span_of(text), host = host_part(name);
    bool odd = !host.len || span_find(name, S("//")) || host.at[0] == '.' || host.at[host.len - 1] == '.' || name.at[name.len - 1] == '/';
    for (size_t i = 0; i < host.len; i++)
        odd |= !(ascii_is_digit(host.at[i]) || (host.at[i] >= 'a' && host.at[i] <= 'z') || host.at[i] == '-' || host.at[i] == '.');
    if (odd)
        return err_set(err, "%s:%u: %s is no host; write a domain in lower case and A-labels, or domain/path, without https:// and without *",
                       path, line_of(path, name), text);
    if (group->kind != HOST_CHEAP_SUFFIX && !span_find_byte(host, '.'))
        return err_set(err, "%s:%u: %s is a whole top-level domain; only the kind cheap-suffix may name one", path, line_of(path, name), text);
    if (group->exact && host.len != name.len)
        return err_set(err, "%s:%u: %s: `exact` is for hosts without a path", path, line_of(path, name), text);
    return 0;
}

static struct host_entry *entry_of(struct tables *tables, struct span name)
{
    struct host_list *list = &tables->host_list;
    const uint32_t *found = span_map_find(&list->map, name);
    if (found)
        return &list->entries.at[*found];
    struct host_entry *entry = vec_push(tables->arena, &list->entries);
    *entry = (struct host_entry){.name = arena_copy(tables->arena, name)};
    span_map_add(&list->map, entry->name, (uint32_t)list->entries.len - 1);
    return entry;
}

static int host_take(struct tables *tables, const struct host_group *group, const char *text, const char *path, struct err *err)
{
    if (name_check(group, text, path, err) < 0)
        return -1;
    struct span name = span_of(text), host = host_part(name);
    struct host_entry *entry = entry_of(tables, name);
    if ((entry->under | entry->exact) & group->kind)
        return err_set(err, "%s:%u: %s stands twice under the kind %s; leave it once", path, line_of(path, name), text, host_kind_name(group->kind));
    *(group->exact ? &entry->exact : &entry->under) |= group->kind;
    if (group->owner)
        entry->owner = group->owner;
    if (host.len != name.len)
        entry_of(tables, host)->has_paths = true;
    return 0;
}

static size_t names_count(const struct hosts_file *file)
{
    size_t count = 0;
    for (unsigned i = 0; i < file->groups_count; i++)
        count += file->groups[i].hosts_count;
    return count;
}

/* Three bytes, in lower case, as a number of 16 bits: tells most places of a text apart from the beginnings of words. */
static inline unsigned head_of(unsigned a, unsigned b, unsigned c)
{
    return (a * 31 * 31 + b * 31 * 7 + c * 131) & 0xffff;
}

static int words_take(struct arena *arena, char *const *texts, unsigned count, struct word_list *list, const char *path, struct err *err)
{
    for (unsigned i = 0; i < count; i++) {
        struct span word = span_of(texts[i]);
        if (word.len < 3)
            return err_set(err, "%s:%u: the word %s is too short to be told from others; write at least three bytes", path,
                           line_of(path, word), word.at);
        word = arena_lower(arena, arena_copy(arena, word));
        unsigned head = head_of((unsigned char)word.at[0], (unsigned char)word.at[1], (unsigned char)word.at[2]);
        *vec_push(arena, &list->words) = (struct list_word){word, head};
        list->heads[head >> 3] |= (uint8_t)(1 << (head & 7));
    }
    return 0;
}

static int groups_take(struct tables *tables, const struct hosts_file *file, const char *path, struct err *err)
{
    for (unsigned i = 0; i < file->groups_count; i++)
        for (unsigned j = 0; j < file->groups[i].hosts_count; j++)
            if (host_take(tables, &file->groups[i], file->groups[i].hosts[j], path, err) < 0)
                return -1;
    struct host_list *list = &tables->host_list;
    if (words_take(tables->arena, file->asides, file->asides_count, &list->asides, path, err) < 0)
        return -1;
    return words_take(tables->arena, file->calls, file->calls_count, &list->calls, path, err);
}

int hosts_load(struct tables *tables, struct err *err)
{
    enum { HEADS = 65536 };
    struct hosts_file *first __attribute__((cleanup(file_free))) = NULL;
    struct hosts_file *second __attribute__((cleanup(file_free))) = NULL;
    struct hosts_file **files[] = {&first, &second};
    const char *paths[2];
    size_t count = list_paths(tables, "hosts.yaml", paths), names = 0;
    for (size_t i = 0; i < count; i++) {
        if (config_load(paths[i], &file_value, (void **)files[i], err) < 0)
            return -1;
        names += names_count(*files[i]);
    }
    span_map_size(tables->arena, &tables->host_list.map, names * 2); /* a path's host has an entry too */
    tables->host_list.asides.heads = arena_alloc(tables->arena, HEADS / 8);
    tables->host_list.calls.heads = arena_alloc(tables->arena, HEADS / 8);
    for (size_t i = 0; i < count; i++)
        if (groups_take(tables, *files[i], paths[i], err) < 0)
            return -1;
    return 0;
}

/* ---- asking */
enum { LABELS_MOST = 8, SEGMENTS_MOST = 4, KEY_MOST = 253 };

/* Entries that go on with the beginning of the path, the longest first. */
static const struct host_entry *path_find(const struct host_list *list, struct span host, struct span path)
{
    char key[KEY_MOST];
    size_t ends[SEGMENTS_MOST], count = 0, from = 1;
    while (count < SEGMENTS_MOST && from < path.len && host.len + from < sizeof key) {
        const char *slash = span_find_byte(span_first(span_skip(path, from), sizeof key), '/');
        size_t end = slash ? (size_t)(slash - path.at) : path.len;
        if (host.len + end > sizeof key)
            break;
        ends[count++] = end;
        from = end + 1;
    }
    while (count-- > 0) {
        memcpy(key, host.at, host.len);
        memcpy(key + host.len, path.at, ends[count]);
        const uint32_t *found = span_map_find(&list->map, (struct span){key, host.len + ends[count]});
        if (found)
            return &list->entries.at[*found];
    }
    return NULL;
}

/* The most telling entry: the longest name, and under it the longest path. *kinds is what it says of this very host. */
static const struct host_entry *entry_find(const struct tables *tables, struct span host, struct span path, unsigned *kinds_found)
{
    const struct host_list *list = &tables->host_list;
    size_t starts[LABELS_MOST], count = 0;
    host = domain_undotted(host);
    if (!host.len || host.len > KEY_MOST)
        return NULL;
    for (size_t at = host.len; at > 0 && count < LABELS_MOST; at--)
        if (at == 1 || host.at[at - 2] == '.')
            starts[count++] = at - 1;
    while (count-- > 0) {
        struct span name = span_skip(host, starts[count]);
        const uint32_t *found = span_map_find(&list->map, name);
        const struct host_entry *entry = found ? &list->entries.at[*found] : NULL;
        if (entry && entry->has_paths && path.len > 1) {
            const struct host_entry *longer = path_find(list, name, path);
            entry = longer ? longer : entry;
        }
        *kinds_found = entry ? entry->under | (name.len == host.len ? entry->exact : 0) : 0;
        if (*kinds_found)
            return entry;
    }
    return NULL;
}

unsigned host_kinds(const struct tables *tables, struct span host, struct span path, struct span *listed)
{
    unsigned found = 0;
    const struct host_entry *entry = entry_find(tables, host, path, &found);
    if (listed)
        *listed = entry ? entry->name : S("");
    return found;
}

static struct span segment_of(struct span path, size_t nth)
{
    struct span rest = span_skip(path, 1), segment = {0};
    for (size_t i = 0; i <= nth; i++)
        if (!span_cut(&rest, '/', &segment))
            return S("");
    return segment;
}

static bool is_service_label(struct span label)
{
    static const char *const own[] = {"www", "app", "account", "forms", "form", "m", "mail", "login", "api", "docs", "help", "admin"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (span_eq_case(label, span_of(own[i])))
            return true;
    return false;
}

/* The nearest label before the listed name that is not one of the service's own, which name nobody. */
static struct span label_before(struct span host, struct span listed)
{
    struct span before = span_first(host, host.len > listed.len ? host.len - listed.len - 1 : 0);
    while (before.len) {
        size_t from = before.len;
        while (from > 0 && before.at[from - 1] != '.')
            from--;
        struct span label = span_skip(before, from);
        if (!is_service_label(label))
            return label;
        before = span_first(before, from ? from - 1 : 0);
    }
    return S("");
}

struct span host_owner(const struct tables *tables, struct span host, struct span path)
{
    unsigned found;
    host = domain_undotted(host);
    const struct host_entry *entry = entry_find(tables, host, path, &found);
    if (!entry)
        return S("");
    struct span label = label_before(host, host_part(entry->name));
    switch (entry->owner) {
    case OWNER_LABEL:
        return label;
    case OWNER_LABEL_MY:
        return span_ends_case(label, S("-my")) ? span_first(label, label.len - 3) : label;
    case OWNER_PATH:
        return segment_of(path, 0);
    case OWNER_PATH_SECOND:
        return segment_of(path, 1);
    case OWNER_AFTER_A:
        return span_eq(segment_of(path, 0), S("a")) ? segment_of(path, 1) : S("");
    case OWNER_UNTOLD:
        break;
    }
    return S("");
}

bool host_is_private(const struct tables *tables, struct span host)
{
    char name[KEY_MOST + 1];
    struct span suffix = suffix_of(tables, host);
    if (!span_find_byte(suffix, '.') || suffix.len >= sizeof name || suffix.len == domain_undotted(host).len)
        return false;
    memcpy(name, suffix.at, suffix.len);
    name[suffix.len] = '\0';
    return psl_is_public_suffix2(tables->suffixes, name, PSL_TYPE_PRIVATE) != 0;
}

static bool words_found(const struct word_list *list, struct span text)
{
    unsigned a, b = 0, c = 0;
    for (size_t i = 0; list->words.len && i < text.len; i++) { /* i: the third byte of what may begin */
        a = b, b = c, c = (unsigned char)ascii_lower(text.at[i]);
        unsigned head = head_of(a, b, c);
        if (i < 2 || !(list->heads[head >> 3] >> (head & 7) & 1))
            continue;
        vec_each (word, &list->words)
            if (word->head == head && span_starts_case(span_skip(text, i - 2), word->text))
                return true;
    }
    return false;
}

bool link_is_aside(const struct tables *tables, struct span words)
{
    return words_found(&tables->host_list.asides, words);
}

bool link_is_call(const struct tables *tables, struct span words)
{
    return words_found(&tables->host_list.calls, words);
}
