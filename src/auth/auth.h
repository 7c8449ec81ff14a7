/* auth: what SPF, DKIM, ARC and DMARC prove about a message. What to sign: auth/sign.h.
 *
 * In: the message as received, the connect facts, the answers known so far. Out: results with reasons a person can
 * read, or the names still lacking. Pure: no clock, no network, no random source; the time comes with the call.
 * Sources: RFC 7208 (SPF), 6376, 8301, 8463 (DKIM), 9989 (DMARC), 8617 (ARC), 8601 (Authentication-Results).
 */
#pragma once
#include "base/base.h"
#include "dns/dns.h"
#include "message/message.h"
#include "trace/trace.h"

enum proof_result { /* RFC 8601 2.7, and what this program adds: unknown is never clean, not applicable never fail */
    PROOF_NONE, PROOF_PASS, PROOF_FAIL, PROOF_SOFTFAIL, PROOF_NEUTRAL, PROOF_POLICY, PROOF_TEMPERROR, PROOF_PERMERROR,
    PROOF_UNKNOWN, PROOF_NOT_APPLICABLE
};
const char *proof_result_name(enum proof_result result); /* "pass", ..., "unknown", "not-applicable" */
bool proof_result_parse(struct span word, enum proof_result *out);

struct spf_proof {
    enum proof_result result;
    struct span domain;      /* the one checked: of MAIL FROM, or of HELO where MAIL FROM is null */
    struct span identity;    /* "mailfrom" or "helo" */
    struct span mechanism;   /* that decided, as written in the record; empty: none did */
    struct span explanation; /* RFC 7208 6.2, where result is fail and the record has one; text of a stranger */
    unsigned lookups, void_lookups;
    bool recorded;           /* result and reason are a trusted Authentication-Results field's */
    struct span reason;      /* a sentence */
};

enum dkim_mathematics { DKIM_NOT_CHECKED, DKIM_HOLDS, DKIM_BODY_DIFFERS, DKIM_HEADER_DIFFERS };
struct dkim_proof {
    const struct field *field;         /* NULL: told only by a trusted Authentication-Results field */
    enum proof_result result;
    enum dkim_mathematics mathematics; /* whether signature and body hash hold, whatever is admitted */
    bool admitted;                     /* algorithm, key length, expiry and syntax allow it to count */
    struct span domain, selector, identity; /* d=, s=, i= */
    struct span algorithm;             /* "rsa-sha256", "ed25519-sha256", "rsa-sha1" */
    unsigned key_bits;                 /* 0: key not read */
    bool testing;                      /* t=y in the key */
    struct span header_canon, body_canon;
    int64_t body_limit;                /* l=, -1: none */
    size_t body_unsigned;              /* bytes of canonical body beyond l= */
    bool body_matches;                 /* bh= is the hash of this body; known without DNS */
    int64_t signed_at, expires_at;     /* or TIME_UNKNOWN */
    VEC(struct span) signed_fields;    /* h= */
    bool oversigned_from;              /* From named once more than it occurs */
    bool recorded;                     /* result and reason are a trusted Authentication-Results field's */
    struct span reason;
};

struct dmarc_proof {
    enum proof_result result;     /* none: no policy; permerror: discarded */
    struct span from_domain, organisation; /* organisation by the tree walk */
    struct span policy_domain;    /* where the record was found */
    struct span policy;           /* p/sp/np that applies, after t=: "none", "quarantine", "reject"; empty: none */
    bool testing;
    bool spf_aligned, dkim_aligned; /* passed and aligned */
    struct span suffix_organisation; /* RFC 7489: by the public suffix list */
    bool suffix_differs;          /* RFC 7489 would have decided otherwise */
    struct span suffix_note;
    bool recorded;                /* result and reason are a trusted Authentication-Results field's */
    struct span reason;
};

/* ---- Authentication-Results, RFC 8601 */
struct result_property {
    struct span type, name, value; /* "smtp", "mailfrom", "a@example.com" */
};
struct method_result {
    struct span method;
    enum proof_result result; /* unknown where the word is none of RFC 8601's */
    struct span reason;
    struct span comment;      /* the first one after the result, without its parentheses */
    VEC(struct result_property) properties;
};
enum results_doubt { /* why a field is not trusted; none: it is, or nobody asked (ARC) */
    DOUBT_NONE, DOUBT_MALFORMED,
    DOUBT_UNNAMED,   /* the operator does not trust its authserv-id */
    DOUBT_WRITER,    /* it has none, and the operator does not trust the host that received the message */
    DOUBT_NO_EDGE, DOUBT_BELOW_EDGE
};
struct results_field {
    const struct field *field;
    struct span authserv_id; /* empty: none was written (Exchange Online); where trusted, the host that received the message */
    VEC(struct method_result) results;
    bool trusted;   /* its authserv-id is one the operator trusts and it stands above the trust edge, or by authserv_below directly under it */
    enum results_doubt doubt;
    bool malformed;
};
bool results_parse(struct arena *arena, struct span value, struct results_field *out);
struct span results_property(const struct method_result *result, struct span type, struct span name); /* empty: absent */

struct arc_set {
    unsigned instance;
    const struct field *seal, *signature, *results;
    struct span seal_domain, seal_selector, signature_domain, cv;
    enum proof_result seal_result, signature_result; /* unknown where the chain was broken before it had to be checked */
    struct results_field recorded; /* the ARC-Authentication-Results */
    VEC(struct span) signed_fields;
    struct span reason;
};
struct arc_proof {
    enum proof_result result; /* none: no set; pass or fail of the chain */
    VEC(struct arc_set) sets; /* by instance, 1 first */
    unsigned oldest_pass;     /* RFC 8617 5.2; 0: all back to the first */
    bool recorded;            /* result and reason are a trusted Authentication-Results field's */
    struct span reason;
};

enum proof_basis { BASIS_NONE, BASIS_VERIFIED, BASIS_TRUSTED_HEADER };
struct proof {
    struct spf_proof spf;        /* MAIL FROM; helo where the sender is null */
    struct spf_proof spf_helo;
    VEC(struct dkim_proof) dkim; /* topmost first */
    struct arc_proof arc;
    struct dmarc_proof dmarc;
    VEC(struct results_field) recorded; /* all Authentication-Results, topmost first */
    enum proof_basis basis;      /* where spf, dkim and dmarc above come from */
    struct span trusted_by;      /* authserv-id for BASIS_TRUSTED_HEADER */
    struct span summary;         /* one line of no language: "SPF pass example.com, DKIM pass example.com, DMARC pass" */
};

struct auth_settings {
    VEC(struct span) trusted_authserv; /* authserv-ids; none by default. For fields without one: the receiving host, or a domain above it */
    bool authserv_below; /* our servers remove such fields of others (RFC 8601 5): one directly below the edge's Received is ours too */
    bool admit_sha1, admit_short_keys; /* for measuring old corpora; off */
    unsigned shortest_rsa;             /* bits; 1024 */
    unsigned most_signatures;          /* DKIM signatures looked at; 20 */
    unsigned most_spf_lookups, most_void_lookups; /* RFC 7208 4.6.4: 10 and 2 */
    int64_t clock_skew;                /* seconds a t= may lie in the future; 300 */
    struct span authserv_id;           /* ours, for what we write; and SPF's %{r} */
};
void auth_settings_default(struct auth_settings *settings);

/* Begins the work on one message: reads signatures, hashes bodies. Keeps what it was given. */
struct auth_work *auth_begin(struct arena *arena, const struct auth_settings *settings, const struct tables *tables,
                             const struct arrival *arrival, const struct message *message, const struct path *path);
/* Goes on with the answers known. True: *out is final. False: names are lacking, see dns_wanted(answers). now may be
 * TIME_UNKNOWN: then nothing expires. With `closing` every name still lacking counts as DNS_TIMED_OUT and it is final. */
bool auth_continue(struct auth_work *work, struct dns_answers *answers, int64_t now, bool closing, struct proof *out);

/* ---- the single checks, for suites and other rooms */
struct spf_question {
    struct ip client;
    struct span helo, mail_from; /* local@domain; domain alone is postmaster@domain */
    struct span domain;          /* to be checked */
    struct span receiver;        /* for %{r}; "unknown" where empty */
    int64_t now;                 /* for %{t} */
};
/* False: names are lacking. */
bool spf_check(struct arena *arena, const struct auth_settings *settings, const struct spf_question *question,
               struct dns_answers *answers, struct spf_proof *out);
/* RFC 9989 4.10: organisational domain and policy of a domain. False: names are lacking. */
bool dmarc_organisation(struct arena *arena, struct dns_answers *answers, struct span domain, struct span *organisation);
/* RFC 8601: the value of an Authentication-Results field for a final proof; remote text quoted. */
struct span results_write(struct arena *arena, const struct auth_settings *settings, const struct proof *proof);
