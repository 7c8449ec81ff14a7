/* base/digest: SHA-256, by which things are named here: ids, keys of rows, parts, tokens as they are kept.
 *
 * In: bytes. Out: 32 bytes.
 * Never: fails (without memory, or with a libcrypto that has no SHA-256, the process ends as an arena ends it); signs, or keeps a secret.
 * Source: FIPS 180-4, by libcrypto. Proofs of mail have their own (auth/canon.h), for they need SHA-1 too. */
#pragma once
#include "base/base.h"

enum { SHA256_BYTES = 32 };
void sha256_of(struct span bytes, uint8_t out[SHA256_BYTES]);

/* Piece by piece. What is open is given back by sha256_free, a cleanup function. */
struct sha256 {
    struct evp_md_ctx_st *context;
};
struct sha256 sha256_open(void);
void sha256_free(struct sha256 *digest);
void sha256_add(struct sha256 *digest, struct span bytes);
void sha256_add_framed(struct sha256 *digest, struct span bytes); /* its length before it (8 bytes, the machine's own order): two texts never look like one */
void sha256_close(struct sha256 *digest, uint8_t out[SHA256_BYTES]); /* nothing is added afterwards */
