#include "message/html_reader.h"
#include "message/message.h"

enum { HIDES_IMAGES = HTML_HIDDEN_DISPLAY | HTML_HIDDEN_VISIBILITY | HTML_HIDDEN_OFF_SCREEN | HTML_HIDDEN_OPACITY |
                      HTML_HIDDEN_ATTRIBUTE | HTML_HIDDEN_CLIPPED,
       LINK_WORDS_MOST = 1000 /* anchors may stand in one another, and all hold the same text */ };

/* No character is cut in two. */
static struct span words_cut(struct span s)
{
    size_t n = s.len < LINK_WORDS_MOST ? s.len : LINK_WORDS_MOST;
    while (n < s.len && n > 0 && ((unsigned char)s.at[n] & 0xc0) == 0x80)
        n--;
    return span_trim(span_first(s, n));
}

uint32_t link_add(struct html_reader *r, enum html_tag tag, int kind, struct span raw, const struct looks *looks)
{
    struct html_view *view = r->view;
    if (view->links.len == r->links_most) {
        view->links_passed = true;
        return 0;
    }
    struct html_link *link = vec_push(r->arena, &view->links);
    *link = (struct html_link){.kind = kind, .raw = raw, .hidden = looks->bits & HIDES_IMAGES, .tag = r->tag};
    *vec_push(r->arena, &r->places) = (struct link_place){.state = PLACE_NONE};
    return (uint32_t)view->links.len;
}

/* ---- anchors and the words in them */
void anchor_begin(struct html_reader *r, uint32_t link)
{
    r->places.at[link - 1] = (struct link_place){.state = PLACE_OPEN, .visible_from = r->visible.buf.len,
                                                 .hidden_from = r->hidden.buf.len, .aside_from = r->aside.buf.len};
}

void anchor_end(struct html_reader *r, uint32_t link)
{
    struct link_place *place = &r->places.at[link - 1];
    place->state = PLACE_DONE;
    place->visible_to = r->visible.buf.len;
    place->hidden_to = r->hidden.buf.len;
    place->aside_to = r->aside.buf.len;
}

static void image_in_anchor(struct html_reader *r, struct span alt, bool hidden)
{
    const struct open_element *around = element_around(r, false);
    if (!around || !around->anchor)
        return;
    struct link_place *place = &r->places.at[around->anchor - 1];
    place->seen_image |= !hidden;
    if (!place->alt.len)
        place->alt = words_cut(alt);
}

static struct span words_at(struct html_reader *r, const struct text_out *text, size_t from, size_t to)
{
    if (from == to)
        return (struct span){0};
    struct span s = words_cut((struct span){text->buf.at + from, to - from});
    if (!span_find_byte(s, '\n'))
        return s;
    s = arena_copy(r->arena, s);
    for (char *at = (char *)s.at; (at = memchr(at, '\n', (size_t)(s.at + s.len - at)));)
        *at = ' ';
    return s;
}

void links_finish(struct html_reader *r)
{
    for (size_t i = 0; i < r->places.len; i++) {
        struct link_place *place = &r->places.at[i];
        struct html_link *link = &r->view->links.at[i];
        if (place->state == PLACE_NONE)
            continue;
        if (place->state == PLACE_OPEN)
            anchor_end(r, (uint32_t)i + 1);
        link->from = place->visible_from;
        link->to = place->visible_to;
        struct span seen = words_at(r, &r->visible, place->visible_from, place->visible_to);
        struct span unseen = words_at(r, &r->hidden, place->hidden_from, place->hidden_to);
        struct span aside = words_at(r, &r->aside, place->aside_from, place->aside_to);
        link->text = seen.len ? seen : place->alt.len ? place->alt : aside.len ? aside : unseen;
        link->image_only = !seen.len && place->seen_image;
        link->hidden = !seen.len && !place->seen_image && !aside.len && (unseen.len || link->hidden);
    }
}

/* ---- attributes */
static void add_if(struct html_reader *r, enum html_tag tag, int kind, const struct html_attrs *attrs, enum html_attr attr,
                   const struct looks *looks)
{
    if (attr_has(attrs, attr) && attrs->of[attr].len)
        link_add(r, tag, kind, attrs->of[attr], looks);
}

/* HTML 4.8.4.3.10 "parse a srcset attribute": addresses, each up to a blank, then descriptors up to a comma. */
static void srcset_links(struct html_reader *r, enum html_tag tag, struct span s, const struct looks *looks)
{
    while (s.len) {
        while (s.len && (ascii_is_space(s.at[0]) || s.at[0] == ','))
            s = span_skip(s, 1);
        size_t n = 0;
        while (n < s.len && !ascii_is_space(s.at[n]))
            n++;
        struct span url = span_first(s, n);
        bool over = url.len && url.at[url.len - 1] == ',';
        while (url.len && url.at[url.len - 1] == ',')
            url.len--;
        s = span_skip(s, n);
        for (bool inside = false; !over && s.len && (inside || s.at[0] != ','); s = span_skip(s, 1))
            inside = s.at[0] == '(' || (inside && s.at[0] != ')');
        if (url.len && !link_add(r, tag, LINK_IMAGE, url, looks))
            return;
    }
}

/* "5; url='https://...'" of a meta refresh. */
static struct span refresh_target(struct span content)
{
    const char *end = content.at + content.len, *at = content.at;
    while (at < end && *at != ';' && *at != ',')
        at++;
    struct span rest = span_trim(span_from(at + (at < end), end));
    if (span_starts_case(rest, S("url"))) {
        struct span after = span_trim(span_skip(rest, 3));
        if (after.len && after.at[0] == '=')
            rest = span_trim(span_skip(after, 1));
    }
    if (rest.len && (rest.at[0] == '"' || rest.at[0] == '\'')) {
        char quote = rest.at[0];
        rest = span_skip(rest, 1);
        const char *close = span_find_byte(rest, quote);
        rest = close ? span_from(rest.at, close) : rest;
    }
    return rest;
}

static void meta_links(struct html_reader *r, const struct html_attrs *attrs, const struct looks *looks)
{
    if (!attr_has(attrs, ATTR_HTTP_EQUIV) || !attr_has(attrs, ATTR_CONTENT))
        return;
    if (!span_eq_case(span_trim(attrs->of[ATTR_HTTP_EQUIV]), S("refresh")))
        return;
    struct span target = refresh_target(attrs->of[ATTR_CONTENT]);
    if (target.len)
        link_add(r, TAG_META, LINK_REFRESH, target, looks);
}

static void image_links(struct html_reader *r, enum html_tag tag, const struct html_attrs *attrs, const struct looks *looks)
{
    static const enum html_attr sources[] = {ATTR_SRC, ATTR_LOWSRC, ATTR_DYNSRC, ATTR_HREF, ATTR_XLINK_HREF};
    struct span alt = attr_has(attrs, ATTR_ALT) ? attrs->of[ATTR_ALT] : (struct span){0};
    bool hidden = looks->bits & HIDES_IMAGES;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        uint32_t link = 0;
        bool holds = i < 3 || tag == TAG_IMAGE; /* svg: <image href> */
        if (holds && attr_has(attrs, sources[i]) && attrs->of[sources[i]].len)
            link = link_add(r, tag, LINK_IMAGE, attrs->of[sources[i]], looks);
        if (link)
            r->view->links.at[link - 1].text = words_cut(alt);
    }
    if (attr_has(attrs, ATTR_SRCSET))
        srcset_links(r, tag, attrs->of[ATTR_SRCSET], looks);
    r->view->images++;
    image_in_anchor(r, alt, hidden);
}

static void input_links(struct html_reader *r, const struct html_attrs *attrs, const struct looks *looks)
{
    struct span type = attr_has(attrs, ATTR_TYPE) ? span_trim(attrs->of[ATTR_TYPE]) : (struct span){0};
    if (span_eq_case(type, S("image"))) {
        image_links(r, TAG_INPUT, attrs, looks);
    } else if (!span_eq_case(type, S("hidden"))) {
        r->view->inputs++;
        r->view->password_inputs += span_eq_case(type, S("password"));
    }
    bool button = span_eq_case(type, S("submit")) || span_eq_case(type, S("button"));
    if (button && attr_has(attrs, ATTR_VALUE)) {
        text_gap(&r->visible, ' ');
        if (!looks->bits)
            text_add(&r->visible, attrs->of[ATTR_VALUE], false);
        text_gap(&r->visible, ' ');
    }
    add_if(r, TAG_INPUT, LINK_FORM, attrs, ATTR_FORMACTION, looks);
}

static void base_link(struct html_reader *r, const struct html_attrs *attrs, const struct looks *looks)
{
    if (!attr_has(attrs, ATTR_HREF))
        return;
    if (!r->view->base.len && !r->nested)
        r->view->base = attrs->of[ATTR_HREF];
    link_add(r, TAG_BASE, LINK_BASE, attrs->of[ATTR_HREF], looks);
}

/* Elements of other vocabularies: VML buttons (v:roundrect href), svg images and anchors. */
static void foreign_links(struct html_reader *r, const struct html_attrs *attrs, const struct looks *looks)
{
    add_if(r, TAG_OTHER, LINK_IMAGE, attrs, ATTR_SRC, looks);
    add_if(r, TAG_OTHER, LINK_IMAGE, attrs, ATTR_XLINK_HREF, looks);
}

void css_links(struct html_reader *r, struct span css, const struct looks *looks)
{
    struct span url;
    while (css_url_next(&css, &url))
        if (url.len && !link_add(r, TAG_STYLE, LINK_CSS, url, looks))
            return;
}

void css_imports(struct html_reader *r, struct span css, const struct looks *looks)
{
    struct span url;
    while (css_import_next(&css, &url))
        if (url.len && !link_add(r, TAG_STYLE, LINK_CSS, url, looks))
            return;
}

static void other_links(struct html_reader *r, enum html_tag tag, const struct html_attrs *attrs, const struct looks *looks)
{
    switch (tag) {
    case TAG_IMG: case TAG_IMAGE:
        image_links(r, tag, attrs, looks);
        break;
    case TAG_INPUT:
        input_links(r, attrs, looks);
        break;
    case TAG_META:
        meta_links(r, attrs, looks);
        break;
    case TAG_BASE:
        base_link(r, attrs, looks);
        break;
    case TAG_IFRAME: case TAG_FRAME: case TAG_EMBED:
        r->view->iframes += tag == TAG_IFRAME;
        add_if(r, tag, LINK_FRAME, attrs, ATTR_SRC, looks);
        break;
    case TAG_OBJECT: case TAG_APPLET:
        add_if(r, tag, LINK_FRAME, attrs, tag == TAG_OBJECT ? ATTR_DATA : ATTR_CODE, looks);
        break;
    case TAG_SCRIPT:
        r->view->scripts++;
        add_if(r, tag, LINK_SCRIPT, attrs, ATTR_SRC, looks);
        add_if(r, tag, LINK_SCRIPT, attrs, ATTR_HREF, looks); /* svg */
        add_if(r, tag, LINK_SCRIPT, attrs, ATTR_XLINK_HREF, looks);
        break;
    case TAG_FORM:
        r->view->forms++;
        add_if(r, tag, LINK_FORM, attrs, ATTR_ACTION, looks);
        break;
    case TAG_BUTTON:
        add_if(r, tag, LINK_FORM, attrs, ATTR_FORMACTION, looks);
        break;
    case TAG_LINK:
        add_if(r, tag, LINK_OTHER, attrs, ATTR_HREF, looks);
        break;
    case TAG_SOURCE: case TAG_VIDEO: case TAG_BGSOUND: case TAG_TRACK:
        add_if(r, tag, LINK_IMAGE, attrs, ATTR_SRC, looks);
        add_if(r, tag, LINK_IMAGE, attrs, ATTR_POSTER, looks);
        if (attr_has(attrs, ATTR_SRCSET))
            srcset_links(r, tag, attrs->of[ATTR_SRCSET], looks);
        break;
    default:
        if (tag == TAG_OTHER)
            foreign_links(r, attrs, looks);
    }
}

uint32_t element_links(struct html_reader *r, enum html_tag tag, const struct html_attrs *attrs, const struct looks *looks)
{
    static const uint32_t bearers = 1u << ATTR_HREF | 1u << ATTR_XLINK_HREF | 1u << ATTR_SRC | 1u << ATTR_BACKGROUND | 1u << ATTR_PING;
    uint32_t anchor = 0;
    if (tag == TAG_AREA || tag == TAG_A || tag == TAG_OTHER) {
        enum html_attr attr = attr_has(attrs, ATTR_HREF) ? ATTR_HREF : ATTR_XLINK_HREF;
        bool taken = attr_has(attrs, attr) && (tag != TAG_OTHER || attr == ATTR_HREF);
        if (taken)
            anchor = link_add(r, tag, tag == TAG_AREA ? LINK_AREA : LINK_ANCHOR, attrs->of[attr], looks);
        if (anchor && tag == TAG_AREA)
            r->view->links.at[anchor - 1].text = attr_has(attrs, ATTR_ALT) ? words_cut(attrs->of[ATTR_ALT]) : (struct span){0};
        add_if(r, tag, LINK_OTHER, attrs, ATTR_PING, looks);
    }
    if (tag != TAG_A && tag != TAG_AREA && (tag != TAG_OTHER || (attrs->present & bearers)))
        other_links(r, tag, attrs, looks);
    add_if(r, tag, LINK_IMAGE, attrs, ATTR_BACKGROUND, looks);
    if (attr_has(attrs, ATTR_STYLE) && span_find_byte(attrs->of[ATTR_STYLE], '('))
        css_links(r, attrs->of[ATTR_STYLE], looks);
    return tag == TAG_AREA ? 0 : anchor;
}
