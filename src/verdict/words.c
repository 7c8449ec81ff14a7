#include "verdict/judging.h"

/* ---- places, as the report names them */

size_t field_index(const struct message *message, const struct field *field)
{
    if (!field || field < message->fields.at || field >= message->fields.at + message->fields.len)
        return SIZE_MAX;
    return (size_t)(field - message->fields.at);
}

struct span where_hop(struct judging *at, const struct hop *hop)
{
    if (!hop->field)
        return S("connection");
    size_t nth = 0;
    for (const struct hop *above = at->path->hops.at; above < hop; above++)
        nth += above->field != NULL;
    return arena_print(at->arena, "Received[%zu]", nth);
}

struct span where_signature(struct judging *at, const struct dkim_proof *dkim)
{
    return arena_print(at->arena, "DKIM d=%.*s", SPAN_FMT(dkim->domain));
}

struct span hop_name(const struct hop *hop)
{
    return hop->helo.len ? hop->helo : hop->reverse.len ? hop->reverse : hop->from;
}

/* ---- sentences */

/* A word of a stranger may hold braces of its own, so the text is walked once and words are never looked into. */
static struct span words_set(struct arena *arena, const struct evidence *evidence, struct span text, enum language language)
{
    struct buf out = {.arena = arena};
    const char *brace = span_find_byte(text, '{');
    if (!brace)
        return text;
    for (; brace; brace = span_find_byte(text, '{')) {
        size_t before = (size_t)(brace - text.at);
        bool slot = before + 2 < text.len && brace[1] >= '1' && brace[1] <= '3' && brace[2] == '}';
        struct span word = slot ? evidence->words[brace[1] - '1'] : S("{");
        buf_add(&out, span_first(text, before));
        buf_add(&out, word.len ? word : language == LANGUAGE_JA ? S("不明") : S("unknown"));
        text = span_skip(text, before + (slot ? 3 : 1));
    }
    buf_add(&out, text);
    return buf_span(&out);
}

struct span evidence_text(struct arena *arena, const struct evidence *evidence, enum language language)
{
    return words_set(arena, evidence, span_of(evidence_kind(evidence->id)->text[language]), language);
}

struct span evidence_caution(struct arena *arena, const struct evidence *evidence, enum language language)
{
    return words_set(arena, evidence, span_of(evidence_kind(evidence->id)->caution[language]), language);
}
