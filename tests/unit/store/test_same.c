/* store: the same calls, chosen at random, on every driver: the same answers. The seed is fixed; SEKIMORI_SEED gives another. */
#include "world.h"

enum { STEPS = 4000, ANSWER = 1 << 16 };

static uint64_t luck, seen;

static unsigned below(unsigned n)
{
    luck = luck * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(luck >> 33) % n;
}

static const char *const texts[] = {"", "a", "ab", "abc", "b", "ba", "A", "Ab", "aB?", "a*b", "請", "請求", "請求書", "z\xc3\xbf", "~", "\x7f"};
static const char *const patterns[] = {"*", "", "a*", "*b*", "?", "??", "請*", "*求*", "a?*", "*a", "A*", "ab", "***", "*?*", "請?", "z*", "~*"};
#define ONE_OF(list) (list)[below(sizeof(list) / sizeof *(list))]

static struct store_value value_any(enum store_type type, bool null)
{
    if (null && below(4) == 0)
        return STORE_NONE(type);
    switch (type) {
    case STORE_INTEGER:
        return STORE_INT((int64_t)below(12) - 3);
    case STORE_REAL:
        return STORE_NUMBER(below(6) / 2.0 - 1);
    case STORE_TEXT:
        return words(ONE_OF(texts));
    case STORE_BYTES:
        return STORE_BLOB(span_of(ONE_OF(texts)));
    }
    return STORE_INT(0);
}

static const struct {
    const char *name;
    enum store_type type;
    bool null;
} columns[MAIL_COLUMNS] = {{"org", STORE_TEXT, false}, {"id", STORE_TEXT, false}, {"at", STORE_INTEGER, false}, {"sender", STORE_TEXT, true}, {"score", STORE_REAL, true},
                           {"digest", STORE_BYTES, true}, {"subject", STORE_TEXT, true}, {"note", STORE_TEXT, true}, {"seen", STORE_INTEGER, true}};

struct question {
    struct store_where where[4];
    struct store_value values[4][3], after[3], link;
    struct store_where inner;
    struct store_query among, query;
};

static void condition_any(struct question *question, size_t i)
{
    unsigned column = below(MAIL_COLUMNS);
    enum store_type type = columns[column].type;
    struct store_where *where = &question->where[i];
    *where = (struct store_where){.column = columns[column].name, .is = 1 + below(STORE_NOT_NULL), .values = question->values[i], .count = below(4)};
    for (int j = 0; j < 3; j++)
        question->values[i][j] = value_any(type, false);
    if (where->is == STORE_PREFIX && (type == STORE_INTEGER || type == STORE_REAL))
        where->is = STORE_GE;
    if ((where->is == STORE_GLOB || where->is == STORE_GLOB_ANY || where->is == STORE_AMONG) && type != STORE_TEXT)
        where->is = STORE_LE;
    where->value = where->is == STORE_GLOB || where->is == STORE_GLOB_ANY ? words(ONE_OF(patterns)) : value_any(type, false);
    where->among = &question->among;
}

static void question_any(struct question *question, bool reads)
{
    static const char *const orders[] = {"org id", "at org id", "org at id", "id org", "sender at org id", "subject id org"};
    size_t wheres = below(4);
    for (size_t i = 0; i < wheres; i++)
        condition_any(question, i);
    question->inner = STORE_IS("host", STORE_PREFIX, words(ONE_OF(texts)));
    question->among = (struct store_query){.table = "link", .where = &question->inner, .wheres = below(2), .columns = "mail"};
    question->query = (struct store_query){.table = "mail", .where = question->where, .wheres = wheres, .order = ONE_OF(orders), .descending = below(2), .limit = below(3) ? 0 : 1 + below(5)};
    if (!reads || below(3))
        return;
    bool first = below(2);
    question->query.order = first ? "at org id" : "org id";
    question->after[0] = first ? value_any(STORE_INTEGER, false) : value_any(STORE_TEXT, false);
    question->after[1] = question->after[2] = value_any(STORE_TEXT, false);
    question->query.after = question->after;
}

struct answer {
    char text[ANSWER];
    size_t len;
};

static bool answer_take(void *context, const struct store_value *values)
{
    struct answer *answer = context;
    for (int i = 0; i < MAIL_COLUMNS; i++) {
        char *at = answer->text + answer->len;
        size_t room = ANSWER - answer->len;
        if (values[i].null)
            answer->len += (size_t)snprintf(at, room, "-|");
        else if (values[i].type == STORE_INTEGER)
            answer->len += (size_t)snprintf(at, room, "%lld|", (long long)values[i].integer);
        else if (values[i].type == STORE_REAL)
            answer->len += (size_t)snprintf(at, room, "%g|", values[i].real);
        else
            answer->len += (size_t)snprintf(at, room, "'%.*s'|", SPAN_FMT(values[i].span));
    }
    assert_true(answer->len + 200 < ANSWER);
    return true;
}

static int64_t writing(struct store *store, unsigned kind, const struct question *question, const struct store_value *row, const struct store_change *changes, struct err *err)
{
    if (kind == 0)
        return store_update(store, &question->query, changes, 3, err);
    if (kind == 1)
        return store_delete(store, &question->query, err);
    return store_insert(store, "mail", row, kind == 2 ? STORE_REPLACE : kind == 3 ? STORE_KEEP : STORE_FAIL, err);
}

static void write_any(struct store *const stores[2], int step)
{
    struct question question;
    struct store_value row[MAIL_COLUMNS];
    struct err err[2];
    unsigned kind = below(24);
    question_any(&question, false);
    if (kind == 1)
        question.query.limit = 1 + below(5);
    for (int i = 0; i < MAIL_COLUMNS; i++)
        row[i] = value_any(columns[i].type, columns[i].null);
    if (below(3))
        row[5] = STORE_NONE(STORE_BYTES);
    const struct store_change changes[] = {{"at", STORE_PLUS, value_any(STORE_INTEGER, false)}, {"subject", below(2) ? STORE_LEAST : STORE_GREATEST, value_any(STORE_TEXT, false)},
                                           {"seen", below(2) ? STORE_SET : STORE_PLUS, value_any(STORE_INTEGER, false)}};
    int64_t first = writing(stores[0], kind, &question, row, changes, &err[0]), second = writing(stores[1], kind, &question, row, changes, &err[1]);
    if (first != second || (first < 0 && store_fault(stores[0]) != store_fault(stores[1])))
        fail_msg("step %d, kind %u: %lld and %lld (%s; %s)", step, kind, (long long)first, (long long)second, first < 0 ? err[0].text : "", second < 0 ? err[1].text : "");
}

static void read_any(struct store *const stores[2], int step)
{
    static struct answer answers[2];
    struct question question;
    struct err err;
    question_any(&question, true);
    for (int i = 0; i < 2; i++) {
        answers[i].len = 0;
        answers[i].text[0] = 0;
        int64_t found = store_find(stores[i], &question.query, answer_take, &answers[i], &err);
        if (found < 0)
            fail_msg("step %d: %s", step, err.text);
        assert_int_equal(store_count(stores[i], &question.query, &err), found);
        seen += (uint64_t)found;
    }
    if (strcmp(answers[0].text, answers[1].text) != 0)
        fail_msg("step %d, order %s: \"%s\" and \"%s\"", step, question.query.order, answers[0].text, answers[1].text);
}

static void transaction_any(struct store *const stores[2], bool *open)
{
    struct err err;
    bool keep = below(2);
    for (int i = 0; i < 2; i++)
        if (!*open)
            assert_int_equal(store_begin(stores[i], STORE_RELAXED, &err), 0);
        else if (keep)
            assert_int_equal(store_commit(stores[i], &err), 0);
        else
            store_rollback(stores[i]);
    *open = !*open;
}

static void drivers_answer_alike(void **state)
{
    struct store *stores[2] = {opened("memory:"), opened(path)};
    struct err err;
    bool open = false;
    seen = 0;
    const char *seed = getenv("SEKIMORI_SEED");
    luck = seed ? strtoull(seed, NULL, 10) : 4;
    for (int step = 0; step < STEPS; step++) {
        unsigned what = below(40);
        if (what == 0 || (!open && what < 10)) /* mostly inside one: each write outside waits for the disk */
            transaction_any(stores, &open);
        else if (what < 20)
            write_any(stores, step);
        else if (what < 36)
            read_any(stores, step);
        else
            for (struct store_value link[2] = {words(ONE_OF(texts)), words(ONE_OF(texts))}, *one = link; one; one = NULL)
                for (int i = 0; i < 2; i++)
                    assert_true(store_insert(stores[i], "link", link, STORE_KEEP, &err) >= 0);
    }
    assert_true(seen > STEPS); /* else it asks nothing worth an answer */
    for (int i = 0; i < 2; i++) {
        store_rollback(stores[i]);
        assert_int_equal(store_check(stores[i], NULL, NULL, &err), 0);
        store_close(&stores[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(drivers_answer_alike, folder_make, folder_remove)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
