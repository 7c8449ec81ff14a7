/* Files that lie among mail and are none, told by their first bytes. */
#include "command/scan.h"

#include <unistd.h>

#define MAGIC(at, bytes, what, packed) {at, bytes, sizeof(bytes) - 1, what, packed}
static const struct {
    size_t at;
    const char *bytes;
    size_t len;
    const char *what;
    bool packed; /* mail may be in it */
} rows[] = {
    MAGIC(0, "\x1f\x8b", "a gzip file", true),
    MAGIC(0, "BZh", "a bzip2 file", true), /* and a digit, and what bzip2 begins a block with; see below */
    MAGIC(0, "\xfd" "7zXZ\0", "an xz file", true),
    MAGIC(0, "\x28\xb5\x2f\xfd", "a zstd file", true),
    MAGIC(0, "\x04\x22\x4d\x18", "an lz4 file", true),
    MAGIC(0, "PK\3\4", "a zip file", true),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "a 7-Zip file", true),
    MAGIC(0, "Rar!\x1a\x07", "a RAR file", true),
    MAGIC(257, "ustar", "a tar file", true),
    MAGIC(0, "!BDN", "an Outlook data file (PST)", true),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Outlook message (.msg) or another OLE file", true),
    MAGIC(0, "\177ELF", "an ELF program", false),
    MAGIC(0, "MZ\x90\0", "a Windows program", false),
    MAGIC(0, "%PDF-", "a PDF file", false),
    MAGIC(0, "SQLite format 3\0", "an SQLite database", false),
    MAGIC(0, "\x89PNG\r\n\x1a\n", "a PNG image", false),
    MAGIC(0, "\xff\xd8\xff", "a JPEG image", false),
    MAGIC(0, "GIF8", "a GIF image", false),
};

static bool is_bzip2(struct span head)
{
    return head.len >= 10 && ascii_is_digit(head.at[3]) &&
           (span_starts(span_skip(head, 4), S("1AY&SY")) || span_starts(span_skip(head, 4), S("\x17\x72\x45\x38\x50\x90")));
}

int foreign_check(int fd, const char *name, struct err *err)
{
    char bytes[512];
    ssize_t got = pread(fd, bytes, sizeof bytes, 0);
    struct span head = {bytes, got > 0 ? (size_t)got : 0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span magic = {rows[i].bytes, rows[i].len};
        if (!span_starts(span_skip(head, rows[i].at), magic) || (span_eq(magic, S("BZh")) && !is_bzip2(head)))
            continue;
        return err_set(err, "%s: is %s, not mail%s", name, rows[i].what, rows[i].packed ? "; unpack it first" : "");
    }
    return 0;
}
