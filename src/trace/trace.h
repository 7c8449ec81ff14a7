/* trace: the Received chain -> the road. Hops, trust edge, true client, the service that carried it, the customer's
 * account there, the Microsoft tenant.
 *
 * In: the arrival's connect facts, the message's header, tables. Out: facts, each with its place; never a score.
 * Hops are newest first; hop 0 is the door's own connection where the arrival tells of it. Where the message already bears
 * the Received field of that connection the two are one hop; hops of ours written since (re-injection) then stand above it.
 * What stands below the trust edge is the sender's word and is marked as a claim. No I/O.
 * Sources: RFC 5321 4.4, 5322 3.6.7, 3848 (protocols); reference of headers: docs/PATHS.md.
 */
#pragma once
#include "base/base.h"
#include "message/message.h"
#include "table/table.h"

/* Who wrote a Received field: shapes of common mailers, told from its words. Names for people in mailer_name. */
enum mailer {
    MAILER_UNKNOWN, MAILER_POSTFIX, MAILER_EXIM, MAILER_SENDMAIL, MAILER_QMAIL, MAILER_EXCHANGE, MAILER_EXCHANGE_ONLINE,
    MAILER_GOOGLE, MAILER_YAHOO, MAILER_PROOFPOINT, MAILER_MIMECAST, MAILER_BARRACUDA, MAILER_CISCO, MAILER_ZIMBRA,
    MAILER_DOVECOT, MAILER_POWERMTA, MAILER_AMAZON_SES, MAILER_SENDGRID, MAILER_MAILGUN, MAILER_MAILCHIMP,
    MAILER_CONSTANT_CONTACT, MAILER_QPSMTPD, MAILER_HMAILSERVER, MAILER_LIST, MAILER_FETCHMAIL, MAILER_OTHER, MAILER_COUNT
};
const char *mailer_name(enum mailer mailer);

enum hop_trust { HOP_CLAIM, HOP_TRUSTED, HOP_DOOR }; /* the sender's word; written by ours or named machines; our own connection */

enum hop_oddity { /* bits */
    HOP_NO_BY = 1, HOP_NO_TIME = 2, HOP_NO_FROM = 4, /* has a from clause without any name or address */
    HOP_TIME_BACKWARDS = 8,    /* earlier than the hop below it by more than the tolerance */
    HOP_TIME_FUTURE = 16,      /* later than the arrival */
    HOP_TIME_JUMP = 32,        /* later than the hop below it by more than a day */
    HOP_GAP = 64,              /* its from does not name the by of the hop below */
    HOP_LOOP = 128,            /* its by stood in an earlier hop with another host between */
    HOP_PRIVATE_ADDRESS = 256, HOP_RESERVED_ADDRESS = 512, /* where a public one is expected */
    HOP_NAME_MISFITS_NETWORK = 1024, /* a name of a service on an address that is known not to be its */
    HOP_UNREADABLE = 2048
};

struct hop {
    const struct field *field; /* NULL for the door's own connection where no Received field of it stands in the message */
    enum mailer mailer;
    enum hop_trust trust;
    struct span from;          /* name it was received from, as that machine's mailer wrote it */
    struct span helo;          /* what it said in HELO, where told apart from `from` */
    struct span reverse;       /* reverse name */
    struct ip address;
    enum ip_scope scope;       /* of the address */
    struct span by;
    struct ip by_address;
    struct span with;          /* ESMTPS, LMTP, mapi, HTTP ... */
    struct {
        struct span version, cipher;
    } tls;
    struct span id, for_whom;
    bool local;                /* submitted or handed over inside one machine: no SMTP client */
    int64_t time;              /* or TIME_UNKNOWN */
    int64_t delay;             /* seconds since the hop below; or TIME_UNKNOWN */
    unsigned oddities;         /* bits of enum hop_oddity */
};

/* Where machines of ours end. A preset says how to find it; hosts and networks add to it. */
enum trace_preset { PRESET_NONE, PRESET_POSTFIX, PRESET_M365, PRESET_GOOGLE };
struct prefix {
    struct ip network;
    unsigned bits;
};
struct trace_settings {
    enum trace_preset preset;
    VEC(struct span) trusted_hosts;       /* names (and what is under them) of ours, as they stand after `by` */
    VEC(struct prefix) trusted_networks;  /* addresses of ours, as they stand in from */
    int64_t clock_tolerance;              /* seconds; default 300 */
    size_t most_hops;                     /* default 100; further ones are counted, not read */
};
void trace_settings_default(struct trace_settings *settings);
bool trace_preset_parse(struct span name, enum trace_preset *out); /* none postfix m365 google */

/* Not there; below the edge; by the word of a confirmed relay that stands at the edge (path.inner_edge); written by what we trust. */
enum fact_place { FACT_ABSENT, FACT_CLAIM, FACT_VOUCHED, FACT_TRUSTED };

struct carrier {
    const struct service *service; /* NULL: none recognised */
    bool borne_out;                /* the client at the edge is the service's by network or forward-confirmed name */
    struct span account;           /* the customer there; empty: not told */
    struct span account_from;      /* the field it was read in */
    bool account_sure;
};

/* Microsoft 365: five proofs of the tenant, kept apart; docs/PATHS.md. Each empty where absent. */
struct tenant {
    struct span originator_org;            /* X-OriginatorOrg */
    struct span cross_tenant_id;           /* X-MS-Exchange-CrossTenant-Id, lower case */
    struct span connecting_tenant;         /* TenantId of OriginalAttributedTenantConnectingIp, lower case */
    struct ip connecting_ip;               /* Ip of the same */
    struct span connecting_helo;
    struct span onmicrosoft_domain;        /* d= of an inner signature under onmicrosoft.com; auth says whether it holds */
    const struct field *onmicrosoft_field; /* that DKIM-Signature */
    struct span pool;                      /* "relay" (40.95.0.0/16 or a server named rly), "high-risk", "normal"; empty: not from there */
    struct span auth_as, auth_source, entity; /* AuthAs, AuthSource, FromEntityHeader */
    struct ip forefront_ip;                /* CIP of X-Forefront-Antispam-Report where DIR:OUT; none for 255.255.255.255 */
    bool repeated;                         /* one of the fields occurs twice with different values */
    bool disagree;                         /* two of the proofs name different tenants */
    struct span disagreement;              /* which, for people */
    enum fact_place place;                 /* whether the hand-over from Microsoft stands above the trust edge */
    size_t handover;      /* the hop at which Microsoft handed the message over to others; hops.len where there is none */
    bool recipients_own;  /* Microsoft handed over to Microsoft: the fields name the recipient's own tenant; place is a claim */
    bool present;
};

struct path {
    VEC(struct hop) hops;     /* newest first */
    size_t received_fields;   /* counted, also those past the limit */
    size_t edge;              /* index of the hop at which the message came in from outside; hops.len where unknown */
    bool edge_known;
    size_t inner_edge;        /* where the client at the edge is a confirmed machine of a relay: the hop at which that relay
                                 received the message, by the relay's own word; hops.len where unknown */
    struct {
        struct ip ip;
        struct span name, helo;  /* reverse name and HELO at the edge */
        bool name_confirmed;     /* forward-confirmed by the door, or as the trusted mailer wrote it */
        struct network network;
        enum ip_scope scope;
    } client;
    bool smtp;                /* false: appended, fetched or submitted locally, as a hop says, or presumed so where there is no
                                 hop at all; SMTP facts are not applicable */
    struct carrier carrier;
    struct tenant tenant;
    unsigned oddities;        /* union over the hops */
};

/* Never fails; a field that cannot be read is a hop with HOP_UNREADABLE. tables may be NULL. */
void trace_path(struct arena *arena, const struct trace_settings *settings, const struct tables *tables,
                const struct arrival *arrival, const struct message *message, struct path *out);

/* MAIL FROM: as the door was told, else the Return-Path that the machine at the trust edge wrote. path may be NULL. */
enum sender_state sender_told(const struct arrival *arrival, const struct message *message, const struct path *path, struct span *out);

/* One Received value alone, as trace_path reads it. False where neither by nor time was found. */
bool received_parse(struct arena *arena, const struct field *field, struct hop *out);
/* The date of the topmost Received field, for messages whose arrival time nobody told; or TIME_UNKNOWN. */
int64_t trace_arrival_time(struct arena *arena, const struct message *message);
