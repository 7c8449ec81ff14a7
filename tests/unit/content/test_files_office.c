/* Compound files by a writer of our own: MS-CFB with 512-byte sectors, streams in sectors or in the small stream. */
#include "files_world.h"

struct stream {
    const char *name;
    struct span bytes;
    unsigned type; /* 1 storage, 2 stream */
};
enum { SECTOR = 512, CUTOFF = 4096, ROOM = 256 << 10, ENTRY = 128 };
#define B(text) {(text), sizeof(text) - 1}

struct writing {
    char *at;
    size_t sectors;      /* used, the table's own among them */
    uint32_t next[127];  /* of each sector */
};

static void put32(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> 8 * i);
}

/* Appends bytes as a chain; returns its first sector. */
static uint32_t chain_put(struct writing *w, struct span bytes)
{
    uint32_t first = (uint32_t)w->sectors;
    size_t count = (bytes.len + SECTOR - 1) / SECTOR;
    assert_true(count && w->sectors + count < 127);
    memcpy(w->at + (w->sectors + 1) * SECTOR, bytes.at, bytes.len);
    for (size_t i = 0; i < count; i++)
        w->next[w->sectors + i] = i + 1 < count ? (uint32_t)(w->sectors + i + 1) : 0xfffffffe;
    w->sectors += count;
    return first;
}

static void entry_put(char *entry, const char *name, unsigned type, uint32_t start, size_t size)
{
    size_t letters = strlen(name);
    for (size_t i = 0; i < letters; i++)
        entry[i * 2] = name[i];
    entry[64] = (char)((letters + 1) * 2);
    entry[66] = (char)type;
    put32(entry + 116, start);
    put32(entry + 120, (uint32_t)size);
}

/* Small streams first into their own stream with its table, then the large ones, the directory and the table. */
static struct span compound(struct arena *arena, const struct stream *streams, size_t count, bool installer)
{
    static const char class_id[] = "\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
    struct writing w = {.at = arena_alloc(arena, ROOM), .sectors = 1}; /* sector 0 is the table */
    char directory[16 * ENTRY] = {0}, minis[8192] = {0}, mini_next[SECTOR];
    size_t mini_count = 0;
    memset(mini_next, 0xff, sizeof mini_next);
    for (size_t i = 0; i < count; i++) {
        struct span bytes = streams[i].bytes;
        uint32_t start = 0;
        if (bytes.len >= CUTOFF) {
            start = chain_put(&w, bytes);
        } else if (bytes.len) {
            start = (uint32_t)mini_count;
            memcpy(minis + mini_count * 64, bytes.at, bytes.len);
            for (size_t left = bytes.len; left; left -= left < 64 ? left : 64, mini_count++)
                put32(mini_next + mini_count * 4, left > 64 ? (uint32_t)mini_count + 1 : 0xfffffffe);
        }
        entry_put(directory + (i + 1) * ENTRY, streams[i].name, streams[i].type ? streams[i].type : 2, start, bytes.len);
    }
    uint32_t mini_start = mini_count ? chain_put(&w, (struct span){minis, mini_count * 64}) : 0xfffffffe;
    uint32_t mini_table = chain_put(&w, (struct span){mini_next, SECTOR});
    entry_put(directory, "Root Entry", 5, mini_start, mini_count * 64);
    if (installer)
        memcpy(directory + 80, class_id, 16);
    uint32_t directory_start = chain_put(&w, (struct span){directory, sizeof directory});
    memcpy(w.at, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    w.at[26] = 3;
    w.at[30] = 9;
    w.at[32] = 6;
    put32(w.at + 44, 1);
    put32(w.at + 48, directory_start);
    put32(w.at + 56, CUTOFF);
    put32(w.at + 60, mini_table);
    put32(w.at + 68, 0xfffffffe);
    memset(w.at + 76, 0xff, SECTOR - 76);
    put32(w.at + 76, 0);
    for (size_t i = 0; i < 127; i++)
        put32(w.at + SECTOR + i * 4, i < w.sectors ? w.next[i] : 0xffffffff);
    return (struct span){w.at, (w.sectors + 1) * SECTOR};
}

/* MS-OVBA: a chunk of literals alone, eight a flag byte; behind some bytes of the compiled form. */
static struct span module(struct arena *arena, const char *source)
{
    struct buf tokens = {.arena = arena}, out = {.arena = arena};
    for (size_t i = 0; source[i]; i++) {
        if (i % 8 == 0)
            buf_byte(&tokens, 0);
        buf_byte(&tokens, source[i]);
    }
    unsigned header = 0xb000u | (unsigned)(tokens.len - 1);
    buf_add(&out, S("compiled form\x01"));
    buf_byte(&out, (char)header);
    buf_byte(&out, (char)(header >> 8));
    buf_add(&out, buf_span(&tokens));
    return buf_span(&out);
}

static char word_plain[CUTOFF + 100], word_locked[CUTOFF + 100], word_dde[CUTOFF + 100], word_link[CUTOFF + 100];

static const struct {
    const char *label, *name;
    struct stream streams[3];
    const char *module;
    unsigned has, lacks;
    const char *leads, *inner;
} documents[] = {
    {"a letter", "a.doc", {{"WordDocument", {word_plain, sizeof word_plain}, 0}}, NULL, FILE_OFFICE,
     FILE_OFFICE_MACRO | FILE_OFFICE_ENCRYPTED | FILE_OFFICE_DDE | FILE_OFFICE_EMBEDDED | FILE_BROKEN, NULL, NULL},
    {"a locked letter", "a.doc", {{"WordDocument", {word_locked, sizeof word_locked}, 0}}, NULL, FILE_OFFICE | FILE_OFFICE_ENCRYPTED, 0, NULL, NULL},
    {"a letter that starts a program", "a.doc", {{"WordDocument", {word_dde, sizeof word_dde}, 0}}, NULL, FILE_OFFICE_DDE, 0, NULL, NULL},
    {"a letter with a link", "a.doc", {{"WordDocument", {word_link, sizeof word_link}, 0}}, NULL, FILE_OFFICE, 0, "https://t.example/w", NULL},
    {"macros", "a.doc", {{"_VBA_PROJECT", B("x"), 0}}, "Attribute VB_Name = \"Module1\"\r\nSub Total()\r\nEnd Sub\r\n", FILE_OFFICE | FILE_OFFICE_MACRO,
     FILE_OFFICE_AUTORUN, NULL, NULL},
    {"macros that start by themselves", "a.doc", {{"_VBA_PROJECT", B("x"), 0}}, "Attribute VB_Name = \"ThisDocument\"\r\nSub AutoOpen()\r\nEnd Sub\r\n",
     FILE_OFFICE_MACRO | FILE_OFFICE_AUTORUN, 0, NULL, "autoopen"},
    {"a locked workbook of today", "a.xlsx", {{"EncryptionInfo", B("x"), 0}, {"EncryptedPackage", B("x"), 0}}, NULL, FILE_OFFICE | FILE_OFFICE_ENCRYPTED, 0, NULL, NULL},
    {"a workbook", "a.xls", {{"Workbook", B("\x09\x08\x04\0\0\0\0\0\x85\0\x08\0\0\0\0\0\0\0\1S"), 0}}, NULL, FILE_OFFICE, FILE_OFFICE_MACRO | FILE_OFFICE_ENCRYPTED, NULL, NULL},
    {"a workbook with an old macro sheet", "a.xls", {{"Workbook", B("\x09\x08\x04\0\0\0\0\0\x85\0\x08\0\0\0\0\0\0\1\1S"), 0}}, NULL, FILE_OFFICE_MACRO, 0, NULL, "XLM"},
    {"a locked workbook", "a.xls", {{"Workbook", B("\x09\x08\x04\0\0\0\0\0\x2f\0\x02\0\0\0"), 0}}, NULL, FILE_OFFICE_ENCRYPTED, 0, NULL, NULL},
    {"a program in a document", "a.doc", {{"ObjectPool", B(""), 1}, {"\001Ole10Native", B("\0\0\0\0\2\0run.exe\0C:\\run.exe\0"), 0}}, NULL,
     FILE_OFFICE_EMBEDDED | FILE_ARCHIVE_EXECUTABLE, 0, NULL, "run.exe"},
    {"a table in a document", "a.doc", {{"ObjectPool", B(""), 1}, {"\001Ole10Native", B("\0\0\0\0\2\0sum.csv\0C:\\sum.csv\0"), 0}}, NULL, FILE_OFFICE_EMBEDDED,
     FILE_ARCHIVE_EXECUTABLE, NULL, NULL},
    {"a message of Outlook", "a.msg", {{"__substg1.0_0037001F", B("x"), 0}}, NULL, FILE_MESSAGE, FILE_OFFICE, NULL, NULL},
};

static void words_make(void)
{
    word_locked[11] = 1; /* fEncrypted */
    memcpy(word_dde + 600, "\x13" "DDEAUTO c:\\\\a.exe", 18);
    static const char link[] = "h\0t\0t\0p\0s\0:\0/\0/\0t\0.\0e\0x\0a\0m\0p\0l\0e\0/\0w\0\0\0";
    memcpy(word_link + 901, link, sizeof link - 1);
}

static void each_document(void **state)
{
    struct files_world *w = *state;
    words_make();
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct stream streams[4];
        size_t count = 0;
        for (; count < 3 && documents[i].streams[count].name; count++)
            streams[count] = documents[i].streams[count];
        if (documents[i].module)
            streams[count++] = (struct stream){"Module1", module(w->arena, documents[i].module), 2};
        struct files_sample sample = {documents[i].label, "application/octet-stream", documents[i].name, compound(w->arena, streams, count, false), documents[i].has,
                                      documents[i].lacks, documents[i].leads, documents[i].inner};
        files_sample_check(w, &sample);
    }
}

static void installers(void **state)
{
    struct files_world *w = *state;
    struct stream stream = {"data", B("x"), 2};
    struct files_sample sample = {"an installer", "application/octet-stream", "a.bin", compound(w->arena, &stream, 1, true), FILE_EXECUTABLE, FILE_OFFICE, NULL, NULL};
    files_sample_check(w, &sample);
    sample = (struct files_sample){"none", "application/octet-stream", "a.bin", compound(w->arena, &stream, 1, false), 0, FILE_EXECUTABLE, NULL, NULL};
    files_sample_check(w, &sample);
}

/* Chains that come back to themselves end, and every cut and every changed word is survived. */
static void loops_and_cuts(void **state)
{
    struct files_world *w = *state;
    struct stream stream = {"WordDocument", {word_plain, sizeof word_plain}, 2};
    struct span whole = compound(w->arena, &stream, 1, false);
    char *copy = malloc(whole.len);
    memcpy(copy, whole.at, whole.len);
    for (size_t at = 0; at + 4 < whole.len; at += at < 1100 ? 4 : 60) {
        for (unsigned value = 0; value < 4; value++) {
            struct span bytes = exact_bytes(copy, value == 3 ? at : whole.len);
            if (value < 3)
                put32((char *)(uintptr_t)bytes.at + at, value == 2 ? 0x7fffffff : value);
            files_world_read(w, NULL, "application/octet-stream", "a.doc", bytes);
            files_world_done(w);
            free((char *)(uintptr_t)bytes.at);
        }
    }
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_document), cmocka_unit_test(installers), cmocka_unit_test(loops_and_cuts)};
    return cmocka_run_group_tests(tests, rooms_setup, rooms_teardown);
}
