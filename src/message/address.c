/* RFC 5322 3.4 with 4.4 (obsolete forms) and RFC 6854, in one pass; where programs differ, a fault says so. */
#include "message/reader.h"

struct list {
    struct arena *arena;
    const char *end;
    size_t most;
    mailboxes_t *out;
    struct span group;
    unsigned faults;
    bool no_quote, no_comment, no_literal, no_angle; /* none of these is closed from here on: they are plain characters */
    struct span comment; /* the last one seen in this item */
    const char *start;   /* of the whole value */
    bool within;         /* this is the inside of encoded-words */
};

static bool is_gap(char c)
{
    return ascii_is_space(c) || c == '\0';
}

/* at: '"'. The byte after the closing one, or NULL where it is never closed. */
static const char *quoted_end(struct list *list, const char *at)
{
    if (list->no_quote)
        return NULL;
    for (const char *p = at + 1; p < list->end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '"')
            return p + 1;
    }
    list->no_quote = true;
    list->faults |= ADDRESS_SYNTAX;
    return NULL;
}

static const char *comment_end(struct list *list, const char *at)
{
    size_t depth = 0;
    if (list->no_comment)
        return NULL;
    for (const char *p = at; p < list->end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '(')
            depth++;
        else if (*p == ')' && --depth == 0)
            return p + 1;
    }
    list->no_comment = true;
    list->faults |= ADDRESS_SYNTAX;
    return NULL;
}

static const char *literal_end(struct list *list, const char *at)
{
    const char *close = list->no_literal ? NULL : memchr(at, ']', (size_t)(list->end - at));
    list->no_literal |= !close;
    return close ? close + 1 : NULL;
}

/* A quoted string, comment or escape at `at` is stepped over whole. NULL: none starts here. */
static const char *unit_end(struct list *list, const char *at)
{
    if (*at == '"')
        return quoted_end(list, at);
    if (*at == '(') {
        const char *stop = comment_end(list, at);
        if (stop)
            list->comment = span_from(at + 1, stop - 1);
        return stop;
    }
    return *at == '\\' && at + 1 < list->end ? at + 2 : NULL;
}

/* Quotes and escapes off, comments out, gaps to one blank. */
static struct span bare(struct list *list, struct span text)
{
    struct list within = {.arena = list->arena, .end = text.at + text.len};
    struct buf out = {.arena = list->arena};
    for (const char *p = text.at; p < within.end; p++) {
        const char *stop = *p == '"' || *p == '(' ? unit_end(&within, p) : NULL;
        if (stop && *p == '"') {
            for (const char *q = p + 1; q < stop - 1; q++)
                buf_byte(&out, *q == '\\' && q + 1 < stop - 1 ? *++q : *q);
            p = stop - 1;
        } else if (stop) {
            p = stop - 1;
        } else if (is_gap(*p)) {
            if (out.len && out.at[out.len - 1] != ' ')
                buf_byte(&out, ' ');
        } else if (*p == '\\' && p + 1 < within.end) {
            buf_byte(&out, *++p);
        } else {
            buf_byte(&out, *p);
        }
    }
    return span_trim(buf_span(&out));
}

/* A gap or a comment may stand beside a dot or an @ (obsolete, RFC 5322 4.4), not inside a word. */
static bool parts_words(const struct buf *out, char next)
{
    return out->len && !span_find_byte(S(".@:,<"), out->at[out->len - 1]) && !span_find_byte(S(".@"), next);
}

/* The address without comments and gaps, quotes kept. */
static struct span address_clean(struct list *list, struct span text)
{
    text = span_trim(text);
    bool plain = true, gap = false;
    for (size_t i = 0; i < text.len && plain; i++)
        plain = !is_gap(text.at[i]) && text.at[i] != '(';
    if (plain)
        return text;
    struct list within = {.arena = list->arena, .end = text.at + text.len};
    struct buf out = {.arena = list->arena};
    for (const char *p = text.at; p < within.end; p++) {
        const char *stop = *p == '"' || *p == '(' ? unit_end(&within, p) : NULL;
        bool kept = stop ? *p == '"' : !is_gap(*p);
        if (kept && gap && parts_words(&out, *p))
            list->faults |= ADDRESS_SYNTAX;
        gap = !kept;
        if (kept)
            buf_add(&out, stop ? span_from(p, stop) : (struct span){p, 1});
        if (stop)
            p = stop - 1;
    }
    return buf_span(&out);
}

/* The last @ outside quotes and literals, and how many there are. */
static const char *at_sign(struct span address, unsigned *count)
{
    const char *last = NULL;
    bool quoted = false;
    *count = 0;
    for (size_t i = 0; i < address.len; i++) {
        if (address.at[i] == '\\')
            i++;
        else if (address.at[i] == '"')
            quoted = !quoted;
        else if (address.at[i] == '@' && !quoted) {
            last = address.at + i;
            ++*count;
        }
    }
    return last;
}

static bool local_is_sound(struct span local)
{
    if (local.len && local.at[0] == '"') {
        size_t i = 1;
        while (i < local.len && local.at[i] != '"')
            i += local.at[i] == '\\' ? 2 : 1;
        return i + 1 == local.len;
    }
    for (size_t i = 0; i < local.len; i++) {
        char c = local.at[i];
        if (!c || span_find_byte(S("()<>[]:;@\\,\" "), c) || (c == '.' && (i == 0 || i + 1 == local.len || local.at[i - 1] == '.')))
            return false;
    }
    return local.len > 0;
}

static bool domain_is_literal(struct span domain)
{
    if (domain.len < 3 || domain.at[0] != '[' || domain.at[domain.len - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < domain.len; i++)
        if (!domain.at[i] || span_find_byte(S("[]\\"), domain.at[i]))
            return false;
    return true;
}

static bool has_encoded_word(struct span text)
{
    const char *start = span_find(text, S("=?"));
    return start && span_find(span_from(start + 2, text.at + text.len), S("?="));
}

/* Fills address, local and domains from what stands between the angle brackets, or from a bare address. */
static void spec_read(struct list *list, struct span text, struct mailbox *box)
{
    struct span address = address_clean(list, text);
    if (address.len && address.at[0] == '@') { /* obs-route */
        const char *colon = span_find_byte(address, ':');
        if (colon) {
            list->faults |= ADDRESS_ROUTE;
            address = span_from(colon + 1, address.at + address.len);
        }
    }
    unsigned count;
    const char *sign = at_sign(address, &count);
    box->address = address;
    struct span local = sign ? span_from(address.at, sign) : address;
    box->domain = sign ? span_from(sign + 1, address.at + address.len) : (struct span){0};
    if (count > 1)
        list->faults |= ADDRESS_MANY_AT;
    if (address.len && !box->domain.len)
        list->faults |= ADDRESS_NO_DOMAIN;
    if (address.len && !local_is_sound(local))
        list->faults |= ADDRESS_SYNTAX;
    if (has_encoded_word(address))
        list->faults |= ADDRESS_WORD;
    box->local = local.len && (span_find_byte(local, '"') || span_find_byte(local, '\\')) ? bare(list, local) : local;
    if (!box->domain.len || domain_is_literal(box->domain))
        return;
    box->domain_ascii = domain_to_ascii(list->arena, box->domain);
    if (!box->domain_ascii.len)
        list->faults |= ADDRESS_DOMAIN_BAD;
}

static bool needs_baring(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '"' || text.at[i] == '(' || text.at[i] == '\\' || text.at[i] == '\t' || text.at[i] == '\0' ||
            (text.at[i] == ' ' && i + 1 < text.len && text.at[i + 1] == ' '))
            return true;
    return false;
}

static struct span name_read(struct list *list, struct span phrase)
{
    unsigned faults = 0;
    phrase = span_trim(phrase);
    if (needs_baring(phrase))
        phrase = bare(list, phrase);
    return phrase.len ? words_read(list->arena, phrase, &faults) : phrase;
}

static struct mailbox *mailbox_new(struct list *list)
{
    if (list->out->len >= list->most) {
        list->faults |= ADDRESS_TOO_MANY;
        return NULL;
    }
    return vec_push(list->arena, list->out);
}

/* The name looks like an address, and like another one than the one it stands before. */
static bool name_misleads(const struct mailbox *box)
{
    const char *sign = span_find_byte(box->name, '@');
    if (!sign || sign == box->name.at || sign + 1 == box->name.at + box->name.len || is_gap(sign[1]) || is_gap(sign[-1]))
        return false;
    return !span_find_case(box->name, box->address);
}

static void mailbox_finish(struct list *list, struct mailbox *box, struct span raw)
{
    box->raw = span_trim(raw);
    box->offset = box->raw.len ? (size_t)(box->raw.at - list->start) : 0;
    box->group = list->group;
    if (!box->name.len && list->comment.len)
        box->name = name_read(list, list->comment);
    if (name_misleads(box))
        list->faults |= ADDRESS_IN_NAME;
    for (size_t i = 0; i < box->address.len; i++)
        if ((unsigned char)box->address.at[i] < ' ' || box->address.at[i] == 127)
            list->faults |= ADDRESS_CONTROL;
    if (span_find_byte(box->raw, '\0'))
        list->faults |= ADDRESS_CONTROL;
}

/* at: '<'. The byte of the closing '>', or where the address ends without one. */
static const char *angle_end(struct list *list, const char *at)
{
    const char *p = at + 1;
    while (p < list->end && *p != '>' && !list->no_angle) {
        const char *stop = unit_end(list, p);
        p = stop ? stop : p + 1;
    }
    if (p < list->end && *p == '>')
        return p;
    list->no_angle = true;
    list->faults |= ADDRESS_SYNTAX;
    const char *comma = memchr(at, ',', (size_t)(list->end - at));
    return comma ? comma : list->end;
}

struct item {
    const char *phrase; /* the words before the next angle address begin here */
    size_t boxes;               /* mailboxes made of it so far */
    bool sign;                  /* an @ was seen outside of angles */
};

/* Returns where to go on behind the angle address. */
static const char *angle_read(struct list *list, struct item *item, const char *at)
{
    struct span phrase = span_from(item->phrase, at);
    while (at + 1 < list->end && at[1] == '<') {
        list->faults |= ADDRESS_SYNTAX;
        at++;
    }
    const char *close = angle_end(list, at);
    struct mailbox *box = mailbox_new(list);
    if (!box)
        return list->end;
    list->faults |= item->boxes++ ? ADDRESS_TWO_ANGLES : 0;
    box->name = name_read(list, phrase);
    spec_read(list, span_from(at + 1, close), box);
    const char *on = close < list->end && *close == '>' ? close + 1 : close;
    while (on < list->end && *on == '>')
        on++;
    mailbox_finish(list, box, span_from(item->phrase, on));
    item->phrase = on;
    return on;
}

static bool has_gap_inside(struct span text)
{
    return span_find_byte(text, ' ') || span_find_byte(text, '\t');
}

static const char *item_read(struct list *list, const char *at);

/* A whole address hidden in encoded-words: not allowed, and read by some programs. */
static bool decoded_read(struct list *list, struct span text)
{
    unsigned faults = 0;
    struct span plain = words_read(list->arena, text, &faults);
    if (list->within || !span_find_byte(plain, '@') || span_find(plain, S("=?")))
        return false;
    struct list inner = {.arena = list->arena, .start = plain.at, .end = plain.at + plain.len, .most = list->most, .out = list->out,
                         .group = list->group, .within = true};
    size_t from = list->out->len;
    for (const char *at = plain.at; at < inner.end && !(inner.faults & ADDRESS_TOO_MANY);)
        at = item_read(&inner, at);
    list->faults |= inner.faults | ADDRESS_WORD;
    for (size_t i = from; i < list->out->len; i++) {
        list->out->at[i].raw = text;
        list->out->at[i].offset = (size_t)(text.at - list->start);
    }
    return list->out->len > from;
}

static void bare_read(struct list *list, struct item *item, const char *stop)
{
    struct span text = span_trim(span_from(item->phrase, stop));
    if (!text.len || item->boxes) {
        struct mailbox *last = item->boxes ? &list->out->at[list->out->len - 1] : NULL;
        bool words = text.len && text.at[0] != '(';
        list->faults |= words ? ADDRESS_SYNTAX : 0;
        if (last && !last->name.len) /* "<a@b> (name)", "<a@b> name" */
            last->name = name_read(list, words ? text : list->comment);
        return;
    }
    if (span_find(text, S("=?")) && decoded_read(list, text))
        return;
    struct mailbox *box = mailbox_new(list);
    if (!box)
        return;
    if (item->sign || !has_gap_inside(text)) {
        spec_read(list, text, box);
    } else {
        box->name = name_read(list, text);
        list->faults |= ADDRESS_NO_DOMAIN;
    }
    mailbox_finish(list, box, text);
}

static const char *group_read(struct list *list, struct item *item, const char *colon)
{
    list->group = name_read(list, span_from(item->phrase, colon));
    list->faults |= ADDRESS_GROUP;
    item->phrase = colon + 1;
    return colon + 1;
}

/* One address of the list, up to its comma or semicolon. Returns the byte behind that. */
static const char *item_read(struct list *list, const char *at)
{
    struct item item = {.phrase = at};
    list->comment = (struct span){0};
    while (at < list->end && *at != ',' && *at != ';') {
        const char *stop = unit_end(list, at);
        if (stop) {
            at = stop;
        } else if (*at == '<') {
            at = angle_read(list, &item, at);
        } else if (*at == ':' && !item.sign && !item.boxes) {
            at = group_read(list, &item, at);
        } else {
            item.sign |= *at == '@';
            stop = *at == '@' && at + 1 < list->end && at[1] == '[' ? literal_end(list, at + 1) : NULL;
            at = stop ? stop : at + 1;
        }
    }
    bare_read(list, &item, at);
    if (at < list->end && *at == ';') {
        list->faults |= list->group.at ? 0 : ADDRESS_SYNTAX;
        list->group = (struct span){0};
    }
    return at + (at < list->end);
}

unsigned addresses_read(struct arena *arena, struct span value, size_t most, mailboxes_t *out)
{
    struct list list = {.arena = arena, .start = value.at, .end = value.at + value.len, .most = most, .out = out};
    for (const char *at = value.at; at < list.end && !(list.faults & ADDRESS_TOO_MANY);)
        at = item_read(&list, at);
    return list.faults;
}

void addresses_parse(struct arena *arena, struct span value, size_t most, mailboxes_t *out)
{
    addresses_read(arena, value, most, out);
}
