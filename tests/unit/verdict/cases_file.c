#include "world.h"

const struct evidence_case file_cases[] = {
    {0},
};
