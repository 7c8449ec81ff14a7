#include "message/reader.h"

#define NAMED(id, text) [id] = {text, sizeof(text) - 1}
static const struct {
    const char *text;
    size_t len;
} names[FIELD_COUNT] = {
    NAMED(FIELD_FROM, "from"),
    NAMED(FIELD_SENDER, "sender"),
    NAMED(FIELD_REPLY_TO, "reply-to"),
    NAMED(FIELD_TO, "to"),
    NAMED(FIELD_CC, "cc"),
    NAMED(FIELD_BCC, "bcc"),
    NAMED(FIELD_SUBJECT, "subject"),
    NAMED(FIELD_DATE, "date"),
    NAMED(FIELD_MESSAGE_ID, "message-id"),
    NAMED(FIELD_IN_REPLY_TO, "in-reply-to"),
    NAMED(FIELD_REFERENCES, "references"),
    NAMED(FIELD_RETURN_PATH, "return-path"),
    NAMED(FIELD_RECEIVED, "received"),
    NAMED(FIELD_DELIVERED_TO, "delivered-to"),
    NAMED(FIELD_MIME_VERSION, "mime-version"),
    NAMED(FIELD_CONTENT_TYPE, "content-type"),
    NAMED(FIELD_CONTENT_TRANSFER_ENCODING, "content-transfer-encoding"),
    NAMED(FIELD_CONTENT_DISPOSITION, "content-disposition"),
    NAMED(FIELD_CONTENT_ID, "content-id"),
    NAMED(FIELD_CONTENT_DESCRIPTION, "content-description"),
    NAMED(FIELD_CONTENT_LOCATION, "content-location"),
    NAMED(FIELD_CONTENT_BASE, "content-base"),
    NAMED(FIELD_DKIM_SIGNATURE, "dkim-signature"),
    NAMED(FIELD_AUTHENTICATION_RESULTS, "authentication-results"),
    NAMED(FIELD_RECEIVED_SPF, "received-spf"),
    NAMED(FIELD_ARC_SEAL, "arc-seal"),
    NAMED(FIELD_ARC_MESSAGE_SIGNATURE, "arc-message-signature"),
    NAMED(FIELD_ARC_AUTHENTICATION_RESULTS, "arc-authentication-results"),
    NAMED(FIELD_LIST_ID, "list-id"),
    NAMED(FIELD_LIST_UNSUBSCRIBE, "list-unsubscribe"),
    NAMED(FIELD_LIST_POST, "list-post"),
};

static enum field_id field_id_of(struct span name)
{
    char first = name.len ? ascii_lower(name.at[0]) : 0;
    for (unsigned id = FIELD_FROM; id < FIELD_COUNT; id++)
        if (names[id].len == name.len && names[id].text[0] == first && span_eq_case(name, (struct span){names[id].text, names[id].len}))
            return id;
    return FIELD_OTHER;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The name of the field that the line [at, end) begins, or empty: it begins none. */
static struct span name_of_line(const char *at, const char *end)
{
    const char *colon = end > at ? memchr(at, ':', (size_t)(end - at)) : NULL;
    if (!colon || colon == at || is_blank(*at))
        return (struct span){0};
    const char *stop = colon;
    while (stop > at && is_blank(stop[-1]))
        stop--;
    for (const char *p = at; p < stop; p++)
        if ((unsigned char)*p <= ' ' && *p != '\0')
            return (struct span){0};
    return span_from(at, stop);
}

static bool is_mbox_line(const char *at, const char *end)
{
    struct span line = span_from(at, end);
    return span_starts(line, S("From ")) || span_starts(line, S(">From "));
}

/* RFC 5322 2.2.3: line ends out, blanks kept. */
static struct span unfold(struct reader *reader, struct span raw)
{
    if (!span_find_byte(raw, '\n') && !(reader->cr_ends && span_find_byte(raw, '\r')))
        return span_trim(raw);
    char *to = arena_alloc(reader->arena, raw.len + 1), *start = to;
    for (const char *at = raw.at, *end = raw.at + raw.len, *next; at < end; at = next) {
        const char *stop = line_end(reader->cr_ends, at, end, &next);
        memcpy(to, at, (size_t)(stop - at));
        to += stop - at;
    }
    return span_trim(span_from(start, to));
}

static bool name_is_sane(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] <= ' ' || (unsigned char)name.at[i] >= 127)
            return false;
    return true;
}

static bool has_control(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.at[i] < ' ' && value.at[i] != '\t' && value.at[i] != '\r' && value.at[i] != '\n' && value.at[i] != 27)
            return true;
    return false;
}

/* What is odd about one field; the words are kept short, they end up before people. */
static void field_judge(struct reader *reader, const struct field *field)
{
    if (field->name.at[field->name.len] != ':')
        defect_add(reader, DEFECT_BLANK_BEFORE_COLON, field->name.at, field->name);
    if (!name_is_sane(field->name))
        defect_add(reader, DEFECT_FIELD_NAME_BAD, field->name.at, field->name);
    const char *nul = span_find_byte(field->whole, '\0');
    if (nul)
        defect_add(reader, DEFECT_HEADER_NUL, nul, field->name);
    else if (has_control(field->raw))
        defect_add_once(reader, DEFECT_HEADER_CONTROL, field->raw.at, field->name);
    if (!span_is_ascii(field->raw) && !utf8_is_valid(field->raw))
        defect_add_once(reader, DEFECT_HEADER_8BIT, field->raw.at, field->name);
}

/* A field that begins at `at`; `name` is its name. Returns the start of the next line that is not part of it. */
static const char *field_read(struct reader *reader, struct head *out, struct span name, const char *at, const char *end)
{
    const char *next, *stop = line_end(reader->cr_ends, at, end, &next);
    const char *colon = memchr(at, ':', (size_t)(stop - at));
    while (next < end && is_blank(*next)) {
        const char *line = next;
        stop = line_end(reader->cr_ends, line, end, &next);
        const char *p = line;
        while (p < stop && is_blank(*p))
            p++;
        if (p == stop && next < end && !out->other_body) {
            defect_add_once(reader, DEFECT_FOLD_BLANK, line, name);
            out->other_body = next;
            out->other_why = S("header-end");
        }
    }
    if (out->fields.len >= reader->limits->fields) {
        defect_add_once(reader, DEFECT_FIELDS_LIMIT, at, name);
        return next;
    }
    struct field *field = vec_push(reader->arena, &out->fields);
    *field = (struct field){.id = field_id_of(name), .name = name, .raw = span_from(colon + 1, stop), .whole = span_from(at, next)};
    field->value = unfold(reader, field->raw);
    field_judge(reader, field);
    return next;
}

/* A line that is no field: does the header go on behind it? (RFC 7103 7.1.4: programs differ.) Folded lines that lost
 * their indent come in runs, so a few lines are looked at. */
static bool header_goes_on(struct reader *reader, const char *next, const char *end)
{
    for (unsigned lines = 0; next < end && lines < 8; lines++) {
        const char *at = next, *stop = line_end(reader->cr_ends, at, end, &next);
        if (stop == at)
            return false;
        if (name_of_line(at, stop).len)
            return true;
    }
    return false;
}

/* What follows the next empty line, if one comes soon. */
static const char *blank_line_behind(struct reader *reader, const char *next, const char *end)
{
    for (unsigned lines = 0; next < end && lines < 8; lines++) {
        const char *at = next, *stop = line_end(reader->cr_ends, at, end, &next);
        if (stop == at)
            return next;
    }
    return NULL;
}

/* Returns where to go on, or NULL where the header ends at `at`. */
static const char *odd_line(struct reader *reader, struct head *out, const char *at, const char *stop, const char *next, const char *end)
{
    bool first = at == out->head.at;
    struct span line = span_from(at, stop);
    if (is_mbox_line(at, stop)) {
        if (!first && out->fields.len)
            defect_add(reader, DEFECT_MBOX_LINE, at, line);
        return next;
    }
    if (first && is_blank(*at) && header_goes_on(reader, next, end)) {
        defect_add(reader, DEFECT_FOLD_FIRST, at, line);
        return next;
    }
    if (out->fields.len && header_goes_on(reader, next, end)) {
        defect_add(reader, DEFECT_LINE_NOT_FIELD, at, line);
        if (!out->other_body) {
            out->other_body = at;
            out->other_why = S("header-end");
        }
        return next;
    }
    if (!out->fields.len)
        return NULL;
    defect_add(reader, DEFECT_LINE_NOT_FIELD, at, line);
    const char *blank = out->other_body ? NULL : blank_line_behind(reader, next, end);
    if (blank) { /* others skip the line and go on to the empty one */
        out->other_body = blank;
        out->other_why = S("header-end");
    }
    return NULL;
}

/* An entity that begins with an empty line has no header; some programs skip the line and find one. */
static void leading_blank(struct reader *reader, struct head *out, const char *body, const char *end)
{
    const char *at = body, *next = body, *stop = body;
    while (at < end && (stop = line_end(reader->cr_ends, at, end, &next)) == at)
        at = next;
    if (at < end && !out->fields.len && reader->out->root == NULL && name_of_line(at, stop).len) {
        defect_add(reader, DEFECT_FOLD_FIRST, body, (struct span){0});
        out->other_body = at;
        out->other_why = S("leading-blank");
    }
}

/* A carriage return alone, and behind it what would be a field if it ended the line: programs that end lines there see
 * one more field. The first place is told. */
static void bare_return_judge(struct reader *reader, struct span head)
{
    const char *end = head.at + head.len, *next;
    for (const char *at = head.at; at < end && (at = memchr(at, '\r', (size_t)(end - at)));) {
        if (++at < end && *at == '\n')
            continue;
        const char *stop = at < end ? line_end(true, at, end, &next) : end;
        struct span name = name_of_line(at, stop);
        if (name.len && name_is_sane(name)) {
            defect_add(reader, DEFECT_HEADER_BARE_CR, at - 1, span_from(at, stop));
            return;
        }
    }
}

static void head_split(struct reader *reader, struct span entity, struct head *out)
{
    const char *at = entity.at, *end = entity.at + entity.len, *next;
    *out = (struct head){.head = {at, 0}};
    const char *limit = entity.len > reader->limits->header_bytes ? at + reader->limits->header_bytes : end;
    bool ended = false;
    while (at && at < end) {
        const char *stop = line_end(reader->cr_ends, at, end, &next);
        if (stop == at) {
            out->head = span_from(entity.at, at);
            out->body = span_from(next, end);
            if (at == entity.at)
                leading_blank(reader, out, next, end);
            return;
        }
        if (at >= limit) {
            defect_add_once(reader, DEFECT_HEADER_LIMIT, at, (struct span){0});
            at = next;
            continue;
        }
        struct span name = name_of_line(at, stop);
        const char *on = name.len ? field_read(reader, out, name, at, limit) : odd_line(reader, out, at, stop, next, end);
        if (!on) {
            ended = true;
            break;
        }
        at = on;
    }
    out->head = span_from(entity.at, at);
    out->body = span_from(at, end);
    if (!ended && entity.len && reader->out->root == NULL)
        defect_add(reader, DEFECT_HEADER_CUT, at, (struct span){0});
}

void head_read(struct reader *reader, struct span entity, struct head *out)
{
    head_split(reader, entity, out);
    if (!reader->cr_ends)
        bare_return_judge(reader, out->head);
}

const struct field *field_of(const fields_t *fields, enum field_id id, size_t nth)
{
    for (size_t i = 0; i < fields->len; i++)
        if (fields->at[i].id == id && nth-- == 0)
            return &fields->at[i];
    return NULL;
}

const struct field *message_field(const struct message *message, enum field_id id, size_t nth)
{
    return field_of(&message->fields, id, nth);
}

const struct field *message_field_named(const struct message *message, struct span name, size_t nth)
{
    for (size_t i = 0; i < message->fields.len; i++)
        if (span_eq_case(message->fields.at[i].name, name) && nth-- == 0)
            return &message->fields.at[i];
    return NULL;
}
