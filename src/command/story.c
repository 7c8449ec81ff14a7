#include "base/config.h"
#include "command/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20 };

struct reading { /* of one `key: value` file */
    struct arena *arena;
    struct story *story;
    char path[PATH_MAX];
    size_t line;
};

typedef int take_t(struct reading *reading, struct span value, struct err *err);
struct key {
    const char *name;
    take_t *take; /* NULL: a span of the arrival at `offset` */
    size_t offset;
};

static int refuse(const struct reading *reading, struct span value, const char *what, struct err *err)
{
    return err_set(err, "%s:%zu: \"%.*s\" is no %s", reading->path, reading->line, SPAN_FMT(value), what);
}

static struct span address_of(struct span *rest)
{
    struct span word = {0};
    span_word(rest, &word);
    if (word.len >= 2 && word.at[0] == '<' && word.at[word.len - 1] == '>')
        word = (struct span){word.at + 1, word.len - 2};
    *rest = span_trim(*rest);
    return word;
}

/* ---- envelope */
static int take_client(struct reading *reading, struct span value, struct err *err)
{
    return ip_parse(value, &reading->story->arrival.client_ip) ? 0 : refuse(reading, value, "address of a host", err);
}

static int take_sender(struct reading *reading, struct span value, struct err *err)
{
    struct arrival *arrival = &reading->story->arrival;
    arrival->mail_from = address_of(&value);
    arrival->mail_from_state = arrival->mail_from.len ? SENDER_GIVEN : SENDER_NULL;
    arrival->mail_params = value;
    return 0;
}

static int take_recipient(struct reading *reading, struct span value, struct err *err)
{
    struct recipient *recipient = vec_push(reading->arena, &reading->story->arrival.rcpt_to);
    recipient->address = address_of(&value);
    recipient->params = value;
    return 0;
}

static int yes_or_no(struct reading *reading, struct span value, bool *out, struct err *err)
{
    *out = span_eq(value, S("yes"));
    return *out || span_eq(value, S("no")) ? 0 : refuse(reading, value, "\"yes\" and no \"no\"", err);
}

static int take_verified(struct reading *reading, struct span value, struct err *err)
{
    return yes_or_no(reading, value, &reading->story->arrival.tls.cert_verified, err);
}

static int take_local(struct reading *reading, struct span value, struct err *err)
{
    return yes_or_no(reading, value, &reading->story->arrival.local, err);
}

static int take_direction(struct reading *reading, struct span value, struct err *err)
{
    for (int direction = DIRECTION_UNKNOWN; direction <= DIRECTION_REINJECT; direction++)
        if (span_eq(span_of(direction_name((enum direction)direction)), value)) {
            reading->story->arrival.direction = (enum direction)direction;
            return 0;
        }
    return refuse(reading, value, "direction", err);
}

static const struct key envelope_keys[] = {
    {"client_ip", take_client, 0},
    {"client_name", NULL, offsetof(struct arrival, client_name)},
    {"helo", NULL, offsetof(struct arrival, helo)},
    {"mail_from", take_sender, 0},
    {"rcpt_to", take_recipient, 0},
    {"local", take_local, 0},
    {"login", NULL, offsetof(struct arrival, login)},
    {"tls_version", NULL, offsetof(struct arrival, tls.version)},
    {"tls_cert_subject", NULL, offsetof(struct arrival, tls.cert_subject)},
    {"tls_cert_verified", take_verified, 0},
    {"listener", NULL, offsetof(struct arrival, listener)},
    {"direction", take_direction, 0},
    {"queue_id", NULL, offsetof(struct arrival, queue_id)},
    {0},
};

/* ---- settings */
static int take_preset(struct reading *reading, struct span value, struct err *err)
{
    return trace_preset_parse(value, &reading->story->walk.trace.preset) ? 0 : refuse(reading, value, "preset", err);
}

/* What is wrong with the value, behind the line it stands in. */
static int fault(const struct reading *reading, const struct err *why, struct err *err)
{
    return err_set(err, "%s:%zu: %s", reading->path, reading->line, why->text);
}

static int take_authserv(struct reading *reading, struct span value, struct err *err)
{
    struct err why;
    if (value_name(value, "write the id as it stands at the front of Authentication-Results", &why) < 0)
        return fault(reading, &why, err);
    *vec_push(reading->arena, &reading->story->walk.auth.trusted_authserv) = value;
    return 0;
}

static int take_host(struct reading *reading, struct span value, struct err *err)
{
    struct err why;
    struct span host;
    if (value_host(reading->arena, value, &host, &why) < 0)
        return fault(reading, &why, err);
    *vec_push(reading->arena, &reading->story->walk.trace.trusted_hosts) = host;
    return 0;
}

static int take_network(struct reading *reading, struct span value, struct err *err)
{
    struct err why;
    struct prefix prefix;
    if (value_network(value, &prefix, &why) < 0)
        return fault(reading, &why, err);
    *vec_push(reading->arena, &reading->story->walk.trace.trusted_networks) = prefix;
    return 0;
}

static int take_sealer(struct reading *reading, struct span value, struct err *err)
{
    struct err why;
    struct span domain;
    if (value_host(reading->arena, value, &domain, &why) < 0)
        return fault(reading, &why, err);
    *vec_push(reading->arena, &reading->story->walk.verdict.trusted_sealers) = domain;
    return 0;
}

/* zone asks answer=evidence... */
static int take_list(struct reading *reading, struct span value, struct err *err)
{
    struct err why;
    struct span zone, asks, code, answer, rest = value;
    uint64_t choice;
    struct block_list *list = vec_push(reading->arena, &reading->story->lists);
    span_word(&rest, &zone);
    if (!span_word(&rest, &asks) || value_host(reading->arena, zone, &list->zone, &why) < 0 ||
        value_choice(asks, "client|domain|helo|links", &choice, &why) < 0)
        return refuse(reading, value, "list such as `list.example client 127.0.0.2=client-listed-spam`", err);
    list->asks = (enum list_asks)choice;
    while (span_word(&rest, &code)) {
        struct block_code *means = vec_push(reading->arena, &list->codes);
        span_cut(&code, '=', &answer);
        if (value_list_answer(answer, &means->means, &why) < 0)
            return fault(reading, &why, err);
        if (!evidence_by_name(code, &means->means.id) || !witness_may_say(list->asks, means->means.id))
            return refuse(reading, code, "evidence of such a list", err);
    }
    generation_lists(reading->arena, reading->story->lists.at, reading->story->lists.len, &reading->story->walk);
    return 0;
}

/* As clamd would say it of the message. */
static int take_scan(struct reading *reading, struct span value, struct err *err)
{
    struct story *story = reading->story;
    story->clamd_says = arena_print(reading->arena, "%.*s", SPAN_FMT(value)).at;
    story->walk.witness.scanner = true;
    story->walk.witness.scanner_bytes = SIZE_MAX;
    generation_lists(reading->arena, story->lists.at, story->lists.len, &story->walk);
    return 0;
}

static const struct key settings_keys[] = {
    {"preset", take_preset, 0},
    {"trust_authserv", take_authserv, 0},
    {"trusted_host", take_host, 0},
    {"trusted_network", take_network, 0},
    {"trusted_sealer", take_sealer, 0},
    {"block_list", take_list, 0},
    {"clamd_says", take_scan, 0},
    {0},
};

/* ---- the files */
static bool story_path(const char *folder, const char *name, char *out)
{
    struct stat about;
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    return len > 0 && len < PATH_MAX && stat(out, &about) == 0;
}

/* A pipe or a device among the parts would be waited for. */
static int parts_check(const char *folder, struct err *err)
{
    static const char *const names[] = {"envelope", "settings", "now", "dns.zone", "customers.yaml", "people.yaml"};
    char path[PATH_MAX];
    struct stat about;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (story_path(folder, names[i], path) && stat(path, &about) == 0 && !S_ISREG(about.st_mode) &&
            !S_ISDIR(about.st_mode))
            return err_set(err, "%s: is no regular file", path);
    return 0;
}

static int line_take(struct reading *reading, struct span line, const struct key *keys, struct err *err)
{
    struct span name, rest = line;
    if (!span_find_byte(line, ':'))
        return err_set(err, "%s:%zu: is not of the form `key: value`", reading->path, reading->line);
    span_cut(&rest, ':', &name);
    struct span value = span_trim(rest);
    for (const struct key *key = keys; key->name; key++) {
        if (!span_eq(span_trim(name), span_of(key->name)))
            continue;
        if (span_eq(value, S("-")))
            return 0; /* unknown, as if the line were not there */
        if (key->take)
            return key->take(reading, value, err);
        *(struct span *)((char *)&reading->story->arrival + key->offset) = value;
        return 0;
    }
    return err_set(err, "%s:%zu: \"%.*s\" is no key of this file; tests/cases/README.md has them", reading->path, reading->line,
                   SPAN_FMT(name));
}

static int file_take(struct arena *arena, struct story *story, const char *folder, const char *name, const struct key *keys,
                     struct err *err)
{
    struct reading reading = {.arena = arena, .story = story};
    struct span text, line;
    if (!story_path(folder, name, reading.path))
        return 0;
    if (file_read(arena, reading.path, MOST_BYTES, &text, err) < 0)
        return -1;
    while (span_cut(&text, '\n', &line)) {
        reading.line++;
        line = span_trim(line);
        if (line.len && line.at[0] != '#' && line_take(&reading, line, keys, err) < 0)
            return -1;
    }
    return 0;
}

static int now_take(struct arena *arena, struct story *story, const char *folder, struct err *err)
{
    char path[PATH_MAX];
    struct span text;
    int zone;
    if (!story_path(folder, "now", path))
        return 0;
    if (file_read(arena, path, MOST_BYTES, &text, err) < 0)
        return -1;
    if (!time_parse(span_trim(text), &story->arrival.received_at, &zone))
        return err_set(err, "%s: \"%.*s\" is no time such as 2026-01-31T12:00:00Z", path, SPAN_FMT(span_trim(text)));
    return 0;
}

static int message_open(struct story *story, const char *folder, struct err *err)
{
    char path[PATH_MAX];
    struct stat about;
    if (!story_path(folder, "message.eml", path) || (story->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return err_set(err, "%s/message.eml: cannot be opened: %s", folder, strerror(errno));
    if (fstat(story->fd, &about) == 0)
        story->length = (uint64_t)about.st_size;
    return 0;
}

/* What is pushed from here on goes to a copy and leaves the lists of the command line as they are. */
static void walk_detach(struct walk_settings *walk)
{
    walk->auth.trusted_authserv.cap = walk->auth.trusted_authserv.len;
    walk->trace.trusted_hosts.cap = walk->trace.trusted_hosts.len;
    walk->trace.trusted_networks.cap = walk->trace.trusted_networks.len;
    walk->verdict.trusted_sealers.cap = walk->verdict.trusted_sealers.len;
}

static int customers_take(struct arena *arena, struct story *story, const char *folder, struct err *err)
{
    char path[PATH_MAX];
    if (!story_path(folder, "customers.yaml", path))
        return 0;
    story->walk.customers = &story->customers;
    return customers_load(arena, path, &story->customers, err);
}

/* Instead of what the command line says, not added to it: who is protected is part of a story's world. */
static int people_take(struct arena *arena, struct story *story, const char *folder, struct err *err)
{
    char path[PATH_MAX];
    if (!story_path(folder, "people.yaml", path))
        return 0;
    identity_settings_default(&story->walk.identity);
    return identity_load(arena, path, &story->walk.identity, err);
}

int story_load(struct arena *arena, const char *folder, const struct walk_settings *walk, const struct arrival *arrival,
               struct story *out, struct err *err)
{
    char path[PATH_MAX];
    *out = (struct story){.arrival = *arrival, .walk = *walk, .fd = -1};
    walk_detach(&out->walk);
    if (parts_check(folder, err) < 0 ||
        file_take(arena, out, folder, "envelope", envelope_keys, err) < 0 ||
        file_take(arena, out, folder, "settings", settings_keys, err) < 0 || now_take(arena, out, folder, err) < 0 ||
        customers_take(arena, out, folder, err) < 0 || people_take(arena, out, folder, err) < 0)
        return -1;
    if (story_path(folder, "dns.zone", path) && dns_zone_load(arena, path, &out->zone, err) < 0)
        return -1;
    return message_open(out, folder, err);
}
