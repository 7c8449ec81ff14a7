/* Archives made by libarchive's writers, Office files packed here, and bombs. */
#include "files_world.h"

#include <archive.h>
#include <archive_entry.h>

struct packed {
    const char *name;
    struct span bytes;
};
enum form { ZIP, ZIP_LOCKED, SEVEN, TAR_GZ, ISO, GZ };
enum { ARCHIVE_MOST = 4 << 20 };

#define PE "MZ\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0PE\0\0"
#define B(text) {(text), sizeof(text) - 1}

static struct archive *writer_for(enum form form)
{
    struct archive *writer = archive_write_new();
    switch (form) {
    case ZIP: case ZIP_LOCKED:
        archive_write_set_format_zip(writer);
        break;
    case SEVEN:
        archive_write_set_format_7zip(writer);
        break;
    case TAR_GZ:
        archive_write_set_format_ustar(writer);
        archive_write_add_filter_gzip(writer);
        break;
    case ISO:
        archive_write_set_format_iso9660(writer);
        break;
    case GZ:
        archive_write_set_format_raw(writer);
        archive_write_add_filter_gzip(writer);
        break;
    }
    if (form == ZIP_LOCKED) {
        assert_int_equal(archive_write_set_options(writer, "zip:encryption=traditional"), ARCHIVE_OK);
        archive_write_set_passphrase(writer, "secret");
    }
    return writer;
}

static struct span pack(struct arena *arena, enum form form, const struct packed *files, size_t count)
{
    struct archive *writer = writer_for(form);
    char *room = malloc(ARCHIVE_MOST);
    size_t used = 0;
    assert_int_equal(archive_write_open_memory(writer, room, ARCHIVE_MOST, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname_utf8(entry, files[i].name);
        archive_entry_set_size(entry, (int64_t)files[i].bytes.len);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        assert_true(archive_write_header(writer, entry) >= ARCHIVE_WARN);
        archive_write_data(writer, files[i].bytes.at, files[i].bytes.len);
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    struct span bytes = arena_copy(arena, (struct span){room, used});
    free(room);
    return bytes;
}

static char noise[80000]; /* what no packer makes smaller */

static const struct {
    const char *label, *type, *name;
    enum form form;
    struct packed files[3];
    unsigned has, lacks;
    const char *leads, *inner;
} archives[] = {
    {"papers in a zip", "application/zip", "a.zip", ZIP, {{"a.txt", B("hello")}, {"b.pdf", B("%PDF-1.4\n1 0 obj<<>>endobj")}}, FILE_ARCHIVE,
     FILE_ARCHIVE_EXECUTABLE | FILE_ARCHIVE_ENCRYPTED | FILE_ARCHIVE_NESTED | FILE_BROKEN | FILE_NOT_WHOLLY_READ, NULL, "a.txt"},
    {"a program in a zip", "application/zip", "a.zip", ZIP, {{"a.txt", B("hello")}, {"b.exe", B("x")}}, FILE_ARCHIVE | FILE_ARCHIVE_EXECUTABLE,
     FILE_ARCHIVE_ENCRYPTED, NULL, "b.exe"},
    {"a program under a letter's name", "application/zip", "a.zip", ZIP, {{"b.pdf", B(PE)}}, FILE_ARCHIVE_EXECUTABLE | FILE_NAME_MISFITS, 0, NULL, "b.pdf"},
    {"a locked zip", "application/zip", "a.zip", ZIP_LOCKED, {{"b.pdf", B("%PDF-1.4")}}, FILE_ARCHIVE_ENCRYPTED, FILE_ARCHIVE_EXECUTABLE, NULL, "b.pdf"},
    {"a locked zip with a script", "application/zip", "a.zip", ZIP_LOCKED, {{"b.pdf.js", B("x")}}, FILE_ARCHIVE_ENCRYPTED | FILE_ARCHIVE_EXECUTABLE | FILE_DOUBLE_ENDING, 0,
     NULL, "b.pdf.js"},
    {"a 7z", "application/octet-stream", "a.7z", SEVEN, {{"b.vbs", B("x")}}, FILE_ARCHIVE | FILE_ARCHIVE_EXECUTABLE, FILE_BROKEN, NULL, "b.vbs"},
    {"a tar in gzip", "application/gzip", "a.tar.gz", TAR_GZ, {{"src/main.c", B("int x;")}}, FILE_ARCHIVE, FILE_ARCHIVE_EXECUTABLE | FILE_BROKEN, NULL, "src/main.c"},
    {"one file in gzip", "application/gzip", "notes.txt.gz", GZ, {{"x", B("hello")}}, FILE_ARCHIVE, FILE_ARCHIVE_EXECUTABLE | FILE_BROKEN, NULL, "notes.txt"},
    {"one script in gzip", "application/gzip", "notes.js.gz", GZ, {{"x", B("hello")}}, FILE_ARCHIVE_EXECUTABLE, 0, NULL, "notes.js"},
    {"an image of a disk", "application/octet-stream", "a.iso", ISO, {{"b.lnk", B("L\0\0\0\x01\x14\x02\0")}}, FILE_DISK_IMAGE | FILE_ARCHIVE_EXECUTABLE, FILE_BROKEN, NULL, NULL},
    {"a page in a zip", "application/zip", "a.zip", ZIP, {{"v.html", B("<html><form action='https://t.example/p'><input type=password></form>")}},
     FILE_HTML_FORM | FILE_HTML_PASSWORD | FILE_ARCHIVE, 0, "https://t.example/p", "v.html"},
    {"a document", "application/octet-stream", "a.docx", ZIP,
     {{"[Content_Types].xml", B("<Types/>")}, {"word/document.xml", B("<w:p><w:t>Hello &amp; good day</w:t></w:p>")},
      {"word/_rels/document.xml.rels", B("<Relationships><Relationship Id='1' Type='http://x/hyperlink' Target='https://t.example/p?a=1&amp;b=2' TargetMode='External'/></Relationships>")}},
     FILE_OFFICE, FILE_OFFICE_REMOTE | FILE_OFFICE_MACRO | FILE_OFFICE_DDE | FILE_ARCHIVE, "https://t.example/p?a=1&b=2", NULL},
    {"a document with a template from elsewhere", "application/octet-stream", "a.docx", ZIP,
     {{"[Content_Types].xml", B("<Types/>")}, {"word/document.xml", B("<w:p/>")},
      {"word/_rels/settings.xml.rels", B("<Relationships><Relationship TargetMode=\"External\" Target=\"https://t.example/a.dotm\" Type=\"http://x/attachedTemplate\"/></Relationships>")}},
     FILE_OFFICE | FILE_OFFICE_REMOTE, FILE_OFFICE_MACRO, "https://t.example/a.dotm", "https://t.example/a.dotm"},
    {"a document whose template is written oddly", "application/octet-stream", "a.docx", ZIP,
     {{"[Content_Types].xml", B("<Types/>")}, {"word/document.xml", B("<w:p/>")},
      {"word/_rels/settings.xml.rels", B("<!-- it's --><p:Relationships><p:Relationship\nTarget='&#x68;tt&#112;s://t.example/a.dotm?a>b' TargetMode=\"External\" Type=\"http://x/attachedTemplate\"/></p:Relationships>")}},
     FILE_OFFICE | FILE_OFFICE_REMOTE, FILE_OFFICE_MACRO | FILE_NOT_WHOLLY_READ, "https://t.example/a.dotm?a>b", NULL},
    {"a document whose references are in UTF-16", "application/octet-stream", "a.docx", ZIP,
     {{"[Content_Types].xml", B("<Types/>")}, {"word/document.xml", B("<w:p/>")}, {"word/_rels/settings.xml.rels", B("\xff\xfe<\0R\0")}},
     FILE_OFFICE | FILE_NOT_WHOLLY_READ, 0, NULL, NULL},
    {"a zip that begins as a document", "application/zip", "a.zip", ZIP, {{"[Content_Types].xml", B("<Types/>")}, {"b.exe", B("x")}}, FILE_ARCHIVE_EXECUTABLE, 0, NULL, NULL},
    {"a document that begins as any zip", "application/octet-stream", "a.docx", ZIP, {{"word/media/a.png", {noise, sizeof noise}}, {"[Content_Types].xml", B("<Types/>")},
      {"word/_rels/a.xml.rels", B("<Relationship TargetMode='External' Target='https://t.example/a.dotm' Type='http://x/attachedTemplate'/>")}},
     FILE_OFFICE | FILE_OFFICE_REMOTE, FILE_ARCHIVE, "https://t.example/a.dotm", NULL},
    {"a document with a template of the house", "application/octet-stream", "a.docx", ZIP,
     {{"[Content_Types].xml", B("<Types/>")}, {"word/document.xml", B("<w:p/>")},
      {"word/_rels/settings.xml.rels", B("<Relationships><Relationship TargetMode=\"External\" Target=\"file:///C:\\Users\\a\\a.dotx\" Type=\"http://x/attachedTemplate\"/></Relationships>")}},
     FILE_OFFICE, FILE_OFFICE_REMOTE, NULL, NULL},
    {"a document with a field that starts a program", "application/octet-stream", "a.docx", ZIP,
     {{"[Content_Types].xml", B("<Types/>")}, {"word/document.xml", B("<w:instrText>DDEAUTO c:\\\\a.exe</w:instrText>")}}, FILE_OFFICE_DDE, 0, NULL, NULL},
    {"a workbook with an old macro sheet", "application/octet-stream", "a.xlsx", ZIP,
     {{"[Content_Types].xml", B("<Types/>")}, {"xl/workbook.xml", B("<definedName name=\"_xlnm.Auto_Open\">x</definedName>")}, {"xl/macrosheets/sheet1.xml", B("<x/>")}},
     FILE_OFFICE_MACRO | FILE_OFFICE_AUTORUN, 0, NULL, NULL},
};

static void each_archive(void **state)
{
    struct files_world *w = *state;
    uint32_t draw = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)((draw = draw * 1664525 + 1013904223) >> 24);
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++) {
        size_t count = 0;
        while (count < 3 && archives[i].files[count].name)
            count++;
        struct files_sample sample = {archives[i].label, archives[i].type, archives[i].name, pack(w->arena, archives[i].form, archives[i].files, count),
                                      archives[i].has, archives[i].lacks, archives[i].leads, archives[i].inner};
        files_sample_check(w, &sample);
    }
}

static struct span zeros_zipped(struct files_world *w, size_t len, size_t files)
{
    char *zeros = calloc(1, len);
    struct packed packed[64];
    for (size_t i = 0; i < files; i++)
        packed[i] = (struct packed){arena_print(w->arena, "%zu.txt", i).at, {zeros, len}};
    struct span bytes = pack(w->arena, ZIP, packed, files);
    free(zeros);
    return bytes;
}

/* A bomb is left where the message's share of unpacking is used up, and it is told. */
static void bombs(void **state)
{
    struct files_world *w = *state;
    struct file_limits limits;
    file_limits_default(&limits);
    limits.archive_output = 1 << 20;
    files_world_read(w, &limits, "application/zip", "a.zip", zeros_zipped(w, 1 << 19, 30));
    assert_true(w->files.traits & FILE_NOT_WHOLLY_READ && w->files.list.at[0].entries <= 4);
    files_world_done(w);
    files_world_read(w, NULL, "application/zip", "a.zip", zeros_zipped(w, 1 << 12, 30));
    assert_true(!(w->files.traits & FILE_NOT_WHOLLY_READ) && w->files.list.at[0].entries == 30);
    files_world_done(w);
    limits.archive_entries = 5;
    files_world_read(w, &limits, "application/zip", "a.zip", zeros_zipped(w, 16, 30));
    assert_true(w->files.traits & FILE_NOT_WHOLLY_READ && w->files.list.at[0].entries == 5);
    files_world_done(w);
}

/* The table of a 7z archive is listed where it is of a size that people make, however it is packed. */
static void tables_of_seven(void **state)
{
    struct files_world *w = *state;
    for (size_t letters = 20; letters <= 2020; letters += 2000) {
        struct packed packed[60];
        char *name = memset(calloc(1, letters + 1), 'a', letters);
        for (size_t i = 0; i < 60; i++)
            packed[i] = (struct packed){arena_print(w->arena, "%s%zu.txt", name, i).at, B("x")};
        free(name);
        files_world_read(w, NULL, "application/x-7z-compressed", "a.7z", pack(w->arena, SEVEN, packed, 60));
        assert_int_equal(w->files.list.at[0].entries, letters == 20 ? 60 : 0);
        assert_int_equal(!(w->files.traits & FILE_NOT_WHOLLY_READ), letters == 20);
        files_world_done(w);
    }
}

/* Archives in archives are opened to the limit; a program below it is not seen, and that is told. */
static void nesting(void **state)
{
    struct files_world *w = *state;
    for (unsigned depth = 1; depth <= 5; depth++) {
        struct span bytes = pack(w->arena, ZIP, &(struct packed){"a.exe", B("x")}, 1);
        for (unsigned i = 1; i < depth; i++)
            bytes = pack(w->arena, ZIP, &(struct packed){"in.zip", bytes}, 1);
        files_world_read(w, NULL, "application/zip", "a.zip", bytes);
        assert_int_equal(!(w->files.traits & FILE_ARCHIVE_NESTED), depth == 1);
        bool seen = w->files.traits & FILE_ARCHIVE_EXECUTABLE, told = w->files.traits & FILE_NOT_WHOLLY_READ;
        assert_true(depth <= 3 ? seen && !told : !seen && told);
        files_world_done(w);
    }
}

/* Cut at every place, nothing breaks. */
static void cut_off(void **state)
{
    struct files_world *w = *state;
    for (enum form form = ZIP; form <= GZ; form++) {
        struct span made = pack(w->arena, form, &(struct packed){"b.html", B("<html><script>x</script>")}, 1);
        struct span whole = exact_bytes(made.at, made.len);
        for (size_t len = 0; len < whole.len; len += 1 + whole.len / 60) {
            files_world_read(w, NULL, "application/octet-stream", "a.zip", span_first(whole, len));
            files_world_done(w);
        }
        free((char *)(uintptr_t)whole.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_archive), cmocka_unit_test(bombs), cmocka_unit_test(tables_of_seven), cmocka_unit_test(nesting), cmocka_unit_test(cut_off)};
    return cmocka_run_group_tests(tests, rooms_setup, rooms_teardown);
}
