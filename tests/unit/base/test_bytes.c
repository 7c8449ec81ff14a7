/* base: spans, arenas, growable output. */
#include "exact.h"
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void spans_compare(void **state)
{
    static const struct {
        const char *s, *head, *tail;
        bool starts, ends, eq;
    } rows[] = {
        {"Received", "rec", "VED", true, true, false}, {"abc", "abc", "ABC", true, true, true},
        {"ab", "abc", "abc", false, false, false},     {"", "", "", true, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span s = exact(rows[i].s), head = exact(rows[i].head), tail = exact(rows[i].tail);
        assert_int_equal(span_starts_case(s, head), rows[i].starts);
        assert_int_equal(span_ends_case(s, tail), rows[i].ends);
        assert_int_equal(span_eq_case(s, head), rows[i].eq);
        free((char *)s.at), free((char *)head.at), free((char *)tail.at);
    }
    assert_true(span_eq((struct span){0}, S("")));
    assert_false(span_starts(S("Rec"), S("rec")));
    assert_true(span_compare(S("ab"), S("abc")) < 0 && span_compare(S("b"), S("abc")) > 0);
}

/* At every place of texts of every length around the width of what is compared at once, and one byte off. */
static void spans_are_found(void **state)
{
    static const char *const words[] = {"xy", "Needle", "eedleeedleeedleeedleeedleeedleeedleeedleeedleeedleeedleeedleeedleeedle"};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        const struct span word = span_of(words[w]);
        for (size_t len = 0; len < word.len + 40; len++)
            for (size_t at = 0; at + word.len <= len; at++) {
                char *text = malloc(len);
                memset(text, word.at[0], len); /* much that begins alike */
                memcpy(text + at, word.at, word.len);
                struct span s = {text, len};
                assert_ptr_equal(span_find(s, word), memmem(text, len, word.at, word.len));
                assert_ptr_equal(span_find_case(s, word), memmem(text, len, word.at, word.len));
                text[at + word.len - 1] ^= 0x20; /* the last letter in the other case */
                assert_ptr_equal(span_find(s, word), memmem(text, len, word.at, word.len));
                assert_non_null(span_find_case(s, word));
                text[at + word.len - 1] = '#';
                assert_null(span_find(span_first(s, at + word.len), word));
                assert_null(span_find_case(span_first(s, at + word.len), word));
                free(text);
            }
    }
    assert_null(span_find(S("abc"), S("")));
    assert_non_null(span_find(S("abc"), S("c")));
    assert_null(span_find_case((struct span){0}, S("a")));
    /* The bit of the case is no more than a first look: 0x11 is not 1, and { is not [. */
    assert_null(span_find_case(S("................\x11................"), S(".1")));
    assert_null(span_find_case(S("................{................"), S(".[")));
    assert_non_null(span_find_case(S("................bETa............"), S(".BetA")));
}

static void spans_are_cut(void **state)
{
    struct span line = exact("a,,b"), rest = line, piece;
    const char *wanted[] = {"a", "", "b"};
    for (int i = 0; i < 3; i++) {
        assert_true(span_cut(&rest, ',', &piece));
        assert_span(piece, wanted[i]);
    }
    assert_false(span_cut(&rest, ',', &piece));
    free((char *)line.at);
    struct span words = exact(" \t one two\r\n"), word;
    rest = words;
    assert_true(span_word(&rest, &word));
    assert_span(word, "one");
    assert_true(span_word(&rest, &word));
    assert_span(word, "two");
    assert_false(span_word(&rest, &word));
    assert_true(span_is_one_of(S("math"), S("svg math")) && span_is_one_of(S("svg"), S("svg math")));
    assert_false(span_is_one_of(S("mat"), S("svg math")) || span_is_one_of(S("svg math"), S("svg math")) || span_is_one_of(S(""), S("svg")) || span_is_one_of(S("x"), S("")));
    free((char *)words.at);
    struct span padded = exact_bytes("\0 x \0", 5);
    assert_span(span_trim(padded), "x");
    free((char *)padded.at);
}

static void numbers_are_whole_and_bounded(void **state)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool good;
        uint64_t value;
    } rows[] = {{"0", 9, true, 0},        {"255", 255, true, 255}, {"256", 255, false, 0}, {"", 9, false, 0},
                {"1x", 9, false, 0},      {"-1", 9, false, 0},     {"9", 5, false, 0},     {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
                {"18446744073709551616", UINT64_MAX, false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span s = exact(rows[i].text);
        uint64_t value = 0;
        assert_int_equal(span_number(s, rows[i].max, &value), rows[i].good);
        if (rows[i].good)
            assert_true(value == rows[i].value);
        free((char *)s.at);
    }
}

static void utf8_is_strict(void **state)
{
    static const struct {
        const char *bytes;
        bool good;
    } rows[] = {{"", true},          {"abc", true},          {"\xe9\x96\xa2", true}, {"\xf0\x9f\x93\xa7", true},
                {"\xc0\xaf", false}, {"\xed\xa0\x80", false}, {"\xe9\x96", false},    {"\xf4\x90\x80\x80", false},
                {"\x80", false},     {"\xff", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span s = exact(rows[i].bytes);
        assert_int_equal(span_is_utf8(s), rows[i].good);
        free((char *)s.at);
    }
    assert_true(span_is_ascii(S("0123456789abcdef!")));
    assert_false(span_is_ascii(S("0123456789abcdef\x80")));
    assert_false(span_is_ascii(S("012\x80" "456789abcdef")));
}

static void domains_lie_under_others(void **state)
{
    assert_span(domain_undotted(S("example.com.")), "example.com");
    assert_span(domain_undotted(S("example.com..")), "example.com.");
    assert_span(domain_undotted(S("example.com")), "example.com");
    assert_span(domain_undotted(S(".")), "");
    assert_span(domain_undotted(S("")), "");
    assert_true(domain_is_or_under(S("a.Example.com."), S("example.COM")));
    assert_true(domain_is_or_under(S("example.com"), S("example.com.")));
    assert_false(domain_is_or_under(S("badexample.com"), S("example.com")));
    assert_false(domain_is_or_under(S("com"), S("example.com")));
    assert_false(domain_is_or_under(S("example.com"), S("")));
}

static void arena_gives_zeroed_memory_and_forgets(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 40000; size = size * 3 + 1) {
            char *at = arena_alloc(arena, size);
            assert_int_equal((uintptr_t)at % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(at[i], 0);
            memset(at, 'x', size);
        }
        assert_true(arena_used(arena) > 40000);
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_free(&arena);
    assert_null(arena);
    arena_free(&arena);
}

/* The ceiling is counted, not the chunks: exactly at it is well, one byte more ends the process with 71. */
static void arena_ceiling_ends_the_process(void **state)
{
    struct arena *arena = arena_new(1000);
    arena_alloc(arena, 1000);
    pid_t child = fork();
    if (child == 0) {
        close(2);
        arena_alloc(arena, 1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 71);
    arena_free(&arena);
}

static void vectors_grow(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    VEC(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        *vec_push(arena, &numbers) = i;
    assert_int_equal(numbers.len, 1000);
    int sum = 0;
    vec_each(number, &numbers) sum += *number;
    assert_int_equal(sum, 499500);
    arena_free(&arena);
}

static void output_is_cut_at_its_ceiling(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf out = {.arena = arena, .max = 5};
    buf_add(&out, S("abc"));
    assert_false(out.cut);
    buf_add(&out, S("defg"));
    assert_true(out.cut);
    assert_span(buf_span(&out), "abcde");
    buf_byte(&out, 'x');
    assert_span(buf_span(&out), "abcde");
    struct buf text = {.arena = arena};
    buf_print(&text, "%0300d", 7);
    assert_int_equal(text.len, 300);
    struct buf points = {.arena = arena};
    buf_utf8(&points, 0x95a2);
    buf_utf8(&points, 0xd800);
    buf_utf8(&points, 0x1f4e7);
    buf_utf8(&points, 0x7f);
    assert_span(buf_span(&points), "\xe9\x96\xa2\xef\xbf\xbd\xf0\x9f\x93\xa7\x7f");
    assert_span(arena_print(arena, "%s-%d", "a", 3), "a-3");
    assert_span(arena_lower(arena, S("ABc")), "abc");
    arena_free(&arena);
}

/* Numbers that are written without printf come out as by it. */
static void numbers_as_printed(void **state)
{
    static const double reals[] = {0, -0.0, 0.5, -0.00001, 0.00005, -0.00005, 0.00015, 1.00005, 99.99995, 99.99994999, 12.34, 100, -7.25, 0.0001, -0.0001, 999999.9999,
                                   1e6, 1000000.00005, 123456789.123456, -1e15, 1e300, 0.1 + 0.2, 2.0 / 3, 64.5, 0.99995, 5e-324};
    static const int64_t numbers[] = {0, 1, -1, 9, 10, -10, 99, 12345678901234, INT64_MAX, INT64_MIN};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < 20000 + sizeof reals / sizeof *reals; i++) {
        double value = i < 20000 ? ((double)((i * 2654435761u) % 4000003) - 2000000) / (i % 2 ? 20000.0 : 3331.0) : reals[i - 20000];
        struct buf out = {.arena = arena};
        struct json json = {.out = &out};
        char wanted[400];
        int len = snprintf(wanted, sizeof wanted, "%.4f", value);
        while (wanted[len - 1] == '0')
            len--;
        len -= wanted[len - 1] == '.';
        wanted[len] = '\0';
        json_real(&json, NULL, value);
        assert_span(buf_span(&out), strcmp(wanted, "-0") == 0 ? "0" : wanted);
        arena_reset(arena);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct buf out = {.arena = arena};
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%lld", (long long)numbers[i]);
        buf_number(&out, numbers[i]);
        assert_span(buf_span(&out), wanted);
    }
    arena_free(&arena);
}

/* Wherever in a string an odd character stands, and however much room the output has. */
static void json_strings_are_escaped_everywhere(void **state)
{
    static const struct {
        const char *is, *wanted;
    } rows[] = {{"a", "a"}, {"\"", "\\\""}, {"\\", "\\\\"}, {"\x1f", "\\u001f"}, {"\n", "\\n"}, {" ", " "}, {"~", "~"}, {"\x7f", "\\u007f"},
                {"\xc3\xa9", "\xc3\xa9"}, {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}, {"\x80", "\xef\xbf\xbd"}, {"\xff", "\xef\xbf\xbd"}};
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    struct arena *arena = arena_new(1 << 24);
    for (size_t i = 0; i < sizeof rows / sizeof *rows * 40 * 40; i++) {
        size_t before = i % 40, behind = i / 40 % 40, row = i / 1600;
        char text[128], wanted[160];
        snprintf(text, sizeof text, "%.*s%s%.*s", (int)before, plain, rows[row].is, (int)behind, plain);
        snprintf(wanted, sizeof wanted, "\"%.*s%s%.*s\"", (int)before, plain, rows[row].wanted, (int)behind, plain);
        struct buf out = {.arena = arena};
        for (size_t room = i % 77; room; room--)
            buf_byte(&out, '#');
        struct json json = {.out = &out};
        struct span exact_text = exact(text);
        json_text(&json, NULL, exact_text);
        assert_span(span_skip(buf_span(&out), i % 77), wanted);
        free((char *)exact_text.at);
        arena_reset(arena);
    }
    arena_free(&arena);
}

static void json_keys_of_any_length(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 1; i < 60 * 60; i++) {
        char key[64] = "", wanted[80];
        memset(key, 'k', i % 60);
        snprintf(wanted, sizeof wanted, "\"%s\":null", key);
        struct buf out = {.arena = arena};
        for (size_t room = i / 60; room; room--)
            buf_byte(&out, '#');
        struct json json = {.out = &out};
        json_null(&json, key);
        assert_span(span_skip(buf_span(&out), i / 60), wanted);
        arena_reset(arena);
    }
    arena_free(&arena);
}

static void json_always_parses(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf out = {.arena = arena};
    struct json json = {.out = &out};
    struct ip ip;
    assert_true(ip_parse(S("192.0.2.1"), &ip));
    json_object(&json, NULL);
    json_text(&json, "text", (struct span){"q\"\\\n\x01\xe9\x96\xa2\xff\0", 10});
    json_array(&json, "list");
    json_number(&json, NULL, -3);
    json_real(&json, NULL, 0.5);
    json_real(&json, NULL, -0.00001);
    json_real(&json, NULL, NAN);
    json_bool(&json, NULL, true);
    json_array_end(&json);
    json_text_or_null(&json, "none", S(""));
    json_time(&json, "at", 1769860800);
    json_time(&json, "never", TIME_UNKNOWN);
    json_ip(&json, "ip", &ip);
    json_object(&json, "empty");
    json_object_end(&json);
    json_object_end(&json);
    assert_span(buf_span(&out), "{\"text\":\"q\\\"\\\\\\n\\u0001\xe9\x96\xa2\xef\xbf\xbd\\u0000\",\"list\":[-3,0.5,0,null,true],"
                                "\"none\":null,\"at\":\"2026-01-31T12:00:00Z\",\"never\":null,\"ip\":\"192.0.2.1\",\"empty\":{}}");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_compare), cmocka_unit_test(spans_are_found), cmocka_unit_test(spans_are_cut), cmocka_unit_test(numbers_are_whole_and_bounded),
        cmocka_unit_test(utf8_is_strict), cmocka_unit_test(domains_lie_under_others),
        cmocka_unit_test(arena_gives_zeroed_memory_and_forgets), cmocka_unit_test(arena_ceiling_ends_the_process),
        cmocka_unit_test(vectors_grow), cmocka_unit_test(output_is_cut_at_its_ceiling), cmocka_unit_test(numbers_as_printed), cmocka_unit_test(json_always_parses),
        cmocka_unit_test(json_strings_are_escaped_everywhere), cmocka_unit_test(json_keys_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
