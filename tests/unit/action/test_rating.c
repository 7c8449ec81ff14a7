/* What servers that know other filters' words are told: one row for each outcome, and number, flag and action agree. */
#include "exact.h"
#include "action/rating.h"

/* acts: "active" is that something is in force; "hold" and "reject" are fates. */
static struct rating rating_of(enum verdict verdict, double score, bool subject, const char *acts)
{
    struct rating out;
    enum act act;
    struct rated_facts facts = {.verdict = verdict, .score = score, .subject = subject};
    struct span rest = span_of(acts), word;
    while (span_word(&rest, &word)) {
        facts.active = true;
        if (span_eq(word, S("hold")) || span_eq(word, S("reject")))
            facts.fate = word.at[0] == 'h' ? FATE_HOLD : FATE_REJECT;
        else if (act_by_name(word, &act))
            facts.acts |= act;
        else
            assert_true(span_eq(word, S("active")));
    }
    rating_judged(&facts, &out);
    return out;
}

static void outcomes_have_their_row(void **state)
{
    static const struct {
        enum verdict verdict;
        double score;
        bool subject;
        const char *acts;
        enum rating_id id;
        const char *action;
        bool spam;
        double told;
    } rows[] = {
        {VERDICT_CLEAN, 1, false, "", RATING_IDLE, "no action", false, 0},
        {VERDICT_MALICIOUS, 99, false, "", RATING_IDLE, "no action", false, 0}, /* passive acts on nothing, by number neither */
        {VERDICT_CLEAN, 50, false, "active", RATING_PASS, "no action", false, 2.45},
        {VERDICT_MALICIOUS, 100, false, "active", RATING_PASS, "no action", false, 4.9}, /* no policy wants anything of it */
        {VERDICT_CLEAN, 0, false, "headers", RATING_PASS, "no action", false, 0},
        {VERDICT_SUSPICIOUS, 50, false, "headers", RATING_MARK, "add header", true, 7.95},
        {VERDICT_SUSPICIOUS, 50, false, "banner tag", RATING_MARK, "add header", true, 7.95},
        {VERDICT_SUSPICIOUS, 50, true, "banner tag", RATING_TAG, "rewrite subject", true, 7.95},
        {VERDICT_SUSPICIOUS, 50, false, "tag", RATING_MARK, "add header", true, 7.95},
        {VERDICT_SUSPICIOUS, 50, true, "tag", RATING_TAG, "rewrite subject", true, 7.95},
        {VERDICT_CLEAN, 0, true, "tag", RATING_TAG_CLEAN, "rewrite subject", false, 0},
        {VERDICT_CLEAN, 0, false, "tag", RATING_PASS, "no action", false, 0},
        {VERDICT_CLEAN, 0, true, "banner tag", RATING_TAG_CLEAN, "rewrite subject", false, 0},
        {VERDICT_CLEAN, 0, false, "junk", RATING_MARK, "add header", true, 6},
        {VERDICT_SUSPICIOUS, 50, false, "copy", RATING_PASS, "no action", false, 2.45},
        {VERDICT_SUSPICIOUS, 50, false, "rename", RATING_MARK, "add header", true, 7.95},
        {VERDICT_MALICIOUS, 100, false, "hold copy", RATING_HOLD, "quarantine", true, 14.9},
        {VERDICT_MALICIOUS, 100, false, "reject", RATING_REJECT, "reject", true, 20},
        {VERDICT_CLEAN, 0, false, "reject", RATING_REJECT, "reject", true, 15},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rating got = rating_of(rows[i].verdict, rows[i].score, rows[i].subject, rows[i].acts);
        if (got.id != rows[i].id || strcmp(got.action, rows[i].action) != 0 || got.spam != rows[i].spam || got.score < rows[i].told - 0.001 || got.score > rows[i].told + 0.001)
            fail_msg("%zu %s: %d %s %d %f", i, rows[i].acts, got.id, got.action, got.spam, got.score);
    }
}

static void what_nobody_judged_passes_or_comes_again(void **state)
{
    struct rating got;
    rating_unjudged(false, false, &got);
    assert_string_equal(got.action, "no action");
    rating_unjudged(false, true, &got);
    assert_string_equal(got.action, "no action");
    rating_unjudged(true, false, &got);
    assert_string_equal(got.action, "soft reject");
    rating_unjudged(true, true, &got);
    assert_string_equal(got.action, "reject");
    assert_false(got.spam);
}

/* Whoever compares the score with a threshold does what the flag says, at both ends of every row. */
static void numbers_and_flags_agree(void **state)
{
    static const struct {
        bool spam;
        double least, most;
    } rows[] = {
#define RATING(id, when, action, spam, least, most) {spam, least, most},
#include "action/rating.def"
#undef RATING
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(rows[i].least <= rows[i].most);
        assert_int_equal(rows[i].least >= RATING_SPAM_AT, rows[i].spam);
        assert_int_equal(rows[i].most >= RATING_SPAM_AT, rows[i].spam);
    }
    assert_true(rating_of(VERDICT_SUSPICIOUS, 1000, false, "junk").score < RATING_REJECT_AT);
    assert_true(rating_of(VERDICT_CLEAN, -5, false, "active").score == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(outcomes_have_their_row), cmocka_unit_test(what_nobody_judged_passes_or_comes_again),
                                       cmocka_unit_test(numbers_and_flags_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
