/* store: what every driver does alike. The whole suite runs once a driver. */
#include "world.h"

#include <math.h>

static const char *where; /* of the driver that is tried */

static int world_open(void **state)
{
    folder_make(state);
    *state = opened(strcmp(where, "memory:") == 0 ? where : path);
    return 0;
}

static int world_close(void **state)
{
    struct store *store = *state;
    store_close(&store);
    assert_null(store);
    store_close(&store);
    return folder_remove(state);
}

#define assert_line(store, wanted, width, ...)                                                                         \
    do {                                                                                                               \
        struct line line_;                                                                                             \
        assert_string_equal(line_of((store), &(struct store_query){__VA_ARGS__}, (width), &line_), (wanted));           \
    } while (0)
#define assert_fault(store, call, kind, part)                                                                          \
    do {                                                                                                               \
        memset(&err, 0, sizeof err);                                                                                   \
        assert_int_equal((call), -1);                                                                                  \
        if (!strstr(err.text, (part)))                                                                                \
            fail_msg("\"%s\" lacks \"%s\"", err.text, (part));                                                        \
        assert_int_equal(store_fault(store), (kind));                                                                  \
    } while (0)

static void six_put(struct store *store)
{
    static const struct {
        const char *id;
        int64_t at;
        const char *sender, *subject;
    } rows[] = {{"d", 40, "ann@example.com", "Your invoice"},    {"a", 10, "bob@example.com", "100% off_"},  {"c", 30, NULL, "INVOICE 7"},
                {"b", 20, "ann@example.com", "請求書のご案内"}, {"f", 60, "annette@example.net", ""},    {"e", 50, "bob@example.com", NULL}};
    struct err err;
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(mail_insert(store, rows[i].id, rows[i].at, rows[i].sender, rows[i].subject, STORE_FAIL, &err), 1);
}

static void values_come_back_as_they_went_in(void **state)
{
    struct store *store = *state;
    struct err err;
    struct store_value values[MAIL_COLUMNS];
    struct line line;
    mail_fill(values, "x", INT64_MIN, "", "schön \"' ; DROP TABLE mail; --");
    values[4] = STORE_NUMBER(-0.125);
    values[5] = STORE_BLOB(exact_bytes("\0\xff'", 3));
    values[8] = STORE_INT(INT64_MAX);
    assert_int_equal(store_insert(store, "mail", values, STORE_FAIL, &err), 1);
    assert_string_equal(line_of(store, &(struct store_query){.table = "mail", .columns = "id at sender score subject note seen"}, 7, &line),
                        "x,-9223372036854775808,,-0.125,schön \"' ; DROP TABLE mail; --,-,9223372036854775807");
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("digest", STORE_EQ, values[5]))}, &err), 1);
    free((char *)values[5].span.at);
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail", STORE_WHERE({.column = "sender", .is = STORE_NULL})}, &err), 0); /* empty is not null */
    assert_int_equal(store_insert(store, "number", &STORE_INT(7), STORE_FAIL, &err), 1);
    assert_line(store, "7", 1, .table = "number");
}

static void conditions_find_what_they_say(void **state)
{
    struct store *store = *state;
    static const struct store_value in[] = {{.type = STORE_TEXT, .span = {"a", 1}}, {.type = STORE_TEXT, .span = {"c", 1}}, {.type = STORE_TEXT, .span = {"zz", 2}}};
    const struct {
        struct store_where where;
        const char *ids;
    } rows[] = {
        {STORE_IS("at", STORE_EQ, STORE_INT(30)), "c"},
        {STORE_IS("at", STORE_NE, STORE_INT(30)), "a b d e f"},
        {STORE_IS("at", STORE_LT, STORE_INT(30)), "a b"},
        {STORE_IS("at", STORE_LE, STORE_INT(30)), "a b c"},
        {STORE_IS("at", STORE_GT, STORE_INT(30)), "d e f"},
        {STORE_IS("at", STORE_GE, STORE_INT(30)), "c d e f"},
        {STORE_IS("at", STORE_GE, STORE_INT(61)), ""},
        {STORE_IS("sender", STORE_EQ, words("ann@example.com")), "b d"},
        {STORE_IS("sender", STORE_EQ, words("ANN@example.com")), ""},
        {STORE_IS("sender", STORE_NE, words("ann@example.com")), "a e f"}, /* null is neither */
        {STORE_IS("sender", STORE_PREFIX, words("ann")), "b d f"},
        {STORE_IS("sender", STORE_PREFIX, words("ann@")), "b d"},
        {STORE_IS("sender", STORE_PREFIX, words("")), "a b d e f"},
        {STORE_IS("sender", STORE_PREFIX, words("annette@example.net.")), ""},
        {STORE_IS("subject", STORE_GLOB, words("*invoice*")), "d"},
        {STORE_IS("subject", STORE_GLOB_ANY, words("*invoice*")), "c d"},
        {STORE_IS("subject", STORE_GLOB_ANY, words("invoice ?")), "c"},
        {STORE_IS("subject", STORE_GLOB_ANY, words("invoice")), ""},
        {STORE_IS("subject", STORE_GLOB, words("請求書????")), "b"}, /* a character, not a byte */
        {STORE_IS("subject", STORE_GLOB, words("請求書*")), "b"},
        {STORE_IS("subject", STORE_GLOB, words("Y*r in?o*")), "d"},
        {STORE_IS("subject", STORE_GLOB, words("100% off_")), "a"}, /* no wildcards elsewhere */
        {STORE_IS("subject", STORE_GLOB, words("100_ off%")), ""},
        {STORE_IS("subject", STORE_GLOB, words("*")), "a b c d f"},
        {STORE_IS("subject", STORE_GLOB, words("")), "f"},
        {{.column = "id", .is = STORE_IN, .values = in, .count = 3}, "a c"},
        {{.column = "id", .is = STORE_IN, .values = in, .count = 0}, ""},
        {{.column = "sender", .is = STORE_NULL}, "c"},
        {{.column = "subject", .is = STORE_NOT_NULL}, "a b c d f"},
    };
    struct line line;
    six_put(store);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct store_query query = {.table = "mail", .where = &rows[i].where, .wheres = 1, .columns = "id", .order = "id"};
        if (strcmp(line_of(store, &query, 1, &line), rows[i].ids) != 0)
            fail_msg("row %zu: got \"%s\", wanted \"%s\"", i, line.text, rows[i].ids);
    }
    assert_line(store, "d", 1, .table = "mail", .columns = "id",
                STORE_WHERE(STORE_IS("org", STORE_EQ, words("one")), STORE_IS("at", STORE_GT, STORE_INT(10)), STORE_IS("sender", STORE_PREFIX, words("ann")),
                            STORE_IS("subject", STORE_GLOB_ANY, words("*INVOICE*"))));
    assert_line(store, "", 1, .table = "mail", .columns = "id", STORE_WHERE(STORE_IS("at", STORE_GT, STORE_INT(40)), STORE_IS("at", STORE_LT, STORE_INT(20))));
}

static void a_query_chooses_among_what_another_finds(void **state)
{
    struct store *store = *state;
    struct err err;
    six_put(store);
    const char *const links[][2] = {{"evil.example", "a"}, {"evil.example", "d"}, {"www.evil.example", "d"}, {"good.example", "e"}};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(store_insert(store, "link", (struct store_value[]){words(links[i][0]), words(links[i][1])}, STORE_FAIL, &err), 1);
    struct store_query evil = {.table = "link", STORE_WHERE(STORE_IS("host", STORE_GLOB, words("*evil.example"))), .columns = "mail"}, none = evil;
    none.where = &STORE_IS("host", STORE_EQ, words("none.example"));
    assert_line(store, "d a", 1, .table = "mail", STORE_WHERE({.column = "id", .is = STORE_AMONG, .among = &evil}), .columns = "id", .order = "at", .descending = true);
    assert_line(store, "d", 1, .table = "mail", STORE_WHERE({.column = "id", .is = STORE_AMONG, .among = &evil}, STORE_IS("at", STORE_GT, STORE_INT(10))), .columns = "id");
    assert_line(store, "", 1, .table = "mail", STORE_WHERE({.column = "id", .is = STORE_AMONG, .among = &none}), .columns = "id");
    struct store_query wide = {.table = "link"}, other = {.table = "number"}, deep = {.table = "link", STORE_WHERE({.column = "host", .is = STORE_AMONG, .among = &evil}), .columns = "mail"};
    struct line line;
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", STORE_WHERE({.column = "id", .is = STORE_AMONG, .among = &wide})}, line_take, &line, &err), STORE_MISUSE, "one column");
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", STORE_WHERE({.column = "id", .is = STORE_AMONG, .among = &other})}, line_take, &line, &err), STORE_MISUSE, "same type");
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", STORE_WHERE({.column = "id", .is = STORE_AMONG, .among = &deep})}, line_take, &line, &err), STORE_MISUSE, "inside another");
}

static void rows_come_in_order_and_in_pieces(void **state)
{
    struct store *store = *state;
    struct err err;
    six_put(store);
    assert_line(store, "a b c d e f", 1, .table = "mail", .columns = "id", .order = "at");
    assert_line(store, "f e", 1, .table = "mail", .columns = "id", .order = "at", .descending = true, .limit = 2);
    assert_line(store, "c b d f a e", 1, .table = "mail", .columns = "id", .order = "sender at"); /* null first */
    assert_line(store, "e a f d b c", 1, .table = "mail", .columns = "id", .order = "sender at", .descending = true);
    assert_line(store, "20,b 10,a", 2, .table = "mail", .columns = "at id", STORE_WHERE(STORE_IS("org", STORE_EQ, words("one")), STORE_IS("at", STORE_LT, STORE_INT(25))), .order = "at",
                .descending = true);
    const struct store_value after[] = {STORE_INT(30), words("c")};
    assert_line(store, "d e", 1, .table = "mail", .columns = "id", .order = "at id", .after = after, .limit = 2);
    assert_line(store, "b a", 1, .table = "mail", .columns = "id", .order = "at id", .descending = true, .after = after);
    assert_line(store, "d", 1, .table = "mail", .columns = "id", STORE_WHERE(STORE_IS("org", STORE_EQ, words("one"))), .order = "at", .after = after, .limit = 1);
    struct line line = {.width = 1, .most = 2};
    assert_int_equal(store_find(store, &(struct store_query){.table = "mail", .columns = "id", .order = "id"}, line_take, &line, &err), 2);
    assert_string_equal(line.text, "a b"); /* told to stop */
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail"}, &err), 6);
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail", .limit = 4}, &err), 4);
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail", .order = "at id", .after = after}, &err), 3);
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", .after = after}, line_take, &line, &err), STORE_MISUSE, "need an order");
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", .order = "sender", .after = &after[1]}, line_take, &line, &err), STORE_MISUSE, "may be null");
}

static void a_row_that_is_there_fails_stays_or_is_overwritten(void **state)
{
    struct store *store = *state;
    struct err err;
    struct store_value values[MAIL_COLUMNS];
    mail_fill(values, "a", 1, "ann@example.com", "first");
    values[5] = STORE_BLOB(S("digest"));
    assert_int_equal(store_insert(store, "mail", values, STORE_FAIL, &err), 1);
    assert_fault(store, mail_insert(store, "a", 2, NULL, "second", STORE_FAIL, &err), STORE_CONFLICT, "such a row already");
    assert_int_equal(mail_insert(store, "a", 2, NULL, "second", STORE_KEEP, &err), 0);
    assert_line(store, "a,1,first", 3, .table = "mail", .columns = "id at subject");
    assert_int_equal(mail_insert(store, "a", 3, NULL, "third", STORE_REPLACE, &err), 1);
    assert_line(store, "a,3,-,third", 4, .table = "mail", .columns = "id at digest subject");
    assert_int_equal(mail_insert(store, "b", 4, NULL, "new", STORE_REPLACE, &err), 1);
    values[5] = STORE_BLOB(S("other")); /* a null is like no other null, a digest is like itself */
    values[1] = words("c");
    assert_int_equal(store_insert(store, "mail", values, STORE_KEEP, &err), 1);
    values[1] = words("d");
    assert_int_equal(store_insert(store, "mail", values, STORE_KEEP, &err), 0);
    assert_fault(store, store_insert(store, "mail", values, STORE_FAIL, &err), STORE_CONFLICT, "such a row already");
    values[1] = words("a");
    assert_fault(store, store_insert(store, "mail", values, STORE_REPLACE, &err), STORE_CONFLICT, "such a row already");
    assert_line(store, "a,third b,new c,first", 2, .table = "mail", .columns = "id subject", .order = "id");
    assert_int_equal(store_insert(store, "number", &STORE_INT(1), STORE_REPLACE, &err), 1); /* nothing but a key */
    assert_int_equal(store_insert(store, "number", &STORE_INT(1), STORE_REPLACE, &err), 1);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
}

static void rows_are_changed_and_deleted(void **state)
{
    struct store *store = *state;
    struct err err;
    six_put(store);
    const struct store_change note[] = {{"note", STORE_SET, words("seen")}, {"at", STORE_PLUS, STORE_INT(1)}};
    struct store_query ann = {.table = "mail", STORE_WHERE(STORE_IS("sender", STORE_PREFIX, words("ann@")))};
    assert_int_equal(store_update(store, &ann, note, 2, &err), 2);
    assert_line(store, "b,21 d,41", 2, .table = "mail", STORE_WHERE(STORE_IS("note", STORE_EQ, words("seen"))), .columns = "id at", .order = "at");
    const struct store_change claim = {"seen", STORE_SET, STORE_INT(1)};
    assert_int_equal(store_update(store, &(struct store_query){.table = "mail", .order = "at", .limit = 2}, &claim, 1, &err), 2); /* the oldest */
    assert_line(store, "a b", 1, .table = "mail", STORE_WHERE(STORE_IS("seen", STORE_EQ, STORE_INT(1))), .columns = "id", .order = "id");
    assert_int_equal(store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_LT, STORE_INT(45))), .order = "at", .limit = 3}, &err), 3);
    assert_line(store, "d e f", 1, .table = "mail", .columns = "id", .order = "id");
    assert_int_equal(store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_LT, STORE_INT(45)))}, &err), 1);
    assert_int_equal(store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_LT, STORE_INT(45)))}, &err), 0);
    const struct store_change same = {"digest", STORE_SET, STORE_BLOB(S("same"))};
    assert_fault(store, (int)store_update(store, &(struct store_query){.table = "mail"}, &same, 1, &err), STORE_CONFLICT, "such a row already");
    assert_line(store, "e,- f,-", 2, .table = "mail", .columns = "id digest", .order = "id"); /* all or none */
    assert_int_equal(store_delete(store, &(struct store_query){.table = "mail"}, &err), 2);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
}

static void counters_are_made_and_grow(void **state)
{
    struct store *store = *state;
    struct err err;
    const struct store_value key[] = {words("one"), words("mails")};
    const struct store_change changes[][5] = {
        {{"count", STORE_PLUS, STORE_INT(1)}, {"first", STORE_LEAST, STORE_INT(50)}, {"last", STORE_GREATEST, STORE_INT(50)}, {"share", STORE_PLUS, STORE_NUMBER(0.5)}, {"word", STORE_SET, words("a")}},
        {{"count", STORE_PLUS, STORE_INT(2)}, {"first", STORE_LEAST, STORE_INT(40)}, {"last", STORE_GREATEST, STORE_INT(40)}, {"share", STORE_PLUS, STORE_NUMBER(0.25)}, {"word", STORE_SET, words("b")}},
    };
    assert_int_equal(store_add(store, "counter", key, changes[0], 5, &err), 0);
    assert_line(store, "mails,1,50,50,0.5,a", 6, .table = "counter", .columns = "name count first last share word");
    assert_int_equal(store_add(store, "counter", key, changes[1], 5, &err), 0);
    assert_line(store, "mails,3,40,50,0.75,b", 6, .table = "counter", .columns = "name count first last share word");
    const struct store_change most = {"count", STORE_PLUS, STORE_INT(INT64_MAX - 3)}, over = {"count", STORE_PLUS, STORE_INT(1)}, greater = {"word", STORE_GREATEST, words("aa")};
    assert_int_equal(store_add(store, "counter", key, &most, 1, &err), 0);
    assert_fault(store, store_add(store, "counter", key, &over, 1, &err), STORE_MISUSE, "beyond 63 bits");
    assert_int_equal(store_add(store, "counter", key, &greater, 1, &err), 0);
    assert_line(store, "9223372036854775807,b", 2, .table = "counter", .columns = "count word");
    const struct store_value other[] = {words("one"), words("other")};
    assert_int_equal(store_add(store, "counter", other, &greater, 1, &err), 0);
    assert_line(store, "-,aa", 2, .table = "counter", STORE_WHERE(STORE_IS("name", STORE_EQ, other[1])), .columns = "count word");
    assert_int_equal(store_update(store, &(struct store_query){.table = "counter", STORE_WHERE(STORE_IS("name", STORE_EQ, other[1]))}, changes[0], 4, &err), 1); /* null, too, begins */
    assert_line(store, "1,50,50,0.5", 4, .table = "counter", STORE_WHERE(STORE_IS("name", STORE_EQ, other[1])), .columns = "count first last share");
    assert_fault(store, store_add(store, "mail", other, &(struct store_change){"note", STORE_SET, words("x")}, 1, &err), STORE_MISUSE, "left out");
}

static void a_transaction_is_whole_or_nothing(void **state)
{
    struct store *store = *state;
    struct err err;
    six_put(store);
    assert_int_equal(store_begin(store, STORE_SYNCED, &err), 0);
    assert_fault(store, store_begin(store, STORE_SYNCED, &err), STORE_MISUSE, "open already");
    assert_int_equal(mail_insert(store, "g", 70, NULL, NULL, STORE_FAIL, &err), 1);
    assert_int_equal(store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_LT, STORE_INT(25)))}, &err), 2);
    assert_int_equal(store_update(store, &(struct store_query){.table = "mail"}, &(struct store_change){"at", STORE_PLUS, STORE_INT(1)}, 1, &err), 5);
    assert_int_equal(mail_insert(store, "c", 99, NULL, "other", STORE_REPLACE, &err), 1);
    assert_line(store, "d,41 e,51 f,61 g,71 c,99", 2, .table = "mail", .columns = "id at", .order = "at"); /* it sees itself */
    store_rollback(store);
    assert_line(store, "a,10 b,20 c,30 d,40 e,50 f,60", 2, .table = "mail", .columns = "id at", .order = "at");
    assert_int_equal(store_begin(store, STORE_RELAXED, &err), 0);
    assert_int_equal(mail_insert(store, "g", 70, NULL, NULL, STORE_FAIL, &err), 1);
    assert_fault(store, mail_insert(store, "g", 71, NULL, NULL, STORE_FAIL, &err), STORE_CONFLICT, "already"); /* and goes on */
    assert_fault(store, mail_insert(store, NULL, 71, NULL, NULL, STORE_FAIL, &err), STORE_MISUSE, "null");
    assert_false(store_must_roll_back(store));
    assert_int_equal(mail_insert(store, "h", 80, NULL, NULL, STORE_FAIL, &err), 1);
    assert_fault(store, store_check(store, NULL, NULL, &err), STORE_MISUSE, "inside a transaction");
    assert_int_equal(store_commit(store, &err), 0);
    assert_fault(store, store_commit(store, &err), STORE_MISUSE, "no transaction");
    store_rollback(store); /* of nothing */
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail"}, &err), 8);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
}

struct walk {
    struct store_value last[2];
    char id[24];
    int64_t rows;
    size_t step;
};

static bool walk_take(void *context, const struct store_value *values)
{
    struct walk *walk = context;
    if (walk->rows)
        assert_int_equal(values[0].integer, walk->last[0].integer + (int64_t)walk->step);
    walk->last[0] = values[0];
    walk->last[1] = STORE_WORDS(((struct span){walk->id, (size_t)snprintf(walk->id, sizeof walk->id, "%.*s", SPAN_FMT(values[1].span))}));
    walk->rows++;
    return true;
}

/* All of a table in pieces; how many rows, `step` apart. */
static int64_t walked(struct store *store, size_t step)
{
    struct walk walk = {.step = step};
    struct store_query query = {.table = "mail", .columns = "at id", .order = "at id", .limit = 100};
    struct err err;
    while (store_find(store, &query, walk_take, &walk, &err) == 100)
        query.after = walk.last;
    return walk.rows;
}

static void many_rows_stay_in_order(void **state)
{
    enum { MANY = 5003 }; /* a prime: i * 7919 comes by every one */
    struct store *store = *state;
    struct err err;
    char id[24];
    assert_int_equal(store_begin(store, STORE_RELAXED, &err), 0);
    for (int64_t i = 0; i < MANY; i++) {
        int64_t at = i * 7919 % MANY;
        snprintf(id, sizeof id, "%lld", (long long)(at * 31 % MANY));
        assert_int_equal(mail_insert(store, id, at, at % 7 ? "ann@example.com" : "bob@example.com", NULL, STORE_FAIL, &err), 1);
    }
    assert_int_equal(store_commit(store, &err), 0);
    assert_int_equal(walked(store, 1), MANY);
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("sender", STORE_EQ, words("bob@example.com")), STORE_IS("at", STORE_LT, STORE_INT(70)))}, &err), 10);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
    assert_int_equal(store_begin(store, STORE_RELAXED, &err), 0);
    assert_int_equal(store_delete(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("sender", STORE_PREFIX, words("ann")))}, &err), MANY - (MANY + 6) / 7);
    assert_int_equal(walked(store, 7), (MANY + 6) / 7);
    store_rollback(store);
    assert_int_equal(walked(store, 1), MANY);
    assert_int_equal(store_check(store, NULL, NULL, &err), 0);
}

static bool again(void *context, const struct store_value *values)
{
    struct err err;
    struct store *store = context;
    assert_int_equal(mail_insert(store, "z", 1, NULL, NULL, STORE_FAIL, &err), -1);
    assert_non_null(strstr(err.text, "while it gives out rows"));
    return true;
}

static void misuse_is_told_and_changes_nothing(void **state)
{
    struct store *store = *state;
    struct line line;
    struct err err;
    struct store_value values[MAIL_COLUMNS], many[STORE_IN_MOST + 1];
    struct store_change twice[] = {{"note", STORE_SET, words("x")}, {"note", STORE_SET, words("y")}};
    six_put(store);
    mail_fill(values, "z", 1, "a\0b", NULL);
    values[3].span.len = 3;
    assert_fault(store, store_insert(store, "mail", values, STORE_FAIL, &err), STORE_MISUSE, "column sender: the value is not UTF-8 without NUL");
    values[3] = words("a\xff");
    assert_fault(store, store_insert(store, "mail", values, STORE_FAIL, &err), STORE_MISUSE, "UTF-8");
    mail_fill(values, "z", 1, NULL, NULL);
    values[2] = words("1");
    assert_fault(store, store_insert(store, "mail", values, STORE_FAIL, &err), STORE_MISUSE, "another type");
    values[2] = STORE_INT(1);
    values[4] = STORE_NUMBER(NAN);
    assert_fault(store, store_insert(store, "mail", values, STORE_FAIL, &err), STORE_MISUSE, "finite");
    assert_fault(store, store_insert(store, "letters", values, STORE_FAIL, &err), STORE_MISUSE, "no table letters");
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", STORE_WHERE({.column = "colour", .is = STORE_NULL})}, line_take, &line, &err), STORE_MISUSE, "no column colour");
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", .order = "id; x"}, line_take, &line, &err), STORE_MISUSE, "no column id;");
    assert_fault(store, (int)store_find(store, &(struct store_query){.table = "mail", .columns = "count(*)"}, line_take, &line, &err), STORE_MISUSE, "no column count(*)");
    assert_fault(store, (int)store_count(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_EQ, words("1")))}, &err), STORE_MISUSE, "another type");
    assert_fault(store, (int)store_count(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("at", STORE_GLOB, STORE_INT(1)))}, &err), STORE_MISUSE, "no text");
    assert_fault(store, (int)store_count(store, &(struct store_query){.table = "mail", STORE_WHERE(STORE_IS("sender", STORE_EQ, words(NULL)))}, &err), STORE_MISUSE, "ask STORE_NULL");
    for (size_t i = 0; i <= STORE_IN_MOST; i++)
        many[i] = words("a");
    struct store_where in = {.column = "id", .is = STORE_IN, .values = many, .count = STORE_IN_MOST};
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail", .where = &in, .wheres = 1}, &err), 1);
    in.count++;
    assert_fault(store, (int)store_count(store, &(struct store_query){.table = "mail", .where = &in, .wheres = 1}, &err), STORE_MISUSE, "1,024");
    assert_fault(store, (int)store_update(store, &(struct store_query){.table = "mail"}, twice, 2, &err), STORE_MISUSE, "changed twice");
    assert_fault(store, (int)store_update(store, &(struct store_query){.table = "mail"}, &(struct store_change){"id", STORE_SET, words("x")}, 1, &err), STORE_MISUSE, "of the key");
    assert_fault(store, (int)store_update(store, &(struct store_query){.table = "mail"}, &(struct store_change){"note", STORE_PLUS, words("x")}, 1, &err), STORE_MISUSE, "only numbers");
    assert_fault(store, (int)store_delete(store, &(struct store_query){.table = "mail", .columns = "id"}, &err), STORE_MISUSE, "no columns");
    assert_int_equal(store_find(store, &(struct store_query){.table = "mail"}, again, store, &err), 6);
    assert_int_equal(store_count(store, &(struct store_query){.table = "mail"}, &err), 6);
}

static void a_store_tells_of_itself(void **state)
{
    struct store *store = *state;
    struct store_sizes sizes;
    struct err err;
    assert_int_equal(store_version(store), 2);
    assert_int_equal(store_version_found(store), 0);
    assert_int_equal(store_tables(store), 4);
    bool found = false;
    for (size_t i = 0; i < store_tables(store); i++)
        found |= strcmp(store_table(store, i), "counter") == 0;
    assert_true(found);
    six_put(store);
    assert_int_equal(store_sizes(store, &sizes, &err), 0);
    assert_true(sizes.bytes > 200);
}

static int suite(const char *driver)
{
#define T(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
    const struct CMUnitTest tests[] = {
        T(values_come_back_as_they_went_in), T(conditions_find_what_they_say), T(a_query_chooses_among_what_another_finds),
        T(rows_come_in_order_and_in_pieces), T(a_row_that_is_there_fails_stays_or_is_overwritten), T(rows_are_changed_and_deleted),
        T(counters_are_made_and_grow), T(a_transaction_is_whole_or_nothing), T(many_rows_stay_in_order), T(misuse_is_told_and_changes_nothing),
        T(a_store_tells_of_itself),
    };
    where = driver;
    return cmocka_run_group_tests_name(driver, tests, NULL, NULL);
}

int main(void)
{
    return suite("memory:") + suite("file") ? 1 : 0;
}
