/* DMARC, RFC 9989, with a look at what RFC 7489's suffix list would have said. Inside the room. */
#pragma once
#include "auth/auth.h"

enum { DMARC_RECORD_MOST = 8192, DMARC_AUTHORS_MOST = 10, DMARC_STEPS_MOST = 8 };

enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };
struct dmarc_record {
    struct span p, sp, np; /* "none", "quarantine", "reject"; empty: not said, or no known value */
    bool has_rua;          /* with at least one address that could be one */
    bool strict_dkim, strict_spf, testing;
    enum dmarc_psd psd;
};
/* RFC 9989 4.8. False: this TXT record is no DMARC record at all. */
bool dmarc_record_parse(struct span text, struct dmarc_record *out);

/* ---- the tree walk, RFC 9989 4.10 */
enum dmarc_step_state { STEP_EMPTY, STEP_RECORD, STEP_MANY, STEP_FAILED, STEP_UNKNOWN, STEP_LACKING };
struct dmarc_step {
    struct span domain;
    enum dmarc_step_state state;
    struct dmarc_record record;
    struct span why; /* where it failed */
};
struct dmarc_walk {
    struct span domain; /* where it starts: lower case, no final dot */
    struct dmarc_step steps[DMARC_STEPS_MOST];
    size_t count;
    enum dmarc_step_state
        end;         /* STEP_EMPTY: it came to its end; STEP_RECORD: a psd= tag ended it; else what cut it short */
    size_t ended_at; /* step that did */
    struct span organisation;
};
/* Asks for all names of the walk at once. */
void dmarc_walk_make(struct arena *arena, struct dns_answers *answers, struct span domain, struct dmarc_walk *out);

/* False: names are lacking. All names of the walks for From, SPF and DKIM are asked for at once. tables may be NULL. */
bool dmarc_check(struct arena *arena, const struct tables *tables, struct dns_answers *answers,
                 const struct message *message, const struct spf_proof *spf, const struct dkim_proof *dkim,
                 size_t n_dkim, struct dmarc_proof *out);
