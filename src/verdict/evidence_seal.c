#include "verdict/judging.h"

/* A seal that names a key of ours and was not made with it. Only on mail from outside: nobody there has a reason to write one.
 * What else a seal may show says nothing against a message: a redirected one comes back with its own (good, or changed by a
 * list), another house has seals too (unknown key), and a field may be damaged. Nor does a good one speak for a message from
 * outside: who once got one can send it again. */

void evidence_of_seals(struct judging *at)
{
    if (!at->sealed || at->arrival->direction != DIRECTION_INBOUND)
        return;
    vec_each(found, &at->sealed->list)
        if (found->state == SEAL_FORGED)
            evidence_add(at, EVIDENCE_SEAL_FORGED, S(SEAL_FIELD), found->seal.key, S(""), S(""));
}
