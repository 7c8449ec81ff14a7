/* door/intake: the bytes of messages that come in over all connections of a door, within what may be on its way in together.
 *
 * Those that never become whole must not fill memory and disk; what is no more than a connection's share comes in all the same. */
#pragma once
#include "door/bytes.h"
#include "door/flow.h"

struct intake { /* of a door */
    struct flow *flow;
    uint64_t arriving; /* bytes of messages that are not whole, or that are still to be given back */
};
enum intake_end { INTAKE_TAKEN, INTAKE_TOO_LARGE, INTAKE_TOO_MANY, INTAKE_FAILED, INTAKE_ODD /* unpack alone */ };
/* TOO_LARGE: the message; TOO_MANY: all that are on their way; FAILED: err says why. Then the piece was not taken. */
enum intake_end intake_add(struct intake *intake, struct bytes *bytes, struct span piece, struct err *err);
void intake_leave(struct intake *intake, struct bytes *bytes); /* what came is handed on, or nobody's any more */
