/* Readers at locked links: what may be passed, what is to be said of it now, and the rows that stay. */
#include "exact.h"
#include "made.h"
#include "record/click.h"
#include "record/decide.h"
#include "record/held.h"
#include "record/inner.h"
#include "record/outbox.h"

#include <stdio.h>

enum { NOW = 1769870000 };
static const char letter[] =
    "From: \"Bank Support\" <Info@Sender.example>\r\nTo: a@example.net\r\nSubject: Your order\r\nMessage-ID: <1@sender.example>\r\n\r\n"
    "Please see https://www.link.example/path\r\n";
static const char *const people[] = {"a@example.net", "b@example.net"};

struct scene {
    struct world world;
    struct made *made;
    struct visit visit; /* of the first recipient */
    struct visited visited;
};

static struct visit visit_for(struct scene *scene, enum pass_kind kind, bool first, bool second)
{
    const struct span addresses[] = {span_of(people[0]), span_of(people[1])};
    const bool meant[] = {first, second};
    struct visit visit = {.act = VISIT_LOOK, .host = S("www.link.example"), .client = S("192.0.2.9"),
                          .pass = {.kind = kind, .record = scene->made->report.id, .link = 0, .until = INT64_MAX, .target = S("https://www.link.example/path")}};
    pass_name(scene->world.arena, &visit.pass, addresses, 2, meant);
    return visit;
}

static struct scene scene_new(enum pass_kind kind)
{
    struct scene scene = {.world = world_new()};
    struct span id;
    scene.made = made_for(letter, people, 2, 1769860800);
    assert_int_equal(keep_as(&scene.world, scene.made, 1769860800, &id), RECORD_KEPT);
    record_settle(scene.world.store, 0, NULL);
    scene.visit = visit_for(&scene, kind, true, false);
    return scene;
}

static void scene_free(struct scene *scene)
{
    made_free(scene->made);
    world_free(&scene->world);
}

static const struct visited *look(struct scene *scene)
{
    struct err err;
    if (visit_look(scene->world.store, scene->world.arena, &scene->visit, NOW, &scene->visited, &err) < 0)
        fail_msg("%s", err.text);
    return &scene->visited;
}

static const struct visited *act(struct scene *scene, enum visit_act what, int64_t now)
{
    struct err err;
    look(scene);
    scene->visit.act = what;
    assert_int_equal(store_begin(scene->world.store, STORE_SYNCED, &err), 0);
    if (visit_keep(scene->world.store, scene->world.arena, &scene->visit, now, &scene->visited, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(store_commit(scene->world.store, &err), 0);
    scene->visit.act = VISIT_LOOK;
    return &scene->visited;
}

/* Other messages with a link to the same host. */
static void neighbours_keep(struct scene *scene, unsigned count, unsigned malicious, unsigned suspicious)
{
    for (unsigned i = 0; i < count; i++) {
        char text[600];
        struct span id;
        snprintf(text, sizeof text, "From: n@other.example\r\nTo: c@example.net\r\nMessage-ID: <n%u@other.example>\r\n\r\nhttps://www.link.example/%u\r\n", i, i);
        struct made *made = made_of(text, "c@example.net", 1769860000 + i);
        made->record.verdict = i < malicious ? VERDICT_MALICIOUS : i < malicious + suspicious ? VERDICT_SUSPICIOUS : VERDICT_CLEAN;
        assert_int_equal(keep_as(&scene->world, made, 1769860000, &id), RECORD_KEPT);
        made_free(made);
    }
}

static void correct(struct scene *scene, bool honest, int64_t at)
{
    struct err err;
    assert_int_equal(record_correct(scene->world.store, scene->made->report.id, &(struct correction){honest, at, S("root")}, &err), 1);
}

static void deny(struct scene *scene, const char *domain)
{
    struct err err;
    uint64_t number;
    const struct entry entry = {.is = {.domain = span_of(domain), .reason = S("bad"), .expires = NOW + 100}, .by = S("root"), .made = 1};
    assert_int_equal(record_entry_add(scene->world.store, &entry, &number, &err), 0);
}

/* ---- the verdict now, and whether the reader may go on */
static const struct {
    const char *what;
    unsigned others, malicious, suspicious;
    const char *denied;
    int corrected; /* 1 honest, -1 bad */
    enum verdict now;
    unsigned grounds;
    enum way lock, double_lock;
} cases[] = {
    {"nothing new", 0, 0, 0, NULL, 0, VERDICT_CLEAN, 0, WAY_GO, WAY_ASK},
    {"clean neighbours", 5, 0, 0, NULL, 0, VERDICT_CLEAN, 0, WAY_GO, WAY_ASK},
    {"one bad among many", 9, 1, 0, NULL, 0, VERDICT_SUSPICIOUS, NOW_HOST, WAY_GO, WAY_ASK},
    {"half of them bad", 4, 2, 0, NULL, 0, VERDICT_MALICIOUS, NOW_HOST, WAY_ASK, WAY_ASK},
    {"less than half", 5, 2, 0, NULL, 0, VERDICT_SUSPICIOUS, NOW_HOST, WAY_GO, WAY_ASK},
    {"half suspicious", 4, 0, 2, NULL, 0, VERDICT_SUSPICIOUS, NOW_HOST, WAY_GO, WAY_ASK},
    {"one of five suspicious", 5, 0, 1, NULL, 0, VERDICT_CLEAN, 0, WAY_GO, WAY_ASK},
    {"denied above it", 0, 0, 0, "link.example", 0, VERDICT_MALICIOUS, NOW_DENIED, WAY_ASK, WAY_ASK},
    {"denied beside it", 0, 0, 0, "ink.example", 0, VERDICT_CLEAN, 0, WAY_GO, WAY_ASK},
    {"corrected to bad", 0, 0, 0, NULL, -1, VERDICT_MALICIOUS, NOW_CORRECTED, WAY_ASK, WAY_ASK},
    {"corrected to honest", 0, 0, 0, NULL, 1, VERDICT_CLEAN, NOW_CORRECTED, WAY_GO, WAY_GO},
    {"honest, and the host is bad", 2, 2, 0, NULL, 1, VERDICT_MALICIOUS, NOW_CORRECTED | NOW_HOST, WAY_ASK, WAY_ASK},
};

static void the_strictest_answer_wins(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene = scene_new(PASS_LOCK);
        neighbours_keep(&scene, cases[i].others, cases[i].malicious, cases[i].suspicious);
        if (cases[i].denied)
            deny(&scene, cases[i].denied);
        if (cases[i].corrected)
            correct(&scene, cases[i].corrected > 0, NOW - 10);
        const struct visited *got = look(&scene);
        if (got->end != VISIT_GOOD || got->now != cases[i].now || got->grounds != cases[i].grounds || got->way != cases[i].lock || got->others != cases[i].others)
            fail_msg("%s: end %d now %d grounds %u way %d others %d", cases[i].what, got->end, got->now, got->grounds, got->way, (int)got->others);
        scene.visit = visit_for(&scene, PASS_DOUBLE_LOCK, true, false);
        if (look(&scene)->way != cases[i].double_lock)
            fail_msg("%s: double lock: way %d", cases[i].what, scene.visited.way);
        scene_free(&scene);
    }
}

static void a_corrected_neighbour_counts_as_corrected(void **state)
{
    struct scene scene = scene_new(PASS_LOCK);
    struct span id;
    struct err err;
    struct made *other = made_of("From: n@other.example\r\nTo: c@example.net\r\n\r\nhttps://www.link.example/x\r\n", "c@example.net", 1769860000);
    assert_int_equal(keep_as(&scene.world, other, 1769860000, &id), RECORD_KEPT);
    assert_int_equal(look(&scene)->malicious, 0);
    assert_int_equal(record_correct(scene.world.store, id, &(struct correction){false, NOW, S("root")}, &err), 1);
    assert_int_equal(look(&scene)->malicious, 1);
    assert_int_equal(scene.visited.now, VERDICT_MALICIOUS);
    made_free(other);
    scene_free(&scene);
}

static void other_organisations_mail_says_nothing(void **state)
{
    struct scene scene = scene_new(PASS_LOCK);
    struct span id;
    struct made *other = made_of("From: n@other.example\r\nTo: c@quay.example\r\n\r\nhttps://www.link.example/x\r\n", "c@quay.example", 1769860000);
    other->record.org = S("quay");
    other->record.verdict = VERDICT_MALICIOUS;
    assert_int_equal(keep_as(&scene.world, other, 1769860000, &id), RECORD_KEPT);
    assert_int_equal(look(&scene)->others, 0);
    assert_int_equal(scene.visited.now, VERDICT_CLEAN);
    scene.visit.pass.org = S("quay");
    assert_int_equal(look(&scene)->malicious, 1);
    made_free(other);
    scene_free(&scene);
}

static void it_tells_of_the_message(void **state)
{
    struct scene scene = scene_new(PASS_LOCK);
    const struct visited *got = look(&scene);
    assert_span(got->subject, "Your order");
    assert_span(got->from, "Info@Sender.example");
    assert_int_equal(got->arrived, 1769860800);
    assert_int_equal(got->people.len, 1);
    assert_span(got->people.at[0], "a@example.net");
    assert_true(got->reasons.len <= REASONS_MOST);
    vec_each(reason, &got->reasons)
        assert_true(reason->text[0].len && reason->text[1].len);
    scene_free(&scene);
}

/* ---- passes of others */
static void what_is_no_record_or_not_theirs_tells_nothing(void **state)
{
    struct scene scene = scene_new(PASS_LOCK);
    struct made *other = made_of(letter, "c@example.net", 1769860900);
    struct span id;
    struct visit visit = scene.visit;
    assert_int_equal(keep_as(&scene.world, other, 1769860900, &id), RECORD_KEPT);
    scene.visit.pass.record = id; /* of the first message's recipients, at the second */
    assert_int_equal(look(&scene)->end, VISIT_NOT_THEIRS);
    assert_int_equal(scene.visited.reasons.len, 0);
    scene.visit = visit;
    scene.visit.pass.record = S("0000000000000000000000000000");
    assert_int_equal(look(&scene)->end, VISIT_NO_RECORD);
    scene.visit.pass.key = scene.made->record.key; /* a later try of the message: the record is the first one's */
    assert_int_equal(look(&scene)->end, VISIT_GOOD);
    assert_true(span_eq(scene.visited.record, scene.made->report.id));
    scene.visit = visit;
    struct forgotten forgotten;
    assert_int_equal(record_forget(scene.world.store, S("a@example.net"), false, &forgotten, NULL), 0);
    assert_int_equal(look(&scene)->end, VISIT_NOT_THEIRS);
    made_free(other);
    scene_free(&scene);
}

/* ---- rows */
struct seen {
    size_t count;
    struct click_row last;
    char people[100], client[64];
};

static bool click_see(void *context, const struct click_row *row)
{
    struct seen *seen = context;
    seen->count++;
    seen->last = *row;
    snprintf(seen->people, sizeof seen->people, "%.*s", SPAN_FMT(row->people));
    snprintf(seen->client, sizeof seen->client, "%.*s", SPAN_FMT(row->client));
    return true;
}

static struct seen clicks_of(struct scene *scene)
{
    struct seen seen = {0};
    struct err err;
    assert_true(record_clicks(scene->world.store, scene->made->report.id, click_see, &seen, &err) >= 0);
    return seen;
}

static void only_a_click_is_a_click(void **state)
{
    struct scene scene = scene_new(PASS_LOCK);
    struct opened_sum opened;
    struct err err;
    act(&scene, VISIT_LOOK, NOW);
    act(&scene, VISIT_OPEN, NOW + 2);
    act(&scene, VISIT_OPEN, NOW + 1);
    assert_int_equal(clicks_of(&scene).count, 0);
    assert_int_equal(record_opened(scene.world.store, scene.made->report.id, &opened, &err), 0);
    assert_int_equal(opened.times, 2);
    assert_int_equal(opened.first, NOW + 1);
    assert_int_equal(opened.last, NOW + 2);
    act(&scene, VISIT_CLICK, NOW + 3);
    struct seen seen = clicks_of(&scene);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.last.at, NOW + 3);
    assert_string_equal(seen.people, "a@example.net");
    assert_string_equal(seen.client, "192.0.2.9");
    assert_false(seen.last.appeal);
    for (int i = 0; i < CLICKS_MOST + 10; i++)
        act(&scene, VISIT_CLICK, NOW + 4);
    assert_int_equal(clicks_of(&scene).count, CLICKS_MOST);
    scene_free(&scene);
}

static bool appeal_see(void *context, const struct appeal_row *row)
{
    struct appeal_row *last = context;
    *last = *row;
    return true;
}

static void what_is_granted_is_granted_to_those_who_asked(void **state)
{
    struct scene scene = scene_new(PASS_DOUBLE_LOCK);
    struct appeal_row row = {0};
    struct err err;
    scene.visit.note = S("I wait for it");
    assert_int_equal(act(&scene, VISIT_APPEAL, NOW)->way, WAY_ASKED);
    assert_int_equal(scene.visited.appeal, 1);
    assert_int_equal(act(&scene, VISIT_APPEAL, NOW)->appeal, 1); /* again is no second one */
    assert_int_equal(record_appeals(scene.world.store, APPEAL_WAITING, S(""), appeal_see, &row, &err), 1);
    assert_int_equal(row.state, APPEAL_WAITING);
    assert_int_equal(clicks_of(&scene).count, 1);
    assert_true(clicks_of(&scene).last.appeal);
    assert_int_equal(record_appeal_answer(scene.world.store, 2, true, S("root"), NOW + 1, &err), 0);
    assert_int_equal(record_appeal_answer(scene.world.store, 1, true, S("root"), NOW + 1, &err), 1);
    assert_int_equal(look(&scene)->way, WAY_GO);
    assert_true(scene.visited.grounds & NOW_GRANTED);
    struct visit mine = scene.visit;
    scene.visit = visit_for(&scene, PASS_DOUBLE_LOCK, false, true); /* another recipient */
    assert_int_equal(look(&scene)->way, WAY_ASK);
    scene.visit = visit_for(&scene, PASS_DOUBLE_LOCK, true, true); /* a set with him in it */
    assert_int_equal(look(&scene)->way, WAY_ASK);
    scene.visit = mine;
    scene.visit.pass.link = 1; /* another link */
    assert_int_equal(look(&scene)->way, WAY_ASK);
    scene.visit = mine;
    correct(&scene, false, NOW); /* before it was granted: who granted it knew */
    assert_int_equal(look(&scene)->way, WAY_GO);
    correct(&scene, false, NOW + 2);
    assert_int_equal(look(&scene)->way, WAY_ASK);
    scene_free(&scene);
}

static void a_refused_appeal_stays_refused(void **state)
{
    struct scene scene = scene_new(PASS_DOUBLE_LOCK);
    struct err err;
    act(&scene, VISIT_APPEAL, NOW);
    assert_int_equal(record_appeal_answer(scene.world.store, 1, false, S("root"), NOW + 1, &err), 1);
    assert_int_equal(look(&scene)->way, WAY_REFUSED);
    assert_int_equal(act(&scene, VISIT_APPEAL, NOW)->way, WAY_REFUSED);
    assert_int_equal(store_count(scene.world.store, &(struct store_query){.table = "appeal"}, &err), 1);
    assert_int_equal(record_appeal_answer(scene.world.store, 1, true, S("root"), NOW + 2, &err), 1); /* they thought again */
    assert_int_equal(look(&scene)->way, WAY_GO);
    scene_free(&scene);
}

/* ---- held messages */
static void hold(struct scene *scene, enum held_state second)
{
    struct err err;
    struct held_copies copies = {0};
    struct record_held held = {.id = scene->made->report.id, .ticket = S("0123456789abcdef"), .at = 100, .until = NOW + 100, .size = 5, .state = S("held"), .file = S("f"),
                               .mail_from = S("s@sender.example"), .enveloped = true};
    for (uint64_t i = 0; i < 2; i++)
        *vec_push(scene->world.arena, &copies.list) = (struct held_copy){.number = i, .address = span_of(people[i]), .length = 10, .state = i ? second : HELD_KEPT};
    assert_int_equal(store_begin(scene->world.store, STORE_SYNCED, &err), 0);
    if (record_hold(scene->world.store, scene->world.arena, &held, &copies, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(store_commit(scene->world.store, &err), 0);
}

static const struct visited *act_held(struct scene *scene, enum visit_act what)
{
    struct err err;
    look(scene);
    scene->visit.act = what;
    if (visit_keep(scene->world.store, scene->world.arena, &scene->visit, NOW, &scene->visited, &err) < 0)
        fail_msg("%s", err.text);
    scene->visit.act = VISIT_LOOK;
    return &scene->visited;
}

static enum held_state state_of(struct scene *scene, size_t number)
{
    struct err err;
    struct held_copies copies;
    assert_int_equal(held_copies(scene->world.store, scene->world.arena, scene->made->report.id, &copies, &err), 0);
    return copies.list.at[number].state;
}

static void held_mail_is_released_to_its_own_recipient_and_once(void **state)
{
    struct scene scene = scene_new(PASS_RELEASE);
    struct err err;
    assert_int_equal(look(&scene)->end, VISIT_NO_RECORD); /* nothing is held */
    hold(&scene, HELD_KEPT);
    assert_int_equal(look(&scene)->end, VISIT_NOT_THEIRS); /* without the ticket of this hold */
    scene.visit.pass.once = S("0123456789abcdef");
    assert_int_equal(look(&scene)->end, VISIT_GOOD);
    assert_int_equal(scene.visited.way, WAY_GO);
    assert_span(scene.visited.subject, "Your order");
    struct visit mine = scene.visit;
    scene.visit = visit_for(&scene, PASS_RELEASE, true, true); /* a pass for two is nobody's */
    scene.visit.pass.once = mine.pass.once;
    assert_int_equal(look(&scene)->end, VISIT_NOT_THEIRS);
    scene.visit = mine;
    assert_int_equal(act_held(&scene, VISIT_APPEAL)->way, WAY_GO); /* nothing to ask for */
    assert_int_equal(state_of(&scene, 0), HELD_KEPT);
    assert_int_equal(act_held(&scene, VISIT_CLICK)->way, WAY_LEFT);
    assert_int_equal(state_of(&scene, 0), HELD_LEAVING);
    assert_int_equal(state_of(&scene, 1), HELD_KEPT);
    assert_int_equal(act_held(&scene, VISIT_CLICK)->way, WAY_LEFT); /* again: nothing */
    assert_int_equal(store_count(scene.world.store, &(struct store_query){.table = "outbox"}, &err), 1);
    scene_free(&scene);
}

static void held_mail_is_asked_for(void **state)
{
    struct scene scene = scene_new(PASS_ASK);
    struct err err;
    hold(&scene, HELD_LEAVING);
    scene.visit.pass.once = S("0123456789abcdef");
    assert_int_equal(look(&scene)->way, WAY_ASK);
    act_held(&scene, VISIT_CLICK);
    assert_int_equal(state_of(&scene, 0), HELD_KEPT);
    scene.visit.note = S("I wait for it");
    assert_int_equal(act_held(&scene, VISIT_APPEAL)->way, WAY_ASKED);
    assert_int_equal(state_of(&scene, 0), HELD_ASKED);
    assert_int_equal(look(&scene)->way, WAY_ASKED);
    scene.visit = visit_for(&scene, PASS_ASK, false, true);
    scene.visit.pass.once = S("0123456789abcdef");
    assert_int_equal(look(&scene)->way, WAY_LEFT);
    struct held_done done;
    assert_int_equal(held_delete(scene.world.store, &(struct held_act){.id = scene.made->report.id, .recipient = S("a@example.net"), .by = S("root")}, NOW, &done, &err), 0);
    scene.visit = visit_for(&scene, PASS_ASK, true, false);
    scene.visit.pass.once = S("0123456789abcdef");
    assert_int_equal(look(&scene)->way, WAY_GONE);
    scene_free(&scene);
}

static void who_may_release_only_asks_where_it_turned_out_bad(void **state)
{
    struct scene scene = scene_new(PASS_RELEASE);
    hold(&scene, HELD_KEPT);
    scene.visit.pass.once = S("0123456789abcdef");
    correct(&scene, false, NOW);
    assert_int_equal(look(&scene)->way, WAY_ASK);
    scene_free(&scene);
}

static void people_are_told_of_an_appeal(void **state)
{
    struct scene scene = scene_new(PASS_DOUBLE_LOCK);
    struct jobs jobs = {0};
    struct buf bytes = {.arena = scene.world.arena};
    struct job_row row;
    struct err err;
    *vec_push(scene.world.arena, &jobs.list) = (struct job){S("desk"), S("webhook"), S("{}")};
    record_jobs_pack(&jobs, &bytes);
    scene.visit.jobs = buf_span(&bytes);
    act(&scene, VISIT_APPEAL, NOW);
    struct span job = arena_print(scene.world.arena, "%.*s.appeal-1.desk", SPAN_FMT(scene.made->report.id));
    assert_int_equal(outbox_read(scene.world.store, scene.world.arena, job, &row, &err), 1);
    assert_true(span_eq(row.id, scene.made->report.id));
    scene_free(&scene);
}

static void who_is_forgotten_clicked_nothing(void **state)
{
    struct scene scene = scene_new(PASS_DOUBLE_LOCK);
    struct forgotten forgotten;
    struct err err;
    scene.visit.note = S("please, a@example.net");
    act(&scene, VISIT_APPEAL, NOW);
    assert_int_equal(record_forget(scene.world.store, S("A@example.net"), false, &forgotten, &err), 0);
    struct seen seen = clicks_of(&scene);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.people, "x@example.net");
    assert_string_equal(seen.client, "");
    assert_int_equal(store_count(scene.world.store, &(struct store_query){.table = "appeal", STORE_WHERE({.column = "note", .is = STORE_NOT_NULL})}, &err), 0);
    scene_free(&scene);
}

static void rows_go_with_their_record_and_in_their_time(void **state)
{
    static const char *const tables[] = {"click", "opened", "appeal"};
    for (int turn = 0; turn < 2; turn++) {
        struct scene scene = scene_new(PASS_DOUBLE_LOCK);
        struct record_pruning at = {0};
        struct record_pruned gone;
        struct err err;
        act(&scene, VISIT_OPEN, NOW);
        act(&scene, VISIT_APPEAL, NOW);
        struct record_times before = {.records = turn ? 0 : NOW + 1, .outcomes = turn ? NOW + 1 : 0};
        if (record_prune(scene.world.store, &before, &at, 10, &gone, &err) < 0)
            fail_msg("%s", err.text);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(store_count(scene.world.store, &(struct store_query){.table = tables[i]}, &err), 0);
        scene_free(&scene);
    }
}

static void they_travel_between_door_and_keeper(void **state)
{
    struct scene scene = scene_new(PASS_DOUBLE_LOCK);
    struct arena *arena = scene.world.arena;
    struct buf asked = {.arena = arena}, told = {.arena = arena};
    struct visit visit;
    struct visited visited;
    look(&scene);
    visit_pack(&scene.visit, &asked);
    visited_pack(&scene.visited, &told);
    struct span one = exact_bytes(asked.at, asked.len), two = exact_bytes(told.at, told.len);
    assert_int_equal(visit_unpack(arena, one, &visit), 0);
    assert_int_equal(visited_unpack(arena, two, &visited), 0);
    assert_true(span_eq(visit.pass.whom, scene.visit.pass.whom) && visit.pass.kind == PASS_DOUBLE_LOCK && span_eq(visit.client, scene.visit.client));
    assert_true(visited.way == WAY_ASK && span_eq(visited.subject, S("Your order")) && visited.people.len == 1);
    for (size_t i = 0; i < one.len; i++)
        assert_int_equal(visit_unpack(arena, (struct span){one.at, i}, &visit), -1);
    free((void *)one.at);
    free((void *)two.at);
    scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strictest_answer_wins), cmocka_unit_test(a_corrected_neighbour_counts_as_corrected), cmocka_unit_test(it_tells_of_the_message),
        cmocka_unit_test(other_organisations_mail_says_nothing),
        cmocka_unit_test(what_is_no_record_or_not_theirs_tells_nothing), cmocka_unit_test(only_a_click_is_a_click),
        cmocka_unit_test(what_is_granted_is_granted_to_those_who_asked), cmocka_unit_test(a_refused_appeal_stays_refused),
        cmocka_unit_test(held_mail_is_released_to_its_own_recipient_and_once), cmocka_unit_test(held_mail_is_asked_for),
        cmocka_unit_test(who_may_release_only_asks_where_it_turned_out_bad), cmocka_unit_test(people_are_told_of_an_appeal), cmocka_unit_test(who_is_forgotten_clicked_nothing),
        cmocka_unit_test(rows_go_with_their_record_and_in_their_time), cmocka_unit_test(they_travel_between_door_and_keeper)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
