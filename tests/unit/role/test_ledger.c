/* Records are kept once by key, found by id, and gone when their time is over. */
#include "exact.h"
#include "role/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], path[128];

static int folder_make(void **state)
{
    strcpy(folder, "/tmp/sekimori-ledger-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.db", folder);
    return 0;
}

static int folder_remove(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static struct keep_row row_of(char letter, const char *id, const char *report)
{
    static char keys[26][32];
    memset(keys[letter - 'a'], letter, 32);
    return (struct keep_row){.key = {keys[letter - 'a'], 32}, .id = span_of(id), .report = span_of(report), .generation = S("g"),
                             .from_domain = S("shop.example"), .evidence = S("x y"), .at = 5, .score = 1.5, .size = 7, .recipients = 1};
}

static void keep(struct ledger *ledger, struct arena *arena, const struct keep_row *row, int how, const char *report)
{
    struct kept kept;
    struct err err;
    assert_int_equal(ledger_keep(ledger, arena, row, &kept, &err), 0);
    assert_int_equal(kept.how, how);
    if (report)
        assert_span(kept.report, report);
    assert_int_equal(ledger_commit(ledger, &err), 0);
}

static void once_by_key_and_found_by_id(const char *where)
{
    struct arena *arena = arena_new(1 << 20);
    struct ledger *ledger;
    struct kept kept;
    struct err err;
    struct keeper_settings settings = {.path = where, .seconds = 1000, .full_sync = true};
    struct keep_row first = row_of('a', "id1", "one"), again = row_of('a', "id2", "two"), other = row_of('b', "id3", "three"), none = {.id = S("x")};
    assert_int_equal(ledger_open(&settings, &ledger, &err), 0);
    keep(ledger, arena, &first, KEPT_NEW, NULL);
    keep(ledger, arena, &again, KEPT_KNOWN, "one");
    keep(ledger, arena, &other, KEPT_NEW, NULL);
    assert_int_equal(ledger_keep(ledger, arena, &none, &kept, &err), -1);
    assert_int_equal(ledger_count(ledger), 2);
    assert_int_equal(ledger_find(ledger, arena, S("id3"), &kept, &err), 0);
    assert_int_equal(kept.how, KEPT_KNOWN);
    assert_span(kept.report, "three");
    assert_int_equal(ledger_find(ledger, arena, S("id2"), &kept, &err), 0);
    assert_int_equal(kept.how, KEPT_NONE);
    ledger_close(&ledger);
    arena_free(&arena);
}

static void records_are_kept_once(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct ledger *ledger;
    struct kept kept;
    struct err err;
    once_by_key_and_found_by_id(NULL);
    once_by_key_and_found_by_id(path);
    assert_int_equal(ledger_open(&(struct keeper_settings){.path = path, .seconds = 1000}, &ledger, &err), 0);
    assert_int_equal(ledger_count(ledger), 2); /* they outlive the process */
    assert_int_equal(ledger_find(ledger, arena, S("id1"), &kept, &err), 0);
    assert_int_equal(kept.how, KEPT_KNOWN);
    ledger_close(&ledger);
    arena_free(&arena);
}

static void what_ran_out_is_neither_known_nor_kept(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct ledger *ledger;
    struct kept kept;
    struct err err;
    struct keep_row row = row_of('a', "id1", "one");
    assert_int_equal(ledger_open(&(struct keeper_settings){.path = path, .seconds = 0}, &ledger, &err), 0);
    keep(ledger, arena, &row, KEPT_NEW, NULL);
    assert_int_equal(ledger_find(ledger, arena, S("id1"), &kept, &err), 0);
    assert_int_equal(kept.how, KEPT_NONE);
    assert_int_equal(ledger_sweep(ledger, &err), 1);
    assert_int_equal(ledger_count(ledger), 0);
    keep(ledger, arena, &row, KEPT_NEW, NULL);
    ledger_close(&ledger);
    arena_free(&arena);
}

static void what_was_not_committed_is_not_kept(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct ledger *ledger;
    struct kept kept;
    struct err err;
    struct keep_row row = row_of('a', "id1", "one");
    assert_int_equal(ledger_open(&(struct keeper_settings){.path = path, .seconds = 100}, &ledger, &err), 0);
    assert_int_equal(ledger_keep(ledger, arena, &row, &kept, &err), 0);
    ledger_close(&ledger);
    assert_int_equal(ledger_open(&(struct keeper_settings){.path = path, .seconds = 100}, &ledger, &err), 0);
    assert_int_equal(ledger_count(ledger), 0);
    ledger_close(&ledger);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_are_kept_once, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_ran_out_is_neither_known_nor_kept, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_was_not_committed_is_not_kept, folder_make, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
