/* JPEG and GIF to grey. The libraries are told to be silent; what they jump out of holds nothing that must be freed. */
#include "content/picture.h"

#include <gif_lib.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

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
    info->do_block_smoothing = FALSE;
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
