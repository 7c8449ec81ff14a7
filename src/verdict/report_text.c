#include "verdict/verdict.h"

void report_text(struct arena *arena, const struct report *report, const struct report_style *style, struct buf *out)
{
    (void)arena;
    (void)style;
    buf_print(out, "%s %.1f\n", verdict_name(report->verdict), report->score);
}
