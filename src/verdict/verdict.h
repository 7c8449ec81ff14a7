/* verdict: facts -> evidence -> report. The only room with opinions; all of them stand in verdict/evidence.def.
 *
 * In: everything the middle rooms found. Out: the report, in memory, as one JSON object (report_json.c, the only writer
 * of docs/report.schema.json) and as an explanation for people (report_text.c). No I/O, no clock.
 *
 * The score is the probability of bad mail at a stated prior: log-odds of the prior plus the weights of the evidence,
 * which are log-likelihood ratios. What has no evidence here has none on purpose: the number of hops, a missing Date, To
 * or Message-ID, no SPF record, no signature, the language, and anything that is unknown.
 */
#pragma once
#include "auth/auth.h"
#include "base/base.h"
#include "base/json.h"
#include "content/content.h"
#include "identity/identity.h"
#include "message/message.h"
#include "relay/relay.h"
#include "seal/seal.h"
#include "trace/trace.h"
#include "witness/witness.h"

enum evidence_id {
#define EVIDENCE(id, name, group, tag, need, prior, en, ja, caution_en, caution_ja) id,
#include "verdict/evidence.def"
#undef EVIDENCE
    EVIDENCE_COUNT
};
/* What a message must have for evidence to be able to fire. Where it has not, its absence says nothing. */
enum need {
    NEED_ANY, NEED_FROM, NEED_NAME, NEED_TEXT, NEED_LINKS, NEED_HTML, NEED_IMAGES, NEED_FILES, NEED_ROAD, NEED_PROOF,
    NEED_PROVED,   /* From's domain is proved */
    NEED_CLAIM,    /* a brand is named somewhere */
    NEED_OWN,      /* own domains or people are configured */
    NEED_REPLY_TO, NEED_RELAY,
    NEED_FORWARDED, /* a letter is passed on without a word */
    NEED_LISTS,     /* a block list was asked */
    NEED_SCANNER,   /* a virus scanner was */
    NEED_COUNT
};
enum verdict { VERDICT_CLEAN, VERDICT_SUSPICIOUS, VERDICT_MALICIOUS };
enum language { LANGUAGE_EN, LANGUAGE_JA };

/* One row of evidence.def. */
struct evidence_kind {
    const char *name, *group, *tag; /* tag may be empty */
    enum need need;
    double prior;                   /* log-likelihood ratio, natural logarithm */
    const char *text[2], *caution[2]; /* by enum language; text has {1} {2} {3} for the words it rests on */
};
const struct evidence_kind *evidence_kind(enum evidence_id id);
bool evidence_by_name(struct span name, enum evidence_id *out); /* "dmarc-fail-reject" */

struct evidence {
    enum evidence_id id;
    double weight;        /* that it brought to the score after its group was counted */
    double alone;         /* that it would have brought by itself */
    bool half;            /* it rests on a row of a list that is not sure, and weighs half */
    struct span where;    /* "Received[3]", "From", "DKIM d=example.com" */
    struct span words[3]; /* for {1} {2} {3} */
};
struct span evidence_text(struct arena *arena, const struct evidence *evidence, enum language language); /* words set in */
struct span evidence_caution(struct arena *arena, const struct evidence *evidence, enum language language); /* how it can be wrong */

struct planned_action {
    VEC(struct span) recipients;
    struct span action, mode, reason; /* "hold", "passive", ... */
    struct span policy;               /* its name; empty: of the organisation's own mode */
    bool waits;                       /* of mode confirm: somebody is asked, and the message waits; not kept, the reason says so too */
};
/* What a person allowed or denied: all that is given must fit. Made by `sekimori allow` and `deny`. */
struct verdict_entry {
    uint64_t number;
    bool allow;
    struct span org, domain, person, service, account, stream; /* empty: any */
    struct span reason;
    int64_t expires;
};
struct verdict_entries {
    VEC(struct verdict_entry) list;
};
struct verdict_settings {
    double weights[EVIDENCE_COUNT]; /* log-likelihood ratios: data/weights.tsv where fitted, else the prior of evidence.def */
    double absence[NEED_COUNT];     /* what it says that such evidence could have fired: 0 or below; not fitted: 0 */
    double prior;                 /* share of bad mail; 0.005 */
    double suspicious, malicious; /* thresholds of the score, 0-100 */
    VEC(struct span) trusted_sealers; /* ARC seal domains whose word is taken */
    const struct verdict_entries *entries; /* NULL: none */
    const struct verdict_witnesses *witnesses; /* what answers of block lists mean; NULL: nothing */
    struct span mode;                 /* "passive" (the default: say what would be done), "confirm" or "active" */
};
void verdict_settings_default(struct verdict_settings *settings);
/* The fitted weights of the tables into the settings; an unknown name or a weight against the prior's sign is an error. */
int verdict_weights_take(struct verdict_settings *settings, const struct tables *tables, struct err *err);
double score_odds(double score); /* 20 -> 0.25; over the prior's odds it is the likelihood ratio that was needed */

/* Everything the middle rooms found of one message. relay, content, claim, testimony and seals may be NULL: then they have not spoken. */
struct facts {
    const struct arrival *arrival;
    const struct message *message;
    const struct path *path;
    const struct proof *proof;
    const struct relay_use *relay;
    const struct content *content;
    const struct claim *claim;
    const struct testimony *testimony; /* NULL: nobody was asked */
    const struct seals *seals;
};
struct report {
    struct span id;         /* time and digest in base32, 28 characters; the same arrival has the same id */
    struct span generation; /* set by who loaded it; empty here */
    const struct arrival *arrival;
    const struct message *message;
    const struct path *path;
    const struct proof *proof;
    const struct relay_use *relay;
    const struct content *content;
    const struct claim *claim;
    const struct testimony *testimony;
    const struct seals *seals;     /* that it came with; NULL: they were not looked for */
    VEC(struct evidence) evidence; /* heaviest first */
    double absence;                /* that the score took from what could have been found and was not; 0 or below */
    unsigned could;                /* bits 1 << enum need: which evidence was able to fire */
    double score;                  /* 0-100: probability at the stated prior, in per cent */
    double prior, suspicious, malicious; /* that it was reached with */
    enum verdict verdict;
    VEC(struct span) tags;
    VEC(struct planned_action) actions; /* by the mode: malicious hold, suspicious banner and tag, clean deliver; beside them what policies do, what is done first */
    bool by_policy;                     /* policies had a say in them */
};
const char *need_name(enum need need); /* "links" */
/* So heavy by hand (4 or more) that it was meant to be enough alone: what else was not found excuses nothing then. */
bool evidence_is_enough(enum evidence_id id);
/* What was looked for and not found speaks for a message: whether a need carries such a weight of its own. */
bool need_has_absence(enum need need);
const char *verdict_name(enum verdict verdict);
const char *tag_text(struct span slug, enum language language); /* "Suspicious Link"; NULL: no tag of ours */

/* tables may be NULL. */
void verdict_reach(struct arena *arena, const struct verdict_settings *settings, const struct tables *tables,
                   const struct facts *facts, struct report *out);

void report_json(struct arena *arena, const struct report *report, struct buf *out); /* one line, no line end */
struct report_style {
    enum language language;
    bool colour;
    unsigned width; /* columns; 0: 80 */
};
void report_text(struct arena *arena, const struct report *report, const struct report_style *style, struct buf *out);
