/* Which edition of its databases a set of tables holds. */
#include "table/inner.h"

#include "base/config.h"

enum { SUFFIXES_MOST = 16 << 20 };
static const char *const names[DATABASES] = {"countries", "AS numbers", "public suffixes"};

const char *tables_database(size_t i)
{
    return i < DATABASES ? names[i] : NULL;
}

static struct span mapped(const MMDB_s *database)
{
    return (struct span){(const char *)database->file_content, (size_t)database->file_size};
}

/* libpsl keeps no text of the list: its file is read once more. One that is gone meanwhile, or libpsl's own list, is known by its name. */
static struct span suffixes_text(const struct tables *tables, struct arena *arena)
{
    struct err err;
    struct span text;
    if (!tables->suffixes_name.len)
        return span_of(psl_builtin_sha1sum());
    return file_read(arena, tables->suffixes_name.at, SUFFIXES_MOST, &text, &err) < 0 ? tables->suffixes_name : text;
}

struct span tables_database_edition(const struct tables *tables, size_t i)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(2 * SUFFIXES_MOST);
    struct editions *editions = tables->editions;
    struct span of[DATABASES] = {tables->has_country ? mapped(&tables->country) : (struct span){0},
                                 tables->has_as_database ? mapped(&tables->as_database) : tables->as.bytes};
    if (i == DATABASES - 1 && !editions->made[i])
        of[i] = suffixes_text(tables, arena);
    if (!editions->made[i] && !of[i].len)
        return (struct span){0};
    if (!editions->made[i])
        sha256_of(of[i], editions->sum[i]);
    editions->made[i] = true;
    return (struct span){(const char *)editions->sum[i], sizeof editions->sum[i]};
}
