#include "message/link.h"

#include "message/html.h"
#include "message/link_scan.h"
#include "message/reader.h"
#include "message/url.h"

/* The links of all leaves, each once: by kind, words and part. */
struct collector {
    struct arena *arena;
    const struct message_limits *limits;
    struct message *message;
    uint32_t *slots; /* index into links, plus one */
    size_t slot_count;
    const struct part *part; /* the one at hand */
    const struct url *base;
    bool hidden, full;
};

const char *link_kind_name(enum link_kind kind)
{
    static const char *const names[] = {[LINK_ANCHOR] = "anchor", [LINK_AREA] = "area", [LINK_FORM] = "form", [LINK_IMAGE] = "image",
        [LINK_BASE] = "base", [LINK_REFRESH] = "refresh", [LINK_CSS] = "css", [LINK_TEXT] = "text", [LINK_FRAME] = "frame",
        [LINK_SCRIPT] = "script", [LINK_OTHER] = "other"};
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "other";
}

static uint32_t bytes_digest(uint32_t h, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.at[i]) * 16777619u;
    return h;
}

static uint32_t link_digest(const struct link *link)
{
    uint32_t h = bytes_digest(bytes_digest(2166136261u ^ (uint32_t)link->kind, link->raw), link->text);
    return h ^ h >> 15;
}

static bool link_same(const struct link *a, const struct link *b)
{
    return a->kind == b->kind && a->part == b->part && a->hidden == b->hidden && span_eq(a->raw, b->raw) && span_eq(a->text, b->text);
}

static uint32_t *slot_of(const struct collector *c, const struct link *link)
{
    for (size_t h = link_digest(link) & (c->slot_count - 1);; h = (h + 1) & (c->slot_count - 1)) {
        uint32_t *slot = &c->slots[h];
        if (!*slot || link_same(&c->message->links.at[*slot - 1], link))
            return slot;
    }
}

static void slots_grow(struct collector *c)
{
    if ((c->message->links.len + 1) * 2 <= c->slot_count)
        return;
    c->slot_count = c->slot_count ? c->slot_count * 2 : 64;
    c->slots = arena_alloc(c->arena, c->slot_count * sizeof *c->slots);
    for (size_t i = 0; i < c->message->links.len; i++)
        *slot_of(c, &c->message->links.at[i]) = (uint32_t)i + 1;
}

/* An address without a scheme in an anchor ("www.example.com", "//example.com/x") is opened by mail programs although a
 * browser would take it for a file of the page. */
static bool url_of_link(const struct collector *c, const struct link *link, struct url *url)
{
    if (link->kind == LINK_TEXT)
        return url_parse_text(c->arena, link->raw, url);
    if (url_parse(c->arena, link->raw, c->base, url))
        return true;
    struct span raw = span_trim(link->raw);
    bool host = span_starts_case(raw, S("www.")) || span_starts(raw, S("//")) || span_starts(raw, S("\\\\"));
    return host && url_parse_text(c->arena, raw, url);
}

static void limit_met(struct collector *c)
{
    if (c->full)
        return;
    c->full = true;
    defect_keep(c->arena, c->limits, c->message, (struct defect){.id = DEFECT_LINKS_LIMIT, .offset = SIZE_MAX});
}

static void link_take(struct collector *c, const struct link *found)
{
    struct message *message = c->message;
    slots_grow(c);
    uint32_t *slot = slot_of(c, found);
    if (*slot)
        return;
    if (message->links.len == c->limits->links) {
        limit_met(c);
        return;
    }
    struct link *link = vec_push(c->arena, &message->links);
    *link = *found;
    *slot = (uint32_t)message->links.len;
    struct url url;
    if (!url_of_link(c, link, &url))
        return;
    struct url *kept = arena_one(c->arena, struct url);
    *kept = url;
    link->url = kept;
}

static void text_link(void *context, struct span raw)
{
    struct collector *c = context;
    link_take(c, &(struct link){.kind = LINK_TEXT, .raw = raw, .hidden = c->hidden, .part = c->part});
}

static void text_links(struct collector *c, struct span text, bool hidden)
{
    c->hidden = hidden;
    if (!c->full)
        text_scan(c->arena, text, text_link, c);
}

/* Words under an anchor are no links of their own: what stands between the anchors is looked through. */
static void view_text_links(struct collector *c, const struct html_view *view)
{
    size_t at = 0;
    vec_each(link, &view->links) {
        if (link->from >= link->to || link->to <= at)
            continue;
        if (link->from > at)
            text_links(c, (struct span){view->visible.at + at, link->from - at}, false);
        at = link->to;
    }
    text_links(c, span_skip(view->visible, at), false);
    text_links(c, view->hidden, true);
}

static void view_links(struct collector *c, const struct html_view *view)
{
    struct url base;
    if (view->base.len && url_parse(c->arena, view->base, NULL, &base))
        c->base = &base;
    vec_each(link, &view->links)
        link_take(c, &(struct link){.kind = (enum link_kind)link->kind, .raw = link->raw, .text = link->text, .hidden = link->hidden,
                                   .image_only = link->image_only, .part = c->part});
    c->base = NULL;
    if (view->links_passed)
        limit_met(c);
    view_text_links(c, view);
}

static bool param_is(const struct part *part, struct span name, struct span value)
{
    vec_each(param, &part->params)
        if (span_eq(param->name, name))
            return span_eq_case(param->value, value);
    return false;
}

static void leaf_links(struct collector *c, const struct part *part)
{
    c->part = part;
    if (part->html)
        view_links(c, part->html);
    else if (part->kind == PART_CALENDAR)
        text_links(c, calendar_unfold(c->arena, part->text), false);
    else if (param_is(part, S("format"), S("flowed")) && param_is(part, S("delsp"), S("yes")))
        text_links(c, text_unflow(c->arena, part->text), false);
    else
        text_links(c, part->text, false);
}

void links_collect(struct arena *arena, const struct message_limits *limits, struct message *message)
{
    struct collector c = {.arena = arena, .limits = limits, .message = message};
    for (size_t i = 0; i < message->leaves.len; i++)
        leaf_links(&c, message->leaves.at[i]);
}
