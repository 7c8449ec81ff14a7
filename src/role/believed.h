/* role/believed: the keeper's clock for what has had its time. A machine that starts with a clock far ahead shall lose no record and no held
 * mail by it: such a clock is believed when the service has run by it for some days, and the log says so meanwhile (record_clock). */
#pragma once
#include "record/record.h"

struct believed { /* begins as zeros */
    int64_t now;     /* seconds since 1970; what is to go is told by this. 0: not looked at yet */
    int64_t looked_ms, told_ms; /* of the clock that nobody sets; told_ms 0: there is nothing to tell */
};
/* Looks at both clocks; no transaction is open. Where the store cannot be read, `now` stands still. */
void believed_look(struct believed *believed, struct store *store);
