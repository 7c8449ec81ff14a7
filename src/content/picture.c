/* QR codes in pictures, read by zbar. */
#include "content/picture.h"

#include <zbar.h>

enum { LINES_NEEDED = 6, WORK_PIXELS = 1000000, CONTRAST = 40 };

/* Five runs, dark and light by turns, as 1:1:3:1:1, within half a module; true of a mark at any turn of the picture. */
static bool is_mark(const unsigned run[5])
{
    unsigned sum = run[0] + run[1] + run[2] + run[3] + run[4];
    if (sum < 7)
        return false;
    for (int i = 0; i < 5; i++) {
        unsigned wanted = i == 2 ? 3 : 1, seen = run[i] * 14, low = (2 * wanted - 1) * sum, high = (2 * wanted + 1) * sum;
        if (i == 2 ? seen < low || seen > high : seen <= low / 2 || seen > high)
            return false;
    }
    return true;
}

/* Marks on one line; dark and light are parted in the middle between its darkest and lightest. */
static unsigned line_marks(const uint8_t *row, size_t width)
{
    unsigned run[5] = {0}, marks = 0;
    uint8_t low = 255, high = 0;
    for (size_t x = 0; x < width; x++) {
        low = row[x] < low ? row[x] : low;
        high = row[x] > high ? row[x] : high;
    }
    if (high - low < CONTRAST)
        return 0;
    unsigned middle = ((unsigned)low + high) / 2;
    for (size_t x = 0; x < width; x++) {
        if (x && (row[x] > middle) != (row[x - 1] > middle)) {
            marks += is_mark(run);
            memmove(run, run + 1, 4 * sizeof *run);
            run[4] = 0;
        }
        run[4]++;
    }
    return marks + is_mark(run);
}

bool grey_may_hold_code(const struct grey *grey)
{
    unsigned lines = 0;
    for (size_t y = 0; y < grey->height && lines < LINES_NEEDED; y += 2)
        lines += line_marks(grey->at + y * grey->width, grey->width) > 0;
    return lines >= LINES_NEEDED;
}

/* Half the size each way: a code in a large picture has modules of many pixels. */
static void grey_halve(struct grey *grey)
{
    size_t width = grey->width / 2, height = grey->height / 2;
    for (size_t y = 0; y < height; y++) {
        const uint8_t *above = grey->at + 2 * y * grey->width, *below = above + grey->width;
        uint8_t *row = grey->at + y * width;
        for (size_t x = 0; x < width; x++)
            row[x] = (uint8_t)((above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1]) / 4);
    }
    grey->width = width;
    grey->height = height;
}

static bool is_link(struct span text)
{
    return span_starts_case(text, S("http://")) || span_starts_case(text, S("https://")) || span_starts_case(text, S("www."));
}

static void codes_take(struct file_reading *reading, const struct file_piece *piece, zbar_image_t *image)
{
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(image); symbol; symbol = zbar_symbol_next(symbol)) {
        struct span text = span_trim((struct span){zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol)});
        if (zbar_symbol_get_type(symbol) != ZBAR_QRCODE || !is_link(text))
            continue;
        file_trait_set(piece->fact, FILE_QR, (struct span){0});
        file_link_add(reading, FILE_LINK_QR, text, piece->part);
    }
}

static void codes_read(struct file_reading *reading, const struct file_piece *piece, const struct grey *grey)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();
    if (scanner && image) {
        zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
        zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
        zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
        zbar_image_set_size(image, (unsigned)grey->width, (unsigned)grey->height);
        zbar_image_set_data(image, grey->at, grey->width * grey->height, NULL);
        if (zbar_scan_image(scanner, image) > 0)
            codes_take(reading, piece, image);
    }
    if (image)
        zbar_image_destroy(image);
    if (scanner)
        zbar_image_scanner_destroy(scanner);
}

void picture_read(struct file_reading *reading, const struct file_piece *piece, enum content_kind kind)
{
    struct grey grey __attribute__((cleanup(grey_free))) = {0};
    size_t most = reading->limits->image_pixels < reading->pixels_left ? reading->limits->image_pixels : reading->pixels_left;
    if (piece->depth || !reading->images_left || !most) {
        piece->fact->traits |= piece->depth ? 0 : FILE_NOT_WHOLLY_READ;
        return;
    }
    enum picture_state state = kind == KIND_PNG ? png_grey(piece->bytes, most, &grey) : kind == KIND_JPEG ? jpeg_grey(piece->bytes, most, &grey)
                                                                                                         : gif_grey(piece->bytes, most, &grey);
    if (state == PICTURE_TOO_LARGE)
        piece->fact->traits |= FILE_NOT_WHOLLY_READ;
    if (state == PICTURE_BROKEN)
        piece->fact->traits |= FILE_BROKEN;
    if (!grey.at || state != PICTURE_READ)
        return;
    reading->images_left--;
    reading->pixels_left -= grey.width * grey.height;
    while (grey.width * grey.height > WORK_PIXELS)
        grey_halve(&grey);
    if (grey_may_hold_code(&grey))
        codes_read(reading, piece, &grey);
}
