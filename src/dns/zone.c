#include "dns/dns.h"
#include "dns/name.h"
#include "dns/zone_lexer.h"
#include "base/config.h"

#include <arpa/inet.h>

enum { FILE_MOST = 64 << 20, FIRST_SLOTS = 256, CHAIN_MOST = 8, TTL_DEFAULT = 3600 };

struct rrset {
    uint16_t type;
    uint32_t ttl;
    VEC(struct span) data;
};
struct node {
    struct span name;       /* lower case, no final dot */
    enum dns_status always; /* DNS_TIMED_OUT or DNS_FAILED for our own types; else DNS_FOUND */
    VEC(struct rrset) sets;
};
struct dns_zone {
    struct arena *arena;
    struct node **slots; /* open addressing, a power of two, at most half full */
    size_t slot_count, used;
};

/* What the parser carries from entry to entry. */
struct zone_reading {
    struct dns_zone *zone;
    const char *path;
    struct span origin; /* no final dot; empty is the root */
    struct span owner;
    bool has_owner;
    uint32_t ttl;
    size_t line;
    struct err *err;
};

static struct node **slot_of(const struct dns_zone *zone, struct span name)
{
    size_t i = dns_name_hash(name, 0) & (zone->slot_count - 1);
    while (zone->slots[i] && !span_eq_case(zone->slots[i]->name, name))
        i = (i + 1) & (zone->slot_count - 1);
    return &zone->slots[i];
}

static void slots_grow(struct dns_zone *zone)
{
    struct node **old = zone->slots;
    size_t count = zone->slot_count;
    zone->slot_count *= 2;
    zone->slots = arena_alloc(zone->arena, zone->slot_count * sizeof *zone->slots);
    for (size_t i = 0; i < count; i++)
        if (old[i])
            *slot_of(zone, old[i]->name) = old[i];
}

static struct span parent_of(struct span name)
{
    const char *dot = span_find_byte(name, '.');
    return dot ? span_skip(name, (size_t)(dot - name.at) + 1) : (struct span){0};
}

/* The node of a name; made, with all names above it, where it is not there. */
static struct node *node_of(struct dns_zone *zone, struct span name)
{
    struct node *wanted = NULL;
    name = arena_lower(zone->arena, name);
    for (struct span at = name; at.len; at = parent_of(at)) {
        struct node *there = *slot_of(zone, at);
        if (there)
            return wanted ? wanted : there;
        if (2 * ++zone->used > zone->slot_count)
            slots_grow(zone);
        struct node *made = arena_one(zone->arena, struct node);
        made->name = at;
        *slot_of(zone, at) = made;
        if (!wanted)
            wanted = made;
    }
    return wanted;
}

static int complain(const struct zone_reading *r, const char *what, struct span word)
{
    return err_set(r->err, "%s:%zu: %s: \"%.*s\"", r->path, r->line, what, SPAN_FMT(span_first(word, 80)));
}

/* A name as written: relative to the origin unless it ends in a dot; @ is the origin. Out: no final dot, empty for the
 * root. */
static int name_read(struct zone_reading *r, struct span text, struct span *out)
{
    struct span plain;
    if (span_eq(text, S("@"))) {
        *out = r->origin;
        return 0;
    }
    if (span_eq(text, S("."))) {
        *out = (struct span){0};
        return 0;
    }
    if (!zone_unescape(r->zone->arena, text, true, &plain))
        return complain(r, "an escape in a name is \\DDD or \\ and a byte that is no dot", text);
    struct span name = domain_undotted(plain);
    if (name.len == plain.len && r->origin.len)
        name = arena_print(r->zone->arena, "%.*s.%.*s", SPAN_FMT(name), SPAN_FMT(r->origin));
    if (!dns_name_askable(name))
        return complain(r, "no domain name (labels of 1 to 63 bytes, 253 bytes in all)", text);
    *out = name;
    return 0;
}

/* Seconds, or numbers with units as BIND writes them: 1h30m. */
static bool ttl_read(struct span word, uint32_t *out)
{
    static const struct {
        char letter;
        uint32_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    uint64_t sum = 0, number = 0;
    bool digits = false, unit = false;
    for (size_t i = 0; i < word.len; i++) {
        char c = ascii_lower(word.at[i]);
        if (ascii_is_digit(c)) {
            number = number * 10 + (uint64_t)(c - '0');
            digits = true;
        } else {
            size_t u = 0;
            while (u < sizeof units / sizeof *units && units[u].letter != c)
                u++;
            if (!digits || u == sizeof units / sizeof *units)
                return false;
            sum += number * units[u].seconds;
            number = 0;
            digits = false;
            unit = true;
        }
        if (sum + number > INT32_MAX)
            return false;
    }
    *out = (uint32_t)(sum + number);
    return digits || unit;
}

/* ---- data by type; each takes the tokens after the type */
typedef int read_data(struct zone_reading *r, const struct zone_token *tokens, size_t count, struct span *out);

static int address_read(struct zone_reading *r, int family, struct span word, struct span *out)
{
    uint8_t bytes[16];
    size_t len = family == AF_INET ? 4 : 16;
    const char *text = arena_copy(r->zone->arena, word).at;
    if (strlen(text) != word.len || inet_pton(family, text, bytes) != 1)
        return complain(r, family == AF_INET ? "no IPv4 address" : "no IPv6 address", word);
    *out = arena_copy(r->zone->arena, (struct span){(const char *)bytes, len});
    return 0;
}

static int a_read(struct zone_reading *r, const struct zone_token *tokens, size_t count, struct span *out)
{
    return count == 1 ? address_read(r, AF_INET, tokens[0].text, out) : complain(r, "A takes one address", S("A"));
}

static int aaaa_read(struct zone_reading *r, const struct zone_token *tokens, size_t count, struct span *out)
{
    return count == 1 ? address_read(r, AF_INET6, tokens[0].text, out)
                      : complain(r, "AAAA takes one address", S("AAAA"));
}

static int name_data_read(struct zone_reading *r, const struct zone_token *tokens, size_t count, struct span *out)
{
    struct span name;
    if (count != 1)
        return complain(r, "NS, CNAME and PTR take one name", count ? tokens[0].text : S(""));
    if (name_read(r, tokens[0].text, &name) < 0)
        return -1;
    *out = dns_name_shown(r->zone->arena, name);
    return 0;
}

static int mx_read(struct zone_reading *r, const struct zone_token *tokens, size_t count, struct span *out)
{
    uint64_t preference;
    struct span name;
    if (count != 2 || !span_number(tokens[0].text, 65535, &preference))
        return complain(r, "MX takes a preference and a name", count ? tokens[0].text : S(""));
    if (name_read(r, tokens[1].text, &name) < 0)
        return -1;
    *out = arena_print(r->zone->arena, "%u %.*s", (unsigned)preference, SPAN_FMT(dns_name_shown(r->zone->arena, name)));
    return 0;
}

static int txt_read(struct zone_reading *r, const struct zone_token *tokens, size_t count, struct span *out)
{
    struct buf joined = {.arena = r->zone->arena};
    if (!count)
        return complain(r, "TXT takes at least one string; \"\" is an empty one", S(""));
    for (size_t i = 0; i < count; i++) {
        struct span plain;
        if (!zone_unescape(r->zone->arena, tokens[i].text, false, &plain))
            return complain(r, "an escape in a string is \\DDD (000 to 255) or \\ and a byte", tokens[i].text);
        if (plain.len > 255)
            return complain(r, "a string is longer than 255 bytes; split it into several", plain);
        buf_add(&joined, plain);
    }
    if (joined.len > UINT16_MAX)
        return complain(r, "the strings of one TXT record are longer than 65,535 bytes", buf_span(&joined));
    *out = buf_span(&joined);
    return 0;
}

static const struct {
    const char *name;
    uint16_t type;
    read_data *read;
} kinds[] = {{"A", DNS_A, a_read},
             {"NS", DNS_NS, name_data_read},
             {"CNAME", DNS_CNAME, name_data_read},
             {"PTR", DNS_PTR, name_data_read},
             {"MX", DNS_MX, mx_read},
             {"TXT", DNS_TXT, txt_read},
             {"AAAA", DNS_AAAA, aaaa_read}};

/* Types that nobody here asks for: the name exists, the data is passed over. */
static bool type_passed_over(struct span word)
{
    static const char *const names[] = {"SOA",   "SRV",        "CAA",  "DS",     "DNSKEY",     "RRSIG", "NSEC",
                                        "NSEC3", "NSEC3PARAM", "TLSA", "SMIMEA", "OPENPGPKEY", "SSHFP", "HINFO",
                                        "RP",    "NAPTR",      "SPF",  "HTTPS",  "SVCB",       "LOC",   "URI",
                                        "CDS",   "CDNSKEY",    "CERT", "AFSDB",  "DNAME"};
    uint64_t number;
    if (span_starts_case(word, S("TYPE")))
        return span_number(span_skip(word, 4), 65535, &number);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_eq_case(word, span_of(names[i])))
            return true;
    return false;
}

static struct rrset *rrset_of(struct arena *arena, struct node *node, uint16_t type)
{
    vec_each(set, &node->sets)
        if (set->type == type)
            return set;
    struct rrset *set = vec_push(arena, &node->sets);
    set->type = type;
    set->ttl = UINT32_MAX;
    return set;
}

static int record_add(struct zone_reading *r, struct span type, uint32_t ttl, const struct zone_token *data,
                      size_t count)
{
    struct node *node = node_of(r->zone, r->owner);
    bool silent = span_eq_case(type, S("TIMEOUT"));
    if (!node)
        return complain(r, "a record of the root serves nothing here; name a domain", type);
    if (silent || span_eq_case(type, S("SERVFAIL"))) {
        node->always = silent ? DNS_TIMED_OUT : DNS_FAILED;
        return count ? complain(r, "TIMEOUT and SERVFAIL take no data", data[0].text) : 0;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!span_eq_case(type, span_of(kinds[i].name)))
            continue;
        struct span bytes;
        if (kinds[i].read(r, data, count, &bytes) < 0)
            return -1;
        struct rrset *set = rrset_of(r->zone->arena, node, kinds[i].type);
        if (kinds[i].type == DNS_CNAME && set->data.len)
            return complain(r, "a name has at most one CNAME", bytes);
        set->ttl = ttl < set->ttl ? ttl : set->ttl;
        *vec_push(r->zone->arena, &set->data) = bytes;
        return 0;
    }
    if (type_passed_over(type))
        return 0;
    return complain(r, "unknown record type; the number of a type is written TYPEn", type);
}

static int directive_read(struct zone_reading *r, const struct zone_entry *entry)
{
    struct span word = entry->tokens.at[0].text;
    struct span value = entry->tokens.len > 1 ? entry->tokens.at[1].text : (struct span){0};
    if (span_eq_case(word, S("$ORIGIN")) && entry->tokens.len == 2)
        return name_read(r, value, &r->origin);
    if (span_eq_case(word, S("$TTL")) && entry->tokens.len == 2)
        return ttl_read(value, &r->ttl) ? 0 : complain(r, "no time to live; write seconds or 1h30m", value);
    return complain(r, "only $ORIGIN name and $TTL time are known; write other files' records in here", word);
}

static int entry_read(struct zone_reading *r, const struct zone_entry *entry)
{
    const struct zone_token *tokens = entry->tokens.at;
    size_t i = 0, count = entry->tokens.len;
    uint32_t ttl = r->ttl;
    r->line = entry->line;
    if (!entry->begins_blank && !tokens[0].quoted && tokens[0].text.at[0] == '$')
        return directive_read(r, entry);
    if (!entry->begins_blank) {
        if (tokens[0].quoted || name_read(r, tokens[0].text, &r->owner) < 0)
            return tokens[0].quoted ? complain(r, "a line begins with a name or a blank", tokens[0].text) : -1;
        r->has_owner = true;
        i = 1;
    }
    if (!r->has_owner)
        return complain(r, "no name stands before this line; begin it with one", tokens[0].text);
    for (unsigned optional = 0; optional < 2 && i < count; optional++) {
        struct span word = tokens[i].text;
        if (span_eq_case(word, S("IN")) || (word.len && ascii_is_digit(word.at[0]) && ttl_read(word, &ttl)))
            i++;
    }
    if (i == count || tokens[i].quoted)
        return complain(r, "a record is: name, time to live and IN if you like, type, data", tokens[count - 1].text);
    struct span type = tokens[i].text;
    if (span_eq_case(type, S("CH")) || span_eq_case(type, S("HS")) || span_eq_case(type, S("CS")))
        return complain(r, "only the class IN is served", type);
    return record_add(r, type, ttl, tokens + i + 1, count - i - 1);
}

int dns_zone_parse(struct arena *arena, struct span text, const char *path, struct dns_zone **out, struct err *err)
{
    struct dns_zone *zone = arena_one(arena, struct dns_zone);
    *zone = (struct dns_zone){.arena = arena, .slot_count = FIRST_SLOTS};
    zone->slots = arena_alloc(arena, FIRST_SLOTS * sizeof *zone->slots);
    struct zone_reading reading = {.zone = zone, .path = path, .ttl = TTL_DEFAULT, .err = err};
    struct zone_lexer lexer = {.rest = text, .line = 1, .path = path};
    struct zone_entry entry;
    int more;
    while ((more = zone_entry_next(arena, &lexer, &entry, err)) > 0)
        if (entry_read(&reading, &entry) < 0)
            return -1;
    if (more < 0)
        return -1;
    *out = zone;
    return 0;
}

int dns_zone_load(struct arena *arena, const char *path, struct dns_zone **out, struct err *err)
{
    struct span text;
    if (file_read(arena, path, FILE_MOST, &text, err) < 0)
        return -1;
    return dns_zone_parse(arena, text, path, out, err);
}

/* The node that answers for a name: its own, or the wildcard below its closest encloser (RFC 4592 3.3.1). */
static const struct node *node_find(const struct dns_zone *zone, struct span name)
{
    const struct node *node = *slot_of(zone, name);
    struct span above = name;
    while (!node && (above = parent_of(above)).len) {
        if (!*slot_of(zone, above))
            continue;
        char star[2 + 253] = "*.";
        if (above.len > sizeof star - 2)
            return NULL;
        memcpy(star + 2, above.at, above.len);
        return *slot_of(zone, (struct span){star, above.len + 2});
    }
    return node;
}

static const struct rrset *rrset_find(const struct node *node, uint16_t type)
{
    vec_each(set, &node->sets)
        if (set->type == type)
            return set;
    return NULL;
}

static void no_answer(struct dns_answer *out, enum dns_status status)
{
    static const char *const why[] = {[DNS_NO_DATA] = "the name has no record of this type in the zone file",
                                      [DNS_NO_NAME] = "the name is not in the zone file",
                                      [DNS_FAILED] = "the zone file says that this name fails",
                                      [DNS_TIMED_OUT] = "the zone file says that this name is silent"};
    out->status = status;
    out->ttl = 0;
    out->why = span_of(why[status]);
}

void dns_zone_answer(const struct dns_zone *zone, const struct dns_ask *ask, struct dns_answer *out)
{
    struct span name = domain_undotted(ask->name);
    *out = (struct dns_answer){.ask = *ask, .ttl = UINT32_MAX};
    for (unsigned hops = 0; hops <= CHAIN_MOST; hops++) {
        const struct node *node = node_find(zone, name);
        if (!node)
            return no_answer(out, DNS_NO_NAME);
        if (node->always != DNS_FOUND)
            return no_answer(out, node->always);
        const struct rrset *set = rrset_find(node, ask->type), *alias = rrset_find(node, DNS_CNAME);
        if (set || !alias) {
            if (!set)
                return no_answer(out, DNS_NO_DATA);
            out->ttl = set->ttl < out->ttl ? set->ttl : out->ttl;
            out->data.at = set->data.at;
            out->data.len = out->data.cap = set->data.len;
            return;
        }
        out->ttl = alias->ttl < out->ttl ? alias->ttl : out->ttl;
        name = alias->data.at[0];
    }
    no_answer(out, DNS_FAILED);
    out->why = S("a chain of CNAME records has no end");
}
