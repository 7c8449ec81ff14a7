#include "world.h"

const struct evidence_case look_cases[] = {
    {0},
};
