/* message/arrival: what came through a door. A door fills it and parses nothing. Part of the face message/message.h. */
#pragma once
#include "base/base.h"

enum direction { DIRECTION_UNKNOWN, DIRECTION_INBOUND, DIRECTION_OUTBOUND, DIRECTION_SUBMISSION, DIRECTION_INTERNAL, DIRECTION_REINJECT };

/* Unknown is not the null sender: nothing may be concluded from what a door was not told. */
enum sender_state { SENDER_UNKNOWN, SENDER_NULL, SENDER_GIVEN };

struct recipient {
    struct span address; /* without angle brackets */
    struct span params;  /* as written after the address: "NOTIFY=NEVER ORCPT=..." */
    struct span org;     /* the organisation it belongs to; empty where none is configured */
};

struct arrival {
    struct span raw;    /* the message as received, not changed in any byte */
    struct span source; /* file name or queue name, for people; for stories the folder */
    struct ip client_ip;
    struct span client_name; /* forward-confirmed reverse name; empty: unknown */
    struct span helo;        /* empty: unknown */
    struct span mail_from;   /* without angle brackets; see mail_from_state */
    enum sender_state mail_from_state;
    struct span mail_params;
    VEC(struct recipient) rcpt_to;
    struct span login; /* SASL login, empty: none */
    struct {
        struct span version; /* "TLSv1.3"; empty: no TLS or unknown */
        struct span cert_subject;
        bool cert_verified;
    } tls;
    bool local; /* a program of the mail server's own machine handed it in: there was no SMTP client */
    struct span listener;
    struct span org; /* the organisation whose mail it is; empty: nobody's */
    enum direction direction;
    struct span queue_id;
    int64_t received_at; /* or TIME_UNKNOWN */
};

const char *direction_name(enum direction direction); /* "inbound", ...; "unknown" */
