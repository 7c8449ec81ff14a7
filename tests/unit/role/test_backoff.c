#include "exact.h"
#include "role/parent.h"

static void waits_double_up_to_a_bound_and_begin_anew_after_a_quiet_minute(void **state)
{
    static const struct {
        int64_t lived, waits;
    } rows[] = {{10, 100}, {10, 200}, {59999, 400}, {0, 800}, {60000, 100}, {1, 200}, {1, 400}, {1, 800}, {1, 1600}, {1, 3200}, {1, 6400},
                {1, 12800}, {1, 25600}, {1, 30000}, {1, 30000}, {70000, 100}};
    struct backoff backoff = {0};
    int64_t now = 1000000;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        backoff_started(&backoff, now);
        assert_int_equal(backoff.due, 0);
        now += rows[i].lived;
        backoff_died(&backoff, now);
        assert_int_equal(backoff.due - now, rows[i].waits);
        now = backoff.due;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(waits_double_up_to_a_bound_and_begin_anew_after_a_quiet_minute)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
