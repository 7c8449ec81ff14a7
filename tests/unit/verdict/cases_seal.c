#include "world.h"

static void sealed(struct world *w, enum seal_state state)
{
    w->arrival.direction = DIRECTION_INBOUND;
    w->seal = (struct seal_found){.seal = {.key = S("k3y0fours123"), .record = S("01j0abcd0123456789abcdefghjk"), .at = 1795000000}, .state = state};
    w->seals.list.at = &w->seal;
    w->seals.list.len = w->seals.fields = 1;
}
#define SEALED(name, state)                                                                                            \
    static void name(struct world *w)                                                                                  \
    {                                                                                                                  \
        sealed(w, state);                                                                                              \
    }
SEALED(forged, SEAL_FORGED)
SEALED(good, SEAL_GOOD)
SEALED(changed, SEAL_CHANGED)
SEALED(moved, SEAL_MOVED)
SEALED(unknown_key, SEAL_UNKNOWN_KEY)
SEALED(unchecked, SEAL_UNCHECKED)
SEALED(malformed, SEAL_MALFORMED)
static void forged_within(struct world *w)
{
    sealed(w, SEAL_FORGED);
    w->arrival.direction = DIRECTION_INTERNAL;
}

const struct evidence_case seal_cases[] = {
    {"seal-forged", "good", forged, good},
    {"seal-forged", "changed", forged, changed},
    {"seal-forged", "moved", forged, moved},
    {"seal-forged", "of another house", forged, unknown_key},
    {"seal-forged", "not checked", forged, unchecked},
    {"seal-forged", "damaged", forged, malformed},
    {"seal-forged", "not from outside", forged, forged_within},
    {0},
};
