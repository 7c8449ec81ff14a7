/* The id of a generation: SHA-256 over program version, values in force and the contents of every file loaded. Files of
 * secrets take no part, for the id stands in every record. */
#include "base/digest.h"
#include "generation/inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { LETTERS = 20, BLOCK = 65536 };

static void fd_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int file_add(struct sha256 *digest, const char *path, struct err *err)
{
    static char block[BLOCK];
    uint64_t len = 0;
    int fd __attribute__((cleanup(fd_close))) = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    for (ssize_t got; (got = read(fd, block, sizeof block)) != 0;) {
        if (got < 0 && errno != EINTR)
            return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
        if (got < 0)
            continue;
        sha256_add(digest, (struct span){block, (size_t)got});
        len += (uint64_t)got;
    }
    sha256_add(digest, (struct span){(const char *)&len, sizeof len});
    return 0;
}

static int is_table(const struct dirent *entry)
{
    struct span name = span_of(entry->d_name);
    return span_ends_case(name, S(".yaml")) || span_ends_case(name, S(".tsv"));
}

/* The tables of a folder, by name, wherever the folder lies. */
static int folder_add(struct sha256 *digest, struct arena *arena, const char *folder, struct err *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_table, alphasort), failed = 0;
    if (count < 0)
        return err_set(err, "%s: cannot be listed: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        sha256_add_framed(digest, span_of(entries[i]->d_name));
        failed |= failed ? 0 : file_add(digest, arena_print(arena, "%s/%s", folder, entries[i]->d_name).at, err);
        free(entries[i]);
    }
    free(entries);
    return failed;
}

static int all_add(struct sha256 *digest, struct reading *reading, struct err *err)
{
    const struct generation *out = reading->out;
    struct buf values = {.arena = reading->arena};
    const char *own = tables_own_dir(out->tables);
    values_print(out, false, &values);
    sha256_add_framed(digest, S(SEKIMORI_VERSION));
    sha256_add_framed(digest, buf_span(&values));
    if (folder_add(digest, reading->arena, tables_data_dir(out->tables), err) < 0 || (own && folder_add(digest, reading->arena, own, err) < 0))
        return -1;
    const struct key *key;
    for (size_t i = 0; (key = key_at(i)); i++)
        if (key->type == TYPE_FILE && key->record == RECORD_generation) {
            const struct span *path = (const struct span *)((const char *)out + key->offset);
            if (path->len && file_add(digest, path->at, err) < 0)
                return -1;
        }
    vec_each(organisation, &out->organisations)
        if (organisation->people_file.len && file_add(digest, organisation->people_file.at, err) < 0)
            return -1;
    return 0;
}

void generation_name(struct reading *reading)
{
    uint8_t sum[SHA256_BYTES] = {0};
    struct err err;
    struct buf id = {.arena = reading->arena};
    struct sha256 digest __attribute__((cleanup(sha256_free))) = sha256_open();
    if (all_add(&digest, reading, &err) < 0)
        fault_add(reading->faults, false, 0, S(""), "%s", err.text);
    else
        sha256_close(&digest, sum);
    buf_base32(&id, sum, LETTERS);
    reading->out->id = buf_span(&id);
}
