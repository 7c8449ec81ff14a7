/* command/replay_held: where a record needs the body and the message is held, its raw bytes are judged by the new generation, with
 * what the world says now. */
#pragma once
#include "generation/generation.h"
#include "record/record.h"
#include "role/role.h"

/* 1: *out, in the arena, is what it is judged now; 0: it is not held as it came; -1: it is, and err says why that did not help. */
int replay_held(struct arena *arena, struct store *store, const struct generation *generation, const struct walk_settings *settings, struct resolver *resolver,
                const struct record_told *told, struct span org, const struct report **out, struct err *err);
