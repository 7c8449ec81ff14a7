#include "world.h"

const struct evidence_case claim_cases[] = {
    {0},
};
