/* edit_apply: the edits done on the raw bytes, as a mail server does them. */
#include "action/edit_inner.h"

struct line { /* a field, with what stands before it and is none */
    struct span before, whole;
    struct span name;
};
struct header {
    struct arena *arena;
    const char *line_end;
    VEC(struct line) lines;
    struct span rest; /* of the head, behind the last field */
};

static void header_take(struct header *header, const struct message *message)
{
    const char *at = message->head.at, *end = message->head.at + message->head.len;
    vec_each(field, &message->fields) {
        *vec_push(header->arena, &header->lines) = (struct line){span_from(at, field->whole.at), field->whole, field->name};
        at = field->whole.at + field->whole.len;
    }
    header->rest = span_from(at, end);
}

static struct span line_written(const struct header *header, const struct header_edit *edit)
{
    struct buf out = {.arena = header->arena};
    buf_add(&out, edit->name);
    buf_add(&out, S(": "));
    buf_add(&out, newlines_as(header->arena, edit->value, header->line_end));
    buf_add(&out, span_of(header->line_end));
    return buf_span(&out);
}

static struct line *nth_line(struct header *header, struct span name, uint32_t n)
{
    vec_each(line, &header->lines)
        if (line->whole.len && span_eq_case(line->name, name) && --n == 0)
            return line;
    return NULL;
}

static void edit_apply(struct header *header, const struct header_edit *edit, struct buf *tops, struct buf *ends)
{
    struct line *line;
    switch (edit->act) {
    case HEADER_CHANGE: case HEADER_REMOVE:
        line = nth_line(header, edit->name, edit->index);
        if (line)
            line->whole = edit->act == HEADER_CHANGE ? line_written(header, edit) : (struct span){0};
        break;
    case HEADER_ADD:
        buf_add(ends, line_written(header, edit));
        break;
    case HEADER_INSERT: {
        struct span below = buf_span(tops);
        struct buf above = {.arena = header->arena};
        buf_add(&above, line_written(header, edit));
        buf_add(&above, below);
        *tops = above;
        break;
    }
    }
}

static void line_end_mend(struct buf *out, const struct header *header)
{
    if (out->len && out->at[out->len - 1] != '\n')
        buf_add(out, span_of(header->line_end));
}

struct span edits_apply(struct arena *arena, const struct message *message, const struct edits *edits)
{
    struct span raw = message->raw, body = message->body;
    const char *end = span_find_byte(raw, '\n'), *head_end = message->head.at + message->head.len;
    struct header header = {.arena = arena, .line_end = end && (end == raw.at || end[-1] != '\r') ? "\n" : "\r\n"};
    struct buf out = {.arena = arena}, tops = {.arena = arena}, ends = {.arena = arena};
    if (!edits->headers.len && !edits->body_changed)
        return raw;
    header_take(&header, message);
    vec_each(edit, &edits->headers)
        edit_apply(&header, edit, &tops, &ends);
    for (size_t i = 0; i < header.lines.len; i++) {
        buf_add(&out, header.lines.at[i].before);
        if (!i)
            buf_add(&out, buf_span(&tops));
        buf_add(&out, header.lines.at[i].whole);
    }
    if (!header.lines.len)
        buf_add(&out, buf_span(&tops));
    buf_add(&out, header.rest);
    if (ends.len)
        line_end_mend(&out, &header);
    buf_add(&out, buf_span(&ends));
    buf_add(&out, span_from(head_end, body.at)); /* the empty line */
    if (head_end == body.at && !header.lines.len && out.len)
        buf_add(&out, span_of(header.line_end));
    buf_add(&out, edits->body_changed ? edits->body : span_from(body.at, raw.at + raw.len));
    return buf_span(&out);
}
