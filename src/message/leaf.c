/* What a leaf holds: its bytes decoded, its text, its names, what kind of thing it is. */
#include "base/digest.h"
#include "message/html.h"
#include "message/reader.h"

bool decode_allowed(struct reader *reader, struct span body)
{
    size_t most = reader->limits->decoded_times * reader->out->raw.len;
    if (body.len <= most && reader->out->decoded_bytes <= most - body.len)
        return true;
    defect_add_once(reader, DEFECT_DECODED_LIMIT, body.at, (struct span){0});
    return false;
}

static void name_add(struct reader *reader, struct part *part, struct span name)
{
    bool guess;
    name = text_decode(reader->arena, name, &guess); /* uuencode writes names in any bytes */
    for (size_t i = 0; i < part->names.len; i++)
        if (span_eq(part->names.at[i], name))
            return;
    *vec_push(reader->arena, &part->names) = name;
    if (text_has_bidi(name))
        defect_add(reader, DEFECT_TEXT_BIDI, part->head.at, name);
}

/* The names as they were meant, not the raw forms of them: do two differ? */
static void names_compare(struct reader *reader, struct part *part, const struct content *content, struct span *told)
{
    for (size_t i = 0; i < content->params.len; i++) {
        struct span name = content->params.at[i].name, value = content->params.at[i].value;
        if ((!span_eq(name, S("name")) && !span_eq(name, S("filename"))) || !value.len)
            continue;
        if (told->len && !span_eq(*told, value))
            defect_add(reader, DEFECT_NAMES_DIFFER, part->head.at, value);
        if (!told->len)
            *told = value;
    }
}

/* "inline; filename=x": the names by the disposition go before those by the type. */
static void disposition_read(struct reader *reader, struct part *part, struct span *told)
{
    const struct field *field;
    for (size_t n = 0; n < 4 && (field = field_of(&part->fields, FIELD_CONTENT_DISPOSITION, n)); n++) {
        struct content content;
        part_content_read(reader->arena, field->value, reader->limits->parameters, &content);
        if (n == 0)
            part->disposition = content.value;
        else
            defect_add(reader, DEFECT_DISPOSITION_TWICE, field->whole.at, field->value);
        if (content.faults & CONTENT_PIECES)
            defect_add(reader, DEFECT_PARAMETER_CONTINUED_BAD, field->raw.at, field->value);
        if (content.faults & CONTENT_WORD)
            defect_add(reader, DEFECT_PARAMETER_ENCODED_WORD, field->raw.at, field->value);
        if (content.faults & CONTENT_MANY)
            defect_add(reader, DEFECT_PARAMETERS_LIMIT, field->raw.at, field->value);
        for (size_t i = 0; i < content.file_names.len; i++)
            name_add(reader, part, content.file_names.at[i]);
        names_compare(reader, part, &content, told);
    }
}

static bool ends_in(const struct part *part, struct span tail)
{
    for (size_t i = 0; i < part->names.len; i++)
        if (span_ends_case(part->names.at[i], tail))
            return true;
    return false;
}

static bool type_is(const struct part *part, struct span type, struct span subtype)
{
    return span_eq(part->type, type) && span_eq(part->subtype, subtype);
}

static enum part_kind kind_of(const struct part *part)
{
    if (type_is(part, S("text"), S("html")) || type_is(part, S("application"), S("xhtml+xml")))
        return PART_HTML;
    if (type_is(part, S("text"), S("calendar")) || type_is(part, S("application"), S("ics")))
        return PART_CALENDAR;
    if (type_is(part, S("application"), S("ms-tnef")) || type_is(part, S("application"), S("vnd.ms-tnef")) || ends_in(part, S("winmail.dat")))
        return PART_TNEF;
    if (span_eq(part->type, S("text")))
        return PART_TEXT;
    return span_eq(part->type, S("image")) ? PART_IMAGE : PART_OTHER;
}

void leaf_fields(struct reader *reader, struct part *part, const struct content *type)
{
    const struct field *id = field_of(&part->fields, FIELD_CONTENT_ID, 0);
    if (id) {
        struct span value = id->value;
        if (span_starts(value, S("<")) && span_ends_case(value, S(">")) && value.len > 1)
            value = span_first(span_skip(value, 1), value.len - 2);
        part->content_id = value;
    }
    struct span told = {0};
    disposition_read(reader, part, &told);
    for (size_t i = 0; i < type->file_names.len; i++)
        name_add(reader, part, type->file_names.at[i]);
    names_compare(reader, part, type, &told);
    part->kind = kind_of(part);
}

static unsigned base64_leaf(struct reader *reader, struct part *part)
{
    struct decoding how = {0};
    part->decoded = base64_read(reader->arena, part->body, &how);
    const char *at = part->body.at + how.at;
    struct span words = span_first(span_skip(part->body, how.at), 40);
    if (how.faults & DECODE_JUNK)
        defect_add(reader, DEFECT_BASE64_JUNK, at, words);
    if (how.faults & DECODE_PADDING)
        defect_add(reader, DEFECT_BASE64_PADDING, at, words);
    if (how.faults == DECODE_CUT)
        defect_add(reader, DEFECT_BASE64_CUT, at, words);
    return how.faults;
}

static void uuencoded_leaf(struct reader *reader, struct part *part)
{
    struct span name;
    size_t used;
    bool broken;
    const char *start = uuencode_find(part->body);
    struct span text = start ? span_from(start, part->body.at + part->body.len) : part->body;
    part->decoded = uuencode_read(reader->arena, text, &name, &used, &broken);
    if (used)
        name_add(reader, part, name);
    else
        part->decoded = part->body;
    if (broken)
        defect_add(reader, DEFECT_UUENCODE_BAD, part->body.at, (struct span){0});
}

/* Bits of enum decode_fault. */
static unsigned transfer_decode(struct reader *reader, struct part *part)
{
    if (part->encoding == ENCODING_BASE64)
        return base64_leaf(reader, part);
    if (part->encoding == ENCODING_QUOTED_PRINTABLE) {
        struct decoding how = {0};
        part->decoded = quoted_printable_read(reader->arena, part->body, &how);
        enum defect_id id = how.faults & DECODE_ESCAPE ? DEFECT_QUOTED_PRINTABLE_BAD : DEFECT_QUOTED_PRINTABLE_BLANK;
        if (how.faults)
            defect_add(reader, id, part->body.at + how.at, span_first(span_skip(part->body, how.at), 40));
    } else if (part->encoding == ENCODING_UUENCODE) {
        uuencoded_leaf(reader, part);
    }
    return 0;
}

/* An HTML text without a label may name its charset itself. */
static struct span charset_of_html(struct span bytes)
{
    struct span head = span_first(bytes, 1024);
    const char *at = span_find_case(head, S("charset="));
    if (!at)
        return (struct span){0};
    struct span rest = span_skip(head, (size_t)(at - head.at) + 8);
    if (rest.len && (rest.at[0] == '"' || rest.at[0] == '\''))
        rest = span_skip(rest, 1);
    size_t n = 0;
    while (n < rest.len && n < 40 && (ascii_is_alpha(rest.at[n]) || ascii_is_digit(rest.at[n]) || rest.at[n] == '-' || rest.at[n] == '_'))
        n++;
    return span_first(rest, n);
}

static void text_read(struct reader *reader, struct part *part)
{
    bool sure;
    struct span charset = part->charset;
    if (!charset.len && part->kind == PART_HTML)
        charset = charset_of_html(part->decoded);
    part->text = charset_decode(reader->arena, part->decoded, charset, &sure);
    if (charset.len && !charset_is_known(charset))
        defect_add(reader, DEFECT_CHARSET_UNKNOWN, part->head.at, charset);
    else if (charset.len && !sure)
        defect_add(reader, DEFECT_CHARSET_WRONG, part->head.at, charset);
}

void attachment_set(struct part *part)
{
    part->attachment = true;
    sha256_of(part->decoded, part->sha256);
}

/* Named or made as something else than a picture: programs save it under that name, or open it as what it is. */
static bool is_no_picture(const struct part *part)
{
    static const char *const ends[] = {"png", "jpg", "jpeg", "jpe", "jfif", "pjpeg", "gif", "bmp", "dib", "webp", "svg", "svgz", "tif", "tiff",
        "ico", "heic", "heif", "avif", "apng", "emf", "wmf", "jp2", "jxl"};
    if (part->sniffed.len && !span_starts(part->sniffed, S("image/")))
        return true;
    for (size_t i = 0; i < part->names.len; i++) {
        struct span name = span_trim(part->names.at[i]), end = {0}, rest = name;
        while (rest.len && (rest.at[rest.len - 1] == '.' || rest.at[rest.len - 1] == ' ')) /* Windows takes them off */
            rest.len--;
        for (size_t k = rest.len; k > 0 && !end.at; k--)
            if (rest.at[k - 1] == '.')
                end = span_skip(rest, k);
        bool picture = !end.at;
        for (size_t k = 0; k < sizeof ends / sizeof *ends && !picture; k++)
            picture = span_eq_case(end, span_of(ends[k]));
        if (!picture)
            return true;
    }
    return false;
}

static bool is_shown_as_file(const struct part *part)
{
    if (span_eq(part->disposition, S("attachment")))
        return true;
    switch (part->kind) {
    case PART_TEXT: case PART_HTML: case PART_CALENDAR:
        return part->names.len > 0;
    case PART_IMAGE:
        return (!part->content_id.len && !span_eq(part->disposition, S("inline"))) || is_no_picture(part);
    default:
        return true;
    }
}

/* Declared as a picture, a sound, a text or a PDF, and by its bytes something else. */
static void type_compare(struct reader *reader, const struct part *part)
{
    static const char *const top[] = {"image", "audio", "video", "text"};
    const char *slash = span_find_byte(part->sniffed, '/');
    if (!slash)
        return;
    struct span sniffed = span_from(part->sniffed.at, slash);
    bool differs = type_is(part, S("application"), S("pdf")) && !span_eq(part->sniffed, S("application/pdf"));
    for (size_t i = 0; i < sizeof top / sizeof *top; i++)
        differs |= span_eq(part->type, span_of(top[i])) && !span_eq(sniffed, span_of(top[i]));
    bool alike = span_eq(part->sniffed, S("application/rtf")) || span_eq(sniffed, S("message")) || span_eq(part->sniffed, S("text/calendar")) ||
                 span_eq(part->sniffed, S("text/x-shellscript"));
    if (differs && !alike)
        defect_add(reader, DEFECT_TYPE_DIFFERS, part->body.at, part->sniffed);
}

static void html_view(struct reader *reader, struct part *part)
{
    struct message *message = reader->out;
    struct html_view *view = arena_one(reader->arena, struct html_view);
    html_read(reader->arena, part->text, reader->limits->html_depth, reader->limits->links, view);
    part->html = view;
    if (view->depth_met > message->html_nesting)
        message->html_nesting = view->depth_met;
    if (view->depth_passed)
        defect_add_once(reader, DEFECT_HTML_DEPTH_LIMIT, part->body.at, (struct span){0});
    if (view->links_passed)
        defect_add_once(reader, DEFECT_LINKS_LIMIT, part->body.at, (struct span){0});
}

/* Files that stand uuencoded inside a text: each a leaf of its own, beside the text. */
static void uuencoded_files(struct reader *reader, struct part *text)
{
    struct span rest = text->decoded;
    const char *start;
    while ((start = uuencode_find(rest)) && reader->out->part_count + 1 < reader->limits->parts) {
        struct span name, at = span_from(start, rest.at + rest.len);
        size_t used;
        bool broken;
        if (!decode_allowed(reader, at))
            return;
        if (!reader->reading && reader->out->readings >= reader->limits->readings) {
            defect_add_once(reader, DEFECT_READINGS_LIMIT, start, S("uuencode"));
            return;
        }
        struct span bytes = uuencode_read(reader->arena, at, &name, &used, &broken);
        rest = span_skip(at, used);
        if (!bytes.len)
            continue;
        defect_add(reader, DEFECT_UUENCODE, start, name);
        struct part *part = arena_one(reader->arena, struct part);
        *part = (struct part){.parent = text->parent, .head = {start, 0}, .body = span_first(at, used), .type = S("application"),
                              .subtype = S("octet-stream"), .encoding = ENCODING_UUENCODE, .depth = text->depth,
                              .reading = reader->reading ? reader->reading : ++reader->out->readings, .reading_of = S("uuencode"), .decoded = bytes};
        part->next = text->next;
        text->next = part;
        reader->out->part_count++;
        reader->out->decoded_bytes += bytes.len;
        name_add(reader, part, name);
        part->sniffed = media_sniff(bytes);
        part->kind = kind_of(part);
        attachment_set(part);
        *vec_push(reader->arena, &reader->out->leaves) = part;
    }
}

/* A picture that can hold links and scripts, and that browsers open. In a part that is shown as text it is text. */
static bool is_svg(const struct part *part)
{
    bool opened = part->kind == PART_IMAGE || part->kind == PART_OTHER || type_is(part, S("text"), S("xml"));
    return type_is(part, S("image"), S("svg+xml")) || (opened && span_eq(part->sniffed, S("image/svg+xml")));
}

static void kinds_tell(struct reader *reader, struct part *part)
{
    if (part->kind == PART_TNEF)
        defect_add(reader, DEFECT_TNEF, part->head.at, part->names.len ? part->names.at[0] : (struct span){0});
    if (type_is(part, S("message"), S("partial")))
        defect_add(reader, DEFECT_MESSAGE_PARTIAL, part->head.at, (struct span){0});
    if (type_is(part, S("message"), S("external-body")))
        defect_add(reader, DEFECT_MESSAGE_EXTERNAL, part->head.at, (struct span){0});
}

/* All that follows from the decoded bytes. */
static void leaf_finish(struct reader *reader, struct part *part)
{
    part->sniffed = media_sniff(part->decoded);
    if (!part->kind || part->kind == PART_MULTIPART)
        part->kind = kind_of(part);
    if (span_eq(part->sniffed, S("application/ms-tnef")))
        part->kind = PART_TNEF;
    if (part->kind == PART_OTHER && span_eq(part->sniffed, S("text/html")))
        part->kind = PART_HTML;
    if (span_eq(part->type, S("multipart")) || span_eq(part->type, S("message")))
        part->kind = PART_TEXT;
    kinds_tell(reader, part);
    bool svg = is_svg(part);
    if (part->kind == PART_TEXT || part->kind == PART_HTML || part->kind == PART_CALENDAR || svg)
        text_read(reader, part);
    if (part->kind == PART_HTML || svg)
        html_view(reader, part);
    part->attachment = false;
    if (is_shown_as_file(part))
        attachment_set(part);
    type_compare(reader, part);
    *vec_push(reader->arena, &reader->out->leaves) = part;
}

/* Padding in the middle of base64: some programs stop there, some begin a new group, and some skip it like a blank and
 * so get other bytes. Lines with foreign characters: some skip the characters, some the lines. */
static void base64_again(struct reader *reader, struct part *first, unsigned faults)
{
    struct message *message = reader->out;
    if (reader->reading || !decode_allowed(reader, first->body) || message->part_count + 1 >= reader->limits->parts)
        return;
    if (message->readings >= reader->limits->readings) {
        defect_add_once(reader, DEFECT_READINGS_LIMIT, first->body.at, S("base64"));
        return;
    }
    struct part *part = arena_one(reader->arena, struct part);
    *part = *first;
    part->reading = ++message->readings;
    part->reading_of = S("base64");
    part->html = NULL;
    part->decoded = base64_other(reader->arena, part->body, faults);
    message->decoded_bytes += part->decoded.len;
    message->part_count++;
    first->next = part;
    leaf_finish(reader, part);
}

void leaf_read(struct reader *reader, struct part *part)
{
    unsigned faults = 0;
    part->decoded = part->body;
    if (decode_allowed(reader, part->body)) {
        faults = transfer_decode(reader, part);
        reader->out->decoded_bytes += part->decoded.len;
    }
    leaf_finish(reader, part);
    if (part->kind == PART_TEXT && part->encoding != ENCODING_UUENCODE)
        uuencoded_files(reader, part);
    if (faults & (DECODE_PADDING | DECODE_JUNK))
        base64_again(reader, part, faults);
}
