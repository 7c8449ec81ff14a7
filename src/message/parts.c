/* The tree of parts, RFC 2046, and for every part that programs would read in different ways its other readings. */
#include "message/views.h"

enum { SMALL = 64 << 10 }; /* bytes that may always be gone through again: small messages are cheap */

static void entity_open(struct reader *reader, struct part *parent, struct span entity);

static struct part *part_new(struct reader *reader, struct part *parent, const char *at)
{
    struct message *message = reader->out;
    if (message->part_count >= reader->limits->parts) {
        defect_add_once(reader, DEFECT_PARTS_LIMIT, at, (struct span){0});
        return NULL;
    }
    message->part_count++;
    struct part *part = arena_one(reader->arena, struct part);
    part->parent = parent;
    part->depth = parent ? parent->depth + 1 : 0;
    part->reading = reader->reading;
    part->reading_of = reader->reading_of;
    struct part **link = parent ? &parent->first_child : &message->root;
    while (*link)
        link = &(*link)->next;
    *link = part;
    return part;
}

/* ---- other readings */
static bool reading_start(struct reader *reader, struct span why, struct span body)
{
    size_t most = reader->limits->decoded_times * reader->out->raw.len + SMALL;
    if (reader->out->readings >= reader->limits->readings || body.len > most || reader->again > most - body.len) {
        defect_add_once(reader, DEFECT_READINGS_LIMIT, body.at, why);
        return false;
    }
    reader->again += body.len;
    reader->reading = ++reader->out->readings;
    reader->reading_of = why;
    return true;
}

static void reading_end(struct reader *reader)
{
    reader->reading = 0;
    reader->reading_of = (struct span){0};
}

static struct span type_default(const struct part *part)
{
    bool digest = part->parent && span_eq(part->parent->type, S("multipart")) && span_eq(part->parent->subtype, S("digest"));
    return digest ? S("message/rfc822") : S("text/plain");
}

/* "multipart" and "multipart/" name no kind of multipart: programs cut them into parts all the same. */
static void type_set(struct part *part, struct span type)
{
    if (span_eq(type, S("multipart")) || span_eq(type, S("multipart/")))
        type = S("multipart/mixed");
    if (!type_is_sound(type))
        type = type_default(part);
    const char *slash = span_find_byte(type, '/');
    part->type = span_from(type.at, slash);
    part->subtype = span_from(slash + 1, type.at + type.len);
}

/* ---- multiparts */
enum delimiter { DELIMITER_NONE, DELIMITER_NEXT, DELIMITER_CLOSE, DELIMITER_MORE };

/* line begins with "--" */
static enum delimiter delimiter_of(struct span line, struct span boundary)
{
    struct span rest = span_skip(line, 2);
    if (!span_starts(rest, boundary))
        return DELIMITER_NONE;
    rest = span_skip(rest, boundary.len);
    bool close = span_starts(rest, S("--"));
    if (!span_trim(close ? span_skip(rest, 2) : rest).len)
        return close ? DELIMITER_CLOSE : DELIMITER_NEXT;
    return DELIMITER_MORE;
}

struct cut {
    VEC(struct span) parts;
    struct span preamble, epilogue;
    bool found, closed;
    const char *more;       /* the first line that begins with the boundary and goes on */
    struct span more_line;
    const char *after;      /* the first delimiter behind the closing one */
};

/* The line end before a delimiter belongs to it (RFC 2046 5.1.1). */
static struct span until_line(const char *from, const char *line)
{
    if (line > from && line[-1] == '\n')
        line--;
    if (line > from && line[-1] == '\r')
        line--;
    return span_from(from, line);
}

static void parts_cut(struct reader *reader, struct span body, struct span boundary, unsigned mode, struct cut *cut)
{
    const char *end = body.at + body.len, *next, *open = NULL;
    *cut = (struct cut){.preamble = body};
    for (const char *at = body.at; at < end; at = next) {
        const char *stop = line_end(reader->cr_ends, at, end, &next);
        if (stop - at < 2 || at[0] != '-' || at[1] != '-')
            continue;
        enum delimiter kind = delimiter_of(span_from(at, stop), boundary);
        if (kind == DELIMITER_MORE && !cut->more) {
            cut->more = at;
            cut->more_line = span_from(at + 2, stop);
        }
        if (kind == DELIMITER_MORE && mode & CUT_PREFIX)
            kind = DELIMITER_NEXT;
        if (kind == DELIMITER_NONE || kind == DELIMITER_MORE)
            continue;
        if (cut->closed && !(mode & CUT_ON)) {
            cut->after = cut->after ? cut->after : at;
            break;
        }
        if (!cut->found)
            cut->preamble = until_line(body.at, at);
        cut->found = true;
        if (open && cut->parts.len <= reader->limits->parts)
            *vec_push(reader->arena, &cut->parts) = until_line(open, at);
        open = kind == DELIMITER_NEXT ? next : NULL;
        cut->closed = kind == DELIMITER_CLOSE;
        cut->epilogue = span_from(next, end);
    }
    if (open)
        *vec_push(reader->arena, &cut->parts) = span_from(open, end);
    if (!cut->closed)
        cut->epilogue = (struct span){0};
}

static bool is_content_line(const char *at, const char *stop)
{
    struct span line = span_from(at, stop);
    return span_starts_case(line, S("content-type")) || span_starts_case(line, S("content-transfer-encoding")) ||
           span_starts_case(line, S("content-disposition"));
}

/* Looks for a part in bytes that most programs do not read: a "--x" line with a Content- field behind it names a
 * boundary; such a field alone begins an entity. */
static bool hidden_find(struct reader *reader, struct span region, struct span *boundary, const char **entity)
{
    const char *end = region.at + region.len, *next;
    struct span dashes = {0};
    *boundary = (struct span){0};
    *entity = NULL;
    for (const char *at = region.at; at < end; at = next) {
        const char *stop = line_end(reader->cr_ends, at, end, &next);
        if (is_content_line(at, stop)) {
            *entity = at;
            *boundary = dashes;
            return true;
        }
        dashes = stop - at > 2 && at[0] == '-' && at[1] == '-' ? span_trim(span_from(at + 2, stop)) : (struct span){0};
    }
    return false;
}

static void hidden_read(struct reader *reader, struct part *part, struct span region, struct span why, enum defect_id id)
{
    struct span boundary;
    const char *entity;
    if (reader->reading || !span_trim(region).len)
        return;
    bool hidden = hidden_find(reader, region, &boundary, &entity);
    if (hidden)
        defect_add(reader, id, entity, span_first(span_from(entity, region.at + region.len), 60));
    else if (!span_find(region, S("://")) && !span_find_case(region, S("www.")))
        return;
    if (!reading_start(reader, why, region))
        return;
    struct cut cut = {0};
    if (hidden && boundary.len)
        parts_cut(reader, region, boundary, CUT_ON, &cut);
    for (size_t i = 0; i < cut.parts.len; i++)
        entity_open(reader, part, cut.parts.at[i]);
    if (!cut.parts.len)
        entity_open(reader, part, hidden ? span_from(entity, region.at + region.len) : region);
    reading_end(reader);
}

static bool tree_has_boundary(const struct part *part, struct span line)
{
    const struct part *at = part->first_child;
    while (at && at != part) {
        struct span b = at->boundary;
        if (b.len && span_starts(line, b) && (!span_trim(span_skip(line, b.len)).len || span_eq(span_trim(span_skip(line, b.len)), S("--"))))
            return true;
        if (at->first_child) {
            at = at->first_child;
            continue;
        }
        while (at != part && !at->next)
            at = at->parent;
        at = at == part ? part : at->next;
    }
    return false;
}

/* What a multipart without a usable boundary may still hold. */
static void boundary_guess(struct reader *reader, struct part *part, struct views *views, const struct view *view)
{
    struct span boundary;
    const char *entity;
    struct view *other = view_other(reader, views, view, S("boundary"));
    if (other)
        other->as_text = true;
    if (!hidden_find(reader, part->body, &boundary, &entity) || !boundary.len)
        return;
    defect_add(reader, DEFECT_BOUNDARY_OTHER, boundary.at, boundary);
    other = view_other(reader, views, view, S("boundary"));
    if (other)
        other->boundary = boundary;
}

static void boundary_judge(struct reader *reader, const struct part *part)
{
    struct span b = part->boundary;
    if (b.len > 70 || (b.len && b.at[b.len - 1] == ' '))
        defect_add(reader, DEFECT_BOUNDARY_BAD, part->body.at, b);
    for (const struct part *outer = part->parent; outer; outer = outer->parent)
        if (b.len && span_eq(outer->boundary, b)) {
            defect_add(reader, DEFECT_BOUNDARY_AS_OUTER, part->body.at, b);
            return;
        }
}

static void cut_judge(struct reader *reader, struct part *part, struct views *views, const struct view *view, const struct cut *cut)
{
    struct view *other;
    if (!cut->found) {
        defect_add(reader, DEFECT_BOUNDARY_ABSENT, part->body.at, part->boundary);
        boundary_guess(reader, part, views, view);
    } else if (!cut->closed) {
        defect_add(reader, DEFECT_BOUNDARY_UNCLOSED, part->body.at + part->body.len, part->boundary);
    }
    if (cut->more && !tree_has_boundary(part, cut->more_line)) {
        defect_add(reader, DEFECT_BOUNDARY_PREFIX, cut->more, cut->more_line);
        other = view_other(reader, views, view, S("boundary"));
        if (other)
            other->mode |= CUT_PREFIX;
    }
    if (cut->after) {
        defect_add(reader, DEFECT_EPILOGUE_PART, cut->after, part->boundary);
        other = view_other(reader, views, view, S("epilogue"));
        if (other)
            other->mode |= CUT_ON;
        return;
    }
    if (!cut->found)
        return;
    hidden_read(reader, part, cut->preamble, S("preamble"), DEFECT_PREAMBLE_PART);
    hidden_read(reader, part, cut->epilogue, S("epilogue"), DEFECT_EPILOGUE_PART);
}

/* With the last part that may be made, all the rest of the message is read as text, so that nothing goes unseen. */
static bool rest_read(struct reader *reader, struct part *parent, struct span entity)
{
    if (reader->out->part_count + 1 < reader->limits->parts)
        return false;
    struct part *part = part_new(reader, parent, entity.at);
    if (!part)
        return true;
    defect_add_once(reader, DEFECT_PARTS_LIMIT, entity.at, (struct span){0});
    struct span all = place_in(reader->text, entity.at) ? reader->text : entity;
    part->head = (struct span){entity.at, 0};
    part->body = span_from(entity.at, all.at + all.len);
    part->type = S("text");
    part->subtype = S("plain");
    leaf_read(reader, part);
    return true;
}

/* No boundary, or the empty one: lines of two dashes are delimiters then, to the programs that go on. */
static bool boundary_empty_read(struct reader *reader, struct part *part, const struct view *view)
{
    const struct field *type = field_of(&part->fields, FIELD_CONTENT_TYPE, 0);
    bool empty = false;
    for (size_t i = 0; i < part->params.len; i++)
        empty |= span_eq(part->params.at[i].name, S("boundary"));
    defect_add(reader, empty ? DEFECT_BOUNDARY_EMPTY : DEFECT_BOUNDARY_MISSING, type ? type->raw.at : part->body.at, (struct span){0});
    struct cut cut = {0};
    if (empty)
        parts_cut(reader, part->body, part->boundary, view->mode, &cut);
    for (size_t i = 0; i < cut.parts.len && !rest_read(reader, part, cut.parts.at[i]); i++)
        entity_open(reader, part, cut.parts.at[i]);
    return cut.parts.len > 0;
}

static void multipart_read(struct reader *reader, struct part *part, struct views *views, const struct view *view)
{
    part->boundary = view->boundary;
    if (!part->boundary.len) {
        bool cut = boundary_empty_read(reader, part, view);
        if (!reader->reading)
            boundary_guess(reader, part, views, view);
        else if (!cut)
            leaf_read(reader, part);
        return;
    }
    boundary_judge(reader, part);
    struct cut cut;
    parts_cut(reader, part->body, part->boundary, view->mode, &cut);
    if (!cut.found && reader->reading)
        leaf_read(reader, part);
    for (size_t i = 0; i < cut.parts.len && !rest_read(reader, part, cut.parts.at[i]); i++)
        entity_open(reader, part, cut.parts.at[i]);
    cut_judge(reader, part, views, view, &cut);
}

/* ---- attached messages */
static void attached_read(struct reader *reader, struct part *part)
{
    struct span text = reader->text, inner = part->body;
    size_t offset = reader->text_offset;
    bool coded = part->encoding == ENCODING_BASE64 || part->encoding == ENCODING_QUOTED_PRINTABLE;
    if (coded) {
        defect_add(reader, DEFECT_ENCODING_CONTAINER, part->body.at, span_first(part->type, 7));
        if (!decode_allowed(reader, part->body)) {
            leaf_read(reader, part);
            return;
        }
        struct decoding how = {0};
        inner = part->encoding == ENCODING_BASE64 ? base64_read(reader->arena, inner, &how) : quoted_printable_read(reader->arena, inner, &how);
        reader->out->decoded_bytes += inner.len;
        if (place_in(reader->out->raw, part->body.at))
            reader->text_offset = (size_t)(part->body.at - reader->out->raw.at);
        reader->text = inner;
    }
    part->decoded = inner;
    if (span_eq(part->disposition, S("attachment")) || part->names.len)
        attachment_set(part);
    entity_open(reader, part, inner);
    reader->text = text;
    reader->text_offset = offset;
}

static bool names_end_in(const struct part *part, struct span tail)
{
    for (size_t i = 0; i < part->names.len; i++)
        if (span_ends_case(span_trim(part->names.at[i]), tail))
            return true;
    return false;
}

/* A message sent as a file of no type: a double click opens it like an attached one. It stays a leaf, and what is in it
 * stands below. */
static void filed_message_read(struct reader *reader, struct part *part)
{
    bool file = part->attachment && (part->kind == PART_OTHER || part->kind == PART_TEXT) && !span_eq(part->type, S("message"));
    bool mail = span_eq(part->sniffed, S("message/rfc822")) || names_end_in(part, S(".eml"));
    if (!file || !mail || span_eq(part->type, S("multipart")))
        return;
    if (part->depth >= reader->limits->depth) {
        defect_add_once(reader, DEFECT_DEPTH_LIMIT, part->body.at, (struct span){0});
        return;
    }
    struct span text = reader->text;
    size_t offset = reader->text_offset;
    if (part->decoded.at != part->body.at) {
        if (place_in(reader->out->raw, part->body.at))
            reader->text_offset = (size_t)(part->body.at - reader->out->raw.at);
        reader->text = part->decoded;
    }
    entity_open(reader, part, part->decoded);
    reader->text = text;
    reader->text_offset = offset;
}

static bool is_attached_message(const struct part *part)
{
    struct span sub = part->subtype;
    return span_eq(part->type, S("message")) && (span_eq(sub, S("rfc822")) || span_eq(sub, S("global")) || span_eq(sub, S("news")) || span_eq(sub, S("rfc2822")));
}

/* A container that is encoded is read as it stands; some programs decode it first. */
static void container_decode(struct reader *reader, struct part *part, struct views *views, const struct view *view)
{
    if (part->encoding != ENCODING_BASE64 && part->encoding != ENCODING_QUOTED_PRINTABLE)
        return;
    if (!view->decoded) {
        defect_add(reader, DEFECT_ENCODING_CONTAINER, part->body.at, part->type);
        struct view *other = view_other(reader, views, view, S("encoding"));
        if (other)
            other->decoded = true;
        return;
    }
    if (!decode_allowed(reader, part->body))
        return;
    struct decoding how = {0};
    part->body = part->encoding == ENCODING_BASE64 ? base64_read(reader->arena, part->body, &how) : quoted_printable_read(reader->arena, part->body, &how);
    reader->out->decoded_bytes += part->body.len;
    part->encoding = ENCODING_BINARY; /* or its text would be decoded once more, where it has no parts */
}

static void view_apply(struct reader *reader, struct part *part, struct views *views, const struct view *view)
{
    bool odd = false;
    part->fields = view->fields;
    part->body = view->body;
    type_set(part, view->type.value);
    part->params.at = view->type.params.at;
    part->params.len = part->params.cap = view->type.params.len;
    part->charset = content_param(&view->type, S("charset"));
    part->encoding = encoding_of(reader->arena, view->encoding, &odd);
    if (odd)
        defect_add(reader, DEFECT_ENCODING_BAD, part->head.at, view->encoding);
    bool multipart = span_eq(part->type, S("multipart")), attached = is_attached_message(part);
    if ((multipart || attached) && part->depth >= reader->limits->depth) {
        defect_add_once(reader, DEFECT_DEPTH_LIMIT, part->body.at, (struct span){0});
        multipart = attached = false;
    }
    leaf_fields(reader, part, &view->type);
    if (multipart && !view->as_text) {
        part->kind = PART_MULTIPART;
        container_decode(reader, part, views, view);
        multipart_read(reader, part, views, view);
    } else if (attached) {
        part->kind = PART_MESSAGE;
        attached_read(reader, part);
    } else {
        leaf_read(reader, part);
        filed_message_read(reader, part);
    }
}

static void views_read(struct reader *reader, struct part *parent, const struct head *head, struct views *views)
{
    for (size_t i = 0; i < views->list.len; i++) {
        struct view view = views->list.at[i];
        if (!reading_start(reader, view.why, view.body))
            return;
        struct part *part = part_new(reader, parent, head->head.at);
        if (part) {
            part->head = head->head;
            view_apply(reader, part, views, &view);
        }
        reading_end(reader);
    }
}

static void entity_open(struct reader *reader, struct part *parent, struct span entity)
{
    struct head head;
    struct views views = {0};
    struct view first;
    head_read(reader, entity, &head);
    struct part *part = part_new(reader, parent, entity.at);
    if (!part)
        return;
    part->head = head.head;
    view_first(reader, &views, &head, &first);
    view_apply(reader, part, &views, &first);
    views_read(reader, parent, &head, &views);
    if (head.other_body && span_eq(head.other_why, S("leading-blank")) && !reader->reading) {
        struct span rest = span_from(head.other_body, entity.at + entity.len);
        if (reading_start(reader, head.other_why, rest))
            entity_open(reader, parent, rest);
        reading_end(reader);
    }
}

void entity_read(struct reader *reader, struct span entity)
{
    entity_open(reader, NULL, entity);
}

void entity_read_again(struct reader *reader, struct span entity, struct span why)
{
    if (reading_start(reader, why, entity))
        entity_open(reader, NULL, entity);
    reading_end(reader);
}
