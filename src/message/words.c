/* RFC 2047 encoded-words, RFC 5322 3.2.2 comments. */
#include "message/reader.h"

struct word {
    struct span charset, text;
    char form;       /* 'b' or 'q' */
    const char *end; /* after "?=" */
};

/* Is there an encoded-word at `at` ("=?")? Blanks inside its text are survived, many mailers write them. */
static bool word_at(const char *at, const char *end, struct word *out)
{
    struct span rest = span_from(at + 2, end);
    const char *mark = span_find_byte(span_first(rest, 80), '?');
    if (!mark || end - mark < 4 || mark[2] != '?' || mark == rest.at)
        return false;
    out->charset = span_from(rest.at, mark);
    for (size_t i = 0; i < out->charset.len; i++)
        if ((unsigned char)out->charset.at[i] <= ' ' || (unsigned char)out->charset.at[i] > 126)
            return false;
    const char *star = span_find_byte(out->charset, '*'); /* RFC 2231 5: language */
    if (star)
        out->charset = span_from(out->charset.at, star);
    out->form = ascii_lower(mark[1]);
    if (out->form != 'b' && out->form != 'q')
        return false;
    const char *stop = span_find(span_from(mark + 3, end), S("?="));
    /* "=?utf-8?q??=" ends at its last two; "=?utf-8?q?=41?=" begins with an escape, not with the end. */
    if (!stop)
        return false;
    out->text = span_from(mark + 3, stop);
    out->end = stop + 2;
    return true;
}

static int hex_of(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool q_add(struct buf *out, struct span text)
{
    bool clean = true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        int high = c == '=' && i + 2 < text.len ? hex_of(text.at[i + 1]) : -1;
        int low = high >= 0 ? hex_of(text.at[i + 2]) : -1;
        if (low >= 0) {
            buf_byte(out, (char)(high << 4 | low));
            i += 2;
            continue;
        }
        clean &= c != '=';
        buf_byte(out, c == '_' ? ' ' : c);
    }
    return clean;
}

static bool blank_only(const char *at, const char *end)
{
    while (at < end && ascii_is_space(*at))
        at++;
    return at == end;
}

/* Decodes a run of words of one charset and form together: characters are often split between them. */
static const char *run_add(struct buf *out, struct word *word, const char *end, unsigned *faults)
{
    struct buf bytes = {.arena = out->arena};
    struct span charset = word->charset;
    bool more = true;
    while (more) {
        struct decoding how = {0};
        if (word->form == 'b')
            buf_add(&bytes, base64_read(out->arena, word->text, &how));
        else if (!q_add(&bytes, word->text))
            how.faults = DECODE_ESCAPE;
        if (how.faults & ~(unsigned)DECODE_CUT)
            *faults |= WORD_BAD;
        const char *next = span_find(span_from(word->end, end), S("=?"));
        struct word after;
        more = next && blank_only(word->end, next) && word_at(next, end, &after) && span_eq_case(after.charset, charset);
        if (more)
            *word = after;
    }
    bool sure;
    struct span text = charset_decode(out->arena, buf_span(&bytes), charset, &sure);
    if (!charset_is_known(charset))
        *faults |= WORD_BAD;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' && text.at[i] != '\t')
            *faults |= WORD_CONTROL;
    buf_add(out, text);
    return word->end;
}

struct span words_read(struct arena *arena, struct span value, unsigned *faults)
{
    const char *mark = span_find(value, S("=?"));
    bool guess;
    if (!mark)
        return span_is_ascii(value) ? value : text_decode(arena, value, &guess);
    struct buf out = {.arena = arena};
    const char *at = value.at, *end = value.at + value.len;
    bool after_word = false;
    while (mark) {
        struct word word;
        if (!word_at(mark, end, &word)) {
            const char *next = span_find(span_from(mark + 2, end), S("=?"));
            if (!next)
                break;
            mark = next;
            continue;
        }
        if (!after_word || !blank_only(at, mark))
            buf_add(&out, text_decode(arena, span_from(at, mark), &guess));
        at = run_add(&out, &word, end, faults);
        after_word = true;
        mark = span_find(span_from(at, end), S("=?"));
    }
    if (at == value.at)
        *faults |= WORD_BAD;
    buf_add(&out, text_decode(arena, span_from(at, end), &guess));
    return buf_span(&out);
}

struct span words_decode(struct arena *arena, struct span value)
{
    unsigned faults = 0;
    return words_read(arena, value, &faults);
}

struct span comments_strip(struct arena *arena, struct span value)
{
    if (!span_find_byte(value, '('))
        return span_trim(value);
    struct buf out = {.arena = arena};
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '\\' && i + 1 < value.len && (quoted || depth)) {
            if (!depth)
                buf_add(&out, span_first(span_skip(value, i), 2));
            i++;
        } else if (c == '"' && !depth) {
            quoted = !quoted;
            buf_byte(&out, c);
        } else if (c == '(' && !quoted) {
            depth++;
        } else if (c == ')' && depth) {
            if (--depth == 0)
                buf_byte(&out, ' ');
        } else if (!depth) {
            buf_byte(&out, c);
        }
    }
    return span_trim(buf_span(&out));
}

bool text_has_bidi(struct span utf8)
{
    if (span_is_ascii(utf8))
        return false;
    for (size_t i = 0; i + 2 < utf8.len; i++) {
        const unsigned char *p = (const unsigned char *)utf8.at + i;
        if (p[0] != 0xe2)
            continue;
        /* U+202A..202E, U+2066..2069 */
        if ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9))
            return true;
    }
    return false;
}
