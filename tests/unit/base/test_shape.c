/* Structs as bytes: what goes in comes out, and no bytes are believed. */
#include "exact.h"
#include "base/shape.h"

struct leaf {
    struct span name;
    uint8_t small;
};
struct tree {
    int64_t at;
    double share;
    uint8_t raw[4];
    struct leaf inside, row[2];
    const struct leaf *pointed, *there;
    VEC(struct leaf) list;
    VEC(struct span) words;
    bool yes;
};
static const struct shape leaf_shape = SHAPE_OF(struct leaf, SHAPED_SPAN(struct leaf, name), SHAPED_NUMBER(struct leaf, small));
static const struct shape tree_shape =
    SHAPE_OF(struct tree, SHAPED_NUMBER(struct tree, at), SHAPED_REAL(struct tree, share), SHAPED_RAW(struct tree, raw),
             SHAPED_INSIDE(struct tree, inside, &leaf_shape), SHAPED_ARRAY(struct tree, row, &leaf_shape),
             SHAPED_POINTED(struct tree, pointed, &leaf_shape), SHAPED_THERE(struct tree, there), SHAPED_LIST(struct tree, list, &leaf_shape, 2),
             SHAPED_SPANS(struct tree, words), SHAPED_NUMBER(struct tree, yes));

static struct tree tree_new(struct arena *arena, const struct leaf *leaf)
{
    struct tree tree = {.at = INT64_MIN, .share = 0.1, .raw = {1, 2, 3, 4}, .inside = {S("in"), 7}, .row = {{S("a"), 1}, {S("b"), 255}},
                        .pointed = leaf, .there = leaf, .yes = true};
    for (uint8_t i = 0; i < 3; i++)
        *vec_push(arena, &tree.list) = (struct leaf){S("leaf"), i};
    *vec_push(arena, &tree.words) = S("word");
    *vec_push(arena, &tree.words) = S("");
    return tree;
}

static void what_goes_in_comes_out(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct leaf leaf = {S("far"), 9};
    struct tree tree = tree_new(arena, &leaf), back = {0};
    struct buf out = {.arena = arena};
    shape_write(&tree_shape, &tree, &out);
    struct span rest = buf_span(&out);
    assert_true(shape_read(arena, &tree_shape, &rest, &back));
    assert_int_equal(rest.len, 0);
    assert_true(back.at == INT64_MIN && back.share == 0.1 && back.raw[3] == 4 && back.yes);
    assert_span(back.inside.name, "in");
    assert_int_equal(back.row[1].small, 255);
    assert_span(back.pointed->name, "far");
    assert_non_null(back.there);
    assert_int_equal(back.there->name.len, 0);
    assert_int_equal(back.list.len, 3); /* counted, though only two were written */
    assert_int_equal(back.list.at[1].small, 1);
    assert_int_equal(back.list.at[2].name.len, 0);
    assert_int_equal(back.words.len, 2);
    arena_free(&arena);
}

static void cut_or_odd_bytes_are_refused(void **state)
{
    struct arena *arena = arena_new(1 << 26);
    const struct leaf leaf = {S("far"), 9};
    struct tree tree = tree_new(arena, &leaf);
    struct buf out = {.arena = arena};
    shape_write(&tree_shape, &tree, &out);
    for (size_t len = 0; len < out.len; len++) {
        struct tree back = {0};
        struct span cut = exact_bytes(out.at, len), rest = cut;
        assert_false(shape_read(arena, &tree_shape, &rest, &back));
        free((void *)(uintptr_t)cut.at);
    }
    struct span endless = S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    uint64_t number;
    assert_false(number_read(&endless, &number));
    struct leaf too_large = {0};
    struct span rest = S("\0\x80\x02"); /* 256 into a byte */
    assert_false(shape_read(arena, &leaf_shape, &rest, &too_large));
    assert_true(shape_print_of(&leaf_shape) != shape_print_of(&tree_shape));
    arena_free(&arena);
}

struct few {
    VEC(struct leaf) list;
};
static const struct shape few_shape = SHAPE_OF(struct few, SHAPED_FEW(struct few, list, &leaf_shape, 2));

/* As many as may be come back; of one more not even the room is made. */
static void a_list_of_few_is_no_longer_than_said(void **state)
{
    for (size_t count = 2; count <= 3; count++) {
        struct arena *arena = arena_new(1 << 20);
        struct few few = {0}, back = {0};
        struct buf out = {.arena = arena};
        for (size_t i = 0; i < count; i++)
            *vec_push(arena, &few.list) = (struct leaf){S("leaf"), 1};
        shape_write(&few_shape, &few, &out);
        struct span rest = buf_span(&out);
        assert_int_equal(shape_read(arena, &few_shape, &rest, &back), count == 2);
        assert_int_equal(back.list.len, count == 2 ? 2 : 0);
        assert_true(count == 2 ? back.list.at[1].small == 1 : !back.list.at);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_goes_in_comes_out), cmocka_unit_test(cut_or_odd_bytes_are_refused),
                                       cmocka_unit_test(a_list_of_few_is_no_longer_than_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
