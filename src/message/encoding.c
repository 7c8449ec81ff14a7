/* Transfer encodings, RFC 2045 6.7 and 6.8, and uuencode. What is returned is the lenient reading. */
#include "message/reader.h"

#include <endian.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BLANK = 64, PAD = 65, JUNK = 66 };

static const uint8_t *base64_table(void)
{
    static uint8_t table[256];
    static bool made;
    if (!made) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        memset(table, JUNK, sizeof table);
        for (unsigned i = 0; i < 64; i++)
            table[(unsigned char)digits[i]] = (uint8_t)i;
        table[' '] = table['\t'] = table['\r'] = table['\n'] = BLANK;
        table['='] = PAD;
        made = true;
    }
    return table;
}

static void fault(struct decoding *how, enum decode_fault kind, size_t at)
{
    if (!how->faults)
        how->at = at;
    how->faults |= kind;
}

struct base64 {
    uint32_t bits;
    unsigned have; /* digits in bits */
    bool ended;    /* padding was seen */
    char *to;
};

/* Padding ends a group; what follows is read on as a new one, as some programs do. */
static void base64_pad(struct base64 *state)
{
    if (state->have >= 2)
        *state->to++ = (char)(state->have == 2 ? state->bits >> 4 : state->bits >> 10);
    if (state->have == 3)
        *state->to++ = (char)(state->bits >> 2);
    state->bits = state->have = 0;
    state->ended = true;
}

static void base64_byte(struct base64 *state, uint8_t value, size_t at, struct decoding *how)
{
    if (value < 64) {
        if (state->ended)
            fault(how, DECODE_PADDING, at);
        state->ended = false;
        state->bits = state->bits << 6 | value;
        if (++state->have == 4) {
            *state->to++ = (char)(state->bits >> 16);
            *state->to++ = (char)(state->bits >> 8);
            *state->to++ = (char)state->bits;
            state->bits = state->have = 0;
        }
    } else if (value == PAD) {
        if (state->have)
            base64_pad(state);
        else if (!state->ended)
            fault(how, DECODE_JUNK, at);
    } else if (value == JUNK) {
        fault(how, DECODE_JUNK, at);
    }
}

static bool is_base64_line(const char *at, const char *stop, const uint8_t *table)
{
    while (at < stop && table[(unsigned char)*at] != JUNK)
        at++;
    return at == stop;
}

struct span base64_other(struct arena *arena, struct span text, unsigned faults)
{
    struct buf digits = {.arena = arena};
    const uint8_t *table = base64_table();
    for (const char *at = text.at, *end = text.at + text.len, *next; at < end; at = next) {
        const char *stop = line_end(false, at, end, &next);
        if (faults & DECODE_JUNK && !is_base64_line(at, stop, table))
            continue;
        for (; at < stop; at++)
            if (table[(unsigned char)*at] < 64 || (*at == '=' && !(faults & DECODE_PADDING)))
                buf_byte(&digits, *at);
    }
    struct decoding how = {0};
    return base64_read(arena, buf_span(&digits), &how);
}

static void four_put(char *to, uint32_t bits) /* writes a byte more than three, which the next write covers */
{
    bits = htobe32(bits << 8);
    memcpy(to, &bits, sizeof bits);
}

#ifdef __SSE2__
enum { GROUPS = 4 };
static __m128i within(__m128i c, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8((char)(first - 1))), _mm_cmpgt_epi8(_mm_set1_epi8((char)(last + 1)), c));
}

/* Four groups at once; false: something else than digits is among them. */
static bool groups_read(const unsigned char *in, char *to)
{
    __m128i c = _mm_loadu_si128((const __m128i *)in);
    __m128i upper = within(c, 'A', 'Z'), lower = within(c, 'a', 'z'), figure = within(c, '0', '9'), plus = within(c, '+', '+'), slash = within(c, '/', '/');
    __m128i some = _mm_or_si128(_mm_or_si128(_mm_or_si128(upper, lower), _mm_or_si128(figure, plus)), slash);
    if (_mm_movemask_epi8(some) != 0xffff)
        return false;
    __m128i move = _mm_or_si128(_mm_or_si128(_mm_and_si128(upper, _mm_set1_epi8(-'A')), _mm_and_si128(lower, _mm_set1_epi8(26 - 'a'))),
                                _mm_or_si128(_mm_and_si128(figure, _mm_set1_epi8(52 - '0')),
                                             _mm_or_si128(_mm_and_si128(plus, _mm_set1_epi8(62 - '+')), _mm_and_si128(slash, _mm_set1_epi8(63 - '/')))));
    __m128i six = _mm_add_epi8(c, move);
    __m128i twelve = _mm_or_si128(_mm_slli_epi16(_mm_and_si128(six, _mm_set1_epi16(0xff)), 6), _mm_srli_epi16(six, 8));
    uint32_t bits[GROUPS];
    _mm_storeu_si128((__m128i *)bits, _mm_madd_epi16(twelve, _mm_set1_epi32(1 << 16 | 1 << 12)));
    for (int i = 0; i < GROUPS; i++)
        four_put(to + 3 * i, bits[i]);
    return true;
}
#else
enum { GROUPS = 1 };
static bool groups_read(const unsigned char *in, char *to)
{
    return false;
}
#endif

struct span base64_read(struct arena *arena, struct span text, struct decoding *how)
{
    const uint8_t *table = base64_table();
    const unsigned char *in = (const unsigned char *)text.at;
    char *start = arena_alloc(arena, text.len / 4 * 3 + 4);
    struct base64 state = {.to = start};
    for (size_t i = 0; i < text.len;) {
        while (!state.have && !state.ended && i + 4 * GROUPS <= text.len && groups_read(in + i, state.to)) {
            state.to += 3 * GROUPS;
            i += 4 * GROUPS;
        }
        while (!state.have && !state.ended && i + 4 <= text.len) {
            uint32_t a = table[in[i]], b = table[in[i + 1]], c = table[in[i + 2]], d = table[in[i + 3]];
            if ((a | b | c | d) >= 64)
                break;
            four_put(state.to, a << 18 | b << 12 | c << 6 | d);
            state.to += 3;
            i += 4;
        }
        if (i < text.len) {
            base64_byte(&state, table[in[i]], i, how);
            i++;
        }
    }
    if (state.have) {
        fault(how, DECODE_CUT, text.len);
        base64_pad(&state);
    }
    return span_from(start, state.to);
}

struct span base64_decode(struct arena *arena, struct span text, bool *strict)
{
    struct decoding how = {0};
    struct span bytes = base64_read(arena, text, &how);
    if (strict)
        *strict = !how.faults;
    return bytes;
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* [at, stop) is one line without its end; returns whether it ends in a soft break. Blanks at its end are to be taken off
 * (RFC 2045 6.7, rule 3), but most programs show them: they are kept, and told. */
static bool quoted_printable_line(char **to, const char *at, const char *stop, const char *start, struct decoding *how)
{
    const char *last = stop;
    while (last > at && (last[-1] == ' ' || last[-1] == '\t'))
        last--;
    while (at < last) {
        const char *mark = memchr(at, '=', (size_t)(last - at));
        size_t run = (size_t)((mark ? mark : last) - at);
        memcpy(*to, at, run);
        *to += run;
        at += run;
        if (!mark)
            break;
        if (mark + 1 == last)
            return true;
        int high = hex_value((unsigned char)mark[1]);
        int low = mark + 2 < last ? hex_value((unsigned char)mark[2]) : -1;
        if (high >= 0 && low >= 0) {
            *(*to)++ = (char)(high << 4 | low);
            at += 3;
        } else {
            fault(how, DECODE_ESCAPE, (size_t)(mark - start));
            *(*to)++ = *at++;
        }
    }
    if (last < stop)
        fault(how, DECODE_BLANK, (size_t)(last - start));
    memcpy(*to, last, (size_t)(stop - last));
    *to += stop - last;
    return false;
}

struct span quoted_printable_read(struct arena *arena, struct span text, struct decoding *how)
{
    char *start = arena_alloc(arena, text.len + 1), *to = start;
    const char *end = text.at + text.len, *next;
    for (const char *at = text.at; at < end; at = next) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        next = stop ? stop + 1 : end;
        stop = stop ? stop : end;
        if (stop > at && stop[-1] == '\r' && stop < end)
            stop--;
        if (!quoted_printable_line(&to, at, stop, text.at, how)) {
            memcpy(to, stop, (size_t)(next - stop));
            to += next - stop;
        }
    }
    return span_from(start, to);
}

/* "begin 644 name": three or four octal digits. */
static bool is_begin(struct span line, struct span *name)
{
    if (!span_starts(line, S("begin ")))
        return false;
    line = span_skip(line, 6);
    size_t digits = 0;
    while (digits < line.len && line.at[digits] >= '0' && line.at[digits] <= '7')
        digits++;
    if (digits < 3 || digits > 4 || digits + 1 >= line.len || line.at[digits] != ' ')
        return false;
    *name = span_trim(span_skip(line, digits));
    return name->len > 0;
}

const char *uuencode_find(struct span text)
{
    for (const char *at = text.at, *end = text.at + text.len; at < end;) {
        const char *found = span_find(span_from(at, end), S("begin "));
        if (!found)
            return NULL;
        bool first = found == text.at || found[-1] == '\n';
        const char *stop = first ? memchr(found, '\n', (size_t)(end - found)) : NULL;
        struct span name;
        if (stop && is_begin(span_from(found, stop), &name))
            return found;
        if (first && !stop)
            return NULL;
        at = found + 6;
    }
    return NULL;
}

static unsigned uu(char c)
{
    return ((unsigned)(unsigned char)c - 32) & 63;
}

/* One line of data. False where it is none. */
static bool uuencode_line(struct buf *out, struct span line)
{
    unsigned left = line.len ? uu(line.at[0]) : 0;
    size_t wanted = 1 + (left + 2) / 3 * 4;
    if (!left || line.at[0] < ' ' || line.at[0] > '`' || line.len + 3 < wanted) /* blanks at the end may have been lost */
        return false;
    for (size_t i = 1; left; i += 4) {
        unsigned d[4];
        for (size_t j = 0; j < 4; j++)
            d[j] = i + j < line.len ? uu(line.at[i + j]) : 0;
        char bytes[3] = {(char)(d[0] << 2 | d[1] >> 4), (char)(d[1] << 4 | d[2] >> 2), (char)(d[2] << 6 | d[3])};
        unsigned n = left < 3 ? left : 3;
        buf_add(out, (struct span){bytes, n});
        left -= n;
    }
    return true;
}

struct span uuencode_read(struct arena *arena, struct span text, struct span *name, size_t *used, bool *broken)
{
    struct buf out = {.arena = arena};
    const char *at = text.at, *end = text.at + text.len, *next = end;
    const char *stop = at < end ? line_end(false, at, end, &next) : at;
    *broken = true;
    *used = 0;
    if (at == end || !is_begin(span_from(at, stop), name))
        return (struct span){0};
    for (at = next; at < end; at = next) {
        stop = line_end(false, at, end, &next);
        struct span line = span_from(at, stop);
        if (span_eq(span_trim(line), S("end"))) {
            *broken = false;
            at = next;
            break;
        }
        bool empty = !line.len || line.at[0] == '`' || line.at[0] == ' ';
        if (!empty && !uuencode_line(&out, line))
            break;
    }
    *used = (size_t)(at - text.at);
    return buf_span(&out);
}
