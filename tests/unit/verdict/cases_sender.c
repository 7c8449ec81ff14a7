#include "world.h"

const struct evidence_case sender_cases[] = {
    {0},
};
