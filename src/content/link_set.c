#include "content/link_inner.h"

static uint32_t digest(struct span key)
{
    uint64_t h = key.len * 0x9e3779b97f4a7c15u, word;
    for (; key.len >= sizeof word; key = span_skip(key, sizeof word)) {
        memcpy(&word, key.at, sizeof word);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.at[i]) * 0x100000001b3u;
    return (uint32_t)(h ^ h >> 32);
}

static uint32_t *slot_of(const struct link_set *set, struct span key)
{
    for (size_t at = digest(key) & (set->slot_count - 1);; at = (at + 1) & (set->slot_count - 1))
        if (!set->slots[at] || span_eq(set->keys.at[set->slots[at] - 1], key))
            return &set->slots[at];
}

static void slots_grow(struct arena *arena, struct link_set *set)
{
    if ((set->keys.len + 1) * 2 <= set->slot_count)
        return;
    set->slot_count = set->slot_count ? set->slot_count * 4 : 32;
    set->slots = arena_alloc(arena, set->slot_count * sizeof *set->slots);
    for (size_t i = 0; i < set->keys.len; i++)
        *slot_of(set, set->keys.at[i]) = (uint32_t)i + 1;
}

size_t link_set_add(struct arena *arena, struct link_set *set, struct span key)
{
    slots_grow(arena, set);
    uint32_t *slot = slot_of(set, key);
    if (!*slot) {
        *vec_push(arena, &set->keys) = key;
        *slot = (uint32_t)set->keys.len;
    }
    return *slot - 1;
}
