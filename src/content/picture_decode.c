/* PNG, JPEG and GIF to grey. The libraries are told to be silent; what they jump out of holds nothing that must be freed. */
#include "content/picture.h"

#include <gif_lib.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>

enum { SCANS_MOST = 60 }; /* of a progressive JPEG: each is a walk over all pixels */

void grey_free(struct grey *grey)
{
    free(grey->at);
    grey->at = NULL;
}

/* Codes are square: what is very small or very long shows none that a telephone could read. */
enum picture_state size_judge(size_t width, size_t height, size_t most)
{
    if (width < PICTURE_LEAST || height < PICTURE_LEAST || width > SIDES_MOST * height || height > SIDES_MOST * width)
        return PICTURE_SMALL;
    return width > most / height ? PICTURE_TOO_LARGE : PICTURE_READ;
}

/* ---- PNG, row by row. Check sums are not looked at: what shows in readers all the same is read here too. */
struct png_reading {
    png_structp png;
    png_infop info;
    struct span rest;
    png_color *colours;          /* of a palette */
    int channels;
    uint8_t shades[256];         /* of a palette: the grey of each colour */
    uint8_t *row;                /* as it is in the file */
    uint16_t *sums;              /* of `times` rows, each `times` pixels */
    size_t width, times;
};

static void png_silent(png_structp png, png_const_charp words)
{
}

static void __attribute__((noreturn)) png_failed(png_structp png, png_const_charp words)
{
    png_longjmp(png, 1);
}

static void png_more(png_structp png, png_bytep to, size_t len)
{
    struct span *rest = png_get_io_ptr(png);
    if (rest->len < len)
        png_failed(png, "");
    memcpy(to, rest->at, len);
    *rest = span_skip(*rest, len);
}

static inline uint8_t grey_on_white(unsigned red, unsigned green, unsigned blue, unsigned cover)
{
    unsigned grey = (red * 77 + green * 151 + blue * 28) >> 8;
    return cover == 255 ? (uint8_t)grey : (uint8_t)(255 - (255 - grey) * cover / 255);
}

static void png_shades(struct png_reading *r)
{
    int count = 0, clear_count = 0;
    png_bytep clear = NULL;
    memset(r->shades, 255, sizeof r->shades);
    png_get_PLTE(r->png, r->info, &r->colours, &count);
    png_get_tRNS(r->png, r->info, &clear, &clear_count, NULL);
    for (int i = 0; r->colours && i < count && i < 256; i++)
        r->shades[i] = grey_on_white(r->colours[i].red, r->colours[i].green, r->colours[i].blue, clear && i < clear_count ? clear[i] : 255);
}

/* Bytes a sample, no fewer bits; samples of a palette stay numbers. */
static void png_prepare(struct png_reading *r)
{
    png_byte type = png_get_color_type(r->png, r->info);
    if (type == PNG_COLOR_TYPE_PALETTE) {
        png_set_packing(r->png);
        png_shades(r);
    } else {
        png_set_expand_gray_1_2_4_to_8(r->png);
        png_set_strip_16(r->png);
    }
    png_read_update_info(r->png, r->info);
    r->channels = png_get_channels(r->png, r->info);
}

static void row_to_grey(const struct png_reading *r, uint8_t *to)
{
    const uint8_t *at = r->row;
    if (r->colours)
        for (size_t x = 0; x < r->width; x++)
            to[x] = r->shades[at[x]];
    else if (r->channels == 2)
        for (size_t x = 0; x < r->width; x++, at += 2)
            to[x] = grey_on_white(at[0], at[0], at[0], at[1]);
    else if (r->channels == 3)
        for (size_t x = 0; x < r->width; x++, at += 3)
            to[x] = (uint8_t)((at[0] * 77 + at[1] * 151 + at[2] * 28) >> 8);
    else if (r->channels == 4)
        for (size_t x = 0; x < r->width; x++, at += 4)
            to[x] = grey_on_white(at[0], at[1], at[2], at[3]);
    else
        memcpy(to, at, r->width);
}

static void row_add(const struct png_reading *r, size_t y, const struct grey *out)
{
    const size_t times = r->times;
    uint8_t *to = out->at + y / times * out->width;
    if (times == 1) {
        row_to_grey(r, to);
        return;
    }
    const uint8_t *at = r->row;
    row_to_grey(r, r->row); /* no sample lies before the one it becomes */
    for (size_t x = 0; x < out->width; x++)
        for (size_t i = 0; i < times; i++)
            r->sums[x] = (uint16_t)(r->sums[x] + *at++);
    if ((y + 1) % times)
        return;
    for (size_t x = 0; x < out->width; x++)
        to[x] = (uint8_t)(r->sums[x] / (times * times));
    memset(r->sums, 0, out->width * sizeof *r->sums);
}

static void png_rows(struct png_reading *r, struct grey *out)
{
    for (size_t y = 0; y < out->height * r->times; y++) {
        png_read_row(r->png, r->row, NULL);
        row_add(r, y, out);
    }
}

/* Up to the first row; out gets its size. Rows woven into one another are left to png_woven. */
static enum picture_state png_start(struct png_reading *r, size_t most, struct grey *out)
{
    enum { CHUNK_MOST = 65536, TIMES_MOST = 16 };
    png_set_read_fn(r->png, &r->rest, png_more);
    png_set_crc_action(r->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    png_set_option(r->png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_chunk_malloc_max(r->png, CHUNK_MOST);
    png_read_info(r->png, r->info);
    size_t width = png_get_image_width(r->png, r->info), height = png_get_image_height(r->png, r->info);
    bool woven = png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE; /* kept whole */
    enum picture_state state = size_judge(width, height, most);
    if (state != PICTURE_READ)
        return state;
    if (woven)
        return PICTURE_WOVEN;
    for (r->times = 1; width / r->times * (height / r->times) > WORK_PIXELS && r->times < TIMES_MOST;)
        r->times++;
    r->width = width;
    out->width = width / r->times;
    out->height = height / r->times;
    png_prepare(r);
    r->row = malloc(png_get_rowbytes(r->png, r->info));
    r->sums = calloc(out->width, sizeof *r->sums);
    out->at = malloc(out->width * out->height);
    if (out->at)
        memset(out->at, 255, out->width * out->height);
    return r->row && r->sums && out->at ? PICTURE_READ : PICTURE_BROKEN;
}

static enum picture_state png_by_rows(struct span bytes, size_t most, struct grey *out)
{
    struct png_reading r = {.rest = bytes};
    volatile enum picture_state state = PICTURE_BROKEN;
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, png_failed, png_silent);
    r.info = r.png ? png_create_info_struct(r.png) : NULL;
    if (r.info && !setjmp(png_jmpbuf(r.png))) {
        state = png_start(&r, most, out);
        if (state == PICTURE_READ)
            png_rows(&r, out);
    } else if (r.info && state == PICTURE_READ) { /* what was read before the fault is looked at all the same */
        state = PICTURE_CUT;
    }
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.row);
    free(r.sums);
    return state;
}

/* By libpng's simple face, which keeps the whole picture. */
static enum picture_state png_woven(struct span bytes, struct grey *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    png_color white = {255, 255, 255};
    if (!png_image_begin_read_from_memory(&image, bytes.at, bytes.len))
        return PICTURE_BROKEN;
    image.format = PNG_FORMAT_GRAY;
    out->width = image.width;
    out->height = image.height;
    out->at = malloc((size_t)image.width * image.height);
    bool read = out->at && png_image_finish_read(&image, &white, out->at, (png_int_32)image.width, NULL);
    png_image_free(&image);
    return read ? PICTURE_READ : PICTURE_BROKEN;
}

enum picture_state png_grey(struct span bytes, size_t most, struct grey *out)
{
    enum picture_state state = png_by_rows(bytes, most, out);
    return state == PICTURE_WOVEN ? png_woven(bytes, out) : state;
}

/* ---- JPEG */
struct jpeg_trouble {
    struct jpeg_error_mgr errors; /* first: libjpeg knows no other way back to the whole */
    jmp_buf back;
};

static void __attribute__((noreturn)) jpeg_failed(j_common_ptr info)
{
    longjmp(((struct jpeg_trouble *)info->err)->back, 1);
}

static void jpeg_silent(j_common_ptr info)
{
}

static void jpeg_silent_level(j_common_ptr info, int level)
{
}

static void jpeg_watch(j_common_ptr info)
{
    if (((j_decompress_ptr)info)->input_scan_number > SCANS_MOST)
        jpeg_failed(info);
}

/* Large ones are made smaller by eighths while they are read. */
static enum picture_state jpeg_start(j_decompress_ptr info, struct span bytes, size_t most, struct grey *out)
{
    jpeg_mem_src(info, (const unsigned char *)bytes.at, bytes.len);
    jpeg_read_header(info, TRUE);
    size_t times = jpeg_has_multiple_scans(info) ? 8 : 16; /* of several scans libjpeg keeps the whole picture, whatever is asked for */
    enum picture_state state = size_judge(info->image_width, info->image_height, most * times);
    if (state != PICTURE_READ)
        return state;
    info->out_color_space = JCS_GRAYSCALE;
    info->dct_method = JDCT_IFAST;
    info->do_fancy_upsampling = FALSE;
    info->scale_num = 8;
    info->scale_denom = 8;
    while (info->scale_num > 1 && (size_t)info->image_width * info->scale_num / 8 * (info->image_height * info->scale_num / 8) > WORK_PIXELS)
        info->scale_num /= 2;
    jpeg_calc_output_dimensions(info);
    out->width = info->output_width;
    out->height = info->output_height;
    return out->width && out->height ? PICTURE_READ : PICTURE_SMALL;
}

static void jpeg_lines(j_decompress_ptr info, struct grey *out)
{
    jpeg_start_decompress(info);
    while (info->output_scanline < info->output_height) {
        JSAMPROW row = out->at + (size_t)info->output_scanline * out->width;
        jpeg_read_scanlines(info, &row, 1);
    }
}

enum picture_state jpeg_grey(struct span bytes, size_t most, struct grey *out)
{
    struct jpeg_decompress_struct info = {0};
    struct jpeg_trouble trouble;
    struct jpeg_progress_mgr progress = {.progress_monitor = jpeg_watch};
    volatile enum picture_state state = PICTURE_BROKEN;
    info.err = jpeg_std_error(&trouble.errors);
    trouble.errors.error_exit = jpeg_failed;
    trouble.errors.output_message = jpeg_silent;
    trouble.errors.emit_message = jpeg_silent_level;
    if (!setjmp(trouble.back)) {
        jpeg_create_decompress(&info);
        info.progress = &progress;
        state = jpeg_start(&info, bytes, most, out);
        out->at = state == PICTURE_READ ? calloc(out->height, out->width) : NULL;
        if (out->at)
            jpeg_lines(&info, out);
    } else if (!out->at) { /* what was read before the fault is looked at all the same */
        state = PICTURE_BROKEN;
    }
    jpeg_destroy_decompress(&info);
    return state;
}

/* ---- GIF: the first picture of it that is of a size to be scanned */
static int gif_more(GifFileType *gif, GifByteType *to, int len)
{
    struct span *rest = gif->UserData;
    size_t n = (size_t)len < rest->len ? (size_t)len : rest->len;
    if (n)
        memcpy(to, rest->at, n);
    *rest = span_skip(*rest, n);
    return (int)n;
}

static uint8_t grey_of(const ColorMapObject *colours, unsigned index)
{
    if (!colours || (int)index >= colours->ColorCount)
        return 255;
    GifColorType c = colours->Colors[index];
    return (uint8_t)((c.Red * 77 + c.Green * 151 + c.Blue * 28) >> 8);
}

static bool gif_frame_read(GifFileType *gif, size_t most, struct grey *out)
{
    static const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    const GifImageDesc *frame = &gif->Image;
    const ColorMapObject *colours = frame->ColorMap ? frame->ColorMap : gif->SColorMap;
    if (size_judge((size_t)frame->Width, (size_t)frame->Height, most) != PICTURE_READ)
        return false;
    out->width = (size_t)frame->Width;
    out->height = (size_t)frame->Height;
    out->at = malloc(out->width * out->height);
    if (!out->at)
        return false;
    memset(out->at, 255, out->width * out->height);
    int passes = frame->Interlace ? 4 : 1;
    for (int pass = 0; pass < passes; pass++)
        for (int y = frame->Interlace ? starts[pass] : 0; y < frame->Height; y += frame->Interlace ? steps[pass] : 1) {
            uint8_t *row = out->at + (size_t)y * out->width;
            if (DGifGetLine(gif, row, frame->Width) != GIF_OK)
                return true;
            for (size_t x = 0; x < out->width; x++)
                row[x] = grey_of(colours, row[x]);
        }
    return true;
}

/* A frame that shows nothing is passed over with its bytes as they are. */
static bool gif_frame_pass(GifFileType *gif)
{
    int size;
    GifByteType *block;
    bool going = DGifGetCode(gif, &size, &block) == GIF_OK;
    while (going && block)
        going = DGifGetCodeNext(gif, &block) == GIF_OK;
    return going;
}

static bool gif_extension_pass(GifFileType *gif)
{
    int code;
    GifByteType *block;
    bool going = DGifGetExtension(gif, &code, &block) == GIF_OK;
    while (going && block)
        going = DGifGetExtensionNext(gif, &block) == GIF_OK;
    return going;
}

/* The size of the screen is not asked for: readers widen it to the first frame. */
enum picture_state gif_grey(struct span bytes, size_t most, struct grey *out)
{
    int error;
    GifFileType *gif = DGifOpen(&bytes, gif_more, &error);
    if (!gif)
        return PICTURE_BROKEN;
    enum { FRAMES_MOST = 20 }; /* giflib keeps something of each */
    enum picture_state state = PICTURE_BROKEN;
    bool going = true;
    int frames = 0;
    GifRecordType kind;
    while (going && DGifGetRecordType(gif, &kind) == GIF_OK && kind != TERMINATE_RECORD_TYPE) {
        if (kind == EXTENSION_RECORD_TYPE) {
            going = gif_extension_pass(gif);
        } else if (kind == IMAGE_DESC_RECORD_TYPE) {
            going = DGifGetImageDesc(gif) == GIF_OK;
            state = going ? size_judge((size_t)gif->Image.Width, (size_t)gif->Image.Height, most) : state;
            if (state == PICTURE_SMALL && ++frames == FRAMES_MOST)
                state = PICTURE_TOO_LARGE;
            going = going && state == PICTURE_SMALL && gif_frame_pass(gif);
            if (state == PICTURE_READ && !gif_frame_read(gif, most, out))
                state = PICTURE_BROKEN;
        }
    }
    DGifCloseFile(gif, &error);
    return state;
}
