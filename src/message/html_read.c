#include "message/html_reader.h"

enum { SRCDOC_MOST = 4 }; /* pages in pages in pages */

static const struct looks *looks_here(const struct html_reader *r, bool in_table)
{
    const struct open_element *around = element_around(r, in_table);
    return around ? &around->looks : &looks_start;
}

static void gap_all(struct html_reader *r, char gap)
{
    text_gap(&r->visible, gap);
    text_gap(&r->hidden, gap);
    text_gap(&r->aside, gap);
}

/* ---- what an element declares by its attributes, the rules and its style */
static int32_t font_of_size(struct span size)
{
    static const int32_t sizes[] = {100, 130, 160, 180, 240, 320, 480};
    int base = 0, sign = 1, value = 0;
    size = span_trim(size);
    if (size.len && (size.at[0] == '+' || size.at[0] == '-')) {
        base = 3;
        sign = size.at[0] == '-' ? -1 : 1;
        size = span_skip(size, 1);
    }
    if (!size.len || !ascii_is_digit(size.at[0]))
        return 0;
    for (size_t i = 0; i < size.len && i < 3 && ascii_is_digit(size.at[i]); i++)
        value = value * 10 + size.at[i] - '0';
    value = base + sign * value;
    value = value < 1 ? 1 : value > 7 ? 7 : value;
    return sizes[value - 1];
}

static void attribute_colour(struct css *css, const struct html_attrs *attrs, enum html_attr attr, enum css_property property)
{
    int32_t colour;
    if (attr_has(attrs, attr) && colour_parse(attrs->of[attr], false, &colour))
        css_set(css, property, colour, false);
}

static void hints(enum html_tag tag, const struct html_attrs *attrs, struct css *css)
{
    static const uint32_t hinting = 1u << ATTR_BGCOLOR | 1u << ATTR_COLOR | 1u << ATTR_TEXT | 1u << ATTR_SIZE |
                                    1u << ATTR_BACKGROUND | 1u << ATTR_HIDDEN | 1u << ATTR_HREF;
    if (html_tag_flags[tag] & PRE)
        css_set(css, CSS_PRE, 1, false);
    if (tag == TAG_TEMPLATE)
        css_set(css, CSS_DISPLAY_NONE, 1, true);
    if (!(attrs->present & hinting))
        return;
    if (tag == TAG_A && attr_has(attrs, ATTR_HREF))
        css_set(css, CSS_COLOUR, 0x0000ee, false); /* what browsers give a link that has no colour */
    attribute_colour(css, attrs, ATTR_BGCOLOR, CSS_BACKGROUND);
    if (tag == TAG_BODY)
        attribute_colour(css, attrs, ATTR_TEXT, CSS_COLOUR);
    if (tag == TAG_FONT) {
        attribute_colour(css, attrs, ATTR_COLOR, CSS_COLOUR);
        int32_t size = attr_has(attrs, ATTR_SIZE) ? font_of_size(attrs->of[ATTR_SIZE]) : 0;
        if (size)
            css_set(css, CSS_FONT, size, false);
    }
    if (attr_has(attrs, ATTR_BACKGROUND) && attrs->of[ATTR_BACKGROUND].len)
        css_set(css, CSS_IMAGE, 1, false);
    if (attr_has(attrs, ATTR_HIDDEN))
        css_set(css, CSS_ATTRIBUTE, 1, false);
}

static size_t style_digest(struct span text, unsigned bits)
{
    uint64_t head = 0, tail = 0;
    if (text.len >= 8) {
        memcpy(&head, text.at, 8);
        memcpy(&tail, text.at + text.len - 8, 8);
    }
    return (size_t)((head * 31 + tail + text.len) * 0x9e3779b97f4a7c15u >> (64 - bits));
}

static void style_declared(struct html_reader *r, struct span text, struct css *css)
{
    if (!r->styles)
        r->styles = arena_alloc(r->arena, sizeof *r->styles << r->styles_bits);
    struct style_seen *seen = &r->styles[style_digest(text, r->styles_bits)];
    if (!span_eq(seen->text, text)) {
        seen->text = text;
        seen->css.set = seen->css.important = 0;
        css_declarations(r->arena, text, &seen->css);
    }
    css_merge(css, &seen->css);
}

/* Elements that stand before the style elements of an ordinary page; no rule of theirs hides anything. */
static bool before_styles(enum html_tag tag)
{
    return tag == TAG_HTML || tag == TAG_HEAD || tag == TAG_META || tag == TAG_TITLE || tag == TAG_LINK || tag == TAG_BASE ||
           tag == TAG_STYLE || tag == TAG_SCRIPT;
}

static void declared(struct html_reader *r, enum html_tag tag, const struct html_attrs *attrs, struct css *css)
{
    css->set = css->important = 0;
    hints(tag, attrs, css);
    struct span classes = attr_has(attrs, ATTR_CLASS) ? attrs->of[ATTR_CLASS] : (struct span){0};
    struct span id = attr_has(attrs, ATTR_ID) ? attrs->of[ATTR_ID] : (struct span){0};
    if (!r->nested && (!before_styles(tag) || classes.len || id.len))
        css_sheet_apply(r->sheet, tag, classes, id, css);
    if (attr_has(attrs, ATTR_STYLE))
        style_declared(r, attrs->of[ATTR_STYLE], css);
}

/* ---- elements whose content is not markup */
static bool raw_state(enum html_tag tag, enum html_state *state)
{
    switch (tag) {
    case TAG_TITLE: case TAG_TEXTAREA:
        *state = HTML_RCDATA;
        return true;
    case TAG_STYLE: case TAG_XMP: case TAG_IFRAME: case TAG_NOEMBED: case TAG_NOFRAMES:
        *state = HTML_RAWTEXT;
        return true;
    case TAG_SCRIPT:
        *state = HTML_SCRIPT_DATA;
        return true;
    case TAG_PLAINTEXT:
        *state = HTML_PLAINTEXT;
        return true;
    default:
        return false;
    }
}

static bool in_foreign(const struct html_reader *r)
{
    return (r->count[TAG_SVG] || r->count[TAG_MATH]) && !r->count[TAG_FOREIGNOBJECT];
}

/* The whole of it is one token. */
static void style_read(struct html_reader *r, struct span text)
{
    css_links(r, text, looks_here(r, false));
    css_imports(r, text, looks_here(r, false));
    if (!r->rules_kept && !r->outer_at && !r->nested)
        css_sheet_add(r->sheet, text);
}

/* ---- tokens */
static bool stays_out(const struct html_reader *r, enum html_tag tag)
{
    return tag == TAG_HEAD || ((tag == TAG_HTML || tag == TAG_BODY) && r->count[tag]);
}

static void tokens_read(struct html_reader *r);

/* The page inside an <iframe srcdoc>: seen where the frame stands, with rules of its own, which are not looked at. The
 * frame's words and links are the page's around it. */
static void srcdoc_read(struct html_reader *r, struct span page, const struct css *css)
{
    if (r->nested == SRCDOC_MOST) {
        r->view->depth_passed = true;
        return;
    }
    struct html_tokenizer *t = r->tokenizer, outer = *t;
    size_t open = r->open.len, floor = r->floor, beyond = r->beyond;
    element_open(r, TAG_IFRAME, S("iframe"), css, 0);
    r->floor = r->open.len;
    r->nested++;
    t->at = page.at;
    t->end = page.at + page.len;
    t->markup = NULL;
    t->state = HTML_DATA;
    t->last_start = (struct span){0};
    tokens_read(r);
    r->nested--;
    elements_close_to(r, open);
    r->floor = floor;
    r->beyond = beyond;
    r->raw = TAG_OTHER;
    t->at = outer.at;
    t->end = outer.end;
    t->markup = outer.markup;
    t->state = outer.state;
    t->last_start = outer.last_start;
    t->foreign = outer.foreign;
}

static void start_read(struct html_reader *r, const struct html_token *token)
{
    struct html_attrs attrs;
    struct css css;
    struct looks looks;
    enum html_state state;
    enum html_tag tag = html_tag_of(token->text);
    unsigned flags = html_tag_flags[tag];
    bool foreign = in_foreign(r);
    html_attrs_read(token, &attrs);
    r->view->links_passed |= token->attributes_cut;
    if (!foreign)
        element_implies(r, tag);
    declared(r, tag, &attrs, &css);
    looks_of(looks_here(r, flags & IN_TABLE), &css, &looks);
    if (tag == TAG_BR || (flags & LINE))
        gap_all(r, '\n');
    else if (tag == TAG_TD || tag == TAG_TH)
        gap_all(r, ' ');
    r->tag = r->nested || token->offset >= r->input_len ? SIZE_MAX : token->offset; /* a page in an attribute is elsewhere */
    uint32_t anchor = element_links(r, tag, &attrs, &looks);
    r->tag = SIZE_MAX;
    struct span name = token->text;
    if (tag == TAG_IFRAME && !foreign && attr_has(&attrs, ATTR_SRCDOC)) {
        srcdoc_read(r, attrs.of[ATTR_SRCDOC], &css);
    }
    if ((flags & VOID) || stays_out(r, tag) || (foreign && token->self_closing))
        return;
    if (!foreign && raw_state(tag, &state)) {
        html_tokenizer_state(r->tokenizer, state, name);
        r->raw = tag;
    }
    if (r->raw && tag != TAG_TEXTAREA && tag != TAG_XMP && tag != TAG_PLAINTEXT)
        return;
    if (tag == TAG_OTHER && token->self_closing && span_find_byte(token->text, ':')) /* VML and Office in conditional comments */
        return;
    if (anchor)
        anchor_begin(r, anchor);
    element_open(r, tag, token->text, &css, anchor);
    html_tokenizer_foreign(r->tokenizer, in_foreign(r));
}

static void end_read(struct html_reader *r, const struct html_token *token)
{
    enum html_tag tag = html_tag_of(token->text);
    enum html_tag raw = r->raw;
    r->raw = TAG_OTHER;
    if (raw && raw != TAG_TEXTAREA && raw != TAG_XMP)
        return;
    element_close(r, tag, token->text);
    html_tokenizer_foreign(r->tokenizer, in_foreign(r));
}

static void text_read(struct html_reader *r, struct span text)
{
    if (r->raw == TAG_STYLE) {
        style_read(r, text);
        return;
    }
    if (r->raw == TAG_TITLE) {
        text_add(&r->title, text, false);
        return;
    }
    if (r->raw && r->raw != TAG_TEXTAREA && r->raw != TAG_XMP && r->raw != TAG_PLAINTEXT)
        return;
    const struct looks *looks = looks_here(r, false);
    if (r->outer_at) {
        text_add(&r->aside, text, looks->pre);
    } else if (!looks->bits) {
        text_add(&r->visible, text, looks->pre);
    } else {
        r->view->hidden_by |= text_add(&r->hidden, text, looks->pre) ? looks->bits : 0;
    }
}

/* ---- conditional comments: "<!--[if mso]> ... <![endif]-->" is markup to Outlook */
static void conditional_begin(struct html_reader *r, struct span comment)
{
    struct span s = span_trim(comment);
    const char *end = span_starts_case(s, S("[if")) ? span_find(s, S("]>")) : NULL;
    if (!end || r->outer_at || r->nested)
        return;
    struct span condition = span_from(s.at, end);
    bool office = span_find_case(condition, S("mso")) || span_find_case(condition, S("vml"));
    if (!office || span_find_byte(condition, '!'))
        return;
    struct html_tokenizer *t = r->tokenizer;
    r->outer_at = t->at;
    r->outer_end = t->end;
    r->outer_floor = r->floor;
    r->outer_beyond = r->beyond;
    r->floor = r->open.len;
    t->at = end + 2;
    t->end = s.at + s.len;
    t->markup = NULL;
}

static void conditional_end(struct html_reader *r)
{
    struct html_tokenizer *t = r->tokenizer;
    r->raw = TAG_OTHER;
    t->state = HTML_DATA;
    t->at = r->outer_at;
    t->end = r->outer_end;
    t->markup = NULL;
    elements_close_to(r, r->floor);
    r->floor = r->outer_floor;
    r->beyond = r->outer_beyond;
    r->outer_at = NULL;
}

static void tokens_read(struct html_reader *r)
{
    for (;;) {
        const struct html_token *token = html_next(r->tokenizer);
        switch (token->kind) {
        case HTML_TEXT:
            text_read(r, token->text);
            break;
        case HTML_START:
            start_read(r, token);
            break;
        case HTML_END:
            end_read(r, token);
            break;
        case HTML_COMMENT:
            conditional_begin(r, token->text);
            break;
        case HTML_DOCTYPE:
            break;
        case HTML_FINISHED:
            if (!r->outer_at || r->nested)
                return;
            conditional_end(r);
        }
    }
}

static void pass(struct html_reader *r, struct span utf8)
{
    struct text_out *outs[] = {&r->visible, &r->hidden, &r->aside, &r->title};
    struct html_view *view = r->view;
    for (size_t i = 0; i < sizeof outs / sizeof *outs; i++) {
        outs[i]->buf.len = 0;
        outs[i]->gap = '\0';
        outs[i]->buf.arena = r->arena;
    }
    r->open.len = r->places.len = view->links.len = 0;
    r->floor = r->beyond = 0;
    r->raw = TAG_OTHER;
    memset(r->count, 0, sizeof r->count);
    r->tokenizer = html_tokenizer_new(r->arena, utf8);
    r->tag = SIZE_MAX;
    r->input_len = (size_t)(r->tokenizer->end - r->tokenizer->start);
    tokens_read(r);
}

void html_read(struct arena *arena, struct span utf8, size_t depth, size_t links, struct html_view *out)
{
    struct html_reader *r = arena_one(arena, struct html_reader);
    *out = (struct html_view){0};
    r->arena = arena;
    r->view = out;
    r->depth = depth ? depth : 1;
    r->links_most = links;
    r->sheet = css_sheet_new(arena);
    r->styles_bits = 1;
    while (r->styles_bits < STYLES_BITS && utf8.len >> r->styles_bits > STYLES_EVERY)
        r->styles_bits++;
    pass(r, utf8);
    if (css_sheet_late(r->sheet)) { /* rules hold for what stands before them as well: read once more, knowing them all */
        r->rules_kept = true;
        *out = (struct html_view){.links = {.at = out->links.at, .cap = out->links.cap}};
        pass(r, utf8);
    }
    links_finish(r);
    out->visible = buf_span(&r->visible.buf);
    out->hidden = buf_span(&r->hidden.buf);
    out->outlook = buf_span(&r->aside.buf);
    out->title = buf_span(&r->title.buf);
}
