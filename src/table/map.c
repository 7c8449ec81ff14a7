#include "table/inner.h"

static uint32_t hash_of(struct span key) /* over lower case */
{
    uint64_t hash = key.len, bytes;
    for (size_t i = 0; i < key.len; i += 8) {
        bytes = 0;
        if (key.len - i >= 8)
            memcpy(&bytes, key.at + i, 8);
        else if (key.len >= 8)
            memcpy(&bytes, key.at + key.len - 8, 8); /* some of them once more */
        else
            for (size_t k = 0; k < key.len; k++)
                bytes = bytes << 8 | (unsigned char)key.at[k];
        hash = (hash ^ eight_lower(bytes)) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    hash ^= hash >> 15;
    return (uint32_t)hash;
}

void span_map_size(struct arena *arena, struct span_map *map, size_t entries)
{
    map->size = 16;
    while (map->size < entries * 2)
        map->size *= 2;
    map->slots = arena_alloc(arena, map->size * sizeof *map->slots);
    map->tags = arena_alloc(arena, map->size);
}

/* A byte of each hash stands by itself: most keys asked for are not there, and a walk along a few bytes says so. Never 0. */
static uint8_t tag_of(uint32_t hash)
{
    return (uint8_t)(hash >> 24 | 1);
}

static size_t slot_of(const struct span_map *map, struct span key, uint32_t hash)
{
    size_t at = hash & (map->size - 1);
    while (map->tags[at] && (map->tags[at] != tag_of(hash) || !span_eq_case(map->slots[at].key, key)))
        at = (at + 1) & (map->size - 1);
    return at;
}

bool span_map_add(struct span_map *map, struct span key, uint32_t value)
{
    uint32_t hash = hash_of(key);
    size_t at = slot_of(map, key, hash);
    if (map->tags[at])
        return false;
    map->tags[at] = tag_of(hash);
    map->slots[at] = (struct span_slot){key, value};
    return true;
}

const uint32_t *span_map_find(const struct span_map *map, struct span key)
{
    if (!map->size || !key.len)
        return NULL;
    size_t at = slot_of(map, key, hash_of(key));
    return map->tags[at] ? &map->slots[at].value : NULL;
}
