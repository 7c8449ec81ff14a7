#include "door/page.h"

#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

static const char style[] =
    "body{margin:0;background:#eef0f3;color:#1c2430;font:16px/1.6 system-ui,-apple-system,\"Hiragino Sans\",\"Noto Sans CJK JP\",\"Yu Gothic UI\",Meiryo,sans-serif}"
    "main{max-width:44rem;margin:0 auto;padding:1.25rem 1.5rem 1.5rem;background:#fff}"
    "h1{font-size:1.35rem;line-height:1.35;margin:.3rem 0 .6rem}h2{font-size:1rem;margin:1.6rem 0 .3rem;color:#44506a}"
    "p,ul,dl{margin:.4rem 0}ul{padding-left:1.2rem}.switch{text-align:right;margin:0;font-size:.9rem}"
    ".host{font-size:1.3rem;font-weight:bold;overflow-wrap:anywhere;margin:.2rem 0}"
    "code{display:block;font:.9rem/1.5 ui-monospace,Menlo,Consolas,monospace;background:#f3f4f7;padding:.5rem .7rem;overflow-wrap:anywhere;border-radius:4px}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}dt{color:#5a6580}dd{margin:0;overflow-wrap:anywhere}"
    ".now{font-weight:bold;padding:.15rem .6rem;border-radius:4px;display:inline-block}"
    ".clean{background:#e2e9f5;color:#1d3a6b}.suspicious{background:#fdeec2;color:#5e4300}.malicious{background:#fbd9d5;color:#861509}"
    ".state{border-left:4px solid #7a869f;padding:.3rem .9rem;background:#f3f4f7}"
    "form{margin-top:1.4rem}label{display:block;margin-bottom:.2rem}textarea{width:100%;box-sizing:border-box;font:inherit;padding:.4rem}"
    "button{font:inherit;font-weight:bold;padding:.6rem 1.2rem;margin-top:.7rem;border:1px solid #44506a;border-radius:4px;background:#fff;color:#1c2430;cursor:pointer}"
    "button:focus-visible,a:focus-visible,textarea:focus-visible{outline:3px solid #2f6fd6;outline-offset:2px}a{color:#1d4f9c}"
    "footer{margin-top:2rem;font-size:.85rem;color:#5a6580}"
    "@media(max-width:34rem){dl{display:block}dt{margin-top:.4rem}main{padding:1rem}button{width:100%}}"
    "@media(prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ef}main{background:#1d232d}h2,dt,footer{color:#a9b4ca}code,.state{background:#272f3c}"
    "button{background:#2b3443;color:#fff;border-color:#8896b2}textarea{background:#14181f;color:#fff}a{color:#8fb8ff}}";

const char *reader_text(enum page_text id, enum language language)
{
    static const char *const texts[PAGE_TEXT_COUNT][2] = {
#define TEXT(id, en, ja) {en, ja},
#include "door/page.def"
#undef TEXT
    };
    return texts[id][language == LANGUAGE_JA];
}

const char *reader_page_policy(void)
{
    static char policy[256];
    uint8_t digest[SHA256_BYTES];
    unsigned char letters[2 * SHA256_BYTES];
    if (policy[0])
        return policy;
    sha256_of(S(style), digest);
    EVP_EncodeBlock(letters, digest, sizeof digest);
    /* Browsers hold form-action against where our answer leads on to; so any place of the web may follow. */
    snprintf(policy, sizeof policy, "default-src 'none'; style-src 'sha256-%s'; form-action 'self' http: https:; base-uri 'none'; frame-ancestors 'none'", letters);
    return policy;
}

/* ---- which language */
/* "ja;q=0.8": its weight in thousandths; 0 where it is refused, or nonsense. */
static unsigned weight_of(struct span parameters)
{
    struct span one;
    while (span_cut(&parameters, ';', &one)) {
        one = span_trim(one);
        if (!span_starts_case(one, S("q=")))
            continue;
        char text[8];
        snprintf(text, sizeof text, "%.*s", SPAN_FMT(span_skip(one, 2)));
        double weight = strtod(text, NULL);
        return weight > 0 && weight <= 1 ? (unsigned)(1000 * weight) : 0;
    }
    return 1000;
}

enum language reader_page_language(struct span asked, struct span accept)
{
    unsigned best[2] = {0, 0};
    struct span one, range;
    if (span_eq(asked, S("ja")) || span_eq(asked, S("en")))
        return asked.at[0] == 'j' ? LANGUAGE_JA : LANGUAGE_EN;
    while (span_cut(&accept, ',', &one)) {
        if (!span_cut(&one, ';', &range))
            continue;
        range = span_trim(range);
        unsigned weight = weight_of(one);
        for (size_t i = 0; i < 2; i++) {
            struct span name = i ? S("ja") : S("en");
            bool is = span_starts_case(range, name) && (range.len == 2 || range.at[2] == '-');
            best[i] = is && weight > best[i] ? weight : best[i];
        }
    }
    return best[1] > best[0] ? LANGUAGE_JA : LANGUAGE_EN;
}

/* ---- pieces */
struct writing {
    struct arena *arena;
    const struct page_view *view;
    struct buf *out;
};

static void html(struct writing *at, const char *markup)
{
    buf_add(at->out, span_of(markup));
}

static uint32_t code_point_of(struct span one)
{
    const unsigned char *b = (const unsigned char *)one.at;
    uint32_t c = one.len == 1 ? b[0] : b[0] & (0x7fu >> one.len);
    for (size_t i = 1; i < one.len; i++)
        c = c << 6 | (b[i] & 0x3f);
    return c;
}

/* Characters that nobody sees, or that turn round what stands beside them. */
static bool is_odd(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {{0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff},
                  {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    return false;
}

static const char *entity_of(uint32_t c)
{
    return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '\'' ? "&#39;" : is_odd(c) ? "\357\277\275" : NULL;
}

/* Any words, strangers' too: escaped; what is odd in them, and bytes that are no UTF-8, as U+FFFD. */
static void words(struct writing *at, struct span text)
{
    while (text.len) {
        size_t len = 1;
        while (len < 4 && len < text.len && !span_is_utf8(span_first(text, len)))
            len++;
        struct span one = span_first(text, len);
        bool good = span_is_utf8(one);
        uint32_t c = good ? code_point_of(one) : 0;
        const char *entity = entity_of(c);
        buf_add(at->out, entity ? span_of(entity) : one);
        text = span_skip(text, good ? len : 1);
    }
}

static void stranger(struct writing *at, struct span text)
{
    html(at, "<bdi>");
    words(at, text);
    html(at, "</bdi>");
}

/* Each %s in its turn. */
static struct span text_filled(struct arena *arena, struct span text, const struct span *fill, size_t count)
{
    struct buf out = {.arena = arena};
    for (size_t used = 0; text.len;) {
        const char *slot = used < count ? span_find(text, S("%s")) : NULL;
        if (!slot) {
            buf_add(&out, text);
            break;
        }
        buf_add(&out, span_from(text.at, slot));
        buf_add(&out, fill[used++]);
        text = span_from(slot + 2, text.at + text.len);
    }
    return buf_span(&out);
}

static void say(struct writing *at, const char *before, enum page_text id, const char *after)
{
    html(at, before);
    words(at, span_of(reader_text(id, at->view->language)));
    html(at, after);
}

static void say_with(struct writing *at, const char *before, enum page_text id, const struct span *fill, size_t count, const char *after)
{
    html(at, before);
    words(at, text_filled(at->arena, span_of(reader_text(id, at->view->language)), fill, count));
    html(at, after);
}

static struct span number_of(struct arena *arena, uint64_t number)
{
    return arena_print(arena, "%llu", (unsigned long long)number);
}

static bool is_held(const struct page_view *view)
{
    return view->pass->kind == PASS_RELEASE || view->pass->kind == PASS_ASK;
}

/* ---- where it leads */
static void host_write(struct writing *at, const struct url *target)
{
    struct span shown = domain_to_unicode(at->arena, target->host);
    html(at, "<p class=\"host\">");
    stranger(at, shown.len ? shown : target->host);
    html(at, "</p>\n");
    if (!shown.len)
        return;
    say(at, "<p>", PAGE_HOST_ASCII, "</p>\n<p class=\"host\">");
    words(at, target->host);
    html(at, "</p>\n");
}

static void target_write(struct writing *at)
{
    const struct page_view *view = at->view;
    say(at, "<h2>", PAGE_LEADS, "</h2>\n");
    if (view->target)
        host_write(at, view->target);
    if (view->target && (view->target->username.len || view->target->password.len))
        say_with(at, "<p>", PAGE_USERINFO, &view->target->host, 1, "</p>\n");
    if (view->pass->target.len) {
        say(at, "<p>", PAGE_WHOLE, "</p>\n<code>");
        words(at, view->target ? view->target->href : view->pass->target);
        html(at, "</code>\n");
    }
    if (!view->target)
        say(at, "<p>", view->pass->target.len ? PAGE_NOT_WEB : PAGE_TOO_LONG, "</p>\n");
}

/* ---- the message */
static void row_write(struct writing *at, enum page_text name, struct span value)
{
    if (!value.len)
        return;
    say(at, "<dt>", name, "</dt><dd>");
    stranger(at, value);
    html(at, "</dd>\n");
}

/* 2026-01-31 12:00 UTC */
static struct span time_text(struct arena *arena, int64_t time)
{
    enum { DAY = 10, MINUTES = 5 };
    struct buf out = {.arena = arena};
    time_print(&out, time);
    struct span text = buf_span(&out);
    return arena_print(arena, "%.*s %.*s UTC", SPAN_FMT(span_first(text, DAY)), SPAN_FMT(span_first(span_skip(text, DAY + 1), MINUTES)));
}

/* One body may serve several, and none of them is told who the others are: some may be blind copies. */
static struct span people_text(struct writing *at)
{
    const struct visited *visited = at->view->visited;
    struct span count = number_of(at->arena, visited->people.len);
    if (visited->people.len == 1)
        return visited->people.at[0];
    return visited->people.len ? text_filled(at->arena, span_of(reader_text(PAGE_FOR_SEVERAL, at->view->language)), &count, 1) : S("");
}

static void message_write(struct writing *at)
{
    const struct visited *visited = at->view->visited;
    say(at, "<h2>", PAGE_MESSAGE, "</h2>\n<dl>\n");
    row_write(at, PAGE_FROM, visited->from);
    row_write(at, PAGE_SUBJECT, visited->subject);
    row_write(at, PAGE_ARRIVED, visited->arrived > 0 ? time_text(at->arena, visited->arrived) : S(""));
    row_write(at, PAGE_FOR, people_text(at));
    html(at, "</dl>\n");
}

/* ---- the verdict */
static enum page_text verdict_word(enum verdict verdict)
{
    static const enum page_text words_of[] = {PAGE_CLEAN, PAGE_SUSPICIOUS, PAGE_MALICIOUS};
    return words_of[verdict];
}

static void verdict_write(struct writing *at)
{
    static const struct {
        enum now_ground ground;
        enum page_text text;
    } grounds[] = {{NOW_REVISED, PAGE_REVISED}, {NOW_CORRECTED, PAGE_CORRECTED}, {NOW_HOST, PAGE_BY_HOST}, {NOW_DENIED, PAGE_DENIED}, {NOW_GRANTED, PAGE_GRANTED}};
    const struct visited *visited = at->view->visited;
    struct span then = span_of(reader_text(verdict_word(visited->then), at->view->language));
    struct span counts[] = {number_of(at->arena, visited->others), number_of(at->arena, visited->malicious), number_of(at->arena, visited->suspicious)};
    say(at, "<h2>", PAGE_VERDICT, "</h2>\n");
    if (visited->unjudged) {
        say(at, "<p>", PAGE_UNJUDGED, "</p>\n");
        return;
    }
    buf_print(at->out, "<p><span class=\"now %s\">", verdict_name(visited->now));
    say(at, "", verdict_word(visited->now), "</span></p>\n");
    if (visited->now != visited->then)
        say_with(at, "<p>", PAGE_THEN, &then, 1, "</p>\n");
    for (size_t i = 0; i < sizeof grounds / sizeof *grounds; i++)
        if (visited->grounds & grounds[i].ground)
            say(at, "<p>", grounds[i].text, "</p>\n");
    if (!at->view->target)
        return;
    if (visited->others)
        say_with(at, "<p>", PAGE_OTHERS, counts, 3, "</p>\n");
    else
        say(at, "<p>", PAGE_OTHERS_NONE, "</p>\n");
}

static void reasons_write(struct writing *at)
{
    const struct visited *visited = at->view->visited;
    if (!visited->reasons.len)
        return;
    say(at, "<h2>", is_held(at->view) ? PAGE_WHY_HELD : PAGE_WHY, "</h2>\n<ul>\n");
    vec_each(reason, &visited->reasons) {
        html(at, "<li>");
        words(at, reason->text[at->view->language == LANGUAGE_JA]);
        html(at, "</li>\n");
    }
    html(at, "</ul>\n");
}

/* ---- what the reader may do. The form leads to this page's own address, wherever a proxy has it. */
static void form_begin_write(struct writing *at)
{
    buf_print(at->out, "<form method=\"post\" action=\"?lang=%s\">\n", at->view->language == LANGUAGE_JA ? "ja" : "en");
}

static void go_write(struct writing *at, enum page_text warning, enum page_text button)
{
    form_begin_write(at);
    say(at, "<p>", warning, "</p>\n<button name=\"do\" value=\"go\">");
    say(at, "", button, "</button>\n</form>\n");
}

static void ask_write(struct writing *at, enum page_text intro, enum page_text button)
{
    form_begin_write(at);
    say(at, "<p class=\"state\">", intro, "</p>\n<label for=\"note\">");
    say(at, "", PAGE_ASK_NOTE, "</label>\n<textarea id=\"note\" name=\"note\" rows=\"3\" maxlength=\"400\"></textarea>\n<button name=\"do\" value=\"ask\">");
    say(at, "", button, "</button>\n</form>\n");
}

static void way_write(struct writing *at)
{
    const struct visited *visited = at->view->visited;
    struct span number = number_of(at->arena, visited->appeal);
    if (visited->way == WAY_GO && at->view->target)
        go_write(at, PAGE_GO_WARNING, PAGE_GO_ON);
    else if (visited->way == WAY_ASK && at->view->target)
        ask_write(at, PAGE_ASK_INTRO, PAGE_ASK);
    else if (visited->way == WAY_ASKED || visited->way == WAY_REFUSED)
        say_with(at, "<p class=\"state\" role=\"status\">", visited->way == WAY_ASKED ? PAGE_ASKED : PAGE_REFUSED, &number, 1, "</p>\n");
}

static void held_way_write(struct writing *at)
{
    static const enum page_text states[WAY_COUNT] = {[WAY_ASKED] = PAGE_ASKED_HELD, [WAY_REFUSED] = PAGE_REFUSED_HELD, [WAY_LEFT] = PAGE_LEFT, [WAY_GONE] = PAGE_GONE};
    enum way way = at->view->visited->way;
    if (way == WAY_GO)
        go_write(at, PAGE_RELEASE_WARNING, PAGE_RELEASE);
    else if (way == WAY_ASK)
        ask_write(at, PAGE_ASK_HELD, PAGE_ASK_FOR_IT);
    else
        say(at, "<p class=\"state\" role=\"status\">", states[way], "</p>\n");
}

/* ---- the whole */
static enum page_text title_of(const struct page_view *view)
{
    const struct visited *visited = view->visited;
    if (!visited)
        return PAGE_TITLE_PROBLEM;
    if (is_held(view))
        return visited->way == WAY_LEFT ? PAGE_TITLE_LEFT : visited->way == WAY_GONE ? PAGE_TITLE_GONE : PAGE_TITLE_HELD;
    if (visited->way == WAY_GO)
        return view->pass->kind == PASS_LOCK && !(visited->grounds & NOW_GRANTED) ? PAGE_TITLE_LOCK : PAGE_TITLE_FREE;
    return view->pass->kind == PASS_LOCK ? PAGE_TITLE_WORSE : PAGE_TITLE_DOUBLE;
}

static void head_write(struct writing *at)
{
    bool ja = at->view->language == LANGUAGE_JA;
    buf_print(at->out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"robots\" content=\"noindex, nofollow\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>", ja ? "ja" : "en");
    say(at, "", title_of(at->view), "</title>\n<style>");
    html(at, style);
    buf_print(at->out, "</style>\n</head>\n<body>\n<main>\n<p class=\"switch\"><a href=\"?lang=%s\" lang=\"%s\">", ja ? "en" : "ja", ja ? "en" : "ja");
    say(at, "", PAGE_OTHER_LANGUAGE, "</a></p>\n<h1>");
    say(at, "", title_of(at->view), "</h1>\n");
}

static void link_write(struct writing *at)
{
    say(at, "<p>", at->view->visited->way == WAY_GO ? PAGE_INTRO : PAGE_INTRO_SHUT, "</p>\n");
    target_write(at);
    verdict_write(at);
    reasons_write(at);
    message_write(at);
    way_write(at);
}

static void held_write(struct writing *at)
{
    enum way way = at->view->visited->way;
    if (way == WAY_GO || way == WAY_ASK)
        say(at, "<p>", PAGE_INTRO_HELD, "</p>\n");
    message_write(at);
    verdict_write(at);
    reasons_write(at);
    held_way_write(at);
}

void reader_page_write(struct arena *arena, const struct page_view *view, struct buf *out)
{
    struct writing at = {arena, view, out};
    head_write(&at);
    if (view->visited)
        (is_held(view) ? held_write : link_write)(&at);
    else
        say(&at, "<p>", view->problem, "</p>\n");
    html(&at, "<footer>");
    if (view->visited) {
        say(&at, "<p>", PAGE_NUMBER, ": ");
        words(&at, view->visited->record);
        html(&at, "</p>");
    }
    say(&at, "<p>", PAGE_FOOT, "</p></footer>\n</main>\n</body>\n</html>\n");
}
