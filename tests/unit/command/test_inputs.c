#include "command/scan.h"
#include "folder.h"

#include <limits.h>

static char folder[256];

static int begin(void **state)
{
    folder_make(folder, sizeof folder);
    return 0;
}

static int end(void **state)
{
    folder_drop(folder);
    return 0;
}

/* All inputs of `path` below the folder, one a line: name without the folder, size or "story"; errors after "!". */
static const char *listing(const char *path)
{
    static char text[4096];
    char full[512];
    struct input input;
    struct err err;
    size_t skip = strlen(folder) + 1;
    snprintf(full, sizeof full, "%s%s%s", folder, *path ? "/" : "", path);
    const char *paths[] = {full};
    struct inputs *inputs = inputs_new(paths, 1);
    text[0] = 0;
    for (int got; (got = inputs_next(inputs, &input, &err));) {
        size_t used = strlen(text);
        if (got < 0)
            snprintf(text + used, sizeof text - used, "!%s\n", err.text + skip);
        else if (input.story)
            snprintf(text + used, sizeof text - used, "%s story\n", input.name + skip);
        else
            snprintf(text + used, sizeof text - used, "%s %d+%d\n", input.name + skip, (int)input.offset, (int)input.length);
        if (got > 0 && !input.story)
            close(input.fd);
    }
    inputs_free(&inputs);
    return text;
}

static void folders_are_walked_in_order(void **state)
{
    folder_sub(folder, "b");
    folder_write(folder, "b/2.eml", S("22"));
    folder_write(folder, "b/1.eml", S("1"));
    folder_write(folder, "c.eml", S("333"));
    folder_write(folder, "a.eml", S("4444"));
    folder_write(folder, ".hidden", S("x"));
    folder_write(folder, "b.envelopes.tsv", S("x"));
    folder_write(folder, "README.md", S("x"));
    folder_write(folder, "READMEs", S("55555"));
    assert_string_equal(listing(""), "READMEs 0+5\na.eml 0+4\nb/1.eml 0+1\nb/2.eml 0+2\nc.eml 0+3\n");
    assert_string_equal(listing("b/"), "b/1.eml 0+1\nb/2.eml 0+2\n");
    assert_string_equal(listing("c.eml"), "c.eml 0+3\n");
}

static void maildirs_have_two_leaves_and_hidden_subfolders(void **state)
{
    static const char *const folders[] = {"m", "m/cur", "m/new", "m/tmp", "m/.Sent", "m/.Sent/cur", "m/.Sent/new", "m/.Sent/tmp", "m/.nothing"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        folder_sub(folder, folders[i]);
    folder_write(folder, "m/cur/1:2,S", S("1"));
    folder_write(folder, "m/new/2", S("22"));
    folder_write(folder, "m/tmp/3", S("333"));
    folder_write(folder, "m/.Sent/cur/4:2,S", S("4444"));
    folder_write(folder, "m/.nothing/5", S("55555"));
    folder_write(folder, "m/dovecot-uidlist", S("x"));
    assert_string_equal(listing("m"), "m/.Sent/cur/4:2,S 0+4\nm/cur/1:2,S 0+1\nm/new/2 0+2\n");
    assert_string_equal(listing(""), "m/.Sent/cur/4:2,S 0+4\nm/cur/1:2,S 0+1\nm/new/2 0+2\n");
}

static void an_mbox_gives_its_messages(void **state)
{
    folder_write(folder, "box", S("From a Sat Nov 21 23:40:00 2026\nA: 1\n\nx\n\nFrom b Sat Nov 21 23:40:01 2026\nB: 2\n\n"));
    assert_string_equal(listing("box"), "box#1 32+8\nbox#2 73+5\n");
    folder_write(folder, "one", S("From a Sat Nov 21 23:40:00 2026\nA: 1\n\nx\n\n"));
    assert_string_equal(listing("one"), "one 32+8\n");
}

static void a_story_is_given_whole(void **state)
{
    folder_sub(folder, "s");
    folder_write(folder, "s/message.eml", S("x"));
    folder_write(folder, "s/envelope", S("x"));
    assert_string_equal(listing(""), "s story\n");
    assert_string_equal(listing("s/"), "s story\n");
    assert_string_equal(listing("s/message.eml"), "s/message.eml 0+1\n");
}

static void what_cannot_be_read_is_said_and_passed_over(void **state)
{
    char path[512];
    folder_write(folder, "a.eml", S("1"));
    folder_write(folder, "empty.eml", S(""));
    snprintf(path, sizeof path, "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof path, "%s/gone", folder);
    assert_int_equal(symlink("nowhere", path), 0);
    snprintf(path, sizeof path, "%s/loop", folder);
    assert_int_equal(symlink(".", path), 0);
    folder_write(folder, "z.eml", S("22"));
    assert_string_equal(listing(""), "a.eml 0+1\n!empty.eml: is empty\n!fifo: is no regular file\n"
                                     "!gone: cannot be read: No such file or directory\n"
                                     "!loop: is a link to a folder and not followed; name it to have it scanned\nz.eml 0+2\n");
    assert_string_equal(listing("missing"), "!missing: cannot be read: No such file or directory\n");
    assert_string_equal(listing("fifo"), "!fifo: is empty\n"); /* nobody writes: no hang */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders_are_walked_in_order, begin, end),
        cmocka_unit_test_setup_teardown(maildirs_have_two_leaves_and_hidden_subfolders, begin, end),
        cmocka_unit_test_setup_teardown(an_mbox_gives_its_messages, begin, end),
        cmocka_unit_test_setup_teardown(a_story_is_given_whole, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said_and_passed_over, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
