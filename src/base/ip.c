#include "base/base.h"

#include <arpa/inet.h>

static bool v4_parse(struct span text, uint8_t out[4])
{
    struct span rest = text, octet;
    unsigned n = 0;
    while (span_cut(&rest, '.', &octet)) {
        uint64_t value;
        bool leading_zero = octet.len > 1 && octet.at[0] == '0';
        if (n == 4 || octet.len > 3 || leading_zero || !span_number(octet, 255, &value))
            return false;
        out[n++] = (uint8_t)value;
    }
    return n == 4 && text.at[text.len - 1] != '.';
}

static bool v6_parse(struct span text, struct ip *out)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.len >= sizeof copy || span_find_byte(text, '\0'))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET6, copy, out->bytes) != 1)
        return false;
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    out->family = IP_V6;
    if (memcmp(out->bytes, mapped, 12) == 0) {
        memmove(out->bytes, out->bytes + 12, 4);
        memset(out->bytes + 4, 0, 12);
        out->family = IP_V4;
    }
    return true;
}

bool ip_parse(struct span text, struct ip *out)
{
    *out = (struct ip){0};
    text = span_trim(text);
    if (text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']')
        text = span_first(span_skip(text, 1), text.len - 2);
    if (span_starts_case(text, S("IPv6:")))
        text = span_skip(text, 5);
    if (!text.len)
        return false;
    const char *zone = span_find_byte(text, '%'); /* fe80::1%eth0 */
    if (zone)
        text = span_from(text.at, zone);
    struct ip read = {0};
    if (v4_parse(text, read.bytes))
        read.family = IP_V4;
    else if (!span_find_byte(text, ':') || !v6_parse(text, &read))
        return false;
    *out = read;
    return true;
}

void ip_print(struct buf *out, const struct ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    if (ip->family != IP_V4 && ip->family != IP_V6) {
        buf_add(out, S("unknown"));
        return;
    }
    if (ip->family == IP_V6) {
        inet_ntop(AF_INET6, ip->bytes, text, sizeof text);
        buf_add(out, span_of(text));
        return;
    }
    for (int i = 0; i < 4; i++) { /* glibc prints these by sprintf */
        if (i)
            buf_byte(out, '.');
        buf_number(out, ip->bytes[i]);
    }
}

struct span ip_text(struct arena *arena, const struct ip *ip)
{
    struct buf out = {.arena = arena};
    if (ip->family == IP_NONE)
        return (struct span){0};
    ip_print(&out, ip);
    return buf_span(&out);
}

bool ip_eq(const struct ip *a, const struct ip *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool ip_within(const struct ip *ip, const struct ip *network, unsigned bits)
{
    if (ip->family != network->family || ip->family == IP_NONE)
        return false;
    unsigned most = ip->family == IP_V4 ? 32 : 128;
    if (bits > most)
        bits = most;
    unsigned whole = bits / 8, left = bits % 8;
    if (memcmp(ip->bytes, network->bytes, whole) != 0)
        return false;
    return !left || (ip->bytes[whole] ^ network->bytes[whole]) >> (8 - left) == 0;
}

bool ip_prefix_parse(struct span text, struct ip *network, unsigned *bits)
{
    const char *slash = span_find_byte(text, '/');
    uint64_t number;
    if (!ip_parse(slash ? span_from(text.at, slash) : text, network))
        return false;
    unsigned most = network->family == IP_V4 ? 32 : 128;
    *bits = most;
    if (!slash)
        return true;
    if (!span_number(span_skip(text, (size_t)(slash - text.at) + 1), most, &number))
        return false;
    *bits = (unsigned)number;
    return true;
}

/* IANA IPv4 and IPv6 Special-Purpose Address Registries, https://www.iana.org/assignments/iana-ipv4-special-registry
 * and .../iana-ipv6-special-registry; first match decides. */
static const struct {
    uint8_t family, bits, bytes[16];
    enum ip_scope scope;
} special[] = {
    {IP_V4, 8, {0}, IP_RESERVED},
    {IP_V4, 8, {10}, IP_PRIVATE},
    {IP_V4, 10, {100, 64}, IP_SHARED},
    {IP_V4, 8, {127}, IP_LOOPBACK},
    {IP_V4, 16, {169, 254}, IP_LINK_LOCAL},
    {IP_V4, 12, {172, 16}, IP_PRIVATE},
    {IP_V4, 24, {192, 0, 0}, IP_RESERVED},
    {IP_V4, 24, {192, 0, 2}, IP_DOCUMENTATION},
    {IP_V4, 16, {192, 168}, IP_PRIVATE},
    {IP_V4, 15, {198, 18}, IP_RESERVED},
    {IP_V4, 24, {198, 51, 100}, IP_DOCUMENTATION},
    {IP_V4, 24, {203, 0, 113}, IP_DOCUMENTATION},
    {IP_V4, 3, {224}, IP_RESERVED},
    {IP_V6, 127, {0}, IP_RESERVED}, /* :: ; ::1 is told apart below */
    {IP_V6, 96, {0, 0x64, 0xff, 0x9b}, IP_PUBLIC},
    {IP_V6, 32, {0x20, 0x01, 0x0d, 0xb8}, IP_DOCUMENTATION},
    {IP_V6, 20, {0x3f, 0xff}, IP_DOCUMENTATION},
    {IP_V6, 7, {0xfc}, IP_PRIVATE},
    {IP_V6, 10, {0xfe, 0x80}, IP_LINK_LOCAL},
    {IP_V6, 3, {0x20}, IP_PUBLIC},
};

enum ip_scope ip_scope_of(const struct ip *ip)
{
    static const struct ip loopback = {.family = IP_V6, .bytes = {[15] = 1}};
    if (ip->family == IP_NONE)
        return IP_UNKNOWN;
    if (ip_eq(ip, &loopback))
        return IP_LOOPBACK;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        struct ip network = {.family = special[i].family};
        memcpy(network.bytes, special[i].bytes, sizeof network.bytes);
        if (ip_within(ip, &network, special[i].bits))
            return special[i].scope;
    }
    return ip->family == IP_V4 ? IP_PUBLIC : IP_RESERVED;
}

const char *ip_scope_name(enum ip_scope scope)
{
    static const char *const names[] = {"unknown", "public", "private", "loopback", "link-local", "shared", "documentation", "reserved"};
    return names[scope];
}
