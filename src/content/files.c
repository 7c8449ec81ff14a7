#include "content/file_inner.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

void file_limits_default(struct file_limits *limits)
{
    *limits = (struct file_limits){
#define LIMIT(name, value, en) .name = value,
#include "content/limit.def"
#undef LIMIT
    };
}

/* ---- scratch */
void scratch_free(struct scratch *scratch)
{
    free(scratch->at);
    *scratch = (struct scratch){0};
}

bool scratch_room(struct scratch *scratch, size_t more)
{
    if (scratch->cap - scratch->len >= more)
        return true;
    size_t cap = scratch->cap ? scratch->cap * 2 : 4096;
    while (cap - scratch->len < more)
        cap *= 2;
    char *at = realloc(scratch->at, cap);
    if (!at)
        return false;
    scratch->at = at;
    scratch->cap = cap;
    return true;
}

/* libdeflate takes half of zlib's time, but it wants room for the whole and gives nothing of what is broken: then zlib reads as far as it goes. */
static bool whole_inflate(struct file_reading *reading, struct span packed, struct scratch *out)
{
    enum { TIMES = 8, ROOM_LEAST = 4096 };
    size_t room = packed.len < reading->inflate_left / TIMES ? packed.len * TIMES : reading->inflate_left, made = 0;
    if (room < ROOM_LEAST)
        room = ROOM_LEAST < reading->inflate_left ? ROOM_LEAST : reading->inflate_left;
    struct libdeflate_decompressor *inflating = room && scratch_room(out, room) ? libdeflate_alloc_decompressor() : NULL;
    if (!inflating)
        return false;
    size_t used;
    bool whole = libdeflate_zlib_decompress_ex(inflating, packed.at, packed.len, out->at + out->len, room, &used, &made) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(inflating);
    out->len += whole ? made : 0;
    reading->inflate_left -= whole ? made : 0;
    return whole;
}

static bool some_inflate(struct file_reading *reading, struct span packed, struct scratch *out)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.at, .avail_in = (uInt)packed.len};
    if (inflateInit(&stream) != Z_OK)
        return false;
    int state = inflateValidate(&stream, 0); /* readers show what has a wrong check sum too */
    while (state == Z_OK && reading->inflate_left && scratch_room(out, 16384)) {
        size_t room = out->cap - out->len;
        if (room > reading->inflate_left)
            room = reading->inflate_left;
        stream.next_out = (Bytef *)out->at + out->len;
        stream.avail_out = (uInt)room;
        state = inflate(&stream, Z_NO_FLUSH);
        size_t made = room - stream.avail_out;
        out->len += made;
        reading->inflate_left -= made;
        if (!made && !stream.avail_in)
            break;
    }
    inflateEnd(&stream);
    return state == Z_STREAM_END;
}

bool file_inflate(struct file_reading *reading, struct span packed, struct scratch *out)
{
    return packed.len <= UINT32_MAX && (whole_inflate(reading, packed, out) || some_inflate(reading, packed, out));
}

/* ---- links */
void file_link_add(struct file_reading *reading, enum file_link_source source, struct span raw, const struct part *part)
{
    enum { LINK_MOST = 4000 };
    raw = span_first(span_trim(raw), LINK_MOST);
    if (!raw.len)
        return;
    vec_each (known, &reading->out->links)
        if (known->part == part && known->source == source && span_eq(known->raw, raw))
            return;
    if (reading->out->links.len >= reading->limits->file_links) {
        reading->out->traits |= FILE_NOT_WHOLLY_READ;
        return;
    }
    struct file_link *link = vec_push(reading->arena, &reading->out->links);
    *link = (struct file_link){.source = source, .raw = arena_copy(reading->arena, raw), .part = part};
    struct url *url = arena_one(reading->arena, struct url);
    if (url_parse_text(reading->arena, link->raw, url))
        link->url = url;
}

static bool is_schema(struct span address)
{
    static const char *const hosts[] = {"schemas.openxmlformats.org", "schemas.microsoft.com", "www.w3.org", "w3.org", "purl.org", "ns.adobe.com",
                                        "schemas.xmlsoap.org", "www.iec.ch", "iptc.org", "purl.oclc.org", "ocsp.", "crl."};
    const char *slashes = span_find(address, S("//"));
    struct span host = slashes ? span_skip(address, (size_t)(slashes - address.at) + 2) : address;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (span_starts_case(host, span_of(hosts[i])))
            return true;
    return false;
}

static bool ends_address(char c)
{
    return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '\\' || c == '{' || c == '}' || c == '|' ||
           c == '^' || c == 127;
}

void file_links_scan(struct file_reading *reading, enum file_link_source source, struct span bytes, const struct part *part, size_t most)
{
    struct span rest = bytes;
    const char *found;
    while (most && rest.len >= 10 && (found = span_find(rest, S("://")))) {
        size_t at = (size_t)(found - rest.at);
        size_t back = at >= 5 && strncasecmp(found - 5, "https", 5) == 0 ? 5 : at >= 4 && strncasecmp(found - 4, "http", 4) == 0 ? 4 : 0;
        size_t end = at + 3;
        while (end < rest.len && end < at + 4000 && !ends_address(rest.at[end]))
            end++;
        struct span address = span_from(rest.at + at - back, rest.at + end);
        if (back && end > at + 6 && !is_schema(address)) {
            file_link_add(reading, source, address, part);
            most--;
        }
        rest = span_skip(rest, end);
    }
}

/* The strongest of what an archive holds is told; later and weaker ones do not take its place. */
void file_trait_set(struct file_fact *fact, unsigned trait, struct span inner)
{
    unsigned strong = FILE_EXECUTABLE | FILE_SCRIPT | FILE_ARCHIVE_EXECUTABLE | FILE_OFFICE_AUTORUN | FILE_OFFICE_REMOTE | FILE_PDF_ACTION;
    if (inner.len && (!fact->inner.len || (!(fact->traits & strong) && trait & strong)))
        fact->inner = span_first(inner, INNER_MOST);
    fact->traits |= trait;
}

/* ---- one file */

/* What an Office file begins with may stand in any zip, which is then opened as one by its name. */
static bool is_named_archive(const struct file_reading *reading, const struct file_piece *piece)
{
    bool sure;
    return ending_kind_of(reading->tables, name_ending(piece->name), &sure) == ENDING_ARCHIVE;
}

static void by_kind_read(struct file_reading *reading, const struct file_piece *piece, enum content_kind kind)
{
    switch (kind) {
    case KIND_PAGE:
        html_file_read(reading, piece, false);
        break;
    case KIND_PICTURE_PAGE:
        html_file_read(reading, piece, true);
        break;
    case KIND_ARCHIVE: case KIND_STREAM: case KIND_DISK_IMAGE:
        archive_file_read(reading, piece, kind == KIND_STREAM);
        break;
    case KIND_OOXML:
        ooxml_read(reading, piece);
        if (is_named_archive(reading, piece))
            archive_file_read(reading, piece, false);
        break;
    case KIND_OLE:
        ole_read(reading, piece);
        break;
    case KIND_RTF:
        rtf_read(reading, piece);
        break;
    case KIND_PDF:
        pdf_read(reading, piece);
        break;
    case KIND_CALENDAR:
        calendar_read(reading, piece);
        break;
    case KIND_SHORTCUT:
        shortcut_read(reading, piece);
        break;
    case KIND_PNG: case KIND_JPEG: case KIND_GIF: case KIND_WEBP: case KIND_PICTURE:
        picture_wait(reading, piece, kind);
        break;
    default:
        break;
    }
}

static unsigned sniffed_traits(enum content_kind kind)
{
    switch (kind) {
    case KIND_PROGRAM:
        return FILE_EXECUTABLE;
    case KIND_SHORTCUT: case KIND_SCRIPT: case KIND_NOTEBOOK:
        return FILE_SCRIPT;
    case KIND_DISK_IMAGE:
        return FILE_DISK_IMAGE;
    case KIND_ARCHIVE: case KIND_STREAM:
        return FILE_ARCHIVE;
    default:
        return 0;
    }
}

/* By content where it tells; a page or calendar without its usual beginning by name. */
static enum content_kind kind_of_piece(const struct file_reading *reading, const struct file_piece *piece, struct sniffed sniffed)
{
    bool sure;
    struct span ending = name_ending(piece->name);
    if (sniffed.kind)
        return sniffed.kind;
    switch (ending_kind_of(reading->tables, ending, &sure)) {
    case ENDING_PAGE:
        return span_starts_case(ending, S("svg")) ? KIND_PICTURE_PAGE : KIND_PAGE;
    case ENDING_CALENDAR:
        return KIND_CALENDAR;
    case ENDING_SCRIPT:
        return span_eq_case(ending, S("url")) || span_eq_case(ending, S("website")) ? KIND_SHORTCUT : KIND_UNKNOWN;
    case ENDING_DISK_IMAGE: case ENDING_ARCHIVE:
        return KIND_ARCHIVE;
    default:
        return KIND_UNKNOWN;
    }
}

/* Endings are letters and figures; what else stands behind the last dot of a stranger's name tells no kind. */
static struct span kind_by_name(struct span name)
{
    enum { ENDING_MOST = 20 };
    struct span ending = name_ending(name);
    for (size_t i = 0; i < ending.len; i++)
        if (!ascii_is_alpha(ending.at[i]) && !ascii_is_digit(ending.at[i]))
            return S("");
    return ending.len <= ENDING_MOST ? ending : S("");
}

void file_piece_read(struct file_reading *reading, const struct file_piece *piece)
{
    struct file_fact *fact = piece->fact;
    struct sniffed sniffed = bytes_sniff(piece->bytes);
    enum content_kind kind = kind_of_piece(reading, piece, sniffed);
    unsigned traits = sniffed_traits(sniffed.kind) | name_traits(reading->tables, piece->name);
    if (name_misfits(reading->tables, piece->name, sniffed))
        traits |= FILE_NAME_MISFITS;
    if (piece->depth) { /* what it is inside an archive is told of the archive */
        bool runs = traits & (FILE_EXECUTABLE | FILE_SCRIPT);
        traits = (traits & (FILE_DOUBLE_ENDING | FILE_NAME_MISFITS | FILE_DISK_IMAGE)) | (runs ? FILE_ARCHIVE_EXECUTABLE : 0);
        if (traits)
            file_trait_set(fact, traits, arena_copy(reading->arena, span_first(piece->name, 300)));
    } else {
        if (sniffed.kind == KIND_NOTEBOOK || sniffed.kind == KIND_PROGRAM)
            traits &= ~(unsigned)FILE_ARCHIVE;
        fact->traits |= traits;
        if (sniffed.name.len)
            fact->kind = sniffed.name;
        else
            fact->kind = arena_lower(reading->arena, kind_by_name(piece->name));
    }
    struct file_piece readable = *piece;
    if (piece->depth && (kind == KIND_PAGE || kind == KIND_PICTURE_PAGE || kind == KIND_CALENDAR)) {
        readable.bytes = span_first(piece->bytes, reading->page_left);
        reading->page_left -= readable.bytes.len;
    }
    by_kind_read(reading, &readable, kind);
}

/* ---- the parts of a message */
static void links_of_page(struct file_reading *reading, const struct part *part)
{
    vec_each (link, &reading->message->links)
        if (link->part == part)
            file_link_add(reading, FILE_LINK_HTML, link->raw, part);
}

/* Names differ between readers: the worst of them tells. */
static void names_read(struct file_reading *reading, const struct part *part, struct file_fact *fact, struct sniffed sniffed)
{
    for (size_t i = 1; i < part->names.len && i < 8; i++) {
        fact->traits |= name_traits(reading->tables, part->names.at[i]);
        if (name_misfits(reading->tables, part->names.at[i], sniffed))
            fact->traits |= FILE_NAME_MISFITS;
    }
}

static bool is_picture(const struct part *part)
{
    return part->kind == PART_IMAGE || span_starts(part->sniffed, S("image/"));
}

static void part_read(struct file_reading *reading, const struct part *part)
{
    struct span bytes = span_first(part->decoded, reading->limits->file_bytes);
    bool picture = is_picture(part);
    struct file_fact *fact = vec_push(reading->arena, &reading->out->list);
    *fact = (struct file_fact){.part = part, .shown = picture && !part->attachment};
    if (part->names.len)
        fact->name = part->names.at[0];
    if (bytes.len < part->decoded.len)
        fact->traits |= FILE_NOT_WHOLLY_READ;
    struct file_piece piece = {.fact = fact, .part = part, .name = fact->name, .bytes = bytes, .html = part->html};
    if (part->text.len && (part->kind == PART_CALENDAR || part->html))
        piece.bytes = part->text;
    file_piece_read(reading, &piece);
    names_read(reading, part, fact, bytes_sniff(bytes));
    if (fact->traits & FILE_HTML)
        links_of_page(reading, part);
    reading->out->images += picture;
    reading->out->files += part->attachment || part->kind == PART_CALENDAR;
    reading->out->traits |= fact->traits;
}

/* Messages as attachments are no leaves: their own leaves stand in the list. */
static void messages_read(struct file_reading *reading, const struct part *part)
{
    for (const struct part *at = part; at; at = at->next) {
        if (at->first_child && span_eq(at->type, S("message")) && span_eq(at->subtype, S("rfc822"))) {
            struct file_fact *fact = vec_push(reading->arena, &reading->out->list);
            *fact = (struct file_fact){.part = at, .kind = S("eml"), .traits = FILE_MESSAGE};
            if (at->names.len)
                fact->name = at->names.at[0];
            reading->out->traits |= FILE_MESSAGE;
            reading->out->files++;
        }
        if (at->first_child)
            messages_read(reading, at->first_child);
    }
}

void content_files_read(struct arena *arena, const struct file_limits *limits, const struct tables *tables,
                        const struct message *message, struct content_files *out)
{
    *out = (struct content_files){0};
    struct file_reading reading = {.arena = arena, .limits = limits, .tables = tables, .message = message, .out = out,
                                   .unpack_left = limits->archive_output, .inflate_left = limits->inflate_output,
                                   .pixels_left = limits->image_work, .images_left = limits->images,
                                   .inner_pixels_left = limits->image_work / 4, .inner_images_left = limits->images / 4,
                                   .page_left = 4 * message->raw.len};
    vec_each (leaf, &message->leaves)
        if ((*leaf)->attachment || (*leaf)->kind == PART_CALENDAR || is_picture(*leaf))
            part_read(&reading, *leaf);
    pictures_read(&reading);
    if (message->root && message->part_count > 1)
        messages_read(&reading, message->root);
}
