#include "letter.h"

#define FROM "From: Anna <anna@brand.example>\r\nTo: bob@here.example\r\nSubject: A note\r\nMIME-Version: 1.0\r\n"
#define HTML FROM "Content-Type: text/html; charset=utf-8\r\n\r\n"
#define BOTH FROM "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
#define AS_PLAIN "--b\r\nContent-Type: text/plain\r\n\r\n"
#define AS_HTML "\r\n--b\r\nContent-Type: text/html\r\n\r\n"
#define END "\r\n--b--\r\n"
#define WORDS                                                                                                          \
    "garden letter monday picture summer winter travel kitchen library concert student teacher engine bottle window " \
    "mountain village station harbour bridge forest island weather morning evening"
#define OTHERS                                                                                                         \
    "account payment confirm invoice deliver parcel message secure service online update customer support banking " \
    "validate restore suspend statement receipt transfer balance deposit checking savings interest"
#define IMAGE "<img src=\"https://pictures.example/a.png\" width=600 height=400>"
#define LINKED "<a href=\"https://elsewhere.example/x\">" IMAGE "</a>"
#define BREAKS "<br><br>\r\n<br>&nbsp;<br><br><br><br><br>\r\n"

#define LOOK(name) offsetof(struct content_look, name), #name
static void each_look(void **state)
{
    static const struct {
        size_t at;
        const char *name, *has, *nearly;
    } rows[] = {
        {LOOK(picture_mail), HTML "<html>Hello " LINKED "</html>", HTML "<html>" WORDS WORDS " " LINKED "</html>"},
        {LOOK(one_image_linked), HTML "<html>" LINKED "</html>", HTML "<html>" IMAGE "<a href=\"https://elsewhere.example/\">words</a></html>"},
        {LOOK(html), HTML "<html>Hi</html>", FROM "\r\nHi"},
        {LOOK(html_only), HTML "<html>Hi</html>", BOTH AS_PLAIN "Hi" AS_HTML "<html>Hi</html>" END},
        {LOOK(html_base64), FROM "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGh0bWw+SGk8L2h0bWw+\r\n", HTML "<html>Hi</html>"},
        {LOOK(html_no_root), HTML "<div>Hi</div>", HTML "<!doctype html>\r\n<HTML lang=en><body>Hi"},
        {LOOK(hidden_much), HTML "<html>Hi <p style=\"display:none\">" WORDS WORDS "</p></html>", HTML "<html>" WORDS WORDS " <p style=\"display:none\">" WORDS "</p></html>"},
        {LOOK(text_differs), BOTH AS_PLAIN WORDS WORDS AS_HTML "<html>" OTHERS OTHERS "</html>" END, BOTH AS_PLAIN WORDS WORDS AS_HTML "<html>" WORDS OTHERS "</html>" END},
        {LOOK(text_differs), BOTH AS_PLAIN WORDS WORDS AS_HTML "<html>" OTHERS OTHERS "</html>" END, BOTH AS_PLAIN "This letter wants HTML." AS_HTML "<html>" OTHERS "</html>" END},
        {LOOK(blank_run), HTML "<html>Hi" BREAKS BREAKS "there</html>", HTML "<html>Hi" BREAKS "there" BREAKS "you</html>"},
        {LOOK(blank_run), FROM "\r\nHi\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nthere", FROM "\r\nHi\r\n\r\nthere\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"},
        {LOOK(form), HTML "<html><form action=\"https://a.example/\"><input></form></html>", HTML "<html><input></html>"},
        {LOOK(password_input), HTML "<html><input type=password></html>", HTML "<html><input type=text></html>"},
        {LOOK(nothing_to_read), FROM "Content-Type: multipart/mixed; boundary=b\r\n\r\n" AS_PLAIN "Hi\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF" END, FROM "\r\nHi"},
        {LOOK(priority_high), "X-Priority: 1 (Highest)\r\n" FROM "\r\nHi", "X-Priority: 3\r\n" FROM "\r\nHi"},
        {LOOK(priority_high), "Importance: High\r\n" FROM "\r\nHi", "Importance: normal\r\n" FROM "\r\nHi"},
        {LOOK(image_foreign), HTML "<html>" LINKED "</html>", HTML "<html><a href=\"https://pictures.example/x\">" IMAGE "</a></html>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int nearly = 0; nearly < 2; nearly++) {
            struct letter v;
            letter_read_for(&v, NULL, nearly ? rows[i].nearly : rows[i].has, "");
            if (*(const bool *)((const char *)&v.content.look + rows[i].at) == (nearly != 0))
                fail_msg("%s: %s", rows[i].name, nearly ? rows[i].nearly : rows[i].has);
            letter_done(&v);
        }
}

static void images_counted(void **state)
{
    struct letter v;
    letter_read_for(&v, NULL, HTML "<html>" IMAGE "<img src=\"https://pictures.example/b.png\"></html>", "");
    assert_int_equal(v.content.look.images, 2);
    letter_done(&v);
    letter_read_for(&v, NULL, HTML "<html>none</html>", "");
    assert_int_equal(v.content.look.images, 0);
    letter_done(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_look),
        cmocka_unit_test(images_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
