/* What becomes of held copies: each recipient's by itself, released once, with who, when and why. */
#include "held_world.h"
#include "record/decide.h"

/* Anna and Berta of harbour, Cora of quay; Dora's copy leaves at once. */
static void hold(struct world *world, int64_t until)
{
    struct err err;
    struct held_copies copies = {0};
    static const struct held_copy all[] = {{.number = 0, .address = S("Anna@harbour.example"), .params = S("NOTIFY=NEVER"), .org = S("harbour"), .length = 10, .state = HELD_KEPT},
                                           {.number = 1, .address = S("berta@harbour.example"), .org = S("harbour"), .length = 10, .state = HELD_KEPT},
                                           {.number = 3, .address = S("cora@quay.example"), .org = S("quay"), .length = 10, .state = HELD_KEPT},
                                           {.number = 4, .address = S("dora@quay.example"), .org = S("quay"), .start = 10, .length = 12, .state = HELD_LEAVING,
                                            .edited = true, .measure = S("of the parts")}};
    struct record_held held = {.id = id, .ticket = S("0123456789abcdef"), .at = 100, .until = until, .size = 5, .state = S("held"), .file = S("f"),
                               .mail_from = S(""), .mail_params = S("RET=HDRS ENVID=x"), .enveloped = true};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *vec_push(world->arena, &copies.list) = all[i];
    assert_int_equal(store_begin(world->store, STORE_SYNCED, &err), 0);
    if (record_hold(world->store, world->arena, &held, &copies, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(store_commit(world->store, &err), 0);
}

static struct job_rows jobs(struct world *world)
{
    struct err err;
    struct job_rows rows;
    assert_int_equal(outbox_due(world->store, world->arena, S(HELD_LANE), INT64_MAX, 100, &rows, &err), 0);
    return rows;
}

static void note(struct world *world, const char *job, enum job_state state, const char *fault, int64_t now)
{
    struct err err;
    assert_int_equal(store_begin(world->store, STORE_SYNCED, &err), 0);
    assert_int_equal(outbox_note(world->store, world->arena, &(struct job_note){span_of(job), state, now + 30, span_of(fault)}, now, &err), 1);
    assert_int_equal(store_commit(world->store, &err), 0);
}

static int64_t sweep(struct world *world, int64_t now, size_t due)
{
    struct err err;
    struct record_held_list over;
    int64_t ended = 0;
    assert_int_equal(record_held_over(world->store, world->arena, now, 10, &over, &err), 0);
    assert_int_equal(over.list.len, due);
    assert_int_equal(store_begin(world->store, STORE_SYNCED, &err), 0);
    vec_each(held, &over.list)
        ended = record_held_end(world->store, held, now, &err);
    assert_int_equal(store_commit(world->store, &err), 0);
    return ended;
}

/* Step 13 added the column: what was under way then is null. */
static void what_left_by_an_older_version_was_edited(void **state)
{
    struct world world;
    struct err err;
    struct held_done done;
    struct held_letter letter;
    struct held_copies copies;
    uint64_t length;
    world_open(&world);
    hold(&world, 1000);
    struct held_copy beside = {.number = HELD_BESIDE, .address = S("soc@harbour.example"), .length = 10, .state = HELD_LEAVING};
    assert_int_equal(copy_insert(world.store, world.arena, id, &beside, 100, &err), 0);
    assert_int_equal(held_release(world.store, &(struct held_act){.id = id, .recipient = S("cora@quay.example"), .by = S("op")}, 200, &done, &err), 0);
    struct store_change changes[] = {{"edited", STORE_SET, STORE_NONE(STORE_INTEGER)}, {"start", STORE_SET, STORE_INT(0)}};
    assert_int_equal(store_update(world.store, &(struct store_query){.table = "held"}, changes, 2, &err), 5);
    assert_true(copy_of(&world, 4).edited && !copy_of(&world, 0).edited && !copy_of(&world, 3).edited && !copy_of(&world, HELD_BESIDE).edited);
    assert_int_equal(held_letter(world.store, world.arena, S(ID ".release.4"), &letter, &err), 1);
    assert_true(letter.copy.edited);
    note(&world, ID ".release.4", JOB_FAILED, "no", 300);
    assert_true(copy_of(&world, 4).state == HELD_REFUSED && copy_of(&world, 4).edited);
    assert_int_equal(store_update(world.store, &(struct store_query){.table = "held"}, changes, 1, &err), 5);
    assert_true(copy_of(&world, 4).edited); /* refused before the upgrade */
    assert_int_equal(held_release(world.store, &(struct held_act){.id = id, .recipient = S("dora@quay.example"), .by = S("op")}, 400, &done, &err), 0);
    assert_true(copy_of(&world, 4).by.len && copy_of(&world, 4).edited); /* by whomever it is tried anew */
    assert_int_equal(store_delete(world.store, &(struct store_query){.table = "held", STORE_WHERE(STORE_IS("number", STORE_NE, STORE_INT(4)))}, &err), 4);
    assert_int_equal(held_copies(world.store, world.arena, id, &copies, &err), 0);
    assert_false(held_as_it_came(&copies, &length));
    end(&world);
}

static void each_recipient_is_released_by_itself(void **state)
{
    static const struct {
        const char *id, *recipient, *org;
        unsigned done, found;
    } acts[] = {{"01mqvvp0xqwrwd8wsa84ffys4sh9", "", "", 0, 0},          /* no such message */
                {ID, "anna@harbour.example", "quay", 0, 0},               /* another organisation's */
                {ID, "eve@harbour.example", "", 0, 0},                    /* no recipient */
                {ID, "anna@HARBOUR.example", "harbour", 1, 1},
                {ID, "anna@harbour.example", "", 0, 1},                   /* once */
                {ID, "", "harbour", 1, 2},
                {ID, "", "", 1, 4}};
    struct world world;
    struct err err;
    struct held_done done;
    world_open(&world);
    hold(&world, 1000);
    assert_int_equal(jobs(&world).list.len, 1);
    assert_true(span_eq(jobs(&world).list.at[0].job, S(ID ".release.4")));
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        struct held_act act = {span_of(acts[i].id), span_of(acts[i].recipient), span_of(acts[i].org), S("op"), S("a friend"), false};
        assert_int_equal(held_release(world.store, &act, 200, &done, &err), 0);
        assert_int_equal(done.done, acts[i].done);
        assert_int_equal(done.found, acts[i].found);
    }
    assert_int_equal(jobs(&world).list.len, 4);
    struct held_copy anna = copy_of(&world, 0);
    assert_true(anna.state == HELD_LEAVING && anna.at == 200 && span_eq(anna.by, S("op")) && span_eq(anna.why, S("a friend")));
    assert_true(span_eq(anna.address, S("Anna@harbour.example")) && span_eq(anna.params, S("NOTIFY=NEVER")));
    end(&world);
}

static void what_is_deleted_is_not_released_and_the_last_takes_the_bytes_along(void **state)
{
    struct world world;
    struct err err;
    struct held_done done;
    world_open(&world);
    hold(&world, 1000);
    const struct held_act anna = {id, S("anna@harbour.example"), S(""), S("op"), S(""), false}, all = {id, S(""), S(""), S("op"), S(""), false};
    assert_int_equal(held_delete(world.store, &anna, 200, &done, &err), 0);
    assert_int_equal(done.done, 1);
    assert_int_equal(held_release(world.store, &anna, 201, &done, &err), 0);
    assert_true(done.done == 0 && done.found == 1 && done.state == HELD_DELETED);
    assert_int_equal(held_ask(world.store, &all, 202, &done, &err), 0);
    assert_int_equal(done.done, 2); /* not the deleted one, not the one that leaves */
    assert_int_equal(copy_of(&world, 1).state, HELD_ASKED);
    sweep(&world, 300, 0);
    assert_int_equal(held_delete(world.store, &all, 203, &done, &err), 0);
    assert_true(done.done == 2 && done.state != HELD_KEPT);
    sweep(&world, 300, 0); /* one is leaving still */
    note(&world, ID ".release.4", JOB_DONE, "", 400);
    assert_int_equal(copy_of(&world, 4).state, HELD_DELIVERED);
    assert_int_equal(sweep(&world, 500, 1), 0);
    struct record_held held;
    assert_int_equal(record_held(world.store, world.arena, id, &held, &err), 0);
    assert_int_equal(copy_of(&world, 0).state, HELD_DELETED); /* who did it outlives the bytes */
    assert_int_equal(copy_of(&world, 4).state, HELD_DELIVERED);
    end(&world);
}

static void a_refusal_is_told_and_may_be_tried_anew(void **state)
{
    struct world world;
    struct err err;
    struct held_done done;
    world_open(&world);
    hold(&world, 1000);
    note(&world, ID ".release.4", JOB_WAITING, "SMTP 451", 110);
    assert_int_equal(copy_of(&world, 4).state, HELD_LEAVING);
    note(&world, ID ".release.4", JOB_FAILED, "SMTP 550 no", 120);
    struct held_copy dora = copy_of(&world, 4);
    assert_true(dora.state == HELD_REFUSED && span_eq(dora.fault, S("SMTP 550 no")) && dora.at == 120);
    assert_int_equal(jobs(&world).list.len, 0);
    assert_int_equal(held_release(world.store, &(struct held_act){id, S("dora@quay.example"), S(""), S("op"), S(""), false}, 130, &done, &err), 0);
    assert_int_equal(done.done, 1);
    assert_int_equal(jobs(&world).list.len, 1);
    note(&world, ID ".release.4", JOB_FAILED, "SMTP 550 no", 140);
    assert_int_equal(outbox_retry(world.store, S(ID ".release.4"), 150, &err), 1);
    assert_int_equal(copy_of(&world, 4).state, HELD_LEAVING);
    assert_int_equal(outbox_drop(world.store, S(ID ".release.4"), 160, &err), 1);
    assert_int_equal(copy_of(&world, 4).state, HELD_KEPT); /* nothing is lost by it */
    end(&world);
}

static void what_is_over_expires_but_what_leaves_leaves_first(void **state)
{
    struct world world;
    struct err err;
    struct held_done done;
    world_open(&world);
    hold(&world, 1000);
    sweep(&world, 999, 0);
    assert_int_equal(sweep(&world, 1000, 1), HELD_STAYS);
    assert_int_equal(copy_of(&world, 0).state, HELD_KEPT);
    note(&world, ID ".release.4", JOB_DONE, "", 1100);
    sweep(&world, 1000 + 3599, 0);
    assert_int_equal(sweep(&world, 1000 + 3600, 1), 3);
    assert_int_equal(copy_of(&world, 0).state, HELD_EXPIRED);
    assert_int_equal(copy_of(&world, 4).state, HELD_DELIVERED);
    assert_int_equal(held_release(world.store, &(struct held_act){.id = id, .by = S("op")}, 5000, &done, &err), 0);
    assert_true(!done.done && done.found == 4);
    end(&world);
}

/* What was delivered is told of by its job. */
static void jobs_go_with_what_they_would_bring_back(void **state)
{
    struct world world;
    struct err err;
    struct held_done done;
    struct forgotten counts;
    struct outbox_counts jobs_there;
    world_open(&world);
    hold(&world, 1000);
    assert_int_equal(held_release(world.store, &(struct held_act){id, S("anna@harbour.example"), S(""), S("op"), S(""), false}, 150, &done, &err), 0);
    assert_int_equal(held_release(world.store, &(struct held_act){id, S("berta@harbour.example"), S(""), S("op"), S(""), false}, 150, &done, &err), 0);
    note(&world, ID ".release.0", JOB_FAILED, "550 no <anna@harbour.example>", 200);
    note(&world, ID ".release.1", JOB_DONE, "", 200);
    note(&world, ID ".release.4", JOB_FAILED, "550 no", 200);
    assert_int_equal(record_forget(world.store, S("anna@harbour.example"), false, &counts, &err), 0);
    assert_int_equal(outbox_count(world.store, 0, &jobs_there, &err), 0);
    assert_true(jobs_there.done == 1 && jobs_there.failed == 1 && jobs_there.waiting == 0);
    assert_int_equal(held_delete(world.store, &(struct held_act){id, S("dora@quay.example"), S(""), S("op"), S(""), false}, 300, &done, &err), 0);
    assert_int_equal(outbox_count(world.store, 0, &jobs_there, &err), 0);
    assert_true(jobs_there.done == 1 && jobs_there.failed == 0 && jobs_there.waiting == 0);
    assert_int_equal(held_release(world.store, &(struct held_act){id, S("cora@quay.example"), S(""), S("op"), S(""), false}, 310, &done, &err), 0);
    note(&world, ID ".release.3", JOB_FAILED, "550 no", 320);
    assert_int_equal(sweep(&world, 1000, 1), 1);
    assert_int_equal(outbox_count(world.store, 0, &jobs_there, &err), 0);
    assert_true(jobs_there.done == 1 && jobs_there.failed == 0);
    end(&world);
}

/* A name is chosen by whoever configures a notification; the kind says what a job is. */
static void another_kind_of_job_tells_nothing_of_a_copy(void **state)
{
    struct world world;
    struct err err;
    struct store_change kind = {"kind", STORE_SET, STORE_WORDS(S("webhook"))};
    for (int i = 0; i < 3; i++) {
        world_open(&world);
        hold(&world, 1000);
        if (i < 2)
            assert_int_equal(store_update(world.store, &(struct store_query){.table = "outbox"}, &kind, 1, &err), 1);
        if (i == 0) {
            note(&world, ID ".release.4", JOB_FAILED, "HTTP 404", 200);
        } else {
            note(&world, ID ".release.4", JOB_WAITING, "HTTP 500", 200);
            assert_int_equal(outbox_prune(world.store, 0, 1000, 2000, 10, &err), 0);
        }
        assert_int_equal(copy_of(&world, 4).state, i < 2 ? HELD_LEAVING : HELD_REFUSED);
        end(&world);
    }
}

/* Its job outlives it; an operator who has all that failed tried again, or dropped, means none of those. */
static void a_job_of_before_brings_nothing_back(void **state)
{
    static const enum held_state become[][2] = {{HELD_REFUSED, HELD_LEAVING}, {HELD_DELETED, HELD_DELETED}, {HELD_EXPIRED, HELD_EXPIRED}, {HELD_KEPT, HELD_KEPT}};
    for (size_t i = 0; i < 2 * (sizeof become / sizeof *become); i++) {
        enum held_state before = become[i / 2][0], after = become[i / 2][1];
        struct world world;
        struct err err;
        world_open(&world);
        hold(&world, 1000);
        note(&world, ID ".release.4", JOB_FAILED, "550 no", 200);
        if (before != HELD_REFUSED) /* as an older version left it */
            assert_int_equal(store_update(world.store, &(struct store_query){.table = "held"}, &(struct store_change){"state", STORE_SET, STORE_INT(before)}, 1, &err), 4);
        assert_int_equal((i % 2 ? outbox_drop : outbox_retry)(world.store, S(""), 3000, &err), 1);
        assert_int_equal(copy_of(&world, 4).state, i % 2 && before == HELD_REFUSED ? HELD_KEPT : after);
        if (!(i % 2) && before != HELD_REFUSED) {
            note(&world, ID ".release.4", before == HELD_KEPT ? JOB_FAILED : JOB_DONE, "", 3100);
            assert_int_equal(copy_of(&world, 4).state, after);
        }
        end(&world);
    }
}

static int passes(struct world *world, struct span pass, const char *asker, struct held_copy *found)
{
    struct err err;
    assert_int_equal(store_begin(world->store, STORE_SYNCED, &err), 0);
    int good = held_pass(world->store, world->arena, pass, span_of(asker), 500, found, &err);
    assert_int_equal(store_commit(world->store, &err), 0);
    return good;
}

static void a_pass_is_good_once_and_while_it_leaves(void **state)
{
    struct world world;
    struct err err;
    struct held_copy found;
    struct held_letter letter, again;
    world_open(&world);
    hold(&world, 1000);
    assert_int_equal(held_letter(world.store, world.arena, S(ID ".release.0"), &letter, &err), 0); /* held */
    assert_int_equal(held_letter(world.store, world.arena, S(ID ".hook"), &letter, &err), 0);
    assert_int_equal(held_letter(world.store, world.arena, S(ID ".release.4"), &letter, &err), 1);
    assert_true(letter.copy.start == 10 && letter.copy.length == 12 && letter.pass.len == 32 && span_eq(letter.held.mail_params, S("RET=HDRS ENVID=x")));
    assert_int_equal(held_letter(world.store, world.arena, S(ID ".release.4"), &again, &err), 1);
    assert_true(span_eq(letter.pass, again.pass)); /* a courier may be at it still */
    assert_int_equal(passes(&world, S(""), "a", &found), 0);
    assert_int_equal(passes(&world, span_first(again.pass, 31), "a", &found), 0);
    assert_int_equal(passes(&world, again.pass, "", &found), 0); /* nobody asks */
    assert_int_equal(passes(&world, again.pass, "a", &found), 1);
    assert_true(span_eq(found.id, id) && found.edited && span_eq(found.measure, S("of the parts")));
    assert_int_equal(passes(&world, again.pass, "b", &found), 0); /* used */
    assert_int_equal(held_letter(world.store, world.arena, S(ID ".release.4"), &letter, &err), 1);
    assert_false(span_eq(letter.pass, again.pass));
    assert_int_equal(passes(&world, again.pass, "a", &found), 1); /* the same message, whose door had no answer; the next try bears another */
    assert_true(span_eq(found.id, id) && found.edited && span_eq(found.measure, S("of the parts")));
    assert_int_equal(passes(&world, again.pass, "b", &found), 0);
    note(&world, ID ".release.4", JOB_DONE, "", 400);
    assert_int_equal(passes(&world, letter.pass, "c", &found), 0); /* it has arrived */
    struct record_pruned gone;
    assert_int_equal(record_prune(world.store, &(struct record_times){.now = 500 + 86401}, &(struct record_pruning){0}, 10, &gone, &err), 0);
    assert_int_equal(gone.others, 1);
    assert_int_equal(passes(&world, again.pass, "a", &found), 0);
    end(&world);
}

static void passes_of_our_own_mail(void **state)
{
    struct world world;
    struct err err;
    struct span first, second;
    struct held_copy found;
    world_open(&world);
    assert_int_equal(mail_pass(world.store, world.arena, S("digest-harbour.x"), &first, &err), 0);
    assert_int_equal(mail_pass(world.store, world.arena, S("digest-harbour.x"), &second, &err), 0);
    assert_true(span_eq(first, second));
    assert_int_equal(passes(&world, first, "a", &found), 1);
    assert_true(span_eq(found.id, S("digest-harbour.x")) && found.edited && !found.measure.len);
    assert_int_equal(passes(&world, first, "b", &found), 0);
    assert_int_equal(mail_pass(world.store, world.arena, S("digest-harbour.x"), &second, &err), 0);
    assert_false(span_eq(first, second));
    assert_int_equal(passes(&world, first, "a", &found), 1);
    end(&world);
}

/* What became of each recipient's copy goes before the record does, for it is about people. */
static void what_became_of_it_goes_before_its_record(void **state)
{
    struct world world;
    struct err err;
    struct held_copies copies;
    struct record_pruned gone;
    struct record_pruning at = {0};
    world_open(&world);
    hold(&world, 1000);
    assert_int_equal(record_prune(world.store, &(struct record_times){.outcomes = 5000}, &at, 10, &gone, &err), 0);
    assert_int_equal(gone.others, 0); /* they lie here */
    note(&world, ID ".release.4", JOB_DONE, "", 200);
    assert_int_equal(record_prune(world.store, &(struct record_times){.outcomes = 5000}, &at, 10, &gone, &err), 0);
    assert_int_equal(gone.others, 0); /* the others do */
    assert_int_equal(sweep(&world, 2000, 1), 3);
    assert_int_equal(record_prune(world.store, &(struct record_times){.outcomes = 200}, &at, 10, &gone, &err), 0);
    assert_int_equal(gone.others, 0);
    assert_int_equal(record_prune(world.store, &(struct record_times){.outcomes = 5000}, &at, 10, &gone, &err), 0);
    assert_int_equal(gone.others, 4);
    assert_int_equal(held_copies(world.store, world.arena, id, &copies, &err), 0);
    assert_int_equal(copies.list.len, 0);
    end(&world);
}

struct listed {
    uint64_t numbers[8];
    size_t count;
};

static bool listed_take(void *context, const struct held_copy *copy)
{
    struct listed *listed = context;
    listed->numbers[listed->count++] = copy->number;
    return true;
}

static void lists_are_of_who_is_asked_for(void **state)
{
    static const struct {
        struct held_wish wish;
        size_t count;
    } wishes[] = {{{.since = TIME_UNKNOWN, .until = TIME_UNKNOWN}, 4},
                  {{.since = 101, .until = TIME_UNKNOWN}, 0},
                  {{.since = 100, .until = 101}, 4},
                  {{.org = S("quay"), .since = TIME_UNKNOWN, .until = TIME_UNKNOWN}, 2},
                  {{.org = S("quay"), .state = HELD_KEPT, .since = TIME_UNKNOWN, .until = TIME_UNKNOWN}, 1},
                  {{.recipient = S("ANNA@harbour.example"), .since = TIME_UNKNOWN, .until = TIME_UNKNOWN}, 1},
                  {{.recipient = S("ANNA@harbour.example"), .org = S("quay"), .since = TIME_UNKNOWN, .until = TIME_UNKNOWN}, 0},
                  {{.since = TIME_UNKNOWN, .until = TIME_UNKNOWN, .limit = 3}, 3}};
    struct world world;
    struct err err;
    world_open(&world);
    hold(&world, 1000);
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        struct listed listed = {.count = 0};
        assert_int_equal(held_list(world.store, &wishes[i].wish, listed_take, &listed, &err), wishes[i].count);
        assert_int_equal(listed.count, wishes[i].count);
    }
    end(&world);
}

static void a_person_is_forgotten_but_mail_under_way_arrives(void **state)
{
    struct world world;
    struct err err;
    struct forgotten counts;
    struct held_copies copies;
    world_open(&world);
    hold(&world, 1000);
    assert_int_equal(record_forget(world.store, S("anna@harbour.example"), false, &counts, &err), 0);
    assert_int_equal(record_forget(world.store, S("dora@quay.example"), false, &counts, &err), 0);
    assert_int_equal(held_copies(world.store, world.arena, id, &copies, &err), 0);
    assert_int_equal(copies.list.len, 3);
    assert_int_equal(jobs(&world).list.len, 1);
    assert_int_equal(copy_of(&world, 4).state, HELD_LEAVING);
    end(&world);
}

/* Rows of a message of which others lie here stay, and no others behind them wait for that. */
static void what_stays_holds_up_nothing(void **state)
{
    static const struct span other = S("01arz3ndektsv4rrffq69g5fb0zz");
    struct world world;
    struct err err;
    struct held_done done;
    struct held_copies copies = {0};
    struct record_pruned gone = {.more = true};
    struct record_pruning at = {0};
    struct record_held held = {.id = other, .ticket = S("another ticket16"), .at = 100, .until = 1000, .size = 5, .state = S("held"), .file = S("g"), .enveloped = true};
    world_open(&world);
    hold(&world, 1000);
    note(&world, ID ".release.4", JOB_DONE, "", 200);
    *vec_push(world.arena, &copies.list) = (struct held_copy){.address = S("anna@harbour.example"), .length = 10, .state = HELD_KEPT};
    assert_int_equal(store_begin(world.store, STORE_SYNCED, &err), 0);
    assert_int_equal(record_hold(world.store, world.arena, &held, &copies, &err), 0);
    assert_int_equal(store_commit(world.store, &err), 0);
    assert_int_equal(held_delete(world.store, &(struct held_act){.id = other, .by = S("op")}, 300, &done, &err), 0);
    for (int i = 0; i < 5 && gone.more; i++)
        assert_int_equal(record_prune(world.store, &(struct record_times){.outcomes = 5000}, &at, 1, &gone, &err), 0);
    assert_false(gone.more);
    assert_int_equal(held_copies(world.store, world.arena, other, &copies, &err), 0);
    assert_int_equal(copies.list.len, 0);
    assert_int_equal(copy_of(&world, 4).state, HELD_DELIVERED);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_left_by_an_older_version_was_edited),
                                       cmocka_unit_test(each_recipient_is_released_by_itself),
        cmocka_unit_test(what_is_deleted_is_not_released_and_the_last_takes_the_bytes_along),
        cmocka_unit_test(a_refusal_is_told_and_may_be_tried_anew),
        cmocka_unit_test(what_is_over_expires_but_what_leaves_leaves_first),
        cmocka_unit_test(jobs_go_with_what_they_would_bring_back), cmocka_unit_test(another_kind_of_job_tells_nothing_of_a_copy),
        cmocka_unit_test(passes_of_our_own_mail), cmocka_unit_test(what_became_of_it_goes_before_its_record), cmocka_unit_test(what_stays_holds_up_nothing),
        cmocka_unit_test(a_job_of_before_brings_nothing_back), cmocka_unit_test(a_pass_is_good_once_and_while_it_leaves),
        cmocka_unit_test(lists_are_of_who_is_asked_for),
        cmocka_unit_test(a_person_is_forgotten_but_mail_under_way_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
