/* Media types by the bytes themselves: what mail is abused to carry. */
#include "message/reader.h"

#define MAGIC(at, bytes, type) {at, bytes, sizeof(bytes) - 1, type}
static const struct {
    size_t at;
    const char *bytes;
    size_t len;
    const char *type;
} rows[] = {
    MAGIC(0, "%PDF-", "application/pdf"), MAGIC(0, "MZ", "application/vnd.microsoft.portable-executable"),
    MAGIC(0, "\177ELF", "application/x-elf"), MAGIC(0, "\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    MAGIC(0, "\xfe\xed\xfa\xcf", "application/x-mach-binary"), MAGIC(0, "\xca\xfe\xba\xbe", "application/java-vm"),
    MAGIC(0, "Rar!\x1a\x07", "application/vnd.rar"), MAGIC(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    MAGIC(0, "\x1f\x8b", "application/gzip"), MAGIC(0, "BZh", "application/x-bzip2"), MAGIC(0, "\xfd" "7zXZ\0", "application/x-xz"),
    MAGIC(0, "\x28\xb5\x2f\xfd", "application/zstd"), MAGIC(0, "\x60\xea", "application/x-arj"), MAGIC(0, "MSCF", "application/vnd.ms-cab-compressed"),
    MAGIC(0, "**ACE**", "application/x-ace-compressed"), MAGIC(7, "**ACE**", "application/x-ace-compressed"), MAGIC(257, "ustar", "application/x-tar"),
    MAGIC(2, "-lh", "application/x-lzh-compressed"), MAGIC(0x8001, "CD001", "application/x-iso9660-image"), MAGIC(0, "conectix", "application/x-vhd"),
    MAGIC(0, "vhdxfile", "application/x-vhdx"), MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    MAGIC(0, "{\\rtf", "application/rtf"), MAGIC(0, "L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    MAGIC(0, "\x78\x9f\x3e\x22", "application/ms-tnef"), MAGIC(0, "\x89PNG\r\n\x1a\n", "image/png"), MAGIC(0, "\xff\xd8\xff", "image/jpeg"),
    MAGIC(0, "GIF87a", "image/gif"), MAGIC(0, "GIF89a", "image/gif"), MAGIC(8, "WEBP", "image/webp"), MAGIC(0, "II*\0", "image/tiff"),
    MAGIC(0, "MM\0*", "image/tiff"), MAGIC(0, "\0\0\x01\0", "image/vnd.microsoft.icon"), MAGIC(4, "ftypheic", "image/heic"),
    MAGIC(4, "ftypavif", "image/avif"), MAGIC(4, "ftyp", "video/mp4"), MAGIC(0, "OggS", "audio/ogg"), MAGIC(0, "ID3", "audio/mpeg"),
    MAGIC(8, "WAVEfmt", "audio/wav"), MAGIC(0, "\x1a\x45\xdf\xa3", "video/webm"), MAGIC(0, "wOFF", "font/woff"), MAGIC(0, "wOF2", "font/woff2"),
    MAGIC(0, "SQLite format 3\0", "application/vnd.sqlite3"), MAGIC(0, "ITSF", "application/vnd.ms-htmlhelp"),
    MAGIC(0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/msonenote"), MAGIC(0, "#!", "text/x-shellscript"),
    MAGIC(0, "-----BEGIN PGP", "application/pgp"), MAGIC(0, "BEGIN:VCALENDAR", "text/calendar"), MAGIC(0, "BEGIN:VCARD", "text/vcard"),
};

/* ZIP: the first names inside tell what is packed. */
static struct span zip_sniff(struct span bytes)
{
    struct span head = span_first(bytes, 4096);
    if (span_find(head, S("mimetypeapplication/epub")))
        return S("application/epub+zip");
    if (span_find(head, S("mimetypeapplication/vnd.oasis.opendocument")))
        return S("application/vnd.oasis.opendocument");
    if (span_find(head, S("[Content_Types].xml")) || span_find(head, S("_rels/.rels"))) {
        struct span all = span_first(bytes, 1 << 16);
        if (span_find(all, S("word/")))
            return S("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
        if (span_find(all, S("xl/")))
            return S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        if (span_find(all, S("ppt/")))
            return S("application/vnd.openxmlformats-officedocument.presentationml.presentation");
        return S("application/vnd.openxmlformats-officedocument");
    }
    if (span_find(head, S("META-INF/MANIFEST.MF")))
        return S("application/java-archive");
    return S("application/zip");
}

/* Text that a program would run or show as more than text. */
static struct span text_sniff(struct span bytes)
{
    static const struct {
        const char *word, *type;
    } words[] = {{"<!doctype html", "text/html"}, {"<html", "text/html"}, {"<head", "text/html"}, {"<body", "text/html"}, {"<script", "text/html"},
                 {"<svg", "image/svg+xml"}, {"<!doctype svg", "image/svg+xml"}, {"<?php", "text/x-php"}};
    if (span_starts(bytes, S("\xef\xbb\xbf")))
        bytes = span_skip(bytes, 3);
    struct span head = span_trim(span_first(bytes, 1024));
    if (!head.len || head.at[0] != '<')
        return (struct span){0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_starts_case(head, span_of(words[i].word)))
            return span_of(words[i].type);
    if (!span_starts_case(head, S("<?xml")) && !span_starts(head, S("<!--")))
        return (struct span){0};
    if (span_find_case(head, S("<svg")))
        return S("image/svg+xml");
    return span_find_case(head, S("<html")) ? S("text/html") : span_starts_case(head, S("<?xml")) ? S("text/xml") : (struct span){0};
}

/* A header line that only mail has, at the very start. */
static bool is_mail(struct span bytes)
{
    static const char *const words[] = {"received:", "return-path:", "delivered-to:", "mime-version:", "message-id:"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_starts_case(bytes, span_of(words[i])))
            return true;
    return false;
}

struct span media_sniff(struct span bytes)
{
    if (bytes.len < 2)
        return (struct span){0};
    if (span_starts(bytes, S("PK\3\4")) || span_starts(bytes, S("PK\5\6")))
        return zip_sniff(bytes);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (bytes.len >= rows[i].at + rows[i].len && memcmp(bytes.at + rows[i].at, rows[i].bytes, rows[i].len) == 0)
            return span_of(rows[i].type);
    return is_mail(bytes) ? S("message/rfc822") : text_sniff(bytes);
}
