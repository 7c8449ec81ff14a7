/* Public keys of DKIM and ARC: the record in DNS (RFC 6376 3.6.1), the key in it (RFC 8017, 8463), the cache of parsed ones. */
#pragma once
#include "auth/canon.h"
#include "base/base.h"

enum key_kind { KEY_RSA, KEY_ED25519 };
struct public_key; /* lives in the process's cache, at least until the next key_find */

struct key_record {
    enum key_kind kind;
    struct span bytes;   /* p=, decoded; empty: revoked */
    struct span digests; /* h=, as written; empty: all */
    bool other_service;  /* s= without email */
    bool testing;        /* t=y */
    bool no_subdomains;  /* t=s */
};
/* False: not a usable key record; *why says why, for people. */
bool key_record_read(struct arena *arena, struct span text, struct key_record *out, struct span *why);

/* The parsed key; NULL where the bytes are none. At most 512 are kept a process. */
struct public_key *key_find(enum key_kind kind, struct span bytes);
unsigned key_bits(const struct public_key *key);
/* RSASSA-PKCS1-v1_5 over the digest, or PureEdDSA with the digest as the message (RFC 8463 3). */
bool key_verify(struct public_key *key, enum digest digest, const uint8_t *value, struct span signature);
