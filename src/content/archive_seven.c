/* The table of a 7z archive, before libarchive gets it: it makes room for as many entries as the table names, and a table of a
 * kilobyte may unpack to a hundred million. Only how much the table unpacks to is read here. 7zFormat.txt of the LZMA SDK. */
#include "content/file_inner.h"

enum {
    TABLE_MOST = 128 << 10, CODERS_MOST = 4,
    PLAIN_TABLE = 1, PACK_INFO = 6, UNPACK_INFO = 7, SIZES = 9, FOLDER = 11, UNPACK_SIZES = 12, PACKED_TABLE = 23
};

static bool byte_take(struct span *rest, unsigned *out)
{
    if (!rest->len)
        return false;
    *out = (unsigned char)rest->at[0];
    *rest = span_skip(*rest, 1);
    return true;
}

static bool byte_is(struct span *rest, unsigned wanted)
{
    unsigned byte;
    return byte_take(rest, &byte) && byte == wanted;
}

/* The high bits of the first byte tell how many follow. */
static bool number_take(struct span *rest, uint64_t *out)
{
    unsigned first, next, mask = 0x80;
    *out = 0;
    if (!byte_take(rest, &first))
        return false;
    for (int i = 0; i < 8; i++, mask >>= 1) {
        if (!(first & mask)) {
            *out |= (uint64_t)(first & (mask - 1)) << 8 * i;
            return true;
        }
        if (!byte_take(rest, &next))
            return false;
        *out |= (uint64_t)next << 8 * i;
    }
    return true;
}

static bool number_is(struct span *rest, uint64_t wanted)
{
    uint64_t number;
    return number_take(rest, &number) && number == wanted;
}

/* One coder; *streams grows by those that it gives out. */
static bool coder_pass(struct span *rest, uint64_t *streams)
{
    unsigned flags;
    uint64_t in, out = 1, len = 0;
    if (!byte_take(rest, &flags) || (flags & 15) > rest->len)
        return false;
    *rest = span_skip(*rest, flags & 15);
    if (flags & 0x10 && (!number_take(rest, &in) || !number_take(rest, &out) || in != 1 || out != 1))
        return false;
    if (flags & 0x20 && (!number_take(rest, &len) || len > rest->len))
        return false;
    *rest = span_skip(*rest, (size_t)len);
    *streams += out;
    return true;
}

/* A table packed by a chain of coders in one folder, as every packer writes it. Each of them gives out no more than may be. */
static bool packed_is_small(struct span rest)
{
    uint64_t number, coders, streams = 0;
    if (!byte_is(&rest, PACK_INFO) || !number_take(&rest, &number) || !number_is(&rest, 1) || !byte_is(&rest, SIZES) ||
        !number_take(&rest, &number) || !byte_is(&rest, 0) || !byte_is(&rest, UNPACK_INFO) || !byte_is(&rest, FOLDER) ||
        !number_is(&rest, 1) || !byte_is(&rest, 0) || !number_take(&rest, &coders) || !coders || coders > CODERS_MOST)
        return false;
    for (uint64_t i = 0; i < coders; i++)
        if (!coder_pass(&rest, &streams))
            return false;
    for (uint64_t i = 0; i < 2 * (streams - 1); i++) /* which gives to which */
        if (!number_take(&rest, &number))
            return false;
    if (!byte_is(&rest, UNPACK_SIZES))
        return false;
    for (uint64_t i = 0; i < streams; i++)
        if (!number_take(&rest, &number) || number > TABLE_MOST)
            return false;
    return true;
}

static uint64_t u64(const char *at)
{
    uint64_t number = 0;
    for (int i = 8; i-- > 0;)
        number = number << 8 | (unsigned char)at[i];
    return number;
}

bool seven_table_is_small(struct span file)
{
    enum { HEADER = 32, OFFSET = 12, SIZE = 20 };
    unsigned kind;
    if (file.len < HEADER)
        return true; /* nothing to be listed */
    uint64_t offset = u64(file.at + OFFSET), size = u64(file.at + SIZE);
    if (offset > file.len - HEADER || size > TABLE_MOST)
        return false;
    struct span table = span_first(span_skip(file, HEADER + (size_t)offset), (size_t)size);
    return !byte_take(&table, &kind) || kind == PLAIN_TABLE || (kind == PACKED_TABLE && packed_is_small(table));
}
