/* file: makes a store's file and looks at one that is there, without ever opening it: closing a descriptor of it would take
 * the locks away that SQLite holds in this process. */
#include "store/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum store_fault fault_of(int number)
{
    if (number == ENOSPC || number == EDQUOT)
        return STORE_FULL;
    return number == EACCES || number == EROFS || number == EPERM ? STORE_DENIED : STORE_FAILED;
}

const char *file_resolve(struct arena *arena, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    struct span folder = slash == path ? S("/") : slash ? span_from(path, slash) : S(".");
    char *real = realpath(arena_copy(arena, folder).at, NULL);
    if (!real) {
        err_set(err, "%s: its folder cannot be entered: %s; make the folder first, for the user that the service runs as", path, strerror(errno));
        return NULL;
    }
    const char *resolved = arena_print(arena, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name).at;
    free(real);
    if (*name)
        return resolved;
    err_set(err, "%s: is the name of a folder; a store is a file in one", path);
    return NULL;
}

int folder_sync(const char *path, struct err *err)
{
    struct arena *arena = arena_new(1 << 20);
    const char *slash = strrchr(path, '/');
    int fd = open(slash ? arena_copy(arena, span_from(path, slash + 1)).at : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    arena_free(&arena);
    return failed ? err_set(err, "%s: its folder cannot be synced to disk: %s", path, strerror(failed)) : 0;
}

int file_make(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int failed = fd < 0 || fchmod(fd, 0600) < 0 || fsync(fd) < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (!failed)
        return folder_sync(path, err);
    err_set(err, "%s: cannot be made: %s", path, strerror(failed));
    errno = failed;
    return -1;
}

enum store_fault file_ready(struct arena *arena, const char *path, bool make, const char **resolved, struct err *err)
{
    struct stat there;
    *resolved = file_resolve(arena, path, err);
    if (!*resolved)
        return STORE_FAILED;
    if (lstat(*resolved, &there) == 0) {
        if (S_ISREG(there.st_mode))
            return STORE_FINE;
        err_set(err, "%s: is %s; give the path of the file itself", path, S_ISLNK(there.st_mode) ? "a link, which is not followed" : "no file");
        return STORE_DENIED;
    }
    if (errno != ENOENT || !make) {
        int number = errno;
        err_set(err, "%s: cannot be opened: %s", path, strerror(number));
        return fault_of(number);
    }
    if (file_make(*resolved, err) == 0 || errno == EEXIST) /* there now: another process was quicker */
        return STORE_FINE;
    return fault_of(errno);
}
