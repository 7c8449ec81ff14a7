/* What the fields of a part say of it, and where they say it twice. */
#include "message/views.h"

struct view *view_other(struct reader *reader, struct views *views, const struct view *first, struct span why)
{
    if (reader->reading)
        return NULL;
    struct view *view = vec_push(reader->arena, &views->list);
    *view = *first;
    view->why = why;
    return view;
}

enum encoding encoding_of(struct arena *arena, struct span value, bool *odd)
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

bool type_is_sound(struct span type)
{
    const char *slash = span_find_byte(type, '/');
    return slash && slash > type.at && slash + 1 < type.at + type.len;
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

/* What a program sees that drops NUL bytes, where others take them for a blank or an end. */
static struct span without_nul(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i])
            buf_byte(&out, text.at[i]);
    return buf_span(&out);
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
        part_content_read(reader->arena, other->value, reader->limits->parameters, &view->type);
        view->boundary = content_param(&view->type, S("boundary"));
    }
    struct view *view = span_find_byte(top->value, '\0') ? view_other(reader, views, first, S("nul")) : NULL;
    if (!view)
        return;
    part_content_read(reader->arena, without_nul(reader->arena, top->value), reader->limits->parameters, &view->type);
    view->boundary = content_param(&view->type, S("boundary"));
}

static void encodings_other(struct reader *reader, struct views *views, const struct view *first)
{
    const struct field *other;
    struct view *view;
    for (size_t n = 1; n < 4 && (other = field_of(&first->fields, FIELD_CONTENT_TRANSFER_ENCODING, n)); n++) {
        defect_add(reader, DEFECT_ENCODING_TWICE, other->whole.at, other->value);
        view = span_eq_case(other->value, first->encoding) ? NULL : view_other(reader, views, first, S("encoding"));
        if (view)
            view->encoding = other->value;
    }
    bool odd;
    bool unknown = encoding_of(reader->arena, first->encoding, &odd) == ENCODING_UNKNOWN;
    struct span guess = span_find_case(first->encoding, S("base64")) ? S("base64")
                        : span_find_case(first->encoding, S("quoted")) ? S("quoted-printable") : (struct span){0};
    if (unknown && guess.len && (view = view_other(reader, views, first, S("encoding"))))
        view->encoding = guess;
    view = span_find_byte(first->encoding, '\0') ? view_other(reader, views, first, S("nul")) : NULL;
    if (view)
        view->encoding = without_nul(reader->arena, first->encoding);
}

/* Without quotes a boundary ends at a blank, or at the semicolon: programs differ. */
static struct span boundary_to_semicolon(const struct field *type, struct span boundary)
{
    const char *end = type->value.at + type->value.len;
    bool inside = boundary.len && boundary.at > type->value.at && boundary.at + boundary.len <= end;
    if (!inside || boundary.at[-1] == '"')
        return boundary;
    const char *stop = memchr(boundary.at, ';', (size_t)(end - boundary.at));
    return span_trim(span_from(boundary.at, stop ? stop : end));
}

static void boundaries_other(struct reader *reader, struct views *views, const struct view *first, const struct field *type)
{
    size_t seen = 0;
    for (size_t i = 0; i < first->type.params.len && seen < 4; i++) {
        struct span other = first->type.params.at[i].value;
        if (!span_eq(first->type.params.at[i].name, S("boundary")) || span_eq(other, first->boundary))
            continue;
        seen++;
        defect_add(reader, DEFECT_BOUNDARY_TWICE, type->raw.at, other);
        struct view *view = view_other(reader, views, first, S("boundary"));
        if (view)
            view->boundary = other;
    }
    struct view *view = span_find(first->boundary, S("=?")) ? view_other(reader, views, first, S("boundary")) : NULL;
    if (view)
        view->boundary = words_decode(reader->arena, first->boundary);
    struct span longer = boundary_to_semicolon(type, first->boundary);
    if (longer.len > first->boundary.len && (view = view_other(reader, views, first, S("boundary"))))
        view->boundary = longer;
    const char *comment = first->type.faults & CONTENT_COMMENT ? span_find_byte(first->boundary, '(') : NULL;
    view = comment && comment > first->boundary.at ? view_other(reader, views, first, S("boundary")) : NULL;
    if (view)
        view->boundary = span_from(first->boundary.at, comment);
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
    part_content_read(reader->arena, type ? type->value : (struct span){0}, reader->limits->parameters, &view->type);
    view->boundary = content_param(&view->type, S("boundary"));
    const struct field *encoding = field_of(&view->fields, FIELD_CONTENT_TRANSFER_ENCODING, 0);
    view->encoding = encoding ? encoding->value : (struct span){0};
}

void view_first(struct reader *reader, struct views *views, const struct head *head, struct view *first)
{
    *first = (struct view){.fields = head->fields, .body = head->body};
    const struct field *type = field_of(&head->fields, FIELD_CONTENT_TYPE, 0);
    const struct field *encoding = field_of(&head->fields, FIELD_CONTENT_TRANSFER_ENCODING, 0);
    if (type) {
        part_content_read(reader->arena, type->value, reader->limits->parameters, &first->type);
        faults_tell(reader, type, first->type.faults);
        if (!type_is_sound(first->type.value))
            defect_add(reader, DEFECT_CONTENT_TYPE_BAD, type->raw.at, type->value);
        first->boundary = content_param(&first->type, S("boundary"));
        types_other(reader, views, first);
        boundaries_other(reader, views, first, type);
    }
    if (encoding) {
        first->encoding = encoding->value;
        encodings_other(reader, views, first);
    }
    body_other(reader, views, first, head);
}

