/* The head above a letter that is passed on, as mail programs write it, and what is read behind it. */
#include "letter.h"

#include <stdio.h>

static void letter_read(struct letter *l, const char *text)
{
    letter_read_for(l, tables, text, "bob@here.example");
}

#define HEAD "From: Carl <carl@there.example>\r\nTo: bob@here.example\r\nSubject: Fwd: News\r\nMIME-Version: 1.0\r\n"
#define PLAIN HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\n"
#define HTML HEAD "Content-Type: text/html; charset=utf-8\r\n\r\n"
#define BODY "Please verify your account.\r\n"
#define OWN "I think that you should have a look at this letter here.\r\n\r\n"

/* The first words behind the head; empty where the head was not read. */
static struct span top_of(const struct letter *l)
{
    vec_each (text, &l->content.words.texts)
        if (text->place == PLACE_TOP)
            return text->raw;
    return S("");
}

static void each_program(void **state)
{
    static const char *const rows[] = {
        PLAIN "________________________________\r\nFrom: Anna Berg <anna@brand.example>\r\nSent: Monday, January 5, 2026 10:00\r\nTo: Carl <carl@there.example>\r\nSubject: News\r\n\r\n" BODY,
        PLAIN "-----Original Message-----\r\nFrom: Anna Berg [mailto:anna@brand.example]\r\nSent: Monday\r\nTo: Carl\r\nSubject: News\r\n\r\n" BODY,
        PLAIN "De: Anna Berg <anna@brand.example>\r\nEnviado: segunda-feira, 5 de janeiro de 2026 10:00\r\nPara: Carl <carl@there.example>\r\nAssunto: News\r\n\r\n" BODY,
        PLAIN "De: Anna Berg <anna@brand.example>\r\nEnviado el: lunes, 5 de enero de 2026 10:00\r\nPara: Carl\r\nAsunto: News\r\n\r\n" BODY,
        PLAIN "Von: Anna Berg <anna@brand.example>\r\nGesendet: Montag, 5. Januar 2026 10:00\r\nAn: Carl\r\nCc: Dora\r\nBetreff: News\r\n\r\n" BODY,
        PLAIN "De\xc2\xa0: Anna Berg <anna@brand.example>\r\nEnvoyé\xc2\xa0: lundi 5 janvier 2026 10:00\r\nÀ\xc2\xa0: Carl\r\nObjet\xc2\xa0: News\r\n\r\n" BODY,
        PLAIN "Da: Anna Berg <anna@brand.example>\r\nInviato: lunedì 5 gennaio 2026 10:00\r\nA: Carl\r\nOggetto: News\r\n\r\n" BODY,
        PLAIN "Van: Anna Berg <anna@brand.example>\r\nVerzonden: maandag 5 januari 2026 10:00\r\nAan: Carl\r\nOnderwerp: News\r\n\r\n" BODY,
        PLAIN "差出人: Anna Berg <anna@brand.example>\r\n送信日時: 2026年1月5日 10:00\r\n宛先: Carl\r\n件名: News\r\n\r\n" BODY,
        PLAIN "---------- Forwarded message ---------\r\nFrom: Anna Berg <anna@brand.example>\r\nDate: Mon, Jan 5, 2026 at 10:00 AM\r\nSubject: News\r\nTo: <carl@there.example>\r\n\r\n\r\n" BODY,
        PLAIN "---------- Forwarded message ---------\r\nDe: *Anna Berg* <anna@brand.example>\r\nDate: lun. 5 janv. 2026\r\nSubject: News\r\nTo: <carl@there.example>\r\n\r\n" BODY,
        PLAIN "Begin forwarded message:\r\n\r\n> From: Anna Berg <anna@brand.example>\r\n> Subject: News\r\n> Date: 5 January 2026 at 10:00\r\n> To: carl@there.example\r\n>\r\n> " BODY,
        PLAIN "Anfang der weitergeleiteten Nachricht:\r\n\r\nVon: Anna Berg <anna@brand.example>\r\nBetreff: News\r\nDatum: 5. Januar 2026\r\nAn: Carl\r\n\r\n" BODY,
        PLAIN "-------- Forwarded Message --------\r\nSubject: \tNews\r\nDate: \tMon, 5 Jan 2026\r\nFrom: \tAnna Berg <anna@brand.example>\r\nTo: \tcarl@there.example\r\n\r\n" BODY,
        PLAIN "Get Outlook for iOS<https://aka.ms/o0ukef>\r\n________________________________\r\n*From:* \"Anna Berg\" <anna@brand.example>\r\n*Sent:* Monday\r\n*Subject:* News\r\n\r\n" BODY,
        PLAIN "FYI\r\n\r\nSent from my iPhone\r\n\r\nBegin forwarded message:\r\n\r\nFrom: Anna Berg <anna@brand.example>\r\nDate: 5 January\r\nSubject: News\r\n\r\n" BODY,
        PLAIN "From: Carl <carl@there.example>\r\nSent: Tuesday\r\nTo: Carl\r\nSubject: FW: News\r\n\r\nFrom: Anna Berg <anna@brand.example>\r\nSent: Monday\r\nTo: Carl\r\nSubject: News\r\n\r\n" BODY,
        PLAIN "From: Anna Berg <anna@brand.example<mailto:anna@brand.example>>\r\nSent: Monday\r\nTo: Dora Long <dora@there.example>; Emil Long\r\n <emil@there.example>\r\nSubject: News\r\n\r\n" BODY,
        HTML "<div><hr><b>From:</b> Anna Berg &lt;anna@brand.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> Carl<br><b>Subject:</b> News<br></div><p>" BODY "</p>",
        HTML "<p><b>Von:</b> Anna Berg &lt;<a href=\"mailto:anna@brand.example\">anna@brand.example</a>&gt;</p><p><b>Gesendet:</b> Montag</p><p><b>Betreff:</b> News</p><p>" BODY "</p>",
        HTML "-------- Forwarded Message --------<table><tr><th>Subject: </th><td>News</td></tr><tr><th>Date: </th><td>Mon, 5 Jan 2026</td></tr>"
             "<tr><th>From: </th><td>Anna Berg &lt;anna@brand.example&gt;</td></tr></table><p>" BODY "</p>",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct letter l;
        letter_read(&l, rows[i]);
        const struct content_words *words = &l.content.words;
        const struct forwarded *forwarded = &words->forwarded;
        if (!forwarded->present || !forwarded->bare || !span_eq(forwarded->from.name, S("Anna Berg")) || !span_eq(forwarded->subject, S("News")))
            fail_msg("%zu: %d %d %.*s: %.*s", i, forwarded->present, forwarded->bare, SPAN_FMT(forwarded->from.name), SPAN_FMT(forwarded->subject));
        assert_span(forwarded->from.address, "anna@brand.example");
        assert_span(forwarded->from.domain_ascii, "brand.example");
        if (!span_find(span_first(top_of(&l), 12), S("Please")))
            fail_msg("%zu: the letter begins with %.*s", i, SPAN_FMT(top_of(&l)));
        assert_true(words->lures[LURE_SIGN_IN].strong && !words->quoted && !words->reply_faked);
        letter_done(&l);
    }
}

/* What has words of the author's own, answers the reader, or is no such head. */
static void each_other(void **state)
{
    static const struct {
        const char *letter;
        bool present;
        bool reads; /* what stands below is the message's word all the same */
    } rows[] = {
        {PLAIN OWN "From: Anna <anna@brand.example>\r\nSent: Monday\r\nSubject: News\r\n\r\n" BODY, true, false},
        {PLAIN OWN "Begin forwarded message:\r\n\r\nFrom: Anna <anna@brand.example>\r\nSubject: News\r\n\r\n" BODY, true, false},
        {PLAIN "Thanks!\r\n\r\nFrom: Bob <bob@here.example>\r\nSent: Monday\r\nSubject: News\r\n\r\n" BODY, true, true},
        {PLAIN "OK\r\n\r\nOn Monday, Anna wrote:\r\n> " BODY, false, true},
        {PLAIN "-----Original Message-----\r\n" BODY, false, true},
        {PLAIN "From: the garden\r\nI send you these flowers.\r\n" BODY, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct letter l;
        letter_read(&l, rows[i].letter);
        const struct content_words *words = &l.content.words;
        if (words->forwarded.present != rows[i].present || words->forwarded.bare || words->lures[LURE_SIGN_IN].strong != rows[i].reads)
            fail_msg("%zu: %d %d %d", i, words->forwarded.present, words->forwarded.bare, words->lures[LURE_SIGN_IN].strong);
        letter_done(&l);
    }
}

static void each_author(void **state)
{
    static const struct {
        const char *value, *name, *address;
    } rows[] = {
        {"(x/y) - Urgent, 62653 <a1@b.example>", "(x/y) - Urgent, 62653", "a1@b.example"},
        {"''Desk''<info@b.example>", "Desk", "info@b.example"},
        {"anna@b.example", "", "anna@b.example"},
        {"<anna@b.example>", "", "anna@b.example"},
        {"Anna Berg", "Anna Berg", ""},
        {"anna@a.example <x@b.example>", "anna@a.example", "x@b.example"},
        {"Anna <>", "Anna", ""},
        {"Anna <@>", "Anna", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct letter l;
        char text[500];
        snprintf(text, sizeof text, PLAIN "From: %s\r\nSent: Monday\r\nSubject: News\r\n\r\nHello\r\n", rows[i].value);
        letter_read(&l, text);
        const struct forwarded *forwarded = &l.content.words.forwarded;
        if (!span_eq(forwarded->from.name, span_of(rows[i].name)) || !span_eq(forwarded->from.address, span_of(rows[i].address)))
            fail_msg("%s: %.*s, %.*s", rows[i].value, SPAN_FMT(forwarded->from.name), SPAN_FMT(forwarded->from.address));
        letter_done(&l);
    }
}

/* The letter's own quotations hide nothing: the message has no word of its own that they could answer. */
static void quoted_inside(void **state)
{
    struct letter l;
    letter_read(&l, PLAIN "From: Anna <anna@brand.example>\r\nSent: Monday\r\nSubject: News\r\n\r\n" OWN "-----Original Message-----\r\n" BODY);
    assert_true(l.content.words.forwarded.bare && l.content.words.lures[LURE_SIGN_IN].strong && !l.content.words.quoted);
    letter_done(&l);
}

/* A head in every line, and heads in heads: an end is found. */
static void hostile(void **state)
{
    static const char *const units[] = {"From: a\r\nTo: b\r\n", "From:\r\n", "From: a\r\nTo: b\r\n\r\n----- Original Message -----\r\n", "> From: <\r\n> To:\r\n"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct letter l;
        char *big = flood(PLAIN, units[i], 1 << 18);
        letter_read(&l, big);
        letter_done(&l);
        free(big);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_program), cmocka_unit_test(each_other), cmocka_unit_test(each_author), cmocka_unit_test(quoted_inside), cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, open_tables, close_tables);
}
