/* edit: the plan of all that is changed in one message, and the message with it. */
#include "action/edit_inner.h"

const char *edit_note_text(enum edit_note_id id, enum language language)
{
    static const char *const texts[EDIT_NOTE_COUNT][2] = {
#define NOTE(id, en, ja) {en, ja},
#include "action/edit_note.def"
#undef NOTE
    };
    return texts[id][language == LANGUAGE_JA];
}

void note_add(struct editing *at, enum edit_note_id id, struct span about)
{
    enum { NOTES_MOST = 100 };
    if (at->out->notes.len < NOTES_MOST)
        *vec_push(at->arena, &at->out->notes) = (struct edit_note){id, about};
}

/* A line of it that is not indented would begin a field of its own. */
static struct span value_folded(struct arena *arena, struct span value)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < value.len; i++) {
        bool ends = value.at[i] == '\n', folds = i + 1 < value.len && (value.at[i + 1] == ' ' || value.at[i + 1] == '\t');
        if (value.at[i] != '\r')
            buf_byte(&out, value.at[i]);
        if (ends && !folds)
            buf_byte(&out, '\t');
    }
    return buf_span(&out);
}

void header_edit_add(struct editing *at, enum header_act act, struct span name, uint32_t index, struct span value)
{
    *vec_push(at->arena, &at->out->headers) = (struct header_edit){act, name, index, value_folded(at->arena, value)};
}

/* ---- where a banner stands: in the first text that is shown, in each form that it is offered in */
typedef VEC(const struct part *) parts_t;

static const struct part *related_root(const struct part *part)
{
    struct span start = {0};
    vec_each(param, &part->params)
        if (span_eq(param->name, S("start")))
            start = span_trim(param->value);
    if (start.len > 1 && start.at[0] == '<')
        start = span_first(span_skip(start, 1), start.len - 2);
    const struct part *first = NULL;
    for (const struct part *child = part->first_child; child; child = child->next) {
        if (!child->reading && start.len && span_eq(child->content_id, start))
            return child;
        first = first || child->reading ? first : child;
    }
    return first;
}

static bool shown_find(struct arena *arena, const struct part *part, parts_t *out);

static bool children_find(struct arena *arena, const struct part *part, parts_t *out)
{
    bool all = span_eq(part->subtype, S("alternative")), found = false;
    for (const struct part *child = part->first_child; child && (all || !found); child = child->next)
        found |= !child->reading && shown_find(arena, child, out);
    return found;
}

static bool shown_find(struct arena *arena, const struct part *part, parts_t *out)
{
    if (part->kind == PART_MULTIPART && span_eq(part->subtype, S("related"))) {
        const struct part *root = related_root(part);
        return root && shown_find(arena, root, out);
    }
    if (part->kind == PART_MULTIPART)
        return children_find(arena, part, out);
    if (!part_is_text(part) || part_is_protected(part))
        return false;
    *vec_push(arena, out) = part;
    return true;
}

static bool has_part(const parts_t *parts, const struct part *part)
{
    vec_each(one, parts)
        if (*one == part)
            return true;
    return false;
}

/* ---- one text */
static const char *text_line_end(struct span text)
{
    const char *end = span_find_byte(text, '\n');
    return end && (end == text.at || end[-1] != '\r') ? "\n" : "\r\n";
}

static struct span plain_edited(struct editing *at, const struct part *part, bool bannered, bool *met)
{
    patches_t patches = {0};
    locks_plan(at, part, &patches, met);
    struct span text = patched(at->arena, part->text, &patches);
    if (!bannered)
        return text;
    struct buf out = {.arena = at->arena};
    buf_add(&out, banner_text(at->arena, at->wishes->banner, text_line_end(text)));
    buf_add(&out, banner_off_text(text));
    at->out->bannered = true;
    return buf_span(&out);
}

/* The page with locks and its label right, and with a banner or without. */
static struct span page_with(struct editing *at, const struct part *part, const patches_t *made, bool bannered)
{
    patches_t patches = {0};
    struct span old;
    vec_each(patch, made)
        *vec_push(at->arena, &patches) = *patch;
    if (bannered) {
        size_t place = banner_place(at->arena, part->text, &old);
        if (old.len)
            *vec_push(at->arena, &patches) = (struct patch){old, {0}};
        *vec_push(at->arena, &patches) = (struct patch){{part->text.at + place, 0}, banner_html(at->arena, at->wishes->banner)};
    }
    return patched(at->arena, part->text, &patches);
}

static bool is_seen(struct editing *at, struct span page, struct html_view *view)
{
    html_read(at->arena, page, at->limits->html_depth, at->limits->links, view);
    return at->wishes->banner && span_find(view->visible, banner_heading(at->wishes->banner));
}

static struct span page_edited(struct editing *at, const struct part *part, bool bannered, bool *met)
{
    patches_t patches = {0};
    struct html_view view;
    locks_plan(at, part, &patches, met);
    bool locked = patches.len > 0;
    page_charset(at->arena, part->text, &patches);
    if (!locked && !bannered)
        return part->text;
    struct span page = page_with(at, part, &patches, bannered);
    if (!is_seen(at, page, &view) && bannered)
        note_add(at, NOTE_HIDDEN, part_path(at->arena, part));
    at->out->bannered |= bannered;
    locks_check(at, part, &view, met);
    return page;
}

static void text_edit(struct editing *at, const struct part *part, bool bannered, bool *met)
{
    struct span text = part->html ? page_edited(at, part, bannered, met) : plain_edited(at, part, bannered, met);
    if (text.at != part->text.at && !span_eq(text, part->text))
        part_rewrite(at, part, text);
}

/* ---- the body */
static bool banner_is_wanted(struct editing *at, enum direction direction)
{
    if (!at->wishes->banner)
        return false;
    if (direction != DIRECTION_OUTBOUND && direction != DIRECTION_SUBMISSION)
        return true;
    note_add(at, NOTE_OUTBOUND, (struct span){0});
    return false;
}

/* What went with its file is as good as locked. */
static void locks_count(struct editing *at, const bool *met)
{
    for (size_t i = 0; i < at->wishes->locks.len; i++) {
        uint32_t number = at->wishes->locks.at[i].link;
        const struct link *link = number < at->message->links.len ? &at->message->links.at[number] : NULL;
        bool done = met[i] || (link && link->part && file_is_gone(at, link->part));
        at->out->locked += done;
        if (!done)
            note_add(at, NOTE_LINK_LEFT, link ? link->raw : (struct span){0});
    }
}

static void texts_edit(struct editing *at, bool bannered, bool *met)
{
    parts_t shown = {0};
    if (bannered)
        shown_find(at->arena, at->message->root, &shown);
    vec_each(leaf, &at->message->leaves) {
        const struct part *part = *leaf;
        bool told = has_part(&shown, part), locked = part_has_locks(at, part);
        if (part->reading || (!told && !locked) || !part_is_text(part) || file_is_gone(at, part) || !part_is_editable(at, part))
            continue;
        text_edit(at, part, told, met);
    }
    if (bannered && !at->out->bannered)
        note_add(at, NOTE_NO_TEXT, (struct span){0});
}

static void body_edit(struct editing *at, enum direction direction)
{
    const struct edit_wishes *wishes = at->wishes;
    bool bannered = banner_is_wanted(at, direction);
    bool *met = arena_alloc(at->arena, wishes->locks.len + 1);
    if (!bannered && !wishes->locks.len && !wishes->files.len)
        return;
    if (!body_is_sure(at->message)) {
        note_add(at, NOTE_AMBIGUOUS, (struct span){0});
        return;
    }
    locks_sort(at);
    files_edit(at);
    texts_edit(at, bannered, met);
    locks_count(at, met);
    at->out->body_changed = at->patches.len > 0;
    if (at->out->body_changed)
        at->out->body = patched(at->arena, at->message->body, &at->patches);
}

/* What is counted goes first, from the highest index down; what is added keeps its order behind it. */
static void turns_settle(struct edits *out)
{
    for (size_t i = 1; i < out->headers.len; i++) {
        struct header_edit edit = out->headers.at[i];
        size_t k = i;
        for (; k > 0 && edit.act <= HEADER_REMOVE; k--) {
            const struct header_edit *before = &out->headers.at[k - 1];
            if (before->act <= HEADER_REMOVE && before->index >= edit.index)
                break;
            out->headers.at[k] = *before;
        }
        out->headers.at[k] = edit;
    }
}

void edits_plan(struct arena *arena, const struct message_limits *limits, const struct message *message, enum direction direction,
                const struct edit_wishes *wishes, struct edits *out)
{
    struct editing at = {.arena = arena, .limits = limits, .message = message, .wishes = wishes, .out = out};
    const char *end = span_find_byte(message->raw, '\n');
    at.line_end = end && (end == message->raw.at || end[-1] != '\r') ? "\n" : "\r\n";
    *out = (struct edits){0};
    body_edit(&at, direction);
    headers_edit(&at);
    turns_settle(out);
}
