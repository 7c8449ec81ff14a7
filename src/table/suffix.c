#include "table/inner.h"

#include <unistd.h>

enum { NAME_MOST = 253 }; /* RFC 1035 2.3.4, without the final dot */

int suffixes_open(struct tables *tables, const char *file, struct err *err)
{
    /* libpsl opens the first in 8 ms and asks it in 0.4 microseconds; the second in 0.2 ms and in 0.9. */
    static const char *const usual[] = {"/usr/share/publicsuffix/public_suffix_list.dat",
                                        "/usr/share/publicsuffix/public_suffix_list.dafsa"};
    if (file) {
        tables->suffixes = psl_load_file(file);
        tables->suffixes_name = arena_copy(tables->arena, span_of(file));
        return tables->suffixes ? 0 : err_set(err, "%s: is no public suffix list; give the .dat or .dafsa file of https://publicsuffix.org", file);
    }
    for (size_t i = 0; i < 2 && !tables->suffixes; i++)
        if (access(usual[i], R_OK) == 0) {
            tables->suffixes = psl_load_file(usual[i]);
            tables->suffixes_name = span_of(usual[i]);
        }
    if (tables->suffixes)
        return 0;
    tables->suffixes_built_in = true;
    tables->suffixes = (psl_ctx_t *)psl_builtin();
    return tables->suffixes ? 0 : err_set(err, "no public suffix list: install the Debian package publicsuffix");
}

/* The name in lower case. An address has digits in its last label; a name with an empty label is no name. */
static bool name_take(struct span domain, char name[NAME_MOST + 1])
{
    bool letter = false;
    char before = '.';
    if (!domain.len || domain.len > NAME_MOST)
        return false;
    for (size_t i = 0; i < domain.len; i++) {
        char c = domain.at[i];
        if (c == '.' ? before == '.' : c == '\0' || c == ':' || c == '[')
            return false;
        letter = c != '.' && (letter || !ascii_is_digit(c));
        before = c;
        name[i] = ascii_lower(c);
    }
    name[domain.len] = '\0';
    return letter;
}

/* Under these every customer of Microsoft has a name of his own; the list does not name them. */
static size_t suffix_of_tenants(struct span name)
{
    static const struct span suffixes[] = {{"mail.onmicrosoft.com", 20}, {"onmicrosoft.com", 15}, {"onmicrosoft.us", 14}};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (domain_is_or_under(name, suffixes[i]))
            return suffixes[i].len;
    return 0;
}

/* libpsl wants a C string in lower case, and walks the labels itself. */
static size_t suffix_ask(const struct tables *tables, struct span domain)
{
    char name[NAME_MOST + 1];
    if (!name_take(domain, name))
        return 0;
    size_t tenants = suffix_of_tenants((struct span){name, domain.len});
    if (tenants)
        return tenants;
    const char *suffix = psl_unregistrable_domain(tables->suffixes, name);
    return suffix ? domain.len - (size_t)(suffix - name) : 0;
}

/* A message names the same few hosts again and again, and libpsl takes its time. */
static size_t suffix_length(const struct tables *tables, struct span domain)
{
    uint64_t name[8] = {0}, hash = domain.len;
    if (!domain.len || domain.len > sizeof tables->seen->name)
        return suffix_ask(tables, domain);
    memcpy(name, domain.at, domain.len);
    for (size_t i = 0; i * 8 < domain.len; i++) {
        name[i] = eight_lower(name[i]);
        hash = (hash ^ name[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    struct suffix_seen *seen = &tables->seen[(hash ^ hash >> 15) % SUFFIXES_SEEN];
    if (seen->len != domain.len || memcmp(seen->name, name, domain.len) != 0) {
        seen->suffix = (uint8_t)suffix_ask(tables, domain);
        seen->len = (uint8_t)domain.len;
        memcpy(seen->name, name, domain.len);
    }
    return seen->suffix;
}

struct span suffix_of(const struct tables *tables, struct span domain)
{
    domain = domain_undotted(domain);
    return span_skip(domain, domain.len - suffix_length(tables, domain));
}

struct span organisation_of(const struct tables *tables, struct span domain)
{
    domain = domain_undotted(domain);
    size_t suffix = suffix_length(tables, domain);
    if (!suffix || suffix == domain.len)
        return domain;
    size_t from = domain.len - suffix - 1; /* the dot before the suffix */
    while (from > 0 && domain.at[from - 1] != '.')
        from--;
    return span_skip(domain, from);
}

bool same_organisation(const struct tables *tables, struct span a, struct span b)
{
    struct span one = organisation_of(tables, a), other = organisation_of(tables, b);
    return one.len && span_eq_case(one, other);
}
