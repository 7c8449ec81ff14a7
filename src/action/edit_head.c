/* edit_head: header edits by index. Fields are counted as Sendmail and Postfix count them for milters: the n-th of one name, in
 * the header as it came. Whoever edits from the highest index down may count the ones that are left either way. */
#include "action/edit_inner.h"

/* ---- where all programs see a header */
static bool ends_header(enum defect_id id)
{
    static const enum defect_id odd[] = {DEFECT_FOLD_FIRST, DEFECT_FOLD_BLANK, DEFECT_LINE_NOT_FIELD, DEFECT_MBOX_LINE, DEFECT_HEADER_BARE_CR,
                                         DEFECT_HEADER_LIMIT, DEFECT_FIELDS_LIMIT, DEFECT_DEFECTS_LIMIT};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (odd[i] == id)
            return true;
    return false;
}

bool field_is_sure(const struct message *message, const struct field *field)
{
    size_t at = (size_t)(field->whole.at - message->raw.at), end = at + field->whole.len;
    vec_each(defect, &message->defects)
        if (ends_header(defect->id) && (defect->offset < end || defect->offset == SIZE_MAX))
            return false;
    return true;
}

uint32_t field_nth(const struct message *message, const struct field *field)
{
    uint32_t n = 1;
    for (const struct field *other = message->fields.at; other < field; other++)
        n += span_eq_case(other->name, field->name);
    return n;
}

static void field_edit(struct editing *at, enum header_act act, const struct field *field, struct span value)
{
    if (field_is_sure(at->message, field))
        header_edit_add(at, act, field->name, field_nth(at->message, field), value);
    else
        note_add(at, NOTE_FIELD_LEFT, field->name);
}

/* ---- results that claim to be ours (RFC 8601 5) */
bool results_claim(struct arena *arena, struct span value, struct span authserv_id)
{
    value = comments_strip(arena, value);
    struct span rest = value, word = value;
    span_cut(&rest, ';', &word);
    word = span_trim(word);
    if (word.len && word.at[0] == '"') {
        word = span_skip(word, 1);
        const char *close = span_find_byte(word, '"');
        word = close ? span_from(word.at, close) : word;
    }
    rest = word;
    return span_word(&rest, &word) && span_eq_case(domain_undotted(word), domain_undotted(authserv_id));
}

static bool goes(const struct editing *at, const struct field *field)
{
    const struct header_wishes *wishes = &at->wishes->headers;
    if (field->id == FIELD_AUTHENTICATION_RESULTS && wishes->authserv_id.len && results_claim(at->arena, field->value, wishes->authserv_id))
        return true;
    vec_each(name, &wishes->removed)
        if (span_eq_case(*name, field->name))
            return true;
    return false;
}

/* ---- the subject */
/* "Re:", "AW:", "Fwd:" and the like, and a colon of full width. */
static struct span reply_marks_off(struct span text)
{
    for (;;) {
        text = span_trim(text);
        size_t n = 0;
        while (n < text.len && n < 12 && text.at[n] != ':' && text.at[n] != ' ' && !span_starts(span_skip(text, n), S("\xef\xbc\x9a")))
            n++;
        if (!n || n == text.len || n == 12 || text.at[n] == ' ' || text.at[0] == '[')
            return text;
        text = span_skip(text, n + (text.at[n] == ':' ? 1 : 3));
    }
}

/* As written, with line ends as a milter wants them. */
static struct span value_of(struct arena *arena, const struct field *field)
{
    struct buf out = {.arena = arena};
    struct span raw = field->raw;
    while (raw.len && ascii_is_space(raw.at[0]))
        raw = span_skip(raw, 1);
    for (size_t i = 0; i < raw.len; i++)
        if (raw.at[i] != '\r' || i + 1 == raw.len || raw.at[i + 1] != '\n')
            buf_byte(&out, raw.at[i]);
    return buf_span(&out);
}

struct span subject_tagged(struct arena *arena, const struct field *field, struct span tag)
{
    struct buf out = {.arena = arena};
    struct span old = value_of(arena, field), shown = words_decode(arena, field->value);
    tag = span_trim(tag);
    if (span_starts(reply_marks_off(shown), tag))
        return (struct span){0};
    bool word_follows = span_starts(old, S("=?"));
    if (span_is_ascii(tag))
        buf_add(&out, tag);
    else /* the blank between two encoded words is not shown, so it stands inside */
        encoded_words_write(&out, word_follows ? arena_print(arena, "%.*s ", SPAN_FMT(tag)) : tag, "\n ");
    if (old.len)
        buf_add(&out, span_is_ascii(tag) ? S(" ") : S("\n "));
    buf_add(&out, old);
    return buf_span(&out);
}

static void subject_add(struct editing *at, struct span tag)
{
    struct buf out = {.arena = at->arena};
    if (span_is_ascii(tag))
        buf_add(&out, tag);
    else
        encoded_words_write(&out, tag, "\n ");
    header_edit_add(at, HEADER_ADD, S("Subject"), 0, buf_span(&out));
}

static void subject_edit(struct editing *at, const struct field *field)
{
    struct span value = subject_tagged(at->arena, field, at->wishes->headers.subject_tag);
    if (value.len)
        field_edit(at, HEADER_CHANGE, field, value);
}

/* ---- all of it */
void headers_edit(struct editing *at)
{
    const struct header_wishes *wishes = &at->wishes->headers;
    const struct message *message = at->message;
    for (size_t i = message->fields.len; i-- > 0;) {
        const struct field *field = &message->fields.at[i];
        if (goes(at, field))
            field_edit(at, HEADER_REMOVE, field, (struct span){0});
        else if (field->id == FIELD_SUBJECT && wishes->subject_tag.len)
            subject_edit(at, field); /* each of them: programs show different ones */
    }
    if (wishes->subject_tag.len && !message_field(message, FIELD_SUBJECT, 0))
        subject_add(at, span_trim(wishes->subject_tag));
    vec_each(line, &wishes->added)
        header_edit_add(at, HEADER_ADD, line->name, 0, line->value);
    for (size_t i = wishes->tops.len; i-- > 0;) /* each goes above the ones before */
        header_edit_add(at, HEADER_INSERT, wishes->tops.at[i].name, 0, wishes->tops.at[i].value);
}

/* ---- SpamAssassin's fields */
static struct span stars(struct arena *arena, double score)
{
    enum { STARS_MOST = 50 };
    struct buf out = {.arena = arena};
    for (int i = 1; i <= STARS_MOST && score >= i; i++)
        buf_byte(&out, '*');
    return buf_span(&out);
}

void spam_marks_wish(struct arena *arena, const struct spam_marks *marks, struct header_wishes *out)
{
    static const char *const names[] = {"X-Spam-Flag", "X-Spam-Status", "X-Spam-Score", "X-Spam-Level"};
    struct span tests = marks->tests, test;
    struct buf status = {.arena = arena};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        *vec_push(arena, &out->removed) = span_of(names[i]);
    buf_print(&status, "%s, score=%.1f required=%.1f\n\ttests=", marks->spam ? "Yes" : "No", marks->score, marks->required);
    size_t column = 0;
    for (bool first = true; span_cut(&tests, ',', &test); first = false) {
        bool fold = column + test.len > 60;
        buf_add(&status, first ? S("") : fold ? S(",\n\t") : S(","));
        column = fold ? test.len : column + test.len + 1;
        buf_add(&status, test);
    }
    buf_add(&status, marks->tests.len ? S("") : S("none"));
    *vec_push(arena, &out->added) = (struct header_line){S("X-Spam-Flag"), marks->spam ? S("YES") : S("NO")};
    *vec_push(arena, &out->added) = (struct header_line){S("X-Spam-Status"), buf_span(&status)};
    *vec_push(arena, &out->added) = (struct header_line){S("X-Spam-Score"), arena_print(arena, "%.1f", marks->score)};
    if (marks->score >= 1)
        *vec_push(arena, &out->added) = (struct header_line){S("X-Spam-Level"), stars(arena, marks->score)};
}
