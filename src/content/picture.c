/* QR codes in pictures, read by zbar. */
#include "content/picture.h"

#include <zbar.h>

enum { CONTRAST = 40, ROW_STEP = 3, MARKS_NEEDED = 2, MARKS_KEPT = 16 };

/* Five runs, dark and light by turns, as 1:1:3:1:1, within half a module; true of a mark at any turn of the picture. */
static bool is_mark(const size_t run[5])
{
    size_t sum = run[0] + run[1] + run[2] + run[3] + run[4];
    if (sum < 7)
        return false;
    for (int i = 0; i < 5; i++) {
        size_t wanted = i == 2 ? 3 : 1, seen = run[i] * 14, low = (2 * wanted - 1) * sum, high = (2 * wanted + 1) * sum;
        if (i == 2 ? seen < low || seen > high : seen <= low / 2 || seen > high)
            return false;
    }
    return true;
}

/* The marks that stand in three corners of a code, as far as found. */
struct marks {
    const struct grey *grey;
    size_t count;
    struct {
        size_t x, y, size;
    } at[MARKS_KEPT];
};

/* Pixels from `y` on by `step` that are dark, or light; `most` at most. */
static size_t column_run(const struct grey *grey, size_t x, size_t y, int step, bool dark, unsigned middle, size_t most)
{
    size_t run = 0;
    for (; y < grey->height && run < most && (grey->at[y * grey->width + x] <= middle) == dark; y += (size_t)step)
        run++;
    return run; /* above the first row y has gone round to beyond the last */
}

/* A mark on a line is one on the column through its middle too; hardly anything else is. */
static bool column_bears_out(const struct grey *grey, size_t x, size_t y, unsigned middle, size_t size)
{
    size_t up = column_run(grey, x, y, -1, true, middle, size), down = column_run(grey, x, y, 1, true, middle, size);
    size_t light_up = column_run(grey, x, y - up, -1, false, middle, size), light_down = column_run(grey, x, y + down, 1, false, middle, size);
    size_t runs[5] = {column_run(grey, x, y - up - light_up, -1, true, middle, size), light_up, up + down - 1, light_down,
                      column_run(grey, x, y + down + light_down, 1, true, middle, size)};
    return is_mark(runs);
}

static void mark_add(struct marks *marks, size_t x, size_t y, size_t size)
{
    for (size_t i = 0; i < marks->count; i++) {
        size_t across = x > marks->at[i].x ? x - marks->at[i].x : marks->at[i].x - x, near = (size + marks->at[i].size) / 4;
        if (across <= near && y - marks->at[i].y <= near) /* lines come from above */
            return;
    }
    if (marks->count < MARKS_KEPT) {
        marks->at[marks->count].x = x;
        marks->at[marks->count].y = y;
        marks->at[marks->count++].size = size;
    }
}

#ifdef __SSE2__
#include <emmintrin.h>

/* Sixteen pixels as bits: set where they are light as the first is not, or dark. Of no fewer than sixteen. */
static inline unsigned changed(const uint8_t *row, unsigned middle, bool light)
{
    __m128i pixels = _mm_loadu_si128((const __m128i *)row), past = _mm_set1_epi8((char)middle);
    unsigned dark = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(pixels, past), pixels)); /* at most the middle */
    return light ? dark : ~dark & 0xffff;
}

static size_t run_pass(const uint8_t *row, size_t x, size_t width, unsigned middle, bool light)
{
    for (unsigned bits; x + 16 <= width; x += 16)
        if ((bits = changed(row + x, middle, light)))
            return x + (unsigned)__builtin_ctz(bits);
    return x;
}
#else
static size_t run_pass(const uint8_t *row, size_t x, size_t width, unsigned middle, bool light)
{
    return x;
}
#endif

/* Where the run ends that begins at x: dark or light as that pixel is. */
static size_t run_end(const uint8_t *row, size_t x, size_t width, unsigned middle)
{
    if (x >= width)
        return width;
    const bool light = row[x] > middle;
    x = run_pass(row, x, width, middle, light);
    while (x < width && (row[x] > middle) == light)
        x++;
    return x;
}

/* Dark and light are parted in the middle between the line's darkest and lightest. */
static void line_search(struct marks *marks, size_t y)
{
    const size_t width = marks->grey->width;
    const uint8_t *row = marks->grey->at + y * width;
    size_t run[5] = {0}, from = 0;
    uint8_t low = 255, high = 0;
    for (size_t x = 0; x < width; x++) {
        low = row[x] < low ? row[x] : low;
        high = row[x] > high ? row[x] : high;
    }
    if (high - low < CONTRAST)
        return;
    unsigned middle = ((unsigned)low + high) / 2;
    for (size_t x = run_end(row, 0, width, middle); from < width; x = run_end(row, x, width, middle)) {
        memmove(run, run + 1, 4 * sizeof *run);
        run[4] = x - from;
        from = x;
        size_t centre = x - run[4] - run[3] - run[2] / 2 - (run[2] > 0), size = run[0] + run[1] + run[2] + run[3] + run[4];
        if (row[x - 1] <= middle && is_mark(run) && column_bears_out(marks->grey, centre, y, middle, size))
            mark_add(marks, centre, y, size);
    }
}

bool grey_may_hold_code(const struct grey *grey)
{
    struct marks marks = {.grey = grey};
    for (size_t y = 0; y < grey->height && marks.count < MARKS_NEEDED; y += ROW_STEP)
        line_search(&marks, y);
    return marks.count >= MARKS_NEEDED;
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

void grey_codes_read(struct file_reading *reading, const struct file_piece *piece, struct grey *grey)
{
    while (grey->width * grey->height > WORK_PIXELS)
        grey_halve(grey);
    if (grey_may_hold_code(grey))
        codes_read(reading, piece, grey);
}
