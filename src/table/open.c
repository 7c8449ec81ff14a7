#include "table/inner.h"

#include "base/config.h"
#include "base/shape.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { TABLES_MB = 64 };

/* The program of a build folder takes the data beside the sources; an installed one never looks there. */
static bool runs_from_build(void)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    return n > 0 && span_starts((struct span){self, (size_t)n}, S(SEKIMORI_BUILD_DIR "/"));
}

static const char *data_dir_choose(const struct table_options *options)
{
    const char *told = options->data_dir ? options->data_dir : getenv("SEKIMORI_DATA");
    if (told && told[0])
        return told;
    return runs_from_build() ? SEKIMORI_SOURCE_DATA : SEKIMORI_DATA_DIR;
}

const char *data_path(const struct tables *tables, const char *name)
{
    return arena_print(tables->arena, "%.*s/%s", SPAN_FMT(tables->data_dir), name).at;
}

size_t list_paths(const struct tables *tables, const char *name, const char *out[2])
{
    const struct span folders[] = {tables->data_dir, tables->own_dir};
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        if (!folders[i].len)
            continue;
        const char *path = arena_print(tables->arena, "%.*s/%s", SPAN_FMT(folders[i]), name).at;
        if (access(path, F_OK) == 0) /* one that is there and cannot be read is an error, found when it is opened */
            out[count++] = path;
    }
    return count;
}

const char *own_path(const struct tables *tables, const char *name)
{
    if (!tables->own_dir.len)
        return NULL;
    const char *path = arena_print(tables->arena, "%.*s/%s", SPAN_FMT(tables->own_dir), name).at;
    return access(path, F_OK) == 0 ? path : NULL;
}

unsigned line_of(const char *path, struct span value)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)TABLES_MB << 20);
    struct span text;
    if (file_read(arena, path, (size_t)8 << 20, &text, NULL) < 0)
        return 0;
    const char *found = span_find(text, value);
    unsigned line = found ? 1 : 0;
    for (const char *at = text.at; found && at < found; at++)
        line += *at == '\n';
    return line;
}

static void dir_close(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* A list that lacks would judge as if its facts did not exist, and nobody would hear of it. */
static int files_check(const struct tables *tables, struct err *err)
{
    static const char *const names[] = {"networks.yaml", "brands.yaml", "hosts.yaml", "redirectors.yaml", "lures.yaml", "file-kinds.yaml",
                                        "name-words.yaml", "weights.tsv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = data_path(tables, names[i]);
        if (access(path, R_OK) < 0)
            return err_set(err, "%s: %s; a folder of tables must hold all of them: take it from where the program was installed", path, strerror(errno));
    }
    return 0;
}

/* A folder that is not there, or a name that is none of a list, would be without effect, and nobody would hear of it. */
static int own_dir_check(const struct tables *tables, struct err *err)
{
    static const char *const known[] = {"brands.yaml", "hosts.yaml", "redirectors.yaml", "lures.yaml", "file-kinds.yaml", "name-words.yaml"};
    if (!tables->own_dir.len)
        return 0;
    DIR *dir __attribute__((cleanup(dir_close))) = opendir(tables->own_dir.at);
    if (!dir)
        return err_set(err, "%s: %s; --lists and SEKIMORI_LISTS want a folder that holds lists such as brands.yaml", tables->own_dir.at, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct span name = span_of(entry->d_name);
        bool list = span_ends_case(name, S(".yaml")) || span_ends_case(name, S(".yml"));
        for (size_t i = 0; list && i < sizeof known / sizeof *known; i++)
            list = !span_eq(name, span_of(known[i]));
        if (list)
            return err_set(err, "%s/%s: is the name of no list; they are brands.yaml, hosts.yaml, redirectors.yaml, lures.yaml, file-kinds.yaml and "
                                "name-words.yaml", tables->own_dir.at, entry->d_name);
    }
    return 0;
}

static int all_open(struct tables *tables, const struct table_options *options, struct err *err)
{
    if (suffixes_open(tables, options->suffix_file, err) < 0)
        return -1;
    const char *first = data_path(tables, "services.yaml");
    if (access(first, R_OK) < 0)
        return err_set(err, "%s: the tables are not there (%s); name their folder by --data or SEKIMORI_DATA", first, strerror(errno));
    if (!options->partial && (files_check(tables, err) < 0 || own_dir_check(tables, err) < 0))
        return -1;
    if (services_load(tables, err) < 0 || networks_load(tables, err) < 0 || file_kinds_load(tables, err) < 0 || weights_load(tables, options->weights_file, err) < 0)
        return -1;
    if (hosts_load(tables, err) < 0 || redirectors_load(tables, err) < 0)
        return -1;
    if (name_words_load(tables, err) < 0 || brands_load(tables, err) < 0 || phrases_load(tables, err) < 0)
        return -1;
    if (options->country_file && country_open(tables, options->country_file, err) < 0)
        return -1;
    return options->as_file ? as_open(tables, options->as_file, err) : 0;
}

int tables_open(const struct table_options *options, struct tables **out, struct err *err)
{
    struct arena *arena = arena_new((size_t)TABLES_MB << 20);
    struct tables *tables = arena_one(arena, struct tables);
    tables->arena = arena;
    tables->seen = arena_alloc(arena, SUFFIXES_SEEN * sizeof *tables->seen);
    tables->editions = arena_one(arena, struct editions);
    tables->data_dir = arena_copy(arena, span_of(data_dir_choose(options)));
    tables->own_dir = arena_copy(arena, span_of(options->own_dir ? options->own_dir : getenv("SEKIMORI_LISTS")));
    *out = tables;
    if (all_open(tables, options, err) == 0)
        return 0;
    tables_close(out);
    return -1;
}

const char *tables_data_dir(const struct tables *tables)
{
    return tables->data_dir.at;
}

const char *tables_own_dir(const struct tables *tables)
{
    return tables->own_dir.len ? tables->own_dir.at : NULL;
}

void tables_close(struct tables **tables)
{
    struct tables *old = *tables;
    *tables = NULL;
    if (!old)
        return;
    if (old->suffixes && !old->suffixes_built_in)
        psl_free(old->suffixes);
    if (old->has_country)
        MMDB_close(&old->country);
    if (old->has_as_database)
        MMDB_close(&old->as_database);
    as_image_close(&old->as);
    struct arena *arena = old->arena;
    arena_free(&arena);
}

const char *tables_list(size_t i)
{
    static const char *const lists[] = {"brands.yaml", "file-kinds.yaml", "hosts.yaml", "lures.yaml", "name-words.yaml", "networks.yaml", "redirectors.yaml",
                                        "services.yaml"};
    return i < sizeof lists / sizeof *lists ? lists[i] : NULL;
}

int tables_list_read(struct arena *arena, const struct tables *tables, const char *list, struct span *out, struct err *err)
{
    enum { LIST_MOST = 64 << 20 };
    const char *paths[2];
    struct buf all = {.arena = arena};
    struct span one;
    for (size_t i = 0, count = list_paths(tables, list, paths); i < count; i++) {
        if (file_read(arena, paths[i], LIST_MOST, &one, err) < 0)
            return -1;
        number_write(&all, one.len);
        buf_add(&all, one);
    }
    *out = buf_span(&all);
    return 0;
}
