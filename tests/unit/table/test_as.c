#include "folder.h"
#include "table/inner.h"

static void test_rows(void **state)
{
    static const char csv[] = "1.0.0.0,1.0.0.255,13335,\"Cloud, \"\"the\"\" Inc.\"\r\n"
                              "\n"
                              "16778240,16779263,38803,Numbers\n"          /* 1.0.4.0 to 1.0.7.255 */
                              "0.0.0.0,0.0.0.9,7,First\n"
                              "255.255.255.0,255.255.255.255,8,Last\n"
                              "1.0.1.0,1.0.1.255,0,announced by nobody\n"
                              "2001:200::,2001:200:1b9:ffff:ffff:ffff:ffff:ffff,2500,Six\n"
                              "42540488161975842760550356425300246528,42540488241204005274814694018844196863,6939,Numeric six\n"
                              "1.0.8.0,1.0.8.255,13335,another name is ignored";
    static const struct {
        const char *address;
        uint32_t number;
        const char *name;
    } rows[] = {
        {"1.0.0.0", 13335, "Cloud, \"the\" Inc."}, {"1.0.0.255", 13335, "Cloud, \"the\" Inc."}, {"1.0.1.0", 0, ""},
        {"0.255.255.255", 0, ""},  {"1.0.4.0", 38803, "Numbers"}, {"1.0.7.255", 38803, "Numbers"}, {"1.0.3.255", 0, ""},
        {"0.0.0.0", 7, "First"},   {"0.0.0.10", 0, ""},           {"255.255.255.255", 8, "Last"},  {"255.255.254.255", 0, ""},
        {"1.0.8.1", 13335, "Cloud, \"the\" Inc."},                {"2001:200::", 2500, "Six"},     {"2001:200:1ba::", 0, ""},
        {"2001::1", 6939, "Numeric six"},                         {"2000:ffff::", 0, ""},
    };
    struct folder folder;
    struct as_image image;
    struct err err;
    folder_open(&folder);
    const char *paths[] = {folder_put(&folder, "as.csv", csv), NULL}, *table = folder_file(&folder, "as.table");
    if (table_compile_as(paths, 1, table, &err) < 0)
        fail_msg("%s", err.text);
    for (int compiled = 0; compiled < 2; compiled++) {
        if (as_image_open(compiled ? table : paths[0], &image, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(image.mapped, compiled);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct span name = {0};
            uint32_t number = 0;
            struct ip ip = address(rows[i].address);
            assert_int_equal(as_image_find(&image, &ip, &number, &name), rows[i].number != 0);
            assert_int_equal(number, rows[i].number);
            assert_span(name, rows[i].name);
        }
        as_image_close(&image);
    }
    folder_close(&folder);
}

static void test_several_files(void **state)
{
    struct folder folder;
    struct as_image image;
    struct err err;
    uint32_t number;
    struct span name;
    folder_open(&folder);
    const char *paths[] = {folder_put(&folder, "as.csv", "1.0.0.0,1.0.0.255,1,One\n"),
                           folder_put(&folder, "as2.csv", "16777216,16777471,1,One\n2001:200::,2001:200::ff,2,Two\n")};
    const char *table = folder_file(&folder, "as.table");
    if (table_compile_as(paths, 2, table, &err) < 0 || as_image_open(table, &image, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(image.v4_count, 1); /* the same range in two spellings */
    assert_int_equal(image.v6_count, 1);
    assert_true(as_image_find(&image, (struct ip[]){address("2001:200::7")}, &number, &name));
    assert_int_equal(number, 2);
    as_image_close(&image);
    folder_close(&folder);
}

static void test_ranges_that_run_into_each_other(void **state)
{
    static const struct {
        const char *address;
        uint32_t number;
    } rows[] = {{"1.0.0.127", 1}, {"1.0.0.128", 2}, {"1.0.1.0", 2}, {"2001:200::ffff", 1}, {"2001:200::1:0", 2}, {"2001:200::1:5", 2}};
    struct folder folder;
    struct as_image image;
    struct err err;
    folder_open(&folder);
    const char *csv = folder_put(&folder, "as.csv", "1.0.0.0,1.0.0.255,1,x\n1.0.0.128,1.0.1.0,2,y\n"
                                                    "2001:200::,2001:200::1:3,1,x\n2001:200::1:0,2001:200::1:5,2,y\n");
    if (as_image_open(csv, &image, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span name;
        uint32_t number = 0;
        struct ip ip = address(rows[i].address);
        assert_true(as_image_find(&image, &ip, &number, &name));
        assert_int_equal(number, rows[i].number);
    }
    as_image_close(&image);
    folder_close(&folder);
}

static void test_faulty_rows(void **state)
{
    static const struct {
        const char *csv, *told;
    } rows[] = {
        {"1.0.0.0,1.0.0.255\n", "as.csv:1: the line is not start,end,asn,name"},
        {"1.0.0.0,1.0.0.255,1,x\nnonsense,1.0.0.1,1,x\n", "as.csv:2:"},
        {"1.0.0.0,2001:200::,1,x\n", "one kind"},
        {"1.0.0.9,1.0.0.1,1,x\n", "ends before it starts"},
        {"1.0.0.0,1.0.0.255,AS1,x\n", "AS number"},
        {"1.0.0.0,1.0.0.255,4294967296,x\n", "AS number"},
        {"340282366920938463463374607431768211456,340282366920938463463374607431768211456,1,x\n", "one kind"},
        {"1.0.0.0,1.0.0.255,1,x\n1.0.0.128,1.0.0.200,2,y\n", "contradict each other at 1.0.0.128"},
        {"1.0.0.0,1.0.0.255,1,x\n1.0.0.0,1.0.0.255,2,y\n", "contradict each other at 1.0.0.0"},
        {"2001:200::,2001:200::ff,1,x\n2001:200::f,2001:200::f,2,y\n", "contradict each other at 2001:200::f"},
        {"", "holds no address range"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct folder folder;
        struct err err = {""};
        folder_open(&folder);
        const char *paths[] = {folder_put(&folder, "as.csv", rows[i].csv)};
        int made = table_compile_as(paths, 1, folder_file(&folder, "as.table"), &err);
        if (made == 0 || !strstr(err.text, rows[i].told))
            fail_msg("row %zu: made %d, said: %s", i, made, err.text);
        assert_int_not_equal(access(folder_file(&folder, "as.table"), F_OK), 0);
        folder_close(&folder);
    }
}

static struct span image_of(struct folder *folder)
{
    struct span bytes;
    struct err err;
    const char *paths[] = {folder_put(folder, "as.csv", "1.0.0.0,1.0.0.255,1,One\n1.0.1.0,1.0.1.255,2,Two\n2001:200::,2001:200::ff,2,Two\n2001:201::,2001:201::ff,1,One\n")};
    if (as_image_build(paths, 1, 1 << 20, &bytes, &err) < 0)
        fail_msg("%s", err.text);
    return bytes;
}

/* Every length and every changed 32-bit word: refused, or read without a step outside. */
static void test_damage(void **state)
{
    struct folder folder;
    struct as_image image;
    struct err err;
    folder_open(&folder);
    struct span whole = image_of(&folder);
    assert_int_equal(as_image_check(whole, "x", &image, &err), 0);
    for (size_t n = 0; n < whole.len; n++) {
        struct span part = exact_bytes(whole.at, n);
        assert_int_equal(as_image_check(part, "x", &image, &err), -1);
        assert_non_null(strstr(err.text, "sekimori table as"));
        free((char *)part.at);
    }
    unsigned refused = 0;
    for (size_t at = 0; at + 4 <= whole.len; at += 4) {
        struct span copy = exact_bytes(whole.at, whole.len);
        memset((char *)copy.at + at, 0xff, 4);
        if (as_image_check(copy, "x", &image, &err) < 0)
            refused++;
        else
            for (uint32_t low = 0; low < 300; low++) {
                struct ip ip = {IP_V4, {1, 0, (uint8_t)(low >> 8), (uint8_t)low}};
                uint32_t number;
                struct span name;
                if (as_image_find(&image, &ip, &number, &name))
                    assert_in_range(name.len, 0, 200);
            }
        free((char *)copy.at);
    }
    assert_true(refused >= 20);
    free((char *)whole.at);
    folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_several_files),
        cmocka_unit_test(test_ranges_that_run_into_each_other),
        cmocka_unit_test(test_faulty_rows),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
