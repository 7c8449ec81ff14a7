/* html_read: what is seen and what is not. Each way of hiding stands beside an honest near miss. */
#include "exact.h"
#include "message/html.h"

/* The caller frees the result's bytes. */
static struct span view_of(struct arena *arena, const char *html, struct html_view *view)
{
    struct span input = exact(html);
    html_read(arena, input, 64, 100, view);
    return input;
}

static const struct row {
    const char *what, *html, *visible, *hidden;
    unsigned bits;
} rows[] = {
    {"display", "a<p style='display:none'>b</p>c", "a\nc", "b", HTML_HIDDEN_DISPLAY},
    {"display shown", "a<p style='display:block'>b</p>c", "a\nb\nc", "", 0},
    {"display in capitals, important", "<p style='DISPLAY : None !important'>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"display cannot be undone by a child", "<div style=display:none><p style=display:block>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"a later declaration wins", "<p style='display:none;display:block'>b", "b", "", 0},
    {"an important one stays", "<p style='display:none!important;display:block'>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"escaped word of CSS", "<p style='d\\69splay:none'>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"comment in CSS", "<p style='display/*x*/:/*y*/none'>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"another property's value", "<p style='foo:display:none'>b", "b", "", 0},
    {"semicolon in a string", "<p style='foo:\"a;display:none;\"'>b", "b", "", 0},
    {"semicolon in an address", "<p style='background:url(x;display:none;y)'>b", "b", "", 0},
    {"mso-hide", "<p style='mso-hide:all'>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"visibility", "<p style='visibility:hidden'>b", "", "b", HTML_HIDDEN_VISIBILITY},
    {"visibility undone by a child", "<p style='visibility:hidden'>b<span style='visibility:visible'>c</span>", "c", "b", HTML_HIDDEN_VISIBILITY},
    {"opacity", "<p style='opacity:0.01'>b", "", "b", HTML_HIDDEN_OPACITY},
    {"opacity enough", "<p style='opacity:.7'>b", "b", "", 0},
    {"hidden attribute", "<p hidden>b", "", "b", HTML_HIDDEN_ATTRIBUTE},
    {"hidden attribute overruled", "<p hidden style='display:block'>b", "b", "", 0},
    {"zero font", "<p style='font-size:0'>b", "", "b", HTML_HIDDEN_ZERO_FONT},
    {"zero font by the shorthand", "<p style='font:bold 0px/0 Arial'>b", "", "b", HTML_HIDDEN_ZERO_FONT},
    {"size behind a weight", "<p style='font:400 0 Arial'>b", "", "b", HTML_HIDDEN_ZERO_FONT},
    {"initial size", "<p style='font-size:0'><span style='font-size:initial'>b", "b", "", 0},
    {"weight is no size", "<p style='font:400 14px Arial'>b", "b", "", 0},
    {"zero font undone by a child", "<p style='font-size:0'>b<span style='font-size:12px'>c", "c", "b", HTML_HIDDEN_ZERO_FONT},
    {"zero times em is zero", "<p style='font-size:0'><span style='font-size:2em'>c", "", "c", HTML_HIDDEN_ZERO_FONT},
    {"tiny font", "<p style='font-size:1px'>b", "", "b", HTML_HIDDEN_TINY},
    {"tiny by percent", "<p style='font-size:5%'>b", "", "b", HTML_HIDDEN_TINY},
    {"small print", "<p style='font-size:6pt'>b", "b", "", 0},
    {"font size 1 can be read", "<font size=1>b", "b", "", 0},
    {"white on white", "<p style='color:#fff'>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"nearly white on white", "<font color=#fdfefd>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"light grey on white", "<font color=#d0d0d0>b", "b", "", 0},
    {"white on a dark cell", "<table><tr><td bgcolor=#003366><font color=white>b", "b", "", 0},
    {"cell's colour on its own", "<table><tr><td bgcolor=#003366><font color='rgb(0,51,102)'>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"white on a picture", "<table background=x.png><tr><td><font color=white>b", "b", "", 0},
    {"white on a gradient", "<p style='color:#fff;background:linear-gradient(red,blue)'>b", "b", "", 0},
    {"transparent", "<p style='color:transparent'>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"hsl", "<p style='color:hsl(0,0%,100%)'>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"hexadecimal with opacity", "<p style='color:#ff000005'>b<p style='color:#f00f'>c", "c", "b", HTML_HIDDEN_SAME_COLOUR},
    {"rgba nothing", "<p style='color:rgba(0,0,0,0)'>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"body colours", "<body bgcolor=000000 text=000000>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"links have a colour of their own", "<p style='color:#fff'><a href=x>b</a>", "b", "", 0},
    {"off the page", "<div style='position:absolute;left:-9999px'>b", "", "b", HTML_HIDDEN_OFF_SCREEN},
    {"not positioned, so not moved", "<div style='left:-9999px'>b", "b", "", 0},
    {"moved a little", "<div style='position:relative;left:-20px'>b", "b", "", 0},
    {"indented away", "<p style='text-indent:-9999px'>b", "", "b", HTML_HIDDEN_OFF_SCREEN},
    {"indented", "<p style='text-indent:-20px'>b", "b", "", 0},
    {"margin", "<p style='margin-left:-2000px'>b", "", "b", HTML_HIDDEN_OFF_SCREEN},
    {"box cut to nothing", "<div style='max-height:0;overflow:hidden'>b", "", "b", HTML_HIDDEN_CLIPPED},
    {"low box that does not cut", "<div style='max-height:0'>b", "b", "", 0},
    {"cut, but not low", "<div style='height:20px;overflow:hidden'>b", "b", "", 0},
    {"clip", "<div style='clip:rect(0 0 0 0)'>b", "", "b", HTML_HIDDEN_CLIPPED},
    {"rule by class", "<style>.x{display:none}</style>a<p class='y x'>b", "a", "b", HTML_HIDDEN_DISPLAY},
    {"rule of another class", "<style>.x{display:none}</style><p class=xx>b", "b", "", 0},
    {"rule by id and tag", "<style>p#x{font-size:0}</style><p id=x>b<div id=x>c", "c", "b", HTML_HIDDEN_ZERO_FONT},
    {"rule by tag", "<style>h1, h2 {color:white}</style><h1>b</h1>c", "c", "b", HTML_HIDDEN_SAME_COLOUR},
    {"rule that stands behind", "<p class=x>b</p>c<style>.x{display:none}</style>", "c", "b", HTML_HIDDEN_DISPLAY},
    {"rule of a tag that stands behind", "<h1>b</h1>c<style>h1{display:none}</style>", "c", "b", HTML_HIDDEN_DISPLAY},
    {"rule of an id that stands behind", "<div id=i>b</div>c<style>div#i{display:none}</style>", "c", "b", HTML_HIDDEN_DISPLAY},
    {"rule of the body that stands in it", "<body><style>body{color:#fff}</style>b", "", "b", HTML_HIDDEN_SAME_COLOUR},
    {"of two classes' rules the later", "<style>.x{display:none}.y{display:block}</style><p class='y x'>b", "b", "", 0},
    {"style beats rule", "<style>.x{display:none}</style><p class=x style='display:inline'>b", "b", "", 0},
    {"important rule beats style", "<style>.x{display:none!important}</style><p class=x style='display:inline'>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"rule of narrow screens", "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>b", "b", "", 0},
    {"rule of all screens", "<style>@media all{.x{display:none}}</style><p class=x>b", "", "b", HTML_HIDDEN_DISPLAY},
    {"rule that asks for more", "<style>div .x{display:none}</style><p class=x>b", "b", "", 0},
    {"style inside a title is no style", "<title><style>.x{display:none}</style></title><p class=x>b", "b", "", 0},
    {"style inside a comment is no style", "<!--<style>.x{display:none}</style>--><p class=x>b", "b", "", 0},
    {"style for Outlook alone", "<!--[if mso]><style>.x{display:none}</style><![endif]--><p class=x>b", "b", "", 0},
    {"template", "<template>b</template>c", "c", "b", HTML_HIDDEN_DISPLAY},
    {"script, style and frames are no text", "a<script>b</script><style>c</style><iframe>d</iframe><noframes>e</noframes>", "a", "", 0},
    {"noscript is shown", "<noscript>b</noscript>", "b", "", 0},
};

static void hiding(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct html_view view;
        struct span input = view_of(arena, rows[i].html, &view);
        if (!span_eq(view.visible, span_of(rows[i].visible)) || !span_eq(view.hidden, span_of(rows[i].hidden)) || view.hidden_by != rows[i].bits)
            fail_msg("%s: visible \"%.*s\", hidden \"%.*s\", bits %x", rows[i].what, SPAN_FMT(view.visible), SPAN_FMT(view.hidden), view.hidden_by);
        arena_free(&arena);
        free((char *)input.at);
    }
}

/* Where elements end although their end tag does not say so. */
static const struct row tree_rows[] = {
    {"p ends at p", "<p style=display:none>a<p>b", "b", "a", HTML_HIDDEN_DISPLAY},
    {"p ends at div", "<p style=display:none>a<div>b</div>", "b", "a", HTML_HIDDEN_DISPLAY},
    {"div does not end at p", "<div style=display:none>a<p>b", "", "a\nb", HTML_HIDDEN_DISPLAY},
    {"li ends at li", "<ul><li style=display:none>a<li>b</ul>", "b", "a", HTML_HIDDEN_DISPLAY},
    {"inner list keeps the item", "<ul><li style=display:none>a<ul><li>b</ul></ul>", "", "a\nb", HTML_HIDDEN_DISPLAY},
    {"td ends at td", "<table><tr><td hidden>a<td>b</table>", "b", "a", HTML_HIDDEN_ATTRIBUTE},
    {"inner table keeps the cell", "<table><tr><td hidden>a<table><tr><td>b</table></table>c", "c", "a\nb", HTML_HIDDEN_ATTRIBUTE},
    {"void elements hold nothing", "<img style=display:none>a<br hidden>b", "a\nb", "", 0},
    {"slash does not close", "<div style=display:none />a", "", "a", HTML_HIDDEN_DISPLAY},
    {"end tag of nothing", "<div style=display:none></p></span></table>a", "", "a", HTML_HIDDEN_DISPLAY},
    {"span does not end across a block", "<span style=display:none><div></span>a", "", "a", HTML_HIDDEN_DISPLAY},
    {"formatting ends across a block", "<b style=display:none><div></b>a", "a", "", 0},
    {"block inside the formatting stays hidden", "<b><div style=display:none></b>a", "", "a", HTML_HIDDEN_DISPLAY},
    {"formatting outlives its block", "<p><font color=white>a<p>b</font>c", "c", "a\nb", HTML_HIDDEN_SAME_COLOUR},
    {"formatting does not leave a cell", "<table><tr><td><font color=white>a<td>b</table>c", "b\nc", "a", HTML_HIDDEN_SAME_COLOUR},
    {"text in a table but in no cell", "<table style=display:none>a<tr><td>b</table>", "a", "b", HTML_HIDDEN_DISPLAY},
    {"element in a table but in no cell", "<table style=display:none><tr><div>a</div><td>b</table>", "a", "b", HTML_HIDDEN_DISPLAY},
    {"text behind the body", "<body>a</body></html>b", "ab", "", 0},
};

static void implied_ends(void **state)
{
    for (size_t i = 0; i < sizeof tree_rows / sizeof *tree_rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct html_view view;
        struct span input = view_of(arena, tree_rows[i].html, &view);
        if (!span_eq(view.visible, span_of(tree_rows[i].visible)) || !span_eq(view.hidden, span_of(tree_rows[i].hidden)) || view.hidden_by != tree_rows[i].bits)
            fail_msg("%s: visible \"%.*s\", hidden \"%.*s\", bits %x", tree_rows[i].what, SPAN_FMT(view.visible), SPAN_FMT(view.hidden), view.hidden_by);
        arena_free(&arena);
        free((char *)input.at);
    }
}

static const struct {
    const char *what, *html, *visible;
} text_rows[] = {
    {"blanks folded", "  a \r\n\t b  ", "a b"},
    {"blocks on lines", "a<div>b</div>c<br>d<p>e", "a\nb\nc\nd\ne"},
    {"inline joins", "Pay<b>Pal</b>", "PayPal"},
    {"cells are apart", "<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"},
    {"references", "&lt;a&gt; &amp; &eacute; &#8364; &#x41;", "<a> & \xc3\xa9 \xe2\x82\xac A"},
    {"no-break blanks are blanks", "a&nbsp;&nbsp; b", "a b"},
    {"padding of preview text", "&zwnj;&nbsp;&zwnj;&nbsp;a&#8203;b&shy;c", "abc"},
    {"joiner between letters stays", "a\xe2\x80\x8c" "b", "a\xe2\x80\x8c" "b"},
    {"other letters of that lead byte", "\xe2\x82\xac\xc2\xa3\xef\xbc\xa1", "\xe2\x82\xac\xc2\xa3\xef\xbc\xa1"},
    {"pre keeps lines", "<pre>a\n b</pre>", "a\nb"},
    {"label of a button", "<form>x<input type=submit value='Sign in'></form>", "x Sign in"},
    {"text area", "<textarea><b>a</textarea>b", "<b>ab"},
    {"svg style is markup there", "<svg><style>a</style></svg>b", "ab"},
    {"unfinished tag is dropped", "a<b", "a"},
    {"open angle is text", "1 < 2", "1 < 2"},
};

static void texts(void **state)
{
    for (size_t i = 0; i < sizeof text_rows / sizeof *text_rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct html_view view;
        struct span input = view_of(arena, text_rows[i].html, &view);
        if (!span_eq(view.visible, span_of(text_rows[i].visible)))
            fail_msg("%s: \"%.*s\"", text_rows[i].what, SPAN_FMT(view.visible));
        arena_free(&arena);
        free((char *)input.at);
    }
}

static void counts(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct html_view view;
    struct span input = view_of(arena, "<title>Hi\n there</title><base href=http://b.example/><img><input type=image src=x><form><input type=password>"
            "<input><input type=hidden></form><script></script><iframe></iframe><!--[if mso]><p>For Outlook<![endif]-->"
            "<!--[if !mso]><p>no<![endif]-->", &view);
    assert_span(view.title, "Hi there");
    assert_span(view.base, "http://b.example/");
    assert_span(view.outlook, "For Outlook");
    assert_span(view.visible, "");
    assert_int_equal(view.images, 2);
    assert_int_equal(view.forms, 1);
    assert_int_equal(view.inputs, 2);
    assert_int_equal(view.password_inputs, 1);
    assert_int_equal(view.scripts, 1);
    assert_int_equal(view.iframes, 1);
    arena_free(&arena);
    free((char *)input.at);
}

static struct span repeated(struct arena *arena, const char *words, size_t times, const char *then)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < times; i++)
        buf_add(&out, span_of(words));
    buf_add(&out, span_of(then));
    return buf_span(&out);
}

static void depth_is_bounded(void **state)
{
    struct arena *arena = arena_new(16 << 20);
    struct html_view view;
    html_read(arena, repeated(arena, "<div>", 64, "x"), 64, 10, &view);
    assert_false(view.depth_passed);
    assert_int_equal(view.depth_met, 64);
    html_read(arena, repeated(arena, "<table><tr><td>", 10000, "x"), 64, 10, &view);
    assert_true(view.depth_passed);
    assert_int_equal(view.depth_met, 64);
    assert_span(view.visible, "x");
    html_read(arena, repeated(arena, "<a href=x>", 11, ""), 64, 10, &view);
    assert_true(view.links_passed);
    assert_int_equal(view.links.len, 10);
    html_read(arena, repeated(arena, "<a href=x>", 10, ""), 64, 10, &view);
    assert_false(view.links_passed);
    arena_free(&arena);
}

/* The arena's use stands for the work: a multiple of the bytes given, however they are arranged. */
static void work_is_linear(void **state)
{
    static const char *const pieces[] = {"<", "<!--", "<p><b>", "&", "<font><div></font>", "<a href=x><table><tr><td>word\n", "<style>a{",
        "<!--[if mso]><td><![endif]-->", "<script><!--<script>", "</p>", "<A>", "<p style='background:rgb rgb rgb'>", "<a b=1 ", "]]>", "&#1"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct arena *input = arena_new(64 << 20), *arena = arena_new(64 << 20);
        struct html_view view;
        struct span html = repeated(input, pieces[i], 1000000 / strlen(pieces[i]), "");
        html_read(arena, html, 256, 2000, &view);
        if (arena_used(arena) > 24 * html.len)
            fail_msg("%s: %zu bytes for %zu", pieces[i], arena_used(arena), html.len);
        arena_free(&arena);
        arena_free(&input);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hiding), cmocka_unit_test(implied_ends), cmocka_unit_test(texts), cmocka_unit_test(counts),
        cmocka_unit_test(depth_is_bounded), cmocka_unit_test(work_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
