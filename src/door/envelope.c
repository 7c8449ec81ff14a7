#include "door/envelope.h"
#include "role/service.h"
#include "door/fields.h"

enum { RECIPIENTS_MOST = 10000, VALUE_MOST = 4096 };

/* ---- values */
static bool is_plain(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.at[i] < 32 || value.at[i] == 127)
            return false;
    return span_is_utf8(value);
}

/* What a stranger said holds whatever he likes, and the message is judged all the same: odd bytes become U+FFFD, the overlong is cut. */
struct span envelope_spoken(struct arena *arena, struct span value)
{
    struct buf out = {.arena = arena};
    value = span_first(value, VALUE_MOST);
    if (is_plain(value))
        return arena_copy(arena, value);
    for (size_t i = 0, n; i < value.len; i += n) {
        for (n = 1; n < 4 && i + n < value.len && !is_plain((struct span){value.at + i, n}); n++)
            ;
        bool plain = is_plain((struct span){value.at + i, n});
        n = plain ? n : 1;
        if (plain)
            buf_add(&out, (struct span){value.at + i, n});
        else
            buf_utf8(&out, 0xfffd);
    }
    buf_byte(&out, '\0');
    return (struct span){out.at, out.len - 1};
}

/* Bytes of a quoted string at the front, RFC 5321 4.1.2; 0: there is none, or it never ends. */
static size_t quoted_len(struct span text)
{
    for (size_t i = 1; span_starts(text, S("\"")) && i < text.len; i++)
        if (text.at[i] == '"')
            return i + 1;
        else
            i += text.at[i] == '\\';
    return 0;
}

/* Behind its local part, in which blanks and brackets are lawful: some servers tell it without its quotes. */
static struct span address_tail(struct span address)
{
    struct span rest = span_skip(address, quoted_len(address));
    const char *at = rest.len && !span_starts(rest, S("<")) ? memrchr(rest.at, '@', rest.len) : NULL;
    return at ? span_from(at, rest.at + rest.len) : rest;
}

/* "<a@b>" or "a@b"; what follows the brackets is the parameters. */
static int address_read(struct span value, struct span *address, struct span *params, struct err *err)
{
    struct span inside = span_skip(value, span_starts(value, S("<"))), rest = span_skip(inside, quoted_len(inside));
    const char *close = inside.len < value.len ? span_find_byte(rest, '>') : NULL;
    *params = (struct span){0};
    *address = value;
    if (close) {
        *address = span_from(inside.at, close);
        *params = span_trim(span_from(close + 1, value.at + value.len));
    }
    struct span tail = address_tail(*address);
    for (size_t i = 0; i < tail.len; i++)
        if (tail.at[i] == ' ' || tail.at[i] == '<' || tail.at[i] == '>')
            return err_set(err, "\"%.*s\" is no address; write a@example.com or <a@example.com>", SPAN_FMT(value));
    return 0;
}

/* ---- fields */
static int client_address(struct arena *arena, struct span value, struct arrival *out, struct err *err)
{
    return ip_parse(value, &out->client_ip) ? 0 : err_set(err, "\"%.*s\" is no address of a host; write 192.0.2.1 or 2001:db8::1", SPAN_FMT(value));
}

static int mail_from(struct arena *arena, struct span value, struct arrival *out, struct err *err)
{
    if (address_read(value, &out->mail_from, &out->mail_params, err) < 0)
        return -1;
    out->mail_from_state = out->mail_from.len ? SENDER_GIVEN : SENDER_NULL;
    return 0;
}

static int rcpt_to(struct arena *arena, struct span value, struct arrival *out, struct err *err)
{
    struct span address, params;
    if (address_read(value, &address, &params, err) < 0)
        return -1;
    if (!address.len || out->rcpt_to.len >= RECIPIENTS_MOST)
        return err_set(err, address.len ? "there are more than %d recipients" : "a recipient is empty (of at most %d)", RECIPIENTS_MOST);
    *vec_push(arena, &out->rcpt_to) = (struct recipient){.address = address, .params = params};
    return 0;
}

static int direction(struct arena *arena, struct span value, struct arrival *out, struct err *err)
{
    for (enum direction at = DIRECTION_INBOUND; at <= DIRECTION_REINJECT; at++)
        if (span_eq_case(value, span_of(direction_name(at)))) {
            out->direction = at;
            return 0;
        }
    return err_set(err, "\"%.*s\" is no direction; there are inbound, outbound, submission, internal and reinject", SPAN_FMT(value));
}

static int received_at(struct arena *arena, struct span value, struct arrival *out, struct err *err)
{
    int zone;
    return time_parse(value, &out->received_at, &zone) ? 0 : err_set(err, "\"%.*s\" is no time; write 2026-01-31T12:00:00Z", SPAN_FMT(value));
}

static int yes_or_no(struct span value, bool *out, struct err *err)
{
    *out = span_eq_case(value, S("yes"));
    return *out || span_eq_case(value, S("no")) ? 0 : err_set(err, "\"%.*s\" is neither yes nor no", SPAN_FMT(value));
}

static int tls_verified(struct arena *arena, struct span value, struct arrival *out, struct err *err)
{
    return yes_or_no(value, &out->tls.cert_verified, err);
}

static int local(struct arena *arena, struct span value, struct arrival *out, struct err *err)
{
    return yes_or_no(value, &out->local, err);
}

#define TEXT(function, member)                                                                                         \
    static int function(struct arena *arena, struct span value, struct arrival *out, struct err *err)                  \
    {                                                                                                                  \
        out->member = value;                                                                                           \
        return 0;                                                                                                      \
    }
TEXT(client_name, client_name)
TEXT(helo, helo)
TEXT(login, login)
TEXT(mail_params, mail_params)
TEXT(queue_id, queue_id)
TEXT(listener, listener)
TEXT(source, source)
TEXT(tls_version, tls.version)
TEXT(tls_subject, tls.cert_subject)

static const struct {
    const char *header, *json; /* NULL: is not told so */
    int (*read)(struct arena *arena, struct span value, struct arrival *out, struct err *err);
    bool spoken; /* by a stranger, and passed on by the mail server */
} fields[] = {
    {"Client-Address", "client_ip", client_address, false}, {"Client-Name", "client_name", client_name, true}, {"Helo", "helo", helo, true},
    {"Mail-From", "mail_from", mail_from, true}, {NULL, "mail_params", mail_params, true}, {"Rcpt-To", "rcpt_to", rcpt_to, true}, {NULL, "local", local, false}, {"Login", "login", login, true},
    {"Queue-Id", "queue_id", queue_id, false}, {"Listener", "listener", listener, false}, {"Source", "source", source, false}, {"Direction", "direction", direction, false},
    {"Received-At", "received_at", received_at, false}, {"Tls-Version", "tls.version", tls_version, false}, {"Tls-Subject", "tls.cert_subject", tls_subject, true},
    {"Tls-Verified", "tls.cert_verified", tls_verified, false},
};

bool envelope_is_ours(struct span header, struct span *name)
{
    struct span ours = S("X-Sekimori-");
    *name = span_skip(header, ours.len);
    return span_starts_case(header, ours);
}

int envelope_take(struct arena *arena, enum envelope_names names, struct span name, struct span value, struct arrival *out, struct err *err)
{
    value = span_trim(value);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct span known = span_of(names == ENVELOPE_HEADERS ? fields[i].header : fields[i].json);
        if (!known.len || !(names == ENVELOPE_HEADERS ? span_eq_case(name, known) : span_eq(name, known)))
            continue;
        if (!fields[i].spoken && (!is_plain(value) || value.len > VALUE_MOST))
            return err_set(err, "holds control characters, or is no UTF-8, or is longer than %d bytes", VALUE_MOST);
        return fields[i].read(arena, fields[i].spoken ? envelope_spoken(arena, value) : arena_copy(arena, value), out, err);
    }
    return err_set(err, "is no field of an envelope; sekimori(1) lists them");
}

/* ---- as Rspamd's clients tell it */
static bool is_unnamed(struct span host)
{
    return host.len && (host.at[0] == '[' || host.at[0] == '<' || span_eq_case(host, S("unknown")));
}

int envelope_rspamd(struct arena *arena, struct span name, struct span value, struct arrival *out, struct err *err)
{
    static const struct {
        const char *theirs, *ours;
        enum { PLAIN, HOST, RECIPIENT, ONLY_RECIPIENT } how;
    } names[] = {{"From", "Mail-From", PLAIN}, {"Rcpt", "Rcpt-To", RECIPIENT}, {"IP", "Client-Address", PLAIN}, {"Helo", "Helo", PLAIN}, {"Hostname", "Client-Name", HOST},
                 {"User", "Login", PLAIN}, {"Queue-Id", "Queue-Id", PLAIN}, {"TLS-Version", "Tls-Version", PLAIN}, {"Deliver-To", "Rcpt-To", ONLY_RECIPIENT}};
    size_t at = 0, count = sizeof names / sizeof *names;
    while (at < count && !span_eq_case(name, span_of(names[at].theirs)))
        at++;
    value = span_trim(value);
    if (at == count || (names[at].how == HOST && is_unnamed(value)) || (names[at].how >= RECIPIENT && !value.len) || (names[at].how == ONLY_RECIPIENT && out->rcpt_to.len))
        return 0;
    if (names[at].how >= RECIPIENT && out->rcpt_to.len >= RECIPIENTS_MOST)
        return err_set(err, "there are more than %d recipients", RECIPIENTS_MOST);
    (void)envelope_take(arena, ENVELOPE_HEADERS, span_of(names[at].ours), value, out, err);
    return 0;
}

int envelope_field(struct arena *arena, struct span name, struct span value, struct arrival *out, struct err *err)
{
    return envelope_take(arena, ENVELOPE_HEADERS, name, value, out, err);
}

/* ---- which way */
static bool is_within(const struct listener_settings *settings, const struct ip *client)
{
    for (uint32_t i = 0; i < settings->network_count; i++)
        if (ip_within(client, &settings->networks[i].network, settings->networks[i].bits))
            return true;
    return !settings->network_count;
}

enum direction envelope_direction(const struct listener_settings *settings, const struct arrival *arrival)
{
    enum direction said = settings->direction;
    if (arrival->login.len)
        return said == DIRECTION_INBOUND ? DIRECTION_SUBMISSION : said;
    if (said != DIRECTION_OUTBOUND && said != DIRECTION_SUBMISSION && said != DIRECTION_INTERNAL)
        return said;
    return arrival->local || is_within(settings, &arrival->client_ip) ? said : DIRECTION_INBOUND;
}
