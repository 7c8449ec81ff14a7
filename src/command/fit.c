#include "command/command.h"
#include "command/labelled.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { PARTS = 5 };
#define LATER_SHARE 0.4

static void take(void *context, bool bad, struct span folder, struct span name, const struct walk *walk)
{
    study_take(context, bad, folder, name, walk);
}

/* Each part judged by weights learnt from the others: the sums that it came to. */
static const double *parts_print(const struct study *study, const struct fit_settings *fit, const struct verdict_settings *verdict)
{
    size_t n = study->cases.len + 1;
    unsigned *parts = arena_alloc(study->arena, n * sizeof *parts);
    bool *taken = arena_alloc(study->arena, n);
    double *sums = arena_alloc(study->arena, n * sizeof *sums);
    struct fitted *fitted = arena_one(study->arena, struct fitted);
    study_parts(study, PARTS, parts);
    for (unsigned part = 0; part < PARTS; part++) {
        for (size_t i = 0; i < study->cases.len; i++)
            taken[i] = parts[i] != part;
        study_fit(study, fit, taken, fitted);
        for (size_t i = 0; i < study->cases.len; i++)
            if (parts[i] == part)
                sums[i] = study_sum(&study->cases.at[i], fitted->weights, fitted->absence);
    }
    fprintf(stderr, "\n== each of %d parts judged by weights learnt from the others; campaigns (%zu) are never split ==\n", PARTS, study->campaigns);
    struct eval_style style = {.settings = verdict};
    study_print(study, sums, NULL, &style, stderr);
    return sums;
}

/* The later 40 % of every folder judged by weights learnt from the earlier. */
static void later_print(const struct study *study, const struct fit_settings *fit, const struct verdict_settings *verdict)
{
    size_t n = study->cases.len + 1;
    unsigned *later = arena_alloc(study->arena, n * sizeof *later);
    bool *taken = arena_alloc(study->arena, n);
    double *sums = arena_alloc(study->arena, n * sizeof *sums);
    struct fitted *fitted = arena_one(study->arena, struct fitted);
    study_later(study, LATER_SHARE, later);
    for (size_t i = 0; i < study->cases.len; i++)
        taken[i] = !later[i];
    study_fit(study, fit, taken, fitted);
    for (size_t i = 0; i < study->cases.len; i++) {
        sums[i] = study_sum(&study->cases.at[i], fitted->weights, fitted->absence);
        taken[i] = later[i];
    }
    fprintf(stderr, "\n== the later 40 %% of every folder judged by weights learnt from the earlier ==\n");
    struct eval_style style = {.settings = verdict};
    study_print(study, sums, taken, &style, stderr);
}

/* What the new weights must beat. They may have seen this very mail: then they are flattered. */
static void used_print(const struct study *study, const struct verdict_settings *verdict)
{
    double *sums = arena_alloc(study->arena, (study->cases.len + 1) * sizeof *sums);
    for (size_t i = 0; i < study->cases.len; i++)
        sums[i] = study_sum(&study->cases.at[i], verdict->weights, verdict->absence);
    fprintf(stderr, "\n== for comparison: the weights in use until now, which may have been learnt from this very mail ==\n");
    struct eval_style style = {.settings = verdict};
    study_print(study, sums, NULL, &style, stderr);
}

/* Little mail gives weights that are the old ones with noise upon them. */
static void thin_tell(const struct study *study, const struct fitted *fitted)
{
    enum { ENOUGH = 1000 }; /* of each kind; below, one message moves a share by more than a tenth of a per cent */
    size_t bad = 0, honest, count = 0;
    vec_each(one, &study->cases)
        bad += one->bad;
    honest = study->cases.len - bad;
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        count += fitted->free[id];
    fprintf(stderr, "\n%zu of %d weights were fitted; the others stay as they were set by hand\n", count, (int)EVIDENCE_COUNT);
    if (bad < ENOUGH || honest < ENOUGH)
        fprintf(stderr,
                "sekimori: warning: %zu bad and %zu honest messages are few to learn from (%d of each is a beginning); use the new weights only where\n"
                "they judge the parts above better than those in use until now\n",
                bad, honest, ENOUGH);
}

/* So that another filter can be trained and tested on just the same parts. */
static int parts_write(const struct study *study, const double *sums, const char *path, struct err *err)
{
    unsigned *parts = arena_alloc(study->arena, (study->cases.len + 1) * sizeof *parts);
    unsigned *later = arena_alloc(study->arena, (study->cases.len + 1) * sizeof *later);
    FILE *to = path ? fopen(path, "w") : NULL;
    if (!path)
        return 0;
    if (!to)
        return err_set(err, "%s: cannot be written: %s", path, strerror(errno));
    study_parts(study, PARTS, parts);
    study_later(study, LATER_SHARE, later);
    fprintf(to, "file\tkind\tpart\tlater\tsum\n");
    for (size_t i = 0; i < study->cases.len; i++)
        fprintf(to, "%s\t%s\t%u\t%u\t%.3f\n", study->cases.at[i].name, study->cases.at[i].bad ? "bad" : "honest", parts[i], later[i], sums[i]);
    bool failed = fflush(to) != 0 || ferror(to);
    failed |= fclose(to) != 0;
    return failed ? err_set(err, "%s: cannot be written: %s", path, strerror(errno)) : 0;
}

static int weights_write(const struct study *study, const struct fitted *fitted, const char *path, struct err *err)
{
    char when[32];
    time_t now = time(NULL);
    struct tm day;
    gmtime_r(&now, &day);
    strftime(when, sizeof when, "%Y-%m-%d", &day);
    FILE *to = path ? fopen(path, "w") : stdout;
    if (!to)
        return err_set(err, "%s: cannot be written: %s", path, strerror(errno));
    study_write(study, fitted, when, to);
    bool failed = fflush(to) != 0 || ferror(to);
    if (path)
        failed |= fclose(to) != 0;
    return failed ? err_set(err, "%s: cannot be written: %s", path ? path : "standard output", strerror(errno)) : 0;
}

static int fit_run(struct labelled *labelled, struct study *study, struct err *err)
{
    struct scan_options *options = labelled->options;
    struct fit_settings fit;
    struct fitted *fitted = arena_one(study->arena, struct fitted);
    fit_settings_default(&fit);
    labelled_walk(labelled, take, study);
    if (labelled->unread)
        return err_set(err, "nothing was fitted: every message given must be read, so that the table tells what it was made of");
    study_group(study);
    const double *sums = parts_print(study, &fit, &options->walk.verdict);
    later_print(study, &fit, &options->walk.verdict);
    used_print(study, &options->walk.verdict);
    if (parts_write(study, sums, options->parts_file, err) < 0)
        return -1;
    study_fit(study, &fit, NULL, fitted);
    thin_tell(study, fitted);
    return weights_write(study, fitted, options->output_file, err);
}

int command_fit(int argc, char **argv)
{
    struct err err;
    struct scan_options options = {.arena = arena_new((size_t)1 << 30), .verb = VERB_FIT};
    struct labelled labelled;
    int status = labelled_options(argc, argv, &options);
    if (status < 0) {
        struct study *study = study_new();
        status = STATUS_CLEAN;
        if (labelled_open(&labelled, &options, &err) < 0 || fit_run(&labelled, study, &err) < 0) {
            fprintf(stderr, "sekimori: %s\n", err.text);
            status = STATUS_UNREAD;
        }
        labelled_close(&labelled);
        study_free(&study);
    }
    arena_free(&options.arena);
    return status;
}
