#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

enum { STATUS_NO_DIGEST = 71 }; /* EX_OSERR, as of an arena without memory */

static void need(bool good)
{
    if (good)
        return;
    fprintf(stderr, "sekimori: no SHA-256 digest can be made: memory is short, or libcrypto's configuration (openssl.cnf) does not allow it\n");
    _exit(STATUS_NO_DIGEST);
}

/* Fetched once: each asking by name costs as much as a page of bytes. */
static const EVP_MD *sha256(void)
{
    static EVP_MD *fetched;
    if (!fetched)
        fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
    need(fetched);
    return fetched;
}

void sha256_of(struct span bytes, uint8_t out[SHA256_BYTES])
{
    need(EVP_Digest(bytes.at ? bytes.at : "", bytes.len, out, NULL, sha256(), NULL));
}

struct sha256 sha256_open(void)
{
    struct sha256 digest = {EVP_MD_CTX_new()};
    need(digest.context && EVP_DigestInit_ex2(digest.context, sha256(), NULL));
    return digest;
}

void sha256_free(struct sha256 *digest)
{
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
}

void sha256_add(struct sha256 *digest, struct span bytes)
{
    need(EVP_DigestUpdate(digest->context, bytes.at ? bytes.at : "", bytes.len));
}

void sha256_add_framed(struct sha256 *digest, struct span bytes)
{
    uint64_t len = bytes.len;
    sha256_add(digest, (struct span){(const char *)&len, sizeof len});
    sha256_add(digest, bytes);
}

void sha256_close(struct sha256 *digest, uint8_t out[SHA256_BYTES])
{
    need(EVP_DigestFinal_ex(digest->context, out, NULL));
}
