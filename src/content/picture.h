/* content, inside: pictures to grey, and codes in them. Sizes are looked at before anything is decoded. */
#pragma once
#include "content/file_inner.h"

struct grey {
    uint8_t *at; /* from malloc, a byte a pixel, rows without gaps */
    size_t width, height;
};
void grey_free(struct grey *grey);
enum picture_state { PICTURE_READ, PICTURE_CUT, PICTURE_SMALL, PICTURE_TOO_LARGE, PICTURE_BROKEN };
/* As its head says; false where none can be read. */
bool picture_size(enum content_kind kind, struct span bytes, size_t *width, size_t *height);
/* Pictures of up to `most` pixels, JPEG of 16 times as many; large ones are made smaller on the way, to about WORK_PIXELS. */
enum picture_state png_grey(struct span bytes, size_t most, struct grey *out);
enum picture_state jpeg_grey(struct span bytes, size_t most, struct grey *out);
enum picture_state gif_grey(struct span bytes, size_t most, struct grey *out);
enum picture_state webp_grey(struct span bytes, size_t most, struct grey *out);
/* ISO/IEC 15948 9.2, one row in place, by the row above (noughts for the first); step: bytes a pixel, at least one. Both rows have
 * four bytes more behind them that may be read. Filters that do not exist change nothing. */
void png_filter_undo(uint8_t *to, const uint8_t *above, size_t len, size_t step, unsigned filter);
/* Pixels of red, green and blue, a byte each. */
void colours_to_grey(const uint8_t *at, uint8_t *to, size_t width);
enum picture_state size_judge(size_t width, size_t height, size_t most);
/* Codes in a picture that was made grey; it is made smaller on the way. */
void grey_codes_read(struct file_reading *reading, const struct file_piece *piece, struct grey *grey);
/* Cheap: do the marks that stand in three corners of a QR code show on enough lines? */
bool grey_may_hold_code(const struct grey *grey);
enum { PICTURE_LEAST = 60, SIDES_MOST = 4, WORK_PIXELS = 500000 }; /* pixels a side: nobody scans a smaller code; one side to the other */
