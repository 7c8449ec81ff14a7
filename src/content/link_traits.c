#include "content/link_inner.h"

enum { KIT_SEGMENT = 30, DEEP_LABELS = 5, PATH_MOST = 4096 };

/* ---- of the host */
static size_t labels_above_suffix(const struct tables *tables, struct span host)
{
    struct span suffix = tables ? suffix_of(tables, host) : S("");
    size_t labels = 0;
    for (size_t i = 0; i + suffix.len < host.len; i++)
        labels += host.at[i] == '.';
    return labels + (suffix.len ? 0 : 1);
}

/* Four numbers that are a public address, forwards or backwards: 7-113-0-203.vps.example, ec2-203-0-113-7.hoster.example. */
static bool is_machine_name(struct span host)
{
    unsigned count = 0, numbers[4] = {0};
    char parted = 0;
    for (size_t at = 0; at < host.len && count < 4; at++) {
        unsigned value = 0, figures = 0;
        for (; at < host.len && ascii_is_digit(host.at[at]) && figures < 4; at++, figures++)
            value = value * 10 + (unsigned)(host.at[at] - '0');
        char c = at < host.len ? host.at[at] : 0;
        if (!figures || value > 255 || (count && count < 3 && c != parted) || (count < 3 && c != '.' && c != '-')) {
            count = 0;
            continue;
        }
        parted = c;
        numbers[count++] = value;
    }
    struct ip ip = {.family = IP_V4, .bytes = {(uint8_t)numbers[0], (uint8_t)numbers[1], (uint8_t)numbers[2], (uint8_t)numbers[3]}};
    struct ip back = {.family = IP_V4, .bytes = {(uint8_t)numbers[3], (uint8_t)numbers[2], (uint8_t)numbers[1], (uint8_t)numbers[0]}};
    return count == 4 && ip_scope_of(&ip) != IP_PRIVATE && ip_scope_of(&back) != IP_PRIVATE && (ip_scope_of(&ip) == IP_PUBLIC || ip_scope_of(&back) == IP_PUBLIC);
}

unsigned link_host_traits(const struct tables *tables, const struct url *url)
{
    if (url->host_kind == URL_HOST_IPV4 || url->host_kind == URL_HOST_IPV6)
        return TRAIT_ADDRESS_HOST;
    if (url->host_kind != URL_HOST_DOMAIN)
        return 0;
    unsigned traits = span_starts(url->host, S("xn--")) || span_find(url->host, S(".xn--")) ? TRAIT_PUNYCODE : 0;
    if (labels_above_suffix(tables, url->host) >= DEEP_LABELS)
        traits |= TRAIT_DEEP_HOST;
    if (is_machine_name(url->host))
        traits |= TRAIT_MACHINE_NAME;
    return tables && host_is_private(tables, url->host) && !span_starts(url->host, S("www.")) ? traits | TRAIT_PRIVATE_SUFFIX : traits;
}

/* ---- of the letters as they were written */
static bool ends_authority(char c)
{
    return c == '/' || c == '\\' || c == '?' || c == '#' || c == '\0';
}

static struct span authority_written(struct span raw)
{
    const char *colon = span_find_byte(raw, ':');
    struct span rest = colon ? span_from(colon + 1, raw.at + raw.len) : raw;
    while (rest.len && (rest.at[0] == '/' || rest.at[0] == '\\'))
        rest = span_skip(rest, 1);
    size_t len = 0;
    while (len < rest.len && !ends_authority(rest.at[len]))
        len++;
    return span_first(rest, len);
}

/* Browsers mend slashes written backwards, missing ones, and line ends inside a host; filters may read another host. */
static bool is_mended(struct span raw, const struct url *url)
{
    raw = span_trim(raw);
    struct span rest = span_skip(raw, url->scheme.len + 1);
    if (!span_starts_case(raw, url->scheme) || raw.len <= url->scheme.len || raw.at[url->scheme.len] != ':')
        return span_starts(raw, S("\\\\")) || span_starts(raw, S("/\\"));
    if (!span_starts(rest, S("//")) || span_starts(rest, S("///")))
        return true;
    struct span authority = authority_written(raw);
    for (size_t i = 0; i < authority.len; i++)
        if ((unsigned char)authority.at[i] < 0x20)
            return true;
    return span_starts(span_skip(rest, 2 + authority.len), S("\\"));
}

static bool is_odd_number(struct span raw, const struct url *url)
{
    return url->host_kind == URL_HOST_IPV4 && !span_find(authority_written(raw), url->host);
}

/* Nearly no link holds one: one walk says so. */
static bool may_hold_token(struct span raw)
{
    static const char *const second[256] = {['{'] = "{%", ['['] = "[-", ['*'] = "|", ['%'] = "%", ['$'] = "{", ['#'] = "#", ['<'] = "%"};
    for (size_t i = 0; i + 1 < raw.len; i++) {
        const char *seconds = second[(unsigned char)raw.at[i]];
        if (seconds && raw.at[i + 1] && strchr(seconds, raw.at[i + 1]))
            return true;
    }
    return false;
}

/* A field of a template that nobody filled in: {{link}}, [[link]], *|LINK|*, %%link%%, ${link}, ##link##. */
static bool holds_token(struct span raw)
{
    static const char *const pairs[][2] = {
        {"{{", "}}"}, {"[[", "]]"}, {"*|", "|*"}, {"%%", "%%"}, {"${", "}"}, {"##", "##"}, {"<%", "%>"}, {"{%", "%}"}, {"[-", "-]"},
    };
    raw = span_first(raw, PATH_MOST);
    if (!may_hold_token(raw))
        return false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *open = span_find(raw, span_of(pairs[i][0]));
        struct span inside = open ? span_skip(span_from(open, raw.at + raw.len), 2) : S("");
        const char *close = span_find(inside, span_of(pairs[i][1]));
        struct span name = close ? span_from(inside.at, close) : S("");
        bool words = name.len > 1 && name.len < 60;
        for (size_t j = 0; j < name.len; j++)
            words &= ascii_is_alpha(name.at[j]) || strchr("_-. :|0123456789", name.at[j]) != NULL;
        if (words && ascii_is_alpha(span_trim(name).at[0]))
            return true;
    }
    return false;
}

/* ---- of the target */
static unsigned userinfo_traits(const struct link_reader *reader, const struct url *url)
{
    if (!url->username.len && !url->password.len)
        return 0;
    struct span name = percent_undo(reader->arena, span_first(url->username, 300));
    bool host = span_find_byte(name, '.') && reader->tables && suffix_of(reader->tables, name).len && suffix_of(reader->tables, name).len < name.len;
    return host ? TRAIT_USERINFO | TRAIT_USERINFO_HOST : TRAIT_USERINFO;
}

/* One segment and nothing else: letters of both cases and figures, unbroken. */
static bool is_kit_path(const struct url *url)
{
    struct span segment = span_skip(url->path, 1);
    bool upper = false, lower = false, digit = false;
    if (segment.len && segment.at[segment.len - 1] == '/')
        segment.len--;
    if (segment.len < KIT_SEGMENT || segment.len > PATH_MOST || url->query.len)
        return false;
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.at[i];
        if (!ascii_is_alpha(c) && !ascii_is_digit(c))
            return false;
        upper |= c >= 'A' && c <= 'Z';
        lower |= c >= 'a' && c <= 'z';
        digit |= ascii_is_digit(c);
    }
    return upper && lower && digit;
}

static struct span ending_of(struct span path)
{
    for (size_t i = path.len; i > 0 && path.len - i < 12 && path.at[i - 1] != '/'; i--)
        if (path.at[i - 1] == '.')
            return span_skip(path, i);
    return S("");
}

bool path_is_page(struct span path)
{
    static const char *const endings[] = {"html", "htm", "shtml", "xhtml", "svg", "php", "mht"};
    struct span ending = ending_of(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (span_eq_case(ending, span_of(endings[i])))
            return true;
    return false;
}

static bool is_download(const struct tables *tables, struct span path)
{
    bool sure = false;
    struct span ending = ending_of(path);
    if (!ending.len || !tables)
        return false;
    enum ending_kind kind = ending_kind_of(tables, ending, &sure);
    return sure && (kind == ENDING_PROGRAM || kind == ENDING_SCRIPT || kind == ENDING_ARCHIVE || kind == ENDING_DISK_IMAGE);
}

/* Folders of WordPress in which no page for visitors lies; or pages among its uploads. */
static bool is_wordpress_place(struct span path)
{
    static const char *const folders[] = {"/wp-includes/", "/wp-content/plugins/", "/wp-content/themes/", "/wp-content/mu-plugins/",
                                          "/wp-content/languages/", "/wp-content/upgrade/", "/wp-content/cache/", "/wp-admin/css/",
                                          "/wp-admin/js/", "/wp-admin/images/", "/wp-admin/includes/", "/wp-admin/maint/", "/wp-admin/network/",
                                          "/wp-admin/user/", "/.well-known/acme", "/.well-known/pki-validation/"};
    path = span_first(path, PATH_MOST);
    if (!span_find(path, S("/wp-")) && !span_find(path, S("/.well-known/")))
        return false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (span_find(path, span_of(folders[i])))
            return true;
    return span_find(path, S("/wp-content/uploads/")) && path_is_page(path);
}

unsigned link_url_traits(const struct link_reader *reader, const struct link_fact *fact)
{
    const struct url *url = &fact->target;
    unsigned traits = userinfo_traits(reader, url);
    unsigned known = HOST_TRACKER | HOST_SHARE | HOST_REPUTABLE | HOST_SOCIAL | HOST_FORM | HOST_COMMON_LIBRARY;
    traits |= url->port != -1 ? TRAIT_PORT : 0;
    traits |= is_odd_number(fact->link->raw, fact->link->url) ? TRAIT_ODD_NUMBER : 0;
    traits |= !(fact->kinds & known) && !fact->through && is_kit_path(url) ? TRAIT_KIT_PATH : 0;
    traits |= (fact->kinds & (HOST_BUCKET | HOST_SHARE | HOST_GATEWAY)) && path_is_page(url->path) ? TRAIT_PAGE_FILE : 0;
    traits |= is_download(reader->tables, url->path) ? TRAIT_DOWNLOAD : 0;
    traits |= is_wordpress_place(url->path) ? TRAIT_WORDPRESS : 0;
    traits |= holds_token(fact->link->raw) ? TRAIT_TOKEN_EMPTY : 0;
    traits |= fact->link->kind != LINK_TEXT && is_mended(fact->link->raw, fact->link->url) ? TRAIT_BACKSLASH : 0;
    return traits | recipient_traits(reader, url);
}
