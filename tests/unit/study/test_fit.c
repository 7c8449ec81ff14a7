#include "exact.h"

#include "study/study.h"

#include <math.h>

/* A made-up world: `share` of bad and of honest messages show an evidence, independently of all others. */
static void cases_put(struct study *study, size_t folder, size_t count, size_t first, size_t every, enum evidence_id id)
{
    for (size_t i = 0; i < count; i++) {
        struct study_case *one = vec_push(study->arena, &study->cases);
        *one = (struct study_case){.name = "x", .folder = folder, .bad = study->folders.at[folder].bad, .could = ~0U,
                                   .campaign = study->cases.len - 1, .time = (int64_t)i};
        if (every && i % every == first)
            *vec_push(study->arena, &one->fired) = (struct study_fired){.id = (uint16_t)id};
        study->folders.at[folder].count++;
    }
}

static struct study *world(size_t bad_every, size_t honest_every, enum evidence_id id)
{
    struct study *study = study_new();
    *vec_push(study->arena, &study->folders) = (struct study_folder){.name = "honest"};
    *vec_push(study->arena, &study->folders) = (struct study_folder){.name = "bad", .bad = true};
    cases_put(study, 0, 1000, 0, honest_every, id);
    cases_put(study, 1, 1000, 0, bad_every, id);
    return study;
}

static struct fitted fitted_of(size_t bad_every, size_t honest_every, enum evidence_id id)
{
    struct fit_settings settings;
    struct fitted out;
    struct study *study = world(bad_every, honest_every, id);
    fit_settings_default(&settings);
    study_fit(study, &settings, NULL, &out);
    study_free(&study);
    return out;
}

/* One fact alone: its weight is the logarithm of the ratio of its shares, as far as the pull lets it. */
static void weight_is_ratio(void **state)
{
    struct fitted fitted = fitted_of(2, 20, EVIDENCE_SPF_SOFTFAIL);
    double absence = fitted.absence[NEED_ANY] + fitted.absence[NEED_LINKS] + fitted.absence[NEED_CLAIM];
    assert_true(fabs(fitted.weights[EVIDENCE_SPF_SOFTFAIL] + absence - log(10)) < 0.15);
    assert_true(fabs(absence - log(0.5 / 0.95)) < 0.1); /* half of the bad ones lack it, and 19 of 20 honest ones */
    assert_true(fitted.low[EVIDENCE_SPF_SOFTFAIL] < log(10) - absence && fitted.high[EVIDENCE_SPF_SOFTFAIL] > log(10) - absence);
    assert_int_equal(fitted.bad_fired[EVIDENCE_SPF_SOFTFAIL], 500);
    assert_int_equal(fitted.honest_fired[EVIDENCE_SPF_SOFTFAIL], 50);
    assert_true(fitted.free[EVIDENCE_SPF_SOFTFAIL]);
}

/* Mail that teaches the contrary of what a person would defend teaches nothing. */
static void sign_is_held(void **state)
{
    assert_true(fitted_of(20, 2, EVIDENCE_SPF_SOFTFAIL).weights[EVIDENCE_SPF_SOFTFAIL] == 0);
    assert_true(fitted_of(2, 20, EVIDENCE_ALIGNED_PASS).weights[EVIDENCE_ALIGNED_PASS] == 0);
    assert_true(fitted_of(20, 2, EVIDENCE_ALIGNED_PASS).weights[EVIDENCE_ALIGNED_PASS] < -1.5);
}

static void prior_stands(void **state)
{
    struct fit_settings settings;
    struct fitted out;
    struct study *study = world(2, 20, EVIDENCE_SPF_SOFTFAIL);
    fit_settings_default(&settings);
    for (size_t i = 0; i < 801; i++) /* of the honest ones 199 are left that it could fire on */
        study->cases.at[i].could = 1U << NEED_ANY;
    study_fit(study, &settings, NULL, &out);
    assert_false(out.free[EVIDENCE_SPF_SOFTFAIL]);
    assert_true(out.weights[EVIDENCE_SPF_SOFTFAIL] == evidence_kind(EVIDENCE_SPF_SOFTFAIL)->prior);
    study->cases.at[0].could = ~0U;
    study_fit(study, &settings, NULL, &out);
    assert_true(out.free[EVIDENCE_SPF_SOFTFAIL]);
    assert_false(out.free[EVIDENCE_SPF_FAIL]); /* it could fire on as many, and fired on none */
    assert_true(out.weights[EVIDENCE_SPF_FAIL] == evidence_kind(EVIDENCE_SPF_FAIL)->prior);
    study_free(&study);
}

/* The same fact told twice within a group is worth one and a half, not two. */
static void groups_count(void **state)
{
    double weights[EVIDENCE_COUNT] = {0}, absence[NEED_COUNT] = {[NEED_LINKS] = -0.3, [NEED_CLAIM] = -9};
    struct study_fired fired[] = {{EVIDENCE_SPF_FAIL, false}, {EVIDENCE_SPF_SOFTFAIL, false}, {EVIDENCE_ALIGNED_PASS, false}};
    struct study_case one = {.could = 1U << NEED_ANY | 1U << NEED_LINKS};
    one.fired.at = fired;
    one.fired.len = 3;
    weights[EVIDENCE_SPF_FAIL] = 2;
    weights[EVIDENCE_SPF_SOFTFAIL] = 1;
    weights[EVIDENCE_ALIGNED_PASS] = -0.7;
    assert_true(fabs(study_sum(&one, weights, absence) - (2 + 0.5 - 0.7 - 0.3)) < 1e-9);
    fired[0].half = true; /* of the same weight now, and first by its place in the table */
    weights[EVIDENCE_SPF_FAIL] = 4;
    assert_true(fabs(study_sum(&one, weights, absence) - (2 + 0.5 - 0.7 - 0.3)) < 1e-9);
}

static void campaigns_stay_whole(void **state)
{
    unsigned parts[2001], later[2001];
    struct study *study = world(2, 20, EVIDENCE_SPF_SOFTFAIL);
    for (size_t i = 0; i < 2000; i++)
        study->cases.at[i].keys[i % 3] = i % 1000 < 100 ? 7 : 0; /* of both kinds: honest and bad never share a campaign */
    study_group(study);
    assert_int_equal(study->campaigns, 2000 - 200 + 2 * 3);
    study_parts(study, 5, parts);
    study_later(study, 0.4, later);
    for (size_t i = 0; i < 2000; i++) {
        assert_true(parts[i] < 5);
        assert_int_equal(parts[i], parts[study->cases.at[i].campaign]);
        assert_int_equal(later[i], later[study->cases.at[i].campaign]);
    }
    size_t count = 0;
    for (size_t i = 0; i < 1000; i++)
        count += later[i];
    assert_true(count >= 380 && count <= 420);
    study_free(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(weight_is_ratio), cmocka_unit_test(sign_is_held), cmocka_unit_test(prior_stands),
                                       cmocka_unit_test(groups_count), cmocka_unit_test(campaigns_stay_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
