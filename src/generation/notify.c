/* Who is told: each notification goes one way, and what it names is there. */
#include "generation/inner.h"

#include "base/config.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MOST = 64 << 10 };

/* ---- when */
void condition_check(struct reading *reading, const struct condition *when)
{
    enum evidence_id id;
    if (when->unjudged == NOTICE_UNJUDGED_ONLY && (when->tags.len || when->evidence.len))
        FAULT(reading, &when->unjudged, "only contradicts tags and evidence, for what no judge could finish has none; take them out, or write also");
    if (when->appeals == NOTICE_APPEALS_ONLY && (when->tags.len || when->evidence.len || when->directions.len || when->unjudged != NOTICE_UNJUDGED_NO))
        FAULT(reading, &when->appeals, "only contradicts unjudged, tags, evidence and directions, which nobody asks of what readers ask for; take them out, or write also");
    if (when->waiting == NOTICE_WAITING_ONLY && (when->tags.len || when->evidence.len || when->unjudged != NOTICE_UNJUDGED_NO || when->appeals != NOTICE_APPEALS_NO))
        FAULT(reading, &when->waiting, "only contradicts unjudged, appeals, tags and evidence, which nobody asks of what waits; take them out, or write also");
    vec_each(tag, &when->tags)
        if (tag->len && !tag_text(*tag, LANGUAGE_EN))
            FAULT(reading, &when->tags, "\"%.*s\" is no tag; docs/EVIDENCE.md has them", SPAN_FMT(*tag));
    vec_each(evidence, &when->evidence)
        if (evidence->len && !evidence_by_name(*evidence, &id))
            FAULT(reading, &when->evidence, "\"%.*s\" is no evidence; docs/EVIDENCE.md has the ids", SPAN_FMT(*evidence));
    vec_each(direction, &when->directions)
        if (direction->len && !direction_is_name(*direction))
            FAULT(reading, &when->directions, "\"%.*s\" is not one of: inbound, outbound, submission, internal, reinject", SPAN_FMT(*direction));
    vec_each(organisation, &when->organisations)
        if (organisation->len && !generation_organisation_by_id(reading->out, *organisation))
            FAULT(reading, &when->organisations, "\"%.*s\" is the id of no organisation of this file", SPAN_FMT(*organisation));
}

/* ---- webhook */
/* The host of "https://user@host:port/path", without its port. */
static struct span host_of(struct span url)
{
    const char *slashes = span_find(url, S("://"));
    struct span rest = slashes ? span_from(slashes + 3, url.at + url.len) : (struct span){0}, host;
    if (!span_cut(&rest, '/', &host))
        return (struct span){0};
    const char *at = host.at ? memrchr(host.at, '@', host.len) : NULL;
    host = at ? span_from(at + 1, host.at + host.len) : host;
    const char *end = host.len && host.at[0] == '[' ? span_find_byte(host, ']') : span_find_byte(host, ':');
    return end ? span_from(host.at, end + (*end == ']')) : host;
}

static bool is_this_machine(struct span host)
{
    struct ip ip;
    return span_eq_case(host, S("localhost")) || (ip_parse(host, &ip) && ip_scope_of(&ip) == IP_LOOPBACK);
}

static void webhook_check(struct reading *reading, const struct notification *notification)
{
    struct span url = notification->webhook, host = host_of(url);
    bool plain = span_starts_case(url, S("http://")), odd = false;
    for (size_t i = 0; i < url.len; i++)
        odd |= (unsigned char)url.at[i] <= ' ' || (unsigned char)url.at[i] >= 127;
    if ((!plain && !span_starts_case(url, S("https://"))) || !host.len || odd)
        FAULT(reading, &notification->webhook, "\"%.*s\" is no address of a receiver; write one like https://soc.example.com/hook", SPAN_FMT(url));
    else if (plain && !is_this_machine(host))
        WARNING(reading, &notification->webhook, "http: what is told can be read on its way; write https://");
}

static bool is_field(struct span line)
{
    const char *colon = span_find_byte(line, ':');
    struct span name = colon ? span_from(line.at, colon) : (struct span){0};
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alpha(name.at[i]) && !ascii_is_digit(name.at[i]) && name.at[i] != '-' && name.at[i] != '_')
            return false;
    return name.len && span_trim(span_from(colon + 1, line.at + line.len)).len;
}

/* Looked at, and not kept. */
static void secret_check(struct reading *reading, const struct notification *notification)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(4 * SECRET_MOST);
    struct span text, line;
    struct err err;
    unsigned number = 0, fields = 0;
    if (file_read(arena, notification->secret.at, SECRET_MOST, &text, &err) < 0) {
        FAULT(reading, &notification->secret, "%s", err.text);
        return;
    }
    while (span_cut(&text, '\n', &line)) {
        struct span field = span_trim(line);
        number++;
        if (!field.len || field.at[0] == '#')
            continue;
        fields++;
        if (!is_field(field))
            FAULT(reading, &notification->secret, "%s:%u: is no header field; write one like Authorization: Bearer 1234", notification->secret.at, number);
    }
    if (!fields)
        FAULT(reading, &notification->secret, "%s holds no header field; write one like Authorization: Bearer 1234", notification->secret.at);
}

/* ---- program */
static void program_check(struct reading *reading, const struct notification *notification)
{
    struct stat about;
    struct span path = notification->program.at[0];
    if (!path.len)
        return;
    if (path.at[0] != '/')
        FAULT(reading, &notification->program, "\"%.*s\": write the whole path of the program, as /usr/local/bin/notice; no shell looks for it", SPAN_FMT(path));
    else if (stat(path.at, &about) < 0)
        FAULT(reading, &notification->program, "%s: %s; name a program that is there", path.at, strerror(errno));
    else if (!S_ISREG(about.st_mode) || access(path.at, X_OK) < 0)
        FAULT(reading, &notification->program, "%s is no program that can be started; chmod +x %s", path.at, path.at);
}

/* ---- mail */
static bool server_is_good(struct span server)
{
    uint64_t port = 0;
    const char *end = server.len && server.at[0] == '[' ? span_find_byte(server, ']') : NULL;
    const char *colon = span_find_byte(end ? span_from(end, server.at + server.len) : server, ':');
    struct span host = colon ? span_from(server.at, colon) : server;
    if (colon && (!span_number(span_from(colon + 1, server.at + server.len), 65535, &port) || !port))
        return false;
    struct ip ip;
    if (end)
        return end + 1 == host.at + host.len && ip_parse(host, &ip) && ip.family == IP_V6;
    for (size_t i = 0; i < host.len; i++)
        if (!ascii_is_alpha(host.at[i]) && !ascii_is_digit(host.at[i]) && host.at[i] != '-' && host.at[i] != '.')
            return false;
    return host.len;
}

static void mail_check(struct reading *reading, const struct notification *notification)
{
    if (!notification->sender.len)
        FAULT(reading, &notification->sender, "is missing: a mail comes from an address; write sender: sekimori@your.domain");
    if (!server_is_good(notification->server))
        FAULT(reading, &notification->server, "\"%.*s\" is no server; write a host with or without a port, like mx.example.com:25 or [::1]:25",
              SPAN_FMT(notification->server));
}

/* ---- the whole */
static void strays_check(struct reading *reading, const struct notification *notification)
{
    if (notification->secret.len && !notification->webhook.len)
        FAULT(reading, &notification->secret, "belongs to webhook:, which does not stand here; take it out");
    if (notification->sender.len && !notification->mail.len)
        FAULT(reading, &notification->sender, "belongs to mail:, which does not stand here; take it out");
}

static void notification_check(struct reading *reading, const struct notification *notification)
{
    bool ways[] = {notification->webhook.len, notification->program.len, notification->mail.len};
    int count = ways[0] + ways[1] + ways[2];
    for (const struct notification *other = reading->out->notifications.at; other < notification; other++)
        if (notification->name.len && span_eq(other->name, notification->name))
            FAULT(reading, &notification->name, "\"%.*s\" is the name of two notifications; each has its own", SPAN_FMT(notification->name));
    if (span_eq(notification->name, S("release")) || span_eq(notification->name, S("digest")) || span_starts(notification->name, S("release.")))
        FAULT(reading, &notification->name, "\"%.*s\" is a name under which mail of ours leaves; take another", SPAN_FMT(notification->name));
    if (count != 1)
        FAULT(reading, &notification->name, "%s: write one of webhook:, program: and mail:", count ? "goes more than one way" : "goes nowhere");
    if (ways[0])
        webhook_check(reading, notification);
    if (notification->secret.len)
        secret_check(reading, notification);
    if (ways[1])
        program_check(reading, notification);
    if (ways[2])
        mail_check(reading, notification);
    strays_check(reading, notification);
    condition_check(reading, &notification->when);
}

void notifications_check(struct reading *reading)
{
    struct generation *out = reading->out;
    vec_each(notification, &out->notifications)
        notification_check(reading, notification);
    if (out->notifications.len > JOBS_MOST)
        FAULT(reading, &out->notifications, "has %zu rows; %d is the most", out->notifications.len, JOBS_MOST);
    if (out->outbox.wait_seconds > out->outbox.wait_most_seconds)
        FAULT(reading, &out->outbox.wait_seconds, "may not be longer than wait_most");
}
