/* seal/token: small texts that we hand out and take back, which nobody else can read, change or make: XChaCha20-Poly1305.
 *
 * In: a key's id and its 32 bytes, a purpose, a text, 24 bytes that were never used before (random ones are). Out: letters
 * that may stand in a URL. A token of one purpose is none of another. Never: remembers a token; who wants it to hold once or
 * for a while writes that into the text.
 */
#pragma once
#include "base/base.h"

enum { TOKEN_SECRET_BYTES = 32, TOKEN_NONCE_BYTES = 24, TOKEN_TEXT_MOST = 4096 };

/* -1: the text is longer than TOKEN_TEXT_MOST, or the secret is no key. */
int token_seal(struct arena *arena, struct span key, struct span secret, const uint8_t nonce[TOKEN_NONCE_BYTES], struct span purpose, struct span text,
               struct span *token, struct err *err);
bool token_key(struct span token, struct span *key); /* whose key is wanted to open it; false: it is no token */
bool token_open(struct arena *arena, struct span token, struct span secret, struct span purpose, struct span *text);
