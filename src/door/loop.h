/* door/loop: the turn of a door's process, whatever it speaks: what the parent says, the flow, its connections, and its end. */
#pragma once
#include "door/flow.h"

struct loop_calls {
    struct flow_calls flow; /* its context is the door's, and that of the others */
    void (*turn)(void *context, int64_t now);  /* what came meanwhile */
    void (*sweep)(void *context, int64_t now); /* once a second: deadlines */
    void (*close)(void *context);              /* it takes no more connections */
    size_t (*busy)(const void *context);       /* what was begun and is not finished */
    /* What to wait for beside the flow; *wait_ms may be made shorter. */
    size_t (*wait)(void *context, struct pollfd *out, size_t most, int *wait_ms);
};
/* fd leads to the parent. *flow is the door's from before the first call on; returns when the door has ended. */
void loop_run(int fd, enum role role, const struct loop_calls *calls, struct flow **flow);
