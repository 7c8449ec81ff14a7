#include "message/html_tokens.h"

/* Bits of enum html_class; bytes above 127 have none. */
const uint8_t html_classes[256] = {
    16, 0, 0, 0, 0, 0, 0, 0, 0, 15, 15, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 14, 0,
    0, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

/* ---- attributes */
enum { FEW_ATTRIBUTES = 12, PROBES = 32, ATTRIBUTES_MOST = 10000 };

static uint32_t name_digest(struct span name)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.at[i]) * 16777619u;
    return h ^ h >> 15;
}

/* Puts attribute `index` into the table. True: its name was there. Past PROBES it counts as new: bounded, and readers
 * take the first of a name anyway. */
static bool slot_take(struct html_tokenizer *t, size_t index)
{
    struct span name = t->token.attributes.at[index].name;
    uint32_t h = name_digest(name);
    for (size_t i = 0; i < PROBES; i++, h++) {
        uint32_t *slot = &t->slots[h & (t->slot_count - 1)];
        if (!*slot) {
            *slot = (uint32_t)index + 1;
            return false;
        }
        if (span_eq(t->token.attributes.at[*slot - 1].name, name))
            return true;
    }
    return false;
}

static void slots_fill(struct html_tokenizer *t, size_t count)
{
    for (t->slot_count = 64; t->slot_count < count * 4;)
        t->slot_count *= 2;
    if (t->slot_count > t->slot_room) {
        t->slot_room = t->slot_count;
        t->slots = arena_alloc(t->arena, t->slot_room * sizeof *t->slots);
    } else {
        memset(t->slots, 0, t->slot_count * sizeof *t->slots);
    }
    for (size_t i = 0; i < count; i++)
        slot_take(t, i);
}

/* Is the last attribute's name one that an earlier one bears? */
static bool attribute_repeated(struct html_tokenizer *t)
{
    size_t last = t->token.attributes.len - 1;
    const struct html_attribute *at = t->token.attributes.at;
    if (last > FEW_ATTRIBUTES) {
        if (last == FEW_ATTRIBUTES + 1 || last * 2 > t->slot_count)
            slots_fill(t, last);
        return slot_take(t, last);
    }
    struct span name = at[last].name;
    for (size_t i = 0; i < last; i++)
        if (at[i].name.len == name.len && at[i].name.at[0] == name.at[0] && span_eq(at[i].name, name))
            return true;
    return false;
}

static struct span name_read(struct html_tokenizer *t, unsigned until)
{
    const char *from = t->at;
    unsigned seen = html_classes[(unsigned char)*t->at++];
    while (t->at < t->end && !html_is(*t->at, until))
        seen |= html_classes[(unsigned char)*t->at++];
    struct span name = span_from(from, t->at);
    return seen & CLASS_CHANGED ? arena_lower(t->arena, html_without_nul(t->arena, name)) : name;
}

static void spaces_skip(struct html_tokenizer *t)
{
    while (t->at < t->end && html_is(*t->at, CLASS_SPACE))
        t->at++;
}

/* at stands after '='. False: the input ended. */
static bool value_read(struct html_tokenizer *t, struct span *value)
{
    spaces_skip(t);
    if (t->at == t->end)
        return false;
    if (*t->at == '>')
        return true;
    const char *from = t->at, *end;
    if (*t->at == '"' || *t->at == '\'') {
        from++;
        end = memchr(from, *t->at, (size_t)(t->end - from));
        if (!end)
            return false;
        t->at = end + 1;
    } else {
        while (t->at < t->end && !html_is(*t->at, CLASS_VALUE_END))
            t->at++;
        end = t->at;
    }
    struct span raw = span_from(from, end);
    *value = html_value(t->arena, t->has_nul ? html_without_nul(t->arena, raw) : raw);
    return true;
}

static bool attribute_read(struct html_tokenizer *t, bool keep)
{
    struct span name = name_read(t, CLASS_NAME_END), value = {0};
    spaces_skip(t);
    if (t->at < t->end && *t->at == '=') {
        t->at++;
        if (!value_read(t, &value))
            return false;
    }
    if (!keep)
        return true;
    if (t->token.attributes.len == ATTRIBUTES_MOST) { /* an attribute of two bytes takes a hundred here */
        t->token.attributes_cut = true;
        return true;
    }
    *vec_push(t->arena, &t->token.attributes) = (struct html_attribute){name, value};
    if (attribute_repeated(t))
        t->token.attributes.len--;
    return true;
}

void html_tag(struct html_tokenizer *t, enum html_token_kind kind)
{
    t->token.kind = kind;
    t->token.text = name_read(t, CLASS_TAG_END);
    for (;;) {
        spaces_skip(t);
        if (t->at < t->end && *t->at == '/') {
            t->at++;
            t->token.self_closing = t->at < t->end && *t->at == '>';
            if (!t->token.self_closing)
                continue;
        }
        if (t->at < t->end && *t->at == '>')
            break;
        if (t->at == t->end || !attribute_read(t, kind == HTML_START)) {
            t->at = t->end;
            t->token.kind = HTML_FINISHED; /* the input ended inside: the standard drops the tag */
            return;
        }
    }
    t->at++;
    if (kind == HTML_START)
        t->last_start = t->token.text;
}

/* ---- data */
static bool markup_at(const char *at, const char *end)
{
    return at + 1 < end && (ascii_is_alpha(at[1]) || at[1] == '/' || at[1] == '!' || at[1] == '?');
}

static void end_tag_open(struct html_tokenizer *t)
{
    if (t->at == t->end) {
        t->token.kind = HTML_TEXT;
        t->token.text = S("</");
    } else if (ascii_is_alpha(*t->at)) {
        html_tag(t, HTML_END);
    } else if (*t->at == '>') {
        t->at++;
    } else {
        html_bogus_comment(t);
    }
}

/* at stands on a '<' that markup_at holds for. The token stays HTML_FINISHED where nothing came of it. */
static void markup_next(struct html_tokenizer *t)
{
    char c = *++t->at;
    if (ascii_is_alpha(c)) {
        html_tag(t, HTML_START);
    } else if (c == '?') {
        html_bogus_comment(t);
    } else {
        t->at++;
        if (c == '!')
            html_declaration(t);
        else
            end_tag_open(t);
    }
}

/* The next '<' that begins markup, or the end. Remembered, so that text with many references is not searched again. */
static const char *next_markup(struct html_tokenizer *t)
{
    if (t->markup >= t->at)
        return t->markup;
    const char *at = t->at;
    while ((at = memchr(at, '<', (size_t)(t->end - at))) && !markup_at(at, t->end))
        at++;
    t->markup = at ? at : t->end;
    return t->markup;
}

static void text_next(struct html_tokenizer *t)
{
    const char *from = t->at, *end;
    size_t used = 0;
    t->token.kind = HTML_TEXT;
    if (*from == '&')
        t->token.text = html_reference(t->arena, from, t->end, false, &used);
    t->at += used;
    if (used)
        return;
    t->at++;
    end = next_markup(t);
    const char *reference = memchr(t->at, '&', (size_t)(end - t->at));
    t->at = reference ? reference : end;
    t->token.text = span_from(from, t->at);
}

static void token_clear(struct html_tokenizer *t)
{
    struct html_token *token = &t->token;
    token->kind = HTML_FINISHED;
    token->text = (struct span){0};
    token->attributes.len = 0;
    token->attributes_cut = false;
    token->self_closing = false;
    token->offset = (size_t)(t->at - t->start);
    if (token->doctype.has_name || token->doctype.force_quirks)
        memset(&token->doctype, 0, sizeof token->doctype);
}

const struct html_token *html_next(struct html_tokenizer *t)
{
    for (;;) {
        token_clear(t);
        if (t->at == t->end)
            return &t->token;
        if (t->state != HTML_DATA) {
            html_raw_next(t);
        } else if (*t->at == '<' && markup_at(t->at, t->end)) {
            markup_next(t);
        } else {
            text_next(t);
        }
        bool empty_text = t->token.kind == HTML_TEXT && !t->token.text.len;
        if (t->token.kind != HTML_FINISHED && !empty_text)
            return &t->token;
    }
}

/* 13.2.3.5: CR LF and CR are LF. A copy only where there is a CR. */
static struct span newlines_normalised(struct arena *arena, struct span s)
{
    const char *cr = span_find_byte(s, '\r');
    if (!cr)
        return s;
    char *start = arena_alloc(arena, s.len), *to = start;
    const char *from = s.at, *end = s.at + s.len;
    for (; cr; cr = memchr(from, '\r', (size_t)(end - from))) {
        to = (char *)mempcpy(to, from, (size_t)(cr - from));
        if (cr + 1 == end || cr[1] != '\n')
            *to++ = '\n';
        from = cr + 1;
    }
    to = (char *)mempcpy(to, from, (size_t)(end - from));
    return span_from(start, to);
}

struct html_tokenizer *html_tokenizer_new(struct arena *arena, struct span utf8)
{
    struct html_tokenizer *t = arena_one(arena, struct html_tokenizer);
    struct span text = newlines_normalised(arena, utf8);
    t->arena = arena;
    t->start = t->at = text.at;
    t->end = text.at + text.len;
    t->has_nul = span_find_byte(text, '\0') != NULL;
    return t;
}

void html_tokenizer_state(struct html_tokenizer *tokenizer, enum html_state state, struct span last_start)
{
    tokenizer->state = state;
    if (last_start.len)
        tokenizer->last_start = last_start;
}

void html_tokenizer_foreign(struct html_tokenizer *tokenizer, bool foreign)
{
    tokenizer->foreign = foreign;
}
