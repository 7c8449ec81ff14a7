/* Links of HTML and the words they stand under. */
#include "exact.h"
#include "message/html.h"
#include "message/message.h"

static const struct {
    const char *what, *html, *links; /* kind raw [words], one a line; '-' before a hidden one */
} rows[] = {
    {"anchor", "<a href='http://a.example/?x=1&amp;y=2'>Click <b>here</b></a>", "anchor http://a.example/?x=1&y=2 [Click here]\n"},
    {"anchor without an address", "<a name=x>y</a>", ""},
    {"reference without a semicolon stays in an attribute", "<a href='?a=1&copy=2'>x</a>", "anchor ?a=1&copy=2 [x]\n"},
    {"image in an anchor", "<a href=u><img src=i alt=' Pay now '></a>", "anchor u [Pay now]\nimage i [Pay now]\n"},
    {"words before the image's", "<a href=u><img src=i alt=Logo>Shop</a>", "anchor u [Shop]\nimage i [Logo]\n"},
    {"words on two lines", "<a href=u>a<br>b</a>", "anchor u [a b]\n"},
    {"anchor ends at the next", "<a href=u>a<a href=v>b", "anchor u [a]\nanchor v [b]\n"},
    {"anchor goes on over blocks", "<a href=u><div>a</div><p>b</a>c", "anchor u [a b]\n"},
    {"words that are not seen", "<a href=u><span style='display:none'>a</span></a>", "-anchor u [a]\n"},
    {"some words are seen", "<a href=u><span style='display:none'>a</span>b</a>", "anchor u [b]\n"},
    {"neither words nor image are seen", "<a href=u><img src=i style='display:none'><span hidden>t</span></a>", "-anchor u [t]\n-image i []\n"},
    {"the image is seen", "<a href=u><img src=i><span hidden>t</span></a>", "anchor u [t]\nimage i []\n"},
    {"hidden as a whole", "<div style='display:none'><a href=u>a</a><img src=i></div>", "-anchor u [a]\n-image i []\n"},
    {"area, and its words", "<map><area href=u alt=words></map>", "area u [words]\n"},
    {"form, button, input", "<form action=f><button formaction=g>x</button><input type=submit formaction=h></form>", "form f []\nform g []\nform h []\n"},
    {"image sources", "<img src=a lowsrc=b srcset='c 1x, d 2x,e,f (x,y) 3x'>", "image a []\nimage b []\nimage c []\nimage d []\nimage e,f []\n"},
    {"background", "<table background=a><tr><td background=b>", "image a []\nimage b []\n"},
    {"base and refresh", "<base href=b><meta http-equiv=Refresh content=\"0; URL='http://r.example/'\">", "base b []\nrefresh http://r.example/ []\n"},
    {"another meta", "<meta name=x content='0; url=y'>", ""},
    {"css", "<p style=\"background:url( 'a' ) url(b)\"><style>@import \"c\"; x{y:URL(d)}</style>", "css a []\ncss b []\ncss d []\ncss c []\n"},
    {"two style elements", "<style>a{b:url(first)}</style><style>a{b:url(other)}</style>", "css first []\ncss other []\n"},
    {"a function that is no address", "<p style='color:rgb(1,2,3)'>", ""},
    {"frames and objects", "<iframe src=a></iframe><embed src=b><object data=c></object>", "frame a []\nframe b []\nframe c []\n"},
    {"script", "<script src=a>document.write('<a href=b>')</script>", "script a []\n"},
    {"VML in a conditional comment", "<!--[if mso]><v:roundrect href='http://v.example/'><center>Button</center></v:roundrect><![endif]-->",
     "anchor http://v.example/ [Button]\n"},
    {"an ordinary comment", "<!-- <a href=x>y</a> -->", ""},
    {"svg anchor", "<svg><a xlink:href=u>x</a></svg>", "anchor u [x]\n"},
    {"svg image and script", "<svg><image href=a /><image xlink:href=b /><script href=c /><script xlink:href=d /></svg>",
     "image a []\nimage b []\nscript c []\nscript d []\n"},
    {"an image that is none of svg", "<img href=a src=b>", "image b []\n"},
    {"a page in a frame", "<iframe srcdoc='<title>t</title><a href=u>x &amp;amp; y</a><iframe srcdoc=\"<a href=v>z</a>\"></iframe>'><a href=no></iframe><a href=w>w</a>",
     "anchor u [x & y]\nanchor v [z]\nanchor w [w]\n"},
    {"a page that ends in raw text", "<iframe srcdoc='<style>a{'></iframe><a href=w>w</a>", "anchor w [w]\n"},
    {"a hidden frame's page", "<div hidden><iframe srcdoc='<a href=u>x</a>'></iframe></div>", "-anchor u [x]\n"},
    {"rules of the frame's page are its own", "<iframe srcdoc='<style>a{display:none}</style><base href=x>'></iframe><a href=u>x</a>", "base x []\nanchor u [x]\n"},
    {"srcdoc of something else", "<div srcdoc='<a href=u>x</a>'></div>", ""},
    {"link element", "<link rel=stylesheet href=u>", "other u []\n"},
    {"the first of two", "<a href=a href=b>x</a>", "anchor a [x]\n"},
    {"tabs and lines inside are kept", "<a href='java\tscript:\nx'>x</a>", "anchor java\tscript:\nx [x]\n"},
};

static void links(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span input = exact(rows[i].html);
        struct html_view view;
        struct buf out = {.arena = arena};
        html_read(arena, input, 64, 100, &view);
        vec_each(link, &view.links)
            buf_print(&out, "%s%s %.*s [%.*s]\n", link->hidden ? "-" : "", link_kind_name((enum link_kind)link->kind), SPAN_FMT(link->raw), SPAN_FMT(link->text));
        if (!span_eq(buf_span(&out), span_of(rows[i].links)))
            fail_msg("%s:\n%.*s", rows[i].what, SPAN_FMT(buf_span(&out)));
        arena_free(&arena);
        free((char *)input.at);
    }
}

static void place_of_words(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct html_view view;
    html_read(arena, S("see <a href=u>these words</a> now"), 64, 100, &view);
    assert_int_equal(view.links.len, 1);
    assert_span(span_trim((struct span){view.visible.at + view.links.at[0].from, view.links.at[0].to - view.links.at[0].from}), "these words");
    arena_free(&arena);
}

/* Anchors that stand in one another all hold the same words: they are cut. */
static void words_are_bounded(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf html = {.arena = arena};
    struct html_view view;
    buf_add(&html, S("<a href=u>"));
    for (int i = 0; i < 600; i++)
        buf_add(&html, S("ab "));
    html_read(arena, buf_span(&html), 64, 100, &view);
    assert_int_equal(view.links.at[0].text.len, 1000);
    assert_int_equal(view.links.at[0].to, 1799);
    html.len = 0;
    buf_add(&html, S("<a href=u>"));
    for (int i = 0; i < 400; i++)
        buf_add(&html, S("\xe9\x96\xa2"));
    html_read(arena, buf_span(&html), 64, 100, &view);
    assert_int_equal(view.links.at[0].text.len, 999);
    arena_free(&arena);
}

/* Where the tag of each link begins, for those who write another address there. */
static void place_of_tags(void **state)
{
    static const char html[] = "<p>\r\n<a href=u>x</a>\r\r\n<!--[if mso]> <v:r href=v></v:r><![endif]--><iframe srcdoc='<a href=w>'></iframe>"
                               "<style>p{a:url(c)}</style><map><area href=z></map>";
    static const size_t places[] = {4, 35, SIZE_MAX, SIZE_MAX}; /* CR LF counts as one */
    struct arena *arena = arena_new(1 << 20);
    struct span input = exact(html);
    struct html_view view;
    html_read(arena, input, 64, 100, &view);
    assert_int_equal(view.links.len, 5);
    for (size_t i = 0; i < 4; i++)
        assert_true(view.links.at[i].tag == places[i]);
    assert_true(view.links.at[4].tag == (size_t)(strstr(html, "<area") - html) - 2);
    arena_free(&arena);
    free((void *)input.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(links), cmocka_unit_test(place_of_tags), cmocka_unit_test(place_of_words), cmocka_unit_test(words_are_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
