#include "world.h"

#include <math.h>

static const struct evidence_case *const all_cases[] = {defect_cases, path_cases, proof_cases, laundering_cases, relay_cases,
                                                          claim_cases, sender_cases, vouching_cases, link_cases, file_cases, word_cases, look_cases, stranger_cases, forwarded_cases, witness_cases, seal_cases};
enum { FILES = sizeof all_cases / sizeof *all_cases };

static bool judged_has(void (*alter)(struct world *w), const char *evidence)
{
    struct world w;
    world_make(&w);
    alter(&w);
    world_judge(&w);
    bool has = world_has(&w, evidence);
    world_free(&w);
    return has;
}

static void each_case(void **state)
{
    for (size_t file = 0; file < FILES; file++)
        for (const struct evidence_case *row = all_cases[file]; row->evidence; row++) {
            if (!judged_has(row->fires, row->evidence))
                fail_msg("%s (%s): does not fire", row->evidence, row->name);
            if (judged_has(row->near_miss, row->evidence))
                fail_msg("%s (%s): the near miss fires", row->evidence, row->name);
        }
}

/* No opinion without a case, and no row without all its words. */
static void table_is_complete(void **state)
{
    for (int id = 0; id < EVIDENCE_COUNT; id++) {
        const struct evidence_kind *kind = evidence_kind((enum evidence_id)id);
        size_t cases = 0;
        for (size_t file = 0; file < FILES; file++)
            for (const struct evidence_case *row = all_cases[file]; row->evidence; row++)
                cases += strcmp(row->evidence, kind->name) == 0;
        if (!cases)
            fail_msg("%s: has no case", kind->name);
        for (int language = 0; language < 2; language++) {
            assert_true(strlen(kind->text[language]) > 10 && strlen(kind->caution[language]) > 10);
            assert_true(span_is_ascii(span_of(kind->text[language])) == (language == LANGUAGE_EN));
            assert_true(span_is_ascii(span_of(kind->caution[language])) == (language == LANGUAGE_EN));
        }
        for (const char *slot = "123"; *slot; slot++) { /* both languages rest on the same words */
            char word[] = {'{', *slot, '}', 0};
            if (!strstr(kind->text[0], word) != !strstr(kind->text[1], word))
                fail_msg("%s: %s stands in one language only", kind->name, word);
        }
        if (kind->tag[0] && (!tag_text(span_of(kind->tag), LANGUAGE_EN) || !tag_text(span_of(kind->tag), LANGUAGE_JA)))
            fail_msg("%s: its tag %s is not in tag.def", kind->name, kind->tag);
        enum evidence_id found;
        assert_true(evidence_by_name(span_of(kind->name), &found) && found == (enum evidence_id)id);
    }
}

static void reject_alone(struct world *w)
{
    dmarc_fails(w, "reject");
}
static void reject_and_everything(struct world *w)
{
    dmarc_fails(w, "reject");
    w->proof.spf.result = PROOF_FAIL;
    w->dkim[0].result = PROOF_FAIL;
}
static void nothing_known(struct world *w)
{
    dmarc_fails(w, "reject");
    w->proof.basis = BASIS_NONE;
}

static void names_silent(struct world *w)
{
    w->proof.spf.result = w->dkim[0].result = w->proof.dmarc.result = PROOF_TEMPERROR;
}
static void one_name_silent(struct world *w)
{
    w->proof.spf.result = PROOF_UNKNOWN;
}
/* The guard lets it leave, or says nothing that weighs: nobody's domain, who knows whose. */
static void leaves(struct world *w)
{
    w->arrival.direction = DIRECTION_OUTBOUND;
    defect_put(w, DEFECT_MESSAGE_LIMIT, 0, "");
    w->relay = (struct relay_use){.applies = true, .customer = &w->customer, .leave = RELAY_ALLOW, .sign = RELAY_DENY};
}
static void denied_without_proofs(struct world *w)
{
    w->arrival.direction = DIRECTION_OUTBOUND;
    w->relay = (struct relay_use){.applies = true, .customer = &w->customer, .leave = RELAY_DENY, .sign = RELAY_DENY};
}

static const struct {
    const char *name;
    void (*alter)(struct world *w);
    enum verdict verdict;
    const char *action;
    bool unknown; /* tagged as such */
} verdicts[] = {
    {"honest", honest, VERDICT_CLEAN, "deliver", false},
    {"a failed proof alone", reject_alone, VERDICT_SUSPICIOUS, "banner", false},
    {"all proofs failed", reject_and_everything, VERDICT_SUSPICIOUS, "banner", false},
    {"outbound, cut at a limit", leaves, VERDICT_SUSPICIOUS, "tag", false},
    {"denied by the guard", denied_without_proofs, VERDICT_CLEAN, "hold", false},
    {"nothing known", nothing_known, VERDICT_CLEAN, "deliver", true},
    {"names silent", names_silent, VERDICT_CLEAN, "deliver", true},
    {"one name silent", one_name_silent, VERDICT_CLEAN, "deliver", false},
};

static void each_verdict(void **state)
{
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        struct world w;
        world_make(&w);
        verdicts[i].alter(&w);
        world_judge(&w);
        if (w.report.verdict != verdicts[i].verdict || !span_eq(w.report.actions.at[0].action, span_of(verdicts[i].action)))
            fail_msg("%s: %s, score %.2f", verdicts[i].name, verdict_name(w.report.verdict), w.report.score);
        bool tagged = false;
        vec_each(tag, &w.report.tags)
            tagged |= span_eq(*tag, S("nothing-verified"));
        assert_true(tagged == verdicts[i].unknown);
        assert_span(w.report.actions.at[0].recipients.at[0], "bob@here.example");
        assert_span(w.report.actions.at[0].mode, "passive");
        world_free(&w);
    }
}

/* Whatever the guard denies to a customer's name is malicious, and so is laundering. */
static void denial_and_laundering_are_malicious(void **state)
{
    const struct evidence_case *const files[] = {relay_cases, laundering_cases};
    for (size_t file = 0; file < 2; file++)
        for (const struct evidence_case *row = files[file]; row->evidence; row++) {
            struct world w;
            world_make(&w);
            row->fires(&w);
            world_judge(&w);
            bool milder = strcmp(row->evidence, "relay-nobody") == 0 || strcmp(row->evidence, "laundered-signature") == 0;
            if (w.report.verdict != (milder ? VERDICT_SUSPICIOUS : VERDICT_MALICIOUS))
                fail_msg("%s: %s, score %.2f", row->evidence, verdict_name(w.report.verdict), w.report.score);
            world_free(&w);
        }
}

/* The strongest of a group counts whole, the next by half, the third by a quarter. */
static void groups_do_not_count_twice(void **state)
{
    struct world w;
    world_make(&w);
    reject_and_everything(&w);
    world_judge(&w);
    double sum = log(0.005 / 0.995), share = 1;
    vec_each(evidence, &w.report.evidence) {
        const struct evidence_kind *kind = evidence_kind(evidence->id);
        assert_string_equal(kind->group, "proof");
        assert_true(fabs(evidence->weight - kind->prior * share) < 1e-9);
        sum += evidence->weight;
        share /= 2;
    }
    assert_int_equal(w.report.evidence.len, 4);
    assert_true(fabs(w.report.score - 100 / (1 + exp(-sum))) < 1e-9);
    assert_true(fabs(score_odds(20) - 0.25) < 1e-9);
    world_free(&w);
}

static void id_is_of_the_arrival(void **state)
{
    struct world first, second;
    world_make(&first);
    world_make(&second);
    world_judge(&first);
    world_judge(&second);
    assert_int_equal(first.report.id.len, 28);
    assert_true(span_eq(first.report.id, second.report.id));
    second.arrival.mail_from = S("x@brand.example");
    world_judge(&second);
    assert_false(span_eq(first.report.id, second.report.id));
    assert_true(span_eq(span_first(first.report.id, 8), span_first(second.report.id, 8))); /* the time */
    world_free(&first);
    world_free(&second);
}

/* A stranger's word that looks like a slot is a word. */
static void words_are_not_looked_into(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct evidence evidence = {.id = EVIDENCE_RELAY_POOL, .words = {exact("{1}{2}{3}")}};
    assert_non_null(span_find(evidence_text(arena, &evidence, LANGUAGE_EN), S("({1}{2}{3})")));
    free((char *)evidence.words[0].at);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case), cmocka_unit_test(table_is_complete), cmocka_unit_test(each_verdict),
        cmocka_unit_test(denial_and_laundering_are_malicious), cmocka_unit_test(groups_do_not_count_twice),
        cmocka_unit_test(id_is_of_the_arrival), cmocka_unit_test(words_are_not_looked_into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
