/* A folder of the test's own, and files in it. */
#pragma once
#include "exact.h"
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int folder_drop_one(const char *path, const struct stat *about, int flag, struct FTW *where)
{
    return remove(path);
}

static inline void folder_drop(const char *path)
{
    nftw(path, folder_drop_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *folder_make(char *at, size_t size)
{
    const char *where = getenv("TMPDIR");
    snprintf(at, size, "%s/sekimori-test-XXXXXX", where && *where ? where : "/tmp");
    assert_non_null(mkdtemp(at));
    return at;
}

static inline void folder_sub(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static inline const char *folder_write(const char *folder, const char *name, struct span bytes)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(bytes.at, 1, bytes.len, file);
    fclose(file);
    return path;
}
