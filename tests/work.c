/* Counts work: in the sanitizer build every basic block of the rooms calls this (-fsanitize-coverage=trace-pc), so a test
 * can say that what was done is a multiple of the bytes given, without a clock. */
#include "work.h"

static uint64_t blocks;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

uint64_t work_counted(void)
{
    return blocks;
}
