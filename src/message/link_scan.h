/* Inside of message/link: texts whose lines are not what they seem. Addresses in running text: message/url.h. */
#pragma once
#include "message/url.h"

/* Format=flowed with DelSp=yes (RFC 3676): lines joined, quote marks and stuffed spaces taken out. */
struct span text_unflow(struct arena *arena, struct span text);
/* RFC 5545 3.1 and 3.3.11: folded lines joined, escaped characters undone. */
struct span calendar_unfold(struct arena *arena, struct span text);
