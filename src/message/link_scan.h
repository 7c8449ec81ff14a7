/* Inside of message/link: addresses in running text. */
#pragma once
#include "base/base.h"

/* Calls for each address found, in order: `raw` as written, without the line ends inside. What a line's end may have cut is
 * told twice: as it stands on its line, and joined with the next. */
typedef void link_found(void *context, struct span raw);
void text_scan(struct arena *arena, struct span text, link_found *found, void *context);
/* Format=flowed with DelSp=yes (RFC 3676): lines joined, quote marks and stuffed spaces taken out. */
struct span text_unflow(struct arena *arena, struct span text);
/* RFC 5545 3.1 and 3.3.11: folded lines joined, escaped characters undone. */
struct span calendar_unfold(struct arena *arena, struct span text);
