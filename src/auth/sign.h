/* auth/sign: signing as RFC 6376 and RFC 8617 want it.
 *
 * In: the message as it will leave, and what is to be signed. Out: the value of the field and the bytes to sign; who holds
 * the key signs them. Never: keeps a key, looks at the clock.
 */
#pragma once
#include "auth/auth.h"

/* The bytes that a signature covers, for a signer that holds the key. A signature is asked for with b= empty. */
struct sign_request {
    struct span domain, selector, identity; /* identity may be empty */
    struct span algorithm;                  /* "rsa-sha256", "ed25519-sha256", "rsa-sha1" */
    struct span header_canon, body_canon;   /* "simple" or "relaxed" */
    VEC(struct span) fields;                /* h=, in order; a name once more than it occurs oversigns */
    int64_t signed_at, expires_at;          /* TIME_UNKNOWN: not written */
    int64_t body_limit;                     /* -1: none */
};
/* What a signature may name: labels of letters, digits, - and _; the domain has two or more. */
bool signing_names_are_plain(struct span domain, struct span selector);
/* The DKIM-Signature value up to and with "b=" and the bytes to hash and sign. */
int dkim_signing_input(struct arena *arena, const struct message *message, const struct sign_request *request,
                       struct span *value, struct span *to_sign, struct err *err);
/* RSA (PKCS#1 v1.5) or Ed25519 over to_sign with a private key in PEM; base64 out. Only the signer and tests hold keys. */
int dkim_sign(struct arena *arena, struct span pem, struct span algorithm, struct span to_sign, struct span *b, struct err *err);

/* One more ARC set, RFC 8617 5.1: ask for the signature's input, have it signed, then for the seal's. Written from the top
 * of the header down: seal, signature, results. */
struct seal_request {
    struct span domain, selector, algorithm; /* "rsa-sha256" */
    VEC(struct span) fields;                 /* h= of the message signature */
    int64_t signed_at;
    struct span results;                     /* as results_write gives them */
    enum proof_result chain;                 /* of the message as it came: none, pass, or fail for whatever else */
};
struct arc_writing {
    unsigned instance;               /* 0: no set may be added: the chain ended with cv=fail, or is full */
    struct span results, signature, seal; /* values; ARC-Authentication-Results, -Message-Signature, -Seal */
};
int arc_signature_input(struct arena *arena, const struct message *message, const struct seal_request *request,
                        struct arc_writing *out, struct span *to_sign, struct err *err);
void arc_seal_input(struct arena *arena, const struct message *message, const struct seal_request *request, struct span signature_b,
                    struct arc_writing *out, struct span *to_sign); /* puts signature_b into out->signature */
void arc_seal_finish(struct arena *arena, struct span seal_b, struct arc_writing *out);
