/* keyring: the keys of seal, DKIM, ARC and tokens on disk.
 *
 * A folder that nobody but its owner may look into (0700) holds a table, `keys`, with a row a key, and a file of the secret of
 * each, `ID.secret` (0600). The table alone says which keys there are. A secret is on disk before a table names it; a new
 * table is written beside the old one and renamed over it; a secret goes after the table that named it. So a crash leaves the
 * keys of before or those of after, and at worst a secret that no table names, which nobody uses and the next change removes.
 * One change at a time: `lock` is held over it.
 * In: the folder, the time. Out: keys. Never: tells a secret in an error, a table or a DNS record; reads a clock.
 * A folder or file that others may read is refused, not repaired: what they read is known to them.
 */
#pragma once
#include "base/base.h"
#include <sys/types.h>

enum key_purpose { PURPOSE_SEAL, PURPOSE_TOKEN, PURPOSE_DKIM, PURPOSE_ARC, PURPOSE_COUNT };
enum key_state {
    KEY_NEXT,     /* made, not used yet: where it must be published, or known elsewhere, before */
    KEY_CURRENT,  /* new seals, tokens and signatures are made with it */
    KEY_RETIRING, /* what it made still holds, until it expires */
};
struct ring_key {
    struct span id; /* 12 letters and digits, made at random */
    enum key_purpose purpose;
    enum key_state state;
    int64_t made, since, expires;         /* since: it is in this state; expires: TIME_UNKNOWN but for RETIRING */
    struct span domain, selector;         /* of dkim and arc; A-labels */
    struct span algorithm;                /* of dkim and arc: "rsa-sha256", "ed25519-sha256" */
    struct span secret;                   /* 32 bytes, or PEM; empty: not asked for, or it could not be read */
};
struct keyring {
    struct arena *arena;
    VEC(struct ring_key) keys;
    struct err lacking; /* not empty: the secret of some key could not be read, and why */
    int folder, lock;   /* lock: -1 where it is only read */
};
const char *purpose_name(enum key_purpose purpose); /* "seal" */
bool purpose_by_name(struct span name, enum key_purpose *out);
bool purpose_is_published(enum key_purpose purpose); /* dkim, arc */
const char *key_state_name(enum key_state state);

/* ---- reading, with the secrets; what has expired at `now` is not there. A folder that is not there has no keys. */
int keyring_read(const char *folder, int64_t now, struct keyring **out, struct err *err);
void keyring_free(struct keyring **ring); /* wipes the secrets; what was changed and not committed is as if it never was */
/* The key of that purpose, domain and algorithm (empty: any) in that state; NULL. */
const struct ring_key *keyring_find(const struct keyring *ring, enum key_purpose purpose, enum key_state state, struct span domain, struct span algorithm);
const struct ring_key *keyring_by_id(const struct keyring *ring, struct span id);
/* For signing as domain and selector say: one that is published, so not a NEXT one. */
const struct ring_key *keyring_by_selector(const struct keyring *ring, enum key_purpose purpose, struct span domain, struct span selector);

/* ---- changing. owner: of a folder that has to be made, where we may choose (root); -1: the owner of the folder above */
int keyring_edit(const char *folder, uid_t owner, int64_t now, struct keyring **out, struct err *err); /* waits for the lock */
struct key_request {
    enum key_purpose purpose;
    struct span domain, selector, algorithm; /* of dkim and arc; selector and algorithm may be empty: one is chosen, rsa-sha256 */
};
/* CURRENT where seals or tokens have none yet, else NEXT. -1 where a NEXT one waits already. */
int keyring_make(struct keyring *ring, const struct key_request *request, int64_t now, const struct ring_key **out, struct err *err);
/* NEXT becomes CURRENT, and CURRENT RETIRING until now + keep. Of seals and tokens a new one is made where none is NEXT. */
int keyring_rotate(struct keyring *ring, const struct key_request *request, int64_t now, int64_t keep, const struct ring_key **out, struct err *err);
/* RETIRING until now + keep; gone at once where keep is 0, or it was never used. */
int keyring_retire(struct keyring *ring, struct span id, int64_t now, int64_t keep, struct err *err);
int keyring_commit(struct keyring *ring, struct err *err);

/* ---- publishing */
/* A TXT record as a zone file has it: name, type, the text in pieces of at most 255 letters. */
int keyring_dns(struct arena *arena, const struct ring_key *key, struct span *record, struct err *err);
