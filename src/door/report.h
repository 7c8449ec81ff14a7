/* door/report: what servers that know no reports are told of one: read in a judge's words, or from a report that was kept. */
#pragma once
#include "role/gist.h"

/* Texts are cut, and hold no control characters; they live in the arena. -1: these are no such bytes; *out holds nothing then. */
int report_gist(struct arena *arena, struct span bytes, struct gist *out);
int report_read(struct arena *arena, struct span report, struct gist *out); /* one JSON object */
