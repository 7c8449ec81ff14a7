/* The table of keys, and how a word becomes a value of each type and back. */
#include "generation/inner.h"

#include <stdlib.h>

static const struct key keys[] = {
#define KEY(record, path, member, type, how, fallback, range, en)                                                                  \
    {RECORD_##record, path, TYPE_##type, HOW_##how, fallback, range, offsetof(struct record, member), sizeof(((struct record *)0)->member)},
#include "generation/key.def"
#undef KEY
#define LIMIT(name, value, en)                                                                                                     \
    {RECORD_generation, "limits." #name, TYPE_LIMIT, HOW_ONE, "", "", offsetof(struct generation, walk.message.name), sizeof(size_t)},
#include "message/limit.def"
#undef LIMIT
#define LIMIT(name, value, en)                                                                                                     \
    {RECORD_generation, "limits." #name, TYPE_LIMIT, HOW_ONE, "", "", offsetof(struct generation, walk.files.name), sizeof(size_t)},
#include "content/limit.def"
#undef LIMIT
};
enum { KEYS = sizeof keys / sizeof *keys };

static const struct {
    const char *name;
    size_t size;
} records[RECORD_COUNT] = {{"generation", sizeof(struct generation)}, {"organisation", sizeof(struct organisation)},
                           {"person", sizeof(struct person)}, {"listener", sizeof(struct listener)},
                           {"block_list", sizeof(struct block_list)}, {"block_code", sizeof(struct block_code)},
                           {"notification", sizeof(struct notification)}, {"policy", sizeof(struct policy)}};

const struct key *key_at(size_t index)
{
    return index < KEYS ? &keys[index] : NULL;
}

const struct key *key_by_path(enum key_record record, struct span path)
{
    for (const struct key *key = keys; key < keys + KEYS; key++)
        if (key->record == record && span_eq(span_of(key->path), path))
            return key;
    return NULL;
}

bool key_is_section(enum key_record record, struct span path)
{
    for (const struct key *key = keys; key < keys + KEYS; key++)
        if (key->record == record && span_starts(span_of(key->path), path) && key->path[path.len] == '.')
            return true;
    return false;
}

enum key_record record_named(const char *name)
{
    int record = 0;
    while (record < RECORD_COUNT - 1 && strcmp(records[record].name, name) != 0)
        record++;
    return (enum key_record)record;
}

size_t record_size(enum key_record record)
{
    return records[record].size;
}

static int place_compare(const void *a, const void *b)
{
    const char *one = ((const struct place *)a)->member, *other = ((const struct place *)b)->member;
    return (one > other) - (one < other);
}

const struct place *place_of(const struct generation *generation, const void *member)
{
    const struct generation_inside *inside = generation->inside;
    struct place wanted = {.member = member};
    return inside->places.len ? bsearch(&wanted, inside->places.at, inside->places.len, sizeof wanted, place_compare) : NULL;
}

void places_sort(struct generation *generation)
{
    if (generation->inside->places.len)
        qsort(generation->inside->places.at, generation->inside->places.len, sizeof(struct place), place_compare);
}

/* ---- from words */
static void whole_put(const struct key *key, void *at, uint64_t value)
{
    if (key->size == sizeof(uint32_t))
        *(uint32_t *)at = (uint32_t)value;
    else
        *(uint64_t *)at = value;
}

static uint64_t whole_get(const struct key *key, const void *at)
{
    return key->size == sizeof(uint32_t) ? *(const uint32_t *)at : *(const uint64_t *)at;
}

/* The ends of "1 s..10 min". */
static void range_cut(const struct key *key, struct span *least, struct span *most)
{
    const char *dots = strstr(key->range, "..");
    *least = span_from(key->range, dots);
    *most = span_of(dots + 2);
}

static int take_text(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    if (!span_trim(text).len)
        return err_set(err, "is empty; write something, or take the line out");
    *(struct span *)at = arena_copy(reading->arena, text);
    return 0;
}

static int take_name(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    *(struct span *)at = arena_copy(reading->arena, text);
    return value_name(text, "write one word, without blanks and *", err);
}

static int take_id(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    *(struct span *)at = arena_copy(reading->arena, text);
    return value_id(text, err);
}

static int take_host(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return value_host(reading->arena, text, at, err);
}

static int take_domain(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return value_domain(reading->arena, text, at, err);
}

static int take_mail(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    struct person person = {0};
    *(struct span *)at = *vec_push(reading->arena, &person.addresses) = arena_copy(reading->arena, text);
    return identity_person_check(&person, err);
}

static int take_network(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return value_network(text, at, err);
}

static int take_address(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return value_address(reading->arena, text, 0, at, err);
}

static int take_server(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    struct address *address = at;
    if (value_address(reading->arena, text, 53, address, err) < 0)
        return -1;
    return address->path.len ? err_set(err, "\"%.*s\" is no resolver; write its address, like 192.0.2.53", SPAN_FMT(text)) : 0;
}

static int take_number(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    struct span ends[2];
    uint64_t least, most, value;
    range_cut(key, &ends[0], &ends[1]);
    span_number(ends[0], UINT64_MAX, &least);
    span_number(ends[1], UINT64_MAX, &most);
    if (value_number(text, least, most, &value, err) < 0)
        return -1;
    whole_put(key, at, value);
    return 0;
}

static int take_size(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    struct span ends[2];
    uint64_t least, most, value;
    range_cut(key, &ends[0], &ends[1]);
    if (value_size(ends[0], true, 0, UINT64_MAX, &least, err) < 0 || value_size(ends[1], true, 0, UINT64_MAX, &most, err) < 0 ||
        value_size(text, true, least, most, &value, err) < 0)
        return -1;
    whole_put(key, at, value);
    return 0;
}

static int take_time(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    struct span ends[2];
    uint64_t least, most, value;
    range_cut(key, &ends[0], &ends[1]);
    if (value_time(ends[0], 0, UINT64_MAX, &least, err) < 0 || value_time(ends[1], 0, UINT64_MAX, &most, err) < 0 ||
        value_time(text, least, most, &value, err) < 0)
        return -1;
    if (key->type == TYPE_SECONDS && value % 1000)
        return err_set(err, "\"%.*s\" is counted in whole seconds", SPAN_FMT(text));
    whole_put(key, at, key->type == TYPE_SECONDS ? value / 1000 : value);
    return 0;
}

static int take_share(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return value_share(text, true, at, err);
}

static int take_score(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return value_score(text, at, err);
}

static int take_choice(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    uint64_t value;
    if (value_choice(text, key->range, &value, err) < 0)
        return -1;
    whole_put(key, at, value);
    return 0;
}

static int take_yes_no(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return value_yes_no(text, at, err);
}

static int take_limit(struct reading *reading, const struct key *key, struct span text, void *at, struct err *err)
{
    return limit_set(limit_find(span_of(key->path + strlen("limits."))), text, true, &reading->out->walk, err);
}

/* ---- and back */
/* As it stands where YAML takes it for a word and nothing else; in quotes otherwise. */
static void word_tell(struct span word, struct buf *out)
{
    bool plain = word.len && (ascii_is_alpha(word.at[0]) || ascii_is_digit(word.at[0]) || word.at[0] == '/') &&
                 word.at[word.len - 1] != ':' && !span_eq_case(word, S("null"));
    for (size_t i = 0; plain && i < word.len; i++)
        plain = ascii_is_alpha(word.at[i]) || ascii_is_digit(word.at[i]) || strchr("._/:@-+%", word.at[i]);
    if (plain) {
        buf_add(out, word);
        return;
    }
    buf_byte(out, '"');
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.at[i];
        if (c < ' ' || c == 127)
            buf_print(out, "\\x%02x", c);
        else
            buf_print(out, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
    }
    buf_byte(out, '"');
}

static void tell_span(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    word_tell(*(const struct span *)at, out);
}

static void tell_address(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    word_tell(((const struct address *)at)->text, out);
}

static void tell_network(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    const struct prefix *prefix = at;
    struct buf text = {.arena = out->arena};
    ip_print(&text, &prefix->network);
    buf_print(&text, "/%u", prefix->bits);
    word_tell(buf_span(&text), out);
}

static void tell_number(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    buf_print(out, "%llu", (unsigned long long)whole_get(key, at));
}

static void tell_size(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    value_size_print(out, whole_get(key, at));
}

static void tell_time(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    value_time_print(out, whole_get(key, at) * (key->type == TYPE_SECONDS ? 1000 : 1));
}

static void tell_share(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    value_share_print(out, *(const double *)at);
}

static void tell_score(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    buf_print(out, "%.15g", *(const double *)at);
}

static void tell_choice(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    struct span word = {0}, rest = span_of(key->range);
    for (uint64_t i = 0; i <= whole_get(key, at); i++)
        span_cut(&rest, '|', &word);
    buf_add(out, word);
}

static void tell_yes_no(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    buf_add(out, *(const bool *)at ? S("yes") : S("no"));
}

static void tell_limit(const struct key *key, const void *at, const struct generation *generation, struct buf *out)
{
    const struct limit *limit = limit_find(span_of(key->path + strlen("limits.")));
    if (limit_counts_bytes(limit))
        value_size_print(out, limit_value(limit, &generation->walk));
    else
        buf_print(out, "%zu", limit_value(limit, &generation->walk));
}

const struct key_kind *key_kind(enum key_type type)
{
    static const struct key_kind kinds[TYPE_COUNT] = {
        [TYPE_TEXT] = {take_text, tell_span, sizeof(struct span)}, [TYPE_NAME] = {take_name, tell_span, sizeof(struct span)},
        [TYPE_ID] = {take_id, tell_span, sizeof(struct span)}, [TYPE_HOST] = {take_host, tell_span, sizeof(struct span)},
        [TYPE_DOMAIN] = {take_domain, tell_span, sizeof(struct span)}, [TYPE_MAIL] = {take_mail, tell_span, sizeof(struct span)},
        [TYPE_NETWORK] = {take_network, tell_network, sizeof(struct prefix)},
        [TYPE_ADDRESS] = {take_address, tell_address, sizeof(struct address)},
        [TYPE_SERVER] = {take_server, tell_address, sizeof(struct address)},
        [TYPE_NUMBER] = {take_number, tell_number, 0}, [TYPE_SIZE] = {take_size, tell_size, 0}, [TYPE_TIME] = {take_time, tell_time, 0},
        [TYPE_SECONDS] = {take_time, tell_time, 0}, [TYPE_SHARE] = {take_share, tell_share, 0}, [TYPE_SCORE] = {take_score, tell_score, 0},
        [TYPE_CHOICE] = {take_choice, tell_choice, 0}, [TYPE_YES_NO] = {take_yes_no, tell_yes_no, 0}, [TYPE_LIMIT] = {take_limit, tell_limit, 0},
        [TYPE_FILE] = {take_path, tell_span, 0}, [TYPE_FOLDER] = {take_path, tell_span, 0}, [TYPE_NEW_FILE] = {take_path, tell_span, 0},
        [TYPE_NEW_FOLDER] = {take_path, tell_span, 0}, [TYPE_SECRET_FILE] = {take_path, tell_span, 0},
        [TYPE_SECRET_FOLDER] = {take_path, tell_span, 0},
    };
    return &kinds[type];
}
