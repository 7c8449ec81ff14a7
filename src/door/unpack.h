/* door/unpack: a message that came compressed, once all of it is there: no more of it comes out than a message may have. */
#pragma once
#include "door/intake.h"

enum packing { PACKED_ZLIB, PACKED_ZSTD }; /* RFC 1950; RFC 8878 */
/* packed: is taken and dropped. Ends as intake_add does, or INTAKE_ODD: it is not so compressed, or ends too early or too late; err says which. */
enum intake_end unpack(struct intake *intake, enum packing packing, struct bytes *packed, struct bytes *out, struct err *err);
