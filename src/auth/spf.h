/* SPF, RFC 7208: the record as read, and the macros in it. Inside the room. */
#pragma once
#include "auth/auth.h"

enum {
    SPF_RECORD_MOST = 8192,
    SPF_DOMAIN_SPEC_MOST = 512,
    SPF_VALUE_MOST = 255,
    SPF_EXPANSION_MOST = 8192,
    SPF_EXPLANATION_MOST = 512,
    SPF_NAMES_MOST = 10
};

enum spf_kind { SPF_ALL, SPF_INCLUDE, SPF_A, SPF_MX, SPF_PTR, SPF_IP4, SPF_IP6, SPF_EXISTS };
struct spf_term {
    enum spf_kind kind;
    enum proof_result result; /* of its qualifier */
    struct span text;         /* as written */
    struct span domain;       /* domain-spec; empty: the current domain */
    struct ip network;
    unsigned bits4, bits6;
};
struct spf_record {
    struct span terms;         /* what follows the version */
    struct span redirect, exp; /* domain-specs; empty: none */
};
/* RFC 7208 4.6.1 and 12, the whole record. False: *fault says what is wrong, as the end of a sentence. */
bool spf_record_parse(struct arena *arena, struct span text, struct spf_record *out, struct span *fault);
/* The mechanisms of a record that was parsed, one by one: nothing is stored, since every round goes over it again. */
bool spf_term_next(struct span *rest, struct spf_term *out);
bool spf_version_is(struct span text); /* v=spf1 and then a blank or the end */

/* ---- macros, RFC 7208 7 */
bool spf_macro_string_is(struct span text, bool explanation); /* the letters c, r and t only in an explanation */
bool spf_domain_spec_is(struct span text);

/* One check under way; begun anew with every round of answers. */
struct spf_work {
    struct arena *arena;
    const struct auth_settings *settings;
    const struct spf_question *question;
    struct dns_answers *answers;
    struct span local, sender_domain;
    unsigned lookups, void_lookups;
    bool lacking; /* some name has no answer yet: go on only to learn what else will be wanted */
    bool unknown; /* some address was not asked for */
    struct span mechanism, reason;
};
/* False where the validated name of the client (%{p}) is still lacking. */
bool spf_macro_expand(struct spf_work *work, struct span text, struct span domain, struct span *out);
/* The same for a name to ask for: at most 253 bytes, cut by labels from the left; no final dot. */
bool spf_name_expand(struct spf_work *work, struct span spec, struct span domain, struct span *out);
struct span spf_reverse_name(struct spf_work *work); /* of the client: 1.2.0.192.in-addr.arpa */
/* RFC 7208 5.5: calls `each` for every validated name of the client (ten looked at); false where some is lacking. */
typedef void spf_name_seen(void *context, struct span name);
bool spf_client_names(struct spf_work *work, struct span only_under, spf_name_seen *each, void *context);
/* Whether the client is among the addresses of a name; *answer is what was found, NULL where it is lacking. */
bool spf_name_has_client(struct spf_work *work, struct span name, unsigned bits4, unsigned bits6,
                         const struct dns_answer **answer);
