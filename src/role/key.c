/* key: what makes two arrivals the same message, sent again: sender, recipients, Message-ID, and what others wrote. */
#include "role/inner.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { KEY_BYTES = 32 };

static void digest_free(EVP_MD_CTX **digest)
{
    EVP_MD_CTX_free(*digest);
}

static void digest_add(EVP_MD_CTX *digest, struct span s)
{
    uint64_t len = s.len;
    EVP_DigestUpdate(digest, &len, sizeof len);
    EVP_DigestUpdate(digest, s.at, s.len);
}

static int by_bytes(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* Senders name the recipients of one message in any order. */
static void recipients_add(EVP_MD_CTX *digest, struct arena *arena, const struct arrival *arrival)
{
    size_t count = arrival->rcpt_to.len;
    struct span *sorted = arena_alloc(arena, count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = arrival->rcpt_to.at[i].address;
    if (count)
        qsort(sorted, count, sizeof *sorted, by_bytes);
    digest_add(digest, (struct span){(const char *)&count, sizeof count});
    for (size_t i = 0; i < count; i++)
        digest_add(digest, sorted[i]);
}

/* Our own machines write new lines at each try, so what they wrote is no part of it. */
static struct span below_edge(const struct walk *walk)
{
    const struct path *path = &walk->path;
    struct span raw = walk->message.raw;
    if (!path->edge_known || path->edge >= path->hops.len || !path->hops.at[path->edge].field)
        return raw;
    struct span written = path->hops.at[path->edge].field->whole;
    return span_skip(raw, (size_t)(written.at - raw.at) + written.len);
}

/* Asked for once: each asking by name costs more than a small digest. */
static const EVP_MD *sha256(void)
{
    static EVP_MD *fetched;
    if (!fetched)
        fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
    return fetched;
}

void record_key(const struct walk *walk, struct span *out)
{
    uint8_t *sum = arena_alloc(walk->arena, EVP_MAX_MD_SIZE);
    EVP_MD_CTX *digest __attribute__((cleanup(digest_free))) = EVP_MD_CTX_new();
    if (!digest || !EVP_DigestInit_ex2(digest, sha256(), NULL))
        abort(); /* without it a message would be taken for another: the judge ends, and another tries */
    uint64_t state = walk->arrival.mail_from_state;
    digest_add(digest, (struct span){(const char *)&state, sizeof state});
    digest_add(digest, walk->arrival.mail_from);
    recipients_add(digest, walk->arena, &walk->arrival);
    digest_add(digest, walk->message.message_id);
    digest_add(digest, below_edge(walk));
    EVP_DigestFinal_ex(digest, sum, NULL);
    *out = (struct span){(const char *)sum, KEY_BYTES};
}
