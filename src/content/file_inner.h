/* content, inside: the reading of the files of one message. What each kind of file is read by, and what they share.
 *
 * Readers get bytes that may be cut or wrong at any place, set traits and keep links; none fails. Scratch memory comes from
 * malloc and is given back at once: what a bomb unpacks to must not stay in the arena of the message. */
#pragma once
#include "content/files.h"
#include "table/lists.h"

struct archive_entry;

/* A picture of the message that is still to be searched for codes. */
struct picture_waiting {
    size_t file, area;  /* file: its place in the list of files */
    const struct part *part;
    struct span bytes;
    unsigned kind;      /* enum content_kind */
    bool square;
};

/* What of the limits is left, for all files of the message together. */
struct file_reading {
    struct arena *arena;
    const struct file_limits *limits;
    const struct tables *tables; /* may be NULL */
    const struct message *message;
    struct content_files *out;
    size_t unpack_left, inflate_left, pixels_left, images_left;
    size_t inner_images_left, inner_pixels_left; /* of pictures inside documents: they take none from those of the message */
    VEC(struct picture_waiting) pictures; /* of the message; read last, in the order that shows most of them */
    size_t page_left; /* bytes of pages inside archives: the arena grows with them */
};

/* A file, or one inside another. */
struct file_piece {
    struct file_fact *fact;   /* of the attachment, whose traits it sets */
    const struct part *part;
    struct span name, bytes;
    unsigned depth;           /* archives around it */
    const struct html_view *html; /* where room message has read it already; else NULL */
};

enum { INNER_MOST = 2048 }; /* of file_fact.inner: it stands in reports */

/* ---- file_kind.c: what bytes and names are */
enum content_kind {
    KIND_UNKNOWN, KIND_PROGRAM, KIND_SHORTCUT, KIND_SCRIPT, KIND_PAGE, KIND_PICTURE_PAGE, KIND_ARCHIVE, KIND_STREAM, KIND_DISK_IMAGE,
    KIND_OLE, KIND_OOXML, KIND_RTF, KIND_PDF, KIND_CALENDAR, KIND_MESSAGE, KIND_PNG, KIND_JPEG, KIND_GIF, KIND_WEBP, KIND_PICTURE, KIND_NOTEBOOK, KIND_MEDIA
};
struct sniffed {
    enum content_kind kind;
    struct span name; /* "pe", "zip", "docx", ...; empty where unknown */
};
struct sniffed bytes_sniff(struct span bytes);
/* The last ending without dot, blanks and dots behind it taken off as Windows does; empty where there is none. */
struct span name_ending(struct span name);
/* Traits that a name alone gives: programs, scripts, archives, images of disks, double and pushed-away endings. */
unsigned name_traits(const struct tables *tables, struct span name);
/* Bytes that do more than their name promises. */
bool name_misfits(const struct tables *tables, struct span name, struct sniffed sniffed);

/* ---- files.c */
void file_piece_read(struct file_reading *reading, const struct file_piece *piece);
void file_link_add(struct file_reading *reading, enum file_link_source source, struct span raw, const struct part *part);
/* Every http(s) address in running bytes, at most `most`; addresses of schemas and namespaces are left out. */
void file_links_scan(struct file_reading *reading, enum file_link_source source, struct span bytes, const struct part *part, size_t most);
void file_trait_set(struct file_fact *fact, unsigned trait, struct span inner); /* inner is kept for the strongest */

/* ---- scratch: memory from malloc that goes with its block */
struct scratch {
    char *at;
    size_t len, cap;
};
void scratch_free(struct scratch *scratch);
bool scratch_room(struct scratch *scratch, size_t more); /* false: no memory */
#define SCRATCH __attribute__((cleanup(scratch_free))) struct scratch
static inline struct span scratch_span(const struct scratch *scratch)
{
    return (struct span){scratch->at, scratch->len};
}
/* zlib's form of deflate (RFC 1950) into scratch, within the limits of the message. True: to its end. */
bool file_inflate(struct file_reading *reading, struct span packed, struct scratch *out);

/* ---- the readers */
void html_file_read(struct file_reading *reading, const struct file_piece *piece, bool picture);
void archive_file_read(struct file_reading *reading, const struct file_piece *piece, bool stream);
void ooxml_read(struct file_reading *reading, const struct file_piece *piece);
void ole_read(struct file_reading *reading, const struct file_piece *piece);
void rtf_read(struct file_reading *reading, const struct file_piece *piece);
void pdf_read(struct file_reading *reading, const struct file_piece *piece);
void calendar_read(struct file_reading *reading, const struct file_piece *piece);
void shortcut_read(struct file_reading *reading, const struct file_piece *piece);
void picture_wait(struct file_reading *reading, const struct file_piece *piece, enum content_kind kind);
void pictures_read(struct file_reading *reading);
void picture_inner_read(struct file_reading *reading, const struct file_piece *piece, enum content_kind kind, struct span bytes);

/* ---- archive_seven.c */
bool seven_table_is_small(struct span file); /* false: listing a 7z archive may take more memory than any is worth */

/* ---- vba.c: MS-OVBA */
/* A project's streams stand in ole.c's directory; the source of one module is looked through for names that run by themselves. */
bool vba_autoruns(struct span module, size_t *left, struct span *name); /* left: bytes that may still be unpacked */

/* ---- xml.c: as much of XML as Office parts need */
bool xml_attribute(struct arena *arena, struct span tag, struct span name, struct span *value);
bool xml_tag_next(struct span *rest, struct span *tag); /* the inside of the next <...>; comments and declarations too */
struct span xml_text(struct arena *arena, struct span xml, size_t most);
