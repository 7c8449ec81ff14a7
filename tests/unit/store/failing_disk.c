#include "failing_disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct failing_disk disk = {.writes_left = -1};

enum { RANGES = 4096 };
struct file {
    sqlite3_file base;
    const char *name;
    sqlite3_file *real; /* behind this */
    bool known;         /* NAME.synced is as the file was when it was synced last, but for */
    size_t ranges;
    struct {
        sqlite3_int64 at;
        int len;
    } range[RANGES];
};
static sqlite3_vfs *below, over;
static sqlite3_io_methods methods;

static sqlite3_file *real(sqlite3_file *file)
{
    return ((struct file *)file)->real;
}
#define CALL(file, method, ...) real(file)->pMethods->method(real(file), ##__VA_ARGS__)

static int x_close(sqlite3_file *file)
{
    return CALL(file, xClose);
}

static int x_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    return CALL(file, xRead, to, len, at);
}

static int x_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
    disk.writes++;
    if (disk.writes_left == 0)
        return disk.write_code;
    if (disk.writes_left > 0)
        disk.writes_left--;
    struct file *to = (struct file *)file;
    if (to->ranges < RANGES) {
        to->range[to->ranges].at = at;
        to->range[to->ranges].len = len;
    }
    to->ranges++;
    return CALL(file, xWrite, from, len, at);
}

static int x_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return CALL(file, xTruncate, size);
}

static void range_copy(sqlite3_file *file, int to, sqlite3_int64 at, sqlite3_int64 end)
{
    char page[4096];
    for (; at < end; at += (sqlite3_int64)sizeof page) {
        int len = end - at < (sqlite3_int64)sizeof page ? (int)(end - at) : (int)sizeof page;
        CALL(file, xRead, page, len, at);
        if (pwrite(to, page, (size_t)len, at) != len)
            abort();
    }
}

static void synced_keep(sqlite3_file *at)
{
    struct file *file = (struct file *)at;
    char name[512];
    sqlite3_int64 size = 0;
    if (!file->name || !disk.keeps_synced)
        return;
    snprintf(name, sizeof name, "%s.synced", file->name);
    int to = open(name, O_WRONLY | O_CREAT, 0600);
    CALL(at, xFileSize, &size);
    if (!file->known || file->ranges > RANGES)
        range_copy(at, to, 0, size);
    for (size_t i = 0; file->known && file->ranges <= RANGES && i < file->ranges; i++)
        range_copy(at, to, file->range[i].at, file->range[i].at + file->range[i].len);
    if (ftruncate(to, size) < 0)
        abort();
    close(to);
    file->known = true;
    file->ranges = 0;
}

static int x_sync(sqlite3_file *file, int flags)
{
    disk.syncs++;
    if (disk.syncs_fail)
        return SQLITE_IOERR_FSYNC;
    synced_keep(file); /* the machine stays up: the copy is the proof, and the test need not wait for a real disk */
    return SQLITE_OK;
}

static int x_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return CALL(file, xFileSize, size);
}

static int x_lock(sqlite3_file *file, int level)
{
    return CALL(file, xLock, level);
}

static int x_unlock(sqlite3_file *file, int level)
{
    return CALL(file, xUnlock, level);
}

static int x_reserved(sqlite3_file *file, int *out)
{
    return CALL(file, xCheckReservedLock, out);
}

static int x_control(sqlite3_file *file, int what, void *with)
{
    return CALL(file, xFileControl, what, with);
}

static int x_sector(sqlite3_file *file)
{
    return CALL(file, xSectorSize);
}

static int x_device(sqlite3_file *file)
{
    return CALL(file, xDeviceCharacteristics);
}

static int x_shm_map(sqlite3_file *file, int region, int size, int grow, void volatile **out)
{
    return CALL(file, xShmMap, region, size, grow, out);
}

static int x_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return CALL(file, xShmLock, offset, n, flags);
}

static void x_shm_barrier(sqlite3_file *file)
{
    CALL(file, xShmBarrier);
}

static int x_shm_unmap(sqlite3_file *file, int remove)
{
    return CALL(file, xShmUnmap, remove);
}

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *at, int flags, int *out)
{
    struct file *file = (struct file *)at;
    file->name = name;
    file->real = (sqlite3_file *)(file + 1);
    file->base.pMethods = NULL;
    file->known = false;
    file->ranges = 0;
    int code = below->xOpen(below, name, file->real, flags, out);
    if (file->real->pMethods)
        file->base.pMethods = &methods;
    return code;
}

void disk_put_in(void)
{
    below = sqlite3_vfs_find(NULL);
    over = *below;
    over.zName = "failing";
    over.szOsFile = (int)sizeof(struct file) + below->szOsFile;
    over.pNext = NULL;
    over.xOpen = x_open;
    methods = (sqlite3_io_methods){2, x_close, x_read, x_write, x_truncate, x_sync, x_size, x_lock, x_unlock, x_reserved, x_control, x_sector, x_device,
                                   x_shm_map, x_shm_lock, x_shm_barrier, x_shm_unmap, NULL, NULL};
    sqlite3_vfs_register(&over, 1);
}
