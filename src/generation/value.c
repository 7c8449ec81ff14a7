#include "generation/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORD_MOST = 32, PORT_MOST = 65535, SOCKET_PATH_MOST = 107 };

struct unit {
    const char *names[3];
    uint64_t times;
};
static const struct unit sizes[] = {{{"B", "bytes"}, 1},
                                    {{"KiB", "k", "kB"}, 1024},
                                    {{"MiB", "M", "MB"}, (uint64_t)1 << 20},
                                    {{"GiB", "G", "GB"}, (uint64_t)1 << 30},
                                    {{"TiB", "T", "TB"}, (uint64_t)1 << 40}};
static const struct unit times[] = {{{"ms"}, 1}, {{"s"}, 1000}, {{"min"}, 60000}, {{"h"}, 3600000}, {{"d"}, 86400000}};
enum { SIZES = sizeof sizes / sizeof *sizes, TIMES = sizeof times / sizeof *times };

static bool unit_is(const struct unit *unit, struct span word)
{
    for (size_t i = 0; i < 3 && unit->names[i]; i++)
        if (span_eq_case(word, span_of(unit->names[i])))
            return true;
    return false;
}

/* Digits, then a unit or nothing. False: no such thing, or larger than can be counted. */
static bool measure(struct span text, const struct unit *units, size_t count, uint64_t *out, bool *bare)
{
    size_t digits = 0;
    text = span_trim(text);
    while (digits < text.len && ascii_is_digit(text.at[digits]))
        digits++;
    struct span word = span_trim(span_skip(text, digits));
    *bare = !word.len;
    if (!span_number(span_first(text, digits), UINT64_MAX, out))
        return false;
    for (size_t i = 0; word.len && i < count; i++)
        if (unit_is(&units[i], word))
            return !__builtin_mul_overflow(*out, units[i].times, out);
    return *bare;
}

/* The largest unit that leaves no rest. */
static void measure_print(struct buf *out, uint64_t value, const struct unit *units, size_t count)
{
    size_t i = count - 1;
    while (i && (!value || value % units[i].times))
        i--;
    buf_print(out, "%llu %s", (unsigned long long)(value / units[i].times), units[i].names[0]);
}

void value_size_print(struct buf *out, uint64_t bytes)
{
    measure_print(out, bytes, sizes, SIZES);
}

void value_time_print(struct buf *out, uint64_t ms)
{
    measure_print(out, ms, times, TIMES);
}

void value_share_print(struct buf *out, double share)
{
    buf_print(out, "%.10g %%", share * 100);
}

/* "from 1 s to 10 min", in the words of `print`. */
static int range_refuse(struct span text, uint64_t least, uint64_t most, void (*print)(struct buf *, uint64_t), struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(4096);
    struct buf low = {.arena = arena}, high = {.arena = arena};
    print(&low, least);
    print(&high, most);
    return err_set(err, "\"%.*s\" is out of range; it may be from %.*s to %.*s", SPAN_FMT(text), SPAN_FMT(buf_span(&low)),
                   SPAN_FMT(buf_span(&high)));
}

int value_number(struct span text, uint64_t least, uint64_t most, uint64_t *out, struct err *err)
{
    if (span_number(text, most, out) && *out >= least)
        return 0;
    return err_set(err, "\"%.*s\" is no number from %llu to %llu", SPAN_FMT(text), (unsigned long long)least, (unsigned long long)most);
}

int value_size(struct span text, bool unit, uint64_t least, uint64_t most, uint64_t *out, struct err *err)
{
    bool bare;
    if (!measure(text, sizes, SIZES, out, &bare))
        return err_set(err, "\"%.*s\" is no size; write it like 64 MiB (B, KiB, MiB, GiB, TiB)", SPAN_FMT(text));
    if (unit && bare && *out)
        return err_set(err, "\"%.*s\" has no unit; write it like 64 MiB (B, KiB, MiB, GiB, TiB)", SPAN_FMT(text));
    return *out >= least && *out <= most ? 0 : range_refuse(text, least, most, value_size_print, err);
}

int value_time(struct span text, uint64_t least_ms, uint64_t most_ms, uint64_t *out, struct err *err)
{
    bool bare;
    if (!measure(text, times, TIMES, out, &bare))
        return err_set(err, "\"%.*s\" is no time; write it like 30 s (ms, s, min, h, d)", SPAN_FMT(text));
    if (bare && *out)
        return err_set(err, "\"%.*s\" has no unit; write it like 30 s (ms, s, min, h, d)", SPAN_FMT(text));
    return *out >= least_ms && *out <= most_ms ? 0 : range_refuse(text, least_ms, most_ms, value_time_print, err);
}

static bool real_read(struct span text, double *out)
{
    char copy[WORD_MOST], *end;
    if (!text.len || text.len >= sizeof copy || !ascii_is_digit(text.at[0]))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is_digit(copy[i] = text.at[i]) && text.at[i] != '.')
            return false; /* strtod would take 0x10 and 1e9 */
    copy[text.len] = 0;
    *out = strtod(copy, &end);
    return !*end && isfinite(*out);
}

int value_share(struct span text, bool unit, double *out, struct err *err)
{
    struct span number = span_trim(text);
    bool sign = number.len && number.at[number.len - 1] == '%';
    if (sign)
        number = span_trim(span_first(number, number.len - 1));
    if (!real_read(number, out))
        return err_set(err, "\"%.*s\" is no share in per cent, such as 0.5%s", SPAN_FMT(text), unit ? " %" : "");
    if (unit && !sign)
        return err_set(err, "\"%.*s\" has no unit; write it like 0.5 %%", SPAN_FMT(text));
    *out /= 100;
    return *out > 0 && *out < 1 ? 0 : err_set(err, "\"%.*s\" is out of range; a share is more than 0 %% and less than 100 %%", SPAN_FMT(text));
}

int value_score(struct span text, double *out, struct err *err)
{
    if (real_read(text, out) && *out >= 0 && *out <= 100)
        return 0;
    return err_set(err, "\"%.*s\" is no score; write a number from 0 to 100", SPAN_FMT(text));
}

int value_choice(struct span text, const char *words, uint64_t *out, struct err *err)
{
    struct span word, rest = span_of(words);
    for (*out = 0; span_cut(&rest, '|', &word); ++*out)
        if (span_eq(word, text))
            return 0;
    char listed[256];
    size_t used = 0;
    for (rest = span_of(words); span_cut(&rest, '|', &word) && used < sizeof listed;)
        used += (size_t)snprintf(listed + used, sizeof listed - used, "%s%.*s", used ? ", " : "", SPAN_FMT(word));
    return err_set(err, "\"%.*s\" is not one of: %s", SPAN_FMT(text), listed);
}

int value_yes_no(struct span text, bool *out, struct err *err)
{
    *out = span_eq_case(text, S("yes")) || span_eq_case(text, S("true"));
    if (*out || span_eq_case(text, S("no")) || span_eq_case(text, S("false")))
        return 0;
    return err_set(err, "\"%.*s\" is neither yes nor no", SPAN_FMT(text));
}

/* A name that can stand for nothing would be without effect, and nobody would hear of it. */
int value_name(struct span text, const char *how, struct err *err)
{
    struct span word = {0}, rest = text;
    if (span_word(&rest, &word) && word.len == text.len && !span_find_byte(text, '*'))
        return 0;
    return err_set(err, "\"%.*s\" is no name; %s", SPAN_FMT(text), how);
}

int value_host(struct arena *arena, struct span text, struct span *out, struct err *err)
{
    if (value_name(text, "x.example stands for what is under it too", err) < 0)
        return -1;
    *out = arena_lower(arena, arena_copy(arena, text));
    return 0;
}

int value_domain(struct arena *arena, struct span text, struct span *out, struct err *err)
{
    if (identity_domain_read(arena, text, out))
        return 0;
    return err_set(err, "\"%.*s\" is no domain: write it like example.com; what is under it is meant too", SPAN_FMT(text));
}

int value_id(struct span text, struct err *err)
{
    bool fits = text.len && text.len <= WORD_MOST;
    for (size_t i = 0; fits && i < text.len; i++)
        fits = (text.at[i] >= 'a' && text.at[i] <= 'z') || ascii_is_digit(text.at[i]) || text.at[i] == '-';
    return fits ? 0 : err_set(err, "\"%.*s\" is no id: write up to %d of the letters a to z, figures and -", SPAN_FMT(text), WORD_MOST);
}

int value_network(struct span text, struct prefix *out, struct err *err)
{
    if (ip_prefix_parse(text, &out->network, &out->bits))
        return 0;
    return err_set(err, "\"%.*s\" is no network such as 192.0.2.0/24", SPAN_FMT(text));
}

/* Lists answer from 127.0.0.0/8 (RFC 5782), and keep two places of it for what is no listing. */
static bool is_listing(const struct prefix *within)
{
    static const char *const never[] = {"127.255.255.0/24", "127.0.0.1"};
    struct prefix loopback = {.bits = 0}, refusal;
    bool inside = ip_prefix_parse(S("127.0.0.0/8"), &loopback.network, &loopback.bits) && within->bits >= loopback.bits &&
                  ip_within(&within->network, &loopback.network, loopback.bits);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (ip_prefix_parse(span_of(never[i]), &refusal.network, &refusal.bits) && within->bits >= refusal.bits &&
            ip_within(&within->network, &refusal.network, refusal.bits))
            return false;
    return inside;
}

int value_list_answer(struct span text, struct witness_code *out, struct err *err)
{
    struct span rest = text, network;
    uint64_t bits = 0;
    bool masked = span_find_byte(text, '&');
    span_cut(&rest, '&', &network);
    if (!ip_prefix_parse(span_trim(network), &out->within.network, &out->within.bits) ||
        (masked && (!span_number(span_trim(rest), UINT8_MAX, &bits) || !bits)))
        return err_set(err, "\"%.*s\" is no answer such as 127.0.0.2, nor a network of answers such as 127.0.0.0/24, nor bits of one such as "
                            "\"127.0.0.0/24 & 8\"", SPAN_FMT(text));
    if (!is_listing(&out->within))
        return err_set(err, "\"%.*s\" lists nothing: answers that do lie in 127.0.0.0/8 (RFC 5782), and with 127.0.0.1 and 127.255.255.x a list "
                            "only refuses to answer", SPAN_FMT(text));
    out->bits = (uint8_t)bits;
    return 0;
}

/* ---- addresses */
static int unix_read(struct arena *arena, struct span path, struct address *out, struct err *err)
{
    if (!path.len || path.at[0] != '/' || path.len > SOCKET_PATH_MOST)
        return err_set(err, "\"unix:%.*s\" is no socket: write unix: and a path from / on, of at most %d bytes", SPAN_FMT(path), SOCKET_PATH_MOST);
    out->path = arena_copy(arena, path);
    return 0;
}

static bool host_read(struct span host, struct ip *out)
{
    if (span_eq_case(host, S("localhost")))
        host = S("127.0.0.1");
    else if (span_eq(host, S("*")))
        host = S("0.0.0.0");
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = span_first(span_skip(host, 1), host.len - 2);
    return ip_parse(host, out);
}

int value_address(struct arena *arena, struct span text, uint16_t port, struct address *out, struct err *err)
{
    uint64_t number = port;
    *out = (struct address){.text = arena_copy(arena, text)};
    if (span_starts(text, S("unix:")))
        return unix_read(arena, span_skip(text, 5), out, err);
    if (span_starts(text, S("inet:")) || span_starts(text, S("inet6:")))
        return err_set(err, "\"%.*s\" is how a mail server writes it; write it without inet:, like 127.0.0.1:7780", SPAN_FMT(text));
    size_t colon = text.len;
    while (colon && text.at[colon - 1] != ':' && text.at[colon - 1] != ']')
        colon--;
    bool bare = !colon || text.at[colon - 1] == ']' || (port && ip_parse(text, &out->ip)); /* an IPv6 address has colons too */
    struct span host = bare ? text : span_first(text, colon - 1);
    if ((bare && !port) || (!bare && (!span_number(span_skip(text, colon), PORT_MOST, &number) || !number)))
        return err_set(err, "\"%.*s\" names no port: write it like 127.0.0.1:7780, [::1]:7780 or unix:/run/sekimori/http.sock", SPAN_FMT(text));
    if (!host_read(host, &out->ip))
        return err_set(err, "\"%.*s\" has no address of a host; write it in figures, like 127.0.0.1, for no name but localhost is asked for here",
                       SPAN_FMT(text));
    out->port = (uint16_t)number;
    return 0;
}

bool address_is_local(const struct address *address)
{
    return address->path.len || ip_scope_of(&address->ip) == IP_LOOPBACK;
}
