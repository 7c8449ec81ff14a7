/* The tokenizer where html5lib's suite is not at hand, and what only our interface has. */
#include "exact.h"
#include "message/html.h"

static void token_print(struct buf *out, const struct html_token *token)
{
    static const char marks[] = {[HTML_TEXT] = 't', [HTML_START] = 's', [HTML_END] = 'e', [HTML_COMMENT] = 'c', [HTML_DOCTYPE] = 'd'};
    buf_print(out, "%c(%.*s", marks[token->kind], SPAN_FMT(token->text));
    for (size_t i = 0; token->kind == HTML_START && i < token->attributes.len; i++)
        buf_print(out, " %.*s=%.*s", SPAN_FMT(token->attributes.at[i].name), SPAN_FMT(token->attributes.at[i].value));
    if (token->kind == HTML_DOCTYPE && token->doctype.force_quirks)
        buf_print(out, " quirks");
    buf_print(out, token->self_closing ? "/)" : ")");
}

static const struct {
    enum html_state state;
    const char *last, *input, *tokens;
    bool foreign;
} rows[] = {
    {HTML_DATA, "", "a<B C=1 d='2' E=\"3\" f/>b</B x>", "t(a)s(b c=1 d=2 e=3 f=/)t(b)e(b)", false},
    {HTML_DATA, "", "<a b=1 B=2 c>", "s(a b=1 c=)", false},
    {HTML_DATA, "", "<a a b c d e f g h i j k l m n=1 o p n=2 q>", "s(a a= b= c= d= e= f= g= h= i= j= k= l= m= n=1 o= p= q=)", false},
    {HTML_DATA, "", "a\r\nb\rc", "t(a\nb\nc)", false},
    {HTML_DATA, "", "&amp;&ampx;&notit;&notin;&#x80;&#0;", "t(&)t(&)t(x;)t(\xc2\xac)t(it;)t(\xe2\x88\x89)t(\xe2\x82\xac)t(\xef\xbf\xbd)", false},
    {HTML_DATA, "", "<a b='&amp;&ampx&amp=&copy'>", "s(a b=&&ampx&amp=\xc2\xa9)", false},
    {HTML_DATA, "", "<!-- a -- b --><!--><!--a--!>b", "c( a -- b )c()c(a)t(b)", false},
    {HTML_DATA, "", "<!-- a > b", "c( a > b)", false},
    {HTML_DATA, "", "<?x?><!x></ x></>", "c(?x?)c(x)c( x)", false},
    {HTML_DATA, "", "<!doctype HTML><!DOCTYPE>", "d(html)d( quirks)", false},
    {HTML_DATA, "", "<![CDATA[a]]>", "c([CDATA[a]])", false},
    {HTML_DATA, "", "<![CDATA[a<b]]>c", "t(a<b)t(c)", true},
    {HTML_DATA, "", "a<b c='d", "t(a)", false},
    {HTML_DATA, "", "a < b <3 <", "t(a < b <3 <)", false},
    {HTML_RCDATA, "title", "a<b>&lt;</titl></title>c", "t(a<b>)t(<)t(</titl>)e(title)t(c)", false},
    {HTML_RAWTEXT, "style", "a&lt;<b></style >c", "t(a&lt;<b>)e(style)t(c)", false},
    {HTML_SCRIPT_DATA, "script", "<!--<script></script>--></script>x", "t(<!--<script></script>-->)e(script)t(x)", false},
    {HTML_SCRIPT_DATA, "script", "<!--</script>x", "t(<!--)e(script)t(x)", false},
    {HTML_PLAINTEXT, "", "a</plaintext>&lt;", "t(a</plaintext>&lt;)", false},
};

static void tokens(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct span input = exact(rows[i].input);
        struct html_tokenizer *tokenizer = html_tokenizer_new(arena, input);
        const struct html_token *token;
        struct buf out = {.arena = arena};
        html_tokenizer_state(tokenizer, rows[i].state, span_of(rows[i].last));
        html_tokenizer_foreign(tokenizer, rows[i].foreign);
        while ((token = html_next(tokenizer))->kind != HTML_FINISHED)
            token_print(&out, token);
        assert_int_equal(html_next(tokenizer)->kind, HTML_FINISHED);
        if (!span_eq(buf_span(&out), span_of(rows[i].tokens)))
            fail_msg("%s: %.*s", rows[i].input, SPAN_FMT(buf_span(&out)));
        arena_free(&arena);
        free((char *)input.at);
    }
}

/* Text and values that need no change are parts of the input, not copies. */
static void nothing_is_copied(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span input = S("<a href='http://a.example/?x=1&y=2'>some text</a>");
    struct html_tokenizer *tokenizer = html_tokenizer_new(arena, input);
    const struct html_token *token = html_next(tokenizer);
    assert_true(token->attributes.at[0].value.at > input.at && token->attributes.at[0].value.at < input.at + input.len);
    token = html_next(tokenizer);
    assert_ptr_equal(token->text.at, span_find(input, S("some")));
    assert_int_equal(token->offset, span_find(input, S("some")) - input.at);
    arena_free(&arena);
}

static void attributes_write(struct buf *html, int count, const char *value)
{
    for (int i = 0; i < count; i++)
        buf_print(html, " a%d=%s", i, value);
}

static void many_attributes(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    struct buf html = {.arena = arena};
    buf_add(&html, S("<a"));
    attributes_write(&html, 9900, "first");
    attributes_write(&html, 9900, "again");
    buf_add(&html, S("><b x x><c>"));
    struct html_tokenizer *tokenizer = html_tokenizer_new(arena, buf_span(&html));
    const struct html_token *token = html_next(tokenizer);
    assert_in_range(token->attributes.len, 9900, 9950); /* crowded names may stand twice; the first is first */
    assert_span(token->attributes.at[9899].value, "first");
    assert_false(token->attributes_cut);
    assert_int_equal(html_next(tokenizer)->attributes.len, 1);
    assert_int_equal(html_next(tokenizer)->attributes.len, 0);
    arena_free(&arena);
}

static void too_many_attributes(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    struct buf html = {.arena = arena};
    struct html_view view;
    buf_add(&html, S("<a"));
    attributes_write(&html, 10001, "x");
    buf_add(&html, S(">y"));
    const struct html_token *token = html_next(html_tokenizer_new(arena, buf_span(&html)));
    assert_int_equal(token->attributes.len, 10000);
    assert_true(token->attributes_cut);
    html_read(arena, buf_span(&html), 64, 100, &view);
    assert_true(view.links_passed);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tokens), cmocka_unit_test(nothing_is_copied), cmocka_unit_test(many_attributes),
                                       cmocka_unit_test(too_many_attributes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
