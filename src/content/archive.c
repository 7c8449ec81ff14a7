/* Archives and images of disks, listed by libarchive from memory. Only forms that it reads by itself are allowed: it would
 * start foreign programs for some. What an entry is, its first bytes tell; all that is unpacked counts against the message. */
#include "content/file_inner.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdlib.h>

static void reader_free(struct archive **reader)
{
    if (*reader)
        archive_read_free(*reader);
}
#define READER __attribute__((cleanup(reader_free))) struct archive

/* A packed stream gets its one filter, and of formats those that go through their bytes in order: others leap to places far off,
 * and all that lies between would be unpacked uncounted. The same holds for filters one within another. */
static bool stream_forms_allow(struct archive *reader, struct span kind)
{
    bool known = false;
    static const struct {
        struct span kind;
        int filter;
    } filters[] = {{{"gz", 2}, ARCHIVE_FILTER_GZIP}, {{"bz2", 3}, ARCHIVE_FILTER_BZIP2}, {{"xz", 2}, ARCHIVE_FILTER_XZ}, {{"zst", 3}, ARCHIVE_FILTER_ZSTD},
                   {{"lz", 2}, ARCHIVE_FILTER_LZIP}, {{"lzma", 4}, ARCHIVE_FILTER_LZMA}};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (span_eq(kind, filters[i].kind))
            known = archive_read_append_filter(reader, filters[i].filter) >= ARCHIVE_WARN;
    archive_read_support_format_tar(reader);
    archive_read_support_format_cpio(reader);
    archive_read_support_format_raw(reader);
    return known;
}

static void forms_allow(struct archive *reader, struct span kind)
{
    if (span_eq(kind, S("7z"))) {
        archive_read_support_format_7zip(reader);
        return;
    }
    archive_read_support_format_tar(reader);
    archive_read_support_format_cpio(reader);
    archive_read_support_format_zip(reader);
    archive_read_support_format_rar(reader);
    archive_read_support_format_rar5(reader);
    archive_read_support_format_cab(reader);
    archive_read_support_format_lha(reader);
    archive_read_support_format_iso9660(reader);
}

/* One archive as it is listed. */
struct listing {
    struct file_reading *reading;
    const struct file_piece *piece;
    struct archive *reader;
    size_t programs, inner_archives, made; /* made: bytes unpacked of this archive */
    bool stopped;
};

/* Up to `most` bytes of the entry. Memory comes as the bytes do: an entry's own word about its size is not believed. */
static void entry_read(struct listing *at, size_t most, struct scratch *out)
{
    const void *block;
    size_t len;
    int64_t offset;
    while (out->len < most && at->reading->unpack_left) {
        int state = archive_read_data_block(at->reader, &block, &len, &offset);
        if (state == ARCHIVE_EOF)
            return;
        if (state < ARCHIVE_WARN) {
            at->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
            return;
        }
        size_t take = len < most - out->len ? len : most - out->len;
        take = take < at->reading->unpack_left ? take : at->reading->unpack_left;
        if (!take)
            continue;
        if (!scratch_room(out, take))
            return;
        memcpy(out->at + out->len, block, take);
        out->len += take;
        at->made += take;
        at->reading->unpack_left -= take;
    }
}

/* What is left of an entry has to be unpacked before the next is reached, except in zip, tar and iso, which leap. */
static bool rest_pass(struct listing *at)
{
    int format = archive_format(at->reader) & ARCHIVE_FORMAT_BASE_MASK;
    bool leaps = archive_filter_count(at->reader) <= 1 && (format == ARCHIVE_FORMAT_ZIP || format == ARCHIVE_FORMAT_TAR || format == ARCHIVE_FORMAT_ISO9660 ||
                                                           format == ARCHIVE_FORMAT_CPIO);
    const void *block;
    size_t len;
    int64_t offset;
    while (!leaps) {
        int state = archive_read_data_block(at->reader, &block, &len, &offset);
        if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
            break;
        at->reading->unpack_left -= len < at->reading->unpack_left ? len : at->reading->unpack_left;
        if (!at->reading->unpack_left)
            return false;
    }
    return true;
}

static struct span entry_name(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
        name = archive_entry_pathname(entry);
    return name ? span_of(name) : (struct span){0};
}

/* An archive within: opened while the depth allows it. */
static void inner_read(struct listing *at, const struct file_piece *inner)
{
    struct sniffed sniffed = bytes_sniff(inner->bytes);
    bool holds = sniffed.kind == KIND_ARCHIVE || sniffed.kind == KIND_STREAM || sniffed.kind == KIND_DISK_IMAGE;
    if (holds) {
        at->piece->fact->traits |= FILE_ARCHIVE_NESTED | (sniffed.kind == KIND_DISK_IMAGE ? FILE_DISK_IMAGE : 0);
        at->inner_archives++;
        if (inner->depth >= at->reading->limits->archive_depth) {
            at->piece->fact->traits |= FILE_NOT_WHOLLY_READ;
            return;
        }
    }
    file_piece_read(at->reading, inner);
}

static void name_only_read(struct listing *at, struct span name)
{
    unsigned traits = name_traits(at->reading->tables, name);
    unsigned told = (traits & (FILE_DOUBLE_ENDING | FILE_DISK_IMAGE)) | (traits & (FILE_EXECUTABLE | FILE_SCRIPT) ? FILE_ARCHIVE_EXECUTABLE : 0);
    if (told)
        file_trait_set(at->piece->fact, told, arena_copy(at->reading->arena, span_first(name, 300)));
}

/* In a stream of one file (gz, xz) the entry bears the name of the packed file without its last ending. */
static struct span stream_name(const struct listing *at, struct span name)
{
    struct span outer = at->piece->name, ending = name_ending(outer);
    if (!span_eq(name, S("data")) || !ending.len || outer.len <= ending.len + 1)
        return name;
    return span_first(outer, (size_t)(ending.at - outer.at) - 1);
}

static bool entry_take(struct listing *at, struct archive_entry *entry)
{
    struct file_fact *fact = at->piece->fact;
    struct span name = stream_name(at, entry_name(entry));
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return rest_pass(at); /* a folder may say that it has bytes */
    if (at->piece->depth == 0)
        fact->entries++;
    if (!fact->inner.len)
        fact->inner = arena_copy(at->reading->arena, span_first(name, 300));
    if (archive_entry_is_encrypted(entry)) {
        fact->traits |= FILE_ARCHIVE_ENCRYPTED;
        name_only_read(at, name);
        return rest_pass(at);
    }
    SCRATCH bytes = {0};
    const size_t most = at->reading->limits->archive_entry_read;
    entry_read(at, most, &bytes);
    if (bytes.len >= most && !(archive_entry_size_is_set(entry) && archive_entry_size(entry) <= (la_int64_t)most))
        fact->traits |= FILE_PARTLY_READ;
    struct file_piece inner = {.fact = fact, .part = at->piece->part, .name = name, .bytes = scratch_span(&bytes),
                               .depth = at->piece->depth + 1};
    inner_read(at, &inner);
    return rest_pass(at) && at->reading->unpack_left;
}

/* 7z with its names locked, rar with locked headers: they cannot even be listed. */
static bool is_locked(struct listing *at, int state)
{
    const char *why = archive_error_string(at->reader);
    return archive_read_has_encrypted_entries(at->reader) > 0 || (state < ARCHIVE_WARN && why && strcasestr(why, "encrypt"));
}

static void entries_list(struct listing *at)
{
    struct archive_entry *entry;
    struct file_fact *fact = at->piece->fact;
    size_t listed = 0;
    int state = ARCHIVE_OK;
    while (listed < at->reading->limits->archive_entries && !at->stopped) {
        state = archive_read_next_header(at->reader, &entry);
        if (state == ARCHIVE_RETRY)
            continue;
        if (state == ARCHIVE_EOF || state < ARCHIVE_WARN)
            break;
        listed++;
        at->stopped = !entry_take(at, entry);
    }
    if (is_locked(at, state))
        fact->traits |= FILE_ARCHIVE_ENCRYPTED;
    else if (state < ARCHIVE_WARN)
        fact->traits |= FILE_BROKEN | FILE_NOT_WHOLLY_READ;
    if (at->stopped || listed >= at->reading->limits->archive_entries || !listed) /* none: blocks of noughts pass for the end of a tar */
        fact->traits |= FILE_NOT_WHOLLY_READ;
}

/* LZMA alone: the dictionary it asks for, four bytes from the second on, is at most 64 MB and a bit. */
static bool lzma_is_small(struct span bytes)
{
    enum { HEAD = 13, HIGHEST = 4, HIGHEST_MOST = 4 };
    return bytes.len >= HEAD && (unsigned char)bytes.at[HIGHEST] <= HIGHEST_MOST;
}

void archive_file_read(struct file_reading *reading, const struct file_piece *piece, bool stream)
{
    READER *reader = archive_read_new();
    if (!reader || !reading->unpack_left || !piece->bytes.len) {
        piece->fact->traits |= FILE_NOT_WHOLLY_READ;
        return;
    }
    struct sniffed sniffed = bytes_sniff(piece->bytes);
    struct listing at = {.reading = reading, .piece = piece, .reader = reader};
    if ((span_eq(sniffed.name, S("7z")) && !seven_table_is_small(piece->bytes)) || (span_eq(sniffed.name, S("lzma")) && !lzma_is_small(piece->bytes))) {
        piece->fact->traits |= FILE_NOT_WHOLLY_READ;
        return;
    }
    if (stream && !stream_forms_allow(reader, sniffed.name)) { /* .Z: libarchive reads ahead of its opening, and falls */
        piece->fact->traits |= FILE_NOT_WHOLLY_READ;
        return;
    }
    if (!stream)
        forms_allow(reader, sniffed.name);
    if (archive_read_open_memory(reader, piece->bytes.at, piece->bytes.len) == ARCHIVE_OK)
        entries_list(&at);
    else
        piece->fact->traits |= FILE_NOT_WHOLLY_READ | (sniffed.kind ? 0 : FILE_BROKEN);
    if (!piece->depth && sniffed.kind == KIND_UNKNOWN && !piece->fact->entries) /* named like an archive, and none */
        piece->fact->traits |= FILE_BROKEN;
}
