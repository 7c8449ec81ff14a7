#include "door/marked.h"

#include <errno.h>
#include <unistd.h>

enum { PIECE = 64 << 10 };

static long read_at(const struct marked *marked, uint64_t at, char *to, size_t most)
{
    struct span left = span_first(span_skip(marked->small, (size_t)at), most);
    ssize_t got = -1;
    if (marked->fd < 0) {
        memcpy(to, left.at ? left.at : "", left.len);
        return (long)left.len;
    }
    do
        got = pread(marked->fd, to, most, (off_t)at);
    while (got < 0 && errno == EINTR);
    return got;
}

/* An empty line among bytes of which those before `from` were looked at. */
static bool ends_header(struct span front, size_t from)
{
    if (span_starts(front, S("\n")) || span_starts(front, S("\r\n")))
        return true;
    struct span fresh = span_skip(front, from < 2 ? 0 : from - 2);
    return span_find(fresh, S("\n\n")) || span_find(fresh, S("\n\r\n"));
}

/* The header at least, with the empty line; ends: it was found, or there is no more. */
static struct span front_read(struct arena *arena, const struct marked *marked, uint64_t length, uint64_t header_most, bool *ends)
{
    struct buf out = {.arena = arena};
    size_t most = (size_t)(length < header_most ? length : header_most);
    char piece[PIECE];
    long got = 1;
    for (*ends = false; out.len < most && got > 0 && !*ends;) {
        size_t from = out.len, left = most - from;
        got = read_at(marked, from, piece, left < sizeof piece ? left : sizeof piece);
        buf_add(&out, (struct span){piece, got > 0 ? (size_t)got : 0});
        *ends = ends_header(buf_span(&out), from);
    }
    *ends |= out.len == length;
    return buf_span(&out);
}

/* With its end. */
static struct span line_take(struct span *rest)
{
    const char *end = span_find_byte(*rest, '\n');
    struct span line = end ? span_from(rest->at, end + 1) : *rest;
    *rest = span_skip(*rest, line.len);
    return line;
}

struct heading { /* being written */
    struct arena *arena;
    struct buf out;
    struct span end; /* of a line */
    const struct header_wishes *fields;
    const struct edits *edits;
    uint32_t *seen;  /* for each edit, fields of its name so far */
};

static void field_write(struct heading *at, struct span name, struct span value)
{
    struct span line;
    buf_add(&at->out, name);
    buf_byte(&at->out, ':');
    for (bool first = true; span_cut(&value, '\n', &line); first = false) {
        buf_add(&at->out, first ? S(" ") : at->end);
        buf_add(&at->out, line);
    }
    buf_add(&at->out, at->end);
}

static bool is_removed(const struct heading *at, struct span name)
{
    vec_each (removed, &at->fields->removed)
        if (span_eq_case(name, *removed))
            return true;
    return false;
}

/* The edit of this field, the next one of its name; NULL: none. */
static const struct header_edit *edit_of(struct heading *at, struct span name)
{
    const struct header_edit *found = NULL;
    for (size_t i = 0; i < at->edits->headers.len; i++) {
        const struct header_edit *edit = &at->edits->headers.at[i];
        bool is_same = (edit->act == HEADER_CHANGE || edit->act == HEADER_REMOVE) && span_eq_case(edit->name, name);
        if (is_same && ++at->seen[i] == edit->index)
            found = edit;
    }
    return found;
}

/* SpamAssassin's fields are told by the answer, as its score is. */
static void edits_add(struct heading *at, enum header_act act)
{
    vec_each (edit, &at->edits->headers)
        if (edit->act == act && !span_starts_case(edit->name, S("X-Spam-")))
            field_write(at, edit->name, edit->value);
}

/* False: it goes, with the lines that are folded below it. */
static bool field_keep(struct heading *at, struct span line)
{
    const char *colon = span_find_byte(line, ':');
    struct span name = colon ? span_trim(span_from(line.at, colon)) : (struct span){0};
    const struct header_edit *edit = colon ? edit_of(at, name) : NULL;
    if (colon && is_removed(at, name))
        return false;
    if (edit && edit->act == HEADER_CHANGE)
        field_write(at, edit->name, edit->value);
    return !edit;
}

static void tops_write(struct heading *at)
{
    vec_each (line, &at->fields->added)
        field_write(at, line->name, line->value);
    for (size_t i = at->edits->headers.len; i-- > 0;) /* each goes above the ones before */
        if (at->edits->headers.at[i].act == HEADER_INSERT)
            field_write(at, at->edits->headers.at[i].name, at->edits->headers.at[i].value);
}

/* The header written anew; how many bytes of the front it took. */
static size_t header_write(struct heading *at, struct span front, bool whole)
{
    struct span rest = front, peek = front, line = line_take(&peek);
    bool keeps = true, ended = false;
    size_t len = line.len;
    at->end = !len || line.at[len - 1] != '\n' || (len > 1 && line.at[len - 2] == '\r') ? S("\r\n") : S("\n");
    if (span_starts(line, S("From "))) {
        buf_add(&at->out, line);
        buf_add(&at->out, line.at[len - 1] == '\n' ? S("") : at->end);
        rest = peek;
    }
    tops_write(at);
    while (rest.len && !ended) {
        line = line_take(&rest);
        ended = span_eq(line, S("\n")) || span_eq(line, S("\r\n"));
        if (ended)
            edits_add(at, HEADER_ADD);
        else if (line.at[0] != ' ' && line.at[0] != '\t')
            keeps = field_keep(at, line);
        if (keeps || ended)
            buf_add(&at->out, line);
    }
    if (!ended && whole) { /* there is no body */
        if (at->out.len && at->out.at[at->out.len - 1] != '\n' && at->edits->headers.len)
            buf_add(&at->out, at->end);
        edits_add(at, HEADER_ADD);
    }
    return front.len - rest.len;
}

int marked_make(struct arena *arena, const struct bytes *source, const struct header_wishes *fields, const struct edits *edits, uint64_t header_most,
                bool header_only, struct marked *out)
{
    struct heading at = {.arena = arena, .out.arena = arena, .fields = fields, .edits = edits};
    *out = (struct marked){.fd = source->fd, .small = {source->small, source->small ? source->length : 0}};
    bool ends, edited = edits->headers.len || edits->body_changed;
    struct span front = front_read(arena, out, source->length, header_most, &ends);
    if (!ends && front.len < header_most)
        return -1;
    if (!ends && edited)
        return 1;
    at.seen = arena_alloc(arena, (edits->headers.len + 1) * sizeof *at.seen);
    out->at = header_write(&at, front, ends);
    out->end = header_only || edits->body_changed ? out->at : source->length;
    if (edits->body_changed && !header_only)
        buf_add(&at.out, edits->body);
    out->head = buf_span(&at.out);
    return 0;
}

uint64_t marked_length(const struct marked *marked)
{
    return marked->head.len + (marked->end - marked->at);
}

long marked_read(struct marked *marked, char *to, size_t most)
{
    uint64_t left = marked->end - marked->at;
    long got = left ? read_at(marked, marked->at, to, left < most ? (size_t)left : most) : 0;
    if (got < 0 || (!got && left))
        return -1;
    marked->at += (uint64_t)got;
    return got;
}
