/* spool: the hold spool: raw bytes of held messages, compressed, a file each, in a folder of the keeper's. */
#include "role/inner.h"

#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <zstd.h>

enum { PIECE = 128 << 10, LEVEL = 3, PATH_MOST = 4096, RANDOM = 8 };

struct put {
    struct span name;
    uint64_t size;
};

struct spool {
    char folder[SPOOL_PATH_MOST];
    uint64_t most, holds;
    struct arena *arena; /* of the names put since the last commit */
    struct {
        VEC(struct put) list;
    } fresh, ending;
    bool made;
};

struct spool *spool_new(const char *folder, uint64_t most_bytes, uint64_t holds)
{
    struct spool *spool = calloc(1, sizeof *spool);
    if (!spool)
        abort();
    *spool = (struct spool){.most = most_bytes, .holds = holds, .arena = arena_new(1 << 30)};
    snprintf(spool->folder, sizeof spool->folder, "%s", folder);
    return spool;
}

void spool_free(struct spool **spool)
{
    if (*spool)
        arena_free(&(*spool)->arena);
    free(*spool);
    *spool = NULL;
}

uint64_t spool_holds(const struct spool *spool)
{
    return spool->holds;
}

/* ---- writing */
static int write_all(int fd, const char *at, size_t len)
{
    while (len) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        at += written;
        len -= (size_t)written;
    }
    return 0;
}

static void compressor_free(ZSTD_CCtx **compressor)
{
    ZSTD_freeCCtx(*compressor);
}

/* Bytes written; -1: errno says why. What does not fit is not written to its end. */
static int64_t compress(int from, uint64_t length, int to, uint64_t room)
{
    static char in[PIECE], out[PIECE];
    ZSTD_CCtx *compressor __attribute__((cleanup(compressor_free))) = ZSTD_createCCtx();
    uint64_t written = 0, at = 0;
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setPledgedSrcSize(compressor, length);
    for (size_t left = 1; at < length || left;) {
        ssize_t got = at < length ? pread(from, in, length - at < sizeof in ? (size_t)(length - at) : sizeof in, (off_t)at) : 0;
        if (got < 0 || (got == 0 && at < length))
            return -1;
        at += (uint64_t)got;
        ZSTD_inBuffer source = {in, (size_t)got, 0};
        do {
            ZSTD_outBuffer target = {out, sizeof out, 0};
            left = ZSTD_compressStream2(compressor, &target, &source, at < length ? ZSTD_e_continue : ZSTD_e_end);
            if (ZSTD_isError(left) || (written += target.pos) > room) {
                errno = ZSTD_isError(left) ? EIO : EDQUOT;
                return -1;
            }
            if (write_all(to, out, target.pos) < 0)
                return -1;
        } while (source.pos < source.size || (at == length && left));
    }
    return (int64_t)written;
}

static int folder_ready(struct spool *spool, struct err *err)
{
    if (!spool->made && mkdir(spool->folder, 0700) < 0 && errno != EEXIST)
        return err_set(err, "%s: the folder of held messages (hold.folder) cannot be made: %s", spool->folder, strerror(errno));
    spool->made = true;
    return 0;
}

/* Until its row is committed a file's name has a tail, by which a start tells what may go from what was held by another store. */
#define FRESH ".new"

static void path_write(const struct spool *spool, struct span name, const char *tail, char path[PATH_MOST])
{
    snprintf(path, PATH_MOST, "%s/%.*s%s", spool->folder, SPAN_FMT(name), tail);
}

static int folder_sync(const struct spool *spool)
{
    int fd __attribute__((cleanup(fd_close_later))) = open(spool->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -1 : fsync(fd);
}

/* The id is one, and no path. */
static bool id_is_name(struct span id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!id.at[i] || id.at[i] == '/')
            return false;
    return id.len;
}

static struct span name_make(struct arena *arena, struct span id)
{
    uint8_t random[RANDOM];
    struct buf name = {.arena = arena};
    if (getrandom(random, sizeof random, 0) != sizeof random)
        abort();
    buf_print(&name, "%.*s-", SPAN_FMT(id));
    buf_base32(&name, random, RANDOM);
    buf_add(&name, S(".zst"));
    return arena_copy(arena, buf_span(&name));
}

/* made: the file is ours and goes again; one that was there before is somebody's. */
static int fail(const struct spool *spool, const char *path, bool made, struct err *err)
{
    int why = errno;
    if (made)
        unlink(path);
    if (why == EDQUOT)
        return err_set(err, "%s is full: it may hold %llu MB (hold.bytes); release or remove what is held, or let it hold more", spool->folder,
                       (unsigned long long)spool->most >> 20);
    return err_set(err, "%s: a message that is to be held cannot be written: %s", spool->folder, strerror(why));
}

int spool_put(struct spool *spool, struct span id, int fd, uint64_t length, struct span *name, uint64_t *size, struct err *err)
{
    char path[PATH_MOST];
    if (!id_is_name(id))
        return err_set(err, "a message that is to be held came with no id that could be the name of a file");
    if (folder_ready(spool, err) < 0)
        return -1;
    *name = name_make(spool->arena, id);
    path_write(spool, *name, FRESH, path);
    int to __attribute__((cleanup(fd_close_later))) = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return fail(spool, path, false, err);
    int64_t written = compress(fd, length, to, spool->most > spool->holds ? spool->most - spool->holds : 0);
    if (written < 0 || fdatasync(to) < 0 || folder_sync(spool) < 0)
        return fail(spool, path, true, err);
    *size = (uint64_t)written;
    spool->holds += *size;
    *vec_push(spool->arena, &spool->fresh.list) = (struct put){*name, *size};
    return 0;
}

void spool_remove(struct spool *spool, struct span name, uint64_t size)
{
    char path[PATH_MOST], fresh[PATH_MOST];
    path_write(spool, name, "", path);
    path_write(spool, name, FRESH, fresh);
    if (unlink(path) == 0 || unlink(fresh) == 0)
        spool->holds -= size < spool->holds ? size : spool->holds;
}

void spool_end(struct spool *spool, struct span name, uint64_t size)
{
    *vec_push(spool->arena, &spool->ending.list) = (struct put){arena_copy(spool->arena, name), size};
}

/* Where the renaming fails, or power does, the next start does it. */
static void fresh_name(const struct spool *spool, struct span name)
{
    char path[PATH_MOST], fresh[PATH_MOST];
    path_write(spool, name, "", path);
    path_write(spool, name, FRESH, fresh);
    if (rename(fresh, path) < 0 && errno != ENOENT)
        log_event(LEVEL_WARNING, "hold", "%s: cannot get its name: %s", path, strerror(errno));
}

void spool_settle(struct spool *spool, bool kept)
{
    vec_each(put, &spool->fresh.list)
        if (kept)
            fresh_name(spool, put->name);
        else
            spool_remove(spool, put->name, put->size);
    vec_each(put, &spool->ending.list) /* it may have been put since the last commit itself */
        if (kept)
            spool_remove(spool, put->name, put->size);
    memset(&spool->fresh, 0, sizeof spool->fresh);
    memset(&spool->ending, 0, sizeof spool->ending);
    arena_reset(spool->arena);
}

/* ---- reading */
static void folder_close(DIR **folder)
{
    if (*folder)
        closedir(*folder);
}

/* ID-LETTERS.zst: what name_make made. */
static bool is_ours(struct span name)
{
    struct span tail = S(".zst");
    size_t end = tail.len + RANDOM;
    if (name.len < end + 2 || !span_ends_case(name, tail) || name.at[name.len - end - 1] != '-')
        return false;
    for (size_t i = 0; i < name.len - tail.len; i++)
        if (!ascii_is_digit(name.at[i]) && !(name.at[i] >= 'a' && name.at[i] <= 'z') && i != name.len - end - 1)
            return false;
    return true;
}

/* A fresh one whose row was committed gets its name; one without a row was never answered for, and goes. */
static void fresh_settle(const struct spool *spool, struct span fresh, bool (*wanted)(void *context, struct span name), void *context)
{
    char path[PATH_MOST];
    struct span name = span_first(fresh, fresh.len - strlen(FRESH));
    if (!is_ours(name))
        return;
    path_write(spool, fresh, "", path);
    if (wanted(context, name))
        fresh_name(spool, name);
    else
        unlink(path);
}

size_t spool_strays(const struct spool *spool, int64_t before, bool (*wanted)(void *context, struct span name), void *context)
{
    size_t stay = 0;
    struct stat about;
    DIR *folder __attribute__((cleanup(folder_close))) = opendir(spool->folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct span name = span_of(entry->d_name);
        if (span_ends_case(name, S(FRESH)))
            fresh_settle(spool, name, wanted, context);
        if (!is_ours(name) || wanted(context, name) || fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (about.st_mtime >= before)
            stay++;
        else
            unlinkat(dirfd(folder), entry->d_name, 0);
    }
    return stay;
}

/* Between its commit and its renaming it has the name of a fresh one. */
int spool_open(const struct spool *spool, struct span name, struct err *err)
{
    char path[PATH_MOST], fresh[PATH_MOST];
    path_write(spool, name, "", path);
    path_write(spool, name, FRESH, fresh);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    fd = fd < 0 ? open(fresh, O_RDONLY | O_CLOEXEC) : fd;
    return fd < 0 ? err_set(err, "%s: the bytes of a held message cannot be read: %s", path, strerror(errno)) : fd;
}

bool spool_is_gone(const struct spool *spool, struct span name)
{
    struct err err;
    int fd __attribute__((cleanup(fd_close_later))) = spool_open(spool, name, &err);
    return fd < 0 && errno == ENOENT;
}

/* ---- one behind the other */
static void undo_free(ZSTD_DCtx **undo)
{
    ZSTD_freeDCtx(*undo);
}

/* Plain bytes written; -1: errno says why. */
static int64_t uncompress(int from, int to)
{
    static char in[PIECE], out[PIECE];
    ZSTD_DCtx *undo __attribute__((cleanup(undo_free))) = ZSTD_createDCtx();
    int64_t written = 0;
    size_t left = 1;
    ssize_t got;
    while (left && (got = read(from, in, sizeof in)) > 0) {
        ZSTD_inBuffer source = {in, (size_t)got, 0};
        ZSTD_outBuffer target;
        do {
            target = (ZSTD_outBuffer){out, sizeof out, 0};
            left = ZSTD_decompressStream(undo, &target, &source);
            if (!ZSTD_isError(left) && write_all(to, out, target.pos) < 0)
                return -1;
            written += (int64_t)target.pos;
        } while (left && !ZSTD_isError(left) && (source.pos < source.size || target.pos == sizeof out));
        if (ZSTD_isError(left))
            break;
    }
    errno = EIO;
    return left ? -1 : written;
}

static int behind_write(int from, uint64_t length, int to)
{
    for (off_t at = 0; (uint64_t)at < length;)
        if (sendfile(to, from, &at, length - (uint64_t)at) <= 0)
            return -1;
    return 0;
}

int spool_joined(const struct spool *spool, struct span name, int fd, uint64_t length, uint64_t *before, struct err *err)
{
    int from __attribute__((cleanup(fd_close_later))) = spool_open(spool, name, err);
    if (from < 0)
        return -1;
    int to = memfd_create("message", MFD_CLOEXEC);
    int64_t plain = to < 0 ? -1 : uncompress(from, to);
    if (plain >= 0 && behind_write(fd, length, to) == 0) {
        *before = (uint64_t)plain;
        return to;
    }
    err_set(err, "%s/%.*s: bytes of a held message cannot be read, or put before others: %s", spool->folder, SPAN_FMT(name), strerror(errno));
    if (to >= 0)
        close(to);
    return -1;
}

int spool_read(struct arena *arena, const char *folder, struct span name, size_t most, struct span *out, struct err *err)
{
    struct span packed;
    const char *path = arena_print(arena, "%s/%.*s", folder, SPAN_FMT(name)).at;
    if (file_read(arena, path, most, &packed, err) < 0)
        return -1;
    unsigned long long size = ZSTD_getFrameContentSize(packed.at, packed.len);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > most)
        return err_set(err, "%s: is damaged, or no held message", path);
    char *at = arena_alloc(arena, size + 1);
    size_t len = ZSTD_decompress(at, size, packed.at, packed.len);
    if (ZSTD_isError(len) || len != size)
        return err_set(err, "%s: is damaged: %s", path, ZSTD_isError(len) ? ZSTD_getErrorName(len) : "cut");
    *out = (struct span){at, len};
    return 0;
}
