/* Words and what they mean: each kind of value with its near misses. */
#include "exact.h"
#include "generation/value.h"

static struct arena *arena;

static int arena_open(void **state)
{
    arena = arena_new(1 << 20);
    return 0;
}

static int arena_close(void **state)
{
    arena_free(&arena);
    return 0;
}

static void sizes_have_units_of_1024(void **state)
{
    static const struct {
        const char *text;
        bool unit;
        uint64_t bytes; /* 0: refused */
        const char *said;
    } rows[] = {
        {"64 MiB", true, (uint64_t)64 << 20, ""}, {"64M", true, (uint64_t)64 << 20, ""}, {"64 mb", true, (uint64_t)64 << 20, ""},
        {"3 KiB", true, 3072, ""}, {"1 TiB", true, (uint64_t)1 << 40, ""}, {"17 B", true, 17, ""}, {"2000", false, 2000, ""},
        {"2000", true, 0, "\"2000\" has no unit; write it like 64 MiB (B, KiB, MiB, GiB, TiB)"},
        {"64 XB", true, 0, "\"64 XB\" is no size"}, {"-1 MiB", true, 0, "is no size"}, {"", true, 0, "is no size"},
        {"1.5 MiB", true, 0, "is no size"}, {"MiB", true, 0, "is no size"},
        {"2 TiB", true, 0, "\"2 TiB\" is out of range; it may be from 2 B to 1 TiB"}, {"1 B", true, 0, "from 2 B to 1 TiB"},
        {"18446744073709551615 TiB", true, 0, "is no size"}, /* not what is left of it after running over */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct err err = {{0}};
        uint64_t bytes = 0;
        int read = value_size(text, rows[i].unit, 2, (uint64_t)1 << 40, &bytes, &err);
        if (read != (rows[i].bytes ? 0 : -1) || (rows[i].bytes && bytes != rows[i].bytes) || !strstr(err.text, rows[i].said))
            fail_msg("\"%s\": %d %llu %s", rows[i].text, read, (unsigned long long)bytes, err.text);
        free((char *)text.at);
    }
}

static void times_always_have_units(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
        const char *said;
    } rows[] = {
        {"250 ms", 250, ""}, {"30 s", 30000, ""}, {"10min", 600000, ""}, {"12 h", 43200000, ""}, {"30 d", 2592000000, ""},
        {"30", 0, "\"30\" has no unit; write it like 30 s (ms, s, min, h, d)"}, {"5 m", 0, "\"5 m\" is no time; write it like"},
        {"1 month", 0, "is no time"}, {"31 d", 0, "\"31 d\" is out of range; it may be from 1 ms to 30 d"}, {"0 s", 0, "out of range"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct err err = {{0}};
        uint64_t ms = 0;
        int read = value_time(text, 1, 2592000000, &ms, &err);
        if (read != (rows[i].ms ? 0 : -1) || (rows[i].ms && ms != rows[i].ms) || !strstr(err.text, rows[i].said))
            fail_msg("\"%s\": %d %llu %s", rows[i].text, read, (unsigned long long)ms, err.text);
        free((char *)text.at);
    }
}

static void shares_are_per_cent(void **state)
{
    struct err err;
    double share = 0;
    assert_int_equal(value_share(S("0.5 %"), true, &share, &err), 0);
    assert_true(share == 0.005);
    assert_int_equal(value_share(S("20%"), true, &share, &err), 0);
    assert_true(share == 0.2);
    assert_int_equal(value_share(S("0.5"), false, &share, &err), 0);
    assert_int_equal(value_share(S("0.5"), true, &share, &err), -1);
    assert_string_equal(err.text, "\"0.5\" has no unit; write it like 0.5 %");
    static const char *const bad[] = {"0 %", "100 %", "x", "-1 %", "0x10 %", "nan", "inf %", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(value_share(span_of(bad[i]), false, &share, &err), -1);
}

static void addresses_have_a_port_or_a_path(void **state)
{
    static const struct {
        const char *text, *said; /* NULL: read */
        uint16_t port, given;
        bool local;
    } rows[] = {
        {"127.0.0.1:7780", NULL, 0, 7780, true}, {"[::1]:80", NULL, 0, 80, true}, {"localhost:80", NULL, 0, 80, true},
        {"192.0.2.1:80", NULL, 0, 80, false}, {"0.0.0.0:80", NULL, 0, 80, false}, {"*:80", NULL, 0, 80, false}, {"[::]:80", NULL, 0, 80, false},
        {"unix:/run/x.sock", NULL, 0, 0, true}, {"192.0.2.1", NULL, 53, 53, false}, {"2001:db8::53", NULL, 53, 53, false},
        {"[2001:db8::53]:5353", NULL, 53, 5353, false}, {"192.0.2.1:5353", NULL, 53, 5353, false},
        {"127.0.0.1", "names no port: write it like 127.0.0.1:7780", 0, 0, false}, {"127.0.0.1:", "names no port", 0, 0, false},
        {"127.0.0.1:0", "names no port", 0, 0, false}, {"127.0.0.1:65536", "names no port", 0, 0, false}, {"[::1]", "names no port", 0, 0, false},
        {"mail.example.com:80", "write it in figures", 0, 0, false}, {":80", "write it in figures", 0, 0, false},
        {"unix:run/x.sock", "is no socket", 0, 0, false}, {"unix:", "is no socket", 0, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = exact(rows[i].text);
        struct address address;
        struct err err = {{0}};
        int read = value_address(arena, text, rows[i].port, &address, &err);
        bool good = rows[i].said ? read < 0 && strstr(err.text, rows[i].said)
                                 : read == 0 && address.port == rows[i].given && address_is_local(&address) == rows[i].local;
        if (!good)
            fail_msg("\"%s\": %d %s", rows[i].text, read, err.text);
        free((char *)text.at);
    }
}

static void words_are_looked_at(void **state)
{
    struct err err;
    struct span out;
    uint64_t choice;
    bool yes;
    assert_int_equal(value_choice(S("m365"), "none|postfix|m365", &choice, &err), 0);
    assert_int_equal(choice, 2);
    assert_int_equal(value_choice(S("m36"), "none|postfix|m365", &choice, &err), -1);
    assert_string_equal(err.text, "\"m36\" is not one of: none, postfix, m365");
    assert_int_equal(value_choice(S(""), "none|postfix", &choice, &err), -1);
    assert_int_equal(value_yes_no(S("Yes"), &yes, &err), 0);
    assert_true(yes);
    assert_int_equal(value_yes_no(S("false"), &yes, &err), 0);
    assert_false(yes);
    assert_int_equal(value_yes_no(S("maybe"), &yes, &err), -1);
    assert_int_equal(value_host(arena, S("MX.Example.com"), &out, &err), 0);
    assert_span(out, "mx.example.com");
    assert_int_equal(value_host(arena, S("*.example.com"), &out, &err), -1);
    assert_int_equal(value_host(arena, S("a b"), &out, &err), -1);
    assert_int_equal(value_domain(arena, S("例え.jp"), &out, &err), 0);
    assert_span(out, "xn--r8jz45g.jp");
    assert_int_equal(value_domain(arena, S("com"), &out, &err), -1);
    assert_int_equal(value_domain(arena, S("a@example.com"), &out, &err), -1);
    assert_int_equal(value_id(S("harbour-2"), &err), 0);
    assert_int_equal(value_id(S("Harbour"), &err), -1);
    assert_int_equal(value_id(S("012345678901234567890123456789012"), &err), -1);
}

/* The three presets and directions are counted by the table of keys; their rooms have the last word. */
static void choices_are_those_of_their_enums(void **state)
{
    static const char *const presets[] = {"none", "postfix", "m365", "google"};
    for (int i = 0; i < 4; i++) {
        enum trace_preset preset;
        assert_true(trace_preset_parse(span_of(presets[i]), &preset));
        assert_int_equal(preset, i);
    }
    static const char *const directions[] = {"unknown", "inbound", "outbound", "submission", "internal", "reinject"};
    for (int i = 0; i < 6; i++)
        assert_string_equal(direction_name((enum direction)i), directions[i]);
}

static void what_is_printed_is_read_again(void **state)
{
    static const uint64_t values[] = {1, 1000, 1024, 1536, 60000, 90061000, (uint64_t)1 << 40, 86400000, 86400001, 3600000};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct buf size = {.arena = arena}, time = {.arena = arena};
        uint64_t back = 0;
        value_size_print(&size, values[i]);
        assert_int_equal(value_size(buf_span(&size), true, 0, UINT64_MAX, &back, NULL), 0);
        assert_int_equal(back, values[i]);
        value_time_print(&time, values[i]);
        assert_int_equal(value_time(buf_span(&time), 0, UINT64_MAX, &back, NULL), 0);
        assert_int_equal(back, values[i]);
    }
    struct buf day = {.arena = arena};
    value_time_print(&day, 90 * (uint64_t)86400000);
    assert_span(buf_span(&day), "90 d");
}

static void limits_are_set_by_name(void **state)
{
    struct walk_settings settings;
    struct err err;
    walk_settings_default(&settings);
    assert_int_equal(limit_set(limit_find(S("message_bytes")), S("2 MiB"), true, &settings, &err), 0);
    assert_int_equal(settings.message.message_bytes, 2 << 20);
    assert_int_equal(limit_set(limit_find(S("archive_depth")), S("7"), true, &settings, &err), 0);
    assert_int_equal(settings.files.archive_depth, 7);
    assert_int_equal(limit_set(limit_find(S("message_bytes")), S("2000"), true, &settings, &err), -1);
    assert_int_equal(limit_set(limit_find(S("message_bytes")), S("2000"), false, &settings, &err), 0);
    assert_int_equal(limit_set(limit_find(S("parts")), S("2k"), true, &settings, &err), -1);
    assert_int_equal(limit_set(limit_find(S("parts")), S("2k"), false, &settings, &err), 0);
    assert_int_equal(settings.message.parts, 2048);
    assert_int_equal(limit_set(limit_find(S("parts")), S("0"), true, &settings, &err), -1);
    assert_null(limit_find(S("depht")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_units_of_1024), cmocka_unit_test(times_always_have_units), cmocka_unit_test(shares_are_per_cent),
        cmocka_unit_test(addresses_have_a_port_or_a_path), cmocka_unit_test(words_are_looked_at),
        cmocka_unit_test(choices_are_those_of_their_enums), cmocka_unit_test(what_is_printed_is_read_again),
        cmocka_unit_test(limits_are_set_by_name),
    };
    return cmocka_run_group_tests(tests, arena_open, arena_close);
}
