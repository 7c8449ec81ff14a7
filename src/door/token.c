#include "door/token.h"

#include "base/digest.h"

#include <openssl/crypto.h>

enum token_answer token_check(const struct listener_settings *settings, struct span authorization)
{
    uint8_t digest[SHA256_BYTES];
    struct span scheme = S("Bearer ");
    if (!settings->token_count)
        return TOKEN_GOOD;
    if (!span_starts_case(authorization, scheme))
        return TOKEN_ABSENT;
    struct span token = span_trim(span_skip(authorization, scheme.len));
    sha256_of(token, digest);
    int good = 0;
    for (uint32_t i = 0; i < settings->token_count && i < TOKENS_MOST; i++)
        good |= CRYPTO_memcmp(settings->tokens[i], digest, sizeof settings->tokens[i]) == 0;
    return good ? TOKEN_GOOD : TOKEN_WRONG;
}
