/* glob: patterns with * and ?, the same in every driver. */
#include "store/driver.h"

static size_t character(struct span text, size_t at)
{
    size_t end = at + 1;
    while (end < text.len && ((unsigned char)text.at[end] & 0xc0) == 0x80)
        end++;
    return end - at;
}

static bool byte_is(char a, char b, bool any_case)
{
    return any_case ? ascii_lower(a) == ascii_lower(b) : a == b;
}

static const char *wildcard(struct span pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.at[i] == '*' || pattern.at[i] == '?')
            return pattern.at + i;
    return NULL;
}

bool store_glob(struct span pattern, struct span text)
{
    return glob_matches(pattern, text, false);
}

struct span glob_head(struct span pattern)
{
    const char *end = wildcard(pattern);
    return end ? span_from(pattern.at, end) : pattern;
}

/* "*words*", which is what people ask for. */
static bool infix(struct span pattern, struct span *inner)
{
    if (pattern.len < 3 || pattern.at[0] != '*' || pattern.at[pattern.len - 1] != '*')
        return false;
    *inner = span_first(span_skip(pattern, 1), pattern.len - 2);
    return !wildcard(*inner);
}

/* Back to the last * only: what an earlier one took can always be taken by the last. */
static bool matches(struct span pattern, struct span text, bool any_case)
{
    size_t p = 0, t = 0, star = SIZE_MAX, again = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            again = t;
        } else if (p < pattern.len && pattern.at[p] == '?') {
            p++;
            t += character(text, t);
        } else if (p < pattern.len && byte_is(pattern.at[p], text.at[t], any_case)) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            again += character(text, again);
            t = again;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

bool glob_matches(struct span pattern, struct span text, bool any_case)
{
    struct span inner;
    if (!infix(pattern, &inner))
        return matches(pattern, text, any_case);
    return (any_case ? span_find_case(text, inner) : span_find(text, inner)) != NULL;
}

bool prefix_end(struct arena *arena, struct span prefix, struct span *out)
{
    while (prefix.len && (unsigned char)prefix.at[prefix.len - 1] == 0xff)
        prefix.len--;
    if (!prefix.len)
        return false;
    *out = arena_copy(arena, prefix);
    ((unsigned char *)out->at)[prefix.len - 1]++;
    return true;
}
