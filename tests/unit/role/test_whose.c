/* Whose mail it is: by the envelope alone, outbound mail by its sender. */
#include "exact.h"
#include "role/duty.h"

static void organisation_add(struct arena *arena, struct whose *whose, struct span id, bool hold, struct span one, struct span other)
{
    struct whose_organisation *organisation = vec_push(arena, &whose->list);
    *organisation = (struct whose_organisation){.id = id, .unjudged_hold = hold};
    *vec_push(arena, &organisation->domains) = one;
    if (other.len)
        *vec_push(arena, &organisation->domains) = other;
}

static void the_envelope_tells(void **state)
{
    static const struct {
        enum direction direction;
        const char *from, *to[2], *of_listener, *org, *recipients[2];
    } rows[] = {
        {DIRECTION_INBOUND, "a@two.example", {"b@one.example", "c@two.example"}, "", "one", {"one", "two"}},
        {DIRECTION_INBOUND, "a@one.example", {"b@mail.one.example", NULL}, "", "one", {"one"}},
        {DIRECTION_INBOUND, "a@one.example", {"b@a.two.one.example", NULL}, "", "two", {"two"}}, /* the longest wins */
        {DIRECTION_INBOUND, "a@one.example", {"b@none.example", "c@ONE.example"}, "", "one", {"", "one"}},
        {DIRECTION_INBOUND, "a@one.example", {"b@none.example", NULL}, "", "", {""}},
        {DIRECTION_INBOUND, "", {"b@notone.example", "local"}, "", "", {"", ""}},
        {DIRECTION_OUTBOUND, "a@one.example", {"b@two.example", NULL}, "", "one", {"two"}},
        {DIRECTION_SUBMISSION, "a@none.example", {"b@two.example", NULL}, "", "", {"two"}},
        {DIRECTION_OUTBOUND, "a@b\xc3\xbc" "cher.example", {"b@none.example", NULL}, "", "two", {""}},
        {DIRECTION_INBOUND, "a@one.example", {"b@one.example", NULL}, "two", "two", {"one"}}, /* whatever comes in there */
    };
    struct arena *arena = arena_new(1 << 20);
    struct whose built = {0}, whose;
    struct buf bytes = {.arena = arena};
    organisation_add(arena, &built, S("one"), false, S("one.example"), S(""));
    organisation_add(arena, &built, S("two"), true, S("two.example"), S("two.one.example"));
    *vec_push(arena, &built.list.at[1].domains) = S("xn--bcher-kva.example");
    whose_pack(&built, &bytes);
    assert_int_equal(whose_unpack(arena, buf_span(&bytes), &whose), 0);
    assert_true(whose_by_id(&whose, S("two"))->unjudged_hold);
    assert_false(whose_by_id(&whose, S("one"))->unjudged_hold);
    assert_null(whose_by_id(&whose, S("")));
    assert_int_equal(whose_unpack(arena, span_first(buf_span(&bytes), bytes.len - 1), &(struct whose){0}), -1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arrival arrival = {.direction = rows[i].direction, .mail_from = span_of(rows[i].from), .org = span_of(rows[i].of_listener)};
        for (size_t k = 0; k < 2 && rows[i].to[k]; k++)
            *vec_push(arena, &arrival.rcpt_to) = (struct recipient){.address = span_of(rows[i].to[k])};
        whose_arrival(arena, &whose, &arrival);
        if (!span_eq(arrival.org, span_of(rows[i].org)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(arrival.org));
        for (size_t k = 0; k < arrival.rcpt_to.len; k++)
            if (!span_eq(arrival.rcpt_to.at[k].org, span_of(rows[i].recipients[k])))
                fail_msg("row %zu, recipient %zu: %.*s", i, k, SPAN_FMT(arrival.rcpt_to.at[k].org));
    }
    arena_free(&arena);
}

/* The jobs that follow, after the way to a door and to the keeper. */
static size_t planned(struct arena *arena, const struct whose *built, struct span org, enum direction direction)
{
    struct buf bytes = {.arena = arena}, packed = {.arena = arena};
    struct whose whose;
    struct jobs jobs;
    struct arrival arrival = {.org = org, .direction = direction};
    whose_pack(built, &bytes);
    assert_int_equal(whose_unpack(arena, buf_span(&bytes), &whose), 0);
    unjudged_plan(arena, &whose, &(struct unjudged){S("aaaa"), UNJUDGED_KILLED, true, &arrival}, &packed);
    assert_int_equal(record_jobs_unpack(arena, buf_span(&packed), &jobs), 0);
    if (jobs.list.len)
        assert_int_equal(record_jobs_unpack(arena, span_first(buf_span(&packed), packed.len - 1), &(struct jobs){0}), -1);
    if (jobs.list.len)
        assert_span(jobs.list.at[0].lane, org.len ? "desk" : "all");
    return jobs.list.len;
}

static void who_is_told_of_the_unjudged_goes_by_the_organisation(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct whose whose = {0};
    struct notice desk = {.name = S("desk"), .kind = S("webhook"), .when.unjudged = NOTICE_UNJUDGED_ALSO}, all = desk;
    organisation_add(arena, &whose, S("one"), false, S("one.example"), S(""));
    organisation_add(arena, &whose, S("two"), false, S("two.example"), S(""));
    whose.list.at[0].notices.organisation = S("one");
    *vec_push(arena, &desk.when.directions) = S("inbound");
    *vec_push(arena, &desk.when.organisations) = S("one");
    *vec_push(arena, &whose.list.at[0].notices.list) = desk;
    all.name = S("all");
    *vec_push(arena, &whose.notices.list) = all;
    assert_int_equal(planned(arena, &whose, S("one"), DIRECTION_INBOUND), 1);
    assert_int_equal(planned(arena, &whose, S("one"), DIRECTION_OUTBOUND), 0);
    assert_int_equal(planned(arena, &whose, S("two"), DIRECTION_INBOUND), 0);
    assert_int_equal(planned(arena, &whose, S(""), DIRECTION_OUTBOUND), 1);
    whose.list.at[0].notices.list.at[0].when.unjudged = NOTICE_UNJUDGED_NO;
    assert_int_equal(planned(arena, &whose, S("one"), DIRECTION_INBOUND), 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_envelope_tells), cmocka_unit_test(who_is_told_of_the_unjudged_goes_by_the_organisation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
