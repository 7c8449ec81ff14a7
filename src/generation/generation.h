/* generation: one loaded, checked, read-only set of configuration, tables, people and weights.
 *
 * In: conf/sekimori.conf and the files that it names. Out: a generation, or every fault with its line and remedy. Every
 * key stands once, in generation/key.def, from which come the reading, --print-config and sekimori.conf(5).
 * Never: opens a socket or a store, makes a folder, holds a secret (files of secrets are looked at and not kept).
 * Paths of the file that do not begin with / lie beside it. An empty span is a value that nobody wrote and that has no default.
 */
#pragma once
#include "action/plan.h"
#include "base/base.h"
#include "dns/dns.h"
#include "generation/notification.h"
#include "generation/value.h"
#include "identity/identity.h"
#include "message/message.h"
#include "relay/relay.h"
#include "table/table.h"
#include "verdict/verdict.h"
#include "verdict/witnesses.h"
#include "walk/walk.h"

/* ---- what is wrong with a file */
struct fault {
    bool warning;          /* it would serve, but probably not as meant */
    unsigned line;         /* 0: of the file as a whole, or of a default */
    struct span key, text; /* "listeners[2].address"; a sentence with what to do */
};
struct faults {
    struct arena *arena;
    struct span file;
    VEC(struct fault) list; /* by line */
    size_t wrong, warnings; /* how many of each */
};
void faults_begin(struct faults *faults, const char *path);
void faults_end(struct faults *faults);
void faults_print(const struct faults *faults, struct buf *out); /* a line each: FILE:LINE: key: text */

/* ---- what is configured */
enum organisation_mode { MODE_PASSIVE, MODE_CONFIRM, MODE_ACTIVE };
enum unjudged_policy { UNJUDGED_BY_MODE, UNJUDGED_PASS, UNJUDGED_HOLD }; /* after loading never the first */
struct organisation {
    struct span id, name;
    struct identity_settings identity; /* as the file has it; walk.identity has people_file added */
    enum language language;
    struct span people_file;
    double suspicious, malicious; /* scores */
    enum organisation_mode mode;
    enum unjudged_policy unjudged;
    enum { DIGEST_NO, DIGEST_ASK, DIGEST_RELEASE } digest;
    uint64_t digest_hour;
    enum { DIGEST_BY_ORGANISATION, DIGEST_EN, DIGEST_JA, DIGEST_BOTH } digest_language;
    struct walk_settings walk; /* for mail to and from it: generation.walk with its people, thresholds and mode */
};
enum listener_kind { LISTENER_HTTP, LISTENER_MILTER, LISTENER_SPAMC, LISTENER_LINKS };
struct listener {
    struct span name;
    enum listener_kind kind;
    struct address address;
    struct span group; /* of a unix socket; empty: ours */
    enum direction direction;
    VEC(struct prefix) networks;             /* clients that may go that way without a login; none: any */
    struct span organisation;                /* id; empty: told by the recipients' domains */
    const struct organisation *belongs_to;   /* the same; NULL */
    struct span tokens;                      /* file: a token a line; empty: none is asked for */
    bool metrics;                            /* answers /metrics */
};
struct block_code {
    struct span code, evidence; /* as written */
    struct witness_code means;  /* the same */
};
struct block_list {
    struct span zone;
    enum list_asks asks;
    VEC(struct block_code) codes;
};
enum store_driver { STORE_SQLITE, STORE_MEMORY };
enum sync_kind { SYNC_FULL, SYNC_NORMAL };

struct generation_inside;
struct generation {
    struct span id;            /* 20 letters: digest of the values and of every file that was loaded, secrets left out */
    struct arena *arena;       /* of all of it */
    struct span path;          /* of the file */
    struct walk_settings walk; /* for mail that belongs to no organisation */
    struct tables *tables;
    struct dns_zone *zone;     /* NULL: the world is asked */
    struct customers customers;
    VEC(struct organisation) organisations;
    VEC(struct listener) listeners;
    struct {
        VEC(struct address) servers;
        struct span forward; /* the same, as dns_resolver_options takes it; empty: as resolv_conf says */
        struct span resolv_conf, trust_anchor, zone;
        bool offline;
        uint64_t deadline_ms, silence_ms;
        VEC(struct block_list) block_lists;
    } dns;
    struct {
        struct address address; /* text empty: not asked */
        uint64_t deadline_ms, most_bytes;
    } clamd;
    struct {
        uint64_t number; /* 0: one a processor */
        uint64_t slots, most_bytes, ceiling, hang_seconds, deadline_ms;
        uint64_t parked, parked_bytes;     /* of all judges together */
        uint64_t per_client, per_domain, names; /* unanswered: of one client's messages, under one domain, in all */
    } judges;
    struct {
        struct span folder, lists, weights, country, as, suffixes, customers;
    } files;
    struct {
        enum store_driver driver;
        struct span path;
        enum sync_kind sync;
        uint64_t commit_ms, log_bytes;
    } store;
    VEC(struct notification) notifications;
    struct policies policies;
    struct {
        struct span base_url; /* without a final slash */
        int64_t seconds;      /* that a pass holds */
    } links;
    struct {
        struct span suspicious, malicious; /* before a subject */
    } tags;
    struct {
        uint64_t wait_seconds, wait_most_seconds, deadline_ms, at_once;
    } outbox;
    struct { /* seconds */
        int64_t records, outcomes, hold, outbox, corrections;
    } keep;
    struct {
        struct span folder;
        uint64_t most_bytes;
        struct address release_to; /* text empty: nowhere */
        enum release_tls { RELEASE_TLS_NO, RELEASE_TLS_MAY, RELEASE_TLS_MUST } release_tls;
        struct span release_name, release_ca;
        int64_t confirm_wait;
        enum { CONFIRM_RELEASE, CONFIRM_AGREE } confirm_then;
        struct span digest_sender;
    } hold;
    struct span keys_folder;
    struct {
        bool add;
        uint64_t wait_ms;
    } seal;
    struct {
        struct span domain, selector; /* A-labels; empty: no ARC set is made */
    } arc;
    struct {
        enum { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG } level;
        struct span file; /* empty: standard error */
        bool addresses;   /* of senders and recipients, in the log too */
    } log;
    struct { /* of each listener */
        uint64_t connections, per_client; /* per_client 0: no cap */
        uint64_t idle_seconds, request_seconds, session_seconds, drain_seconds;
        uint64_t memory_bytes;            /* of a message; larger ones wait in files */
        struct span spool;                /* folder of these; empty: that of the store */
    } door;
    struct {
        struct span user, group; /* user empty: whoever started it */
    } run;
    struct generation_inside *inside;
};
/* *out is touched only where the whole is in order; warnings do not keep it from that. -1: faults->wrong is not 0. */
int generation_load(const char *path, struct generation **out, struct faults *faults);
/* Of a file that may have faults elsewhere: keys_folder and run, and nothing else of *out. -1: what it says of them is not sure. */
int generation_load_keys(const char *path, struct generation **out);
void generation_free(struct generation **generation); /* accepts NULL inside; sets it NULL */
/* Every value in force as a file that gives the same generation again; those that nobody wrote end in "# default". */
void generation_print(const struct generation *generation, struct buf *out);
struct table_options generation_tables(const struct generation *generation); /* that its tables were opened with */
/* What these lists are asked and what they mean, the scanner of out->witness beside them; with none of them what was found of any is
 * forgotten. Spans stay those of the lists. */
void generation_lists(struct arena *arena, const struct block_list *lists, size_t count, struct walk_settings *out);
const struct organisation *generation_organisation_by_id(const struct generation *generation, struct span id);
