#include "message/url_parts.h"

/* The states of the URL Standard 4.4 as straight code: each part's end is found at once, then the part is read. */
struct parse {
    struct arena *arena;
    struct span rest;       /* what is not read yet; without the fragment's '#' and the query's '?' parts at last */
    const struct url *base; /* may be NULL */
    struct url *url;
    bool special, file;
};

static bool scheme_is_special(struct span s)
{
    return span_eq(s, S("https")) || span_eq(s, S("http")) || span_eq(s, S("file")) || span_eq(s, S("ftp")) ||
           span_eq(s, S("ws")) || span_eq(s, S("wss"));
}

static int default_port(struct span s)
{
    return span_eq(s, S("https")) || span_eq(s, S("wss")) ? 443
           : span_eq(s, S("http")) || span_eq(s, S("ws")) ? 80
           : span_eq(s, S("ftp"))                         ? 21
                                                          : -1;
}

static struct span without_blanks_inside(struct arena *arena, struct span s)
{
    if (!span_find_byte(s, '\t') && !span_find_byte(s, '\n') && !span_find_byte(s, '\r'))
        return s;
    char *at = arena_alloc(arena, s.len);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != '\t' && s.at[i] != '\n' && s.at[i] != '\r')
            at[n++] = s.at[i];
    return (struct span){at, n};
}

static struct span trimmed(struct span s)
{
    while (s.len && (unsigned char)s.at[0] <= ' ')
        s = span_skip(s, 1);
    while (s.len && (unsigned char)s.at[s.len - 1] <= ' ')
        s.len--;
    return s;
}

/* Takes "scheme:" off the front. */
static bool scheme_read(struct parse *p)
{
    size_t n = 0;
    struct span s = p->rest;
    if (!s.len || !ascii_is_alpha(s.at[0]))
        return false;
    while (n < s.len && (ascii_is_alpha(s.at[n]) || ascii_is_digit(s.at[n]) || s.at[n] == '+' || s.at[n] == '-' ||
                         s.at[n] == '.'))
        n++;
    if (n == s.len || s.at[n] != ':')
        return false;
    p->url->scheme = arena_lower(p->arena, span_first(s, n));
    p->rest = span_skip(s, n + 1);
    return true;
}

static void scheme_set(struct parse *p, struct span scheme)
{
    p->url->scheme = scheme;
    p->special = scheme_is_special(scheme);
    p->file = span_eq(scheme, S("file"));
}

static bool is_slash(const struct parse *p, char c)
{
    return c == '/' || (c == '\\' && p->special);
}

static bool rest_starts_slash(const struct parse *p)
{
    return p->rest.len && is_slash(p, p->rest.at[0]);
}

/* ---- tail: query and fragment */
static struct span cut_off(struct span *s, char by, bool *present)
{
    const char *at = span_find_byte(*s, by);
    *present = at != NULL;
    if (!at)
        return (struct span){0};
    struct span tail = span_skip(*s, (size_t)(at + 1 - s->at));
    *s = span_from(s->at, at);
    return tail;
}

static void tail_read(struct parse *p)
{
    struct url *url = p->url;
    url->fragment = cut_off(&p->rest, '#', &url->fragment_present);
    url->query = cut_off(&p->rest, '?', &url->query_present);
    url->fragment = url_encode(p->arena, url->fragment, SET_FRAGMENT);
    url->query = url_encode(p->arena, url->query, p->special ? SET_SPECIAL_QUERY : SET_QUERY);
}

/* ---- path */
static bool is_drive(struct span s, bool normal)
{
    return s.len == 2 && ascii_is_alpha(s.at[0]) && (s.at[1] == ':' || (!normal && s.at[1] == '|'));
}

static bool starts_with_drive(struct span s)
{
    return is_drive(span_first(s, 2), false) && (s.len == 2 || s.at[2] == '/' || s.at[2] == '\\');
}

/* 0: an ordinary segment; 1: "." ; 2: ".."; "%2e" stands for a dot. */
static int dots(struct span s)
{
    int n = 0;
    while (s.len && n < 3) {
        size_t len = s.at[0] == '.' ? 1 : span_starts_case(s, S("%2e")) ? 3 : 0;
        if (!len)
            return 0;
        s = span_skip(s, len);
        n++;
    }
    return n < 3 ? n : 0;
}

static void path_shorten(const struct parse *p, struct buf *path)
{
    const char *last = path->len ? memrchr(path->at, '/', path->len) : NULL;
    if (p->file && path->len == 3 && is_drive((struct span){path->at + 1, 2}, true))
        return;
    path->len = last ? (size_t)(last - path->at) : 0;
}

static void segment_add(const struct parse *p, struct buf *path, struct span segment, bool last)
{
    int n = dots(segment);
    if (n == 2)
        path_shorten(p, path);
    if (n) {
        if (last)
            buf_byte(path, '/');
        return;
    }
    buf_byte(path, '/');
    if (p->file && path->len == 1 && is_drive(segment, false))
        buf_add(path, (struct span){(char[]){segment.at[0], ':'}, 2});
    else
        url_encode_into(path, segment, SET_PATH);
}

/* Nothing in it to resolve: no dot segment, no backslash, no drive letter. */
static bool path_plain(const struct parse *p)
{
    struct span s = p->rest;
    if (p->file || !s.len || s.at[0] != '/' || (p->special && span_find_byte(s, '\\')))
        return false;
    for (size_t i = 0; i + 1 < s.len; i++)
        if (s.at[i] == '/' && (s.at[i + 1] == '.' || s.at[i + 1] == '%'))
            return false;
    return true;
}

/* The path state: rest holds segments, after the slash that opens them; path what stands before. */
static void path_read(struct parse *p, struct buf *path)
{
    for (bool last = false; !last;) {
        size_t n = 0;
        while (n < p->rest.len && !is_slash(p, p->rest.at[n]))
            n++;
        last = n == p->rest.len;
        segment_add(p, path, span_first(p->rest, n), last);
        p->rest = span_skip(p->rest, n + 1);
    }
    p->url->path = buf_span(path);
}

static void path_start(struct parse *p)
{
    struct buf path = {.arena = p->arena};
    if (path_plain(p)) {
        p->url->path = url_encode(p->arena, p->rest, SET_PATH);
        return;
    }
    if (!p->special && !p->rest.len)
        return;
    if (rest_starts_slash(p))
        p->rest = span_skip(p->rest, 1);
    path_read(p, &path);
}

/* "URL Standard: opaque path state": blanks at its end are kept apart from what follows. */
static bool opaque_path_read(struct parse *p)
{
    struct url *url = p->url;
    url->path_opaque = true;
    url->path = url_encode(p->arena, p->rest, SET_CONTROL);
    if (url->path.len && url->path.at[url->path.len - 1] == ' ')
        url->path = arena_print(p->arena, "%.*s%%20", SPAN_FMT(span_first(url->path, url->path.len - 1)));
    return true;
}

/* ---- authority */
static bool port_read(struct parse *p, struct span digits)
{
    uint32_t port = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (!ascii_is_digit(digits.at[i]))
            return false;
        port = port * 10 + (uint32_t)(digits.at[i] - '0');
        if (port > 65535)
            return false;
    }
    p->url->port = digits.len && (int)port != default_port(p->url->scheme) ? (int)port : -1;
    return true;
}

static void credentials_read(struct parse *p, struct span s)
{
    const char *colon = span_find_byte(s, ':');
    p->url->username = url_encode(p->arena, colon ? span_from(s.at, colon) : s, SET_USERINFO);
    if (colon)
        p->url->password = url_encode(p->arena, span_skip(s, (size_t)(colon + 1 - s.at)), SET_USERINFO);
}

/* Where the port's colon stands: the first one outside brackets. */
static size_t host_length(struct span s)
{
    bool inside = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '[')
            inside = true;
        else if (s.at[i] == ']')
            inside = false;
        else if (s.at[i] == ':' && !inside)
            return i;
    }
    return s.len;
}

static bool authority_read(struct parse *p)
{
    size_t n = 0;
    while (n < p->rest.len && !is_slash(p, p->rest.at[n]))
        n++;
    struct span authority = span_first(p->rest, n);
    p->rest = span_skip(p->rest, n);
    const char *at = authority.len ? memrchr(authority.at, '@', authority.len) : NULL;
    if (at) {
        credentials_read(p, span_from(authority.at, at));
        authority = span_skip(authority, (size_t)(at + 1 - authority.at));
        if (!authority.len)
            return false;
    }
    size_t host = host_length(authority);
    if (host == 0 && (p->special || host < authority.len))
        return false;
    if (!url_host_parse(p->arena, span_first(authority, host), p->special, p->url) ||
        !port_read(p, span_skip(authority, host + 1)))
        return false;
    path_start(p);
    return true;
}

static bool authority_after_slashes(struct parse *p)
{
    while (rest_starts_slash(p))
        p->rest = span_skip(p->rest, 1);
    return authority_read(p);
}

/* ---- relative to a base */
static void base_take(struct parse *p, bool credentials)
{
    const struct url *base = p->base;
    if (credentials) {
        p->url->username = base->username;
        p->url->password = base->password;
        p->url->port = base->port;
    }
    p->url->host = base->host;
    p->url->host_kind = base->host_kind;
    p->url->host_present = base->host_present;
    p->url->ip = base->ip;
}

static void path_from_base(struct parse *p, bool shorten)
{
    struct buf path = {.arena = p->arena};
    buf_add(&path, p->base->path);
    if (shorten)
        path_shorten(p, &path);
    path_read(p, &path);
}

static void base_path_and_query(struct parse *p)
{
    p->url->path = p->base->path;
    if (!p->url->query_present) {
        p->url->query = p->base->query;
        p->url->query_present = p->base->query_present;
    }
}

static bool relative_read(struct parse *p)
{
    scheme_set(p, p->base->scheme);
    tail_read(p);
    if (rest_starts_slash(p)) {
        struct span after = span_skip(p->rest, 1);
        if (after.len && is_slash(p, after.at[0])) {
            p->rest = span_skip(after, 1);
            return p->special ? authority_after_slashes(p) : authority_read(p);
        }
        base_take(p, true);
        path_start(p);
        return true;
    }
    base_take(p, true);
    if (p->rest.len)
        path_from_base(p, true);
    else
        base_path_and_query(p);
    return true;
}

/* ---- file */
static bool file_host_read(struct parse *p)
{
    size_t n = 0;
    while (n < p->rest.len && !is_slash(p, p->rest.at[n]))
        n++;
    struct span host = span_first(p->rest, n);
    p->url->host_present = true;
    if (is_drive(host, false)) {
        struct buf path = {.arena = p->arena};
        path_read(p, &path);
        return true;
    }
    p->rest = span_skip(p->rest, n);
    if (host.len) {
        if (!url_host_parse(p->arena, host, true, p->url))
            return false;
        if (span_eq(p->url->host, S("localhost"))) {
            p->url->host = (struct span){0};
            p->url->host_kind = URL_HOST_NONE;
        }
    }
    path_start(p);
    return true;
}

static void file_slash_read(struct parse *p, bool base_is_file)
{
    struct buf path = {.arena = p->arena};
    struct span base = base_is_file ? p->base->path : (struct span){0};
    if (base_is_file) {
        base_take(p, false);
        struct span first = span_first(span_skip(base, 1), 2);
        bool drive = base.len >= 3 && is_drive(first, true) && (base.len == 3 || base.at[3] == '/');
        if (drive && !starts_with_drive(p->rest))
            buf_add(&path, span_first(base, 3));
    }
    path_read(p, &path);
}

static bool file_read(struct parse *p)
{
    bool base_is_file = p->base && span_eq(p->base->scheme, S("file"));
    p->url->host_present = true;
    tail_read(p);
    if (rest_starts_slash(p)) {
        p->rest = span_skip(p->rest, 1);
        if (rest_starts_slash(p)) {
            p->rest = span_skip(p->rest, 1);
            return file_host_read(p);
        }
        file_slash_read(p, base_is_file);
        return true;
    }
    if (!base_is_file) {
        path_start(p);
        return true;
    }
    base_take(p, false);
    if (!p->rest.len)
        base_path_and_query(p);
    else if (starts_with_drive(p->rest))
        path_start(p);
    else
        path_from_base(p, true);
    return true;
}

/* ---- the whole */
static bool absolute_read(struct parse *p)
{
    scheme_set(p, p->url->scheme);
    if (p->file)
        return file_read(p);
    if (p->special && p->base && span_eq(p->base->scheme, p->url->scheme) && !span_starts(p->rest, S("//")))
        return relative_read(p);
    tail_read(p);
    if (p->special)
        return authority_after_slashes(p);
    if (span_starts(p->rest, S("//"))) {
        p->rest = span_skip(p->rest, 2);
        return authority_read(p);
    }
    if (rest_starts_slash(p)) {
        path_start(p);
        return true;
    }
    return opaque_path_read(p);
}

static bool without_scheme_read(struct parse *p)
{
    const struct url *base = p->base;
    if (!base)
        return false;
    if (base->path_opaque) {
        if (!p->rest.len || p->rest.at[0] != '#')
            return false;
        *p->url = *base;
        p->url->fragment_present = true;
        p->url->fragment = url_encode(p->arena, span_skip(p->rest, 1), SET_FRAGMENT);
        return true;
    }
    if (!span_eq(base->scheme, S("file")))
        return relative_read(p);
    scheme_set(p, base->scheme);
    return file_read(p);
}

static char *put(char *at, struct span s)
{
    if (s.len)
        memcpy(at, s.at, s.len);
    return at + s.len;
}

static void href_write(struct arena *arena, struct url *u)
{
    bool user = u->username.len || u->password.len, v6 = u->host_kind == URL_HOST_IPV6;
    struct span port = u->port >= 0 ? arena_print(arena, ":%d", u->port) : (struct span){0};
    char *start = arena_alloc(arena, u->scheme.len + u->username.len + u->password.len + u->host.len + port.len +
                                         u->path.len + u->query.len + u->fragment.len + 12), *at = start;
    at = put(put(at, u->scheme), S(":"));
    if (u->host_present) {
        at = put(at, S("//"));
        if (user) {
            at = put(at, u->username);
            at = u->password.len ? put(put(at, S(":")), u->password) : at;
            at = put(at, S("@"));
        }
        at = put(put(put(at, v6 ? S("[") : S("")), u->host), v6 ? S("]") : S(""));
        at = put(at, port);
    } else if (!u->path_opaque && span_starts(u->path, S("//"))) {
        at = put(at, S("/."));
    }
    at = put(at, u->path);
    if (u->query_present)
        at = put(put(at, S("?")), u->query);
    if (u->fragment_present)
        at = put(put(at, S("#")), u->fragment);
    u->href = span_from(start, at);
}

bool url_parse(struct arena *arena, struct span input, const struct url *base, struct url *out)
{
    *out = (struct url){.port = -1};
    struct parse p = {.arena = arena, .base = base, .url = out};
    p.rest = url_utf8(arena, without_blanks_inside(arena, trimmed(input)));
    bool good = scheme_read(&p) ? absolute_read(&p) : without_scheme_read(&p);
    if (!good) {
        *out = (struct url){.port = -1};
        return false;
    }
    href_write(arena, out);
    return true;
}
