/* YAML as a tree: what stands where, and what is refused with its line. */
#include "exact.h"
#include "base/config.h"
#include "base/tree.h"

static void draw(struct buf *out, const struct tree *node)
{
    switch (node->kind) {
    case TREE_NOTHING:
        buf_print(out, "-");
        break;
    case TREE_WORD:
        buf_print(out, "%.*s", SPAN_FMT(node->word));
        break;
    case TREE_LIST:
        buf_print(out, "[");
        vec_each(item, &node->items) {
            buf_print(out, "%u:", (*item)->line);
            draw(out, *item);
            buf_print(out, " ");
        }
        buf_print(out, "]");
        break;
    case TREE_MAP:
        buf_print(out, "{");
        vec_each(pair, &node->pairs) {
            buf_print(out, "%u:%.*s=", pair->line, SPAN_FMT(pair->key));
            draw(out, pair->value);
            buf_print(out, " ");
        }
        buf_print(out, "}");
    }
}

static void everything_knows_its_line(void **state)
{
    static const struct {
        const char *text, *drawn;
    } rows[] = {
        {"a: 1\n\nb:\n  c: [x, \"y z\"]\n", "{1:a=1 3:b={4:c=[4:x 4:y z ] } }"},
        {"list:\n  - n: 1\n    m: 2\n  - n: 3\n", "{1:list=[2:{2:n=1 3:m=2 } 4:{4:n=3 } ] }"},
        {"a: 1\na: 2\n", "{1:a=1 2:a=2 }"},
        {"a:\nb: ~\nc: null\nd: \"\"\ne: 'null'\n", "{1:a=- 2:b=- 3:c=- 4:d= 5:e=null }"},
        {"---\na: 名\n...\n", "{2:a=名 }"},
        {"", "-"},
        {"# nothing but words\n", "-"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span text = exact(rows[i].text);
        struct tree *tree;
        struct err err;
        unsigned line;
        if (tree_parse(arena, text, &tree, &line, &err) < 0)
            fail_msg("row %zu: %s", i, err.text);
        struct buf out = {.arena = arena};
        draw(&out, tree);
        assert_span(buf_span(&out), rows[i].drawn);
        free((char *)text.at);
        arena_free(&arena);
    }
}

static void faults_have_their_line(void **state)
{
    static const struct {
        const char *text, *said;
        unsigned line;
    } rows[] = {
        {"a: 1\nb: [1, 2\nc: 3\n", "is no YAML: ", 3},
        {"a: 1\nb:\n\tc: 2\n", "never by tabs", 3},
        {"a: &here 1\nb: 2\n", "an anchor (&name) is not taken", 1},
        {"a: 1\nb: *here\n", "an alias (*name) is not taken", 2},
        {"a: 1\n---\nb: 2\n", "a second document", 2},
        {"a: 1\n? [x]\n: 2\n", "a key must be a word", 2},
        {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n", "lies too deep", 1},
        {"a: \xff\n", "is no YAML: ", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span text = exact(rows[i].text);
        struct tree *tree;
        struct err err = {{0}};
        unsigned line;
        assert_int_equal(tree_parse(arena, text, &tree, &line, &err), -1);
        if (!strstr(err.text, rows[i].said) || line != rows[i].line)
            fail_msg("row %zu: line %u: %s", i, line, err.text);
        free((char *)text.at);
        arena_free(&arena);
    }
}

static void keys_are_alike(void **state)
{
    assert_true(key_is_like("listeners", "listener"));
    assert_true(key_is_like("preset", "prseet"));
    assert_true(key_is_like("number", "numbre"));
    assert_false(key_is_like("number", "nubmre"));
    assert_false(key_is_like("ip", "io"));
}

static void letters_are_five_bits_each(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf out = {.arena = arena};
    buf_base32(&out, (const uint8_t[]){0xff, 0x00, 0x44, 0x32, 0x14}, 8);
    assert_span(buf_span(&out), "zw048cgm");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything_knows_its_line), cmocka_unit_test(faults_have_their_line),
                                       cmocka_unit_test(keys_are_alike), cmocka_unit_test(letters_are_five_bits_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
