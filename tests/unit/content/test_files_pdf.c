/* PDF files: the words that pages show, addresses that stand elsewhere, and locks with an empty password. */
#include "files_world.h"
#include "locked_pdf_aes.h"

#include <stdlib.h>
#include <zlib.h>

#define PDF "%PDF-1.5\n1 0 obj<</Type/Page/Contents 4 0 R/Resources<</Font<</F1 7 0 R>>>>>>endobj\n"
#define MAP "7 0 obj<</Type/Font/ToUnicode 8 0 R>>endobj\n8 0 obj<</Length 9>>stream\n"
#define END "\nendstream endobj\n"

struct words_row {
    const char *label;
    struct span file;
    const char *text;
};
static const struct words_row shown[] = {
    {"lines", S(PDF "4 0 obj<<>>stream\nBT /F1 9 Tf (Sign in) Tj 0 -12 Td (to your \\(mail\\)) Tj T* (box) ' ET" END), "Sign in\nto your (mail)\nbox"},
    {"gaps in a run", S(PDF "4 0 obj<<>>stream\nBT [(Pass) -20 (word) -300 (ex) 15 (pires)] TJ ET" END), "Password expires"},
    {"moved across", S(PDF "4 0 obj<<>>stream\nBT 1 0 0 1 9 9 Tm (one) Tj 1 0 0 1 40 9 Tm (two) Tj 30 0 Td (three) Tj ET" END), "one two three"},
    {"letter by letter", S(PDF "4 0 obj<<>>stream\nBT 1 0 0 1 9 9 Tm (p) Tj 5 0 Td (a) Tj 5 0 Td (y) Tj ET" END), "pay"},
    {"hex and WinAnsi", S(PDF "4 0 obj<<>>stream\nBT <5061792093804e6f7794> Tj ET" END), "Pay \xe2\x80\x9c\xe2\x82\xac" "Now\xe2\x80\x9d"},
    {"a map of two bytes",
     S(PDF "4 0 obj<<>>stream\nBT /F1 9 Tf <00010002000300040005> Tj ET" END MAP
       "begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0001> <0050> <0005><00660069> endbfchar "
       "2 beginbfrange <0002> <0003> <0061> <0004> <0004> [<d83dde00>] endbfrange" END), "Pab\xf0\x9f\x98\x80" "fi"},
    {"a map of one byte", S(PDF "4 0 obj<<>>stream\nBT /F1 9 Tf (!\") Tj ET" END MAP "begincodespacerange<00><FF>endcodespacerange 1 beginbfrange<21><22><0048>endbfrange" END), "HI"},
    {"numbers of shapes", S(PDF "4 0 obj<<>>stream\nBT /F9 9 Tf <000100020003> Tj ET" END), ""},
    {"beside a picture", S(PDF "4 0 obj<<>>stream\nBI /W 1 ID \x01(Tj) EI BT (after) Tj ET" END), "after"},
    {"in a form", S("%PDF-1.4\n5 0 obj<</Type/XObject/Subtype/Form>>stream\nBT (drawn) Tj ET" END), "drawn"},
    {"in ASCII85", S(PDF "4 0 obj<</Filter/ASCII85Decode>>stream\n6<#'UF`)/,@r#Xd.3MT)+@T6~>" END), "unpacked"},
    {"what no page shows", S(PDF "4 0 obj<<>>stream\nBT (shown) Tj ET" END "9 0 obj<<>>stream\n(not) Tj" END), "shown"},
    {"operators alone", S(PDF "4 0 obj<<>>stream\nTj TJ ' Td 1 Tm ] [ >> << ID EI" END), ""},
    {"a string without an end", S(PDF "4 0 obj<<>>stream\nBT (for ever" END), "for ever"},
};

static void words(void **state)
{
    struct files_world *w = *state;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        files_world_read(w, NULL, "application/pdf", "a.pdf", shown[i].file);
        struct span text = w->files.list.at[0].text;
        if (!span_eq(text, span_of(shown[i].text)))
            fail_msg("%s: \"%.*s\"", shown[i].label, SPAN_FMT(text));
        files_world_done(w);
    }
}

/* Never more than is promised, whatever a page holds, and never cut within a letter. */
static void words_bounded(void **state)
{
    struct files_world *w = *state;
    struct buf file = {.arena = w->arena};
    buf_add(&file, S(PDF "4 0 obj<<>>stream\nBT "));
    for (int i = 0; i < 20000; i++)
        buf_add(&file, S("(\x93 mail)Tj "));
    buf_add(&file, S("ET" END));
    files_world_read(w, NULL, "application/pdf", "a.pdf", buf_span(&file));
    struct span text = w->files.list.at[0].text;
    assert_true(text.len > FILE_TEXT_MOST - 8 && text.len <= FILE_TEXT_MOST && span_is_utf8(text));
    files_world_done(w);
}

static const struct files_sample addresses[] = {
    {"an address that is an object", "application/pdf", "a.pdf", S("%PDF-1.4\n1 0 obj<</A<</S/URI/URI 5 0 R>>>>endobj 5 0 obj(https://take.example.net/far)endobj"), FILE_PDF,
     FILE_NOT_WHOLLY_READ, "https://take.example.net/far", NULL},
    {"it stands before", "application/pdf", "a.pdf", S("%PDF-1.4\n5 0 obj<68747470733A2F2F742E6578616D706C652F>endobj 1 0 obj<</A<</S/URI/URI 5 0 R>>>>endobj"), FILE_PDF,
     0, "https://t.example/", NULL},
    {"another string", "application/pdf", "a.pdf", S("%PDF-1.4\n1 0 obj<</A<</S/URI/URI 5 0 R>>>>endobj 6 0 obj(https://take.example.net/far)endobj"), FILE_PDF, 0, NULL, NULL},
    {"an action that is an object", "application/pdf", "a.pdf", S("%PDF-1.4\n1 0 obj<</A 5 0 R>>endobj 5 0 obj<</S/URI/URI(https://take.example.net/act)>>endobj"), FILE_PDF, 0,
     "https://take.example.net/act", NULL},
    {"words packed as nobody does", "application/pdf", "a.pdf", S(PDF "4 0 obj<</Filter/LZWDecode>>stream\nxxxx" END), FILE_NOT_WHOLLY_READ, 0, NULL, NULL},
};

static void far_addresses(void **state)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        files_sample_check(*state, &addresses[i]);
}

/* 7.5.7: objects in a packed stream are known by the numbers at its head. */
static void packed_objects(void **state)
{
    struct files_world *w = *state;
    static const char inside[] = "7 0 5 28 <</Type/Font/ToUnicode 8 0 R>>(https://take.example.net/packed)";
    Bytef packed[300];
    uLongf len = sizeof packed;
    assert_int_equal(compress(packed, &len, (const Bytef *)inside, sizeof inside - 1), Z_OK);
    struct buf file = {.arena = w->arena};
    buf_add(&file, S(PDF "2 0 obj<</A<</S/URI/URI 5 0 R>>>>endobj 4 0 obj<<>>stream\nBT /F1 9 Tf (!) Tj ET" END));
    buf_add(&file, S("8 0 obj<<>>stream\nbegincodespacerange<00><FF>endcodespacerange 1 beginbfchar<21><0048>endbfchar" END));
    buf_add(&file, S("3 0 obj<</Type/ObjStm/N 2/First 9/Filter/FlateDecode>>stream\r\n"));
    buf_add(&file, (struct span){(char *)packed, len});
    buf_add(&file, S(END));
    files_world_read(w, NULL, "application/pdf", "a.pdf", buf_span(&file));
    assert_span(w->files.list.at[0].text, "H");
    assert_int_equal(w->files.links.len, 1);
    assert_span(w->files.links.at[0].raw, "https://take.example.net/packed");
    files_world_done(w);
}

/* Opened as every reader does; one byte of what proves the password changed, and it wants one. */
static void locked(void **state)
{
    struct files_world *w = *state;
    static const struct {
        const char *label;
        const unsigned char *at;
        size_t len;
    } rows[] = {{"AES of 128 bits", locked_aes_128, sizeof locked_aes_128}, {"of 256, revision 5", locked_aes_256_old, sizeof locked_aes_256_old},
                {"of 256, revision 6", locked_aes_256, sizeof locked_aes_256}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span bytes = arena_copy(w->arena, (struct span){(const char *)rows[i].at, rows[i].len});
        files_world_read(w, NULL, "application/pdf", "a.pdf", bytes);
        const struct file_fact *file = w->files.list.at;
        if (w->files.links.len != 1 || !span_eq(w->files.links.at[0].raw, S("https://take.example.net/locked")) || !span_eq(file->text, S("Sign in to keep your mailbox")))
            fail_msg("%s: %zu links, \"%.*s\"", rows[i].label, w->files.links.len, SPAN_FMT(file->text));
        files_world_done(w);
        bytes = arena_copy(w->arena, (struct span){(const char *)rows[i].at, rows[i].len});
        char *user = (char *)(uintptr_t)span_find(bytes, S("/U <"));
        assert_non_null(user);
        user[8] = user[8] == '1' ? '2' : '1';
        files_world_read(w, NULL, "application/pdf", "a.pdf", bytes);
        assert_span(w->files.list.at[0].inner, "password");
        assert_int_equal(w->files.links.len, 0);
        files_world_done(w);
    }
}

/* Cut at every place, nothing is read beyond. */
static void cut_off(void **state)
{
    struct files_world *w = *state;
    char *whole = malloc(sizeof locked_aes_256);
    memcpy(whole, locked_aes_256, sizeof locked_aes_256);
    for (size_t len = 0; len < sizeof locked_aes_256; len += 13) {
        files_world_read(w, NULL, "application/pdf", "a.pdf", (struct span){whole, len});
        files_world_done(w);
    }
    free(whole);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        for (size_t len = 0; len < shown[i].file.len; len += 3) {
            files_world_read(w, NULL, "application/pdf", "a.pdf", span_first(shown[i].file, len));
            files_world_done(w);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(words_bounded), cmocka_unit_test(far_addresses),
                                       cmocka_unit_test(packed_objects), cmocka_unit_test(locked), cmocka_unit_test(cut_off)};
    return cmocka_run_group_tests(tests, rooms_setup, rooms_teardown);
}
