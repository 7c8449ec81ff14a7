/* RFC 2045 5.1 and RFC 2231: what stands in Content-Type and Content-Disposition, as the many ways of writing it are read. */
#include "message/reader.h"

struct raw {
    struct span base, value; /* base: the name without its stars, lower case */
    int index;               /* RFC 2231 3: piece number, -1 where it is no piece */
    bool extended;           /* RFC 2231 4: a star at the end */
};

struct scan {
    struct arena *arena;
    const char *at, *end;
    unsigned faults;
    bool no_comment; /* no comment is closed from here on */
};

static bool is_gap(char c)
{
    return ascii_is_space(c) || c == '\0';
}

static bool comment_skip(struct scan *scan)
{
    size_t depth = 0;
    if (scan->no_comment)
        return false;
    for (const char *p = scan->at; p < scan->end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '(')
            depth++;
        else if (*p == ')' && --depth == 0) {
            scan->at = p + 1;
            scan->faults |= CONTENT_COMMENT;
            return true;
        }
    }
    scan->no_comment = true;
    return false;
}

static void gap_skip(struct scan *scan)
{
    while (scan->at < scan->end && (is_gap(*scan->at) || (*scan->at == '(' && comment_skip(scan))))
        scan->at += scan->at < scan->end && is_gap(*scan->at);
}

/* "text/plain", "attachment": up to the first semicolon; blanks around the slash are survived. */
static struct span head_word(struct scan *scan)
{
    struct buf word = {.arena = scan->arena};
    gap_skip(scan);
    while (scan->at < scan->end && *scan->at != ';') {
        char c = *scan->at;
        if (c == '(' && comment_skip(scan))
            continue;
        if (is_gap(c)) {
            gap_skip(scan);
            bool joined = scan->at < scan->end && (*scan->at == '/' || (word.len && word.at[word.len - 1] == '/'));
            if (!joined)
                break;
            continue;
        }
        if (c == '=') { /* "charset=utf-8" and no type before it */
            word.len = 0;
            scan->faults |= CONTENT_ODD;
            return (struct span){0};
        }
        buf_byte(&word, ascii_lower(c));
        scan->at++;
    }
    return buf_span(&word);
}

/* at: '"' */
static struct span quoted_read(struct scan *scan)
{
    const char *start = ++scan->at, *p = start;
    bool plain = true;
    while (p < scan->end && *p != '"') {
        plain &= *p != '\\';
        p += *p == '\\' && p + 1 < scan->end ? 2 : 1;
    }
    scan->faults |= p < scan->end ? 0 : CONTENT_ODD;
    scan->at = p + (p < scan->end);
    if (plain)
        return span_from(start, p);
    struct buf out = {.arena = scan->arena};
    for (const char *q = start; q < p; q++) {
        /* Windows paths are written unescaped by some mailers: only quotes and backslashes count as escaped. */
        if (*q == '\\' && q + 1 < p && (q[1] == '"' || q[1] == '\\'))
            q++;
        buf_byte(&out, *q);
    }
    return buf_span(&out);
}

static bool is_file_name(struct span base)
{
    return span_eq(base, S("name")) || span_eq(base, S("filename"));
}

static struct span unquoted_read(struct scan *scan, struct span base)
{
    const char *start = scan->at;
    if (is_file_name(base)) {
        const char *stop = memchr(start, ';', (size_t)(scan->end - start));
        scan->at = stop ? stop : scan->end;
        return span_trim(span_from(start, scan->at));
    }
    while (scan->at < scan->end && *scan->at != ';' && !is_gap(*scan->at)) {
        scan->faults |= *scan->at == '(' ? CONTENT_COMMENT : 0;
        scan->at++;
    }
    return span_from(start, scan->at);
}

static void name_split(struct arena *arena, struct span name, struct raw *out)
{
    const char *star = span_find_byte(name, '*');
    out->index = -1;
    out->base = arena_lower(arena, star ? span_from(name.at, star) : name);
    if (!star)
        return;
    struct span tail = span_from(star + 1, name.at + name.len);
    if (tail.len && tail.at[tail.len - 1] == '*') {
        out->extended = true;
        tail.len--;
    }
    uint64_t index;
    if (!tail.len)
        out->extended = true;
    else
        out->index = span_number(tail, 9999, &index) ? (int)index : 9999;
}

/* The next "name=value"; false at the end. */
static bool raw_next(struct scan *scan, struct raw *out)
{
    for (;;) {
        gap_skip(scan);
        if (scan->at >= scan->end)
            return false;
        if (*scan->at == ';') {
            scan->at++;
            continue;
        }
        const char *start = scan->at;
        while (scan->at < scan->end && *scan->at != '=' && *scan->at != ';' && !is_gap(*scan->at))
            scan->at++;
        struct span name = span_from(start, scan->at);
        gap_skip(scan);
        if (scan->at >= scan->end || *scan->at != '=') {
            scan->faults |= CONTENT_ODD;
            continue;
        }
        scan->at++;
        gap_skip(scan);
        *out = (struct raw){0};
        name_split(scan->arena, name, out);
        if (scan->at < scan->end && *scan->at == '"')
            out->value = quoted_read(scan);
        else
            out->value = unquoted_read(scan, out->base);
        return true;
    }
}

static int hex_value(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void percent_add(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        int high = text.at[i] == '%' && i + 2 < text.len ? hex_value(text.at[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.at[i + 2]) : -1;
        buf_byte(out, low >= 0 ? (char)(high << 4 | low) : text.at[i]);
        i += low >= 0 ? 2 : 0;
    }
}

/* charset'language'text of the first piece; what stands before the second quote is taken off. */
static struct span charset_of(struct span *text)
{
    const char *first = span_find_byte(*text, '\'');
    const char *second = first ? span_find_byte(span_from(first + 1, text->at + text->len), '\'') : NULL;
    if (!second)
        return (struct span){0};
    struct span charset = span_from(text->at, first);
    *text = span_from(second + 1, text->at + text->len);
    return charset;
}

static void pieces_sort(struct raw **pieces, size_t count, unsigned *faults)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && pieces[j - 1]->index > pieces[j]->index; j--) {
            struct raw *swap = pieces[j];
            pieces[j] = pieces[j - 1];
            pieces[j - 1] = swap;
            *faults |= CONTENT_PIECES;
        }
    for (size_t i = 0; i < count; i++)
        if (pieces[i]->index > 0 && (size_t)pieces[i]->index != i)
            *faults |= CONTENT_PIECES;
}

/* The pieces of one name joined, and decoded from their charset. */
static struct span pieces_join(struct scan *scan, struct raw **pieces, size_t count)
{
    struct buf bytes = {.arena = scan->arena};
    struct span charset = {0};
    bool extended = false;
    for (size_t i = 0; i < count; i++) {
        struct span text = pieces[i]->value;
        if (pieces[i]->extended) {
            if (i == 0)
                charset = charset_of(&text);
            percent_add(&bytes, text);
            extended = true;
        } else {
            buf_add(&bytes, text);
        }
    }
    bool sure;
    if (extended)
        return charset_decode(scan->arena, buf_span(&bytes), charset, &sure);
    unsigned faults = 0;
    return words_read(scan->arena, buf_span(&bytes), &faults);
}

static void file_name_add(struct arena *arena, struct content *out, struct span name)
{
    for (size_t i = 0; i < out->file_names.len; i++)
        if (span_eq(out->file_names.at[i], name))
            return;
    if (name.len)
        *vec_push(arena, &out->file_names) = name;
}

static void param_add(struct scan *scan, struct content *out, struct span base, struct span value)
{
    for (size_t i = 0; i < out->params.len; i++)
        if (span_eq(out->params.at[i].name, base) && !is_file_name(base) && !span_eq(out->params.at[i].value, value))
            scan->faults |= CONTENT_TWICE;
    *vec_push(scan->arena, &out->params) = (struct parameter){base, value};
    if (is_file_name(base))
        file_name_add(scan->arena, out, value);
}

static void plain_add(struct scan *scan, struct content *out, const struct raw *raw)
{
    unsigned faults = 0;
    struct span value = words_read(scan->arena, raw->value, &faults);
    if (span_find(raw->value, S("=?")) && !span_eq(value, raw->value))
        scan->faults |= CONTENT_WORD;
    /* A boundary is bytes: what an encoded-word in it means is asked where parts are cut. */
    param_add(scan, out, raw->base, span_eq(raw->base, S("boundary")) ? raw->value : value);
    if (!is_file_name(raw->base))
        return;
    bool guess;
    struct span bare = text_decode(scan->arena, raw->value, &guess);
    file_name_add(scan->arena, out, bare);
    struct span rest = bare, word;
    if (span_word(&rest, &word) && rest.len && !span_starts(bare, S("=?")))
        file_name_add(scan->arena, out, word);
}

/* All of one base name: the joined value first (RFC 2231 goes before plain), then the plain ones. */
static void base_add(struct scan *scan, struct content *out, struct raw *raws, size_t count, size_t first)
{
    struct raw **pieces = arena_alloc(scan->arena, count * sizeof *pieces);
    size_t n = 0;
    struct span base = raws[first].base;
    for (size_t i = first; i < count; i++)
        if (span_eq(raws[i].base, base) && (raws[i].index >= 0 || raws[i].extended))
            pieces[n++] = &raws[i];
    pieces_sort(pieces, n, &scan->faults);
    size_t whole = 0; /* "name*=" stands alone: each is a value of its own */
    for (; whole < n && pieces[whole]->index < 0; whole++)
        param_add(scan, out, base, pieces_join(scan, pieces + whole, 1));
    if (whole < n)
        param_add(scan, out, base, pieces_join(scan, pieces + whole, n - whole));
    for (size_t i = first; i < count; i++)
        if (span_eq(raws[i].base, base) && raws[i].index < 0 && !raws[i].extended)
            plain_add(scan, out, &raws[i]);
}

static bool seen_before(const struct raw *raws, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (span_eq(raws[j].base, raws[i].base))
            return true;
    return false;
}

void part_content_read(struct arena *arena, struct span value, size_t most, struct content *out)
{
    struct scan scan = {.arena = arena, .at = value.at, .end = value.at + value.len};
    VEC(struct raw) raws = {0};
    *out = (struct content){0};
    const char *start = scan.at;
    out->value = head_word(&scan);
    if (!out->value.len)
        scan.at = start;
    for (struct raw raw; raw_next(&scan, &raw);) {
        if (raws.len == most) {
            scan.faults |= CONTENT_MANY;
            break;
        }
        *vec_push(arena, &raws) = raw;
    }
    for (size_t i = 0; i < raws.len; i++)
        if (!seen_before(raws.at, i))
            base_add(&scan, out, raws.at, raws.len, i);
    out->faults = scan.faults;
}

struct span content_param(const struct content *content, struct span name)
{
    for (size_t i = 0; i < content->params.len; i++)
        if (span_eq(content->params.at[i].name, name))
            return content->params.at[i].value;
    return (struct span){0};
}
