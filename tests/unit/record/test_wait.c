/* Copies that wait until a person agrees: each is decided once, by whoever is first; nobody's answer is one too. */
#include "held_world.h"

/* Anna's and Berta's wait: agreed to, Anna's leaves changed and Berta's stays. Cora's of quay waits longer; Dora's is held, nobody asks. */
static void begin(struct world *world)
{
    static const struct held_copy all[] = {
        {.number = 0, .address = S("anna@harbour.example"), .org = S("harbour"), .length = 10, .state = HELD_WAITING, .asked = HELD_MAY_LEAVE,
         .agreed_start = 10, .agreed_length = 14, .acts = S("banner"), .waits = 160, .original = HELD_ORIGINAL_IF_AGREED, .came = 10,
         .measure = S("raw"), .agreed_measure = S("banner"), .came_measure = S("came")},
        {.number = 1, .address = S("berta@harbour.example"), .org = S("harbour"), .start = 24, .length = 11, .edited = true, .state = HELD_WAITING,
         .asked = HELD_MAY_STAY, .agreed_length = 10, .acts = S("hold"), .waits = 160, .original = HELD_ORIGINAL_IF_DECLINED, .came = 10},
        {.number = 2, .address = S("cora@quay.example"), .org = S("quay"), .length = 10, .state = HELD_WAITING, .asked = HELD_MAY_LEAVE, .agreed_start = 10,
         .agreed_length = 14, .acts = S("banner"), .waits = 200},
        {.number = 3, .address = S("dora@quay.example"), .org = S("quay"), .length = 10, .state = HELD_KEPT}};
    struct held_copies copies = {0};
    struct err err;
    struct record_held held = {.id = id, .ticket = S("0123456789abcdef"), .at = 100, .until = 1000, .size = 5, .state = S("held"), .file = S("f"),
                               .mail_from = S(""), .enveloped = true};
    world_open(world);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *vec_push(world->arena, &copies.list) = all[i];
    if (store_begin(world->store, STORE_SYNCED, &err) < 0 || record_hold(world->store, world->arena, &held, &copies, &err) < 0 || store_commit(world->store, &err) < 0)
        fail_msg("%s", err.text);
}

static size_t jobs(struct world *world)
{
    struct err err;
    struct job_rows rows;
    assert_int_equal(outbox_due(world->store, world->arena, S(HELD_LANE), INT64_MAX, 100, &rows, &err), 0);
    return rows.list.len;
}

typedef int (*doing)(struct store *, const struct held_act *, int64_t, struct held_done *, struct err *);

static struct held_done act(struct world *world, doing deed, const char *recipient, const char *org)
{
    struct err err;
    struct held_done done;
    struct held_act act = {id, span_of(recipient), span_of(org), S("op"), S("seen"), false};
    if (deed(world->store, &act, 150, &done, &err) < 0)
        fail_msg("%s", err.text);
    return done;
}

static void what_is_kept_of_it_is_told(void **state)
{
    struct world world;
    begin(&world);
    struct held_copy anna = copy_of(&world, 0), dora = copy_of(&world, 3);
    assert_true(anna.state == HELD_WAITING && anna.asked == HELD_MAY_LEAVE && anna.agreed_start == 10 && anna.agreed_length == 14 && anna.waits == 160 &&
                span_eq(anna.acts, S("banner")) && anna.original == HELD_ORIGINAL_IF_AGREED && anna.came == 10 && !anna.edited);
    assert_true(dora.asked == HELD_UNASKED && dora.waits == TIME_UNKNOWN && !dora.acts.len && !dora.edited);
    assert_true(held_lies_here(HELD_WAITING));
    assert_string_equal(held_state_name(HELD_WAITING), "waiting");
    end(&world);
}

static void who_agrees_has_it_changed_or_kept(void **state)
{
    struct world world;
    begin(&world);
    struct held_done done = act(&world, held_agree, "", "harbour");
    assert_true(done.done == 2 && done.found == 2);
    struct held_copy anna = copy_of(&world, 0), berta = copy_of(&world, 1);
    assert_true(anna.state == HELD_LEAVING && anna.start == 10 && anna.length == 14 && anna.edited && anna.asked == HELD_AGREED && anna.waits == TIME_UNKNOWN);
    assert_true(span_eq(anna.by, S("op")) && span_eq(anna.why, S("seen")) && anna.at == 150);
    assert_true(berta.state == HELD_KEPT && berta.start == 0 && berta.length == 10 && !berta.edited && berta.asked == HELD_AGREED); /* as it came */
    assert_true(copy_of(&world, HELD_ORIGINALS).state == HELD_ORIGINAL && copy_of(&world, HELD_ORIGINALS).length == 10);
    assert_true(span_eq(anna.measure, S("banner")) && span_eq(copy_of(&world, HELD_ORIGINALS).measure, S("came")));
    assert_int_equal(copy_of(&world, HELD_ORIGINALS + 1).state, 0);
    assert_int_equal(copy_of(&world, 2).state, HELD_WAITING); /* another organisation's */
    assert_int_equal(jobs(&world), 1);
    done = act(&world, held_agree, "anna@harbour.example", ""); /* once */
    assert_true(done.done == 0 && done.found == 1 && done.state == HELD_LEAVING);
    done = act(&world, held_agree, "dora@quay.example", ""); /* nobody asks about hers */
    assert_true(done.done == 0 && done.found == 1 && done.state == HELD_KEPT);
    done = act(&world, held_release, "berta@harbour.example", ""); /* as any that is held */
    assert_true(done.done == 1 && copy_of(&world, 1).asked == HELD_AGREED && copy_of(&world, 1).length == 10 && jobs(&world) == 2);
    end(&world);
}

static void who_says_no_has_it_sent_as_it_would_have_been(void **state)
{
    struct world world;
    begin(&world);
    assert_int_equal(act(&world, held_release, "", "harbour").done, 2);
    struct held_copy anna = copy_of(&world, 0), berta = copy_of(&world, 1);
    assert_true(anna.state == HELD_LEAVING && anna.start == 0 && anna.length == 10 && !anna.edited && anna.asked == HELD_DECLINED);
    assert_true(span_eq(anna.measure, S("raw")));
    assert_true(berta.state == HELD_LEAVING && berta.start == 24 && berta.length == 11 && berta.edited && berta.asked == HELD_DECLINED);
    assert_int_equal(copy_of(&world, HELD_ORIGINALS).state, 0);
    assert_int_equal(copy_of(&world, HELD_ORIGINALS + 1).state, HELD_ORIGINAL); /* active policies change hers */
    assert_int_equal(jobs(&world), 2);
    assert_int_equal(act(&world, held_agree, "anna@harbour.example", "").state, HELD_LEAVING); /* too late */
    end(&world);
}

static void what_is_deleted_or_asked_for(void **state)
{
    struct world world;
    struct err err;
    struct held_copies told;
    begin(&world);
    assert_int_equal(held_since(world.store, world.arena, S("harbour"), INT64_MIN, S(""), 10, &told, &err), 0);
    assert_int_equal(told.list.len, 0); /* no digest tells of it */
    assert_true(act(&world, held_ask, "anna@harbour.example", "").done == 0);
    assert_int_equal(act(&world, held_delete, "anna@harbour.example", "").done, 1);
    assert_int_equal(copy_of(&world, 0).state, HELD_DELETED);
    assert_true(act(&world, held_agree, "anna@harbour.example", "").state == HELD_DELETED && jobs(&world) == 0);
    assert_int_equal(act(&world, held_agree, "berta@harbour.example", "").done, 1);
    assert_int_equal(held_since(world.store, world.arena, S("harbour"), 100, S(""), 10, &told, &err), 0);
    assert_int_equal(told.list.len, 1); /* from then on it is held as others are */
    end(&world);
}

static bool count(void *context, const struct held_copy *copy)
{
    assert_int_equal(copy->state, HELD_WAITING);
    ++*(int *)context;
    return true;
}

static int64_t unanswered(struct world *world, int64_t now, bool agree, uint64_t most, int *told)
{
    struct err err;
    int64_t done = held_unanswered(world->store, now, agree, S("the service"), S("nobody answered"), most, count, told, &err);
    if (done < 0)
        fail_msg("%s", err.text);
    return done;
}

static void nobody_answers(void **state)
{
    for (int agree = 0; agree < 2; agree++) {
        struct world world;
        int told = 0;
        begin(&world);
        assert_int_equal(unanswered(&world, 159, agree, 10, &told), 0);
        assert_int_equal(unanswered(&world, 160, agree, 1, &told), 1); /* so many at a time */
        assert_int_equal(unanswered(&world, 160, agree, 10, &told), 1);
        assert_int_equal(unanswered(&world, 199, agree, 10, &told), 0);
        assert_int_equal(told, 2);
        struct held_copy anna = copy_of(&world, 0);
        assert_true(anna.state == HELD_LEAVING && anna.edited == agree && anna.asked == (agree ? HELD_AGREED : HELD_DECLINED) && span_eq(anna.by, S("the service")));
        assert_int_equal(copy_of(&world, 1).state, agree ? HELD_KEPT : HELD_LEAVING);
        assert_int_equal(act(&world, held_agree, "cora@quay.example", "quay").done, 1);
        assert_int_equal(unanswered(&world, 500, agree, 10, &told), 0); /* a person did */
        assert_int_equal(copy_of(&world, 3).state, HELD_KEPT);
        end(&world);
    }
}

/* Its waiting was noted by a clock that was ahead. */
static void none_waits_longer_than_it_may(void **state)
{
    struct world world;
    struct err err;
    int told = 0;
    begin(&world);
    assert_int_equal(held_waits_end(world.store, 180, &err), 0);
    assert_true(copy_of(&world, 0).waits == 160 && copy_of(&world, 2).waits == 180 && copy_of(&world, 3).waits == TIME_UNKNOWN);
    assert_int_equal(held_waits_end(world.store, 190, &err), 0);
    assert_int_equal(copy_of(&world, 2).waits, 180); /* nor anew */
    assert_int_equal(unanswered(&world, 180, true, 10, &told), 3);
    end(&world);
}

static void what_waits_does_not_expire(void **state)
{
    struct world world;
    struct err err;
    struct record_held_list over;
    int told = 0;
    begin(&world);
    assert_int_equal(act(&world, held_delete, "dora@quay.example", "").done, 1);
    assert_int_equal(record_held_over(world.store, world.arena, 900, 10, &over, &err), 0);
    assert_int_equal(over.list.len, 0);
    assert_int_equal(record_held_over(world.store, world.arena, 1000, 10, &over, &err), 0);
    assert_int_equal(store_begin(world.store, STORE_SYNCED, &err), 0);
    assert_int_equal(record_held_end(world.store, &over.list.at[0], 1000, &err), HELD_STAYS); /* its sender was told that it was taken */
    assert_int_equal(store_commit(world.store, &err), 0);
    assert_int_equal(copy_of(&world, 0).state, HELD_WAITING);
    assert_int_equal(record_held_over(world.store, world.arena, 1001, 10, &over, &err), 0);
    assert_int_equal(over.list.len, 0);
    assert_int_equal(unanswered(&world, 2000, false, 10, &told), 3);
    assert_int_equal(copy_of(&world, 0).state, HELD_LEAVING);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_of_it_is_told),
        cmocka_unit_test(none_waits_longer_than_it_may),
        cmocka_unit_test(who_agrees_has_it_changed_or_kept),
        cmocka_unit_test(who_says_no_has_it_sent_as_it_would_have_been),
        cmocka_unit_test(what_is_deleted_or_asked_for),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(what_waits_does_not_expire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
