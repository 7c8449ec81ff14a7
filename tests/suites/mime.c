/* Parser fixtures of three projects: nothing may crash, and where mail_parser states what it expects, we agree or say why not. */
#include <dirent.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "suite.h"
#include "message/message.h"
#include "message/reader.h"
#include "mime_taste.h"

static struct {
    const char *where; /* the case that is being looked at */
    unsigned cases, agreed, tastes, misses, files;
    bool differs;
} state;

static struct arena *arena;
static struct message_limits limits;

/* The message with all its lines ended in one way. */
static struct span with_ends(struct span text, bool crlf)
{
    char *at = malloc(text.len * 2 + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\r' && i + 1 < text.len && text.at[i + 1] == '\n')
            continue;
        if (text.at[i] == '\n' && crlf)
            at[n++] = '\r';
        at[n++] = text.at[i];
    }
    return (struct span){realloc(at, n ? n : 1), n};
}

static const char *taste_of(const char *where)
{
    for (size_t i = 0; i < sizeof tastes / sizeof *tastes; i++)
        if (strcmp(tastes[i].where, where) == 0)
            return tastes[i].reason;
    return NULL;
}

static void __attribute__((format(printf, 1, 2))) differ(const char *format, ...)
{
    const char *taste = taste_of(state.where);
    va_list list;
    va_start(list, format);
    printf("%s %s: ", taste ? "taste" : "MISS", state.where);
    vprintf(format, list);
    va_end(list);
    printf("%s%s\n", taste ? " -- " : "", taste ? taste : "");
    state.differs = true;
}

static void case_start(const char *where)
{
    state.where = where;
    state.differs = false;
    state.cases++;
}

static void case_end(void)
{
    bool taste = taste_of(state.where) != NULL;
    if (taste && !state.differs) {
        printf("MISS %s: it agrees now; take it off the table of tastes\n", state.where);
        state.differs = true;
        state.misses++;
    } else if (!state.differs) {
        state.agreed++;
    } else if (taste) {
        state.tastes++;
    } else {
        state.misses++;
    }
}

/* ---- comparing values */
static struct span json_span(const json_t *value)
{
    return json_is_string(value) ? (struct span){json_string_value(value), json_string_length(value)} : (struct span){0};
}

static void same(const char *what, struct span ours, const json_t *wanted)
{
    struct span theirs = json_span(wanted);
    struct span left = span_first(ours, 200), right = span_first(theirs, 200);
    if (!span_eq(ours, theirs))
        differ("%s is \"%.*s\", wanted \"%.*s\"", what, SPAN_FMT(left), SPAN_FMT(right));
}

static void mailbox_same(const struct mailbox *ours, const json_t *wanted)
{
    same("name", ours->name, json_object_get(wanted, "name"));
    same("address", ours->address, json_object_get(wanted, "address"));
}

/* Either a plain list or a list of groups; ours are flat with the group's name at each. */
static void addresses_same(struct span value, const json_t *wanted)
{
    mailboxes_t ours = {0};
    addresses_parse(arena, value, limits.addresses, &ours);
    size_t n = 0, i, j;
    json_t *entry, *box;
    const json_t *list = json_object_get(wanted, "List"), *groups = json_object_get(wanted, "Group");
    json_array_foreach(list, i, entry) {
        if (n < ours.len)
            mailbox_same(&ours.at[n], entry);
        n++;
    }
    json_array_foreach(groups, i, entry) {
        json_array_foreach(json_object_get(entry, "addresses"), j, box) {
            if (n < ours.len) {
                mailbox_same(&ours.at[n], box);
                same("group", ours.at[n].group, json_object_get(entry, "name"));
            }
            n++;
        }
    }
    if (n != ours.len)
        differ("%zu addresses, wanted %zu", ours.len, n);
}

static struct span param_named(const struct content *content, struct span name, size_t nth)
{
    for (size_t i = 0; i < content->params.len; i++)
        if (span_eq_case(content->params.at[i].name, name) && nth-- == 0)
            return content->params.at[i].value;
    return (struct span){0};
}

static void type_same(struct span value, const json_t *wanted)
{
    struct content ours;
    part_content_read(arena, value, limits.parameters, &ours);
    struct span type = json_span(json_object_get(wanted, "c_type")), sub = json_span(json_object_get(wanted, "c_subtype"));
    struct span both = sub.len ? arena_print(arena, "%.*s/%.*s", SPAN_FMT(type), SPAN_FMT(sub)) : type;
    if (!span_eq_case(both, ours.value))
        differ("type is \"%.*s\", wanted \"%.*s\"", SPAN_FMT(ours.value), SPAN_FMT(both));
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(wanted, "attributes"), i, entry) {
        bool pair = json_is_array(entry);
        struct span name = json_span(pair ? json_array_get(entry, 0) : json_object_get(entry, "name"));
        json_t *text = pair ? json_array_get(entry, 1) : json_object_get(entry, "value");
        same("parameter", param_named(&ours, name, 0), text);
    }
}

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void date_same(struct span value, const json_t *wanted)
{
    int64_t time;
    int zone;
    int64_t theirs = time_from_civil(number(wanted, "year"), (unsigned)number(wanted, "month"), (unsigned)number(wanted, "day"));
    theirs += number(wanted, "hour") * 3600 + number(wanted, "minute") * 60 + number(wanted, "second");
    int64_t offset = number(wanted, "tz_hour") * 3600 + number(wanted, "tz_minute") * 60;
    theirs += json_is_true(json_object_get(wanted, "tz_before_gmt")) ? offset : -offset;
    bool read = time_parse(value, &time, &zone);
    if (json_is_object(wanted) ? !read || time != theirs : read)
        differ("date \"%.*s\" is %lld, wanted %lld", SPAN_FMT(value), read ? (long long)time : -1, (long long)theirs);
}

/* ---- headers of whole messages */
static struct span json_name(struct arena *scratch, const json_t *name)
{
    if (json_is_object(name))
        return json_span(json_object_get(name, "other"));
    struct span text = arena_copy(scratch, json_span(name));
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '_')
            ((char *)text.at)[i] = '-';
    return text;
}

static struct span unangled(struct span value)
{
    bool angled = value.len > 1 && value.at[0] == '<' && value.at[value.len - 1] == '>';
    return angled ? span_trim(span_first(span_skip(value, 1), value.len - 2)) : value;
}

/* Fields that it does not know are left folded there. */
static void same_unfolded(struct span ours, struct span theirs)
{
    struct buf plain = {.arena = arena};
    for (size_t i = 0; i < theirs.len; i++)
        if (theirs.at[i] != '\r' && theirs.at[i] != '\n')
            buf_byte(&plain, theirs.at[i]);
    struct span left = span_first(ours, 200), right = span_first(buf_span(&plain), 200);
    if (!span_eq(ours, buf_span(&plain)))
        differ("field is \"%.*s\", wanted \"%.*s\"", SPAN_FMT(left), SPAN_FMT(right));
}

static void field_same(const struct field *ours, const json_t *wanted)
{
    struct span name = json_name(arena, json_object_get(wanted, "name"));
    const json_t *value = json_object_get(wanted, "value");
    if (!span_eq_case(name, ours->name)) {
        differ("field \"%.*s\", wanted \"%.*s\"", SPAN_FMT(ours->name), SPAN_FMT(name));
        return;
    }
    json_t *inner;
    struct span text = words_decode(arena, ours->value);
    if ((inner = json_object_get(value, "Text"))) /* ids come with or without their brackets there */
        same_unfolded(span_starts(json_span(inner), S("<")) ? text : unangled(text), json_span(inner));
    else if ((inner = json_object_get(value, "Address")))
        addresses_same(ours->value, inner);
    else if ((inner = json_object_get(value, "ContentType")))
        type_same(ours->value, inner);
    else if ((inner = json_object_get(value, "DateTime")))
        date_same(ours->value, inner);
}

static void fields_same(const fields_t *ours, const json_t *wanted)
{
    size_t i;
    json_t *entry;
    if (ours->len != json_array_size(wanted))
        differ("%zu fields, wanted %zu", ours->len, json_array_size(wanted));
    json_array_foreach(wanted, i, entry) {
        if (i < ours->len)
            field_same(&ours->at[i], entry);
    }
}

/* ---- bodies */
static void bytes_same(struct span ours, const json_t *wanted)
{
    size_t n = json_array_size(wanted), i = 0;
    while (i < n && i < ours.len && json_integer_value(json_array_get(wanted, i)) == (unsigned char)ours.at[i])
        i++;
    if (n != ours.len || i != n)
        differ("%zu bytes, wanted %zu, the same up to %zu", ours.len, n, i);
}

static const struct part *first_reading(const struct part *part)
{
    while (part && part->reading)
        part = part->next;
    return part;
}

static size_t children(const struct part *part)
{
    size_t n = 0;
    for (const struct part *child = first_reading(part->first_child); child; child = first_reading(child->next))
        n++;
    return n;
}

static void message_same(const struct part *root, const json_t *wanted);

static void body_same(const struct part *ours, const json_t *body)
{
    json_t *inner;
    if ((inner = json_object_get(body, "Multipart"))) {
        if (children(ours) != json_array_size(inner))
            differ("%zu parts, wanted %zu", children(ours), json_array_size(inner));
    } else if ((inner = json_object_get(body, "Message"))) {
        if (ours->kind == PART_MESSAGE && ours->first_child)
            message_same(ours->first_child, inner);
        else
            differ("no attached message");
    } else if ((inner = json_object_get(body, "Text"))) {
        same("text", ours->text, inner);
    } else if ((inner = json_object_get(body, "Html"))) {
        same("html", ours->text, inner);
    } else if ((inner = json_object_get(body, "Binary")) || (inner = json_object_get(body, "InlineBinary"))) {
        bytes_same(ours->decoded, inner);
    }
}

/* The next part of the first reading in the order of the bytes, not into attached messages. */
static const struct part *next_of(const struct part *part, const struct part *root)
{
    if (part->kind != PART_MESSAGE && first_reading(part->first_child))
        return first_reading(part->first_child);
    while (part != root && !first_reading(part->next))
        part = part->parent;
    return part == root ? NULL : first_reading(part->next);
}

static void message_same(const struct part *root, const json_t *wanted)
{
    const json_t *parts = json_object_get(wanted, "parts");
    const struct part *part = root;
    size_t n = 0;
    for (; part; part = next_of(part, root), n++) {
        const json_t *theirs = json_array_get(parts, n);
        if (!theirs)
            continue;
        fields_same(&part->fields, json_object_get(theirs, "headers"));
        body_same(part, json_object_get(theirs, "body"));
    }
    if (n != json_array_size(parts))
        differ("%zu parts in all, wanted %zu", n, json_array_size(parts));
}

static void fixture(const char *json_path, const char *mail_path, bool crlf, const char *name)
{
    json_t *wanted = json_load_file(json_path, JSON_ALLOW_NUL, NULL);
    if (!wanted)
        return;
    struct span file = suite_read(mail_path), raw = with_ends(file, crlf);
    free((void *)file.at);
    arena_reset(arena);
    struct arrival arrival = {.raw = raw};
    struct message message;
    message_parse(arena, &limits, NULL, &arrival, &message);
    case_start(name);
    message_same(message.root, wanted);
    case_end();
    json_decref(wanted);
    free((void *)raw.at);
}

static void fixtures(const char *base, const char *folder)
{
    char dir[1000], json[2300], mail[2300], name[400];
    struct dirent **entries;
    snprintf(dir, sizeof dir, "%s/mail_parser/eml/%s", base, folder);
    int n = scandir(dir, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        size_t len = strlen(entries[i]->d_name);
        if (len > 4 && strcmp(entries[i]->d_name + len - 4, ".eml") == 0) {
            snprintf(mail, sizeof mail, "%s/%s", dir, entries[i]->d_name);
            snprintf(json, sizeof json, "%s/%.*s.json", dir, (int)(len - 4), entries[i]->d_name);
            snprintf(name, sizeof name, "%s/%.*s", folder, (int)(len - 4), entries[i]->d_name);
            fixture(json, mail, false, name);
            snprintf(json, sizeof json, "%s/%.*s.crlf.json", dir, (int)(len - 4), entries[i]->d_name);
            snprintf(name, sizeof name, "%s/%.*s.crlf", folder, (int)(len - 4), entries[i]->d_name);
            fixture(json, mail, true, name);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* ---- single header values */
static void text_same(struct span value, const json_t *wanted)
{
    same("text", words_decode(arena, value), wanted);
}

static void values(const char *base, const char *kind, void (*compare)(struct span value, const json_t *wanted))
{
    char path[1000], name[100];
    snprintf(path, sizeof path, "%s/mail_parser/%s.json", base, kind);
    json_t *cases = json_load_file(path, JSON_ALLOW_NUL, NULL), *entry;
    size_t i;
    json_array_foreach(cases, i, entry) {
        struct span text = json_span(json_object_get(entry, "header"));
        /* The field as a message would bear it, so that it is unfolded on the road that mail takes. */
        char *raw = malloc(text.len + 5);
        memcpy(raw, "X-V:", 4);
        memcpy(raw + 4, text.at, text.len);
        raw[4 + text.len] = '\n';
        struct arrival arrival = {.raw = {raw, text.len + 5}};
        struct message message;
        arena_reset(arena);
        message_parse(arena, &limits, NULL, &arrival, &message);
        snprintf(name, sizeof name, "%s.json[%zu]", kind, i);
        case_start(name);
        compare(message.fields.len ? message.fields.at[0].value : (struct span){0}, json_object_get(entry, "expected"));
        case_end();
        free(raw);
    }
    json_decref(cases);
}

/* ---- every file, as it is and with its lines ended otherwise */
static int parse_only(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st, (void)place;
    if (type != FTW_F)
        return 0;
    struct span raw = suite_read(path), other = with_ends(raw, true);
    for (int i = 0; i < 2; i++) {
        struct arrival arrival = {.raw = i ? other : raw};
        struct message message;
        arena_reset(arena);
        message_parse(arena, &limits, NULL, &arrival, &message);
    }
    state.files++;
    free((void *)raw.at);
    free((void *)other.at);
    return 0;
}

int main(void)
{
    const char *shared = shared_data();
    char base[800];
    struct stat st;
    snprintf(base, sizeof base, "%s/suites/mime", shared);
    if (stat(base, &st) < 0) {
        printf("skipped: %s is not there\n", base);
        return 77;
    }
    arena = arena_new((size_t)1 << 30);
    message_limits_default(&limits);
    nftw(base, parse_only, 16, FTW_PHYS);
    printf("%u files parsed, with two kinds of line ends, and nothing crashed\n", state.files);
    fixtures(base, "rfc");
    fixtures(base, "legacy");
    fixtures(base, "thirdparty");
    fixtures(base, "malformed");
    values(base, "address", addresses_same);
    values(base, "content_type", type_same);
    values(base, "date", date_same);
    values(base, "unstructured", text_same);
    arena_free(&arena);
    printf("mail_parser: %u of %u agree, %u differ by taste, %u miss\n", state.agreed, state.cases, state.tastes, state.misses);
    return state.misses || !state.files ? 1 : 0;
}
