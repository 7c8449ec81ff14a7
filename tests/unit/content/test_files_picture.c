/* QR codes in PNG, JPEG, GIF and WebP, and in PDF files. The code below holds https://elsewhere.example.net/q and was drawn by qrencode 4. */
#include "files_world.h"

#include <gif_lib.h>
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <stdlib.h>
#include <webp/encode.h>
#include <zlib.h>

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
    limits.image_pixels = 2000; /* a fifth of what may be */
    struct span png = png_made(w->arena, grey, draw(grey, 4, false));
    files_world_read(w, &limits, "image/png", "a.png", png);
    assert_true(w->files.traits & FILE_PARTLY_READ && !(w->files.traits & (FILE_QR | FILE_NOT_WHOLLY_READ)));
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

static struct span webp_made(struct arena *arena, const uint8_t *grey, size_t side, bool plain)
{
    uint8_t *colours = arena_alloc(arena, side * side * 3), *out = NULL;
    for (size_t i = 0; i < side * side * 3; i++)
        colours[i] = grey[i / 3];
    int each = (int)side;
    size_t size = plain ? WebPEncodeRGB(colours, each, each, each * 3, 60, &out) : WebPEncodeLosslessRGB(colours, each, each, each * 3, &out);
    struct span made = arena_copy(arena, (struct span){(char *)out, size});
    WebPFree(out);
    return made;
}

static const char leads[] = "https://elsewhere.example.net/q";

static void webp(void **state)
{
    struct files_world *w = *state;
    static uint8_t grey[SIDE_MOST * SIDE_MOST];
    static const unsigned pixels[] = {5, 5, 30};
    for (unsigned i = 0; i < 3; i++) {
        size_t side = draw(grey, pixels[i], false);
        struct files_sample sample = {"WebP", "image/webp", "a.webp", webp_made(w->arena, grey, side, i == 0), FILE_QR, FILE_PARTLY_READ, leads, NULL};
        files_sample_check(w, &sample);
        if (i == 2)
            continue;
        struct span whole = webp_made(w->arena, grey, side, i == 0);
        whole = exact_bytes(whole.at, whole.len);
        for (size_t len = 0; len < whole.len; len += 37) {
            files_world_read(w, NULL, "image/webp", "a.webp", span_first(whole, len));
            files_world_done(w);
        }
        free((char *)(uintptr_t)whole.at);
    }
    struct files_sample photo = {"no reader for it", "image/heic", "a.heic", S("\0\0\0\x18" "ftypheic\0\0\0\0mif1heic"), FILE_PARTLY_READ, FILE_NOT_WHOLLY_READ | FILE_BROKEN, NULL, NULL};
    files_sample_check(w, &photo);
}

/* ---- pictures in PDF files: samples of so many bits */
struct pdf_row {
    const char *label, *more; /* more: of the dictionary */
    unsigned pixels, bits, samples;
    bool inverted, filtered;
};
static const struct pdf_row pdf_rows[] = {
    {"grey", "", 5, 8, 1, false, false},
    {"a sample a module", "", 1, 8, 1, false, false},
    {"colours", "", 5, 8, 3, false, false},
    {"inks", "", 5, 8, 4, true, false}, /* no ink is light */
    {"a bit a pixel", "", 5, 1, 1, false, false},
    {"a mask turned over", "/ImageMask true", 5, 1, 1, true, false},
    {"numbers of colours", "", 5, 4, 1, true, false},
    {"filters of PNG", "/DecodeParms<</Predictor 15/Colors 3/Columns 185>>", 5, 8, 3, false, true},
};

static size_t samples_put(uint8_t *out, const uint8_t *grey, size_t side, const struct pdf_row *row)
{
    size_t bytes = (side * row->samples * row->bits + 7) / 8, len = 0;
    for (size_t y = 0; y < side; y++) {
        unsigned filter = row->filtered ? (unsigned)y % 3 : 0; /* none, left, up */
        if (row->filtered)
            out[len++] = (uint8_t)filter;
        uint8_t *to = out + len;
        memset(to, 0, bytes);
        for (size_t x = 0; x < side * row->samples; x++) {
            uint8_t shade = grey[y * side + x / row->samples];
            uint8_t left = x >= row->samples ? grey[y * side + x / row->samples - 1] : 0, up = y ? grey[(y - 1) * side + x / row->samples] : 0;
            if (row->samples == 4)
                shade = x % 4 == 3 ? shade : 0;
            if (row->bits == 8)
                to[x] = (uint8_t)(shade - (filter == 1 ? left : filter == 2 ? up : 0));
            else
                to[x * row->bits / 8] |= (uint8_t)((shade > 127) << (8 - row->bits - x * row->bits % 8));
        }
        len += bytes;
    }
    return len;
}

static void pdf_pictures(void **state)
{
    struct files_world *w = *state;
    static uint8_t grey[SIDE_MOST * SIDE_MOST], samples[4 * 200 * 200];
    for (size_t i = 0; i < sizeof pdf_rows / sizeof *pdf_rows; i++) {
        const struct pdf_row *row = &pdf_rows[i];
        size_t side = draw(grey, row->pixels, row->inverted), len = samples_put(samples, grey, side, row);
        uLongf packed_len = compressBound(len);
        Bytef *packed = arena_alloc(w->arena, packed_len);
        assert_int_equal(compress(packed, &packed_len, samples, len), Z_OK);
        struct buf file = {.arena = w->arena};
        buf_print(&file, "%%PDF-1.4\n5 0 obj<</Type/XObject/Subtype/Image/Width %zu/Height %zu/BitsPerComponent %u%s/Filter/FlateDecode>>stream\n", side, side,
                  row->bits, row->more);
        buf_add(&file, (struct span){(char *)packed, packed_len});
        buf_add(&file, S("\nendstream endobj"));
        struct files_sample sample = {row->label, "application/pdf", "a.pdf", buf_span(&file), FILE_PDF | FILE_QR, FILE_PARTLY_READ, leads, NULL};
        files_sample_check(w, &sample);
    }
    struct buf file = {.arena = w->arena};
    buf_add(&file, S("%PDF-1.4\n5 0 obj<</Subtype/Image/Width 185/Height 185/Filter/DCTDecode>>stream\n"));
    buf_add(&file, jpeg_made(w->arena, grey, draw(grey, 5, false)));
    buf_add(&file, S("\nendstream endobj"));
    struct files_sample sample = {"JPEG", "application/pdf", "a.pdf", buf_span(&file), FILE_PDF | FILE_QR, 0, leads, NULL};
    files_sample_check(w, &sample);
}

/* Fewer samples than the head promises, sizes that overflow. */
static void pdf_pictures_wrong(void **state)
{
    static const char *const sizes[] = {"/Width 100/Height 100/BitsPerComponent 8", "/Width 4294967295/Height 4294967295", "/Width 0/Height 0", "/Width 30/Height 4294967295",
                                        "/Width 30/Height 30/BitsPerComponent 77", "/Width 30/Height 30/BitsPerComponent 2/Predictor 12", "/Height 30"};
    struct files_world *w = *state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buf file = {.arena = w->arena};
        buf_print(&file, "%%PDF-1.4\n5 0 obj<</Subtype/Image%s>>stream\nabcdefghijklmnopqrstuvwxyz\nendstream endobj", sizes[i]);
        files_world_read(w, NULL, "application/pdf", "a.pdf", buf_span(&file));
        assert_false(w->files.traits & FILE_QR);
        files_world_done(w);
    }
}

/* A letter with many pictures: those that are long, or larger, wait behind the code. */
static void decoys(void **state)
{
    struct files_world *w = *state;
    static uint8_t grey[SIDE_MOST * SIDE_MOST];
    struct message_limits message_limits;
    struct file_limits limits;
    struct buf mail = {.arena = w->arena};
    message_limits_default(&message_limits);
    file_limits_default(&limits);
    limits.images = 3;
    size_t side = draw(grey, 0, false);
    struct span decoy = png_made(w->arena, grey, side), hidden = png_made(w->arena, grey, draw(grey, 4, false));
    buf_add(&mail, S("From: a@brand.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"));
    for (int i = 0; i < 6; i++) {
        buf_add(&mail, S("--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"));
        buf_add(&mail, i < 5 ? decoy : hidden);
        buf_add(&mail, S("\r\n"));
    }
    buf_add(&mail, S("--b--\r\n"));
    struct arrival arrival = {.raw = buf_span(&mail), .received_at = TIME_UNKNOWN};
    message_parse(w->arena, &message_limits, w->tables, &arrival, &w->message);
    content_files_read(w->arena, &limits, w->tables, &w->message, &w->files);
    assert_int_equal(w->files.list.len, 6);
    assert_true(w->files.list.at[5].traits & FILE_QR);
    assert_true(w->files.traits & FILE_PARTLY_READ);
    arena_reset(w->arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_picture), cmocka_unit_test(limits_of_pictures), cmocka_unit_test(webp), cmocka_unit_test(pdf_pictures),
                                       cmocka_unit_test(pdf_pictures_wrong), cmocka_unit_test(decoys)};
    return cmocka_run_group_tests(tests, rooms_setup, rooms_teardown);
}
