/* Records are kept once by key, found by id, and gone when their time is over. */
#include "exact.h"
#include "record/decide.h"
#include "record/held.h"
#include "role/dispatch.h"
#include "role/ledger.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[64], path[128], hold[128];
static const struct span none = {0};

static int folder_make(void **state)
{
    strcpy(folder, "/tmp/sekimori-ledger-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.db", folder);
    snprintf(hold, sizeof hold, "%s/hold", folder);
    return 0;
}

static int folder_remove(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* What a judge hands over of a message with that letter, for so many recipients. */
static struct keep_row row_for(struct arena *arena, char letter, const char *const *people, size_t count, struct span *report)
{
    static struct record_settings keep;
    struct walk_settings walk;
    struct judge_settings settings;
    struct scan_result result;
    const char *text = arena_print(arena, "From: %c@shop.example\r\nMessage-ID: <%c@shop.example>\r\n\r\nHello\r\n", letter, letter).at;
    struct scan_job job = {.fd = memfd_create("message", MFD_CLOEXEC), .length = strlen(text), .arrival.received_at = 1769860800};
    struct resolver *resolver = resolver_new(&(struct resolver_settings){.offline = true});
    for (size_t i = 0; i < count; i++)
        vec_push(arena, &job.arrival.rcpt_to)->address = span_of(people[i]);
    assert_int_equal(write(job.fd, text, strlen(text)), strlen(text));
    walk_settings_default(&walk);
    judge_settings_default(&settings);
    record_settings_make(arena, &walk.verdict, &(struct grounds){0}, &keep);
    settings.walk = &walk;
    settings.style = (struct result_style){.form = RESULT_JSON, .keep = &keep};
    judge_here(arena, &settings, resolver, &job, &result);
    assert_false(result.error.len);
    resolver_free(&resolver);
    close(job.fd);
    *report = arena_copy(arena, span_trim(result.output));
    return (struct keep_row){.record = arena_copy(arena, result.record), .settings = arena_copy(arena, keep.bytes), .id = arena_copy(arena, result.id)};
}

static struct keep_row row_of(struct arena *arena, char letter, struct span *report)
{
    return row_for(arena, letter, NULL, 0, report);
}

static const struct keep_row unjudged = {.key = {"0123456789abcdef0123456789abcdef", 32}, .id = {"id of the unjudged", 18}, .report = {"{}", 2}, .org = {"harbour", 7}, .why = UNJUDGED_KILLED};

static uint64_t tally(struct ledger *ledger, enum tally at)
{
    uint64_t numbers[TALLY_COUNT];
    ledger_tally(ledger, numbers);
    return numbers[at];
}

static void keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, int how, struct span report)
{
    struct kept kept;
    struct err err;
    if (ledger_keep(ledger, arena, row, &kept, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(kept.how, how);
    assert_true(span_eq(kept.report, report));
    assert_int_equal(ledger_commit(ledger, &err), 0);
}

static void find(struct ledger *ledger, struct arena *arena, struct span id, int how, struct span report)
{
    struct kept kept;
    struct err err;
    assert_int_equal(ledger_find(ledger, arena, id, &kept, &err), 0);
    assert_int_equal(kept.how, how);
    assert_true(span_eq(kept.report, report));
}

static struct ledger *open_for(const char *where, int64_t seconds)
{
    struct ledger *ledger;
    struct err err;
    if (ledger_open(&(struct keeper_settings){.path = where, .keep = {seconds, seconds, seconds, seconds}, .full_sync = true,
                                                .hold_folder = hold, .hold_bytes = 4096}, &ledger, &err) < 0)
        fail_msg("%s", err.text);
    return ledger;
}

static void once_by_key_and_found_by_id(struct arena *arena, const char *where)
{
    struct ledger *ledger = open_for(where, 1000);
    struct kept kept;
    struct err err;
    struct span first, other;
    struct keep_row a = row_of(arena, 'a', &first), b = row_of(arena, 'b', &other), cut = a;
    keep(ledger, arena, &a, KEPT_NEW, none);
    keep(ledger, arena, &a, KEPT_KNOWN, first);
    keep(ledger, arena, &b, KEPT_NEW, none);
    keep(ledger, arena, &unjudged, KEPT_NEW, none);
    keep(ledger, arena, &unjudged, KEPT_KNOWN, S("{}"));
    cut.record = span_first(a.record, a.record.len - 1);
    assert_int_equal(ledger_keep(ledger, arena, &cut, &kept, &err), -1);
    cut = row_of(arena, 'c', &first);
    cut.settings = span_first(a.settings, a.settings.len - 1); /* not those that the record names */
    struct ledger *fresh = open_for(NULL, 1000);
    assert_int_equal(ledger_keep(fresh, arena, &cut, &kept, &err), -1);
    ledger_close(&fresh);
    assert_int_equal(ledger_keep(ledger, arena, &(struct keep_row){.id = S("x")}, &kept, &err), -1);
    assert_int_equal(ledger_commit(ledger, &err), 0);
    assert_int_equal(tally(ledger, TALLY_RECORDS), 3);
    find(ledger, arena, b.id, KEPT_KNOWN, other);
    find(ledger, arena, unjudged.id, KEPT_KNOWN, S("{}"));
    find(ledger, arena, S("another"), KEPT_NONE, none);
    ledger_close(&ledger);
}

static void records_are_kept_once(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct keep_row a = row_of(arena, 'a', &report);
    once_by_key_and_found_by_id(arena, NULL);
    once_by_key_and_found_by_id(arena, path);
    struct ledger *ledger = open_for(path, 1000);
    assert_int_equal(tally(ledger, TALLY_RECORDS), 3); /* they outlive the process */
    find(ledger, arena, a.id, KEPT_KNOWN, report);
    ledger_close(&ledger);
    arena_free(&arena);
}

static void what_ran_out_is_swept(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    keep(ledger, arena, &a, KEPT_NEW, none);
    keep(ledger, arena, &unjudged, KEPT_NEW, none);
    assert_int_equal(ledger_sweep(ledger, &err), 0);
    ledger_close(&ledger);
    ledger = open_for(path, -1000);
    assert_int_equal(ledger_sweep(ledger, &err), 0);
    assert_int_equal(tally(ledger, TALLY_PRUNED), 2);
    assert_int_equal(tally(ledger, TALLY_RECORDS), 0);
    find(ledger, arena, a.id, KEPT_NONE, none);
    keep(ledger, arena, &a, KEPT_NEW, none);
    ledger_close(&ledger);
    arena_free(&arena);
}

static void what_was_not_committed_is_not_kept(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct kept kept;
    struct span report;
    struct err err;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    assert_int_equal(ledger_keep(ledger, arena, &a, &kept, &err), 0);
    ledger_close(&ledger);
    ledger = open_for(path, 1000);
    assert_int_equal(tally(ledger, TALLY_RECORDS), 0);
    ledger_close(&ledger);
    arena_free(&arena);
}

/* ---- what is held */
static size_t files_held(void)
{
    DIR *there = opendir(hold);
    size_t count = 0;
    for (struct dirent *entry; there && (entry = readdir(there));)
        count += entry->d_name[0] != '.';
    if (there)
        closedir(there);
    return count;
}

static int bytes_of(const char *text, size_t times)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    while (times--)
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

static void what_cannot_be_held_spoils_the_commit(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct kept kept;
    struct keep_row a = row_of(arena, 'a', &report), b = row_of(arena, 'b', &report);
    struct ledger *ledger = open_for(path, 1000);
    size_t files = files_held();
    a.hold = true;
    a.length = 12;
    a.fd = bytes_of("Hello, world\n", 1);
    sqlite3 *other;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK); /* the table its row is to stand in is gone */
    if (sqlite3_exec(other, "drop table hold", NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(other));
    sqlite3_close(other);
    assert_int_equal(ledger_keep(ledger, arena, &b, &kept, &err), 0);
    assert_int_equal(ledger_keep(ledger, arena, &a, &kept, &err), -1);
    assert_int_equal(ledger_commit(ledger, &err), -1); /* a retry would be answered as held, and nothing is */
    find(ledger, arena, a.id, KEPT_NONE, none);
    assert_int_equal(files_held(), files);
    keep(ledger, arena, &b, KEPT_NEW, none); /* the next commit is as ever */
    ledger_close(&ledger);
    close(a.fd);
    arena_free(&arena);
}

static void what_is_held_has_its_bytes_on_disk(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report, raw;
    struct err err;
    struct record_held held;
    struct store *store;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    a.hold = true;
    a.length = 1200;
    a.fd = bytes_of("Hello, world\n", 100);
    keep(ledger, arena, &a, KEPT_NEW, none);
    keep(ledger, arena, &a, KEPT_KNOWN, report); /* its sender tries again: it is held once */
    assert_int_equal(files_held(), 1);
    assert_int_equal(tally(ledger, TALLY_HELD), 1);
    uint64_t bytes = tally(ledger, TALLY_HELD_BYTES);
    assert_true(bytes > 10 && bytes < 1200);
    ledger_close(&ledger);
    assert_int_equal(store_open(path, NULL, &(struct store_settings){.read_only = true}, &store, &err), 0);
    assert_int_equal(record_held(store, arena, a.id, &held, &err), 1);
    assert_int_equal(held.size, bytes);
    assert_true(held.until - held.at == 1000 && held.ticket.len == 16 && span_eq(held.state, S("held")));
    store_close(&store);
    assert_int_equal(spool_read(arena, hold, held.file, 1 << 20, &raw, &err), 0);
    assert_true(raw.len == 1200 && span_starts(raw, S("Hello, world\nHello")));
    ledger = open_for(path, 1000);
    assert_int_equal(files_held(), 1);
    assert_int_equal(tally(ledger, TALLY_HELD_BYTES), bytes);
    ledger_close(&ledger);
    ledger = open_for(path, -1000);
    close(a.fd);
    a = row_of(arena, 'b', &report);
    a.hold = true;
    a.length = 12;
    a.fd = bytes_of("Hello, world\n", 1);
    keep(ledger, arena, &a, KEPT_NEW, none);
    assert_int_equal(tally(ledger, TALLY_HELD), 2);
    assert_int_equal(ledger_sweep(ledger, &err), 0); /* this one's time was over before it began; the other's is not */
    assert_int_equal(files_held(), 1);
    assert_int_equal(tally(ledger, TALLY_HELD_BYTES), bytes);
    ledger_close(&ledger);
    close(a.fd);
    arena_free(&arena);
}

/* ---- for whom */
static void recipient_add(struct arena *arena, struct keep_row *row, const char *address, uint32_t copy)
{
    *vec_push(arena, &row->recipients) = (struct keep_recipient){.address = span_of(address), .params = S("NOTIFY=NEVER"), .org = S("harbour"), .copy = copy};
}

static struct kept kept_of(struct ledger *ledger, struct arena *arena, const struct keep_row *row)
{
    struct kept kept;
    struct err err;
    if (ledger_keep(ledger, arena, row, &kept, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(ledger_commit(ledger, &err), 0);
    return kept;
}

#define MEASURE_RAW    S("raw 67890123456789012345678901234567890123456789")
#define MEASURE_EDITED S("edited 90123456789012345678901234567890123456789")

/* One rides the answer, one is held, for one another body leaves at once. */
static void each_recipient_has_his_stretch_of_the_bytes(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report, raw;
    struct err err;
    struct buf packed = {.arena = arena};
    struct held_copies copies;
    struct job_row job = {.kind = S(HELD_LANE)};
    struct errand errand = {.tries = 0};
    struct letter letter;
    struct keep_row a = row_of(arena, 'a', &report), again;
    struct ledger *ledger = open_for(path, 1000);
    int fd = -1;
    a.hold = true;
    a.fd = bytes_of("Hello, world\nEdited\n", 1);
    a.length = 20;
    a.mail_from = S("x@shop.example");
    a.mail_params = S("RET=HDRS");
    *vec_push(arena, &a.copies) = (struct keep_copy){.length = 13, .measure = MEASURE_RAW};
    *vec_push(arena, &a.copies) = (struct keep_copy){.start = 13, .length = 7, .leaves = true, .edited = true, .measure = MEASURE_EDITED};
    recipient_add(arena, &a, "rides@harbour.example", COPY_NONE);
    recipient_add(arena, &a, "held@harbour.example", 0);
    recipient_add(arena, &a, "leaves@harbour.example", 1);
    a.recipients.at[2].stays = true;
    keep_row_pack(&packed, &a);
    assert_int_equal(keep_row_unpack(arena, buf_span(&packed), &again), 0);
    again.fd = a.fd;
    struct kept kept = kept_of(ledger, arena, &again);
    assert_true(kept.how == KEPT_NEW && kept.held && !kept.served.len);
    kept = kept_of(ledger, arena, &a); /* its sender tries again: whoever rides gets it, the others need nothing */
    assert_true(kept.how == KEPT_KNOWN && kept.held);
    assert_true(span_eq(kept.served, S("held@harbour.example\0leaves@harbour.example\0")));
    assert_int_equal(held_copies(ledger_store(ledger), arena, a.id, &copies, &err), 0);
    assert_int_equal(copies.list.len, 2);
    assert_true(copies.list.at[0].number == 1 && copies.list.at[0].state == HELD_KEPT && copies.list.at[1].start == 13 && copies.list.at[1].state == HELD_LEAVING);
    job.job = arena_print(arena, "%.*s.release.1", SPAN_FMT(a.id));
    assert_int_equal(ledger_prepare(ledger, arena, &job, &errand, &fd, &err), PREPARE_NEVER); /* nobody released it */
    job.job = arena_print(arena, "%.*s.release.2", SPAN_FMT(a.id));
    assert_int_equal(ledger_prepare(ledger, arena, &job, &errand, &fd, &err), 0);
    assert_int_equal(letter_unpack(arena, errand.bytes, &letter), 0);
    assert_true(fd >= 0 && span_eq(letter.mail_from, S("x@shop.example")) && span_eq(letter.mail_params, S("RET=HDRS")) && span_eq(letter.params, S("NOTIFY=NEVER")));
    assert_true(span_eq(letter.recipient, S("leaves@harbour.example")) && letter.start == 13 && letter.length == 7 && letter.pass.len == 32 && !letter.raw);
    assert_int_equal(copies.list.at[0].measure.len, 0); /* another's house: no seal for him */
    assert_int_equal(ledger_pass(ledger, arena, arena_print(arena, "%.*sasker", SPAN_FMT(letter.pass)), &kept, &err), 0);
    assert_true(kept.how == KEPT_KNOWN && span_eq(kept.id, a.id) && kept.edited && span_eq(kept.measure, MEASURE_EDITED));
    packed.len = 0;
    kept_pack(&packed, &kept);
    kept.measure.len = kept.edited = 0;
    assert_int_equal(kept_unpack(buf_span(&packed), &kept), 0);
    assert_true(kept.edited && span_eq(kept.measure, MEASURE_EDITED));
    struct record_held held;
    assert_int_equal(record_held(ledger_store(ledger), arena, a.id, &held, &err), 1);
    assert_int_equal(spool_read(arena, hold, held.file, 1 << 20, &raw, &err), 0);
    assert_true(span_eq(raw, S("Hello, world\nEdited\n")));
    close(fd);
    close(a.fd);
    ledger_close(&ledger);
    arena_free(&arena);
}

/* The letters' case of a domain makes no other mailbox; that of the local part may. */
static void who_is_named_twice_has_one_copy(void **state)
{
    static const struct {
        const char *address;
        uint32_t copy;
        bool original, kept;
    } people[] = {{"held@harbour.example", 0, false, true}, {"Held@harbour.example", 0, false, true}, {"held@HARBOUR.example", 0, false, false},
                  {"held@harbour.example", 1, false, true}, {"rides@harbour.example", COPY_NONE, true, true}, {"rides@harbour.example", COPY_NONE, true, false},
                  {"held", 0, false, true}, {"held@harbour.example", 0, false, false}, {"held@quay.example", 0, false, true}};
    enum { PEOPLE = sizeof people / sizeof *people };
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct held_copies copies;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    size_t at = 0;
    a.hold = true;
    a.fd = bytes_of("Hello, world\nEdited\n", 1);
    a.length = 20;
    a.came = 13;
    *vec_push(arena, &a.copies) = (struct keep_copy){.length = 13};
    *vec_push(arena, &a.copies) = (struct keep_copy){.start = 13, .length = 7, .leaves = true, .edited = true};
    for (size_t i = 0; i < PEOPLE; i++) {
        recipient_add(arena, &a, people[i].address, people[i].copy);
        a.recipients.at[i].original = people[i].original;
    }
    assert_int_equal(kept_of(ledger, arena, &a).how, KEPT_NEW);
    assert_int_equal(held_copies(ledger_store(ledger), arena, a.id, &copies, &err), 0);
    for (size_t i = 0; i < PEOPLE; i++)
        if (people[i].kept && !people[i].original)
            assert_int_equal(copies.list.at[at++].number, i);
    assert_int_equal(copies.list.at[at++].number, HELD_ORIGINALS + 4);
    assert_int_equal(copies.list.len, at);
    close(a.fd);
    ledger_close(&ledger);
    arena_free(&arena);
}

static int prepared(struct ledger *ledger, struct arena *arena, const struct job_row *row, struct letter *letter)
{
    int fd = -1;
    struct err err;
    struct errand errand = {.tries = 0};
    int how = ledger_prepare(ledger, arena, row, &errand, &fd, &err);
    if (how == 0)
        assert_int_equal(letter_unpack(arena, errand.bytes, letter), 0);
    if (fd >= 0)
        close(fd);
    return how;
}

/* What is busy now is tried again; what is gone ends the job. */
static void what_can_never_be_sent_is_told_from_what_cannot_now(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct record_held held;
    struct held_done done;
    struct letter letter;
    struct rlimit files, none_left;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    struct store *store = ledger_store(ledger);
    a.hold = true;
    a.fd = bytes_of("Hello, world\nEdited\n", 1);
    a.length = 20;
    a.mail_from = S("x@shop.example");
    *vec_push(arena, &a.copies) = (struct keep_copy){0, 13, .edited = false};
    *vec_push(arena, &a.copies) = (struct keep_copy){13, 7, .leaves = true, .edited = true};
    recipient_add(arena, &a, "held@harbour.example", 0);
    recipient_add(arena, &a, "leaves@harbour.example", 1);
    kept_of(ledger, arena, &a);
    assert_int_equal(held_release(store, &(struct held_act){.id = a.id, .by = S("op")}, 5, &done, &err), 0);
    const struct job_row released = {.kind = S(HELD_LANE), .job = arena_print(arena, "%.*s.release.0", SPAN_FMT(a.id))};
    const struct job_row edited = {.kind = S(HELD_LANE), .job = arena_print(arena, "%.*s.release.1", SPAN_FMT(a.id))};
    const struct job_row digest = {.kind = S(DIGEST_LANE), .job = S("digest-harbour.x"), .bytes = S("of another version")};
    assert_int_equal(prepared(ledger, arena, &released, &letter), 0);
    assert_true(letter.raw); /* a stranger's words in our fields stay behind */
    assert_int_equal(prepared(ledger, arena, &edited, &letter), 0);
    assert_false(letter.raw); /* ours stand there */
    assert_int_equal(prepared(ledger, arena, &digest, &letter), PREPARE_NEVER);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    none_left = (struct rlimit){0, files.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    int busy = prepared(ledger, arena, &released, &letter);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    assert_int_equal(busy, -1);
    assert_int_equal(record_held(store, arena, a.id, &held, &err), 1);
    assert_int_equal(unlink(arena_print(arena, "%s/%.*s", hold, SPAN_FMT(held.file)).at), 0);
    assert_int_equal(prepared(ledger, arena, &released, &letter), PREPARE_NEVER);
    assert_int_equal(store_update(store, &(struct store_query){.table = "hold"}, &(struct store_change){"mail_from", STORE_SET, STORE_NONE(STORE_TEXT)}, 1, &err), 1);
    assert_int_equal(prepared(ledger, arena, &released, &letter), PREPARE_NEVER);
    close(a.fd);
    ledger_close(&ledger);
    arena_free(&arena);
}

/* Who rides the answer has nothing here; the copies beside leave once, from nobody, and count for no recipient. */
static void copies_beside_leave_once(void **state)
{
    static const char *const people[] = {"rides@harbour.example", "soc@other.example"};
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct buf packed = {.arena = arena};
    struct held_copies copies;
    struct job_row job = {.kind = S(HELD_LANE)};
    struct errand errand = {.tries = 0};
    struct letter letter;
    struct keep_row a = row_of(arena, 'b', &report), again;
    struct ledger *ledger = open_for(path, 1000);
    int fd = -1;
    a.hold = a.beside = true;
    a.fd = bytes_of("Hello, world\n", 1);
    a.length = a.came = 13;
    a.mail_from = S("x@shop.example");
    recipient_add(arena, &a, people[0], COPY_NONE);
    for (size_t i = 0; i < 2; i++)
        vec_push(arena, &a.copy_to)->address = span_of(people[i]);
    keep_row_pack(&packed, &a);
    assert_int_equal(keep_row_unpack(arena, buf_span(&packed), &again), 0);
    again.fd = a.fd;
    for (int i = 0; i < 2; i++) { /* its sender tries again: it goes to the recipient, and nowhere else */
        struct kept kept = kept_of(ledger, arena, &again);
        assert_true(kept.how == (i ? KEPT_KNOWN : KEPT_NEW) && !kept.held && !kept.served.len);
        assert_int_equal(held_copies(ledger_store(ledger), arena, a.id, &copies, &err), 0);
        assert_true(copies.list.len == 2 && held_is_beside(&copies.list.at[0]) && copies.list.at[1].state == HELD_LEAVING && copies.list.at[1].length == 13);
    }
    job.job = arena_print(arena, "%.*s.release.%d", SPAN_FMT(a.id), HELD_BESIDE + 1);
    assert_int_equal(ledger_prepare(ledger, arena, &job, &errand, &fd, &err), 0);
    assert_int_equal(letter_unpack(arena, errand.bytes, &letter), 0);
    assert_true(letter.raw && !letter.mail_from.len && span_eq(letter.recipient, S("soc@other.example")) && span_eq(letter.params, S("NOTIFY=NEVER")));
    struct store *store = ledger_store(ledger); /* what becomes of it is not what becomes of the recipient of that address */
    struct store_query told = {.table = "outcome", .where = &(struct store_where){.column = "done", .is = STORE_NOT_NULL}, .wheres = 1};
    struct store_value outcome[] = {STORE_WORDS(S("rides@harbour.example")), STORE_WORDS(a.id), STORE_WORDS(S("deliver")), STORE_WORDS(S("")), STORE_NONE(STORE_TEXT), STORE_NONE(STORE_INTEGER)};
    const struct job_note refused = {.job = arena_print(arena, "%.*s.release.%d", SPAN_FMT(a.id), HELD_BESIDE), .state = JOB_FAILED, .fault = S("550 no")};
    assert_int_equal(store_insert(store, "outcome", outcome, STORE_FAIL, &err), 1);
    assert_int_equal(outbox_note(store, arena, &refused, time(NULL), &err), 1);
    assert_int_equal(held_copies(store, arena, a.id, &copies, &err), 0);
    assert_int_equal(copies.list.at[0].state, HELD_REFUSED);
    assert_int_equal(store_count(store, &told, &err), 0);
    a.came = 14; /* what is no such stretch is refused */
    struct buf odd = {.arena = arena};
    keep_row_pack(&odd, &a);
    assert_int_equal(keep_row_unpack(arena, buf_span(&odd), &again), -1);
    close(fd);
    close(a.fd);
    ledger_close(&ledger);
    arena_free(&arena);
}

static bool one_more(void *context, const struct held_copy *copy)
{
    return true;
}

/* It waits for nobody: no recipient counts as served by it, and it leaves only where a person lets it. */
static bool leaves(struct ledger *ledger, struct arena *arena, struct span id, int number, struct letter *out)
{
    struct job_row job = {.kind = S(HELD_LANE), .job = arena_print(arena, "%.*s.release.%d", SPAN_FMT(id), number)};
    return prepared(ledger, arena, &job, out) == 0;
}

/* Nothing leaves before somebody, or nobody in time, has answered; then the stretch that was asked for, or the other. */
static void what_waits_is_decided_once(void **state)
{
    for (int agrees = 0; agrees < 2; agrees++) {
        struct arena *arena = arena_new(1 << 28);
        struct span report;
        struct err err;
        struct buf packed = {.arena = arena};
        struct held_copies copies;
        struct held_done done;
        struct letter letter;
        struct keep_row a = row_of(arena, (char)('e' + agrees), &report), again;
        struct ledger *ledger;
        assert_int_equal(ledger_open(&(struct keeper_settings){.path = path, .keep = {1000, 1000, 1000, 1000}, .full_sync = true, .hold_folder = hold, .hold_bytes = 4096,
                                                                .confirm_wait = -1, .confirm_agrees = agrees}, &ledger, &err), 0);
        a.hold = true;
        a.fd = bytes_of("Hello, world\nEdited\n", 1);
        a.length = 20;
        a.came = 13;
        *vec_push(arena, &a.copies) = (struct keep_copy){.length = 13, .waits = true, .agreed_start = 13, .agreed_length = 7, .asked = S("banner")};
        *vec_push(arena, &a.copies) = (struct keep_copy){.start = 13, .length = 7, .edited = true, .waits = true, .stays = true, .agreed_length = 13, .asked = S("hold")};
        recipient_add(arena, &a, "anna@harbour.example", 0);
        recipient_add(arena, &a, "berta@harbour.example", 1);
        recipient_add(arena, &a, "cora@harbour.example", 0);
        keep_row_pack(&packed, &a);
        assert_int_equal(keep_row_unpack(arena, buf_span(&packed), &again), 0);
        again.fd = a.fd;
        struct kept kept = kept_of(ledger, arena, &again);
        assert_true(kept.how == KEPT_NEW && kept.held);
        kept = kept_of(ledger, arena, &a); /* a retry is held as it was */
        assert_true(kept.how == KEPT_KNOWN && kept.held);
        assert_false(leaves(ledger, arena, a.id, 0, &letter));
        assert_int_equal(held_agree(ledger_store(ledger), &(struct held_act){.id = a.id, .recipient = S("cora@harbour.example"), .by = S("op")}, time(NULL), &done, &err), 0);
        assert_int_equal(done.done, 1);
        assert_int_equal(ledger_unanswered(ledger, &err), 0);
        assert_int_equal(held_copies(ledger_store(ledger), arena, a.id, &copies, &err), 0);
        assert_true(copies.list.at[0].asked == (agrees ? HELD_AGREED : HELD_DECLINED) && copies.list.at[1].state == (agrees ? HELD_KEPT : HELD_LEAVING));
        assert_true(leaves(ledger, arena, a.id, 0, &letter) && letter.start == (agrees ? 13 : 0) && letter.length == (agrees ? 7 : 13) && letter.raw == !agrees);
        assert_true(leaves(ledger, arena, a.id, 2, &letter) && letter.start == 13 && !letter.raw);
        assert_int_equal(leaves(ledger, arena, a.id, 1, &letter), !agrees);
        assert_true(agrees || (letter.start == 13 && letter.length == 7 && !letter.raw));
        again.copies.at[0].agreed_length = 8; /* beyond the file */
        packed.len = 0;
        keep_row_pack(&packed, &again);
        assert_int_equal(keep_row_unpack(arena, buf_span(&packed), &again), -1);
        ledger_close(&ledger);
        arena_free(&arena);
    }
}

static void originals_wait_for_a_person(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct held_copies copies;
    struct held_done done;
    struct keep_row a = row_of(arena, 'b', &report);
    struct ledger *ledger = open_for(path, 1000);
    a.hold = true;
    a.fd = bytes_of("Hello, world\nEdited\n", 1);
    a.length = 20, a.came = 13;
    *vec_push(arena, &a.copies) = (struct keep_copy){.length = 13};
    *vec_push(arena, &a.copies) = (struct keep_copy){.start = 13, .length = 7, .leaves = true, .edited = true};
    recipient_add(arena, &a, "rides@harbour.example", COPY_NONE);
    recipient_add(arena, &a, "held@harbour.example", 0);
    recipient_add(arena, &a, "leaves@harbour.example", 1);
    a.recipients.at[0].original = a.recipients.at[2].original = true;
    for (int i = 0; i < 2; i++) {
        struct kept kept = kept_of(ledger, arena, &a);
        assert_true(i ? kept.how == KEPT_KNOWN && span_eq(kept.served, S("held@harbour.example\0leaves@harbour.example\0")) : kept.held);
    }
    struct store *store = ledger_store(ledger);
    struct held_act act = {.id = a.id, .by = S("anna")};
    const struct held_wish any = {.since = TIME_UNKNOWN, .until = TIME_UNKNOWN};
    assert_int_equal(held_list(store, &any, one_more, NULL, &err), 2); /* they are asked for by their state alone */
    for (int i = 0; i < 2; i++) { /* each by its own word, however often the other is said */
        act.originals = i;
        assert_int_equal(held_release(store, &act, time(NULL), &done, &err), 0);
        assert_int_equal(done.done, 1 + i);
        act.originals = false;
        struct held_done again;
        assert_int_equal(held_release(store, &act, time(NULL), &again, &err), 0);
        assert_true(!again.done && again.originals == (i ? 0 : 2));
        assert_int_equal(held_copies(store, arena, a.id, &copies, &err), 0);
        assert_int_equal(copies.list.len, 4);
        assert_true(copies.list.at[0].state == HELD_LEAVING && copies.list.at[1].state == HELD_LEAVING);
        for (size_t n = 2; n < 4; n++)
            assert_true(copies.list.at[n].state == (i ? HELD_LEAVING : HELD_ORIGINAL) && copies.list.at[n].start == 0 && copies.list.at[n].length == 13);
    }
    assert_int_equal(outbox_drop(store, arena_print(arena, "%.*s.release.%d", SPAN_FMT(a.id), HELD_ORIGINALS), time(NULL), &err), 1);
    assert_int_equal(held_copies(store, arena, a.id, &copies, &err), 0);
    assert_true(copies.list.at[2].state == HELD_ORIGINAL && copies.list.at[3].state == HELD_LEAVING);
    ledger_close(&ledger);
    ledger = open_for(NULL, 1000); /* who deletes means all of it, but for what is under way */
    kept_of(ledger, arena, &a);
    assert_int_equal(held_delete(ledger_store(ledger), &act, time(NULL), &done, &err), 0);
    assert_int_equal(done.done, 3);
    close(a.fd);
    ledger_close(&ledger);
    arena_free(&arena);
}

static void copies_beyond_the_bytes_are_refused(void **state)
{
    static const struct {
        uint64_t start, length;
        uint32_t copy;
        int fits;
    } rows[] = {{0, 20, 0, 0}, {20, 0, 0, 0}, {0, 21, 0, -1}, {21, 0, 0, -1}, {UINT64_MAX, 2, 0, -1}, {2, UINT64_MAX, 0, -1}, {0, 20, 1, -1}, {0, 20, COPY_NONE, 0}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf packed = {.arena = arena};
        struct keep_row row = unjudged, out;
        row.hold = true;
        row.length = 20;
        *vec_push(arena, &row.copies) = (struct keep_copy){.start = rows[i].start, .length = rows[i].length};
        recipient_add(arena, &row, "a@harbour.example", rows[i].copy);
        keep_row_pack(&packed, &row);
        assert_int_equal(keep_row_unpack(arena, buf_span(&packed), &out), rows[i].fits);
    }
    arena_free(&arena);
}

static void what_a_person_decided_holds_when_it_comes_again(void **state)
{
    static const struct {
        bool releases, alone, held;
    } rows[] = {{true, true, false}, /* it may be the release itself */
                {true, false, true}, {false, true, true}, {false, false, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 28);
        struct span report;
        struct err err;
        struct held_done done;
        struct keep_row a = row_of(arena, 'a', &report);
        struct ledger *ledger = open_for(NULL, 1000);
        a.hold = true;
        a.length = 12;
        a.fd = bytes_of("Hello, world", 1);
        recipient_add(arena, &a, "a@harbour.example", 0);
        if (!rows[i].alone)
            recipient_add(arena, &a, "b@harbour.example", 0);
        kept_of(ledger, arena, &a);
        const struct held_act act = {.id = a.id, .by = S("op")};
        assert_int_equal((rows[i].releases ? held_release : held_delete)(ledger_store(ledger), &act, time(NULL), &done, &err), 0);
        assert_int_equal(done.done, rows[i].alone ? 1 : 2);
        assert_int_equal(kept_of(ledger, arena, &a).held, rows[i].held);
        close(a.fd);
        ledger_close(&ledger);
        arena_free(&arena);
    }
}

/* What was decided for the one who waited is no release of the other's, who rides the answer: he gets nothing twice, nor as it came. */
static void what_was_decided_for_one_of_two_is_not_sent_again(void **state)
{
    static const char *const people[] = {"anna@harbour.example", "berta@harbour.example"};
    static const struct {
        bool agrees, two, served;
    } rows[] = {{true, true, true}, {false, true, true}, {true, false, true}, {false, false, false} /* it may be the release itself */};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        const bool agrees = rows[i / 2].agrees, two = rows[i / 2].two;
        struct arena *arena = arena_new(1 << 28);
        struct span report;
        struct err err;
        struct held_done done;
        struct keep_row a = row_for(arena, 'a', people, two ? 2 : 1, &report);
        struct ledger *ledger = open_for(NULL, 1000);
        a.hold = true;
        a.fd = bytes_of("Hello, world\nEdited\n", 1);
        a.length = 20, a.came = 13;
        *vec_push(arena, &a.copies) = (struct keep_copy){.length = 13, .waits = true, .agreed_start = 13, .agreed_length = 7, .asked = S("banner")};
        recipient_add(arena, &a, people[0], 0);
        if (two)
            recipient_add(arena, &a, people[1], COPY_NONE);
        kept_of(ledger, arena, &a);
        const struct held_act act = {.id = a.id, .by = S("op")};
        assert_int_equal((agrees ? held_agree : held_release)(ledger_store(ledger), &act, time(NULL), &done, &err), 0);
        a.hold = i % 2; /* whatever policies want by now */
        struct kept kept = kept_of(ledger, arena, &a);
        assert_true(kept.how == KEPT_KNOWN && span_eq(kept.served, rows[i / 2].served ? S("anna@harbour.example\0") : none));
        close(a.fd);
        ledger_close(&ledger);
        arena_free(&arena);
    }
}

static size_t row_count(struct ledger *ledger, struct arena *arena, struct span id, struct held_copies *out)
{
    struct err err;
    assert_int_equal(held_copies(ledger_store(ledger), arena, id, out, &err), 0);
    return out->list.len;
}

/* Being known switches no check off; what a person has let go is not held again for ever. */
static void what_passed_before_is_held_where_it_is_to_be_now(void **state)
{
    static const char *const people[] = {"a@harbour.example"};
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct held_copies copies;
    struct held_done done;
    struct record_held held;
    struct keep_row a = row_for(arena, 'a', people, 1, &report);
    struct ledger *ledger = open_for(path, 1000);
    struct store *store = ledger_store(ledger);
    a.length = 12;
    a.fd = bytes_of("Hello, world", 1);
    assert_false(kept_of(ledger, arena, &a).held);
    recipient_add(arena, &a, people[0], 0);
    a.hold = true;
    for (int i = 0; i < 3; i++) { /* the answer is lost, twice */
        struct kept kept = kept_of(ledger, arena, &a);
        assert_true(kept.how == KEPT_KNOWN && kept.held && span_eq(kept.served, S("a@harbour.example\0")));
        assert_true(files_held() == 1 && tally(ledger, TALLY_HELD) == 1 && row_count(ledger, arena, a.id, &copies) == 1);
    }
    assert_int_equal(record_held(store, arena, a.id, &held, &err), 1);
    assert_int_equal(held_release(store, &(struct held_act){.id = a.id, .by = S("op")}, time(NULL), &done, &err), 0);
    for (int i = 0; i < 2; i++) { /* on its way, and arrived: this may be itself */
        struct kept kept = kept_of(ledger, arena, &a);
        assert_true(kept.how == KEPT_KNOWN && !kept.held && !kept.served.len && files_held() == 1 && row_count(ledger, arena, a.id, &copies) == 1);
        const struct job_note delivered = {.job = arena_print(arena, "%.*s.release.0", SPAN_FMT(a.id)), .state = JOB_DONE};
        assert_int_equal(outbox_note(store, arena, &delivered, time(NULL), &err), i ? 0 : 1);
    }
    assert_int_equal(copies.list.at[0].state, HELD_DELIVERED);
    close(a.fd);
    ledger_close(&ledger);
    arena_free(&arena);
}

/* Where another's copy lies here the new one is put beside it: each has his own bytes, whatever became of the other's. */
static void who_has_no_row_is_held_for_beside_the_others(void **state)
{
    enum { KEPT, WAITS, LEAVES, ARRIVED, DELETED, ENDS };
    static const char *const people[] = {"a@harbour.example", "b@harbour.example"};
    static const enum held_state states[ENDS] = {HELD_KEPT, HELD_WAITING, HELD_LEAVING, HELD_DELIVERED, HELD_DELETED};
    for (int i = 0; i < 2 * ENDS; i++) {
        const int other = i / 2;
        struct arena *arena = arena_new(1 << 28);
        struct span report, raw;
        struct err err;
        struct held_copies copies;
        struct held_done done;
        struct forgotten forgotten;
        struct record_held before, held;
        struct keep_row a = row_for(arena, 'a', people, 2, &report), again;
        struct ledger *ledger = open_for(path, 1000);
        struct store *store = ledger_store(ledger);
        a.hold = true;
        a.length = 20, a.came = 13;
        a.fd = bytes_of("Hello, world\nEdited\n", 1);
        *vec_push(arena, &a.copies) = (struct keep_copy){.length = 13};
        *vec_push(arena, &a.copies) = (struct keep_copy){.length = 13, .waits = true, .agreed_start = 13, .agreed_length = 7, .asked = S("banner")};
        recipient_add(arena, &a, people[0], 0);
        recipient_add(arena, &a, people[1], other == WAITS);
        kept_of(ledger, arena, &a);
        const struct held_act act = {.id = a.id, .recipient = span_of(people[1]), .by = S("op")};
        if (other == LEAVES || other == ARRIVED)
            assert_true(held_release(store, &act, time(NULL), &done, &err) == 0 && done.done == 1);
        if (other == DELETED)
            assert_true(held_delete(store, &act, time(NULL), &done, &err) == 0 && done.done == 1);
        const struct job_note delivered = {.job = arena_print(arena, "%.*s.release.1", SPAN_FMT(a.id)), .state = JOB_DONE};
        if (other == ARRIVED)
            assert_int_equal(outbox_note(store, arena, &delivered, time(NULL), &err), 1);
        assert_int_equal(record_held(store, arena, a.id, &before, &err), 1);
        assert_int_equal(record_forget(store, span_of(people[0]), false, &forgotten, &err), 0);
        assert_int_equal(row_count(ledger, arena, a.id, &copies), 1);
        if (other >= ARRIVED && i % 2)
            assert_int_equal(ledger_sweep(ledger, &err), 0); /* its bytes are gone */
        again = a;
        memset(&again.recipients, 0, sizeof again.recipients);
        recipient_add(arena, &again, people[(i + 1) % 2], (i + 1) % 2 ? other == WAITS : 0); /* told in another order, too */
        recipient_add(arena, &again, people[i % 2], i % 2 ? other == WAITS : 0);
        for (int k = 0; k < 2; k++) {
            struct kept kept = kept_of(ledger, arena, &again);
            assert_true(kept.how == KEPT_KNOWN && kept.held && kept.served.len == 2 * sizeof "a@harbour.example");
            assert_true(row_count(ledger, arena, a.id, &copies) == 2 && files_held() == 1 && tally(ledger, TALLY_HELD) == 1);
        }
        assert_int_equal(record_held(store, arena, a.id, &held, &err), 1);
        assert_true(other >= ARRIVED || span_eq(held.ticket, before.ticket)); /* a link of his digest holds */
        assert_int_equal(tally(ledger, TALLY_HELD_BYTES), held.size);
        assert_int_equal(spool_read(arena, hold, held.file, 1 << 20, &raw, &err), 0);
        vec_each(copy, &copies.list) {
            bool first = span_eq(copy->address, span_of(people[0]));
            assert_int_equal(copy->state, first ? HELD_KEPT : states[other]);
            assert_true(first || copy->number == 1);
            if (held_lies_here(copy->state))
                assert_true(copy->start + copy->length <= raw.len && span_eq((struct span){raw.at + copy->start, copy->length}, S("Hello, world\n")));
            if (copy->state == HELD_WAITING)
                assert_true(span_eq((struct span){raw.at + copy->agreed_start, copy->agreed_length}, S("Edited\n")));
        }
        struct letter letter;
        const struct job_row job = {.kind = S(HELD_LANE), .job = delivered.job};
        assert_int_equal(prepared(ledger, arena, &job, &letter) == 0, other == LEAVES); /* as it was */
        close(a.fd);
        ledger_close(&ledger);
        assert_int_equal(system(arena_print(arena, "rm -rf %s %s*", hold, path).at), 0);
        arena_free(&arena);
    }
}

static void what_expired_is_held_again(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct held_copies copies;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 0);
    a.hold = true;
    a.length = 12;
    a.fd = bytes_of("Hello, world", 1);
    recipient_add(arena, &a, "a@harbour.example", 0);
    a.came = 12;
    vec_push(arena, &a.copy_to)->address = S("soc@other.example");
    size_t files = files_held();
    kept_of(ledger, arena, &a);
    struct store *store = ledger_store(ledger);
    struct store_query beside = {.table = "held", STORE_WHERE(STORE_IS("number", STORE_EQ, STORE_INT(HELD_BESIDE)))};
    assert_int_equal(store_update(store, &beside, &(struct store_change){"state", STORE_SET, STORE_INT(HELD_DELIVERED)}, 1, &err), 1);
    assert_int_equal(held_copies(store, arena, a.id, &copies, &err), 0);
    struct record_held held;
    assert_int_equal(record_held(store, arena, a.id, &held, &err), 1);
    assert_int_equal(store_begin(store, STORE_SYNCED, &err), 0);
    assert_int_equal(record_held_end(store, &held, time(NULL), &err), 1);
    assert_int_equal(store_commit(store, &err), 0);
    struct kept kept = kept_of(ledger, arena, &a);
    assert_true(kept.how == KEPT_KNOWN && kept.held);
    assert_int_equal(held_copies(store, arena, a.id, &copies, &err), 0);
    assert_int_equal(copies.list.at[0].state, HELD_KEPT);
    assert_true(copies.list.len == 2 && copies.list.at[1].state == HELD_DELIVERED); /* the copy beside had it once */
    assert_true(files_held() > files);
    close(a.fd);
    ledger_close(&ledger);
    arena_free(&arena);
}

/* Its row says that it lies here, and it does not; or its rows went when outcomes do: it is held again, and is not told to be held by those. */
static void what_is_not_here_any_more_is_held_again(void **state)
{
    static const char *const spoils[] = {"hold", "held", "hold held"};
    for (size_t i = 0; i < 4; i++) {
        struct arena *arena = arena_new(1 << 28);
        struct span report, table, spoil = span_of(i < 3 ? spoils[i] : "hold held");
        struct err err;
        struct held_copies copies;
        struct keep_row a = row_of(arena, 'a', &report);
        struct ledger *ledger = open_for(NULL, 1000);
        struct store *store = ledger_store(ledger);
        a.length = 12;
        a.fd = bytes_of("Hello, world", 1);
        recipient_add(arena, &a, "a@harbour.example", 0);
        a.hold = i < 3; /* else it passed */
        kept_of(ledger, arena, &a);
        while (span_word(&spoil, &table))
            assert_true(store_delete(store, &(struct store_query){.table = arena_copy(arena, table).at}, &err) >= 0);
        a.hold = false;
        assert_int_equal(kept_of(ledger, arena, &a).held, i == 1); /* by the row of its bytes alone, as an older version wrote it */
        a.hold = true;
        struct kept kept = kept_of(ledger, arena, &a);
        assert_int_equal(kept.how, KEPT_KNOWN);
        assert_true(kept.held);
        assert_int_equal(held_copies(store, arena, a.id, &copies, &err), 0);
        assert_int_equal(copies.list.len, i == 1 ? 0 : 1);
        close(a.fd);
        ledger_close(&ledger);
        arena_free(&arena);
    }
}

static void a_pass_is_for_who_asked_first(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report, pass;
    struct err err;
    struct kept kept;
    struct ledger *ledger = open_for(path, 1000);
    struct keep_row a = row_of(arena, 'a', &report);
    assert_int_equal(mail_pass(ledger_store(ledger), arena, S("digest-harbour.x"), &pass, &err), 0);
    for (int i = 0; i < 6; i++) {
        bool open = i == 1, other = i == 4;
        if (i == 3) { /* the keeper dies before the door has its answer */
            ledger_close(&ledger);
            ledger = open_for(path, 1000);
        }
        if (open)
            assert_int_equal(ledger_keep(ledger, arena, &a, &kept, &err), 0);
        struct span asked = arena_print(arena, "%.*s%s", SPAN_FMT(pass), other ? "another" : "asker");
        assert_int_equal(ledger_pass(ledger, arena, i == 5 ? pass : asked, &kept, &err), 0);
        assert_int_equal(kept.how, other || i == 5 ? KEPT_NONE : KEPT_KNOWN);
        assert_int_equal(ledger_commit(ledger, &err), 0);
    }
    ledger_close(&ledger);
    arena_free(&arena);
}

static void stray_make(struct arena *arena, const char *name, int64_t age)
{
    int fd = open(arena_print(arena, "%s/%s", hold, name).at, O_WRONLY | O_CREAT, 0600);
    const struct timespec then[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
    assert_true(fd >= 0 && futimens(fd, then) == 0 && close(fd) == 0);
}

/* A machine that starts with its clock years ahead: what is kept, held, or a file without a row, is as old as before. */
static void a_clock_that_is_wrong_loses_nothing(void **state)
{
    enum { DAY = 86400 };
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct keep_row a = row_of(arena, 'a', &report);
    for (int right = 0; right < 2; right++) {
        struct ledger *ledger = open_for(path, 20 * DAY);
        a.hold = true;
        a.length = 12;
        a.fd = bytes_of("Hello, world", 1);
        recipient_add(arena, &a, "a@harbour.example", 0);
        kept_of(ledger, arena, &a);
        close(a.fd);
        struct store *store = ledger_store(ledger);
        assert_int_equal(ledger_sweep(ledger, &err), 0);
        assert_true(ledger_clock(ledger) >= time(NULL) - 5);
        assert_true(record_settle(store, 0, &err) >= 0);
        /* as if all of that was thirty days ago, and the clock went on since, or was set forward just now */
        int64_t then = time(NULL) - 30 * DAY;
        assert_int_equal(store_update(store, &(struct store_query){.table = "record"}, &(struct store_change){"kept", STORE_SET, STORE_INT(then)}, 1, &err), 1);
        assert_int_equal(store_update(store, &(struct store_query){.table = "hold"}, &(struct store_change){"until", STORE_SET, STORE_INT(then + 20 * DAY)}, 1, &err), 1);
        assert_int_equal(store_update(store, &(struct store_query){.table = "clock"}, &(struct store_change){"believed", STORE_SET, STORE_INT(right ? time(NULL) - DAY : then)}, 1, &err), 1);
        ledger_close(&ledger);
        stray_make(arena, "01jgabcdefghjkmnpqrstvwxyz00-abcdefgh.zst", 25 * DAY);
        ledger = open_for(path, 20 * DAY);
        assert_int_equal(files_held(), right ? 1 : 2);
        assert_int_equal(ledger_sweep(ledger, &err), 0);
        assert_int_equal(files_held(), right ? 0 : 2);
        find(ledger, arena, a.id, right ? KEPT_NONE : KEPT_KNOWN, right ? none : report);
        assert_int_equal(ledger_clock(ledger) < time(NULL) - DAY, !right);
        ledger_close(&ledger);
        unlink(path);
        assert_int_equal(system(arena_print(arena, "rm -f %s/*", hold).at), 0);
    }
    arena_free(&arena);
}

/* Where a store is put back from a backup, files of the days since are all that is left of messages that were answered as held. */
static void what_no_row_names_has_the_time_of_what_is_held(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report, raw;
    struct err err;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    a.hold = true;
    a.length = 12;
    a.fd = bytes_of("Hello, world\n", 1);
    keep(ledger, arena, &a, KEPT_NEW, none);
    ledger_close(&ledger);
    close(a.fd);
    stray_make(arena, "01jgabcdefghjkmnpqrstvwxyz00-abcdefgh.zst", 1100); /* its time is over */
    stray_make(arena, "somebodys-backup.zst", 1100);
    stray_make(arena, "01jgabcdefghjkmnpqrstvwxyz00-bbcdefgh.zst.new", 0); /* a process ended before the commit */
    stray_make(arena, "01jgabcdefghjkmnpqrstvwxyz00-abcdefgh", 1100);
    stray_make(arena, "UPPER-abcdefgh.zst", 1100);
    assert_int_equal(unlink(path), 0); /* the service is ended, and another store put in its place */
    ledger = open_for(path, 1000);
    assert_int_equal(files_held(), 4); /* what was held, and three that are not ours */
    assert_int_equal(tally(ledger, TALLY_HELD), 0);
    ledger_close(&ledger);
    assert_int_equal(access(arena_print(arena, "%s/01jgabcdefghjkmnpqrstvwxyz00-abcdefgh.zst", hold).at, F_OK), -1);
    DIR *there = opendir(hold);
    for (struct dirent *entry; (entry = readdir(there));)
        if (span_starts(span_of(entry->d_name), a.id))
            assert_int_equal(spool_read(arena, hold, span_of(entry->d_name), 1 << 20, &raw, &err), 0);
    closedir(there);
    assert_true(span_starts(raw, S("Hello, world")));
    ledger = open_for(path, -1000); /* later */
    assert_int_equal(files_held(), 3);
    ledger_close(&ledger);
    arena_free(&arena);
}

/* A process that ends after the commit and before the file has its name. */
static void what_was_committed_gets_its_name(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct kept kept;
    struct store *store;
    struct record_held held;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    a.hold = true;
    a.length = 12;
    a.fd = bytes_of("Hello, world\n", 1);
    assert_int_equal(ledger_keep(ledger, arena, &a, &kept, &err), 0);
    assert_int_equal(ledger_commit(ledger, &err), 0);
    assert_int_equal(store_open(path, NULL, &(struct store_settings){.read_only = true}, &store, &err), 0);
    assert_int_equal(record_held(store, arena, a.id, &held, &err), 1);
    store_close(&store);
    char name[256], fresh[264];
    snprintf(name, sizeof name, "%s/%.*s", hold, SPAN_FMT(held.file));
    snprintf(fresh, sizeof fresh, "%s.new", name);
    assert_int_equal(rename(name, fresh), 0);
    ledger_close(&ledger);
    ledger = open_for(path, 1000);
    assert_int_equal(access(name, F_OK), 0);
    assert_int_equal(files_held(), 1);
    ledger_close(&ledger);
    close(a.fd);
    arena_free(&arena);
}

/* Only what lies there may be discarded by whoever handed it in, whatever the policy says by now. */
static void it_is_told_what_lies_in_the_hold(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct err err;
    struct kept kept;
    struct ledger *ledger = open_for(path, 1000);
    struct keep_row held = row_of(arena, 'a', &report), passed = row_of(arena, 'b', &report);
    held.hold = true;
    held.length = passed.length = 12;
    held.fd = bytes_of("Hello, world\n", 1);
    passed.fd = bytes_of("Hello, world\n", 1);
    assert_int_equal(ledger_keep(ledger, arena, &held, &kept, &err), 0);
    assert_true(kept.how == KEPT_NEW && kept.held);
    assert_int_equal(ledger_keep(ledger, arena, &passed, &kept, &err), 0);
    assert_true(kept.how == KEPT_NEW && !kept.held);
    held.hold = false;
    passed.hold = true;
    assert_int_equal(ledger_keep(ledger, arena, &held, &kept, &err), 0);
    assert_true(kept.how == KEPT_KNOWN && kept.held);
    assert_int_equal(ledger_keep(ledger, arena, &passed, &kept, &err), 0);
    assert_true(kept.how == KEPT_KNOWN && kept.held);
    assert_int_equal(ledger_commit(ledger, &err), 0);
    assert_int_equal(files_held(), 2);
    ledger_close(&ledger);
    close(held.fd);
    close(passed.fd);
    arena_free(&arena);
}

/* Whoever made up the id: it becomes the name of a file, and what lies beside the folder of held messages stays as it is. */
static void an_id_that_is_a_path_is_no_name(void **state)
{
    static const struct span paths[] = {S("../store.db\0x"), S("../store.db"), S("x/y"), S("")};
    struct arena *arena = arena_new(1 << 28);
    struct kept kept;
    struct err err;
    struct ledger *ledger = open_for(path, 1000);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct keep_row row = {.key = unjudged.key, .id = paths[i], .report = S("{}"), .hold = true, .length = 12, .fd = bytes_of("Hello, world\n", 1)};
        assert_int_equal(ledger_keep(ledger, arena, &row, &kept, &err), -1);
        assert_int_equal(access(path, F_OK), 0);
        close(row.fd);
    }
    assert_int_equal(ledger_commit(ledger, &err), 0);
    assert_int_equal(files_held(), 0);
    ledger_close(&ledger);
    arena_free(&arena);
}

static void what_cannot_be_held_is_not_kept(void **state)
{
    struct arena *arena = arena_new(1 << 28);
    struct span report;
    struct kept kept;
    struct err err;
    struct keep_row a = row_of(arena, 'a', &report);
    struct ledger *ledger = open_for(path, 1000);
    char noise[8192];
    assert_int_equal(getrandom(noise, sizeof noise, 0), sizeof noise);
    a.hold = true;
    a.length = sizeof noise;
    a.fd = memfd_create("message", MFD_CLOEXEC);
    assert_int_equal(write(a.fd, noise, sizeof noise), sizeof noise);
    assert_int_equal(ledger_keep(ledger, arena, &a, &kept, &err), -1);
    assert_non_null(strstr(err.text, "is full"));
    assert_int_equal(files_held(), 0);
    assert_int_equal(ledger_commit(ledger, &err), 0);
    find(ledger, arena, a.id, KEPT_NONE, none);
    a.length = sizeof noise + 1; /* they are not all there */
    assert_int_equal(ledger_keep(ledger, arena, &a, &kept, &err), -1);
    a.length = 1000;
    keep(ledger, arena, &a, KEPT_NEW, none); /* there is room for this much */
    assert_int_equal(ledger_keep(ledger, arena, &unjudged, &kept, &err), 0);
    a = row_of(arena, 'c', &report);
    a.hold = true;
    a.length = 100;
    a.fd = bytes_of("x", 100);
    assert_int_equal(ledger_keep(ledger, arena, &a, &kept, &err), 0);
    assert_int_equal(files_held(), 2);
    ledger_close(&ledger); /* before the commit */
    assert_int_equal(files_held(), 1);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_cannot_be_held_spoils_the_commit, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_is_held_has_its_bytes_on_disk, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_was_committed_gets_its_name, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_no_row_names_has_the_time_of_what_is_held, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(it_is_told_what_lies_in_the_hold, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(an_id_that_is_a_path_is_no_name, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_cannot_be_held_is_not_kept, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(records_are_kept_once, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_ran_out_is_swept, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_was_not_committed_is_not_kept, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(each_recipient_has_his_stretch_of_the_bytes, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(who_is_named_twice_has_one_copy, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_can_never_be_sent_is_told_from_what_cannot_now, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(copies_beside_leave_once, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(originals_wait_for_a_person, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_waits_is_decided_once, folder_make, folder_remove),
        cmocka_unit_test(copies_beyond_the_bytes_are_refused),
        cmocka_unit_test_setup_teardown(what_a_person_decided_holds_when_it_comes_again, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_expired_is_held_again, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_was_decided_for_one_of_two_is_not_sent_again, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_passed_before_is_held_where_it_is_to_be_now, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(who_has_no_row_is_held_for_beside_the_others, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_is_not_here_any_more_is_held_again, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(a_clock_that_is_wrong_loses_nothing, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(a_pass_is_for_who_asked_first, folder_make, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
