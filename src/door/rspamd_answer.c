#include "door/rspamd_answer.h"

#include "base/json.h"
#include "door/marked.h"

enum { INDEX_MOST = 127 /* a client that reads such a number as one byte reads no others */ };

/* ---- what a client takes */
void rspamd_takes_field(struct span name, struct span value, struct rspamd_takes *out)
{
    struct span flag;
    if (span_eq_case(name, S("Milter")))
        out->milter |= span_eq_case(span_trim(value), S("yes"));
    while (span_eq_case(name, S("Flags")) && span_cut(&value, ',', &flag)) {
        out->block |= span_eq_case(span_trim(flag), S("body_block"));
        out->milter |= span_eq_case(span_trim(flag), S("milter"));
    }
}

/* ---- fields */
struct removal {
    struct span name;
    uint32_t index; /* 0: all */
};
struct fields_told {
    struct arena *arena;
    VEC(struct removal) removed;
    VEC(struct header_line) added;
};

static bool is_of_body(struct span name)
{
    return span_starts_case(name, S("Content-")) || span_eq_case(name, S("MIME-Version"));
}

/* One number is all that can be told of a name: where several go, all do. */
static void removal_add(struct fields_told *at, struct span name, uint32_t index)
{
    vec_each (one, &at->removed)
        if (span_eq_case(one->name, name)) {
            one->index = 0;
            return;
        }
    *vec_push(at->arena, &at->removed) = (struct removal){name, index > INDEX_MOST ? 0 : index};
}

static void addition_add(struct fields_told *at, struct span name, struct span value)
{
    vec_each (one, &at->added)
        if (span_eq_case(one->name, name))
            return;
    *vec_push(at->arena, &at->added) = (struct header_line){name, value};
}

/* SpamAssassin's fields of spam are told by the answer, as its score is. */
static void edit_tell(struct fields_told *at, const struct answer *answer, const struct header_edit *edit, bool of_body)
{
    bool is_told = (answer->rating.spam && span_starts_case(edit->name, S("X-Spam-"))) || span_eq_case(edit->name, S("Subject"));
    if (is_told || is_of_body(edit->name) != of_body)
        return;
    if (edit->act == HEADER_CHANGE || edit->act == HEADER_REMOVE)
        removal_add(at, edit->name, edit->index);
    if (edit->act != HEADER_REMOVE)
        addition_add(at, edit->name, edit->value);
}

/* body: fields that belong to it are told as well. */
static void fields_tell(struct arena *arena, const struct answer *answer, bool body, struct fields_told *out)
{
    struct header_wishes fields;
    *out = (struct fields_told){.arena = arena};
    answer_fields(arena, answer, false, &fields);
    vec_each (name, &fields.removed)
        removal_add(out, *name, 0);
    vec_each (line, &fields.added)
        addition_add(out, line->name, line->value);
    vec_each (edit, &answer->edits.headers)
        edit_tell(out, answer, edit, false);
    if (body)
        vec_each (edit, &answer->edits.headers)
            edit_tell(out, answer, edit, true);
}

/* ---- the JSON */
static void symbols_write(struct arena *arena, struct json *json, const struct answer *answer)
{
    json_object(json, "symbols");
    vec_each (symbol, &answer->symbols) {
        const struct answer_symbol *first = answer->symbols.at;
        while (!span_eq(first->name, symbol->name))
            first++;
        if (first != symbol)
            continue; /* it stands there already */
        struct span rest = symbol->option, option;
        json_object(json, arena_copy(arena, symbol->name).at);
        json_text(json, "name", symbol->name);
        json_real(json, "score", symbol->weight);
        json_real(json, "metric_score", symbol->weight);
        json_text(json, "description", symbol->text);
        json_array(json, "options");
        while (span_word(&rest, &option))
            json_text(json, NULL, option);
        json_array_end(json);
        json_object_end(json);
    }
    json_object_end(json);
}

/* Each name once, with a text: that is what all of them take. */
static void milter_write(struct arena *arena, struct json *json, const struct answer *answer, bool body)
{
    struct fields_told fields;
    fields_tell(arena, answer, body, &fields);
    json_object(json, "milter");
    json_object(json, "remove_headers");
    vec_each (removed, &fields.removed)
        json_number(json, arena_copy(arena, removed->name).at, removed->index);
    json_object_end(json);
    json_object(json, "add_headers");
    vec_each (added, &fields.added)
        json_text(json, arena_copy(arena, added->name).at, added->value);
    json_object_end(json);
    json_object_end(json);
}

static void messages_write(struct json *json, const struct answer *answer)
{
    enum rating_id id = answer->rating.id;
    json_object(json, "messages");
    if (id == RATING_LATER)
        json_text(json, "smtp_message", S("The message could not be looked at just now; try again later"));
    else if (id == RATING_TOO_LARGE)
        json_text(json, "smtp_message", S("The message is larger than what is taken here"));
    else if (id == RATING_REJECT)
        json_text(json, "smtp_message", S("The message is refused by policy"));
    json_object_end(json);
}

static void json_write(struct arena *arena, const struct answer *answer, bool body, double seconds, struct buf *out)
{
    struct json json = {.out = out};
    enum rating_id id = answer->rating.id;
    json_object(&json, NULL);
    json_bool(&json, "is_skipped", false);
    json_real(&json, "score", answer->rating.score);
    json_real(&json, "required_score", RATING_REJECT_AT);
    json_text(&json, "action", span_of(answer->rating.action));
    if (id == RATING_TAG || id == RATING_TAG_CLEAN)
        json_text(&json, "subject", answer_subject(arena, &answer->edits));
    symbols_write(arena, &json, answer);
    messages_write(&json, answer);
    json_text(&json, "message-id", answer->message_id.len ? answer->message_id : S("undef"));
    json_array(&json, "urls");
    vec_each (link, &answer->links)
        json_text(&json, NULL, *link);
    json_array_end(&json);
    json_real(&json, "time_real", seconds);
    milter_write(arena, &json, answer, body);
    json_object(&json, "sekimori");
    json_text_or_null(&json, "id", answer->id);
    json_text(&json, "verdict", answer->verdict);
    json_real(&json, "score", answer->score);
    json_object_end(&json);
    json_object_end(&json);
    buf_byte(out, '\n');
}

/* ---- the block */
/* The message as it came, with its new body and the fields that belong to that; empty: it cannot be written. */
static struct span message_write(struct arena *arena, const struct answer *answer, const struct bytes *source, uint64_t header_most)
{
    static const struct header_wishes nothing;
    struct marked marked;
    struct edits of_body = {.body_changed = true, .body = answer->edits.body};
    vec_each (edit, &answer->edits.headers)
        if (is_of_body(edit->name))
            *vec_push(arena, &of_body.headers) = *edit;
    return marked_make(arena, source, &nothing, &of_body, header_most, false, &marked) == 0 ? marked.head : (struct span){0};
}

static struct span block_write(struct arena *arena, const struct answer *answer, const struct rspamd_takes *takes, const struct bytes *source, uint64_t header_most)
{
    if (!takes->block || !answer->edits.body_changed)
        return (struct span){0};
    return takes->milter ? answer->edits.body : message_write(arena, answer, source, header_most);
}

void rspamd_answer(struct arena *arena, struct answer *answer, const struct rspamd_takes *takes, const struct bytes *source, uint64_t header_most, double seconds,
                   struct rspamd_answer *out)
{
    struct buf text = {.arena = arena};
    struct span block = block_write(arena, answer, takes, source, header_most);
    if (answer->edits.body_changed && !block.len)
        answer->seal = S(""); /* it was made of what does not leave now */
    json_write(arena, answer, takes->milter && block.len, seconds, &text);
    *out = (struct rspamd_answer){.block_at = block.len ? text.len : 0};
    buf_add(&text, block);
    out->text = buf_span(&text);
}
