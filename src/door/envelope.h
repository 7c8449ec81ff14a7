/* door/envelope: the envelope of a message as fields of an HTTP request tell it. What is not told is unknown. */
#pragma once
#include "message/message.h"

/* One field, its name without "X-Sekimori-"; several Rcpt-To are several recipients. Fields that are not ours are passed over.
 * -1: err says what is wrong with it. Spans are copied into the arena. */
int envelope_field(struct arena *arena, struct span name, struct span value, struct arrival *out, struct err *err);
bool envelope_is_ours(struct span header, struct span *name); /* "X-Sekimori-Helo" -> "Helo" */
