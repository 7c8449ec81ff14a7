#include "content/link_inner.h"

/* Redirectors undone. What a stranger wrote is read within bounds: so many times, fields and bytes. */
enum { UNWRAPS_MOST = 8, FIELDS_MOST = 64, TARGET_MOST = 16384 };

static int hex_digit(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct span percent_undo(struct arena *arena, struct span s)
{
    if (!span_find_byte(s, '%'))
        return s;
    char *to = arena_alloc(arena, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        int high = s.at[i] == '%' && i + 2 < s.len ? hex_digit(s.at[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.at[i + 2]) : -1;
        to[len++] = low >= 0 ? (char)(high << 4 | low) : s.at[i];
        i += low >= 0 ? 2 : 0;
    }
    return (struct span){to, len};
}

/* ---- pieces of URLs */
static bool field_find(struct span query, struct span name, struct span *value)
{
    struct span piece, key;
    for (int i = 0; i < FIELDS_MOST && span_cut(&query, '&', &piece); i++) {
        if (span_starts_case(piece, S("amp;"))) /* written with a character reference too many */
            piece = span_skip(piece, 4);
        if (span_cut(&piece, '=', &key) && span_eq_case(key, name) && piece.len) {
            *value = piece;
            return true;
        }
    }
    return false;
}

/* Where an address begins in words; percent_encoded where its colon or slashes are. */
static const char *address_find(struct span words, bool *encoded)
{
    for (const char *at = words.at, *end = words.at + words.len; words.len >= 7 && at + 7 <= end; at++) {
        if ((*at | 32) != 'h')
            continue;
        struct span rest = span_from(at, end);
        if (!span_starts_case(rest, S("http")))
            continue;
        rest = span_skip(rest, (rest.at[4] | 32) == 's' ? 5 : 4);
        *encoded = span_starts_case(rest, S("%3a")) || span_starts_case(rest, S(":%2f"));
        if (*encoded || span_starts(rest, S(":/")))
            return at;
    }
    return NULL;
}

static bool is_web(const struct url *url)
{
    return url->host.len && (span_eq(url->scheme, S("http")) || span_eq(url->scheme, S("https")));
}

/* What was found as the target: an address, a host and path, or words with an address inside (JSON, "a1" before it). */
static bool target_parse(struct arena *arena, struct span words, struct url *out)
{
    bool encoded = false;
    words = span_trim(span_first(words, TARGET_MOST));
    const char *at = address_find(words, &encoded);
    if (at) {
        struct span address = span_from(at, words.at + words.len);
        const char *quote = span_find_byte(address, '"'); /* the end of a word in JSON; no address holds one */
        address = quote ? span_from(at, quote) : address;
        return url_parse(arena, encoded ? percent_undo(arena, address) : address, NULL, out) && is_web(out);
    }
    if (span_starts(words, S("//")))
        words = span_skip(words, 2);
    const char *dot = span_find_byte(words, '.'), *colon = span_find_byte(words, ':');
    return dot && (!colon || colon > dot) && dot != words.at && url_parse_text(arena, words, out) && is_web(out);
}

/* ---- base64, in both alphabets; JSON inside has its slashes escaped, once or twice */
static struct span base64_words(struct arena *arena, struct span text)
{
    text = span_first(text, TARGET_MOST);
    const char *head = span_find(text, S("aHR0c")); /* "http", whatever stands before it */
    text = head ? span_from(head, text.at + text.len) : text;
    char *digits = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (; len < text.len && text.at[len] != '.'; len++)
        digits[len] = text.at[len] == '-' ? '+' : text.at[len] == '_' ? '/' : text.at[len];
    bool strict;
    struct span words = base64_decode(arena, (struct span){digits, len}, &strict);
    char *to = arena_alloc(arena, words.len + 1);
    len = 0;
    for (size_t i = 0; i < words.len && words.at[i]; i++)
        if (words.at[i] != '\\')
            to[len++] = words.at[i];
    return (struct span){to, len};
}

static bool base64_target(struct arena *arena, struct span value, struct url *out)
{
    value = percent_undo(arena, span_first(value, TARGET_MOST));
    bool encoded;
    struct span words = base64_words(arena, value);
    return (address_find(words, &encoded) && target_parse(arena, words, out)) || target_parse(arena, value, out);
}

/* ---- URL Defense: version 2 writes _ for / and - for %; version 3 stars for what follows in base64 */
static bool defense_2(struct arena *arena, struct span value, struct url *out)
{
    value = percent_undo(arena, span_first(value, TARGET_MOST));
    char *to = arena_alloc(arena, value.len + 1);
    for (size_t i = 0; i < value.len; i++)
        to[i] = value.at[i] == '-' ? '%' : value.at[i] == '_' ? '/' : value.at[i];
    return target_parse(arena, percent_undo(arena, (struct span){to, value.len}), out);
}

/* "**" and a sign: so many letters in a row, from 2 on. 0 where it is no sign. */
static size_t run_length(char sign)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *found = sign ? strchr(signs, sign) : NULL;
    return found ? (size_t)(found - signs) + 2 : 0;
}

static struct span letters_take(struct span *letters, size_t count)
{
    size_t len = 0;
    while (count-- > 0 && len < letters->len)
        do
            len++;
        while (len < letters->len && ((unsigned char)letters->at[len] & 0xC0) == 0x80);
    struct span taken = span_first(*letters, len);
    *letters = span_skip(*letters, len);
    return taken;
}

static bool defense_3(struct arena *arena, struct span rest, struct url *out)
{
    rest = span_first(rest, TARGET_MOST);
    const char *end = span_find(rest, S("__;"));
    if (!end)
        return false;
    struct span masked = span_from(rest.at, end), letters = span_skip(rest, masked.len + 3);
    const char *bang = span_find_byte(letters, '!');
    letters = bang ? span_from(letters.at, bang) : letters;
    char *digits = arena_alloc(arena, letters.len + 1);
    for (size_t i = 0; i < letters.len; i++)
        digits[i] = letters.at[i] == '-' ? '+' : letters.at[i] == '_' ? '/' : letters.at[i];
    bool strict;
    letters = base64_decode(arena, (struct span){digits, letters.len}, &strict);
    struct buf whole = {.arena = arena};
    for (size_t i = 0; i < masked.len; i++) {
        size_t run = i + 2 < masked.len && masked.at[i] == '*' && masked.at[i + 1] == '*' ? run_length(masked.at[i + 2]) : 0;
        if (masked.at[i] == '*')
            buf_add(&whole, letters_take(&letters, run ? run : 1));
        else
            buf_byte(&whole, masked.at[i]);
        i += run ? 2 : 0;
    }
    return target_parse(arena, buf_span(&whole), out);
}

/* ---- the target in the path: percent-encoded in one segment, written out to the end, in base64, or a host and path */
static bool path_target(struct arena *arena, const struct redirector *through, const struct url *url, struct url *out)
{
    const char *found = span_find(url->href, url->path);
    if (!found || url->href.len > TARGET_MOST)
        return false;
    struct span rest = span_skip(span_from(found, url->href.at + url->href.len), through->path.len), segment = rest;
    bool encoded = false;
    const char *at = address_find(rest, &encoded), *mark;
    if (at) {
        struct span target = span_from(at, rest.at + rest.len);
        mark = encoded ? span_find_byte(target, '/') : span_find(target, S("___"));
        return target_parse(arena, mark ? span_from(at, mark) : target, out);
    }
    at = span_find(rest, S("aHR0c"));
    if (at) {
        rest = span_from(at, rest.at + rest.len);
        mark = span_find_byte(rest, '/');
        return base64_target(arena, mark ? span_from(at, mark) : rest, out);
    }
    mark = span_find_byte(rest, '/');
    segment = mark ? span_from(rest.at, mark) : rest;
    bool whole = span_find_case(segment, S("%2f")) == NULL;
    return span_find_byte(segment, '.') && target_parse(arena, whole ? rest : percent_undo(arena, segment), out);
}

/* example-com.translate.goog: one hyphen is a dot, two are a hyphen. */
static bool label_target(struct arena *arena, const struct redirector *through, const struct url *url, struct url *out)
{
    if (url->host.len <= through->host.len + 1)
        return false;
    struct span label = span_first(url->host, url->host.len - through->host.len - 1);
    struct buf whole = {.arena = arena};
    buf_add(&whole, S("https://"));
    for (size_t i = 0; i < label.len; i++) {
        bool twice = label.at[i] == '-' && i + 1 < label.len && label.at[i + 1] == '-';
        buf_byte(&whole, twice || label.at[i] != '-' ? label.at[i] : '.');
        i += twice;
    }
    buf_add(&whole, span_first(url->path, TARGET_MOST));
    return url_parse(arena, buf_span(&whole), NULL, out) && is_web(out) && span_find_byte(out->host, '.');
}

static bool field_target(struct arena *arena, const struct redirector *through, const struct url *url, struct url *out)
{
    struct span value;
    struct span query = span_first(url->query, TARGET_MOST);
    vec_each (name, &through->fields) {
        if (!field_find(query, *name, &value))
            continue;
        if (through->form == REDIRECT_BASE64 ? base64_target(arena, value, out) : target_parse(arena, percent_undo(arena, value), out))
            return true;
    }
    return false;
}

static bool target_of(struct arena *arena, const struct redirector *through, const struct url *url, struct url *out)
{
    struct span value = {0}, query = span_first(url->query, TARGET_MOST);
    switch (through->form) {
    case REDIRECT_QUERY:
    case REDIRECT_BASE64:
    case REDIRECT_HOST_ONLY:
        return field_target(arena, through, url, out);
    case REDIRECT_PATH:
        return path_target(arena, through, url, out);
    case REDIRECT_SAFELINKS:
        return field_find(query, S("url"), &value) && target_parse(arena, percent_undo(arena, value), out);
    case REDIRECT_URLDEFENSE_1:
        return field_find(query, S("u"), &value) && target_parse(arena, percent_undo(arena, value), out);
    case REDIRECT_URLDEFENSE_2:
        return field_find(query, S("u"), &value) && defense_2(arena, value, out);
    case REDIRECT_URLDEFENSE_3: {
        const char *found = span_find(url->href, S("/v3/__"));
        return found && defense_3(arena, span_skip(span_from(found, url->href.at + url->href.len), 6), out);
    }
    case REDIRECT_LABEL:
        return label_target(arena, through, url, out);
    case REDIRECT_OPAQUE:
        break;
    }
    return false;
}

/* A row whose field is not there is no redirect: the same host shows pages of its own. Rewriters and mail trackers have none. */
static bool keeps_its_target(const struct redirector *through)
{
    return through->form == REDIRECT_OPAQUE || through->kind == REDIRECT_REWRITER || through->kind == REDIRECT_MAIL_TRACKER;
}

unsigned link_unwrap(struct arena *arena, const struct tables *tables, const struct url *url, struct url *out,
                     const struct redirector **outermost, bool *opaque)
{
    unsigned undone = 0;
    *out = *url;
    *outermost = NULL;
    *opaque = false;
    while (tables && is_web(out)) {
        const struct redirector *through = redirector_of(tables, out->host, out->path);
        if (!through)
            break;
        struct url target;
        bool told = undone < UNWRAPS_MOST && target_of(arena, through, out, &target);
        *opaque = !told && (keeps_its_target(through) || undone == UNWRAPS_MOST);
        if (!*outermost && (told || *opaque))
            *outermost = through;
        if (!told)
            break;
        *out = target;
        undone++;
    }
    return undone;
}
