/* Which of a message's pictures are searched, and in which order. The work is bounded, so small square ones come first: a code is
 * square, and many of them cost no more than one large picture that is there to use the work up. */
#include "content/picture.h"

#include <stdlib.h>

static uint32_t big_endian(const char *at, unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

/* ISO/IEC 10918-1 B.1.1.4: segments up to the one that begins a frame. */
static bool jpeg_size(struct span bytes, size_t *width, size_t *height)
{
    size_t at = 2;
    while (at + 9 < bytes.len) {
        unsigned mark = (unsigned char)bytes.at[at + 1];
        if ((unsigned char)bytes.at[at] != 0xff)
            return false;
        if (mark == 0xff) {
            at++;
            continue;
        }
        if (mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc) {
            *height = big_endian(bytes.at + at + 5, 2);
            *width = big_endian(bytes.at + at + 7, 2);
            return true;
        }
        at += 2 + big_endian(bytes.at + at + 2, 2);
    }
    return false;
}

static bool webp_size(struct span bytes, size_t *width, size_t *height)
{
    const unsigned char *at = (const unsigned char *)bytes.at;
    if (bytes.len < 30)
        return false;
    if (span_starts(span_skip(bytes, 12), S("VP8X"))) {
        *width = 1 + (at[24] | (size_t)at[25] << 8 | (size_t)at[26] << 16);
        *height = 1 + (at[27] | (size_t)at[28] << 8 | (size_t)at[29] << 16);
    } else if (span_starts(span_skip(bytes, 12), S("VP8L"))) {
        uint32_t bits = at[21] | (uint32_t)at[22] << 8 | (uint32_t)at[23] << 16 | (uint32_t)at[24] << 24;
        *width = 1 + (bits & 0x3fff);
        *height = 1 + (bits >> 14 & 0x3fff);
    } else {
        *width = (at[26] | (size_t)at[27] << 8) & 0x3fff;
        *height = (at[28] | (size_t)at[29] << 8) & 0x3fff;
    }
    return true;
}

bool picture_size(enum content_kind kind, struct span bytes, size_t *width, size_t *height)
{
    if (kind == KIND_PNG && bytes.len >= 24) {
        *width = big_endian(bytes.at + 16, 4);
        *height = big_endian(bytes.at + 20, 4);
        return true;
    }
    if (kind == KIND_GIF && bytes.len >= 10) {
        *width = (unsigned char)bytes.at[6] | (size_t)(unsigned char)bytes.at[7] << 8;
        *height = (unsigned char)bytes.at[8] | (size_t)(unsigned char)bytes.at[9] << 8;
        return true;
    }
    return kind == KIND_JPEG ? jpeg_size(bytes, width, height) : kind == KIND_WEBP && webp_size(bytes, width, height);
}

static enum picture_state decode(enum content_kind kind, struct span bytes, size_t most, struct grey *out)
{
    switch (kind) {
    case KIND_PNG:
        return png_grey(bytes, most, out);
    case KIND_JPEG:
        return jpeg_grey(bytes, most, out);
    case KIND_GIF:
        return gif_grey(bytes, most, out);
    case KIND_WEBP:
        return webp_grey(bytes, most, out);
    default:
        return PICTURE_TOO_LARGE; /* HEIC, AVIF, TIFF: no reader here */
    }
}

/* What it cost: the pixels that came out, and a share of those that went in. */
static size_t cost_of(enum content_kind kind, struct span bytes, const struct grey *grey)
{
    enum { PNG_SHARE = 4, JPEG_SHARE = 32, LARGEST = 1 << 30, PNG_WOVEN = 28 }; /* larger ones were not decoded */
    size_t width, height, made = grey->width * grey->height;
    if (!picture_size(kind, bytes, &width, &height) || height > SIZE_MAX / (width + 1) || width * height <= made || width * height > LARGEST)
        return made;
    bool woven = kind == KIND_PNG && bytes.len > PNG_WOVEN && bytes.at[PNG_WOVEN]; /* seven times through it */
    return made + width * height / (kind == KIND_JPEG ? JPEG_SHARE : woven ? 1 : PNG_SHARE);
}

static enum picture_state search(struct file_reading *reading, const struct file_piece *piece, enum content_kind kind, struct span bytes, size_t *images, size_t *pixels)
{
    struct grey grey __attribute__((cleanup(grey_free))) = {0};
    size_t most = reading->limits->image_pixels < *pixels ? reading->limits->image_pixels : *pixels;
    enum picture_state state = *images && most ? decode(kind, bytes, most, &grey) : PICTURE_TOO_LARGE;
    if (!grey.at && state != PICTURE_BROKEN)
        return state;
    size_t cost = cost_of(kind, bytes, &grey);
    --*images; /* the work was done, whatever came of it */
    *pixels -= cost < *pixels ? cost : *pixels;
    if (grey.at && (state == PICTURE_READ || state == PICTURE_CUT))
        grey_codes_read(reading, piece, &grey);
    return state;
}

static int waiting_compare(const void *a, const void *b)
{
    const struct picture_waiting *left = a, *right = b;
    if (left->square != right->square)
        return left->square ? -1 : 1;
    return left->area < right->area ? -1 : left->area > right->area ? 1 : left->file < right->file ? -1 : left->file > right->file;
}

void picture_wait(struct file_reading *reading, const struct file_piece *piece, enum content_kind kind)
{
    size_t width = 0, height = 0;
    if (piece->depth)
        return;
    bool known = picture_size(kind, piece->bytes, &width, &height);
    size_t longer = width > height ? width : height, shorter = width > height ? height : width;
    *vec_push(reading->arena, &reading->pictures) = (struct picture_waiting){
        .file = (size_t)(piece->fact - reading->out->list.at), .part = piece->part, .kind = kind, .bytes = piece->bytes,
        .area = known && shorter <= SIZE_MAX / (longer + 1) ? longer * shorter : SIZE_MAX, .square = known && longer / 3 * 2 <= shorter};
}

void pictures_read(struct file_reading *reading)
{
    if (reading->pictures.len > 1)
        qsort(reading->pictures.at, reading->pictures.len, sizeof *reading->pictures.at, waiting_compare);
    vec_each (waiting, &reading->pictures) {
        struct file_fact *fact = &reading->out->list.at[waiting->file];
        struct file_piece piece = {.fact = fact, .part = waiting->part, .bytes = waiting->bytes};
        enum picture_state state = search(reading, &piece, waiting->kind, waiting->bytes, &reading->images_left, &reading->pixels_left);
        if (state == PICTURE_TOO_LARGE)
            fact->traits |= FILE_PARTLY_READ;
        if (state == PICTURE_BROKEN || state == PICTURE_CUT)
            fact->traits |= FILE_BROKEN;
        reading->out->traits |= fact->traits;
    }
}

void picture_inner_read(struct file_reading *reading, const struct file_piece *piece, enum content_kind kind, struct span bytes)
{
    if (search(reading, piece, kind, bytes, &reading->inner_images_left, &reading->inner_pixels_left) == PICTURE_TOO_LARGE)
        piece->fact->traits |= FILE_PARTLY_READ;
}
