/* Configuration files: a tree whose lines lie in the text and go downwards, or a refusal with words. */
#include "base/tree.h"
#include "fuzz.h"

enum { DEEPEST = 16 };

static void look(const struct tree *node, unsigned lines, unsigned depth)
{
    promise(depth <= DEEPEST + 1 && node->line >= 1 && node->line <= lines);
    promise(node->kind == TREE_LIST || !node->items.len);
    promise(node->kind == TREE_MAP || !node->pairs.len);
    vec_each(item, &node->items)
        look(*item, lines, depth + 1);
    vec_each(pair, &node->pairs) {
        promise(pair->line >= node->line && pair->line <= lines);
        look(pair->value, lines, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct tree *tree;
    struct err err = {{0}};
    unsigned line, lines = 2;
    for (size_t i = 0; i < size; i++) /* YAML knows CR, NEL, LS and PS as ends of lines too */
        lines += data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xa8 || data[i] == 0xa9;
    if (tree_parse(arena, (struct span){(const char *)data, size}, &tree, &line, &err) < 0)
        promise(err.text[0] && line <= lines);
    else
        look(tree, lines, 0);
    return 0;
}
