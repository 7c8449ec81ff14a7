#include "world.h"

const struct evidence_case word_cases[] = {
    {0},
};
