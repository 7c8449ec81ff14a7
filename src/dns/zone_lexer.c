#include "dns/zone_lexer.h"

static bool ends_word(char c)
{
    return ascii_is_space(c) || c == '(' || c == ')' || c == ';' || c == '"';
}

/* A word from the start of rest; an escaped byte never ends it. */
static struct span word_cut(struct span *rest)
{
    size_t i = 0;
    while (i < rest->len && !ends_word(rest->at[i]))
        i += rest->at[i] == '\\' && i + 1 < rest->len && rest->at[i + 1] != '\n' ? 2 : 1;
    struct span word = span_first(*rest, i);
    *rest = span_skip(*rest, i);
    return word;
}

/* What stands between quotes; false where they are not closed on the line. */
static bool quoted_cut(struct span *rest, struct span *text)
{
    size_t i = 1;
    while (i < rest->len && rest->at[i] != '"' && rest->at[i] != '\n')
        i += rest->at[i] == '\\' && i + 1 < rest->len && rest->at[i + 1] != '\n' ? 2 : 1;
    if (i >= rest->len || rest->at[i] != '"')
        return false;
    *text = span_from(rest->at + 1, rest->at + i);
    *rest = span_skip(*rest, i + 1);
    return true;
}

static void comment_skip(struct span *rest)
{
    const char *end = span_find_byte(*rest, '\n');
    *rest = end ? span_skip(*rest, (size_t)(end - rest->at)) : (struct span){0};
}

static int token_add(struct arena *arena, struct zone_lexer *lexer, struct zone_entry *entry, struct err *err)
{
    struct zone_token token = {.quoted = lexer->rest.at[0] == '"'};
    if (!token.quoted)
        token.text = word_cut(&lexer->rest);
    else if (!quoted_cut(&lexer->rest, &token.text))
        return err_set(err, "%s:%zu: a quoted string is not closed; end it with \" on the same line", lexer->path,
                       lexer->line);
    if (!entry->tokens.len)
        entry->line = lexer->line;
    *vec_push(arena, &entry->tokens) = token;
    return 0;
}

static int parenthesis_take(struct zone_lexer *lexer, unsigned *depth, struct err *err)
{
    bool opens = lexer->rest.at[0] == '(';
    if (opens ? *depth > 0 : *depth == 0)
        return err_set(err, "%s:%zu: parentheses do not pair; they hold one entry over several lines and do not nest",
                       lexer->path, lexer->line);
    *depth = opens;
    lexer->rest = span_skip(lexer->rest, 1);
    return 0;
}

int zone_entry_next(struct arena *arena, struct zone_lexer *lexer, struct zone_entry *entry, struct err *err)
{
    unsigned depth = 0;
    *entry = (struct zone_entry){.begins_blank = lexer->rest.len && ascii_is_space(lexer->rest.at[0])};
    while (lexer->rest.len) {
        char c = lexer->rest.at[0];
        if (c == '\n') {
            lexer->line++;
            lexer->rest = span_skip(lexer->rest, 1);
            if (!depth && entry->tokens.len)
                return 1;
            if (!depth)
                entry->begins_blank = lexer->rest.len && ascii_is_space(lexer->rest.at[0]);
        } else if (ascii_is_space(c)) {
            lexer->rest = span_skip(lexer->rest, 1);
        } else if (c == ';') {
            comment_skip(&lexer->rest);
        } else if (c == '(' || c == ')') {
            if (parenthesis_take(lexer, &depth, err) < 0)
                return -1;
        } else if (token_add(arena, lexer, entry, err) < 0) {
            return -1;
        }
    }
    if (depth)
        return err_set(err, "%s:%zu: a parenthesis is not closed before the end of the file; add )", lexer->path,
                       lexer->line);
    return entry->tokens.len > 0;
}

bool zone_unescape(struct arena *arena, struct span text, bool dots, struct span *out)
{
    *out = text;
    if (!span_find_byte(text, '\\'))
        return true;
    struct buf plain = {.arena = arena};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '\\') {
            uint64_t number = 0;
            struct span digits = span_first(span_skip(text, i + 1), 3);
            if (!digits.len)
                return false;
            bool decimal = ascii_is_digit(digits.at[0]);
            if (decimal && (digits.len < 3 || !span_number(digits, 255, &number)))
                return false;
            c = decimal ? (char)number : digits.at[0];
            i += decimal ? 3 : 1;
            if (dots && c == '.')
                return false;
        }
        buf_byte(&plain, c);
    }
    *out = buf_span(&plain);
    return true;
}
