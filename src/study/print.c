#include "study/study.h"

#include <math.h>
#include <stdlib.h>

static double score_of(double sum, double prior)
{
    return 100 / (1 + exp(-(log(prior / (1 - prior)) + sum)));
}

static bool is_taken(const bool *taken, size_t i)
{
    return !taken || taken[i];
}

static void share_print(const struct share *share, FILE *to)
{
    fprintf(to, "%6zu of %6zu  %5.1f %%  (%4.1f to %5.1f)", share->k, share->n, share->n ? 100.0 * (double)share->k / (double)share->n : 0,
            100 * share->low, 100 * share->high);
}

struct tally {
    size_t all, suspicious, malicious, passed, passed_suspicious;
};

static struct tally folder_tally(const struct study *study, const double *sums, const bool *taken, size_t folder,
                                 const struct verdict_settings *settings)
{
    struct tally out = {0};
    for (size_t i = 0; i < study->cases.len; i++) {
        const struct study_case *one = &study->cases.at[i];
        if (one->folder != folder || !is_taken(taken, i))
            continue;
        double score = score_of(sums[i], settings->prior);
        out.all++;
        out.suspicious += score >= settings->suspicious;
        out.malicious += score >= settings->malicious;
        out.passed += one->all_passed;
        out.passed_suspicious += one->all_passed && score >= settings->suspicious;
    }
    return out;
}

void study_print_folders(const struct study *study, const double *sums, const bool *taken, const struct verdict_settings *settings, FILE *to)
{
    fprintf(to, "%-44s %-38s %s\n", "folder", "suspicious or malicious (95 %)", "malicious");
    for (int bad = 0; bad < 2; bad++)
        for (size_t f = 0; f < study->folders.len; f++) {
            if (study->folders.at[f].bad != bad)
                continue;
            struct tally tally = folder_tally(study, sums, taken, f, settings);
            struct share share = share_of(tally.suspicious, tally.all);
            fprintf(to, "%-5s %-38s ", bad ? "bad" : "honest", study->folders.at[f].name);
            share_print(&share, to);
            fprintf(to, "  %6zu\n", tally.malicious);
            if (!bad || !tally.passed)
                continue;
            share = share_of(tally.passed_suspicious, tally.passed);
            fprintf(to, "%-5s %-38s ", "", "  of these SPF, DKIM and DMARC passed");
            share_print(&share, to);
            fputc('\n', to);
        }
}

static void recalls_print(const struct study *study, const double *sums, const bool *taken, long folder, const char *name, double prior, FILE *to)
{
    static const double rates[] = {0.01, 0.002, 0.001};
    fprintf(to, "%-44s %.4f ", name, study_auc(study, sums, taken, folder));
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double limit, recall = study_recall(study, sums, taken, folder, rates[i], &limit);
        fprintf(to, "  %5.1f %% (from %5.1f)", 100 * recall, isinf(limit) ? 100.0 : score_of(limit, prior));
    }
    fputc('\n', to);
}

static void curves_print(const struct study *study, const double *sums, const bool *taken, double prior, FILE *to)
{
    fprintf(to, "\n%-44s %-8s %-20s %-20s %s\n", "recall of bad mail against", "AUC", "at 1 % false", "at 0.2 % false", "at 0.1 % false (from score)");
    recalls_print(study, sums, taken, -1, "all honest mail", prior, to);
    for (size_t f = 0; f < study->folders.len; f++)
        if (!study->folders.at[f].bad)
            recalls_print(study, sums, taken, (long)f, study->folders.at[f].name, prior, to);
}

/* What a score promises and what it keeps: in each band the share of bad mail, had bad mail the stated prior. */
static void reliability_print(const struct study *study, const double *sums, const bool *taken, double prior, FILE *to)
{
    static const double bands[] = {0, 0.1, 0.5, 2, 5, 20, 50, 90, 99, 100.0001};
    enum { BANDS = sizeof bands / sizeof *bands - 1 };
    double bad[BANDS] = {0}, honest[BANDS] = {0}, promised[BANDS] = {0}, all_bad = 0, all_honest = 0;
    size_t counts[BANDS][2] = {{0}};
    for (size_t i = 0; i < study->cases.len; i++) {
        all_bad += is_taken(taken, i) && study->cases.at[i].bad;
        all_honest += is_taken(taken, i) && !study->cases.at[i].bad;
    }
    for (size_t i = 0; i < study->cases.len; i++) {
        bool is_bad = study->cases.at[i].bad;
        double score = score_of(sums[i], prior), each = is_bad ? prior / all_bad : (1 - prior) / all_honest;
        for (int band = 0; is_taken(taken, i) && band < BANDS; band++)
            if (score >= bands[band] && score < bands[band + 1]) {
                *(is_bad ? &bad[band] : &honest[band]) += each;
                promised[band] += each * score;
                counts[band][is_bad]++;
            }
    }
    fprintf(to, "\nreliability at a prior of %.2g %%: what scores promise and what they keep\n%-16s %8s %8s %12s %10s\n", 100 * prior,
            "score", "honest", "bad", "promised", "kept");
    for (int band = 0; band < BANDS; band++) {
        double weight = bad[band] + honest[band];
        if (weight > 0)
            fprintf(to, "%5.4g to %-7.4g %8zu %8zu %10.2f %% %8.2f %%\n", bands[band], fmin(bands[band + 1], 100), counts[band][0], counts[band][1],
                    promised[band] / weight, 100 * bad[band] / weight);
    }
}

struct carried {
    int id;
    size_t fired[2], could[2];
    double brought;
};

static int by_brought(const void *a, const void *b)
{
    const struct carried *x = a, *y = b;
    return x->brought < y->brought ? 1 : x->brought > y->brought ? -1 : x->id - y->id;
}

static void evidence_print(const struct study *study, const bool *taken, const struct eval_style *style, FILE *to)
{
    struct carried carried[EVIDENCE_COUNT] = {0};
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        carried[id].id = id;
    for (size_t i = 0; i < study->cases.len; i++) {
        const struct study_case *one = &study->cases.at[i];
        for (int id = 0; is_taken(taken, i) && id < EVIDENCE_COUNT; id++)
            carried[id].could[one->bad] += one->could >> evidence_kind((enum evidence_id)id)->need & 1;
        for (size_t k = 0; is_taken(taken, i) && k < one->fired.len; k++)
            carried[one->fired.at[k].id].fired[one->bad]++;
    }
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        carried[id].brought = fabs(style->settings->weights[id]) * (double)(carried[id].fired[0] + carried[id].fired[1]);
    qsort(carried, EVIDENCE_COUNT, sizeof *carried, by_brought);
    fprintf(to, "\nevidence that carried most%*s weight   bad: fired of could   honest: fired of could\n", 10, "");
    for (size_t i = 0; i < style->top && i < EVIDENCE_COUNT; i++) {
        const struct carried *one = &carried[i];
        if (one->fired[0] + one->fired[1])
            fprintf(to, "%-36s %+6.2f  %8zu of %-8zu  %8zu of %-8zu\n", evidence_kind((enum evidence_id)one->id)->name,
                    style->settings->weights[one->id], one->fired[1], one->could[1], one->fired[0], one->could[0]);
    }
}

struct placed {
    double sum;
    size_t at;
};

static int by_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return x->sum < y->sum ? -1 : x->sum > y->sum ? 1 : x->at < y->at ? -1 : x->at > y->at;
}

static void one_print(const struct study *study, const struct placed *placed, const struct verdict_settings *settings, FILE *to)
{
    const struct study_case *one = &study->cases.at[placed->at];
    fprintf(to, "%6.2f  %s ", score_of(placed->sum, settings->prior), one->name);
    for (size_t k = 0; k < one->fired.len; k++)
        if (fabs(settings->weights[one->fired.at[k].id]) >= 0.3)
            fprintf(to, " %s%+.1f", evidence_kind((enum evidence_id)one->fired.at[k].id)->name, settings->weights[one->fired.at[k].id]);
    fputc('\n', to);
}

static void worst_print(const struct study *study, const double *sums, const bool *taken, const struct eval_style *style, bool bad, FILE *to)
{
    struct placed *placed = calloc(study->cases.len + 1, sizeof *placed);
    size_t n = 0;
    if (!placed)
        abort();
    for (size_t i = 0; i < study->cases.len; i++)
        if (is_taken(taken, i) && study->cases.at[i].bad == bad)
            placed[n++] = (struct placed){bad ? sums[i] : -sums[i], i};
    qsort(placed, n, sizeof *placed, by_placed);
    fprintf(to, "\n%s\n", bad ? "worst misses (score, file, evidence)" : "worst false alarms (score, file, evidence)");
    for (size_t i = 0; i < n && i < style->worst; i++) {
        placed[i].sum = sums[placed[i].at];
        one_print(study, &placed[i], style->settings, to);
    }
    free(placed);
}

void study_print(const struct study *study, const double *sums, const bool *taken, const struct eval_style *style, FILE *to)
{
    const struct verdict_settings *settings = style->settings;
    double odds = settings->prior / (1 - settings->prior);
    fprintf(to, "suspicious from score %.4g (likelihood ratio %.3g), malicious from %.4g (%.4g), at a prior of %.2g %%\n\n", settings->suspicious,
            score_odds(settings->suspicious) / odds, settings->malicious, score_odds(settings->malicious) / odds, 100 * settings->prior);
    study_print_folders(study, sums, taken, settings, to);
    curves_print(study, sums, taken, settings->prior, to);
    reliability_print(study, sums, taken, settings->prior, to);
    if (style->top)
        evidence_print(study, taken, style, to);
    if (style->worst) {
        worst_print(study, sums, taken, style, true, to);
        worst_print(study, sums, taken, style, false, to);
    }
}
