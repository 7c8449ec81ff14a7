#include "door/killers.h"

#include <stdlib.h>
#include <unistd.h>

enum { KEPT = 1024, SECONDS = 7 * 24 * 3600, PIECE = 64 * 1024 };

struct killers {
    struct {
        uint8_t digest[SHA256_BYTES];
        int64_t at;
    } rows[KEPT];
    size_t len, next;
};

struct killers *killers_new(void)
{
    struct killers *killers = calloc(1, sizeof *killers);
    if (!killers)
        abort();
    return killers;
}

void killers_free(struct killers **killers)
{
    free(*killers);
    *killers = NULL;
}

static bool file_add(struct sha256 *digest, int fd, uint64_t length)
{
    static char piece[PIECE];
    for (uint64_t at = 0; at < length;) {
        size_t want = length - at < sizeof piece ? (size_t)(length - at) : sizeof piece;
        ssize_t got = pread(fd, piece, want, (off_t)at);
        if (got <= 0)
            return false;
        sha256_add(digest, (struct span){piece, (size_t)got});
        at += (uint64_t)got;
    }
    return true;
}

static bool bytes_add_to(struct sha256 *digest, const struct scan_job *job)
{
    if (job->fd >= 0)
        return file_add(digest, job->fd, job->length);
    sha256_add(digest, job->arrival.raw);
    return true;
}

bool killers_digest(const struct scan_job *job, uint8_t *out)
{
    struct sha256 digest __attribute__((cleanup(sha256_free))) = sha256_open();
    sha256_add_framed(&digest, job->arrival.mail_from);
    if (!bytes_add_to(&digest, job))
        return false;
    sha256_close(&digest, out);
    return true;
}

void killers_add(struct killers *killers, const uint8_t *digest, int64_t now)
{
    memcpy(killers->rows[killers->next].digest, digest, SHA256_BYTES);
    killers->rows[killers->next].at = now;
    killers->next = (killers->next + 1) % KEPT;
    killers->len += killers->len < KEPT;
}

bool killers_has(const struct killers *killers, const uint8_t *digest, int64_t now)
{
    for (size_t i = 0; i < killers->len; i++)
        if (memcmp(killers->rows[i].digest, digest, SHA256_BYTES) == 0 && now - killers->rows[i].at < SECONDS)
            return true;
    return false;
}

bool killers_is_empty(const struct killers *killers)
{
    return !killers->len;
}
