#include "dns/wire.h"
#include "dns/name.h"

enum { HEADER = 12, NAME_WIRE_MOST = 255, CHAIN_MOST = 16, RECORDS_MOST = 4096, RCODE_NO_NAME = 3 };

struct record {
    struct span owner; /* as text */
    uint16_t type, class;
    uint32_t ttl;
    size_t data_at, data_len;
};

void dns_label_add(struct buf *out, struct span label)
{
    for (size_t i = 0; i < label.len; i++) {
        unsigned char c = (unsigned char)label.at[i];
        if (c == '.' || c == '\\' || c <= ' ' || c >= 127)
            buf_print(out, "\\%03u", c);
        else
            buf_byte(out, (char)c);
    }
}

struct span dns_name_shown(struct arena *arena, struct span name)
{
    struct buf out = {.arena = arena};
    struct span label;
    while (span_cut(&name, '.', &label)) {
        if (out.len)
            buf_byte(&out, '.');
        dns_label_add(&out, label);
    }
    return out.len ? buf_span(&out) : S(".");
}

static unsigned byte_at(struct span packet, size_t at)
{
    return (unsigned char)packet.at[at];
}

static unsigned short_at(struct span packet, size_t at)
{
    return byte_at(packet, at) << 8 | byte_at(packet, at + 1);
}

/* The name at *at as text ("." for the root), *at moved past it. A pointer must go backwards, so every name ends. */
static bool name_read(struct arena *arena, struct span packet, size_t *at, struct span *out)
{
    struct buf text = {.arena = arena};
    size_t from = *at, barrier = *at, wire = 0;
    bool jumped = false;
    for (;;) {
        if (from >= packet.len)
            return false;
        unsigned len = byte_at(packet, from);
        if (len >= 0xc0) {
            if (from + 1 >= packet.len || (short_at(packet, from) & 0x3fff) >= barrier)
                return false;
            if (!jumped)
                *at = from + 2;
            jumped = true;
            from = barrier = short_at(packet, from) & 0x3fff;
            continue;
        }
        if (len > 63 || from + 1 + len > packet.len || (wire += len + 1) > NAME_WIRE_MOST)
            return false;
        from += 1 + len;
        if (!len)
            break;
        if (text.len)
            buf_byte(&text, '.');
        dns_label_add(&text, (struct span){packet.at + from - len, len});
    }
    if (!jumped)
        *at = from;
    *out = text.len ? buf_span(&text) : S(".");
    return true;
}

static bool record_read(struct arena *arena, struct span packet, size_t *at, struct record *out)
{
    if (!name_read(arena, packet, at, &out->owner) || *at + 10 > packet.len)
        return false;
    out->type = (uint16_t)short_at(packet, *at);
    out->class = (uint16_t)short_at(packet, *at + 2);
    out->ttl = (uint32_t)short_at(packet, *at + 4) << 16 | short_at(packet, *at + 6);
    if (out->ttl > INT32_MAX) /* RFC 2181 8 */
        out->ttl = 0;
    out->data_len = short_at(packet, *at + 8);
    out->data_at = *at + 10;
    *at += 10 + out->data_len;
    return *at <= packet.len;
}

static bool strings_join(struct arena *arena, struct span data, struct span *out)
{
    struct buf joined = {.arena = arena};
    for (size_t i = 0; i < data.len;) {
        size_t len = byte_at(data, i);
        if (i + 1 + len > data.len)
            return false;
        buf_add(&joined, (struct span){data.at + i + 1, len});
        i += 1 + len;
    }
    *out = buf_span(&joined);
    return data.len > 0;
}

static bool data_read(struct arena *arena, struct span packet, const struct record *record, struct span *out)
{
    struct span data = {packet.at + record->data_at, record->data_len}, name;
    size_t at = record->data_at + (record->type == DNS_MX ? 2 : 0);
    *out = data;
    switch (record->type) {
    case DNS_A:
        return data.len == 4;
    case DNS_AAAA:
        return data.len == 16;
    case DNS_TXT:
        return strings_join(arena, data, out);
    case DNS_MX:
        if (data.len < 3 || !name_read(arena, packet, &at, &name))
            return false;
        *out = arena_print(arena, "%u %.*s", short_at(data, 0), SPAN_FMT(name));
        return at == record->data_at + data.len;
    default:
        return name_read(arena, packet, &at, out) && at == record->data_at + data.len;
    }
}

static void failed(struct dns_answer *out, enum dns_status status, const char *why)
{
    out->status = status;
    out->why = span_of(why);
    out->data.len = 0;
    out->ttl = 0;
}

/* All records of the answer section, in order; -1 where the packet does not hold what it counts. */
static long records_read(struct arena *arena, struct span packet, struct record **out)
{
    size_t at = HEADER, questions = short_at(packet, 4), count = short_at(packet, 6);
    struct span name;
    for (size_t i = 0; i < questions; i++) {
        if (questions > 1 || !name_read(arena, packet, &at, &name) || (at += 4) > packet.len)
            return -1;
    }
    if (count > RECORDS_MOST)
        return -1;
    struct record *records = arena_alloc(arena, count * sizeof *records);
    for (size_t i = 0; i < count; i++)
        if (!record_read(arena, packet, &at, &records[i]))
            return -1;
    *out = records;
    return (long)count;
}

/* The records of `name` and the asked type into out. *alias: its CNAME where it has one instead. */
static bool name_take(struct arena *arena, struct span packet, const struct record *records, size_t count,
                      struct span name, struct dns_answer *out, struct span *alias)
{
    for (size_t i = 0; i < count; i++) {
        const struct record *record = &records[i];
        bool wanted = record->type == out->ask.type;
        struct span data;
        if (record->class != 1 || (!wanted && record->type != DNS_CNAME) || !span_eq_case(record->owner, name))
            continue;
        if (!data_read(arena, packet, record, &data))
            return false;
        out->ttl = record->ttl < out->ttl ? record->ttl : out->ttl;
        if (wanted)
            *vec_push(arena, &out->data) = data;
        else
            *alias = data;
    }
    return true;
}

void dns_wire_read(struct arena *arena, struct span packet, struct dns_answer *out)
{
    struct record *records = NULL;
    struct span name = dns_name_shown(arena, domain_undotted(out->ask.name));
    out->ttl = UINT32_MAX;
    if (packet.len < HEADER)
        return failed(out, DNS_FAILED, "the answer is cut off");
    unsigned rcode = byte_at(packet, 3) & 15;
    long count = records_read(arena, packet, &records);
    if (count < 0)
        return failed(out, DNS_FAILED, "the answer is malformed");
    if (rcode != 0 && rcode != RCODE_NO_NAME)
        return failed(out, DNS_FAILED, rcode == 5 ? "the server refused to answer" : "the server could not answer");
    for (unsigned hops = 0; hops < CHAIN_MOST; hops++) {
        struct span alias = {0};
        if (!name_take(arena, packet, records, (size_t)count, name, out, &alias))
            return failed(out, DNS_FAILED, "the answer is malformed");
        if (out->data.len) {
            out->status = DNS_FOUND;
            return;
        }
        if (!alias.len)
            return failed(out, rcode ? DNS_NO_NAME : DNS_NO_DATA,
                          rcode ? "the name does not exist" : "the name has no record of this type");
        name = alias;
    }
    failed(out, DNS_FAILED, "a chain of CNAME records has no end");
}
