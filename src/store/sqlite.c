/* sqlite: opens and closes the file, keeps its statements, says what went wrong. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what went wrong */

struct trouble {
    enum store_fault fault;
    const char *words;
};

static struct trouble trouble_of(int code, int number)
{
    if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        return (struct trouble){STORE_FULL, "the disk is full, or a limit of its space is reached; make room, then go on: what was committed is safe"};
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return (struct trouble){STORE_BUSY, "another process holds it locked; wait until that is done, or end it (fuser tells which it is)"};
    case SQLITE_FULL:
        return (struct trouble){STORE_FULL, "the disk is full; make room, then go on: what was committed is safe"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return (struct trouble){STORE_DENIED, "it may not be written; look at the owner and mode of the file and its folder, and whether the disk is mounted read-only"};
    case SQLITE_CANTOPEN:
        return (struct trouble){STORE_DENIED, "it may not be opened; look at the owner and mode of the file, of those beside it ending in -wal and -shm, and of the folder"};
    case SQLITE_NOTADB:
        return (struct trouble){STORE_CORRUPT, "it is no store, or its beginning is destroyed; give the right path, or restore a backup"};
    case SQLITE_CORRUPT:
        return (struct trouble){STORE_CORRUPT, "the file is damaged; stop the service, keep a copy, restore a backup (sekimori store check tells more)"};
    case SQLITE_IOERR:
        return (struct trouble){STORE_FAILED, "the disk fails; look at the system's log"};
    default:
        return (struct trouble){STORE_FAILED, "this is not expected; please report it"};
    }
}

/* What the system said: of the handle, or of the file or the log whose writing failed. */
static int system_number(sqlite3 *db)
{
    static const int files[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};
    int number = sqlite3_system_errno(db);
    for (size_t i = 0; !number && i < 2; i++) {
        sqlite3_file *file = NULL;
        sqlite3_file_control(db, "main", files[i], &file);
        if (file && file->pMethods)
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
    }
    return number;
}

int sqlite_fail(struct store *store, int code, const char *doing, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    const char *words = code == sqlite3_extended_errcode(sqlite->db) ? sqlite3_errmsg(sqlite->db) : sqlite3_errstr(code);
    if ((code & 0xff) == SQLITE_CONSTRAINT && (code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_ROWID))
        return store_fail(store, STORE_CONFLICT, err, "%s: there is such a row already (%s)", store->where, words);
    if (code == SQLITE_CONSTRAINT_DATATYPE)
        return store_fail(store, STORE_MISUSE, err, "%s: a sum is beyond 63 bits (%s)", store->where, words);
    bool relevant = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_FULL;
    int number = relevant ? system_number(sqlite->db) : 0;
    struct trouble trouble = trouble_of(code, number);
    return store_fail(store, trouble.fault, err, "%s: cannot %s: %s [SQLite %d: %s%s%s]", store->where, doing, trouble.words, code, words,
                      number ? ", " : "", number ? strerror(number) : "");
}

int sqlite_run(struct store *store, const char *sql, const char *doing, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    int code = sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sqlite_fail(store, code, doing, err);
}

int sqlite_number(struct store *store, const char *sql, int64_t *out, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    sqlite3_stmt *statement __attribute__((cleanup(statement_end))) = NULL;
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);
    *out = 0;
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : sqlite_fail(store, code, "be read", err);
}

/* ---- statements */

static uint32_t hash_of(struct span text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * 16777619u;
    return hash;
}

static bool statement_is(const struct statement *statement, uint32_t hash, struct span sql)
{
    return statement->prepared && statement->hash == hash && strcmp(sqlite3_sql(statement->prepared), sql.at) == 0;
}

/* sql.at ends with NUL. */
sqlite3_stmt *sqlite_statement(struct store *store, struct span sql, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    struct statement *oldest = sqlite->statements;
    uint32_t hash = hash_of(sql);
    for (struct statement *one = sqlite->statements; one < sqlite->statements + STATEMENTS_KEPT; one++) {
        if (statement_is(one, hash, sql)) {
            one->used = ++sqlite->uses;
            return one->prepared;
        }
        if (one->used < oldest->used)
            oldest = one;
    }
    sqlite3_finalize(oldest->prepared);
    *oldest = (struct statement){.hash = hash, .used = ++sqlite->uses};
    int code = sqlite3_prepare_v3(sqlite->db, sql.at, -1, SQLITE_PREPARE_PERSISTENT, &oldest->prepared, NULL);
    if (code == SQLITE_OK)
        return oldest->prepared;
    *oldest = (struct statement){0};
    sqlite_fail(store, code, "prepare a statement", err);
    return NULL;
}

void sqlite_statements_drop(struct sqlite *sqlite)
{
    for (size_t i = 0; i < STATEMENTS_KEPT; i++)
        sqlite3_finalize(sqlite->statements[i].prepared);
    for (size_t i = 0; i < INSERTS_KEPT; i++)
        sqlite3_finalize(sqlite->inserts[i].prepared);
    memset(sqlite->statements, 0, sizeof sqlite->statements);
    memset(sqlite->inserts, 0, sizeof sqlite->inserts);
}

/* ---- settings */

static void glob(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct span of[2];
    for (int i = 0; i < 2; i++) {
        of[i].at = (const char *)sqlite3_value_text(values[i]);
        of[i].len = (size_t)sqlite3_value_bytes(values[i]);
        if (!of[i].at)
            return; /* null: no answer, and so no row */
    }
    sqlite3_result_int(context, glob_matches(of[0], of[1], sqlite3_user_data(context) != NULL));
}

/* SQLite's own hook but for the note. What could not be moved now waits: no commit fails of it. */
static int committed(void *context, sqlite3 *db, const char *name, int pages)
{
    enum { PAGE = 4096 };
    struct store *store = context;
    store->log = (uint64_t)pages * PAGE;
    if (store->log >= store->settings.log_bytes)
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

/* Another one holds it: waits a bit, up to what is set. Whoever asks many times while a lock stays is not to wait so long each time. */
static int on_busy(void *context, int times)
{
    enum { PAUSE_MOST_MS = 50, LOCKED_MS = 10 };
    struct store *store = context;
    struct sqlite *sqlite = store->handle;
    int most = sqlite->locked && store->settings.busy_ms > LOCKED_MS ? LOCKED_MS : store->settings.busy_ms;
    sqlite->waited_ms = times ? sqlite->waited_ms : 0;
    int left = most - sqlite->waited_ms, pause = 1 + 2 * times < PAUSE_MOST_MS ? 1 + 2 * times : PAUSE_MOST_MS;
    if (left <= 0) {
        sqlite->locked = true;
        return 0;
    }
    pause = pause < left ? pause : left;
    usleep((useconds_t)pause * 1000);
    sqlite->waited_ms += pause;
    return 1;
}

/* What the file says is not trusted to run anything: no triggers, views, extensions, functions in its schema. */
static int settings_set(struct store *store, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    static const int off[] = {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_DQS_DML,
                              SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION};
    static const int function = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    int code = sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof off / sizeof *off; i++)
        code = sqlite3_db_config(sqlite->db, off[i], 0, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_handler(sqlite->db, on_busy, store);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(sqlite->db, "sekimori_glob", 2, function, NULL, glob, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(sqlite->db, "sekimori_glob_any", 2, function, sqlite, glob, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return sqlite_fail(store, code, "be set up", err);
    char text[256];
    snprintf(text, sizeof text,
             "PRAGMA cache_size=-%zu; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=%zu",
             store->settings.cache_bytes / 1024, store->settings.log_bytes);
    sqlite3_wal_hook(sqlite->db, committed, store);
    return sqlite_run(store, text, "be set up", err);
}

int sqlite_level(struct store *store, enum store_sync sync, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    if (sqlite->level == sync)
        return 0;
    if (sqlite_run(store, sync == STORE_SYNCED ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", "be set up", err) < 0)
        return -1;
    sqlite->level = sync;
    return 0;
}

/* ---- open and close */

static int handle_open(struct store *store, const char *name, int flags, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    sqlite3_close_v2(sqlite->db);
    sqlite->db = NULL;
    int code = sqlite3_open_v2(name, &sqlite->db, flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        return sqlite_fail(store, code, "be opened", err);
    if (!(flags & SQLITE_OPEN_READONLY) && sqlite3_db_readonly(sqlite->db, "main")) /* SQLite opens what it may, and does not say */
        return sqlite_fail(store, SQLITE_READONLY, "be opened", err);
    return settings_set(store, err);
}

static bool log_waits(struct store *store)
{
    struct stat there;
    struct sqlite *sqlite = store->handle;
    return lstat(arena_print(store->scratch, "%s-wal", sqlite->path).at, &there) == 0 && there.st_size > 0;
}

/* A file in a folder that cannot be written has no place for SQLite's shared memory. Where no log waits beside it, nobody
 * writes it, and it can be read as it stands. */
static int reading_open(struct store *store, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    struct buf name = {.arena = store->arena};
    int64_t ignored;
    if (handle_open(store, sqlite->path, SQLITE_OPEN_READONLY, err) == 0 && sqlite_number(store, "PRAGMA schema_version", &ignored, err) == 0)
        return 0;
    if (store->fault != STORE_DENIED || log_waits(store) || access(sqlite->path, R_OK) < 0)
        return -1;
    buf_add(&name, S("file:"));
    for (const char *at = sqlite->path; *at; at++)
        if (strchr("%?#", *at))
            buf_print(&name, "%%%02x", (unsigned char)*at);
        else
            buf_byte(&name, *at);
    buf_print(&name, "?immutable=1%c", 0);
    return handle_open(store, name.at, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
}

static int ours(struct store *store, struct err *err)
{
    int64_t application, version, things;
    if (sqlite_run(store, "BEGIN", "be read", err) < 0) /* all three of one moment: another process may be making the file */
        return -1;
    if (sqlite_number(store, "PRAGMA application_id", &application, err) < 0 || sqlite_number(store, "PRAGMA user_version", &version, err) < 0 ||
        sqlite_number(store, "SELECT count(*) FROM sqlite_schema", &things, err) < 0 || sqlite_run(store, "COMMIT", "be read", err) < 0)
        return -1;
    bool empty = application == 0 && version == 0 && things == 0 && store->has_schema && !store->settings.read_only;
    if ((application != APPLICATION_ID && !empty) || version < 0 || version > UINT32_MAX)
        return store_fail(store, STORE_DENIED, err, "%s: is an SQLite file of another program, or empty; give the path of a store, or of a file that is not there yet",
                          store->where);
    store->version = (unsigned)version;
    return 0;
}

static bool is_busy(int code)
{
    return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
}

/* A log beside the file lets readers and one writer work at once. Not on a network's file system. */
static int log_ahead(struct store *store, struct err *err)
{
    enum { PAUSE_MS = 10 };
    struct sqlite *sqlite = store->handle;
    sqlite3_stmt *statement __attribute__((cleanup(statement_end))) = NULL;
    int code = sqlite3_prepare_v2(sqlite->db, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
    for (int waited = 0; code == SQLITE_OK || (is_busy(code) && waited < store->settings.busy_ms); waited += PAUSE_MS) {
        if (code != SQLITE_OK) /* two that make the file at once: here SQLite does not wait by itself */
            usleep(PAUSE_MS * 1000);
        sqlite3_reset(statement);
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_ROW)
        return sqlite_fail(store, code, "be set up", err);
    if (strcmp((const char *)sqlite3_column_text(statement, 0), "wal") != 0)
        return store_fail(store, STORE_FAILED, err, "%s: lies where no write-ahead log can be kept; put it on a disk of this machine", store->where);
    return 0;
}

char *sqlite_folder(struct store *store)
{
    struct sqlite *sqlite = store->handle;
    const char *slash = strrchr(sqlite->path, '/');
    return sqlite3_mprintf("%.*s", slash == sqlite->path ? 1 : (int)(slash - sqlite->path), sqlite->path);
}

/* Many pages flushed at once keep the disk busy for longer than a commit beside them should wait. */
static ssize_t write_gently(int fd, const void *bytes, size_t len, off_t at)
{
    enum { BIT = 1 << 20 };
    static size_t waits;
    ssize_t written = pwrite(fd, bytes, len, at);
    waits += len;
    if (waits >= BIT) {
        sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
        waits = 0;
    }
    return written;
}

/* SQLite's table of system calls is the process's. */
static void gentle_ready(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    if (vfs && vfs->iVersion >= 3) {
        vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)write_gently);
        vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)write_gently);
    }
}

/* Once in a process, before all else: no process of ours has a second thread, and its locks and counts cost each page. */
static void library_ready(void)
{
    static bool ready;
    if (!ready && sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK)
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (!ready)
        sqlite_pages_ready();
    ready = true;
}

static int sqlite_open(struct store *store, struct err *err)
{
    struct sqlite *sqlite = arena_one(store->arena, struct sqlite);
    library_ready();
    if (store->settings.gentle)
        gentle_ready();
    store->handle = sqlite;
    store->name = arena_print(store->arena, "SQLite %s", sqlite3_libversion()).at;
    bool make = store->has_schema && !store->settings.read_only;
    enum store_fault fault = file_ready(store->arena, store->where, make, &sqlite->path, err);
    if (fault != STORE_FINE) {
        store->fault = fault;
        return -1;
    }
    if (!sqlite3_temp_directory) /* where large sorts go: a service that is locked in may write nowhere else */
        sqlite3_temp_directory = sqlite_folder(store);
    int opened = store->settings.read_only ? reading_open(store, err) : handle_open(store, sqlite->path, SQLITE_OPEN_READWRITE, err);
    if (opened < 0 || ours(store, err) < 0)
        return -1;
    return store->settings.read_only ? 0 : log_ahead(store, err);
}

static void sqlite_close(struct store *store)
{
    struct sqlite *sqlite = store->handle;
    if (!sqlite)
        return;
    sqlite_statements_drop(sqlite);
    sqlite3_close_v2(sqlite->db);
    sqlite->db = NULL;
}

struct first_fault {
    struct err *err;
    const char *where;
};

static void first_tell(void *context, const char *fault)
{
    struct first_fault *first = context;
    if (!first->err->text[0])
        err_set(first->err, "%s: is not as this program made it: %s; restore a backup (sekimori store check tells all)", first->where, fault);
}

/* What an administrator added by hand is his; what lacks is an error now rather than with the first message. */
static int sqlite_ready(struct store *store, const struct catalogue *expected, struct err *err)
{
    struct err words = {{0}};
    struct catalogue found = {.arena = store->arena};
    if (sqlite_catalogue(store, &found, err) < 0)
        return -1;
    store->catalogue = expected ? *expected : found;
    if (expected && catalogue_compare(expected, &found, false, first_tell, &(struct first_fault){&words, store->where}))
        return store_fail(store, STORE_CORRUPT, err, "%s", words.text);
    return 0;
}

/* ---- transactions */

static int said(struct store *store, struct span sql, struct err *err)
{
    sqlite3_stmt *statement __attribute__((cleanup(statement_reset))) = sqlite_statement(store, sql, err);
    int code = statement ? sqlite3_step(statement) : SQLITE_DONE;
    return !statement ? -1 : code == SQLITE_DONE ? 0 : sqlite_fail(store, code, "be written", err);
}

static int sqlite_begin(struct store *store, enum store_sync sync, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    if (sqlite_level(store, sync, err) < 0 || said(store, S("BEGIN IMMEDIATE"), err) < 0)
        return -1;
    sqlite->locked = false;
    return 0;
}

static int sqlite_commit(struct store *store, struct err *err)
{
    return said(store, S("COMMIT"), err);
}

static void sqlite_rollback(struct store *store)
{
    struct sqlite *sqlite = store->handle;
    if (!sqlite3_get_autocommit(sqlite->db)) /* after some failures SQLite has done it */
        sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
}

static int sqlite_sizes(struct store *store, struct store_sizes *out, struct err *err)
{
    struct sqlite *sqlite = store->handle;
    int64_t page, pages, unused, log = 0;
    sqlite3_file *file = NULL;
    if (sqlite_number(store, "PRAGMA page_size", &page, err) < 0 || sqlite_number(store, "PRAGMA page_count", &pages, err) < 0 ||
        sqlite_number(store, "PRAGMA freelist_count", &unused, err) < 0)
        return -1;
    sqlite3_file_control(sqlite->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    sqlite3_int64 bytes = 0;
    if (file && file->pMethods && file->pMethods->xFileSize(file, &bytes) == SQLITE_OK)
        log = bytes;
    *out = (struct store_sizes){(uint64_t)(pages * page), (uint64_t)(unused * page), (uint64_t)log};
    return 0;
}

static int sqlite_changes(struct store *store, int64_t *out, struct err *err)
{
    return sqlite_number(store, "PRAGMA data_version", out, err);
}

static int64_t sqlite_settle(struct store *store, struct err *err)
{
    int64_t page;
    int pages = 0, moved = 0;
    struct sqlite *sqlite = store->handle;
    if (sqlite_number(store, "PRAGMA page_size", &page, err) < 0)
        return -1;
    int code = sqlite3_wal_checkpoint_v2(sqlite->db, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
    if (is_busy(code)) /* another one moves it just now */
        return (int64_t)store->log;
    if (code != SQLITE_OK)
        return sqlite_fail(store, code, "be written", err);
    return pages > moved ? (pages - moved) * page : 0;
}

const struct driver driver_sqlite = {
    .open = sqlite_open, .close = sqlite_close, .migrate = sqlite_migrate, .ready = sqlite_ready,
    .begin = sqlite_begin, .commit = sqlite_commit, .rollback = sqlite_rollback,
    .insert = sqlite_insert, .update = sqlite_update, .erase = sqlite_erase, .add = sqlite_add,
    .find = sqlite_find, .count = sqlite_count,
    .sizes = sqlite_sizes, .changes = sqlite_changes, .settle = sqlite_settle, .check = sqlite_check, .backup = sqlite_backup, .compact = sqlite_compact,
};
