/* DKIM of one message: all its signatures. Inner header of auth. */
#pragma once
#include "auth/signature.h"

struct dkim_check {
    struct signature signature;
    struct dkim_proof proof;
    bool done;
};
/* The proof's facts that need no key. Bodies must have been compared. */
void dkim_begin(struct arena *arena, struct dkim_check *check, const struct header_index *index);
/* True: check->proof is final. */
bool dkim_continue(struct arena *arena, const struct auth_settings *settings, struct dkim_check *check, struct header_index *index,
                   struct dns_answers *answers, int64_t now);
