/* dns: one face over the world's names. Rooms state what they want and read what is known; somebody else waits.
 *
 * In: names and types. Out: answers, or that there is none and why. Three sources: a zone file (RFC 1035 master file;
 * asks no network), libunbound's event API with a deadline, or nothing (offline: every answer is DNS_UNKNOWN). Never
 * blocks on its own; never decides anything about mail.
 */
#pragma once
#include "base/base.h"

enum dns_type { DNS_A = 1, DNS_NS = 2, DNS_CNAME = 5, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28 };
enum dns_status {
    DNS_FOUND,
    DNS_NO_DATA,   /* the name exists, not this type */
    DNS_NO_NAME,   /* NXDOMAIN */
    DNS_FAILED,    /* SERVFAIL, REFUSED, malformed, DNSSEC bogus */
    DNS_TIMED_OUT, /* asked, no answer before the deadline */
    DNS_UNKNOWN    /* not asked: offline */
};
struct dns_ask {
    struct span name; /* A-labels in lower case, no final dot */
    uint16_t type;    /* enum dns_type */
};
struct dns_answer {
    struct dns_ask ask;
    enum dns_status status;
    bool secure;  /* DNSSEC says so */
    uint32_t ttl; /* seconds */
    /* A: 4 bytes; AAAA: 16; TXT: the strings joined; PTR, NS, CNAME: name as text; MX: "preference name" as text */
    VEC(struct span) data;
    struct span why; /* for people where there is no answer */
};
const char *dns_type_name(uint16_t type);
const char *dns_status_name(enum dns_status status);
bool dns_name_askable(struct span name); /* 1 to 253 bytes, labels of 1 to 63; the final dot is off already */

/* ---- a set of answers; one a message. Looking up what is not in it yet notes it as wanted. */
struct dns_answers;
/* Past most_asks every new ask is DNS_FAILED. */
struct dns_answers *dns_answers_new(struct arena *arena, size_t most_asks);
void dns_answers_add(struct dns_answers *answers, const struct dns_answer *answer); /* copied */
/* The answer, or NULL: then the ask stands in dns_wanted. Names that cannot be asked (length, empty labels) are
 * DNS_NO_NAME at once. */
const struct dns_answer *dns_known(struct dns_answers *answers, struct span name, uint16_t type);
size_t dns_wanted(const struct dns_answers *answers, const struct dns_ask **asks); /* not answered yet */
size_t dns_asked(const struct dns_answers *answers);                               /* all that were ever noted */

/* ---- a zone file */
struct dns_zone;
/* RFC 1035 5.1 with $ORIGIN, $TTL, parentheses, RFC 3597 unknown types passed over. Absent names are NXDOMAIN; the
 * types TIMEOUT and SERVFAIL (no data) are ours: every ask of that name times out or fails. */
int dns_zone_load(struct arena *arena, const char *path, struct dns_zone **out, struct err *err);
int dns_zone_parse(struct arena *arena, struct span text, const char *path, struct dns_zone **out, struct err *err);
void dns_zone_answer(const struct dns_zone *zone, const struct dns_ask *ask, struct dns_answer *out);

/* ---- the resolver, on an epoll base of its own; nothing of it crosses a fork. It goes offline, once, where no server
 * has answered anything since the first ask for silence_ms; a failure before the first answer waits for one, since it
 * looks the same. Later a silent name is DNS_TIMED_OUT for itself, so that no stranger's dead name ends the asking. */
struct dns_resolver;
struct dns_resolver_options {
    int deadline_ms;          /* for one ask; 0: 5,000 */
    int silence_ms;           /* 0: 3,000 */
    const char *resolv_conf;  /* NULL: /etc/resolv.conf; without servers in it libunbound walks from the root */
    const char *trust_anchor; /* file with the root's key; NULL: nothing is validated and no answer is secure */
    const char *forward;      /* "127.0.0.1@5353": ask only this server, or these, blank separated; NULL: as resolv.conf says */
};
typedef void (*dns_done)(void *context, const struct dns_answer *answer); /* the answer lives until it returns */
int dns_resolver_open(const struct dns_resolver_options *options, struct dns_resolver **out, struct err *err);
void dns_resolver_close(struct dns_resolver **resolver); /* what is under way is dropped; accepts NULL inside */
/* done may be called at once, and may ask again. */
void dns_resolver_ask(struct dns_resolver *resolver, const struct dns_ask *ask, dns_done done, void *context);
int dns_resolver_fd(const struct dns_resolver *resolver);          /* readable: call dns_resolver_run */
int dns_resolver_wait_ms(const struct dns_resolver *resolver);     /* until it is due anyhow; -1: nothing under way */
void dns_resolver_run(struct dns_resolver *resolver);              /* never blocks */
bool dns_resolver_is_offline(const struct dns_resolver *resolver); /* every later ask is DNS_UNKNOWN */
