#include "door/intake.h"

static bool is_too_much(const struct intake *intake, const struct bytes *bytes, size_t more)
{
    const struct door_settings *settings = flow_settings(intake->flow);
    uint64_t own = bytes->length + more, all = intake->arriving + flow_held_bytes(intake->flow) + more;
    return all > settings->most_held_bytes && own > settings->most_held_bytes / settings->connections && all > own;
}

enum intake_end intake_add(struct intake *intake, struct bytes *bytes, struct span piece, struct err *err)
{
    const struct door_settings *settings = flow_settings(intake->flow);
    uint64_t had = bytes->length;
    if (had + piece.len > settings->most_bytes)
        return INTAKE_TOO_LARGE;
    if (is_too_much(intake, bytes, piece.len))
        return INTAKE_TOO_MANY;
    int added = bytes_add(bytes, piece, settings->memory_bytes, settings->spool, err);
    intake->arriving += bytes->length - had;
    return added < 0 ? INTAKE_FAILED : INTAKE_TAKEN;
}

void intake_leave(struct intake *intake, struct bytes *bytes)
{
    intake->arriving -= bytes->length;
    bytes_drop(bytes);
}
