#include "table/phrase_index.h"

/* Words are hashed eight bytes at a time: folded text has a blank, a line end or a character of Japanese behind each. */

#define EACH_BYTE 0x0101010101010101ull

static uint64_t eight(const char *at, const char *end)
{
    uint64_t bytes = 0;
    size_t left = (size_t)(end - at);
    if (left >= 8)
        memcpy(&bytes, at, 8);
    else
        for (size_t i = 0; i < left; i++)
            bytes |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return bytes;
}

/* How many of the eight bytes belong to the word. */
static unsigned inside(uint64_t bytes)
{
    uint64_t high = bytes & (EACH_BYTE << 7), low = (bytes - EACH_BYTE * 0x21) & ~bytes & (EACH_BYTE << 7);
    unsigned word = low ? (unsigned)__builtin_ctzll(low) / 8 : 8;
    if (!high)
        return word;
    for (unsigned i = (unsigned)__builtin_ctzll(high) / 8; i < word; i++)
        if (byte_is_japanese((char)(bytes >> (8 * i))))
            return i;
    return word;
}

static uint64_t mixed(uint64_t key, uint64_t bytes)
{
    key = (key ^ bytes) * 0x9e3779b97f4a7c15ull;
    return key ^ key >> 29;
}

uint32_t key_of_word(const char *at, const char *end, const char **word_end)
{
    uint64_t key = 1;
    unsigned many = 8;
    while (many == 8) {
        uint64_t bytes = eight(at, end);
        many = inside(bytes);
        key = mixed(key, many == 8 ? bytes : many ? bytes & (~0ull >> (64 - 8 * many)) : 0);
        at += many;
    }
    *word_end = at;
    return (uint32_t)(key >> 16);
}

uint32_t key_of_pair(uint32_t first, uint32_t second)
{
    return (uint32_t)(mixed(2, (uint64_t)first << 32 | second) >> 16);
}

uint32_t key_of_head(const char *at)
{
    uint32_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return (uint32_t)(mixed(3, bytes) >> 16);
}

/* A character of Japanese and what follows, beyond a line end: words are broken anywhere. */
uint32_t key_of_japanese(const char *at, const char *end)
{
    uint64_t bytes = 0;
    unsigned used = 0, chars = 0;
    for (; at < end && used < 6; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '\n')
            continue;
        chars += (c & 0xc0) != 0x80;
        if (chars > 2)
            break;
        bytes |= (uint64_t)c << (8 * used++);
    }
    return (uint32_t)(mixed(4, bytes) >> 16);
}
