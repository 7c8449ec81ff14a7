/* lists: witnesses as walks ask them and verdicts weigh their answers. */
#include "generation/generation.h"

void generation_lists(struct arena *arena, const struct block_list *lists, size_t count, struct walk_settings *out)
{
    struct verdict_witnesses *witnesses = arena_one(arena, struct verdict_witnesses);
    memset(&out->witness.lists, 0, sizeof out->witness.lists);
    for (size_t i = 0; i < count; i++) {
        struct witness_codes *codes = vec_push(arena, &witnesses->lists);
        *vec_push(arena, &out->witness.lists) = (struct witness_list){lists[i].zone, lists[i].asks};
        *codes = (struct witness_codes){.zone = lists[i].zone, .asks = lists[i].asks};
        vec_each(code, &lists[i].codes)
            *vec_push(arena, &codes->codes) = code->means;
    }
    witnesses->scanner = out->witness.scanner;
    out->verdict.witnesses = witnesses;
}
