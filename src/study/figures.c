#include "study/study.h"

#include <math.h>
#include <stdlib.h>

struct share share_of(size_t k, size_t n)
{
    struct share out = {.k = k, .n = n, .high = 1};
    if (!n)
        return out;
    const double z = 1.96, p = (double)k / (double)n, m = (double)n;
    double middle = (p + z * z / (2 * m)) / (1 + z * z / m);
    double half = z / (1 + z * z / m) * sqrt(p * (1 - p) / m + z * z / (4 * m * m));
    out.low = k ? fmax(middle - half, 0) : 0;
    out.high = k < n ? fmin(middle + half, 1) : 1;
    return out;
}

struct ranked {
    double sum;
    bool bad;
};

static int by_sum(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->sum < y->sum ? 1 : x->sum > y->sum ? -1 : (int)x->bad - (int)y->bad; /* honest first among equals */
}

/* The bad ones and those honest ones that are asked for, highest sum first. The caller frees. */
static struct ranked *rank_of(const struct study *study, const double *sums, const bool *taken, long honest_folder,
                              size_t *count, size_t *bad)
{
    struct ranked *out = calloc(study->cases.len + 1, sizeof *out);
    if (!out)
        abort();
    *count = *bad = 0;
    for (size_t i = 0; i < study->cases.len; i++) {
        const struct study_case *one = &study->cases.at[i];
        if ((taken && !taken[i]) || (!one->bad && honest_folder >= 0 && one->folder != (size_t)honest_folder))
            continue;
        out[(*count)++] = (struct ranked){sums[i], one->bad};
        *bad += one->bad;
    }
    qsort(out, *count, sizeof *out, by_sum);
    return out;
}

double study_auc(const struct study *study, const double *sums, const bool *taken, long honest_folder)
{
    size_t n, bad;
    struct ranked *ranked = rank_of(study, sums, taken, honest_folder, &n, &bad);
    double above = 0, pairs = (double)bad * (double)(n - bad);
    size_t bad_before = 0;
    for (size_t i = 0; i < n;) { /* equal sums count half */
        size_t end = i, bad_here = 0;
        while (end < n && ranked[end].sum == ranked[i].sum)
            bad_here += ranked[end++].bad;
        size_t honest_here = end - i - bad_here;
        above += (double)honest_here * ((double)bad_before + (double)bad_here / 2);
        bad_before += bad_here;
        i = end;
    }
    free(ranked);
    return pairs > 0 ? above / pairs : NAN;
}

double study_recall(const struct study *study, const double *sums, const bool *taken, long honest_folder, double rate, double *limit)
{
    size_t n, bad, caught = 0, alarms = 0, best = 0;
    struct ranked *ranked = rank_of(study, sums, taken, honest_folder, &n, &bad);
    size_t most = (size_t)(rate * (double)(n - bad));
    *limit = INFINITY;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        for (; end < n && ranked[end].sum == ranked[i].sum; end++) {
            caught += ranked[end].bad;
            alarms += !ranked[end].bad;
        }
        if (alarms > most)
            break;
        best = caught;
        *limit = ranked[i].sum;
        i = end;
    }
    free(ranked);
    return bad ? (double)best / (double)bad : NAN;
}
