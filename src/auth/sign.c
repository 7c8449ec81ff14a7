/* What a signature covers, and the signing of it. RFC 6376 5. */
#include "auth/sign.h"
#include "auth/signature.h"
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

struct signing {
    enum canon header, body;
    enum digest digest;
};

static bool canon_of(struct span word, enum canon *out)
{
    *out = span_eq(word, S("relaxed")) ? CANON_RELAXED : CANON_SIMPLE;
    return *out == CANON_RELAXED || span_eq(word, S("simple"));
}

bool signing_names_are_plain(struct span domain, struct span selector)
{
    return domain_is_plain(domain, true) && domain_is_plain(selector, false);
}

static int request_check(const struct sign_request *request, struct signing *out, struct err *err)
{
    if (!canon_of(request->header_canon, &out->header) || !canon_of(request->body_canon, &out->body))
        return err_set(err, "canonicalisation must be simple or relaxed");
    if (!signing_names_are_plain(request->domain, request->selector))
        return err_set(err, "domain and selector of a signature must be plain names");
    out->digest = span_eq(request->algorithm, S("rsa-sha1")) ? DIGEST_SHA1 : DIGEST_SHA256;
    if (out->digest == DIGEST_SHA256 && !span_eq(request->algorithm, S("rsa-sha256")) &&
        !span_eq(request->algorithm, S("ed25519-sha256")))
        return err_set(err, "the signing algorithm \"%.*s\" is unknown", SPAN_FMT(request->algorithm));
    bool from = false;
    vec_each (name, &request->fields)
        from |= span_eq_case(*name, S("from"));
    return from ? 0 : err_set(err, "a signature must cover From");
}

static void names_write(struct buf *out, const struct sign_request *request)
{
    size_t line = 0;
    buf_add(out, S(";\r\n\th="));
    vec_each (name, &request->fields) {
        if (line)
            buf_byte(out, ':');
        if (line + name->len > 60) {
            buf_add(out, S("\r\n\t "));
            line = 0;
        }
        buf_add(out, *name);
        line += name->len + 1;
    }
}

static struct span value_write(struct arena *arena, const struct message *message, const struct sign_request *request,
                               const struct signing *signing)
{
    struct body_hash hash = {.canon = signing->body,
                             .digest = signing->digest,
                             .limit = request->body_limit < 0 ? UINT64_MAX : (uint64_t)request->body_limit};
    struct buf out = {.arena = arena};
    body_hashes_compute(message->body, &hash, 1);
    buf_print(&out, "v=1; a=%.*s; c=%.*s/%.*s;\r\n\td=%.*s; s=%.*s", SPAN_FMT(request->algorithm),
              SPAN_FMT(request->header_canon), SPAN_FMT(request->body_canon), SPAN_FMT(request->domain),
              SPAN_FMT(request->selector));
    if (request->identity.len)
        buf_print(&out, "; i=%.*s", SPAN_FMT(request->identity));
    if (request->signed_at != TIME_UNKNOWN)
        buf_print(&out, "; t=%lld", (long long)request->signed_at);
    if (request->expires_at != TIME_UNKNOWN)
        buf_print(&out, "; x=%lld", (long long)request->expires_at);
    if (request->body_limit >= 0)
        buf_print(&out, "; l=%lld", (long long)request->body_limit);
    names_write(&out, request);
    buf_add(&out, S(";\r\n\tbh="));
    buf_add(&out, tag_base64_write(arena, hash.value, digest_size(signing->digest)));
    buf_add(&out, S(";\r\n\tb="));
    return buf_span(&out);
}

int dkim_signing_input(struct arena *arena, const struct message *message, const struct sign_request *request,
                       struct span *value, struct span *to_sign, struct err *err)
{
    struct signing signing = {0};
    if (request_check(request, &signing, err) < 0)
        return -1;
    struct span written = value_write(arena, message, request, &signing);
    struct header_index *index = header_index_new(arena, &message->fields);
    struct buf bytes = {.arena = arena};
    struct sink sink;
    sink_open_buf(&sink, &bytes);
    header_index_rewind(index);
    vec_each (name, &request->fields) {
        const struct field *field = header_index_take(index, *name, NULL);
        if (field)
            field_canonicalise(&sink, signing.header, field->whole, true);
    }
    field_canonicalise(&sink, signing.header, arena_print(arena, "DKIM-Signature: %.*s", SPAN_FMT(written)), false);
    sink_end_buf(&sink);
    *value = written;
    *to_sign = buf_span(&bytes);
    return 0;
}

/* ---- the key's side */
static void pkey_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void context_free(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static EVP_PKEY *private_key_read(struct span pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

int dkim_sign(struct arena *arena, struct span pem, struct span algorithm, struct span to_sign, struct span *b,
              struct err *err)
{
    EVP_PKEY *key __attribute__((cleanup(pkey_free))) = private_key_read(pem);
    EVP_MD_CTX *context __attribute__((cleanup(context_free))) = EVP_MD_CTX_new();
    bool edwards = span_eq(algorithm, S("ed25519-sha256")), sha1 = span_eq(algorithm, S("rsa-sha1"));
    uint8_t value[DIGEST_MOST];
    size_t len = 0;
    if (!key)
        return err_set(err, "the private key cannot be read; it must be a PEM file without a passphrase");
    if (EVP_PKEY_get_base_id(key) != (edwards ? EVP_PKEY_ED25519 : EVP_PKEY_RSA))
        return err_set(err, "the private key does not fit the algorithm %.*s", SPAN_FMT(algorithm));
    if (edwards) { /* RFC 8463 3: the digest is the message */
        struct sink sink;
        sink_open(&sink, DIGEST_SHA256);
        sink_add(&sink, to_sign);
        sink_digest(&sink, value);
        to_sign = (struct span){(const char *)value, digest_size(DIGEST_SHA256)};
    }
    const EVP_MD *md = edwards ? NULL : digest_of(sha1 ? DIGEST_SHA1 : DIGEST_SHA256);
    if (EVP_DigestSignInit(context, NULL, md, NULL, key) <= 0 ||
        EVP_DigestSign(context, NULL, &len, (const unsigned char *)to_sign.at, to_sign.len) <= 0)
        return err_set(err, "OpenSSL could not sign with this key");
    unsigned char *signature = arena_alloc(arena, len);
    if (EVP_DigestSign(context, signature, &len, (const unsigned char *)to_sign.at, to_sign.len) <= 0)
        return err_set(err, "OpenSSL could not sign with this key");
    *b = tag_base64_write(arena, signature, len);
    return 0;
}
