/* The tree of parts, RFC 2046, and for every part that programs would read in different ways its other readings. */
#include "message/reader.h"

enum cut_mode { CUT_PREFIX = 1, CUT_ON = 2 }; /* take lines that go on behind the boundary; go on behind the closing one */

/* One way to read a part. */
struct view {
    struct span why; /* what differs from the first reading; empty for that */
    fields_t fields;
    struct span body;
    struct content type;
    struct span encoding;
    struct span boundary;
    unsigned mode;
    bool as_text;    /* a container that is read as text */
    bool decoded;    /* a container that is decoded although it must not be encoded */
};
struct views {
    VEC(struct view) list;
};

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
static struct view *view_other(struct reader *reader, struct views *views, const struct view *first, struct span why)
{
    if (reader->reading)
        return NULL;
    struct view *view = vec_push(reader->arena, &views->list);
    *view = *first;
    view->why = why;
    return view;
}

static bool reading_start(struct reader *reader, struct span why, struct span body)
{
    size_t most = reader->limits->decoded_times * reader->out->raw.len;
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

/* ---- the fields of a part */
static enum encoding encoding_of(struct arena *arena, struct span value, bool *odd)
{
    static const struct {
        const char *name;
        enum encoding encoding;
        bool odd;
    } rows[] = {{"7bit", ENCODING_7BIT, false}, {"8bit", ENCODING_8BIT, false}, {"binary", ENCODING_BINARY, false},
                {"base64", ENCODING_BASE64, false}, {"quoted-printable", ENCODING_QUOTED_PRINTABLE, false},
                {"x-uuencode", ENCODING_UUENCODE, false}, {"uuencode", ENCODING_UUENCODE, false}, {"x-uue", ENCODING_UUENCODE, false},
                {"7-bit", ENCODING_7BIT, true}, {"8-bit", ENCODING_8BIT, true}, {"7bits", ENCODING_7BIT, true}, {"8bits", ENCODING_8BIT, true},
                {"base-64", ENCODING_BASE64, true}, {"quoted printable", ENCODING_QUOTED_PRINTABLE, true}};
    struct span clean = comments_strip(arena, value), word = clean;
    *odd = clean.len != span_trim(value).len;
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] == ';' || word.at[i] == ',' || word.at[i] == '\0' || (ascii_is_space(word.at[i]) && !span_starts_case(word, S("quoted p"))))
            word = span_first(word, i);
    if (word.len > 1 && (word.at[0] == '"' || word.at[0] == '\'') && word.at[word.len - 1] == word.at[0])
        word = span_first(span_skip(word, 1), word.len - 2);
    *odd |= word.len != clean.len;
    if (!word.len)
        return ENCODING_7BIT;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (span_eq_case(word, span_of(rows[i].name))) {
            *odd |= rows[i].odd;
            return rows[i].encoding;
        }
    *odd = true;
    return ENCODING_UNKNOWN;
}

static bool type_is_sound(struct span type)
{
    const char *slash = span_find_byte(type, '/');
    return slash && slash > type.at && slash + 1 < type.at + type.len;
}

static struct span type_default(const struct part *part)
{
    bool digest = part->parent && span_eq(part->parent->type, S("multipart")) && span_eq(part->parent->subtype, S("digest"));
    return digest ? S("message/rfc822") : S("text/plain");
}

static void type_set(struct part *part, struct span type)
{
    if (!type_is_sound(type))
        type = type_default(part);
    const char *slash = span_find_byte(type, '/');
    part->type = span_from(type.at, slash);
    part->subtype = span_from(slash + 1, type.at + type.len);
}

static void faults_tell(struct reader *reader, const struct field *field, unsigned faults)
{
    static const struct {
        unsigned fault;
        enum defect_id id;
    } rows[] = {{CONTENT_COMMENT, DEFECT_PARAMETER_COMMENT}, {CONTENT_TWICE, DEFECT_PARAMETER_TWICE}, {CONTENT_WORD, DEFECT_PARAMETER_ENCODED_WORD},
                {CONTENT_PIECES, DEFECT_PARAMETER_CONTINUED_BAD}, {CONTENT_ODD, DEFECT_PARAMETER_BAD}, {CONTENT_MANY, DEFECT_PARAMETERS_LIMIT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (faults & rows[i].fault)
            defect_add(reader, rows[i].id, field->raw.at, field->value);
}

/* Two fields of one kind: a defect, and for those that change the reading a reading each. */
static void types_other(struct reader *reader, struct views *views, const struct view *first)
{
    const struct field *top = field_of(&first->fields, FIELD_CONTENT_TYPE, 0), *other;
    for (size_t n = 1; n < 4 && (other = field_of(&first->fields, FIELD_CONTENT_TYPE, n)); n++) {
        defect_add(reader, DEFECT_CONTENT_TYPE_TWICE, other->whole.at, other->value);
        struct view *view = span_eq(other->value, top->value) ? NULL : view_other(reader, views, first, S("content-type"));
        if (!view)
            continue;
        content_read(reader->arena, other->value, reader->limits->parameters, &view->type);
        view->boundary = content_param(&view->type, S("boundary"));
    }
}

static void encodings_other(struct reader *reader, struct views *views, const struct view *first)
{
    const struct field *other;
    for (size_t n = 1; n < 4 && (other = field_of(&first->fields, FIELD_CONTENT_TRANSFER_ENCODING, n)); n++) {
        defect_add(reader, DEFECT_ENCODING_TWICE, other->whole.at, other->value);
        struct view *view = span_eq_case(other->value, first->encoding) ? NULL : view_other(reader, views, first, S("encoding"));
        if (view)
            view->encoding = other->value;
    }
}

static void boundaries_other(struct reader *reader, struct views *views, const struct view *first, const char *at)
{
    size_t seen = 0;
    for (size_t i = 0; i < first->type.params.len && seen < 4; i++) {
        struct span other = first->type.params.at[i].value;
        if (!span_eq(first->type.params.at[i].name, S("boundary")) || span_eq(other, first->boundary))
            continue;
        seen++;
        defect_add(reader, DEFECT_BOUNDARY_TWICE, at, other);
        struct view *view = view_other(reader, views, first, S("boundary"));
        if (view)
            view->boundary = other;
    }
    struct view *view = span_find(first->boundary, S("=?")) ? view_other(reader, views, first, S("boundary")) : NULL;
    if (view)
        view->boundary = words_decode(reader->arena, first->boundary);
}

static void body_other(struct reader *reader, struct views *views, const struct view *first, const struct head *head)
{
    bool ends = head->other_body && span_eq(head->other_why, S("header-end"));
    struct view *view = ends ? view_other(reader, views, first, head->other_why) : NULL;
    if (!view)
        return;
    view->body = span_from(head->other_body, first->body.at + first->body.len);
    size_t n = 0;
    while (n < view->fields.len && view->fields.at[n].whole.at < head->other_body)
        n++;
    view->fields.len = view->fields.cap = n; /* shared with the first reading: a later push must copy */
    const struct field *type = field_of(&view->fields, FIELD_CONTENT_TYPE, 0);
    content_read(reader->arena, type ? type->value : (struct span){0}, reader->limits->parameters, &view->type);
    view->boundary = content_param(&view->type, S("boundary"));
    const struct field *encoding = field_of(&view->fields, FIELD_CONTENT_TRANSFER_ENCODING, 0);
    view->encoding = encoding ? encoding->value : (struct span){0};
}

static void view_first(struct reader *reader, struct views *views, const struct head *head, struct view *first)
{
    *first = (struct view){.fields = head->fields, .body = head->body};
    const struct field *type = field_of(&head->fields, FIELD_CONTENT_TYPE, 0);
    const struct field *encoding = field_of(&head->fields, FIELD_CONTENT_TRANSFER_ENCODING, 0);
    if (type) {
        content_read(reader->arena, type->value, reader->limits->parameters, &first->type);
        faults_tell(reader, type, first->type.faults);
        if (!type_is_sound(first->type.value))
            defect_add(reader, DEFECT_CONTENT_TYPE_BAD, type->raw.at, type->value);
        first->boundary = content_param(&first->type, S("boundary"));
        types_other(reader, views, first);
        boundaries_other(reader, views, first, type->raw.at);
    }
    if (encoding) {
        first->encoding = encoding->value;
        encodings_other(reader, views, first);
    }
    body_other(reader, views, first, head);
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

static void multipart_read(struct reader *reader, struct part *part, struct views *views, const struct view *view)
{
    const struct field *type = field_of(&part->fields, FIELD_CONTENT_TYPE, 0);
    part->boundary = view->boundary;
    if (!part->boundary.len) {
        bool empty = false;
        for (size_t i = 0; i < part->params.len; i++)
            empty |= span_eq(part->params.at[i].name, S("boundary"));
        defect_add(reader, empty ? DEFECT_BOUNDARY_EMPTY : DEFECT_BOUNDARY_MISSING, type ? type->raw.at : part->body.at, (struct span){0});
        if (reader->reading)
            leaf_read(reader, part);
        else
            boundary_guess(reader, part, views, view);
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
    entity_open(reader, part, inner);
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
