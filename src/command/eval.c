#include "command/command.h"
#include "command/labelled.h"

static void take(void *context, bool bad, struct span folder, struct span name, const struct walk *walk)
{
    study_take(context, bad, folder, name, walk);
}

static void eval_print(const struct study *study, const struct scan_options *options)
{
    double *sums = arena_alloc(study->arena, (study->cases.len + 1) * sizeof *sums);
    for (size_t i = 0; i < study->cases.len; i++)
        sums[i] = study_sum(&study->cases.at[i], options->walk.verdict.weights);
    struct eval_style style = {.settings = &options->walk.verdict, .worst = options->worst, .top = options->top};
    study_print(study, sums, NULL, &style, stdout);
}

int command_eval(int argc, char **argv)
{
    struct err err;
    struct scan_options options = {.arena = arena_new((size_t)1 << 30), .verb = VERB_EVAL};
    struct labelled labelled;
    int status = labelled_options(argc, argv, &options);
    if (status < 0) {
        struct study *study = study_new();
        if (labelled_open(&labelled, &options, &err) < 0) {
            fprintf(stderr, "sekimori: %s\n", err.text);
            labelled.unread = true;
        } else {
            labelled_walk(&labelled, take, study);
            eval_print(study, &options);
        }
        status = labelled.unread ? STATUS_UNREAD : STATUS_CLEAN;
        labelled_close(&labelled);
        study_free(&study);
    }
    arena_free(&options.arena);
    return status;
}
