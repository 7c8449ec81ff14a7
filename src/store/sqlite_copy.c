/* sqlite_copy: the whole file at once: check, backup, compact. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- check */

struct checking {
    store_tell tell;
    void *context;
    int faults;
};

static void tell(struct checking *checking, const char *fault)
{
    checking->tell(checking->context, fault);
    checking->faults++;
}

/* A statement that tells "ok" or faults, one a row. A file may be too damaged to be read to the end: that is one more. */
static void told_rows(struct store *store, const char *sql, struct checking *checking)
{
    struct sqlite *sqlite = store->handle;
    sqlite3_stmt *statement __attribute__((cleanup(statement_end))) = NULL;
    struct err why;
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (text && strcmp(text, "ok") != 0)
            tell(checking, text);
    }
    if (code == SQLITE_DONE)
        return;
    sqlite_fail(store, code, "be read to the end", &why);
    tell(checking, why.text);
}

static void mode_check(struct store *store, struct checking *checking)
{
    struct sqlite *sqlite = store->handle;
    struct stat there;
    char text[200];
    if (lstat(sqlite->path, &there) < 0 || !(there.st_mode & 077))
        return;
    snprintf(text, sizeof text, "others than its owner may read or write the file (mode %04o); it holds personal data: chmod 600", there.st_mode & 07777);
    tell(checking, text);
}

static void again_told(void *context, const char *fault)
{
    tell(context, fault);
}

static void schema_check(struct store *store, struct checking *checking)
{
    struct catalogue found = {.arena = store->scratch};
    struct err why;
    if (sqlite_catalogue(store, &found, &why) < 0)
        tell(checking, why.text);
    else if (store->has_schema)
        catalogue_compare(&store->catalogue, &found, true, again_told, checking);
    told_rows(store, "SELECT 'there is a ' || type || ' ' || name || ' that no migration made' FROM sqlite_schema WHERE type IN ('view', 'trigger')", checking);
}

int sqlite_check(struct store *store, store_tell told, void *context, struct err *err)
{
    struct checking checking = {told, context, 0};
    told_rows(store, "PRAGMA integrity_check(100)", &checking);
    schema_check(store, &checking);
    mode_check(store, &checking);
    return checking.faults;
}

/* ---- backup */

struct copying {
    sqlite3 *to;
    const char *beside, *path; /* written under the first name, then renamed */
};

/* All in one step, which reads one moment: what others write meanwhile neither shows nor makes it begin again. */
static int pages_copy(struct store *store, struct copying *copying, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    int code = SQLITE_ERROR;
    sqlite3_backup *backup = sqlite3_backup_init(copying->to, "main", sqlite->db, "main");
    if (backup) {
        sqlite3_backup_step(backup, -1);
        code = sqlite3_backup_finish(backup);
    }
    int number = sqlite3_system_errno(copying->to);
    if (code == SQLITE_OK)
        return 0;
    bool full = (code & 0xff) == SQLITE_FULL || number == ENOSPC || number == EFBIG || number == EDQUOT;
    return store_fail(store, full ? STORE_FULL : STORE_FAILED, err, "%s: the copy cannot be written: %s%s", copying->path, sqlite3_errstr(code),
                      full ? "; the disk is full or a limit reached: make room, or back up to another disk" : "; run sekimori store check");
}

static int text_is_ok(void *context, int columns, char **values, char **names)
{
    *(bool *)context = values[0] && strcmp(values[0], "ok") == 0;
    return 0;
}

/* One file that needs none beside it, and not the copy of a damage. */
static int copy_look(struct store *store, struct copying *copying, struct err *err)
{
    bool sound = false;
    int code = sqlite3_exec(copying->to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(copying->to, "PRAGMA quick_check(1)", text_is_ok, &sound, NULL);
    if (code != SQLITE_OK || !sound)
        return store_fail(store, STORE_CORRUPT, err, "%s: is damaged, and so would its copy be; nothing was written to %s; run sekimori store check", store->where, copying->path);
    return 0;
}

static int file_sync(const char *path)
{
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) < 0;
    int number = errno;
    if (fd >= 0)
        close(fd);
    errno = number;
    return failed ? -1 : 0;
}

static int name_take(struct store *store, struct copying *copying, bool replace, struct err *err)
{
    int failed = file_sync(copying->beside);
    if (!failed && replace)
        failed = rename(copying->beside, copying->path);
    else if (!failed && (failed = link(copying->beside, copying->path)) == 0)
        unlink(copying->beside);
    if (failed)
        return store_fail(store, STORE_FAILED, err, "%s: cannot be written: %s", copying->path, strerror(errno));
    return folder_sync(copying->path, err);
}

static int copy_make(struct store *store, struct copying *copying, bool replace, struct err *err)
{
    if (file_make(copying->beside, err) < 0)
        return store_fail(store, STORE_DENIED, NULL, "%s", "");
    int code = sqlite3_open_v2(copying->beside, &copying->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        return store_fail(store, STORE_FAILED, err, "%s: cannot be opened: %s", copying->beside, sqlite3_errstr(code));
    if (pages_copy(store, copying, err) < 0 || copy_look(store, copying, err) < 0)
        return -1;
    sqlite3_close_v2(copying->to);
    copying->to = NULL;
    return name_take(store, copying, replace, err);
}

int sqlite_backup(struct store *store, const char *path, bool replace, struct err *err)
{
    struct copying copying = {.path = path};
    struct sqlite *sqlite = store->handle;
    struct stat there, ours;
    bool taken = lstat(path, &there) == 0;
    if (taken && (!replace || !S_ISREG(there.st_mode)))
        return store_fail(store, STORE_DENIED, err, "%s: is there already; give another name%s", path, S_ISREG(there.st_mode) ? ", or --replace" : "");
    if (taken && stat(sqlite->path, &ours) == 0 && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
        return store_fail(store, STORE_DENIED, err, "%s: is the store itself; give another name for its copy", path);
    copying.beside = file_resolve(store->scratch, arena_print(store->scratch, "%s.new-%ld", path, (long)getpid()).at, err);
    if (!copying.beside)
        return store_fail(store, STORE_DENIED, NULL, "%s", "");
    unlink(copying.beside); /* of a process of this number that was killed */
    int done = copy_make(store, &copying, replace, err);
    sqlite3_close_v2(copying.to);
    if (done < 0)
        unlink(copying.beside);
    return done;
}

/* ---- compact */

/* VACUUM writes the whole file anew beside it: where there is room for it is the file's own disk. */
static int vacuum(struct store *store, struct err *err)
{
    char *before = sqlite3_temp_directory;
    sqlite3_temp_directory = sqlite_folder(store);
    int done = sqlite_run(store, "VACUUM", "be compacted", err);
    sqlite3_free(sqlite3_temp_directory);
    sqlite3_temp_directory = before;
    return done;
}

/* The log is emptied into the file before, so that it need not hold both, and after. A reader may keep the log from being
 * emptied: nothing is lost by that. */
int sqlite_compact(struct store *store, struct err *err)
{
    sqlite_statements_drop(store->handle);
    if (sqlite_run(store, "PRAGMA wal_checkpoint(TRUNCATE)", "be compacted", err) < 0 || vacuum(store, err) < 0)
        return -1;
    return sqlite_run(store, "PRAGMA analysis_limit=1000; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)", "be compacted", err);
}
