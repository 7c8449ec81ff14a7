#include "content/pdf_inner.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { KEY_MOST = 16, PASSWORD = 32, BLOCK = 16 };

static const unsigned char padding[PASSWORD + 1] =
    "\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a";

static void md5(const uint8_t *bytes, size_t len, uint8_t out[16])
{
    unsigned made = 16;
    EVP_Digest(bytes, len, out, &made, EVP_md5(), NULL);
}

/* What stands behind a name of the dictionary; the name must end there. */
static struct span value_of(struct span dictionary, const char *name)
{
    struct span rest = dictionary, wanted = span_of(name);
    const char *found;
    while ((found = span_find(rest, wanted))) {
        rest = span_from(found + wanted.len, dictionary.at + dictionary.len);
        if (rest.len && !ascii_is_alpha(rest.at[0]))
            return span_trim(rest);
    }
    return (struct span){0};
}

static struct span string_of(struct arena *arena, struct span value)
{
    struct buf out = {.arena = arena, .max = 256};
    if (value.len > 1 && value.at[0] == '(')
        pdf_text_read(value.at + 1, value.at + value.len, &out);
    else if (value.len > 1 && value.at[0] == '<' && value.at[1] != '<')
        pdf_hex_read(value.at + 1, value.at + value.len, &out);
    return buf_span(&out);
}

static long number_of(struct span value)
{
    char digits[16] = {0};
    memcpy(digits, value.len ? value.at : "", value.len < sizeof digits - 1 ? value.len : sizeof digits - 1);
    return strtol(digits, NULL, 10);
}

/* The dictionary that names the handler: between the words obj and endobj around it, or the trailer's own. */
static struct span dictionary_find(struct span file)
{
    const char *mark = span_find(file, S("/Standard"));
    if (!mark)
        return (struct span){0};
    size_t at = (size_t)(mark - file.at), before = at > 1500 ? at - 1500 : 0;
    struct span head = span_from(file.at + before, mark);
    for (const char *obj; (obj = span_find(head, S(" obj")));)
        head = span_skip(head, (size_t)(obj - head.at) + 4);
    struct span whole = span_first(span_from(head.at, file.at + file.len), head.len + 1500);
    const char *end = span_find(whole, S("endobj"));
    return end ? span_from(whole.at, end) : whole;
}

static struct span id_of(struct arena *arena, struct span file)
{
    struct span rest = file, value = {0};
    const char *found;
    while ((found = span_find(rest, S("/ID")))) {
        rest = span_from(found + 3, file.at + file.len);
        struct span after = span_trim(span_first(rest, 400));
        if (after.len && after.at[0] == '[')
            value = span_trim(span_skip(after, 1));
        if (!rest.len)
            break;
    }
    return string_of(arena, value);
}

static void rc4(const uint8_t *key, size_t key_len, uint8_t *bytes, size_t len)
{
    uint8_t state[256];
    for (unsigned i = 0; i < 256; i++)
        state[i] = (uint8_t)i;
    for (unsigned i = 0, j = 0; i < 256; i++) {
        j = (j + state[i] + key[i % key_len]) & 255;
        uint8_t swap = state[i];
        state[i] = state[j];
        state[j] = swap;
    }
    unsigned i = 0, j = 0;
    for (size_t n = 0; n < len; n++) {
        i = (i + 1) & 255;
        j = (j + state[i]) & 255;
        uint8_t swap = state[i];
        state[i] = state[j];
        state[j] = swap;
        bytes[n] ^= state[(state[i] + state[j]) & 255];
    }
}

/* 7.6.3.4: what the file keeps to know the right key by. */
static bool is_right(const struct pdf_key *key, long revision, struct span user, struct span id)
{
    uint8_t text[PASSWORD + 256], mark[PASSWORD], turned[KEY_MOST];
    if (user.len < 16)
        return false;
    memcpy(text, padding, PASSWORD);
    if (id.len)
        memcpy(text + PASSWORD, id.at, id.len);
    if (revision < 3) {
        memcpy(mark, padding, PASSWORD);
        rc4(key->bytes, key->len, mark, PASSWORD);
        return memcmp(mark, user.at, 16) == 0;
    }
    md5(text, PASSWORD + id.len, mark);
    for (unsigned round = 0; round < 20; round++) {
        for (size_t i = 0; i < key->len; i++)
            turned[i] = (uint8_t)(key->bytes[i] ^ round);
        rc4(turned, key->len, mark, 16);
    }
    return memcmp(mark, user.at, 16) == 0;
}

/* CBC without padding; len is a multiple of a block. */
static void aes(bool forth, unsigned bits, const uint8_t *key, const uint8_t *head, uint8_t *bytes, size_t len)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int made = 0;
    if (context && EVP_CipherInit_ex(context, bits == 256 ? EVP_aes_256_cbc() : EVP_aes_128_cbc(), NULL, key, head, forth) == 1) {
        EVP_CIPHER_CTX_set_padding(context, 0);
        EVP_CipherUpdate(context, bytes, &made, bytes, (int)len);
    }
    EVP_CIPHER_CTX_free(context);
}

/* ISO 32000-2 7.6.4.3.4, algorithm 2.B, for the empty password: rounds until a byte of the last is small enough, at most 288. */
static void hash_hardened(const uint8_t salt[8], uint8_t out[32])
{
    enum { TIMES = 64, LEAST = 64 };
    uint8_t key[64], many[TIMES * sizeof key];
    unsigned len = 32;
    EVP_Digest(salt, 8, key, &len, EVP_sha256(), NULL);
    for (unsigned round = 0, last = 255; round < LEAST || last > round - 32; round++) {
        unsigned sum = 0;
        size_t used = TIMES * (size_t)len;
        for (unsigned i = 0; i < TIMES; i++)
            memcpy(many + i * len, key, len);
        aes(true, 128, key, key + BLOCK, many, used);
        for (unsigned i = 0; i < BLOCK; i++)
            sum += many[i];
        last = many[used - 1];
        EVP_Digest(many, used, key, &len, sum % 3 == 0 ? EVP_sha256() : sum % 3 == 1 ? EVP_sha384() : EVP_sha512(), NULL);
    }
    memcpy(out, key, 32);
}

static void hash_salted(long revision, const uint8_t salt[8], uint8_t out[32])
{
    unsigned len = 32;
    if (revision >= 6)
        hash_hardened(salt, out);
    else
        EVP_Digest(salt, 8, out, &len, EVP_sha256(), NULL);
}

/* 7.6.4.3.3, algorithm 2.A. /U is what the password gives, a salt to prove it by and a salt for the key. */
static bool key_256_find(struct span user, struct span locked, long revision, struct pdf_key *out)
{
    static const uint8_t noughts[BLOCK];
    uint8_t seen[32], key[32];
    if (user.len < 48 || locked.len < 32)
        return false;
    hash_salted(revision, (const uint8_t *)user.at + 32, seen);
    if (memcmp(seen, user.at, sizeof seen) != 0)
        return true;
    hash_salted(revision, (const uint8_t *)user.at + 40, key);
    memcpy(out->bytes, locked.at, 32);
    aes(false, 256, key, noughts, out->bytes, 32);
    out->len = 32;
    out->cipher = PDF_AES_256;
    return false;
}

bool pdf_key_find(struct arena *arena, struct span file, struct pdf_key *out)
{
    struct span dictionary = dictionary_find(file);
    struct span owner = string_of(arena, value_of(dictionary, "/O")), id = id_of(arena, file);
    long version = number_of(value_of(dictionary, "/V")), revision = number_of(value_of(dictionary, "/R")), bits = number_of(value_of(dictionary, "/Length"));
    uint32_t rights = (uint32_t)number_of(value_of(dictionary, "/P"));
    uint8_t text[PASSWORD + PASSWORD + 4 + 256 + 4], digest[16];
    *out = (struct pdf_key){0};
    if (version == 5)
        return key_256_find(string_of(arena, value_of(dictionary, "/U")), string_of(arena, value_of(dictionary, "/UE")), revision, out);
    if ((version != 1 && version != 2 && version != 4) || owner.len < PASSWORD)
        return false;
    size_t len = version == 4 ? 16 : version == 1 || bits < 40 || bits > 128 ? 5 : (size_t)bits / 8, used = 0;
    memcpy(text, padding, PASSWORD);
    memcpy(text + PASSWORD, owner.at, PASSWORD);
    for (used = 2 * PASSWORD; used < 2 * PASSWORD + 4; used++, rights >>= 8)
        text[used] = (uint8_t)rights;
    if (id.len)
        memcpy(text + used, id.at, id.len);
    used += id.len;
    if (version == 4 && span_starts(value_of(dictionary, "/EncryptMetadata"), S("false"))) {
        memset(text + used, 255, 4);
        used += 4;
    }
    md5(text, used, digest);
    for (int i = 0; revision >= 3 && i < 50; i++)
        md5(digest, len, digest);
    memcpy(out->bytes, digest, len);
    out->len = len;
    out->cipher = version == 4 && span_find(dictionary, S("/AESV2")) ? PDF_AES_128 : PDF_RC4;
    if (is_right(out, revision, string_of(arena, value_of(dictionary, "/U")), id))
        return false;
    out->len = 0;
    return true;
}

/* The first block is the head, the last ends in as many bytes of filling as they say. */
static struct span aes_unlock(unsigned bits, const uint8_t *key, char *bytes, size_t len)
{
    len -= len % BLOCK;
    if (len < 2 * BLOCK || len > INT32_MAX)
        return (struct span){bytes, 0};
    uint8_t *text = (uint8_t *)bytes + BLOCK;
    len -= BLOCK;
    aes(false, bits, key, (const uint8_t *)bytes, text, len);
    size_t filling = text[len - 1];
    return (struct span){(char *)text, filling && filling <= BLOCK ? len - filling : len};
}

struct span pdf_unlock(const struct pdf_key *key, uint32_t object, uint32_t generation, char *bytes, size_t len)
{
    uint8_t text[KEY_MOST + 5 + 4], digest[16];
    if (key->cipher == PDF_AES_256)
        return aes_unlock(256, key->bytes, bytes, len);
    size_t used = key->len, wide = key->len + 5 < 16 ? key->len + 5 : 16;
    memcpy(text, key->bytes, key->len);
    for (int i = 0; i < 3; i++)
        text[used++] = (uint8_t)(object >> 8 * i);
    for (int i = 0; i < 2; i++)
        text[used++] = (uint8_t)(generation >> 8 * i);
    if (key->cipher == PDF_AES_128)
        memcpy(text + used, "sAlT", 4);
    md5(text, used + (key->cipher == PDF_AES_128 ? 4 : 0), digest);
    if (key->cipher == PDF_AES_128)
        return aes_unlock(128, digest, bytes, len);
    rc4(digest, wide, (uint8_t *)bytes, len);
    return (struct span){bytes, len};
}
