/* The ARC chain of one message, RFC 8617 5.2. Inner header of auth. */
#pragma once
#include "auth/signature.h"

enum { ARC_SETS_MOST = 50 };
struct arc_link { /* one set, as it is checked */
    struct signature seal, signature;
    struct verification seal_seen, signature_seen;
};
struct arc_check {
    struct arc_proof proof;
    struct arc_link *links; /* by instance, 1 first; as many as proof.sets */
    bool done;
};
void arc_begin(struct arena *arena, const struct message *message, struct arc_check *check);
/* After the bodies have been compared. True: check->proof is final. */
bool arc_continue(struct arena *arena, const struct auth_settings *settings, struct arc_check *check, struct header_index *index,
                  struct dns_answers *answers, int64_t now);
