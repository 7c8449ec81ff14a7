/* Banner and files: in which parts, how they are written, and what stays as it was to the byte. */
#include "action/edit_inner.h"
#include "../message/reading.h"

struct edited {
    struct reading reading, after; /* the message with its edits, read again */
    struct edits edits;
    struct span whole;
};
static const struct banner caution = {.verdict = VERDICT_SUSPICIOUS, .en = true, .ja = true};
#define HEADING "Caution: this message shows signs of fraud."

static void edit(struct edited *e, const char *text, enum direction direction, const struct edit_wishes *wishes)
{
    reading_of(&e->reading, text);
    edits_plan(e->reading.arena, &e->reading.limits, &e->reading.message, direction, wishes, &e->edits);
    e->whole = edits_apply(e->reading.arena, &e->reading.message, &e->edits);
    reading_run(&e->after, e->whole.at, e->whole.len);
}

static void done(struct edited *e)
{
    reading_done(&e->reading);
    reading_done(&e->after);
    *e = (struct edited){0};
}

static size_t count(struct span text, const char *words)
{
    size_t n = 0;
    for (const char *at; (at = span_find(text, span_of(words))); n++)
        text = span_from(at + 1, text.at + text.len);
    return n;
}

/* ---- which parts */
static void where_it_stands(void **state)
{
    static const struct {
        const char *message, *parts; /* which text leaves have it, by their order: y or n */
        enum direction direction;
        enum edit_note_id note;      /* EDIT_NOTE_COUNT: none */
    } rows[] = {
        {"A: 1\r\n\r\nHello\r\n", "y", DIRECTION_INBOUND, EDIT_NOTE_COUNT},
        {"A: 1\r\n\r\nHello\r\n", "y", DIRECTION_INTERNAL, EDIT_NOTE_COUNT},
        {"A: 1\r\n\r\nHello\r\n", "n", DIRECTION_OUTBOUND, NOTE_OUTBOUND},
        {"A: 1\r\n\r\nHello\r\n", "n", DIRECTION_SUBMISSION, NOTE_OUTBOUND},
        {"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two\r\n--b--\r\n", "yy", 0, EDIT_NOTE_COUNT},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "yn", 0, EDIT_NOTE_COUNT},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "ny", 0, EDIT_NOTE_COUNT},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "ny", 0, EDIT_NOTE_COUNT},
        {"Content-Type: multipart/related; boundary=b; start=\"<r>\"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\nContent-ID: <r>\r\n\r\ntwo\r\n--b--\r\n", "ny", 0, EDIT_NOTE_COUNT},
        {"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n", "yn", 0, EDIT_NOTE_COUNT},
        /* nothing inside what is signed, encrypted or a report, no attached message, no calendar */
        {"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n", "n", 0, NOTE_NO_TEXT},
        {"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nA: 1\r\n--b--\r\n", "n", 0, NOTE_NO_TEXT},
        {"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n", "n", 0, NOTE_NO_TEXT},
        {"Content-Type: message/rfc822\r\n\r\nA: 1\r\n\r\none\r\n", "n", 0, NOTE_NO_TEXT},
        {"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nA: 1\r\n\r\none\r\n--b--\r\n", "n", 0, NOTE_NO_TEXT},
        {"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nA: 1\r\n--b--\r\n", "n", 0, NOTE_NO_TEXT},
        /* ... where it is one, and not the name of one */
        {"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\none\r\n--c--\r\n--b--\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\none\r\n--b--\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "n", 0, NOTE_NO_TEXT},
        {"A: 1\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\none\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n-----END PGP SIGNATURE-----\r\n", "n", 0, NOTE_NO_TEXT},
        /* an armour that never ends, that ends within a line, and one in a page are but words that a sender chose */
        {"A: 1\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\none\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"A: 1\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\none\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\nx -----END PGP SIGNATURE-----\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Type: text/html\r\n\r\n<!--\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\none\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n-----END PGP SIGNATURE-----\r\n--><p>one\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n", NULL, 0, NOTE_AMBIGUOUS},
        {"A: 1\r\n\r\nabout -----BEGIN PGP MESSAGE-----\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Type: image/png\r\n\r\nx\r\n", "", 0, NOTE_NO_TEXT},
        /* ambiguous: nothing at all */
        {"Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n--b\r\n\r\none\r\n--c\r\n\r\ntwo\r\n--c--\r\n--b--\r\n", NULL, 0, NOTE_AMBIGUOUS},
        {"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\none\r\n", NULL, 0, NOTE_AMBIGUOUS},
        {"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\nb25l\r\n", NULL, 0, NOTE_AMBIGUOUS},
        {"A: 1\r\nno field\r\nB: 1\r\n\r\none\r\n", NULL, 0, NOTE_AMBIGUOUS},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\nhidden\r\n--b--\r\n", NULL, 0, NOTE_AMBIGUOUS},
        /* of the bytes: */
        {"Content-Type: text/plain; charset=x-none\r\n\r\n\xff\r\n", "n", 0, NOTE_CHARSET},
        {"Content-Type: text/plain; charset=utf-8\r\n\r\n\xe3\x81\x82\xff\r\n", "y", 0, EDIT_NOTE_COUNT}, /* one broken byte protects nobody */
        {"Content-Type: text/plain; charset=utf-8\r\n\r\nd\xe9j\xe0\r\n", "n", 0, NOTE_CHARSET},       /* that is no UTF-8 at all */
        {"Content-Type: text/plain; charset=us-ascii\r\n\r\nd\xe9j\xe0\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\033$B~~~~\033(B\r\n", "n", 0, NOTE_CHARSET},
        {"A: 1\r\n\r\n\xe9\r\n", "n", 0, NOTE_CHARSET},                /* no label: it was guessed */
        {"A: 1\r\n\r\n\xc3\xa9\r\n", "y", 0, EDIT_NOTE_COUNT},         /* ... and is UTF-8 */
        {"Content-Transfer-Encoding: base64\r\n\r\nb25=l!!dHdv\r\n", "n", 0, NOTE_ENCODING},
        {"Content-Transfer-Encoding: quoted-printable\r\n\r\none ==== two\r\n", "n", 0, NOTE_ENCODING},
        {"Content-Type: text/html\r\n\r\n<meta charset=windows-1252>\xc3\xa9\r\n", "n", 0, NOTE_CHARSET}, /* a browser says one, the bytes another */
        {"Content-Type: text/html\r\n\r\n<meta charset=windows-1252>\xe9\r\n", "y", 0, EDIT_NOTE_COUNT},
        {"Content-Type: text/html\r\n\r\n<body style='display:none'>one</body>\r\n", "y", 0, NOTE_HIDDEN} /* it may be another matter for other programs */,
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        edit(&e, rows[i].message, rows[i].direction, &(struct edit_wishes){.banner = &caution});
        size_t n = 0, wrong = !rows[i].parts && !span_eq(e.whole, e.reading.raw);
        vec_each(leaf, &e.after.message.leaves)
            if (rows[i].parts && ((*leaf)->kind == PART_TEXT || (*leaf)->kind == PART_HTML) && !(*leaf)->reading && n < strlen(rows[i].parts))
                wrong += (count((*leaf)->text, HEADING) == 1) != (rows[i].parts[n++] == 'y');
        bool noted = e.edits.notes.len > 0;
        if (wrong || noted != (rows[i].note != EDIT_NOTE_COUNT) || (noted && e.edits.notes.at[0].id != rows[i].note))
            fail_msg("row %zu, note %d: %.*s", i, noted ? (int)e.edits.notes.at[0].id : -1, SPAN_FMT(e.whole));
        if (e.edits.bannered)
            assert_false(defect_find(&e.after.message, DEFECT_CHARSET_WRONG));
        done(&e);
    }
}

/* ---- how a changed part is written; the others stay as they are */
static void other_bytes_stay(void **state)
{
    static const char text[] = "X: 1\r\nContent-Type: multipart/mixed;\r\n boundary=\"b\"\r\n\r\npreamble \t\r\n--b \r\nContent-type: TEXT/Plain; Format=flowed;\r\n"
                               " delsp=yes; charset=iso-2022-jp\r\nX-Part: kept\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\033$B4A;z\033(B \r\nend\r\n--b\r\n"
                               "Content-Type: image/png; name=x\r\n\r\n\x89PNG \r\n\n\r\n--b--\r\nepilogue\r\n";
    struct edited e = {0};
    edit(&e, text, DIRECTION_INBOUND, &(struct edit_wishes){.banner = &caution});
    assert_true(e.edits.bannered && e.edits.body_changed);
    assert_int_equal(e.edits.headers.len, 0); /* the parts' fields are in the body */
    const char *head = span_find(e.whole, S("--b \r\n")), *tail = span_find(e.whole, S("\r\n--b\r\nContent-Type: image"));
    assert_non_null(head);
    assert_non_null(tail);
    assert_true(span_starts(span_of(text), span_from(e.whole.at, head + 6)));
    assert_span(span_from(tail, e.whole.at + e.whole.len), strstr(text, "\r\n--b\r\nContent-Type: image"));
    assert_non_null(span_find(e.whole, S("X-Part: kept\r\nContent-Transfer-Encoding: base64\r\n\r\n")));
    const struct part *part = leaf_with(&e.after.message, "end");
    assert_span(part->charset, "utf-8");
    assert_span(content_type_with(e.after.arena, part, "charset", S("utf-8")), "text/plain;\n\tcharset=utf-8;\n\tformat=flowed;\n\tdelsp=yes");
    assert_non_null(span_find(part->text, S("\r\n\r\n\xe6\xbc\xa2\xe5\xad\x97 \r\nend"))); /* the blank of a flowed line too */
    done(&e);
}

static void quoted_or_base64(void **state)
{
    struct edited e = {0};
    struct banner english = {.verdict = VERDICT_MALICIOUS, .en = true};
    edit(&e, "A: 1\n\nFrom here\n.dot=\ntrailing \nlong long long long long long long long long long long long long long long long line\n", 0, &(struct edit_wishes){.banner = &english});
    assert_non_null(span_find(e.whole, S("Content-Transfer-Encoding: quoted-printable\n")));
    assert_non_null(span_find(e.whole, S("MIME-Version: 1.0\n")));
    assert_non_null(span_find(e.whole, S("\n=46rom here\n=2Edot=3D\ntrailing=20\nlong ")));
    assert_null(span_find(e.whole, S("\r")));
    assert_non_null(span_find(e.after.message.root->text, S("\n\nFrom here\n.dot=\ntrailing \nlong long long long long long long long long long long long long long long long line\n")));
    struct span rest = e.whole, line;
    while (span_cut(&rest, '\n', &line))
        assert_true(line.len <= 76);
    done(&e);
}

/* A line of the text that would end its part stays a line of the text. */
static void boundaries_in_texts(void **state)
{
    struct edited e = {0};
    struct banner english = {.verdict = VERDICT_MALICIOUS, .en = true};
    edit(&e, "Content-Type: multipart/mixed; boundary=\"-- Sekimori ------------------------------------\"\r\n\r\n---- Sekimori ------------------------------------\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\nb25lCi0tLS0gU2VraW1vcmkgLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tCnR3bwo=\r\n---- Sekimori --------------------------------------\r\n", 0,
         &(struct edit_wishes){.banner = &english});
    assert_true(e.edits.bannered);
    assert_int_equal(e.after.message.leaves.len, 1);
    assert_non_null(span_find(e.whole, S("quoted-printable")));
    assert_true(span_ends_case(e.after.message.leaves.at[0]->text, S("one\n---- Sekimori ------------------------------------\ntwo\n")) ||
                span_ends_case(e.after.message.leaves.at[0]->text, S("one\r\n---- Sekimori ------------------------------------\r\ntwo\r\n")));
    done(&e);
}

/* Random bytes through both encodings and back. */
static void encodings_round(void **state)
{
    struct arena *arena = arena_new((size_t)8 << 20);
    uint32_t seed = 7;
    for (size_t n = 0; n < 300; n++) {
        char text[300];
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = "ab =.\t\r\n\xc3\xa9?"[seed >> 24 & 7 ? seed >> 20 & 7 : 4 + (seed >> 16 & 7)];
            text[i] = text[i] == '\r' ? 'r' : text[i];
        }
        bool strict;
        struct span written = base64_write(arena, (struct span){text, n}, "\r\n");
        assert_true(span_eq(base64_decode(arena, written, &strict), (struct span){text, n}));
        assert_true(strict || !n);
        struct span quoted = quoted_printable_write(arena, (struct span){text, n}, "\n"), head = S("Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=x-any\n\n");
        struct buf whole = {.arena = arena};
        struct reading r = {0};
        buf_add(&whole, head);
        buf_add(&whole, quoted);
        reading_run(&r, whole.at, whole.len);
        assert_true(span_eq(r.message.root->decoded, (struct span){text, n}));
        assert_null(defect_find(&r.message, DEFECT_QUOTED_PRINTABLE_BLANK));
        assert_null(defect_find(&r.message, DEFECT_QUOTED_PRINTABLE_BAD));
        reading_done(&r);
    }
    arena_free(&arena);
}

/* ---- odd pages: seen, whatever they are */
static void pages(void **state)
{
    static const struct {
        const char *page, *before; /* what stands right before the banner; NULL: anywhere, but seen */
    } rows[] = {
        {"<html><head><title>t</title></head><body bgcolor=red>x</body></html>", "<body bgcolor=red>"},
        {"<BODY\n style='a>b'\n>x", "<BODY\n style='a>b'\n>"},
        {"<!-- <body> --><style>/*<body>*/</style><body a='<body>'>x", "<body a='<body>'>"},
        {"<title><body></title><body>x", "</title><body>"},
        {"<p>no body</p>", ""},
        {"text <body>late", ""},
        {"<head></head>\n <meta charset=utf-8><div>x</div>", "<meta charset=utf-8>"},
        {"<!DOCTYPE html><html><script>'<body>'</script>y", "</script>"},
        {"<head><template><body>x</template><body>y", "<head>"},
        {"<frameset><frame src=x></frameset>", ""},
        {"</body>x", ""},
        {"", ""},
        {"<body style='color:white;font-size:0;visibility:hidden'>x", NULL},
        {"<style>div{display:none!important} body div{font-size:0!important} *{color:#fff!important;background:#fff!important}</style><body>x", NULL},
        {"<style>body>div:first-child{display:none!important;opacity:0!important}</style><body>x", NULL},
        {"<body><!--", "<body>"},
        {"\xef\xbb\xbf<body>x", "<body>"},
        {"<svg><title><body></title></svg><body>x", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        char text[600];
        snprintf(text, sizeof text, "Content-Type: text/html; charset=utf-8\n\n%s", rows[i].page);
        edit(&e, text, 0, &(struct edit_wishes){.banner = &caution});
        const struct part *part = e.after.message.root;
        struct span shown = newlines_as(e.after.arena, part->text, "\n"); /* base64 has CR LF */
        const char *at = span_find(shown, S("<!--sekimori-banner-->"));
        bool seen = part->html && span_find(part->html->visible, S(HEADING)) && count(part->text, HEADING) == 1;
        struct span before = at ? span_from(shown.at, at) : (struct span){0}, wanted = span_of(rows[i].before);
        if (!seen || (rows[i].before && (!span_ends_case(before, wanted) || (!wanted.len && span_trim(before).len > 0))))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(part->text));
        done(&e);
    }
}

static void labels_of_pages(void **state)
{
    static const struct {
        const char *page, *wanted;
    } rows[] = {
        {"<meta charset=iso-2022-jp>", "<meta charset=\"utf-8\">"},
        {"<META http-equiv='Content-Type' content='text/html; charset=Shift_JIS'>", "content='text/html; charset=utf-8'>"},
        {"<meta content=text/html;charset=euc-jp http-equiv=content-type>", "<meta content=text/html;charset=utf-8 http-equiv=content-type>"},
        {"<meta charset=\"UTF-8\">", "<meta charset=\"UTF-8\">"},
        {"<meta name=description content='charset=euc-jp'>", "content='charset=euc-jp'>"},
        {"<!-- <meta charset=euc-jp> -->", "<!-- <meta charset=euc-jp> -->"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0};
        char text[400];
        snprintf(text, sizeof text, "Content-Type: text/html; charset=us-ascii\n\n%s<body>x", rows[i].page);
        edit(&e, text, 0, &(struct edit_wishes){.banner = &caution});
        if (!span_find(e.after.message.root->text, span_of(rows[i].wanted)))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(e.after.message.root->text));
        done(&e);
    }
}

/* The same banner again, or a forged one in its place: one stands there, and it is ours. */
static void never_twice(void **state)
{
    static const char *const rows[] = {
        "A: 1\r\n\r\nHello\r\n", "A: 1\n\nHello\n", "Content-Type: text/html\r\n\r\n<body>Hello\r\n", "Content-Type: text/html\r\n\r\nHello <b>you</b>\r\n",
        "Content-Type: text/html\r\n\r\n<body><!--sekimori-banner-->All is well. Hello<!--/sekimori-banner-->\r\n",
        "A: 1\r\n\r\n---- Sekimori ------------------------------------\r\nAll is well\r\n---- /Sekimori ------------------------------------\r\nHello\r\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edited e = {0}, again = {0};
        edit(&e, rows[i], 0, &(struct edit_wishes){.banner = &caution});
        reading_run(&again.reading, e.whole.at, e.whole.len);
        edits_plan(again.reading.arena, &again.reading.limits, &again.reading.message, 0, &(struct edit_wishes){.banner = &caution}, &again.edits);
        struct span twice = edits_apply(again.reading.arena, &again.reading.message, &again.edits);
        struct span text = e.after.message.root->text;
        if (!span_eq(twice, e.whole) || count(text, HEADING) != 1 || span_find(text, S("All is well")))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(twice));
        done(&e);
        reading_done(&again.reading);
    }
}

/* Sentences hold words of strangers: no line of theirs, no markup, no link. */
static void words_of_strangers(void **state)
{
    struct report report = {.verdict = VERDICT_MALICIOUS};
    struct banner banner = {.en = true};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct evidence evidence = {.weight = 3, .words = {S("evil.example"), S("http://a.example/<b>\r\n---- /Sekimori"), S("x@y.example")}};
    assert_true(evidence_by_name(S("entry-deny"), &evidence.id));
    *vec_push(arena, &report.evidence) = evidence;
    evidence.weight = -1;
    *vec_push(arena, &report.evidence) = evidence;
    banner_of_report(arena, &report, &banner);
    assert_true(banner.reasons[LANGUAGE_EN][0].len && banner.reasons[LANGUAGE_JA][0].len && !banner.reasons[LANGUAGE_EN][1].len);
    struct span text = banner_text(arena, &banner, "\n"), page = banner_html(arena, &banner);
    assert_null(span_find(text, S("evil.example")));
    assert_null(span_find(text, S("http://")));
    assert_int_equal(count(text, "\n---- /Sekimori"), 1);
    assert_null(span_find(page, S("<b>")));
    arena_free(&arena);
}

/* ---- files */
static void files(void **state)
{
    static const char text[] = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/zip; name=\"a b.zip\"; x=1\r\n"
                               "Content-Disposition: attachment; filename=\"a b.zip\"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsD\r\n--b\r\n\r\nend\r\n--b--\r\n";
    struct file_edit off = {.path = S("2"), .reasons = {S("It is a program."), S("プログラムです。")}, .record = S("abc")};
    struct file_edit other = {.path = S("2"), .name = S("a.zip.\xe3\x81\x82")}, absent = {.path = S("4")}, whole = {.path = S("0")};
    struct edited e = {0};
    edit(&e, text, 0, &(struct edit_wishes){.files = {&off, 1, 1}});
    const struct part *part = leaf_with(&e.after.message, "was taken off");
    assert_non_null(part);
    assert_false(part->attachment);
    assert_true(span_find(part->text, S("\"a b.zip\"")) && span_find(part->text, S("It is a program.")) && span_find(part->text, S("プログラムです。")) && count(part->text, "abc") == 2);
    assert_null(span_find(e.whole, S("UEsD")));
    assert_non_null(span_find(e.whole, S("\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n")));
    assert_true(span_ends_case(e.whole, S("\r\n--b\r\n\r\nend\r\n--b--\r\n")));
    done(&e);
    edit(&e, text, 0, &(struct edit_wishes){.files = {&other, 1, 1}});
    part = leaf_with(&e.after.message, "PK");
    assert_span(part->names.at[0], "a.zip.\xe3\x81\x82");
    assert_int_equal(part->names.len, 1);
    assert_non_null(span_find(e.whole, S(";\r\n\tx=1")));
    assert_non_null(span_find(e.whole, S("base64\r\n\r\nUEsD\r\n--b\r\n")));
    done(&e);
    struct file_edit none[] = {absent, whole};
    edit(&e, text, 0, &(struct edit_wishes){.files = {none, 2, 2}});
    assert_span(e.whole, text);
    assert_int_equal(e.edits.notes.len, 2);
    assert_int_equal(e.edits.notes.at[1].id, NOTE_FILE_LEFT);
    done(&e);
    edit(&e, "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: a/b<c>; name=\"www.evil.example\"\n\nx\n--b--\n", 0, &(struct edit_wishes){.files = {&other, 1, 1}});
    assert_non_null(span_find(e.whole, S("Content-Type: application/octet-stream;\n\tname*=utf-8''"))); /* nothing of what they wrote */
    assert_null(span_find(e.whole, S("b<c>")));
    done(&e);
    edit(&e, "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: a/b; name=\"www.evil.example\"\n\nx\n--b--\n", 0, &(struct edit_wishes){.files = {&off, 1, 1}});
    assert_non_null(leaf_with(&e.after.message, "www[.]evil[.]example"));
    done(&e);
    struct file_edit alone = {.path = S("1")};
    edit(&e, "Content-Type: application/zip; name=a.zip\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nUEsD\n", 0, &(struct edit_wishes){.files = {&alone, 1, 1}});
    assert_true(span_starts(e.whole, S("Content-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\nMIME-Version: 1.0\n\n")));
    assert_non_null(leaf_with(&e.after.message, "was taken off"));
    done(&e);
}

static void words_are_complete(void **state)
{
    for (enum banner_text id = 0; id < BANNER_TEXT_COUNT; id++) {
        struct span en = span_of(banner_word(id, LANGUAGE_EN)), ja = span_of(banner_word(id, LANGUAGE_JA));
        assert_true(en.len && ja.len && !span_is_ascii(ja));
        assert_int_equal(count(en, "%s"), count(ja, "%s"));
    }
    for (enum edit_note_id id = 0; id < EDIT_NOTE_COUNT; id++)
        assert_true(*edit_note_text(id, LANGUAGE_EN) && !span_is_ascii(span_of(edit_note_text(id, LANGUAGE_JA))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_it_stands), cmocka_unit_test(other_bytes_stay), cmocka_unit_test(quoted_or_base64), cmocka_unit_test(encodings_round), cmocka_unit_test(boundaries_in_texts),
        cmocka_unit_test(pages), cmocka_unit_test(labels_of_pages), cmocka_unit_test(never_twice), cmocka_unit_test(words_of_strangers), cmocka_unit_test(words_are_complete), cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
