#include <unicode/uidna.h>

#include "message/reader.h"

static bool host_byte(unsigned char c)
{
    return ascii_is_alpha((char)c) || ascii_is_digit((char)c) || c == '-' || c == '_';
}

/* Lengths by RFC 1035; underscores are let through, real names bear them. */
static bool is_host_name(struct span domain)
{
    size_t label = 0;
    if (!domain.len || domain.len > 253)
        return false;
    for (size_t i = 0; i < domain.len; i++) {
        if (domain.at[i] == '.') {
            if (!label)
                return false;
            label = 0;
        } else if (!host_byte((unsigned char)domain.at[i]) || ++label > 63) {
            return false;
        }
    }
    return label > 0;
}

static struct span uts46(struct arena *arena, struct span domain)
{
    static __thread UIDNA *idna;
    UErrorCode status = U_ZERO_ERROR;
    if (!idna)
        idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI, &status);
    if (U_FAILURE(status) || domain.len > 1000)
        return (struct span){0};
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    char ascii[1024];
    int32_t len = uidna_nameToASCII_UTF8(idna, domain.at, (int32_t)domain.len, ascii, sizeof ascii, &info, &status);
    bool failed = U_FAILURE(status) || info.errors || len <= 0 || len >= (int32_t)sizeof ascii;
    return failed ? (struct span){0} : arena_copy(arena, (struct span){ascii, (size_t)len});
}

struct span domain_to_ascii(struct arena *arena, struct span domain)
{
    domain = span_trim(domain);
    if (domain.len && domain.at[domain.len - 1] == '.')
        domain.len--;
    if (!domain.len)
        return (struct span){0};
    if (span_is_ascii(domain) && !span_find_case(domain, S("xn--")))
        return is_host_name(domain) ? arena_lower(arena, domain) : (struct span){0};
    if (!utf8_is_valid(domain))
        return (struct span){0};
    struct span ascii = uts46(arena, domain);
    if (ascii.len && ascii.at[ascii.len - 1] == '.')
        ascii.len--;
    return is_host_name(ascii) ? ascii : (struct span){0};
}

struct span domain_to_unicode(struct arena *arena, struct span ascii)
{
    enum { ROOM = 2048 };
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    if (!span_find_case(ascii, S("xn--")) || ascii.len > 253)
        return (struct span){0};
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &status);
    char *name = arena_alloc(arena, ROOM);
    int32_t len = U_SUCCESS(status) ? uidna_nameToUnicodeUTF8(idna, ascii.at, (int32_t)ascii.len, name, ROOM, &info, &status) : 0;
    uidna_close(idna);
    struct span found = {name, U_SUCCESS(status) && len > 0 && len < ROOM ? (size_t)len : 0};
    return span_is_ascii(found) ? (struct span){0} : found;
}
