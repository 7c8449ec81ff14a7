#include "door/killers.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEPT = 1024, SECONDS = 7 * 24 * 3600, PIECE = 64 * 1024 };

struct killers {
    struct {
        uint8_t digest[DIGEST_BYTES];
        int64_t at;
    } rows[KEPT];
    size_t len, next;
};

struct killers *killers_new(void)
{
    struct killers *killers = calloc(1, sizeof *killers);
    if (!killers)
        abort();
    return killers;
}

void killers_free(struct killers **killers)
{
    free(*killers);
    *killers = NULL;
}

static void digest_free(EVP_MD_CTX **digest)
{
    EVP_MD_CTX_free(*digest);
}

static bool file_add(EVP_MD_CTX *digest, int fd, uint64_t length)
{
    static char piece[PIECE];
    for (uint64_t at = 0; at < length;) {
        size_t want = length - at < sizeof piece ? (size_t)(length - at) : sizeof piece;
        ssize_t got = pread(fd, piece, want, (off_t)at);
        if (got <= 0)
            return false;
        EVP_DigestUpdate(digest, piece, (size_t)got);
        at += (uint64_t)got;
    }
    return true;
}

bool killers_digest(int fd, uint64_t length, struct span mail_from, uint8_t *out)
{
    uint64_t len = mail_from.len;
    EVP_MD_CTX *digest __attribute__((cleanup(digest_free))) = EVP_MD_CTX_new();
    if (!digest || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL))
        return false;
    EVP_DigestUpdate(digest, &len, sizeof len);
    EVP_DigestUpdate(digest, mail_from.at, mail_from.len);
    return file_add(digest, fd, length) && EVP_DigestFinal_ex(digest, out, NULL);
}

void killers_add(struct killers *killers, const uint8_t *digest, int64_t now)
{
    memcpy(killers->rows[killers->next].digest, digest, DIGEST_BYTES);
    killers->rows[killers->next].at = now;
    killers->next = (killers->next + 1) % KEPT;
    killers->len += killers->len < KEPT;
}

bool killers_has(const struct killers *killers, const uint8_t *digest, int64_t now)
{
    for (size_t i = 0; i < killers->len; i++)
        if (memcmp(killers->rows[i].digest, digest, DIGEST_BYTES) == 0 && now - killers->rows[i].at < SECONDS)
            return true;
    return false;
}

bool killers_is_empty(const struct killers *killers)
{
    return !killers->len;
}
