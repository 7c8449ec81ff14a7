/* witness: what others are asked about a message; off by default. DNS block lists: who is asked about what, and what an
 * answer is worth as an answer. And a virus scanner, which gets the message as it came.
 *
 * In: the lists, what there is to ask about, answers of DNS. Out: facts: of each list what it was asked and what it said.
 * Never: asks by itself (names are noted in the set of answers, somebody else waits), weighs a listing (verdict does), takes
 * silence for a clean sheet. A list that refuses us, or lists what no list may list, has said nothing.
 * Source: RFC 5782 (2.1 addresses, 2.4 IPv6, 3 domains, 5 test entries). Answers that are none: 127.255.255.0/24 and 127.0.0.1,
 * by which lists refuse, and whatever lies outside of 127.0.0.0/8, which a resolver or a parked domain puts in their place.
 */
#pragma once
#include "base/base.h"
#include "clamd/clamd.h"
#include "dns/dns.h"

/* ---- whom a list is asked about */
enum list_asks { LIST_CLIENT, LIST_DOMAIN, LIST_HELO, LIST_LINKS }; /* kept in records: never renumbered */
const char *list_asks_name(enum list_asks asks); /* "client", "domain", "helo", "links" */
struct witness_list {
    struct span zone; /* A-labels, lower case */
    enum list_asks asks;
};
struct witness_settings {
    VEC(struct witness_list) lists; /* empty: none is asked */
    bool scanner;                   /* one is asked */
    size_t scanner_bytes;           /* about messages up to that size */
};
enum { LINK_DOMAINS_MOST = 20 }; /* that one list is asked about */
struct witness_subjects {        /* empty, IP_NONE: there is nothing to ask about */
    struct ip client;            /* that handed the message over from outside */
    struct span domain, helo;    /* of the author, of the client: organisational domains in A-labels */
    VEC(struct span) links;      /* organisational domains that links lead to, each once, the main link's first */
};

/* ---- what it said */
enum listing_state {  /* kept in records: never renumbered */
    LISTING_NOTHING,  /* there was nothing to ask about */
    LISTING_NOT,      /* not listed */
    LISTING_FOUND,    /* listed */
    LISTING_SILENT,   /* no answer in time */
    LISTING_FAILED,   /* its name servers fail */
    LISTING_OFFLINE,  /* DNS was not asked */
    LISTING_REFUSED,  /* it refuses us: rate, contract, public resolver */
    LISTING_ALL,      /* it lists what no list may list */
    LISTING_EMPTY,    /* it does not list its own test entry: what it does not list says nothing */
    LISTING_FOREIGN,  /* the answer is no list's */
    LISTING_STATES
};
const char *listing_state_name(enum listing_state state); /* "listed", "timed-out" */
bool listing_is_unknown(enum listing_state state);        /* neither listed nor not */
bool listing_is_defect(enum listing_state state);         /* of the list: its keeper or ours must act */
struct listing {
    struct span zone;
    enum list_asks asks;
    enum listing_state state;
    struct span subject; /* "192.0.2.66", "shop.example"; empty: nothing */
    struct span answers; /* "127.0.0.2 127.0.0.4" */
};
struct testimony {
    VEC(struct listing) listings; /* by list; each configured list has one at least */
    size_t links_left;            /* domains of links that no list was asked about */
    bool scanned;                 /* a virus scanner is configured */
    struct clamd_answer scanner;  /* what it said; until then CLAMD_SILENT */
};
/* Nothing is noted yet. */
void witness_begin(struct arena *arena, const struct witness_settings *settings, const struct witness_subjects *subjects, struct testimony *out);
/* Takes what is known and notes what is not. True: all is. closing: what is lacking is LISTING_SILENT. */
bool witness_hear(struct arena *arena, struct testimony *testimony, struct dns_answers *answers, bool closing);
size_t witness_asks(const struct testimony *testimony); /* names that it may note; room for them in the set of answers */
/* For a log: what is wrong with the list, and what to do. Of listing_is_defect. */
struct span listing_complaint(struct arena *arena, const struct listing *listing);
