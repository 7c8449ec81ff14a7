/* The bytes of a PDF stream: its lock and its filters undone (ISO 32000-1 7.4). */
#include "content/pdf_inner.h"

const struct pdf_stream *pdf_stream_find(const struct pdf_notes *notes, uint32_t object)
{
    const struct pdf_stream *found = NULL;
    vec_each (stream, &notes->streams)
        if (stream->object == object)
            found = stream; /* files are changed by adding at the end */
    return found;
}

static int hex_value(char c)
{
    return ascii_is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* In place: what comes out is never longer. */
static struct span hex_undo(struct span text)
{
    char *to = (char *)(uintptr_t)text.at;
    size_t len = 0;
    int high = -1;
    for (size_t i = 0; i < text.len && text.at[i] != '>'; i++) {
        int value = hex_value(text.at[i]);
        if (value < 0)
            continue;
        if (high >= 0)
            to[len++] = (char)(high << 4 | value);
        high = high >= 0 ? -1 : value;
    }
    return (struct span){text.at, len};
}

/* Five letters of 33 to 117 are four bytes; z is four noughts, for which there may be no room in place: it ends the reading. */
static struct span ascii85_undo(struct span text)
{
    char *to = (char *)(uintptr_t)text.at;
    size_t len = 0, have = 0;
    uint32_t value = 0;
    bool ends = false;
    for (size_t i = 0; i < text.len && !ends; i++) {
        unsigned char c = (unsigned char)text.at[i];
        ends = c == '~';
        if (c == 'z' && !have && len + 4 <= i + 1) {
            memset(to + len, 0, 4);
            len += 4;
        }
        if (c < '!' || c > 'u')
            continue;
        value = value * 85 + (c - '!');
        if (++have < 5)
            continue;
        for (int shift = 24; shift >= 0; shift -= 8)
            to[len++] = (char)(value >> shift);
        value = 0;
        have = 0;
    }
    for (size_t i = have; have > 1 && i < 5; i++)
        value = value * 85 + 84;
    for (size_t i = 0; have > 1 && i + 1 < have; i++)
        to[len++] = (char)(value >> (24 - 8 * i));
    return (struct span){text.at, len};
}

static bool inflate_some(struct file_reading *reading, struct pdf_notes *notes, struct span packed, size_t most, struct scratch *out)
{
    size_t left = reading->inflate_left;
    if (most > left)
        most = left;
    if (most > notes->inflate_left)
        most = notes->inflate_left;
    reading->inflate_left = most;
    bool whole = file_inflate(reading, packed, out);
    reading->inflate_left = left - out->len;
    notes->inflate_left -= out->len < notes->inflate_left ? out->len : notes->inflate_left;
    return whole;
}

bool pdf_stream_open(struct file_reading *reading, struct pdf_notes *notes, const struct pdf_stream *stream, size_t most, struct scratch *out)
{
    SCRATCH copy = {0};
    struct span bytes = stream->packed;
    if (stream->filters & PDF_ODD || (stream->filters & (PDF_FLATE | PDF_DCT)) == (PDF_FLATE | PDF_DCT) || !bytes.len)
        return false;
    if (notes->key.len || stream->filters & (PDF_ASCII85 | PDF_HEX)) {
        if (!scratch_room(&copy, bytes.len))
            return false;
        memcpy(copy.at, bytes.at, bytes.len);
        bytes = (struct span){copy.at, bytes.len};
        if (notes->key.len)
            bytes = pdf_unlock(&notes->key, stream->object, stream->generation, (char *)(uintptr_t)bytes.at, bytes.len);
        if (stream->filters & PDF_ASCII85)
            bytes = ascii85_undo(bytes);
        else if (stream->filters & PDF_HEX)
            bytes = hex_undo(bytes);
    }
    if (stream->filters & PDF_FLATE)
        return inflate_some(reading, notes, bytes, most, out);
    bytes = span_first(bytes, most);
    if (!bytes.len || !scratch_room(out, bytes.len))
        return false;
    memcpy(out->at, bytes.at, bytes.len);
    out->len = bytes.len;
    return true;
}
