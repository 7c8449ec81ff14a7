#include "letter.h"

#include <stdio.h>

static void letter_read(struct letter *l, const char *text)
{
    letter_read_for(l, tables, text, "bob.miller@here.example");
}

#define FROM "From: Anna <anna@brand.example>\r\nTo: bob.miller@here.example\r\n"
#define PLAIN FROM "Subject: A note\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
#define HTML FROM "Subject: A note\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
#define FILLER "We met on Monday and spoke of the garden, the rain, and a good many other things of the year.\r\n"

/* ---- lures, as "strong" or not */
static void each_lure(void **state)
{
    static const struct {
        const char *letter;
        enum lure_id lure;
        bool strong;
    } rows[] = {
        {PLAIN "Please verify your account today.\r\n", LURE_SIGN_IN, true},
        {PLAIN "Please sign in.\r\n", LURE_SIGN_IN, false},
        {PLAIN "Please sign in with your credentials.\r\n", LURE_SIGN_IN, true},
        {FROM "Subject: Sign in\r\n\r\nHello\r\n", LURE_SIGN_IN, true},
        {PLAIN "Your shipment is with the courier, and the shipment waits.\r\n", LURE_PARCEL, true},
        {PLAIN "Your shipment is your shipment.\r\n", LURE_PARCEL, false},
        {HTML "<p>Hello <a href=\"https://a.example/\">Verify your account</a></p>", LURE_SIGN_IN, true},
        {HTML "<p>Hello <span style=\"display:none\">verify your account</span></p>", LURE_SIGN_IN, false},
        {PLAIN "お客様のアカウントの利用を制限しました。\r\n", LURE_ACCOUNT_ENDS, true},
        {PLAIN "Ihr Konto wurde gesperrt.\r\n", LURE_ACCOUNT_ENDS, true},
        {PLAIN "Pаyраl: verify yоur account\r\n", LURE_SIGN_IN, true},
        /* an address or a number parts what belongs together */
        {PLAIN "The password for bob@here.example will expire.\r\n", LURE_PASSWORD, true},
        {PLAIN "The password for the gate, says bob@here.example, will expire.\r\n", LURE_PASSWORD, false},
        {PLAIN "A sua senha para bob@here.example expirar\xc3\xa1 hoje.\r\n", LURE_PASSWORD, true},
        {PLAIN "Ihr Postfach bob@here.example ist voll.\r\n", LURE_MAILBOX_FULL, true},
        {PLAIN "Ihr Postfach bob@here.example ist leer.\r\n", LURE_MAILBOX_FULL, false},
        {FROM "Subject: Your mailbox (bob@here.example) is full\r\n\r\nHello\r\n", LURE_MAILBOX_FULL, true},
        {PLAIN "Your account 4711-0815 has been suspended.\r\n", LURE_ACCOUNT_ENDS, true},
        /* an answer's quoted letter is another's word; one that is only sent on is read */
        {PLAIN "Thank you, I shall have a look at this tomorrow.\r\n\r\n> Please verify your account\r\n", LURE_SIGN_IN, false},
        {PLAIN "Thank you, I shall have a look at this tomorrow.\r\n\r\nOn Monday, Carl wrote:\r\nPlease verify your account\r\n", LURE_SIGN_IN, false},
        {PLAIN "了解しました。明日あらためてこちらからご連絡いたします。\r\n\r\n差出人: 例\r\n送信日時: 今日\r\nアカウントの利用を制限しました\r\n", LURE_ACCOUNT_ENDS, false},
        {PLAIN "FYI\r\n-----Original Message-----\r\nPlease verify your account\r\n", LURE_SIGN_IN, true},
        /* a mark of quoting before one line makes what follows no letter of another's */
        {PLAIN "Thank you, I shall have a look at this tomorrow.\r\n>\r\nPlease verify your account\r\nand do it soon\r\n", LURE_SIGN_IN, true},
        {FROM "Content-Type: text/html\r\n\r\nThank you, I shall have a look at this tomorrow.<br>&gt;<br>Please verify your account\r\n", LURE_SIGN_IN, true},
        /* parts of nothing before it do not hide it */
        {FROM "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n.\r\n--b\r\n\r\n.\r\n--b\r\n\r\n.\r\n--b\r\n\r\n.\r\n--b\r\n\r\nPlease verify your account\r\n--b--\r\n",
         LURE_SIGN_IN, true},
        /* a letter that warns of fraud names its phrases */
        {PLAIN "Beware of phishing emails: they say \"verify your account\". Report phishing to us.\r\n", LURE_SIGN_IN, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct letter l;
        letter_read(&l, rows[i].letter);
        if (l.content.words.lures[rows[i].lure].strong != rows[i].strong)
            fail_msg("%s: %s is %s", rows[i].letter, lure_name(rows[i].lure), rows[i].strong ? "not strong" : "strong");
        letter_done(&l);
    }
}

/* ---- marks: offset of a bool in content_words, a letter that has it, one that nearly has */
#define MARK(name) offsetof(struct content_words, name), #name
static void each_mark(void **state)
{
    static const struct {
        size_t at;
        const char *name, *has, *nearly;
    } rows[] = {
        {MARK(telephone), PLAIN "Call +1 (555) 010-0199 now", PLAIN "On 2026-01-02 10:00 order 5550100199 was 1.234.567"},
        {MARK(telephone), PLAIN "電話 03-1234-5678 まで", PLAIN "コード 12345678"},
        {MARK(telephone), PLAIN "al 900 555 014 de", PLAIN "sono 900 000 000 di"},
        {MARK(telephone), PLAIN "ligue 4003-0142", PLAIN "2024-2025, 4003-01"},
        {MARK(telephone), PLAIN "1-888-555-0100", PLAIN "see https://a.example/888-555-0100"},
        {MARK(money_amount), PLAIN "You owe $ 1,200.50", PLAIN "Version 1,200.50"},
        {MARK(money_amount), PLAIN "5,000円をお支払い", PLAIN "5,000人"},
        {MARK(money_amount), PLAIN "10.5 million dollars", PLAIN "10.5 million people"},
        {MARK(coin_address), PLAIN "Send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa today", PLAIN "Send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb today"},
        {MARK(coin_address), PLAIN "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", PLAIN "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"},
        {MARK(mail_address), PLAIN "Write to carl@other.example", PLAIN "Write to anna@mail.brand.example or bob@here.example"},
        {MARK(free_mail_address), PLAIN "Write to carl.somebody@gmail.com", PLAIN "Write to carl@other.example"},
        {MARK(quoted), FROM "Subject: Re: A note\r\nIn-Reply-To: <1@a.example>\r\n\r\nThank you, I shall look at it.\r\n\r\n> Hello\r\n",
         FROM "Subject: Re: A note\r\nIn-Reply-To: <1@a.example>\r\n\r\nThank you, I shall look at it.\r\n"},
        {MARK(quoted), FROM "Subject: TR: Un mot\r\n\r\nVoici le message que nous avons re\xc3\xa7u ce matin.\r\n\r\n*De :* Carl <c@d.example>\r\n*Objet :* Un mot\r\n\r\nBonjour\r\n",
         FROM "Subject: TR: Un mot\r\n\r\nVoici le message que nous avons re\xc3\xa7u ce matin.\r\n\r\n*De :* Carl <c@d.example>\r\n\r\nBonjour\r\n"},
        {MARK(code_or_diff), PLAIN "diff --git a/x b/x\n", PLAIN "The difference is small; so it is.\n"},
        {MARK(postal_address), PLAIN FILLER "Brand Inc., 1 Main Street, Springfield, CA 94043\r\n", PLAIN FILLER "Brand Inc., since 1994\r\n"},
        {MARK(recipient_named), PLAIN "Dear Bob,\r\nhello", PLAIN "Dear customer,\r\nbobsleigh"},
        {MARK(address_in_subject), FROM "Subject: For bob@here.example\r\n\r\nHi", FROM "Subject: For Bob. Hello\r\n\r\nHi"},
        {MARK(code_in_subject), FROM "Subject: Case 4711234\r\n\r\nHi", FROM "Subject: Report of 2026, $10,000\r\n\r\nHi"},
        {MARK(reply_faked), FROM "Subject: Re: A note\r\n\r\nHi", FROM "Subject: Re: A note\r\nIn-Reply-To: <1@a.example>\r\n\r\nHi"},
        {MARK(template_empty), FROM "Subject: Dear {{first_name}}\r\n\r\nHi", FROM "Subject: Dear {friend}\r\n\r\nHi"},
        {MARK(template_empty), PLAIN "Dear %FIRSTNAME%,", PLAIN "100% of 50% is a half"},
        {MARK(slot.sum), PLAIN "Username: www.offer.com - 1.35 BTC\r\n", PLAIN "Username: bob\r\nPlan: www.offer.com - 13 USD\r\n"},
        {MARK(slot.sum), HTML "<table><tr><td>Nom d'utilisateur :</td></tr><tr><td>www.offer.com 500 EUR</td></tr></table>", HTML "<p>Nom d'utilisateur :</p><p>bob</p><p>www.offer.com 500 EUR</p>"},
        {MARK(slot.sum), PLAIN "Hello offer.com/a 1,000 USD, welcome\r\n", PLAIN "Hello Bob, see www.offer.com for 1,000 USD\r\n"},
        {MARK(slot.sum), PLAIN "offer.com 5000円 様\r\n", PLAIN "offer.com 山田様\r\n"},
        {MARK(slot.sum), FROM "Subject: Carl invited you: \xe2\x80\x9cwww.offer.com $500\xe2\x80\x9d\r\n\r\nHi", FROM "Subject: Carl invited you: \xe2\x80\x9cGarden party\xe2\x80\x9d\r\n\r\nHi"},
        {MARK(slot.sum), PLAIN "https://shop.example.com/a?key=1&login=www.offer.com%20-%201.3%20BTC\r\n", PLAIN "https://shop.example.com/a?key=1&site=www.offer.com%20-%201.3%20BTC\r\n"},
        {MARK(slot.sum), "From: Shop <a@brand.example>\r\nTo: \"www.offer.com $90\" <bob@here.example>\r\nSubject: x\r\n\r\nHi", "From: Shop <a@brand.example>\r\nTo: \"bob, $90\" <bob@here.example>\r\nSubject: x\r\n\r\nHi"},
        {MARK(slot.plainly), PLAIN "Dear www.offer.com,\r\n", PLAIN "Dear offer.com team,\r\n"},
        {MARK(pgp_or_smime), FROM "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b--\r\n", PLAIN "Hi"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int nearly = 0; nearly < 2; nearly++) {
            struct letter l;
            letter_read(&l, nearly ? rows[i].nearly : rows[i].has);
            if (*(const bool *)((const char *)&l.content.words + rows[i].at) == (nearly != 0))
                fail_msg("%s: %s", rows[i].name, nearly ? rows[i].nearly : rows[i].has);
            letter_done(&l);
        }
}

/* Texts are looked at sixteen bytes at a time: a mark is found wherever it stands in them, and at their very end; so is what only nearly is one. */
static void mark_anywhere(void **state)
{
    static const struct {
        size_t at;
        const char *name, *has, *nearly;
    } rows[] = {
        {MARK(coin_address), "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa1"},
        {MARK(mail_address), "c@d.example", "c@d-example"},
        {MARK(telephone), "+1 555 010 0199", "5550100199"},
        {MARK(money_amount), "$90", "$x90"},
        {MARK(postal_address), "1 Main Street, Springfield", "1 Main Streets Springfield"},
        {MARK(postal_address), "Springfield, CA 94043", "Springfield, CA 9404"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int before = 0; before < 40; before++)
            for (int after = 0; after < 20; after++)
                for (int nearly = 0; nearly < 2; nearly++) {
                    char text[256];
                    struct letter l;
                    snprintf(text, sizeof text, PLAIN "%.*s %s%.*s", before, FILLER, nearly ? rows[i].nearly : rows[i].has, after, " . . . . . . . . . .");
                    letter_read(&l, text);
                    if (*(const bool *)((const char *)&l.content.words + rows[i].at) == (nearly != 0))
                        fail_msg("%s: %s", rows[i].name, text);
                    letter_done(&l);
                }
}

static void facts_beside(void **state)
{
    struct letter l;
    letter_read(&l, FROM "Subject: =?utf-8?q?P=D0=B0ypal?=\r\n\r\nHello W\xc3\xb6rld\r\n");
    assert_true(l.content.words.disguises & DISGUISE_MIXED_SCRIPT);
    assert_int_equal(l.content.words.letters, 10);
    assert_int_equal(l.content.words.texts.at[0].place, PLACE_NAME);
    assert_int_equal(l.content.words.texts.at[1].place, PLACE_SUBJECT);
    letter_done(&l);
    letter_read(&l, PLAIN "パスワードの有効期限が切れます。ログインしてご確認ください。");
    assert_span(l.content.words.language, "ja");
    letter_done(&l);
    letter_read(&l, FROM "Subject: =?utf-8?q?=C3=9D=C3=B3=C3=BAr_f=C3=BA=C3=B1ds?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhavé bééñ séñt, havé\r\n");
    assert_int_equal(l.content.words.accented, 5); /* each once */
    letter_done(&l);
    letter_read(&l, PLAIN "Cher client, votre thé est expédié à l'équipe de Séán, café compris. Você está à frente; también mañana. "
                          "Mật khẩu của bạn sẽ hết hạn, thật thêm. För över åtta år; het is géén naïef résumé. Háború és béke. Řádně zaplaťte.");
    assert_int_equal(l.content.words.accented, 0);
    letter_done(&l);
    letter_read(&l, PLAIN "Write to x@other.example and to y@gmail.com");
    assert_span(l.content.words.mail_address_other, "y@gmail.com");
    letter_done(&l);
}

/* Whatever comes, the work is bounded: at most 64 kB are folded. */
static void hostile(void **state)
{
    static const char *const units[] = {"w0rd1 ", "\xcc\xb6", "a@b.cd ", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb ", "{{a ", "sign in ", "1-", ("\xd0\xb0" "a "), "> x\n", "user: a.b\n"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct letter l;
        char *big = flood(PLAIN, units[i], 1 << 20);
        letter_read(&l, big);
        size_t folded = 0;
        vec_each (text, &l.content.words.texts)
            folded += text->raw.len;
        assert_true(folded <= (64 + 32) << 10);
        assert_true(l.content.words.cut);
        letter_done(&l);
        free(big);
    }
}

/* Filler first, and what is meant at the end; or the other way about. Of the middle nothing is read, which is told. */
static void long_text(void **state)
{
    static const struct {
        size_t before, after;
        bool found, cut;
    } rows[] = {{30000, 0, true, false}, {60000, 2000, true, false}, {300000, 0, true, true}, {300000, 12000, true, true}, {10000, 300000, true, true},
                {150000, 150000, false, true}};
    static const char meant[] = "Your mailbox is full. Sign in to verify your account now.\n";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct letter l;
        struct buf mail = {.arena = arena_new((size_t)64 << 20)};
        buf_add(&mail, span_of(PLAIN));
        while (mail.len < rows[i].before)
            buf_add(&mail, S("the garden was green and still \xe2\x80\x94 all day\n"));
        buf_add(&mail, span_of(meant));
        for (size_t end = mail.len + rows[i].after; mail.len < end;)
            buf_add(&mail, S("the garden was green and still all day\n"));
        buf_byte(&mail, 0);
        letter_read(&l, mail.at);
        if (l.content.words.lures[LURE_MAILBOX_FULL].strong != rows[i].found || l.content.words.cut != rows[i].cut)
            fail_msg("%zu before, %zu after: found %d, cut %d", rows[i].before, rows[i].after, l.content.words.lures[LURE_MAILBOX_FULL].strong, l.content.words.cut);
        letter_done(&l);
        arena_free(&mail.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lure),
        cmocka_unit_test(each_mark),
        cmocka_unit_test(mark_anywhere),
        cmocka_unit_test(facts_beside),
        cmocka_unit_test(hostile),
        cmocka_unit_test(long_text),
    };
    return cmocka_run_group_tests(tests, open_tables, close_tables);
}
