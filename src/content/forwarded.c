#include "content/words_inner.h"

/* The head that mail programs write above a letter they pass on. No standard says how; these are the forms of Outlook, Gmail, Apple
 * Mail and Thunderbird in the languages of the lists. Anybody can write such a head: it tells, and proves nothing. */

static const struct {
    struct span name;
    enum head_kind kind;
} heads[] = {
    {{"From", 4}, HEAD_FROM}, {{"Von", 3}, HEAD_FROM}, {{"De", 2}, HEAD_FROM}, {{"Da", 2}, HEAD_FROM}, {{"Van", 3}, HEAD_FROM}, {{"差出人", 9}, HEAD_FROM},
    {{"Sent", 4}, HEAD_SENT}, {{"Date", 4}, HEAD_SENT}, {{"Gesendet", 8}, HEAD_SENT}, {{"Datum", 5}, HEAD_SENT}, {{"Envoyé", 7}, HEAD_SENT},
    {{"Envoyé le", 10}, HEAD_SENT}, {{"Enviado", 7}, HEAD_SENT}, {{"Enviado el", 10}, HEAD_SENT}, {{"Enviado em", 10}, HEAD_SENT},
    {{"Enviada em", 10}, HEAD_SENT}, {{"Fecha", 5}, HEAD_SENT}, {{"Data", 4}, HEAD_SENT}, {{"Inviato", 7}, HEAD_SENT}, {{"Verzonden", 9}, HEAD_SENT},
    {{"送信日時", 12}, HEAD_SENT}, {{"日時", 6}, HEAD_SENT}, {{"日付", 6}, HEAD_SENT},
    {{"To", 2}, HEAD_TO}, {{"An", 2}, HEAD_TO}, {{"À", 2}, HEAD_TO}, {{"Para", 4}, HEAD_TO}, {{"Aan", 3}, HEAD_TO}, {{"宛先", 6}, HEAD_TO},
    {{"Cc", 2}, HEAD_OTHER}, {{"A", 1}, HEAD_OTHER}, {{"Reply-To", 8}, HEAD_OTHER}, {{"Antwort an", 10}, HEAD_OTHER}, {{"返信先", 9}, HEAD_OTHER},
    {{"Subject", 7}, HEAD_SUBJECT}, {{"Betreff", 7}, HEAD_SUBJECT}, {{"Objet", 5}, HEAD_SUBJECT}, {{"Asunto", 6}, HEAD_SUBJECT},
    {{"Assunto", 7}, HEAD_SUBJECT}, {{"Oggetto", 7}, HEAD_SUBJECT}, {{"Onderwerp", 9}, HEAD_SUBJECT}, {{"件名", 6}, HEAD_SUBJECT},
};

/* Blanks, the mark of quoting, and the stars that stand for bold letters. */
static struct span line_bare(struct span line)
{
    line = span_trim(line);
    while (line.len && (line.at[0] == '>' || line.at[0] == '*'))
        line = span_trim(span_skip(line, 1));
    return line;
}

static struct span without_blank(struct span text)
{
    text = span_trim(text);
    while (span_starts(text, S("\xc2\xa0")))
        text = span_trim(span_skip(text, 2));
    return text;
}

/* What stands behind the colon; at NULL: there is none. */
static struct span behind_colon(struct span rest)
{
    rest = without_blank(rest);
    size_t colon = span_starts(rest, S(":")) ? 1 : span_starts(rest, S("：")) ? 3 : 0;
    return colon ? without_blank(line_bare(span_skip(rest, colon))) : (struct span){0};
}

enum head_kind head_line_read(struct span line, struct span *value)
{
    static const bool may_begin[256] = {['F'] = true, ['V'] = true, ['D'] = true, ['S'] = true, ['G'] = true, ['E'] = true, ['I'] = true, ['T'] = true, ['A'] = true,
                                        ['P'] = true, ['C'] = true, ['R'] = true, ['B'] = true, ['O'] = true, [0xc3] = true, [0xe5] = true, [0xe9] = true, [0xe6] = true, [0xe8] = true, [0xe4] = true};
    line = line_bare(line);
    if (!line.len || !may_begin[(unsigned char)line.at[0]])
        return HEAD_NONE;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (heads[i].name.at[0] != line.at[0] || !span_starts(line, heads[i].name))
            continue;
        *value = behind_colon(span_skip(line, heads[i].name.len));
        if (value->at)
            return heads[i].kind;
    }
    return HEAD_NONE;
}

/* ---- the block */
struct block {
    unsigned have;               /* bits of enum head_kind */
    struct span values[HEAD_KINDS];
    size_t end;                  /* the letter begins behind it */
    bool marked;                 /* its lines bear the mark of quoting */
};

static bool block_line(struct block *block, struct span line, enum head_kind *open)
{
    struct span value = {0};
    enum head_kind kind = head_line_read(line, &value);
    if ((kind == HEAD_NONE && *open == HEAD_NONE) || (kind == HEAD_FROM && block->have >> HEAD_FROM & 1)) /* the next letter's head */
        return false;
    if (kind == HEAD_NONE) { /* a table's cell: the value stands on a line of its own */
        block->values[*open] = line_bare(line);
        *open = HEAD_NONE;
        return true;
    }
    if (!(block->have >> kind & 1))
        block->values[kind] = value;
    block->have |= 1U << kind;
    *open = value.len ? HEAD_NONE : kind;
    return true;
}

static bool block_read(struct span text, struct block *out)
{
    enum { LINES_MOST = 40, OTHERS_MOST = 5, BOTH = 1 << HEAD_FROM | 1 << HEAD_SUBJECT };
    struct span rest = text, line;
    enum head_kind open = HEAD_NONE;
    unsigned others = 0; /* what was ruled above; a list of recipients that goes on */
    *out = (struct block){0};
    for (int i = 0; i < LINES_MOST && span_cut(&rest, '\n', &line); i++) {
        if (!line_bare(line).len)
            continue;
        if (block_line(out, line, &open)) {
            out->end = (size_t)(line.at + line.len - text.at);
            out->marked |= span_trim(line).at[0] == '>';
        } else if ((out->have & BOTH) == BOTH || ++others > OTHERS_MOST) {
            break;
        }
    }
    return out->have & 1 << HEAD_FROM && out->have & (1 << HEAD_SENT | 1 << HEAD_TO | 1 << HEAD_SUBJECT);
}

/* ---- its author */
static bool is_address_byte(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || (c && strchr(".-_+=", c)) || (unsigned char)c >= 0x80;
}

/* "Anna <anna@a.example>", "Anna [mailto:anna@a.example]", an address alone, a name alone. The name is a stranger's: commas and
 * brackets in it part nothing. */
static void author_read(struct arena *arena, struct span value, struct mailbox *out)
{
    enum { MOST = 1000, LOCAL_MOST = 64, DOMAIN_MOST = 253 };
    value = span_first(value, MOST);
    const char *open = span_find_byte(value, '<'), *bracket = span_find(value, S("[mailto:"));
    struct span name = value, place = value;
    if (open || bracket) {
        name = span_from(value.at, open ? open : bracket);
        place = span_skip(value, name.len);
    }
    const char *sign = span_find_byte(place, '@');
    *out = (struct mailbox){.raw = value, .name = span_trim(name)};
    if (sign) {
        const char *from = sign, *to = sign + 1, *end = place.at + place.len;
        while (from > place.at && sign - from < LOCAL_MOST && is_address_byte(from[-1]))
            from--;
        while (to < end && to - sign <= DOMAIN_MOST && is_address_byte(*to))
            to++;
        mailboxes_t found = {0};
        addresses_parse(arena, span_from(from, to), 1, &found);
        if (found.len && found.at[0].domain_ascii.len)
            *out = found.at[0];
        out->name = open || bracket ? span_trim(name) : S("");
    }
    while (out->name.len && strchr("\"'*", out->name.at[0]))
        out->name = span_skip(out->name, 1);
    while (out->name.len && strchr("\"'* ", out->name.at[out->name.len - 1]))
        out->name.len--;
}

/* ---- what the one who passes it on says himself */

/* "Sent from my iPhone": the program's word. */
static bool is_programs(struct span line)
{
    static const struct span names[] = {{"Outlook", 7}, {"iPhone", 6}, {"iPad", 4}, {"Android", 7}, {"Yahoo", 5}, {"Samsung", 7}, {"Galaxy", 6}, {"BlackBerry", 10}, {"for Windows", 11}, {"para Windows", 12}};
    enum { LINE_MOST = 120 };
    for (size_t i = 0; line.len <= LINE_MOST && i < sizeof names / sizeof *names; i++)
        if (span_find(line, names[i]))
            return true;
    return false;
}

static size_t letters_count(struct span line)
{
    size_t letters = 0;
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.at[i];
        letters += ascii_is_alpha((char)c) || ascii_is_digit((char)c) || c >= 0xc3;
    }
    return letters;
}

size_t letters_of_own(struct span text)
{
    struct span line;
    size_t letters = 0;
    while (span_cut(&text, '\n', &line) && letters < OWN_LETTERS_LEAST) {
        line = span_trim(line);
        if (span_eq(line, S("--"))) /* a signature */
            return letters;
        letters += is_programs(line) ? 0 : letters_count(line);
    }
    return letters;
}

/* The letter below is one of the reader: he is answered. */
static bool is_reader(const struct arrival *arrival, const struct message *message, struct span address)
{
    const mailboxes_t *const lists[] = {&message->to, &message->cc};
    enum { MOST = 50 };
    for (size_t i = 0; i < arrival->rcpt_to.len && i < MOST; i++)
        if (address.len && span_eq_case(arrival->rcpt_to.at[i].address, address))
            return true;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < lists[i]->len && k < MOST; k++)
            if (address.len && span_eq_case(lists[i]->at[k].address, address))
                return true;
    return false;
}

static void letter_open(struct arena *arena, const struct arrival *arrival, const struct message *message, struct body_text *body, struct forwarded *out)
{
    enum { NESTED_MOST = 4 };
    for (int i = 0; i < NESTED_MOST && body->quote < body->raw.len; i++) {
        struct block block;
        struct mailbox from;
        if (!block_read(span_skip(body->raw, body->quote), &block))
            return;
        bool bare = letters_of_own(span_first(body->raw, body->quote)) < OWN_LETTERS_LEAST;
        author_read(arena, block.values[HEAD_FROM], &from);
        if (out->present && !bare)
            return;
        *out = (struct forwarded){.present = true, .bare = bare && !is_reader(arrival, message, from.address), .from = from, .subject = block.values[HEAD_SUBJECT]};
        if (!out->bare)
            return;
        body_cut(body, body->quote + block.end, body->html || block.marked);
    }
}

void forwarded_open(struct arena *arena, const struct arrival *arrival, const struct message *message, body_texts_t *bodies, struct forwarded *out)
{
    size_t letters = 0;
    vec_each (body, bodies) {
        if (letters < OWN_LETTERS_LEAST && body->quote < body->raw.len) {
            letter_open(arena, arrival, message, body, out);
            return;
        }
        letters += letters_of_own(body->raw);
    }
}
