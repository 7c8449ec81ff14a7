/* door/fields: the fields of an envelope by the names of requests, and by those of the report. */
#pragma once
#include "message/message.h"

enum envelope_names { ENVELOPE_HEADERS, ENVELOPE_JSON };
/* What a stranger said, as text: bytes that are none become U+FFFD, the overlong is cut. */
struct span envelope_spoken(struct arena *arena, struct span value);
int envelope_take(struct arena *arena, enum envelope_names names, struct span name, struct span value, struct arrival *out, struct err *err);
