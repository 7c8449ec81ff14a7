/* Compound files, MS-CFB: sectors chained by a table, a directory of streams. Chains are counted: a loop ends at the number
 * of sectors the file has, and all streams together give at most four times the file's bytes. */
#include "content/file_inner.h"

#include <stdlib.h>

enum { SOURCE_TIMES = 8, ENTRY = 128, NAME_MOST = 64, END_OF_CHAIN = 0xfffffffa, STREAM_MOST = 2 << 20, DIFAT_HEAD = 109 };

struct cfb {
    struct span file;
    size_t sector, mini_sector, sectors, mini_cutoff;
    VEC(uint32_t) fat;         /* sectors that hold the table */
    uint32_t directory, mini_table;
    struct scratch minis, mini_next; /* the stream that holds the small ones in pieces of 64 bytes, and the table that chains them */
    size_t budget;             /* bytes of streams still given out */
};
struct entry {
    char name[33];             /* its letters, those above 126 as '?' */
    unsigned type;             /* 1 storage, 2 stream, 5 root */
    uint32_t start;
    size_t size;
    const unsigned char *class_id;
};

static uint32_t u32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static unsigned u16(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return b[0] | (unsigned)b[1] << 8;
}

static struct span sector_at(const struct cfb *cfb, uint32_t number)
{
    if (number >= cfb->sectors)
        return (struct span){0};
    return span_first(span_skip(cfb->file, ((size_t)number + 1) * cfb->sector), cfb->sector);
}

static uint32_t next_of(const struct cfb *cfb, uint32_t number)
{
    size_t a_sector = cfb->sector / 4, index = number / a_sector;
    struct span table = index < cfb->fat.len ? sector_at(cfb, cfb->fat.at[index]) : (struct span){0};
    size_t at = number % a_sector * 4;
    return at + 4 <= table.len ? u32(table.at + at) : END_OF_CHAIN;
}

/* 2.5: the table's own sectors: 109 in the header, more in a chain. */
static void fat_list(struct arena *arena, struct cfb *cfb)
{
    for (size_t i = 0; i < DIFAT_HEAD; i++) {
        uint32_t number = u32(cfb->file.at + 76 + i * 4);
        if (number < cfb->sectors)
            *vec_push(arena, &cfb->fat) = number;
    }
    uint32_t more = u32(cfb->file.at + 68);
    for (size_t n = 0; more < cfb->sectors && n < cfb->sectors / 128 + 1; n++) {
        struct span table = sector_at(cfb, more);
        for (size_t at = 0; at + 8 <= table.len; at += 4)
            if (u32(table.at + at) < cfb->sectors)
                *vec_push(arena, &cfb->fat) = u32(table.at + at);
        more = table.len == cfb->sector ? u32(table.at + cfb->sector - 4) : END_OF_CHAIN;
    }
}

static bool cfb_open(struct arena *arena, struct span file, struct cfb *cfb)
{
    if (file.len < 512 * 2)
        return false;
    unsigned shift = u16(file.at + 30), mini_shift = u16(file.at + 32);
    if ((shift != 9 && shift != 12) || mini_shift != 6)
        return false;
    *cfb = (struct cfb){.file = file, .sector = (size_t)1 << shift, .mini_sector = 64, .sectors = file.len / ((size_t)1 << shift),
                        .mini_cutoff = u32(file.at + 56), .directory = u32(file.at + 48), .mini_table = u32(file.at + 60), .budget = 4 * file.len};
    fat_list(arena, cfb);
    return true;
}

static bool bytes_take(struct cfb *cfb, struct scratch *out, struct span bytes)
{
    if (bytes.len > cfb->budget || !scratch_room(out, bytes.len))
        return false;
    if (bytes.len)
        memcpy(out->at + out->len, bytes.at, bytes.len);
    out->len += bytes.len;
    cfb->budget -= bytes.len;
    return true;
}

static void chain_read(struct cfb *cfb, uint32_t start, size_t most, struct scratch *out)
{
    for (size_t n = 0; start < cfb->sectors && n <= cfb->sectors && out->len < most; n++) {
        struct span bytes = span_first(sector_at(cfb, start), most - out->len);
        if (!bytes.len || !bytes_take(cfb, out, bytes))
            return;
        start = next_of(cfb, start);
    }
}

static void mini_chain_read(struct cfb *cfb, uint32_t start, size_t most, struct scratch *out)
{
    size_t pieces = cfb->minis.len / cfb->mini_sector;
    for (size_t n = 0; start < pieces && n <= pieces && out->len < most; n++) {
        struct span bytes = span_first(span_skip(scratch_span(&cfb->minis), start * cfb->mini_sector), cfb->mini_sector);
        if (!bytes_take(cfb, out, span_first(bytes, most - out->len)))
            return;
        start = ((size_t)start + 1) * 4 <= cfb->mini_next.len ? u32(cfb->mini_next.at + (size_t)start * 4) : END_OF_CHAIN;
    }
}

static void stream_read(struct cfb *cfb, const struct entry *entry, struct scratch *out)
{
    size_t most = entry->size < STREAM_MOST ? entry->size : STREAM_MOST;
    if (entry->size < cfb->mini_cutoff)
        mini_chain_read(cfb, entry->start, most, out);
    else
        chain_read(cfb, entry->start, most, out);
}

/* 2.6.1 */
static bool entry_at(struct span directory, size_t index, struct entry *out)
{
    struct span bytes = span_first(span_skip(directory, index * ENTRY), ENTRY);
    if (bytes.len < ENTRY)
        return false;
    size_t letters = u16(bytes.at + 64) / 2;
    *out = (struct entry){.type = (unsigned char)bytes.at[66], .start = u32(bytes.at + 116), .size = u32(bytes.at + 120),
                          .class_id = (const unsigned char *)bytes.at + 80};
    for (size_t i = 0; i < letters && i < NAME_MOST / 2 - 1; i++) {
        unsigned letter = u16(bytes.at + i * 2);
        out->name[i] = letter && letter < 127 ? (char)letter : letter ? '?' : 0;
    }
    return true;
}

/* ---- what the streams tell */
struct ole {
    struct file_reading *reading;
    const struct file_piece *piece;
    struct cfb cfb;
    bool vba;
    size_t sources_left; /* bytes that modules may still unpack to; they pack to a third or so */
};

static bool named(const struct entry *entry, const char *name)
{
    return strcasecmp(entry->name, name) == 0;
}

static bool has(struct span bytes, const char *word, size_t len)
{
    return span_find(bytes, (struct span){word, len}) != NULL;
}

static void trait(struct ole *at, unsigned traits, const char *inner)
{
    file_trait_set(at->piece->fact, traits, inner ? span_of(inner) : (struct span){0});
}

/* UTF-16 with plain letters, as the properties of links are written. */
static void wide_links(struct ole *at, struct span bytes)
{
    struct buf narrow = {.arena = at->reading->arena, .max = 4000};
    struct span rest = bytes;
    const char *found;
    for (int n = 0; n < 30 && (found = span_find(rest, S("h\0t\0t\0p"))); n++) {
        narrow.len = 0;
        size_t i = (size_t)(found - rest.at);
        for (; i + 1 < rest.len && !rest.at[i + 1] && (unsigned char)rest.at[i] > ' ' && narrow.len < 2000; i += 2)
            buf_byte(&narrow, rest.at[i]);
        file_links_scan(at->reading, FILE_LINK_OFFICE, buf_span(&narrow), at->piece->part, 1);
        rest = span_skip(rest, i);
    }
}

static void links_look(struct ole *at, struct span bytes)
{
    file_links_scan(at->reading, FILE_LINK_OFFICE, bytes, at->piece->part, 30);
    wide_links(at, bytes);
}

static void word_look(struct ole *at, struct span bytes)
{
    trait(at, FILE_OFFICE, NULL);
    if (bytes.len > 12 && u16(bytes.at + 10) & 0x0100) /* MS-DOC 2.5.2 fEncrypted */
        trait(at, FILE_OFFICE_ENCRYPTED, NULL);
    if (has(bytes, "DDEAUTO", 7) || has(bytes, "D\0D\0E\0A\0U\0T\0O", 13))
        trait(at, FILE_OFFICE_DDE, NULL);
    links_look(at, bytes);
}

/* MS-XLS: the records up to the sheets' list: FilePass, and sheets that are Excel 4.0 macros. */
static void sheets_look(struct ole *at, struct span bytes)
{
    trait(at, FILE_OFFICE, NULL);
    for (size_t n = 0; n < 20000 && bytes.len >= 4; n++) {
        unsigned id = u16(bytes.at), len = u16(bytes.at + 2);
        struct span data = span_first(span_skip(bytes, 4), len);
        if (id == 0x2f)
            trait(at, FILE_OFFICE_ENCRYPTED, NULL);
        if (id == 0x85 && data.len >= 6 && data.at[5] == 1)
            trait(at, FILE_OFFICE_MACRO, "XLM");
        if (id == 0x18 && data.len >= 16 && data.at[0] & 0x20 && (has(data, "\x01", 1) || has(data, "\x02", 1)) && at->piece->fact->traits & FILE_OFFICE_MACRO)
            trait(at, FILE_OFFICE_AUTORUN, "Auto_Open");
        bytes = span_skip(bytes, 4 + (size_t)len);
    }
}

/* Ole10Native: a file of any kind, its name in front. */
static void package_look(struct ole *at, struct span bytes)
{
    struct span name = span_skip(bytes, 6);
    const char *end = name.len ? memchr(name.at, 0, name.len < 260 ? name.len : 260) : NULL;
    trait(at, FILE_OFFICE_EMBEDDED, NULL);
    if (!end)
        return;
    name = span_from(name.at, end);
    if (name_traits(at->reading->tables, name) & (FILE_EXECUTABLE | FILE_SCRIPT))
        file_trait_set(at->piece->fact, FILE_ARCHIVE_EXECUTABLE, arena_copy(at->reading->arena, name));
}

static void stream_look(struct ole *at, const struct entry *entry)
{
    bool word = named(entry, "WordDocument"), sheets = named(entry, "Workbook") || named(entry, "Book"), slides = named(entry, "PowerPoint Document");
    bool package = strcasecmp(entry->name, "\001Ole10Native") == 0;
    if (named(entry, "EncryptedPackage") || named(entry, "EncryptionInfo"))
        trait(at, FILE_OFFICE | FILE_OFFICE_ENCRYPTED, NULL);
    if (named(entry, "Equation Native"))
        trait(at, FILE_OFFICE_EMBEDDED, "Equation Native");
    if (!word && !sheets && !slides && !package && !at->vba)
        return;
    SCRATCH bytes = {0};
    stream_read(&at->cfb, entry, &bytes);
    struct span text = scratch_span(&bytes), name;
    if (word)
        word_look(at, text);
    else if (sheets)
        sheets_look(at, text);
    else if (package)
        package_look(at, text);
    else if (slides)
        trait(at, FILE_OFFICE, NULL);
    if (sheets || slides)
        links_look(at, text);
    if (!at->vba || word || sheets || slides || at->piece->fact->traits & FILE_OFFICE_AUTORUN)
        return;
    if (vba_autoruns(text, &at->sources_left, &name))
        file_trait_set(at->piece->fact, FILE_OFFICE_AUTORUN, name);
    if (!at->sources_left)
        at->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
}

/* By the directory alone: a project of macros, an installer, a message of Outlook, objects. */
static void directory_look(struct ole *at, struct span directory)
{
    static const unsigned char installer[] = {0x84, 0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    struct entry entry;
    for (size_t i = 0; i < at->reading->limits->office_streams && entry_at(directory, i, &entry); i++) {
        if (entry.type == 5 && memcmp(entry.class_id, installer, sizeof installer) == 0) {
            trait(at, FILE_EXECUTABLE, NULL);
            at->piece->fact->kind = at->piece->depth ? at->piece->fact->kind : S("msi");
        }
        if (strncasecmp(entry.name, "__substg1.0_", 12) == 0 && !at->piece->depth)
            trait(at, FILE_MESSAGE, NULL);
        if (named(&entry, "_VBA_PROJECT") || named(&entry, "_VBA_PROJECT_CUR") || (entry.type == 1 && named(&entry, "VBA"))) {
            at->vba = true;
            trait(at, FILE_OFFICE | FILE_OFFICE_MACRO, NULL);
        }
        if (entry.type == 1 && named(&entry, "ObjectPool"))
            trait(at, FILE_OFFICE_EMBEDDED, NULL);
    }
}

static void cfb_free(struct cfb *cfb)
{
    scratch_free(&cfb->minis);
    scratch_free(&cfb->mini_next);
}

static void streams_look(struct ole *at, struct span directory)
{
    struct entry entry;
    size_t i = 0;
    for (; i < at->reading->limits->office_streams && entry_at(directory, i, &entry); i++)
        if (entry.type == 2 && entry.size)
            stream_look(at, &entry);
    if (directory.len > i * ENTRY)
        at->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
}

void ole_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct ole at = {.reading = reading, .piece = piece, .sources_left = SOURCE_TIMES * piece->bytes.len};
    struct entry root;
    SCRATCH directory = {0};
    if (!cfb_open(reading->arena, piece->bytes, &at.cfb)) {
        piece->fact->traits |= FILE_BROKEN;
        return;
    }
    chain_read(&at.cfb, at.cfb.directory, piece->bytes.len, &directory);
    if (!entry_at(scratch_span(&directory), 0, &root)) {
        piece->fact->traits |= FILE_BROKEN;
        return;
    }
    chain_read(&at.cfb, at.cfb.mini_table, piece->bytes.len, &at.cfb.mini_next);
    chain_read(&at.cfb, root.start, root.size, &at.cfb.minis);
    directory_look(&at, scratch_span(&directory));
    streams_look(&at, scratch_span(&directory));
    cfb_free(&at.cfb);
}
