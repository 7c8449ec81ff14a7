#include "message/html_reader.h"

/* The simple rules of style elements: "tag", ".class", "#id" and "tag" with one of them. Rules that ask for more than the
 * element itself, and those of @media with conditions, are left out: for which reader they hold is not known. */
enum { RULES_MOST = 4096, MATCHES_MOST = 32 };

struct rule {
    enum html_tag tag; /* TAG_OTHER: any */
    char kind;         /* '.', '#', or ' ' for the tag alone */
    struct span name;
    uint32_t order;
    struct css css;
};
struct css_sheet {
    struct arena *arena;
    VEC(struct rule) rules;
    uint16_t *slots; /* index into rules, plus one, by rule_digest */
    size_t slot_count;
    bool tags[TAG_COUNT]; /* there is a rule for the tag alone; TAG_OTHER: for any */
    /* what elements were looked up: a rule that comes later and may hold for one of them comes late */
    bool asked[TAG_COUNT], late;
    uint64_t asked_names[16]; /* digests of classes and ids, as bits: a name that was asked for is always found */
};

struct css_sheet *css_sheet_new(struct arena *arena)
{
    struct css_sheet *sheet = arena_one(arena, struct css_sheet);
    sheet->arena = arena;
    return sheet;
}

static uint32_t rule_digest(enum html_tag tag, char kind, struct span name)
{
    uint32_t h = 2166136261u ^ (uint32_t)tag << 8 ^ (uint32_t)kind;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.at[i]) * 16777619u;
    return h ^ h >> 15;
}

static bool late_for(const struct css_sheet *sheet, enum html_tag tag, char kind, struct span name)
{
    uint32_t h = rule_digest(TAG_OTHER, kind, name);
    return kind == ' ' ? sheet->asked[tag] : (sheet->asked_names[h >> 6 & 15] >> (h & 63) & 1);
}

static void name_asked(struct css_sheet *sheet, char kind, struct span name)
{
    uint32_t h = rule_digest(TAG_OTHER, kind, name);
    sheet->asked_names[h >> 6 & 15] |= 1ull << (h & 63);
}

bool css_sheet_late(const struct css_sheet *sheet)
{
    return sheet->late;
}

/* The slot of the rule, or the empty one where it would go. slot_count is not 0. */
static uint16_t *slot_of(const struct css_sheet *sheet, enum html_tag tag, char kind, struct span name)
{
    size_t mask = sheet->slot_count - 1;
    for (size_t h = rule_digest(tag, kind, name) & mask;; h = (h + 1) & mask) {
        uint16_t *slot = &sheet->slots[h];
        const struct rule *rule = *slot ? &sheet->rules.at[*slot - 1] : NULL;
        if (!rule || (rule->tag == tag && rule->kind == kind && span_eq(rule->name, name)))
            return slot;
    }
}

static void slots_grow(struct css_sheet *sheet)
{
    if ((sheet->rules.len + 1) * 2 <= sheet->slot_count)
        return;
    sheet->slot_count = sheet->slot_count ? sheet->slot_count * 2 : 64;
    sheet->slots = arena_alloc(sheet->arena, sheet->slot_count * sizeof *sheet->slots);
    for (size_t i = 0; i < sheet->rules.len; i++) {
        const struct rule *rule = &sheet->rules.at[i];
        *slot_of(sheet, rule->tag, rule->kind, rule->name) = (uint16_t)(i + 1);
    }
}

static void rule_add(struct css_sheet *sheet, enum html_tag tag, char kind, struct span name, const struct css *css)
{
    slots_grow(sheet);
    uint16_t *slot = slot_of(sheet, tag, kind, name);
    sheet->late = sheet->late || late_for(sheet, tag, kind, name);
    if (!*slot) {
        if (sheet->rules.len == RULES_MOST)
            return;
        struct rule *rule = vec_push(sheet->arena, &sheet->rules);
        rule->tag = tag;
        rule->kind = kind;
        rule->name = name;
        rule->order = (uint32_t)sheet->rules.len;
        *slot = (uint16_t)sheet->rules.len;
        sheet->tags[tag] |= kind == ' ';
    }
    css_merge(&sheet->rules.at[*slot - 1].css, css);
}

static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alpha(s.at[i]) && !ascii_is_digit(s.at[i]) && s.at[i] != '-' && s.at[i] != '_' && (unsigned char)s.at[i] < 128)
            return false;
    return s.len > 0;
}

static void selector_add(struct css_sheet *sheet, struct span selector, const struct css *css)
{
    size_t n = 0;
    while (n < selector.len && selector.at[n] != '.' && selector.at[n] != '#')
        n++;
    struct span element = span_first(selector, n), name = span_skip(selector, n + 1);
    char kind = n < selector.len ? selector.at[n] : ' ';
    bool any = !element.len || span_eq(element, S("*"));
    enum html_tag tag = any ? TAG_OTHER : html_tag_of(arena_lower(sheet->arena, element));
    if ((!any && tag == TAG_OTHER) || (kind == ' ' ? name.len > 0 || !element.len : !is_name(name)))
        return;
    rule_add(sheet, tag, kind, kind == ' ' ? (struct span){0} : name, css);
}

static void rule_read(struct css_sheet *sheet, struct span selectors, struct span block)
{
    struct css css = {0};
    struct span selector;
    css_declarations(sheet->arena, block, &css);
    while (css.set && span_cut(&selectors, ',', &selector))
        selector_add(sheet, span_trim(selector), &css);
}

/* The block that begins at s ('{' taken already), up to its '}'; inner blocks are part of it. */
static struct span block_take(struct span *s)
{
    size_t depth = 1;
    const char *end = s->at + s->len, *at = s->at, *close = end;
    for (; depth && at < end; at = close + 1) {
        close = memchr(at, '}', (size_t)(end - at));
        close = close ? close : end;
        for (const char *open = at; (open = memchr(open, '{', (size_t)(close - open))); open++)
            depth++;
        depth -= close < end;
        if (close == end)
            break;
    }
    struct span block = span_from(s->at, close);
    *s = close < end ? span_from(close + 1, end) : (struct span){0};
    return block;
}

static struct span without_comments(struct arena *arena, struct span s)
{
    if (!css_has_comment(s))
        return s;
    struct buf out = {.arena = arena};
    for (const char *at = span_find(s, S("/*")); at; at = span_find(s, S("/*"))) {
        buf_add(&out, span_from(s.at, at));
        s = span_from(at + 2, s.at + s.len);
        const char *end = span_find(s, S("*/"));
        s = end ? span_from(end + 2, s.at + s.len) : (struct span){0};
    }
    buf_add(&out, s);
    return buf_span(&out);
}

/* Does every reader take the block of this at-rule? */
static bool at_rule_holds(struct span prelude)
{
    if (!span_starts_case(prelude, S("@media")))
        return false;
    prelude = span_trim(span_skip(prelude, 6));
    return span_eq_case(prelude, S("all")) || span_eq_case(prelude, S("screen")) || span_eq_case(prelude, S("only screen"));
}

static size_t prelude_length(struct span text, bool at_rule)
{
    const char *open = span_find_byte(text, '{');
    size_t n = open ? (size_t)(open - text.at) : text.len;
    const char *semicolon = at_rule ? span_find_byte(span_first(text, n), ';') : NULL;
    return semicolon ? (size_t)(semicolon - text.at) : n;
}

void css_sheet_add(struct css_sheet *sheet, struct span text)
{
    text = without_comments(sheet->arena, text);
    while (text.len) {
        while (text.len && (ascii_is_space(text.at[0]) || text.at[0] == '}')) /* also the end of a block that holds */
            text = span_skip(text, 1);
        if (span_starts(text, S("<!--")) || span_starts(text, S("-->"))) {
            text = span_skip(text, text.at[0] == '<' ? 4 : 3);
            continue;
        }
        bool at_rule = text.len && text.at[0] == '@';
        size_t n = prelude_length(text, at_rule);
        struct span prelude = span_trim(span_first(text, n));
        bool block = n < text.len && text.at[n] == '{';
        text = span_skip(text, n + 1);
        if (!block || (at_rule && at_rule_holds(prelude)))
            continue;
        struct span inner = block_take(&text);
        if (!at_rule)
            rule_read(sheet, prelude, inner);
    }
}

/* ---- matching */
struct matches {
    const struct rule *at[MATCHES_MOST];
    size_t count;
};

static void match_one(const struct css_sheet *sheet, struct matches *found, enum html_tag tag, char kind, struct span name)
{
    uint16_t slot = *slot_of(sheet, tag, kind, name);
    if (!slot || found->count == MATCHES_MOST)
        return;
    const struct rule *rule = &sheet->rules.at[slot - 1];
    size_t i = found->count++;
    for (; i > 0 && found->at[i - 1]->order > rule->order; i--)
        found->at[i] = found->at[i - 1];
    found->at[i] = rule;
}

static void match(const struct css_sheet *sheet, struct matches *found, enum html_tag tag, char kind, struct span name)
{
    match_one(sheet, found, TAG_OTHER, kind, name);
    if (tag != TAG_OTHER)
        match_one(sheet, found, tag, kind, name);
}

static void matches_merge(struct matches *found, struct css *out)
{
    for (size_t i = 0; i < found->count; i++)
        css_merge(out, &found->at[i]->css);
    found->count = 0;
}

void css_sheet_apply(struct css_sheet *sheet, enum html_tag tag, struct span classes, struct span id, struct css *out)
{
    struct matches found = {.count = 0};
    struct span name;
    bool rules = sheet->rules.len > 0;
    sheet->asked[tag] = sheet->asked[TAG_OTHER] = true;
    if (sheet->tags[TAG_OTHER] || sheet->tags[tag])
        match(sheet, &found, tag, ' ', (struct span){0});
    matches_merge(&found, out);
    while (classes.len && span_word(&classes, &name)) {
        name_asked(sheet, '.', name);
        if (rules)
            match(sheet, &found, tag, '.', name);
    }
    matches_merge(&found, out);
    id = span_trim(id);
    if (!id.len)
        return;
    name_asked(sheet, '#', id);
    if (rules)
        match(sheet, &found, tag, '#', id);
    matches_merge(&found, out);
}
