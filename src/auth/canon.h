/* Canonical forms of header and body, RFC 6376 3.4, streamed into digests.
 * A message as it lies in a file may have LF or mixed line ends: each LF counts as CRLF here. A CR alone is a byte. */
#pragma once
#include "base/base.h"
#include "message/message.h"
#include <openssl/evp.h>

enum canon { CANON_SIMPLE, CANON_RELAXED };
enum digest { DIGEST_SHA1, DIGEST_SHA256 };
enum { DIGEST_MOST = 32 };

const EVP_MD *digest_of(enum digest digest); /* fetched once a process */
size_t digest_size(enum digest digest);

/* A hash of the body. Several with the same canon and digest are computed in one pass, whatever their limits. */
struct body_hash {
    enum canon canon;
    enum digest digest;
    uint64_t limit;             /* l=; UINT64_MAX: none */
    uint8_t value[DIGEST_MOST]; /* of the first `limit` bytes of the canonical body */
    uint64_t length;            /* of the whole canonical body */
};
void body_hashes_compute(struct span body, struct body_hash *at, size_t n); /* sorts them */
const struct body_hash *body_hash_find(const struct body_hash *at, size_t n, enum canon canon, enum digest digest, uint64_t limit);

/* Where canonical bytes go: a digest, or a buffer. */
struct sink {
    EVP_MD_CTX *md;          /* NULL: into buf, where there is one */
    struct buf *buf;
    struct body_hash *marks; /* digests due at their limits, in ascending order */
    size_t marks_len;
    uint64_t total;          /* bytes passed on so far */
    size_t len;
    char at[8192];
};
void sink_open(struct sink *sink, enum digest digest); /* pairs with sink_digest or sink_close */
void sink_open_buf(struct sink *sink, struct buf *buf);
void sink_add(struct sink *sink, struct span bytes);
void sink_end_buf(struct sink *sink);                   /* all of it into the buffer */
void sink_digest(struct sink *sink, uint8_t *out);      /* ends it */
void sink_peek(struct sink *sink, struct sink *copy);   /* a second sink that goes on from here */
void sink_close(struct sink *sink);

void body_canonicalise(struct sink *sink, enum canon canon, struct span body);
/* One field from its name to its line end; without the final CRLF where it is the signature's own. */
void field_canonicalise(struct sink *sink, enum canon canon, struct span whole, bool line_end);

/* Fields by name, from the bottom up, as h= takes them. */
struct header_index;
struct header_index *header_index_new(struct arena *arena, const fields_t *fields);
void header_index_rewind(struct header_index *index);
const struct field *header_index_take(struct header_index *index, struct span name, const struct field *own); /* NULL: no more; never `own` */
size_t header_index_count(const struct header_index *index, struct span name);
