/* Addresses in running text, and the links of all leaves together. */
#include "exact.h"
#include "message/html.h"
#include "message/link.h"
#include "message/link_scan.h"
#include "message/url.h"

#define LINE_OF_74 "https://long.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" /* and more */
static const struct {
    const char *what, *text, *found; /* one a line */
} rows[] = {
    {"sentence", "See http://a.example/x. Then more", "http://a.example/x\n"},
    {"brackets", "(https://a.example/A_(b)) [http://b.example/]", "https://a.example/A_(b)\nhttp://b.example/\n"},
    {"quotes", "\"http://a.example/\" 'http://b.example/'", "http://a.example/\nhttp://b.example/\n"},
    {"markdown", "[x](http://a.example/) and [http://b.example](http://c.example)", "http://a.example/\nhttp://b.example\nhttp://c.example\n"},
    {"no scheme", "www.example.test/login and Example.COM, shop.example.co.uk", "www.example.test/login\nExample.COM\nshop.example.co.uk\n"},
    {"with a path two letters suffice", "go to bit.ly/abc now", "bit.ly/abc\n"},
    {"two letters alone do not", "It is done.it was. See bit.ly", ""},
    {"files, numbers, abbreviations", "foo.txt e.g. 3.14 main.py node.js a..com .com", ""},
    {"words of programs", "client.dev eth0.network Mail.app but go.client.dev and x.app/y", "go.client.dev\nx.app/y\n"},
    {"what follows a bare name", "News.com's example.com(5) run a.sh? example.net:8080/x b.example.com:ip", "News.com\nexample.com\nexample.net:8080/x\nb.example.com\n"},
    {"addresses of people", "me@example.com first.last@example.com", ""},
    {"a log's address, a piece of a longer word", "mx.example.com[192.0.2.1] http://a.example[1] 40example.com%7Cb http://[2001:db8::1]/", "mx.example.com\nhttp://a.example\nhttp://[2001:db8::1]/\n"},
    {"bare schemes", "mailto:a@b.example tel:+81312345678 javascript:alert(1)", "mailto:a@b.example\ntel:+81312345678\njavascript:alert(1)\n"},
    {"words with a colon", "data: yes, data:no tel: 123, mailto:nobody, note:this", ""},
    {"data", "data:text/html;base64,QUJD", "data:text/html;base64,QUJD\n"},
    {"backslashes and capitals", "HTTPS:\\\\a.example\\x", "HTTPS:\\\\a.example\\x\n"},
    {"userinfo", "http://bank.example@evil.example/", "http://bank.example@evil.example/\n"},
    {"glued to words", "linkhttp://a.example/", "http://a.example/\n"},
    {"Japanese around it", "詳細はhttps://example.jp/aをご覧ください。「http://b.example/」", "https://example.jp/a\nhttp://b.example/\n"},
    {"Japanese dot in a host", "http://example。com/x。", "http://example。com/x\n"},
    {"host in another script", "http://例え.example/", "http://例え.example/\n"},
    {"kana behind an ASCII name", "http://example.jpをご覧", "http://example.jp\n"},
    {"in angle brackets", "<http://a.example/x> y", "http://a.example/x\n"},
    {"in angle brackets, broken", "<http://a.example/\n   x/\r\n> y.html> z", "http://a.example/x/y.html\n"},
    {"blank in angle brackets", "<http://a.example/ is it>", "http://a.example/\n"},
    {"cut at the line's end", LINE_OF_74 "\nbbb/c?d=1 words", LINE_OF_74 "\n" LINE_OF_74 "bbb/c?d=1\n"},
    {"cut, alone on its line", LINE_OF_74 "\r\nbbb\r\nwords", LINE_OF_74 "\n" LINE_OF_74 "bbb\n"},
    {"words on the next line", LINE_OF_74 "\nand so on", LINE_OF_74 "\n"},
    {"another address on the next line", LINE_OF_74 "\nhttp://b.example/", LINE_OF_74 "\nhttp://b.example/\n"},
    {"a short line is not cut", "https://a.example/aaa\nbbb/c?d=1", "https://a.example/aaa\n"},
    {"nothing", "no links here: none.", ""},
};

static void found(void *context, struct span raw)
{
    buf_add(context, raw);
    buf_byte(context, '\n');
}

static void scanning(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span text = exact(rows[i].text);
        struct buf out = {.arena = arena};
        text_scan(arena, text, found, &out);
        if (!span_eq(buf_span(&out), span_of(rows[i].found)))
            fail_msg("%s:\n%.*s", rows[i].what, SPAN_FMT(buf_span(&out)));
        arena_free(&arena);
        free((char *)text.at);
    }
}

static void lines_undone(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    assert_span(text_unflow(arena, S("> http://a.example/ \r\n> x\r\n stuffed\r\n-- \r\nsig")), "http://a.example/x\nstuffed\n-- \nsig\n");
    assert_span(calendar_unfold(arena, S("URL:http://a.exa\r\n mple/\r\nDESCRIPTION:a\\nb\\, c\\;d\\\\e\n\tf")), "URL:http://a.example/\r\nDESCRIPTION:a\nb, c;d\\ef");
    static const char nul[] = "a\\\0b"; /* a NUL byte is none of the characters that are escaped */
    assert_int_equal(calendar_unfold(arena, (struct span){nul, sizeof nul - 1}).len, sizeof nul - 1);
    arena_free(&arena);
}

/* ---- the leaves together */
static struct span links_of(struct arena *arena, struct part *const *parts, size_t count, size_t most, struct message *message)
{
    struct message_limits limits = {.links = most, .defects = 10};
    struct buf out = {.arena = arena};
    *message = (struct message){0};
    for (size_t i = 0; i < count; i++) {
        if (parts[i]->kind == PART_HTML) {
            parts[i]->html = arena_one(arena, struct html_view);
            html_read(arena, parts[i]->text, 64, most, parts[i]->html);
        }
        *vec_push(arena, &message->leaves) = parts[i];
    }
    links_collect(arena, &limits, message);
    vec_each(link, &message->links)
        buf_print(&out, "%s%s %.*s\n", link->hidden ? "-" : "", link_kind_name(link->kind), SPAN_FMT(link->url ? link->url->href : S("none")));
    return buf_span(&out);
}

static void leaves(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct parameter flowed[] = {{S("format"), S("flowed")}, {S("delsp"), S("yes")}};
    struct part text = {.kind = PART_TEXT, .text = S("http://a.example/ http://a.example/")};
    struct part flow = {.kind = PART_TEXT, .text = S("http://f.example/ \nx\n"), .params = {flowed, 2, 2}};
    struct part calendar = {.kind = PART_CALENDAR, .text = S("ATTACH:http://c.exa\r\n mple/")};
    struct part html = {.kind = PART_HTML, .text = S("<base href=http://base.example/d/><a href=x>http://shown.example/</a> http://seen.example/ "
        "<p style=display:none>http://unseen.example/</p><a href=www.w.example>w</a><a href='mailto:x@y.example'>m</a>")};
    struct part *const parts[] = {&text, &flow, &calendar, &html};
    struct message message;
    assert_span(links_of(arena, parts, 4, 100, &message),
                "text http://a.example/\ntext http://f.example/x\ntext http://c.example/\nbase http://base.example/d/\n"
                "anchor http://base.example/d/x\nanchor http://base.example/d/www.w.example\nanchor mailto:x@y.example\n"
                "text http://seen.example/\n-text http://unseen.example/\n");
    assert_ptr_equal(message.links.at[0].part, &text);
    assert_int_equal(message.defects.len, 0);
    arena_free(&arena);
}

/* The whole reader: a flowed text, HTML in base64, a message inside with a calendar, a file of HTML. */
static void message_links(void **state)
{
    static const char raw[] =
        "From: a@a.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain; format=flowed; delsp=yes\r\n\r\nSee http://flowed.example/ \r\npath here\r\n"
        "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGEgaHJlZj1odHRwOi8vaHRtbC5leGFtcGxlLz54PC9hPg==\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/calendar\r\n\r\nURL:http://calendar.exa\r\n mple/\r\n"
        "--b\r\nContent-Type: text/html; name=x.html\r\nContent-Disposition: attachment\r\n\r\n<form action=http://file.example/>\r\n"
        "--b--\r\n";
    struct arena *arena = arena_new(1 << 20);
    struct span input = exact(raw);
    struct arrival arrival = {.raw = input};
    struct message_limits limits;
    struct message message;
    struct buf out = {.arena = arena};
    message_limits_default(&limits);
    message_parse(arena, &limits, NULL, &arrival, &message);
    vec_each(link, &message.links)
        buf_print(&out, "%s %.*s\n", link_kind_name(link->kind), SPAN_FMT(link->url ? link->url->href : S("none")));
    assert_span(buf_span(&out), "text http://flowed.example/path\nanchor http://html.example/\ntext http://calendar.example/\nform http://file.example/\n");
    arena_free(&arena);
    free((char *)input.at);
}

/* Links in a picture that is markup, by its type or by its bytes; in another picture and in a text there are none. */
static void pictures(void **state)
{
    static const struct {
        const char *head, *body, *links;
    } svg_rows[] = {
        {"Content-Type: image/svg+xml; name=a.svg", "<?xml version=\"1.0\"?><!DOCTYPE svg><svg xmlns='x'><a xlink:href='http://x.example/'><text>Pay</text></a>"
         "<a href='http://h.example/'/><script href='http://s.example/'/></svg>",
         "anchor http://x.example/ [Pay]\nanchor http://h.example/ []\nscript http://s.example/ []\n"},
        {"Content-Type: image/png; name=a.png\nContent-ID: <x>", "<svg><a href='http://h.example/'>x</a></svg>", "anchor http://h.example/ [x]\n"},
        {"Content-Type: application/octet-stream; name=a.svg", "<svg><a href='http://h.example/'>x</a></svg>", "anchor http://h.example/ [x]\n"},
        {"Content-Type: image/svg+xml", "<svg><script><![CDATA[location='http://c.example/']]></script></svg>", "text http://c.example/ []\n"},
        {"Content-Type: image/png; name=a.png", "\x89PNG\r\n\x1a\n<a href='http://h.example/'>x</a>", ""},
        {"Content-Type: text/plain", "<svg><a href='relative'>x</a></svg>", ""},
    };
    for (size_t i = 0; i < sizeof svg_rows / sizeof *svg_rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct arrival arrival = {.raw = arena_print(arena, "From: a@a.example\nMIME-Version: 1.0\n%s\n\n%s", svg_rows[i].head, svg_rows[i].body)};
        struct message_limits limits;
        struct message message;
        struct buf out = {.arena = arena};
        message_limits_default(&limits);
        message_parse(arena, &limits, NULL, &arrival, &message);
        vec_each(link, &message.links)
            buf_print(&out, "%s %.*s [%.*s]\n", link_kind_name(link->kind), SPAN_FMT(link->url ? link->url->href : S("none")), SPAN_FMT(link->text));
        if (!span_eq(buf_span(&out), span_of(svg_rows[i].links)))
            fail_msg("row %zu:\n%.*s", i, SPAN_FMT(buf_span(&out)));
        arena_free(&arena);
    }
}

static void without_a_base(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct part html = {.kind = PART_HTML, .text = S("<a href=www.w.example/x>a</a><a href=//n.example>b</a><a href=page>c</a><a href=x:y>d</a>")};
    struct part *const parts[] = {&html};
    struct message message;
    assert_span(links_of(arena, parts, 1, 100, &message), "anchor https://www.w.example/x\nanchor https://n.example/\nanchor none\nanchor x:y\n");
    arena_free(&arena);
}

static void anchors_in_anchors(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct part html = {.kind = PART_HTML, .text = S("<a href=a:b>one<table><tr><td><a href=c:d>two</a> http://inside.example/</table>three</a> http://after.example/")};
    struct part *const parts[] = {&html};
    struct message message;
    assert_span(links_of(arena, parts, 1, 100, &message), "anchor a:b\nanchor c:d\ntext http://after.example/\n");
    html.text = S("<x href=a:b>one<a href=c:d>two</x>three</a> http://after.example/"); /* the second begins in the first and ends behind it */
    assert_span(links_of(arena, parts, 1, 100, &message), "anchor a:b\nanchor c:d\ntext http://after.example/\n");
    arena_free(&arena);
}

static void limits_hold(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct part text = {.kind = PART_TEXT, .text = S("http://a.example/ http://b.example/ http://a.example/")};
    struct part *const parts[] = {&text};
    struct message message;
    assert_span(links_of(arena, parts, 1, 2, &message), "text http://a.example/\ntext http://b.example/\n");
    assert_int_equal(message.defects.len, 0); /* the third is one of the two */
    links_of(arena, parts, 1, 1, &message);
    assert_int_equal(message.links.len, 1);
    assert_int_equal(message.defects.len, 1);
    assert_int_equal(message.defects.at[0].id, DEFECT_LINKS_LIMIT);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scanning), cmocka_unit_test(lines_undone), cmocka_unit_test(leaves), cmocka_unit_test(message_links), cmocka_unit_test(pictures), cmocka_unit_test(without_a_base), cmocka_unit_test(anchors_in_anchors),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
