/* Office files as ECMA-376 packs them: parts in a zip, and what they refer to outside. */
#include "content/file_inner.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

enum { PART_READ = 1 << 20, OFFICE_LINKS = 100, TEXT_READ = 1 << 18 };

static void reader_free(struct archive **reader)
{
    if (*reader)
        archive_read_free(*reader);
}
#define READER __attribute__((cleanup(reader_free))) struct archive

/* Programs of Office fetch these by themselves when the file is opened. A template on a share of the firm's own is honest
 * habit; one on the web is not. */
static bool is_fetched(struct span target)
{
    static const char *const schemes[] = {"http:", "https:", "ftp:", "mhtml:", "ms-", "\\\\", "file://\\\\"};
    struct span t = span_trim(target);
    for (size_t i = 0; i < 5; i++)
        if (span_starts_case(t, span_of(schemes[i])))
            return true;
    return span_find_case(t, S("DavWWWRoot")) || span_find_case(t, S("@SSL"));
}

static void relationship_read(struct file_reading *reading, const struct file_piece *piece, struct span tag)
{
    struct span type, target, mode;
    static const char *const fetched[] = {"/attachedTemplate", "/oleObject", "/frame", "/subDocument", "/externalLink", "/package"};
    if (!xml_attribute(reading->arena, tag, S("TargetMode"), &mode) || !span_eq_case(mode, S("External")) ||
        !xml_attribute(reading->arena, tag, S("Type"), &type) || !xml_attribute(reading->arena, tag, S("Target"), &target))
        return;
    if (span_ends_case(type, S("/hyperlink"))) {
        if (span_starts_case(span_trim(target), S("http")))
            file_link_add(reading, FILE_LINK_OFFICE, target, piece->part);
        return;
    }
    for (size_t i = 0; i < sizeof fetched / sizeof *fetched; i++)
        if (span_ends_case(type, span_of(fetched[i])) && is_fetched(target)) {
            file_trait_set(piece->fact, FILE_OFFICE_REMOTE, span_first(target, 300));
            file_link_add(reading, FILE_LINK_OFFICE, target, piece->part);
        }
}

/* With or without the prefix of a namespace. */
static bool is_relationship(struct span tag)
{
    size_t len = 0;
    while (len < tag.len && !ascii_is_space(tag.at[len]) && tag.at[len] != '/')
        len++;
    struct span name = span_first(tag, len);
    const char *colon = span_find_byte(name, ':');
    return span_eq(colon ? span_from(colon + 1, name.at + name.len) : name, S("Relationship"));
}

static void relationships_read(struct file_reading *reading, const struct file_piece *piece, struct span xml)
{
    struct span tag;
    size_t budget = reading->limits->office_streams;
    if (xml.len >= PART_READ || span_starts(xml, S("\xff\xfe")) || span_starts(xml, S("\xfe\xff")) || span_find_byte(span_first(xml, 4), 0))
        piece->fact->traits |= FILE_NOT_WHOLLY_READ; /* cut, or in UTF-16, as no program of Office writes it */
    while (xml_tag_next(&xml, &tag)) {
        if (!is_relationship(tag))
            continue;
        if (!budget--) {
            piece->fact->traits |= FILE_NOT_WHOLLY_READ;
            return;
        }
        relationship_read(reading, piece, tag);
    }
}

static bool has(struct span bytes, const char *word)
{
    return span_find(bytes, span_of(word)) != NULL;
}

/* Fields of Word and Excel that start programs; the letters of a Word field may stand in several runs, but seldom do. */
static void fields_read(const struct file_piece *piece, struct span xml)
{
    if (has(xml, "DDEAUTO") || has(xml, "ddeLink ") || has(xml, "> DDE ") || has(xml, ">DDE "))
        file_trait_set(piece->fact, FILE_OFFICE_DDE, (struct span){0});
}

static void text_read(struct file_reading *reading, const struct file_piece *piece, struct span name, struct span xml)
{
    bool text = span_eq_case(name, S("word/document.xml")) || span_eq_case(name, S("xl/sharedStrings.xml")) || span_eq_case(name, S("ppt/slides/slide1.xml"));
    if (!text)
        return;
    fields_read(piece, xml);
    if (!piece->fact->text.len)
        piece->fact->text = xml_text(reading->arena, span_first(xml, TEXT_READ), FILE_TEXT_MOST);
}

static bool is_read(struct span name)
{
    return span_ends_case(name, S(".rels")) || span_eq_case(name, S("word/document.xml")) || span_eq_case(name, S("xl/sharedStrings.xml")) ||
           span_eq_case(name, S("ppt/slides/slide1.xml")) || span_ends_case(name, S("vbaProject.bin")) || span_eq_case(name, S("[Content_Types].xml")) ||
           span_find_case(name, S("/embeddings/")) || span_find_case(name, S("/media/")) || span_find_case(name, S("externalLinks/externalLink1.xml")) || span_eq_case(name, S("xl/workbook.xml"));
}

/* A document inside a document is honest habit; a program or a package of anything is not. */
static void embedding_read(struct file_reading *reading, const struct file_piece *piece, struct span name, struct span bytes)
{
    struct sniffed sniffed = bytes_sniff(bytes);
    file_trait_set(piece->fact, FILE_OFFICE_EMBEDDED, (struct span){0});
    if (sniffed.kind == KIND_PROGRAM || sniffed.kind == KIND_SHORTCUT || sniffed.kind == KIND_SCRIPT)
        file_trait_set(piece->fact, FILE_ARCHIVE_EXECUTABLE, arena_copy(reading->arena, span_first(name, 300)));
    if (sniffed.kind == KIND_OLE && span_ends_case(name, S(".bin"))) {
        struct file_piece inner = {.fact = piece->fact, .part = piece->part, .name = name, .bytes = bytes, .depth = piece->depth + 1};
        ole_read(reading, &inner);
    }
}

/* Pictures on the pages; letters with a code in a picture are sent as documents too. */
static void media_read(struct file_reading *reading, const struct file_piece *piece, struct span bytes)
{
    enum content_kind kind = bytes_sniff(bytes).kind;
    if (kind == KIND_PNG || kind == KIND_JPEG || kind == KIND_GIF || kind == KIND_WEBP)
        picture_inner_read(reading, piece, kind, bytes);
}

static void part_look(struct file_reading *reading, const struct file_piece *piece, struct span name, struct span bytes)
{
    if (span_ends_case(name, S(".rels")))
        relationships_read(reading, piece, bytes);
    else if (span_ends_case(name, S("vbaProject.bin"))) {
        struct file_piece inner = {.fact = piece->fact, .part = piece->part, .name = name, .bytes = bytes, .depth = piece->depth + 1};
        file_trait_set(piece->fact, FILE_OFFICE_MACRO, (struct span){0});
        ole_read(reading, &inner);
    } else if (span_find_case(name, S("/embeddings/")))
        embedding_read(reading, piece, name, bytes);
    else if (span_find_case(name, S("/media/")))
        media_read(reading, piece, bytes);
    else if (span_find_case(name, S("externalLinks/")))
        fields_read(piece, bytes);
    else if (span_eq_case(name, S("[Content_Types].xml")) && has(bytes, "macroEnabled"))
        file_trait_set(piece->fact, FILE_OFFICE_MACRO, (struct span){0});
    else if (span_eq_case(name, S("xl/workbook.xml")) && (has(bytes, "_xlnm.Auto_Open") || has(bytes, "_xlnm.Auto_Close")))
        file_trait_set(piece->fact, FILE_OFFICE_AUTORUN | FILE_OFFICE_MACRO, S("Auto_Open"));
    else
        text_read(reading, piece, name, bytes);
}

/* Office reads the part that stands last under a name; here every one is looked at. */
static void part_unpack(struct file_reading *reading, const struct file_piece *piece, struct archive *reader, struct scratch *out)
{
    while (out->len < PART_READ && reading->unpack_left && scratch_room(out, 16384)) {
        size_t room = out->cap - out->len;
        room = room < reading->unpack_left ? room : reading->unpack_left;
        la_ssize_t got = archive_read_data(reader, out->at + out->len, room);
        if (got < 0)
            piece->fact->traits |= FILE_NOT_WHOLLY_READ;
        if (got <= 0)
            return;
        out->len += (size_t)got;
        reading->unpack_left -= (size_t)got;
    }
}

void ooxml_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct archive_entry *entry;
    READER *reader = archive_read_new();
    file_trait_set(piece->fact, FILE_OFFICE, (struct span){0});
    if (!reader || archive_read_support_format_zip(reader) != ARCHIVE_OK || archive_read_open_memory(reader, piece->bytes.at, piece->bytes.len) != ARCHIVE_OK)
        return;
    size_t parts = 0;
    int state = ARCHIVE_OK;
    while (parts++ < reading->limits->office_streams && (state = archive_read_next_header(reader, &entry)) >= ARCHIVE_WARN && state != ARCHIVE_EOF) {
        const char *path = archive_entry_pathname(entry);
        struct span name = span_of(path);
        if (span_find_case(name, S("macrosheets/")))
            file_trait_set(piece->fact, FILE_OFFICE_MACRO, S("XLM"));
        if (!is_read(name) || (span_find_case(name, S("/media/")) && !reading->inner_images_left))
            continue;
        SCRATCH bytes = {0};
        part_unpack(reading, piece, reader, &bytes);
        part_look(reading, piece, name, scratch_span(&bytes));
    }
    if (state < ARCHIVE_WARN)
        piece->fact->traits |= FILE_BROKEN;
    if (parts > reading->limits->office_streams || !reading->unpack_left)
        piece->fact->traits |= FILE_NOT_WHOLLY_READ;
}
