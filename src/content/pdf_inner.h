/* content, inside: the readers of PDF files. pdf.c goes through the file once and notes what stands where; words and pictures are
 * then read from the streams that it noted. Files locked with an empty password are opened, as every reader opens them unasked. */
#pragma once
#include "content/file_inner.h"

/* Behind the opening bracket; returns what follows the closing one. out is NULL where the text is passed over. */
const char *pdf_text_read(const char *at, const char *end, struct buf *out); /* (...) */
const char *pdf_hex_read(const char *at, const char *end, struct buf *out);  /* <...> */
extern const bool pdf_delimiters[256];
static inline bool pdf_is_delimiter(char c) /* white space is one too */
{
    return pdf_delimiters[(unsigned char)c];
}

/* ---- pdf_key.c */
enum pdf_cipher { PDF_RC4, PDF_AES_128, PDF_AES_256 };
struct pdf_key {
    uint8_t bytes[32];
    size_t len; /* 0: none */
    enum pdf_cipher cipher;
};
/* ISO 32000-1 7.6.3.3 and ISO 32000-2 7.6.4.3: RC4 of 40 to 128 bits, AES of 128 and 256, and the empty user password; other
 * ways of locking give no key. True: the file surely wants a password. */
bool pdf_key_find(struct arena *arena, struct span file, struct pdf_key *out);
/* In place: a string or stream of that object. Returns what is left of it: AES has a head and a tail. */
struct span pdf_unlock(const struct pdf_key *key, uint32_t object, uint32_t generation, char *bytes, size_t len);

/* ---- what pdf.c notes */
enum pdf_filter { PDF_FLATE = 1, PDF_DCT = 2, PDF_ASCII85 = 4, PDF_HEX = 8, PDF_ODD = 16 }; /* ODD: one that is not undone here */
struct pdf_stream {
    uint32_t object, generation;
    struct span packed;
    unsigned filters;
    bool image, form;
    uint32_t width, height, bits, predictor; /* of images */
};
struct pdf_font_name { /* a name in a dictionary that refers to an object: of fonts, as the text calls them */
    char name[16];
    uint32_t object;
};
struct pdf_pair {
    uint32_t object, to;
};
struct pdf_notes {
    VEC(struct pdf_stream) streams;
    VEC(uint32_t) contents;         /* objects with what pages show */
    VEC(struct pdf_pair) maps;      /* fonts, and the objects that tell what their codes mean */
    VEC(struct pdf_font_name) names;
    struct pdf_key key;
    size_t inflate_left;            /* of this file: dictionaries pack to a fifth, whole files by less */
};
const struct pdf_stream *pdf_stream_find(const struct pdf_notes *notes, uint32_t object);
/* Unlocked and unpacked, at most `most` bytes. False: by a filter that is not undone here. */
bool pdf_stream_open(struct file_reading *reading, struct pdf_notes *notes, const struct pdf_stream *stream, size_t most, struct scratch *out);

/* ---- pdf_words.c, pdf_picture.c */
void pdf_words_read(struct file_reading *reading, const struct file_piece *piece, struct pdf_notes *notes);
void pdf_pictures_read(struct file_reading *reading, const struct file_piece *piece, struct pdf_notes *notes);

/* What a font's codes mean, from its ToUnicode stream (ISO 32000-1 9.10.3). */
struct pdf_range {
    uint32_t low, high, to;
    uint16_t more[2]; /* further letters of a ligature */
};
struct pdf_map {
    VEC(struct pdf_range) ranges;
    unsigned bytes; /* of a code */
};
void pdf_map_read(struct arena *arena, struct span cmap, struct pdf_map *out);
