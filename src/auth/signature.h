/* One signature field: DKIM-Signature (RFC 6376 3.5), ARC-Message-Signature and ARC-Seal (RFC 8617 4.1): read, hashed, checked. */
#pragma once
#include "auth/auth.h"
#include "auth/canon.h"
#include "auth/key.h"
#include "auth/taglist.h"

enum signature_kind { SIGNATURE_DKIM, SIGNATURE_ARC, SIGNATURE_SEAL };

struct signature {
    const struct field *field;
    enum signature_kind kind;
    struct tag_list tags;
    enum digest digest;
    enum key_kind key_kind;
    enum canon header_canon, body_canon;
    struct span domain, selector, identity, algorithm;
    struct span bytes, body_hash; /* b= and bh=, decoded */
    uint64_t limit;               /* l=; UINT64_MAX: none */
    int64_t signed_at, expires_at;
    VEC(struct span) names;       /* h= */
    struct span flaw;             /* why it is none: nothing can be computed; empty: it reads well */
    struct span refusal;          /* why it never counts, although it can be computed; empty: it may */
    struct span key_name;         /* to ask for */
    bool body_matches;
    uint64_t body_length;         /* canonical */
};
enum { SIGNED_NAMES_MOST = 1000 };

/* Reads the field; what is wrong stands in out->flaw or out->refusal, and as much as could be read in the rest. */
void signature_read(struct arena *arena, const struct field *field, enum signature_kind kind, struct signature *out);
/* Notes which hash of the body it needs; sets body_matches from those computed. */
bool signature_wants_body(const struct signature *signature, struct body_hash *out);
void signature_body_compare(struct signature *signature, const struct body_hash *hashes, size_t n);
/* The digest of the signed fields and of its own field with b= emptied. */
void signature_digest(struct arena *arena, const struct signature *signature, struct header_index *index, uint8_t *value);
/* Its own field, b= emptied, into a sink; no line end. */
void signature_own_add(struct arena *arena, const struct signature *signature, struct sink *sink);

/* What key and mathematics say. */
struct verification {
    enum proof_result result; /* pass, fail, policy, permerror, temperror or unknown */
    enum dkim_mathematics mathematics;
    bool admitted;
    unsigned bits;
    bool testing;
    struct span reason;
};
/* The key's record; NULL: lacking. Only for a signature without flaw. */
const struct dns_answer *signature_key(const struct signature *signature, struct dns_answers *answers);
void signature_verify(struct arena *arena, const struct auth_settings *settings, const struct signature *signature,
                      const struct dns_answer *key, const uint8_t *value, int64_t now, struct verification *out);
