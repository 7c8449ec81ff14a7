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

static bool selector_add(struct css_sheet *sheet, struct span selector, const struct css *css)
{
    size_t n = 0;
    while (n < selector.len && selector.at[n] != '.' && selector.at[n] != '#')
        n++;
    struct span element = span_first(selector, n), name = span_skip(selector, n + 1);
    char kind = n < selector.len ? selector.at[n] : ' ';
    bool any = !element.len || span_eq(element, S("*"));
    enum html_tag tag = any ? TAG_OTHER : html_tag_of(arena_lower(sheet->arena, element));
    if ((!any && tag == TAG_OTHER) || (kind == ' ' ? name.len > 0 || !element.len : !is_name(name)))
        return false;
    rule_add(sheet, tag, kind, kind == ' ' ? (struct span){0} : name, css);
    return true;
}

static bool rule_read(struct css_sheet *sheet, struct span selectors, struct span block)
{
    struct css css = {0};
    struct span selector;
    bool any = false;
    css_declarations(sheet->arena, block, &css);
    if (!css.set)
        return false;
    while (span_cut(&selectors, ',', &selector))
        any |= selector_add(sheet, span_trim(selector), &css);
    return any;
}

/* The block that begins at s ('{' taken already), up to its '}'; inner blocks are part of it. */
static struct span block_take(struct span *s)
{
    size_t depth = 1, i = 0;
    for (; i < s->len; i++) {
        depth += s->at[i] == '{';
        depth -= s->at[i] == '}';
        if (!depth)
            break;
    }
    struct span block = span_first(*s, i);
    *s = span_skip(*s, i + 1);
    return block;
}

static struct span without_comments(struct arena *arena, struct span s)
{
    const char *at = span_find(s, S("/*"));
    if (!at)
        return s;
    struct buf out = {.arena = arena};
    for (; at; at = span_find(s, S("/*"))) {
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

bool css_sheet_add(struct css_sheet *sheet, struct span text)
{
    bool any = false;
    text = without_comments(sheet->arena, text);
    while (text.len) {
        while (text.len && (ascii_is_space(text.at[0]) || text.at[0] == '}')) /* also the end of a block that holds */
            text = span_skip(text, 1);
        if (span_starts(text, S("<!--")) || span_starts(text, S("-->"))) {
            text = span_skip(text, text.at[0] == '<' ? 4 : 3);
            continue;
        }
        bool at_rule = text.len && text.at[0] == '@';
        size_t n = 0;
        while (n < text.len && text.at[n] != '{' && !(at_rule && text.at[n] == ';'))
            n++;
        struct span prelude = span_trim(span_first(text, n));
        bool block = n < text.len && text.at[n] == '{';
        text = span_skip(text, n + 1);
        if (!block || (at_rule && at_rule_holds(prelude)))
            continue;
        struct span inner = block_take(&text);
        if (!at_rule)
            any |= rule_read(sheet, prelude, inner);
    }
    return any;
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

void css_sheet_apply(const struct css_sheet *sheet, enum html_tag tag, struct span classes, struct span id, struct css *out)
{
    struct matches found = {.count = 0};
    struct span name;
    if (!sheet->rules.len)
        return;
    if (sheet->tags[TAG_OTHER] || sheet->tags[tag])
        match(sheet, &found, tag, ' ', (struct span){0});
    matches_merge(&found, out);
    while (span_word(&classes, &name))
        match(sheet, &found, tag, '.', name);
    matches_merge(&found, out);
    if (id.len)
        match(sheet, &found, tag, '#', span_trim(id));
    matches_merge(&found, out);
}
