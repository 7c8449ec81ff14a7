/* role/service: the processes of `sekimori serve`: a parent that starts them, joins them by channels, starts anew what
 * died, loads new generations and ends them all.
 *
 * In: a way to load settings, and the doors' main functions. Out: an exit status.
 * The parent never reads mail, nor anything that came over the network.
 */
#pragma once
#include "base/base.h"
#include "generation/value.h"
#include "role/duty.h"
#include "role/role.h"

/* ---- names of many judges, answered by one process */
struct names_caps { /* unanswered names; 0: no cap. Past it what is silent already is not waited for */
    unsigned domain; /* of one organisation's domains */
    unsigned client; /* of one client's messages */
    unsigned all;    /* the oldest is given up */
};

struct outbox_settings {
    uint64_t wait_seconds, wait_most_seconds; /* between two tries, see sekimori.conf(5) */
    int64_t keep_seconds;                     /* how long a job is tried, and how long it is kept what came of it */
    uint64_t at_once;                         /* jobs of one lane */
};
struct keep_times { /* to live, in seconds */
    int64_t records, outcomes, hold, corrections;
};
struct digest_organisation { /* whose recipients are told once a day what is held for them */
    struct span id, name;
    uint64_t hour;       /* of the machine's clock, from which on */
    bool releases, en, ja;
};
struct digest_settings {
    struct span base_url, sender;
    VEC(struct digest_organisation) list;
};
void digest_settings_pack(struct buf *out, const struct digest_settings *settings);
int digest_settings_unpack(struct arena *arena, struct span bytes, struct digest_settings *out); /* points into bytes */
struct keeper_settings {
    struct span digests;  /* digest_settings_pack; empty: none are sent */
    struct outbox_settings outbox;
    unsigned commit_ms;   /* requests that come within it share a commit; 10 */
    struct keep_times keep;
    const char *path;     /* of the store; NULL: memory */
    bool full_sync;
    uint64_t log_bytes;   /* of the store, beyond which the checkpointer moves its log into the file */
    const char *hold_folder;
    uint64_t hold_bytes;  /* most of what is held together */
    int64_t confirm_wait; /* seconds that a copy waits for a person to agree */
    bool confirm_agrees;  /* what is done then: what was proposed; else it leaves without */
};

struct signer_settings { /* plain bytes, since they travel in a frame */
    char folder[256];     /* of the keys */
    char arc_domain[256], arc_selector[64]; /* of ARC sets; a judge gets no other signature. Empty: none */
};

enum { TOKENS_MOST = 64, NETWORKS_MOST = 64, SPOOL_PATH_MOST = 200, NAME_MOST = 64, AUTHSERV_MOST = 256 };
enum listener_protocol { PROTOCOL_HTTP, PROTOCOL_MILTER, PROTOCOL_SPAMC, PROTOCOL_LINKS };
struct listener_settings { /* of one listening socket of a door; plain bytes, since they travel in a frame */
    char name[NAME_MOST], organisation[NAME_MOST]; /* organisation: its id; empty: the envelope tells */
    enum listener_protocol protocol;
    enum direction direction;
    uint32_t network_count;          /* 0: whoever hands in mail there goes that way */
    struct listener_network {
        struct ip network;
        uint32_t bits;
    } networks[NETWORKS_MOST];       /* clients that go that way without a login */
    bool metrics;
    uint32_t token_count;            /* 0: none is asked for */
    uint8_t tokens[TOKENS_MOST][32]; /* SHA-256 of each */
};
struct service_listener {
    struct address address;
    const char *group; /* of a unix socket; NULL: ours */
    struct listener_settings settings;
};
struct door_settings { /* of one door, over all its sockets; plain bytes, since they travel in a frame */
    uint64_t most_bytes;       /* of a message */
    uint64_t header_bytes;     /* of its header */
    char generation[NAME_MOST];
    uint64_t memory_bytes;     /* of a message that is kept in memory; larger ones go to the spool */
    uint32_t connections, connections_of_client;
    uint32_t most_held;        /* requests in work; more are told to come again */
    uint64_t most_held_bytes;  /* of their messages */
    uint32_t idle_seconds;     /* a connection on which nothing moves */
    uint32_t request_seconds;  /* for a whole request to arrive */
    uint32_t session_seconds;  /* a connection of a mail server on which nothing moves, for its client may take its time */
    uint32_t drain_seconds;
    bool log_addresses, seals; /* seals: of what stays with us are wanted */
    char authserv_id[AUTHSERV_MOST]; /* that results of others may not bear; empty: any may */
    uint32_t seal_wait_ms;     /* for the signer; then the answer goes without a seal */
    char spool[SPOOL_PATH_MOST]; /* folder; empty: everything stays in memory */
    uint64_t judge_slots, judge_bytes; /* the caps of its judges */
};
void door_settings_default(struct door_settings *settings);

struct destination { /* where the jobs of a lane go; a name is all that a job has of it */
    struct span name, kind;     /* "webhook", "program", "mail", "release": what a job of another kind asks for is not done */
    struct span url, secret;    /* of a webhook; secret: path of a file of header fields, read by the courier alone */
    VEC(struct span) program;
    struct span server, sender, mail, certificate, ca; /* certificate: the name in it, empty: the address; ca: a file of whom to trust, empty: the system's */
    bool marks; /* of "release": a door of ours for reinjected mail takes X-Sekimori-Release off again */
    enum { DESTINATION_TLS_NO, DESTINATION_TLS_MAY, DESTINATION_TLS_MUST } tls;
};
struct courier_settings {
    VEC(struct destination) destinations;
    uint64_t deadline_ms; /* of one try */
};
void courier_settings_pack(struct buf *out, const struct courier_settings *settings);
int courier_settings_unpack(struct arena *arena, struct span bytes, struct courier_settings *out); /* texts are copied, each with a NUL behind it */

struct service_generation { /* everything of one load; the spans and pointers live until free */
    struct span id;
    struct judge_settings judge;
    unsigned judges;
    struct resolver_settings resolver;
    struct clamd_options clamd;
    bool scans;                /* a virus scanner is asked; without it there is no such process */
    struct names_caps caps;
    const struct tables *tables;
    struct keeper_settings keeper;
    struct signer_settings signer;
    struct courier_settings courier;
    struct door_settings door;
    struct span organisations; /* for the doors: whose_pack */
    VEC(struct service_listener) listeners;
    enum log_level log_level;
    const char *log_file;      /* NULL: standard error */
    const char *user, *group;  /* NULL: whoever started it */
    void *inside;              /* of whoever loaded it */
};

struct service_calls {
    /* Loads all that is configured, anew. -1: err says what is wrong; nothing is changed. */
    int (*load)(void *context, struct service_generation *out, struct err *err);
    void (*unload)(void *context, struct service_generation *generation);
    /* A door's main function: fd leads to the parent, which sends settings and listening sockets. The exit status. */
    int (*door)(int fd); /* HTTP */
    int (*mta)(int fd);  /* milter, spamc */
    void *context;
};
int service_run(const struct service_calls *service); /* until it is told to end; the exit status */

/* ---- the processes' main functions; fd leads to the parent */
int resolver_serve(int fd, const struct service_generation *generation);
int keeper_serve(int fd, const struct service_generation *generation);
int signer_serve(int fd, const struct signer_settings *settings);
int checkpointer_serve(int fd, const struct service_generation *generation);
int scanner_serve(int fd, const struct service_generation *generation);
int courier_serve(int fd); /* what it knows comes from the parent as FRAME_SETTINGS */
