/* Where the public suites lie, for every driver. */
#pragma once
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

/* $SEKIMORI_SHARED_DATA, else the folder beside the project. */
static inline const char *shared_data(void)
{
    const char *named = getenv("SEKIMORI_SHARED_DATA");
    return named ? named : "../shared/data";
}

/* The whole file on heap, the caller frees .at; empty with a NULL where it cannot be read. */
static inline struct span suite_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) < 0)
        return (struct span){0};
    long size = ftell(file);
    rewind(file);
    char *at = malloc(size > 0 ? (size_t)size : 1);
    size_t got = at ? fread(at, 1, (size_t)size, file) : 0;
    fclose(file);
    return (struct span){at, got};
}
