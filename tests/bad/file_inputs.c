/* Files made to be slow or large when they are looked into: further container bombs, number 24 of the list. */
#include "bad.h"

#include <stdlib.h>
#include <zlib.h>

static void file_begin(struct bad_world *world, const char *name)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_print(&world->mail, "Content-Type: application/octet-stream; name=%s\r\nContent-Disposition: attachment\r\n"
                            "Content-Transfer-Encoding: binary\r\n\r\n", name);
}

static void put(struct buf *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_byte(out, i < 4 ? (char)(value >> 8 * i) : 0);
}

/* size kilobytes that inflate to a thousand times as much, the head before them. */
static struct span headed_zeros_packed(struct arena *arena, struct span head, size_t size, int bits)
{
    z_stream stream = {0};
    static unsigned char zeros[1 << 16];
    unsigned char *out = arena_alloc(arena, size * 1024 + 4096 + head.len);
    deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
    stream.next_out = out;
    stream.avail_out = (uInt)(size * 1024 + 4096 + head.len);
    stream.next_in = (Bytef *)(uintptr_t)head.at;
    stream.avail_in = (uInt)head.len;
    deflate(&stream, Z_NO_FLUSH);
    while (stream.total_out < size * 1024) {
        stream.next_in = zeros;
        stream.avail_in = sizeof zeros;
        deflate(&stream, Z_NO_FLUSH);
    }
    stream.next_in = zeros;
    stream.avail_in = 1;
    deflate(&stream, Z_FINISH);
    struct span packed = {(char *)out, stream.total_out};
    deflateEnd(&stream);
    return packed;
}

static struct span zeros_packed(struct arena *arena, size_t size, int bits)
{
    return headed_zeros_packed(arena, S(""), size, bits);
}

/* Entries of a zip that all unpack to a thousand times their size; the sizes told are lies. */
static void make_zip_bomb(struct bad_world *world, size_t size)
{
    file_begin(world, "bomb.zip");
    for (size_t i = 0; i < 4; i++) {
        struct span packed = zeros_packed(world->arena, size / 4, -15);
        buf_add(&world->mail, S("PK\3\4\24\0\0\0\10\0"));
        put(&world->mail, 0, 8);
        put(&world->mail, (uint32_t)packed.len, 4);
        put(&world->mail, 10, 4);
        put(&world->mail, 5, 2);
        put(&world->mail, 0, 2);
        buf_print(&world->mail, "%zu.htm", i);
        buf_add(&world->mail, packed);
    }
}

/* A page of blanks in gzip: unpacked it would be read by the reader of HTML. */
static void make_page_bomb(struct bad_world *world, size_t size)
{
    file_begin(world, "page.html.gz");
    buf_add(&world->mail, zeros_packed(world->arena, size, 31));
}

/* A folder that says it has four gigabytes, in gzip. */
static void make_folder_bomb(struct bad_world *world, size_t size)
{
    struct span head = S("070701" "00000001" "000041ED" "00000000" "00000000" "00000001" "00000000" "F0000000" "00000000" "00000000" "00000000" "00000000"
                         "00000002" "00000000" "d\0");
    file_begin(world, "folder.cpio.gz");
    buf_add(&world->mail, headed_zeros_packed(world->arena, head, size, 31));
}

/* An image of a disk in gzip whose root folder lies far behind. */
static void make_image_bomb(struct bad_world *world, size_t size)
{
    struct buf image = {.arena = world->arena};
    for (int i = 0; i < 40960; i++)
        buf_byte(&image, 0);
    static const struct {
        size_t at;
        struct span bytes;
    } set[] = {{32768, BYTES("\1CD001\1")}, {32848, BYTES("\xff\xff\x7f\0\0\x7f\xff\xff")}, {32888, BYTES("\1\0\0\1\1\0\0\1\0\x08\x08\0\x0a\0\0\0\0\0\0\x0a")},
               {32908, BYTES("\0\0\x70\0")}, {32916, BYTES("\0\x70\0\0")}, {33649, BYTES("\1")}, {34816, BYTES("\xff" "CD001\1")},
               {32924, BYTES("\x22\0\0\0\x0f\0\0\x0f\0\0\0\x08\0\0\0\0\x08\0\x7e\1\1\0\0\0\0\2\0\0\1\0\0\1\1\0")}};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        memcpy(image.at + set[i].at, set[i].bytes.at, set[i].bytes.len);
    file_begin(world, "image.iso.gz");
    buf_add(&world->mail, headed_zeros_packed(world->arena, buf_span(&image), size, 31));
}

static void make_pdf_bomb(struct bad_world *world, size_t size)
{
    file_begin(world, "bomb.pdf");
    buf_add(&world->mail, S("%PDF-1.5\n"));
    for (size_t i = 0; i < 4; i++) {
        buf_print(&world->mail, "%zu 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n", i);
        buf_add(&world->mail, zeros_packed(world->arena, size / 4, 15));
        buf_add(&world->mail, S("\nendstream endobj\n"));
    }
}

static void make_pdf_brackets(struct bad_world *world, size_t size)
{
    file_begin(world, "slow.pdf");
    buf_add(&world->mail, S("%PDF-1.5\n"));
    bad_repeat(&world->mail, "1 0 obj<</URI(((/S/#55RI<</OpenAction<<[stream\n", size);
}

/* Comments that end at a carriage return, and no line feed to the end of the file. */
/* Every letter in another font, and as many names that fonts may have. */
static void make_pdf_fonts(struct bad_world *world, size_t size)
{
    file_begin(world, "slow.pdf");
    buf_add(&world->mail, S("%PDF-1.5\n1 0 obj<</Contents[4 0 R]/Font<<"));
    for (size_t i = 0; i < size / 4; i++)
        buf_print(&world->mail, "/F%zu %zu 0 R", i % 50, i);
    buf_add(&world->mail, S(">>>>endobj\n"));
    for (size_t i = 0; i < 300; i++)
        buf_print(&world->mail, "%zu 0 obj<</ToUnicode 4 0 R>>endobj\n", i + 5);
    buf_add(&world->mail, S("4 0 obj<<>>stream\n"));
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "/F%zu 9 Tf(a)Tj ", i % 50);
    buf_add(&world->mail, S("\nendstream endobj"));
}

/* One stream that hundreds of pages show, and brackets that do not close. */
static void make_pdf_words(struct bad_world *world, size_t size)
{
    file_begin(world, "slow.pdf");
    buf_add(&world->mail, S("%PDF-1.5\n1 0 obj<</Contents["));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("4 0 R "));
    buf_add(&world->mail, S("]>>endobj\n4 0 obj<<>>stream\n"));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("[<<(<(["));
    buf_add(&world->mail, S("\nendstream endobj"));
}

static void make_pdf_pictures(struct bad_world *world, size_t size)
{
    struct span packed = zeros_packed(world->arena, 1, 15);
    file_begin(world, "slow.pdf");
    buf_add(&world->mail, S("%PDF-1.5\n"));
    for (size_t i = 0; i < size; i++) {
        buf_print(&world->mail, "%zu 0 obj<</Subtype/Image/Width 400/Height 400/BitsPerComponent 1/Filter/FlateDecode>>stream\n", i + 1);
        buf_add(&world->mail, packed);
        buf_add(&world->mail, S("\nendstream endobj\n"));
    }
}

static void make_pdf_comments(struct bad_world *world, size_t size)
{
    file_begin(world, "slow.pdf");
    buf_add(&world->mail, S("%PDF-1.5\r1 0 obj<<>>endobj\r"));
    bad_repeat(&world->mail, "%\r", size);
}

/* Sixty thousand pixels each way in a hundred bytes. */
static void make_picture_bomb(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_add(&world->mail, S("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
    for (size_t i = 0; i < size; i++) {
        buf_add(&world->mail, S("--b\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
        unsigned char head[17] = {'I', 'H', 'D', 'R', 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0};
        buf_add(&world->mail, (struct span){(char *)head + 4, 13});
        uint32_t sum = (uint32_t)crc32(0, head, sizeof head);
        for (int shift = 24; shift >= 0; shift -= 8)
            buf_byte(&world->mail, (char)(sum >> shift));
        buf_add(&world->mail, S("\0\0\0\0IDAT\r\n"));
    }
}

/* Rows of a picture that are woven into one another, and break off. */
static void make_woven_pictures(struct bad_world *world, size_t size)
{
    enum { SIDE = 1400 };
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_add(&world->mail, S("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
    uLongf len = 4096;
    unsigned char *rows = calloc(1, SIDE * SIDE / 8), packed[4096];
    compress(packed, &len, rows, SIDE * SIDE / 8 - SIDE * 2);
    free(rows);
    for (size_t i = 0; i < size; i++) {
        buf_add(&world->mail, S("--b\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
        unsigned char head[17] = {'I', 'H', 'D', 'R', 0, 0, SIDE >> 8, SIDE & 255, 0, 0, SIDE >> 8, SIDE & 255, 1, 0, 0, 0, 1};
        buf_add(&world->mail, (struct span){(char *)head + 4, 13});
        uint32_t sum = (uint32_t)crc32(0, head, sizeof head);
        for (int shift = 24; shift >= 0; shift -= 8)
            buf_byte(&world->mail, (char)(sum >> shift));
        for (int shift = 24; shift >= 0; shift -= 8)
            buf_byte(&world->mail, (char)(len >> shift));
        buf_add(&world->mail, S("IDAT"));
        buf_add(&world->mail, (struct span){(char *)packed, len});
        sum = (uint32_t)crc32(crc32(0, (const unsigned char *)"IDAT", 4), packed, (uInt)len);
        for (int shift = 24; shift >= 0; shift -= 8)
            buf_byte(&world->mail, (char)(sum >> shift));
        buf_add(&world->mail, S("\r\n"));
    }
}

/* The head of a compound file whose table leads each sector to itself. Its directory is sector 1. */
static void ole_begin(struct bad_world *world)
{
    struct buf *mail = &world->mail;
    buf_add(mail, S("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
    for (int i = 0; i < 18; i++)
        buf_byte(mail, 0);
    put(mail, 3, 2);
    put(mail, 0xfffe, 2);
    put(mail, 9, 2);
    put(mail, 6, 2);
    for (int i = 0; i < 10; i++)
        buf_byte(mail, 0);
    uint32_t header[] = {1, 1, 0, 0, 0xfffffffe, 0, 0xfffffffe, 0, 0};
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        put(mail, header[i], 4);
    for (int i = 1; i < 109; i++)
        put(mail, 0xffffffff, 4);
    for (uint32_t i = 0; i < 128; i++) /* sector 0: every sector leads to itself */
        put(mail, i, 4);
}

/* A directory of modules without end, all of them the same half kilobyte, which unpacks to 256. */
static void make_ole_modules(struct bad_world *world, size_t size)
{
    static const char *const names[] = {"R", "_VBA_PROJECT", "a", "b"};
    struct buf *mail = &world->mail;
    file_begin(world, "modules.doc");
    ole_begin(world);
    for (int i = 0; i < 4; i++) {
        size_t len = strlen(names[i]);
        for (size_t k = 0; k < 32; k++)
            put(mail, k < len ? (unsigned char)names[i][k] : 0, 2);
        put(mail, (uint32_t)len * 2 + 2, 2);
        put(mail, i ? 2 : 5, 1);
        for (int k = 67; k < 116; k++)
            buf_byte(mail, 0);
        put(mail, 2, 4);
        put(mail, i > 1 ? 512 : 0, 4);
        put(mail, 0, 4);
    }
    size_t begin = mail->len;
    buf_add(mail, S("\1\x0b\xb0\0Attribut\1\xf5\x0f"));
    for (int i = 1; i < 64; i++)
        buf_add(mail, S("\3\xb0\2b\xfc\x0f"));
    while (mail->len < begin + size)
        buf_byte(mail, 0);
}

/* A directory of streams that all begin at a sector that leads to itself. */
static void make_ole_loop(struct bad_world *world, size_t size)
{
    struct buf *mail = &world->mail;
    file_begin(world, "loop.doc");
    ole_begin(world);
    for (size_t i = 0; i < size; i++) {
        buf_add(mail, S("W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"));
        for (int k = 24; k < 64; k++)
            buf_byte(mail, 0);
        put(mail, 26, 2);
        put(mail, 2, 1);
        for (int k = 67; k < 116; k++)
            buf_byte(mail, 0);
        put(mail, 1, 4);
        put(mail, 0x7fffffff, 4);
        put(mail, 0, 4);
    }
}

static bool is_told(const struct walk *walk)
{
    return walk->content.files.traits & FILE_NOT_WHOLLY_READ;
}

static bool is_told_partly(const struct walk *walk)
{
    return walk->content.files.traits & FILE_PARTLY_READ;
}

static bool is_read(const struct walk *walk)
{
    return walk->content.files.list.len > 0;
}

const struct bad_input bad_file_inputs[] = {
    {24, "zip whose entries are bombs", make_zip_bomb, 64, is_read, "the archive must be looked into"},
    {24, "page in gzip of a thousand times its size", make_page_bomb, 64, is_read, "the archive must be looked into"},
    {24, "folder of four gigabytes in gzip", make_folder_bomb, 100, is_told, "what was not unpacked must be told"},
    {24, "image of a disk in gzip, its root far behind", make_image_bomb, 100, is_told, "what was not unpacked must be told"},
    {24, "PDF of streams that are bombs", make_pdf_bomb, 64, is_told, "what was not inflated must be told"},
    {24, "PDF of nothing but beginnings", make_pdf_brackets, 2000, is_read, "the file must be read"},
    {24, "PDF whose words change the font at every letter", make_pdf_fonts, 20000, is_read, "the file must be read"},
    {24, "PDF of words that never end", make_pdf_words, 20000, is_read, "the file must be read"},
    {24, "PDF of small pictures", make_pdf_pictures, 300, is_told_partly, "what was not searched must be told"},
    {24, "PDF of comments without a line feed", make_pdf_comments, 600000, is_read, "the file must be read"},
    {24, "pictures of immense size", make_picture_bomb, 100, is_told_partly, "what was not decoded must be told"},
    {24, "woven pictures that break off", make_woven_pictures, 60, is_told_partly, "the pictures past the limit must be told"},
    {24, "compound file of modules that are bombs", make_ole_modules, 80000, is_told, "what was not unpacked must be told"},
    {24, "compound file that leads to itself", make_ole_loop, 400, is_read, "the file must be read"},
};
const size_t bad_file_input_count = sizeof bad_file_inputs / sizeof *bad_file_inputs;
