/* Every Received field of the raw development mail: what it has written must be read, and the client at the trust edge
 * of Microsoft's mailboxes must be the one that Microsoft recorded. What a field has written is found here by other
 * means than the reader's: words outside brackets, clock times, address tokens. A field that lacks an element is
 * counted as such and as an oddity of its hop, never passed over. */
#include "suite.h"
#include "base/base.h"
#include "message/message.h"
#include "trace/trace.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { NEEDED_PER_10000 = 9950, MOST_FOLDERS = 32 };

struct count {
    char folder[64];
    size_t messages, fields, no_by, no_time, no_from_word, unmarked, missed;
};
static struct count counts[MOST_FOLDERS], total;
static size_t folders, root_length;
static size_t mailers[MAILER_COUNT];
static size_t senders, senders_found;

/* ---- what is written */
struct written {
    bool by, time, from, address;
};

static bool clock_here(struct span s, size_t i)
{
    return i + 5 <= s.len && (i == 0 || !ascii_is_digit(s.at[i - 1])) && ascii_is_digit(s.at[i]) &&
           ascii_is_digit(s.at[i + 1]) && s.at[i + 2] == ':' && ascii_is_digit(s.at[i + 3]) &&
           ascii_is_digit(s.at[i + 4]);
}

static bool word_here(struct span s, size_t i, struct span word)
{
    return (i == 0 || ascii_is_space(s.at[i - 1]) || s.at[i - 1] == ')') && span_starts_case(span_skip(s, i), word) &&
           i + word.len < s.len && ascii_is_space(s.at[i + word.len]);
}

/* A word outside brackets; SIZE_MAX where there is none. */
static size_t word_outside(struct span s, struct span word)
{
    int depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (depth == 0 && word_here(s, i, word))
            return i;
        depth += s.at[i] == '(' ? 1 : s.at[i] == ')' && depth ? -1 : 0;
    }
    return SIZE_MAX;
}

static bool address_byte(char c)
{
    return ascii_is_digit(c) || c == '.' || c == ':' || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* A token that reads as an address and stands where mailers put one: in brackets, or alone between blanks. */
static bool address_token(struct span s, size_t from, size_t to)
{
    struct ip ip;
    struct span token = span_first(span_skip(s, from), to - from);
    char before = from ? s.at[from - 1] : ' ', after = to < s.len ? s.at[to] : ' ';
    if (before == 'v' && span_starts(token, S("6:")))
        token = span_skip(token, 2), before = '[';
    const char *colon = token.len ? memrchr(token.at, ':', token.len) : NULL;
    if (colon && span_find_byte(span_from(token.at, colon), '.') && colon != token.at && colon[-1] != ':')
        token = span_from(token.at, colon); /* a port */
    return strchr("[( @/\t", before) && strchr("])% \t", after) && token.len > 2 && ip_parse(token, &ip);
}

static bool address_within(struct span s)
{
    for (size_t i = 0; i < s.len;) {
        size_t end = i;
        while (end < s.len && address_byte(s.at[end]))
            end++;
        if (end > i && address_token(s, i, end))
            return true;
        i = end > i ? end : i + 1;
    }
    return false;
}

static struct written written_in(struct span value)
{
    struct written w = {0};
    size_t by = word_outside(value, S("by")), from = word_outside(value, S("from"));
    w.by = by != SIZE_MAX;
    for (size_t i = 0; i < value.len && !w.time; i++)
        w.time = clock_here(value, i);
    if (from < 14) { /* "(apparently) from" */
        struct span peer = span_first(span_skip(value, from + 5), (w.by && by > from ? by : value.len) - from - 5);
        w.from = span_trim(peer).len > 0;
        w.address = address_within(peer);
    }
    return w;
}

/* ---- one field, one message */
static const char *miss_of(const struct written *w, const struct hop *hop)
{
    if (w->by && !hop->by.len)
        return "`by` not read";
    if (w->time && hop->time == TIME_UNKNOWN)
        return "time not read";
    if (w->from && !hop->from.len && hop->address.family == IP_NONE && !hop->reverse.len)
        return "`from` not read";
    return w->address && hop->address.family == IP_NONE ? "address not read" : NULL;
}

static void field_judge(const char *path, const struct field *field, const struct hop *hop, struct count *count)
{
    struct written w = written_in(field->value);
    const char *miss = miss_of(&w, hop);
    count->fields++;
    mailers[hop->mailer]++;
    count->no_by += !w.by;
    count->no_time += !w.time;
    count->no_from_word += !w.from;
    if (miss) {
        count->missed++;
        printf("miss: %s: %s: %.*s\n", path + root_length, miss, SPAN_FMT(span_first(field->value, 160)));
    }
    bool marked = (hop->by.len || hop->oddities & HOP_NO_BY) &&
                  (hop->time != TIME_UNKNOWN || hop->oddities & HOP_NO_TIME) &&
                  (hop->by.len || hop->time != TIME_UNKNOWN || hop->oddities & HOP_UNREADABLE);
    if (!marked) {
        count->unmarked++;
        printf("not marked as odd: %s: %.*s\n", path + root_length, SPAN_FMT(span_first(field->value, 160)));
    }
}

static struct count *count_of(const char *path)
{
    const char *rest = path + root_length + 1, *slash = strchr(rest, '/');
    slash = slash && strchr(slash + 1, '/') ? strchr(slash + 1, '/') : slash;
    int len = slash ? (int)(slash - rest) : 0;
    for (size_t i = 0; i < folders; i++)
        if ((int)strlen(counts[i].folder) == len && strncmp(counts[i].folder, rest, (size_t)len) == 0)
            return &counts[i];
    if (folders == MOST_FOLDERS)
        return &total;
    snprintf(counts[folders].folder, sizeof counts[folders].folder, "%.*s", len, rest);
    return &counts[folders++];
}

static char *file_read(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(size + 1);
    size_t got = file && bytes ? fread(bytes, 1, size, file) : 0;
    if (file)
        fclose(file);
    if (got == size)
        return bytes;
    free(bytes);
    return NULL;
}

/* Mailboxes of Microsoft record the client that they saw: the trust edge of the preset m365 must be that client. */
static void client_judge(const char *path, const struct message *message, const struct path *road)
{
    const struct field *recorded = message_field_named(message, S("X-Sender-IP"), 0);
    struct ip ip;
    if (!recorded || !ip_parse(recorded->value, &ip))
        return;
    senders++;
    bool found = road->edge_known && ip_eq(&ip, &road->client.ip);
    senders_found += found;
    if (!found)
        printf("another client: %s: Microsoft saw %.*s, edge %s\n", path + root_length, SPAN_FMT(recorded->value),
               road->edge_known ? "elsewhere" : "unknown");
}

static void message_judge(const char *path, struct span raw)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct arrival arrival = {.raw = raw, .received_at = TIME_UNKNOWN};
    struct message_limits limits;
    struct message message;
    struct trace_settings settings;
    struct path road;
    message_limits_default(&limits);
    message_parse(arena, &limits, NULL, &arrival, &message);
    trace_settings_default(&settings);
    settings.preset = PRESET_M365;
    trace_path(arena, &settings, NULL, &arrival, &message, &road);
    struct count *count = count_of(path);
    count->messages++;
    vec_each (hop, &road.hops)
        field_judge(path, hop->field, hop, count);
    if (road.received_fields > road.hops.len)
        printf("past the limit of hops: %s: %zu of %zu fields\n", path + root_length,
               road.received_fields - road.hops.len, road.received_fields);
    client_judge(path, &message, &road);
    arena_free(&arena);
}

static int visit(const char *path, const struct stat *stat, int type, struct FTW *where)
{
    (void)where;
    if (type != FTW_F || !stat->st_size)
        return 0;
    char *bytes = file_read(path, (size_t)stat->st_size);
    if (!bytes)
        return 1;
    message_judge(path, (struct span){bytes, (size_t)stat->st_size});
    free(bytes);
    return 0;
}

static void count_add(struct count *to, const struct count *from)
{
    to->messages += from->messages;
    to->fields += from->fields;
    to->no_by += from->no_by;
    to->no_time += from->no_time;
    to->no_from_word += from->no_from_word;
    to->unmarked += from->unmarked;
    to->missed += from->missed;
}

static void count_print(const struct count *count)
{
    printf("%-26s %6zu messages: %6zu of %6zu fields read in full; without by %4zu, time %3zu, from %5zu\n",
           count->folder, count->messages, count->fields - count->missed, count->fields, count->no_by, count->no_time,
           count->no_from_word);
}

int main(void)
{
    const char *data = shared_data();
    char root[4096];
    snprintf(root, sizeof root, "%s/mail", data);
    root_length = strlen(root);
    struct stat there;
    if (stat(root, &there) != 0) {
        printf("skipped: the development mail is not there (%s)\n", root);
        return 77;
    }
    if (nftw(root, visit, 16, FTW_PHYS) != 0) {
        printf("cannot read all of %s\n", root);
        return 1;
    }
    for (size_t i = 0; i < folders; i++) {
        count_print(&counts[i]);
        count_add(&total, &counts[i]);
    }
    snprintf(total.folder, sizeof total.folder, "all");
    count_print(&total);
    for (int i = 0; i < MAILER_COUNT; i++)
        printf("%s %zu%s", mailer_name((enum mailer)i), mailers[i], i + 1 < MAILER_COUNT ? ", " : "\n");
    size_t read = total.fields - total.missed;
    bool clients = senders_found * 10000 >= senders * NEEDED_PER_10000;
    bool enough = total.fields && read * 10000 >= total.fields * NEEDED_PER_10000 && !total.unmarked && clients;
    printf("client at the edge of Microsoft's mailboxes: %zu of %zu as Microsoft recorded it\n", senders_found,
           senders);
    printf("received: %zu of %zu, %.2f %%, needed 99.50 %%: %s\n", read, total.fields,
           100.0 * (double)read / (double)(total.fields ? total.fields : 1), enough ? "enough" : "not enough");
    return enough ? 0 : 1;
}
