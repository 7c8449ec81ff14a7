/* content, inside: strings of PDF files, and files locked with an empty password, which every reader opens unasked. */
#pragma once
#include "content/file_inner.h"

/* Behind the opening bracket; returns what follows the closing one. out is NULL where the text is passed over. */
const char *pdf_text_read(const char *at, const char *end, struct buf *out); /* (...) */
const char *pdf_hex_read(const char *at, const char *end, struct buf *out);  /* <...> */

struct pdf_key {
    uint8_t bytes[16];
    size_t len; /* 0: none */
};
/* ISO 32000-1 7.6.3.3, RC4 of 40 to 128 bits and the empty user password; other ways of locking give no key.
 * True: the file surely wants a password. */
bool pdf_key_find(struct arena *arena, struct span file, struct pdf_key *out);
/* In place: a string or stream of that object. */
void pdf_unlock(const struct pdf_key *key, uint32_t object, uint32_t generation, char *bytes, size_t len);
