/* message_parse over any bytes: limits hold, spans are readable, decoded bytes stay within their multiple. */
#include "fuzz.h"
#include "message/message.h"

static size_t touched;

static void span_touch(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        touched += (unsigned char)s.at[i];
}

static void mailboxes_touch(const mailboxes_t *list)
{
    vec_each(mailbox, list) {
        span_touch(mailbox->name);
        span_touch(mailbox->address);
        promise(span_is_utf8(mailbox->name));
        promise(span_is_ascii(mailbox->domain_ascii));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct message_limits limits;
    struct message message;
    struct arrival arrival = {.raw = {(const char *)data, size}, .received_at = TIME_UNKNOWN};
    message_limits_default(&limits);
    message_parse(arena, &limits, NULL, &arrival, &message);
    promise(message.root && message.part_count <= limits.parts && message.defects.len <= limits.defects);
    promise(message.links.len <= limits.links && message.readings <= limits.readings);
    promise(message.decoded_bytes <= limits.decoded_times * size + 65536);
    promise(span_is_utf8(message.subject));
    mailboxes_touch(&message.from);
    mailboxes_touch(&message.to);
    vec_each(leaf, &message.leaves) {
        span_touch((*leaf)->decoded);
        promise(span_is_utf8((*leaf)->text));
        vec_each(name, &(*leaf)->names) promise(span_is_utf8(*name));
    }
    vec_each(defect, &message.defects) {
        promise(defect->id < DEFECT_COUNT && defect->detail.len <= 200);
        promise(defect->offset == SIZE_MAX || defect->offset <= size);
    }
    vec_each(link, &message.links) span_touch(link->raw);
    return 0;
}
