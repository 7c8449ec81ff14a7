#include "generation/inner.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOR_EVERYBODY = 07, FOR_OTHERS = 077 };

/* The folder that would have to be made lies below something else than a folder. */
static int above_check(struct reading *reading, struct span path, struct err *err)
{
    struct stat about;
    size_t end = path.len;
    while (end > 1) {
        while (end > 1 && path.at[end - 1] != '/')
            end--;
        const char *above = end > 1 ? arena_copy(reading->arena, span_first(path, end - 1)).at : "/";
        if (stat(above, &about) == 0)
            return S_ISDIR(about.st_mode) ? 0 : err_set(err, "%s cannot be made, for %s is no folder", path.at, above);
        if (errno != ENOENT && errno != ENOTDIR)
            return err_set(err, "%s: %s", above, strerror(errno));
        end--;
    }
    return 0;
}

static bool is_folder_type(enum key_type type)
{
    return type == TYPE_FOLDER || type == TYPE_NEW_FOLDER || type == TYPE_SECRET_FOLDER;
}

static int kind_check(const struct key *key, const char *path, const struct stat *about, struct err *err)
{
    if (is_folder_type(key->type))
        return S_ISDIR(about->st_mode) ? 0 : err_set(err, "%s is a file where a folder is wanted", path);
    if (S_ISDIR(about->st_mode))
        return err_set(err, "%s is a folder where a file is wanted", path);
    return S_ISREG(about->st_mode) ? 0 : err_set(err, "%s is no regular file", path);
}

static int secret_check(const struct key *key, const char *path, const struct stat *about, struct err *err)
{
    if (key->type == TYPE_SECRET_FILE && about->st_mode & FOR_EVERYBODY)
        return err_set(err, "%s holds secrets and every user of this machine may read it: chmod o= %s", path, path);
    if (key->type == TYPE_SECRET_FOLDER && about->st_mode & FOR_OTHERS)
        return err_set(err, "%s holds secrets and others than its owner may look into it: chmod 700 %s", path, path);
    return 0;
}

static int path_check(struct reading *reading, const struct key *key, struct span path, struct err *err)
{
    struct stat about;
    bool made = key->type == TYPE_NEW_FILE || key->type == TYPE_NEW_FOLDER || key->type == TYPE_SECRET_FOLDER;
    if (stat(path.at, &about) < 0 && made && (errno == ENOENT || errno == ENOTDIR))
        return above_check(reading, path, err);
    if (stat(path.at, &about) < 0)
        return err_set(err, "%s: %s; name a %s that is there, or take the line out", path.at, strerror(errno),
                       is_folder_type(key->type) ? "folder" : "file");
    if (kind_check(key, path.at, &about, err) < 0 || secret_check(key, path.at, &about, err) < 0)
        return -1;
    if (!made && access(path.at, R_OK) < 0)
        return err_set(err, "%s cannot be read: %s; let the user that runs sekimori read it", path.at, strerror(errno));
    return 0;
}

int take_path(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    struct span path = span_trim(text);
    if (!path.len)
        return err_set(err, "is empty; write a path, or take the line out");
    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    if (path.at[0] != '/')
        path = arena_print(reading->arena, "%.*s/%.*s", SPAN_FMT(reading->out->inside->folder), SPAN_FMT(path));
    *(struct span *)at = path = arena_copy(reading->arena, path);
    return path_check(reading, key, path, err);
}
