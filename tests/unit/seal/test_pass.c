/* Passes: what a token of a locked link says, whom it is for, and where its page is. */
#include "exact.h"
#include "seal/pass.h"
#include "seal/token.h"

#include <sodium.h>

#define RECORD "0000001m3k5q7t9vwxyz01234567"
#define SECRET S("0123456789abcdef0123456789abcdef")
static const char *const people[] = {"sato@harbour.example", "Abe@harbour.example", "mori@harbour.example", "ito@harbour.example"};

struct set {
    struct span addresses[8];
    bool meant[8];
    size_t count;
};

/* "a-" is people[0] meant, then people[1] not; other letters likewise. */
static struct set set_of(const char *text)
{
    struct set set = {0};
    for (; text[0]; text += 2, set.count++) {
        set.addresses[set.count] = span_of(people[text[0] - 'a']);
        set.meant[set.count] = text[1] == '+';
    }
    return set;
}

static struct pass pass_for(struct arena *arena, const char *record, const char *text)
{
    struct set set = set_of(text);
    struct pass pass = {.kind = PASS_LOCK, .record = span_of(record), .org = S("harbour"), .link = 3, .until = 1795000000, .target = S("https://a.example/x")};
    pass_name(arena, &pass, set.addresses, set.count, set.meant);
    return pass;
}

static struct span text_of(struct arena *arena, const struct pass *pass)
{
    struct span text;
    struct err err;
    assert_int_equal(pass_write(arena, pass, &text, &err), 0);
    return text;
}

static void what_was_written_is_read(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct pass pass = pass_for(arena, RECORD, "a+b-"), got;
    pass.once = S("0123456789abcdef");
    pass.key = S("fedcba9876543210");
    struct span text = text_of(arena, &pass), copy = exact_bytes(text.at, text.len);
    assert_true(pass_read(copy, PASS_RELEASE, &got));
    assert_int_equal(got.kind, PASS_RELEASE);
    assert_span(got.record, RECORD);
    assert_span(got.org, "harbour");
    assert_int_equal(got.link, 3);
    assert_int_equal(got.until, 1795000000);
    assert_span(got.once, "0123456789abcdef");
    assert_span(got.key, "fedcba9876543210");
    assert_span(got.target, "https://a.example/x");
    for (size_t i = 0; i < text.len; i++) { /* nothing that is cut short, nothing with more behind */
        struct span cut = exact_bytes(text.at, i);
        assert_false(pass_read(cut, PASS_RELEASE, &got));
        free((void *)cut.at);
    }
    struct span more = arena_print(arena, "%.*sx", SPAN_FMT(text));
    assert_false(pass_read(more, PASS_RELEASE, &got));
    free((void *)copy.at);
    arena_free(&arena);
}

static void strange_bytes_are_no_pass(void **state)
{
    static const char *const texts[] = {"", "\x01", "\x02", "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x01\005abcd"};
    struct pass got;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct span text = exact(texts[i]);
        assert_false(pass_read(text, PASS_LOCK, &got));
        free((void *)text.at);
    }
}

static void what_is_no_pass_is_not_written(void **state)
{
    static char target[PASS_TARGET_MOST + 1];
    struct arena *arena = arena_new(1 << 20);
    struct span text;
    struct err err;
    memset(target, 'a', sizeof target);
    struct pass pass = pass_for(arena, RECORD, "a+"), odd = pass;
    odd.target = (struct span){target, sizeof target};
    assert_int_equal(pass_write(arena, &odd, &text, &err), -1);
    odd.target.len--;
    assert_int_equal(pass_write(arena, &odd, &text, &err), 0);
    odd = pass, odd.record = S("");
    assert_int_equal(pass_write(arena, &odd, &text, &err), -1);
    odd = pass, odd.whom = S("");
    assert_int_equal(pass_write(arena, &odd, &text, &err), -1);
    odd = pass, odd.until = TIME_UNKNOWN;
    assert_int_equal(pass_write(arena, &odd, &text, &err), -1);
    odd = pass, odd.key = S("short");
    assert_int_equal(pass_write(arena, &odd, &text, &err), -1);
    odd = pass, odd.once = S("short");
    assert_int_equal(pass_write(arena, &odd, &text, &err), -1);
    arena_free(&arena);
}

/* made for; the recipients that the record has when it is brought; who it is for then, NULL: it is refused */
static const struct {
    const char *made, *now, *names;
} whose[] = {
    {"a+", "a-", "sato@harbour.example"},
    {"a+b-c-", "c-a-b-", "sato@harbour.example"},           /* in another order */
    {"a+b-c-", "a-a-b-c-c-", "sato@harbour.example"},       /* named twice */
    {"a+b+c-", "a-b-c-", "abe@harbour.example sato@harbour.example"},
    {"a-b-c-d+", "a-b-c-d-", "ito@harbour.example"},
    {"a-b-", "a-b-", ""},                                   /* for nobody: no recipient was told */
    {"a+b-", "d-b-", NULL},                                 /* of another's message */
    {"a+b-c-", "b-c-", NULL},                               /* one is gone */
    {"a+", "", NULL},
    {"a+b-", "a-b-c-d-", NULL},                             /* other recipients now: of another record */
};

static void it_names_those_it_was_made_for(void **state)
{
    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct pass pass = pass_for(arena, RECORD, whose[i].made);
        struct set now = set_of(whose[i].now);
        pass_names_t names;
        bool good = pass_names(arena, &pass, now.addresses, now.count, &names);
        assert_int_equal(good, whose[i].names != NULL);
        struct buf got = {.arena = arena};
        for (size_t at = 0; good && at < names.len; at++)
            buf_print(&got, "%s%.*s", at ? " " : "", SPAN_FMT(names.at[at]));
        if (good)
            assert_span(buf_span(&got), whose[i].names);
        arena_free(&arena);
    }
}

static void it_is_of_one_set(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct pass pass = pass_for(arena, RECORD, "a+b-"), set = pass_for(arena, RECORD, "a+b+");
    struct set all = set_of("a-b-");
    pass_names_t names;
    assert_false(span_eq(pass.whom, set.whom));
    struct pass moved = pass;
    moved.places = set.places;
    assert_false(pass_names(arena, &moved, all.addresses, all.count, &names));
    arena_free(&arena);
}

static void a_token_of_one_kind_opens_as_no_other(void **state)
{
    static const uint8_t nonce[TOKEN_NONCE_BYTES] = {7};
    struct arena *arena = arena_new(1 << 20);
    struct pass pass = pass_for(arena, RECORD, "a+");
    struct span token, text;
    struct err err;
    for (int made = 0; made < PASS_COUNT; made++) {
        assert_int_equal(token_seal(arena, S("k1234567"), SECRET, nonce, pass_purpose((enum pass_kind)made), text_of(arena, &pass), &token, &err), 0);
        for (int as = 0; as < PASS_COUNT; as++)
            assert_int_equal(token_open(arena, token, SECRET, pass_purpose((enum pass_kind)as), &text), as == made);
    }
    arena_free(&arena);
}

static const struct {
    const char *path, *kind, *token;
} paths[] = {
    {"/lock/1abc.def", "lock", "1abc.def"},
    {"/sekimori/double-lock/1abc.def", "double-lock", "1abc.def"},
    {"/a/b/release/x", "release", "x"},
    {"/ask/x", "ask", "x"},
    {"/lock/", NULL, NULL},
    {"/lock", NULL, NULL},
    {"lock/x", "lock", "x"},
    {"/lock/x/", "lock", "x"},
    {"/lock//x", NULL, NULL},
    {"/Lock/x", NULL, NULL},
    {"/v1/messages", NULL, NULL},
    {"/", NULL, NULL},
    {"", NULL, NULL},
};

static void pages_have_their_place(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span token;
    enum pass_kind kind;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct span path = exact(paths[i].path);
        assert_int_equal(pass_path(path, &kind, &token), paths[i].kind != NULL);
        if (paths[i].kind) {
            assert_string_equal(pass_kind_name(kind), paths[i].kind);
            assert_span(token, paths[i].token);
        }
        free((void *)path.at);
    }
    assert_span(pass_address(arena, S("https://mail.example.com/links"), PASS_DOUBLE_LOCK, S("1a.b")), "https://mail.example.com/links/double-lock/1a.b");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read), cmocka_unit_test(strange_bytes_are_no_pass), cmocka_unit_test(what_is_no_pass_is_not_written),
        cmocka_unit_test(it_names_those_it_was_made_for), cmocka_unit_test(it_is_of_one_set),
        cmocka_unit_test(a_token_of_one_kind_opens_as_no_other), cmocka_unit_test(pages_have_their_place)};
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
