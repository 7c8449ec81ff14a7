/* generation/notification: who is told of messages, as the configuration has it. Part of the face generation/generation.h. */
#pragma once
#include "action/action.h"
#include "base/base.h"

struct notification {
    struct span name;
    struct condition when;
    struct span webhook, secret; /* one of webhook, program and mail stands; secret: file */
    VEC(struct span) program;
    struct span mail, sender, server;
    enum { TLS_NO, TLS_MAY, TLS_MUST } tls;
    bool addresses;
};
