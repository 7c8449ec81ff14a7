/* study/perturb: copies of a message in which something was changed that must not matter to a verdict.
 *
 * In: a walked message. Out: new bytes and a new envelope in the arena. Kinds: perturb.def. */
#pragma once
#include "walk/walk.h"

enum perturbation {
#define PERTURBATION(id, name, en) id,
#include "study/perturb.def"
#undef PERTURBATION
    PERTURBATION_COUNT
};
const char *perturbation_name(enum perturbation kind); /* "dates" */
const char *perturbation_text(enum perturbation kind); /* "every date three years later" */
/* False: it does not apply to this message (a list's marks cannot be taken off where there are none). */
bool study_perturb(struct arena *arena, enum perturbation kind, const struct walk *walk, struct arrival *out);
