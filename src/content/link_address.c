#include "content/link_inner.h"

/* Anybody's mail address inside a link: plain, in base64 or hexadecimal. Mail is renamed on its way, so the recipient's need not be known. */
enum { LOOKED_AT = 2048, LOCAL_LEAST = 2, CODED_LEAST = 16, CODED_MOST = 600 };

static bool is_local(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || (c && strchr("._+-", c));
}

static bool is_domain(struct span domain)
{
    size_t dot = 0, len = 0;
    for (; len < domain.len && (ascii_is_alpha(domain.at[len]) || ascii_is_digit(domain.at[len]) || domain.at[len] == '-' || domain.at[len] == '.'); len++)
        dot = domain.at[len] == '.' ? len : dot;
    return dot > 1 && len > dot + 2 && ascii_is_alpha(domain.at[dot + 1]) && ascii_is_alpha(domain.at[dot + 2]);
}

static bool holds_plain(struct span text)
{
    for (const char *at; (at = span_find_byte(text, '@')); text = span_from(at + 1, text.at + text.len)) {
        size_t local = 0, before = (size_t)(at - text.at);
        while (local < before && local < LOCAL_LEAST && is_local(at[-1 - (ptrdiff_t)local]))
            local++;
        if (local == LOCAL_LEAST && is_domain(span_from(at + 1, text.at + text.len)))
            return true;
    }
    return false;
}

static int digit_value(char c, bool hex)
{
    if (ascii_is_digit(c))
        return hex ? c - '0' : 52 + c - '0';
    if (hex)
        return c >= 'a' && c <= 'f' ? 10 + c - 'a' : c >= 'A' && c <= 'F' ? 10 + c - 'A' : -1;
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return 26 + c - 'a';
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* The bytes that a run of digits stands for, read from its begin. */
static bool run_holds(struct span run, bool hex)
{
    char bytes[CODED_MOST];
    unsigned bits = 0, held = 0, each = hex ? 4 : 6;
    size_t len = 0;
    for (size_t i = 0; i < run.len && len < sizeof bytes; i++) {
        held = held << each | (unsigned)digit_value(run.at[i], hex);
        bits += each;
        if (bits >= 8) {
            bits -= 8;
            bytes[len++] = (char)(held >> bits & 255);
        }
    }
    return holds_plain((struct span){bytes, len});
}

static bool holds_coded(struct span text, bool hex)
{
    for (size_t at = 0; at < text.len; at++) {
        size_t from = at;
        while (at < text.len && digit_value(text.at[at], hex) >= 0)
            at++;
        if (at - from >= CODED_LEAST && run_holds(span_first(span_skip(text, from), at - from), hex))
            return true;
    }
    return false;
}

bool link_holds_address(struct arena *arena, const struct url *url)
{
    const struct span pieces[] = {url->path, url->query, url->fragment};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct span piece = percent_undo(arena, span_first(pieces[i], LOOKED_AT));
        if (holds_plain(piece) || holds_coded(piece, true) || holds_coded(piece, false))
            return true;
    }
    return false;
}

/* ---- another's page named in the query: who opens the link is sent on there */
bool link_holds_link(const struct link_reader *reader, const struct link_fact *fact)
{
    enum { HOST_MOST = 253 };
    struct span query = span_first(fact->target.query, LOOKED_AT);
    if (!query.len || !reader->tables)
        return false;
    query = percent_undo(reader->arena, percent_undo(reader->arena, query));
    const char *at = span_find(query, S("://"));
    if (!at)
        return span_find(query, S("=aHR0c")) != NULL; /* "http" in base64 */
    struct span host = span_from(at + 3, query.at + query.len);
    size_t len = 0;
    while (len < host.len && len < HOST_MOST && (ascii_is_alpha(host.at[len]) || ascii_is_digit(host.at[len]) || host.at[len] == '-' || host.at[len] == '.'))
        len++;
    host = span_first(host, len);
    return span_find_byte(host, '.') && !same_organisation(reader->tables, host, fact->organisation);
}
