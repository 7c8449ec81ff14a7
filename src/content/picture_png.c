/* PNG (ISO/IEC 15948) to grey, row by row. libpng is not used: Debian builds it without SSE2, and undoing the filters of rows was a
 * quarter of what a message with pictures costs; of woven pictures it keeps the whole. Check sums are not looked at: what shows in
 * readers all the same is read here too. */
#include "content/picture.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { SLACK = 4, ROWS_BYTES = 128 << 10, TIMES_MOST = 16 };

struct png_reading {
    struct span chunks;          /* from the next one on */
    z_stream z;
    size_t width, height;
    size_t across;               /* pixels of a row: of a pass, where rows are woven into one another */
    unsigned depth, channels;
    bool palette, woven;
    uint8_t shades[256];         /* of a palette, or of grey of few bits: the grey of each number */
    size_t row, step;            /* bytes of a row without that of its filter; of a pixel, at least one */
    size_t many;                 /* rows that `rows` has room for */
    uint8_t *rows, *above;
    uint8_t *whole;              /* all rows inflated at once; NULL: they are inflated as they are read */
    size_t whole_len, whole_at;
    uint8_t *line;               /* one row made grey */
    uint16_t *sums;              /* of `times` rows, each `times` pixels */
    size_t times;
};

static void reading_end(struct png_reading *r)
{
    inflateEnd(&r->z);
    free(r->rows);
    free(r->whole);
    free(r->above);
    free(r->line);
    free(r->sums);
}

/* ---- filters, 9.2. `above` is never NULL; up to SLACK bytes behind a row may be read. */
static inline uint8_t paeth(uint8_t left, uint8_t up, uint8_t corner)
{
    int guess = left + up - corner, a = abs(guess - left), b = abs(guess - up), c = abs(guess - corner);
    return a <= b && a <= c ? left : b <= c ? up : corner;
}

#ifdef __SSE2__
/* The samples of one pixel side by side, each in 16 bits. */
static inline __m128i pixel_load(const uint8_t *at)
{
    int32_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return _mm_unpacklo_epi8(_mm_cvtsi32_si128(bytes), _mm_setzero_si128());
}

static inline void pixel_store(uint8_t *at, __m128i pixel, size_t step)
{
    int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(pixel, pixel));
    memcpy(at, &bytes, step);
}

static inline __m128i magnitude(__m128i v)
{
    return _mm_max_epi16(v, _mm_sub_epi16(_mm_setzero_si128(), v));
}

static inline __m128i either(__m128i mask, __m128i yes, __m128i no)
{
    return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

static inline __m128i paeth_pixel(__m128i left, __m128i up, __m128i corner)
{
    __m128i a = _mm_sub_epi16(up, corner), b = _mm_sub_epi16(left, corner), c = magnitude(_mm_add_epi16(a, b)); /* guess - left, - up, - corner */
    a = magnitude(a);
    b = magnitude(b);
    __m128i least = _mm_min_epi16(c, _mm_min_epi16(a, b));
    return either(_mm_cmpeq_epi16(least, a), left, either(_mm_cmpeq_epi16(least, b), up, corner));
}

/* Four pixels that are as all around them: nothing was added to any, and left, above and corner are one colour. Much of a drawn picture is
 * so, and each pixel by itself waits for the one before. `above` begins a pixel before. */
static inline bool __attribute__((always_inline)) pixels_fill(uint8_t *to, const uint8_t *above, const size_t step, __m128i left, __m128i corner)
{
    const int all = step == 4 ? 0xffff : 0xfff, one = step == 4 ? 0xff : 0x3f;
    __m128i added = _mm_loadu_si128((const __m128i *)to);
    if (all & ~_mm_movemask_epi8(_mm_cmpeq_epi8(added, _mm_setzero_si128())))
        return false;
    __m128i before = _mm_loadu_si128((const __m128i *)above), up = _mm_loadu_si128((const __m128i *)(above + step));
    if ((all & ~_mm_movemask_epi8(_mm_cmpeq_epi8(before, up))) | (one & ~_mm_movemask_epi8(_mm_cmpeq_epi16(left, corner))))
        return false;
    memcpy(to, above, 4 * step);
    return true;
}

/* Rows of pixels of three or four bytes: all samples of a pixel at once. */
static inline void __attribute__((always_inline)) pixels_undo(uint8_t *to, const uint8_t *above, size_t len, const size_t step, const unsigned filter)
{
    const __m128i byte = _mm_set1_epi16(0xff);
    __m128i left = _mm_setzero_si128(), corner = left;
    for (size_t x = 0; x + step <= len; x += step) {
        if (filter != 1 && x && x + 4 * step <= len && pixels_fill(to + x, above + x - step, step, left, corner)) {
            x += 3 * step;
            continue;
        }
        __m128i up = filter == 1 ? left : pixel_load(above + x);
        __m128i guess = filter == 1 ? left : filter == 3 ? _mm_srli_epi16(_mm_add_epi16(left, up), 1) : paeth_pixel(left, up, corner);
        left = _mm_and_si128(_mm_add_epi16(pixel_load(to + x), guess), byte);
        pixel_store(to + x, left, step);
        corner = up;
    }
}

static bool wide_undo(uint8_t *to, const uint8_t *above, size_t len, size_t step, unsigned filter)
{
#define CASE(step_, filter_)                                                                                                               \
    case step_ * 8 + filter_:                                                                                                              \
        pixels_undo(to, above, len, step_, filter_);                                                                                       \
        return true
    switch (step * 8 + filter) {
        CASE(3, 1);
        CASE(3, 3);
        CASE(3, 4);
        CASE(4, 1);
        CASE(4, 3);
        CASE(4, 4);
    }
#undef CASE
    return false;
}
#else
static bool wide_undo(uint8_t *to, const uint8_t *above, size_t len, size_t step, unsigned filter)
{
    return false;
}
#endif

void png_filter_undo(uint8_t *to, const uint8_t *above, size_t len, size_t step, unsigned filter)
{
    if (filter == 2) {
        for (size_t x = 0; x < len; x++)
            to[x] = (uint8_t)(to[x] + above[x]);
        return;
    }
    if (!filter || filter > 4 || wide_undo(to, above, len, step, filter))
        return;
    for (size_t x = 0; x < len; x++) {
        uint8_t left = x >= step ? to[x - step] : 0, corner = x >= step ? above[x - step] : 0;
        to[x] = (uint8_t)(to[x] + (filter == 1 ? left : filter == 3 ? (left + above[x]) / 2 : paeth(left, above[x], corner)));
    }
}

/* ---- chunks, 5.3 */
static uint32_t four(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

/* The next chunk; of one that is cut off, what is there. */
static bool chunk_next(struct span *chunks, struct span *name, struct span *data)
{
    if (chunks->len < 8)
        return false;
    *name = (struct span){chunks->at + 4, 4};
    *data = span_first(span_skip(*chunks, 8), four(chunks->at));
    *chunks = span_skip(*chunks, 8 + data->len + 4);
    return true;
}

static inline uint8_t grey_on_white(unsigned red, unsigned green, unsigned blue, unsigned cover)
{
    unsigned grey = (red * 77 + green * 151 + blue * 28) >> 8;
    return cover == 255 ? (uint8_t)grey : (uint8_t)(255 - (255 - grey) * cover / 255);
}

static void palette_take(struct png_reading *r, struct span colours, struct span cover)
{
    const unsigned char *at = (const unsigned char *)colours.at;
    memset(r->shades, 255, sizeof r->shades);
    for (size_t i = 0; i < colours.len / 3 && i < 256; i++, at += 3)
        r->shades[i] = grey_on_white(at[0], at[1], at[2], i < cover.len ? (unsigned char)cover.at[i] : 255);
}

/* 11.2.2: which depths a kind of picture may have, as a bit each; and samples a pixel. */
static bool header_take(struct png_reading *r, struct span data)
{
    static const struct {
        unsigned channels, depths;
    } kinds[7] = {[0] = {1, 1 | 2 | 4 | 8 | 16}, [2] = {3, 8 | 16}, [3] = {1, 1 | 2 | 4 | 8}, [4] = {2, 8 | 16}, [6] = {4, 8 | 16}};
    if (data.len < 13)
        return false;
    unsigned kind = (unsigned char)data.at[9];
    r->width = four(data.at);
    r->height = four(data.at + 4);
    r->depth = (unsigned char)data.at[8];
    r->palette = kind == 3;
    r->woven = data.at[12] != 0;
    if (kind > 6 || !kinds[kind].channels || !(kinds[kind].depths & r->depth) || (r->depth & (r->depth - 1)) || data.at[10] || data.at[11] || data.at[12] > 1)
        return false;
    r->channels = kinds[kind].channels;
    for (unsigned i = 0; r->depth < 8 && i < 1u << r->depth; i++)
        r->shades[i] = (uint8_t)(i * 255 / ((1u << r->depth) - 1));
    return true;
}

/* Up to the first bytes of the picture, which become what is to be inflated. */
static bool head_read(struct png_reading *r)
{
    struct span name, data, colours = {0}, cover = {0};
    if (!chunk_next(&r->chunks, &name, &data) || !span_eq(name, S("IHDR")) || !header_take(r, data))
        return false;
    while (chunk_next(&r->chunks, &name, &data) && !span_eq(name, S("IEND"))) {
        if (span_eq(name, S("PLTE")))
            colours = data;
        else if (span_eq(name, S("tRNS")))
            cover = data;
        else if (span_eq(name, S("IDAT"))) {
            if (r->palette)
                palette_take(r, colours, cover);
            r->z.next_in = (Bytef *)(uintptr_t)data.at;
            r->z.avail_in = (uInt)data.len;
            return !r->palette || colours.len;
        }
    }
    return false;
}

/* ---- rows */
/* The next whole rows, up to `wanted`; fewer where the file ends or is broken. */
static size_t rows_fill(struct png_reading *r, size_t wanted, uint8_t **at)
{
    struct span name, data;
    if (r->whole) {
        size_t there = (r->whole_len - r->whole_at) / (r->row + 1), got = wanted < there ? wanted : there;
        *at = r->whole + r->whole_at;
        r->whole_at += got * (r->row + 1);
        return got;
    }
    *at = r->rows;
    wanted = wanted < r->many ? wanted : r->many;
    r->z.next_out = r->rows;
    r->z.avail_out = (uInt)(wanted * (r->row + 1));
    while (r->z.avail_out) {
        if (inflate(&r->z, Z_NO_FLUSH) != Z_OK && r->z.avail_in)
            break;
        if (r->z.avail_in || !r->z.avail_out)
            continue;
        if (!chunk_next(&r->chunks, &name, &data) || !span_eq(name, S("IDAT")))
            break;
        r->z.next_in = (Bytef *)(uintptr_t)data.at;
        r->z.avail_in = (uInt)data.len;
    }
    return (size_t)(r->z.next_out - r->rows) / (r->row + 1);
}

/* `wide`: bytes a sample; of two the first tells. */
static inline void __attribute__((always_inline)) samples_to_grey(const uint8_t *at, uint8_t *to, size_t width, const unsigned channels, const unsigned wide)
{
    for (size_t x = 0; x < width; x++, at += (size_t)channels * wide)
        to[x] = channels == 1   ? at[0]
                : channels == 2 ? grey_on_white(at[0], at[0], at[0], at[wide])
                                : grey_on_white(at[0], at[wide], at[2 * wide], channels == 4 ? at[3 * wide] : 255);
}

#ifdef __SSE2__
/* 256 times the grey of four pixels whose first three bytes are red, green and blue. */
static inline __m128i colours_weigh(__m128i four)
{
    const __m128i bytes = _mm_set1_epi32(0xff00ff), red_blue = _mm_set1_epi32(28 << 16 | 77), green = _mm_set1_epi32(151);
    return _mm_add_epi32(_mm_madd_epi16(_mm_and_si128(four, bytes), red_blue), _mm_madd_epi16(_mm_and_si128(_mm_srli_epi32(four, 8), bytes), green));
}

static inline void greys_store(uint8_t *to, __m128i grey)
{
    grey = _mm_packs_epi32(grey, grey);
    int32_t packed = _mm_cvtsi128_si32(_mm_packus_epi16(grey, grey));
    memcpy(to, &packed, sizeof packed);
}

static inline int32_t four_bytes(const uint8_t *at)
{
    int32_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}
#endif

void colours_to_grey(const uint8_t *at, uint8_t *to, size_t width)
{
    size_t x = 0;
#ifdef __SSE2__
    for (; x + 5 <= width; x += 4) { /* a byte behind the fourth is read */
        const uint8_t *from = at + 3 * x;
        greys_store(to + x, _mm_srli_epi32(colours_weigh(_mm_set_epi32(four_bytes(from + 9), four_bytes(from + 6), four_bytes(from + 3), four_bytes(from))), 8));
    }
#endif
    samples_to_grey(at + 3 * x, to + x, width - x, 3, 1);
}

/* Pixels of four bytes, four at a time, on white. */
static void covered_to_grey(const uint8_t *at, uint8_t *to, size_t width)
{
    size_t x = 0;
#ifdef __SSE2__
    const __m128i white = _mm_set1_epi32(255), one = _mm_set1_epi32(1);
    for (; x + 4 <= width; x += 4) {
        __m128i four = _mm_loadu_si128((const __m128i *)(at + 4 * x));
        __m128i dark = _mm_madd_epi16(_mm_sub_epi32(white, _mm_srli_epi32(colours_weigh(four), 8)), _mm_srli_epi32(four, 24)); /* 255 times too much */
        dark = _mm_srli_epi32(_mm_add_epi32(_mm_add_epi32(dark, one), _mm_srli_epi32(dark, 8)), 8);             /* divided by 255, rounded down */
        greys_store(to + x, _mm_sub_epi32(white, dark));
    }
#endif
    samples_to_grey(at + 4 * x, to + x, width - x, 4, 1);
}

static void row_to_grey(const struct png_reading *r, const uint8_t *at, uint8_t *to)
{
    if (r->palette || r->depth < 8) {
        const unsigned mask = (1u << r->depth) - 1, each = 8 / r->depth;
        for (size_t x = 0; x < r->across; x++)
            to[x] = r->shades[each == 1 ? at[x] : at[x / each] >> (8 - r->depth - x % each * r->depth) & mask];
        return;
    }
    switch (r->channels * 2 + (r->depth == 16)) {
    case 2:
        samples_to_grey(at, to, r->across, 1, 1);
        break;
    case 4:
        samples_to_grey(at, to, r->across, 2, 1);
        break;
    case 6:
        colours_to_grey(at, to, r->across);
        break;
    case 8:
        covered_to_grey(at, to, r->across);
        break;
    default:
        samples_to_grey(at, to, r->across, r->channels, 2);
    }
}

/* The same of one pixel: of few bits, or of whole bytes. */
static inline uint8_t __attribute__((always_inline)) bits_grey(const struct png_reading *r, const uint8_t *row, size_t x)
{
    const size_t bit = x * r->depth;
    return r->shades[row[bit / 8] >> (8 - r->depth - bit % 8) & ((1u << r->depth) - 1)];
}

static uint8_t bytes_grey(const struct png_reading *r, const uint8_t *row, size_t x)
{
    const size_t wide = r->depth / 8;
    const uint8_t *at = row + x * r->step;
    if (r->channels < 3)
        return r->palette ? r->shades[at[0]] : grey_on_white(at[0], at[0], at[0], r->channels == 2 ? at[wide] : 255);
    return grey_on_white(at[0], at[wide], at[2 * wide], r->channels == 4 ? at[3 * wide] : 255);
}

static inline void __attribute__((always_inline)) sums_add(uint16_t *sums, const uint8_t *at, size_t width, const size_t times)
{
    for (size_t x = 0; x < width; x++) {
        unsigned sum = sums[x];
        for (size_t i = 0; i < times; i++)
            sum += at[x * times + i];
        sums[x] = (uint16_t)sum;
    }
}

static inline void __attribute__((always_inline)) sums_share(const uint16_t *sums, uint8_t *to, size_t width, const unsigned pixels)
{
    for (size_t x = 0; x < width; x++)
        to[x] = (uint8_t)(sums[x] / pixels);
}

/* `times` is 2 or 3 for nearly all pictures; a number that the compiler knows halves the work. */
static void row_add(struct png_reading *r, const uint8_t *row, size_t y, const struct grey *out)
{
    const size_t times = r->times;
    uint8_t *to = out->at + y / times * out->width;
    if (times == 1) {
        row_to_grey(r, row, to);
        return;
    }
    row_to_grey(r, row, r->line);
    if (times == 2)
        sums_add(r->sums, r->line, out->width, 2);
    else if (times == 3)
        sums_add(r->sums, r->line, out->width, 3);
    else
        sums_add(r->sums, r->line, out->width, times);
    if ((y + 1) % times)
        return;
    if (times == 2)
        sums_share(r->sums, to, out->width, 4);
    else if (times == 3)
        sums_share(r->sums, to, out->width, 9);
    else
        sums_share(r->sums, to, out->width, (unsigned)(times * times));
    memset(r->sums, 0, out->width * sizeof *r->sums);
}

/* One of the pictures that rows are woven from. */
struct pass {
    size_t x, y, right, down; /* where it begins, and how far its pixels stand apart */
};

static void row_place(struct png_reading *r, const struct pass *pass, const uint8_t *row, size_t y, const struct grey *out)
{
    if (!r->woven) {
        row_add(r, row, y, out);
        return;
    }
    const size_t times = r->times, at_row = pass->y + y * pass->down; /* where it is made smaller, of `times` pixels one stays */
    size_t first = 0, step = 1;
    if (at_row % times || at_row / times >= out->height)
        return;
    while (first < times && (pass->x + first * pass->right) % times)
        first++;
    while (step * pass->right % times)
        step++;
    uint8_t *to = out->at + at_row / times * out->width;
    if (first == times || first >= r->across)
        return;
    to += (pass->x + first * pass->right) / times;
    const size_t apart = step * pass->right / times, room = (size_t)(out->at + (at_row / times + 1) * out->width - to);
    const size_t there = (r->across - first + step - 1) / step, fits = (room + apart - 1) / apart, count = there < fits ? there : fits;
    for (size_t i = 0; r->depth < 8 && i < count; i++)
        to[i * apart] = bits_grey(r, row, first + i * step);
    for (size_t i = 0; r->depth >= 8 && i < count; i++)
        to[i * apart] = bytes_grey(r, row, first + i * step);
}

static bool pass_read(struct png_reading *r, const struct pass *pass, size_t rows, struct grey *out)
{
    r->across = (r->width - pass->x + pass->right - 1) / pass->right;
    r->row = (r->across * r->channels * r->depth + 7) / 8;
    memset(r->above, 0, r->row);
    for (size_t y = 0; y < rows;) {
        uint8_t *at;
        size_t got = rows_fill(r, rows - y, &at);
        if (!got)
            return false;
        const uint8_t *above = r->above;
        for (size_t i = 0; i < got; i++, y++, above = at + 1, at += r->row + 1) {
            png_filter_undo(at + 1, above, r->row, r->step, at[0]);
            row_place(r, pass, at + 1, y, out);
        }
        memcpy(r->above, above, r->row);
    }
    return true;
}

/* The bytes of all chunks of the picture, one behind the other; the caller frees *joined. */
static struct span packed_join(const struct png_reading *r, uint8_t **joined)
{
    struct span first = {(const char *)r->z.next_in, r->z.avail_in}, rest = r->chunks, name, data;
    if (!chunk_next(&rest, &name, &data) || !span_eq(name, S("IDAT")))
        return first;
    size_t len = first.len;
    *joined = malloc(len + r->chunks.len);
    if (!*joined)
        return (struct span){0};
    memcpy(*joined, first.at, len);
    for (rest = r->chunks; chunk_next(&rest, &name, &data) && span_eq(name, S("IDAT")); len += data.len)
        if (data.len)
            memcpy(*joined + len, data.at, data.len);
    return (struct span){(const char *)*joined, len};
}

/* libdeflate takes half of zlib's time, which is most of what a picture costs, but it wants to do the whole and gives nothing of what is
 * broken: then zlib reads as far as it goes. */
static void whole_inflate(struct png_reading *r)
{
    uint8_t *joined = NULL;
    struct span packed = packed_join(r, &joined);
    struct libdeflate_decompressor *inflating = libdeflate_alloc_decompressor();
    const size_t len = (r->row + 1) * r->height;
    uint8_t *whole = malloc(len + SLACK);
    if (inflating && whole && packed.len && libdeflate_zlib_decompress(inflating, packed.at, packed.len, whole, len, NULL) == LIBDEFLATE_SUCCESS) {
        r->whole = whole;
        r->whole_len = len;
        whole = NULL;
    }
    free(whole);
    free(joined);
    if (inflating)
        libdeflate_free_decompressor(inflating);
}

/* 8.2: seven pictures, each of pixels that stand apart. What was read before a fault is looked at all the same. */
static enum picture_state rows_read(struct png_reading *r, struct grey *out)
{
    static const struct pass whole = {0, 0, 1, 1}, woven[7] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    if (!r->woven)
        return pass_read(r, &whole, out->height * r->times, out) ? PICTURE_READ : PICTURE_CUT;
    for (size_t i = 0; i < 7; i++) /* no picture that is searched is too small for one of them */
        if (!pass_read(r, &woven[i], (r->height - woven[i].y + woven[i].down - 1) / woven[i].down, out))
            return PICTURE_CUT;
    return PICTURE_READ;
}

static bool rows_prepare(struct png_reading *r, struct grey *out)
{
    const size_t bits = (size_t)r->channels * r->depth, row = r->row = (r->width * bits + 7) / 8;
    r->step = bits < 8 ? 1 : bits / 8;
    r->many = ROWS_BYTES / (row + 1) ? ROWS_BYTES / (row + 1) : 1;
    const size_t most = r->woven ? WORK_PIXELS / 2 : WORK_PIXELS; /* pixel by pixel costs more than row by row */
    for (r->times = 1; r->width / r->times * (r->height / r->times) > most && r->times < TIMES_MOST;)
        r->times++;
    out->width = r->width / r->times;
    out->height = r->height / r->times;
    r->rows = malloc(r->many * (row + 1) + SLACK);
    r->above = calloc(1, row + SLACK);
    r->line = malloc(r->width);
    r->sums = calloc(out->width, sizeof *r->sums);
    out->at = malloc(out->width * out->height);
    if (out->at)
        memset(out->at, 255, out->width * out->height);
    return r->rows && r->above && r->line && r->sums && out->at && inflateInit(&r->z) == Z_OK && inflateValidate(&r->z, 0) == Z_OK;
}

enum picture_state png_grey(struct span bytes, size_t most, struct grey *out)
{
    struct png_reading r __attribute__((cleanup(reading_end))) = {.chunks = span_skip(bytes, 8)};
    if (!span_starts(bytes, S("\x89PNG\r\n\x1a\n")) || !head_read(&r))
        return PICTURE_BROKEN;
    enum picture_state state = size_judge(r.width, r.height, most);
    if (state != PICTURE_READ)
        return state;
    if (!rows_prepare(&r, out))
        return PICTURE_BROKEN;
    if (!r.woven)
        whole_inflate(&r);
    return rows_read(&r, out);
}
