#include "base/base.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct span span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

struct span span_from(const char *at, const char *end)
{
    return (struct span){at, end > at ? (size_t)(end - at) : 0};
}

bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static bool bytes_eq_case(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ascii_lower(a[i]) != ascii_lower(b[i]))
            return false;
    return true;
}

bool span_eq_case(struct span a, struct span b)
{
    return a.len == b.len && bytes_eq_case(a.at, b.at, a.len);
}

bool span_starts(struct span s, struct span head)
{
    return s.len >= head.len && (head.len == 0 || memcmp(s.at, head.at, head.len) == 0);
}

bool span_starts_case(struct span s, struct span head)
{
    return s.len >= head.len && bytes_eq_case(s.at, head.at, head.len);
}

bool span_ends_case(struct span s, struct span tail)
{
    return s.len >= tail.len && (tail.len == 0 || bytes_eq_case(s.at + (s.len - tail.len), tail.at, tail.len));
}

int span_compare(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.at, b.at, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool stands(const char *at, struct span what, bool either)
{
    return either ? bytes_eq_case(at, what.at, what.len) : memcmp(at, what.at, what.len) == 0;
}

#ifdef __SSE2__
enum { ABREAST = 16 };

/* The first of sixteen places from `at` on. Where the first byte and the last stand as far apart as they should, the rest is compared.
 * `either`: letters of both cases; the bit they differ in is set in all bytes, so that a few others pass the first look too. */
static inline const char *find_abreast(const char *at, struct span what, bool either)
{
    const char bit = either ? 0x20 : 0;
    const __m128i set = _mm_set1_epi8(bit), first = _mm_set1_epi8(what.at[0] | bit), last = _mm_set1_epi8(what.at[what.len - 1] | bit);
    __m128i heads = _mm_loadu_si128((const __m128i *)at), tails = _mm_loadu_si128((const __m128i *)(at + what.len - 1));
    __m128i both = _mm_and_si128(_mm_cmpeq_epi8(first, _mm_or_si128(heads, set)), _mm_cmpeq_epi8(last, _mm_or_si128(tails, set)));
    for (unsigned places = (unsigned)_mm_movemask_epi8(both); places; places &= places - 1)
        if (stands(at + __builtin_ctz(places), what, either))
            return at + __builtin_ctz(places);
    return NULL;
}
#else
enum { ABREAST = 1 };

static inline const char *find_abreast(const char *at, struct span what, bool either)
{
    return stands(at, what, either) ? at : NULL;
}
#endif

/* memmem of glibc goes byte by byte; a tenth of what content costs was spent there. */
static inline const char *find(struct span s, struct span what, bool either)
{
    const char *at = s.at, *found = NULL;
    if (!what.len || s.len < what.len)
        return NULL;
    const char *past = s.at + (s.len - what.len) + 1; /* where it cannot begin any more */
    if (past - at < ABREAST) {
        for (; !found && at < past; at++)
            found = (*at | 0x20) == (what.at[0] | 0x20) && stands(at, what, either) ? at : NULL;
        return found;
    }
    for (; !found && past - at >= ABREAST; at += ABREAST)
        found = find_abreast(at, what, either);
    return found || at == past ? found : find_abreast(past - ABREAST, what, either);
}

const char *span_find(struct span s, struct span what)
{
    enum { FIND_MOST = 64 }; /* for a longer one each place may cost much, and memmem is bounded */
    if (what.len == 1)
        return span_find_byte(s, what.at[0]);
    return what.len <= FIND_MOST ? find(s, what, false) : s.len ? memmem(s.at, s.len, what.at, what.len) : NULL;
}

const char *span_find_case(struct span s, struct span what)
{
    return find(s, what, true);
}

const char *span_find_byte(struct span s, char c)
{
    return s.len ? memchr(s.at, c, s.len) : NULL;
}

struct span span_skip(struct span s, size_t n)
{
    return n < s.len ? (struct span){s.at + n, s.len - n} : (struct span){s.at ? s.at + s.len : NULL, 0};
}

struct span span_first(struct span s, size_t n)
{
    return (struct span){s.at, n < s.len ? n : s.len};
}

static bool trims(char c)
{
    return ascii_is_space(c) || c == '\0';
}

struct span span_trim(struct span s)
{
    while (s.len && trims(s.at[0]))
        s.at++, s.len--;
    while (s.len && trims(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool span_cut(struct span *rest, char by, struct span *head)
{
    if (!rest->at || rest->len == 0)
        return false;
    const char *found = memchr(rest->at, by, rest->len);
    *head = span_first(*rest, found ? (size_t)(found - rest->at) : rest->len);
    *rest = span_skip(*rest, head->len + (found ? 1 : 0));
    return true;
}

bool span_word(struct span *rest, struct span *word)
{
    size_t i = 0;
    while (i < rest->len && ascii_is_space(rest->at[i]))
        i++;
    size_t from = i;
    while (i < rest->len && !ascii_is_space(rest->at[i]))
        i++;
    *word = span_first(span_skip(*rest, from), i - from);
    *rest = span_skip(*rest, i);
    return word->len > 0;
}

bool span_is_one_of(struct span s, struct span words)
{
    struct span word;
    while (span_word(&words, &word))
        if (span_eq(s, word))
            return true;
    return false;
}

bool span_number(struct span s, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (!s.len)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!ascii_is_digit(s.at[i]))
            return false;
        uint64_t digit = (uint64_t)(s.at[i] - '0');
        if (value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

size_t span_letters(struct span s)
{
    size_t letters = 0;
    while (s.len) {
        struct span some = span_first(s, UINT8_MAX); /* as many as a counter of a byte holds: compilers do sixteen at a time then */
        uint8_t count = 0;
        for (size_t i = 0; i < some.len; i++)
            count = (uint8_t)(count + (((unsigned char)some.at[i] > ' ') & ((some.at[i] & 0xc0) != 0x80)));
        letters += count;
        s = span_skip(s, some.len);
    }
    return letters;
}

bool span_is_ascii(struct span s)
{
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t eight;
        memcpy(&eight, s.at + i, 8);
        if (eight & 0x8080808080808080u)
            return false;
    }
    for (; i < s.len; i++)
        if ((unsigned char)s.at[i] > 127)
            return false;
    return true;
}

/* Bytes of the sequence that starts here, 0 where none does. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;
    if (n <= 1 || n > left)
        return n == 1 ? 1 : 0;
    uint32_t point = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (p[i] & 0x3fu);
    }
    bool sane = point >= least[n] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return sane ? n : 0;
}

bool span_is_utf8(struct span s)
{
    for (size_t i = 0; i < s.len;) {
        uint64_t eight;
        if (i + 8 <= s.len && (memcpy(&eight, s.at + i, 8), !(eight & 0x8080808080808080u))) {
            i += 8;
            continue;
        }
        size_t n = utf8_sequence((const unsigned char *)s.at + i, s.len - i);
        if (!n)
            return false;
        i += n;
    }
    return true;
}

struct span domain_undotted(struct span name)
{
    return name.len && name.at[name.len - 1] == '.' ? span_first(name, name.len - 1) : name;
}

bool domain_is_or_under(struct span name, struct span of)
{
    name = domain_undotted(name);
    of = domain_undotted(of);
    if (!of.len || !span_ends_case(name, of))
        return false;
    return name.len == of.len || name.at[name.len - of.len - 1] == '.';
}
