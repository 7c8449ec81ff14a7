/* What a file is: by its bytes where they tell, and what its name promises. */
#include "content/file_inner.h"

#define MAGIC(at, bytes, kind, name) {at, bytes, sizeof(bytes) - 1, kind, name}
static const struct {
    size_t at;
    const char *bytes;
    size_t len;
    enum content_kind kind;
    const char *name;
} magics[] = {
    MAGIC(0, "%PDF-", KIND_PDF, "pdf"), MAGIC(0, "\177ELF", KIND_PROGRAM, "elf"),
    MAGIC(0, "\xcf\xfa\xed\xfe", KIND_PROGRAM, "mach-o"), MAGIC(0, "\xce\xfa\xed\xfe", KIND_PROGRAM, "mach-o"),
    MAGIC(0, "\xfe\xed\xfa\xcf", KIND_PROGRAM, "mach-o"), MAGIC(0, "\xfe\xed\xfa\xce", KIND_PROGRAM, "mach-o"),
    MAGIC(0, "\xca\xfe\xba\xbe", KIND_PROGRAM, "java"), MAGIC(0, "L\0\0\0\x01\x14\x02\0", KIND_SHORTCUT, "lnk"),
    MAGIC(0, "dex\n", KIND_PROGRAM, "dex"), MAGIC(0, "ITSF", KIND_SCRIPT, "chm"),
    MAGIC(0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", KIND_NOTEBOOK, "one"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", KIND_OLE, "ole"), MAGIC(0, "{\\rt", KIND_RTF, "rtf"),
    MAGIC(0, "Rar!\x1a\x07", KIND_ARCHIVE, "rar"), MAGIC(0, "7z\xbc\xaf\x27\x1c", KIND_ARCHIVE, "7z"),
    MAGIC(0, "MSCF", KIND_ARCHIVE, "cab"), MAGIC(257, "ustar", KIND_ARCHIVE, "tar"), MAGIC(2, "-lh", KIND_ARCHIVE, "lha"),
    MAGIC(0, "\x60\xea", KIND_ARCHIVE, "arj"), MAGIC(7, "**ACE**", KIND_ARCHIVE, "ace"), MAGIC(0, "xar!", KIND_ARCHIVE, "xar"),
    MAGIC(0, "\x1f\x8b", KIND_STREAM, "gz"), MAGIC(0, "BZh", KIND_STREAM, "bz2"), MAGIC(0, "\xfd" "7zXZ\0", KIND_STREAM, "xz"),
    MAGIC(0, "\x28\xb5\x2f\xfd", KIND_STREAM, "zst"), MAGIC(0, "\x1f\x9d", KIND_STREAM, "z"), MAGIC(0, "LZIP", KIND_STREAM, "lz"),
    MAGIC(0, "\x5d\0\0", KIND_STREAM, "lzma"),
    MAGIC(0, "conectix", KIND_DISK_IMAGE, "vhd"), MAGIC(0, "vhdxfile", KIND_DISK_IMAGE, "vhdx"), MAGIC(0, "MSWIM\0\0\0", KIND_DISK_IMAGE, "wim"),
    MAGIC(0x8001, "CD001", KIND_DISK_IMAGE, "iso"), MAGIC(0x8001, "BEA01", KIND_DISK_IMAGE, "udf"), MAGIC(0, "KDMV", KIND_DISK_IMAGE, "vmdk"),
    MAGIC(0, "\x89PNG\r\n\x1a\n", KIND_PNG, "png"), MAGIC(0, "\xff\xd8\xff", KIND_JPEG, "jpeg"), MAGIC(0, "GIF87a", KIND_GIF, "gif"),
    MAGIC(0, "GIF89a", KIND_GIF, "gif"), MAGIC(8, "WEBP", KIND_WEBP, "webp"), MAGIC(0, "II*\0", KIND_PICTURE, "tiff"),
    MAGIC(0, "MM\0*", KIND_PICTURE, "tiff"), MAGIC(0, "\0\0\x01\0", KIND_PICTURE, "ico"), MAGIC(4, "ftypheic", KIND_PICTURE, "heic"),
    MAGIC(4, "ftypavif", KIND_PICTURE, "avif"), MAGIC(4, "ftyp", KIND_MEDIA, "mp4"), MAGIC(0, "OggS", KIND_MEDIA, "ogg"),
    MAGIC(0, "ID3", KIND_MEDIA, "mp3"), MAGIC(8, "WAVEfmt", KIND_MEDIA, "wav"),
};

/* "MZ" begins many a text; a program has its second header where the first one says. */
static bool is_windows_program(struct span bytes)
{
    if (bytes.len < 0x40 || !span_starts(bytes, S("MZ")))
        return false;
    const unsigned char *at = (const unsigned char *)bytes.at + 0x3c;
    uint32_t next = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    struct span mark = span_first(span_skip(bytes, next), 2);
    if (next < bytes.len)
        return span_eq(mark, S("PE")) || span_eq(mark, S("NE")) || span_eq(mark, S("LE"));
    return !span_is_ascii(span_first(bytes, 0x40)) && memchr(bytes.at, 0, 0x40); /* cut off before it */
}

static bool head_has(struct span head, struct span word)
{
    return span_find(head, word) != NULL;
}

/* The list of all names, which stands at the end: what an Office file must hold may stand behind pictures. */
static struct span zip_names(struct span bytes)
{
    enum { TAIL = 1 << 16, END = 22 };
    struct span tail = bytes.len > TAIL ? span_skip(bytes, bytes.len - TAIL) : bytes, rest = tail;
    const char *found, *end = NULL;
    while ((found = span_find(rest, S("PK\5\6")))) {
        end = found;
        rest = span_from(found + 4, bytes.at + bytes.len);
    }
    if (!end || bytes.at + bytes.len - end < END)
        return span_first(bytes, 0);
    const unsigned char *at = (const unsigned char *)end + 12;
    size_t len = (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
    return len <= (size_t)(end - bytes.at) ? span_first(span_from(end - len, end), TAIL) : span_first(bytes, 0);
}

static struct sniffed zip_sniff(struct span bytes)
{
    struct span head = span_first(bytes, 1 << 16), all = zip_names(bytes);
    if (head_has(head, S("[Content_Types].xml")) || head_has(head, S("_rels/.rels")) || head_has(all, S("[Content_Types].xml"))) {
        if (head_has(head, S("AppxManifest.xml")))
            return (struct sniffed){KIND_PROGRAM, S("msix")};
        struct span names = head_has(head, S("word/")) || head_has(head, S("xl/")) || head_has(head, S("ppt/")) ? head : all;
        struct span name = head_has(names, S("word/")) ? S("docx") : head_has(names, S("xl/")) ? S("xlsx") : head_has(names, S("ppt/")) ? S("pptx") : S("office");
        return (struct sniffed){KIND_OOXML, name};
    }
    if (head_has(head, S("AndroidManifest.xml")) || head_has(head, S("classes.dex")))
        return (struct sniffed){KIND_PROGRAM, S("apk")};
    if (head_has(head, S("META-INF/MANIFEST.MF")) && (head_has(head, S(".class")) || head_has(bytes, S(".classPK"))))
        return (struct sniffed){KIND_PROGRAM, S("jar")};
    return (struct sniffed){KIND_ARCHIVE, S("zip")};
}

/* Text that a program would run or show as more than text. */
static struct sniffed text_sniff(struct span bytes)
{
    static const struct {
        const char *word;
        struct sniffed what;
    } starts[] = {{"<!doctype html", {KIND_PAGE, {"html", 4}}}, {"<html", {KIND_PAGE, {"html", 4}}}, {"<head", {KIND_PAGE, {"html", 4}}},
                  {"<body", {KIND_PAGE, {"html", 4}}}, {"<script", {KIND_PAGE, {"html", 4}}}, {"<meta", {KIND_PAGE, {"html", 4}}},
                  {"<svg", {KIND_PICTURE_PAGE, {"svg", 3}}}, {"<!doctype svg", {KIND_PICTURE_PAGE, {"svg", 3}}},
                  {"BEGIN:VCALENDAR", {KIND_CALENDAR, {"ics", 3}}}, {"[InternetShortcut]", {KIND_SHORTCUT, {"url", 3}}},
                  {"<job", {KIND_SCRIPT, {"wsf", 3}}}, {"<hta:application", {KIND_SCRIPT, {"hta", 3}}}};
    if (span_starts(bytes, S("\xef\xbb\xbf")))
        bytes = span_skip(bytes, 3);
    struct span head = span_trim(span_first(bytes, 1024));
    if (!head.len)
        return (struct sniffed){0};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (span_starts_case(head, span_of(starts[i].word)))
            return starts[i].what;
    if (head.at[0] != '<' || (!span_starts_case(head, S("<?xml")) && !span_starts(head, S("<!--"))))
        return (struct sniffed){0};
    if (head_has(head, S("<plist")) && head_has(span_first(bytes, 16384), S("Payload"))) /* settings that a telephone takes over */
        return (struct sniffed){KIND_SCRIPT, S("mobileconfig")};
    if (span_find_case(head, S("<svg")))
        return (struct sniffed){KIND_PICTURE_PAGE, S("svg")};
    return span_find_case(head, S("<html")) ? (struct sniffed){KIND_PAGE, S("html")} : (struct sniffed){0};
}

struct sniffed bytes_sniff(struct span bytes)
{
    if (bytes.len < 4)
        return (struct sniffed){0};
    if (span_starts(bytes, S("PK\3\4")) || span_starts(bytes, S("PK\5\6")))
        return zip_sniff(bytes);
    if (is_windows_program(bytes))
        return (struct sniffed){KIND_PROGRAM, S("pe")};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (bytes.len >= magics[i].at + magics[i].len && memcmp(bytes.at + magics[i].at, magics[i].bytes, magics[i].len) == 0)
            return (struct sniffed){magics[i].kind, span_of(magics[i].name)};
    struct span tail = bytes.len >= 512 ? span_skip(bytes, bytes.len - 512) : (struct span){0};
    if (span_starts(tail, S("koly")))
        return (struct sniffed){KIND_DISK_IMAGE, S("dmg")};
    if (span_starts(tail, S("conectix")))
        return (struct sniffed){KIND_DISK_IMAGE, S("vhd")};
    const char *pdf = span_find(span_first(bytes, 1024), S("%PDF-")); /* readers search the first kilobyte */
    struct sniffed text = text_sniff(bytes);
    return pdf && !text.kind ? (struct sniffed){KIND_PDF, S("pdf")} : text;
}

/* ---- names */
static struct span name_undotted(struct span name)
{
    name = span_trim(name);
    while (name.len && (name.at[name.len - 1] == '.' || name.at[name.len - 1] == ' '))
        name.len--;
    return name;
}

/* The last dot and what follows it; *stem is what stands before. */
static struct span ending_cut(struct span name, struct span *stem)
{
    *stem = name;
    for (size_t k = name.len; k > 0 && name.at[k - 1] != '/' && name.at[k - 1] != '\\'; k--)
        if (name.at[k - 1] == '.') {
            *stem = span_first(name, k - 1);
            return span_trim(span_skip(name, k));
        }
    return (struct span){0};
}

struct span name_ending(struct span name)
{
    struct span stem;
    return ending_cut(name_undotted(name), &stem);
}

static bool is_turned(struct span name)
{
    static const char *const marks[] = {"\xe2\x80\xae", "\xe2\x80\xad", "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x80\xab"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (span_find(name, span_of(marks[i])))
            return true;
    return false;
}

/* What a person takes for the whole name: ordinary endings. */
static bool is_passive(enum ending_kind kind)
{
    return kind == ENDING_DOCUMENT || kind == ENDING_PICTURE || kind == ENDING_TEXT || kind == ENDING_MEDIA || kind == ENDING_CALENDAR;
}

static bool is_active(enum ending_kind kind)
{
    return kind == ENDING_PROGRAM || kind == ENDING_SCRIPT || kind == ENDING_PAGE || kind == ENDING_DISK_IMAGE;
}

/* "report.pdf      .exe": the stem ends in blanks, figure spaces or a long run of one filler. */
static bool is_pushed_away(struct span stem)
{
    size_t blanks = 0, i = stem.len;
    while (i > 0 && (stem.at[i - 1] == ' ' || stem.at[i - 1] == '_' || stem.at[i - 1] == '\t' || stem.at[i - 1] == '.')) {
        blanks++;
        i--;
    }
    while (i >= 3 && memcmp(stem.at + i - 3, "\xe3\x80\x80", 3) == 0) {
        blanks += 2;
        i -= 3;
    }
    return blanks >= 5;
}

static unsigned kind_traits(enum ending_kind kind)
{
    static const unsigned traits[] = {[ENDING_PROGRAM] = FILE_EXECUTABLE, [ENDING_SCRIPT] = FILE_SCRIPT, [ENDING_ARCHIVE] = FILE_ARCHIVE,
                                      [ENDING_DISK_IMAGE] = FILE_DISK_IMAGE, [ENDING_MACRO_DOCUMENT] = FILE_OFFICE, [ENDING_PAGE] = FILE_HTML,
                                      [ENDING_CALENDAR] = FILE_CALENDAR, [ENDING_MESSAGE] = FILE_MESSAGE, [ENDING_MEDIA] = 0};
    return traits[kind];
}

unsigned name_traits(const struct tables *tables, struct span name)
{
    bool sure, before_sure;
    struct span stem, rest;
    struct span ending = ending_cut(name_undotted(name), &stem);
    enum ending_kind kind = ending_kind_of(tables, ending, &sure);
    struct span before = ending_cut(name_undotted(stem), &rest);
    enum ending_kind before_kind = ending_kind_of(tables, before, &before_sure);
    unsigned traits = sure ? kind_traits(kind) : 0;
    if (is_active(kind) && (is_passive(before_kind) || is_pushed_away(stem)))
        traits |= FILE_DOUBLE_ENDING | kind_traits(kind);
    if ((is_active(kind) || kind == ENDING_ARCHIVE) && is_turned(name))
        traits |= FILE_DOUBLE_ENDING | kind_traits(kind);
    return traits;
}

bool name_misfits(const struct tables *tables, struct span name, struct sniffed sniffed)
{
    bool sure;
    struct span ending = name_ending(name);
    enum ending_kind kind = ending_kind_of(tables, ending, &sure);
    if (!is_passive(kind) || !sniffed.kind)
        return false;
    switch (sniffed.kind) {
    case KIND_PROGRAM: case KIND_SHORTCUT: case KIND_DISK_IMAGE: case KIND_NOTEBOOK:
        return true;
    case KIND_SCRIPT:
        return true;
    case KIND_PAGE: /* reports of web programs call their tables .xls and .doc, honestly */
        return kind != ENDING_TEXT && !span_starts_case(ending, S("xls")) && !span_starts_case(ending, S("doc"));
    case KIND_ARCHIVE: /* documents of many programs are zip files */
        return kind == ENDING_PICTURE || kind == ENDING_MEDIA || span_eq_case(ending, S("pdf")) || span_eq(sniffed.name, S("rar"));
    default:
        return false;
    }
}
