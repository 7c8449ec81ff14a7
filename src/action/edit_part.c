/* edit_part: which parts may be changed, and how a changed one is written. */
#include "action/edit_inner.h"

#include <stdlib.h>

/* ---- may it be changed */
static bool is_ambiguity(enum defect_id id)
{
    static const enum defect_id odd[] = {
        DEFECT_PREAMBLE_PART, DEFECT_EPILOGUE_PART, DEFECT_BOUNDARY_MISSING, DEFECT_BOUNDARY_EMPTY, DEFECT_BOUNDARY_TWICE, DEFECT_BOUNDARY_BAD,
        DEFECT_BOUNDARY_ABSENT, DEFECT_BOUNDARY_AS_OUTER, DEFECT_BOUNDARY_PREFIX, DEFECT_BOUNDARY_OTHER, DEFECT_CONTENT_TYPE_TWICE,
        DEFECT_ENCODING_TWICE, DEFECT_ENCODING_CONTAINER, DEFECT_MESSAGE_PARTIAL, DEFECT_MESSAGE_EMPTY, DEFECT_HEADER_MISSING, DEFECT_FOLD_FIRST,
        DEFECT_FOLD_BLANK, DEFECT_LINE_NOT_FIELD, DEFECT_MBOX_LINE, DEFECT_HEADER_BARE_CR, DEFECT_MESSAGE_LIMIT, DEFECT_HEADER_LIMIT,
        DEFECT_FIELDS_LIMIT, DEFECT_PARTS_LIMIT, DEFECT_DEPTH_LIMIT, DEFECT_READINGS_LIMIT, DEFECT_DECODED_LIMIT, DEFECT_DEFECTS_LIMIT};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (odd[i] == id)
            return true;
    return false;
}

/* Readings that leave the borders of the parts where they are. */
static bool is_reading_within(struct span why)
{
    return span_eq(why, S("base64")) || span_eq(why, S("uuencode")) || span_eq(why, S("preamble")) || span_eq(why, S("epilogue"));
}

bool body_is_sure(const struct message *message)
{
    if (!span_find_byte(message->raw, '\n') || message->body.at == message->head.at + message->head.len)
        return false;
    vec_each(defect, &message->defects)
        if (is_ambiguity(defect->id))
            return false;
    vec_each(leaf, &message->leaves)
        if ((*leaf)->reading && !is_reading_within((*leaf)->reading_of))
            return false;
    return true;
}

/* Of that type, behind the first. */
static bool has_child(const struct part *outer, struct span type, struct span subtype)
{
    for (const struct part *child = outer->first_child ? outer->first_child->next : NULL; child; child = child->next)
        if (span_eq(child->type, type) && (!subtype.len || span_eq(child->subtype, subtype)))
            return true;
    return false;
}

/* A sender writes the name of what may not be changed over any page: that counts where what belongs to it is there (RFC 1847 2.1,
 * RFC 6522 3: a signature, a report for programs). */
static bool is_closed(const struct part *outer)
{
    if (span_eq(outer->subtype, S("signed")))
        return has_child(outer, S("application"), S(""));
    if (span_eq(outer->subtype, S("report")))
        return has_child(outer, S("message"), S("")) || has_child(outer, S("text"), S("rfc822-headers"));
    return span_eq(outer->subtype, S("encrypted"));
}

bool part_is_protected(const struct part *part)
{
    for (const struct part *outer = part->parent; outer; outer = outer->parent)
        if (outer->kind != PART_MULTIPART || is_closed(outer)) /* not a multipart: an attached message, or what is shown as one */
            return true;
    return part->reading != 0;
}

static bool type_is(const struct part *part, const char *subtype)
{
    return span_eq(part->type, S("text")) && span_eq(part->subtype, span_of(subtype));
}

bool part_is_text(const struct part *part)
{
    bool kind = (part->kind == PART_TEXT && type_is(part, "plain")) || (part->kind == PART_HTML && type_is(part, "html"));
    bool alone = !part->parent || span_eq(part->parent->subtype, S("alternative"));
    return kind && !span_eq(part->disposition, S("attachment")) && (alone || !part->names.len);
}

/* Is the text what readers see? ASCII with bytes above 127 is read as Windows-1252 (WHATWG); of broken UTF-8 they see marks in the
 * place of what is broken. Without a label the charset was guessed, unless the page names it. */
static bool charset_is_sure(const struct editing *at, const struct part *part)
{
    size_t head = (size_t)(part->head.at - at->message->raw.at);
    bool plain = span_is_ascii(part->decoded) && !part->charset.len;
    if (plain || span_eq(part->text, part->decoded) || span_eq_case(part->charset, S("us-ascii")))
        return true;
    if (span_eq_case(part->charset, S("utf-8")))
        return span_find(part->text, S("\xef\xbf\xbd")) != NULL;
    if (!part->charset.len)
        return part->kind == PART_HTML && span_find_case(span_first(part->decoded, 1024), S("charset=")) && !span_is_utf8(part->decoded);
    vec_each(defect, &at->message->defects)
        if (defect->offset == head && (defect->id == DEFECT_CHARSET_WRONG || defect->id == DEFECT_CHARSET_UNKNOWN))
            return false;
    return true;
}

static bool decodes_alike(const struct editing *at, const struct part *part)
{
    size_t from = (size_t)(part->body.at - at->message->raw.at), to = from + part->body.len;
    vec_each(defect, &at->message->defects)
        if (defect->id == DEFECT_QUOTED_PRINTABLE_BAD && defect->offset >= from && defect->offset < to)
            return false;
    vec_each(leaf, &at->message->leaves)
        if (*leaf != part && (*leaf)->body.at == part->body.at && span_eq((*leaf)->reading_of, S("base64")))
            return false;
    return part->encoding <= ENCODING_QUOTED_PRINTABLE;
}

static bool line_begins(struct span text, struct span words, const char **at)
{
    for (struct span rest = text; (*at = span_find(rest, words)); rest = span_from(*at + 1, text.at + text.len))
        if (*at == text.at || (*at)[-1] == '\n')
            return true;
    return false;
}

/* A signature or cipher inside a plain text (RFC 9580 6.2, 7) covers its bytes: from its first line to its last. The first alone is
 * but words, and in a page, where a comment can hold it unseen, it is no armour. */
static bool is_armoured(const struct part *part)
{
    struct span text = part->text;
    const char *begin, *finish;
    return !part->html && line_begins(text, S("-----BEGIN PGP "), &begin) && line_begins(span_from(begin, text.at + text.len), S("-----END PGP "), &finish);
}

bool part_is_editable(struct editing *at, const struct part *part)
{
    const struct span raw = at->message->raw;
    bool inside = part->head.at >= raw.at && part->body.at + part->body.len <= raw.at + raw.len;
    if (part_is_protected(part) || !inside || part->body.at == part->head.at + part->head.len || is_armoured(part))
        return false;
    if (!decodes_alike(at, part)) {
        note_add(at, NOTE_ENCODING, part_path(at->arena, part));
        return false;
    }
    if (!charset_is_sure(at, part)) {
        note_add(at, NOTE_CHARSET, part_path(at->arena, part));
        return false;
    }
    return true;
}

struct span part_path(struct arena *arena, const struct part *part)
{
    struct span path = {0};
    if (!part->parent)
        return part->reading ? path : S("1");
    for (; part->parent; part = part->parent) {
        unsigned n = 0;
        for (const struct part *other = part->parent->first_child; other != part; other = other->next)
            n += !other->reading;
        if (part->reading)
            return (struct span){0};
        path = path.len ? arena_print(arena, "%u.%.*s", n + 1, SPAN_FMT(path)) : arena_print(arena, "%u", n + 1);
    }
    return path;
}

/* ---- values of its fields */
static bool is_token(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] <= ' ' || (unsigned char)text.at[i] >= 127 || span_find_byte(S("()<>@,;:\\\"/[]?="), text.at[i]))
            return false;
    return text.len > 0;
}

static bool is_plain_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || (unsigned char)text.at[i] >= 127)
            return false;
    return true;
}

void parameter_write(struct buf *out, struct span name, struct span value)
{
    buf_print(out, ";\n\t%.*s", SPAN_FMT(name));
    if (is_token(value)) {
        buf_print(out, "=%.*s", SPAN_FMT(value));
    } else if (is_plain_ascii(value)) {
        buf_add(out, S("=\""));
        for (size_t i = 0; i < value.len; i++) {
            if (value.at[i] == '"' || value.at[i] == '\\')
                buf_byte(out, '\\');
            buf_byte(out, value.at[i]);
        }
        buf_byte(out, '"');
    } else { /* RFC 2231 4 */
        buf_add(out, S("*=utf-8''"));
        for (size_t i = 0; i < value.len; i++)
            if (ascii_is_alpha(value.at[i]) || ascii_is_digit(value.at[i]))
                buf_byte(out, value.at[i]);
            else
                buf_print(out, "%%%02X", (unsigned char)value.at[i]);
    }
}

struct span content_type_with(struct arena *arena, const struct part *part, const char *name, struct span to)
{
    struct buf out = {.arena = arena};
    bool sound = is_token(part->type) && is_token(part->subtype);
    if (sound)
        buf_print(&out, "%.*s/%.*s", SPAN_FMT(part->type), SPAN_FMT(part->subtype));
    else
        buf_add(&out, S("application/octet-stream"));
    parameter_write(&out, span_of(name), to);
    bool renamed = strcmp(name, "name") == 0;
    for (size_t i = 0; i < part->params.len; i++) {
        const struct parameter *param = &part->params.at[i];
        bool before = span_eq(param->name, span_of(name)) || (renamed && span_eq(param->name, S("filename"))) || !is_token(param->name);
        for (size_t k = 0; k < i && !before; k++) /* the first of a name is the one that holds */
            before = span_eq(part->params.at[k].name, param->name);
        if (!before)
            parameter_write(&out, param->name, param->value);
    }
    return buf_span(&out);
}

/* ---- written */
struct span newlines_as(struct arena *arena, struct span text, const char *line_end)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++) {
        bool pair = text.at[i] == '\r' && i + 1 < text.len && text.at[i + 1] == '\n';
        if (text.at[i] == '\n' || pair)
            buf_add(&out, span_of(line_end));
        else
            buf_byte(&out, text.at[i]);
        i += pair;
    }
    return buf_span(&out);
}

static void patch_add(struct editing *at, struct span old, struct span new)
{
    *vec_push(at->arena, &at->patches) = (struct patch){old, new};
}

static const struct field *field_named(const struct part *part, struct span name)
{
    vec_each(field, &part->fields)
        if (span_eq_case(field->name, name))
            return field;
    return NULL;
}

static struct span field_written(struct editing *at, const struct header_line *line)
{
    struct span text = arena_print(at->arena, "%.*s: %.*s\n", SPAN_FMT(line->name), SPAN_FMT(line->value));
    return newlines_as(at->arena, text, at->line_end);
}

/* The message's own fields are the mail server's to change. */
static void top_fields_set(struct editing *at, const struct header_line *about, size_t count)
{
    const struct message *message = at->message;
    for (size_t i = 0; i < count; i++) {
        const struct field *field = message_field_named(message, about[i].name, 0);
        if (field)
            header_edit_add(at, about[i].value.len ? HEADER_CHANGE : HEADER_REMOVE, field->name, field_nth(message, field), about[i].value);
        else if (about[i].value.len)
            header_edit_add(at, HEADER_ADD, about[i].name, 0, about[i].value);
    }
    if (!message_field(message, FIELD_MIME_VERSION, 0))
        header_edit_add(at, HEADER_ADD, S("MIME-Version"), 0, S("1.0"));
}

static void part_fields_set(struct editing *at, const struct part *part, const struct header_line *about, size_t count)
{
    struct buf lacking = {.arena = at->arena};
    for (size_t i = 0; i < count; i++) {
        const struct field *field = field_named(part, about[i].name);
        if (field)
            patch_add(at, field->whole, about[i].value.len ? field_written(at, &about[i]) : (struct span){0});
        else if (about[i].value.len)
            buf_add(&lacking, field_written(at, &about[i]));
    }
    if (lacking.len)
        patch_add(at, (struct span){part->head.at, 0}, buf_span(&lacking));
}

void part_replace(struct editing *at, const struct part *part, const struct header_line *about, size_t count, const struct span *body)
{
    if (part->parent)
        part_fields_set(at, part, about, count);
    else
        top_fields_set(at, about, count);
    if (body)
        patch_add(at, part->body, *body);
}

void part_rewrite(struct editing *at, const struct part *part, struct span utf8)
{
    bool quoted = is_better_quoted(utf8), kept = part->encoding == ENCODING_BASE64;
    struct span text = quoted || kept ? utf8 : newlines_as(at->arena, utf8, "\r\n");
    struct span body = quoted ? quoted_printable_write(at->arena, text, at->line_end) : base64_write(at->arena, text, at->line_end);
    if (!part->parent && (!body.len || body.at[body.len - 1] != '\n')) /* a message ends with its line; a soft break keeps the text's end */
        body = arena_print(at->arena, "%.*s%s%s", SPAN_FMT(body), quoted ? "=" : "", at->line_end);
    struct header_line about[] = {
        {S("Content-Type"), content_type_with(at->arena, part, "charset", S("utf-8"))},
        {S("Content-Transfer-Encoding"), quoted ? S("quoted-printable") : S("base64")},
        {S("Content-MD5"), (struct span){0}},
    };
    part_replace(at, part, about, sizeof about / sizeof *about, &body);
}

/* ---- patches */
static int by_place(const void *a, const void *b)
{
    const struct patch *one = a, *other = b;
    if (one->old.at != other->old.at)
        return one->old.at < other->old.at ? -1 : 1;
    if (!one->old.len != !other->old.len) /* what is put in goes before what is changed */
        return one->old.len ? 1 : -1;
    return one->old.len > other->old.len ? -1 : one->old.len < other->old.len;
}

struct span patched(struct arena *arena, struct span text, patches_t *patches)
{
    struct buf out = {.arena = arena};
    const char *at = text.at;
    if (patches->len)
        qsort(patches->at, patches->len, sizeof *patches->at, by_place);
    vec_each(patch, patches) {
        if (patch->old.at < at)
            continue;
        buf_add(&out, span_from(at, patch->old.at));
        buf_add(&out, patch->new);
        at = patch->old.at + patch->old.len;
    }
    buf_add(&out, span_from(at, text.at + text.len));
    return buf_span(&out);
}
