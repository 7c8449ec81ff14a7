/* One Received field: RFC 5321 4.4 clauses as every mailer bends them. A tokenizer keeps words and comments apart; the
 * clauses are read in the order written; peer.c reads what stands in brackets. */
#include "trace/inner.h"

enum { MOST_ITEMS = 96, MOST_COMMENT = 4096, MOST_UNCLOSED = 8, MOST_ANGLE = 512 };

struct item {
    enum { ITEM_WORD, ITEM_COMMENT, ITEM_SEMICOLON } kind;
    struct span text; /* comments without their outer brackets */
};

struct items {
    struct item at[MOST_ITEMS];
    size_t len;
    size_t end; /* items before the last semicolon; len where there is none */
    bool cut;
};

/* The length of the comment that opens at s.at[0], brackets included; 0 where it does not close. */
static size_t comment_length(struct span s)
{
    size_t depth = 0, most = s.len < MOST_COMMENT ? s.len : MOST_COMMENT;
    for (size_t i = 0; i < most; i++) {
        char c = s.at[i];
        if (c == '\\')
            i++;
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            return i + 1;
    }
    return 0;
}

static bool ends_word(char c)
{
    return (unsigned char)c <= ' ' || c == ';' || c == '(';
}

static size_t word_length(struct span s)
{
    size_t i = 0;
    if (s.at[0] == '<' || s.at[0] == '"') { /* an address or a quoted string may hold anything */
        const char *close = memchr(s.at + 1, s.at[0] == '<' ? '>' : '"', (s.len < MOST_ANGLE ? s.len : MOST_ANGLE) - 1);
        if (close)
            i = (size_t)(close - s.at) + 1;
    }
    while (i < s.len && !ends_word(s.at[i]))
        i++;
    return i;
}

static void item_add(struct items *items, int kind, struct span text)
{
    items->at[items->len].kind = kind;
    items->at[items->len++].text = text;
    if (kind == ITEM_SEMICOLON)
        items->end = items->len - 1;
}

static void items_read(struct span value, struct items *items)
{
    struct span rest = value;
    size_t unclosed = 0;
    bool semicolon = false;
    while (rest.len && items->len < MOST_ITEMS) {
        size_t n = 1;
        if (rest.at[0] == ';') {
            item_add(items, ITEM_SEMICOLON, span_first(rest, 1));
            semicolon = true;
        } else if (rest.at[0] == '(') {
            n = unclosed < MOST_UNCLOSED ? comment_length(rest) : 0;
            if (n)
                item_add(items, ITEM_COMMENT, span_first(span_skip(rest, 1), n - 2));
            else
                unclosed++, n = 1;
        } else if ((unsigned char)rest.at[0] > ' ' && rest.at[0] != ')') {
            n = word_length(rest);
            item_add(items, ITEM_WORD, span_first(rest, n));
        }
        rest = span_skip(rest, n);
    }
    items->cut = rest.len > 0;
    if (!semicolon)
        items->end = items->len;
}

/* ---- clauses */
enum clause {
    CLAUSE_NONE,
    CLAUSE_FROM,
    CLAUSE_BY,
    CLAUSE_VIA,
    CLAUSE_WITH,
    CLAUSE_ID,
    CLAUSE_FOR,
    CLAUSE_TLS,
    CLAUSE_COUNT
};

struct walk {
    struct hop *hop;
    enum clause now;
    bool seen[CLAUSE_COUNT];
    size_t words;      /* in this clause */
    const char *after; /* where words begin that belong to no clause; NULL: none yet */
    bool open;         /* no comment since the last word of `with` */
};

static enum clause clause_of(struct span word)
{
    static const struct {
        struct span word;
        enum clause clause;
    } names[] = {{{"from", 4}, CLAUSE_FROM}, {{"by", 2}, CLAUSE_BY}, {{"via", 3}, CLAUSE_VIA},
                 {{"with", 4}, CLAUSE_WITH}, {{"id", 2}, CLAUSE_ID}, {{"for", 3}, CLAUSE_FOR},
                 {{"tls", 3}, CLAUSE_TLS}};
    if (word.len && word.at[word.len - 1] == ':') /* "id: <...>" */
        word.len--;
    if (word.len < 2 || word.len > 4)
        return CLAUSE_NONE;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_eq_case(word, names[i].word))
            return names[i].clause;
    return CLAUSE_NONE;
}

static struct span unangled(struct span word)
{
    while (word.len && word.at[word.len - 1] == ',')
        word.len--;
    if (word.len >= 2 && word.at[0] == '<' && word.at[word.len - 1] == '>')
        return span_first(span_skip(word, 1), word.len - 2);
    return word;
}

static bool is_word(const struct items *items, size_t i)
{
    return i < items->end && items->at[i].kind == ITEM_WORD;
}

/* Whether the keyword at i opens its clause. A keyword may be a name too: a host that says HELO "by" is written
 * "from by (host [address]) by ...", and "from <address>" late in the field is the envelope sender. */
static bool clause_opens(const struct walk *w, const struct items *items, size_t i, enum clause clause)
{
    if (w->seen[clause])
        return false;
    if (clause == CLAUSE_TLS)
        return w->seen[CLAUSE_WITH];
    if (w->now == CLAUSE_FROM && w->words == 0)
        return clause == CLAUSE_BY && is_word(items, i + 1);
    if (w->now != CLAUSE_NONE && w->now != CLAUSE_TLS && w->words == 0)
        return is_word(items, i + 1); /* an empty clause; before a comment it is a name */
    if (clause == CLAUSE_FROM && w->seen[CLAUSE_BY])
        return is_word(items, i + 1) && !span_find_byte(items->at[i + 1].text, '@') &&
               items->at[i + 1].text.at[0] != '<';
    if (clause == CLAUSE_BY || clause == CLAUSE_FROM)
        return true;
    return w->seen[CLAUSE_BY] || w->seen[CLAUSE_FROM];
}

static void from_word(struct walk *w, struct span word)
{
    struct ip ip;
    if (w->words == 0)
        w->hop->from = span_ends_case(word, S(",")) ? span_first(word, word.len - 1) : word;
    else if (w->hop->address.family == IP_NONE && host_word_ip(word, &ip))
        w->hop->address = ip;
}

static void by_word(struct walk *w, struct span word)
{
    if (w->words == 0) {
        w->hop->by = word.at[word.len - 1] == ',' ? span_first(word, word.len - 1) : word;
        host_word_ip(w->hop->by, &w->hop->by_address);
    } else if (!w->after) {
        w->after = word.at;
    }
}

static void with_word(struct walk *w, struct span word)
{
    if (w->words == 0)
        w->hop->with = word;
    else if (w->open)
        w->hop->with = span_from(w->hop->with.at, word.at + word.len);
    w->open = true;
}

static void word_read(struct walk *w, struct span word)
{
    struct hop *hop = w->hop;
    switch (w->now) {
    case CLAUSE_FROM:
        from_word(w, word);
        break;
    case CLAUSE_BY:
        by_word(w, word);
        break;
    case CLAUSE_WITH:
        with_word(w, word);
        break;
    case CLAUSE_ID:
    case CLAUSE_FOR:
        if (w->words == 0)
            *(w->now == CLAUSE_ID ? &hop->id : &hop->for_whom) = unangled(word);
        else if (!w->after)
            w->after = word.at;
        break;
    case CLAUSE_TLS:
        if (w->words == 0 && !hop->tls.cipher.len)
            hop->tls.cipher = word;
        break;
    default:
        break;
    }
    w->words++;
}

static void comment_read(struct walk *w, struct span comment)
{
    w->open = false;
    if (w->now == CLAUSE_FROM)
        peer_read(comment, w->hop);
    else if (w->now == CLAUSE_BY && w->words <= 1)
        own_read(comment, w->hop);
    else
        remark_read(comment, w->hop);
}

static void clauses_read(const struct items *items, struct walk *w)
{
    for (size_t i = 0; i < items->end; i++) {
        const struct item *item = &items->at[i];
        enum clause clause = item->kind == ITEM_WORD ? clause_of(item->text) : CLAUSE_NONE;
        if (item->kind == ITEM_COMMENT) {
            comment_read(w, item->text);
        } else if (clause != CLAUSE_NONE && clause_opens(w, items, i, clause)) {
            w->now = clause;
            w->seen[clause] = true;
            w->words = 0;
        } else if (item->kind == ITEM_WORD) {
            if (clause == CLAUSE_WITH && w->now == CLAUSE_WITH)
                w->open = false; /* "with ESMTP with STARTTLS": the first is the protocol */
            else
                word_read(w, item->text);
        }
    }
}

/* ---- what the clauses mean together */
static struct span undotted_end(struct span name)
{
    return name.len > 1 && name.at[name.len - 1] == '.' ? span_first(name, name.len - 1) : name;
}

static bool names_nobody(struct span name)
{
    return !name.len || span_eq_case(name, S("unknown")) || span_eq_case(name, S("(unknown)"));
}

/* With a HELO told apart, the word after `from` is the reverse name (Exim, qmail); else it is the HELO itself. */
static void peer_settle(struct hop *hop)
{
    struct ip literal = {0};
    bool is_address = host_word_ip(hop->from, &literal);
    bool told = hop->address.family != IP_NONE;
    if (hop->helo.len) {
        if (!is_address && !hop->reverse.len && span_find_byte(hop->from, '.'))
            hop->reverse = undotted_end(hop->from);
    } else if (told && !names_nobody(hop->from)) {
        hop->helo = hop->from;
    }
    if (!told && is_address)
        hop->address = literal;
    if (names_nobody(hop->reverse))
        hop->reverse = (struct span){0};
}

/* "ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384" (Cisco) is protocol and cipher in one word. */
static void protocol_settle(struct hop *hop)
{
    const char *tls = span_find_case(hop->with, S("/TLS/"));
    if (tls && !hop->tls.cipher.len) {
        hop->tls.cipher = span_from(tls + 5, hop->with.at + hop->with.len);
        hop->with = span_from(hop->with.at, tls);
        hop->mailer = hop->mailer == MAILER_UNKNOWN ? MAILER_CISCO : hop->mailer;
    }
    static const struct span inside[] = {{"local", 5}, {"mapi", 4}, {"local-bsmtp", 11}, {"stdio", 5}, {"UUCP", 4}};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (span_eq_case(hop->with, inside[i]))
            hop->local = true;
    if (span_starts(hop->field->value, S("from mail pickup service ")))
        hop->local = true; /* Microsoft's queue folder */
    if (span_eq_case(hop->with, S("HTTP")) && !hop->from.len && hop->address.family == IP_NONE)
        hop->local = true; /* written in the service's own web page */
}

/* Reached through a socket or a pipe: a mailer that always writes the address of a client in the network has none to
 * write. From others the word may be the client's own HELO. */
static bool on_a_socket(const struct hop *hop)
{
    static const struct span localhost = {"localhost", 9}, localdomain = {"localhost.localdomain", 21};
    const struct span value = hop->field->value;
    struct span peer = hop->by.len ? span_from(value.at, hop->by.at) : value;
    if (hop->mailer != MAILER_POSTFIX && hop->mailer != MAILER_EXIM && hop->mailer != MAILER_SENDMAIL)
        return false;
    if (span_find_case(peer, S("unix socket")))
        return true;
    return !span_find_byte(peer, '[') && (span_eq_case(hop->from, localhost) || span_eq_case(hop->from, localdomain));
}

/* A hand-over inside one site; after mailer_settle. */
static void hand_over_settle(struct hop *hop)
{
    if (hop->address.family == IP_NONE && (speaks_lmtp(hop) || on_a_socket(hop)))
        hop->local = true;
}

/* Proofpoint's machines call themselves by Sendmail's version: there the host's name says more. */
static void mailer_settle(struct hop *hop)
{
    enum mailer mailer =
        hop->mailer == MAILER_UNKNOWN || hop->mailer == MAILER_SENDMAIL ? mailer_of_hop(hop) : MAILER_UNKNOWN;
    if (mailer != MAILER_UNKNOWN)
        hop->mailer = mailer;
}

static bool time_read(struct span text, int64_t *out)
{
    text = span_first(span_trim(text), 200);
    return text.len && time_parse(text, out, NULL);
}

static bool begins_date(struct span word)
{
    static const char days[] = "montuewedthufrisatsun";
    if (word.len >= 10 && word.at[4] == '-' && ascii_is_digit(word.at[0]) && ascii_is_digit(word.at[3]))
        return true;
    if (word.len < 3 || word.len > 4)
        return false;
    for (size_t i = 0; i < 7; i++)
        if (span_eq_case(span_first(word, 3), (struct span){days + 3 * i, 3}))
            return true;
    return false;
}

/* Normally what follows the last semicolon; else after the first one, or words left over, or words that look like a
 * date. */
static int64_t time_find(struct span value, const struct items *items, const struct walk *w)
{
    const char *end = value.at + value.len;
    int64_t time;
    if (items->cut) {
        const char *last = memrchr(value.at, ';', value.len);
        return last && time_read(span_from(last + 1, end), &time) ? time : TIME_UNKNOWN;
    }
    if (items->end < items->len && time_read(span_from(items->at[items->end].text.at + 1, end), &time))
        return time;
    const char *first = items->end < items->len ? span_find_byte(value, ';') : NULL;
    if (first && time_read(span_from(first + 1, end), &time))
        return time;
    if (w->after && time_read(span_from(w->after, end), &time))
        return time;
    for (size_t i = 0, tried = 0; i < items->len && tried < 3; i++)
        if (items->at[i].kind == ITEM_WORD && begins_date(items->at[i].text)) {
            tried++;
            if (time_read(span_from(items->at[i].text.at, end), &time))
                return time;
        }
    return TIME_UNKNOWN;
}

bool received_parse(struct arena *arena, const struct field *field, struct hop *out)
{
    (void)arena; /* everything read points into the field */
    *out = (struct hop){.field = field, .time = TIME_UNKNOWN, .delay = TIME_UNKNOWN};
    struct items items;
    items.len = items.end = 0;
    struct walk w = {.hop = out};
    items_read(field->value, &items);
    clauses_read(&items, &w);
    out->time = time_find(field->value, &items, &w);
    peer_settle(out);
    out->scope = ip_scope_of(&out->address);
    protocol_settle(out);
    mailer_settle(out);
    hand_over_settle(out);
    if (w.seen[CLAUSE_FROM] && names_nobody(out->from) && out->address.family == IP_NONE && !out->reverse.len &&
        !out->helo.len)
        out->oddities |= HOP_NO_FROM;
    out->oddities |= (out->by.len ? 0 : HOP_NO_BY) | (out->time == TIME_UNKNOWN ? HOP_NO_TIME : 0);
    bool readable = out->by.len || out->time != TIME_UNKNOWN;
    out->oddities |= readable ? 0 : HOP_UNREADABLE;
    return readable;
}
