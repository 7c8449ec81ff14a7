/* store: full disks, failing disks, lost power, killed writers, two at once. What was acknowledged is there, whole. */
#include "world.h"

#include "failing_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { GROUP = 3 };

static int disk_reset(void **state)
{
    disk = (struct failing_disk){.writes_left = -1};
    return folder_make(state);
}

/* A group of rows in one transaction; 0 when it is acknowledged. */
static int group_put(struct store *store, int writer, int64_t group, enum store_sync sync, struct err *err)
{
    struct store_value values[MAIL_COLUMNS];
    char id[64], many[1500];
    memset(many, 'a' + (int)(group % 26), sizeof many - 1);
    many[sizeof many - 1] = 0;
    if (store_begin(store, sync, err) < 0)
        return -1;
    for (int i = 0; i < GROUP; i++) {
        snprintf(id, sizeof id, "%d.%lld.%d", writer, (long long)group, i);
        mail_fill(values, id, group, "ann@example.com", many);
        values[8] = STORE_INT(writer);
        if (store_insert(store, "mail", values, STORE_FAIL, err) < 0) {
            store_rollback(store);
            return -1;
        }
    }
    return store_commit(store, err);
}

struct groups {
    int writer;
    int64_t last, rows;
    int in_last;
};

static bool group_take(void *context, const struct store_value *values)
{
    struct groups *groups = context;
    if (values[0].integer != groups->last) {
        assert_true(groups->rows == 0 || groups->in_last == GROUP); /* none half */
        assert_int_equal(values[0].integer, groups->last + 1);      /* none left out */
        groups->last = values[0].integer;
        groups->in_last = 0;
    }
    groups->in_last++;
    groups->rows++;
    return true;
}

/* The number of the last group: all before it are there, every one whole. */
static int64_t groups_look(const char *file, int writer)
{
    struct store *store = opened(file);
    struct groups groups = {.writer = writer};
    struct err err;
    struct store_query query = {.table = "mail", STORE_WHERE(STORE_IS("seen", STORE_EQ, STORE_INT(writer))), .columns = "at", .order = "at"};
    int64_t found = store_find(store, &query, group_take, &groups, &err);
    assert_int_equal(found, groups.rows);
    assert_int_equal(groups.rows, groups.last * GROUP);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
    store_close(&store);
    return groups.last;
}

static void a_disk_that_fails_anywhere_loses_nothing(void **state)
{
    static const struct {
        int code;
        bool syncs;
        enum store_fault fault;
        const char *says;
    } rows[] = {{SQLITE_FULL, false, STORE_FULL, "the disk is full"}, {SQLITE_IOERR_WRITE, false, STORE_FAILED, "the disk fails"}, {0, true, STORE_FAILED, "the disk fails"}};
    struct store *store = opened(path);
    struct err err;
    int64_t done = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int failed = 0;
        for (long left = 0; left < 30; left++) {
            disk.writes_left = rows[i].syncs ? -1 : left;
            disk.write_code = rows[i].code;
            disk.syncs_fail = rows[i].syncs;
            if (group_put(store, 0, done + 1, STORE_SYNCED, &err) == 0) {
                done++;
            } else {
                failed++;
                assert_int_equal(store_fault(store), rows[i].fault);
                assert_non_null(strstr(err.text, rows[i].says));
                assert_non_null(strstr(err.text, path));
            }
            disk = (struct failing_disk){.writes_left = -1};
            assert_int_equal(group_put(store, 0, done + 1, STORE_SYNCED, &err), 0); /* room again: it goes on */
            done++;
        }
        assert_true(failed > 0);
    }
    store_close(&store);
    assert_int_equal(groups_look(path, 0), done);
}

static void a_broken_transaction_says_so(void **state)
{
    struct store *store = opened(path);
    struct err err;
    struct store_value values[MAIL_COLUMNS];
    char *many = malloc(64 << 20);
    memset(many, 'x', 64 << 20);
    mail_fill(values, "a", 1, NULL, NULL);
    values[6] = STORE_WORDS(((struct span){many, 64 << 20})); /* more than the pages in memory: it must be written at once */
    assert_int_equal(store_begin(store, STORE_SYNCED, &err), 0);
    assert_int_equal(mail_insert(store, "b", 1, NULL, NULL, STORE_FAIL, &err), 1);
    disk.writes_left = 100;
    disk.write_code = SQLITE_FULL;
    assert_int_equal(store_insert(store, "mail", values, STORE_FAIL, &err), -1);
    assert_int_equal(store_fault(store), STORE_FULL);
    disk.writes_left = -1;
    assert_true(store_must_roll_back(store));
    assert_int_equal(mail_insert(store, "c", 1, NULL, NULL, STORE_FAIL, &err), -1);
    assert_non_null(strstr(err.text, "it must be rolled back"));
    assert_int_equal(store_commit(store, &err), -1);
    store_rollback(store);
    assert_false(store_must_roll_back(store));
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail"}, &err), 0);
    assert_int_equal(mail_insert(store, "c", 1, NULL, NULL, STORE_FAIL, &err), 1);
    store_close(&store);
    free(many);
}

/* Made, and brought up, with room for so many writes only; then with room. */
static void a_file_half_made_is_made_whole_later(void **state)
{
    struct store *store;
    struct err err;
    for (int older = 0; older < 2; older++) {
        int failed = 0;
        for (long left = 0; left < 60; left += 1 + left / 12) {
            char command[200];
            snprintf(command, sizeof command, "rm -f %s*", path);
            assert_int_equal(system(command), 0);
            disk.writes_left = -1;
            if (older) {
                assert_int_equal(store_open(path, &older_schema, NULL, &store, &err), 0);
                store_close(&store);
            }
            disk.writes_left = left;
            disk.write_code = SQLITE_FULL;
            if (store_open(path, &schema, NULL, &store, &err) == 0) {
                store_close(&store);
            } else {
                failed++;
                assert_non_null(strstr(err.text, "the disk is full"));
            }
            disk.writes_left = -1;
            store = opened(path);
            assert_int_equal(store_version(store), 2);
            assert_int_equal(store_check(store, NULL, NULL, &err), 0);
            store_close(&store);
        }
        assert_in_range(failed, 5, 27);
    }
}

static void file_copy(const char *from, const char *to)
{
    char command[700];
    snprintf(command, sizeof command, "test ! -f '%s' || install -m 600 '%s' '%s'", from, from, to);
    (void)!system(command);
}

/* What lay on the disk for certain, and nothing else: the worst that losing power can do. */
static int64_t left_after_power_is_lost(void)
{
    char from[200], to[200], command[200];
    snprintf(command, sizeof command, "rm -f %s/lost.db*", folder);
    (void)!system(command);
    for (int log = 0; log < 2; log++) {
        snprintf(from, sizeof from, "%s%s.synced", path, log ? "-wal" : "");
        snprintf(to, sizeof to, "%s/lost.db%s", folder, log ? "-wal" : "");
        file_copy(from, to);
    }
    snprintf(to, sizeof to, "%s/lost.db", folder);
    return groups_look(to, 0);
}

static void what_was_acknowledged_outlives_lost_power(void **state)
{
    struct err err;
    disk.keeps_synced = true;
    struct store *store = opened(path);
    for (int64_t group = 1; group <= 700; group++) { /* over several checkpoints */
        assert_int_equal(group_put(store, 0, group, STORE_SYNCED, &err), 0);
        if (group % 50 == 1)
            assert_int_equal(left_after_power_is_lost(), group);
    }
    long syncs = disk.syncs;
    for (int64_t group = 701; group <= 720; group++)
        assert_int_equal(group_put(store, 0, group, STORE_RELAXED, &err), 0);
    assert_int_equal(disk.syncs, syncs); /* nor was it asked for */
    int64_t left = left_after_power_is_lost();
    assert_in_range(left, 700, 720);
    assert_int_equal(group_put(store, 0, 721, STORE_SYNCED, &err), 0);
    assert_int_equal(left_after_power_is_lost(), 721); /* and those before it */
    assert_int_equal(group_put(store, 0, 722, STORE_RELAXED, &err), 0);
    syncs = disk.syncs;
    assert_int_equal(mail_insert(store, "alone", 723, NULL, NULL, STORE_FAIL, &err), 1);
    assert_true(disk.syncs > syncs); /* outside a transaction: synced by itself */
    store_close(&store);
}

static void a_limit_of_size_is_a_full_disk(void **state)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct store *store = opened(path);
        struct err err = {{0}};
        int64_t group = 0;
        struct rlimit limit = {600000, RLIM_INFINITY};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        while (group_put(store, 0, group + 1, STORE_SYNCED, &err) == 0)
            group++;
        bool good = group > 10 && store_fault(store) == STORE_FULL && strstr(err.text, "a limit of its space is reached");
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
        good &= group_put(store, 0, group + 1, STORE_SYNCED, &err) == 0;
        store_close(&store);
        if (!good)
            fprintf(stderr, "%lld groups: %s\n", (long long)group, err.text);
        _exit(good && groups_look(path, 0) == group + 1 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void expect(const char *where, const struct store_settings *settings, const char *says)
{
    struct store *store;
    struct err err = {{0}};
    int done = store_open(where, settings && settings->read_only && !says ? NULL : &schema, settings, &store, &err);
    if (says ? done == 0 || !strstr(err.text, says) : done < 0) {
        fprintf(stderr, "%s: got \"%s\", wanted \"%s\"\n", where, err.text, says ? says : "");
        _exit(1);
    }
    if (!says && store_count(store, &(struct store_query){.table = "mail"}, &err) != 3)
        _exit(2);
    store_close(&store);
}

static void a_folder_or_file_that_may_not_be_written_is_told(void **state)
{
    enum { NOBODY = 65534 };
    struct store *store = opened(path);
    struct err err;
    char fresh[160], beside[300];
    int status;
    assert_int_equal(group_put(store, 0, 1, STORE_SYNCED, &err), 0);
    store_close(&store);
    snprintf(fresh, sizeof fresh, "%s/fresh.db", folder);
    pid_t child = fork();
    if (child == 0) {
        const struct store_settings reading = {.read_only = true};
        if (geteuid() == 0 && (chown(folder, NOBODY, NOBODY) < 0 || chown(path, NOBODY, NOBODY) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
            _exit(77);
        chmod(path, 0400);
        expect(path, NULL, "it may not be written; look at the owner and mode");
        expect(path, &reading, NULL);
        snprintf(beside, sizeof beside, "rm -f '%s-wal' '%s-shm'", path, path); /* a reader leaves them */
        (void)!system(beside);
        chmod(folder, 0500);
        expect(fresh, NULL, "cannot be made: Permission denied");
        expect(path, &reading, NULL); /* there is no place for a log beside it, and it needs none */
        chmod(path, 0600);
        expect(path, NULL, "cannot be");
        chmod(path, 0);
        expect(path, &reading, "it may not be opened; look at the owner and mode of the file");
        chmod(folder, 0);
        expect(path, NULL, "Permission denied");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- processes */

static void __attribute__((noreturn)) writer(int number, int64_t from, int64_t to, int tell)
{
    struct store *store;
    struct err err;
    if (store_open(path, &schema, &(struct store_settings){.busy_ms = 60000}, &store, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        _exit(3);
    }
    for (int64_t group = from; group <= to; group++) {
        if (group_put(store, number, group, STORE_SYNCED, &err) < 0) {
            fprintf(stderr, "%s\n", err.text);
            _exit(4);
        }
        if (tell >= 0 && write(tell, &group, sizeof group) != sizeof group)
            _exit(5);
    }
    store_close(&store);
    _exit(0);
}

static int64_t acknowledged(int from, int64_t last)
{
    int64_t group;
    while (read(from, &group, sizeof group) == sizeof group)
        last = group;
    return last;
}

static void a_killed_writer_leaves_what_it_acknowledged(void **state)
{
    int64_t there = 0;
    srandom(4);
    for (int round = 0; round < 25; round++) {
        int pair[2], status;
        assert_int_equal(pipe(pair), 0);
        pid_t child = fork();
        if (child == 0)
            writer(0, there + 1, INT64_MAX, pair[1]);
        close(pair[1]);
        int64_t said = 0;
        if (round % 2) /* every other one may be killed before it has opened the file */
            assert_int_equal(read(pair[0], &said, sizeof said), sizeof said);
        usleep((useconds_t)(random() % 40000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        said = acknowledged(pair[0], said);
        close(pair[0]);
        int64_t found = groups_look(path, 0);
        assert_true(found >= said);
        assert_true(found <= (said > there ? said : there) + 1); /* at most the one that was not yet answered */
        there = found;
    }
    assert_true(there >= 12);
}

static void many_make_the_file_at_once(void **state)
{
    pid_t children[6];
    int status;
    for (int round = 0; round < 12; round++) {
        char gone[160];
        snprintf(gone, sizeof gone, "rm -f %s*", path);
        assert_int_equal(system(gone), 0);
        for (int i = 0; i < 6; i++) {
            children[i] = fork();
            if (children[i] == 0)
                writer(i, 1, 1, -1);
        }
        for (int i = 0; i < 6; i++) {
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
    }
}

static void two_writers_wait_for_each_other(void **state)
{
    pid_t children[2];
    int status;
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0)
            writer(i, 1, 100, -1);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
        assert_int_equal(groups_look(path, i), 100);
    }
}

static void a_writer_that_stays_is_told_and_readers_go_on(void **state)
{
    struct store *one = opened(path), *other;
    struct err err;
    assert_int_equal(store_open(path, &schema, &(struct store_settings){.busy_ms = 20}, &other, &err), 0);
    assert_int_equal(group_put(one, 0, 1, STORE_SYNCED, &err), 0);
    assert_int_equal(store_begin(one, STORE_SYNCED, &err), 0);
    assert_int_equal(store_begin(other, STORE_SYNCED, &err), -1);
    assert_int_equal(store_fault(other), STORE_BUSY);
    assert_non_null(strstr(err.text, "another process holds it locked"));
    assert_int_equal(store_delete(one, &(struct store_query){.table = "mail"}, &err), 3);
    assert_int_equal(store_count(other, &(struct store_query){.table = "mail"}, &err), 3);
    assert_int_equal(store_commit(one, &err), 0);
    assert_int_equal(store_count(other, &(struct store_query){.table = "mail"}, &err), 0);
    assert_int_equal(group_put(other, 0, 1, STORE_SYNCED, &err), 0);
    store_close(&other);
    store_close(&one);
}

static int64_t begin_ms(struct store *store)
{
    struct err err;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(store_begin(store, STORE_SYNCED, &err), -1);
    assert_int_equal(store_fault(store), STORE_BUSY);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

/* One process that serves many must not wait for each of them. */
static void a_lock_that_stays_is_waited_for_once(void **state)
{
    struct store *one = opened(path), *other;
    struct err err;
    assert_int_equal(store_open(path, &schema, &(struct store_settings){.busy_ms = 600}, &other, &err), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_begin(one, STORE_SYNCED, &err), 0);
        assert_true(begin_ms(other) >= 590);
        for (int k = 0; k < 5; k++)
            assert_true(begin_ms(other) < 400);
        store_rollback(one);
        assert_int_equal(group_put(other, i, 1, STORE_SYNCED, &err), 0); /* from then on it is waited for again */
    }
    store_close(&other);
    store_close(&one);
}

static void a_backup_beside_a_busy_writer_is_whole(void **state)
{
    int pair[2], status;
    char copy[160];
    struct err err;
    assert_int_equal(pipe(pair), 0);
    struct store *store = opened(path);
    pid_t child = fork();
    if (child == 0)
        writer(0, 1, INT64_MAX, pair[1]);
    close(pair[1]);
    snprintf(copy, sizeof copy, "%s/copy.db", folder);
    int64_t before = 0;
    for (int round = 0; round < 8; round++) {
        int64_t said;
        for (int i = 0; i < 10; i++)
            assert_int_equal(read(pair[0], &said, sizeof said), sizeof said);
        if (store_backup(store, copy, round > 0, &err) < 0)
            fail_msg("%s", err.text);
        int64_t copied = groups_look(copy, 0);
        assert_true(copied >= said && copied > before);
        before = copied;
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    close(pair[0]);
    store_close(&store);
    assert_true(groups_look(path, 0) >= before);
}

static int64_t pages_written(struct store *store, int64_t *group)
{
    struct err err;
    long before = disk.writes;
    assert_int_equal(group_put(store, 0, ++*group, STORE_SYNCED, &err), 0);
    return disk.writes - before;
}

static void a_log_is_settled_by_another(void **state)
{
    struct store *store, *other = opened(path);
    struct err err;
    int64_t group = 0, most[2] = {0};
    for (int settled = 0; settled < 2; settled++) {
        uint64_t longest = 0;
        assert_int_equal(store_open(path, &schema, &(struct store_settings){.log_bytes = 1 << 20}, &store, &err), 0);
        for (int i = 0; i < 60; i++) {
            int64_t pages = pages_written(store, &group);
            most[settled] = pages > most[settled] ? pages : most[settled];
            longest = i && store_log(store) > longest ? store_log(store) : longest;
            if (settled)
                assert_int_equal(store_settle(other, &err), 0);
        }
        assert_true(settled ? longest < 300 << 10 : longest >= 1 << 20); /* it began anew after each */
        store_close(&store);
    }
    assert_true(most[0] > 50); /* a commit that moved the log into the file */
    assert_true(most[1] < 40); /* there was none */
    assert_int_equal(store_begin(other, STORE_SYNCED, &err), 0);
    assert_int_equal(store_settle(other, &err), -1);
    store_close(&other);
    assert_int_equal(groups_look(path, 0), 120);
}

struct reading {
    struct store *store, *other;
    int64_t group;
};

static bool written_and_settled(void *context, const struct store_value *values)
{
    struct reading *reading = context;
    struct err err;
    assert_int_equal(group_put(reading->store, 0, ++reading->group, STORE_SYNCED, &err), 0);
    assert_true(store_settle(reading->other, &err) > 0);
    return false;
}

/* What a reader has yet to read stays in the log, and is told. */
static void a_log_that_is_read_waits(void **state)
{
    struct store *reader = opened(path);
    struct reading reading = {opened(path), opened(path), 1};
    struct err err;
    assert_int_equal(group_put(reading.store, 0, 1, STORE_SYNCED, &err), 0);
    assert_int_equal(store_find(reader, &(struct store_query){.table = "mail"}, written_and_settled, &reading, &err), 1);
    assert_int_equal(store_settle(reading.other, &err), 0);
    store_close(&reader);
    store_close(&reading.store);
    store_close(&reading.other);
}

static void a_copy_without_room_leaves_nothing_behind(void **state)
{
    struct store *store = opened(path);
    struct store_sizes before, after;
    struct err err;
    char copy[160], command[200];
    for (int64_t group = 1; group <= 50; group++)
        assert_int_equal(group_put(store, 0, group, STORE_RELAXED, &err), 0);
    snprintf(copy, sizeof copy, "%s/copy.db", folder);
    disk.write_code = SQLITE_FULL;
    disk.writes_left = 20;
    assert_int_equal(store_backup(store, copy, false, &err), -1);
    assert_int_equal(store_fault(store), STORE_FULL);
    assert_non_null(strstr(err.text, "back up to another disk"));
    snprintf(command, sizeof command, "test -z \"$(ls '%s' | grep copy)\"", folder);
    assert_int_equal(system(command), 0);
    disk.writes_left = 20;
    assert_int_equal(store_compact(store, &before, &after, &err), -1);
    assert_int_equal(store_fault(store), STORE_FULL);
    disk.writes_left = -1;
    assert_int_equal(group_put(store, 0, 51, STORE_SYNCED, &err), 0);
    assert_int_equal(store_backup(store, copy, false, &err), 0);
    store_close(&store);
    assert_int_equal(groups_look(path, 0), 51);
    assert_int_equal(groups_look(copy, 0), 51);
}

static void numbers_put(struct store *store, int64_t from, int64_t count)
{
    struct err err;
    char id[32];
    for (int64_t i = from; i < from + count; i++) { /* anywhere among those there, so that rows are shared out among pages again and again */
        snprintf(id, sizeof id, "%08x%lld", (unsigned)i * 2654435761u, (long long)i);
        if (mail_insert(store, id, i, id + 3, "a subject that takes some room", STORE_FAIL, &err) != 1)
            fail_msg("%s", err.text);
    }
}

/* Pages that were written and are not the file's any more are in no cache: what comes in their place is not what they were. */
static void a_file_that_shrinks_and_grows_is_whole(void **state)
{
    struct err err;
    struct store *store;
    struct store_sizes before, after;
    const struct store_query all = {.table = "mail"};
    assert_int_equal(store_open(path, &schema, &(struct store_settings){.cache_bytes = 1 << 20}, &store, &err), 0);
    for (int64_t turn = 0; turn < 4; turn++) {
        assert_int_equal(store_begin(store, STORE_RELAXED, &err), 0);
        numbers_put(store, turn * 10000, 400);
        assert_int_equal(store_commit(store, &err), 0);
        assert_int_equal(store_begin(store, STORE_RELAXED, &err), 0);
        numbers_put(store, turn * 10000 + 5000, turn % 2 ? 4000 : 200); /* more than the cache holds, and less */
        store_rollback(store);
        assert_int_equal(store_count(store, &all, &err), (turn + 1) * 400);
        assert_int_equal(store_check(store, NULL, NULL, &err), 0);
    }
    assert_true(store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_GE, STORE_INT(10000)))}, &err) == 1200);
    assert_int_equal(store_compact(store, &before, &after, &err), 0);
    assert_true(after.bytes < before.bytes);
    assert_int_equal(store_begin(store, STORE_RELAXED, &err), 0);
    numbers_put(store, 50000, 400);
    assert_int_equal(store_commit(store, &err), 0);
    assert_int_equal(store_count(store, &all, &err), 800);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
    store_close(&store);
    store = opened(path);
    assert_int_equal(store_count(store, &all, &err), 800);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
    store_close(&store);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, disk_reset, folder_remove)
    const struct CMUnitTest real_disk[] = {
        T(a_limit_of_size_is_a_full_disk), T(a_folder_or_file_that_may_not_be_written_is_told), T(a_killed_writer_leaves_what_it_acknowledged),
        T(many_make_the_file_at_once), T(two_writers_wait_for_each_other), T(a_writer_that_stays_is_told_and_readers_go_on), T(a_lock_that_stays_is_waited_for_once), T(a_backup_beside_a_busy_writer_is_whole),
        T(a_file_that_shrinks_and_grows_is_whole),
    };
    const struct CMUnitTest failing_disk[] = {
        T(a_disk_that_fails_anywhere_loses_nothing), T(a_broken_transaction_says_so), T(a_file_half_made_is_made_whole_later), T(what_was_acknowledged_outlives_lost_power),
        T(a_log_is_settled_by_another), T(a_log_that_is_read_waits), T(a_copy_without_room_leaves_nothing_behind),
    };
    int failed = cmocka_run_group_tests(real_disk, NULL, NULL);
    disk_put_in();
    return failed + cmocka_run_group_tests(failing_disk, NULL, NULL) ? 1 : 0;
}
