#include "message/html_tokens.h"

static void comment_set(struct html_tokenizer *t, struct span text)
{
    t->token.kind = HTML_COMMENT;
    t->token.text = html_without_nul(t->arena, text);
}

void html_bogus_comment(struct html_tokenizer *t)
{
    const char *end = memchr(t->at, '>', (size_t)(t->end - t->at));
    comment_set(t, span_from(t->at, end ? end : t->end));
    t->at = end ? end + 1 : t->end;
}

/* Does the '>' at `at` end the comment that begins at `from`? *keep is the length of its text then. */
static bool comment_ends(const char *from, const char *at, size_t *keep)
{
    size_t n = (size_t)(at - from);
    *keep = 0;
    if (n == 0 || (n == 1 && from[0] == '-'))
        return true;
    if (n >= 2 && at[-1] == '-' && at[-2] == '-') {
        *keep = n - 2;
        return true;
    }
    *keep = n - 3;
    return n >= 3 && at[-1] == '!' && at[-2] == '-' && at[-3] == '-';
}

/* At the end of the input an unfinished "-", "--" or "--!" is left off. */
static size_t unfinished_end(struct span s)
{
    if (span_ends_case(s, S("--!")))
        return s.len - 3;
    size_t dashes = 0;
    while (dashes < 2 && dashes < s.len && s.at[s.len - 1 - dashes] == '-')
        dashes++;
    return s.len - dashes;
}

static void comment(struct html_tokenizer *t)
{
    const char *from = t->at, *at = from;
    size_t keep;
    while ((at = memchr(at, '>', (size_t)(t->end - at)))) {
        if (comment_ends(from, at, &keep)) {
            comment_set(t, (struct span){from, keep});
            t->at = at + 1;
            return;
        }
        at++;
    }
    struct span rest = span_from(from, t->end);
    comment_set(t, span_first(rest, unfinished_end(rest)));
    t->at = t->end;
}

/* ---- doctype */
static void spaces_skip(struct html_tokenizer *t)
{
    while (t->at < t->end && html_is(*t->at, CLASS_SPACE))
        t->at++;
}

static void bogus_doctype(struct html_tokenizer *t)
{
    const char *end = memchr(t->at, '>', (size_t)(t->end - t->at));
    t->at = end ? end + 1 : t->end;
}

/* Where the declaration is over ('>' or the end of input): quirks as said for each. */
static bool doctype_over(struct html_tokenizer *t, bool quirks_at_mark)
{
    if (t->at < t->end && *t->at != '>')
        return false;
    t->token.doctype.force_quirks |= t->at == t->end || quirks_at_mark;
    t->at += t->at < t->end;
    return true;
}

/* A quoted identifier; false: the declaration ended in it. */
static bool identifier(struct html_tokenizer *t, struct span *id, bool *has)
{
    const char quote = *t->at++, *from = t->at;
    while (t->at < t->end && *t->at != quote && *t->at != '>')
        t->at++;
    *id = html_without_nul(t->arena, span_from(from, t->at));
    *has = true;
    if (doctype_over(t, true))
        return false;
    t->at++;
    return true;
}

static bool at_quote(const struct html_tokenizer *t)
{
    return *t->at == '"' || *t->at == '\'';
}

static void system_identifier(struct html_tokenizer *t)
{
    if (!at_quote(t)) {
        t->token.doctype.force_quirks = true;
        bogus_doctype(t);
        return;
    }
    if (!identifier(t, &t->token.doctype.system_id, &t->token.doctype.has_system))
        return;
    spaces_skip(t);
    if (!doctype_over(t, false))
        bogus_doctype(t);
}

static void public_identifier(struct html_tokenizer *t)
{
    if (!at_quote(t)) {
        t->token.doctype.force_quirks = true;
        bogus_doctype(t);
        return;
    }
    if (!identifier(t, &t->token.doctype.public_id, &t->token.doctype.has_public))
        return;
    spaces_skip(t);
    if (!doctype_over(t, false))
        system_identifier(t);
}

static void doctype(struct html_tokenizer *t)
{
    t->token.kind = HTML_DOCTYPE;
    spaces_skip(t);
    if (doctype_over(t, true))
        return;
    const char *from = t->at;
    while (t->at < t->end && *t->at != '>' && !html_is(*t->at, CLASS_SPACE))
        t->at++;
    t->token.text = arena_lower(t->arena, html_without_nul(t->arena, span_from(from, t->at)));
    t->token.doctype.has_name = true;
    spaces_skip(t);
    if (doctype_over(t, false))
        return;
    struct span rest = span_from(t->at, t->end);
    bool is_public = span_starts_case(rest, S("public")), is_system = span_starts_case(rest, S("system"));
    if (!is_public && !is_system) {
        t->token.doctype.force_quirks = true;
        bogus_doctype(t);
        return;
    }
    t->at += 6;
    spaces_skip(t);
    if (doctype_over(t, true))
        return;
    if (is_public)
        public_identifier(t);
    else
        system_identifier(t);
}

void html_declaration(struct html_tokenizer *t)
{
    struct span rest = span_from(t->at, t->end);
    if (span_starts(rest, S("--"))) {
        t->at += 2;
        comment(t);
    } else if (span_starts_case(rest, S("doctype"))) {
        t->at += 7;
        doctype(t);
    } else if (t->foreign && span_starts(rest, S("[CDATA["))) {
        t->at += 7;
        t->state = HTML_CDATA;
        t->token.kind = HTML_TEXT;
    } else {
        html_bogus_comment(t);
    }
}
