/* What people decide: entries in order and out of it, corrections that outlive their records, and who is forgotten. */
#include "exact.h"
#include "record/decide.h"
#include "record/held.h"
#include "record/inner.h"

static struct store *opened(void)
{
    struct store *store;
    struct err err;
    if (store_open("memory:", record_schema(), NULL, &store, &err) < 0)
        fail_msg("%s", err.text);
    return store;
}

static const struct entry good = {.is = {.allow = true, .domain = {"brand.example", 13}, .reason = {"known", 5}, .expires = 200}, .by = {"root", 4}, .made = 100};

static bool entry_count(void *context, const struct entry *entry)
{
    assert_true(span_eq(entry->is.domain, S("brand.example")) && span_eq(entry->is.reason, S("known")) && span_eq(entry->by, S("root")));
    assert_int_equal(entry->last_hit, TIME_UNKNOWN);
    ++*(size_t *)context;
    return true;
}

static void entries_are_added_listed_and_removed(void **state)
{
    struct store *store = opened();
    struct arena *arena = arena_new(1 << 20);
    struct verdict_entries entries;
    struct err err;
    uint64_t number;
    size_t count = 0;
    assert_int_equal(record_entry_add(store, &good, &number, &err), 0);
    assert_int_equal(number, 1);
    assert_int_equal(record_entry_add(store, &good, &number, &err), 0);
    assert_int_equal(number, 2);
    assert_int_equal(record_entries(store, entry_count, &count, &err), 2);
    assert_int_equal(count, 2);
    assert_int_equal(record_entry_remove(store, 1, false, &err), 0); /* it allows */
    assert_int_equal(record_entry_remove(store, 1, true, &err), 1);
    assert_int_equal(record_entry_remove(store, 1, true, &err), 0);
    assert_int_equal(record_entries_load(store, arena, 199, &entries, &err), 0);
    assert_int_equal(entries.list.len, 1);
    assert_int_equal(record_entries_load(store, arena, 200, &entries, &err), 0); /* over */
    assert_int_equal(entries.list.len, 0);
    arena_free(&arena);
    store_close(&store);
}

static void entries_travel_to_the_judges(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct verdict_entries told = {0}, got;
    struct buf bytes = {.arena = arena};
    *vec_push(arena, &told.list) = good.is;
    *vec_push(arena, &told.list) = (struct verdict_entry){.number = 7, .org = S("one"), .stream = S("list"), .reason = S("x"), .expires = INT64_MAX};
    record_entries_pack(&told, &bytes);
    struct span exact = exact_bytes(bytes.at, bytes.len);
    assert_int_equal(record_entries_unpack(arena, exact, &got), 0);
    assert_int_equal(got.list.len, 2);
    assert_true(got.list.at[0].allow && !got.list.at[1].allow && got.list.at[1].number == 7 && got.list.at[1].expires == INT64_MAX);
    assert_true(span_eq(got.list.at[0].domain, S("brand.example")) && span_eq(got.list.at[1].org, S("one")) && span_eq(got.list.at[1].stream, S("list")));
    assert_int_equal(record_entries_unpack(arena, span_first(exact, exact.len - 1), &got), -1);
    free((char *)exact.at);
    arena_free(&arena);
}

static void keys_of_the_unjudged_come_newest_first(void **state)
{
    struct store *store = opened();
    struct arena *arena = arena_new(1 << 20);
    struct buf keys = {.arena = arena};
    struct span id;
    struct err err;
    static const struct record_unjudged rows[] = {{.id = S("a"), .key = S("key-a"), .report = S("{}")}, {.id = S("b"), .key = S("key-b"), .report = S("{}")},
                                                  {.id = S("c"), .key = S("key-c"), .report = S("{}"), .why = UNJUDGED_KILLED},
                                                  {.id = S("d"), .key = S("key-d"), .report = S("{}"), .why = UNJUDGED_LOST}}; /* killed nobody */
    for (int i = 0; i < 4; i++)
        assert_int_equal(record_unjudged_keep(store, arena, &rows[i], 100 + i, &id, &err), RECORD_KEPT);
    assert_int_equal(record_unjudged_keys(store, 100, 10, &keys, &err), 0);
    assert_true(span_eq(buf_span(&keys), S("key-ckey-b")));
    keys.len = 0;
    assert_int_equal(record_unjudged_keys(store, 0, 1, &keys, &err), 0);
    assert_true(span_eq(buf_span(&keys), S("key-c")));
    arena_free(&arena);
    store_close(&store);
}

static void entries_out_of_order_are_refused(void **state)
{
    struct store *store = opened();
    struct entry wrong[4] = {good, good, good, good};
    struct err err;
    uint64_t number;
    wrong[0].is.domain = S("");
    wrong[1].is.reason = S("");
    wrong[2].is.expires = 100;
    wrong[3].is.account = S("acme");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(record_entry_add(store, &wrong[i], &number, &err), -1);
    assert_int_equal(store_count(store, &(struct store_query){.table = "entry"}, NULL), 0);
    store_close(&store);
}

static void an_entry_fits_all_that_it_names(void **state)
{
    const struct judgement proved = {.at = 100, .org = S("acme"), .sender = {.domain = S("mail.brand.example"), .address = S("anna@mail.brand.example"),
                                     .service = S("mailgun"), .account = S("brand"), .stream = S("news.brand.example"), .proved = true}};
    struct judgement unproved = proved, failed = proved;
    unproved.sender.proved = false;
    failed.sender.proved = false;
    failed.sender.failed = true;
    const struct {
        struct verdict_entry entry;
        bool proved, unproved, failed;
    } cases[] = {
        {{.allow = true, .domain = S("brand.example")}, true, false, false},
        {{.allow = false, .domain = S("brand.example")}, true, true, true},
        {{.allow = true, .domain = S("rand.example")}, false, false, false},
        {{.allow = true, .service = S("mailgun"), .account = S("brand")}, true, true, false}, /* the path is a proof of its own */
        {{.allow = true, .service = S("mailgun"), .account = S("other")}, false, false, false},
        {{.allow = true, .stream = S("news.brand.example")}, true, false, false},
        {{.allow = true, .person = S("Anna@mail.brand.example"), .org = S("acme")}, true, false, false},
        {{.allow = true, .person = S("anna@mail.brand.example"), .org = S("other")}, false, false, false},
        {{.allow = true}, false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct verdict_entry entry = cases[i].entry;
        entry.expires = 101;
        assert_int_equal(entry_fits(&entry, &proved), cases[i].proved);
        assert_int_equal(entry_fits(&entry, &unproved), cases[i].unproved);
        assert_int_equal(entry_fits(&entry, &failed), cases[i].failed);
        entry.expires = 100;
        assert_false(entry_fits(&entry, &proved));
    }
}

/* Their answers are all there is of them, and name senders and recipients. */
static void the_unjudged_are_forgotten_too(void **state)
{
    static const struct span ids[] = {S("01mqvvp0xqwrwd8wsa84ffys4sh1"), S("01mqvvp0xqwrwd8wsa84ffys4sh2"), S("01mqvvp0xqwrwd8wsa84ffys4sh3")};
    static const struct span reports[] = {S("{\"envelope\":{\"mail_from\":\"Anna@shop.example\",\"rcpt_to\":[{\"address\":\"b@shop.example\"}]}}"),
                                          S("{\"envelope\":{\"mail_from\":\"b@shop.example\",\"rcpt_to\":[{\"address\":\"anna@shop.example\"}]}}"),
                                          S("{\"envelope\":{\"mail_from\":\"b@shop.example\",\"rcpt_to\":[{\"address\":\"c@shop.example\"}]}}")};
    struct store *store = opened();
    struct arena *arena = arena_new(1 << 20);
    struct err err;
    struct span id;
    struct record_unjudged told;
    struct forgotten counts;
    struct record_held held = {.id = ids[0], .ticket = S("0123456789abcdef"), .at = 1, .until = 1000, .size = 1, .state = S("held"), .file = S("f")};
    assert_int_equal(store_begin(store, STORE_SYNCED, &err), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(record_unjudged_keep(store, arena, &(struct record_unjudged){.id = ids[i], .key = ids[i], .report = reports[i], .why = UNJUDGED_KILLED}, 5, &id, &err), RECORD_KEPT);
    assert_int_equal(record_hold(store, arena, &held, &(struct held_copies){0}, &err), 0);
    assert_int_equal(store_commit(store, &err), 0);
    for (int dry = 1; dry >= 0; dry--) {
        assert_int_equal(record_unjudged_read(store, arena, ids[0], &told, &err), 1);
        assert_int_equal(record_forget(store, S("anna@shop.example"), dry, &counts, &err), 0);
        assert_int_equal(counts.written, 1);
        assert_int_equal(counts.received, 1);
    }
    assert_int_equal(record_unjudged_read(store, arena, ids[0], &told, &err), 0);
    assert_int_equal(record_held(store, arena, ids[0], &held, &err), 1);
    assert_true(span_eq(held.state, S("forgotten")));
    assert_int_equal(record_unjudged_read(store, arena, ids[1], &told, &err), 1);
    assert_null(span_find_case(told.report, S("anna@")));
    assert_non_null(span_find(told.report, S("\"xxxx@shop.example\"")));
    assert_int_equal(record_unjudged_read(store, arena, ids[2], &told, &err), 1);
    assert_true(span_eq(told.report, reports[2]));
    store_close(&store);
    arena_free(&arena);
}

static void what_is_not_there_is_not_corrected(void **state)
{
    struct store *store = opened();
    struct correction correction = {.honest = true, .at = 5, .by = S("root")}, back;
    struct arena *arena = arena_new(1 << 20);
    struct err err;
    struct forgotten counts;
    assert_int_equal(record_correct(store, S("01mqvvp0xqwrwd8wsa84ffys4she"), &correction, &err), 0);
    assert_int_equal(record_correct_undo(store, S("01mqvvp0xqwrwd8wsa84ffys4she"), &err), 0);
    assert_int_equal(record_corrected(store, arena, S("01mqvvp0xqwrwd8wsa84ffys4she"), &back, &err), 0);
    assert_int_equal(record_forget(store, S("nobody@example.net"), false, &counts, &err), 0);
    assert_int_equal(counts.written + counts.received, 0);
    assert_int_equal(record_forget(store, S("nobody"), false, &counts, &err), -1);
    arena_free(&arena);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_added_listed_and_removed),
        cmocka_unit_test(entries_out_of_order_are_refused),
        cmocka_unit_test(entries_travel_to_the_judges),
        cmocka_unit_test(keys_of_the_unjudged_come_newest_first),
        cmocka_unit_test(an_entry_fits_all_that_it_names),
        cmocka_unit_test(what_is_not_there_is_not_corrected), cmocka_unit_test(the_unjudged_are_forgotten_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
