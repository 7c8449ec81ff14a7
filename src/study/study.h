/* study: what the judgement is worth on labelled mail, and which weights that mail teaches.
 *
 * In: walked messages with their labels. Out: figures for people, and data/weights.tsv. Bodies are not kept: of each message only what
 * fired, what could have fired, and by what it is kin to others (campaigns), so that no sister of a message stands on both sides.
 *
 * Fitting: regularised logistic regression, both classes and every honest folder counting the same, so that the sum of the weights is
 * a log-likelihood ratio. Each weight is held to the sign of its prior and drawn towards it; evidence counts by its share within its
 * group, as verdict counts it, and only messages that it could fire on speak about it. Fewer than 200 honest ones: the prior stands.
 * That nothing was found where something could have been speaks for a message too: one weight of absence for all mail, one for mail
 * with links, one for mail that names a brand. */
#pragma once
#include "base/base.h"
#include "verdict/verdict.h"
#include "walk/walk.h"
#include <stdio.h>

enum { STUDY_HONEST_LEAST = 200, STUDY_KEYS = 3 };
struct study_fired {
    uint16_t id; /* of evidence */
    bool half;   /* it weighed half */
};
struct study_case {
    const char *name;          /* of the file, for people */
    size_t folder;
    bool bad;
    bool all_passed;           /* SPF, DKIM and DMARC passed, or its receiver recorded so */
    VEC(struct study_fired) fired;
    unsigned could;            /* bits 1 << enum need */
    uint64_t keys[STUDY_KEYS]; /* of the text, the author's organisation, the main link's shape; 0: none */
    size_t campaign;           /* after study_group */
    int64_t time;              /* of arrival, or TIME_UNKNOWN */
};
struct study_folder {
    const char *name;
    bool bad;
    size_t count;
};
struct study {
    struct arena *arena;
    VEC(struct study_case) cases;
    VEC(struct study_folder) folders;
    size_t campaigns;
};
struct study *study_new(void);
void study_free(struct study **study); /* accepts NULL inside; sets it NULL */
void study_take(struct study *study, bool bad, struct span folder, struct span name, const struct walk *walk); /* walked to its report */
/* Finds the campaigns: cases that share the text, the author's own domain, or the shape of the main link. */
void study_group(struct study *study);

/* ---- fit.c */
struct fitted {
    double weights[EVIDENCE_COUNT], low[EVIDENCE_COUNT], high[EVIDENCE_COUNT];
    size_t bad[EVIDENCE_COUNT], honest[EVIDENCE_COUNT]; /* that it could fire on */
    size_t bad_fired[EVIDENCE_COUNT], honest_fired[EVIDENCE_COUNT];
    bool free[EVIDENCE_COUNT]; /* fitted; else the prior stands: it fired on none, or too few honest ones could have fired it */
    double absence[NEED_COUNT]; /* what it says that such evidence could have fired; 0 or below */
};
struct fit_settings {
    double pull;       /* towards the prior: messages' worth; 2 */
    double for_honest; /* times as much for what speaks for a message; 20 */
    double most;       /* no single fact weighs more, unless its prior does; 3.5 */
};
void fit_settings_default(struct fit_settings *settings);
/* taken: one flag a case, NULL for all. */
void study_fit(const struct study *study, const struct fit_settings *settings, const bool *taken, struct fitted *out);
/* The sum of the weights that a case brings, groups counted as verdict does; over the prior's log-odds it gives the score. */
double study_sum(const struct study_case *one, const double *weights, const double *absence);
/* Which part of `parts` a case is tested in, whole campaigns together; or 1 for the later share of each folder by time, else 0. */
void study_parts(const struct study *study, size_t parts, unsigned *out);
void study_later(const struct study *study, double share, unsigned *out);
/* The table: name, weight, interval, counts. `when` is a date for the head. */
void study_write(const struct study *study, const struct fitted *fitted, const char *when, FILE *to);

/* ---- figures.c */
struct share { /* k of n with its 95 % interval (Wilson's score interval) */
    size_t k, n;
    double low, high;
};
struct share share_of(size_t k, size_t n);
/* sums: one a case. Over cases where taken (NULL: all). */
double study_auc(const struct study *study, const double *sums, const bool *taken, long honest_folder); /* honest_folder -1: all */
/* Recall where at most rate of the honest ones lie as high; *limit is that sum. */
double study_recall(const struct study *study, const double *sums, const bool *taken, long honest_folder, double rate, double *limit);

/* ---- print.c: figures for people */
struct eval_style {
    const struct verdict_settings *settings;
    size_t worst; /* misses and false alarms that are named */
    size_t top;   /* rows of evidence */
};
void study_print(const struct study *study, const double *sums, const bool *taken, const struct eval_style *style, FILE *to);
void study_print_folders(const struct study *study, const double *sums, const bool *taken, const struct verdict_settings *settings, FILE *to);
