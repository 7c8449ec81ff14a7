#include "message/url_parts.h"

#include <unicode/uidna.h>

enum { IDNA_LONGEST = 1024, HOST_LONGEST = 1024 }; /* four times what DNS can hold: a longer name leads nowhere, and would fill reports */

/* What UTS 46 finds and the URL Standard forgives: CheckHyphens and VerifyDnsLength are off. */
static const uint32_t forgiven = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
                                 UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

static const UIDNA *idna(void)
{
    static UIDNA *one; /* for the life of the process: opening it costs more than a message */
    UErrorCode error = U_ZERO_ERROR;
    if (!one)
        one = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
                                  UIDNA_NONTRANSITIONAL_TO_UNICODE, &error);
    return one;
}

/* Characters whose mapping in UTS 46 is newer (Unicode 15.1 and 16) than the ICU of Debian 12. to: empty for ignored ones. */
static const struct mapping {
    struct span from, to;
} newer[] = {
    {{"\xe1\xba\x9e", 3}, {"\xc3\x9f", 2}},         /* U+1E9E capital sharp s */
    {{"\xd3\x80", 2}, {"\xd3\x8f", 2}},             /* U+04C0 palochka */
    {{"\xe2\x84\xb2", 3}, {"\xe2\x85\x8e", 3}},     /* U+2132 turned F */
    {{"\xe2\x86\x83", 3}, {"\xe2\x86\x84", 3}},     /* U+2183 reversed C */
    {{"\xe1\xa0\x8e", 3}, {"", 0}},                 /* U+180E Mongolian vowel separator */
    {{"\xf0\xaf\xa1\xa8", 4}, {"\xe3\x9b\xbc", 3}}, /* U+2F868 and below: CJK compatibility ideographs */
    {{"\xf0\xaf\xa1\xb4", 4}, {"\xe5\xbd\x93", 3}},
    {{"\xf0\xaf\xa4\x9f", 4}, {"\xf0\xa4\x8e\xab", 4}},
    {{"\xf0\xaf\xa5\x9f", 4}, {"\xe7\xab\xae", 3}},
    {{"\xf0\xaf\xa6\xbf", 4}, {"\xe4\x97\x97", 3}},
};

static uint32_t point_at(struct span s)
{
    uint32_t b[4] = {0};
    for (size_t i = 0; i < 4 && i < s.len; i++)
        b[i] = (unsigned char)s.at[i];
    return b[0] >= 0xf0   ? (b[0] & 7) << 18 | (b[1] & 63) << 12 | (b[2] & 63) << 6 | (b[3] & 63)
           : b[0] >= 0xe0 ? (b[0] & 15) << 12 | (b[1] & 63) << 6 | (b[2] & 63)
                          : (b[0] & 31) << 6 | (b[1] & 63);
}

static bool ignored_newer(uint32_t c)
{
    return (c >= 0x2061 && c <= 0x2064) || (c >= 0x206a && c <= 0x206f) || c == 0x115f || c == 0x1160 || c == 0x3164 ||
           c == 0xffa0 || c == 0x17b4 || c == 0x17b5 || (c >= 0x1d173 && c <= 0x1d17a);
}

/* Length of the character at s (valid UTF-8, not ASCII) if it is mapped here, else 0; *to is its mapping. */
static size_t newer_at(struct span s, char scratch[3], struct span *to)
{
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
        if (span_starts(s, newer[i].from)) {
            *to = newer[i].to;
            return newer[i].from.len;
        }
    uint32_t point = point_at(s);
    if (ignored_newer(point)) {
        *to = (struct span){0};
        return point > 0xffff ? 4 : 3;
    }
    if (point < 0x10a0 || point > 0x10c5)
        return 0;
    memcpy(scratch, "\xe2\xb4", 2); /* Georgian capitals to U+2D00 and on */
    scratch[2] = (char)(0x80 + point - 0x10a0);
    *to = (struct span){scratch, 3};
    return 3;
}

static struct span mapped_newer(struct arena *arena, struct span domain)
{
    struct buf out = {.arena = arena};
    char scratch[3];
    for (size_t i = 0; i < domain.len;) {
        struct span to;
        size_t n = (unsigned char)domain.at[i] < 0xc0 ? 0 : newer_at(span_skip(domain, i), scratch, &to);
        if (n)
            buf_add(&out, to);
        else
            buf_byte(&out, domain.at[i]);
        i += n ? n : 1;
    }
    return buf_span(&out);
}

static bool idna_to_ascii(struct arena *arena, struct span domain, struct span *out)
{
    char name[IDNA_LONGEST * 8];
    UErrorCode error = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    if (!idna())
        return false;
    int32_t len = uidna_nameToASCII_UTF8(idna(), domain.at, (int32_t)domain.len, name, (int32_t)sizeof name, &info, &error);
    if (U_FAILURE(error) || len > (int32_t)sizeof name || (info.errors & ~forgiven))
        return false;
    *out = arena_copy(arena, (struct span){name, (size_t)len});
    return true;
}

bool url_domain_to_ascii(struct arena *arena, struct span domain, struct span *out)
{
    if (span_is_ascii(domain)) /* A-labels are not looked into: the standard and browsers take them as they are */
        *out = arena_lower(arena, domain);
    else if (domain.len > IDNA_LONGEST || !idna_to_ascii(arena, mapped_newer(arena, url_utf8(arena, domain)), out))
        return false;
    for (size_t i = 0; i < out->len; i++)
        if ((unsigned char)out->at[i] > 127 || (url_sets[(unsigned char)out->at[i]] & FORBIDDEN_IN_DOMAIN))
            return false;
    return out->len > 0;
}

/* 3.5 "IPv4 number parser"; values past 32 bits are capped above them. */
static bool ipv4_number(struct span s, uint64_t *out)
{
    int base = 10;
    if (!s.len)
        return false;
    if (s.len >= 2 && s.at[0] == '0') {
        base = (s.at[1] | 32) == 'x' ? 16 : 8;
        s = span_skip(s, base == 16 ? 2 : 1);
    }
    *out = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = url_hex_digit(s.at[i]);
        if (digit < 0 || digit >= base)
            return false;
        *out = *out > UINT32_MAX ? *out : *out * (unsigned)base + (unsigned)digit;
    }
    return true;
}

static struct span without_last_dot(struct span host)
{
    return host.len > 1 && host.at[host.len - 1] == '.' ? span_first(host, host.len - 1) : host;
}

static bool ends_in_number(struct span host)
{
    struct span last = without_last_dot(host);
    const char *dot = last.len ? memrchr(last.at, '.', last.len) : NULL;
    if (dot)
        last = span_skip(last, (size_t)(dot + 1 - last.at));
    size_t digits = 0;
    while (digits < last.len && ascii_is_digit(last.at[digits]))
        digits++;
    uint64_t value;
    return last.len && (digits == last.len || ipv4_number(last, &value));
}

static bool ipv4_parse(struct span host, uint32_t *out)
{
    uint64_t numbers[4], address;
    size_t count = 0;
    struct span rest = without_last_dot(host), piece;
    bool more = true;
    while (more) {
        const char *dot = span_find_byte(rest, '.');
        piece = dot ? span_from(rest.at, dot) : rest;
        rest = span_skip(rest, piece.len + 1);
        more = dot != NULL;
        if (count == 4 || !ipv4_number(piece, &numbers[count++]))
            return false;
    }
    address = numbers[count - 1];
    if (address >= 1ull << (8 * (5 - count)))
        return false;
    for (size_t i = 0; i + 1 < count; i++) {
        if (numbers[i] > 255)
            return false;
        address |= numbers[i] << (8 * (3 - i));
    }
    *out = (uint32_t)address;
    return true;
}

static void host_is_ipv4(struct arena *arena, uint32_t address, struct url *out)
{
    uint8_t b[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
    out->host_kind = URL_HOST_IPV4;
    out->ip.family = IP_V4;
    memcpy(out->ip.bytes, b, sizeof b);
    out->host = arena_print(arena, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
}

/* The dotted tail of an IPv6 address: exactly four decimal numbers, no leading zeros. */
static bool ipv6_tail(struct span s, uint8_t *out)
{
    for (int i = 0; i < 4; i++) {
        size_t n = 0;
        unsigned value = 0;
        if (i > 0 && (!s.len || s.at[0] != '.'))
            return false;
        s = span_skip(s, i > 0 ? 1 : 0);
        while (n < s.len && n < 4 && ascii_is_digit(s.at[n]))
            value = value * 10 + (unsigned)(s.at[n++] - '0');
        if (n == 0 || value > 255 || (n > 1 && s.at[0] == '0'))
            return false;
        out[i] = (uint8_t)value;
        s = span_skip(s, n);
    }
    return s.len == 0;
}

static size_t hex_piece(struct span s, unsigned *value)
{
    size_t n = 0;
    for (*value = 0; n < 4 && n < s.len && url_hex_digit(s.at[n]) >= 0; n++)
        *value = *value << 4 | (unsigned)url_hex_digit(s.at[n]);
    return n;
}

/* 3.5 "IPv6 parser"; out is zero before. */
static bool ipv6_parse(struct span s, uint8_t out[16])
{
    size_t piece = 0, gap = SIZE_MAX;
    if (span_starts(s, S("::"))) {
        s = span_skip(s, 2);
        gap = piece = 1; /* the gap stands for one piece at least */
    } else if (s.len && s.at[0] == ':') {
        return false;
    }
    while (s.len) {
        unsigned value;
        if (piece == 8)
            return false;
        if (s.at[0] == ':') {
            if (gap != SIZE_MAX)
                return false;
            s = span_skip(s, 1);
            gap = ++piece;
            continue;
        }
        size_t n = hex_piece(s, &value);
        if (n < s.len && s.at[n] == '.') {
            if (piece > 6 || !ipv6_tail(s, out + 2 * piece))
                return false;
            piece += 2;
            break;
        }
        if (n < s.len && (s.at[n] != ':' || n + 1 == s.len))
            return false;
        out[2 * piece] = (uint8_t)(value >> 8);
        out[2 * piece++ + 1] = (uint8_t)value;
        s = span_skip(s, n + 1);
    }
    if (gap == SIZE_MAX)
        return piece == 8;
    size_t tail = piece - gap;
    memmove(out + 16 - 2 * tail, out + 2 * gap, 2 * tail);
    memset(out + 2 * gap, 0, 16 - 2 * piece);
    return true;
}

static unsigned piece_at(const uint8_t bytes[16], int i)
{
    return (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

/* The first longest run of two or more zero pieces; -1 where there is none. */
static int zero_run(const uint8_t bytes[16], int *len)
{
    int best = -1;
    *len = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && piece_at(bytes, i + n) == 0)
            n++;
        if (n > *len) {
            best = i;
            *len = n;
        }
        i += n;
    }
    return best;
}

void url_ipv6_print(struct buf *out, const uint8_t bytes[16])
{
    int len, gap = zero_run(bytes, &len);
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            buf_add(out, i == 0 ? S("::") : S(":"));
            i += len - 1;
            continue;
        }
        buf_print(out, i < 7 ? "%x:" : "%x", piece_at(bytes, i));
    }
}

static bool host_is_ipv6(struct arena *arena, struct span inner, struct url *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint8_t bytes[16] = {0};
    struct buf text = {.arena = arena};
    if (!ipv6_parse(inner, bytes))
        return false;
    url_ipv6_print(&text, bytes);
    out->host = buf_span(&text);
    out->host_kind = URL_HOST_IPV6;
    bool v4 = memcmp(bytes, mapped, sizeof mapped) == 0;
    out->ip.family = v4 ? IP_V4 : IP_V6;
    memcpy(out->ip.bytes, v4 ? bytes + 12 : bytes, v4 ? 4 : 16);
    return true;
}

static bool host_is_opaque(struct arena *arena, struct span text, struct url *out)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 128 && (url_sets[(unsigned char)text.at[i]] & FORBIDDEN_IN_HOST))
            return false;
    out->host = url_encode(arena, text, SET_CONTROL);
    out->host_kind = text.len ? URL_HOST_OPAQUE : URL_HOST_NONE;
    return out->host.len <= HOST_LONGEST;
}

bool url_host_parse(struct arena *arena, struct span text, bool special, struct url *out)
{
    uint32_t address;
    out->host_present = true;
    if (text.len && text.at[0] == '[')
        return text.len > 1 && text.at[text.len - 1] == ']' &&
               host_is_ipv6(arena, (struct span){text.at + 1, text.len - 2}, out);
    if (!special)
        return host_is_opaque(arena, text, out);
    if (!url_domain_to_ascii(arena, url_decode(arena, text), &out->host))
        return false;
    out->host_kind = URL_HOST_DOMAIN;
    if (!ends_in_number(out->host))
        return out->host.len <= HOST_LONGEST;
    if (!ipv4_parse(out->host, &address))
        return false;
    host_is_ipv4(arena, address, out);
    return true;
}
