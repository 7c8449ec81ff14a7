/* PNG to grey: pictures drawn here and written by libpng, by every filter, at every depth, must come out as they were drawn. */
#include "files_world.h"
#include "content/picture.h"

#include <png.h>
#include <stdlib.h>

enum { WIDTH = 71, HEIGHT = 67, LARGE = 1200, MOST = 1 << 22 };

/* Slopes, edges and noise, so that each guess of each filter is wrong somewhere. */
static unsigned sample_at(size_t x, size_t y, unsigned channel)
{
    static const unsigned noise[7] = {3, 97, 41, 250, 8, 155, 66};
    return (unsigned)((x * 5 + y * 3 + channel * 60) % 256 ^ ((x / 9 + y / 7) % 3 ? 0 : noise[(x * 13 + y * 29 + channel) % 7])) & 255;
}

static uint8_t grey_of(const unsigned *colour, unsigned cover)
{
    unsigned grey = (colour[0] * 77 + colour[1] * 151 + colour[2] * 28) >> 8;
    return (uint8_t)(cover == 255 ? grey : 255 - (255 - grey) * cover / 255);
}

struct kind {
    int type, depth;
    unsigned channels;
};

/* What a pixel should come out as. */
static uint8_t wanted_at(const struct kind *kind, size_t x, size_t y)
{
    unsigned first = sample_at(x, y, 0), colour[3] = {first, first, first}, cover = 255;
    if (kind->depth < 8 && kind->type == PNG_COLOR_TYPE_GRAY)
        return (uint8_t)((first >> (8 - kind->depth)) * 255 / ((1u << kind->depth) - 1));
    if (kind->type == PNG_COLOR_TYPE_PALETTE) {
        unsigned index = first >> (8 - kind->depth);
        colour[0] = index * 7 & 255, colour[1] = index * 11 & 255, colour[2] = index * 13 & 255;
        return grey_of(colour, index == 1 ? 40 : 255);
    }
    if (kind->channels > 2)
        colour[1] = sample_at(x, y, 1), colour[2] = sample_at(x, y, 2);
    if (kind->channels == 2 || kind->channels == 4)
        cover = sample_at(x, y, kind->channels - 1);
    return grey_of(colour, cover);
}

static void row_draw(const struct kind *kind, size_t width, size_t y, uint8_t *row)
{
    memset(row, 0, width * 8);
    for (size_t x = 0; x < width; x++)
        for (unsigned c = 0; c < kind->channels; c++) {
            size_t sample = x * kind->channels + c;
            if (kind->depth < 8)
                row[x * (unsigned)kind->depth / 8] |= (uint8_t)(sample_at(x, y, 0) >> (8 - kind->depth) << (8 - kind->depth - (int)(x * (unsigned)kind->depth % 8)));
            else
                row[sample * (unsigned)kind->depth / 8] = (uint8_t)sample_at(x, y, c); /* of 16 bits the first eight */
        }
}

static void more(png_structp png, png_bytep bytes, size_t len)
{
    buf_add(png_get_io_ptr(png), (struct span){(const char *)bytes, len});
}

static struct span drawn(struct arena *arena, const struct kind *kind, int filter, size_t chunk, bool woven, size_t width, size_t height)
{
    static uint8_t row[LARGE * 8];
    struct buf out = {.arena = arena};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color colours[256];
    png_byte cover[2] = {255, 40};
    assert_false(setjmp(png_jmpbuf(png)));
    png_set_write_fn(png, &out, more, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, kind->depth, kind->type, woven ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    for (unsigned i = 0; i < 256; i++)
        colours[i] = (png_color){(png_byte)(i * 7), (png_byte)(i * 11), (png_byte)(i * 13)};
    if (kind->type == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, colours, 1 << kind->depth);
        png_set_tRNS(png, info, cover, 2, NULL);
    }
    png_set_filter(png, PNG_FILTER_TYPE_BASE, filter);
    png_set_compression_buffer_size(png, chunk); /* so long is each IDAT */
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < height; y++) {
            row_draw(kind, width, y, row);
            png_write_row(png, row);
        }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return buf_span(&out);
}

static const struct kind kinds[] = {
    {PNG_COLOR_TYPE_GRAY, 1, 1},    {PNG_COLOR_TYPE_GRAY, 2, 1},       {PNG_COLOR_TYPE_GRAY, 4, 1},        {PNG_COLOR_TYPE_GRAY, 8, 1},        {PNG_COLOR_TYPE_GRAY, 16, 1},
    {PNG_COLOR_TYPE_RGB, 8, 3},     {PNG_COLOR_TYPE_RGB, 16, 3},       {PNG_COLOR_TYPE_PALETTE, 1, 1},     {PNG_COLOR_TYPE_PALETTE, 4, 1},     {PNG_COLOR_TYPE_PALETTE, 8, 1},
    {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2}, {PNG_COLOR_TYPE_GRAY_ALPHA, 16, 2}, {PNG_COLOR_TYPE_RGB_ALPHA, 8, 4}, {PNG_COLOR_TYPE_RGB_ALPHA, 16, 4},
};
static const int filters[] = {PNG_FILTER_NONE, PNG_FILTER_SUB, PNG_FILTER_UP, PNG_FILTER_AVG, PNG_FILTER_PAETH, PNG_ALL_FILTERS};

static void as_drawn(void **state)
{
    struct arena *arena = arena_new(1 << 26);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t f = 0; f < 2 * sizeof filters / sizeof *filters; f++) {
            struct span png = drawn(arena, &kinds[k], filters[f / 2], f % 4 ? 8192 : 64, f % 2, WIDTH, HEIGHT), whole = exact_bytes(png.at, png.len);
            struct grey grey = {0};
            assert_int_equal(png_grey(whole, MOST, &grey), PICTURE_READ);
            assert_true(grey.width == WIDTH && grey.height == HEIGHT);
            for (size_t i = 0; i < WIDTH * HEIGHT; i++)
                if (grey.at[i] != wanted_at(&kinds[k], i % WIDTH, i / WIDTH))
                    fail_msg("kind %d of depth %d, filter %#x, pixel %zu of row %zu: %d and not %d", kinds[k].type, kinds[k].depth, (unsigned)filters[f / 2], i % WIDTH, i / WIDTH,
                             grey.at[i], wanted_at(&kinds[k], i % WIDTH, i / WIDTH));
            grey_free(&grey);
            free((char *)(uintptr_t)whole.at);
        }
    arena_free(&arena);
}

/* 9.2 as it is written, sample by sample. */
static void undo_plainly(uint8_t *to, const uint8_t *above, size_t len, size_t step, unsigned filter)
{
    for (size_t x = 0; x < len; x++) {
        int left = x < step ? 0 : to[x - step], up = above[x], corner = x < step ? 0 : above[x - step], guess = left + up - corner;
        int a = abs(guess - left), b = abs(guess - up), c = abs(guess - corner), nearest = a <= b && a <= c ? left : b <= c ? up : corner;
        to[x] = (uint8_t)(to[x] + (filter == 1 ? left : filter == 2 ? up : filter == 3 ? (left + up) / 2 : filter == 4 ? nearest : 0));
    }
}

/* Rows of few colours, most of them as the one before, with one odd byte at every place. */
static void filters_are_undone_in_flat_rows(void **state)
{
    enum { ROW = 60, SLACK = 4 };
    uint32_t random = 1;
    for (size_t step = 1; step <= 8; step++)
        for (size_t round = 0; round < 3000; round++) {
            uint8_t *row = calloc(1, ROW + SLACK), *above = calloc(1, ROW + SLACK), wanted[ROW];
            size_t len = (ROW - round % 13) / step * step;
            for (size_t x = 0; x < len; x++)
                above[x] = x < step || (random = random * 1664525 + 1013904223) >> 28 == 0 ? (uint8_t)(random >> 16) : above[x - step];
            row[0] = round % 2 ? above[0] : 7;
            for (size_t i = 1; i < step && round % 2; i++)
                row[i] = above[i];
            row[round % len] = (uint8_t)(row[round % len] + (round % 3 ? 0 : random >> 9));
            memcpy(wanted, row, len);
            unsigned filter = (unsigned)(round / 2 % 6);
            undo_plainly(wanted, above, len, step, filter);
            png_filter_undo(row, above, len, step, filter);
            assert_memory_equal(row, wanted, len);
            free(row);
            free(above);
        }
}

static void made_smaller(void **state)
{
    static const struct kind sorts[] = {{PNG_COLOR_TYPE_GRAY, 8, 1}, {PNG_COLOR_TYPE_RGB, 8, 3}};
    static const size_t heights[] = {500, 1500, 3000, 4000};
    for (size_t i = 0; i < 4; i++) {
        struct arena *arena = arena_new(1 << 26);
        const struct kind *kind = &sorts[i % 2];
        const size_t times = i + 1, width = LARGE - (i ? 1 : 200);
        struct grey grey = {0};
        assert_int_equal(png_grey(drawn(arena, kind, PNG_FILTER_UP, 8192, false, width, heights[i]), 2 * MOST, &grey), PICTURE_READ);
        assert_true(grey.width == width / times && grey.height == heights[i] / times);
        for (size_t at = 0; at < grey.width * grey.height; at += 1 + at % 5) {
            size_t sum = 0;
            for (size_t part = 0; part < times * times; part++)
                sum += wanted_at(kind, at % grey.width * times + part % times, at / grey.width * times + part / times);
            assert_int_equal(grey.at[at], sum / (times * times));
        }
        grey_free(&grey);
        arena_free(&arena);
    }
}

/* Of a large woven picture one pixel stays of some each way. */
static void woven_made_smaller(void **state)
{
    struct arena *arena = arena_new(1 << 26);
    const struct kind kind = {PNG_COLOR_TYPE_GRAY, 8, 1};
    struct grey grey = {0};
    assert_int_equal(png_grey(drawn(arena, &kind, PNG_ALL_FILTERS, 8192, true, LARGE, LARGE - 7), MOST, &grey), PICTURE_READ);
    assert_true(grey.width * grey.height <= WORK_PIXELS && grey.width * grey.height >= WORK_PIXELS / 8);
    size_t times = LARGE / grey.width;
    for (size_t i = 0; i < grey.width * grey.height; i++)
        assert_int_equal(grey.at[i], wanted_at(&kind, i % grey.width * times, i / grey.width * times));
    grey_free(&grey);
    arena_free(&arena);
}

/* What is there of a picture that is cut off comes out, the rest is white; a head that cannot be is no picture. */
static void cut_and_wrong(void **state)
{
    struct arena *arena = arena_new(1 << 26);
    const struct kind kind = {PNG_COLOR_TYPE_RGB, 8, 3};
    struct span png = drawn(arena, &kind, PNG_FILTER_PAETH, 8192, false, WIDTH, HEIGHT);
    struct grey grey = {0};
    assert_int_equal(png_grey(span_first(png, png.len / 2), MOST, &grey), PICTURE_CUT);
    assert_int_equal(grey.at[WIDTH * 3 + 5], wanted_at(&kind, 5, 3));
    assert_int_equal(grey.at[WIDTH * HEIGHT - 1], 255);
    grey_free(&grey);
    static const struct {
        size_t at;
        char byte;
        enum picture_state state;
    } rows[] = {{1, 'Q', PICTURE_BROKEN}, {12, 'X', PICTURE_BROKEN}, {24, 3, PICTURE_BROKEN}, {24, 4, PICTURE_BROKEN}, {25, 1, PICTURE_BROKEN}, {25, 3, PICTURE_BROKEN},
                {26, 1, PICTURE_BROKEN}, {28, 2, PICTURE_BROKEN}, {16, 0x10, PICTURE_SMALL}, {18, 0x10, PICTURE_SMALL}, {29, 'X', PICTURE_READ}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span copy = arena_copy(arena, png);
        ((char *)(uintptr_t)copy.at)[rows[i].at] = rows[i].byte;
        assert_int_equal(png_grey(copy, MOST, &grey), rows[i].state);
        grey_free(&grey);
    }
    assert_int_equal(png_grey(png, WIDTH * HEIGHT - 1, &grey), PICTURE_TOO_LARGE);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_drawn), cmocka_unit_test(filters_are_undone_in_flat_rows), cmocka_unit_test(made_smaller),
                                       cmocka_unit_test(woven_made_smaller), cmocka_unit_test(cut_and_wrong)};
    return cmocka_run_group_tests(tests, rooms_setup, rooms_teardown);
}
