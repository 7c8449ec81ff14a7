/* Pictures in PDF files: JPEG as it stands, and plain samples of 1 to 8 bits, with the filters of PNG undone (ISO 32000-1 7.4.4.4). */
#include "content/picture.h"
#include "content/pdf_inner.h"

#include <stdlib.h>

enum { SIDE_LEAST = 21, SIDE_WANTED = 200, MARGIN = 4, PNG_FILTERS = 10, SLACK = 4 }; /* 21: the least code, a sample a module */

/* In place, row by row; what comes out stands without the bytes that name the filters. */
static bool filters_undo(uint8_t *at, size_t rows, size_t row, size_t step)
{
    uint8_t *to = at, *none = calloc(1, row + SLACK), *above = none;
    for (size_t y = 0; none && y < rows; y++, above = to, to += row) {
        uint8_t filter = *at++;
        memmove(to, at, row);
        at += row;
        png_filter_undo(to, above, row, step, filter);
    }
    free(none);
    return none != NULL;
}

/* How many samples a pixel has is told by how many bytes there are; 0: by none that is known. */
static size_t samples_guess(const struct pdf_stream *image, size_t len, size_t *row)
{
    static const size_t known[] = {4, 3, 1};
    size_t filter = image->predictor >= PNG_FILTERS;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        *row = ((size_t)image->width * known[i] * image->bits + 7) / 8;
        if ((*row + filter) * image->height <= len)
            return known[i];
    }
    return 0;
}

static uint8_t sample(const uint8_t *row, size_t index, unsigned bits)
{
    return (uint8_t)(row[index * bits / 8] >> (8 - bits - index * bits % 8) & ((1u << bits) - 1));
}

static uint8_t ink(const uint8_t *at)
{
    unsigned dark = at[3] + (at[0] * 77u + at[1] * 151u + at[2] * 28u) / 256;
    return (uint8_t)(dark > 255 ? 0 : 255 - dark);
}

static void row_grey(const uint8_t *row, uint8_t *to, size_t width, size_t samples, unsigned bits)
{
    if (bits == 8 && samples == 1)
        memcpy(to, row, width);
    else if (bits == 8 && samples == 3)
        colours_to_grey(row, to, width);
    else
        for (size_t x = 0; x < width; x++)
            to[x] = bits == 8 ? ink(row + x * samples) : sample(row, x * samples, bits);
}

/* Dark to 0, light to 255: numbers of colours may lie close together. True: they did. */
static bool contrast_widen(struct grey *grey)
{
    uint8_t low = 255, high = 0;
    for (size_t i = 0; i < grey->width * grey->height; i++) {
        low = grey->at[i] < low ? grey->at[i] : low;
        high = grey->at[i] > high ? grey->at[i] : high;
    }
    for (size_t i = 0; i < grey->width * grey->height && high > low && high - low < 128; i++)
        grey->at[i] = (uint8_t)((grey->at[i] - low) * 255 / (high - low));
    return high > low && high - low < 128;
}

static void turn_over(struct grey *grey)
{
    for (size_t i = 0; i < grey->width * grey->height; i++)
        grey->at[i] = (uint8_t)~grey->at[i];
}

/* Pages draw pictures at any size: a sample a module is enough there, but not for who looks for marks. A margin is the page's. */
static bool enlarge(struct grey *grey)
{
    size_t longer = grey->width > grey->height ? grey->width : grey->height, times = longer < SIDE_WANTED ? (SIDE_WANTED + longer - 1) / longer : 1;
    size_t margin = MARGIN * times, width = grey->width * times + 2 * margin, height = grey->height * times + 2 * margin;
    uint8_t *at = malloc(width * height);
    if (!at)
        return false;
    memset(at, 255, width * height);
    uint8_t *to = at + margin * width + margin;
    for (const uint8_t *from = grey->at; from < grey->at + grey->width * grey->height; from += grey->width, to += times * width) {
        if (times == 1)
            memcpy(to, from, grey->width);
        for (size_t x = 0; times > 1 && x < grey->width; x++)
            memset(to + x * times, from[x], times);
        for (size_t y = 1; y < times; y++)
            memcpy(to + y * width, to, grey->width * times);
    }
    free(grey->at);
    *grey = (struct grey){at, width, height};
    return true;
}

static bool samples_grey(const struct pdf_stream *image, struct scratch *bytes, struct grey *out)
{
    size_t row, samples = samples_guess(image, bytes->len, &row);
    bool filtered = image->predictor >= PNG_FILTERS;
    out->at = samples ? malloc((size_t)image->width * image->height) : NULL;
    if (!out->at)
        return false;
    out->width = image->width;
    out->height = image->height;
    if (filtered && !(scratch_room(bytes, SLACK) && filters_undo((uint8_t *)bytes->at, image->height, row, samples * image->bits < 8 ? 1 : samples * image->bits / 8)))
        return false;
    const uint8_t *at = (const uint8_t *)bytes->at;
    for (size_t y = 0; y < image->height; y++, at += row)
        row_grey(at, out->at + y * image->width, image->width, samples, image->bits);
    return true;
}

static bool is_searched(const struct file_reading *reading, const struct pdf_stream *image)
{
    size_t width = image->width, height = image->height;
    enum { SMALL = 1 << 16, DENSE = 4 }; /* what packs badly is a photograph; a code packs to a fraction of its pixels */
    if (width * height > SMALL && image->packed.len > width * height / DENSE)
        return false;
    bool bits = image->bits == 8 || image->bits == 4 || image->bits == 2 || image->bits == 1 || !image->bits;
    return bits && width >= SIDE_LEAST && height >= SIDE_LEAST && width <= SIDES_MOST * height && height <= SIDES_MOST * width &&
           width <= reading->limits->image_pixels / 2 / height;
}

/* What a picture unpacks to is bounded by its pixels, and takes nothing from what is left for the words and links of other files. */
static bool samples_open(struct file_reading *reading, struct pdf_notes *notes, const struct pdf_stream *image, struct scratch *out)
{
    enum { SAMPLES_MOST = 4, MORE = 16 };
    size_t most = SAMPLES_MOST * ((size_t)image->width + 1) * image->height + MORE, left = reading->inflate_left, here = notes->inflate_left;
    notes->inflate_left = reading->inflate_left = most;
    bool opened = pdf_stream_open(reading, notes, image, most, out) || out->len;
    reading->inflate_left = left;
    notes->inflate_left = here;
    return opened;
}

static void samples_read(struct file_reading *reading, const struct file_piece *piece, struct pdf_notes *notes, const struct pdf_stream *stream)
{
    struct grey grey __attribute__((cleanup(grey_free))) = {0};
    SCRATCH bytes = {0};
    struct pdf_stream image = *stream;
    image.bits = stream->bits ? stream->bits : 1; /* a mask */
    size_t pixels = (size_t)image.width * image.height;
    if (!is_searched(reading, &image))
        return;
    if (!reading->inner_images_left || pixels > reading->inner_pixels_left) {
        piece->fact->traits |= FILE_PARTLY_READ;
        return;
    }
    reading->inner_images_left--;
    reading->inner_pixels_left -= pixels;
    if (!samples_open(reading, notes, &image, &bytes) || !samples_grey(&image, &bytes, &grey))
        return;
    bool few = contrast_widen(&grey) || image.bits < 8;
    if (!enlarge(&grey))
        return;
    grey_codes_read(reading, piece, &grey);
    if (piece->fact->traits & FILE_QR || !few)
        return;
    turn_over(&grey); /* of few colours nothing tells here which is dark */
    grey_codes_read(reading, piece, &grey);
}

void pdf_pictures_read(struct file_reading *reading, const struct file_piece *piece, struct pdf_notes *notes)
{
    vec_each (stream, &notes->streams) {
        if (!stream->image || stream->filters & PDF_ODD)
            continue;
        if (!(stream->filters & PDF_DCT)) {
            samples_read(reading, piece, notes, stream);
            continue;
        }
        SCRATCH bytes = {0};
        struct pdf_stream packed = *stream;
        packed.filters &= ~(unsigned)PDF_DCT;
        if (stream->width && stream->height && pdf_stream_open(reading, notes, &packed, stream->packed.len + (1u << 20), &bytes))
            picture_inner_read(reading, piece, KIND_JPEG, scratch_span(&bytes));
    }
}
