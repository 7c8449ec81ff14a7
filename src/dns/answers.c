#include "dns/dns.h"
#include "dns/name.h"

enum { FIRST_SLOTS = 64 };

struct entry {
    struct dns_ask ask;
    const struct dns_answer *answer; /* NULL: wanted */
    size_t wanted_at;                /* its place in the list of the wanted */
    uint64_t hash;
};

struct dns_answers {
    struct arena *arena;
    size_t most, asked;
    struct entry **slots; /* open addressing, a power of two, at most half full */
    size_t slot_count, used;
    VEC(struct dns_ask) wanted;
    VEC(struct entry *) wanted_by; /* beside wanted */
};

static const struct dns_answer not_askable = {
    .status = DNS_NO_NAME, .why = {"this cannot be a name in the DNS", sizeof "this cannot be a name in the DNS" - 1}};
static const struct dns_answer too_many = {
    .status = DNS_FAILED,
    .why = {"too many names are asked for by one message", sizeof "too many names are asked for by one message" - 1}};

static const struct {
    uint16_t type;
    const char *name;
} type_names[] = {{DNS_A, "A"},   {DNS_NS, "NS"},   {DNS_CNAME, "CNAME"}, {DNS_PTR, "PTR"},
                  {DNS_MX, "MX"}, {DNS_TXT, "TXT"}, {DNS_AAAA, "AAAA"}};

const char *dns_type_name(uint16_t type)
{
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (type_names[i].type == type)
            return type_names[i].name;
    return "other";
}

const char *dns_status_name(enum dns_status status)
{
    static const char *const names[] = {"found", "no data", "no such name", "failed", "timed out", "unknown"};
    return names[status];
}

bool dns_name_askable(struct span name)
{
    if (!name.len || name.len > 253)
        return false;
    size_t label = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] != '.') {
            if (++label > 63)
                return false;
            continue;
        }
        if (!label)
            return false;
        label = 0;
    }
    return label > 0;
}

uint64_t dns_name_hash(struct span name, uint16_t type)
{
    uint64_t hash = 0xcbf29ce484222325u ^ type; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(name.at[i])) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

struct dns_answers *dns_answers_new(struct arena *arena, size_t most_asks)
{
    struct dns_answers *answers = arena_one(arena, struct dns_answers);
    answers->arena = arena;
    answers->most = most_asks;
    answers->slot_count = FIRST_SLOTS;
    answers->slots = arena_alloc(arena, FIRST_SLOTS * sizeof *answers->slots);
    return answers;
}

/* The slot that holds the ask, or the empty one where it belongs. */
static struct entry **slot_of(const struct dns_answers *answers, struct span name, uint16_t type, uint64_t hash)
{
    size_t i = hash & (answers->slot_count - 1);
    while (answers->slots[i]) {
        const struct entry *entry = answers->slots[i];
        if (entry->hash == hash && entry->ask.type == type && span_eq_case(entry->ask.name, name))
            break;
        i = (i + 1) & (answers->slot_count - 1);
    }
    return &answers->slots[i];
}

static void slots_grow(struct dns_answers *answers)
{
    struct entry **old = answers->slots;
    size_t count = answers->slot_count;
    answers->slot_count *= 2;
    answers->slots = arena_alloc(answers->arena, answers->slot_count * sizeof *answers->slots);
    for (size_t i = 0; i < count; i++)
        if (old[i])
            *slot_of(answers, old[i]->ask.name, old[i]->ask.type, old[i]->hash) = old[i];
}

static struct entry *entry_new(struct dns_answers *answers, struct span name, uint16_t type, uint64_t hash)
{
    if (2 * ++answers->used > answers->slot_count)
        slots_grow(answers);
    struct entry *entry = arena_one(answers->arena, struct entry);
    entry->ask = (struct dns_ask){arena_lower(answers->arena, arena_copy(answers->arena, name)), type};
    entry->hash = hash;
    return *slot_of(answers, name, type, hash) = entry;
}

static void wanted_drop(struct dns_answers *answers, const struct entry *entry)
{
    size_t last = --answers->wanted.len, at = entry->wanted_at;
    answers->wanted_by.len--;
    answers->wanted.at[at] = answers->wanted.at[last];
    answers->wanted_by.at[at] = answers->wanted_by.at[last];
    answers->wanted_by.at[at]->wanted_at = at;
}

static const struct dns_answer *answer_copy(struct arena *arena, const struct dns_answer *from, struct dns_ask ask)
{
    struct dns_answer *copy = arena_one(arena, struct dns_answer);
    *copy = *from;
    copy->ask = ask;
    copy->why = arena_copy(arena, from->why);
    copy->data.at = arena_alloc(arena, from->data.len * sizeof *copy->data.at);
    copy->data.cap = from->data.len;
    for (size_t i = 0; i < from->data.len; i++)
        copy->data.at[i] = arena_copy(arena, from->data.at[i]);
    return copy;
}

void dns_answers_add(struct dns_answers *answers, const struct dns_answer *answer)
{
    struct span name = domain_undotted(answer->ask.name);
    uint64_t hash = dns_name_hash(name, answer->ask.type);
    struct entry *entry = *slot_of(answers, name, answer->ask.type, hash);
    if (!entry)
        entry = entry_new(answers, name, answer->ask.type, hash);
    else if (!entry->answer)
        wanted_drop(answers, entry);
    entry->answer = answer_copy(answers->arena, answer, entry->ask);
}

const struct dns_answer *dns_known(struct dns_answers *answers, struct span name, uint16_t type)
{
    name = domain_undotted(name);
    if (!dns_name_askable(name))
        return &not_askable;
    uint64_t hash = dns_name_hash(name, type);
    struct entry *entry = *slot_of(answers, name, type, hash);
    if (entry)
        return entry->answer;
    if (answers->asked >= answers->most)
        return &too_many;
    answers->asked++;
    entry = entry_new(answers, name, type, hash);
    entry->wanted_at = answers->wanted.len;
    *vec_push(answers->arena, &answers->wanted) = entry->ask;
    *vec_push(answers->arena, &answers->wanted_by) = entry;
    return NULL;
}

size_t dns_wanted(const struct dns_answers *answers, const struct dns_ask **asks)
{
    *asks = answers->wanted.at;
    return answers->wanted.len;
}

size_t dns_asked(const struct dns_answers *answers)
{
    return answers->asked;
}
