/* The folder: what may be trusted in it, and files that are there whole or not at all. */
#include "keyring/inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_close_later(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void folder_close_later(DIR **folder)
{
    if (*folder)
        closedir(*folder);
}

/* ---- the folder */
int folder_open(const char *path, struct err *err)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return -2;
    if (fd < 0)
        return err_set(err, "%s: the folder of the keys cannot be opened: %s", path, strerror(errno));
    if (fstat(fd, &about) == 0 && !(about.st_mode & for_others))
        return fd;
    close(fd);
    return err_set(err, "%s holds keys and others than its owner may look into it; whoever could may know them: chmod 700 %s, then rotate every key",
                   path, path);
}

/* As root we make it for whoever runs the service: the one named, else the one whose folder it lies in. */
static int owner_set(const char *path, uid_t owner, struct err *err)
{
    struct stat above;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(1 << 20);
    if (geteuid() != 0)
        return 0;
    if (stat(arena_print(arena, "%s/..", path).at, &above) < 0 || chown(path, owner == (uid_t)-1 ? above.st_uid : owner, (gid_t)-1) < 0)
        return err_set(err, "%s: the owner cannot be set: %s", path, strerror(errno));
    return 0;
}

int folder_make(const char *path, uid_t owner, struct err *err)
{
    if (mkdir(path, 0700) < 0)
        return err_set(err, "%s: the folder of the keys cannot be made: %s; %s", path, strerror(errno),
                       errno == ENOENT ? "make the one above it first, for the user that the service runs as" : "keys.folder of sekimori.conf(5) names it");
    return owner_set(path, owner, err) < 0 ? -1 : folder_open(path, err);
}

static int owner_same(int folder, int file)
{
    struct stat about;
    return geteuid() != 0 ? 0 : fstat(folder, &about) < 0 ? -1 : fchown(file, about.st_uid, about.st_gid);
}

int folder_lock(int folder, struct err *err)
{
    int fd = openat(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && owner_same(folder, fd) == 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    err_set(err, "the folder of the keys cannot be locked: %s; run this as its owner or as root", strerror(errno));
    fd_close_later(&fd);
    return -1;
}

/* ---- files */
struct span secret_name(struct arena *arena, struct span id)
{
    return arena_print(arena, "%.*s.secret", SPAN_FMT(id));
}

static int whole_read(int fd, struct arena *arena, size_t want, struct span *out)
{
    char *at = arena_alloc(arena, want + 1);
    size_t got = 0;
    while (got < want) {
        ssize_t now = read(fd, at + got, want - got);
        if (now < 0 && errno == EINTR)
            continue;
        if (now <= 0)
            return -1;
        got += (size_t)now;
    }
    *out = (struct span){at, got};
    return 0;
}

int file_take(int folder, const char *name, struct arena *arena, struct span *out, struct err *err)
{
    struct stat about;
    int fd __attribute__((cleanup(fd_close_later))) = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || fstat(fd, &about) < 0)
        return err_set(err, "%s cannot be read: %s; it must be a file of the user that runs sekimori", name, strerror(errno));
    if (!S_ISREG(about.st_mode) || about.st_size > FILE_MOST_BYTES)
        return err_set(err, "%s is no file of keys", name);
    if (about.st_mode & for_others)
        return err_set(err, "%s may be read by others than its owner; whoever could may know it: chmod 600 it, then rotate every key", name);
    return whole_read(fd, arena, (size_t)about.st_size, out) < 0 ? err_set(err, "%s cannot be read to its end", name) : 1;
}

static int whole_write(int fd, struct span bytes)
{
    while (bytes.len) {
        ssize_t now = write(fd, bytes.at, bytes.len);
        if (now < 0 && errno == EINTR)
            continue;
        if (now <= 0)
            return -1;
        bytes = span_skip(bytes, (size_t)now);
    }
    return fsync(fd);
}

int file_put(int folder, const char *name, struct span bytes, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(1 << 20);
    const char *beside = arena_print(arena, "%s.new", name).at;
    unlinkat(folder, beside, 0); /* of a change that was cut off; the lock is ours */
    int fd __attribute__((cleanup(fd_close_later))) = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || fchmod(fd, 0600) < 0 || owner_same(folder, fd) < 0 || whole_write(fd, bytes) < 0 || renameat(folder, beside, folder, name) < 0 ||
        fsync(folder) < 0) {
        err_set(err, "%s cannot be written: %s; nothing was changed", name, strerror(errno));
        unlinkat(folder, beside, 0);
        return -1;
    }
    return 0;
}

static bool is_wanted(const struct keyring *ring, struct span name)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(1 << 20);
    if (!span_ends_case(name, S(".secret")) && !span_ends_case(name, S(".new")))
        return true;
    for (size_t i = 0; i < ring->keys.len; i++)
        if (span_eq(name, secret_name(arena, ring->keys.at[i].id)))
            return true;
    return false;
}

void files_sweep(const struct keyring *ring)
{
    int copy = openat(ring->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder __attribute__((cleanup(folder_close_later))) = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (!is_wanted(ring, span_of(entry->d_name)))
            unlinkat(ring->folder, entry->d_name, 0);
}
