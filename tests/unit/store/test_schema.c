/* store: files that are made, brought up, refused; what check finds; copies. */
#include "world.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>

static void sql(const char *file, const char *text)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static struct err refused(const char *where, const struct store_schema *by, const struct store_settings *settings)
{
    struct store *store;
    struct err err = {{0}};
    if (store_open(where, by, settings, &store, &err) == 0) {
        store_close(&store);
        fail_msg("%s was opened", where);
    }
    assert_null(store);
    return err;
}

#define assert_says(err, part)                                                                                         \
    do {                                                                                                               \
        if (!strstr((err).text, (part)))                                                                               \
            fail_msg("\"%s\" lacks \"%s\"", (err).text, (part));                                                       \
    } while (0)

static const char *beside(const char *name)
{
    static char text[4][160];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(text[turn], sizeof *text, "%s/%s", folder, name);
    return text[turn];
}

static void bytes_write(const char *file, long at, const char *bytes, size_t len)
{
    int fd = open(file, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && pwrite(fd, bytes, len, at) == (ssize_t)len);
    close(fd);
}

static void ten_put(void)
{
    struct store *store;
    struct err err;
    char id[24];
    assert_int_equal(store_open(path, &older_schema, NULL, &store, &err), 0);
    for (int i = 0; i < 10; i++) {
        struct store_value values[MAIL_COLUMNS];
        snprintf(id, sizeof id, "%d", i);
        mail_fill(values, id, i, "ann@example.com", "subject");
        assert_int_equal(store_insert(store, "mail", values, STORE_FAIL, &err), 1);
    }
    store_close(&store);
}

static void a_new_file_is_the_owners_alone(void **state)
{
    struct stat there;
    struct store *store;
    mode_t before = umask(0);
    store = opened(path);
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(there.st_mode & 07777, 0600);
    assert_int_equal(stat(beside("store.db-wal"), &there), 0);
    assert_int_equal(there.st_mode & 07777, 0600);
    assert_non_null(strstr(store_driver(store), "SQLite 3."));
    store_close(&store);
    umask(before);
}

static void an_older_file_is_brought_up(void **state)
{
    struct store *store;
    struct line line;
    ten_put();
    store = opened(path);
    assert_int_equal(store_version_found(store), 1);
    assert_int_equal(store_version(store), 2);
    assert_string_equal(line_of(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_EQ, STORE_INT(7))), .columns = "id note seen"}, 3, &line), "7,-,-");
    store_close(&store);
    store = opened(path);
    assert_int_equal(store_version_found(store), 2);
    store_close(&store);
}

static void a_newer_file_is_refused(void **state)
{
    struct store *store = opened(path);
    store_close(&store);
    struct err err = refused(path, &older_schema, NULL);
    assert_says(err, "at version 2, this program knows 1");
    assert_says(err, "start the newer program, or restore a backup");
    unlink(path);
    ten_put();
    err = refused(path, &schema, &(struct store_settings){.read_only = true});
    assert_says(err, "at version 1, this program needs 2");
}

static void a_step_that_fails_leaves_the_step_before(void **state)
{
    const struct store_step good[] = {{.kind = STORE_TABLE_MAKE, .table = "a", .on = "x", .columns = (const struct store_column[]){{"x", STORE_TEXT, false}, {0}}}, {0}};
    const struct store_step twice[] = {{.kind = STORE_COLUMN_ADD, .table = "a", .columns = (const struct store_column[]){{"y", STORE_TEXT, true}, {0}}},
                                              {.kind = STORE_UNIQUE_MAKE, .table = "a", .index = "a_y", .on = "y"}, {0}};
    const struct store_step bad[] = {{.kind = STORE_COLUMN_ADD, .table = "mail", .columns = (const struct store_column[]){{"z", STORE_TEXT, true}, {0}}},
                                            {.kind = STORE_UNIQUE_MAKE, .table = "mail", .index = "mail_subject", .on = "subject"}, {0}};
    const struct store_migration both[] = {{1, "keep mail and counters", first_steps}, {2, "forbid what is there twice", bad}}, rest[] = {{1, "a", good}, {2, "b", twice}};
    struct store *store;
    ten_put(); /* ten with one subject */
    struct err err = refused(path, &(struct store_schema){both, 2}, NULL);
    assert_says(err, "from version 1 to 2 (forbid what is there twice); nothing of that step was kept");
    store = opened(path);
    assert_int_equal(store_version_found(store), 1);
    store_close(&store);
    assert_int_equal(store_open(beside("other.db"), &(struct store_schema){rest, 2}, NULL, &store, &err), 0);
    store_close(&store);
}

static void every_step_of_a_schema_is_looked_at(void **state)
{
    static const struct store_column one[] = {{"x", STORE_TEXT, false}, {"y", STORE_TEXT, true}, {0}}, added[] = {{"z", STORE_TEXT, false}, {0}}, same[] = {{"x", STORE_TEXT, true}, {0}},
                                     untyped[] = {{"x", 0, false}, {0}};
    static const struct store_step make = {.kind = STORE_TABLE_MAKE, .table = "a", .on = "x", .columns = one};
    const struct {
        struct store_step step;
        const char *says;
    } rows[] = {
        {{.kind = STORE_TABLE_MAKE, .table = "a", .on = "x", .columns = one}, "table a already"},
        {{.kind = STORE_TABLE_MAKE, .table = "A", .on = "x", .columns = one}, "\"A\" is no name"},
        {{.kind = STORE_TABLE_MAKE, .table = "b\"; --", .on = "x", .columns = one}, "is no name"},
        {{.kind = STORE_TABLE_MAKE, .table = "sqlite_b", .on = "x", .columns = one}, "is no name"},
        {{.kind = STORE_TABLE_MAKE, .table = "b", .on = "", .columns = one}, "without columns"},
        {{.kind = STORE_TABLE_MAKE, .table = "b", .on = "w", .columns = one}, "no column w"},
        {{.kind = STORE_TABLE_MAKE, .table = "b", .on = "y", .columns = one}, "column y of its key may be null"},
        {{.kind = STORE_TABLE_MAKE, .table = "b", .on = "x", .columns = untyped}, "has no type"},
        {{.kind = STORE_COLUMN_ADD, .table = "a", .columns = added}, "must be allowed to be null"},
        {{.kind = STORE_COLUMN_ADD, .table = "a", .columns = same}, "column x already"},
        {{.kind = STORE_COLUMN_ADD, .table = "b", .columns = same}, "no table b"},
        {{.kind = STORE_INDEX_MAKE, .table = "a", .index = "a", .on = "x"}, "an index or table a already"},
        {{.kind = STORE_INDEX_MAKE, .table = "a", .index = "a_w", .on = "w"}, "no column w"},
        {{.kind = STORE_INDEX_DROP, .index = "a_w"}, "no index a_w"},
        {{.kind = STORE_TABLE_DROP, .table = "b"}, "no table b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct store_step steps[] = {make, rows[i].step, {0}};
        const struct store_migration only = {1, "try", steps};
        struct err err = refused("memory:", &(struct store_schema){&only, 1}, NULL);
        assert_says(err, "migration 1 (try): ");
        assert_says(err, rows[i].says);
    }
    const struct store_migration gap[] = {{1, "keep mail and counters", first_steps}, {3, "later", second_steps}};
    struct err err = refused(path, &(struct store_schema){gap, 2}, NULL);
    assert_says(err, "migration 3 stands where number 2 belongs");
    assert_int_equal(access(path, F_OK), -1);
}

static void things_are_dropped_and_made_again(void **state)
{
    const struct store_step third[] = {{.kind = STORE_INDEX_DROP, .index = "mail_at"},
                                              {.kind = STORE_INDEX_MAKE, .table = "mail", .index = "mail_at", .on = "at"},
                                              {.kind = STORE_TABLE_DROP, .table = "counter"},
                                              {.kind = STORE_TABLE_MAKE, .table = "counter", .on = "n", .columns = (const struct store_column[]){{"n", STORE_INTEGER, false}, {0}}},
                                              {0}};
    const struct store_migration three[] = {migrations[0], migrations[1], {3, "count otherwise", third}};
    const struct store_schema by = {three, 3};
    struct store *store;
    struct err err;
    ten_put();
    for (int again = 0; again < 2; again++) {
        assert_int_equal(store_open(path, &by, NULL, &store, &err), 0);
        assert_int_equal(store_insert(store, "counter", &STORE_INT(again), STORE_FAIL, &err), 1);
        assert_int_equal(store_check(store, NULL, NULL, &err), 0);
        store_close(&store);
    }
    assert_int_equal(store_open("memory:", &by, NULL, &store, &err), 0);
    assert_int_equal(store_insert(store, "counter", &STORE_INT(1), STORE_FAIL, &err), 1);
    store_close(&store);
}

static void what_is_no_store_of_ours_is_refused(void **state)
{
    char text[200];
    bytes_write(beside("letter"), 0, "Dear Sir or Madam, this is a letter and no database at all.......", 64);
    assert_says(refused(beside("letter"), &schema, NULL), "is no store, or its beginning is destroyed");
    sql(beside("other.db"), "CREATE TABLE t (x); PRAGMA user_version=7");
    assert_says(refused(beside("other.db"), &schema, NULL), "of another program");
    sql(beside("third.db"), "PRAGMA application_id=1");
    assert_says(refused(beside("third.db"), &schema, NULL), "of another program");
    assert_says(refused(folder, &schema, NULL), "is no file");
    assert_says(refused(beside("none/store.db"), &schema, NULL), "make the folder first");
    assert_says(refused(beside("none.db"), NULL, NULL), "No such file");
    assert_says(refused(beside("none.db"), &schema, &(struct store_settings){.read_only = true}), "No such file");
    assert_says(refused("postgresql://localhost/mail", &schema, NULL), "no driver for that");
    assert_says(refused("memory:", NULL, NULL), "holds nothing");
    struct store *store = opened(path);
    store_close(&store);
    assert_int_equal(symlink(path, beside("link.db")), 0);
    assert_says(refused(beside("link.db"), &schema, NULL), "is a link, which is not followed");
    assert_int_equal(symlink(folder, beside("way")), 0); /* of the folder it is */
    store = opened(beside("way/store.db"));
    store_close(&store);
    snprintf(text, sizeof text, "%s", beside("empty.db"));
    bytes_write(text, 0, "", 0); /* of a process that was killed while it made it */
    assert_says(refused(text, NULL, NULL), "or empty");
    store = opened(text);
    store_close(&store);
}

static void what_is_damaged_is_refused(void **state)
{
    struct store *store = opened(path);
    char zeros[4096] = {0};
    struct stat there;
    store_close(&store);
    memset(zeros, 0xa5, sizeof zeros);
    bytes_write(path, 100, zeros, 3000);
    assert_says(refused(path, &schema, NULL), "the file is damaged");
    unlink(path);
    store = opened(path);
    store_close(&store);
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(truncate(path, there.st_size / 2), 0);
    assert_says(refused(path, &schema, NULL), "the file is damaged");
    unlink(path);
    store = opened(path);
    store_close(&store);
    sql(path, "DROP INDEX mail_at");
    assert_says(refused(path, &schema, NULL), "table mail lacks its index mail_at; restore a backup");
    unlink(path);
    store = opened(path);
    store_close(&store);
    sql(path, "DROP TABLE link");
    assert_says(refused(path, &schema, NULL), "the table link is missing");
}

static void a_locked_file_is_told(void **state)
{
    struct store *store = opened(path);
    sqlite3 *other;
    store_close(&store);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; UPDATE mail SET at=1", NULL, NULL, NULL), SQLITE_OK);
    assert_says(refused(path, &schema, &(struct store_settings){.busy_ms = 20}), "another process holds it locked");
    sqlite3_close(other);
    store = opened(path);
    store_close(&store);
}

static void reading_only_writes_nothing(void **state)
{
    struct store *store, *reader;
    struct store_value values[MAIL_COLUMNS];
    const struct store_settings reading = {.read_only = true};
    struct err err;
    ten_put();
    assert_int_equal(store_open(path, NULL, NULL, &reader, &err), 0); /* as it stands */
    assert_int_equal(store_version(reader), 1);
    assert_int_equal(store_tables(reader), 2);
    assert_int_equal(store_count(reader, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("sender", STORE_PREFIX, words("ann")))}, &err), 10);
    mail_fill(values, "z", 1, NULL, NULL);
    assert_int_equal(store_insert(reader, "mail", values, STORE_FAIL, &err), -1);
    assert_int_equal(store_fault(reader), STORE_DENIED);
    assert_int_equal(store_begin(reader, STORE_SYNCED, &err), -1);
    store_close(&reader);
    store = opened(path);
    assert_int_equal(store_open(path, &schema, &reading, &reader, &err), 0);
    assert_int_equal(store_delete(reader, &(struct store_query){.table = "mail"}, &err), -1);
    assert_says(err, "opened for reading only");
    assert_int_equal(mail_insert(store, "z", 1, NULL, NULL, STORE_FAIL, &err), 1);
    assert_int_equal(store_count(reader, &(struct store_query){.table = "mail"}, &err), 11);
    store_close(&reader);
    store_close(&store);
}

/* ---- check */

struct told {
    char text[4000];
    int count;
};

static void told_take(void *context, const char *fault)
{
    struct told *told = context;
    size_t len = strlen(told->text);
    snprintf(told->text + len, sizeof told->text - len, "%s\n", fault);
    told->count++;
}

static int checked(const struct store_schema *by, struct told *told)
{
    struct store *store;
    struct err err;
    *told = (struct told){{0}, 0};
    if (store_open(path, by, &(struct store_settings){.read_only = true}, &store, &err) < 0)
        fail_msg("%s", err.text);
    int faults = store_check(store, told_take, told, &err);
    assert_int_equal(faults, told->count);
    store_close(&store);
    return faults;
}

static void check_finds_what_is_wrong(void **state)
{
    struct told told;
    struct store *store = opened(path);
    struct err err;
    char many[2000];
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = 0;
    for (int i = 0; i < 50; i++) {
        char id[24];
        snprintf(id, sizeof id, "%d", i);
        assert_int_equal(mail_insert(store, id, i, "ann@example.com", many, STORE_FAIL, &err), 1);
    }
    store_close(&store);
    assert_int_equal(checked(&schema, &told), 0);
    assert_int_equal(checked(NULL, &told), 0);
    chmod(path, 0640);
    sql(path, "CREATE VIEW v AS SELECT 1; CREATE INDEX mine ON mail (note); CREATE TABLE extra (x INTEGER NOT NULL PRIMARY KEY) STRICT");
    assert_int_equal(checked(&schema, &told), 4);
    assert_non_null(strstr(told.text, "mode 0640"));
    assert_non_null(strstr(told.text, "table mail has an index mine that no migration made"));
    assert_non_null(strstr(told.text, "there is a table extra that no migration made"));
    assert_non_null(strstr(told.text, "there is a view v that no migration made"));
    chmod(path, 0600);
    sql(path, "DROP VIEW v; DROP INDEX mine; DROP TABLE extra; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage=(SELECT sum(rootpage) FROM "
              "sqlite_schema WHERE name IN ('mail_sender', 'mail_at')) - rootpage WHERE name IN ('mail_sender', 'mail_at')");
    assert_true(checked(&schema, &told) > 0);
    assert_non_null(strstr(told.text, "mail_at"));
}

static void a_damaged_page_is_found(void **state)
{
    struct told told;
    struct stat there;
    ten_put();
    struct store *store = opened(path);
    struct err err;
    char many[3000];
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = 0;
    for (int i = 0; i < 100; i++) {
        char id[24];
        snprintf(id, sizeof id, "n%d", i);
        assert_int_equal(mail_insert(store, id, i, "ann@example.com", many, STORE_FAIL, &err), 1);
    }
    store_close(&store);
    assert_int_equal(stat(path, &there), 0);
    bytes_write(path, there.st_size - 4096 * 20, many, 2000);
    assert_true(checked(NULL, &told) > 0);
    assert_int_equal(store_open(path, &schema, NULL, &store, &err), 0);
    assert_int_equal(store_backup(store, beside("copy.db"), false, &err), -1); /* no good copy is given up for a bad one */
    assert_says(err, "is damaged, and so would its copy be");
    assert_int_equal(access(beside("copy.db"), F_OK), -1);
    store_close(&store);
}

static bool whatever(void *context, const struct store_value *values)
{
    return true;
}

/* Everything that reads, of a file whose bytes are anybody's: an error or an answer, never a crash. */
static void everything_read(const struct store_schema *by)
{
    struct store *store;
    struct err err;
    if (store_open(path, by, NULL, &store, &err) < 0)
        return;
    store_check(store, NULL, NULL, &err);
    for (size_t i = 0; i < store_tables(store); i++)
        store_find(store, &(struct store_query){.table = store_table(store, i)}, whatever, NULL, &err);
    if (by) {
        mail_insert(store, "new", 5, "ann@example.com", "x", STORE_REPLACE, &err);
        store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("sender", STORE_PREFIX, words("a"))), .order = "at", .limit = 3}, &err);
    }
    store_close(&store);
}

static void bytes_of_anybody_never_crash(void **state)
{
    enum { ROUNDS = 120 };
    static char whole[1 << 20];
    ten_put();
    struct store *store = opened(path);
    store_close(&store);
    int fd = open(path, O_RDONLY);
    ssize_t size = read(fd, whole, sizeof whole);
    close(fd);
    assert_in_range(size, 20000, sizeof whole - 1);
    srandom(4);
    for (int round = 0; round < ROUNDS; round++) {
        char command[200];
        snprintf(command, sizeof command, "%s-wal", path);
        unlink(command);
        bytes_write(path, 0, whole, (size_t)size);
        for (long changes = 1 + random() % 8; changes > 0; changes--) {
            long at = random() % (random() % 2 ? size : 4096); /* half of them where the schema lies */
            bytes_write(path, at, (char[]){(char)random()}, 1);
        }
        everything_read(round % 2 ? &schema : NULL);
    }
}

/* ---- copies */

static void a_backup_is_whole_and_never_in_the_way(void **state)
{
    struct store *store, *copy;
    struct err err;
    struct stat there;
    ten_put();
    store = opened(path);
    assert_int_equal(store_backup(store, beside("copy.db"), false, &err), 0);
    assert_int_equal(stat(beside("copy.db"), &there), 0);
    assert_int_equal(there.st_mode & 07777, 0600);
    assert_int_equal(access(beside("copy.db-wal"), F_OK), -1);
    assert_int_equal(mail_insert(store, "later", 1, NULL, NULL, STORE_FAIL, &err), 1);
    assert_int_equal(store_backup(store, beside("copy.db"), false, &err), -1);
    assert_says(err, "is there already; give another name, or --replace");
    assert_int_equal(store_backup(store, path, true, &err), -1);
    assert_says(err, "is the store itself");
    assert_int_equal(store_backup(store, beside("none/copy.db"), false, &err), -1);
    assert_says(err, "make the folder first");
    assert_int_equal(store_begin(store, STORE_SYNCED, &err), 0);
    assert_int_equal(store_backup(store, beside("third.db"), false, &err), -1);
    store_rollback(store);
    assert_int_equal(store_open(beside("copy.db"), NULL, &(struct store_settings){.read_only = true}, &copy, &err), 0);
    assert_int_equal(store_count(copy, &(struct store_query){.table = "mail"}, &err), 10);
    store_close(&copy);
    assert_int_equal(store_backup(store, beside("copy.db"), true, &err), 0);
    copy = opened(beside("copy.db"));
    assert_int_equal(store_count(copy, &(struct store_query){.table = "mail"}, &err), 11);
    assert_int_equal(store_check(copy, NULL, NULL, &err), 0);
    store_close(&copy);
    store_close(&store);
    char command[200];
    snprintf(command, sizeof command, "test -z \"$(ls '%s' | grep new)\"", folder);
    assert_int_equal(system(command), 0);
}

static void compacting_gives_room_back(void **state)
{
    struct store *store = opened(path);
    struct store_sizes before, after;
    struct err err;
    char many[3000];
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = 0;
    assert_int_equal(store_begin(store, STORE_RELAXED, &err), 0);
    for (int i = 0; i < 300; i++) {
        char id[24];
        snprintf(id, sizeof id, "%d", i);
        assert_int_equal(mail_insert(store, id, i, NULL, many, STORE_FAIL, &err), 1);
    }
    assert_int_equal(store_commit(store, &err), 0);
    assert_int_equal(store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_GT, STORE_INT(4)))}, &err), 295);
    assert_int_equal(store_compact(store, &before, &after, &err), 0);
    assert_true(before.bytes > 600000 && before.free_bytes > 500000 && before.log_bytes > 500000);
    assert_true(after.bytes < 100000 && after.free_bytes == 0 && after.log_bytes == 0);
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail"}, &err), 5);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
    store_close(&store);
    assert_int_equal(store_open(path, NULL, NULL, &store, &err), 0); /* as it stands, too */
    assert_int_equal(store_compact(store, &before, &after, &err), 0);
    store_close(&store);
    assert_int_equal(store_open(path, NULL, &(struct store_settings){.read_only = true}, &store, &err), 0);
    assert_int_equal(store_compact(store, &before, &after, &err), -1);
    store_close(&store);
}

static void what_others_write_is_noticed(void **state)
{
    struct store *store = opened(path), *other = opened(path), *memory = opened("memory:");
    struct err err;
    int64_t before, after;
    assert_int_equal(store_changes(store, &before, &err), 0);
    assert_int_equal(mail_insert(store, "a", 1, NULL, NULL, STORE_FAIL, &err), 1);
    assert_int_equal(store_changes(store, &after, &err), 0);
    assert_int_equal(before, after); /* our own */
    assert_int_equal(mail_insert(other, "b", 1, NULL, NULL, STORE_FAIL, &err), 1);
    assert_int_equal(store_changes(store, &after, &err), 0);
    assert_int_not_equal(before, after);
    assert_int_equal(store_changes(memory, &before, &err), 0);
    store_close(&store);
    store_close(&other);
    store_close(&memory);
}

static void a_child_may_not_use_it(void **state)
{
    struct store *store = opened(path);
    struct err err;
    int status;
    pid_t child = fork();
    if (child == 0) {
        bool good = mail_insert(store, "z", 1, NULL, NULL, STORE_FAIL, &err) == -1 && store_fault(store) == STORE_MISUSE && strstr(err.text, "opened by another process");
        good &= store_count(store, &(struct store_query){.table = "mail"}, &err) == -1;
        store_close(&store);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(mail_insert(store, "z", 1, NULL, NULL, STORE_FAIL, &err), 1); /* the child's close closed nothing here */
    store_close(&store);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        T(a_new_file_is_the_owners_alone), T(an_older_file_is_brought_up), T(a_newer_file_is_refused), T(a_step_that_fails_leaves_the_step_before),
        T(every_step_of_a_schema_is_looked_at), T(things_are_dropped_and_made_again), T(what_is_no_store_of_ours_is_refused), T(what_is_damaged_is_refused),
        T(a_locked_file_is_told), T(reading_only_writes_nothing), T(check_finds_what_is_wrong), T(a_damaged_page_is_found), T(bytes_of_anybody_never_crash),
        T(a_backup_is_whole_and_never_in_the_way), T(compacting_gives_room_back), T(what_others_write_is_noticed), T(a_child_may_not_use_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
