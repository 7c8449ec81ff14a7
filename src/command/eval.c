#include "command/command.h"
#include "command/labelled.h"
#include "command/perturbed.h"

struct eval {
    struct study *study;
    struct perturbed perturbed;
    bool perturb;
};

static void take(void *context, bool bad, struct span folder, struct span name, const struct walk *walk)
{
    struct eval *eval = context;
    study_take(eval->study, bad, folder, name, walk);
    if (eval->perturb)
        perturbed_take(&eval->perturbed, name, walk);
}

static void eval_print(const struct study *study, const struct scan_options *options)
{
    double *sums = arena_alloc(study->arena, (study->cases.len + 1) * sizeof *sums);
    for (size_t i = 0; i < study->cases.len; i++)
        sums[i] = study_sum(&study->cases.at[i], options->walk.verdict.weights, options->walk.verdict.absence);
    struct eval_style style = {.settings = &options->walk.verdict, .worst = options->worst, .top = options->top};
    study_print(study, sums, NULL, &style, stdout);
}

static int eval_run(struct scan_options *options, struct eval *eval)
{
    struct err err;
    struct labelled labelled;
    bool stood = true;
    if (labelled_open(&labelled, options, &err) < 0) {
        fprintf(stderr, "sekimori: %s\n", err.text);
        labelled.unread = true;
    } else {
        if (eval->perturb)
            perturbed_begin(&eval->perturbed, &labelled);
        labelled_walk(&labelled, take, eval);
        stood = !eval->perturb || perturbed_end(&eval->perturbed);
        eval_print(eval->study, options);
    }
    int status = labelled.unread ? STATUS_UNREAD : stood ? STATUS_CLEAN : STATUS_FOUND;
    labelled_close(&labelled);
    return status;
}

int command_eval(int argc, char **argv)
{
    struct scan_options options = {.arena = arena_new((size_t)1 << 30), .verb = VERB_EVAL};
    int status = labelled_options(argc, argv, &options);
    if (status < 0) {
        struct eval eval = {.study = study_new(), .perturb = options.perturb};
        status = eval_run(&options, &eval);
        study_free(&eval.study);
    }
    arena_free(&options.arena);
    return status;
}
