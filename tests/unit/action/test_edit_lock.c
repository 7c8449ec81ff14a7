/* Locks: the links that evidence names, and other addresses in their place, and in no other. */
#include "action/edit_inner.h"
#include "../message/reading.h"
#include "../../work.h"

struct edited {
    struct reading reading, after;
    struct edits edits;
    struct span whole;
};

/* Locks the links with these words in their address. */
static void edit(struct edited *e, const char *text, const char *words)
{
    struct edit_wishes wishes = {0};
    reading_of(&e->reading, text);
    const struct message *message = &e->reading.message;
    for (size_t i = 0; i < message->links.len; i++)
        if (span_find(message->links.at[i].raw, span_of(words)))
            *vec_push(e->reading.arena, &wishes.locks) = (struct lock){(uint32_t)i, arena_print(e->reading.arena, "https://g.example/?l=%zu&t=x", i)};
    edits_plan(e->reading.arena, &e->reading.limits, message, DIRECTION_INBOUND, &wishes, &e->edits);
    e->whole = edits_apply(e->reading.arena, message, &e->edits);
    reading_run(&e->after, e->whole.at, e->whole.len);
}

static void done(struct edited *e)
{
    reading_done(&e->reading);
    reading_done(&e->after);
    *e = (struct edited){0};
}

static void in_pages(void **state)
{
    static const struct {
        const char *page, *wanted;
    } rows[] = {
        {"<a href=\"http://evil.example/a?b=1&amp;c\">x</a><a href='http://good.example/'>y</a>",
         "<a href=\"https://g.example/?l=0&amp;t=x\">x</a><a href='http://good.example/'>y</a>"},
        {"<A title=\"http://evil.example/\"\n HREF = http://evil.example/ class=c>x</A>", "<A title=\"http://evil.example/\"\n HREF = \"https://g.example/?l=0&amp;t=x\" class=c>x</A>"},
        {"<a href='http&#58;//evil.example'>x</a>", "<a href=\"https://g.example/?l=0&amp;t=x\">x</a>"},
        {"<a href=http://evil.example/ href=http://other.example/>x</a>", "<a href=\"https://g.example/?l=0&amp;t=x\" href=\"https://g.example/?l=0&amp;t=x\">x</a>"},
        {"<map><area href=http://evil.example/></map>", "<map><area href=\"https://g.example/?l=0&amp;t=x\"></map>"},
        {"<form action='http://evil.example/'><input></form>", "<form action=\"https://g.example/?l=0&amp;t=x\"><input></form>"},
        {"<meta http-equiv=refresh content=\"5; url=http://evil.example/\">", "<meta http-equiv=refresh content=\"5; url=https://g.example/?l=0&amp;t=x\">"},
        {"<!--[if mso]><v:roundrect href=\"http://evil.example/\">x</v:roundrect><![endif]-->", "<!--[if mso]><v:roundrect href=\"https://g.example/?l=0&amp;t=x\">x</v:roundrect><![endif]-->"},
        {"see http://evil.example/a?b&amp;c=1 now, http://good.example/", "see https://g.example/?l=0&amp;t=x now, http://good.example/"},
        {"see http://evil.example/a, http://evil.example/ab.", "see https://g.example/?l=0&amp;t=x, https://g.example/?l=1&amp;t=x."},
        /* near misses: not followed, other places, no tags */
        {"<img src=http://evil.example/>", NULL},
        {"<script>location='http://evil.example/'</script><style>a{x:url(http://evil.example/)}</style>", NULL},
        {"<!-- <a href=http://evil.example/>x</a> -->", NULL},
        {"<textarea><a href='x'></textarea><a href=http://good.example/?http://evil/>x</a>", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        char text[600], wanted[600];
        snprintf(text, sizeof text, "Content-Type: text/html; charset=utf-8\n\n<body>%s\n", rows[i].page);
        edit(&e, text, "evil.example");
        snprintf(wanted, sizeof wanted, "<body>%s\n", rows[i].wanted ? rows[i].wanted : rows[i].page);
        if (!span_eq(e.after.message.root->text, span_of(wanted)) || (!rows[i].wanted && !span_eq(e.whole, span_of(text))))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(e.after.message.root->text));
        done(&e);
    }
}

static void in_texts(void **state)
{
    static const struct {
        const char *type, *text, *wanted;
    } rows[] = {
        {"text/plain", "go to http://evil.example/a. Or http://good.example/b\n", "go to https://g.example/?l=0&t=x. Or http://good.example/b\n"},
        {"text/plain", "<http://evil.example/\na/b> x\n", "<https://g.example/?l=0&t=x> x\n"},
        {"text/plain", "http://evil.example/a http://evil.example/ab\n", "https://g.example/?l=0&t=x https://g.example/?l=1&t=x\n"},
        {"text/plain; format=flowed; delsp=yes", "see http://evil.example/aaa \nbbb end\n", "see https://g.example/?l=0&t=x end\n"},
        {"text/plain", "xhttp://good.example/http://evil\n", NULL},
        {"text/plain; name=a.txt", "http://good.example/\n", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        char text[600];
        snprintf(text, sizeof text, "Content-Type: %s\n\n%s", rows[i].type, rows[i].text);
        edit(&e, text, "evil.example");
        if (!span_eq(e.after.message.root->text, span_of(rows[i].wanted ? rows[i].wanted : rows[i].text)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(e.after.message.root->text));
        done(&e);
    }
}

/* What cannot be replaced is told: in a signed part, in an attached message, put together by the page. */
static void left_and_told(void **state)
{
    static const char *const rows[] = {
        "Content-Type: multipart/signed; boundary=b\n\n--b\n\nhttp://evil.example/\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n",
        "Content-Type: message/rfc822\n\nA: 1\n\nhttp://evil.example/\n",
        "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nURL:http://evil.example/\nEND:VCALENDAR\n",
        "Content-Type: text/html\n\n<iframe srcdoc=\"<a href='http://evil.example/'>x</a>\"></iframe>\n",
        "Content-Type: text/html\n\nhttp://evil.<b>example/a</b> and http://evil.<i>example</i>/b\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        edit(&e, rows[i], "evil.");
        if (!span_eq(e.whole, span_of(rows[i])) || !e.edits.notes.len || e.edits.notes.at[0].id != NOTE_LINK_LEFT || e.edits.locked)
            fail_msg("row %zu: %.*s", i, SPAN_FMT(e.whole));
        done(&e);
    }
}

/* ---- which links evidence names */
static void named(void **state)
{
    static const struct {
        const char *evidence, *where, *words[3];
        double weight;
        const char *numbers;
    } rows[] = {
        {"link-to-address", "links", {"evil.example"}, 1, "0 2"},
        {"link-text-differs", "links", {"good.example", "evil.example"}, 1, "0 2"}, /* the host that is borrowed is not locked */
        {"link-text-differs", "links", {"evil.example", "good.example"}, 1, "1"},
        {"link-to-program", "links", {"http://evil.example/a"}, 1, "0 2"},
        {"link-listed-phish", "link", {"example"}, 1, "0 1 2"},
        {"link-to-address", "links", {"vil.example"}, 1, ""},
        {"link-to-address", "links", {"evil.example"}, -1, ""},
        {"link-to-address", "From", {"evil.example"}, 1, ""},
    };
    struct reading r = {0};
    reading_of(&r, "Content-Type: text/html\n\n<a href=http://evil.example/a>x</a><a href=http://good.example/>y</a><a href=http://evil.example/a>z</a><img src=http://evil.example/a>\n");
    struct arrival arrival = {0};
    struct content content = {0};
    content_links_read(r.arena, NULL, &arrival, &r.message, &content.links);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct report report = {.message = &r.message, .content = &content};
        struct evidence *evidence = vec_push(r.arena, &report.evidence);
        *evidence = (struct evidence){.weight = rows[i].weight, .where = span_of(rows[i].where), .words = {span_of(rows[i].words[0]), span_of(rows[i].words[1])}};
        assert_true(evidence_by_name(span_of(rows[i].evidence), &evidence->id));
        link_numbers_t numbers = {0};
        struct buf text = {.arena = r.arena};
        links_named(r.arena, &report, &numbers);
        vec_each(number, &numbers)
            buf_print(&text, "%s%u", text.len ? " " : "", *number);
        if (!span_eq(buf_span(&text), span_of(rows[i].numbers)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(buf_span(&text)));
    }
    reading_done(&r);
}

/* A run of words made of very many character references, and very many addresses in it: work is a multiple of the bytes, not of
 * addresses x addresses x references. */
static uint64_t work_of(size_t addresses, size_t references)
{
    struct edited e = {0};
    struct arena *arena = arena_new(1 << 26);
    struct buf text = {.arena = arena};
    buf_add(&text, S("Content-Type: text/html; charset=utf-8\n\n<body>"));
    for (size_t i = 0; i < addresses; i++)
        buf_print(&text, "http://evil.example/%zu ", i);
    for (size_t i = 0; i < references; i++)
        buf_add(&text, S("&a"));
    buf_byte(&text, '\n');
    buf_byte(&text, '\0');
    uint64_t before = work_counted();
    edit(&e, text.at, "evil.example");
    uint64_t work = work_counted() - before;
    assert_int_equal(e.edits.locked, addresses);
    assert_null(span_find(e.after.message.root->text, S("evil.example")));
    done(&e);
    arena_free(&arena);
    return work;
}

static void work_does_not_explode(void **state)
{
    uint64_t small = work_of(100, 4000), large = work_of(800, 32000);
    if (large > 20 * small)
        fail_msg("8 times the bytes took %zu times the work", (size_t)(large / small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_pages), cmocka_unit_test(in_texts), cmocka_unit_test(left_and_told), cmocka_unit_test(named),
                                       cmocka_unit_test(work_does_not_explode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
