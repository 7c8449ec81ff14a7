/* The mail that tells a recipient what is held: one line a fact, in one language or both, whatever a stranger wrote. */
#include "action/digest.h"
#include "exact.h"

static struct digest digest_of(struct arena *arena, bool releases, bool en, bool ja)
{
    struct digest digest = {.organisation = S("Harbour"), .sender = S("sekimori@harbour.example"), .recipient = S("anna@harbour.example"), .id = S("abc"),
                            .now = 1769860800, .releases = releases, .en = en, .ja = ja};
    *vec_push(arena, &digest.items) = (struct digest_item){S("a@shop.example"), S("Pay\r\nBcc: x@y\r\n\r\n.\r\n\x1b[2J"), S("https://mail.example/l/release/1k.AbC"),
                                                          1769860000, 1772452000, true, VERDICT_MALICIOUS};
    *vec_push(arena, &digest.items) = (struct digest_item){S(""), S("請求書"), S("https://mail.example/l/release/1k.XyZ"), 1769860001, 1772452001, false, VERDICT_CLEAN};
    return digest;
}

static struct span written(struct arena *arena, const struct digest *digest)
{
    struct buf out = {.arena = arena};
    digest_mail_write(arena, digest, &out);
    return buf_span(&out);
}

static bool has(struct span text, const char *words)
{
    return span_find(text, span_of(words));
}

static void lines_are_ours_and_short(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct digest digest = digest_of(arena, true, true, true);
    struct span mail = written(arena, &digest), rest = mail, line;
    const char *end = span_find(mail, S("\r\n\r\n"));
    struct span head = span_from(mail.at, end);
    assert_non_null(end);
    assert_true(span_is_ascii(mail));
    assert_true(span_ends_case(mail, S("\r\n")));
    for (size_t i = 0; i < mail.len; i++)
        assert_true(mail.at[i] != '\n' || (i && mail.at[i - 1] == '\r'));
    while (span_cut(&rest, '\n', &line))
        assert_in_range(line.len, 0, 78);
    assert_true(has(head, "To: <anna@harbour.example>") && has(head, "Subject: Mail held back for you: 2") && has(head, "Auto-Submitted: auto-generated"));
    assert_false(has(head, "Bcc"));
    assert_false(has(mail, "\r\nBcc: x@y"));
    assert_true(has(mail, "Subject: Pay  Bcc: x[@]y"));
    arena_free(&arena);
}

static void languages_and_links_are_those_wanted(void **state)
{
    static const char en[] = "have it delivered:", asks[] = "ask for its delivery:", care_ja[] = "=E4=BF=9D=E7=95=99";
    struct arena *arena = arena_new(1 << 20);
    struct digest both = digest_of(arena, true, true, true), only = digest_of(arena, false, true, false), other = digest_of(arena, true, false, true);
    other.more = 3;
    struct span mail = written(arena, &both);
    assert_true(has(mail, en) && has(mail, care_ja) && has(mail, "--------") && !has(mail, asks));
    mail = written(arena, &only);
    assert_true(has(mail, asks) && !has(mail, en) && !has(mail, care_ja) && has(mail, "It could not be judged") && has(mail, "Judged malicious"));
    assert_false(has(mail, "more; your"));
    mail = written(arena, &other);
    assert_true(has(mail, care_ja) && !has(mail, en) && !has(mail, "--------") && has(mail, "=?UTF-8?Q?"));
    only.more = 3;
    assert_true(has(written(arena, &only), "... and 3 more"));
    only.items.at[0].link = S("");
    mail = written(arena, &only);
    assert_true(!has(mail, "1k.AbC") && has(mail, "1k.XyZ"));
    arena_free(&arena);
}

/* A stranger's words in our own mail: no address that a mail program makes a link of, and none that reads another way round. */
static void words_of_strangers_are_no_links(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct digest digest = {.organisation = S("Harbour"), .sender = S("sekimori@harbour.example"), .recipient = S("anna@harbour.example"), .id = S("abc"), .en = true};
    *vec_push(arena, &digest.items) = (struct digest_item){.from = S("a@evil.example"), .subject = S("\xe2\x80\xaeSee http://evil.example/a 1.5 now\xe2\x81\xa9\xe2\x80\xa6"), .link = S("https://mail.example/l/r")};
    struct span mail = written(arena, &digest);
    assert_true(has(mail, "From: a[@]evil[.]example"));
    assert_true(has(mail, "Subject: See http[:]//evil[.]example/a 1.5 now=E2=80=A6")); /* an ellipsis is no control */
    assert_false(has(mail, "evil.example"));
    assert_false(has(mail, "=80=AE") || has(mail, "=81=A9"));
    assert_true(has(mail, "\r\nhttps://mail.example/l/r\r\n")); /* ours stands as it is */
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_are_ours_and_short), cmocka_unit_test(languages_and_links_are_those_wanted),
                                       cmocka_unit_test(words_of_strangers_are_no_links)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
