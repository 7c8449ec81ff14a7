/* Work counted in basic blocks of the rooms; 0 for ever in a build that does not count (meson option count_work). */
#pragma once
#include <stdint.h>

uint64_t work_counted(void);
