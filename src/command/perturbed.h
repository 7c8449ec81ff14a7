/* command/perturbed: every message judged again in copies in which was changed what must not matter. */
#pragma once
#include "command/labelled.h"
#include "study/perturb.h"

struct perturbed {
    const struct labelled *labelled;
    struct arena *arena; /* of one copy */
    struct {
        size_t copies, changed;
    } counts[PERTURBATION_COUNT];
    size_t shown;
};
void perturbed_begin(struct perturbed *perturbed, const struct labelled *labelled);
void perturbed_take(struct perturbed *perturbed, struct span name, const struct walk *walk);
bool perturbed_end(struct perturbed *perturbed); /* prints the counts; true: every verdict stood */
