#include "exact.h"

#include "study/study.h"

#include <math.h>

static bool is_near(double a, double b)
{
    return fabs(a - b) < 5e-4;
}

/* Wilson's interval; the figures of 1 of 84 and 0 of 84 can be looked up. */
static void intervals(void **state)
{
    struct share share = share_of(1, 84);
    assert_true(is_near(share.low, 0.0021) && is_near(share.high, 0.0645));
    share = share_of(0, 84);
    assert_true(share.low == 0 && is_near(share.high, 0.0437));
    share = share_of(84, 84);
    assert_true(is_near(share.low, 0.9563) && share.high == 1);
    share = share_of(0, 0);
    assert_true(share.low == 0 && share.high == 1);
}

static struct study *world(const char *kinds)
{
    struct study *study = study_new();
    *vec_push(study->arena, &study->folders) = (struct study_folder){.name = "a"};
    *vec_push(study->arena, &study->folders) = (struct study_folder){.name = "b"};
    *vec_push(study->arena, &study->folders) = (struct study_folder){.name = "bad", .bad = true};
    for (; *kinds; kinds++) {
        size_t folder = *kinds == '+' ? 2 : (size_t)(*kinds - 'a');
        *vec_push(study->arena, &study->cases) = (struct study_case){.name = "x", .folder = folder, .bad = folder == 2};
    }
    return study;
}

static void curve(void **state)
{
    struct study *study = world("++a+b");
    double limit, sums[] = {5, 4, 3, 2, 2};
    assert_true(is_near(study_auc(study, sums, NULL, -1), 4.5 / 6));
    assert_true(is_near(study_auc(study, sums, NULL, 0), 2 / 3.0));
    assert_true(is_near(study_recall(study, sums, NULL, -1, 0, &limit), 2 / 3.0) && limit == 4);
    assert_true(is_near(study_recall(study, sums, NULL, -1, 0.5, &limit), 2 / 3.0)); /* the third shares its sum with an honest one */
    assert_true(is_near(study_recall(study, sums, NULL, -1, 1, &limit), 1) && limit == 2);
    bool taken[] = {true, false, true, false, true};
    assert_true(is_near(study_recall(study, sums, taken, -1, 0, &limit), 1) && limit == 5);
    study_free(&study);
}

static void nothing_caught(void **state)
{
    struct study *study = world("a+");
    double limit, sums[] = {9, 1};
    assert_true(study_recall(study, sums, NULL, -1, 0.01, &limit) == 0 && isinf(limit));
    assert_true(study_auc(study, sums, NULL, -1) == 0);
    study_free(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals), cmocka_unit_test(curve), cmocka_unit_test(nothing_caught)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
