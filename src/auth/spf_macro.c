#include "auth/spf.h"

enum { PIECES_MOST = 128 }; /* RFC 7208 7.3: at least this many must be kept */

/* ---- names of the client */
static void nibbles_add(struct buf *out, const uint8_t bytes[16], bool reversed)
{
    static const char hex[] = "0123456789ABCDEF";
    for (unsigned i = 0; i < 32; i++) {
        unsigned n = reversed ? 31 - i : i;
        if (i)
            buf_byte(out, '.');
        buf_byte(out, hex[bytes[n / 2] >> (n % 2 ? 0 : 4) & 15]);
    }
}

struct span spf_reverse_name(struct spf_work *work)
{
    const struct ip *client = &work->question->client;
    struct buf out = {.arena = work->arena};
    if (client->family == IP_V4) {
        buf_print(&out, "%u.%u.%u.%u.in-addr.arpa", client->bytes[3], client->bytes[2], client->bytes[1],
                  client->bytes[0]);
    } else {
        nibbles_add(&out, client->bytes, true);
        buf_add(&out, S(".ip6.arpa"));
    }
    return buf_span(&out);
}

bool spf_name_has_client(struct spf_work *work, struct span name, unsigned bits4, unsigned bits6,
                         const struct dns_answer **answer)
{
    const struct ip *client = &work->question->client;
    bool six = client->family == IP_V6;
    *answer = dns_known(work->answers, name, six ? DNS_AAAA : DNS_A);
    if (!*answer || (*answer)->status != DNS_FOUND) {
        work->unknown = work->unknown || (*answer && (*answer)->status == DNS_UNKNOWN);
        return false;
    }
    vec_each(data, &(*answer)->data) {
        struct ip address = {.family = client->family};
        if (data->len != (six ? 16 : 4))
            continue;
        memcpy(address.bytes, data->at, data->len);
        if (ip_within(client, &address, six ? bits6 : bits4))
            return true;
    }
    return false;
}

bool spf_client_names(struct spf_work *work, struct span only_under, spf_name_seen *each, void *context)
{
    const struct dns_answer *pointers = dns_known(work->answers, spf_reverse_name(work), DNS_PTR);
    bool complete = true;
    if (!pointers)
        return false;
    for (size_t i = 0; i < pointers->data.len && i < SPF_NAMES_MOST; i++) {
        const struct dns_answer *answer;
        struct span name = pointers->data.at[i];
        if (only_under.len && !domain_is_or_under(name, only_under))
            continue;
        if (spf_name_has_client(work, name, 32, 128, &answer))
            each(context, name);
        complete = complete && answer;
    }
    return complete;
}

/* %{p}: the domain itself, else a name under it, else any validated name (RFC 7208 7.3). */
struct best_name {
    struct span domain, name;
    unsigned rank;
};

static void name_weigh(void *context, struct span name)
{
    struct best_name *best = context;
    unsigned rank = span_eq_case(name, best->domain) ? 3 : domain_is_or_under(name, best->domain) ? 2 : 1;
    if (rank > best->rank)
        *best = (struct best_name){best->domain, name, rank};
}

/* ---- values */
static bool value_of(struct spf_work *work, char letter, struct span domain, struct span *out)
{
    const struct spf_question *q = work->question;
    struct best_name best = {.domain = domain, .name = S("unknown")};
    struct buf text = {.arena = work->arena};
    switch (letter) {
    case 's':
        buf_print(&text, "%.*s@%.*s", SPAN_FMT(work->local), SPAN_FMT(work->sender_domain));
        break;
    case 'l':
        *out = work->local;
        return true;
    case 'o':
        *out = work->sender_domain;
        return true;
    case 'd':
        *out = domain;
        return true;
    case 'i':
        if (q->client.family == IP_V6)
            nibbles_add(&text, q->client.bytes, false);
        else
            ip_print(&text, &q->client);
        break;
    case 'p':
        if (!spf_client_names(work, (struct span){0}, name_weigh, &best))
            return false;
        *out = best.name;
        return true;
    case 'v':
        *out = q->client.family == IP_V6 ? S("ip6") : S("in-addr");
        return true;
    case 'h':
        *out = span_first(q->helo, SPF_VALUE_MOST);
        return true;
    case 'c':
        ip_print(&text, &q->client);
        break;
    case 'r':
        *out = q->receiver.len ? q->receiver : S("unknown");
        return true;
    default: /* t */
        buf_print(&text, "%lld", q->now == TIME_UNKNOWN ? 0LL : (long long)q->now);
    }
    *out = buf_span(&text);
    return true;
}

/* Cuts at any of the delimiters, turns the order about, keeps `keep` pieces from the right and joins them by dots. */
static void pieces_add(struct buf *out, struct span value, struct span delimiters, unsigned keep, bool reversed)
{
    struct span kept[PIECES_MOST];
    size_t count = 0, from = 0;
    for (size_t i = 0; i <= value.len; i++) {
        if (i < value.len && !span_find_byte(delimiters, value.at[i]))
            continue;
        struct span piece = span_first(span_skip(value, from), i - from);
        from = i + 1;
        /* The first pieces are the rightmost of a reversed value, the last those of another. */
        if (!reversed || count < PIECES_MOST)
            kept[count % PIECES_MOST] = piece;
        count++;
    }
    size_t stored = count < PIECES_MOST ? count : PIECES_MOST, n = keep < stored ? keep : stored;
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_byte(out, '.');
        buf_add(out, kept[reversed ? n - 1 - i : (count - n + i) % PIECES_MOST]);
    }
}

static void url_escaped_add(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool plain = ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
        buf_print(out, plain ? "%c" : "%%%02X", (unsigned char)c);
    }
}

/* %{letter digits r delimiters}: macro is what stands between the braces; its syntax was checked. */
static bool macro_add(struct spf_work *work, struct buf *out, struct span macro, struct span domain)
{
    struct span value, delimiters;
    unsigned keep = 0;
    size_t i = 1;
    if (!value_of(work, ascii_lower(macro.at[0]), domain, &value))
        return false;
    for (; i < macro.len && ascii_is_digit(macro.at[i]); i++)
        keep = keep > PIECES_MOST ? keep : keep * 10 + (unsigned)(macro.at[i] - '0');
    bool reversed = i < macro.len && ascii_lower(macro.at[i]) == 'r';
    delimiters = span_skip(macro, i + reversed);
    bool upper = macro.at[0] >= 'A' && macro.at[0] <= 'Z';
    struct buf piece = {.arena = work->arena, .max = SPF_EXPANSION_MOST};
    if (keep || reversed || delimiters.len)
        pieces_add(&piece, value, delimiters.len ? delimiters : S("."), keep ? keep : PIECES_MOST, reversed);
    struct span done = keep || reversed || delimiters.len ? buf_span(&piece) : value;
    out->cut = out->cut || piece.cut;
    if (upper)
        url_escaped_add(out, done);
    else
        buf_add(out, done);
    return true;
}

bool spf_macro_expand(struct spf_work *work, struct span text, struct span domain, struct span *out)
{
    struct buf done = {.arena = work->arena, .max = SPF_EXPANSION_MOST};
    for (size_t i = 0; i < text.len && !done.cut;) {
        if (text.at[i] != '%') {
            buf_byte(&done, text.at[i++]);
            continue;
        }
        char kind = text.at[i + 1];
        if (kind != '{') {
            buf_add(&done, kind == '%' ? S("%") : kind == '_' ? S(" ") : S("%20"));
            i += 2;
            continue;
        }
        const char *end = span_find_byte(span_skip(text, i), '}');
        if (!macro_add(work, &done, span_from(text.at + i + 2, end), domain))
            return false;
        i = (size_t)(end - text.at) + 1;
    }
    *out = done.cut ? (struct span){0} : buf_span(&done); /* too long for any name or sentence */
    return true;
}

bool spf_name_expand(struct spf_work *work, struct span spec, struct span domain, struct span *out)
{
    struct span name;
    *out = domain;
    if (!spec.len)
        return true;
    if (!spf_macro_expand(work, spec, domain, &name))
        return false;
    name = domain_undotted(name);
    while (name.len > 253) {
        const char *dot = span_find_byte(name, '.');
        name = dot ? span_skip(name, (size_t)(dot - name.at) + 1) : (struct span){0};
    }
    *out = name;
    return true;
}
