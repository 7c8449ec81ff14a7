#include "auth/key.h"
#include "auth/taglist.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

/* ---- the record */
static bool record_is_for_mail(const struct tag_list *tags)
{
    struct span services = tag_value(tags, "s");
    return !tag_find(tags, "s") || tag_items_have(services, "*") || tag_items_have(services, "email");
}

static bool key_kind_read(struct arena *arena, const struct tag_list *tags, enum key_kind *out, struct span *why)
{
    struct span kind = tag_value(tags, "k");
    *out = KEY_RSA;
    if (!tag_find(tags, "k") || span_eq_case(kind, S("rsa")))
        return true;
    *out = KEY_ED25519;
    if (span_eq_case(kind, S("ed25519")))
        return true;
    *why = arena_print(arena, "the key record names an unknown kind of key, \"%.*s\"", SPAN_FMT(span_first(kind, 40)));
    return false;
}

static bool version_is_good(const struct tag_list *tags)
{
    const struct tag *version = tag_find(tags, "v");
    return !version || (version == tags->tags.at && span_eq(version->value, S("DKIM1")));
}

bool key_record_read(struct arena *arena, struct span text, struct key_record *out, struct span *why)
{
    struct tag_list tags;
    struct span flaw = {0};
    *out = (struct key_record){0};
    if (!tag_list_parse(arena, text, &tags, &flaw)) {
        *why = arena_print(arena, "the key record cannot be read: %.*s", SPAN_FMT(flaw));
        return false;
    }
    if (!version_is_good(&tags)) {
        *why = S("the key record is not of version DKIM1");
        return false;
    }
    const struct tag *key = tag_find(&tags, "p");
    if (!key) {
        *why = S("the key record has no key (p=)");
        return false;
    }
    if (!key_kind_read(arena, &tags, &out->kind, why))
        return false;
    if (!tag_base64_read(arena, key->value, &out->bytes)) {
        *why = S("the key in the key record (p=) is not base64");
        return false;
    }
    out->other_service = !record_is_for_mail(&tags);
    out->digests = tag_value(&tags, "h");
    out->testing = tag_items_have(tag_value(&tags, "t"), "y");
    out->no_subdomains = tag_items_have(tag_value(&tags, "t"), "s");
    return true;
}

/* ---- DER, X.690: only as much as two kinds of key need */
static bool der_take(struct span *rest, unsigned char type, struct span *content)
{
    const unsigned char *at = (const unsigned char *)rest->at;
    size_t len, head = 2;
    if (rest->len < 2 || at[0] != type)
        return false;
    len = at[1];
    if (len & 0x80) {
        size_t bytes = len & 0x7f;
        if (!bytes || bytes > 3 || rest->len < 2 + bytes)
            return false;
        for (len = 0; head < 2 + bytes; head++)
            len = len << 8 | at[head];
    }
    if (rest->len - head < len)
        return false;
    *content = (struct span){rest->at + head, len};
    *rest = span_skip(*rest, head + len);
    return true;
}

/* SubjectPublicKeyInfo (what the world publishes) down to RSAPublicKey (what RFC 6376 3.6.1 says). */
static bool rsa_unwrap(struct span bytes, struct span *sequence)
{
    static const char rsa_encryption[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
    struct span outer, algorithm, oid, bits, rest = bytes;
    if (!der_take(&rest, 0x30, &outer))
        return false;
    *sequence = outer;
    if (!outer.len || outer.at[0] == 0x02)
        return true;
    if (!der_take(&outer, 0x30, &algorithm) || !der_take(&algorithm, 0x06, &oid) || !span_eq(oid, S(rsa_encryption)))
        return false;
    if (!der_take(&outer, 0x03, &bits) || !bits.len || bits.at[0])
        return false;
    bits = span_skip(bits, 1);
    return der_take(&bits, 0x30, sequence);
}

static struct span zeros_skip(struct span number)
{
    while (number.len && !number.at[0])
        number = span_skip(number, 1);
    return number;
}

enum { RSA_MOST_BYTES = 512 /* 4,096 bits, RFC 8301 3.2 */, EXPONENT_MOST_BYTES = 4 };

static EVP_PKEY *rsa_build(struct span modulus, struct span exponent)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn((const unsigned char *)modulus.at, (int)modulus.len, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)exponent.at, (int)exponent.len, NULL);
    OSSL_PARAM *params = NULL;
    if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(build);
    if (!params || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* A modulus or exponent that is even, or an exponent of 1, is no key: whoever likes could sign. */
static EVP_PKEY *rsa_read(struct span bytes)
{
    struct span sequence, modulus, exponent;
    if (!rsa_unwrap(bytes, &sequence) || !der_take(&sequence, 0x02, &modulus) || !der_take(&sequence, 0x02, &exponent))
        return NULL;
    modulus = zeros_skip(modulus);
    exponent = zeros_skip(exponent);
    if (modulus.len < 32 || modulus.len > RSA_MOST_BYTES || !(modulus.at[modulus.len - 1] & 1))
        return NULL;
    if (!exponent.len || exponent.len > EXPONENT_MOST_BYTES || !(exponent.at[exponent.len - 1] & 1))
        return NULL;
    if (exponent.len == 1 && exponent.at[0] == 1)
        return NULL;
    return rsa_build(modulus, exponent);
}

static EVP_PKEY *key_parse(enum key_kind kind, struct span bytes)
{
    if (kind == KEY_RSA)
        return rsa_read(bytes);
    if (bytes.len != 32) /* RFC 8463 4: the bare 32 bytes */
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)bytes.at, bytes.len);
}

/* ---- the cache: sets of four, the oldest of a set goes. What is no key is remembered too, with pkey NULL. */
enum { CACHE_SETS = 128, CACHE_WAYS = 4 };
struct public_key {
    enum key_kind kind;
    char *bytes;
    size_t len;
    uint64_t hash;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verify[2]; /* RSA, made ready per digest: making one costs half a verification */
    unsigned bits;
};
static struct public_key cache[CACHE_SETS][CACHE_WAYS];
static unsigned char cache_next[CACHE_SETS];

static uint64_t bytes_hash(enum key_kind kind, struct span bytes)
{
    uint64_t hash = 14695981039346656037u ^ (uint64_t)kind;
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (unsigned char)bytes.at[i]) * 1099511628211u;
    return hash ^ hash >> 32;
}

static void key_drop(struct public_key *key)
{
    free(key->bytes);
    EVP_PKEY_CTX_free(key->verify[0]);
    EVP_PKEY_CTX_free(key->verify[1]);
    EVP_PKEY_free(key->pkey);
    *key = (struct public_key){0};
}

static bool key_fill(struct public_key *key, enum key_kind kind, struct span bytes, uint64_t hash)
{
    key_drop(key);
    key->bytes = malloc(bytes.len + 1);
    if (!key->bytes)
        return false;
    memcpy(key->bytes, bytes.at, bytes.len);
    key->len = bytes.len;
    key->kind = kind;
    key->hash = hash;
    key->pkey = key_parse(kind, bytes);
    key->bits = key->pkey ? (unsigned)EVP_PKEY_get_bits(key->pkey) : 0;
    ERR_clear_error();
    return true;
}

struct public_key *key_find(enum key_kind kind, struct span bytes)
{
    if (!bytes.len || bytes.len > 2 * RSA_MOST_BYTES)
        return NULL;
    uint64_t hash = bytes_hash(kind, bytes);
    struct public_key *set = cache[hash % CACHE_SETS], *key = NULL;
    for (size_t i = 0; i < CACHE_WAYS && !key; i++)
        if (set[i].bytes && set[i].hash == hash && set[i].kind == kind &&
            span_eq((struct span){set[i].bytes, set[i].len}, bytes))
            key = &set[i];
    if (!key) {
        key = &set[cache_next[hash % CACHE_SETS]++ % CACHE_WAYS];
        if (!key_fill(key, kind, bytes, hash))
            return NULL;
    }
    return key->pkey ? key : NULL;
}

unsigned key_bits(const struct public_key *key)
{
    return key->kind == KEY_ED25519 ? 256 : key->bits;
}

static EVP_PKEY_CTX *rsa_context(struct public_key *key, enum digest digest)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (EVP_PKEY_verify_init(context) <= 0 || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) <= 0 ||
        EVP_PKEY_CTX_set_signature_md(context, digest_of(digest)) <= 0) {
        EVP_PKEY_CTX_free(context);
        return NULL;
    }
    return context;
}

static bool ed25519_verify(struct public_key *key, const uint8_t *value, size_t len, struct span signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) > 0 &&
                EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len, value, len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

bool key_verify(struct public_key *key, enum digest digest, const uint8_t *value, struct span signature)
{
    bool good = false;
    if (key->kind == KEY_ED25519) {
        good = ed25519_verify(key, value, digest_size(digest), signature);
    } else {
        if (!key->verify[digest])
            key->verify[digest] = rsa_context(key, digest);
        good = key->verify[digest] && EVP_PKEY_verify(key->verify[digest], (const unsigned char *)signature.at,
                                                      signature.len, value, digest_size(digest)) == 1;
    }
    ERR_clear_error();
    return good;
}
