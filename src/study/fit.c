#include "study/study.h"

#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 40, SWEEPS = 6, FIRED_MOST = 256 };
static const double next_share = 0.5; /* as verdict counts within a group */
static const double quantile = 1.96;  /* of the normal distribution, for 95 % */

void fit_settings_default(struct fit_settings *settings)
{
    *settings = (struct fit_settings){.pull = 2, .for_honest = 20, .most = 3.5};
}

/* ---- the share by which each evidence of a case counts: the heaviest of its group whole, each further one half of that before */
struct counted {
    uint16_t id;
    double size, share;
};

static int by_size(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    return x->size > y->size ? -1 : x->size < y->size ? 1 : (int)x->id - (int)y->id;
}

static size_t shares_of(const struct study_case *one, const double *weights, struct counted *out)
{
    size_t n = one->fired.len < FIRED_MOST ? one->fired.len : FIRED_MOST;
    for (size_t i = 0; i < n; i++)
        {
        double half = one->fired.at[i].half ? 0.5 : 1;
        out[i] = (struct counted){one->fired.at[i].id, half * fabs(weights[one->fired.at[i].id]), half};
    }
    qsort(out, n, sizeof *out, by_size);
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(evidence_kind(out[i].id)->group, evidence_kind(out[k].id)->group) == 0)
                out[i].share *= next_share;
    return n;
}

static bool absence_counts(const struct study_case *one)
{
    vec_each(fired, &one->fired)
        if (evidence_is_enough((enum evidence_id)fired->id))
            return false;
    return true;
}

static double absence_of(const struct study_case *one, const double *absence)
{
    double sum = 0;
    if (!absence_counts(one))
        return 0;
    for (int need = 0; need < NEED_COUNT; need++)
        sum += one->could >> need & 1 ? absence[need] : 0;
    return sum;
}

double study_sum(const struct study_case *one, const double *weights, const double *absence)
{
    struct counted counted[FIRED_MOST];
    size_t n = shares_of(one, weights, counted);
    double sum = absence_of(one, absence);
    for (size_t i = 0; i < n; i++)
        sum += counted[i].share * weights[counted[i].id];
    return sum;
}

/* ---- the problem: columns of (case, share) for each evidence, and what every case weighs */
struct entry {
    uint32_t at;
    double share;
};
struct problem {
    struct arena *arena;
    const struct study *study;
    double *weight; /* of a case; 0: left out */
    double *sum;
    struct entry *column[EVIDENCE_COUNT];
    size_t length[EVIDENCE_COUNT];
};

static bool is_taken(const bool *taken, size_t i)
{
    return !taken || taken[i];
}

/* Both classes weigh the same together, and so does every honest folder: none may drown the others by its number. */
static void cases_weigh(struct problem *p, const bool *taken)
{
    const struct study *study = p->study;
    size_t folders = study->folders.len, bad = 0, honest_folders = 0, total = 0;
    size_t *count = arena_alloc(p->arena, (folders + 1) * sizeof *count);
    for (size_t i = 0; i < study->cases.len; i++)
        if (is_taken(taken, i)) {
            count[study->cases.at[i].folder]++;
            bad += study->cases.at[i].bad;
            total++;
        }
    for (size_t f = 0; f < folders; f++)
        honest_folders += !study->folders.at[f].bad && count[f];
    double half = (double)total / 2;
    for (size_t i = 0; i < study->cases.len; i++) {
        const struct study_case *one = &study->cases.at[i];
        double each = one->bad ? half / (double)bad : half / (double)honest_folders / (double)count[one->folder];
        p->weight[i] = is_taken(taken, i) ? each : 0;
    }
}

static void columns_fill(struct problem *p, const double *weights, const double *absence)
{
    struct counted counted[FIRED_MOST];
    memset(p->length, 0, sizeof p->length);
    for (size_t i = 0; i < p->study->cases.len; i++) {
        if (p->weight[i] == 0)
            continue;
        size_t n = shares_of(&p->study->cases.at[i], weights, counted);
        p->sum[i] = absence_of(&p->study->cases.at[i], absence);
        for (size_t k = 0; k < n; k++) {
            p->column[counted[k].id][p->length[counted[k].id]++] = (struct entry){(uint32_t)i, counted[k].share};
            p->sum[i] += counted[k].share * weights[counted[k].id];
        }
    }
}

static void columns_make(struct problem *p)
{
    size_t most[EVIDENCE_COUNT] = {0};
    vec_each(one, &p->study->cases)
        for (size_t k = 0; k < one->fired.len; k++)
            most[one->fired.at[k].id]++;
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        p->column[id] = arena_alloc(p->arena, (most[id] + 1) * sizeof *p->column[id]);
}

static double clamp(double value, double prior, double most)
{
    double end = fmax(most, fabs(prior));
    return prior >= 0 ? fmin(fmax(value, 0), end) : fmax(fmin(value, 0), -end);
}

/* First and second derivative of the loss by one weight, the pull towards the prior included. */
static void slope_of(const struct problem *p, int id, double value, double pull, double *first, double *second)
{
    *first = pull * (value - evidence_kind((enum evidence_id)id)->prior);
    *second = pull;
    for (size_t k = 0; k < p->length[id]; k++) {
        const struct entry *entry = &p->column[id][k];
        double likely = 1 / (1 + exp(-p->sum[entry->at]));
        *first += p->weight[entry->at] * entry->share * (likely - p->study->cases.at[entry->at].bad);
        *second += p->weight[entry->at] * entry->share * entry->share * likely * (1 - likely);
    }
}

/* The same step for what was not found: every case that it could have been found in is concerned, and the weight ends at 0. */
static void absence_step(struct problem *p, const struct fit_settings *settings, enum need need, struct fitted *out)
{
    double first = settings->pull * out->absence[need], second = settings->pull;
    for (size_t i = 0; i < p->study->cases.len; i++) {
        const struct study_case *one = &p->study->cases.at[i];
        if (p->weight[i] == 0 || !(one->could >> need & 1) || !absence_counts(one))
            continue;
        double likely = 1 / (1 + exp(-p->sum[i]));
        first += p->weight[i] * (likely - one->bad);
        second += p->weight[i] * likely * (1 - likely);
    }
    double step = fmax(fmin(first / second, 1), -1), next = fmax(fmin(out->absence[need] - step, 0), -settings->most);
    for (size_t i = 0; i < p->study->cases.len; i++)
        if (p->study->cases.at[i].could >> need & 1 && absence_counts(&p->study->cases.at[i]))
            p->sum[i] += next - out->absence[need];
    out->absence[need] = next;
}

/* What speaks for a message is drawn harder: the honest mail at hand is hardly ever near the threshold and would teach that it is not
 * needed, where other honest mail will need it. */
static double pull_of(const struct fit_settings *settings, int id)
{
    return evidence_kind((enum evidence_id)id)->prior < 0 ? settings->pull * settings->for_honest : settings->pull;
}

static void sweep(struct problem *p, const struct fit_settings *settings, struct fitted *out)
{
    for (int need = 0; need < NEED_COUNT; need++)
        if (need_has_absence((enum need)need))
            absence_step(p, settings, (enum need)need, out);
    for (int id = 0; id < EVIDENCE_COUNT; id++) {
        double first, second;
        if (!out->free[id])
            continue;
        slope_of(p, id, out->weights[id], pull_of(settings, id), &first, &second);
        double step = fmax(fmin(first / second, 1), -1);
        double next = clamp(out->weights[id] - step, evidence_kind((enum evidence_id)id)->prior, settings->most);
        for (size_t k = 0; k < p->length[id]; k++)
            p->sum[p->column[id][k].at] += p->column[id][k].share * (next - out->weights[id]);
        out->weights[id] = next;
    }
}

static void counts_take(const struct study *study, const bool *taken, struct fitted *out)
{
    for (size_t i = 0; i < study->cases.len; i++) {
        const struct study_case *one = &study->cases.at[i];
        if (!is_taken(taken, i))
            continue;
        for (int id = 0; id < EVIDENCE_COUNT; id++)
            if (one->could >> evidence_kind((enum evidence_id)id)->need & 1)
                ++*(one->bad ? &out->bad[id] : &out->honest[id]);
        vec_each(fired, &one->fired)
            ++*(one->bad ? &out->bad_fired[fired->id] : &out->honest_fired[fired->id]);
    }
}

void study_fit(const struct study *study, const struct fit_settings *settings, const bool *taken, struct fitted *out)
{
    struct arena *arena = arena_new((size_t)4 << 30);
    struct problem p = {.arena = arena, .study = study, .weight = arena_alloc(arena, (study->cases.len + 1) * sizeof(double)),
                        .sum = arena_alloc(arena, (study->cases.len + 1) * sizeof(double))};
    *out = (struct fitted){0};
    counts_take(study, taken, out);
    cases_weigh(&p, taken);
    columns_make(&p);
    for (int id = 0; id < EVIDENCE_COUNT; id++) {
        out->weights[id] = evidence_kind((enum evidence_id)id)->prior;
        out->free[id] = out->honest[id] >= STUDY_HONEST_LEAST && out->bad[id] > 0 && out->bad_fired[id] + out->honest_fired[id] > 0;
    }
    for (int round = 0; round < ROUNDS; round++) {
        columns_fill(&p, out->weights, out->absence); /* shares follow the weights */
        for (int i = 0; i < SWEEPS; i++)
            sweep(&p, settings, out);
    }
    for (int id = 0; id < EVIDENCE_COUNT; id++) {
        double first, second;
        slope_of(&p, id, out->weights[id], pull_of(settings, id), &first, &second);
        out->low[id] = out->free[id] ? out->weights[id] - quantile / sqrt(second) : out->weights[id];
        out->high[id] = out->free[id] ? out->weights[id] + quantile / sqrt(second) : out->weights[id];
    }
    arena_free(&arena);
}

/* ---- parts for testing */

void study_parts(const struct study *study, size_t parts, unsigned *out)
{
    for (size_t i = 0; i < study->cases.len; i++) /* a campaign is named by one of its cases: mixed well, the same in every run */
        out[i] = (unsigned)((study->cases.at[i].campaign * 0x9E3779B97F4A7C15U >> 32) % parts);
}

struct timed {
    size_t folder;
    int64_t time;
    size_t campaign, at;
};

static int by_folder_and_time(const void *a, const void *b)
{
    const struct timed *x = a, *y = b;
    if (x->folder != y->folder)
        return x->folder < y->folder ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->campaign != y->campaign ? (x->campaign < y->campaign ? -1 : 1) : x->at < y->at ? -1 : 1;
}

/* A campaign lies where its first message lies; what began early is not tested late. */
void study_later(const struct study *study, double share, unsigned *out)
{
    size_t n = study->cases.len;
    struct timed *timed = calloc(n + 1, sizeof *timed);
    int64_t *first = calloc(n + 1, sizeof *first);
    if (!timed || !first)
        abort();
    for (size_t i = 0; i < n; i++)
        first[i] = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct study_case *one = &study->cases.at[i];
        if (one->time < first[one->campaign])
            first[one->campaign] = one->time;
    }
    for (size_t i = 0; i < n; i++)
        timed[i] = (struct timed){study->cases.at[i].folder, first[study->cases.at[i].campaign], study->cases.at[i].campaign, i};
    qsort(timed, n, sizeof *timed, by_folder_and_time);
    for (size_t i = 0, begin = 0; i < n; i++) {
        if (i && timed[i].folder != timed[i - 1].folder)
            begin = i;
        size_t count = study->folders.at[timed[i].folder].count;
        bool later = (double)(i - begin) >= (1 - share) * (double)count;
        bool sister = i > begin && timed[i].campaign == timed[i - 1].campaign;
        out[timed[i].at] = sister ? out[timed[i - 1].at] : later;
    }
    free(timed);
    free(first);
}

void study_write(const struct study *study, const struct fitted *fitted, const char *when, FILE *to)
{
    uint64_t version = 0xcbf29ce484222325U;
    vec_each(one, &study->cases)
        for (size_t k = 0; k < STUDY_KEYS; k++)
            version = (version ^ one->keys[k] ^ one->fired.len) * 0x100000001b3U;
    size_t bad = 0;
    vec_each(one, &study->cases)
        bad += one->bad;
    fprintf(to,
            "# What evidence weighs, written by `sekimori fit`; the evidence itself stands in docs/EVIDENCE.md.\n"
            "# weight: log-likelihood ratio (natural logarithm); low, high: its interval of 95 %%; bad, honest: messages it could fire\n"
            "# on; basis: fitted, or prior where it fired on none or fewer than %d honest ones could have fired it.\n"
            "# absence:... is what it says that nothing was found where such evidence could have been; it has no counts of its own.\n"
            "# data: version %016llx of %s, %zu bad and %zu honest messages in %zu campaigns\n"
            "evidence\tweight\tlow\thigh\tbad_fired\tbad\thonest_fired\thonest\tbasis\n",
            STUDY_HONEST_LEAST, (unsigned long long)version, when, bad, study->cases.len - bad, study->campaigns);
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        fprintf(to, "%s\t%.2f\t%.2f\t%.2f\t%zu\t%zu\t%zu\t%zu\t%s\n", evidence_kind((enum evidence_id)id)->name, fitted->weights[id],
                fitted->low[id], fitted->high[id], fitted->bad_fired[id], fitted->bad[id], fitted->honest_fired[id],
                fitted->honest[id], fitted->free[id] ? "fitted" : "prior");
    for (int need = 0; need < NEED_COUNT; need++)
        if (need_has_absence((enum need)need))
            fprintf(to, "absence:%s\t%.2f\t%.2f\t%.2f\t0\t0\t0\t0\tfitted\n", need_name((enum need)need), fitted->absence[need],
                    fitted->absence[need], fitted->absence[need]);
}
