/* clamd: one face over ClamAV's daemon: is something that it knows in these bytes?
 *
 * In: descriptors of messages. Out: an answer each, later. By the command INSTREAM, over a unix socket or TCP, a connection each
 * message, a few at a time; the others wait for their turn within the same deadline. Never blocks, never reads what the bytes
 * mean, never takes silence for a clean sheet. While clamd cannot be reached, or several messages in a row got no answer, each
 * scan is CLAMD_AWAY at once; it is tried again after half a second, doubling to half a minute.
 * Source: clamd(8), COMMANDS: "zINSTREAM", chunks of a 4-byte length in network order and as many bytes, a chunk of 0 at the
 * end; answers "stream: OK", "stream: NAME FOUND" and others that end in "ERROR", ended by NUL.
 */
#pragma once
#include "base/base.h"

enum clamd_word { /* kept in records: never renumbered */
    CLAMD_NOTHING,   /* it knows nothing in it, which is not to say that nothing is in it */
    CLAMD_FOUND,
    CLAMD_SILENT,    /* no answer in time */
    CLAMD_AWAY,      /* it cannot be reached */
    CLAMD_ERROR,     /* it could not say */
    CLAMD_TOO_LARGE, /* it was not asked: larger than what it is given */
    CLAMD_WORDS
};
const char *clamd_word_name(enum clamd_word word); /* "nothing-found", "found", "timed-out", "away", "error", "too-large" */
struct clamd_answer {
    enum clamd_word word;
    struct span name; /* of what was found, as clamd calls it: printable ASCII, at most 200 bytes */
    struct span why;  /* for people, where it is neither found nor not */
};
/* Its words, without the NUL. The answer points into text. */
void clamd_answer_parse(struct span text, struct clamd_answer *out);

struct clamd;
struct clamd_scan;
struct clamd_options {
    const char *path; /* of a unix socket; NULL: TCP */
    struct ip ip;
    uint16_t port;
    int deadline_ms;  /* from clamd_scan to the answer; 0: 10,000 */
    unsigned connections; /* at a time; 0: 8 */
    const char *says; /* asks nobody, and answers each scan with these words; NULL; for stories */
};
typedef void (*clamd_done)(void *context, const struct clamd_answer *answer); /* the answer lives until it returns */
struct clamd *clamd_new(const struct clamd_options *options); /* opens nothing before the first scan: a fork may come between */
void clamd_free(struct clamd **clamd); /* scans under way are dropped; accepts NULL inside */
/* fd is taken over: of a regular file or memfd. NULL: done was called already. done may scan again, and may not forget others. */
struct clamd_scan *clamd_scan(struct clamd *clamd, int fd, uint64_t offset, uint64_t length, clamd_done done, void *context);
void clamd_forget(struct clamd_scan *scan); /* nobody waits any more: done is not called */
int clamd_fd(const struct clamd *clamd);      /* readable: call clamd_run; -1: nothing to wait for */
int clamd_wait_ms(const struct clamd *clamd); /* until clamd_run is due; -1: nothing under way */
void clamd_run(struct clamd *clamd);          /* never blocks */
