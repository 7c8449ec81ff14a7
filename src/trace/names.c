/* What host names and addresses say of whose machine it is. */
#include "trace/inner.h"

bool microsoft_host(struct span name)
{
    return domain_is_or_under(name, S("outlook.com")) || domain_is_or_under(name, S("exchangelabs.com")) ||
           domain_is_or_under(name, S("office365.com")) || domain_is_or_under(name, S("office365.us"));
}

bool microsoft_outbound_host(struct span name)
{
    return domain_is_or_under(name, S("outbound.protection.outlook.com"));
}

bool google_host(struct span name)
{
    return domain_is_or_under(name, S("google.com")) || domain_is_or_under(name, S("gmail.com")) ||
           domain_is_or_under(name, S("googlemail.com"));
}

static bool within_any(const struct ip *ip, const struct prefix *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ip_within(ip, &ranges[i].network, ranges[i].bits))
            return true;
    return false;
}

/* https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges, rows of Exchange Online for mail,
 * and the relay pool of https://learn.microsoft.com/defender-office-365/outbound-spam-high-risk-delivery-pool-about. */
static const struct prefix sends[] = {
    {{IP_V4, {40, 92}}, 15},
    {{IP_V4, {40, 95}}, 16},
    {{IP_V4, {40, 107}}, 16},
    {{IP_V4, {52, 100}}, 14},
    {{IP_V4, {104, 47}}, 17},
    {{IP_V6, {0x2a, 0x01, 0x01, 0x11, 0xf4, 0x00}}, 48},
    {{IP_V6, {0x2a, 0x01, 0x01, 0x11, 0xf4, 0x03}}, 48},
};

bool microsoft_sends_from(const struct ip *ip)
{
    return within_any(ip, sends, sizeof sends / sizeof *sends);
}

bool microsoft_relays_from(const struct ip *ip)
{
    return within_any(ip, &sends[1], 1);
}

/* Seen between servers of Exchange Online: 2603:10?6::, 2a01:111:e400:: and, for the government's, 2001:489a::. */
bool microsoft_inside(const struct ip *ip)
{
    static const struct prefix inside[] = {{{IP_V6, {0x2a, 0x01, 0x01, 0x11, 0xe4}}, 40},
                                          {{IP_V6, {0x20, 0x01, 0x48, 0x9a}}, 32}};
    const uint8_t *at = ip->bytes;
    if (ip->family == IP_V6 && at[0] == 0x26 && at[1] == 0x03 && at[2] == 0x10 && (at[3] & 15) == 6)
        return true;
    return within_any(ip, inside, sizeof inside / sizeof *inside);
}

static struct span last_labels(struct span name, unsigned labels)
{
    name = domain_undotted(name);
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '.' && --labels == 0)
            return span_skip(name, i);
    return name;
}

bool looks_public(struct span name)
{
    static const struct span inside[] = {{"local", 5}, {"localdomain", 11}, {"internal", 8},
                                         {"lan", 3},   {"corp", 4},         {"home", 4},
                                         {"intra", 5}, {"private", 7},      {"localhost", 9}};
    struct span end = last_labels(name, 1);
    if (end.len < 2 || end.at == name.at || !ascii_is_alpha(end.at[0]))
        return false;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (span_eq_case(end, inside[i]))
            return false;
    return true;
}

/* Names that differ in their last two labels cannot be of one organisation: most pairs need no suffix list. */
bool same_owner(struct arena *arena, const struct tables *tables, struct span a, struct span b)
{
    if (!span_eq_case(last_labels(a, 2), last_labels(b, 2)))
        return false;
    if (span_eq_case(a, b) || !tables)
        return true;
    return same_organisation(tables, arena_lower(arena, a), arena_lower(arena, b));
}

/* These mailers write a reverse name only when it leads back to the address. Exim does so where it tells the HELO
 * apart. */
bool writes_confirmed_names(const struct hop *hop)
{
    if (hop->mailer == MAILER_SENDMAIL)
        return hop->field && !span_find(hop->field->value, S("may be forged"));
    return hop->mailer == MAILER_POSTFIX || (hop->mailer == MAILER_EXIM && !span_eq(hop->helo, hop->from));
}
