#include "world.h"

const struct evidence_case vouching_cases[] = {
    {0},
};
