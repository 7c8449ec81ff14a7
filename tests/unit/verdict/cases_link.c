#include "world.h"

const struct evidence_case link_cases[] = {
    {0},
};
