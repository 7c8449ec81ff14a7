#include "content/words_inner.h"

#include <openssl/sha.h>

enum { BASE58_LEAST = 26, BASE58_MOST = 35, BASE58_BYTES = 25, BECH32_LEAST = 14, BECH32_MOST = 74 };

static int base58_value(char c)
{
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Base58Check: a version, 20 bytes, and the first four bytes of their double SHA-256. */
static bool base58_checks(struct span word)
{
    uint8_t bytes[BASE58_BYTES] = {0}, once[SHA256_DIGEST_LENGTH], twice[SHA256_DIGEST_LENGTH];
    for (size_t i = 0; i < word.len; i++) {
        int carry = base58_value(word.at[i]);
        if (carry < 0)
            return false;
        for (size_t at = BASE58_BYTES; at-- > 0;) {
            carry += bytes[at] * 58;
            bytes[at] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry)
            return false;
    }
    SHA256(bytes, BASE58_BYTES - 4, once);
    SHA256(once, sizeof once, twice);
    return memcmp(bytes + BASE58_BYTES - 4, twice, 4) == 0;
}

static uint32_t bech32_step(uint32_t sum, unsigned value)
{
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < 5; i++)
        sum ^= top >> i & 1 ? generator[i] : 0;
    return sum;
}

static bool bech32_checks(struct span word, size_t human)
{
    static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    uint32_t sum = 1;
    for (size_t i = 0; i < human; i++)
        sum = bech32_step(sum, (unsigned char)ascii_lower(word.at[i]) >> 5);
    sum = bech32_step(sum, 0);
    for (size_t i = 0; i < human; i++)
        sum = bech32_step(sum, (unsigned char)ascii_lower(word.at[i]) & 31);
    for (size_t i = human + 1; i < word.len; i++) {
        const char *found = strchr(digits, ascii_lower(word.at[i]));
        if (!found || !*found)
            return false;
        sum = bech32_step(sum, (unsigned)(found - digits));
    }
    return sum == 1 || sum == 0x2bc830a3; /* Bech32, Bech32m */
}

bool coin_address_is(struct span word)
{
    if (word.len >= BECH32_LEAST && word.len <= BECH32_MOST) {
        if (span_starts_case(word, S("bc1")))
            return bech32_checks(word, 2);
        if (span_starts_case(word, S("ltc1")))
            return bech32_checks(word, 3);
    }
    return word.len >= BASE58_LEAST && word.len <= BASE58_MOST && strchr("13LMTDXt", word.at[0]) && base58_checks(word);
}
