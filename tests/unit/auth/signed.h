/* A little world for tests of signatures: a message, keys made on the spot, the DNS that offers them. */
#pragma once
#include "exact.h"
#include "auth/sign.h"
#include "auth/dkim.h"
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

struct test_key {
    struct span pem, record; /* private half; the TXT record of the public one */
};

static inline struct test_key test_key_new(struct arena *arena, unsigned rsa_bits)
{
    EVP_PKEY *pkey = rsa_bits ? EVP_RSA_gen(rsa_bits) : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    BIO *bio = BIO_new(BIO_s_mem());
    unsigned char raw[32], *der = NULL;
    size_t raw_len = sizeof raw;
    struct test_key key;
    char *text;
    assert_non_null(pkey);
    PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
    long len = BIO_get_mem_data(bio, &text);
    key.pem = arena_copy(arena, (struct span){text, (size_t)len});
    if (rsa_bits) {
        int der_len = i2d_PUBKEY(pkey, &der);
        key.record =
            arena_print(arena, "v=DKIM1; k=rsa; p=%.*s", SPAN_FMT(tag_base64_write(arena, der, (size_t)der_len)));
    } else {
        EVP_PKEY_get_raw_public_key(pkey, raw, &raw_len);
        key.record = arena_print(arena, "v=DKIM1; k=ed25519; p=%.*s", SPAN_FMT(tag_base64_write(arena, raw, raw_len)));
    }
    OPENSSL_free(der);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return key;
}

static inline struct message *test_message(struct arena *arena, struct span raw)
{
    struct message_limits limits;
    struct arrival *arrival = arena_one(arena, struct arrival);
    struct message *message = arena_one(arena, struct message);
    message_limits_default(&limits);
    arrival->raw = raw;
    message_parse(arena, &limits, NULL, arrival, message);
    return message;
}

static inline void test_txt(struct arena *arena, struct dns_answers *answers, const char *name, struct span text)
{
    struct dns_answer answer = {.ask = {span_of(name), DNS_TXT}, .status = DNS_FOUND, .ttl = 60};
    *vec_push(arena, &answer.data) = text;
    dns_answers_add(answers, &answer);
}

static inline void test_no(struct dns_answers *answers, const char *name, enum dns_status status)
{
    dns_answers_add(answers, &(struct dns_answer){.ask = {span_of(name), DNS_TXT}, .status = status});
}

/* Checks the topmost signature, as auth_begin and auth_continue do. False: its key is lacking. */
static inline bool test_check(struct arena *arena, const struct auth_settings *settings, const struct message *message,
                              struct dns_answers *answers, int64_t now, struct dkim_proof *out)
{
    struct dkim_check check = {0};
    struct body_hash hash;
    const struct field *field = message_field(message, FIELD_DKIM_SIGNATURE, 0);
    assert_non_null(field);
    signature_read(arena, field, SIGNATURE_DKIM, &check.signature);
    if (signature_wants_body(&check.signature, &hash)) {
        body_hashes_compute(message->body, &hash, 1);
        signature_body_compare(&check.signature, &hash, 1);
    }
    struct header_index *index = header_index_new(arena, &message->fields);
    dkim_begin(arena, &check, index);
    bool done = dkim_continue(arena, settings, &check, index, answers, now);
    *out = check.proof;
    return done;
}

/* The message with a signature on top of it. */
static inline struct span test_sign(struct arena *arena, struct span raw, const struct sign_request *request,
                                    const struct test_key *key)
{
    struct span value, to_sign, b;
    struct err err = {{0}};
    const struct message *message = test_message(arena, raw);
    if (dkim_signing_input(arena, message, request, &value, &to_sign, &err) < 0 ||
        dkim_sign(arena, key->pem, request->algorithm, to_sign, &b, &err) < 0)
        fail_msg("%s", err.text);
    return arena_print(arena, "DKIM-Signature: %.*s%.*s\r\n%.*s", SPAN_FMT(value), SPAN_FMT(b), SPAN_FMT(raw));
}
