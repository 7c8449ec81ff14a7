#include "table/inner.h"

static uint64_t hash_of(struct span key) /* FNV-1a over lower case */
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(key.at[i])) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

void span_map_size(struct arena *arena, struct span_map *map, size_t entries)
{
    map->size = 16;
    while (map->size < entries * 2)
        map->size *= 2;
    map->slots = arena_alloc(arena, map->size * sizeof *map->slots);
}

static struct span_slot *slot_of(const struct span_map *map, struct span key)
{
    size_t at = (size_t)hash_of(key) & (map->size - 1);
    while (map->slots[at].key.at && !span_eq_case(map->slots[at].key, key))
        at = (at + 1) & (map->size - 1);
    return &map->slots[at];
}

bool span_map_add(struct span_map *map, struct span key, uint32_t value)
{
    struct span_slot *slot = slot_of(map, key);
    if (slot->key.at)
        return false;
    *slot = (struct span_slot){key, value};
    return true;
}

const uint32_t *span_map_find(const struct span_map *map, struct span key)
{
    if (!map->size || !key.len)
        return NULL;
    struct span_slot *slot = slot_of(map, key);
    return slot->key.at ? &slot->value : NULL;
}
