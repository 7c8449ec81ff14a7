/* Content-Type and Content-Disposition values, RFC 2231 and everything written in its stead. */
#include "exact.h"
#include "message/message.h"
#include "message/reader.h"

struct row {
    const char *text, *value, *params, *names; /* "name=value;..." and "name|name" */
    unsigned faults;
};

static void check(const struct row *row)
{
    struct arena *arena = arena_new(1 << 20);
    struct span text = exact(row->text);
    struct content content;
    part_content_read(arena, text, 20, &content);
    struct buf params = {.arena = arena}, names = {.arena = arena};
    vec_each(param, &content.params)
        buf_print(&params, "%s%.*s=%.*s", params.len ? ";" : "", SPAN_FMT(param->name), SPAN_FMT(param->value));
    vec_each(name, &content.file_names)
        buf_print(&names, "%s%.*s", names.len ? "|" : "", SPAN_FMT(*name));
    assert_span(content.value, row->value);
    assert_span(buf_span(&params), row->params);
    assert_span(buf_span(&names), row->names ? row->names : "");
    if (content.faults != row->faults)
        fail_msg("%s: faults %#x, wanted %#x", row->text, content.faults, row->faults);
    arena_free(&arena);
    free((void *)text.at);
}

static void values(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "", "", NULL, 0},
        {"Text/HTML", "text/html", "", NULL, 0},
        {"text / plain ; charset = utf-8", "text/plain", "charset=utf-8", NULL, 0},
        {"text/plain;charset=\"utf-8\";;", "text/plain", "charset=utf-8", NULL, 0},
        {"text/plain; CHARSET=UTF-8", "text/plain", "charset=UTF-8", NULL, 0},
        {"text/plain (comment); charset=us-ascii (more)", "text/plain", "charset=us-ascii", NULL, CONTENT_COMMENT},
        {"multipart/mixed; boundary=\"a;b\\\"c\"", "multipart/mixed", "boundary=a;b\"c", NULL, 0},
        {"multipart/mixed; boundary=a; boundary=b", "multipart/mixed", "boundary=a;boundary=b", NULL, CONTENT_TWICE},
        {"multipart/mixed; boundary=a; boundary=a", "multipart/mixed", "boundary=a;boundary=a", NULL, 0},
        {"text/html charset=utf-8", "text/html", "charset=utf-8", NULL, 0},
        {"charset=utf-8", "", "charset=utf-8", NULL, CONTENT_ODD},
        {"text/plain; charset", "text/plain", "", NULL, CONTENT_ODD},
        {"text/plain; name=\"open", "text/plain", "name=open", "open", CONTENT_ODD},
        {"attachment; filename=a b.pdf", "attachment", "filename=a b.pdf", "a b.pdf|a", 0},
        {"attachment; filename=a(1).pdf; size=3", "attachment", "filename=a(1).pdf;size=3", "a(1).pdf", 0},
        {"attachment; filename=\"C:\\dir\\x.exe\"", "attachment", "filename=C:\\dir\\x.exe", "C:\\dir\\x.exe", 0},
        {"attachment; filename=\"=?UTF-8?Q?=C3=BC.exe?=\"", "attachment", "filename=ü.exe", "ü.exe|=?UTF-8?Q?=C3=BC.exe?=", CONTENT_WORD},
        {"attachment; filename=\"\xfc.exe\"", "attachment", "filename=ü.exe", "ü.exe", 0} /* names are UTF-8 */,
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

static void continued(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a/b; filename*=utf-8'de'gr%C3%BC%C3%9Fe.txt", "a/b", "filename=grüße.txt", "grüße.txt", 0},
        {"a/b; filename*=iso-8859-1''%FC", "a/b", "filename=ü", "ü", 0},
        {"a/b; filename*0=one; filename*1=two", "a/b", "filename=onetwo", "onetwo", 0},
        {"a/b; filename*0*=utf-8''%C3; filename*1*=%BC; filename*2=\".exe\"", "a/b", "filename=ü.exe", "ü.exe", 0},
        {"a/b; filename*1=two; filename*0=one", "a/b", "filename=onetwo", "onetwo", CONTENT_PIECES},
        {"a/b; filename*0=one; filename*2=two", "a/b", "filename=onetwo", "onetwo", CONTENT_PIECES},
        {"a/b; filename=x.txt; filename*=utf-8''y.exe", "a/b", "filename=y.exe;filename=x.txt", "y.exe|x.txt", 0},
        {"a/b; filename*=no-quotes%41", "a/b", "filename=no-quotesA", "no-quotesA", 0},
        {"a/b; filename*=utf-8''%zz", "a/b", "filename=%zz", "%zz", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

static void many(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct buf text = {.arena = arena};
    buf_add(&text, S("a/b"));
    for (int i = 0; i < 21; i++)
        buf_print(&text, "; p%d=v", i);
    struct content content;
    part_content_read(arena, buf_span(&text), 20, &content);
    assert_int_equal(content.faults, CONTENT_MANY);
    assert_int_equal(content.params.len, 20);
    part_content_read(arena, buf_span(&text), 21, &content);
    assert_int_equal(content.faults, 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(continued), cmocka_unit_test(many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
