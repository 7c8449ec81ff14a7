/* content/files: what lies in attachments, as far as reading without running them tells.
 *
 * Parts in; facts out. Archives are listed by libarchive, QR codes read by zbar, Office and PDF files by own readers. Everything inside
 * limits of time-like work, output, entries and nesting; a limit met is a fact ("not wholly read"), never a pass.
 * Sources: MS-CFB, MS-OVBA, ECMA-376 (OPC), ISO 32000-1 7.3-7.5, RFC 5545, WHATWG HTML. */
#pragma once
#include "message/message.h"
#include "message/url.h"
#include "table/table.h"

enum file_trait {
    FILE_EXECUTABLE = 1 << 0,        /* a program by content (PE, ELF, Mach-O, MSI, JAR, APK, shortcut) */
    FILE_SCRIPT = 1 << 1,            /* by name or content: js, vbs, ps1, bat, hta, wsf, cmd, lnk, one, chm, library-ms, url ... */
    FILE_DOUBLE_ENDING = 1 << 2,     /* invoice.pdf.exe; many blanks before the last ending */
    FILE_NAME_MISFITS = 1 << 3,      /* content of another kind than its name says (within what misleads) */
    FILE_HTML = 1 << 4,              /* an HTML or SVG file as attachment */
    FILE_HTML_SCRIPT = 1 << 5, FILE_HTML_FORM = 1 << 6, FILE_HTML_PASSWORD = 1 << 7,
    FILE_HTML_SMUGGLING = 1 << 8,    /* makes a file or page of itself: atob, Blob, createObjectURL, download, document.write(unescape ...) */
    FILE_HTML_REDIRECT = 1 << 9,     /* refresh or location to elsewhere at once */
    FILE_SVG_SCRIPT = 1 << 10,
    FILE_ARCHIVE = 1 << 11, FILE_ARCHIVE_ENCRYPTED = 1 << 12, FILE_ARCHIVE_EXECUTABLE = 1 << 13, FILE_ARCHIVE_NESTED = 1 << 14,
    FILE_DISK_IMAGE = 1 << 15,       /* iso, img, vhd, vhdx, dmg, wim */
    FILE_OFFICE = 1 << 16, FILE_OFFICE_MACRO = 1 << 17, FILE_OFFICE_AUTORUN = 1 << 18, FILE_OFFICE_REMOTE = 1 << 19, /* template, object or frame fetched from elsewhere */
    FILE_OFFICE_EMBEDDED = 1 << 20,  /* packages and OLE objects inside */
    FILE_OFFICE_ENCRYPTED = 1 << 21, FILE_OFFICE_DDE = 1 << 22,
    FILE_PDF = 1 << 23, FILE_PDF_ACTION = 1 << 24, /* JavaScript, Launch, OpenAction URI, SubmitForm */
    FILE_PDF_ENCRYPTED = 1 << 25,
    FILE_QR = 1 << 26,               /* an image with a QR code that holds a link */
    FILE_CALENDAR = 1 << 27,
    FILE_MESSAGE = 1 << 28,          /* a message as attachment (.eml, .msg) */
    FILE_NOT_WHOLLY_READ = 1 << 29, FILE_BROKEN = 1 << 30, /* does not follow its own format */
    FILE_PARTLY_READ = 1u << 31      /* what honest files have too: a picture not searched, the rest of a long entry of an archive */
};
enum { FILE_TEXT_MOST = 8000 };
enum file_link_source { FILE_LINK_HTML, FILE_LINK_PDF, FILE_LINK_OFFICE, FILE_LINK_CALENDAR, FILE_LINK_QR, FILE_LINK_SHORTCUT };
struct file_link {
    enum file_link_source source;
    struct span raw;
    const struct url *url; /* NULL where it does not parse */
    const struct part *part;
};
struct file_fact {
    const struct part *part;
    struct span name;      /* likeliest; empty */
    struct span kind;      /* "pdf", "zip", "docm", "html", "svg", "ics", "png" ...; by content where it tells, else by name */
    unsigned traits;       /* bits of enum file_trait */
    struct span inner;     /* of archives: the name inside that gave the strongest trait; of Office: the stream or target; of PDF: its action, or "password" where it cannot be opened without; of invitations: who asks */
    size_t entries;        /* of archives */
    struct span text;      /* the first words a person would read in it (PDF without text: empty), at most FILE_TEXT_MOST bytes */
    bool shown;            /* an image inside the text, not a file to be opened */
};
struct file_limits {
#define LIMIT(name, value, en) size_t name;
#include "content/limit.def"
#undef LIMIT
};
void file_limits_default(struct file_limits *limits);
struct content_files {
    VEC(struct file_fact) list;
    VEC(struct file_link) links; /* from inside files, at most limits.links */
    unsigned traits;             /* union */
    size_t files, images;        /* attachments to be opened; images shown or attached */
};
void content_files_read(struct arena *arena, const struct file_limits *limits, const struct tables *tables,
                        const struct message *message, struct content_files *out);
