/* banner: what a reader is told, and where it stands in his text. */
#include "action/edit_inner.h"

enum { REASON_MOST = 300 };
#define TEXT_BEGIN "---- Sekimori "
#define TEXT_FINISH "---- /Sekimori "
#define RULE "------------------------------------"
#define HTML_BEGIN "<!--sekimori-banner-->"
#define HTML_FINISH "<!--/sekimori-banner-->"

const char *banner_word(enum banner_text id, enum language language)
{
    static const char *const texts[BANNER_TEXT_COUNT][2] = {
#define TEXT(id, en, ja) {en, ja},
#include "action/banner.def"
#undef TEXT
    };
    return texts[id][language == LANGUAGE_JA];
}

struct span banner_filled(struct arena *arena, enum banner_text id, enum language language, struct span word)
{
    const char *form = banner_word(id, language), *hole = strstr(form, "%s");
    if (!hole)
        return span_of(form);
    return arena_print(arena, "%.*s%.*s%s", (int)(hole - form), form, SPAN_FMT(word), hole + 2);
}

/* ---- what evidence says, of words that strangers wrote */
static bool is_name_letter(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || (unsigned char)c > 127;
}

/* Bytes of a character that turns the direction of what follows, or begins a line (Unicode UAX 9, 14); 0: another stands there. */
static size_t turns(struct span text)
{
    unsigned char second = text.len > 1 ? (unsigned char)text.at[1] : 0, third = text.len > 2 ? (unsigned char)text.at[2] : 0;
    if (span_starts(text, S("\xd8\x9c")))
        return 2;
    if (!text.len || (unsigned char)text.at[0] != 0xe2)
        return 0;
    return (second == 0x80 && ((third >= 0x8e && third <= 0x8f) || (third >= 0xa8 && third <= 0xae))) || (second == 0x81 && third >= 0xa6 && third <= 0xa9) ? 3 : 0;
}

/* Without what turns or breaks its line. */
static struct span turns_dropped(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0, len; i < text.len && out.len < REASON_MOST + 4; i += len ? len : 1) {
        len = turns(span_skip(text, i));
        if (!len)
            buf_byte(&out, text.at[i]);
    }
    return buf_span(&out);
}

/* One line; a dot in a name, a scheme and an @ are written so that no mail program makes a link of them. */
struct span words_harmless(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    text = turns_dropped(arena, text);
    for (size_t i = 0; i < text.len && out.len < REASON_MOST; i++) {
        char c = text.at[i];
        bool between = i > 0 && i + 1 < text.len && is_name_letter(text.at[i - 1]) && is_name_letter(text.at[i + 1]);
        bool figures = between && ascii_is_digit(text.at[i - 1]) && ascii_is_digit(text.at[i + 1]);
        if (c == '.' && between && !figures)
            buf_add(&out, S("[.]"));
        else if (c == '@' && between)
            buf_add(&out, S("[@]"));
        else if (span_starts(span_skip(text, i), S("://")))
            buf_add(&out, S("[:]"));
        else
            buf_byte(&out, (unsigned char)c < ' ' || c == 127 ? ' ' : c);
    }
    while (out.len && !span_is_utf8(buf_span(&out))) /* no character is cut in two */
        out.len--;
    return buf_span(&out);
}

void banner_of_report(struct arena *arena, const struct report *report, struct banner *out)
{
    size_t told = 0;
    out->verdict = report->verdict;
    out->record = report->id;
    memset(out->reasons, 0, sizeof out->reasons);
    vec_each(evidence, &report->evidence) {
        if (evidence->weight <= 0 || told == BANNER_REASONS_MOST)
            continue;
        for (enum language language = LANGUAGE_EN; language <= LANGUAGE_JA; language++)
            out->reasons[language][told] = words_harmless(arena, evidence_text(arena, evidence, language));
        told++;
    }
}

/* ---- its lines, the same in text and HTML */
static enum banner_text heading_of(const struct banner *banner)
{
    static const enum banner_text headings[] = {BANNER_CLEAN, BANNER_SUSPICIOUS, BANNER_MALICIOUS};
    return headings[banner->verdict];
}

struct span banner_heading(const struct banner *banner)
{
    return span_of(banner_word(heading_of(banner), banner->en || !banner->ja ? LANGUAGE_EN : LANGUAGE_JA));
}

typedef VEC(struct span) lines_t;

static void lines_add(struct arena *arena, const struct banner *banner, enum language language, lines_t *out)
{
    *vec_push(arena, out) = span_of(banner_word(heading_of(banner), language));
    if (banner->verdict != VERDICT_CLEAN)
        *vec_push(arena, out) = span_of(banner_word(BANNER_ADVICE, language));
    if (banner->locked)
        *vec_push(arena, out) = span_of(banner_word(BANNER_LOCKED, language));
    if (banner->reasons[language][0].len)
        *vec_push(arena, out) = span_of(banner_word(BANNER_WHY, language));
    for (size_t i = 0; i < BANNER_REASONS_MOST && banner->reasons[language][i].len; i++)
        *vec_push(arena, out) = arena_print(arena, "- %.*s", SPAN_FMT(banner->reasons[language][i]));
}

static void lines_of(struct arena *arena, const struct banner *banner, lines_t *out)
{
    bool en = banner->en || !banner->ja;
    if (en)
        lines_add(arena, banner, LANGUAGE_EN, out);
    if (banner->ja)
        lines_add(arena, banner, LANGUAGE_JA, out);
    if (banner->record.len)
        *vec_push(arena, out) = banner_filled(arena, BANNER_RECORD, en ? LANGUAGE_EN : LANGUAGE_JA, banner->record);
}

/* No line of it begins or ends in a blank or begins with '>': it is the same in a flowed text (RFC 3676 4). */
struct span banner_text(struct arena *arena, const struct banner *banner, const char *line_end)
{
    struct buf out = {.arena = arena};
    struct span end = span_of(line_end);
    lines_t lines = {0};
    lines_of(arena, banner, &lines);
    buf_add(&out, S(TEXT_BEGIN RULE));
    vec_each(line, &lines) {
        buf_add(&out, end);
        buf_add(&out, span_trim(*line));
    }
    buf_add(&out, end);
    buf_add(&out, S(TEXT_FINISH RULE));
    buf_add(&out, end);
    buf_add(&out, end);
    return buf_span(&out);
}

/* One element, so that there is little that a page's rules can hold for; what is said twice is for programs that do not know
 * "!important". Its dress is undone first: nothing of the page's is inherited. */
static const char dress[] =
    "all:initial!important;display:block!important;visibility:visible!important;opacity:1!important;position:relative!important;"
    "z-index:2147483647!important;float:none!important;clear:both!important;clip:auto!important;clip-path:none!important;"
    "transform:none!important;filter:none!important;overflow:visible!important;width:auto!important;height:auto!important;"
    "max-width:none!important;max-height:none!important;min-height:20px!important;text-indent:0!important;letter-spacing:normal!important;"
    "white-space:normal!important;text-align:left;direction:ltr!important;"
    "margin:0 0 12px 0;margin:0 0 12px 0!important;padding:10px 14px;padding:10px 14px!important;border:2px solid #a12;"
    "border:2px solid #a12!important;background-color:#fff3cd;background:#fff3cd!important;color:#222222;color:#222222!important;"
    "font-family:Arial,'Hiragino Sans',Meiryo,sans-serif;font-size:14px;font:14px/1.5 Arial,'Hiragino Sans',Meiryo,sans-serif!important";

struct span banner_html(struct arena *arena, const struct banner *banner)
{
    struct buf out = {.arena = arena};
    lines_t lines = {0};
    lines_of(arena, banner, &lines);
    buf_print(&out, HTML_BEGIN "<div dir=\"ltr\" style=\"%s\">", dress);
    vec_each(line, &lines) {
        buf_add(&out, line == lines.at ? S("") : S("<br>"));
        html_escape(&out, *line);
    }
    buf_add(&out, S("</div>" HTML_FINISH));
    return buf_span(&out);
}

/* ---- where it is set in */
struct span banner_off_text(struct span text)
{
    struct span rest = span_skip(text, span_starts(text, S("\xef\xbb\xbf")) ? 3 : 0);
    const char *finish = span_starts(rest, S(TEXT_BEGIN RULE)) ? span_find(rest, S("\n" TEXT_FINISH RULE)) : NULL;
    if (!finish)
        return rest;
    const char *line = span_find_byte(span_from(finish + 1, text.at + text.len), '\n');
    rest = line ? span_from(line + 1, text.at + text.len) : (struct span){text.at + text.len, 0};
    rest = span_skip(rest, span_starts(rest, S("\r\n")) ? 2 : span_starts(rest, S("\n"))); /* the line between */
    return rest;
}

static bool is_blank(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is_space(text.at[i]) && text.at[i] != '\f')
            return false;
    return true;
}

/* Does the body begin with this token, for a tree builder before it (13.2.6.4.1 to 6)? `raw` is text of a title, style or script. */
static bool begins_body(const struct html_token *token, bool raw)
{
    switch (token->kind) {
    case HTML_TEXT:
        return !raw && !is_blank(token->text);
    case HTML_START:
        return !span_is_one_of(token->text, S("html head base basefont bgsound link meta title noframes style script"));
    case HTML_END:
        return span_eq(token->text, S("body")) || span_eq(token->text, S("html")) || span_eq(token->text, S("br"));
    default:
        return token->kind == HTML_FINISHED;
    }
}

static size_t body_begin(struct arena *arena, struct span text)
{
    struct page page;
    struct page_tag tag;
    size_t raw;
    bool inside = false; /* text of an element of the head */
    page_begin(arena, text, &page);
    for (;;) {
        const struct html_token *token = page_next(&page, &raw);
        if (token->kind == HTML_START && span_eq(token->text, S("body")) && page_tag_read(arena, text, raw, &tag))
            return (size_t)(tag.whole.at + tag.whole.len - text.at);
        if (begins_body(token, inside))
            return raw;
        inside = token->kind == HTML_START ? span_is_one_of(token->text, S("title noframes style script")) : token->kind == HTML_TEXT && inside;
    }
}

size_t banner_place(struct arena *arena, struct span page, struct span *old)
{
    size_t mark = span_starts(page, S("\xef\xbb\xbf")) ? 3 : 0; /* a mark of byte order stays in front */
    size_t place = mark + body_begin(arena, span_skip(page, mark));
    if (place >= strlen(HTML_BEGIN) && span_starts(span_skip(page, place - strlen(HTML_BEGIN)), S(HTML_BEGIN)))
        place -= strlen(HTML_BEGIN); /* a comment begins no body: what stands behind it did */
    struct span rest = span_skip(page, place);
    const char *finish = span_starts(rest, S(HTML_BEGIN)) ? span_find(rest, S(HTML_FINISH)) : NULL;
    *old = (struct span){rest.at, 0};
    if (finish)
        *old = span_from(rest.at, finish + strlen(HTML_FINISH));
    return place;
}
