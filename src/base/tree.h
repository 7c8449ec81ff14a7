/* base/tree: a YAML file as a tree in which everything knows its line.
 *
 * For the one file of which every fault is to be told at once: libcyaml (base/config.h) stops at the first. Single values
 * stay words; what they mean is their reader's affair. Never reads a file; never prints.
 * Not taken, since a configuration is better off without: aliases and anchors, tags, several documents, keys that are no
 * words, more than 16 levels.
 */
#pragma once
#include "base/base.h"

enum tree_kind { TREE_NOTHING, TREE_WORD, TREE_LIST, TREE_MAP }; /* nothing: "key:" with nothing behind it, ~ or null */
struct tree;
struct tree_pair {
    struct span key;
    unsigned line; /* of the key; from 1 */
    struct tree *value;
};
struct tree {
    enum tree_kind kind;
    unsigned line;
    struct span word; /* of TREE_WORD, without quotes */
    VEC(struct tree *) items;
    VEC(struct tree_pair) pairs; /* as they stand, doubles too */
};
/* A text without anything in it gives TREE_NOTHING. -1: no YAML, or one of the things above; *line is where, 0: not told. */
int tree_parse(struct arena *arena, struct span text, struct tree **out, unsigned *line, struct err *err);
