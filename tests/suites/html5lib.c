/* The tokenizer tests of html5lib against message/html.h: tokens are compared, parse errors are not (there are none).
 * The four tests of xmlViolation.test speak of another output form ("infoset coercion") and do not apply. */
#include "suite.h"
#include "message/html.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena *arena;
static const char *const files[] = {"contentModelFlags", "domjs", "entities", "escapeFlag", "namedEntities", "numericEntities",
                                    "pendingSpecChanges", "test1", "test2", "test3", "test4", "unicodeChars", "unicodeCharsProblematic"};

static json_t *file_read(const char *name)
{
    const char *root = shared_data();
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/suites/html/%s.test", root, name);
    json_t *json = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (!json && json_error_code(&error) != json_error_cannot_open_file) {
        printf("%s does not read: line %d: %s\n", name, error.line, error.text);
        exit(1);
    }
    if (!json)
        printf("skipped: %s is not there\n", path);
    return json;
}

static struct span string_of(const json_t *json)
{
    return json_is_string(json) ? (struct span){json_string_value(json), json_string_length(json)} : (struct span){0};
}

/* doubleEscaped: \uXXXX once more. A lone surrogate is no character of UTF-8: U+FFFD stands for it on both sides. */
static struct span unescaped(struct span s)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < s.len; i++) {
        char digits[5] = {0};
        if (i + 5 < s.len && s.at[i] == '\\' && s.at[i + 1] == 'u') {
            memcpy(digits, s.at + i + 2, 4);
            buf_utf8(&out, (uint32_t)strtoul(digits, NULL, 16));
            i += 5;
        } else {
            buf_byte(&out, s.at[i]);
        }
    }
    return buf_span(&out);
}

static struct span string_at(const json_t *list, size_t index, bool escaped)
{
    struct span s = string_of(json_array_get(list, index));
    return escaped ? unescaped(s) : s;
}

/* One line a token; text tokens that touch are one. Blanks and NULs inside are kept, so lines are compared as bytes. */
static void line_begin(struct buf *out, const char *kind)
{
    buf_print(out, "\n<%s> ", kind);
}

static void identifier_add(struct buf *out, bool has, struct span id)
{
    buf_add(out, has ? S(" [") : S(" (none"));
    buf_add(out, id);
    buf_add(out, has ? S("]") : S(")"));
}

static int attribute_compare(const void *a, const void *b)
{
    return span_compare(((const struct html_attribute *)a)->name, ((const struct html_attribute *)b)->name);
}

static void start_add(struct buf *out, struct span name, bool closing, struct html_attribute *at, size_t count)
{
    line_begin(out, closing ? "start, self-closing" : "start");
    buf_add(out, name);
    if (count)
        qsort(at, count, sizeof *at, attribute_compare);
    for (size_t i = 0; i < count; i++) {
        buf_add(out, S(" {"));
        buf_add(out, at[i].name);
        buf_add(out, S("="));
        buf_add(out, at[i].value);
        buf_add(out, S("}"));
    }
}

static struct span wanted_lines(const json_t *output, bool escaped)
{
    struct buf out = {.arena = arena};
    const json_t *token;
    bool text = false;
    size_t i;
    json_array_foreach(output, i, token) {
        struct span kind = string_at(token, 0, false), name = string_at(token, 1, escaped);
        bool character = span_eq(kind, S("Character"));
        if (span_eq(kind, S("StartTag"))) {
            VEC(struct html_attribute) list = {0};
            const char *key;
            json_t *value;
            json_object_foreach(json_array_get(token, 2), key, value) {
                struct span both[2] = {span_of(key), string_of(value)};
                struct html_attribute *at = vec_push(arena, &list);
                *at = (struct html_attribute){escaped ? unescaped(both[0]) : both[0], escaped ? unescaped(both[1]) : both[1]};
            }
            start_add(&out, name, json_is_true(json_array_get(token, 3)), list.at, list.len);
        } else if (span_eq(kind, S("DOCTYPE"))) {
            line_begin(&out, json_is_true(json_array_get(token, 4)) ? "doctype" : "doctype, quirks");
            identifier_add(&out, json_is_string(json_array_get(token, 1)), name);
            identifier_add(&out, json_is_string(json_array_get(token, 2)), string_at(token, 2, escaped));
            identifier_add(&out, json_is_string(json_array_get(token, 3)), string_at(token, 3, escaped));
        } else {
            if (!character || !text)
                line_begin(&out, character ? "text" : span_eq(kind, S("EndTag")) ? "end" : "comment");
            buf_add(&out, name);
        }
        text = character;
    }
    return buf_span(&out);
}

static struct span got_lines(struct html_tokenizer *tokenizer)
{
    struct buf out = {.arena = arena};
    bool text = false;
    for (;;) {
        const struct html_token *token = html_next(tokenizer);
        if (token->kind == HTML_FINISHED)
            return buf_span(&out);
        if (token->kind == HTML_START) {
            start_add(&out, token->text, token->self_closing, token->attributes.at, token->attributes.len);
        } else if (token->kind == HTML_DOCTYPE) {
            line_begin(&out, token->doctype.force_quirks ? "doctype, quirks" : "doctype");
            identifier_add(&out, token->doctype.has_name, token->text);
            identifier_add(&out, token->doctype.has_public, token->doctype.public_id);
            identifier_add(&out, token->doctype.has_system, token->doctype.system_id);
        } else {
            if (token->kind != HTML_TEXT || !text)
                line_begin(&out, token->kind == HTML_TEXT ? "text" : token->kind == HTML_END ? "end" : "comment");
            buf_add(&out, token->text);
        }
        text = token->kind == HTML_TEXT;
    }
}

static enum html_state state_of(struct span name)
{
    static const struct {
        const char *name;
        enum html_state state;
    } states[] = {{"PLAINTEXT state", HTML_PLAINTEXT}, {"RCDATA state", HTML_RCDATA}, {"RAWTEXT state", HTML_RAWTEXT},
                  {"Script data state", HTML_SCRIPT_DATA}, {"CDATA section state", HTML_CDATA}};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (span_eq(name, span_of(states[i].name)))
            return states[i].state;
    return HTML_DATA;
}

static bool test_run(const char *file, const json_t *test, struct span state)
{
    bool escaped = json_is_true(json_object_get(test, "doubleEscaped"));
    struct span input = string_of(json_object_get(test, "input"));
    if (escaped)
        input = unescaped(input);
    char *exact = malloc(input.len ? input.len : 1); /* so that the sanitizer sees one byte too far */
    if (input.len)
        memcpy(exact, input.at, input.len);
    struct html_tokenizer *tokenizer = html_tokenizer_new(arena, (struct span){exact, input.len});
    html_tokenizer_state(tokenizer, state_of(state), string_of(json_object_get(test, "lastStartTag")));
    struct span got = got_lines(tokenizer), wanted = wanted_lines(json_object_get(test, "output"), escaped);
    bool good = span_eq(got, wanted);
    if (!good)
        printf("miss: %s: %s (%.*s): <%.*s>\n got:%.*s\n wanted:%.*s\n", file, json_string_value(json_object_get(test, "description")),
               SPAN_FMT(state), SPAN_FMT(input), SPAN_FMT(got), SPAN_FMT(wanted));
    free(exact);
    arena_reset(arena);
    return good;
}

static void test_states(const char *file, const json_t *test, unsigned *good, unsigned *count)
{
    const json_t *states = json_object_get(test, "initialStates");
    size_t n = json_array_size(states);
    for (size_t i = 0; i < (n ? n : 1); i++) {
        ++*count;
        *good += test_run(file, test, n ? string_at(states, i, false) : S("Data state"));
    }
}

int main(void)
{
    unsigned good = 0, count = 0;
    arena = arena_new(16 << 20);
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        json_t *json = file_read(files[f]), *test;
        size_t i;
        json_array_foreach(json_object_get(json, "tests"), i, test)
            test_states(files[f], test, &good, &count);
        json_decref(json);
    }
    arena_free(&arena);
    if (!count)
        return 77;
    printf("html5lib tokenizer: %u of %u\n", good, count);
    return good * 100 >= count * 99 ? 0 : 1;
}
