#include "message/html_reader.h"

static uint32_t digest_of(enum html_tag tag, struct span name)
{
    uint32_t h = 2166136261u;
    if (tag != TAG_OTHER)
        return 0;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.at[i]) * 16777619u;
    return h;
}

static bool is_heading(enum html_tag tag)
{
    return tag >= TAG_H1 && tag <= TAG_H6;
}

/* What stands in a table but in no cell of it is moved before the table (13.2.6.1, "foster parent"). */
const struct open_element *element_around(const struct html_reader *r, bool in_table)
{
    size_t i = r->open.len;
    if (!i)
        return NULL;
    if (in_table || !(html_tag_flags[r->open.at[i - 1].tag] & TABLE_PART))
        return &r->open.at[i - 1];
    while (i > 0 && (html_tag_flags[r->open.at[i - 1].tag] & TABLE_PART)) {
        bool table = r->open.at[--i].tag == TAG_TABLE;
        if (table)
            break;
    }
    return i ? &r->open.at[i - 1] : NULL;
}

void element_open(struct html_reader *r, enum html_tag tag, struct span name, const struct css *css, uint32_t link)
{
    if (r->open.len == r->depth) {
        r->beyond++;
        r->view->depth_passed = true;
        if (link)
            anchor_end(r, link);
        return;
    }
    const struct open_element *around = element_around(r, html_tag_flags[tag] & IN_TABLE);
    struct looks parent = around ? around->looks : looks_start;
    uint32_t anchor = around ? around->anchor : 0;
    struct open_element *element = vec_push(r->arena, &r->open);
    element->tag = tag;
    element->digest = digest_of(tag, name);
    element->link = link;
    element->anchor = link ? link : anchor;
    element->css.set = 0;
    if (css->set)
        element->css = *css;
    looks_of(&parent, css, &element->looks);
    r->count[tag]++;
    if (r->open.len > r->view->depth_met)
        r->view->depth_met = (unsigned)r->open.len;
}

static void element_drop(struct html_reader *r, struct open_element *element)
{
    r->count[element->tag]--;
    if (element->link)
        anchor_end(r, element->link);
    if (html_tag_flags[element->tag] & LINE) {
        text_gap(&r->visible, '\n');
        text_gap(&r->hidden, '\n');
        text_gap(&r->aside, '\n');
    }
}

void elements_close_to(struct html_reader *r, size_t length)
{
    while (r->open.len > length)
        element_drop(r, &r->open.at[--r->open.len]);
}

/* Takes out the element at `index`. Formatting opened inside it lives on (it is reconstructed, 13.2.4.3); after the end
 * tag of a formatting element, so does everything from the first block on (the adoption agency, 13.2.6.4.7). */
static void element_take_out(struct html_reader *r, size_t index)
{
    bool formatting = html_tag_flags[r->open.at[index].tag] & FORMATTING, block = false;
    element_drop(r, &r->open.at[index]);
    size_t kept = index;
    for (size_t i = index + 1; i < r->open.len; i++) {
        struct open_element *element = &r->open.at[i];
        block = block || (formatting && (html_tag_flags[element->tag] & SPECIAL));
        if (!block && !(html_tag_flags[element->tag] & FORMATTING)) {
            element_drop(r, element);
            continue;
        }
        struct open_element *to = &r->open.at[kept++];
        *to = *element;
        const struct looks *parent = kept > 1 ? &to[-1].looks : &looks_start;
        looks_of(parent, &to->css, &to->looks);
        to->anchor = to->link ? to->link : kept > 1 ? to[-1].anchor : 0;
    }
    r->open.len = kept;
}

/* Does the search for `tag`'s element end at this one? */
static bool search_ends(enum html_tag tag, enum html_tag at)
{
    unsigned flags = html_tag_flags[tag], wall = html_tag_flags[at];
    if (flags & FORMATTING)
        return wall & MARKER;
    if (flags & (TABLE_PART | IN_TABLE) && tag != TAG_FORM)
        return at == TAG_TABLE || at == TAG_TEMPLATE;
    if (tag == TAG_P)
        return (wall & SCOPE) || at == TAG_BUTTON;
    if (tag == TAG_LI)
        return (wall & SCOPE) || at == TAG_UL || at == TAG_OL;
    if (flags & SPECIAL)
        return wall & SCOPE;
    return wall & SPECIAL;
}

static bool element_find(const struct html_reader *r, enum html_tag tag, uint32_t digest, size_t *index)
{
    if (!is_heading(tag) && !r->count[tag])
        return false;
    for (size_t i = r->open.len; i > r->floor; i--) {
        const struct open_element *element = &r->open.at[i - 1];
        bool same = element->tag == tag ? element->digest == digest : is_heading(tag) && is_heading(element->tag);
        if (same) {
            *index = i - 1;
            return true;
        }
        if (search_ends(tag, element->tag))
            return false;
    }
    return false;
}

static bool tag_close(struct html_reader *r, enum html_tag tag, uint32_t digest)
{
    size_t index;
    if (!element_find(r, tag, digest, &index))
        return false;
    if (html_tag_flags[tag] & (MARKER | TABLE_PART))
        elements_close_to(r, index);
    else
        element_take_out(r, index);
    return true;
}

void element_close(struct html_reader *r, enum html_tag tag, struct span name)
{
    if (tag == TAG_BODY || tag == TAG_HTML) /* what follows them is still shown */
        return;
    if (r->beyond) {
        r->beyond--;
        return;
    }
    bool closed = tag_close(r, tag, digest_of(tag, name));
    if ((!closed && tag == TAG_P) || tag == TAG_BR) {
        text_gap(&r->visible, '\n');
        text_gap(&r->hidden, '\n');
    }
}

/* An open element of this tag, nearer than any wall, is closed. */
static void implied(struct html_reader *r, enum html_tag tag)
{
    if (r->count[tag])
        tag_close(r, tag, 0);
}

void element_implies(struct html_reader *r, enum html_tag tag)
{
    if (r->beyond)
        return;
    if (html_tag_flags[tag] & CLOSES_P)
        implied(r, TAG_P);
    if (is_heading(tag) && r->open.len > r->floor && is_heading(r->open.at[r->open.len - 1].tag))
        elements_close_to(r, r->open.len - 1);
    switch (tag) {
    case TAG_A: case TAG_NOBR: case TAG_LI: case TAG_BUTTON: case TAG_OPTION:
        implied(r, tag);
        break;
    case TAG_DD: case TAG_DT:
        implied(r, TAG_DD);
        implied(r, TAG_DT);
        break;
    case TAG_TD: case TAG_TH:
        implied(r, TAG_TD);
        implied(r, TAG_TH);
        break;
    case TAG_TR:
        implied(r, TAG_TR);
        break;
    case TAG_TBODY: case TAG_THEAD: case TAG_TFOOT:
        implied(r, TAG_TBODY);
        implied(r, TAG_THEAD);
        implied(r, TAG_TFOOT);
        break;
    default:
        break;
    }
}
