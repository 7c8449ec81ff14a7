/* edit_page: HTML by the tokens of room `message`, with the places that they have in the text as written. */
#include "action/edit_inner.h"

/* ---- places */
size_t place_raw(struct page_place *place, size_t counted)
{
    struct span text = place->text;
    while (place->raw < text.len && place->counted < counted) {
        bool pair = text.at[place->raw] == '\r' && place->raw + 1 < text.len && text.at[place->raw + 1] == '\n';
        place->raw += pair ? 2 : 1;
        place->counted++;
    }
    return place->raw;
}

/* ---- tokens, in the states that a tree builder sets */
static void state_follow(struct page *page, const struct html_token *token)
{
    bool foreign = span_is_one_of(token->text, S("svg math"));
    if (token->kind == HTML_END) {
        page->foreign -= foreign && page->foreign;
        return;
    }
    if (token->kind != HTML_START)
        return;
    page->foreign += foreign && !token->self_closing;
    if (page->foreign)
        return;
    if (span_is_one_of(token->text, S("title textarea")))
        html_tokenizer_state(page->tokenizer, HTML_RCDATA, token->text);
    else if (span_is_one_of(token->text, S("style xmp iframe noembed noframes")))
        html_tokenizer_state(page->tokenizer, HTML_RAWTEXT, token->text);
    else if (span_is_one_of(token->text, S("script")))
        html_tokenizer_state(page->tokenizer, HTML_SCRIPT_DATA, token->text);
    else if (span_is_one_of(token->text, S("plaintext")))
        html_tokenizer_state(page->tokenizer, HTML_PLAINTEXT, token->text);
}

void page_begin(struct arena *arena, struct span text, struct page *out)
{
    *out = (struct page){.tokenizer = html_tokenizer_new(arena, text), .place = {.text = text}};
}

const struct html_token *page_next(struct page *page, size_t *raw)
{
    const struct html_token *token = html_next(page->tokenizer);
    *raw = place_raw(&page->place, token->kind == HTML_FINISHED ? SIZE_MAX : token->offset);
    state_follow(page, token);
    html_tokenizer_foreign(page->tokenizer, page->foreign > 0);
    return token;
}

/* ---- one start tag, 13.2.5.32 to 40 */
static bool is_space(char c)
{
    return ascii_is_space(c) || c == '\f';
}

static const char *spaces_skip(const char *at, const char *end)
{
    while (at < end && is_space(*at))
        at++;
    return at;
}

/* at stands behind '='. NULL: the text ended. */
static const char *value_read(const char *at, const char *end, struct page_attribute *out)
{
    at = spaces_skip(at, end);
    out->value = out->whole = (struct span){at, 0};
    if (at == end || *at == '>')
        return at;
    if (*at == '"' || *at == '\'') {
        const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
        if (!close)
            return NULL;
        out->value = span_from(at + 1, close);
        out->whole = span_from(at, close + 1);
        return close + 1;
    }
    const char *from = at;
    while (at < end && !is_space(*at) && *at != '>')
        at++;
    out->value = out->whole = span_from(from, at);
    return at;
}

static const char *attribute_read(const char *at, const char *end, struct page_attribute *out)
{
    const char *from = at++;
    while (at < end && !is_space(*at) && *at != '/' && *at != '>' && *at != '=')
        at++;
    out->name = span_from(from, at);
    out->value = out->whole = (struct span){at, 0};
    const char *sign = spaces_skip(at, end);
    return sign < end && *sign == '=' ? value_read(sign + 1, end, out) : at;
}

bool page_tag_read(struct arena *arena, struct span text, size_t raw, struct page_tag *out)
{
    const char *end = text.at + text.len, *at = text.at + (raw < text.len ? raw : text.len);
    *out = (struct page_tag){0};
    if (end - at < 2 || *at != '<' || !ascii_is_alpha(at[1]))
        return false;
    const char *from = at++;
    while (at < end && !is_space(*at) && *at != '/' && *at != '>')
        at++;
    while (at && at < end && *at != '>') {
        if (is_space(*at) || *at == '/') {
            at++;
            continue;
        }
        at = attribute_read(at, end, vec_push(arena, &out->attributes));
    }
    if (!at || at == end)
        return false;
    out->whole = span_from(from, at + 1);
    return true;
}

/* ---- written */
void html_escape(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '&')
            buf_add(out, S("&amp;"));
        else if (c == '<')
            buf_add(out, S("&lt;"));
        else if (c == '>')
            buf_add(out, S("&gt;"));
        else if (c == '"')
            buf_add(out, S("&quot;"));
        else
            buf_byte(out, c < ' ' || c == 127 ? ' ' : (char)c);
    }
}

/* ---- the charset that a page names itself */
static void label_patch(struct arena *arena, const struct page_attribute *attribute, patches_t *out)
{
    struct span value = attribute->value;
    if (span_eq_case(attribute->name, S("charset"))) {
        if (value.len && !span_eq_case(span_trim(value), S("utf-8")))
            *vec_push(arena, out) = (struct patch){attribute->whole, S("\"utf-8\"")};
        return;
    }
    const char *label = span_find_case(value, S("charset"));
    if (!span_eq_case(attribute->name, S("content")) || !label)
        return;
    struct span rest = span_from(label + 7, value.at + value.len);
    while (rest.len && (is_space(rest.at[0]) || rest.at[0] == '=' || rest.at[0] == '\'' || rest.at[0] == '"'))
        rest = span_skip(rest, 1);
    size_t n = 0;
    while (n < rest.len && !is_space(rest.at[n]) && !span_find_byte(S(";,'\""), rest.at[n]))
        n++;
    if (n && !span_eq_case(span_first(rest, n), S("utf-8")))
        *vec_push(arena, out) = (struct patch){span_first(rest, n), S("utf-8")};
}

static bool tells_type(const struct page_tag *tag)
{
    bool named = false;
    vec_each(attribute, &tag->attributes) {
        named |= span_eq_case(attribute->name, S("charset"));
        named |= span_eq_case(attribute->name, S("http-equiv")) && span_eq_case(span_trim(attribute->value), S("content-type"));
    }
    return named;
}

void page_charset(struct arena *arena, struct span text, patches_t *out)
{
    struct page page;
    size_t raw;
    struct page_tag tag;
    if (!span_find_case(text, S("charset")))
        return;
    page_begin(arena, text, &page);
    for (const struct html_token *token; (token = page_next(&page, &raw))->kind != HTML_FINISHED;)
        if (token->kind == HTML_START && span_eq(token->text, S("meta")) && page_tag_read(arena, text, raw, &tag) && tells_type(&tag))
            vec_each(attribute, &tag.attributes)
                label_patch(arena, attribute, out);
}
