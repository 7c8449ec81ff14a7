/* A MaxMind DB of a few IPv4 ranges, for tests (https://maxmind.github.io/MaxMind-DB/): a tree of 24-bit records, maps
 * of strings and one number behind it, the metadata at the end. */
#pragma once
#include "exact.h"

#include <stdio.h>

struct mmdb {
    struct arena *arena;
    uint32_t nodes[512][2]; /* 0: nothing there; below 0x800000: a node; else an entry at (value - 0x800000) */
    uint32_t count;
    struct buf data;
};

static inline void mmdb_text(struct buf *out, const char *text)
{
    size_t n = strlen(text); /* from 29 bytes on the length goes on in the next byte */
    buf_byte(out, (char)(2 << 5 | (n < 29 ? n : 29)));
    if (n >= 29)
        buf_byte(out, (char)(n - 29));
    buf_add(out, span_of(text));
}

static inline void mmdb_number(struct buf *out, uint32_t value)
{
    buf_byte(out, (char)(6 << 5 | 4));
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (char)(value >> shift));
}

static inline void mmdb_short(struct buf *out, uint16_t value)
{
    buf_byte(out, (char)(5 << 5 | 2));
    buf_byte(out, (char)(value >> 8));
    buf_byte(out, (char)value);
}

static inline void mmdb_map(struct buf *out, unsigned pairs)
{
    buf_byte(out, (char)(7 << 5 | pairs));
}

/* The entry for a range starts where the data end now. */
static inline void mmdb_range(struct mmdb *db, const char *prefix)
{
    struct ip network;
    unsigned bits, at = 0;
    assert_true(ip_prefix_parse(span_of(prefix), &network, &bits));
    if (!db->count)
        db->count = 1;
    for (unsigned bit = 0; bit < bits; bit++) {
        uint32_t *record = &db->nodes[at][network.bytes[bit / 8] >> (7 - bit % 8) & 1];
        if (bit + 1 == bits)
            *record = 0x800000 + (uint32_t)db->data.len;
        else if (!*record)
            *record = db->count++;
        at = *record;
    }
}

static inline void mmdb_write(struct mmdb *db, const char *path)
{
    struct buf out = {.arena = db->arena};
    for (uint32_t i = 0; i < db->count; i++)
        for (unsigned side = 0; side < 2; side++) {
            uint32_t record = db->nodes[i][side];
            uint32_t value = !record ? db->count : record < 0x800000 ? record : record - 0x800000 + db->count + 16;
            for (int shift = 16; shift >= 0; shift -= 8)
                buf_byte(&out, (char)(value >> shift));
        }
    buf_add(&out, (struct span){(const char[16]){0}, 16});
    buf_add(&out, buf_span(&db->data));
    buf_add(&out, S("\xab\xcd\xefMaxMind.com"));
    mmdb_map(&out, 9);
    mmdb_text(&out, "node_count"), mmdb_number(&out, db->count);
    mmdb_text(&out, "record_size"), mmdb_short(&out, 24);
    mmdb_text(&out, "ip_version"), mmdb_short(&out, 4);
    mmdb_text(&out, "database_type"), mmdb_text(&out, "Test");
    mmdb_text(&out, "binary_format_major_version"), mmdb_short(&out, 2);
    mmdb_text(&out, "binary_format_minor_version"), mmdb_short(&out, 0);
    mmdb_text(&out, "build_epoch"), buf_add(&out, (struct span){"\x01\x02\x01", 3}); /* a 64-bit number of one byte */
    mmdb_text(&out, "languages"), buf_add(&out, (struct span){"\x00\x04", 2});       /* an empty list */
    mmdb_text(&out, "description"), mmdb_map(&out, 0);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(out.at, 1, out.len, file), out.len);
    fclose(file);
}
