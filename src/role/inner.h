/* role/inner: what the files of this room share and nobody else sees. */
#pragma once
#include "role/channel.h"
#include "role/duty.h"
#include "role/role.h"
#include "role/service.h"
#include "seal/pass.h"
#include "seal/seal.h"
#include <sys/types.h>
#include <unistd.h>

enum { FRAME_MOST = 64 << 20 };

static inline void fd_close_later(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* ---- parcel.c: what travels in frames. Readers never trust a length; -1 where the bytes do not fit. */
void job_pack(struct buf *out, const struct scan_job *job); /* without the descriptor, and without raw, which follows behind it where there is none */
int job_unpack(struct arena *arena, struct span bytes, struct scan_job *out); /* raw lies in bytes, all else in the arena */
void asks_pack(struct buf *out, const struct ip *client, const struct dns_ask *asks, size_t count);
bool asks_unpack(struct span *rest, struct ip *client); /* what stands before the asks: the client of the message */
bool ask_unpack(struct span *rest, struct dns_ask *out); /* false at the end or at nonsense */
void answer_pack(struct buf *out, const struct dns_answer *answer);
bool answer_unpack(struct arena *arena, struct span *rest, struct dns_answer *out);
void scan_pack(struct buf *out, uint64_t offset, uint64_t length); /* of the message in the file that travels */
int scan_unpack(struct span bytes, uint64_t *offset, uint64_t *length);
void scanned_pack(struct buf *out, const struct clamd_answer *answer);
int scanned_unpack(struct span bytes, struct clamd_answer *out);
struct heard { /* one witness and one message */
    struct span name, about; /* "list.example", "client" */
    uint64_t asked, answered, found, silent, failed, faults;
    struct span complaint; /* for a log; empty: it is not at fault */
};
void heard_pack(struct buf *out, const struct heard *heard);
bool heard_unpack(struct span *rest, struct heard *out); /* false at the end or at nonsense */
void result_pack(struct buf *out, const struct scan_result *result);
int result_unpack(struct span bytes, struct scan_result *out);

/* ---- heard.c */
struct span heard_of(struct arena *arena, const struct testimony *testimony); /* packed */
/* Seals to be checked, one after the other; the answer has a byte for each. */
enum { CHECKED_UNKNOWN, CHECKED_FORGED, CHECKED_HOLDS };
void seal_pack(struct buf *out, const struct seal *seal);
bool seal_unpack(struct span *rest, struct seal *out); /* false at the end or at nonsense */

/* Passes of locked links to be made tokens, one after the other; the answer has a token for each, empty where it gets none. */
enum { PASSES_MOST = 256 };
void pass_ask_pack(struct buf *out, enum pass_kind kind, struct span text); /* text: of pass_write */
bool pass_ask_unpack(struct span *rest, enum pass_kind *kind, struct span *text); /* false at the end or at nonsense */
void pass_token_pack(struct buf *out, struct span token);
bool pass_token_unpack(struct span *rest, struct span *token);

/* ---- job.c */
/* A copy of its bytes, at most one more than `most`: that tells the reader that they were cut. */
int job_read(struct arena *arena, const struct scan_job *job, size_t most, struct span *raw, struct err *err);
/* A descriptor of the bytes for another process, the caller's; -1: none can be had. Where they came in a frame they are written for it. */
int job_file(const struct scan_job *job);

/* ---- marks.c: which messages a judge has begun with, told by memory that it shares with whoever gives them to it */
struct marks; /* the judge's */
struct marks *marks_new(size_t slots);
void marks_free(struct marks **marks);
int marks_fd(const struct marks *marks); /* stays its own; for FRAME_MARKS */
void marks_begin(struct marks *marks, size_t slot, uint32_t serial);
void marks_end(struct marks *marks, size_t slot);
/* The other side: whether that judge is at it, or was when it ended. fd -1: it told no marks, for it had not come so far. What is no
 * such memory has everything: whoever sends something else is not believed. */
bool marks_has(int fd, uint32_t serial);
size_t marks_count(int fd); /* with how many it has begun; SIZE_MAX: it does not tell */

/* ---- result.c */
void result_write(struct walk *walk, const struct result_style *style, struct scan_result *out);

/* ---- desks.c: what keeper, signer, resolver and scanner do alike: answer the parent, take in whom it introduces, and read what those
 * ask until they are gone. */
struct desk { /* one that asks */
    struct desk *next;
    enum role role;
    struct channel *channel;
    void *own; /* of whoever is asked */
};
struct desk_calls { /* but for asked, NULL: nothing is to be done */
    void (*opened)(void *context, struct desk *desk);
    void (*asked)(void *context, struct desk *desk, struct frame *frame); /* who keeps the descriptor sets it to -1 */
    void (*closed)(void *context, struct desk *desk);          /* its channel is still there */
    void (*told)(void *context, const struct frame *frame);    /* by the parent, beside links and pings */
};
struct desks {
    enum role mine;
    struct channel *parent;
    struct desk *list;
    size_t count;
    struct pollfd *wait;
    const struct desk_calls *calls;
    void *context;
};
void desks_open(struct desks *desks, enum role mine, int fd, const struct desk_calls *calls, void *context); /* fd leads to the parent */
bool desks_turn(struct desks *desks); /* false: the parent is gone */
void desks_hear(struct desks *desks); /* what all but the parent have said; part of a turn */
void desks_wait(struct desks *desks, int fd, int ms); /* for any of them, or fd (-1: nothing else) */
void desks_close_all(struct desks *desks);
void desks_end(struct desks *desks);

/* ---- names.c: a resolver's desk */
struct names;
struct asker; /* one judge that asks */
/* caps of 0 are none; tables may be NULL: then every name is a domain of its own */
struct names *names_new(struct resolver *resolver, const struct names_caps *caps, const struct tables *tables);
void names_free(struct names **names); /* after the resolver, and after every asker */
struct asker *names_asker(struct names *names, struct channel *channel); /* the channel stays the caller's */
void asker_free(struct asker **asker); /* nobody waits for its answers any more */
void names_ask(struct asker *asker, const struct frame *frame); /* of FRAME_ASK; answers go over the asker's channel */
size_t names_waiting(const struct names *names);
uint64_t names_refused(const struct names *names); /* by a cap, ever */

/* ---- scans.c: a scanner's desk */
struct scan_asker; /* one judge that asks */
struct scan_asker *scans_asker(struct channel *channel); /* the channel stays the caller's */
void scan_asker_free(struct scan_asker **asker); /* before the scanner; nobody waits for its answers any more */
void scans_ask(struct scan_asker *asker, struct clamd *clamd, struct frame *frame); /* of FRAME_SCAN, whose descriptor is taken over */

/* ---- user.c: who we are from now on; in the order log, user */
int log_open(const char *file, struct err *err); /* NULL: stays standard error */
int user_become(const char *user, const char *group, struct err *err); /* NULL: as started */

/* ---- fork.c */
/* A process that dies with its parent and has no descriptor but 0, 1, 2 and `keep`, which becomes 3. */
pid_t role_fork(enum role role, int *keep);

/* ---- listen.c, notify.c */
int listen_open(const struct address *address, const char *group, struct err *err); /* the socket, or -1; group: of a path, NULL: ours */
void notify(const char *state); /* to systemd, where it started us: "READY=1" */
int64_t notify_watchdog_ms(void); /* how often it wants to hear of us; 0: never */

/* ---- template.c: forks judges on demand, before anything that must not cross a fork is open in the parent */
struct template {
    struct channel *channel;
    int pid;
};
int template_start(const struct judge_settings *settings, struct template *out, struct err *err);
int template_judge(struct template *template, struct channel **out, struct err *err); /* a new judge's channel */
int template_serve(int fd, const struct judge_settings *settings); /* of the service; fd leads to the parent */
void template_stop(struct template *template);
