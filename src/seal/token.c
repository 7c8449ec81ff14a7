#include "seal/token.h"

#include <sodium.h>
#include <stdlib.h>

/* "1" KEY "." base64url(nonce, sealed text). The key's id and the purpose are sealed beside the text. */
enum { KEY_MOST = 40, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
#define SEALED_BYTES (crypto_aead_xchacha20poly1305_ietf_ABYTES)
_Static_assert(TOKEN_SECRET_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES && TOKEN_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
               "the sizes of the cipher");

static struct span beside(struct arena *arena, struct span key, struct span purpose)
{
    return arena_print(arena, "sekimori token 1 %zu %.*s %.*s", key.len, SPAN_FMT(key), SPAN_FMT(purpose));
}

int token_seal(struct arena *arena, struct span key, struct span secret, const uint8_t nonce[TOKEN_NONCE_BYTES], struct span purpose, struct span text,
               struct span *token, struct err *err)
{
    if (text.len > TOKEN_TEXT_MOST)
        return err_set(err, "a token of %zu bytes is longer than the %d that one holds", text.len, TOKEN_TEXT_MOST);
    if (secret.len != TOKEN_SECRET_BYTES || !key.len || key.len > KEY_MOST)
        return err_set(err, "this is no key of tokens: make one with `sekimori key make token`");
    struct span about = beside(arena, key, purpose);
    size_t len = TOKEN_NONCE_BYTES + text.len + SEALED_BYTES, room = sodium_base64_ENCODED_LEN(len, VARIANT);
    uint8_t *bytes = arena_alloc(arena, len);
    char *letters = arena_alloc(arena, room);
    memcpy(bytes, nonce, TOKEN_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + TOKEN_NONCE_BYTES, NULL, (const uint8_t *)(text.at ? text.at : ""), text.len,
                                               (const uint8_t *)about.at, about.len, NULL, nonce, (const uint8_t *)secret.at);
    sodium_bin2base64(letters, room, bytes, len, VARIANT);
    *token = arena_print(arena, "1%.*s.%s", SPAN_FMT(key), letters);
    return 0;
}

bool token_key(struct span token, struct span *key)
{
    const char *dot = token.len ? memchr(token.at, '.', token.len) : NULL;
    if (!dot || token.at[0] != '1' || dot - token.at < 2 || dot - token.at > KEY_MOST + 1)
        return false;
    *key = span_from(token.at + 1, dot);
    return true;
}

bool token_open(struct arena *arena, struct span token, struct span secret, struct span purpose, struct span *text)
{
    struct span key;
    size_t len = 0;
    if (!token_key(token, &key) || secret.len != TOKEN_SECRET_BYTES)
        return false;
    struct span letters = span_skip(token, key.len + 2), about = beside(arena, key, purpose);
    uint8_t *bytes = arena_alloc(arena, letters.len + 1), *plain = arena_alloc(arena, letters.len + 1);
    if (sodium_base642bin(bytes, letters.len + 1, letters.at, letters.len, NULL, &len, NULL, VARIANT) != 0 || len < TOKEN_NONCE_BYTES + SEALED_BYTES)
        return false;
    unsigned long long got = 0;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &got, NULL, bytes + TOKEN_NONCE_BYTES, len - TOKEN_NONCE_BYTES, (const uint8_t *)about.at,
                                                   about.len, bytes, (const uint8_t *)secret.at) != 0)
        return false;
    *text = (struct span){(const char *)plain, (size_t)got};
    return true;
}
