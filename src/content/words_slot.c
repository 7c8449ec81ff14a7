#include "content/link_inner.h"
#include "content/words_inner.h"

/* What somebody filled in where a name belongs: behind "User name:" or "Hello", in the name of the recipient or the author, between the
 * quotation marks of a subject. Honest services send what a stranger wrote there. */
enum { LINES_MOST = 80, LINE_MOST = 300, VALUE_MOST = 160, FIELD_MOST = 48, GREETING_WORDS = 3, GREETING_LINES = 20, HOST_MOST = 253 };

/* A host as a word begins with it: "www.example.com/offer" and "https://example.com", or only "example.com". */
static bool is_host(const struct tables *tables, struct span word, struct slot_fact *slot)
{
    bool told = span_starts_case(word, S("http://")) || span_starts_case(word, S("https://")) || span_starts_case(word, S("www."));
    const char *slashes = span_find(word, S("://"));
    struct span host = slashes ? span_from(slashes + 3, word.at + word.len) : word;
    size_t len = 0;
    while (len < host.len && len < HOST_MOST && (ascii_is_alpha(host.at[len]) || ascii_is_digit(host.at[len]) || host.at[len] == '-' || host.at[len] == '.'))
        len++;
    told |= len < host.len && host.at[len] == '/';
    if (len < host.len && host.at[len] == '@')
        return false;
    host = domain_undotted(span_first(host, len));
    struct span suffix = tables ? suffix_of(tables, host) : S("");
    if (!suffix.len || suffix.len >= host.len)
        return false;
    slot->host = host;
    slot->plainly |= told;
    return true;
}

/* Within a word, as in every host. */
static bool holds_dot(struct span line)
{
    for (size_t i = 1; i + 1 < line.len; i++)
        if (line.at[i] == '.' && line.at[i - 1] > ' ' && line.at[i + 1] > ' ')
            return true;
    return false;
}

/* Keeps the value with the most in it. */
static void value_read(struct marks_view *view, struct span value)
{
    struct slot_fact slot = {.text = span_trim(value)}, *out = &view->out->slot;
    struct span rest = span_first(slot.text, VALUE_MOST), word;
    if (!slot.text.len || slot.text.len > VALUE_MOST || !holds_dot(slot.text))
        return;
    while (!slot.address && span_word(&rest, &word))
        slot.address = span_find_byte(word, '.') && is_host(view->tables, word, &slot);
    slot.sum = slot.address && text_has_sum(slot.text);
    if (slot.address && (!out->address || (slot.sum && !out->sum) || (slot.plainly && !out->plainly && !out->sum)))
        *out = slot;
}

static unsigned uses_of(struct marks_view *view, struct span words)
{
    struct folded folded;
    text_fold(view->arena, words, FIELD_MOST, &folded);
    return name_word_uses(view->tables, folded.text);
}

/* "User name: ..."; what stands behind the colon, which may be of full width. */
static bool label_cut(struct marks_view *view, struct span line, struct span *value)
{
    static const struct span colons[] = {{":", 1}, {"：", 3}};
    for (size_t i = 0; i < sizeof colons / sizeof *colons; i++) {
        const char *at = span_find(span_first(line, FIELD_MOST), colons[i]);
        if (!at || at == line.at || !(uses_of(view, span_trim(span_from(line.at, at))) & NAME_WORD_LABEL))
            continue;
        *value = span_trim(span_skip(line, (size_t)(at - line.at) + colons[i].len));
        return true;
    }
    return false;
}

/* A comma or mark before a blank ends whom the greeting is for; "1,000 USD" goes on. */
static struct span greeted(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((value.at[i] == ',' || value.at[i] == '!') && (i + 1 == value.len || ascii_is_space(value.at[i + 1])))
            return span_first(value, i);
    return value;
}

static bool greeting_cut(struct marks_view *view, struct span line, struct span *value)
{
    static const struct span honours[] = {{"様", 3}, {"さま", 6}, {"さん", 6}}; /* Japanese greets behind the name */
    struct span rest = line, word;
    for (unsigned words = 0; words < GREETING_WORDS && span_word(&rest, &word); words++)
        if (uses_of(view, span_from(line.at, word.at + word.len)) & NAME_WORD_GREETING) {
            *value = greeted(span_trim(rest));
            return true;
        }
    for (size_t i = 0; i < sizeof honours / sizeof *honours; i++)
        if (span_ends_case(line, honours[i])) {
            *value = span_first(line, line.len - honours[i].len);
            return true;
        }
    return false;
}

/* Only lines that may hold an address are looked at closely. */
void slots_read(struct marks_view *view, struct span text)
{
    struct span line, value;
    bool label = false; /* the line before was one without its value: cells of a table */
    for (unsigned lines = 0; lines < LINES_MOST && span_cut(&text, '\n', &line);) {
        line = span_trim(line);
        if (!line.len)
            continue;
        lines++;
        bool dot = line.len <= LINE_MOST && holds_dot(line), colon = span_ends_case(line, S(":")) || span_ends_case(line, S("："));
        if (label && dot)
            value_read(view, line);
        label = false;
        if ((dot || colon) && label_cut(view, line, &value)) {
            label = !value.len;
            value_read(view, value);
        } else if (dot && lines <= GREETING_LINES && greeting_cut(view, line, &value)) {
            value_read(view, value);
        }
    }
}

void slots_of_header_read(struct marks_view *view)
{
    static const struct span marks[][2] = {{{"“", 3}, {"”", 3}}, {{"„", 3}, {"“", 3}}, {{"«", 2}, {"»", 2}}, {{"「", 3}, {"」", 3}}, {{"\"", 1}, {"\"", 1}}};
    const struct message *message = view->message;
    struct span subject = span_first(message->subject, LINE_MOST);
    if (message->from.len)
        value_read(view, message->from.at[0].name);
    for (size_t i = 0; i < message->to.len && i < 5; i++)
        value_read(view, message->to.at[i].name);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *open = span_find(subject, marks[i][0]);
        struct span inside = open ? span_skip(span_from(open, subject.at + subject.len), marks[i][0].len) : S("");
        const char *close = span_find(inside, marks[i][1]);
        if (close)
            value_read(view, span_from(inside.at, close));
    }
}

static bool is_accented(char c) /* the first byte of U+00C0 to 024F, 1E00 to 1FFF */
{
    return (c >= '\xc3' && c <= '\xc9') || c == '\xe1';
}

/* The next word of letters with one of them accented, and past it. */
static bool accented_word(struct span *text, struct span *word)
{
    size_t at = 0, begin, end;
    uint64_t eight;
    while (at < text->len && !is_accented(text->at[at])) /* eight bytes of ASCII at a time */
        at += at + 8 <= text->len && (memcpy(&eight, text->at + at, 8), !(eight & 0x8080808080808080u)) ? 8 : 1;
    for (begin = at; begin > 0 && (ascii_is_alpha(text->at[begin - 1]) || text->at[begin - 1] < 0); begin--)
        ;
    for (end = at; end < text->len && (ascii_is_alpha(text->at[end]) || text->at[end] < 0); end++)
        ;
    *word = (struct span){text->at + begin, end - begin};
    *text = span_skip(*text, end);
    return word->len > 0;
}

/* "Ýóúr fúnds": folding takes accents off, so the word itself is asked for. */
void accents_read(struct marks_view *view, struct span text)
{
    enum { TRIED_MOST = 30, WORD_MOST = 60 };
    struct content_words *out = view->out;
    struct span word;
    while (view->accents_tried < TRIED_MOST && accented_word(&text, &word)) {
        struct folded folded;
        bool known = false;
        view->accents_tried++;
        text_fold(view->arena, span_first(word, WORD_MOST), WORD_MOST, &folded);
        vec_each (seen, &view->accented)
            known |= span_eq(*seen, folded.text);
        if (known || word.len > WORD_MOST || !(name_word_uses(view->tables, folded.text) & NAME_WORD_PLAIN))
            continue;
        *vec_push(view->arena, &view->accented) = folded.text;
        if (!out->accented++)
            out->accented_example = word;
    }
}

/* A link for the user hands the name on: ?login=..., in whatever language the letter is. */
void slots_of_links_read(struct marks_view *view, const struct content_links *links)
{
    enum { LINKS_MOST = 40, QUERY_MOST = 1000 };
    static const struct span names[] = {{"login=", 6}, {"user=", 5}, {"username=", 9}, {"user_login=", 11}, {"name=", 5}};
    size_t looked = 0;
    vec_each (link, &links->list) {
        struct span rest = span_first(link->target.query, QUERY_MOST), field;
        if (!rest.len || ++looked > LINKS_MOST)
            continue;
        while (span_cut(&rest, '&', &field))
            for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (span_starts_case(field, names[i]))
                    value_read(view, percent_undo(view->arena, span_skip(field, names[i].len)));
    }
}
