/* Secrets: made at random, written as text, read again; what of them is published. */
#include "keyring/inner.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { RSA_BITS = 2048, TXT_MOST = 255 };

static void pkey_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void bio_free(BIO **bio)
{
    BIO_free(*bio);
}

void wipe(struct span secret)
{
    if (secret.len)
        OPENSSL_cleanse((void *)secret.at, secret.len);
}

struct span id_make(struct arena *arena)
{
    uint8_t bytes[KEY_ID_LETTERS];
    struct buf out = {.arena = arena};
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        abort(); /* without chance there is no secret either */
    buf_base32(&out, bytes, KEY_ID_LETTERS);
    return buf_span(&out);
}

/* ---- making */
static struct span pem_of(struct arena *arena, EVP_PKEY *pkey)
{
    BIO *bio __attribute__((cleanup(bio_free))) = BIO_new(BIO_s_secmem());
    char *at = NULL;
    if (!bio || !PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL))
        return (struct span){0};
    long len = BIO_get_mem_data(bio, &at);
    return arena_copy(arena, (struct span){at, len > 0 ? (size_t)len : 0});
}

static int pair_make(struct arena *arena, struct ring_key *key, struct err *err)
{
    bool edwards = span_eq(key->algorithm, S("ed25519-sha256"));
    EVP_PKEY *pkey __attribute__((cleanup(pkey_free))) = edwards ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_RSA_gen(RSA_BITS);
    key->secret = pkey ? pem_of(arena, pkey) : (struct span){0};
    ERR_clear_error();
    return key->secret.len ? 0 : err_set(err, "OpenSSL made no key");
}

int secret_make(struct arena *arena, struct ring_key *key, struct err *err)
{
    if (purpose_is_published(key->purpose))
        return pair_make(arena, key, err);
    uint8_t *bytes = arena_alloc(arena, SECRET_BYTES);
    if (RAND_priv_bytes(bytes, SECRET_BYTES) != 1)
        return err_set(err, "OpenSSL gave no random bytes");
    key->secret = (struct span){(const char *)bytes, SECRET_BYTES};
    return 0;
}

/* ---- as text */
struct span secret_text(struct arena *arena, const struct ring_key *key)
{
    struct buf out = {.arena = arena};
    if (purpose_is_published(key->purpose))
        return key->secret;
    for (size_t i = 0; i < key->secret.len; i++)
        buf_print(&out, "%02x", (unsigned char)key->secret.at[i]);
    buf_byte(&out, '\n');
    return buf_span(&out);
}

static EVP_PKEY *pkey_read(struct span pem)
{
    BIO *bio __attribute__((cleanup(bio_free))) = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
    ERR_clear_error();
    return key;
}

static int hex_read(struct arena *arena, struct span text, struct span *out)
{
    uint8_t *bytes = arena_alloc(arena, SECRET_BYTES);
    if (text.len != 2 * SECRET_BYTES)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        int value = ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (value < 0)
            return -1;
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | value);
    }
    *out = (struct span){(const char *)bytes, SECRET_BYTES};
    return 0;
}

int secret_read(struct arena *arena, const struct ring_key *key, struct span text, struct span *out, struct err *err)
{
    if (!purpose_is_published(key->purpose))
        return hex_read(arena, span_trim(text), out) == 0 ? 0 : err_set(err, "%.*s.secret holds no key of 64 hexadecimal letters", SPAN_FMT(key->id));
    EVP_PKEY *pkey __attribute__((cleanup(pkey_free))) = pkey_read(text);
    bool edwards = span_eq(key->algorithm, S("ed25519-sha256"));
    if (!pkey || EVP_PKEY_get_base_id(pkey) != (edwards ? EVP_PKEY_ED25519 : EVP_PKEY_RSA))
        return err_set(err, "%.*s.secret holds no private key for %.*s in PEM", SPAN_FMT(key->id), SPAN_FMT(key->algorithm));
    *out = text;
    return 0;
}

/* ---- publishing */
static struct span base64_of(struct arena *arena, const uint8_t *bytes, size_t len)
{
    char *at = arena_alloc(arena, len / 3 * 4 + 5);
    return (struct span){at, (size_t)EVP_EncodeBlock((unsigned char *)at, bytes, (int)len)};
}

/* RFC 8463 4: the bare bytes; RFC 6376 3.6.1: as the world writes it, with its wrapping. */
static struct span public_of(struct arena *arena, EVP_PKEY *pkey)
{
    uint8_t bare[32], *der = NULL;
    size_t len = sizeof bare;
    if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519)
        return EVP_PKEY_get_raw_public_key(pkey, bare, &len) == 1 ? base64_of(arena, bare, len) : (struct span){0};
    int wrapped = i2d_PUBKEY(pkey, &der);
    struct span text = wrapped > 0 ? base64_of(arena, der, (size_t)wrapped) : (struct span){0};
    OPENSSL_free(der);
    return text;
}

int keyring_dns(struct arena *arena, const struct ring_key *key, struct span *record, struct err *err)
{
    EVP_PKEY *pkey __attribute__((cleanup(pkey_free))) = purpose_is_published(key->purpose) && key->secret.len ? pkey_read(key->secret) : NULL;
    struct buf out = {.arena = arena};
    if (!pkey)
        return err_set(err, "%.*s has nothing to be published", SPAN_FMT(key->id));
    bool edwards = span_eq(key->algorithm, S("ed25519-sha256"));
    struct span text = arena_print(arena, "v=DKIM1; k=%s; p=%.*s", edwards ? "ed25519" : "rsa", SPAN_FMT(public_of(arena, pkey)));
    buf_print(&out, "%.*s._domainkey.%.*s. IN TXT (", SPAN_FMT(key->selector), SPAN_FMT(key->domain));
    for (; text.len; text = span_skip(text, TXT_MOST))
        buf_print(&out, " \"%.*s\"", SPAN_FMT(span_first(text, TXT_MOST)));
    buf_print(&out, " )");
    *record = buf_span(&out);
    return 0;
}
