#include "base/tree.h"

#include <yaml.h>

enum { DEEPEST = 16 };

struct growing {
    struct arena *arena;
    struct span text;
    yaml_parser_t parser;
    yaml_event_t event; /* the one looked at; to be deleted before the next */
    bool held;
    unsigned depth, line;
    struct err *err;
};

static void growing_done(struct growing *growing)
{
    if (growing->held)
        yaml_event_delete(&growing->event);
    yaml_parser_delete(&growing->parser);
}

static int refuse(struct growing *growing, size_t line, const char *what)
{
    growing->line = (unsigned)line + 1;
    return err_set(growing->err, "%s", what);
}

/* With what the value begins that is none; 0: it is not known. Marks count characters. */
static char letter_at(const struct growing *growing)
{
    const yaml_parser_t *parser = &growing->parser;
    bool alias = parser->context && strstr(parser->context, "an alias");
    const yaml_mark_t *mark = alias ? &parser->context_mark : &parser->problem_mark;
    struct span text = growing->text, line = S("");
    for (size_t i = 0; i <= mark->line; i++)
        if (!span_cut(&text, '\n', &line))
            return '\0';
    size_t at = 0, characters = 0;
    for (; at < line.len; at++)
        if (((unsigned char)line.at[at] & 0xc0) != 0x80 && characters++ == mark->column)
            return line.at[at];
    return '\0';
}

static int next(struct growing *growing)
{
    if (growing->held)
        yaml_event_delete(&growing->event);
    growing->held = yaml_parser_parse(&growing->parser, &growing->event) == 1;
    if (growing->held)
        return 0;
    const yaml_parser_t *parser = &growing->parser;
    growing->line = parser->problem_mark.line || parser->context ? (unsigned)parser->problem_mark.line + 1 : 0;
    char letter = parser->problem ? letter_at(growing) : '\0';
    if (letter == '@' || letter == '`' || letter == '*' || letter == '%')
        return err_set(growing->err, "is no YAML: what begins with %c stands in quotes, like \"%cname\"", letter, letter);
    if (parser->problem && strstr(parser->problem, "cannot start any token"))
        return err_set(growing->err, "is no YAML here or right below: lines are indented by spaces, never by tabs");
    return err_set(growing->err, "is no YAML: %s", parser->problem ? parser->problem : "it cannot be read");
}

static bool is_nothing(const yaml_event_t *event)
{
    struct span word = {(const char *)event->data.scalar.value, event->data.scalar.length};
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && (!word.len || span_eq(word, S("~")) || span_eq_case(word, S("null")));
}

/* What the event is marked with; NULL: nothing. */
static const char *mark_of(const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_ALIAS_EVENT)
        return "an alias (*name) is not taken here; write the value out";
    if (event->type == YAML_SCALAR_EVENT)
        anchor = event->data.scalar.anchor, tag = event->data.scalar.tag;
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
    else
        anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
    if (anchor)
        return "an anchor (&name) is not taken here; write the value where it is wanted";
    return tag ? "a tag (!name) is not taken here; write the value alone, in quotes if need be" : NULL;
}

static int node_grow(struct growing *growing, struct tree **out);

static int list_grow(struct growing *growing, struct tree *list)
{
    for (;;) {
        struct tree *item;
        if (next(growing) < 0)
            return -1;
        if (growing->event.type == YAML_SEQUENCE_END_EVENT)
            return 0;
        if (node_grow(growing, &item) < 0)
            return -1;
        *vec_push(growing->arena, &list->items) = item;
    }
}

static int map_grow(struct growing *growing, struct tree *map)
{
    for (;;) {
        struct tree *key, *value;
        if (next(growing) < 0)
            return -1;
        if (growing->event.type == YAML_MAPPING_END_EVENT)
            return 0;
        size_t line = growing->event.start_mark.line;
        if (growing->event.type != YAML_SCALAR_EVENT)
            return refuse(growing, line, "a key must be a word, as in key: value");
        if (node_grow(growing, &key) < 0 || next(growing) < 0 || node_grow(growing, &value) < 0)
            return -1;
        *vec_push(growing->arena, &map->pairs) = (struct tree_pair){key->word, (unsigned)line + 1, value};
    }
}

/* The event looked at begins the node; at the end it is the node's last. */
static int node_grow(struct growing *growing, struct tree **out)
{
    const yaml_event_t *event = &growing->event;
    struct tree *node = *out = arena_one(growing->arena, struct tree);
    size_t line = event->start_mark.line;
    node->line = (unsigned)line + 1;
    const char *mark = mark_of(event);
    if (mark)
        return refuse(growing, line, mark);
    if (event->type == YAML_SCALAR_EVENT) {
        struct span word = {(const char *)event->data.scalar.value, event->data.scalar.length};
        node->kind = is_nothing(event) ? TREE_NOTHING : TREE_WORD;
        node->word = arena_copy(growing->arena, word);
        return 0;
    }
    if (++growing->depth > DEEPEST)
        return refuse(growing, line, "lies too deep; nothing here has so many levels");
    node->kind = event->type == YAML_SEQUENCE_START_EVENT ? TREE_LIST : TREE_MAP;
    int grown = node->kind == TREE_LIST ? list_grow(growing, node) : map_grow(growing, node);
    growing->depth--;
    return grown;
}

static int document_grow(struct growing *growing, struct tree **out)
{
    do
        if (next(growing) < 0)
            return -1;
    while (growing->event.type == YAML_STREAM_START_EVENT || growing->event.type == YAML_DOCUMENT_START_EVENT);
    if (growing->event.type == YAML_STREAM_END_EVENT)
        return 0;
    if (node_grow(growing, out) < 0 || next(growing) < 0 || next(growing) < 0)
        return -1;
    if (growing->event.type != YAML_STREAM_END_EVENT)
        return refuse(growing, growing->event.start_mark.line, "a second document begins here (---); only one is read");
    return 0;
}

int tree_parse(struct arena *arena, struct span text, struct tree **out, unsigned *line, struct err *err)
{
    struct growing growing __attribute__((cleanup(growing_done))) = {.arena = arena, .text = text, .err = err};
    *line = 0;
    *out = arena_one(arena, struct tree);
    (*out)->line = 1;
    if (!yaml_parser_initialize(&growing.parser))
        return err_set(err, "no memory is left to read it");
    yaml_parser_set_input_string(&growing.parser, (const unsigned char *)(text.at ? text.at : ""), text.len);
    yaml_parser_set_encoding(&growing.parser, YAML_UTF8_ENCODING);
    int grown = document_grow(&growing, out);
    *line = growing.line;
    return grown;
}
