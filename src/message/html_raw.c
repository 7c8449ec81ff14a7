#include "message/html_tokens.h"

static void text_set(struct html_tokenizer *t, const char *end)
{
    t->token.kind = HTML_TEXT;
    t->token.text = span_from(t->at, end);
    t->at = end;
}

/* Is there, at '<', the end tag of the element that began this text? */
static bool ends_here(const struct html_tokenizer *t, const char *at)
{
    struct span rest = span_skip(span_from(at, t->end), 2), name = t->last_start;
    return at + 1 < t->end && at[1] == '/' && name.len && rest.len > name.len && span_starts_case(rest, name) &&
           html_is(rest.at[name.len], CLASS_TAG_END);
}

static const char *raw_end(const struct html_tokenizer *t)
{
    const char *at = t->at;
    while ((at = memchr(at, '<', (size_t)(t->end - at)))) {
        if (ends_here(t, at))
            return at;
        at++;
    }
    return t->end;
}

static const char *rcdata_end(const struct html_tokenizer *t)
{
    const char *at = t->at;
    for (; at < t->end; at++)
        if ((*at == '&' && at > t->at) || (*at == '<' && ends_here(t, at)))
            break;
    return at;
}

/* ---- script: "<!--" hides the end tag once a <script> was opened inside (13.2.5.15 to 31) */
enum script_mode { SCRIPT_PLAIN, SCRIPT_ESCAPED, SCRIPT_TWICE };

/* After '<' or "</": letters up to a space, '/' or '>' that spell "script"? *at moves behind what was read. */
static bool script_word(const char **at, const char *end, bool *whole)
{
    const char *from = *at;
    while (*at < end && ascii_is_alpha(**at))
        ++*at;
    struct span word = span_from(from, *at);
    *whole = word.len && *at < end && html_is(**at, CLASS_TAG_END);
    *at += *whole;
    return *whole && span_eq_case(word, S("script"));
}

/* What stands at '<' inside script text. NULL: its end tag. */
static const char *script_markup(const struct html_tokenizer *t, const char *at, enum script_mode *mode, int *dashes)
{
    bool whole;
    struct span rest = span_from(at, t->end);
    *dashes = 0;
    if (*mode != SCRIPT_TWICE && ends_here(t, at))
        return NULL;
    if (*mode == SCRIPT_PLAIN) {
        bool opens = span_starts(rest, S("<!--"));
        *mode = opens ? SCRIPT_ESCAPED : SCRIPT_PLAIN;
        *dashes = opens ? 2 : 0;
        return at + (opens ? 4 : 1);
    }
    at++;
    if (*mode == SCRIPT_TWICE) {
        if (at < t->end && *at == '/') {
            at++;
            if (script_word(&at, t->end, &whole))
                *mode = SCRIPT_ESCAPED;
        }
        return at;
    }
    if (script_word(&at, t->end, &whole))
        *mode = SCRIPT_TWICE;
    return at;
}

static const char *script_end(const struct html_tokenizer *t)
{
    enum script_mode mode = SCRIPT_PLAIN;
    int dashes = 0;
    for (const char *at = t->at; at < t->end;) {
        if (*at == '<') {
            const char *next = script_markup(t, at, &mode, &dashes);
            if (!next)
                return at;
            at = next;
            continue;
        }
        if (*at == '>' && dashes >= 2)
            mode = SCRIPT_PLAIN;
        dashes = *at == '-' ? dashes + (dashes < 2) : 0;
        at++;
    }
    return t->end;
}

static bool reference_next(struct html_tokenizer *t)
{
    size_t used;
    struct span text = html_reference(t->arena, t->at, t->end, false, &used);
    if (!used)
        return false;
    t->token.kind = HTML_TEXT;
    t->token.text = text;
    t->at += used;
    return true;
}

static void cdata_next(struct html_tokenizer *t)
{
    const char *end = span_find(span_from(t->at, t->end), S("]]>"));
    text_set(t, end ? end : t->end);
    t->at += end ? 3 : 0;
    t->state = HTML_DATA;
}

void html_raw_next(struct html_tokenizer *t)
{
    if (t->state == HTML_CDATA) {
        cdata_next(t);
        return;
    }
    if (*t->at == '<' && t->state != HTML_PLAINTEXT && ends_here(t, t->at)) {
        t->at += 2;
        t->state = HTML_DATA;
        html_tag(t, HTML_END);
        return;
    }
    if (t->state == HTML_RCDATA && *t->at == '&' && reference_next(t))
        return;
    text_set(t, t->state == HTML_PLAINTEXT     ? t->end
                : t->state == HTML_RCDATA      ? rcdata_end(t)
                : t->state == HTML_SCRIPT_DATA ? script_end(t)
                                               : raw_end(t));
    t->token.text = html_without_nul(t->arena, t->token.text);
}
