/* Reading Authentication-Results, RFC 8601 2.2, as the world writes it: with nested comments, quoted strings, versions,
 * and without an authserv-id (Microsoft). What does not fit is passed over up to the next semicolon, and the field is
 * marked. */
#include "auth/auth.h"

static const char *const result_names[] = {
    [PROOF_NONE] = "none",           [PROOF_PASS] = "pass",
    [PROOF_FAIL] = "fail",           [PROOF_SOFTFAIL] = "softfail",
    [PROOF_NEUTRAL] = "neutral",     [PROOF_POLICY] = "policy",
    [PROOF_TEMPERROR] = "temperror", [PROOF_PERMERROR] = "permerror",
    [PROOF_UNKNOWN] = "unknown",     [PROOF_NOT_APPLICABLE] = "not-applicable",
};

const char *proof_result_name(enum proof_result result)
{
    return result_names[result];
}

bool proof_result_parse(struct span word, enum proof_result *out)
{
    for (unsigned i = 0; i < sizeof result_names / sizeof result_names[0]; i++)
        if (span_eq_case(word, span_of(result_names[i]))) {
            *out = (enum proof_result)i;
            return true;
        }
    *out = span_eq_case(word, S("hardfail")) ? PROOF_FAIL : PROOF_UNKNOWN; /* RFC 7001 A.2: an old word of SPF */
    return *out == PROOF_FAIL;
}

enum { RESULTS_MOST = 100, PROPERTIES_MOST = 50, COMMENT_DEPTH = 16 };

struct scanner {
    struct arena *arena;
    const char *p, *end;
    struct span comment; /* the first one passed since it was emptied */
    bool bad;
};

/* RFC 5322 3.2.2. An unclosed comment swallows the rest, as in every reader. */
static void comment_skip(struct scanner *s)
{
    const char *from = s->p + 1;
    unsigned depth = 0;
    while (s->p < s->end) {
        char c = *s->p++;
        if (c == '\\' && s->p < s->end)
            s->p++;
        else if (c == '(' && ++depth > COMMENT_DEPTH)
            s->bad = true;
        else if (c == ')' && --depth == 0) {
            if (!s->comment.at)
                s->comment = span_from(from, s->p - 1);
            return;
        }
    }
    s->bad = true;
}

static void blanks_skip(struct scanner *s)
{
    while (s->p < s->end && (ascii_is_space(*s->p) || *s->p == '('))
        if (*s->p == '(')
            comment_skip(s);
        else
            s->p++;
}

static bool byte_take(struct scanner *s, char c)
{
    blanks_skip(s);
    if (s->p >= s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

/* After the opening quote; appends without quotes and escapes. */
static void quoted_read(struct scanner *s, struct buf *out)
{
    while (s->p < s->end && *s->p != '"') {
        if (*s->p == '\\' && s->p + 1 < s->end)
            s->p++;
        if (!*s->p)
            s->bad = true;
        buf_byte(out, *s->p++);
    }
    if (s->p < s->end)
        s->p++;
    else
        s->bad = true;
}

/* A word up to one of `stops`, white space or a comment; quoted strings in it are opened. */
static struct span word_read(struct scanner *s, const char *stops)
{
    blanks_skip(s);
    const char *from = s->p;
    while (s->p < s->end && *s->p && *s->p != '"' && *s->p != '(' && *s->p != ';' && !ascii_is_space(*s->p) &&
           !strchr(stops, *s->p))
        s->p++;
    if (s->p < s->end && !*s->p) {
        s->bad = true;
        s->p++;
        return span_from(from, s->p - 1);
    }
    if (s->p == s->end || *s->p != '"')
        return span_from(from, s->p);
    struct buf out = {.arena = s->arena};
    buf_add(&out, span_from(from, s->p));
    while (s->p < s->end && *s->p && *s->p != '(' && *s->p != ';' && !ascii_is_space(*s->p) && !strchr(stops, *s->p))
        if (*s->p++ == '"')
            quoted_read(s, &out);
        else
            buf_byte(&out, s->p[-1]);
    return buf_span(&out);
}

static void rest_skip(struct scanner *s)
{
    blanks_skip(s);
    while (s->p < s->end && *s->p != ';') {
        const char *before = s->p;
        word_read(s, "");
        blanks_skip(s);
        if (s->p == before)
            s->p++;
    }
}

/* One of: reason="...", smtp.mailfrom=a@b, and Microsoft's action=none without a type. */
static bool property_read(struct scanner *s, struct method_result *result)
{
    struct span type = word_read(s, "=."), name = {0}, value;
    if (!type.len)
        return false;
    if (byte_take(s, '.'))
        name = word_read(s, "=");
    if (!byte_take(s, '='))
        return false;
    value = word_read(s, "");
    if (!name.len && span_eq_case(type, S("reason"))) {
        result->reason = value;
        return true;
    }
    if (result->properties.len == PROPERTIES_MOST)
        return false;
    *vec_push(s->arena, &result->properties) = name.len ? (struct result_property){type, name, value}
                                                        : (struct result_property){(struct span){0}, type, value};
    return true;
}

static bool at_end_of_result(struct scanner *s)
{
    blanks_skip(s);
    return s->p == s->end || *s->p == ';';
}

static void method_read(struct scanner *s, struct span method, struct results_field *out)
{
    struct method_result result = {.method = method};
    proof_result_parse(word_read(s, ""), &result.result);
    s->comment = (struct span){0};
    blanks_skip(s);
    result.comment = s->comment;
    while (!at_end_of_result(s))
        if (!property_read(s, &result)) {
            s->bad = true;
            rest_skip(s);
        }
    *vec_push(s->arena, &out->results) = result;
}

/* method [ "/" version ] "=" result ..., or "none". */
static void resinfo_read(struct scanner *s, struct results_field *out)
{
    if (at_end_of_result(s))
        return;
    struct span method = word_read(s, "=/");
    if (byte_take(s, '/'))
        word_read(s, "=");
    if (byte_take(s, '=') && method.len) {
        method_read(s, method, out);
        return;
    }
    if (!span_eq_case(method, S("none")) || !at_end_of_result(s) || out->results.len)
        s->bad = true;
    rest_skip(s);
}

/* Microsoft writes none: the field begins with a result. */
static void authserv_read(struct scanner *s, struct results_field *out)
{
    const char *start = s->p;
    struct span id = word_read(s, "=");
    if (byte_take(s, '=')) {
        s->p = start;
        return;
    }
    out->authserv_id = id;
    if (!at_end_of_result(s))
        word_read(s, ""); /* the version */
    if (!id.len || !at_end_of_result(s))
        s->bad = true;
    rest_skip(s);
    byte_take(s, ';');
}

bool results_parse(struct arena *arena, struct span value, struct results_field *out)
{
    struct scanner scanner = {.arena = arena, .p = value.at, .end = value.at + value.len}, *s = &scanner;
    *out = (struct results_field){0};
    blanks_skip(s);
    if (s->p == s->end) {
        out->malformed = true;
        return false;
    }
    authserv_read(s, out);
    while (s->p < s->end && out->results.len < RESULTS_MOST) {
        resinfo_read(s, out);
        if (!byte_take(s, ';') && s->p < s->end) {
            s->bad = true;
            s->p++;
        }
    }
    out->malformed = s->bad || s->p < s->end;
    return !out->malformed;
}

struct span results_property(const struct method_result *result, struct span type, struct span name)
{
    vec_each (property, &result->properties)
        if (span_eq_case(property->type, type) && span_eq_case(property->name, name))
            return property->value;
    return (struct span){0};
}
