#include "message/link_scan.h"

#include "message/url_parts.h"

enum { SCHEME_MOST = 32, ANGLE_MOST = 2048, JOINED_LINES_MOST = 8, LINE_LEAST = 70, LINE_MOST = 80, HOST_MOST = 253 };

struct scan {
    struct arena *arena;
    struct span text;
    const char *end, *done; /* everything before `done` is spent */
    link_found *found;
    void *context;
};

static bool is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* ---- how far an address goes */

/* Characters after which no address goes on: ideographic blanks and marks, full-width brackets, kana, general spaces and
 * quotation marks. at stands on a byte above 127. */
static bool foreign_stop(const char *at, const char *end)
{
    unsigned char a = (unsigned char)at[0], b = at + 1 < end ? (unsigned char)at[1] : 0, c = at + 2 < end ? (unsigned char)at[2] : 0;
    if (a == 0xc2)
        return b == 0xa0 || b == 0xab || b == 0xbb;
    if (a == 0xe2)
        return b == 0x80 && (c <= 0x8a || (c >= 0x98 && c <= 0x9f) || c == 0xa6 || (c >= 0xa8 && c <= 0xaf));
    if (a == 0xe3)
        return b <= 0x83; /* U+3000 to U+30FF */
    return a == 0xef && ((b == 0xbc && (c == 0x88 || c == 0x89 || c == 0x8c || c == 0x9b || c == 0x9c || c == 0x9e)) || (b == 0xbb && c == 0xbf));
}

/* U+3002, U+FF0E and U+FF61 between the letters of a host are dots to a browser. */
static bool foreign_dot(const char *at, const char *end)
{
    struct span s = span_from(at, end);
    bool dot = span_starts(s, S("\xe3\x80\x82")) || span_starts(s, S("\xef\xbc\x8e")) || span_starts(s, S("\xef\xbd\xa1"));
    return dot && s.len > 3 && is_alnum(s.at[3]);
}

/* Kana after an ASCII name are words; in a name of that script they are letters (before: the byte before). */
static bool foreign_letter(const char *at, const char *end, unsigned char before)
{
    bool kana = (unsigned char)at[0] == 0xe3 && at + 1 < end && (unsigned char)at[1] >= 0x81 && (unsigned char)at[1] <= 0x83;
    return kana && (before > 127 || before == '.' || before == '/');
}

static bool stops(const char *at, const char *end, bool in_host, unsigned char before)
{
    unsigned char c = (unsigned char)*at;
    if (c > 127)
        return foreign_stop(at, end) && !(in_host && (foreign_dot(at, end) || foreign_letter(at, end, before)));
    return c <= ' ' || c == 127 || c == '<' || c == '>' || c == '"' || c == '`' || (c == ']' && at + 1 < end && at[1] == '(');
}

static const char *address_end(const char *from, const char *host, const char *end)
{
    bool in_host = true;
    const char *at = from;
    while (at < end && !stops(at, end, in_host, at > from ? (unsigned char)at[-1] : ' ')) {
        if (at >= host && (*at == '/' || *at == '?' || *at == '#'))
            in_host = false;
        if (in_host && at > host && *at == '[') /* "name[192.0.2.1]" of a log */
            break;
        at++;
        while (at < end && ((unsigned char)*at & 0xc0) == 0x80)
            at++;
    }
    return at;
}

/* ---- addresses in angle brackets may be broken over lines (RFC 3986 appendix C) */
static struct span without_breaks(struct arena *arena, struct span s)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] != '\n' && s.at[i] != '\r') {
            buf_byte(&out, s.at[i]);
            continue;
        }
        while (out.len && (out.at[out.len - 1] == ' ' || out.at[out.len - 1] == '\t'))
            out.len--;
        while (i + 1 < s.len && (ascii_is_space(s.at[i + 1]) || s.at[i + 1] == '>'))
            i++;
    }
    return buf_span(&out);
}

/* The bracket that closes: a '>' that begins a line is a mark of quoting. */
static const char *angle_close(struct span s)
{
    for (size_t i = 0; i < s.len && i < ANGLE_MOST && s.at[i] != '<'; i++)
        if (s.at[i] == '>' && i > 0 && s.at[i - 1] != '\n')
            return s.at + i;
    return NULL;
}

static bool angle_found(struct scan *scan, const char *from)
{
    if (from == scan->text.at || from[-1] != '<')
        return false;
    const char *close = angle_close(span_from(from, scan->end));
    if (!close)
        return false;
    struct span inside = span_from(from, close);
    if (span_find_byte(inside, '\n'))
        inside = without_breaks(scan->arena, inside);
    if (span_find_byte(inside, ' ') || span_find_byte(inside, '\t') || span_find_byte(inside, '"'))
        return false;
    scan->found(scan->context, inside);
    scan->done = close + 1;
    return true;
}

/* ---- addresses that a line's end cut */
static const char *line_start(const struct scan *scan, const char *at)
{
    const char *least = at - scan->text.at > LINE_MOST ? at - LINE_MOST - 1 : scan->text.at;
    while (at > least && at[-1] != '\n')
        at--;
    return at;
}

static const char *next_line(const struct scan *scan, const char *at)
{
    at += at < scan->end && *at == '\r';
    return at < scan->end && *at == '\n' ? at + 1 : NULL;
}

/* Does the first word of the next line look like the rest of an address rather than like words? */
static bool goes_on(struct span word, bool alone, char before)
{
    bool sign = false;
    for (size_t i = 0; i < word.len; i++) {
        if ((unsigned char)word.at[i] > 126)
            return false;
        sign |= ascii_is_digit(word.at[i]) || span_find_byte(S("/?=&%#-_"), word.at[i]);
    }
    if (!word.len || span_find(word, S("://")) || span_starts_case(word, S("www.")) || span_find_byte(S("<>\"(["), word.at[0]))
        return false;
    return sign || alone || span_find_byte(S("/?=&%#-_"), before);
}

/* The word that the next line begins with, if the line that ends at `at` is full. */
static bool next_word(const struct scan *scan, const char *at, struct span *word, bool *whole_line)
{
    ptrdiff_t columns = at - line_start(scan, at);
    const char *next = next_line(scan, at);
    if (!next || columns < LINE_LEAST || columns > LINE_MOST)
        return false;
    const char *end = address_end(next, scan->end, scan->end);
    *word = span_from(next, end);
    *whole_line = end == scan->end || *end == '\r' || *end == '\n';
    return goes_on(*word, *whole_line, at[-1]);
}

static void joined_found(struct scan *scan, struct span first)
{
    struct buf joined = {.arena = scan->arena};
    const char *at = first.at + first.len;
    struct span word;
    bool whole = true;
    for (int i = 0; i < JOINED_LINES_MOST && whole && next_word(scan, at, &word, &whole); i++) {
        if (!joined.len)
            buf_add(&joined, first);
        buf_add(&joined, word);
        at = word.at + word.len;
    }
    if (joined.len)
        scan->found(scan->context, url_text_trim(buf_span(&joined)));
}

static void address_found(struct scan *scan, const char *from, const char *host)
{
    if (angle_found(scan, from))
        return;
    struct span whole = span_from(from, address_end(from, host, scan->end)), trimmed = url_text_trim(whole);
    scan->done = whole.at + whole.len;
    if (trimmed.at + trimmed.len <= host)
        return;
    scan->found(scan->context, trimmed);
    joined_found(scan, whole);
}

/* ---- where an address begins */
static bool bare_scheme(struct span scheme)
{
    static const char *const known[] = {"mailto", "tel", "sms", "data", "javascript", "vbscript", "callto", "skype", "whatsapp", "facetime"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_eq_case(scheme, span_of(known[i])))
            return true;
    return false;
}

/* "data: yes" is a sentence; so is "tel: 123". */
static bool bare_holds(struct span scheme, struct span after)
{
    struct span head = span_first(after, 100);
    if (!after.len || (unsigned char)after.at[0] <= ' ')
        return false;
    if (span_eq_case(scheme, S("data")))
        return span_find_byte(head, ',') && span_find_byte(head, '/');
    return !span_eq_case(scheme, S("mailto")) || span_find_byte(head, '@') || after.at[0] == '?';
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static void at_colon(struct scan *scan, const char *colon)
{
    const char *from = colon;
    while (from > scan->done && colon - from < SCHEME_MOST && (is_alnum(from[-1]) || from[-1] == '+' || from[-1] == '-' || from[-1] == '.'))
        from--;
    while (from < colon && !ascii_is_alpha(*from))
        from++;
    struct span scheme = span_from(from, colon), after = span_from(colon + 1, scan->end);
    if (!scheme.len || !after.len)
        return;
    bool slashes = after.len > 2 && is_slash(after.at[0]) && is_slash(after.at[1]);
    bool web = span_ends_case(scheme, S("http")) || span_ends_case(scheme, S("https"));
    if (web) /* words that touch the scheme are not part of it */
        from = colon - (span_ends_case(scheme, S("s")) ? 5 : 4);
    if (slashes || (web && is_slash(after.at[0])))
        address_found(scan, from, colon + (slashes ? 3 : 2));
    else if (bare_scheme(scheme) && bare_holds(scheme, after))
        address_found(scan, from, colon + 1);
}

/* Ends of names that mail programs make a link of without being asked. Ends that are words of programs or of sentences
 * ("client.dev", "done.it was") are so only with a path or a third label. */
static bool last_label_holds(struct span label, size_t dots, bool path)
{
    static const char *const sure[] = {"com", "net", "org", "info", "biz", "edu", "gov", "xyz", "top", "site", "online", "shop", "store",
        "club", "click", "icu", "vip", "cloud", "website", "buzz", "mobi", "asia", "tokyo", "bank", "cyou", "sbs", "cfd", "monster", "loan"};
    static const char *const soft[] = {"app", "dev", "name", "network", "work", "page", "space", "group", "support", "services", "company",
        "center", "global", "world", "life", "zone", "rest", "fun", "win", "bid", "pro", "int", "mil", "live", "link", "tech", "today",
        "email", "digital", "agency", "finance"};
    static const char *const files[] = {"md", "py", "sh", "pl", "rs", "ps", "so", "cc", "am", "pm"};
    for (size_t i = 0; i < sizeof sure / sizeof *sure; i++)
        if (span_eq_case(label, span_of(sure[i])))
            return true;
    if (!path && dots < 2)
        return false;
    for (size_t i = 0; i < sizeof soft / sizeof *soft; i++)
        if (span_eq_case(label, span_of(soft[i])))
            return true;
    if (label.len != 2 || label.at[0] < 'a' || label.at[0] > 'z' || label.at[1] < 'a' || label.at[1] > 'z')
        return false;
    for (size_t i = 0; i < sizeof files / sizeof *files && !path; i++)
        if (span_eq(label, span_of(files[i])))
            return false;
    return true;
}

static bool labels_hold(struct span host, bool path)
{
    struct span label = {0}, rest = host;
    size_t dots = 0, labels = 0;
    if (host.len > HOST_MOST)
        return false;
    for (; span_cut(&rest, '.', &label); labels++)
        if (!label.len || label.at[0] == '-')
            return false;
    dots = labels - 1;
    return labels >= 2 && last_label_holds(label, dots, path);
}

static void at_dot(struct scan *scan, const char *dot)
{
    const char *from = dot, *end = dot;
    while (from > scan->done && (is_alnum(from[-1]) || from[-1] == '-' || from[-1] == '.'))
        from--;
    while (end < scan->end && (is_alnum(*end) || *end == '-' || *end == '.'))
        end++;
    scan->done = end; /* the name is looked at once, whatever it is */
    char before = from > scan->text.at ? from[-1] : ' ', after = end < scan->end ? *end : ' ';
    if (before == '@' || before == '/' || before == '=' || before == '_' || before == '&' || after == '@' || after == '_' || after == '%')
        return;
    while (end > from && end[-1] == '.')
        end--;
    struct span host = span_from(from, end);
    bool www = span_starts_case(host, S("www.")) && host.len > 6, more = end + 1 < scan->end && is_alnum(end[1]);
    bool path = after == '/' || ((after == '?' || after == '#') && more), port = after == ':' && more && ascii_is_digit(end[1]);
    if (!(www && span_find_byte(span_skip(host, 4), '.')) && !labels_hold(host, path))
        return;
    if (path || port)
        address_found(scan, from, from);
    else
        scan->found(scan->context, host);
    scan->done = scan->done > end ? scan->done : end;
}

void text_scan(struct arena *arena, struct span text, link_found *found, void *context)
{
    if (!text.len)
        return;
    struct scan scan = {arena, text, text.at + text.len, text.at, found, context};
    for (const char *at = text.at; at < scan.end;) {
        while (at < scan.end && *at != ':' && *at != '.')
            at++;
        if (at == scan.end)
            return;
        if (*at == ':')
            at_colon(&scan, at);
        else if (at > text.at && is_alnum(at[-1]) && at + 1 < scan.end && is_alnum(at[1]))
            at_dot(&scan, at);
        at = scan.done > at ? scan.done : at + 1;
    }
}

/* ---- texts whose lines are not what they seem */
struct span text_unflow(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    struct span line;
    while (span_cut(&text, '\n', &line)) {
        line.len -= line.len && line.at[line.len - 1] == '\r';
        while (line.len && line.at[0] == '>')
            line = span_skip(line, 1);
        if (line.len && line.at[0] == ' ')
            line = span_skip(line, 1);
        bool soft = line.len && line.at[line.len - 1] == ' ' && !span_eq(line, S("-- "));
        buf_add(&out, span_first(line, line.len - soft));
        if (!soft)
            buf_byte(&out, '\n');
    }
    return buf_span(&out);
}

struct span calendar_unfold(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++) {
        size_t end = i + (text.at[i] == '\r');
        bool fold = end + 1 < text.len && text.at[end] == '\n' && (text.at[end + 1] == ' ' || text.at[end + 1] == '\t');
        if (fold) {
            i = end + 1;
        } else if (text.at[i] == '\\' && i + 1 < text.len && span_find_byte(S("nN,;\\"), text.at[i + 1])) {
            i++;
            buf_byte(&out, (text.at[i] | 32) == 'n' ? '\n' : text.at[i]);
        } else {
            buf_byte(&out, text.at[i]);
        }
    }
    return buf_span(&out);
}
