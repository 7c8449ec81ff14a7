#include "auth/canon.h"

/* ---- canonical fields */
static struct span line_end_trim(struct span s)
{
    if (s.len && s.at[s.len - 1] == '\n')
        s.len--;
    if (s.len && s.at[s.len - 1] == '\r')
        s.len--;
    return s;
}

static void simple_field(struct sink *sink, struct span whole)
{
    struct span rest = whole, line;
    for (bool first = true; span_cut(&rest, '\n', &line); first = false) {
        if (!first)
            sink_add(sink, S("\r\n"));
        if (rest.len || line.at + line.len < whole.at + whole.len) /* an LF followed: the CR before it is its own */
            line = line.len && line.at[line.len - 1] == '\r' ? span_first(line, line.len - 1) : line;
        sink_add(sink, line);
    }
}

/* Lower case, through a few bytes of stack. */
static void relaxed_name(struct sink *sink, struct span name)
{
    char out[128];
    for (size_t done = 0, n; done < name.len; done += n) {
        for (n = 0; n < sizeof out && done + n < name.len; n++)
            out[n] = ascii_lower(name.at[done + n]);
        sink_add(sink, (struct span){out, n});
    }
    sink_add(sink, S(":"));
}

/* Unfolds, makes each run of white space one space, none at the ends. */
static void relaxed_value(struct sink *sink, struct span value)
{
    char out[512];
    size_t n = 0;
    bool blank = false, begun = false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '\n' || (c == '\r' && i + 1 < value.len && value.at[i + 1] == '\n'))
            continue;
        if (c == ' ' || c == '\t') {
            blank = begun;
            continue;
        }
        if (n + 2 > sizeof out) {
            sink_add(sink, (struct span){out, n});
            n = 0;
        }
        if (blank)
            out[n++] = ' ';
        out[n++] = c;
        begun = true;
        blank = false;
    }
    sink_add(sink, (struct span){out, n});
}

static void relaxed_field(struct sink *sink, struct span whole)
{
    const char *colon = span_find_byte(whole, ':');
    if (!colon)
        colon = whole.at;
    relaxed_name(sink, span_trim(span_from(whole.at, colon)));
    relaxed_value(sink, span_skip(whole, (size_t)(colon - whole.at) + (whole.len > 0)));
}

void field_canonicalise(struct sink *sink, enum canon canon, struct span whole, bool line_end)
{
    whole = line_end_trim(whole);
    if (canon == CANON_RELAXED)
        relaxed_field(sink, whole);
    else
        simple_field(sink, whole);
    if (line_end)
        sink_add(sink, S("\r\n"));
}

/* ---- fields by name */
struct name_slot {
    struct span name;
    uint32_t last, next, count; /* field numbers from 1; 0: none */
};
struct header_index {
    const fields_t *fields;
    struct name_slot *slots;
    uint32_t *above; /* the next field upwards of the same name */
    size_t mask;
};

static struct name_slot *slot_of(const struct header_index *index, struct span name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(name.at[i])) * 16777619u;
    for (size_t i = hash;; i++) {
        struct name_slot *slot = &index->slots[i & index->mask];
        if (!slot->count || span_eq_case(slot->name, name))
            return slot;
    }
}

struct header_index *header_index_new(struct arena *arena, const fields_t *fields)
{
    struct header_index *index = arena_one(arena, struct header_index);
    size_t slots = 64;
    while (slots < fields->len * 2)
        slots *= 2;
    index->fields = fields;
    index->mask = slots - 1;
    index->slots = arena_alloc(arena, slots * sizeof *index->slots);
    index->above = arena_alloc(arena, (fields->len + 1) * sizeof *index->above);
    for (size_t i = 0; i < fields->len; i++) {
        struct name_slot *slot = slot_of(index, fields->at[i].name);
        slot->name = fields->at[i].name;
        index->above[i + 1] = slot->last;
        slot->last = (uint32_t)i + 1;
        slot->count++;
    }
    return index;
}

void header_index_rewind(struct header_index *index)
{
    for (size_t i = 0; i <= index->mask; i++)
        index->slots[i].next = index->slots[i].last;
}

const struct field *header_index_take(struct header_index *index, struct span name, const struct field *own)
{
    struct name_slot *slot = slot_of(index, name);
    while (slot->next) {
        const struct field *field = &index->fields->at[slot->next - 1];
        slot->next = index->above[slot->next];
        if (field != own)
            return field;
    }
    return NULL;
}

size_t header_index_count(const struct header_index *index, struct span name)
{
    return slot_of(index, name)->count;
}
