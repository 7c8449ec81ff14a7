/* rights: which role may send which frames to which: the whole conversation of the processes as one table. */
#include "role/inner.h"

#define KIND(kind) (UINT64_C(1) << (kind))

static const struct right {
    enum role from, to;
    uint64_t kinds;
} rights[] = {
    /* sekimori scan: one process is door, resolver and parent of its judges */
    {ROLE_SCAN, ROLE_TEMPLATE, KIND(FRAME_START)},
    {ROLE_SCAN, ROLE_JUDGE, KIND(FRAME_MESSAGE) | KIND(FRAME_ANSWER) | KIND(FRAME_SCANNED)},
    {ROLE_JUDGE, ROLE_SCAN, KIND(FRAME_ASK) | KIND(FRAME_SCAN) | KIND(FRAME_REPORT) | KIND(FRAME_FAILED) | KIND(FRAME_MARKS)},
    /* the service */
    {ROLE_PARENT, ROLE_TEMPLATE, KIND(FRAME_START) | KIND(FRAME_END)},
    {ROLE_PARENT, ROLE_JUDGE, KIND(FRAME_LINK) | KIND(FRAME_ENTRIES) | KIND(FRAME_PING)},
    {ROLE_PARENT, ROLE_RESOLVER, KIND(FRAME_LINK) | KIND(FRAME_PING)},
    {ROLE_PARENT, ROLE_KEEPER, KIND(FRAME_LINK) | KIND(FRAME_PING)},
    {ROLE_PARENT, ROLE_DOOR, KIND(FRAME_LINK) | KIND(FRAME_PING) | KIND(FRAME_SETTINGS) | KIND(FRAME_LISTEN) |
                                   KIND(FRAME_UNLISTEN) | KIND(FRAME_DEATHS) | KIND(FRAME_COUNTS) | KIND(FRAME_RETIRE) | KIND(FRAME_DRAIN)},
    {ROLE_JUDGE, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG)},
    {ROLE_RESOLVER, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG)},
    {ROLE_KEEPER, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG) | KIND(FRAME_ENTRIES)},
    {ROLE_DOOR, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG) | KIND(FRAME_COUNTS) | KIND(FRAME_RETIRE)},
    {ROLE_DOOR, ROLE_JUDGE, KIND(FRAME_MESSAGE)},
    {ROLE_JUDGE, ROLE_DOOR, KIND(FRAME_REPORT) | KIND(FRAME_FAILED) | KIND(FRAME_PARKED) | KIND(FRAME_MARKS)},
    {ROLE_JUDGE, ROLE_RESOLVER, KIND(FRAME_ASK)},
    {ROLE_RESOLVER, ROLE_JUDGE, KIND(FRAME_ANSWER)},
    {ROLE_PARENT, ROLE_SCANNER, KIND(FRAME_LINK) | KIND(FRAME_PING)},
    {ROLE_SCANNER, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG)},
    {ROLE_JUDGE, ROLE_SCANNER, KIND(FRAME_SCAN)},
    {ROLE_SCANNER, ROLE_JUDGE, KIND(FRAME_SCANNED)},
    {ROLE_DOOR, ROLE_KEEPER, KIND(FRAME_KEEP) | KIND(FRAME_FETCH) | KIND(FRAME_RELEASE) | KIND(FRAME_TALLY) | KIND(FRAME_VISIT)},
    {ROLE_PARENT, ROLE_COURIER, KIND(FRAME_LINK) | KIND(FRAME_PING) | KIND(FRAME_SETTINGS) | KIND(FRAME_DRAIN)},
    {ROLE_COURIER, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG)},
    {ROLE_KEEPER, ROLE_COURIER, KIND(FRAME_JOB)},
    {ROLE_COURIER, ROLE_KEEPER, KIND(FRAME_TAKES) | KIND(FRAME_DONE)},
    {ROLE_PARENT, ROLE_CHECKPOINTER, KIND(FRAME_LINK) | KIND(FRAME_PING)},
    {ROLE_CHECKPOINTER, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG)},
    {ROLE_KEEPER, ROLE_CHECKPOINTER, KIND(FRAME_CHECKPOINT)},
    {ROLE_CHECKPOINTER, ROLE_KEEPER, KIND(FRAME_CHECKPOINTED)},
    {ROLE_PARENT, ROLE_SIGNER, KIND(FRAME_LINK) | KIND(FRAME_PING) | KIND(FRAME_SETTINGS)},
    {ROLE_SIGNER, ROLE_PARENT, KIND(FRAME_READY) | KIND(FRAME_PONG)},
    {ROLE_DOOR, ROLE_SIGNER, KIND(FRAME_SEAL) | KIND(FRAME_SIGN) | KIND(FRAME_TOKEN) | KIND(FRAME_OPEN)},
    {ROLE_SIGNER, ROLE_DOOR, KIND(FRAME_SIGNED)},
    {ROLE_JUDGE, ROLE_SIGNER, KIND(FRAME_CHECK) | KIND(FRAME_PASS) | KIND(FRAME_SIGN)}, /* no token but of a locked link, no signature but of ARC: the signer looks */
    {ROLE_SIGNER, ROLE_JUDGE, KIND(FRAME_CHECKED) | KIND(FRAME_PASSED) | KIND(FRAME_SIGNED)},
    {ROLE_KEEPER, ROLE_SIGNER, KIND(FRAME_TOKEN)}, /* of digests */
    {ROLE_SIGNER, ROLE_KEEPER, KIND(FRAME_SIGNED)},
    {ROLE_KEEPER, ROLE_DOOR, KIND(FRAME_KEPT) | KIND(FRAME_FETCHED) | KIND(FRAME_TALLIED) | KIND(FRAME_KILLERS) | KIND(FRAME_VISITED)},
};
_Static_assert(FRAME_COUNT <= 64, "the kinds fit into one number");

static enum role kind_of(enum role role)
{
    return role_is_door(role) ? ROLE_DOOR : role;
}

bool role_may_send(enum role from, enum role to, enum frame_kind kind)
{
    from = kind_of(from);
    to = kind_of(to);
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        if (rights[i].from == from && rights[i].to == to)
            return kind > 0 && kind < FRAME_COUNT && (rights[i].kinds & KIND(kind));
    return false;
}

bool role_answers(enum role mine, enum role theirs)
{
    static const unsigned char heights[ROLE_COUNT] = { /* 0: of none that asks or is asked */
        [ROLE_SCAN] = 1,     [ROLE_DOOR] = 1,    [ROLE_MTA] = 1,      [ROLE_JUDGE] = 2,        [ROLE_KEEPER] = 2,
        [ROLE_RESOLVER] = 3, [ROLE_SIGNER] = 3,  [ROLE_SCANNER] = 3,  [ROLE_COURIER] = 3,      [ROLE_CHECKPOINTER] = 3};
    return heights[theirs] && heights[mine] > heights[theirs];
}

const char *role_name(enum role role)
{
    static const char *const names[ROLE_COUNT] = {"", "scan", "parent", "template", "judge", "resolver", "keeper", "door", "courier", "signer", "scanner", "mta", "checkpointer"};
    return role > 0 && role < ROLE_COUNT ? names[role] : "unknown role";
}
