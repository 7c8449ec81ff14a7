/* QR codes in PNG, JPEG and GIF. The code below holds https://elsewhere.example.net/q and was drawn by qrencode 4. */
#include "files_world.h"

#include <gif_lib.h>
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>

static const char *const code[] = {
    "####### #  ##  ##  ## #######",
    "#     # ###   ## #    #     #",
    "# ### #  # # ###   ## # ### #",
    "# ### # # # #   ## #  # ### #",
    "# ### #      #     #  # ### #",
    "#     #  #### #   ### #     #",
    "####### # # # # # # # #######",
    "        ##   ##  #  #        ",
    "# ## ### #   ## ####  #  # ##",
    " ### # ##  ##  ## ### ###   #",
    " ###  # #   # ## ## ##    ## ",
    "## # # #   # ###  ## # #    #",
    " #   ### # ##   #####    ##  ",
    " # #    # # ##     #  #   ###",
    "# ## ###    # #  ####  ## ###",
    "# ## #  #  ### #  # ##  #  # ",
    "   ## # # ###     # ##  ## # ",
    " # #      ## #   #  #  # ### ",
    "#     ##  ###    #      # #  ",
    "  ##     ## #  ### # #  # #  ",
    " ## # ###   ## #### #######  ",
    "        ## #####  # #   #####",
    "####### #### #  ##### # ## # ",
    "#     # #   #   # ###   ## # ",
    "# ### #   ##  ####  ##### # #",
    "# ### # #   # ######## ### # ",
    "# ### # ##### #   #  # #  # #",
    "#     #         # # ## ### # ",
    "####### ##  # ##   ## #    # ",
};
enum { MODULES = sizeof code / sizeof *code, QUIET = 4, SIDE_MOST = 1200 };

/* The code in black on white, or turned about, each module so many pixels; 0: a picture without one. */
static size_t draw(uint8_t *grey, unsigned pixels, bool inverted)
{
    size_t side = pixels ? (MODULES + 2 * QUIET) * pixels : 300;
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++) {
            size_t row = pixels ? y / pixels - QUIET : MODULES, column = pixels ? x / pixels - QUIET : MODULES;
            bool dark = row < MODULES && column < MODULES && code[row][column] == '#';
            uint8_t shade = pixels ? (dark ? 0 : 255) : (uint8_t)((x * y / 40 + x * 3) & 255);
            grey[y * side + x] = inverted ? (uint8_t)(255 - shade) : shade;
        }
    return side;
}

static struct span png_made(struct arena *arena, const uint8_t *grey, size_t side)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)side, .height = (png_uint_32)side, .format = PNG_FORMAT_GRAY};
    png_alloc_size_t size = 0;
    assert_true(png_image_write_to_memory(&image, NULL, &size, 0, grey, 0, NULL));
    char *out = arena_alloc(arena, size);
    assert_true(png_image_write_to_memory(&image, out, &size, 0, grey, 0, NULL));
    return (struct span){out, size};
}

/* Light is where nothing is: what shows behind it is white. */
static struct span png_clear_made(struct arena *arena, const uint8_t *grey, size_t side)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)side, .height = (png_uint_32)side, .format = PNG_FORMAT_RGBA};
    png_alloc_size_t size = 0;
    uint8_t *pixels = arena_alloc(arena, side * side * 4);
    for (size_t i = 0; i < side * side; i++)
        pixels[4 * i + 3] = (uint8_t)(255 - grey[i]);
    assert_true(png_image_write_to_memory(&image, NULL, &size, 0, pixels, 0, NULL));
    char *out = arena_alloc(arena, size);
    assert_true(png_image_write_to_memory(&image, out, &size, 0, pixels, 0, NULL));
    return (struct span){out, size};
}

static struct span png_palette_made(struct arena *arena, const uint8_t *grey, size_t side)
{
    static const uint8_t colours[] = {120, 0, 0, 255, 255, 220};
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)side, .height = (png_uint_32)side,
                       .format = PNG_FORMAT_RGB_COLORMAP, .colormap_entries = 2};
    png_alloc_size_t size = 0;
    uint8_t *pixels = arena_alloc(arena, side * side);
    for (size_t i = 0; i < side * side; i++)
        pixels[i] = grey[i] > 127;
    assert_true(png_image_write_to_memory(&image, NULL, &size, 0, pixels, 0, colours));
    char *out = arena_alloc(arena, size);
    assert_true(png_image_write_to_memory(&image, out, &size, 0, pixels, 0, colours));
    return (struct span){out, size};
}

static struct span jpeg_made(struct arena *arena, const uint8_t *grey, size_t side)
{
    struct jpeg_compress_struct info = {0};
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    unsigned long size = 0;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &out, &size);
    info.image_width = info.image_height = (JDIMENSION)side;
    info.input_components = 1;
    info.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    for (size_t y = 0; y < side; y++) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(grey + y * side);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    struct span copy = arena_copy(arena, (struct span){(char *)out, size});
    free(out);
    return copy;
}

static int gif_keep(GifFileType *gif, const GifByteType *bytes, int len)
{
    buf_add(gif->UserData, (struct span){(const char *)bytes, (size_t)len});
    return len;
}

static struct span gif_made(struct arena *arena, const uint8_t *grey, size_t side)
{
    struct buf out = {.arena = arena};
    int error;
    GifColorType colours[2] = {{0, 0, 0}, {255, 255, 255}};
    ColorMapObject *map = GifMakeMapObject(2, colours);
    GifFileType *gif = EGifOpen(&out, gif_keep, &error);
    assert_non_null(gif);
    EGifPutScreenDesc(gif, (int)side, (int)side, 1, 0, map);
    EGifPutImageDesc(gif, 0, 0, (int)side, (int)side, false, NULL);
    for (size_t y = 0; y < side; y++) {
        GifPixelType row[SIDE_MOST];
        for (size_t x = 0; x < side; x++)
            row[x] = grey[y * side + x] > 127;
        EGifPutLine(gif, row, (int)side);
    }
    EGifCloseFile(gif, &error);
    GifFreeMapObject(map);
    return buf_span(&out);
}

/* A screen of one pixel and a frame of one pixel before the picture. */
static struct span gif_hidden_made(struct arena *arena, const uint8_t *grey, size_t side)
{
    static const char dot[] = ",\0\0\0\0\1\0\1\0\0\2\2\104\1"; /* ends with the nought of the literal */
    struct span plain = gif_made(arena, grey, side);
    const size_t head = 6 + 7 + 2 * 3;
    struct buf out = {.arena = arena};
    buf_add(&out, span_first(plain, 6));
    buf_add(&out, S("\1\0\1\0"));
    buf_add(&out, span_first(span_skip(plain, 10), head - 10));
    buf_add(&out, (struct span){dot, sizeof dot});
    buf_add(&out, span_skip(plain, head));
    return buf_span(&out);
}

static const struct {
    const char *label, *type, *name;
    struct span (*make)(struct arena *arena, const uint8_t *grey, size_t side);
    unsigned pixels;
    bool inverted, found;
} pictures[] = {
    {"a PNG", "image/png", "a.png", png_made, 4, false, true},
    {"a large PNG", "image/png", "a.png", png_made, 16, false, true},
    {"a PNG that is made smaller", "image/png", "a.png", png_made, 30, false, true},
    {"a PNG on nothing", "image/png", "a.png", png_clear_made, 4, false, true},
    {"a PNG on nothing that is made smaller", "image/png", "a.png", png_clear_made, 30, false, true},
    {"a PNG of few colours", "image/png", "a.png", png_palette_made, 3, false, true},
    {"a PNG of few colours that is made smaller", "image/png", "a.png", png_palette_made, 30, false, true},
    {"a PNG of few colours without a code", "image/png", "a.png", png_palette_made, 0, false, false},
    {"a PNG without a code", "image/png", "a.png", png_made, 0, false, false},
    {"a PNG of a size that nobody scans", "image/png", "a.png", png_made, 1, false, false},
    {"a JPEG", "image/jpeg", "a.jpg", jpeg_made, 6, false, true},
    {"a JPEG that is made smaller", "image/jpeg", "a.jpg", jpeg_made, 30, false, true},
    {"a JPEG without a code", "image/jpeg", "a.jpg", jpeg_made, 0, false, false},
    {"a GIF", "image/gif", "a.gif", gif_made, 3, false, true},
    {"a GIF behind one pixel", "image/gif", "a.gif", gif_hidden_made, 3, false, true},
    {"a GIF without a code", "image/gif", "a.gif", gif_made, 0, false, false},
    {"a picture called something else", "application/octet-stream", "a.dat", png_made, 4, false, true},
};

static void each_picture(void **state)
{
    struct files_world *w = *state;
    static uint8_t grey[SIDE_MOST * SIDE_MOST];
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        size_t side = draw(grey, pictures[i].pixels, pictures[i].inverted);
        struct files_sample sample = {pictures[i].label, pictures[i].type, pictures[i].name, pictures[i].make(w->arena, grey, side),
                                      pictures[i].found ? FILE_QR : 0, (pictures[i].found ? 0 : FILE_QR) | FILE_BROKEN | FILE_NOT_WHOLLY_READ,
                                      pictures[i].found ? "https://elsewhere.example.net/q" : NULL, NULL};
        files_sample_check(w, &sample);
    }
}

/* Sizes are judged before anything is decoded; what is cut off does no harm. */
static void limits_of_pictures(void **state)
{
    struct files_world *w = *state;
    static uint8_t grey[SIDE_MOST * SIDE_MOST];
    struct file_limits limits;
    file_limits_default(&limits);
    limits.image_pixels = 10000;
    struct span png = png_made(w->arena, grey, draw(grey, 4, false));
    files_world_read(w, &limits, "image/png", "a.png", png);
    assert_true(w->files.traits & FILE_NOT_WHOLLY_READ && !(w->files.traits & FILE_QR));
    files_world_done(w);
    size_t side = draw(grey, 4, false);
    struct span whole[] = {png_made(w->arena, grey, side), jpeg_made(w->arena, grey, side), gif_made(w->arena, grey, side)};
    for (size_t i = 0; i < 3; i++)
        whole[i] = exact_bytes(whole[i].at, whole[i].len);
    for (size_t i = 0; i < 3; i++) {
        for (size_t len = 0; len < whole[i].len; len += 37) {
            files_world_read(w, NULL, "image/png", "a.png", span_first(whole[i], len));
            files_world_done(w);
        }
        free((char *)(uintptr_t)whole[i].at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_picture), cmocka_unit_test(limits_of_pictures)};
    return cmocka_run_group_tests(tests, rooms_setup, rooms_teardown);
}
