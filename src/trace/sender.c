/* Who sent it, in the words of the envelope. */
#include "trace/trace.h"

/* Return-Path as the edge machine wrote it (RFC 5321 4.4); what stands below the edge is the sender's word. */
static bool return_path_read(const struct message *message, const struct path *path, struct span *out)
{
    if (!path || !path->edge_known || path->edge >= path->hops.len || !path->hops.at[path->edge].field)
        return false;
    const struct field *field = message_field(message, FIELD_RETURN_PATH, 0);
    if (!field || field->whole.at > path->hops.at[path->edge].field->whole.at)
        return false;
    struct span value = span_trim(field->value);
    if (value.len < 2 || value.at[0] != '<' || value.at[value.len - 1] != '>')
        return false;
    *out = (struct span){value.at + 1, value.len - 2};
    return true;
}

enum sender_state sender_told(const struct arrival *arrival, const struct message *message, const struct path *path, struct span *out)
{
    *out = arrival->mail_from;
    if (arrival->mail_from_state != SENDER_UNKNOWN)
        return arrival->mail_from_state;
    if (!return_path_read(message, path, out))
        return SENDER_UNKNOWN;
    return out->len ? SENDER_GIVEN : SENDER_NULL;
}
