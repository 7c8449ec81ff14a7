/* Pages and SVG pictures as files: opened from the disk they run their scripts with nobody between.
 *
 * Scripts are not run; what they would do is told from the words they need for it. Facts only: envelopes of banks, reports of
 * programs and saved pages hold forms and scripts as well. */
#include "content/file_inner.h"

#include "message/html.h"

enum script_word { /* what a script is found to use */
    USES_BLOB = 1, USES_OBJECT_URL = 2, USES_SAVE = 4, USES_DECODE = 8, USES_WRITE = 16, USES_LOCATION = 32, USES_EVAL = 64, USES_OBSCURED = 128,
    USES_LONG_TEXT = 256, USES_CLICK = 512, USES_DATA_PAGE = 1024
};
static const struct {
    const char *word;
    unsigned use;
} words[] = {
    {"new Blob", USES_BLOB}, {"Blob(", USES_BLOB}, {"createObjectURL", USES_OBJECT_URL}, {"msSaveBlob", USES_SAVE}, {"msSaveOrOpenBlob", USES_SAVE},
    {".download", USES_SAVE}, {"'download'", USES_SAVE}, {"\"download\"", USES_SAVE}, {"atob", USES_DECODE}, {"unescape(", USES_DECODE},
    {"decodeURIComponent(", USES_DECODE}, {"fromCharCode", USES_DECODE}, {"decodeURI(", USES_DECODE}, {"document.write", USES_WRITE},
    {"document['write", USES_WRITE}, {"document[\"write", USES_WRITE}, {".innerHTML", USES_WRITE}, {".outerHTML", USES_WRITE}, {"srcdoc", USES_WRITE},
    {"insertAdjacentHTML", USES_WRITE}, {"location.href", USES_LOCATION}, {"location.replace", USES_LOCATION}, {"location.assign", USES_LOCATION},
    {"location=", USES_LOCATION}, {"location =", USES_LOCATION}, {"window.open(", USES_LOCATION}, {"eval(", USES_EVAL}, {"new Function(", USES_EVAL},
    {"setTimeout(\"", USES_EVAL}, {"_0x", USES_OBSCURED}, {".click()", USES_CLICK}, {"data:text/html", USES_DATA_PAGE},
};
enum { LONG_TEXT = 600, DECODED_MOST = 1 << 20, DEPTH = 64, LINKS = 200, SMALL_PAGE = 250 };

/* One page as it is looked through. */
struct page {
    struct file_reading *reading;
    const struct file_piece *piece;
    unsigned uses;
    bool handler, script, password, form;
    size_t decode_left;
};

static bool has(struct span text, const char *word)
{
    return span_find(text, span_of(word)) != NULL;
}

static bool is_payload(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '+' || c == '/' || c == '=' || c == '%' || c == '\\' || c == '-' || c == '_' || c == ',';
}

static int hex_value(char c)
{
    return ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* %41 and \x41 undone: one byte each. */
static struct span escapes_undo(struct arena *arena, struct span text)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        size_t digits = c == '%' ? i + 1 : c == '\\' && i + 1 < text.len && text.at[i + 1] == 'x' ? i + 2 : 0;
        int high = digits && digits + 1 < text.len ? hex_value(text.at[digits]) : -1;
        int low = high >= 0 ? hex_value(text.at[digits + 1]) : -1;
        if (low >= 0) {
            buf_byte(&out, (char)(high << 4 | low));
            i = digits + 1;
        } else {
            buf_byte(&out, c);
        }
    }
    return buf_span(&out);
}

/* The page that a script would write: its form, its password field, its links. */
static void payload_look(struct page *page, struct span bytes)
{
    static const char *const passwords[] = {"type=\"password\"", "type='password'", "type=password"};
    struct span head = span_trim(span_first(bytes, 400));
    if (!span_find_case(head, S("<")) && !span_find_case(head, S("http")))
        return;
    for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++)
        page->password |= span_find_case(bytes, span_of(passwords[i])) != NULL;
    page->form |= span_find_case(bytes, S("<form")) != NULL;
    page->uses |= USES_LONG_TEXT;
    file_links_scan(page->reading, FILE_LINK_HTML, bytes, page->piece->part, 50);
}

static void payload_read(struct page *page, struct span text)
{
    bool strict;
    page->uses |= text.len >= LONG_TEXT ? USES_LONG_TEXT : 0;
    if (text.len > page->decode_left)
        return;
    page->decode_left -= text.len;
    bool escaped = text.at[0] == '%' || text.at[0] == '\\';
    payload_look(page, escaped ? escapes_undo(page->reading->arena, text) : base64_decode(page->reading->arena, text, &strict));
}

/* Long runs without a blank inside a script are data, not program: something packed. */
static void payloads_find(struct page *page, struct span script)
{
    for (size_t i = 0; i < script.len;) {
        size_t from = i;
        while (i < script.len && is_payload(script.at[i]))
            i++;
        if (i - from >= 120)
            payload_read(page, span_from(script.at + from, script.at + i));
        i++;
    }
}

static void script_read(struct page *page, struct span script)
{
    if (span_trim(script).len < 8)
        return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!(page->uses & words[i].use) && has(script, words[i].word))
            page->uses |= words[i].use;
    if (!(page->uses & USES_LOCATION) && span_ends_case(span_trim(script), S("location")))
        page->uses |= USES_LOCATION;
    file_links_scan(page->reading, FILE_LINK_HTML, script, page->piece->part, 50);
    payloads_find(page, script);
}

static void scripts_read(struct page *page, struct span text)
{
    struct span rest = text;
    const char *open;
    while (rest.len && (open = memchr(rest.at, '<', rest.len))) {
        rest = span_from(open, rest.at + rest.len);
        if (!span_starts_case(rest, S("<script"))) {
            rest = span_skip(rest, 1);
            continue;
        }
        const char *start = memchr(rest.at, '>', rest.len);
        if (!start)
            return;
        struct span body = span_from(start + 1, rest.at + rest.len);
        const char *end = span_find_case(body, S("</script"));
        body = end ? span_from(body.at, end) : body;
        page->script |= span_trim(body).len > 0 || span_find_case(span_from(rest.at, start), S("src"));
        script_read(page, body);
        rest = span_from(body.at + body.len, rest.at + rest.len);
    }
}

/* Programs in attributes: on...= and javascript: */
static void handlers_read(struct page *page, struct span text)
{
    static const char *const names[] = {"onload", "onerror", "onbegin", "onmouseover", "onclick", "onpageshow", "onfocus", "onanimationstart"};
    struct span rest = text;
    const char *equals;
    while (rest.len && (equals = memchr(rest.at, '=', rest.len))) {
        size_t at = (size_t)(equals - rest.at), end = at;
        while (end > 0 && ascii_is_space(rest.at[end - 1]))
            end--;
        for (size_t i = 0; i < sizeof names / sizeof *names && !page->handler; i++) {
            size_t len = strlen(names[i]);
            page->handler = end > len && strncasecmp(rest.at + end - len, names[i], len) == 0 && !ascii_is_alpha(rest.at[end - len - 1]);
        }
        if (page->handler) {
            script_read(page, span_first(span_skip(rest, at + 1), 4000));
            return;
        }
        rest = span_skip(rest, at + 1);
    }
    page->handler = span_find_case(text, S("javascript:")) != NULL;
}

static bool is_smuggling(const struct page *page)
{
    unsigned uses = page->uses;
    bool file = uses & USES_OBJECT_URL && uses & USES_BLOB && (uses & USES_SAVE || uses & USES_CLICK || uses & USES_LOCATION);
    bool saved = uses & USES_SAVE && uses & (USES_CLICK | USES_BLOB) && uses & USES_DECODE;
    bool written = uses & USES_WRITE && uses & USES_DECODE && uses & USES_LONG_TEXT;
    bool run = uses & USES_EVAL && uses & USES_LONG_TEXT && uses & (USES_DECODE | USES_OBSCURED);
    bool obscured = uses & USES_OBSCURED && uses & (USES_DECODE | USES_EVAL) && uses & (USES_WRITE | USES_LOCATION);
    return ((file || saved) && uses & (USES_LONG_TEXT | USES_OBSCURED)) || written || run || obscured;
}

static bool view_refreshes(const struct html_view *view)
{
    vec_each (link, &view->links)
        if (link->kind == LINK_REFRESH && (span_starts_case(link->raw, S("http")) || span_starts(link->raw, S("//"))))
            return true;
    return false;
}

static bool is_page_of_data(const struct html_view *view)
{
    vec_each (link, &view->links)
        if ((link->kind == LINK_FRAME || link->kind == LINK_REFRESH) && span_starts_case(link->raw, S("data:text/html")))
            return true;
    return false;
}

static const struct html_view *view_of(struct file_reading *reading, const struct file_piece *piece)
{
    if (piece->html)
        return piece->html;
    struct html_view *view = arena_one(reading->arena, struct html_view);
    html_read(reading->arena, piece->bytes, DEPTH, LINKS, view);
    vec_each (link, &view->links)
        file_link_add(reading, FILE_LINK_HTML, link->raw, piece->part);
    return view;
}

void html_file_read(struct file_reading *reading, const struct file_piece *piece, bool picture)
{
    struct file_fact *fact = piece->fact;
    struct page page = {.reading = reading, .piece = piece, .decode_left = piece->bytes.len < DECODED_MOST ? piece->bytes.len : DECODED_MOST};
    const struct html_view *view = view_of(reading, piece);
    scripts_read(&page, piece->bytes);
    handlers_read(&page, piece->bytes);
    bool runs = page.script || page.handler;
    bool little = span_trim(view->visible).len < SMALL_PAGE;
    unsigned traits = FILE_HTML;
    traits |= runs ? FILE_HTML_SCRIPT : 0;
    traits |= runs && picture ? FILE_SVG_SCRIPT : 0;
    traits |= view->forms || page.form ? FILE_HTML_FORM : 0;
    traits |= view->password_inputs || page.password ? FILE_HTML_PASSWORD : 0;
    traits |= (runs && is_smuggling(&page)) || is_page_of_data(view) ? FILE_HTML_SMUGGLING : 0;
    traits |= little && (view_refreshes(view) || (runs && page.uses & USES_LOCATION && !page.form && !view->forms)) ? FILE_HTML_REDIRECT : 0;
    file_trait_set(fact, traits, piece->depth ? arena_copy(reading->arena, span_first(piece->name, 300)) : (struct span){0});
    if (!fact->text.len)
        fact->text = piece->depth ? arena_copy(reading->arena, span_first(view->visible, FILE_TEXT_MOST)) : span_first(view->visible, FILE_TEXT_MOST);
}
