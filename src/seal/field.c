/* One field: written, read, held against a secret. */
#include "seal/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { NAME_LEAST = 8, NAME_MOST = 40, SIGNED_MOST = 400, HMAC_TEXT = 2 * SEAL_DIGEST_BYTES };

static bool name_is_plain(struct span name)
{
    if (name.len < NAME_LEAST || name.len > NAME_MOST)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_digit(name.at[i]) && !(name.at[i] >= 'a' && name.at[i] <= 'z'))
            return false;
    return true;
}

bool seal_names_are_plain(struct span key, struct span record)
{
    return name_is_plain(key) && name_is_plain(record);
}

/* ---- hexadecimal */
static void hex_print(char *out, const uint8_t *bytes, size_t count)
{
    static const char letters[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = letters[bytes[i] >> 4];
        out[2 * i + 1] = letters[bytes[i] & 15];
    }
    out[2 * count] = 0;
}

static int nibble(char c)
{
    return ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_read(struct span text, uint8_t *out, size_t count)
{
    if (text.len != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = nibble(text.at[2 * i]), low = nibble(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* ---- what the HMAC covers: the value as it is written, without it */
static size_t signed_write(const struct seal *seal, char out[SIGNED_MOST])
{
    char id[2 * SEAL_ID_BYTES + 1], parts[2 * SEAL_DIGEST_BYTES + 1];
    hex_print(id, seal->measure.message_id, SEAL_ID_BYTES);
    hex_print(parts, seal->measure.parts, SEAL_DIGEST_BYTES);
    int len = snprintf(out, SIGNED_MOST, "v=1; k=%.*s; r=%.*s; t=%lld; m=%s; d=%s", SPAN_FMT(seal->key), SPAN_FMT(seal->record), (long long)seal->at,
                       id, parts);
    return len < 0 || len >= SIGNED_MOST ? 0 : (size_t)len;
}

static bool hmac_make(const struct seal *seal, struct span secret, uint8_t out[SEAL_DIGEST_BYTES])
{
    char text[SIGNED_MOST];
    unsigned len = 0;
    size_t count = signed_write(seal, text);
    return count && secret.len && HMAC(EVP_sha256(), secret.at, (int)secret.len, (const unsigned char *)text, count, out, &len) && len == SEAL_DIGEST_BYTES;
}

struct span seal_write(struct arena *arena, struct seal *seal, struct span secret)
{
    char text[SIGNED_MOST], hmac[HMAC_TEXT + 1];
    size_t len = signed_write(seal, text);
    if (!hmac_make(seal, secret, seal->hmac))
        return (struct span){0};
    hex_print(hmac, seal->hmac, SEAL_DIGEST_BYTES);
    return arena_print(arena, "%.*s; h=%s", (int)len, text, hmac);
}

bool seal_holds(const struct seal *seal, struct span secret)
{
    uint8_t right[SEAL_DIGEST_BYTES];
    return hmac_make(seal, secret, right) && CRYPTO_memcmp(right, seal->hmac, sizeof right) == 0;
}

/* ---- reading: these tags in this order and nothing else */
static bool tag_take(struct span *rest, char name, struct span *value)
{
    struct span piece;
    if (!span_cut(rest, ';', &piece))
        return false;
    piece = span_trim(piece);
    if (piece.len < 2 || piece.at[0] != name || piece.at[1] != '=')
        return false;
    *value = span_skip(piece, 2);
    return true;
}

bool seal_read(struct span value, struct seal *out)
{
    struct span version, at, id, parts, hmac, rest = value;
    uint64_t seconds;
    *out = (struct seal){0};
    if (!tag_take(&rest, 'v', &version) || !tag_take(&rest, 'k', &out->key) || !tag_take(&rest, 'r', &out->record) || !tag_take(&rest, 't', &at) ||
        !tag_take(&rest, 'm', &id) || !tag_take(&rest, 'd', &parts) || !tag_take(&rest, 'h', &hmac) || span_trim(rest).len)
        return false;
    if (!span_eq(version, S("1")) || !seal_names_are_plain(out->key, out->record) || !span_number(at, INT64_MAX, &seconds) ||
        (at.len > 1 && at.at[0] == '0'))
        return false;
    out->at = (int64_t)seconds;
    return hex_read(id, out->measure.message_id, SEAL_ID_BYTES) && hex_read(parts, out->measure.parts, SEAL_DIGEST_BYTES) &&
           hex_read(hmac, out->hmac, SEAL_DIGEST_BYTES);
}
