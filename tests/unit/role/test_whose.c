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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_envelope_tells)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
